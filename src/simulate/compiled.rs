//! A model and a scenario, compiled together once and run many times.
//!
//! What: the network with the gates that the arms need ([`Core`], shared between scenarios that change
//! the structure of the model alike), the parameter values of the subject (presets, inherited ones
//! first, then the scenario's), the schedule of every arm, and the settings of the solver. Everything
//! here is plain numbers; a number type enters when a subject is born ([`super::birth`]).

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use gutbrain_integrate::{Beginning, Direction, EventAction, EventRule, Method, Options};
use gutbrain_network::declaration::{Crossing, Ending, Endpoint, EndpointSet};
use gutbrain_network::{Declaration, Edits, Network};
use gutbrain_numbers::{Real, Scalar};

use super::birth::Birth;
use super::effects::{Triggers, resolve};
use super::fault::SimulateError;
use super::schedule::{Schedule, TimedEffect};
use super::unfolding::{Follow, Unfolding};
use crate::model::Model;
use crate::model::equations::{Equations, Patterns};
use crate::scenario::{Scenario, Target, When};

/// What gave a parameter its value: the most specific layer wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// The declaration of the parameter.
    Declaration,
    /// The preset of this name.
    Subject(String),
    /// The scenario.
    Scenario,
}

/// One arm: its name and what happens when.
#[derive(Debug, Clone)]
pub(crate) struct CompiledArm {
    pub(crate) name: String,
    /// What happens at ages that are known; of what follows the animal, nothing.
    pub(crate) schedule: Schedule,
    /// What follows the animal, if anything does.
    pub(crate) follow: Option<Follow>,
}

impl CompiledArm {
    /// What happens in a life in which nothing has happened yet.
    pub(crate) fn unfolding<R: Scalar>(&self) -> Unfolding<'_, R> {
        Unfolding::new(&self.schedule, self.follow.as_ref())
    }

    /// What decides on the life before `begin`: arms that agree in it share their history.
    pub(crate) fn early(&self, begin: f64) -> (Vec<&TimedEffect>, Option<&Follow>) {
        (self.schedule.early(begin), self.follow.as_ref())
    }

    /// What an event that ends nothing leads to.
    pub(crate) fn action_of_record(&self, event: usize) -> EventAction {
        match &self.follow {
            Some(follow) if follow.waits_for(event) => EventAction::Ask,
            _ => EventAction::Record,
        }
    }
}

/// The model with some edits, compiled.
#[derive(Debug)]
pub(crate) struct Core {
    edits: Edits,
    equations: Arc<Equations>,
    /// Those of its Jacobians.
    pub(crate) patterns: Arc<Patterns>,
    pub(crate) events: Vec<CompiledEvent>,
    /// The endpoints of the family.
    pub(crate) endpoints: Arc<EndpointSet>,
}

impl Core {
    fn new(model: &Model, edits: Edits) -> Result<Self, SimulateError> {
        let equations = model.equations(&edits)?;
        Ok(Self {
            edits,
            patterns: equations.patterns()?,
            events: events_of(&equations.network),
            endpoints: Arc::clone(&model.declaration.family.endpoints),
            equations,
        })
    }
}

/// See the module's description.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    core: Arc<Core>,
    /// Parameter values of the subject, in the order of the network's parameters.
    pub(crate) values: Vec<f64>,
    /// The same without those of the scenario.
    preset_values: Vec<f64>,
    /// What gave each of them its value.
    pub(crate) layers: Vec<Layer>,
    /// Parameters that take another value in the reference state.
    pub(crate) steady_as: Vec<(usize, f64)>,
    /// Where searches for steady states begin: see [`Compiled::anchor`].
    anchor: Arc<OnceLock<Option<Vec<f64>>>>,
    pub(crate) arms: Vec<CompiledArm>,
    /// Arms that share their life before `start`: indices into `arms`, the first one lives it.
    pub(crate) histories: Vec<Vec<usize>>,
    pub(crate) start: f64,
    pub(crate) stop: f64,
    pub(crate) method: Method,
    pub(crate) options: Options,
}

/// What is shared reads like one's own.
impl Deref for Compiled {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl Deref for Core {
    type Target = Equations;

    fn deref(&self) -> &Equations {
        &self.equations
    }
}

/// An event of the network and what it means.
#[derive(Debug, Clone)]
pub(crate) struct CompiledEvent {
    pub(crate) id: String,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) direction: Direction,
    pub(crate) ends: bool,
    pub(crate) linear: bool,
}

/// Longest stretch without a look at the value of an event that is not linear in the state, in days:
/// dips of two hours are found, however long the steps.
const LONGEST_GAP: f64 = 0.05;

impl CompiledEvent {
    /// The rule for the integrator. Who is born beyond the threshold of a terminal event is dead at
    /// birth; of the others only crossings count.
    pub(crate) fn rule(&self, action: EventAction) -> EventRule {
        EventRule {
            direction: self.direction,
            action,
            beginning: match self.ends {
                true => Beginning::Counts,
                false => Beginning::Waits,
            },
            longest_gap: (!self.linear).then_some(LONGEST_GAP),
        }
    }
}

