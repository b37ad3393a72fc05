//! Runs of a scenario: every arm of one subject, with its curves, endpoints and effort.
//!
//! A run never fails as a whole: an arm that could not be computed is in the results with the status
//! `failed`, the reason, and the numbers up to the failure, none after it. After death there is
//! nothing either.

use std::fmt;
use std::sync::Arc;

use gutbrain_integrate::{Effort, EventHit, EventRule, Outcome, Trajectory};
use gutbrain_network::declaration::{Endpoint, EndpointRole, EndpointSet};
use gutbrain_network::unit::Unit;
use gutbrain_numbers::Scalar;

use super::ages::Ages;
use super::birth::Birth;
use super::compiled::{Compiled, CompiledArm};
use super::course::Observer;
use super::fault::{SimulateError, describe};
use super::life::{Edges, Stretch, simulate_stretch};
use super::population::Population;
use super::remark::{Remark, remarks};
use super::schedule::Schedule;
use crate::model::Model;
use crate::scenario::Scenario;

/// One variable over the ages of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Id of the species or observable.
    pub id: String,
    /// Its unit as declared.
    pub unit: String,
    /// One value per age of [`ArmRun::times`].
    pub values: Vec<f64>,
}

/// The state at an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Id of the event.
    pub event: String,
    /// Age in days.
    pub age: f64,
    /// Values of the species, in the order of [`ArmRun::species`].
    pub species: Vec<f64>,
    /// Values of the observables, in the order of [`ArmRun::observables`].
    pub observables: Vec<f64>,
}

/// How the observation of a subject ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndOfLife {
    /// Death of the disease.
    Death,
    /// Another terminal event of the model.
    OtherDeath,
    /// Alive at the end of the simulation.
    Censored,
    /// Nothing is known beyond: the computation failed. No observation, censored or other.
    Failed,
}

impl EndOfLife {
    /// The word used in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EndOfLife::Death => EndpointRole::Death.word(),
            EndOfLife::OtherDeath => "other_death",
            EndOfLife::Censored => "censored",
            EndOfLife::Failed => "failed",
        }
    }
}

/// Whether a run has its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Complete.
    Ok,
    /// The numbers end where the computation failed; the text says why and what to try.
    Failed(String),
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Ok => "ok",
            Status::Failed(_) => "failed",
        })
    }
}

/// Ages of the events that matter, in days.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoints {
    /// Ages at the endpoints of the family.
    pub ages: Ages,
    /// Age at death, or the last age up to which the subject was followed; of a failed run, the age up
    /// to which it was computed, which is no observation: see [`Endpoints::followed_d`].
    pub last_d: f64,
    /// What happened at `last_d`.
    pub event: EndOfLife,
    /// Whether the run is complete.
    pub status: Status,
}

impl Endpoints {
    /// Age at an endpoint, in days; nothing if it was not reached.
    #[must_use]
    pub fn age(&self, endpoint: &Endpoint) -> Option<f64> {
        self.ages.at(endpoint)
    }

    /// Age at the first sign of disease, in days, whatever the family calls it.
    #[must_use]
    pub fn onset_d(&self) -> Option<f64> {
        self.ages.with_role(EndpointRole::Onset)
    }

    /// Age at death of the disease, in days, whatever the family calls it.
    #[must_use]
    pub fn death_d(&self) -> Option<f64> {
        self.ages.with_role(EndpointRole::Death)
    }

    /// The age up to which the subject was followed, in days; nothing for a failed run, which has no
    /// time at risk.
    #[must_use]
    pub fn followed_d(&self) -> Option<f64> {
        (self.status == Status::Ok).then_some(self.last_d)
    }
}

/// One subject in one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmRun {
    /// Name of the arm.
    pub arm: String,
    /// Number of the subject, from 1.
    pub subject: u64,
    /// Ages of the output, in days; they end with death or failure.
    pub times: Vec<f64>,
    /// All species, in the order of their ids.
    pub species: Vec<Curve>,
    /// All observables, in the order of their ids.
    pub observables: Vec<Curve>,
    /// The state at every event since birth, in order.
    pub moments: Vec<Moment>,
    /// Ages at the endpoints, how the observation ended, status.
    pub endpoints: Endpoints,
    /// What the reader of these numbers must know.
    pub remarks: Vec<Remark>,
    /// What the integration cost, the shared part included.
    pub effort: Effort,
}

