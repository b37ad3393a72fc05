//! What leaves for other programs: whole, with units, and refused by name where it cannot be said.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests prepare their own files, and fail by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};

use gutbrain::analysis::calibrate::Calibration;
use gutbrain::analysis::portable::Portable;
use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::{Blueprint, simulate};
use gutbrain_exchange::petab::petab;
use gutbrain_exchange::{Content, ExchangeError, antimony, archive, build, sbml};
use gutbrain_network::Source;
use gutbrain_network::expression::{FUNCTIONS, RESERVED};
use roxmltree::{Document, Node};

const HEAD: &str = "schema = 1\n[subject]\npreset = \"mouse-g93a-b6sjl\"\n[simulation]\n\
                    start = \"21 d\"\nstop = \"120 d\"\n[[arm]]\nname = \"an arm\"\n";

fn exported(model: &Model, text: &str) -> String {
    let scenario = Scenario::from_text("test.toml", text, model).unwrap();
    let blueprint = Blueprint::new(model, &scenario, &scenario.arms[0].name).unwrap();
    sbml(&build(model, &scenario, &blueprint).unwrap())
}

fn elements<'a>(document: &'a Document<'a>, name: &str) -> Vec<Node<'a, 'a>> {
    let all = document.descendants();
    all.filter(|node| node.tag_name().name() == name).collect()
}

fn by_id<'a>(document: &'a Document<'a>, name: &str) -> BTreeMap<String, Node<'a, 'a>> {
    let found = elements(document, name);
    let found = found.into_iter();
    found
        .filter_map(|node| Some((node.attribute("id")?.to_owned(), node)))
        .collect()
}

fn value(node: &Node<'_, '_>, attribute: &str) -> f64 {
    node.attribute(attribute).unwrap().parse().unwrap()
}

#[test]
fn everything_that_the_model_declares_is_in_the_file() {
    let model = Model::builtin().unwrap();
    let text = exported(&model, HEAD);
    let document = Document::parse(&text).unwrap();
    let d = &model.declaration;
    let species = by_id(&document, "species");
    assert_eq!(species.len(), d.species.len());
    assert!(d.species.keys().all(|id| species.contains_key(id)));
    let parameters = by_id(&document, "parameter");
    let quantities = d.parameters.keys().chain(d.assignments.keys());
    for id in quantities.chain(d.observables.keys()) {
        assert!(parameters.contains_key(id), "{id}");
    }
    let ruled: BTreeSet<&str> = elements(&document, "assignmentRule")
        .iter()
        .filter_map(|node| node.attribute("variable"))
        .collect();
    for id in d.assignments.keys().chain(d.observables.keys()) {
        assert!(ruled.contains(id.as_str()), "{id}");
    }
    let reactions = by_id(&document, "reaction");
    for (id, process) in &d.processes {
        let prefix = format!("process_{id}");
        let found = reactions
            .keys()
            .any(|it| *it == prefix || it.starts_with(&format!("{prefix}_of_")));
        assert_eq!(found, process.enabled, "{id}");
    }
}

#[test]
fn identifiers_are_one_of_a_kind_and_numbers_have_units_that_are_defined() {
    let model = Model::builtin().unwrap();
    let text = exported(&model, HEAD);
    let document = Document::parse(&text).unwrap();
    let mut ids = BTreeSet::new();
    for kind in [
        "compartment",
        "species",
        "parameter",
        "reaction",
        "event",
        "functionDefinition",
    ] {
        for id in by_id(&document, kind).into_keys() {
            assert!(ids.insert(id.clone()), "{id} twice");
        }
    }
    let mut units: BTreeSet<String> = by_id(&document, "unitDefinition").into_keys().collect();
    units.extend(["dimensionless", "litre"].map(str::to_owned));
    let core = "http://www.sbml.org/sbml/level3/version2/core";
    let numbers = elements(&document, "cn");
    assert!(numbers.len() > 200);
    for number in numbers {
        let unit = number.attribute((core, "units")).unwrap();
        assert!(units.contains(unit), "{unit}");
    }
    for node in document.descendants() {
        for attribute in ["units", "substanceUnits", "timeUnits", "extentUnits"] {
            if let Some(unit) = node.attribute(attribute) {
                assert!(units.contains(unit), "{unit}");
            }
        }
        if node.tag_name().name() == "ci" {
            let name = node.text().unwrap();
            let local = node.ancestors().any(|it| it.tag_name().name() == "lambda");
            assert!(local || ids.contains(name), "{name}");
        }
    }
}

