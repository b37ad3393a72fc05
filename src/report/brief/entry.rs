//! One entry of a model in full, with the evidence it rests on.

use gutbrain_network::declaration::{
    Common, Declaration, Effect, EffectKind, Evidence, InitialValue, Intervention, Parameter, Role,
    Subject,
};
use gutbrain_network::expression::Expression;
use gutbrain_network::fault::Place;
use gutbrain_network::reading::{Written, did_you_mean};

use super::{Brief, Span, Tone, short};

/// The model declares nothing of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model has nothing called `{name}`\n  help: {help}")]
pub struct UnknownEntry {
    /// What was asked for.
    pub name: String,
    /// What to do.
    pub help: String,
}

/// The entry of an id, with or without its kind: `zo1`, `process.zo1_is_made`, `S3-07`.
///
/// # Errors
/// The model declares nothing of this name.
pub fn entry(declaration: &Declaration, name: &str) -> Result<Brief, UnknownEntry> {
    let mut page = Page {
        declaration,
        brief: Brief::default(),
    };
    if page.entry(name) {
        return Ok(page.brief);
    }
    Err(unknown(name, declaration))
}

fn unknown(name: &str, declaration: &Declaration) -> UnknownEntry {
    let all = [
        declaration.species.keys().collect::<Vec<_>>(),
        declaration.parameters.keys().collect(),
        declaration.processes.keys().collect(),
        declaration.modulators.keys().collect(),
        declaration.assignments.keys().collect(),
        declaration.observables.keys().collect(),
        declaration.events.keys().collect(),
        declaration.interventions.keys().collect(),
        declaration.compartments.keys().collect(),
        declaration.subjects.keys().collect(),
        declaration.evidence.keys().collect(),
    ];
    let id = name.rsplit_once('.').map_or(name, |(_, id)| id);
    let help = did_you_mean(id, all.iter().flatten().map(|known| known.as_str()))
        .unwrap_or_else(|| "`gutbrain model list` shows the names".to_owned());
    UnknownEntry {
        name: name.to_owned(),
        help,
    }
}

/// A page while it is written.
struct Page<'a> {
    declaration: &'a Declaration,
    brief: Brief,
}

