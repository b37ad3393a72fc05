//! Estimates with their intervals, one row each, against a line of no effect.

use gutbrain_numbers::Real;

use super::grid::MARGIN;
use super::palette::{Colour, DOTTED};
use super::panel::{
    Axis, AxisTitle, Frame, TICK_STYLE, TITLE_STYLE, draw_horizontal_axis, horizontal_axis_height,
    rectangle,
};
use super::rich_text::{MOST_NAME_LINES, RichText, row_height, widest};
use super::scene::{Align, Scene, TextStyle, Turn};
use super::terms::Clock;
use super::ticks::{Range, Ticks, power_of_ten};
use super::words::{write_interval, write_number};
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const ROW_HEIGHT: f64 = 4.6;
const COLUMN_GAP: f64 = 3.0;
const LABEL_STYLE: TextStyle = TITLE_STYLE;
const HEAD_STYLE: TextStyle = TextStyle::semi_bold(6.6);
/// A whisker longer than this many times the spread of the estimates is cut and gets an arrow.
const LONGEST_WHISKER: f64 = 1.0;

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    /// What is estimated: the title of the axis.
    pub quantity: String,
    /// Its unit; empty for ratios.
    pub unit: String,
    /// How it is drawn.
    pub scale: ForestScale,
    /// What a value left of the line means, such as `lives longer`; may be empty.
    pub left: String,
    /// What a value right of the line means.
    pub right: String,
    /// The rows from the top.
    pub rows: Vec<ForestRow>,
    /// How those who are compared tell time: differences in `d` are written in its unit.
    pub clock: Clock,
}

/// The scale of the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForestScale {
    /// Differences, against 0.
    Difference,
    /// Ratios on a logarithmic axis, against 1.
    Ratio,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForestRow {
    /// What is compared.
    pub label: String,
    /// The estimate; `None` if there is none.
    pub estimate: Option<f64>,
    /// Lower end of its interval.
    pub lower: Option<f64>,
    /// Upper end of its interval.
    pub upper: Option<f64>,
    /// Number of animals behind it.
    pub animals: usize,
    /// Why there is no estimate.
    pub reason: String,
}

impl ForestScale {
    fn reference(self) -> f64 {
        match self {
            Self::Difference => 0.0,
            Self::Ratio => 1.0,
        }
    }

    /// The place of a value on an even axis; `None` for what the axis does not have.
    fn place(self, value: f64) -> Option<f64> {
        let placed = match self {
            Self::Difference => value,
            Self::Ratio if value > 0.0 => Real::ln(value),
            Self::Ratio => return None,
        };
        placed.is_finite().then_some(placed)
    }
}

