//! [`Network`]: a declaration compiled to straight-line programs over any [`Real`].

mod lanes;

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_native::MadeOnce;
use gutbrain_numbers::Real;

use crate::compile::{self, InterventionProgram, Program, Tape};
use crate::declaration::{Crossing, Declaration, EffectKind, Ending, Endpoint};
use crate::fault::Faults;
use crate::unit::Unit;

pub use lanes::PreparedLanes;

/// What a scenario changes in the structure of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// Switches for "process.x" and "modulator.x" that win over the declaration.
    pub enabled: BTreeMap<String, bool>,
    /// Processes that get the parameters `process.X.scale` (1) and `process.X.add` (0).
    pub adjustable_processes: BTreeSet<String>,
    /// Modulators that get `modulator.X.strength` (1) and `modulator.X.add` (0).
    pub adjustable_modulators: BTreeSet<String>,
    /// Species that get `species.X.free` (1) and `species.X.inflow` (0, unit per day).
    pub adjustable_species: BTreeSet<String>,
}

/// A component of the state.
#[derive(Clone, Debug)]
pub struct SpeciesSlot {
    /// Its id.
    pub id: String,
    /// Its unit.
    pub unit: Unit,
    /// Typical magnitude in its unit.
    pub scale: f64,
}

/// A parameter of the compiled network, implicit ones included.
#[derive(Clone, Debug)]
pub struct ParameterSlot {
    /// Its id, as "zo1_turnover", "resting.zo1_ileum" or "process.x.scale".
    pub id: String,
    /// Its unit.
    pub unit: Unit,
    /// Its declared value; NaN for resting values, which come from the settled state.
    pub value: f64,
}

/// A process that takes part in the compiled network.
#[derive(Clone, Debug)]
pub struct ProcessSlot {
    /// Its id.
    pub id: String,
    /// Unit of its rate.
    pub unit: Unit,
    /// Group in attributions.
    pub pathway: Option<String>,
    /// Species it changes, by index, in order.
    pub changes: Vec<usize>,
}

/// An assignment or an observable.
#[derive(Clone, Debug)]
pub struct ValueSlot {
    /// Its id.
    pub id: String,
    /// Its unit.
    pub unit: Unit,
    /// Label in figures; its id if it has none.
    pub label: String,
}

/// An event.
#[derive(Clone, Debug)]
pub struct EventSlot {
    /// Its id.
    pub id: String,
    /// Which crossing counts.
    pub direction: Crossing,
    /// Whether the run ends there.
    pub ending: Ending,
    /// What it means.
    pub endpoint: Option<Endpoint>,
    /// Whether its value is linear in the state.
    pub linear: bool,
}

/// The value a species starts with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial<R> {
    /// That of the steady state; the search starts here.
    Steady {
        /// Start of the search.
        guess: R,
    },
    /// This value.
    Value(R),
}

/// What an effect of an intervention acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A parameter, by index.
    Parameter(usize),
    /// A species, by index.
    Species(usize),
}

/// An effect of an intervention at a given dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectValue<R> {
    /// How the target changes.
    pub kind: EffectKind,
    /// What changes.
    pub target: Target,
    /// By how much, in the unit of the target (a pure number for [`EffectKind::Scale`]).
    pub value: R,
}

/// Parameter values, everything that depends on them only, and working registers.
///
/// Made by [`Network::prepare`] and good for that network only (not for its
/// [`Network::settling`]). To change parameters, prepare again.
#[derive(Clone, Debug)]
pub struct Prepared<R> {
    registers: Vec<R>,
}

/// How the initial value of a species is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InitialSlot {
    Steady,
    Value,
}

/// All programs of a network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Programs {
    derivative: Program,
    jacobian: Program,
    process_rates: Program,
    contributions: Program,
    assignments: Program,
    observables: Program,
    event_values: Program,
    initial: Program,
    resting: Program,
}

impl Programs {
    /// Programs in the order of the fields.
    pub(crate) fn from_list(list: Vec<Program>) -> Self {
        let mut list = list.into_iter();
        let mut next = || list.next().unwrap_or_default();
        Self {
            derivative: next(),
            jacobian: next(),
            process_rates: next(),
            contributions: next(),
            assignments: next(),
            observables: next(),
            event_values: next(),
            initial: next(),
            resting: next(),
        }
    }
}

