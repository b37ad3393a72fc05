//! Cox's proportional hazards with any number of covariates, ties after Efron, strata if wanted.
//!
//! For two groups alone [`super::RiskTable::hazard_ratio`] says the same and is faster.
//!
//! The hazard of a subject with covariates x is e^(β·x) times that of its stratum. With S₀, S₁, S₂ the sums
//! of e^(β·x), e^(β·x) x and e^(β·x) x xᵀ over those at risk at a time, and D₀, D₁, D₂ those over its d
//! events, the logarithm of Efron's likelihood is Σ β·x over the events less Σ ln(S₀ − l/d D₀) over
//! l = 0 … d−1; its slope and curvature follow. Covariates are centred and scaled inside. Newton steps are
//! halved until the likelihood grows; the last step is below 1e-9, so that its square is the error.
//!
//! Source: B. Efron, Journal of the American Statistical Association 72 (1977) 557–565.

use gutbrain_numbers::Real;

use super::{Confidence, Interval, NotEstimable, Observation, check_times, same_time};
use crate::cholesky::{Cholesky, dot};
use crate::{chi_squared, normal};

/// A model fitted to data.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// One per covariate.
    pub coefficients: Vec<Coefficient>,
    /// Covariances of the logarithms of the ratios, row by row.
    pub covariance: Vec<f64>,
    /// Logarithm of the partial likelihood.
    pub log_likelihood: f64,
    /// The same with all ratios 1.
    pub null_log_likelihood: f64,
    /// p of all ratios 1 by the ratio of likelihoods.
    pub likelihood_ratio_p: f64,
}

/// The hazard per unit of one covariate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// By what factor one unit more changes the hazard.
    pub ratio: f64,
    /// Its interval (Wald, on the logarithm).
    pub interval: Interval,
    /// The logarithm of the ratio.
    pub log_ratio: f64,
    /// The standard error of the logarithm.
    pub standard_error: f64,
    /// p of ratio = 1 after Wald.
    pub wald_p: f64,
}

/// Fits the model: `covariates` has `per_subject` numbers for each observation, one subject after the
/// other; `strata`, if given, one label per observation.
///
/// # Errors
/// [`NotEstimable::Time`], [`NotEstimable::Shape`], [`NotEstimable::Covariate`],
/// [`NotEstimable::NoSubjects`], [`NotEstimable::NoEvents`], [`NotEstimable::Collinear`],
/// [`NotEstimable::Separated`], [`NotEstimable::CombinationSeparates`].
pub fn fit(
    observations: &[Observation],
    covariates: &[f64],
    per_subject: usize,
    strata: Option<&[u64]>,
    confidence: Confidence,
) -> Result<Fit, NotEstimable> {
    let data = Data::new(observations, covariates, per_subject, strata)?;
    data.check_each_covariate()?;
    let solution = data.maximise()?;
    let scale = &data.scale;
    let coefficients = (0..per_subject)
        .map(|j| {
            let log_ratio = solution.beta[j] / scale[j];
            let standard_error = solution.covariance[j * per_subject + j].sqrt() / scale[j];
            let logs = confidence.around(log_ratio, standard_error);
            Coefficient {
                ratio: Real::exp(log_ratio),
                interval: Interval {
                    lower: Real::exp(logs.lower),
                    upper: Real::exp(logs.upper),
                },
                log_ratio,
                standard_error,
                wald_p: normal::two_sided(log_ratio / standard_error),
            }
        })
        .collect();
    let covariance = (0..per_subject * per_subject)
        .map(|ij| solution.covariance[ij] / (scale[ij / per_subject] * scale[ij % per_subject]))
        .collect();
    let gain = solution.log_likelihood - solution.null_log_likelihood;
    Ok(Fit {
        coefficients,
        covariance,
        log_likelihood: solution.log_likelihood,
        null_log_likelihood: solution.null_log_likelihood,
        likelihood_ratio_p: chi_squared::survival((2.0 * gain).max(0.0), per_subject),
    })
}

/// Subjects by stratum, last times first, with covariates centred and scaled.
struct Data {
    per_subject: usize,
    /// Whether the subject had its event.
    events: Vec<bool>,
    /// Covariates, subject by subject.
    x: Vec<f64>,
    /// What one unit of a scaled covariate is.
    scale: Vec<f64>,
    /// Subjects with the same stratum and time: (first, end, whether a stratum starts here).
    ties: Vec<(usize, usize, bool)>,
}

