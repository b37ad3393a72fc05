//! Quantities as written, `"38 d"`, `"2 %"` or `0.5`, to numbers of a unit.

use gutbrain_network::Fault;
use gutbrain_network::fault::Collector;
use gutbrain_network::unit::{Quantity, Unit, UnitError, Units, parse_quantity, split_quantity};

use super::node::Node;

/// Oldest age a scenario may name, in days: beyond any mammal.
const OLDEST: f64 = 100_000.0;

/// Reads quantities with the units of a model; every fault is collected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantities<'a> {
    pub(super) units: &'a Units,
    pub(super) faults: &'a Collector,
}

impl Quantities<'_> {
    /// The value of a quantity in `unit`; `None` after a fault.
    pub(super) fn read(&self, node: &Node, what: &str, unit: &Unit) -> Option<f64> {
        self.read_with_synonyms(node, what, unit, &[])
    }

    /// The same, where some texts stand for `unit` itself: `%` for `% w/v`.
    pub(super) fn read_with_synonyms(
        &self,
        node: &Node,
        what: &str,
        unit: &Unit,
        synonyms: &[String],
    ) -> Option<f64> {
        if let Some(number) = node.number() {
            if unit.is_dimensionless() {
                let pure = Quantity {
                    number,
                    unit: Unit::one(),
                };
                return pure
                    .in_unit(unit)
                    .ok()
                    .and_then(|value| self.finite(node, what, value));
            }
            let fault = Fault::new("missing-unit", format!("{what} needs a unit"), &node.place)
                .label(format!("measured in {unit}"))
                .help(format!("write \"{number} {unit}\""));
            self.faults.add(fault);
            return None;
        }
        // Any other kind of value was reported with the shape.
        let text = node.text()?;
        if let Ok((number, rest)) = split_quantity(text)
            && synonyms.iter().any(|synonym| synonym == rest)
        {
            return self.finite(node, what, number);
        }
        let value = parse_quantity(text, self.units).and_then(|quantity| quantity.in_unit(unit));
        match value {
            Ok(number) => self.finite(node, what, number),
            Err(error) => {
                self.faults.add(unit_fault(node, what, unit, &error));
                None
            }
        }
    }

    fn finite(&self, node: &Node, what: &str, number: f64) -> Option<f64> {
        if number.is_finite() {
            return Some(number);
        }
        let message = format!("{what} is too large to be computed with");
        self.faults
            .add(Fault::new("not-finite", message, &node.place));
        None
    }

    /// An age in days: a quantity of time that is not negative, or `"birth"`.
    pub(super) fn age(&self, node: &Node, what: &str) -> Option<f64> {
        if node.text() == Some("birth") {
            return Some(0.0);
        }
        let days = self.days(node, what)?;
        if (0.0..=OLDEST).contains(&days) {
            return Some(days);
        }
        let fault = Fault::new(
            "age-out-of-range",
            format!("{what} must be an age"),
            &node.place,
        )
        .label(format!("this is {days} days"))
        .help(format!("times are ages: from 0 d (birth) to {OLDEST} d"));
        self.faults.add(fault);
        None
    }

    /// The end of a window in days; infinite for `"end"`.
    pub(super) fn stop(&self, node: &Node, what: &str) -> Option<f64> {
        if node.text() == Some("end") {
            Some(f64::INFINITY)
        } else {
            self.age(node, what)
        }
    }

    /// A length of time in days, above zero.
    pub(super) fn duration(&self, node: &Node, what: &str) -> Option<f64> {
        let days = self.days(node, what)?;
        if days > 0.0 && days <= OLDEST {
            return Some(days);
        }
        let fault = Fault::new(
            "not-positive",
            format!("{what} must be above zero"),
            &node.place,
        )
        .label(format!("this is {days} days"))
        .help("write a length of time such as \"1 d\" or \"12 h\"");
        self.faults.add(fault);
        None
    }

    /// Times as bare numbers were reported with the shape.
    fn days(&self, node: &Node, what: &str) -> Option<f64> {
        node.text()?;
        self.read(node, what, &Unit::day())
    }
}

fn unit_fault(node: &Node, what: &str, unit: &Unit, error: &UnitError) -> Fault {
    let text = node.text().unwrap_or_default();
    // Offsets count in the trimmed text.
    let leading = text.len() - text.trim_start().len();
    let rest =
        |offset: usize| node.inside((leading + offset).min(text.len())..text.trim_end().len());
    let example = format!("write it in {unit}, for example \"1 {unit}\"");
    match error {
        UnitError::Unknown {
            name,
            offset,
            alike,
        } => {
            let start = (leading + offset).min(text.len());
            let place = node.inside(start..(start + name.len()).min(text.len()));
            let help = alike
                .as_ref()
                .map_or(example, |alike| format!("did you mean `{alike}`?"));
            Fault::new(
                "unknown-unit",
                format!("unknown unit `{name}` in {what}"),
                &place,
            )
            .help(help)
        }
        UnitError::Different { from, .. } => Fault::new(
            "wrong-unit",
            format!("{what} cannot be given in {from}"),
            &node.place,
        )
        .label(format!("measured in {unit}"))
        .help(example),
        UnitError::Syntax { message, offset } => Fault::new(
            "no-quantity",
            format!("{what} is no quantity: {message}"),
            &rest(*offset),
        )
        .help(example),
        UnitError::Irrational { .. } => Fault::new(
            "no-quantity",
            format!("{what} is no quantity: {error}"),
            &node.place,
        )
        .help(example),
    }
}
