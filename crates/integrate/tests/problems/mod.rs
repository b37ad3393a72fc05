//! Systems with known answers, shared by the tests of all methods.
#![allow(dead_code)] // each test file uses some of them

use gutbrain_integrate::{Options, Pattern, Plan, System};
use gutbrain_numbers::Real;

/// (time, state, parameters, out)
type Field<R> = Box<dyn Fn(R, &[R], &[R], &mut [R])>;
/// (index, time, state, parameters)
type Quantity<R> = Box<dyn Fn(usize, R, &[R], &[R]) -> R>;
/// (index, time, state, parameters)
type Switch<R> = Box<dyn Fn(usize, f64, &mut [R], &mut [R])>;

/// (event, time)
type Replan<R> = Box<dyn Fn(usize, R) -> Option<Vec<f64>>>;

/// A system made of functions, with a dense Jacobian in row-major order.
pub(crate) struct Problem<R> {
    pattern: Pattern,
    pub(crate) parameters: Vec<R>,
    rate: Field<R>,
    jacobian: Field<R>,
    time_derivative: Option<Field<R>>,
    events: Option<Field<R>>,
    switch: Option<Switch<R>>,
    quantity: Option<Quantity<R>>,
    replan: Option<Replan<R>>,
}

impl<R: Real> Problem<R> {
    pub(crate) fn new(
        dimension: usize,
        parameters: &[R],
        rate: impl Fn(R, &[R], &[R], &mut [R]) + 'static,
        jacobian: impl Fn(R, &[R], &[R], &mut [R]) + 'static,
    ) -> Self {
        Self {
            pattern: Pattern::dense(dimension),
            parameters: parameters.to_vec(),
            rate: Box::new(rate),
            jacobian: Box::new(jacobian),
            time_derivative: None,
            events: None,
            switch: None,
            quantity: None,
            replan: None,
        }
    }

    pub(crate) fn depending_on_time(
        mut self,
        time_derivative: impl Fn(R, &[R], &[R], &mut [R]) + 'static,
    ) -> Self {
        self.time_derivative = Some(Box::new(time_derivative));
        self
    }

    pub(crate) fn with_events(
        mut self,
        events: impl Fn(R, &[R], &[R], &mut [R]) + 'static,
    ) -> Self {
        self.events = Some(Box::new(events));
        self
    }

    pub(crate) fn with_quantity(
        mut self,
        quantity: impl Fn(usize, R, &[R], &[R]) -> R + 'static,
    ) -> Self {
        self.quantity = Some(Box::new(quantity));
        self
    }

    pub(crate) fn with_replan(
        mut self,
        replan: impl Fn(usize, R) -> Option<Vec<f64>> + 'static,
    ) -> Self {
        self.replan = Some(Box::new(replan));
        self
    }

    pub(crate) fn with_switch(
        mut self,
        switch: impl Fn(usize, f64, &mut [R], &mut [R]) + 'static,
    ) -> Self {
        self.switch = Some(Box::new(switch));
        self
    }
}

impl<R: Real> System<R> for Problem<R> {
    fn dimension(&self) -> usize {
        self.pattern.dimension()
    }
    fn derivative(&mut self, time: R, state: &[R], derivative: &mut [R]) {
        (self.rate)(time, state, &self.parameters, derivative);
    }
    fn jacobian_pattern(&self) -> &Pattern {
        &self.pattern
    }
    fn jacobian(&mut self, time: R, state: &[R], values: &mut [R]) {
        (self.jacobian)(time, state, &self.parameters, values);
    }
    fn time_derivative(&mut self, time: R, state: &[R], out: &mut [R]) {
        match &self.time_derivative {
            Some(function) => function(time, state, &self.parameters, out),
            None => out.fill(R::from_f64(0.0)),
        }
    }
    fn event_values(&mut self, time: R, state: &[R], values: &mut [R]) {
        if let Some(function) = &self.events {
            function(time, state, &self.parameters, values);
        }
    }
    fn quantity(&mut self, index: usize, time: R, state: &[R]) -> R {
        match &self.quantity {
            Some(function) => function(index, time, state, &self.parameters),
            None => R::from_f64(f64::NAN),
        }
    }
    fn replan(&mut self, event: usize, time: R) -> Option<Vec<f64>> {
        self.replan.as_ref().and_then(|replan| replan(event, time))
    }
    fn switch(&mut self, index: usize, time: f64, state: &mut [R]) {
        if let Some(function) = &self.switch {
            function(index, time, state, &mut self.parameters);
        }
    }
}

