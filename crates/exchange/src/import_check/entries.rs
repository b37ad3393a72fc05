//! The entries of two files side by side: attributes, units, first values, rules, events.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_statistics::random::Stream;
use roxmltree::Node;

use super::Difference;
use super::form::same;
use super::mathml::{Formula, Measured};
use super::reading::{Returned, named, number};
use super::units::Meaning;

/// Points at which formulas are computed that are not the same, for words.
const POINTS: u64 = 20;

/// Two files and what was found so far.
pub(super) struct Comparison<'a> {
    pub(super) ours: &'a Returned<'a>,
    pub(super) theirs: &'a Returned<'a>,
    pub(super) found: Vec<Difference>,
    pub(super) harmless: Vec<String>,
    /// Constants of the export that are 1 in both files, where the other program has no conversion
    /// factors: it writes them, or any other 1, into formulas.
    rewritten: bool,
    /// Numbers in formulas whose units were left out.
    bare_numbers: usize,
    /// Constants of the value 1 that stand in formulas now.
    ones: usize,
}

/// An entry in both files.
pub(super) type Pair<'a> = (&'a str, Node<'a, 'a>, Node<'a, 'a>);

impl<'a> Comparison<'a> {
    pub(super) fn new(ours: &'a Returned<'a>, theirs: &'a Returned<'a>) -> Self {
        Self {
            ours,
            theirs,
            found: Vec::new(),
            harmless: Vec::new(),
            rewritten: without_conversions(ours, theirs),
            bare_numbers: 0,
            ones: 0,
        }
    }

    /// Compares everything.
    pub(super) fn all(&mut self) {
        if self.rewritten {
            let what = "amounts are written as a program without conversion factors has them: all \
                        factors and sizes are 1, so the numbers are the same";
            self.harmless.push(what.to_owned());
        }
        self.model();
        self.unit_definitions();
        self.functions();
        let (ours, theirs) = (self.ours, self.theirs);
        for (id, a, b) in self.pairs("compartment", &ours.compartments, &theirs.compartments) {
            self.compartment((id, a, b));
        }
        for (id, a, b) in self.pairs("species", &ours.species, &theirs.species) {
            self.species((id, a, b));
        }
        for (id, a, b) in self.pairs("parameter", &ours.parameters, &theirs.parameters) {
            self.parameter((id, a, b));
        }
        for (id, a, b) in self.pairs("initial assignment", &ours.initial, &theirs.initial) {
            self.formulas(id, "initial assignment", (a, b));
        }
        for (id, a, b) in self.pairs("rule", &ours.rules, &theirs.rules) {
            let (before, after) = (a.tag_name().name(), b.tag_name().name());
            if before != after {
                self.note(id, format!("rule: {before} became {after}"));
            }
            self.formulas(id, "rule", (a, b));
        }
        for pair in self.pairs("reaction", &ours.reactions, &theirs.reactions) {
            self.reaction(pair);
        }
        self.events();
        if self.bare_numbers > 0 {
            let what = format!(
                "units of numbers in formulas left out ({})",
                self.bare_numbers
            );
            self.harmless.push(what);
        }
        if self.ones > 0 {
            let what = format!("constants of the value 1 in formulas ({})", self.ones);
            self.harmless.push(what);
        }
    }

    pub(super) fn note(&mut self, id: &str, what: String) {
        let id = id.to_owned();
        self.found.push(Difference { id, what });
    }

