//! Random steps, and what they are assembled to.
#![allow(dead_code)] // each test file uses some of them

use gutbrain_native::{Assembler, InstructionSet, Lengths, MachineCode, Operation, Slot};
use proptest::prelude::*;

/// More places than any set has registers.
pub(crate) const LENGTHS: Lengths = Lengths {
    work: 40,
    input: 5,
    output: 4,
};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Compute(Operation, Slot, Slot, Slot),
    AddProduct(Slot, Slot, Slot, Slot),
    SubtractProduct(Slot, Slot, Slot, Slot),
    ProductLess(Slot, Slot, Slot, Slot),
    Negate(Slot, Slot),
    SquareRoot(Slot, Slot),
    ComputeFrom(Operation, Slot, f64, Slot),
    Set(Slot, f64),
    Copy(Slot, Slot),
}

/// Code of which as many places are kept as `kept` says, from the first on.
pub(crate) fn assemble<const N: usize>(
    set: InstructionSet,
    steps: &[Step],
    kept: usize,
) -> Option<MachineCode> {
    let mut code = Assembler::new::<N>(set, LENGTHS)?;
    for step in steps {
        match *step {
            Step::Compute(operation, out, a, b) => code.compute(operation, out, a, b),
            Step::AddProduct(out, c, a, b) => code.add_product(out, c, a, b),
            Step::SubtractProduct(out, c, a, b) => code.subtract_product(out, c, a, b),
            Step::ProductLess(out, a, b, c) => code.product_less(out, a, b, c),
            Step::Negate(out, a) => code.negate(out, a),
            Step::SquareRoot(out, a) => code.square_root(out, a),
            Step::ComputeFrom(operation, out, a, b) => code.compute_from(operation, out, a, b),
            Step::Set(out, value) => code.set(out, value),
            Step::Copy(out, a) => code.copy(out, a),
        }
    }
    let code = code.finish(|index| index < kept);
    Some(code.expect("a system that allows machine code"))
}

/// The sets that have code for so many lanes.
///
/// # Panics
/// When there is none although the processor has one: a test that tries nothing has not passed.
pub(crate) fn sets_with_code(lanes: usize) -> Vec<InstructionSet> {
    let fits = |set: &InstructionSet| match set.name() {
        "avx2" => lanes >= 4,
        "avx512" => lanes >= 8,
        _ => false,
    };
    let sets: Vec<_> = InstructionSet::available()
        .into_iter()
        .filter(fits)
        .collect();
    #[cfg(target_arch = "x86_64")]
    assert!(
        !(sets.is_empty() && is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")),
        "no set has code for {lanes} lanes"
    );
    sets
}

pub(crate) fn readable() -> impl Strategy<Value = Slot> {
    prop_oneof![
        4 => (0..LENGTHS.work).prop_map(Slot::Work),
        2 => (0..LENGTHS.input).prop_map(Slot::Input),
        1 => (0..LENGTHS.output).prop_map(Slot::Output),
    ]
}

pub(crate) fn writable() -> impl Strategy<Value = Slot> {
    prop_oneof![
        4 => (0..LENGTHS.work).prop_map(Slot::Work),
        1 => (0..LENGTHS.output).prop_map(Slot::Output),
    ]
}

pub(crate) fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -10.0..10.0_f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MIN_POSITIVE,
            5e-324, f64::MAX,
        ]),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let operation = prop::sample::select(vec![
        Operation::Add,
        Operation::Subtract,
        Operation::Multiply,
        Operation::Divide,
        Operation::Larger,
        Operation::Smaller,
    ]);
    let slots = (writable(), readable(), readable(), readable());
    (0..10, operation, slots, number()).prop_map(|(kind, operation, (out, a, b, c), value)| {
        match kind {
            0 => Step::AddProduct(out, c, a, b),
            1 => Step::SubtractProduct(out, c, a, b),
            2 => Step::ProductLess(out, a, b, c),
            3 => Step::Negate(out, a),
            4 => Step::SquareRoot(out, a),
            5..7 => Step::ComputeFrom(operation, out, value, b),
            7 => Step::Set(out, value),
            8 => Step::Copy(out, a),
            _ => Step::Compute(operation, out, a, b),
        }
    })
}
