//! Checks the ledger: rows agree with themselves, with each other and with the model they speak about.

use crate::fault::{Code, Collector, Fault};
use crate::reading::{Written, did_you_mean};
use crate::unit::Quantity;

use super::Declaration;
use super::evidence::{Evidence, Grade, Use};
use super::expectation::{Claim, Expectation, Looked};

pub(super) fn check(declaration: &Declaration, faults: &Collector) {
    for (id, row) in &declaration.evidence {
        check_use(id, row, faults);
        check_numbers(id, row, faults);
        for about in &row.about {
            check_about(about, declaration, faults);
        }
        for other in &row.conflicts_with {
            check_conflict(id, other, declaration, faults);
        }
        for expectation in &row.expects {
            check_expectation(row, expectation, declaration, faults);
        }
    }
}

/// What a row may be used for.
fn check_use(id: &str, row: &Evidence, faults: &Collector) {
    let refuse = |message: String, help: &str| {
        faults.add(Fault::new(Code::EvidenceUse, message, &row.place).help(help));
    };
    if row.role != Use::Context && matches!(row.grade, Grade::Unverified | Grade::Gap) {
        let (grade, role) = (row.grade.word(), row.role.word());
        refuse(
            format!("`{id}` is graded {grade} and cannot be used to {role}"),
            "nothing is fitted to, or scored against, what nobody confirmed: role = \"context\"",
        );
    }
    if row.role == Use::Context && !row.expects.is_empty() {
        refuse(
            format!("`{id}` is context and yet expects something"),
            "give it the role `calibrate` or `validate`",
        );
    }
    if row.not_representable.is_some() && !row.expects.is_empty() {
        refuse(
            format!("`{id}` is not representable and yet expects something"),
            "keep one of `not_representable` and `expects`",
        );
    }
}

/// Whether the numbers of a row fit together.
fn check_numbers(id: &str, row: &Evidence, faults: &Collector) {
    let refuse = |message: String, help: &str| {
        faults.add(Fault::new(Code::EvidenceNumbers, message, &row.place).help(help));
    };
    let numbers = row.value.is_some() || !row.values.is_empty();
    let spreads = row.spread.is_some() || !row.spreads.is_empty();
    let kind = row.spread_kind.as_deref();
    if spreads && kind.is_none() {
        refuse(
            format!("the spread of `{id}` has no kind"),
            "spread_kind = \"SD\", \"SEM\", … or \"unknown\"",
        );
    }
    if (kind == Some("sign only")) != row.sign.is_some() {
        refuse(
            format!("`{id}` must have both a `sign` and spread_kind = \"sign only\", or neither"),
            "a row without a size has a sign",
        );
    }
    if numbers && row.sign.is_some() {
        refuse(
            format!("`{id}` has a sign and a number"),
            "a sign stands for a finding whose size is not known",
        );
    }
    if numbers && row.unit.is_none() {
        refuse(
            format!("the numbers of `{id}` have no unit"),
            "write unit = \"1\" for pure numbers",
        );
    }
    if row.grade == Grade::Gap && (numbers || row.sign.is_some()) {
        refuse(
            format!("`{id}` is a gap and yet has a finding"),
            "a gap stays a gap",
        );
    }
}

fn check_about(about: &Written<String>, declaration: &Declaration, faults: &Collector) {
    let d = declaration;
    let (kind, id) = about.value.split_once('.').unwrap_or(("", &about.value));
    let names: Vec<&String> = match kind {
        "parameter" => d.parameters.keys().collect(),
        "process" => d.processes.keys().collect(),
        "modulator" => d.modulators.keys().collect(),
        "species" => d.species.keys().collect(),
        "assignment" => d.assignments.keys().collect(),
        "observable" => d.observables.keys().collect(),
        "event" => d.events.keys().collect(),
        "intervention" => d.interventions.keys().collect(),
        "subject" => d.subjects.keys().collect(),
        _ => {
            let message = format!("`{}` names nothing of a model", about.value);
            let help = "write KIND.NAME, as in process.zo1_is_made or observable.permeability";
            faults.add(Fault::new(Code::UnknownName, message, &about.place).help(help));
            return;
        }
    };
    if !names.iter().any(|name| *name == id) {
        let message = format!("there is no {kind} `{id}`");
        let help = did_you_mean(id, names.iter().map(|name| name.as_str()));
        faults.add(Fault::new(Code::UnknownName, message, &about.place).maybe_help(help));
    }
}

