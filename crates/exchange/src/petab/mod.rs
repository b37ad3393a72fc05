//! A calibration as a PEtab problem (version 1): what other programs need to fit the same parameters
//! to the same numbers.
//!
//! One SBML model serves all arms that the targets read ([`conditions`]); what differs between arms
//! are columns of the condition table, and a switch `in_ARM` decides whose doses happen. Lives begin
//! at birth, so that no fitted parameter acts before time 0; time is the age in days. Then
//!
//! ```text
//! point target     measurement of the quantity, noise sd
//! band target      measurement 0 of max(0, low − x) + max(0, x − high), noise sd
//! onset, death, …  measurement of the noted age, at the horizon
//! prior            parameterScaleNormal(centre, sd / weight) on ln p or p
//! ```
//!
//! so that twice the negative log-likelihood and log-prior are, but for constants, the sum of our
//! squared residuals. What a problem of this kind cannot say is in `terms.tsv` with the reason: every
//! target and every prior is there, with its value and residual now, and whether PEtab has it.
//!
//! Source: the PEtab specification, version 1 (petab.readthedocs.io).

mod conditions;
mod parameters;
mod sheet;
mod targets;

use std::fmt::Write as _;

use super::ExchangeError;
use super::sbml::sbml;
use gutbrain::analysis::calibrate::Calibration;
use gutbrain::analysis::portable::Portable;
use gutbrain::model::Model;

use conditions::Conditions;
use sheet::Sheet;

/// Why there is no PEtab problem.
#[derive(Debug, thiserror::Error)]
pub enum PetabError {
    /// The model has no words in SBML.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// No target can be said in PEtab.
    #[error("no target of the calibration can be said in PEtab: {0}")]
    NothingLeft(String),
    /// Two arms need models of different structure.
    #[error("the arms `{first}` and `{second}` have no common model: {what} differs")]
    NoCommonModel {
        /// An arm.
        first: String,
        /// Another.
        second: String,
        /// The part.
        what: &'static str,
    },
}

/// A PEtab problem.
#[derive(Debug, Clone, PartialEq)]
pub struct PetabProblem {
    /// Names and bytes of the files.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// Targets and priors that the problem has.
    pub said: usize,
    /// What the problem does not have: the term and why.
    pub left_out: Vec<(String, String)>,
}

/// Writes a calibration as a PEtab problem.
///
/// # Errors
/// See [`PetabError`].
pub fn petab(
    model: &Model,
    calibration: &Calibration,
    portable: &Portable,
) -> Result<PetabProblem, PetabError> {
    let conditions = Conditions::new(model, &portable.arms)?;
    let fitted = parameters::fitted(model, calibration, &conditions, &portable.frozen);
    let events = &model.declaration.events;
    let targets = targets::targets(calibration, &conditions, events, &portable.prediction)?;

    let mut left_out = Vec::new();
    let mut said = 0;
    let mut terms = Sheet::new(&["term", "kind", "petab", "value", "residual", "why_not"]);
    for term in targets.terms.iter().chain(&fitted.terms) {
        let number = |value: Option<f64>| value.map(sheet::number).unwrap_or_default();
        let (yes, why) = match &term.left_out {
            None => {
                said += 1;
                ("yes", "")
            }
            Some(why) => {
                left_out.push((format!("{} {}", term.kind, term.name), why.clone()));
                ("no", why.as_str())
            }
        };
        let (value, residual) = (number(term.value), number(term.residual));
        terms.row(&[&term.name, term.kind, yes, &value, &residual, why]);
    }
    for (name, _) in &calibration.data {
        let why = "rows of own data have likelihoods of their own, which are not written in PEtab";
        left_out.push((format!("data {name}"), why.to_owned()));
        terms.row(&[name, "data", "no", "", "", why]);
    }
    let files = vec![
        ("problem.yaml", yaml(calibration, &left_out).into_bytes()),
        ("model.xml", sbml(&conditions.content).into_bytes()),
        (
            "conditions.tsv",
            conditions.sheet(&fitted.columns).into_bytes(),
        ),
        ("observables.tsv", targets.observables.into_bytes()),
        ("measurements.tsv", targets.measurements.into_bytes()),
        ("simulations.tsv", targets.simulations.into_bytes()),
        ("parameters.tsv", fitted.sheet.into_bytes()),
        ("terms.tsv", terms.into_bytes()),
    ];
    Ok(PetabProblem {
        files,
        said,
        left_out,
    })
}

/// A part of the objective.
#[derive(Debug, Clone, PartialEq)]
struct Term {
    /// The target's or the parameter's name.
    name: String,
    /// `target` or `prior`.
    kind: &'static str,
    /// The value now; none where the model did not get there.
    value: Option<f64>,
    /// Its residual in standard deviations.
    residual: Option<f64>,
    /// Why PEtab does not have it.
    left_out: Option<String>,
}

fn yaml(calibration: &Calibration, left_out: &[(String, String)]) -> String {
    let mut text = String::new();
    for line in calibration.says.lines() {
        let _ = writeln!(text, "# {line}");
    }
    let _ = writeln!(text, "# Written by gutbrain {}.", env!("CARGO_PKG_VERSION"));
    if !left_out.is_empty() {
        text.push_str("#\n# Not in this problem, because PEtab 1 cannot say it:\n");
    }
    for (term, why) in left_out {
        // A comment ends with its line.
        let line = format!("# - {term}: {why}").replace(char::is_control, " ");
        let _ = writeln!(text, "{line}");
    }
    text.push_str(
        "format_version: 1\n\
         parameter_file: parameters.tsv\n\
         problems:\n\
         - sbml_files:\n  - model.xml\n  \
         condition_files:\n  - conditions.tsv\n  \
         observable_files:\n  - observables.tsv\n  \
         measurement_files:\n  - measurements.tsv\n",
    );
    text
}
