//! Markov chains over a posterior whose prior is a standard normal distribution.
//!
//! Target density: `π(ξ) ∝ exp(−½ |ξ|² + ℓ(ξ))` with the log-likelihood `ℓ` of the targets. Several
//! chains step together; all points of a step are evaluated at once. A step is one of three kinds:
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
//!
//! The warm-up has rounds; after each, m and C are those of the last round's states, drawn towards the
//! first reference; the width is moved towards an acceptance of 0.3 of steps around it. After the warm-up nothing is
//! adapted.
//! Rounds must be long: a reference made of states that have not yet seen the posterior is narrower than
//! it, and the chains then move slowly (with 40 parameters, 200 steps were measured to be too few).
//! A point that cannot be evaluated has no likelihood: it is refused and counted.
//!
//! Draws depend on (seed, chain, step) alone: chains are the same at any number of threads, and go on
//! from a recorded [`State`] as if they had never stopped.

use std::collections::BTreeSet;

use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;
use nalgebra::{Cholesky, DMatrix, DVector, SymmetricEigen};

/// How chains are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Chains that step together.
    pub chains: usize,
    /// Rounds of adaptation.
    pub rounds: usize,
    /// Steps of each round, a multiple of `every`.
    pub round: usize,
    /// Steps after the warm-up.
    pub steps: usize,
    /// Every so many steps a state is recorded.
    pub every: usize,
    /// Seed of all draws.
    pub seed: u64,
}

impl Plan {
    /// Steps of every chain, warm-up included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.warm_up() + self.steps
    }
}

/// What a point says of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// Logarithm of the likelihood, up to a constant.
    pub likelihood: f64,
    /// The predictions.
    pub predictions: Vec<f64>,
}

/// A place of a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Standard coordinates.
    pub point: Vec<f64>,
    /// What it says.
    pub evaluated: Evaluated,
}

/// A recorded place.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Steps done before it, this one included.
    pub step: usize,
    /// Place of every chain.
    pub places: Vec<Place>,
}

/// What happened to proposals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Proposed.
    pub proposed: usize,
    /// Accepted.
    pub accepted: usize,
    /// Could not be evaluated.
    pub failed: usize,
}

/// Everything that later steps depend on.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Steps done.
    pub step: usize,
    /// Where every chain is.
    pub places: Vec<Place>,
    /// Width of steps around the reference.
    pub width: f64,
    /// Since the start of the round (or since the end of the warm-up).
    pub tally: Tally,
}

/// A normal distribution.
#[derive(Debug, Clone)]
pub struct Reference {
    centre: DVector<f64>,
    factor: Cholesky<f64, nalgebra::Dyn>,
    /// Eigenvectors of the covariance, in columns.
    axes: DMatrix<f64>,
    /// Standard deviations along them.
    spreads: Vec<f64>,
}

impl Reference {
    /// With this centre and covariance; `None` if that is not positive definite.
    #[must_use]
    pub fn new(centre: DVector<f64>, covariance: DMatrix<f64>) -> Option<Self> {
        let SymmetricEigen {
            eigenvectors,
            eigenvalues,
        } = SymmetricEigen::new(covariance.clone());
        let spreads = eigenvalues.iter().map(|value| value.max(0.0).sqrt());
        Some(Self {
            centre,
            factor: Cholesky::new(covariance)?,
            axes: eigenvectors,
            spreads: spreads.collect(),
        })
    }

    /// The approximation of the posterior at a point, from the residuals `r` of the targets there and
    /// their Jacobian `J`: precision `1 + JᵀJ`, centre one Gauss–Newton step away.
    #[must_use]
    pub fn laplace(
        point: &DVector<f64>,
        residuals: &DVector<f64>,
        jacobian: &DMatrix<f64>,
    ) -> Option<Self> {
        let size = point.len();
        let precision = DMatrix::identity(size, size) + jacobian.transpose() * jacobian;
        let gradient = point + jacobian.transpose() * residuals;
        let covariance = Cholesky::new(precision)?.inverse();
        let centre = point - &covariance * gradient;
        Self::new(centre, covariance)
    }

