//! Formulas as MathML, as SBML Level 3 has it: every number with its unit.

use gutbrain_network::expression::Operator;

use super::formula::{Call, Formula, Relation};
use super::functions::defined_name;
use super::units::UnitTable;
use super::xml::Xml;

/// Writes `<math>` with one formula.
pub(super) fn write_math(xml: &mut Xml, formula: &Formula, units: &mut UnitTable) {
    open_math(xml);
    write(xml, formula, units);
    xml.close();
}

/// Writes `<math>` with a function of these arguments.
pub(super) fn write_lambda(
    xml: &mut Xml,
    arguments: &[&str],
    body: &Formula,
    units: &mut UnitTable,
) {
    open_math(xml);
    xml.open("lambda", &[]);
    for argument in arguments {
        xml.open("bvar", &[]);
        xml.leaf("ci", &[], argument);
        xml.close();
    }
    write(xml, body, units);
    xml.close();
    xml.close();
}

fn open_math(xml: &mut Xml) {
    let namespaces = [
        ("xmlns", "http://www.w3.org/1998/Math/MathML"),
        ("xmlns:sbml", super::sbml::NAMESPACE),
    ];
    xml.open("math", &namespaces);
}

fn apply(xml: &mut Xml, operator: &str, operands: &[&Formula], units: &mut UnitTable) {
    xml.open("apply", &[]);
    xml.empty(operator, &[]);
    for operand in operands {
        write(xml, operand, units);
    }
    xml.close();
}

fn write(xml: &mut Xml, formula: &Formula, units: &mut UnitTable) {
    match formula {
        Formula::Number(value, _) if value.is_nan() => xml.empty("notanumber", &[]),
        Formula::Number(value, _) if value.is_infinite() && *value > 0.0 => {
            xml.empty("infinity", &[]);
        }
        Formula::Number(value, unit) if value.is_infinite() => {
            let infinite = Formula::Number(-value, unit.clone());
            apply(xml, "minus", &[&infinite], units);
        }
        Formula::Number(value, unit) => {
            let unit = units.id(unit);
            // Plain decimals: the form that every reader of MathML takes.
            xml.leaf(
                "cn",
                &[("type", "real"), ("sbml:units", &unit)],
                &format!("{value}"),
            );
        }
        Formula::Name(name) => xml.leaf("ci", &[], name),
        Formula::Time => {
            let attributes = [
                ("encoding", "text"),
                ("definitionURL", "http://www.sbml.org/sbml/symbols/time"),
            ];
            xml.leaf("csymbol", &attributes, "time");
        }
        Formula::Negate(inner) => apply(xml, "minus", &[inner], units),
        Formula::Binary(operator, a, b) => {
            let name = match operator {
                Operator::Add => "plus",
                Operator::Subtract => "minus",
                Operator::Multiply => "times",
                Operator::Divide => "divide",
                Operator::Power => "power",
            };
            apply(xml, name, &[a, b], units);
        }
        Formula::Compare(relation, a, b) => {
            let name = match relation {
                Relation::Less => "lt",
                Relation::Greater => "gt",
                Relation::AtLeast => "geq",
                Relation::AtMost => "leq",
            };
            apply(xml, name, &[a, b], units);
        }
        Formula::And(a, b) => apply(xml, "and", &[a, b], units),
        Formula::Either(yes, condition, no) => {
            xml.open("piecewise", &[]);
            xml.open("piece", &[]);
            write(xml, yes, units);
            write(xml, condition, units);
            xml.close();
            xml.open("otherwise", &[]);
            write(xml, no, units);
            xml.close();
            xml.close();
        }
        Formula::Call(call, arguments) => {
            let arguments: Vec<&Formula> = arguments.iter().collect();
            match (call, defined_name(*call)) {
                (_, Some(name)) => {
                    xml.open("apply", &[]);
                    xml.leaf("ci", &[], name);
                    for argument in arguments {
                        write(xml, argument, units);
                    }
                    xml.close();
                }
                (Call::Exp, None) => apply(xml, "exp", &arguments, units),
                (Call::Ln, None) => apply(xml, "ln", &arguments, units),
                (Call::Abs, None) => apply(xml, "abs", &arguments, units),
                // The square root is the only one left.
                (_, None) => apply(xml, "root", &arguments, units),
            }
        }
    }
}
