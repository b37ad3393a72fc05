//! Survival of the arms of a cohort: curves, medians, tests against the first arm.
//!
//! The estimators are those of `gutbrain_statistics::survival`; this is what is asked of them. Failed
//! runs have no numbers: they are left out and counted. Where a number cannot be estimated it is
//! absent, and the reason stands beside it.

use gutbrain_network::declaration::Sex;
use gutbrain_statistics::samples;
use gutbrain_statistics::survival::bootstrap::Resampling;
use gutbrain_statistics::survival::{
    Confidence, Interval, KaplanMeier, Median, Observation, RiskTable, median, restricted_mean,
};

use super::Follow;

/// Bootstrap replicates; a tenth of them above [`LARGE`] animals.
const REPLICATES: u32 = 2000;

/// Animals in both arms above which fewer replicates are enough.
const LARGE: usize = 2000;

/// The animals of one arm.
#[derive(Debug, Clone, Default)]
pub struct ArmFollow {
    /// Name of the arm.
    pub arm: String,
    /// Animals whose run is complete, in their order.
    pub animals: Vec<Follow>,
    /// Their numbers.
    pub numbers: Vec<u64>,
    /// Their ages at onset.
    pub onsets: Vec<Option<f64>>,
    /// Deaths for other reasons among them.
    pub other_deaths: usize,
    /// Animals whose run failed.
    pub failed: usize,
}

impl ArmFollow {
    /// As observations of survival.
    #[must_use]
    pub fn observations(&self) -> Vec<Observation> {
        let observe = |animal: &Follow| Observation {
            time: animal.time,
            event: animal.event,
        };
        self.animals.iter().map(observe).collect()
    }

    fn strata(&self, label: impl Fn(&Follow) -> u64) -> Vec<u64> {
        self.animals.iter().map(label).collect()
    }
}

/// The survival of one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmSurvival {
    /// The curve.
    pub curve: KaplanMeier,
    /// Its median.
    pub median: Median,
    /// Mean of survival up to the horizon that all arms share, in days.
    pub restricted_mean: Option<f64>,
    /// Mean and standard deviation of the ages at the end, when every end was seen.
    pub mean_and_deviation: Option<(f64, f64)>,
    /// Mean age at onset of the animals that reached it.
    pub onset_mean: Option<f64>,
}

/// An arm against the first one.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmComparison {
    /// Difference of the restricted means, in days, with its interval and p; of one animal there is
    /// neither.
    pub restricted_mean: Option<(f64, Option<Interval>, Option<f64>)>,
    /// Difference of the medians, in days, with its bootstrap interval; of one animal there is none.
    pub median: Option<(f64, Option<Interval>)>,
    /// p of the log-rank test.
    pub log_rank: Result<f64, String>,
    /// p of the log-rank test within sexes.
    pub log_rank_by_sex: Result<f64, String>,
    /// p of the log-rank test within litters and sexes.
    pub log_rank_by_litter: Result<f64, String>,
    /// Hazard of the arm relative to the first one, with its interval.
    pub hazard_ratio: Result<(f64, Interval), String>,
    /// For twins: mean difference within animals, its standard deviation (none of one pair), and the
    /// number of pairs in which both ends were seen.
    pub paired: Option<(f64, Option<f64>, usize)>,
}

/// The age up to which every arm is judged, in days: `follow_up`, the end of the scenario, unless an arm
/// was lost before it; see [`restricted_mean::common_horizon`].
#[must_use]
pub fn horizon(arms: &[ArmFollow], follow_up: f64) -> Option<f64> {
    let groups: Vec<Vec<Observation>> = arms.iter().map(ArmFollow::observations).collect();
    let groups: Vec<&[Observation]> = groups.iter().map(Vec::as_slice).collect();
    restricted_mean::common_horizon(&groups, follow_up)
}

/// The age up to which each arm is judged: the first one by itself, every other one together with the
/// first, which it is compared with. An arm that was lost early takes nothing from the others.
#[must_use]
pub fn horizons(arms: &[ArmFollow], follow_up: f64) -> Vec<Option<f64>> {
    let Some((first, others)) = arms.split_first() else {
        return Vec::new();
    };
    let alone = horizon(std::slice::from_ref(first), follow_up);
    let first = first.observations();
    let with_first = |arm: &ArmFollow| {
        restricted_mean::common_horizon(&[&first, &arm.observations()], follow_up)
    };
    [alone]
        .into_iter()
        .chain(others.iter().map(with_first))
        .collect()
}

