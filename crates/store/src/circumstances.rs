//! Clocks, host and threads: what the manifest says beyond the function of the input.
#![expect(clippy::disallowed_methods, reason = "only the manifest reads a clock")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Manifest;

/// Measures how long a command takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    started: Instant,
}

impl Stopwatch {
    /// Starts measuring.
    #[must_use]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// Writes duration, date, host and threads into the manifest.
    pub fn describe(&self, manifest: &mut Manifest, threads: usize) {
        let mut note = |name: &str, text: String| {
            manifest.circumstances.insert(name.to_owned(), text);
        };
        note(
            "seconds",
            format!("{:.3}", self.started.elapsed().as_secs_f64()),
        );
        if let Ok(since) = SystemTime::now().duration_since(UNIX_EPOCH) {
            note("written", date_and_time(since.as_secs()));
        }
        note("threads", threads.to_string());
        note(
            "system",
            format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        );
        if let Ok(host) = std::fs::read_to_string("/etc/hostname") {
            note("host", host.trim().to_owned());
        }
    }
}

/// `2026-11-22T11:05:09Z` of seconds since 1970, by the Gregorian calendar.
fn date_and_time(seconds: u64) -> String {
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + u64::from(is_leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
    ] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!(
        "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
        days + 1
    )
}

#[cfg(test)]
mod tests {
    use super::date_and_time;

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(date_and_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(date_and_time(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(date_and_time(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(date_and_time(1_795_345_509), "2026-11-22T11:05:09Z");
    }
}
