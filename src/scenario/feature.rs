//! Features: single numbers read off the life of a subject, for calibration, sweeps and sensitivity.
//!
//! Written as in calibration files:
//!
//! ```text
//! feature  = simple | "difference" simple "vs" ARM | "ratio" simple "vs" ARM
//! simple   = ENDPOINT                               age at it, in days
//!          | "life"                                      age at death, or at the end of the scenario
//!          | "observable" NAME "at" AGE
//!          | "slope" NAME "from" AGE "to" AGE            per day
//!          | "relative slope" NAME "from" AGE "to" AGE   per day, of the mean absolute value
//!          | "maximum" NAME "from" AGE "to" AGE          of the curve itself, between outputs too
//!          | "minimum" NAME "from" AGE "to" AGE
//!          | "area" NAME "from" AGE "to" AGE             unit × days, the integral of the curve
//!          | "duration" ENDPOINT "to" ENDPOINT           days between two endpoints
//! ```
//!
//! ENDPOINT is an endpoint of the family of the model; NAME is an observable or a species; AGE is in days (`60`, `60 d`). Extremes and areas are taken from
//! the solution within every step, whatever grid the output has; around an impulse both sides count. The
//! derivative of a maximum is that of the value at the place of the maximum.

use std::collections::BTreeSet;
use std::fmt;

use gutbrain_integrate::Measure;
pub use gutbrain_network::declaration::{Endpoint, EndpointRole, EndpointSet};

/// What is read off one arm.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Age at an endpoint, in days.
    Age(Endpoint),
    /// Age at death, or at the end of the scenario if death is not reached before it: unlike the age
    /// at death it is known of every life, in days.
    Life,
    /// Value of an observable or species at an age.
    Value {
        /// Id of the observable or species.
        name: String,
        /// Age in days.
        age: f64,
    },
    /// Mean change per day over a span.
    Slope(Span),
    /// The same, relative to the mean of the absolute values at both ends.
    RelativeSlope(Span),
    /// Largest value in a span, ends included.
    Maximum(Span),
    /// Smallest value in a span, ends included.
    Minimum(Span),
    /// Area under the curve in a span; unit of the value × days.
    Area(Span),
    /// Days between two endpoints.
    Duration {
        /// The earlier one.
        from: Endpoint,
        /// The later one.
        to: Endpoint,
    },
}

/// An observable or species between two ages.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Id of the observable or species.
    pub name: String,
    /// First age, in days.
    pub from: f64,
    /// Last age, in days.
    pub to: f64,
}

/// How a reading of one arm is compared with that of another.
#[derive(Debug, Clone, PartialEq)]
pub enum Against {
    /// The reading itself.
    Nothing,
    /// Minus the reading of this arm.
    Difference(String),
    /// Divided by the reading of this arm.
    Ratio(String),
}

/// The same with the arm as a place among the arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The reading itself.
    Alone,
    /// Minus the reading of this arm.
    Difference(usize),
    /// Divided by the reading of this arm.
    Ratio(usize),
}

impl Against {
    /// The arm that a reading is compared with, if any.
    #[must_use]
    pub fn arm(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Difference(arm) | Self::Ratio(arm) => Some(arm),
        }
    }

    /// The same by places; `place` finds that of an arm.
    ///
    /// # Errors
    /// That of `place`.
    pub fn among<E>(&self, place: impl FnOnce(&str) -> Result<usize, E>) -> Result<Compared, E> {
        Ok(match self {
            Self::Nothing => Compared::Alone,
            Self::Difference(arm) => Compared::Difference(place(arm)?),
            Self::Ratio(arm) => Compared::Ratio(place(arm)?),
        })
    }
}

/// A number to be read off an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// The arm it is read off.
    pub arm: String,
    /// What is read.
    pub reading: Reading,
    /// The arm it is compared with.
    pub against: Against,
}

