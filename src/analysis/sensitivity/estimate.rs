//! From the values of points to indices, at the whole sample and at parts of it.
//!
//! | method | indices |
//! |---|---|
//! | Sobol | `S1`, `ST`: share of the variance alone, and with others; 95 % bootstrap over rows |
//! | Morris | `mu_star` with a 95 % bootstrap over trajectories; of single inputs `mu`, `sigma` |
//! | PRCC | `prcc` with its 95 % interval, `p_value` |
//!
//! A point without a value takes out what cannot be computed without it: its row (Sobol), its two
//! steps (Morris), itself (PRCC). What was lost is counted.
//!
//! An output that varies by no more than the solver can tell apart has no indices: its variance is that
//! of rounding, and shares of it say nothing about the inputs ([`Study::varies`]).

use gutbrain_statistics::sensitivity::convergence::sizes;
use gutbrain_statistics::sensitivity::{
    Bootstrap, Estimate, Interval, morris, rank_correlation, variance,
};
use rayon::prelude::*;

use super::inputs::DUMMY;
use super::study::{Study, Values};
use crate::scenario::SensitivityMethod;

/// Resamples behind every interval.
const RESAMPLES: u32 = 1000;

/// How often the sample is halved to show whether indices still move.
const HALVINGS: u32 = 5;

/// Every index.
pub const INDICES: [&str; 9] = [
    "S1",
    "ST",
    "mu_star",
    "mu",
    "sigma",
    "prcc",
    "p_value",
    "elasticity",
    "per_sd",
];

/// One number about one input (or group) and one output.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Place of the output.
    pub output: usize,
    /// Name of the input or group.
    pub parameter: String,
    /// What it is: see the module.
    pub index: &'static str,
    /// Its value; `None` where too little is left, or nothing varies beyond the solver's tolerance.
    pub value: Option<f64>,
    /// Lower end of its interval, if it has one; one case has none.
    pub lower: Option<f64>,
    /// Upper end of its interval.
    pub upper: Option<f64>,
    /// Cases that were used.
    pub used: usize,
    /// Cases that were lost to points without a value.
    pub failed: usize,
}

/// The same at a part of the sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Convergence {
    /// Rows from the start of the sample.
    pub size: u64,
    /// The index at that size.
    pub index: Index,
}

/// What a study says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Indices {
    /// From the whole sample, output by output.
    pub all: Vec<Index>,
    /// From growing parts of the sample, the whole one last.
    pub convergence: Vec<Convergence>,
}

impl Index {
    /// Takes the number away, and keeps what it was of.
    pub(super) fn clear(&mut self) {
        (self.value, self.lower, self.upper) = (None, None, None);
    }
}

impl Indices {
    /// The index of an input about an output.
    #[must_use]
    pub fn get(&self, output: usize, parameter: &str, index: &str) -> Option<&Index> {
        self.all.iter().find(|found| {
            found.output == output && found.parameter == parameter && found.index == index
        })
    }
}

/// Estimates every index.
#[must_use]
pub fn estimate(study: &Study<'_>, values: &Values) -> Indices {
    let rows = usize::try_from(study.sample.rows()).unwrap_or(usize::MAX);
    let least = match study.plan().method {
        SensitivityMethod::Sobol => 16,
        SensitivityMethod::Morris => 4,
        SensitivityMethod::Prcc | SensitivityMethod::Local => study.inputs.len() + 10,
    };
    let sizes = sizes(rows, least, HALVINGS);
    let coordinates = match study.plan().method {
        SensitivityMethod::Prcc => columns(study, rows),
        _ => Vec::new(),
    };
    let tasks: Vec<(usize, usize)> = (0..values.outputs.len())
        .flat_map(|output| sizes.iter().map(move |size| (output, *size)))
        .collect();
    let found: Vec<Vec<Index>> = tasks
        .par_iter()
        .map(|&(output, size)| at_size(study, values, &coordinates, output, size))
        .collect();
    let varies = values.outputs.iter().enumerate();
    let varies: Vec<bool> = varies.map(|(place, it)| study.varies(place, it)).collect();
    let mut indices = Indices::default();
    for ((output, size), mut found) in tasks.iter().zip(found) {
        if !varies[*output] {
            found.iter_mut().for_each(Index::clear);
        }
        if *size == rows {
            indices.all.extend(found.iter().cloned());
        }
        indices
            .convergence
            .extend(found.into_iter().map(|index| Convergence {
                size: *size as u64,
                index,
            }));
    }
    indices
}

