//! The scenarios and declared verdicts of `validation/`, embedded in the program.

use gutbrain_network::Source;

include!(concat!(env!("OUT_DIR"), "/builtin_validation.rs"));

/// The file that declares verdicts.
const EXPECTATIONS: &str = "validation/expectations.toml";

fn sources() -> impl Iterator<Item = Source> {
    BUILTIN_VALIDATION
        .iter()
        .map(|(name, text)| Source::new(*name, *text))
}

/// The scenarios, sorted by name.
#[must_use]
pub fn builtin_scenarios() -> Vec<Source> {
    sources()
        .filter(|source| &*source.name != EXPECTATIONS)
        .collect()
}

/// The declared verdicts.
#[must_use]
pub fn builtin_expectations() -> Option<Source> {
    sources().find(|source| &*source.name == EXPECTATIONS)
}
