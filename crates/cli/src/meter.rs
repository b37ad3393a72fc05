//! Progress of long work: rate, time left and failures so far.
//!
//! On a terminal one line is rewritten five times a second; in a log a plain line appears every ten
//! seconds; nothing is said of work that is done within a second, or when quiet is wanted.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use super::terminal::Terminal;

/// First word about work that lasts.
const PATIENCE: Duration = Duration::from_secs(1);

/// Progress of a known number of runs.
pub(super) struct Meter<'a> {
    terminal: &'a Terminal,
    what: &'static str,
    total: u64,
    done: u64,
    failed: u64,
    started: Instant,
    spoken: Option<Instant>,
    pause: Duration,
    rewrites: bool,
}

impl<'a> Meter<'a> {
    /// A meter of `total` runs, called `what` in the plural.
    #[expect(clippy::disallowed_methods, reason = "progress reads a clock")]
    pub(super) fn new(terminal: &'a Terminal, what: &'static str, total: u64) -> Self {
        let rewrites = io::stderr().is_terminal() && terminal.is_for_people();
        Self {
            terminal,
            what,
            total,
            done: 0,
            failed: 0,
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
    pub(super) fn add(&mut self, done: u64, failed: u64) {
        self.done += done;
        self.failed += failed;
        let now = Instant::now();
        let since = self
            .spoken
            .map_or(now - self.started, |spoken| now - spoken);
        let wait = match self.spoken {
            Some(_) => self.pause,
            None => self.pause.max(PATIENCE),
        };
        if since >= wait && self.done < self.total {
            self.spoken = Some(now);
            let line = self.line(now - self.started);
            if self.rewrites {
                self.terminal.rewrite(&line);
            } else {
                self.terminal.remark(&line);
            }
        }
    }

    /// Removes the line.
    pub(super) fn finish(self) {
        if self.rewrites && self.spoken.is_some() {
            self.terminal.rewrite("");
        }
    }

    fn line(&self, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(1e-9);
        let rate = self.done as f64 / seconds;
        let left = (self.total - self.done) as f64 / rate.max(1e-9);
        let failed = match self.failed {
            0 => "none failed".to_owned(),
            failed => format!("{failed} failed"),
        };
        format!(
            "{} of {} {} ({:.0} %), {rate:.0} a second, {} left, {failed}",
            self.done,
            self.total,
            self.what,
            100.0 * self.done as f64 / self.total.max(1) as f64,
            duration(left),
        )
    }
}

/// As `40 s`, `12 min`, `3.5 h`.
fn duration(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else if seconds < 5400.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}
