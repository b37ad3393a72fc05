//! Observables, measurements and our own simulations of them.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::declaration;

use super::conditions::{Condition, Conditions};
use super::sheet::{Sheet, number};
use super::{PetabError, Term};
use gutbrain::analysis::calibrate::{Aim, Calibration, Prediction, Target};
use gutbrain::analysis::own_data::Observed;
use gutbrain::simulate::feature::{Against, Endpoint, Feature, Reading};
use gutbrain_statistics::likelihood::Likelihood;

/// The declared events, by id.
type Events = BTreeMap<String, declaration::Event>;

/// Ages nearer than this to something that is done are between two states.
const NEAR: f64 = 1e-6;

/// The tables of the targets, and the targets as terms.
pub(super) struct Targets {
    pub(super) observables: Sheet,
    pub(super) measurements: Sheet,
    pub(super) simulations: Sheet,
    pub(super) terms: Vec<Term>,
}

/// What is measured.
struct Measured {
    /// Part of the observable's identifier.
    name: String,
    /// The formula of the quantity.
    formula: String,
    /// When.
    age: f64,
}

pub(super) fn targets(
    calibration: &Calibration,
    conditions: &Conditions<'_>,
    events: &Events,
    prediction: &Prediction,
) -> Result<Targets, PetabError> {
    let columns = |value: &'static str| {
        [
            "observableId",
            "simulationConditionId",
            value,
            "time",
            "observableParameters",
            "noiseParameters",
        ]
    };
    let mut out = Targets {
        observables: Sheet::new(&[
            "observableId",
            "observableFormula",
            "noiseFormula",
            "observableTransformation",
            "noiseDistribution",
        ]),
        measurements: Sheet::new(&columns("measurement")),
        simulations: Sheet::new(&columns("simulation")),
        terms: Vec::new(),
    };
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut reasons = Vec::new();
    for (target, value) in calibration.targets.iter().zip(&prediction.values) {
        let value = value.as_ref().ok().copied();
        let said = say(target, calibration.horizon, conditions, events);
        let said = said.and_then(|(condition, measured)| {
            let row = written(target, &measured, value)?;
            Ok((condition, measured, row))
        });
        out.terms.push(Term {
            name: target.name.clone(),
            kind: "target",
            value,
            residual: value.map(|it| target.aim.residual(it).0),
            left_out: said.as_ref().err().cloned(),
        });
        let (condition, measured, row) = match said {
            Ok(said) => said,
            Err(why) => {
                reasons.push(format!("{}: {why}", target.name));
                continue;
            }
        };
        if known.insert(row.observable.clone()) {
            let noise = format!("noiseParameter1_{}", row.observable);
            let cells = [&row.observable, &row.formula, &noise, "lin", "normal"];
            out.observables.row(&cells);
        }
        let age = number(measured.age);
        let cells = |value: f64| {
            let id = row.observable.clone();
            let sd = number(row.sd);
            [
                id,
                condition.id.clone(),
                number(value),
                age.clone(),
                row.given.clone(),
                sd,
            ]
        };
        out.measurements.row(&cells(row.wanted));
        // An age that was not reached is infinite in the model, too. What could not be simulated has no
        // number: its row is left out, and the terms say so by an empty value.
        let is_age = matches!(target.feature.reading, Reading::Age(_));
        let found = row.found.or(is_age.then_some(f64::INFINITY));
        if let Some(found) = found {
            out.simulations.row(&cells(found));
        }
    }
    if known.is_empty() {
        return Err(PetabError::NothingLeft(reasons.join("; ")));
    }
    Ok(out)
}