#[test]
fn the_first_values_are_those_of_the_run_bit_for_bit() {
    let model = Model::builtin().unwrap();
    let text = exported(&model, HEAD);
    let document = Document::parse(&text).unwrap();
    let scenario = Scenario::from_text("test.toml", HEAD, &model).unwrap();
    let runs = simulate(&model, &scenario).unwrap();
    let species = by_id(&document, "species");
    for curve in &runs[0].species {
        let node = species[&curve.id];
        let whole = node.attribute("hasOnlySubstanceUnits") == Some("true");
        let attribute = if whole {
            "initialAmount"
        } else {
            "initialConcentration"
        };
        assert_eq!(
            value(&node, attribute).to_bits(),
            curve.values[0].to_bits(),
            "{}",
            curve.id
        );
    }
}

/// Event assignments as text: variable to the numbers and names of its formula.
fn assignments<'a>(document: &'a Document<'a>, event: &str) -> BTreeMap<String, String> {
    let event = by_id(document, "event")[event];
    let all = event.descendants();
    let found = all.filter(|node| node.tag_name().name() == "eventAssignment");
    found
        .map(|node| {
            let words = node
                .descendants()
                .filter(|it| matches!(it.tag_name().name(), "cn" | "ci" | "times" | "plus"));
            let words: Vec<&str> = words
                .map(|it| it.text().unwrap_or(it.tag_name().name()))
                .collect();
            (
                node.attribute("variable").unwrap().to_owned(),
                words.join(" "),
            )
        })
        .collect()
}

#[test]
fn windows_open_and_close_and_impulses_act_in_their_order() {
    let model = Model::builtin().unwrap();
    let text = format!(
        "{HEAD}\
         [[arm.intervention]]\nkind = \"antibiotics\"\ndose = \"2 1/day\"\nstart = \"10 d\"\nstop = \"30 d\"\n\
         [[arm.perturbation]]\ntarget = \"species.dorea\"\naction = \"add\"\nvalue = \"2 g/l\"\nstart = \"30 d\"\n\
         [[arm.perturbation]]\ntarget = \"species.dorea\"\naction = \"scale\"\nvalue = 0.5\nstart = \"30 d\"\n\
         [[arm.perturbation]]\ntarget = \"process.dorea_make_acetate\"\naction = \"off\"\nstart = \"40 d\"\nstop = \"50 d\"\n"
    );
    let process = model
        .declaration
        .processes
        .keys()
        .find(|id| id.contains("dorea"))
        .unwrap()
        .clone();
    let text = text.replace("dorea_make_acetate", &process);
    let text = exported(&model, &text);
    let document = Document::parse(&text).unwrap();
    // The window was open when the output began, and closes at 30 d.
    let parameters = by_id(&document, "parameter");
    assert!((value(&parameters["antibiotic_kill"], "value") - 2.0).abs() < 1e-12);
    assert_eq!(
        parameters["antibiotic_kill"].attribute("constant"),
        Some("false")
    );
    let first = assignments(&document, "switch_1");
    assert_eq!(first["antibiotic_kill"], "0");
    assert_eq!(first["dorea"], "plus times dorea 0.5 2");
    let gate = format!("process_{process}_scale");
    assert!((value(&parameters[&gate], "value") - 1.0).abs() < 1e-12);
    assert_eq!(assignments(&document, "switch_2")[&gate], "0");
    assert_eq!(assignments(&document, "switch_3")[&gate], "1");
    assert!(!by_id(&document, "event").contains_key("switch_4"));
}

