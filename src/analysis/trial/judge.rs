//! What a design concludes from what it saw, and what is true of the pool.

use gutbrain_numbers::Real;
use gutbrain_statistics::longitudinal::{
    Course, Followed, Marker, Method, geometric_ratio, joint_rank, slope_difference,
};
use gutbrain_statistics::samples;

use super::course::{Entered, Seen, Watched, until};
use crate::scenario::{CoursePlan, EndpointKind};

/// p and apparent effect of visits; nothing where the estimator refuses. Survival is judged elsewhere.
pub(super) fn judge(plan: &CoursePlan, arms: &[Vec<Watched>; 2]) -> Option<(f64, f64)> {
    match plan.endpoint {
        EndpointKind::Survival => None,
        EndpointKind::Slope(_) => {
            // Arms are alike at entry, when they are made; where the first visit is later, each has a level of
            // its own.
            let first = plan.visits.first().copied().unwrap_or(0.0);
            let level = |arm: usize| (first > 0.0).then_some(arm as f64);
            let followed = |(arm, watched): (usize, &Watched)| Followed {
                treated: arm == 1,
                covariates: level(arm).into_iter().collect(),
                times: watched.visits.iter().map(|visit| visit.0).collect(),
                outcomes: watched.visits.iter().map(|visit| visit.1).collect(),
            };
            let animals = arms.iter().enumerate();
            let animals = animals.flat_map(|(arm, all)| all.iter().map(move |it| (arm, it)));
            let animals: Vec<Followed> = animals.map(followed).collect();
            let found = slope_difference(&animals, Method::Restricted).ok()?;
            Some((found.difference.p, found.difference.estimate))
        }
        EndpointKind::JointRank(_) => {
            let courses = |arm: &[Watched]| -> Vec<Course> { arm.iter().map(course).collect() };
            let found = joint_rank(&courses(&arms[0]), &courses(&arms[1])).ok()?;
            Some((found.p, found.net_benefit))
        }
        EndpointKind::Ratio(_) => {
            let markers = |arm: &[Watched]| -> Vec<Marker> {
                arm.iter().filter_map(|it| marker(plan, it)).collect()
            };
            let found = geometric_ratio(&markers(&arms[0]), &markers(&arms[1])).ok()?;
            Some((found.p, found.log_ratio))
        }
    }
}

fn course(watched: &Watched) -> Course {
    let first = watched.visits.first().map_or(0.0, |visit| visit.1);
    let later = watched.visits.iter().skip(1);
    Course {
        survival: watched.survival,
        changes: later.map(|(time, value)| (*time, value - first)).collect(),
    }
}

/// The first and the last visit of the plan, if the animal made both.
fn marker(plan: &CoursePlan, watched: &Watched) -> Option<Marker> {
    let at = |time: Option<&f64>| {
        let time = *time?;
        let same = |visit: &&(f64, f64)| visit.0.total_cmp(&time).is_eq();
        watched.visits.iter().find(same).map(|visit| visit.1)
    };
    Some(Marker {
        start: Some(at(plan.visits.first())?),
        end: at(plan.visits.last())?,
    })
}

/// The true effect of a design, from animals that enter and live twice, without errors and gaps: mean
/// difference of survival up to the end of the design in days, mean difference of the least-squares slopes
/// of a life, net benefit of all lives with against all without, or the logarithm of the ratio of geometric
/// means among those alive at the last visit of both lives.
pub(super) fn truth(plan: &CoursePlan, entered: &[&Entered]) -> Option<f64> {
    let mean = |of: &dyn Fn(&Entered) -> Option<f64>| {
        let all: Vec<f64> = entered.iter().filter_map(|it| of(it)).collect();
        samples::mean(&all)
    };
    match plan.endpoint {
        EndpointKind::Survival => mean(&|it| {
            let [control, treated] = it.lives.each_ref().map(|seen| {
                let found = until(seen.survival, plan.until);
                (found.event || found.time >= plan.until).then_some(found.time)
            });
            Some(treated? - control?)
        }),
        EndpointKind::Slope(_) => mean(&|it| {
            let [control, treated] = it.lives.each_ref().map(|seen| slope(plan, seen));
            Some(treated? - control?)
        }),
        EndpointKind::Ratio(_) => mean(&|it| {
            let ratio = |seen: &Seen| {
                let value = (*seen.values.last()?)?;
                (value > 0.0).then(|| Real::ln(value))
            };
            let [control, treated] = it.lives.each_ref().map(ratio);
            Some(treated? - control?)
        }),
        EndpointKind::JointRank(_) => {
            let arm = |place: usize| -> Vec<Course> {
                let lives = entered.iter().map(|it| &it.lives[place]);
                lives.map(|seen| course(&exactly(plan, seen))).collect()
            };
            Some(joint_rank(&arm(0), &arm(1)).ok()?.net_benefit)
        }
    }
}

/// A life as a trial without errors and gaps sees it.
fn exactly(plan: &CoursePlan, seen: &Seen) -> Watched {
    let visits = plan.visits.iter().zip(&seen.values);
    Watched {
        survival: until(seen.survival, plan.until),
        visits: visits
            .filter_map(|(time, value)| Some((*time, (*value)?)))
            .collect(),
    }
}

/// The least-squares slope of a life over the visits that it reached.
fn slope(plan: &CoursePlan, seen: &Seen) -> Option<f64> {
    let visits = exactly(plan, seen).visits;
    let count = visits.len() as f64;
    let middle = visits.iter().map(|visit| visit.0).sum::<f64>() / count;
    let (mut above, mut below) = (0.0, 0.0);
    for (time, value) in &visits {
        above += (time - middle) * value;
        below += (time - middle) * (time - middle);
    }
    (visits.len() >= 2 && below > 0.0).then(|| above / below)
}
