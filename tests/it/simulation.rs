//! Simulation and calibration of a small model with known answers.
//!
//! The model (`simulation/toy.rs`) holds a drug in two compartments (linear, solved by hand), a signal
//! with a steady state that is no closed form, and neurons that die of the signal.

mod between_outputs;
mod calibration;
mod doses;
mod ensembles;
mod fitting;
mod following;
mod outcomes;
mod perturbations;
mod posterior;
mod reproducible;
mod sensitivities;
mod toy;
