//! [`Verdict`]: what a prediction says about a claim.
//!
//! A claim is a set of values: a point with sd `s` is `[v − 2s, v + 2s]`, a band is itself, "higher" is
//! what lies above `than + margin`, "lower" what lies below `than − margin`, "none" all between. A
//! prediction inside agrees. One outside disagrees, unless its 90 % interval reaches the set: then it is
//! inconclusive. Where a published finding says the opposite, what does not agree is a conflict.

use gutbrain_network::declaration::{Claim, Direction};

/// What a prediction says about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The prediction is what was found.
    Agrees,
    /// It is not.
    Disagrees,
    /// It is not, but it is too uncertain to say so.
    Inconclusive,
    /// It is not, and another published finding says the opposite of this one.
    Conflict,
    /// The model cannot show it.
    NotRepresentable,
    /// The simulation gave no value.
    NoValue,
}

impl Verdict {
    /// Every verdict with its word.
    pub const WORDS: &[(&str, Self)] = &[
        ("agrees", Self::Agrees),
        ("disagrees", Self::Disagrees),
        ("inconclusive", Self::Inconclusive),
        ("conflict", Self::Conflict),
        ("not representable", Self::NotRepresentable),
        ("no value", Self::NoValue),
    ];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, verdict)| *verdict == self);
        found.map_or("", |(word, _)| word)
    }
}

/// The set of values that a claim allows; open ends are infinite.
#[must_use]
pub fn allowed(claim: Claim) -> (f64, f64) {
    match claim {
        Claim::Point { value, sd } => (value - 2.0 * sd, value + 2.0 * sd),
        Claim::Band { low, high } => (low, high),
        Claim::Direction {
            direction,
            than,
            margin,
        } => match direction {
            Direction::Higher => (than + margin, f64::INFINITY),
            Direction::Lower => (f64::NEG_INFINITY, than - margin),
            Direction::None => (than - margin, than + margin),
        },
    }
}

/// The verdict on a prediction with its 90 % interval, if it has one.
#[must_use]
pub fn judge(
    claim: Claim,
    predicted: f64,
    interval: Option<(f64, f64)>,
    contradicted: bool,
) -> Verdict {
    let (low, high) = allowed(claim);
    if !predicted.is_finite() {
        return Verdict::NoValue;
    }
    if (low..=high).contains(&predicted) {
        return Verdict::Agrees;
    }
    let reaches = interval.is_some_and(|(from, to)| from <= high && to >= low);
    match (contradicted, reaches) {
        (true, _) => Verdict::Conflict,
        (false, true) => Verdict::Inconclusive,
        (false, false) => Verdict::Disagrees,
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, Direction, Verdict, judge};

    const POINT: Claim = Claim::Point {
        value: 10.0,
        sd: 1.0,
    };

    fn direction(direction: Direction) -> Claim {
        Claim::Direction {
            direction,
            than: 1.0,
            margin: 0.1,
        }
    }

    #[test]
    fn a_point_is_two_standard_deviations_wide() {
        assert_eq!(judge(POINT, 12.0, None, false), Verdict::Agrees);
        assert_eq!(judge(POINT, 12.001, None, false), Verdict::Disagrees);
        assert_eq!(judge(POINT, 7.999, None, true), Verdict::Conflict);
        assert_eq!(judge(POINT, f64::NAN, None, false), Verdict::NoValue);
    }

    #[test]
    fn what_is_too_uncertain_does_not_disagree_and_what_is_inside_agrees_all_the_same() {
        let wide = Some((11.0, 15.0));
        assert_eq!(judge(POINT, 13.0, wide, false), Verdict::Inconclusive);
        let narrow = Some((12.5, 13.5));
        assert_eq!(judge(POINT, 13.0, narrow, false), Verdict::Disagrees);
        assert_eq!(
            judge(POINT, 10.0, Some((-90.0, 110.0)), false),
            Verdict::Agrees
        );
    }

    #[test]
    fn directions_have_a_margin_and_a_null_can_fail() {
        let cases = [
            (Direction::Higher, 1.2, Verdict::Agrees),
            (Direction::Higher, 1.05, Verdict::Disagrees),
            (Direction::Higher, 0.5, Verdict::Disagrees),
            (Direction::Lower, 0.5, Verdict::Agrees),
            (Direction::Lower, 1.5, Verdict::Disagrees),
            (Direction::None, 1.05, Verdict::Agrees),
            (Direction::None, 1.2, Verdict::Disagrees),
            (Direction::None, 0.8, Verdict::Disagrees),
        ];
        for (way, predicted, verdict) in cases {
            assert_eq!(judge(direction(way), predicted, None, false), verdict);
        }
        let crossing = Some((0.9, 1.5));
        let verdict = judge(direction(Direction::Higher), 1.05, crossing, false);
        assert_eq!(verdict, Verdict::Inconclusive);
    }

    #[test]
    fn words_are_distinct() {
        for (word, verdict) in Verdict::WORDS {
            assert_eq!(verdict.word(), *word);
        }
    }
}
