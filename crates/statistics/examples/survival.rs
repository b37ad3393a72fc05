//! Survival statistics of a table, for comparison with other programs.
//!
//! Reads CSV with a header from standard input: time, event (0 or 1), group (0, 1, …), stratum, and any
//! number of covariates; writes rows `quantity,key,value` with 17 digits. Where something cannot be
//! estimated the row is `refused,QUANTITY,REASON`. `tests/peers/survival.py` is the reader.
//!
//! `cargo run -p gutbrain-statistics --example survival < tests/peers/data/freireich_1963.csv`
#![allow(clippy::print_stdout)] // a table is the purpose

use std::error::Error;
use std::io::{Read, stdin};

use gutbrain_statistics::survival::{
    Confidence, KaplanMeier, NotEstimable, Observation, RiskTable, median, proportional_hazards,
    restricted_mean,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let subjects = Subjects::read(&text)?;
    subjects.report_curves();
    subjects.report_restricted_means();
    subjects.report_comparison("", RiskTable::new(&subjects.slices()));
    let strata: Vec<&[u64]> = subjects.strata.iter().map(Vec::as_slice).collect();
    let stratified = RiskTable::stratified(&subjects.slices(), &strata);
    subjects.report_comparison("stratified_", stratified);
    subjects.report_general_fit("", None);
    let labels = subjects.strata.concat();
    subjects.report_general_fit("stratified_", Some(&labels));
    Ok(())
}

/// The table, by group.
#[derive(Default)]
struct Subjects {
    groups: Vec<Vec<Observation>>,
    strata: Vec<Vec<u64>>,
    /// Per group the covariates, subject by subject.
    covariates: Vec<Vec<f64>>,
    /// How many covariates a subject has, the group not counted.
    further: usize,
}

