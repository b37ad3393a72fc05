//! Gathers the entries of all files and reads them.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::{Code, Collector, Fault, Faults, Place, Source};
use crate::reading::{Document, Field, Table, Written};
use crate::unit::Units;

use super::evidence::Evidence;
use super::family::Family;
use super::reader::{Reader, check_id, check_intervention_id};
use super::subject::inherit;
use super::{
    Declaration, check_cycles, check_evidence, check_names, check_units, digest, read_family,
};

/// Kinds of tables in model files, in the order of their reading.
const KINDS: [&str; 11] = [
    "assignment",
    "compartment",
    "event",
    "intervention",
    "modulator",
    "observable",
    "parameter",
    "process",
    "species",
    "unit",
    "evidence",
];

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Model,
    Subject,
    Evidence,
    Variant,
    Family,
}

/// What a file of this name holds.
pub(super) fn kind_of(name: &str) -> FileKind {
    let mut parts: Vec<&str> = name.split(['/', '\\']).collect();
    parts.pop();
    if parts.last() == Some(&"subjects") {
        FileKind::Subject
    } else if parts.last() == Some(&"evidence") {
        FileKind::Evidence
    } else if parts.last() == Some(&"variants") {
        FileKind::Variant
    } else if parts.last() == Some(&"families") {
        FileKind::Family
    } else {
        FileKind::Model
    }
}

/// The name of a file without its ending.
pub(super) fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".toml").unwrap_or(file)
}

/// An entry before it is read.
struct Raw<'a> {
    place: Place,
    field: Field<'a>,
}

/// By kind, then by id.
type RawEntries<'a> = BTreeMap<&'static str, BTreeMap<&'a str, Raw<'a>>>;

pub(super) fn read(files: &[Source]) -> Result<Declaration, Faults> {
    let mut files: Vec<&Source> = files.iter().collect();
    files.sort_by(|a, b| (&a.name, &a.text).cmp(&(&b.name, &b.text)));
    let faults = Collector::new();
    let mut documents = Vec::with_capacity(files.len());
    for source in files {
        match Document::parse(source) {
            Ok(document) => documents.push(document),
            Err(found) => faults.extend(found),
        }
    }
    // A file that cannot be read would make every name in it unknown.
    if faults.count() > 0 {
        faults.finish(())?;
    }
    let faults = Collector::new();
    let declaration = read_documents(&documents, &faults);
    faults.finish(declaration)
}

fn read_documents(documents: &[Document], faults: &Collector) -> Declaration {
    let raw = gather(documents, faults);
    let units = read_units(&raw, faults);
    let families = documents
        .iter()
        .filter(|it| kind_of(&it.source().name) == FileKind::Family);
    let vocabulary = read_family::read(families, faults);
    let reader = Reader {
        units: &units,
        family: &vocabulary.family,
        faults,
    };
    let digests = digest::digests(documents);
    let mut declaration = Declaration {
        compartments: entries(&raw, "compartment", |t, p| reader.compartment(t, p)),
        species: entries(&raw, "species", |t, p| reader.species(t, p)),
        parameters: entries(&raw, "parameter", |t, p| reader.parameter(t, p)),
        processes: entries(&raw, "process", |t, p| reader.process(t, p)),
        modulators: entries(&raw, "modulator", |t, p| reader.modulator(t, p)),
        assignments: entries(&raw, "assignment", |t, p| reader.assignment(t, p)),
        observables: entries(&raw, "observable", |t, p| reader.observable(t, p)),
        events: entries(&raw, "event", |t, p| reader.event(t, p)),
        interventions: entries(&raw, "intervention", |t, p| reader.intervention(t, p)),
        evidence: entries(&raw, "evidence", |t, p| {
            Some(Evidence::read(t, p.clone(), &reader))
        }),
        subjects: BTreeMap::new(),
        variants: BTreeMap::new(),
        family: vocabulary.family.clone(),
        units: Units::default(),
        digests,
    };
    let all: BTreeSet<&str> = raw
        .values()
        .flat_map(|entries| entries.keys().copied())
        .collect();
    for document in documents {
        if kind_of(&document.source().name) != FileKind::Subject {
            continue;
        }
        let subject = reader.subject(document, &declaration.parameters, &all);
        let name = stem(&document.source().name).to_owned();
        let place = subject.place.clone();
        if let Some(first) = declaration.subjects.insert(name.clone(), subject) {
            let message = format!("the subject `{name}` is declared twice");
            let help = format!("first in {}", first.place.source.name);
            faults.add(Fault::new(Code::Repeated, message, &place).help(help));
        }
    }
    inherit(&mut declaration.subjects, faults);
    for document in documents {
        if kind_of(&document.source().name) != FileKind::Variant {
            continue;
        }
        let name = stem(&document.source().name).to_owned();
        let variant = reader.variant(document, &declaration);
        let place = variant.common.place.clone();
        if let Some(first) = declaration.variants.insert(name.clone(), variant) {
            let message = format!("the variant `{name}` is declared twice");
            let help = format!("first in {}", first.common.place.source.name);
            faults.add(Fault::new(Code::Repeated, message, &place).help(help));
        }
    }
    declaration.units = units;
    check_names::check(&declaration, &all, faults);
    check_cycles::check(&declaration, faults);
    check_units::check(&mut declaration, faults);
    check_evidence::check(&declaration, faults);
    vocabulary.check(&declaration, faults);
    declaration
}

