//! Many experiments, counted.

use std::collections::BTreeMap;

use gutbrain_statistics::random::Stream;
use gutbrain_statistics::samples;
use rayon::prelude::*;

use super::experiment::{Outcome, experiment};
use super::pool::Pool;
use crate::scenario::{EndpointKind, TrialDesign, TrialPlan};

/// Parts of the pool by which the error of its size is estimated.
const PARTS: usize = 10;

/// Largest group that the search for a sample size tries.
const LARGEST_GROUP: u64 = 320;

/// What the treatment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Treatment {
    /// What the model says.
    Model,
    /// Nothing.
    Null,
}

impl Treatment {
    /// Its word in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Null => "null",
        }
    }
}

/// What is reported of an experiment that was repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Share of experiments with a significant log-rank test: power, or false positives. An experiment
    /// that cannot be tested finds nothing; where none can be there is no share.
    Significant,
    /// The same within litters and sexes, of the experiments in which litter mates are in both arms.
    SignificantByLitter,
    /// Share with an apparent difference of at least the wanted one, in either direction.
    LargeDifference,
    /// Share with either.
    SignificantOrLarge,
    /// Mean apparent effect, in days.
    MeanEffect,
    /// Median apparent effect, in days, with the 5 and 95 % quantiles of the experiments.
    ApparentEffect,
    /// Mean apparent effect on another endpoint than survival, in its unit.
    MeanOfEndpoint,
    /// Its median, with the 5 and 95 % quantiles of the experiments.
    ApparentOfEndpoint,
    /// Mean size of a significant effect over the true one.
    Exaggeration,
    /// Share of significant effects with the wrong sign.
    WrongSign,
    /// Share of experiments in which no test could be made.
    NotTestable,
    /// Standard error of the share of significant tests that the finite pool adds.
    PoolError,
    /// Animals per arm for the wanted power; its bounds are the sizes at which the bounds of the power
    /// reach it.
    SampleSize,
}

impl Quantity {
    /// Whether it has a meaning for other endpoints than survival.
    fn is_of_every_endpoint(self) -> bool {
        !matches!(
            self,
            Self::SignificantByLitter
                | Self::LargeDifference
                | Self::SignificantOrLarge
                | Self::MeanEffect
                | Self::ApparentEffect
        )
    }

    /// Its name in `trial.csv`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Significant => "significant",
            Self::SignificantByLitter => "significant_by_litter",
            Self::LargeDifference => "large_difference",
            Self::SignificantOrLarge => "significant_or_large",
            Self::MeanEffect => "mean_effect_d",
            Self::ApparentEffect => "apparent_effect_d",
            Self::MeanOfEndpoint => "mean_effect",
            Self::ApparentOfEndpoint => "apparent_effect",
            Self::Exaggeration => "exaggeration",
            Self::WrongSign => "wrong_sign",
            Self::NotTestable => "not_testable",
            Self::PoolError => "pool_error",
            Self::SampleSize => "sample_size",
        }
    }
}

/// One row of `trial.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Name of the design.
    pub design: String,
    /// Animals per arm; 0 for quantities that are not about one size.
    pub size: u64,
    /// What the treatment does.
    pub treatment: Treatment,
    /// What is reported.
    pub quantity: Quantity,
    /// Its value; absent where it cannot be estimated.
    pub value: Option<f64>,
    /// Its lower bound.
    pub lower: Option<f64>,
    /// Its upper bound.
    pub upper: Option<f64>,
}

/// Everything a trial found.
#[derive(Debug, Clone, Default)]
pub struct TrialResults {
    /// The rows of `trial.csv`.
    pub answers: Vec<Answer>,
    /// The apparent effects of every experiment, in the order of the replicates.
    pub experiments: Vec<Repeated>,
    /// The true effect of every design, in its own unit.
    pub true_effects: Vec<Option<f64>>,
}

/// The outcomes of one design, size and treatment.
#[derive(Debug, Clone)]
pub struct Repeated {
    /// Name of the design.
    pub design: String,
    /// Animals per arm.
    pub size: u64,
    /// What the treatment does.
    pub treatment: Treatment,
    /// One per replicate.
    pub outcomes: Vec<Outcome>,
}

