//! The entries of a declaration: what a model may say, one type for each kind of table.

use std::collections::BTreeMap;

use crate::expression::Expression;
use crate::fault::Place;
use crate::reading::Written;
use crate::unit::Unit;

use super::family::Endpoint;

/// What every entry has.
#[derive(Clone, Debug)]
pub struct Common {
    /// One sentence: what it is or does.
    pub says: String,
    /// Ids of evidence rows it rests on.
    pub evidence: Vec<Written<String>>,
    /// Why a number was assumed, if one was.
    pub assumed: Option<String>,
    /// Links of the science documents, as "B1".
    pub link: Vec<String>,
    /// Where the entry's id stands.
    pub place: Place,
}

/// Where things are.
#[derive(Clone, Debug)]
pub struct Compartment {
    /// Sentence and evidence.
    pub common: Common,
    /// The word of the large box of the network map that it lies in: see [`Family::regions`].
    ///
    /// [`Family::regions`]: super::Family::regions
    pub region: String,
}

/// The word of a value in a table of words; empty if it has none.
fn word_of<T: Copy + PartialEq>(words: &'static [(&'static str, T)], value: T) -> &'static str {
    words
        .iter()
        .find(|(_, candidate)| *candidate == value)
        .map_or("", |(word, _)| word)
}

/// The value a species starts with.
#[derive(Clone, Debug)]
pub enum InitialValue {
    /// That of the steady state before the run; the search for it starts at `guess`.
    Steady {
        /// In the unit of the species.
        guess: f64,
    },
    /// A number or an expression of parameters.
    Given(Expression),
}

/// A quantity that processes change.
#[derive(Clone, Debug)]
pub struct Species {
    /// Sentence and evidence.
    pub common: Common,
    /// Id of its compartment.
    pub compartment: Written<String>,
    /// Its unit.
    pub unit: Unit,
    /// Its value at birth.
    pub initial: InitialValue,
    /// Typical magnitude in its unit: the absolute tolerance is a small multiple of it.
    pub scale: f64,
    /// Symbol in equations, in LaTeX; its id if there is none.
    pub symbol: Option<String>,
    /// Short name in figures.
    pub label: Option<String>,
    /// A species that is switched off keeps its initial value (or guess).
    pub enabled: bool,
}

/// Shape of the uncertainty about a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prior {
    /// Normal in the logarithm.
    LogNormal,
    /// Normal in the logit between the ends of the range.
    LogitNormal,
    /// Normal.
    Normal,
    /// Even between the ends of the range.
    Uniform,
    /// Even in the logarithm.
    LogUniform,
    /// Not uncertain: a constant or a choice.
    Fixed,
}

impl Prior {
    /// Every prior with its word in the model files.
    pub const WORDS: &[(&str, Self)] = &[
        ("lognormal", Self::LogNormal),
        ("logitnormal", Self::LogitNormal),
        ("normal", Self::Normal),
        ("uniform", Self::Uniform),
        ("loguniform", Self::LogUniform),
        ("fixed", Self::Fixed),
    ];

    /// Its word in the model files.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }
}

/// Who sets a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A property of the biology or the animal.
    Property,
    /// Set by interventions only; its value is that of no intervention.
    Input,
    /// A property of a group of animals: draws read it, rates do not.
    Group,
}

/// A number of the model.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Sentence and evidence.
    pub common: Common,
    /// Its unit.
    pub unit: Unit,
    /// Its value in that unit.
    pub value: f64,
    /// Lowest and highest plausible value.
    pub range: Option<(f64, f64)>,
    /// Shape of its uncertainty.
    pub prior: Prior,
    /// Coefficient of variation between animals.
    pub between_subject: Option<f64>,
    /// Correlation of the uncertainty with that of other parameters.
    pub correlated_with: BTreeMap<String, f64>,
    /// Who sets it.
    pub role: Role,
    /// Symbol in equations, in LaTeX; its id if there is none.
    pub symbol: Option<String>,
}

/// Something that happens and changes species.
#[derive(Clone, Debug)]
pub struct Process {
    /// Sentence and evidence.
    pub common: Common,
    /// Species and how many of each one turn of the process makes (an expression of parameters).
    pub changes: BTreeMap<String, Expression>,
    /// How often it happens.
    pub rate: Expression,
    /// The unit the rate is reported in and scaled by perturbations.
    pub unit: Unit,
    /// Group in attributions.
    pub pathway: Option<String>,
    /// Whether it happens at all.
    pub enabled: bool,
}

