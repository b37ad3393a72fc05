//! What is read off the lives of a point besides onset and end.

use gutbrain_network::declaration::Declaration;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::{Fault, Faults};

use crate::scenario::WrittenText;
use crate::simulate::feature::{Against, Reading};
use crate::simulate::{Feature, Missing, Resolution};

/// Features that are read off every arm of every point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Question {
    names: Vec<String>,
    readings: Vec<Reading>,
    against: Vec<Compared>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Compared {
    Alone,
    Difference(usize),
    Ratio(usize),
}

/// Why something cannot be asked, and what may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// What is wrong.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
}

impl From<String> for Objection {
    fn from(message: String) -> Self {
        Self {
            message,
            help: None,
        }
    }
}

impl Question {
    /// Reads texts in the grammar of features; `arms` are the arms that they may name after `vs`.
    ///
    /// # Errors
    /// Texts that are no features, and arms, observables or species that do not exist.
    pub fn read(
        texts: &[WrittenText],
        arms: &[String],
        declaration: &Declaration,
    ) -> Result<Self, Faults> {
        let mut question = Self::default();
        let mut faults = Vec::new();
        for written in texts {
            match Feature::parse("", &written.text) {
                Ok(feature) => {
                    if let Err(Objection { message, help }) =
                        question.add(&feature, arms, declaration)
                    {
                        let fault = Fault::new("no-feature", message, &written.place);
                        faults.push(fault.maybe_help(help));
                    }
                }
                Err(fault) => {
                    faults.push(Fault::new("no-feature", fault.to_string(), &written.place));
                }
            }
        }
        if faults.is_empty() {
            Ok(question)
        } else {
            Err(faults.into_iter().collect())
        }
    }

    /// Adds a feature; the arm that it names as its own has no meaning here.
    ///
    /// # Errors
    /// When it is of something that the model does not have, or compared with an arm that does not exist.
    pub fn add(
        &mut self,
        feature: &Feature,
        arms: &[String],
        declaration: &Declaration,
    ) -> Result<(), Objection> {
        let (observables, species) = (&declaration.observables, &declaration.species);
        if let Some(name) = feature.reading.name()
            && !observables.contains_key(name)
            && !species.contains_key(name)
        {
            let known = observables.keys().chain(species.keys());
            return Err(Objection {
                message: format!("the model has no observable or species `{name}`"),
                help: did_you_mean(name, known.map(String::as_str)),
            });
        }
        let place = |name: &String| {
            let found = arms.iter().position(|arm| arm == name);
            found.ok_or_else(|| Objection {
                message: format!("`{feature}`: the scenario has no arm `{name}`"),
                help: Some(format!("arms: {}", arms.join(", "))),
            })
        };
        let compared = match &feature.against {
            Against::Nothing => Compared::Alone,
            Against::Difference(arm) => Compared::Difference(place(arm)?),
            Against::Ratio(arm) => Compared::Ratio(place(arm)?),
        };
        self.names.push(feature.to_string());
        self.readings.push(feature.reading.clone());
        self.against.push(compared);
        Ok(())
    }

    /// The features as texts.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What is read off every arm.
    #[must_use]
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// The features of one arm, given the readings of all arms of the point and the sizes that their
    /// errors are relative to. What the solver cannot tell apart does not differ.
    pub(super) fn answer(
        &self,
        arm: usize,
        readings: &[Vec<Result<f64, Missing>>],
        scales: &[Vec<f64>],
        resolution: Resolution,
    ) -> Vec<Result<f64, Missing>> {
        let of = |arm: usize, place: usize| readings[arm][place].clone();
        let is_one = |place: usize, own: f64, other: usize, value: f64| {
            let scale = scales[arm][place].max(scales[other][place]);
            resolution.is_one_at(own, value, scale)
        };
        let all = self.against.iter().enumerate();
        all.map(|(place, compared)| {
            let own = of(arm, place)?;
            let value = match *compared {
                Compared::Alone => own,
                Compared::Difference(other) => match of(other, place)? {
                    value if is_one(place, own, other, value) => 0.0,
                    value => own - value,
                },
                Compared::Ratio(other) => match of(other, place)? {
                    // Nothing over nothing is still no number.
                    value if value.abs() > 0.0 && is_one(place, own, other, value) => 1.0,
                    value => own / value,
                },
            };
            if value.is_finite() {
                Ok(value)
            } else {
                Err(Missing::NotFinite)
            }
        })
        .collect()
    }
}
