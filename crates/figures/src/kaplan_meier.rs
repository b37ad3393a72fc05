//! Survival curves of arms with bands, marks of censoring, numbers at risk and the comparison in words.

use gutbrain_statistics::survival::{Interval, KaplanMeier, Step, shown_steps};

use super::grid::MARGIN;
use super::legend::{Entry, Key, Legend};
use super::palette::{ArmStyle, Colour, DOTTED, styles_or_own};
use super::panel::{
    Axis, AxisTitle, Frame, Item, Panel, Sign, TICK_STYLE, draw_panel, horizontal_axis_height,
    vertical_axis_width,
};
use super::rich_text::{MOST_NAME_LINES, RichText, row_height, widest};
use super::scene::{Align, Scene, TextStyle, Turn};
use super::terms::{Clock, Terms};
use super::ticks::Range;
use super::view::{NOTHING_IN_WINDOW, View};
use super::words::{write_interval, write_p};
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const RISK_ROW: f64 = 3.3;
const RISK_HEADING: TextStyle = TextStyle::semi_bold(6.6);
const NAME_GAP: f64 = 2.0;
const LEGEND_GAP: f64 = 2.6;
const BAND_OPACITY: f64 = 0.14;
/// With more arms than this bands cover each other: they are in the table only.
const MOST_BANDS: usize = 4;
/// An arm with more steps than this is drawn by steps of a tenth of a millimetre.
const MOST_STEPS: usize = 1500;
/// With more marks of censoring than this per arm only every so many are drawn.
const MOST_MARKS: usize = 200;

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurvivalArms {
    /// The arms; the first is the control.
    pub arms: Vec<SurvivalArm>,
    /// Whom the others are compared with; `None`: the first arm.
    pub reference: Option<String>,
    /// What part of the curves is shown.
    pub view: View,
    /// What those who are drawn are called, and how they tell time.
    pub terms: Terms,
    /// Whether the arms hold the same animals.
    pub pairing: Pairing,
    /// Own animals of a laboratory, by the name of their arm.
    pub own: Vec<OwnSurvival>,
}

/// The survival of own animals in an arm.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnSurvival {
    /// Name of the arm.
    pub arm: String,
    /// Their curve.
    pub curve: KaplanMeier,
    /// p of the log-rank test against the simulated animals; `None` if there is no test.
    pub log_rank_p: Option<f64>,
}

/// Whether arms hold the same animals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pairing {
    /// Different animals: p is what it says.
    #[default]
    Randomised,
    /// The same animals in every arm: p and hazard ratio only describe.
    Twins,
}

/// The survival of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct SurvivalArm {
    /// Name of the arm.
    pub name: String,
    /// How it is drawn; `None`: as its place among the arms says.
    pub style: Option<ArmStyle>,
    /// Its curve.
    pub curve: KaplanMeier,
    /// How it compares with the first arm; `None` for that arm.
    pub against_first: Option<ArmComparison>,
}

/// An arm against the first arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArmComparison {
    /// p of the log-rank test; `None` if there is no test.
    pub log_rank_p: Option<f64>,
    /// Hazard ratio and its interval; `None` if it cannot be estimated.
    pub hazard_ratio: Option<(f64, Interval)>,
    /// What else is to be said, such as why there is no hazard ratio.
    pub remark: String,
}

impl SurvivalArm {
    /// An arm from the rows of a saved table.
    #[must_use]
    pub fn from_steps(name: &str, steps: Vec<Step>) -> Self {
        Self {
            name: name.into(),
            style: None,
            curve: KaplanMeier {
                subjects: steps.first().map_or(0, |step| step.at_risk),
                events: steps.iter().map(|step| step.events).sum(),
                steps: shown_steps(steps),
            },
            against_first: None,
        }
    }
}

