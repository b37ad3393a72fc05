//! Numbers as people write them elsewhere: decimal commas, typographic quotes and minus signs,
//! powers of ten, separated thousands.
//!
//! None of them is guessed at. Each is refused with the text that would say the same, because a
//! number that is read otherwise than it was meant is worse than one that is not read.

use super::UnitError;
use super::quantity::number_end;

/// What is wrong with a text whose number ends at `end`, by what stands after it.
pub(super) fn mistake_after(text: &str, end: usize) -> Option<UnitError> {
    let what = kind_after(text, end)?;
    Some(mistake(text, what, end))
}

/// The kind of mistake that what stands after a number betrays.
fn kind_after(text: &str, end: usize) -> Option<&'static str> {
    let (number, after) = text.split_at(end);
    let rest = after.trim_start();
    let touches = rest.len() == after.len();
    let mut characters = rest.chars();
    let (first, second) = (characters.next()?, characters.next());
    let digit_follows = second.is_some_and(|c| c.is_ascii_digit());
    Some(match first {
        ',' | '\u{ff0c}' | '\u{66b}' if touches && digit_follows => "a decimal comma",
        '_' | '\'' | '\u{2019}' if touches && digit_follows => "a separator of thousands",
        '^' => "a power",
        c if superscript(c).is_some() => "a power",
        '\u{d7}' | 'x' | '*' | '\u{b7}' if is_power_of_ten(&rest[first.len_utf8()..]) => {
            "a power of ten"
        }
        '-' | '\u{2013}' | '\u{2014}' | '\u{2212}'
            if starts_with_number(&rest[first.len_utf8()..]) =>
        {
            "a range"
        }
        '\u{b1}' => "a number with an uncertainty",
        '/' if starts_with_number(&rest[1..]) => "a fraction",
        '0'..='9' if is_group(number, rest) => "a separator of thousands",
        _ => return None,
    })
}

/// What is wrong with a text that does not start with a number.
pub(super) fn mistake_before(text: &str) -> Option<UnitError> {
    let first = text.chars().next()?;
    let rest = text[first.len_utf8()..].trim_start();
    let what = match first {
        c if is_quote(c) => "a quotation mark",
        '\u{2212}' | '\u{2010}'..='\u{2015}' | '\u{fe63}' | '\u{ff0d}' => "a typographic minus",
        '-' | '+' if rest.len() + 1 < text.len() && starts_with_number(rest) => {
            "a sign apart from its number"
        }
        '<' | '>' | '~' | '\u{2248}' | '\u{2264}' | '\u{2265}' if starts_with_number(rest) => {
            "more than a number"
        }
        ',' if starts_with_number(rest) => "a decimal comma",
        '\u{ff10}'..='\u{ff19}' => "a full-width digit",
        _ => return None,
    };
    Some(mistake(text, what, 0))
}

fn mistake(text: &str, what: &str, offset: usize) -> UnitError {
    let instead = match what {
        "a range" | "a number with an uncertainty" | "more than a number" => None,
        _ => as_meant(text),
    };
    let help = match (instead, what) {
        (Some(meanings), _) => format!("write {meanings}"),
        (None, "a range" | "a number with an uncertainty" | "more than a number") => {
            "one number is read here, for example \"2 %\"".to_owned()
        }
        (None, "a fraction") => "write a decimal number, for example \"0.5\"".to_owned(),
        (None, _) => "write the number as 1234.5 or 1.2e9".to_owned(),
    };
    UnitError::Number {
        message: format!("`{text}` has {what}"),
        offset,
        help,
    }
}

