//! How many failed runs a study may have.

use std::str::FromStr;

use super::Counts;

/// How many failed runs are tolerated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// So many.
    Number(usize),
    /// So many of a hundred.
    Percent(f64),
}

/// A text that says no tolerance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a number of runs nor a share such as 1%")]
pub struct NoTolerance(String);

impl FromStr for Tolerance {
    type Err = NoTolerance;

    fn from_str(text: &str) -> Result<Self, NoTolerance> {
        let wrong = || NoTolerance(text.to_owned());
        match text.strip_suffix('%') {
            Some(share) => match share.trim().parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Self::Percent(percent)),
                _ => Err(wrong()),
            },
            None => text.trim().parse().map(Self::Number).map_err(|_| wrong()),
        }
    }
}

impl Tolerance {
    /// Whether more failed than may.
    #[must_use]
    pub fn is_exceeded(self, counts: Counts) -> bool {
        match self {
            Self::Number(most) => counts.failed > most,
            #[expect(
                clippy::cast_precision_loss,
                reason = "counts of runs are far below 2^53"
            )]
            Self::Percent(percent) => {
                counts.failed as f64 * 100.0 > percent * counts.requested as f64
            }
        }
    }
}
