//! What a cohort leaves: one row per animal, survival curves, bands and visits, gathered block by block.

use std::sync::Arc;

use gutbrain_network::declaration::EndpointSet;
use gutbrain_statistics::survival::{Step, shown_steps};
use rayon::prelude::*;

use crate::cohort::survival::{ArmFollow, ArmSurvival, horizons, survival};
use crate::cohort::{Assay, Band, Bands, Cohort, Member, Visits, follow};
use crate::model::Model;
use crate::report::table::{Column, Table};
use crate::scenario::{CohortPlan, Scenario, Trajectories};
use crate::simulate::{ArmRun, EndOfLife, Endpoints, Status};

use super::failures::FailedLife;
use super::remarks::Remarks;
use super::tables::{endpoint_columns, trajectories};

/// One animal of one arm, without its curves.
#[derive(Debug, Clone)]
struct Row {
    arm: usize,
    number: u64,
    sex: &'static str,
    litter: u64,
    vector: Option<u64>,
    copies: Option<f64>,
    drawn: Vec<f64>,
    endpoints: Endpoints,
}

/// What tables are made of, animal by animal.
#[derive(Debug, Default)]
struct Rows {
    animals: Vec<Row>,
    measured: Vec<Assay>,
    kept: Vec<ArmRun>,
}

/// Rows of the large tables of one arm, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmTables {
    /// `endpoints`.
    pub endpoints: Table,
    /// `subjects`.
    pub subjects: Table,
    /// `visits`, if they were asked for.
    pub visits: Option<Table>,
    /// `trajectories`, if they were asked for and there are any.
    pub trajectories: Option<Table>,
}

/// The results of a cohort while they are gathered, and after.
///
/// Its tables can be had at once in the end, or, of cohorts of any size, as rows that are taken away while
/// it lives ([`CohortResults::take`]); what stays then is some tens of bytes an animal, for survival.
#[derive(Debug)]
pub struct CohortResults {
    arms: Vec<String>,
    drawn: Vec<(String, String, usize)>,
    copies: Option<usize>,
    plan: CohortPlan,
    rows: Rows,
    follows: Vec<ArmFollow>,
    /// By arm, the first life that failed.
    failures: Vec<Option<FailedLife>>,
    bands: Bands,
    visits: Option<Visits>,
    keeps_trajectories: bool,
    /// Whether animals have vectors of the posterior.
    has_vectors: bool,
    /// The endpoints of the model's family.
    endpoints: Arc<EndpointSet>,
    /// The end of the scenario.
    follow_up: f64,
    remarks: Remarks,
}

impl CohortResults {
    /// Empty results of a cohort.
    #[must_use]
    pub fn new(model: &Model, scenario: &Scenario, plan: &CohortPlan, cohort: &Cohort) -> Self {
        let arms: Vec<String> = cohort.population().arms().map(str::to_owned).collect();
        let varying = cohort.subjects().spread().varying().iter();
        let follows = arms.iter().map(|arm| ArmFollow {
            arm: arm.clone(),
            ..ArmFollow::default()
        });
        let visits = (!plan.visits.is_empty()).then(|| {
            let population = cohort.population();
            Visits::new(scenario.seed, &plan.visits, &model.declaration, population)
        });
        Self {
            drawn: varying
                .map(|varying| (varying.id.clone(), varying.unit.clone(), varying.place))
                .collect(),
            copies: cohort.subjects().spread().copies(),
            plan: plan.clone(),
            rows: Rows::default(),
            failures: vec![None; arms.len()],
            has_vectors: cohort.subjects().fitted().is_some(),
            follows: follows.collect(),
            bands: Bands::new(
                arms.clone(),
                scenario.simulation.output_times(),
                shown(scenario),
            ),
            visits,
            endpoints: Arc::clone(&model.declaration.family.endpoints),
            follow_up: scenario.simulation.stop,
            keeps_trajectories: scenario.output.trajectories != Trajectories::None,
            arms,
            remarks: Remarks::default(),
        }
    }

    /// Takes a block of animals over.
    pub fn add(&mut self, members: Vec<Member>) {
        let runs: Vec<&ArmRun> = members.iter().map(|member| &member.run).collect();
        self.bands.add(&runs);
        if let Some(visits) = &self.visits {
            let arms = &self.arms;
            let measured = members.par_iter().flat_map(|member| {
                let arm = arms.iter().position(|arm| *arm == member.run.arm);
                arm.map_or_else(Vec::new, |arm| visits.measure(member, arm))
            });
            self.rows.measured.par_extend(measured);
        }
        for member in members {
            self.add_one(member);
        }
    }

