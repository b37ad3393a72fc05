//! The first state of a life and the references that signals are relative to.
//!
//! What: the healthy animal of the same background (`steady_as` of the subject's preset, e.g. no
//! transgene) is settled to its steady state x*, 0 = f(x*; p_reference, resting(x) = x). Species
//! declared `"steady"` are born with x*; the others with their declared initial value. Every
//! `resting(name)` in the network is the value of `name` at x*, a constant of this life.
//!
//! Over dual numbers the tangents of x* are exact (implicit function theorem, one more Newton step).

use gutbrain_integrate::{Failure, settle};
use gutbrain_network::network::Initial;
use gutbrain_numbers::Scalar;

use super::compiled::Compiled;
use super::dynamics::Resting;

/// What a life begins with.
#[derive(Debug, Clone)]
pub(crate) struct Birth<R> {
    /// Parameters without any action, the resting values filled in.
    pub(crate) base: Vec<R>,
    /// The state at age 0.
    pub(crate) state: Vec<R>,
    /// The steady state of the healthy animal.
    pub(crate) rest: Vec<R>,
}

impl<R: Scalar> Birth<R> {
    /// The birth of a subject with these parameter values (in the network's order). The search for
    /// the steady state begins at `near`, if that is known, else at the declared guesses.
    ///
    /// # Errors
    /// When the healthy animal has no steady state within reach of the declared guesses.
    pub(crate) fn new(
        compiled: &Compiled,
        values: Vec<R>,
        near: Option<&[f64]>,
    ) -> Result<Birth<R>, Failure> {
        let mut reference = values.clone();
        for &(index, value) in &compiled.steady_as {
            reference[index] = R::from_f64(value);
        }
        let initial = compiled.network.initial(&reference);
        let held: Vec<bool> = initial
            .iter()
            .map(|initial| matches!(initial, Initial::Value(_)))
            .collect();
        let settle_from = |near: Option<&[f64]>| {
            let guess: Vec<R> = initial
                .iter()
                .enumerate()
                .map(|(index, initial)| match (initial, near) {
                    (Initial::Value(value), _) => *value,
                    (Initial::Steady { .. }, Some(near)) => R::from_f64(near[index]),
                    (Initial::Steady { guess }, None) => *guess,
                })
                .collect();
            let (network, pattern) = (&compiled.settling, &compiled.settling_pattern);
            let mut pre_run = Resting::new(network, pattern, &reference);
            settle(&mut pre_run, &guess, &held, &compiled.options)
        };
        let rest = match near {
            Some(near) => settle_from(Some(near)).or_else(|_| settle_from(None))?,
            None => settle_from(None)?,
        };
        let mut base = values;
        let mut prepared = compiled.settling.prepare(&reference);
        let resting = compiled.settling.resting_values(&mut prepared, &rest);
        for (&index, value) in compiled.network.resting.iter().zip(resting) {
            base[index] = value;
        }
        let state = compiled
            .network
            .initial(&base)
            .into_iter()
            .zip(&rest)
            .map(|(initial, &rest)| match initial {
                Initial::Steady { .. } => rest,
                Initial::Value(value) => value,
            })
            .collect();
        Ok(Birth { base, state, rest })
    }
}
