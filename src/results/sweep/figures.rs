//! The figures of a sweep, drawn from its [`Landscape`].
//!
//! | design | figures |
//! |---|---|
//! | grid over two numbers or more | heat maps of the gain of life (and of every feature) over the two last ones, one map per combination of the others |
//! | grid or list over one number | response curves: end of life and gain of life |
//! | sample | the gain of life over every factor: points, running median, the range that holds eight of ten |
//!
//! What does not fit on a page (too many maps or factors) is left out; the table has it all.

use std::collections::BTreeMap;

use gutbrain_statistics::samples;

use super::columns::is_numeric;
use super::landscape::{Landscape, Series};
use crate::report::figure::{
    Figure, FigureError, HeatAxis, HeatMap, HeatPanel, PlaceScale, Response, ResponseLine,
    ResponsePanel, ResponsePoint, heat_map, response,
};
use crate::scenario::{Factor, Levels, Scale, Scenario, SweepDesign, SweepPlan};

/// Features that get a figure of their own.
const MOST_FEATURES: usize = 4;
/// Factors of a sample that are drawn.
const MOST_FACTORS: usize = 9;
/// Points of a sample that are drawn one by one.
const MOST_SPECKS: usize = 400;
/// Groups of equally many points that a running median is taken over.
const GROUPS: usize = 12;

/// Draws what the design allows.
///
/// # Errors
/// What the drawing library refuses.
pub fn figures(
    landscape: &Landscape,
    scenario: &Scenario,
    units: &BTreeMap<String, String>,
) -> Result<Vec<Figure>, FigureError> {
    let Some(plan) = &scenario.sweep else {
        return Ok(Vec::new());
    };
    let sketch = Sketch {
        landscape,
        scenario,
        plan,
        units,
    };
    let numeric: Vec<usize> = (0..plan.factors.len())
        .filter(|factor| is_numeric(&plan.factors[*factor]) && landscape.distinct(*factor) > 1)
        .collect();
    let drawn = match numeric[..] {
        _ if plan.design.is_sample() => vec![sketch.sample(&numeric)],
        [] => Vec::new(),
        [factor] => vec![sketch.curves(factor)],
        // A list fills no plane.
        [_, _, ..] if plan.design == SweepDesign::List => Vec::new(),
        [.., vertical, horizontal] => sketch.maps(vertical, horizontal),
    };
    // Nothing to show, or more than a page holds, is no fault of the sweep.
    drawn
        .into_iter()
        .filter(|figure| {
            !matches!(
                figure,
                Err(FigureError::NothingToDraw { .. } | FigureError::TooManyPanels { .. })
            )
        })
        .map(|figure| scenario.style.finish(figure?))
        .collect()
}

struct Sketch<'a> {
    landscape: &'a Landscape,
    scenario: &'a Scenario,
    plan: &'a SweepPlan,
    units: &'a BTreeMap<String, String>,
}

