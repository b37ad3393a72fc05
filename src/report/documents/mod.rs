//! Pages of the documentation that are read from the declaration, as Markdown.

mod model_page;

pub use model_page::model_page;
