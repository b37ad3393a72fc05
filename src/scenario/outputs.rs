//! What is asked of every point: features of every arm, and survival of cohorts.
//!
//! ```text
//! output = [ARM ":"] what
//! what   = feature                                                   see `super::feature`
//!        | ["difference" | "ratio"] "observable" NAME "from" AGE "to" AGE "every" DAYS ["vs" ARM]
//!        | "median survival" | "hazard ratio"
//!        | ["restricted"] "mean survival" | ["restricted"] "mean survival difference"
//! ```
//!
//! Without an arm it is read off every arm, but for that which it is compared with. The second form
//! stands for one output per age: a curve. The last ones are for cohorts; the difference and the ratio
//! are against the first arm. Means of survival are restricted to a horizon, the end of the scenario
//! unless an arm was lost before, and are called so whatever was written.

use gutbrain_network::declaration::Declaration;
use gutbrain_network::{Code, Fault, Faults};

use super::feature::{Against, Feature, Reading};
use super::plan::SimulationPlan;
use super::question::{Asked, Objection, Question};
use super::sweep::WrittenText;

/// Most ages of one curve.
const MOST_AGES: usize = 1000;

/// One number per point.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// What it is, with its arm.
    pub label: String,
    /// Its unit; empty for pure numbers.
    pub unit: String,
    /// The place of the arm that it is read off.
    pub arm: usize,
    /// The curve that it belongs to, and its age there.
    pub curve: Option<(String, f64)>,
    /// The feature, if it is one.
    pub feature: Option<Feature>,
    /// What number it is.
    pub kind: OutputKind,
}

/// Which number an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// Its place in the question.
    Feature(usize),
    /// Median survival.
    Median,
    /// Restricted mean of survival.
    Mean,
    /// Its difference from the first arm.
    MeanDifference,
    /// Hazard relative to the first arm.
    HazardRatio,
}

const OF_COHORTS: [(&str, OutputKind); 4] = [
    ("median survival", OutputKind::Median),
    ("restricted mean survival", OutputKind::Mean),
    (
        "restricted mean survival difference",
        OutputKind::MeanDifference,
    ),
    ("hazard ratio", OutputKind::HazardRatio),
];

/// Whose outputs are read.
pub(super) struct Asker<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) arms: &'a [String],
    pub(super) simulation: SimulationPlan,
    pub(super) is_cohort: bool,
}

/// The outputs that are asked for, or those that stand where none are, and the question that is put to
/// lives.
///
/// # Errors
/// Everything that has no meaning in the scenario, with its place.
pub(super) fn read_outputs(
    written: &[WrittenText],
    asker: &Asker<'_>,
) -> Result<(Vec<Output>, Question), Faults> {
    let mut question = Question::default();
    let mut found: Vec<Output> = Vec::new();
    let mut faults = Vec::new();
    let asked: Vec<(String, Option<&WrittenText>)> = if written.is_empty() {
        let defaults = asker.defaults();
        defaults.into_iter().map(|text| (text, None)).collect()
    } else {
        let written = written.iter();
        written.map(|it| (it.text.clone(), Some(it))).collect()
    };
    for (text, written) in asked {
        match asker.read(&text, &mut question) {
            Ok(outputs) => found.extend(outputs),
            Err(Objection { message, help }) => {
                if let Some(written) = written {
                    let fault = Fault::new(Code::NoOutput, message, &written.place);
                    faults.push(fault.maybe_help(help));
                }
            }
        }
    }
    let mut unique: Vec<Output> = Vec::with_capacity(found.len());
    for output in found {
        if unique.iter().all(|other| other.label != output.label) {
            unique.push(output);
        }
    }
    if faults.is_empty() {
        Ok((unique, question))
    } else {
        Err(faults.into_iter().collect())
    }
}