/// What a target measures and where, or why that cannot be said.
fn say<'a>(
    target: &Target,
    horizon: f64,
    conditions: &'a Conditions<'a>,
    events: &Events,
) -> Result<(&'a Condition<'a>, Measured), String> {
    let Feature {
        arm,
        reading,
        against,
    } = &target.feature;
    match against {
        Against::Nothing => {}
        Against::Difference(_) => return Err("a difference between two arms".to_owned()),
        Against::Ratio(_) => return Err("a ratio of two arms".to_owned()),
    }
    let condition = conditions.of(&target.scenario, arm);
    let condition = condition.ok_or_else(|| "its arm is not in the model".to_owned())?;
    let of_endpoint = |endpoint: &Endpoint| {
        let mut declared = events.iter();
        let declared = declared.find(|(_, it)| it.endpoint.as_ref() == Some(endpoint));
        let origin = declared.map(|(id, _)| format!("event.{id}"));
        let mut events = conditions.content.events.iter();
        let event = events.find(|it| Some(&it.head.origin) == origin.as_ref());
        let assigned = event.and_then(|it| it.assignments.first());
        let assigned = assigned.map(|(id, _)| id.clone());
        assigned.ok_or_else(|| format!("the model has no event for {}", endpoint.word()))
    };
    let measured = match reading {
        Reading::Value { name, age } => {
            let switches = &condition.source.blueprint.switches;
            if switches.iter().any(|it| (it.age - age).abs() < NEAR) {
                return Err("read at an instant at which something is done".to_owned());
            }
            Measured {
                name: name.clone(),
                formula: identifier(conditions, name)?,
                age: *age,
            }
        }
        Reading::Age(endpoint) => Measured {
            name: format!("{}_age", endpoint.word().replace('-', "_")),
            formula: of_endpoint(endpoint)?,
            age: horizon,
        },
        Reading::Duration { from, to } => Measured {
            name: format!("{}_to_{}", from.word(), to.word()).replace('-', "_"),
            formula: format!("{} - {}", of_endpoint(to)?, of_endpoint(from)?),
            age: horizon,
        },
        Reading::Slope(_) | Reading::RelativeSlope(_) => {
            return Err("a slope reads two ages at once".to_owned());
        }
        Reading::Maximum(_) | Reading::Minimum(_) => {
            return Err("an extreme over a span of time".to_owned());
        }
        Reading::Area(_) => return Err("an area over a span of time".to_owned()),
        Reading::Life => return Err("a life that ends with death or with the scenario".to_owned()),
    };
    Ok((condition, measured))
}

/// The identifier in the model of what is declared under a name.
fn identifier(conditions: &Conditions<'_>, name: &str) -> Result<String, String> {
    let content = &conditions.content;
    let heads = content.species.iter().map(|it| &it.head);
    let mut heads = heads.chain(content.parameters.iter().map(|it| &it.head));
    let origins = ["species", "observable", "assignment", "parameter"];
    let origins = origins.map(|kind| format!("{kind}.{name}"));
    let head = heads.find(|head| origins.contains(&head.origin));
    let head = head.ok_or_else(|| format!("the model has no {name}"))?;
    Ok(head.id.clone())
}

/// A row of the measurement table.
struct Row {
    observable: String,
    formula: String,
    wanted: f64,
    found: Option<f64>,
    given: String,
    sd: f64,
}

fn written(target: &Target, measured: &Measured, value: Option<f64>) -> Result<Row, String> {
    let Measured { name, formula, .. } = measured;
    let aim = match target.aim {
        Aim::Observed(Observed {
            likelihood: Likelihood::Normal { value, sd },
            ..
        }) => Aim::Point { value, sd },
        aim => aim,
    };
    Ok(match aim {
        Aim::Observed(_) => return Err("its likelihood is not the normal one".to_owned()),
        Aim::Point { value: wanted, sd } => Row {
            observable: format!("observed_{name}"),
            formula: formula.clone(),
            wanted,
            found: value,
            given: String::new(),
            sd,
        },
        Aim::Band { low, high, sd } => {
            let observable = format!("outside_{name}");
            let given = |place: usize| format!("observableParameter{place}_{observable}");
            Row {
                formula: format!(
                    "max(0, {} - ({formula})) + max(0, ({formula}) - {})",
                    given(1),
                    given(2)
                ),
                observable,
                wanted: 0.0,
                found: value.map(|it| (low - it).max(0.0) + (it - high).max(0.0)),
                given: format!("{};{}", number(low), number(high)),
                sd,
            }
        }
    })
}
