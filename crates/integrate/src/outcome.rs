//! What a run gives: [`Trajectory`], its [`Outcome`], and the [`Failure`] that ended it.
//!
//! Outcomes are values, not panics. A run that failed at one time has no numbers for later
//! times: they are absent.

use std::fmt;

/// The states of a run at the output times it reached, its events and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory<R> {
    /// Output times reached.
    pub times: Vec<f64>,
    /// States at those times: row-major, times × dimension.
    pub states: Vec<R>,
    /// Events in the order in which they happened.
    pub events: Vec<EventHit<R>>,
    /// What was found of the spans, one for each rule; nothing where the run did not cover the span.
    pub spans: Vec<Option<R>>,
    /// How the run ended.
    pub outcome: Outcome,
    /// Where it ended: the stop, the stopping event, or the last accepted step.
    pub last_time: f64,
    /// The state there.
    pub last_state: Vec<R>,
    /// What it cost.
    pub effort: Effort,
}

impl<R> Trajectory<R> {
    /// The state at output number `index`, if that output was reached.
    #[must_use]
    pub fn state(&self, index: usize) -> Option<&[R]> {
        let dimension = self.last_state.len();
        if index >= self.times.len() {
            return None;
        }
        self.states.get(index * dimension..(index + 1) * dimension)
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventHit<R> {
    /// Number of its rule in the plan.
    pub event: usize,
    /// When. Over duals it carries d time / d parameter.
    pub time: R,
    /// The state then. Over duals its tangents are total derivatives, moving time included.
    pub state: Vec<R>,
}

/// Work done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejected: u64,
    /// Calls of `System::derivative`.
    pub derivative_calls: u64,
    /// Calls of `System::jacobian`.
    pub jacobian_calls: u64,
    /// Factorisations.
    pub factorisations: u64,
    /// Solutions of a factorised linear system.
    pub solves: u64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It reached the stop of the plan.
    Completed,
    /// An event with [`crate::EventAction::Stop`] ended it.
    Stopped {
        /// Number of the event rule.
        event: usize,
    },
    /// It could not go on.
    Failed(Failure),
}

/// Where and why a run could not go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The last time reached.
    pub time: f64,
    /// The state that stood in the way, where one can be named.
    pub component: Option<usize>,
    /// Estimated error of the last attempt over the allowed one; NaN where there was none.
    pub error_ratio: f64,
    /// Why.
    pub reason: FailureReason,
}

/// Why a run could not go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FailureReason {
    /// The tolerances ask for steps below the resolution of time.
    StepTooSmall,
    /// The limit of steps was reached.
    TooManySteps {
        /// The limit.
        limit: usize,
    },
    /// The derivative, the Jacobian or the new state is not finite, however small the step.
    NonFinite,
    /// The matrix of the implicit method is singular, however small the step.
    SingularMatrix,
    /// A state lies far below zero that the equations keep at or above it.
    Negative,
    /// A state has grown beyond all bounds.
    Unbounded,
    /// An explicit method found the system too stiff.
    Stiff,
    /// No steady state was found.
    NotSettled,
    /// The question itself is at fault.
    InvalidPlan(PlanFault),
}

/// What is wrong with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// Start or stop.
    #[error("start and stop must be finite and the stop not before the start")]
    Span,
    /// Switch times.
    #[error("switch times must ascend between start and stop")]
    Switches,
    /// Output times.
    #[error("output times must ascend between start and stop")]
    Outputs,
    /// Spans of quantities.
    #[error("a span must end after it begins, and pieces of it have a length")]
    Spans,
    /// Tolerances.
    #[error("tolerances must be finite and above zero")]
    Tolerance,
    /// Given step sizes.
    #[error("step sizes must be finite and above zero")]
    Step,
    /// Number of states or tolerances.
    #[error("{expected} states or tolerances expected, {given} given")]
    Length {
        /// The dimension of the system.
        expected: usize,
        /// What was given.
        given: usize,
    },
    /// Explicit methods know plain numbers and adaptive steps only.
    #[error("this method gives no exact derivatives and takes no fixed steps")]
    MethodLimits,
}

impl FailureReason {
    /// What to try.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::StepTooSmall => {
                "loosen the tolerances, or look for a jump or a pole in the rates of this state"
            }
            Self::TooManySteps { .. } => {
                "raise the limit of steps, loosen the tolerances, or use method rodas5p if another \
                 one was chosen"
            }
            Self::NonFinite => {
                "look for a division by zero, a logarithm or a power of a negative number in the \
                 rates of this state"
            }
            Self::SingularMatrix => "look for a state whose own rate grows without bound",
            Self::Negative => {
                "tighten the tolerances, or use method rodas5p if another one was chosen: what was \
                 computed is no solution of the equations"
            }
            Self::Unbounded => {
                "look for a state that grows without loss; tighten the tolerances, or use method \
                 rodas5p if another one was chosen"
            }
            Self::Stiff => "use method rodas5p",
            Self::NotSettled => {
                "look for a state without loss, give a better guess, or start from given numbers"
            }
            Self::InvalidPlan(_) => "correct the plan",
        }
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepTooSmall => write!(formatter, "the step size became too small"),
            Self::TooManySteps { limit } => {
                write!(formatter, "more than {limit} steps would be needed")
            }
            Self::NonFinite => write!(formatter, "a number that is not finite appeared"),
            Self::SingularMatrix => write!(formatter, "the Jacobian gave a singular matrix"),
            Self::Negative => write!(formatter, "a state that cannot become negative did"),
            Self::Unbounded => write!(formatter, "a state grew beyond all bounds"),
            Self::Stiff => write!(formatter, "the system is too stiff for this method"),
            Self::NotSettled => write!(formatter, "no steady state was found"),
            Self::InvalidPlan(fault) => fault.fmt(formatter),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at t = {}", self.reason, self.time)?;
        if let Some(component) = self.component {
            write!(formatter, ", state {component}")?;
        }
        if self.error_ratio.is_finite() {
            write!(
                formatter,
                ", error {:.3e} times the tolerance",
                self.error_ratio
            )?;
        }
        write!(formatter, "; {}", self.reason.advice())
    }
}

impl std::error::Error for Failure {}

impl Failure {
    pub(crate) fn of_plan(time: f64, fault: PlanFault) -> Self {
        Self {
            time,
            component: None,
            error_ratio: f64::NAN,
            reason: FailureReason::InvalidPlan(fault),
        }
    }
}
