//! Areas under the curve by the time that is left, those of a panel, and those of one visit.

use gutbrain_numbers::Real;
use gutbrain_statistics::classify::{Area, area, cross_validated};
use gutbrain_statistics::random::Stream;

use super::gathered::{Case, Gathered, Visit};

/// Cases, and as many controls, below which nothing is said.
pub const FEWEST: usize = 10;

/// Parts of the people, each of which a panel is scored on once by a fit to the others.
const FOLDS: usize = 5;

/// Penalty of the panel on weights for one standard deviation.
const PENALTY: f64 = 1.0;

/// The name of the panel among quantities.
pub const PANEL: &str = "panel";

/// What one quantity, or the panel, tells in one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The quantity, or [`PANEL`].
    pub quantity: String,
    /// Days left until the event, least and most; below zero after it.
    pub window: (f64, f64),
    /// Cases, and as many controls.
    pub people: usize,
    /// Its area; more is a sign of those who fall ill.
    pub area: Area,
}

/// What one visit would have concluded of a quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossSection {
    /// The quantity.
    pub quantity: String,
    /// Those who are ill at the visit.
    pub ill: usize,
    /// Those who stay healthy, at the same visit.
    pub healthy: usize,
    /// The area between them.
    pub area: Area,
    /// The area of the same quantity in the window just before the event.
    pub before: Option<Area>,
}

impl CrossSection {
    /// Whether it misleads: ill and healthy differ, and nothing was to be seen before, or the opposite.
    #[must_use]
    pub fn misleads(&self) -> bool {
        let Some(before) = self.before else {
            return false;
        };
        side(self.area) != 0 && side(before) != side(self.area)
    }
}

/// On which side of chance the whole interval lies; 0 where it holds chance.
fn side(area: Area) -> i8 {
    match area.interval {
        (low, _) if low > 0.5 => 1,
        (_, high) if high < 0.5 => -1,
        _ => 0,
    }
}

/// A case's visit and the one of its control.
type Pair<'g> = (&'g Visit, &'g Visit);

/// What every quantity and the panel tell in windows of `width` days, from `most` of them before the event to one
/// after it, the latest first.
#[must_use]
pub fn windows(gathered: &Gathered, width: f64, most: u32, seed: u64) -> Vec<Told> {
    let mut told = Vec::new();
    for number in -1..i64::from(most) {
        let window = (number as f64 * width, (number + 1) as f64 * width);
        let pairs = pairs(gathered, window);
        if pairs.len() < FEWEST {
            continue;
        }
        for (place, quantity) in gathered.quantities.iter().enumerate() {
            let of = |visit: &Visit| visit.values[place];
            let both = pairs
                .iter()
                .filter_map(|(case, control)| Some((of(case)?, of(control)?)));
            let (cases, controls): (Vec<f64>, Vec<f64>) = both.unzip();
            if let Some(area) = area(&cases, &controls).filter(|_| cases.len() >= FEWEST) {
                told.push(Told {
                    quantity: quantity.clone(),
                    window,
                    people: cases.len(),
                    area,
                });
            }
        }
        let mut stream = Stream::new(seed, "biomarkers/panel", number.unsigned_abs());
        told.extend(panel(&pairs, window, &mut stream));
    }
    told
}

/// The panel of all quantities, on logarithms.
fn panel(pairs: &[Pair<'_>], window: (f64, f64), stream: &mut Stream) -> Option<Told> {
    // A reading of zero, as of reads, is half of one.
    let logarithm = |value: f64| Real::ln(value.max(0.5e-9));
    let row = |visit: &Visit| -> Option<Vec<f64>> {
        let values = visit.values.iter().map(|value| value.map(logarithm));
        values.collect()
    };
    let whole = pairs
        .iter()
        .filter_map(|(case, control)| Some((row(case)?, row(control)?)));
    let (cases, controls): (Vec<Vec<f64>>, Vec<Vec<f64>>) = whole.unzip();
    if cases.len() < FEWEST {
        return None;
    }
    let rows: Vec<&[f64]> = cases.iter().chain(&controls).map(Vec::as_slice).collect();
    let is_case: Vec<bool> = (0..rows.len()).map(|place| place < cases.len()).collect();
    let scores = cross_validated(&rows, &is_case, FOLDS, PENALTY, stream).ok()?;
    let (of_cases, of_controls) = scores.split_at(cases.len());
    Some(Told {
        quantity: PANEL.to_owned(),
        window,
        people: cases.len(),
        area: area(of_cases, of_controls)?,
    })
}

/// Of every case its visit in a window nearest the event, with a visit at the same age of one who stays healthy.
fn pairs(gathered: &Gathered, window: (f64, f64)) -> Vec<Pair<'_>> {
    let left = |case: &Case, visit: &Visit| case.event.map(|event| event - visit.age);
    let inside = |left: f64| left > window.0 && left <= window.1;
    let cases = gathered.cases.iter().enumerate();
    cases
        .filter_map(|(number, case)| {
            let visits = case.visits.iter();
            let visit = visits
                .filter(|visit| left(case, visit).is_some_and(inside))
                .min_by(|a, b| {
                    let off = |visit: &Visit| left(case, visit).unwrap_or(f64::INFINITY).abs();
                    off(a).total_cmp(&off(b))
                })?;
            let control = gathered.controls.get(number)?;
            Some((visit, at(control, visit.age)?))
        })
        .collect()
}