/// A dimensionless factor on processes or assignments; 1 when it is off.
#[derive(Clone, Debug)]
pub struct Modulator {
    /// Sentence and evidence.
    pub common: Common,
    /// The factor.
    pub factor: Expression,
    /// What it multiplies, as "process.x" or "assignment.x".
    pub acts_on: Vec<Written<String>>,
    /// Group in attributions.
    pub pathway: Option<String>,
    /// Whether it acts at all.
    pub enabled: bool,
}

/// A quantity that follows from others at once: quasi-steady or shared.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Sentence and evidence.
    pub common: Common,
    /// Its unit.
    pub unit: Unit,
    /// Its value.
    pub value: Expression,
    /// Id of its compartment.
    pub compartment: Option<Written<String>>,
    /// Symbol in equations, in LaTeX; its id if there is none.
    pub symbol: Option<String>,
    /// Short name in figures; with one and a compartment it is a node of the network map.
    pub label: Option<String>,
}

/// How well a laboratory measures an observable.
#[derive(Clone, Debug)]
pub struct Assay {
    /// What one measurement in one animal looks like.
    pub noise: AssayNoise,
    /// Ids of evidence rows it rests on.
    pub evidence: Vec<Written<String>>,
    /// Why it was assumed, if it was.
    pub assumed: Option<String>,
}

/// The noise of an assay.
#[derive(Clone, Debug, PartialEq)]
pub enum AssayNoise {
    /// Log-normal around the true value, with this coefficient of variation.
    LogNormal(f64),
    /// One of the categories of a count of this name, such as the reads of a sequencer: the counts
    /// are multinomial with probabilities in proportion to the observables that share the name.
    Counts(String),
}

/// What a laboratory measures; rates never read it.
#[derive(Clone, Debug)]
pub struct Observable {
    /// Sentence and evidence.
    pub common: Common,
    /// Its unit.
    pub unit: Unit,
    /// Its value.
    pub value: Expression,
    /// Label in figures.
    pub label: Option<String>,
    /// What a `fold` is a fold of, as figures write it; nothing for the wild type and for other units.
    pub relative_to: Option<String>,
    /// What figures write on its axis in place of the unit, as `points (0–48)`.
    pub axis: Option<String>,
    /// How well it is measured; nothing for what no visit measures.
    pub assay: Option<Assay>,
}

/// Which crossing of zero counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// From below.
    Rising,
    /// From above.
    Falling,
    /// Both.
    Either,
}

impl Crossing {
    /// Every direction with its word in the model files.
    pub const WORDS: &[(&str, Self)] = &[
        ("rising", Self::Rising),
        ("falling", Self::Falling),
        ("either", Self::Either),
    ];

    /// Its word in the model files.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }
}

/// What happens to the run when an event is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It goes on.
    Continues,
    /// It ends.
    Ends,
}

/// A moment that is defined by a quantity crossing zero.
#[derive(Clone, Debug)]
pub struct Event {
    /// Sentence and evidence.
    pub common: Common,
    /// The quantity that crosses zero.
    pub when: Expression,
    /// Which crossing counts.
    pub direction: Crossing,
    /// Whether the run ends there.
    pub ending: Ending,
    /// What it means.
    pub endpoint: Option<Endpoint>,
}

/// How an effect of an intervention changes its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectKind {
    /// The target takes the value.
    Set,
    /// The target is multiplied by the value.
    Scale,
    /// The value is added to the target.
    Add,
}

/// One thing an intervention does.
#[derive(Clone, Debug)]
pub struct Effect {
    /// How.
    pub kind: EffectKind,
    /// Parameter (windows) or species (impulses).
    pub target: Written<String>,
    /// An expression of parameters and `dose`.
    pub value: Expression,
}

/// The unit of a dose and other ways to write the same number.
#[derive(Clone, Debug)]
pub struct Dose {
    /// Its unit; the name `dose` in the effects has it.
    pub unit: Unit,
    /// Texts that stand for the same unit, as "%" for "% w/v".
    pub also: Vec<String>,
    /// The doses that have been studied in animals; beyond them the model extrapolates.
    pub studied: Option<DoseRange>,
    /// The doses that a body survives; beyond them no simulation means anything.
    pub survived: Option<DoseRange>,
}

