//! [`Tape`]: a graph as straight-line code over any [`Real`].
//!
//! Registers, in order: parameters, constants, values that depend on parameters
//! only (the prelude, computed once by [`Tape::prepare`]), the state, and
//! temporaries, which programs share. A program is a flat list of instructions
//! and a list of the registers its results are in; running one allocates nothing.
//!
//! Instructions of one operation are brought together into runs, as far as
//! dependencies allow: the processor then predicts a few dozen jumps instead of
//! one for every instruction (measured: three to five times faster on one number,
//! nothing lost on lanes). The order of independent operations changes no bit.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_numbers::Real;

use super::graph::{Graph, Node, NodeId, TINY};

/// What an instruction does with its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Power,
    Exponential,
    Logarithm,
    SquareRoot,
    Absolute,
    Minimum,
    Maximum,
    Step,
    SlopePower,
    Rise,
    Saturate,
    Decline,
    Logistic,
}

/// Registers of one operation; operations of one operand ignore `right`.
#[derive(Clone, Copy, Debug)]
struct Instruction {
    out: u32,
    left: u32,
    right: u32,
}

/// Consecutive instructions of one operation: up to `end`, from the end of the run before.
#[derive(Clone, Copy, Debug)]
struct Run {
    operation: Operation,
    end: usize,
}

/// Straight-line code.
#[derive(Clone, Debug, Default)]
struct Code {
    instructions: Vec<Instruction>,
    runs: Vec<Run>,
}

impl Code {
    fn push(&mut self, operation: Operation, instruction: Instruction) {
        self.instructions.push(instruction);
        let end = self.instructions.len();
        match self.runs.last_mut() {
            Some(run) if run.operation == operation => run.end = end,
            _ => self.runs.push(Run { operation, end }),
        }
    }
}

/// Straight-line code and where its results are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    code: Code,
    outputs: Vec<u32>,
}

impl Program {
    /// How many results it has.
    pub(crate) fn len(&self) -> usize {
        self.outputs.len()
    }

    /// How many operations one run takes.
    pub(crate) fn operations(&self) -> usize {
        self.code.instructions.len()
    }
}

/// The registers' layout and the prelude that all programs share.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    parameters: usize,
    constants: Vec<f64>,
    prelude: Code,
    state_start: usize,
    registers: usize,
}

/// 1 at and above zero, 0 below; no branch, no tangent.
///
/// The product is exact: the factor is a power of two and the other operand is
/// 0, or the smallest normal number with its sign turned, or below that (then
/// the result is between 0 and 1, which only happens for subnormal arguments).
#[inline(always)]
pub(crate) fn step<R: Real>(x: R) -> R {
    const SMALLEST: f64 = f64::MIN_POSITIVE;
    const INVERSE: f64 = 1.0 / f64::MIN_POSITIVE;
    let below = R::from_f64(0.0).min(x).max(R::from_f64(-SMALLEST));
    R::from_f64(1.0) + below * R::from_f64(INVERSE)
}

/// p/(1 + p)
#[inline(always)]
pub(crate) fn saturate<R: Real>(p: R) -> R {
    p / (R::from_f64(1.0) + p)
}

/// 1/(1 + p)
#[inline(always)]
pub(crate) fn decline<R: Real>(p: R) -> R {
    R::from_f64(1.0) / (R::from_f64(1.0) + p)
}

/// 1/(1 + exp(-x)); beyond ±700 the exponential would overflow and the result is
/// 0 or 1 to the last bit anyway.
#[inline(always)]
pub(crate) fn logistic<R: Real>(x: R) -> R {
    decline((-x).min(R::from_f64(700.0)).exp())
}

/// max(x, tiny)^(n - 1)
#[inline(always)]
fn slope_power<R: Real>(x: R, n: R) -> R {
    R::from_f64(TINY).max(x).powf(n - R::from_f64(1.0))
}

