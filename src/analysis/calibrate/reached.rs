//! How many starts of a fit found the lowest objective, and why the others did not.

use std::fmt;

use super::report::StartLine;

/// An objective this much above the lowest one counts as the same.
const SAME: f64 = 0.01;

/// Starts by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// All starts.
    pub starts: usize,
    /// Ended within 1 % of the lowest objective.
    pub lowest: usize,
    /// Stopped above it by the limit of evaluations.
    pub unfinished: usize,
    /// Converged above it: another bottom, or a plain on which the objective hardly falls.
    pub elsewhere: usize,
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
            let count = match start.objective {
                None => &mut reached.without_value,
                Some(objective) if objective <= (1.0 + SAME) * lowest => &mut reached.lowest,
                Some(_) if start.converged => &mut reached.elsewhere,
                Some(_) => &mut reached.unfinished,
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
            "{lowest} of {starts} starts ended within 1 % of the lowest objective"
        )?;
        let others = [
            (
                self.unfinished,
                "were stopped above it by the limit of evaluations",
            ),
            (self.elsewhere, "converged above it"),
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

    #[test]
    fn every_start_is_counted_once_and_the_sentence_says_why() {
        let start = |objective, converged| StartLine {
            objective,
            converged,
            evaluations: 1,
            failures: 0,
            ended: String::new(),
        };
        let starts = [
            start(Some(5.0), true),
            start(Some(5.04), false),
            start(Some(5.06), false),
            start(Some(7.0), true),
            start(None, false),
        ];
        assert_eq!(
            Reached::of(&starts).to_string(),
            "2 of 5 starts ended within 1 % of the lowest objective; 1 were stopped above it by the \
             limit of evaluations; 1 converged above it; 1 had no value where they started"
        );
        assert_eq!(Reached::of(&[]), Reached::default());
    }
}
