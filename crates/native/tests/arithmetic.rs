//! Machine code has the bits of plain arithmetic, and keeps to its slices.

mod steps;

use std::panic::{AssertUnwindSafe, catch_unwind};

use gutbrain_native::{Assembler, InstructionSet, Lengths, Operation, Slot};
use gutbrain_numbers::{Lanes, Real};
use proptest::prelude::*;
use steps::{LENGTHS, Step, assemble, number, sets_with_code, step};

/// What an operation means.
fn compute<const N: usize>(operation: Operation, a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    match operation {
        Operation::Add => a + b,
        Operation::Subtract => a - b,
        Operation::Multiply => a * b,
        Operation::Divide => a / b,
        Operation::Larger => choose(a, b, |a, b| a > b),
        Operation::Smaller => choose(a, b, |a, b| a < b),
    }
}

/// The first where `holds`, else the second.
fn choose<const N: usize>(a: Lanes<N>, b: Lanes<N>, holds: fn(f64, f64) -> bool) -> Lanes<N> {
    let lane = |lane: usize| match holds(a.0[lane], b.0[lane]) {
        true => a.0[lane],
        false => b.0[lane],
    };
    Lanes(std::array::from_fn(lane))
}

/// The slices that code runs on.
#[derive(Clone, Debug)]
struct Slices<const N: usize> {
    work: Vec<Lanes<N>>,
    input: Vec<Lanes<N>>,
    output: Vec<Lanes<N>>,
}

impl<const N: usize> Slices<N> {
    fn new(numbers: &[f64]) -> Self {
        let mut numbers = numbers.iter().copied().cycle();
        let mut take = |length: usize| -> Vec<Lanes<N>> {
            let mut lanes = || Lanes(std::array::from_fn(|_| numbers.next().unwrap_or(0.0)));
            (0..length).map(|_| lanes()).collect()
        };
        Self {
            work: take(LENGTHS.work),
            input: take(LENGTHS.input),
            output: take(LENGTHS.output),
        }
    }

    fn get(&self, slot: Slot) -> Lanes<N> {
        match slot {
            Slot::Work(index) => self.work[index],
            Slot::Input(index) => self.input[index],
            Slot::Output(index) => self.output[index],
        }
    }

    fn set(&mut self, slot: Slot, value: Lanes<N>) {
        match slot {
            Slot::Work(index) => self.work[index] = value,
            Slot::Output(index) => self.output[index] = value,
            Slot::Input(_) => unreachable!("the input is only read"),
        }
    }

    /// What the steps mean.
    fn follow(&mut self, steps: &[Step]) {
        for step in steps {
            let (out, value) = match *step {
                Step::Compute(operation, out, a, b) => {
                    (out, compute(operation, self.get(a), self.get(b)))
                }
                Step::AddProduct(out, c, a, b) => (out, self.get(c) + self.get(a) * self.get(b)),
                Step::SubtractProduct(out, c, a, b) => {
                    (out, self.get(c) - self.get(a) * self.get(b))
                }
                Step::ProductLess(out, a, b, c) => (out, self.get(a) * self.get(b) - self.get(c)),
                Step::Negate(out, a) => (out, -self.get(a)),
                Step::SquareRoot(out, a) => (out, self.get(a).sqrt()),
                Step::ComputeFrom(operation, out, a, b) => {
                    (out, compute(operation, Lanes::from_f64(a), self.get(b)))
                }
                Step::Set(out, value) => (out, Lanes::from_f64(value)),
                Step::Copy(out, a) => (out, self.get(a)),
            };
            self.set(out, value);
        }
    }

    /// All bits of what is kept; the payload of NaN is nobody's.
    fn bits(&self, kept: usize) -> Vec<u64> {
        let all = [&self.work[..kept], &self.input, &self.output];
        let numbers = all.into_iter().flatten().flat_map(|lanes| lanes.0);
        let bits = |number: f64| match number.is_nan() {
            true => f64::NAN.to_bits(),
            false => number.to_bits(),
        };
        numbers.map(bits).collect()
    }
}

