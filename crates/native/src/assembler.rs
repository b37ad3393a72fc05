//! [`Assembler`]: straight-line arithmetic on lanes, step by step, into machine code.
//!
//! Steps read and write places in memory; which of them stay in registers meanwhile is decided when all
//! steps are known ([`crate::registers`]). One instruction for each operation and no other: no product
//! and sum are contracted, so that every lane has the bits of plain arithmetic.
//!
//! Why the unsafe call below is sound. The bytes hold vector arithmetic, loads and stores on vector
//! registers, `vzeroupper` and the return, and nothing else (a test reads them with another decoder).
//! Every place that a step names was checked to lie within the declared length of its slice when the
//! step was taken down (`check`), and instructions reach no place that no step names, at `index · stride`
//! bytes from the address of its slice; no step writes to the second slice or to constants (`step`),
//! and what was only read is never written back. The instructions are those of an [`InstructionSet`],
//! which exists only on processors that have it.
#![expect(unsafe_code, reason = "hands the bytes over that are run")]

use std::mem::size_of;

use gutbrain_numbers::{Lanes, Real};

use crate::InstructionSet;
use crate::encoder::{Width, opcode};
use crate::machine_code::{Lengths, MachineCode};
use crate::registers::Allocation;

/// A place in one of the slices that the code runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// In the slice that is read and written.
    Work(usize),
    /// In the slice that is only read.
    Input(usize),
    /// In the slice of the results.
    Output(usize),
}

/// What a step does with its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// left + right
    Add,
    /// left - right
    Subtract,
    /// left · right
    Multiply,
    /// left / right
    Divide,
    /// left where it is larger than right, else right (on a tie, and where one is NaN)
    Larger,
    /// left where it is smaller than right, else right (on a tie, and where one is NaN)
    Smaller,
}

impl Operation {
    fn opcode(self) -> u8 {
        match self {
            Self::Add => opcode::ADD,
            Self::Subtract => opcode::SUBTRACT,
            Self::Multiply => opcode::MULTIPLY,
            Self::Divide => opcode::DIVIDE,
            Self::Larger => opcode::MAXIMUM,
            Self::Smaller => opcode::MINIMUM,
        }
    }
}

/// Where a value is read from or written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In one of the slices.
    Slot(Slot),
    /// Among the constants of the code.
    Constant(usize),
    /// In no slice: the next step reads it, and no other.
    Between(usize),
}

/// out = first op second, out = op second without a first; a copy if the opcode is that of a load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) opcode: u8,
    pub(crate) out: Place,
    pub(crate) first: Option<Place>,
    pub(crate) second: Place,
}

/// What instructions are made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) width: Width,
    /// Registers that the numbers of one place fill.
    pub(crate) parts: u8,
    /// Bytes from one place to the next.
    pub(crate) stride: usize,
    pub(crate) lengths: Lengths,
}

/// Code in the making; see the module's description.
#[derive(Debug)]
pub struct Assembler {
    layout: Layout,
    lanes: usize,
    constants: Vec<Lanes<8>>,
    steps: Vec<Step>,
    between: usize,
}

impl Assembler {
    /// For slices of these lengths over `LANES` lanes; nothing if `set` has no wide registers, or
    /// lanes do not fill them.
    #[must_use]
    pub fn new<const LANES: usize>(set: InstructionSet, lengths: Lengths) -> Option<Self> {
        let width = set.width()?;
        let parts = u8::try_from(LANES / width.numbers()).ok()?;
        let fits = LANES.is_multiple_of(width.numbers())
            && (1..=width.registers() / Allocation::LEAST).contains(&parts);
        fits.then(|| Self {
            layout: Layout {
                width,
                parts,
                stride: size_of::<Lanes<LANES>>(),
                lengths,
            },
            lanes: LANES,
            constants: Vec::new(),
            steps: Vec::new(),
            between: 0,
        })
    }

    /// out = left op right
    ///
    /// # Panics
    /// Like all steps: when a slot is not in its slice, or `out` is in the input.
    pub fn compute(&mut self, operation: Operation, out: Slot, left: Slot, right: Slot) {
        self.step(
            operation.opcode(),
            Place::Slot(out),
            Some(Place::Slot(left)),
            Place::Slot(right),
        );
    }

