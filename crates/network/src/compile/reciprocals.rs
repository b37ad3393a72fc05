//! Divisions as multiplications: `a / b` becomes `a · (1 / b)`, and `p / (1 + p)` becomes `p · 1/(1 + p)`.
//!
//! A division takes the processor as long as some thirty multiplications, and most of a model's
//! denominators are parameters (their reciprocals become part of the prelude) or stand under many
//! numerators, above all in the Jacobian. The result is rounded twice instead of once: at most one
//! representable number further from the true quotient. Every program reads the same nodes, so that
//! all of them still agree to the last bit.

use super::graph::{Graph, Node, NodeId};

/// The same graph with reciprocals, and the nodes of `programs` in it.
pub(super) fn with_reciprocals(
    graph: &Graph,
    programs: &[Vec<NodeId>],
) -> (Graph, Vec<Vec<NodeId>>) {
    let mut new = Graph::new();
    let mut place: Vec<NodeId> = Vec::with_capacity(graph.nodes().len());
    for node in graph.nodes() {
        let of = |operand: NodeId| place[operand as usize];
        let id = match *node {
            Node::Divide(a, b) if !is_one(graph, a) => {
                let one = new.constant(1.0);
                let reciprocal = new.divide(one, of(b));
                new.multiply(of(a), reciprocal)
            }
            Node::Saturate(p) => {
                let decline = new.decline(of(p));
                new.multiply(of(p), decline)
            }
            other => new.copy(other, of),
        };
        place.push(id);
    }
    let moved = |root: &NodeId| place[*root as usize];
    let programs = programs
        .iter()
        .map(|roots| roots.iter().map(moved).collect());
    let programs = programs.collect();
    (new, programs)
}

fn is_one(graph: &Graph, id: NodeId) -> bool {
    graph.value(id) == Some(1.0)
}
