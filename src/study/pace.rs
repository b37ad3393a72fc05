//! How far a stage of a study is, in words: done and failed, pace, time that is left.

use std::time::Duration;

/// A stage of a study, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pace {
    /// What is counted, in the plural.
    pub what: &'static str,
    /// Nothing if nobody knows how many they will be.
    pub total: Option<u64>,
    /// How many are done, those that failed among them.
    pub done: u64,
    /// How many failed.
    pub failed: u64,
    /// Said at the end of the line.
    pub detail: String,
}

impl Pace {
    /// A line about it after so long.
    #[must_use]
    pub fn line(&self, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(1e-9);
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of runs are far below 2^53"
        )]
        let [done, left] = [self.done, self.total.unwrap_or(0).saturating_sub(self.done)]
            .map(|count| count as f64);
        let rate = done / seconds;
        let Self { what, detail, .. } = self;
        let Some(total) = self.total else {
            return format!("{} {what}, {}{detail}", self.done, pace(rate));
        };
        let failed = match self.failed {
            0 => "none failed".to_owned(),
            failed => format!("{failed} failed"),
        };
        format!(
            "{} of {total} {what} ({:.0} %), {}, {} left, {failed}{detail}",
            self.done,
            100.0 * done / total.max(1) as f64,
            pace(rate),
            duration(left / rate.max(1e-9)),
        )
    }

    /// Whether some of them are still to be done.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.total.is_none_or(|total| self.done < total)
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
    use super::*;

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

    #[test]
    fn a_line_says_what_is_done_and_what_is_left() {
        let counted = Pace {
            what: "lives",
            total: Some(40),
            done: 10,
            failed: 1,
            detail: String::new(),
        };
        let line = counted.line(Duration::from_secs(5));
        assert_eq!(
            line,
            "10 of 40 lives (25 %), 2.0 a second, 15 s left, 1 failed"
        );
        let open = Pace {
            total: None,
            detail: "; best 2.86".to_owned(),
            ..counted
        };
        let line = open.line(Duration::from_secs(5));
        assert_eq!(line, "10 lives, 2.0 a second; best 2.86");
        assert!(open.goes_on());
    }
}
