//! Who of the pool enters a design, and why the others do not.
//!
//! Entry is judged by the life without the treatment, at an age that holds for both lives. Two steps: what is
//! known from events alone says at which ages values are needed ([`Candidate`]); with the values at these ages,
//! exact ones, the rest is judged and both lives are seen.

use gutbrain_network::declaration::SurvivalEndpoint;
use gutbrain_statistics::random::Stream;

use super::course::{Entered, Seen};
use super::reading::Reading;
use crate::cohort::{Member, shown};
use crate::scenario::{CoursePlan, Criterion, EntryPlan, Happening, MeasureError, Moment, Window};
use crate::simulate::{ArmRun, EndOfLife, Resolution, Status};
use gutbrain_statistics::survival::Observation;

/// How many animals of the pool enter a design, and why the others do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryCount {
    /// They enter.
    pub entered: u64,
    /// What entry follows does not happen to them.
    pub never_there: u64,
    /// Their life, or its observation, ended before.
    pub ended: u64,
    /// They are outside of a window, by window, those over the run-in last; the first counts.
    pub outside: Vec<u64>,
    /// They would enter, and would be alive at a visit that the scenario does not reach.
    pub beyond: u64,
}

/// Why an animal does not enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Barred {
    NeverThere,
    Ended,
    Outside(usize),
    Beyond,
}

impl EntryCount {
    /// Animals that were asked.
    #[must_use]
    pub fn asked(&self) -> u64 {
        let outside = self.outside.iter().sum::<u64>();
        self.entered + self.never_there + self.ended + outside + self.beyond
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

    /// Counts an animal; `windows` is how many windows the design has.
    pub(super) fn count(&mut self, windows: usize, found: Result<(), Barred>) {
        self.outside.resize(windows, 0);
        match found {
            Ok(()) => self.entered += 1,
            Err(Barred::NeverThere) => self.never_there += 1,
            Err(Barred::Ended) => self.ended += 1,
            Err(Barred::Outside(window)) => self.outside[window] += 1,
            Err(Barred::Beyond) => self.beyond += 1,
        }
    }

    /// Why animals do not enter, in words.
    #[must_use]
    pub fn reasons(&self, plan: &CoursePlan) -> String {
        let entry = &plan.entry;
        let mut reasons = Vec::new();
        if self.never_there > 0 {
            let what = entry.at.happening();
            let what = what.map_or("entry", |it| it.word.as_str());
            reasons.push(format!("{} never come to {what}", self.never_there));
        }
        if self.ended > 0 {
            reasons.push(format!("{} end before entry", self.ended));
        }
        let over = |place: usize| {
            if place < entry.windows.len() {
                ""
            } else {
                "change over the run-in of "
            }
        };
        let windows = entry.windows.iter().chain(&entry.changes);
        for ((place, count), window) in self.outside.iter().enumerate().zip(windows) {
            if *count > 0 {
                let (word, over) = (&window.word, over(place));
                reasons.push(format!("{count} are outside the window of {over}`{word}`"));
            }
        }
        if self.beyond > 0 {
            reasons.push(format!(
                "{} come so late that the scenario ends before their visits do",
                self.beyond
            ));
        }
        reasons.join(", ")
    }
}

/// An animal that may enter, as far as its events tell.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// Its age when it is asked.
    asked: f64,
    /// Its age when the arms are made.
    age: f64,
    /// The end of its two lives, and whether it was seen.
    ends: [(f64, bool); 2],
}

