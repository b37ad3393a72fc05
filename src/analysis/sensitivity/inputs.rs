//! What is varied: parameters over their declared priors, with what is known about each.
//!
//! A parameter is drawn from its declared prior, cut at the ends of its declared range, whatever the
//! preset says: the range is what is not known, and the preset's value is one of it. Where it is not,
//! [`Input::is_outside`] says so. Inputs are independent.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::declaration::{Declaration, Grade, Parameter};

use crate::analysis::active::Active;
use crate::scenario::{Chosen, Factor, FactorTarget, Grouping, Levels, Output, Scenario};

/// The name of the input that does nothing.
pub const DUMMY: &str = "dummy";

/// What a value rests on when no evidence is named.
pub const ASSUMED: &str = "assumed";

/// What a value rests on that has evidence and an assumption about it.
pub const PARTLY_ASSUMED: &str = "partly assumed";

/// Something that is varied.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// How it is varied, and its name.
    pub factor: Factor,
    /// The file of the model that declares it.
    pub compartment: String,
    /// The pathway that it acts in, or that it acts in several, or in none.
    pub pathway: String,
    /// The best grade of the evidence it rests on; `assumed`, `partly assumed`; `choice` of what an
    /// experimenter decides.
    pub grade: String,
    /// The prior, as in the model.
    pub prior: String,
    /// The value of the preset.
    pub preset: Option<f64>,
}

impl Input {
    /// The ends of its range.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        match &self.factor.levels {
            Levels::Range { distribution, .. } => Some(distribution.range()),
            Levels::Values(_) => None,
        }
    }

    /// Whether the value of the preset is no value that is drawn.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        match (self.range(), self.preset) {
            (Some((low, high)), Some(value)) => value < low || value > high,
            _ => false,
        }
    }
}

/// Inputs that move together and share one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name; that of the input, if it is one.
    pub name: String,
    /// Places of its inputs.
    pub members: Vec<usize>,
}

/// The inputs of a scenario.
#[must_use]
pub fn inputs(declaration: &Declaration, scenario: &Scenario, outputs: &[Output]) -> Vec<Input> {
    let plan = &scenario.sensitivity;
    let mut active = Active::of(declaration, scenario);
    active.reach_birth();
    for output in outputs {
        let feature = output.feature.as_ref();
        if let Some(name) = feature.and_then(|feature| feature.reading.name()) {
            active.reach_observable(name);
        }
    }
    let acting: BTreeSet<&str> = active.parameters().map(|(id, _)| id).collect();
    let pathways = active.pathways();
    let chosen: Vec<Factor> = match &plan.parameters {
        Chosen::All => Factor::uncertain(declaration)
            .into_iter()
            .filter(|factor| acting.contains(factor.name.as_str()))
            .collect(),
        Chosen::These(names) => names
            .iter()
            .filter_map(|name| Factor::of_parameter(declaration, name).ok())
            .collect(),
    };
    let own = |factor: &Factor| plan.factors.iter().any(|own| own.target == factor.target);
    let declared = chosen.into_iter().filter(|factor| !own(factor));
    declared
        .chain(plan.factors.iter().cloned())
        .map(|factor| describe(declaration, &pathways, factor))
        .collect()
}

fn describe(
    declaration: &Declaration,
    pathways: &BTreeMap<&str, BTreeSet<&str>>,
    factor: Factor,
) -> Input {
    let parameter = match &factor.target {
        FactorTarget::Parameter { id, .. } => declaration.parameters.get_key_value(id),
        FactorTarget::Path(_) => None,
    };
    let Some((id, parameter)) = parameter else {
        return Input {
            factor,
            compartment: "scenario".to_owned(),
            pathway: "scenario".to_owned(),
            grade: "choice".to_owned(),
            prior: String::new(),
            preset: None,
        };
    };
    let acts_in: Vec<&&str> = pathways.get(id.as_str()).into_iter().flatten().collect();
    Input {
        compartment: stem(&parameter.common.place.source.name).to_owned(),
        pathway: match acts_in[..] {
            [] => "no pathway".to_owned(),
            [only] => (*only).to_owned(),
            _ => "several pathways".to_owned(),
        },
        grade: grade(declaration, parameter),
        prior: parameter.prior.word().to_owned(),
        preset: None,
        factor,
    }
}

/// `barrier` of `model/barrier.toml`.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.split_once('.').map_or(file, |(stem, _)| stem)
}

/// The best grade of the evidence behind a parameter.
fn grade(declaration: &Declaration, parameter: &Parameter) -> String {
    let rows = parameter.common.evidence.iter();
    let grades = rows.filter_map(|id| Some(declaration.evidence.get(&id.value)?.grade));
    match (grades.min(), &parameter.common.assumed) {
        (None | Some(Grade::Gap), _) => ASSUMED.to_owned(),
        (Some(_), Some(_)) => PARTLY_ASSUMED.to_owned(),
        (Some(grade), None) => grade.word().to_owned(),
    }
}

/// Which inputs move together, in the order of the names of groups; alone, in the order of inputs.
#[must_use]
pub fn groups(inputs: &[Input], grouping: Grouping) -> Vec<Group> {
    let key = |input: &Input| match grouping {
        Grouping::Alone => input.factor.name.clone(),
        Grouping::Compartment => input.compartment.clone(),
        Grouping::Pathway => input.pathway.clone(),
        Grouping::Evidence => input.grade.clone(),
    };
    let mut groups: Vec<Group> = Vec::new();
    for (place, input) in inputs.iter().enumerate() {
        let name = key(input);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.members.push(place),
            None => groups.push(Group {
                name,
                members: vec![place],
            }),
        }
    }
    if grouping != Grouping::Alone {
        groups.sort_by(|a, b| a.name.cmp(&b.name));
    }
    groups
}

#[cfg(test)]
mod tests {
    #[test]
    fn files_are_known_by_their_stems() {
        assert_eq!(super::stem("model/barrier.toml"), "barrier");
        assert_eq!(super::stem("barrier.toml"), "barrier");
        assert_eq!(super::stem("barrier"), "barrier");
    }
}
