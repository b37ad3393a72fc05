//! Scenarios: from the text of an experiment to a checked plan of it.
//!
//! 1. [`ScenarioFile::open`] reads a file and what it extends into one tree in which every value
//!    knows where it was written; [`ScenarioFile::apply`] lays the command line over it.
//! 2. [`ScenarioFile::check`] compares the tree with the registry of keys ([`keys`]) and with a
//!    model, and gives the [`Scenario`]: canonical units, actions instead of interventions. All
//!    faults are found at once; nothing is run before there are none.
//! 3. [`ScenarioFile::resolved`] writes everything back as one file that runs by itself.
//!
//! The JSON Schema ([`json_schema`]) and the documentation ([`markdown`]) are read from the same
//! registry.

mod arm;
mod check;
mod cohort;
mod course;
mod data;
mod entry;
mod extrapolation;
mod factor;
pub mod feature;
mod figure;
mod figure_look;
mod figure_view;
mod intervention;
pub mod keys;
mod merge;
mod moment;
mod names;
mod node;
mod open;
mod outputs;
mod overrides;
mod page;
mod perturbation;
mod plan;
mod quantity;
mod question;
mod resolve;
mod schema;
mod sensitivity;
mod sweep;
mod template;
mod times;
mod trial;
mod untreated;
mod variants;
mod write;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gutbrain_network::reading::did_you_mean;
use gutbrain_network::{Code, Fault, Faults, Source};

use crate::files::{Disk, Files};
use crate::model::{Model, SHIPPED};

pub use arm::begins_a_formula;
pub use course::{CoursePlan, EndpointKind, Leaving, LeavingBy, Measure, MeasureError};
pub use data::{DataPlan, Followed, Likelihood, Measurement, Spread, SpreadKind};
pub use entry::{Border, Criterion, EntryPlan, Window};
pub use factor::{Factor, FactorFault, FactorTarget, Levels, Scale, Setting};
pub use figure::figure_kind;
pub use moment::{Happening, Moment};
pub use names::{COHORT_COLUMNS, SUBJECT_COLUMNS, SWEEP_COLUMNS, TRAJECTORY_COLUMNS};
pub use open::read_text;
pub(crate) use open::text_of;
pub use outputs::{Output, OutputKind};
pub use overrides::Overrides;
pub use page::markdown;
pub use plan::{
    Action, AllocationPlan, Amount, Arm, Assessment, CohortPlan, FigureKind, FigurePlan,
    FittedFrom, Litters, LowCopy, Operation, OtherDeaths, OutputPlan, Pairing, Scenario, Sexes,
    Shading, SimulationPlan, SolverPlan, SubjectPlan, SurvivalEndpoint, Target, Trajectories,
    TrialDesign, TrialPlan, When,
};
pub use question::{Objection, Question};
pub use schema::json_schema;
pub use sensitivity::{Chosen, Grouping, SensitivityMethod, SensitivityPlan};
pub use sweep::{SweepDesign, SweepPlan, WrittenText};
pub use template::{Template, TemplateError};
pub use untreated::untreated;
pub use variants::Variants;

/// A scenario as written, after `extends`: known to be TOML, nothing more.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioFile {
    root: node::Node,
    stem: String,
    files: Vec<PathBuf>,
    changes: Vec<String>,
    /// The files of `[[data]]`.
    data: Vec<data::DataFile>,
    /// The arms as written, before some are left out.
    arms: Vec<String>,
}

impl ScenarioFile {
    /// Reads a file and everything it extends.
    ///
    /// # Errors
    /// A file that is missing, no text or no TOML; files that extend each other in a circle.
    pub fn open(path: &Path) -> Result<Self, Faults> {
        Self::open_in(&Disk, path)
    }