impl Candidate {
    /// Asks what the events of a life tell.
    pub(super) fn find(
        plan: &CoursePlan,
        endpoint: &SurvivalEndpoint,
        pair: &[Member],
    ) -> Result<Self, Barred> {
        let [control, treated] = pair else {
            return Err(Barred::NeverThere);
        };
        let runs = [&control.run, &treated.run];
        let entry = &plan.entry;
        let asked = match &entry.at {
            Moment::Age(age) => *age,
            Moment::After { what, days } => met(runs[0], what).ok_or(Barred::NeverThere)? + days,
        };
        let age = asked + entry.run_in;
        let ends = runs.map(|run| {
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
        let candidate = Self {
            asked,
            age,
            ends: [first, second],
        };
        // Windows of what is known already; those of values wait.
        for (place, window) in entry.windows.iter().enumerate() {
            let value = match &window.of {
                Criterion::Age => Some(asked),
                Criterion::Since(what) => since(runs[0], what, asked),
                Criterion::Value(_) | Criterion::Fall { .. } => continue,
            };
            if !is_inside(window, value) {
                return Err(Barred::Outside(place));
            }
        }
        let last = plan.visits.last().copied().unwrap_or(0.0);
        let beyond = |run: &ArmRun| {
            age + last > run.endpoints.last_d && run.endpoints.event == EndOfLife::Censored
        };
        if plan.endpoint.measure().is_some() && runs.into_iter().any(beyond) {
            return Err(Barred::Beyond);
        }
        Ok(candidate)
    }

    /// The ages at which values of its lives are needed.
    pub(super) fn ages(&self, plan: &CoursePlan) -> Vec<f64> {
        let entry = &plan.entry;
        let mut ages = Vec::new();
        let windows = entry.windows.iter().map(|it| &it.of);
        let mut asked = windows.chain(entry.strata.iter().map(|it| &it.of));
        if asked.any(|it| it.reads().is_some()) || !entry.changes.is_empty() {
            ages.push(self.asked);
        }
        if !entry.changes.is_empty() {
            ages.push(self.age);
        }
        if plan.endpoint.measure().is_some() {
            ages.extend(plan.visits.iter().map(|visit| self.age + visit));
        }
        ages
    }

    /// Judges the rest, and sees both lives.
    pub(super) fn enter(
        &self,
        plan: &CoursePlan,
        lives: [&Reading<'_>; 2],
        resolution: Resolution,
        stream: &mut Stream,
    ) -> Result<Entered, Barred> {
        let entry = &plan.entry;
        let control = lives[0];
        for (place, window) in entry.windows.iter().enumerate() {
            let known = matches!(window.of, Criterion::Age | Criterion::Since(_));
            if !known && !is_inside(window, self.value(&window.of, control)) {
                return Err(Barred::Outside(place));
            }
        }
        for (place, window) in entry.changes.iter().enumerate() {
            if !is_inside(window, self.change(plan, window, control, stream)) {
                return Err(Barred::Outside(entry.windows.len() + place));
            }
        }
        let see = |reading: &Reading<'_>, (end, event): (f64, bool)| Seen {
            survival: Observation {
                time: end - self.age,
                event,
            },
            values: plan
                .visits
                .iter()
                .map(|visit| reading.value(&plan.endpoint.measure()?.id, self.age + visit))
                .collect(),
        };
        let mut seen = [see(lives[0], self.ends[0]), see(lives[1], self.ends[1])];
        let [control_seen, treated] = &mut seen;
        // What the solver cannot tell apart is no effect.
        for (own, other) in treated.values.iter_mut().zip(&control_seen.values) {
            if let (Some(value), Some(other)) = (own, other)
                && resolution.is_one_value(*value, *other)
            {
                *value = *other;
            }
        }
        Ok(Entered {
            lives: seen,
            stratum: self.stratum(entry, control),
        })
    }

    fn value(&self, of: &Criterion, control: &Reading<'_>) -> Option<f64> {
        match of {
            Criterion::Age => Some(self.asked),
            Criterion::Since(what) => since(control.run(), what, self.asked),
            Criterion::Value(id) => control.value(id, self.asked),
            Criterion::Fall { id, since: what } => {
                let days = since(control.run(), what, self.asked).filter(|days| *days > 0.0)?;
                Some((control.first(id)? - control.value(id, self.asked)?) / days)
            }
        }
    }

    /// The change over the run-in, with the errors of two readings of what the endpoint measures.
    fn change(
        &self,
        plan: &CoursePlan,
        window: &Window,
        control: &Reading<'_>,
        stream: &mut Stream,
    ) -> Option<f64> {
        let id = window.of.reads()?;
        let error = plan.endpoint.measure().filter(|it| it.id == id);
        let mut read = |age: f64| {
            let value = control.value(id, age)?;
            Some(with_error(value, error.map(|it| it.error), stream.normal()))
        };
        let first = read(self.asked)?;
        Some(read(self.age)? - first)
    }

    fn stratum(&self, entry: &EntryPlan, control: &Reading<'_>) -> u64 {
        let borders = entry.strata.iter();
        borders.fold(0, |stratum, border| {
            let value = self.value(&border.of, control);
            2 * stratum + u64::from(value.is_some_and(|value| value >= border.at))
        })
    }
}

/// What is read of a value.
pub(super) fn with_error(value: f64, error: Option<MeasureError>, z: f64) -> f64 {
    match error {
        Some(MeasureError::Absolute(sd)) => value + sd * z,
        Some(MeasureError::Relative(variation)) => shown(value, variation, z),
        Some(MeasureError::None) | None => value,
    }
}

fn is_inside(window: &Window, value: Option<f64>) -> bool {
    value.is_some_and(|it| it >= window.from && it <= window.to)
}

/// Days since an event at an age; what is still to come was not any time ago.
fn since(run: &ArmRun, what: &Happening, age: f64) -> Option<f64> {
    met(run, what)
        .map(|then| age - then)
        .filter(|it| *it >= 0.0)
}

/// The age at which an animal first meets something.
fn met(run: &ArmRun, what: &Happening) -> Option<f64> {
    let moments = run.moments.iter();
    let found = moments.filter(|moment| what.events.contains(&moment.event));
    found.map(|moment| moment.age).reduce(f64::min)
}
