//! SBML Level 3 Version 2 core as text.
//!
//! Time is in days. Numbers are the shortest text that reads back as the same double (17 significant
//! digits at most). Annotations follow MIRIAM: `bqbiol:is` for identities, `bqbiol:isDescribedBy` for
//! the evidence, by DOI. SBO terms are given where one fits exactly.
//!
//! Source: Hucka et al., the SBML Level 3 Version 2 specification.

use super::content::{Content, Count, Head, Keeps, Reaction};
use super::formula::Formula;
use super::mathml::{write_lambda, write_math};
use super::units::{UnitTable, parts};
use super::xml::{Xml, number};
use gutbrain_network::unit::Unit;

/// The namespace of the core.
pub(super) const NAMESPACE: &str = "http://www.sbml.org/sbml/level3/version2/core";

/// The file.
#[must_use]
pub fn sbml(content: &Content) -> String {
    let mut units = UnitTable::default();
    // What is written needs the units, and the units stand first: write once to find them.
    let _ = document(content, &mut units);
    document(content, &mut units)
}

fn document(content: &Content, units: &mut UnitTable) -> String {
    let mut xml = Xml::new();
    let day = units.id(&Unit::day());
    xml.open(
        "sbml",
        &[("xmlns", NAMESPACE), ("level", "3"), ("version", "2")],
    );
    xml.open(
        "model",
        &[
            ("metaid", "model"),
            ("id", &content.id),
            ("name", &content.name),
            ("substanceUnits", "dimensionless"),
            ("timeUnits", &day),
            ("volumeUnits", "litre"),
            ("extentUnits", "dimensionless"),
        ],
    );
    notes(&mut xml, &content.notes);
    let taxa = Head {
        id: "model".to_owned(),
        ..Head::default()
    };
    annotation(&mut xml, "model", &taxa, &content.taxa);
    list(
        &mut xml,
        "listOfFunctionDefinitions",
        &content.functions,
        |xml, function| {
            xml.open("functionDefinition", &[("id", function.id)]);
            write_lambda(xml, function.arguments, &function.body, units);
            xml.close();
        },
    );
    unit_definitions(&mut xml, units);
    list(
        &mut xml,
        "listOfCompartments",
        &content.compartments,
        |xml, compartment| {
            let meta = meta(&compartment.head);
            element(
                xml,
                "compartment",
                &compartment.head,
                &[
                    ("metaid", &meta),
                    ("sboTerm", "SBO:0000290"),
                    ("id", &compartment.head.id),
                    ("spatialDimensions", "3"),
                    ("size", "1"),
                    ("units", "litre"),
                    ("constant", "true"),
                ],
            );
        },
    );
    list(
        &mut xml,
        "listOfSpecies",
        &content.species,
        |xml, species| {
            let initial = number(species.initial);
            let substance = units.id(&species.substance);
            let meta = meta(&species.head);
            let (kind, only_substance) = match species.count {
                Count::PerVolume => ("initialConcentration", "false"),
                Count::Whole => ("initialAmount", "true"),
            };
            element(
                xml,
                "species",
                &species.head,
                &[
                    ("metaid", &meta),
                    ("id", &species.head.id),
                    ("compartment", &species.compartment),
                    (kind, &initial),
                    ("substanceUnits", &substance),
                    ("hasOnlySubstanceUnits", only_substance),
                    ("boundaryCondition", "false"),
                    ("constant", if species.moves { "false" } else { "true" }),
                    ("conversionFactor", &species.conversion),
                ],
            );
        },
    );
    list(
        &mut xml,
        "listOfParameters",
        &content.parameters,
        |xml, parameter| {
            let value = number(parameter.value);
            let unit = units.id(&parameter.unit);
            let meta = meta(&parameter.head);
            let mut attributes = vec![("metaid", meta.as_str()), ("id", &parameter.head.id)];
            if parameter.keeps != Keeps::ByRule {
                attributes.push(("value", &value));
            }
            attributes.push(("units", &unit));
            attributes.push((
                "constant",
                if parameter.keeps == Keeps::Constant {
                    "true"
                } else {
                    "false"
                },
            ));
            element(xml, "parameter", &parameter.head, &attributes);
        },
    );
    list(&mut xml, "listOfRules", &content.rules, |xml, rule| {
        xml.open("assignmentRule", &[("variable", &rule.variable)]);
        write_math(xml, &rule.value, units);
        xml.close();
    });
    list(
        &mut xml,
        "listOfReactions",
        &content.reactions,
        |xml, it| reaction(xml, it, units),
    );
    list(&mut xml, "listOfEvents", &content.events, |xml, event| {
        let meta = meta(&event.head);
        xml.open(
            "event",
            &[
                ("metaid", &meta),
                ("id", &event.head.id),
                ("useValuesFromTriggerTime", "true"),
            ],
        );
        sentence(xml, &event.head);
        annotation(xml, &meta, &event.head, &[]);
        let before = if event.holds_before { "true" } else { "false" };
        xml.open(
            "trigger",
            &[("initialValue", before), ("persistent", "true")],
        );
        write_math(xml, &event.trigger, units);
        xml.close();
        list(
            xml,
            "listOfEventAssignments",
            &event.assignments,
            |xml, assignment| {
                let (variable, value): &(String, Formula) = assignment;
                xml.open("eventAssignment", &[("variable", variable)]);
                write_math(xml, value, units);
                xml.close();
            },
        );
        xml.close();
    });
    xml.finish()
}

