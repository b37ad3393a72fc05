//! From the tables of a run to what figures of cohorts and trials draw, so that a figure is the same
//! whether the run has just ended or its tables were read back.
//!
//! Columns are those of the run folder: `survival.csv`, `endpoints.csv`, the bands, `trial.csv` and the
//! table of experiments. A row without a number that it needs is left out: a failed run has no line.

use std::collections::BTreeMap;

use gutbrain_statistics::survival::{Interval, Step};

use super::bands::{Band, BandArm, Bands};
use super::events::{EventArm, Life, LifeEnd};
use super::funnel::{ApparentEffect, Funnel, FunnelPanel, FunnelSize, Verdict};
use super::kaplan_meier::{ArmComparison, Pairing, SurvivalArm, SurvivalArms};
use super::palette::ArmStyle;
use super::power::{PowerCurves, PowerLine, Share};
use super::{FigureError, Shade, VariableInfo};
use gutbrain_table::{ColumnData, Table};

/// An arm of a figure: its name, and how it is drawn if not as its place among the arms says.
pub type ArmName<'a> = (&'a str, Option<ArmStyle>);

/// One column of numbers, whole or not.
pub(super) struct Numbers<'a>(&'a ColumnData);

impl Numbers<'_> {
    pub(super) fn at(&self, row: usize) -> Option<f64> {
        match self.0 {
            ColumnData::Number(values) => *values.get(row)?,
            ColumnData::Integer(values) => values.get(row)?.map(|value| value as f64),
            ColumnData::Text(_) => None,
        }
    }

    fn count(&self, row: usize) -> Option<usize> {
        // Counts are far below 2^53.
        self.at(row)
            .filter(|value| *value >= 0.0)
            .map(|value| value as usize)
    }
}

fn missing(table: &Table, column: &str) -> FigureError {
    FigureError::MissingColumn {
        table: table.name.clone(),
        column: column.to_owned(),
    }
}

pub(super) fn numbers<'a>(table: &'a Table, column: &str) -> Result<Numbers<'a>, FigureError> {
    match table.column(column).map(|found| &found.data) {
        Some(data @ (ColumnData::Number(_) | ColumnData::Integer(_))) => Ok(Numbers(data)),
        Some(ColumnData::Text(_)) | None => Err(missing(table, column)),
    }
}

pub(super) fn texts<'a>(table: &'a Table, column: &str) -> Result<&'a [String], FigureError> {
    table.texts(column).ok_or_else(|| missing(table, column))
}

impl SurvivalArms {
    /// The arms in the order of `arms`, from `arm, time_d, at_risk, events, censored, survival, lower,
    /// upper`; `comparisons` by the name of the arm.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn from_table(
        table: &Table,
        arms: &[ArmName],
        comparisons: &BTreeMap<String, ArmComparison>,
        pairing: Pairing,
    ) -> Result<Self, FigureError> {
        let names = texts(table, "arm")?;
        let (time, survival) = (numbers(table, "time_d")?, numbers(table, "survival")?);
        let (at_risk, events) = (numbers(table, "at_risk")?, numbers(table, "events")?);
        let censored = numbers(table, "censored")?;
        let (lower, upper) = (numbers(table, "lower")?, numbers(table, "upper")?);
        let step = |row: usize| {
            let band = lower.at(row).zip(upper.at(row));
            Some(Step {
                time: time.at(row)?,
                at_risk: at_risk.count(row)?,
                events: events.count(row)?,
                censored: censored.count(row)?,
                survival: survival.at(row)?,
                standard_error: None,
                band: band.map(|(lower, upper)| Interval { lower, upper }),
            })
        };
        let one = |&(name, style): &ArmName| {
            let rows = (0..table.rows()).filter(|row| names[*row] == name);
            let mut arm = SurvivalArm::from_steps(name, rows.filter_map(step).collect());
            arm.style = style;
            arm.against_first = comparisons.get(name).cloned();
            arm
        };
        Ok(Self {
            arms: arms.iter().map(one).collect(),
            pairing,
            ..Self::default()
        })
    }
}

impl EventArm {
    /// The animals of every arm, from `arm`, the column `onset` of ages at onset if there is one, `last_d, event`
    /// and, if it is there, `status`.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn from_table(
        table: &Table,
        arms: &[ArmName],
        onset: Option<&str>,
    ) -> Result<Vec<Self>, FigureError> {
        let (names, ends) = (texts(table, "arm")?, texts(table, "event")?);
        let onset = onset.map(|column| numbers(table, column)).transpose()?;
        let last = numbers(table, "last_d")?;
        let status = table.texts("status");
        let ran =
            |row: usize| ends[row] != "failed" && status.is_none_or(|status| status[row] == "ok");
        let life = |row: usize| {
            Some(Life {
                onset: onset.as_ref().and_then(|onset| onset.at(row)),
                last: last.at(row)?,
                end: match ends[row].as_str() {
                    "death" => LifeEnd::Death,
                    "other_death" => LifeEnd::OtherDeath,
                    _ => LifeEnd::Censored,
                },
            })
        };
        let one = |&(name, style): &ArmName| {
            let rows = (0..table.rows()).filter(|row| names[*row] == name);
            let (lived, failed): (Vec<usize>, Vec<usize>) = rows.partition(|row| ran(*row));
            Self {
                name: name.to_owned(),
                style,
                lives: lived.into_iter().filter_map(life).collect(),
                failed: failed.len(),
            }
        };
        Ok(arms.iter().map(one).collect())
    }
}

