//! `gutbrain biomarkers SCENARIO`: what tells those who will fall ill, how long before.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::study_options::FrameOptions;
use gutbrain::study::{BiomarkerStudy, Tolerance};
use gutbrain_terminal::Terminal;

/// Options of `biomarkers`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file with a cohort that has visits, and two arms: the first stays healthy
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// What cases come to [default: the first sign of disease of the model]
    #[arg(long, value_name = "ENDPOINT")]
    event: Option<String>,
    /// Length of the windows of time before it, as "6 month" [default: the shortest time between visits]
    #[arg(long, value_name = "TIME")]
    window: Option<String>,
    /// Failed lives that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    frame: FrameOptions,
}

/// Asks, prints, writes.
pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let opened = options.frame.open(&options.scenario, "-biomarkers")?;
    let setup = &opened.setup;
    let study = || {
        let mut study = BiomarkerStudy::new(setup)?;
        if let Some(event) = &options.event {
            study = study.with_event(event)?;
        }
        match &options.window {
            Some(window) => study.with_window(window),
            None => Ok(study),
        }
    };
    let study = study().map_err(|error| error.in_words_of(&setup.model.declaration.family))?;
    let job = options.frame.job(&opened);
    let ended = job.carry_out(setup, &study, terminal)?;
    let verdict = options.frame.verdict(&opened, options.max_failures);
    Ok(verdict.on(&study, &ended, terminal))
}
