//! [`Graph`]: arithmetic as a graph in which every node exists once.
//!
//! Nodes are made by functions that fold constants, drop neutral elements and
//! return the node that is already there (common subexpressions are shared by
//! construction). Operands always come before the nodes that use them, so every
//! pass is a plain loop over indices. Operands of commutative operations are
//! ordered by index; sums are never regrouped, because that would change bits.

use std::collections::BTreeMap;

use gutbrain_numbers::Real;

/// Index of a node.
pub(crate) type NodeId = u32;

/// One operation; two operands where it has two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    /// A number, as its bits.
    Constant(u64),
    /// A parameter, by index.
    Parameter(u32),
    /// A component of the state, by index.
    State(u32),
    Add(NodeId, NodeId),
    Subtract(NodeId, NodeId),
    Multiply(NodeId, NodeId),
    Divide(NodeId, NodeId),
    Negate(NodeId),
    Power(NodeId, NodeId),
    Exponential(NodeId),
    Logarithm(NodeId),
    SquareRoot(NodeId),
    Absolute(NodeId),
    Minimum(NodeId, NodeId),
    Maximum(NodeId, NodeId),
    /// 1 at and above zero, 0 below.
    Step(NodeId),
    /// max(x, tiny)^(n - 1): the slope of x^n is n times it, finite at zero for n >= 1.
    SlopePower(NodeId, NodeId),
    /// x^n as max(x, tiny)^(n - 1) · x; operands x and n.
    Rise(NodeId, NodeId),
    /// p/(1 + p)
    Saturate(NodeId),
    /// 1/(1 + p)
    Decline(NodeId),
    /// 1/(1 + exp(-x))
    Logistic(NodeId),
}

impl Node {
    /// Its operands.
    pub(crate) fn operands(self) -> [Option<NodeId>; 2] {
        match self {
            Self::Constant(_) | Self::Parameter(_) | Self::State(_) => [None, None],
            Self::Negate(a)
            | Self::Exponential(a)
            | Self::Logarithm(a)
            | Self::SquareRoot(a)
            | Self::Absolute(a)
            | Self::Step(a)
            | Self::Saturate(a)
            | Self::Decline(a)
            | Self::Logistic(a) => [Some(a), None],
            Self::Add(a, b)
            | Self::Subtract(a, b)
            | Self::Multiply(a, b)
            | Self::Divide(a, b)
            | Self::Power(a, b)
            | Self::Minimum(a, b)
            | Self::Maximum(a, b)
            | Self::SlopePower(a, b)
            | Self::Rise(a, b) => [Some(a), Some(b)],
        }
    }
}

/// Largest whole exponent that is written out as multiplications.
const LARGEST_WRITTEN_OUT: u32 = 64;

/// The smallest base whose powers are taken in slopes, so that they stay finite.
pub(crate) const TINY: f64 = 1e-100;

/// All nodes, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    index: BTreeMap<Node, NodeId>,
}

