//! Animals of a block are asked for every design.

use gutbrain_statistics::random::Stream;

use super::course::Entered;
use super::entry::{Candidate, EntryCount};
use super::reading::{Reading, is_wanted};
use crate::cohort::{Cohort, Member};
use crate::scenario::TrialPlan;
use crate::simulate::{ArmRun, Resolution, Status};

/// Asks animals for every design; their lives are solved once more where values between ages of the output
/// are needed. Nothing of those whose run failed.
pub(super) fn enter(
    entries: &mut [Option<EntryCount>],
    cohort: &Cohort,
    (plan, seed): (&TrialPlan, u64),
    pairs: &[&[Member]],
    resolution: Resolution,
) -> Vec<Vec<Option<Entered>>> {
    let is_whole = |pair: &[Member]| {
        let mut runs = pair.iter().map(|it| &it.run);
        runs.all(|run| run.endpoints.status == Status::Ok)
    };
    let candidates: Vec<Vec<Option<Result<Candidate, _>>>> = pairs
        .iter()
        .map(|pair| {
            let designs = plan.designs.iter().zip(entries.iter());
            designs
                .map(|(design, count)| {
                    count.as_ref().filter(|_| is_whole(pair))?;
                    Some(Candidate::find(&design.course, &plan.endpoint, pair))
                })
                .collect()
        })
        .collect();
    let wanted: Vec<(u64, Vec<Vec<f64>>)> = pairs
        .iter()
        .zip(&candidates)
        .map(|(pair, candidates)| {
            let designs = plan.designs.iter().zip(candidates);
            let ages = designs.filter_map(|(design, candidate)| {
                let candidate = candidate.as_ref()?.as_ref().ok()?;
                Some(candidate.ages(&design.course))
            });
            let ages: Vec<f64> = ages.flatten().collect();
            let of_life = |member: &Member| missing_ages(&member.run, &ages);
            let number = pair.first().map_or(0, |it| it.animal.number);
            (number, pair.iter().map(of_life).collect())
        })
        .collect();
    let read = cohort.read_at(&wanted);
    let mut all = Vec::with_capacity(pairs.len());
    for ((pair, candidates), besides) in pairs.iter().zip(candidates).zip(&read) {
        let mut lives = pair
            .iter()
            .zip(besides)
            .map(|(member, besides)| Reading::new(&member.run, besides.as_ref()));
        let (Some(control), Some(treated)) = (lives.next(), lives.next()) else {
            all.push(vec![None; plan.designs.len()]);
            continue;
        };
        let designs = plan.designs.iter().zip(entries.iter_mut());
        let entered = designs.zip(candidates).map(|((design, count), candidate)| {
            let course = &design.course;
            let name = format!("trial/{}/entry", design.name);
            let mut stream = Stream::new(seed, &name, pair[0].animal.number);
            let found = candidate?
                .and_then(|it| it.enter(course, [&control, &treated], resolution, &mut stream));
            let windows = course.entry.windows.len() + course.entry.changes.len();
            let asked = found.as_ref().map(|_| ()).map_err(|barred| *barred);
            count.as_mut()?.count(windows, asked);
            found.ok()
        });
        all.push(entered.collect());
    }
    all
}

/// The ages among these at which a life has to be read besides its output, in order.
fn missing_ages(run: &ArmRun, ages: &[f64]) -> Vec<f64> {
    let missing = ages.iter().copied().filter(|age| is_wanted(run, *age));
    let mut missing: Vec<f64> = missing.collect();
    missing.sort_by(f64::total_cmp);
    missing.dedup_by(|a, b| a.total_cmp(b).is_eq());
    missing
}
