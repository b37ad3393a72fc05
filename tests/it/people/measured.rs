//! What the thousand people of `scenarios/patients/natural-history.toml` show, as studies would measure it.
//!
//! Entry to a study: the first visit of the scenario at least two months after diagnosis, at most 36 months
//! after onset, with a vital capacity of at least 60 % of predicted. The ALSFRS-R is what an observer writes
//! down: the true value, an error of 1.2 points (H1-43), a whole number from 0 to 48.

use std::path::Path;
use std::sync::OnceLock;

use gutbrain::cohort::{Cohort, Member};
use gutbrain::model::Model;
use gutbrain::scenario::ScenarioFile;
use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;

/// Days of a month.
pub(super) const MONTH: f64 = 30.4375;

/// Error of the ALSFRS-R in points.
const ERROR: f64 = 1.2;

pub(super) fn people() -> Model {
    let model = Model::shipped("human").expect("a shipped name");
    model.unwrap_or_else(|faults| panic!("{faults}"))
}

/// One person; times in months from the start of the life.
pub(super) struct Person {
    pub(super) onset: f64,
    /// Months from onset; infinite if the disease was never diagnosed.
    pub(super) delay: f64,
    /// Months from onset to death, or to the end of the scenario.
    pub(super) survival: f64,
    pub(super) has_died: bool,
    pub(super) bulbar: bool,
    pub(super) age: f64,
    /// Share of the course at stages 2, 3, 4A and 4B.
    pub(super) stages: [Option<f64>; 4],
    times: Vec<f64>,
    score: Vec<f64>,
    capacity: Vec<f64>,
    bmi: Vec<f64>,
    neurofilament: Vec<f64>,
    units: Vec<f64>,
    usual_bmi: f64,
    usual_neurofilament: f64,
}

/// What a study sees of a person who enters it.
pub(super) struct Entrant {
    pub(super) bulbar: bool,
    /// Months from entry to death or the end.
    pub(super) left: f64,
    /// Loss since onset, points a month.
    pub(super) loss_since_onset: f64,
    /// Slopes of the ALSFRS-R over months 0 to 3 and 3 to 12.
    pub(super) early: Option<f64>,
    pub(super) later: Option<f64>,
    /// Change of the ALSFRS-R after 6, 12 and 18 months.
    pub(super) changes: [Option<f64>; 3],
    /// Slope of the vital capacity over a year, percent a month.
    pub(super) capacity: Option<f64>,
    /// Slope of the body-mass index over a year, a year.
    pub(super) bmi: Option<f64>,
    /// Share of the weight lost at entry, percent.
    pub(super) weight_lost: f64,
    pub(super) neurofilament: f64,
    /// Fall of motor units and of the ALSFRS-R over a year, percent of entry a month.
    pub(super) relative: Option<(f64, f64)>,
}

/// The people, simulated once.
pub(super) fn everybody() -> &'static [Person] {
    static EVERYBODY: OnceLock<Vec<Person>> = OnceLock::new();
    EVERYBODY.get_or_init(|| {
        let name = "scenarios/patients/natural-history.toml";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let file = ScenarioFile::open(&path).unwrap_or_else(|faults| panic!("{faults}"));
        let model = people();
        let scenario = file
            .check(&model)
            .unwrap_or_else(|faults| panic!("{faults}"));
        let plan = scenario.cohort.clone().expect("a cohort");
        let cohort = Cohort::new(&model, &scenario, &plan).expect("a cohort that fits");
        let place = |id: &str| cohort.population().place(id).expect("a parameter");
        let places = [
            place("site_draw"),
            place("bulbar_above"),
            place("age_at_onset"),
            place("bmi_usual"),
            place("nfl_usual"),
        ];
        let mut all = Vec::new();
        let done: Result<(), ()> = cohort.simulate(|block| {
            all.extend(block.iter().filter_map(|member| person(member, places)));
            Ok(())
        });
        done.expect("a sink that takes everything");
        all
    })
}

