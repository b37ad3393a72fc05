//! What a design sees of one animal: whether it enters, its visits, its survival from entry.
//!
//! Entry is judged by the life without the treatment, at an age that holds for both lives. Values between
//! ages of the output are interpolated linearly; after the end of a life there are none.

use gutbrain_network::declaration::SurvivalEndpoint;
use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::survival::Observation;

use crate::cohort::{Member, shown};
use crate::scenario::{CoursePlan, Criterion, Happening, MeasureError, Moment};
use crate::simulate::{ArmRun, EndOfLife, Resolution, Status};

/// An animal of the pool that enters a design: without the treatment, with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entered {
    /// Its two lives from entry on.
    pub lives: [Seen; 2],
}

/// A life from entry on, without errors of measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its end, in days after entry.
    pub survival: Observation,
    /// What is measured at every visit; nothing after the end of the life.
    pub values: Vec<Option<f64>>,
}

/// How many animals of the pool enter a design, and why the others do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryCount {
    /// They enter.
    pub entered: u64,
    /// What entry follows does not happen to them.
    pub never_there: u64,
    /// Their life, or its observation, ended before.
    pub ended: u64,
    /// They are outside of a window, by window; the first counts.
    pub outside: Vec<u64>,
    /// They enter, and are alive at a visit that the scenario does not reach.
    pub beyond: u64,
}

/// Why an animal does not enter.
enum Barred {
    NeverThere,
    Ended,
    Outside(usize),
}

impl EntryCount {
    /// Animals that were asked.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.entered + self.never_there + self.ended + self.outside.iter().sum::<u64>()
    }

    /// Takes other animals into account.
    pub(super) fn add(&mut self, more: &Self) {
        self.entered += more.entered;
        self.never_there += more.never_there;
        self.ended += more.ended;
        self.beyond += more.beyond;
        let windows = self.outside.len().max(more.outside.len());
        self.outside.resize(windows, 0);
        for (count, more) in self.outside.iter_mut().zip(&more.outside) {
            *count += more;
        }
    }

    /// Asks an animal, whose lives in both arms were computed.
    pub(super) fn ask(
        &mut self,
        plan: &CoursePlan,
        endpoint: &SurvivalEndpoint,
        pair: &[Member],
        resolution: Resolution,
    ) -> Option<Entered> {
        self.outside.resize(plan.entry.windows.len(), 0);
        match enter(plan, endpoint, pair, resolution) {
            Ok((entered, is_beyond)) => {
                self.entered += 1;
                self.beyond += u64::from(is_beyond);
                Some(entered)
            }
            Err(Barred::NeverThere) => {
                self.never_there += 1;
                None
            }
            Err(Barred::Ended) => {
                self.ended += 1;
                None
            }
            Err(Barred::Outside(window)) => {
                self.outside[window] += 1;
                None
            }
        }
    }

    /// Why animals do not enter, in words.
    #[must_use]
    pub fn reasons(&self, plan: &CoursePlan) -> String {
        let mut reasons = Vec::new();
        if self.never_there > 0 {
            let what = plan.entry.at.happening();
            let what = what.map_or("entry", |it| it.word.as_str());
            reasons.push(format!("{} never come to {what}", self.never_there));
        }
        if self.ended > 0 {
            reasons.push(format!("{} end before entry", self.ended));
        }
        for (count, window) in self.outside.iter().zip(&plan.entry.windows) {
            if *count > 0 {
                let word = &window.word;
                reasons.push(format!("{count} are outside the window of `{word}`"));
            }
        }
        reasons.join(", ")
    }
}