#[test]
fn a_species_that_is_held_keeps_the_processes_for_the_others() {
    let model = Model::builtin().unwrap();
    let text = format!(
        "{HEAD}[[arm.perturbation]]\ntarget = \"species.lactate_colon\"\naction = \"set\"\n\
         value = \"1 mM\"\nstart = \"30 d\"\nstop = \"60 d\"\n"
    );
    let text = exported(&model, &text);
    let document = Document::parse(&text).unwrap();
    for (id, reaction) in by_id(&document, "reaction") {
        let all = reaction.descendants();
        let changed: Vec<&str> = all
            .filter(|node| node.tag_name().name() == "speciesReference")
            .filter_map(|node| node.attribute("species"))
            .collect();
        if changed.contains(&"lactate_colon") && !id.starts_with("inflow_of") {
            assert_eq!(changed, ["lactate_colon"], "{id}");
            let gated = reaction
                .descendants()
                .any(|it| it.text() == Some("species_lactate_colon_free"));
            assert!(gated, "{id}");
        }
    }
    let first = assignments(&document, "switch_1");
    assert_eq!(first["lactate_colon"], "1");
    assert_eq!(first["species_lactate_colon_free"], "0");
}

#[test]
fn what_has_no_words_in_sbml_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[compartment.blood]\nsays = \"Blood\"\nregion = \"blood\"\nassumed = \"test\"\n\
                [species.speed]\nsays = \"A speed\"\nwhere = \"blood\"\nunit = \"1/day\"\ninitial = 1\n\
                scale = 1\nassumed = \"test\"\n\
                [process.speed_falls]\nsays = \"It falls.\"\nchanges = { speed = -1 }\n\
                rate = \"speed * speed\"\nassumed = \"test\"\n";
    std::fs::write(folder.path().join("model.toml"), text).unwrap();
    std::fs::create_dir(folder.path().join("subjects")).unwrap();
    std::fs::write(folder.path().join("subjects/one.toml"), "says = \"One\"\n").unwrap();
    let model = Model::load(folder.path()).unwrap();
    let text = HEAD.replace("mouse-g93a-b6sjl", "one");
    let scenario = Scenario::from_text("test.toml", &text, &model).unwrap();
    let blueprint = Blueprint::new(&model, &scenario, "an arm").unwrap();
    let refused = build(&model, &scenario, &blueprint).unwrap_err();
    let ExchangeError::NotExpressible { entry, cause } = refused;
    assert_eq!(entry, "species.speed");
    assert!(cause.contains("1/day"), "{cause}");
}

/// A calibration of every kind of target and prior, as PEtab: its files by name.
fn petab_of(model: &Model, parameters: &str, targets: &str) -> BTreeMap<&'static str, String> {
    let text =
        format!("says = \"A test\"\nparameters = [{parameters}]\nhorizon = \"200 d\"\n{targets}");
    let source = Source::new("calibration.toml", text);
    let calibration = Calibration::read(&source, &model.declaration).unwrap();
    let dosed = "[[arm]]\nname = \"fed\"\n[[arm.intervention]]\nkind = \"butyrate-water\"\n\
                 dose = \"2 %\"\nstart = \"38 d\"\nstop = \"end\"\n";
    let scenario = Scenario::from_text("a/one.toml", &format!("{HEAD}{dosed}"), model).unwrap();
    let scenarios = BTreeMap::from([("a/one.toml".to_owned(), scenario)]);
    let portable = Portable::new(model, &calibration, &scenarios).unwrap();
    let problem = petab(model, &calibration, &portable).unwrap();
    let files = problem.files.into_iter();
    files
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect()
}

