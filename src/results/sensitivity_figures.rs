//! The figures of a sensitivity study: one per output, one per curve, and how indices converge.

use gutbrain_numbers::Real;

use super::sensitivity::{main_index, ranking, remark};
use crate::analysis::sensitivity::{ASSUMED, DUMMY, Index, Indices, PARTLY_ASSUMED, Study};
use crate::report::figure::{
    Figure, FigureError, IndexAxis, IndexCurve, IndexCurves, IndexPanel, IndexPoint, InputShare,
    Look, MorrisPlane, MorrisPoint, Standing, Tornado, TornadoRow, VarianceShares, index_curves,
    morris_plane, tornado, variance_shares,
};
use crate::scenario::{Grouping, SensitivityMethod};

/// Rows of bars on a page.
const MOST_ROWS: usize = 15;
/// Inputs named in the Morris plane.
const MOST_NAMED: usize = 12;
/// Inputs whose curves are drawn.
const MOST_CURVES: usize = 6;
/// Panels of the figure of convergence.
const MOST_PANELS: usize = 4;
/// Ages from which outputs are a curve.
const LEAST_AGES: usize = 3;

/// Outputs that are one curve.
struct Curve {
    name: String,
    unit: String,
    /// Output and age.
    ages: Vec<(usize, f64)>,
}

/// Draws a study; an output of which nothing is known has no figure.
///
/// # Errors
/// Only faults of this program: what has nothing to draw is left out.
pub fn sensitivity_figures(
    study: &Study<'_>,
    indices: &Indices,
    style: &Look,
) -> Result<Vec<Figure>, FigureError> {
    let page = style.page();
    let mut curves: Vec<Curve> = Vec::new();
    for (place, output) in study.outputs.iter().enumerate() {
        let Some((name, age)) = &output.curve else {
            continue;
        };
        match curves.iter_mut().find(|curve| curve.name == *name) {
            Some(curve) => curve.ages.push((place, *age)),
            None => curves.push(Curve {
                name: name.clone(),
                unit: output.unit.clone(),
                ages: vec![(place, *age)],
            }),
        }
    }
    curves.retain(|curve| curve.ages.len() >= LEAST_AGES);
    let single: Vec<usize> = (0..study.outputs.len())
        .filter(|place| {
            let curve = study.outputs[*place].curve.as_ref();
            curve.is_none_or(|(name, _)| curves.iter().all(|curve| curve.name != *name))
        })
        .collect();
    let mut names = Names::default();
    let mut drawn = Vec::new();
    for &output in &single {
        let label = &study.outputs[output].label;
        match study.plan().method {
            SensitivityMethod::Sobol => {
                let name = names.unique("sobol", label);
                drawn.push(variance_shares(
                    &name,
                    &shares(study, indices, output),
                    page,
                ));
            }
            SensitivityMethod::Morris => {
                let name = names.unique("morris", label);
                drawn.push(morris_plane(&name, &plane(study, indices, output), page));
            }
            SensitivityMethod::Prcc => {
                let name = names.unique("prcc", label);
                let bars = bars(study, indices, output, "prcc");
                drawn.push(tornado(&name, &bars, page));
            }
            SensitivityMethod::Local => {
                for (stem, index) in [("tornado", "elasticity"), ("tornado-per-sd", "per_sd")] {
                    let name = names.unique(stem, label);
                    let bars = bars(study, indices, output, index);
                    drawn.push(tornado(&name, &bars, page));
                }
            }
        }
    }
    let stem = match study.plan().method {
        SensitivityMethod::Local => "elasticity",
        method => method.word(),
    };
    for curve in &curves {
        let name = names.unique(&format!("{stem}-by-age"), &curve.name);
        let by_age = by_age(study, indices, curve);
        drawn.push(index_curves(&name, &by_age, IndexAxis::Age, page));
    }
    if let Some(by_size) = by_size(study, indices, &single) {
        let axis = IndexAxis::Doublings;
        drawn.push(index_curves("convergence", &by_size, axis, page));
    }
    drawn
        .into_iter()
        .filter(|figure| !matches!(figure, Err(FigureError::NothingToDraw { .. })))
        .map(|figure| style.finish(figure?))
        .collect()
}

/// File stems, each once.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn unique(&mut self, stem: &str, label: &str) -> String {
        let mut name = String::from(stem);
        for part in label
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|part| !part.is_empty())
        {
            name.push('-');
            name.push_str(&part.to_ascii_lowercase());
        }
        name.truncate(80);
        let free = (1..).map(|number| match number {
            1 => name.clone(),
            _ => format!("{name}-{number}"),
        });
        let mut free = free.filter(|name| !self.0.contains(name));
        let found = free.next().unwrap_or(name.clone());
        self.0.push(found.clone());
        found
    }
}

