//! `import-check` by systematic mutation: every attribute and element of an export is dropped, changed
//! and doubled, and everything SBML has is added; each change that has a meaning must be named, each that
//! has none must not. What is silent here is decided by comparison, never by computing values.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests prepare their own files, and fail by panicking"
)]

use std::collections::BTreeSet;
use std::ops::Range;

use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::Blueprint;
use gutbrain_exchange::{Differences, build, compare, sbml};
use roxmltree::{Document, Node};

const MODEL: &str = include_str!("import_check/model.toml");

const SCENARIO: &str = "schema = 1\n[subject]\npreset = \"one\"\n[simulation]\nstart = \"3 d\"\nstop = \"30 d\"\n\
    [[arm]]\nname = \"an arm\"\n[[arm.intervention]]\nkind = \"water\"\ndose = \"2 mM/day\"\n\
    start = \"5 d\"\nstop = \"12 d\"\n";

fn export() -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.toml"), MODEL).unwrap();
    std::fs::create_dir(folder.path().join("subjects")).unwrap();
    std::fs::write(
        folder.path().join("subjects/one.toml"),
        "says = \"One\"\nspecies = \"mouse\"\n",
    )
    .unwrap();
    let model = Model::load(folder.path()).unwrap_or_else(|faults| panic!("{faults}"));
    let scenario = Scenario::from_text("test.toml", SCENARIO, &model).unwrap();
    let blueprint = Blueprint::new(&model, &scenario, "an arm").unwrap();
    sbml(&build(&model, &scenario, &blueprint).unwrap())
}

fn changed(export: &str, range: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &export[..range.start], &export[range.end..])
}

/// Whether a file that came back is said to be changed, or is refused.
fn is_named(export: &str, returned: &str) -> bool {
    compare(export, returned).map_or(true, |found| !found.changed.is_empty())
}

/// Attributes that say nothing that is computed, wherever they stand.
fn is_silent(node: Node<'_, '_>, attribute: &str) -> bool {
    let tag = node.tag_name().name();
    let in_text = node
        .ancestors()
        .any(|it| matches!(it.tag_name().name(), "notes" | "annotation"));
    in_text
        || matches!(attribute, "metaid" | "name" | "sboTerm" | "encoding")
        || matches!((tag, attribute), ("model", "id") | ("sbml", "version"))
}

/// Changes of a value that must be seen.
fn other_values(
    document: &Document<'_>,
    node: Node<'_, '_>,
    attribute: &str,
    value: &str,
) -> Vec<String> {
    let mut values: Vec<String> = vec![String::new(), "nonsense".to_owned()];
    if let Ok(number) = value.parse::<f64>() {
        let near = number + 1e-6 * number.abs().max(1e-3);
        // Programs write six digits of the factors of units.
        let near = if node.tag_name().name() == "unit" {
            number * 1.001 + 2e-3
        } else {
            near
        };
        for other in [number * 1.5 + 1.0, -number - 1.0, near] {
            values.push(other.to_string());
        }
        values.extend(["INF", "-INF", "NaN"].map(str::to_owned));
    }
    match value {
        "true" => values.push("false".to_owned()),
        "false" => values.push("true".to_owned()),
        _ => {}
    }
    let all = document.descendants();
    let same_kind = all.filter(|it| it.tag_name() == node.tag_name());
    values.extend(
        same_kind
            .filter_map(|it| it.attribute(attribute))
            .map(str::to_owned),
    );
    values.retain(|it| it != value);
    values
}

