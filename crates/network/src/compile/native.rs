//! [`NativeProgram`]: a program of a tape as machine code over lanes.
//!
//! The instructions are those of the tape in an order of their own ([`course`]), so that both have the
//! same bits. Elementary functions stay with the tape; between them, arithmetic becomes machine code.
//! Powers take the way that processors with a fused multiply-add have: all that get machine code have
//! one.

mod course;

use std::collections::BTreeSet;

use gutbrain_native::{
    Assembler, InstructionSet, Lengths, MachineCode, Operation as Arithmetic, Slot,
};
use gutbrain_numbers::Lanes;

use self::course::{Course, Step};
use super::tape::{Instruction, Operation, Program, Tape, carry_out, slope_operands};

/// See the module's description.
#[derive(Debug)]
pub(crate) struct NativeProgram {
    phases: Vec<Phase>,
    /// The states that the tape reads; machine code reads them where they are.
    states: Vec<usize>,
}

/// Machine code, and what stays with the tape after it.
#[derive(Debug)]
struct Phase {
    code: MachineCode,
    tape: Vec<(Operation, Vec<Instruction>)>,
}

/// A program on its way.
pub(crate) struct Translation<'a> {
    tape: &'a Tape,
    states: usize,
    results: usize,
    course: Course,
}

impl<'a> Translation<'a> {
    /// Chooses the order of its steps.
    pub(crate) fn new(tape: &'a Tape, program: &Program, states: usize) -> Self {
        let is_arithmetic = |operation: Operation, instruction: &Instruction| {
            arithmetic(tape, operation, instruction).is_some()
        };
        Self {
            course: Course::new(tape, program, states, is_arithmetic),
            results: program.len(),
            states,
            tape,
        }
    }

    /// How many registers the program needs as machine code.
    pub(crate) fn registers(&self) -> usize {
        self.course.registers
    }

    /// Machine code that runs on so many registers; nothing where there is none to be had.
    pub(crate) fn assemble<const N: usize>(
        self,
        registers: usize,
        set: InstructionSet,
    ) -> Option<NativeProgram> {
        let lengths = Lengths {
            work: registers,
            input: self.states,
            output: self.results,
        };
        let mut phases = Vec::with_capacity(self.course.phases.len());
        let mut states = BTreeSet::new();
        for phase in &self.course.phases {
            let mut assembler = Assembler::new::<N>(set, lengths)?;
            for step in &phase.arithmetic {
                match step {
                    Step::Compute(operation, instruction) => {
                        let how = arithmetic(self.tape, *operation, instruction)?;
                        self.compute(&mut assembler, how, instruction);
                    }
                    Step::Result(index, register) => {
                        assembler.copy(Slot::Output(*index), self.slot(*register));
                    }
                }
            }
            let is_kept =
                |index: usize| u32::try_from(index).is_ok_and(|index| phase.kept.contains(&index));
            let on_tape = phase.tape.iter().flat_map(|(_, run)| run);
            let read = on_tape.flat_map(Instruction::reads);
            states.extend(read.filter_map(|register| match self.slot(register) {
                Slot::Input(state) => Some(state),
                _ => None,
            }));
            phases.push(Phase {
                code: assembler.finish(is_kept)?,
                tape: phase.tape.clone(),
            });
        }
        Some(NativeProgram {
            phases,
            states: states.into_iter().collect(),
        })
    }

    /// Where a register is: the state is read where it comes from.
    fn slot(&self, register: u32) -> Slot {
        let register = register as usize;
        match register.checked_sub(self.tape.state_start) {
            Some(state) if state < self.states => Slot::Input(state),
            _ => Slot::Work(register),
        }
    }

    fn compute(&self, code: &mut Assembler, how: How, instruction: &Instruction) {
        let out = self.slot(instruction.out);
        let left = self.slot(instruction.left);
        let right = self.slot(instruction.right);
        let third = self.slot(instruction.third);
        match how {
            How::Plain(operation) => code.compute(operation, out, left, right),
            How::Turned(operation) => code.compute(operation, out, right, left),
            How::Negate => code.negate(out, left),
            How::SquareRoot => code.square_root(out, left),
            How::AddProduct => code.add_product(out, third, left, right),
            How::SubtractProduct => code.subtract_product(out, third, left, right),
            How::ProductLess => code.product_less(out, left, right, third),
            How::Decline => {
                code.compute_from(Arithmetic::Add, out, 1.0, left);
                code.compute_from(Arithmetic::Divide, out, 1.0, out);
            }
            // As in `tape::step`; the sign of a zero is lost in the sum.
            How::Step => {
                code.compute_from(Arithmetic::Smaller, out, 0.0, left);
                code.compute_from(Arithmetic::Larger, out, -f64::MIN_POSITIVE, out);
                code.compute_from(Arithmetic::Multiply, out, 1.0 / f64::MIN_POSITIVE, out);
                code.compute_from(Arithmetic::Add, out, 1.0, out);
            }
        }
    }
}

