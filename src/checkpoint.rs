//! One sealed form for everything that long work keeps on the way: blocks of sweeps and studies, ended
//! starts, stretches of chains, places of profiles.
//!
//! ```text
//! gutbrain checkpoint 1
//! version 0.1.0
//! kind sweep
//! key 0000000001
//! fingerprint 5f2c…
//! length 4711
//! sha256 93ab…
//!
//! (content)
//! ```
//!
//! The hash covers the lines above it and the content, so that a bit that flipped anywhere is seen. What
//! is sealed is answered for by four things: the *program* that wrote it, the *kind* of work, the *key* of
//! the part, so that parts cannot be swapped, and the [`Fingerprint`] of everything that the numbers
//! depend on. What does not fit is named ([`Unfit`]) and computed again, never used.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// First line: the form of the file, and its version.
const FORM: &str = "gutbrain checkpoint 1";

/// Everything that the numbers of long work depend on, in short.
///
/// Parts have names and are told apart by their lengths, so that no two questions have one fingerprint.
/// The version of the program is always among them.
///
/// ```
/// use gutbrain::checkpoint::Fingerprint;
///
/// let one = Fingerprint::of("sweep").with("model", "ab").with("scenario", "c").finish();
/// let other = Fingerprint::of("sweep").with("model", "a").with("scenario", "bc").finish();
/// assert_ne!(one, other);
/// ```
#[derive(Debug, Clone)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Begins with the kind of work and the version of the program.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self(Sha256::new())
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("kind", kind)
    }

    /// Adds a part.
    #[must_use]
    pub fn with(mut self, name: &str, content: impl AsRef<[u8]>) -> Self {
        for text in [name.as_bytes(), content.as_ref()] {
            self.0.update((text.len() as u64).to_le_bytes());
            self.0.update(text);
        }
        self
    }

    /// SHA-256 of all parts in lower-case hexadecimal digits.
    #[must_use]
    pub fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// Seals and opens the parts of one piece of long work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    kind: String,
    fingerprint: String,
}

/// Why a part that was kept cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// It is not what was written.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// Another version of the program wrote it.
    #[error("version {0} of the program wrote it")]
    Version(String),
    /// It is a part of another kind of work.
    #[error("it is a part of other work ({0})")]
    Kind(String),
    /// It is another part.
    #[error("it is part `{0}`")]
    Key(String),
    /// Its numbers depend on other input.
    #[error("it was made with another scenario, model, method or seed")]
    Fingerprint,
}

impl Seal {
    /// A seal for work of a kind whose numbers depend on what has this fingerprint.
    #[must_use]
    pub fn new(kind: &str, fingerprint: &str) -> Self {
        Self {
            kind: one_line(kind),
            fingerprint: one_line(fingerprint),
        }
    }

    /// The fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Seals the content of part `key`.
    #[must_use]
    pub fn close(&self, key: &str, content: &[u8]) -> Vec<u8> {
        let head = format!(
            "{FORM}\nversion {}\nkind {}\nkey {}\nfingerprint {}\nlength {}\n",
            env!("CARGO_PKG_VERSION"),
            self.kind,
            one_line(key),
            self.fingerprint,
            content.len(),
        );
        let digest = digest(head.as_bytes(), content);
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(format!("sha256 {digest}\n\n").as_bytes());
        bytes.extend_from_slice(content);
        bytes
    }

