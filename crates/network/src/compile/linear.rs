//! How a value depends on the state: not at all, linearly, or otherwise.
//!
//! Along the dense output of a step, a polynomial, a linear value is a polynomial of the same degree;
//! any other may do what no few samples show.

use super::graph::{Graph, Node, NodeId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dependence {
    Constant,
    Linear,
    Bent,
}

/// Whether each of these values is linear in the state (with coefficients that parameters give).
pub(super) fn are_linear(graph: &Graph, roots: &[NodeId]) -> Vec<bool> {
    let mut known: Vec<Dependence> = Vec::with_capacity(graph.nodes().len());
    for node in graph.nodes() {
        let dependence = of(*node, |operand| known[operand as usize]);
        known.push(dependence);
    }
    let linear = |root: &NodeId| known[*root as usize] != Dependence::Bent;
    roots.iter().map(linear).collect()
}

fn of(node: Node, known: impl Fn(NodeId) -> Dependence) -> Dependence {
    use Dependence::{Bent, Constant, Linear};
    match node {
        Node::State(_) => Linear,
        Node::Add(a, b) | Node::Subtract(a, b) => Ord::max(known(a), known(b)),
        Node::Negate(a) => known(a),
        Node::Multiply(a, b) if known(a) == Constant => known(b),
        Node::Multiply(a, b) if known(b) == Constant => known(a),
        Node::Divide(a, b) if known(b) == Constant => known(a),
        other => {
            let mut operands = other.operands().into_iter().flatten();
            match operands.all(|operand| known(operand) == Constant) {
                true => Constant,
                false => Bent,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::are_linear;
    use crate::compile::graph::Graph;

    #[test]
    fn sums_with_coefficients_are_linear_and_nothing_else_is() {
        let mut g = Graph::new();
        let (x, y) = (g.state(0), g.state(1));
        let (k, two) = (g.parameter(0), g.constant(2.0));
        let scaled = g.multiply(k, x);
        let halved = g.divide(y, two);
        let sum = g.add(scaled, halved);
        let root = g.exponential(k);
        let shifted = g.subtract(sum, root);
        let product = g.multiply(x, y);
        let quotient = g.divide(k, x);
        let square = g.power(x, two);
        let top = g.maximum(x, k);
        let exponential = g.exponential(shifted);
        let roots = [shifted, root, product, quotient, square, top, exponential];
        let expected = [true, true, false, false, false, false, false];
        assert_eq!(are_linear(&g, &roots), expected);
    }
}
