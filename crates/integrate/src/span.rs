//! [`SpanRule`]: largest value, smallest value and area of a quantity between two times.
//!
//! They are taken from the dense output of every step, not from outputs: whatever grid is asked for,
//! and whatever happens between its points, they are those of the curve.
//!
//! * A step is cut at the bounds of the span and into pieces no longer than
//!   [`SpanRule::longest_piece`], so that no narrow peak falls between two samples of a long step.
//! * Areas: Gauss–Kronrod quadrature with 7 and 15 points on each piece (Kronrod (1965) *Nodes and
//!   Weights of Quadrature Formulas*; nodes as in QUADPACK, Piessens et al. (1983),
//!   doi:10.1007/978-3-642-61786-7), exact for what is linear in the dense output. A piece on which the
//!   two differ is halved.
//! * Extremes: equidistant samples, ends included, and the vertex of the parabola through neighbours
//!   closed in on (golden sections). At a switch both sides count. Over duals the derivative is that of
//!   the quantity at the time of the extreme, which is exact (envelope theorem).
//!
//! Decisions look at plain values only. Units: those of the quantity and of time.

use gutbrain_numbers::Scalar;

use crate::System;
use crate::watch::DenseOutput;

/// What is wanted of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Its largest value.
    Maximum,
    /// Its smallest value.
    Minimum,
    /// Its integral over time.
    Area,
}

/// A quantity of the system ([`System::quantity`]) between two times, both included.
///
/// At `from` the value after the switches counts, at `to` those on both sides of the switches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpanRule {
    /// Number of the quantity.
    pub quantity: usize,
    /// What is wanted of it.
    pub measure: Measure,
    /// First time.
    pub from: f64,
    /// Last time, after the first.
    pub to: f64,
    /// Longest stretch of time that is looked at as one, above zero.
    pub longest_piece: f64,
}

impl SpanRule {
    pub(crate) fn is_sound(&self) -> bool {
        let finite = self.from.is_finite() && self.to.is_finite();
        finite && self.from < self.to && self.longest_piece > 0.0
    }
}

/// Halvings of a piece whose area is not known well enough.
const HALVINGS: u32 = 12;
/// Difference of both quadratures, relative to the area of the absolute value, that is good enough.
const AREA_TOLERANCE: f64 = 1e-10;
/// Parts of a piece between samples for extremes.
const PARTS: usize = 16;
/// Shrinkings of the bracket around an extreme: to 10⁻⁷ of it, where values agree to about 10⁻¹⁴.
const SECTIONS: usize = 34;
/// Most pieces of one step, whatever its length.
const MOST_PIECES: f64 = 1e5;

/// What is known of a span so far.
#[derive(Clone, Copy, Debug)]
struct Found<R> {
    /// Up to where it is known.
    covered: f64,
    value: Option<R>,
}

/// The spans of a run while it goes on.
pub(crate) struct Spans<'a, R> {
    rules: &'a [SpanRule],
    found: Vec<Found<R>>,
    state: Vec<R>,
    states_read: Vec<Vec<usize>>,
}

impl<'a, R: Scalar> Spans<'a, R> {
    pub(crate) fn new(rules: &'a [SpanRule], dimension: usize) -> Self {
        let found = |rule: &SpanRule| Found {
            covered: rule.from,
            value: (rule.measure == Measure::Area).then(|| R::from_f64(0.0)),
        };
        let scratch = if rules.is_empty() { 0 } else { dimension };
        Self {
            rules,
            found: rules.iter().map(found).collect(),
            state: vec![R::from_f64(0.0); scratch],
            states_read: Vec::new(),
        }
    }

    pub(crate) fn begin<S: System<R>>(&mut self, system: &S) {
        let reads = |rule: &SpanRule| system.quantity_states(rule.quantity);
        self.states_read = self.rules.iter().map(reads).collect();
    }

    /// Whether a span that is not known yet reaches into a step that ends there.
    #[inline]
    pub(crate) fn reach_before(&self, end: f64) -> bool {
        let mut rules = self.rules.iter().zip(&self.found);
        rules.any(|(rule, found)| rule.from < end && found.covered < rule.to)
    }

    /// Look at a state at its time, after the switches there.
    pub(crate) fn see<S: System<R>>(&mut self, system: &mut S, time: f64, state: &[R]) {
        for (rule, found) in self.rules.iter().zip(&mut self.found) {
            if rule.measure != Measure::Area && rule.from <= time && time <= rule.to {
                let value = system.quantity(rule.quantity, R::from_f64(time), state);
                found.improve(rule.measure, value);
            }
        }
    }

