//! Asks which measured quantity tells those who will fall ill from those who will not.

use gutbrain_network::declaration::{Endpoint, EndpointRole};
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::{Unit, parse_quantity};

use super::files::{NamedFile, as_csv};
use super::{
    Counts, Finished, Progress, QuestionError, Setup, Stage, Store, Study, StudyError, StudySummary,
};
use crate::analysis::biomarkers::{FEWEST, Gathered, cross_section, windows};
use crate::cohort::{Cohort, Visits};
use crate::results::biomarkers::{BiomarkerSummary, cross_table, told_table};
use crate::scenario::{CohortPlan, Pairing};
use crate::simulate::Status;

/// Windows before the event.
const WINDOWS: u32 = 6;

/// The job of `gutbrain biomarkers`: the second arm of a cohort, which may fall ill, against the first.
#[derive(Debug, Clone)]
pub struct BiomarkerStudy<'s> {
    setup: &'s Setup,
    plan: &'s CohortPlan,
    event: Endpoint,
    window: f64,
}

impl<'s> BiomarkerStudy<'s> {
    /// A study of who comes to the first sign of the disease, in windows as long as the shortest time between
    /// two visits.
    ///
    /// # Errors
    /// [`StudyError::Question`]: the scenario has no cohort with visits, or other than two arms, or its family no
    /// first sign of disease.
    pub fn new(setup: &'s Setup) -> Result<Self, StudyError> {
        let scenario = &setup.scenario;
        let plan = scenario
            .cohort
            .as_ref()
            .filter(|plan| plan.visits.len() >= 2);
        let plan = plan.ok_or(QuestionError::NotMeasured)?;
        if scenario.arms.len() != 2 {
            return Err(QuestionError::NoTwoArms.into());
        }
        let endpoints = &setup.model.declaration.family.endpoints;
        let event = endpoints.with_role(EndpointRole::Onset).cloned();
        let event = event.ok_or(QuestionError::NoFirstSign)?;
        let gaps = plan.visits.windows(2).map(|pair| pair[1] - pair[0]);
        let window = gaps.reduce(f64::min).unwrap_or(f64::INFINITY);
        Ok(Self {
            setup,
            plan,
            event,
            window,
        })
    }

    /// The same for another event of the family.
    ///
    /// # Errors
    /// [`StudyError::Question`]: it has none of this word.
    pub fn with_event(self, word: &str) -> Result<Self, StudyError> {
        let endpoints = &self.setup.model.declaration.family.endpoints;
        let Some(event) = endpoints.find(word).cloned() else {
            let known: Vec<&str> = endpoints.iter().map(Endpoint::word).collect();
            let help = did_you_mean(word, known.iter().copied())
                .unwrap_or_else(|| format!("known: {}", known.join(", ")));
            return Err(QuestionError::NoSuchEvent {
                word: word.to_owned(),
                help,
            }
            .into());
        };
        Ok(Self { event, ..self })
    }

    /// The same in windows of this length, as `"6 month"`.
    ///
    /// # Errors
    /// [`StudyError::Question`]: it is no length of time.
    pub fn with_window(self, written: &str) -> Result<Self, StudyError> {
        let units = &self.setup.model.declaration.units;
        let read = parse_quantity(written, units).and_then(|it| it.in_unit(&Unit::day()));
        match read {
            Ok(window) if window > 0.0 => Ok(Self { window, ..self }),
            _ => Err(QuestionError::NoWindow(written.to_owned()).into()),
        }
    }

