//! The pool: animals in litters, each with its life in both arms.

use std::ops::RangeInclusive;
use std::sync::Arc;

use gutbrain_network::declaration::Sex;
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::samples;

use super::block::{KeptBlocks, NothingKept, PoolBlock};
use super::course::Entered;
use super::entering::enter;
use super::entry::EntryCount;
use super::experiment::experiment;
use super::judge::truth;
use super::repeat::Treatment;
use crate::cohort::{Cohort, CohortError, Follow, Member, follow};
use crate::model::Model;
use crate::scenario::{
    AllocationPlan, CohortPlan, Criterion, FittedFrom, Litters, LowCopy, OtherDeaths, Pairing,
    Scenario, Sexes, TrialDesign, TrialPlan,
};
use crate::simulate::{Resolution, Status};

/// The share of those who enter that may come too late for the scenario to reach their visits: they are left out
/// and counted.
const MOST_LATE: f64 = 0.05;

/// Animals of a block: those are in memory at once with their whole lives, and what an interruption loses.
const BLOCK: u64 = 256;

/// One animal: what it would do in either arm.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolAnimal {
    /// Its sex.
    pub sex: Sex,
    /// Whether it lost copies of the transgene.
    pub low_copy: bool,
    /// Its life without the treatment.
    pub control: Follow,
    /// Its life with the treatment.
    pub treated: Follow,
    /// What designs see of it, by their place; nothing where it does not enter, and for those that see whole
    /// lives.
    pub entered: Vec<Option<Entered>>,
}

/// Animals by litter.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    /// The litters; those whose runs failed altogether are empty.
    pub litters: Vec<Vec<PoolAnimal>>,
    /// Animals whose run failed in an arm: they are not in the pool.
    pub failed: u64,
    /// The first of them: number, vector of the posterior, arm, and why.
    pub first_failure: Option<(u64, Option<u64>, String, String)>,
    /// Animals asked for.
    pub requested: u64,
    /// Animals that a litter gives to one arm when litters go to arms as a whole.
    pub litter_size: u64,
    /// The parameter of the model that gives this number, if it has one.
    pub litter_parameter: Option<String>,
    /// Days by which an open assessment shifts the end in the treated arm.
    pub open_label_shift: f64,
    /// Age up to which animals are followed, in days.
    pub follow_up: f64,
    /// Relative tolerance that the lives were solved with.
    pub rtol: f64,
    /// How many animals enter every design; nothing for those that see whole lives.
    pub entries: Vec<Option<EntryCount>>,
}

/// Why a scenario is no trial.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// Not a control and a treatment.
    #[error(
        "a trial needs two arms, a control and a treatment; this scenario has {}", list(.0)
    )]
    Arms(Vec<String>),
    /// Nobody, or too few, can be in a design.
    #[error(
        "`{design}` cannot be run: it needs {wanted} animals, and {} of {} of the pool enter ({}){}",
        .count.entered, .count.asked(), percent(.count.entered, .count.asked()), after_colon(.reasons)
    )]
    TooFewEnter {
        /// Name of the design.
        design: String,
        /// Who enters.
        count: EntryCount,
        /// Why the others do not.
        reasons: String,
        /// Animals that its largest groups need.
        wanted: u64,
    },
    /// Arms cannot be filled.
    #[error(
        "`{design}` cannot be filled: of {} animals of the pool that enter ({}), {given} of {wanted} could \
         be taken by litter and sex",
        .count.entered, percent(.count.entered, .count.asked())
    )]
    NotFilled {
        /// Name of the design.
        design: String,
        /// Who enters.
        count: EntryCount,
        /// Animals that an experiment could take.
        given: u64,
        /// Animals that it needs.
        wanted: u64,
    },
    /// Many animals are alive at visits that the scenario does not reach: those who come late are not like the
    /// others, and may not be left out without a word.
    #[error(
        "`{design}` has visits outside of the output of the scenario, when {beyond} of {entered} animals that \
         enter ({}) are alive", percent(*.beyond, *.entered)
    )]
    Beyond {
        /// Name of the design.
        design: String,
        /// Animals that are alive at such a visit.
        beyond: u64,
        /// Animals that enter, these included.
        entered: u64,
    },
    /// The pool cannot be made.
    #[error(transparent)]
    Cohort(#[from] CohortError),
}

