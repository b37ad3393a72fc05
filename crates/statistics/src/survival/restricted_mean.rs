//! The restricted mean survival time: the mean of min(time, horizon), the area under the Kaplan–Meier
//! curve up to the horizon.
//!
//! With A(t) the area between t and the horizon, the variance is Σ A(tᵢ)² dᵢ/(nᵢ (nᵢ − dᵢ)) over the event
//! times up to the horizon. A difference of two arms is in units of time and needs no proportional hazards.
//! One subject has no variance, and a group without spread no interval: there is none of no width.
//!
//! The horizon is that of the experiment ([`common_horizon`]), not that of the last subject: a group whose
//! last subject was lost before it is completed after Efron (the curve falls to zero where that subject
//! was last seen), as long as at most a quarter of the curve ([`UNDECIDED`]) is decided like that. Where
//! more is, all groups are judged up to that last look only.
//!
//! Sources: P. Royston and M. K. B. Parmar, BMC Medical Research Methodology 13 (2013) 152; B. Efron,
//! Proceedings of the Fifth Berkeley Symposium 4 (1967) 831–853 (the completion).

use super::kaplan_meier::{Curve, end_of_ties, in_order};
use super::{Confidence, Interval, NotEstimable, Observation, check_times};
use crate::normal;

/// The largest value of a curve at its last look, before the horizon, that is taken for zero afterwards.
pub const UNDECIDED: f64 = 0.25;

/// A restricted mean and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// The mean of min(time, horizon).
    pub mean: f64,
    /// Its standard error; `None` of one subject, which has no spread.
    pub standard_error: Option<f64>,
    /// Its interval; `None` where no spread was seen.
    pub interval: Option<Interval>,
}

/// What the second arm gains over the first up to a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Restricted mean of the second arm less that of the first.
    pub difference: f64,
    /// Its standard error; `None` where a group has one subject.
    pub standard_error: Option<f64>,
    /// Its interval; `None` where no spread was seen.
    pub interval: Option<Interval>,
    /// p of no difference; `None` where no spread was seen and nothing can be tested.
    pub p: Option<f64>,
}

/// The restricted mean of one group.
///
/// # Errors
/// [`NotEstimable::Time`], [`NotEstimable::Horizon`], [`NotEstimable::NoSubjects`], and
/// [`NotEstimable::BeyondFollowUp`] where more than [`UNDECIDED`] of the curve is left when a subject was
/// last seen before the horizon and nobody after: what they did then is not known.
pub fn of(
    group: &[Observation],
    horizon: f64,
    confidence: Confidence,
) -> Result<RestrictedMean, NotEstimable> {
    let pieces = pieces(group, horizon)?;
    // Backwards: the area after each event is what has been summed so far.
    let (mut area, mut variance) = (0.0, 0.0);
    for piece in pieces.iter().rev() {
        area += piece.area;
        if piece.left > 0 {
            let (events, at_risk) = (piece.events as f64, piece.events as f64 + piece.left as f64);
            variance += area * area * events / (at_risk * piece.left as f64);
        }
    }
    let standard_error = (group.len() > 1).then(|| variance.sqrt());
    Ok(RestrictedMean {
        mean: area,
        standard_error,
        interval: seen(standard_error).map(|error| confidence.around(area, error)),
    })
}

/// The gain of `treated` over `control` up to the horizon.
///
/// # Errors
/// As [`of`]; the group in a [`NotEstimable::Time`] is 0 for the control, 1 for the treated.
pub fn difference(
    control: &[Observation],
    treated: &[Observation],
    horizon: f64,
    confidence: Confidence,
) -> Result<Difference, NotEstimable> {
    check_times(0, control)?;
    check_times(1, treated)?;
    let first = of(control, horizon, confidence)?;
    let second = of(treated, horizon, confidence)?;
    let difference = second.mean - first.mean;
    let standard_error = (first.standard_error)
        .zip(second.standard_error)
        .map(|(one, other)| (one * one + other * other).sqrt());
    let spread = seen(standard_error);
    Ok(Difference {
        difference,
        standard_error,
        interval: spread.map(|error| confidence.around(difference, error)),
        p: spread.map(|error| normal::two_sided(difference / error)),
    })
}

/// A standard error that there is and that is not zero.
fn seen(standard_error: Option<f64>) -> Option<f64> {
    standard_error.filter(|error| *error > 0.0)
}

/// The restricted mean alone; `None` where [`of`] has an error. For bootstraps.
#[must_use]
pub fn mean(group: &[Observation], horizon: f64) -> Option<f64> {
    let pieces = pieces(group, horizon).ok()?;
    Some(
        pieces
            .iter()
            .rev()
            .fold(0.0, |area, piece| area + piece.area),
    )
}

