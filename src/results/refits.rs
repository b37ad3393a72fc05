//! Tables and the figure of refits: values, answers, and questions drawn against a question.

use crate::analysis::calibrate::refit::{Refit, Refits, Refitted};
use crate::analysis::calibrate::{Aim, Calibration};
use crate::report::figure::{
    Chart, ChartForm, ChartSeries, Figure, FigureError, PageWidth, charts,
};
use crate::report::table::{Column, ColumnKind, Table};

/// Columns of `refits.csv`.
const NAME: &str = "refit";
const OBJECTIVE: &str = "objective";
const ENDED: &str = "ended";
const PARAMETER: &str = "parameter";
const VALUE: &str = "value";

/// `refits.csv`: the fitted values of every refit.
#[must_use]
pub fn values(found: &[Refitted], calibration: &Calibration) -> Table {
    let rows = || {
        found.iter().flat_map(|refit| {
            let values = calibration.parameters.iter().zip(&refit.values);
            values.map(move |(fitted, value)| (refit, fitted.id.clone(), *value))
        })
    };
    Table::new(
        "refits",
        vec![
            Column::text(NAME, rows().map(|it| it.0.name.clone()).collect()),
            Column::optional_numbers(OBJECTIVE, "", rows().map(|it| it.0.objective).collect()),
            Column::text(ENDED, rows().map(|it| it.0.ended.clone()).collect()),
            Column::text(PARAMETER, rows().map(|it| it.1).collect()),
            Column::numbers(VALUE, "", rows().map(|it| it.2).collect()),
        ],
    )
}

/// The refits of a `refits.csv`; `None` if it is not one of these refits of this calibration.
#[must_use]
pub fn read(csv: &[u8], refits: &Refits, calibration: &Calibration) -> Option<Vec<Refitted>> {
    let kinds = [
        (NAME, ColumnKind::Text),
        (OBJECTIVE, ColumnKind::Number),
        (ENDED, ColumnKind::Text),
        (PARAMETER, ColumnKind::Text),
        (VALUE, ColumnKind::Number),
    ];
    let table = Table::from_csv("refits", csv, &kinds).ok()?;
    let size = calibration.parameters.len();
    let (names, ids) = (table.texts(NAME)?, table.texts(PARAMETER)?);
    let (objectives, ended) = (table.numbers(OBJECTIVE)?, table.texts(ENDED)?);
    let values = table.numbers(VALUE)?;
    if names.len() != size * refits.refits.len() {
        return None;
    }
    let one = |(number, name): (usize, &str)| {
        let rows = number * size..(number + 1) * size;
        let ids = ids[rows.clone()].iter();
        let is_this = names[rows.clone()].iter().all(|it| it == name)
            && ids
                .zip(&calibration.parameters)
                .all(|(id, it)| *id == it.id);
        is_this.then_some(())?;
        Some(Refitted {
            name: name.to_owned(),
            objective: objectives[rows.start],
            ended: ended[rows.start].clone(),
            values: values[rows].iter().copied().collect::<Option<_>>()?,
        })
    };
    let names = refits.refits.iter().map(|it| it.name.as_str());
    names.enumerate().map(one).collect()
}

/// `refit-answers.csv`: what every refit says of every target and question; `answers` begins with those of the
/// values as they stand.
#[must_use]
pub fn answers(
    found: &[Refitted],
    calibration: &Calibration,
    refits: &Refits,
    answers: &[Vec<Option<f64>>],
) -> Table {
    let targets = calibration.targets.iter().map(|it| it.name.as_str());
    let names: Vec<&str> = targets
        .chain(refits.asked.iter().map(|it| it.name.as_str()))
        .collect();
    let rows = || {
        let after = found.iter().zip(answers.iter().skip(1));
        after.flat_map(|(refit, row)| {
            let both = row.iter().zip(answers.first().into_iter().flatten());
            let named = names.iter().zip(both);
            named.map(move |(name, (after, before))| (refit, *name, *before, *after))
        })
    };
    Table::new(
        "refit-answers",
        vec![
            Column::text(NAME, rows().map(|it| it.0.name.clone()).collect()),
            Column::text("question", rows().map(|it| it.1.to_owned()).collect()),
            Column::optional_numbers("before", "", rows().map(|it| it.2).collect()),
            Column::optional_numbers("after", "", rows().map(|it| it.3).collect()),
        ],
    )
}

/// What the rows that a refit moves have in its objective: half of the square of their distance in standard
/// deviations.
fn of_moved(refit: &Refit, calibration: &Calibration, row: &[Option<f64>]) -> Option<f64> {
    let targets = calibration.targets.iter().zip(row);
    targets
        .filter_map(|(target, said)| Some((refit.moved.get(&target.name)?, said)))
        .map(|(&(value, sd), said)| {
            let aim = Aim::Point { value, sd };
            let (off, _) = aim.residual((*said)?);
            Some(0.5 * off * off)
        })
        .sum()
}

/// The questions of the trade-off against its question, over the refits that move a target, with the objective
/// of the rows that are not moved; `None` if nothing is to be drawn.
#[must_use]
pub fn trade_off(
    found: &[Refitted],
    calibration: &Calibration,
    refits: &Refits,
    answers: &[Vec<Option<f64>>],
) -> Option<Result<Figure, FigureError>> {
    let wanted = refits.trade_off.as_ref()?;
    let first = calibration.targets.len();
    let place = |name: &String| {
        let place = refits.asked.iter().position(|it| it.name == *name)?;
        Some(first + place)
    };
    let across = place(&wanted.across)?;
    let moved = || {
        let all = refits.refits.iter().zip(found);
        let all = all.zip(answers.iter().skip(1));
        all.filter(|((refit, _), _)| !refit.moved.is_empty())
    };
    type Reading<'r> = &'r dyn Fn(&Refit, &Refitted, &[Option<f64>]) -> Option<f64>;
    let curve = |name: &str, of: Reading<'_>| {
        let points = moved()
            .filter_map(|((refit, found), row)| Some((row[across]?, of(refit, found, row)?)));
        let mut points: Vec<(f64, f64)> = points.collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        [ChartForm::Curve, ChartForm::Dots].map(|form| ChartSeries {
            name: name.to_owned(),
            form,
            points: points.clone(),
        })
    };
    let mut series = Vec::new();
    for name in &wanted.against {
        let place = place(name)?;
        series.extend(curve(name, &|_, _, row| row[place]));
    }
    let all = [
        Chart {
            heading: "What else the fits say".to_owned(),
            horizontal: wanted.across.clone(),
            vertical: "Difference, d".to_owned(),
            series,
            level: Some(0.0),
        },
        Chart {
            heading: "What the other rows pay for it".to_owned(),
            horizontal: wanted.across.clone(),
            vertical: "Objective".to_owned(),
            series: curve("objective", &|refit, found, row| {
                Some(found.objective? - of_moved(refit, calibration, row)?)
            })
            .to_vec(),
            level: None,
        },
    ];
    Some(charts("trade-off", &all, 2, PageWidth::Double))
}
