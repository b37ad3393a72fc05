//! What another program changed in an export.
//!
//! Values are compared as numbers, formulas by what they give at several points (constants as exported,
//! everything else drawn at random from a fixed seed): a program may write a rate in another form, with function calls or the
//! size of the compartment in it, and has changed nothing.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_statistics::random::Stream;
use roxmltree::{Document, Node, ParsingOptions};

use super::returned::{Returned, Values};

/// Values this close (relative) are the same: programs write 15 digits.
const SAME: f64 = 1e-9;

/// Points at which formulas are compared.
const POINTS: u64 = 5;

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Identifier in the file.
    pub id: String,
    /// What was found, as a sentence without its subject.
    pub what: String,
}

/// Compares a file that came back with the export it began as; the differences in order of kind and id.
///
/// # Errors
/// Why one of them is no SBML.
pub fn compare(export: &str, returned: &str) -> Result<Vec<Difference>, String> {
    let (export, returned) = (parse(export)?, parse(returned)?);
    let (ours, theirs) = (Returned::read(&export)?, Returned::read(&returned)?);
    let comparison = Comparison { ours, theirs };
    let mut found = Vec::new();
    let (ours, theirs) = (&comparison.ours, &comparison.theirs);
    values(
        "parameter",
        &ours.parameters,
        &theirs.parameters,
        &mut found,
    );
    values("first value", &ours.species, &theirs.species, &mut found);
    values("size", &ours.compartments, &theirs.compartments, &mut found);
    comparison.rules(&mut found);
    comparison.reactions(&mut found);
    comparison.events(&mut found);
    Ok(found)
}

fn parse(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions {
        nodes_limit: 4_000_000,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| error.to_string())
}

fn note(found: &mut Vec<Difference>, id: &str, what: String) {
    let id = id.to_owned();
    found.push(Difference { id, what });
}

fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
        || (a.is_nan() && b.is_nan())
        || (a - b).abs() <= SAME * a.abs().max(b.abs())
}

/// Identifiers of both, and in which they are.
fn both<'a, A, B>(
    ours: &'a BTreeMap<&str, A>,
    theirs: &'a BTreeMap<&str, B>,
) -> Vec<(&'a str, Option<&'a A>, Option<&'a B>)> {
    let ids: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    ids.into_iter()
        .map(|id| (id, ours.get(id), theirs.get(id)))
        .collect()
}

fn values(
    kind: &str,
    ours: &BTreeMap<&str, f64>,
    theirs: &BTreeMap<&str, f64>,
    found: &mut Vec<Difference>,
) {
    for (id, ours, theirs) in both(ours, theirs) {
        match (ours, theirs) {
            (Some(a), Some(b)) if same(*a, *b) => {}
            (Some(a), Some(b)) => note(found, id, format!("{kind}: {a} became {b}")),
            (Some(a), None) => note(found, id, format!("{kind}: is gone (was {a})")),
            (None, Some(b)) => note(found, id, format!("{kind}: is new ({b})")),
            (None, None) => {}
        }
    }
}

struct Comparison<'a> {
    ours: Returned<'a>,
    theirs: Returned<'a>,
}