/// The text, or the two texts, that say what this one means: in quotes.
fn as_meant(text: &str) -> Option<String> {
    let inner = text.trim_matches(|c: char| is_quote(c) || c.is_whitespace());
    let (number, rest) = Reader::new(inner).number()?;
    let join = |number: &str| {
        let text = format!("{number} {}", rest.trim_start());
        let text = text.trim_end().to_owned();
        let (_, end) = number_end(&text)?;
        let clean = kind_after(&text, end).is_none()
            && !text[end..].trim_start().starts_with([',', '.', '-', '_']);
        clean.then_some(format!("\"{text}\""))
    };
    match number {
        Meaning::Only(number) => join(&number),
        Meaning::Either(point, thousands) => {
            Some(format!("{} or {}", join(&point)?, join(&thousands)?))
        }
    }
}

/// The text that a number without quotes means, if it is one of the mistakes known here; for
/// messages about files.
#[must_use]
pub fn written_right(text: &str) -> Option<String> {
    let text = text.trim();
    let right = number_end(text).is_some_and(|(_, end)| kind_after(text, end).is_none());
    if right { None } else { as_meant(text) }
}

/// What a number that is written otherwise means.
enum Meaning {
    Only(String),
    /// "1,000": with a point, and with a separator of thousands.
    Either(String, String),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> Option<char> {
        let found = self.peek().filter(|c| accept(*c))?;
        self.at += found.len_utf8();
        Some(found)
    }

    fn skip_spaces(&mut self) {
        while self.take(char::is_whitespace).is_some() {}
    }

    fn sign(&mut self) -> &'static str {
        let minus = |c| {
            matches!(
                c,
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}'
            )
        };
        if self.take(minus).is_some() {
            self.skip_spaces();
            return "-";
        }
        if self.take(|c| c == '+').is_some() {
            self.skip_spaces();
        }
        ""
    }

    fn digits(&mut self) -> String {
        let mut out = String::new();
        while let Some(digit) = self.take(|c| digit(c).is_some()).and_then(digit) {
            out.push(digit);
        }
        out
    }

    /// Groups of three digits after separators that `accept` knows.
    fn groups(&mut self, accept: impl Fn(char) -> bool + Copy) -> String {
        let mut out = String::new();
        loop {
            let start = self.at;
            let group = match self.take(accept) {
                Some(_) => self.digits(),
                None => return out,
            };
            if group.len() != 3 {
                self.at = start;
                return out;
            }
            out.push_str(&group);
        }
    }

    /// The number at the start and what follows it.
    fn number(mut self) -> Option<(Meaning, &'a str)> {
        let sign = self.sign();
        let whole = self.digits();
        let groups = self.groups(|c| c.is_whitespace() || matches!(c, '_' | '\'' | '\u{2019}'));
        let comma = |c| matches!(c, ',' | '\u{ff0c}' | '\u{66b}');
        let start = self.at;
        let dotted = self.groups(|c| c == '.');
        let groups = if self.peek().is_some_and(comma) {
            // "1.234,5": the point separates thousands where a comma follows.
            format!("{groups}{dotted}")
        } else {
            self.at = start;
            groups
        };
        let start = self.at;
        let thousands = self.groups(comma);
        let second_comma = thousands.len() > 3;
        if !thousands.is_empty() && !second_comma {
            // "1,000" may mean either; "0,500" and "1 000,500" mean one.
            self.at = start;
        }
        let mut number = format!("{sign}{whole}{groups}");
        let mut other = None;
        if second_comma {
            number.push_str(&thousands);
        }
        let mut fraction = String::new();
        if self.take(|c| comma(c) || c == '.').is_some() {
            fraction = self.digits();
            let ambiguous = thousands == fraction && !second_comma && !fraction.is_empty();
            if ambiguous && groups.is_empty() && !whole.starts_with('0') && !whole.is_empty() {
                other = Some(format!("{number}{fraction}"));
            }
        }
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        if whole.is_empty() {
            number.push('0');
        }
        if !fraction.is_empty() {
            number = format!("{number}.{fraction}");
        }
        if let Some(exponent) = self.exponent() {
            return Some((
                Meaning::Only(format!("{number}e{exponent}")),
                &self.text[self.at..],
            ));
        }
        if number.trim_start_matches('-') == "10"
            && let Some(exponent) = self.raised()
        {
            let number = format!("{sign}1e{exponent}");
            return Some((Meaning::Only(number), &self.text[self.at..]));
        }
        let rest = &self.text[self.at..];
        Some(match other {
            Some(other) => (Meaning::Either(number, other), rest),
            None => (Meaning::Only(number), rest),
        })
    }

    /// "e9", "× 10^9", "*10**9", "x 10⁹" at this place: 9.
    fn exponent(&mut self) -> Option<String> {
        let start = self.at;
        if self.take(|c| matches!(c, 'e' | 'E')).is_some() {
            let (sign, digits) = (self.sign(), self.digits());
            if !digits.is_empty() {
                return Some(format!("{sign}{digits}"));
            }
        }
        self.at = start;
        self.skip_spaces();
        if self
            .take(|c| matches!(c, '\u{d7}' | 'x' | '*' | '\u{b7}'))
            .is_some()
        {
            self.skip_spaces();
            if self.digits() == "10"
                && let Some(exponent) = self.raised()
            {
                return Some(exponent);
            }
        }
        self.at = start;
        None
    }

    /// "^9", "**9", "⁹" at this place: 9.
    fn raised(&mut self) -> Option<String> {
        let start = self.at;
        if self.take(|c| c == '^').is_some()
            || (self.take(|c| c == '*').is_some() && self.take(|c| c == '*').is_some())
        {
            let (sign, digits) = (self.sign(), self.digits());
            if !digits.is_empty() {
                return Some(format!("{sign}{digits}"));
            }
        }
        self.at = start;
        let mut out = String::new();
        while let Some(c) = self
            .take(|c| superscript(c).is_some())
            .and_then(superscript)
        {
            out.push(c);
        }
        let found = out.trim_start_matches('-').parse::<u32>().is_ok();
        if !found {
            self.at = start;
        }
        found.then_some(out)
    }
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10),
        _ => None,
    }
}

