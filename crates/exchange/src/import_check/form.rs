//! Formulas in one form, so that those that are written in different orders can be seen to be the same.
//!
//! What: sums and products are flattened and sorted, numbers in them are gathered, a quotient is a
//! product with the power −1, a difference a sum with the coefficient −1, equal terms and equal whole
//! powers are joined, `a > b` is `b < a`. Nothing is cancelled that could be infinite or undefined.
//! Two forms are the same exactly when their shapes are the same text and their numbers, in the order
//! of the shape, agree: that is shown by algebra, not by trying values.

use std::rc::Rc;

use gutbrain_numbers::Real;

/// Values this close (relative) are the same: programs write 15 digits.
const SAME: f64 = 1e-9;

/// Whether two numbers of two files are the same; what is infinite or undefined is the same only as itself.
pub(super) fn same(a: f64, b: f64) -> bool {
    if a.is_finite() && b.is_finite() {
        (a - b).abs() <= SAME * a.abs().max(b.abs())
    } else {
        a.total_cmp(&b).is_eq() || (a.is_nan() && b.is_nan())
    }
}

/// A formula in its one form.
#[derive(Debug, Clone)]
pub(super) struct Form(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    /// What it is, with `#` for every number.
    shape: String,
    /// The numbers, in the order of the shape.
    numbers: Vec<f64>,
}

#[derive(Debug, Clone)]
enum Kind {
    Number(f64),
    Name(String),
    /// A constant, and forms with their coefficients.
    Sum(f64, Vec<(f64, Form)>),
    /// A coefficient, and bases with their exponents.
    Product(f64, Vec<(Form, Form)>),
    Apply(String, Vec<Form>),
}

impl Form {
    fn new(kind: Kind, shape: String, numbers: Vec<f64>) -> Self {
        let inner = Inner {
            kind,
            shape,
            numbers,
        };
        Self(Rc::new(inner))
    }

    pub(super) fn number(value: f64) -> Self {
        Self::new(Kind::Number(value), "#".to_owned(), vec![value])
    }

    /// A quantity; the length in front keeps any name apart from the rest of a shape.
    pub(super) fn name(name: &str) -> Self {
        let shape = format!("{}:{name}", name.len());
        Self::new(Kind::Name(name.to_owned()), shape, Vec::new())
    }

    /// Anything that has no algebra here: its operands stay in their order.
    pub(super) fn apply(operator: &str, operands: Vec<Self>) -> Self {
        let mut shape = format!("({operator}");
        let mut numbers = Vec::new();
        for operand in &operands {
            operand.add_to(&mut shape, &mut numbers);
        }
        shape.push(')');
        Self::new(Kind::Apply(operator.to_owned(), operands), shape, numbers)
    }

    /// As [`Form::apply`], where the order of operands has no meaning.
    pub(super) fn apply_in_any_order(operator: &str, operands: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for operand in operands {
            match &operand.0.kind {
                Kind::Apply(inner, parts) if inner == operator => flat.extend(parts.clone()),
                _ => flat.push(operand),
            }
        }
        flat.sort_by(Self::order);
        Self::apply(operator, flat)
    }

    fn add_to(&self, shape: &mut String, numbers: &mut Vec<f64>) {
        shape.push(' ');
        shape.push_str(&self.0.shape);
        numbers.extend(&self.0.numbers);
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let shapes = self.0.shape.cmp(&other.0.shape);
        let pairs = self.0.numbers.iter().zip(&other.0.numbers);
        pairs.fold(shapes, |so_far, (a, b)| so_far.then(a.total_cmp(b)))
    }

    /// How much text its shape takes.
    pub(super) fn size(&self) -> usize {
        self.0.shape.len()
    }

