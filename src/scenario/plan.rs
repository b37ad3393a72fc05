//! The checked scenario: what is to be simulated, in canonical units.
//!
//! Everything here has been compared with the model: names exist, units agree, times are
//! ordered. Times are ages in days; every other number is in the unit that the model declares
//! for the quantity it is given for. The simulation reads these types and nothing else.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use gutbrain_figures::{Colour, Look, View};
use gutbrain_integrate::Method;
use gutbrain_network::Edits;
pub use gutbrain_network::declaration::SurvivalEndpoint;

use super::course::CoursePlan;
use super::data::DataPlan;
use super::moment::Moment;
use super::sensitivity::SensitivityPlan;
use super::sweep::SweepPlan;
use crate::posterior::Posterior;

/// One checked experiment: a subject, a span of life, and arms that differ by what is done.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Title as shown on the terminal and over figures.
    pub title: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// Who is simulated.
    pub subject: SubjectPlan,
    /// Which ages are written.
    pub simulation: SimulationPlan,
    /// How the equations are solved.
    pub solver: SolverPlan,
    /// What is written.
    pub output: OutputPlan,
    /// Changes of the network that hold for every arm and for the whole life.
    pub edits: Edits,
    /// The arms in the order of the file; the first one is the reference of comparisons.
    pub arms: Vec<Arm>,
    /// The figures in the order of the file.
    pub figures: Vec<FigurePlan>,
    /// How figures look that no `[[figure]]` asks for.
    pub style: Look,
    /// Many animals per arm, if asked for.
    pub cohort: Option<CohortPlan>,
    /// The design of `gutbrain trial`.
    pub trial: TrialPlan,
    /// The design of `gutbrain sweep`, if there is one.
    pub sweep: Option<SweepPlan>,
    /// The design of `gutbrain sensitivity`.
    pub sensitivity: SensitivityPlan,
    /// A laboratory's own data, which change nothing that is simulated.
    pub data: DataPlan,
}

/// A subject of the model and the parameters in which this scenario departs from it.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectPlan {
    /// Name of a file of `model/subjects/`, without its ending.
    pub preset: String,
    /// Parameter id to value, in the unit the model declares for that parameter.
    pub parameters: BTreeMap<String, f64>,
}

/// Many animals per arm.
#[derive(Debug, Clone, PartialEq)]
pub struct CohortPlan {
    /// Animals per arm.
    pub subjects: u64,
    /// The number of the only animal that is wanted, to look at it alone; nothing for all.
    pub only: Option<u64>,
    /// Whether the arms hold the same animals.
    pub pairing: Pairing,
    /// How the animals are chosen.
    pub allocation: AllocationPlan,
    /// Deaths for other reasons than the disease.
    pub other_deaths: OtherDeaths,
    /// What counts as the end of survival.
    pub endpoint: Arc<SurvivalEndpoint>,
    /// Ages at which every living animal is measured, in days.
    pub visits: Vec<f64>,
    /// Where the fitted parameters of its animals come from.
    pub parameters: FittedFrom,
}

impl CohortPlan {
    /// The numbers of the animals of every arm.
    #[must_use]
    pub fn numbers(&self) -> RangeInclusive<u64> {
        self.only
            .map_or(1..=self.subjects, |number| number..=number)
    }
}

/// Where the fitted parameters of animals come from.
#[derive(Debug, Clone, PartialEq)]
pub enum FittedFrom {
    /// The values of the preset.
    Preset,
    /// Vectors of the posterior of the calibration.
    Posterior {
        /// All vectors.
        ensemble: Arc<Posterior>,
        /// How many of them the interval from parameters alone is made of.
        vectors: usize,
    },
}

impl FittedFrom {
    /// Its word in scenario files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Preset => "preset",
            Self::Posterior { .. } => "posterior",
        }
    }
}

/// How animals are chosen from an allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllocationPlan {
    /// Females and males.
    pub sexes: Sexes,
    /// Which animals share a litter.
    pub litters: Litters,
    /// Animals that lost copies of the transgene.
    pub low_copy: LowCopy,
}

/// Whether the arms of a cohort hold the same animals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// Animal i has the same draws in every arm.
    Twins,
    /// Every arm has its own animals.
    Randomised,
}

/// Females and males in an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sexes {
    /// Alternating, a female first.
    Balanced,
    /// By chance.
    Random,
    /// Females only.
    Female,
    /// Males only.
    Male,
}

impl Sexes {
    /// Its word in scenario files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Random => "random",
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// Which animals share a litter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Litters {
    /// Animal i of every arm comes from litter i.
    Matched,
    /// Every animal comes from a litter of its own.
    Single,
    /// Litters go to one arm as a whole.
    ByArm,
}

/// What is done with animals that lost copies of the transgene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LowCopy {
    /// They are found by genotyping and left out.
    Excluded,
    /// Nobody looks.
    Included,
}

/// Deaths for other reasons than the disease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherDeaths {
    /// They happen at the rate that the model declares.
    Included,
    /// None.
    Excluded,
}

