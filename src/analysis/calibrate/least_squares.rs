//! Least squares: from a start to a bottom of `½ Σ r²`, and proof that it is one.
//!
//! Levenberg–Marquardt (Moré 1978, crate `levenberg-marquardt`). Its first trust region is a multiple of the
//! scaled length of the point that it starts at, `‖D x‖`: in free coordinates, whose origin is the middle of
//! every range, that is no length at all for a start in the middle, and the start was "converged" where it
//! stood. So the optimiser is given coordinates in which every start lies at (1, …, 1): its first region is a
//! step of about one free coordinate, wherever the start lies.
//!
//! What the optimiser calls converged is a claim. It counts as a bottom when the *gain*, what a step to the
//! bottom of the local parabola would take off the objective,
//!
//! ```text
//! gain = ½ gᵀ (JᵀJ + ρ²)⁻¹ g,   g = Jᵀ r
//! ```
//!
//! is no more than [`GAIN`]: then no coordinate is further than [`LARGEST_STEP`] of its local standard
//! deviations from there. The weak ridge ρ says that a direction counts only if a step within the range gains
//! something by it. A start that is not at a bottom is taken up again with a new region, as long as that helps
//! and the limit of evaluations allows; what is still none is reported as none.
//!
//! Free coordinates are logits: near an end of its range a parameter hardly moves with them, and a gradient that
//! points inside all but vanishes. So a coordinate that has come to an end is also moved back inside, and the
//! search goes on from there if that is better.

use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt, TerminationReason};
use nalgebra::storage::Owned;
use nalgebra::{DMatrix, DVector, Dyn};

use super::report::Termination;
use crate::analysis::dense::{apply_transposed, inner_square};

/// Largest step, in standard deviations of the local posterior, of values that count as stationary.
pub(super) const LARGEST_STEP: f64 = 0.02;

/// Most that a step to the bottom of the local parabola may gain at a bottom.
pub(super) const GAIN: f64 = 0.5 * LARGEST_STEP * LARGEST_STEP;

/// Weight of the ridge on free coordinates: a step of ten of them costs 1e-5.
pub(super) const RIDGE: f64 = 5e-4;

/// First trust region, in steps of one in every scaled free coordinate: moderate, because far steps saturate.
const FIRST_STEP: f64 = 1.0;

/// Relative accuracy of objective and coordinates at which the optimiser ends.
const CONVERGED: f64 = 1e-9;

/// Most times that a start is taken up.
const ROUNDS: usize = 6;

/// Free coordinates beyond which a parameter lies at an end of its range (a ten-thousandth of it), and where it is
/// moved back to (a hundredth).
const END: f64 = 9.2;
const INSIDE: f64 = 4.6;

/// Residual that stands for a point without a value: so large that every step to it is refused, so small that
/// its square is finite.
const REFUSED: f64 = 1e100;

/// Residuals from which on a point counts as one without a value.
const LARGEST_RESIDUAL: f64 = 1e75;

/// Residuals over unbounded coordinates.
pub(super) trait Residuals {
    /// The residuals; `None` where there are none.
    fn residuals(&self, point: &DVector<f64>) -> Option<DVector<f64>>;

    /// Their derivatives, residuals by coordinates; `None` where there are none.
    fn jacobian(&self, point: &DVector<f64>) -> Option<DMatrix<f64>>;
}

/// Where a search ended.
#[derive(Debug, Clone)]
pub(super) struct Minimum {
    /// The point.
    pub(super) point: DVector<f64>,
    /// Its residuals.
    pub(super) residuals: DVector<f64>,
    /// Points evaluated.
    pub(super) evaluations: usize,
    /// Points among them without a value.
    pub(super) failures: usize,
    /// What it is.
    pub(super) termination: Termination,
}

impl Minimum {
    /// ½ Σ r².
    pub(super) fn objective(&self) -> f64 {
        0.5 * self.residuals.norm_squared()
    }
}