    /// Whether two formulas are the same by algebra.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.shape == other.0.shape
            && self.0.numbers.len() == other.0.numbers.len()
            && (self.0.numbers.iter().zip(&other.0.numbers)).all(|(a, b)| same(*a, *b))
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        match self.0.kind {
            Kind::Number(value) => Some(value),
            _ => None,
        }
    }

    fn as_whole(&self) -> Option<f64> {
        self.as_number().filter(|it| it.fract() == 0.0)
    }

    /// The sum of terms with coefficients.
    pub(super) fn sum(terms: Vec<(f64, Self)>) -> Self {
        let mut constant = 0.0;
        let mut flat: Vec<(f64, Self)> = Vec::new();
        for (coefficient, form) in terms {
            match &form.0.kind {
                Kind::Number(value) => constant += coefficient * value,
                Kind::Sum(inner, parts) => {
                    constant += coefficient * inner;
                    let scaled = parts
                        .iter()
                        .map(|(c, part)| (coefficient * c, part.clone()));
                    flat.extend(scaled);
                }
                Kind::Product(inner, factors) if inner.total_cmp(&1.0).is_ne() => {
                    flat.push((coefficient * inner, Self::product(1.0, factors.clone())));
                }
                _ => flat.push((coefficient, form)),
            }
        }
        flat.sort_by(|(_, a), (_, b)| a.order(b));
        let mut joined: Vec<(f64, Self)> = Vec::new();
        for (coefficient, form) in flat {
            match joined.last_mut() {
                Some((sum, last)) if last.is(&form) => *sum += coefficient,
                _ => joined.push((coefficient, form)),
            }
        }
        match joined.as_slice() {
            [] => return Self::number(constant),
            [(coefficient, form)] if constant == 0.0 => {
                return if coefficient.total_cmp(&1.0).is_eq() {
                    form.clone()
                } else {
                    Self::product_as_is(*coefficient, vec![(form.clone(), Self::number(1.0))])
                };
            }
            _ => {}
        }
        let mut shape = "(+ #".to_owned();
        let mut numbers = vec![constant];
        for (coefficient, form) in &joined {
            shape.push_str(" #");
            numbers.push(*coefficient);
            form.add_to(&mut shape, &mut numbers);
        }
        shape.push(')');
        Self::new(Kind::Sum(constant, joined), shape, numbers)
    }

    /// The product of a number and powers.
    pub(super) fn product(mut coefficient: f64, powers: Vec<(Self, Self)>) -> Self {
        let mut flat: Vec<(Self, Self)> = Vec::new();
        for (base, exponent) in powers {
            let whole = exponent.as_whole();
            match (&base.0.kind, exponent.as_number(), whole) {
                (Kind::Number(value), Some(exponent), _) => {
                    coefficient *= power(*value, exponent);
                }
                (Kind::Product(inner, factors), _, Some(whole)) => {
                    coefficient *= power(*inner, whole);
                    let raised = factors.iter().map(|(base, exponent)| {
                        (base.clone(), Self::sum(vec![(whole, exponent.clone())]))
                    });
                    flat.extend(raised);
                }
                _ => flat.push((base, exponent)),
            }
        }
        flat.sort_by(|a, b| a.0.order(&b.0).then(a.1.order(&b.1)));
        let mut joined: Vec<(Self, Self)> = Vec::new();
        for (base, exponent) in flat {
            // Whole powers of one sign: x·x is x², while x/x stays, and so does √x·√x.
            let with_last = joined.last().and_then(|(last, before)| {
                let (a, b) = (before.as_whole()?, exponent.as_whole()?);
                (last.is(&base) && a * b > 0.0).then_some(a + b)
            });
            match (with_last, joined.last_mut()) {
                (Some(sum), Some(last)) => last.1 = Self::number(sum),
                _ => joined.push((base, exponent)),
            }
        }
        let is_one = |form: &Self| {
            form.as_number()
                .is_some_and(|it| it.total_cmp(&1.0).is_eq())
        };
        match joined.as_slice() {
            [] => return Self::number(coefficient),
            [(base, exponent)] if is_one(exponent) => {
                if coefficient.total_cmp(&1.0).is_eq() {
                    return base.clone();
                }
                if matches!(base.0.kind, Kind::Sum(..)) {
                    return Self::sum(vec![(coefficient, base.clone())]);
                }
            }
            _ => {}
        }
        Self::product_as_is(coefficient, joined)
    }

    /// A product whose parts are in order; one factor that is a product of its own is taken in.
    fn product_as_is(coefficient: f64, mut factors: Vec<(Self, Self)>) -> Self {
        if let [(base, exponent)] = factors.as_slice()
            && let Kind::Product(inner, parts) = &base.0.kind
            && exponent
                .as_number()
                .is_some_and(|it| it.total_cmp(&1.0).is_eq())
        {
            let (coefficient, parts) = (coefficient * inner, parts.clone());
            factors = parts;
            return Self::written(coefficient, factors);
        }
        Self::written(coefficient, factors)
    }

    fn written(coefficient: f64, factors: Vec<(Self, Self)>) -> Self {
        let mut shape = "(* #".to_owned();
        let mut numbers = vec![coefficient];
        for (base, exponent) in &factors {
            base.add_to(&mut shape, &mut numbers);
            exponent.add_to(&mut shape, &mut numbers);
        }
        shape.push(')');
        Self::new(Kind::Product(coefficient, factors), shape, numbers)
    }

    /// The form in which some names are numbers.
    pub(super) fn with(&self, numbers: &dyn Fn(&str) -> Option<f64>) -> Self {
        match &self.0.kind {
            Kind::Number(_) => self.clone(),
            Kind::Name(name) => numbers(name).map_or_else(|| self.clone(), Self::number),
            Kind::Sum(constant, terms) => {
                let mut all = vec![(*constant, Self::number(1.0))];
                all.extend(terms.iter().map(|(c, form)| (*c, form.with(numbers))));
                Self::sum(all)
            }
            Kind::Product(coefficient, factors) => {
                let factors = factors.iter();
                let factors =
                    factors.map(|(base, exponent)| (base.with(numbers), exponent.with(numbers)));
                Self::product(*coefficient, factors.collect())
            }
            Kind::Apply(operator, operands) => {
                let operands = operands.iter().map(|it| it.with(numbers)).collect();
                match operator.as_str() {
                    "and" | "or" | "xor" | "min" | "max" | "pair" => {
                        Self::apply_in_any_order(operator, operands)
                    }
                    _ => Self::apply(operator, operands),
                }
            }
        }
    }

    /// Its value where names have these values: only for words about a difference that is already found.
    pub(super) fn value(&self, values: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        Some(match &self.0.kind {
            Kind::Number(value) => *value,
            Kind::Name(name) => values(name)?,
            Kind::Sum(constant, terms) => {
                let mut sum = *constant;
                for (coefficient, form) in terms {
                    sum += coefficient * form.value(values)?;
                }
                sum
            }
            Kind::Product(coefficient, factors) => {
                let mut product = *coefficient;
                for (base, exponent) in factors {
                    product *= power(base.value(values)?, exponent.value(values)?);
                }
                product
            }
            Kind::Apply(operator, operands) => {
                let operands = operands.iter().map(|it| it.value(values));
                let operands = operands.collect::<Option<Vec<f64>>>()?;
                applied(operator, &operands)?
            }
        })
    }
}