impl OtherDeaths {
    /// Its word in scenario files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Excluded => "none",
        }
    }
}

/// The design of `gutbrain trial`.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialPlan {
    /// How many times every experiment is repeated.
    pub replicates: u64,
    /// Animals per arm.
    pub group_sizes: Vec<u64>,
    /// What counts as the end of survival.
    pub endpoint: Arc<SurvivalEndpoint>,
    /// Apparent difference of restricted mean survival whose frequency is reported, in days.
    pub difference: f64,
    /// Two-sided level of the log-rank test.
    pub significance: f64,
    /// Power for which the group size is sought.
    pub power: f64,
    /// Animals simulated in both arms, from which the replicates draw.
    pub pool: u64,
    /// Ways to run the experiment.
    pub designs: Vec<TrialDesign>,
}

/// One way to run an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialDesign {
    /// Its name, unique within the scenario.
    pub name: String,
    /// How its animals are chosen.
    pub allocation: AllocationPlan,
    /// Whether the observer knows the arm.
    pub assessment: Assessment,
    /// Its place among the designs, from 0.
    pub place: usize,
    /// Who enters, how animals are followed, and what is compared.
    pub course: CoursePlan,
}

/// Whether whoever decides on the end knows the arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assessment {
    /// The arm is hidden.
    Blinded,
    /// The arm is known.
    Open,
}

/// The ages that are written. The life itself is always integrated from birth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulationPlan {
    /// First age of the output, in days.
    pub start: f64,
    /// Last age of the output, in days.
    pub stop: f64,
    /// Spacing of the output grid, in days; never changes the solution.
    pub every: f64,
}

impl SimulationPlan {
    /// The ages of the output: `start + k * every`, and `stop` as the last one.
    ///
    /// Each age is computed from its index, so no rounding accumulates along the grid. A last
    /// interval shorter than a millionth of the spacing is folded into `stop`.
    #[must_use]
    pub fn output_times(&self) -> Vec<f64> {
        let mut times = Vec::new();
        let mut index: u32 = 0;
        loop {
            let time = self.start + f64::from(index) * self.every;
            if time >= self.stop - 1e-6 * self.every {
                break;
            }
            times.push(time);
            index += 1;
        }
        times.push(self.stop);
        times
    }
}

/// Method and tolerances of the integration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolverPlan {
    /// The method that is used.
    pub method: Method,
    /// Relative tolerance of the local error.
    pub rtol: f64,
    /// Absolute tolerance per declared `scale` of a species.
    pub atol: f64,
    /// Steps one life may take before it counts as failed.
    pub maximum_steps: usize,
    /// Longest step, in days; bounded by accuracy alone if not given.
    pub maximum_step: Option<f64>,
}

/// Which trajectories reach the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trajectories {
    /// Every species and every observable.
    All,
    /// Only what the figures show.
    Shown,
    /// None.
    None,
}

/// What is written.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputPlan {
    /// Which trajectories reach the results.
    pub trajectories: Trajectories,
    /// Ages on the output grid at which observables are summarised, in days.
    pub ages: Vec<f64>,
    /// Species and observables that the terminal summary shows.
    pub summary: Vec<String>,
    /// Vectors of the posterior that single animals get an interval from; 0 for none.
    pub vectors: usize,
}

/// One arm of the experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Name, unique within the scenario.
    pub name: String,
    /// What is done to this arm, in the order of the file. A zero dose leaves nothing here.
    pub actions: Vec<Action>,
    /// The spans to shade in figures: one per intervention and perturbation that acts.
    pub shading: Vec<Shading>,
}

/// One change of one quantity over a window or at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// What is changed.
    pub target: Target,
    /// How it is changed.
    pub operation: Operation,
    /// By how much.
    pub amount: Amount,
    /// When it is changed.
    pub when: When,
    /// Where this comes from, for messages: `arm "butyrate", intervention butyrate-water`.
    pub origin: String,
}

/// By how much an action changes its target, in the canonical unit of the target.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    /// A number; 0 and without meaning for [`Operation::Off`].
    Given(f64),
    /// What an effect of an intervention comes to at a dose. It may depend on parameters and on
    /// resting values, so every life computes its own.
    OfDose {
        /// Id of the intervention.
        intervention: String,
        /// The dose, in its declared unit.
        dose: f64,
        /// Which of its effects: the position in `Network::intervention_effects`.
        effect: usize,
    },
}

/// What an action changes; ids without their `kind.` prefix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A parameter of the model.
    Parameter(String),
    /// The rate of a process.
    Process(String),
    /// The factor of a modulator (off = 1).
    Modulator(String),
    /// The amount of a species.
    Species(String),
}

impl Target {
    /// The dotted form used in scenario files, e.g. `process.zo1_synthesis`.
    #[must_use]
    pub fn dotted(&self) -> String {
        match self {
            Self::Parameter(id) => format!("parameter.{id}"),
            Self::Process(id) => format!("process.{id}"),
            Self::Modulator(id) => format!("modulator.{id}"),
            Self::Species(id) => format!("species.{id}"),
        }
    }
}

