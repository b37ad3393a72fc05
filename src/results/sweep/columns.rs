//! `sweep.parquet`: point, arm, factors…, status, reason, onset_d, last_d, event, features…, and for
//! cohorts the statistics of survival.

use gutbrain_network::Declaration;
use gutbrain_network::unit::Unit;

use crate::analysis::points::{Factor, GroupNumbers, Levels, Point, Question, Row, Setting};
use crate::report::table::{Column, Table};
use crate::simulate::feature::Reading;

/// The columns of one sweep.
#[derive(Debug, Clone)]
pub struct SweepColumns {
    factors: Vec<Factor>,
    arms: Vec<String>,
    features: Vec<(String, String)>,
    with_groups: bool,
}

/// Statistics of a cohort: name, unit, and where the number is.
type OfGroup = (&'static str, &'static str, fn(&GroupNumbers) -> Option<f64>);

const OF_GROUPS: [OfGroup; 12] = [
    ("median_survival_d", "d", |g| g.median_survival_d.value),
    ("median_survival_lower_d", "d", |g| {
        g.median_survival_d.lower
    }),
    ("median_survival_upper_d", "d", |g| {
        g.median_survival_d.upper
    }),
    ("mean_survival_d", "d", |g| g.mean_survival_d),
    ("horizon_d", "d", |g| g.horizon_d),
    ("rmst_difference_d", "d", |g| g.rmst_difference_d.value),
    ("rmst_difference_lower_d", "d", |g| {
        g.rmst_difference_d.lower
    }),
    ("rmst_difference_upper_d", "d", |g| {
        g.rmst_difference_d.upper
    }),
    ("hazard_ratio", "1", |g| g.hazard_ratio.value),
    ("hazard_ratio_lower", "1", |g| g.hazard_ratio.lower),
    ("hazard_ratio_upper", "1", |g| g.hazard_ratio.upper),
    ("log_rank_p", "1", |g| g.log_rank_p),
];

type Counted = (&'static str, fn(&GroupNumbers) -> u64);

const COUNTS: [Counted; 4] = [
    ("subjects", |g| g.subjects),
    ("failed", |g| g.failed),
    ("events", |g| g.events),
    ("other_deaths", |g| g.other_deaths),
];

impl SweepColumns {
    /// The columns of a sweep with these factors and features; `with_groups` where points are cohorts.
    #[must_use]
    pub fn new(
        factors: &[Factor],
        arms: &[String],
        question: &Question,
        declaration: &Declaration,
        with_groups: bool,
    ) -> Self {
        let features = question.names().iter().zip(question.readings());
        Self {
            factors: factors.to_vec(),
            arms: arms.to_vec(),
            features: features
                .enumerate()
                .map(|(place, (name, reading))| {
                    let unit = if question.is_ratio(place) {
                        "1".to_owned()
                    } else {
                        unit_of(reading, declaration)
                    };
                    (name.clone(), unit)
                })
                .collect(),
            with_groups,
        }
    }

    /// The rows of a block of points.
    #[must_use]
    pub fn table(&self, points: &[Point], rows: &[Row]) -> Table {
        let arms = self.arms.len().max(1);
        let point_of = |row: usize| &points[row / arms];
        let texts = |of: &dyn Fn(&Row) -> String| rows.iter().map(of).collect();
        let numbers =
            |of: &dyn Fn(&Row) -> Option<f64>| rows.iter().map(of).collect::<Vec<Option<f64>>>();
        let mut columns = vec![
            Column::integers(
                "point",
                rows.iter()
                    .map(|row| i64::try_from(row.point).ok())
                    .collect(),
            ),
            Column::text("arm", texts(&|row| self.arms[row.arm].clone())),
        ];
        for (place, factor) in self.factors.iter().enumerate() {
            let settings = (0..rows.len()).map(|row| &point_of(row).settings[place]);
            columns.push(if is_numeric(factor) {
                let numbers = settings.map(Setting::number).collect();
                Column::optional_numbers(&factor.name, &factor.unit, numbers)
            } else {
                Column::text(&factor.name, settings.map(ToString::to_string).collect())
            });
        }
        columns.push(Column::text(
            "status",
            texts(&|row| row.status.word().to_owned()),
        ));
        columns.push(Column::text(
            "reason",
            texts(&|row| {
                // Some animals of a cohort that has numbers may have failed.
                let first = row.first_failure.as_deref();
                first.unwrap_or_else(|| row.status.reason()).to_owned()
            }),
        ));
        let days = [
            ("onset_d", numbers(&|row| row.onset_d)),
            ("last_d", numbers(&|row| row.last_d)),
        ];
        for (name, values) in days {
            columns.push(Column::optional_numbers(name, "d", values));
        }
        let event = |row: &Row| row.event.map_or("", |event| event.word()).to_owned();
        columns.push(Column::text("event", rows.iter().map(event).collect()));
        for (place, (name, unit)) in self.features.iter().enumerate() {
            let values = numbers(&|row| row.features[place].as_ref().ok().copied());
            columns.push(Column::optional_numbers(name, unit, values));
        }
        if self.with_groups {
            for (name, of) in COUNTS {
                let count = |row: &Row| i64::try_from(of(row.group.as_ref()?)).ok();
                columns.push(Column::integers(name, rows.iter().map(count).collect()));
            }
            for (name, unit, of) in OF_GROUPS {
                let values = numbers(&|row| row.group.as_ref().and_then(of));
                columns.push(Column::optional_numbers(name, unit, values));
            }
        }
        Table::new("sweep", columns)
    }

    /// The same columns without rows.
    #[must_use]
    pub fn empty(&self) -> Table {
        self.table(&[], &[])
    }
}

/// Whether all values of a factor are numbers.
pub(in crate::results) fn is_numeric(factor: &Factor) -> bool {
    match &factor.levels {
        Levels::Range { .. } => true,
        Levels::Values(values) => values.iter().all(|value| value.number().is_some()),
    }
}

fn unit_of(reading: &Reading, declaration: &Declaration) -> String {
    let unit = |name: &str| {
        let unit = declaration.unit_of_course(name);
        unit.cloned().unwrap_or_else(Unit::one)
    };
    let day = Unit::day();
    match reading {
        Reading::Age(_) | Reading::Life | Reading::Duration { .. } => day.to_string(),
        Reading::Value { name, .. } => unit(name).to_string(),
        Reading::Maximum(span) | Reading::Minimum(span) => unit(&span.name).to_string(),
        Reading::Slope(span) => unit(&span.name).divide(&day).to_string(),
        Reading::RelativeSlope(_) => Unit::one().divide(&day).to_string(),
        Reading::Area(span) => unit(&span.name).multiply(&day).to_string(),
    }
}
