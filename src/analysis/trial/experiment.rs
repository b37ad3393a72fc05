//! One experiment: buy animals, assign them, watch them, test.

use gutbrain_network::declaration::Sex;
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::survival::{Observation, RiskTable, restricted_mean};

use super::pool::{Pool, PoolAnimal};
use super::repeat::Treatment;
use crate::scenario::{Assessment, Litters, LowCopy, Sexes, TrialDesign};

/// The animals of one experiment, by arm: control, treated.
#[derive(Debug, Clone, Default)]
pub struct Experiment {
    /// What was observed of them.
    pub observed: [Vec<Observation>; 2],
    /// Their litter and sex, as strata.
    pub strata: [Vec<u64>; 2],
    /// Age up to which they were followed, in days.
    pub follow_up: f64,
}

/// What a laboratory would conclude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// p of the log-rank test; nothing if it cannot be made.
    pub p: Option<f64>,
    /// p of the log-rank test within litters and sexes.
    pub p_by_litter: Option<f64>,
    /// Difference of restricted mean survival, treated less control, in days.
    pub effect: Option<f64>,
}

/// Draws one experiment from the pool.
#[must_use]
pub fn experiment(
    pool: &Pool,
    design: &TrialDesign,
    size: u64,
    treatment: Treatment,
    stream: &mut Stream,
) -> Experiment {
    let mut drawn = Experiment {
        follow_up: pool.follow_up,
        ..Experiment::default()
    };
    match design.allocation.litters {
        Litters::Matched => matched(pool, design, size, stream, &mut |arm, litter, animal| {
            drawn.take(pool, design, treatment, arm, litter, animal);
        }),
        Litters::Single => {
            let mut litters = LitterOrder::new(pool, stream);
            for arm in 0..2 {
                for number in 0..size {
                    let sex = wanted_sex(design, number, stream);
                    if let Some((litter, place)) = litters.next(pool, design, Some(sex), stream) {
                        let animal = &pool.litters[litter][place];
                        drawn.take(pool, design, treatment, arm, litter, animal);
                    }
                }
            }
        }
        Litters::ByArm => by_arm(pool, design, size, stream, &mut |arm, litter, animal| {
            drawn.take(pool, design, treatment, arm, litter, animal);
        }),
    }
    drawn
}

impl Experiment {
    fn take(
        &mut self,
        pool: &Pool,
        design: &TrialDesign,
        treatment: Treatment,
        arm: usize,
        litter: usize,
        animal: &PoolAnimal,
    ) {
        let life = if arm == 1 && treatment == Treatment::Model {
            animal.treated
        } else {
            animal.control
        };
        let shift = match design.assessment {
            Assessment::Open if arm == 1 && life.event => pool.open_label_shift,
            _ => 0.0,
        };
        self.observed[arm].push(Observation {
            time: life.time + shift,
            event: life.event,
        });
        let sex = u64::from(animal.sex == Sex::Male);
        self.strata[arm].push(2 * litter as u64 + sex);
    }

    /// Tests and estimates.
    #[must_use]
    pub fn judge(&self) -> Outcome {
        let [control, treated] = &self.observed;
        let groups: [&[Observation]; 2] = [control, treated];
        let strata: [&[u64]; 2] = [&self.strata[0], &self.strata[1]];
        let p = |table: Result<RiskTable, _>| table.and_then(|table| table.log_rank()).ok();
        let effect = restricted_mean::common_horizon(&groups, self.follow_up).and_then(|horizon| {
            Some(
                restricted_mean::mean(treated, horizon)? - restricted_mean::mean(control, horizon)?,
            )
        });
        Outcome {
            p: p(RiskTable::new(&groups)).map(|test| test.p),
            p_by_litter: p(RiskTable::stratified(&groups, &strata)).map(|test| test.p),
            effect,
        }
    }
}

type Taker<'a> = dyn FnMut(usize, usize, &PoolAnimal) + 'a;

