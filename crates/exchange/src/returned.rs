//! An SBML file that came back from another program, as far as values and rates go.
//!
//! What: parameters, initial values, rules, rates and stoichiometries of any Level 2 or 3 file, read
//! without trusting it. This is no SBML simulator: what cannot be read is named.

use std::cell::Cell;
use std::collections::BTreeMap;

use gutbrain_numbers::Real;
use roxmltree::{Document, Node};

/// Deepest formula that is read.
const DEEPEST: usize = 300;

/// Nodes that may be computed in all: functions that call each other could go on for ever.
const MOST: u32 = 20_000_000;

/// The model of a file.
pub(super) struct Returned<'a> {
    /// Value of every parameter without a rule.
    pub(super) parameters: BTreeMap<&'a str, f64>,
    /// First value of every species, per volume or whole.
    pub(super) species: BTreeMap<&'a str, f64>,
    /// Sizes of compartments.
    pub(super) compartments: BTreeMap<&'a str, f64>,
    /// Formulas of assignment rules.
    pub(super) rules: BTreeMap<&'a str, Node<'a, 'a>>,
    /// Reactions.
    pub(super) reactions: BTreeMap<&'a str, Turn<'a>>,
    /// Events: trigger and assignments.
    pub(super) events: BTreeMap<&'a str, Happening<'a>>,
    functions: BTreeMap<&'a str, Node<'a, 'a>>,
    computed: Cell<u32>,
}

/// A reaction.
pub(super) struct Turn<'a> {
    /// Species and how many one turn makes.
    pub(super) changes: BTreeMap<&'a str, f64>,
    law: Option<Node<'a, 'a>>,
    local: BTreeMap<&'a str, f64>,
}

/// An event.
pub(super) struct Happening<'a> {
    pub(super) trigger: Option<Node<'a, 'a>>,
    pub(super) assignments: BTreeMap<&'a str, Node<'a, 'a>>,
}

fn named<'a>(node: Node<'a, 'a>, name: &str) -> impl Iterator<Item = Node<'a, 'a>> {
    let name = name.to_owned();
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

fn listed<'a>(node: Node<'a, 'a>, list: &str) -> Vec<Node<'a, 'a>> {
    named(node, list)
        .flat_map(|list| list.children().filter(Node::is_element))
        .collect()
}

fn math<'a>(node: Node<'a, 'a>) -> Option<Node<'a, 'a>> {
    let math = named(node, "math").next()?;
    math.children().find(Node::is_element)
}

fn number(node: Node<'_, '_>, attribute: &str) -> Option<f64> {
    let text = node.attribute(attribute)?.trim();
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => text.parse().ok(),
    }
}

impl<'a> Returned<'a> {
    /// Reads a parsed file.
    ///
    /// # Errors
    /// Why it is no SBML model.
    pub(super) fn read(document: &'a Document<'a>) -> Result<Self, String> {
        let root = document.root_element();
        if root.tag_name().name() != "sbml" {
            return Err(format!(
                "the root is <{}>, not <sbml>",
                root.tag_name().name()
            ));
        }
        let model = named(root, "model")
            .next()
            .ok_or("there is no <model> in it")?;
        let values = |list: &str, keys: &[&str]| {
            let found = listed(model, list).into_iter().filter_map(|node| {
                let value = keys.iter().find_map(|key| number(node, key))?;
                Some((node.attribute("id")?, value))
            });
            found.collect::<BTreeMap<_, _>>()
        };
        let rules = listed(model, "listOfRules")
            .into_iter()
            .filter(|node| node.tag_name().name() == "assignmentRule")
            .filter_map(|node| Some((node.attribute("variable")?, math(node)?)))
            .collect::<BTreeMap<_, _>>();
        let mut parameters = values("listOfParameters", &["value"]);
        parameters.retain(|id, _| !rules.contains_key(id));
        Ok(Self {
            parameters,
            species: values("listOfSpecies", &["initialConcentration", "initialAmount"]),
            compartments: values("listOfCompartments", &["size", "volume"]),
            rules,
            reactions: listed(model, "listOfReactions")
                .into_iter()
                .filter_map(|node| Some((node.attribute("id")?, turn(node))))
                .collect(),
            events: listed(model, "listOfEvents")
                .into_iter()
                .filter_map(|node| Some((node.attribute("id")?, happening(node))))
                .collect(),
            functions: listed(model, "listOfFunctionDefinitions")
                .into_iter()
                .filter_map(|node| Some((node.attribute("id")?, math(node)?)))
                .collect(),
            computed: Cell::new(0),
        })
    }

