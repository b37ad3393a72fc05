//! A life, in stretches: birth to the start of the output, and on from there.
//!
//! What: [`live`] integrates one stretch of one arm, over any number type. The output grid is only
//! read off the dense output, so it changes nothing; the integration restarts at the start of the
//! output, which lets arms share what lies before.

use gutbrain_integrate::{EventRule, Outcome, Plan, SpanRule, System, Trajectory, integrate};
use gutbrain_numbers::Scalar;

use super::compiled::Compiled;
use super::dynamics::Dynamics;
use super::plausible::refuse_implausible;
use super::schedule::Schedule;
use super::unfolding::Unfolding;

/// Whether the edges at a bound of a stretch belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edges {
    /// They are carried out in this stretch.
    Included,
    /// They belong to the stretch on the other side.
    Excluded,
}

/// A part of a life: from an age to an age, with the ages at which the state is wanted.
pub(crate) struct Stretch<'a> {
    pub(crate) from: (f64, Edges),
    pub(crate) to: (f64, Edges),
    pub(crate) outputs: &'a [f64],
    pub(crate) spans: &'a [SpanRule],
    pub(crate) rules: &'a [EventRule],
}

impl<'a> Stretch<'a> {
    /// What the integrator is to do in an arm with this schedule, and the segment of the schedule in
    /// which it begins.
    pub(crate) fn plan<'s>(&self, schedule: &'s Schedule) -> (usize, Plan<'s>)
    where
        'a: 's,
    {
        let (start, stop) = (self.from.0, self.to.0);
        let first = match self.from.1 {
            Edges::Included => schedule.segment_before(start),
            Edges::Excluded => schedule.segment_at(start),
        };
        let last = match self.to.1 {
            Edges::Included => schedule.segment_at(stop),
            Edges::Excluded => schedule.segment_before(stop),
        };
        let plan = Plan {
            start,
            stop,
            switches: &schedule.edges()[first..last.max(first)],
            outputs: self.outputs,
            events: self.rules,
            spans: self.spans,
        };
        (first, plan)
    }
}

/// Lives one stretch of an arm from `state`, with the parameters of its birth; `unfolding` is the arm as
/// the life before has unfolded it.
pub(crate) fn simulate_stretch<R: Scalar>(
    compiled: &Compiled,
    unfolding: &Unfolding<'_, R>,
    base: &[R],
    state: &[R],
    stretch: &Stretch<'_>,
) -> Trajectory<R> {
    let (first, plan) = stretch.plan(&unfolding.schedule);
    let (network, pattern) = (&compiled.network, &compiled.patterns.running);
    let mut dynamics = Dynamics::in_segment(first, network, pattern, unfolding, base, stretch.to);
    let mut life = integrate(
        &mut dynamics,
        compiled.method,
        &plan,
        state,
        &compiled.options,
    );
    review(compiled, &mut dynamics, &mut life);
    life
}

/// What is done with every life that was integrated: states that are no solution make it a failure,
/// and a failure names a species.
pub(crate) fn review<R: Scalar>(
    compiled: &Compiled,
    dynamics: &mut Dynamics<'_, R>,
    life: &mut Trajectory<R>,
) {
    refuse_implausible(compiled, dynamics, life);
    name_culprit(compiled, dynamics, life);
}

/// Names a species to look at in a failure for which the solver names none.
fn name_culprit<R: Scalar>(
    compiled: &Compiled,
    dynamics: &mut Dynamics<'_, R>,
    life: &mut Trajectory<R>,
) {
    if let Outcome::Failed(failure) = &mut life.outcome
        && failure.component.is_none()
    {
        failure.component = fastest(compiled, dynamics, &life.last_state);
    }
}

/// The species that changes fastest for its size: the one to look at when the solver names none.
fn fastest<R: Scalar>(
    compiled: &Compiled,
    dynamics: &mut Dynamics<'_, R>,
    state: &[R],
) -> Option<usize> {
    let mut slope = state.to_vec();
    dynamics.derivative(R::from_f64(0.0), state, &mut slope);
    let pace = |index: usize| {
        let scale = compiled.network.species[index].scale;
        slope[index].value().abs() / (scale + state[index].value().abs())
    };
    (0..state.len()).max_by(|&a, &b| pace(a).total_cmp(&pace(b)))
}
