//! Parts of a sweep, for many machines.

use std::fmt;
use std::str::FromStr;

/// A part of a sweep: so many of its points in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    of: u64,
}

/// A text that is no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no shard: write I/N with I from 1 to N, such as 3/8")]
pub struct ShardError(String);

impl Shard {
    /// The whole sweep.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> u64 {
        self.number
    }

    /// How many there are.
    #[must_use]
    pub fn of(self) -> u64 {
        self.of
    }

    /// Whether it is all of the sweep.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self == Self::WHOLE
    }

    /// First and last of so many points, from 1; none if the last is smaller.
    #[must_use]
    pub fn points(self, all: u64) -> (u64, u64) {
        let end = |number: u64| {
            let points = u128::from(all) * u128::from(number) / u128::from(self.of);
            u64::try_from(points).unwrap_or(all)
        };
        (end(self.number - 1) + 1, end(self.number))
    }

    /// As it is noted beside results: `I/N`, and nothing for the whole.
    #[must_use]
    pub fn noted(self) -> String {
        if self.is_whole() {
            String::new()
        } else {
            self.to_string()
        }
    }

    /// The shard of what [`Shard::noted`] gives.
    ///
    /// # Errors
    /// [`ShardError`] if it is anything else.
    pub fn from_note(text: &str) -> Result<Self, ShardError> {
        match text {
            "" => Ok(Self::WHOLE),
            text => text.parse(),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let explain = || ShardError(text.to_owned());
        let (number, of) = text.split_once('/').ok_or_else(explain)?;
        let read = |part: &str| part.trim().parse::<u64>().map_err(|_| explain());
        let shard = Self {
            number: read(number)?,
            of: read(of)?,
        };
        if (1..=shard.of).contains(&shard.number) {
            Ok(shard)
        } else {
            Err(explain())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_hold_every_point_once() {
        for all in [0, 1, 2, 7, 100, u64::MAX / 2] {
            for of in [1, 2, 3, 8, 1000] {
                let mut next = 1;
                for number in 1..=of {
                    let shard: Shard = format!("{number}/{of}").parse().unwrap();
                    let (first, last) = shard.points(all);
                    assert_eq!(first, next, "{shard} of {all}");
                    next = last + 1;
                }
                assert_eq!(next, all + 1, "{of} shards of {all}");
            }
        }
    }

    #[test]
    fn what_is_noted_is_read_again() {
        for text in ["", "3/8", "8/8"] {
            assert_eq!(Shard::from_note(text).unwrap().noted(), text);
        }
        for text in ["0/3", "4/3", "x", "1/0", "1", "-1/2", "1/2/3"] {
            let refused = text.parse::<Shard>();
            assert_eq!(refused, Err(ShardError(text.to_owned())));
        }
    }
}
