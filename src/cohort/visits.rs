//! What a laboratory would measure: synthetic longitudinal data with the noise of the assays.
//!
//! At every visit each living animal is measured once. An observable with the variation c gives
//! value · exp(σ z), σ = √ln(1 + c²); observables that are counted together, such as the groups of the
//! flora by 16S reads, give multinomial counts with the declared reads in all and probabilities in
//! proportion to their values. Every measurement has its own stream: (animal, observable, age).

use gutbrain_network::Declaration;
use gutbrain_network::declaration::AssayNoise;
use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;
use std::collections::BTreeMap;

use super::lives::Member;
use crate::simulate::Population;

/// Reads per sample if the family of the model names no parameter for them.
const READS: f64 = 10_000.0;

/// A measurement of one observable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assay {
    /// Place of the arm.
    pub arm: usize,
    /// Number of the animal.
    pub subject: u64,
    /// Age at the visit, in days.
    pub time: f64,
    /// Place of the observable in [`Visits::measured`].
    pub measured: usize,
    /// What was measured.
    pub value: f64,
}

/// What is measured at a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Id of the observable.
    pub id: String,
    /// Unit of the values: that of the observable, or `reads`.
    pub unit: String,
}

/// The visits of a cohort.
#[derive(Debug, Clone)]
pub struct Visits {
    seed: u64,
    ages: Vec<f64>,
    reads: u64,
    measured: Vec<Measured>,
    /// Places of observables with their variation.
    noisy: Vec<(usize, f64)>,
    /// Places of observables that are counted together, under a name.
    counted: BTreeMap<String, Vec<usize>>,
}

impl Visits {
    /// Visits at these ages, with the assays that the model declares.
    #[must_use]
    pub fn new(
        seed: u64,
        ages: &[f64],
        declaration: &Declaration,
        population: &Population,
    ) -> Self {
        let mut measured = Vec::new();
        let mut noisy = Vec::new();
        let mut counted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (id, observable) in &declaration.observables {
            let place = measured.len();
            let unit = match observable.assay.as_ref().map(|assay| &assay.noise) {
                Some(AssayNoise::LogNormal(variation)) => {
                    noisy.push((place, *variation));
                    observable.unit.to_string()
                }
                Some(AssayNoise::Counts(name)) => {
                    counted.entry(name.clone()).or_default().push(place);
                    "reads".to_owned()
                }
                None => continue,
            };
            let id = id.clone();
            measured.push(Measured { id, unit });
        }
        let named = declaration.family.group.reads.as_ref();
        let reads = named
            .and_then(|reads| population.place(&reads.value))
            .map_or(READS, |place| population.values()[place]);
        Self {
            seed,
            ages: ages.to_vec(),
            // A whole number of reads.
            reads: reads.round().max(0.0) as u64,
            measured,
            noisy,
            counted,
        }
    }

    /// What is measured.
    #[must_use]
    pub fn measured(&self) -> &[Measured] {
        &self.measured
    }

    /// The measurements of one animal of the arm at place `arm`, visit by visit.
    #[must_use]
    pub fn measure(&self, member: &Member, arm: usize) -> Vec<Assay> {
        let run = &member.run;
        let mut assays = Vec::new();
        for &age in &self.ages {
            let Some(at) = run.times.iter().position(|time| (time - age).abs() <= 1e-9) else {
                continue;
            };
            let mut record = |measured: usize, value: f64| {
                assays.push(Assay {
                    arm,
                    subject: member.animal.number,
                    time: age,
                    measured,
                    value,
                });
            };
            let value = |place: usize| {
                let value = run.curve(&self.measured[place].id)?.values[at];
                // What is undefined is not measured.
                Some(value).filter(|value| value.is_finite())
            };
            for &(place, variation) in &self.noisy {
                if let Some(value) = value(place) {
                    let z = self.stream(member, &self.measured[place].id, age).normal();
                    record(place, shown(value, variation, z));
                }
            }
            for (name, places) in &self.counted {
                let shares = places
                    .iter()
                    .map(|&place| value(place).unwrap_or(0.0).max(0.0));
                let shares: Vec<f64> = shares.collect();
                let counts = draw_counts(&mut self.stream(member, name, age), self.reads, &shares);
                for (&place, count) in places.iter().zip(counts) {
                    record(place, count as f64);
                }
            }
        }
        assays
    }

    fn stream(&self, member: &Member, what: &str, age: f64) -> Stream {
        // Twins are the same animals, but no measurement is made twice.
        let arm = &member.run.arm;
        Stream::new(
            self.seed,
            &format!("assay/{arm}/{what}/{age}"),
            member.animal.number,
        )
    }
}

/// What an assay of this coefficient of variation shows of a value, with z standard normal.
#[must_use]
pub(crate) fn shown(value: f64, variation: f64, z: f64) -> f64 {
    let spread = Real::ln(1.0 + variation * variation).sqrt();
    value * Real::exp(spread * z)
}

/// Multinomial counts of `total` with probabilities in proportion to `shares`; none without shares. Group
/// by group, how many of the reads that are left are of it.
fn draw_counts(stream: &mut Stream, total: u64, shares: &[f64]) -> Vec<u64> {
    let mut rest: f64 = shares.iter().sum();
    if rest <= 0.0 || !rest.is_finite() {
        return vec![0; shares.len()];
    }
    let mut left = total;
    let mut counts: Vec<u64> = shares
        .iter()
        .map(|share| {
            let count = stream.binomial(left, share / rest);
            rest -= share;
            left -= count;
            count
        })
        .collect();
    // Rounding of the last share may leave some: they are of the last group that has any.
    let last = shares.iter().rposition(|&share| share > 0.0);
    if let Some(last) = last {
        counts[last] += left;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_multinomial() {
        let mut stream = Stream::new(1, "counts", 0);
        let shares = [0.5, 0.3, 0.0, 0.2];
        let counts = draw_counts(&mut stream, 100_000, &shares);
        assert_eq!(counts.iter().sum::<u64>(), 100_000);
        assert_eq!(counts[2], 0);
        for (count, share) in counts.iter().zip(shares) {
            let expected = 1e5 * share;
            let deviation = (*count as f64 - expected).abs();
            assert!(
                deviation <= 4.0 * (expected * (1.0 - share)).sqrt(),
                "{counts:?}"
            );
        }
        assert_eq!(draw_counts(&mut stream, 10, &[0.0, 0.0]), [0, 0]);
    }
}
