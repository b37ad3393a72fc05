//! From a life to an observation of survival.

use gutbrain_network::declaration::{Sex, SurvivalEndpoint};

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
    endpoint: &SurvivalEndpoint,
    sex: Sex,
    litter: u64,
) -> Option<Follow> {
    if ends.status != Status::Ok {
        return None;
    }
    let reached = endpoint.first_of.iter().filter_map(|it| ends.age(it));
    let end = reached.reduce(f64::min);
    Some(Follow {
        time: end.unwrap_or(ends.last_d),
        event: end.is_some(),
        sex,
        litter,
    })
}