impl<'a> Comparison<'a> {
    /// The largest relative difference of two formulas over the points.
    fn largest(
        &self,
        compute: impl Fn(&Values<'_>) -> Result<(f64, f64), String>,
    ) -> Result<f64, String> {
        let mut largest: f64 = 0.0;
        for point in 0..POINTS {
            let values = |name: &str| {
                // Constants keep their values: some programs put sizes, conversion factors or any
                // parameter that happens to be 1 into a formula.
                let size = self.ours.compartments.get(name);
                let fixed = size.or_else(|| self.ours.parameters.get(name));
                if let Some(value) = fixed.filter(|value| value.is_finite()) {
                    return Some(*value);
                }
                let mut stream = Stream::new(1, name, point);
                Some(0.5 + stream.uniform())
            };
            let (a, b) = compute(&values)?;
            if !same(a, b) {
                let scale = a.abs().max(b.abs());
                let difference = (a - b).abs() / scale;
                largest = largest.max(if difference.is_finite() {
                    difference
                } else {
                    1.0
                });
            }
        }
        Ok(largest)
    }

    fn formulas(
        &self,
        (id, kind): (&str, &str),
        (ours, theirs): (Node<'a, 'a>, Node<'a, 'a>),
        found: &mut Vec<Difference>,
    ) {
        let largest = self.largest(|values| {
            let a = self.ours.value(ours, values)?;
            Ok((a, self.theirs.value(theirs, values)?))
        });
        report(found, (id, kind), largest);
    }

    fn rules(&self, found: &mut Vec<Difference>) {
        for (id, ours, theirs) in both(&self.ours.rules, &self.theirs.rules) {
            match (ours, theirs) {
                (Some(a), Some(b)) => self.formulas((id, "rule"), (*a, *b), found),
                (Some(_), None) => note(found, id, "rule: is gone".to_owned()),
                _ => note(found, id, "rule: is new".to_owned()),
            }
        }
    }

    fn reactions(&self, found: &mut Vec<Difference>) {
        for (id, ours, theirs) in both(&self.ours.reactions, &self.theirs.reactions) {
            let (a, b) = match (ours, theirs) {
                (Some(a), Some(b)) => (a, b),
                (Some(_), None) => {
                    note(found, id, "reaction: is gone".to_owned());
                    continue;
                }
                _ => {
                    note(found, id, "reaction: is new".to_owned());
                    continue;
                }
            };
            let mut changes = Vec::new();
            values("change", &a.changes, &b.changes, &mut changes);
            for change in changes {
                note(
                    found,
                    id,
                    format!("change of {}: {}", change.id, change.what),
                );
            }
            let largest = self.largest(|values| {
                let ours = self.ours.rate(a, values)?;
                Ok((ours, self.theirs.rate(b, values)?))
            });
            report(found, (id, "rate"), largest);
        }
    }

    fn events(&self, found: &mut Vec<Difference>) {
        for (id, ours, theirs) in both(&self.ours.events, &self.theirs.events) {
            let (a, b) = match (ours, theirs) {
                (Some(a), Some(b)) => (a, b),
                (Some(_), None) => {
                    note(found, id, "event: is gone".to_owned());
                    continue;
                }
                _ => {
                    note(found, id, "event: is new".to_owned());
                    continue;
                }
            };
            if let (Some(a), Some(b)) = (a.trigger, b.trigger) {
                self.formulas((id, "trigger"), (a, b), found);
                thresholds(id, (a, b), found);
            }
            for (variable, a, b) in both(&a.assignments, &b.assignments) {
                let kind = format!("new value of {variable}");
                match (a, b) {
                    (Some(a), Some(b)) => self.formulas((id, &kind), (*a, *b), found),
                    (Some(_), None) => note(found, id, format!("{kind}: is gone")),
                    _ => note(found, id, format!("{kind}: is new")),
                }
            }
        }
    }
}

/// A trigger is true or false: its numbers say more than its values at random points.
fn thresholds(id: &str, (a, b): (Node<'_, '_>, Node<'_, '_>), found: &mut Vec<Difference>) {
    let numbers = |node: Node<'_, '_>| -> Vec<f64> {
        let all = node.descendants().filter(|it| it.tag_name().name() == "cn");
        all.filter_map(|it| it.text()?.trim().parse().ok())
            .collect()
    };
    let (a, b) = (numbers(a), numbers(b));
    if a.len() != b.len() || a.iter().zip(&b).any(|(a, b)| !same(*a, *b)) {
        note(found, id, format!("trigger: {a:?} became {b:?}"));
    }
}

fn report(found: &mut Vec<Difference>, (id, kind): (&str, &str), largest: Result<f64, String>) {
    match largest {
        Ok(largest) if largest > 0.0 => {
            note(
                found,
                id,
                format!("{kind}: differs by up to {:.2} %", 100.0 * largest),
            );
        }
        Ok(_) => {}
        Err(cause) => note(found, id, format!("{kind}: cannot be compared: {cause}")),
    }
}