impl Compiled {
    /// The rules of a life in an arm: terminal events stop it, the others are noted.
    pub(crate) fn rules_of_life(&self, arm: &CompiledArm) -> Vec<EventRule> {
        let action = |place: usize, event: &CompiledEvent| match event.ends {
            true => EventAction::Stop,
            false => arm.action_of_record(place),
        };
        self.events
            .iter()
            .enumerate()
            .map(|(place, event)| event.rule(action(place, event)))
            .collect()
    }

    /// Rules by which every event is noted and none stops anything.
    pub(crate) fn rules_of_record(&self, arm: &CompiledArm) -> Vec<EventRule> {
        self.events
            .iter()
            .enumerate()
            .map(|(place, event)| event.rule(arm.action_of_record(place)))
            .collect()
    }

    /// Compiles the model with what the scenario changes.
    ///
    /// # Errors
    /// When the scenario names what the model does not have, or the edited network does not compile.
    pub(crate) fn new(model: &Model, scenario: &Scenario) -> Result<Compiled, SimulateError> {
        let core = Core::new(model, edits_of(scenario))?;
        Self::of(Arc::new(core), &model.declaration, scenario)
    }

    /// Compiles another scenario of the same model: what the two have in common is shared.
    ///
    /// # Errors
    /// As for [`Compiled::new`].
    pub(crate) fn variant(
        &self,
        model: &Model,
        scenario: &Scenario,
    ) -> Result<Compiled, SimulateError> {
        let declaration = &model.declaration;
        let edits = edits_of(scenario);
        if edits != self.core.edits {
            let core = Core::new(model, edits)?;
            return Self::of(Arc::new(core), declaration, scenario);
        }
        let mut variant = Self::of(Arc::clone(&self.core), declaration, scenario)?;
        if variant.has_anchor_of(self) && variant.options == self.options {
            variant.anchor = Arc::clone(&self.anchor);
        }
        Ok(variant)
    }

    fn of(
        core: Arc<Core>,
        declaration: &Declaration,
        scenario: &Scenario,
    ) -> Result<Compiled, SimulateError> {
        let network = &core.network;
        let subject = subject_values(declaration, network, scenario)?;
        let plan = scenario.simulation;
        let mut arms = Vec::new();
        for arm in &scenario.arms {
            let mut triggers = Triggers::default();
            let effects = arm
                .actions
                .iter()
                .map(|action| resolve(action, network, &mut triggers))
                .collect::<Result<Vec<_>, _>>()?;
            let (schedule, follow) = if triggers.known.is_empty() {
                (Schedule::new(effects, plan.start, plan.stop), None)
            } else {
                let follow = Follow {
                    effects,
                    triggers: triggers.known,
                    span: (plan.start, plan.stop),
                };
                (follow.schedule(&[]), Some(follow))
            };
            arms.push(CompiledArm {
                name: arm.name.clone(),
                schedule,
                follow,
            });
        }
        let histories = share_histories(&arms, plan.start);
        let tolerances = network
            .species
            .iter()
            .map(|species| scenario.solver.atol * species.scale)
            .collect();
        let mut options = Options::new(scenario.solver.rtol, tolerances);
        options.maximum_steps = scenario.solver.maximum_steps;
        options.maximum_step = scenario.solver.maximum_step;
        Ok(Compiled {
            core,
            values: subject.values,
            preset_values: subject.preset_values,
            layers: subject.layers,
            steady_as: subject.steady_as,
            anchor: Arc::default(),
            arms,
            histories,
            start: plan.start,
            stop: plan.stop,
            method: scenario.solver.method,
            options,
        })
    }

    /// Whether lives of both can be simulated side by side: one network, one way of solving it.
    pub(crate) fn is_alike(&self, other: &Compiled) -> bool {
        Arc::ptr_eq(&self.core, &other.core)
            && self.method == other.method
            && self.options == other.options
    }

    /// Whether searches for steady states begin at the same state in both, if they are alike.
    pub(crate) fn has_anchor_of(&self, other: &Compiled) -> bool {
        // Bit for bit: resting values are not known yet, and NaN does not equal itself.
        let own = self.preset_values.iter().map(|value| value.to_bits());
        let others = other.preset_values.iter().map(|value| value.to_bits());
        Arc::ptr_eq(&self.anchor, &other.anchor)
            || (self.steady_as == other.steady_as && own.eq(others))
    }

    /// The steady state of the healthy animal of the preset, without the values of the scenario: every
    /// search for a steady state begins here, so that none depends on those before it.
    pub(crate) fn anchor(&self) -> Option<&[f64]> {
        let settle = || Birth::settled_from_guesses(self, self.preset_values.clone()).ok();
        self.anchor.get_or_init(settle).as_deref()
    }

