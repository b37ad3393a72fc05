//! The rate language: what its functions mean, at their edges too, and what the
//! declaration says besides.

use gutbrain_network::declaration::{EndpointRole, Prior, Role};
use gutbrain_network::expression::{FUNCTIONS, Function};
use gutbrain_network::unit::Units;
use gutbrain_network::{Declaration, Network, Source};
use gutbrain_numbers::{Dual, Real};

mod common;
use common::{MODEL, compile, declare, declare_all, model_files};

fn network(rate: &str) -> Network {
    compile(&declare(&MODEL.replace("RATE", rate)))
}

/// Value and slope of a rate in the first species, from the programs.
fn value_and_slope(rate: &str, a: f64) -> (f64, f64) {
    let network = network(rate);
    let mut prepared = network.prepare(&network.parameter_values());
    let state = [a, 1.0, 1.0];
    let mut shared = [0.0];
    network.assignments(&mut prepared, &state, &mut shared);
    let (row_starts, columns) = network.jacobian_pattern();
    let mut jacobian = vec![0.0; columns.len()];
    network.jacobian(&mut prepared, &state, &mut jacobian);
    assert_eq!((row_starts[0], columns[0]), (0, 0));
    (shared[0], jacobian[0])
}

fn assert_close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-14 * expected.abs().max(1e-3),
        "{found} is not {expected}"
    );
}

#[test]
fn hill_functions_are_smooth_at_zero() {
    // p = 0.75; exponents as numbers and as the parameter n.
    for (rate, a, value, slope) in [
        ("hill(a, p, 1)", 0.0, 0.0, 1.0 / 0.75),
        ("hill(a, p, 2)", 0.0, 0.0, 0.0),
        ("hill(a, p, n)", 0.0, 0.0, 0.0),
        ("hill(a, p, n / 1.75)", 0.0, 0.0, 1.0 / 0.75),
        ("hill(a, p, 1)", -1e-9, 0.0, 0.0),
        ("hill(a, p, n)", -1e-9, 0.0, 0.0),
        ("hill_down(a, p, n)", -1e-9, 1.0, 0.0),
        ("hill_down(a, p, 1)", 0.0, 1.0, -1.0 / 0.75),
        ("hill(a, p, 2)", 0.75, 0.5, 0.5 / 0.75),
        ("hill_down(a, p, 2)", 0.75, 0.5, -0.5 / 0.75),
        ("hill(a, p, 4)", 1e30, 1.0, 0.0),
        ("positive(a)", -2.0, 0.0, 0.0),
        ("positive(a)", 2.0, 2.0, 1.0),
        ("positive(a)", 0.0, 0.0, 1.0),
        ("switch_up(a, 1, 0.25)", 1.0, 0.5, 1.0),
        ("switch_up(a, 1, 0.25)", 1e6, 1.0, 0.0),
        ("switch_up(a, 1, 0.25)", -1e6, 0.0, 0.0),
        ("abs(a)", -2.0, 2.0, -1.0),
        ("min(a, 3, p)", 0.5, 0.5, 1.0),
        ("max(a, 3, p)", 4.0, 4.0, 1.0),
        ("max(a, 3, p)", 2.0, 3.0, 0.0),
        ("a^3", -2.0, -8.0, 12.0),
        ("a^-1", 2.0, 0.5, -0.25),
        ("sqrt(a)", 4.0, 2.0, 0.25),
        ("a^(1/2)", 4.0, 2.0, 0.25),
        ("-a^2", 3.0, -9.0, -6.0),
        ("2^-a", 1.0, 0.5, -0.5 * Real::ln(2.0)),
        ("2 - 3 - a", 1.0, -2.0, -1.0),
        ("8 / 4 / a", 2.0, 1.0, -0.5),
        ("2 * a ^ 2 ^ 1", 3.0, 18.0, 12.0),
    ] {
        let (found, found_slope) = value_and_slope(rate, a);
        assert_close(found, value);
        assert_close(found_slope, slope);
    }
}

#[test]
fn tangents_stay_finite_at_zero() {
    for rate in [
        "hill(a, p, n)",
        "hill(a, p, 1)",
        "hill_down(a, p, n)",
        "switch_up(a, 800, 1)",
    ] {
        let network = network(rate);
        let mut parameters: Vec<Dual<3>> = network
            .parameter_values()
            .into_iter()
            .map(Dual::constant)
            .collect();
        for (direction, id) in ["p", "n"].iter().enumerate() {
            let index = network.parameter_index(id).expect("a parameter");
            parameters[index] = Dual::variable(parameters[index].value, direction);
        }
        let state = [
            Dual::variable(0.0, 2),
            Dual::constant(1.0),
            Dual::constant(1.0),
        ];
        let mut prepared = network.prepare(&parameters);
        let mut derivative = [Dual::constant(0.0); 3];
        network.derivative(&mut prepared, &state, &mut derivative);
        let (_, columns) = network.jacobian_pattern();
        let mut jacobian = vec![Dual::constant(0.0); columns.len()];
        network.jacobian(&mut prepared, &state, &mut jacobian);
        for value in derivative.iter().chain(&jacobian) {
            let finite = value.value.is_finite() && value.tangent.iter().all(|t| t.is_finite());
            assert!(finite, "{rate}: {value:?}");
        }
    }
}