    /// Standard deviations of the coordinates.
    #[must_use]
    pub fn deviations(&self) -> Vec<f64> {
        let rows = self.factor.l();
        rows.row_iter().map(|row| row.norm()).collect()
    }

    /// `√(1 − width²) (point − m) + width L η` beside `m`; `width` 1 is a draw.
    fn move_from(&self, point: &[f64], width: f64, stream: &mut Stream) -> Vec<f64> {
        let size = self.centre.len();
        let eta = DVector::from_fn(size, |_, _| stream.normal());
        let stay = (1.0 - width * width).max(0.0).sqrt();
        let away = self.factor.l() * eta;
        (0..size)
            .map(|i| self.centre[i] + stay * (point[i] - self.centre[i]) + width * away[i])
            .collect()
    }

    /// The point with its places along some axes drawn anew.
    fn redraw(&self, point: &[f64], axes: &BTreeSet<usize>, stream: &mut Stream) -> Vec<f64> {
        let mut moved = DVector::from_column_slice(point);
        let away = &moved - &self.centre;
        for &axis in axes {
            let direction = self.axes.column(axis);
            let place = self.spreads[axis] * stream.normal();
            moved += direction * (place - direction.dot(&away));
        }
        moved.iter().copied().collect()
    }

    /// `log π − log N(m, C)`, up to a constant.
    fn excess(&self, place: &Place) -> f64 {
        let point = DVector::from_column_slice(&place.point);
        let away = &point - &self.centre;
        let square = away.dot(&self.factor.solve(&away));
        place.evaluated.likelihood - 0.5 * point.norm_squared() + 0.5 * square
    }
}

/// Chains that can be stepped; see the module.
#[derive(Debug)]
pub struct Sampler {
    plan: Plan,
    first: Reference,
    reference: Reference,
    /// Points of the warm-up that differences are taken from.
    record: Vec<Vec<f64>>,
    /// Points of the round that is going on.
    round: Vec<Vec<f64>>,
    /// Where the chains are.
    pub state: State,
}

/// First width of steps around the reference.
const WIDTH: f64 = 0.3;
/// Acceptance that the width is moved to.
const WANTED: f64 = 0.3;

impl Sampler {
    /// Chains at these places, which must have been evaluated.
    #[must_use]
    pub fn new(plan: Plan, reference: Reference, places: Vec<Place>) -> Self {
        let state = State {
            step: 0,
            places,
            width: WIDTH,
            tally: Tally::default(),
        };
        Self {
            plan,
            reference: reference.clone(),
            first: reference,
            record: Vec::new(),
            round: Vec::new(),
            state,
        }
    }

    /// The same chains, gone on to `state` with these records from the first step on.
    #[must_use]
    pub fn resumed(mut self, records: &[Record], state: State) -> Self {
        // Adaptation is a function of the records of the warm-up.
        for record in records {
            self.note(record);
            if self.plan.ends_round(record.step) {
                self.adapt();
            }
        }
        self.state = state;
        self
    }

    /// Starting points: `m + L η` of the reference, drawn for every chain.
    #[must_use]
    pub fn starts(plan: &Plan, reference: &Reference) -> Vec<Vec<f64>> {
        let start = |chain: usize| {
            let mut stream = Stream::new(plan.seed, "posterior start", chain as u64);
            let centre: Vec<f64> = reference.centre.iter().copied().collect();
            reference.move_from(&centre, 1.0, &mut stream)
        };
        (0..plan.chains).map(start).collect()
    }