/// Pairs of litter mates of one sex, one for each arm.
fn matched(pool: &Pool, design: &TrialDesign, size: u64, stream: &mut Stream, take: &mut Taker) {
    let mut litters = LitterOrder::new(pool, stream);
    for number in 0..size {
        let sex = wanted_sex(design, number, stream);
        // A litter without two fit animals of the sex is passed over.
        for _ in 0..pool.litters.len() {
            let litter = litters.next_litter(stream);
            let mut fit = fit_animals(pool, litter, design, Some(sex));
            if fit.len() >= 2 {
                stream.shuffle(&mut fit);
                take(0, litter, &pool.litters[litter][fit[0]]);
                take(1, litter, &pool.litters[litter][fit[1]]);
                break;
            }
        }
    }
}

/// Whole litters go to one arm, as many animals of each as the arm still needs.
fn by_arm(pool: &Pool, design: &TrialDesign, size: u64, stream: &mut Stream, take: &mut Taker) {
    let mut litters = LitterOrder::new(pool, stream);
    for arm in 0..2 {
        let mut count = 0;
        // Litters without fit animals must not keep an arm waiting for ever.
        let mut tries = 0;
        while count < size && tries < 10 * size + 100 {
            tries += 1;
            let litter = litters.next_litter(stream);
            let mut fit = fit_animals(pool, litter, design, None);
            stream.shuffle(&mut fit);
            let mut given = 0;
            for place in fit {
                let animal = &pool.litters[litter][place];
                // Where sexes are left to chance, an arm takes what the litter has.
                let right = design.allocation.sexes == Sexes::Random
                    || wanted_sex(design, count, stream) == animal.sex;
                if right && count < size && given < pool.litter_size {
                    take(arm, litter, animal);
                    count += 1;
                    given += 1;
                }
            }
        }
    }
}

/// The sex that the next animal of an arm must have.
fn wanted_sex(design: &TrialDesign, number: u64, stream: &mut Stream) -> Sex {
    let even = number.is_multiple_of(2);
    match design.allocation.sexes {
        Sexes::Balanced if even => Sex::Female,
        Sexes::Balanced | Sexes::Male => Sex::Male,
        Sexes::Female => Sex::Female,
        // By chance, but the same for both of a matched pair.
        Sexes::Random if stream.uniform() < 0.5 => Sex::Female,
        Sexes::Random => Sex::Male,
    }
}

/// The places of the animals of a litter that the design admits.
fn fit_animals(pool: &Pool, litter: usize, design: &TrialDesign, sex: Option<Sex>) -> Vec<usize> {
    let excluded = design.allocation.low_copy == LowCopy::Excluded;
    let animals = pool.litters[litter].iter().enumerate();
    animals
        .filter(|(_, animal)| !(excluded && animal.low_copy))
        .filter(|(_, animal)| sex.is_none_or(|sex| sex == animal.sex))
        .map(|(place, _)| place)
        .collect()
}

/// Litters in a random order, again and again.
struct LitterOrder {
    order: Vec<usize>,
    next: usize,
}

impl LitterOrder {
    fn new(pool: &Pool, stream: &mut Stream) -> Self {
        let mut order: Vec<usize> = (0..pool.litters.len()).collect();
        stream.shuffle(&mut order);
        Self { order, next: 0 }
    }

    fn next_litter(&mut self, stream: &mut Stream) -> usize {
        if self.next == self.order.len() {
            stream.shuffle(&mut self.order);
            self.next = 0;
        }
        self.next += 1;
        self.order[self.next - 1]
    }

    /// An animal from the next litter that has a fit one: litter and place.
    fn next(
        &mut self,
        pool: &Pool,
        design: &TrialDesign,
        sex: Option<Sex>,
        stream: &mut Stream,
    ) -> Option<(usize, usize)> {
        for _ in 0..self.order.len() {
            let litter = self.next_litter(stream);
            let fit = fit_animals(pool, litter, design, sex);
            if !fit.is_empty() {
                let place = stream.below(fit.len() as u64) as usize;
                return Some((litter, fit[place]));
            }
        }
        None
    }
}
