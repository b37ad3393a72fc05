//! Splits an expression into tokens.

use std::ops::Range;

/// Longest expression that is read, in bytes.
pub const LONGEST_EXPRESSION: usize = 4000;

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A number, as written.
    Number(String),
    /// A name.
    Name(String),
    /// The text between `[` and `]`: a unit.
    Unit(String),
    /// `+ - * / ^ ( ) ,`
    Symbol(char),
}

/// A mistake in an expression: what, where, and what would help.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) span: Range<usize>,
    pub(super) help: Option<String>,
}

impl Mistake {
    pub(super) fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self {
            message: message.into(),
            span,
            help: None,
        }
    }
}

pub(super) fn split(text: &str) -> Result<Vec<(Token, Range<usize>)>, Mistake> {
    if text.len() > LONGEST_EXPRESSION {
        let message = format!(
            "the expression has {} bytes; at most {LONGEST_EXPRESSION} are read",
            text.len()
        );
        return Err(Mistake::new(message, 0..text.len()));
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let start = at;
        at += first.len_utf8();
        let token = match first {
            c if c.is_whitespace() => continue,
            c if c.is_ascii_digit() || c == '.' => {
                at = end_of_number(text.as_bytes(), start);
                Token::Number(text[start..at].to_owned())
            }
            c if c.is_alphabetic() || c == '_' => {
                at = end_of_name(text, start);
                Token::Name(text[start..at].to_owned())
            }
            '[' => {
                let Some(length) = text[at..].find(']') else {
                    return Err(Mistake::new(
                        "the unit has no closing `]`",
                        start..text.len(),
                    ));
                };
                let unit = text[at..at + length].to_owned();
                at += length + 1;
                Token::Unit(unit)
            }
            '+' | '-' | '*' | '/' | '^' | '(' | ')' | ',' => Token::Symbol(first),
            other => {
                let mut mistake = Mistake::new(
                    format!("`{}` has no meaning in an expression", other.escape_debug()),
                    start..at,
                );
                mistake.help = advice(other);
                return Err(mistake);
            }
        };
        tokens.push((token, start..at));
    }
    Ok(tokens)
}

fn advice(character: char) -> Option<String> {
    let advice = match character {
        '<' | '>' | '=' | '?' | '!' | '&' | '|' => {
            "rates have no conditions: use `hill`, `switch_up`, `positive`, `min` or `max`"
        }
        '×' | '·' | '⋅' => "write products with `*`",
        '−' | '–' => "write minus as `-`",
        _ => return None,
    };
    Some(advice.to_owned())
}

fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = digits(start);
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at = digits(at + 1 + sign);
        }
    }
    at
}

fn end_of_name(text: &str, start: usize) -> usize {
    text[start..]
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .map_or(text.len(), |length| start + length)
}