fn person(member: &Member, [site, bulbar, age, bmi, nfl]: [usize; 5]) -> Option<Person> {
    let ends = &member.run.endpoints;
    let month = |word: &str| {
        let endpoint = ends.ages.set().find(word).expect("an endpoint");
        Some(ends.age(endpoint)? / MONTH)
    };
    let onset = month("onset")?;
    let survival = ends.last_d / MONTH - onset;
    let curve = |id: &str| member.run.curve(id).expect("a curve").values.clone();
    let times: Vec<f64> = member.run.times.iter().map(|time| time / MONTH).collect();
    let mut stream = Stream::new(1, "tests/observer", member.animal.number);
    let mut observe = |value: f64| (value + ERROR * stream.normal()).round().clamp(0.0, 48.0);
    let score = curve("alsfrs_r").into_iter().map(&mut observe).collect();
    let has_died = ends.death_d().is_some();
    let share = |word: &str| Some((month(word)? - onset) / survival).filter(|_| has_died);
    let stages = ["stage-2", "stage-3", "gastrostomy", "ventilation"].map(share);
    Some(Person {
        onset,
        delay: month("diagnosis").map_or(f64::INFINITY, |diagnosis| diagnosis - onset),
        survival,
        has_died,
        bulbar: member.values[site] > member.values[bulbar],
        age: member.values[age],
        stages,
        times,
        score,
        capacity: curve("vital_capacity"),
        bmi: curve("bmi"),
        neurofilament: curve("nfl_serum"),
        units: curve("motor_unit_index"),
        usual_bmi: member.values[bmi],
        usual_neurofilament: member.values[nfl],
    })
}

impl Person {
    /// What a study sees of this person; nothing if it does not take this person.
    pub(super) fn enters(&self) -> Option<Entrant> {
        let earliest = self.onset + self.delay + 2.0;
        // Visits begin at the time of the expected onset.
        let at = |time: &f64| *time >= earliest && *time >= 120.0 - 1e-6;
        let entry = self.times.iter().position(at)?;
        let (time, score) = (self.times[entry], self.score[entry]);
        if time - self.onset > 36.0 || self.capacity[entry] < 60.0 {
            return None;
        }
        let slope = |values: &[f64], from: f64, to: f64| {
            let span = |t: &f64| *t >= time + from - 1e-6 && *t <= time + to + 1e-6;
            let points = self.times.iter().zip(values).filter(|(t, _)| span(t));
            slope(points.map(|(t, value)| (*t, *value)))
        };
        let later = |values: &[f64], months: f64| {
            let place = self
                .times
                .iter()
                .position(|t| (t - time - months).abs() < 1e-6)?;
            Some(values[place])
        };
        let relative = |values: &[f64]| {
            let year = later(values, 12.0)?;
            Some(100.0 * (year / values[entry] - 1.0) / 12.0)
        };
        Some(Entrant {
            bulbar: self.bulbar,
            left: self.survival + self.onset - time,
            loss_since_onset: (48.0 - score) / (time - self.onset),
            early: slope(&self.score, 0.0, 3.0),
            later: slope(&self.score, 3.0, 12.0),
            changes: [6.0, 12.0, 18.0].map(|months| Some(later(&self.score, months)? - score)),
            capacity: slope(&self.capacity, 0.0, 12.0),
            bmi: slope(&self.bmi, 0.0, 12.0).map(|slope| 12.0 * slope),
            weight_lost: 100.0 * (1.0 - self.bmi[entry] / self.usual_bmi),
            neurofilament: self.neurofilament[entry],
            relative: relative(&self.units).zip(relative(&self.score)),
        })
    }

