//! Numbers in the sentences of figures: p values, intervals, a true minus.

use super::ticks::label;

/// A p value as it is printed: two digits, never 0.
pub(super) fn write_p(p: f64) -> String {
    if !p.is_finite() {
        "p not known".into()
    } else if p < 1e-4 {
        "p < 0.0001".into()
    } else if p < 0.001 {
        format!("p = {p:.4}")
    } else if p < 0.1 {
        format!("p = {p:.3}")
    } else {
        format!("p = {p:.2}")
    }
}

/// A number with about three digits and a true minus.
pub(super) fn write_number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "?".to_owned();
    }
    if size >= 1e5 || (size > 0.0 && size < 1e-3) {
        return format!("{value:.1e}").replace('-', "\u{2212}");
    }
    let decimals = match size {
        _ if size >= 100.0 => 0,
        _ if size >= 10.0 => 1,
        _ => 2,
    };
    label(value, decimals)
}

/// `estimate (lower to upper)`; an end that is not known is a question mark.
pub(super) fn write_interval(estimate: f64, lower: Option<f64>, upper: Option<f64>) -> String {
    let end = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), write_number);
    let estimate = write_number(estimate);
    match (lower, upper) {
        (None, None) => estimate,
        _ => format!("{estimate} ({} to {})", end(lower), end(upper)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_is_never_nought() {
        assert_eq!(write_p(0.0), "p < 0.0001");
        assert_eq!(write_p(0.000_42), "p = 0.0004");
        assert_eq!(write_p(0.0421), "p = 0.042");
        assert_eq!(write_p(1.0), "p = 1.00");
        assert_eq!(write_p(f64::NAN), "p not known");
        assert_eq!(write_p(f64::INFINITY), "p not known");
        assert_eq!(write_number(f64::NEG_INFINITY), "?");
    }

    #[test]
    fn numbers_have_about_three_digits() {
        let written = [130.24, 38.04, 0.314, -4.2, 0.0, 2.5e-7].map(write_number);
        assert_eq!(
            written,
            [
                "130",
                "38.0",
                "0.31",
                "\u{2212}4.20",
                "0.00",
                "2.5e\u{2212}7"
            ]
        );
        assert_eq!(
            write_interval(0.31, Some(0.2), Some(0.47)),
            "0.31 (0.20 to 0.47)"
        );
        assert_eq!(write_interval(129.0, Some(125.0), None), "129 (125 to ?)");
        assert_eq!(write_interval(129.0, None, None), "129");
    }
}