struct Solution {
    beta: Vec<f64>,
    covariance: Vec<f64>,
    log_likelihood: f64,
    null_log_likelihood: f64,
}

/// Logarithm of the likelihood, its slope, and the negative of its curvature (lower triangle).
#[derive(Clone)]
struct Likelihood {
    logarithm: f64,
    slope: Vec<f64>,
    information: Vec<f64>,
}

impl Data {
    fn new(
        observations: &[Observation],
        covariates: &[f64],
        per_subject: usize,
        strata: Option<&[u64]>,
    ) -> Result<Self, NotEstimable> {
        check_times(0, observations)?;
        let subjects = observations.len();
        let shape = |what, given| NotEstimable::Shape {
            what,
            given,
            subjects,
        };
        if per_subject == 0 || covariates.len() != subjects * per_subject {
            return Err(shape("covariates", covariates.len()));
        }
        if let Some(labels) = strata
            && labels.len() != subjects
        {
            return Err(shape("strata", labels.len()));
        }
        if let Some(place) = covariates.iter().position(|x| !x.is_finite()) {
            return Err(NotEstimable::Covariate {
                covariate: place % per_subject,
                subject: place / per_subject,
            });
        }
        if subjects == 0 {
            return Err(NotEstimable::NoSubjects);
        }
        if !observations.iter().any(|o| o.event) {
            return Err(NotEstimable::NoEvents);
        }
        let stratum = |subject: usize| strata.map_or(0, |labels| labels[subject]);
        let time = |subject: usize| observations[subject].time + 0.0;
        let mut order: Vec<usize> = (0..subjects).collect();
        order.sort_by(|&a, &b| {
            let by_stratum = stratum(a).cmp(&stratum(b));
            by_stratum.then_with(|| time(b).total_cmp(&time(a)))
        });
        let mut ties: Vec<(usize, usize, bool)> = Vec::new();
        for (place, &subject) in order.iter().enumerate() {
            let before = place.checked_sub(1).map(|p| order[p]);
            let same_stratum = before.is_some_and(|b| stratum(b) == stratum(subject));
            match ties.last_mut() {
                Some(last)
                    if same_stratum
                        && before.is_some_and(|b| same_time(time(b), time(subject))) =>
                {
                    last.1 = place + 1;
                }
                _ => ties.push((place, place + 1, !same_stratum)),
            }
        }
        let mut x: Vec<f64> = order
            .iter()
            .flat_map(|&s| &covariates[s * per_subject..(s + 1) * per_subject])
            .copied()
            .collect();
        let mut scale = Vec::with_capacity(per_subject);
        for j in 0..per_subject {
            let count = subjects as f64;
            let column = || (0..subjects).map(|s| covariates[s * per_subject + j]);
            let centre = column().sum::<f64>() / count;
            let spread =
                (column().map(|v| (v - centre) * (v - centre)).sum::<f64>() / count).sqrt();
            if spread.is_nan() || spread <= 1e-14 * centre.abs() {
                return Err(NotEstimable::Collinear { covariate: j });
            }
            for row in x.chunks_exact_mut(per_subject) {
                row[j] = (row[j] - centre) / spread;
            }
            scale.push(spread);
        }
        Ok(Self {
            per_subject,
            events: order.iter().map(|&s| observations[s].event).collect(),
            x,
            scale,
            ties,
        })
    }

