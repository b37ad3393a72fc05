//! [`Allocation`]: which values stay in registers, and the instructions that come of it.
//!
//! All steps are known, so it is known when each value is read next. Where registers run out, the value
//! that is read last of all gives way (Belady (1966) IBM Syst. J. 5:78, doi:10.1147/sj.52.0078), to
//! memory if it is not there yet. Values that are read no more and have no place of theirs in memory
//! are never written: nor are those that another value of the same place follows.

use std::collections::BTreeMap;
use std::mem::size_of;

use gutbrain_numbers::Lanes;

use crate::assembler::{Layout, Place, Slot, Step};
use crate::encoder::{Base, Encoder, Operand, opcode};

/// A step that comes after all.
const NEVER: usize = usize::MAX;

/// What becomes of the value of a place after a step.
#[derive(Clone, Copy, Debug)]
struct Future {
    /// The step that reads it next, before another value takes its place.
    next: usize,
    /// Whether it is wanted in memory when all is done.
    stays: bool,
}

/// After a step: of its result, its first operand and its second.
#[derive(Clone, Copy, Debug)]
struct Futures {
    out: Future,
    first: Future,
    second: Future,
}

/// As many registers as the numbers of one place fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bundle(usize);

/// A value in a bundle, which some step will read.
#[derive(Clone, Copy, Debug)]
struct Entry {
    place: Place,
    future: Future,
    /// Whether memory does not have it.
    unsaved: bool,
}

/// Where an operand comes from.
#[derive(Clone, Copy, Debug)]
enum Source {
    Bundle(Bundle),
    Memory(Place),
}

/// Instructions in the making, and what the registers hold at that point.
#[derive(Debug)]
pub(crate) struct Allocation {
    layout: Layout,
    encoder: Encoder,
    held: Vec<Option<Entry>>,
}

impl Allocation {
    /// The fewest bundles it can do with: two operands, and one to spare.
    pub(crate) const LEAST: u8 = 4;

    pub(crate) fn new(layout: Layout) -> Self {
        Self {
            layout,
            encoder: Encoder {
                width: layout.width,
                bytes: Vec::new(),
            },
            held: vec![None; usize::from(layout.width.registers() / layout.parts)],
        }
    }

    /// The bytes of the steps; `stays` tells the places whose last value is wanted in memory.
    pub(crate) fn assemble(mut self, steps: &[Step], stays: impl Fn(Place) -> bool) -> Vec<u8> {
        let futures = look_ahead(steps, stays);
        for (step, futures) in steps.iter().zip(futures) {
            self.carry_out(step, futures);
        }
        self.encoder.finish();
        self.encoder.bytes
    }

    fn carry_out(&mut self, step: &Step, mut futures: Futures) {
        if step.opcode == opcode::LOAD && futures.out.next == NEVER {
            let bundle = self.fetch(step.second, futures.second, None);
            if futures.out.stays {
                let place = Source::Memory(step.out);
                self.emit(opcode::STORE, bundle, Bundle(0), place);
            }
            self.pass(bundle, futures.second);
            return;
        }
        let (mut first, mut second) = (step.first, step.second);
        // What memory holds is best read by the operation itself, which is possible on the right.
        let commutes = matches!(step.opcode, opcode::ADD | opcode::MULTIPLY);
        if let Some(left) = first
            && commutes
            && self.holder(left).is_none()
            && self.holder(second).is_some()
        {
            (first, second) = (Some(second), left);
            std::mem::swap(&mut futures.first, &mut futures.second);
        }
        let at_hand = self.holder(second);
        let left = first.map(|left| self.fetch(left, futures.first, at_hand));
        let right = match self.holder(second) {
            Some(bundle) => Source::Bundle(bundle),
            None if self.is_worth_a_bundle(futures.second, left) => {
                Source::Bundle(self.fetch(second, futures.second, left))
            }
            None => Source::Memory(second),
        };
        if let Some(bundle) = left {
            self.pass(bundle, futures.first);
        }
        if let Source::Bundle(bundle) = right {
            self.pass(bundle, futures.second);
        }
        let result = self.make_room(None);
        self.emit(step.opcode, result, left.unwrap_or(Bundle(0)), right);
        self.held[result.0] = Some(Entry {
            place: step.out,
            future: futures.out,
            unsaved: true,
        });
        self.pass(result, futures.out);
    }

    /// The bundle that holds a place.
    fn holder(&self, place: Place) -> Option<Bundle> {
        let holds = |entry: &Option<Entry>| entry.is_some_and(|entry| entry.place == place);
        self.held.iter().position(holds).map(Bundle)
    }

