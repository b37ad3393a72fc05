//! One experiment: buy animals, assign them, watch them, test.

use gutbrain_network::declaration::Sex;
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::survival::{Observation, RiskTable, restricted_mean};

use super::course::{Watched, watch};
use super::judge::judge;
use super::pool::{Pool, PoolAnimal};
use super::repeat::Treatment;
use super::strata::part;
use crate::scenario::{Assessment, EndpointKind, Litters, LowCopy, Sexes, TrialDesign};

/// The animals of one experiment, by arm: control, treated.
#[derive(Debug, Clone, Default)]
pub struct Experiment {
    /// What was observed of them.
    pub observed: [Vec<Observation>; 2],
    /// Their strata: those of the design, or their litter and sex.
    pub strata: [Vec<u64>; 2],
    /// What was seen of them from entry on, of designs that do not see whole lives.
    pub watched: [Vec<Watched>; 2],
    /// Up to when they were followed: an age in days, or days after entry.
    pub follow_up: f64,
}

/// What a laboratory would conclude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// p of the design's test, of survival the log-rank test; nothing if it cannot be made.
    pub p: Option<f64>,
    /// p of the log-rank test within litters and sexes.
    pub p_by_litter: Option<f64>,
    /// What the treated gain, in the unit of the design: of survival, the difference of restricted means in
    /// days.
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
    // Days after entry where it is at one age for all; at birth they are ages.
    let before = design.course.entry.at.age().unwrap_or(0.0);
    let mut drawn = Experiment {
        follow_up: (pool.follow_up - before).min(design.course.until),
        ..Experiment::default()
    };
    let mut taken = [Vec::new(), Vec::new()];
    let mut take = |arm: usize, litter: usize, animal| {
        drawn.take(pool, design, treatment, arm, litter, animal);
        taken[arm].push(animal);
    };
    match design.allocation.litters {
        Litters::Matched => matched(pool, design, size, stream, &mut take),
        Litters::Single if !design.course.entry.strata.is_empty() => {
            by_stratum(pool, design, size, stream, &mut take);
        }
        Litters::Single => {
            let mut litters = LitterOrder::new(pool, stream);
            for arm in 0..2 {
                for number in 0..size_of(design, size, arm) {
                    let sex = wanted_sex(design, number, stream);
                    if let Some((litter, place)) = litters.next(pool, design, Some(sex), stream) {
                        take(arm, litter, &pool.litters[litter][place]);
                    }
                }
            }
        }
        Litters::ByArm => by_arm(pool, design, size, stream, &mut take),
    }
    if !design.course.is_plain() {
        drawn.watch(pool, design, treatment, &taken, stream);
    }
    drawn
}

/// Animals of an arm.
fn size_of(design: &TrialDesign, size: u64, arm: usize) -> u64 {
    if arm == 1 {
        size * design.course.treated_per_control
    } else {
        size
    }
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
        let sex = u64::from(animal.sex == Sex::Male);
        let entered = animal.entered.get(design.place).and_then(Option::as_ref);
        self.strata[arm].push(match entered {
            Some(entered) if !design.course.entry.strata.is_empty() => entered.stratum,
            _ => 2 * litter as u64 + sex,
        });
        if !design.course.is_plain() {
            return;
        }
        let life = if is_treated(arm, treatment) {
            animal.treated
        } else {
            animal.control
        };
        let shift = shift(pool, design, arm, life.event);
        self.observed[arm].push(Observation {
            time: life.time + shift,
            event: life.event,
        });
    }

    /// Watches the animals that were taken, from entry on.
    fn watch(
        &mut self,
        pool: &Pool,
        design: &TrialDesign,
        treatment: Treatment,
        taken: &[Vec<&PoolAnimal>; 2],
        stream: &mut Stream,
    ) {
        for (arm, animals) in taken.iter().enumerate() {
            let lives = usize::from(is_treated(arm, treatment));
            for animal in animals {
                let Some(Some(entered)) = animal.entered.get(design.place) else {
                    continue;
                };
                let mut watched = watch(&design.course, &entered.lives[lives], stream);
                let survival = &mut watched.survival;
                survival.time += shift(pool, design, arm, survival.event);
                self.observed[arm].push(watched.survival);
                self.watched[arm].push(watched);
            }
        }
    }

    /// Tests and estimates.
    #[must_use]
    pub fn judge(&self, design: &TrialDesign) -> Outcome {
        if design.course.endpoint != EndpointKind::Survival {
            let found = judge(&design.course, &self.watched);
            return Outcome {
                p: found.map(|found| found.0),
                p_by_litter: None,
                effect: found.map(|found| found.1),
            };
        }
        let [control, treated] = &self.observed;
        let groups: [&[Observation]; 2] = [control, treated];
        let strata: [&[u64]; 2] = [&self.strata[0], &self.strata[1]];
        let p = |table: Result<RiskTable, _>| table.and_then(|table| table.log_rank()).ok();
        let within = p(RiskTable::stratified(&groups, &strata)).map(|test| test.p);
        let effect = restricted_mean::common_horizon(&groups, self.follow_up).and_then(|horizon| {
            Some(
                restricted_mean::mean(treated, horizon)? - restricted_mean::mean(control, horizon)?,
            )
        });
        if !design.course.entry.strata.is_empty() {
            return Outcome {
                p: within,
                p_by_litter: None,
                effect,
            };
        }
        Outcome {
            p: p(RiskTable::new(&groups)).map(|test| test.p),
            p_by_litter: within,
            effect,
        }
    }
}