/// Searches from `start` with at most about `limit` evaluations; `None` if the start has no value. `told`
/// hears of every evaluation.
///
/// # Errors
/// Whatever `told` ends it with.
pub(super) fn minimise<E>(
    of: &impl Residuals,
    start: &DVector<f64>,
    limit: usize,
    told: &impl Fn() -> Result<(), E>,
) -> Result<Option<Minimum>, E> {
    let Some(residuals) = finite(of.residuals(start)) else {
        return Ok(None);
    };
    told()?;
    let mut found = Minimum {
        point: start.clone(),
        residuals,
        evaluations: 1,
        failures: 0,
        termination: Termination::Bottom,
    };
    if start.is_empty() {
        return Ok(Some(found));
    }
    for _ in 0..ROUNDS {
        let before = found.objective();
        let ended = search(of, &mut found, limit, told)?;
        found.termination = match ended {
            TerminationReason::LostPatience => Termination::Limit,
            _ => judge(of, &found.point, &found.residuals),
        };
        if found.evaluations >= limit || found.termination == Termination::Limit {
            break;
        }
        if move_inside(of, &mut found, told)? {
            // For the case that this was the last round.
            found.termination = judge(of, &found.point, &found.residuals);
            continue;
        }
        let helped = found.objective() < before * (1.0 - CONVERGED);
        if !(helped && matches!(found.termination, Termination::Stalled(_))) {
            break;
        }
    }
    Ok(Some(found))
}

/// Moves coordinates that have come to an end back inside where that is better, one after the other; whether it did.
fn move_inside<E>(
    of: &impl Residuals,
    found: &mut Minimum,
    told: &impl Fn() -> Result<(), E>,
) -> Result<bool, E> {
    let mut moved = false;
    for i in 0..found.point.len() {
        if found.point[i].abs() < END {
            continue;
        }
        let mut inside = found.point.clone();
        inside[i] = INSIDE * inside[i].signum();
        told()?;
        found.evaluations += 1;
        if let Some(residuals) = finite(of.residuals(&inside))
            && 0.5 * residuals.norm_squared() < found.objective() - GAIN
        {
            found.point = inside;
            found.residuals = residuals;
            moved = true;
        }
    }
    Ok(moved)
}

/// What a point is, by the derivatives there.
pub(super) fn judge(
    of: &impl Residuals,
    point: &DVector<f64>,
    residuals: &DVector<f64>,
) -> Termination {
    let gain = of.jacobian(point).map(|mut jacobian| {
        // What is pressed against an end of its range stays there.
        let slopes = gradient(residuals, &jacobian);
        for i in 0..point.len() {
            if point[i].abs() >= END && slopes[i] * point[i] < 0.0 {
                jacobian.column_mut(i).fill(0.0);
            }
        }
        gain(residuals, &jacobian)
    });
    match gain {
        Some(gain) if gain <= GAIN => Termination::Bottom,
        Some(gain) if gain.is_finite() => Termination::Stalled(gain),
        _ => Termination::NoDerivative,
    }
}

/// What a step to the bottom of the local parabola would gain; see the module.
pub(super) fn gain(residuals: &DVector<f64>, jacobian: &DMatrix<f64>) -> f64 {
    // The projection of the residuals on the columns of the Jacobian with the ridge below it, by
    // Gram-Schmidt, each column twice.
    let (rows, columns) = jacobian.shape();
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(columns);
    let mut gain = 0.0;
    for column in 0..columns {
        let mut direction: Vec<f64> = jacobian.column(column).iter().copied().collect();
        direction.resize(rows + columns, 0.0);
        direction[rows + column] = RIDGE;
        for _ in 0..2 {
            for known in &basis {
                let along = product(known, &direction);
                for (x, y) in direction.iter_mut().zip(known) {
                    *x -= along * y;
                }
            }
        }
        let length = product(&direction, &direction).sqrt();
        for x in &mut direction {
            *x /= length;
        }
        let along = product(&direction[..rows], residuals.as_slice());
        gain += 0.5 * along * along;
        basis.push(direction);
    }
    gain
}

/// The scalar product, term by term.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let terms = a.iter().zip(b);
    terms.fold(0.0, |sum, (x, y)| sum + x * y)
}

