//! Small multiples of cohorts: per variable and arm the median of the animals alive at an age, with the
//! ranges of the middle half and of the middle 80 % of them.

use std::collections::BTreeMap;

use super::courses::{Course, course_entries, course_items, courses};
use super::curves::{Shade, VariableInfo, edges, reference_words, with_steps};
use super::data_points::{DataPoint, ages_of, point_entry, point_items};
use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{ArmStyle, Colour, DOTTED, styles_or_own};
use super::panel::{Axis, Item, Panel};
use super::terms::Terms;
use super::ticks::Range;
use super::trajectories::{MOST_PANELS, amount_range, column_count};
use super::view::View;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const OUTER: f64 = 0.13;
const INNER: f64 = 0.2;
/// Bands end where fewer than this share of the animals is alive: what the rest shows is who survives,
/// not what becomes of the arm.
const LEAST_SHARE: f64 = 0.5;
/// … and where fewer animals than this are: their quantiles are single animals.
const LEAST_ANIMALS: usize = 3;

/// Bands of several arms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bands {
    /// The arms in the order of the scenario; the first is the control.
    pub arms: Vec<BandArm>,
    /// How variables are called; one that is missing here is called by its id.
    pub variables: BTreeMap<String, VariableInfo>,
    /// Windows of interventions.
    pub shades: Vec<Shade>,
    /// Measured values.
    pub points: Vec<DataPoint>,
    /// What part of them a figure shows.
    pub view: View,
    /// What those who are drawn are called, and how they tell time.
    pub terms: Terms,
}

/// The bands of one arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BandArm {
    /// Name of the arm.
    pub name: String,
    /// How it is drawn; `None`: as its place among the arms says.
    pub style: Option<ArmStyle>,
    /// Ages in days, ascending.
    pub times: Vec<f64>,
    /// Bands at those ages by variable.
    pub series: BTreeMap<String, Vec<Option<Band>>>,
}

/// What the animals alive at one age show.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Band {
    /// How many they are.
    pub animals: usize,
    /// Tenth part below.
    pub q10: f64,
    /// Quarter below.
    pub q25: f64,
    /// Half below.
    pub median: f64,
    /// Quarter above.
    pub q75: f64,
    /// Tenth part above.
    pub q90: f64,
}

impl Band {
    fn is_finite(&self) -> bool {
        [self.q10, self.q25, self.median, self.q75, self.q90]
            .iter()
            .all(|value| value.is_finite())
    }
}

/// Draws one panel for each of `variables`, at most sixteen.
///
/// Medians and bands are those of the animals alive at an age. They end where fewer than half of the
/// arm's animals, or fewer than three, are left: beyond, the curves would show who survives and level
/// off. The table has all of them.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without variables or arms, [`FigureError::TooManyPanels`] above
/// sixteen, [`FigureError::UnknownVariable`] for a variable that no arm has.
pub fn bands(
    name: &str,
    bands: &Bands,
    variables: &[&str],
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let figure = || name.to_owned();
    if variables.is_empty() || bands.arms.is_empty() {
        return Err(FigureError::NothingToDraw { figure: figure() });
    }
    if variables.len() > MOST_PANELS {
        return Err(FigureError::TooManyPanels {
            figure: figure(),
            found: variables.len(),
            most: MOST_PANELS,
        });
    }
    let has = |variable: &str| {
        bands
            .arms
            .iter()
            .any(|arm| arm.series.contains_key(variable))
    };
    if let Some(unknown) = variables.iter().find(|variable| !has(variable)) {
        return Err(FigureError::UnknownVariable {
            figure: figure(),
            variable: (*unknown).to_owned(),
        });
    }
    let given: Vec<Option<ArmStyle>> = bands.arms.iter().map(|arm| arm.style).collect();
    let styles = styles_or_own(&given);
    let drawn: Vec<f64> = bands
        .arms
        .iter()
        .flat_map(|arm| {
            arm.series
                .keys()
                .flat_map(|variable| arm.stretches(variable))
        })
        .flatten()
        .map(|(age, _)| age)
        .chain(ages_of(&bands.points, variables))
        .collect();
    let ages = bands.view.ages(Range::spanning(drawn));
    let names: Vec<&str> = bands.arms.iter().map(|arm| arm.name.as_str()).collect();
    let courses = courses(&names, &bands.shades, &styles, ages, &bands.terms.clock);
    let panels: Vec<Panel> = variables
        .iter()
        .map(|variable| panel(bands, variable, &styles, ages, &courses))
        .collect();
    let grid = Grid {
        width: width.millimetres(),
        columns: column_count(width, panels.len()),
        proportion: if panels.len() == 1 { 0.6 } else { 0.72 },
        legend: legend(bands, variables, &styles, &courses),
        panels,
    };
    Ok(Figure::new(
        name,
        grid.draw(),
        table(name, bands, variables),
    ))
}

impl BandArm {
    /// The most animals that are alive at any age.
    fn animals(&self) -> usize {
        let counts = self.series.values().flatten().flatten();
        counts.map(|band| band.animals).max().unwrap_or(0)
    }

    /// Unbroken stretches of enough animals.
    fn stretches(&self, variable: &str) -> Vec<Vec<(f64, Band)>> {
        let least = ((LEAST_SHARE * self.animals() as f64).ceil() as usize).max(LEAST_ANIMALS);
        let mut stretches = vec![Vec::new()];
        let values = self.series.get(variable).map_or(&[][..], Vec::as_slice);
        for (age, band) in self.times.iter().zip(values) {
            match band {
                Some(band) if age.is_finite() && band.is_finite() && band.animals >= least => {
                    if let Some(stretch) = stretches.last_mut() {
                        stretch.push((*age, *band));
                    }
                }
                _ => stretches.push(Vec::new()),
            }
        }
        stretches.retain(|stretch| !stretch.is_empty());
        stretches
    }
}

