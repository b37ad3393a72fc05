//! Studies as values: every job of the program, to be run from memory, with progress and cancelling.
//!
//! A study is made from a [`Setup`] (a model and a checked scenario) and run against two doors:
//! a [`Store`], where its files and finished parts go, and a [`Progress`], which hears how far it is and
//! can stop it. Neither knows a disk or a terminal: the command line gives a folder and a line of text,
//! a test a [`Memory`] and [`Silent`].
//!
//! One file a job: [`RunStudy`] simulates every arm, of one animal or of a cohort; [`TrialStudy`] repeats the
//! whole experiment; [`SweepStudy`] simulates it at many points, and [`MergeStudy`] joins the shards of a
//! sweep; [`SensitivityStudy`] asks which unknowns matter. What is finished is read back through [`Saved`].
//! [`FitStudy`] fits parameters to evidence, [`ProfileStudy`] and [`PosteriorStudy`] say what that leaves
//! open, [`RenewStudy`] weighs a posterior again, [`RefitsStudy`] fits with rows left out or moved: all of a
//! [`CalibrationSetup`]. [`AttributeStudy`] splits a
//! difference over pathways, [`ValidateStudy`] scores the model against its evidence.
//!
//! ```
//! use gutbrain::study::{Memory, RunStudy, Setup, Silent, Study as _};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let setup = Setup::from_text(
//!     "wild-type.toml",
//!     "[subject]\npreset = \"mouse-wt-b6sjl\"\n\
//!      [simulation]\nstart = \"21 d\"\nstop = \"60 d\"\n[[arm]]\nname = \"wild type\"\n",
//! )?;
//! let mut store = Memory::default();
//! let finished = RunStudy::new(&setup).run(&mut store, &Silent)?;
//! assert_eq!(finished.counts.failed, 0);
//! assert!(store.file("endpoints.csv").is_some());
//! # Ok(())
//! # }
//! ```
//!
//! Work is shared between the threads of the pool that `run` is called in.

mod apply;
mod attribute;
mod biomarkers;
mod calibration;
mod cohort;
mod draw;
mod error;
mod files;
mod fit;
mod growing;
mod memory;
mod merge;
mod own_data;
mod pace;
mod page;
mod parts;
mod portable;
mod posterior;
mod profile;
mod progress;
mod question;
mod refits;
mod renew;
mod run;
mod saved;
mod scratch;
mod sensitivity;
mod setup;
mod shard;
mod store;
mod sweep;
mod sweep_files;
mod told;
mod tolerance;
mod trial;
mod validate;

pub use apply::{NewFiles, NotApplied, placed_vectors, with_fitted_values, with_sampled_vectors};
pub use attribute::AttributeStudy;
pub use biomarkers::BiomarkerStudy;
pub use calibration::CalibrationSetup;
pub use draw::{Draw, draw, draw_with};
pub use error::StudyError;
pub use files::{NamedFile, TableFormat, caption_file, encode, picture, picture_files, pictures};
pub use fit::FitStudy;
pub use memory::Memory;
pub use merge::{MergeStudy, SweepPart};
pub use pace::Pace;
pub use page::page_of_calibration;
pub use portable::{NotPortable, PortableSetup};
pub use posterior::PosteriorStudy;
pub use profile::ProfileStudy;
pub use progress::{Progress, Silent, Stage};
pub use question::{QuestionError, Unanswered};
pub use refits::{RefitsSetup, RefitsStudy};
pub use renew::{RenewStudy, Renewal};
pub use run::RunStudy;
pub use saved::Saved;
pub use sensitivity::SensitivityStudy;
pub use setup::Setup;
pub use shard::{Shard, ShardError};
pub use store::{Scratch, Store, StoreError, StoredFile};
pub use sweep::SweepStudy;
pub use sweep_files::draw_sweep;
pub use tolerance::{NoTolerance, Tolerance};
pub use trial::TrialStudy;
pub use validate::{ValidateStudy, ValidationSetup};

use serde::{Deserialize, Serialize};

use crate::analysis::attribute::Attribution;
use crate::analysis::calibrate::FitReport;
use crate::analysis::calibrate::ensemble::Sampled;
use crate::analysis::calibrate::profile::Profile;
use crate::analysis::calibrate::refit::Refitted;
use crate::analysis::validate::Scoreboard;
use crate::report::brief::Brief;
use crate::results::biomarkers::BiomarkerSummary;
use crate::results::cohort_summary::CohortSummary;
use crate::results::failures::FailedLife;
use crate::results::sensitivity::SensitivitySummary;
use crate::results::summary::Summary;
use crate::results::sweep::SweepSummary;
use crate::results::trial::TrialSummary;

/// A job of the program.
pub trait Study {
    /// What the job is called where its results are kept: the name of its command.
    fn command(&self) -> String;

    /// Does the job: files go to `store` as they are finished, word of it to `progress`.
    ///
    /// # Errors
    /// [`StudyError`]: the question has no meaning, the store refuses a file, or somebody cancelled.
    /// Simulations that fail are no error but counted in [`Finished::counts`].
    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError>;

    /// What a reader is told first of what it came to.
    fn brief(&self, finished: &Finished) -> Brief {
        told::told(&finished.summary)
    }

    /// What a reader is told of failures, in a sentence.
    fn failures(&self, counts: Counts) -> String {
        let Counts {
            failed, requested, ..
        } = counts;
        format!("{failed} of {requested} runs failed; the reasons are in the table")
    }
}

/// Runs asked for and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Runs asked for.
    pub requested: usize,
    /// Runs that reached their end.
    pub ok: usize,
    /// Runs that failed; they have no numbers.
    pub failed: usize,
}

impl Counts {
    /// So many of `requested` failed.
    #[must_use]
    pub fn new(requested: usize, failed: usize) -> Self {
        Self {
            requested,
            ok: requested - failed,
            failed,
        }
    }
}

/// What a study came to, beside the files in its store.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Runs asked for and failed.
    pub counts: Counts,
    /// Number of files that the store was given.
    pub files: usize,
    /// What it cost, in words.
    pub effort: String,
    /// The numbers that a reader asks for first.
    pub summary: StudySummary,
    /// The first life that failed, if any did.
    pub first_failure: Option<FailedLife>,
}

/// The summary of a study, by its kind.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StudySummary {
    /// One animal in every arm.
    Run(Box<Summary>),
    /// A cohort.
    Cohort(Box<CohortSummary>),
    /// A trial that was repeated.
    Trial(Box<TrialSummary>),
    /// A sweep, or a shard of one.
    Sweep(Box<SweepSummary>),
    /// A study of which unknowns matter.
    Sensitivity(Box<SensitivitySummary>),
    /// A fit.
    Fit(Box<FitReport>),
    /// Profiles, in the order that they were asked for.
    Profiles(Vec<Profile>),
    /// Fits to other rows, in the order of their file.
    Refits(Vec<Refitted>),
    /// A sampled posterior.
    Posterior(Box<Sampled>),
    /// A posterior that was weighed again.
    Renewal(Renewal),
    /// A difference between two arms, split over pathways.
    Attribution(Box<Attribution>),
    /// What tells those who will fall ill.
    Biomarkers(Box<BiomarkerSummary>),
    /// The model against its evidence.
    Validation(Box<Scoreboard>),
}
