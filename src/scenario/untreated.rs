//! The scenario of a model that nobody asked anything of.

use gutbrain_network::declaration::Declaration;
use gutbrain_network::{Faults, Source};

use super::ScenarioFile;

/// An untreated life of the model's first subject, from birth; nothing if the model has no subject.
///
/// # Errors
/// The model does not fit the text.
pub fn untreated(declaration: &Declaration) -> Option<Result<ScenarioFile, Faults>> {
    let subject = declaration.subjects.keys().next()?;
    let text = format!(
        "schema = 1\ntitle = \"Untreated\"\n[subject]\npreset = \"{subject}\"\n[simulation]\n\
         start = \"0 d\"\nstop = \"365 d\"\n[[arm]]\nname = \"untreated\"\n"
    );
    Some(ScenarioFile::parse(&Source::new("untreated.toml", text)))
}