/// A feature that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no feature: {cause}; write `life`, {endpoints}, `observable NAME at AGE`, \
     `slope NAME from AGE to AGE`, `relative slope …`, `maximum …`, `minimum …`, `area …`, \
     `duration ENDPOINT to ENDPOINT`, or `difference … vs ARM`, `ratio … vs ARM`"
)]
pub struct FeatureFault {
    /// The text as written.
    pub text: String,
    /// What is wrong with it.
    pub cause: String,
    /// The endpoints that there are, each in ticks.
    pub endpoints: String,
}

impl Feature {
    /// Reads the text of a feature of `arm`; `endpoints` are those of the model's family.
    ///
    /// # Errors
    /// When the text does not follow the grammar above.
    pub fn parse(arm: &str, text: &str, endpoints: &EndpointSet) -> Result<Feature, FeatureFault> {
        let fault = |cause: String| {
            let known = endpoints.iter().map(|known| format!("`{}`", known.word()));
            FeatureFault {
                text: text.to_owned(),
                cause,
                endpoints: known.collect::<Vec<_>>().join(", "),
            }
        };
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let comparison = match words.first() {
            Some(&word @ ("difference" | "ratio")) => {
                words.remove(0);
                Some(word)
            }
            _ => None,
        };
        let against = match comparison {
            None => Against::Nothing,
            Some(word) => {
                // Arm names may contain blanks: everything after the last "vs".
                let at = words
                    .iter()
                    .rposition(|&word| word == "vs")
                    .ok_or_else(|| fault(format!("`{word}` needs `vs ARM`")))?;
                let other = words[at + 1..].join(" ");
                words.truncate(at);
                if other.is_empty() {
                    return Err(fault("the arm after `vs` is missing".to_owned()));
                }
                if word == "ratio" {
                    Against::Ratio(other)
                } else {
                    Against::Difference(other)
                }
            }
        };
        let reading = Reading::parse(&words.join(" "), endpoints).map_err(fault)?;
        Ok(Feature {
            arm: arm.to_owned(),
            reading,
            against,
        })
    }

    /// The arms that must be simulated.
    pub(crate) fn arms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.arm.as_str()).chain(self.against.arm())
    }
}

impl Reading {
    /// Reads a feature of one arm that is compared with none; `endpoints` are those of the model's family.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str, endpoints: &EndpointSet) -> Result<Reading, String> {
        let words: Vec<&str> = text
            .split_whitespace()
            .filter(|&word| word != "d")
            .collect();
        if let [word] = words[..]
            && let Some(endpoint) = endpoints.find(word)
        {
            return Ok(Reading::Age(endpoint.clone()));
        }
        match words[..] {
            ["life"] => Ok(Reading::Life),
            ["observable" | "species", id, "at", age] => Ok(Reading::Value {
                name: id.to_owned(),
                age: read_age(age)?,
            }),
            ["slope", id, "from", from, "to", to] => Ok(Reading::Slope(read_span(id, from, to)?)),
            ["relative", "slope", id, "from", from, "to", to] => {
                Ok(Reading::RelativeSlope(read_span(id, from, to)?))
            }
            ["maximum", id, "from", from, "to", to] => {
                Ok(Reading::Maximum(read_span(id, from, to)?))
            }
            ["minimum", id, "from", from, "to", to] => {
                Ok(Reading::Minimum(read_span(id, from, to)?))
            }
            ["area", id, "from", from, "to", to] => Ok(Reading::Area(read_span(id, from, to)?)),
            ["duration", from, "to", to] => {
                let endpoint = |word: &str| {
                    let found = endpoints.find(word).cloned();
                    found.ok_or_else(|| format!("`{word}` is no endpoint"))
                };
                let (from, to) = (endpoint(from)?, endpoint(to)?);
                if from < to {
                    Ok(Reading::Duration { from, to })
                } else {
                    Err("the duration ends before it begins".to_owned())
                }
            }
            _ => Err("these words have no meaning in this order".to_owned()),
        }
    }
}

