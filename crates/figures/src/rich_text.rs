//! Text with subscripts and superscripts: `CO_2`, `10^3`, `10^{−3} mM`, `TNF_{α}`.
//!
//! A `_` or `^` is markup only before a digit, a sign with a digit, or braces; in `zo1_ileum` it is
//! an ordinary letter. Greek is written as itself. Characters that an XML file cannot hold become
//! `\u{fffd}`; line breaks and tabs become spaces.

use super::scene::TextStyle;

/// Place of a run relative to the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    /// On the baseline.
    None,
    /// Below it, smaller.
    Subscript,
    /// Above it, smaller.
    Superscript,
}

impl Shift {
    /// Size relative to the surrounding text.
    pub(super) fn scale(self) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Subscript | Self::Superscript => 0.72,
        }
    }

    /// Height above the baseline in em of the surrounding text.
    pub(super) fn raise(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Subscript => -0.16,
            Self::Superscript => 0.34,
        }
    }
}

/// Characters at one height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The characters, never empty.
    pub(super) text: String,
    /// Their height.
    pub(super) shift: Shift,
}

/// A line of text in runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RichText {
    runs: Vec<Run>,
}

impl RichText {
    /// Reads markup.
    pub(super) fn parse(markup: &str) -> Self {
        let letters: Vec<char> = markup.chars().map(printable).collect();
        let mut text = Self { runs: Vec::new() };
        let mut position = 0;
        while position < letters.len() {
            let shift = match letters[position] {
                '_' => Shift::Subscript,
                '^' => Shift::Superscript,
                _ => Shift::None,
            };
            match (shift, shifted_letters(&letters[position + 1..])) {
                (Shift::None, _) | (_, None) => {
                    text.push(letters[position], Shift::None);
                    position += 1;
                }
                (shift, Some((content, used))) => {
                    for letter in content {
                        // A hyphen in an exponent is a minus.
                        let minus = shift == Shift::Superscript && *letter == '-';
                        text.push(if minus { '\u{2212}' } else { *letter }, shift);
                    }
                    position += 1 + used;
                }
            }
        }
        text
    }

    fn push(&mut self, letter: char, shift: Shift) {
        match self.runs.last_mut() {
            Some(run) if run.shift == shift => run.text.push(letter),
            _ => self.runs.push(Run {
                text: letter.into(),
                shift,
            }),
        }
    }

    /// The runs in order.
    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Width in millimetres.
    pub(super) fn width(&self, style: TextStyle) -> f64 {
        self.runs
            .iter()
            .map(|run| style.face.width(&run.text) * style.em() * run.shift.scale())
            .sum()
    }

    /// The text, or as much of its beginning as fits into `width` with an ellipsis.
    pub(super) fn fit(&self, width: f64, style: TextStyle) -> Self {
        if self.width(style) <= width {
            return self.clone();
        }
        let mut text = self.clone();
        while let Some(run) = text.runs.last_mut() {
            run.text.pop();
            if run.text.is_empty() {
                text.runs.pop();
                continue;
            }
            let mut shortened = text.clone();
            if let Some(last) = shortened.runs.last_mut() {
                last.text.truncate(last.text.trim_end().len());
            }
            shortened.push('…', Shift::None);
            if shortened.width(style) <= width {
                return shortened;
            }
        }
        text
    }

    /// Breaks the text at spaces into at most `lines` lines of `width`; what is left is cut.
    pub(super) fn wrap(markup: &str, width: f64, lines: usize, style: TextStyle) -> Vec<Self> {
        let mut done = Vec::new();
        let mut current = String::new();
        let mut words = markup.split_whitespace().peekable();
        while let Some(word) = words.peek() {
            let longer = if current.is_empty() {
                (*word).to_owned()
            } else {
                format!("{current} {word}")
            };
            let last_line = done.len() + 1 == lines;
            if current.is_empty() || last_line || Self::parse(&longer).width(style) <= width {
                current = longer;
                words.next();
            } else {
                done.push(Self::parse(&current).fit(width, style));
                current.clear();
            }
        }
        if !current.is_empty() {
            done.push(Self::parse(&current).fit(width, style));
        }
        done
    }
}

/// The letters that a `_` or `^` shifts, and how many letters of markup they take.
fn shifted_letters(rest: &[char]) -> Option<(&[char], usize)> {
    if rest.first() == Some(&'{') {
        let end = rest.iter().position(|letter| *letter == '}')?;
        return (end > 1).then(|| (&rest[1..end], end + 1));
    }
    let sign = usize::from(matches!(rest.first(), Some('-' | '+' | '\u{2212}')));
    let digits = rest[sign..]
        .iter()
        .take_while(|letter| letter.is_ascii_digit())
        .count();
    (digits > 0).then(|| (&rest[..sign + digits], sign + digits))
}

fn printable(letter: char) -> char {
    match letter {
        '\n' | '\r' | '\t' => ' ',
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(markup: &str) -> Vec<(String, Shift)> {
        RichText::parse(markup)
            .runs
            .into_iter()
            .map(|run| (run.text, run.shift))
            .collect()
    }

    #[test]
    fn markup_is_read() {
        use Shift::{None, Subscript, Superscript};
        let run = |text: &str, shift| (text.to_owned(), shift);
        assert_eq!(runs("CO_2"), [run("CO", None), run("2", Subscript)]);
        assert_eq!(
            runs("10^{-3} mM"),
            [run("10", None), run("−3", Superscript), run(" mM", None)]
        );
        assert_eq!(runs("day^-1"), [run("day", None), run("−1", Superscript)]);
        assert_eq!(runs("zo1_ileum ^ _"), [run("zo1_ileum ^ _", None)]);
        assert_eq!(runs("a_{}b_{c"), [run("a_{}b_{c", None)]);
        assert_eq!(runs("a\0b\nc"), [run("a\u{fffd}b c", None)]);
        assert!(runs("").is_empty());
    }

    #[test]
    fn text_is_cut_and_wrapped_to_its_width() {
        let style = TextStyle::regular(7.0);
        let long = "Activated microglia in the lumbar spinal cord, fold of wild type";
        for width in [5.0, 12.0, 30.0, 200.0] {
            assert!(RichText::parse(long).fit(width, style).width(style) <= width);
            for line in RichText::wrap(long, width, 2, style) {
                assert!(line.width(style) <= width);
            }
        }
        assert_eq!(RichText::wrap(long, 50.0, 2, style).len(), 2);
        assert_eq!(RichText::wrap("Weight", 50.0, 2, style).len(), 1);
        assert!(RichText::wrap("  ", 50.0, 2, style).is_empty());
    }
}
