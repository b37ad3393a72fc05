//! Reads the vocabulary of a model: the one file below `families/`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::fault::{Code, Collector, Fault, Place};
use crate::reading::{Document, Table, Written, did_you_mean};
use crate::unit::{Unit, Units, parse_quantity};

use super::Declaration;
use super::family::{
    ClockChoice, DeclaredEndpoint, Endpoint, EndpointRole, EndpointSet, Family, FigureChoice,
    GroupNames, LARGE_DIFFERENCE, Region, SurvivalEndpoint, TemplateChoice,
};

/// Words that mean something else where endpoints are named: features of a life, columns of its table.
const TAKEN: [&str; 2] = ["life", "last"];

/// A family, and what the model must have for it.
pub(super) struct Read {
    pub(super) family: Family,
    summary: Vec<Written<String>>,
    carriers: Vec<Written<String>>,
    species: Vec<(String, Place)>,
}

/// The vocabulary of the documents; that of [`Family::plain`] if none declares one.
pub(super) fn read<'d>(documents: impl Iterator<Item = &'d Document>, faults: &Collector) -> Read {
    let mut found: Option<(Read, &Document)> = None;
    for document in documents {
        if let Some((_, first)) = &found {
            let message = "a model has one family of subjects";
            let fault = Fault::new(
                Code::Repeated,
                message,
                &Place::new(document.source(), 0..0),
            );
            faults.add(fault.help(format!("the first one is {}", first.source().name)));
            continue;
        }
        found = Some((read_one(document, faults), document));
    }
    found.map_or_else(
        || Read {
            family: Family::plain(),
            summary: Vec::new(),
            carriers: Vec::new(),
            species: Vec::new(),
        },
        |(read, _)| read,
    )
}

fn read_one(document: &Document, faults: &Collector) -> Read {
    let root = document.root(faults);
    let values = |written: Vec<Written<String>>| written.into_iter().map(|it| it.value).collect();
    let says = root.text("says").map(|says| says.value);
    let notice = root.optional_text("notice").map(|notice| notice.value);
    let identifiers = values(root.optional_texts("identifiers"));
    let endpoints = Arc::new(endpoints(&root, faults));
    let survival = survival(&root, &endpoints, faults);
    let regions = regions(&root, faults);
    let figures = figures(&root, faults);
    let summary = root.optional_texts("summary");
    let carriers = root.optional_texts("carriers");
    let group = root.sub_table("group").map(group).unwrap_or_default();
    let mut species = BTreeMap::new();
    let mut places = Vec::new();
    if let Some(inner) = root.sub_table("species") {
        for (id, place, field) in inner.entries() {
            species.insert(id.to_owned(), values(field.texts().unwrap_or_default()));
            places.push((id.to_owned(), place));
        }
    }
    let mut words = BTreeMap::new();
    if let Some(inner) = root.sub_table("words") {
        for (word, _, field) in inner.entries() {
            words.extend(field.text().map(|said| (word.to_owned(), said.value)));
        }
    }
    let template = root.sub_table("template").and_then(template);
    let large = root.optional_text("large_difference");
    let clock = root.sub_table("clock").and_then(clock);
    root.finish();
    let family = Family {
        name: super::collect::stem(&document.source().name).to_owned(),
        says: says.unwrap_or_default(),
        notice: notice.unwrap_or_default(),
        words,
        template: template.unwrap_or_default(),
        clock,
        large_difference: large.map_or(LARGE_DIFFERENCE, |written| days(&written, faults)),
        identifiers,
        endpoints,
        survival,
        regions,
        summary: values(summary.clone()),
        figures,
        carriers: values(carriers.clone()),
        group,
        species,
    };
    Read {
        family,
        summary,
        carriers,
        species: places,
    }
}

/// The tables of a list, each with its word, which only one of them has.
fn worded<'t>(
    root: &Table<'t>,
    key: &str,
    faults: &Collector,
) -> Vec<(Table<'t>, Written<String>)> {
    let mut taken = BTreeSet::new();
    let mut tables = Vec::new();
    let listed = root.field(key).and_then(|field| field.array());
    for field in listed.unwrap_or_default() {
        let Some(table) = field.table() else { continue };
        let Some(word) = table.text("word") else {
            continue;
        };
        check_word(&word, faults);
        if !taken.insert(word.value.clone()) {
            let message = format!("the {key} `{}` is declared twice", word.value);
            faults.add(Fault::new(Code::Repeated, message, &word.place));
            continue;
        }
        tables.push((table, word));
    }
    tables
}

