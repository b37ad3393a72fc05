//! Expressions as text with as few brackets as needed, and as LaTeX.

use super::{Expression, Function, NodeKind, Operator};

/// How tightly a piece of text holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grip {
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

struct Piece {
    text: String,
    grip: Grip,
}

impl Piece {
    fn new(text: String, grip: Grip) -> Self {
        Self { text, grip }
    }

    /// The text, in brackets if it holds together less tightly than needed.
    fn within(&self, needed: Grip, open: &str, close: &str) -> String {
        if self.grip < needed {
            format!("{open}{}{close}", self.text)
        } else {
            self.text.clone()
        }
    }
}

fn grip_of(operator: Operator) -> (Grip, Grip, Grip) {
    // Own grip, grip needed on the left, on the right.
    match operator {
        Operator::Add => (Grip::Sum, Grip::Sum, Grip::Sum),
        Operator::Subtract => (Grip::Sum, Grip::Sum, Grip::Product),
        Operator::Multiply => (Grip::Product, Grip::Product, Grip::Sign),
        Operator::Divide => (Grip::Product, Grip::Product, Grip::Sign),
        Operator::Power => (Grip::Power, Grip::Atom, Grip::Sign),
    }
}

/// A number as short as it reads back.
fn number(value: f64) -> String {
    let plain = format!("{value}");
    if plain.len() <= 8 {
        plain
    } else {
        format!("{value:e}")
    }
}

impl Expression {
    /// As text in the rate language; reads back as the same expression.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.nodes().len());
        for node in self.nodes() {
            let piece = match &node.kind {
                NodeKind::Number {
                    value, unit: None, ..
                } => Piece::new(number(*value), Grip::Atom),
                NodeKind::Number {
                    value,
                    unit: Some(unit),
                    ..
                } => Piece::new(format!("{} [{unit}]", number(*value)), Grip::Atom),
                NodeKind::Name(name) => Piece::new(name.clone(), Grip::Atom),
                NodeKind::Resting(name) => Piece::new(format!("resting({name})"), Grip::Atom),
                NodeKind::Negate(operand) => {
                    let inner = pieces[*operand].within(Grip::Sign, "(", ")");
                    Piece::new(format!("-{inner}"), Grip::Sign)
                }
                NodeKind::Binary(operator, left, right) => {
                    let (own, left_needs, right_needs) = grip_of(*operator);
                    // a + (b + c) is another order of summing: keep its brackets.
                    let right_needs = if own == Grip::Sum {
                        Grip::Product
                    } else {
                        right_needs
                    };
                    let left = pieces[*left].within(left_needs, "(", ")");
                    let right = pieces[*right].within(right_needs, "(", ")");
                    let space = if *operator == Operator::Power {
                        ""
                    } else {
                        " "
                    };
                    let symbol = operator.symbol();
                    Piece::new(format!("{left}{space}{symbol}{space}{right}"), own)
                }
                NodeKind::Call(function, arguments) => {
                    let inner: Vec<_> =
                        arguments.iter().map(|a| pieces[*a].text.as_str()).collect();
                    let name = function.entry().name;
                    Piece::new(format!("{name}({})", inner.join(", ")), Grip::Atom)
                }
            };
            pieces.push(piece);
        }
        pieces.pop().map_or_else(String::new, |piece| piece.text)
    }

    /// As LaTeX for mathematics mode; `symbol` gives the LaTeX of a name.
    #[must_use]
    pub fn to_latex(&self, symbol: &dyn Fn(&str) -> String) -> String {
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.nodes().len());
        for node in self.nodes() {
            let piece = latex_piece(&node.kind, &pieces, symbol);
            pieces.push(piece);
        }
        pieces.pop().map_or_else(String::new, |piece| piece.text)
    }
}

const OPEN: &str = "\\left(";
const CLOSE: &str = "\\right)";

fn latex_piece(kind: &NodeKind, pieces: &[Piece], symbol: &dyn Fn(&str) -> String) -> Piece {
    match kind {
        NodeKind::Number { value, unit, .. } => {
            let digits = latex_number(*value);
            let text = match unit {
                Some(unit) => format!("{digits}\\,\\mathrm{{{}}}", latex_words(&unit.to_string())),
                None => digits,
            };
            Piece::new(text, Grip::Atom)
        }
        NodeKind::Name(name) => Piece::new(symbol(name), Grip::Atom),
        NodeKind::Resting(name) => Piece::new(
            format!("{{{}}}^{{\\mathrm{{rest}}}}", symbol(name)),
            Grip::Power,
        ),
        NodeKind::Negate(operand) => {
            let inner = pieces[*operand].within(Grip::Sign, OPEN, CLOSE);
            Piece::new(format!("-{inner}"), Grip::Sign)
        }
        NodeKind::Binary(Operator::Divide, left, right) => {
            let (left, right) = (&pieces[*left].text, &pieces[*right].text);
            Piece::new(format!("\\frac{{{left}}}{{{right}}}"), Grip::Power)
        }
        NodeKind::Binary(Operator::Power, left, right) => {
            let base = pieces[*left].within(Grip::Atom, OPEN, CLOSE);
            Piece::new(
                format!("{{{base}}}^{{{}}}", pieces[*right].text),
                Grip::Power,
            )
        }
        NodeKind::Binary(operator, left, right) => {
            let (own, left_needs, right_needs) = grip_of(*operator);
            let left = pieces[*left].within(left_needs, OPEN, CLOSE);
            let right = pieces[*right].within(right_needs, OPEN, CLOSE);
            let sign = match operator {
                Operator::Add => " + ",
                Operator::Subtract => " - ",
                _ => " \\, ",
            };
            Piece::new(format!("{left}{sign}{right}"), own)
        }
        NodeKind::Call(function, arguments) => {
            let inner: Vec<_> = arguments.iter().map(|a| pieces[*a].text.as_str()).collect();
            latex_call(*function, &inner)
        }
    }
}

fn latex_call(function: Function, inner: &[&str]) -> Piece {
    let list = inner.join(", ");
    let text = match function {
        Function::Sqrt => format!("\\sqrt{{{list}}}"),
        Function::Abs => format!("\\left|{list}\\right|"),
        Function::Positive => format!("\\left[{list}\\right]_{{+}}"),
        Function::Hill => match inner {
            [x, half, n] => format!("H_{{{n}}}\\!\\left(\\frac{{{x}}}{{{half}}}\\right)"),
            _ => list,
        },
        Function::HillDown => match inner {
            [x, half, n] => format!("\\bar H_{{{n}}}\\!\\left(\\frac{{{x}}}{{{half}}}\\right)"),
            _ => list,
        },
        Function::SwitchUp => match inner {
            [x, threshold, width] => {
                format!("\\sigma\\!\\left(\\frac{{{x} - {threshold}}}{{{width}}}\\right)")
            }
            _ => list,
        },
        Function::Exp | Function::Ln | Function::Min | Function::Max | Function::Resting => {
            format!("\\{}\\left({list}\\right)", function.entry().name)
        }
    };
    Piece::new(text, Grip::Atom)
}

fn latex_number(value: f64) -> String {
    let text = number(value);
    match text.split_once('e') {
        Some((digits, exponent)) => format!("{digits} \\times 10^{{{exponent}}}"),
        None => text,
    }
}

/// Words inside `\mathrm{…}`: what LaTeX would take for a command is escaped.
#[must_use]
pub(crate) fn latex_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(character);
            }
            '^' => out.push_str("\\^{}"),
            '\\' => out.push_str("\\backslash{}"),
            ' ' => out.push_str("\\ "),
            other => out.push(other),
        }
    }
    out
}