fn panel(
    bands: &Bands,
    variable: &str,
    styles: &[ArmStyle],
    ages: Range,
    courses: &[Course],
) -> Panel {
    let info = VariableInfo::find(&bands.variables, variable);
    let reference = info.level();
    let mut items = course_items(courses);
    let (mut areas, mut medians, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (arm, style) in bands.arms.iter().zip(styles) {
        let edges = edges(&bands.shades, &arm.name);
        for stretch in arm.stretches(variable) {
            values.extend(stretch.iter().flat_map(|(_, band)| [band.q10, band.q90]));
            let curve = |value: fn(&Band) -> f64| -> Vec<(f64, f64)> {
                let points = stretch.iter().map(|(age, band)| (*age, value(band)));
                with_steps(&points.collect::<Vec<_>>(), &edges)
            };
            let mut area = |low, high, opacity| {
                areas.push(Item::Band {
                    low,
                    high,
                    colour: style.colour,
                    opacity,
                });
            };
            area(curve(|band| band.q10), curve(|band| band.q90), OUTER);
            area(curve(|band| band.q25), curve(|band| band.q75), INNER);
            medians.push(Item::Curve {
                points: curve(|band| band.median),
                style: *style,
            });
        }
    }
    items.extend(areas);
    if let Some(value) = reference {
        items.push(Item::Level {
            value,
            colour: Colour::GREY,
            dashes: DOTTED,
        });
    }
    items.extend(medians);
    let names: Vec<&str> = bands.arms.iter().map(|arm| arm.name.as_str()).collect();
    let (points, measured) = point_items(&bands.points, variable, &names, styles);
    items.extend(points);
    values.extend(reference.into_iter().chain(measured));
    let fit = |values: &[f64]| amount_range(values, &info.unit);
    let panel = Panel {
        horizontal: bands.terms.clock.axis(ages, 5),
        vertical: Axis::new("", &info.axis_unit(), fit(&values), 4),
        heading: info.label,
        items,
    };
    bands.view.panel(panel, variable, fit)
}

fn legend(
    bands: &Bands,
    variables: &[&str],
    styles: &[ArmStyle],
    courses: &[Course],
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = bands
        .arms
        .iter()
        .zip(styles)
        .map(|(arm, style)| {
            let stretches = || variables.iter().flat_map(|id| arm.stretches(id));
            let absence = bands.view.absence(
                stretches().next().is_some(),
                stretches().filter_map(|stretch| ends(&stretch)),
            );
            let text = format!("{} (n = {}){absence}", arm.name, arm.animals());
            Entry::new(Key::Band(*style, OUTER + INNER), text)
        })
        .collect();
    let infos = variables
        .iter()
        .map(|id| VariableInfo::find(&bands.variables, id));
    if let Some(words) = reference_words(&infos.collect::<Vec<_>>()) {
        entries.push(Entry::new(Key::Level(Colour::GREY, DOTTED), words));
    }
    entries.extend(point_entry(&bands.points, variables));
    entries.extend(course_entries(courses));
    let text = format!(
        "median of the {} alive, with the middle half (darker) and the middle 80 %, drawn while at least half \
         of the arm is alive",
        bands.terms.subjects.many
    );
    entries.push(Entry::new(Key::Remark, text));
    entries
}

/// The first and the last age of a stretch.
fn ends(stretch: &[(f64, Band)]) -> Option<(f64, f64)> {
    Some((stretch.first()?.0, stretch.last()?.0))
}

fn table(name: &str, bands: &Bands, variables: &[&str]) -> Table {
    let mut rows: Vec<(&str, f64, &str, Band)> = Vec::new();
    for arm in &bands.arms {
        for (index, variable) in variables.iter().enumerate() {
            if variables[..index].contains(variable) {
                continue;
            }
            let Some(series) = arm.series.get(*variable) else {
                continue;
            };
            for (age, band) in arm.times.iter().zip(series) {
                if let Some(band) = band.filter(Band::is_finite)
                    && age.is_finite()
                {
                    rows.push((&arm.name, *age, variable, band));
                }
            }
        }
    }
    // Rows have the units of their variables: see units.csv of the run.
    let values = |title: &str, value: fn(&Band) -> f64| {
        let values = rows.iter().map(|(.., band)| Some(value(band)));
        Column::optional_numbers(title, "", values.collect())
    };
    let unit = |variable: &str| {
        let info = bands.variables.get(variable);
        info.map_or(String::new(), |info| info.unit.clone())
    };
    let columns = vec![
        Column::text("arm", rows.iter().map(|row| row.0.to_owned()).collect()),
        Column::numbers("time_d", "d", rows.iter().map(|row| row.1).collect()),
        Column::text(
            "variable",
            rows.iter().map(|row| row.2.to_owned()).collect(),
        ),
        Column::text("unit", rows.iter().map(|row| unit(row.2)).collect()),
        Column::integers(
            "n",
            rows.iter()
                .map(|row| i64::try_from(row.3.animals).ok())
                .collect(),
        ),
        values("q10", |band| band.q10),
        values("q25", |band| band.q25),
        values("median", |band| band.median),
        values("q75", |band| band.q75),
        values("q90", |band| band.q90),
    ];
    Table::new(name, columns)
}
