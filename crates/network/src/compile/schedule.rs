//! Lowers a graph: gives registers to nodes and puts instructions in order.
//!
//! Equal operations are brought together as far as dependencies allow. The order
//! of independent operations changes no bit of any result.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Graph, Node, NodeId};
use super::tape::{Code, Instruction, Operation, Program, Tape};

/// What a node depends on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depends {
    Nothing,
    Parameters,
    State,
}

pub(super) struct Lowering<'a> {
    graph: &'a Graph,
    depends: Vec<Depends>,
    /// Register of every node that has a fixed one.
    fixed: Vec<Option<u32>>,
    tape: Tape,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        parameters: usize,
        states: usize,
        programs: &[Vec<NodeId>],
    ) -> Self {
        let nodes = graph.nodes();
        let mut depends = Vec::with_capacity(nodes.len());
        for node in nodes {
            let own = match node {
                Node::Parameter(_) => Depends::Parameters,
                Node::State(_) => Depends::State,
                _ => Depends::Nothing,
            };
            let operands = node.operands().into_iter().flatten();
            depends.push(
                operands
                    .map(|operand| depends[operand as usize])
                    .fold(own, Ord::max),
            );
        }
        let mut lowering = Self {
            graph,
            depends,
            fixed: vec![None; nodes.len()],
            tape: Tape {
                parameters,
                constants: Vec::new(),
                prelude: Code::default(),
                state_start: 0,
                registers: 0,
            },
        };
        lowering.lay_out(states, programs);
        lowering
    }

    fn needed(&self, roots: &[NodeId]) -> Vec<bool> {
        let mut needed = vec![false; self.graph.nodes().len()];
        for root in roots {
            needed[*root as usize] = true;
        }
        for index in (0..needed.len()).rev() {
            if needed[index] {
                for operand in self.graph.nodes()[index].operands().into_iter().flatten() {
                    needed[operand as usize] = true;
                }
            }
        }
        needed
    }

    /// Gives registers to parameters, constants, the prelude and the state.
    fn lay_out(&mut self, states: usize, programs: &[Vec<NodeId>]) {
        let roots: Vec<NodeId> = programs.iter().flatten().copied().collect();
        let needed = self.needed(&roots);
        let mut next = self.tape.parameters;
        let nodes = self.graph.nodes();
        for (index, node) in nodes.iter().enumerate() {
            match node {
                Node::Parameter(parameter) => self.fixed[index] = Some(*parameter),
                Node::Constant(bits) if needed[index] => {
                    self.tape.constants.push(f64::from_bits(*bits));
                    self.fixed[index] = Some(register(next));
                    next += 1;
                }
                _ => {}
            }
        }
        for (index, is_needed) in needed.iter().enumerate() {
            let hoisted =
                *is_needed && self.fixed[index].is_none() && self.depends[index] != Depends::State;
            if hoisted {
                let out = register(next);
                next += 1;
                self.fixed[index] = Some(out);
                if let Some((operation, instruction)) = self.instruction(index, out, &self.fixed) {
                    self.tape.prelude.push(operation, instruction);
                }
            }
        }
        self.tape.state_start = next;
        for (index, node) in nodes.iter().enumerate() {
            if let Node::State(component) = node {
                self.fixed[index] = Some(register(next) + component);
            }
        }
        self.tape.registers = next + states;
    }

    pub(super) fn finish(mut self, programs: &[Vec<NodeId>]) -> (Tape, Vec<Program>) {
        let start = self.tape.registers;
        let mut most = start;
        let mut lowered = Vec::with_capacity(programs.len());
        for roots in programs {
            let (program, end) = self.program(roots, start);
            most = most.max(end);
            lowered.push(program);
        }
        self.tape.registers = most;
        (self.tape, lowered)
    }

    /// One program; temporaries are reused after their last use.
    fn program(&self, roots: &[NodeId], start: usize) -> (Program, usize) {
        let nodes = self.graph.nodes();
        let work = Work::new(self, roots);
        let order = self.schedule(&work);
        // The step of the order in which each node is used last.
        let mut last_use: Vec<Option<usize>> = vec![None; nodes.len()];
        for (step, index) in order.iter().enumerate() {
            for operand in work.operands(self.graph, *index) {
                last_use[operand] = Some(step);
            }
        }
        for root in roots {
            last_use[*root as usize] = None;
        }
        let mut place = self.fixed.clone();
        let mut free: Vec<u32> = Vec::new();
        let mut next = start;
        let mut code = Code::default();
        for (step, index) in order.iter().enumerate() {
            // Operands whose last use this is make room for the result.
            for operand in work.operands(self.graph, *index) {
                if self.fixed[operand].is_none()
                    && last_use[operand].take_if(|last| *last == step).is_some()
                    && let Some(register) = place[operand]
                {
                    free.push(register);
                }
            }
            let out = free.pop().unwrap_or_else(|| {
                next += 1;
                register(next - 1)
            });
            let whole = work.product_in[*index]
                .and_then(|product| self.sum_with_product(*index, product, out, &place));
            if let Some((operation, instruction)) =
                whole.or_else(|| self.instruction(*index, out, &place))
            {
                code.push(operation, instruction);
            }
            place[*index] = Some(out);
        }
        let outputs = roots
            .iter()
            .map(|root| place[*root as usize].unwrap_or(0))
            .collect();
        (Program { code, outputs }, next)
    }

    /// The nodes a program computes, operands first, equal operations together:
    /// of the operations that could go on, the one with most nodes ready goes on
    /// until none is left. Ties are broken by operation and index.
    fn schedule(&self, work: &Work) -> Vec<usize> {
        let nodes = self.graph.nodes();
        let mut waiting_for: Vec<usize> = vec![0; nodes.len()];
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        let mut ready: BTreeMap<Operation, BTreeSet<usize>> = BTreeMap::new();
        for index in (0..nodes.len()).filter(|index| work.computed[*index]) {
            for operand in work.operands(self.graph, index) {
                if work.computed[operand] {
                    waiting_for[index] += 1;
                    users[operand].push(index);
                }
            }
            if waiting_for[index] == 0
                && let Some(operation) = work.operation(self.graph, index)
            {
                ready.entry(operation).or_default().insert(index);
            }
        }
        let mut order = Vec::new();
        // `max_by_key` takes the last of equals; the reversed walk makes it the first.
        while let Some(current) = ready
            .iter()
            .rev()
            .filter(|(_, set)| !set.is_empty())
            .max_by_key(|(_, set)| set.len())
            .map(|(operation, _)| *operation)
        {
            while let Some(index) = ready.get_mut(&current).and_then(BTreeSet::pop_first) {
                order.push(index);
                for user in std::mem::take(&mut users[index]) {
                    waiting_for[user] -= 1;
                    if waiting_for[user] == 0
                        && let Some(operation) = work.operation(self.graph, user)
                    {
                        ready.entry(operation).or_default().insert(user);
                    }
                }
            }
        }
        order
    }

    /// The instruction of a node; none for nodes that are no operation.
    fn instruction(
        &self,
        index: usize,
        out: u32,
        place: &[Option<u32>],
    ) -> Option<(Operation, Instruction)> {
        let node = self.graph.nodes()[index];
        let [left, right] = node.operands();
        let left = place[left? as usize]?;
        let right = right
            .and_then(|right| place[right as usize])
            .unwrap_or(left);
        let instruction = Instruction {
            out,
            left,
            right,
            third: left,
        };
        Some((operation_of(node)?, instruction))
    }

    /// The instruction of a sum that computes one of its operands, a product, itself.
    fn sum_with_product(
        &self,
        sum: usize,
        product: usize,
        out: u32,
        place: &[Option<u32>],
    ) -> Option<(Operation, Instruction)> {
        let nodes = self.graph.nodes();
        let [left, right] = nodes[product].operands();
        let (first, second) = both(nodes[sum])?;
        let third = if first == product { second } else { first };
        let instruction = Instruction {
            out,
            left: place[left? as usize]?,
            right: place[right? as usize]?,
            third: place[third]?,
        };
        Some((operation_with_product(nodes[sum], product)?, instruction))
    }
}

