//! A WebAssembly module as a page carries it: without the sections that no browser needs.

/// The length of the head of a module: the magic word and the version.
const HEAD: usize = 8;
/// The id of a custom section, to which the format gives no meaning: names, notes of tools.
const CUSTOM: u8 = 0;

/// `module` without its custom sections; what is no module comes back as it is.
///
/// Drawing brings a library with it that describes itself to the tools of its own bindings, in a sixteenth of
/// the module; this page has no such bindings.
///
/// Source: WebAssembly Core Specification, "Modules" and "Custom Section" of the binary format.
pub(crate) fn without_custom_sections(module: &[u8]) -> Vec<u8> {
    kept(module).unwrap_or_else(|| module.to_vec())
}

fn kept(module: &[u8]) -> Option<Vec<u8>> {
    let (head, mut rest) = module.split_at_checked(HEAD)?;
    if !head.starts_with(b"\0asm") {
        return None;
    }
    let mut kept = head.to_vec();
    while let Some((&id, after)) = rest.split_first() {
        let (size, content) = unsigned(after)?;
        let section = rest.len() - content.len() + size;
        let (whole, following) = rest.split_at_checked(section)?;
        if id != CUSTOM {
            kept.extend_from_slice(whole);
        }
        rest = following;
    }
    Some(kept)
}

/// A number of seven bits a byte, lowest first (LEB128), and what follows it.
fn unsigned(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (place, &byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f).checked_shl(7 * u32::try_from(place).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(place + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::without_custom_sections;

    /// A head, a custom section of 200 bytes (its size takes two bytes), a table of types, another custom one.
    fn module() -> (Vec<u8>, Vec<u8>) {
        let head = b"\0asm\x01\0\0\0";
        let types = [1, 4, 1, 0x60, 0, 0];
        let note = [[0, 0xc8, 1].as_slice(), &[7; 200]].concat();
        let whole = [head.as_slice(), &note, &types, &[0, 1, 0]].concat();
        (whole, [head.as_slice(), &types].concat())
    }

    #[test]
    fn custom_sections_go_and_all_others_stay() {
        let (whole, kept) = module();
        assert_eq!(without_custom_sections(&whole), kept);
        assert_eq!(without_custom_sections(&kept), kept);
    }

    #[test]
    fn what_is_no_module_stays_as_it_is() {
        let (whole, _) = module();
        for bytes in [
            &whole[..whole.len() - 1],
            b"\0asm",
            b"GIF89a..",
            b"",
            &[whole.as_slice(), &[0, 0xff]].concat(),
        ] {
            assert_eq!(without_custom_sections(bytes), bytes);
        }
    }
}
