//! From a block of points to lives, and back to rows.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::answers::answer;
use super::configurations::{Configuration, Numbering};
use super::groups::{Group, GroupNumbers, estimate};
use super::placed::{Configurations, GroupKey, Path, Placed, values};
use crate::cohort::{Animal, CohortError, Subject, Subjects, end_record_at};
use crate::model::Model;
use crate::scenario::{
    CohortPlan, Factor, FactorTarget, Pairing, Question, Scenario, ScenarioFile, Setting, Variants,
};
use crate::simulate::{
    EndOfLife, Inquiry, LifeRecord, Missing, Population, Request, Resolution, SimulateError,
    Status, Vector, simulate_all,
};

/// One point: a value of every factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Its number, from 1.
    pub number: u64,
    /// One value per factor.
    pub settings: Vec<Setting>,
}

/// One arm at one point.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The number of the point.
    pub point: u64,
    /// The place of the arm.
    pub arm: usize,
    /// Whether there are numbers.
    pub status: RowStatus,
    /// Of a cohort, the first animal that failed, and why.
    pub first_failure: Option<String>,
    /// Age at onset; of a cohort, its mean over the animals that reached it.
    pub onset_d: Option<f64>,
    /// Age at death or censoring; of a cohort, the last age at which an animal was seen; nothing where
    /// the run failed.
    pub last_d: Option<f64>,
    /// What happened at `last_d`; nothing for a cohort.
    pub event: Option<EndOfLife>,
    /// One per feature of the question; of a cohort, the medians over its animals.
    pub features: Vec<Result<f64, Missing>>,
    /// Survival of a cohort.
    pub group: Option<GroupNumbers>,
}

/// Whether a row has its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowStatus {
    /// It has. Of a cohort, some animals may have failed: they are counted.
    Ok,
    /// The numbers end where the computation failed; the reason.
    Failed(String),
    /// The scenario makes no sense at these values; the reason.
    NotRun(String),
}

impl RowStatus {
    /// The word used in tables.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(_) => "failed",
            Self::NotRun(_) => "not_run",
        }
    }

    /// Why there are no numbers; empty if there are.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Ok => "",
            Self::Failed(reason) | Self::NotRun(reason) => reason,
        }
    }
}

/// Why points cannot be simulated at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PointsError {
    /// The scenario does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// The cohort cannot be made.
    #[error(transparent)]
    Cohort(#[from] CohortError),
    /// A parameter that the model does not have.
    #[error("the model has no parameter `{0}`")]
    UnknownParameter(String),
    /// The scenario makes no sense at a point.
    #[error("the point is not run: {0}")]
    NotRun(String),
}

/// The experiment of a scenario, ready to be simulated at any point of some factors.
#[derive(Debug)]
pub struct Points<'m> {
    model: &'m Model,
    variants: Variants<'m>,
    factors: Vec<Factor>,
    question: Question,
    inquiry: Inquiry,
    pub(super) base: Configuration,
    arms: Vec<String>,
}

/// What is simulated of a point, and where its lives are found.
struct Member {
    /// Who it is, of a cohort.
    who: Option<Who>,
    /// The place of its life.
    life: usize,
}

/// An animal of a cohort without its values.
struct Who {
    animal: Animal,
    vector: Option<u64>,
    other_death_d: f64,
}

/// The lives of a block, each once.
#[derive(Default)]
struct Requests<'p> {
    requests: Vec<Request<'p>>,
    known: BTreeMap<(Vector<'p>, usize), usize>,
}

impl<'p> Requests<'p> {
    /// The place of a simulation among the requests, asked for from now on.
    fn place(
        &mut self,
        population: &'p Population,
        arm: usize,
        circumstances: usize,
        vector: Vector<'p>,
    ) -> usize {
        let requests = &mut self.requests;
        *self
            .known
            .entry((vector, circumstances))
            .or_insert_with(|| {
                requests.push(Request {
                    population,
                    arm,
                    values: vector.values().into(),
                });
                requests.len() - 1
            })
    }
}

