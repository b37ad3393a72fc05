//! Time per comparison of two arms of 24 animals: what a trial does a hundred thousand times.
//!
//! `cargo bench -p gutbrain-statistics`. Best of many rounds, because the machine is rarely idle.
#![allow(clippy::print_stdout)] // a report is the purpose
#![allow(clippy::disallowed_methods)] // so is the clock

use std::hint::black_box;
use std::time::Instant;

use gutbrain_statistics::random::Stream;
use gutbrain_statistics::survival::{
    Confidence, KaplanMeier, Observation, RiskTable, proportional_hazards,
};

const ARM: u64 = 24;
const EXPERIMENTS: usize = 1000;

fn main() {
    let mut random = Stream::new(1, "bench", 0);
    let mut arm = |gain: f64| -> Vec<Observation> {
        let mut animal = || Observation {
            time: (130.0 + gain + 11.0 * random.normal()).round(),
            event: random.uniform() < 0.9,
        };
        (0..ARM).map(|_| animal()).collect()
    };
    let experiments: Vec<_> = (0..EXPERIMENTS).map(|_| (arm(0.0), arm(4.0))).collect();
    let litters: Vec<u64> = (0..ARM).collect();
    let both_litters = [litters.clone(), litters.clone()].concat();
    let treated: Vec<f64> = (0..2 * ARM)
        .map(|i| f64::from(u8::from(i >= ARM)))
        .collect();
    let sure = Confidence::percent_95();

    report(
        "log-rank and hazard ratio",
        &experiments,
        |control, treated| {
            let table = RiskTable::new(&[control, treated]).ok()?;
            Some(table.log_rank().ok()?.p + table.hazard_ratio(sure).ok()?.ratio)
        },
    );
    report(
        "the same within 24 litters",
        &experiments,
        |control, treated| {
            let table = RiskTable::stratified(&[control, treated], &[&litters, &litters]).ok()?;
            Some(table.log_rank().ok()?.p + table.hazard_ratio(sure).ok()?.ratio)
        },
    );
    report("log-rank alone", &experiments, |control, treated| {
        Some(RiskTable::new(&[control, treated]).ok()?.log_rank().ok()?.p)
    });
    report("general Cox fit", &experiments, |control, second| {
        let all = [control, second].concat();
        let fit = proportional_hazards::fit(&all, &treated, 1, None, sure);
        Some(fit.ok()?.coefficients[0].ratio)
    });
    report(
        "general Cox fit within 24 litters",
        &experiments,
        |control, second| {
            let all = [control, second].concat();
            let fit = proportional_hazards::fit(&all, &treated, 1, Some(&both_litters), sure);
            Some(fit.ok()?.coefficients[0].ratio)
        },
    );
    report("Kaplan–Meier of one arm", &experiments, |control, _| {
        KaplanMeier::new(control, sure).ok()?.median().time
    });
}

type Arm = [Observation];

fn report(
    name: &str,
    experiments: &[(Vec<Observation>, Vec<Observation>)],
    compare: impl Fn(&Arm, &Arm) -> Option<f64>,
) {
    let mut best = f64::INFINITY;
    for _ in 0..30 {
        let start = Instant::now();
        for (control, treated) in experiments {
            black_box(compare(black_box(control), black_box(treated)));
        }
        best = best.min(start.elapsed().as_secs_f64() / EXPERIMENTS as f64);
    }
    println!("{name}: {:.2} µs", best * 1e6);
}
