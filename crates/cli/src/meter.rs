//! Progress of long work: rate, time left and failures so far.
//!
//! On a terminal one line is rewritten five times a second; in a log a plain line appears every ten
//! seconds; nothing is said of work that is done within a second, or when quiet is wanted.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use super::terminal::Terminal;

/// First word about work that lasts.
const PATIENCE: Duration = Duration::from_secs(1);

/// Progress of a number of runs.
pub(super) struct Meter<'a> {
    terminal: &'a Terminal,
    what: &'static str,
    /// Nothing if nobody knows how many they will be.
    total: Option<u64>,
    /// Said at the end of the line.
    note: String,
    done: u64,
    failed: u64,
    started: Instant,
    spoken: Option<Instant>,
    pause: Duration,
    rewrites: bool,
}

impl<'a> Meter<'a> {
    /// A meter of `total` runs, called `what` in the plural.
    pub(super) fn new(terminal: &'a Terminal, what: &'static str, total: u64) -> Self {
        Self::start(terminal, what, Some(total))
    }

    /// A meter of runs of which nobody knows how many they will be.
    pub(super) fn counting(terminal: &'a Terminal, what: &'static str) -> Self {
        Self::start(terminal, what, None)
    }

    #[expect(clippy::disallowed_methods, reason = "progress reads a clock")]
    fn start(terminal: &'a Terminal, what: &'static str, total: Option<u64>) -> Self {
        let rewrites = io::stderr().is_terminal() && terminal.is_for_people();
        Self {
            terminal,
            what,
            total,
            note: String::new(),
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
        if since >= wait && self.total.is_none_or(|total| self.done < total) {
            self.spoken = Some(now);
            let line = self.line(now - self.started);
            if self.rewrites {
                self.terminal.rewrite(&line);
            } else {
                self.terminal.remark(&line);
            }
        }
    }

    /// What the line ends with from now on.
    pub(super) fn note(&mut self, note: String) {
        self.note = note;
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
        let Some(total) = self.total else {
            let Self {
                done, what, note, ..
            } = self;
            return format!("{done} {what}, {}{note}", pace(rate));
        };
        let left = total.saturating_sub(self.done) as f64 / rate.max(1e-9);
        let failed = match self.failed {
            0 => "none failed".to_owned(),
            failed => format!("{failed} failed"),
        };
        format!(
            "{} of {total} {} ({:.0} %), {}, {} left, {failed}{}",
            self.done,
            self.what,
            100.0 * self.done as f64 / total.max(1) as f64,
            pace(rate),
            duration(left),
            self.note,
        )
    }
}

/// As `300 a second`, `2.5 a second`, `7 a minute`, `3 an hour`: never none of what goes on.
fn pace(per_second: f64) -> String {
    let (count, span) = if per_second >= 1.0 {
        (per_second, "a second")
    } else if per_second >= 1.0 / 60.0 {
        (60.0 * per_second, "a minute")
    } else {
        (3600.0 * per_second, "an hour")
    };
    if count < 9.95 {
        format!("{count:.1} {span}")
    } else {
        format!("{count:.0} {span}")
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

#[cfg(test)]
mod tests {
    use super::pace;

    #[test]
    fn slow_work_has_a_pace_too() {
        for (per_second, text) in [
            (2790.6, "2791 a second"),
            (1.0, "1.0 a second"),
            (0.12, "7.2 a minute"),
            (0.001, "3.6 an hour"),
            (0.0, "0.0 an hour"),
        ] {
            assert_eq!(pace(per_second), text);
        }
    }
}
