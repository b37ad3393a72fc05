//! What the codes of messages mean.

use gutbrain_network::Code;
use gutbrain_network::reading::did_you_mean;

use super::{Brief, Span};

/// No message has this code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no message has the code `{name}`\n  help: {help}")]
pub struct UnknownCode {
    /// What was asked for.
    pub name: String,
    /// What to do.
    pub help: String,
}

/// Every code with its meaning, one a line.
#[must_use]
pub fn codes() -> Brief {
    let mut brief = Brief::default();
    for code in Code::all() {
        brief.spans([Span::plain(format!("{:<20} {}", code.name(), code.says()))]);
    }
    brief
}

/// Meaning and remedy of a code.
///
/// # Errors
/// No message has it.
pub fn code(name: &str) -> Result<Brief, UnknownCode> {
    let Some(code) = Code::named(name) else {
        let help = did_you_mean(name, Code::all().map(Code::name))
            .unwrap_or_else(|| "`gutbrain explain` prints them all".to_owned());
        return Err(UnknownCode {
            name: name.to_owned(),
            help,
        });
    };
    let mut brief = Brief::default();
    brief.spans([Span::plain(code.to_string())]);
    brief.gap();
    brief.spans([Span::plain(code.says())]);
    brief.spans([Span::plain(code.remedy())]);
    Ok(brief)
}
