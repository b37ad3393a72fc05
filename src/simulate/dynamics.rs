//! Where the model meets the solver: a compiled network under a schedule, as a system of equations.
//!
//! What: [`Dynamics`] hands the network's derivative, exact Jacobian and event values to the
//! integrator and carries out the edges of a schedule; with the network of the pre-run
//! ([`Dynamics::at_rest`]) it is what finds the healthy steady state. It is generic over the number
//! type, so that the code which simulates also differentiates. [`NetworkLanes`] is the same for many
//! animals side by side.
//!
//! Shapes: states in the order of the network's species, Jacobian values in the order of its pattern.
//! Units: each species in its unit, time in days.

use std::any::TypeId;

use gutbrain_integrate::{InstructionSet, LaneSystem, Pattern, System};
use gutbrain_network::network::Initial;
use gutbrain_network::{Network, Prepared, PreparedLanes};
use gutbrain_numbers::{Lanes, Real, Scalar};

use super::compiled::amounts;
use super::life::Edges;
use super::schedule::Schedule;
use super::unfolding::Unfolding;

/// The network of one arm over time.
pub(crate) struct Dynamics<'a, R> {
    network: &'a Network,
    pattern: &'a Pattern,
    unfolding: Unfolding<'a, R>,
    base: &'a [R],
    amounts: Vec<R>,
    first_edge: usize,
    /// The first edge that was not carried out yet.
    next_edge: usize,
    /// The edges that belong to this stretch of the life.
    until: (f64, Edges),
    /// Species that stand still; none if empty.
    held: &'a [bool],
    prepared: Prepared<R>,
    /// Room for all observables, once a quantity is one of them.
    observables: Vec<R>,
}

impl<'a, R: Scalar> Dynamics<'a, R> {
    /// Dynamics that begin in `segment`, the number of edges carried out before, and end at `until`.
    pub(crate) fn in_segment(
        segment: usize,
        network: &'a Network,
        pattern: &'a Pattern,
        unfolding: &'a Unfolding<'a, R>,
        base: &'a [R],
        until: (f64, Edges),
    ) -> Self {
        let schedule = &unfolding.schedule;
        let amounts = amounts(network, schedule, base);
        let prepared = network.prepare(&schedule.parameters(segment, base, &amounts));
        Dynamics {
            network,
            pattern,
            unfolding: unfolding.lent(),
            base,
            amounts,
            first_edge: segment,
            next_edge: segment,
            until,
            held: &[],
            prepared,
            observables: Vec::new(),
        }
    }

    /// The pre-run of `network` (see `Network::settling`) with these parameters: nothing happens
    /// (`nothing` has no edges), and the species marked in `held` stand still.
    pub(crate) fn at_rest(
        network: &'a Network,
        pattern: &'a Pattern,
        nothing: &'a Schedule,
        parameters: &[R],
        held: &'a [bool],
    ) -> Self {
        Dynamics {
            network,
            pattern,
            unfolding: Unfolding::new(nothing, None),
            base: &[],
            amounts: Vec::new(),
            first_edge: 0,
            next_edge: 0,
            until: (f64::INFINITY, Edges::Included),
            held,
            prepared: network.prepare(parameters),
            observables: Vec::new(),
        }
    }
}

impl<'a, R: Scalar> Dynamics<'a, R> {
    /// The network.
    pub(crate) fn network(&self) -> &'a Network {
        self.network
    }

    /// Which species begin at or above zero and are lowered by nothing but the processes of the model
    /// as declared.
    pub(crate) fn left_to_the_equations(&self) -> Vec<bool> {
        let is_below = |initial: &Initial<R>| match initial {
            Initial::Value(value) => value.value() < 0.0,
            Initial::Steady { .. } => false,
        };
        let initial = self.network.initial(self.base);
        let schedule = &self.unfolding.schedule;
        let gates = schedule.raised_parameters(&self.amounts);
        let mut gated = gates.iter().map(|&gate| &self.network.parameters[gate].id);
        let forced = gated.any(|id| id.starts_with("process."));
        let left = self.network.species.iter().zip(&initial).enumerate();
        left.map(|(index, (species, initial))| {
            let inflow = format!("species.{}.inflow", species.id);
            let fed = gates
                .iter()
                .any(|&gate| self.network.parameters[gate].id == inflow);
            !(is_below(initial) || forced || fed || schedule.lowers(index, &self.amounts))
        })
        .collect()
    }

    /// By how much an edge moves with the parameters that are differentiated for; see
    /// [`Unfolding::movement`].
    fn movement(&self, edge: usize) -> Option<R> {
        // Plain numbers have no tangents.
        let plain = TypeId::of::<R>() == TypeId::of::<f64>();
        (!plain).then(|| self.unfolding.movement(edge)).flatten()
    }

    /// Moves a state along its derivative; the time is a number without value.
    fn shift(&mut self, state: &mut [R], time: R) {
        let mut slope = vec![R::from_f64(0.0); state.len()];
        self.network
            .derivative(&mut self.prepared, state, &mut slope);
        for (amount, slope) in state.iter_mut().zip(slope) {
            *amount += slope * time;
        }
    }

    /// Whether no process takes anything from a species at this state.
    pub(crate) fn gains_only(&mut self, species: usize, state: &[R]) -> bool {
        let processes = &self.network.processes;
        let places = processes.iter().map(|process| process.changes.len()).sum();
        let mut contributions = vec![R::from_f64(0.0); places];
        self.network
            .contributions(&mut self.prepared, state, &mut contributions);
        let changed = processes.iter().flat_map(|process| &process.changes);
        changed
            .zip(&contributions)
            .filter(|(changed, _)| **changed == species)
            .all(|(_, contribution)| contribution.value() >= 0.0)
    }
}

