//! [`Pace`]: which step to try next, and when to give up.
//!
//! The decisions of a segment, apart from the arithmetic of a step: plain trajectories and lanes
//! ask the same questions here and so take the same steps.

use crate::control::{Control, ErrorRatio, Powers, measure_error};
use crate::tableau::RosenbrockTableau;
use crate::{Effort, Failure, FailureReason, Options, Stepping};
use gutbrain_numbers::Scalar;

/// Why an attempt was no step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rejection {
    Error(ErrorRatio),
    NonFinite(Option<usize>),
    Singular(usize),
}

impl Rejection {
    fn ratio(self) -> f64 {
        match self {
            Self::Error(error) => error.ratio,
            Self::NonFinite(_) | Self::Singular(_) => f64::NAN,
        }
    }

    pub(crate) fn failure(self, time: f64) -> Failure {
        let (component, reason) = match self {
            Self::Error(error) => (error.component, FailureReason::StepTooSmall),
            Self::NonFinite(component) => (component, FailureReason::NonFinite),
            Self::Singular(row) => (Some(row), FailureReason::SingularMatrix),
        };
        Failure {
            time,
            component,
            error_ratio: self.ratio(),
            reason,
        }
    }
}

/// One segment: from one switch to the next.
pub(crate) struct Segment {
    pub(crate) begin: f64,
    pub(crate) end: f64,
    /// The wanted first step, on the first segment of a run.
    pub(crate) first_step: Option<f64>,
}

/// The steps of one segment.
#[derive(Debug)]
pub(crate) struct Pace {
    control: Control,
    fixed: Option<EqualSteps>,
    /// Steps taken, as a number.
    taken: f64,
    /// What the last accepted step suggests.
    next_step: Option<f64>,
    wanted: f64,
    last_rejection: Option<Rejection>,
}

/// Why there is no next attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stuck {
    /// The limit of steps is reached; the rejection of the last attempt.
    OutOfSteps(Option<Rejection>),
    /// The step is below the resolution of time.
    TooShort(Rejection),
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    /// It is a step.
    Accepted,
    /// Another attempt with a smaller step.
    Again,
    /// The step cannot be made smaller.
    Hopeless(Rejection),
}

impl Pace {
    pub(crate) fn new(tableau: &RosenbrockTableau, options: &Options, segment: &Segment) -> Self {
        Self {
            control: Control::new(tableau.embedded_order),
            fixed: match options.stepping {
                Stepping::Adaptive => None,
                Stepping::Fixed(step) => Some(EqualSteps::new(segment, step)),
            },
            taken: 0.0,
            next_step: None,
            wanted: 0.0,
            last_rejection: None,
        }
    }

    /// The step to begin with, unless it is the first one of the segment.
    pub(crate) fn known_step(&self) -> Option<f64> {
        self.next_step
            .or(self.fixed.as_ref().map(|equal| equal.size))
    }

    /// A new step, of this size if it may be.
    pub(crate) fn begin_step(&mut self, wanted: f64) {
        self.wanted = wanted;
        self.last_rejection = None;
    }

    /// Size and end of the next attempt.
    pub(crate) fn propose(
        &mut self,
        options: &Options,
        segment: &Segment,
        time: f64,
        effort: &Effort,
    ) -> Result<(f64, f64), Stuck> {
        if effort.steps + effort.rejected >= options.maximum_steps as u64 {
            return Err(Stuck::OutOfSteps(self.last_rejection));
        }
        let remaining = segment.end - time;
        if let Some(longest) = options.maximum_step
            && self.fixed.is_none()
            && self.wanted > longest
        {
            self.wanted = longest;
        }
        let (step, new_time) = match &self.fixed {
            Some(equal) => equal.step(self.taken, time),
            None if self.wanted * 1.01 >= remaining => (remaining, segment.end),
            None => (self.wanted, time + self.wanted),
        };
        // A landing step may be as short as two switches are apart.
        let too_short = 10.0 * f64::EPSILON * time.abs() + 1e-290;
        if step <= too_short && step < remaining {
            return Err(Stuck::TooShort(self.last_rejection.unwrap_or(
                Rejection::Error(ErrorRatio {
                    ratio: f64::NAN,
                    component: None,
                }),
            )));
        }
        Ok((step, new_time))
    }

    /// The error of the last accepted step, as the controller remembers it; 1 before the first.
    pub(crate) fn last_error(&self) -> f64 {
        self.control.last_error()
    }

    /// Take or refuse an attempt of this size. Powers of its error are asked for if they are not known.
    pub(crate) fn judge(
        &mut self,
        step: f64,
        attempt: Result<ErrorRatio, Rejection>,
        powers: Option<Powers<f64>>,
        effort: &mut Effort,
    ) -> Verdict {
        let rejection = match attempt {
            Ok(error) if self.accepts(error.ratio) => {
                effort.steps += 1;
                if self.fixed.is_none() {
                    let powers = powers.unwrap_or_else(|| self.control.powers(error.ratio));
                    self.next_step = Some(self.control.accept(step, error.ratio, powers));
                }
                self.taken += 1.0;
                return Verdict::Accepted;
            }
            Ok(error) => Rejection::Error(error),
            Err(rejection) => rejection,
        };
        effort.rejected += 1;
        if self.fixed.is_some() {
            return Verdict::Hopeless(rejection);
        }
        self.wanted = self.control.reject(step, rejection.ratio());
        self.last_rejection = Some(rejection);
        Verdict::Again
    }

    /// Whether an attempt with this error is a step.
    pub(crate) fn accepts(&self, ratio: f64) -> bool {
        self.fixed.is_some() || ratio <= 1.0
    }
}

/// The failure of a run that used up its steps; state and error are those of the last attempt.
pub(crate) fn out_of_steps<R: Scalar>(
    time: f64,
    options: &Options,
    last: Option<Rejection>,
    new_state: &[R],
    error: &[R],
) -> Failure {
    let mut failure = last.map_or(
        Failure {
            time,
            component: None,
            error_ratio: f64::NAN,
            reason: FailureReason::StepTooSmall,
        },
        |rejection| rejection.failure(time),
    );
    failure.reason = FailureReason::TooManySteps {
        limit: options.maximum_steps,
    };
    if failure.component.is_none() {
        // Its largest part names a state.
        let worst = measure_error(options, new_state, new_state, error);
        failure.component = worst.component;
        failure.error_ratio = worst.ratio;
    }
    failure
}

/// Steps of equal size over a segment.
#[derive(Debug)]
struct EqualSteps {
    begin: f64,
    end: f64,
    size: f64,
    count: f64,
}

impl EqualSteps {
    fn new(segment: &Segment, longest: f64) -> Self {
        let length = segment.end - segment.begin;
        // A hair less, so that 1 / 0.1 gives ten steps and not eleven.
        let count = (length / longest * (1.0 - 1e-12)).ceil().max(1.0);
        Self {
            begin: segment.begin,
            end: segment.end,
            size: length / count,
            count,
        }
    }

    /// Size and end of the step after `taken` ones.
    fn step(&self, taken: f64, time: f64) -> (f64, f64) {
        if taken + 1.0 >= self.count {
            (self.end - time, self.end)
        } else {
            let new_time = self.begin + (taken + 1.0) * self.size;
            (new_time - time, new_time)
        }
    }
}
