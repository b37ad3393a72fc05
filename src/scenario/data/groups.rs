//! Rows of one arm, quantity and age: animals become their mean with the spread between them, and of means
//! there is one.

use std::collections::BTreeMap;

use gutbrain_network::Code;
use gutbrain_numbers::Real;
use gutbrain_statistics::samples;

use super::rows::Reader;
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

/// Refuses two means of one quantity at one age of one arm: they are of two experiments, or one by mistake.
pub(super) fn refuse_repeated(reader: &Reader<'_>, found: &[Measurement]) {
    let mut lines: BTreeMap<(&str, &str, u64), usize> = BTreeMap::new();
    let of_many = |it: &&Measurement| {
        let spread = it.spread.filter(|spread| spread.kind != SpreadKind::Assay);
        spread.is_some() || it.animals.is_some()
    };
    let means = found.iter().filter(of_many);
    for row in means {
        let key = (row.arm.as_str(), row.id.as_str(), row.age.to_bits());
        if let Some(first) = lines.insert(key, row.line) {
            let message = format!(
                "line {} of `{}` is a second mean of `{}` in arm `{}` at {} d; the first is in line {first}",
                row.line, row.file, row.id, row.arm, row.age
            );
            let help = "remove one of them; two experiments stand in two files, single animals without `n` and spread";
            let place = &reader.table.get("file").unwrap_or(reader.table).place;
            reader.refuse(Code::Repeated, place, message, help);
        }
    }
}
