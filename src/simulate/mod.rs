//! Where the model meets the solver: single runs from birth to death, and experiments for analyses.
//!
//! A run ([`simulate`]):
//! 1. `compiled`: the declaration is compiled with the gates that the scenario's actions need; the
//!    subject's parameter values are collected; every arm's actions become a `schedule`.
//! 2. `birth`: the healthy animal is settled to its steady state, which gives the first state and the
//!    references (`resting`) that signals are relative to.
//! 3. `life`: from birth to the start of the output once for all arms that share it, and on from
//!    there arm by arm (`dynamics` is what the solver sees).
//! 4. `run`: curves, endpoints and status of every arm.
//!
//! [`Population`] compiles a scenario once and simulates it for many animals; [`simulate_all`] simulates many of
//! them at once and keeps only what is asked of them; [`Experiment`] compiles the
//! same once and runs it for many parameter vectors, with exact derivatives of [`Feature`]s.
//! [`simulate_closely`] says what curves do between output ages. [`explain`] splits a derivative into its processes. [`Blueprint`] is one arm as plain numbers, for
//! programs that simulate it elsewhere.
//!
//! Results are the same bytes at any number of threads: arms are independent, and collected in order.

mod ages;
mod awaited;
mod between;
mod birth;
mod blueprint;
mod comparison;
mod compiled;
mod course;
mod dynamics;
mod effects;
mod ensemble;
mod experiment;
mod explain;
mod fault;
mod lanes;
mod life;
mod plausible;
mod population;
mod remark;
mod resolution;
mod run;
mod schedule;
mod together;
mod unfolding;
mod vector;

pub use crate::scenario::feature;
pub use ages::Ages;
pub use awaited::{Awaited, AwaitedAge};
pub use between::{Excursions, simulate_closely};
pub use blueprint::{Blueprint, Switch};
pub use comparison::compare;
pub use compiled::{Layer, owner};
pub use ensemble::{
    Inquiry, LifeRecord, Request, simulate_all, simulate_all_in_full, simulate_all_read_at,
};
pub use experiment::{Evaluation, Experiment, Missing, Sensitivities};
pub use explain::{Explanation, Share, explain};
pub use fault::SimulateError;
pub use feature::{Endpoint, Feature};
pub use gutbrain_integrate::UnknownInstructionSet;
pub use lanes::{instruction_set, what_lanes_ran_on};
pub use population::Population;
pub use remark::{Matter, Remark};
pub use resolution::{OF_VALUES, Resolution};
pub use run::{ArmRun, Curve, EndOfLife, Endpoints, Moment, Status, simulate};
pub use schedule::Change;
pub use vector::Vector;
