//! [`Course`]: the steps of a program in the order in which machine code takes them.
//!
//! A tape brings equal operations together, which keeps hundreds of values waiting. Machine code has no
//! use for that: here a value is computed just before the first that reads it (depth first, the operand
//! that needs most registers before the others, after Sethi & Ullman (1970) J. ACM 17:715,
//! doi:10.1145/321607.321620), so that most never leave their register. Operations that stay with the
//! tape are the exception: those that do not wait for each other are carried out together, and before
//! them no more than they need. The order changes no bit of any result.

use std::collections::BTreeSet;

use crate::compile::tape::{Instruction, Operation, Program, Tape};

/// A step of the arithmetic.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// An instruction, on registers of the course.
    Compute(Operation, Instruction),
    /// A result of the program, and the register that it is in.
    Result(usize, u32),
}

/// Arithmetic, and what stays with the tape after it.
#[derive(Debug, Default)]
pub(super) struct Phase {
    pub(super) arithmetic: Vec<Step>,
    /// The registers written by it that something after it reads.
    pub(super) kept: BTreeSet<u32>,
    /// In runs of one operation.
    pub(super) tape: Vec<(Operation, Vec<Instruction>)>,
}

/// See the module's description.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) phases: Vec<Phase>,
    /// How many registers it needs, those that tapes prepare included.
    pub(super) registers: usize,
}

/// Where an operand comes from.
#[derive(Clone, Copy, Debug)]
enum Operand {
    /// A register that does not change while the program runs.
    Fixed(u32),
    /// What an instruction of the program gives, by its number.
    Value(usize),
}

/// What an instruction gives.
#[derive(Debug)]
struct Value {
    operation: Operation,
    reads: [Operand; 3],
    is_arithmetic: bool,
    /// How many operations of the tape come before it, one waiting for the other.
    level: usize,
    /// About as many registers as it takes to compute it.
    need: usize,
}

/// What is done, one after the other.
#[derive(Clone, Copy, Debug)]
enum Item {
    Compute(usize),
    Result(usize, Operand),
    Tape(usize),
}

impl Course {
    /// `is_arithmetic` tells the instructions that machine code can be made of.
    pub(super) fn new(
        tape: &Tape,
        program: &Program,
        states: usize,
        is_arithmetic: impl Fn(Operation, &Instruction) -> bool,
    ) -> Self {
        let fixed = tape.state_start + states;
        let planning = Planning::new(tape.registers, fixed, program, is_arithmetic);
        let order = planning.order();
        planning.give_registers(fixed, &order)
    }
}

struct Planning {
    values: Vec<Value>,
    results: Vec<Operand>,
    /// The results that a value is.
    results_of: Vec<Vec<usize>>,
}

impl Planning {
    fn new(
        registers: usize,
        fixed: usize,
        program: &Program,
        is_arithmetic: impl Fn(Operation, &Instruction) -> bool,
    ) -> Self {
        let mut values: Vec<Value> = Vec::with_capacity(program.operations());
        // The value that a register has at this point of the program.
        let mut current: Vec<usize> = vec![0; registers];
        let operand = |current: &[usize], register: u32| match register as usize {
            index if index < fixed => Operand::Fixed(register),
            index => Operand::Value(current[index]),
        };
        for (operation, instructions) in program.code.runs() {
            for instruction in instructions {
                let reads = instruction
                    .reads()
                    .map(|register| operand(&current, register));
                let is_arithmetic = is_arithmetic(operation, instruction);
                current[instruction.out as usize] = values.len();
                let value = Value::new(operation, reads, is_arithmetic, &values);
                values.push(value);
            }
        }
        let results: Vec<Operand> = program
            .outputs
            .iter()
            .map(|register| operand(&current, *register))
            .collect();
        let mut results_of = vec![Vec::new(); values.len()];
        for (index, result) in results.iter().enumerate() {
            if let Operand::Value(value) = result {
                results_of[*value].push(index);
            }
        }
        Self {
            values,
            results,
            results_of,
        }
    }

    /// What is done in each phase.
    fn order(&self) -> Vec<Vec<Item>> {
        let mut done = vec![false; self.values.len()];
        let mut on_tape: Vec<usize> = (0..self.values.len())
            .filter(|value| !self.values[*value].is_arithmetic)
            .collect();
        on_tape.sort_by_key(|value| {
            let Value {
                level, operation, ..
            } = self.values[*value];
            (level, operation, *value)
        });
        let mut phases = Vec::new();
        let mut phase = Vec::new();
        for together in on_tape.chunk_by(|a, b| self.values[*a].level == self.values[*b].level) {
            for value in together {
                for read in self.values[*value].reads {
                    self.compute(read, &mut done, &mut phase);
                }
            }
            phase.extend(together.iter().map(|value| Item::Tape(*value)));
            phases.push(std::mem::take(&mut phase));
            for value in together {
                done[*value] = true;
                let results = self.results_of[*value].iter();
                phase.extend(results.map(|index| Item::Result(*index, Operand::Value(*value))));
            }
        }
        for index in 0..self.results.len() {
            match self.results[index] {
                fixed @ Operand::Fixed(_) => phase.push(Item::Result(index, fixed)),
                value @ Operand::Value(_) => self.compute(value, &mut done, &mut phase),
            }
        }
        phases.push(phase);
        phases
    }

