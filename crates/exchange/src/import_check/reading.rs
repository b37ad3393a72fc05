//! An SBML file that came back, read whole: every element and attribute has a place here or is noted.
//!
//! What: the lists of a model (Levels 2 and 3), each entry with its attributes; which attributes and
//! elements are known where; which of them say nothing that is computed (names, notes, annotations,
//! terms). What is not known is noted as a difference: it could mean anything. This is no simulator.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use super::Difference;
use super::mathml::Formulas;
use super::units::Units;

/// Attributes of every element that say nothing that is computed.
const SILENT: &[&str] = &["metaid", "name", "sboTerm"];

/// A file.
#[derive(Debug, Default)]
pub(super) struct Returned<'a> {
    pub(super) level: u32,
    pub(super) model: Option<Node<'a, 'a>>,
    pub(super) units: Units<'a>,
    pub(super) formulas: Formulas<'a>,
    pub(super) unit_definitions: BTreeMap<&'a str, Node<'a, 'a>>,
    pub(super) compartments: BTreeMap<&'a str, Node<'a, 'a>>,
    pub(super) species: BTreeMap<&'a str, Node<'a, 'a>>,
    pub(super) parameters: BTreeMap<&'a str, Node<'a, 'a>>,
    /// Initial assignments by symbol.
    pub(super) initial: BTreeMap<&'a str, Node<'a, 'a>>,
    /// Rules by variable.
    pub(super) rules: BTreeMap<&'a str, Node<'a, 'a>>,
    pub(super) reactions: BTreeMap<&'a str, Node<'a, 'a>>,
    pub(super) events: Vec<Node<'a, 'a>>,
    /// What a rule, an initial assignment or an event gives a value.
    given: BTreeSet<&'a str>,
    /// What is not understood, or is there twice.
    pub(super) noted: Vec<Difference>,
    /// What says nothing that is computed: kind, owner and text.
    pub(super) silent: BTreeSet<(&'static str, String, String)>,
    /// The namespace of the core.
    core: &'a str,
}

/// What may stand in an element of the core: attributes, and elements with how many of them.
struct Known {
    attributes: &'static [&'static str],
    children: &'static [&'static str],
}

const MATH: &[&str] = &["math"];

fn known(tag: &str) -> Option<Known> {
    let known = |attributes, children| {
        Some(Known {
            attributes,
            children,
        })
    };
    match tag {
        "sbml" => known(&["level", "version"], &["model"]),
        "model" => known(
            &[
                "substanceUnits",
                "timeUnits",
                "volumeUnits",
                "areaUnits",
                "lengthUnits",
                "extentUnits",
                "conversionFactor",
            ],
            &[
                "listOfFunctionDefinitions",
                "listOfUnitDefinitions",
                "listOfCompartments",
                "listOfSpecies",
                "listOfParameters",
                "listOfInitialAssignments",
                "listOfRules",
                "listOfReactions",
                "listOfEvents",
            ],
        ),
        "listOfFunctionDefinitions" => known(&[], &["functionDefinition"]),
        "functionDefinition" => known(&["id"], MATH),
        "listOfUnitDefinitions" => known(&[], &["unitDefinition"]),
        "unitDefinition" => known(&["id"], &["listOfUnits"]),
        "listOfUnits" => known(&[], &["unit"]),
        "unit" => known(&["kind", "exponent", "scale", "multiplier"], &[]),
        "listOfCompartments" => known(&[], &["compartment"]),
        "compartment" => known(
            &["id", "spatialDimensions", "size", "units", "constant"],
            &[],
        ),
        "listOfSpecies" => known(&[], &["species"]),
        "species" => known(
            &[
                "id",
                "compartment",
                "initialAmount",
                "initialConcentration",
                "substanceUnits",
                "hasOnlySubstanceUnits",
                "boundaryCondition",
                "constant",
                "conversionFactor",
            ],
            &[],
        ),
        "listOfParameters" => known(&[], &["parameter"]),
        "parameter" => known(&["id", "value", "units", "constant"], &[]),
        "listOfInitialAssignments" => known(&[], &["initialAssignment"]),
        "initialAssignment" => known(&["symbol"], MATH),
        "listOfRules" => known(&[], &["assignmentRule", "rateRule"]),
        "assignmentRule" | "rateRule" => known(&["variable"], MATH),
        "listOfReactions" => known(&[], &["reaction"]),
        "reaction" => known(
            &["id", "reversible", "fast"],
            &[
                "listOfReactants",
                "listOfProducts",
                "listOfModifiers",
                "kineticLaw",
            ],
        ),
        "listOfReactants" | "listOfProducts" => known(&[], &["speciesReference"]),
        "speciesReference" => known(&["species", "stoichiometry", "constant"], &[]),
        "listOfModifiers" => known(&[], &["modifierSpeciesReference"]),
        "modifierSpeciesReference" => known(&["species"], &[]),
        "kineticLaw" => known(&[], &["math", "listOfLocalParameters", "listOfParameters"]),
        "listOfLocalParameters" => known(&[], &["localParameter"]),
        "localParameter" => known(&["id", "value", "units"], &[]),
        "listOfEvents" => known(&[], &["event"]),
        "event" => known(
            &["id", "useValuesFromTriggerTime"],
            &["trigger", "delay", "priority", "listOfEventAssignments"],
        ),
        "trigger" => known(&["initialValue", "persistent"], MATH),
        "delay" | "priority" => known(&[], MATH),
        "listOfEventAssignments" => known(&[], &["eventAssignment"]),
        "eventAssignment" => known(&["variable"], MATH),
        _ => None,
    }
}