pub(crate) fn span(start: f64, stop: f64) -> Plan<'static> {
    Plan {
        start,
        stop,
        switches: &[],
        outputs: &[],
        events: &[],
        spans: &[],
    }
}

pub(crate) fn tolerances(relative: f64, absolute: f64, dimension: usize) -> Options {
    Options::new(relative, vec![absolute; dimension])
}

fn c<R: Real>(value: f64) -> R {
    R::from_f64(value)
}

/// Robertson's chemical reaction.
pub(crate) fn robertson<R: Real>() -> Problem<R> {
    Problem::new(
        3,
        &[],
        |_, y, _, out| {
            let slow = c::<R>(0.04) * y[0];
            let back = c::<R>(1e4) * y[1] * y[2];
            let fast = c::<R>(3e7) * y[1] * y[1];
            out[0] = back - slow;
            out[1] = slow - back - fast;
            out[2] = fast;
        },
        |_, y, _, j| {
            let (by_1, by_2) = (c::<R>(1e4) * y[2], c::<R>(1e4) * y[1]);
            let fast = c::<R>(6e7) * y[1];
            j.copy_from_slice(&[
                c(-0.04),
                by_1,
                by_2,
                c(0.04),
                -by_1 - fast,
                -by_2,
                c(0.0),
                fast,
                c(0.0),
            ]);
        },
    )
}

/// High irradiance responses of photomorphogenesis: 8 states.
pub(crate) fn hires<R: Real>() -> Problem<R> {
    Problem::new(
        8,
        &[],
        |_, y, _, out| {
            let product = c::<R>(280.0) * y[5] * y[7];
            out[0] = c::<R>(-1.71) * y[0] + c::<R>(0.43) * y[1] + c::<R>(8.32) * y[2] + c(0.0007);
            out[1] = c::<R>(1.71) * y[0] - c::<R>(8.75) * y[1];
            out[2] = c::<R>(-10.03) * y[2] + c::<R>(0.43) * y[3] + c::<R>(0.035) * y[4];
            out[3] = c::<R>(8.32) * y[1] + c::<R>(1.71) * y[2] - c::<R>(1.12) * y[3];
            out[4] = c::<R>(-1.745) * y[4] + c::<R>(0.43) * (y[5] + y[6]);
            out[5] = c::<R>(0.69) * y[3] + c::<R>(1.71) * y[4] - c::<R>(0.43) * y[5]
                + c::<R>(0.69) * y[6]
                - product;
            out[6] = product - c::<R>(1.81) * y[6];
            out[7] = -out[6];
        },
        |_, y, _, j| {
            j.fill(c(0.0));
            let entries = [
                (0, 0, -1.71),
                (0, 1, 0.43),
                (0, 2, 8.32),
                (1, 0, 1.71),
                (1, 1, -8.75),
                (2, 2, -10.03),
                (2, 3, 0.43),
                (2, 4, 0.035),
                (3, 1, 8.32),
                (3, 2, 1.71),
                (3, 3, -1.12),
                (4, 4, -1.745),
                (4, 5, 0.43),
                (4, 6, 0.43),
                (5, 3, 0.69),
                (5, 4, 1.71),
                (5, 6, 0.69),
                (6, 6, -1.81),
                (7, 6, 1.81),
            ];
            for (row, column, value) in entries {
                j[8 * row + column] = c(value);
            }
            let (by_5, by_7) = (c::<R>(280.0) * y[7], c::<R>(280.0) * y[5]);
            j[8 * 5 + 5] = c::<R>(-0.43) - by_5;
            j[8 * 5 + 7] = -by_7;
            j[8 * 6 + 5] = by_5;
            j[8 * 6 + 7] = by_7;
            j[8 * 7 + 5] = -by_5;
            j[8 * 7 + 7] = -by_7;
        },
    )
}

pub(crate) const HIRES_START: [f64; 8] = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057];

