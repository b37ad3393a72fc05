//! What is asked of the processor itself.
//!
//! What: [`InstructionSet`] compiles a kernel once for each set of vector instructions and chooses at
//! run time; [`Assembler`] turns straight-line arithmetic on lanes, known only at run time (the
//! equations of a network with the gates of a scenario, the elimination of its matrices), into
//! [`MachineCode`]. Both give the bits of plain arithmetic.
//!
//! This is the only crate of the project with unsafe code; each module that has some says why it is
//! sound.

mod assembler;
mod encoder;
mod instruction_set;
mod machine_code;
mod made_once;
mod registers;

pub use assembler::{Assembler, Operation, Slot};
pub use instruction_set::{CHOICE, InstructionSet, Kernel, UnknownInstructionSet};
pub use machine_code::{Lengths, MachineCode, is_refused};
pub use made_once::MadeOnce;
