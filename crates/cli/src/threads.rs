//! How many threads a command works with.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use super::failure::Failure;

/// Most threads for each processor, unless more are asked for in so many words: beyond it every
/// thread waits for the others, and the memory of each is spent all the same.
const MOST_PER_PROCESSOR: usize = 4;

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
            .map_err(|error| Failure::Usage(format!("cannot start {number} threads: {error}")))?;
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
    /// More threads than [`MOST_PER_PROCESSOR`] allows, or than the system gives.
    pub(super) fn start(&self) -> Result<Threads, Failure> {
        let processors = available_parallelism().map_or(1, NonZeroUsize::get);
        let number = self.checked(processors).map_err(Failure::Usage)?;
        Threads::start(number)
    }

    /// The number to start where there are so many processors.
    fn checked(&self, processors: usize) -> Result<usize, String> {
        let Some(threads) = self.threads.map(NonZeroUsize::get) else {
            return Ok(processors);
        };
        let most = processors.saturating_mul(MOST_PER_PROCESSOR);
        if threads <= most || self.oversubscribe {
            return Ok(threads);
        }
        Err(format!(
            "--threads {threads} is more than {most}, four for each of the {processors} processors \
             here\n  help: use --threads {processors}, which is fastest, or add --oversubscribe"
        ))
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

    fn checked(
        threads: Option<usize>,
        oversubscribe: bool,
        processors: usize,
    ) -> Result<usize, String> {
        let threads = threads.and_then(NonZeroUsize::new);
        ThreadOptions {
            threads,
            oversubscribe,
        }
        .checked(processors)
    }

    #[test]
    fn four_threads_for_each_processor_are_the_most_unless_more_are_asked_for() {
        for (threads, oversubscribe, processors, expected) in [
            (None, false, 6, Some(6)),
            (Some(1), false, 6, Some(1)),
            (Some(24), false, 6, Some(24)),
            (Some(25), false, 6, None),
            (Some(25), true, 6, Some(25)),
            (Some(99_999), false, 64, None),
            (Some(usize::MAX), false, usize::MAX, Some(usize::MAX)),
        ] {
            let found = checked(threads, oversubscribe, processors);
            assert_eq!(found.clone().ok(), expected, "{threads:?} {found:?}");
        }
        let message = checked(Some(99_999), false, 2).unwrap_err();
        assert_eq!(
            message,
            "--threads 99999 is more than 8, four for each of the 2 processors here\n  help: use \
             --threads 2, which is fastest, or add --oversubscribe"
        );
    }

    #[test]
    fn no_threads_at_all_are_no_number_of_threads() {
        for text in ["0", "-1", "two", "1.5", ""] {
            assert!(number(text).is_err(), "{text}");
        }
        assert_eq!(number("3").map(NonZeroUsize::get), Ok(3));
    }
}
