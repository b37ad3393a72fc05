//! From chains to an ensemble: how well they mixed, what they say, and the few vectors that are kept.
//!
//! Kept vectors are evenly spaced over the records after the warm-up, chain by chain in turn, each with
//! the same weight. One file holds for every subject with the same fitted values: it is named after the
//! first of them in the chain of `extends`.
//!
//! An ensemble of another state of the model can be *renewed*: each vector is evaluated again, and its
//! weight multiplied by `exp(ℓ_new − ℓ_old)` (importance sampling). That is right as long as the
//! effective number of vectors stays large; it is said, and with fewer than half of the vectors it is
//! refused.

use std::collections::BTreeMap;

use gutbrain_network::Declaration;
use gutbrain_numbers::Real;
use gutbrain_statistics::chains::{effective_size, effective_size_of_tails, r_hat};
use gutbrain_statistics::samples;

use super::file::{Calibration, Fitted};
use super::problem::Setting;
use super::sampler::{Plan, Record, Tally};
use crate::analysis::range::Range;
use crate::model::Model;
use crate::posterior::{Posterior, Weighted, chain};
use crate::simulate::owner;

/// Least effective share of the vectors that a renewal may leave.
const LEAST_SHARE: f64 = 0.5;

/// What the chains say of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Parameter or target.
    pub name: String,
    /// Mean of all draws.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// Their 5 %, 50 % and 95 % quantiles.
    pub quantiles: [f64; 3],
    /// Rank-normalised R-hat of split chains; nothing if the draws do not vary.
    pub r_hat: Option<f64>,
    /// Effective number of draws, of the centre and of the tails.
    pub effective: Option<(f64, f64)>,
}

/// A vector that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Values of all fitted parameters, in the order of the calibration.
    pub values: Vec<f64>,
    /// −½ Σ r² over the targets.
    pub log_likelihood: f64,
    /// Its share.
    pub weight: f64,
}

/// A sampled posterior.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// The parameters, in their own units.
    pub parameters: Vec<Summary>,
    /// Spread of each parameter over that of its prior, in standard coordinates: near 1, the data say
    /// nothing of it.
    pub spread: Vec<f64>,
    /// What is predicted of the targets.
    pub targets: Vec<Summary>,
    /// Logarithm of the posterior density, record by record and chain by chain.
    pub density: Vec<Vec<f64>>,
    /// All draws after the warm-up: values of the parameters and log-likelihood, in turn over chains.
    pub draws: Vec<(Vec<f64>, f64)>,
    /// What happened to proposals after the warm-up.
    pub tally: Tally,
}

/// Largest R-hat of chains that have mixed.
const WELL_MIXED: f64 = 1.05;

/// What is said of others.
pub const UNMIXED: &str = "R-hat above 1.05, the chains have not mixed well";

impl Sampled {
    /// Whether the chains have mixed: no R-hat is above 1.05.
    #[must_use]
    pub fn is_well_mixed(&self) -> bool {
        self.worst().0 <= WELL_MIXED
    }

    /// The worst R-hat, and the smallest effective sizes.
    #[must_use]
    pub fn worst(&self) -> (f64, f64, f64) {
        let mut worst = (1.0_f64, f64::INFINITY, f64::INFINITY);
        for summary in &self.parameters {
            worst.0 = worst.0.max(summary.r_hat.unwrap_or(f64::INFINITY));
            let (bulk, tails) = summary.effective.unwrap_or((0.0, 0.0));
            worst.1 = worst.1.min(bulk);
            worst.2 = worst.2.min(tails);
        }
        worst
    }
}

/// Summarises the records after the warm-up; `None` if there are none.
#[must_use]
pub fn summarise(
    setting: &Setting<'_>,
    plan: &Plan,
    records: &[Record],
    tally: Tally,
) -> Option<Sampled> {
    let kept: Vec<&Record> = records
        .iter()
        .filter(|record| record.step > plan.warm_up())
        .collect();
    let chains = kept.first()?.places.len();
    let fitted = &setting.calibration.parameters;
    let by_chain = |of: &dyn Fn(&super::sampler::Place) -> f64| -> Vec<Vec<f64>> {
        let one = |chain: usize| kept.iter().map(|it| of(&it.places[chain])).collect();
        (0..chains).map(one).collect()
    };
    let summary = |name: &str, numbers: &[Vec<f64>]| -> Option<Summary> {
        let slices: Vec<&[f64]> = numbers.iter().map(Vec::as_slice).collect();
        let mut all = numbers.concat();
        samples::sort(&mut all);
        let quantile = |probability| samples::quantile(&all, probability);
        Some(Summary {
            name: name.to_owned(),
            mean: samples::mean(&all)?,
            sd: samples::standard_deviation(&all)?,
            quantiles: [quantile(0.05)?, quantile(0.5)?, quantile(0.95)?],
            r_hat: r_hat(&slices),
            effective: effective_size(&slices).zip(effective_size_of_tails(&slices)),
        })
    };
    let mut parameters = Vec::new();
    let mut spread = Vec::new();
    for (index, fitted) in fitted.iter().enumerate() {
        let standard = by_chain(&|place| place.point[index]);
        spread.push(samples::standard_deviation(&standard.concat())?);
        let values = by_chain(&|place| fitted.standard.parameter(place.point[index]).0);
        parameters.push(summary(&fitted.id, &values)?);
    }
    let mut targets = Vec::new();
    for (index, target) in setting.calibration.targets.iter().enumerate() {
        let values = by_chain(&|place| place.evaluated.predictions[index]);
        targets.push(summary(&target.name, &values)?);
    }
    let density = |place: &super::sampler::Place| {
        let square: f64 = place.point.iter().map(|x| x * x).sum();
        place.evaluated.likelihood - 0.5 * square
    };
    let draws = kept.iter().flat_map(|record| &record.places).map(|place| {
        let values = setting.parameters_of(&place.point);
        (values, place.evaluated.likelihood)
    });
    Some(Sampled {
        parameters,
        spread,
        targets,
        density: kept
            .iter()
            .map(|record| record.places.iter().map(density).collect())
            .collect(),
        draws: draws.collect(),
        tally,
    })
}

