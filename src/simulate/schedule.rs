//! Doses, windows and impulses of one arm as a sorted list of edges.
//!
//! What: every action of an arm becomes an effect on the parameters of the compiled network (while
//! its window is open) or on a state (at one instant). Between two edges all constants are fixed;
//! at an edge they are computed anew **from the base values and the set of windows open after it**,
//! never by undoing the previous change: a parameter is exactly its base value again when the last
//! window closes.
//!
//! Conventions, each tested in `tests/it/simulation.rs`:
//! - windows are half-open, `[start, stop)`: at an instant closings come before openings;
//! - effects on one quantity apply in the order set, scale, add; of several sets the one opened last
//!   holds (of those opened together the one written last);
//! - impulses act after the windows of the same instant, in the order set, scale, add;
//! - a clamped species stays at its level: neither rates nor impulses move it while it is clamped;
//! - a window that reaches the end of the simulation does not close in it;
//! - edges closer than [`SNAP`] days are one edge, so that `start + k × every` and `stop` written by
//!   hand coincide in spite of rounding.
//!
//! Units: times in days of age, values in the canonical unit of their target.

use gutbrain_numbers::{Real, Scalar};

use crate::scenario::Amount;

/// Edges nearer than this (days, about 0.1 ms) are taken as the same instant.
pub(crate) const SNAP: f64 = 1e-9;

/// What an action does, in terms of the compiled network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// While open, the first parameter has the amount as its value, the others are zero.
    Set {
        parameter: usize,
        zero: Option<usize>,
    },
    /// While open, these parameters are multiplied by the amount.
    Scale {
        parameter: usize,
        also: Option<usize>,
    },
    /// While open, this parameter is raised by the amount.
    Add { parameter: usize },
    /// While open, the species is held at the amount: its derivative is multiplied by parameter
    /// `free` = 0.
    Clamp {
        species: usize,
        free: usize,
        inflow: usize,
    },
    /// At the start only: the state is changed.
    Impulse { species: usize, change: Change },
}

/// The change of a state at one instant, by the amount; in the order in which changes act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It takes the amount.
    Set,
    /// It is multiplied by the amount.
    Scale,
    /// It gains the amount.
    Add,
}

/// An effect with its window; `stop` is `None` for impulses and for windows that never close.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimedEffect {
    pub(crate) start: f64,
    pub(crate) stop: Option<f64>,
    pub(crate) effect: Effect,
    pub(crate) amount: Amount,
    /// Which trigger of the arm `start` follows; until that is met it counts from there.
    pub(crate) starts_after: Option<usize>,
    /// The same of `stop`.
    pub(crate) stops_after: Option<usize>,
}

impl TimedEffect {
    fn is_open(&self, time: f64) -> bool {
        !matches!(self.effect, Effect::Impulse { .. })
            && self.start <= time
            && self.stop.is_none_or(|stop| time < stop)
    }
}

/// The effects of one arm and the distinct instants at which anything changes.
///
/// Segment 0 lies before the first edge, segment `i + 1` begins at edge `i`.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    effects: Vec<TimedEffect>,
    edges: Vec<f64>,
}

impl Schedule {
    /// Sorts the edges. Output begins at `begin`; windows that close at `end` or later stay open.
    pub(crate) fn new(mut effects: Vec<TimedEffect>, begin: f64, end: f64) -> Schedule {
        // The begin of the output is an instant of its own: edges next to it snap onto it.
        let near_begin = |time: f64| {
            if (time - begin).abs() <= SNAP {
                begin
            } else {
                time
            }
        };
        for effect in &mut effects {
            effect.start = near_begin(effect.start);
            effect.stop = effect
                .stop
                .filter(|&stop| stop < end - SNAP)
                .map(near_begin);
        }
        let mut times: Vec<f64> = effects
            .iter()
            .flat_map(|e| [Some(e.start), e.stop])
            .flatten()
            .collect();
        times.sort_by(f64::total_cmp);
        let mut instants: Vec<f64> = Vec::new();
        for time in times {
            if instants.last().is_none_or(|&last| time - last > SNAP) {
                instants.push(time);
            }
        }
        let snap = |time: f64| {
            // The largest instant not after `time`; it exists because `time` is in the list.
            let after = instants.partition_point(|&instant| instant <= time);
            instants[after.saturating_sub(1)]
        };
        for effect in &mut effects {
            effect.start = snap(effect.start);
            effect.stop = effect.stop.map(snap);
        }
        // A window without length never opens.
        effects.retain(|e| e.stop.is_none_or(|stop| stop > e.start));
        let mut edges: Vec<f64> = effects
            .iter()
            .flat_map(|e| [Some(e.start), e.stop])
            .flatten()
            .collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        Schedule { effects, edges }
    }