impl Graph {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.nodes[id as usize]
    }

    fn intern(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.index.get(&node) {
            return *id;
        }
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
        self.nodes.push(node);
        self.index.insert(node, id);
        id
    }

    /// A node of another graph, whose operands are `of` those it had there.
    pub(crate) fn copy(&mut self, node: Node, of: impl Fn(NodeId) -> NodeId) -> NodeId {
        match node {
            Node::Constant(_) | Node::Parameter(_) | Node::State(_) => self.intern(node),
            Node::Add(a, b) => self.add(of(a), of(b)),
            Node::Subtract(a, b) => self.subtract(of(a), of(b)),
            Node::Multiply(a, b) => self.multiply(of(a), of(b)),
            Node::Divide(a, b) => self.divide(of(a), of(b)),
            Node::Negate(a) => self.negate(of(a)),
            Node::Power(a, b) => self.power(of(a), of(b)),
            Node::Exponential(a) => self.exponential(of(a)),
            Node::Logarithm(a) => self.logarithm(of(a)),
            Node::SquareRoot(a) => self.square_root(of(a)),
            Node::Absolute(a) => self.absolute(of(a)),
            Node::Minimum(a, b) => self.minimum(of(a), of(b)),
            Node::Maximum(a, b) => self.maximum(of(a), of(b)),
            Node::Step(a) => self.step(of(a)),
            Node::SlopePower(a, b) => self.slope_power(of(a), of(b)),
            Node::Rise(a, b) => self.rise(of(a), of(b)),
            Node::Saturate(a) => self.saturate(of(a)),
            Node::Decline(a) => self.decline(of(a)),
            Node::Logistic(a) => self.logistic(of(a)),
        }
    }

    pub(crate) fn constant(&mut self, value: f64) -> NodeId {
        // One zero: +0 and -0 differ in bits only.
        let value = if value == 0.0 { 0.0 } else { value };
        self.intern(Node::Constant(value.to_bits()))
    }

    pub(crate) fn parameter(&mut self, index: usize) -> NodeId {
        self.intern(Node::Parameter(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    pub(crate) fn state(&mut self, index: usize) -> NodeId {
        self.intern(Node::State(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// The value of a constant node.
    pub(crate) fn value(&self, id: NodeId) -> Option<f64> {
        match self.node(id) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    fn is(&self, id: NodeId, value: f64) -> bool {
        self.value(id)
            .is_some_and(|found| found.to_bits() == value.to_bits())
    }

    fn both(&self, a: NodeId, b: NodeId) -> Option<(f64, f64)> {
        Some((self.value(a)?, self.value(b)?))
    }

    pub(crate) fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if let Some((a, b)) = self.both(a, b) {
            return self.constant(a + b);
        }
        if self.is(a, 0.0) {
            return b;
        }
        if self.is(b, 0.0) {
            return a;
        }
        if let Node::Negate(inner) = self.node(b) {
            return self.subtract(a, inner);
        }
        if let Node::Negate(inner) = self.node(a) {
            return self.subtract(b, inner);
        }
        self.intern(Node::Add(a.min(b), a.max(b)))
    }

    pub(crate) fn subtract(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if let Some((a, b)) = self.both(a, b) {
            return self.constant(a - b);
        }
        if self.is(b, 0.0) {
            return a;
        }
        if self.is(a, 0.0) {
            return self.negate(b);
        }
        if let Node::Negate(inner) = self.node(b) {
            return self.add(a, inner);
        }
        self.intern(Node::Subtract(a, b))
    }

    pub(crate) fn multiply(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if let Some((a, b)) = self.both(a, b) {
            return self.constant(a * b);
        }
        for (one, other) in [(a, b), (b, a)] {
            if self.is(one, 0.0) {
                return self.constant(0.0);
            }
            if self.is(one, 1.0) {
                return other;
            }
            if self.is(one, -1.0) {
                return self.negate(other);
            }
            if let Node::Negate(inner) = self.node(one) {
                let product = self.multiply(inner, other);
                return self.negate(product);
            }
        }
        self.intern(Node::Multiply(a.min(b), a.max(b)))
    }

    pub(crate) fn divide(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if let Some((a, b)) = self.both(a, b) {
            return self.constant(a / b);
        }
        if self.is(b, 1.0) {
            return a;
        }
        if self.is(a, 0.0) {
            return a;
        }
        if let Node::Negate(inner) = self.node(a) {
            let quotient = self.divide(inner, b);
            return self.negate(quotient);
        }
        self.intern(Node::Divide(a, b))
    }

    pub(crate) fn negate(&mut self, a: NodeId) -> NodeId {
        if let Some(value) = self.value(a) {
            return self.constant(-value);
        }
        match self.node(a) {
            Node::Negate(inner) => inner,
            Node::Subtract(left, right) => self.subtract(right, left),
            _ => self.intern(Node::Negate(a)),
        }
    }

    /// A whole power by repeated squaring, so that slopes share its factors.
    pub(crate) fn whole_power(&mut self, base: NodeId, exponent: i32) -> NodeId {
        let mut rest = exponent.unsigned_abs();
        let mut square = base;
        let mut product: Option<NodeId> = None;
        while rest > 0 {
            if rest & 1 == 1 {
                product = Some(product.map_or(square, |product| self.multiply(product, square)));
            }
            rest >>= 1;
            if rest > 0 {
                square = self.multiply(square, square);
            }
        }
        let one = self.constant(1.0);
        let power = product.unwrap_or(one);
        if exponent < 0 {
            self.divide(one, power)
        } else {
            power
        }
    }

    /// The exponent, if it is a constant whole number of moderate size.
    fn whole(&self, exponent: NodeId) -> Option<i32> {
        let value = self.value(exponent)?;
        let limit = f64::from(LARGEST_WRITTEN_OUT);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be whole and small"
        )]
        let whole = (value.abs() <= limit).then_some(value as i32)?;
        (f64::from(whole).to_bits() == (value + 0.0).to_bits()).then_some(whole)
    }

    pub(crate) fn power(&mut self, base: NodeId, exponent: NodeId) -> NodeId {
        // Whole powers first: they are the only ones a negative base has.
        if let Some(whole) = self.whole(exponent) {
            return self.whole_power(base, whole);
        }
        if let Some((base, exponent)) = self.both(base, exponent) {
            return self.constant(Real::powf(base, exponent));
        }
        if self.is(exponent, 0.5) {
            return self.square_root(base);
        }
        self.intern(Node::Power(base, exponent))
    }

    /// base^exponent for a base that is not negative and an exponent of at least 1.
    pub(crate) fn rise(&mut self, base: NodeId, exponent: NodeId) -> NodeId {
        match self.whole(exponent) {
            Some(whole) if whole >= 1 => self.whole_power(base, whole),
            _ => self.intern(Node::Rise(base, exponent)),
        }
    }

    /// max(base, tiny)^(exponent - 1).
    pub(crate) fn slope_power(&mut self, base: NodeId, exponent: NodeId) -> NodeId {
        self.intern(Node::SlopePower(base, exponent))
    }

    fn unary(&mut self, a: NodeId, node: Node, function: impl Fn(f64) -> f64) -> NodeId {
        match self.value(a) {
            Some(value) => self.constant(function(value)),
            None => self.intern(node),
        }
    }

    pub(crate) fn exponential(&mut self, a: NodeId) -> NodeId {
        self.unary(a, Node::Exponential(a), Real::exp)
    }

    pub(crate) fn logarithm(&mut self, a: NodeId) -> NodeId {
        self.unary(a, Node::Logarithm(a), Real::ln)
    }

    pub(crate) fn square_root(&mut self, a: NodeId) -> NodeId {
        self.unary(a, Node::SquareRoot(a), Real::sqrt)
    }

    pub(crate) fn absolute(&mut self, a: NodeId) -> NodeId {
        self.unary(a, Node::Absolute(a), Real::abs)
    }

    pub(crate) fn step(&mut self, a: NodeId) -> NodeId {
        self.unary(a, Node::Step(a), super::tape::step)
    }

    pub(crate) fn saturate(&mut self, a: NodeId) -> NodeId {
        self.unary(a, Node::Saturate(a), super::tape::saturate)
    }

    pub(crate) fn decline(&mut self, a: NodeId) -> NodeId {
        self.unary(a, Node::Decline(a), super::tape::decline)
    }

    pub(crate) fn logistic(&mut self, a: NodeId) -> NodeId {
        self.unary(a, Node::Logistic(a), super::tape::logistic)
    }

    pub(crate) fn minimum(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match self.both(a, b) {
            Some((a, b)) => self.constant(Real::min(a, b)),
            None if a == b => a,
            None => self.intern(Node::Minimum(a, b)),
        }
    }

    pub(crate) fn maximum(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match self.both(a, b) {
            Some((a, b)) => self.constant(Real::max(a, b)),
            None if a == b => a,
            None => self.intern(Node::Maximum(a, b)),
        }
    }
}
