//! Bootstrap intervals: how a number would vary if the animals were others of the same kind.
//!
//! Each replicate draws as many subjects as there are, with replacement, and computes the statistic; the
//! interval holds the middle of the replicates (percentile interval, B. Efron and R. J. Tibshirani, An
//! Introduction to the Bootstrap (1993), chapter 13). Arms are resampled apart; where animals were matched
//! by litter, whole litters are drawn, with their members in both arms.
//!
//! Replicate r draws from the stream (seed, name, r) alone. A replicate in which the statistic has no
//! value (a median that is not reached) is left out and counted: where many are, the interval is that of
//! the replicates with a value and no more. One subject (or one litter) drawn again and again is always
//! itself: its spread is not zero but unknown, and the interval is refused.

use std::collections::BTreeMap;

use super::{Confidence, Interval, NotEstimable};
use crate::random::Stream;
use crate::samples;

/// How to resample.
#[derive(Debug, Clone, Copy)]
pub struct Resampling<'a> {
    /// The seed of the run.
    pub seed: u64,
    /// The name of the stream: another one for every statistic that is to vary on its own.
    pub stream: &'a str,
    /// How many replicates.
    pub replicates: u32,
    /// How sure the interval is to be.
    pub confidence: Confidence,
}

/// A statistic with its bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrapped {
    /// The statistic of the sample itself.
    pub estimate: f64,
    /// The standard deviation of the replicates.
    pub standard_error: f64,
    /// The percentile interval.
    pub interval: Interval,
    /// Replicates with a value.
    pub used: usize,
    /// Replicates without.
    pub failed: usize,
}

impl Resampling<'_> {
    /// Resamples the subjects of one group.
    ///
    /// # Errors
    /// [`NotEstimable::OneSubject`], [`NotEstimable::NoStatistic`], [`NotEstimable::Resamples`].
    pub fn one<T: Copy>(
        &self,
        group: &[T],
        statistic: impl Fn(&[T]) -> Option<f64>,
    ) -> Result<Bootstrapped, NotEstimable> {
        more_than_one(group.len(), "subject")?;
        let mut drawn = Vec::with_capacity(group.len());
        self.collect(statistic(group), |random| {
            draw(random, group, &mut drawn);
            statistic(&drawn)
        })
    }

    /// Resamples the subjects of two groups, apart from each other.
    ///
    /// ```
    /// use gutbrain_statistics::survival::bootstrap::Resampling;
    /// use gutbrain_statistics::survival::{Confidence, Observation, median};
    /// let control = [110.0, 121.0, 128.0, 131.0, 140.0].map(Observation::event);
    /// let treated = [127.0, 139.0, 150.0, 166.0, 171.0].map(Observation::event);
    /// let resampling = Resampling {
    ///     seed: 1,
    ///     stream: "difference of medians",
    ///     replicates: 2000,
    ///     confidence: Confidence::percent_95(),
    /// };
    /// let found = resampling.two(&control, &treated, |c, t| Some(median(t)? - median(c)?))?;
    /// assert_eq!(found.estimate, 22.0);
    /// assert!(found.interval.lower < 22.0 && 22.0 < found.interval.upper);
    /// # Ok::<(), gutbrain_statistics::survival::NotEstimable>(())
    /// ```
    ///
    /// # Errors
    /// [`NotEstimable::OneSubject`], [`NotEstimable::NoStatistic`], [`NotEstimable::Resamples`].
    pub fn two<T: Copy>(
        &self,
        control: &[T],
        treated: &[T],
        statistic: impl Fn(&[T], &[T]) -> Option<f64>,
    ) -> Result<Bootstrapped, NotEstimable> {
        more_than_one(control.len().min(treated.len()), "subject")?;
        let mut first = Vec::with_capacity(control.len());
        let mut second = Vec::with_capacity(treated.len());
        self.collect(statistic(control, treated), |random| {
            draw(random, control, &mut first);
            draw(random, treated, &mut second);
            statistic(&first, &second)
        })
    }

    /// Resamples litters: a litter that is drawn brings its members in both groups. The labels stand
    /// beside the subjects.
    ///
    /// # Errors
    /// [`NotEstimable::Shape`], [`NotEstimable::OneSubject`], [`NotEstimable::NoStatistic`],
    /// [`NotEstimable::Resamples`].
    pub fn two_by_litter<T: Copy>(
        &self,
        control: (&[T], &[u64]),
        treated: (&[T], &[u64]),
        statistic: impl Fn(&[T], &[T]) -> Option<f64>,
    ) -> Result<Bootstrapped, NotEstimable> {
        let mut litters: BTreeMap<u64, [Vec<T>; 2]> = BTreeMap::new();
        for (arm, (group, labels)) in [control, treated].into_iter().enumerate() {
            if group.len() != labels.len() {
                return Err(NotEstimable::Shape {
                    what: "litters",
                    given: labels.len(),
                    subjects: group.len(),
                });
            }
            for (&subject, &label) in group.iter().zip(labels) {
                litters.entry(label).or_default()[arm].push(subject);
            }
        }
        let litters: Vec<_> = litters.into_values().collect();
        more_than_one(litters.len(), "litter")?;
        let (mut first, mut second) = (Vec::new(), Vec::new());
        self.collect(statistic(control.0, treated.0), |random| {
            first.clear();
            second.clear();
            for _ in 0..litters.len() {
                let [in_control, in_treated] =
                    &litters[random.below(litters.len() as u64) as usize];
                first.extend_from_slice(in_control);
                second.extend_from_slice(in_treated);
            }
            statistic(&first, &second)
        })
    }

    fn collect(
        &self,
        estimate: Option<f64>,
        mut replicate: impl FnMut(&mut Stream) -> Option<f64>,
    ) -> Result<Bootstrapped, NotEstimable> {
        let estimate = estimate
            .filter(|value| value.is_finite())
            .ok_or(NotEstimable::NoStatistic)?;
        let mut values: Vec<f64> = (0..u64::from(self.replicates))
            .filter_map(|number| replicate(&mut Stream::new(self.seed, self.stream, number)))
            .filter(|value| value.is_finite())
            .collect();
        let replicates = self.replicates as usize;
        let used = values.len();
        let refusal = NotEstimable::Resamples {
            replicates,
            failed: replicates - used,
        };
        samples::sort(&mut values);
        let tail = 0.5 * (1.0 - self.confidence.level());
        let (Some(standard_error), Some(lower), Some(upper)) = (
            samples::standard_deviation(&values),
            samples::quantile(&values, tail),
            samples::quantile(&values, 1.0 - tail),
        ) else {
            return Err(refusal);
        };
        Ok(Bootstrapped {
            estimate,
            standard_error,
            interval: Interval { lower, upper },
            used,
            failed: replicates - used,
        })
    }
}