    fn add_one(&mut self, member: Member) {
        let Some(arm) = self.arms.iter().position(|arm| *arm == member.run.arm) else {
            return;
        };
        self.remarks.add(&member.run);
        let animal = &member.animal;
        let ends = &member.run.endpoints;
        let side = &mut self.follows[arm];
        match follow(ends, &self.plan.endpoint, animal.sex, animal.litter) {
            Some(seen) => {
                side.animals.push(seen);
                side.numbers.push(animal.number);
                side.onsets.push(ends.onset_d());
                side.other_deaths += usize::from(ends.event == EndOfLife::OtherDeath);
            }
            None => side.failed += 1,
        }
        if let (Status::Failed(reason), first @ None) = (&ends.status, &mut self.failures[arm]) {
            *first = Some(FailedLife {
                point: None,
                arm: self.arms[arm].clone(),
                subject: Some(animal.number),
                vector: member.vector,
                settings: vec![format!("cohort.only={}", animal.number)],
                reason: reason.clone(),
            });
        }
        self.rows.animals.push(Row {
            arm,
            number: animal.number,
            sex: animal.sex.word(),
            litter: animal.litter,
            vector: member.vector,
            copies: self.copies.map(|place| member.values[place]),
            drawn: self
                .drawn
                .iter()
                .map(|(_, _, place)| member.values[*place])
                .collect(),
            endpoints: ends.clone(),
        });
        if self.keeps_trajectories {
            self.rows.kept.push(member.run);
        }
    }

    /// Puts the animals in the order of the arms; call once, after the last block.
    pub fn sort(&mut self) {
        let Rows {
            animals,
            measured,
            kept,
        } = &mut self.rows;
        animals.sort_by_key(|row| (row.arm, row.number));
        measured.sort_by_key(|assay| (assay.arm, assay.subject, assay.time.to_bits()));
        let arms = &self.arms;
        kept.sort_by_key(|run| (arms.iter().position(|arm| *arm == run.arm), run.subject));
    }

    /// Takes away the rows of the tables that there are so far, arm by arm. Blocks come in the order of the
    /// animals, so that what was taken block after block is the table of the arm.
    #[must_use]
    pub fn take(&mut self, scenario: &Scenario) -> Vec<ArmTables> {
        self.sort();
        let mut rows = std::mem::take(&mut self.rows);
        let mut found = Vec::with_capacity(self.arms.len());
        for arm in 0..self.arms.len() {
            let animals = rows.animals.iter().take_while(|row| row.arm == arm).count();
            let measured = rows.measured.iter().take_while(|it| it.arm == arm).count();
            let name = &self.arms[arm];
            let kept = rows.kept.iter().take_while(|run| run.arm == *name).count();
            let rest = Rows {
                animals: rows.animals.split_off(animals),
                measured: rows.measured.split_off(measured),
                kept: rows.kept.split_off(kept),
            };
            let of_arm = std::mem::replace(&mut rows, rest);
            found.push(ArmTables {
                endpoints: self.endpoints_of(&of_arm.animals),
                subjects: self.subjects_of(&of_arm.animals),
                visits: self.visits_of(&of_arm.measured),
                trajectories: self.trajectories_of(&of_arm.kept, scenario),
            });
        }
        found
    }

    /// The animals of every arm as observations.
    #[must_use]
    pub fn follows(&self) -> &[ArmFollow] {
        &self.follows
    }

