//! A cohort in pieces, so that a page can show how far it is, and stop it.

use gutbrain::cohort::Cohort;
use gutbrain::model::Model;
use gutbrain::results::assumptions::Assumptions;
use gutbrain::results::cohort::CohortResults;
use gutbrain::results::cohort_figures::{CohortMaterial, OwnTables};
use gutbrain::results::cohort_lives::CohortLives;
use gutbrain::results::cohort_summary::CohortSummary;
use gutbrain::scenario::{CohortPlan, Scenario};
use gutbrain_table::Table;
use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::scenario::Opened;

/// Most animals of an arm: beyond it the command is the right place.
const MOST: u64 = 5000;

/// A cohort between two of its pieces.
#[derive(Debug)]
pub(crate) struct RunningCohort {
    model: Model,
    scenario: Scenario,
    plan: CohortPlan,
    cohort: Cohort,
    results: Option<CohortResults>,
    next: u64,
    finished: Option<Finished>,
}

/// What is left of a cohort that is finished.
#[derive(Debug)]
struct Finished {
    endpoints: Table,
    survival: Table,
    bands: Table,
    summary: Value,
}

impl RunningCohort {
    /// Prepares the cohort of a scenario.
    pub(crate) fn begin(model: &Model, tree: &Value) -> Result<Self, Refusal> {
        let opened = Opened::tree(model, tree)?;
        let scenario = opened.scenario;
        let Some(plan) = scenario.cohort.clone() else {
            return Err(Refusal::Words("the scenario has no `[cohort]`".to_owned()));
        };
        if plan.numbers().count() as u64 > MOST {
            return Err(Refusal::Words(format!(
                "a cohort has at most {MOST} animals per arm here; `gutbrain run` takes any number"
            )));
        }
        let cohort = Cohort::new(model, &scenario, &plan)?;
        Ok(Self {
            results: Some(CohortResults::new(model, &scenario, &plan, &cohort)),
            next: *plan.numbers().start(),
            model: model.clone(),
            scenario,
            plan,
            cohort,
            finished: None,
        })
    }

    /// Lives so many animals more in every arm.
    pub(crate) fn go_on(&mut self, animals: u64) -> Result<Value, Refusal> {
        let (_, end) = self.plan.numbers().into_inner();
        if let Some(results) = &mut self.results
            && self.next <= end
        {
            let last = end.min(self.next.saturating_add(animals.max(1) - 1));
            results.add(self.cohort.live(self.next..=last));
            self.next = last + 1;
        }
        if self.next > end
            && let Some(results) = self.results.take()
        {
            self.finish(results)?;
        }
        Ok(self.progress())
    }

    fn finish(&mut self, mut results: CohortResults) -> Result<(), Refusal> {
        results.sort();
        let survival = results.survival();
        let assumptions = Assumptions::count(&self.model.declaration, &self.scenario);
        let summary =
            CohortSummary::new(&results, &survival, &self.scenario, &self.plan, assumptions)
                .in_words_of(&self.model.declaration, &self.scenario);
        self.finished = Some(Finished {
            endpoints: results.endpoints(),
            survival: results.survival_table(&survival),
            summary: serde_json::to_value(&summary)?,
            bands: results.into_bands(),
        });
        Ok(())
    }

    /// How far it is, with the survival of the animals so far; of one that is finished, all there is.
    pub(crate) fn progress(&self) -> Value {
        let (first, end) = self.plan.numbers().into_inner();
        let (done, total) = (self.next - first, end + 1 - first);
        let survival = |table: &Table| table.to_csv().unwrap_or_default();
        match (&self.finished, &self.results) {
            (Some(finished), _) => json!({
                "done": done,
                "total": total,
                "finished": true,
                "survival": survival(&finished.survival),
                "bands": survival(&finished.bands),
                "summary": finished.summary,
            }),
            (None, Some(results)) => json!({
                "done": done,
                "total": total,
                "finished": false,
                "survival": survival(&results.survival_table(&results.survival())),
            }),
            (None, None) => json!({ "error": "the cohort came to nothing" }),
        }
    }

    /// A table as CSV, or a figure of the scenario as SVG.
    pub(crate) fn file(&self, name: &str) -> Result<Value, Refusal> {
        let Some(finished) = &self.finished else {
            return Err(Refusal::Words("the cohort is not finished".to_owned()));
        };
        let table = match name {
            "endpoints.csv" => Some(&finished.endpoints),
            "survival.csv" => Some(&finished.survival),
            "bands.csv" => Some(&finished.bands),
            _ => None,
        };
        if let Some(table) = table {
            return Ok(json!({ "text": table.to_csv()? }));
        }
        let figures = &self.scenario.figures;
        let plan = figures
            .iter()
            .find(|plan| name == format!("{}.svg", plan.name));
        let plan = plan.ok_or_else(|| Refusal::Words(format!("the cohort has no `{name}`")))?;
        let declaration = &self.model.declaration;
        let lives = CohortLives::of(&finished.endpoints, &self.scenario, declaration)?;
        let material = CohortMaterial {
            bands: &finished.bands,
            lives: &lives,
            survival: &finished.survival,
            summary: &finished.summary,
            scenario: &self.scenario,
            declaration: &self.model.declaration,
            own: OwnTables::default(),
        };
        Ok(json!({ "text": material.draw(plan)?.to_svg()? }))
    }
}
