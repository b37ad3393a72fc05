//! `gutbrain new NAME`: a commented scenario to begin with.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain::model::SHIPPED;
use gutbrain::scenario::ScenarioFile;
use gutbrain_network::Source;
use gutbrain_network::reading::did_you_mean;
use gutbrain_store::{overwrite_file, write_file};

use super::Ending;
use super::failure::Failure;
use super::options::ModelOptions;
use super::terminal::Terminal;

/// Options of `new`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// File to write; `.toml` is added where it is missing
    #[arg(value_name = "NAME", value_hint = ValueHint::FilePath)]
    name: PathBuf,
    /// Subject of the model (`gutbrain model list subjects`)
    #[arg(long, value_name = "NAME")]
    subject: String,
    /// Intervention of the treated arm (`gutbrain model list interventions`); without it nothing is done
    #[arg(long, value_name = "KIND", requires = "dose")]
    intervention: Option<String>,
    /// Its dose with its unit, such as "2 %"
    #[arg(long, value_name = "DOSE", requires = "intervention")]
    dose: Option<String>,
    /// When it begins: an age such as "38 d", or what the animal goes through, such as "onset + 7 d"
    #[arg(long, value_name = "TIME", default_value = "38 d")]
    start: String,
    /// First and last age of the output
    #[arg(long, value_name = "AGE", num_args = 2, default_values = ["21 d", "260 d"])]
    ages: Vec<String>,
    /// A cohort of so many animals per arm, instead of one
    #[arg(long, value_name = "ANIMALS")]
    cohort: Option<u64>,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    model: ModelOptions,
}

/// Writes the scenario, if the model accepts it.
pub(super) fn new(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let model = options.model.load()?;
    let subjects = &model.declaration.subjects;
    if !subjects.contains_key(&options.subject) {
        let help = did_you_mean(&options.subject, subjects.keys().map(String::as_str))
            .unwrap_or_else(|| {
                let known: Vec<&str> = subjects.keys().map(String::as_str).collect();
                format!("known subjects: {}", known.join(", "))
            });
        return Err(Failure::Usage(format!(
            "the model has no subject `{}`\n  help: {help}",
            options.subject
        )));
    }
    let mut path = options.name.clone();
    if path.extension().is_none() {
        path.set_extension("toml");
    }
    if path.exists() && !options.force {
        return Err(Failure::Usage(format!(
            "`{}` is there already\n  help: choose another name, or --force",
            path.display()
        )));
    }
    let text = text(options);
    let source = Source::new(path.display().to_string(), text.clone());
    ScenarioFile::parse(&source)?.check(&model)?;
    match options.force {
        true => overwrite_file(&path, text.as_bytes())?,
        false => write_file(&path, text.as_bytes())?,
    }
    let path = path.display();
    terminal.print_summary(&format!("  {path}: `gutbrain run {path}` simulates it\n"))?;
    Ok(Ending::Done)
}

/// A text in quotes of TOML.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// What asks for a shipped model other than the first.
fn model_line(options: &Options) -> String {
    let named = options.model.model.as_ref().and_then(|path| path.to_str());
    let other = named.filter(|name| SHIPPED.iter().skip(1).any(|other| other == name));
    other.map_or_else(String::new, |name| format!("model = {}\n", quoted(name)))
}

fn text(options: &Options) -> String {
    let mut text = format!(
        "# An experiment: who is simulated, how long, and what is done to each arm.\n\
         # docs/scenario.md has every key; `gutbrain check` says what is wrong with this file.\n\
         schema = 1\n\n\
         # `gutbrain model list subjects` has the others.\n\
         [subject]\n{}preset = {}\n\n\
         # Ages that are written; every life begins at birth.\n\
         [simulation]\nstart = {}\nstop  = {}\n\n\
         # The first arm is what the others are compared with.\n\
         [[arm]]\nname = \"control\"\n",
        model_line(options),
        quoted(&options.subject),
        quoted(&options.ages[0]),
        quoted(&options.ages[1]),
    );
    if let (Some(kind), Some(dose)) = (&options.intervention, &options.dose) {
        text.push_str(&format!(
            "\n[[arm]]\nname = {}\n  \
             # `gutbrain model list interventions` has the others. `start` may follow the animal:\n  \
             # \"onset + 7 d\". `stop`, `lasts`, `at`, `repeat` and `steps` say more.\n  \
             [[arm.intervention]]\n  kind  = {}\n  dose  = {}\n  start = {}\n",
            quoted(kind),
            quoted(kind),
            quoted(dose),
            quoted(&options.start),
        ));
    }
    if let Some(animals) = options.cohort {
        text.push_str(&format!(
            "\n# Many animals per arm, with the spread between animals that the model declares.\n\
             [cohort]\nsubjects = {animals}\n"
        ));
    }
    text
}