/// E5 of the stiff test set of Enright, Hull and Lindberg: chemical pyrolysis.
pub(crate) fn e5<R: Real>() -> Problem<R> {
    const A: f64 = 7.89e-10;
    const B: f64 = 1.1e7;
    const CM: f64 = 1.13e9;
    const C: f64 = 1.13e3;
    Problem::new(
        4,
        &[],
        |_, y, _, out| {
            let first = c::<R>(A) * y[0];
            let second = c::<R>(B) * y[0] * y[2];
            let third = c::<R>(CM) * y[1] * y[2];
            let fourth = c::<R>(C) * y[3];
            out[0] = -first - second;
            out[1] = first - third;
            out[3] = second - fourth;
            // The published arrangement: avoids the cancellation of the sum of four terms.
            out[2] = out[1] - out[3];
        },
        |_, y, _, j| {
            let (b0, b2) = (c::<R>(B) * y[2], c::<R>(B) * y[0]);
            let (c1, c2) = (c::<R>(CM) * y[2], c::<R>(CM) * y[1]);
            j.copy_from_slice(&[
                c::<R>(-A) - b0,
                c(0.0),
                -b2,
                c(0.0),
                c(A),
                -c1,
                -c2,
                c(0.0),
                c::<R>(A) - b0,
                -c1,
                -c2 - b2,
                c(C),
                b0,
                c(0.0),
                b2,
                c(-C),
            ]);
        },
    )
}

/// Van der Pol's oscillator, ε = 1e-6.
pub(crate) fn van_der_pol<R: Real>() -> Problem<R> {
    const FAST: f64 = 1e6;
    Problem::new(
        2,
        &[],
        |_, y, _, out| {
            out[0] = y[1];
            out[1] = ((c::<R>(1.0) - y[0] * y[0]) * y[1] - y[0]) * c(FAST);
        },
        |_, y, _, j| {
            j[0] = c(0.0);
            j[1] = c(1.0);
            j[2] = (c::<R>(-2.0) * y[0] * y[1] - c(1.0)) * c(FAST);
            j[3] = (c::<R>(1.0) - y[0] * y[0]) * c(FAST);
        },
    )
}

/// y0' = y1, y1' = -y0: sine and cosine.
pub(crate) fn oscillator<R: Real>() -> Problem<R> {
    Problem::new(
        2,
        &[],
        |_, y, _, out| {
            out[0] = y[1];
            out[1] = -y[0];
        },
        |_, _, _, j| j.copy_from_slice(&[c(0.0), c(1.0), c(-1.0), c(0.0)]),
    )
}

/// y' = -p0 y: decay.
pub(crate) fn decay<R: Real>(rate: R) -> Problem<R> {
    Problem::new(
        1,
        &[rate],
        |_, y, p, out| out[0] = -p[0] * y[0],
        |_, _, p, j| j[0] = -p[0],
    )
}

/// y' = y (1 - y): exact solution 1 / (1 + (1/y0 - 1) exp(-t)).
pub(crate) fn logistic<R: Real>() -> Problem<R> {
    Problem::new(
        1,
        &[],
        |_, y, _, out| out[0] = y[0] * (c::<R>(1.0) - y[0]),
        |_, y, _, j| j[0] = c::<R>(1.0) - c::<R>(2.0) * y[0],
    )
}

/// Predator and prey: smooth, nonlinear, coupled.
pub(crate) fn lotka<R: Real>() -> Problem<R> {
    Problem::new(
        2,
        &[],
        |_, y, _, out| {
            out[0] = y[0] * (c::<R>(1.0) - y[1]);
            out[1] = y[1] * (y[0] - c(1.0));
        },
        |_, y, _, j| {
            j.copy_from_slice(&[c::<R>(1.0) - y[1], -y[0], y[1], y[0] - c(1.0)]);
        },
    )
}

/// y' = -λ (y - sin t) + cos t, exact solution sin t: depends on time, stiffness λ.
pub(crate) fn prothero_robinson<R: Real>(stiffness: f64) -> Problem<R> {
    // sin and cos as the solution of their own equations, so that any Real will do.
    let (lambda, minus) = (stiffness, -stiffness);
    Problem::new(
        1,
        &[],
        move |t, y, _, out| out[0] = c::<R>(minus) * (y[0] - sine(t)) + cosine(t),
        move |_, _, _, j| j[0] = c(minus),
    )
    .depending_on_time(move |t, _, _, out| out[0] = c::<R>(lambda) * cosine(t) - sine(t))
}

/// Taylor series: good to rounding for |t| <= 3.
fn sine<R: Real>(t: R) -> R {
    let square = t * t;
    (1..=15).rev().fold(c(1.0), |sum: R, n| {
        let n = f64::from(n);
        c::<R>(1.0) - square * sum / c((2.0 * n) * (2.0 * n + 1.0))
    }) * t
}

fn cosine<R: Real>(t: R) -> R {
    let square = t * t;
    (1..=15).rev().fold(c(1.0), |sum: R, n| {
        let n = f64::from(n);
        c::<R>(1.0) - square * sum / c((2.0 * n - 1.0) * (2.0 * n))
    })
}