impl Asker<'_> {
    fn defaults(&self) -> Vec<String> {
        let several = self.arms.len() > 1;
        match (self.is_cohort, several) {
            (true, true) => vec!["median survival".into(), "hazard ratio".into()],
            (true, false) => vec!["median survival".into()],
            (false, true) => vec![format!("difference life vs {}", self.arms[0])],
            (false, false) => vec!["life".into()],
        }
    }

    fn read(&self, text: &str, question: &mut Question) -> Result<Vec<Output>, Objection> {
        let prefix = text
            .split_once(':')
            .and_then(|(name, rest)| Some((self.place(name.trim())?, rest.trim())));
        let (own, what) = match prefix {
            Some((arm, rest)) => (Some(arm), rest),
            None => (None, text.trim()),
        };
        let plain = what.split_whitespace().collect::<Vec<_>>().join(" ");
        let of_cohort = OF_COHORTS.iter();
        let mut named = of_cohort.filter(|(word, _)| {
            *word == plain || word.strip_prefix("restricted ") == Some(plain.as_str())
        });
        if let Some((word, kind)) = named.next() {
            return self.of_cohort(word, *kind, own);
        }
        let endpoints = &self.declaration.family.endpoints;
        let parse =
            |text: &str| Feature::parse("", text, endpoints).map_err(|fault| fault.to_string());
        let Some((name, ages)) = curve(&plain)? else {
            return self.of_feature(&parse(&plain)?, own, None, question);
        };
        let mut outputs = Vec::new();
        for (text, age) in ages {
            let curve = Some((name.as_str(), age));
            outputs.extend(self.of_feature(&parse(&text)?, own, curve, question)?);
        }
        Ok(outputs)
    }

    fn of_cohort(
        &self,
        word: &str,
        kind: OutputKind,
        own: Option<usize>,
    ) -> Result<Vec<Output>, Objection> {
        if !self.is_cohort {
            return Err(format!("`{word}` is for cohorts, and there is no `[cohort]`").into());
        }
        let relative = matches!(kind, OutputKind::MeanDifference | OutputKind::HazardRatio);
        let unit = if kind == OutputKind::HazardRatio {
            ""
        } else {
            "d"
        };
        let outputs: Vec<Output> = self
            .arms_of(own)
            .filter(|arm| !relative || *arm > 0)
            .map(|arm| Output {
                label: self.label(arm, word),
                unit: unit.to_owned(),
                arm,
                curve: None,
                feature: None,
                kind,
            })
            .collect();
        if outputs.is_empty() {
            return Err(format!("`{word}` compares arms, and there is no other one").into());
        }
        Ok(outputs)
    }

    fn of_feature(
        &self,
        feature: &Feature,
        own: Option<usize>,
        curve: Option<(&str, f64)>,
        question: &mut Question,
    ) -> Result<Vec<Output>, Objection> {
        let place = question.names().len();
        let asked = Asked {
            declaration: self.declaration,
            arms: self.arms,
            ages: Some((self.simulation.start, self.simulation.stop)),
        };
        question.add(feature, &asked)?;
        let other = feature.against.arm().and_then(|arm| self.place(arm));
        let outputs: Vec<Output> = self
            .arms_of(own)
            .filter(|arm| other != Some(*arm))
            .map(|arm| {
                let mut feature = feature.clone();
                feature.arm.clone_from(&self.arms[arm]);
                Output {
                    label: self.label(arm, &feature.to_string()),
                    unit: self.unit(&feature),
                    arm,
                    curve: curve.map(|(name, age)| (self.label(arm, name), age)),
                    feature: Some(feature),
                    kind: OutputKind::Feature(place),
                }
            })
            .collect();
        if outputs.is_empty() {
            return Err(format!("`{feature}` compares an arm with itself").into());
        }
        Ok(outputs)
    }

    fn arms_of(&self, own: Option<usize>) -> impl Iterator<Item = usize> {
        (0..self.arms.len()).filter(move |arm| own.is_none_or(|own| own == *arm))
    }

    fn place(&self, arm: &str) -> Option<usize> {
        self.arms.iter().position(|name| name == arm)
    }

    fn label(&self, arm: usize, what: &str) -> String {
        match self.arms.len() {
            1 => what.to_owned(),
            _ => format!("{}: {what}", self.arms[arm]),
        }
    }

    fn unit(&self, feature: &Feature) -> String {
        let of = |name: &str| {
            let observable = self.declaration.observables.get(name);
            let species = self.declaration.species.get(name);
            let unit = observable.map(|it| &it.unit).or(species.map(|it| &it.unit));
            unit.map(ToString::to_string)
                .filter(|unit| unit != "1")
                .unwrap_or_default()
        };
        if matches!(feature.against, Against::Ratio(_)) {
            return String::new();
        }
        match &feature.reading {
            Reading::Age(_) | Reading::Life | Reading::Duration { .. } => "d".to_owned(),
            Reading::Value { name, .. } => of(name),
            Reading::Maximum(span) | Reading::Minimum(span) => of(&span.name),
            Reading::RelativeSlope(_) => "1/d".to_owned(),
            Reading::Slope(span) => match of(&span.name) {
                unit if unit.is_empty() => "1/d".to_owned(),
                unit => format!("{unit}/d"),
            },
            Reading::Area(span) => format!("{} d", of(&span.name)).trim().to_owned(),
        }
    }
}

