//! The parameter table: values, bounds, scales and priors of what is fitted.
//!
//! Our prior is a residual `(t(p) − centre) / sd`, weighted; `t` is ln, the identity or the logit. PEtab
//! has scales for the first two, and `parameterScaleNormal` is that residual's density on them.

use std::collections::BTreeMap;

use gutbrain_network::declaration;
use gutbrain_numbers::Real;

use super::super::names::plain;
use super::Term;
use super::conditions::Conditions;
use super::sheet::{Sheet, number};
use gutbrain::analysis::calibrate::{Calibration, Fitted};
use gutbrain::model::Model;

/// The parameter table, what stands in the condition table for it, and the priors as terms.
pub(super) struct FittedParameters {
    pub(super) sheet: Sheet,
    pub(super) columns: BTreeMap<String, Vec<Option<String>>>,
    pub(super) terms: Vec<Term>,
}

/// A scale of PEtab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Linear,
    Logarithm,
}

impl Scale {
    fn word(self) -> &'static str {
        match self {
            Self::Linear => "lin",
            Self::Logarithm => "log",
        }
    }

    fn apply(self, p: f64) -> f64 {
        match self {
            Self::Linear => p,
            Self::Logarithm => Real::ln(p),
        }
    }
}

pub(super) fn fitted(
    model: &Model,
    calibration: &Calibration,
    conditions: &Conditions<'_>,
    frozen: &BTreeMap<usize, String>,
) -> FittedParameters {
    let columns = columns(calibration, conditions);
    let mut sheet = Sheet::new(&[
        "parameterId",
        "parameterName",
        "parameterScale",
        "lowerBound",
        "upperBound",
        "nominalValue",
        "estimate",
        "objectivePriorType",
        "objectivePriorParameters",
    ]);
    let mut terms = Vec::new();
    for (index, fitted) in calibration.parameters.iter().enumerate() {
        // The file was checked: the parameter is declared and has a range.
        let Some(declared) = model.declaration.parameters.get(&fitted.parameter) else {
            continue;
        };
        let Some((lower, upper)) = declared.range else {
            continue;
        };
        let frozen = frozen.get(&index);
        let unused = !conditions.list.iter().any(|it| it.source.holds[index]);
        let (scale, prior) = prior(
            fitted,
            declared.prior,
            (lower, upper),
            calibration.prior_weight,
        );
        let left_out = match (&prior, frozen) {
            _ if unused => Some("no arm of the problem has the parameter".to_owned()),
            (_, Some(what)) => Some(format!(
                "the parameter moves {what}, which SBML holds as a number: it is not estimated"
            )),
            (Err(why), None) => Some((*why).to_owned()),
            (Ok(_), None) => None,
        };
        let residual = fitted
            .prior
            .map(|it| calibration.prior_weight * it.residual(fitted.value).0);
        terms.push(Term {
            name: fitted.id.clone(),
            kind: "prior",
            value: Some(fitted.value),
            residual,
            left_out,
        });
        if unused {
            continue;
        }
        let estimated = frozen.is_none();
        let (kind, numbers) = match prior {
            Ok(Some((centre, sd))) if estimated => (
                "parameterScaleNormal",
                format!("{};{}", number(centre), number(sd)),
            ),
            _ => ("", String::new()),
        };
        sheet.row(&[
            id_of(fitted, &columns, conditions).as_str(),
            &fitted.id,
            scale.word(),
            &number(lower),
            &number(upper),
            &number(fitted.value),
            if estimated { "1" } else { "0" },
            kind,
            &numbers,
        ]);
    }
    FittedParameters {
        sheet,
        columns,
        terms,
    }
}

/// Quantities of the model that are not the same fitted parameter in every arm.
fn columns(
    calibration: &Calibration,
    conditions: &Conditions<'_>,
) -> BTreeMap<String, Vec<Option<String>>> {
    let mut columns: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for (index, fitted) in calibration.parameters.iter().enumerate() {
        let everywhere = conditions.list.iter().all(|it| it.source.holds[index]);
        if fitted.subject.is_some() || !everywhere {
            let cells = vec![None; conditions.list.len()];
            columns.insert(quantity(fitted, conditions), cells);
        }
    }
    for (index, fitted) in calibration.parameters.iter().enumerate() {
        let id = id_of(fitted, &columns, conditions);
        let Some(cells) = columns.get_mut(&quantity(fitted, conditions)) else {
            continue;
        };
        for (cell, condition) in cells.iter_mut().zip(&conditions.list) {
            if condition.source.holds[index] {
                *cell = Some(id.clone());
            }
        }
    }
    columns
}

/// The identifier in the model of what is fitted: its name, unless a reader takes that for something else.
fn quantity(fitted: &Fitted, conditions: &Conditions<'_>) -> String {
    let id = conditions.content.quantity(&fitted.parameter);
    id.map_or_else(|| plain(&fitted.parameter), str::to_owned)
}

/// The identifier of a fitted parameter; that of the model's quantity where no column takes it.
fn id_of(
    fitted: &Fitted,
    columns: &BTreeMap<String, Vec<Option<String>>>,
    conditions: &Conditions<'_>,
) -> String {
    let quantity = quantity(fitted, conditions);
    if !columns.contains_key(&quantity) {
        return quantity;
    }
    let owner = fitted.subject.as_deref().unwrap_or("declared");
    let mut id = plain(&format!("{owner}__{}", fitted.parameter));
    while conditions.content.identifiers().any(|taken| taken == id) {
        id.push('_');
    }
    id
}

type PriorOrWhyNot = Result<Option<(f64, f64)>, &'static str>;

/// The scale of a parameter, and centre and sd of its prior on it.
fn prior(
    fitted: &Fitted,
    family: declaration::Prior,
    (lower, upper): (f64, f64),
    weight: f64,
) -> (Scale, PriorOrWhyNot) {
    let natural = if lower > 0.0 {
        Scale::Logarithm
    } else {
        Scale::Linear
    };
    let Some(prior) = fitted.prior else {
        let why =
            "flat over its range: the weak pull to the middle that steadies our fit is no prior";
        return (natural, Err(why));
    };
    let scale = match family {
        declaration::Prior::LogNormal if lower > 0.0 => Scale::Logarithm,
        declaration::Prior::LogitNormal if lower > 0.0 && upper < 1.0 => {
            return (
                Scale::Linear,
                Err("normal on the logit, and PEtab 1 has no such scale"),
            );
        }
        _ => Scale::Linear,
    };
    if weight <= 0.0 {
        return (scale, Ok(None));
    }
    // The residual is linear on its scale: its value at one end gives the standard deviation.
    let centre = scale.apply(prior.centre());
    let sd = (scale.apply(upper) - centre) / prior.residual(upper).0;
    (scale, Ok(Some((centre, sd / weight))))
}
