//! Checks the units of an expression and finds the conversions it needs.
//!
//! Products and quotients of any units are fine. Sums, `min`, `max` and the
//! arguments of functions must agree in dimension; where only the factor differs
//! (µM and mM), the exact conversion is inserted. A factor of exactly 1 inserts
//! nothing. The literal `0` fits any unit.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::{Expression, Function, NodeKind, Operator};
use crate::fault::{Code, Collector, Fault};
use crate::unit::{Unit, rational};

/// By node: the factor its value is multiplied by before it is used.
pub type Conversions = BTreeMap<usize, f64>;

/// What is known about the unit of a node.
#[derive(Clone, Debug)]
enum Measure {
    /// A unit.
    Of(Unit),
    /// The literal zero: fits any unit.
    Zero,
    /// Something was wrong below; already reported.
    Unknown,
}

/// The unit of an expression and the conversions inside it.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its unit; `None` when it is the literal zero or unknown.
    pub unit: Option<Unit>,
    /// Conversions inside it.
    pub conversions: Conversions,
}

/// The exact value of a node made of plain numbers only, as exponents are.
#[must_use]
pub fn exact_constant(expression: &Expression, node: usize) -> Option<BigRational> {
    // Values of all nodes up to this one; what reads names has none.
    let mut values: Vec<Option<BigRational>> = Vec::with_capacity(node + 1);
    for node in expression.nodes().get(..=node)? {
        let both = |a: usize, b: usize| Some((values[a].as_ref()?, values[b].as_ref()?));
        let value = match &node.kind {
            NodeKind::Number {
                exact, unit: None, ..
            } => exact.clone(),
            NodeKind::Negate(a) => values[*a].as_ref().map(|a| -a),
            NodeKind::Binary(Operator::Add, a, b) => both(*a, *b).map(|(a, b)| a + b),
            NodeKind::Binary(Operator::Subtract, a, b) => both(*a, *b).map(|(a, b)| a - b),
            NodeKind::Binary(Operator::Multiply, a, b) => both(*a, *b).map(|(a, b)| a * b),
            NodeKind::Binary(Operator::Divide, a, b) => both(*a, *b)
                .filter(|(_, b)| !b.is_zero())
                .map(|(a, b)| a / b),
            _ => None,
        };
        // Long products of long numbers are no exponents of anything.
        values.push(value.filter(|value| value.numer().bits() + value.denom().bits() < 4096));
    }
    values.pop().flatten()
}

/// Measures an expression; names are looked up with `unit_of`. A name without a
/// unit is taken as already reported.
pub fn measure(
    expression: &Expression,
    unit_of: &dyn Fn(&str) -> Option<Unit>,
    faults: &Collector,
) -> Measured {
    let mut measurer = Measurer {
        expression,
        faults,
        measures: Vec::with_capacity(expression.nodes().len()),
        conversions: Conversions::new(),
    };
    for index in 0..expression.nodes().len() {
        let measure = measurer.node(index, unit_of);
        measurer.measures.push(measure);
    }
    Measured {
        unit: match measurer.measures.pop() {
            Some(Measure::Of(unit)) => Some(unit),
            _ => None,
        },
        conversions: measurer.conversions,
    }
}

/// Measures an expression that must be in `target`; the conversion to it is
/// entered at the root. `what` says what has that unit, as in "`zo1` is".
pub fn measure_as(
    expression: &Expression,
    unit_of: &dyn Fn(&str) -> Option<Unit>,
    target: &Unit,
    what: &str,
    faults: &Collector,
) -> Conversions {
    let measured = measure(expression, unit_of, faults);
    let mut conversions = measured.conversions;
    let root = expression.nodes().len() - 1;
    if let Some(unit) = measured.unit {
        match unit.conversion_to(target) {
            Ok(factor) => insert(&mut conversions, root, &factor),
            Err(_) => {
                let message = format!("this is in {unit}, but {what} in {target}");
                faults.add(
                    Fault::new(Code::UnitsDiffer, message, &expression.place_of(root))
                        .label(format!("in {unit}"))
                        .help(explain(&unit, target)),
                );
            }
        }
    }
    conversions
}

/// The two dimensions in base units, and by what they differ.
pub(crate) fn explain(found: &Unit, wanted: &Unit) -> String {
    let missing = wanted.divide(found);
    format!(
        "{found} measures {}, {wanted} measures {}; a factor in {missing} is missing",
        found.base_text(),
        wanted.base_text(),
    )
}

fn insert(conversions: &mut Conversions, node: usize, factor: &BigRational) {
    if !factor.is_one() {
        conversions.insert(node, rational::nearest_f64(factor));
    }
}

struct Measurer<'a> {
    expression: &'a Expression,
    faults: &'a Collector,
    measures: Vec<Measure>,
    conversions: Conversions,
}