/// Repeats every design at every size, with the treatment of the model and with none; `progress` hears
/// of finished experiments, and ends it with an error.
///
/// # Errors
/// That of `progress`.
pub fn repeat<E>(
    pool: &Pool,
    plan: &TrialPlan,
    seed: u64,
    mut progress: impl FnMut(u64) -> Result<(), E>,
) -> Result<TrialResults, E> {
    let mut results = TrialResults::default();
    for design in &plan.designs {
        let truth = pool.true_effect_of(design);
        results.true_effects.push(truth);
        for &size in &plan.group_sizes {
            for treatment in [Treatment::Model, Treatment::Null] {
                let outcomes = replicate(pool, plan, design, size, treatment, seed);
                progress(plan.replicates)?;
                let row = |quantity, (value, lower, upper)| Answer {
                    design: design.name.clone(),
                    size,
                    treatment,
                    quantity,
                    value,
                    lower,
                    upper,
                };
                let found = describe(&outcomes, plan, design, treatment, truth);
                results.answers.extend(
                    found
                        .into_iter()
                        .map(|(quantity, value)| row(quantity, value)),
                );
                let error = pool_error(pool, plan, design, size, treatment, seed);
                results
                    .answers
                    .push(row(Quantity::PoolError, (error, None, None)));
                results.experiments.push(Repeated {
                    design: design.name.clone(),
                    size,
                    treatment,
                    outcomes,
                });
            }
        }
        let (value, lower, upper) = sample_size(pool, plan, design, seed);
        progress(0)?;
        results.answers.push(Answer {
            design: design.name.clone(),
            size: 0,
            treatment: Treatment::Model,
            quantity: Quantity::SampleSize,
            value,
            lower,
            upper,
        });
    }
    Ok(results)
}

fn replicate(
    pool: &Pool,
    plan: &TrialPlan,
    design: &TrialDesign,
    size: u64,
    treatment: Treatment,
    seed: u64,
) -> Vec<Outcome> {
    // Both treatments see the same animals.
    let name = format!("trial/{}/{size}", design.name);
    (0..plan.replicates)
        .into_par_iter()
        .map(|number| {
            let mut stream = Stream::new(seed, &name, number);
            experiment(pool, design, size, treatment, &mut stream).judge(design)
        })
        .collect()
}

type Estimate = (Option<f64>, Option<f64>, Option<f64>);

fn describe(
    outcomes: &[Outcome],
    plan: &TrialPlan,
    design: &TrialDesign,
    treatment: Treatment,
    truth: Option<f64>,
) -> Vec<(Quantity, Estimate)> {
    let significant = |outcome: &Outcome| outcome.p.is_some_and(|p| p < plan.significance);
    let by_litter = |outcome: &Outcome| outcome.p_by_litter.is_some_and(|p| p < plan.significance);
    let large = |outcome: &Outcome| {
        outcome
            .effect
            .is_some_and(|effect| effect.abs() >= plan.difference)
    };
    let count = |of: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|o| of(o)).count();
    let of_all = |of: &dyn Fn(&Outcome) -> bool| share(count(of), outcomes.len());
    let tested = outcomes.iter().any(|outcome| outcome.p.is_some());
    let of_tests = |of: &dyn Fn(&Outcome) -> bool| match tested {
        true => of_all(of),
        false => (None, None, None),
    };
    let mut effects: Vec<f64> = outcomes
        .iter()
        .filter_map(|outcome| outcome.effect)
        .collect();
    samples::sort(&mut effects);
    let quantile = |p| samples::quantile(&effects, p);
    // One experiment has no interval.
    let outer = |p| (effects.len() > 1).then(|| quantile(p)).flatten();
    let in_days = design.course.endpoint == EndpointKind::Survival;
    let mut found = vec![
        (Quantity::Significant, of_tests(&significant)),
        (
            Quantity::SignificantByLitter,
            share(
                count(&by_litter),
                count(&|outcome| outcome.p_by_litter.is_some()),
            ),
        ),
        (Quantity::LargeDifference, of_all(&large)),
        (
            Quantity::SignificantOrLarge,
            of_tests(&|outcome| significant(outcome) || large(outcome)),
        ),
        (Quantity::MeanEffect, mean_with_error(&effects)),
        (
            Quantity::ApparentEffect,
            (quantile(0.5), outer(0.05), outer(0.95)),
        ),
        (
            Quantity::NotTestable,
            of_all(&|outcome| outcome.p.is_none()),
        ),
    ];
    if !in_days {
        // Days and litters say nothing of other endpoints.
        found.retain(|(quantity, _)| quantity.is_of_every_endpoint());
        found.push((Quantity::MeanOfEndpoint, mean_with_error(&effects)));
        let median = (quantile(0.5), outer(0.05), outer(0.95));
        found.push((Quantity::ApparentOfEndpoint, median));
    }
    if treatment == Treatment::Model {
        let claimed: Vec<f64> = outcomes
            .iter()
            .filter(|outcome| significant(outcome))
            .filter_map(|outcome| outcome.effect)
            .collect();
        let truth = truth.filter(|truth| truth.abs() > 0.0);
        let ratios: Vec<f64> = truth.map_or_else(Vec::new, |truth| {
            claimed
                .iter()
                .map(|effect| effect.abs() / truth.abs())
                .collect()
        });
        found.push((Quantity::Exaggeration, mean_with_error(&ratios)));
        let wrong = truth.map_or((None, None, None), |truth| {
            let wrong = claimed.iter().filter(|effect| *effect * truth < 0.0);
            share(wrong.count(), claimed.len())
        });
        found.push((Quantity::WrongSign, wrong));
    }
    found
}