/// Residuals that are numbers, and not beyond all measure.
fn finite(residuals: Option<DVector<f64>>) -> Option<DVector<f64>> {
    // The comparison is false for what is not a number.
    residuals.filter(|it| it.iter().all(|r| r.abs() <= LARGEST_RESIDUAL))
}

/// One run of the optimiser from where `found` stands.
fn search<E>(
    of: &impl Residuals,
    found: &mut Minimum,
    limit: usize,
    told: &impl Fn() -> Result<(), E>,
) -> Result<TerminationReason, E> {
    // The optimiser counts its patience in (parameters + 1) evaluations.
    let left = limit.saturating_sub(found.evaluations).max(1);
    let patience = left.div_ceil(found.point.len() + 1);
    let shifted = Shifted {
        of,
        start: found.point.clone(),
        here: DVector::from_element(found.point.len(), 1.0),
        residuals: found.residuals.clone(),
        recent: vec![(
            DVector::from_element(found.point.len(), 1.0),
            found.residuals.clone(),
        )],
        failures: 0,
        told,
        stopped: None,
    };
    let (ended, report) = LevenbergMarquardt::new()
        .with_stepbound(FIRST_STEP)
        .with_ftol(CONVERGED)
        .with_xtol(CONVERGED)
        .with_gtol(CONVERGED)
        .with_patience(patience)
        .minimize(shifted);
    if let Some(stop) = ended.stopped {
        return Err(stop);
    }
    found.evaluations += report.number_of_evaluations.saturating_sub(1);
    found.failures += ended.failures;
    // Where the optimiser gives up at a point that it has refused, the last good one holds.
    if ended.residuals.norm_squared() <= found.residuals.norm_squared() {
        found.point = ended.point();
        found.residuals = ended.residuals;
    }
    Ok(report.termination)
}

/// Residuals over coordinates in which the start lies at (1, …, 1).
struct Shifted<'a, R, T, E> {
    of: &'a R,
    start: DVector<f64>,
    /// In shifted coordinates.
    here: DVector<f64>,
    residuals: DVector<f64>,
    /// The last points with their residuals: the optimiser goes back to an earlier point only when it ends
    /// there.
    recent: Vec<(DVector<f64>, DVector<f64>)>,
    failures: usize,
    told: &'a T,
    /// Why nobody wants to go on.
    stopped: Option<E>,
}

impl<R, T, E> Shifted<'_, R, T, E> {
    /// Where it stands, in the coordinates of the residuals.
    fn point(&self) -> DVector<f64> {
        let both = self.start.iter().zip(self.here.iter());
        DVector::from_iterator(self.start.len(), both.map(|(z, x)| z + (x - 1.0)))
    }
}

impl<R: Residuals, T: Fn() -> Result<(), E>, E> LeastSquaresProblem<f64, Dyn, Dyn>
    for Shifted<'_, R, T, E>
{
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, Dyn>;
    type ParameterStorage = Owned<f64, Dyn>;

    fn set_params(&mut self, here: &DVector<f64>) {
        if self.stopped.is_some() {
            return;
        }
        self.here.copy_from(here);
        if let Some((_, residuals)) = self.recent.iter().find(|(known, _)| known == here) {
            self.residuals.copy_from(residuals);
            return;
        }
        if let Err(stop) = (self.told)() {
            self.stopped = Some(stop);
            return;
        }
        match finite(self.of.residuals(&self.point())) {
            Some(residuals) => self.residuals = residuals,
            None => {
                self.failures += 1;
                self.residuals.fill(REFUSED);
            }
        }
        // A refused point is never asked for again; keep the ones that may be.
        if self.recent.len() > 8 {
            self.recent.remove(0);
        }
        self.recent
            .push((self.here.clone(), self.residuals.clone()));
    }

    fn params(&self) -> DVector<f64> {
        self.here.clone()
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        // Nothing at all ends the optimiser.
        let goes_on = self.stopped.is_none();
        goes_on.then(|| self.residuals.clone())
    }

    fn jacobian(&self) -> Option<DMatrix<f64>> {
        self.of.jacobian(&self.point())
    }
}

/// The gradient `Jᵀ r` of the objective.
pub(super) fn gradient(residuals: &DVector<f64>, jacobian: &DMatrix<f64>) -> DVector<f64> {
    apply_transposed(jacobian, residuals)
}