/// What one program has to compute.
struct Work {
    /// Nodes that get an instruction of their own.
    computed: Vec<bool>,
    /// For sums that compute a product themselves, the product.
    product_in: Vec<Option<usize>>,
}

impl Work {
    fn new(lowering: &Lowering<'_>, roots: &[NodeId]) -> Self {
        let nodes = lowering.graph.nodes();
        let needed = lowering.needed(roots);
        let mut computed: Vec<bool> = (0..nodes.len())
            .map(|index| needed[index] && lowering.fixed[index].is_none())
            .collect();
        let mut uses = vec![0_usize; nodes.len()];
        for root in roots {
            uses[*root as usize] += 1;
        }
        for index in (0..nodes.len()).filter(|index| computed[*index]) {
            for operand in nodes[index].operands().into_iter().flatten() {
                uses[operand as usize] += 1;
            }
        }
        let mut product_in = vec![None; nodes.len()];
        for index in 0..nodes.len() {
            let Some((first, second)) = both(nodes[index]).filter(|_| computed[index]) else {
                continue;
            };
            let lonely = |operand: usize| {
                computed[operand]
                    && uses[operand] == 1
                    && matches!(nodes[operand], Node::Multiply(..))
            };
            // Of two products the one on the right, which most sums are built up with.
            let product = [second, first].into_iter().find(|operand| lonely(*operand));
            if let Some(product) = product.filter(|_| first != second) {
                product_in[index] = Some(product);
                computed[product] = false;
            }
        }
        Self {
            computed,
            product_in,
        }
    }

