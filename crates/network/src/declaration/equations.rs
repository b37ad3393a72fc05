//! Equations of entries as text and LaTeX, and what each entry reads.
//!
//! Entries are named with their kind: "process.x", "species.zo1_ileum".

use std::collections::{BTreeMap, BTreeSet};

use crate::expression::Expression;
use crate::expression::latex_words;

use super::{Declaration, Effect, EffectKind, InitialValue};

impl Declaration {
    /// The names an entry reads, modulators that act on it not included; those in
    /// `resting(…)` count. Empty for entries that read nothing or do not exist.
    #[must_use]
    pub fn reads(&self, entry: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for expression in self.expressions_of(entry) {
            let all = expression
                .names()
                .into_iter()
                .chain(expression.resting_names());
            names.extend(all.map(str::to_owned));
        }
        names.remove("dose");
        names
    }

    /// By entry ("process.x", "modulator.x", "assignment.x", "observable.x",
    /// "event.x", "intervention.x"): the names it reads.
    #[must_use]
    pub fn all_reads(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut ids: Vec<String> = Vec::new();
        let mut add = |kind: &str, names: Vec<&String>| {
            ids.extend(names.into_iter().map(|name| format!("{kind}.{name}")));
        };
        add("process", self.processes.keys().collect());
        add("modulator", self.modulators.keys().collect());
        add("assignment", self.assignments.keys().collect());
        add("observable", self.observables.keys().collect());
        add("event", self.events.keys().collect());
        add("intervention", self.interventions.keys().collect());
        ids.into_iter()
            .map(|id| (id.clone(), self.reads(&id)))
            .collect()
    }

    /// Ids of the modulators that act on "process.x" or "assignment.x", in order.
    #[must_use]
    pub fn modulators_of(&self, target: &str) -> Vec<&str> {
        let acts = |id: &&String| {
            let modulator = self.modulators.get(*id);
            modulator.is_some_and(|it| it.acts_on.iter().any(|on| on.value == target))
        };
        self.modulators
            .keys()
            .filter(acts)
            .map(String::as_str)
            .collect()
    }

    /// Ids of the processes that change a species, in order.
    #[must_use]
    pub fn processes_of(&self, species: &str) -> Vec<&str> {
        let changing = self
            .processes
            .iter()
            .filter(|(_, it)| it.changes.contains_key(species));
        changing.map(|(id, _)| id.as_str()).collect()
    }

    fn expressions_of(&self, entry: &str) -> Vec<&Expression> {
        let Some((kind, id)) = entry.split_once('.') else {
            return Vec::new();
        };
        match kind {
            "species" => match self.species.get(id).map(|it| &it.initial) {
                Some(InitialValue::Given(initial)) => vec![initial],
                _ => Vec::new(),
            },
            "process" => self.processes.get(id).map_or_else(Vec::new, |it| {
                std::iter::once(&it.rate)
                    .chain(it.changes.values())
                    .collect()
            }),
            "modulator" => self
                .modulators
                .get(id)
                .map(|it| &it.factor)
                .into_iter()
                .collect(),
            "assignment" => self
                .assignments
                .get(id)
                .map(|it| &it.value)
                .into_iter()
                .collect(),
            "observable" => self
                .observables
                .get(id)
                .map(|it| &it.value)
                .into_iter()
                .collect(),
            "event" => self.events.get(id).map(|it| &it.when).into_iter().collect(),
            "intervention" => self.interventions.get(id).map_or_else(Vec::new, |it| {
                it.effects
                    .iter()
                    .chain(&it.impulses)
                    .map(|effect| &effect.value)
                    .collect()
            }),
            _ => Vec::new(),
        }
    }

    /// The equation of an entry as text in the rate language, modulators included;
    /// `None` for entries that have none or do not exist.
    #[must_use]
    pub fn equation_text(&self, entry: &str) -> Option<String> {
        let (kind, id) = entry.split_once('.')?;
        let factors = || {
            let modulators = self.modulators_of(entry);
            modulators
                .iter()
                .map(|id| format!(" * {id}"))
                .collect::<String>()
        };
        // A sum must be in brackets before it is multiplied by modulators.
        let modulated = |text: String, factors: String| {
            if factors.is_empty() {
                text
            } else {
                format!("({text}){factors}")
            }
        };
        Some(match kind {
            "species" if self.species.contains_key(id) => {
                format!("d {id} / dt = {}", self.sum_text(id))
            }
            "process" => modulated(self.processes.get(id)?.rate.to_text(), factors()),
            "modulator" => self.modulators.get(id)?.factor.to_text(),
            "assignment" => {
                let value = self.assignments.get(id)?.value.to_text();
                format!("{id} = {}", modulated(value, factors()))
            }
            "observable" => format!("{id} = {}", self.observables.get(id)?.value.to_text()),
            "event" => format!("{} = 0", self.events.get(id)?.when.to_text()),
            "intervention" => {
                let it = self.interventions.get(id)?;
                let effects = it.effects.iter().chain(&it.impulses);
                effects.map(effect_text).collect::<Vec<_>>().join("; ")
            }
            _ => return None,
        })
    }

