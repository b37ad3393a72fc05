//! Remarks on many lives, gathered: one sentence for each matter and arm.

use std::collections::BTreeMap;

use crate::simulate::{ArmRun, EndOfLife, Matter, Remark};

/// Remarks while they are gathered.
#[derive(Debug, Clone, Default)]
pub struct Remarks {
    /// By matter and the place of the arm: lives that it concerns, and the earliest age.
    found: BTreeMap<(Matter, usize), (u64, f64)>,
    arms: Vec<String>,
    /// Lives of each arm.
    lives: Vec<u64>,
    /// How long the longest life lasted, in days; infinite once one was not seen to its end.
    longest: f64,
}

/// So many times the longest life is too long for the output.
const TOO_LONG: f64 = 2.0;

impl Remarks {
    /// Those on some lives.
    #[must_use]
    pub fn of<'r>(runs: impl IntoIterator<Item = &'r ArmRun>) -> Self {
        let mut remarks = Self::default();
        runs.into_iter().for_each(|run| remarks.add(run));
        remarks
    }

    /// Takes those on one more life.
    pub fn add(&mut self, run: &ArmRun) {
        let known = self.arms.iter().position(|arm| *arm == run.arm);
        let arm = known.unwrap_or_else(|| {
            self.arms.push(run.arm.clone());
            self.lives.push(0);
            self.arms.len() - 1
        });
        self.lives[arm] += 1;
        let lasted = match run.endpoints.event {
            // Nobody knows how long a life that failed would have lasted.
            EndOfLife::Censored | EndOfLife::Failed => f64::INFINITY,
            EndOfLife::Death | EndOfLife::OtherDeath => run.endpoints.last_d,
        };
        self.longest = if lasted > self.longest {
            lasted
        } else {
            self.longest
        };
        for Remark { matter, age } in &run.remarks {
            let entry = self.found.entry((matter.clone(), arm));
            let (lives, first) = entry.or_insert((0, f64::INFINITY));
            *lives += 1;
            *first = if *age < *first { *age } else { *first };
        }
    }

    /// One sentence each, of an output that goes to this age.
    #[must_use]
    pub fn sentences(&self, stop: f64) -> Vec<String> {
        let empty = !self.lives.is_empty() && stop > TOO_LONG * self.longest;
        let beyond = empty.then(|| {
            format!(
                "no life lasts longer than {} d: the output goes on to {stop} d with nothing in it",
                rounded(self.longest)
            )
        });
        let sentence = |((matter, arm), (lives, age)): (&(Matter, usize), &(u64, f64))| {
            let all = self.lives[*arm];
            let arm = &self.arms[*arm];
            let who = match all {
                1 => format!("arm `{arm}`"),
                _ => format!("arm `{arm}`, {lives} of {all} animals"),
            };
            match matter {
                Matter::DeadAtBirth(event) => format!(
                    "{who}: dead at birth: `{event}` lies beyond its threshold from the start"
                ),
                Matter::BeyondFromBirth(event) => format!(
                    "{who}: `{event}` lies beyond its threshold from birth to the end and is never \
                     crossed: it has no age"
                ),
                Matter::EndedBeforeOutput(event) => format!(
                    "{who}: `{event}` at {} d, before the output begins: there are no curves",
                    rounded(*age)
                ),
                Matter::NeverBegan(word) => format!(
                    "{who}: `{word}` was not reached: what was to begin then was never done"
                ),
                Matter::NeverEnded(word) => {
                    format!("{who}: `{word}` was not reached: what was to end then went on")
                }
                Matter::NeverOpened(word) => format!(
                    "{who}: what was to begin or to end with `{word}` was over before it began: it was \
                     never done"
                ),
                Matter::Undefined(observable) => format!(
                    "{who}: `{observable}` is undefined (not a finite number) from {} d: its cells \
                     are empty there",
                    rounded(*age)
                ),
            }
        };
        self.found.iter().map(sentence).chain(beyond).collect()
    }
}

/// An age to a thousandth of a day.
fn rounded(age: f64) -> f64 {
    (age * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_counted_by_matter_and_arm() {
        let mut remarks = Remarks::default();
        let undefined = |age| Remark {
            matter: Matter::Undefined("quotient".to_owned()),
            age,
        };
        remarks.arms = vec!["control".to_owned(), "drug".to_owned()];
        remarks.lives = vec![3, 1];
        remarks.longest = 70.0;
        let once = Remark {
            matter: Matter::DeadAtBirth("death".to_owned()),
            age: 0.0,
        };
        remarks
            .found
            .insert((undefined(31.0).matter, 0), (2, 30.000_04));
        remarks.found.insert((once.matter, 1), (1, 0.0));
        assert_eq!(
            remarks.sentences(100.0),
            [
                "arm `drug`: dead at birth: `death` lies beyond its threshold from the start",
                "arm `control`, 2 of 3 animals: `quotient` is undefined (not a finite number) from \
                 30 d: its cells are empty there",
            ]
        );
        // A grave is no plot.
        let said = remarks.sentences(21_900.0);
        assert_eq!(said.len(), 3);
        assert_eq!(
            said[2],
            "no life lasts longer than 70 d: the output goes on to 21900 d with nothing in it"
        );
    }
}