fn check<const N: usize>(steps: &[Step], kept: usize, numbers: &[f64]) {
    let mut expected = Slices::<N>::new(numbers);
    expected.follow(steps);
    for set in sets_with_code(N) {
        let code = assemble::<N>(set, steps, kept).expect("code for these lanes");
        let mut found = Slices::<N>::new(numbers);
        code.run(&mut found.work, &found.input, &mut found.output);
        let (expected, found) = (expected.bits(kept), found.bits(kept));
        assert_eq!(expected, found, "{} lanes, {}", N, set.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_steps_have_the_bits_of_plain_arithmetic(
        steps in prop::collection::vec(step(), 0..250),
        kept in 0..=LENGTHS.work,
        numbers in prop::collection::vec(number(), 1..400),
    ) {
        check::<4>(&steps, kept, &numbers);
        check::<8>(&steps, kept, &numbers);
        check::<16>(&steps, kept, &numbers);
    }
}

/// Distances beyond what one byte holds, in either direction of counting.
#[test]
fn far_places_are_reached() {
    const COUNT: usize = 5000;
    for set in sets_with_code(8) {
        let lengths = Lengths {
            work: COUNT,
            input: COUNT,
            output: 0,
        };
        let mut code = Assembler::new::<8>(set, lengths).expect("code for eight lanes");
        for index in 0..COUNT {
            let mirror = Slot::Input(COUNT - 1 - index);
            code.compute(
                Operation::Add,
                Slot::Work(index),
                Slot::Input(index),
                mirror,
            );
        }
        let code = code
            .finish(|_| true)
            .expect("a system that allows machine code");
        let input: Vec<Lanes<8>> = (0..COUNT)
            .map(|index| Lanes(std::array::from_fn(|lane| (index * 8 + lane) as f64)))
            .collect();
        let mut work = vec![Lanes::from_f64(f64::NAN); COUNT];
        code.run(&mut work, &input, &mut []);
        for index in 0..COUNT {
            assert_eq!(work[index], input[index] + input[COUNT - 1 - index]);
        }
    }
}

/// What would reach beyond a slice, or write where nothing is written, is no code.
#[test]
fn code_keeps_to_its_slices() {
    let refused = |build: &dyn Fn(&mut Assembler)| {
        for set in sets_with_code(8) {
            let mut code = Assembler::new::<8>(set, LENGTHS).expect("code for eight lanes");
            let result = catch_unwind(AssertUnwindSafe(|| build(&mut code)));
            assert!(result.is_err(), "{}", set.name());
        }
    };
    let (work, input) = (Slot::Work(0), Slot::Input(0));
    refused(&|code| code.copy(work, Slot::Work(LENGTHS.work)));
    refused(&|code| code.copy(work, Slot::Input(LENGTHS.input)));
    refused(&|code| code.copy(Slot::Output(LENGTHS.output), input));
    refused(&|code| code.copy(Slot::Work(usize::MAX), input));
    refused(&|code| code.copy(input, work));
}

/// Nor does it run on slices of other lengths or lanes.
#[test]
fn code_refuses_other_slices() {
    for set in sets_with_code(8) {
        let steps = [Step::Copy(Slot::Work(0), Slot::Input(0))];
        let code = assemble::<8>(set, &steps, LENGTHS.work).expect("code for eight lanes");
        assert!(!code.code().is_empty());
        let refused = |lengths: Lengths| {
            let zeros = |length| vec![Lanes::<8>::from_f64(0.0); length];
            let (mut work, mut output) = (zeros(lengths.work), zeros(lengths.output));
            let run = || code.run(&mut work, &zeros(lengths.input), &mut output);
            catch_unwind(AssertUnwindSafe(run)).is_err()
        };
        assert!(!refused(LENGTHS));
        assert!(refused(Lengths { work: 8, ..LENGTHS }));
        assert!(refused(Lengths {
            input: 6,
            ..LENGTHS
        }));
        assert!(refused(Lengths {
            output: 0,
            ..LENGTHS
        }));
        let zeros = |length| vec![Lanes::<16>::from_f64(0.0); length];
        let (mut work, input, mut output) = (zeros(LENGTHS.work), zeros(5), zeros(4));
        let run = || code.run(&mut work, &input, &mut output);
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    }
}

/// What the environment may choose, and what it is told otherwise.
#[test]
fn words_choose_instruction_sets() {
    for set in InstructionSet::available() {
        let word = match set.name() {
            "baseline" => "off",
            name => name,
        };
        assert_eq!(InstructionSet::named(word), Ok(set));
    }
    for word in ["", "on", "AVX2", "baseline", "sse2", "avx512 ", "\u{1b}[2J"] {
        let fault = InstructionSet::named(word).expect_err(word).to_string();
        assert!(fault.starts_with("GUTBRAIN_NATIVE is `"), "{fault}");
        assert!(
            fault.contains("`off`") && !fault.contains('\u{1b}'),
            "{fault}"
        );
    }
}
