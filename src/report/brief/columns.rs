//! Tables as text that fits on a terminal: eighty columns, whatever stands in them.
//!
//! A table that is too wide first breaks its headings, then the texts of its left-aligned columns, and
//! at last goes on below itself with the first column repeated. A row never runs over the edge.

use gutbrain_network::fault::escape;

use super::text::Paint;
use super::{Align, Tone};

/// Columns of a terminal.
pub const WIDTH: usize = 80;
/// Texts are not broken into narrower columns than this.
const NARROWEST: usize = 16;
/// Texts of a table in several blocks are at most so wide.
const WIDEST_REPEATED: usize = 30;

/// Columns of equal width; the first row is the heading.
pub(super) fn columns(rows: &[Vec<String>], align: &[Align], paint: Paint<'_>) -> String {
    // What stands in a cell may come from any file, and a cell is one line.
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| escape(cell).into_owned()).collect())
        .collect();
    let rows = rows.as_slice();
    let all: Vec<usize> = (0..align.len()).collect();
    let mut widths: Vec<usize> = all.iter().map(|column| widest(rows, *column)).collect();
    if line_width(&all, &widths) > WIDTH {
        for column in &all {
            widths[*column] = broken_heading(rows, *column);
        }
    }
    let unbroken = widths.clone();
    shrink(&all, &mut widths, align);
    if line_width(&all, &widths) > WIDTH {
        // It has to go on below itself: then its words need not be as narrow as that.
        widths = unbroken;
        for column in all.iter().filter(|column| align[**column] == Align::Left) {
            widths[*column] = widths[*column].min(WIDEST_REPEATED);
        }
    }
    let blocks = blocks(rows, &all, &widths);
    let written: Vec<String> = blocks
        .iter()
        .map(|block| write_block(rows, block, &widths, align, paint))
        .collect();
    written.join("\n")
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The widest cell of a column.
fn widest(rows: &[Vec<String>], column: usize) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(column));
    cells.map(|cell| length(cell)).max().unwrap_or(0)
}

/// The width of a column whose heading is broken between words.
fn broken_heading(rows: &[Vec<String>], column: usize) -> usize {
    let heading = rows.first().and_then(|row| row.get(column));
    let words = heading.into_iter().flat_map(|text| text.split_whitespace());
    let word = words.map(length).max().unwrap_or(0);
    word.max(widest(rows.get(1..).unwrap_or_default(), column))
}

/// Characters of a line with these columns: each has a space on both sides, the line begins with one
/// and does not end with one.
fn line_width(columns: &[usize], widths: &[usize]) -> usize {
    columns
        .iter()
        .map(|column| widths[*column] + 2)
        .sum::<usize>()
}

/// Makes columns of words narrower, the widest first, until the line fits or none can give more.
fn shrink(all: &[usize], widths: &mut [usize], align: &[Align]) {
    loop {
        let over = line_width(all, widths).saturating_sub(WIDTH);
        let words = all
            .iter()
            .copied()
            .filter(|column| align[*column] == Align::Left);
        let Some(column) = words.max_by_key(|column| widths[*column]) else {
            return;
        };
        if over == 0 || widths[column] <= NARROWEST {
            return;
        }
        // One at a time: two wide columns share what must be given.
        widths[column] -= 1;
    }
}

/// The columns of every block: all, or as many as fit after the first one.
fn blocks(rows: &[Vec<String>], all: &[usize], widths: &[usize]) -> Vec<Vec<usize>> {
    if line_width(all, widths) <= WIDTH {
        return vec![all.to_vec()];
    }
    let Some((first, others)) = all.split_first() else {
        return Vec::new();
    };
    // A column without a heading belongs to the one before it.
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for column in others {
        let headed = rows.first().and_then(|row| row.get(*column));
        let headed = headed.is_some_and(|heading| !heading.is_empty());
        match groups.last_mut() {
            Some(group) if !headed => group.push(*column),
            _ => groups.push(vec![*column]),
        }
    }
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    for group in groups {
        if let Some(block) = blocks.last_mut() {
            let longer: Vec<usize> = block.iter().chain(&group).copied().collect();
            if line_width(&longer, widths) <= WIDTH {
                *block = longer;
                continue;
            }
        }
        blocks.push(std::iter::once(*first).chain(group).collect());
    }
    blocks
}

fn write_block(
    rows: &[Vec<String>],
    block: &[usize],
    widths: &[usize],
    align: &[Align],
    paint: Paint<'_>,
) -> String {
    let mut out = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<Vec<String>> = block
            .iter()
            .map(|column| {
                let cell = row.get(*column).map_or("", String::as_str);
                broken(cell, widths[*column])
            })
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(1);
        for line in 0..height {
            let mut text = String::from(" ");
            for (column, lines) in block.iter().zip(&cells) {
                // Headings stand on their values, texts begin at the top.
                let place = match index {
                    0 => (line + lines.len()).checked_sub(height),
                    _ => Some(line),
                };
                let cell = place.and_then(|place| lines.get(place));
                let cell = cell.map_or("", String::as_str);
                let space = " ".repeat(widths[*column].saturating_sub(length(cell)));
                text.push(' ');
                match align[*column] {
                    Align::Left => text.extend([cell, &space]),
                    Align::Right => text.extend([space.as_str(), cell]),
                }
                text.push(' ');
            }
            let text = text.trim_end();
            let text = if index == 0 {
                paint(Tone::Faint, text)
            } else {
                text.to_owned()
            };
            out.push_str(&text);
            out.push('\n');
        }
    }
    out
}

