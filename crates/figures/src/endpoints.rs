//! Onset and death of every arm on one axis of age.

use super::curves::{ArmStatus, Curves};
use super::grid::MARGIN;
use super::legend::{Entry, Key, Legend};
use super::palette::{Colour, DOTTED, SOLID};
use super::panel::{
    AxisTitle, Frame, Sign, TITLE_STYLE, draw_horizontal_axis, draw_sign, horizontal_axis_height,
};
use super::rich_text::{MOST_NAME_LINES, RichText, row_height, widest};
use super::scene::{Align, Scene, Turn};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const ROW_HEIGHT: f64 = 5.2;
const NAME_GAP: f64 = 3.0;
const LEGEND_GAP: f64 = 2.6;

/// Draws one row per arm: a thin line from the first age to onset, a thick one from onset to death,
/// and the days gained against the first arm at the right.
///
/// An arm that lives ends at its last age without a cross; an arm that failed or was not run says so
/// in its row.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without arms.
pub fn endpoints(name: &str, curves: &Curves, width: PageWidth) -> Result<Figure, FigureError> {
    if curves.arms.is_empty() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let finite = |age: Option<f64>| age.filter(|age| age.is_finite());
    let lasts: Vec<Option<f64>> = curves
        .arms
        .iter()
        .map(|arm| {
            let last = arm.times.iter().copied().filter(|time| time.is_finite());
            finite(arm.death).or_else(|| last.max_by(f64::total_cmp))
        })
        .collect();
    let ages = curves.arms.iter().flat_map(|arm| {
        arm.times
            .iter()
            .copied()
            .chain(finite(arm.onset))
            .chain(finite(arm.death))
    });
    let Range { low, high } = Range::spanning(ages);
    let range = Range {
        low,
        high: high + 0.03 * (high - low),
    };

    let page = width.millimetres();
    let names: Vec<Vec<RichText>> = curves
        .arms
        .iter()
        .map(|arm| RichText::wrap(&arm.name, 0.3 * page, MOST_NAME_LINES, TITLE_STYLE))
        .collect();
    let name_width = widest(&names, TITLE_STYLE);
    let row_height = row_height(ROW_HEIGHT, &names, TITLE_STYLE);
    let gains: Vec<String> = gains(curves);
    let gain_width = gains
        .iter()
        .map(|gain| RichText::parse(gain).width(TITLE_STYLE))
        .fold(2.0, f64::max);
    let left = MARGIN + name_width + NAME_GAP;
    let frame = Frame {
        left,
        top: MARGIN + 1.0,
        width: page - left - gain_width - NAME_GAP - MARGIN,
        height: row_height * curves.arms.len() as f64,
        horizontal: range,
        vertical: Range {
            low: 0.0,
            high: 1.0,
        },
    };
    let entries = [
        Entry::new(Key::Marker(Sign::Onset, Colour::INK), &curves.words.onset),
        Entry::new(Key::Marker(Sign::Death, Colour::INK), &curves.words.death),
        Entry::new(
            Key::Remark,
            "right: difference in age at death from the first arm",
        ),
    ];
    let legend = Legend::new(&entries, page - 2.0 * MARGIN);
    let axis = curves
        .terms
        .clock
        .axis(range, if width.is_wide() { 7 } else { 4 });
    let axis_height = horizontal_axis_height(&axis, frame.width, AxisTitle::Shown);
    let legend_top = frame.bottom() + axis_height + LEGEND_GAP;
    let mut scene = Scene::new(page, legend_top + legend.height() + MARGIN);

    if let Some(death) = curves.arms.first().and_then(|arm| finite(arm.death)) {
        let across = frame.across(death);
        scene.stroke(
            &[(across, frame.top), (across, frame.bottom())],
            0.25,
            Colour::GREY,
            DOTTED,
        );
    }
    let styles = curves.styles();
    for (row, arm) in curves.arms.iter().enumerate() {
        let middle = frame.top + (row as f64 + 0.5) * row_height;
        let baseline = middle + 0.36 * TITLE_STYLE.em();
        let colour = styles[row].colour;
        let anchor = (left - NAME_GAP, middle);
        scene.write_lines(&names[row], anchor, Align::End, TITLE_STYLE);
        let gain = RichText::parse(&gains[row]);
        let anchor = (page - MARGIN, baseline);
        scene.write(&gain, anchor, Align::End, Turn::Level, TITLE_STYLE);
        if arm.status != ArmStatus::Completed {
            let text = match &arm.status {
                ArmStatus::Failed { reason } if !reason.is_empty() => format!("failed: {reason}"),
                ArmStatus::NotRun => "not run".into(),
                ArmStatus::Failed { .. } | ArmStatus::Completed => "failed".into(),
            };
            let style = TITLE_STYLE.coloured(Colour::GREY);
            let text = RichText::parse(&text).fit(frame.width - 2.0, style);
            scene.write(
                &text,
                (left + 1.0, baseline),
                Align::Start,
                Turn::Level,
                style,
            );
            continue;
        }
        let onset = finite(arm.onset);
        if let Some(last) = lasts[row] {
            let healthy_end = onset.map_or(last, |onset| onset.min(last));
            let stretch =
                |from: f64, to: f64| [(frame.across(from), middle), (frame.across(to), middle)];
            scene.stroke(&stretch(low, healthy_end), 0.3, colour, SOLID);
            if let Some(onset) = onset {
                scene.stroke(&stretch(onset, last), 0.9, colour, SOLID);
            }
        }
        if let Some(onset) = onset {
            draw_sign(
                &mut scene,
                Sign::Onset,
                (frame.across(onset), middle - 0.2),
                colour,
            );
        }
        if let Some(death) = finite(arm.death) {
            draw_sign(
                &mut scene,
                Sign::Death,
                (frame.across(death), middle),
                colour,
            );
        }
    }
    draw_horizontal_axis(&mut scene, &axis, &frame, AxisTitle::Shown);
    legend.draw(&mut scene, MARGIN, legend_top);

    let column =
        |title: &str, values: Vec<Option<f64>>| Column::optional_numbers(title, "d", values);
    let data = vec![
        Column::text(
            "arm",
            curves.arms.iter().map(|arm| arm.name.clone()).collect(),
        ),
        column(
            "onset_d",
            curves.arms.iter().map(|arm| finite(arm.onset)).collect(),
        ),
        column(
            "death_d",
            curves.arms.iter().map(|arm| finite(arm.death)).collect(),
        ),
        column("last_d", lasts),
        Column::text(
            "status",
            curves
                .arms
                .iter()
                .map(|arm| status_word(&arm.status).to_owned())
                .collect(),
        ),
    ];
    Ok(Figure::new(name, scene, Table::new(name, data)))
}

fn status_word(status: &ArmStatus) -> &'static str {
    match status {
        ArmStatus::Completed => "ok",
        ArmStatus::Failed { .. } => "failed",
        ArmStatus::NotRun => "not_run",
    }
}

/// Time gained against the first arm, in words; what is not known says so.
fn gains(curves: &Curves) -> Vec<String> {
    let death = |arm: &super::ArmCurves| arm.death.filter(|death| death.is_finite());
    let control = curves.arms.first().and_then(death);
    curves
        .arms
        .iter()
        .enumerate()
        .map(|(row, arm)| match (control, death(arm)) {
            _ if row == 0 => String::new(),
            (Some(control), Some(death)) => curves.terms.clock.write_gain(death - control),
            (_, None) if arm.status == ArmStatus::Completed => "alive".into(),
            _ => "–".into(),
        })
        .collect()
}