    /// The derivative of a species as a sum of processes.
    fn sum_text(&self, species: &str) -> String {
        let mut text = String::new();
        for id in self.processes_of(species) {
            let Some(coefficient) = self
                .processes
                .get(id)
                .and_then(|it| it.changes.get(species))
            else {
                continue;
            };
            let coefficient = coefficient.to_text();
            let (sign, rest) = match coefficient.strip_prefix('-') {
                Some(rest) if !rest.contains(' ') => ("-", rest),
                _ => ("+", coefficient.as_str()),
            };
            let factor = match rest {
                "1" => String::new(),
                rest if rest.contains(' ') => format!("({rest}) * "),
                rest => format!("{rest} * "),
            };
            match (text.is_empty(), sign) {
                (true, "+") => {}
                (true, _) => text.push('-'),
                (false, _) => text.push_str(&format!(" {sign} ")),
            }
            text.push_str(&format!("{factor}{id}"));
        }
        if text.is_empty() {
            "0".to_owned()
        } else {
            text
        }
    }

    /// The LaTeX of a name: its declared symbol, or its words upright.
    #[must_use]
    pub fn symbol(&self, name: &str) -> String {
        let species = self.species.get(name).and_then(|it| it.symbol.clone());
        let parameter = || self.parameters.get(name).and_then(|it| it.symbol.clone());
        let assignment = || self.assignments.get(name).and_then(|it| it.symbol.clone());
        species
            .or_else(parameter)
            .or_else(assignment)
            .unwrap_or_else(|| format!("\\mathrm{{{}}}", latex_words(&name.replace('_', " "))))
    }

    /// The equation of an entry as LaTeX for mathematics mode, modulators included;
    /// `None` for entries that have none or do not exist.
    #[must_use]
    pub fn equation_latex(&self, entry: &str) -> Option<String> {
        let (kind, id) = entry.split_once('.')?;
        let symbol = |name: &str| self.symbol(name);
        let name = self.symbol(id);
        let modulated = |expression: &Expression| {
            let value = expression.to_latex(&symbol);
            let modulators = self.modulators_of(entry);
            if modulators.is_empty() {
                return value;
            }
            let factors: Vec<_> = modulators
                .iter()
                .map(|id| format!("m_{{{}}}", self.symbol(id)))
                .collect();
            format!("\\left({value}\\right) \\, {}", factors.join(" \\, "))
        };
        Some(match kind {
            "species" if self.species.contains_key(id) => {
                format!("\\frac{{d\\,{name}}}{{dt}} = {}", self.sum_latex(id))
            }
            "process" => format!(
                "v_{{{name}}} = {}",
                modulated(&self.processes.get(id)?.rate)
            ),
            "modulator" => {
                let factor = self.modulators.get(id)?.factor.to_latex(&symbol);
                format!("m_{{{name}}} = {factor}")
            }
            "assignment" => format!("{name} = {}", modulated(&self.assignments.get(id)?.value)),
            "observable" => {
                format!(
                    "{name} = {}",
                    self.observables.get(id)?.value.to_latex(&symbol)
                )
            }
            "event" => format!("{} = 0", self.events.get(id)?.when.to_latex(&symbol)),
            _ => return None,
        })
    }

    fn sum_latex(&self, species: &str) -> String {
        let symbol = |name: &str| self.symbol(name);
        let mut text = String::new();
        for id in self.processes_of(species) {
            let Some(coefficient) = self
                .processes
                .get(id)
                .and_then(|it| it.changes.get(species))
            else {
                continue;
            };
            let rate = format!("v_{{{}}}", self.symbol(id));
            let coefficient = coefficient.to_latex(&symbol);
            let term = match coefficient.as_str() {
                "1" => rate,
                "-1" => format!("-{rate}"),
                other if other.contains(" + ") || other.contains(" - ") => {
                    format!("\\left({other}\\right) \\, {rate}")
                }
                other => format!("{other} \\, {rate}"),
            };
            if text.is_empty() {
                text = term;
            } else if let Some(rest) = term.strip_prefix('-') {
                text.push_str(&format!(" - {rest}"));
            } else {
                text.push_str(&format!(" + {term}"));
            }
        }
        if text.is_empty() {
            "0".to_owned()
        } else {
            text
        }
    }
}

fn effect_text(effect: &Effect) -> String {
    let verb = match effect.kind {
        EffectKind::Set => "=",
        EffectKind::Scale => "*=",
        EffectKind::Add => "+=",
    };
    format!("{} {verb} {}", effect.target.value, effect.value.to_text())
}