    /// Everything that is yet to be done for a value, and the value.
    fn compute(&self, root: Operand, done: &mut [bool], items: &mut Vec<Item>) {
        let Operand::Value(root) = root else { return };
        let mut waiting = vec![(root, false)];
        while let Some((value, is_ready)) = waiting.pop() {
            if done[value] {
                continue;
            }
            if is_ready {
                done[value] = true;
                items.push(Item::Compute(value));
                let results = self.results_of[value].iter();
                items.extend(results.map(|index| Item::Result(*index, Operand::Value(value))));
                continue;
            }
            waiting.push((value, true));
            let mut reads: Vec<usize> = self.values[value].values().collect();
            reads.sort_by_key(|read| self.values[*read].need);
            waiting.extend(reads.into_iter().map(|read| (read, false)));
        }
    }

    /// Registers are used again after the last read of their value.
    fn give_registers(&self, fixed: usize, phases: &[Vec<Item>]) -> Course {
        let mut last_read = vec![0; self.values.len()];
        for (time, item) in phases.iter().flatten().enumerate() {
            for value in self.read_by(*item) {
                last_read[value] = time;
            }
        }
        let mut place: Vec<u32> = vec![0; self.values.len()];
        let mut free: Vec<u32> = Vec::new();
        let mut registers = fixed;
        let mut time = 0;
        let mut course = Vec::with_capacity(phases.len());
        for items in phases {
            let mut phase = Phase::default();
            let end = time + items.len();
            for item in items {
                let read: BTreeSet<usize> = self.read_by(*item).collect();
                let over = read.into_iter().filter(|value| last_read[*value] == time);
                free.extend(over.map(|value| place[value]));
                if let Item::Compute(value) | Item::Tape(value) = *item {
                    place[value] = free.pop().unwrap_or_else(|| {
                        registers += 1;
                        u32::try_from(registers - 1).unwrap_or(u32::MAX)
                    });
                }
                self.note(*item, &place, &mut phase);
                time += 1;
            }
            let arithmetic = items.iter().filter_map(|item| match item {
                Item::Compute(value) => Some(*value),
                _ => None,
            });
            let after = end - phase.tape.iter().map(|(_, run)| run.len()).sum::<usize>();
            let kept = arithmetic.filter(|value| last_read[*value] >= after);
            phase.kept = kept.map(|value| place[value]).collect();
            course.push(phase);
        }
        Course {
            phases: course,
            registers,
        }
    }

    /// Writes an item down, on the registers that its values have now.
    fn note(&self, item: Item, place: &[u32], phase: &mut Phase) {
        let register = |operand: Operand| match operand {
            Operand::Fixed(register) => register,
            Operand::Value(value) => place[value],
        };
        let instruction = |value: usize| {
            let [left, right, third] = self.values[value].reads.map(register);
            let out = place[value];
            Instruction {
                out,
                left,
                right,
                third,
            }
        };
        match item {
            Item::Compute(value) => {
                let step = Step::Compute(self.values[value].operation, instruction(value));
                phase.arithmetic.push(step);
            }
            Item::Result(index, operand) => {
                phase
                    .arithmetic
                    .push(Step::Result(index, register(operand)));
            }
            Item::Tape(value) => {
                let (operation, instruction) = (self.values[value].operation, instruction(value));
                match phase.tape.last_mut() {
                    Some((of_run, run)) if *of_run == operation => run.push(instruction),
                    _ => phase.tape.push((operation, vec![instruction])),
                }
            }
        }
    }

    /// The values that an item reads.
    fn read_by(&self, item: Item) -> impl Iterator<Item = usize> {
        let reads = match item {
            Item::Compute(value) | Item::Tape(value) => self.values[value].reads,
            Item::Result(_, operand) => [operand; 3],
        };
        reads.into_iter().filter_map(Operand::value)
    }
}

impl Operand {
    fn value(self) -> Option<usize> {
        match self {
            Self::Fixed(_) => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl Value {
    fn new(
        operation: Operation,
        reads: [Operand; 3],
        is_arithmetic: bool,
        before: &[Value],
    ) -> Self {
        let mut value = Self {
            operation,
            reads,
            is_arithmetic,
            level: 0,
            need: 1,
        };
        let read: BTreeSet<usize> = value.values().collect();
        let mut needs: Vec<usize> = Vec::new();
        for read in read {
            let read = &before[read];
            value.level = value
                .level
                .max(read.level + usize::from(!read.is_arithmetic));
            // What the tape computes is in memory.
            needs.push(if read.is_arithmetic { read.need } else { 1 });
        }
        // While one operand is computed, those before it wait in a register each.
        needs.sort_unstable_by(|a, b| b.cmp(a));
        let while_others_wait = needs
            .iter()
            .enumerate()
            .map(|(waiting, need)| need + waiting);
        value.need = while_others_wait.max().unwrap_or(1);
        value
    }

    /// The values that it reads.
    fn values(&self) -> impl Iterator<Item = usize> {
        self.reads.into_iter().filter_map(Operand::value)
    }
}
