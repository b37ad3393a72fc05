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
        let order = self.schedule(roots);
        // The step of the order in which each node is used last.
        let mut last_use: Vec<Option<usize>> = vec![None; nodes.len()];
        for (step, index) in order.iter().enumerate() {
            for operand in nodes[*index].operands().into_iter().flatten() {
                last_use[operand as usize] = Some(step);
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
            let [a, b] = nodes[*index].operands();
            let b = b.filter(|b| Some(*b) != a);
            for operand in [a, b].into_iter().flatten() {
                let operand = operand as usize;
                if self.fixed[operand].is_none()
                    && last_use[operand] == Some(step)
                    && let Some(register) = place[operand]
                {
                    free.push(register);
                }
            }
            let out = free.pop().unwrap_or_else(|| {
                next += 1;
                register(next - 1)
            });
            if let Some((operation, instruction)) = self.instruction(*index, out, &place) {
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
    fn schedule(&self, roots: &[NodeId]) -> Vec<usize> {
        let nodes = self.graph.nodes();
        let needed = self.needed(roots);
        let computed = |index: usize| needed[index] && self.fixed[index].is_none();
        let mut waiting_for: Vec<usize> = vec![0; nodes.len()];
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        let mut ready: BTreeMap<Operation, BTreeSet<usize>> = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            if !computed(index) {
                continue;
            }
            for operand in node.operands().into_iter().flatten() {
                if computed(operand as usize) {
                    waiting_for[index] += 1;
                    users[operand as usize].push(index);
                }
            }
            if waiting_for[index] == 0
                && let Some(operation) = operation_of(*node)
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
                        && let Some(operation) = operation_of(nodes[user])
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
        Some((operation_of(node)?, Instruction { out, left, right }))
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