impl<'m> Points<'m> {
    /// Prepares the experiment of `file`, which `scenario` is the checked form of.
    ///
    /// # Errors
    /// When the scenario does not fit the model, or a factor is a parameter it does not have.
    pub fn new(
        model: &'m Model,
        file: &ScenarioFile,
        scenario: &Scenario,
        factors: Vec<Factor>,
        question: Question,
    ) -> Result<Self, PointsError> {
        let base = Configuration::new(model, scenario.clone(), &factors, None)?;
        for factor in &factors {
            if let FactorTarget::Parameter { id, .. } = &factor.target
                && base.population.place(id).is_none()
            {
                return Err(PointsError::UnknownParameter(id.clone()));
            }
        }
        let inquiry = Inquiry {
            readings: question.readings().to_vec(),
        };
        let points = Self {
            model,
            variants: Variants::new(file, model),
            factors,
            question,
            inquiry,
            arms: base.population.arms().map(str::to_owned).collect(),
            base,
        };
        // What is asked must be readable before anything is simulated.
        let population = &points.base.population;
        let first = Request {
            population,
            arm: 0,
            values: population.values().into(),
        };
        simulate_all(&[first], &points.inquiry)?;
        Ok(points)
    }

    /// What differs between the points.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// What is read off every life.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// The names of the arms, in their order.
    #[must_use]
    pub fn arms(&self) -> &[String] {
        &self.arms
    }

    /// Whether every point is a cohort.
    #[must_use]
    pub fn cohort(&self) -> Option<&CohortPlan> {
        self.base.scenario.cohort.as_ref()
    }

    /// The value that the preset and the scenario give a parameter.
    #[must_use]
    pub fn value(&self, parameter: &str) -> Option<f64> {
        let population = &self.base.population;
        Some(population.values()[population.place(parameter)?])
    }

    /// How many lives one point is, at most: arms times animals.
    #[must_use]
    pub fn lives_per_point(&self) -> u64 {
        let subjects = self
            .cohort()
            .map_or(1, |plan| plan.numbers().count() as u64);
        subjects.saturating_mul(self.arms.len() as u64)
    }

    /// The subjects of a cohort at a point, by arm; nobody where a point is one animal.
    ///
    /// # Errors
    /// When the point is no experiment, or no subjects can be drawn there.
    pub fn subjects(&self, point: &Point) -> Result<Vec<Vec<Subject>>, PointsError> {
        let configurations = self.configurations(std::slice::from_ref(point))?;
        let configuration = configurations.of(self, point);
        let configuration =
            configuration.map_err(|reason| PointsError::NotRun(reason.to_owned()))?;
        let values = values(configuration, point);
        let placed = Placed {
            configuration,
            values,
        };
        let Some((plan, _)) = placed.group_key() else {
            return Ok(Vec::new());
        };
        let drawn = self.drawn(&placed, plan)?;
        let arms = 0..self.arms.len();
        Ok(arms
            .map(|arm| drawn[arm.min(drawn.len() - 1)].clone())
            .collect())
    }

