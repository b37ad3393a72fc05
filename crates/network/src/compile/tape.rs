//! [`Tape`]: a graph as straight-line code over any [`Real`].
//!
//! Registers, in order: parameters, constants, values that depend on parameters
//! only (the prelude, computed once by [`Tape::prepare`]), the state, and
//! temporaries, which programs share. A program is a flat list of instructions
//! and a list of the registers its results are in; running one allocates nothing.
//!
//! A product that one sum alone needs is part of the sum's instruction, which saves it the way through
//! a register.
//!
//! Instructions of one operation stand together in runs (see `schedule`): the
//! processor then predicts a few dozen jumps instead of one for every instruction
//! (measured: three times faster on one number, nothing lost on lanes).

use std::collections::BTreeSet;

use gutbrain_numbers::Real;

use super::graph::{Graph, NodeId, TINY};
use super::schedule::Lowering;

/// What an instruction does with its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
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
    /// third + left × right, rounded twice: what a product and a sum give one after the other.
    AddProduct,
    /// third - left × right.
    SubtractProduct,
    /// left × right - third.
    ProductLess,
}

/// Registers of one operation; operations of fewer operands ignore the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    pub(super) out: u32,
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) third: u32,
}

impl Instruction {
    /// The registers of its operands.
    pub(super) fn reads(&self) -> [u32; 3] {
        [self.left, self.right, self.third]
    }
}

/// Consecutive instructions of one operation: up to `end`, from the end of the run before.
#[derive(Clone, Copy, Debug)]
struct Run {
    operation: Operation,
    end: usize,
}

/// Straight-line code.
#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    instructions: Vec<Instruction>,
    runs: Vec<Run>,
}

impl Code {
    pub(super) fn push(&mut self, operation: Operation, instruction: Instruction) {
        self.instructions.push(instruction);
        let end = self.instructions.len();
        match self.runs.last_mut() {
            Some(run) if run.operation == operation => run.end = end,
            _ => self.runs.push(Run { operation, end }),
        }
    }

    /// Its instructions, those of one operation together.
    pub(super) fn runs(&self) -> impl Iterator<Item = (Operation, &[Instruction])> {
        let starts = std::iter::once(0).chain(self.runs.iter().map(|run| run.end));
        let runs = self.runs.iter().zip(starts);
        runs.map(|(run, start)| (run.operation, &self.instructions[start..run.end]))
    }
}

/// Straight-line code and where its results are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    pub(super) code: Code,
    pub(super) outputs: Vec<u32>,
}

impl Program {
    /// How many results it has.
    pub(crate) fn len(&self) -> usize {
        self.outputs.len()
    }

    /// Every register it may read, its results included.
    pub(crate) fn reads(&self) -> BTreeSet<usize> {
        let operands = self.code.instructions.iter().flat_map(Instruction::reads);
        let results = self.outputs.iter().copied();
        operands.chain(results).map(|r| r as usize).collect()
    }

    /// How many operations one run takes.
    pub(crate) fn operations(&self) -> usize {
        self.code.instructions.len()
    }
}

/// The registers' layout and the prelude that all programs share.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    pub(super) parameters: usize,
    pub(super) constants: Vec<f64>,
    pub(super) prelude: Code,
    pub(crate) state_start: usize,
    pub(crate) registers: usize,
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
    let (base, less) = slope_operands(x, n);
    base.powf(less)
}

/// Base and exponent of it.
#[inline(always)]
pub(super) fn slope_operands<R: Real>(x: R, n: R) -> (R, R) {
    (R::from_f64(TINY).max(x), n - R::from_f64(1.0))
}

/// One loop over the instructions of a run. A macro, because closures and functions that are passed on
/// are not always compiled into the function that was made for an instruction set.
macro_rules! each {
    ($instructions:ident, $registers:ident, |$left:ident| $value:expr) => {
        for instruction in $instructions {
            let $left = $registers[instruction.left as usize];
            $registers[instruction.out as usize] = $value;
        }
    };
    ($instructions:ident, $registers:ident, |$left:ident, $right:ident| $value:expr) => {
        for instruction in $instructions {
            let $left = $registers[instruction.left as usize];
            let $right = $registers[instruction.right as usize];
            $registers[instruction.out as usize] = $value;
        }
    };
    ($instructions:ident, $registers:ident, |$left:ident, $right:ident, $third:ident| $value:expr) => {
        for instruction in $instructions {
            let $left = $registers[instruction.left as usize];
            let $right = $registers[instruction.right as usize];
            let $third = $registers[instruction.third as usize];
            $registers[instruction.out as usize] = $value;
        }
    };
}

/// Runs code; one jump for each run, and a plain loop inside.
#[inline(always)]
fn run<R: Real>(code: &Code, registers: &mut [R]) {
    let mut start = 0;
    for run in &code.runs {
        carry_out(run.operation, &code.instructions[start..run.end], registers);
        start = run.end;
    }
}

/// Instructions of one operation.
#[inline(always)]
pub(super) fn carry_out<R: Real>(
    operation: Operation,
    instructions: &[Instruction],
    registers: &mut [R],
) {
    match operation {
        Operation::Add => each!(instructions, registers, |a, b| a + b),
        Operation::Subtract => each!(instructions, registers, |a, b| a - b),
        Operation::Multiply => each!(instructions, registers, |a, b| a * b),
        Operation::Divide => each!(instructions, registers, |a, b| a / b),
        Operation::Negate => each!(instructions, registers, |a| -a),
        Operation::Power => each!(instructions, registers, |a, n| a.powf(n)),
        Operation::Exponential => each!(instructions, registers, |a| a.exp()),
        Operation::Logarithm => each!(instructions, registers, |a| a.ln()),
        Operation::SquareRoot => each!(instructions, registers, |a| a.sqrt()),
        Operation::Absolute => each!(instructions, registers, |a| a.abs()),
        Operation::Minimum => each!(instructions, registers, |a, b| a.min(b)),
        Operation::Maximum => each!(instructions, registers, |a, b| a.max(b)),
        Operation::Step => each!(instructions, registers, |a| step(a)),
        Operation::SlopePower => each!(instructions, registers, |a, n| slope_power(a, n)),
        Operation::Rise => each!(instructions, registers, |a, n| slope_power(a, n) * a),
        Operation::Saturate => each!(instructions, registers, |a| saturate(a)),
        Operation::Decline => each!(instructions, registers, |a| decline(a)),
        Operation::Logistic => each!(instructions, registers, |a| logistic(a)),
        Operation::AddProduct => each!(instructions, registers, |a, b, c| c + a * b),
        Operation::SubtractProduct => each!(instructions, registers, |a, b, c| c - a * b),
        Operation::ProductLess => each!(instructions, registers, |a, b, c| a * b - c),
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
    #[inline(always)]
    #[allow(clippy::manual_memcpy)] // calls of the standard library are not always inlined
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
        let states = &mut registers[self.state_start..self.state_start + state.len()];
        for index in 0..state.len() {
            states[index] = state[index];
        }
        run(&program.code, registers);
        let outputs = &program.outputs[..out.len()];
        for (index, value) in out.iter_mut().enumerate() {
            *value = registers[outputs[index] as usize];
        }
    }
}
