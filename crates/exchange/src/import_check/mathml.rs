//! MathML of a file that came back as [`Form`]s: functions called in, sizes put in, everything accounted for.
//!
//! An element or attribute that is not understood is an error, and so a difference with a name. The work is
//! bounded: functions that call each other could go on for ever.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use roxmltree::Node;

use super::form::Form;

/// Deepest formula that is read.
const DEEPEST: usize = 300;

/// Parts that the formulas of one file may have in all.
const MOST: u32 = 150_000;

/// Bytes that the forms of one file may take in all.
const LARGEST: usize = 200_000_000;

/// What names mean while formulas of one file are read.
#[derive(Debug, Default)]
pub(super) struct Formulas<'a> {
    /// Functions by their identifier.
    pub(super) functions: BTreeMap<&'a str, Node<'a, 'a>>,
    /// Names that are numbers: sizes of compartments and conversion factors that nothing changes.
    pub(super) fixed: BTreeMap<&'a str, f64>,
    parts: Cell<u32>,
    bytes: Cell<usize>,
    /// Numbers of the formula being read that say a unit, with the unit's identifier.
    measured: RefCell<Measured>,
}

/// Numbers of a formula that say their units, each with the unit's identifier.
pub(super) type Measured = Vec<(f64, String)>;

/// A formula and the numbers in it that say their units.
#[derive(Debug, Clone)]
pub(super) struct Formula {
    pub(super) form: Form,
    pub(super) measured: Measured,
}

type Local<'a> = BTreeMap<&'a str, Form>;

/// Attributes that say nothing that is computed.
const SILENT: &[&str] = &["id", "class", "style", "xref", "encoding"];

impl<'a> Formulas<'a> {
    /// Reads `<math>`'s content, where some names have a meaning of their own.
    ///
    /// # Errors
    /// What is not understood.
    pub(super) fn read(&self, math: Node<'a, 'a>, local: &Local<'a>) -> Result<Formula, String> {
        self.measured.borrow_mut().clear();
        attributes(math, &[])?;
        let parts: Vec<_> = math.children().filter(Node::is_element).collect();
        let [content] = parts.as_slice() else {
            return Err(format!("<math> with {} formulas", parts.len()));
        };
        let form = self.form(*content, local, 0)?;
        Ok(Formula {
            form,
            measured: self.measured.take(),
        })
    }

    /// A function as a form of its arguments, whatever these are called.
    ///
    /// # Errors
    /// What is not understood.
    pub(super) fn body(&self, name: &str) -> Result<Form, String> {
        let count = self.arguments(name)?.0.len();
        let arguments = (0..count).map(|place| Form::name(&format!("@argument {place}")));
        self.call(name, arguments.collect(), 0)
    }

    fn form(&self, node: Node<'a, 'a>, local: &Local<'a>, depth: usize) -> Result<Form, String> {
        let form = self.part(node, local, depth)?;
        let bytes = self.bytes.get().saturating_add(form.size());
        self.bytes.set(bytes);
        let parts = self.parts.get().saturating_add(1);
        self.parts.set(parts);
        if parts > MOST || bytes > LARGEST {
            return Err("the formulas are too long".to_owned());
        }
        Ok(form)
    }

    fn part(&self, node: Node<'a, 'a>, local: &Local<'a>, depth: usize) -> Result<Form, String> {
        if depth > DEEPEST {
            return Err("a formula is too deep".to_owned());
        }
        let tag = node.tag_name().name();
        match tag {
            "cn" => return self.number(node),
            "csymbol" => {
                let symbol = symbol(node)?;
                return match symbol.as_str() {
                    "time" | "avogadro" => Ok(Form::name(&format!("@{symbol}"))),
                    _ => Err(format!("the symbol `{symbol}` is no quantity")),
                };
            }
            "ci" => {
                attributes(node, &[])?;
                let name = text(node)?;
                if let Some(form) = local.get(name) {
                    return Ok(form.clone());
                }
                let fixed = self.fixed.get(name).copied();
                return Ok(fixed.map_or_else(|| Form::name(name), Form::number));
            }
            _ => {}
        }
        attributes(node, &[])?;
        let parts: Vec<_> = node.children().filter(Node::is_element).collect();
        match (tag, parts.as_slice()) {
            ("infinity", []) => Ok(Form::number(f64::INFINITY)),
            ("notanumber", []) => Ok(Form::number(f64::NAN)),
            ("exponentiale", []) => Ok(Form::number(std::f64::consts::E)),
            ("pi", []) => Ok(Form::number(std::f64::consts::PI)),
            ("true" | "false", []) => Ok(Form::apply(tag, Vec::new())),
            ("semantics", [content, rest @ ..]) => {
                let silent = |it: &Node<'_, '_>| {
                    matches!(it.tag_name().name(), "annotation" | "annotation-xml")
                };
                match rest.iter().find(|it| !silent(it)) {
                    None => self.form(*content, local, depth + 1),
                    Some(other) => Err(format!("<{}> in <semantics>", other.tag_name().name())),
                }
            }
            ("piecewise", parts) => self.piecewise(parts, local, depth + 1),
            ("apply", [operator, operands @ ..]) => {
                self.applied(*operator, operands, local, depth + 1)
            }
            _ => Err(format!("<{tag}> is not understood")),
        }
    }

