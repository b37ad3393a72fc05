//! [`MachineCode`]: memory that the processor may execute, and the call into it.
//!
//! Why the unsafe code below is sound: [`MachineCode::new`] has a contract, which says what the bytes
//! may do; [`crate::Assembler`] is its only caller and keeps it. `run` checks that the slices have the
//! lengths and lanes of the contract; the borrow checker keeps the slices apart. The memory is written
//! before it becomes executable and never after. Before and behind the code lies a page that nobody may
//! read, write or execute, and what is left of its last page traps: who runs out of it is stopped.
#![expect(unsafe_code, reason = "calls of code made at run time")]

use std::sync::atomic::{AtomicBool, Ordering};

use gutbrain_numbers::Lanes;
use memmap2::{Mmap, MmapMut};

/// Size of a page on the processors that code is made for.
const PAGE: usize = 4096;

/// int3: a trap.
const TRAP: u8 = 0xcc;

/// Whether this system has refused memory for machine code.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// Whether the system has refused memory for machine code, so that programs run as they are.
#[must_use]
pub fn is_refused() -> bool {
    REFUSED.load(Ordering::Relaxed)
}

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
    /// A guard, the code, a guard.
    memory: Mmap,
    size: usize,
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
    ///
    /// # Safety
    /// The bytes must be the whole of a function of this type for the processor at hand which, called
    /// with the addresses of slices of `lengths` places of `lanes` numbers each (work, input, output)
    /// and of `constants`,
    /// * reads and writes the first and the third slice and reads the second and the constants, each
    ///   within its bounds, and touches no other memory but its return address;
    /// * changes no registers but vector registers and no flags, and leaves the upper halves of vector
    ///   registers zero;
    /// * returns, and never jumps.
    pub(crate) unsafe fn new(
        bytes: &[u8],
        constants: Vec<Lanes<8>>,
        lanes: usize,
        lengths: Lengths,
    ) -> Option<Self> {
        let memory = guarded(bytes);
        if memory.is_none() {
            REFUSED.store(true, Ordering::Relaxed);
        }
        Some(Self {
            memory: memory?,
            size: bytes.len(),
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
        let code = self.code().as_ptr();
        // Safety: by the contract of `new` the code is a function of this type.
        let function = unsafe { std::mem::transmute::<*const u8, Function>(code) };
        // Safety: by the contract of `new` it stays within slices of these lengths and lanes.
        unsafe {
            function(
                work.as_mut_ptr().cast(),
                input.as_ptr().cast(),
                output.as_mut_ptr().cast(),
                self.constants.as_ptr().cast(),
            );
        }
    }

    /// Its instructions.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        &self.memory[PAGE..PAGE + self.size]
    }
}

/// Executable memory with these bytes between two guards; nothing if the system refuses.
fn guarded(bytes: &[u8]) -> Option<Mmap> {
    let pages = bytes.len().div_ceil(PAGE);
    let mut memory = MmapMut::map_anon((pages + 2) * PAGE).ok()?;
    memory.fill(TRAP);
    memory[PAGE..PAGE + bytes.len()].copy_from_slice(bytes);
    let memory = memory.make_exec().ok()?;
    close(&memory, 0)?;
    close(&memory, memory.len() - PAGE)?;
    Some(memory)
}

/// Lets nobody touch the page at this offset. Elsewhere it is left as it is, full of traps.
#[cfg(unix)]
fn close(memory: &Mmap, offset: usize) -> Option<()> {
    let page = memory[offset..offset + PAGE].as_ptr();
    // Safety: the page belongs to the mapping and starts at a multiple of its size; nothing refers to
    // its content, now or later: all that is ever read of the mapping is between both guards.
    let answer = unsafe { libc::mprotect(page.cast_mut().cast(), PAGE, libc::PROT_NONE) };
    (answer == 0).then_some(())
}

#[cfg(not(unix))]
fn close(_memory: &Mmap, _offset: usize) -> Option<()> {
    Some(())
}