/// Draws the curves over age.
///
/// The axis begins a third of the span of the steps before the first of them, not at birth: before it
/// all curves are 1. Under the axis stand the numbers at risk just before each tick. An arm of nobody
/// is named in the legend and has no curve.
///
/// # Errors
/// [`FigureError::NothingToDraw`] if no arm has a subject.
pub fn kaplan_meier(
    name: &str,
    survival: &SurvivalArms,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let arms = &survival.arms;
    let mut times: Vec<f64> = steps(arms).map(|(_, step)| step.time).collect();
    let own = survival.own.iter().flat_map(|own| &own.curve.steps);
    times.extend(own.map(|step| step.time).filter(|time| time.is_finite()));
    if times.is_empty() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let given: Vec<Option<ArmStyle>> = arms.iter().map(|arm| arm.style).collect();
    let styles = styles_or_own(&given);
    let Range { low, high } = Range::spanning(times.iter().copied());
    let span = high - low;
    let needed = Range {
        low: (low - span / 3.0).max(0.0),
        high: high + 0.03 * span,
    };
    let ages = survival.view.ages(needed);
    // Before a window that begins later animals have died, too.
    let all = Range {
        low: needed.low.min(ages.low),
        high: needed.high.max(ages.high),
    };
    let tick_count = if width.is_wide() { 8 } else { 5 };
    let animals = survival.terms.subjects.first();
    let panel = Panel {
        heading: String::new(),
        horizontal: survival.terms.clock.axis(ages, tick_count),
        vertical: Axis::new(
            &format!("{animals} alive"),
            "%",
            Range {
                low: 0.0,
                high: 102.0,
            },
            5,
        ),
        items: survival.view.within(items(survival, &styles, all), ages),
    }
    .noted(NOTHING_IN_WINDOW);
    let page = width.millimetres();
    let name_style = TICK_STYLE;
    let names: Vec<Vec<RichText>> = arms
        .iter()
        .map(|arm| RichText::wrap(&arm.name, 0.24 * page, MOST_NAME_LINES, name_style))
        .collect();
    let names_width = widest(&names, name_style);
    let risk_row = row_height(RISK_ROW, &names, name_style);
    let number_half = 0.5
        * arms
            .iter()
            .map(|arm| RichText::parse(&arm.curve.subjects.to_string()).width(TICK_STYLE))
            .fold(0.0, f64::max);
    let first_tick = panel.horizontal.ticks.marks.first();
    let before_first = first_tick.map_or(0.0, |(age, _)| ages.share(*age));
    // The name stands left of the first number, which may stand anywhere in the frame.
    let room = page - MARGIN - 3.0;
    let before_number = MARGIN + names_width + NAME_GAP + number_half;
    let needed = (before_number - before_first * room) / (1.0 - before_first);
    let left = needed.max(MARGIN + vertical_axis_width(&panel.vertical, 0.3 * page));
    let frame_width = room - left;
    let frame = Frame {
        left,
        top: MARGIN + 1.5,
        width: frame_width,
        height: if width.is_wide() {
            0.42 * frame_width
        } else {
            0.66 * frame_width
        },
        horizontal: ages,
        vertical: panel.vertical.range,
    };
    let axis_height = horizontal_axis_height(&panel.horizontal, frame_width, AxisTitle::Shown);
    let table_top = frame.bottom() + axis_height + 1.6;
    let legend = Legend::new(&entries(survival, &styles), page - 2.0 * MARGIN);
    let legend_top = table_top + RISK_ROW + risk_row * arms.len() as f64 + LEGEND_GAP;
    let mut scene = Scene::new(page, legend_top + legend.height() + MARGIN);
    draw_panel(&mut scene, &panel, frame, AxisTitle::Shown);

    let middle = |row: usize| table_top + RISK_ROW + (row as f64 + 0.5) * risk_row;
    scene.write(
        &RichText::parse(&format!("{animals} at risk")),
        (MARGIN, table_top + 0.75 * RISK_ROW),
        Align::Start,
        Turn::Level,
        RISK_HEADING,
    );
    let ticks = &panel.horizontal.ticks.marks;
    let first_number = ticks.first().map_or(left, |(age, _)| frame.across(*age));
    for (row, ((arm, name), style)) in arms.iter().zip(&names).zip(&styles).enumerate() {
        let style = TICK_STYLE.coloured(style.colour);
        let anchor = (first_number - number_half - NAME_GAP, middle(row));
        scene.write_lines(name, anchor, Align::End, style);
        for (age, _) in ticks {
            let count = RichText::parse(&arm.curve.at_risk(*age).to_string());
            let anchor = (frame.across(*age), middle(row));
            scene.write_lines(&[count], anchor, Align::Middle, TICK_STYLE);
        }
    }
    legend.draw(&mut scene, MARGIN, legend_top);
    Ok(Figure::new(name, scene, table(name, arms)))
}

fn steps(arms: &[SurvivalArm]) -> impl Iterator<Item = (&SurvivalArm, &Step)> {
    arms.iter()
        .flat_map(|arm| arm.curve.steps.iter().map(move |step| (arm, step)))
        .filter(|(_, step)| step.time.is_finite() && step.survival.is_finite())
}