impl ArmRun {
    /// The curve of an observable or a species.
    #[must_use]
    pub fn curve(&self, id: &str) -> Option<&Curve> {
        let find = |curves: &[Curve]| curves.binary_search_by(|curve| (*curve.id).cmp(id)).ok();
        let observable = find(&self.observables).map(|place| &self.observables[place]);
        observable.or_else(|| Some(&self.species[find(&self.species)?]))
    }
}

/// Simulates every arm of a scenario, from birth; the results are in the order of the arms.
///
/// # Errors
/// When the scenario does not fit the model. Numerical failures are results, not errors.
pub fn simulate(model: &Model, scenario: &Scenario) -> Result<Vec<ArmRun>, SimulateError> {
    Ok(Population::new(model, scenario)?.first_animal())
}

/// The life before the output: from birth to the start.
pub(super) fn simulate_before_output<R: Scalar>(
    compiled: &Compiled,
    arm: &CompiledArm,
    birth: &Birth<R>,
    rules: &[EventRule],
) -> Trajectory<R> {
    let unfolding = arm.unfolding();
    let stretch = Stretch {
        from: (0.0, Edges::Included),
        to: (compiled.start, Edges::Excluded),
        outputs: &[],
        spans: &[],
        rules,
    };
    simulate_stretch(compiled, &unfolding, &birth.base, &birth.state, &stretch)
}

/// The life after the early one, for those who got there.
pub(super) fn simulate_output(
    compiled: &Compiled,
    arm: &CompiledArm,
    birth: &Birth<f64>,
    history: &Trajectory<f64>,
    grid: &[f64],
    rules: &[EventRule],
) -> Option<Trajectory<f64>> {
    (history.outcome == Outcome::Completed).then(|| {
        let unfolding = arm.unfolding().after(places_and_ages(&history.events));
        let stretch = Stretch {
            from: (compiled.start, Edges::Included),
            to: (compiled.stop, Edges::Included),
            outputs: grid,
            spans: &[],
            rules,
        };
        simulate_stretch(
            compiled,
            &unfolding,
            &birth.base,
            &history.last_state,
            &stretch,
        )
    })
}

/// What a life leaves.
pub(super) fn arm_run(
    compiled: &Compiled,
    arm: &CompiledArm,
    subject: u64,
    birth: &Birth<f64>,
    history: &Trajectory<f64>,
    rest: Option<&Trajectory<f64>>,
) -> ArmRun {
    let effort = rest.map_or(history.effort, |rest| sum(history.effort, rest.effort));
    let ended = rest.unwrap_or(history);
    let hits: Vec<&EventHit<f64>> = history
        .events
        .iter()
        .chain(rest.iter().flat_map(|rest| &rest.events))
        .collect();
    let (times, states) = rest.map_or((&[][..], &[][..]), |rest| {
        (&rest.times[..], &rest.states[..])
    });
    let unfolding = arm
        .unfolding()
        .after(hits.iter().map(|hit| (hit.event, hit.time)));
    let schedule = &*unfolding.schedule;
    let (species, observables) = tabulate(compiled, schedule, birth, times, states);
    let mut observer = Observer::new(compiled, schedule, &birth.base);
    let moments = hits
        .iter()
        .map(|hit| Moment {
            event: compiled.events[hit.event].id.clone(),
            age: hit.time,
            species: hit.state.clone(),
            observables: observer.observe(schedule.segment_before(hit.time), &hit.state),
        })
        .collect();
    ArmRun {
        remarks: remarks(
            compiled,
            (arm, &unfolding),
            birth,
            &hits,
            ended,
            (times, &observables),
        ),
        arm: arm.name.clone(),
        subject,
        times: times.to_vec(),
        species,
        observables,
        moments,
        endpoints: endpoints(compiled, &hits, ended),
        effort,
    }
}

/// The places and ages of events.
pub(super) fn places_and_ages<R: Scalar>(hits: &[EventHit<R>]) -> impl Iterator<Item = (usize, R)> {
    hits.iter().map(|hit| (hit.event, hit.time))
}

