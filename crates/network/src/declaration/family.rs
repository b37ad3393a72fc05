//! [`Family`]: the vocabulary of the subjects of a model.
//!
//! What mice of a strain die of, what a study calls the end of survival, which quantities stand for a model
//! in a summary or a figure, what its species are in public registries: none of it moves a number of a
//! trajectory, and all of it belongs to the model. A file `families/NAME.toml` declares it, so that another
//! animal or disease is another model folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fault::Place;
use crate::reading::Written;

/// The difference of restricted mean survival, in days, that a trial calls large where neither its scenario nor
/// its family says one.
pub(super) const LARGE_DIFFERENCE: f64 = 38.0;

/// The vocabulary of a model.
#[derive(Clone, Debug)]
pub struct Family {
    /// The stem of its file, as `mouse`; empty for a model without one, see [`Family::plain`].
    pub name: String,
    /// One sentence.
    pub says: String,
    /// What results of the family may not be used for, one sentence that every output carries; empty for none.
    pub notice: String,
    /// Words that texts for people say in place of those of the program, as `persons` for `animals`: whole words,
    /// outside of names in backquotes.
    pub words: BTreeMap<String, String>,
    /// What a new scenario begins with.
    pub template: TemplateChoice,
    /// How axes and legends tell time; nothing for ages in days.
    pub clock: Option<ClockChoice>,
    /// What its subjects are in public registries, as `taxonomy:10090`.
    pub identifiers: Vec<String>,
    /// The difference of restricted mean survival that a trial calls large where its scenario does not say one,
    /// in days.
    pub large_difference: f64,
    /// Its endpoints.
    pub endpoints: Arc<EndpointSet>,
    /// What a study may take for the end of survival; the first one holds unless another is asked for.
    pub survival: Vec<Arc<SurvivalEndpoint>>,
    /// The large boxes of the network map, in their order; none if any word may stand.
    pub regions: Vec<Region>,
    /// Observables of a summary that nobody chose, the most telling first.
    pub summary: Vec<String>,
    /// Figures that choose their variables themselves.
    pub figures: Vec<FigureChoice>,
    /// Pathways that only carry what was given: attributions pass through them.
    pub carriers: Vec<String>,
    /// Parameters that draws of animals read.
    pub group: GroupNames,
    /// What species are in public registries, by id, as `CHEBI:17968`. A quantity that a model takes as
    /// quasi-steady, an assignment, may stand here, too: files for other programs annotate species only, and
    /// its identity falls away.
    pub species: BTreeMap<String, Vec<String>>,
}

impl Family {
    /// The vocabulary of a model that declares none: one endpoint for each role, under the word of the role,
    /// survival until the last of them, and no choices of variables.
    #[must_use]
    pub fn plain() -> Self {
        let roles = EndpointRole::WORDS.iter().enumerate();
        let entries = roles.map(|(place, (word, role))| DeclaredEndpoint {
            endpoint: Endpoint::new(place, word),
            says: String::new(),
            role: Some(*role),
            is_brief: true,
        });
        let endpoints = EndpointSet {
            entries: entries.collect(),
        };
        let ends = endpoints.with_role(EndpointRole::Death).cloned();
        let survival = ends.map(|end| {
            Arc::new(SurvivalEndpoint {
                word: end.word().to_owned(),
                says: String::new(),
                first_of: vec![end],
            })
        });
        Self {
            name: String::new(),
            says: String::new(),
            notice: String::new(),
            words: BTreeMap::new(),
            template: TemplateChoice::default(),
            clock: None,
            large_difference: LARGE_DIFFERENCE,
            identifiers: Vec::new(),
            survival: survival.into_iter().collect(),
            endpoints: Arc::new(endpoints),
            regions: Vec::new(),
            summary: Vec::new(),
            figures: Vec::new(),
            carriers: Vec::new(),
            group: GroupNames::default(),
            species: BTreeMap::new(),
        }
    }

    /// The figure of this word.
    #[must_use]
    pub fn figure(&self, word: &str) -> Option<&FigureChoice> {
        self.figures.iter().find(|figure| figure.word == word)
    }

    /// A text for people in the words of the family; names in backquotes stay.
    #[must_use]
    pub fn in_its_words(&self, text: &str) -> String {
        if self.words.is_empty() {
            return text.to_owned();
        }
        let parts = text.split('`').enumerate();
        let parts: Vec<String> = parts
            .map(|(number, part)| match number % 2 {
                0 => self.exchanged(part),
                _ => part.to_owned(),
            })
            .collect();
        parts.join("`")
    }

    fn exchanged(&self, text: &str) -> String {
        let is_part = |character: char| character.is_alphanumeric() || "_-./".contains(character);
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            // A full stop ends a sentence, and is none of the word.
            let bare = word.trim_end_matches('.');
            out.push_str(self.words.get(bare).map_or(bare, String::as_str));
            out.push_str(&word[bare.len()..]);
            let next = after.find(is_part).unwrap_or(after.len());
            out.push_str(&after[..next]);
            rest = &after[next..];
        }
        out
    }

    /// The end of survival of this word; the first one if there is no word, or no such end.
    #[must_use]
    pub fn end_of_survival(&self, word: Option<&str>) -> Arc<SurvivalEndpoint> {
        let mut all = self.survival.iter();
        let asked = all.find(|end| Some(end.word.as_str()) == word);
        let found = asked.or(self.survival.first()).cloned();
        // A family without any is refused when it is read.
        found.unwrap_or_default()
    }
}

/// Something that happens once in a life: its place in the course of disease, and its word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    place: usize,
    word: Arc<str>,
}

impl Endpoint {
    pub(super) fn new(place: usize, word: &str) -> Self {
        Self {
            place,
            word: word.into(),
        }
    }

