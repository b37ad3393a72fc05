//! The restricted mean survival time: the mean of min(time, horizon), the area under the Kaplan–Meier
//! curve up to the horizon.
//!
//! With A(t) the area between t and the horizon, the variance is Σ A(tᵢ)² dᵢ/(nᵢ (nᵢ − dᵢ)) over the event
//! times up to the horizon. A difference of two arms is in units of time and needs no proportional hazards.
//!
//! Source: P. Royston and M. K. B. Parmar, BMC Medical Research Methodology 13 (2013) 152.

use super::kaplan_meier::{Curve, end_of_ties, in_order};
use super::{Confidence, Interval, NotEstimable, Observation, check_times};
use crate::normal;

/// A restricted mean and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// The mean of min(time, horizon).
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its interval.
    pub interval: Interval,
}

/// What the second arm gains over the first up to a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Restricted mean of the second arm less that of the first.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its interval.
    pub interval: Interval,
    /// p of no difference; `None` where the standard error is zero and nothing can be tested.
    pub p: Option<f64>,
}

/// The restricted mean of one group.
///
/// # Errors
/// [`NotEstimable::Time`], [`NotEstimable::Horizon`], [`NotEstimable::NoSubjects`], and
/// [`NotEstimable::BeyondFollowUp`] where subjects were last seen alive before the horizon and nobody
/// after: what they did then is not known.
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
    let standard_error = variance.sqrt();
    Ok(RestrictedMean {
        mean: area,
        standard_error,
        interval: confidence.around(area, standard_error),
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
    let variance =
        first.standard_error * first.standard_error + second.standard_error * second.standard_error;
    let standard_error = variance.sqrt();
    Ok(Difference {
        difference,
        standard_error,
        interval: confidence.around(difference, standard_error),
        p: (standard_error > 0.0).then(|| normal::two_sided(difference / standard_error)),
    })
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

/// The longest horizon up to which every group can be judged: a group whose last subject had its event
/// can be judged for ever, another until its last look. If all can for ever, the last event of all.
/// `None` if a group has nobody, or a time that is not a number.
#[must_use]
pub fn common_horizon(groups: &[&[Observation]]) -> Option<f64> {
    let (mut shortest, mut latest) = (f64::INFINITY, 0.0_f64);
    for group in groups {
        check_times(0, group).ok()?;
        let last = group.iter().map(|o| o.time).reduce(f64::max)?;
        latest = latest.max(last);
        if group.iter().any(|o| !o.event && o.time >= last) {
            shortest = shortest.min(last);
        }
    }
    let horizon = if shortest.is_finite() {
        shortest
    } else {
        latest
    };
    (horizon > 0.0).then_some(horizon)
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
    if value > 0.0 && last < horizon {
        return Err(NotEstimable::BeyondFollowUp { horizon, last });
    }
    piece.area = value * (horizon - start);
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
            assert!(
                (found.standard_error - squares.sqrt() / 5.0).abs() < 1e-13,
                "{horizon}"
            );
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
        assert_eq!(common_horizon(&[&group, &dead]), Some(5.0));
        assert_eq!(
            common_horizon(&[&dead, &[Observation::event(9.0)]]),
            Some(9.0)
        );
        assert_eq!(common_horizon(&[&dead, &[]]), None);
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
