//! Figures inside the page, with every typeface once.

use std::collections::BTreeSet;

use gutbrain_store::SavedRun;
use serde_json::{Value, json};

use super::{ReportError, text_of};

/// What the page needs of the figures.
pub(crate) struct Figures {
    /// The rules of all typefaces.
    pub(crate) fonts: String,
    /// Name and markup of every figure.
    pub(crate) pictures: Vec<Value>,
}

/// The SVG files of a run.
pub(crate) fn figures(saved: &SavedRun) -> Result<Figures, ReportError> {
    let (mut fonts, mut pictures) = (BTreeSet::new(), Vec::new());
    for path in saved.manifest().files.keys() {
        let name = path.strip_prefix("figures/");
        let Some(name) = name.and_then(|name| name.strip_suffix(".svg")) else {
            continue;
        };
        let (style, picture) = without_style(&text_of(saved, path)?);
        fonts.extend(
            style
                .lines()
                .filter(|line| !line.is_empty())
                .map(str::to_owned),
        );
        pictures.push(json!({ "name": name.replace('-', " "), "svg": picture }));
    }
    Ok(Figures {
        fonts: fonts.into_iter().collect::<Vec<_>>().join("\n"),
        pictures,
    })
}

/// The rules of a picture's typefaces, one a line, and the picture without them.
fn without_style(svg: &str) -> (String, String) {
    let parts = svg
        .split_once("<style>")
        .and_then(|(before, rest)| Some((before, rest.split_once("</style>")?)));
    match parts {
        Some((before, (style, after))) => (
            style.trim().to_owned(),
            format!("{before}{}", after.trim_start()),
        ),
        None => (String::new(), svg.to_owned()),
    }
}
