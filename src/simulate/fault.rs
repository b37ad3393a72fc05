//! What can go wrong before a simulation begins, and the advice that goes with a failed one.

use gutbrain_integrate::{Failure, PatternFault};
use gutbrain_network::{Faults, Network};

/// A scenario that cannot be simulated with this model. (A run that fails on its way is no error:
/// it is a result with a status.)
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The network with the scenario's edits does not compile.
    #[error("{0}")]
    Model(#[from] Faults),
    /// The network's Jacobian has no valid pattern (a fault of the program).
    #[error("the pattern of the Jacobian: {0}")]
    Pattern(#[from] PatternFault),
    /// No such preset.
    #[error("the model has no subject `{0}`")]
    UnknownSubject(String),
    /// No such parameter.
    #[error("the model has no parameter `{0}`")]
    UnknownParameter(String),
    /// No such species, process or modulator, or an action that makes no sense on it.
    #[error("{origin}: {cause}")]
    Action {
        /// Where the action comes from.
        origin: String,
        /// What is wrong.
        cause: String,
    },
    /// No such arm.
    #[error("the scenario has no arm `{0}`")]
    UnknownArm(String),
    /// Neither observable nor species.
    #[error("the model has no observable or species `{0}`")]
    UnknownQuantity(String),
    /// A value is wanted before the output begins.
    #[error("nothing can be read at age {age} d: the scenario's output starts at {start} d")]
    TooEarly {
        /// The age asked for.
        age: f64,
        /// The start of the output.
        start: f64,
    },
    /// The subject does not live to that age, or the run fails before.
    #[error("age {age} d is not reached: {reason}")]
    AgeNotReached {
        /// The age asked for.
        age: f64,
        /// Death, or the failure.
        reason: String,
    },
    /// An endpoint without an event.
    #[error("no event of the model is the endpoint `{0}`")]
    UnknownEndpoint(String),
}

/// The stage of a failure before birth.
pub(crate) const UNSETTLED: &str = "the healthy steady state was not found";

/// A failure in words: at what age, why, in which species, how large the error, and what to try.
pub(crate) fn describe(failure: &Failure, network: &Network, stage: &str) -> String {
    let mut text = format!("{stage}: {} at age {} d", failure.reason, failure.time);
    if let Some(species) = failure
        .component
        .and_then(|index| network.species.get(index))
    {
        text.push_str(&format!(", in species `{}`", species.id));
    }
    if failure.error_ratio.is_finite() {
        text.push_str(&format!(
            ", error {:.3e} times the tolerance",
            failure.error_ratio
        ));
    }
    text.push_str("; ");
    text.push_str(failure.reason.advice());
    text
}