/// The steps that are drawn: all of them, or in very large arms those that the eye can tell apart.
fn drawn_steps(arm: &SurvivalArm, ages: Range) -> Vec<&Step> {
    let all: Vec<&Step> = steps(std::slice::from_ref(arm))
        .map(|(_, step)| step)
        .collect();
    if all.len() <= MOST_STEPS {
        return all;
    }
    let least = (ages.high - ages.low) / MOST_STEPS as f64;
    let mut kept: Vec<&Step> = Vec::new();
    for (index, step) in all.iter().enumerate() {
        let far = kept
            .last()
            .is_none_or(|last| step.time - last.time >= least);
        if far || index + 1 == all.len() {
            kept.push(step);
        }
    }
    kept
}

fn items(survival: &SurvivalArms, styles: &[ArmStyle], ages: Range) -> Vec<Item> {
    let arms = &survival.arms;
    let mut items = Vec::new();
    if arms.len() <= MOST_BANDS {
        for (arm, style) in arms.iter().zip(styles) {
            items.extend(bands(arm, style.colour, ages));
        }
    }
    items.push(Item::Level {
        value: 50.0,
        colour: Colour::GREY,
        dashes: DOTTED,
    });
    let mut marks = Vec::new();
    for (arm, style) in arms.iter().zip(styles) {
        if arm.curve.steps.is_empty() {
            continue;
        }
        let (points, censored) = stairs(drawn_steps(arm, ages).into_iter(), ages);
        items.push(Item::Curve {
            points,
            style: *style,
        });
        let stride = censored.len().div_ceil(MOST_MARKS).max(1);
        marks.extend(censored.into_iter().step_by(stride).map(|at| Item::Marker {
            at,
            sign: Sign::Censored,
            colour: style.colour,
        }));
    }
    for (own, style) in own_styles(survival, styles) {
        let (points, censored) = stairs(own.curve.steps.iter(), ages);
        items.push(Item::Curve { points, style });
        marks.extend(censored.into_iter().map(|at| Item::Marker {
            at,
            sign: Sign::Censored,
            colour: style.colour,
        }));
    }
    items.extend(marks);
    items
}

/// Own animals with the style of their curve: the colour of the arm, dotted.
fn own_styles<'s>(
    survival: &'s SurvivalArms,
    styles: &'s [ArmStyle],
) -> impl Iterator<Item = (&'s OwnSurvival, ArmStyle)> {
    survival.own.iter().filter_map(|own| {
        let mut arms = survival.arms.iter();
        let place = arms.position(|arm| arm.name == own.arm)?;
        let style = ArmStyle {
            dashes: DOTTED,
            ..styles[place]
        };
        Some((own, style))
    })
}

/// A curve of steps in percent, and where it has animals that were censored.
type Stairs = (Vec<(f64, f64)>, Vec<(f64, f64)>);

/// The steps of a curve from the beginning of the axis on.
fn stairs<'s>(steps: impl Iterator<Item = &'s Step>, ages: Range) -> Stairs {
    let (mut points, mut level) = (vec![(ages.low, 100.0)], 100.0);
    let mut censored = Vec::new();
    for step in steps {
        points.push((step.time, level));
        level = 100.0 * step.survival;
        points.push((step.time, level));
        if step.censored > 0 {
            censored.push((step.time, level));
        }
    }
    (points, censored)
}

/// The band of an arm as stretches of steps: it ends where it is not defined.
fn bands(arm: &SurvivalArm, colour: Colour, ages: Range) -> Vec<Item> {
    let mut bands = Vec::new();
    let (mut low, mut high): (Vec<_>, Vec<_>) = (vec![(ages.low, 100.0)], vec![(ages.low, 100.0)]);
    let mut ends = Some((100.0, 100.0));
    for step in drawn_steps(arm, ages) {
        if let Some((lower, upper)) = ends {
            low.push((step.time, lower));
            high.push((step.time, upper));
        }
        let next = step
            .band
            .map(|band| (100.0 * band.lower, 100.0 * band.upper));
        if let Some((lower, upper)) = next {
            low.push((step.time, lower));
            high.push((step.time, upper));
        } else if low.len() > 1 {
            bands.push((std::mem::take(&mut low), std::mem::take(&mut high)));
        }
        ends = next;
    }
    bands.push((low, high));
    bands
        .into_iter()
        .filter(|(low, _)| low.len() > 1)
        .map(|(low, high)| Item::Band {
            low,
            high,
            colour,
            opacity: BAND_OPACITY,
        })
        .collect()
}

/// The median of a curve in words, with a comma before it; nothing of nobody.
fn median_words(curve: &KaplanMeier, clock: &Clock) -> String {
    let found = curve.median();
    match found.time {
        _ if curve.subjects == 0 => String::new(),
        Some(time) => {
            let interval = clock.write(time, found.lower, found.upper);
            format!(", median {interval}")
        }
        None => ", median not reached".into(),
    }
}

