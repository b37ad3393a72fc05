//! `gutbrain run`: simulate every arm, write the folder, print the summary.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::failure::Failure;
use super::job::Job;
use super::options::{ScenarioOptions, WritingOptions};
use super::terminal::Terminal;
use super::threads::ThreadOptions;
use super::{Ending, brief};
use gutbrain::report::brief as report;
use gutbrain::study::{Counts, RunStudy, StudySummary};

/// Options of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Folder for the results [default: outputs/<name of the scenario>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Failed runs that are tolerated, as a number or a share: 2, 1% [default: 0; cohorts: 1%]
    #[arg(long, value_name = "N|N%")]
    max_failures: Option<Tolerance>,
    #[command(flatten)]
    changes: ScenarioOptions,
}

impl Options {
    /// Of one animal of a run that was made before: every failure is one too many.
    pub(super) fn of_one_animal(
        scenario: PathBuf,
        output: PathBuf,
        changes: ScenarioOptions,
        (writing, threads, format): (WritingOptions, ThreadOptions, TableFormat),
    ) -> Self {
        Self {
            scenario,
            output: Some(output),
            writing,
            format,
            threads,
            max_failures: Some(Tolerance::Number(0)),
            changes,
        }
    }
}

/// Format of large tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// Apache Parquet: small, typed, with units
    #[default]
    Parquet,
    /// Text
    Csv,
}

impl From<TableFormat> for gutbrain::study::TableFormat {
    fn from(format: TableFormat) -> Self {
        match format {
            TableFormat::Parquet => Self::Parquet,
            TableFormat::Csv => Self::Csv,
        }
    }
}

/// How many failed runs are tolerated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tolerance {
    Number(usize),
    Percent(f64),
}

impl std::str::FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let explain = || format!("`{text}` is neither a number of runs nor a share such as 1%");
        match text.strip_suffix('%') {
            Some(share) => match share.trim().parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Self::Percent(percent)),
                _ => Err(explain()),
            },
            None => text.trim().parse().map(Self::Number).map_err(|_| explain()),
        }
    }
}

impl Tolerance {
    /// Whether more failed than may.
    pub(super) fn is_exceeded(self, counts: Counts) -> bool {
        match self {
            Self::Number(most) => counts.failed > most,
            #[expect(
                clippy::cast_precision_loss,
                reason = "counts of runs are far below 2^53"
            )]
            Self::Percent(percent) => {
                counts.failed as f64 * 100.0 > percent * counts.requested as f64
            }
        }
    }
}

/// Runs a scenario.
pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let setup = options.changes.load(&options.scenario)?;
    let tolerance = match setup.scenario.cohort {
        Some(_) => Tolerance::Percent(1.0),
        None => Tolerance::Number(0),
    };
    let job = Job {
        output: options.output.as_ref(),
        writing: options.writing,
        threads: &options.threads,
        tolerance: options.max_failures.unwrap_or(tolerance),
        changes: &options.changes,
    };
    job.carry_out(
        &setup,
        &RunStudy::new(&setup).with_format(options.format.into()),
        terminal,
        |finished| match &finished.summary {
            StudySummary::Run(summary) => {
                let brief = report::run(summary, &setup.model, &setup.scenario);
                brief::shown(&brief, terminal)
            }
            StudySummary::Cohort(summary) => {
                brief::shown(&report::cohort(summary), terminal)
                    + &brief::shown(&report::intervals(&summary.uncertainty), terminal)
            }
            _ => String::new(),
        },
        |counts| {
            format!(
                "{} of {} runs failed; the reasons are in endpoints.csv and summary.json",
                counts.failed, counts.requested
            )
        },
    )
}
