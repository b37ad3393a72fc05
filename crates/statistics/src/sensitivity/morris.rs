//! Elementary effects (Morris): one input at a time, along random trajectories.
//!
//! The unit cube has p levels per coordinate, 0, 1/(p − 1), …, 1. A trajectory begins at a random
//! point and moves every group of inputs once, in random order, by ±Δ with Δ = p / (2 (p − 1)). The
//! effect of a step is (y after − y before) / (signed Δ). Over r trajectories
//!
//! ```text
//! μ = mean of effects,  μ* = mean of |effects|,  σ = their standard deviation (n − 1)
//! ```
//!
//! μ* says how much an input matters, σ how much that depends on where and on the others. For a
//! group of several inputs, which move together, each in a direction of its own, only μ* has a
//! meaning.
//!
//! A failed point takes out the two steps that touch it.
//!
//! Sources: M. D. Morris, Technometrics 33 (1991) 161–174; F. Campolongo, J. Cariboni, A. Saltelli,
//! Environ. Model. Softw. 22 (2007) 1509–1518 (μ*, groups).

use super::{Bootstrap, Estimate, Interval, percentile_interval};
use crate::random::Stream;
use crate::samples;

/// One move along a trajectory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Which group of inputs moved.
    pub group: usize,
    /// By how much, in the unit cube; of a group of several inputs +Δ.
    pub change: f64,
}

/// A trajectory: a point before every step, and one after the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// Points of the unit cube.
    pub points: Vec<Vec<f64>>,
    /// Steps between them.
    pub steps: Vec<Step>,
}

/// A design of trajectories, each known by its number alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Design {
    inputs: usize,
    groups: Vec<Vec<usize>>,
    levels: u32,
    seed: u64,
}

/// A design cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// Half of the levels are starts, so their number is even.
    #[error("the number of levels must be even and at least 2, not {0}")]
    Levels(u32),
    /// Every input moves exactly once in a trajectory.
    #[error("input {0} must be in exactly one group")]
    Groups(usize),
}

impl Design {
    /// Trajectories over `inputs` coordinates in which the inputs of a group move together; every
    /// input is in exactly one group.
    ///
    /// # Errors
    /// An odd number of levels; an input in no group, or in several.
    pub fn new(
        inputs: usize,
        groups: Vec<Vec<usize>>,
        levels: u32,
        seed: u64,
    ) -> Result<Self, DesignError> {
        if levels < 2 || levels % 2 == 1 {
            return Err(DesignError::Levels(levels));
        }
        check_groups(inputs, &groups).map_err(DesignError::Groups)?;
        Ok(Self {
            inputs,
            groups,
            levels,
            seed,
        })
    }

    /// Points of a trajectory.
    #[must_use]
    pub fn length(&self) -> usize {
        self.groups.len() + 1
    }

    /// Trajectory `number`.
    #[must_use]
    pub fn trajectory(&self, number: u64) -> Trajectory {
        let mut stream = Stream::new(self.seed, "morris trajectory", number);
        let half = f64::from(self.levels / 2);
        let highest = f64::from(self.levels - 1);
        let change = half / highest;
        // The lower end of each input's move, and whether it is where the input begins.
        let moves: Vec<(f64, bool)> = (0..self.inputs)
            .map(|_| {
                let level = stream.below(u64::from(self.levels / 2)) as f64;
                (level, stream.below(2) == 0)
            })
            .collect();
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        stream.shuffle(&mut order);
        let place = |level: f64, up: bool| (if up { level + half } else { level }) / highest;
        let mut point: Vec<f64> = moves.iter().map(|&(level, up)| place(level, !up)).collect();
        let mut trajectory = Trajectory {
            points: vec![point.clone()],
            steps: Vec::with_capacity(order.len()),
        };
        for group in order {
            let members = &self.groups[group];
            for &input in members {
                let (level, up) = moves[input];
                point[input] = place(level, up);
            }
            let sign = match members.as_slice() {
                [only] if !moves[*only].1 => -1.0,
                _ => 1.0,
            };
            trajectory.points.push(point.clone());
            trajectory.steps.push(Step {
                group,
                change: sign * change,
            });
        }
        trajectory
    }
}

