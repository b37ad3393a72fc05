//! The gut–brain axis of amyotrophic lateral sclerosis as an executable model: microbes and
//! butyrate in the gut, the barrier, immune signals in the blood, the spinal cord, survival.
//!
//! The library in one page:
//!
//! 1. A [`model::Model`] is text: species, parameters, processes and the evidence behind them,
//!    declared under `model/`, checked and compiled by `gutbrain-network`.
//! 2. A [`scenario::Scenario`] is an experiment on it: a subject, a span of life, arms that differ
//!    by interventions and perturbations. It is read from TOML and checked against the model; all
//!    faults are reported at once.
//! 3. [`simulate::simulate`] simulates every arm from birth to death with the stiff solvers of
//!    `gutbrain-integrate`. A run that fails is a result with a status, never a number.
//! 4. [`analysis`] asks questions of many simulations: calibration to evidence.
//! 5. [`results`] turns runs into tables, a summary and figures; [`report`] writes them as bytes.
//!
//! Each module uses only what stands before it. The disk belongs to `gutbrain-store`, other programs'
//! formats to `gutbrain-exchange`, the command line to `gutbrain-cli`; the library itself reads like this:
//!
//! ```
//! use gutbrain::model::Model;
//! use gutbrain::scenario::Scenario;
//! use gutbrain::simulate::simulate;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let model = Model::builtin()?;
//! let scenario = Scenario::from_text(
//!     "butyrate.toml",
//!     r#"
//!         [subject]
//!         preset = "mouse-g93a-b6sjl"
//!
//!         [simulation]
//!         start = "21 d"
//!         stop  = "200 d"
//!
//!         [[arm]]
//!         name = "control"
//!
//!         [[arm]]
//!         name = "butyrate"
//!           [[arm.intervention]]
//!           kind  = "butyrate-water"
//!           dose  = "2 %"
//!           start = "38 d"
//!     "#,
//!     &model,
//! )?;
//!
//! let runs = simulate(&model, &scenario)?;
//! for run in &runs {
//!     println!("{}: onset at {:?} d", run.arm, run.endpoints.onset_d());
//! }
//!
//! // A curve has one value per age of the output.
//! let zo1 = runs[1].curve("zo1").ok_or("the model has no zo1")?;
//! assert_eq!(zo1.values.len(), runs[1].times.len());
//! let (before, after) = (zo1.values[0], zo1.values[40]);
//! assert!(after > before, "butyrate restores the tight junctions");
//! # Ok(())
//! # }
//! ```
//!
//! `Scenario::load` reads a file; [`scenario::ScenarioFile`] gives the steps in between, with
//! `--set` and the resolved text.

#![forbid(unsafe_code)]

pub mod analysis;
pub mod checkpoint;
pub mod cohort;
pub mod files;
pub mod limits;
pub mod model;
pub mod posterior;
pub mod report;
pub mod results;
pub mod scenario;
pub mod simulate;
pub mod study;
