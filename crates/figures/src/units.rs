//! Units as they stand on an axis: `1/(mM*day)` is written mM⁻¹ day⁻¹.

/// Unit text of the model as rich text; `None` for what has no unit.
///
/// Only spelling changes (`uM` becomes µM, quotients become negative powers); a unit that is not a
/// plain product is written as it is.
pub(super) fn write_unit(unit: &str) -> Option<String> {
    match unit.trim() {
        "" | "1" => None,
        plain => Some(rewrite(plain).unwrap_or_else(|| plain.to_owned())),
    }
}

/// The title of an axis: unit and power of ten.
pub(super) fn axis_unit(unit: &str, exponent: i32) -> String {
    let power = if exponent == 0 {
        String::new()
    } else {
        format!("10^{{{exponent}}}")
    };
    match (power.is_empty(), write_unit(unit)) {
        (true, Some(unit)) => unit,
        (true, None) => "dimensionless".into(),
        (false, Some(unit)) => format!("{power} {unit}"),
        (false, None) => power,
    }
}

fn rewrite(unit: &str) -> Option<String> {
    let mut written: Vec<String> = Vec::new();
    let (mut sign, mut inside) = (1, false);
    let mut name = String::new();
    // A mark after the end closes the last factor.
    for letter in unit.chars().chain(['*']) {
        match letter {
            '*' | '/' | '(' | ')' => {
                if !name.trim().is_empty() {
                    written.extend(factor(name.trim(), sign)?);
                }
                name.clear();
                match letter {
                    '/' if inside => return None,
                    '/' => sign = -1,
                    '(' if sign < 0 && !inside => inside = true,
                    '(' => return None,
                    ')' if inside => {
                        inside = false;
                        sign = 1;
                    }
                    ')' => return None,
                    _ if !inside => sign = 1,
                    _ => {}
                }
            }
            letter => name.push(letter),
        }
    }
    (!inside && !written.is_empty()).then(|| written.join(" "))
}

/// One factor with its power; nothing for the 1 of `1/day`.
fn factor(text: &str, sign: i32) -> Option<Option<String>> {
    if text == "1" {
        return Some(None);
    }
    let (name, power) = match text.split_once('^') {
        Some((name, power)) => (name, power.parse::<i32>().ok()?.checked_mul(sign)?),
        None => (text, sign),
    };
    if name.chars().any(char::is_whitespace) {
        return None;
    }
    let name = match name.strip_prefix('u') {
        Some(rest @ ("M" | "g" | "l" | "L" | "m" | "mol")) => format!("µ{rest}"),
        _ => name.to_owned(),
    };
    Some(Some(if power == 1 {
        name
    } else {
        format!("{name}^{{{power}}}")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_written_as_journals_do() {
        for (unit, written) in [
            ("mM", "mM"),
            ("uM", "µM"),
            ("1/day", "day^{-1}"),
            ("pg/ml", "pg ml^{-1}"),
            ("nmol/min/mg", "nmol min^{-1} mg^{-1}"),
            ("1/(mM*day)", "mM^{-1} day^{-1}"),
            ("m^2/day", "m^{2} day^{-1}"),
            ("%", "%"),
            ("% w/v", "% w/v"),
            ("10 mM", "10 mM"),
            ("a/(b/c)", "a/(b/c)"),
            ("((", "(("),
        ] {
            assert_eq!(write_unit(unit).as_deref(), Some(written), "{unit}");
        }
        assert_eq!(write_unit("1"), None);
        assert_eq!(axis_unit("mM", -3), "10^{-3} mM");
        assert_eq!(axis_unit("1", 0), "dimensionless");
    }
}
