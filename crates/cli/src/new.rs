//! `gutbrain new NAME`: a commented scenario to begin with.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain::scenario::Template;
use gutbrain_store::{overwrite_file, write_file};

use super::Ending;
use super::failure::Failure;
use super::options::ModelOptions;
use super::usage::Usage;
use gutbrain_terminal::Terminal;

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
    /// When it begins: an age such as "38 d", or what the animal goes through, such as "onset + 7 d" [default: what the family
    /// of the model says, "38 d" for mice]
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// First and last age of the output [default: what the family of the model says, "21 d" "260 d" for mice]
    #[arg(long, value_name = "AGE", num_args = 2)]
    ages: Option<Vec<String>>,
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
    let mut path = options.name.clone();
    if path.extension().is_none() {
        path.set_extension("toml");
    }
    let treatment = options.intervention.clone().zip(options.dose.clone());
    let usual = &model.declaration.family.template;
    let start = options.start.as_ref().unwrap_or(&usual.start);
    let template = Template {
        model: (options.model.model.as_ref()).and_then(|it| Some(it.to_str()?.to_owned())),
        subject: options.subject.clone(),
        ages: match options.ages.as_deref() {
            Some([first, last]) => [first.clone(), last.clone()],
            _ => usual.ages.clone(),
        },
        treatment: treatment.map(|(kind, dose)| [kind, dose, start.clone()]),
        cohort: options.cohort,
    };
    let text = template.text(&path, &model)?;
    if path.exists() && !options.force {
        return Err(Usage::Taken(path).into());
    }
    match options.force {
        true => overwrite_file(&path, text.as_bytes())?,
        false => write_file(&path, text.as_bytes())?,
    }
    let path = path.display();
    terminal.print_summary(&format!("  {path}: `gutbrain run {path}` simulates it\n"))?;
    Ok(Ending::Done)
}