fn percent(part: u64, of: u64) -> String {
    format!("{:.1} %", 100.0 * part as f64 / (of as f64).max(1.0))
}

fn after_colon(reasons: &str) -> String {
    if reasons.is_empty() {
        String::new()
    } else {
        format!(": {reasons}")
    }
}

fn list(arms: &[String]) -> String {
    let quoted: Vec<String> = arms.iter().map(|arm| format!("`{arm}`")).collect();
    match arms.len() {
        0 => "none".to_owned(),
        1 => format!("one: {}", quoted[0]),
        count => format!("{count}: {}", quoted.join(", ")),
    }
}

/// The names of control and treatment.
///
/// # Errors
/// [`TrialError::Arms`]: every other arm would be left out without a word.
pub fn two_arms(scenario: &Scenario) -> Result<[&str; 2], TrialError> {
    let names: Vec<&str> = scenario.arms.iter().map(|arm| arm.name.as_str()).collect();
    match names[..] {
        [control, treated] => Ok([control, treated]),
        _ => Err(TrialError::Arms(
            names.into_iter().map(str::to_owned).collect(),
        )),
    }
}

/// The cohort that a pool is. What `[cohort]` says of the animals holds: their sexes, their parameters,
/// other deaths. What a trial decides itself does not: how many there are, that each is known in both
/// arms, and that they come in whole litters that nobody has genotyped, for the designs to choose from.
#[must_use]
pub fn pool_plan(scenario: &Scenario, plan: &TrialPlan) -> CohortPlan {
    let cohort = scenario.cohort.as_ref();
    CohortPlan {
        subjects: plan.pool,
        only: None,
        pairing: Pairing::Twins,
        allocation: AllocationPlan {
            sexes: cohort.map_or(Sexes::Balanced, |cohort| cohort.allocation.sexes),
            litters: Litters::ByArm,
            low_copy: LowCopy::Included,
        },
        other_deaths: cohort.map_or(OtherDeaths::Included, |cohort| cohort.other_deaths),
        endpoint: Arc::clone(&plan.endpoint),
        visits: Vec::new(),
        parameters: cohort.map_or(FittedFrom::Preset, |cohort| cohort.parameters.clone()),
    }
}

/// Who failed in which arm, and why.
fn why(member: &Member) -> Option<(u64, Option<u64>, String, String)> {
    let Status::Failed(reason) = &member.run.endpoints.status else {
        return None;
    };
    let arm = member.run.arm.clone();
    Some((member.animal.number, member.vector, arm, reason.clone()))
}

impl Pool {
    /// Simulates the pool in the two arms of a scenario, control and treatment; `progress` hears of
    /// finished lives and failures after every block, and ends it with an error.
    ///
    /// # Errors
    /// When the scenario has another number of arms, or does not fit the model; that of `progress`.
    pub fn simulate<E: From<TrialError>>(
        model: &Model,
        scenario: &Scenario,
        plan: &TrialPlan,
        progress: impl FnMut(u64, u64) -> Result<(), E>,
    ) -> Result<Self, E> {
        Self::gone_on_with(model, scenario, plan, &NothingKept, progress)
    }

    /// The same, with blocks that an earlier start kept.
    ///
    /// # Errors
    /// As [`Pool::simulate`].
    pub fn gone_on_with<E: From<TrialError>>(
        model: &Model,
        scenario: &Scenario,
        plan: &TrialPlan,
        blocks: &dyn KeptBlocks,
        mut progress: impl FnMut(u64, u64) -> Result<(), E>,
    ) -> Result<Self, E> {
        two_arms(scenario)?;
        let cohort = Cohort::new(model, scenario, &pool_plan(scenario, plan));
        let cohort = cohort.map_err(TrialError::from)?;
        let litter_size = cohort.subjects().group().litter_size;
        // Each litter can be split over both arms.
        let cohort = cohort.with_litters_of(2 * litter_size);
        let size = &model.declaration.family.group.size;
        let mut pool = Self {
            litter_size,
            litter_parameter: size.as_ref().map(|size| size.value.clone()),
            open_label_shift: cohort.subjects().group().open_label_shift,
            requested: plan.pool,
            follow_up: scenario.simulation.stop,
            rtol: scenario.solver.rtol,
            entries: plan
                .designs
                .iter()
                .map(|design| (!design.course.is_plain()).then(EntryCount::default))
                .collect(),
            ..Self::default()
        };
        let (mut first, end) = cohort.subjects().plan().numbers().into_inner();
        for number in 0.. {
            if first > end {
                break;
            }
            let last = end.min(first.saturating_add(BLOCK - 1));
            let block = match blocks.kept(number, last + 1 - first) {
                Some(block) => block,
                None => {
                    let block = pool.live(&cohort, (plan, scenario.seed), first..=last);
                    blocks.keep(number, &block);
                    block
                }
            };
            let (lives, failed) = (block.lives, block.failed);
            pool.add(block);
            progress(lives, failed)?;
            first = last + 1;
        }
        pool.check(plan)?;
        Ok(pool)
    }

