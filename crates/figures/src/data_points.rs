//! Measured values over curves: dots in the colour of their arm, with whiskers as long as their spread.

use super::FigureError;
use super::grid::panel_letter;
use super::legend::{Entry, Key};
use super::palette::{ArmStyle, Colour};
use super::panel::{Item, Sign};
use super::saved::{numbers, texts};
use gutbrain_table::Table;

/// One measured value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataPoint {
    /// Name of the arm.
    pub arm: String,
    /// Id of the variable.
    pub variable: String,
    /// Age in days.
    pub time: f64,
    /// The value, in the unit of the variable.
    pub value: f64,
    /// Half the length of its whisker.
    pub spread: Option<f64>,
    /// What the whisker shows: `sd`, `sem`, `ci95` or `assay`; empty without one.
    pub kind: String,
}

impl DataPoint {
    /// The values of `arm, time_d, variable, value, spread, spread_kind`.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn from_table(table: &Table) -> Result<Vec<Self>, FigureError> {
        let (arms, variables) = (texts(table, "arm")?, texts(table, "variable")?);
        let kinds = texts(table, "spread_kind")?;
        let (times, values) = (numbers(table, "time_d")?, numbers(table, "value")?);
        let spreads = numbers(table, "spread")?;
        let point = |row: usize| {
            Some(Self {
                arm: arms[row].clone(),
                variable: variables[row].clone(),
                time: times.at(row)?,
                value: values.at(row)?,
                spread: spreads.at(row).filter(|it| *it > 0.0),
                kind: kinds[row].clone(),
            })
        };
        Ok((0..table.rows()).filter_map(point).collect())
    }

    /// Whether it is one of several of its arm, variable and age: single animals, whose scatter is seen without
    /// whiskers, which would hide each other.
    fn is_one_of_several(&self, points: &[Self]) -> bool {
        let alike = points.iter().filter(|other| {
            let same = (&other.arm, &other.variable) == (&self.arm, &self.variable);
            same && other.time.total_cmp(&self.time).is_eq()
        });
        alike.count() > 1
    }

    /// The ends of its whisker, or twice the value itself. What cannot be below zero has no whisker there.
    fn ends(&self) -> [f64; 2] {
        let half = self.spread.unwrap_or(0.0);
        let low = self.value - half;
        let low = if self.value >= 0.0 { low.max(0.0) } else { low };
        [low, self.value + half]
    }
}

/// What is drawn of one variable: whiskers, then dots; and the values that the axis must hold.
pub(super) fn point_items(
    points: &[DataPoint],
    variable: &str,
    arms: &[&str],
    styles: &[ArmStyle],
) -> (Vec<Item>, Vec<f64>) {
    let (mut whiskers, mut dots, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for point in points.iter().filter(|point| point.variable == variable) {
        let Some(place) = arms.iter().position(|arm| *arm == point.arm) else {
            continue;
        };
        let colour = styles[place].colour;
        let alone = !point.is_one_of_several(points);
        let [low, high] = if alone {
            point.ends()
        } else {
            [point.value; 2]
        };
        values.extend([low, point.value, high]);
        if alone && point.spread.is_some() {
            whiskers.push(Item::Whisker {
                at: point.time,
                low,
                high,
                colour,
            });
        }
        dots.push(Item::Marker {
            at: (point.time, point.value),
            sign: Sign::Dot,
            colour,
        });
    }
    whiskers.extend(dots);
    (whiskers, values)
}

/// The legend's words for the dots, and what their whiskers are: in which panels, if not all are the same; nothing
/// if no panel has any.
pub(super) fn point_entry(points: &[DataPoint], variables: &[&str]) -> Option<Entry> {
    let mut kinds: Vec<(&str, Vec<String>)> = Vec::new();
    let mut any = false;
    for (panel, variable) in variables.iter().enumerate() {
        for point in points.iter().filter(|point| point.variable == *variable) {
            any = true;
            let words = match point.kind.as_str() {
                _ if point.spread.is_none() || point.is_one_of_several(points) => continue,
                "sd" => "SD",
                "sem" => "SEM",
                "ci95" => "95 % interval",
                _ => "noise of the assay (SD)",
            };
            let letter = panel_letter(panel);
            match kinds.iter_mut().find(|(known, _)| *known == words) {
                Some((_, letters)) if letters.contains(&letter) => {}
                Some((_, letters)) => letters.push(letter),
                None => kinds.push((words, vec![letter])),
            }
        }
    }
    let with: Vec<String> = match &kinds[..] {
        [(words, _)] => vec![(*words).to_owned()],
        kinds => kinds
            .iter()
            .map(|(words, letters)| format!("{words} in {}", letters.join(", ")))
            .collect(),
    };
    let with = match &with[..] {
        [] => String::new(),
        with => format!(", with {}", with.join("; ")),
    };
    let dot = Key::Marker(Sign::Dot, Colour::INK);
    any.then(|| Entry::new(dot, format!("own data{with}")))
}

/// The ages of the values that are shown.
pub(super) fn ages_of<'p>(
    points: &'p [DataPoint],
    variables: &'p [&str],
) -> impl Iterator<Item = f64> + 'p {
    let shown = |point: &&DataPoint| variables.contains(&point.variable.as_str());
    points.iter().filter(shown).map(|point| point.time)
}

#[cfg(test)]
mod tests {
    use super::super::palette::arm_styles;
    use super::*;

    fn point(variable: &str, time: f64, value: f64, kind: &str) -> DataPoint {
        DataPoint {
            arm: "control".to_owned(),
            variable: variable.to_owned(),
            time,
            value,
            spread: Some(2.0),
            kind: kind.to_owned(),
        }
    }

    #[test]
    fn means_have_whiskers_and_single_animals_of_one_age_have_none() {
        let points = [
            point("il17", 60.0, 1.5, "sem"),
            point("il17", 90.0, 12.0, "sem"),
            point("tnf", 60.0, 5.0, "sd"),
            point("il6", 60.0, 7.0, "assay"),
            point("il6", 60.0, 8.0, "assay"),
        ];
        let drawn =
            |variable: &str| point_items(&points, variable, &["control"], &arm_styles(&[None]));
        let whiskers = |items: &[Item]| {
            let whisker = |item: &&Item| matches!(item, Item::Whisker { .. });
            items.iter().filter(whisker).count()
        };
        let (items, values) = drawn("il17");
        assert_eq!((items.len(), whiskers(&items)), (4, 2));
        // What cannot be below zero has no whisker there.
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        assert_eq!(low.to_bits(), 0.0_f64.to_bits());
        let (items, values) = drawn("il6");
        assert_eq!((items.len(), whiskers(&items), values.len()), (2, 0, 6));
        let words = |variables: &[&str]| point_entry(&points, variables).map(|entry| entry.text);
        assert_eq!(words(&["il17"]).as_deref(), Some("own data, with SEM"));
        let both = words(&["il17", "tnf", "il6"]);
        assert_eq!(both.as_deref(), Some("own data, with SEM in a; SD in b"));
        assert_eq!(words(&["il6"]).as_deref(), Some("own data"));
        assert_eq!(words(&["zo1"]), None);
    }
}