impl Sketch<'_> {
    fn arms(&self) -> Vec<String> {
        let arms = self.scenario.arms.iter();
        arms.map(|arm| arm.name.clone()).collect()
    }

    fn is_cohort(&self) -> bool {
        self.scenario.cohort.is_some()
    }

    /// What is gained; of cohorts with the age, or the ages, up to which it is counted.
    fn gain_words(&self) -> String {
        if !self.is_cohort() {
            return "Gain of life".to_owned();
        }
        let to = match self.landscape.horizons {
            None => String::new(),
            Some((low, high)) if high - low < 0.5 => format!(" to {high:.0} d"),
            Some((low, high)) => format!(" to {low:.0}–{high:.0} d"),
        };
        format!("Gain of restricted mean survival{to}")
    }

    fn end_words(&self) -> &'static str {
        if self.is_cohort() {
            "Median survival"
        } else {
            "Age at death"
        }
    }

    /// Values of the factors other than these, as a heading, with the points that have them.
    fn facets(&self, shown: &[usize]) -> Vec<(String, Vec<usize>)> {
        let others: Vec<usize> = (0..self.plan.factors.len())
            .filter(|factor| !shown.contains(factor) && self.landscape.distinct(*factor) > 1)
            .collect();
        let mut facets: Vec<(Vec<u64>, String, Vec<usize>)> = Vec::new();
        for point in 0..self.landscape.points() {
            let values = || {
                others
                    .iter()
                    .map(|factor| self.landscape.factors[*factor][point])
            };
            let key: Vec<u64> = values().map(f64::to_bits).collect();
            match facets.iter_mut().find(|(known, _, _)| *known == key) {
                Some((_, _, points)) => points.push(point),
                None => {
                    let words = others.iter().zip(values()).map(|(factor, value)| {
                        let described = &self.plan.factors[*factor];
                        match self.landscape.words(*factor).get(value as usize) {
                            Some(word) if described.name == "subject.preset" => word.clone(),
                            Some(word) => format!("{}: {word}", title(described)),
                            None => format!("{} {value} {}", title(described), described.unit),
                        }
                    });
                    let heading = words.collect::<Vec<_>>().join(", ");
                    facets.push((key, heading, vec![point]));
                }
            }
        }
        let facets = facets.into_iter();
        facets
            .map(|(_, heading, points)| (heading, points))
            .collect()
    }

    fn maps(&self, vertical: usize, horizontal: usize) -> Vec<Result<Figure, FigureError>> {
        let mut drawn = Vec::new();
        let arms = self.arms();
        let several = arms.len() > 2;
        let first = arms.first().cloned().unwrap_or_default();
        for (place, arm) in arms.iter().enumerate() {
            let compared = place > 0;
            if !compared && arms.len() > 1 {
                continue;
            }
            let (what, words) = if compared {
                let words = format!("{}, {arm} against {first}", self.gain_words());
                ("life-gained", words)
            } else {
                ("end-of-life", self.end_words().to_owned())
            };
            let name = named(what, several.then_some(place));
            let values: fn(&Series) -> &[f64] = if compared {
                |series| &series.gain
            } else {
                |series| &series.last
            };
            drawn.push(self.map(
                &name,
                (words, "d".to_owned()),
                vertical,
                horizontal,
                |point| values(&self.landscape.arms[place])[point],
            ));
            let features = self
                .landscape
                .features
                .iter()
                .take(MOST_FEATURES)
                .enumerate();
            for (feature, text) in features {
                let name = named(
                    &format!("feature-{}", feature + 1),
                    several.then_some(place),
                );
                let unit = self.units.get(text).cloned().unwrap_or_default();
                let words = format!("{}, {arm}", sentence(text));
                drawn.push(
                    self.map(&name, (words, unit), vertical, horizontal, |point| {
                        self.landscape.arms[place].features[feature][point]
                    }),
                );
            }
        }
        drawn
    }

    fn map(
        &self,
        name: &str,
        (value, unit): (String, String),
        vertical: usize,
        horizontal: usize,
        of: impl Fn(usize) -> f64,
    ) -> Result<Figure, FigureError> {
        let (across, up) = (self.axis(horizontal), self.axis(vertical));
        let place = |axis: &HeatAxis, value: f64| {
            let places = axis.places.iter();
            places
                .clone()
                .position(|known| known.total_cmp(&value).is_eq())
        };
        let maps = self.facets(&[vertical, horizontal]).into_iter();
        let maps = maps.map(|(heading, points)| {
            let mut values = vec![None; across.places.len() * up.places.len()];
            for point in points {
                let column = place(&across, self.landscape.factors[horizontal][point]);
                let row = place(&up, self.landscape.factors[vertical][point]);
                if let (Some(column), Some(row)) = (column, row) {
                    values[row * across.places.len() + column] =
                        Some(of(point)).filter(|value| value.is_finite());
                }
            }
            HeatPanel { heading, values }
        });
        let map = HeatMap {
            value,
            unit,
            maps: maps.collect(),
            horizontal: across.clone(),
            vertical: up.clone(),
            missing: "no number: an end was not seen, or the run failed".to_owned(),
        };
        heat_map(name, &map, self.scenario.style.page())
    }

    fn axis(&self, factor: usize) -> HeatAxis {
        let described = &self.plan.factors[factor];
        HeatAxis {
            title: title(described),
            name: described.name.clone(),
            unit: described.unit.clone(),
            places: sorted(&self.landscape.factors[factor]),
        }
    }

    fn curves(&self, factor: usize) -> Result<Figure, FigureError> {
        let described = &self.plan.factors[factor];
        let places = sorted(&self.landscape.factors[factor]);
        let arms = self.arms();
        let axis = (title(described), described.unit.clone());
        let mut panels = Vec::new();
        for (heading, points) in self.facets(&[factor]) {
            let line = |arm: usize, of: &dyn Fn(&Series, usize) -> [f64; 3]| ResponseLine {
                line: arm,
                points: places
                    .iter()
                    .map(|place| {
                        let at = points.iter().find(|point| {
                            self.landscape.factors[factor][**point]
                                .total_cmp(place)
                                .is_eq()
                        });
                        let [value, lower, upper] =
                            at.map_or([f64::NAN; 3], |point| of(&self.landscape.arms[arm], *point));
                        let some = |value: f64| Some(value).filter(|value| value.is_finite());
                        ResponsePoint {
                            place: *place,
                            value: some(value),
                            lower: some(lower),
                            upper: some(upper),
                        }
                    })
                    .collect(),
                specks: Vec::new(),
            };
            let named = |what: &str| match heading.as_str() {
                "" => what.to_owned(),
                heading => format!("{what}, {heading}"),
            };
            let ends = |series: &Series, point: usize| {
                [
                    series.last[point],
                    series.last_lower[point],
                    series.last_upper[point],
                ]
            };
            panels.push(ResponsePanel {
                heading: named(self.end_words()),
                horizontal: axis.clone(),
                vertical: (String::new(), "d".to_owned()),
                scale: PlaceScale::Linear,
                lines: (0..arms.len()).map(|arm| line(arm, &ends)).collect(),
            });
            if arms.len() > 1 {
                let gains = |series: &Series, point: usize| {
                    [
                        series.gain[point],
                        series.gain_lower[point],
                        series.gain_upper[point],
                    ]
                };
                panels.push(ResponsePanel {
                    heading: named(&self.gain_words()),
                    horizontal: axis.clone(),
                    vertical: (String::new(), "d".to_owned()),
                    scale: PlaceScale::Linear,
                    lines: (1..arms.len()).map(|arm| line(arm, &gains)).collect(),
                });
            }
        }
        let drawn = Response {
            lines: arms,
            panels,
            band: if self.is_cohort() {
                "bands: 95 % intervals".to_owned()
            } else {
                String::new()
            },
            level: None,
        };
        response("response", &drawn, self.scenario.style.page())
    }

    fn sample(&self, numeric: &[usize]) -> Result<Figure, FigureError> {
        let arms = self.arms();
        let compared: Vec<usize> = if arms.len() > 1 {
            (1..arms.len()).collect()
        } else {
            vec![0]
        };
        let words = if arms.len() > 1 {
            self.gain_words()
        } else {
            self.end_words().to_owned()
        };
        let panel = |factor: &usize| {
            let described = &self.plan.factors[*factor];
            let lines = compared.iter().map(|arm| {
                let series = &self.landscape.arms[*arm];
                let values = if *arm > 0 { &series.gain } else { &series.last };
                let pairs = self.landscape.factors[*factor].iter().copied();
                let pairs = pairs.zip(values.iter().copied());
                let mut pairs: Vec<(f64, f64)> = pairs.filter(|pair| pair.1.is_finite()).collect();
                let every = pairs.len().div_ceil(MOST_SPECKS).max(1);
                let specks = pairs.iter().step_by(every).copied().collect();
                pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
                ResponseLine {
                    line: *arm,
                    points: running(&pairs),
                    specks,
                }
            });
            ResponsePanel {
                heading: title(described),
                horizontal: (String::new(), described.unit.clone()),
                vertical: (words.clone(), "d".to_owned()),
                scale: match described.levels {
                    Levels::Range {
                        scale: Scale::Log, ..
                    } => PlaceScale::Logarithm,
                    _ => PlaceScale::Linear,
                },
                lines: lines.collect(),
            }
        };
        let drawn = Response {
            panels: numeric.iter().take(MOST_FACTORS).map(panel).collect(),
            lines: arms,
            band: format!(
                "{words}: points of the sample, running median, and the range that holds eight of ten"
            ),
            level: None,
        };
        response("response", &drawn, self.scenario.style.page())
    }
}