/// A share with Wilson's 95 % interval; nothing of nothing.
fn share(part: usize, of: usize) -> Estimate {
    const Z: f64 = 1.959_963_984_540_054;
    if of == 0 {
        return (None, None, None);
    }
    let (n, p) = (of as f64, part as f64 / of as f64);
    let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    // At none and at all the interval ends there exactly.
    let lower = if part == 0 { 0.0 } else { centre - half };
    let upper = if part == of { 1.0 } else { centre + half };
    (Some(p), Some(lower), Some(upper))
}

/// The share of significant experiments; nothing where none could be tested.
fn significant_share(outcomes: &[Outcome], significance: f64) -> Estimate {
    let tested = || outcomes.iter().filter_map(|outcome| outcome.p);
    match tested().next() {
        Some(_) => share(
            tested().filter(|p| *p < significance).count(),
            outcomes.len(),
        ),
        None => (None, None, None),
    }
}

fn mean_with_error(values: &[f64]) -> Estimate {
    const Z: f64 = 1.959_963_984_540_054;
    let Some(mean) = samples::mean(values) else {
        return (None, None, None);
    };
    let error = samples::standard_deviation(values).map(|sd| Z * sd / (values.len() as f64).sqrt());
    (
        Some(mean),
        error.map(|error| mean - error),
        error.map(|error| mean + error),
    )
}

/// The standard error of the share of significant tests that comes from the pool being finite: from the
/// spread between tenths of the pool, less what the fewer replicates of each explain.
fn pool_error(
    pool: &Pool,
    plan: &TrialPlan,
    design: &TrialDesign,
    size: u64,
    treatment: Treatment,
    seed: u64,
) -> Option<f64> {
    let fewer = TrialPlan {
        replicates: (plan.replicates / PARTS as u64).max(10),
        ..plan.clone()
    };
    let shares: Vec<f64> = (0..PARTS)
        .map(|part| pool.part(part, PARTS))
        .filter_map(|part| {
            let outcomes = replicate(&part, &fewer, design, size, treatment, seed);
            significant_share(&outcomes, plan.significance).0
        })
        .collect();
    let mean = samples::mean(&shares)?;
    let spread = samples::standard_deviation(&shares)?;
    let chance = mean * (1.0 - mean) / fewer.replicates as f64;
    // A tenth of the pool has ten times the variance of the whole.
    Some(((spread * spread - chance).max(0.0) / PARTS as f64).sqrt())
}