/// The horizon up to which all groups are judged: `follow_up`, the time at which the experiment ends
/// whatever the subjects do, or the last look at a group that left more than [`UNDECIDED`] of its curve
/// open before that. Groups of nobody say nothing. `None` if all are, or a time or `follow_up` is not a
/// positive number.
#[must_use]
pub fn common_horizon(groups: &[&[Observation]], follow_up: f64) -> Option<f64> {
    let mut horizon = follow_up;
    let mut anybody = false;
    for group in groups {
        check_times(0, group).ok()?;
        let Some((last, value)) = last_look(group) else {
            continue;
        };
        anybody = true;
        if value > UNDECIDED {
            horizon = horizon.min(last);
        }
    }
    (anybody && horizon.is_finite() && horizon > 0.0).then_some(horizon)
}

/// The last time at which a group was seen, and its curve there; nothing of nobody.
fn last_look(group: &[Observation]) -> Option<(f64, f64)> {
    let ordered = in_order(group);
    let last = ordered.last()?.time;
    let mut curve = Curve::new(ordered.len());
    let (mut value, mut first) = (1.0, 0);
    while first < ordered.len() {
        let end = end_of_ties(&ordered, first);
        let events = ordered[first..end].iter().filter(|o| o.event).count();
        value = curve.step(ordered.len() - first, events, end - first - events);
        first = end;
    }
    Some((last, value))
}

/// The curve from one event to the next, or to the horizon.
struct Piece {
    /// Events at its start and subjects left after them; 0 and 0 for the piece before the first event.
    events: usize,
    left: usize,
    area: f64,
}