pub(super) fn sum(a: Effort, b: Effort) -> Effort {
    Effort {
        steps: a.steps + b.steps,
        rejected: a.rejected + b.rejected,
        derivative_calls: a.derivative_calls + b.derivative_calls,
        jacobian_calls: a.jacobian_calls + b.jacobian_calls,
        factorisations: a.factorisations + b.factorisations,
        solves: a.solves + b.solves,
    }
}

fn tabulate(
    compiled: &Compiled,
    schedule: &Schedule,
    birth: &Birth<f64>,
    times: &[f64],
    states: &[f64],
) -> (Vec<Curve>, Vec<Curve>) {
    let network = &compiled.network;
    let empty = |id: &String, unit: &Unit| Curve {
        id: id.clone(),
        unit: unit.to_string(),
        values: Vec::with_capacity(times.len()),
    };
    let mut species: Vec<Curve> = network
        .species
        .iter()
        .map(|s| empty(&s.id, &s.unit))
        .collect();
    let mut observables: Vec<Curve> = network
        .observables
        .iter()
        .map(|o| empty(&o.id, &o.unit))
        .collect();
    let mut observer = Observer::new(compiled, schedule, &birth.base);
    for (&time, state) in times.iter().zip(states.chunks_exact(network.species.len())) {
        for (curve, &value) in species.iter_mut().zip(state) {
            curve.values.push(value);
        }
        let values = observer.observe(schedule.segment_at(time), state);
        for (curve, value) in observables.iter_mut().zip(values) {
            curve.values.push(value);
        }
    }
    (species, observables)
}

pub(super) fn endpoints(
    compiled: &Compiled,
    hits: &[&EventHit<f64>],
    ended: &Trajectory<f64>,
) -> Endpoints {
    let death = compiled.endpoints.with_role(EndpointRole::Death);
    let is_death = |endpoint: &Endpoint| Some(endpoint) == death;
    let first = |endpoint: &Endpoint| {
        hits.iter()
            .find(|hit| compiled.events[hit.event].endpoint.as_ref() == Some(endpoint))
            .map(|hit| hit.time)
    };
    let (event, status) = match &ended.outcome {
        Outcome::Completed => (EndOfLife::Censored, Status::Ok),
        Outcome::Stopped { event } => match &compiled.events[*event].endpoint {
            Some(endpoint) if is_death(endpoint) => (EndOfLife::Death, Status::Ok),
            _ => (EndOfLife::OtherDeath, Status::Ok),
        },
        Outcome::Failed(failure) => {
            let reason = describe(failure, &compiled.network, "the integration failed");
            (EndOfLife::Failed, Status::Failed(reason))
        }
    };
    Endpoints {
        ages: Ages::new(&compiled.endpoints, |endpoint| {
            let counts = !is_death(endpoint) || event == EndOfLife::Death;
            first(endpoint).filter(|_| counts)
        }),
        last_d: ended.last_time,
        event,
        status,
    }
}

/// A run of a subject whose birth could not be computed.
pub(super) fn without_birth(
    compiled: &Compiled,
    arm: &CompiledArm,
    subject: u64,
    reason: &str,
) -> ArmRun {
    let network = &compiled.network;
    let none = |id: &String, unit: &Unit| Curve {
        id: id.clone(),
        unit: unit.to_string(),
        values: Vec::new(),
    };
    ArmRun {
        arm: arm.name.clone(),
        subject,
        times: Vec::new(),
        species: network
            .species
            .iter()
            .map(|s| none(&s.id, &s.unit))
            .collect(),
        observables: network
            .observables
            .iter()
            .map(|o| none(&o.id, &o.unit))
            .collect(),
        moments: Vec::new(),
        remarks: Vec::new(),
        endpoints: endpoints_without_birth(&compiled.endpoints, reason),
        effort: Effort::default(),
    }
}

/// The endpoints of a subject whose birth could not be computed: it has none.
pub(super) fn endpoints_without_birth(set: &Arc<EndpointSet>, reason: &str) -> Endpoints {
    Endpoints {
        ages: Ages::new(set, |_| None),
        last_d: 0.0,
        event: EndOfLife::Failed,
        status: Status::Failed(reason.to_owned()),
    }
}