/// What an index is about, and how much of the sample was lost.
fn heading(study: &Study<'_>, indices: &Indices, output: usize) -> String {
    let main = main_index(study.plan().method);
    let all = indices.all.iter();
    let of_output = all.filter(|index| index.output == output && index.index == main);
    let lost = of_output.max_by_key(|index| index.failed);
    let label = &study.outputs[output].label;
    let cases = match study.plan().method {
        SensitivityMethod::Sobol => "rows",
        SensitivityMethod::Morris => "effects per input",
        SensitivityMethod::Prcc => "points",
        SensitivityMethod::Local => return label.clone(),
    };
    match lost.map(|index| (index.used, index.failed)) {
        Some((used, 0)) => format!("{label} ({used} {cases})"),
        Some((used, failed)) => {
            let all = used + failed;
            format!("{label} ({used} of {all} {cases}, the others without a value)")
        }
        None => label.clone(),
    }
}

fn shares(study: &Study<'_>, indices: &Indices, output: usize) -> VarianceShares {
    let part = |index: &Index| Some((index.value?, index.lower?, index.upper?));
    let share = |name: &str, word: &str| indices.get(output, name, word).and_then(part);
    let inputs = study.groups.iter().map(|group| InputShare {
        name: group.name.clone(),
        remark: remark(study, &group.name),
        first: share(&group.name, "S1"),
        total: share(&group.name, "ST"),
    });
    VarianceShares {
        heading: heading(study, indices, output),
        inputs: inputs.collect(),
        noise: share(DUMMY, "S1").map(|(_, _, upper)| upper.max(0.0)),
        most: MOST_ROWS,
    }
}

fn plane(study: &Study<'_>, indices: &Indices, output: usize) -> MorrisPlane {
    let value = |name: &str, word: &str| indices.get(output, name, word)?.value;
    let size = |name: &str| {
        let found = indices.get(output, name, "mu_star")?;
        Some((found.value?, found.lower?, found.upper?))
    };
    let alone = study.plan().grouping == Grouping::Alone;
    let inputs = study.groups.iter().map(|group| MorrisPoint {
        name: group.name.clone(),
        standing: match group.members.first() {
            Some(first) if alone => match study.inputs[*first].grade.as_str() {
                ASSUMED => Standing::Assumed,
                PARTLY_ASSUMED => Standing::PartlyAssumed,
                _ => Standing::Evidence,
            },
            _ => Standing::Other,
        },
        mean: value(&group.name, "mu"),
        size: size(&group.name),
        spread: value(&group.name, "sigma"),
    });
    MorrisPlane {
        heading: heading(study, indices, output),
        unit: study.outputs[output].unit.clone(),
        inputs: inputs.collect(),
        noise: size(DUMMY).map(|(_, _, upper)| upper),
        named: MOST_NAMED,
    }
}

fn bars(study: &Study<'_>, indices: &Indices, output: usize, index: &str) -> Tornado {
    let unit = &study.outputs[output].unit;
    let (quantity, unit) = match index {
        "prcc" => ("Partial rank correlation", ""),
        "elasticity" => ("Elasticity (% per %)", ""),
        _ => ("Change per standard deviation of the prior", unit.as_str()),
    };
    let rows = indices.all.iter().filter(|it| it.output == output);
    let rows = rows.filter_map(|found| {
        (found.index == index).then_some(())?;
        Some(TornadoRow {
            name: found.parameter.clone(),
            remark: remark(study, &found.parameter),
            value: found.value?,
            interval: found.lower.zip(found.upper),
        })
    });
    Tornado {
        heading: heading(study, indices, output),
        quantity: quantity.to_owned(),
        unit: unit.to_owned(),
        directions: [
            "rises with the parameter".into(),
            "falls with the parameter".into(),
        ],
        rows: rows.collect(),
        most: MOST_ROWS,
    }
}

