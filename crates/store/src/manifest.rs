//! `manifest.json`: what made a run folder, and the hash of every file in it.
//!
//! This is the one file of a folder that may differ between two runs of the same input: clocks,
//! host and threads are written here and nowhere else.

use std::collections::BTreeMap;
use std::fmt;

use gutbrain::study::Counts;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Name of the file.
pub(super) const FILE_NAME: &str = "manifest.json";
/// Its name while it is being written.
pub(super) const NEW_MANIFEST: &str = ".manifest.new";
/// Among the circumstances: hash of the manifest of the run whose place this one took.
pub(super) const REPLACED: &str = "replaced";
/// Among the circumstances: said of a run that was not synced.
pub(super) const DURABILITY: &str = "durability";
/// Name of the program, as every manifest says it.
const PROGRAM: &str = "gutbrain";

/// What may replace what: scenario file stem and command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// File stem of the scenario.
    pub scenario: String,
    /// The command that wrote the folder.
    pub command: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`gutbrain {} {}`",
            self.command,
            self.scenario.escape_debug()
        )
    }
}

/// Whether the folder is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Work goes on, or was killed.
    Running,
    /// Every file is there.
    Complete,
}

/// The model a run was made with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// `built-in`, or the folder as given.
    pub label: String,
    /// The variant that it is put under; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// SHA-256 over the canonical rendering of the declaration.
    pub sha256: String,
    /// SHA-256 over the evidence rows.
    pub evidence_sha256: String,
    /// SHA-256 over the vocabulary of the family; empty in runs of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub vocabulary_sha256: String,
    /// SHA-256 over the files of posterior vectors; empty if the model has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub posterior_sha256: String,
    /// What results of this model may not be used for; empty if its family says nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notice: String,
}

/// Method and tolerances.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SolverEntry {
    /// Registered name of the method.
    pub method: String,
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance per declared scale.
    pub atol: f64,
}

/// One file of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Size.
    pub bytes: u64,
    /// Hash of the content.
    pub sha256: String,
}

/// The content of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the program.
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// What may replace this folder.
    pub identity: Identity,
    /// Whether the folder is whole.
    pub state: State,
    /// The model.
    #[serde(default)]
    pub model: ModelEntry,
    /// What the command line changed in the scenario file, as options in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// SHA-256 of the resolved scenario (`scenario.toml`).
    #[serde(default)]
    pub scenario_sha256: String,
    /// The laboratory's own data that the results were compared with, by the names of their files; the data
    /// themselves are not in the folder.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, FileEntry>,
    /// SHA-256 of everything that the rows of a sweep depend on; empty for other commands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
    /// The part of a sweep that this is, as `I/N`; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shard: String,
    /// Seed of every random stream.
    #[serde(default)]
    pub seed: u64,
    /// Method and tolerances.
    #[serde(default)]
    pub solver: SolverEntry,
    /// Lives requested, done, failed.
    #[serde(default)]
    pub runs: Counts,
    /// Hash of every other file, by its path inside the folder.
    #[serde(default)]
    pub files: BTreeMap<String, FileEntry>,
    /// Clocks, host and threads: the part that is not a function of the input.
    #[serde(default)]
    pub circumstances: BTreeMap<String, String>,
}

impl Manifest {
    /// A manifest without any result, as it stands in the folder while work goes on.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self {
            program: PROGRAM.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            identity,
            state: State::Running,
            model: ModelEntry::default(),
            changes: Vec::new(),
            scenario_sha256: String::new(),
            data: BTreeMap::new(),
            fingerprint: String::new(),
            shard: String::new(),
            seed: 0,
            solver: SolverEntry::default(),
            runs: Counts::default(),
            files: BTreeMap::new(),
            circumstances: BTreeMap::new(),
        }
    }

    /// Reads the text of a manifest; says what is wrong if this program did not write it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let foreign = || format!("its {FILE_NAME} was not written by this program");
        let manifest: Self = match serde_json::from_slice(bytes) {
            Ok(manifest) => manifest,
            Err(error) if error.is_data() => return Err(foreign()),
            Err(error) => return Err(format!("its {FILE_NAME} is damaged: {error}")),
        };
        if manifest.program != PROGRAM {
            return Err(foreign());
        }
        match manifest.files.keys().find(|name| !is_inside(name)) {
            Some(name) => Err(format!(
                "its {FILE_NAME} names `{}`, which is no file of a run",
                name.escape_debug()
            )),
            None => Ok(manifest),
        }
    }

    /// JSON text with a final line feed.
    pub(super) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

/// Whether a name is the path of a file inside a run folder, with `/` between its parts.
pub(super) fn is_inside(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0'])
    };
    name != FILE_NAME && name.split('/').all(plain)
}

/// SHA-256 of some bytes in lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(program: &str, file: &str) -> String {
        format!(
            r#"{{"program": "{program}", "version": "0.1.0", "identity": {{"scenario": "a",
            "command": "run"}}, "state": "complete", "files": {{"{file}": {{"bytes": 1,
            "sha256": ""}}}}}}"#
        )
    }

    #[test]
    fn a_manifest_of_another_program_or_with_names_outside_is_none() {
        Manifest::read(text("gutbrain", "figures/a.svg").as_bytes()).unwrap();
        for (program, file) in [
            ("another", "a"),
            ("gutbrain", "../a"),
            ("gutbrain", "/etc/passwd"),
            ("gutbrain", "a/../../b"),
            ("gutbrain", ""),
            ("gutbrain", "a//b"),
            ("gutbrain", "manifest.json"),
        ] {
            let read = Manifest::read(text(program, file).as_bytes());
            assert!(read.is_err(), "{program}, {file}");
        }
        for other in [r#"{"name": "web extension"}"#, "[]", "", "{"] {
            assert!(Manifest::read(other.as_bytes()).is_err(), "{other}");
        }
    }
}