/// The survival of one arm up to `horizon`.
#[must_use]
pub fn survival(arm: &ArmFollow, horizon: Option<f64>) -> Option<ArmSurvival> {
    let observations = arm.observations();
    let curve = KaplanMeier::new(&observations, Confidence::percent_95()).ok()?;
    let complete = !observations.is_empty() && observations.iter().all(|o| o.event);
    let times: Vec<f64> = observations.iter().map(|o| o.time).collect();
    let mean_and_deviation = complete
        .then(|| Some((samples::mean(&times)?, samples::standard_deviation(&times)?)))
        .flatten();
    let onsets: Vec<f64> = arm.onsets.iter().copied().flatten().collect();
    Some(ArmSurvival {
        median: curve.median(),
        restricted_mean: horizon.and_then(|h| restricted_mean::mean(&observations, h)),
        mean_and_deviation,
        onset_mean: samples::mean(&onsets),
        curve,
    })
}

/// Compares an arm with the first one.
#[must_use]
pub fn compare(
    control: &ArmFollow,
    arm: &ArmFollow,
    horizon: Option<f64>,
    twins: bool,
    seed: u64,
) -> ArmComparison {
    let confidence = Confidence::percent_95();
    let (first, second) = (control.observations(), arm.observations());
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let within = |label: &dyn Fn(&Follow) -> u64| {
        let strata = [control.strata(label), arm.strata(label)];
        RiskTable::stratified(&[&first, &second], &[&strata[0], &strata[1]])
            .and_then(|table| table.log_rank())
            .map(|test| test.p)
            .map_err(|error| said(&error))
    };
    let table = RiskTable::new(&[&first, &second]);
    let log_rank = table
        .as_ref()
        .map_err(|error| said(error))
        .and_then(|table| table.log_rank().map_err(|error| said(&error)))
        .map(|test| test.p);
    let hazard_ratio = table
        .as_ref()
        .map_err(|error| said(error))
        .and_then(|table| table.hazard_ratio(confidence).map_err(|error| said(&error)))
        .map(|hazard| (hazard.ratio, hazard.interval));
    let resampling = Resampling {
        seed,
        stream: "difference of medians",
        replicates: if first.len() + second.len() > LARGE {
            REPLICATES / 10
        } else {
            REPLICATES
        },
        confidence,
    };
    let gain = |control: &[Observation], treated: &[Observation]| {
        Some(median(treated)? - median(control)?)
    };
    let interval = resampling.two(&first, &second, gain).ok();
    let medians = gain(&first, &second).map(|gain| (gain, interval.map(|found| found.interval)));
    let by_sex = |animal: &Follow| u64::from(animal.sex == Sex::Male);
    ArmComparison {
        restricted_mean: horizon
            .and_then(|h| restricted_mean::difference(&first, &second, h, confidence).ok())
            .map(|found| (found.difference, found.interval, found.p)),
        median: medians,
        log_rank,
        log_rank_by_sex: within(&by_sex),
        log_rank_by_litter: within(&|animal| 2 * animal.litter + by_sex(animal)),
        hazard_ratio,
        paired: twins.then(|| pair(control, arm)).flatten(),
    }
}

fn pair(control: &ArmFollow, arm: &ArmFollow) -> Option<(f64, Option<f64>, usize)> {
    let mut differences = Vec::new();
    let mut place = 0;
    for (number, animal) in control.numbers.iter().zip(&control.animals) {
        // Both lists are in the order of the numbers.
        while arm.numbers.get(place).is_some_and(|other| other < number) {
            place += 1;
        }
        if arm.numbers.get(place) == Some(number) && animal.event && arm.animals[place].event {
            differences.push(arm.animals[place].time - animal.time);
        }
    }
    let mean = samples::mean(&differences)?;
    let deviation = samples::standard_deviation(&differences);
    Some((mean, deviation, differences.len()))
}
