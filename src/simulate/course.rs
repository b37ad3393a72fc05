//! The course of one arm in an experiment: endpoints, and states at the ages that features need.
//!
//! How: first the stretch up to the last age that is read, in which no event stops anything; then, if
//! an endpoint is still missing and the subject alive, on to the horizon, until it is found.

use std::collections::BTreeMap;
use std::sync::Arc;

use gutbrain_integrate::{EventAction, EventRule, Measure, Outcome, SpanRule, Trajectory};
use gutbrain_network::Prepared;
use gutbrain_network::declaration::{Endpoint, EndpointRole};
use gutbrain_numbers::Scalar;

use super::birth::Birth;
use super::compiled::{Compiled, CompiledEvent};
use super::experiment::Missing;
use super::fault::describe;
use super::life::{Edges, Stretch, simulate_stretch};
use super::resolution::OF_VALUES;
use super::run::places_and_ages;
use super::schedule::Schedule;
use crate::scenario::feature::{Reading, Span};

/// What must be simulated of one arm.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    pub(crate) arm: usize,
    /// Ages at which values are read, ascending.
    pub(crate) ages: Vec<f64>,
    /// Spans whose extremes and areas are read.
    pub(crate) spans: Vec<SpanRule>,
    /// Endpoints whose ages are read.
    pub(crate) endpoints: Vec<Endpoint>,
}

/// A quantity that can be read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quantity {
    Species(usize),
    Observable(usize),
}

impl Quantity {
    /// Its number among the quantities of the dynamics: species, then observables.
    pub(crate) fn number(self, compiled: &Compiled) -> usize {
        match self {
            Self::Species(index) => index,
            Self::Observable(index) => compiled.network.species.len() + index,
        }
    }
}

/// Longest stretch of a curve that is looked at as one when its extremes and areas are read, in days:
/// peaks of an hour are seen, however long the steps.
const LONGEST_PIECE: f64 = 0.5;

/// The spans that readings need, each once.
pub(crate) fn spans_of<'r>(
    compiled: &Compiled,
    quantities: &BTreeMap<String, Quantity>,
    readings: impl Iterator<Item = &'r Reading>,
) -> Vec<SpanRule> {
    let mut spans = Vec::new();
    for reading in readings {
        if let Some((measure, span)) = reading.measure()
            && let Some(&quantity) = quantities.get(&span.name)
        {
            let rule = rule_of(quantity.number(compiled), measure, span);
            if !spans.contains(&rule) {
                spans.push(rule);
            }
        }
    }
    spans
}

fn rule_of(quantity: usize, measure: Measure, span: &Span) -> SpanRule {
    SpanRule {
        quantity,
        measure,
        from: span.from,
        to: span.to,
        longest_piece: LONGEST_PIECE,
    }
}

/// What was found of one arm.
pub(crate) struct Course<'a, R> {
    compiled: &'a Compiled,
    quantities: &'a BTreeMap<String, Quantity>,
    endpoints: BTreeMap<Endpoint, R>,
    /// Age of the first terminal event.
    death: Option<f64>,
    /// The end of the scenario.
    stop: f64,
    ages: &'a [f64],
    spans: &'a [SpanRule],
    /// One for each span.
    found: Vec<Option<R>>,
    /// Species and observables, one row per age reached.
    rows: Vec<(Vec<R>, Vec<R>)>,
    failure: Option<Arc<str>>,
}

impl<'a, R: Scalar> Course<'a, R> {
    /// Nothing is known yet.
    fn unknown(
        compiled: &'a Compiled,
        quantities: &'a BTreeMap<String, Quantity>,
        demand: &'a Demand,
    ) -> Self {
        Course {
            compiled,
            quantities,
            endpoints: BTreeMap::new(),
            death: None,
            stop: compiled.stop,
            ages: &demand.ages,
            spans: &demand.spans,
            found: Vec::new(),
            rows: Vec::new(),
            failure: None,
        }
    }

    /// The course of a life that ended with death, or at the end of the scenario: `rest` is what
    /// came after `history`, unless that was the end already.
    pub(crate) fn lived(
        compiled: &'a Compiled,
        quantities: &'a BTreeMap<String, Quantity>,
        demand: &'a Demand,
        birth: &Birth<R>,
        history: &Trajectory<R>,
        rest: Option<&Trajectory<R>>,
    ) -> Self {
        let mut course = Self::unknown(compiled, quantities, demand);
        course.note(compiled, history);
        if let Some(rest) = rest {
            course.note(compiled, rest);
            let hits = places_and_ages(&history.events).chain(places_and_ages(&rest.events));
            let unfolding = compiled.arms[demand.arm].unfolding().after(hits);
            course.rows = observe(compiled, &unfolding.schedule, birth, rest);
            course.found.clone_from(&rest.spans);
        }
        course
    }