    /// Look at an accepted step, up to `bound`.
    pub(crate) fn observe<S: System<R>>(
        &mut self,
        system: &mut S,
        dense: &mut dyn DenseOutput<R, S>,
        bound: f64,
    ) {
        for (place, rule) in self.rules.iter().enumerate() {
            let begin = larger(dense.begin(), rule.from);
            let end = smaller(bound, rule.to);
            if end <= begin || self.found[place].covered >= rule.to {
                continue;
            }
            let mut curve = Curve {
                system: &mut *system,
                dense: &mut *dense,
                quantity: rule.quantity,
                states: &self.states_read[place],
                state: &mut self.state,
            };
            let found = &mut self.found[place];
            let pieces = smaller(((end - begin) / rule.longest_piece).ceil(), MOST_PIECES);
            let pieces = larger(pieces, 1.0);
            let mut left = begin;
            let mut number = 0.0;
            while number < pieces {
                number += 1.0;
                let right = match number < pieces {
                    true => begin + (end - begin) * (number / pieces),
                    false => end,
                };
                match rule.measure {
                    Measure::Area => {
                        let area = curve.area(left, right, HALVINGS);
                        found.value = found.value.map(|sum| sum + area);
                    }
                    measure => curve.extreme(left, right, measure, found),
                }
                left = right;
            }
            found.covered = end;
        }
    }

    /// One number for each rule; nothing for spans that the run did not cover.
    pub(crate) fn finish(self, start: f64) -> Vec<Option<R>> {
        let known = |(rule, found): (&SpanRule, Found<R>)| {
            let whole = start <= rule.from && found.covered >= rule.to;
            found.value.filter(|_| whole)
        };
        self.rules.iter().zip(self.found).map(known).collect()
    }
}

impl<R: Scalar> Found<R> {
    /// Keeps the better of two values; NaN is kept for good.
    fn improve(&mut self, measure: Measure, value: R) {
        let better = match self.value {
            None => true,
            Some(best) if best.value().is_nan() => false,
            Some(best) => value.value().is_nan() || measure.prefers(value.value(), best.value()),
        };
        if better {
            self.value = Some(value);
        }
    }
}

impl Measure {
    fn prefers(self, new: f64, old: f64) -> bool {
        match self {
            Self::Maximum => new > old,
            Self::Minimum => new < old,
            Self::Area => false,
        }
    }
}

/// A quantity along the dense output of a step.
struct Curve<'s, R: Scalar, S: System<R>> {
    system: &'s mut S,
    dense: &'s mut dyn DenseOutput<R, S>,
    quantity: usize,
    states: &'s [usize],
    state: &'s mut Vec<R>,
}

