//! [`Plan`]: over which span, with which switches, outputs and events.

use crate::outcome::PlanFault;
use crate::span::SpanRule;
use crate::watch::PARTS;

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

    /// Whether a value lies where the event leads to: at zero, or beyond it.
    ///
    /// Where both directions count there is no such side.
    #[must_use]
    pub fn is_beyond(self, value: f64) -> bool {
        match self {
            Self::Rising => value >= 0.0,
            Self::Falling => value <= 0.0,
            Self::Either => false,
        }
    }
}

/// What it means that an event value lies beyond zero already when the run starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Nothing: the value has to come back first. A child that has not grown yet has lost no weight.
    Waits,
    /// The event has happened: it is noted at the start. Who starts below the level of death is dead.
    Counts,
}

/// What to do when an event happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventAction {
    /// Note time and state, go on.
    Record,
    /// Note time and state and end the run there.
    Stop,
    /// Note time and state, end the step there, and ask the system for its switches from now on
    /// ([`crate::System::replan`]): what is done may follow what happens.
    Ask,
}

/// One event: the meaning of one of the numbers of `System::event_values`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventRule {
    /// Which change of sign counts.
    pub direction: Direction,
    /// What to do then.
    pub action: EventAction,
    /// What a value means that lies beyond zero at the start, before any switch.
    pub beginning: Beginning,
    /// Longest stretch of time without a look at the value, above zero. Where it is not given the value
    /// is looked at four times in a step, which finds every crossing of what is linear in the state.
    pub longest_gap: Option<f64>,
}

impl EventRule {
    /// Parts of equal length into which a step of this length is cut, each looked at four times.
    pub(crate) fn pieces(&self, length: f64) -> f64 {
        let pieces = self
            .longest_gap
            .map_or(1.0, |gap| (length / (PARTS as f64 * gap)).ceil());
        // NaN, too, is one piece.
        if pieces > 1.0 { pieces } else { 1.0 }
    }

    fn is_sound(&self) -> bool {
        self.longest_gap.is_none_or(|gap| gap > 0.0)
    }
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
    /// Quantities whose extremes and areas over spans of time are wanted. A span that the run does not
    /// cover gives nothing. They never change the steps.
    pub spans: &'a [SpanRule],
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
        if !self.spans.iter().all(SpanRule::is_sound) {
            return Err(PlanFault::Spans);
        }
        if !self.events.iter().all(EventRule::is_sound) {
            return Err(PlanFault::Step);
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
