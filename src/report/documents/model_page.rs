//! The model page: every species, equation, parameter and its evidence, read from the declaration.
//!
//! `docs/model.md` is this text; a test derives it again and compares.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Common, EffectKind, InitialValue, Role};

use super::vocabulary::vocabulary;

/// The page as Markdown.
#[must_use]
pub fn model_page(declaration: &Declaration) -> String {
    let mut page = String::from(HEAD);
    counts(declaration, &mut page);
    differential_equations(declaration, &mut page);
    assignments(declaration, &mut page);
    processes(declaration, &mut page);
    modulators(declaration, &mut page);
    observables(declaration, &mut page);
    interventions(declaration, &mut page);
    parameters(declaration, &mut page);
    subjects(declaration, &mut page);
    variants(declaration, &mut page);
    vocabulary(declaration, &mut page);
    links(declaration, &mut page);
    page
}

const HEAD: &str = "\
# The model

This page is generated from the files of the model; do not edit it. `gutbrain model show NAME` prints an \
entry with its evidence in full, `docs/science.md` explains the choices.

Time is the age of the animal in days. Rates are per day. `resting(x)` is the value of `x` in the resting \
wild type, found by a run to rest before birth: a quantity over its resting value is 1 in a healthy animal, \
so that the wild type is at rest by construction. `hill(x, k, n)` is (x/k)^n / (1 + (x/k)^n), and \
`hill_down` is 1 minus it. Fluxes add; modulators multiply the processes that they act on. No rate reads \
the age, the arm or the name of a treatment.

";

/// What a number or an arrow rests on: ids of evidence, and the reason of what is assumed.
fn basis(common: &Common) -> String {
    let rows: Vec<&str> = common.evidence.iter().map(|id| id.value.as_str()).collect();
    match (&common.assumed, rows.is_empty()) {
        (None, _) => rows.join(", "),
        (Some(reason), true) => format!("assumed: {reason}"),
        (Some(reason), false) => format!("{}; assumed: {reason}", rows.join(", ")),
    }
}

/// Text inside a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

pub(super) fn table(page: &mut String, head: &[&str]) {
    let _ = writeln!(page, "| {} |", head.join(" | "));
    let _ = writeln!(page, "|{}", "---|".repeat(head.len()));
}

pub(super) fn row(page: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

fn counts(declaration: &Declaration, page: &mut String) {
    let numbers: Vec<&Common> = declaration
        .parameters
        .values()
        .filter(|parameter| parameter.role != Role::Input)
        .map(|parameter| &parameter.common)
        .collect();
    let assumed = numbers
        .iter()
        .filter(|common| common.evidence.is_empty())
        .count();
    let partly = numbers
        .iter()
        .filter(|common| !common.evidence.is_empty() && common.assumed.is_some())
        .count();
    let arrows = declaration.processes.len() + declaration.modulators.len();
    let assumed_arrows = declaration
        .processes
        .values()
        .map(|process| &process.common)
        .chain(declaration.modulators.values().map(|entry| &entry.common))
        .filter(|common| common.evidence.is_empty())
        .count();
    let _ = writeln!(
        page,
        "{} species, {} processes, {} modulators, {} assignments, {} observables, {} interventions, \
         {} evidence rows. Of {} numbers, {} rest on evidence alone, {} on evidence for the direction or \
         the order of magnitude with an assumed size, and {} are assumed. Of {arrows} arrows, \
         {assumed_arrows} are assumed.\n",
        declaration.species.len(),
        declaration.processes.len(),
        declaration.modulators.len(),
        declaration.assignments.len(),
        declaration.observables.len(),
        declaration.interventions.len(),
        declaration.evidence.len(),
        numbers.len(),
        numbers.len() - partly - assumed,
        partly,
        assumed,
    );
}

fn differential_equations(declaration: &Declaration, page: &mut String) {
    page.push_str("## Species and their equations\n\n");
    let mut terms: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, process) in &declaration.processes {
        for (species, coefficient) in &process.changes {
            let coefficient = coefficient.to_text();
            let term = match coefficient.as_str() {
                "1" => format!("+ `{id}`"),
                "-1" => format!("− `{id}`"),
                other => format!("+ ({other}) · `{id}`"),
            };
            terms.entry(species).or_default().push(term);
        }
    }
    table(
        page,
        &[
            "species",
            "unit",
            "what it is",
            "changed by",
            "starts at",
            "basis",
        ],
    );
    for (id, species) in &declaration.species {
        let start = match &species.initial {
            InitialValue::Steady { .. } => "rest".to_owned(),
            InitialValue::Given(expression) => expression.to_text(),
        };
        row(
            page,
            &[
                format!("`{id}`"),
                species.unit.to_string(),
                species.common.says.clone(),
                terms
                    .get(id.as_str())
                    .map_or_else(String::new, |list| list.join(" ")),
                start,
                basis(&species.common),
            ],
        );
    }
    page.push('\n');
}

