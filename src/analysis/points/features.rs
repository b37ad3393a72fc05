//! What is read off the lives of a point besides onset and end.

use gutbrain_network::{Fault, Faults};

use crate::scenario::WrittenText;
use crate::simulate::feature::{Against, Reading};
use crate::simulate::{Feature, Missing};

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

impl Question {
    /// Reads texts in the grammar of features; `arms` are the arms that they may name after `vs`.
    ///
    /// # Errors
    /// Texts that are no features, and arms that do not exist.
    pub fn read(texts: &[WrittenText], arms: &[String]) -> Result<Self, Faults> {
        let mut question = Self::default();
        let mut faults = Vec::new();
        for written in texts {
            match Feature::parse("", &written.text) {
                Ok(feature) => match question.add(&feature, arms) {
                    Ok(()) => {}
                    Err(message) => {
                        let help = format!("arms: {}", arms.join(", "));
                        faults.push(Fault::new("unknown-arm", message, &written.place).help(help));
                    }
                },
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
    /// What is wrong, in words, when it is compared with an arm that does not exist.
    pub fn add(&mut self, feature: &Feature, arms: &[String]) -> Result<(), String> {
        let place = |name: &String| {
            arms.iter()
                .position(|arm| arm == name)
                .ok_or_else(|| format!("`{feature}`: the scenario has no arm `{name}`"))
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

    /// The features of one arm, given the readings of all arms of the point.
    pub(super) fn answer(
        &self,
        arm: usize,
        readings: &[Vec<Result<f64, Missing>>],
    ) -> Vec<Result<f64, Missing>> {
        let of = |arm: usize, place: usize| readings[arm][place].clone();
        let all = self.against.iter().enumerate();
        all.map(|(place, compared)| {
            let own = of(arm, place)?;
            let value = match *compared {
                Compared::Alone => own,
                Compared::Difference(other) => own - of(other, place)?,
                Compared::Ratio(other) => own / of(other, place)?,
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