fn enter(
    plan: &CoursePlan,
    endpoint: &SurvivalEndpoint,
    pair: &[Member],
    resolution: Resolution,
) -> Result<(Entered, bool), Barred> {
    let [control, treated] = pair else {
        return Err(Barred::NeverThere);
    };
    let (control, treated) = (&control.run, &treated.run);
    let age = match &plan.entry.at {
        Moment::Age(age) => *age,
        Moment::After { what, days } => met(control, what).ok_or(Barred::NeverThere)? + days,
    };
    let ends = [control, treated].map(|run| {
        let reached = endpoint
            .first_of
            .iter()
            .filter_map(|it| run.endpoints.age(it));
        let end = reached.reduce(f64::min);
        let ended = run.endpoints.status == Status::Ok;
        ended.then(|| (end.unwrap_or(run.endpoints.last_d), end.is_some()))
    });
    let [Some(first), Some(second)] = ends else {
        return Err(Barred::NeverThere);
    };
    if first.0 <= age || second.0 <= age {
        return Err(Barred::Ended);
    }
    for (place, window) in plan.entry.windows.iter().enumerate() {
        let value = match &window.of {
            Criterion::Age => Some(age),
            Criterion::Since(what) => met(control, what).map(|then| age - then),
            Criterion::Value(id) => value_at(control, id, age),
        };
        // What is still to come was not any time ago.
        let fits = value.is_some_and(|it| it >= window.from && it <= window.to);
        let past = !matches!(window.of, Criterion::Since(_)) || value.is_some_and(|it| it >= 0.0);
        if !(fits && past) {
            return Err(Barred::Outside(place));
        }
    }
    let mut is_beyond = false;
    let mut see = |run: &ArmRun, (end, event): (f64, bool)| Seen {
        survival: Observation {
            time: end - age,
            event,
        },
        values: plan
            .visits
            .iter()
            .map(|visit| {
                let measure = plan.endpoint.measure()?;
                let at = age + visit;
                let last = run.endpoints.last_d;
                if at > last || run.times.first().is_none_or(|first| at < *first) {
                    is_beyond |= at <= last || run.endpoints.event == EndOfLife::Censored;
                    return None;
                }
                value_at(run, &measure.id, at)
            })
            .collect(),
    };
    let mut lives = [see(control, first), see(treated, second)];
    let [control, treated] = &mut lives;
    // What the solver cannot tell apart is no effect.
    for (own, other) in treated.values.iter_mut().zip(&control.values) {
        if let (Some(value), Some(other)) = (own, other)
            && resolution.is_one_value(*value, *other)
        {
            *value = *other;
        }
    }
    Ok((Entered { lives }, is_beyond))
}

/// The age at which an animal first meets something.
fn met(run: &ArmRun, what: &Happening) -> Option<f64> {
    let moments = run.moments.iter();
    let found = moments.filter(|moment| what.events.contains(&moment.event));
    found.map(|moment| moment.age).reduce(f64::min)
}

/// A value at an age of the output, or between two; that of the last one up to the end of the life.
fn value_at(run: &ArmRun, id: &str, age: f64) -> Option<f64> {
    let curve = run.curve(id)?;
    let next = run.times.partition_point(|time| *time < age);
    let value = |place: usize| Some((*run.times.get(place)?, *curve.values.get(place)?));
    let found = match (next.checked_sub(1).and_then(value), value(next)) {
        (Some((before, low)), Some((after, high))) => {
            low + (high - low) * (age - before) / (after - before)
        }
        (Some((_, last)), None) => last,
        (None, Some((after, high))) if after <= age => high,
        (None, _) => return None,
    };
    found.is_finite().then_some(found)
}

/// What a trial sees of an animal, errors and gaps included.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Its end, or its leaving, in days after entry.
    pub survival: Observation,
    /// Visits that were made, in days after entry, with what was measured.
    pub visits: Vec<(f64, f64)>,
}

/// Watches a life. As many numbers are drawn for every life, so that one animal more or less alive changes
/// no other.
pub(super) fn watch(plan: &CoursePlan, seen: &Seen, stream: &mut Stream) -> Watched {
    let uniform = stream.uniform();
    let leaves = if plan.dropout > 0.0 {
        -Real::ln(uniform) / plan.dropout
    } else {
        f64::INFINITY
    };
    let mut visits = Vec::with_capacity(plan.visits.len());
    for (number, (&time, value)) in plan.visits.iter().zip(&seen.values).enumerate() {
        let (z, uniform) = (stream.normal(), stream.uniform());
        let missed = number > 0 && uniform < plan.missing;
        let Some(value) = value.filter(|_| !missed && time <= leaves) else {
            continue;
        };
        let value = match plan.endpoint.measure().map(|measure| measure.error) {
            Some(MeasureError::Absolute(sd)) => value + sd * z,
            Some(MeasureError::Relative(variation)) => shown(value, variation, z),
            Some(MeasureError::None) | None => value,
        };
        visits.push((time, value));
    }
    Watched {
        survival: until(seen.survival, leaves.min(plan.until)),
        visits,
    }
}

/// What is seen up to a time.
pub(super) fn until(survival: Observation, last: f64) -> Observation {
    if survival.time > last {
        Observation::censored(last)
    } else {
        survival
    }
}