    /// Nothing happens.
    pub(crate) fn empty() -> Schedule {
        Schedule {
            effects: Vec::new(),
            edges: Vec::new(),
        }
    }

    /// The effects that start before `begin`: arms that agree in them share their history.
    pub(crate) fn early(&self, begin: f64) -> Vec<&TimedEffect> {
        self.effects.iter().filter(|e| e.start < begin).collect()
    }

    /// All edges, ascending and distinct.
    pub(crate) fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The trigger that an edge follows, if it follows one.
    pub(crate) fn follows(&self, edge: usize) -> Option<usize> {
        // Snapped times are copies of the edge, so equality is exact.
        let here = |time: f64| time.total_cmp(&self.edges[edge]).is_eq();
        self.effects.iter().find_map(|effect| {
            let starts = effect.starts_after.filter(|_| here(effect.start));
            starts.or_else(|| effect.stops_after.filter(|_| effect.stop.is_some_and(here)))
        })
    }

    /// Whether an effect takes something from a species by itself, or sets it below zero.
    pub(crate) fn lowers<R: Scalar>(&self, index: usize, amounts: &[R]) -> bool {
        let mut effects = self.effects.iter().zip(amounts);
        effects.any(|(timed, amount)| match timed.effect {
            Effect::Impulse { species, .. } | Effect::Clamp { species, .. } => {
                species == index && amount.value() < 0.0
            }
            Effect::Set { .. } | Effect::Scale { .. } | Effect::Add { .. } => false,
        })
    }

    /// The parameters that an effect sets, or adds to, with another amount than zero.
    pub(crate) fn raised_parameters<R: Scalar>(&self, amounts: &[R]) -> Vec<usize> {
        let raised = |(timed, amount): (&TimedEffect, &R)| match timed.effect {
            _ if amount.value().abs() <= 0.0 => None,
            Effect::Set { parameter, .. } | Effect::Add { parameter } => Some(parameter),
            Effect::Scale { .. } | Effect::Clamp { .. } | Effect::Impulse { .. } => None,
        };
        self.effects
            .iter()
            .zip(amounts)
            .filter_map(raised)
            .collect()
    }

    /// The segment that holds just before `time`.
    pub(crate) fn segment_before(&self, time: f64) -> usize {
        self.edges.partition_point(|&edge| edge < time)
    }

    /// The segment that holds at `time` (after the edges at `time`).
    pub(crate) fn segment_at(&self, time: f64) -> usize {
        self.edges.partition_point(|&edge| edge <= time)
    }

    /// Indices of the effects that are open in `segment`, oldest first.
    fn open_in(&self, segment: usize) -> Vec<usize> {
        let Some(edge) = segment.checked_sub(1) else {
            return Vec::new();
        };
        let time = self.edges[edge];
        let mut open: Vec<usize> = (0..self.effects.len())
            .filter(|&i| self.effects[i].is_open(time))
            .collect();
        // Stable: what starts together keeps the order in which it was written.
        open.sort_by(|&a, &b| self.effects[a].start.total_cmp(&self.effects[b].start));
        open
    }