/// The vectors that are kept, evenly spaced.
#[must_use]
pub fn thin(sampled: &Sampled, count: usize) -> Vec<Kept> {
    let all = sampled.draws.len();
    let count = count.min(all);
    let kept = |n: usize| {
        let (values, log_likelihood) = &sampled.draws[(2 * n + 1) * all / (2 * count)];
        Kept {
            values: values.clone(),
            log_likelihood: *log_likelihood,
            weight: 1.0 / count as f64,
        }
    };
    (0..count).map(kept).collect()
}

/// Whether a fitted value is that of a subject.
fn applies(declaration: &Declaration, fitted: &Fitted, preset: &str) -> bool {
    let subject = declaration.subjects.get(preset);
    let given = subject.and_then(|it| it.parameters.get(&fitted.parameter));
    match (given, &fitted.subject) {
        (None, None) => true,
        (Some(_), Some(from)) => owner(declaration, preset, &fitted.parameter) == *from,
        _ => false,
    }
}

/// The subjects that get a file, each with the places of the fitted parameters that hold for it.
#[must_use]
pub fn files(setting: &Setting<'_>, declaration: &Declaration) -> BTreeMap<String, Vec<usize>> {
    let held = |preset: &str| -> Vec<usize> {
        let fitted = setting.calibration.parameters.iter().enumerate();
        fitted
            .filter(|(_, fitted)| applies(declaration, fitted, preset))
            .map(|(index, _)| index)
            .collect()
    };
    let mut files = BTreeMap::new();
    for preset in setting.presets() {
        let own = held(preset);
        let same = chain(declaration, preset)
            .into_iter()
            .take_while(|subject| held(subject) == own)
            .last();
        files.insert(same.unwrap_or(preset).to_owned(), own);
    }
    files
}

/// The files of weighted vectors.
#[must_use]
pub fn posteriors(
    setting: &Setting<'_>,
    model: &Model,
    calibration_hash: &str,
    vectors: &[Kept],
    remarks: &[String],
) -> Vec<Posterior> {
    let of = |(preset, places): (String, Vec<usize>)| {
        let fitted = &setting.calibration.parameters;
        let mut first = vec![format!(
            "Posterior of the fitted parameters of {preset} and what extends it: one weighted vector a row."
        )];
        first.extend(remarks.iter().cloned());
        Posterior {
            preset,
            dynamics: model.dynamics(setting.interventions()),
            interventions: setting.interventions().clone(),
            calibration: calibration_hash.to_owned(),
            remarks: first,
            parameters: places
                .iter()
                .map(|&i| fitted[i].parameter.clone())
                .collect(),
            vectors: (1..)
                .zip(vectors)
                .map(|(number, kept)| Weighted {
                    number,
                    weight: kept.weight,
                    log_likelihood: kept.log_likelihood,
                    values: places.iter().map(|&i| kept.values[i]).collect(),
                })
                .collect(),
        }
    };
    files(setting, &model.declaration)
        .into_iter()
        .map(of)
        .collect()
}

/// Why an ensemble cannot be renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// There is none, or it lacks a parameter.
    #[error("the posterior of `{preset}` has no values of `{id}`: sample anew with --posterior")]
    Incomplete {
        /// The subject whose file was looked for.
        preset: String,
        /// The parameter.
        id: String,
    },
    /// Too few vectors would carry the weight.
    #[error(
        "only {effective:.0} of {all} vectors would carry the weight, {failed} of them predict nothing: \
         the model has changed too much; sample anew with --posterior"
    )]
    TooFew {
        /// Kish's effective number.
        effective: f64,
        /// Vectors.
        all: usize,
        /// Vectors without a prediction.
        failed: usize,
    },
}

