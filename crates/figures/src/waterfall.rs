//! A waterfall: how parts add up to a whole, one bar below the other.

use super::grid::MARGIN;
use super::palette::{Colour, DOTTED, SOLID};
use super::panel::{
    Axis, AxisTitle, Frame, TITLE_STYLE, draw_horizontal_axis, horizontal_axis_height,
};
use super::rich_text::{MOST_NAME_LINES, RichText, row_height, widest};
use super::scene::{Align, Scene, Turn};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const ROW_HEIGHT: f64 = 5.2;
const BAR_HEIGHT: f64 = 3.4;
const NAME_GAP: f64 = 3.0;
const GAIN: Colour = Colour(0x00, 0x72, 0xb2);
const LOSS: Colour = Colour(0xd5, 0x5e, 0x00);

/// What adds up.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// What the whole is, as in "Longer life".
    pub title: String,
    /// Unit of all numbers.
    pub unit: String,
    /// Parts in the order of their bars; their sum is the whole.
    pub parts: Vec<WaterfallPart>,
    /// Name of the whole.
    pub whole: String,
    /// What open bars and whiskers mean; written below them, if there are any.
    pub note: String,
}

/// One part.
#[derive(Clone, Debug, PartialEq)]
pub struct WaterfallPart {
    /// Its name.
    pub label: String,
    /// How much it adds.
    pub value: f64,
    /// Where its value may lie.
    pub interval: Option<(f64, f64)>,
    /// Whether its size is known. The bar of a part that is not sure is open, and stands without a number.
    pub is_sure: bool,
}

