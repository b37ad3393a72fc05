//! SED-ML Level 1 Version 3: the time course of every arm, its data and its figures.
//!
//! One uniform time course for each arm (CVODE, KISAO:0000019), a report with every quantity that the
//! figures show, and a plot for each figure with one curve for every arm and quantity.
//!
//! Source: Bergmann et al. 2018, SED-ML Level 1 Version 3.

use super::archive::steps;
use super::content::Content;
use super::xml::Xml;

/// What the file describes.
pub(super) struct Experiment<'a> {
    pub(super) title: &'a str,
    /// File and content of every arm.
    pub(super) models: &'a [(String, &'a Content)],
    /// Spacing of the output, in days.
    pub(super) every: f64,
    /// Figures: name and quantities.
    pub(super) show: &'a [(String, Vec<String>)],
}

const NAMESPACE: &str = "http://sed-ml.org/sed-ml/level1/version3";
const MATH: &str = "http://www.w3.org/1998/Math/MathML";

/// The file.
pub(super) fn sedml(experiment: &Experiment<'_>) -> String {
    let mut xml = Xml::new();
    xml.open(
        "sedML",
        &[
            ("xmlns", NAMESPACE),
            ("xmlns:sbml", super::sbml::NAMESPACE),
            ("level", "1"),
            ("version", "3"),
        ],
    );
    xml.open("notes", &[]);
    let paragraph = [("xmlns", "http://www.w3.org/1999/xhtml")];
    xml.leaf("p", &paragraph, experiment.title);
    xml.close();
    simulations(&mut xml, experiment);
    let mut quantities: Vec<&str> = Vec::new();
    for (_, shown) in experiment.show {
        for name in shown {
            // The age has a generator of its own.
            if name != "age" && !quantities.contains(&name.as_str()) {
                quantities.push(name);
            }
        }
    }
    generators(&mut xml, experiment, &quantities);
    outputs(&mut xml, experiment, &quantities);
    xml.finish()
}

fn simulations(xml: &mut Xml, experiment: &Experiment<'_>) {
    xml.open("listOfSimulations", &[]);
    for (number, (_, content)) in experiment.models.iter().enumerate() {
        let (points, end) = steps(content.span, experiment.every);
        let id = format!("course_{}", number + 1);
        xml.open(
            "uniformTimeCourse",
            &[
                ("id", &id),
                ("initialTime", "0"),
                ("outputStartTime", "0"),
                ("outputEndTime", &end),
                ("numberOfPoints", &points),
            ],
        );
        xml.open("algorithm", &[("kisaoID", "KISAO:0000019")]);
        xml.open("listOfAlgorithmParameters", &[]);
        for (parameter, value) in [("KISAO:0000209", "1e-8"), ("KISAO:0000211", "1e-12")] {
            xml.empty(
                "algorithmParameter",
                &[("kisaoID", parameter), ("value", value)],
            );
        }
        xml.close();
        xml.close();
        xml.close();
    }
    xml.close();
    xml.open("listOfModels", &[]);
    for (number, (file, content)) in experiment.models.iter().enumerate() {
        let id = format!("model_{}", number + 1);
        xml.empty(
            "model",
            &[
                ("id", &id),
                ("name", &content.name),
                ("language", "urn:sedml:language:sbml.level-3.version-2"),
                ("source", file),
            ],
        );
    }
    xml.close();
    xml.open("listOfTasks", &[]);
    for number in 1..=experiment.models.len() {
        xml.empty(
            "task",
            &[
                ("id", &format!("task_{number}")),
                ("modelReference", &format!("model_{number}")),
                ("simulationReference", &format!("course_{number}")),
            ],
        );
    }
    xml.close();
}

fn generators(xml: &mut Xml, experiment: &Experiment<'_>, quantities: &[&str]) {
    xml.open("listOfDataGenerators", &[]);
    for (number, (_, content)) in experiment.models.iter().enumerate() {
        let task = format!("task_{}", number + 1);
        generator(xml, &task, "age", &target("parameter", "age"));
        for name in quantities {
            // A quantity whose name some reader takes for something else has another identifier.
            let id = content.quantity(name).unwrap_or(name);
            let is_species = content.species.iter().any(|it| it.head.id == id);
            let kind = if is_species { "species" } else { "parameter" };
            generator(xml, &task, name, &target(kind, id));
        }
    }
    xml.close();
}

fn target(kind: &str, id: &str) -> String {
    let list = match kind {
        "species" => "listOfSpecies",
        _ => "listOfParameters",
    };
    format!("/sbml:sbml/sbml:model/sbml:{list}/sbml:{kind}[@id='{id}']")
}

fn generator(xml: &mut Xml, task: &str, name: &str, target: &str) {
    let id = format!("{task}_{name}");
    // In front: behind, it could be the generator of another quantity.
    let variable = format!("value_of_{id}");
    xml.open("dataGenerator", &[("id", &id), ("name", name)]);
    xml.open("listOfVariables", &[]);
    xml.empty(
        "variable",
        &[
            ("id", &variable),
            ("target", target),
            ("taskReference", task),
        ],
    );
    xml.close();
    xml.open("math", &[("xmlns", MATH)]);
    xml.leaf("ci", &[], &variable);
    xml.close();
    xml.close();
}

fn outputs(xml: &mut Xml, experiment: &Experiment<'_>, quantities: &[&str]) {
    let tasks = || 1..=experiment.models.len();
    xml.open("listOfOutputs", &[]);
    xml.open(
        "report",
        &[("id", "data"), ("name", "Everything that the figures show")],
    );
    xml.open("listOfDataSets", &[]);
    for number in tasks() {
        for name in std::iter::once(&"age").chain(quantities) {
            let generator = format!("task_{number}_{name}");
            xml.empty(
                "dataSet",
                &[
                    ("id", &format!("data_{generator}")),
                    ("label", &format!("{name}, arm {number}")),
                    ("dataReference", &generator),
                ],
            );
        }
    }
    xml.close();
    xml.close();
    for (place, (figure, shown)) in experiment.show.iter().enumerate() {
        let id = format!("figure_{}", place + 1);
        xml.open("plot2D", &[("id", &id), ("name", figure)]);
        xml.open("listOfCurves", &[]);
        for number in tasks() {
            for name in shown {
                xml.empty(
                    "curve",
                    &[
                        ("id", &format!("{id}_{number}_{name}")),
                        ("logX", "false"),
                        ("logY", "false"),
                        ("xDataReference", &format!("task_{number}_age")),
                        ("yDataReference", &format!("task_{number}_{name}")),
                    ],
                );
            }
        }
        xml.close();
        xml.close();
    }
    xml.close();
}
