//! Questions: the features that a sweep or a study reads off every life, checked when they are read.

use gutbrain_network::declaration::Declaration;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::{Code, Fault, Faults};

use super::feature::{Compared, Feature, Reading};
use super::names::{Names, Owner};
use super::sweep::WrittenText;

/// Features that are read off every arm of every point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Question {
    names: Vec<String>,
    readings: Vec<Reading>,
    compared: Vec<Compared>,
}

/// Whom a question is put to.
pub(super) struct Asked<'a> {
    pub(super) declaration: &'a Declaration,
    /// The arms, which features may name after `vs`.
    pub(super) arms: &'a [String],
    /// First and last age at which values can be read; not known where they differ between points.
    pub(super) ages: Option<(f64, f64)>,
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
    /// Reads texts in the grammar of features, each with an id before it if it has one:
    ///
    /// ```text
    /// asked = [ID "="] feature
    /// ```
    ///
    /// The id, or else the feature, is the name of its column: each has one of its own.
    ///
    /// # Errors
    /// Texts that are no features; arms, observables or species that do not exist; names that are taken.
    pub(super) fn read(
        texts: &[WrittenText],
        subject: &Asked<'_>,
        taken: &mut Names,
    ) -> Result<Self, Faults> {
        let mut question = Self::default();
        let mut faults = Vec::new();
        for written in texts {
            let mut refuse = |code, Objection { message, help }| {
                let fault = Fault::new(code, message, &written.place);
                faults.push(fault.maybe_help(help));
            };
            let (id, text) = match split_id(&written.text) {
                Ok(parts) => parts,
                Err(objection) => {
                    refuse(Code::NoFeature, objection);
                    continue;
                }
            };
            let feature = match Feature::parse("", text, &subject.declaration.family.endpoints) {
                Ok(feature) => feature,
                Err(fault) => {
                    refuse(Code::NoFeature, fault.to_string().into());
                    continue;
                }
            };
            let name = id.map_or_else(|| feature.to_string(), str::to_owned);
            if let Err(objection) = question.add_named(name.clone(), &feature, subject) {
                refuse(Code::NoFeature, objection);
            } else if let Some(owner) = taken.take(&name, Owner::Feature) {
                refuse(Code::Repeated, clash(&name, id.is_some(), owner));
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
    pub(super) fn add(&mut self, feature: &Feature, asked: &Asked<'_>) -> Result<(), Objection> {
        self.add_named(feature.to_string(), feature, asked)
    }

    fn add_named(
        &mut self,
        column: String,
        feature: &Feature,
        asked: &Asked<'_>,
    ) -> Result<(), Objection> {
        let (declaration, arms) = (asked.declaration, asked.arms);
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
        if let Some((start, stop)) = asked.ages {
            let mut ages = feature.reading.ages().into_iter();
            if let Some(age) = ages.find(|age| !(start..=stop).contains(age)) {
                return Err(format!("{age} d is no age between {start} d and {stop} d").into());
            }
        }
        let place = |name: &str| {
            let found = arms.iter().position(|arm| arm == name);
            found.ok_or_else(|| Objection {
                message: format!("`{feature}`: the scenario has no arm `{name}`"),
                help: Some(format!("arms: {}", arms.join(", "))),
            })
        };
        let compared = feature.against.among(place)?;
        self.names.push(column);
        self.readings.push(feature.reading.clone());
        self.compared.push(compared);
        Ok(())
    }

    /// Whether the feature at a place is a ratio, which has no unit.
    #[must_use]
    pub fn is_ratio(&self, place: usize) -> bool {
        matches!(self.compared.get(place), Some(Compared::Ratio(_)))
    }

    /// What every reading is compared with.
    #[must_use]
    pub fn compared(&self) -> &[Compared] {
        &self.compared
    }

    /// The names of the features: their ids, or their texts.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What is read off every arm.
    #[must_use]
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }
}

/// The id of a feature, if it has one, and its text. What stands before a `=` is an id if it is one word:
/// names of arms stand behind other words.
fn split_id(text: &str) -> Result<(Option<&str>, &str), Objection> {
    let Some((id, feature)) = text.split_once('=') else {
        return Ok((None, text));
    };
    let id = id.trim();
    if id.contains(char::is_whitespace) {
        return Ok((None, text));
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if id.starts_with(|first: char| first.is_ascii_alphabetic()) && id.chars().all(plain) {
        return Ok((Some(id), feature));
    }
    Err(Objection {
        message: format!("`{id}` is no name for a column"),
        help: Some("use letters, digits and `_`, a letter first: `peak = maximum …`".to_owned()),
    })
}

/// Why a name cannot be taken again.
fn clash(name: &str, is_id: bool, owner: Owner) -> Objection {
    let message = match owner {
        Owner::Feature if is_id => format!("two features are called `{name}`"),
        Owner::Feature => format!("`{name}` is asked twice"),
        Owner::Table => format!("the table has a column `{name}` already"),
        Owner::Factor => format!("a factor is called `{name}` already"),
    };
    let help = match owner {
        Owner::Feature if !is_id => "remove one of them",
        _ => "give it a name of its own: `NAME = FEATURE`",
    };
    Objection {
        message,
        help: Some(help.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::split_id;

    #[test]
    fn an_id_is_one_word_before_an_equals_sign() {
        let split = |text| split_id(text).map_err(|it| it.message);
        assert_eq!(split("death"), Ok((None, "death")));
        assert_eq!(split("end = death"), Ok((Some("end"), " death")));
        assert_eq!(split("end_2=death"), Ok((Some("end_2"), "death")));
        let arm = "difference death vs dose = 2";
        assert_eq!(split(arm), Ok((None, arm)));
        for wrong in ["2nd = death", " = death", "a-b = death", "\u{e4} = death"] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }
}