/// The inputs that matter most anywhere along some outputs, and the index of each at each.
fn by_age(study: &Study<'_>, indices: &Indices, curve: &Curve) -> IndexCurves {
    let method = study.plan().method;
    let index = match method {
        SensitivityMethod::Local => "elasticity",
        _ => main_index(method),
    };
    let at = |output: usize, name: &str| indices.get(output, name, index);
    let largest = |name: &str| {
        let sizes = curve.ages.iter().filter_map(|(output, _)| {
            let size = at(*output, name)?.value?.abs();
            size.is_finite().then_some(size)
        });
        sizes.fold(0.0, f64::max)
    };
    let mut names: Vec<(&str, f64)> = study
        .groups
        .iter()
        .map(|group| (group.name.as_str(), largest(&group.name)))
        .filter(|(_, size)| *size > 0.0)
        .collect();
    names.sort_by(|a, b| b.1.total_cmp(&a.1));
    names.truncate(MOST_CURVES);
    let curves = names.iter().map(|(name, _)| IndexCurve {
        name: (*name).to_owned(),
        points: curve
            .ages
            .iter()
            .filter_map(|(output, age)| {
                let found = at(*output, name)?;
                Some(IndexPoint {
                    at: *age,
                    value: found.value?,
                    interval: found.lower.zip(found.upper),
                })
            })
            .collect(),
    });
    let curves = curves.collect();
    let insignificant = match method {
        SensitivityMethod::Prcc => curve
            .ages
            .iter()
            .filter_map(|(output, age)| {
                let used = at(*output, DUMMY)?.used;
                Some((*age, insignificant(used, study.inputs.len() + 1)?))
            })
            .collect(),
        _ => Vec::new(),
    };
    let (title, unit) = match method {
        SensitivityMethod::Sobol => ("Total share of the variance", ""),
        SensitivityMethod::Morris => ("Mean size of the effect", curve.unit.as_str()),
        SensitivityMethod::Prcc => ("Partial rank correlation", ""),
        SensitivityMethod::Local => ("Elasticity (% per %)", ""),
    };
    let lost = curve.ages.iter().any(|(output, _)| {
        let dummy = study.groups.first().map_or(DUMMY, |group| &group.name);
        at(*output, dummy).is_some_and(|found| found.failed > 0)
    });
    let mut remark = match method {
        SensitivityMethod::Local => String::new(),
        _ => "bands: 95 % intervals".to_owned(),
    };
    if lost {
        remark.push_str("; an age counts the points that are alive then");
    }
    IndexCurves {
        along: ("Age".to_owned(), "d".to_owned()),
        index: title.to_owned(),
        unit: unit.to_owned(),
        band: "not different from 0 at the 5 % level".to_owned(),
        remark: remark.trim_start_matches("; ").to_owned(),
        panels: vec![IndexPanel {
            heading: curve.name.clone(),
            curves,
            insignificant,
        }],
    }
}

/// The partial rank correlation whose 95 % interval just holds 0: tanh(1.96 / √(n − k − 2)).
fn insignificant(points: usize, inputs: usize) -> Option<f64> {
    let left = points as f64 - inputs as f64 - 2.0;
    if left <= 0.0 {
        return None;
    }
    let grown = Real::exp(2.0 * 1.959_963_984_540_054 / left.sqrt());
    Some((grown - 1.0) / (grown + 1.0))
}

fn by_size(study: &Study<'_>, indices: &Indices, single: &[usize]) -> Option<IndexCurves> {
    let method = study.plan().method;
    let main = main_index(method);
    let mut sizes: Vec<u64> = indices.convergence.iter().map(|it| it.size).collect();
    sizes.dedup();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.len() < 2 {
        return None;
    }
    let outputs: Vec<usize> = single.iter().copied().take(MOST_PANELS).collect();
    let panels = outputs.iter().map(|&output| {
        let ranked = ranking(study, indices, output);
        let curves = ranked.iter().take(MOST_CURVES - 1).map(|top| IndexCurve {
            name: top.parameter.clone(),
            points: indices
                .convergence
                .iter()
                .filter(|it| {
                    let index = &it.index;
                    index.output == output
                        && index.index == main
                        && index.parameter == top.parameter
                })
                .filter_map(|it| {
                    Some(IndexPoint {
                        at: it.size as f64,
                        value: it.index.value?,
                        interval: it.index.lower.zip(it.index.upper),
                    })
                })
                .collect(),
        });
        IndexPanel {
            heading: study.outputs[output].label.clone(),
            curves: curves.collect(),
            insignificant: Vec::new(),
        }
    });
    let panels = panels.collect();
    let unit = match (method, outputs.as_slice()) {
        (SensitivityMethod::Morris, [first, rest @ ..]) => {
            let unit = &study.outputs[*first].unit;
            let same = rest.iter().all(|it| study.outputs[*it].unit == *unit);
            // Effects in different units share no axis.
            same.then(|| unit.clone())?
        }
        _ => String::new(),
    };
    let (title, rows) = match method {
        SensitivityMethod::Sobol => ("Total share of the variance", "Rows of the sample"),
        SensitivityMethod::Morris => ("Mean size of the effect", "Trajectories"),
        _ => ("Partial rank correlation", "Points of the sample"),
    };
    Some(IndexCurves {
        along: (rows.to_owned(), String::new()),
        index: title.to_owned(),
        unit,
        band: String::new(),
        remark: "whiskers: 95 % intervals, each from the first rows of the same sample".to_owned(),
        panels,
    })
}