/// A text in lines of at most `width` characters, broken at spaces, within words only where a word is
/// longer than a line.
fn broken(text: &str, width: usize) -> Vec<String> {
    if length(text) <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        for (part, piece) in pieces(word, width.max(1)).into_iter().enumerate() {
            let Some(line) = lines.last_mut() else {
                continue;
            };
            let gap = usize::from(!line.is_empty() && part == 0);
            if length(line) + gap + length(&piece) > width && !line.is_empty() {
                lines.push(piece);
                continue;
            }
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(&piece);
        }
    }
    lines
}

/// A word in pieces of at most `width` characters; paths and dotted keys are cut where their parts end.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let mut letters: Vec<char> = word.chars().collect();
    let mut pieces = Vec::new();
    while letters.len() > width {
        let part_ends = |letter: &char| matches!(letter, '.' | '/' | '_' | '-');
        let cut = letters[..width].iter().rposition(part_ends);
        let cut = cut.map_or(width, |last| last + 1);
        let rest = letters.split_off(if 2 * cut > width { cut } else { width });
        pieces.push(letters.into_iter().collect());
        letters = rest;
    }
    pieces.push(letters.into_iter().collect());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(heads: &[&str], rows: &[&[&str]], align: &[Align]) -> String {
        let owned = |row: &[&str]| {
            row.iter()
                .map(|cell| (*cell).to_owned())
                .collect::<Vec<_>>()
        };
        let all: Vec<Vec<String>> = std::iter::once(owned(heads))
            .chain(rows.iter().map(|row| owned(row)))
            .collect();
        columns(&all, align, &|_, text| text.to_owned())
    }

    #[test]
    fn a_table_that_fits_is_left_as_it_is() {
        let align = [Align::Left, Align::Right];
        let text = table(
            &["arm", "death"],
            &[&["control", "134.0 d"], &["drug", "-"]],
            &align,
        );
        assert_eq!(
            text,
            "  arm        death\n  control  134.0 d\n  drug           -\n"
        );
    }

    #[test]
    fn no_line_is_longer_than_a_terminal_and_no_cell_is_lost() {
        let long = "a name of an arm that somebody took care to describe in full";
        let word =
            "butyrate_uptake_half_saturation_of_the_transporter_of_the_colon_and_of_the_ileum_too";
        for count in 1..14 {
            for name in ["x", long, word] {
                let mut heads = vec!["against the first arm".to_owned()];
                let mut row = vec![name.to_owned()];
                let mut align = vec![Align::Left];
                for column in 0..count {
                    heads.push(format!("restricted mean {column}"));
                    row.push(format!("+{column}.5 d (SD 1{column}.2)"));
                    align.push(if column % 5 == 4 {
                        Align::Left
                    } else {
                        Align::Right
                    });
                }
                let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
                let cells: Vec<&str> = row.iter().map(String::as_str).collect();
                let text = table(&heads, &[&cells, &cells], &align);
                for line in text.lines() {
                    assert!(length(line) <= WIDTH, "{count} columns: {line}");
                    assert_eq!(line.trim_end(), line);
                }
                for column in 0..count {
                    // Numbers are never broken.
                    if column % 5 != 4 {
                        assert_eq!(text.matches(&row[column + 1]).count(), 2, "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_column_without_a_heading_stays_beside_the_one_before_it() {
        let heads = ["arm", "onset", "", "paralysis", "", "death", ""];
        let cell = "1234567890.1 d";
        let row = ["control", cell, "+1.0 d", cell, "+2.0 d", cell, "+3.0 d"];
        let mut align = vec![Align::Left];
        align.resize(heads.len(), Align::Right);
        let text = table(&heads, &[&row], &align);
        assert!(text.lines().all(|line| length(line) <= WIDTH), "{text}");
        for gain in ["+1.0 d", "+2.0 d", "+3.0 d"] {
            let line = text.lines().find(|line| line.contains(gain)).unwrap();
            assert!(line.contains(&cell.to_string()), "{text}");
        }
    }

    #[test]
    fn texts_are_broken_at_spaces() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(broken("", 4), [""]);
        assert_eq!(
            broken("arms.control.death_d", 14),
            ["arms.control.", "death_d"]
        );
        assert_eq!(broken("a.bcdefghijklm", 6), ["a.bcde", "fghijk", "lm"]);
    }
}
