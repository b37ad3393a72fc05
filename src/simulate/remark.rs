//! What the reader of a life's numbers must know, besides its endpoints and its status.
//!
//! What: an animal that was dead at birth; an event that lay beyond its threshold from birth to the
//! end and so never happened; an observable that is no finite number at some ages (its cells are
//! empty); a life that was over before the output began. None of them ends a run.

use std::collections::BTreeSet;

use gutbrain_integrate::{EventHit, Trajectory};

use super::birth::Birth;
use super::compiled::{Compiled, CompiledArm};
use super::course::Observer;
use super::run::Curve;
use super::schedule::Schedule;
use super::unfolding::Unfolding;

/// See the module's description.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// The animal was born beyond the threshold of this terminal event.
    DeadAtBirth(String),
    /// The animal was beyond the threshold of this event all its life: it never came back across it,
    /// so the event has no age.
    BeyondFromBirth(String),
    /// What was to begin with this was never done: the animal did not get there.
    NeverBegan(String),
    /// What was to end with this went on: the animal did not get there.
    NeverEnded(String),
    /// What was to begin or to end with this would have ended before it began.
    NeverOpened(String),
    /// This event ended the life before the output began.
    EndedBeforeOutput(String),
    /// This observable is no finite number.
    Undefined(String),
}

/// A matter, and the first age that it concerns, in days.
#[derive(Debug, Clone, PartialEq)]
pub struct Remark {
    /// What.
    pub matter: Matter,
    /// From which age on.
    pub age: f64,
}

impl Remark {
    /// Whether it is read off a curve at the ages of the output.
    pub(super) fn is_of_a_curve(&self) -> bool {
        matches!(self.matter, Matter::Undefined(_))
    }
}

/// The remarks on a life: its curves over the ages of the output, its events, the state it ended in.
pub(super) fn remarks(
    compiled: &Compiled,
    (arm, unfolding): (&CompiledArm, &Unfolding<'_, f64>),
    birth: &Birth<f64>,
    hits: &[&EventHit<f64>],
    ended: &Trajectory<f64>,
    (times, observables): (&[f64], &[Curve]),
) -> Vec<Remark> {
    let mut remarks = of_events(compiled, &unfolding.schedule, birth, hits, ended);
    remarks.extend(of_treatments(arm, unfolding, ended));
    remarks.extend(undefined(times, observables));
    remarks
}

/// The observables that have no value at some of these ages, with the first of them.
pub(super) fn undefined(times: &[f64], observables: &[Curve]) -> impl Iterator<Item = Remark> {
    observables.iter().filter_map(|curve| {
        let row = curve.values.iter().position(|value| !value.is_finite())?;
        Some(Remark {
            matter: Matter::Undefined(curve.id.clone()),
            age: times[row],
        })
    })
}

/// What is to be said of treatments that follow the animal.
fn of_treatments(
    arm: &CompiledArm,
    unfolding: &Unfolding<'_, f64>,
    ended: &Trajectory<f64>,
) -> Vec<Remark> {
    let mut matters = BTreeSet::new();
    for (effect, triggers) in arm.follow.iter().flat_map(|follow| {
        let triggers = &follow.triggers;
        follow.effects.iter().map(move |effect| (effect, triggers))
    }) {
        let word = |trigger: usize| triggers[trigger].word.clone();
        let begins = match effect.starts_after {
            None => Some(effect.start),
            Some(trigger) => unfolding.age(trigger).map(|age| age + effect.start),
        };
        let ends = match effect.stops_after {
            None => effect.stop,
            Some(trigger) => {
                (unfolding.age(trigger).zip(effect.stop)).map(|(age, stop)| age + stop)
            }
        };
        let (starts_after, stops_after) = (effect.starts_after, effect.stops_after);
        matters.extend(match (begins, ends) {
            (None, _) => starts_after.map(|it| Matter::NeverBegan(word(it))),
            // A life that is over before it begins had no chance of it.
            (Some(begin), _) if begin > ended.last_time => None,
            (Some(begin), Some(end)) if end <= begin => starts_after
                .or(stops_after)
                .map(|it| Matter::NeverOpened(word(it))),
            (Some(_), None) => stops_after.map(|it| Matter::NeverEnded(word(it))),
            _ => None,
        });
    }
    let remark = |matter| Remark { matter, age: 0.0 };
    matters.into_iter().map(remark).collect()
}

fn of_events(
    compiled: &Compiled,
    schedule: &Schedule,
    birth: &Birth<f64>,
    hits: &[&EventHit<f64>],
    ended: &Trajectory<f64>,
) -> Vec<Remark> {
    let events = &compiled.events;
    let mut remarks = Vec::new();
    if let Some(last) = hits.iter().find(|hit| events[hit.event].ends) {
        let id = events[last.event].id.clone();
        let matter = match last.time {
            age if age <= 0.0 => Some(Matter::DeadAtBirth(id)),
            age if age < compiled.start => Some(Matter::EndedBeforeOutput(id)),
            _ => None,
        };
        let age = last.time;
        remarks.extend(matter.map(|matter| Remark { matter, age }));
        if age <= 0.0 {
            return remarks;
        }
    }
    let never = |event: &usize| {
        events[*event].endpoint.is_some() && hits.iter().all(|hit| hit.event != *event)
    };
    let candidates: Vec<usize> = (0..events.len()).filter(never).collect();
    if candidates.is_empty() {
        return remarks;
    }
    let mut observer = Observer::new(compiled, schedule, &birth.base);
    let first = observer.event_values(0, &birth.state);
    let last = ended.last_time;
    let last = observer.event_values(schedule.segment_before(last), &ended.last_state);
    for event in candidates {
        let direction = events[event].direction;
        let stays = direction.is_beyond(first[event]) && direction.is_beyond(last[event]);
        // A young animal that is still growing towards the threshold is no matter.
        if stays && last[event].abs() >= 0.99 * first[event].abs() {
            let matter = Matter::BeyondFromBirth(events[event].id.clone());
            remarks.push(Remark { matter, age: 0.0 });
        }
    }
    remarks
}
