//! Sensitivity of a table from standard input: inputs and, last, the output in each row; empty if the
//! point failed. For comparison with other programs (`tests/peers/sensitivity.py`).
//!
//! `sensitivity morris|sobol|prcc INPUTS < table.csv`, or `sensitivity points DIMENSIONS COUNT` for the
//! plain Sobol sequence. One row out per input: index, value, index, value, …

use std::error::Error;
use std::io::{Read, Write};

use gutbrain_statistics::designs::{Scrambling, SobolSequence};
use gutbrain_statistics::sensitivity::morris::{self, Step};
use gutbrain_statistics::sensitivity::{Bootstrap, Estimate, rank_correlation, variance};

const BOOTSTRAP: Bootstrap = Bootstrap {
    resamples: 200,
    seed: 1,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let method = arguments.first().ok_or("no method given")?;
    let inputs: usize = arguments
        .get(1)
        .ok_or("no number of inputs given")?
        .parse()?;
    let rows: Vec<Vec<String>> = match method.as_str() {
        "points" => points(inputs, arguments.get(2).ok_or("no count given")?.parse()?)?,
        "morris" => morris_rows(inputs, &read()?),
        "sobol" => sobol_rows(inputs, &read()?),
        "prcc" => prcc_rows(inputs, &read()?),
        other => return Err(format!("no method {other}").into()),
    };
    let mut out = std::io::stdout().lock();
    for row in rows {
        writeln!(out, "{}", row.join(","))?;
    }
    Ok(())
}

type Point = (Vec<f64>, Option<f64>);

fn read() -> Result<Vec<Point>, Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    text.lines()
        .map(|line| {
            let (inputs, output) = line.rsplit_once(',').ok_or("a row needs two columns")?;
            let inputs: Result<Vec<f64>, _> = inputs.split(',').map(str::parse).collect();
            let output = (!output.is_empty()).then(|| output.parse()).transpose()?;
            Ok((inputs?, output))
        })
        .collect()
}

fn points(dimensions: usize, count: u64) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let sequence = SobolSequence::new(dimensions, Scrambling::Plain)?;
    let show = |point: Vec<f64>| point.iter().map(f64::to_string).collect();
    Ok((0..count).map(|i| show(sequence.point(i))).collect())
}

fn value(estimate: Estimate) -> String {
    estimate
        .interval
        .map_or(String::new(), |interval| interval.value.to_string())
}

fn morris_rows(inputs: usize, table: &[Point]) -> Vec<Vec<String>> {
    let trajectories: Vec<&[Point]> = table.chunks_exact(inputs + 1).collect();
    let step = |pair: &[Point]| {
        let moved = (0..inputs).find_map(|group| {
            let change = pair[1].0[group] - pair[0].0[group];
            (change.abs() > 1e-9).then_some(Step { group, change })
        });
        moved.expect("an input moves in every step")
    };
    let steps: Vec<Vec<Step>> = trajectories
        .iter()
        .map(|points| points.windows(2).map(step).collect())
        .collect();
    let outputs: Vec<Vec<Option<f64>>> = trajectories
        .iter()
        .map(|points| points.iter().map(|point| point.1).collect())
        .collect();
    let show = |number: Option<f64>| number.map_or(String::new(), |number| number.to_string());
    morris::estimate(inputs, &steps, &outputs, BOOTSTRAP)
        .iter()
        .map(|e| vec![show(e.mean), value(e.size), show(e.spread)])
        .collect()
}

fn sobol_rows(inputs: usize, table: &[Point]) -> Vec<Vec<String>> {
    let outputs: Vec<Option<f64>> = table.iter().map(|point| point.1).collect();
    variance::estimate(inputs, &outputs, BOOTSTRAP)
        .groups
        .iter()
        .map(|index| vec![value(index.first), value(index.total)])
        .collect()
}

fn prcc_rows(inputs: usize, table: &[Point]) -> Vec<Vec<String>> {
    let columns: Vec<Vec<f64>> = (0..inputs)
        .map(|input| table.iter().map(|point| point.0[input]).collect())
        .collect();
    let outputs: Vec<Option<f64>> = table.iter().map(|point| point.1).collect();
    rank_correlation::estimate(&columns, &outputs)
        .iter()
        .map(|c| {
            let p_value = c.p_value.map_or(String::new(), |p| p.to_string());
            vec![value(c.estimate), p_value]
        })
        .collect()
}