/// Whether a word can be typed in a scenario; a fault if not.
fn check_word(word: &Written<String>, faults: &Collector) {
    let mut bytes = word.value.bytes();
    let right = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && word.value.len() <= 80;
    if !right {
        let message = format!("`{}` is no word", word.value);
        let help =
            "words are lower-case letters, digits and hyphens, up to 80, and start with a letter";
        faults.add(Fault::new(Code::BadName, message, &word.place).help(help));
    }
}

fn says(table: &Table<'_>) -> String {
    table.text("says").map(|it| it.value).unwrap_or_default()
}

fn endpoints(root: &Table<'_>, faults: &Collector) -> EndpointSet {
    let mut entries: Vec<DeclaredEndpoint> = Vec::new();
    for (table, word) in worded(root, "endpoint", faults) {
        if TAKEN.contains(&word.value.as_str()) {
            let message = format!("`{}` means something else in tables of lives", word.value);
            faults.add(Fault::new(Code::ReservedName, message, &word.place));
        }
        let role = table.word("role", EndpointRole::WORDS);
        if let Some(role) = &role
            && entries.iter().any(|entry| entry.role == Some(role.value))
        {
            let message = format!("two endpoints have the role `{}`", role.value.word());
            faults.add(Fault::new(Code::Repeated, message, &role.place));
        }
        let brief = table.optional_boolean("brief");
        entries.push(DeclaredEndpoint {
            endpoint: Endpoint::new(entries.len(), &word.value),
            says: says(&table),
            role: role.map(|role| role.value),
            is_brief: brief.is_none_or(|brief| brief.value),
        });
        table.finish();
    }
    if entries.is_empty() {
        root.missing("endpoint", Some("declare `[[endpoint]]`".to_owned()));
    }
    EndpointSet { entries }
}

fn survival(
    root: &Table<'_>,
    endpoints: &EndpointSet,
    faults: &Collector,
) -> Vec<Arc<SurvivalEndpoint>> {
    let mut ends = Vec::new();
    for (table, word) in worded(root, "survival", faults) {
        let written = table.required("first_of").and_then(|field| field.texts());
        let mut first_of = Vec::new();
        for name in written.unwrap_or_default() {
            match endpoints.find(&name.value) {
                Some(endpoint) => first_of.push(endpoint.clone()),
                None => {
                    let message = format!("the family has no endpoint `{}`", name.value);
                    let help = did_you_mean(&name.value, endpoints.iter().map(Endpoint::word));
                    let fault = Fault::new(Code::UnknownName, message, &name.place);
                    faults.add(fault.maybe_help(help));
                }
            }
        }
        ends.push(Arc::new(SurvivalEndpoint {
            word: word.value,
            says: says(&table),
            first_of,
        }));
        table.finish();
    }
    if ends.is_empty() {
        root.missing("survival", Some("declare `[[survival]]`".to_owned()));
    }
    ends
}

fn regions(root: &Table<'_>, faults: &Collector) -> Vec<Region> {
    let tables = worded(root, "region", faults).into_iter();
    let region = |(table, word): (Table<'_>, Written<String>)| {
        let label = table.text("label");
        table.finish();
        Some(Region {
            word: word.value,
            label: label?.value,
        })
    };
    tables.filter_map(region).collect()
}

fn figures(root: &Table<'_>, faults: &Collector) -> Vec<FigureChoice> {
    let tables = worded(root, "figure", faults).into_iter();
    let figure = |(table, word): (Table<'_>, Written<String>)| {
        let show = table.required("show").and_then(|field| field.texts());
        let says = says(&table);
        table.finish();
        FigureChoice {
            word: word.value,
            says,
            show: show.unwrap_or_default(),
            place: word.place,
        }
    };
    tables.map(figure).collect()
}

/// A positive length of time in days.
fn days(written: &Written<String>, faults: &Collector) -> f64 {
    let read = parse_quantity(&written.value, &Units::builtin());
    let days = read.and_then(|quantity| quantity.in_unit(&Unit::day()));
    days.ok().filter(|days| *days > 0.0).unwrap_or_else(|| {
        let message = format!("`{}` is no length of time", written.value);
        let fault = Fault::new(Code::WrongUnit, message, &written.place);
        faults.add(fault.help("write it with its unit, as \"3 month\""));
        LARGE_DIFFERENCE
    })
}

