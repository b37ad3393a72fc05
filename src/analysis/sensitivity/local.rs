//! Local sensitivity: exact derivatives at the values of the preset, by forward differentiation of the
//! whole life.
//!
//! ```text
//! elasticity = (∂F/∂p) (p/F)        change of the output in percent per percent of the parameter
//! per_sd     = (∂F/∂p) (dp/dz)      change of the output per standard deviation of the prior
//! ```
//!
//! `dp/dz` is that of [`crate::analysis::uncertainty`]. An elasticity needs an output that is not 0, and a
//! difference between arms that the solver can tell from 0; of an output that is missing at the preset
//! (death that is not reached) there is none of either. Where no parameter moves the output by more than
//! the solver can tell apart, its derivatives are rounding and there are none.

use std::collections::BTreeMap;

use super::estimate::{Index, Indices};
use super::study::{SensitivityError, Study};
use crate::analysis::uncertainty::prior_sd;
use crate::model::Model;
use crate::scenario::{FactorTarget, Scenario};
use crate::simulate::feature::Against;
use crate::simulate::{Experiment, Feature, OF_VALUES, Resolution};

/// Differentiates every output by every input.
///
/// # Errors
/// When an output is no feature, or an input no parameter.
pub fn local(
    model: &Model,
    scenario: &Scenario,
    study: &Study<'_>,
) -> Result<Indices, SensitivityError> {
    let mut features: Vec<Feature> = Vec::new();
    for output in &study.outputs {
        let missing = || SensitivityError::NotLocal(format!("of `{}`", output.label));
        features.push(output.feature.clone().ok_or_else(missing)?);
    }
    let mut ids: Vec<String> = Vec::new();
    for input in &study.inputs {
        match &input.factor.target {
            FactorTarget::Parameter { id, .. } => ids.push(id.clone()),
            FactorTarget::Path(path) => {
                return Err(SensitivityError::NotLocal(format!("by `{path}`")));
            }
        }
    }
    let stop = scenario.simulation.stop;
    // Beside every output the reading that it is computed from: errors are relative to that.
    let mut both = features.clone();
    both.extend(features.iter().map(|feature| Feature {
        against: Against::Nothing,
        ..feature.clone()
    }));
    let all = Experiment::new(model, scenario, &both, stop)?;
    let plain = all.run(&BTreeMap::new())?;
    let resolution = Resolution::new(scenario.solver.rtol);
    let margin = |output: usize| features[output].reading.name().map_or(1.0, |_| OF_VALUES);
    // The size that counts as none, by output.
    let least = |output: usize| match &features[output].against {
        Against::Ratio(_) => margin(output) * resolution.at(1.0),
        _ => (plain.values[features.len() + output].as_ref())
            .map_or(0.0, |it| margin(output) * resolution.at(*it)),
    };
    // What is missing, or read after death, has no derivative; the others are differentiated together.
    let known: Vec<usize> = (0..features.len())
        .filter(|place| plain.values[*place].is_ok() && !plain.after_death.contains(place))
        .collect();
    let asked: Vec<Feature> = known.iter().map(|place| features[*place].clone()).collect();
    let found = if asked.is_empty() {
        None
    } else {
        let experiment = Experiment::new(model, scenario, &asked, stop)?;
        experiment.sensitivities(&BTreeMap::new(), &ids)?.ok()
    };
    let mut indices = Indices::default();
    for output in 0..features.len() {
        let row = known.iter().position(|place| *place == output);
        let row = found.as_ref().zip(row);
        let first = indices.all.len();
        for (column, (input, id)) in study.inputs.iter().zip(&ids).enumerate() {
            let derived = row.map(|(it, row)| (it.values[row], it.derivatives[row][column]));
            let parameter = model.declaration.parameters.get(id);
            let per_sd = derived.and_then(|(_, slope)| {
                let sd = prior_sd(parameter?, input.preset?)?;
                Some(slope * sd)
            });
            let elasticity = derived
                .filter(|(value, _)| value.abs() > least(output))
                .and_then(|(value, slope)| Some(slope * input.preset? / value));
            for (word, value) in [("elasticity", elasticity), ("per_sd", per_sd)] {
                indices.all.push(Index {
                    output,
                    parameter: input.factor.name.clone(),
                    index: word,
                    value: value.filter(|value| value.is_finite()),
                    lower: None,
                    upper: None,
                    used: usize::from(derived.is_some()),
                    failed: usize::from(derived.is_none()),
                });
            }
        }
        let of_output = &mut indices.all[first..];
        let moves = |it: &Index| {
            it.index == "per_sd" && it.value.is_some_and(|value| value.abs() > least(output))
        };
        if !of_output.iter().any(moves) {
            of_output.iter_mut().for_each(Index::clear);
        }
    }
    Ok(indices)
}