/// Median, 10 % and 90 % of groups of equally many neighbouring points.
fn running(sorted: &[(f64, f64)]) -> Vec<ResponsePoint> {
    let groups = GROUPS.min(sorted.len() / 5);
    let group = |index: usize| {
        let (from, to) = (
            sorted.len() * index / groups,
            sorted.len() * (index + 1) / groups,
        );
        let members = &sorted[from..to];
        let places: Vec<f64> = members.iter().map(|pair| pair.0).collect();
        let mut values: Vec<f64> = members.iter().map(|pair| pair.1).collect();
        samples::sort(&mut values);
        let quantile = |share| samples::quantile(&values, share);
        let middle = samples::mean(&places).unwrap_or(f64::NAN);
        ResponsePoint {
            place: middle,
            value: quantile(0.5),
            lower: quantile(0.1),
            upper: quantile(0.9),
        }
    };
    (0..groups).map(group).collect()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup_by(|a, b| a.total_cmp(b).is_eq());
    sorted
}

fn named(what: &str, arm: Option<usize>) -> String {
    match arm {
        None => what.to_owned(),
        Some(arm) => format!("{what}-arm-{}", arm + 1),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().collect::<String>() + letters.as_str(),
        None => String::new(),
    }
}

/// The target of a factor in words: `arm.butyrate.dose` is "Dose of butyrate".
fn title(factor: &Factor) -> String {
    let name = &factor.name;
    let of_arm = name
        .strip_prefix("arm.")
        .and_then(|rest| rest.rsplit_once('.'));
    if let Some((arm, key)) = of_arm {
        let arm = arm.split('.').next().unwrap_or(arm);
        let words = match key {
            "dose" => format!("Dose of {arm}"),
            "start" => format!("Age at the start of {arm}"),
            "stop" => format!("Age at the end of {arm}"),
            _ => name.clone(),
        };
        return words;
    }
    name.clone()
}
