//! Formulas of exchange formats: trees in which every number has a unit.
//!
//! What: [`lower`] translates an expression of the declaration. Where units of one dimension but
//! different size meet (µM and mM), the conversion becomes a factor with the unit that makes the
//! product right, so that a reader that checks units finds nothing to say. The literal 0, which fits
//! any unit in the declaration, takes the unit of what it is added to or compared with.

use gutbrain_network::expression::{Expression, Function, NodeKind, Operator, exact_constant};
use gutbrain_network::unit::{Unit, rational};

/// A function that formulas may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// e to the power.
    Exp,
    /// Natural logarithm.
    Ln,
    /// Square root.
    Sqrt,
    /// Absolute value.
    Abs,
    /// Rising Hill function of x/half and the exponent.
    Hill,
    /// Falling Hill function of x/half and the exponent.
    HillDown,
    /// Smooth step at 0, of width 1.
    SwitchUp,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The left one is smaller.
    Less,
    /// The left one is larger.
    Greater,
    /// The left one is larger or equal.
    AtLeast,
    /// The left one is smaller or equal.
    AtMost,
}

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// A number of a unit.
    Number(f64, Unit),
    /// A quantity, by its identifier in the exchange file.
    Name(String),
    /// The time since the start.
    Time,
    /// The negative.
    Negate(Box<Formula>),
    /// Two formulas and an operator.
    Binary(Operator, Box<Formula>, Box<Formula>),
    /// A call.
    Call(Call, Vec<Formula>),
    /// A comparison.
    Compare(Relation, Box<Formula>, Box<Formula>),
    /// Both conditions hold.
    And(Box<Formula>, Box<Formula>),
    /// The first where the condition (second) holds, else the third.
    Either(Box<Formula>, Box<Formula>, Box<Formula>),
}

impl Formula {
    /// A pure number.
    #[must_use]
    pub fn pure(value: f64) -> Self {
        Self::Number(value, Unit::one())
    }

    /// A quantity.
    #[must_use]
    pub fn name(id: impl Into<String>) -> Self {
        Self::Name(id.into())
    }

    /// Two formulas and an operator.
    #[must_use]
    pub fn binary(operator: Operator, left: Self, right: Self) -> Self {
        Self::Binary(operator, Box::new(left), Box::new(right))
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self::binary(Operator::Multiply, self, other)
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self::binary(Operator::Add, self, other)
    }

    /// This where the condition holds, else `otherwise`.
    #[must_use]
    pub fn where_or(self, condition: Self, otherwise: Self) -> Self {
        Self::Either(Box::new(self), Box::new(condition), Box::new(otherwise))
    }

    /// A comparison.
    #[must_use]
    pub fn compare(self, relation: Relation, other: Self) -> Self {
        Self::Compare(relation, Box::new(self), Box::new(other))
    }

    /// The formula with `change` applied to every part, innermost first.
    #[must_use]
    pub fn rebuilt(self, change: &mut dyn FnMut(Self) -> Self) -> Self {
        let mut boxed = |inner: Box<Self>| Box::new(inner.rebuilt(change));
        let rebuilt = match self {
            Self::Number(..) | Self::Name(_) | Self::Time => self,
            Self::Negate(inner) => Self::Negate(boxed(inner)),
            Self::Binary(operator, a, b) => Self::Binary(operator, boxed(a), boxed(b)),
            Self::Compare(relation, a, b) => Self::Compare(relation, boxed(a), boxed(b)),
            Self::And(a, b) => Self::And(boxed(a), boxed(b)),
            Self::Either(a, b, c) => Self::Either(boxed(a), boxed(b), boxed(c)),
            Self::Call(call, arguments) => {
                let arguments = arguments.into_iter();
                Self::Call(call, arguments.map(|a| a.rebuilt(change)).collect())
            }
        };
        change(rebuilt)
    }

    /// Every formula in it, itself included, parents first.
    pub fn visit(&self, seen: &mut dyn FnMut(&Self)) {
        seen(self);
        match self {
            Self::Number(..) | Self::Name(_) | Self::Time => {}
            Self::Negate(inner) => inner.visit(seen),
            Self::Binary(_, a, b) | Self::Compare(_, a, b) | Self::And(a, b) => {
                a.visit(seen);
                b.visit(seen);
            }
            Self::Call(_, arguments) => arguments.iter().for_each(|a| a.visit(seen)),
            Self::Either(a, b, c) => [a, b, c].into_iter().for_each(|part| part.visit(seen)),
        }
    }
}