    /// Runs asked for and failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let failed = self.follows.iter().map(|arm| arm.failed).sum();
        let lived: usize = self.follows.iter().map(|arm| arm.animals.len()).sum();
        (lived + failed, failed)
    }

    /// The first life that failed, in the order of the rows.
    #[must_use]
    pub fn first_failure(&self) -> Option<FailedLife> {
        self.failures.iter().flatten().next().cloned()
    }

    /// What the reader of these numbers must know.
    #[must_use]
    pub fn remarks(&self) -> &Remarks {
        &self.remarks
    }

    /// The survival of every arm: its steps go to `take` one arm after the other, and those that a picture
    /// needs stay.
    ///
    /// # Errors
    /// That of `take`.
    pub fn survival_by_arm<E>(
        &self,
        mut take: impl FnMut(&str, &[Step]) -> Result<(), E>,
    ) -> Result<Vec<Option<ArmSurvival>>, E> {
        let horizons = horizons(&self.follows, self.follow_up);
        let mut found = Vec::with_capacity(self.follows.len());
        for (arm, horizon) in self.follows.iter().zip(horizons) {
            let mut survival = survival(arm, horizon);
            if let Some(survival) = &mut survival {
                let steps = std::mem::take(&mut survival.curve.steps);
                take(&arm.arm, &steps)?;
                survival.curve.steps = shown_steps(steps);
            }
            found.push(survival);
        }
        Ok(found)
    }

    /// Forgets the animals; what is said of their survival has been said. For the room that they take.
    pub fn forget_animals(&mut self) {
        for arm in &mut self.follows {
            arm.animals = Vec::new();
            arm.numbers = Vec::new();
            arm.onsets = Vec::new();
        }
    }

    /// The survival of every arm.
    #[must_use]
    pub fn survival(&self) -> Vec<Option<ArmSurvival>> {
        let horizons = horizons(&self.follows, self.follow_up);
        let arms = self.follows.iter().zip(horizons);
        arms.map(|(arm, horizon)| survival(arm, horizon)).collect()
    }

    /// One row per animal with its endpoints.
    #[must_use]
    pub fn endpoints(&self) -> Table {
        self.endpoints_of(&self.rows.animals)
    }

    fn endpoints_of(&self, rows: &[Row]) -> Table {
        let rows: Vec<(&str, u64, &str, &Endpoints)> = rows
            .iter()
            .map(|row| {
                let arm = self.arms[row.arm].as_str();
                (arm, row.number, row.sex, &row.endpoints)
            })
            .collect();
        Table::new("endpoints", endpoint_columns(&rows, &self.endpoints))
    }

    /// One row per animal with who it is and what was drawn; with its vector, if it has one of the
    /// posterior.
    #[must_use]
    pub fn subjects(&self) -> Table {
        self.subjects_of(&self.rows.animals)
    }

    fn subjects_of(&self, rows: &[Row]) -> Table {
        let whole = |value: u64| i64::try_from(value).ok();
        let texts = |of: &dyn Fn(&Row) -> String| rows.iter().map(of).collect();
        let mut columns = vec![
            Column::text("arm", texts(&|row| self.arms[row.arm].clone())),
            Column::integers(
                "subject",
                rows.iter().map(|row| whole(row.number)).collect(),
            ),
            Column::text("sex", texts(&|row| row.sex.to_owned())),
            Column::integers("litter", rows.iter().map(|row| whole(row.litter)).collect()),
            Column::optional_numbers("copies", "1", rows.iter().map(|row| row.copies).collect()),
        ];
        if self.has_vectors {
            let vectors = rows.iter().map(|row| whole(row.vector?));
            columns.push(Column::integers("vector", vectors.collect()));
        }
        for (place, (id, unit, _)) in self.drawn.iter().enumerate() {
            let values = rows.iter().map(|row| row.drawn[place]).collect();
            columns.push(Column::numbers(id, unit, values));
        }
        Table::new("subjects", columns)
    }

    /// The Kaplan–Meier curves: `arm, time_d, at_risk, events, censored, survival, lower, upper`.
    #[must_use]
    pub fn survival_table(&self, survival: &[Option<ArmSurvival>]) -> Table {
        let steps: Vec<(&str, _)> = self
            .arms
            .iter()
            .zip(survival)
            .flat_map(|(arm, survival)| {
                let curve = survival.iter().flat_map(|found| &found.curve.steps);
                curve.map(move |step| (arm.as_str(), *step))
            })
            .collect();
        table_of_steps("survival", &steps)
    }

    /// The measurements of all visits; nothing if none were asked for.
    #[must_use]
    pub fn visits(&self) -> Option<Table> {
        self.visits_of(&self.rows.measured)
    }

    fn visits_of(&self, assays: &[Assay]) -> Option<Table> {
        let measured = self.visits.as_ref()?.measured();
        let texts = |of: &dyn Fn(&Assay) -> String| assays.iter().map(of).collect();
        let numbers = |of: &dyn Fn(&Assay) -> f64| assays.iter().map(of).collect();
        let subjects = assays.iter();
        let subjects = subjects.map(|assay| i64::try_from(assay.subject).ok());
        Some(Table::new(
            "visits",
            vec![
                Column::text("arm", texts(&|assay| self.arms[assay.arm].clone())),
                Column::integers("subject", subjects.collect()),
                Column::numbers("time_d", "d", numbers(&|assay| assay.time)),
                Column::text(
                    "variable",
                    texts(&|assay| measured[assay.measured].id.clone()),
                ),
                // Every row has its own unit.
                Column::text(
                    "unit",
                    texts(&|assay| measured[assay.measured].unit.clone()),
                ),
                Column::numbers("value", "", numbers(&|assay| assay.value)),
            ],
        ))
    }

    /// All trajectories, if the scenario asks for them.
    #[must_use]
    pub fn trajectories(&self, scenario: &Scenario) -> Option<Table> {
        self.trajectories_of(&self.rows.kept, scenario)
    }

    fn trajectories_of(&self, kept: &[ArmRun], scenario: &Scenario) -> Option<Table> {
        self.keeps_trajectories.then_some(())?;
        trajectories(kept, super::tables::saved_variables(scenario).as_ref())
    }

    /// The bands, which ends the gathering.
    #[must_use]
    pub fn into_bands(self) -> Table {
        band_table(&self.bands.finish())
    }
}