/// A range of doses, in the unit of the dose, and what it rests on.
#[derive(Clone, Debug)]
pub struct DoseRange {
    /// Lowest dose above none.
    pub from: f64,
    /// Highest dose.
    pub to: f64,
    /// Ids of evidence rows it rests on.
    pub evidence: Vec<Written<String>>,
    /// Why it was assumed, if it was.
    pub assumed: Option<String>,
}

impl DoseRange {
    /// Whether a dose lies inside; none is no dose.
    #[must_use]
    pub fn holds(&self, dose: f64) -> bool {
        dose == 0.0 || (self.from..=self.to).contains(&dose)
    }
}

/// When an intervention acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterventionKind {
    /// From a start to a stop: changes parameters.
    Window,
    /// At one moment, perhaps repeated: changes species.
    Impulse,
}

/// Something an experimenter does; scenarios name it.
#[derive(Clone, Debug)]
pub struct Intervention {
    /// Sentence and evidence.
    pub common: Common,
    /// Its dose.
    pub dose: Dose,
    /// Changes of parameters while the window is open, in order of kind and target.
    pub effects: Vec<Effect>,
    /// Changes of species at the start, in order of kind and target.
    pub impulses: Vec<Effect>,
}

impl Intervention {
    /// A window if it changes parameters, an impulse if it changes species only.
    #[must_use]
    pub fn kind(&self) -> InterventionKind {
        if self.effects.is_empty() {
            InterventionKind::Impulse
        } else {
            InterventionKind::Window
        }
    }
}

/// Another choice of structure where no evidence decides.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What is taken to be otherwise, and why nothing decides.
    pub common: Common,
    /// Values of the model's parameters.
    pub parameters: BTreeMap<String, VariantValue>,
    /// Values of a subject, by subject and parameter.
    pub subjects: BTreeMap<String, BTreeMap<String, VariantValue>>,
    /// Processes and modulators that do not happen.
    pub off: Vec<Written<String>>,
}

/// A value of a parameter under a variant.
#[derive(Clone, Debug)]
pub struct VariantValue {
    /// In the unit of the parameter.
    pub value: f64,
    /// Where it stands.
    pub place: Place,
}

/// A value of a parameter for one kind of animal.
#[derive(Clone, Debug)]
pub struct SubjectValue {
    /// In the unit of the parameter.
    pub value: f64,
    /// Ids of evidence rows it rests on.
    pub evidence: Vec<Written<String>>,
    /// Why it was assumed, if it was.
    pub assumed: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// In what one sex differs from the values of a subject.
#[derive(Clone, Debug)]
pub struct SexDifference {
    /// Parameters are multiplied by these factors.
    pub factors: BTreeMap<String, f64>,
    /// The spread between animals is multiplied by this.
    pub spread: f64,
    /// Ids of evidence rows it rests on.
    pub evidence: Vec<Written<String>>,
    /// Why it was assumed, if it was.
    pub assumed: Option<String>,
}

/// Female or male.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// Both with their words in files.
    pub const WORDS: &[(&str, Self)] = &[("female", Self::Female), ("male", Self::Male)];

    /// Its word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }
}

/// A kind of animal: parameter values of a strain and genotype.
#[derive(Clone, Debug)]
pub struct Subject {
    /// One sentence.
    pub says: String,
    /// As "mouse".
    pub species: Option<String>,
    /// As "B6SJL".
    pub strain: Option<String>,
    /// As "SOD1-G93A".
    pub genotype: Option<String>,
    /// The subject whose values it starts from.
    pub extends: Option<Written<String>>,
    /// Its parameter values, those it inherits included.
    pub parameters: BTreeMap<String, SubjectValue>,
    /// Values under which its steady state before the run and the resting values
    /// are computed, those it inherits included.
    pub steady_as: BTreeMap<String, f64>,
    /// In what its sexes differ from it, what it inherits included; a sex that is not here has the
    /// values of the subject.
    pub sexes: BTreeMap<Sex, SexDifference>,
    /// Where it stands.
    pub place: Place,
}
