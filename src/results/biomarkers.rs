//! What a study of biomarkers leaves: `biomarkers.csv`, `cross_section.csv`, a summary.

use serde::Serialize;

use gutbrain_statistics::classify::{Area, Precision, people_for};

use crate::analysis::biomarkers::{CrossSection, PANEL, Told};
use crate::report::table::{Column, Table};

/// Half-width of the interval for which people are counted.
pub const HALF_WIDTH: f64 = 0.05;

/// Power with which an area is to be told from chance.
pub const POWER: f64 = 0.8;

fn whole(number: usize) -> Option<i64> {
    i64::try_from(number).ok()
}

fn people(area: f64, asked: Precision) -> Option<i64> {
    i64::try_from(people_for(area, asked)?).ok()
}

/// `quantity, from_d, to_d, n, area, lower, upper, people_for_width, people_for_power`: one row for each quantity
/// and window, the panel among quantities.
#[must_use]
pub fn told_table(told: &[Told]) -> Table {
    let numbers = |of: &dyn Fn(&Told) -> f64| told.iter().map(of).collect();
    let sizes = |asked| told.iter().map(|it| people(it.area.value, asked)).collect();
    Table::new(
        "biomarkers",
        vec![
            Column::text(
                "quantity",
                told.iter().map(|it| it.quantity.clone()).collect(),
            ),
            Column::numbers("from_d", "d", numbers(&|it| it.window.0)),
            Column::numbers("to_d", "d", numbers(&|it| it.window.1)),
            Column::integers("n", told.iter().map(|it| whole(it.people)).collect()),
            Column::numbers("area", "1", numbers(&|it| it.area.value)),
            Column::numbers("lower", "1", numbers(&|it| it.area.interval.0)),
            Column::numbers("upper", "1", numbers(&|it| it.area.interval.1)),
            Column::integers("people_for_width", sizes(Precision::HalfWidth(HALF_WIDTH))),
            Column::integers("people_for_power", sizes(Precision::Power(POWER))),
        ],
    )
}

/// `quantity, ill, healthy, area, lower, upper, before, before_lower, before_upper, misleads`: one row for each
/// quantity at the visit.
#[must_use]
pub fn cross_table(found: &[CrossSection]) -> Table {
    let numbers = |of: &dyn Fn(Area) -> f64| found.iter().map(|it| of(it.area)).collect();
    let before = |of: &dyn Fn(Area) -> f64| found.iter().map(|it| it.before.map(of)).collect();
    Table::new(
        "cross_section",
        vec![
            Column::text(
                "quantity",
                found.iter().map(|it| it.quantity.clone()).collect(),
            ),
            Column::integers("ill", found.iter().map(|it| whole(it.ill)).collect()),
            Column::integers(
                "healthy",
                found.iter().map(|it| whole(it.healthy)).collect(),
            ),
            Column::numbers("area", "1", numbers(&|it| it.value)),
            Column::numbers("lower", "1", numbers(&|it| it.interval.0)),
            Column::numbers("upper", "1", numbers(&|it| it.interval.1)),
            Column::optional_numbers("before", "1", before(&|it| it.value)),
            Column::optional_numbers("before_lower", "1", before(&|it| it.interval.0)),
            Column::optional_numbers("before_upper", "1", before(&|it| it.interval.1)),
            Column::integers(
                "misleads",
                found
                    .iter()
                    .map(|it| Some(i64::from(it.misleads())))
                    .collect(),
            ),
        ],
    )
}

/// `summary.json` of a study of biomarkers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BiomarkerSummary {
    /// Title of the scenario.
    pub title: String,
    /// The subject's preset.
    pub subject: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// The arm that stays healthy, and the one that may fall ill.
    pub arms: Vec<String>,
    /// What cases meet.
    pub event: String,
    /// Animals of the second arm that were followed.
    pub followed: u64,
    /// Of which met the event.
    pub cases: u64,
    /// Length of a window in days.
    pub window_d: f64,
    /// Age of the visit that is looked at alone, in days; nothing if too few are ill at any.
    pub cross_section_d: Option<f64>,
    /// What is told, latest window first, the most telling quantity first.
    pub told: Vec<Entry>,
    /// Quantities of which the one visit misleads.
    pub misleading: Vec<Misleading>,
}

/// A quantity in a window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The quantity.
    pub quantity: String,
    /// Days left until the event, least and most.
    pub from_d: f64,
    /// See `from_d`.
    pub to_d: f64,
    /// Cases, and as many controls.
    pub n: u64,
    /// Area under the curve.
    pub area: f64,
    /// Its 95 % interval.
    pub lower: f64,
    /// See `lower`.
    pub upper: f64,
    /// Cases, and as many controls, for an interval of ±0.05.
    pub people_for_width: Option<i64>,
    /// Cases, and as many controls, to be told from chance in four of five studies.
    pub people_for_power: Option<i64>,
}

/// A quantity of which one visit misleads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Misleading {
    /// The quantity.
    pub quantity: String,
    /// Area between those who are ill at the visit and those who stay healthy.
    pub area: f64,
    /// Area in the window just before the event.
    pub before: Option<f64>,
}

impl BiomarkerSummary {
    /// The entries of what is told: in each window the panel, then quantities by how far they are from chance.
    #[must_use]
    pub fn entries(told: &[Told]) -> Vec<Entry> {
        let entry = |it: &Told| Entry {
            quantity: it.quantity.clone(),
            from_d: it.window.0,
            to_d: it.window.1,
            n: it.people as u64,
            area: it.area.value,
            lower: it.area.interval.0,
            upper: it.area.interval.1,
            people_for_width: people(it.area.value, Precision::HalfWidth(HALF_WIDTH)),
            people_for_power: people(it.area.value, Precision::Power(POWER)),
        };
        let mut entries: Vec<Entry> = told.iter().map(entry).collect();
        let off = |it: &Entry| (it.area - 0.5).abs();
        entries.sort_by(|a, b| {
            (a.from_d.total_cmp(&b.from_d))
                .then((b.quantity == PANEL).cmp(&(a.quantity == PANEL)))
                .then(off(b).total_cmp(&off(a)))
        });
        entries
    }

    /// Those of a visit that mislead.
    #[must_use]
    pub fn misleading(found: &[CrossSection]) -> Vec<Misleading> {
        let misleading = found.iter().filter(|it| it.misleads());
        misleading
            .map(|it| Misleading {
                quantity: it.quantity.clone(),
                area: it.area.value,
                before: it.before.map(|area| area.value),
            })
            .collect()
    }

    /// JSON text with a final line feed.
    ///
    /// # Errors
    /// Never in practice: all numbers are finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}