    /// Controls are those who stay healthy: others of the first arm are left out, which is said; without any
    /// there is no study.
    fn judge_controls(
        &self,
        gathered: &Gathered,
        progress: &dyn Progress,
    ) -> Result<(), StudyError> {
        let arms = &self.setup.scenario.arms;
        let first = arms.first().map_or("", |arm| arm.name.as_str());
        let (ill, healthy) = (gathered.ill_controls, gathered.controls.len());
        let event = self.event.word();
        if ill > 0 && healthy < FEWEST {
            return Err(QuestionError::NoControl {
                arm: first.to_owned(),
                ill,
                event: event.to_owned(),
                healthy,
            }
            .into());
        }
        if ill > 0 {
            progress.warn(&format!(
                "{ill} animals of arm `{first}` come to {event} themselves: they are no controls and are left out"
            ));
        }
        if self.plan.pairing == Pairing::Twins {
            progress.warn(
                "cases and controls are the same animals in two arms: intervals take them for others; write `arms = \
                 \"randomised\"` under `[cohort]`",
            );
        }
        Ok(())
    }

    /// The visit at which most are ill; nothing where too few are at any.
    fn latest(&self, gathered: &Gathered) -> Option<f64> {
        let ill = |age: f64| {
            let cases = gathered.cases.iter().filter(|case| {
                let met = case.event.is_some_and(|event| event <= age);
                met && case
                    .visits
                    .iter()
                    .any(|visit| visit.age.total_cmp(&age).is_eq())
            });
            cases.count()
        };
        let counted = self.plan.visits.iter().map(|age| (ill(*age), *age));
        // The first of equals.
        let most = counted.reduce(|best, next| if next.0 > best.0 { next } else { best });
        most.filter(|(count, _)| *count >= FEWEST)
            .map(|(_, age)| age)
    }
}

impl Study for BiomarkerStudy<'_> {
    fn command(&self) -> String {
        "biomarkers".to_owned()
    }

    fn failures(&self, counts: Counts) -> String {
        format!("{} of {} lives failed", counts.failed, counts.requested)
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let Setup {
            model, scenario, ..
        } = self.setup;
        self.setup.warn_of_doses(progress);
        let cohort = Cohort::new(model, scenario, self.plan)?;
        let visits = &self.plan.visits;
        let visits = Visits::new(
            scenario.seed,
            visits,
            &model.declaration,
            cohort.population(),
        );
        let stage = Stage::begin(progress, "lives", cohort.lives());
        let mut gathered = Gathered::new(&visits);
        cohort.simulate(|members| {
            let failed = members
                .iter()
                .filter(|it| it.run.endpoints.status != Status::Ok);
            stage.advance(members.len() as u64, failed.count() as u64)?;
            gathered.add(&members, &visits, &self.event);
            Ok::<(), StudyError>(())
        })?;
        drop(stage);
        self.judge_controls(&gathered, progress)?;
        let told = windows(&gathered, self.window, WINDOWS, scenario.seed);
        let latest = self.latest(&gathered);
        let crossed = latest.map_or_else(Vec::new, |age| cross_section(&gathered, age, &told));
        let cases = gathered
            .cases
            .iter()
            .filter(|it| it.event.is_some())
            .count();
        if told.is_empty() {
            progress.warn(&format!(
                "{cases} of {} animals come to {} with a visit near it: fewer than {FEWEST} in every window, so that \
                 nothing is told",
                gathered.cases.len(),
                self.event.word()
            ));
        }
        let summary = BiomarkerSummary {
            title: scenario.title.clone(),
            subject: scenario.subject.preset.clone(),
            seed: scenario.seed,
            arms: scenario.arms.iter().map(|arm| arm.name.clone()).collect(),
            event: self.event.word().to_owned(),
            followed: gathered.cases.len() as u64,
            cases: cases as u64,
            window_d: self.window,
            cross_section_d: latest,
            told: BiomarkerSummary::entries(&told),
            misleading: BiomarkerSummary::misleading(&crossed),
        };
        let files: Vec<NamedFile> = vec![
            (
                "scenario.toml".to_owned(),
                self.setup.resolved().into_bytes(),
            ),
            as_csv(&told_table(&told))?,
            as_csv(&cross_table(&crossed))?,
            ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
        ];
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Finished {
            counts: Counts::new(whole(cohort.lives()), whole(gathered.failed)),
            files: files.len(),
            effort: format!("{} lives", cohort.lives()),
            summary: StudySummary::Biomarkers(Box::new(summary)),
            first_failure: None,
        })
    }
}
