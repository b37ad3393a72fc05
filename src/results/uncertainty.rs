//! Intervals of a cohort's predictions, by what they come from: parameters, animals, both.
//!
//! - *parameters*: one typical animal for each vector of the posterior, nothing else varies;
//! - *animals*: the animals of the cohort, all with the fitted parameters of the preset;
//! - *both*: the animals of the cohort, each with a vector of its own.
//!
//! Quantities are ages at onset and at the end of survival in every arm, and their differences to the
//! first arm within one animal (not for arms that hold different animals). An interval is that from the
//! 5 % to the 95 % quantile of those that have the number; those that have none are counted.

use serde::Serialize;

use crate::analysis::range::Range;
use crate::cohort::{Cohort, Member, follow};
use crate::report::table::{Column, Table};
use crate::scenario::{CohortPlan, Pairing};
use crate::simulate::{Endpoints, Inquiry, SimulateError, Wanted, live_all};
use gutbrain_network::declaration::Sex;

/// One number with its intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Uncertain {
    /// The arm.
    pub arm: String,
    /// The arm that it is compared with.
    pub against: Option<String>,
    /// `onset_d` or `survival_d`.
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
    let seen = follow(endpoints, plan.endpoint, Sex::Female, 0);
    let end = seen.filter(|it| it.event).map(|it| it.time);
    [seen.and(endpoints.onset_d), end]
}

/// The intervals of a cohort with a posterior; `both` are its animals. Nothing for one without.
///
/// # Errors
/// Never in practice: nothing is read that could be unknown.
pub fn uncertainty(
    cohort: &Cohort,
    plan: &CohortPlan,
    both: &Gathered,
) -> Result<Vec<Uncertain>, SimulateError> {
    let Some(fitted) = cohort.fitted() else {
        return Ok(Vec::new());
    };
    let population = cohort.population();
    let arms: Vec<String> = population.arms().map(str::to_owned).collect();
    let vectors = fitted.ensemble.thinned(fitted.vectors);
    let mut all = vec![population.values().to_vec()];
    let values = |vector| fitted.values(vector, population.values());
    all.extend(vectors.iter().map(values));
    let wanted: Vec<Wanted<'_>> = all
        .iter()
        .flat_map(|values| {
            (0..arms.len()).map(|arm| Wanted {
                population,
                arm,
                values: values.into(),
            })
        })
        .collect();
    let records = live_all(&wanted, &Inquiry::default())?;
    let mut lived: Vec<Ends> = records
        .chunks(arms.len().max(1))
        .map(|life| life.iter().map(|it| ends(&it.endpoints, plan)).collect())
        .collect();
    let typical = lived.split_off(1);
    let preset = lived.pop().unwrap_or_default();
    let weights: Vec<f64> = vectors.iter().map(|vector| vector.weight).collect();
    let mut alone = Gathered::default();
    let same = cohort.clone().with_parameters_of_the_preset();
    let lived = same.live(|members| {
        alone.add(&members, arms.len(), plan);
        Ok::<(), std::convert::Infallible>(())
    });
    // A sink that cannot fail.
    let Ok(()) = lived;
    let twins = plan.pairing == Pairing::Twins;
    let equal = |animals: &[Ends]| vec![1.0; animals.len()];
    let resolution = population.resolution();
    let mut found = Vec::new();
    for against in [None, Some(0)] {
        for arm in usize::from(against.is_some())..arms.len() {
            for (place, quantity) in QUANTITIES.into_iter().enumerate() {
                let read = |ends: &Ends| -> Option<f64> {
                    let value = ends.get(arm)?[place]?;
                    match against {
                        None => Some(value),
                        Some(first) => {
                            let other = ends.get::<usize>(first)?[place]?;
                            Some(resolution.difference(value, other))
                        }
                    }
                };
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

/// `uncertainty.csv`: one row for each number and source.
#[must_use]
pub fn table(found: &[Uncertain]) -> Table {
    type Row<'a> = (&'a Uncertain, &'a str, Range);
    let mut rows: Vec<Row<'_>> = Vec::new();
    for one in found {
        let sources = [
            ("parameters", Some(one.parameters)),
            ("animals", one.animals),
            ("both", one.both),
        ];
        let known = sources.into_iter();
        rows.extend(known.filter_map(|(source, range)| Some((one, source, range?))));
    }
    let texts = |of: &dyn Fn(&Row<'_>) -> String| rows.iter().map(of).collect();
    let days = |name: &str, of: &dyn Fn(&Row<'_>) -> Option<f64>| {
        Column::optional_numbers(name, "d", rows.iter().map(of).collect())
    };
    let whole = |of: &dyn Fn(&Range) -> usize| -> Vec<Option<i64>> {
        let counts = rows.iter().map(|row| i64::try_from(of(&row.2)).ok());
        counts.collect()
    };
    Table::new(
        "uncertainty",
        vec![
            Column::text("arm", texts(&|row| row.0.arm.clone())),
            Column::text(
                "against",
                texts(&|row| row.0.against.clone().unwrap_or_default()),
            ),
            Column::text("quantity", texts(&|row| row.0.quantity.to_owned())),
            Column::text("source", texts(&|row| row.1.to_owned())),
            days("preset", &|row| row.0.preset),
            days("q05", &|row| row.2.q05),
            days("median", &|row| row.2.median),
            days("q95", &|row| row.2.q95),
            Column::integers("n", whole(&|range| range.n)),
            Column::integers("missing", whole(&|range| range.missing)),
        ],
    )
}