fn entries(survival: &SurvivalArms, styles: &[ArmStyle]) -> Vec<Entry> {
    let arms = &survival.arms;
    let banded = arms.len() <= MOST_BANDS;
    let clock = &survival.terms.clock;
    let mut entries = Vec::new();
    for (arm, style) in arms.iter().zip(styles) {
        let median = median_words(&arm.curve, clock);
        let last = arm.curve.steps.last().map(|step| (0.0, step.time));
        let absence = survival.view.absence(last.is_some(), last);
        let text = format!("{}: n = {}{median}{absence}", arm.name, arm.curve.subjects);
        let key = if banded {
            Key::Band(*style, BAND_OPACITY)
        } else {
            Key::Arm(*style)
        };
        entries.push(Entry::new(key, text));
    }
    for (own, style) in own_styles(survival, styles) {
        let median = median_words(&own.curve, clock);
        let test = own.log_rank_p.map_or_else(String::new, |p| {
            format!("; against the simulated: log-rank {}", write_p(p))
        });
        let subjects = own.curve.subjects;
        let text = format!("{}, own data: n = {subjects}{median}{test}", own.arm);
        entries.push(Entry::new(Key::Arm(style), text));
    }
    let own = survival.own.iter().flat_map(|own| &own.curve.steps);
    if steps(arms)
        .map(|(_, step)| step)
        .chain(own)
        .any(|step| step.censored > 0)
    {
        entries.push(Entry::new(
            Key::Marker(Sign::Censored, Colour::INK),
            "censored",
        ));
    }
    let bands = if banded {
        "bands and brackets"
    } else {
        "brackets"
    };
    let text = format!("{bands}: 95 % confidence");
    entries.push(Entry::new(Key::Remark, text));
    for arm in arms {
        let Some(comparison) = &arm.against_first else {
            continue;
        };
        let mut parts = Vec::new();
        if let Some(p) = comparison.log_rank_p {
            parts.push(format!("log-rank {}", write_p(p)));
        }
        if let Some((ratio, Interval { lower, upper })) = comparison.hazard_ratio {
            let interval = write_interval(ratio, Some(lower), Some(upper));
            parts.push(format!("hazard ratio {interval}"));
        }
        if !comparison.remark.is_empty() {
            parts.push(comparison.remark.clone());
        }
        let first = arms.first().map(|arm| arm.name.as_str());
        let first = survival.reference.as_deref().or(first).unwrap_or_default();
        if !parts.is_empty() {
            let text = format!("{} against {first}: {}", arm.name, parts.join("; "));
            entries.push(Entry::new(Key::Sentence, text));
        }
    }
    let tests = arms
        .iter()
        .filter_map(|arm| arm.against_first.as_ref()?.log_rank_p);
    let tests = tests.count();
    if tests > 1 {
        let text = format!("p values are not adjusted for {tests} comparisons");
        entries.push(Entry::new(Key::Sentence, text));
    }
    let compared = arms.iter().any(|arm| arm.against_first.is_some());
    if survival.pairing == Pairing::Twins && (arms.len() > 1 || compared) {
        let many = &survival.terms.subjects.many;
        let text = format!("p and hazard ratio are descriptive: the same {many} live in every arm");
        entries.push(Entry::new(Key::Sentence, text));
    }
    entries
}

fn table(name: &str, arms: &[SurvivalArm]) -> Table {
    let rows: Vec<(&SurvivalArm, &Step)> = steps(arms).collect();
    let counts = |title: &str, count: fn(&Step) -> usize| {
        let values = rows.iter().map(|(_, step)| i64::try_from(count(step)).ok());
        Column::integers(title, values.collect())
    };
    let numbers = |title: &str, unit: &str, value: fn(&Step) -> Option<f64>| {
        let values = rows
            .iter()
            .map(|(_, step)| value(step).filter(|v| v.is_finite()));
        Column::optional_numbers(title, unit, values.collect())
    };
    let columns = vec![
        Column::text(
            "arm",
            rows.iter().map(|(arm, _)| arm.name.clone()).collect(),
        ),
        numbers("time_d", "d", |step| Some(step.time)),
        counts("at_risk", |step| step.at_risk),
        counts("events", |step| step.events),
        counts("censored", |step| step.censored),
        numbers("survival", "1", |step| Some(step.survival)),
        numbers("lower", "1", |step| step.band.map(|band| band.lower)),
        numbers("upper", "1", |step| step.band.map(|band| band.upper)),
    ];
    Table::new(name, columns)
}