/// A curve: its name, and by age the text of its feature.
type Curve = (String, Vec<(String, f64)>);

/// Reads a curve; nothing if the text is none.
fn curve(text: &str) -> Result<Option<Curve>, String> {
    let words: Vec<&str> = text.split(' ').filter(|word| *word != "d").collect();
    let Some(every) = words.iter().position(|word| *word == "every") else {
        return Ok(None);
    };
    let form = "a curve is written `observable NAME from AGE to AGE every DAYS`";
    let [ref before @ .., kind, name, "from", from, "to", to] = words[..every] else {
        return Err(form.to_owned());
    };
    let Some((step, after)) = words[every + 1..].split_first() else {
        return Err(form.to_owned());
    };
    let days = |word: &str| {
        let digits = word.strip_suffix('d').unwrap_or(word).parse::<f64>();
        digits.ok().filter(|days| days.is_finite() && *days >= 0.0)
    };
    let (Some(from), Some(to), Some(step)) = (days(from), days(to), days(step)) else {
        return Err(form.to_owned());
    };
    if to < from || step <= 0.0 || (to - from) / step > MOST_AGES as f64 {
        return Err(format!(
            "a curve has from 1 to {MOST_AGES} ages, in ascending order"
        ));
    }
    let count = ((to - from) / step + 1e-9).floor() as usize;
    let join = |middle: &[&str]| {
        let all: Vec<&str> = before.iter().chain(middle).chain(after).copied().collect();
        all.join(" ")
    };
    let ages = (0..=count).map(|place| {
        let age = from + place as f64 * step;
        (join(&[kind, name, "at", &age.to_string()]), age)
    });
    let ages = ages.collect();
    Ok(Some((join(&[name]), ages)))
}

#[cfg(test)]
mod tests {
    use super::curve;

    #[test]
    fn a_curve_is_one_feature_per_age() {
        let (name, ages) = curve("observable zo1 from 30 d to 50d every 10 d")
            .unwrap()
            .unwrap();
        assert_eq!(name, "zo1");
        let texts: Vec<&str> = ages.iter().map(|(text, _)| text.as_str()).collect();
        let expected = [
            "observable zo1 at 30",
            "observable zo1 at 40",
            "observable zo1 at 50",
        ];
        assert_eq!(texts, expected);
        let text = "difference observable zo1 from 30 to 35 every 10 vs control";
        let (name, ages) = curve(text).unwrap().unwrap();
        assert_eq!(name, "difference zo1 vs control");
        assert_eq!(ages[0].0, "difference observable zo1 at 30 vs control");
        assert_eq!(ages.len(), 1);
        assert!(curve("life").unwrap().is_none());
        assert!(curve("zo1 every 3").is_err());
        assert!(curve("observable zo1 from 50 to 30 every 3").is_err());
        assert!(curve("observable zo1 from 0 to 3 every 0").is_err());
    }
}