/// The first input that is not in exactly one group.
pub(super) fn check_groups(inputs: usize, groups: &[Vec<usize>]) -> Result<(), usize> {
    let mut seen = vec![0_u32; inputs];
    for &input in groups.iter().flatten() {
        *seen.get_mut(input).ok_or(input)? += 1;
    }
    seen.iter()
        .position(|&count| count != 1)
        .map_or(Ok(()), Err)
}

/// What the effects of one group say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    /// μ: the mean effect; 0 also when effects of both signs cancel.
    pub mean: Option<f64>,
    /// μ*: the mean size of the effect, with a bootstrap interval over trajectories.
    pub size: Estimate,
    /// σ: the standard deviation of the effects; needs two.
    pub spread: Option<f64>,
}

/// The effects of every group. `steps[t]` are those of trajectory t and `outputs[t]` its outputs, one
/// more than steps.
#[must_use]
pub fn estimate(
    groups: usize,
    steps: &[Vec<Step>],
    outputs: &[Vec<Option<f64>>],
    bootstrap: Bootstrap,
) -> Vec<Effects> {
    let mut effects: Vec<Vec<f64>> = vec![Vec::new(); groups];
    let mut failed = vec![0_usize; groups];
    for (steps, outputs) in steps.iter().zip(outputs) {
        for (step, pair) in steps.iter().zip(outputs.windows(2)) {
            match pair {
                [Some(before), Some(after)] => {
                    effects[step.group].push((after - before) / step.change);
                }
                _ => failed[step.group] += 1,
            }
        }
    }
    effects
        .iter()
        .zip(failed)
        .enumerate()
        .map(|(group, (effects, failed))| summarise(group, effects, failed, bootstrap))
        .collect()
}

fn summarise(group: usize, effects: &[f64], failed: usize, bootstrap: Bootstrap) -> Effects {
    let sizes: Vec<f64> = effects.iter().map(|effect| effect.abs()).collect();
    let interval =
        samples::mean(&sizes).map(|value| resampled_mean(group, value, &sizes, bootstrap));
    Effects {
        mean: samples::mean(effects),
        size: Estimate {
            interval,
            used: effects.len(),
            failed,
        },
        spread: samples::standard_deviation(effects),
    }
}