fn target(name: &str, arm: &str, feature: &str, aim: &str) -> String {
    format!(
        "[[target]]\nname = \"{name}\"\nscenario = \"a/one.toml\"\narm = \"{arm}\"\n\
         feature = \"{feature}\"\n{aim}\n"
    )
}

/// The cells of a table by their columns.
fn rows(text: &str) -> Vec<BTreeMap<&str, &str>> {
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), head.len(), "{line}");
        head.iter().copied().zip(cells).collect()
    });
    rows.collect()
}

const POINT: &str = "value = 2\nsd = 0.5";
const BAND: &str = "kind = \"band\"\nlow = 3\nhigh = 4\nsd = 0.5";

#[test]
fn a_calibration_is_in_petab_or_left_out_by_name() {
    let model = Model::builtin().unwrap();
    let targets = [
        target("leak", "an arm", "observable permeability at 60", POINT),
        target("leak, band", "fed", "observable permeability at 60", BAND),
        target("dead by 200", "fed", "death", POINT),
        target("course", "an arm", "duration onset to death", POINT),
        target("at the dose", "fed", "observable zo1 at 38", POINT),
        target("gain", "fed", "difference death vs an arm", POINT),
        target("share", "fed", "ratio death vs an arm", POINT),
        target("trend", "fed", "slope zo1 from 40 to 60", POINT),
        target("area", "fed", "area zo1 from 40 to 60", POINT),
        target("peak", "fed", "maximum zo1 from 40 to 60", POINT),
    ]
    .concat();
    // Fitted everywhere; flat; one that moves the resting animal.
    let parameters = "\"zo1_damage\", \"microglia_priming\", \"toxic_concentration\"";
    let files = petab_of(&model, parameters, &targets);
    let terms = rows(&files["terms.tsv"]);
    let petab: BTreeMap<&str, &str> = terms.iter().map(|it| (it["term"], it["petab"])).collect();
    for (term, wanted) in [
        ("leak", "yes"),
        ("leak, band", "yes"),
        ("dead by 200", "yes"),
        ("course", "yes"),
        ("at the dose", "no"),
        ("gain", "no"),
        ("share", "no"),
        ("trend", "no"),
        ("area", "no"),
        ("peak", "no"),
        ("zo1_damage", "yes"),
        ("microglia_priming", "no"),
        ("toxic_concentration", "no"),
    ] {
        assert_eq!(petab[term], wanted, "{term}");
    }
    assert_eq!(terms.len(), 13);
    for term in &terms {
        assert_eq!(term["petab"] == "no", !term["why_not"].is_empty());
        // The head of the problem lists what is not in it.
        let listed =
            files["problem.yaml"].contains(&format!(" {}: {}", term["term"], term["why_not"]));
        assert_eq!(listed, term["petab"] == "no", "{}", term["term"]);
    }
    assert_eq!(rows(&files["measurements.tsv"]).len(), 4);
    // What is simulated is what the terms say, the distance from a band for a band.
    let simulations = rows(&files["simulations.tsv"]);
    let of = |term: &str| -> f64 {
        let mut terms = terms.iter();
        terms.find(|it| it["term"] == term).unwrap()["value"]
            .parse()
            .unwrap()
    };
    let simulated: Vec<f64> = simulations
        .iter()
        .map(|it| it["simulation"].parse().unwrap())
        .collect();
    assert_eq!(
        simulated,
        [
            of("leak"),
            3.0 - of("leak, band"),
            of("dead by 200"),
            of("course")
        ]
    );
    // Only what can be estimated without moving the numbers of the file is.
    let estimated = rows(&files["parameters.tsv"]);
    let estimated: Vec<_> = estimated
        .iter()
        .map(|it| (it["parameterId"], it["estimate"]))
        .collect();
    assert_eq!(
        estimated,
        [
            ("zo1_damage", "1"),
            ("microglia_priming", "1"),
            ("toxic_concentration", "0")
        ]
    );
    // One switch, in one arm.
    let conditions = rows(&files["conditions.tsv"]);
    let inside: Vec<_> = conditions.iter().map(|it| it["in_one__fed"]).collect();
    assert_eq!(inside, ["0", "1"]);
    let document = Document::parse(&files["model.xml"]).unwrap();
    assert_eq!(
        by_id(&document, "event")
            .keys()
            .filter(|id| id.starts_with("switch_"))
            .count(),
        1
    );
}

