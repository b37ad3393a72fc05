//! The most that one command may be asked for, in one place.
//!
//! Every count of a scenario or a calibration is bounded here, so that a slip of the finger (a zero too
//! many, a name in the place of a number) is answered at once, with what the work would need, and not
//! after a night by the system. The limits lie far beyond what the program is used for; what is known to
//! fit is not refused.

use std::ops::RangeInclusive;

/// Arms of a scenario.
pub const ARMS: u64 = 1000;

/// Windows and impulses of all arms together, repetitions counted one by one.
pub const ACTIONS: u64 = 1_000_000;

/// Repetitions of one dose.
pub const REPEATS: RangeInclusive<u64> = 1..=10_000;

/// Ages of the output grid.
pub const GRID_AGES: u64 = 1_000_000;

/// Ages of `output.ages`, and of `cohort.visits`.
pub const LISTED_AGES: u64 = 10_000;

/// Animals per arm: their numbers are exact in every table.
pub const SUBJECTS: RangeInclusive<u64> = 1..=10_000_000;

/// Vectors of a posterior that a cohort draws from.
pub const VECTORS: RangeInclusive<u64> = 2..=100_000;

/// Points of a sweep.
pub const POINTS: RangeInclusive<u64> = 1..=1_000_000_000;

/// Levels of a range of a sweep, or values of a factor.
pub const LEVELS: RangeInclusive<u64> = 2..=1_000_000;

/// Repetitions of a trial.
pub const REPLICATES: RangeInclusive<u64> = 10..=1_000_000;

/// Animals that the groups of a trial are drawn from.
pub const POOL: RangeInclusive<u64> = 100..=1_000_000;

/// Animals per arm of a trial.
pub const GROUP_SIZE: RangeInclusive<u64> = 2..=10_000;

/// Designs of a trial, and group sizes.
pub const DESIGNS: u64 = 100;

/// Starts of a calibration.
pub const STARTS: RangeInclusive<u64> = 1..=10_000;

/// Simulations of one command: at the rate of [`SECONDS_A_SIMULATION`] a month of one processor.
pub const SIMULATIONS: u64 = 10_000_000_000;

/// Bytes of results that one command holds in memory at a time.
pub const BYTES: u64 = 64 << 30;

/// About how long one simulation takes a processor in lanes (`docs/performance.md`).
const SECONDS_A_SIMULATION: f64 = 0.25e-3;

/// About what a cohort holds of one animal of one arm (`docs/performance.md`, growth of a cohort).
pub const BYTES_AN_ANIMAL: u64 = 2900;

/// Threads for each processor, unless more are asked for in so many words: beyond it every thread waits for the
/// others, and the memory of each is spent all the same.
pub const THREADS_A_PROCESSOR: usize = 4;

/// More threads than help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{threads} threads are more than {most}, four for each of the {processors} processors here"
)]
pub struct TooManyThreads {
    /// How many were asked for.
    pub threads: usize,
    /// How many there may be.
    pub most: usize,
    /// How many processors there are.
    pub processors: usize,
}

/// The number of threads to start where there are so many processors: one for each unless others are asked for.
///
/// # Errors
/// More than [`THREADS_A_PROCESSOR`] for each processor.
pub fn threads(asked: Option<usize>, processors: usize) -> Result<usize, TooManyThreads> {
    let threads = asked.unwrap_or(processors);
    let most = processors.saturating_mul(THREADS_A_PROCESSOR);
    if threads <= most {
        return Ok(threads);
    }
    Err(TooManyThreads {
        threads,
        most,
        processors,
    })
}

/// What some work needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Animals simulated, arms and points counted.
    pub simulations: u128,
    /// Bytes of results held at a time.
    pub bytes: u128,
}

impl Work {
    /// Whether it is more than one command may be asked for.
    #[must_use]
    pub fn is_too_much(self) -> bool {
        self.simulations > u128::from(SIMULATIONS) || self.bytes > u128::from(BYTES)
    }

    /// The message that refuses it: what it needs, and what the limit is.
    #[must_use]
    pub fn refusal(self) -> String {
        if self.bytes > u128::from(BYTES) {
            let (needed, most) = (memory(self.bytes), memory(u128::from(BYTES)));
            return format!(
                "the results would take about {needed} of memory; one command may take {most}"
            );
        }
        format!(
            "{} simulations would take about {} of one processor; one command may ask for {}",
            grouped(self.simulations),
            time(self.simulations as f64 * SECONDS_A_SIMULATION),
            grouped(u128::from(SIMULATIONS))
        )
    }
}

/// As "58 GB".
fn memory(bytes: u128) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let (mut size, mut unit) = (bytes as f64, 0);
    while size >= 999.5 && unit + 1 < units.len() {
        size /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(size < 9.95 && unit > 0);
    format!("{size:.digits$} {}", units[unit])
}

/// As "29 days".
fn time(seconds: f64) -> String {
    let (size, unit) = [
        (31_557_600.0, "years"),
        (86_400.0, "days"),
        (3600.0, "hours"),
        (60.0, "minutes"),
    ]
    .into_iter()
    .find(|(length, _)| seconds >= 2.0 * length)
    .map_or((seconds, "seconds"), |(length, unit)| {
        (seconds / length, unit)
    });
    format!("{size:.0} {unit}")
}

/// A whole number in groups of three: "10 000 000".
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_how_much_it_would_be() {
        let work = |simulations, bytes| Work { simulations, bytes };
        assert!(!work(u128::from(SIMULATIONS), u128::from(BYTES)).is_too_much());
        let many = work(200_000_000_000, 0);
        assert!(many.is_too_much());
        assert_eq!(
            many.refusal().replace('\u{a0}', " "),
            "200 000 000 000 simulations would take about 579 days of one processor; one command may \
             ask for 10 000 000 000"
        );
        let large = work(1, 1_600_000_000_000);
        assert!(large.is_too_much());
        assert_eq!(
            large.refusal(),
            "the results would take about 1.6 TB of memory; one command may take 69 GB"
        );
    }

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (58_000_000_000, "58 GB"),
            (999_600, "1.0 MB"),
        ] {
            assert_eq!(memory(bytes), text);
        }
        for (seconds, text) in [
            (1.0, "1 seconds"),
            (7200.0, "2 hours"),
            (86_400.0 * 3.0, "3 days"),
        ] {
            assert_eq!(time(seconds), text);
        }
    }

    #[test]
    fn four_threads_for_each_processor_are_the_most() {
        for (asked, processors, expected) in [
            (None, 6, Some(6)),
            (Some(1), 6, Some(1)),
            (Some(24), 6, Some(24)),
            (Some(25), 6, None),
            (Some(99_999), 64, None),
            (Some(usize::MAX), usize::MAX, Some(usize::MAX)),
        ] {
            assert_eq!(threads(asked, processors).ok(), expected, "{asked:?}");
        }
    }
}
