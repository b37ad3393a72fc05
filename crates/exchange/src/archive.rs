//! A whole scenario as a COMBINE archive: models, the experiment, our own results, and what is what.
//!
//! What: one SBML file for each arm, a SED-ML file with the time course of every arm, its data and
//! figures, `manifest.xml` and `metadata.rdf`. The archive is a ZIP file without clocks: the same
//! scenario gives the same bytes.
//!
//! Source: Bergmann et al. 2014, COMBINE archive and OMEX format.

use gutbrain::scenario::Scenario;

use super::content::Content;
use super::names::plain;
use super::sbml::sbml;
use super::sedml::{Experiment, sedml};
use super::stored_zip::{StoredFile, store};
use super::xml::{Xml, number};

/// What the figures of a scenario show, by the figure's name.
pub(super) fn shown_in_figures(scenario: &Scenario) -> Vec<(String, Vec<String>)> {
    let figures = scenario.figures.iter().map(|figure| {
        let shown = match figure.show.is_empty() {
            true => &figure.choice,
            false => &figure.show,
        };
        (figure.name.clone(), shown.clone())
    });
    figures.filter(|(_, shown)| !shown.is_empty()).collect()
}

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

/// Finest division of the spacing of the output that is tried.
const FINEST: u32 = 100;

/// Steps of a uniform grid that ends where the span ends, and its length in days. Where the spacing does
/// not divide the span (21 to 40 d every 7 d), it is divided so that every age of the scenario is on the
/// grid; where no small division does that, the spacing becomes a little smaller.
pub(super) fn steps(span: (f64, f64), every: f64) -> (String, String) {
    let length = span.1 - span.0;
    let whole = |count: f64| (count - count.round()).abs() < 1e-9 * count.max(1.0);
    let divided = (1..=FINEST).map(|parts| length / every * f64::from(parts));
    let count = divided
        .into_iter()
        .find(|count| count.round() >= 1.0 && whole(*count));
    let count = count.map_or_else(|| (length / every).ceil().max(1.0), f64::round);
    (number(count), number(length))
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn a_time_course_ends_with_its_scenario_and_has_its_ages() {
        for (start, stop, every) in [
            (21.0, 40.0, 7.0),
            (0.0, 100.0, 1.0),
            (38.0, 120.5, 0.25),
            (0.0, 10.0, 0.3),
            (0.5, 30.2, 1.5),
            (0.0, 5.0, 30.0),
            (0.0, 1.0, std::f64::consts::PI / 10.0),
        ] {
            let (points, end) = steps((start, stop), every);
            let (points, end): (f64, f64) = (points.parse().unwrap(), end.parse().unwrap());
            assert!(
                (end - (stop - start)).abs() < 1e-12,
                "{start} {stop} {every}: {end}"
            );
            let spacing = end / points;
            assert!(points >= 1.0 && spacing <= every * (1.0 + 1e-9), "{points}");
            let ages = (0..)
                .map(|it| f64::from(it) * every)
                .take_while(|it| *it < end);
            let off = |age: f64| (age / spacing - (age / spacing).round()).abs();
            let is_common = every.total_cmp(&(std::f64::consts::PI / 10.0)).is_ne();
            assert!(
                !is_common || ages.into_iter().all(|age| off(age) < 1e-6),
                "{every}: {spacing}"
            );
        }
        assert_eq!(steps((21.0, 40.0), 7.0), ("19".to_owned(), "19".to_owned()));
    }
}
