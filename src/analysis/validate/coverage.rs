//! How often published values lie in the intervals of what is predicted.
//!
//! For a published value `v ± s` and a prediction whose 90 % interval reaches `h` to the side of `v`, the
//! distance is counted in the standard deviation of a new experiment, `√(s² + (h / 1.645)²)`: the model's
//! uncertainty and that of the measurement. If both are right, half of the values lie within 0.674 of it and
//! nine in ten within 1.645. Directions, nulls and bands have no value to be found in an interval.

use gutbrain_network::declaration::Claim;

use super::Line;
use crate::analysis::uncertainty::HALF_OF_90_PERCENT;

/// Half of the width of a 50 % interval, in standard deviations.
const HALF_OF_50_PERCENT: f64 = 0.674_489_750_196_081_7;

/// Where intervals come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// Exact sensitivities to all uncertain parameters.
    Local,
    /// The vectors of the posterior.
    Posterior,
}

/// How many published values lie in intervals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Values that were compared.
    pub of: usize,
    /// In the 50 % interval of a new experiment.
    pub half: usize,
    /// In the 90 % interval of a new experiment.
    pub nine_in_ten: usize,
}

impl Coverage {
    /// Counts the lines that have a published value and such an interval.
    #[must_use]
    pub fn of<'l>(lines: impl Iterator<Item = &'l Line>, interval: Interval) -> Self {
        let mut found = Self::default();
        for distance in lines.filter_map(|line| distance(line, interval)) {
            found.of += 1;
            found.half += usize::from(distance <= HALF_OF_50_PERCENT);
            found.nine_in_ten += usize::from(distance <= HALF_OF_90_PERCENT);
        }
        found
    }
}

/// How far the published value of a line is off, in standard deviations of a new experiment.
fn distance(line: &Line, interval: Interval) -> Option<f64> {
    let Some(Claim::Point { value, sd }) = line.claim else {
        return None;
    };
    let (centre, low, high) = match interval {
        Interval::Local => {
            let (low, high) = line.interval?;
            (line.predicted?, low, high)
        }
        Interval::Posterior => {
            let range = line.posterior?;
            (range.median?, range.q05?, range.q95?)
        }
    };
    let side = if value < centre {
        centre - low
    } else {
        high - centre
    };
    let model = side / HALF_OF_90_PERCENT;
    let spread = (sd * sd + model * model).sqrt();
    (spread > 0.0).then(|| (value - centre).abs() / spread)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::analysis::range::Range;

    fn line(value: f64) -> Line {
        Line {
            row: "S1-01".to_owned(),
            says: String::new(),
            looked: String::new(),
            unit: "day".to_owned(),
            predicted: Some(100.0),
            // Four standard deviations of the model, and three of the measurement: five in all.
            interval: Some((
                100.0 - 4.0 * HALF_OF_90_PERCENT,
                100.0 + 4.0 * HALF_OF_90_PERCENT,
            )),
            posterior: Some(Range {
                q05: Some(100.0 - 12.0 * HALF_OF_90_PERCENT),
                median: Some(100.0),
                q95: Some(100.0),
                n: 40,
                missing: 0,
            }),
            claim: Some(Claim::Point { value, sd: 3.0 }),
            verdict: Verdict::Agrees,
            fitted: false,
            notes: Vec::new(),
            conflicts: Vec::new(),
            seen_by: Vec::new(),
        }
    }

    #[test]
    fn a_value_is_looked_for_in_the_interval_of_a_new_experiment() {
        let at = |value: f64, interval| {
            let found = Coverage::of([line(value)].iter(), interval);
            (found.of, found.half, found.nine_in_ten)
        };
        for (value, expected) in [
            (100.0, (1, 1, 1)),
            (103.3, (1, 1, 1)),
            (103.5, (1, 0, 1)),
            (91.9, (1, 0, 1)),
            (91.7, (1, 0, 0)),
        ] {
            assert_eq!(at(value, Interval::Local), expected, "{value}");
        }
        // The posterior is open below and closed above.
        assert_eq!(at(91.7, Interval::Posterior), (1, 1, 1));
        assert_eq!(at(104.8, Interval::Posterior), (1, 0, 1));
        assert_eq!(at(105.0, Interval::Posterior), (1, 0, 0));
    }

    #[test]
    fn what_has_no_value_is_not_counted() {
        let mut band = line(100.0);
        band.claim = Some(Claim::Band {
            low: 0.0,
            high: 1.0,
        });
        let mut silent = line(100.0);
        silent.interval = None;
        let found = Coverage::of([band, silent].iter(), Interval::Local);
        assert_eq!(found, Coverage::default());
    }
}