    /// The bundle with the value of a place, loaded if need be; not the one that is taken.
    fn fetch(&mut self, place: Place, future: Future, taken: Option<Bundle>) -> Bundle {
        self.holder(place).unwrap_or_else(|| {
            let bundle = self.make_room(taken);
            self.emit(opcode::LOAD, bundle, Bundle(0), Source::Memory(place));
            self.held[bundle.0] = Some(Entry {
                place,
                future,
                unsaved: false,
            });
            bundle
        })
    }

    /// Whether a value in memory had better be loaded than read there by the operation.
    fn is_worth_a_bundle(&self, future: Future, taken: Option<Bundle>) -> bool {
        future.next != NEVER
            && self.held.iter().enumerate().any(|(number, entry)| {
                Some(Bundle(number)) != taken
                    && entry.is_none_or(|entry| entry.future.next > future.next)
            })
    }

    /// A value's future from here on; it leaves its bundle if no step reads it any more.
    fn pass(&mut self, bundle: Bundle, future: Future) {
        if let Some(entry) = &mut self.held[bundle.0] {
            entry.future = future;
            if future.next == NEVER {
                self.clear(bundle);
            }
        }
    }

    /// An empty bundle, not the one that is taken.
    fn make_room(&mut self, taken: Option<Bundle>) -> Bundle {
        let candidates = (0..self.held.len()).map(Bundle);
        let farthest = candidates
            .filter(|bundle| Some(*bundle) != taken)
            .max_by_key(|bundle| self.held[bundle.0].map_or(NEVER, |entry| entry.future.next));
        // There are at least four bundles.
        let bundle = farthest.unwrap_or(Bundle(0));
        self.clear(bundle);
        bundle
    }

    /// Empties a bundle; its value goes to memory if it is wanted and not there.
    fn clear(&mut self, bundle: Bundle) {
        let Some(entry) = self.held[bundle.0].take() else {
            return;
        };
        if entry.unsaved && (entry.future.stays || entry.future.next != NEVER) {
            let place = Source::Memory(entry.place);
            self.emit(opcode::STORE, bundle, Bundle(0), place);
        }
    }

    /// One instruction for each part of the bundles. One that has no first operand ignores it.
    fn emit(&mut self, opcode: u8, register: Bundle, first: Bundle, source: Source) {
        let has_first = !matches!(opcode, opcode::LOAD | opcode::STORE | opcode::SQUARE_ROOT);
        for part in 0..self.layout.parts {
            let number = |bundle: Bundle| {
                let number = bundle.0 * usize::from(self.layout.parts) + usize::from(part);
                u8::try_from(number).expect("a register")
            };
            let operand = match source {
                Source::Bundle(bundle) => Operand::Register(number(bundle)),
                Source::Memory(place) => self.address(place, part),
            };
            let first = if has_first { number(first) } else { 0 };
            self.encoder
                .instruction(opcode, number(register), first, operand);
        }
    }

    /// Where a part of a place is.
    fn address(&self, place: Place, part: u8) -> Operand {
        let (base, index) = match place {
            Place::Slot(Slot::Work(index)) => (Base::First, index),
            Place::Slot(Slot::Input(index)) => (Base::Second, index),
            Place::Slot(Slot::Output(index)) => (Base::Third, index),
            Place::Constant(index) => (Base::Fourth, index),
            // Read by the very next step, it is the last that would give way.
            Place::Between(_) => unreachable!("never in memory"),
        };
        let register = 8 * self.layout.width.numbers();
        // All parts of a constant are alike.
        let bytes = match place {
            Place::Constant(index) => index * size_of::<Lanes<8>>(),
            _ => index * self.layout.stride + usize::from(part) * register,
        };
        let displacement = i32::try_from(bytes).expect("slices below two gigabytes");
        Operand::Memory(base, displacement)
    }
}

/// The futures of every step, from the end to the beginning.
fn look_ahead(steps: &[Step], stays: impl Fn(Place) -> bool) -> Vec<Futures> {
    let mut known: BTreeMap<Place, Future> = BTreeMap::new();
    let mut found = Vec::with_capacity(steps.len());
    for (number, step) in steps.iter().enumerate().rev() {
        let future = |known: &BTreeMap<Place, Future>, place: Place| {
            known.get(&place).copied().unwrap_or(Future {
                next: NEVER,
                stays: stays(place),
            })
        };
        let out = future(&known, step.out);
        // The value before is of no use beyond this step.
        let overwritten = Future {
            next: NEVER,
            stays: false,
        };
        known.insert(step.out, overwritten);
        let second = future(&known, step.second);
        let first = step.first.map_or(second, |first| future(&known, first));
        for place in [step.first, Some(step.second)].into_iter().flatten() {
            let stays = future(&known, place).stays;
            known.insert(
                place,
                Future {
                    next: number,
                    stays,
                },
            );
        }
        found.push(Futures { out, first, second });
    }
    found.reverse();
    found
}