    /// Lives a block of points: one row per point and arm, in their order.
    ///
    /// # Errors
    /// When a feature cannot be read at all. Failures of single points are rows.
    pub fn simulate(&self, block: &[Point]) -> Result<Vec<Row>, PointsError> {
        let configurations = self.configurations(block)?;
        let placed: Vec<Result<Placed<'_>, &str>> = block
            .par_iter()
            .map(|point| {
                let configuration = configurations.of(self, point)?;
                let values = values(configuration, point);
                Ok(Placed {
                    configuration,
                    values,
                })
            })
            .collect();
        let mut groups: BTreeMap<GroupKey, Vec<Vec<Subject>>> = BTreeMap::new();
        for placed in placed.iter().flatten() {
            if let Some((plan, key)) = placed.group_key()
                && !groups.contains_key(&key)
            {
                groups.insert(key, self.drawn(placed, plan)?);
            }
        }
        let vectors: Vec<Vector<'_>> = placed
            .par_iter()
            .map(|placed| Vector::of(placed.as_ref().map_or(&[], |placed| &placed.values)))
            .collect();
        let mut requests = Requests::default();
        let mut numbering = Numbering::default();
        // By point and arm; nobody of a point that is not run.
        let mut members: Vec<Vec<Vec<Member>>> = Vec::new();
        for (placed, vector) in placed.iter().zip(vectors) {
            let mut by_arm = Vec::new();
            let Ok(placed) = placed else {
                members.push(by_arm);
                continue;
            };
            let configuration = placed.configuration;
            let group = placed.group_key().and_then(|(_, key)| groups.get(&key));
            for arm in 0..self.arms.len() {
                let circumstances = numbering.of(&configuration.circumstances[arm]);
                let mut life =
                    |vector| requests.place(&configuration.population, arm, circumstances, vector);
                by_arm.push(match group {
                    None => vec![Member {
                        who: None,
                        life: life(vector),
                    }],
                    // Twins are drawn once for all arms.
                    Some(subjects) => subjects[arm.min(subjects.len() - 1)]
                        .iter()
                        .map(|subject| Member {
                            who: Some(Who {
                                animal: subject.animal.clone(),
                                vector: subject.vector,
                                other_death_d: subject.other_death_d,
                            }),
                            life: life(Vector::of(&subject.values)),
                        })
                        .collect(),
                });
            }
            members.push(by_arm);
        }
        let records = simulate_all(&requests.requests, &self.inquiry)?;
        let rows: Vec<Vec<Row>> = block
            .par_iter()
            .zip(&placed)
            .zip(&members)
            .map(|((point, placed), members)| match placed {
                Err(reason) => self.not_run(point, reason),
                Ok(placed) => self.rows(point, members, &records, placed.configuration),
            })
            .collect();
        Ok(rows.into_iter().flatten().collect())
    }

    fn configurations(&self, block: &[Point]) -> Result<Configurations, PointsError> {
        let mut keys: BTreeMap<Path, usize> = BTreeMap::new();
        let mut combinations: Vec<Vec<(&Factor, &Setting)>> = Vec::new();
        for point in block {
            let values = self.path(point);
            if values.is_empty() {
                continue;
            }
            let key = Path::of(&values);
            keys.entry(key).or_insert_with(|| {
                combinations.push(values);
                combinations.len() - 1
            });
        }
        let made: Vec<Result<Result<Configuration, String>, PointsError>> = combinations
            .par_iter()
            .map(|values| match self.variants.scenario(values) {
                Ok(scenario) => {
                    let like = Some(&self.base.population);
                    Ok(Ok(Configuration::new(
                        self.model,
                        scenario,
                        &self.factors,
                        like,
                    )?))
                }
                Err(faults) => {
                    let messages = faults.as_slice().iter();
                    let messages: Vec<&str> = messages.map(|fault| &*fault.message).collect();
                    Ok(Err(messages.join("; ")))
                }
            })
            .collect();
        Ok(Configurations {
            keys,
            made: made.into_iter().collect::<Result<_, _>>()?,
        })
    }