    /// One step of all chains; a record when one is due. `evaluate` takes many points, and gives `None`
    /// for one that cannot be evaluated.
    pub fn step(
        &mut self,
        evaluate: &impl Fn(&[Vec<f64>]) -> Vec<Option<Evaluated>>,
    ) -> Option<Record> {
        let number = self.state.step + 1;
        let mut proposals = Vec::with_capacity(self.plan.chains);
        let mut kinds = Vec::with_capacity(self.plan.chains);
        let mut limits = Vec::with_capacity(self.plan.chains);
        for (chain, place) in self.state.places.iter().enumerate() {
            let count = number as u64 * self.plan.chains as u64 + chain as u64;
            let mut stream = Stream::new(self.plan.seed, "posterior step", count);
            let (point, kind) = self.propose(&place.point, &mut stream);
            proposals.push(point);
            kinds.push(kind);
            limits.push(Real::ln(stream.uniform()));
        }
        let evaluated = evaluate(&proposals);
        let outcomes = proposals.into_iter().zip(evaluated);
        for (chain, (point, evaluated)) in outcomes.enumerate() {
            self.state.tally.proposed += 1;
            let Some(evaluated) = evaluated else {
                self.state.tally.failed += 1;
                continue;
            };
            let place = Place { point, evaluated };
            let here = &self.state.places[chain];
            let gain = match kinds[chain] {
                Kind::AroundReference | Kind::AlongAxes => {
                    self.reference.excess(&place) - self.reference.excess(here)
                }
                Kind::AlongDifference => density(&place) - density(here),
            };
            let accepted = gain > limits[chain];
            if let (Kind::AroundReference, true) = (kinds[chain], number <= self.plan.warm_up()) {
                let excess = f64::from(u8::from(accepted)) - WANTED;
                let factor = Real::exp(self.plan.pace() * excess);
                self.state.width = (self.state.width * factor).min(1.0);
            }
            if accepted {
                self.state.tally.accepted += 1;
                self.state.places[chain] = place;
            }
        }
        self.state.step = number;
        let record = number.is_multiple_of(self.plan.every).then(|| Record {
            step: number,
            places: self.state.places.clone(),
        });
        if let Some(record) = &record {
            self.note(record);
        }
        if self.plan.ends_round(number) {
            self.adapt();
            self.state.tally = Tally::default();
        }
        record
    }

    /// Nothing is learned after the warm-up.
    fn note(&mut self, record: &Record) {
        if record.step <= self.plan.warm_up() {
            let points = record.places.iter().map(|place| place.point.clone());
            self.round.extend(points);
        }
    }

    fn propose(&self, point: &[f64], stream: &mut Stream) -> (Vec<f64>, Kind) {
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

    /// The reference of the round that ended, drawn towards the first one as by `2 d` further states.
    fn adapt(&mut self) {
        let states = std::mem::take(&mut self.round);
        if states.is_empty() {
            return;
        }
        let size = self.first.centre.len();
        let held = 2.0 * size as f64;
        let weight = 1.0 / (states.len() as f64 + held);
        let mut centre = self.first.centre.clone() * held;
        for state in &states {
            centre += DVector::from_column_slice(state);
        }
        centre *= weight;
        let factor = self.first.factor.l();
        let mut covariance = (&factor * factor.transpose()) * held;
        for state in &states {
            let away = DVector::from_column_slice(state) - &centre;
            covariance += &away * away.transpose();
        }
        covariance *= weight;
        if let Some(reference) = Reference::new(centre, covariance) {
            self.reference = reference;
        }
        self.record = states;
    }
}

impl Plan {
    /// Steps of the warm-up.
    #[must_use]
    pub fn warm_up(&self) -> usize {
        self.rounds * self.round
    }

    /// By how much one step around the reference moves the logarithm of the width: all of a round, which
    /// are three eighths of its steps, by twice what the acceptance is off.
    fn pace(&self) -> f64 {
        2.0 / (0.375 * (self.chains * self.round) as f64)
    }

    /// Whether a round of the warm-up ends with this step.
    fn ends_round(&self, step: usize) -> bool {
        step <= self.warm_up() && self.round > 0 && step.is_multiple_of(self.round)
    }
}

/// The kind of a step.
#[derive(Debug, Clone, Copy)]
enum Kind {
    AroundReference,
    AlongAxes,
    AlongDifference,
}

/// `log π`, up to a constant.
fn density(place: &Place) -> f64 {
    let square: f64 = place.point.iter().map(|x| x * x).sum();
    place.evaluated.likelihood - 0.5 * square
}

#[cfg(test)]
mod tests {
    use super::*;
    use gutbrain_statistics::chains::{effective_size, r_hat};

