//! [`NativeProgram`]: a program of a tape as machine code over lanes.
//!
//! The instructions are those of the tape, in its order, on its registers, so that both have the same
//! bits and either can go on where the other stopped. Elementary functions and comparisons stay with
//! the tape; between them, arithmetic becomes machine code. Powers take the way that processors with a
//! fused multiply-add have: all that get machine code have one.

use std::collections::BTreeSet;

use gutbrain_native::{
    Assembler, InstructionSet, Lengths, MachineCode, Operation as Arithmetic, Slot,
};
use gutbrain_numbers::Lanes;

use super::tape::{Instruction, Operation, Program, Tape, carry_out, slope_operands};

/// See the module's description.
#[derive(Debug)]
pub(crate) struct NativeProgram {
    segments: Vec<Segment>,
    /// The states that segments of the tape read; machine code reads them where they are.
    states: Vec<usize>,
}

#[derive(Debug)]
enum Segment {
    Machine(MachineCode),
    Tape(Operation, Vec<Instruction>),
}

/// Turns a tape's instructions into segments.
struct Translation<'a> {
    tape: &'a Tape,
    states: usize,
    lengths: Lengths,
    set: InstructionSet,
    assembler: Option<Assembler>,
    segments: Vec<Segment>,
}

impl NativeProgram {
    /// Nothing where there is no machine code to be had.
    pub(crate) fn new<const N: usize>(
        tape: &Tape,
        program: &Program,
        states: usize,
        set: InstructionSet,
    ) -> Option<Self> {
        let mut translation = Translation {
            tape,
            states,
            lengths: Lengths {
                work: tape.registers,
                input: states,
                output: program.len(),
            },
            set,
            assembler: None,
            segments: Vec::new(),
        };
        for (operation, instructions) in program.code.runs() {
            let machine = instructions
                .iter()
                .all(|instruction| translation.translate::<N>(operation, instruction).is_some());
            if !machine {
                translation.close()?;
                let stay = Segment::Tape(operation, instructions.to_vec());
                translation.segments.push(stay);
            }
        }
        for (index, register) in program.outputs.iter().enumerate() {
            let from = translation.slot(*register);
            translation
                .assembler::<N>()?
                .copy(Slot::Output(index), from);
        }
        translation.close()?;
        let mut read = BTreeSet::new();
        for segment in &translation.segments {
            if let Segment::Tape(_, instructions) = segment {
                let registers = instructions.iter().flat_map(Instruction::reads);
                read.extend(
                    registers.filter_map(|register| match translation.slot(register) {
                        Slot::Input(state) => Some(state),
                        _ => None,
                    }),
                );
            }
        }
        Some(Self {
            segments: translation.segments,
            states: read.into_iter().collect(),
        })
    }

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
        for segment in &self.segments {
            match segment {
                Segment::Machine(code) => code.run(registers, state, out),
                Segment::Tape(operation, instructions) => {
                    carry_out_fused(*operation, instructions, registers);
                }
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

impl Translation<'_> {
    /// The code at hand, begun if there is none.
    fn assembler<const N: usize>(&mut self) -> Option<&mut Assembler> {
        if self.assembler.is_none() {
            self.assembler = Assembler::new::<N>(self.set, self.lengths);
        }
        self.assembler.as_mut()
    }

    /// Ends the code at hand.
    fn close(&mut self) -> Option<()> {
        if let Some(assembler) = self.assembler.take() {
            self.segments
                .push(Segment::Machine(assembler.finish(|_| true)?));
        }
        Some(())
    }

    /// Where a register is: the state is read where it comes from.
    fn slot(&self, register: u32) -> Slot {
        let register = register as usize;
        match register.checked_sub(self.tape.state_start) {
            Some(state) if state < self.states => Slot::Input(state),
            _ => Slot::Work(register),
        }
    }

    /// Nothing if the operation stays with the tape.
    fn translate<const N: usize>(
        &mut self,
        operation: Operation,
        instruction: &Instruction,
    ) -> Option<()> {
        let out = self.slot(instruction.out);
        let left = self.slot(instruction.left);
        let right = self.slot(instruction.right);
        let third = self.slot(instruction.third);
        let code = self.assembler::<N>()?;
        match operation {
            Operation::Add => code.compute(Arithmetic::Add, out, left, right),
            Operation::Subtract => code.compute(Arithmetic::Subtract, out, left, right),
            Operation::Multiply => code.compute(Arithmetic::Multiply, out, left, right),
            Operation::Divide => code.compute(Arithmetic::Divide, out, left, right),
            Operation::Negate => code.negate(out, left),
            Operation::SquareRoot => code.square_root(out, left),
            Operation::Decline => code.decline(out, left),
            Operation::AddProduct => code.add_product(out, third, left, right),
            Operation::SubtractProduct => code.subtract_product(out, third, left, right),
            Operation::ProductLess => code.product_less(out, left, right, third),
            Operation::Power
            | Operation::Exponential
            | Operation::Logarithm
            | Operation::Absolute
            | Operation::Minimum
            | Operation::Maximum
            | Operation::Step
            | Operation::SlopePower
            | Operation::Rise
            | Operation::Saturate
            | Operation::Logistic => return None,
        }
        Some(())
    }
}
