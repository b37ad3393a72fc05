//! How many starts of a fit found the lowest objective, and why the others did not.

use std::fmt;

use super::least_squares::GAIN;
use super::report::{StartLine, Termination};

/// An objective this share above the lowest one counts as the same.
const SAME: f64 = 0.01;
/// And so does one this much above it, in units of the log-likelihood: what the end of a fit may be off. Where
/// the data are met exactly, objectives are rounding, and their ratios say nothing.
const NOTHING: f64 = GAIN;

/// Starts by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// All starts.
    pub starts: usize,
    /// Ended within 1 %, or 0.0002, of the lowest objective.
    pub lowest: usize,
    /// Stopped above it by the limit of evaluations.
    pub unfinished: usize,
    /// Converged above it: another bottom, or a plain on which the objective hardly falls.
    pub elsewhere: usize,
    /// Found nothing better above it, and yet no bottom.
    pub stalled: usize,
    /// Had no value where they started.
    pub without_value: usize,
}

impl Reached {
    /// Counts the starts of a fit.
    #[must_use]
    pub fn of(starts: &[StartLine]) -> Self {
        let objectives = starts.iter().filter_map(|start| start.objective);
        let lowest = objectives.fold(f64::INFINITY, f64::min);
        let mut reached = Self {
            starts: starts.len(),
            ..Self::default()
        };
        for start in starts {
            let limit = lowest + NOTHING.max(SAME * lowest);
            let count = match (start.objective, start.termination) {
                (None, _) => &mut reached.without_value,
                (Some(objective), _) if objective <= limit => &mut reached.lowest,
                (Some(_), Termination::Bottom) => &mut reached.elsewhere,
                (Some(_), Termination::Limit) => &mut reached.unfinished,
                (Some(_), _) => &mut reached.stalled,
            };
            *count += 1;
        }
        reached
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { starts, lowest, .. } = self;
        write!(
            f,
            "{lowest} of {starts} starts ended within 1 % (or {NOTHING}) of the lowest objective"
        )?;
        let others = [
            (
                self.unfinished,
                "were stopped above it by the limit of evaluations",
            ),
            (self.elsewhere, "converged above it"),
            (
                self.stalled,
                "found nothing better above it, and no minimum",
            ),
            (self.without_value, "had no value where they started"),
        ];
        for (count, words) in others {
            if count > 0 {
                write!(f, "; {count} {words}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(objective: Option<f64>, termination: Termination) -> StartLine {
        StartLine {
            objective,
            termination,
            evaluations: 1,
            failures: 0,
        }
    }

    #[test]
    fn every_start_is_counted_once_and_the_sentence_says_why() {
        let starts = [
            start(Some(5.0), Termination::Bottom),
            start(Some(5.04), Termination::Limit),
            start(Some(5.06), Termination::Limit),
            start(Some(7.0), Termination::Bottom),
            start(Some(9.0), Termination::Stalled(3.0)),
            start(None, Termination::NoValue),
        ];
        assert_eq!(
            Reached::of(&starts).to_string(),
            "2 of 6 starts ended within 1 % (or 0.0002) of the lowest objective; 1 were stopped above it \
             by the limit of evaluations; 1 converged above it; 1 found nothing better above it, and no \
             minimum; 1 had no value where they started"
        );
        assert_eq!(Reached::of(&[]), Reached::default());
    }

    /// Objectives of exact fits differ by orders of magnitude and are all nothing.
    #[test]
    fn objectives_of_rounding_size_are_the_same() {
        for lowest in [0.0, 1e-300, 3e-25, 1e-9] {
            let all: Vec<StartLine> = [0.0, 1e-28, 4e-23, 1e-16, 1e-7]
                .map(|more| start(Some(lowest + more), Termination::Bottom))
                .to_vec();
            assert_eq!(Reached::of(&all).lowest, all.len(), "{lowest}");
        }
        let apart = [1e-20, 0.01].map(|it| start(Some(it), Termination::Bottom));
        assert_eq!(Reached::of(&apart).lowest, 1);
    }
}