/// Runs code; one jump for each run, and a plain loop inside.
#[inline(always)]
fn run<R: Real>(code: &Code, registers: &mut [R]) {
    let mut start = 0;
    for run in &code.runs {
        let instructions = &code.instructions[start..run.end];
        start = run.end;
        match run.operation {
            Operation::Add => binary(instructions, registers, |a, b| a + b),
            Operation::Subtract => binary(instructions, registers, |a, b| a - b),
            Operation::Multiply => binary(instructions, registers, |a, b| a * b),
            Operation::Divide => binary(instructions, registers, |a, b| a / b),
            Operation::Negate => unary(instructions, registers, |a| -a),
            Operation::Power => binary(instructions, registers, R::powf),
            Operation::Exponential => unary(instructions, registers, R::exp),
            Operation::Logarithm => unary(instructions, registers, R::ln),
            Operation::SquareRoot => unary(instructions, registers, R::sqrt),
            Operation::Absolute => unary(instructions, registers, R::abs),
            Operation::Minimum => binary(instructions, registers, R::min),
            Operation::Maximum => binary(instructions, registers, R::max),
            Operation::Step => unary(instructions, registers, step),
            Operation::SlopePower => binary(instructions, registers, slope_power),
            Operation::Rise => binary(instructions, registers, |a, n| slope_power(a, n) * a),
            Operation::Saturate => unary(instructions, registers, saturate),
            Operation::Decline => unary(instructions, registers, decline),
            Operation::Logistic => unary(instructions, registers, logistic),
        }
    }
}

#[inline(always)]
fn binary<R: Real>(
    instructions: &[Instruction],
    registers: &mut [R],
    function: impl Fn(R, R) -> R,
) {
    for instruction in instructions {
        let left = registers[instruction.left as usize];
        let right = registers[instruction.right as usize];
        registers[instruction.out as usize] = function(left, right);
    }
}

#[inline(always)]
fn unary<R: Real>(instructions: &[Instruction], registers: &mut [R], function: impl Fn(R) -> R) {
    for instruction in instructions {
        let operand = registers[instruction.left as usize];
        registers[instruction.out as usize] = function(operand);
    }
}

impl Tape {
    /// Lowers programs, each given by the nodes of its results.
    pub(crate) fn lower(
        graph: &Graph,
        parameters: usize,
        states: usize,
        programs: &[Vec<NodeId>],
    ) -> (Self, Vec<Program>) {
        Lowering::new(graph, parameters, states, programs).finish(programs)
    }

    /// Fills registers with parameters, constants and the prelude.
    ///
    /// # Panics
    /// When the number of parameters is not that of the network.
    pub(crate) fn prepare<R: Real>(&self, parameters: &[R]) -> Vec<R> {
        assert_eq!(
            parameters.len(),
            self.parameters,
            "one value for each parameter"
        );
        let mut registers = vec![R::from_f64(0.0); self.registers];
        registers[..self.parameters].copy_from_slice(parameters);
        for (register, constant) in registers[self.parameters..].iter_mut().zip(&self.constants) {
            *register = R::from_f64(*constant);
        }
        run(&self.prelude, &mut registers);
        registers
    }

    /// Runs a program on a state.
    ///
    /// # Panics
    /// When the registers are of another tape, or `out` has not the length of the results.
    #[inline]
    pub(crate) fn run<R: Real>(
        &self,
        program: &Program,
        registers: &mut [R],
        state: &[R],
        out: &mut [R],
    ) {
        assert_eq!(
            out.len(),
            program.outputs.len(),
            "one place for each result"
        );
        registers[self.state_start..self.state_start + state.len()].copy_from_slice(state);
        run(&program.code, registers);
        for (value, register) in out.iter_mut().zip(&program.outputs) {
            *value = registers[*register as usize];
        }
    }
}

/// What a node depends on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depends {
    Nothing,
    Parameters,
    State,
}

struct Lowering<'a> {
    graph: &'a Graph,
    depends: Vec<Depends>,
    /// Register of every node that has a fixed one.
    fixed: Vec<Option<u32>>,
    tape: Tape,
}

impl<'a> Lowering<'a> {
    fn new(graph: &'a Graph, parameters: usize, states: usize, programs: &[Vec<NodeId>]) -> Self {
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

    fn finish(mut self, programs: &[Vec<NodeId>]) -> (Tape, Vec<Program>) {
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
                && let Some(operation) = operation(*node)
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
                        && let Some(operation) = operation(nodes[user])
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
        Some((operation(node)?, Instruction { out, left, right }))
    }
}

/// The operation of a node, if it is one.
fn operation(node: Node) -> Option<Operation> {
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
