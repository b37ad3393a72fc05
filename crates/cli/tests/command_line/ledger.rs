//! The ledger, validation and attribution from the command line: lists, verdicts, exit codes.

use std::path::Path;

use crate::{Call, Place, fixtures};

/// The small model with rows of evidence, as `ledger`.
fn small(place: &Place, rows: &str) {
    let model = place.path("ledger");
    for folder in ["", "subjects", "evidence"] {
        std::fs::create_dir_all(model.join(folder)).unwrap();
    }
    for file in ["small.toml", "subjects/healthy.toml", "subjects/sick.toml"] {
        std::fs::copy(fixtures().join("model").join(file), model.join(file)).unwrap();
    }
    std::fs::write(model.join("evidence/somebody-2001.toml"), rows).unwrap();
}

fn call(place: &Place, arguments: &[&str]) -> Call {
    let mut command = place.command();
    Call::of(
        command
            .args(arguments)
            .args(["--model", "ledger"])
            .output()
            .unwrap(),
    )
}

const ROWS: &str = "\
[evidence.S1-01]
says = \"The drug lengthens life.\"
sign = \"higher\"
spread_kind = \"sign only\"
source = \"Somebody 2001 & others\"
doi = \"10.1/x_y\"
year = 2001
grade = \"quoted\"
role = \"validate\"
conflicts_with = [\"S1-02\"]

[[evidence.S1-01.expects]]
says = \"age at death\"
scenario = \"drug\"
arm = \"drug\"
feature = \"difference death vs control\"
direction = \"higher\"
margin = 1
unit = \"d\"
assumed = \"a day counts\"

[[evidence.S1-01.expects]]
says = \"age at death, the other way\"
scenario = \"drug\"
arm = \"drug\"
feature = \"difference death vs control\"
direction = \"lower\"
margin = 1
unit = \"d\"
conflict = [\"S1-02\"]

[evidence.S1-02]
says = \"The drug shortens life.\"
sign = \"lower\"
spread_kind = \"sign only\"
source = \"Nobody\"
grade = \"secondary\"
role = \"context\"
conflicts_with = [\"S1-01\"]

[evidence.S1-03]
says = \"The drug is cleared at 2 per day.\"
value = 2
spread = 0.1
spread_kind = \"SD\"
unit = \"1/d\"
source = \"Somebody 2001\"
grade = \"quoted\"
role = \"calibrate\"

[[evidence.S1-03.expects]]
says = \"elimination\"
parameter = \"elimination\"
value = 2
sd = 0.1

[evidence.S1-04]
says = \"It is sweet.\"
source = \"Somebody 2001\"
grade = \"gap\"
role = \"context\"
";

/// A folder to validate with: the scenario of the fixtures and declared verdicts.
fn validation(place: &Place, verdicts: &str) {
    std::fs::create_dir_all(place.path("validation")).unwrap();
    let scenario = fixtures().join("scenarios/drug.toml");
    std::fs::copy(scenario, place.path("validation/drug.toml")).unwrap();
    let text = format!("[verdict]\n{verdicts}");
    std::fs::write(place.path("validation/expectations.toml"), text).unwrap();
}

#[test]
fn validation_ends_with_1_when_a_declared_verdict_is_not_met() {
    let place = Place::new();
    small(&place, ROWS);
    let validate = |more: &[&str]| {
        let arguments = [&["validate", "--scenarios", "validation"], more].concat();
        call(&place, &arguments)
    };
    let good = "S1-01 = [\"agrees\", \"conflict\"]\nS1-03 = [\"agrees\"]\n";
    validation(&place, good);
    let board = validate(&[]).expect(0);
    assert!(
        board.stdout.contains("age at death, the other way"),
        "{}",
        board.stdout
    );
    assert!(board.stderr.is_empty());
    assert!(board.stdout.starts_with("Held out"), "{}", board.stdout);
    assert!(validate(&["--declare"]).expect(0).stdout.ends_with(good));
    let page = validate(&["--markdown"]).expect(0).stdout;
    assert!(
        page.contains("opposed by S1-02") && page.contains("| agrees | 1 | 1 |"),
        "{page}"
    );
    // The same bytes at any number of threads.
    assert_eq!(
        validate(&["--markdown", "--threads", "3"]).expect(0).stdout,
        page
    );

    validation(
        &place,
        "S1-01 = [\"agrees\", \"agrees\"]\nS1-03 = [\"agrees\"]\n",
    );
    let unmet = validate(&[]).expect(1);
    let unmet = unmet.says("S1-01: declared agrees, agrees, found agrees, conflict");
    assert!(unmet.stdout.contains("Held out"));
    validation(&place, "S1-01 = [\"agrees\", \"conflict\"]\n");
    validate(&[])
        .expect(1)
        .says("S1-03: declared nothing, found agrees");
    validation(&place, "S1-01 = [\"agree\"]\n");
    validate(&[]).expect(2).says("expectations.toml:2:");
    validation(&place, "S1-09 = [\"agrees\"]\n");
    validate(&[])
        .expect(2)
        .says("there is no evidence row `S1-09`");
}

#[test]
fn a_disagreement_that_nobody_declared_ends_with_1() {
    let place = Place::new();
    // The drug lengthens life by weeks, not by years.
    let other_way = "direction = \"lower\"\nmargin = 1\nunit = \"d\"\nconflict = [\"S1-02\"]\n";
    let years = "direction = \"higher\"\nmargin = 3000\nunit = \"d\"\nassumed = \"years count\"\n";
    assert!(ROWS.contains(other_way));
    let wrong = ROWS.replace(other_way, years);
    small(&place, &wrong);
    validation(&place, "");
    let declared = place.path("validation/expectations.toml");
    std::fs::remove_file(&declared).unwrap();
    let validate = || {
        call(
            &place,
            &["validate", "--scenarios", "validation", "--vectors", "0"],
        )
    };
    let open = validate().expect(1);
    let open = open.says("S1-01: disagrees: age at death, the other way");
    assert!(open.stderr.contains("expectations.toml"), "{}", open.stderr);
    assert!(open.stdout.starts_with("Disagreements"), "{}", open.stdout);
    std::fs::write(
        &declared,
        "[verdict]\nS1-01 = [\"agrees\", \"disagrees\"]\nS1-03 = [\"agrees\"]\n",
    )
    .unwrap();
    let known = validate().expect(0);
    assert!(
        known.stdout.contains("1 disagreement among them"),
        "{}",
        known.stdout
    );
    // Without a disagreement nothing has to be declared.
    small(&place, ROWS);
    std::fs::remove_file(&declared).unwrap();
    validate().expect(0);
}

#[test]
fn a_ledger_that_is_wrong_ends_with_2() {
    let place = Place::new();
    validation(&place, "");
    let cases = [
        (
            ROWS.replace("grade = \"quoted\"", "grade = \"unverified\""),
            "cannot be used to",
        ),
        (
            ROWS.replace("scenario = \"drug\"", "scenario = \"drugs\""),
            "did you mean `drug`?",
        ),
        (
            ROWS.replace("unit = \"d\"", "unit = \"mM\""),
            "somebody-2001.toml:",
        ),
        (ROWS.replace("source = \"Nobody\"\n", ""), "has no `source`"),
        (
            ROWS.replace("S1-02]\nsays", "S1-01]\nsays"),
            "somebody-2001.toml:",
        ),
    ];
    for (rows, words) in cases {
        small(&place, &rows);
        call(&place, &["validate", "--scenarios", "validation"])
            .expect(2)
            .says(words);
    }
}

#[test]
fn the_ledger_is_listed() {
    let place = Place::new();
    small(&place, ROWS);
    let list = |more: &[&str]| call(&place, &[&["evidence"], more].concat());
    let all = list(&["list"]).expect(0).stdout;
    assert!(
        all.contains("4 of 4 rows") && all.contains("2 \u{b1} 0.1 1/d"),
        "{all}"
    );
    let held = list(&["list", "--role", "validate"]).expect(0).stdout;
    assert!(
        held.contains("1 of 4 rows") && held.contains("S1-01"),
        "{held}"
    );
    list(&["list", "--grade", "golden"])
        .expect(2)
        .says("is none of");
    let shown = list(&["show", "S1-01"]).expect(0).stdout;
    assert!(
        shown.contains("doi:10.1/x_y") && shown.contains("age at death"),
        "{shown}"
    );
    list(&["show", "S1-99"]).expect(2);
    let missing = list(&["missing"]).expect(0).stdout;
    assert!(
        missing.contains("looked for and not found (1)"),
        "{missing}"
    );
    assert!(missing.contains("speaks about (1)"), "{missing}");
    let conflicts = list(&["conflicts"]).expect(0).stdout;
    assert_eq!(conflicts.matches("against").count(), 1, "{conflicts}");
    let bibtex = list(&["bibtex"]).expect(0).stdout;
    assert_eq!(bibtex.matches("{somebody-2001,").count(), 1, "{bibtex}");
    // What a work should have and no row says is listed as a debt.
    assert!(
        missing.contains("works that are not cited in full (1)"),
        "{missing}"
    );
    assert!(missing.contains("no title"), "{missing}");
    assert!(
        bibtex.contains("10.1/x\\_y") && bibtex.contains("\\& others"),
        "{bibtex}"
    );
    assert_eq!(bibtex.matches('{').count(), bibtex.matches('}').count());
}

#[test]
fn a_scenario_is_cited_with_its_methods() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let cite = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gutbrain"));
        let command = command.current_dir(root).arg("cite").args(arguments);
        Call::of(command.output().unwrap())
    };
    let butyrate = cite(&["scenarios/butyrate-g93a.toml"]).expect(0).stdout;
    for part in [
        "Zhang 2025",
        "10.1203/01.pdr.0000250014.92242.f3",
        "Steinebach",
    ] {
        assert!(butyrate.contains(part), "no {part} in\n{butyrate}");
    }
    // Only what is active: the dose of butyrate is cited where it is given, another method where it is used.
    let onset = [
        "validation/riluzole-from-onset.toml",
        "--set",
        "solver.method=\"rodas4\"",
    ];
    let riluzole = cite(&onset).expect(0).stdout;
    assert!(
        riluzole.contains("Hogg 2018") && !riluzole.contains("Steinebach"),
        "{riluzole}"
    );
    assert!(
        butyrate.contains("S1-31") && !riluzole.contains("S1-31"),
        "{riluzole}"
    );
    let bibtex = cite(&["scenarios/butyrate-g93a.toml", "--bibtex"])
        .expect(0)
        .stdout;
    assert!(
        bibtex.contains("@article{peng-2007,\n  author = {{Peng}},"),
        "{bibtex}"
    );
    // What the numbers are fitted to is behind them, too: the two rows on the life of treated mice.
    let fitted = butyrate.split("fitted to").nth(1).unwrap();
    assert!(
        fitted.contains("S1-28") && fitted.contains("S1-29"),
        "{butyrate}"
    );
    assert!(
        bibtex.contains("S1-28") && bibtex.contains("S1-29"),
        "{bibtex}"
    );
    let elsewhere = [
        "scenarios/butyrate-g93a.toml",
        "--calibration",
        "nowhere.toml",
    ];
    cite(&elsewhere).expect(2);
}

#[test]
fn an_attribution_is_written_and_refuses_what_cannot_be_split() {
    let place = Place::new();
    small(&place, ROWS);
    let text = std::fs::read_to_string(fixtures().join("scenarios/drug.toml")).unwrap();
    std::fs::write(place.path("drug.toml"), &text).unwrap();
    // What has no pathway is one of its own.
    let bare = call(&place, &["attribute", "drug.toml"]).expect(0);
    assert!(bare.stdout.contains("other"), "{}", bare.stdout);
    let model = place.path("ledger/small.toml");
    let text = std::fs::read_to_string(&model).unwrap();
    let gated = text.replacen(
        "[process.drug_is_drunk]\n",
        "[process.drug_is_drunk]\npathway = \"drinking\"\n",
        1,
    );
    std::fs::write(&model, gated).unwrap();
    let split = call(&place, &["attribute", "drug.toml"]).expect(0);
    assert!(split.stdout.contains("drinking"), "{}", split.stdout);
    let table = place.text("outputs/drug-attribute/attribution.csv");
    assert!(
        table.starts_with("pathway,") && table.lines().count() == 4,
        "{table}"
    );
    let figures = place.names("outputs/drug-attribute/figures");
    assert_eq!(
        figures,
        ["csv", "pdf", "png", "svg"].map(|kind| format!("attribution.{kind}"))
    );
    call(&place, &["attribute", "drug.toml", "--arm", "control"])
        .expect(2)
        .says("two arms");
    call(&place, &["attribute", "drug.toml", "--feature", "height"])
        .expect(2)
        .says("no feature");
}
