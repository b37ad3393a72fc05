//! The explorer behind three functions that a page can call: no binding generator, no version to match.
//!
//! A page asks for room with [`request_space`], writes a question there as UTF-8, calls [`answer`] and
//! reads so many bytes from [`answer_place`]. Memory moves when it grows, so that places are asked for anew
//! after every call. What goes wrong by a fault of the program ends the module, not the page: the words are
//! at [`fault_place`], and the page starts another module.
#![allow(
    unsafe_code,
    reason = "names of a module's functions must not be changed, and the attribute that says so counts as \
              unsafe; no function here reads or writes through a pointer"
)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use gutbrain_explorer::Explorer;

static QUESTION: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static ANSWER: Mutex<String> = Mutex::new(String::new());
static FAULT: Mutex<String> = Mutex::new(String::new());
static EXPLORER: Mutex<Option<Explorer>> = Mutex::new(None);

fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Room for a question of so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn request_space(length: usize) -> *mut u8 {
    let mut question = open(&QUESTION);
    question.clear();
    question.resize(length, 0);
    question.as_mut_ptr()
}

/// Answers the question; the number of bytes of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    std::panic::set_hook(Box::new(|info| *open(&FAULT) = info.to_string()));
    let question = open(&QUESTION);
    let question = String::from_utf8_lossy(&question);
    let mut explorer = open(&EXPLORER);
    let answer = explorer.get_or_insert_default().answer(&question);
    let length = answer.len();
    *open(&ANSWER) = answer;
    length
}

/// Where the answer stands.
#[unsafe(no_mangle)]
pub extern "C" fn answer_place() -> *const u8 {
    open(&ANSWER).as_ptr()
}

/// Where the words of the fault stand that ended the module.
#[unsafe(no_mangle)]
pub extern "C" fn fault_place() -> *const u8 {
    open(&FAULT).as_ptr()
}

/// How many bytes they are.
#[unsafe(no_mangle)]
pub extern "C" fn fault_length() -> usize {
    open(&FAULT).len()
}