    const PLAN: Plan = Plan {
        chains: 4,
        rounds: 3,
        round: 200,
        steps: 6000,
        every: 2,
        seed: 5,
    };

    /// A straight line with a bend: one observation of x + 2 y + x²/4 with sd 0.5.
    fn bent(point: &[f64]) -> Option<Evaluated> {
        let predicted = point[0] + 2.0 * point[1] + 0.25 * point[0] * point[0];
        // Some points cannot be computed.
        (predicted < 6.0).then(|| Evaluated {
            likelihood: -0.5 * ((predicted - 1.5) / 0.5).powi(2),
            predictions: vec![predicted],
        })
    }

    fn all(points: &[Vec<f64>]) -> Vec<Option<Evaluated>> {
        points.iter().map(|point| bent(point)).collect()
    }

    fn sampler(plan: Plan) -> Sampler {
        let point = DVector::from_vec(vec![0.0, 0.0, 0.0]);
        let residuals = DVector::from_vec(vec![-3.0]);
        let jacobian = DMatrix::from_row_slice(1, 3, &[2.0, 4.0, 0.0]);
        let reference = Reference::laplace(&point, &residuals, &jacobian).expect("definite");
        let places = Sampler::starts(&plan, &reference)
            .into_iter()
            .map(|point| Place {
                evaluated: bent(&point).expect("a start near the centre"),
                point,
            })
            .collect();
        Sampler::new(plan, reference, places)
    }

    fn run(mut sampler: Sampler, until: usize) -> (Vec<Record>, Sampler) {
        let mut records = Vec::new();
        while sampler.state.step < until {
            records.extend(sampler.step(&all));
        }
        (records, sampler)
    }

    /// E[f] under the posterior by a sum over a fine grid.
    fn expected(f: &dyn Fn(f64, f64) -> f64) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for i in -240..=240 {
            for j in -240..=240 {
                let (x, y) = (f64::from(i) / 40.0, f64::from(j) / 40.0);
                let Some(evaluated) = bent(&[x, y]) else {
                    continue;
                };
                let weight = Real::exp(evaluated.likelihood - 0.5 * (x * x + y * y));
                sum += weight * f(x, y);
                weights += weight;
            }
        }
        sum / weights
    }

    #[test]
    fn chains_sample_the_posterior() {
        let (records, sampler) = run(sampler(PLAN), PLAN.total());
        let kept: Vec<&Record> = records
            .iter()
            .filter(|record| record.step > PLAN.warm_up())
            .collect();
        assert_eq!(kept.len(), PLAN.steps / PLAN.every);
        let functions: [&dyn Fn(f64, f64) -> f64; 4] =
            [&|x, _| x, &|_, y| y, &|x, _| x * x, &|x, y| x * y];
        for f in functions {
            let chains: Vec<Vec<f64>> = (0..PLAN.chains)
                .map(|chain| {
                    let values = kept.iter().map(|record| {
                        let point = &record.places[chain].point;
                        f(point[0], point[1])
                    });
                    values.collect()
                })
                .collect();
            let slices: Vec<&[f64]> = chains.iter().map(Vec::as_slice).collect();
            assert!(r_hat(&slices).expect("they vary") < 1.02);
            let size = effective_size(&slices).expect("they vary");
            assert!(size > 1000.0, "{size}");
            let draws = chains.concat();
            let mean = gutbrain_statistics::samples::mean(&draws).expect("draws");
            let sd = gutbrain_statistics::samples::standard_deviation(&draws).expect("draws");
            let wanted = expected(f);
            // Four standard errors: a right sampler fails once in 16 000 times, and the seed is fixed.
            assert!(
                (mean - wanted).abs() < 4.0 * sd / size.sqrt(),
                "{mean} {wanted}"
            );
        }
        assert!(sampler.state.tally.failed > 0, "failed points are counted");
    }

    #[test]
    fn chains_go_on_as_if_they_had_never_stopped() {
        for stop in [60, 400, 700] {
            let (whole, _) = run(sampler(PLAN), 900);
            let (mut records, stopped) = run(sampler(PLAN), stop);
            let resumed = sampler(PLAN).resumed(&records, stopped.state.clone());
            records.extend(run(resumed, 900).0);
            assert_eq!(records, whole, "stopped after {stop}");
        }
    }

