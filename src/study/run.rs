//! Simulates every arm of a scenario: one animal each, or a cohort.

use super::files::{NamedFile, as_csv};
use super::own_data::OwnData;
use super::told::told;
use super::{
    Counts, Finished, Progress, Setup, Store, Study, StudyError, StudySummary, TableFormat, cohort,
    encode, pictures,
};
use crate::analysis::intervals::of_one_animal;
use crate::analysis::own_data;
use crate::report::brief::{self, Brief};
use crate::results::assumptions::Assumptions;
use crate::results::failures::FailedLife;
use crate::results::figures::Material;
use crate::results::remarks::Remarks;
use crate::results::summary::Summary;
use crate::results::tables;
use crate::results::terms::reading;
use crate::scenario::{FigurePlan, Scenario};
use crate::simulate::{ArmRun, Excursions, Population, Status, simulate_closely};

/// The job of `gutbrain run`.
#[derive(Debug, Clone, Copy)]
pub struct RunStudy<'s> {
    setup: &'s Setup,
    format: TableFormat,
    figures: bool,
}

impl<'s> RunStudy<'s> {
    /// Large tables are written as Parquet.
    #[must_use]
    pub fn new(setup: &'s Setup) -> Self {
        Self {
            setup,
            format: TableFormat::default(),
            figures: true,
        }
    }

    /// With large tables in this format.
    #[must_use]
    pub fn with_format(self, format: TableFormat) -> Self {
        Self { format, ..self }
    }

    /// Without the scenario's figures, for whoever draws them later from the tables, or never.
    #[must_use]
    pub fn without_figures(self) -> Self {
        Self {
            figures: false,
            ..self
        }
    }

    /// The figures to draw.
    fn figures(&self) -> &'s [FigurePlan] {
        if self.figures {
            &self.setup.scenario.figures
        } else {
            &[]
        }
    }
}

impl Study for RunStudy<'_> {
    fn command(&self) -> String {
        "run".to_owned()
    }

    fn brief(&self, finished: &Finished) -> Brief {
        match &finished.summary {
            StudySummary::Run(summary) => {
                brief::run(summary, &self.setup.model, &self.setup.scenario)
            }
            other => told(other),
        }
    }

    fn failures(&self, counts: Counts) -> String {
        let Counts {
            failed, requested, ..
        } = counts;
        format!(
            "{failed} of {requested} runs failed; the reasons are in endpoints.csv and summary.json"
        )
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        self.setup.warn_of_doses(progress);
        let figures = self.figures();
        let computed = match &self.setup.scenario.cohort {
            Some(plan) => cohort::compute(self.setup, plan, self.format, figures, store, progress)?,
            None => animals(self.setup, self.format, figures, progress)?,
        };
        for (name, bytes) in &computed.files {
            store.keep(name, bytes)?;
        }
        Ok(Finished {
            counts: computed.counts,
            files: computed.files.len() + computed.written,
            effort: computed.effort,
            summary: computed.summary,
            first_failure: computed.first_failure,
        })
    }
}

/// Everything a run gives, before it is kept.
pub(super) struct Computed {
    pub(super) files: Vec<NamedFile>,
    /// Files that the store has already.
    pub(super) written: usize,
    pub(super) counts: Counts,
    pub(super) effort: String,
    pub(super) summary: StudySummary,
    pub(super) first_failure: Option<FailedLife>,
}

/// One animal in every arm, and how sure that is.
fn animals(
    setup: &Setup,
    format: TableFormat,
    figures: &[FigurePlan],
    progress: &dyn Progress,
) -> Result<Computed, StudyError> {
    let Setup {
        model, scenario, ..
    } = setup;
    let population = Population::new(model, scenario)?;
    // Neither knows of the other; the lives of one leave threads free for the pictures of the other.
    let (uncertainty, lived) = rayon::join(
        || of_one_animal(model, scenario, &population, scenario.output.vectors),
        || animal(setup, &population, format, figures, progress),
    );
    let mut lived = lived?;
    lived.summary.uncertainty = uncertainty?;
    let summary = lived.summary.to_json()?.into_bytes();
    let mut files: Vec<NamedFile> = vec![
        ("scenario.toml".to_owned(), setup.resolved().into_bytes()),
        ("endpoints.csv".to_owned(), lived.endpoints),
        ("summary.json".to_owned(), summary),
    ];
    files.extend(lived.files);
    Ok(Computed {
        files,
        written: 0,
        counts: count(&lived.runs),
        effort: effort(&lived.runs),
        summary: StudySummary::Run(Box::new(lived.summary)),
        first_failure: tables::first_failure(&lived.runs),
    })
}

