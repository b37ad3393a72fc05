//! ZIP files whose members are stored as they are: all that a COMBINE archive needs.
//!
//! Sixty lines instead of a dependency: no compression, no clocks, no folders. Members carry the
//! earliest date that ZIP knows.
//!
//! Source: APPNOTE.TXT 6.3, sections 4.3 and 4.4 (local headers, central directory, end record).

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredFile {
    pub(super) name: String,
    bytes: Vec<u8>,
}

impl StoredFile {
    pub(super) fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            bytes,
        }
    }
}

/// 1 January 1980, as the format writes dates.
const FIRST_DATE: u16 = 0x21;

/// The archive; members in the order given.
pub(super) fn store(files: &[StoredFile]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for file in files {
        let offset = size(archive.len());
        let mut shared = Vec::new();
        // Version 1.0, names in UTF-8, stored.
        for word in [10_u16, 0x800, 0, 0, FIRST_DATE] {
            shared.extend(word.to_le_bytes());
        }
        let length = size(file.bytes.len());
        for word in [checksum(&file.bytes), length, length] {
            shared.extend(word.to_le_bytes());
        }
        let name = u16::try_from(file.name.len()).unwrap_or(u16::MAX);
        shared.extend(name.to_le_bytes());
        shared.extend(0_u16.to_le_bytes());
        archive.extend(0x0403_4b50_u32.to_le_bytes());
        archive.extend(&shared);
        archive.extend(file.name.as_bytes());
        archive.extend(&file.bytes);
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(10_u16.to_le_bytes());
        directory.extend(&shared);
        // No comment, first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(file.name.as_bytes());
    }
    let start = size(archive.len());
    archive.extend(&directory);
    archive.extend(0x0605_4b50_u32.to_le_bytes());
    archive.extend([0; 4]);
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX);
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(size(directory.len()).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

/// A length as the format has it; archives of exports stay far below 4 GB.
fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// CRC-32 (ISO 3309).
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = sum & 1;
            sum = (sum >> 1) ^ (0xedb8_8320 * carry);
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // The check value of the standard's catalogue.
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
        assert_eq!(checksum(b""), 0);
    }
}