    /// Simulates the animals of some numbers.
    fn live(
        &self,
        cohort: &Cohort,
        (plan, seed): (&TrialPlan, u64),
        numbers: RangeInclusive<u64>,
    ) -> PoolBlock {
        let resolution = cohort.population().resolution();
        let members = cohort.live(numbers);
        let mut block = PoolBlock {
            entries: self
                .entries
                .iter()
                .map(|it| it.as_ref().map(|_| EntryCount::default()))
                .collect(),
            lives: members.len() as u64,
            ..PoolBlock::default()
        };
        let pairs: Vec<&[Member]> = members.chunks_exact(2).collect();
        let entered = enter(&mut block.entries, cohort, (plan, seed), &pairs, resolution);
        for (pair, entered) in pairs.into_iter().zip(entered) {
            let animal = &pair[0].animal;
            let seen = |place: usize| {
                let ends = &pair[place].run.endpoints;
                follow(ends, &plan.endpoint, animal.sex, animal.litter)
            };
            let (Some(control), Some(treated)) = (seen(0), seen(1)) else {
                block.failed += 1;
                if block.first_failure.is_none() {
                    block.first_failure = pair.iter().find_map(why);
                }
                continue;
            };
            let animal_of_pool = PoolAnimal {
                sex: animal.sex,
                low_copy: animal.low_copy,
                control,
                treated,
                entered,
            };
            block.animals.push((animal.litter, animal_of_pool));
        }
        block
    }

    /// Takes a block over; blocks come in the order of the animals.
    fn add(&mut self, block: PoolBlock) {
        for (litter, animal) in block.animals {
            // Litters are counted from 1.
            let litter = usize::try_from(litter).unwrap_or(usize::MAX);
            if self.litters.len() < litter {
                self.litters.resize(litter, Vec::new());
            }
            self.litters[litter - 1].push(animal);
        }
        for (count, more) in self.entries.iter_mut().zip(block.entries) {
            if let (Some(count), Some(more)) = (count, more) {
                count.add(&more);
            }
        }
        self.failed += block.failed;
        if self.first_failure.is_none() {
            self.first_failure = block.first_failure;
        }
    }

    /// Refuses designs that nobody can be in, and visits that the scenario does not reach.
    fn check(&self, plan: &TrialPlan) -> Result<(), TrialError> {
        for (design, count) in plan.designs.iter().zip(&self.entries) {
            let Some(count) = count else { continue };
            let entered = count.entered + count.beyond;
            if count.beyond as f64 > MOST_LATE * entered as f64 {
                return Err(TrialError::Beyond {
                    design: design.name.clone(),
                    beyond: count.beyond,
                    entered,
                });
            }
            let largest = plan.group_sizes.iter().max().copied().unwrap_or(2);
            let wanted = largest * (1 + design.course.treated_per_control);
            if count.entered < wanted {
                return Err(TrialError::TooFewEnter {
                    wanted,
                    design: design.name.clone(),
                    count: count.clone(),
                    reasons: count.reasons(&design.course),
                });
            }
            let count = count.clone();
            let mut stream = Stream::new(0, &format!("trial/{}/fill", design.name), 0);
            let drawn = experiment(self, design, largest, Treatment::Null, &mut stream);
            let given = drawn.observed.iter().map(Vec::len).sum::<usize>() as u64;
            if given < wanted {
                return Err(TrialError::NotFilled {
                    design: design.name.clone(),
                    count,
                    given,
                    wanted,
                });
            }
        }
        Ok(())
    }