impl Page<'_> {
    /// Writes the entry of this name; `false` if there is none.
    fn entry(&mut self, name: &str) -> bool {
        let (kind, id) = match name.split_once('.') {
            Some((kind, id)) => (Some(kind), id),
            None => (None, name),
        };
        let is = |wanted: &str| kind.is_none_or(|kind| kind == wanted);
        let d = self.declaration;
        if let Some(entry) = d.species.get(id).filter(|_| is("species")) {
            self.head("species", id, &entry.common);
            self.line("where", &entry.compartment.value);
            self.line("unit", &entry.unit.to_string());
            let initial = match &entry.initial {
                InitialValue::Steady { .. } => "the steady state of the healthy animal".to_owned(),
                InitialValue::Given(expression) => expression.text().to_owned(),
            };
            self.line("at birth", &initial);
            self.line("scale", &short(entry.scale));
            self.balance(id);
            self.read_by(id);
            self.ground(&entry.common);
        } else if let Some(entry) = d.parameters.get(id).filter(|_| is("parameter")) {
            self.head("parameter", id, &entry.common);
            self.parameter(id, entry);
            self.read_by(id);
            self.ground(&entry.common);
        } else if let Some(entry) = d.processes.get(id).filter(|_| is("process")) {
            self.head("process", id, &entry.common);
            self.line("rate", &format!("{}   [{}]", entry.rate.text(), entry.unit));
            let changes: Vec<String> = entry
                .changes
                .iter()
                .map(|(species, factor)| format!("{species} \u{d7} {}", factor.text()))
                .collect();
            self.line("changes", &changes.join(", "));
            self.modulators(&format!("process.{id}"));
            self.pathway(entry.pathway.as_deref(), entry.enabled);
            self.ground(&entry.common);
        } else if let Some(entry) = d.modulators.get(id).filter(|_| is("modulator")) {
            self.head("modulator", id, &entry.common);
            self.line("factor", entry.factor.text());
            let targets: Vec<&str> = entry.acts_on.iter().map(|t| t.value.as_str()).collect();
            self.line("acts on", &targets.join(", "));
            self.pathway(entry.pathway.as_deref(), entry.enabled);
            self.ground(&entry.common);
        } else if let Some(entry) = d.assignments.get(id).filter(|_| is("assignment")) {
            self.head("assignment", id, &entry.common);
            self.line(
                "value",
                &format!("{}   [{}]", entry.value.text(), entry.unit),
            );
            self.modulators(&format!("assignment.{id}"));
            self.read_by(id);
            self.ground(&entry.common);
        } else if let Some(entry) = d.observables.get(id).filter(|_| is("observable")) {
            self.head("observable", id, &entry.common);
            self.line(
                "value",
                &format!("{}   [{}]", entry.value.text(), entry.unit),
            );
            self.line("label", entry.label.as_deref().unwrap_or_default());
            self.line("fold of", entry.relative_to.as_deref().unwrap_or_default());
            self.ground(&entry.common);
        } else if let Some(entry) = d.events.get(id).filter(|_| is("event")) {
            self.head("event", id, &entry.common);
            self.line(
                "when",
                &format!("{} = 0, {}", entry.when.text(), entry.direction.word()),
            );
            self.line(
                "endpoint",
                entry
                    .endpoint
                    .as_ref()
                    .map_or("", |endpoint| endpoint.word()),
            );
            self.ground(&entry.common);
        } else if let Some(entry) = d.interventions.get(id).filter(|_| is("intervention")) {
            self.head("intervention", id, &entry.common);
            self.intervention(entry);
            self.ground(&entry.common);
        } else if let Some(entry) = d.compartments.get(id).filter(|_| is("compartment")) {
            self.head("compartment", id, &entry.common);
            self.line("region", &entry.region);
            self.ground(&entry.common);
        } else if let Some(entry) = d.subjects.get(id).filter(|_| is("subject")) {
            self.subject(id, entry);
        } else if let Some(entry) = d.evidence.get(id).filter(|_| is("evidence")) {
            self.title("evidence", id, &entry.place);
            self.evidence(entry);
            self.line("about", &d.about(id).join(", "));
            for expectation in &entry.expects {
                self.line("expects", &expectation.says);
            }
            self.line(
                "not shown",
                entry.not_representable.as_deref().unwrap_or_default(),
            );
        } else {
            return false;
        }
        true
    }

    fn title(&mut self, kind: &str, id: &str, place: &Place) {
        self.brief.spans([
            Span::plain(format!("{kind} ")),
            Span::toned(Tone::Strong, id),
            Span::plain("   "),
            Span::toned(Tone::Faint, place.file_and_line()),
        ]);
    }

    fn head(&mut self, kind: &str, id: &str, common: &Common) {
        self.title(kind, id, &common.place);
        self.brief.line(common.says.as_str());
        self.brief.gap();
    }

    fn line(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.brief.spans([
                Span::plain("  "),
                Span::toned(Tone::Faint, format!("{name:<11}")),
                Span::plain(format!(" {text}")),
            ]);
        }
    }

    fn pathway(&mut self, pathway: Option<&str>, enabled: bool) {
        self.line("pathway", pathway.unwrap_or_default());
        if !enabled {
            self.line("enabled", "no; `[model] enable` switches it on");
        }
    }

    fn parameter(&mut self, id: &str, entry: &Parameter) {
        self.line("value", &format!("{} {}", entry.value, entry.unit));
        if let Some((low, high)) = entry.range {
            self.line("range", &format!("{low} to {high}, {}", entry.prior.word()));
        }
        if entry.role == Role::Input {
            self.line("role", "set by interventions only");
        }
        if entry.role == Role::Group {
            self.line("role", "a property of groups: draws read it, rates do not");
        }
        if let Some(spread) = entry.between_subject {
            self.line(
                "between",
                &format!("animals: coefficient of variation {spread}"),
            );
        }
        for (other, correlation) in &entry.correlated_with {
            self.line("correlated", &format!("with {other}: {correlation}"));
        }
        for (name, subject) in &self.declaration.subjects {
            if let Some(value) = subject.parameters.get(id) {
                self.line(
                    "in subject",
                    &format!("{name}: {} {}", value.value, entry.unit),
                );
            }
        }
    }

    /// The balance of a species: every process that changes it, with its sign.
    fn balance(&mut self, id: &str) {
        let mut rows = Vec::new();
        for (process, entry) in &self.declaration.processes {
            if let Some(factor) = entry.changes.get(id) {
                let off = if entry.enabled { "" } else { "   (off)" };
                rows.push(format!(
                    "{} \u{d7} {process}: {}{off}",
                    factor.text(),
                    entry.rate.text()
                ));
            }
        }
        for (index, row) in rows.iter().enumerate() {
            self.line(if index == 0 { "change" } else { "" }, row);
        }
    }

    fn modulators(&mut self, target: &str) {
        for (id, modulator) in &self.declaration.modulators {
            if modulator.acts_on.iter().any(|acted| acted.value == target) {
                self.line("times", &format!("{id}: {}", modulator.factor.text()));
            }
        }
    }

    /// What reads a name.
    fn read_by(&mut self, id: &str) {
        let d = self.declaration;
        let reads = |expression: &Expression| {
            expression.names().contains(id) || expression.resting_names().contains(id)
        };
        let named = |found: bool, name: &'_ String| found.then_some(name.clone());
        let mut all: Vec<String> = Vec::new();
        all.extend(
            d.processes.iter().filter_map(|(name, p)| {
                named(reads(&p.rate) || p.changes.values().any(reads), name)
            }),
        );
        all.extend(
            d.modulators
                .iter()
                .filter_map(|(name, m)| named(reads(&m.factor), name)),
        );
        all.extend(
            d.assignments
                .iter()
                .filter_map(|(name, a)| named(reads(&a.value), name)),
        );
        all.extend(
            d.observables
                .iter()
                .filter_map(|(name, o)| named(reads(&o.value), name)),
        );
        all.extend(
            d.events
                .iter()
                .filter_map(|(name, e)| named(reads(&e.when), name)),
        );
        all.extend(d.interventions.iter().filter_map(|(name, i)| {
            let effects = i.effects.iter().chain(&i.impulses);
            let touches = |e: &Effect| e.target.value == id || reads(&e.value);
            named(effects.into_iter().any(touches), name)
        }));
        self.line("read by", &all.join(", "));
    }

    fn intervention(&mut self, entry: &Intervention) {
        let also = match entry.dose.also.as_slice() {
            [] => String::new(),
            also => format!(" (also written {})", also.join(", ")),
        };
        self.line("dose in", &format!("{}{also}", entry.dose.unit));
        let word = |kind: EffectKind| match kind {
            EffectKind::Set => "is set to",
            EffectKind::Scale => "is multiplied by",
            EffectKind::Add => "is raised by",
        };
        for effect in &entry.effects {
            let text = format!(
                "{} {} {}",
                effect.target.value,
                word(effect.kind),
                effect.value.text()
            );
            self.line("while open", &text);
        }
        for effect in &entry.impulses {
            let text = format!(
                "{} {} {}",
                effect.target.value,
                word(effect.kind),
                effect.value.text()
            );
            self.line("at start", &text);
        }
    }

    fn subject(&mut self, id: &str, entry: &Subject) {
        self.title("subject", id, &entry.place);
        self.brief.line(entry.says.as_str());
        self.brief.gap();
        self.line("species", entry.species.as_deref().unwrap_or_default());
        self.line("strain", entry.strain.as_deref().unwrap_or_default());
        self.line("genotype", entry.genotype.as_deref().unwrap_or_default());
        self.line(
            "extends",
            entry
                .extends
                .as_ref()
                .map_or("", |name| name.value.as_str()),
        );
        for (parameter, value) in &entry.parameters {
            let unit = self
                .declaration
                .parameters
                .get(parameter)
                .map(|p| p.unit.to_string());
            let unit = unit.unwrap_or_default();
            let evidence = ids(&value.evidence);
            let ground = match (&value.assumed, evidence.is_empty()) {
                (Some(reason), true) => format!("assumed: {reason}"),
                (Some(reason), false) => format!("{evidence}; assumed: {reason}"),
                (None, _) => evidence,
            };
            self.line(
                "parameter",
                &format!("{parameter} = {} {unit}   ({ground})", value.value),
            );
        }
        for (parameter, value) in &entry.steady_as {
            self.line("at rest", &format!("{parameter} = {value}"));
        }
    }

    /// What an entry rests on: rows of evidence in full, or the reason of an assumption.
    fn ground(&mut self, common: &Common) {
        self.line("links", &common.link.join(", "));
        self.line("assumed", common.assumed.as_deref().unwrap_or_default());
        for id in &common.evidence {
            if let Some(row) = self.declaration.evidence.get(&id.value) {
                self.brief.gap();
                self.brief.spans([
                    Span::plain("  evidence "),
                    Span::toned(Tone::Strong, id.value.as_str()),
                ]);
                self.evidence(row);
            }
        }
    }

    fn evidence(&mut self, row: &Evidence) {
        let text = |option: &Option<String>| option.clone().unwrap_or_default();
        self.brief.line(row.says.as_str());
        self.line("quantity", &text(&row.quantity));
        if let Some(value) = row.value {
            let spread = row.spread.map_or_else(String::new, |spread| {
                format!(" \u{b1} {spread} ({})", text(&row.spread_kind))
            });
            let n = row.n.map_or_else(String::new, |n| format!(", n = {n}"));
            let unit = row.unit.as_ref().map_or("", |unit| unit.value.as_str());
            self.line("value", &format!("{value} {unit}{spread}{n}"));
        }
        for (name, value) in &row.values {
            let unit = row.unit.as_ref().map_or("", |unit| unit.value.as_str());
            let spread = row.spreads.get(name);
            let spread = spread.map_or_else(String::new, |spread| format!(" \u{b1} {spread}"));
            self.line("", &format!("{name}: {value}{spread} {unit}"));
        }
        self.line("groups", &text(&row.groups));
        self.line("sign", &text(&row.sign));
        let whom = [&row.species, &row.strain, &row.age, &row.condition];
        let whom: Vec<&str> = whom
            .into_iter()
            .filter_map(|part| part.as_deref())
            .collect();
        self.line("in", &whom.join(", "));
        let doi = row.doi.as_ref().map(|doi| format!("doi:{doi}"));
        let source: Vec<String> = [row.source.clone(), doi, row.pmc.clone()]
            .into_iter()
            .flatten()
            .collect();
        self.line("source", &source.join(", "));
        self.line(
            "grade",
            &format!("{}, used to {}", row.grade.word(), row.role.word()),
        );
        self.line("conflicts", &ids(&row.conflicts_with));
    }
}

fn ids(list: &[Written<String>]) -> String {
    list.iter()
        .map(|id| id.value.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
