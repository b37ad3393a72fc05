//! Apparent effects of repeated experiments against their size: what significance selects.

use gutbrain_statistics::samples;

use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{ArmStyle, Colour, DOTTED, SOLID};
use super::panel::{Axis, Item, Panel, Sign};
use super::terms::Terms;
use super::ticks::{Range, Ticks};
use super::trajectories::column_count;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

/// Panels on one page.
const MOST_PANELS: usize = 9;
/// Experiments drawn per group size; the quantiles are those of all.
const MOST_DOTS: usize = 160;
/// Half of the width over which the dots of one size are spread, where sizes are one apart.
const SPREAD: f64 = 0.34;
const SIGNIFICANT: Colour = Colour(0xd5, 0x5e, 0x00);
const TRUE_EFFECT: Colour = Colour(0x00, 0x72, 0xb2);

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Funnel {
    /// What the effect is, such as `Difference of medians`.
    pub effect: String,
    /// Its unit.
    pub unit: String,
    /// What makes an experiment significant, such as `log-rank p < 0.05`.
    pub significance: String,
    /// One panel per design or treatment.
    pub panels: Vec<FunnelPanel>,
    /// What those who are drawn are called, and how they tell time: effects in `d` are written in its unit.
    pub terms: Terms,
}

/// One panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelPanel {
    /// What is repeated.
    pub heading: String,
    /// The effect that is there.
    pub true_effect: Option<f64>,
    /// The experiments by their size.
    pub sizes: Vec<FunnelSize>,
}

/// The experiments of one size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelSize {
    /// Animals per arm.
    pub group_size: u32,
    /// One per replicate in which the effect could be estimated.
    pub replicates: Vec<ApparentEffect>,
}

/// What one experiment saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ApparentEffect {
    /// The effect.
    pub effect: f64,
    /// Whether the experiment would call it one.
    pub verdict: Verdict,
}

/// What an experiment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The effect is significant.
    Significant,
    /// It is not.
    NotSignificant,
}

/// Draws a cloud of experiments for every group size, those with a significant result filled.
///
/// Experiments beyond the axis are triangles at its ends. A short bar marks the mean of the significant ones: its distance from the true effect is by how much a
/// published result exaggerates. Of large clouds evenly spaced replicates are drawn; bars and the shaded
/// range of 95 % are those of all. Sizes stand side by side whatever their distance.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without a replicate, [`FigureError::TooManyPanels`] above nine.
pub fn funnel(name: &str, funnel: &Funnel, width: PageWidth) -> Result<Figure, FigureError> {
    let effects = || {
        let sizes = funnel.panels.iter().flat_map(|panel| &panel.sizes);
        sizes.flat_map(FunnelSize::finite)
    };
    if effects().next().is_none() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    if funnel.panels.len() > MOST_PANELS {
        return Err(FigureError::TooManyPanels {
            figure: name.into(),
            found: funnel.panels.len(),
            most: MOST_PANELS,
        });
    }
    let mut all: Vec<f64> = effects().map(|replicate| replicate.effect).collect();
    samples::sort(&mut all);
    // A single wild experiment does not squeeze all others: it is marked at the edge. What is
    // computed from all of them is on the axis.
    let end = |probability: f64| samples::quantile(&all, probability).unwrap_or(0.0);
    let truths = funnel.panels.iter().filter_map(|panel| panel.true_effect);
    let sizes = || funnel.panels.iter().flat_map(|panel| &panel.sizes);
    let means = sizes().filter_map(FunnelSize::mean_of_significant);
    let ranges = sizes()
        .filter_map(FunnelSize::usual)
        .flat_map(|(low, high)| [low, high]);
    let ends = truths.chain([0.0, end(0.001), end(0.999)]);
    let Range { low, high } = Range::spanning(ends.collect::<Vec<_>>());
    let span = high - low;
    let near = |value: &f64| (low - span..=high + span).contains(value);
    let computed = means.chain(ranges).filter(near);
    let Range { low, high } = Range::spanning(computed.chain([low, high]).collect::<Vec<_>>());
    let room = 0.06 * (high - low);
    let vertical = Range {
        low: low - room,
        high: high + room,
    };
    let panels: Vec<Panel> = funnel
        .panels
        .iter()
        .map(|panel| draw_sizes(funnel, panel, vertical))
        .collect();
    let grid = Grid {
        width: width.millimetres(),
        columns: column_count(width, panels.len()),
        proportion: if panels.len() == 1 { 0.6 } else { 0.85 },
        legend: legend(funnel, vertical),
        panels,
    };
    Ok(Figure::new(name, grid.draw(), table(name, funnel)))
}

