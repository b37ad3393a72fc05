//! How many threads a command works with.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use gutbrain::limits;

use super::failure::Failure;
use super::usage::Usage;

/// The threads of the process, as many as were asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threads(usize);

impl Threads {
    /// One for each processor, for commands that ask nobody how many.
    ///
    /// # Errors
    /// The system gives none.
    pub(super) fn one_for_each_processor() -> Result<Self, Failure> {
        Self::start(available_parallelism().map_or(1, NonZeroUsize::get))
    }

    fn start(number: usize) -> Result<Self, Failure> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(number)
            .build_global()
            .map_err(|cause| Usage::NoThreads { number, cause })?;
        Ok(Self(number))
    }

    /// Works on one of them, and from there on all.
    pub(super) fn install<R: Send>(self, work: impl FnOnce() -> R + Send) -> R {
        rayon::scope(|_| work())
    }

    /// How many there are.
    pub(super) fn number(self) -> usize {
        self.0
    }
}

/// Options about threads, the same for every command that computes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct ThreadOptions {
    /// Number of threads; never changes a result [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = number)]
    threads: Option<NonZeroUsize>,
    /// Allow more than four threads for each processor
    #[arg(long, requires = "threads")]
    oversubscribe: bool,
}

impl ThreadOptions {
    /// Starts the threads: the only ones of the process, so that nothing ever works with others. Called
    /// before anything is computed.
    ///
    /// # Errors
    /// More threads than [`limits::threads`] allows, or than the system gives.
    pub(super) fn start(&self) -> Result<Threads, Failure> {
        let processors = available_parallelism().map_or(1, NonZeroUsize::get);
        let asked = self.threads.map(NonZeroUsize::get);
        Threads::start(match (asked, self.oversubscribe) {
            (Some(threads), true) => threads,
            _ => limits::threads(asked, processors).map_err(Usage::TooManyThreads)?,
        })
    }
}

fn number(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| {
        "a whole number from 1; without --threads there is one for each processor".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_threads_at_all_are_no_number_of_threads() {
        for text in ["0", "-1", "two", "1.5", ""] {
            assert!(number(text).is_err(), "{text}");
        }
        assert_eq!(number("3").map(NonZeroUsize::get), Ok(3));
    }
}