/// The curvature `JᵀJ + ρ²` of the objective, positive definite.
pub(super) fn curvature(jacobian: &DMatrix<f64>) -> DMatrix<f64> {
    let mut curvature = inner_square(jacobian);
    for i in 0..curvature.nrows() {
        curvature[(i, i)] += RIDGE * RIDGE;
    }
    curvature
}

#[cfg(test)]
mod tests {
    use gutbrain_numbers::Real;
    use proptest::prelude::*;

    use super::super::decay::{Decay, two_data, unwatched};
    use super::*;

    #[test]
    fn whoever_hears_of_a_point_can_end_the_search() {
        let decay = Decay::new([(0.01, 1.0), (0.2, 20.0)], 0.0, two_data(0.2, 3.0));
        for most in [1, 2, 5] {
            let left = std::cell::Cell::new(most);
            let told = || {
                left.set(left.get() - 1);
                if left.get() == 0 {
                    Err("enough")
                } else {
                    Ok(())
                }
            };
            let ended = minimise(&decay, &decay.start([0.1, 2.0]), 200, &told);
            assert_eq!(ended.map(|_| ()), Err("enough"), "{most}");
            assert_eq!(left.get(), 0, "nothing is evaluated after that");
        }
    }

    #[test]
    fn a_start_at_the_very_middle_moves() {
        // Both starts are the geometric middles of their ranges, where the free coordinates are zero or
        // within rounding of it.
        for ranges in [[(0.01, 1.0), (0.2, 20.0)], [(0.02, 0.5), (1.0, 4.0)]] {
            let decay = Decay::new(ranges, 0.0, two_data(0.2, 3.0));
            let middle = ranges.map(|(low, high): (f64, f64)| (low * high).sqrt());
            for nudge in [0.0, 1e-300, 1e-17, -1e-12, 1e-6] {
                let start = decay.start(middle).map(|z| z + nudge);
                let found = minimise(&decay, &start, 200, &unwatched)
                    .expect("nobody ends it")
                    .expect("a value");
                let [(k, _), (a, _)] = decay.values(&found.point);
                assert!((k - 0.2).abs() < 1e-6, "{ranges:?} {nudge}: {k}");
                assert!((a - 3.0).abs() < 1e-5, "{ranges:?} {nudge}: {a}");
                assert_eq!(found.termination, Termination::Bottom);
            }
        }
    }

    #[test]
    fn a_claim_of_the_optimiser_is_judged() {
        let decay = Decay::new([(0.01, 1.0), (0.2, 20.0)], 0.5, two_data(0.2, 3.0));
        let start = decay.start([0.1, 2.0]);
        let residuals = decay.residuals(&start).expect("a value");
        let Termination::Stalled(gain) = judge(&decay, &start, &residuals) else {
            panic!("the start is no bottom");
        };
        // No more is to be had than is there.
        assert!((GAIN..=decay.objective(&start)).contains(&gain), "{gain}");
        // With one evaluation left it says that it was stopped.
        let found = minimise(&decay, &start, 2, &unwatched)
            .expect("nobody ends it")
            .expect("a value");
        assert_eq!(found.termination, Termination::Limit);
    }

    #[test]
    fn a_step_to_the_bottom_of_a_parabola_gains_all_there_is() {
        let jacobian = DMatrix::from_row_slice(3, 2, &[2.0, 1.0, 0.0, 3.0, 0.0, 0.0]);
        let residuals = DVector::from_vec(vec![1.0, -2.0, 7.0]);
        // The third residual cannot be moved.
        assert!((gain(&residuals, &jacobian) - 2.5).abs() < 1e-6);
        let rest = DVector::from_vec(vec![0.0, 0.0, 7.0]);
        assert!(gain(&rest, &jacobian).abs() < 1e-12);
    }

