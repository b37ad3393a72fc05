//! References: the works behind evidence rows, and those behind a scenario.
//!
//! Rows of one evidence file share one source, so the stem of the file is the key of the work; where the rows
//! of a file have identifiers of several works, as in collections from a review, every row belongs to the
//! work that its own identifier or citation names, and to no other. What a source does not say is left out:
//! most rows were collected with a short citation and an identifier.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use gutbrain_integrate::Method;
use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Common, Evidence, Grade};
use gutbrain_network::expression::Expression;

use crate::analysis::calibrate::Calibration;
use crate::scenario::Scenario;

/// A work and the rows that come from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reference {
    /// Key, as in `zhang-2017-clin-ther`.
    pub key: String,
    /// Short citation.
    pub source: String,
    /// Year of publication.
    pub year: Option<i64>,
    /// Digital object identifier.
    pub doi: Option<String>,
    /// PubMed Central identifier.
    pub pmc: Option<String>,
    /// PubMed identifier.
    pub pmid: Option<String>,
    /// Authors in full, where a row has them.
    pub authors: Option<String>,
    /// Title, where a row has it.
    pub title: Option<String>,
    /// Journal, where a row has it.
    pub journal: Option<String>,
    /// Ids of its rows.
    pub rows: Vec<String>,
}

impl Reference {
    /// As one line: short citation and identifiers.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = self.source.clone();
        if let Some(doi) = &self.doi {
            let _ = write!(line, ", doi:{doi}");
        }
        if let Some(pmc) = self.pmc.as_ref().filter(|pmc| !line.contains(*pmc)) {
            let _ = write!(line, ", {pmc}");
        }
        if let Some(pmid) = &self.pmid {
            let _ = write!(line, ", PMID {pmid}");
        }
        line
    }
}

/// The works behind some rows, in order of key; gaps and values computed from other rows have none.
#[must_use]
pub fn references<'a>(
    declaration: &'a Declaration,
    rows: impl IntoIterator<Item = &'a str>,
) -> Vec<Reference> {
    let collections = collections(declaration);
    let mut works: BTreeMap<String, Reference> = BTreeMap::new();
    for id in rows {
        let Some(row) = declaration.evidence.get(id) else {
            continue;
        };
        if matches!(row.grade, Grade::Gap | Grade::Derived) {
            continue;
        }
        let key = key_of(row, &collections);
        let work = works.entry(key.clone()).or_insert_with(|| Reference {
            key,
            ..Reference::default()
        });
        let source = row.source.clone().unwrap_or_default();
        // The longest citation of a file says most.
        if source.chars().count() > work.source.chars().count() {
            work.source = source;
        }
        work.year = work.year.or(row.year);
        work.doi = work.doi.take().or_else(|| row.doi.clone());
        work.pmc = work.pmc.take().or_else(|| row.pmc.clone());
        work.pmid = work.pmid.take().or_else(|| row.pmid.clone());
        work.authors = work.authors.take().or_else(|| row.authors.clone());
        work.title = work.title.take().or_else(|| row.title.clone());
        work.journal = work.journal.take().or_else(|| row.journal.clone());
        work.rows.push(id.to_owned());
    }
    works.into_values().collect()
}

/// The stem of the file of a row.
fn stem_of(row: &Evidence) -> &str {
    let name = &*row.place.source.name;
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".toml").unwrap_or(file)
}

/// What tells the work of a row from others: an identifier, or else the citation.
fn identity(row: &Evidence) -> &str {
    let known = [&row.doi, &row.pmid, &row.pmc, &row.source];
    let first = known.into_iter().find_map(Option::as_deref);
    first.unwrap_or_default()
}

/// The files whose rows name more than one work: two identifiers of a kind.
fn collections(declaration: &Declaration) -> BTreeSet<&str> {
    let mut seen: BTreeMap<(&str, usize), &str> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for row in declaration.evidence.values() {
        for (kind, id) in [&row.doi, &row.pmid, &row.pmc].into_iter().enumerate() {
            let Some(id) = id else { continue };
            let known = seen.entry((stem_of(row), kind)).or_insert(id);
            if *known != id.as_str() {
                found.insert(stem_of(row));
            }
        }
    }
    found
}

/// The key of the work of a row; in a collection the file's and what is left of its identity.
fn key_of(row: &Evidence, collections: &BTreeSet<&str>) -> String {
    let stem = stem_of(row);
    if !collections.contains(stem) {
        return stem.to_owned();
    }
    let letters = identity(row).chars().map(|letter| match letter {
        letter if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
        _ => '-',
    });
    let letters: String = letters.collect();
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    format!("{stem}-{}", words.join("-"))
}