#[test]
fn a_prior_of_petab_is_the_penalty_of_the_fit() {
    let model = Model::builtin().unwrap();
    let leak = target("leak", "an arm", "observable permeability at 60", POINT);
    let weight = "[prior]\nweight = 0.5\n";
    let files = petab_of(&model, "\"zo1_damage\"", &format!("{weight}{leak}"));
    let parameters = rows(&files["parameters.tsv"]);
    let row = &parameters[0];
    assert_eq!(
        (row["parameterScale"], row["objectivePriorType"]),
        ("log", "parameterScaleNormal")
    );
    let (centre, sd) = row["objectivePriorParameters"].split_once(';').unwrap();
    let (centre, sd): (f64, f64) = (centre.parse().unwrap(), sd.parse().unwrap());
    let value: f64 = row["nominalValue"].parse().unwrap();
    let residual: f64 = rows(&files["terms.tsv"])[1]["residual"].parse().unwrap();
    assert!(((value.ln() - centre) / sd - residual).abs() < 1e-12 * residual.abs());
    // The ends of the range are two standard deviations away, before the weight.
    let (low, high): (f64, f64) = (
        row["lowerBound"].parse().unwrap(),
        row["upperBound"].parse().unwrap(),
    );
    assert!(((high.ln() - low.ln()) / 4.0 / 0.5 - sd).abs() < 1e-12);
}

/// The words that identifiers must not be, as the program has them.
const WORDS: &str = include_str!("../src/reserved_words.txt");

fn reserved() -> BTreeSet<&'static str> {
    let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
}

