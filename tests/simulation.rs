//! Simulation and calibration of a small model with known answers.
//!
//! The model (`simulation/toy.rs`) holds a drug in two compartments (linear, solved by hand), a signal
//! with a steady state that is no closed form, and neurons that die of the signal.

#[path = "simulation/between_outputs.rs"]
mod between_outputs;
#[path = "simulation/calibration.rs"]
mod calibration;
#[path = "simulation/doses.rs"]
mod doses;
#[path = "simulation/ensembles.rs"]
mod ensembles;
#[path = "simulation/fitting.rs"]
mod fitting;
#[path = "simulation/outcomes.rs"]
mod outcomes;
#[path = "simulation/perturbations.rs"]
mod perturbations;
#[path = "simulation/posterior.rs"]
mod posterior;
#[path = "simulation/reproducible.rs"]
mod reproducible;
#[path = "simulation/sensitivities.rs"]
mod sensitivities;
#[path = "simulation/toy.rs"]
mod toy;