    fn piecewise(
        &self,
        parts: &[Node<'a, 'a>],
        local: &Local<'a>,
        depth: usize,
    ) -> Result<Form, String> {
        let mut form = None;
        // From the last to the first: each piece is an `if` with the rest as its other branch.
        for part in parts.iter().rev() {
            attributes(*part, &[])?;
            let inner: Vec<_> = part.children().filter(Node::is_element).collect();
            form = Some(match (part.tag_name().name(), inner.as_slice(), form) {
                ("otherwise", [value], None) => self.form(*value, local, depth)?,
                ("piece", [value, condition], rest) => {
                    let value = self.form(*value, local, depth)?;
                    let condition = self.form(*condition, local, depth)?;
                    let rest = rest.unwrap_or_else(|| Form::number(f64::NAN));
                    Form::apply("if", vec![condition, value, rest])
                }
                _ => return Err("a piecewise formula is damaged".to_owned()),
            });
        }
        form.ok_or_else(|| "a piecewise formula is empty".to_owned())
    }

    fn applied(
        &self,
        operator: Node<'a, 'a>,
        operands: &[Node<'a, 'a>],
        local: &Local<'a>,
        depth: usize,
    ) -> Result<Form, String> {
        let name = operator.tag_name().name();
        // The degree of a root and the base of a logarithm stand first, as elements of their own.
        let (qualifier, operands) = match (name, operands) {
            ("root" | "log", [first, rest @ ..])
                if matches!(first.tag_name().name(), "degree" | "logbase") =>
            {
                attributes(*first, &[])?;
                let inside: Vec<_> = first.children().filter(Node::is_element).collect();
                let [value] = inside.as_slice() else {
                    return Err("a damaged degree or base".to_owned());
                };
                (Some(self.form(*value, local, depth)?), rest)
            }
            _ => (None, operands),
        };
        let values = operands.iter().map(|it| self.form(*it, local, depth));
        let values = values.collect::<Result<Vec<Form>, String>>()?;
        match name {
            "ci" => {
                attributes(operator, &[])?;
                return self.call(text(operator)?, values, depth);
            }
            "csymbol" => {
                let symbol = symbol(operator)?;
                return match symbol.as_str() {
                    "delay" | "rateOf" => Ok(Form::apply(&format!("@{symbol}"), values)),
                    _ => Err(format!("the symbol `{symbol}` is no function")),
                };
            }
            _ => attributes(operator, &[])?,
        }
        written(name, qualifier, values)
    }

    fn arguments(&self, name: &str) -> Result<(Vec<&'a str>, Node<'a, 'a>), String> {
        let math = self.functions.get(name);
        let math = math.ok_or_else(|| format!("the function `{name}` is not defined"))?;
        attributes(*math, &[])?;
        let mut inside = math.children().filter(Node::is_element);
        let lambda = match (inside.next(), inside.next()) {
            (Some(only), None) if only.tag_name().name() == "lambda" => only,
            _ => return Err(format!("the function `{name}` is no <lambda>")),
        };
        attributes(lambda, &[])?;
        let mut arguments = Vec::new();
        let mut body = None;
        for child in lambda.children().filter(Node::is_element) {
            if child.tag_name().name() == "bvar" {
                attributes(child, &[])?;
                let inside: Vec<_> = child.children().filter(Node::is_element).collect();
                let [argument] = inside.as_slice() else {
                    return Err(format!("an argument of `{name}` is damaged"));
                };
                attributes(*argument, &[])?;
                if argument.tag_name().name() != "ci" {
                    return Err(format!("an argument of `{name}` is damaged"));
                }
                let argument = text(*argument)?;
                if arguments.contains(&argument) {
                    return Err(format!("two arguments of `{name}` are called {argument}"));
                }
                arguments.push(argument);
            } else if body.replace(child).is_some() {
                return Err(format!("the function `{name}` has two values"));
            }
        }
        let body = body.ok_or_else(|| format!("the function `{name}` is empty"))?;
        Ok((arguments, body))
    }

    fn call(&self, name: &str, values: Vec<Form>, depth: usize) -> Result<Form, String> {
        let (arguments, body) = self.arguments(name)?;
        if arguments.len() != values.len() {
            let count = values.len();
            return Err(format!("the function `{name}` with {count} arguments"));
        }
        let inner: Local<'a> = arguments.into_iter().zip(values).collect();
        self.form(body, &inner, depth + 1)
    }

