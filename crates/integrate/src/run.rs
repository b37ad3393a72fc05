//! [`integrate`]: one run.

use gutbrain_numbers::Scalar;

use crate::{Effort, Failure, FailureReason, Method, Options, Outcome, Plan, System, Trajectory};

/// Integrate `system` from `initial` over the span of `plan`.
///
/// Explicit methods know plain numbers only: over duals they fail as
/// [`crate::PlanFault::MethodLimits`].
pub fn integrate<R: Scalar, S: System<R>>(
    system: &mut S,
    _method: Method,
    plan: &Plan<'_>,
    initial: &[R],
    options: &Options,
) -> Trajectory<R> {
    let fault = plan
        .check()
        .and_then(|()| options.check(system.dimension()))
        .err();
    let failure = fault.map_or(
        Failure {
            time: plan.start,
            component: None,
            error_ratio: f64::NAN,
            reason: FailureReason::NonFinite,
        },
        |fault| Failure::of_plan(plan.start, fault),
    );
    Trajectory {
        times: Vec::new(),
        states: Vec::new(),
        events: Vec::new(),
        outcome: Outcome::Failed(failure),
        last_time: plan.start,
        last_state: initial.to_vec(),
        effort: Effort::default(),
    }
}