    /// Reads a file and everything it extends through `files`.
    ///
    /// # Errors
    /// As for [`ScenarioFile::open`].
    pub fn open_in(files: &dyn Files, path: &Path) -> Result<Self, Faults> {
        let read = |path: &Path| files.read(path);
        let (root, files) = open::open(path, &|path| text_of(path, read(path)))?;
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            data: data::read_files(&root, &read),
            arms: root.names("arm"),
            root,
            stem,
            files,
            changes: Vec::new(),
        })
    }

    /// Whether it, what it extends or a change gives a value at a dotted path of tables.
    #[must_use]
    pub fn gives(&self, path: &str) -> bool {
        self.root.at(path).is_some()
    }

    /// Reads a text; its `extends` is relative to the working folder.
    ///
    /// # Errors
    /// As for [`ScenarioFile::open`].
    pub fn parse(source: &Source) -> Result<Self, Faults> {
        let stem = Path::new(&*source.name).file_stem().unwrap_or_default();
        let root = open::parse(source)?;
        Ok(Self {
            data: data::read_files(&root, &|path| Disk.read(path)),
            arms: root.names("arm"),
            root,
            stem: stem.to_string_lossy().into_owned(),
            files: Vec::new(),
            changes: Vec::new(),
        })
    }

    /// The file name without its ending: part of the identity of a run folder.
    #[must_use]
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// The files that were read, the scenario first, then what it extends; none for a text.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The files of `[[data]]` that could be read: as written, where they are, and their content.
    pub fn data(&self) -> impl Iterator<Item = (&str, &Path, &[u8])> {
        let read = |file| Some((file, data::DataFile::content(file)?));
        let files = self.data.iter().filter_map(read);
        files.map(|(file, content)| (&*file.name, &*file.path, content))
    }

    /// What was laid over it, as options of the command line in their order; see
    /// [`Overrides::as_options`].
    #[must_use]
    pub fn changes(&self) -> &[String] {
        &self.changes
    }

    /// The interventions that its arms name, whether they act or not: a sweep may give one of them a dose.
    #[must_use]
    pub fn interventions(&self) -> BTreeSet<String> {
        let arms = self.root.tables("arm").into_iter();
        let named = arms.flat_map(|arm| arm.tables("intervention"));
        let kinds = named.filter_map(|it| Some(it.get("kind")?.text()?.to_owned()));
        kinds.collect()
    }

    /// Lays the command line over the file.
    ///
    /// # Errors
    /// Names that the scenario does not have, values that are missing.
    pub fn apply(&mut self, overrides: &Overrides) -> Result<(), Faults> {
        overrides::apply(&mut self.root, overrides)?;
        self.changes.extend(overrides.as_options());
        Ok(())
    }

    /// The shipped model that it asks for (`subject.model`), that of the mouse if it says nothing.
    ///
    /// This is the one place that decides which model belongs to a scenario; whoever was given a folder
    /// reads that instead.
    ///
    /// # Errors
    /// A word that is no name of a shipped model.
    pub fn model(&self) -> Result<Model, Faults> {
        let word = self.model_name();
        // Labels of manifests are no words of scenarios.
        let shipped = SHIPPED.contains(&word).then(|| Model::shipped(word));
        if let Some(model) = shipped.flatten() {
            return model;
        }
        let message = format!("the program has no model `{word}`");
        let help = did_you_mean(word, SHIPPED)
            .unwrap_or_else(|| format!("one of: {}", SHIPPED.join(", ")));
        let place = self.root.at("subject.model").map(|node| &node.place);
        let place = place.unwrap_or(&self.root.place);
        Err(Fault::new(Code::UnknownWord, message, place)
            .help(help)
            .into())
    }

    /// The name of the shipped model that it asks for, as written.
    #[must_use]
    pub fn model_name(&self) -> &str {
        let node = self.root.at("subject.model");
        node.and_then(|node| node.text()).unwrap_or(SHIPPED[0])
    }

    /// Checks the scenario against a model.
    ///
    /// # Errors
    /// Everything that is wrong: unknown keys and names, units that do not fit, times out of order.
    pub fn check(&self, model: &Model) -> Result<Scenario, Faults> {
        let posteriors = variants::Posteriors::default();
        let mut scenario = resolve::resolve(&self.root, model, &self.stem, &posteriors)?;
        let files = (&*self.data, &*self.arms);
        scenario.data = data::resolve_data(&self.root, model, &scenario, files)?;
        if self.root.get("figure").is_none() {
            scenario.figures.extend(figure::figure_of_data(&scenario));
        }
        Ok(scenario)
    }

    /// The resolved scenario as TOML: runs by itself to the same results.
    #[must_use]
    pub fn resolved(&self, scenario: &Scenario) -> String {
        write::resolved_toml(&self.root, scenario)
    }
}

impl Scenario {
    /// Reads and checks a file in one step.
    ///
    /// # Errors
    /// As for [`ScenarioFile::open`] and [`ScenarioFile::check`].
    pub fn load(path: impl AsRef<Path>, model: &Model) -> Result<Self, Faults> {
        ScenarioFile::open(path.as_ref())?.check(model)
    }

    /// The interventions of the model that act in an arm.
    #[must_use]
    pub fn interventions(&self) -> BTreeSet<String> {
        let actions = self.arms.iter().flat_map(|arm| &arm.actions);
        let of = |action: &Action| match &action.amount {
            Amount::OfDose { intervention, .. } => Some(intervention.clone()),
            Amount::Given(_) => None,
        };
        actions.filter_map(of).collect()
    }

    /// Reads and checks a text in one step; `name` is shown in messages.
    ///
    /// # Errors
    /// As for [`ScenarioFile::parse`] and [`ScenarioFile::check`].
    pub fn from_text(name: &str, text: &str, model: &Model) -> Result<Self, Faults> {
        ScenarioFile::parse(&Source::new(name, text))?.check(model)
    }
}