/// Refuses to draw one thing again and again; of nothing the statistic says what is wrong.
fn more_than_one(count: usize, what: &'static str) -> Result<(), NotEstimable> {
    match count {
        1 => Err(NotEstimable::OneSubject(what)),
        _ => Ok(()),
    }
}

/// As many subjects as there are, with replacement.
fn draw<T: Copy>(random: &mut Stream, group: &[T], drawn: &mut Vec<T>) {
    drawn.clear();
    drawn.extend((0..group.len()).map(|_| group[random.below(group.len() as u64) as usize]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survival::{Observation, median};

    fn resampling(replicates: u32) -> Resampling<'static> {
        Resampling {
            seed: 7,
            stream: "test",
            replicates,
            confidence: Confidence::percent_95(),
        }
    }

    #[test]
    fn the_mean_of_normal_numbers_has_the_interval_of_theory() {
        let mut random = Stream::new(3, "sample", 0);
        let sample: Vec<f64> = (0..400).map(|_| 130.0 + 11.0 * random.normal()).collect();
        let found = resampling(4000).one(&sample, samples::mean).unwrap();
        let theory = samples::standard_deviation(&sample).unwrap() / 20.0;
        // The standard error of a standard deviation of 4000 numbers is 1.1 %: four of them.
        assert!(
            (found.standard_error / theory - 1.0).abs() < 0.045,
            "{found:?}"
        );
        let wide = (found.interval.upper - found.interval.lower) / theory;
        assert!((wide - 2.0 * 1.96).abs() < 0.25, "{wide}");
        assert_eq!((found.used, found.failed), (4000, 0));
        assert_eq!(found, resampling(4000).one(&sample, samples::mean).unwrap());
    }

    #[test]
    fn litters_stay_together() {
        // Litters differ by 100 d, the treatment adds 5 d in each: matched resampling sees no spread.
        let litters: Vec<u64> = (0..12).collect();
        let control: Vec<f64> = litters.iter().map(|&l| 100.0 * l as f64).collect();
        let treated: Vec<f64> = control.iter().map(|t| t + 5.0).collect();
        let gain = |c: &[f64], t: &[f64]| Some(samples::mean(t)? - samples::mean(c)?);
        let matched = resampling(200)
            .two_by_litter((&control, &litters), (&treated, &litters), gain)
            .unwrap();
        assert!(matched.standard_error < 1e-10, "{matched:?}");
        let apart = resampling(200).two(&control, &treated, gain).unwrap();
        assert!(apart.standard_error > 50.0, "{apart:?}");
        let refusal =
            resampling(9).two_by_litter((&control, &litters[1..]), (&treated, &litters), gain);
        assert!(matches!(
            refusal,
            Err(NotEstimable::Shape { given: 11, .. })
        ));
    }

    #[test]
    fn one_of_a_kind_has_no_interval() {
        let mean = |group: &[f64]| samples::mean(group);
        let refused = resampling(50).one(&[3.0], mean);
        assert_eq!(refused, Err(NotEstimable::OneSubject("subject")));
        let gain = |c: &[f64], t: &[f64]| Some(samples::mean(t)? - samples::mean(c)?);
        let pairs: [(&[f64], &[f64]); 2] = [(&[3.0], &[4.0, 5.0]), (&[3.0, 4.0], &[5.0])];
        for (control, treated) in pairs {
            let refused = resampling(50).two(control, treated, gain);
            assert_eq!(refused, Err(NotEstimable::OneSubject("subject")));
        }
        // Four animals of one litter: drawn by litter they are one thing.
        let labels = [7, 7];
        let refused =
            resampling(50).two_by_litter((&[3.0, 4.0], &labels), (&[5.0, 6.0], &labels), gain);
        assert_eq!(refused, Err(NotEstimable::OneSubject("litter")));
    }

    #[test]
    fn replicates_without_a_value_are_counted() {
        // Half of the animals are censored early: the median is often not reached.
        let mut group = vec![Observation::censored(1.0); 5];
        group.extend((0..5).map(|day| Observation::event(f64::from(2 + day))));
        let found = resampling(500).one(&group, median).unwrap();
        assert_eq!(found.used + found.failed, 500);
        let never = vec![Observation::censored(1.0); 5];
        assert_eq!(
            resampling(50).one(&never, median),
            Err(NotEstimable::NoStatistic)
        );
        let rarely = resampling(0).one(&group, median);
        assert_eq!(
            rarely,
            Err(NotEstimable::Resamples {
                replicates: 0,
                failed: 0
            })
        );
    }
}
