//! Charts of calibrations: traces, profiles, pairs, objectives of starts. Panels of named series over
//! numbers, with the data behind them as one long table.

use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{Colour, DOTTED, arm_styles};
use super::panel::{Axis, Item, Panel, Sign};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartForm {
    /// A curve.
    Curve,
    /// Dots.
    Dots,
    /// Small dots, of which there are many.
    Specks,
    /// A ring around a value that is compared with.
    Ring,
}

/// A series of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartSeries {
    /// Its name; the same name has the same colour in every chart.
    pub name: String,
    /// How it is drawn.
    pub form: ChartForm,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// One chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What is shown.
    pub heading: String,
    /// Title of the horizontal axis.
    pub horizontal: String,
    /// Title of the vertical axis.
    pub vertical: String,
    /// What is drawn.
    pub series: Vec<ChartSeries>,
    /// A dotted line across, if it means something.
    pub level: Option<f64>,
}

/// Most charts on a page.
const MOST_CHARTS: usize = 12;

/// Draws charts in rows of `columns`.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without finite points, [`FigureError::TooManyPanels`].
pub fn charts(
    name: &str,
    charts: &[Chart],
    columns: usize,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    if charts.len() > MOST_CHARTS {
        return Err(FigureError::TooManyPanels {
            figure: name.into(),
            found: charts.len(),
            most: MOST_CHARTS,
        });
    }
    let mut names: Vec<&str> = Vec::new();
    for series in charts.iter().flat_map(|chart| &chart.series) {
        if !names.contains(&series.name.as_str()) {
            names.push(&series.name);
        }
    }
    let styles = arm_styles(&vec![None; names.len()]);
    let style_of = |series: &str| {
        let place = names.iter().position(|known| *known == series);
        // Every name is in the list.
        styles[place.unwrap_or(0)]
    };
    let finite = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        let whole = points
            .iter()
            .filter(|(x, y)| x.is_finite() && y.is_finite());
        whole.copied().collect()
    };
    let mut panels = Vec::new();
    let mut any = false;
    for chart in charts {
        let mut items: Vec<Item> = chart.level.map_or_else(Vec::new, |value| {
            vec![Item::Level {
                value,
                colour: Colour::GREY,
                dashes: DOTTED,
            }]
        });
        let mut all: Vec<(f64, f64)> = Vec::new();
        for series in &chart.series {
            let points = finite(&series.points);
            any |= !points.is_empty();
            all.extend(&points);
            let style = style_of(&series.name);
            let sign = match series.form {
                ChartForm::Curve => {
                    items.push(Item::Curve { points, style });
                    continue;
                }
                ChartForm::Dots => Sign::Dot,
                ChartForm::Specks => Sign::Speck,
                ChartForm::Ring => Sign::Ring,
            };
            items.extend(points.into_iter().map(|at| Item::Marker {
                at,
                sign,
                colour: style.colour,
            }));
        }
        let across = widen(Range::spanning(all.iter().map(|point| point.0)));
        let up = all.iter().map(|point| point.1).chain(chart.level);
        let up = widen(Range::spanning(up));
        panels.push(Panel {
            heading: chart.heading.clone(),
            horizontal: Axis::new(&chart.horizontal, "", across, 4),
            vertical: Axis::new(&chart.vertical, "", up, 4),
            items,
        });
    }
    if !any {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let legend = if names.len() < 2 {
        Vec::new()
    } else {
        let entry = |series: &&str| Entry::new(Key::Arm(style_of(series)), *series);
        names.iter().map(entry).collect()
    };
    let grid = Grid {
        width: width.millimetres(),
        columns,
        proportion: 0.62,
        panels,
        legend,
    };
    Ok(Figure::new(name, grid.draw(), data(name, charts)))
}

/// Room for marks at the ends.
fn widen(range: Range) -> Range {
    let margin = 0.05 * (range.high - range.low);
    Range {
        low: range.low - margin,
        high: range.high + margin,
    }
}

fn data(name: &str, charts: &[Chart]) -> Table {
    let mut headings = Vec::new();
    let mut series_names = Vec::new();
    let (mut across, mut up) = (Vec::new(), Vec::new());
    let finite = |value: f64| value.is_finite().then_some(value);
    for chart in charts {
        for series in &chart.series {
            for &(x, y) in &series.points {
                headings.push(chart.heading.clone());
                series_names.push(series.name.clone());
                across.push(finite(x));
                up.push(finite(y));
            }
        }
    }
    Table::new(
        name,
        vec![
            Column::text("chart", headings),
            Column::text("series", series_names),
            Column::optional_numbers("x", "", across),
            Column::optional_numbers("y", "", up),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        Chart {
            heading: "one".to_owned(),
            horizontal: "x".to_owned(),
            vertical: "y".to_owned(),
            series: vec![
                ChartSeries {
                    name: "a".to_owned(),
                    form: ChartForm::Curve,
                    points: points.clone(),
                },
                ChartSeries {
                    name: "b".to_owned(),
                    form: ChartForm::Ring,
                    points,
                },
            ],
            level: Some(1.92),
        }
    }

    #[test]
    fn charts_hold_their_data_and_nothing_is_no_picture() {
        let points = vec![(0.0, 1.0), (1.0, f64::INFINITY), (2.0, 3.0)];
        let figure = charts("fit", &[chart(points)], 2, PageWidth::Double).expect("it is drawn");
        assert_eq!(figure.data().columns[0].data.len(), 6);
        assert!(figure.to_svg().expect("text").contains("<svg"));
        let nothing = charts("fit", &[chart(Vec::new())], 2, PageWidth::Double);
        assert!(matches!(nothing, Err(FigureError::NothingToDraw { .. })));
        let many = vec![chart(vec![(0.0, 0.0)]); 13];
        let many = charts("fit", &many, 4, PageWidth::Double);
        assert!(matches!(many, Err(FigureError::TooManyPanels { .. })));
    }
}