/// A model whose species are called as readers call other things.
fn named_as_words() -> (Vec<String>, Model) {
    // Units that the model uses, too: Antimony keeps them in one space with quantities.
    let units = ["mm", "l_mm", "per_day", "mm_per_day"];
    let own = |word: &str| {
        FUNCTIONS.iter().any(|it| it.name == word) || RESERVED.iter().any(|(it, _)| *it == word)
    };
    let words = reserved().into_iter().chain(units).filter(|it| !own(it));
    let words: Vec<String> = words.map(str::to_owned).collect();
    assert!(words.len() > 150);
    let mut text =
        "[compartment.blood]\nsays = \"Blood\"\nregion = \"blood\"\nassumed = \"test\"\n"
            .to_owned();
    for word in &words {
        text.push_str(&format!(
            "[species.{word}]\nsays = \"It\"\nwhere = \"blood\"\nunit = \"mM\"\ninitial = 2\nscale = 1\n\
             assumed = \"test\"\n[process.losing_{word}]\nsays = \"It goes.\"\nchanges = {{ {word} = -1 }}\n\
             rate = \"0.5 [1/day] * {word}\"\nassumed = \"test\"\n"
        ));
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.toml"), text).unwrap();
    std::fs::create_dir(folder.path().join("subjects")).unwrap();
    std::fs::write(folder.path().join("subjects/one.toml"), "says = \"One\"\n").unwrap();
    let model = Model::load(folder.path()).unwrap_or_else(|faults| panic!("{faults}"));
    (words, model)
}

fn content_of(model: &Model) -> Content {
    let text = HEAD.replace("mouse-g93a-b6sjl", "one");
    let scenario = Scenario::from_text("test.toml", &text, model).unwrap();
    let blueprint = Blueprint::new(model, &scenario, "an arm").unwrap();
    build(model, &scenario, &blueprint).unwrap()
}

#[test]
fn what_a_reader_takes_for_something_else_is_no_identifier() {
    let (words, model) = named_as_words();
    let content = content_of(&model);
    let reserved = reserved();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for id in content.identifiers() {
        assert!(ids.insert(id.to_lowercase()), "{id} twice");
        let is_ours = matches!(id, "age" | "hill" | "hill_down" | "switch_up");
        assert!(
            is_ours || !reserved.contains(id.to_lowercase().as_str()),
            "{id}"
        );
    }
    for word in &words {
        let id = content.quantity(word).unwrap();
        assert_eq!(id.trim_end_matches('_'), word.trim_end_matches('_'), "{id}");
    }
    // Antimony has one space of names for units and quantities.
    let text = antimony(&content);
    let units: Vec<&str> = (text.lines())
        .filter_map(|line| line.trim().strip_prefix("unit ")?.split(' ').next())
        .collect();
    assert!(units.len() >= 3, "{units:?}");
    for unit in units.into_iter().filter(|unit| *unit != "time_unit") {
        assert!(!ids.contains(&unit.to_lowercase()), "{unit}");
        assert!(!reserved.contains(&*unit.to_lowercase()), "{unit}");
    }
}

#[test]
fn an_archive_shows_what_its_models_have_under_ids_of_one_kind() {
    let (words, model) = named_as_words();
    let content = content_of(&model);
    let show = vec![
        ("one".to_owned(), words.clone()),
        ("two".to_owned(), vec!["age".to_owned(), "sin".to_owned()]),
    ];
    let title = "A title with <, & and \"quotes\"";
    let bytes = archive(title, &[content.clone(), content], 7.0, &show);
    // Members are stored as they are.
    let text = String::from_utf8_lossy(&bytes);
    let member = |tag: &str| {
        let begin = text.find(&format!("<{tag} ")).unwrap();
        let close = format!("</{tag}>");
        let end = begin + text[begin..].find(&close).unwrap() + close.len();
        text[begin..end].to_owned()
    };
    let (sedml, sbml) = (member("sedML"), member("sbml"));
    let (sedml, sbml) = (
        Document::parse(&sedml).unwrap(),
        Document::parse(&sbml).unwrap(),
    );
    let mut ids = BTreeSet::new();
    for node in sedml.descendants() {
        if let Some(id) = node.attribute("id") {
            assert!(ids.insert(id), "{id} twice");
        }
    }
    let known: BTreeSet<&str> = sbml
        .descendants()
        .filter_map(|it| it.attribute("id"))
        .collect();
    for variable in elements(&sedml, "variable") {
        let target = variable.attribute("target").unwrap();
        let id = target.split('\'').nth(1).unwrap();
        assert!(known.contains(id), "{target}");
    }
    for reference in [
        "dataReference",
        "xDataReference",
        "yDataReference",
        "taskReference",
    ] {
        for node in sedml.descendants() {
            if let Some(id) = node.attribute(reference) {
                assert!(ids.contains(id), "{reference} {id}");
            }
        }
    }
    let course = elements(&sedml, "uniformTimeCourse")[0];
    let (end, points) = (
        value(&course, "outputEndTime"),
        value(&course, "numberOfPoints"),
    );
    assert!(
        (end - 99.0).abs() < 1e-12 && (points - 99.0).abs() < 1e-12,
        "{end} {points}"
    );
}

#[test]
fn text_of_a_scenario_comes_back_from_xml_as_it_was() {
    let model = Model::builtin().unwrap();
    let title = "a < b & \"c\" > d ]]> \u{1f42d} </notes> &amp; <!-- -->";
    let text = HEAD.replacen(
        "schema = 1\n",
        &format!("schema = 1\ntitle = '{title}'\n"),
        1,
    );
    let text = exported(&model, &text);
    let document = Document::parse(&text).unwrap();
    let name = elements(&document, "model")[0].attribute("name").unwrap();
    assert_eq!(name, format!("{title}: an arm"));
}