    /// Follows an arm from the end of its history.
    pub(crate) fn follow(
        compiled: &'a Compiled,
        quantities: &'a BTreeMap<String, Quantity>,
        demand: &'a Demand,
        birth: &Birth<R>,
        history: &Trajectory<R>,
        horizon: f64,
    ) -> Self {
        let mut course = Self::unknown(compiled, quantities, demand);
        let arm = &compiled.arms[demand.arm];
        let rules = compiled.rules_of_record(arm);
        course.note(compiled, history);
        let mut unfolding = arm.unfolding().after(places_and_ages(&history.events));
        let mut here = (compiled.start, Edges::Included);
        let mut state = history.last_state.clone();
        if let Some(&last) = demand.ages.last()
            && course.failure.is_none()
        {
            let to = (last, Edges::Included);
            let stretch = Stretch {
                from: here,
                to,
                outputs: &demand.ages,
                spans: &demand.spans,
                rules: &rules,
            };
            let read = simulate_stretch(compiled, &unfolding, &birth.base, &state, &stretch);
            course.note(compiled, &read);
            unfolding = unfolding.after(places_and_ages(&read.events));
            course.rows = observe(compiled, &unfolding.schedule, birth, &read);
            course.found.clone_from(&read.spans);
            here = (last, Edges::Excluded);
            state = read.last_state;
        }
        let missing: Vec<Endpoint> = demand
            .endpoints
            .iter()
            .filter(|endpoint| !course.endpoints.contains_key(endpoint))
            .cloned()
            .collect();
        if course.failure.is_none() && course.death.is_none() && !missing.is_empty() {
            // Death always stops; another endpoint stops when it is all that is missing.
            let ends = |event: &CompiledEvent| {
                let only = |endpoint: &Endpoint| missing == std::slice::from_ref(endpoint);
                event.ends || event.endpoint.as_ref().is_some_and(only)
            };
            let rules: Vec<EventRule> = compiled
                .events
                .iter()
                .enumerate()
                .map(|(place, event)| {
                    let action = if ends(event) {
                        EventAction::Stop
                    } else {
                        arm.action_of_record(place)
                    };
                    event.rule(action)
                })
                .collect();
            let to = (horizon, Edges::Included);
            let stretch = Stretch {
                from: here,
                to,
                outputs: &[],
                spans: &[],
                rules: &rules,
            };
            course.note(
                compiled,
                &simulate_stretch(compiled, &unfolding, &birth.base, &state, &stretch),
            );
        }
        course
    }

    /// Takes over the events and the outcome of a stretch.
    fn note(&mut self, compiled: &Compiled, stretch: &Trajectory<R>) {
        for hit in &stretch.events {
            let event = &compiled.events[hit.event];
            if self.death.is_none()
                && let Some(endpoint) = &event.endpoint
            {
                self.endpoints.entry(endpoint.clone()).or_insert(hit.time);
            }
            if event.ends && self.death.is_none() {
                self.death = Some(hit.time.value());
            }
        }
        if let Outcome::Failed(failure) = &stretch.outcome {
            self.failure =
                Some(describe(failure, &compiled.network, "the integration failed").into());
        }
    }

    /// Reads a number off the course.
    pub(crate) fn read(&self, reading: &Reading) -> Result<R, Missing> {
        match reading {
            Reading::Age(endpoint) => self.age_at(endpoint),
            Reading::Life => self.life(),
            Reading::Duration { from, to } => Ok(self.age_at(to)? - self.age_at(from)?),
            Reading::Value { name, age } => self.value(name, *age),
            Reading::Slope(span) => {
                let rise = self.value(&span.name, span.to)? - self.value(&span.name, span.from)?;
                Ok(rise / R::from_f64(span.to - span.from))
            }
            Reading::RelativeSlope(span) => {
                let first = self.value(&span.name, span.from)?;
                let last = self.value(&span.name, span.to)?;
                let mean = (first.abs() + last.abs()) * R::from_f64(0.5);
                Ok((last - first) / (mean * R::from_f64(span.to - span.from)))
            }
            Reading::Maximum(span) => self.over(Measure::Maximum, span),
            Reading::Minimum(span) => self.over(Measure::Minimum, span),
            Reading::Area(span) => self.over(Measure::Area, span),
        }
    }

    /// The size that the errors of a reading are relative to, in its unit: that of the values or ages
    /// that it is computed from, of values with their margin.
    pub(crate) fn scale(&self, reading: &Reading) -> Result<f64, Missing> {
        let size = |name: &str, age: f64| Ok(OF_VALUES * self.value(name, age)?.value().abs());
        let largest = |name: &str| {
            let ages = reading.ages().into_iter();
            ages.map(|age| size(name, age))
                .try_fold(0.0_f64, |largest, size| Ok(largest.max(size?)))
        };
        match reading {
            Reading::Age(_) | Reading::Life => Ok(self.read(reading)?.value()),
            Reading::Duration { to, .. } => Ok(self.age_at(to)?.value()),
            Reading::Value { name, age } => size(name, *age),
            Reading::Slope(span) => Ok(2.0 * largest(&span.name)? / (span.to - span.from)),
            Reading::RelativeSlope(span) => Ok(2.0 * OF_VALUES / (span.to - span.from)),
            Reading::Maximum(span) | Reading::Minimum(span) => largest(&span.name),
            Reading::Area(span) => Ok(largest(&span.name)? * (span.to - span.from)),
        }
    }

