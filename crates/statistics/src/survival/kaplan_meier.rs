//! The Kaplan–Meier curve with its confidence band and its median.
//!
//! S(t) = Π (1 − dᵢ/nᵢ) over the event times tᵢ ≤ t, with dᵢ events among nᵢ at risk. Its variance is
//! Greenwood's, S² Σ dᵢ/(nᵢ (nᵢ − dᵢ)); the band is made on the scale ln(−ln S), on which it stays inside
//! (0, 1), as in J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data
//! (2nd edition, 2002), section 1.4. The interval of the median holds every time at which the band holds
//! one half: R. Brookmeyer and J. Crowley, Biometrics 38 (1982) 29–41.
//!
//! Between censorings S is a quotient of two counts and not a running product, so that the curve of a
//! group without censoring is exact.

use gutbrain_numbers::Real;

use super::{Confidence, Interval, NotEstimable, Observation, check_times, same_time};

/// What happened at one time, and the curve from there on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The time.
    pub time: f64,
    /// Subjects at risk just before it.
    pub at_risk: usize,
    /// Events at it.
    pub events: usize,
    /// Subjects censored at it, after its events.
    pub censored: usize,
    /// The curve from this time on.
    pub survival: f64,
    /// Standard error of the curve (Greenwood); `None` once nobody is left, where it is not defined, and
    /// of one subject.
    pub standard_error: Option<f64>,
    /// The band from this time on; `None` once the curve is zero, where it is not defined, and of one
    /// subject.
    pub band: Option<Interval>,
}

/// The curve of one group: one [`Step`] per distinct time, ascending.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    /// The steps. Before the first one the curve is 1.
    pub steps: Vec<Step>,
    /// How many subjects the group has.
    pub subjects: usize,
    /// How many of them had their event.
    pub events: usize,
}

/// A median and its interval; `None` is "not reached".
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Median {
    /// The first time at which the curve is one half or lower.
    pub time: Option<f64>,
    /// The first time at which the lower band is.
    pub lower: Option<f64>,
    /// The first time at which the upper band is.
    pub upper: Option<f64>,
}

impl KaplanMeier {
    /// Estimates the curve; a group of nobody has no steps.
    ///
    /// # Errors
    /// [`NotEstimable::Time`].
    pub fn new(group: &[Observation], confidence: Confidence) -> Result<Self, NotEstimable> {
        check_times(0, group)?;
        let ordered = in_order(group);
        let mut steps = Vec::with_capacity(ordered.len());
        let mut curve = Curve::new(ordered.len());
        let mut greenwood = 0.0;
        let mut first = 0;
        while first < ordered.len() {
            let time = ordered[first].time;
            let last = end_of_ties(&ordered, first);
            let at_risk = ordered.len() - first;
            let events = ordered[first..last].iter().filter(|o| o.event).count();
            let censored = last - first - events;
            let survival = curve.step(at_risk, events, censored);
            let left = at_risk - events;
            if events > 0 && left > 0 {
                greenwood += events as f64 / (at_risk as f64 * left as f64);
            }
            // One subject says nothing of the spread of others.
            let known = left > 0 && ordered.len() > 1;
            steps.push(Step {
                time: time + 0.0,
                at_risk,
                events,
                censored,
                survival,
                standard_error: known.then(|| survival * greenwood.sqrt()),
                band: known.then(|| log_log_band(survival, greenwood, confidence)),
            });
            first = last;
        }
        Ok(Self {
            subjects: group.len(),
            events: group.iter().filter(|o| o.event).count(),
            steps,
        })
    }

    /// The curve at `time` (its value after the events at `time`).
    #[must_use]
    pub fn survival_at(&self, time: f64) -> f64 {
        let after = self.steps.partition_point(|step| step.time <= time);
        after.checked_sub(1).map_or(1.0, |i| self.steps[i].survival)
    }

    /// How many subjects are at risk just before `time`.
    #[must_use]
    pub fn at_risk(&self, time: f64) -> usize {
        let next = self.steps.partition_point(|step| step.time < time);
        self.steps.get(next).map_or(0, |step| step.at_risk)
    }

    /// The median, with the interval that the band gives; that of one subject has none.
    #[must_use]
    pub fn median(&self) -> Median {
        let several = self.subjects > 1;
        let first = |reached: &dyn Fn(&Step) -> bool| {
            self.steps.iter().find(|step| reached(step)).map(|s| s.time)
        };
        Median {
            time: first(&|step| half_or_less(step.survival)),
            lower: first(&|step| several && step.band.map_or(step.survival, |b| b.lower) <= 0.5),
            upper: first(&|step| step.band.is_some_and(|b| b.upper <= 0.5)),
        }
    }
}