/// A formula with its unit; `None`: the literal zero, which fits any.
#[derive(Debug, Clone)]
pub struct Measured {
    formula: Formula,
    unit: Option<Unit>,
}

impl Measured {
    fn new(formula: Formula, unit: Unit) -> Self {
        Self {
            formula,
            unit: Some(unit),
        }
    }

    /// Its unit; pure for the literal zero.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.unit.clone().unwrap_or_else(Unit::one)
    }

    /// The formula in another unit of the same dimension.
    ///
    /// # Errors
    /// The cause, when the dimensions differ.
    pub fn into_unit(self, target: &Unit) -> Result<Formula, String> {
        let Some(unit) = self.unit else {
            return Ok(Formula::Number(0.0, target.clone()));
        };
        if unit == *target {
            return Ok(self.formula);
        }
        let factor = unit.factor_to(target).map_err(|error| error.to_string())?;
        let converter = Formula::Number(factor, target.divide(&unit));
        Ok(self.formula.times(converter))
    }
}

/// What a name in an expression means: its identifier in the file and its unit.
pub type Meaning = (String, Unit);

/// Translates an expression; `meaning` looks up names, the flag asks for the resting value.
///
/// # Errors
/// The cause, when a name is unknown or units do not fit (a checked declaration has neither).
pub fn lower(
    expression: &Expression,
    meaning: &dyn Fn(&str, bool) -> Option<Meaning>,
) -> Result<Measured, String> {
    let mut pieces: Vec<Measured> = Vec::with_capacity(expression.nodes().len());
    for node in expression.nodes() {
        let piece = match &node.kind {
            NodeKind::Number { value, unit, .. } => number(*value, unit.as_ref()),
            NodeKind::Name(name) => named(meaning(name, false), name)?,
            NodeKind::Resting(name) => named(meaning(name, true), name)?,
            NodeKind::Negate(inner) => {
                let inner = pieces[*inner].clone();
                Measured {
                    formula: Formula::Negate(Box::new(inner.formula)),
                    unit: inner.unit,
                }
            }
            NodeKind::Binary(operator, left, right) => {
                let operands = (pieces[*left].clone(), pieces[*right].clone());
                match operator {
                    Operator::Power => power(expression, operands, *right)?,
                    _ => binary(*operator, operands)?,
                }
            }
            NodeKind::Call(function, arguments) => {
                let arguments = arguments.iter().map(|a| pieces[*a].clone()).collect();
                call(*function, arguments)?
            }
        };
        pieces.push(piece);
    }
    pieces
        .pop()
        .ok_or_else(|| "an expression without content".to_owned())
}

fn number(value: f64, unit: Option<&Unit>) -> Measured {
    let unit = unit.cloned();
    if value == 0.0 && unit.is_none() {
        return Measured {
            formula: Formula::pure(0.0),
            unit: None,
        };
    }
    let unit = unit.unwrap_or_else(Unit::one);
    Measured::new(Formula::Number(value, unit.clone()), unit)
}

fn named(meaning: Option<Meaning>, name: &str) -> Result<Measured, String> {
    let (id, unit) = meaning.ok_or_else(|| format!("the name `{name}` has no meaning here"))?;
    Ok(Measured::new(Formula::Name(id), unit))
}

fn binary(operator: Operator, (left, right): (Measured, Measured)) -> Result<Measured, String> {
    match operator {
        Operator::Multiply | Operator::Divide => {
            let (a, b) = (left.unit(), right.unit());
            let unit = match operator {
                Operator::Multiply => a.multiply(&b),
                _ => a.divide(&b),
            };
            let formula = Formula::binary(operator, left.formula, right.formula);
            Ok(Measured::new(formula, unit))
        }
        _ => {
            let [left, right] = agree([left, right])?;
            let unit = left.unit.clone();
            let formula = Formula::binary(operator, left.formula, right.formula);
            Ok(Measured { formula, unit })
        }
    }
}

/// All in the unit of the first that has one.
fn agree<const N: usize>(pieces: [Measured; N]) -> Result<[Measured; N], String> {
    let unit = pieces.iter().find_map(|piece| piece.unit.clone());
    let Some(unit) = unit else { return Ok(pieces) };
    let mut fault = None;
    let agreed = pieces.map(|piece| match piece.into_unit(&unit) {
        Ok(formula) => Measured::new(formula, unit.clone()),
        Err(cause) => {
            fault = Some(cause);
            Measured::new(Formula::pure(f64::NAN), unit.clone())
        }
    });
    fault.map_or(Ok(agreed), Err)
}

