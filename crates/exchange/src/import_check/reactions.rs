//! Reactions of two files side by side.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use super::entries::{Comparison, Pair};
use super::form::{Form, same};
use super::mathml::Formula;
use super::reading::{Returned, listed, named, number};

/// How many of a species one turn takes or makes, and whether that is constant.
struct Side<'a> {
    counts: BTreeMap<&'a str, Option<f64>>,
    moving: BTreeSet<&'a str>,
}

impl<'a> Comparison<'a> {
    pub(super) fn reaction(&mut self, (id, a, b): Pair<'a>) {
        self.truths(id, ("reversible", Some(true)), (a, b));
        self.truths(id, ("fast", Some(false)), (a, b));
        for (list, word) in [("listOfReactants", "taken"), ("listOfProducts", "made")] {
            let (ours, theirs) = (side(a, list, self.ours), side(b, list, self.theirs));
            self.side(id, word, &ours, &theirs);
        }
        let mut modifiers = |node: Node<'a, 'a>| -> BTreeSet<&'a str> {
            let mut found = BTreeSet::new();
            for modifier in listed(node, "listOfModifiers") {
                let species = modifier.attribute("species").unwrap_or_default();
                if !found.insert(species) {
                    self.note(id, format!("modifier {species}: is there twice"));
                }
            }
            found
        };
        let (ours, theirs) = (modifiers(a), modifiers(b));
        for species in ours.symmetric_difference(&theirs) {
            let word = if ours.contains(species) {
                "is gone"
            } else {
                "is new"
            };
            self.note(id, format!("modifier {species}: {word}"));
        }
        match (rate(a, self.ours), rate(b, self.theirs)) {
            (Ok(None), Ok(None)) => {}
            (Ok(Some(_)), Ok(None)) => self.note(id, "rate: is gone".to_owned()),
            (Ok(None), Ok(Some(_))) => self.note(id, "rate: is new".to_owned()),
            (Ok(Some(a)), Ok(Some(b))) => self.two_formulas(id, "rate", &a, &b),
            (Err(cause), _) | (_, Err(cause)) => {
                self.note(id, format!("rate: cannot be compared: {cause}"));
            }
        }
    }

    fn side(&mut self, id: &str, word: &str, ours: &Side<'a>, theirs: &Side<'a>) {
        let all: BTreeSet<&str> = ours
            .counts
            .keys()
            .chain(theirs.counts.keys())
            .copied()
            .collect();
        for species in all {
            let show = |count: &Option<f64>| {
                count.map_or_else(|| "not said".to_owned(), |it| it.to_string())
            };
            let what = match (ours.counts.get(species), theirs.counts.get(species)) {
                (Some(Some(a)), Some(Some(b))) if same(*a, *b) => continue,
                (Some(None), Some(None)) => continue,
                (Some(a), Some(b)) => format!("{} became {}", show(a), show(b)),
                (Some(a), None) => format!("is gone (was {})", show(a)),
                (None, b) => format!("is new ({})", b.map_or_else(String::new, show)),
            };
            self.note(id, format!("{species} {word}: {what}"));
        }
        for species in ours.moving.symmetric_difference(&theirs.moving) {
            self.note(
                id,
                format!("{species} {word}: its number is constant in one file only"),
            );
        }
    }
}

fn side<'a>(reaction: Node<'a, 'a>, list: &str, file: &Returned<'a>) -> Side<'a> {
    let mut side = Side {
        counts: BTreeMap::new(),
        moving: BTreeSet::new(),
    };
    for reference in listed(reaction, list) {
        let species = reference.attribute("species").unwrap_or_default();
        let count = match reference.attribute("stoichiometry") {
            Some(text) => number(text),
            None => (file.level < 3).then_some(1.0),
        };
        let before = side.counts.get(species).copied().unwrap_or(Some(0.0));
        let sum = before.zip(count).map(|(a, b)| a + b);
        side.counts.insert(species, sum);
        let is_constant = match reference.attribute("constant").map(str::trim) {
            Some(text) => matches!(text, "true" | "1"),
            None => file.level < 3,
        };
        if !is_constant {
            side.moving.insert(species);
        }
    }
    side
}

/// The rate of a reaction; parameters of its own are numbers in it.
fn rate<'a>(reaction: Node<'a, 'a>, file: &Returned<'a>) -> Result<Option<Formula>, String> {
    let Some(law) = named(reaction, "kineticLaw").next() else {
        return Ok(None);
    };
    let Some(math) = named(law, "math").next() else {
        return Ok(None);
    };
    let mut local = BTreeMap::new();
    for list in ["listOfLocalParameters", "listOfParameters"] {
        for parameter in listed(law, list) {
            let id = parameter.attribute("id").unwrap_or_default();
            let value = parameter.attribute("value").and_then(number);
            let value = value.ok_or_else(|| format!("its parameter `{id}` has no value"))?;
            local.insert(id, Form::number(value));
        }
    }
    file.formulas.read(math, &local).map(Some)
}