    /// Months by which half of the motor units of arms and legs are lost before half of the function.
    pub(super) fn lead_of_units(&self) -> Option<f64> {
        let half = |values: &[f64], whole: f64| {
            let below = |value: &f64| *value < 0.5 * whole;
            let place = values.iter().position(below).filter(|place| *place > 0)?;
            let (before, after) = (values[place - 1], values[place]);
            let part = (before - 0.5 * whole) / (before - after);
            Some(self.times[place - 1] + part * (self.times[place] - self.times[place - 1]))
        };
        Some(half(&self.score, 48.0)? - half(&self.units, 100.0)?)
    }

    /// Months before onset at which neurofilament light leaves the range of health, 1.6 times the person's own
    /// level; what happened before the first output counts as then.
    pub(super) fn lead_of_neurofilament(&self) -> Option<f64> {
        let above = |value: &f64| *value > 1.6 * self.usual_neurofilament;
        let place = self.neurofilament.iter().position(above)?;
        Some(self.onset - self.times[place])
    }

    /// The linear predictor of the ENCALS model at diagnosis (H1-17), without its share of phenotype.
    pub(super) fn predictor(&self) -> Option<f64> {
        let diagnosis = self.onset + self.delay;
        let visit = self.times.iter().position(|time| *time >= diagnosis)?;
        let delay = self.delay / 10.0;
        let loss = (48.0 - self.score[visit]).max(0.0) / (self.times[visit] - self.onset);
        let capacity = self.capacity[visit] / 100.0;
        Some(
            -1.837 * Real::powf(loss + 0.1, -0.5)
                - 2.373 * (Real::powf(delay, -0.5) + Real::ln(delay))
                - 0.267 * (self.age / 100.0).powi(-2)
                + 0.477 * (1.0 / capacity + Real::powf(capacity, -0.5))
                + if self.bulbar { 0.269 } else { 0.0 },
        )
    }
}

fn slope(points: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let points: Vec<(f64, f64)> = points.collect();
    if points.len() < 2 {
        return None;
    }
    let n = points.len() as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
    let (x, y) = (x / n, y / n);
    let above: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let below: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    Some(above / below)
}

/// Mean, standard deviation and quartiles; nothing of no values.
pub(super) struct Spread {
    pub(super) mean: f64,
    pub(super) sd: f64,
    pub(super) quartiles: [f64; 3],
}

pub(super) fn spread(values: impl IntoIterator<Item = f64>) -> Spread {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let at = |share: f64| {
        let place = share * (n - 1.0);
        let low = place.floor();
        let (low, part) = (low as usize, place - low);
        let high = (low + 1).min(values.len() - 1);
        values[low] + part * (values[high] - values[low])
    };
    Spread {
        mean,
        sd,
        quartiles: [0.25, 0.5, 0.75].map(at),
    }
}

/// Share of the values that a condition holds for.
pub(super) fn share(values: &[f64], holds: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|value| holds(**value)).count() as f64 / values.len() as f64
}

/// Spearman's rank correlation.
pub(super) fn rank_correlation(pairs: &[(f64, f64)]) -> f64 {
    let ranks = |values: Vec<f64>| {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = move |value: f64| {
            let low = sorted.partition_point(|other| *other < value);
            let high = sorted.partition_point(|other| *other <= value);
            0.5 * (low + high) as f64
        };
        values.into_iter().map(rank).collect::<Vec<f64>>()
    };
    let x = spread_of(&ranks(pairs.iter().map(|p| p.0).collect()));
    let y = spread_of(&ranks(pairs.iter().map(|p| p.1).collect()));
    x.iter().zip(&y).map(|(x, y)| x * y).sum::<f64>() / pairs.len() as f64
}

/// Standardised values.
fn spread_of(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    values.iter().map(|value| (value - mean) / sd).collect()
}

/// Median survival from onset; the few who outlive the scenario count as living longest.
pub(super) fn median_survival<'p>(people: impl Iterator<Item = &'p Person>) -> f64 {
    let lives = people.map(|it| if it.has_died { it.survival } else { f64::MAX });
    spread(lives).quartiles[1]
}