/// How machine code does what an operation of the tape does.
#[derive(Clone, Copy, Debug)]
enum How {
    Plain(Arithmetic),
    /// With its operands in the other order.
    Turned(Arithmetic),
    Negate,
    SquareRoot,
    AddProduct,
    SubtractProduct,
    ProductLess,
    Decline,
    Step,
}

/// Nothing if the operation stays with the tape.
fn arithmetic(tape: &Tape, operation: Operation, instruction: &Instruction) -> Option<How> {
    Some(match operation {
        Operation::Add => How::Plain(Arithmetic::Add),
        Operation::Subtract => How::Plain(Arithmetic::Subtract),
        Operation::Multiply => How::Plain(Arithmetic::Multiply),
        Operation::Divide => How::Plain(Arithmetic::Divide),
        Operation::Negate => How::Negate,
        Operation::SquareRoot => How::SquareRoot,
        Operation::Decline => How::Decline,
        Operation::Step => How::Step,
        Operation::AddProduct => How::AddProduct,
        Operation::SubtractProduct => How::SubtractProduct,
        Operation::ProductLess => How::ProductLess,
        Operation::Minimum => extreme(tape, Arithmetic::Smaller, instruction)?,
        Operation::Maximum => extreme(tape, Arithmetic::Larger, instruction)?,
        Operation::Power
        | Operation::Exponential
        | Operation::Logarithm
        | Operation::Absolute
        | Operation::SlopePower
        | Operation::Rise
        | Operation::Saturate
        | Operation::Logistic => return None,
    })
}

/// The tape's extremes give NaN if either operand is, and the left one on a tie; the processor's give
/// the right one in both cases. They agree if one operand is a constant.
fn extreme(tape: &Tape, operation: Arithmetic, instruction: &Instruction) -> Option<How> {
    let constant = |register: u32| {
        let index = (register as usize).checked_sub(tape.parameters)?;
        let value = tape.constants.get(index).copied();
        value.filter(|value| !value.is_nan())
    };
    match (constant(instruction.left), constant(instruction.right)) {
        (_, Some(_)) => Some(How::Turned(operation)),
        // Equal numbers have the same bits, but for zeros.
        (Some(left), None) if left != 0.0 => Some(How::Plain(operation)),
        _ => None,
    }
}

impl NativeProgram {
    /// What [`Tape::run`] does.
    #[inline(always)]
    pub(crate) fn run<const N: usize>(
        &self,
        tape: &Tape,
        registers: &mut [Lanes<N>],
        state: &[Lanes<N>],
        out: &mut [Lanes<N>],
    ) {
        for &index in &self.states {
            registers[tape.state_start + index] = state[index];
        }
        for phase in &self.phases {
            phase.code.run(registers, state, out);
            for (operation, instructions) in &phase.tape {
                carry_out_fused(*operation, instructions, registers);
            }
        }
    }
}

/// What the tape does, powers by way of fused multiply-adds.
#[inline(always)]
fn carry_out_fused<const N: usize>(
    operation: Operation,
    instructions: &[Instruction],
    registers: &mut [Lanes<N>],
) {
    let is_power = matches!(
        operation,
        Operation::Power | Operation::SlopePower | Operation::Rise
    );
    if !is_power {
        carry_out(operation, instructions, registers);
        return;
    }
    for instruction in instructions {
        let x = registers[instruction.left as usize];
        let n = registers[instruction.right as usize];
        let (base, exponent) = match operation {
            Operation::Power => (x, n),
            _ => slope_operands(x, n),
        };
        let power = base.powf_fused(exponent);
        registers[instruction.out as usize] = match operation {
            Operation::Rise => power * x,
            _ => power,
        };
    }
}
