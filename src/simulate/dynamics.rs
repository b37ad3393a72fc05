//! Where the model meets the solver: a compiled network under a schedule, as a system of equations.
//!
//! What: [`Dynamics`] hands the network's derivative, exact Jacobian and event values to the
//! integrator and carries out the edges of a schedule; [`Resting`] is the same for the pre-run that
//! finds the healthy steady state. Both are generic over the number type, so that the code which
//! simulates also differentiates.
//!
//! Shapes: states in the order of the network's species, Jacobian values in the order of its pattern.
//! Units: each species in its unit, time in days.

use gutbrain_integrate::{Pattern, System};
use gutbrain_network::{Network, Prepared};
use gutbrain_numbers::Scalar;

use super::compiled::amounts;
use super::schedule::Schedule;

/// The network of one arm over time.
pub(crate) struct Dynamics<'a, R> {
    network: &'a Network,
    pattern: &'a Pattern,
    schedule: &'a Schedule,
    base: &'a [R],
    amounts: Vec<R>,
    first_edge: usize,
    prepared: Prepared<R>,
}

impl<'a, R: Scalar> Dynamics<'a, R> {
    /// Dynamics that begin in `segment`, the number of edges carried out before.
    pub(crate) fn in_segment(
        segment: usize,
        network: &'a Network,
        pattern: &'a Pattern,
        schedule: &'a Schedule,
        base: &'a [R],
    ) -> Self {
        let amounts = amounts(network, schedule, base);
        let prepared = network.prepare(&schedule.parameters(segment, base, &amounts));
        Dynamics {
            network,
            pattern,
            schedule,
            base,
            amounts,
            first_edge: segment,
            prepared,
        }
    }
}

impl<R: Scalar> System<R> for Dynamics<'_, R> {
    fn dimension(&self) -> usize {
        self.network.species.len()
    }

    fn derivative(&mut self, _time: R, state: &[R], derivative: &mut [R]) {
        self.network
            .derivative(&mut self.prepared, state, derivative);
    }

    fn jacobian_pattern(&self) -> &Pattern {
        self.pattern
    }

    fn jacobian(&mut self, _time: R, state: &[R], values: &mut [R]) {
        self.network.jacobian(&mut self.prepared, state, values);
    }

    fn event_values(&mut self, _time: R, state: &[R], values: &mut [R]) {
        self.network.event_values(&mut self.prepared, state, values);
    }

    fn switch(&mut self, index: usize, _time: f64, state: &mut [R]) {
        // The integrator counts from the first edge of its own stretch.
        let edge = self.first_edge + index;
        self.prepared =
            self.network
                .prepare(&self.schedule.parameters(edge + 1, self.base, &self.amounts));
        self.schedule.apply_to_state(edge, &self.amounts, state);
    }
}

/// The network in which every quantity is its own resting value: the pre-run.
pub(crate) struct Resting<'a, R> {
    network: &'a Network,
    pattern: &'a Pattern,
    prepared: Prepared<R>,
}

impl<'a, R: Scalar> Resting<'a, R> {
    /// The pre-run of `network` (see `Network::settling`) with these parameters.
    pub(crate) fn new(network: &'a Network, pattern: &'a Pattern, parameters: &[R]) -> Self {
        let prepared = network.prepare(parameters);
        Resting {
            network,
            pattern,
            prepared,
        }
    }
}

impl<R: Scalar> System<R> for Resting<'_, R> {
    fn dimension(&self) -> usize {
        self.network.species.len()
    }

    fn derivative(&mut self, _time: R, state: &[R], derivative: &mut [R]) {
        self.network
            .derivative(&mut self.prepared, state, derivative);
    }

    fn jacobian_pattern(&self) -> &Pattern {
        self.pattern
    }

    fn jacobian(&mut self, _time: R, state: &[R], values: &mut [R]) {
        self.network.jacobian(&mut self.prepared, state, values);
    }
}
