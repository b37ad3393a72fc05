//! Intervals of a cohort's predictions, by what they come from: parameters, animals, both.
//!
//! - *parameters*: one typical animal for each vector of the posterior, nothing else varies;
//! - *animals*: the animals of the cohort, all with the fitted parameters of the preset;
//! - *both*: the animals of the cohort, each with a vector of its own.
//!
//! Quantities are ages at onset and at the end of survival in every arm, and their differences to the
//! first arm within one animal (not for arms that hold different animals). An interval is that from the
//! 5 % to the 95 % quantile of those that have the number; those that have none are counted.
//!
//! The lives of *both* are those of the cohort itself, gathered as they pass ([`Gathered`]); the others
//! are simulated by [`intervals`].

use gutbrain_network::declaration::Sex;
use serde::Serialize;

use super::range::Range;
use crate::cohort::{Cohort, FittedVectors, Member, follow};
use crate::model::Model;
use crate::posterior::Posterior;
use crate::scenario::{CohortPlan, Pairing, Scenario};
use crate::simulate::{
    Endpoints, Inquiry, Population, Request, Resolution, SimulateError, Status, simulate_all,
};

/// One number with its intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Uncertain {
    /// The arm.
    pub arm: String,
    /// The arm that it is compared with.
    pub against: Option<String>,
    /// `onset_d` or `survival_d`; of single animals `death_d`.
    pub quantity: &'static str,
    /// A typical animal with the parameters of the preset.
    pub preset: Option<f64>,
    /// From parameters alone.
    pub parameters: Range,
    /// From animals alone.
    pub animals: Option<Range>,
    /// From both.
    pub both: Option<Range>,
}

/// Onset and end of one animal in every arm.
type Ends = Vec<[Option<f64>; 2]>;

/// Names of the two.
const QUANTITIES: [&str; 2] = ["onset_d", "survival_d"];
/// Those of single animals.
const OF_ONE_ANIMAL: [&str; 2] = ["onset_d", "death_d"];

/// Gathers the ends of a cohort's animals, block by block.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    animals: Vec<Ends>,
}

impl Gathered {
    /// Takes a block: animal by animal, arms in order.
    pub fn add(&mut self, members: &[Member], arms: usize, plan: &CohortPlan) {
        for animal in members.chunks(arms.max(1)) {
            let ends = animal.iter().map(|it| ends(&it.run.endpoints, plan));
            self.animals.push(ends.collect());
        }
    }
}

fn ends(endpoints: &Endpoints, plan: &CohortPlan) -> [Option<f64>; 2] {
    // Sex and litter only label an observation.
    let seen = follow(endpoints, &plan.endpoint, Sex::Female, 0);
    let end = seen.filter(|it| it.event).map(|it| it.time);
    [seen.and(endpoints.onset_d()), end]
}

/// How many lives [`intervals`] lives.
#[must_use]
pub fn lives(cohort: &Cohort) -> u64 {
    cohort.subjects().fitted().map_or(0, |fitted| {
        let typical = fitted.ensemble.vectors.len().min(fitted.vectors) as u64 + 1;
        cohort.lives() + typical * cohort.population().arms().count() as u64
    })
}

