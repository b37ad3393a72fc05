//! Mistakes in units as faults that underline the part of the text that is wrong.

use crate::fault::{Code, Fault, Place};
use crate::reading::Written;

use super::UnitError;

impl UnitError {
    /// The fault of this error in a text that was read as a unit or a quantity.
    #[must_use]
    pub fn fault(&self, written: &Written<String>) -> Fault {
        let whole = &written.place.span;
        let trimmed = written.value.trim_start();
        let indent = written.value.len() - trimmed.len();
        // The text stands in the source letter by letter.
        let exact = whole.len() == written.value.len();
        let at = |offset: usize, length: usize| {
            let start = indent + offset;
            if exact && start + length <= written.value.len() {
                let span = whole.start + start..whole.start + start + length;
                Place::new(&written.place.source, span)
            } else {
                written.place.clone()
            }
        };
        match self {
            Self::Unknown {
                name,
                offset,
                alike,
            } => {
                // The normalised name may be shorter than what was written.
                let rest = trimmed.get(*offset..).unwrap_or_default();
                let end = rest.find(|c: char| !(c.is_alphabetic() || c == '_'));
                let length = end.unwrap_or(rest.len()).max(1).min(rest.len());
                let message = format!("unknown unit `{name}`");
                let help = alike
                    .as_ref()
                    .map(|alike| format!("did you mean `{alike}`?"));
                Fault::new(Code::UnknownUnit, message, &at(*offset, length)).maybe_help(help)
            }
            Self::Syntax { offset, .. } => {
                Fault::new(Code::BadUnit, self.to_string(), &at(*offset, 0))
            }
            Self::Number { offset, help, .. } => {
                Fault::new(Code::BadUnit, self.to_string(), &at(*offset, 0)).help(help.as_str())
            }
            Self::Different { .. } | Self::Irrational { .. } => {
                Fault::new(Code::UnitsDiffer, self.to_string(), &written.place)
            }
        }
    }
}