impl FunnelSize {
    fn finite(&self) -> impl Iterator<Item = &ApparentEffect> {
        self.replicates
            .iter()
            .filter(|replicate| replicate.effect.is_finite())
    }

    /// The range of 95 % of all experiments.
    fn usual(&self) -> Option<(f64, f64)> {
        let mut effects: Vec<f64> = self.finite().map(|replicate| replicate.effect).collect();
        samples::sort(&mut effects);
        let end = |probability: f64| samples::quantile(&effects, probability);
        end(0.025).zip(end(0.975))
    }

    /// The mean effect of the significant experiments.
    fn mean_of_significant(&self) -> Option<f64> {
        let significant = self.finite().filter(|r| r.verdict == Verdict::Significant);
        let effects: Vec<f64> = significant.map(|replicate| replicate.effect).collect();
        samples::mean(&effects)
    }
}

fn draw_sizes(funnel: &Funnel, panel: &FunnelPanel, vertical: Range) -> Panel {
    let sizes = Range {
        low: -0.6,
        high: panel.sizes.len().max(1) as f64 - 0.4,
    };
    let labels = panel.sizes.iter().enumerate();
    let ticks = Ticks {
        marks: labels
            .map(|(place, size)| (place as f64, size.group_size.to_string()))
            .collect(),
        exponent: 0,
    };
    let mut items = Vec::new();
    let (mut open, mut filled, mut bars) = (Vec::new(), Vec::new(), Vec::new());
    for (place, size) in panel.sizes.iter().enumerate() {
        let place = place as f64;
        let replicates: Vec<&ApparentEffect> = size.finite().collect();
        if let Some((low, high)) = size.usual() {
            let across = [place - SPREAD - 0.06, place + SPREAD + 0.06];
            items.push(Item::Band {
                low: across.map(|x| (x, low)).to_vec(),
                high: across.map(|x| (x, high)).to_vec(),
                colour: Colour::GREY,
                opacity: 0.13,
            });
        }
        let shown = replicates.len().min(MOST_DOTS);
        for dot in 0..shown {
            let replicate = replicates[dot * replicates.len() / shown];
            // Places that neither repeat nor clump: multiples of the golden section.
            let turn = (dot as f64 * 0.618_033_988_749_895).fract();
            let at = (place + SPREAD * (2.0 * turn - 1.0), replicate.effect);
            let (marks, sign, colour) = match replicate.verdict {
                Verdict::Significant => (&mut filled, Sign::Speck, SIGNIFICANT),
                Verdict::NotSignificant => (&mut open, Sign::OpenSpeck, Colour::GREY),
            };
            let sign = beyond(replicate.effect, vertical).unwrap_or(sign);
            marks.push(Item::Marker { at, sign, colour });
        }
        let mean = size.mean_of_significant();
        let beyond = mean.and_then(|mean| Some((mean, beyond(mean, vertical)?)));
        if let Some((mean, sign)) = beyond {
            bars.push(Item::Marker {
                at: (place, mean),
                sign,
                colour: Colour::INK,
            });
        } else if let Some(mean) = mean {
            bars.push(Item::Curve {
                points: vec![(place - SPREAD - 0.06, mean), (place + SPREAD + 0.06, mean)],
                style: ArmStyle {
                    colour: Colour::INK,
                    dashes: SOLID,
                },
            });
        }
    }
    items.push(Item::Level {
        value: 0.0,
        colour: Colour::GREY,
        dashes: DOTTED,
    });
    items.extend(open.into_iter().chain(filled));
    if let Some(value) = panel.true_effect {
        items.push(Item::Level {
            value,
            colour: TRUE_EFFECT,
            dashes: TRUE_DASHES,
        });
    }
    items.extend(bars);
    Panel {
        heading: panel.heading.clone(),
        horizontal: Axis {
            title: format!("{} per arm (not to scale)", funnel.terms.subjects.first()),
            unit: String::new(),
            range: sizes,
            ticks,
        },
        vertical: match funnel.unit.as_str() {
            "d" => (funnel.terms.clock).axis_of_spans(&funnel.effect, vertical, 6),
            unit => Axis::new(&funnel.effect, unit, vertical, 6),
        },
        items,
    }
}

