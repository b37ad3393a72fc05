//! Expressions of the rate language.
//!
//! An [`Expression`] is a flat list of nodes in which operands stand before the
//! node that uses them; the last node is the root. Every pass over it is a plain
//! loop, so that no text, however deep, can exhaust the stack.

mod function;
mod lexer;
mod measure;
mod parser;
mod show;

use std::collections::BTreeSet;
use std::ops::Range;

use num_rational::BigRational;

use crate::fault::Place;
use crate::unit::Unit;

pub use function::{FUNCTIONS, Function, FunctionEntry, More, RESERVED};
pub use lexer::LONGEST_EXPRESSION;
pub(crate) use measure::explain;
pub use measure::{Conversions, Measured, exact_constant, measure, measure_as};
pub use parser::{DEEPEST_EXPRESSION, parse};
pub(crate) use show::latex_words;

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
}

impl Operator {
    /// As written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
        }
    }
}

/// What a node is; operands are indices of earlier nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A number, perhaps of a unit.
    Number {
        /// Its value.
        value: f64,
        /// Its exact value as written, if it is one of moderate size.
        exact: Option<BigRational>,
        /// Its unit, if one was written.
        unit: Option<Unit>,
    },
    /// A name of the model.
    Name(String),
    /// The resting value of a name.
    Resting(String),
    /// The negative of a node.
    Negate(usize),
    /// Two nodes and an operator.
    Binary(Operator, usize, usize),
    /// A call of a function other than `resting`.
    Call(Function, Vec<usize>),
}

/// A node and its bytes in the expression's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where in the text.
    pub span: Range<usize>,
}

/// An expression as written and as a list of nodes, operands first.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: String,
    place: Place,
    nodes: Vec<Node>,
}

impl Expression {
    /// A number that was written as such, not as text, and what it counts.
    #[must_use]
    pub fn number(value: f64, unit: Option<&Unit>, place: Place) -> Self {
        let text = format!("{value}");
        let kind = NodeKind::Number {
            value,
            exact: crate::unit::rational::parse_decimal(&text),
            unit: unit.cloned(),
        };
        let span = 0..text.len();
        Self {
            text,
            place,
            nodes: vec![Node { kind, span }],
        }
    }

    /// The expression as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it is written.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Its nodes, operands before what uses them, the root last; never empty.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Where a node stands in the source.
    #[must_use]
    pub fn place_of(&self, node: usize) -> Place {
        let whole = &self.place.span;
        let span = match self.nodes.get(node) {
            // The text stands in the source letter by letter.
            Some(node) if whole.len() == self.text.len() => {
                whole.start + node.span.start..whole.start + node.span.end
            }
            _ => whole.clone(),
        };
        Place::new(&self.place.source, span)
    }

    /// A part of the text, for messages; cut if long.
    #[must_use]
    pub fn excerpt(&self, node: usize) -> String {
        let span = self.nodes.get(node).map_or(0..0, |node| node.span.clone());
        let text = self.text.get(span).unwrap_or(&self.text);
        let mut excerpt: String = text.chars().take(60).collect();
        if excerpt.len() < text.len() {
            excerpt.push('…');
        }
        excerpt
    }

    /// The names it reads, those in `resting(…)` not included.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.nodes
            .iter()
            .filter_map(|node| match &node.kind {
                NodeKind::Name(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The names whose resting values it reads.
    #[must_use]
    pub fn resting_names(&self) -> BTreeSet<&str> {
        self.nodes
            .iter()
            .filter_map(|node| match &node.kind {
                NodeKind::Resting(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }
}