    /// Entries of both; those of one only are noted.
    fn pairs(
        &mut self,
        kind: &str,
        ours: &BTreeMap<&'a str, Node<'a, 'a>>,
        theirs: &BTreeMap<&'a str, Node<'a, 'a>>,
    ) -> Vec<Pair<'a>> {
        let ids: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
        let mut pairs = Vec::new();
        for id in ids {
            match (ours.get(id), theirs.get(id)) {
                (Some(a), Some(b)) => pairs.push((id, *a, *b)),
                (Some(_), None) => self.note(id, format!("{kind}: is gone")),
                (None, Some(node)) => {
                    let value = ["value", "initialConcentration", "initialAmount", "size"];
                    let value = value.iter().find_map(|it| node.attribute(*it));
                    let value = value.map_or_else(String::new, |it| format!(" ({it})"));
                    self.note(id, format!("{kind}: is new{value}"));
                }
                (None, None) => {}
            }
        }
        pairs
    }

    /// A number of both, by attribute.
    fn numbers(&mut self, id: &str, kind: &str, (a, b): (Option<&str>, Option<&str>)) {
        let what = match (a, b) {
            (None, None) => return,
            (Some(a), None) => format!("{kind}: is gone (was {a})"),
            (None, Some(b)) => format!("{kind}: is new ({b})"),
            (Some(a), Some(b)) => match (number(a), number(b)) {
                (Some(x), Some(y)) if same(x, y) => return,
                (_, None) => format!("{kind}: {a} became `{b}`, which is no number"),
                _ => format!("{kind}: {a} became {b}"),
            },
        };
        self.note(id, what);
    }

    /// A truth value of both; `of_level_2` is what its absence means in Level 2.
    pub(super) fn truths(
        &mut self,
        id: &str,
        (attribute, of_level_2): (&str, Option<bool>),
        (a, b): (Node<'a, 'a>, Node<'a, 'a>),
    ) {
        let read = |node: Node<'a, 'a>, level: u32| match node.attribute(attribute).map(str::trim) {
            Some("true" | "1") => "true".to_owned(),
            Some("false" | "0") => "false".to_owned(),
            Some(other) => format!("`{other}`"),
            None => match of_level_2.filter(|_| level < 3) {
                Some(otherwise) => otherwise.to_string(),
                // `fast` left Level 3 in its second version: what does not say it is not.
                None if attribute == "fast" => "false".to_owned(),
                None => "not said".to_owned(),
            },
        };
        let (before, after) = (read(a, self.ours.level), read(b, self.theirs.level));
        if before != after {
            self.note(id, format!("{attribute}: {before} became {after}"));
        }
    }

    pub(super) fn texts(
        &mut self,
        id: &str,
        attribute: &str,
        (a, b): (Option<&str>, Option<&str>),
    ) {
        if a.map(str::trim) != b.map(str::trim) {
            let said = |it: Option<&str>| it.map_or_else(|| "not said".to_owned(), str::to_owned);
            self.note(id, format!("{attribute}: {} became {}", said(a), said(b)));
        }
    }

    /// Units of both, given or taken over from the model, by what they mean.
    fn units(&mut self, id: &str, kind: &str, (a, b): (Option<&str>, Option<&str>)) {
        let (a, b) = (a.map(str::trim), b.map(str::trim));
        let meanings = (
            a.map(|it| self.ours.units.meaning(it)),
            b.map(|it| self.theirs.units.meaning(it)),
        );
        let is_same = match meanings {
            (None, None) => true,
            (Some(Some(x)), Some(Some(y))) => {
                // One name for two meanings is noted once, at its definition.
                // A program without conversion factors may keep no per cent, either.
                let lost = self.rewritten && x.is_pure() && y.is_pure();
                x.is(&y) || lost || (a == b && self.is_defined_in_both(a))
            }
            _ => false,
        };
        if !is_same {
            let said = |it: Option<&str>| it.map_or_else(|| "not said".to_owned(), str::to_owned);
            self.note(id, format!("{kind}: {} became {}", said(a), said(b)));
        }
    }

    fn is_defined_in_both(&self, id: Option<&str>) -> bool {
        id.is_some_and(|id| {
            let (ours, theirs) = (&self.ours.units.defined, &self.theirs.units.defined);
            ours.contains_key(id) && theirs.contains_key(id)
        })
    }

    fn model(&mut self) {
        let (Some(a), Some(b)) = (self.ours.model, self.theirs.model) else {
            return;
        };
        let of_level_2 = |level: u32, name: &'static str| (level < 3).then_some(name);
        for (attribute, old) in [
            ("timeUnits", Some("time")),
            ("substanceUnits", Some("substance")),
            ("volumeUnits", Some("volume")),
            ("extentUnits", Some("substance")),
            ("areaUnits", Some("area")),
            ("lengthUnits", Some("length")),
        ] {
            let level = (self.ours.level, self.theirs.level);
            let ours = a.attribute(attribute);
            let ours = ours.or_else(|| old.and_then(|old| of_level_2(level.0, old)));
            let theirs = b.attribute(attribute);
            let theirs = theirs.or_else(|| old.and_then(|old| of_level_2(level.1, old)));
            // All places have three dimensions (or their dimensions differ, which is noted there).
            if matches!(attribute, "areaUnits" | "lengthUnits") && ours.is_none() {
                continue;
            }
            self.units("model", attribute, (ours, theirs));
        }
        let conversion = |node: Node<'a, 'a>| node.attribute("conversionFactor");
        self.texts("model", "conversionFactor", (conversion(a), conversion(b)));
    }

    fn unit_definitions(&mut self) {
        let (ours, theirs) = (self.ours, self.theirs);
        let mut other = 0;
        let ids = ours
            .unit_definitions
            .keys()
            .chain(theirs.unit_definitions.keys());
        let ids: BTreeSet<&str> = ids.copied().collect();
        for id in ids {
            match (ours.units.defined.get(id), theirs.units.defined.get(id)) {
                (Some(Some(a)), Some(Some(b))) if a.is(b) => {}
                (Some(_), Some(_)) => self.note(id, "unit: means something else".to_owned()),
                // Where a unit is used, its meaning is compared.
                _ => other += 1,
            }
        }
        if other > 0 {
            self.harmless
                .push(format!("other definitions of units ({other})"));
        }
    }

    fn functions(&mut self) {
        let (ours, theirs) = (&self.ours.formulas, &self.theirs.formulas);
        let ids = ours.functions.keys().chain(theirs.functions.keys());
        let ids: BTreeSet<&str> = ids.copied().collect();
        let mut other = 0;
        for id in ids {
            if !ours.functions.contains_key(id) || !theirs.functions.contains_key(id) {
                // Where a function is called, its body is compared.
                other += 1;
                continue;
            }
            match (ours.body(id), theirs.body(id)) {
                (Ok(a), Ok(b)) if a.is(&b) => {}
                (Ok(_), Ok(_)) => self.note(id, "function: is another".to_owned()),
                (Err(cause), _) | (_, Err(cause)) => {
                    self.note(id, format!("function: cannot be compared: {cause}"));
                }
            }
        }
        if other > 0 {
            self.harmless
                .push(format!("other definitions of functions ({other})"));
        }
    }

    fn compartment(&mut self, (id, a, b): Pair<'a>) {
        let size = |node: Node<'a, 'a>| node.attribute("size");
        self.numbers(id, "size", (size(a), size(b)));
        let dimensions = |node: Node<'a, 'a>, level: u32| {
            let said = node.attribute("spatialDimensions");
            said.or_else(|| (level < 3).then_some("3"))
        };
        let dimensions = (
            dimensions(a, self.ours.level),
            dimensions(b, self.theirs.level),
        );
        self.numbers(id, "spatialDimensions", dimensions);
        let unit = |node: Node<'a, 'a>, file: &Returned<'a>| {
            let own = node.attribute("units");
            own.or_else(|| file.model?.attribute("volumeUnits"))
                .or_else(|| (file.level < 3).then_some("volume"))
        };
        self.units(id, "units", (unit(a, self.ours), unit(b, self.theirs)));
        self.truths(id, ("constant", Some(true)), (a, b));
    }

    fn species(&mut self, (id, a, b): Pair<'a>) {
        self.texts(
            id,
            "compartment",
            (a.attribute("compartment"), b.attribute("compartment")),
        );
        self.first_value((id, a, b));
        self.truths(id, ("boundaryCondition", Some(false)), (a, b));
        self.truths(id, ("constant", Some(false)), (a, b));
        if self.rewritten {
            return;
        }
        self.truths(id, ("hasOnlySubstanceUnits", Some(false)), (a, b));
        let unit = |node: Node<'a, 'a>, file: &Returned<'a>| {
            let own = node.attribute("substanceUnits");
            own.or_else(|| file.model?.attribute("substanceUnits"))
                .or_else(|| (file.level < 3).then_some("substance"))
        };
        self.units(
            id,
            "substanceUnits",
            (unit(a, self.ours), unit(b, self.theirs)),
        );
        let conversion = (self.ours.conversion(&a), self.theirs.conversion(&b));
        self.texts(id, "conversionFactor", conversion);
    }

    fn first_value(&mut self, (id, a, b): Pair<'a>) {
        const KINDS: [&str; 2] = ["initialConcentration", "initialAmount"];
        let [a, b] = [a, b].map(|node| KINDS.map(|kind| node.attribute(kind)));
        if b.iter().all(Option::is_some) {
            self.note(id, "first value: is there twice".to_owned());
        }
        let given = |values: [Option<&'a str>; 2]| values[0].or(values[1]);
        self.numbers(id, "first value", (given(a), given(b)));
        // In a place of the size 1 an amount and a concentration are one number, but only there.
        let is_kept = a[0].is_some() == b[0].is_some() || given(b).is_none();
        if !is_kept && !self.rewritten {
            let kind = |values: [Option<&str>; 2]| {
                if values[0].is_some() {
                    KINDS[0]
                } else {
                    KINDS[1]
                }
            };
            self.note(id, format!("first value: {} became {}", kind(a), kind(b)));
        }
    }

    fn parameter(&mut self, (id, a, b): Pair<'a>) {
        let is_by_rule = |file: &Returned<'a>| {
            let rule = file.rules.get(id);
            rule.is_some_and(|it| it.tag_name().name() == "assignmentRule")
        };
        // A value under an assignment is never seen.
        if !(is_by_rule(self.ours) && is_by_rule(self.theirs)) {
            self.numbers(
                id,
                "parameter",
                (a.attribute("value"), b.attribute("value")),
            );
        }
        self.units(id, "units", (a.attribute("units"), b.attribute("units")));
        self.truths(id, ("constant", Some(true)), (a, b));
    }

    /// Two formulas, each the `<math>` of an element.
    pub(super) fn formulas(&mut self, id: &str, kind: &str, (a, b): (Node<'a, 'a>, Node<'a, 'a>)) {
        let (ours, theirs) = (self.ours, self.theirs);
        let none = BTreeMap::new();
        let read = |file: &'a Returned<'a>, node: Node<'a, 'a>| {
            let math = named(node, "math").next();
            math.map(|math| file.formulas.read(math, &none)).transpose()
        };
        match (read(ours, a), read(theirs, b)) {
            (Ok(None), Ok(None)) => {}
            (Ok(Some(_)), Ok(None)) => self.note(id, format!("{kind}: has no formula any more")),
            (Ok(None), Ok(Some(_))) => self.note(id, format!("{kind}: has a formula now")),
            (Ok(Some(a)), Ok(Some(b))) => self.two_formulas(id, kind, &a, &b),
            (Err(cause), _) | (_, Err(cause)) => {
                self.note(id, format!("{kind}: cannot be compared: {cause}"));
            }
        }
    }

    /// Two formulas that were read.
    pub(super) fn two_formulas(&mut self, id: &str, kind: &str, a: &Formula, b: &Formula) {
        if !a.form.is(&b.form) {
            if self.rewritten && self.with_ones(a, b) {
                self.ones += 1;
            } else {
                let words = self.how_far(a, b);
                self.note(id, format!("{kind}: {words}"));
                return;
            }
        }
        self.measured(id, kind, (&a.measured, &b.measured));
    }

    /// Whether two formulas are the same where constants that are 1 in both files are.
    fn with_ones(&self, a: &Formula, b: &Formula) -> bool {
        let is_one = |file: &Returned<'a>, name: &str| {
            let value = file.constant(name);
            value.is_some_and(|it| it.total_cmp(&1.0).is_eq())
        };
        let one = |name: &str| {
            let both = is_one(self.ours, name) && is_one(self.theirs, name);
            both.then_some(1.0)
        };
        a.form.with(&one).is(&b.form.with(&one))
    }

    /// Words for two formulas that are not the same.
    fn how_far(&self, a: &Formula, b: &Formula) -> String {
        let mut largest: f64 = 0.0;
        let (ours, theirs) = (self.ours, self.theirs);
        for point in 0..POINTS {
            let values = |name: &str| {
                let fixed = ours.constant(name).filter(|it| it.is_finite());
                let drawn = || {
                    let spread = if name == "@time" { 100.0 } else { 1.0 };
                    spread * (0.5 + Stream::new(1, name, point).uniform())
                };
                let known = name.starts_with('@')
                    || [&ours.parameters, &ours.species, &ours.compartments]
                        .iter()
                        .any(|it| it.contains_key(name))
                    || theirs.parameters.contains_key(name)
                    || theirs.species.contains_key(name);
                known.then(|| fixed.unwrap_or_else(drawn))
            };
            match (a.form.value(&values), b.form.value(&values)) {
                (Some(a), Some(b)) if same(a, b) => {}
                (Some(a), Some(b)) => {
                    let relative = (a - b).abs() / a.abs().max(b.abs());
                    largest = largest.max(if relative.is_finite() { relative } else { 1.0 });
                }
                _ => return "is another".to_owned(),
            }
        }
        if largest > 0.0 {
            format!("differs by up to {:.2} %", 100.0 * largest)
        } else {
            format!(
                "is written in another way (the same at {POINTS} points that were tried, which does \
                 not show that it is the same)"
            )
        }
    }

    /// Units of numbers in formulas: left out is harmless, another is not.
    fn measured(&mut self, id: &str, kind: &str, (a, b): (&Measured, &Measured)) {
        let resolve = |file: &Returned<'a>, all: &Measured| {
            let all = all
                .iter()
                .map(|(value, unit)| (*value, file.units.meaning(unit)));
            let mut all: Vec<(f64, Option<Meaning>)> = all.collect();
            all.sort_by(|x, y| x.0.total_cmp(&y.0));
            all
        };
        let names = |all: &Measured| -> BTreeSet<String> {
            all.iter().map(|(_, unit)| unit.clone()).collect()
        };
        let mut left = resolve(self.ours, a);
        let mut unmatched = Vec::new();
        for (value, unit) in resolve(self.theirs, b) {
            let place = left.iter().position(|(ours, meaning)| {
                let units = (meaning, &unit);
                // Programs move signs: -(1) is -1.
                same(ours.abs(), value.abs()) && matches!(units, (Some(x), Some(y)) if x.is(y))
            });
            match place {
                Some(place) => drop(left.remove(place)),
                None => unmatched.push((value, unit)),
            }
        }
        // A number that is said to be pure now and was not there before says nothing new; one that was
        // there has another unit now.
        let strange = unmatched.iter().any(|(value, unit)| {
            let was_there = left.iter().any(|(ours, _)| same(ours.abs(), value.abs()));
            was_there || !unit.is_some_and(|it| it.is_one())
        });
        // A unit that means something else in the two files is noted once, at its definition.
        let redefined = names(b).iter().any(|id| {
            let meanings = (self.ours.units.meaning(id), self.theirs.units.meaning(id));
            let differ = matches!(meanings, (Some(x), Some(y)) if !x.is(&y));
            differ && self.is_defined_in_both(Some(id))
        });
        if strange && !redefined {
            let (a, b) = (names(a), names(b));
            let list =
                |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
            let what = format!(
                "{kind}: units of its numbers: {} became {}",
                list(&a),
                list(&b)
            );
            self.note(id, what);
        }
        self.bare_numbers += a.len().saturating_sub(b.len());
    }
}

/// Whether the other program has no conversion factors, all of ours are 1, and all places have the size
/// 1 in both files: then amounts, concentrations and units of substance may be written otherwise.
fn without_conversions<'a>(ours: &Returned<'a>, theirs: &Returned<'a>) -> bool {
    let is_one = |file: &Returned<'a>, id: &str| {
        file.constant(id)
            .is_some_and(|it| it.total_cmp(&1.0).is_eq())
    };
    let conversions = ours.conversions();
    // One species that lost its factor is a change; a whole file without is another program's form.
    ours.species.len() > 1
        && !conversions.is_empty()
        && theirs.conversions().is_empty()
        && conversions.iter().all(|id| is_one(ours, id))
        && ours
            .compartments
            .keys()
            .all(|id| is_one(ours, id) && is_one(theirs, id))
}
