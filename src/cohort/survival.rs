//! From a life to an observation of survival.

use gutbrain_network::declaration::Sex;

use crate::scenario::SurvivalEndpoint;
use crate::simulate::{Endpoints, Status};

/// How long an animal was followed, and whether its end was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Follow {
    /// Age at the end or at censoring, in days.
    pub time: f64,
    /// Whether the end was that of the disease.
    pub event: bool,
    /// Sex, for strata.
    pub sex: Sex,
    /// Litter, for strata.
    pub litter: u64,
}

/// What `endpoint` says of a life; nothing for a failed run, which has no number.
#[must_use]
pub fn follow(
    ends: &Endpoints,
    endpoint: SurvivalEndpoint,
    sex: Sex,
    litter: u64,
) -> Option<Follow> {
    if ends.status != Status::Ok {
        return None;
    }
    let first = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let paralysis = first(ends.paralysis_d, ends.death_d);
    let end = match endpoint {
        SurvivalEndpoint::RightingReflex => ends.death_d,
        SurvivalEndpoint::Paralysis => paralysis,
        SurvivalEndpoint::ParalysisOrWeight => first(paralysis, ends.weight_loss_d),
    };
    Some(Follow {
        time: end.unwrap_or(ends.last_d),
        event: end.is_some(),
        sex,
        litter,
    })
}
