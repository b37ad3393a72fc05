//! Why a question has no answer: it has no meaning for its scenario, or nothing comes of it.

use std::fmt;
use std::path::PathBuf;

use gutbrain_network::declaration::Family;

use super::ShardError;
use crate::analysis::attribute::AttributeError;
use crate::analysis::calibrate::CalibrateError;
use crate::analysis::calibrate::ensemble::RenewError;
use crate::analysis::calibrate::posterior::PosteriorError;
use crate::analysis::points::PointsError;
use crate::analysis::sensitivity::SensitivityError;
use crate::analysis::trial::TrialError;
use crate::cohort::CohortError;

/// Why a question has no answer; each says what to do where something can be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QuestionError {
    /// A cohort cannot be made.
    #[error(transparent)]
    Cohort(#[from] CohortError),
    /// Points cannot be lived.
    #[error(transparent)]
    Points(#[from] PointsError),
    /// A study of sensitivity has no meaning.
    #[error(transparent)]
    Sensitivity(#[from] SensitivityError),
    /// A trial has no meaning.
    #[error("{error}\n  help: {help}", error = .0, help = help_of_trial(.0))]
    Trial(#[from] TrialError),
    /// A difference cannot be split.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    /// A posterior cannot be sampled.
    #[error(transparent)]
    Posterior(#[from] PosteriorError),
    /// The vectors of a posterior cannot be weighed again.
    #[error(transparent)]
    Renew(#[from] RenewError),
    /// A calibration does not fit its scenarios.
    #[error(transparent)]
    Calibrate(#[from] CalibrateError),
    /// There is nothing to sweep.
    #[error(
        "the scenario has no `[sweep]`\n  help: add one with a `[[sweep.factor]]`; `gutbrain schema --markdown` \
         lists the keys"
    )]
    NoSweep,
    /// A sweep would pass own data by.
    #[error(
        "a sweep does not read `[[data]]`: it would run as if they were not there\n  help: compare with them in \
         `gutbrain run`, and sweep a scenario without"
    )]
    SweepOfData,
    /// More points than can be counted.
    #[error("the sweep has too many points")]
    TooManyPoints,
    /// Nothing to join.
    #[error("no shards")]
    NoShards,
    /// Something is no shard.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// Points of a sweep that are in no shard or in two.
    #[error(
        "the shards do not make the whole: {}\n  help: give every shard of the sweep once", .0.join("; ")
    )]
    NotTheWhole(Vec<String>),
    /// A profile of what is not fitted.
    #[error("`{0}` is not fitted by this calibration")]
    NotFitted(String),
    /// Values that no fit can begin at.
    #[error("a target has no value with the values as they stand")]
    WithoutAValue,
    /// A posterior of which nothing was kept.
    #[error("no state was recorded after the warm-up")]
    NothingRecorded,
    /// Saved refits of something else.
    #[error(
        "`{}` is of other refits, or of another state of the model: fit them again", .0.display()
    )]
    StaleRefits(PathBuf),
    /// A difference with one side.
    #[error("a difference needs two arms: the first one is the reference")]
    OneArm,
    /// A difference of nothing.
    #[error("`{feature}` is no feature: {cause}")]
    NoFeature {
        /// What was asked for.
        feature: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Nobody is measured.
    #[error(
        "a study of biomarkers needs a cohort that is measured\n  help: `[cohort]` with `subjects` and two or more \
         `visits`"
    )]
    NotMeasured,
    /// Not those who stay healthy and those who may fall ill.
    #[error(
        "a study of biomarkers needs two arms: the first stays healthy, the second may fall ill\n  help: switch the \
         disease off in the first, as in `[[arm.perturbation]]` with `target = \"parameter.disease\"`, or choose \
         two arms with `--arm`"
    )]
    NoTwoArms,
    /// The family has no first sign.
    #[error("the model names no first sign of disease")]
    NoFirstSign,
    /// An event that the family does not have.
    #[error("nobody comes to `{word}` in this model\n  help: {help}")]
    NoSuchEvent {
        /// What was asked for.
        word: String,
        /// What there is.
        help: String,
    },
    /// No length of time.
    #[error("`{0}` is no length of a window\n  help: write \"30 d\" or \"6 month\"")]
    NoWindow(String),
    /// Controls who fall ill.
    #[error(
        "the first arm, `{arm}`, is no control: {ill} of its animals come to {event}, {healthy} stay healthy\n  \
         help: switch the disease off in it, as in scenarios/biomarkers/"
    )]
    NoControl {
        /// The arm.
        arm: String,
        /// How many of it come to the event.
        ill: u64,
        /// The event.
        event: String,
        /// How many do not.
        healthy: usize,
    },
}

/// What can be done about a trial without meaning.
fn help_of_trial(error: &TrialError) -> String {
    let help = match error {
        TrialError::Arms(arms) if arms.len() > 2 => {
            return format!(
                "choose two of them: `--arm \"{}\" --arm \"{}\"`",
                arms[0], arms[1]
            );
        }
        TrialError::Arms(_) => "add an `[[arm]]` with an intervention",
        TrialError::TooFewEnter { .. } => {
            "wider windows, another time of entry, smaller `trial.group_sizes`, or a larger `trial.pool`"
        }
        TrialError::NotFilled { .. } => {
            "`litter_matched = false` draws animals one by one; a larger `trial.pool` has more of them"
        }
        TrialError::Beyond { .. } => {
            "`simulation.stop` later, `simulation.start` earlier, or fewer visits"
        }
        TrialError::Cohort(_) => "the same cohort without a `[trial]` can be looked at first",
    };
    help.to_owned()
}

/// A question without an answer, in the words of a family of models where it has words of its own.
#[derive(Debug)]
pub struct Unanswered {
    /// Why.
    pub why: QuestionError,
    said: Option<String>,
}

impl Unanswered {
    /// The same with what is said about subjects in the words of their family.
    pub(super) fn in_words_of(self, family: &Family) -> Self {
        Self {
            said: Some(family.in_its_words(&self.to_string())),
            why: self.why,
        }
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.said {
            Some(said) => formatter.write_str(said),
            None => self.why.fmt(formatter),
        }
    }
}

impl std::error::Error for Unanswered {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.why.source()
    }
}

impl From<QuestionError> for Unanswered {
    fn from(why: QuestionError) -> Self {
        Self { why, said: None }
    }
}