/// Elements of this name.
pub(super) fn named<'a>(node: Node<'a, 'a>, name: &str) -> impl Iterator<Item = Node<'a, 'a>> {
    let name = name.to_owned();
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// Entries of a list of an element.
pub(super) fn listed<'a>(node: Node<'a, 'a>, list: &str) -> Vec<Node<'a, 'a>> {
    named(node, list)
        .flat_map(|list| list.children().filter(Node::is_element))
        .filter(|it| !matches!(it.tag_name().name(), "notes" | "annotation"))
        .collect()
}

impl<'a> Returned<'a> {
    /// Reads a parsed file.
    ///
    /// # Errors
    /// Why it is no SBML model of a level that is read.
    pub(super) fn read(document: &'a Document<'a>) -> Result<Self, String> {
        let root = document.root_element();
        let tag = root.tag_name().name();
        if tag != "sbml" {
            return Err(format!("the root is <{tag}>, not <sbml>"));
        }
        let core = root.tag_name().namespace().unwrap_or_default();
        let level = root
            .attribute("level")
            .and_then(|it| it.trim().parse().ok());
        let Some(level @ 2..=3) = level else {
            return Err("only Levels 2 and 3 of SBML are read".to_owned());
        };
        if !core.contains(&format!("/level{level}")) {
            return Err(format!(
                "its namespace `{core}` is not that of Level {level}"
            ));
        }
        let model = named(root, "model").next();
        let model = model.ok_or("there is no <model> in it")?;
        let mut file = Self {
            level,
            model: Some(model),
            core,
            ..Self::default()
        };
        file.account(root, "sbml");
        let definitions = listed(model, "listOfUnitDefinitions");
        file.units = Units::read(&definitions, level);
        file.unit_definitions = file.by(&definitions, "id");
        let functions = file.by(&listed(model, "listOfFunctionDefinitions"), "id");
        for (id, function) in functions {
            if let Some(math) = named(function, "math").next() {
                file.formulas.functions.insert(id, math);
            }
        }
        file.compartments = file.by(&listed(model, "listOfCompartments"), "id");
        file.species = file.by(&listed(model, "listOfSpecies"), "id");
        file.parameters = file.by(&listed(model, "listOfParameters"), "id");
        file.initial = file.by(&listed(model, "listOfInitialAssignments"), "symbol");
        file.rules = file.by(&listed(model, "listOfRules"), "variable");
        file.reactions = file.by(&listed(model, "listOfReactions"), "id");
        file.events = listed(model, "listOfEvents");
        let assignments = file.events.iter();
        let assignments = assignments.flat_map(|it| listed(*it, "listOfEventAssignments"));
        let by_events: Vec<_> = assignments
            .filter_map(|it| it.attribute("variable"))
            .collect();
        file.given = file
            .rules
            .keys()
            .chain(file.initial.keys())
            .copied()
            .collect();
        file.given.extend(by_events);
        Ok(file)
    }

    fn note(&mut self, id: &str, what: String) {
        let id = id.to_owned();
        self.noted.push(Difference { id, what });
    }