fn is_treated(arm: usize, treatment: Treatment) -> bool {
    arm == 1 && treatment == Treatment::Model
}

/// Days by which the end is seen later.
fn shift(pool: &Pool, design: &TrialDesign, arm: usize, event: bool) -> f64 {
    match design.assessment {
        Assessment::Open if arm == 1 && event => pool.open_label_shift,
        _ => 0.0,
    }
}

/// Draws as many as both arms need, and parts them stratum by stratum.
fn by_stratum<'p>(
    pool: &'p Pool,
    design: &TrialDesign,
    size: u64,
    stream: &mut Stream,
    take: &mut Taker<'_, 'p>,
) {
    let [controls, treated] = [0, 1].map(|arm| size_of(design, size, arm));
    let mut litters = LitterOrder::new(pool, stream);
    let mut drawn = Vec::new();
    for number in 0..controls + treated {
        let sex = wanted_sex(design, number, stream);
        if let Some((litter, place)) = litters.next(pool, design, Some(sex), stream) {
            drawn.push((litter, &pool.litters[litter][place]));
        }
    }
    let stratum = |animal: &PoolAnimal| {
        let entered = animal.entered.get(design.place).and_then(Option::as_ref);
        entered.map_or(0, |entered| entered.stratum)
    };
    let strata: Vec<u64> = drawn.iter().map(|(_, animal)| stratum(animal)).collect();
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let arms = part(&strata, whole(controls), whole(treated), stream);
    for (arm, places) in arms.iter().enumerate() {
        for &place in places {
            let (litter, animal) = drawn[place];
            take(arm, litter, animal);
        }
    }
}

type Taker<'a, 'p> = dyn FnMut(usize, usize, &'p PoolAnimal) + 'a;

/// Litter mates of one sex: one for the control arm, and as many for the other as the design allots.
fn matched<'p>(
    pool: &'p Pool,
    design: &TrialDesign,
    size: u64,
    stream: &mut Stream,
    take: &mut Taker<'_, 'p>,
) {
    let mates = 1 + usize::try_from(design.course.treated_per_control).unwrap_or(usize::MAX - 1);
    let mut litters = LitterOrder::new(pool, stream);
    for number in 0..size {
        let sex = wanted_sex(design, number, stream);
        // A litter without enough fit animals of the sex is passed over.
        for _ in 0..pool.litters.len() {
            let litter = litters.next_litter(stream);
            let mut fit = fit_animals(pool, litter, design, Some(sex));
            if fit.len() >= mates {
                stream.shuffle(&mut fit);
                for (number, place) in fit.into_iter().take(mates).enumerate() {
                    take(number.min(1), litter, &pool.litters[litter][place]);
                }
                break;
            }
        }
    }
}

/// Whole litters go to one arm, as many animals of each as the arm still needs.
fn by_arm<'p>(
    pool: &'p Pool,
    design: &TrialDesign,
    size: u64,
    stream: &mut Stream,
    take: &mut Taker<'_, 'p>,
) {
    let mut litters = LitterOrder::new(pool, stream);
    for arm in 0..2 {
        let size = size_of(design, size, arm);
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
    let is_plain = design.course.is_plain();
    let enters = |animal: &PoolAnimal| matches!(animal.entered.get(design.place), Some(Some(_)));
    let animals = pool.litters[litter].iter().enumerate();
    animals
        .filter(|(_, animal)| !(excluded && animal.low_copy))
        .filter(|(_, animal)| is_plain || enters(animal))
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