#[test]
fn what_depends_on_no_state_leaves_no_entry() {
    let (rows, columns) = {
        let network = network("p * n + 0 * a");
        let (rows, columns) = network.jacobian_pattern();
        (rows.to_vec(), columns.to_vec())
    };
    // Only b * shared / (1 + a²) is left: it changes b and c by a and b.
    assert_eq!(rows, [0, 1, 3, 6]);
    assert_eq!(columns, [0, 0, 1, 0, 1, 2]);
}

#[test]
fn every_function_has_an_entry() {
    for entry in FUNCTIONS {
        assert_eq!(Function::from_name(entry.name), Some(entry.function));
        assert_eq!(entry.function.entry().name, entry.name);
    }
    let mut names: Vec<_> = FUNCTIONS.iter().map(|entry| entry.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        FUNCTIONS.iter().map(|entry| entry.name).collect::<Vec<_>>()
    );
}

#[test]
fn equations_are_shown_as_text_and_as_latex() {
    let d = declare(&MODEL.replace("RATE", "p * hill(a, 2, n) / (1 + b) - (c - a)^2"));
    let text = |id: &str| d.equation_text(id).expect("an equation");
    assert_eq!(
        text("assignment.shared"),
        "shared = p * hill(a, 2, n) / (1 + b) - (c - a)^2"
    );
    assert_eq!(text("process.shares"), "(per_day * b * shared) * slows");
    assert_eq!(
        text("species.b"),
        "d b / dt = -0.5 * changes + 0.5 * shares"
    );
    assert_eq!(text("species.a"), "d a / dt = changes");
    let latex = |id: &str| d.equation_latex(id).expect("an equation");
    assert_eq!(
        latex("assignment.shared"),
        "\\mathrm{shared} = \\frac{\\mathrm{p} \\, H_{\\mathrm{n}}\\!\\left(\\frac{\\mathrm{a}}{2}\\right)}{1 + \\mathrm{b}} - {\\left(\\mathrm{c} - \\mathrm{a}\\right)}^{2}"
    );
    assert_eq!(
        latex("species.c"),
        "\\frac{d\\,\\mathrm{c}}{dt} = \\mathrm{n} \\, v_{\\mathrm{changes}} - v_{\\mathrm{shares}}"
    );
    assert_eq!(d.equation_text("species.none"), None);
    assert_eq!(d.equation_text("nothing"), None);
    let reads: Vec<_> = d.reads("process.shares").into_iter().collect();
    assert_eq!(reads, ["b", "per_day", "shared"]);
    assert_eq!(
        d.all_reads()["modulator.slows"].iter().collect::<Vec<_>>(),
        ["a"]
    );
    assert_eq!(d.processes_of("b"), ["changes", "shares"]);
    assert_eq!(d.modulators_of("process.shares"), ["slows"]);
}

#[test]
fn hash_is_of_what_is_said_not_of_how() {
    let text = MODEL.replace("RATE", "p * a");
    let hash = |text: &str| declare(text).hash().to_owned();
    let reference = hash(&text);
    assert_eq!(reference.len(), 64);
    assert_eq!(hash(&format!("# a comment\n\n{text}")), reference);
    assert_eq!(
        hash(&text.replace("value = 1\n", "value = 1.0\n")),
        reference
    );
    assert_ne!(
        hash(&text.replace("value = 1.75", "value = 1.76")),
        reference
    );
    assert_ne!(
        hash(&text.replace("The first", "The very first")),
        reference
    );
    let row =
        "[evidence.S1-01]\nsays = \"x\"\nsource = \"y\"\ngrade = \"quoted\"\nrole = \"context\"\n";
    let with = declare_all(&[
        Source::new("model/test.toml", text),
        Source::new("model/evidence/x.toml", row),
    ]);
    assert_eq!(with.hash(), reference);
    assert_ne!(
        with.evidence_hash(),
        declare(&MODEL.replace("RATE", "p * a")).evidence_hash()
    );
}

