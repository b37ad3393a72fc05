//! Reads each kind of entry from its table.
//!
//! A reader asks for every key before it gives up, so that all faults of an
//! entry are said at once; `None` means that something needed was missing and
//! has been reported.

use std::collections::BTreeMap;

use crate::expression::Expression;
use crate::fault::{Code, Fault, Place};
use crate::reading::{Content, Field, Table, Written};
use crate::unit::Unit;

use super::entry::{
    Assay, AssayNoise, Assignment, Compartment, Crossing, Dose, DoseRange, Effect, EffectKind,
    Ending, Event, InitialValue, Intervention, Modulator, Observable, Parameter, Prior, Process,
    Role, Species,
};
use super::reader::{Grounds, Reader};

/// The unit of what is relative to something else.
const FOLD: &str = "fold";

fn is_enabled(table: &Table<'_>) -> bool {
    table
        .optional_boolean("enabled")
        .is_none_or(|enabled| enabled.value)
}

fn optional(table: &Table<'_>, key: &str) -> Option<String> {
    table.optional_text(key).map(|written| written.value)
}

impl Reader<'_> {
    fn required_expression(
        &self,
        table: &Table<'_>,
        key: &str,
        unit: Option<&Unit>,
    ) -> Option<Expression> {
        self.expression(&table.required(key)?, unit)
    }

    pub(super) fn compartment(&self, table: Table<'_>, place: &Place) -> Option<Compartment> {
        let common = self.common(&table, place, Grounds::Optional);
        if table.field("region").is_none() {
            table.missing("region", None);
        }
        let regions = &self.family.regions;
        let region = if regions.is_empty() {
            table.optional_text("region").map(|word| word.value)
        } else {
            let words: Vec<_> = regions.iter().map(|it| (it.word.as_str(), it)).collect();
            table.word("region", &words).map(|it| it.value.word.clone())
        };
        table.finish();
        Some(Compartment {
            common,
            region: region?,
        })
    }

    pub(super) fn species(&self, table: Table<'_>, place: &Place) -> Option<Species> {
        let common = self.common(&table, place, Grounds::Optional);
        let compartment = table.text("where");
        let unit = self.required_unit(&table);
        let initial = self.initial(&table, unit.as_ref());
        let scale = table.number("scale");
        if let Some(scale) = &scale
            && scale.value <= 0.0
        {
            let message = format!("`{}.scale` must be greater than zero", table.path());
            self.faults
                .add(Fault::new(Code::OutOfRange, message, &scale.place));
        }
        let symbol = optional(&table, "symbol");
        let label = optional(&table, "label");
        let enabled = is_enabled(&table);
        table.finish();
        Some(Species {
            common,
            compartment: compartment?,
            unit: unit?,
            initial: initial?,
            scale: scale?.value,
            symbol,
            label,
            enabled,
        })
    }

    /// `initial` as a number, an expression or "steady", which needs a `guess`.
    fn initial(&self, table: &Table<'_>, unit: Option<&Unit>) -> Option<InitialValue> {
        let guess = table.field("guess");
        let field = table.required("initial")?;
        if field.value().content != Content::Text("steady".to_owned()) {
            if let Some(guess) = guess {
                guess.fault(
                    Code::NoMeaning,
                    format!(
                        "`{}` has a `guess` but its initial value is given",
                        table.path()
                    ),
                    Some("a guess belongs to initial = \"steady\"".to_owned()),
                );
            }
            return Some(InitialValue::Given(self.expression(&field, unit)?));
        }
        let Some(guess) = guess else {
            let help = "a steady initial value needs a number to start its search from";
            table.missing("guess", Some(help.to_owned()));
            return None;
        };
        let guess = guess.number()?.value;
        Some(InitialValue::Steady { guess })
    }

    pub(super) fn parameter(&self, table: Table<'_>, place: &Place) -> Option<Parameter> {
        let common = self.common(&table, place, Grounds::Required);
        let unit = self.required_unit(&table);
        let value = table.number("value");
        let role = table.word("role", &[("input", Role::Input), ("group", Role::Group)]);
        let role = role.map_or(Role::Property, |role| role.value);
        let prior = table.word("prior", Prior::WORDS);
        let range = self.range(&table);
        if role != Role::Input && table.field("prior").is_none() {
            let help = "lognormal, logitnormal, normal, uniform, loguniform or fixed";
            table.missing("prior", Some(help.to_owned()));
        }
        let prior = prior.map_or(Prior::Fixed, |prior| prior.value);
        if role != Role::Input && prior != Prior::Fixed && table.field("range").is_none() {
            let help = "range = [lowest, highest] plausible value";
            table.missing("range", Some(help.to_owned()));
        }
        if let (Some((low, high)), Some(value)) = (&range, &value) {
            self.check_range(&table, *low, *high, prior, value);
        }
        let between_subject = table.optional_number("between_subject");
        if let Some(spread) = &between_subject
            && spread.value < 0.0
        {
            let message = format!("`{}.between_subject` is negative", table.path());
            self.faults
                .add(Fault::new(Code::BadSpread, message, &spread.place));
        }
        let correlated_with = self.correlations(&table);
        let symbol = optional(&table, "symbol");
        table.finish();
        Some(Parameter {
            common,
            unit: unit?,
            value: value?.value,
            range,
            prior,
            between_subject: between_subject.map(|spread| spread.value),
            correlated_with,
            role,
            symbol,
        })
    }

    /// Two numbers, the lower one first.
    fn range(&self, table: &Table<'_>) -> Option<(f64, f64)> {
        let field = table.field("range")?;
        let items = field.array()?;
        let [low, high] = items.as_slice() else {
            field.expected("a list of two numbers");
            return None;
        };
        let (low, high) = (low.number(), high.number());
        let (low, high) = (low?.value, high?.value);
        if low >= high {
            let message = format!("the range of `{}` must rise", table.path());
            let help = format!("{low} is not below {high}");
            self.faults
                .add(Fault::new(Code::BadRange, message, &field.place()).help(help));
            return None;
        }
        Some((low, high))
    }

    fn check_range(
        &self,
        table: &Table<'_>,
        low: f64,
        high: f64,
        prior: Prior,
        value: &Written<f64>,
    ) {
        if value.value < low || value.value > high {
            let message = format!("the value of `{}` is outside its range", table.path());
            let fault = Fault::new(Code::OutOfRange, message, &value.place);
            self.faults
                .add(fault.label(format!("not in [{low}, {high}]")));
        }
        if matches!(prior, Prior::LogNormal | Prior::LogUniform)
            && low <= 0.0
            && let Some(field) = table.field("range")
        {
            let message = format!(
                "`{}` has a {} prior, so its range must be positive",
                table.path(),
                prior.word()
            );
            field.fault(Code::BadRange, message, None);
        }
    }

    fn correlations(&self, table: &Table<'_>) -> BTreeMap<String, f64> {
        let mut correlations = BTreeMap::new();
        let Some(inner) = table.sub_table("correlated_with") else {
            return correlations;
        };
        for (name, _, field) in inner.entries() {
            let Some(number) = field.number() else {
                continue;
            };
            if number.value.abs() > 1.0 {
                let message = format!("the correlation with `{name}` must be between -1 and 1");
                self.faults
                    .add(Fault::new(Code::BadCorrelation, message, &number.place));
            }
            correlations.insert(name.to_owned(), number.value);
        }
        correlations
    }

    pub(super) fn process(&self, table: Table<'_>, place: &Place) -> Option<Process> {
        let common = self.common(&table, place, Grounds::Required);
        let rate = self.required_expression(&table, "rate", None);
        let mut changes = BTreeMap::new();
        let inner = table.required("changes").and_then(|field| field.table());
        if let Some(inner) = &inner {
            let entries = inner.entries();
            if entries.is_empty() {
                let message = format!("`{}` changes nothing", table.path());
                self.faults
                    .add(Fault::new(Code::Empty, message, &inner.place()));
            }
            for (species, _, field) in entries {
                if let Some(expression) = self.expression(&field, None) {
                    changes.insert(species.to_owned(), expression);
                }
            }
        }
        let pathway = optional(&table, "pathway");
        let enabled = is_enabled(&table);
        table.finish();
        Some(Process {
            common,
            changes,
            rate: rate?,
            // Found by the unit check, which knows all species.
            unit: Unit::one(),
            pathway,
            enabled,
        })
    }

    pub(super) fn modulator(&self, table: Table<'_>, place: &Place) -> Option<Modulator> {
        let common = self.common(&table, place, Grounds::Required);
        let factor = self.required_expression(&table, "factor", None);
        let acts_on = table.required("acts_on").and_then(|field| field.texts());
        if acts_on.as_ref().is_some_and(Vec::is_empty) {
            let message = format!("`{}` acts on nothing", table.path());
            self.faults.add(Fault::new(Code::Empty, message, place));
        }
        let pathway = optional(&table, "pathway");
        let enabled = is_enabled(&table);
        table.finish();
        Some(Modulator {
            common,
            factor: factor?,
            acts_on: acts_on?,
            pathway,
            enabled,
        })
    }

    pub(super) fn assignment(&self, table: Table<'_>, place: &Place) -> Option<Assignment> {
        let common = self.common(&table, place, Grounds::Required);
        let unit = self.required_unit(&table);
        let value = self.required_expression(&table, "value", unit.as_ref());
        let compartment = table.optional_text("where");
        let symbol = optional(&table, "symbol");
        let label = optional(&table, "label");
        table.finish();
        Some(Assignment {
            common,
            unit: unit?,
            value: value?,
            compartment,
            symbol,
            label,
        })
    }

    pub(super) fn observable(&self, table: Table<'_>, place: &Place) -> Option<Observable> {
        let common = self.common(&table, place, Grounds::Optional);
        let unit = self.required_unit(&table);
        let value = self.required_expression(&table, "value", unit.as_ref());
        let label = optional(&table, "label");
        let relative_to = self.relative_to(&table, unit.as_ref());
        let axis = optional(&table, "axis");
        let assay = table
            .sub_table("assay")
            .and_then(|inner| self.assay(inner, place));
        table.finish();
        Some(Observable {
            common,
            unit: unit?,
            value: value?,
            label,
            relative_to,
            axis,
            assay,
        })
    }

    /// What a fold is relative to: a quantity in another unit is relative to nothing.
    fn relative_to(&self, table: &Table<'_>, unit: Option<&Unit>) -> Option<String> {
        let written = table.optional_text("relative_to")?;
        if unit.is_some_and(|unit| unit.to_string() != FOLD) {
            let message = format!("`{}` is no fold of anything", table.path());
            let help = "remove `relative_to`, or write `unit = \"fold\"`";
            self.faults
                .add(Fault::new(Code::NoMeaning, message, &written.place).help(help));
        }
        Some(written.value)
    }

    /// `variation` or `counts`, and the grounds.
    fn assay(&self, table: Table<'_>, place: &Place) -> Option<Assay> {
        let (evidence, assumed) = self.grounds(&table, place, Grounds::Required);
        let variation = table.optional_number("variation");
        let counts = table.optional_text("counts");
        let noise = match (variation, counts) {
            (Some(variation), None) if variation.value > 0.0 => {
                Some(AssayNoise::LogNormal(variation.value))
            }
            (None, Some(counts)) => Some(AssayNoise::Counts(counts.value)),
            _ => {
                let message = format!("`{}` is no assay", table.path());
                let help = "write `variation = 0.1` or `counts = \"name\"`, one of both";
                self.faults
                    .add(Fault::new(Code::BadAssay, message, &table.place()).help(help));
                None
            }
        };
        table.finish();
        Some(Assay {
            noise: noise?,
            evidence,
            assumed,
        })
    }

    pub(super) fn event(&self, table: Table<'_>, place: &Place) -> Option<Event> {
        let common = self.common(&table, place, Grounds::Optional);
        let when = self.required_expression(&table, "when", None);
        let direction = table.word("direction", Crossing::WORDS);
        let ends = table.optional_boolean("ends");
        let endpoints = self.family.endpoints.iter();
        let words: Vec<_> = endpoints.map(|it| (it.word(), it)).collect();
        let endpoint = table.word("endpoint", &words);
        table.finish();
        Some(Event {
            common,
            when: when?,
            direction: direction.map_or(Crossing::Either, |word| word.value),
            ending: if ends.is_some_and(|ends| ends.value) {
                Ending::Ends
            } else {
                Ending::Continues
            },
            endpoint: endpoint.map(|word| word.value.clone()),
        })
    }

    /// `{ from, to }` in words of a dose, with its grounds; `from` is no dose if it is left out.
    fn dose_range(&self, table: &Table<'_>, key: &str, dose: &Dose) -> Option<DoseRange> {
        let inner = table.sub_table(key)?;
        let place = inner.place();
        let (evidence, assumed) = self.grounds(&inner, &place, Grounds::Required);
        let from = match inner.field("from") {
            Some(field) => self.dose(&field, dose),
            None => Some(0.0),
        };
        let to = inner
            .required("to")
            .and_then(|field| self.dose(&field, dose));
        inner.finish();
        let (from, to) = (from?, to?);
        if from < 0.0 || from > to {
            let message = format!("the range `{}.{key}` must rise", table.path());
            let help = format!("{from} is not below {to}, or below zero");
            self.faults
                .add(Fault::new(Code::BadRange, message, &place).help(help));
            return None;
        }
        Some(DoseRange {
            from,
            to,
            evidence,
            assumed,
        })
    }

    /// A dose: as a scenario would write it.
    fn dose(&self, field: &Field<'_>, dose: &Dose) -> Option<f64> {
        let Content::Text(_) = field.value().content else {
            let number = field.number()?;
            let read = dose.read_number(number.value);
            if read.is_none() {
                field.expected("a dose with its unit, in quotes");
            }
            return read;
        };
        let written = field.text()?;
        match dose.read(&written.value, self.units) {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.add(error.fault(&written));
                None
            }
        }
    }

    pub(super) fn intervention(&self, table: Table<'_>, place: &Place) -> Option<Intervention> {
        let common = self.common(&table, place, Grounds::Required);
        let dose = table
            .required("dose")
            .and_then(|field| field.table())
            .and_then(|dose| {
                let unit = self.required_unit(&dose);
                let also = dose.optional_texts("also");
                dose.finish();
                Some(Dose {
                    unit: unit?,
                    also: also.into_iter().map(|also| also.value).collect(),
                    studied: None,
                    survived: None,
                })
            });
        let dose = dose.map(|dose| Dose {
            studied: self.dose_range(&table, "studied", &dose),
            survived: self.dose_range(&table, "survived", &dose),
            ..dose
        });
        let effects = self.effects(&table);
        let impulses = match table.sub_table("impulse") {
            Some(inner) => {
                let impulses = self.effects(&inner);
                inner.finish();
                impulses
            }
            None => Vec::new(),
        };
        let writes_any = ["sets", "scales", "adds", "impulse"]
            .iter()
            .any(|key| table.field(key).is_some());
        if !writes_any {
            let message = format!("`{}` does nothing", table.path());
            let help = "give it `sets`, `scales` or `adds` (parameters) or an `impulse` (species)";
            self.faults
                .add(Fault::new(Code::Empty, message, place).help(help));
        }
        table.finish();
        Some(Intervention {
            common,
            dose: dose?,
            effects,
            impulses,
        })
    }

    /// Effects under `sets`, `scales` and `adds`, in this order and by target.
    fn effects(&self, table: &Table<'_>) -> Vec<Effect> {
        let kinds = [
            ("sets", EffectKind::Set),
            ("scales", EffectKind::Scale),
            ("adds", EffectKind::Add),
        ];
        let mut effects = Vec::new();
        for (key, kind) in kinds {
            let Some(inner) = table.sub_table(key) else {
                continue;
            };
            for (target, place, field) in inner.entries() {
                if let Some(value) = self.expression(&field, None) {
                    let target = Written {
                        value: target.to_owned(),
                        place,
                    };
                    effects.push(Effect {
                        kind,
                        target,
                        value,
                    });
                }
            }
        }
        effects
    }
}