/// `arm, time_d, variable, n, median, q05 … q95`.
fn band_table(bands: &[Band]) -> Table {
    let texts = |of: &dyn Fn(&Band) -> String| bands.iter().map(of).collect();
    let quantile = |place: usize| bands.iter().map(|band| band.quantiles[place]).collect();
    let mut columns = vec![
        Column::text("arm", texts(&|band| band.arm.clone())),
        Column::numbers("time_d", "d", bands.iter().map(|band| band.time).collect()),
        Column::text("variable", texts(&|band| band.variable.clone())),
        Column::text("unit", texts(&|band| band.unit.clone())),
        Column::integers(
            "n",
            bands
                .iter()
                .map(|band| i64::try_from(band.count).ok())
                .collect(),
        ),
        // Every row has the unit of its variable.
        Column::numbers("median", "", quantile(3)),
    ];
    for (name, place) in [
        ("q05", 0),
        ("q10", 1),
        ("q25", 2),
        ("q75", 4),
        ("q90", 5),
        ("q95", 6),
    ] {
        columns.push(Column::numbers(name, "", quantile(place)));
    }
    Table::new("bands", columns)
}

/// The variables of the summary and of the figures: their bands are kept.
fn shown(scenario: &Scenario) -> Vec<String> {
    let mut shown: Vec<String> = scenario.output.summary.clone();
    let chosen = scenario
        .figures
        .iter()
        .flat_map(|figure| figure.choice.clone());
    let named = scenario
        .figures
        .iter()
        .flat_map(|figure| figure.show.clone());
    for id in named.chain(chosen) {
        if !shown.contains(&id) {
            shown.push(id);
        }
    }
    shown
}

/// Kaplan–Meier steps of arms: `arm, time_d, at_risk, events, censored, survival, lower, upper`.
pub(crate) fn table_of_steps(name: &str, steps: &[(&str, Step)]) -> Table {
    let counts = |of: &dyn Fn(usize) -> usize| {
        (0..steps.len())
            .map(|row| i64::try_from(of(row)).ok())
            .collect()
    };
    let numbers = |of: &dyn Fn(usize) -> Option<f64>| (0..steps.len()).map(of).collect();
    Table::new(
        name,
        vec![
            Column::text(
                "arm",
                steps.iter().map(|(arm, _)| (*arm).to_owned()).collect(),
            ),
            Column::optional_numbers("time_d", "d", numbers(&|row| Some(steps[row].1.time))),
            Column::integers("at_risk", counts(&|row| steps[row].1.at_risk)),
            Column::integers("events", counts(&|row| steps[row].1.events)),
            Column::integers("censored", counts(&|row| steps[row].1.censored)),
            Column::optional_numbers("survival", "1", numbers(&|row| Some(steps[row].1.survival))),
            Column::optional_numbers(
                "lower",
                "1",
                numbers(&|row| steps[row].1.band.map(|band| band.lower)),
            ),
            Column::optional_numbers(
                "upper",
                "1",
                numbers(&|row| steps[row].1.band.map(|band| band.upper)),
            ),
        ],
    )
}