/// The sign of a value that is not on the axis.
fn beyond(effect: f64, vertical: Range) -> Option<Sign> {
    match effect {
        effect if effect > vertical.high => Some(Sign::Above),
        effect if effect < vertical.low => Some(Sign::Below),
        _ => None,
    }
}

const TRUE_DASHES: super::palette::Dashes = &[2.0, 0.9];

fn legend(funnel: &Funnel, vertical: Range) -> Vec<Entry> {
    let significance = match funnel.significance.as_str() {
        "" => "significant",
        words => words,
    };
    let mean = ArmStyle {
        colour: Colour::INK,
        dashes: SOLID,
    };
    let mut entries = vec![
        Entry::new(
            Key::Marker(Sign::Speck, SIGNIFICANT),
            format!("one experiment, {significance}"),
        ),
        Entry::new(
            Key::Marker(Sign::OpenSpeck, Colour::GREY),
            "one experiment, not significant",
        ),
        Entry::new(Key::Arm(mean), "mean of the significant ones"),
    ];
    if funnel
        .panels
        .iter()
        .any(|panel| panel.true_effect.is_some())
    {
        entries.push(Entry::new(
            Key::Level(TRUE_EFFECT, TRUE_DASHES),
            "true effect",
        ));
    }
    entries.push(Entry::new(
        Key::Window(Colour::GREY.tint(0.2)),
        "95 % of all experiments",
    ));
    let sizes = funnel.panels.iter().flat_map(|panel| &panel.sizes);
    let all = sizes.clone().flat_map(FunnelSize::finite);
    let beyond = all
        .filter(|it| beyond(it.effect, vertical).is_some())
        .count();
    if beyond > 0 {
        let text = format!("beyond the axis ({beyond} of all experiments)");
        entries.push(Entry::new(Key::Marker(Sign::Above, Colour::GREY), text));
    }
    let most = sizes.map(|size| size.finite().count()).max().unwrap_or(0);
    if most > MOST_DOTS {
        let text = format!("dots: {MOST_DOTS} of up to {most} experiments per size");
        entries.push(Entry::new(Key::Remark, text));
    }
    entries
}

fn table(name: &str, funnel: &Funnel) -> Table {
    let mut rows = Vec::new();
    for panel in &funnel.panels {
        for size in &panel.sizes {
            for replicate in size.finite() {
                rows.push((panel, size.group_size, replicate));
            }
        }
    }
    let columns = vec![
        Column::text(
            "panel",
            rows.iter().map(|row| row.0.heading.clone()).collect(),
        ),
        Column::optional_numbers(
            "true_effect",
            &funnel.unit,
            rows.iter()
                .map(|row| row.0.true_effect.filter(|v| v.is_finite()))
                .collect(),
        ),
        Column::integers(
            "group_size",
            rows.iter().map(|row| Some(i64::from(row.1))).collect(),
        ),
        Column::numbers(
            "effect",
            &funnel.unit,
            rows.iter().map(|row| row.2.effect).collect(),
        ),
        Column::integers(
            "significant",
            rows.iter()
                .map(|row| Some(i64::from(row.2.verdict == Verdict::Significant)))
                .collect(),
        ),
    ];
    Table::new(name, columns)
}
