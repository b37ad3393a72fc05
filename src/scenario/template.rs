//! A commented scenario to begin with.

use std::path::Path;

use gutbrain_network::declaration::Family;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::{Declaration, Faults, Source};

use super::ScenarioFile;
use crate::model::{Model, SHIPPED};

/// What a new scenario asks for; times and doses as they are written in scenarios.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The shipped model that is asked for; nothing for the first one, or for a model folder.
    pub model: Option<String>,
    /// Subject of the model.
    pub subject: String,
    /// First and last age of the output.
    pub ages: [String; 2],
    /// Kind, dose and start of what is done to the second arm; without it there is no second arm.
    pub treatment: Option<[String; 3]>,
    /// Animals per arm; one animal without.
    pub cohort: Option<u64>,
}

/// Why there is no scenario.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TemplateError {
    /// The model has no such subject.
    #[error("the model has no subject `{subject}`\n  help: {help}")]
    NoSubject {
        /// What was asked for.
        subject: String,
        /// What to do.
        help: String,
    },
    /// The model does not accept it.
    #[error(transparent)]
    Faults(#[from] Faults),
}

impl Template {
    /// The text of the scenario, if the model accepts it; `path` stands in messages.
    ///
    /// # Errors
    /// See [`TemplateError`].
    pub fn text(&self, path: &Path, model: &Model) -> Result<String, TemplateError> {
        let subjects = &model.declaration.subjects;
        if !subjects.contains_key(&self.subject) {
            let close = did_you_mean(&self.subject, subjects.keys().map(String::as_str));
            let help = close.unwrap_or_else(|| {
                let known: Vec<&str> = subjects.keys().map(String::as_str).collect();
                format!("known subjects: {}", known.join(", "))
            });
            return Err(TemplateError::NoSubject {
                subject: self.subject.clone(),
                help,
            });
        }
        let declaration = &model.declaration;
        let text = in_words_of(&declaration.family, &self.written(declaration));
        let source = Source::new(path.display().to_string(), text.as_str());
        ScenarioFile::parse(&source)?.check(model)?;
        Ok(text)
    }

    fn written(&self, declaration: &Declaration) -> String {
        let other =
            (self.model.as_deref()).filter(|name| SHIPPED.iter().skip(1).any(|it| it == name));
        let model = other.map_or_else(String::new, |name| format!("model = {}\n", quoted(name)));
        let [start, stop] = &self.ages;
        let mut text = format!(
            "# An experiment: who is simulated, how long, and what is done to each arm.\n\
             # docs/scenario.md has every key; `gutbrain check` says what is wrong with this file.\n\
             schema = 1\n\n\
             # `gutbrain model list subjects` has the others.\n\
             [subject]\n{model}preset = {}\n\n\
             # Ages that are written; {}.\n\
             [simulation]\nstart = {}\nstop  = {}\n\n\
             # The first arm is what the others are compared with.\n\
             [[arm]]\nname = \"control\"\n",
            quoted(&self.subject),
            begins(declaration),
            quoted(start),
            quoted(stop),
        );
        if let Some([kind, dose, start]) = &self.treatment {
            text.push_str(&format!(
                "\n[[arm]]\nname = {}\n  \
                 # `gutbrain model list interventions` has the others. `start` may follow the animal:\n  \
                 # \"onset + 7 d\". `stop`, `lasts`, `at`, `repeat` and `steps` say more.\n  \
                 [[arm.intervention]]\n  kind  = {}\n  dose  = {}\n  start = {}\n",
                quoted(kind),
                quoted(kind),
                quoted(dose),
                quoted(start),
            ));
        }
        if let Some(animals) = self.cohort {
            text.push_str(&format!(
                "\n# Many animals per arm, with the spread between animals that the model declares.\n\
                 [cohort]\nsubjects = {animals}\n"
            ));
        }
        text
    }
}

/// When a life begins, in words.
fn begins(declaration: &Declaration) -> String {
    let clock = declaration.family.clock.as_ref();
    let zero = clock.and_then(|clock| Some((clock, clock.zero.as_ref()?)));
    let declared =
        zero.and_then(|(clock, id)| Some((clock, declaration.parameters.get(&id.value)?)));
    match declared {
        Some((clock, parameter)) => format!(
            "{} {} of a life are 0 {}",
            parameter.value, parameter.unit, clock.since
        ),
        None => "every life begins at birth".to_owned(),
    }
}

/// Comments in the words of a family; what a program reads stays.
fn in_words_of(family: &Family, text: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines
        .map(|line| match line.trim_start().starts_with('#') {
            true => family.in_its_words(line),
            false => line.to_owned(),
        })
        .collect()
}

/// A text in quotes of TOML.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
