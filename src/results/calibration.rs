//! Pictures of calibrations: how starts ended, how chains moved, what they leave open, profiles.

use crate::analysis::calibrate::FitReport;
use crate::analysis::calibrate::ensemble::{Sampled, Summary};
use crate::analysis::calibrate::profile::{Profile, THRESHOLD};
use crate::report::figure::{
    Chart, ChartForm, ChartSeries, Figure, FigureError, PageWidth, charts,
};

/// Parameters of which traces and pairs are drawn.
const SHOWN: usize = 6;
/// Points of a trace, and of a pair.
const MOST_POINTS: usize = 400;

/// Final objectives of the starts, best first: a step is a bottom of its own.
///
/// # Errors
/// When no start has an objective.
pub fn starts(report: &FitReport) -> Result<Figure, FigureError> {
    let mut ends: Vec<f64> = report.starts.iter().filter_map(|it| it.objective).collect();
    ends.sort_by(f64::total_cmp);
    let points = (1..).zip(ends).map(|(rank, end)| (f64::from(rank), end));
    let chart = Chart {
        heading: "Where the starts ended".to_owned(),
        horizontal: "Start, best first".to_owned(),
        vertical: "Objective".to_owned(),
        series: vec![ChartSeries {
            name: "end".to_owned(),
            form: ChartForm::Dots,
            points: points.collect(),
        }],
        level: None,
    };
    charts("starts", &[chart], 1, PageWidth::Single)
}

/// Places of the parameters with the worst R-hat, worst first.
fn slowest(sampled: &Sampled) -> Vec<usize> {
    let hat = |i: usize| sampled.parameters[i].r_hat.unwrap_or(f64::INFINITY);
    let mut places: Vec<usize> = (0..sampled.parameters.len()).collect();
    places.sort_by(|&a, &b| hat(b).total_cmp(&hat(a)));
    places.truncate(SHOWN);
    places
}

/// How the chains moved: the posterior density, and the parameters that mixed worst.
///
/// # Errors
/// When there are no records.
pub fn traces(sampled: &Sampled) -> Result<Figure, FigureError> {
    let records = sampled.density.len();
    let chains = sampled.density.first().map_or(0, Vec::len);
    let stride = records.div_ceil(MOST_POINTS).max(1);
    let series = |of: &dyn Fn(usize, usize) -> f64| -> Vec<ChartSeries> {
        let one = |chain: usize| ChartSeries {
            name: format!("chain {}", chain + 1),
            form: ChartForm::Curve,
            points: (0..records)
                .step_by(stride)
                .map(|record| (record as f64, of(record, chain)))
                .collect(),
        };
        (0..chains).map(one).collect()
    };
    let chart = |heading: &str, series: Vec<ChartSeries>| Chart {
        heading: heading.to_owned(),
        horizontal: "Record".to_owned(),
        vertical: "Value".to_owned(),
        series,
        level: None,
    };
    let density = series(&|record, chain| sampled.density[record][chain]);
    let mut all = vec![chart("Logarithm of the density", density)];
    for place in slowest(sampled) {
        let value = |record: usize, chain: usize| sampled.draws[record * chains + chain].0[place];
        all.push(chart(&sampled.parameters[place].name, series(&value)));
    }
    charts("traces", &all, 2, PageWidth::Double)
}

/// Pairs of the parameters that depend on each other most.
///
/// # Errors
/// When there are no draws.
pub fn pairs(sampled: &Sampled) -> Result<Figure, FigureError> {
    let correlation = |a: usize, b: usize| {
        let (x, y): (&Summary, &Summary) = (&sampled.parameters[a], &sampled.parameters[b]);
        let products = sampled.draws.iter().map(|(values, _)| {
            let (left, right) = (values[a] - x.mean, values[b] - y.mean);
            left * right
        });
        products.sum::<f64>() / (sampled.draws.len() as f64 * x.sd * y.sd)
    };
    let count = sampled.parameters.len();
    let mut found: Vec<(usize, usize, f64)> = Vec::new();
    for a in 0..count {
        for b in a + 1..count {
            found.push((a, b, correlation(a, b)));
        }
    }
    found.sort_by(|x, y| y.2.abs().total_cmp(&x.2.abs()));
    let stride = sampled.draws.len().div_ceil(MOST_POINTS).max(1);
    let chart = |&(a, b, r): &(usize, usize, f64)| Chart {
        heading: format!("r = {r:.2}"),
        horizontal: sampled.parameters[a].name.clone(),
        vertical: sampled.parameters[b].name.clone(),
        series: vec![ChartSeries {
            name: "draws".to_owned(),
            form: ChartForm::Specks,
            points: sampled
                .draws
                .iter()
                .step_by(stride)
                .map(|(values, _)| (values[a], values[b]))
                .collect(),
        }],
        level: None,
    };
    let all: Vec<Chart> = found.iter().take(SHOWN).map(chart).collect();
    charts("pairs", &all, 3, PageWidth::Double)
}

/// Profiles: the objective and the part of the targets over the value that is held.
///
/// # Errors
/// When no profile has a place.
pub fn profiles(found: &[Profile]) -> Result<Vec<Figure>, FigureError> {
    let chart = |profile: &Profile| {
        let lowest = profile.lowest();
        let targets = profile.places.iter().filter_map(|it| it.objective);
        let least = targets.map(|it| it.0).fold(f64::INFINITY, f64::min);
        let series = |name: &str, form, of: &dyn Fn((f64, f64)) -> f64| ChartSeries {
            name: name.to_owned(),
            form,
            points: profile
                .places
                .iter()
                .filter_map(|it| Some((it.value, of(it.objective?))))
                .collect(),
        };
        let mut all = vec![
            series("objective", ChartForm::Curve, &|(t, p)| t + p - lowest),
            series("its part of the targets", ChartForm::Curve, &|(t, _)| {
                t - least
            }),
        ];
        let standing = profile
            .places
            .iter()
            .filter(|it| it.value.total_cmp(&profile.value).is_eq());
        all.push(ChartSeries {
            name: "as it stands".to_owned(),
            form: ChartForm::Ring,
            points: standing
                .filter_map(|it| Some((it.value, it.objective?.0 + it.objective?.1 - lowest)))
                .collect(),
        });
        Chart {
            heading: profile.id.clone(),
            horizontal: "Value".to_owned(),
            vertical: "Above the lowest".to_owned(),
            series: all,
            level: Some(THRESHOLD),
        }
    };
    let all: Vec<Chart> = found.iter().map(chart).collect();
    (1..)
        .zip(all.chunks(12))
        .map(|(number, page)| charts(&format!("profiles_{number}"), page, 3, PageWidth::Double))
        .collect()
}