/// How an action changes its target. Where several windows overlap on one target they apply in
/// the order `Set` (and `Off`), `Scale`, `Add`, whatever their order in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Parameter = value; process rate = value; modulator factor = value; a species is held at
    /// the value over a window, or put to it once.
    Set,
    /// The process runs at rate 0; the modulator is 1. Not for parameters and species.
    Off,
    /// Parameter, rate or (for a modulator) distance of the factor from 1 times the value; a
    /// species once times the value.
    Scale,
    /// Parameter, rate or factor plus the value; a species gains the value once, or at this rate
    /// (per day) over a window.
    Add,
}

/// When an action holds.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// At one instant: impulses on species.
    Once {
        /// When.
        at: Moment,
    },
    /// Over the half-open window `[start, stop)`.
    During {
        /// When it begins to hold.
        start: Moment,
        /// From when on it holds no more; infinite for `"end"`.
        stop: Moment,
    },
}

impl When {
    /// At this age.
    #[must_use]
    pub fn at(age: f64) -> Self {
        Self::Once {
            at: Moment::Age(age),
        }
    }

    /// Between these ages.
    #[must_use]
    pub fn between(start: f64, stop: f64) -> Self {
        Self::During {
            start: Moment::Age(start),
            stop: Moment::Age(stop),
        }
    }
}

/// A span of a figure in which something is done to an arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Shading {
    /// Short label, e.g. `butyrate-water 2 %`.
    pub label: String,
    /// The intervention, or the target of the perturbation.
    pub kind: String,
    /// The dose of an intervention, in its declared unit.
    pub dose: Option<f64>,
    /// When it begins.
    pub start: Moment,
    /// When it ends; the stop of the simulation for `"end"`, equal to `start` for impulses.
    pub stop: Moment,
}

/// One figure as asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct FigurePlan {
    /// File name without its ending, unique within the scenario.
    pub name: String,
    /// Kind of picture.
    pub kind: FigureKind,
    /// Species and observables to show, in this order; empty: the choice.
    pub show: Vec<String>,
    /// What the family of the model chooses for this figure.
    pub choice: Vec<String>,
    /// Width, size of the words, title.
    pub look: Look,
    /// The arms that it shows, in this order; empty: all.
    pub arms: Vec<String>,
    /// Colours of arms by their names.
    pub colours: BTreeMap<String, Colour>,
    /// Ages and logarithmic axes.
    pub view: View,
}

impl FigurePlan {
    /// A figure of which nothing is known but its name and its kind.
    #[must_use]
    pub fn plain(name: &str, kind: FigureKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            show: Vec::new(),
            choice: Vec::new(),
            look: Look::default(),
            arms: Vec::new(),
            colours: BTreeMap::new(),
            view: View::default(),
        }
    }
}

/// The kinds of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// One small panel per species or observable, arms as lines.
    Trajectories,
    /// One row per arm from birth over onset to death.
    Endpoints,
    /// The gain of onset and life over the level of the arms: dose or start.
    DoseResponse,
    /// The network: compartments as boxes, processes as arrows.
    NetworkMap,
    /// Kaplan–Meier curves of a cohort, with numbers at risk.
    Survival,
    /// One row per animal of a cohort from birth over onset to its end.
    Events,
    /// The difference of restricted mean survival of every arm of a cohort from the first.
    Forest,
}

impl FigureKind {
    /// Every kind with its word in scenario files. Besides these, the family of a model declares figures that
    /// choose the variables of `trajectories` themselves.
    pub const WORDS: &[(&str, Self)] = &[
        ("trajectories", Self::Trajectories),
        ("endpoints", Self::Endpoints),
        ("dose-response", Self::DoseResponse),
        ("network-map", Self::NetworkMap),
        ("survival", Self::Survival),
        ("events", Self::Events),
        ("forest", Self::Forest),
    ];

    /// Its word in scenario files.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(word, _)| word)
    }

    /// Whether it shows many animals.
    #[must_use]
    pub fn needs_a_cohort(self) -> bool {
        matches!(self, Self::Survival | Self::Events | Self::Forest)
    }

    /// Whether it has an axis of ages of which a part can be shown.
    #[must_use]
    pub fn has_ages(self) -> bool {
        matches!(self, Self::Trajectories | Self::Survival)
    }

    /// Whether it draws arm by arm.
    #[must_use]
    pub fn has_arms(self) -> bool {
        !matches!(self, Self::DoseResponse | Self::NetworkMap)
    }

    /// Whether arms differ by their colour in it.
    #[must_use]
    pub fn has_colours(self) -> bool {
        self.has_arms() && self != Self::Forest
    }

    /// Whether it draws the variables of `show`.
    #[must_use]
    pub fn takes_variables(self) -> bool {
        !matches!(
            self,
            Self::Endpoints
                | Self::DoseResponse
                | Self::NetworkMap
                | Self::Survival
                | Self::Events
                | Self::Forest
        )
    }
}
