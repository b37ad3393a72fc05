//! Turns a checked expression into nodes of the graph.

use std::collections::BTreeMap;

use crate::expression::{Conversions, Expression, Function, NodeKind, Operator};
use crate::fault::{Code, Collector, Fault};

use super::graph::{Graph, NodeId};

/// Nodes of the names an expression may read.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) names: BTreeMap<String, NodeId>,
    pub(super) resting: BTreeMap<String, NodeId>,
}

/// The node of an expression's value. A declaration that was read has no unknown
/// names; one that was put together by hand may, and then they are faults.
pub(super) fn lower(
    graph: &mut Graph,
    expression: &Expression,
    conversions: &Conversions,
    scope: &Scope,
    faults: &Collector,
) -> NodeId {
    let mut values: Vec<NodeId> = Vec::with_capacity(expression.nodes().len());
    for (index, node) in expression.nodes().iter().enumerate() {
        let mut find = |names: &BTreeMap<String, NodeId>, name: &str| {
            names.get(name).copied().unwrap_or_else(|| {
                let message = format!("unknown name `{name}`");
                faults.add(Fault::new(
                    Code::UnknownName,
                    message,
                    &expression.place_of(index),
                ));
                graph.constant(f64::NAN)
            })
        };
        let value = match &node.kind {
            NodeKind::Number { value, .. } => graph.constant(*value),
            NodeKind::Name(name) => find(&scope.names, name),
            NodeKind::Resting(name) => find(&scope.resting, name),
            NodeKind::Negate(operand) => graph.negate(values[*operand]),
            NodeKind::Binary(operator, left, right) => {
                let (left, right) = (values[*left], values[*right]);
                match operator {
                    Operator::Add => graph.add(left, right),
                    Operator::Subtract => graph.subtract(left, right),
                    Operator::Multiply => graph.multiply(left, right),
                    Operator::Divide => graph.divide(left, right),
                    Operator::Power => graph.power(left, right),
                }
            }
            NodeKind::Call(function, arguments) => {
                let arguments: Vec<NodeId> = arguments.iter().map(|a| values[*a]).collect();
                call(graph, *function, &arguments)
            }
        };
        values.push(match conversions.get(&index) {
            Some(factor) => {
                let factor = graph.constant(*factor);
                graph.multiply(value, factor)
            }
            None => value,
        });
    }
    values.pop().unwrap_or_else(|| graph.constant(f64::NAN))
}

fn call(g: &mut Graph, function: Function, arguments: &[NodeId]) -> NodeId {
    match (function, arguments) {
        (Function::Exp, [x]) => g.exponential(*x),
        (Function::Ln, [x]) => g.logarithm(*x),
        (Function::Sqrt, [x]) => g.square_root(*x),
        (Function::Abs, [x]) => g.absolute(*x),
        (Function::Positive, [x]) => positive(g, *x),
        (Function::Min, [first, rest @ ..]) => rest.iter().fold(*first, |a, b| g.minimum(a, *b)),
        (Function::Max, [first, rest @ ..]) => rest.iter().fold(*first, |a, b| g.maximum(a, *b)),
        (Function::Hill, [x, half, exponent]) => {
            let power = relative_power(g, *x, *half, *exponent);
            g.saturate(power)
        }
        (Function::HillDown, [x, half, exponent]) => {
            let power = relative_power(g, *x, *half, *exponent);
            g.decline(power)
        }
        (Function::SwitchUp, [x, threshold, width]) => {
            let distance = g.subtract(*x, *threshold);
            let scaled = g.divide(distance, *width);
            g.logistic(scaled)
        }
        // The parser checks the number of arguments and resolves `resting`.
        _ => g.constant(f64::NAN),
    }
}

fn positive(g: &mut Graph, x: NodeId) -> NodeId {
    let zero = g.constant(0.0);
    g.maximum(x, zero)
}

/// (max(x, 0)/half)^exponent. The quotient comes first: it has no unit, so that
/// another unit for x and half changes nothing.
fn relative_power(g: &mut Graph, x: NodeId, half: NodeId, exponent: NodeId) -> NodeId {
    let x = positive(g, x);
    let relative = g.divide(x, half);
    g.rise(relative, exponent)
}