    /// The factors that are no parameters, with their values.
    pub(super) fn path<'a>(&'a self, point: &'a Point) -> Vec<(&'a Factor, &'a Setting)> {
        let both = self.factors.iter().zip(&point.settings);
        both.filter(|(factor, _)| matches!(factor.target, FactorTarget::Path(_)))
            .collect()
    }

    /// The subjects of every arm; of twins, those of one arm for all.
    fn drawn(
        &self,
        placed: &Placed<'_>,
        plan: &CohortPlan,
    ) -> Result<Vec<Vec<Subject>>, PointsError> {
        let configuration = placed.configuration;
        let set: Vec<usize> = configuration.places.iter().flatten().copied().collect();
        let subjects = Subjects::around(
            &self.model.declaration,
            &configuration.scenario,
            plan,
            &configuration.population,
            placed.values.clone(),
            &set,
        )?;
        let names: Vec<&str> = match plan.pairing {
            Pairing::Twins => vec![""],
            Pairing::Randomised => self.arms.iter().map(String::as_str).collect(),
        };
        let of_arm = |name: &&str| {
            let numbers = plan.numbers().into_par_iter();
            numbers.map(|number| subjects.draw(name, number)).collect()
        };
        Ok(names.iter().map(of_arm).collect())
    }

    fn not_run(&self, point: &Point, reason: &str) -> Vec<Row> {
        let row = |arm| Row {
            point: point.number,
            arm,
            status: RowStatus::NotRun(reason.to_owned()),
            first_failure: None,
            onset_d: None,
            last_d: None,
            event: None,
            features: vec![Err(Missing::Failed(reason.into())); self.question.names().len()],
            group: None,
        };
        (0..self.arms.len()).map(row).collect()
    }

    fn rows(
        &self,
        point: &Point,
        members: &[Vec<Member>],
        records: &[LifeRecord],
        configuration: &Configuration,
    ) -> Vec<Row> {
        let resolution = configuration.population.resolution();
        let Some(plan) = configuration.scenario.cohort.as_ref() else {
            return self.single_rows(point, members, records, resolution);
        };
        let groups: Vec<Group> = members
            .iter()
            .map(|of_arm| {
                let mut group = Group::new(self.inquiry.readings.len());
                for (place, member) in of_arm.iter().enumerate() {
                    if let Some(who) = &member.who {
                        let mut record = records[member.life].clone();
                        if plan.pairing == Pairing::Twins {
                            // The animals of all arms are the same, in the same order.
                            let twin = &records[members[0][place].life];
                            resolution.tie(&twin.endpoints, &mut record.endpoints);
                        }
                        end_record_at(&mut record, &self.inquiry.readings, who.other_death_d);
                        group.take(&who.animal, who.vector, &record, &plan.endpoint);
                    }
                }
                group
            })
            .collect();
        let numbers = estimate(&groups, configuration.scenario.simulation.stop);
        let mut groups = groups;
        let readings: Vec<_> = groups.iter_mut().map(Group::medians).collect();
        let scales: Vec<_> = groups.iter().map(|group| group.scales.clone()).collect();
        numbers
            .into_iter()
            .zip(groups)
            .enumerate()
            .map(|(arm, ((numbers, onset_d), group))| Row {
                point: point.number,
                arm,
                // A group of which nobody has a number has none itself.
                status: match &group.first_failure {
                    Some(reason) if group.follow.animals.is_empty() => {
                        RowStatus::Failed(reason.clone())
                    }
                    _ => RowStatus::Ok,
                },
                first_failure: group.first_failure,
                onset_d,
                last_d: group.last_d,
                event: None,
                features: answer(&self.question, arm, &readings, &scales, resolution),
                group: Some(numbers),
            })
            .collect()
    }

    fn single_rows(
        &self,
        point: &Point,
        members: &[Vec<Member>],
        records: &[LifeRecord],
        resolution: Resolution,
    ) -> Vec<Row> {
        let lives = members.iter().map(|members| &records[members[0].life]);
        let lives: Vec<&LifeRecord> = lives.collect();
        let readings: Vec<_> = lives.iter().map(|life| life.readings.clone()).collect();
        let scales: Vec<_> = lives.iter().map(|life| life.scales.clone()).collect();
        lives
            .iter()
            .enumerate()
            .map(|(arm, life)| {
                let mut ends = life.endpoints.clone();
                resolution.tie(&lives[0].endpoints, &mut ends);
                Row {
                    point: point.number,
                    arm,
                    status: match &ends.status {
                        Status::Ok => RowStatus::Ok,
                        Status::Failed(reason) => RowStatus::Failed(reason.clone()),
                    },
                    first_failure: None,
                    onset_d: ends.onset_d(),
                    last_d: ends.followed_d(),
                    event: Some(ends.event),
                    features: answer(&self.question, arm, &readings, &scales, resolution),
                    group: None,
                }
            })
            .collect()
    }
}
