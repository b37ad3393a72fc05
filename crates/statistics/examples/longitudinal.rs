//! Estimators of trials with visits, for comparison with other programs.
//!
//! Reads CSV with a header from standard input and writes rows `quantity,key,value` with 17 digits; what
//! cannot be estimated is `refused,QUANTITY,REASON`. `tests/peers/longitudinal.py` is the reader. The
//! argument says what the table is:
//!
//! - `mixed`: subject, time, outcome, and the fixed effects; rows of a subject follow one another;
//! - `ranks`: arm, time of survival, event, and the change of function at visits 1, 2, … (may be empty);
//! - `ratio`: arm, marker at the start (may be empty), marker at the end.
#![allow(clippy::print_stdout)] // a table is the purpose

use std::error::Error;
use std::fmt::Display;
use std::io::{Read, stdin};

use gutbrain_statistics::longitudinal::{
    Course, Marker, Method, Records, geometric_ratio, joint_rank,
};
use gutbrain_statistics::survival::Observation;

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let rows = text.lines().skip(1).map(|line| {
        let cells = line.split(',');
        let cells = cells.map(|cell| match cell {
            "" => Ok(None),
            cell => cell.parse().map(Some),
        });
        cells.collect::<Result<Vec<Option<f64>>, _>>()
    });
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    match std::env::args().nth(1).as_deref() {
        Some("mixed") => mixed(&rows),
        Some("ranks") => ranks(&rows),
        Some("ratio") => ratio(&rows),
        _ => Err("say mixed, ranks or ratio".into()),
    }
}

fn mixed(rows: &[Vec<Option<f64>>]) -> Result<(), Box<dyn Error>> {
    let rows: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| row.iter().flatten().copied().collect())
        .collect();
    let columns = rows.first().ok_or("rows are missing")?.len() - 3;
    let mut records = Records::new(columns);
    for subject in rows.chunk_by(|a, b| a[0].total_cmp(&b[0]).is_eq()) {
        let column = |place: usize| subject.iter().map(|row| row[place]).collect::<Vec<f64>>();
        let design: Vec<f64> = subject.iter().flat_map(|row| &row[3..]).copied().collect();
        records.add(&column(1), &column(2), &design)?;
    }
    for (name, method) in [
        ("reml", Method::Restricted),
        ("ml", Method::MaximumLikelihood),
    ] {
        match records.fit(method) {
            Ok(fit) => {
                for (number, found) in fit.coefficients.iter().enumerate() {
                    print(name, &format!("estimate_{number}"), found.estimate);
                    print(
                        name,
                        &format!("standard_error_{number}"),
                        found.standard_error,
                    );
                    print(name, &format!("normal_p_{number}"), found.normal_p);
                    print(name, &format!("degrees_{number}"), found.degrees);
                    print(name, &format!("p_{number}"), found.p);
                }
                print(name, "intercept", fit.variances.intercept);
                print(name, "intercept_slope", fit.variances.intercept_slope);
                print(name, "slope", fit.variances.slope);
                print(name, "error", fit.variances.error);
                print(name, "log_likelihood", fit.log_likelihood);
                print(name, "at_edge", f64::from(u8::from(fit.at_edge)));
                print(name, "iterations", fit.iterations as f64);
            }
            Err(reason) => refuse(name, &reason),
        }
    }
    Ok(())
}

fn ranks(rows: &[Vec<Option<f64>>]) -> Result<(), Box<dyn Error>> {
    let mut arms = [Vec::new(), Vec::new()];
    for row in rows {
        let cell = |place: usize| row[place].ok_or("a cell is empty");
        let changes = row[3..].iter().enumerate();
        let changes = changes.filter_map(|(visit, change)| Some((visit as f64 + 1.0, (*change)?)));
        arms[usize::from(cell(0)? > 0.5)].push(Course {
            survival: Observation {
                time: cell(1)?,
                event: cell(2)? > 0.5,
            },
            changes: changes.collect(),
        });
    }
    match joint_rank(&arms[0], &arms[1]) {
        Ok(found) => {
            print("ranks", "control", found.mean_ranks[0]);
            print("ranks", "treated", found.mean_ranks[1]);
            print("ranks", "net_benefit", found.net_benefit);
            print("ranks", "p", found.p);
            print("ranks", "score_p", found.score_p);
        }
        Err(reason) => refuse("ranks", &reason),
    }
    Ok(())
}

fn ratio(rows: &[Vec<Option<f64>>]) -> Result<(), Box<dyn Error>> {
    let mut arms = [Vec::new(), Vec::new()];
    for row in rows {
        let arm = row[0].ok_or("an arm is empty")?;
        let end = row[2].ok_or("an end is empty")?;
        arms[usize::from(arm > 0.5)].push(Marker { start: row[1], end });
    }
    match geometric_ratio(&arms[0], &arms[1]) {
        Ok(found) => {
            print("ratio", "log_ratio", found.log_ratio);
            print("ratio", "standard_error", found.standard_error);
            print("ratio", "degrees", found.degrees);
            print("ratio", "p", found.p);
        }
        Err(reason) => refuse("ratio", &reason),
    }
    Ok(())
}

fn print(quantity: &str, key: &str, value: f64) {
    println!("{quantity},{key},{value:.16e}");
}

fn refuse(quantity: &str, reason: &dyn Display) {
    let reason = reason.to_string().replace(',', ";");
    println!("refused,{quantity},{reason}");
}
