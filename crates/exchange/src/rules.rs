//! Rules: their order, and the parts of formulas that become rules of their own.

use std::collections::BTreeSet;

use gutbrain_network::unit::Unit;

use super::build::Builder;
use super::content::{Head, Rule};
use super::formula::Formula;
use super::functions::defined_name;

impl Builder<'_> {
    /// Leaves one call of a defined function in each formula; further ones become rules of their own.
    /// libSBML (5.21) mixes up the units of several calls in one formula.
    pub(super) fn part_calls(&mut self) {
        let mut rules = std::mem::take(&mut self.content.rules);
        let mut reactions = std::mem::take(&mut self.content.reactions);
        for rule in &mut rules {
            let owner = rule.variable.clone();
            let value = std::mem::replace(&mut rule.value, Formula::Time);
            rule.value = self.with_one_call(&owner, value);
        }
        for reaction in &mut reactions {
            let owner = reaction.head.id.clone();
            let rate = std::mem::replace(&mut reaction.rate, Formula::Time);
            reaction.rate = self.with_one_call(&owner, rate);
        }
        rules.append(&mut self.content.rules);
        self.content.rules = rules;
        self.content.reactions = reactions;
    }

    fn with_one_call(&mut self, owner: &str, formula: Formula) -> Formula {
        let mut calls = 0;
        formula.rebuilt(&mut |part| match &part {
            Formula::Call(call, _) if defined_name(*call).is_some() => {
                calls += 1;
                if calls == 1 {
                    return part;
                }
                let wish = format!("{owner}_factor_{calls}");
                let id = self.names.give(&format!("part.{wish}"), &wish);
                let head = Head {
                    id: id.clone(),
                    says: format!("A part of {owner}"),
                    ..Head::default()
                };
                self.given_by_rule(head, Unit::one(), part);
                Formula::Name(id)
            }
            _ => part,
        })
    }
}

/// The rules in an order in which each reads only those before it; otherwise as given.
pub(super) fn sort_rules(rules: Vec<Rule>) -> Vec<Rule> {
    let reads = |rule: &Rule| {
        let mut names = BTreeSet::new();
        rule.value.visit(&mut |formula| {
            if let Formula::Name(name) = formula {
                names.insert(name.clone());
            }
        });
        names
    };
    let mut waiting: Vec<(Rule, BTreeSet<String>)> = rules
        .into_iter()
        .map(|rule| {
            let names = reads(&rule);
            (rule, names)
        })
        .collect();
    let mut sorted = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let open: BTreeSet<String> = waiting
            .iter()
            .map(|(rule, _)| rule.variable.clone())
            .collect();
        let before = sorted.len();
        let mut later = Vec::new();
        for (rule, names) in waiting {
            if names.is_disjoint(&open) {
                sorted.push(rule);
            } else {
                later.push((rule, names));
            }
        }
        waiting = later;
        if sorted.len() == before {
            // A cycle cannot be: the declaration was checked.
            sorted.extend(waiting.into_iter().map(|(rule, _)| rule));
            break;
        }
    }
    sorted
}