#[test]
fn what_a_fold_is_of_is_declared_and_moves_nothing() {
    let model = |unit: &str, more: &str| {
        let text = MODEL.replace("RATE", "p * a");
        format!(
            "{text}\n[observable.in_folds]\nsays = \"x\"\nunit = \"{unit}\"\nvalue = \"a\"\n{more}"
        )
    };
    let plain = declare(&model("fold", ""));
    let said = declare(&model("fold", "relative_to = \"untreated mouse\"\n"));
    let of = |declaration: &Declaration| declaration.observables["in_folds"].relative_to.clone();
    assert_eq!(of(&plain), None);
    assert_eq!(of(&said).as_deref(), Some("untreated mouse"));
    assert_ne!(plain.hash(), said.hash());
    assert_eq!(plain.dynamics_hash([]), said.dynamics_hash([]));
    let message = common::refuse(&model("1", "relative_to = \"untreated mouse\"\n"));
    assert!(
        message.contains("`observable.in_folds` is no fold of anything"),
        "{message}"
    );
}

#[test]
fn subjects_inherit_and_their_own_values_win() {
    let model = MODEL.replace("RATE", "p * a");
    let files = |parent: &str, child: &str| {
        [
            Source::new("model/test.toml", model.clone()),
            Source::new("model/subjects/parent.toml", parent),
            Source::new("model/subjects/child.toml", child),
        ]
    };
    let parent = "says = \"P\"\nsteady_as = { p = 0.5 }\n[parameters]\np = { value = 1.5, assumed = \"t\" }\nper_day = { value = \"1 1/h\", assumed = \"t\" }\n";
    let child =
        "says = \"C\"\nextends = \"parent\"\n[parameters.p]\nvalue = 0.25\nassumed = \"t\"\n";
    let d = declare_all(&files(parent, child));
    let child = &d.subjects["child"];
    assert_eq!(child.parameters["p"].value.to_bits(), 0.25_f64.to_bits());
    assert_eq!(
        child.parameters["per_day"].value.to_bits(),
        24.0_f64.to_bits()
    );
    assert_eq!(child.steady_as["p"].to_bits(), 0.5_f64.to_bits());
    let refuse = |parent: &str, child: &str| {
        Declaration::read(&files(parent, child))
            .unwrap_err()
            .to_string()
    };
    let message = refuse(
        "says = \"P\"\nextends = \"child\"",
        "says = \"C\"\nextends = \"parent\"",
    );
    assert!(message.contains("extends itself"), "{message}");
    let message = refuse("says = \"P\"", "says = \"C\"\nextends = \"parnet\"");
    assert!(message.contains("did you mean `parent`?"), "{message}");
    let message = refuse("says = \"P\"", "says = \"C\"\nsteady_as = { q = 1 }\n");
    assert!(
        message.contains("the model has no parameter `q`"),
        "{message}"
    );
    let message = refuse(
        "says = \"P\"",
        "says = \"C\"\n[parameters]\nper_day = { value = \"1 mM\", assumed = \"t\" }",
    );
    assert!(
        message.contains("mM cannot be converted to 1/day"),
        "{message}"
    );
}

#[test]
fn doses_are_read_in_any_unit_that_fits() {
    let d = declare_all(&model_files());
    let units: &Units = &d.units;
    let read = |id: &str, text: &str| d.interventions[id].dose.read(text, units);
    assert_eq!(read("butyrate-water", "2 %"), Ok(2.0));
    assert_eq!(read("butyrate-water", "2 % w/v"), Ok(2.0));
    assert_eq!(read("butyrate-water", "20 mg/ml"), Ok(2.0));
    assert!(read("butyrate-water", "2 mM").is_err());
    assert!(read("butyrate-water", "2").is_err());
    assert_eq!(read("mediterranean-diet", "50 %"), Ok(0.5));
    assert_eq!(read("mediterranean-diet", "0.5"), Ok(0.5));
    assert_eq!(read("anti-il17", "1 mg/kg/day"), Ok(7.0));
}

#[test]
fn the_declaration_keeps_what_was_said() {
    let d = declare_all(&model_files());
    assert_eq!(d.parameters["water_butyrate"].role, Role::Input);
    assert_eq!(d.parameters["water_intake"].prior.word(), "lognormal");
    assert_eq!(d.parameters["transgene_copies"].prior, Prior::Fixed);
    let death = d.family.endpoints.with_role(EndpointRole::Death);
    assert!(death.is_some() && d.events["death"].endpoint.as_ref() == death);
    assert!(d.evidence.contains_key("S1-01"));
    let subject = &d.subjects["mouse-g93a-c57bl6"];
    assert!(subject.parameters.contains_key("transgene_copies"));
    assert!(subject.steady_as.contains_key("transgene_copies"));
}
