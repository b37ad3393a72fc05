//! Many runs at once: on all threads, and on each of them side by side in the lanes of the processor.
//!
//! What: [`run_all`] takes runs by number, asks for each of them when a lane is free, and hands its
//! result back, which may ask for another run (a search that goes on). Threads take the next number
//! from a common counter, so that none stands idle while there is work.
//!
//! A result does not depend on who its neighbours are (the contract of `integrate_lanes`), hence not
//! on threads or lanes either.

use std::sync::atomic::{AtomicUsize, Ordering};

use gutbrain_integrate::{
    Feed, InstructionSet, Method, Options, Task, Trajectory, UnknownInstructionSet,
    integrate_lanes, is_refused,
};
use rayon::prelude::*;

use super::dynamics::{Dynamics, NetworkLanes};

/// Animals side by side: two registers of AVX2, one of AVX-512.
const LANES: usize = 8;

/// The instruction set of the lanes, as the environment chooses it: it changes no bit of a result.
///
/// # Errors
/// When the environment names one that this processor does not have.
pub fn instruction_set() -> Result<InstructionSet, UnknownInstructionSet> {
    InstructionSet::chosen()
}

/// What lanes ran on in this process, in a few words.
#[must_use]
pub fn what_lanes_ran_on() -> String {
    let set = instruction_set().unwrap_or_else(|_| InstructionSet::widest());
    match (set.name(), is_refused()) {
        ("baseline", _) => "baseline; no code made at run time".to_owned(),
        (name, false) => format!("{name}; code made at run time"),
        (name, true) => format!(
            "{name}; no code made at run time: this system lets no program make memory executable"
        ),
    }
}

/// A run of one animal.
pub(super) type Run<'a> = Task<'a, Dynamics<'a, f64>>;

/// Carries out runs `0..count` and whatever runs they lead to. `begin` gives the first run of a
/// number, `end` takes a result and may give the next run of the same number. All are of one network.
pub(super) fn run_all<'a>(
    count: usize,
    method: Method,
    options: &Options,
    begin: impl Fn(usize) -> Run<'a> + Sync,
    end: impl Fn(usize, Dynamics<'a, f64>, Trajectory<f64>) -> Option<Run<'a>> + Sync,
) {
    let next = AtomicUsize::new(0);
    let most = count.div_ceil(LANES);
    let threads = rayon::current_num_threads().min(most);
    (0..threads).into_par_iter().for_each(|_| {
        let mut queue = Queue {
            next: &next,
            count,
            begin: &begin,
            end: &end,
            again: Vec::new(),
            numbers: Vec::new(),
        };
        // The lanes are made for the network of the first run.
        let Some(first) = queue.next() else { return };
        let set = instruction_set().unwrap_or_else(|_| InstructionSet::widest());
        let mut lanes = NetworkLanes::<LANES>::like(&first.subject, set);
        let number = queue.numbers.pop().unwrap_or_default();
        queue.again.push((number, first));
        integrate_lanes(&mut lanes, method, options, set, &mut queue);
    });
}

/// What one thread works off.
struct Queue<'q, 'a, B, E> {
    next: &'q AtomicUsize,
    count: usize,
    begin: &'q B,
    end: &'q E,
    /// Runs that follow from others.
    again: Vec<(usize, Run<'a>)>,
    /// The numbers of the runs handed out so far, in order.
    numbers: Vec<usize>,
}

impl<'a, B, E> Feed<'a, Dynamics<'a, f64>> for Queue<'_, 'a, B, E>
where
    B: Fn(usize) -> Run<'a>,
    E: Fn(usize, Dynamics<'a, f64>, Trajectory<f64>) -> Option<Run<'a>>,
{
    fn next(&mut self) -> Option<Run<'a>> {
        let (number, run) = match self.again.pop() {
            Some(again) => again,
            None => {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                if number >= self.count {
                    return None;
                }
                (number, (self.begin)(number))
            }
        };
        self.numbers.push(number);
        Some(run)
    }

    fn take(&mut self, task: usize, subject: Dynamics<'a, f64>, result: Trajectory<f64>) {
        let number = self.numbers[task];
        if let Some(run) = (self.end)(number, subject, result) {
            self.again.push((number, run));
        }
    }
}
