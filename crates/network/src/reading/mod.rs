//! Walks a TOML text and says everything that is wrong with it.
//!
//! A reader asks a [`Table`] for the keys it knows; each question notes the key
//! and adds a fault when the answer has the wrong form. [`Table::finish`] then
//! reports the keys nobody asked for, with the known key that looks most alike.
//! Both the model and the scenarios are read this way.
//!
//! ```
//! use gutbrain_network::fault::{Collector, Source};
//! use gutbrain_network::reading::Document;
//!
//! let source = Source::new("example.toml", "titel = 'Butyrate'\n");
//! let document = Document::parse(&source).unwrap();
//! let faults = Collector::new();
//! let table = document.root(&faults);
//! assert!(table.text("title").is_none());
//! table.finish();
//! let message = faults.finish(()).unwrap_err().to_string();
//! assert!(message.contains("did you mean `title`?"));
//! ```

mod document;
mod field;
mod suggest;
mod syntax_help;
mod table;

pub use document::{Content, DEEPEST_NESTING, Document, MOST_BYTES, Value};
pub use field::{Field, Written};
pub use suggest::{did_you_mean, most_alike};
pub use table::Table;