/// Draws the rows: a square at the estimate, larger for more animals, a line over its interval.
///
/// An interval much longer than the spread of the estimates is cut, with an arrow at the cut end; the
/// numbers stand at the right. A row without an estimate says why.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without rows.
pub fn forest(name: &str, forest: &Forest, width: PageWidth) -> Result<Figure, FigureError> {
    if forest.rows.is_empty() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let page = width.millimetres();
    let lines =
        |text: &str, share: f64| RichText::wrap(text, share * page, MOST_NAME_LINES, LABEL_STYLE);
    let rows = forest.rows.iter();
    let labels: Vec<Vec<RichText>> = rows.clone().map(|row| lines(&row.label, 0.3)).collect();
    let counts: Vec<Vec<RichText>> = rows
        .clone()
        .map(|row| vec![RichText::parse(&row.animals.to_string())])
        .collect();
    let numbers: Vec<Vec<RichText>> = rows.map(|row| lines(&written(forest, row), 0.3)).collect();
    let row_height = row_height(ROW_HEIGHT, &labels, LABEL_STYLE).max(row_height(
        ROW_HEIGHT,
        &numbers,
        LABEL_STYLE,
    ));
    let count_head = RichText::parse("n");
    let number_head = RichText::parse("estimate (95 %)");
    let label_width = widest(&labels, LABEL_STYLE);
    let count_width = widest(&counts, LABEL_STYLE).max(count_head.width(HEAD_STYLE));
    let number_width = widest(&numbers, LABEL_STYLE).max(number_head.width(HEAD_STYLE));

    let range = axis_range(forest);
    let left = MARGIN + label_width + COLUMN_GAP + count_width + COLUMN_GAP;
    let right = page - MARGIN - number_width - COLUMN_GAP;
    let header = ROW_HEIGHT;
    let frame = Frame {
        left,
        top: MARGIN + header,
        width: right - left,
        height: row_height * forest.rows.len() as f64 + 0.8,
        horizontal: range,
        vertical: Range {
            low: 0.0,
            high: 1.0,
        },
    };
    let axis = axis(forest, range, width);
    let axis_height = horizontal_axis_height(&axis, frame.width, AxisTitle::Shown);
    let axis_bottom = frame.bottom() + axis_height;
    let reference = forest
        .scale
        .place(forest.scale.reference())
        .map(|at| frame.across(at));
    let middle = reference
        .unwrap_or(left + 0.5 * frame.width)
        .clamp(left, right);
    let directions = Directions::new(forest, middle, page);
    let mut scene = Scene::new(page, axis_bottom + directions.height() + 0.8 + MARGIN);

    let baseline = |middle: f64| middle + 0.36 * LABEL_STYLE.em();
    let head_line = baseline(MARGIN + 0.5 * header);
    let count_right = left - COLUMN_GAP;
    scene.write(
        &count_head,
        (count_right, head_line),
        Align::End,
        Turn::Level,
        HEAD_STYLE,
    );
    let anchor = (right + COLUMN_GAP, head_line);
    scene.write(&number_head, anchor, Align::Start, Turn::Level, HEAD_STYLE);
    if let Some(across) = reference {
        let line = [(across, frame.top), (across, frame.bottom())];
        scene.stroke(&line, 0.25, Colour::GREY, DOTTED);
    }
    let most = forest.rows.iter().map(|row| row.animals).max().unwrap_or(0);
    for (index, row) in forest.rows.iter().enumerate() {
        let middle = frame.top + (index as f64 + 0.5) * row_height;
        scene.write_lines(&labels[index], (MARGIN, middle), Align::Start, LABEL_STYLE);
        let anchor = (count_right, middle);
        scene.write_lines(&counts[index], anchor, Align::End, LABEL_STYLE);
        let anchor = (right + COLUMN_GAP, middle);
        let style = if row.estimate.is_some() {
            LABEL_STYLE
        } else {
            LABEL_STYLE.coloured(Colour::GREY)
        };
        scene.write_lines(&numbers[index], anchor, Align::Start, style);
        draw_row(&mut scene, forest.scale, row, &frame, middle, most);
    }
    draw_horizontal_axis(&mut scene, &axis, &frame, AxisTitle::Shown);
    directions.draw(&mut scene, axis_bottom);
    Ok(Figure::new(name, scene, table(name, forest)))
}

/// What lies on either side of the line of no effect, under the axis: each on its side of the line
/// where it has room, shifted over the line where it has not, on a line of its own where both would
/// meet.
struct Directions {
    /// Place of the beginning, row, text.
    texts: Vec<(f64, usize, RichText)>,
}

const DIRECTION_STYLE: TextStyle = TICK_STYLE.coloured(Colour::GREY);
const DIRECTION_LINE: f64 = 1.3 * DIRECTION_STYLE.em();
/// Room between the line of no effect and a text.
const DIRECTION_GAP: f64 = 1.5;