fn read_age(word: &str) -> Result<f64, String> {
    let digits = word.strip_suffix('d').unwrap_or(word);
    match digits.parse::<f64>() {
        Ok(age) if age.is_finite() && age >= 0.0 => Ok(age),
        _ => Err(format!("`{word}` is no age in days")),
    }
}

fn read_span(name: &str, from: &str, to: &str) -> Result<Span, String> {
    let (from, to) = (read_age(from)?, read_age(to)?);
    if to > from {
        Ok(Span {
            name: name.to_owned(),
            from,
            to,
        })
    } else {
        Err("the span ends before it begins".to_owned())
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reading::Age(endpoint) => f.write_str(endpoint.word()),
            Reading::Life => f.write_str("life"),
            Reading::Value { name, age } => write!(f, "observable {name} at {age} d"),
            Reading::Slope(span) => write!(f, "slope {span}"),
            Reading::RelativeSlope(span) => write!(f, "relative slope {span}"),
            Reading::Maximum(span) => write!(f, "maximum {span}"),
            Reading::Minimum(span) => write!(f, "minimum {span}"),
            Reading::Area(span) => write!(f, "area {span}"),
            Reading::Duration { from, to } => {
                write!(f, "duration {} to {}", from.word(), to.word())
            }
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {} d to {} d", self.name, self.from, self.to)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.against {
            Against::Nothing => write!(f, "{}", self.reading),
            Against::Difference(arm) => write!(f, "difference {} vs {arm}", self.reading),
            Against::Ratio(arm) => write!(f, "ratio {} vs {arm}", self.reading),
        }
    }
}

impl Reading {
    /// The observable or species it reads, if any.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Reading::Age(_) | Reading::Life | Reading::Duration { .. } => None,
            Reading::Value { name, .. } => Some(name),
            Reading::Slope(span)
            | Reading::RelativeSlope(span)
            | Reading::Maximum(span)
            | Reading::Minimum(span)
            | Reading::Area(span) => Some(&span.name),
        }
    }

    /// Those endpoints of `all` that it needs.
    pub(crate) fn endpoints(&self, all: &EndpointSet) -> Vec<Endpoint> {
        match self {
            Reading::Age(endpoint) => vec![endpoint.clone()],
            Reading::Life => all
                .with_role(EndpointRole::Death)
                .cloned()
                .into_iter()
                .collect(),
            Reading::Duration { from, to } => vec![from.clone(), to.clone()],
            _ => Vec::new(),
        }
    }

    /// The ages between which the curve is read; values at these ages are needed.
    pub(crate) fn ages(&self) -> Vec<f64> {
        match self {
            Reading::Age(_) | Reading::Life | Reading::Duration { .. } => Vec::new(),
            Reading::Value { age, .. } => vec![*age],
            Reading::Slope(span)
            | Reading::RelativeSlope(span)
            | Reading::Maximum(span)
            | Reading::Minimum(span)
            | Reading::Area(span) => vec![span.from, span.to],
        }
    }

    /// What is wanted of the curve over a span, if it is more than the values at its ends.
    pub(crate) fn measure(&self) -> Option<(Measure, &Span)> {
        match self {
            Reading::Maximum(span) => Some((Measure::Maximum, span)),
            Reading::Minimum(span) => Some((Measure::Minimum, span)),
            Reading::Area(span) => Some((Measure::Area, span)),
            _ => None,
        }
    }
}

/// All ages that the readings of one arm need, ascending and distinct.
pub(crate) fn ages_of<'a>(readings: impl Iterator<Item = &'a Reading>) -> Vec<f64> {
    // Bits of non-negative floats sort as the floats do.
    let bits: BTreeSet<u64> = readings.flat_map(Reading::ages).map(f64::to_bits).collect();
    bits.into_iter().map(f64::from_bits).collect()
}