    /// The nodes that an instruction reads, each once, in order.
    fn operands(&self, graph: &Graph, index: usize) -> impl Iterator<Item = usize> + use<> {
        let nodes = graph.nodes();
        let product = self.product_in[index];
        let mut read = [None; 4];
        let [left, right] = nodes[index].operands();
        let own = |operand: Option<NodeId>| operand.map(|operand| operand as usize);
        read[0] = own(left).filter(|operand| Some(*operand) != product);
        read[1] = own(right).filter(|operand| Some(*operand) != product);
        if let Some(product) = product {
            let [left, right] = nodes[product].operands();
            (read[2], read[3]) = (own(left), own(right));
        }
        read.sort_unstable();
        for place in (1..read.len()).rev() {
            if read[place] == read[place - 1] {
                read[place] = None;
            }
        }
        read.into_iter().flatten()
    }

    fn operation(&self, graph: &Graph, index: usize) -> Option<Operation> {
        let node = graph.nodes()[index];
        match self.product_in[index] {
            Some(product) => operation_with_product(node, product),
            None => operation_of(node),
        }
    }
}

/// The operands of a sum or difference.
fn both(node: Node) -> Option<(usize, usize)> {
    match node {
        Node::Add(a, b) | Node::Subtract(a, b) => Some((a as usize, b as usize)),
        _ => None,
    }
}

/// The operation of a sum or difference with a product among its operands.
fn operation_with_product(node: Node, product: usize) -> Option<Operation> {
    match node {
        Node::Add(..) => Some(Operation::AddProduct),
        Node::Subtract(_, b) if b as usize == product => Some(Operation::SubtractProduct),
        Node::Subtract(..) => Some(Operation::ProductLess),
        _ => None,
    }
}

/// The operation of a node, if it is one.
fn operation_of(node: Node) -> Option<Operation> {
    Some(match node {
        Node::Constant(_) | Node::Parameter(_) | Node::State(_) => return None,
        Node::Add(..) => Operation::Add,
        Node::Subtract(..) => Operation::Subtract,
        Node::Multiply(..) => Operation::Multiply,
        Node::Divide(..) => Operation::Divide,
        Node::Negate(_) => Operation::Negate,
        Node::Power(..) => Operation::Power,
        Node::Exponential(_) => Operation::Exponential,
        Node::Logarithm(_) => Operation::Logarithm,
        Node::SquareRoot(_) => Operation::SquareRoot,
        Node::Absolute(_) => Operation::Absolute,
        Node::Minimum(..) => Operation::Minimum,
        Node::Maximum(..) => Operation::Maximum,
        Node::Step(_) => Operation::Step,
        Node::SlopePower(..) => Operation::SlopePower,
        Node::Rise(..) => Operation::Rise,
        Node::Saturate(_) => Operation::Saturate,
        Node::Decline(_) => Operation::Decline,
        Node::Logistic(_) => Operation::Logistic,
    })
}

fn register(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