/// A compiled network.
#[derive(Clone, Debug)]
pub struct Network {
    /// Components of the state, in order of ids.
    pub species: Vec<SpeciesSlot>,
    /// Parameters, in order of ids.
    pub parameters: Vec<ParameterSlot>,
    /// Processes that take part, in order of ids.
    pub processes: Vec<ProcessSlot>,
    /// Assignments, in order of ids.
    pub assignments: Vec<ValueSlot>,
    /// Observables, in order of ids.
    pub observables: Vec<ValueSlot>,
    /// Events, in order of ids.
    pub events: Vec<EventSlot>,
    /// Parameters named "resting.X", by index, in the order of [`Network::resting_values`].
    pub resting: Vec<usize>,
    pub(crate) initial: Vec<InitialSlot>,
    pub(crate) interventions: BTreeMap<String, InterventionProgram>,
    pub(crate) settling: Option<Box<Self>>,
    pub(crate) row_starts: Vec<usize>,
    pub(crate) columns: Vec<usize>,
    pub(crate) tape: Tape,
    pub(crate) programs: Programs,
    pub(crate) native: MadeOnce<lanes::NativePrograms>,
}

impl Declaration {
    /// Compiles the model with the changes of a scenario.
    ///
    /// # Errors
    /// Edits that name nothing the model has.
    pub fn compile(&self, edits: &Edits) -> Result<Network, Faults> {
        compile::compile(self, edits)
    }
}

/// Position of an id in slots that are in order of ids.
fn find<T>(slots: &[T], id_of: impl Fn(&T) -> &str, id: &str) -> Option<usize> {
    slots.binary_search_by(|slot| id_of(slot).cmp(id)).ok()
}

impl Network {
    /// Index of a parameter, implicit ones included.
    #[must_use]
    pub fn parameter_index(&self, id: &str) -> Option<usize> {
        find(&self.parameters, |slot| &slot.id, id)
    }

    /// Index of a species.
    #[must_use]
    pub fn species_index(&self, id: &str) -> Option<usize> {
        find(&self.species, |slot| &slot.id, id)
    }

    /// Index of a process.
    #[must_use]
    pub fn process_index(&self, id: &str) -> Option<usize> {
        find(&self.processes, |slot| &slot.id, id)
    }

    /// Index of an assignment.
    #[must_use]
    pub fn assignment_index(&self, id: &str) -> Option<usize> {
        find(&self.assignments, |slot| &slot.id, id)
    }

    /// Index of an observable.
    #[must_use]
    pub fn observable_index(&self, id: &str) -> Option<usize> {
        find(&self.observables, |slot| &slot.id, id)
    }

    /// Declared values of all parameters, in order; resting values are NaN.
    #[must_use]
    pub fn parameter_values(&self) -> Vec<f64> {
        self.parameters.iter().map(|slot| slot.value).collect()
    }

    /// The Jacobian's rows: where each starts in the columns, and the columns.
    /// Sorted; the diagonal is always there.
    #[must_use]
    pub fn jacobian_pattern(&self) -> (&[usize], &[usize]) {
        (&self.row_starts, &self.columns)
    }

    /// Computes everything that depends on parameters only.
    ///
    /// # Panics
    /// When there is not one value for each parameter.
    #[must_use]
    pub fn prepare<R: Real>(&self, parameters: &[R]) -> Prepared<R> {
        Prepared {
            registers: self.tape.prepare(parameters),
        }
    }

    /// The species that event values depend on, by index.
    #[must_use]
    pub fn event_species(&self) -> Vec<usize> {
        let states = self.tape.state_start..self.tape.state_start + self.species.len();
        let read = self.programs.event_values.reads();
        states
            .enumerate()
            .filter(|(_, register)| read.contains(register))
            .map(|(species, _)| species)
            .collect()
    }

    #[inline(always)]
    fn run<R: Real>(
        &self,
        program: &Program,
        prepared: &mut Prepared<R>,
        state: &[R],
        out: &mut [R],
    ) {
        assert_eq!(
            state.len(),
            self.species.len(),
            "one value for each species"
        );
        self.tape.run(program, &mut prepared.registers, state, out);
    }

