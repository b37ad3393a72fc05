//! The first state of a life and the references that signals are relative to.
//!
//! What: the healthy animal of the same background (`steady_as` of the subject's preset, e.g. no
//! transgene) is settled to its steady state x*, 0 = f(x*; p_reference, resting(x) = x). Species
//! declared `"steady"` are born with x*; the others with their declared initial value. Every
//! `resting(name)` in the network is the value of `name` at x*, a constant of this life.
//!
//! The search begins at the steady state of the preset ([`Compiled::anchor`]); where that leads
//! nowhere, at the declared guesses. Over dual numbers the tangents of x* are exact (implicit function
//! theorem, one more Newton step).

use gutbrain_integrate::{Failure, Method, Plan, Settling, Trajectory, integrate};
use gutbrain_network::network::Initial;
use gutbrain_numbers::Scalar;

use super::compiled::Compiled;
use super::dynamics::Dynamics;
use super::schedule::Schedule;

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
    /// the steady state begins at `near` if that is given, else at the anchor.
    ///
    /// # Errors
    /// When the healthy animal has no steady state within reach of the declared guesses.
    pub(crate) fn new(
        compiled: &Compiled,
        values: Vec<R>,
        near: Option<&[f64]>,
    ) -> Result<Birth<R>, Failure> {
        let near = near.or_else(|| compiled.anchor());
        Search::new(compiled, values, near).finish()
    }

    /// The steady state of the healthy animal, looked for from the declared guesses.
    ///
    /// # Errors
    /// As for [`Birth::new`].
    pub(crate) fn settled_from_guesses(
        compiled: &Compiled,
        values: Vec<R>,
    ) -> Result<Vec<R>, Failure> {
        Ok(Search::new(compiled, values, None).finish()?.rest)
    }
}

/// The search for the steady state that a life begins with, integration by integration: whoever
/// integrates many of them at once asks for [`Search::dynamics`] and [`Search::plan`], and hands the
/// results back.
pub(crate) struct Search<'a, R> {
    compiled: &'a Compiled,
    values: Vec<R>,
    /// The values with which the healthy animal rests.
    reference: Vec<R>,
    initial: Vec<Initial<R>>,
    held: Vec<bool>,
    settling: Settling<R>,
    start: Start,
}

/// Where a search began.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// At a state nearby.
    Near,
    /// At the declared guesses.
    Guesses,
}

impl<'a, R: Scalar> Search<'a, R> {
    /// The search for a subject with these values, from a state nearby, or from the declared guesses.
    pub(crate) fn new(compiled: &'a Compiled, values: Vec<R>, near: Option<&[f64]>) -> Self {
        let mut reference = values.clone();
        for &(index, value) in &compiled.steady_as {
            reference[index] = R::from_f64(value);
        }
        let initial = compiled.network.initial(&reference);
        let held: Vec<bool> = initial
            .iter()
            .map(|initial| matches!(initial, Initial::Value(_)))
            .collect();
        Self {
            compiled,
            values,
            reference,
            settling: Settling::new(&guess(&initial, near), &held),
            initial,
            held,
            start: near.map_or(Start::Guesses, |_| Start::Near),
        }
    }

    /// The system that is integrated, with the species that have a declared value standing still.
    pub(crate) fn dynamics<'s>(&self, nothing: &'s Schedule, held: &'s [bool]) -> Dynamics<'s, R>
    where
        'a: 's,
    {
        let core = self.compiled;
        Dynamics::at_rest(
            core.settling(),
            &core.patterns.settling,
            nothing,
            &self.reference,
            held,
        )
    }

    /// Which species stand still; the same for all animals of one network.
    pub(crate) fn held(&self) -> &[bool] {
        &self.held
    }

    /// The next integration and the state at its begin.
    pub(crate) fn plan(&self) -> (Plan<'static>, &[R]) {
        let (start, stop, state) = self.settling.next();
        let plan = Plan {
            start,
            stop,
            switches: &[],
            outputs: &[],
            events: &[],
            spans: &[],
        };
        (plan, state)
    }

    /// Takes the result of the integration asked for; the birth if the steady state is found.
    ///
    /// # Errors
    /// When the search has come to its end without one.
    pub(crate) fn take(
        &mut self,
        dynamics: &mut Dynamics<'_, R>,
        run: Trajectory<R>,
    ) -> Result<Option<Birth<R>>, Failure> {
        match self.settling.take(dynamics, run, &self.compiled.options) {
            Ok(None) => Ok(None),
            Ok(Some(rest)) => Ok(Some(self.birth(rest))),
            Err(_) if self.start == Start::Near => {
                self.start = Start::Guesses;
                self.settling = Settling::new(&guess(&self.initial, None), &self.held);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    fn finish(mut self) -> Result<Birth<R>, Failure> {
        let nothing = Schedule::empty();
        let held = self.held.clone();
        let options = Settling::<R>::options(&self.compiled.options);
        let mut dynamics = self.dynamics(&nothing, &held);
        loop {
            let (plan, state) = self.plan();
            let run = integrate(&mut dynamics, Method::Rodas5P, &plan, state, &options);
            if let Some(birth) = self.take(&mut dynamics, run)? {
                return Ok(birth);
            }
        }
    }

    fn birth(&self, rest: Vec<R>) -> Birth<R> {
        let core = self.compiled;
        let mut base = self.values.clone();
        let mut prepared = core.settling().prepare(&self.reference);
        let resting = core.settling().resting_values(&mut prepared, &rest);
        for (&index, value) in core.network.resting.iter().zip(resting) {
            base[index] = value;
        }
        let state = core
            .network
            .initial(&base)
            .into_iter()
            .zip(&rest)
            .map(|(initial, &rest)| match initial {
                Initial::Steady { .. } => rest,
                Initial::Value(value) => value,
            })
            .collect();
        Birth { base, state, rest }
    }
}

fn guess<R: Scalar>(initial: &[Initial<R>], near: Option<&[f64]>) -> Vec<R> {
    let guess = initial.iter().enumerate();
    let guess = guess.map(|(index, initial)| match (initial, near) {
        (Initial::Value(value), _) => *value,
        (Initial::Steady { .. }, Some(near)) => R::from_f64(near[index]),
        (Initial::Steady { guess }, None) => *guess,
    });
    guess.collect()
}