    /// What to say of strata that part nobody: all who enter lie on one side of the border.
    #[must_use]
    pub fn one_sided(&self, plan: &TrialPlan) -> Vec<String> {
        let named = |criterion: &Criterion| match criterion {
            Criterion::Age => "age".to_owned(),
            Criterion::Since(what) => format!("time since {}", what.word),
            Criterion::Value(id) => id.clone(),
            Criterion::Fall { id, since } => format!("fall of {id} since {}", since.word),
        };
        let mut sentences = Vec::new();
        for design in &plan.designs {
            let borders = &design.course.entry.strata;
            let seen = self.litters.iter().flatten().filter_map(|animal| {
                let entered = animal.entered.get(design.place)?.as_ref()?;
                Some(entered.stratum)
            });
            let seen: Vec<u64> = seen.collect();
            for (place, border) in borders.iter().enumerate() {
                // The first border is the highest bit.
                let bit = borders.len() - 1 - place;
                let above = seen
                    .iter()
                    .filter(|stratum| (**stratum >> bit) & 1 == 1)
                    .count();
                if !seen.is_empty() && (above == 0 || above == seen.len()) {
                    let side = if above == 0 { "below" } else { "at or above" };
                    sentences.push(format!(
                        "`{}`: the stratum of `{}` at {} parts nobody: all {} animals that enter lie {side} it",
                        design.name,
                        named(&border.of),
                        border.at,
                        seen.len()
                    ));
                }
            }
        }
        sentences
    }

    /// Animals of a control arm for which enough animals enter.
    #[must_use]
    pub fn largest_group(&self, design: &TrialDesign) -> u64 {
        let count = self.entries.get(design.place).and_then(Option::as_ref);
        count.map_or(u64::MAX, |count| {
            count.entered / (1 + design.course.treated_per_control)
        })
    }

    /// The true effect of a design in its own unit; of one that sees whole lives, that of
    /// [`Pool::true_effect`].
    #[must_use]
    pub fn true_effect_of(&self, design: &TrialDesign) -> Option<f64> {
        if design.course.is_plain() {
            return self.true_effect().map(|(mean, _)| mean);
        }
        let animals = self.litters.iter().flatten();
        let entered = animals.filter_map(|animal| animal.entered.get(design.place)?.as_ref());
        truth(&design.course, &entered.collect::<Vec<_>>())
    }

    /// Mean gain of life within animals that kept their transgene and whose end was seen in both arms:
    /// the true effect, in days, with the standard deviation between animals (none of one animal). An
    /// effect below what the solver can tell apart is 0.
    #[must_use]
    pub fn true_effect(&self) -> Option<(f64, Option<f64>)> {
        let seen = || {
            let animals = self.litters.iter().flatten();
            animals.filter(|it| !it.low_copy && it.control.event && it.treated.event)
        };
        let gains: Vec<f64> = seen()
            .map(|animal| animal.treated.time - animal.control.time)
            .collect();
        let ages: Vec<f64> = seen().map(|animal| animal.control.time).collect();
        let (mean, age) = (samples::mean(&gains)?, samples::mean(&ages)?);
        let none = Resolution::new(self.rtol).is_one(age + mean, age);
        let mean = if none { 0.0 } else { mean };
        Some((mean, samples::standard_deviation(&gains)))
    }

    /// The share of animals whose end was seen, without and with the treatment.
    #[must_use]
    pub fn ended(&self) -> Option<[f64; 2]> {
        let animals = || self.litters.iter().flatten();
        let count = animals().count();
        let share = |ended: usize| ended as f64 / count as f64;
        (count > 0).then(|| {
            [
                share(animals().filter(|animal| animal.control.event).count()),
                share(animals().filter(|animal| animal.treated.event).count()),
            ]
        })
    }

    /// Part `part` of `parts` of the litters, for the error that a finite pool adds.
    #[must_use]
    pub fn part(&self, part: usize, parts: usize) -> Self {
        let litters = self.litters.iter().enumerate();
        Self {
            litters: litters
                .filter(|(place, _)| place % parts == part)
                .map(|(_, litter)| litter.clone())
                .collect(),
            ..self.clone()
        }
    }
}