impl Measurer<'_> {
    fn node(&mut self, index: usize, unit_of: &dyn Fn(&str) -> Option<Unit>) -> Measure {
        let expression = self.expression;
        match &expression.nodes()[index].kind {
            NodeKind::Number { value, unit, .. } => match unit {
                Some(unit) => Measure::Of(unit.clone()),
                None if *value == 0.0 => Measure::Zero,
                None => Measure::Of(Unit::one()),
            },
            NodeKind::Name(name) | NodeKind::Resting(name) => {
                unit_of(name).map_or(Measure::Unknown, Measure::Of)
            }
            NodeKind::Negate(operand) => self.measures[*operand].clone(),
            NodeKind::Binary(operator, left, right) => self.binary(index, *operator, *left, *right),
            NodeKind::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn binary(&mut self, index: usize, operator: Operator, left: usize, right: usize) -> Measure {
        match operator {
            Operator::Add | Operator::Subtract => self.agree(
                &[left, right],
                if operator == Operator::Add {
                    "added to"
                } else {
                    "subtracted from"
                },
            ),
            Operator::Multiply | Operator::Divide => {
                match (&self.measures[left], &self.measures[right]) {
                    (Measure::Of(a), Measure::Of(b)) => {
                        Measure::Of(if operator == Operator::Multiply {
                            a.multiply(b)
                        } else {
                            a.divide(b)
                        })
                    }
                    (Measure::Unknown, _) | (_, Measure::Unknown) => Measure::Unknown,
                    (Measure::Zero, _) => Measure::Zero,
                    (_, Measure::Zero) if operator == Operator::Multiply => Measure::Zero,
                    (_, Measure::Zero) => {
                        let message = "division by zero".to_owned();
                        self.faults.add(Fault::new(
                            Code::DivisionByZero,
                            message,
                            &self.expression.place_of(right),
                        ));
                        Measure::Unknown
                    }
                }
            }
            Operator::Power => self.power(index, left, right),
        }
    }

    /// Whole and rational powers of any unit; other exponents need pure numbers.
    fn power(&mut self, index: usize, base: usize, exponent: usize) -> Measure {
        let Measure::Of(unit) = self.measures[base].clone() else {
            return self.measures[base].clone();
        };
        if let Some(constant) = exact_constant(self.expression, exponent) {
            return self.raised(&unit, base, &constant, index);
        }
        self.pure(base, "a base with an exponent that is no constant");
        self.pure(exponent, "an exponent");
        Measure::Of(Unit::one())
    }

    /// The unit of a power. Where that of the factor is no rational number, as for
    /// the root of µM, the base is converted to coherent units first.
    fn raised(&mut self, unit: &Unit, base: usize, exponent: &BigRational, at: usize) -> Measure {
        if let Ok(unit) = unit.power(exponent) {
            return Measure::Of(unit);
        }
        let coherent = unit.coherent();
        match (unit.conversion_to(&coherent), coherent.power(exponent)) {
            (Ok(factor), Ok(power)) => {
                insert(&mut self.conversions, base, &factor);
                Measure::Of(power)
            }
            (_, Err(error)) | (Err(error), _) => {
                let place = self.expression.place_of(at);
                self.faults.add(
                    Fault::new(Code::IrrationalUnit, error.to_string(), &place)
                        .help("divide by a reference value of the same unit first"),
                );
                Measure::Unknown
            }
        }
    }

    fn call(&mut self, function: Function, arguments: &[usize]) -> Measure {
        match function {
            Function::Min | Function::Max => self.agree(arguments, "compared with"),
            Function::Abs | Function::Positive => self.measures[arguments[0]].clone(),
            Function::Exp | Function::Ln => {
                self.pure(arguments[0], "the argument of `exp` and `ln`");
                Measure::Of(Unit::one())
            }
            Function::Sqrt => {
                let Measure::Of(unit) = self.measures[arguments[0]].clone() else {
                    return self.measures[arguments[0]].clone();
                };
                let half = BigRational::new(1.into(), 2.into());
                self.raised(&unit, arguments[0], &half, arguments[0])
            }
            Function::Hill | Function::HillDown => {
                self.agree(&arguments[..2], "compared with");
                self.pure(arguments[2], "a Hill exponent");
                Measure::Of(Unit::one())
            }
            Function::SwitchUp => {
                self.agree(arguments, "compared with");
                Measure::Of(Unit::one())
            }
            // The parser never builds it as a call.
            Function::Resting => Measure::Unknown,
        }
    }

    /// All nodes in the unit of the first that has one.
    fn agree(&mut self, nodes: &[usize], verb: &str) -> Measure {
        let mut first: Option<(usize, Unit)> = None;
        let mut unknown = false;
        for node in nodes {
            let unit = match &self.measures[*node] {
                Measure::Of(unit) => unit.clone(),
                Measure::Zero => continue,
                Measure::Unknown => {
                    unknown = true;
                    continue;
                }
            };
            let Some((first_node, first_unit)) = &first else {
                first = Some((*node, unit));
                continue;
            };
            match unit.conversion_to(first_unit) {
                Ok(factor) => insert(&mut self.conversions, *node, &factor),
                Err(_) => {
                    let message = format!(
                        "`{}` in {unit} cannot be {verb} `{}` in {first_unit}",
                        self.expression.excerpt(*node),
                        self.expression.excerpt(*first_node),
                    );
                    self.faults.add(
                        Fault::new(Code::UnitsDiffer, message, &self.expression.place_of(*node))
                            .label(format!("in {unit}"))
                            .help(explain(&unit, first_unit)),
                    );
                    unknown = true;
                }
            }
        }
        match first {
            _ if unknown => Measure::Unknown,
            Some((_, unit)) => Measure::Of(unit),
            None => Measure::Zero,
        }
    }

    /// The node must be a pure number; "%" is converted.
    fn pure(&mut self, node: usize, what: &str) {
        let Measure::Of(unit) = &self.measures[node] else {
            return;
        };
        match unit.conversion_to(&Unit::one()) {
            Ok(factor) => insert(&mut self.conversions, node, &factor),
            Err(_) => {
                let message = format!("{what} must be a pure number, but this is in {unit}");
                let help = format!("divide it by a reference value in {unit}");
                self.faults.add(
                    Fault::new(Code::UnitsDiffer, message, &self.expression.place_of(node))
                        .label(format!("in {unit}"))
                        .help(help),
                );
            }
        }
    }
}
