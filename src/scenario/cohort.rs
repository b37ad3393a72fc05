//! `[cohort]` and `[trial]`: groups of animals, and experiments repeated many times.

use std::collections::BTreeSet;
use std::sync::Arc;

use gutbrain_network::declaration::Family;
use gutbrain_network::{Code, Fault};

use super::arm::{begins_a_formula, formula_name};
use super::node::Node;
use super::plan::{
    AllocationPlan, Assessment, CohortPlan, FittedFrom, Litters, LowCopy, OtherDeaths, Pairing,
    Sexes, TrialDesign, TrialPlan,
};
use super::quantity::Quantities;
use super::variants::Networks;
use crate::limits;
use crate::model::Model;

/// The cohort as asked for.
pub(super) fn resolve_cohort(
    root: &Node,
    model: &Model,
    preset: Option<&str>,
    networks: &Networks,
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
        parameters: fitted_from(table, model, preset, networks, quantities),
    })
}

/// The posterior, if it is asked for and there is one.
fn fitted_from(
    table: &Node,
    model: &Model,
    preset: Option<&str>,
    networks: &Networks,
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
    match networks.posterior(model, preset) {
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

fn bounded(
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

/// The design of `gutbrain trial`, with what holds where the scenario says nothing.
/// `cohort` is what the scenario says of its animals: it holds for those of a trial as well.
pub(super) fn resolve_trial(
    root: &Node,
    cohort: Option<&CohortPlan>,
    family: &Family,
    quantities: Quantities<'_>,
) -> TrialPlan {
    let at = |name: &str| root.at(&format!("trial.{name}"));
    let whole = |name: &str, range: std::ops::RangeInclusive<u64>, default: u64| {
        let path = format!("trial.{name}");
        at(name)
            .and_then(|node| bounded(node, &path, range, quantities))
            .unwrap_or(default)
    };
    let share = |name: &str, default: f64| {
        let Some((node, value)) = at(name).and_then(|node| Some((node, node.number()?))) else {
            return default;
        };
        if value <= 0.0 || value >= 1.0 {
            let message = format!("`trial.{name}` must lie between 0 and 1");
            let fault = Fault::new(Code::OutOfRange, message, &node.place);
            quantities
                .faults
                .add(fault.label(format!("this is {value}")));
        }
        value
    };
    if let Some((node, items)) = at("group_sizes").and_then(|node| Some((node, node.list()?))) {
        at_most(
            limits::DESIGNS,
            items.len(),
            "sizes",
            "`trial.group_sizes`",
            node,
            quantities,
        );
    }
    let sizes = at("group_sizes").and_then(Node::list).map(|items| {
        let size = |item| bounded(item, "trial.group_sizes", limits::GROUP_SIZE, quantities);
        let mut sizes: Vec<u64> = items.iter().filter_map(size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    });
    let difference = at("difference")
        .and_then(|node| quantities.duration(node, "`trial.difference`"))
        .unwrap_or(38.0);
    TrialPlan {
        replicates: whole("replicates", limits::REPLICATES, 2000),
        group_sizes: sizes
            .filter(|sizes| !sizes.is_empty())
            .unwrap_or_else(|| vec![5, 10, 20, 24, 40]),
        endpoint: match (at("endpoint").and_then(Node::text), cohort) {
            (None, Some(cohort)) => Arc::clone(&cohort.endpoint),
            (word, _) => family.end_of_survival(word),
        },
        difference,
        significance: share("significance", 0.05),
        power: share("power", 0.8),
        pool: whole("pool", limits::POOL, 2000),
        designs: resolve_designs(root, cohort, quantities),
    }
}

fn resolve_designs(
    root: &Node,
    cohort: Option<&CohortPlan>,
    quantities: Quantities<'_>,
) -> Vec<TrialDesign> {
    // Where there is one sex only, there is nothing to balance.
    let only = cohort
        .map(|cohort| cohort.allocation.sexes)
        .filter(|sexes| matches!(sexes, Sexes::Female | Sexes::Male));
    let design = |name: &str, precaution: &dyn Fn(&str) -> bool| TrialDesign {
        name: name.to_owned(),
        allocation: AllocationPlan {
            sexes: match only {
                Some(sexes) => sexes,
                None if precaution("sex_balanced") => Sexes::Balanced,
                None => Sexes::Random,
            },
            litters: if precaution("litter_matched") {
                Litters::Matched
            } else if precaution("whole_litters") {
                Litters::ByArm
            } else {
                Litters::Single
            },
            low_copy: if precaution("exclude_low_copy") {
                LowCopy::Excluded
            } else {
                LowCopy::Included
            },
        },
        assessment: if precaution("blinded_endpoint") {
            Assessment::Blinded
        } else {
            Assessment::Open
        },
    };
    let mut taken = BTreeSet::new();
    let mut designs = Vec::new();
    let tables = root.at("trial.designs").and_then(Node::list);
    if let (Some(node), Some(tables)) = (root.at("trial.designs"), tables) {
        at_most(
            limits::DESIGNS,
            tables.len(),
            "designs",
            "`trial.designs`",
            node,
            quantities,
        );
    }
    for table in tables.unwrap_or_default() {
        let Some(node) = table.get("name") else {
            continue;
        };
        let Some(name) = node.text() else { continue };
        if begins_a_formula(name) {
            quantities.faults.add(formula_name(node, name));
        }
        if !taken.insert(name) {
            let message = format!("two designs are called `{name}`");
            quantities
                .faults
                .add(Fault::new(Code::Repeated, message, &node.place));
        }
        designs.push(design(name, &|precaution| {
            let given = table.get(precaution).and_then(Node::truth);
            given.unwrap_or(precaution != "whole_litters")
        }));
    }
    if designs.is_empty() {
        designs.push(design("guideline", &|_| true));
        let singly = |precaution: &str| !matches!(precaution, "litter_matched" | "whole_litters");
        designs.push(design("balanced", &singly));
        designs.push(design("naive", &|precaution| precaution == "whole_litters"));
    }
    designs
}