/// Draws one bar per part, each from where the last one ended, and the whole as the last bar.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without parts, or if a part is not finite.
pub fn waterfall(
    name: &str,
    waterfall: &Waterfall,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let parts = &waterfall.parts;
    if parts.is_empty() || parts.iter().any(|part| !part.value.is_finite()) {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let mut bars: Vec<(&str, f64, f64)> = Vec::with_capacity(parts.len() + 1);
    let mut sum = 0.0;
    for part in parts {
        bars.push((&part.label, sum, sum + part.value));
        sum += part.value;
    }
    bars.push((&waterfall.whole, 0.0, sum));
    // From where a bar begins.
    let whisker = |row: usize| {
        let (low, high) = parts.get(row)?.interval?;
        Some((bars[row].1 + low, bars[row].1 + high))
    };
    let is_sure = |row: usize| parts.get(row).is_none_or(|part| part.is_sure);
    let whiskers = (0..parts.len()).filter_map(whisker);
    let ends = bars.iter().flat_map(|(_, from, to)| [*from, *to]);
    let ends = ends.chain(whiskers.flat_map(|(low, high)| [low, high]));
    let Range { low, high } = Range::spanning(ends);
    let margin = 0.04 * (high - low);
    let range = Range {
        low: if low < 0.0 { low - margin } else { low },
        high: high + margin,
    };

    let page = width.millimetres();
    let names: Vec<Vec<RichText>> = bars
        .iter()
        .map(|(label, _, _)| RichText::wrap(label, 0.3 * page, MOST_NAME_LINES, TITLE_STYLE))
        .collect();
    let row_height = row_height(ROW_HEIGHT, &names, TITLE_STYLE);
    let texts: Vec<RichText> = bars
        .iter()
        .enumerate()
        .map(|(row, (_, from, to))| match is_sure(row) {
            true => RichText::parse(&signed(to - from)),
            false => RichText::parse("?"),
        })
        .collect();
    let number_widths = texts.iter().map(|text| text.width(TITLE_STYLE));
    let number_width = number_widths.fold(2.0, f64::max);
    let left = MARGIN + widest(&names, TITLE_STYLE).max(2.0) + NAME_GAP;
    let frame = Frame {
        left,
        top: MARGIN + 1.0,
        width: page - left - number_width - NAME_GAP - MARGIN,
        height: row_height * bars.len() as f64,
        horizontal: range,
        vertical: Range {
            low: 0.0,
            high: 1.0,
        },
    };
    let count = if width.is_wide() { 7 } else { 4 };
    let axis = Axis::new(&waterfall.title, &waterfall.unit, range, count);
    let open = (0..bars.len()).any(|row| !is_sure(row) || whisker(row).is_some());
    let note = RichText::parse(if open { &waterfall.note } else { "" });
    let note_height = if open { ROW_HEIGHT } else { 0.0 };
    let below = frame.bottom() + horizontal_axis_height(&axis, frame.width, AxisTitle::Shown);
    let height = below + note_height + MARGIN;
    let mut scene = Scene::new(page, height);
    let zero = frame.across(0.0);
    scene.stroke(
        &[(zero, frame.top), (zero, frame.bottom())],
        0.25,
        Colour::GREY,
        DOTTED,
    );
    for (row, (_, from, to)) in bars.iter().enumerate() {
        let middle = frame.top + (row as f64 + 0.5) * row_height;
        let baseline = middle + 0.36 * TITLE_STYLE.em();
        let anchor = (left - NAME_GAP, middle);
        scene.write_lines(&names[row], anchor, Align::End, TITLE_STYLE);
        let anchor = (page - MARGIN, baseline);
        scene.write(&texts[row], anchor, Align::End, Turn::Level, TITLE_STYLE);
        let (a, b) = (frame.across(*from), frame.across(*to));
        let (top, bottom) = (middle - 0.5 * BAR_HEIGHT, middle + 0.5 * BAR_HEIGHT);
        let colour = match (row + 1 == bars.len(), to < from) {
            (true, _) => Colour::INK,
            (false, true) => LOSS,
            (false, false) => GAIN,
        };
        let corners = [(a, top), (b, top), (b, bottom), (a, bottom)];
        if is_sure(row) {
            scene.area(corners.to_vec(), colour);
        } else {
            let [first, ..] = corners;
            scene.stroke(&[&corners[..], &[first]].concat(), 0.25, colour, DOTTED);
        }
        if let Some((low, high)) = whisker(row) {
            let (low, high) = (frame.across(low), frame.across(high));
            scene.stroke(&[(low, middle), (high, middle)], 0.25, Colour::INK, SOLID);
            for end in [low, high] {
                let cap = [(end, middle - 0.8), (end, middle + 0.8)];
                scene.stroke(&cap, 0.25, Colour::INK, SOLID);
            }
        }
        if row + 1 < bars.len() {
            let next = middle + row_height - 0.5 * BAR_HEIGHT;
            scene.stroke(&[(b, bottom), (b, next)], 0.2, Colour::GREY, DOTTED);
        }
    }
    draw_horizontal_axis(&mut scene, &axis, &frame, AxisTitle::Shown);

    if open {
        let anchor = (page - MARGIN, below + 0.7 * ROW_HEIGHT);
        scene.write(&note, anchor, Align::End, Turn::Level, TITLE_STYLE);
    }

    let column = |title: &str, values: Vec<f64>| Column::numbers(title, &waterfall.unit, values);
    let ends_of = |title: &str, of: &dyn Fn((f64, f64)) -> f64| {
        let ends = (0..bars.len()).map(|row| parts.get(row)?.interval.map(of));
        Column::optional_numbers(title, &waterfall.unit, ends.collect())
    };
    let data = vec![
        Column::text(
            "part",
            bars.iter()
                .map(|(label, _, _)| (*label).to_owned())
                .collect(),
        ),
        column(
            "value",
            bars.iter().map(|(_, from, to)| to - from).collect(),
        ),
        column("from", bars.iter().map(|(_, from, _)| *from).collect()),
        column("to", bars.iter().map(|(_, _, to)| *to).collect()),
        ends_of("lower", &|(low, _)| low),
        ends_of("upper", &|(_, high)| high),
        Column::integers(
            "sure",
            (0..bars.len())
                .map(|row| Some(i64::from(is_sure(row))))
                .collect(),
        ),
    ];
    Ok(Figure::new(name, scene, Table::new(name, data)))
}

/// A number with its sign, one decimal.
fn signed(value: f64) -> String {
    // The sign of the rounded number: no plus or minus before 0.0.
    let size = format!("{:.1}", value.abs());
    match size.as_str() {
        "0.0" => size,
        _ if value < 0.0 => format!("\u{2212}{size}"),
        _ => format!("+{size}"),
    }
}
