//! The logarithm of the gamma function.

use gutbrain_numbers::Real;

/// ln Γ(x) for x > 0: Stirling's series from 15 on, the recurrence below.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_7;
    let (mut shifted, mut product) = (x, 1.0);
    while shifted < 15.0 {
        product *= shifted;
        shifted += 1.0;
    }
    let inverse = 1.0 / shifted;
    let square = inverse * inverse;
    // B₂ₙ / (2n (2n − 1)), highest first.
    let series = [
        1.0 / 156.0,
        -691.0 / 360_360.0,
        1.0 / 1188.0,
        -1.0 / 1680.0,
        1.0 / 1260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ]
    .iter()
    .fold(0.0, |sum, c| sum * square + c);
    (shifted - 0.5) * Real::ln(shifted) - shifted + HALF_LN_TWO_PI + series * inverse
        - Real::ln(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_and_a_half() {
        // ln √π and ln 9999!, scipy.special.gammaln, SciPy 1.15.3.
        let expected = [
            (0.5, 0.572_364_942_924_700_1),
            (1.0, 0.0),
            (6.0, 4.787_491_742_782_046),
            (1e4, 82_099.717_496_442_38),
        ];
        for (x, value) in expected {
            let error = (ln_gamma(x) - value).abs();
            assert!(error <= 1e-14 * f64::max(1.0, value), "{x}: {error}");
        }
    }
}