/// A list that is there only if it is not empty.
fn list<T>(xml: &mut Xml, name: &'static str, entries: &[T], mut each: impl FnMut(&mut Xml, &T)) {
    if entries.is_empty() {
        return;
    }
    xml.open(name, &[]);
    for entry in entries {
        each(xml, entry);
    }
    xml.close();
}

fn meta(head: &Head) -> String {
    format!("meta_{}", head.id)
}

/// An element with its sentence and annotation. The sentence is a note, not a name: programs show
/// names in equations, and the identifiers are words already.
fn element(xml: &mut Xml, name: &'static str, head: &Head, attributes: &[(&str, &str)]) {
    xml.open(name, attributes);
    sentence(xml, head);
    annotation(xml, &meta(head), head, &[]);
    xml.close();
}

fn sentence(xml: &mut Xml, head: &Head) {
    if !head.says.is_empty() {
        xml.open("notes", &[]);
        xml.leaf(
            "p",
            &[("xmlns", "http://www.w3.org/1999/xhtml")],
            &head.says,
        );
        xml.close();
    }
}

fn notes(xml: &mut Xml, sentences: &[String]) {
    xml.open("notes", &[]);
    xml.open("body", &[("xmlns", "http://www.w3.org/1999/xhtml")]);
    for sentence in sentences {
        xml.leaf("p", &[], sentence);
    }
    xml.close();
    xml.close();
}

fn annotation(xml: &mut Xml, about: &str, head: &Head, taxa: &[String]) {
    if head.identities.is_empty() && head.dois.is_empty() && taxa.is_empty() {
        return;
    }
    let namespaces = [
        ("xmlns:rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
        ("xmlns:bqbiol", "http://biomodels.net/biology-qualifiers/"),
    ];
    xml.open("annotation", &[]);
    xml.open("rdf:RDF", &namespaces);
    let about = format!("#{about}");
    xml.open("rdf:Description", &[("rdf:about", &about)]);
    let registry = |id: &str| format!("https://identifiers.org/{id}");
    bag(
        xml,
        "bqbiol:is",
        head.identities.iter().map(|id| registry(id)),
    );
    bag(xml, "bqbiol:hasTaxon", taxa.iter().map(|id| registry(id)));
    let dois = head.dois.iter();
    bag(
        xml,
        "bqbiol:isDescribedBy",
        dois.map(|doi| registry(&format!("doi:{doi}"))),
    );
    xml.close();
    xml.close();
    xml.close();
}

fn bag(xml: &mut Xml, qualifier: &'static str, resources: impl Iterator<Item = String>) {
    let resources: Vec<String> = resources.collect();
    if resources.is_empty() {
        return;
    }
    xml.open(qualifier, &[]);
    xml.open("rdf:Bag", &[]);
    for resource in &resources {
        xml.empty("rdf:li", &[("rdf:resource", resource)]);
    }
    xml.close();
    xml.close();
}

fn unit_definitions(xml: &mut Xml, units: &UnitTable) {
    list(
        xml,
        "listOfUnitDefinitions",
        units.all(),
        |xml, (unit, id)| {
            let name = unit.to_string();
            xml.open("unitDefinition", &[("id", id), ("name", &name)]);
            list(xml, "listOfUnits", &parts(unit), |xml, part| {
                let attributes = [
                    ("kind", part.kind),
                    ("exponent", &number(part.exponent)),
                    ("scale", "0"),
                    ("multiplier", &number(part.multiplier)),
                ];
                xml.empty("unit", &attributes);
            });
            xml.close();
        },
    );
}

fn reaction(xml: &mut Xml, reaction: &Reaction, units: &mut UnitTable) {
    let meta = meta(&reaction.head);
    let attributes = [
        ("metaid", meta.as_str()),
        ("id", &reaction.head.id),
        ("reversible", "false"),
    ];
    xml.open("reaction", &attributes);
    sentence(xml, &reaction.head);
    annotation(xml, &meta, &reaction.head, &[]);
    let side = |sign: f64| -> Vec<(String, f64)> {
        let changes = reaction.changes.iter();
        let changes = changes.filter(|(_, number)| number * sign > 0.0);
        changes
            .map(|(species, number)| (species.clone(), number.abs()))
            .collect()
    };
    for (name, sign) in [("listOfReactants", -1.0), ("listOfProducts", 1.0)] {
        list(xml, name, &side(sign), |xml, (species, count)| {
            let attributes = [
                ("species", species.as_str()),
                ("stoichiometry", &number(*count)),
                ("constant", "true"),
            ];
            xml.empty("speciesReference", &attributes);
        });
    }
    list(
        xml,
        "listOfModifiers",
        &reaction.modifiers,
        |xml, species| {
            xml.empty("modifierSpeciesReference", &[("species", species)]);
        },
    );
    xml.open("kineticLaw", &[]);
    write_math(xml, &reaction.rate, units);
    xml.close();
    xml.close();
}
