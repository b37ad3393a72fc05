//! `gutbrain attribute SCENARIO`: which pathways carry the difference between two arms.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::study_options::FrameOptions;
use gutbrain::simulate::feature::EndpointRole;
use gutbrain::study::AttributeStudy;
use gutbrain_terminal::Terminal;

/// Options of `attribute`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file; its first arm is the reference (--arm chooses which arms are kept)
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// What is compared, as in calibration files: an endpoint, or `observable NAME at AGE` [default: the
    /// endpoint of the model that is death of the disease]
    #[arg(long, value_name = "FEATURE")]
    feature: Option<String>,
    /// Pathways that only carry what is given, and are not split over [default: those that the
    /// model names]
    #[arg(long, value_name = "PATHWAY")]
    carrier: Vec<String>,
    /// Vectors of the posterior that are split too, for intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 40)]
    vectors: usize,
    #[command(flatten)]
    frame: FrameOptions,
}

/// Splits, prints, writes.
pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let opened = options.frame.open(&options.scenario, "-attribute")?;
    let setup = &opened.setup;
    let endpoints = &setup.model.declaration.family.endpoints;
    let feature = options.feature.as_deref();
    let feature = feature.unwrap_or(endpoints.word_of(EndpointRole::Death));
    let mut study = AttributeStudy::new(setup, feature)?;
    if !options.carrier.is_empty() {
        study = study.with_carriers(options.carrier.clone());
    }
    let study = study.with_vectors(options.vectors)?;
    let job = options.frame.job(&opened);
    job.carry_out(setup, &study, terminal)?;
    Ok(Ending::Done)
}
