//! One line per animal from birth over onset to its end: what a median hides.

use super::grid::MARGIN;
use super::legend::{Entry, Key, Legend};
use super::palette::{ArmStyle, Colour, DOTTED, SOLID, styles_or_own};
use super::panel::{
    AxisTitle, Frame, HEADING_STYLE, Sign, draw_horizontal_axis, draw_sign, horizontal_axis_height,
};
use super::rich_text::{MOST_NAME_LINES, RichText};
use super::scene::{Align, LINE, Mark, Scene, Turn};
use super::terms::Terms;
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

/// Rows of one arm; a larger arm is shown by evenly spaced ranks.
const MOST_ROWS: usize = 60;
/// What all rows together may take.
const MOST_HEIGHT: f64 = 190.0;
const LEAST_ROW: f64 = 0.75;
const LARGEST_ROW: f64 = 1.5;
const HEADING_HEIGHT: f64 = 4.2;
const ARM_GAP: f64 = 1.6;
const LEGEND_GAP: f64 = 2.6;

/// The animals of one arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventArm {
    /// Name of the arm.
    pub name: String,
    /// How it is drawn; `None`: as its place among the arms says.
    pub style: Option<ArmStyle>,
    /// Its animals whose run went through.
    pub lives: Vec<Life>,
    /// How many runs failed: they have no line, but are named.
    pub failed: usize,
}

/// One animal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
    /// Age at onset in days.
    pub onset: Option<f64>,
    /// Age at which it ends.
    pub last: f64,
    /// How it ends.
    pub end: LifeEnd,
}

/// How the line of an animal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeEnd {
    /// It dies of the disease.
    Death,
    /// It dies for another reason: censored.
    OtherDeath,
    /// It is alive when the simulation ends: censored.
    Censored,
}

impl LifeEnd {
    fn word(self) -> &'static str {
        match self {
            Self::Death => "death",
            Self::OtherDeath => "other_death",
            Self::Censored => "censored",
        }
    }
}