    /// d state / d time, per day.
    ///
    /// # Panics
    /// Like all evaluations: when a slice has not the right length, or `prepared`
    /// is of another network.
    #[inline(always)]
    pub fn derivative<R: Real>(&self, prepared: &mut Prepared<R>, state: &[R], out: &mut [R]) {
        self.run(&self.programs.derivative, prepared, state, out);
    }

    /// The Jacobian's values in the order of its pattern.
    #[inline(always)]
    pub fn jacobian<R: Real>(&self, prepared: &mut Prepared<R>, state: &[R], values: &mut [R]) {
        self.run(&self.programs.jacobian, prepared, state, values);
    }

    /// Rates of all processes, in order, gates and modulators included.
    pub fn process_rates<R: Real>(&self, prepared: &mut Prepared<R>, state: &[R], out: &mut [R]) {
        self.run(&self.programs.process_rates, prepared, state, out);
    }

    /// How many values [`Network::contributions`] gives.
    #[must_use]
    pub fn contribution_count(&self) -> usize {
        self.programs.contributions.len()
    }

    /// Contribution of each process to the derivative of each species it changes:
    /// processes in order, for each the entries of [`ProcessSlot::changes`].
    pub fn contributions<R: Real>(&self, prepared: &mut Prepared<R>, state: &[R], out: &mut [R]) {
        self.run(&self.programs.contributions, prepared, state, out);
    }

    /// Values of all assignments, in order.
    pub fn assignments<R: Real>(&self, prepared: &mut Prepared<R>, state: &[R], out: &mut [R]) {
        self.run(&self.programs.assignments, prepared, state, out);
    }

    /// Values of all observables, in order.
    pub fn observables<R: Real>(&self, prepared: &mut Prepared<R>, state: &[R], out: &mut [R]) {
        self.run(&self.programs.observables, prepared, state, out);
    }

    /// The quantities whose zeros are the events, in order.
    #[inline(always)]
    pub fn event_values<R: Real>(&self, prepared: &mut Prepared<R>, state: &[R], out: &mut [R]) {
        self.run(&self.programs.event_values, prepared, state, out);
    }

    /// The program of the steady state before the run, in which `resting(x)` is
    /// `x` itself; same species, same parameters (resting values are not read).
    #[must_use]
    pub fn settling(&self) -> &Self {
        self.settling.as_deref().unwrap_or(self)
    }

    /// Values for the parameters of [`Network::resting`], from a settled state.
    /// `prepared` is of [`Network::settling`].
    #[must_use]
    pub fn resting_values<R: Real>(&self, prepared: &mut Prepared<R>, state: &[R]) -> Vec<R> {
        let settling = self.settling();
        let mut values = vec![R::from_f64(0.0); settling.programs.resting.len()];
        settling.run(&settling.programs.resting, prepared, state, &mut values);
        values
    }

    /// The values the species start with.
    #[must_use]
    pub fn initial<R: Real>(&self, parameters: &[R]) -> Vec<Initial<R>> {
        let mut registers = self.tape.prepare(parameters);
        let mut values = vec![R::from_f64(0.0); self.initial.len()];
        self.tape
            .run(&self.programs.initial, &mut registers, &[], &mut values);
        let initial = |(slot, value): (&InitialSlot, R)| match slot {
            InitialSlot::Steady => Initial::Steady { guess: value },
            InitialSlot::Value => Initial::Value(value),
        };
        self.initial.iter().zip(values).map(initial).collect()
    }

    /// What an intervention does at a dose (in its unit) for given parameters, in
    /// order of kind and target, windows before impulses; empty if there is no
    /// such intervention.
    #[must_use]
    pub fn intervention_effects<R: Real>(
        &self,
        id: &str,
        dose: R,
        parameters: &[R],
    ) -> Vec<EffectValue<R>> {
        let program = self.interventions.get(id);
        program.map_or_else(Vec::new, |program| program.effects(dose, parameters))
    }

    /// Operations of one derivative and of one Jacobian, for reports on speed.
    #[must_use]
    pub fn operations(&self) -> (usize, usize) {
        (
            self.programs.derivative.operations(),
            self.programs.jacobian.operations(),
        )
    }
}
