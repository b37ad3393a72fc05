//! `[cohort]`: groups of animals.

use gutbrain_network::{Code, Fault};

use super::node::Node;
use super::plan::{
    AllocationPlan, CohortPlan, FittedFrom, Litters, LowCopy, OtherDeaths, Pairing, Sexes,
};
use super::quantity::Quantities;
use super::variants::Posteriors;
use crate::limits;
use crate::model::Model;

/// The cohort as asked for.
pub(super) fn resolve_cohort(
    root: &Node,
    model: &Model,
    preset: Option<&str>,
    posteriors: &Posteriors,
    quantities: Quantities<'_>,
) -> Option<CohortPlan> {
    let table = root.get("cohort")?;
    let word = |name: &str| table.get(name).and_then(Node::text);
    let node = table.get("subjects")?;
    let subjects = bounded(node, "cohort.subjects", limits::SUBJECTS, quantities)?;
    let ages = table
        .get("visits")
        .and_then(Node::list)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| quantities.age(item, "an age of `cohort.visits`"));
    let mut visits: Vec<f64> = ages.collect();
    if let Some(node) = table.get("visits") {
        at_most(
            limits::LISTED_AGES,
            visits.len(),
            "ages",
            "`cohort.visits`",
            node,
            quantities,
        );
    }
    visits.sort_by(f64::total_cmp);
    visits.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let only = table
        .get("only")
        .and_then(|node| bounded(node, "cohort.only", 1..=subjects, quantities));
    Some(CohortPlan {
        subjects,
        only,
        pairing: match word("arms") {
            Some("randomised") => Pairing::Randomised,
            _ => Pairing::Twins,
        },
        allocation: AllocationPlan {
            sexes: match word("sex") {
                Some("random") => Sexes::Random,
                Some("female") => Sexes::Female,
                Some("male") => Sexes::Male,
                _ => Sexes::Balanced,
            },
            litters: match word("litters") {
                Some("by-arm") => Litters::ByArm,
                Some("single") => Litters::Single,
                _ => Litters::Matched,
            },
            low_copy: match word("low_copy") {
                Some("included") => LowCopy::Included,
                _ => LowCopy::Excluded,
            },
        },
        other_deaths: match word("other_deaths") {
            Some("none") => OtherDeaths::Excluded,
            _ => OtherDeaths::Included,
        },
        endpoint: model.declaration.family.end_of_survival(word("endpoint")),
        visits,
        parameters: fitted_from(table, model, preset, posteriors, quantities),
    })
}

/// The posterior, if it is asked for and there is one.
fn fitted_from(
    table: &Node,
    model: &Model,
    preset: Option<&str>,
    posteriors: &Posteriors,
    quantities: Quantities<'_>,
) -> FittedFrom {
    const VECTORS: usize = 40;
    let vectors = table
        .get("vectors")
        .and_then(|node| bounded(node, "cohort.vectors", limits::VECTORS, quantities))
        .map_or(VECTORS, |count| count as usize);
    let asked = table
        .get("parameters")
        .filter(|node| node.text() == Some("posterior"));
    let (Some(node), Some(preset)) = (asked, preset) else {
        return FittedFrom::Preset;
    };
    match posteriors.get(model, preset) {
        Ok(Some(ensemble)) => return FittedFrom::Posterior { ensemble, vectors },
        Ok(None) => {
            let message = format!("the model holds no posterior for `{preset}`");
            let fault = Fault::new(Code::NoPosterior, message, &node.place);
            quantities.faults.add(fault.help(
                "`gutbrain calibrate FILE --posterior --apply --model DIR` makes one; without this \
                 key all animals have the values of the preset",
            ));
        }
        Err(found) => quantities.faults.extend(found),
    }
    FittedFrom::Preset
}

/// Refuses a list of more than `most` things.
pub(super) fn at_most(
    most: u64,
    count: usize,
    things: &str,
    what: &str,
    node: &Node,
    quantities: Quantities<'_>,
) {
    if count as u64 > most {
        let message = format!("{what} has {count} {things}; at most {most} are computed");
        let fault = Fault::new(Code::OutOfRange, message, &node.place);
        quantities.faults.add(fault);
    }
}

/// A whole number within its limits.
pub(super) fn bounded(
    node: &Node,
    path: &str,
    range: std::ops::RangeInclusive<u64>,
    quantities: Quantities<'_>,
) -> Option<u64> {
    let value = node.whole()?;
    if range.contains(&value) {
        return Some(value);
    }
    let (low, high) = range.into_inner();
    let message = format!("`{path}` must lie between {low} and {high}");
    let fault = Fault::new(Code::OutOfRange, message, &node.place);
    quantities
        .faults
        .add(fault.label(format!("this is {value}")));
    None
}
