//! Shares of variance (Sobol indices): two bars for each input, alone and with others.

use super::bar_rows::{BarRows, RowTexts, draw_reference, draw_whisker};
use super::legend::{Entry, Key};
use super::palette::{Colour, DOTTED};
use super::panel::{Axis, rectangle};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const ROW_HEIGHT: f64 = 5.2;
const BAR_HEIGHT: f64 = 1.9;
const FIRST: Colour = Colour(0x00, 0x72, 0xb2);
const TOTAL: Colour = Colour(0xe6, 0x9f, 0x00);

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VarianceShares {
    /// What is explained; may be empty.
    pub heading: String,
    /// The inputs in any order.
    pub inputs: Vec<InputShare>,
    /// Upper end of the interval of an input that does nothing.
    pub noise: Option<f64>,
    /// At most so many inputs are drawn; the data has all.
    pub most: usize,
}

/// The shares of one input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputShare {
    /// Its name.
    pub name: String,
    /// A remark beside the name, such as what the number rests on; may be empty.
    pub remark: String,
    /// Share that it explains alone: value, lower and upper end.
    pub first: Option<(f64, f64, f64)>,
    /// Share that it explains with others.
    pub total: Option<(f64, f64, f64)>,
}

/// Draws the inputs with the largest total share on top.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without an input that has a total share.
pub fn variance_shares(
    name: &str,
    shares: &VarianceShares,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let size = |input: &InputShare| input.total.map(|total| total.0).filter(|t| t.is_finite());
    let mut inputs: Vec<&InputShare> = shares.inputs.iter().collect();
    let rank = |input: &InputShare| size(input).unwrap_or(f64::NEG_INFINITY);
    inputs.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let all = inputs.clone();
    inputs.retain(|input| size(input).is_some());
    inputs.truncate(shares.most.max(1));
    if inputs.is_empty() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let ends = inputs
        .iter()
        .flat_map(|input| [input.first, input.total])
        .flatten()
        .flat_map(|(value, lower, upper)| [value, lower, upper])
        .chain(shares.noise)
        .map(|end| end.clamp(-1.0, 2.0));
    let Range { low, high } = Range::spanning(ends.chain([0.0]));
    let range = Range {
        low: if low < 0.0 {
            low - 0.02 * (high - low)
        } else {
            0.0
        },
        high: high + 0.04 * (high - low),
    };
    let percent = Range {
        low: 100.0 * range.low,
        high: 100.0 * range.high,
    };
    let count = if width.is_wide() { 7 } else { 4 };
    let mut legend = vec![
        Entry::new(Key::Window(FIRST), "alone (first order)"),
        Entry::new(Key::Window(TOTAL), "with others (total)"),
    ];
    if shares.noise.is_some() {
        let text = "noise floor of the share alone";
        legend.push(Entry::new(Key::Level(Colour::GREY, DOTTED), text));
    }
    if all.len() > inputs.len() {
        let text = format!(
            "{} inputs below these are not drawn",
            all.len() - inputs.len()
        );
        legend.push(Entry::new(Key::Remark, text));
    }
    let texts = |input: &&InputShare| RowTexts {
        name: input.name.clone(),
        remark: input.remark.clone(),
        number: match (input.first, input.total) {
            (first, Some(total)) => {
                let share = |(value, _, _): (f64, f64, f64)| super::ticks::label(100.0 * value, 1);
                let first = first.map_or_else(|| "?".to_owned(), share);
                format!("{first} / {}", share(total))
            }
            _ => String::new(),
        },
    };
    let chart = BarRows {
        page: width.millimetres(),
        heading: shares.heading.clone(),
        rows: inputs.iter().map(texts).collect(),
        heads: [String::new(), String::new(), "alone / total (%)".into()],
        row_height: ROW_HEIGHT,
        axis: Axis::new("Share of the variance", "%", percent, count),
        legend,
    };
    let (mut scene, frame) = chart.draw();
    for (place, input) in inputs.iter().enumerate() {
        let middle = chart.middle(&frame, place);
        let bars = [(input.first, -1.0, FIRST), (input.total, 1.0, TOTAL)];
        for (share, side, colour) in bars {
            let Some((value, lower, upper)) = share else {
                continue;
            };
            let at = middle + side * 0.55 * BAR_HEIGHT;
            let (from, to) = (frame.across(0.0), frame.across(100.0 * value));
            let half = 0.5 * BAR_HEIGHT;
            scene.area(rectangle(from, at - half, to, at + half), colour);
            draw_whisker(&mut scene, &frame, (100.0 * lower, 100.0 * upper), at);
        }
    }
    let zero = [
        (frame.across(0.0), frame.top),
        (frame.across(0.0), frame.bottom()),
    ];
    scene.line(zero.to_vec(), 0.2, Colour::INK);
    if let Some(noise) = shares.noise {
        draw_reference(&mut scene, &frame, 100.0 * noise);
    }
    Ok(Figure::new(name, scene, table(name, shares, &all)))
}

fn table(name: &str, shares: &VarianceShares, inputs: &[&InputShare]) -> Table {
    type Part = fn(&InputShare) -> Option<f64>;
    let numbers = |title: &str, part: Part| {
        let values = inputs
            .iter()
            .map(|input| part(input).filter(|v| v.is_finite()));
        Column::optional_numbers(title, "1", values.collect())
    };
    let columns = vec![
        Column::text(
            "input",
            inputs.iter().map(|input| input.name.clone()).collect(),
        ),
        Column::text(
            "remark",
            inputs.iter().map(|input| input.remark.clone()).collect(),
        ),
        numbers("first", |input| Some(input.first?.0)),
        numbers("first_lower", |input| Some(input.first?.1)),
        numbers("first_upper", |input| Some(input.first?.2)),
        numbers("total", |input| Some(input.total?.0)),
        numbers("total_lower", |input| Some(input.total?.1)),
        numbers("total_upper", |input| Some(input.total?.2)),
        Column::optional_numbers("noise", "1", vec![shares.noise; inputs.len()]),
    ];
    Table::new(name, columns)
}
