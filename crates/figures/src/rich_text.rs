//! Text with subscripts and superscripts: `CO_2`, `10^3`, `10^{−3} mM`, `TNF_{α}`.
//!
//! A `_` or `^` is markup only before a digit, a sign with a digit, or braces; in `zo1_ileum` it is
//! an ordinary letter. Greek is written as itself. Characters that an XML file cannot hold become
//! `\u{fffd}`; line breaks and tabs become spaces. Characters that the typeface lacks would all be the
//! same empty box: they are written as their code numbers, `[U+5BFE U+7167]`, and remembered.

use super::fonts::Face;
use super::scene::{LINE, TextStyle};
use std::collections::BTreeSet;

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
    missing: Option<Missing>,
}

/// What the typeface lacks of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// The text as it was given.
    pub(super) text: String,
    /// The characters.
    pub(super) letters: BTreeSet<char>,
}

impl RichText {
    /// Reads markup.
    pub(super) fn parse(markup: &str) -> Self {
        let (letters, missing) = letters_of(markup);
        let missing = (!missing.is_empty()).then(|| Missing {
            text: markup.to_owned(),
            letters: missing,
        });
        let mut text = Self {
            runs: Vec::new(),
            missing,
        };
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

    /// What the typeface lacks.
    pub(super) fn missing(&self) -> Option<&Missing> {
        self.missing.as_ref()
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
    ///
    /// A word wider than a line is broken too, after a mark such as `_` or `-` if there is one.
    pub(super) fn wrap(markup: &str, width: f64, lines: usize, style: TextStyle) -> Vec<Self> {
        let words = markup.split_whitespace();
        let words = words.flat_map(|word| broken(word, width, style));
        let mut done = Vec::new();
        let mut current = String::new();
        for (piece, begins_word) in words {
            let gap = if current.is_empty() || !begins_word {
                ""
            } else {
                " "
            };
            let longer = format!("{current}{gap}{piece}");
            let last_line = done.len() + 1 == lines;
            if current.is_empty() || last_line || Self::parse(&longer).width(style) <= width {
                current = longer;
            } else {
                done.push(Self::parse(&current).fit(width, style));
                current = piece;
            }
        }
        if !current.is_empty() {
            done.push(Self::parse(&current).fit(width, style));
        }
        for line in &mut done {
            if let Some(missing) = &mut line.missing {
                markup.clone_into(&mut missing.text);
            }
        }
        done
    }
}

/// A word in pieces that fit into `width`, and whether each begins the word.
fn broken(word: &str, width: f64, style: TextStyle) -> Vec<(String, bool)> {
    let fits = |text: &str| RichText::parse(text).width(style) <= width;
    if fits(word) {
        return vec![(word.to_owned(), true)];
    }
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for letter in word.chars() {
        piece.push(letter);
        if fits(&piece) || piece.chars().count() < 2 {
            continue;
        }
        // The letter is one too many: back to the last mark, if it is not near the beginning.
        let marks = piece
            .char_indices()
            .filter(|(_, letter)| "_-/,;:.)".contains(*letter));
        let mut after = marks.map(|(at, mark)| at + mark.len_utf8());
        let end = piece.len() - letter.len_utf8();
        let cut = after.rfind(|at| 3 * at > end && *at <= end).unwrap_or(end);
        let rest = piece.split_off(cut);
        pieces.push(std::mem::replace(&mut piece, rest));
    }
    pieces.push(piece);
    let numbered = pieces.into_iter().enumerate();
    numbered.map(|(index, piece)| (piece, index == 0)).collect()
}

/// Most lines of the name of a row.
pub(super) const MOST_NAME_LINES: usize = 12;

/// Width of the widest line of names.
pub(super) fn widest(names: &[Vec<RichText>], style: TextStyle) -> f64 {
    let widths = names.iter().flatten().map(|line| line.width(style));
    widths.fold(0.0, f64::max)
}

/// Height of rows with these names: as they are designed, or more if a name has several lines.
pub(super) fn row_height(designed: f64, names: &[Vec<RichText>], style: TextStyle) -> f64 {
    let lines = names.iter().map(Vec::len).max().unwrap_or(1);
    designed.max(lines as f64 * LINE * style.em() + 1.0)
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

/// The letters that are written for a text, and those that the typeface lacks.
fn letters_of(markup: &str) -> (Vec<char>, BTreeSet<char>) {
    let mut letters = Vec::new();
    let mut missing = BTreeSet::new();
    let mut last_is_code = false;
    for letter in markup.chars().map(printable) {
        // All cuts have the same letters.
        if letter == '\u{fffd}' || Face::Regular.has(letter) {
            letters.push(letter);
            last_is_code = false;
            continue;
        }
        missing.insert(letter);
        if last_is_code {
            letters.pop();
            letters.push(' ');
        } else {
            letters.push('[');
        }
        letters.extend(code_number(letter).chars());
        letters.push(']');
        last_is_code = true;
    }
    (letters, missing)
}

/// The number of a character as Unicode writes it.
pub(super) fn code_number(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
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
    fn letters_that_the_typeface_lacks_are_written_as_numbers() {
        let written = |markup: &str| -> String {
            let text = RichText::parse(markup);
            text.runs().iter().map(|run| run.text.as_str()).collect()
        };
        for (markup, expected, missing) in [
            ("対照群", "[U+5BFE U+7167 U+7FA4]", 3),
            ("対 照", "[U+5BFE] [U+7167]", 2),
            ("arm 対対", "arm [U+5BFE U+5BFE]", 1),
            ("\u{1f9a0} mice", "[U+1F9A0] mice", 1),
            ("a\u{202e}b", "a[U+202E]b", 1),
            ("butyrate, 2 % β Å é", "butyrate, 2 % β Å é", 0),
        ] {
            assert_eq!(written(markup), expected);
            let text = RichText::parse(markup);
            let found = text.missing().map_or(0, |missing| missing.letters.len());
            assert_eq!(found, missing, "{markup}");
            assert!(text.missing().is_none_or(|missing| missing.text == markup));
        }
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

    #[test]
    fn wrapping_loses_nothing_where_there_are_lines_enough() {
        let style = TextStyle::regular(7.0);
        let letters = |lines: &[RichText]| -> String {
            let runs = lines.iter().flat_map(RichText::runs);
            runs.flat_map(|run| run.text.chars())
                .filter(|c| !c.is_whitespace())
                .collect()
        };
        for text in [
            "Activated microglia in the lumbar spinal cord, fold of wild type",
            "butyrate_uptake_half_saturation_of_the_transporter",
            "antibiotics/then/faecal-transplant-of-wild-type-donors",
            "Donaudampfschifffahrtsgesellschaftskapitaen",
        ] {
            let whole = letters(&[RichText::parse(text)]);
            for width in [12.0, 20.0, 33.0, 90.0] {
                let lines = RichText::wrap(text, width, 12, style);
                assert_eq!(letters(&lines), whole, "{text} at {width}");
                assert!(lines.iter().all(|line| line.width(style) <= width));
            }
        }
    }
}