/// The intervals of a cohort with a posterior; `both` are its animals, `progress` hears of finished lives
/// and failures. Nothing for one without.
///
/// # Errors
/// That of `progress`; otherwise never in practice: nothing is read that could be unknown.
pub fn intervals<E: From<SimulateError>>(
    cohort: &Cohort,
    both: &Gathered,
    mut progress: impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<Vec<Uncertain>, E> {
    let Some(fitted) = cohort.subjects().fitted() else {
        return Ok(Vec::new());
    };
    let plan = cohort.subjects().plan();
    let population = cohort.population();
    let arms: Vec<String> = population.arms().map(str::to_owned).collect();
    let read = |endpoints: &Endpoints| ends(endpoints, plan);
    let (preset, typical, weights) = live_typical(population, fitted, &read, &mut progress)?;
    let mut alone = Gathered::default();
    let same = cohort.clone().with_parameters_of_the_preset();
    same.simulate(|members| {
        alone.add(&members, arms.len(), plan);
        let failed = |member: &&Member| member.run.endpoints.status != Status::Ok;
        let lost = members.iter().filter(failed).count();
        progress(members.len() as u64, lost as u64)
    })?;
    let twins = plan.pairing == Pairing::Twins;
    let equal = |animals: &[Ends]| vec![1.0; animals.len()];
    let resolution = population.resolution();
    let mut found = Vec::new();
    for against in [None, Some(0)] {
        for arm in usize::from(against.is_some())..arms.len() {
            for (place, quantity) in QUANTITIES.into_iter().enumerate() {
                let read = |ends: &Ends| number(ends, arm, against, place, &resolution);
                let range = |animals: &[Ends], weights: &[f64]| {
                    let values: Vec<Option<f64>> = animals.iter().map(read).collect();
                    Range::of(&values, weights)
                };
                let of_animals = |animals: &[Ends]| {
                    let comparable = twins || against.is_none();
                    comparable.then(|| range(animals, &equal(animals)))
                };
                found.push(Uncertain {
                    arm: arms[arm].clone(),
                    against: against.map(|first| arms[first].clone()),
                    quantity,
                    preset: read(&preset),
                    parameters: range(&typical, &weights),
                    animals: of_animals(&alone.animals),
                    both: of_animals(&both.animals),
                });
            }
        }
    }
    Ok(found)
}

/// The intervals from parameters of the onset and the death of single animals, and of their differences to
/// the first arm, in `population`, which is that of the scenario: one animal in every arm for each of so many vectors of the posterior of its preset, nothing
/// else varies. Nothing where there is no posterior, or one of another state of the model.
///
/// # Errors
/// Never in practice: nothing is read that could be unknown.
pub fn of_one_animal(
    model: &Model,
    scenario: &Scenario,
    population: &Population,
    vectors: usize,
) -> Result<Vec<Uncertain>, SimulateError> {
    let posterior = Posterior::of(model, &scenario.subject.preset);
    let Some(ensemble) = posterior.ok().flatten().filter(|_| vectors > 0) else {
        return Ok(Vec::new());
    };
    let fitted = FittedVectors::new(ensemble, vectors, scenario, population);
    let read = |endpoints: &Endpoints| [endpoints.onset_d(), endpoints.death_d()];
    let mut silent = |_: u64, _: u64| Ok::<(), SimulateError>(());
    let (preset, typical, weights) = live_typical(population, &fitted, &read, &mut silent)?;
    let resolution = population.resolution();
    let arms: Vec<&str> = population.arms().collect();
    let mut found = Vec::new();
    for against in [None, Some(0)] {
        for arm in usize::from(against.is_some())..arms.len() {
            for (place, quantity) in OF_ONE_ANIMAL.into_iter().enumerate() {
                let read = |ends: &Ends| number(ends, arm, against, place, &resolution);
                let values: Vec<Option<f64>> = typical.iter().map(read).collect();
                found.push(Uncertain {
                    arm: arms[arm].to_owned(),
                    against: against.map(|first: usize| arms[first].to_owned()),
                    quantity,
                    preset: read(&preset),
                    parameters: Range::of(&values, &weights),
                    animals: None,
                    both: None,
                });
            }
        }
    }
    Ok(found)
}

/// A number of one animal: its own, or its difference to another arm.
fn number(
    ends: &Ends,
    arm: usize,
    against: Option<usize>,
    place: usize,
    resolution: &Resolution,
) -> Option<f64> {
    let value = ends.get(arm)?[place]?;
    match against {
        None => Some(value),
        Some(first) => {
            let other = ends.get(first)?[place]?;
            Some(resolution.difference(value, other))
        }
    }
}

/// Reads the two quantities off a life.
type ReadEnds<'r> = &'r dyn Fn(&Endpoints) -> [Option<f64>; 2];

/// The ends of a typical animal with the values of the preset, and with each of the vectors that stand
/// for all; the weights of these.
fn live_typical<E: From<SimulateError>>(
    population: &Population,
    fitted: &FittedVectors,
    read: ReadEnds<'_>,
    progress: &mut impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<(Ends, Vec<Ends>, Vec<f64>), E> {
    let arms = population.arms().count();
    let vectors = fitted.ensemble.thinned(fitted.vectors);
    let mut all = vec![population.values().to_vec()];
    let values = |vector| fitted.values(vector, population.values());
    all.extend(vectors.iter().map(values));
    let wanted: Vec<Request<'_>> = all
        .iter()
        .flat_map(|values| {
            (0..arms).map(|arm| Request {
                population,
                arm,
                values: values.into(),
            })
        })
        .collect();
    let records = simulate_all(&wanted, &Inquiry::default())?;
    let failed = records
        .iter()
        .filter(|it| it.endpoints.status != Status::Ok);
    progress(records.len() as u64, failed.count() as u64)?;
    let mut lived: Vec<Ends> = records
        .chunks(arms.max(1))
        .map(|life| life.iter().map(|it| read(&it.endpoints)).collect())
        .collect();
    let typical = lived.split_off(1);
    let preset = lived.pop().unwrap_or_default();
    let weights = vectors.iter().map(|vector| vector.weight).collect();
    Ok((preset, typical, weights))
}
