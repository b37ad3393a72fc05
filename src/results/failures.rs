//! Failed lives in words: which one it was, why, and what to set to live it again.

use std::fmt;

use crate::scenario::{Factor, Setting};

/// A life that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedLife {
    /// Number of the point of a sweep.
    pub point: Option<u64>,
    /// Name of its arm.
    pub arm: String,
    /// Number of the animal, of a cohort.
    pub subject: Option<u64>,
    /// Number of its vector of the posterior, if it has one.
    pub vector: Option<u64>,
    /// What a scenario must set so that a run of it lives this life again, as `--set` takes it.
    pub settings: Vec<String>,
    /// Why it failed.
    pub reason: String,
}

impl fmt::Display for FailedLife {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(point) = self.point {
            write!(f, "point {point}, ")?;
        }
        write!(f, "arm `{}`", self.arm)?;
        if let Some(subject) = self.subject {
            write!(f, ", animal {subject}")?;
        }
        match self.vector {
            Some(vector) => write!(f, ", vector {vector} of the posterior")?,
            None if self.point.is_none() => f.write_str(", parameters of the preset")?,
            None => {}
        }
        write!(f, ": {}", self.reason)
    }
}

impl FailedLife {
    /// The command that lives it again from the resolved scenario of its results, for a shell; `options` are those
    /// that name the model.
    #[must_use]
    pub fn command(&self, scenario: &str, options: &[String]) -> String {
        let mut words = vec!["gutbrain", "run", scenario];
        for setting in &self.settings {
            words.extend(["--set", setting]);
        }
        words.extend(options.iter().map(String::as_str));
        let words: Vec<String> = words.into_iter().map(quoted).collect();
        words.join(" ")
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=,+:@".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A factor at a value, as `--set` takes it.
#[must_use]
pub fn assignment(factor: &Factor, setting: &Setting) -> String {
    // `PRESET/NAME` is a parameter of whichever preset is run.
    let name = factor.name.rsplit('/').next().unwrap_or(&factor.name);
    match setting {
        Setting::Number(number) if !factor.unit.is_empty() && factor.unit != "1" => {
            format!("{name}={number} {}", factor.unit)
        }
        other => format!("{name}={other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_with_blanks_and_quotes_stay_one_word() {
        assert_eq!(quoted("cohort.only=17"), "cohort.only=17");
        assert_eq!(quoted("arm.drug.dose=2 %"), "'arm.drug.dose=2 %'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("$HOME"), "'$HOME'");
        assert_eq!(quoted(""), "''");
    }
}