fn assignments(declaration: &Declaration, page: &mut String) {
    page.push_str("## Quasi-steady and shared quantities\n\n");
    table(page, &["quantity", "unit", "what it is", "equals", "basis"]);
    for (id, entry) in &declaration.assignments {
        row(
            page,
            &[
                format!("`{id}`"),
                entry.unit.to_string(),
                entry.common.says.clone(),
                format!("`{}`", entry.value.to_text()),
                basis(&entry.common),
            ],
        );
    }
    page.push('\n');
}

fn processes(declaration: &Declaration, page: &mut String) {
    page.push_str("## Processes\n\n");
    table(
        page,
        &["process", "sentence", "rate", "link", "pathway", "basis"],
    );
    for (id, entry) in &declaration.processes {
        let name = if entry.enabled {
            format!("`{id}`")
        } else {
            format!("`{id}` (off)")
        };
        row(
            page,
            &[
                name,
                entry.common.says.clone(),
                format!("`{}`", entry.rate.to_text()),
                entry.common.link.join(", "),
                entry.pathway.clone().unwrap_or_default(),
                basis(&entry.common),
            ],
        );
    }
    page.push('\n');
}

fn modulators(declaration: &Declaration, page: &mut String) {
    page.push_str("## Modulators\n\n");
    table(
        page,
        &[
            "modulator",
            "sentence",
            "factor",
            "acts on",
            "link",
            "basis",
        ],
    );
    for (id, entry) in &declaration.modulators {
        let targets: Vec<String> = entry
            .acts_on
            .iter()
            .map(|target| format!("`{}`", target.value.trim_start_matches("process.")))
            .collect();
        row(
            page,
            &[
                format!("`{id}`"),
                entry.common.says.clone(),
                format!("`{}`", entry.factor.to_text()),
                targets.join(", "),
                entry.common.link.join(", "),
                basis(&entry.common),
            ],
        );
    }
    page.push('\n');
}

fn observables(declaration: &Declaration, page: &mut String) {
    page.push_str("## Observables and events\n\n");
    table(
        page,
        &["observable", "unit", "what it is", "equals", "basis"],
    );
    for (id, entry) in &declaration.observables {
        row(
            page,
            &[
                format!("`{id}`"),
                entry.unit.to_string(),
                entry.common.says.clone(),
                format!("`{}`", entry.value.to_text()),
                basis(&entry.common),
            ],
        );
    }
    page.push('\n');
    table(
        page,
        &["event", "what it is", "when this crosses zero", "basis"],
    );
    for (id, entry) in &declaration.events {
        row(
            page,
            &[
                format!("`{id}`"),
                entry.common.says.clone(),
                format!("`{}`, {}", entry.when.to_text(), entry.direction.word()),
                basis(&entry.common),
            ],
        );
    }
    page.push('\n');
}

fn verb(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Set => "sets",
        EffectKind::Scale => "scales",
        EffectKind::Add => "adds to",
    }
}