/// A conflict is one of two.
fn check_conflict(
    id: &str,
    other: &Written<String>,
    declaration: &Declaration,
    faults: &Collector,
) {
    let Some(row) = declaration.evidence.get(&other.value) else {
        return;
    };
    if !row.conflicts_with.iter().any(|back| back.value == id) {
        let message = format!(
            "`{id}` conflicts with `{}`, which does not say so",
            other.value
        );
        let help = format!("add `{id}` to its `conflicts_with`");
        faults.add(Fault::new(Code::OneSidedConflict, message, &other.place).help(help));
    }
}

/// Parameters exist and their units fit. (Features are checked where they are simulated.)
fn check_expectation(
    row: &Evidence,
    expectation: &Expectation,
    declaration: &Declaration,
    faults: &Collector,
) {
    for other in &expectation.conflict {
        if !row.conflicts_with.iter().any(|it| it.value == other.value) {
            let message = format!("`{}` is not in `conflicts_with` of the row", other.value);
            faults.add(Fault::new(Code::OneSidedConflict, message, &other.place));
        }
    }
    let Looked::Parameter(name) = &expectation.looked else {
        return;
    };
    let Some(parameter) = declaration.parameters.get(&name.value) else {
        let message = format!("there is no parameter `{}`", name.value);
        let help = did_you_mean(
            &name.value,
            declaration.parameters.keys().map(String::as_str),
        );
        faults.add(Fault::new(Code::UnknownName, message, &name.place).maybe_help(help));
        return;
    };
    if let Err(fault) = expectation.claim_in(&parameter.unit, row, &declaration.units) {
        faults.add(*fault);
    }
}

impl Expectation {
    /// The claim in another unit, as that of the feature it speaks about.
    ///
    /// # Errors
    /// A fault when the units measure different things.
    pub fn claim_in(
        &self,
        unit: &crate::unit::Unit,
        row: &Evidence,
        units: &crate::unit::Units,
    ) -> Result<Claim, Box<Fault>> {
        let written = self.unit.as_ref().or(row.unit.as_ref());
        let own = match written {
            None => crate::unit::Unit::one(),
            // A unit that cannot be read was reported when it was read.
            Some(written) => units
                .parse(&written.value)
                .map_err(|error| Box::new(error.fault(written)))?,
        };
        let convert = |number: f64| {
            let quantity = Quantity {
                number,
                unit: own.clone(),
            };
            quantity.in_unit(unit).map_err(|error| match written {
                Some(written) => Box::new(
                    error
                        .fault(written)
                        .help(format!("what it is compared with is in {unit}")),
                ),
                None => {
                    let message = format!("a pure number is compared with what is in {unit}");
                    let fault = Fault::new(Code::UnitsDiffer, message, &self.place);
                    Box::new(fault.help("give the claim a `unit`"))
                }
            })
        };
        Ok(match self.claim {
            Claim::Point { value, sd } => Claim::Point {
                value: convert(value)?,
                sd: convert(sd)?,
            },
            Claim::Band { low, high } => Claim::Band {
                low: convert(low)?,
                high: convert(high)?,
            },
            Claim::Direction {
                direction,
                than,
                margin,
            } => Claim::Direction {
                direction,
                than: convert(than)?,
                margin: convert(margin)?,
            },
        })
    }
}

impl Declaration {
    /// Everything that names a row as its evidence, and everything that the row says it is about,
    /// as "kind.name" or "subject.NAME/PARAMETER", in order.
    #[must_use]
    pub fn about(&self, row: &str) -> Vec<String> {
        let mut all = std::collections::BTreeSet::new();
        let cites = |rows: &[Written<String>]| rows.iter().any(|it| it.value == row);
        macro_rules! gather {
            ($kind:literal, $entries:expr) => {
                for (id, entry) in $entries {
                    if cites(&entry.common.evidence) {
                        all.insert(format!(concat!($kind, ".{}"), id));
                    }
                }
            };
        }
        gather!("assignment", &self.assignments);
        gather!("compartment", &self.compartments);
        gather!("event", &self.events);
        gather!("intervention", &self.interventions);
        gather!("modulator", &self.modulators);
        gather!("observable", &self.observables);
        gather!("parameter", &self.parameters);
        gather!("process", &self.processes);
        gather!("species", &self.species);
        for (id, subject) in &self.subjects {
            for (parameter, value) in &subject.parameters {
                if cites(&value.evidence) {
                    all.insert(format!("subject.{id}/{parameter}"));
                }
            }
        }
        if let Some(row) = self.evidence.get(row) {
            all.extend(row.about.iter().map(|about| about.value.clone()));
        }
        all.into_iter().collect()
    }
}