    /// Refuses a covariate that is the same for everybody at risk, at every event, or whose largest
    /// (smallest) value always has the event.
    fn check_each_covariate(&self) -> Result<(), NotEstimable> {
        for j in 0..self.per_subject {
            let value = |subject: usize| self.x[subject * self.per_subject + j];
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            let (mut differs, mut always_high, mut always_low) = (false, true, true);
            for &(first, end, new_stratum) in &self.ties {
                if new_stratum {
                    (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
                }
                for subject in first..end {
                    low = low.min(value(subject));
                    high = high.max(value(subject));
                }
                for subject in (first..end).filter(|&s| self.events[s]) {
                    differs |= low < high;
                    always_high &= value(subject) >= high;
                    always_low &= value(subject) <= low;
                }
            }
            if !differs {
                return Err(NotEstimable::Collinear { covariate: j });
            }
            if always_high || always_low {
                return Err(NotEstimable::Separated {
                    covariate: j,
                    higher: always_high,
                });
            }
        }
        Ok(())
    }

    fn maximise(&self) -> Result<Solution, NotEstimable> {
        // Beyond e^60 between two animals a likelihood that still grows has no maximum.
        const LARGEST_CONTRAST: f64 = 60.0;
        let size = self.per_subject;
        let mut beta = vec![0.0; size];
        let mut here = self.likelihood(&beta);
        let null_log_likelihood = here.logarithm;
        let mut factor = Cholesky::of(&here.information, size)
            .map_err(|covariate| NotEstimable::Collinear { covariate })?;
        for _ in 0..100 {
            let mut step = here.slope.clone();
            factor.solve(&mut step);
            let longest = step.iter().fold(0.0_f64, |max, s| max.max(s.abs()));
            if longest <= 1e-9 {
                for (b, s) in beta.iter_mut().zip(&step) {
                    *b += s;
                }
                let here = self.likelihood(&beta);
                let factor = Cholesky::of(&here.information, size)
                    .map_err(|_| NotEstimable::CombinationSeparates)?;
                return Ok(Solution {
                    covariance: factor.inverse(),
                    beta,
                    log_likelihood: here.logarithm,
                    null_log_likelihood,
                });
            }
            let mut length = 1.0;
            loop {
                let candidate: Vec<f64> = beta
                    .iter()
                    .zip(&step)
                    .map(|(b, s)| b + length * s)
                    .collect();
                let there = self.likelihood(&candidate);
                let rounding = 1e-12 * here.logarithm.abs();
                if there.logarithm >= here.logarithm - rounding || length < 1e-10 {
                    (beta, here) = (candidate, there);
                    break;
                }
                length *= 0.5;
            }
            if self.largest_contrast(&beta) > LARGEST_CONTRAST {
                break;
            }
            let Ok(next) = Cholesky::of(&here.information, size) else {
                break;
            };
            factor = next;
        }
        Err(NotEstimable::CombinationSeparates)
    }

    /// Largest less smallest β·x.
    fn largest_contrast(&self, beta: &[f64]) -> f64 {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for row in self.x.chunks_exact(self.per_subject) {
            let value = dot(beta, row);
            low = low.min(value);
            high = high.max(value);
        }
        high - low
    }

    fn likelihood(&self, beta: &[f64]) -> Likelihood {
        let size = self.per_subject;
        let mut result = Likelihood {
            logarithm: 0.0,
            slope: vec![0.0; size],
            information: vec![0.0; size * size],
        };
        let mut all = Sums::new(size);
        let mut tied = Sums::new(size);
        let mut mean = vec![0.0; size];
        for &(first, end, new_stratum) in &self.ties {
            if new_stratum {
                all.clear();
            }
            tied.clear();
            let mut deaths = 0_u32;
            for subject in first..end {
                let x = &self.x[subject * size..(subject + 1) * size];
                let log_weight = dot(beta, x);
                let weight = Real::exp(log_weight);
                all.add(weight, x);
                if self.events[subject] {
                    deaths += 1;
                    tied.add(weight, x);
                    result.logarithm += log_weight;
                    for (slope, x) in result.slope.iter_mut().zip(x) {
                        *slope += x;
                    }
                }
            }
            for gone in 0..deaths {
                let share = f64::from(gone) / f64::from(deaths);
                let total = all.zeroth - share * tied.zeroth;
                result.logarithm -= Real::ln(total);
                for (j, mean) in mean.iter_mut().enumerate() {
                    *mean = (all.first[j] - share * tied.first[j]) / total;
                    result.slope[j] -= *mean;
                }
                for i in 0..size {
                    for j in 0..=i {
                        let place = i * size + j;
                        let second = (all.second[place] - share * tied.second[place]) / total;
                        result.information[place] += second - mean[i] * mean[j];
                    }
                }
            }
        }
        result
    }
}

/// Sums of weights, weighted covariates and their products (lower triangle).
struct Sums {
    zeroth: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Sums {
    fn new(size: usize) -> Self {
        Self {
            zeroth: 0.0,
            first: vec![0.0; size],
            second: vec![0.0; size * size],
        }
    }

    fn clear(&mut self) {
        self.zeroth = 0.0;
        self.first.fill(0.0);
        self.second.fill(0.0);
    }

    fn add(&mut self, weight: f64, x: &[f64]) {
        self.zeroth += weight;
        for (i, &xi) in x.iter().enumerate() {
            let weighted = weight * xi;
            self.first[i] += weighted;
            for (j, &xj) in x.iter().enumerate().take(i + 1) {
                self.second[i * x.len() + j] += weighted * xj;
            }
        }
    }
}