    /// Entries by an attribute; those without it, and those that share it, are noted.
    fn by(&mut self, nodes: &[Node<'a, 'a>], key: &str) -> BTreeMap<&'a str, Node<'a, 'a>> {
        let mut found = BTreeMap::new();
        for node in nodes {
            let tag = node.tag_name().name();
            // Elements of no known kind were noted already.
            if known(tag).is_none_or(|known| !known.attributes.contains(&key)) {
                continue;
            }
            match node.attribute(key) {
                None => self.note(tag, format!("has no `{key}`")),
                Some(id) if found.insert(id, *node).is_some() => {
                    self.note(id, format!("{tag}: is there twice"));
                }
                Some(_) => {}
            }
        }
        found
    }

    /// Looks at every element and attribute below and with this one; `owner` names it in notes.
    fn account(&mut self, node: Node<'a, 'a>, owner: &str) {
        let tag = node.tag_name().name();
        let Some(known) = known(tag) else { return };
        for attribute in node.attributes() {
            let name = attribute.name();
            let of_core = attribute.namespace().is_none_or(|it| it == self.core);
            if !of_core {
                let package = attribute.namespace().unwrap_or_default();
                if (tag, name, attribute.value()) == ("sbml", "required", "false") {
                    // Its author says that nothing of the package is needed to compute; what of it is in
                    // the file is noted where it stands.
                    let value = (
                        "packages that are not needed",
                        package.to_owned(),
                        String::new(),
                    );
                    self.silent.insert(value);
                } else if package != "http://www.w3.org/XML/1998/namespace" {
                    let what = format!("{tag}: `{name}` of {package} is not understood");
                    self.note(owner, what);
                }
            } else if SILENT.contains(&name)
                // Where a reaction is said to be has no meaning for its rate.
                || matches!((tag, name), ("reaction", "compartment") | ("model", "id"))
                || (name == "id" && !known.attributes.contains(&"id"))
            {
                let kind = match name {
                    "metaid" => "metaids",
                    "name" => "names",
                    "sboTerm" => "terms",
                    "compartment" => "places of reactions",
                    _ => "ids of what has no value",
                };
                let value = attribute.value().to_owned();
                self.silent.insert((kind, format!("{owner} {tag}"), value));
            } else if !known.attributes.contains(&name) {
                let value = attribute.value();
                self.note(
                    owner,
                    format!("{tag}: `{name}` (\"{value}\") is not understood"),
                );
            }
        }
        let mut single: BTreeSet<&str> = BTreeSet::new();
        for child in node.children() {
            if child.is_text() && !child.text().unwrap_or_default().trim().is_empty() {
                self.note(owner, format!("{tag}: has text in it"));
            }
            if !child.is_element() {
                continue;
            }
            let name = child.tag_name().name();
            let package = child.tag_name().namespace().unwrap_or_default();
            let in_core = package == self.core;
            match name {
                "notes" | "annotation" if in_core => {
                    let kind = if name == "notes" {
                        "notes"
                    } else {
                        "annotations"
                    };
                    let text = child.document().input_text()[child.range()].to_owned();
                    self.silent.insert((kind, format!("{owner} {tag}"), text));
                    continue;
                }
                "math" if known.children.contains(&"math") => {}
                _ if in_core && known.children.contains(&name) => {
                    let below = ["id", "symbol", "variable", "species"];
                    let below = below.iter().find_map(|key| child.attribute(*key));
                    let is_model = name == "model";
                    // What stands below an entry is told by the entry's name.
                    let owner = match below {
                        Some(below) if owner == "sbml" || owner == "model" => below,
                        _ => owner,
                    };
                    self.account(child, if is_model { "model" } else { owner });
                }
                _ => {
                    let of = if in_core {
                        String::new()
                    } else {
                        format!(" of {package}")
                    };
                    self.note(owner, format!("{tag}: <{name}>{of} is not understood"));
                    continue;
                }
            }
            let one_only = !name.starts_with("listOf") && !tag.starts_with("listOf");
            if one_only && !single.insert(name) {
                self.note(owner, format!("{tag}: <{name}> is there twice"));
            }
        }
    }

    /// The value of a constant that nothing else gives a value.
    pub(super) fn constant(&self, id: &str) -> Option<f64> {
        let node = self
            .parameters
            .get(id)
            .or_else(|| self.compartments.get(id))?;
        let is_constant = match node.attribute("constant") {
            Some(text) => matches!(text.trim(), "true" | "1"),
            None => self.level < 3,
        };
        if !is_constant || self.given.contains(id) {
            return None;
        }
        let value = ["value", "size", "volume"]
            .iter()
            .find_map(|it| node.attribute(*it))?;
        number(value)
    }

    /// The conversion factor of a species, or of all.
    pub(super) fn conversion(&self, species: &Node<'a, 'a>) -> Option<&'a str> {
        let own = species.attribute("conversionFactor");
        own.or_else(|| self.model?.attribute("conversionFactor"))
    }

    /// Conversion factors of all species.
    pub(super) fn conversions(&self) -> BTreeSet<&'a str> {
        self.species
            .values()
            .filter_map(|it| self.conversion(it))
            .collect()
    }

    /// Takes constants of these names, and sizes that nothing changes, as numbers in formulas: other
    /// programs write them into rates.
    pub(super) fn fix(&mut self, constants: &BTreeSet<&str>) {
        let parameters = self.parameters.keys().filter(|id| constants.contains(*id));
        let names = self.compartments.keys().chain(parameters);
        let fixed = names.filter_map(|id| Some((*id, self.constant(id)?)));
        self.formulas.fixed = fixed.collect();
    }
}

/// A number as XML Schema writes it.
pub(super) fn number(text: &str) -> Option<f64> {
    match text.trim() {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        text if text.ends_with(|last: char| last.is_ascii_digit() || last == '.') => {
            text.parse().ok()
        }
        _ => None,
    }
}