/// Steps of a curve that are shown one by one; of longer curves [`shown_steps`] chooses some.
const MOST_SHOWN: usize = 1 << 13;

/// The steps of a curve that a picture needs, each as it is: all of them, or, of more than eight thousand,
/// the first ones at or after each multiple of a power of two (of days: numbers at risk at whole days stay
/// exact in a life of some hundred days), those at which the curve and its band reach one half, and the
/// last one. Choosing again chooses the same.
#[must_use]
pub fn shown_steps(steps: Vec<Step>) -> Vec<Step> {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return steps;
    };
    let span = last.time - first.time;
    if steps.len() <= MOST_SHOWN || !(span.is_finite() && span > 0.0) {
        return steps;
    }
    // Ends of the span, medians and the last step come on top.
    let room = MOST_SHOWN as f64 - 8.0;
    let mut width = 1.0;
    while span / width > room {
        width *= 2.0;
    }
    while 2.0 * span / width <= room {
        width *= 0.5;
    }
    let half = |reached: &dyn Fn(&Step) -> bool| steps.iter().position(reached);
    let halves = [
        half(&|step| half_or_less(step.survival)),
        half(&|step| step.band.map_or(step.survival, |band| band.lower) <= 0.5),
        half(&|step| step.band.is_some_and(|band| band.upper <= 0.5)),
        Some(steps.len() - 1),
    ];
    let mut cell = f64::NEG_INFINITY;
    let mut place = 0;
    steps
        .iter()
        .filter(|step| {
            // Cells begin at multiples of the width: k width ≤ time < (k + 1) width.
            let next = (step.time / width).floor();
            let keep = next > cell || halves.contains(&Some(place));
            cell = next.max(cell);
            place += 1;
            keep
        })
        .copied()
        .collect()
}

/// The first time at which the Kaplan–Meier curve of `group` is one half or lower: `None` where it is not
/// reached, or where a time is not a number. The same as [`KaplanMeier::median`], without the table: for
/// bootstraps.
#[must_use]
pub fn median(group: &[Observation]) -> Option<f64> {
    check_times(0, group).ok()?;
    let ordered = in_order(group);
    let mut curve = Curve::new(ordered.len());
    let mut first = 0;
    while first < ordered.len() {
        let last = end_of_ties(&ordered, first);
        let events = ordered[first..last].iter().filter(|o| o.event).count();
        if half_or_less(curve.step(ordered.len() - first, events, last - first - events)) {
            return Some(ordered[first].time + 0.0);
        }
        first = last;
    }
    None
}

/// Observations by time.
pub(super) fn in_order(group: &[Observation]) -> Vec<Observation> {
    let mut ordered = group.to_vec();
    ordered.sort_unstable_by(|a, b| (a.time + 0.0).total_cmp(&(b.time + 0.0)));
    ordered
}

/// The place after the last observation with the time of the one at `first`.
pub(super) fn end_of_ties(ordered: &[Observation], first: usize) -> usize {
    let time = ordered[first].time;
    let ties = ordered[first..]
        .iter()
        .take_while(|o| same_time(o.time, time));
    first + ties.count()
}

/// The value of the curve, step by step: `base` × (still alive)/(at risk after the last censoring).
pub(super) struct Curve {
    base: f64,
    since: usize,
    value: f64,
}

impl Curve {
    pub(super) fn new(subjects: usize) -> Self {
        Self {
            base: 1.0,
            since: subjects,
            value: 1.0,
        }
    }

    /// The value after `events` of `at_risk` subjects, `censored` leaving afterwards.
    pub(super) fn step(&mut self, at_risk: usize, events: usize, censored: usize) -> f64 {
        if events > 0 {
            self.value = self.base * ((at_risk - events) as f64 / self.since as f64);
        }
        if censored > 0 {
            self.base = self.value;
            self.since = at_risk - events - censored;
        }
        self.value
    }
}

/// S^exp(±z √greenwood / |ln S|); without an event the band is the curve, 1.
fn log_log_band(survival: f64, greenwood: f64, confidence: Confidence) -> Interval {
    if greenwood <= 0.0 {
        return Interval {
            lower: survival,
            upper: survival,
        };
    }
    let log = Real::ln(survival);
    let widening = Real::exp(confidence.z() * greenwood.sqrt() / log.abs());
    Interval {
        lower: Real::exp(log * widening),
        upper: Real::exp(log / widening),
    }
}

