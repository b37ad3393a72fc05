//! Bytes as text that can stand in a page: base 85, a fifteenth shorter than base 64.
//!
//! Four bytes make five signs, the first of which counts most; of a last group of `n` bytes `n + 1` signs
//! stand. The signs are letters, digits and what neither ends an element nor begins an entity; the page
//! reads them back (`moduleBytes` in `explorer/ask.js`).

/// What the values 0 to 84 are written as.
pub(crate) const SIGNS: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%()*+,-./:;=?@[]^_|~";

/// `bytes` as text.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 5 / 4 + 5);
    for group in bytes.chunks(4) {
        let mut whole = [0; 4];
        whole[..group.len()].copy_from_slice(group);
        let mut word = u32::from_be_bytes(whole);
        let mut signs = [0; 5];
        for sign in signs.iter_mut().rev() {
            *sign = SIGNS[(word % 85) as usize];
            word /= 85;
        }
        text.extend(signs[..=group.len()].iter().map(|sign| char::from(*sign)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the page does it.
    fn decode(text: &str) -> Vec<u8> {
        let value = |sign: u8| SIGNS.iter().position(|other| *other == sign).unwrap() as u64;
        let mut bytes = Vec::new();
        for group in text.as_bytes().chunks(5) {
            let signs = (0..5).map(|place| group.get(place).map_or(84, |sign| value(*sign)));
            let word = signs.fold(0, |word, sign| word * 85 + sign);
            bytes.extend_from_slice(&word.to_be_bytes()[4..][..group.len() - 1]);
        }
        bytes
    }

    #[test]
    fn every_length_comes_back() {
        let bytes: Vec<u8> = (0..1003_u32).map(|n| (n * n % 257) as u8).collect();
        for length in (0..40).chain([1000, 1001, 1002, 1003]) {
            let text = encode(&bytes[..length]);
            assert_eq!(decode(&text), bytes[..length], "{length}");
        }
        for extreme in [[0; 7], [255; 7]] {
            assert_eq!(decode(&encode(&extreme)), extreme);
        }
    }

    #[test]
    fn no_sign_means_anything_to_a_page() {
        let mut signs = SIGNS.to_vec();
        signs.sort_unstable();
        signs.dedup();
        assert_eq!(signs.len(), 85);
        assert!(signs.iter().all(u8::is_ascii_graphic));
        assert!(!signs.iter().any(|sign| b"<>&\"'\\`{}".contains(sign)));
    }
}