    /// The amounts of all effects as numbers of a life, in the order of the effects.
    ///
    /// `of_dose` gives what an effect of an intervention comes to: id, dose, position of the effect.
    pub(crate) fn amounts<R: Real>(&self, of_dose: impl Fn(&str, f64, usize) -> R) -> Vec<R> {
        self.effects
            .iter()
            .map(|effect| match &effect.amount {
                Amount::Given(value) => R::from_f64(*value),
                Amount::OfDose {
                    intervention,
                    dose,
                    effect,
                } => of_dose(intervention, *dose, *effect),
            })
            .collect()
    }

    /// The parameters in `segment`: base values, then the open sets, scales and adds.
    pub(crate) fn parameters<R: Real>(&self, segment: usize, base: &[R], amounts: &[R]) -> Vec<R> {
        let mut parameters = base.to_vec();
        let open = self.open_in(segment);
        for &i in &open {
            if let Effect::Set { parameter, zero } = self.effects[i].effect {
                parameters[parameter] = amounts[i];
                if let Some(zero) = zero {
                    parameters[zero] = R::from_f64(0.0);
                }
            }
        }
        for &i in &open {
            if let Effect::Scale { parameter, also } = self.effects[i].effect {
                parameters[parameter] *= amounts[i];
                if let Some(also) = also {
                    parameters[also] *= amounts[i];
                }
            }
        }
        for &i in &open {
            if let Effect::Add { parameter } = self.effects[i].effect {
                parameters[parameter] += amounts[i];
            }
        }
        for &i in &open {
            if let Effect::Clamp { free, inflow, .. } = self.effects[i].effect {
                parameters[free] = R::from_f64(0.0);
                parameters[inflow] = R::from_f64(0.0);
            }
        }
        parameters
    }

    /// What edge `edge` does to the state, in the order in which it acts: the impulses, then the
    /// clamps that are open after it (as sets).
    pub(crate) fn state_changes<R: Real>(
        &self,
        edge: usize,
        amounts: &[R],
    ) -> Vec<(usize, Change, R)> {
        let time = self.edges[edge];
        let mut changes: Vec<(usize, Change, R)> = self
            .effects
            .iter()
            .zip(amounts)
            // Snapped starts are copies of the edge, so equality is exact.
            .filter(|(e, _)| e.start.total_cmp(&time).is_eq())
            .filter_map(|(e, &amount)| match e.effect {
                Effect::Impulse { species, change } => Some((species, change, amount)),
                _ => None,
            })
            .collect();
        // Stable: equal changes keep the order in which they were written.
        changes.sort_by_key(|&(_, change, _)| change);
        // Oldest first: the clamp opened last holds.
        for i in self.open_in(edge + 1) {
            if let Effect::Clamp { species, .. } = self.effects[i].effect {
                changes.push((species, Change::Set, amounts[i]));
            }
        }
        changes
    }