impl Bands {
    /// The arms in the order of `arms`, from `arm, time_d, variable, n, q10, q25, median, q75, q90`.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn from_table(
        table: &Table,
        arms: &[ArmName],
        variables: BTreeMap<String, VariableInfo>,
        shades: Vec<Shade>,
    ) -> Result<Self, FigureError> {
        let (names, ids) = (texts(table, "arm")?, texts(table, "variable")?);
        let (time, animals) = (numbers(table, "time_d")?, numbers(table, "n")?);
        let (q10, q25) = (numbers(table, "q10")?, numbers(table, "q25")?);
        let (q75, q90) = (numbers(table, "q75")?, numbers(table, "q90")?);
        let median = numbers(table, "median")?;
        let band = |row: usize| {
            Some(Band {
                animals: animals.count(row)?,
                q10: q10.at(row)?,
                q25: q25.at(row)?,
                median: median.at(row)?,
                q75: q75.at(row)?,
                q90: q90.at(row)?,
            })
        };
        let one = |&(name, style): &ArmName| {
            let rows: Vec<usize> = (0..table.rows())
                .filter(|row| names[*row] == name)
                .collect();
            let mut times: Vec<f64> = rows.iter().filter_map(|row| time.at(*row)).collect();
            times.sort_by(f64::total_cmp);
            times.dedup_by(|a, b| a.total_cmp(b).is_eq());
            let mut series: BTreeMap<String, Vec<Option<Band>>> = BTreeMap::new();
            for row in rows {
                let age = time.at(row);
                let place = age.and_then(|age| times.binary_search_by(|t| t.total_cmp(&age)).ok());
                if let Some(place) = place {
                    let values = series.entry(ids[row].clone());
                    values.or_insert_with(|| vec![None; times.len()])[place] = band(row);
                }
            }
            BandArm {
                name: name.to_owned(),
                style,
                times,
                series,
            }
        };
        Ok(Self {
            arms: arms.iter().map(one).collect(),
            variables,
            shades,
            ..Self::default()
        })
    }
}

impl PowerCurves {
    /// The designs in the order of their first row, from `design, group_size, treatment, value, lower,
    /// upper`; where there is a column `quantity`, from its rows `quantity` alone.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn from_table(
        table: &Table,
        quantity: &str,
        level: f64,
        wanted: Option<f64>,
        success: &str,
    ) -> Result<Self, FigureError> {
        let (names, treatments) = (texts(table, "design")?, texts(table, "treatment")?);
        let (size, value) = (numbers(table, "group_size")?, numbers(table, "value")?);
        let (lower, upper) = (numbers(table, "lower")?, numbers(table, "upper")?);
        let quantities = table.texts("quantity");
        let mut designs: Vec<PowerLine> = Vec::new();
        for row in 0..table.rows() {
            let meant = quantities.is_none_or(|quantities| quantities[row] == quantity);
            let (Some(group_size), Some(value), true) = (size.at(row), value.at(row), meant) else {
                continue;
            };
            let share = Share {
                group_size,
                value,
                lower: lower.at(row).unwrap_or(value),
                upper: upper.at(row).unwrap_or(value),
            };
            let known = designs.iter().position(|line| line.name == names[row]);
            let place = known.unwrap_or_else(|| {
                designs.push(PowerLine {
                    name: names[row].clone(),
                    ..PowerLine::default()
                });
                designs.len() - 1
            });
            match treatments[row].as_str() {
                "null" => designs[place].false_positives.push(share),
                _ => designs[place].power.push(share),
            }
        }
        Ok(Self {
            designs,
            level,
            wanted,
            success: success.to_owned(),
            ..Self::default()
        })
    }
}

impl Funnel {
    /// One panel per treatment of `design`, from `design, group_size, treatment, effect_d, log_rank_p`: an
    /// experiment is significant if p is below `level`. Where the treatment does nothing the true effect
    /// is 0.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn from_table(
        table: &Table,
        design: &str,
        level: f64,
        true_effect: Option<f64>,
    ) -> Result<Self, FigureError> {
        let (names, treatments) = (texts(table, "design")?, texts(table, "treatment")?);
        let (size, effect) = (numbers(table, "group_size")?, numbers(table, "effect_d")?);
        let p = numbers(table, "log_rank_p")?;
        let panel = |treatment: &str, heading: &str, true_effect| {
            let mut sizes: BTreeMap<u32, Vec<ApparentEffect>> = BTreeMap::new();
            for row in 0..table.rows() {
                let meant = names[row] == design && treatments[row] == treatment;
                let group = size.count(row).and_then(|size| u32::try_from(size).ok());
                if let (true, Some(group), Some(effect)) = (meant, group, effect.at(row)) {
                    // An experiment that cannot be tested is not significant.
                    let verdict = match p.at(row) {
                        Some(p) if p < level => Verdict::Significant,
                        _ => Verdict::NotSignificant,
                    };
                    let effects = sizes.entry(group).or_default();
                    effects.push(ApparentEffect { effect, verdict });
                }
            }
            let sizes = sizes
                .into_iter()
                .map(|(group_size, replicates)| FunnelSize {
                    group_size,
                    replicates,
                });
            FunnelPanel {
                heading: heading.to_owned(),
                true_effect,
                sizes: sizes.collect(),
            }
        };
        let panels = [
            panel(
                "model",
                "The treatment works as the model says",
                true_effect,
            ),
            panel("null", "The treatment does nothing", Some(0.0)),
        ];
        Ok(Self {
            effect: "Apparent difference of survival".into(),
            unit: "d".into(),
            significance: format!("log-rank p < {level}"),
            panels: panels
                .into_iter()
                .filter(|panel| !panel.sizes.is_empty())
                .collect(),
            ..Self::default()
        })
    }
}
