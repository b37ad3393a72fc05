//! `summary.json` of a cohort: survival of every arm, comparisons with the first one.

use std::collections::BTreeMap;

use gutbrain_network::Declaration;
use gutbrain_statistics::survival::Interval;
use serde::Serialize;

use super::assumptions::Assumptions;
use super::cohort::CohortResults;
use super::own_data::DataSummary;
use super::terms::reading;
use crate::analysis::intervals::Uncertain;
use crate::cohort::survival::{ArmComparison, ArmSurvival, compare, horizons};
use crate::scenario::{CohortPlan, Pairing, Scenario};

/// The whole summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CohortSummary {
    /// Title of the scenario.
    pub title: String,
    /// The subject's preset.
    pub subject: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// Animals per arm.
    pub subjects: u64,
    /// What counts as the end of survival.
    pub endpoint: String,
    /// `twins` or `randomised`.
    pub pairing: &'static str,
    /// How p values and hazard ratios are to be read.
    pub note: String,
    /// How ages are to be read, where they are not those since birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// The least age up to which restricted means are taken: the end of the scenario, unless an arm was
    /// lost before. Every mean and every difference says its own.
    pub horizon_d: Option<f64>,
    /// The end of the scenario, to which animals are followed.
    pub follow_up_d: f64,
    /// Names of the arms in their order; the first is the reference.
    pub arm_order: Vec<String>,
    /// Arms by name.
    pub arms: BTreeMap<String, ArmEntry>,
    /// Every other arm against the first one.
    pub comparisons: Vec<ComparisonEntry>,
    /// Intervals from parameters, from animals and from both; only with a posterior.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncertainty: Vec<Uncertain>,
    /// What the parameters of the active model rest on.
    pub assumptions: Assumptions,
    /// How far the model is from a laboratory's own data, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<DataSummary>,
}

/// One arm.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ArmEntry {
    /// Animals asked for.
    pub subjects: usize,
    /// Runs that failed: they have no number anywhere below.
    pub failed: usize,
    /// Ends that were seen.
    pub events: usize,
    /// Deaths for other reasons, censored.
    pub other_deaths: usize,
    /// Animals whose end was not seen, other deaths included.
    pub censored: usize,
    /// Median survival.
    pub median_survival_d: Option<f64>,
    /// Its 95 % interval.
    pub median_survival_lower_d: Option<f64>,
    /// Its 95 % interval.
    pub median_survival_upper_d: Option<f64>,
    /// Restricted mean of survival, up to the horizon.
    pub mean_survival_d: Option<f64>,
    /// That horizon: an age.
    pub horizon_d: Option<f64>,
    /// Standard deviation of survival, if every end was seen.
    pub sd_survival_d: Option<f64>,
    /// Mean age at onset of those that reached it.
    pub onset_d: Option<f64>,
}

/// An arm against the first one; absent where there is no number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonEntry {
    /// The arm.
    pub arm: String,
    /// The first arm.
    pub reference: String,
    /// Whether p and hazard ratio only describe: the arms hold the same animals.
    pub descriptive: bool,
    /// Difference of the restricted means of survival, up to the horizon.
    pub difference_d: Option<f64>,
    /// That horizon: an age.
    pub horizon_d: Option<f64>,
    /// The same difference; its 95 % interval follows.
    pub rmst_difference_d: Option<f64>,
    /// 95 % interval.
    pub rmst_difference_lower_d: Option<f64>,
    /// 95 % interval.
    pub rmst_difference_upper_d: Option<f64>,
    /// p of no difference.
    pub rmst_p: Option<f64>,
    /// Difference of the medians.
    pub median_difference_d: Option<f64>,
    /// 95 % bootstrap interval.
    pub median_difference_lower_d: Option<f64>,
    /// 95 % bootstrap interval.
    pub median_difference_upper_d: Option<f64>,
    /// p of the log-rank test.
    pub log_rank_p: Option<f64>,
    /// p of the log-rank test within sexes.
    pub log_rank_by_sex_p: Option<f64>,
    /// p of the log-rank test within litters and sexes.
    pub log_rank_by_litter_p: Option<f64>,
    /// Hazard of the arm relative to the first one (Cox, Efron).
    pub hazard_ratio: Option<f64>,
    /// 95 % interval.
    pub hazard_ratio_lower: Option<f64>,
    /// 95 % interval.
    pub hazard_ratio_upper: Option<f64>,
    /// Mean difference within twins.
    pub paired_difference_d: Option<f64>,
    /// Its standard deviation between animals.
    pub paired_difference_sd_d: Option<f64>,
    /// Pairs in which both ends were seen.
    pub pairs: Option<usize>,
    /// Why a number above is absent.
    pub not_estimable: BTreeMap<&'static str, String>,
}

/// How to read p values of twins.
const DESCRIPTIVE: &str = "arms hold the same animals: differences are the true effect of the model, \
                           p and hazard ratio are descriptive";

/// How to read p values of randomised arms.
const INFERENTIAL: &str =
    "arms hold different animals: p and intervals are those of an experiment of this size";

