//! Doses, windows and impulses of one arm as a sorted list of edges.
//!
//! What: every action of an arm becomes an effect on the parameters of the compiled network (while
//! its window is open) or on a state (at one instant). Between two edges all constants are fixed;
//! at an edge they are computed anew **from the base values and the set of windows open after it**,
//! never by undoing the previous change: a parameter is exactly its base value again when the last
//! window closes.
//!
//! Conventions, each tested in `tests/simulation.rs`:
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

use gutbrain_numbers::Real;

/// Edges nearer than this (days, about 0.1 ms) are taken as the same instant.
pub(crate) const SNAP: f64 = 1e-9;

/// What an action does, in terms of the compiled network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// While open, these parameters have these values.
    Set(Vec<(usize, f64)>),
    /// While open, these parameters are multiplied.
    Scale(Vec<usize>, f64),
    /// While open, this parameter is raised.
    Add(usize, f64),
    /// While open, the species is held: its derivative is multiplied by parameter `free` = 0.
    Clamp {
        species: usize,
        free: usize,
        inflow: usize,
        level: f64,
    },
    /// At the start only: the state is changed.
    Impulse { species: usize, change: Change },
}

/// The change of a state at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    Set(f64),
    Scale(f64),
    Add(f64),
}

impl Change {
    /// Place in the order set, scale, add.
    fn rank(self) -> u8 {
        match self {
            Change::Set(_) => 0,
            Change::Scale(_) => 1,
            Change::Add(_) => 2,
        }
    }
}

/// An effect with its window; `stop` is `None` for impulses and for windows that never close.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimedEffect {
    pub(crate) start: f64,
    pub(crate) stop: Option<f64>,
    pub(crate) effect: Effect,
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

    /// The effects that start before `begin`: arms that agree in them share their history.
    pub(crate) fn early(&self, begin: f64) -> Vec<&TimedEffect> {
        self.effects.iter().filter(|e| e.start < begin).collect()
    }

    /// All edges, ascending and distinct.
    pub(crate) fn edges(&self) -> &[f64] {
        &self.edges
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

    /// The parameters in `segment`: base values, then the open sets, scales and adds.
    pub(crate) fn parameters<R: Real>(&self, segment: usize, base: &[R]) -> Vec<R> {
        let mut parameters = base.to_vec();
        let open = self.open_in(segment);
        for &i in &open {
            if let Effect::Set(values) = &self.effects[i].effect {
                for &(index, value) in values {
                    parameters[index] = R::from_f64(value);
                }
            }
        }
        for &i in &open {
            if let Effect::Scale(indices, factor) = &self.effects[i].effect {
                for &index in indices {
                    parameters[index] *= R::from_f64(*factor);
                }
            }
        }
        for &i in &open {
            if let Effect::Add(index, value) = &self.effects[i].effect {
                parameters[*index] += R::from_f64(*value);
            }
        }
        for &i in &open {
            if let Effect::Clamp { free, inflow, .. } = &self.effects[i].effect {
                parameters[*free] = R::from_f64(0.0);
                parameters[*inflow] = R::from_f64(0.0);
            }
        }
        parameters
    }

    /// Applies the impulses of edge `edge` to the state, then the clamps that are open after it.
    pub(crate) fn apply_to_state<R: Real>(&self, edge: usize, state: &mut [R]) {
        let time = self.edges[edge];
        let mut impulses: Vec<(usize, Change)> = self
            .effects
            .iter()
            // Snapped starts are copies of the edge, so equality is exact.
            .filter(|e| e.start.total_cmp(&time).is_eq())
            .filter_map(|e| match e.effect {
                Effect::Impulse { species, change } => Some((species, change)),
                _ => None,
            })
            .collect();
        impulses.sort_by_key(|&(_, change)| change.rank());
        for (species, change) in impulses {
            state[species] = match change {
                Change::Set(value) => R::from_f64(value),
                Change::Scale(factor) => state[species] * R::from_f64(factor),
                Change::Add(value) => state[species] + R::from_f64(value),
            };
        }
        // Oldest first: the clamp opened last holds.
        for i in self.open_in(edge + 1) {
            if let Effect::Clamp { species, level, .. } = self.effects[i].effect {
                state[species] = R::from_f64(level);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Change, Effect, SNAP, Schedule, TimedEffect};

    fn set(value: f64, start: f64, stop: f64) -> TimedEffect {
        TimedEffect {
            start,
            stop: Some(stop),
            effect: Effect::Set(vec![(0, value)]),
        }
    }

    fn dose(value: f64, start: f64) -> TimedEffect {
        let effect = Effect::Impulse {
            species: 0,
            change: Change::Add(value),
        };
        TimedEffect {
            start,
            stop: None,
            effect,
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
        assert_eq!(schedule.parameters(1, &[7.0_f64]), [1.0]);
        assert_eq!(schedule.parameters(2, &[7.0_f64]), [2.0]);
        assert_eq!(schedule.parameters(3, &[7.0_f64]), [7.0]);
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
        assert_eq!(schedule.parameters(1, &[7.0_f64]), [1.0]);
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
                        0 => Effect::Set(vec![(0, value)]),
                        1 => Effect::Scale(vec![0], value),
                        _ => Effect::Add(0, value),
                    },
                })
                .collect();
            let schedule = Schedule::new(effects.clone(), 10.0, 50.0);
            prop_assert!(schedule.edges().windows(2).all(|pair| pair[1] - pair[0] > SNAP));
            let last = schedule.edges().len();
            prop_assert_eq!(schedule.parameters(last, &[base])[0].to_bits(), base.to_bits());
            for (index, &edge) in schedule.edges().iter().enumerate() {
                let time = edge + 0.5 * SNAP;
                let open = effects.iter().filter(|e| e.start <= time && e.stop.is_some_and(|s| s > edge + 2.0 * SNAP));
                let sets = open.clone().filter(|e| matches!(e.effect, Effect::Set(_))).count();
                if open.count() == 0 {
                    prop_assert_eq!(schedule.parameters(index + 1, &[base]), vec![base]);
                } else if sets > 0 {
                    // A set makes the base irrelevant.
                    prop_assert_eq!(
                        schedule.parameters(index + 1, &[base]),
                        schedule.parameters(index + 1, &[0.0])
                    );
                }
            }
        }
    }
}
