//! A laboratory's own data as targets: every row of the `[[data]]` of a scenario is one.

use gutbrain_network::Declaration;
use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::{Code, Fault};

use super::target::{Aim, Target};
use crate::analysis::own_data::Observed;
use crate::scenario::Scenario;
use crate::scenario::feature::{Against, Reading};
use crate::simulate::{Endpoint, Feature};

/// The targets of the own data of a scenario that a calibration names at a place.
///
/// A measured value is compared with the value of its arm at its age, an animal that was followed with the age of the
/// one simulated at the end of survival, around which ages scatter by the frailty.
pub fn targets_of_data(
    name: &str,
    place: &Place,
    scenario: &Scenario,
    declaration: &Declaration,
    faults: &Collector,
) -> Vec<Target> {
    let data = &scenario.data;
    let refuse = |message: String, help: &str| {
        faults.add(Fault::new(Code::BadTarget, message, place).help(help.to_owned()));
    };
    if data.is_empty() {
        let message = format!("`{name}` has no `[[data]]` to fit to");
        refuse(
            message,
            "name a scenario with own data, or write `[[target]]`",
        );
    }
    let target = |name: String, arm: &str, reading: Reading, observed: Observed| Target {
        name,
        evidence: Vec::new(),
        scenario: String::new(),
        feature: Feature {
            arm: arm.to_owned(),
            reading,
            against: Against::Nothing,
        },
        aim: Aim::Observed(observed),
    };
    let mut targets = Vec::new();
    let mut unknown = None;
    for row in &data.measurements {
        let Some(observed) = Observed::measurement(row) else {
            unknown = unknown.or(Some(row));
            continue;
        };
        let what = format!("{} at {} d, {}", row.id, row.age, row.arm);
        let reading = Reading::Value {
            name: row.id.clone(),
            age: row.age,
        };
        let name = format!("{what} ({}:{})", row.file, row.line);
        targets.push(target(name, &row.arm, reading, observed));
    }
    if let Some(row) = unknown {
        let message = format!(
            "the value of {}:{} has no spread: a fit cannot weigh it",
            row.file, row.line
        );
        refuse(
            message,
            "give every value an `sd`, `sem` or `ci95`, or write `spread = \"assay\"`",
        );
    }
    if data.animals.is_empty() {
        return each_once(name, targets);
    }
    match end_of_survival(scenario, declaration) {
        Ok(end) => {
            for animal in &data.animals {
                let Some(observed) = Observed::animal(animal) else {
                    let message = format!("the survival in `{}` has no frailty", animal.file);
                    let help = "ages at the end scatter around the one simulated: write, as an \
                                assumption, the SD of their logarithm, `frailty = 0.08`";
                    refuse(message, help);
                    break;
                };
                let subject = match animal.subject.as_str() {
                    "" => String::new(),
                    subject => format!("{subject}, "),
                };
                let name = format!("{subject}{} ({}:{})", animal.arm, animal.file, animal.line);
                targets.push(target(
                    name,
                    &animal.arm,
                    Reading::Age(end.clone()),
                    observed,
                ));
            }
        }
        Err(word) => refuse(
            format!("survival until `{word}` is the first of several endpoints"),
            "a fit needs one endpoint: write `endpoint` of `[cohort]` as one that has a single one",
        ),
    }
    each_once(name, targets)
}

/// The one endpoint that ends survival; the word of what has several.
fn end_of_survival(scenario: &Scenario, declaration: &Declaration) -> Result<Endpoint, String> {
    let of_cohort = scenario.cohort.as_ref().map(|plan| &*plan.endpoint);
    let declared = declaration.family.survival.first().map(|it| &**it);
    match of_cohort.or(declared) {
        Some(survival) => match &survival.first_of[..] {
            [end] => Ok(end.clone()),
            _ => Err(survival.word.clone()),
        },
        None => Err("the end of life".to_owned()),
    }
}

/// Targets of this scenario; a row that stands under two `[[data]]` is still two targets with two names.
fn each_once(scenario: &str, mut targets: Vec<Target>) -> Vec<Target> {
    for place in 0..targets.len() {
        let name = targets[place].name.clone();
        let earlier = targets[..place].iter().filter(|it| it.name == name).count();
        if earlier > 0 {
            targets[place].name = format!("{name} again, {}", earlier + 1);
        }
        scenario.clone_into(&mut targets[place].scenario);
    }
    targets
}