/// One animal in every arm, its tables and figures.
struct Lived {
    runs: Vec<ArmRun>,
    summary: Summary,
    endpoints: Vec<u8>,
    files: Vec<NamedFile>,
}

fn animal(
    setup: &Setup,
    population: &Population,
    format: TableFormat,
    figures: &[FigurePlan],
    progress: &dyn Progress,
) -> Result<Lived, StudyError> {
    let Setup {
        model, scenario, ..
    } = setup;
    let (runs, between) = simulate_closely(population);
    for sentence in Remarks::of(&runs).sentences(scenario.simulation.stop) {
        progress.warn(&sentence);
    }
    let assumptions = Assumptions::count(&model.declaration, scenario);
    let mut summary = Summary::new(&runs, scenario, assumptions);
    summary.clock = reading(&model.declaration, scenario);
    let own = own_data(setup, population, &runs)?;
    summary.data = own.as_ref().map(|own| own.summary.clone());
    let endpoints = tables::endpoints(&runs, &model.declaration.family.endpoints);
    let mut files = Vec::new();
    if let Some(own) = &own {
        files.extend(own.files()?);
    }
    if let Some(all) = tables::trajectories(&runs, None) {
        // Figures are drawn from tables, as `plot` draws them, so that both agree.
        let draw = || {
            let mut input = Material::new(&all, &endpoints, scenario, &model.declaration);
            if let Some(data) = own.as_ref().and_then(|own| own.measurements.as_ref()) {
                input = input.with_data(data)?;
            }
            let draw = |plan: &FigurePlan| input.draw(plan);
            pictures(scenario, model, figures, draw, progress)
        };
        let (drawn, encoded) =
            rayon::join(draw, || large_tables(scenario, &runs, &between, format));
        files.extend(encoded?);
        files.extend(drawn?);
    }
    Ok(Lived {
        endpoints: endpoints.to_csv()?.into_bytes(),
        runs,
        summary,
        files,
    })
}

/// The curves that are kept, what they do between the ages of the output, and their units.
fn large_tables(
    scenario: &Scenario,
    runs: &[ArmRun],
    between: &[Excursions],
    format: TableFormat,
) -> Result<Vec<NamedFile>, StudyError> {
    let saved = tables::saved_variables(scenario);
    let mut files = Vec::new();
    if saved.as_ref().is_none_or(|saved| !saved.is_empty())
        && let Some(table) = tables::trajectories(runs, saved.as_ref())
    {
        files.push(encode(&table, format)?);
        if let Some(table) = tables::between(between, saved.as_ref()) {
            files.push(encode(&table, format)?);
        }
        files.push(as_csv(&tables::units(&table))?);
    }
    Ok(files)
}

/// The scenario's own data beside the animals, if it has any.
fn own_data(
    setup: &Setup,
    population: &Population,
    runs: &[ArmRun],
) -> Result<Option<OwnData>, StudyError> {
    let Setup {
        model, scenario, ..
    } = setup;
    if scenario.data.is_empty() {
        return Ok(None);
    }
    let compared = own_data::of_one(population, scenario)?;
    // The first way to end that the family declares, as for a cohort that names none.
    let ends = model.declaration.family.survival.first();
    let end = |arm: &str| {
        let run = runs.iter().find(|run| run.arm == arm)?;
        let reached = ends?.first_of.iter().filter_map(|it| run.endpoints.age(it));
        reached.reduce(f64::min)
    };
    Ok(Some(OwnData::new(setup, &compared, |arm| {
        (Vec::new(), end(arm))
    })))
}

fn count(runs: &[ArmRun]) -> Counts {
    let ok = |run: &&ArmRun| run.endpoints.status == Status::Ok;
    Counts::new(runs.len(), runs.len() - runs.iter().filter(ok).count())
}

fn effort(runs: &[ArmRun]) -> String {
    let total = |of: &dyn Fn(&ArmRun) -> u64| runs.iter().map(of).sum::<u64>();
    format!(
        "{} steps ({} rejected), {} rate calls, {} factorisations",
        total(&|run| run.effort.steps),
        total(&|run| run.effort.rejected),
        total(&|run| run.effort.derivative_calls),
        total(&|run| run.effort.factorisations),
    )
}