fn power(base: f64, exponent: f64) -> f64 {
    if exponent.total_cmp(&1.0).is_eq() {
        base
    } else if exponent.total_cmp(&-1.0).is_eq() {
        1.0 / base
    } else {
        Real::powf(base, exponent)
    }
}

fn applied(operator: &str, operands: &[f64]) -> Option<f64> {
    let truth = |it: bool| if it { 1.0 } else { 0.0 };
    Some(match (operator, operands) {
        ("true", []) => 1.0,
        ("false", []) => 0.0,
        ("exp", [a]) => Real::exp(*a),
        ("ln", [a]) => Real::ln(*a),
        ("abs", [a]) => a.abs(),
        ("min", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.min(*b)),
        ("max", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.max(*b)),
        ("lt", [a, b]) => truth(a < b),
        ("leq", [a, b]) => truth(a <= b),
        ("and", all) => truth(all.iter().all(|it| *it > 0.5)),
        ("or", all) => truth(all.iter().any(|it| *it > 0.5)),
        ("not", [a]) => truth(*a <= 0.5),
        ("if", [condition, yes, no]) => {
            if *condition > 0.5 {
                *yes
            } else {
                *no
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Form {
        Form::name(name)
    }

    fn times(a: &Form, b: &Form) -> Form {
        let one = || Form::number(1.0);
        Form::product(1.0, vec![(a.clone(), one()), (b.clone(), one())])
    }

    fn over(a: &Form, b: &Form) -> Form {
        let powers = vec![
            (a.clone(), Form::number(1.0)),
            (b.clone(), Form::number(-1.0)),
        ];
        Form::product(1.0, powers)
    }

    fn minus(a: &Form, b: &Form) -> Form {
        Form::sum(vec![(1.0, a.clone()), (-1.0, b.clone())])
    }

    #[test]
    fn one_formula_has_one_form() {
        let (x, y, two) = (name("x"), name("y"), Form::number(2.0));
        let pairs = [
            (times(&x, &y), times(&y, &x)),
            (times(&x, &times(&y, &two)), times(&times(&two, &x), &y)),
            (over(&x, &two), times(&Form::number(0.5), &x)),
            (over(&over(&x, &y), &two), over(&x, &times(&two, &y))),
            (
                times(&x, &x),
                Form::product(1.0, vec![(x.clone(), two.clone())]),
            ),
            (minus(&x, &y), times(&Form::number(-1.0), &minus(&y, &x))),
            (minus(&times(&two, &x), &x), x.clone()),
            (over(&x, &over(&y, &x)), over(&times(&x, &x), &y)),
            (
                Form::apply_in_any_order("and", vec![x.clone(), y.clone()]),
                Form::apply_in_any_order("and", vec![y.clone(), x.clone()]),
            ),
        ];
        for (place, (a, b)) in pairs.iter().enumerate() {
            assert!(a.is(b), "{place}: {a:?} {b:?}");
        }
    }

    #[test]
    fn other_formulas_have_other_forms() {
        let (x, y, one) = (name("x"), name("y"), Form::number(1.0));
        let pairs = [
            (times(&x, &y), over(&x, &y)),
            (minus(&x, &y), minus(&y, &x)),
            // Undefined where x is 0.
            (over(&x, &x), one.clone()),
            (times(&x, &Form::number(0.0)), Form::number(0.0)),
            (minus(&x, &x), Form::number(0.0)),
            (Form::number(f64::INFINITY), Form::number(1e300)),
            (Form::number(f64::INFINITY), Form::number(f64::NEG_INFINITY)),
            (
                Form::apply("lt", vec![x.clone(), y.clone()]),
                Form::apply("lt", vec![y.clone(), x.clone()]),
            ),
            (name("x 1:y"), times(&x, &y)),
        ];
        for (place, (a, b)) in pairs.iter().enumerate() {
            assert!(!a.is(b), "{place}: {a:?} {b:?}");
        }
    }
}