impl CohortSummary {
    /// Summarises a cohort.
    #[must_use]
    pub fn new(
        results: &CohortResults,
        survival: &[Option<ArmSurvival>],
        scenario: &Scenario,
        plan: &CohortPlan,
        assumptions: Assumptions,
    ) -> Self {
        let follows = results.follows();
        let twins = plan.pairing == Pairing::Twins;
        let horizons = horizons(follows, scenario.simulation.stop);
        let all = follows.iter().zip(survival).zip(&horizons);
        let arms = all.map(|((arm, survival), horizon)| {
            let seen = arm.animals.iter().filter(|animal| animal.event).count();
            let entry = ArmEntry {
                subjects: arm.animals.len() + arm.failed,
                failed: arm.failed,
                events: seen,
                other_deaths: arm.other_deaths,
                censored: arm.animals.len() - seen,
                horizon_d: *horizon,
                ..ArmEntry::default()
            };
            (arm.arm.clone(), describe(entry, survival.as_ref()))
        });
        let comparisons = follows
            .split_first()
            .map_or_else(Vec::new, |(first, others)| {
                others
                    .iter()
                    .zip(horizons.iter().skip(1))
                    .map(|(arm, horizon)| {
                        let found = compare(first, arm, *horizon, twins, scenario.seed);
                        ComparisonEntry {
                            horizon_d: *horizon,
                            ..ComparisonEntry::new(&first.arm, &arm.arm, twins, found)
                        }
                    })
                    .collect()
            });
        Self {
            title: scenario.title.clone(),
            subject: scenario.subject.preset.clone(),
            seed: scenario.seed,
            subjects: plan.numbers().count() as u64,
            endpoint: plan.endpoint.word.clone(),
            pairing: if twins { "twins" } else { "randomised" },
            note: if twins { DESCRIPTIVE } else { INFERENTIAL }.to_owned(),
            clock: None,
            horizon_d: horizons.iter().copied().flatten().reduce(f64::min),
            follow_up_d: scenario.simulation.stop,
            arm_order: follows.iter().map(|arm| arm.arm.clone()).collect(),
            arms: arms.collect(),
            comparisons,
            uncertainty: Vec::new(),
            assumptions,
            data: None,
        }
    }

    /// The same with its sentences in the words of the family of a model, and how its clock reads ages.
    #[must_use]
    pub fn in_words_of(mut self, declaration: &Declaration, scenario: &Scenario) -> Self {
        let family = &declaration.family;
        self.clock = reading(declaration, scenario);
        self.note = family.in_its_words(&self.note);
        for found in &mut self.comparisons {
            for reason in found.not_estimable.values_mut() {
                *reason = family.in_its_words(reason);
            }
        }
        self
    }

    /// JSON text with a final line feed.
    ///
    /// # Errors
    /// Never in practice: all numbers are finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

fn describe(entry: ArmEntry, survival: Option<&ArmSurvival>) -> ArmEntry {
    let Some(found) = survival else {
        return entry;
    };
    ArmEntry {
        median_survival_d: found.median.time,
        median_survival_lower_d: found.median.lower,
        median_survival_upper_d: found.median.upper,
        mean_survival_d: found.restricted_mean,
        sd_survival_d: found.mean_and_deviation.map(|(_, deviation)| deviation),
        onset_d: found.onset_mean,
        ..entry
    }
}

impl ComparisonEntry {
    fn new(reference: &str, arm: &str, descriptive: bool, found: ArmComparison) -> Self {
        let mut missing = BTreeMap::new();
        let mut keep = |name: &'static str, value: Result<f64, String>| match value {
            Ok(value) => Some(value),
            Err(reason) => {
                missing.insert(name, reason);
                None
            }
        };
        let log_rank_p = keep("log_rank_p", found.log_rank);
        let log_rank_by_sex_p = keep("log_rank_by_sex_p", found.log_rank_by_sex);
        let log_rank_by_litter_p = keep("log_rank_by_litter_p", found.log_rank_by_litter);
        let hazard: Option<(f64, Interval)> = match found.hazard_ratio {
            Ok(hazard) => Some(hazard),
            Err(reason) => {
                missing.insert("hazard_ratio", reason);
                None
            }
        };
        let mean = found.restricted_mean;
        Self {
            arm: arm.to_owned(),
            reference: reference.to_owned(),
            descriptive,
            difference_d: mean.map(|(difference, ..)| difference),
            horizon_d: None,
            rmst_difference_d: mean.map(|(difference, ..)| difference),
            rmst_difference_lower_d: mean.and_then(|(_, interval, _)| Some(interval?.lower)),
            rmst_difference_upper_d: mean.and_then(|(_, interval, _)| Some(interval?.upper)),
            rmst_p: mean.and_then(|(.., p)| p),
            median_difference_d: found.median.map(|(difference, _)| difference),
            median_difference_lower_d: found.median.and_then(|(_, it)| Some(it?.lower)),
            median_difference_upper_d: found.median.and_then(|(_, it)| Some(it?.upper)),
            log_rank_p,
            log_rank_by_sex_p,
            log_rank_by_litter_p,
            hazard_ratio: hazard.map(|(ratio, _)| ratio),
            hazard_ratio_lower: hazard.map(|(_, interval)| interval.lower),
            hazard_ratio_upper: hazard.map(|(_, interval)| interval.upper),
            paired_difference_d: found.paired.map(|(mean, ..)| mean),
            paired_difference_sd_d: found.paired.and_then(|(_, deviation, _)| deviation),
            pairs: found.paired.map(|(.., pairs)| pairs),
            not_estimable: missing,
        }
    }
}