/// The rows behind a scenario: those that its subject, its interventions and every active mechanism and
/// number name.
#[must_use]
pub fn rows_behind<'a>(declaration: &'a Declaration, scenario: &Scenario) -> BTreeSet<&'a str> {
    grounds(declaration, scenario).rows
}

/// The rows that the values of a scenario are fitted to: those of every target of a calibration that fits
/// a number which the scenario reads. A fit moves all its numbers towards all its targets, so all of
/// these count.
#[must_use]
pub fn rows_fitted_to<'a>(
    declaration: &'a Declaration,
    scenario: &Scenario,
    calibration: &Calibration,
) -> BTreeSet<&'a str> {
    let reached = grounds(declaration, scenario).reached;
    let is_of = |subject: &str| {
        let mut preset = Some(scenario.subject.preset.as_str());
        while let Some(name) = preset {
            if name == subject {
                return true;
            }
            let extends = declaration.subjects.get(name);
            preset = extends
                .and_then(|it| it.extends.as_ref())
                .map(|it| it.value.as_str());
        }
        false
    };
    let reads = calibration.parameters.iter().any(|fitted| {
        let subject = fitted.subject.as_deref();
        reached.contains(fitted.parameter.as_str()) && subject.is_none_or(is_of)
    });
    let targets = calibration.targets.iter().filter(|_| reads);
    let rows = targets.flat_map(|target| &target.evidence);
    let known = rows.filter_map(|id| declaration.evidence.get_key_value(id));
    known.map(|(id, _)| id.as_str()).collect()
}

/// What a scenario rests on.
struct Grounds<'a> {
    /// Ids of evidence rows.
    rows: BTreeSet<&'a str>,
    /// Names that active entries read, also through others.
    reached: BTreeSet<&'a str>,
}

fn grounds<'a>(declaration: &'a Declaration, scenario: &Scenario) -> Grounds<'a> {
    let mut rows: BTreeSet<&str> = BTreeSet::new();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut take = |common: &'a Common, expressions: &[&'a Expression]| {
        rows.extend(common.evidence.iter().map(|it| it.value.as_str()));
        for expression in expressions {
            reached.extend(expression.names());
            reached.extend(expression.resting_names());
        }
    };
    let is_active = |kind: &str, id: &str, declared: bool| {
        let switched = scenario.edits.enabled.get(&format!("{kind}.{id}"));
        switched.copied().unwrap_or(declared)
    };
    for (id, process) in &declaration.processes {
        if is_active("process", id, process.enabled) {
            take(&process.common, &[&process.rate]);
            for factor in process.changes.values() {
                take(&process.common, &[factor]);
            }
        }
    }
    for (id, modulator) in &declaration.modulators {
        if is_active("modulator", id, modulator.enabled) {
            take(&modulator.common, &[&modulator.factor]);
        }
    }
    for event in declaration.events.values() {
        take(&event.common, &[&event.when]);
    }
    for arm in &scenario.arms {
        for done in &arm.shading {
            if let Some(intervention) = declaration.interventions.get(&done.kind) {
                for effect in intervention.effects.iter().chain(&intervention.impulses) {
                    take(&intervention.common, &[&effect.value]);
                }
            }
        }
    }
    let mut waiting: Vec<&str> = reached.iter().copied().collect();
    while let Some(name) = waiting.pop() {
        if let Some(assignment) = declaration.assignments.get(name) {
            rows.extend(
                assignment
                    .common
                    .evidence
                    .iter()
                    .map(|it| it.value.as_str()),
            );
            let inside = assignment.value.names();
            for name in inside.into_iter().chain(assignment.value.resting_names()) {
                if reached.insert(name) {
                    waiting.push(name);
                }
            }
        }
    }
    let commons = (declaration.parameters.iter())
        .map(|(id, entry)| (id, &entry.common))
        .chain((declaration.species.iter()).map(|(id, entry)| (id, &entry.common)));
    for (id, common) in commons {
        if reached.contains(id.as_str()) {
            rows.extend(common.evidence.iter().map(|it| it.value.as_str()));
        }
    }
    if let Some(subject) = declaration.subjects.get(&scenario.subject.preset) {
        for value in subject.parameters.values() {
            rows.extend(value.evidence.iter().map(|it| it.value.as_str()));
        }
    }
    Grounds { rows, reached }
}

/// The works behind the numerical methods that a scenario uses, one line each.
#[must_use]
pub fn numerical_references(scenario: &Scenario) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in Method::all() {
        if entry.method == scenario.solver.method {
            lines.push(format!("{}: {}", entry.name, entry.reference));
        }
    }
    lines.push(
        "elementary functions: Tang (1989) ACM Trans. Math. Softw. 15:144, doi:10.1145/63522.214389; \
         Dekker (1971) Numer. Math. 18:224, doi:10.1007/BF01397083"
            .to_owned(),
    );
    lines
}