#[test]
fn an_export_is_not_changed_by_what_says_nothing() {
    let export = export();
    assert_eq!(compare(&export, &export), Ok(Differences::default()));
    let silent = [
        (" name=\"mM\"", " name=\"millimolar\""),
        (
            "<p xmlns=\"http://www.w3.org/1999/xhtml\">Drug</p>",
            "<p>Another &amp; note</p>",
        ),
        ("metaid=\"meta_drug\" ", ""),
        (" sboTerm=\"SBO:0000290\"", ""),
        (
            "<listOfSpecies>",
            "<!-- a comment --><listOfSpecies><notes><p>x</p></notes>",
        ),
        (
            "<model metaid=\"model\" id=\"",
            "<model metaid=\"model\" id=\"colleague_",
        ),
    ];
    for (before, after) in silent {
        assert!(export.contains(before), "{before}");
        let returned = export.replacen(before, after, 1);
        let found = compare(&export, &returned).unwrap();
        assert_eq!(found.changed, [], "{before}");
        assert!(
            before == "<listOfSpecies>" || !found.harmless.is_empty(),
            "{before}"
        );
    }
    // Another order, another id of a unit, another way to write the same.
    let renamed = export.replace("\"mM\"", "\"millimolar\"");
    assert_eq!(compare(&export, &renamed).unwrap().changed, []);
    let times = "<times/>\n";
    assert!(export.contains(times));
    let law = export.find("id=\"process_clearing").unwrap();
    let law = law + export[law..].find("<times/>").unwrap();
    let (a, b) = ("<ci>clearance</ci>", "<ci>drug</ci>");
    let (first, second) = (
        law + export[law..].find(a).unwrap(),
        law + export[law..].find(b).unwrap(),
    );
    let swapped = changed(&export, second..second + b.len(), a);
    let swapped = changed(&swapped, first..first + a.len(), b);
    assert_ne!(swapped, export);
    assert_eq!(compare(&export, &swapped).unwrap().changed, []);
    let sized = changed(
        &export,
        first..first + a.len(),
        &format!("<ci>blood</ci>{a}"),
    );
    assert_eq!(compare(&export, &sized).unwrap().changed, []);
}