fn at_size(
    study: &Study<'_>,
    values: &Values,
    coordinates: &[Vec<f64>],
    output: usize,
    size: usize,
) -> Vec<Index> {
    let bootstrap = Bootstrap {
        resamples: RESAMPLES,
        seed: study.seed(),
    };
    let per_row = usize::try_from(study.sample.points_per_row()).unwrap_or(usize::MAX);
    let values = &values.outputs[output];
    let values = &values[..values.len().min(size.saturating_mul(per_row))];
    let names: Vec<&str> = study
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .chain([DUMMY])
        .collect();
    let index = |parameter: &str, index: &'static str, estimate: Estimate| Index {
        output,
        parameter: parameter.to_owned(),
        index,
        value: estimate.interval.map(|interval| interval.value),
        lower: bounded(&estimate).map(|interval| interval.lower),
        upper: bounded(&estimate).map(|interval| interval.upper),
        used: estimate.used,
        failed: estimate.failed,
    };
    // A number without an interval, of the cases of another.
    let plain = |parameter: &str, word: &'static str, value: Option<f64>, like: Estimate| Index {
        value,
        lower: None,
        upper: None,
        ..index(parameter, word, like)
    };
    match study.plan().method {
        SensitivityMethod::Sobol => {
            let found = variance::estimate(study.groups.len(), values, bootstrap);
            let groups = found.groups.iter().zip(&names);
            let shares = groups
                .flat_map(|(it, name)| [index(name, "S1", it.first), index(name, "ST", it.total)]);
            shares.chain([index(DUMMY, "S1", found.noise)]).collect()
        }
        SensitivityMethod::Morris => {
            let steps: Vec<Vec<morris::Step>> = (0..size as u64)
                .map(|number| study.sample.steps(number))
                .collect();
            let values: Vec<Vec<Option<f64>>> = values
                .chunks(per_row.max(1))
                .map(<[Option<f64>]>::to_vec)
                .collect();
            let found = morris::estimate(names.len(), &steps, &values, bootstrap);
            let mut indices = Vec::new();
            for (place, (effects, name)) in found.iter().zip(&names).enumerate() {
                indices.push(index(name, "mu_star", effects.size));
                // Inputs that move together move each in a direction of its own.
                let members = study
                    .groups
                    .get(place)
                    .map_or(1, |group| group.members.len());
                if members == 1 {
                    for (word, value) in [("mu", effects.mean), ("sigma", effects.spread)] {
                        indices.push(plain(name, word, value, effects.size));
                    }
                }
            }
            indices
        }
        SensitivityMethod::Prcc => {
            let parts: Vec<Vec<f64>> = coordinates
                .iter()
                .map(|column| column[..size].to_vec())
                .collect();
            let found = rank_correlation::estimate(&parts, values);
            let mut indices = Vec::new();
            for (coefficient, name) in found.iter().zip(&names) {
                indices.push(index(name, "prcc", coefficient.estimate));
                let (p, like) = (coefficient.p_value, coefficient.estimate);
                indices.push(plain(name, "p_value", p, like));
            }
            indices
        }
        SensitivityMethod::Local => Vec::new(),
    }
}

/// The interval of more than one case: one, drawn again and again, is always itself.
fn bounded(estimate: &Estimate) -> Option<Interval> {
    estimate.interval.filter(|_| estimate.used > 1)
}

/// The coordinates of all points, by input, the dummy last.
fn columns(study: &Study<'_>, rows: usize) -> Vec<Vec<f64>> {
    let points: Vec<Vec<f64>> = (0..rows as u64)
        .flat_map(|row| study.sample.row(row))
        .collect();
    (0..=study.inputs.len())
        .map(|input| points.iter().map(|point| point[input]).collect())
        .collect()
}
