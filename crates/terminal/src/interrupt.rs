//! What Ctrl-C and limits of the system do.

use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};

use crate::write_stderr;

/// The system lets nobody listen for Ctrl-C.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for Ctrl-C: {0}")]
pub struct NoSignals(#[from] ctrlc::Error);

/// Ends the program with exit code 130 on Ctrl-C; what was being written is recovered next time.
///
/// # Errors
/// [`NoSignals`]: the system lets nobody listen.
pub fn end_on_interrupt() -> Result<(), NoSignals> {
    end_on_interrupt_saying("earlier results are intact; the same command starts again")
}

/// The same with these words about what is left; of a command that begins a second piece of work, the words
/// of the second.
///
/// # Errors
/// [`NoSignals`]: the system lets nobody listen.
pub fn end_on_interrupt_saying(what_is_left: &'static str) -> Result<(), NoSignals> {
    static LEFT: Mutex<Option<&'static str>> = Mutex::new(None);
    let open = || LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    if open().replace(what_is_left).is_some() {
        return Ok(());
    }
    ctrlc::set_handler(move || {
        let words = *open();
        let newline = if io::stderr().is_terminal() { "\n" } else { "" };
        let words = words.unwrap_or_default();
        write_stderr(&format!("{newline}interrupted; {words}\n"));
        std::process::exit(130);
    })?;
    Ok(())
}

/// Makes a file that grows beyond a limit of the system (`ulimit -f`) an error of the write instead of a signal
/// that ends the program.
#[cfg(unix)]
pub fn outlive_size_limits() {
    use signal_hook::consts::SIGXFSZ;
    use std::sync::{Arc, atomic::AtomicBool};
    // Without it the program ends by the signal, as any other would.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

/// Nothing where no such signal is sent.
#[cfg(not(unix))]
pub fn outlive_size_limits() {}