fn power(
    expression: &Expression,
    (base, exponent): (Measured, Measured),
    exponent_node: usize,
) -> Result<Measured, String> {
    let Some(constant) = exact_constant(expression, exponent_node) else {
        let base = base.into_unit(&Unit::one())?;
        let exponent = exponent.into_unit(&Unit::one())?;
        let formula = Formula::binary(Operator::Power, base, exponent);
        return Ok(Measured::new(formula, Unit::one()));
    };
    let (base, unit) = rooted(base, &constant)?;
    let exponent = exponent.into_unit(&Unit::one())?;
    let formula = Formula::binary(Operator::Power, base, exponent);
    Ok(Measured::new(formula, unit))
}

/// A base whose power has a unit, and that unit: see the unit check of the declaration.
fn rooted(base: Measured, exponent: &rational::BigRational) -> Result<(Formula, Unit), String> {
    let unit = base.unit();
    if let Ok(power) = unit.power(exponent) {
        return Ok((base.formula, power));
    }
    let coherent = unit.coherent();
    let power = coherent
        .power(exponent)
        .map_err(|error| error.to_string())?;
    Ok((base.into_unit(&coherent)?, power))
}

fn call(function: Function, arguments: Vec<Measured>) -> Result<Measured, String> {
    let one = Unit::one();
    let name = function.entry().name;
    let wrong = || format!("`{name}` with another number of arguments");
    let pure = |call: Call, argument: Measured| {
        let argument = argument.into_unit(&one)?;
        Ok(Measured::new(
            Formula::Call(call, vec![argument]),
            one.clone(),
        ))
    };
    match function {
        Function::Min | Function::Max => {
            let relation = match function {
                Function::Min => Relation::Less,
                _ => Relation::Greater,
            };
            let mut arguments = arguments.into_iter();
            let mut folded = arguments.next().ok_or_else(wrong)?;
            for next in arguments {
                let [a, b] = agree([folded, next])?;
                let first = a.formula.clone().compare(relation, b.formula.clone());
                folded = Measured {
                    unit: a.unit.clone(),
                    formula: a.formula.where_or(first, b.formula),
                };
            }
            return Ok(folded);
        }
        Function::Hill | Function::HillDown => {
            let [x, half, exponent]: [Measured; 3] = arguments.try_into().map_err(|_| wrong())?;
            let [x, half] = agree([x, half])?;
            let relative = Formula::binary(Operator::Divide, x.formula, half.formula);
            let call = match function {
                Function::Hill => Call::Hill,
                _ => Call::HillDown,
            };
            let arguments = vec![relative, exponent.into_unit(&one)?];
            return Ok(Measured::new(Formula::Call(call, arguments), one));
        }
        Function::SwitchUp => {
            let arguments: [Measured; 3] = arguments.try_into().map_err(|_| wrong())?;
            let [x, threshold, width] = agree(arguments)?;
            let distance = Formula::binary(Operator::Subtract, x.formula, threshold.formula);
            let scaled = Formula::binary(Operator::Divide, distance, width.formula);
            return Ok(Measured::new(
                Formula::Call(Call::SwitchUp, vec![scaled]),
                one,
            ));
        }
        _ => {}
    }
    let [argument]: [Measured; 1] = arguments.try_into().map_err(|_| wrong())?;
    match function {
        Function::Exp => pure(Call::Exp, argument),
        Function::Ln => pure(Call::Ln, argument),
        Function::Abs => Ok(Measured {
            unit: argument.unit,
            formula: Formula::Call(Call::Abs, vec![argument.formula]),
        }),
        Function::Positive => {
            let unit = argument.unit();
            let zero = || Formula::Number(0.0, unit.clone());
            let above = argument.formula.clone().compare(Relation::Greater, zero());
            Ok(Measured {
                formula: argument.formula.where_or(above, zero()),
                unit: argument.unit,
            })
        }
        Function::Sqrt => {
            let half = rational::parse_decimal("0.5").ok_or_else(wrong)?;
            let (base, unit) = rooted(argument, &half)?;
            Ok(Measured::new(Formula::Call(Call::Sqrt, vec![base]), unit))
        }
        _ => Err(format!("`{name}` cannot be expressed")),
    }
}