fn pieces(group: &[Observation], horizon: f64) -> Result<Vec<Piece>, NotEstimable> {
    check_times(0, group)?;
    if !(horizon.is_finite() && horizon > 0.0) {
        return Err(NotEstimable::Horizon(horizon));
    }
    if group.is_empty() {
        return Err(NotEstimable::NoSubjects);
    }
    let ordered = in_order(group);
    let mut pieces = Vec::with_capacity(ordered.len() + 1);
    let mut curve = Curve::new(ordered.len());
    let mut piece = Piece {
        events: 0,
        left: 0,
        area: 0.0,
    };
    let (mut start, mut value) = (0.0, 1.0);
    let mut first = 0;
    while first < ordered.len() && ordered[first].time <= horizon {
        let time = ordered[first].time;
        let last = end_of_ties(&ordered, first);
        let events = ordered[first..last].iter().filter(|o| o.event).count();
        let at_risk = ordered.len() - first;
        let next = curve.step(at_risk, events, last - first - events);
        if events > 0 {
            piece.area = value * (time - start);
            pieces.push(piece);
            piece = Piece {
                events,
                left: at_risk - events,
                area: 0.0,
            };
            (start, value) = (time, next);
        }
        first = last;
    }
    let last = ordered[ordered.len() - 1].time;
    if value > UNDECIDED && last < horizon {
        return Err(NotEstimable::BeyondFollowUp { horizon, last });
    }
    // After Efron: whoever was lost last counts as dead from then on.
    piece.area = value * (horizon.min(last) - start);
    pieces.push(piece);
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SURE: fn() -> Confidence = Confidence::percent_95;

    #[test]
    fn without_censoring_it_is_the_mean_of_the_shortened_times() {
        let times = [3.0, 8.0, 8.0, 12.0, 20.0];
        let group = times.map(Observation::event);
        for horizon in [2.0, 3.0, 8.0, 10.0, 20.0, 50.0] {
            let found = of(&group, horizon, SURE()).unwrap();
            let shortened = times.map(|t| t.min(horizon));
            let centre = shortened.iter().sum::<f64>() / 5.0;
            // Greenwood without censoring is the variance with n below.
            let squares: f64 = shortened.iter().map(|t| (t - centre).powi(2)).sum();
            assert!((found.mean - centre).abs() < 1e-14 * centre, "{horizon}");
            let error = found.standard_error.unwrap();
            assert!((error - squares.sqrt() / 5.0).abs() < 1e-13, "{horizon}");
            // Nobody dies before 2: no spread, and no interval of no width.
            assert_eq!(found.interval.is_some(), horizon > 3.0, "{horizon}");
            let alone = mean(&group, horizon).unwrap();
            assert_eq!(alone.to_bits(), found.mean.to_bits());
        }
    }

    #[test]
    fn nothing_is_said_about_the_time_after_the_last_look() {
        let group = [Observation::event(3.0), Observation::censored(5.0)];
        assert!(of(&group, 5.0, SURE()).is_ok());
        assert_eq!(
            of(&group, 5.5, SURE()),
            Err(NotEstimable::BeyondFollowUp {
                horizon: 5.5,
                last: 5.0
            })
        );
        let dead = [Observation::censored(3.0), Observation::event(5.0)];
        assert!((mean(&dead, 50.0).unwrap() - 5.0).abs() < 1e-15);
        assert_eq!(common_horizon(&[&group, &dead], 50.0), Some(5.0));
        let nine = [Observation::event(9.0)];
        assert_eq!(common_horizon(&[&dead, &nine], 50.0), Some(50.0));
        // An arm of nobody takes nothing from the others.
        assert_eq!(common_horizon(&[&dead, &[]], 50.0), Some(50.0));
        assert_eq!(common_horizon(&[&[], &[]], 50.0), None);
        assert_eq!(common_horizon(&[&dead], f64::NAN), None);
        let bad = [Observation::event(f64::NAN)];
        assert_eq!(common_horizon(&[&dead, &bad], 50.0), None);
    }

    #[test]
    fn one_animal_that_is_lost_moves_neither_the_horizon_nor_the_difference_by_much() {
        // Deaths on days 101 to 124 without the treatment, 20 d later with it; every animal in turn is
        // lost on the day on which it would have died.
        let died = |shift: u32| -> Vec<Observation> {
            (1..=24_u32)
                .map(|day| Observation::event(f64::from(100 + shift + day)))
                .collect()
        };
        let (control, treated) = (died(0), died(20));
        let whole = difference(&control, &treated, 260.0, SURE()).unwrap();
        assert!((whole.difference - 20.0).abs() < 1e-12);
        for arm in 0..2 {
            for lost in 0..24 {
                let mut arms = [control.clone(), treated.clone()];
                arms[arm][lost].event = false;
                let horizon = common_horizon(&[&arms[0], &arms[1]], 260.0).unwrap();
                assert!((horizon - 260.0).abs() < 1e-12, "{arm} {lost}");
                let found = difference(&arms[0], &arms[1], horizon, SURE()).unwrap();
                assert!((found.difference - 20.0).abs() < 1.0, "{found:?}");
            }
        }
        // The old rule: judged up to the last look at the control, the treated gain much less.
        let cut = difference(&control, &treated, 124.0, SURE()).unwrap();
        assert!(cut.difference < 14.0, "{cut:?}");
        // Where half of an arm is lost, nobody is judged beyond.
        let mut half = treated;
        half[12..].iter_mut().for_each(|animal| {
            *animal = Observation::censored(132.5);
        });
        assert_eq!(common_horizon(&[&control, &half], 260.0), Some(132.5));
    }

    #[test]
    fn one_subject_has_no_interval() {
        let [one, other] = [100.0, 120.0].map(Observation::event);
        let alone = of(&[one], 200.0, SURE()).unwrap();
        assert_eq!((alone.standard_error, alone.interval), (None, None));
        let many = [90.0, 100.0, 130.0].map(Observation::event);
        let pairs: [(&[Observation], &[Observation]); 3] =
            [(&[one], &[other]), (&[one], &many), (&many, &[one])];
        for (control, treated) in pairs {
            let found = difference(control, treated, 200.0, SURE()).unwrap();
            assert!(found.difference.is_finite());
            let nothing = (found.standard_error, found.interval, found.p);
            assert_eq!(nothing, (None, None, None), "{control:?} {treated:?}");
        }
        // Nor have many that are all the same.
        let same = [one; 5];
        let found = difference(&same, &[other; 4], 200.0, SURE()).unwrap();
        assert_eq!((found.interval, found.p), (None, None));
    }

    #[test]
    fn differences_have_signs_and_no_p_without_spread() {
        let short = [10.0, 12.0, 14.0].map(Observation::event);
        let long = [20.0, 22.0, 24.0].map(Observation::event);
        let gain = difference(&short, &long, 30.0, SURE()).unwrap();
        assert!((gain.difference - 10.0).abs() < 1e-13 && gain.p.unwrap() < 1e-8);
        let loss = difference(&long, &short, 30.0, SURE()).unwrap();
        assert!((loss.difference + gain.difference).abs() < 1e-13);
        let early = difference(&short, &long, 5.0, SURE()).unwrap();
        assert_eq!((early.difference, early.p), (0.0, None));
    }

    #[test]
    fn hostile_input_is_refused() {
        let good = [Observation::event(1.0)];
        let bad = [Observation::event(f64::NAN)];
        for horizon in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
            let refusal = of(&good, horizon, SURE());
            assert!(matches!(refusal, Err(NotEstimable::Horizon(_))));
        }
        assert_eq!(of(&[], 1.0, SURE()), Err(NotEstimable::NoSubjects));
        let refusal = difference(&good, &bad, 1.0, SURE());
        assert!(matches!(refusal, Err(NotEstimable::Time { group: 1, .. })));
    }
}
