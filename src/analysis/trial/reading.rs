//! Values of a life at any age: exact ones, not lines between ages of the output.
//!
//! A life is solved for the ages of the output; visits that follow an event lie between them. Where they do, the
//! life is solved once more and read at these ages. The output changes nothing of a solution, so that both are
//! one life, bit for bit.

use crate::simulate::ArmRun;

/// One life, with the ages of the output and those that were asked for besides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'r> {
    run: &'r ArmRun,
    besides: Option<&'r ArmRun>,
}

impl<'r> Reading<'r> {
    /// A life as the output has it, and as it was read at other ages.
    pub(super) fn new(run: &'r ArmRun, besides: Option<&'r ArmRun>) -> Self {
        Self { run, besides }
    }

    /// The life over the output.
    pub(super) fn run(&self) -> &'r ArmRun {
        self.run
    }

    /// A value at an age of the output, or at one that was asked for; nothing after the end of the life.
    pub(super) fn value(&self, id: &str, age: f64) -> Option<f64> {
        at(self.run, id, age).or_else(|| at(self.besides?, id, age))
    }

    /// The value at the begin of the output.
    pub(super) fn first(&self, id: &str) -> Option<f64> {
        let first = self.run.curve(id)?.values.first();
        first.copied().filter(|value| value.is_finite())
    }
}

/// Whether a life has to be solved once more to be read at an age: it is reached, and no age of the output.
pub(super) fn is_wanted(run: &ArmRun, age: f64) -> bool {
    let begun = run.times.first().is_some_and(|first| *first <= age);
    begun && age <= run.endpoints.last_d && place(run, age).is_none()
}

fn at(run: &ArmRun, id: &str, age: f64) -> Option<f64> {
    let value = *run.curve(id)?.values.get(place(run, age)?)?;
    value.is_finite().then_some(value)
}

fn place(run: &ArmRun, age: f64) -> Option<usize> {
    run.times.binary_search_by(|time| time.total_cmp(&age)).ok()
}
