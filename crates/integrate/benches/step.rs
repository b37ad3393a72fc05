//! Time per step of Rodas5P on a sparse system of 45 states, and what it is made of.
//!
//! `cargo bench -p gutbrain-integrate`. A chain of saturable conversions with two loops back,
//! about as sparse as a network of compartments; best of many rounds, because the machine is
//! rarely idle.
#![allow(clippy::print_stdout)] // a report is the purpose
#![allow(clippy::disallowed_methods)] // so is the clock

use std::hint::black_box;
use std::time::Instant;

use gutbrain_integrate::sparse_lu::{Elimination, Factors};
use gutbrain_integrate::{
    Beginning, Direction, EventAction, EventRule, Method, Options, Pattern, Plan, System, integrate,
};
use gutbrain_numbers::{Dual, Real, Scalar};

const STATES: usize = 45;

/// Each state is fed by the one before and two others, and lost at its own pace.
struct Chain {
    pattern: Pattern,
}

impl Chain {
    fn new() -> Self {
        let entries = (0..STATES).flat_map(|row| sources(row).map(move |column| (row, column)));
        Self {
            pattern: Pattern::new(STATES, entries),
        }
    }
}

fn sources(row: usize) -> [usize; 3] {
    [(row + STATES - 1) % STATES, (row * 7 + 3) % STATES, row / 2]
}

fn pace(row: usize) -> f64 {
    f64::powi(3.0, (row % 9) as i32 - 4)
}

impl<R: Real> System<R> for Chain {
    fn dimension(&self) -> usize {
        STATES
    }
    fn derivative(&mut self, _time: R, state: &[R], derivative: &mut [R]) {
        let one = R::from_f64(1.0);
        for (row, slope) in derivative.iter_mut().enumerate() {
            let mut inflow = R::from_f64(0.1);
            for source in sources(row) {
                inflow += state[source] / (one + state[source]);
            }
            *slope = (inflow - state[row]).scale(pace(row));
        }
    }
    fn jacobian_pattern(&self) -> &Pattern {
        &self.pattern
    }
    fn jacobian(&mut self, _time: R, state: &[R], values: &mut [R]) {
        values.fill(R::from_f64(0.0));
        let one = R::from_f64(1.0);
        for row in 0..STATES {
            for source in sources(row) {
                let sum = one + state[source];
                if let Some(entry) = self.pattern.position(row, source) {
                    values[entry] += (one / (sum * sum)).scale(pace(row));
                }
            }
            if let Some(entry) = self.pattern.position(row, row) {
                values[entry] -= R::from_f64(pace(row));
            }
        }
    }
    fn event_values(&mut self, _time: R, state: &[R], values: &mut [R]) {
        values[0] = state[4] - R::from_f64(100.0);
    }
}

/// Best time of one call in nanoseconds.
fn best(rounds: usize, calls: usize, mut work: impl FnMut()) -> f64 {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            start.elapsed().as_secs_f64() * 1e9 / calls as f64
        })
        .fold(f64::INFINITY, f64::min)
}

fn report_run<R: Scalar>(what: &str, events: &[EventRule]) {
    let start: Vec<R> = (0..STATES)
        .map(|row| R::from_f64(0.1 * (row % 5) as f64))
        .collect();
    let options = Options::new(1e-6, vec![1e-9; STATES]);
    let switches: Vec<f64> = (1..40).map(f64::from).collect();
    let plan = Plan {
        start: 0.0,
        stop: 40.0,
        switches: &switches,
        outputs: &[],
        events,
        spans: &[],
    };
    let mut chain = Chain::new();
    let steps = integrate(&mut chain, Method::Rodas5P, &plan, &start, &options)
        .effort
        .steps;
    let time = best(30, 1, || {
        black_box(integrate(
            &mut chain,
            Method::Rodas5P,
            &plan,
            &start,
            &options,
        ));
    });
    println!(
        "{what:32} {:9.0} ns per step ({steps} steps)",
        time / steps as f64
    );
}

fn main() {
    let mut chain = Chain::new();
    let pattern = chain.pattern.clone();
    let elimination = Elimination::new(&pattern);
    println!(
        "{} entries, {} with fill",
        pattern.entries(),
        elimination.filled_entries()
    );
    let state = [0.3; STATES];
    let mut slope = [0.0; STATES];
    let mut values = vec![0.0; pattern.entries()];
    let derivative = best(50, 1000, || {
        chain.derivative(0.0, black_box(&state), &mut slope);
    });
    let jacobian = best(50, 1000, || {
        chain.jacobian(0.0, black_box(&state), &mut values);
    });
    let mut factors = Factors::new(&elimination);
    let factorise = best(50, 1000, || {
        factors.factorise(&elimination, 9.0, -1.0, black_box(&values));
    });
    let solve = best(50, 1000, || {
        factors.solve(&elimination, black_box(&mut slope));
    });
    println!(
        "derivative {derivative:.0} ns, Jacobian {jacobian:.0} ns, factorisation {factorise:.0} \
         ns, solution {solve:.0} ns"
    );
    report_run::<f64>("plain", &[]);
    let rule = EventRule {
        direction: Direction::Rising,
        action: EventAction::Record,
        beginning: Beginning::Waits,
        longest_gap: None,
    };
    report_run::<f64>("plain, looking for an event", &[rule]);
    report_run::<Dual<8>>("with 8 exact derivatives", &[]);
}