impl Directions {
    fn new(forest: &Forest, middle: f64, page: f64) -> Self {
        let (from, to) = (MARGIN, page - MARGIN);
        let whole = |text: &str| RichText::wrap(text, to - from, MOST_NAME_LINES, DIRECTION_STYLE);
        let width = |lines: &[RichText]| {
            let widths = lines.iter().map(|line| line.width(DIRECTION_STYLE));
            widths.fold(0.0, f64::max)
        };
        let (mut left, mut right) = (Vec::new(), Vec::new());
        if !forest.left.is_empty() {
            left = whole(&format!("\u{2190} {}", forest.left));
        }
        if !forest.right.is_empty() {
            right = whole(&format!("{} \u{2192}", forest.right));
        }
        let left_start = (middle - DIRECTION_GAP - width(&left)).max(from);
        let right_start = (middle + DIRECTION_GAP).min(to - width(&right));
        let meet = left_start + width(&left) + DIRECTION_GAP > right_start;
        let apart = left.is_empty() || right.is_empty() || !meet;
        let below = if apart { 0 } else { left.len() };
        let place = |start: f64, first: usize, lines: Vec<RichText>| {
            let numbered = lines.into_iter().enumerate();
            numbered.map(move |(row, line)| (start, first + row, line))
        };
        let texts = place(left_start, 0, left).chain(place(right_start, below, right));
        Self {
            texts: texts.collect(),
        }
    }

    fn height(&self) -> f64 {
        let rows = self.texts.iter().map(|(_, row, _)| row + 1).max();
        rows.map_or(0.0, |rows| {
            0.2 * DIRECTION_STYLE.em() + rows as f64 * DIRECTION_LINE
        })
    }

    fn draw(&self, scene: &mut Scene, top: f64) {
        for (start, row, text) in &self.texts {
            let baseline = top + 0.9 * DIRECTION_STYLE.em() + *row as f64 * DIRECTION_LINE;
            let anchor = (*start, baseline);
            scene.write(text, anchor, Align::Start, Turn::Level, DIRECTION_STYLE);
        }
    }
}

fn written(forest: &Forest, row: &ForestRow) -> String {
    match row
        .estimate
        .filter(|estimate| forest.scale.place(*estimate).is_some())
    {
        Some(estimate) => {
            let days = match forest.unit.as_str() {
                "d" => forest.clock.days,
                _ => 1.0,
            };
            let ends = [row.lower, row.upper].map(|end| end.map(|end| end / days));
            write_interval(estimate / days, ends[0], ends[1])
        }
        None if row.reason.is_empty() => "not estimable".into(),
        None => row.reason.clone(),
    }
}

/// The axis holds every estimate, the reference, and whiskers that are not very long.
fn axis_range(forest: &Forest) -> Range {
    let place = |value: f64| forest.scale.place(value);
    let reference = place(forest.scale.reference());
    let estimates: Vec<f64> = forest
        .rows
        .iter()
        .filter_map(|row| place(row.estimate?))
        .chain(reference)
        .collect();
    let Range { low, high } = Range::spanning(estimates.iter().copied().chain([0.0]));
    let longest = LONGEST_WHISKER * (high - low);
    let ends = forest
        .rows
        .iter()
        .flat_map(|row| [row.lower, row.upper])
        .filter_map(|end| place(end?))
        .map(|end| end.clamp(low - longest, high + longest));
    let ends: Vec<f64> = ends.chain([low, high]).collect();
    let Range { low, high } = Range::spanning(ends);
    let room = 0.05 * (high - low);
    Range {
        low: low - room,
        high: high + room,
    }
}

fn axis(forest: &Forest, range: Range, width: PageWidth) -> Axis {
    let count = if width.is_wide() { 6 } else { 3 };
    let mut axis = match forest.unit.as_str() {
        "d" => (forest.clock).axis_of_spans(&forest.quantity, range, count),
        unit => Axis::new(&forest.quantity, unit, range, count),
    };
    if forest.scale == ForestScale::Ratio {
        axis.ticks = ratio_ticks(range, count);
    }
    axis
}