impl<R: Scalar, S: System<R>> Curve<'_, R, S> {
    fn at(&mut self, time: f64) -> R {
        let time = R::from_f64(time);
        self.dense
            .evaluate_some(self.system, time, self.states, self.state);
        self.system.quantity(self.quantity, time, self.state)
    }

    fn area(&mut self, left: f64, right: f64, halvings: u32) -> R {
        let half = 0.5 * (right - left);
        let middle = left + half;
        let centre = self.at(middle);
        let mut fine = centre.scale(KRONROD[0].1);
        let mut coarse = centre.value() * GAUSS[0];
        let mut size = centre.value().abs() * KRONROD[0].1;
        for (place, (node, weight)) in KRONROD.iter().enumerate().skip(1) {
            let pair = self.at(middle - half * node) + self.at(middle + half * node);
            fine += pair.scale(*weight);
            size += pair.value().abs() * weight;
            // Every other node is one of Gauss, too.
            if place % 2 == 0 {
                coarse += pair.value() * GAUSS[place / 2];
            }
        }
        let difference = (fine.value() - coarse).abs();
        // What is no number gets no better by halves.
        let is_off = difference > AREA_TOLERANCE * size;
        if !is_off || halvings == 0 || middle <= left || middle >= right {
            return fine.scale(half);
        }
        self.area(left, middle, halvings - 1) + self.area(middle, right, halvings - 1)
    }

    fn extreme(&mut self, left: f64, right: f64, measure: Measure, found: &mut Found<R>) {
        let mut times = [0.0; PARTS + 1];
        let mut values = [0.0; PARTS + 1];
        let mut best = 0;
        for part in 0..=PARTS {
            times[part] = match part {
                PARTS => right,
                _ => left + (right - left) * (part as f64 / PARTS as f64),
            };
            let value = self.at(times[part]);
            values[part] = value.value();
            found.improve(measure, value);
            if measure.prefers(values[part], values[best]) {
                best = part;
            }
        }
        if found.value.is_some_and(|value| value.value().is_nan()) {
            return;
        }
        // All brackets that may hide something better than what is known.
        let known = found.value.map_or(values[best], Scalar::value);
        for part in 0..=PARTS {
            let (before, after) = (part.saturating_sub(1), usize::min(part + 1, PARTS));
            let here = values[part];
            let top =
                !measure.prefers(values[before], here) && !measure.prefers(values[after], here);
            let rise = larger((here - values[before]).abs(), (here - values[after]).abs());
            // At an end of the piece the curve may well go on beyond it: the next piece sees that.
            let slope = match part {
                0 => 4.0 * values[1] - 3.0 * values[0] - values[2],
                PARTS => 4.0 * values[PARTS - 1] - 3.0 * values[PARTS] - values[PARTS - 2],
                _ => 0.0,
            };
            let inwards = match measure {
                Measure::Minimum => -slope,
                _ => slope,
            };
            if inwards < -0.25 * rise {
                continue;
            }
            let reach = match measure {
                Measure::Minimum => here - rise,
                _ => here + rise,
            };
            if top && rise > 0.0 && measure.prefers(reach, known) {
                let time = self.close_in(times[before], times[after], measure);
                let value = self.at(time);
                found.improve(measure, value);
            }
        }
    }

    /// The time of the extreme between two times, by golden sections.
    fn close_in(&mut self, mut left: f64, mut right: f64, measure: Measure) -> f64 {
        const GOLDEN: f64 = 0.618_033_988_749_894_9;
        let mut low = right - GOLDEN * (right - left);
        let mut high = left + GOLDEN * (right - left);
        let (mut at_low, mut at_high) = (self.at(low).value(), self.at(high).value());
        for _ in 0..SECTIONS {
            if measure.prefers(at_low, at_high) {
                (right, high, at_high) = (high, low, at_low);
                low = right - GOLDEN * (right - left);
                at_low = self.at(low).value();
            } else {
                (left, low, at_low) = (low, high, at_high);
                high = left + GOLDEN * (right - left);
                at_high = self.at(high).value();
            }
        }
        if measure.prefers(at_low, at_high) {
            low
        } else {
            high
        }
    }
}

fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Nodes from the middle out, with the weights of Kronrod's rule of 15 points.
const KRONROD: [(f64, f64); 8] = [
    (0.0, 0.209_482_141_084_727_82),
    (0.207_784_955_007_898_47, 0.204_432_940_075_298_9),
    (0.405_845_151_377_397_2, 0.190_350_578_064_785_4),
    (0.586_087_235_467_691_1, 0.169_004_726_639_267_9),
    (0.741_531_185_599_394_4, 0.140_653_259_715_525_92),
    (0.864_864_423_359_769_1, 0.104_790_010_322_250_18),
    (0.949_107_912_342_758_5, 0.063_092_092_629_978_56),
    (0.991_455_371_120_812_6, 0.022_935_322_010_529_224),
];

/// Weights of Gauss's rule of 7 points, for the nodes of even place.
const GAUSS: [f64; 4] = [
    0.417_959_183_673_469_4,
    0.381_830_050_505_118_9,
    0.279_705_391_489_276_7,
    0.129_484_966_168_869_7,
];

#[cfg(test)]
mod tests {
    use super::{GAUSS, KRONROD};

    /// Both rules integrate every power that they must: 2n - 1 of Gauss, 3n + 1 of Kronrod.
    #[test]
    fn rules_have_their_degree() {
        for power in 0..=22_i32 {
            let exact = if power % 2 == 0 {
                2.0 / f64::from(power + 1)
            } else {
                0.0
            };
            let mirrored = |node: f64| node.powi(power) + (-node).powi(power);
            let both = |(place, weight): (usize, f64)| match place {
                0 => weight * 0.0_f64.powi(power),
                _ => weight * mirrored(KRONROD[place].0),
            };
            let kronrod: f64 = (0..8).map(|place| both((place, KRONROD[place].1))).sum();
            assert!((kronrod - exact).abs() < 1e-14, "{power}: {kronrod}");
            if power <= 13 {
                let gauss: f64 = (0..4).map(|k| both((2 * k, GAUSS[k]))).sum();
                assert!((gauss - exact).abs() < 1e-14, "{power}: {gauss}");
            }
        }
    }
}
