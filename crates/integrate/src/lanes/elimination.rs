//! [`NativeElimination`]: the elimination of one pattern as machine code over lanes.
//!
//! The steps are those of [`Elimination`], in the same order and with the same bits; what is saved is
//! the way through the lists of slots.

use gutbrain_native::{Assembler, InstructionSet, Lengths, MachineCode, Operation, Slot};
use gutbrain_numbers::Lanes;

use crate::sparse_lu::{Elimination, FactorisationCourse, Factors, SolutionCourse};

/// Factorisation and solution.
#[derive(Debug)]
pub(crate) struct NativeElimination {
    factorisation: MachineCode,
    solution: MachineCode,
}

impl NativeElimination {
    /// Nothing where there is no machine code to be had.
    pub(crate) fn new<const N: usize>(
        elimination: &Elimination,
        set: InstructionSet,
        entries: usize,
        dimension: usize,
    ) -> Option<Self> {
        let slots = elimination.filled_entries();
        let lengths = Lengths {
            work: slots,
            input: entries,
            output: 1,
        };
        let mut factorisation = Factorisation(Assembler::new::<N>(set, lengths)?);
        elimination.describe_factorisation(&mut factorisation);
        let lengths = Lengths {
            work: dimension,
            input: slots,
            output: 0,
        };
        let mut solution = Solution(Assembler::new::<N>(set, lengths)?);
        elimination.describe_solution(&mut solution);
        Some(Self {
            factorisation: factorisation.0.finish(|_| true)?,
            solution: solution.0.finish(|_| true)?,
        })
    }

    /// Factorise `shift · I - A`, with the entries of A in pattern order.
    pub(crate) fn factorise<const N: usize>(
        &self,
        factors: &mut Factors<Lanes<N>>,
        shift: Lanes<N>,
        entries: &[Lanes<N>],
    ) {
        // The shift is read there; nothing is written.
        let shift = &mut [shift];
        self.factorisation.run(factors.values_mut(), entries, shift);
    }

    /// Replace the right-hand side by the solution.
    pub(crate) fn solve<const N: usize>(
        &self,
        factors: &Factors<Lanes<N>>,
        right_hand_side: &mut [Lanes<N>],
    ) {
        self.solution
            .run(right_hand_side, factors.values(), &mut []);
    }
}

struct Factorisation(Assembler);

impl FactorisationCourse for Factorisation {
    fn load(&mut self, slot: usize, entry: usize) {
        self.0.negate(Slot::Work(slot), Slot::Input(entry));
    }

    fn clear(&mut self, slot: usize) {
        self.0.set(Slot::Work(slot), 0.0);
    }

    fn shift(&mut self, slot: usize) {
        let slot = Slot::Work(slot);
        self.0.compute(Operation::Add, slot, slot, Slot::Output(0));
    }

    fn invert(&mut self, pivot: usize) {
        let pivot = Slot::Work(pivot);
        self.0.compute_from(Operation::Divide, pivot, 1.0, pivot);
    }

    fn scale(&mut self, slot: usize, pivot: usize) {
        let slot = Slot::Work(slot);
        let pivot = Slot::Work(pivot);
        self.0.compute(Operation::Multiply, slot, slot, pivot);
    }

    fn reduce(&mut self, target: usize, lower: usize, upper: usize) {
        let target = Slot::Work(target);
        let (lower, upper) = (Slot::Work(lower), Slot::Work(upper));
        self.0.subtract_product(target, target, lower, upper);
    }
}

struct Solution(Assembler);

impl SolutionCourse for Solution {
    fn reduce(&mut self, target: usize, factor: usize, known: usize) {
        let target = Slot::Work(target);
        let (factor, known) = (Slot::Input(factor), Slot::Work(known));
        self.0.subtract_product(target, target, factor, known);
    }

    fn divide(&mut self, target: usize, pivot: usize) {
        let target = Slot::Work(target);
        let pivot = Slot::Input(pivot);
        self.0.compute(Operation::Multiply, target, target, pivot);
    }
}