impl<R: Scalar> System<R> for Dynamics<'_, R> {
    fn dimension(&self) -> usize {
        self.network.species.len()
    }

    fn derivative(&mut self, _time: R, state: &[R], derivative: &mut [R]) {
        self.network
            .derivative(&mut self.prepared, state, derivative);
        stand_still(self.held, derivative);
    }

    fn jacobian_pattern(&self) -> &Pattern {
        self.pattern
    }

    fn jacobian(&mut self, _time: R, state: &[R], values: &mut [R]) {
        self.network.jacobian(&mut self.prepared, state, values);
        stand_still_rows(self.held, self.pattern, values);
    }

    fn event_values(&mut self, _time: R, state: &[R], values: &mut [R]) {
        self.network.event_values(&mut self.prepared, state, values);
    }

    fn event_states(&self) -> Vec<usize> {
        self.network.event_species()
    }

    fn quantity(&mut self, index: usize, _time: R, state: &[R]) -> R {
        let species = self.network.species.len();
        if index < species {
            return state[index];
        }
        self.observables
            .resize(self.network.observables.len(), R::from_f64(0.0));
        self.network
            .observables(&mut self.prepared, state, &mut self.observables);
        self.observables[index - species]
    }

    fn quantity_states(&self, index: usize) -> Vec<usize> {
        match index < self.network.species.len() {
            true => vec![index],
            false => (0..self.network.species.len()).collect(),
        }
    }

    fn switch(&mut self, index: usize, _time: f64, state: &mut [R]) {
        // The integrator counts from the first edge of its own stretch.
        let edge = self.first_edge + index;
        self.next_edge = edge + 1;
        let movement = self.movement(edge);
        if let Some(movement) = movement {
            self.shift(state, movement);
        }
        let schedule = &self.unfolding.schedule;
        let parameters = schedule.parameters(edge + 1, self.base, &self.amounts);
        self.prepared = self.network.prepare(&parameters);
        schedule.apply_to_state(edge, &self.amounts, state);
        if let Some(movement) = movement {
            self.shift(state, movement.scale(-1.0));
        }
    }

    fn replan(&mut self, event: usize, time: R) -> Option<Vec<f64>> {
        if !self.unfolding.note(event, time) {
            return None;
        }
        let schedule = &self.unfolding.schedule;
        self.amounts = amounts(self.network, schedule, self.base);
        let last = match self.until {
            (until, Edges::Included) => schedule.segment_at(until),
            (until, Edges::Excluded) => schedule.segment_before(until),
        };
        // Edges that were carried out stay as they are, and so does their number: what an event leads to
        // lies behind it.
        let next = self.next_edge;
        Some(schedule.edges()[next.min(last)..last].to_vec())
    }
}

/// `N` animals in one network, side by side.
pub(crate) struct NetworkLanes<'a, const N: usize> {
    network: &'a Network,
    pattern: &'a Pattern,
    held: &'a [bool],
    prepared: PreparedLanes<N>,
}

impl<'a, const N: usize> NetworkLanes<'a, N> {
    /// Lanes for animals like this one.
    pub(crate) fn like(dynamics: &Dynamics<'a, f64>, set: InstructionSet) -> Self {
        Self {
            network: dynamics.network,
            pattern: dynamics.pattern,
            held: dynamics.held,
            prepared: dynamics.network.prepare_lanes(set),
        }
    }
}

impl<'a, const N: usize> LaneSystem<N> for NetworkLanes<'a, N> {
    type Single = Dynamics<'a, f64>;

    fn dimension(&self) -> usize {
        self.network.species.len()
    }

    fn jacobian_pattern(&self) -> &Pattern {
        self.pattern
    }

    fn load(&mut self, lane: usize, subject: &Dynamics<'a, f64>) {
        self.network
            .load_lane(&mut self.prepared, lane, &subject.prepared);
    }

    #[inline(always)]
    fn derivative(&mut self, _time: Lanes<N>, state: &[Lanes<N>], derivative: &mut [Lanes<N>]) {
        self.network
            .derivative_of_lanes(&mut self.prepared, state, derivative);
        stand_still(self.held, derivative);
    }

    #[inline(always)]
    fn jacobian(&mut self, _time: Lanes<N>, state: &[Lanes<N>], values: &mut [Lanes<N>]) {
        self.network
            .jacobian_of_lanes(&mut self.prepared, state, values);
        stand_still_rows(self.held, self.pattern, values);
    }

    fn event_count(&self) -> usize {
        self.network.events.len()
    }

    fn event_states(&self) -> Vec<usize> {
        self.network.event_species()
    }

    #[inline(always)]
    fn event_values(&mut self, _time: Lanes<N>, state: &[Lanes<N>], values: &mut [Lanes<N>]) {
        self.network
            .event_values_of_lanes(&mut self.prepared, state, values);
    }
}

/// Held species have no slope.
#[inline(always)]
fn stand_still<R: Real>(held: &[bool], derivative: &mut [R]) {
    for (slope, held) in derivative.iter_mut().zip(held) {
        if *held {
            *slope = R::from_f64(0.0);
        }
    }
}

/// Nor does it depend on anything.
#[inline(always)]
fn stand_still_rows<R: Real>(held: &[bool], pattern: &Pattern, values: &mut [R]) {
    for (row, held) in held.iter().enumerate() {
        if *held {
            values[pattern.row(row)].fill(R::from_f64(0.0));
        }
    }
}
