//! [`Assembler`]: straight-line arithmetic on lanes, step by step, into machine code.
//!
//! Every step reads places in memory and writes its result to one, so that other code may go on from
//! there. What was read or written last stays in registers and is not read again. One instruction for
//! each operation and no other: no product and sum are contracted, so that every lane has the bits
//! of plain arithmetic.

use std::collections::VecDeque;
use std::mem::size_of;

use gutbrain_numbers::{Lanes, Real};

use crate::InstructionSet;
use crate::encoder::{Base, Encoder, Operand, opcode};
use crate::machine_code::{Lengths, MachineCode};

/// A place in one of the slices that the code runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

impl Operation {
    fn opcode(self) -> u8 {
        match self {
            Self::Add => opcode::ADD,
            Self::Subtract => opcode::SUBTRACT,
            Self::Multiply => opcode::MULTIPLY,
            Self::Divide => opcode::DIVIDE,
        }
    }
}

/// What a register holds a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Slot(Slot),
    Constant(usize),
}

/// As many registers as `lanes` numbers fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bundle(u8);

/// Code in the making; see the module's description.
#[derive(Debug)]
pub struct Assembler {
    encoder: Encoder,
    lanes: usize,
    /// Registers in a bundle.
    parts: u8,
    /// Bytes from one place to the next.
    stride: usize,
    lengths: Lengths,
    constants: Vec<Lanes<8>>,
    /// What bundles hold, the one that was touched last at the back.
    held: VecDeque<(Bundle, Option<Place>)>,
}

/// Vector registers that both forms of instructions reach.
const REGISTERS: u8 = 16;

impl Assembler {
    /// For slices of these lengths over `LANES` lanes; nothing if `set` has no wide registers, or
    /// lanes do not fill them.
    #[must_use]
    pub fn new<const LANES: usize>(set: InstructionSet, lengths: Lengths) -> Option<Self> {
        let width = set.width()?;
        let parts = u8::try_from(LANES / width.numbers()).ok()?;
        let fits = LANES.is_multiple_of(width.numbers()) && (1..=REGISTERS / 4).contains(&parts);
        let bundles = 0..REGISTERS.checked_div(parts)?;
        fits.then(|| Self {
            encoder: Encoder {
                width,
                bytes: Vec::new(),
            },
            lanes: LANES,
            parts,
            stride: size_of::<Lanes<LANES>>(),
            lengths,
            constants: Vec::new(),
            held: bundles.map(|number| (Bundle(number), None)).collect(),
        })
    }

    /// out = left op right
    ///
    /// # Panics
    /// Like all steps: when a slot is not in its slice, or `out` is in the input.
    pub fn compute(&mut self, operation: Operation, out: Slot, left: Slot, right: Slot) {
        let result = self.arithmetic(operation, Place::Slot(left), Place::Slot(right));
        self.write(out, result);
    }

    /// out = third + left · right, rounded twice
    pub fn add_product(&mut self, out: Slot, third: Slot, left: Slot, right: Slot) {
        self.with_product(Operation::Add, out, third, left, right);
    }

    /// out = third - left · right, rounded twice
    pub fn subtract_product(&mut self, out: Slot, third: Slot, left: Slot, right: Slot) {
        self.with_product(Operation::Subtract, out, third, left, right);
    }

    /// out = left · right - third, rounded twice
    pub fn product_less(&mut self, out: Slot, left: Slot, right: Slot, third: Slot) {
        let product = self.arithmetic(Operation::Multiply, Place::Slot(left), Place::Slot(right));
        let third = self.operand(Place::Slot(third), &[product]);
        let result = self.free(&[product]);
        self.emit(opcode::SUBTRACT, result, product, third);
        self.write(out, result);
    }

    fn with_product(
        &mut self,
        operation: Operation,
        out: Slot,
        third: Slot,
        left: Slot,
        right: Slot,
    ) {
        let product = self.arithmetic(Operation::Multiply, Place::Slot(left), Place::Slot(right));
        let third = self.read(Place::Slot(third), &[product]);
        let result = self.free(&[product, third]);
        self.emit(operation.opcode(), result, third, Source::Bundle(product));
        self.write(out, result);
    }

    /// out = -operand
    pub fn negate(&mut self, out: Slot, operand: Slot) {
        let sign = self.constant(-0.0);
        let operand = self.read(Place::Slot(operand), &[]);
        let sign = self.operand(sign, &[operand]);
        let result = self.free(&[operand]);
        self.emit(opcode::EXCLUSIVE_OR, result, operand, sign);
        self.write(out, result);
    }

    /// out = √operand
    pub fn square_root(&mut self, out: Slot, operand: Slot) {
        let operand = self.operand(Place::Slot(operand), &[]);
        let result = self.free(&[]);
        self.emit(opcode::SQUARE_ROOT, result, Bundle(0), operand);
        self.write(out, result);
    }

    /// out = 1 / operand
    pub fn reciprocal(&mut self, out: Slot, operand: Slot) {
        let one = self.constant(1.0);
        let result = self.arithmetic(Operation::Divide, one, Place::Slot(operand));
        self.write(out, result);
    }

    /// out = 1 / (1 + operand)
    pub fn decline(&mut self, out: Slot, operand: Slot) {
        let one = self.constant(1.0);
        let below = self.arithmetic(Operation::Add, one, Place::Slot(operand));
        let one = self.read(one, &[below]);
        let result = self.free(&[below, one]);
        self.emit(opcode::DIVIDE, result, one, Source::Bundle(below));
        self.write(out, result);
    }

