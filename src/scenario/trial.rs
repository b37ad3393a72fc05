//! `[trial]`: experiments repeated many times.

use std::collections::BTreeSet;
use std::sync::Arc;

use gutbrain_network::{Code, Declaration, Fault};

use super::arm::{begins_a_formula, formula_name};
use super::cohort::{at_most, bounded};
use super::course::{CoursePlan, resolve_course};
use super::node::Node;
use super::plan::{
    AllocationPlan, Assessment, CohortPlan, Litters, LowCopy, Sexes, SimulationPlan, TrialDesign,
    TrialPlan,
};
use super::quantity::Quantities;
use crate::limits;

/// The design of `gutbrain trial`, with what holds where the scenario says nothing.
/// `cohort` is what the scenario says of its animals: it holds for those of a trial as well.
pub(super) fn resolve_trial(
    root: &Node,
    cohort: Option<&CohortPlan>,
    declaration: &Declaration,
    simulation: Option<SimulationPlan>,
    quantities: Quantities<'_>,
) -> TrialPlan {
    let family = &declaration.family;
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
        .unwrap_or(family.large_difference);
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
        designs: resolve_designs(root, cohort, declaration, simulation, quantities),
    }
}

fn resolve_designs(
    root: &Node,
    cohort: Option<&CohortPlan>,
    declaration: &Declaration,
    simulation: Option<SimulationPlan>,
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
        place: 0,
        course: CoursePlan::default(),
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
        let has_litters = declaration.family.group.size.is_some();
        let mut resolved = design(name, &|precaution| {
            let given = table.get(precaution).and_then(Node::truth);
            given.unwrap_or(is_usual(precaution, has_litters))
        });
        resolved.course = resolve_course(table, name, declaration, simulation, quantities);
        if !resolved.course.entry.strata.is_empty()
            && resolved.allocation.litters != Litters::Single
        {
            let message = format!("`{name}` fills its arms both by litter and by stratum");
            let help = "add `litter_matched = false`";
            quantities
                .faults
                .add(Fault::new(Code::Contradiction, message, &node.place).help(help));
        }
        designs.push(resolved);
    }
    if designs.is_empty() && declaration.family.group.size.is_none() {
        designs.push(design("randomised", &|precaution| {
            is_usual(precaution, false)
        }));
    } else if designs.is_empty() {
        designs.push(design("guideline", &|_| true));
        let singly = |precaution: &str| !matches!(precaution, "litter_matched" | "whole_litters");
        designs.push(design("balanced", &singly));
        designs.push(design("naive", &|precaution| precaution == "whole_litters"));
    }
    for (place, design) in designs.iter_mut().enumerate() {
        design.place = place;
    }
    designs
}

/// Whether a precaution is taken where a design says nothing of it.
fn is_usual(precaution: &str, has_litters: bool) -> bool {
    match precaution {
        "whole_litters" => false,
        "litter_matched" | "sex_balanced" => has_litters,
        _ => true,
    }
}