    /// The rate of a reaction where names have these values.
    ///
    /// # Errors
    /// What cannot be computed.
    pub(super) fn rate(&self, turn: &Turn<'a>, values: &Values<'_>) -> Result<f64, String> {
        let law = turn.law.ok_or("it has no kinetic law")?;
        let scope = Scope {
            file: self,
            values,
            local: turn.local.clone(),
        };
        scope.value(law, 0)
    }

    /// A formula where names have these values.
    ///
    /// # Errors
    /// What cannot be computed.
    pub(super) fn value(&self, node: Node<'a, 'a>, values: &Values<'_>) -> Result<f64, String> {
        let local = BTreeMap::new();
        Scope {
            file: self,
            values,
            local,
        }
        .value(node, 0)
    }
}

fn turn<'a>(node: Node<'a, 'a>) -> Turn<'a> {
    let mut changes = BTreeMap::new();
    for (list, sign) in [("listOfReactants", -1.0), ("listOfProducts", 1.0)] {
        for reference in listed(node, list) {
            if let Some(species) = reference.attribute("species") {
                let count = number(reference, "stoichiometry").unwrap_or(1.0);
                *changes.entry(species).or_insert(0.0) += sign * count;
            }
        }
    }
    let law = named(node, "kineticLaw").next();
    let lists = ["listOfLocalParameters", "listOfParameters"];
    let local = law.into_iter().flat_map(|law| {
        let all = lists.iter().flat_map(move |list| listed(law, list));
        all.filter_map(|it| Some((it.attribute("id")?, number(it, "value")?)))
    });
    Turn {
        changes,
        local: local.collect(),
        law: law.and_then(math),
    }
}

fn happening<'a>(node: Node<'a, 'a>) -> Happening<'a> {
    let assignments = listed(node, "listOfEventAssignments");
    Happening {
        trigger: named(node, "trigger").next().and_then(math),
        assignments: assignments
            .into_iter()
            .filter_map(|it| Some((it.attribute("variable")?, math(it)?)))
            .collect(),
    }
}

/// Values of names and of the time.
pub(super) type Values<'v> = dyn Fn(&str) -> Option<f64> + 'v;

/// Where a formula is computed.
struct Scope<'a, 'v> {
    file: &'a Returned<'a>,
    values: &'v Values<'v>,
    local: BTreeMap<&'a str, f64>,
}