    /// out = value
    pub fn set(&mut self, out: Slot, value: f64) {
        let value = self.constant(value);
        let value = self.read(value, &[]);
        self.store(out, value);
    }

    /// out = from
    pub fn copy(&mut self, out: Slot, from: Slot) {
        let value = self.read(Place::Slot(from), &[]);
        self.store(out, value);
    }

    /// The code, if this system lets programs make some.
    #[must_use]
    pub fn finish(mut self) -> Option<MachineCode> {
        self.encoder.finish();
        MachineCode::new(
            &self.encoder.bytes,
            self.constants,
            self.lanes,
            self.lengths,
        )
    }

    fn constant(&mut self, value: f64) -> Place {
        let known = |known: &Lanes<8>| known.0[0].to_bits() == value.to_bits();
        let index = self.constants.iter().position(known).unwrap_or_else(|| {
            self.constants.push(Lanes::from_f64(value));
            self.constants.len() - 1
        });
        Place::Constant(index)
    }

    fn arithmetic(&mut self, operation: Operation, left: Place, right: Place) -> Bundle {
        let left = self.read(left, &[]);
        let right = self.operand(right, &[left]);
        let taken = match right {
            Source::Bundle(right) => [left, right],
            Source::Memory(_) => [left, left],
        };
        let result = self.free(&taken);
        self.emit(operation.opcode(), result, left, right);
        result
    }

    /// The bundle that holds a place; it counts as touched.
    fn holder(&mut self, place: Place) -> Option<Bundle> {
        let found = self
            .held
            .iter()
            .position(|(_, held)| *held == Some(place))?;
        let entry = self.held.remove(found)?;
        self.held.push_back(entry);
        Some(entry.0)
    }

    /// The bundle not touched for longest, apart from those in use; what it held is forgotten.
    fn free(&mut self, in_use: &[Bundle]) -> Bundle {
        let idle = |(bundle, _): &(Bundle, Option<Place>)| !in_use.contains(bundle);
        // A step uses three bundles, and there are at least four.
        let found = self.held.iter().position(idle).unwrap_or(0);
        let bundle = self
            .held
            .remove(found)
            .map_or(Bundle(0), |(bundle, _)| bundle);
        self.held.push_back((bundle, None));
        bundle
    }

    /// A place as an operand: where it is held, or in memory.
    fn operand(&mut self, place: Place, in_use: &[Bundle]) -> Source {
        match (self.holder(place), place) {
            (Some(bundle), _) => Source::Bundle(bundle),
            // Constants are few and come again.
            (None, Place::Constant(_)) => Source::Bundle(self.read(place, in_use)),
            (None, Place::Slot(_)) => Source::Memory(place),
        }
    }

    /// The bundle with the value of a place.
    fn read(&mut self, place: Place, in_use: &[Bundle]) -> Bundle {
        self.holder(place).unwrap_or_else(|| {
            let bundle = self.free(in_use);
            self.emit(opcode::LOAD, bundle, Bundle(0), Source::Memory(place));
            self.note(bundle, place);
            bundle
        })
    }

    /// A result to its place, of which the bundle is now the only copy.
    fn write(&mut self, out: Slot, result: Bundle) {
        self.store(out, result);
        self.note(result, Place::Slot(out));
    }

    fn store(&mut self, out: Slot, value: Bundle) {
        assert!(!matches!(out, Slot::Input(_)), "the input is only read");
        for (_, held) in &mut self.held {
            if *held == Some(Place::Slot(out)) {
                *held = None;
            }
        }
        self.emit(
            opcode::STORE,
            value,
            Bundle(0),
            Source::Memory(Place::Slot(out)),
        );
    }

    fn note(&mut self, bundle: Bundle, place: Place) {
        for (candidate, held) in &mut self.held {
            if *candidate == bundle {
                *held = Some(place);
            }
        }
    }

    /// One instruction for each part of the bundles. One that has no first operand ignores it.
    fn emit(&mut self, opcode: u8, register: Bundle, first: Bundle, source: Source) {
        let has_first = !matches!(opcode, opcode::LOAD | opcode::STORE | opcode::SQUARE_ROOT);
        for part in 0..self.parts {
            let number = |bundle: Bundle| bundle.0 * self.parts + part;
            let operand = match source {
                Source::Bundle(bundle) => Operand::Register(number(bundle)),
                Source::Memory(place) => self.address(place, part),
            };
            let first = if has_first { number(first) } else { 0 };
            self.encoder
                .instruction(opcode, number(register), first, operand);
        }
    }

    /// Where a part of a place is. This is what keeps the code within its slices.
    fn address(&self, place: Place, part: u8) -> Operand {
        let (base, index, length) = match place {
            Place::Slot(Slot::Work(index)) => (Base::First, index, self.lengths.work),
            Place::Slot(Slot::Input(index)) => (Base::Second, index, self.lengths.input),
            Place::Slot(Slot::Output(index)) => (Base::Third, index, self.lengths.output),
            Place::Constant(index) => (Base::Fourth, index, self.constants.len()),
        };
        assert!(index < length, "a place in its slice");
        let register = 8 * self.encoder.width.numbers();
        // All parts of a constant are alike.
        let bytes = match place {
            Place::Slot(_) => index * self.stride + usize::from(part) * register,
            Place::Constant(index) => index * size_of::<Lanes<8>>(),
        };
        let displacement = i32::try_from(bytes).expect("slices below two gigabytes");
        Operand::Memory(base, displacement)
    }
}

/// Where an operand comes from.
#[derive(Clone, Copy, Debug)]
enum Source {
    Bundle(Bundle),
    Memory(Place),
}