fn interventions(declaration: &Declaration, page: &mut String) {
    page.push_str("## Interventions\n\n");
    table(
        page,
        &["intervention", "what it is", "dose in", "does", "basis"],
    );
    for (id, entry) in &declaration.interventions {
        let effects: Vec<String> = entry
            .effects
            .iter()
            .chain(&entry.impulses)
            .map(|effect| {
                format!(
                    "{} `{}`: `{}`",
                    verb(effect.kind),
                    effect.target.value,
                    effect.value.to_text()
                )
            })
            .collect();
        row(
            page,
            &[
                format!("`{id}`"),
                entry.common.says.clone(),
                entry.dose.unit.to_string(),
                effects.join("; "),
                basis(&entry.common),
            ],
        );
    }
    page.push('\n');
}

fn parameters(declaration: &Declaration, page: &mut String) {
    page.push_str("## Parameters\n\nA range is the central 95 % of what is thought possible, and the bound of every fit.\n\n");
    table(
        page,
        &[
            "parameter",
            "what it is",
            "value",
            "range",
            "unit",
            "prior",
            "basis",
        ],
    );
    for (id, entry) in &declaration.parameters {
        let range = entry
            .range
            .map_or_else(String::new, |(low, high)| format!("{low} to {high}"));
        let prior = match entry.role {
            Role::Input => "set by interventions".to_owned(),
            Role::Property | Role::Group => entry.prior.word().to_owned(),
        };
        row(
            page,
            &[
                format!("`{id}`"),
                entry.common.says.clone(),
                format!("{}", entry.value),
                range,
                entry.unit.to_string(),
                prior,
                basis(&entry.common),
            ],
        );
    }
    page.push('\n');
}

fn subjects(declaration: &Declaration, page: &mut String) {
    page.push_str("## Subjects\n\n");
    table(page, &["subject", "what it is", "differs in"]);
    for (id, subject) in &declaration.subjects {
        let mut differs: Vec<String> = subject
            .parameters
            .iter()
            .map(|(name, given)| format!("`{name}` = {}", given.value))
            .collect();
        if let Some(base) = &subject.extends {
            differs.insert(0, format!("as `{}`", base.value));
        }
        row(
            page,
            &[format!("`{id}`"), subject.says.clone(), differs.join("; ")],
        );
    }
    page.push('\n');
}

/// Nothing for a model that declares none.
fn variants(declaration: &Declaration, page: &mut String) {
    if declaration.variants.is_empty() {
        return;
    }
    page.push_str("## Variants of structure\n\nOther choices where no evidence decides; `--variant NAME` puts the model under one.\n\n");
    table(
        page,
        &[
            "variant",
            "what it assumes",
            "differs in",
            "why nothing decides",
        ],
    );
    for (id, variant) in &declaration.variants {
        let own = variant
            .parameters
            .iter()
            .map(|(name, new)| (name.clone(), new));
        let of_subjects = (variant.subjects.iter()).flat_map(|(subject, values)| {
            let named = move |(name, new)| (format!("{subject}/{name}"), new);
            values.iter().map(named)
        });
        let values = own.chain(of_subjects);
        let mut differs: Vec<String> = values
            .map(|(name, new)| format!("`{name}` = {}", new.value))
            .collect();
        differs.extend(variant.off.iter().map(|it| format!("`{}` off", it.value)));
        let cells = [
            format!("`{id}`"),
            variant.common.says.clone(),
            differs.join("; "),
            basis(&variant.common),
        ];
        row(page, &cells);
    }
    page.push('\n');
}

fn links(declaration: &Declaration, page: &mut String) {
    page.push_str("## Links of the axis and where they are declared\n\n");
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let entries = declaration
        .processes
        .iter()
        .map(|(id, entry)| (id, &entry.common))
        .chain(
            declaration
                .modulators
                .iter()
                .map(|(id, entry)| (id, &entry.common)),
        )
        .chain(
            declaration
                .observables
                .iter()
                .map(|(id, entry)| (id, &entry.common)),
        );
    for (id, common) in entries {
        for link in &common.link {
            found.entry(link).or_default().push(id);
        }
    }
    table(page, &["link", "entries"]);
    for (link, ids) in found {
        let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        row(page, &[link.to_owned(), ids.join(", ")]);
    }
}