/// Whether a value of the curve is one half, whatever the rounding of products, or lower.
fn half_or_less(survival: f64) -> bool {
    survival <= 0.5 + 1e-12
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(times: &[f64]) -> Vec<Observation> {
        // A negative number is a censoring: only in these tests.
        let one = |&time: &f64| Observation {
            time: time.abs(),
            event: time > 0.0,
        };
        times.iter().map(one).collect()
    }

    fn curve(times: &[f64]) -> KaplanMeier {
        KaplanMeier::new(&group(times), Confidence::percent_95()).unwrap()
    }

    #[test]
    fn a_curve_by_hand() {
        let km = curve(&[3.0, 1.0, -1.0, 2.0, 3.0, -5.0]);
        let table: Vec<_> = km
            .steps
            .iter()
            .map(|s| (s.time, s.at_risk, s.events, s.censored, s.survival))
            .collect();
        let expected = [
            (1.0, 6, 1, 1, 5.0 / 6.0),
            (2.0, 4, 1, 0, 5.0 / 6.0 * 0.75),
            (3.0, 3, 2, 0, 5.0 / 6.0 * 0.25),
            (5.0, 1, 0, 1, 5.0 / 6.0 * 0.25),
        ];
        assert_eq!(table, expected);
        assert_eq!((km.subjects, km.events), (6, 4));
        assert_eq!(km.median().time, Some(3.0));
        assert_eq!(km.at_risk(0.0), 6);
        assert_eq!(km.at_risk(1.0), 6);
        assert_eq!(km.at_risk(1.5), 4);
        assert_eq!(km.at_risk(6.0), 0);
        assert_eq!(km.survival_at(0.5).to_bits(), 1.0_f64.to_bits());
        assert!((km.survival_at(3.0) - 5.0 / 24.0).abs() < 1e-16);
        // Greenwood at t = 2: 1/(6·5) + 1/(4·3).
        let error = km.steps[1].standard_error.unwrap();
        assert!((error - 0.625 * (1.0_f64 / 30.0 + 1.0 / 12.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn without_censoring_the_curve_is_the_exact_share_of_survivors() {
        let times: Vec<f64> = (1..=60).map(f64::from).collect();
        let km = curve(&times);
        for (number, step) in (1_u32..).zip(&km.steps) {
            let share = f64::from(60 - number) / 60.0;
            assert_eq!(step.survival.to_bits(), share.to_bits());
        }
        assert_eq!(km.median().time, Some(30.0));
        assert_eq!(median(&group(&times)), Some(30.0));
        let last = km.steps[59];
        assert_eq!((last.standard_error, last.band), (None, None));
    }

    #[test]
    fn what_is_not_reached_is_absent() {
        let all_censored = curve(&[-1.0, -2.0, -2.0]);
        assert_eq!(all_censored.median(), Median::default());
        assert_eq!(all_censored.events, 0);
        let band = all_censored.steps[1].band.unwrap();
        assert_eq!((band.lower, band.upper), (1.0, 1.0));

        let one_event = curve(&[4.0, -5.0, -6.0, -7.0]);
        assert_eq!(one_event.median().time, None);
        assert!(one_event.steps[0].band.unwrap().lower > 0.0);

        let nobody = curve(&[]);
        assert!(nobody.steps.is_empty());
        assert_eq!(nobody.median(), Median::default());
        assert_eq!(nobody.survival_at(3.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(nobody.at_risk(3.0), 0);
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn events_come_before_censorings_at_the_same_time() {
        let km = curve(&[-2.0, 2.0]);
        assert_eq!(km.steps.len(), 1);
        assert_eq!(km.steps[0].at_risk, 2);
        assert_eq!(km.steps[0].survival.to_bits(), 0.5_f64.to_bits());
    }

    #[test]
    fn minus_zero_is_zero() {
        let km = KaplanMeier::new(
            &[Observation::event(0.0), Observation::event(-0.0)],
            Confidence::percent_95(),
        );
        assert_eq!(km.unwrap().steps.len(), 1);
    }

    #[test]
    fn times_that_are_no_times_are_refused() {
        for time in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-300] {
            let hostile = [Observation::event(1.0), Observation { time, event: false }];
            let refusal = KaplanMeier::new(&hostile, Confidence::percent_95()).unwrap_err();
            assert!(
                matches!(
                    refusal,
                    NotEstimable::Time {
                        subject: 1,
                        group: 0,
                        ..
                    }
                ),
                "{refusal}"
            );
            assert_eq!(median(&hostile), None);
        }
    }
}
