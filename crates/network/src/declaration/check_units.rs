//! Checks the units of every expression and finds the unit of every rate.

use std::collections::BTreeMap;

use crate::expression::{Expression, measure, measure_as};
use crate::fault::{Code, Collector, Fault};
use crate::unit::Unit;

use super::entry::{EffectKind, InitialValue, Process};
use super::reader::per_day;
use super::{Declaration, Dose};

pub(crate) type UnitsByName<'a> = BTreeMap<&'a str, &'a Unit>;

/// The unit of a name inside an intervention, where `dose` has the unit of the dose.
pub(crate) fn unit_with_dose(units: &UnitsByName<'_>, name: &str, dose: &Dose) -> Option<Unit> {
    if name == "dose" {
        return Some(dose.unit.clone());
    }
    units.get(name).map(|unit| (*unit).clone())
}

impl Declaration {
    /// The unit of an observable or species: of what has a course and can be measured.
    #[must_use]
    pub fn unit_of_course(&self, id: &str) -> Option<&Unit> {
        let observable = self.observables.get(id).map(|entry| &entry.unit);
        observable.or_else(|| self.species.get(id).map(|entry| &entry.unit))
    }

    /// The unit of anything an expression can read.
    #[must_use]
    pub fn unit_of(&self, name: &str) -> Option<Unit> {
        let species = self.species.get(name).map(|entry| &entry.unit);
        species
            .or_else(|| self.parameters.get(name).map(|entry| &entry.unit))
            .or_else(|| self.assignments.get(name).map(|entry| &entry.unit))
            .or_else(|| self.observables.get(name).map(|entry| &entry.unit))
            .cloned()
    }

    /// The unit of everything an expression can read, by name.
    pub(crate) fn units_by_name(&self) -> UnitsByName<'_> {
        let species = self.species.iter().map(|(id, it)| (id.as_str(), &it.unit));
        let parameters = self
            .parameters
            .iter()
            .map(|(id, it)| (id.as_str(), &it.unit));
        let assignments = self
            .assignments
            .iter()
            .map(|(id, it)| (id.as_str(), &it.unit));
        let observables = self
            .observables
            .iter()
            .map(|(id, it)| (id.as_str(), &it.unit));
        // Where a name is declared twice, which is a fault, the same wins as in `unit_of`.
        observables
            .chain(assignments)
            .chain(parameters)
            .chain(species)
            .collect()
    }
}

pub(super) fn check(declaration: &mut Declaration, faults: &Collector) {
    let units = declaration.units_by_name();
    let rate = |(id, process): (&String, &Process)| {
        (
            id.clone(),
            check_process(declaration, id, process, &units, faults),
        )
    };
    let rates: Vec<(String, Option<Unit>)> = declaration.processes.iter().map(rate).collect();
    for (id, unit) in rates {
        if let (Some(process), Some(unit)) = (declaration.processes.get_mut(&id), unit) {
            process.unit = unit;
        }
    }
    let d = &*declaration;
    let units = d.units_by_name();
    let unit_of = |name: &str| units.get(name).map(|unit| (*unit).clone());
    let check = |expression: &Expression, target: &Unit, what: String| {
        measure_as(expression, &unit_of, target, &what, faults);
    };
    for (id, species) in &d.species {
        if let InitialValue::Given(initial) = &species.initial {
            check(initial, &species.unit, format!("the species `{id}` is"));
        }
    }
    for (id, modulator) in &d.modulators {
        let what = format!("the factor of the modulator `{id}` is a pure number,");
        check(&modulator.factor, &Unit::one(), what);
    }
    for (id, assignment) in &d.assignments {
        check(
            &assignment.value,
            &assignment.unit,
            format!("the assignment `{id}` is"),
        );
    }
    for (id, observable) in &d.observables {
        check(
            &observable.value,
            &observable.unit,
            format!("the observable `{id}` is"),
        );
    }
    for event in d.events.values() {
        measure(&event.when, &unit_of, faults);
    }
    check_interventions(d, &units, faults);
}

fn check_interventions(d: &Declaration, units: &UnitsByName<'_>, faults: &Collector) {
    for intervention in d.interventions.values() {
        let unit_of = |name: &str| unit_with_dose(units, name, &intervention.dose);
        for effect in intervention.effects.iter().chain(&intervention.impulses) {
            let id = &effect.target.value;
            let Some(unit) = d.unit_of(id) else {
                continue;
            };
            let (unit, what) = match effect.kind {
                EffectKind::Set | EffectKind::Add => (unit, format!("`{id}` is")),
                EffectKind::Scale => (Unit::one(), format!("a factor on `{id}` is a pure number,")),
            };
            measure_as(&effect.value, &unit_of, &unit, &what, faults);
        }
    }
}

/// The unit of a process: that of the first species it changes by a pure number,
/// per day; else that of its rate as it is.
fn check_process(
    d: &Declaration,
    id: &str,
    process: &Process,
    units: &UnitsByName<'_>,
    faults: &Collector,
) -> Option<Unit> {
    let unit_of = |name: &str| units.get(name).map(|unit| (*unit).clone());
    let rate = measure(&process.rate, &unit_of, faults).unit;
    let mut unit = None;
    let mut coefficients = Vec::new();
    for (species, coefficient) in &process.changes {
        let measured = measure(coefficient, &unit_of, faults).unit;
        let Some(target) = d.species.get(species).map(|species| per_day(&species.unit)) else {
            continue;
        };
        if unit.is_none() && measured.as_ref().is_some_and(Unit::is_dimensionless) {
            unit = Some(target.clone());
        }
        if let Some(measured) = measured {
            coefficients.push((species, coefficient, measured, target));
        }
    }
    let rate = rate?;
    // Report the rate once where it alone is wrong, not for every species.
    if let Some(wanted) = &unit
        && rate.conversion_to(wanted).is_err()
    {
        let names: Vec<_> = coefficients
            .iter()
            .filter(|(_, _, measured, _)| measured.is_dimensionless())
            .map(|(species, ..)| format!("`{species}`"))
            .collect();
        let place = process.rate.place();
        let message = format!(
            "the rate of `{id}` is in {rate}, but it changes {} and so must be in {wanted}",
            names.join(", ")
        );
        faults.add(
            Fault::new(Code::UnitsDiffer, message, place)
                .label(format!("in {rate}"))
                .help(crate::expression::explain(&rate, wanted)),
        );
        return None;
    }
    let unit = unit.unwrap_or(rate);
    for (species, coefficient, measured, target) in coefficients {
        let change = unit.multiply(&measured);
        if change.conversion_to(&target).is_err() {
            let message = format!(
                "`{id}` changes `{species}` by {change} (rate in {unit}, times {measured}), but it must be {target}"
            );
            faults.add(
                Fault::new(Code::UnitsDiffer, message, coefficient.place())
                    .label(format!("in {measured}"))
                    .help(crate::expression::explain(&change, &target)),
            );
        }
    }
    Some(unit)
}
