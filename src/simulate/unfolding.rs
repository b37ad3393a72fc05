//! Treatments that follow the animal: the schedule of an arm as one life unfolds it.
//!
//! What: the windows and impulses of an arm may begin and end so long after what an animal goes through
//! (`start = "onset + 7 d"`). [`Follow`] holds the effects of such an arm as written and what they wait
//! for; with the ages at which a life has met that, it gives a [`Schedule`] of fixed ages. [`Unfolding`]
//! is the schedule of one life so far. The solver stops at such an event, exactly, and asks for what comes
//! next ([`gutbrain_integrate::System::replan`]).
//!
//! Conventions:
//! - the first time counts that any of the events happens;
//! - what has not happened opens no window and closes none;
//! - an event at an instant at which something is done already, or next to it ([`SNAP`]), is followed two
//!   such distances later, since that instant is over: 0.2 ms;
//! - a window that would close before it opens never opens.
//!
//! Units: days.

use std::borrow::Cow;

use gutbrain_numbers::Scalar;

use super::schedule::{SNAP, Schedule, TimedEffect};

/// What some times of an arm follow.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trigger {
    /// Its word in the scenario.
    pub(crate) word: String,
    /// Places of the events of the network, the first of which counts.
    pub(crate) events: Vec<usize>,
}

/// See the module's description.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Follow {
    /// All effects of the arm, in the order in which they are written.
    pub(crate) effects: Vec<TimedEffect>,
    pub(crate) triggers: Vec<Trigger>,
    /// First and last age of the output.
    pub(crate) span: (f64, f64),
}

impl Follow {
    /// Whether something waits for this event.
    pub(crate) fn waits_for(&self, event: usize) -> bool {
        self.triggers
            .iter()
            .any(|trigger| trigger.events.contains(&event))
    }

    /// The schedule of a life that has met the triggers at these ages so far.
    pub(crate) fn schedule(&self, ages: &[Option<f64>]) -> Schedule {
        let met = |trigger: usize| ages.get(trigger).copied().flatten();
        let effects = self.effects.iter().filter_map(|effect| {
            let mut effect = effect.clone();
            if let Some(trigger) = effect.starts_after {
                effect.start += met(trigger)?;
            }
            if let (Some(trigger), Some(stop)) = (effect.stops_after, effect.stop) {
                effect.stop = met(trigger).map(|age| age + stop);
            }
            Some(effect)
        });
        Schedule::new(effects.collect(), self.span.0, self.span.1)
    }
}

/// The schedule of one arm in one life, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Unfolding<'a, R> {
    pub(crate) schedule: Cow<'a, Schedule>,
    follow: Option<&'a Follow>,
    /// Ages at the triggers, those that were met.
    ages: Vec<Option<R>>,
}

impl<'a, R: Scalar> Unfolding<'a, R> {
    /// Nothing has happened yet.
    pub(crate) fn new(schedule: &'a Schedule, follow: Option<&'a Follow>) -> Self {
        Self {
            schedule: Cow::Borrowed(schedule),
            ages: vec![None; follow.map_or(0, |follow| follow.triggers.len())],
            follow,
        }
    }

    /// The same for whoever goes on from here, without a copy of the schedule.
    pub(crate) fn lent(&self) -> Unfolding<'_, R> {
        Unfolding {
            schedule: Cow::Borrowed(&self.schedule),
            follow: self.follow,
            ages: self.ages.clone(),
        }
    }

    /// After these events: place in the network, and age.
    pub(crate) fn after(mut self, hits: impl IntoIterator<Item = (usize, R)>) -> Self {
        if self.follow.is_some() {
            for (event, age) in hits {
                self.note(event, age);
            }
        }
        self
    }

    /// An event has happened; whether the schedule is another one now.
    pub(crate) fn note(&mut self, event: usize, age: R) -> bool {
        let Some(follow) = self.follow else {
            return false;
        };
        let mut changed = false;
        for (trigger, known) in follow.triggers.iter().zip(&mut self.ages) {
            if known.is_none() && trigger.events.contains(&event) {
                *known = Some(age.with_value(next_free(&self.schedule, age.value())));
                changed = true;
            }
        }
        if changed {
            let ages: Vec<Option<f64>> = self.ages.iter().map(|age| age.map(R::value)).collect();
            self.schedule = Cow::Owned(follow.schedule(&ages));
        }
        changed
    }

    /// The age at a trigger, if it was met.
    pub(crate) fn age(&self, trigger: usize) -> Option<R> {
        self.ages.get(trigger).copied().flatten()
    }

    /// By how much an edge moves with the parameters of the animal: a number without value, whose tangents
    /// are those of the event that the edge follows; nothing for an edge at a fixed age.
    pub(crate) fn movement(&self, edge: usize) -> Option<R> {
        let age = self.ages[self.schedule.follows(edge)?]?;
        Some(age.with_value(0.0))
    }
}

/// The age, unless it lies at an edge or just behind it.
fn next_free(schedule: &Schedule, age: f64) -> f64 {
    let edges = schedule.edges();
    let before = edges.partition_point(|edge| *edge <= age);
    match before.checked_sub(1).map(|place| edges[place]) {
        Some(edge) if age - edge <= SNAP => edge + 2.0 * SNAP,
        _ => age,
    }
}