/// The values of all fitted parameters, vector by vector, from the files of an ensemble.
fn joined(
    setting: &Setting<'_>,
    declaration: &Declaration,
    old: &BTreeMap<String, Posterior>,
) -> Result<Vec<Vec<f64>>, RenewError> {
    let calibration: &Calibration = setting.calibration;
    let files = files(setting, declaration);
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for (index, fitted) in calibration.parameters.iter().enumerate() {
        let incomplete = |preset: &str| RenewError::Incomplete {
            preset: preset.to_owned(),
            id: fitted.id.clone(),
        };
        let file = files.iter().find(|(_, places)| places.contains(&index));
        let (preset, _) = file.ok_or_else(|| incomplete("any subject"))?;
        let posterior = old.get(preset).ok_or_else(|| incomplete(preset))?;
        let place = posterior
            .parameters
            .iter()
            .position(|id| *id == fitted.parameter)
            .ok_or_else(|| incomplete(preset))?;
        let values = posterior.vectors.iter().map(|it| it.values[place]);
        columns.push(values.collect());
    }
    let count = columns.iter().map(Vec::len).min().unwrap_or(0);
    Ok((0..count)
        .map(|row| columns.iter().map(|column| column[row]).collect())
        .collect())
}

/// A fitted parameter as it stands, and what the ensemble leaves open of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// As written in the calibration.
    pub id: String,
    /// Its value.
    pub value: f64,
    /// Its place in its range, 0 to 1 on the scale of the range.
    pub position: f64,
    /// Its quantiles, if there is an ensemble.
    pub open: Option<Range>,
    /// Its standard deviation over that of its prior, in standard coordinates.
    pub spread: Option<f64>,
}

/// All fitted parameters as they stand, with what the ensemble says if there is one.
///
/// # Errors
/// An ensemble that lacks a parameter.
pub fn standings(
    setting: &Setting<'_>,
    declaration: &Declaration,
    old: &BTreeMap<String, Posterior>,
) -> Result<Vec<Standing>, RenewError> {
    let fitted = &setting.calibration.parameters;
    let vectors = if old.is_empty() {
        Vec::new()
    } else {
        joined(setting, declaration, old)?
    };
    let first = old.values().next();
    let weights: Vec<f64> = first.map_or_else(Vec::new, |it| {
        it.vectors.iter().map(|vector| vector.weight).collect()
    });
    let of = |(index, fitted): (usize, &Fitted)| {
        let values: Vec<Option<f64>> = vectors.iter().map(|it| Some(it[index])).collect();
        let standard: Vec<f64> = vectors
            .iter()
            .map(|it| fitted.standard.coordinate(it[index]))
            .collect();
        let weighted = |power: i32, centre: f64| -> f64 {
            let terms = standard.iter().zip(&weights);
            terms.map(|(x, w)| w * (x - centre).powi(power)).sum()
        };
        let centre = weighted(1, 0.0);
        Standing {
            id: fitted.id.clone(),
            value: fitted.value,
            position: fitted.coordinate.position(fitted.value),
            open: (!values.is_empty()).then(|| Range::of(&values, &weights)),
            spread: (!values.is_empty()).then(|| weighted(2, centre).sqrt()),
        }
    };
    Ok(fitted.iter().enumerate().map(of).collect())
}

/// Vectors that are evaluated at once; it changes no result.
const AT_ONCE: usize = 16;

/// The vectors of an ensemble with renewed weights, and the effective number of them. `watch` hears how
/// many more vectors were evaluated, and of how many in all.
///
/// # Errors
/// See [`RenewError`]; whatever `watch` ends it with.
pub fn renew<E: From<RenewError>>(
    setting: &Setting<'_>,
    declaration: &Declaration,
    old: &BTreeMap<String, Posterior>,
    watch: &dyn Fn(u64, u64) -> Result<(), E>,
) -> Result<(Vec<Kept>, f64), E> {
    let vectors = joined(setting, declaration, old)?;
    let count = vectors.len();
    let Some(first) = old.values().next() else {
        return Ok((Vec::new(), 0.0));
    };
    watch(0, count as u64)?;
    let mut predicted = Vec::with_capacity(count);
    for some in vectors.chunks(AT_ONCE) {
        predicted.extend(setting.predict_many(some));
        watch(some.len() as u64, count as u64)?;
    }
    let failed = predicted.iter().filter(|it| it.is_none()).count();
    let mut renewed = Vec::new();
    let mut gains = Vec::new();
    for ((values, predictions), before) in vectors.into_iter().zip(predicted).zip(&first.vectors) {
        if let Some(predictions) = predictions {
            let log_likelihood = setting.log_likelihood(&predictions);
            gains.push(log_likelihood - before.log_likelihood);
            renewed.push(Kept {
                values,
                log_likelihood,
                weight: before.weight,
            });
        }
    }
    let most = gains.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for (kept, gain) in renewed.iter_mut().zip(gains) {
        kept.weight *= Real::exp(gain - most);
    }
    let sum: f64 = renewed.iter().map(|it| it.weight).sum();
    for kept in &mut renewed {
        kept.weight /= sum;
    }
    let squares: f64 = renewed.iter().map(|it| it.weight * it.weight).sum();
    // Of nothing, there is nothing to weigh.
    let effective = if renewed.is_empty() {
        0.0
    } else {
        1.0 / squares
    };
    if effective < LEAST_SHARE * count as f64 {
        return Err(RenewError::TooFew {
            effective,
            all: count,
            failed,
        }
        .into());
    }
    Ok((renewed, effective))
}
