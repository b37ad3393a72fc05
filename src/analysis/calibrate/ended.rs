//! A start that has ended, and the same as text, so that a fit can go on after an interruption.
//!
//! ```text
//! objective
//! evaluations,failures,termination
//! coordinates…
//! ```
//!
//! Numbers round-trip: a start that was read back is the same bits as one that was just searched.

use super::report::{StartLine, Termination};

/// One start that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Free coordinates of its end.
    pub point: Vec<f64>,
    /// What is reported of it.
    pub line: StartLine,
}

impl Ended {
    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let StartLine {
            objective,
            evaluations,
            failures,
            termination,
        } = &self.line;
        let objective = objective.map_or_else(String::new, |value| format!("{value:?}"));
        format!(
            "{objective}\n{evaluations},{failures},{}\n{}\n",
            word(*termination),
            numbers(&self.point)
        )
    }

    /// Reads a text; `None` if it is damaged.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let objective = match lines.next()? {
            "" => None,
            number => Some(number.parse().ok()?),
        };
        let (evaluations, rest) = lines.next()?.split_once(',')?;
        let (failures, end) = rest.split_once(',')?;
        let line = StartLine {
            objective,
            evaluations: evaluations.parse().ok()?,
            failures: failures.parse().ok()?,
            termination: termination(end)?,
        };
        Some(Self {
            point: read_numbers(lines.next()?)?,
            line,
        })
    }
}

/// A termination as a word of its own.
pub(super) fn word(termination: Termination) -> String {
    match termination {
        Termination::Bottom => "bottom".to_owned(),
        Termination::Limit => "limit".to_owned(),
        Termination::Stalled(gain) => format!("stalled {gain:?}"),
        Termination::NoDerivative => "no derivative".to_owned(),
        Termination::NoValue => "no value".to_owned(),
    }
}

/// The termination of such a word.
pub(super) fn termination(word: &str) -> Option<Termination> {
    Some(match word.split_once(' ') {
        None if word == "bottom" => Termination::Bottom,
        None if word == "limit" => Termination::Limit,
        Some(("stalled", gain)) => Termination::Stalled(gain.parse().ok()?),
        Some(("no", "derivative")) => Termination::NoDerivative,
        Some(("no", "value")) => Termination::NoValue,
        _ => return None,
    })
}

/// Numbers with commas between them.
pub(super) fn numbers(all: &[f64]) -> String {
    let all: Vec<String> = all.iter().map(|number| format!("{number:?}")).collect();
    all.join(",")
}

/// The numbers of such a line; `None` if one of them is none.
pub(super) fn read_numbers(line: &str) -> Option<Vec<f64>> {
    if line.is_empty() {
        return Some(Vec::new());
    }
    line.split(',').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_reads_back_to_the_bit_and_a_damaged_one_not_at_all() {
        for (objective, termination) in [
            (Some(0.1 + 0.2), Termination::Bottom),
            (Some(1e-300), Termination::Limit),
            (Some(5.0), Termination::Stalled(0.1 / 3.0)),
            (Some(f64::MIN_POSITIVE), Termination::NoDerivative),
            (None, Termination::NoValue),
        ] {
            let ended = Ended {
                point: vec![1.0 / 3.0, -1e300, 0.0],
                line: StartLine {
                    objective,
                    evaluations: 80,
                    failures: 3,
                    termination,
                },
            };
            let text = ended.to_text();
            assert_eq!(Ended::read(&text), Some(ended));
            assert_eq!(Ended::read(&text.replace(',', ";")), None);
            let (head, _) = text.trim_end().rsplit_once('\n').expect("three lines");
            assert_eq!(Ended::read(head), None);
        }
        assert_eq!(Ended::read(""), None);
    }
}