    /// A number as MathML writes it: plain, with an exponent, or as a quotient.
    fn number(&self, node: Node<'a, 'a>) -> Result<Form, String> {
        attributes(node, &["type", "base", "units"])?;
        if node
            .attribute("base")
            .is_some_and(|base| base.trim() != "10")
        {
            return Err("a number of another base than 10".to_owned());
        }
        let parts: Vec<&str> = (node.children())
            .filter(Node::is_text)
            .filter_map(|child| child.text())
            .map(str::trim)
            .collect();
        let strange = (node.children()).any(|it| it.is_element() && it.tag_name().name() != "sep");
        let wrong = || format!("`{}` is no number", parts.join(" "));
        if strange {
            return Err(wrong());
        }
        let read = |text: &str| text.parse::<f64>().map_err(|_| wrong());
        let kind = node.attribute("type").unwrap_or("real");
        let value = match (kind, parts.as_slice()) {
            ("e-notation", [mantissa, exponent]) => read(&format!("{mantissa}e{exponent}"))?,
            ("rational", [above, below]) => read(above)? / read(below)?,
            ("real" | "integer" | "e-notation", [text]) => read(text)?,
            _ => return Err(wrong()),
        };
        let unit = node.attributes().find(|it| it.name() == "units");
        if let Some(unit) = unit {
            let measured = (value, unit.value().to_owned());
            self.measured.borrow_mut().push(measured);
        }
        Ok(Form::number(value))
    }
}

/// An operator of MathML on its operands.
fn written(name: &str, qualifier: Option<Form>, values: Vec<Form>) -> Result<Form, String> {
    let one = || Form::number(1.0);
    let raised = |base: &Form, exponent: Form| Form::product(1.0, vec![(base.clone(), exponent)]);
    let minus_one = || Form::number(-1.0);
    let in_any_order = matches!(name, "eq" | "neq" | "and" | "or" | "xor" | "min" | "max");
    Ok(match (name, values.as_slice()) {
        ("plus", _) => Form::sum(values.into_iter().map(|it| (1.0, it)).collect()),
        ("times", _) => Form::product(1.0, values.into_iter().map(|it| (it, one())).collect()),
        ("minus", [a]) => Form::sum(vec![(-1.0, a.clone())]),
        ("minus", [a, b]) => Form::sum(vec![(1.0, a.clone()), (-1.0, b.clone())]),
        ("divide", [a, b]) => {
            Form::product(1.0, vec![(a.clone(), one()), (b.clone(), minus_one())])
        }
        ("power", [base, exponent]) => raised(base, exponent.clone()),
        ("root", [a]) => {
            let degree = qualifier.unwrap_or_else(|| Form::number(2.0));
            raised(a, raised(&degree, minus_one()))
        }
        ("log", [a]) => {
            let base = qualifier.unwrap_or_else(|| Form::number(10.0));
            Form::apply("log", vec![base, a.clone()])
        }
        ("gt", [a, b]) => Form::apply("lt", vec![b.clone(), a.clone()]),
        ("geq", [a, b]) => Form::apply("leq", vec![b.clone(), a.clone()]),
        ("lt" | "leq", [_, _])
        | ("implies" | "quotient" | "rem", [_, _])
        | ("exp" | "ln" | "abs" | "floor" | "ceiling" | "factorial" | "not", [_])
        | (
            "sin" | "cos" | "tan" | "sec" | "csc" | "cot" | "sinh" | "cosh" | "tanh" | "sech"
            | "csch" | "coth" | "arcsin" | "arccos" | "arctan" | "arcsec" | "arccsc" | "arccot"
            | "arcsinh" | "arccosh" | "arctanh" | "arcsech" | "arccsch" | "arccoth",
            [_],
        ) => Form::apply(name, values),
        ("eq" | "neq", [_, _]) | ("and" | "or" | "xor" | "min" | "max", [_, ..])
            if in_any_order =>
        {
            match name {
                "eq" | "neq" => {
                    // Two comparisons side by side are not one of three.
                    let mut sorted = Form::apply_in_any_order("pair", values);
                    sorted = Form::apply(name, vec![sorted]);
                    sorted
                }
                // An exclusive or of three is one of its pairs: flattened as the others.
                _ => Form::apply_in_any_order(name, values),
            }
        }
        (other, values) => {
            let count = values.len();
            return Err(format!("<{other}> with {count} operands is not understood"));
        }
    })
}

/// The last part of the address that says which symbol this is.
fn symbol(node: Node<'_, '_>) -> Result<String, String> {
    attributes(node, &["definitionURL"])?;
    let address = node.attribute("definitionURL").unwrap_or_default().trim();
    let known = "http://www.sbml.org/sbml/symbols/";
    let symbol = address.strip_prefix(known);
    let symbol = symbol.ok_or_else(|| format!("the symbol `{address}` is not understood"))?;
    Ok(symbol.to_owned())
}

/// The one text of a name.
fn text<'a>(node: Node<'a, 'a>) -> Result<&'a str, String> {
    let mut children = node.children();
    match (children.next(), children.next()) {
        (Some(only), None) if only.is_text() => Ok(only.text().unwrap_or_default().trim()),
        _ => Err("a name with something else in it".to_owned()),
    }
}

/// Refuses attributes that are none of these.
fn attributes(node: Node<'_, '_>, known: &[&str]) -> Result<(), String> {
    for attribute in node.attributes() {
        let name = attribute.name();
        if !known.contains(&name) && !SILENT.contains(&name) {
            let tag = node.tag_name().name();
            return Err(format!("`{name}` of <{tag}> is not understood"));
        }
    }
    Ok(())
}