    /// Its place among the endpoints of its family, from 0.
    #[must_use]
    pub fn place(&self) -> usize {
        self.place
    }

    /// Its word in files.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }

    /// The column of the age at which it is reached, in days: `weight_loss_d`.
    #[must_use]
    pub fn column(&self) -> String {
        format!("{}_d", self.word.replace('-', "_"))
    }
}

/// What an endpoint means to a study, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndpointRole {
    /// The first sign of disease.
    Onset,
    /// The disease ends the life.
    Death,
}

impl EndpointRole {
    /// Every role with its word in the files of families.
    pub const WORDS: &[(&str, Self)] = &[("onset", Self::Onset), ("death", Self::Death)];

    /// Its word in the files of families.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, role)| *role == self);
        found.map_or("", |(word, _)| word)
    }
}

/// An endpoint as it is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredEndpoint {
    /// Place and word.
    pub endpoint: Endpoint,
    /// What it is.
    pub says: String,
    /// What it means to a study; no two have the same role.
    pub role: Option<EndpointRole>,
    /// Whether what a run prints names it.
    pub is_brief: bool,
}

/// The endpoints of a family, in the order of a course of disease.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointSet {
    pub(super) entries: Vec<DeclaredEndpoint>,
}

impl EndpointSet {
    /// All of them.
    #[must_use]
    pub fn entries(&self) -> &[DeclaredEndpoint] {
        &self.entries
    }

    /// All of them without their sentences.
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.entries.iter().map(|entry| &entry.endpoint)
    }

    /// The endpoint with this word.
    #[must_use]
    pub fn find(&self, word: &str) -> Option<&Endpoint> {
        self.iter().find(|endpoint| endpoint.word() == word)
    }

    /// The endpoint with this role, if the family has one.
    #[must_use]
    pub fn with_role(&self, role: EndpointRole) -> Option<&Endpoint> {
        let found = self.entries.iter().find(|entry| entry.role == Some(role));
        found.map(|entry| &entry.endpoint)
    }

    /// The words of all with their roles, as `onset=onset, paralysis`: what readings of lives depend on.
    #[must_use]
    pub fn roles(&self) -> String {
        let entries = self.entries.iter().map(|entry| match entry.role {
            Some(role) => format!("{}={}", entry.endpoint.word(), role.word()),
            None => entry.endpoint.word().to_owned(),
        });
        entries.collect::<Vec<_>>().join(", ")
    }

    /// The word of the endpoint with this role; that of the role if the family has none.
    #[must_use]
    pub fn word_of(&self, role: EndpointRole) -> &str {
        self.with_role(role).map_or(role.word(), Endpoint::word)
    }
}

/// What a study takes for the end of survival.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SurvivalEndpoint {
    /// Its word in scenario files.
    pub word: String,
    /// What it is.
    pub says: String,
    /// It is reached with the first of these.
    pub first_of: Vec<Endpoint>,
}

/// A large box of the network map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its word in the model files.
    pub word: String,
    /// What stands on the map.
    pub label: String,
}

/// A figure that chooses its variables itself, one panel each.
#[derive(Clone, Debug)]
pub struct FigureChoice {
    /// Its word in scenario files.
    pub word: String,
    /// What it shows.
    pub says: String,
    /// Ids of species and observables in the order of the panels.
    pub show: Vec<Written<String>>,
    /// Where it stands.
    pub place: Place,
}

/// What a new scenario begins with, as scenarios write times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateChoice {
    /// First and last age of the output.
    pub ages: [String; 2],
    /// When a treatment begins.
    pub start: String,
}

impl Default for TemplateChoice {
    fn default() -> Self {
        Self {
            ages: ["21 d".to_owned(), "260 d".to_owned()],
            start: "38 d".to_owned(),
        }
    }
}

/// How axes and legends tell time.
#[derive(Clone, Debug)]
pub struct ClockChoice {
    /// Title of an axis, as `Time from expected onset`.
    pub title: String,
    /// What a number is counted from, as `from expected onset`; empty for a life.
    pub since: String,
    /// A unit of time: `month`.
    pub unit: Written<String>,
    /// The parameter with the age from which it is counted; nothing for the beginning of a life.
    pub zero: Option<Written<String>>,
}

/// Ids of the parameters that draws of animals read, by what they mean; what has none does not happen.
#[derive(Clone, Debug, Default)]
pub struct GroupNames {
    /// Share of the variance between animals that litter mates have in common, 0 to 1.
    pub shared_variance: Option<Written<String>>,
    /// Animals that one litter gives to one arm, when litters go to arms as a whole.
    pub size: Option<Written<String>>,
    /// What an animal of the low-copy variant has less of.
    pub copies: Option<Written<String>>,
    /// Share of animals of that variant, 0 to 1.
    pub low_copy_animals: Option<Written<String>>,
    /// What such an animal has left.
    pub copies_left: Option<Written<String>>,
    /// Rate of deaths for other reasons than the disease, per day.
    pub other_deaths: Option<Written<String>>,
    /// Days by which an observer who knows the arms sees the end later in the treated arm.
    pub observer_shift: Option<Written<String>>,
    /// Reads of one sample of a sequencer.
    pub reads: Option<Written<String>>,
}

impl GroupNames {
    /// Every meaning, as its key is written, with the id of the parameter that has it.
    #[must_use]
    pub fn entries(&self) -> [(&'static str, &Option<Written<String>>); 8] {
        [
            ("shared_variance", &self.shared_variance),
            ("size", &self.size),
            ("copies", &self.copies),
            ("low_copy_animals", &self.low_copy_animals),
            ("copies_left", &self.copies_left),
            ("other_deaths", &self.other_deaths),
            ("observer_shift", &self.observer_shift),
            ("reads", &self.reads),
        ]
    }
}
