//! Exact derivatives with respect to the state, as further nodes of the graph.
//!
//! Forward through the graph, one state at a time: operands come before their
//! users, so a plain loop suffices. A derivative that is zero by structure is
//! absent, which gives the sparsity pattern.
//!
//! Conventions at kinks: the derivative of max(x, 0) at 0 is that from above,
//! as the states of the model live there; of min and max at a tie that of the
//! first operand.

use super::graph::{Graph, Node, NodeId, TINY};

/// d root / d state for every root, sparse: for each root the states it depends
/// on in rising order, with the node of the derivative.
pub(crate) fn jacobian(
    graph: &mut Graph,
    roots: &[NodeId],
    states: usize,
) -> Vec<Vec<(usize, NodeId)>> {
    let count = graph.nodes().len();
    let needed = reachable(graph, roots);
    let mut rows: Vec<Vec<(usize, NodeId)>> = vec![Vec::new(); roots.len()];
    let mut slopes: Vec<Option<NodeId>> = vec![None; count];
    for state in 0..states {
        for index in 0..count {
            slopes[index] = if needed[index] {
                slope(graph, index, state, &slopes)
            } else {
                None
            };
        }
        for (row, root) in rows.iter_mut().zip(roots) {
            if let Some(slope) = slopes[*root as usize] {
                row.push((state, slope));
            }
        }
    }
    rows
}

/// Which nodes the roots are made of.
fn reachable(graph: &Graph, roots: &[NodeId]) -> Vec<bool> {
    let mut needed = vec![false; graph.nodes().len()];
    for root in roots {
        needed[*root as usize] = true;
    }
    for index in (0..needed.len()).rev() {
        if needed[index] {
            for operand in graph.nodes()[index].operands().into_iter().flatten() {
                needed[operand as usize] = true;
            }
        }
    }
    needed
}

/// The derivative of a node from those of its operands; `None` is zero.
fn slope(g: &mut Graph, index: usize, state: usize, slopes: &[Option<NodeId>]) -> Option<NodeId> {
    let node = g.nodes()[index];
    let of = |operand: NodeId| slopes[operand as usize];
    let this = NodeId::try_from(index).unwrap_or(NodeId::MAX);
    let result = match node {
        Node::Constant(_) | Node::Parameter(_) | Node::Step(_) => None,
        Node::State(component) => (component as usize == state).then(|| g.constant(1.0)),
        Node::Add(a, b) => match (of(a), of(b)) {
            (Some(da), Some(db)) => Some(g.add(da, db)),
            (da, db) => da.or(db),
        },
        Node::Subtract(a, b) => match (of(a), of(b)) {
            (Some(da), Some(db)) => Some(g.subtract(da, db)),
            (None, Some(db)) => Some(g.negate(db)),
            (da, None) => da,
        },
        Node::Multiply(a, b) => {
            let left = of(a).map(|da| g.multiply(da, b));
            let right = of(b).map(|db| g.multiply(a, db));
            sum(g, left, right)
        }
        Node::Divide(a, b) => {
            // (da - (a/b) db) / b
            let product = of(b).map(|db| g.multiply(this, db));
            let above = match (of(a), product) {
                (Some(da), Some(product)) => Some(g.subtract(da, product)),
                (None, Some(product)) => Some(g.negate(product)),
                (da, None) => da,
            };
            above.map(|above| g.divide(above, b))
        }
        Node::Negate(a) => of(a).map(|da| g.negate(da)),
        Node::Power(a, n) => power_slope(g, this, a, n, of(a), of(n)),
        Node::Rise(a, n) => rise_slope(g, this, a, n, of(a), of(n)),
        // Arises in slopes only, which are not differentiated again.
        Node::SlopePower(..) => None,
        Node::Exponential(a) => of(a).map(|da| g.multiply(this, da)),
        Node::Logarithm(a) => of(a).map(|da| g.divide(da, a)),
        Node::SquareRoot(a) => of(a).map(|da| {
            let two = g.constant(2.0);
            let below = g.multiply(two, this);
            g.divide(da, below)
        }),
        Node::Absolute(a) => of(a).map(|da| {
            // 2 step(a) - 1
            let step = g.step(a);
            let (one, two) = (g.constant(1.0), g.constant(2.0));
            let double = g.multiply(two, step);
            let sign = g.subtract(double, one);
            g.multiply(sign, da)
        }),
        Node::Minimum(a, b) => choice(g, (b, a), of(a), of(b)),
        Node::Maximum(a, b) => choice(g, (a, b), of(a), of(b)),
        Node::Saturate(p) => of(p).map(|dp| {
            let decline = g.decline(p);
            let square = g.multiply(decline, decline);
            g.multiply(dp, square)
        }),
        Node::Decline(p) => of(p).map(|dp| {
            let square = g.multiply(this, this);
            let product = g.multiply(dp, square);
            g.negate(product)
        }),
        Node::Logistic(a) => of(a).map(|da| {
            let one = g.constant(1.0);
            let rest = g.subtract(one, this);
            let product = g.multiply(this, rest);
            g.multiply(product, da)
        }),
    };
    // A slope that folds to zero is no entry of the pattern.
    result.filter(|slope| g.value(*slope) != Some(0.0))
}

fn sum(g: &mut Graph, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
    match (a, b) {
        (Some(a), Some(b)) => Some(g.add(a, b)),
        (a, b) => a.or(b),
    }
}

/// da where `greater.0 >= greater.1`, else db.
fn choice(
    g: &mut Graph,
    greater: (NodeId, NodeId),
    da: Option<NodeId>,
    db: Option<NodeId>,
) -> Option<NodeId> {
    if da.is_none() && db.is_none() {
        return None;
    }
    let difference = g.subtract(greater.0, greater.1);
    let step = g.step(difference);
    let left = da.map(|da| g.multiply(da, step));
    let right = db.map(|db| {
        let one = g.constant(1.0);
        let rest = g.subtract(one, step);
        g.multiply(db, rest)
    });
    sum(g, left, right)
}

/// d a^n = n a^(n-1) da + a^n ln(a) dn
fn power_slope(
    g: &mut Graph,
    this: NodeId,
    a: NodeId,
    n: NodeId,
    da: Option<NodeId>,
    dn: Option<NodeId>,
) -> Option<NodeId> {
    let by_base = da.map(|da| {
        let one = g.constant(1.0);
        let less = g.subtract(n, one);
        let power = g.power(a, less);
        let slope = g.multiply(n, power);
        g.multiply(slope, da)
    });
    let by_exponent = dn.map(|dn| by_exponent(g, this, a, dn));
    sum(g, by_base, by_exponent)
}

/// d a^n = n max(a, tiny)^(n-1) da + a^n ln(max(a, tiny)) dn
fn rise_slope(
    g: &mut Graph,
    this: NodeId,
    a: NodeId,
    n: NodeId,
    da: Option<NodeId>,
    dn: Option<NodeId>,
) -> Option<NodeId> {
    let by_base = da.map(|da| {
        let power = g.slope_power(a, n);
        let slope = g.multiply(n, power);
        g.multiply(slope, da)
    });
    let by_exponent = dn.map(|dn| by_exponent(g, this, a, dn));
    sum(g, by_base, by_exponent)
}

/// The logarithm is taken of a base that is not zero: there the power is zero.
fn by_exponent(g: &mut Graph, power: NodeId, base: NodeId, dn: NodeId) -> NodeId {
    let tiny = g.constant(TINY);
    let floor = g.maximum(base, tiny);
    let logarithm = g.logarithm(floor);
    let slope = g.multiply(power, logarithm);
    g.multiply(slope, dn)
}
