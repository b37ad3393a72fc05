//! Cohorts: from the declared spread between animals to virtual animals and their event times.
//!
//! In order:
//! 1. [`Allocation`] says who the animals are: sex, litter, lost copies of the transgene, by the plan of
//!    a scenario or of a trial.
//! 2. [`Spread`] gives every animal its parameter values: each parameter that declares
//!    `between_subject` is drawn around the value of the preset, litter mates alike in part, the sexes
//!    apart as the subject declares.
//! 3. [`Subjects`] does both, and is what every study asks for its animals.
//! 4. [`Cohort`] lives them all, in blocks and in order, and hands every block to a sink, so that
//!    memory does not grow with the cohort; other deaths compete with the disease.
//! 5. [`Bands`] keep the spread of variables over time, [`Visits`] what a laboratory would measure;
//!    [`survival`] says how long the animals of every arm live, and whether the arms differ.
//!
//! Draws depend on (seed, named stream, number of the animal) only: neither threads nor blocks nor
//! the other arms change an animal.

mod allocation;
mod bands;
mod fitted;
mod follow;
mod group;
mod lives;
mod other_death;
mod spread;
mod subjects;
pub mod survival;
mod visits;

pub use allocation::{Allocation, Animal};
pub use bands::{Band, Bands};
pub use fitted::{FittedVectors, fitted_places};
pub use follow::{Follow, follow};
pub use group::GroupParameters;
pub use lives::{Cohort, CohortError, Member};
pub use other_death::end_record_at;
pub use spread::{Spread, Varying};
pub use subjects::{Subject, Subjects};
pub(crate) use visits::shown;
pub use visits::{Assay, Measured, Visits};
