//! A whole scenario as a COMBINE archive: models, the experiment, our own results, and what is what.
//!
//! What: one SBML file for each arm, a SED-ML file with the time course of every arm, its data and
//! figures, `manifest.xml` and `metadata.rdf`. The archive is a ZIP file without clocks: the same
//! scenario gives the same bytes.
//!
//! Source: Bergmann et al. 2014, COMBINE archive and OMEX format.

use super::content::Content;
use super::names::plain;
use super::sbml::sbml;
use super::sedml::{Experiment, sedml};
use super::stored_zip::{StoredFile, store};
use super::xml::{Xml, number};

/// The archive of these arms; `show` are the quantities of each figure, by its name.
#[must_use]
pub fn archive(
    title: &str,
    arms: &[Content],
    every: f64,
    show: &[(String, Vec<String>)],
) -> Vec<u8> {
    let mut files: Vec<StoredFile> = Vec::new();
    let mut models: Vec<(String, &Content)> = Vec::new();
    for (number, content) in arms.iter().enumerate() {
        let name = format!("{}_{}.xml", number + 1, plain(&content.id));
        files.push(StoredFile::new(&name, sbml(content).into_bytes()));
        models.push((name, content));
    }
    let experiment = Experiment {
        title,
        models: &models,
        every,
        show,
    };
    files.push(StoredFile::new(
        "experiment.sedml",
        sedml(&experiment).into_bytes(),
    ));
    files.push(StoredFile::new(
        "metadata.rdf",
        metadata(title).into_bytes(),
    ));
    let manifest = manifest(&files);
    files.insert(0, StoredFile::new("manifest.xml", manifest.into_bytes()));
    store(&files)
}

fn manifest(files: &[StoredFile]) -> String {
    let mut xml = Xml::new();
    let format = |kind: &str| format!("http://identifiers.org/combine.specifications/{kind}");
    xml.open("omexManifest", &[("xmlns", &format("omex-manifest"))]);
    xml.empty("content", &[("location", "."), ("format", &format("omex"))]);
    xml.empty(
        "content",
        &[
            ("location", "./manifest.xml"),
            ("format", &format("omex-manifest")),
        ],
    );
    for file in files {
        let location = format!("./{}", file.name);
        let kind = match file.name.rsplit_once('.') {
            Some((_, "sedml")) => "sed-ml",
            Some((_, "rdf")) => "omex-metadata",
            _ => "sbml.level-3.version-2",
        };
        let master = if kind == "sed-ml" { "true" } else { "false" };
        xml.empty(
            "content",
            &[
                ("location", &location),
                ("format", &format(kind)),
                ("master", master),
            ],
        );
    }
    xml.finish()
}

fn metadata(title: &str) -> String {
    let mut xml = Xml::new();
    xml.open(
        "rdf:RDF",
        &[
            ("xmlns:rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
            ("xmlns:dcterms", "http://purl.org/dc/terms/"),
        ],
    );
    xml.open("rdf:Description", &[("rdf:about", ".")]);
    xml.leaf("dcterms:title", &[], title);
    let version = format!("Written by gutbrain {}", env!("CARGO_PKG_VERSION"));
    xml.leaf("dcterms:description", &[], &version);
    xml.finish()
}

/// Steps of a uniform grid over a span; the last one may go beyond.
pub(super) fn steps(span: (f64, f64), every: f64) -> (String, String) {
    let count = ((span.1 - span.0) / every - 1e-6).ceil().max(1.0);
    (number(count), number(count * every))
}
