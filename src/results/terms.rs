//! What figures call those who are drawn, and how they tell time: the words and the clock of the family.

use gutbrain_network::Declaration;
use gutbrain_network::unit::Unit;

use crate::report::figure::{Clock, Subjects, Terms};
use crate::scenario::Scenario;

/// The terms of a scenario's subjects.
#[must_use]
pub fn terms(declaration: &Declaration, scenario: &Scenario) -> Terms {
    let subjects = Subjects {
        many: declaration.family.in_its_words("animals"),
    };
    Terms {
        subjects,
        clock: clock(declaration, scenario),
    }
}

/// What ages in tables are counted from and how the clock of the family reads them, one sentence; nothing for
/// ages since birth in days.
#[must_use]
pub fn reading(declaration: &Declaration, scenario: &Scenario) -> Option<String> {
    let chosen = declaration.family.clock.as_ref()?;
    let clock = clock(declaration, scenario);
    Some(format!(
        "ages in days are those of the life of the model: figures count from {:.1} d in units of {:.2} d ({}{})",
        clock.zero, clock.days, chosen.unit.value, clock.since
    ))
}

/// The clock of the family, counted from the age that the subject of the scenario has for it.
#[must_use]
pub fn clock(declaration: &Declaration, scenario: &Scenario) -> Clock {
    let Some(chosen) = &declaration.family.clock else {
        return Clock::default();
    };
    let days = |unit: &Unit| unit.factor_to(&Unit::day()).ok();
    let zero = chosen.zero.as_ref().and_then(|id| {
        let declared = declaration.parameters.get(&id.value)?;
        let subject = declaration.subjects.get(&scenario.subject.preset);
        let of_preset = subject.and_then(|subject| subject.parameters.get(&id.value));
        let of_scenario = scenario.subject.parameters.get(&id.value).copied();
        let value = of_scenario.or(of_preset.map(|value| value.value));
        Some(value.unwrap_or(declared.value) * days(&declared.unit)?)
    });
    let unit = declaration.units.parse(&chosen.unit.value).ok();
    Clock {
        title: chosen.title.clone(),
        // A family whose clock has no unit is refused when it is read.
        days: unit.as_ref().and_then(days).unwrap_or(1.0),
        unit: chosen.unit.value.clone(),
        zero: zero.unwrap_or(0.0),
        since: match chosen.since.as_str() {
            "" => String::new(),
            since => format!(" {since}"),
        },
    }
}