impl<'a> Scope<'a, '_> {
    fn value(&self, node: Node<'a, 'a>, depth: usize) -> Result<f64, String> {
        let computed = self.file.computed.get().saturating_add(1);
        self.file.computed.set(computed);
        if depth > DEEPEST || computed > MOST {
            return Err("a formula is too deep or too long".to_owned());
        }
        let deeper = depth + 1;
        let elements = || node.children().filter(Node::is_element);
        match node.tag_name().name() {
            "cn" => constant(node),
            "ci" => {
                let name = node.text().unwrap_or_default().trim();
                let local = self.local.get(name).copied();
                local
                    .or_else(|| (self.values)(name))
                    .ok_or_else(|| format!("the name `{name}` is not known"))
            }
            "csymbol" => (self.values)("time").ok_or_else(|| "time is not known".to_owned()),
            "infinity" => Ok(f64::INFINITY),
            "notanumber" => Ok(f64::NAN),
            "exponentiale" => Ok(std::f64::consts::E),
            "pi" => Ok(std::f64::consts::PI),
            "true" => Ok(1.0),
            "false" => Ok(0.0),
            "piecewise" => {
                for part in elements() {
                    let inner: Vec<_> = part.children().filter(Node::is_element).collect();
                    match (part.tag_name().name(), inner.as_slice()) {
                        ("piece", [value, condition]) => {
                            if self.value(*condition, deeper)? > 0.5 {
                                return self.value(*value, deeper);
                            }
                        }
                        ("otherwise", [value]) => return self.value(*value, deeper),
                        _ => return Err("a piecewise formula is damaged".to_owned()),
                    }
                }
                Ok(f64::NAN)
            }
            "apply" => {
                let mut parts = elements();
                let operator = parts.next().ok_or("an empty <apply>")?;
                let operands: Vec<_> = parts.collect();
                self.apply(operator, &operands, deeper)
            }
            other => Err(format!("<{other}> is not known")),
        }
    }

    fn apply(
        &self,
        operator: Node<'a, 'a>,
        operands: &[Node<'a, 'a>],
        depth: usize,
    ) -> Result<f64, String> {
        let values = operands
            .iter()
            // A root may say its degree, a logarithm its base: neither is written by the export.
            .map(|operand| self.value(*operand, depth))
            .collect::<Result<Vec<f64>, String>>()?;
        let truth = |it: bool| if it { 1.0 } else { 0.0 };
        let name = operator.tag_name().name();
        Ok(match (name, values.as_slice()) {
            ("ci", values) => {
                let called = operator.text().unwrap_or_default().trim();
                return self.call(called, values, depth);
            }
            ("plus", values) => values.iter().sum(),
            ("times", values) => values.iter().product(),
            ("minus", [a]) => -a,
            ("minus", [a, b]) => a - b,
            ("divide", [a, b]) => a / b,
            ("power", [a, b]) => Real::powf(*a, *b),
            ("exp", [a]) => Real::exp(*a),
            ("ln", [a]) => Real::ln(*a),
            ("root", [a]) => a.sqrt(),
            ("abs", [a]) => a.abs(),
            ("min", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.min(*b)),
            ("max", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.max(*b)),
            ("lt", [a, b]) => truth(a < b),
            ("gt", [a, b]) => truth(a > b),
            ("leq", [a, b]) => truth(a <= b),
            ("geq", [a, b]) => truth(a >= b),
            ("eq", [a, b]) => truth(a.total_cmp(b).is_eq()),
            ("neq", [a, b]) => truth(a.total_cmp(b).is_ne()),
            ("and", values) => truth(values.iter().all(|it| *it > 0.5)),
            ("or", values) => truth(values.iter().any(|it| *it > 0.5)),
            ("not", [a]) => truth(*a <= 0.5),
            (other, _) => return Err(format!("<{other}> with {} operands", values.len())),
        })
    }

    fn call(&self, name: &str, values: &[f64], depth: usize) -> Result<f64, String> {
        let lambda = self.file.functions.get(name);
        let lambda = lambda.ok_or_else(|| format!("the function `{name}` is not defined"))?;
        let mut arguments = Vec::new();
        let mut body = None;
        for child in lambda.children().filter(Node::is_element) {
            if child.tag_name().name() == "bvar" {
                let name = child.children().find(Node::is_element);
                let name = name.and_then(|it| it.text()).unwrap_or_default();
                arguments.push(name.trim());
            } else {
                body = Some(child);
            }
        }
        if arguments.len() != values.len() {
            return Err(format!(
                "the function `{name}` with {} arguments",
                values.len()
            ));
        }
        let inner = Scope {
            file: self.file,
            values: self.values,
            local: arguments.into_iter().zip(values.iter().copied()).collect(),
        };
        let body = body.ok_or_else(|| format!("the function `{name}` is empty"))?;
        inner.value(body, depth + 1)
    }
}

/// A number as MathML writes it: plain, with an exponent, or as a quotient.
fn constant(node: Node<'_, '_>) -> Result<f64, String> {
    let parts: Vec<&str> = node
        .children()
        .filter_map(|child| child.text())
        .map(str::trim)
        .collect();
    let wrong = || format!("`{}` is no number", parts.join(" "));
    let read = |text: &str| text.parse::<f64>().map_err(|_| wrong());
    match (node.attribute("type"), parts.as_slice()) {
        (Some("e-notation"), [mantissa, exponent]) => read(&format!("{mantissa}e{exponent}")),
        (Some("rational"), [above, below]) => Ok(read(above)? / read(below)?),
        (_, [text]) => read(text),
        _ => Err(wrong()),
    }
}