/// Draws the animals of every arm, longest life at the top: a thin line from birth, a thick one from onset.
///
/// An arm with more than sixty animals is shown by evenly spaced ranks of age, and says so.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without an animal.
pub fn events(
    name: &str,
    arms: &[EventArm],
    terms: &Terms,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let total: usize = arms.iter().map(|arm| arm.lives.len()).sum();
    let lives = arms.iter().flat_map(|arm| &arm.lives);
    let longest = lives
        .filter(|life| life.last.is_finite())
        .map(|life| life.last)
        .fold(0.0, f64::max);
    if total == 0 || longest <= 0.0 {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let given: Vec<Option<ArmStyle>> = arms.iter().map(|arm| arm.style).collect();
    let styles = styles_or_own(&given);
    let most = ((MOST_HEIGHT / LEAST_ROW / arms.len() as f64) as usize).clamp(3, MOST_ROWS);
    let drawn: Vec<Vec<Life>> = arms.iter().map(|arm| ranked(&arm.lives, most)).collect();
    let rows: usize = drawn.iter().map(Vec::len).sum();
    let row_height = (MOST_HEIGHT / rows.max(1) as f64).clamp(LEAST_ROW, LARGEST_ROW);

    let page = width.millimetres();
    let range = Range {
        low: 0.0,
        high: 1.03 * longest,
    };
    let frame_at = |top: f64, rows: usize| Frame {
        left: MARGIN + 2.0,
        top,
        width: page - 2.0 * MARGIN - 5.0,
        height: rows as f64 * row_height,
        horizontal: range,
        vertical: Range {
            low: 0.0,
            high: 1.0,
        },
    };
    let headings: Vec<Vec<RichText>> = arms
        .iter()
        .zip(&drawn)
        .map(|(arm, lives)| {
            let heading = heading(arm, lives.len(), terms);
            RichText::wrap(
                &heading,
                frame_at(0.0, 0).width,
                MOST_NAME_LINES,
                HEADING_STYLE,
            )
        })
        .collect();
    let line = LINE * HEADING_STYLE.em();
    let heading_height = |lines: &[RichText]| HEADING_HEIGHT + (lines.len() as f64 - 1.0) * line;
    let heights: f64 = drawn
        .iter()
        .zip(&headings)
        .map(|(lives, lines)| heading_height(lines) + lives.len() as f64 * row_height + ARM_GAP)
        .sum();
    let axis = terms.clock.axis(range, if width.is_wide() { 9 } else { 5 });
    let legend = Legend::new(&entries(arms, &drawn), page - 2.0 * MARGIN);
    let axis_top = MARGIN + heights;
    let axis_width = frame_at(axis_top, 0).width;
    let axis_height = horizontal_axis_height(&axis, axis_width, AxisTitle::Shown);
    let legend_top = axis_top + axis_height + LEGEND_GAP;
    let mut scene = Scene::new(page, legend_top + legend.height() + MARGIN);
    let mut top = MARGIN;
    for (((arm, lives), style), lines) in arms.iter().zip(&drawn).zip(&styles).zip(&headings) {
        let frame = frame_at(top + heading_height(lines), lives.len());
        let heading_style = HEADING_STYLE.coloured(style.colour);
        for (number, text) in lines.iter().enumerate() {
            let baseline = top + 0.78 * HEADING_HEIGHT + number as f64 * line;
            let anchor = (frame.left, baseline);
            scene.write(text, anchor, Align::Start, Turn::Level, heading_style);
        }
        draw_median(&mut scene, arm, &frame);
        for (row, life) in lives.iter().enumerate() {
            let middle = frame.top + (row as f64 + 0.5) * row_height;
            draw_life(&mut scene, life, &frame, middle, row_height, *style);
        }
        top = frame.bottom() + ARM_GAP;
    }
    draw_horizontal_axis(&mut scene, &axis, &frame_at(axis_top, 0), AxisTitle::Shown);
    legend.draw(&mut scene, MARGIN, legend_top);
    Ok(Figure::new(name, scene, table(name, arms)))
}

/// Finite lives, longest first; at most `most` of evenly spaced ranks, the longest and shortest among them.
fn ranked(lives: &[Life], most: usize) -> Vec<Life> {
    let mut sorted: Vec<Life> = lives
        .iter()
        .filter(|l| l.last.is_finite())
        .copied()
        .collect();
    let onset = |life: &Life| life.onset.unwrap_or(f64::INFINITY);
    sorted.sort_by(|a, b| {
        let by_last = b.last.total_cmp(&a.last);
        by_last
            .then(onset(b).total_cmp(&onset(a)))
            .then(a.end.word().cmp(b.end.word()))
    });
    if sorted.len() <= most {
        return sorted;
    }
    let last = sorted.len() - 1;
    (0..most)
        .map(|row| sorted[(row * last + (most - 1) / 2) / (most - 1)])
        .collect()
}

fn heading(arm: &EventArm, rows: usize, terms: &Terms) -> String {
    let animals = arm.lives.len();
    let mut text = format!("{}: {animals} {}", arm.name, terms.subjects.many);
    if rows < animals {
        text.push_str(&format!(", {rows} shown (evenly spaced ranks)"));
    }
    if arm.failed > 0 {
        text.push_str(&format!("; {} runs failed", arm.failed));
    }
    text
}

/// A dotted line at the median age of those that die of the disease.
fn draw_median(scene: &mut Scene, arm: &EventArm, frame: &Frame) {
    if let Some(median) = median_death(arm) {
        let across = frame.across(median);
        let line = [(across, frame.top), (across, frame.bottom())];
        scene.stroke(&line, 0.25, Colour::GREY, DOTTED);
    }
}

/// The median of the curve of Kaplan and Meier.
fn median_death(arm: &EventArm) -> Option<f64> {
    use gutbrain_statistics::survival::{Observation, median};
    let observe = |life: &Life| Observation {
        time: life.last,
        event: life.end == LifeEnd::Death,
    };
    let observations: Vec<Observation> = arm.lives.iter().map(observe).collect();
    median(&observations)
}

fn draw_life(
    scene: &mut Scene,
    life: &Life,
    frame: &Frame,
    middle: f64,
    row_height: f64,
    style: ArmStyle,
) {
    let stretch = |from: f64, to: f64| [(frame.across(from), middle), (frame.across(to), middle)];
    let onset = life.onset.filter(|onset| *onset <= life.last);
    let healthy_end = onset.unwrap_or(life.last);
    let pale = style.colour.tint(0.45);
    scene.stroke(&stretch(0.0, healthy_end), 0.18, pale, SOLID);
    if let Some(onset) = onset {
        scene.stroke(
            &stretch(onset, life.last),
            0.55 * row_height,
            style.colour,
            SOLID,
        );
    }
    let end = (frame.across(life.last), middle);
    match life.end {
        LifeEnd::Death => {}
        LifeEnd::Censored => draw_sign(scene, Sign::Ring, (end.0 + 0.9, end.1), style.colour),
        LifeEnd::OtherDeath => {
            let size = 0.55;
            for rise in [-size, size] {
                let from = (end.0 + 0.8 - size, end.1 - rise);
                let to = (end.0 + 0.8 + size, end.1 + rise);
                scene.add(Mark::Line {
                    points: vec![from, to],
                    width: 0.3,
                    colour: Colour::INK,
                });
            }
        }
    }
}

fn entries(arms: &[EventArm], drawn: &[Vec<Life>]) -> Vec<Entry> {
    let thin = Key::Level(Colour::INK.tint(0.45), SOLID);
    let mut entries = vec![
        Entry::new(thin, "before onset"),
        Entry::new(Key::Window(Colour::INK), "from onset to the end of life"),
    ];
    let has = |end: LifeEnd| drawn.iter().flatten().any(|life| life.end == end);
    if has(LifeEnd::Censored) {
        let key = Key::Marker(Sign::Ring, Colour::INK);
        entries.push(Entry::new(key, "alive when last seen (censored)"));
    }
    if has(LifeEnd::OtherDeath) {
        let key = Key::Marker(Sign::Death, Colour::INK);
        entries.push(Entry::new(key, "died for another reason (censored)"));
    }
    if arms.iter().any(|arm| median_death(arm).is_some()) {
        let key = Key::Level(Colour::GREY, DOTTED);
        entries.push(Entry::new(key, "median survival (Kaplan–Meier)"));
    }
    entries
}

fn table(name: &str, arms: &[EventArm]) -> Table {
    let rows: Vec<(&EventArm, &Life)> = arms
        .iter()
        .flat_map(|arm| arm.lives.iter().map(move |life| (arm, life)))
        .collect();
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let columns = vec![
        Column::text(
            "arm",
            rows.iter().map(|(arm, _)| arm.name.clone()).collect(),
        ),
        Column::optional_numbers(
            "onset_d",
            "d",
            rows.iter().map(|(_, life)| finite(life.onset)).collect(),
        ),
        Column::optional_numbers(
            "last_d",
            "d",
            rows.iter()
                .map(|(_, life)| finite(Some(life.last)))
                .collect(),
        ),
        Column::text(
            "event",
            rows.iter()
                .map(|(_, life)| life.end.word().to_owned())
                .collect(),
        ),
    ];
    Table::new(name, columns)
}
