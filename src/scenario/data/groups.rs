//! Animals in rows: the values of one arm, quantity and age become their mean with the spread between them.

use gutbrain_numbers::Real;
use gutbrain_statistics::samples;

use super::{Likelihood, Measurement, Spread, SpreadKind};

/// One measurement for the rows of every arm, quantity and age, in the order of the first of them, whose line it
/// keeps; a single row has no spread. Where values scatter by factors the mean is geometric.
pub(super) fn grouped(rows: Vec<Measurement>) -> Vec<Measurement> {
    let mut groups: Vec<(Measurement, Vec<f64>)> = Vec::new();
    for row in rows {
        let same = |known: &Measurement| {
            (&known.arm, &known.id) == (&row.arm, &row.id) && known.age.total_cmp(&row.age).is_eq()
        };
        match groups.iter_mut().find(|(known, _)| same(known)) {
            Some((_, values)) => values.push(row.value),
            None => groups.push((row.clone(), vec![row.value])),
        }
    }
    groups
        .into_iter()
        .map(|(first, values)| mean(first, &values))
        .collect()
}

fn mean(first: Measurement, values: &[f64]) -> Measurement {
    let by_factors = first.likelihood == Likelihood::LogNormal;
    let scale = |value: &f64| if by_factors { Real::ln(*value) } else { *value };
    let scaled: Vec<f64> = values.iter().map(scale).collect();
    let mean = samples::mean(&scaled).unwrap_or(first.value);
    let deviation = samples::standard_deviation(&scaled).filter(|it| *it > 0.0);
    let (value, size) = if by_factors {
        let value = Real::exp(mean);
        let variation = deviation.map(|sd| (Real::exp(sd * sd) - 1.0).sqrt());
        (value, variation.map(|variation| variation * value))
    } else {
        (mean, deviation)
    };
    Measurement {
        value,
        spread: size.map(|size| Spread {
            kind: SpreadKind::Deviation,
            size,
        }),
        animals: Some(values.len() as u64),
        ..first
    }
}