    /// The content of part `key`, if this is what was sealed for the same question.
    ///
    /// # Errors
    /// [`Unfit`] says what is wrong; the part has to be computed again.
    pub fn open<'b>(&self, key: &str, bytes: &'b [u8]) -> Result<&'b [u8], Unfit> {
        if bytes.is_empty() {
            return Err(Unfit::Damaged("it is empty"));
        }
        let end = bytes.windows(2).position(|pair| pair == b"\n\n");
        let end = end.ok_or(Unfit::Damaged("its head is cut"))?;
        let content = &bytes[end + 2..];
        let head = std::str::from_utf8(&bytes[..end]).ok();
        let lines: Vec<&str> = head.map_or_else(Vec::new, |head| head.split('\n').collect());
        let [FORM, version, kind, found, fingerprint, length, hash] = lines[..] else {
            return Err(Unfit::Damaged("it does not begin as a checkpoint does"));
        };
        let sealed = end - hash.len();
        if hash.strip_prefix("sha256 ") != Some(&digest(&bytes[..sealed], content)) {
            return Err(Unfit::Damaged("it is not what was written"));
        }
        // From here on it is what a program wrote; the question is which.
        let value = |line: &'b str, name: &str| line.strip_prefix(name).unwrap_or_default();
        if value(length, "length ") != content.len().to_string() {
            return Err(Unfit::Damaged("its length is wrong"));
        }
        let version = value(version, "version ");
        if version != env!("CARGO_PKG_VERSION") {
            return Err(Unfit::Version(version.to_owned()));
        }
        let kind = value(kind, "kind ");
        if kind != self.kind {
            return Err(Unfit::Kind(kind.to_owned()));
        }
        if value(fingerprint, "fingerprint ") != self.fingerprint {
            return Err(Unfit::Fingerprint);
        }
        let found = value(found, "key ");
        if found != one_line(key) {
            return Err(Unfit::Key(found.to_owned()));
        }
        Ok(content)
    }
}

/// SHA-256 of some bytes in lower-case hexadecimal digits.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    digest(&[], bytes)
}

/// Names stand in lines of the head.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn digest(head: &[u8], content: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(head);
    hash.update(content);
    hexadecimal(&hash.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        let fingerprint = Fingerprint::of("sweep").with("scenario", "a = 1");
        Seal::new("sweep", &fingerprint.finish())
    }

    #[test]
    fn what_is_sealed_opens_to_the_byte() {
        for content in [&b""[..], b"\n\n", b"one\n\ntwo", &[0, 255, 10, 10, 13]] {
            let bytes = seal().close("7", content);
            assert_eq!(seal().open("7", &bytes), Ok(content));
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_seen() {
        let bytes = seal().close("7", b"0.1,0.2,0.3\n\n1e-300\n");
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[place] ^= 1 << bit;
                let found = seal().open("7", &damaged);
                assert!(matches!(found, Err(Unfit::Damaged(_))), "{place}, {bit}");
            }
            let found = seal().open("7", &bytes[..place]);
            assert!(matches!(found, Err(Unfit::Damaged(_))), "cut at {place}");
        }
        let longer = [&bytes[..], b"x"].concat();
        assert!(seal().open("7", &longer).is_err());
    }

    #[test]
    fn what_belongs_elsewhere_is_named() {
        let bytes = seal().close("7", b"1");
        assert_eq!(seal().open("8", &bytes), Err(Unfit::Key("7".to_owned())));
        let other = Seal::new("fit", seal().fingerprint());
        assert_eq!(
            other.open("7", &bytes),
            Err(Unfit::Kind("sweep".to_owned()))
        );
        let other = Seal::new("sweep", "another");
        assert_eq!(other.open("7", &bytes), Err(Unfit::Fingerprint));
        // Sealed rightly, by another version of the program.
        let text = String::from_utf8(bytes).unwrap();
        let (head, _) = text.split_once("sha256").unwrap();
        let head = head.replace(env!("CARGO_PKG_VERSION"), "0.0.9");
        let digest = digest(head.as_bytes(), b"1");
        let old = format!("{head}sha256 {digest}\n\n1");
        assert_eq!(
            seal().open("7", old.as_bytes()),
            Err(Unfit::Version("0.0.9".to_owned()))
        );
    }

    #[test]
    fn parts_of_a_fingerprint_do_not_run_into_each_other() {
        let one = Fingerprint::of("a").with("b", "cd").with("e", "f");
        let other = Fingerprint::of("a").with("b", "c").with("de", "f");
        assert_ne!(one.finish(), other.finish());
        assert_ne!(Fingerprint::of("a").finish(), Fingerprint::of("b").finish());
    }
}
