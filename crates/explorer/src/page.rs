//! The page: one file that asks for nothing else, in two forms.
//!
//! With a module it stands alone: it works from a disk, and no request leaves it. Without one it asks the
//! program that serves it. A policy inside the page allows its own style and script by their hashes, the
//! module, and pictures that it makes itself; connections to nobody, or only to the server that it came from.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use crate::base85;
use crate::sections::without_custom_sections;

const MARKUP: &str = include_str!("../../../explorer/page.html");
const STYLE: &str = include_str!("../../../explorer/style.css");
/// The typeface of the figures.
const REGULAR: &[u8] = include_bytes!("../../figures/fonts/Inter-Regular.woff2");
const SEMI_BOLD: &[u8] = include_bytes!("../../figures/fonts/Inter-SemiBold.woff2");
/// In the order in which they use one another.
const SCRIPTS: &[&str] = &[
    include_str!("../../../explorer/ask.js"),
    include_str!("../../../explorer/text.js"),
    include_str!("../../../explorer/state.js"),
    include_str!("../../../explorer/curves.js"),
    include_str!("../../../explorer/arms.js"),
    include_str!("../../../explorer/sliders.js"),
    include_str!("../../../explorer/map.js"),
    include_str!("../../../explorer/cohort.js"),
    include_str!("../../../explorer/explorer.js"),
];
const WORKER: &str = include_str!("../../../explorer/worker.js");

/// Where the answers come from.
#[derive(Debug, Clone, Copy)]
pub enum Answers<'a> {
    /// From this module inside the page.
    Module(&'a [u8]),
    /// From the server of the page.
    Server,
}

/// The page as HTML; the same input gives the same bytes.
#[must_use]
pub fn page(answers: Answers<'_>) -> String {
    let style = STYLE
        .replacen("{{regular}}", &STANDARD.encode(REGULAR), 1)
        .replacen("{{semibold}}", &STANDARD.encode(SEMI_BOLD), 1);
    let script = format!("\"use strict\";\n{}", SCRIPTS.concat());
    let (module, connect, worker) = match answers {
        Answers::Module(module) => (
            base85::encode(&compressed(&without_custom_sections(module))),
            "'none'",
            "blob:",
        ),
        Answers::Server => (String::new(), "'self'", "'none'"),
    };
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}' 'wasm-unsafe-eval' blob:; style-src 'sha256-{}'; \
         worker-src {worker}; font-src data:; img-src blob: data:; connect-src {connect}; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(&style),
    );
    let parts = [
        ("{{policy}}", policy.as_str()),
        ("{{style}}", style.as_str()),
        ("{{script}}", script.as_str()),
        ("{{worker}}", WORKER),
        (
            "{{signs}}",
            str::from_utf8(base85::SIGNS).unwrap_or_default(),
        ),
        ("{{module}}", module.as_str()),
    ];
    let mut page = MARKUP.to_owned();
    for (mark, text) in parts {
        page = page.replacen(mark, text, 1);
    }
    page
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// As gzip, without a time in its head.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