    #[test]
    fn the_seed_decides() {
        let (first, _) = run(sampler(PLAN), 20);
        assert_eq!(run(sampler(PLAN), 20).0, first);
        assert_ne!(run(sampler(Plan { seed: 6, ..PLAN }), 20).0, first);
    }

    /// Simulation-based check: parameters drawn from the prior, data from the parameters, a posterior
    /// from the data. Over 120 such experiments on A exp(−k t) + b, 90 % intervals hold the truth as often
    /// as they say.
    #[test]
    fn ninety_per_cent_intervals_hold_the_truth_in_ninety_per_cent_of_experiments() {
        use super::super::coordinate::Measure;
        use super::super::standard::Standard;
        use gutbrain_statistics::samples;

        const REPLICATES: u64 = 120;
        const SD: f64 = 0.15;
        let times = [0.5, 1.0, 2.0, 4.0, 8.0];
        let priors = [
            Standard::normal(Measure::Logarithm, (0.5, 8.0), Real::ln(2.0), 0.7),
            Standard::normal(Measure::Logarithm, (0.05, 2.0), Real::ln(0.3), 0.9),
            Standard::even(Measure::Identity, -0.5, 0.5),
        ];
        let predict = |point: &[f64]| -> Vec<f64> {
            let p: Vec<f64> = priors
                .iter()
                .zip(point)
                .map(|(it, &xi)| it.parameter(xi).0)
                .collect();
            times.map(|t| p[0] * Real::exp(-p[1] * t) + p[2]).to_vec()
        };
        let plan = Plan {
            chains: 4,
            rounds: 3,
            round: 60,
            steps: 600,
            every: 2,
            seed: 11,
        };
        let mut held = [0_u32; 3];
        for replicate in 0..REPLICATES {
            let mut stream = Stream::new(7, "truth", replicate);
            let truth: Vec<f64> = (0..3).map(|_| stream.normal()).collect();
            let data: Vec<f64> = predict(&truth)
                .iter()
                .map(|y| y + SD * stream.normal())
                .collect();
            let evaluate = |point: &Vec<f64>| {
                let predictions = predict(point);
                let squares = predictions
                    .iter()
                    .zip(&data)
                    .map(|(y, d)| ((y - d) / SD).powi(2));
                Some(Evaluated {
                    likelihood: -0.5 * squares.sum::<f64>(),
                    predictions,
                })
            };
            let many = |points: &[Vec<f64>]| points.iter().map(evaluate).collect();
            // The prior is a poor reference: the warm-up has to find a better one.
            let prior =
                Reference::new(DVector::zeros(3), DMatrix::identity(3, 3)).expect("definite");
            let plan = Plan {
                seed: replicate,
                ..plan
            };
            let places = Sampler::starts(&plan, &prior)
                .into_iter()
                .map(|point| Place {
                    evaluated: evaluate(&point).expect("a value"),
                    point,
                });
            let mut sampler = Sampler::new(plan, prior, places.collect());
            let mut draws = vec![Vec::new(); 3];
            while sampler.state.step < plan.total() {
                let record = sampler.step(&many);
                if let Some(record) = record.filter(|record| record.step > plan.warm_up()) {
                    for place in &record.places {
                        for (draws, x) in draws.iter_mut().zip(&place.point) {
                            draws.push(*x);
                        }
                    }
                }
            }
            for ((held, draws), truth) in held.iter_mut().zip(&mut draws).zip(&truth) {
                samples::sort(draws);
                let low = samples::quantile(draws, 0.05).expect("draws");
                let high = samples::quantile(draws, 0.95).expect("draws");
                *held += u32::from((low..=high).contains(truth));
            }
        }
        // Binomial(120, 0.9) lies from 96 to 117 with probability 0.9985.
        for held in held {
            assert!((96..=117).contains(&held), "{held} of {REPLICATES}");
        }
    }
}