fn at(visits: &[Visit], age: f64) -> Option<&Visit> {
    visits
        .iter()
        .find(|visit| visit.age.total_cmp(&age).is_eq())
}

/// What the visit at `age` would have concluded, with everybody who is ill at it as a case; nothing of quantities
/// with too few.
#[must_use]
pub fn cross_section(gathered: &Gathered, age: f64, told: &[Told]) -> Vec<CrossSection> {
    let ill = |case: &&Case| case.event.is_some_and(|event| event <= age);
    let cases: Vec<&Visit> = gathered
        .cases
        .iter()
        .filter(ill)
        .filter_map(|case| at(&case.visits, age))
        .collect();
    let controls = gathered
        .controls
        .iter()
        .filter_map(|visits| at(visits, age));
    let controls: Vec<&Visit> = controls.collect();
    let quantities = gathered.quantities.iter().enumerate();
    quantities
        .filter_map(|(place, quantity)| {
            let of = |visits: &[&Visit]| -> Vec<f64> {
                visits
                    .iter()
                    .filter_map(|visit| visit.values[place])
                    .collect()
            };
            let (ill, healthy) = (of(&cases), of(&controls));
            if ill.len() < FEWEST || healthy.len() < FEWEST {
                return None;
            }
            let before = told
                .iter()
                .find(|it| it.quantity == *quantity && it.window.0 >= 0.0);
            Some(CrossSection {
                quantity: quantity.clone(),
                ill: ill.len(),
                healthy: healthy.len(),
                area: area(&ill, &healthy)?,
                before: before.map(|it| it.area),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cases fall ill at 100 d; the first quantity rises by 2 SD in the last 20 d before, the second one only
    /// once they are ill, the third one never.
    fn made(people: usize) -> Gathered {
        let mut stream = Stream::new(1, "made", 0);
        let mut visit = |age: f64, ill: bool| {
            let early = if ill && age >= 80.0 { 2.0 } else { 0.0 };
            let late = if ill && age >= 100.0 { 2.0 } else { 0.0 };
            let z = [stream.normal(), stream.normal(), stream.normal()];
            let values = [early + z[0], late + z[1], z[2]].map(|it| Some(Real::exp(it)));
            Visit {
                age,
                values: values.to_vec(),
            }
        };
        let ages = [55.0, 75.0, 95.0, 115.0];
        Gathered {
            quantities: ["early", "late", "never"].map(str::to_owned).to_vec(),
            controls: (0..people)
                .map(|_| ages.map(|age| visit(age, false)).to_vec())
                .collect(),
            cases: (0..people)
                .map(|_| Case {
                    event: Some(100.0),
                    visits: ages.map(|age| visit(age, true)).to_vec(),
                })
                .collect(),
            ill_controls: 0,
            failed: 0,
        }
    }

    fn of<'t>(told: &'t [Told], quantity: &str, from: f64) -> &'t Told {
        let mut found = told.iter();
        let found = found.find(|it| it.quantity == quantity && (it.window.0 - from).abs() < 1e-9);
        found.unwrap_or_else(|| panic!("no {quantity} from {from}"))
    }

    #[test]
    fn a_quantity_tells_from_when_it_moves_on() {
        let gathered = made(200);
        let told = windows(&gathered, 20.0, 3, 7);
        // Φ(2/√2) = 0.9214.
        for (quantity, from, expected) in [
            ("early", 0.0, 0.9214),
            ("early", 20.0, 0.5),
            ("late", -20.0, 0.9214),
            ("late", 0.0, 0.5),
            ("never", 0.0, 0.5),
            ("never", -20.0, 0.5),
        ] {
            let found = of(&told, quantity, from);
            assert_eq!(found.people, 200);
            let off = (found.area.value - expected).abs();
            assert!(off < 4.0 * found.area.error, "{found:?}");
        }
        // The panel knows one of its quantities where one tells, and nothing where none does.
        assert!(of(&told, PANEL, 0.0).area.interval.0 > 0.85);
        let nothing = of(&told, PANEL, 40.0).area;
        assert!(
            (nothing.value - 0.5).abs() < 4.0 * nothing.error,
            "{nothing:?}"
        );
        assert!(!told.iter().any(|it| it.window.0 > 50.0));
    }

    #[test]
    fn one_visit_misleads_about_what_the_disease_moves() {
        let gathered = made(200);
        let told = windows(&gathered, 20.0, 3, 7);
        let found = cross_section(&gathered, 115.0, &told);
        let misleads: Vec<(&str, bool)> = found
            .iter()
            .map(|it| (it.quantity.as_str(), it.misleads()))
            .collect();
        assert_eq!(
            misleads,
            [("early", false), ("late", true), ("never", false)]
        );
        // Nobody is ill yet.
        assert!(cross_section(&gathered, 95.0, &told).is_empty());
    }
}
