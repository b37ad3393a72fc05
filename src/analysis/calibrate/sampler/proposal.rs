//! Plain steps: where a chain may go next.
//!
//! - *around the reference* (three of eight): with the reference N(m, C), `C = L Lᵀ`, and a width β,
//!   `ξ' = m + √(1 − β²) (ξ − m) + β L η`, η standard normal. It leaves the reference invariant, so that
//!   only `π / N(m, C)` decides: the acceptance does not fall with the number of parameters (a
//!   preconditioned Crank–Nicolson step; S. L. Cotter, G. O. Roberts, A. M. Stuart, D. White, Statistical
//!   Science 28 (2013) 424–446, doi:10.1214/13-STS421). β is the tuned width times 1/4, 1/2, 1 or 2.
//! - *along axes* (three of eight): of the reference's own axes, `C = A Aᵀ` with `A` the eigenvectors times
//!   their standard deviations, one, two, four or eight are drawn, and the point's places along these
//!   are drawn anew from the reference, whatever they were. It leaves the reference invariant too: where
//!   the data say nothing, or what the reference knows, a chain crosses the whole posterior in one step.
//! - *along differences* (one of four): `ξ' = ξ + γ (a − b) + ε` with two states a, b of the record of
//!   the warm-up, γ = 2.38/√(2d) or, one time in ten, 1 (DE-MC(Z); C. J. F. ter Braak, J. A. Vrugt,
//!   Statistics and Computing 18 (2008) 435–446, doi:10.1007/s11222-008-9104-9). It needs no shape.

use std::collections::BTreeSet;

use gutbrain_statistics::random::Stream;

use super::Sampler;

/// The kind of a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    AroundReference,
    AlongAxes,
    AlongDifference,
    OnSurface,
}

impl Sampler {
    /// A plain step.
    pub(super) fn plain(&self, point: &[f64], stream: &mut Stream) -> (Vec<f64>, Kind) {
        const FACTORS: [f64; 4] = [0.25, 0.5, 1.0, 2.0];
        const AXES: [usize; 4] = [1, 2, 4, 8];
        let size = self.record.len() as u64;
        if size > 2 && stream.below(4) == 0 {
            let (a, b) = (stream.below(size) as usize, stream.below(size) as usize);
            let scale = if stream.below(10) == 0 {
                1.0
            } else {
                2.38 / (2.0 * point.len() as f64).sqrt()
            };
            let moved = (0..point.len()).map(|i| {
                let difference = self.record[a][i] - self.record[b][i];
                point[i] + scale * difference + 1e-4 * stream.normal()
            });
            (moved.collect(), Kind::AlongDifference)
        } else if stream.below(2) == 0 {
            let count = AXES[stream.below(4) as usize];
            let dimension = point.len() as u64;
            let axes = (0..count).map(|_| stream.below(dimension) as usize);
            let axes: BTreeSet<usize> = axes.collect();
            let moved = self.reference.redraw(point, &axes, stream);
            (moved, Kind::AlongAxes)
        } else {
            let width = self.state.width * FACTORS[stream.below(4) as usize];
            let moved = self.reference.move_from(point, width.min(1.0), stream);
            (moved, Kind::AroundReference)
        }
    }
}
