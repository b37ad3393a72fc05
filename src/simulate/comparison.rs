//! Readings of one arm against those of another: the only place that does this arithmetic.

use gutbrain_numbers::Scalar;

use super::experiment::Missing;
use crate::scenario::feature::Compared;

/// A reading, alone or against another arm: `own` is that of the arm itself, `of` gives that of the arm at
/// a place.
///
/// # Errors
/// [`Missing`] where one of both is missing, or the value (over duals, or a derivative) is not finite.
pub fn compare<R: Scalar>(
    compared: Compared,
    own: Result<R, Missing>,
    of: impl FnOnce(usize) -> Result<R, Missing>,
) -> Result<R, Missing> {
    let own = own?;
    let value = match compared {
        Compared::Alone => own,
        Compared::Difference(other) => own - of(other)?,
        Compared::Ratio(other) => own / of(other)?,
    };
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Missing::NotFinite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gutbrain_numbers::Dual;

    #[test]
    fn a_comparison_needs_both_numbers_and_gives_a_finite_one() {
        let readings = [Ok(6.0), Ok(4.0), Ok(0.0), Err(Missing::NotAlive)];
        let of = |arm: usize| readings[arm].clone();
        let at = |compared| compare(compared, of(0), of);
        assert_eq!(at(Compared::Alone), Ok(6.0));
        assert_eq!(at(Compared::Difference(1)), Ok(2.0));
        assert_eq!(at(Compared::Ratio(1)), Ok(1.5));
        assert_eq!(at(Compared::Ratio(2)), Err(Missing::NotFinite));
        assert_eq!(at(Compared::Difference(3)), Err(Missing::NotAlive));
        // What is missing is never hidden by what it is compared with.
        assert_eq!(
            compare(Compared::Ratio(2), of(3), of),
            Err(Missing::NotAlive)
        );
    }

    #[test]
    fn derivatives_are_those_of_the_comparison() {
        let dual = |value, tangent| Dual::<1> {
            value,
            tangent: [tangent],
        };
        let of = |_: usize| Ok(dual(4.0, 1.0));
        let ratio = compare(Compared::Ratio(1), Ok(dual(6.0, 3.0)), of).unwrap();
        // (u/v)' = (u' v − u v') / v² = (3 · 4 − 6 · 1) / 16
        assert!((ratio.tangent[0] - 0.375).abs() < 1e-15 && (ratio.value - 1.5).abs() < 1e-15);
        let infinite = compare(Compared::Alone, Ok(dual(1.0, f64::INFINITY)), of);
        assert_eq!(infinite, Err(Missing::NotFinite));
    }
}