    /// Where the data want more than the range allows, the end of the range is the answer.
    #[test]
    fn a_coordinate_that_is_pressed_against_its_end_is_at_a_bottom() {
        let decay = Decay::new([(0.3, 1.0), (0.2, 20.0)], 0.0, two_data(0.2, 3.0));
        let found = minimise(&decay, &decay.start([0.5, 2.0]), 500, &unwatched)
            .expect("nobody ends it")
            .expect("a value");
        let [(k, _), (a, _)] = decay.values(&found.point);
        assert!((0.3..0.3001).contains(&k), "{k}");
        // What is left is linear in a: the best of (a − 3) / 0.03 and (a e⁻³ − y) / 0.01 y.
        let (y, seen) = (3.0 * Real::exp(-2.0), Real::exp(-3.0));
        let rows = [(1.0 / 0.03, 100.0), (seen / (0.01 * y), 100.0)];
        let top: f64 = rows.iter().map(|(slope, value)| slope * value).sum();
        let bottom: f64 = rows.iter().map(|(slope, _)| slope * slope).sum();
        assert!((a - top / bottom).abs() < 1e-2, "{a} {}", top / bottom);
        assert_eq!(found.termination, Termination::Bottom);
    }

    /// At the wrong end of its range a coordinate has no gradient to speak of.
    #[test]
    fn a_coordinate_that_stands_at_the_wrong_end_comes_back() {
        let decay = Decay::new([(0.01, 1.0), (0.2, 20.0)], 0.0, two_data(0.2, 3.0));
        for (k, a) in [
            (-25.0, 0.1),
            (25.0, 0.1),
            (0.3, -25.0),
            (-30.0, 30.0),
            (12.0, -12.0),
        ] {
            let start = DVector::from_vec(vec![k, a]);
            let found = minimise(&decay, &start, 500, &unwatched)
                .expect("nobody ends it")
                .expect("a value");
            let [(k, _), (a, _)] = decay.values(&found.point);
            assert!((k - 0.2).abs() < 1e-5, "{start}: {k}");
            assert!((a - 3.0).abs() < 1e-4, "{start}: {a}");
            assert_eq!(found.termination, Termination::Bottom);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        /// Wherever it starts, middles of ranges among it: an end that counts as a bottom is one (by
        /// differences of the objective itself), and where two data fix two numbers it is the exact one.
        #[test]
        fn what_counts_as_a_bottom_is_one(
            low in 0.01_f64..0.1, width in 1.5_f64..80.0,
            low_a in 0.1_f64..1.0, width_a in 4.0_f64..100.0,
            place in 0.1_f64..0.9, place_a in 0.1_f64..0.9,
            start in prop_oneof![Just(0.5), 0.001_f64..0.999],
            start_a in prop_oneof![Just(0.5), 0.001_f64..0.999],
            weight in prop_oneof![Just(0.0), 0.01_f64..1.0],
        ) {
            let ranges = [(low, (low * width).min(0.6)), (low_a, low_a * width_a)];
            prop_assume!(ranges[0].1 > 1.2 * ranges[0].0);
            let at = |(low, high): (f64, f64), u: f64| low * Real::powf(high / low, u);
            let truth = [at(ranges[0], place), at(ranges[1], place_a)];
            let decay = Decay::new(ranges, weight, two_data(truth[0], truth[1]));
            let from = [at(ranges[0], start), at(ranges[1], start_a)];
            let found = minimise(&decay, &decay.start(from), 500, &unwatched)
                .expect("nobody ends it")
                .expect("a value");
            prop_assert_eq!(found.termination, Termination::Bottom);
            let here = decay.objective(&found.point);
            prop_assert!((here - found.objective()).abs() <= 1e-12 * here);
            // No place nearby is lower by more than a bottom may be off.
            for i in 0..2 {
                for step in [-0.1, -0.01, -1e-3, 1e-3, 0.01, 0.1] {
                    let mut beside = found.point.clone();
                    beside[i] += step;
                    prop_assert!(decay.objective(&beside) >= here - GAIN, "{i} {step}");
                }
            }
            if weight == 0.0 {
                let [(k, _), (a, _)] = decay.values(&found.point);
                prop_assert!((k / truth[0] - 1.0).abs() < 1e-3, "{k} {truth:?}");
                prop_assert!((a / truth[1] - 1.0).abs() < 1e-3, "{a} {truth:?}");
            }
        }
    }
}