/// The smallest group with the wanted power, by bisection over whole numbers; the bounds take the
/// Monte-Carlo interval of the power for the power.
fn sample_size(pool: &Pool, plan: &TrialPlan, design: &TrialDesign, seed: u64) -> Estimate {
    let mut known: BTreeMap<u64, Estimate> = BTreeMap::new();
    let mut power = |size: u64| {
        *known.entry(size).or_insert_with(|| {
            let outcomes = replicate(pool, plan, design, size, Treatment::Model, seed);
            significant_share(&outcomes, plan.significance)
        })
    };
    let largest = pool.largest_group(design).min(LARGEST_GROUP);
    let mut search = |of: &dyn Fn(Estimate) -> Option<f64>| {
        let mut reached = |size| of(power(size)).is_some_and(|power| power >= plan.power);
        let (mut low, mut high) = (1, 2);
        while !reached(high) {
            if high >= largest {
                return None;
            }
            (low, high) = (high, (2 * high).min(largest));
        }
        while high - low > 1 {
            let middle = low.midpoint(high);
            if reached(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high as f64)
    };
    (
        search(&|power| power.0),
        search(&|power| power.2),
        search(&|power| power.1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{AllocationPlan, Assessment, CoursePlan, Litters, LowCopy, Sexes};
    use gutbrain_network::declaration::Family;

    fn plan() -> TrialPlan {
        TrialPlan {
            replicates: 4,
            group_sizes: vec![10],
            endpoint: Family::plain().end_of_survival(None),
            difference: 10.0,
            significance: 0.05,
            power: 0.8,
            pool: 40,
            designs: Vec::new(),
        }
    }

    fn design() -> TrialDesign {
        TrialDesign {
            name: "design".to_owned(),
            allocation: AllocationPlan {
                sexes: Sexes::Balanced,
                litters: Litters::Single,
                low_copy: LowCopy::Included,
            },
            assessment: Assessment::Blinded,
            place: 0,
            course: CoursePlan::default(),
        }
    }

    fn outcomes(p: &[Option<f64>]) -> Vec<Outcome> {
        let one = |p: &Option<f64>| Outcome {
            p: *p,
            p_by_litter: None,
            effect: Some(0.0),
        };
        p.iter().map(one).collect()
    }

    #[test]
    fn what_could_not_be_tested_has_no_power() {
        let plan = plan();
        let of = |p: &[Option<f64>], quantity| {
            let found = describe(&outcomes(p), &plan, &design(), Treatment::Model, Some(20.0));
            let found = found.into_iter().find(|(known, _)| *known == quantity);
            found.map(|(_, estimate)| estimate)
        };
        let never = [None, None, None];
        for quantity in [
            Quantity::Significant,
            Quantity::SignificantByLitter,
            Quantity::SignificantOrLarge,
            Quantity::Exaggeration,
            Quantity::WrongSign,
        ] {
            assert_eq!(
                of(&never, quantity),
                Some((None, None, None)),
                "{quantity:?}"
            );
        }
        assert_eq!(of(&never, Quantity::NotTestable).unwrap().0, Some(1.0));
        assert_eq!(
            significant_share(&outcomes(&never), 0.05),
            (None, None, None)
        );
        // An experiment that cannot be tested finds nothing where others can be.
        let once = [None, Some(0.01), Some(0.3), None];
        assert_eq!(of(&once, Quantity::Significant).unwrap().0, Some(0.25));
        assert_eq!(significant_share(&outcomes(&once), 0.05).0, Some(0.25));
        // One experiment has an effect and no interval.
        let (_, lower, upper) = of(&[Some(0.3)], Quantity::ApparentEffect).unwrap();
        assert_eq!((lower, upper), (None, None));
    }

    #[test]
    fn no_effect_has_neither_exaggeration_nor_a_wrong_sign() {
        let mut found = outcomes(&[Some(0.01); 4]);
        for (outcome, effect) in found.iter_mut().zip([-9.0, -8.0, 7.0, 11.0]) {
            outcome.effect = Some(effect);
        }
        let of = |truth, quantity| {
            let all = describe(&found, &plan(), &design(), Treatment::Model, truth);
            let one = all.into_iter().find(|(known, _)| *known == quantity);
            one.and_then(|(_, estimate)| estimate.0)
        };
        for truth in [None, Some(0.0)] {
            assert_eq!(of(truth, Quantity::Exaggeration), None);
            assert_eq!(of(truth, Quantity::WrongSign), None);
        }
        assert_eq!(of(Some(5.0), Quantity::WrongSign), Some(0.5));
        let exaggeration = of(Some(5.0), Quantity::Exaggeration).unwrap();
        assert!((exaggeration - 1.75).abs() < 1e-12, "{exaggeration}");
    }

    #[test]
    fn shares_have_wilson_intervals() {
        // E. B. Wilson (1927): 0 of 10 gives 0 to 0.2775.
        let (value, lower, upper) = share(0, 10);
        assert!(value == Some(0.0) && lower == Some(0.0));
        assert!((upper.unwrap() - 0.277_533).abs() < 1e-5, "{upper:?}");
        let (_, lower, upper) = share(5, 10);
        assert!((lower.unwrap() - 0.236_59).abs() < 1e-4);
        assert!((upper.unwrap() - 0.763_41).abs() < 1e-4);
        assert_eq!(share(0, 0), (None, None, None));
    }
}