impl Subjects {
    fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let columns = lines
            .next()
            .ok_or("a header is missing")?
            .split(',')
            .count();
        let mut read = Self {
            further: columns.checked_sub(4).ok_or("four columns are needed")?,
            ..Self::default()
        };
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            if cells.len() != columns {
                return Err(format!("{line}: {columns} cells are needed").into());
            }
            let group: usize = cells[2].parse()?;
            while read.groups.len() <= group {
                read.groups.push(Vec::new());
                read.strata.push(Vec::new());
                read.covariates.push(Vec::new());
            }
            read.groups[group].push(Observation {
                time: cells[0].parse()?,
                event: cells[1] == "1",
            });
            read.strata[group].push(cells[3].parse()?);
            for cell in &cells[4..] {
                read.covariates[group].push(cell.parse()?);
            }
        }
        Ok(read)
    }

    fn slices(&self) -> Vec<&[Observation]> {
        self.groups.iter().map(Vec::as_slice).collect()
    }

    fn report_curves(&self) {
        for (group, observations) in self.groups.iter().enumerate() {
            let km = match KaplanMeier::new(observations, Confidence::percent_95()) {
                Ok(km) => km,
                Err(reason) => {
                    refuse("curve", &reason);
                    continue;
                }
            };
            for step in &km.steps {
                let key = format!("{group}@{}", step.time);
                print("at_risk", &key, step.at_risk as f64);
                print("events", &key, step.events as f64);
                print("censored", &key, step.censored as f64);
                print("survival", &key, step.survival);
                print_if("standard_error", &key, step.standard_error);
                print_if("lower", &key, step.band.map(|band| band.lower));
                print_if("upper", &key, step.band.map(|band| band.upper));
            }
            let found = km.median();
            assert_eq!(found.time, median(observations), "two ways to the median");
            print_if("median", &group.to_string(), found.time);
            print_if("median_lower", &group.to_string(), found.lower);
            print_if("median_upper", &group.to_string(), found.upper);
        }
    }

    fn report_restricted_means(&self) {
        let sure = Confidence::percent_95();
        // Within what was seen of every group, where others agree on what a restricted mean is.
        let last = |group: &&[Observation]| group.iter().map(|o| o.time).reduce(f64::max);
        let ends = self.slices().iter().filter_map(last).reduce(f64::min);
        let Some(longest) = ends.filter(|end| *end > 0.0) else {
            return;
        };
        for horizon in [longest, 0.6 * longest] {
            for (group, observations) in self.groups.iter().enumerate() {
                let key = format!("{group}@{horizon}");
                match restricted_mean::of(observations, horizon, sure) {
                    Ok(found) => {
                        print("restricted_mean", &key, found.mean);
                        print_if("restricted_mean_error", &key, found.standard_error);
                    }
                    Err(reason) => refuse("restricted_mean", &reason),
                }
            }
            if let [control, treated] = self.groups.as_slice()
                && let Ok(gain) = restricted_mean::difference(control, treated, horizon, sure)
            {
                let key = horizon.to_string();
                print("restricted_difference", &key, gain.difference);
                print_if("restricted_difference_error", &key, gain.standard_error);
                let lower = gain.interval.map(|interval| interval.lower);
                print_if("restricted_difference_lower", &key, lower);
                print_if("restricted_difference_p", &key, gain.p);
            }
        }
    }

    fn report_comparison(&self, kind: &str, table: Result<RiskTable, NotEstimable>) {
        let table = match table {
            Ok(table) => table,
            Err(reason) => return refuse(&format!("{kind}table"), &reason),
        };
        match table.log_rank() {
            Ok(test) => {
                print(&format!("{kind}log_rank"), "chi_squared", test.chi_squared);
                print(&format!("{kind}log_rank"), "p", test.p);
                print(&format!("{kind}log_rank"), "degrees", test.degrees as f64);
                for (group, counts) in test.groups.iter().enumerate() {
                    let key = group.to_string();
                    print(&format!("{kind}observed"), &key, counts.observed as f64);
                    print(&format!("{kind}expected"), &key, counts.expected);
                }
            }
            Err(reason) => refuse(&format!("{kind}log_rank"), &reason),
        }
        if self.groups.len() != 2 {
            return;
        }
        let name = format!("{kind}hazard");
        match table.hazard_ratio(Confidence::percent_95()) {
            Ok(hazard) => {
                print(&name, "log_ratio", hazard.log_ratio);
                print(&name, "standard_error", hazard.standard_error);
                print(&name, "ratio", hazard.ratio);
                print(&name, "lower", hazard.interval.lower);
                print(&name, "upper", hazard.interval.upper);
                print(&name, "wald_p", hazard.wald_p);
                print(&name, "likelihood_ratio_p", hazard.likelihood_ratio_p);
            }
            Err(reason) => refuse(&name, &reason),
        }
    }

    /// The group as the first covariate, then the further ones.
    fn report_general_fit(&self, kind: &str, strata: Option<&[u64]>) {
        if self.further == 0 {
            return;
        }
        let observations = self.groups.concat();
        let mut covariates = Vec::new();
        for (group, rows) in self.covariates.iter().enumerate() {
            for row in rows.chunks_exact(self.further) {
                covariates.push(group as f64);
                covariates.extend_from_slice(row);
            }
        }
        let name = format!("{kind}fit");
        let count = 1 + self.further;
        let sure = Confidence::percent_95();
        match proportional_hazards::fit(&observations, &covariates, count, strata, sure) {
            Ok(fit) => {
                for (number, found) in fit.coefficients.iter().enumerate() {
                    print(&name, &format!("log_ratio_{number}"), found.log_ratio);
                    print(
                        &name,
                        &format!("standard_error_{number}"),
                        found.standard_error,
                    );
                    print(&name, &format!("wald_p_{number}"), found.wald_p);
                }
                print(&name, "likelihood_ratio_p", fit.likelihood_ratio_p);
            }
            Err(reason) => refuse(&name, &reason),
        }
    }
}

fn print(quantity: &str, key: &str, value: f64) {
    println!("{quantity},{key},{value:.16e}");
}

fn print_if(quantity: &str, key: &str, value: Option<f64>) {
    if let Some(value) = value {
        print(quantity, key, value);
    }
}

fn refuse(quantity: &str, reason: &NotEstimable) {
    println!(
        "refused,{quantity},{}",
        reason.to_string().replace(',', ";")
    );
}
