//! Time per life of the shipped model: one by one, and in lanes.
//!
//! `cargo bench --bench lives [-- ANIMALS ROUNDS]`. The animals are those of the cohort scenario, each
//! with parameters of its own; two arms. Rounds alternate, the best of each is reported: the machine is
//! rarely idle. A checksum shows that both give the same bits.
#![allow(clippy::print_stdout)] // a report is the purpose
#![allow(clippy::disallowed_methods)] // so is the clock

use std::time::Instant;

use gutbrain::cohort::Cohort;
use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::{Inquiry, LifeRecord, Request, simulate_all};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse().ok())
        .collect();
    let animals = numbers.first().copied().unwrap_or(64);
    let rounds = numbers.get(1).copied().unwrap_or(3);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(1);
    let measured = threads
        .build()?
        .install(|| measure(animals, rounds).map_err(|e| e.to_string()));
    Ok(measured?)
}

fn measure(animals: u64, rounds: u64) -> Result<(), Box<dyn std::error::Error>> {
    let model = Model::builtin()?;
    let scenario = Scenario::load("scenarios/butyrate-g93a-cohort.toml", &model)?;
    let plan = scenario.cohort.clone().ok_or("a cohort")?;
    let cohort = Cohort::new(&model, &scenario, &plan)?;
    let population = cohort.population();
    let values: Vec<Vec<f64>> = (1..=animals)
        .map(|n| cohort.subjects().draw("", n).values)
        .collect();
    let wanted: Vec<Request<'_>> = values
        .iter()
        .flat_map(|values| {
            (0..2).map(|arm| Request {
                population,
                arm,
                values: values.into(),
            })
        })
        .collect();
    let lives = wanted.len() as f64;
    let (mut single, mut lanes) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        let start = Instant::now();
        let records = simulate_all(&wanted, &Inquiry::default())?;
        lanes = lanes.min(start.elapsed().as_secs_f64() / lives);
        let start = Instant::now();
        let runs: Vec<_> = (1..)
            .zip(&values)
            .flat_map(|(n, v)| population.simulate(n, v.clone()))
            .collect();
        single = single.min(start.elapsed().as_secs_f64() / lives);
        for (
            LifeRecord {
                endpoints, effort, ..
            },
            run,
        ) in records.iter().zip(&runs)
        {
            assert_eq!(*endpoints, run.endpoints);
            assert_eq!(*effort, run.effort);
        }
        let steps: u64 = records
            .iter()
            .map(|record| record.effort.steps + record.effort.rejected)
            .sum();
        println!(
            "one by one {:.3} ms, in lanes {:.3} ms a life; {:.0} steps a life",
            1e3 * single,
            1e3 * lanes,
            steps as f64 / lives
        );
    }
    Ok(())
}
