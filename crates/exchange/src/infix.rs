//! Formulas as text with operators between operands, as Antimony, SED-ML tools and PEtab write them.
//!
//! Brackets stand wherever the order of computation would otherwise be open.

use super::formula::{Call, Formula, Relation};
use super::functions::defined_name;
use super::xml::number;

/// The formula as text; units are left out.
pub(super) fn infix(formula: &Formula) -> String {
    match formula {
        Formula::Number(value, _) if value.is_nan() => "nan".to_owned(),
        Formula::Number(value, _) if value.is_infinite() && *value > 0.0 => "inf".to_owned(),
        Formula::Number(value, _) if value.is_infinite() => "(-inf)".to_owned(),
        Formula::Number(value, _) if *value < 0.0 => format!("({})", number(*value)),
        Formula::Number(value, _) => number(*value),
        Formula::Name(name) => name.clone(),
        Formula::Time => "time".to_owned(),
        Formula::Negate(inner) => format!("(-{})", infix(inner)),
        Formula::Binary(operator, a, b) => {
            format!("({} {} {})", infix(a), operator.symbol(), infix(b))
        }
        Formula::Compare(relation, a, b) => {
            let symbol = match relation {
                Relation::Less => "<",
                Relation::Greater => ">",
                Relation::AtLeast => ">=",
                Relation::AtMost => "<=",
            };
            format!("({} {symbol} {})", infix(a), infix(b))
        }
        Formula::And(a, b) => format!("({} && {})", infix(a), infix(b)),
        Formula::Either(yes, condition, no) => {
            let (yes, condition, no) = (infix(yes), infix(condition), infix(no));
            format!("piecewise({yes}, {condition}, {no})")
        }
        Formula::Call(call, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(infix).collect();
            let name = match call {
                Call::Exp => "exp",
                Call::Ln => "ln",
                Call::Sqrt => "sqrt",
                Call::Abs => "abs",
                Call::Hill | Call::HillDown | Call::SwitchUp => {
                    defined_name(*call).unwrap_or_default()
                }
            };
            format!("{name}({})", arguments.join(", "))
        }
    }
}
