//! [`MachineCode`]: memory that the processor may execute, and the call into it.
//!
//! Why the unsafe code below is sound. The bytes come from [`crate::Assembler`] alone. They hold
//! vector arithmetic on registers that every caller expects to be overwritten, reads and writes at
//! fixed distances from the four addresses of the call, and the return. Every place that a step names
//! was checked to lie within the declared length of its slice when the step was taken down, and
//! instructions reach no place that no step names; no step writes to the second slice or to constants,
//! and what was only read is never written back. `run` checks that the slices have these lengths, these
//! lanes and hence these strides; the borrow checker keeps the slices apart. The memory is written before it becomes
//! executable and never after. The instructions are those of an [`crate::InstructionSet`], which
//! exists only on processors that have it.
#![expect(unsafe_code, reason = "calls of code made at run time")]

use gutbrain_numbers::Lanes;
use memmap2::{Mmap, MmapMut};

/// How long the slices are that code runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Of the slice that is read and written.
    pub work: usize,
    /// Of the slice that is only read.
    pub input: usize,
    /// Of the slice of the results.
    pub output: usize,
}

/// Straight-line arithmetic on lanes that the processor runs as it is.
#[derive(Debug)]
pub struct MachineCode {
    memory: Mmap,
    constants: Vec<Lanes<8>>,
    lanes: usize,
    lengths: Lengths,
}

/// Addresses of the slices in the order work, input, output, and of the constants.
#[cfg(target_arch = "x86_64")]
type Function = unsafe extern "sysv64" fn(*mut f64, *const f64, *mut f64, *const f64);
/// Never called: other processors have no instruction set that code is made for.
#[cfg(not(target_arch = "x86_64"))]
type Function = unsafe extern "C" fn(*mut f64, *const f64, *mut f64, *const f64);

impl MachineCode {
    /// Nothing if the system allows no such memory.
    pub(crate) fn new(
        bytes: &[u8],
        constants: Vec<Lanes<8>>,
        lanes: usize,
        lengths: Lengths,
    ) -> Option<Self> {
        let mut memory = MmapMut::map_anon(bytes.len()).ok()?;
        memory.copy_from_slice(bytes);
        Some(Self {
            memory: memory.make_exec().ok()?,
            constants,
            lanes,
            lengths,
        })
    }

    /// Carries out its steps.
    ///
    /// # Panics
    /// When a slice is not of its length, or the lanes are not those it was made for.
    #[inline]
    pub fn run<const LANES: usize>(
        &self,
        work: &mut [Lanes<LANES>],
        input: &[Lanes<LANES>],
        output: &mut [Lanes<LANES>],
    ) {
        let lengths = Lengths {
            work: work.len(),
            input: input.len(),
            output: output.len(),
        };
        assert!(
            LANES == self.lanes && lengths == self.lengths,
            "the lanes and slices that the code was made for"
        );
        // Safety: the memory begins with a function of this type; see the module's description.
        let function = unsafe { std::mem::transmute::<*const u8, Function>(self.memory.as_ptr()) };
        // Safety: its reads and writes stay within the slices; see the module's description.
        unsafe {
            function(
                work.as_mut_ptr().cast(),
                input.as_ptr().cast(),
                output.as_mut_ptr().cast(),
                self.constants.as_ptr().cast(),
            );
        }
    }

    /// How many bytes its instructions take.
    #[must_use]
    pub fn size(&self) -> usize {
        self.memory.len()
    }
}