#[test]
fn every_attribute_that_has_a_meaning_is_compared() {
    let export = export();
    let document = Document::parse(&export).unwrap();
    let mut tried = 0;
    let mut missed: BTreeSet<String> = BTreeSet::new();
    for node in document.descendants().filter(Node::is_element) {
        let tag = node.tag_name().name();
        for attribute in node.attributes() {
            let name = attribute.name();
            if is_silent(node, name) {
                continue;
            }
            let value = attribute.value();
            let whole = attribute.range();
            // The range of an attribute is `name="value"`, with its prefix.
            let inside = whole.start + export[whole.clone()].find('"').unwrap() + 1..whole.end - 1;
            let mut cases: Vec<(String, String)> = other_values(&document, node, name, value)
                .into_iter()
                .map(|other| {
                    (
                        format!("{value:?} -> {other:?}"),
                        changed(&export, inside.clone(), &other),
                    )
                })
                .collect();
            // Numbers are real where they do not say what they are; their units are told, not compared.
            // What is taken over from the model need not be said again; events need no id.
            let optional = match (tag, name) {
                ("cn", "type" | "units") | ("event", "id") | ("compartment", "units") => true,
                ("species", "substanceUnits") => value == "dimensionless",
                _ => false,
            };
            if !optional {
                cases.push(("dropped".to_owned(), changed(&export, whole, "")));
            }
            for (what, returned) in cases {
                let is_same_unit = tag == "cn" && name == "type" && what.ends_with("\"integer\"");
                tried += 1;
                if !is_same_unit && !is_named(&export, &returned) {
                    missed.insert(format!("{tag} {name} {what}"));
                }
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} of {tried}: {missed:#?}",
        missed.len()
    );
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn every_element_that_has_a_meaning_is_compared() {
    let export = export();
    let document = Document::parse(&export).unwrap();
    let mut tried = 0;
    let mut missed: BTreeSet<String> = BTreeSet::new();
    for node in document.descendants().filter(Node::is_element) {
        let tag = node.tag_name().name();
        let silent = |it: Node<'_, '_>| matches!(it.tag_name().name(), "notes" | "annotation");
        if node.ancestors().any(silent) || tag == "sbml" {
            continue;
        }
        let text = &export[node.range()];
        let mut cases = vec![
            ("dropped".to_owned(), changed(&export, node.range(), "")),
            (
                "doubled".to_owned(),
                changed(&export, node.range(), &format!("{text}{text}")),
            ),
        ];
        // What is no number and no name has its own name: an operator, a list, a rule.
        for other in [
            "plus", "times", "minus", "divide", "power", "lt", "gt", "leq", "geq", "and", "or",
            "nonsense",
        ] {
            if other != tag {
                let renamed = text.replacen(&format!("<{tag}"), &format!("<{other}"), 1);
                let renamed = renamed.replace(&format!("</{tag}>"), &format!("</{other}>"));
                // Elements inside that are called the same make no XML of it.
                if Document::parse(&format!("<x xmlns:sbml=\"y\">{renamed}</x>")).is_ok() {
                    cases.push((
                        format!("called {other}"),
                        changed(&export, node.range(), &renamed),
                    ));
                }
            }
        }
        if matches!(tag, "cn" | "ci") && node.children().count() == 1 {
            let inside = node.first_child().unwrap().range();
            let value = node.text().unwrap();
            for other in [
                "7.25",
                "1e999",
                "-3",
                "",
                "harm",
                "age",
                "clearance",
                "blood",
                "nonsense",
            ] {
                let same = value.parse::<f64>().is_ok_and(|it| other.parse() == Ok(it));
                if other != value && !same {
                    cases.push((
                        format!("{value} -> {other}"),
                        changed(&export, inside.clone(), other),
                    ));
                }
            }
        }
        for (what, returned) in cases {
            tried += 1;
            let parent = node.parent().unwrap().tag_name().name();
            // Units of a pure number to any power are pure numbers; `a·b` is `b·a`.
            let kind = node.attribute("kind").or_else(|| {
                let only = node.children().find(Node::is_element)?;
                only.attribute("kind")
            });
            let pure = kind == Some("dimensionless");
            // Nor does it matter what is divided or multiplied by 1.
            let mut last = node.parent().unwrap().children().filter(Node::is_element);
            let by_one = last.next_back().and_then(|it| it.text()) == Some("1");
            let pure = pure
                || (by_one && tag == "divide" && matches!(&*what, "called times" | "called power"));
            if !pure && !is_named(&export, &returned) {
                missed.insert(format!(
                    "{parent} {tag} {} {what}",
                    node.attribute("id").unwrap_or("")
                ));
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} of {tried}: {missed:#?}",
        missed.len()
    );
    assert!(tried > 3_000, "{tried}");
}

const MATH: &str = "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><cn>7</cn></math>";

/// Puts text in front of the first place of a word.
fn before(export: &str, word: &str, text: &str) -> String {
    assert!(export.contains(word), "{word}");
    export.replacen(word, &format!("{text}{word}"), 1)
}

#[test]
fn everything_that_sbml_has_is_named_when_it_is_added() {
    let export = export();
    let document = Document::parse(&export).unwrap();
    let symbols: Vec<String> = document
        .descendants()
        .filter(|it| {
            matches!(
                it.tag_name().name(),
                "species" | "parameter" | "compartment"
            )
        })
        .map(|it| it.attribute("id").unwrap().to_owned())
        .collect();
    assert!(symbols.len() > 10);
    let mut added: Vec<(String, String)> = Vec::new();
    for symbol in &symbols {
        for (kind, key) in [
            ("initialAssignment", "symbol"),
            ("rateRule", "variable"),
            ("assignmentRule", "variable"),
        ] {
            let entry = format!("<{kind} {key}=\"{symbol}\">{MATH}</{kind}>");
            let returned = if kind == "initialAssignment" {
                let list = format!("<listOfInitialAssignments>{entry}</listOfInitialAssignments>");
                before(&export, "<listOfRules>", &list)
            } else {
                before(&export, "</listOfRules>", &entry)
            };
            added.push((format!("{kind} of {symbol}"), returned));
        }
        let event = format!(
            "<event useValuesFromTriggerTime=\"true\"><trigger initialValue=\"true\" persistent=\"true\">\
             <math xmlns=\"http://www.w3.org/1998/Math/MathML\"><true/></math></trigger>\
             <listOfEventAssignments><eventAssignment variable=\"{symbol}\">{MATH}</eventAssignment>\
             </listOfEventAssignments></event>"
        );
        added.push((
            format!("event of {symbol}"),
            before(&export, "</listOfEvents>", &event),
        ));
        let assignment = format!("<eventAssignment variable=\"{symbol}\">{MATH}</eventAssignment>");
        added.push((
            format!("assignment of {symbol}"),
            before(&export, "</listOfEventAssignments>", &assignment),
        ));
    }
    let algebraic = format!("<algebraicRule>{MATH}</algebraicRule>");
    let constraint =
        format!("<listOfConstraints><constraint>{MATH}</constraint></listOfConstraints>");
    let local = "<listOfLocalParameters><localParameter id=\"half\" value=\"9\"/>\
                 <localParameter id=\"clearance\" value=\"9\"/><localParameter id=\"water\" value=\"9\"/>\
                 <localParameter id=\"making\" value=\"9\"/><localParameter id=\"harm\" value=\"9\"/>\
                 </listOfLocalParameters>";
    let package = "xmlns:comp=\"http://www.sbml.org/sbml/level3/version1/comp/version1\"";
    for (word, text) in [
        ("</listOfRules>", algebraic.as_str()),
        ("<listOfReactions>", &constraint),
        ("</kineticLaw>", local),
        (
            "<listOfEventAssignments>",
            &format!("<delay>{MATH}</delay>"),
        ),
        (
            "<listOfEventAssignments>",
            &format!("<priority>{MATH}</priority>"),
        ),
        (
            "</listOfParameters>",
            "<parameter id=\"x\" value=\"1\" constant=\"true\"/>",
        ),
        (
            "</listOfParameters>",
            "<parameter value=\"1\" constant=\"true\"/>",
        ),
        (
            "</listOfCompartments>",
            "<compartment id=\"x\" constant=\"true\"/>",
        ),
        (
            "</listOfReactions>",
            "<reaction id=\"x\" reversible=\"false\"/>",
        ),
        (
            "<kineticLaw>",
            "<listOfModifiers><modifierSpeciesReference species=\"health\"/></listOfModifiers>",
        ),
        (
            "</listOfUnits>",
            "<unit kind=\"mole\" exponent=\"1\" scale=\"0\" multiplier=\"1\"/>",
        ),
        ("</model>", &format!("<comp:listOfSubmodels {package}/>")),
        ("</model>", "<listOfNonsense/>"),
        ("</listOfSpecies>", "text"),
        (
            "</listOfProducts>",
            "<speciesReference species=\"health\" stoichiometry=\"1\" constant=\"true\"/>",
        ),
        (
            "</listOfProducts>",
            "<speciesReference species=\"health\" stoichiometry=\"1\" constant=\"true\">\
             <stoichiometryMath/></speciesReference>",
        ),
    ] {
        added.push((text.to_owned(), before(&export, word, text)));
    }
    for (tag, text) in [
        ("sbml", "xmlns:c=\"http://package\" c:required=\"true\""),
        ("model", "conversionFactor=\"half\""),
        (
            "model",
            "areaUnits=\"mole\" c:strict=\"true\" xmlns:c=\"http://package\"",
        ),
        ("species", "speciesType=\"x\""),
        ("species", "charge=\"2\""),
        ("species", "initialAmount=\"2\""),
        ("reaction", "fast=\"true\""),
        ("event", "timeUnits=\"second\""),
        ("compartment", "outside=\"cord\""),
        ("speciesReference", "denominator=\"2\""),
        ("unit", "offset=\"2\""),
        ("kineticLaw", "timeUnits=\"second\""),
        ("assignmentRule", "units=\"second\""),
        ("apply", "definitionURL=\"http://other\""),
        ("cn", "base=\"16\""),
    ] {
        let open = format!("<{tag}");
        added.push((
            format!("{tag} {text}"),
            before(&export, &open, "").replacen(&open, &format!("{open} {text}"), 1),
        ));
    }
    let missed: Vec<&String> = added
        .iter()
        .filter(|(_, returned)| !is_named(&export, returned))
        .map(|(what, _)| what)
        .collect();
    assert!(
        missed.is_empty(),
        "{} of {}: {missed:#?}",
        missed.len(),
        added.len()
    );
}

#[test]
fn a_formula_that_changes_where_nobody_looks_is_named() {
    let export = export();
    let time = "<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/time\">time</csymbol>";
    let law = export.find("<kineticLaw>").unwrap();
    let begin = law + export[law..].find("sbml:units").map_or(0, |_| 0);
    let begin = begin + export[begin..].find("<apply>").unwrap();
    let end = begin + export[begin..].find("</math>").unwrap();
    let rate = export[begin..end].trim_end();
    for (after, factor) in [(20.0, "5"), (1e6, "2"), (29.999, "1.0001"), (-5.0, "3")] {
        let late = format!(
            "<apply><times/>{rate}<piecewise><piece><cn>1</cn><apply><lt/>{time}<cn>{after}</cn></apply>\
             </piece><otherwise><cn>{factor}</cn></otherwise></piecewise></apply>"
        );
        let returned = changed(&export, begin..end, &late);
        let found = compare(&export, &returned).unwrap();
        assert_eq!(found.changed.len(), 1, "{after}: {:?}", found.changed);
        assert!(
            found.changed[0].what.starts_with("rate: "),
            "{:?}",
            found.changed
        );
    }
    // A rate that is the same only where it was looked at so far.
    let bump = format!("<apply><plus/>{rate}<apply><times/><cn>1e-300</cn>{time}</apply></apply>");
    assert!(is_named(&export, &changed(&export, begin..end, &bump)));
}

#[test]
fn what_is_shown_cannot_speak_for_the_program() {
    let export = export();
    let hostile =
        "<parameter id=\"p&#10;nothing was changed&#10;&#x202e;\" value=\"1\" constant=\"true\"/>";
    let found = compare(&export, &before(&export, "</listOfParameters>", hostile)).unwrap();
    assert_eq!(found.changed.len(), 1);
    let shown = format!("{:?}", (&found.changed[0].id, &found.changed[0].what));
    let fine = |it: char| !it.is_control() && it != '\u{202e}';
    assert!(found.changed[0].id.chars().all(fine), "{shown}");
}

#[test]
fn the_built_in_model_is_within_what_is_read() {
    let model = Model::builtin().unwrap();
    let text = SCENARIO.split("[[arm.intervention]]").next().unwrap();
    let text = text
        .replace("\"one\"", "\"mouse-g93a-b6sjl\"")
        .replace("3 d", "21 d");
    let scenario = Scenario::from_text("test.toml", &text, &model).unwrap();
    let blueprint = Blueprint::new(&model, &scenario, "an arm").unwrap();
    let export = sbml(&build(&model, &scenario, &blueprint).unwrap());
    assert_eq!(compare(&export, &export), Ok(Differences::default()));
    let returned = export.replace("<times/>", "<plus/>");
    let found = compare(&export, &returned).unwrap().changed;
    assert!(
        found.len() > 50 && found.iter().all(|it| !it.what.contains("compared")),
        "{found:?}"
    );
}

#[test]
fn readers_are_not_overrun() {
    let export = export();
    let many: Vec<String> = (0..100_000).map(|it| format!("a{it}=\"1\"")).collect();
    let returned = export.replacen("<model ", &format!("<model {} ", many.join(" ")), 1);
    let refused = compare(&export, &returned).unwrap_err();
    assert!(refused.contains("attributes"), "{refused}");
    let bomb =
        "<!DOCTYPE sbml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let returned = export.replacen("<sbml ", &format!("{bomb}<sbml "), 1);
    let refused = compare(&export, &returned).unwrap_err();
    assert!(refused.contains("document type"), "{refused}");
}