fn template(table: Table<'_>) -> Option<TemplateChoice> {
    let [first, last, start] = ["first", "last", "start"].map(|key| table.text(key));
    table.finish();
    Some(TemplateChoice {
        ages: [first?.value, last?.value],
        start: start?.value,
    })
}

fn clock(table: Table<'_>) -> Option<ClockChoice> {
    let title = table.text("title");
    let unit = table.text("unit");
    let zero = table.optional_text("zero");
    let since = table.optional_text("since");
    table.finish();
    Some(ClockChoice {
        title: title?.value,
        since: since.map(|since| since.value).unwrap_or_default(),
        unit: unit?,
        zero,
    })
}

fn group(table: Table<'_>) -> GroupNames {
    let id = |key: &str| table.optional_text(key);
    let names = GroupNames {
        shared_variance: id("shared_variance"),
        size: id("size"),
        copies: id("copies"),
        low_copy_animals: id("low_copy_animals"),
        copies_left: id("copies_left"),
        other_deaths: id("other_deaths"),
        observer_shift: id("observer_shift"),
        reads: id("reads"),
    };
    table.finish();
    names
}

impl Read {
    /// Whether the model has what its family names.
    pub(super) fn check(&self, declaration: &Declaration, faults: &Collector) {
        let d = declaration;
        let unknown =
            |name: &str, place: &Place, kind: &str, known: &mut dyn Iterator<Item = &str>| {
                let known: Vec<&str> = known.collect();
                if !known.contains(&name) {
                    let message = format!("the model has no {kind} `{name}`");
                    let fault = Fault::new(Code::UnknownName, message, place);
                    faults.add(fault.maybe_help(did_you_mean(name, known)));
                }
            };
        let shown = self.family.figures.iter().flat_map(|figure| &figure.show);
        for it in shown.chain(&self.summary) {
            let known = d.observables.keys().chain(d.species.keys());
            let mut known = known.map(String::as_str);
            unknown(&it.value, &it.place, "observable or species", &mut known);
        }
        for it in self
            .family
            .group
            .entries()
            .into_iter()
            .filter_map(|(_, id)| id.as_ref())
        {
            let mut known = d.parameters.keys().map(String::as_str);
            unknown(&it.value, &it.place, "parameter", &mut known);
        }
        if let Some(clock) = &self.family.clock {
            let is_time = |unit: &Unit| unit.factor_to(&Unit::day()).is_ok();
            if !d
                .units
                .parse(&clock.unit.value)
                .is_ok_and(|unit| is_time(&unit))
            {
                let message = format!("`{}` is no unit of time", clock.unit.value);
                faults.add(Fault::new(Code::WrongUnit, message, &clock.unit.place));
            }
            if let Some(zero) = &clock.zero {
                let mut known = d.parameters.keys().map(String::as_str);
                unknown(&zero.value, &zero.place, "parameter", &mut known);
                let declared = d.parameters.get(&zero.value);
                if declared.is_some_and(|declared| !is_time(&declared.unit)) {
                    let message = format!("`{}` is no time", zero.value);
                    faults.add(Fault::new(Code::WrongUnit, message, &zero.place));
                }
            }
        }
        for (id, place) in &self.species {
            // What one model takes as a species another takes as quasi-steady: see `Family::species`.
            let known = d.species.keys().chain(d.assignments.keys());
            let mut known = known.map(String::as_str);
            unknown(id, place, "species or assignment", &mut known);
        }
        for it in &self.carriers {
            let processes = d.processes.values().filter_map(|it| it.pathway.as_deref());
            let modulators = d.modulators.values().filter_map(|it| it.pathway.as_deref());
            let mut known = processes.chain(modulators);
            unknown(&it.value, &it.place, "pathway", &mut known);
        }
        for (name, subject) in &d.subjects {
            let family = &self.family.name;
            if let Some(species) = &subject.species
                && !family.is_empty()
                && species != family
            {
                let message = format!("the subject `{name}` is of another family: `{species}`");
                let help = format!("the family of this model is `{family}`");
                let fault = Fault::new(Code::Contradiction, message, &subject.place);
                faults.add(fault.help(help));
            }
        }
    }
}
