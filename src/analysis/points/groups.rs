//! A cohort as a point: what its lives say about survival.

use gutbrain_statistics::samples;
use gutbrain_statistics::survival::{Confidence, Observation, RiskTable, restricted_mean};

use crate::cohort::survival::{ArmFollow, horizons, survival};
use crate::cohort::{Animal, follow};
use crate::scenario::SurvivalEndpoint;
use crate::simulate::{EndOfLife, LifeRecord, Missing, Status};

/// Survival of one arm of a cohort; numbers that cannot be estimated are missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupNumbers {
    /// Animals asked for.
    pub subjects: u64,
    /// Animals whose run failed: they are in no number below.
    pub failed: u64,
    /// Ends that were seen.
    pub events: u64,
    /// Deaths for other reasons, censored.
    pub other_deaths: u64,
    /// Median survival, in days, with its 95 % interval.
    pub median_survival_d: Bounded,
    /// Restricted mean of survival, up to the horizon, in days.
    pub mean_survival_d: Option<f64>,
    /// That horizon, an age in days: the end of the scenario, unless the arm (or the first one, which it
    /// is compared with) was lost before.
    pub horizon_d: Option<f64>,
    /// Difference of that mean from the first arm, in days, with its 95 % interval.
    pub rmst_difference_d: Bounded,
    /// Hazard relative to the first arm (Cox, Efron), with its 95 % interval.
    pub hazard_ratio: Bounded,
    /// p of the log-rank test against the first arm.
    pub log_rank_p: Option<f64>,
}

/// A number with its interval.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bounded {
    /// The number.
    pub value: Option<f64>,
    /// Lower end.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
}

/// One arm of a cohort at one point.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) follow: ArmFollow,
    /// By reading, the values of the animals that have one.
    pub(super) readings: Vec<Vec<f64>>,
    pub(super) missing: Vec<Option<Missing>>,
    /// By reading, the largest size that its errors are relative to.
    pub(super) scales: Vec<f64>,
    pub(super) first_failure: Option<String>,
    pub(super) last_d: Option<f64>,
}

impl Group {
    pub(super) fn new(readings: usize) -> Self {
        Self {
            readings: vec![Vec::new(); readings],
            missing: vec![None; readings],
            scales: vec![0.0; readings],
            ..Self::default()
        }
    }

    /// Takes an animal; `record` was ended by other deaths already.
    pub(super) fn take(
        &mut self,
        animal: &Animal,
        vector: Option<u64>,
        record: &LifeRecord,
        endpoint: &SurvivalEndpoint,
    ) {
        let ends = &record.endpoints;
        match follow(ends, endpoint, animal.sex, animal.litter) {
            Some(seen) => {
                self.last_d = Some(self.last_d.map_or(seen.time, |last| last.max(seen.time)));
                self.follow.animals.push(seen);
                self.follow.numbers.push(animal.number);
                self.follow.onsets.push(ends.onset_d());
                if ends.event == EndOfLife::OtherDeath {
                    self.follow.other_deaths += 1;
                }
            }
            None => {
                self.follow.failed += 1;
                if let (None, Status::Failed(reason)) = (&self.first_failure, &ends.status) {
                    let number = animal.number;
                    let vector = vector.map_or_else(String::new, |vector| {
                        format!(", vector {vector} of the posterior")
                    });
                    self.first_failure = Some(format!("animal {number}{vector}: {reason}"));
                }
            }
        }
        if ends.status != Status::Ok {
            return;
        }
        for (scale, own) in self.scales.iter_mut().zip(&record.scales) {
            *scale = scale.max(*own);
        }
        for (place, reading) in record.readings.iter().enumerate() {
            match reading {
                Ok(value) => self.readings[place].push(*value),
                Err(missing) => {
                    self.missing[place].get_or_insert_with(|| missing.clone());
                }
            }
        }
    }

    /// The median of every reading over the animals that have it.
    pub(super) fn medians(&mut self) -> Vec<Result<f64, Missing>> {
        let both = self.readings.iter_mut().zip(&self.missing);
        both.map(|(values, missing)| {
            samples::sort(values);
            samples::quantile(values, 0.5)
                .ok_or_else(|| missing.clone().unwrap_or(Missing::NotFinite))
        })
        .collect()
    }
}

/// The numbers of every arm of a point, and the mean ages at onset.
/// `follow_up`: the age at which the scenario ends.
pub(super) fn estimate(groups: &[Group], follow_up: f64) -> Vec<(GroupNumbers, Option<f64>)> {
    let follows: Vec<ArmFollow> = groups.iter().map(|group| group.follow.clone()).collect();
    let horizons = horizons(&follows, follow_up);
    let first = follows.first().map(ArmFollow::observations);
    let first = first.unwrap_or_default();
    follows
        .iter()
        .enumerate()
        .map(|(place, arm)| {
            let horizon = horizons[place];
            let mut numbers = GroupNumbers {
                subjects: (arm.animals.len() + arm.failed) as u64,
                failed: arm.failed as u64,
                events: arm.animals.iter().filter(|animal| animal.event).count() as u64,
                other_deaths: arm.other_deaths as u64,
                ..GroupNumbers::default()
            };
            let Some(survival) = survival(arm, horizon) else {
                return (numbers, None);
            };
            numbers.median_survival_d = Bounded {
                value: survival.median.time,
                lower: survival.median.lower,
                upper: survival.median.upper,
            };
            numbers.mean_survival_d = survival.restricted_mean;
            numbers.horizon_d = horizon;
            if place > 0 {
                compare(&first, &arm.observations(), horizon, &mut numbers);
            }
            (numbers, survival.onset_mean)
        })
        .collect()
}

fn compare(
    first: &[Observation],
    arm: &[Observation],
    horizon: Option<f64>,
    numbers: &mut GroupNumbers,
) {
    let confidence = Confidence::percent_95();
    let difference = horizon
        .and_then(|horizon| restricted_mean::difference(first, arm, horizon, confidence).ok());
    if let Some(found) = difference {
        numbers.rmst_difference_d = Bounded {
            value: Some(found.difference),
            lower: found.interval.map(|interval| interval.lower),
            upper: found.interval.map(|interval| interval.upper),
        };
    }
    let Ok(table) = RiskTable::new(&[first, arm]) else {
        return;
    };
    numbers.log_rank_p = table.log_rank().ok().map(|test| test.p);
    if let Ok(hazard) = table.hazard_ratio(confidence) {
        numbers.hazard_ratio = Bounded {
            value: Some(hazard.ratio),
            lower: Some(hazard.interval.lower),
            upper: Some(hazard.interval.upper),
        };
    }
}