    /// The amounts of an arm's effects in a life with these parameters at birth.
    pub(crate) fn amounts<R: Real>(&self, schedule: &Schedule, base: &[R]) -> Vec<R> {
        amounts(&self.network, schedule, base)
    }

    /// Index of the arm with this name.
    pub(crate) fn arm(&self, name: &str) -> Result<usize, SimulateError> {
        self.arms
            .iter()
            .position(|arm| arm.name == name)
            .ok_or_else(|| SimulateError::UnknownArm(name.to_owned()))
    }
}

/// The amounts of all effects of a schedule in a life with these parameters at birth: what depends
/// on a dose is computed from them, derivatives included.
pub(crate) fn amounts<R: Real>(network: &Network, schedule: &Schedule, base: &[R]) -> Vec<R> {
    schedule.amounts(|intervention, dose, effect| {
        let effects = network.intervention_effects(intervention, R::from_f64(dose), base);
        // The position was found in the same list; another model would give no finite state.
        effects
            .get(effect)
            .map_or(R::from_f64(f64::NAN), |effect| effect.value)
    })
}

/// Arms with the same actions before `start` share what lies before it.
fn share_histories(arms: &[CompiledArm], start: f64) -> Vec<Vec<usize>> {
    let mut histories: Vec<Vec<usize>> = Vec::new();
    for (index, arm) in arms.iter().enumerate() {
        let early = arm.early(start);
        match histories
            .iter_mut()
            .find(|group| arms[group[0]].early(start) == early)
        {
            Some(group) => group.push(index),
            None => histories.push(vec![index]),
        }
    }
    histories
}

/// What a scenario changes in the structure of the model: what is written in it, and the gates that
/// its actions need.
fn edits_of(scenario: &Scenario) -> Edits {
    let mut edits = scenario.edits.clone();
    for action in scenario.arms.iter().flat_map(|arm| &arm.actions) {
        match &action.target {
            Target::Parameter(_) => {}
            Target::Process(id) => {
                edits.adjustable_processes.insert(id.clone());
            }
            Target::Modulator(id) => {
                edits.adjustable_modulators.insert(id.clone());
            }
            // Impulses need no gate.
            Target::Species(_) if matches!(action.when, When::Once { .. }) => {}
            Target::Species(id) => {
                edits.adjustable_species.insert(id.clone());
            }
        }
    }
    edits
}

/// The values of a subject.
struct Subject {
    values: Vec<f64>,
    preset_values: Vec<f64>,
    layers: Vec<Layer>,
    steady_as: Vec<(usize, f64)>,
}

/// The values of all parameters: declaration, then presets from the most general one down, then the
/// scenario; and the values that hold in the reference state.
fn subject_values(
    declaration: &Declaration,
    network: &Network,
    scenario: &Scenario,
) -> Result<Subject, SimulateError> {
    let mut values = network.parameter_values();
    let mut layers = vec![Layer::Declaration; values.len()];
    let index_of = |id: &str| {
        network
            .parameter_index(id)
            .ok_or_else(|| SimulateError::UnknownParameter(id.to_owned()))
    };
    let preset = &scenario.subject.preset;
    let subject = declaration
        .subjects
        .get(preset)
        .ok_or_else(|| SimulateError::UnknownSubject(preset.clone()))?;
    for (id, value) in &subject.parameters {
        let index = index_of(id)?;
        values[index] = value.value;
        layers[index] = Layer::Subject(owner(declaration, preset, id));
    }
    let mut steady_as = Vec::new();
    for (id, &value) in &subject.steady_as {
        steady_as.push((index_of(id)?, value));
    }
    let preset_values = values.clone();
    for (id, &value) in &scenario.subject.parameters {
        let index = index_of(id)?;
        values[index] = value;
        layers[index] = Layer::Scenario;
    }
    Ok(Subject {
        values,
        preset_values,
        layers,
        steady_as,
    })
}

/// The preset in whose file the value stands that `preset` has for a parameter: itself or one that it
/// extends.
pub fn owner(declaration: &Declaration, preset: &str, parameter: &str) -> String {
    let file = declaration
        .subjects
        .get(preset)
        .and_then(|subject| subject.parameters.get(parameter))
        .map(|value| &value.place.source.name);
    let owner = declaration
        .subjects
        .iter()
        .find(|(_, subject)| file.is_some_and(|file| subject.place.source.name == *file));
    owner.map_or_else(|| preset.to_owned(), |(name, _)| name.clone())
}

fn events_of(network: &Network) -> Vec<CompiledEvent> {
    network
        .events
        .iter()
        .map(|event| CompiledEvent {
            id: event.id.clone(),
            endpoint: event.endpoint.clone(),
            direction: match event.direction {
                Crossing::Rising => Direction::Rising,
                Crossing::Falling => Direction::Falling,
                Crossing::Either => Direction::Either,
            },
            ends: event.ending == Ending::Ends,
            linear: event.linear,
        })
        .collect()
}
