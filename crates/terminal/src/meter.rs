//! Progress of long work on the terminal: rate, time left and failures so far.
//!
//! On a terminal one line is rewritten five times a second; in a log a plain line appears every ten
//! seconds; nothing is said of work that is done within a second, or when quiet is wanted.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use super::Terminal;
use gutbrain::study::Pace;

/// First word about work that lasts.
const PATIENCE: Duration = Duration::from_secs(1);

/// Progress of a number of runs.
#[derive(Debug)]
pub struct Meter<'a> {
    terminal: &'a Terminal,
    pace: Pace,
    started: Instant,
    spoken: Option<Instant>,
    pause: Duration,
    rewrites: bool,
}

impl<'a> Meter<'a> {
    /// A meter of `total` runs, called `what` in the plural; 0 if nobody knows how many they will be.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "progress reads a clock")]
    pub fn new(terminal: &'a Terminal, what: &'static str, total: u64) -> Self {
        let rewrites = io::stderr().is_terminal() && terminal.is_for_people();
        Self {
            terminal,
            pace: Pace {
                what,
                total: (total > 0).then_some(total),
                ..Pace::default()
            },
            started: Instant::now(),
            spoken: None,
            pause: if rewrites {
                Duration::from_millis(200)
            } else {
                Duration::from_secs(10)
            },
            rewrites,
        }
    }

    /// Counts finished runs and says so now and then.
    #[expect(clippy::disallowed_methods, reason = "progress reads a clock")]
    pub fn add(&mut self, done: u64, failed: u64) {
        self.pace.done += done;
        self.pace.failed += failed;
        let now = Instant::now();
        let since = now - self.spoken.unwrap_or(self.started);
        let wait = match self.spoken {
            Some(_) => self.pause,
            None => self.pause.max(PATIENCE),
        };
        if since >= wait && self.pace.goes_on() {
            self.spoken = Some(now);
            let line = self.pace.line(now - self.started);
            if self.rewrites {
                self.terminal.rewrite(&line);
            } else {
                self.terminal.remark(&line);
            }
        }
    }

    /// What the line ends with from now on.
    pub fn note(&mut self, words: &str) {
        self.pace.detail = format!("; {words}");
    }

    /// Removes the line.
    pub fn finish(self) {
        if self.rewrites && self.spoken.is_some() {
            self.terminal.rewrite("");
        }
    }
}