fn superscript(c: char) -> Option<char> {
    Some(match c {
        '\u{b9}' => '1',
        '\u{b2}' => '2',
        '\u{b3}' => '3',
        '\u{2070}' => '0',
        '\u{2074}'..='\u{2079}' => char::from_digit(u32::from(c) - 0x2070, 10)?,
        '\u{207b}' => '-',
        _ => return None,
    })
}

/// Marks that word processors and other languages set around a text.
pub(crate) fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '`' | '\u{ab}' | '\u{bb}' | '\u{b4}' | '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}'
            | '\u{300c}'..='\u{300f}' | '\u{ff02}' | '\u{ff07}'
    )
}

fn starts_with_number(text: &str) -> bool {
    let text = text.trim_start();
    text.trim_start_matches(['.', ','])
        .starts_with(|c| digit(c).is_some())
}

/// Whether "10^…", "10⁹" or "10**…" stands here.
fn is_power_of_ten(text: &str) -> bool {
    let rest = text.trim_start().strip_prefix("10").map(str::trim_start);
    rest.is_some_and(|rest| {
        rest.starts_with(['^'])
            || rest.starts_with("**")
            || rest.starts_with(|c| superscript(c).is_some())
    })
}

/// Whether a whole number of one to three digits is followed by groups of three: "1 500 d".
fn is_group(number: &str, rest: &str) -> bool {
    let whole = number.trim_start_matches(['+', '-']);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&whole.len())
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && digits == 3
        && !rest[digits..].trim_start().starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::super::quantity::split_quantity;
    use super::*;

    #[test]
    fn numbers_written_elsewhere_are_refused_with_the_text_that_says_the_same() {
        for (text, what, help) in [
            ("0,5 %", "a decimal comma", "write \"0.5 %\""),
            ("-12,25 mM", "a decimal comma", "write \"-12.25 mM\""),
            (
                "1,250 d",
                "a decimal comma",
                "write \"1.250 d\" or \"1250 d\"",
            ),
            ("1.234,5 d", "a decimal comma", "write \"1234.5 d\""),
            ("1,234,567 d", "a decimal comma", "write \"1234567 d\""),
            ("0,500 d", "a decimal comma", "write \"0.500 d\""),
            (",5 d", "a decimal comma", "write \"0.5 d\""),
            ("\u{2212}2 %", "a typographic minus", "write \"-2 %\""),
            ("\u{2013} 2 %", "a typographic minus", "write \"-2 %\""),
            ("- 2 %", "a sign apart from its number", "write \"-2 %\""),
            ("\u{201c}2 %\u{201d}", "a quotation mark", "write \"2 %\""),
            ("'2 %'", "a quotation mark", "write \"2 %\""),
            ("\u{ff12}\u{ff15} d", "a full-width digit", "write \"25 d\""),
            ("10^9 CFU/day", "a power", "write \"1e9 CFU/day\""),
            ("10^-3 M", "a power", "write \"1e-3 M\""),
            ("10\u{2079} CFU/day", "a power", "write \"1e9 CFU/day\""),
            (
                "2 \u{d7} 10^9 CFU/day",
                "a power of ten",
                "write \"2e9 CFU/day\"",
            ),
            (
                "2\u{d7}10\u{2079} CFU/day",
                "a power of ten",
                "write \"2e9 CFU/day\"",
            ),
            ("1,5*10**-3 M", "a decimal comma", "write \"1.5e-3 M\""),
            ("1 500 d", "a separator of thousands", "write \"1500 d\""),
            (
                "1\u{a0}500 000 CFU",
                "a separator of thousands",
                "write \"1500000 CFU\"",
            ),
            ("1_500 d", "a separator of thousands", "write \"1500 d\""),
            ("1'500 d", "a separator of thousands", "write \"1500 d\""),
            (
                "2-3 %",
                "a range",
                "one number is read here, for example \"2 %\"",
            ),
            (
                "2 \u{b1} 1 %",
                "a number with an uncertainty",
                "one number is read here, for example \"2 %\"",
            ),
            (
                "~2 %",
                "more than a number",
                "one number is read here, for example \"2 %\"",
            ),
            (
                "1/2 %",
                "a fraction",
                "write a decimal number, for example \"0.5\"",
            ),
        ] {
            let Err(UnitError::Number {
                message,
                help: found,
                ..
            }) = split_quantity(text)
            else {
                panic!("{text}: {:?}", split_quantity(text));
            };
            assert_eq!(message, format!("`{text}` has {what}"));
            assert_eq!(found, help, "{text}");
        }
    }

    #[test]
    fn numbers_that_are_right_stay_right() {
        for (text, number, unit) in [
            ("2 %", 2.0, "%"),
            ("0.5 1/h", 0.5, "1/h"),
            ("1e-3 mM", 1e-3, "mM"),
            ("-5 d", -5.0, "d"),
            (".5 d", 0.5, "d"),
            ("15 1/day", 15.0, "1/day"),
            ("2 x", 2.0, "x"),
            ("2 '% w/v'", 2.0, "'% w/v'"),
            ("2 10^9 CFU", 2.0, "10^9 CFU"),
            ("38", 38.0, ""),
        ] {
            assert_eq!(split_quantity(text), Ok((number, unit)), "{text}");
            assert_eq!(written_right(text), None, "{text}");
        }
    }

    /// No text makes the search for a better one go on for ever.
    #[test]
    fn any_few_marks_are_read_or_refused() {
        let marks = [
            "1", "000", ",", ".", "^", "/", "-", "\u{2212}", " ", "\u{d7}", "10", "'", "\u{b2}",
            "e", "%",
        ];
        for a in marks {
            for b in marks {
                for c in marks {
                    for d in marks {
                        let _ = split_quantity(&format!("{a}{b}{c}{d}"));
                        let _ = written_right(&format!("{a}{b}{c}{d}"));
                    }
                }
            }
        }
    }
}
