//! Whom a figure shows, and how its subjects tell time.
//!
//! Data are ages in days everywhere; only what is written on axes and in legends follows the clock.

use super::panel::Axis;
use super::ticks::{Range, Ticks};
use super::words::write_interval;

/// The words of a figure for its subjects, and their clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    /// Many of them, in lower case: `animals`.
    pub many: String,
}

impl Default for Subjects {
    fn default() -> Self {
        Self {
            many: "animals".to_owned(),
        }
    }
}

/// How ages are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// Title of an axis of ages.
    pub title: String,
    /// Unit of it: `d`.
    pub unit: String,
    /// Days in the unit.
    pub days: f64,
    /// The age in days from which it is counted.
    pub zero: f64,
    /// What a number of it is counted from, in words with a blank before them: ` from onset`; may be empty.
    pub since: String,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            title: "Age".to_owned(),
            unit: "d".to_owned(),
            days: 1.0,
            zero: 0.0,
            since: String::new(),
        }
    }
}

/// The words and the clock of those who are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// What they are called.
    pub subjects: Subjects,
    /// How they tell time.
    pub clock: Clock,
}

impl Subjects {
    /// The word at the beginning of a sentence.
    pub(super) fn first(&self) -> String {
        let mut letters = self.many.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect()
    }
}

impl Clock {
    /// Whether ages are written as they are, in days.
    fn is_plain(&self) -> bool {
        self.unit == "d" && self.zero.total_cmp(&0.0).is_eq()
    }

    /// An age in its unit.
    #[must_use]
    pub fn read(&self, age: f64) -> f64 {
        (age - self.zero) / self.days
    }

    /// An axis of ages in days with about `count` ticks at round numbers of its unit.
    pub(super) fn axis(&self, ages: Range, count: usize) -> Axis {
        if self.is_plain() {
            return Axis::new(&self.title, &self.unit, ages, count);
        }
        let shown = Range {
            low: self.read(ages.low),
            high: self.read(ages.high),
        };
        let Ticks { marks, exponent } = match self.unit.as_str() {
            "month" => Ticks::of_dozens(shown, count),
            _ => Ticks::nice(shown, count),
        };
        let marks = marks.into_iter();
        Axis {
            title: self.title.clone(),
            unit: many(&self.unit),
            range: ages,
            ticks: Ticks {
                marks: marks
                    .map(|(value, label)| (self.zero + self.days * value, label))
                    .collect(),
                exponent,
            },
        }
    }

    /// An axis of differences between ages in days.
    pub(super) fn axis_of_spans(&self, title: &str, spans: Range, count: usize) -> Axis {
        let spans_alone = Self {
            title: title.to_owned(),
            zero: 0.0,
            ..self.clone()
        };
        spans_alone.axis(spans, count)
    }

    /// An age with its interval in words, as `129 (125 to 131) d`.
    pub(super) fn write(&self, age: f64, lower: Option<f64>, upper: Option<f64>) -> String {
        let read = |age: f64| self.read(age);
        let interval = write_interval(read(age), lower.map(read), upper.map(read));
        format!("{interval} {}", self.unit_since())
    }

    /// An age as a number of its unit, as short as it is.
    pub(super) fn number(&self, age: f64) -> String {
        match self.is_plain() {
            true => age.to_string(),
            false => short_number(self.read(age)),
        }
    }

    /// A length in days as a number of the unit.
    pub(super) fn length(&self, days: f64) -> String {
        match self.is_plain() {
            true => format!("{days} d"),
            false => format!("{} {}", short_number(days / self.days), many(&self.unit)),
        }
    }

    /// The unit after a number, and since when it is counted.
    #[must_use]
    pub fn unit_since(&self) -> String {
        format!("{}{}", many(&self.unit), self.since)
    }

    /// What the beginning of a life is called.
    pub(super) fn beginning(&self) -> &'static str {
        match self.is_plain() {
            true => "birth",
            false => "the beginning",
        }
    }

    /// A difference between two ages in days with one decimal and its sign.
    pub(super) fn write_gain(&self, days: f64) -> String {
        let gain = days / self.days;
        // The sign of the rounded number: no plus or minus before 0.0.
        let size = format!("{:.1}", gain.abs());
        let sign = match size.as_str() {
            "0.0" => "",
            _ if gain > 0.0 => "+",
            _ => "\u{2212}",
        };
        format!("{sign}{size} {}", many(&self.unit))
    }
}

/// A number with at most one decimal and a true minus.
fn short_number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    match text.strip_prefix('-') {
        Some("0") => "0".to_owned(),
        Some(size) => format!("\u{2212}{size}"),
        None => text.to_owned(),
    }
}

/// A unit as it stands after many: a word takes the plural, a symbol stays.
fn many(unit: &str) -> String {
    match unit {
        "day" | "week" | "month" | "year" => format!("{unit}s"),
        symbol => symbol.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months() -> Clock {
        Clock {
            title: "Time from expected onset".to_owned(),
            unit: "month".to_owned(),
            days: 30.4375,
            zero: 3652.5,
            since: " from expected onset".to_owned(),
        }
    }

    #[test]
    fn ticks_stand_at_whole_years_of_months() {
        let ages = Range {
            low: 2500.0,
            high: 7400.0,
        };
        let axis = months().axis(ages, 8);
        let labels: Vec<&str> = axis
            .ticks
            .marks
            .iter()
            .map(|mark| mark.1.as_str())
            .collect();
        assert_eq!(labels, ["\u{2212}24", "0", "24", "48", "72", "96", "120"]);
        assert!((axis.ticks.marks[1].0 - 3652.5).abs() < 1e-9);
        assert_eq!(axis.unit, "months");
        let plain = Clock::default().axis(ages, 8);
        assert_eq!(plain, Axis::new("Age", "d", ages, 8));
    }

    #[test]
    fn ages_are_written_from_onset_and_gains_as_lengths() {
        let of = |months: f64| 3652.5 + 30.4375 * months;
        assert_eq!(
            months().write(of(30.0), Some(of(28.5)), None),
            "30.0 (28.5 to ?) months from expected onset"
        );
        assert_eq!(months().write_gain(-30.4375), "\u{2212}1.0 months");
        assert_eq!(Clock::default().write(129.0, None, None), "129 d");
        assert_eq!(Clock::default().write_gain(0.04), "0.0 d");
        assert_eq!(Subjects::default().first(), "Animals");
    }
}