    /// Applies the impulses of edge `edge` to the state, then the clamps that are open after it.
    pub(crate) fn apply_to_state<R: Real>(&self, edge: usize, amounts: &[R], state: &mut [R]) {
        for (species, change, amount) in self.state_changes(edge, amounts) {
            state[species] = match change {
                Change::Set => amount,
                Change::Scale => state[species] * amount,
                Change::Add => state[species] + amount,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Amount, Change, Effect, SNAP, Schedule, TimedEffect};

    fn set(value: f64, start: f64, stop: f64) -> TimedEffect {
        TimedEffect {
            start,
            stop: Some(stop),
            effect: Effect::Set {
                parameter: 0,
                zero: None,
            },
            amount: Amount::Given(value),
            starts_after: None,
            stops_after: None,
        }
    }

    /// The only parameter in a segment.
    fn parameter(schedule: &Schedule, segment: usize, base: f64) -> f64 {
        let amounts: Vec<f64> = schedule.amounts(|_, _, _| f64::NAN);
        schedule.parameters(segment, &[base], &amounts)[0]
    }

    /// Over a base of 7 the only parameter is exactly `value` in the segment.
    #[track_caller]
    fn assert_holds(schedule: &Schedule, segment: usize, value: f64) {
        assert_eq!(parameter(schedule, segment, 7.0).to_bits(), value.to_bits());
    }

    fn dose(value: f64, start: f64) -> TimedEffect {
        let effect = Effect::Impulse {
            species: 0,
            change: Change::Add,
        };
        TimedEffect {
            start,
            stop: None,
            effect,
            amount: Amount::Given(value),
            starts_after: None,
            stops_after: None,
        }
    }

    #[test]
    fn edges_are_distinct_and_sorted() {
        let near = 10.0 + 0.3 * SNAP;
        let schedule = Schedule::new(
            vec![set(2.0, near, 12.0), set(1.0, 3.0, 10.0), dose(1.0, 12.0)],
            5.0,
            40.0,
        );
        assert_eq!(schedule.edges(), [3.0, 10.0, 12.0]);
        assert_holds(&schedule, 1, 1.0);
        assert_holds(&schedule, 2, 2.0);
        assert_holds(&schedule, 3, 7.0);
        assert_eq!(schedule.early(5.0).len(), 1);
    }

    #[test]
    fn what_lies_next_to_the_start_of_the_output_lies_on_it() {
        let schedule = Schedule::new(vec![dose(1.0, 5.0 - 0.5 * SNAP)], 5.0, 40.0);
        assert_eq!(schedule.edges(), [5.0]);
        assert!(schedule.early(5.0).is_empty());
    }

    #[test]
    fn windows_that_close_at_the_end_do_not_close_and_empty_ones_do_not_open() {
        let schedule = Schedule::new(vec![set(1.0, 3.0, 40.0), set(2.0, 6.0, 6.0)], 0.0, 40.0);
        assert_eq!(schedule.edges(), [3.0]);
        assert_holds(&schedule, 1, 1.0);
    }

    proptest! {
        /// Whatever is done, nothing is left of it once every window has closed; and each segment's
        /// parameters follow from the windows open in it, not from how they came about.
        #[test]
        fn nothing_is_left_behind(
            windows in prop::collection::vec((0.0..30.0_f64, 0.0..9.0_f64, 0..3_u8, -2.0..2.0_f64), 0..12),
            base in -1e3..1e3_f64,
        ) {
            let effects: Vec<TimedEffect> = windows
                .iter()
                .map(|&(start, length, kind, value)| TimedEffect {
                    start,
                    stop: Some(start + length),
                    effect: match kind {
                        0 => Effect::Set { parameter: 0, zero: None },
                        1 => Effect::Scale { parameter: 0, also: None },
                        _ => Effect::Add { parameter: 0 },
                    },
                    amount: Amount::Given(value),
                    starts_after: None,
                    stops_after: None,
                })
                .collect();
            let schedule = Schedule::new(effects.clone(), 10.0, 50.0);
            prop_assert!(schedule.edges().windows(2).all(|pair| pair[1] - pair[0] > SNAP));
            let last = schedule.edges().len();
            prop_assert_eq!(parameter(&schedule, last, base).to_bits(), base.to_bits());
            for (index, &edge) in schedule.edges().iter().enumerate() {
                let time = edge + 0.5 * SNAP;
                let closes_later = |e: &&TimedEffect| e.stop.is_some_and(|s| s > edge + 2.0 * SNAP);
                let open = effects.iter().filter(|e| e.start <= time).filter(closes_later);
                let sets = open.clone().filter(|e| matches!(e.effect, Effect::Set { .. })).count();
                let now = parameter(&schedule, index + 1, base);
                if open.count() == 0 {
                    prop_assert_eq!(now.to_bits(), base.to_bits());
                } else if sets > 0 {
                    // A set makes the base irrelevant.
                    prop_assert_eq!(now.to_bits(), parameter(&schedule, index + 1, 0.0).to_bits());
                }
            }
        }
    }
}