    /// out = left op right, with the same number on the left in every lane
    pub fn compute_from(&mut self, operation: Operation, out: Slot, left: f64, right: Slot) {
        let left = self.constant(left);
        self.step(
            operation.opcode(),
            Place::Slot(out),
            Some(left),
            Place::Slot(right),
        );
    }

    /// out = third + left · right, rounded twice
    pub fn add_product(&mut self, out: Slot, third: Slot, left: Slot, right: Slot) {
        let product = self.product(left, right);
        self.step(
            opcode::ADD,
            Place::Slot(out),
            Some(Place::Slot(third)),
            product,
        );
    }

    /// out = third - left · right, rounded twice
    pub fn subtract_product(&mut self, out: Slot, third: Slot, left: Slot, right: Slot) {
        let product = self.product(left, right);
        self.step(
            opcode::SUBTRACT,
            Place::Slot(out),
            Some(Place::Slot(third)),
            product,
        );
    }

    /// out = left · right - third, rounded twice
    pub fn product_less(&mut self, out: Slot, left: Slot, right: Slot, third: Slot) {
        let product = self.product(left, right);
        self.step(
            opcode::SUBTRACT,
            Place::Slot(out),
            Some(product),
            Place::Slot(third),
        );
    }

    /// out = -operand
    pub fn negate(&mut self, out: Slot, operand: Slot) {
        let sign = self.constant(-0.0);
        let operand = Place::Slot(operand);
        self.step(opcode::EXCLUSIVE_OR, Place::Slot(out), Some(operand), sign);
    }

    /// out = √operand
    pub fn square_root(&mut self, out: Slot, operand: Slot) {
        self.step(
            opcode::SQUARE_ROOT,
            Place::Slot(out),
            None,
            Place::Slot(operand),
        );
    }

    /// out = value
    pub fn set(&mut self, out: Slot, value: f64) {
        let value = self.constant(value);
        self.step(opcode::LOAD, Place::Slot(out), None, value);
    }

    /// out = from
    pub fn copy(&mut self, out: Slot, from: Slot) {
        self.step(opcode::LOAD, Place::Slot(out), None, Place::Slot(from));
    }

    /// The code, if this system lets programs make some. Of the slice that is read and written, places
    /// for which `is_kept` is false hold nothing of use afterwards.
    #[must_use]
    pub fn finish(self, is_kept: impl Fn(usize) -> bool) -> Option<MachineCode> {
        let stays = |place| match place {
            Place::Slot(Slot::Work(index)) => is_kept(index),
            Place::Slot(Slot::Output(_)) => true,
            Place::Slot(Slot::Input(_)) | Place::Constant(_) | Place::Between(_) => false,
        };
        let bytes = Allocation::new(self.layout).assemble(&self.steps, stays);
        // Safety: the bytes keep the contract; see the module's description.
        unsafe { MachineCode::new(&bytes, self.constants, self.lanes, self.layout.lengths) }
    }

    fn product(&mut self, left: Slot, right: Slot) -> Place {
        let product = self.between();
        let left = Place::Slot(left);
        self.step(opcode::MULTIPLY, product, Some(left), Place::Slot(right));
        product
    }

    fn between(&mut self) -> Place {
        self.between += 1;
        Place::Between(self.between)
    }

    fn constant(&mut self, value: f64) -> Place {
        let known = |known: &Lanes<8>| known.0[0].to_bits() == value.to_bits();
        let index = self.constants.iter().position(known).unwrap_or_else(|| {
            self.constants.push(Lanes::from_f64(value));
            self.constants.len() - 1
        });
        Place::Constant(index)
    }

    fn step(&mut self, opcode: u8, out: Place, first: Option<Place>, second: Place) {
        let is_input = matches!(out, Place::Slot(Slot::Input(_)));
        assert!(!is_input, "the input is only read");
        for place in [Some(out), first, Some(second)].into_iter().flatten() {
            self.check(place);
        }
        self.steps.push(Step {
            opcode,
            out,
            first,
            second,
        });
    }

    /// This is what keeps the code within its slices: steps name no places but these.
    fn check(&self, place: Place) {
        let lengths = self.layout.lengths;
        let (index, length) = match place {
            Place::Slot(Slot::Work(index)) => (index, lengths.work),
            Place::Slot(Slot::Input(index)) => (index, lengths.input),
            Place::Slot(Slot::Output(index)) => (index, lengths.output),
            Place::Constant(index) => (index, self.constants.len()),
            Place::Between(_) => return,
        };
        assert!(index < length, "a place in its slice");
    }
}
