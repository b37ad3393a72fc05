//! Answers that are none: the program's own messages, as a page shows them.

use gutbrain_network::Faults;
use gutbrain_network::fault::{Color, escape};
use serde_json::{Value, json};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Mistakes of a scenario, each with its place.
    Faults(Faults),
    /// Everything else, in a sentence.
    Words(String),
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

/// Errors of the library are sentences.
macro_rules! sentences {
    ($($error:ty),+) => {
        $(impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Self::Words(error.to_string())
            }
        })+
    };
}

sentences!(
    gutbrain::cohort::CohortError,
    gutbrain::simulate::SimulateError,
    gutbrain_figures::FigureError,
    gutbrain_table::TableError,
    serde_json::Error,
    toml::ser::Error
);

/// Most faults that a page lists.
const MOST: usize = 50;

/// The answer that says why there is none.
pub(crate) fn refused(refusal: &Refusal) -> Value {
    match refusal {
        Refusal::Words(words) => json!({ "error": words }),
        Refusal::Faults(faults) => {
            let all = faults.as_slice().iter().take(MOST);
            let listed: Vec<Value> = all
                .map(|fault| {
                    let (line, column) = fault.source.line_and_column(fault.span.start);
                    json!({
                        "message": escape(&fault.message),
                        "label": escape(&fault.label),
                        "help": fault.help.as_deref().map(escape),
                        "code": fault.code.name(),
                        "line": line,
                        "column": column,
                    })
                })
                .collect();
            json!({ "faults": listed, "text": faults.render(Color::Never) })
        }
    }
}