fn resampled_mean(group: usize, value: f64, sizes: &[f64], bootstrap: Bootstrap) -> Interval {
    let mut stream = bootstrap.stream("morris bootstrap", group);
    let count = sizes.len();
    let resampled = (0..bootstrap.resamples)
        .map(|_| {
            let drawn = (0..count).map(|_| sizes[stream.below(count as u64) as usize]);
            drawn.sum::<f64>() / count as f64
        })
        .collect();
    percentile_interval(value, resampled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOTSTRAP: Bootstrap = Bootstrap {
        resamples: 500,
        seed: 1,
    };

    fn alone(inputs: usize) -> Vec<Vec<usize>> {
        (0..inputs).map(|input| vec![input]).collect()
    }

    fn run(
        design: &Design,
        trajectories: u64,
        output: impl Fn(&[f64]) -> Option<f64>,
    ) -> (Vec<Vec<Step>>, Vec<Vec<Option<f64>>>) {
        (0..trajectories)
            .map(|number| {
                let trajectory = design.trajectory(number);
                let outputs = trajectory.points.iter().map(|x| output(x)).collect();
                (trajectory.steps, outputs)
            })
            .unzip()
    }

    #[test]
    fn trajectories_move_every_group_once_by_the_step_and_stay_on_the_levels() {
        let design = Design::new(4, vec![vec![0], vec![1, 3], vec![2]], 6, 3).unwrap();
        let mut starts = [0_u32; 6];
        for number in 0..600 {
            let trajectory = design.trajectory(number);
            assert_eq!(trajectory.points.len(), design.length());
            let mut moved: Vec<usize> = trajectory.steps.iter().map(|s| s.group).collect();
            moved.sort_unstable();
            assert_eq!(moved, [0, 1, 2]);
            for (step, pair) in trajectory.steps.iter().zip(trajectory.points.windows(2)) {
                for (input, (before, after)) in pair[0].iter().zip(&pair[1]).enumerate() {
                    let change = after - before;
                    let level = after * 5.0;
                    assert!((level - level.round()).abs() < 1e-12 && (0.0..=5.0).contains(&level));
                    if !design.groups[step.group].contains(&input) {
                        assert!(change.abs() < 1e-15);
                    } else if design.groups[step.group].len() == 1 {
                        assert!((change - step.change).abs() < 1e-15);
                    } else {
                        assert!((change.abs() - step.change).abs() < 1e-15);
                    }
                }
            }
            starts[(trajectory.points[0][0] * 5.0).round() as usize] += 1;
        }
        // Chi-squared with 5 degrees of freedom exceeds 20.5 once in a thousand times.
        let chi: f64 = starts
            .iter()
            .map(|&count| (f64::from(count) - 100.0).powi(2) / 100.0)
            .sum();
        assert!(chi < 20.5, "{chi}: {starts:?}");
    }

    #[test]
    fn a_linear_model_has_constant_effects_and_an_idle_input_none() {
        let design = Design::new(3, alone(3), 4, 1).unwrap();
        let (steps, outputs) = run(&design, 20, |x| Some(3.0 * x[0] - 2.0 * x[1] + 7.0));
        let effects = estimate(3, &steps, &outputs, BOOTSTRAP);
        for (effects, slope) in effects.iter().zip([3.0, -2.0, 0.0_f64]) {
            let size = effects.size.interval.unwrap();
            assert!((effects.mean.unwrap() - slope).abs() < 1e-12);
            assert!((size.value - slope.abs()).abs() < 1e-12);
            assert!((size.upper - size.lower).abs() < 1e-12);
            assert!(effects.spread.unwrap() < 1e-12);
            assert_eq!((effects.size.used, effects.size.failed), (20, 0));
        }
    }

    #[test]
    fn interactions_show_in_the_spread() {
        let design = Design::new(2, alone(2), 4, 5).unwrap();
        let (steps, outputs) = run(&design, 200, |x| Some((x[0] - 0.5) * (x[1] - 0.5)));
        let effects = estimate(2, &steps, &outputs, BOOTSTRAP);
        for effects in effects {
            let size = effects.size.interval.unwrap();
            // |x − 1/2| on the levels 0, 1/3, 2/3, 1 has the mean 1/3.
            assert!(size.lower < 1.0 / 3.0 && 1.0 / 3.0 < size.upper, "{size:?}");
            assert!(effects.mean.unwrap().abs() < 0.1);
            assert!(effects.spread.unwrap() > 0.3);
        }
    }

    #[test]
    fn a_failed_point_takes_out_its_two_steps_only() {
        let design = Design::new(3, alone(3), 4, 1).unwrap();
        let (steps, mut outputs) = run(&design, 10, |x| Some(x[0] + 2.0 * x[1]));
        outputs[4][1] = None;
        outputs[7][3] = None;
        let effects = estimate(3, &steps, &outputs, BOOTSTRAP);
        let failed: Vec<usize> = effects.iter().map(|e| e.size.failed).collect();
        assert_eq!(failed.iter().sum::<usize>(), 3);
        assert_eq!(failed[steps[4][0].group].min(failed[steps[4][1].group]), 1);
        for effects in &effects {
            assert_eq!(effects.size.used + effects.size.failed, 10);
        }
        assert!((effects[1].size.interval.unwrap().value - 2.0).abs() < 1e-12);
        let nothing = estimate(3, &steps, &vec![vec![None; 4]; 10], BOOTSTRAP);
        assert!(nothing.iter().all(|e| e.size.interval.is_none()
            && e.mean.is_none()
            && e.spread.is_none()
            && e.size.failed == 10));
    }

    #[test]
    fn impossible_designs_are_refused() {
        assert_eq!(Design::new(2, alone(2), 5, 1), Err(DesignError::Levels(5)));
        let twice = vec![vec![0, 1], vec![1]];
        assert_eq!(Design::new(2, twice, 4, 1), Err(DesignError::Groups(1)));
        assert_eq!(Design::new(3, alone(2), 4, 1), Err(DesignError::Groups(2)));
        assert_eq!(Design::new(1, alone(2), 4, 1), Err(DesignError::Groups(1)));
    }
}
