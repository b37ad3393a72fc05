//! [`Case`]: an expectation of the ledger, understood: its feature, and its claim in the unit of that.

use std::collections::BTreeMap;

use gutbrain_network::declaration::{Claim, Evidence, Expectation, Looked, Use};
use gutbrain_network::fault::Collector;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::Unit;
use gutbrain_network::{Code, Declaration, Fault};

use crate::scenario::Scenario;
use crate::simulate::Feature;
use crate::simulate::feature::{Against, Reading};

/// Where a number is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    /// A feature of a scenario.
    Feature { scenario: String, feature: Feature },
    /// A parameter.
    Parameter(String),
}

/// An expectation, understood.
#[derive(Debug, Clone)]
pub(super) struct Case<'a> {
    pub(super) row: &'a str,
    pub(super) evidence: &'a Evidence,
    pub(super) expectation: &'a Expectation,
    pub(super) place: Place,
    /// In `unit`.
    pub(super) claim: Claim,
    pub(super) unit: Unit,
}

/// All cases in order of row; what cannot be understood goes to the faults.
pub(super) fn cases<'a>(
    declaration: &'a Declaration,
    scenarios: &BTreeMap<String, Scenario>,
    faults: &Collector,
) -> Vec<Case<'a>> {
    let mut all = Vec::new();
    for (row, evidence) in &declaration.evidence {
        if evidence.role != Use::Context
            && evidence.expects.is_empty()
            && evidence.not_representable.is_none()
        {
            let message = format!("`{row}` does not say what the model must show");
            let help = "add [[evidence.ID.expects]], or `not_representable` with the reason";
            faults.add(Fault::new(Code::NoExpectation, message, &evidence.place).help(help));
        }
        for expectation in &evidence.expects {
            match understand(declaration, scenarios, expectation) {
                Ok((place, unit)) => {
                    match expectation.claim_in(&unit, evidence, &declaration.units) {
                        Ok(claim) => all.push(Case {
                            row,
                            evidence,
                            expectation,
                            place,
                            claim,
                            unit,
                        }),
                        Err(fault) => faults.add(*fault),
                    }
                }
                Err(fault) => faults.add(*fault),
            }
        }
    }
    all
}

fn understand(
    declaration: &Declaration,
    scenarios: &BTreeMap<String, Scenario>,
    expectation: &Expectation,
) -> Result<(Place, Unit), Box<Fault>> {
    let (scenario, arm, feature) = match &expectation.looked {
        Looked::Parameter(id) => {
            // Unknown parameters were refused when the model was read.
            let unit = declaration.unit_of(&id.value).unwrap_or_else(Unit::one);
            return Ok((Place::Parameter(id.value.clone()), unit));
        }
        Looked::Feature {
            scenario,
            arm,
            feature,
        } => (scenario, arm, feature),
    };
    let fault = |message: String, written: &gutbrain_network::reading::Written<String>, help| {
        Box::new(Fault::new(Code::BadExpectation, message, &written.place).maybe_help(help))
    };
    let Some(plan) = scenarios.get(&scenario.value) else {
        let message = format!("there is no scenario `{}` to validate with", scenario.value);
        let help = did_you_mean(&scenario.value, scenarios.keys().map(String::as_str));
        return Err(fault(message, scenario, help));
    };
    let read = Feature::parse(&arm.value, &feature.value, &declaration.family.endpoints)
        .map_err(|error| fault(error.to_string(), feature, None))?;
    for name in read.arms() {
        if !plan.arms.iter().any(|known| known.name == name) {
            let written = if name == arm.value { arm } else { feature };
            let message = format!("`{}` has no arm `{name}`", scenario.value);
            let help = did_you_mean(name, plan.arms.iter().map(|known| known.name.as_str()));
            return Err(fault(message, written, help));
        }
    }
    let unit = match read.reading.name() {
        None => Unit::day(),
        Some(name) => {
            let Some(unit) = declaration.unit_of_course(name) else {
                let names = declaration.observables.keys();
                let names = names.chain(declaration.species.keys()).map(String::as_str);
                let help = did_you_mean(name, names);
                let message = format!("the model has no observable or species `{name}`");
                return Err(fault(message, feature, help));
            };
            unit.clone()
        }
    };
    let unit = match (&read.against, &read.reading) {
        (Against::Ratio(_), _) => Unit::one(),
        (_, Reading::Slope(_)) => unit.divide(&Unit::day()),
        (_, Reading::RelativeSlope(_)) => Unit::one().divide(&Unit::day()),
        _ => unit,
    };
    Ok((
        Place::Feature {
            scenario: scenario.value.clone(),
            feature: read,
        },
        unit,
    ))
}
