//! Time per trial with visits: two arms of 60 people, seven visits, a tenth of them missing.
//!
//! `cargo bench -p gutbrain-statistics --bench longitudinal`. Best of many rounds, because the machine is
//! rarely idle.
#![allow(clippy::print_stdout)] // a report is the purpose
#![allow(clippy::disallowed_methods)] // so is the clock

use std::hint::black_box;
use std::time::Instant;

use gutbrain_statistics::longitudinal::{Course, Followed, Method, joint_rank, slope_difference};
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::survival::Observation;

const TRIALS: u64 = 200;

fn main() {
    let trials: Vec<Vec<Followed>> = (0..TRIALS).map(trial).collect();
    report("restricted likelihood", &trials, |people| {
        Some(
            slope_difference(people, Method::Restricted)
                .ok()?
                .difference
                .p,
        )
    });
    report("maximum likelihood", &trials, |people| {
        Some(
            slope_difference(people, Method::MaximumLikelihood)
                .ok()?
                .difference
                .p,
        )
    });
    report("joint rank", &trials, |people| {
        let courses = |treated: bool| -> Vec<Course> {
            let arm = people.iter().filter(|it| it.treated == treated);
            let course = |it: &Followed| Course {
                survival: Observation::censored(6.0),
                changes: it
                    .times
                    .iter()
                    .copied()
                    .zip(it.outcomes.iter().copied())
                    .collect(),
            };
            arm.map(course).collect()
        };
        Some(joint_rank(&courses(false), &courses(true)).ok()?.p)
    });
}

fn trial(number: u64) -> Vec<Followed> {
    let mut random = Stream::new(1, "bench", number);
    let mut person = |place: u64| {
        let treated = place.is_multiple_of(2);
        let (b0, b1, covariate) = (
            5.0 * random.normal(),
            0.7 * random.normal(),
            random.normal(),
        );
        let visits = (0..7).filter(|visit| *visit == 0 || random.uniform() > 0.1);
        let times: Vec<f64> = visits.map(f64::from).collect();
        let slope = b1 - if treated { 0.8 } else { 1.0 };
        let outcome = |t: &f64| 38.0 + b0 + covariate + slope * t + 1.2 * random.normal();
        Followed {
            treated,
            covariates: vec![covariate],
            outcomes: times.iter().map(outcome).collect(),
            times,
        }
    };
    (0..120).map(&mut person).collect()
}

fn report(what: &str, trials: &[Vec<Followed>], of: impl Fn(&[Followed]) -> Option<f64>) {
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let begin = Instant::now();
        for trial in trials {
            black_box(of(black_box(trial)));
        }
        best = best.min(begin.elapsed().as_secs_f64() / trials.len() as f64);
    }
    println!("{what}: {:.1} µs", 1e6 * best);
}