/// All entries by kind and id; unknown kinds and duplicates are faults.
fn gather<'a>(documents: &'a [Document], faults: &'a Collector) -> RawEntries<'a> {
    let mut raw: RawEntries<'a> = KINDS.iter().map(|kind| (*kind, BTreeMap::new())).collect();
    // Everything that expressions or commands name shares one namespace;
    // interventions and units have their own.
    let mut shared: BTreeMap<&str, (&'static str, Place)> = BTreeMap::new();
    for document in documents {
        let wanted: &[&'static str] = match kind_of(&document.source().name) {
            FileKind::Model => &KINDS[..10],
            FileKind::Evidence => &KINDS[10..],
            FileKind::Subject | FileKind::Variant | FileKind::Family => continue,
        };
        let root = document.root(faults);
        for kind in wanted {
            let Some(table) = root.sub_table(kind) else {
                continue;
            };
            for (id, place, field) in table.entries() {
                match *kind {
                    "unit" | "evidence" => {}
                    "intervention" => check_intervention_id(id, &place, faults),
                    _ => {
                        check_id(id, &place, faults);
                        let first = shared.get(id).filter(|(first, _)| first != kind);
                        if let Some((first_kind, first)) = first {
                            let message =
                                format!("`{id}` is declared as {kind} and as {first_kind}");
                            let help = format!("the {first_kind} is at {}", first.file_and_line());
                            faults.add(Fault::new(Code::Repeated, message, &place).help(help));
                        }
                        shared.entry(id).or_insert_with(|| (kind, place.clone()));
                    }
                }
                let Some(known) = raw.get_mut(kind) else {
                    continue;
                };
                if let Some(first) = known.get(id) {
                    let message = format!("`{kind}.{id}` is declared twice");
                    let help = format!("first at {}", first.place.file_and_line());
                    faults.add(Fault::new(Code::Repeated, message, &place).help(help));
                } else {
                    known.insert(id, Raw { place, field });
                }
            }
        }
        root.finish();
    }
    raw
}

/// Reads all entries of a kind.
fn entries<T>(
    raw: &RawEntries<'_>,
    kind: &str,
    read: impl Fn(Table<'_>, &Place) -> Option<T>,
) -> BTreeMap<String, T> {
    let mut all = BTreeMap::new();
    for (id, entry) in raw.get(kind).into_iter().flatten() {
        if let Some(table) = entry.field.table()
            && let Some(value) = read(table, &entry.place)
        {
            all.insert((*id).to_owned(), value);
        }
    }
    all
}

/// Declared units, in an order in which each is known before it is used.
fn read_units(raw: &RawEntries<'_>, faults: &Collector) -> Units {
    let mut units = Units::builtin();
    let mut waiting: Vec<(&str, Written<String>, &Place)> = Vec::new();
    for (name, entry) in raw.get("unit").into_iter().flatten() {
        let Some(table) = entry.field.table() else {
            continue;
        };
        let reader = Reader {
            units: &units,
            family: &Family::plain(),
            faults,
        };
        let _says = reader.says(&table);
        if let Some(definition) = table.text("is") {
            waiting.push((name, definition, &entry.place));
        }
        table.finish();
    }
    loop {
        let before = waiting.len();
        waiting.retain(|(name, definition, place)| {
            let Ok(unit) = units.parse(&definition.value) else {
                return true;
            };
            if let Err(known) = units.declare(name, &unit) {
                let message = format!("the unit `{name}` is already known");
                let label = format!("means {known}");
                faults.add(Fault::new(Code::Repeated, message, place).label(label));
            }
            false
        });
        if waiting.len() == before {
            break;
        }
    }
    for (_, definition, _) in &waiting {
        if let Err(error) = units.parse(&definition.value) {
            faults.add(error.fault(definition));
        }
    }
    units
}
