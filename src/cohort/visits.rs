//! What a laboratory would measure: synthetic longitudinal data with the noise of the assays.
//!
//! At every visit each living animal is measured once. An observable with the variation c gives
//! value · exp(σ z), σ = √ln(1 + c²); observables that are counted together, such as the groups of the
//! flora by 16S reads, give multinomial counts with `sequencing_reads` in all and probabilities in
//! proportion to their values. Every measurement has its own stream: (animal, observable, age).

use gutbrain_network::Declaration;
use gutbrain_network::declaration::AssayNoise;
use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;
use std::collections::BTreeMap;

use super::lives::Member;
use crate::simulate::Population;

/// Reads per sample if the model does not declare `sequencing_reads`.
const READS: f64 = 10_000.0;

/// A measurement of one observable.
#[derive(Debug, Clone, PartialEq)]
pub struct Assay {
    /// Name of the arm.
    pub arm: String,
    /// Number of the animal.
    pub subject: u64,
    /// Age at the visit, in days.
    pub time: f64,
    /// Id of the observable.
    pub variable: String,
    /// Unit of the value: that of the observable, or `reads`.
    pub unit: String,
    /// What was measured.
    pub value: f64,
}

/// The visits of a cohort.
#[derive(Debug, Clone)]
pub struct Visits {
    seed: u64,
    ages: Vec<f64>,
    reads: u64,
    noisy: Vec<(String, f64)>,
    counted: BTreeMap<String, Vec<String>>,
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
        let mut noisy = Vec::new();
        let mut counted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, observable) in &declaration.observables {
            match observable.assay.as_ref().map(|assay| &assay.noise) {
                Some(AssayNoise::LogNormal(variation)) => noisy.push((id.clone(), *variation)),
                Some(AssayNoise::Counts(name)) => {
                    counted.entry(name.clone()).or_default().push(id.clone());
                }
                None => {}
            }
        }
        let reads = population
            .place("sequencing_reads")
            .map_or(READS, |place| population.values()[place]);
        Self {
            seed,
            ages: ages.to_vec(),
            // A whole number of reads.
            reads: reads.round().max(0.0) as u64,
            noisy,
            counted,
        }
    }

    /// The measurements of one animal, visit by visit.
    #[must_use]
    pub fn measure(&self, member: &Member) -> Vec<Assay> {
        let run = &member.run;
        let mut measured = Vec::new();
        for &age in &self.ages {
            let Some(place) = run.times.iter().position(|time| (time - age).abs() <= 1e-9) else {
                continue;
            };
            let record = |variable: &str, unit: &str, value: f64| Assay {
                arm: run.arm.clone(),
                subject: member.animal.number,
                time: age,
                variable: variable.to_owned(),
                unit: unit.to_owned(),
                value,
            };
            for (id, variation) in &self.noisy {
                if let Some(curve) = run.curve(id) {
                    let spread = Real::ln(1.0 + variation * variation).sqrt();
                    let z = self.stream(member, id, age).normal();
                    let value = curve.values[place] * Real::exp(spread * z);
                    measured.push(record(id, &curve.unit, value));
                }
            }
            for (name, ids) in &self.counted {
                let shares: Vec<f64> = ids
                    .iter()
                    .map(|id| {
                        run.curve(id)
                            .map_or(0.0, |curve| curve.values[place].max(0.0))
                    })
                    .collect();
                let counts = draw_counts(&mut self.stream(member, name, age), self.reads, &shares);
                for (id, count) in ids.iter().zip(counts) {
                    measured.push(record(id, "reads", count as f64));
                }
            }
        }
        measured
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

/// Multinomial counts of `total` with probabilities in proportion to `shares`; none without shares.
fn draw_counts(stream: &mut Stream, total: u64, shares: &[f64]) -> Vec<u64> {
    let mut edges = Vec::with_capacity(shares.len());
    let mut sum = 0.0;
    for share in shares {
        sum += share;
        edges.push(sum);
    }
    let mut counts = vec![0; shares.len()];
    if sum <= 0.0 || !sum.is_finite() {
        return counts;
    }
    for _ in 0..total {
        let at = stream.uniform() * sum;
        let place = edges.iter().position(|edge| at < *edge);
        counts[place.unwrap_or(shares.len() - 1)] += 1;
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
