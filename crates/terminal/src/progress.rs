//! The progress of a study as a line on the terminal.

use std::sync::{Mutex, PoisonError};

use gutbrain::study::Progress;
use gutbrain_network::declaration::Family;

use super::{Meter, Terminal};

/// The progress of a study as a line on the terminal.
#[derive(Debug)]
pub struct OnTerminal<'t> {
    terminal: &'t Terminal,
    meter: Mutex<Option<Meter<'t>>>,
    /// Whose words warnings and notes are in.
    family: Option<&'t Family>,
}

impl<'t> OnTerminal<'t> {
    /// A line on this terminal.
    #[must_use]
    pub fn new(terminal: &'t Terminal) -> Self {
        Self {
            terminal,
            meter: Mutex::new(None),
            family: None,
        }
    }

    /// The same in the words of a family of models.
    #[must_use]
    pub fn of(self, family: &'t Family) -> Self {
        Self {
            family: Some(family),
            ..self
        }
    }

    fn in_its_words(&self, message: &str) -> String {
        let family = self.family;
        family.map_or_else(|| message.to_owned(), |it| it.in_its_words(message))
    }

    fn with(&self, act: impl FnOnce(&mut Meter<'t>)) {
        // A thread that panicked while counting has nothing to hide.
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = &mut *meter {
            act(meter);
        }
    }

    fn replace(&self, meter: Option<Meter<'t>>) -> Option<Meter<'t>> {
        let mut place = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut place, meter)
    }
}

impl Progress for OnTerminal<'_> {
    fn begin(&self, what: &'static str, total: u64) {
        self.replace(Some(Meter::new(self.terminal, what, total)));
    }

    fn advance(&self, done: u64, failed: u64) {
        self.with(|meter| meter.add(done, failed));
    }

    fn detail(&self, words: &str) {
        self.with(|meter| meter.note(words));
    }

    fn end(&self) {
        if let Some(meter) = self.replace(None) {
            meter.finish();
        }
    }

    fn is_cancelled(&self) -> bool {
        // Ctrl-C ends the program at once: what is on the disk is whole at every moment.
        false
    }

    fn warn(&self, message: &str) {
        self.terminal.warn(&self.in_its_words(message));
    }

    fn note(&self, message: &str) {
        self.terminal.remark(&self.in_its_words(message));
    }
}
