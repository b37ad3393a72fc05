//! Long work on threads of its own, while the calling thread listens.
//!
//! The interpreter's lock is free while work goes on. The calling thread alone speaks to Python: it tells
//! a listener of the progress, asks for signals twenty times a second, and cancels the work when one of
//! both raises. So a `KeyboardInterrupt` ends a study between two of its blocks, whatever thread works.

use std::panic::resume_unwind;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use gutbrain::study::Progress;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors;

/// How long signals wait.
const PATIENCE: Duration = Duration::from_millis(50);

/// A piece of news.
enum News {
    Begin(&'static str, u64),
    Advance(u64, u64),
    Detail(String),
    End,
    Warning(String),
    Note(String),
}

/// Hears of the progress on any thread and hands it to the thread that listens.
struct Reporter<'c> {
    news: Sender<News>,
    cancelled: &'c AtomicBool,
}

impl Reporter<'_> {
    fn send(&self, news: News) {
        // The listener is gone only if it panicked; then nobody is left to tell.
        let _ = self.news.send(news);
    }
}

impl Progress for Reporter<'_> {
    fn begin(&self, what: &'static str, total: u64) {
        self.send(News::Begin(what, total));
    }

    fn advance(&self, done: u64, failed: u64) {
        self.send(News::Advance(done, failed));
    }

    fn detail(&self, words: &str) {
        self.send(News::Detail(words.to_owned()));
    }

    fn end(&self) {
        self.send(News::End);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn warn(&self, message: &str) {
        self.send(News::Warning(message.to_owned()));
    }

    fn note(&self, message: &str) {
        self.send(News::Note(message.to_owned()));
    }
}

/// Does `work` with so many threads (one for each processor without a number) and tells `listener`, an
/// object with `begin(what, total)`, `advance(done, failed)`, `detail(words)`, `end()`,
/// `warn(message)` and `note(message)`.
///
/// # Errors
/// What the listener or a signal raised, in the place of what the work came to; threads that the system
/// does not give; instructions (`GUTBRAIN_NATIVE`) that nobody knows.
pub(crate) fn listen<T: Send>(
    listener: &Bound<'_, PyAny>,
    threads: Option<usize>,
    work: impl FnOnce(&dyn Progress) -> T + Send,
) -> PyResult<T> {
    gutbrain::simulate::instruction_set()
        .map_err(|unknown| errors::of_question(unknown.to_string()))?;
    let pool = pool(threads)?;
    let (news, heard) = channel();
    let cancelled = AtomicBool::new(false);
    let py = listener.py();
    let listener = listener.clone().unbind();
    let (pool, cancelled, listener) = (&pool, &cancelled, &listener);
    py.detach(move || {
        thread::scope(|scope| {
            let worker = scope.spawn(move || {
                let reporter = Reporter { news, cancelled };
                pool.install(|| work(&reporter))
            });
            let mut raised: Option<PyErr> = None;
            loop {
                let news = match heard.recv_timeout(PATIENCE) {
                    Ok(news) => Some(news),
                    Err(RecvTimeoutError::Timeout) => None,
                    // The worker let its end go: it has finished.
                    Err(RecvTimeoutError::Disconnected) => break,
                };
                if raised.is_some() {
                    continue;
                }
                let told = Python::attach(|py| {
                    py.check_signals()?;
                    news.map_or(Ok(()), |news| tell(listener.bind(py), news))
                });
                if let Err(error) = told {
                    raised = Some(error);
                    cancelled.store(true, Ordering::Relaxed);
                }
            }
            match worker.join() {
                Ok(done) => raised.map_or(Ok(done), Err),
                Err(panic) => resume_unwind(panic),
            }
        })
    })
}

fn tell(listener: &Bound<'_, PyAny>, news: News) -> PyResult<()> {
    match news {
        News::Begin(what, total) => listener.call_method1("begin", (what, total))?,
        News::Advance(done, failed) => listener.call_method1("advance", (done, failed))?,
        News::Detail(words) => listener.call_method1("detail", (words,))?,
        News::End => listener.call_method0("end")?,
        News::Warning(message) => listener.call_method1("warn", (message,))?,
        News::Note(message) => listener.call_method1("note", (message,))?,
    };
    Ok(())
}

/// The threads that worked last: of which process, and how many.
static LAST: Mutex<Option<(u32, usize, Arc<ThreadPool>)>> = Mutex::new(None);

/// Threads to work with. A process that was forked has none of its parent's, so it starts its own.
fn pool(threads: Option<usize>) -> PyResult<Arc<ThreadPool>> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let number = threads.unwrap_or(processors);
    if number == 0 {
        return Err(errors::of_question(
            "no threads at all cannot compute\n  help: leave `threads` out for one on each processor",
        ));
    }
    // As the command line: more than that only wait for each other.
    let most = processors.saturating_mul(4);
    if number > most {
        return Err(errors::of_question(format!(
            "threads={number} is more than {most}, four for each of the {processors} processors here\n  \
             help: use threads={processors}, which is fastest"
        )));
    }
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let here = process::id();
    if let Some((process, known, pool)) = last.as_ref()
        && (*process, *known) == (here, number)
    {
        return Ok(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(number)
        .build()
        .map_err(|error| errors::other(format!("cannot start {number} threads: {error}")))?;
    let pool = Arc::new(pool);
    let earlier = last.replace((here, number, Arc::clone(&pool)));
    if let Some((process, _, earlier)) = earlier
        && process != here
    {
        // Threads of the parent: nothing of theirs may be waited for or told to end.
        std::mem::forget(earlier);
    }
    Ok(pool)
}