    fn age_at(&self, endpoint: &Endpoint) -> Result<R, Missing> {
        match (self.endpoints.get(endpoint), &self.failure) {
            (Some(&age), _) => Ok(age),
            (None, Some(reason)) => Err(Missing::Failed(Arc::clone(reason))),
            (None, None) => Err(Missing::NotReached(endpoint.clone())),
        }
    }

    fn life(&self) -> Result<R, Missing> {
        let end = self.compiled.endpoints.with_role(EndpointRole::Death);
        let age = end.and_then(|end| self.endpoints.get(end));
        match (age, self.death) {
            (Some(&age), _) if age.value() < self.stop => Ok(age),
            (None, _) if self.failure.is_some() => Err(self
                .failure
                .clone()
                .map_or(Missing::NotFinite, Missing::Failed)),
            // Another event may end a life, too.
            (_, Some(end)) => Ok(R::from_f64(end.min(self.stop))),
            (_, None) => Ok(R::from_f64(self.stop)),
        }
    }

    /// An extreme or an area.
    fn over(&self, measure: Measure, span: &Span) -> Result<R, Missing> {
        let found = self.quantities.get(&span.name).and_then(|quantity| {
            let rule = rule_of(quantity.number(self.compiled), measure, span);
            let place = self.spans.iter().position(|known| *known == rule)?;
            *self.found.get(place)?
        });
        match found {
            Some(value) if value.is_finite() => Ok(value),
            Some(_) => Err(Missing::NotFinite),
            None => Err(self.missing(span.to)),
        }
    }

    fn value(&self, name: &str, age: f64) -> Result<R, Missing> {
        let row = self.ages.iter().position(|a| a.total_cmp(&age).is_eq());
        match (
            row.and_then(|row| self.rows.get(row)),
            self.quantities.get(name),
        ) {
            (Some((species, _)), Some(&Quantity::Species(index))) => Ok(species[index]),
            (Some((_, observables)), Some(&Quantity::Observable(index))) => Ok(observables[index]),
            _ => Err(self.missing(age)),
        }
    }

    /// Why there is nothing to be read at an age.
    fn missing(&self, age: f64) -> Missing {
        match &self.failure {
            Some(reason) => Missing::Failed(Arc::clone(reason)),
            None if self.death.is_some_and(|death| death < age) => Missing::NotAlive,
            None => Missing::NotFinite,
        }
    }

    /// Whether a value is read at an age at which the subject is dead.
    pub(crate) fn is_after_death(&self, reading: &Reading) -> bool {
        self.death
            .is_some_and(|death| reading.ages().iter().any(|&age| age > death))
    }
}

/// Species and observables at the outputs of a stretch.
fn observe<R: Scalar>(
    compiled: &Compiled,
    schedule: &Schedule,
    birth: &Birth<R>,
    stretch: &Trajectory<R>,
) -> Vec<(Vec<R>, Vec<R>)> {
    let mut observer = Observer::new(compiled, schedule, &birth.base);
    stretch
        .times
        .iter()
        .zip(stretch.states.chunks_exact(compiled.network.species.len()))
        .map(|(&time, state)| {
            (
                state.to_vec(),
                observer.observe(schedule.segment_at(time), state),
            )
        })
        .collect()
}

/// Computes observables with the parameters that hold at the time.
pub(crate) struct Observer<'a, R> {
    compiled: &'a Compiled,
    schedule: &'a Schedule,
    base: &'a [R],
    amounts: Vec<R>,
    segment: usize,
    prepared: Prepared<R>,
}

impl<'a, R: Scalar> Observer<'a, R> {
    /// An observer of an arm with this schedule; `base` are the parameters of its subject at birth.
    pub(crate) fn new(compiled: &'a Compiled, schedule: &'a Schedule, base: &'a [R]) -> Self {
        let amounts = compiled.amounts(schedule, base);
        let prepared = compiled
            .network
            .prepare(&schedule.parameters(0, base, &amounts));
        Observer {
            compiled,
            schedule,
            base,
            amounts,
            segment: 0,
            prepared,
        }
    }

    /// All observables of `state` in this segment of the schedule.
    pub(crate) fn observe(&mut self, segment: usize, state: &[R]) -> Vec<R> {
        self.enter(segment);
        let network = &self.compiled.network;
        let mut values = vec![R::from_f64(0.0); network.observables.len()];
        network.observables(&mut self.prepared, state, &mut values);
        values
    }

    /// The values of all events of `state` in this segment of the schedule.
    pub(crate) fn event_values(&mut self, segment: usize, state: &[R]) -> Vec<R> {
        self.enter(segment);
        let network = &self.compiled.network;
        let mut values = vec![R::from_f64(0.0); network.events.len()];
        network.event_values(&mut self.prepared, state, &mut values);
        values
    }

    /// Takes the parameters of a segment.
    fn enter(&mut self, segment: usize) {
        let network = &self.compiled.network;
        if segment != self.segment {
            self.segment = segment;
            self.prepared =
                network.prepare(&self.schedule.parameters(segment, self.base, &self.amounts));
        }
    }
}