/// 1, 2 and 5 times powers of ten, or powers of ten alone where these are many.
fn ratio_ticks(range: Range, count: usize) -> Ticks {
    let candidates = |factors: &[f64]| -> Vec<f64> {
        let powers = (-12..=12).map(power_of_ten);
        let values = powers.flat_map(|power| factors.iter().map(move |factor| factor * power));
        values
            .filter(|value| (range.low..=range.high).contains(&Real::ln(*value)))
            .collect()
    };
    let sets: [&[f64]; 4] = [
        &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
        &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
        &[1.0, 2.0, 5.0],
        &[1.0],
    ];
    if candidates(sets[0]).len() < 2 {
        // So short that the axis is nearly even.
        let mut ticks = Ticks::nice(
            Range {
                low: Real::exp(range.low),
                high: Real::exp(range.high),
            },
            count,
        );
        for (value, _) in &mut ticks.marks {
            *value = Real::ln(*value);
        }
        return ticks;
    }
    let mut found = sets.iter().map(|set| candidates(set));
    let values = found
        .find(|values| values.len() <= count + 2)
        .unwrap_or_else(|| candidates(&[1.0]));
    // Powers of ten too many for the axis: every second, third … of them.
    let stride = values.len().div_ceil(count + 2).max(1);
    let marks = values.into_iter().step_by(stride).map(|value| {
        let decimals = if value >= 10.0 {
            0
        } else {
            1 + usize::from(value < 0.1)
        };
        let text = if (0.005..1e4).contains(&value) {
            super::ticks::label(value, decimals)
        } else {
            write_number(value)
        };
        (Real::ln(value), text)
    });
    Ticks {
        marks: marks.collect(),
        exponent: 0,
    }
}

fn draw_row(
    scene: &mut Scene,
    scale: ForestScale,
    row: &ForestRow,
    frame: &Frame,
    middle: f64,
    most: usize,
) {
    let Some(at) = row.estimate.and_then(|estimate| scale.place(estimate)) else {
        return;
    };
    let ends = [(row.lower, -1.0), (row.upper, 1.0)];
    for (end, side) in ends {
        let Some(end) = end else { continue };
        // A ratio of 0 has no place: the arrow points there.
        let far = side * 1e300;
        let end = scale.place(end).unwrap_or(far);
        let beyond = end < frame.horizontal.low || end > frame.horizontal.high;
        let tip = frame.across(end);
        scene.line(
            vec![(frame.across(at), middle), (tip, middle)],
            0.3,
            Colour::INK,
        );
        if beyond {
            let back = tip - side * 1.2;
            let head = vec![(tip, middle), (back, middle - 0.7), (back, middle + 0.7)];
            scene.area(head, Colour::INK);
        } else {
            let cap = vec![(tip, middle - 0.6), (tip, middle + 0.6)];
            scene.line(cap, 0.3, Colour::INK);
        }
    }
    let share = row.animals as f64 / most.max(1) as f64;
    let half = 0.45 + 0.4 * share.sqrt();
    let across = frame.across(at);
    let square = rectangle(across - half, middle - half, across + half, middle + half);
    scene.area(square, Colour::INK);
}

fn table(name: &str, forest: &Forest) -> Table {
    let rows = &forest.rows;
    let numbers = |title: &str, value: fn(&ForestRow) -> Option<f64>| {
        let values = rows.iter().map(|row| value(row).filter(|v| v.is_finite()));
        Column::optional_numbers(title, &forest.unit, values.collect())
    };
    let columns = vec![
        Column::text("label", rows.iter().map(|row| row.label.clone()).collect()),
        Column::integers(
            "n",
            rows.iter()
                .map(|row| i64::try_from(row.animals).ok())
                .collect(),
        ),
        numbers("estimate", |row| row.estimate),
        numbers("lower", |row| row.lower),
        numbers("upper", |row| row.upper),
        Column::text(
            "reason",
            rows.iter().map(|row| row.reason.clone()).collect(),
        ),
    ];
    Table::new(name, columns)
}
