//! What another program changed in an export.
//!
//! Everything that has a meaning is compared, entry by entry and attribute by attribute; what is not
//! understood counts as changed, by name. Formulas are compared in one form ([`form`]): a program may
//! write a rate in another order, with function calls or the size of a compartment in it, and has
//! changed nothing. A formula that cannot be *shown* to be the same is a difference; values at points
//! only give it words. Units are compared by what they mean.
//!
//! Names, notes, annotations and terms say nothing that is computed: they are counted.

mod entries;
mod events;
mod form;
mod limits;
mod mathml;
mod reactions;
mod reading;
mod units;

use std::collections::BTreeMap;

use gutbrain::report::brief::{Brief, Span, Tone};
use gutbrain_network::fault::escape;
use roxmltree::{Document, ParsingOptions};

use super::Content;
use entries::Comparison;
use reading::Returned;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Identifier in the file, with what a terminal must not be sent written out.
    pub id: String,
    /// What was found, as a sentence without its subject.
    pub what: String,
}

/// What a file that came back says that the export did not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Differences {
    /// What has a meaning, or could have one.
    pub changed: Vec<Difference>,
    /// What says nothing that is computed, as sentences.
    pub harmless: Vec<String>,
}

impl Differences {
    /// The differences, one a line, with the entry of the model that each is about.
    #[must_use]
    pub fn brief(&self, content: &Content) -> Brief {
        let mut brief = Brief::default();
        for difference in &self.changed {
            let mut spans = vec![
                Span::toned(Tone::Strong, difference.id.as_str()),
                Span::plain(format!(": {}", difference.what)),
            ];
            let origin = content.origin(&difference.id).unwrap_or_default();
            if !origin.is_empty() {
                spans.push(Span::plain(format!("   [{origin}]")));
            }
            brief.spans(spans);
        }
        if self.changed.is_empty() {
            brief.spans([Span::plain("nothing was changed")]);
        }
        if !self.harmless.is_empty() {
            let harmless = format!("harmless: {}", self.harmless.join("; "));
            brief.spans([Span::toned(Tone::Faint, harmless)]);
        }
        brief
    }
}

/// Compares a file that came back with the export it began as.
///
/// # Errors
/// Why one of them is no SBML, or is not read.
pub fn compare(export: &str, returned: &str) -> Result<Differences, String> {
    limits::look_over(returned)?;
    let (export, returned) = (parse(export)?, parse(returned)?);
    let (mut ours, mut theirs) = (Returned::read(&export)?, Returned::read(&returned)?);
    let conversions = ours.conversions();
    ours.fix(&conversions);
    theirs.fix(&conversions);
    let mut comparison = Comparison::new(&ours, &theirs);
    comparison.all();
    let found = comparison.found;
    let mut changed: Vec<Difference> = Vec::new();
    for it in found.iter().chain(&theirs.noted) {
        let shown = Difference {
            id: escape(&it.id).into_owned(),
            what: escape(&it.what).into_owned(),
        };
        if !changed.contains(&shown) {
            changed.push(shown);
        }
    }
    let mut harmless = comparison.harmless;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, ..) in ours.silent.symmetric_difference(&theirs.silent) {
        *counts.entry(kind).or_insert(0) += 1;
    }
    let counts: Vec<String> = (counts.iter())
        .map(|(kind, count)| format!("{kind} ({count})"))
        .collect();
    if !counts.is_empty() {
        harmless.push(format!("other {}", counts.join(", ")));
    }
    Ok(Differences { changed, harmless })
}

fn parse(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions {
        nodes_limit: 4_000_000,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| error.to_string())
}
