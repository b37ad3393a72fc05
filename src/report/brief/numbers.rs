//! Numbers as a person reads them.

/// A number with about four digits, as a person reads it.
#[must_use]
pub fn short(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        format!("{value:.2e}")
    } else if size >= 1000.0 {
        format!("{value:.0}")
    } else if size >= 100.0 {
        format!("{value:.1}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// A result that is smaller than this share of what it is one of is rounding of zero.
const ROUNDING: f64 = 1e-12;

/// A result that is smaller than this in any unit is rounding of zero: no unit of the model counts so
/// little (3e-13 g is a bacterium).
const NOTHING: f64 = 1e-30;

/// A result of a computation among others as large as `size`: what is only rounding of zero is zero.
#[must_use]
pub fn amount(value: f64, size: f64) -> String {
    if value.abs() <= (ROUNDING * size.abs()).max(NOTHING) {
        "0".to_owned()
    } else {
        short(value)
    }
}

/// An age, a stroke for none.
pub(super) fn age(days: Option<f64>) -> String {
    days.map_or_else(|| "-".to_owned(), |days| format!("{days:.1} d"))
}

/// Days with their sign; none before what rounds to nothing.
#[must_use]
pub fn difference(days: Option<f64>) -> String {
    days.map_or_else(String::new, |days| match format!("{days:+.1} d") {
        none if none == "+0.0 d" || none == "-0.0 d" => "0.0 d".to_owned(),
        signed => signed.replace('-', "\u{2212}"),
    })
}

/// A p value as it is printed in a paper.
pub(super) fn probability(p: f64) -> String {
    if p < 1e-3 {
        format!("{p:.1e}")
    } else {
        format!("{p:.3}")
    }
}

/// A number with so many digits after the point, a stroke for none.
pub(super) fn fixed(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}
