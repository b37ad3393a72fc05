//! [`Plan`]: over which span, with which switches, outputs and events.

use crate::outcome::PlanFault;

/// Which change of sign of an event value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From below zero to zero or above.
    Rising,
    /// From above zero to zero or below.
    Falling,
    /// Both.
    Either,
}

impl Direction {
    /// Whether going from one value to a later one is an event.
    ///
    /// A value that starts at exactly zero has nothing to cross: no event.
    #[must_use]
    pub fn crossed(self, before: f64, after: f64) -> bool {
        let rising = before < 0.0 && after >= 0.0;
        let falling = before > 0.0 && after <= 0.0;
        match self {
            Self::Rising => rising,
            Self::Falling => falling,
            Self::Either => rising || falling,
        }
    }
}

/// What to do when an event happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventAction {
    /// Note time and state, go on.
    Record,
    /// Note time and state and end the run there.
    Stop,
}

/// One event: the meaning of one of the numbers of `System::event_values`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRule {
    /// Which change of sign counts.
    pub direction: Direction,
    /// What to do then.
    pub action: EventAction,
}

/// The span of a run and everything that happens at known times in it.
///
/// At one instant `t` the order is: events up to and at `t`, then the switches at `t` in the
/// order given, then the output at `t`, which therefore shows the state after the switches.
/// An event value that a switch carries across zero is an event at the time of the switch.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// First time.
    pub start: f64,
    /// Last time, not before `start`.
    pub stop: f64,
    /// Times at which `System::switch` is called; ascending, coincident ones allowed.
    pub switches: &'a [f64],
    /// Times whose states are wanted; ascending. They never change the steps.
    pub outputs: &'a [f64],
    /// One rule for each number of `System::event_values`.
    pub events: &'a [EventRule],
}

impl Plan<'_> {
    pub(crate) fn check(&self) -> Result<(), PlanFault> {
        if !self.start.is_finite() || !self.stop.is_finite() || self.stop < self.start {
            return Err(PlanFault::Span);
        }
        if !self.holds(self.switches) {
            return Err(PlanFault::Switches);
        }
        if !self.holds(self.outputs) {
            return Err(PlanFault::Outputs);
        }
        Ok(())
    }

    /// Whether the times ascend inside the span; NaN does not.
    fn holds(&self, times: &[f64]) -> bool {
        times
            .iter()
            .all(|time| *time >= self.start && *time <= self.stop)
            && times.windows(2).all(|pair| pair[0] <= pair[1])
    }
}
