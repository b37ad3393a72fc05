//! One function a reader: it takes any bytes, and returns. What it must never do is panic, hang, or eat the
//! memory; `run` beside this folder says how it is driven.

use std::cell::OnceCell;
use std::fs;
use std::path::Path;

use gutbrain::analysis::calibrate::chunk::Chunk;
use gutbrain::analysis::calibrate::profile::Profile;
use gutbrain::analysis::calibrate::{Calibration, Ended};
use gutbrain::checkpoint::{Seal, hash};
use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain::posterior::Posterior;
use gutbrain::results::sensitivity_chunk::read_block;
use gutbrain::scenario::ScenarioFile;
use gutbrain_exchange::compare;
use gutbrain_network::expression::parse;
use gutbrain_network::fault::{Faults, Place};
use gutbrain_network::reading::Written;
use gutbrain_network::unit::{Units, parse_quantity};
use gutbrain_network::{Color, Declaration, Edits, Source};
use gutbrain_store::SavedRun;
use gutbrain_table::{ColumnKind, Table};

const MODEL: &str = include_str!("../../fixtures/model/small.toml");
const SUBJECTS: [(&str, &str); 2] = [
    ("model/subjects/sick.toml", include_str!("../../fixtures/model/subjects/sick.toml")),
    ("model/subjects/healthy.toml", include_str!("../../fixtures/model/subjects/healthy.toml")),
];
const FAMILY: &str = include_str!("../../fixtures/model/families/mouse.toml");
const SCENARIO: &str = include_str!("../../fixtures/scenarios/drug.toml");
const SBML: &str = include_str!("../../fixtures/sbml/small.xml");

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn shown(faults: &Faults) {
    let words = faults.render(Color::Never);
    assert!(!words.is_empty(), "a refusal without a word");
    assert!(!words.contains('\u{1b}'), "an escape of the terminal passes");
}

thread_local! {
    static SMALL: OnceCell<Model> = const { OnceCell::new() };
    static UNITS: OnceCell<Units> = const { OnceCell::new() };
}

/// The model of the fixtures, read once.
fn with_model<T>(ask: impl FnOnce(&Model) -> T) -> T {
    SMALL.with(|model| {
        ask(model.get_or_init(|| {
            let mut files = vec![Source::new("model/small.toml", MODEL)];
            files.extend(SUBJECTS.map(|(name, text)| Source::new(name, text)));
            files.push(Source::new("model/families/mouse.toml", FAMILY));
            Model::new(Declaration::read(&files).expect("the fixtures are a model"), "small")
        }))
    })
}

/// Text of a model.
pub fn model(bytes: &[u8]) {
    let mut files = vec![Source::new("model/small.toml", text(bytes))];
    files.extend(SUBJECTS.map(|(name, text)| Source::new(name, text)));
    files.push(Source::new("model/families/mouse.toml", FAMILY));
    match Declaration::read(&files) {
        Ok(declaration) => drop(declaration.compile(&Edits::default())),
        Err(faults) => shown(&faults),
    }
}

/// Text of a scenario, against a model.
pub fn scenario(bytes: &[u8]) {
    // Bases lie elsewhere: what is under test is the file itself.
    let source = Source::new("s.toml", text(bytes).replace("extends", "#extends"));
    with_model(|model| {
        match ScenarioFile::parse(&source).and_then(|file| Ok((file.check(model)?, file))) {
            Ok((scenario, file)) => {
                let _ = scenario.simulation.output_times();
                drop(file.resolved(&scenario));
            }
            Err(faults) => shown(&faults),
        }
    });
}

/// A rate, and a quantity with a unit.
pub fn expression(bytes: &[u8]) {
    let value = text(bytes);
    let source = Source::new("e.toml", value.clone());
    let place = Place::new(&source, 0..value.len());
    UNITS.with(|units| {
        let units = units.get_or_init(Units::builtin);
        match parse(&Written { value: value.clone(), place }, units) {
            Ok(expression) => {
                let again = expression.to_text();
                let source = Source::new("again.toml", again.clone());
                let place = Place::new(&source, 0..again.len());
                let read = parse(&Written { value: again.clone(), place }, units);
                assert_eq!(read.map(|it| it.to_text()).ok(), Some(again));
            }
            Err(fault) => assert!(!fault.render(Color::Never).is_empty()),
        }
        let _ = parse_quantity(&value, units);
    });
}

/// A model that comes back as SBML.
pub fn sbml(bytes: &[u8]) {
    match compare(SBML, &text(bytes)) {
        Ok(found) => drop(found.changed.len()),
        Err(cause) => assert!(!cause.is_empty()),
    }
}

/// A laboratory's own data, as text.
pub fn data(bytes: &[u8]) {
    let mut files = InMemory::default();
    let plan = "[[data]]\nfile = \"d.csv\"\nobservable = \"signal_fold\"\n";
    files.put("s.toml", format!("{SCENARIO}\n{plan}"));
    files.put("d.csv", bytes);
    with_model(|model| {
        let read = ScenarioFile::open_in(&files, Path::new("s.toml"));
        if let Err(faults) = read.and_then(|file| file.check(model)) {
            shown(&faults);
        }
    });
}

/// A table of ours, as text.
pub fn csv(bytes: &[u8]) {
    let kinds = [
        ("arm", ColumnKind::Text),
        ("subject", ColumnKind::Integer),
        ("time_d", ColumnKind::Number),
    ];
    for kinds in [&kinds[..], &[]] {
        if let Ok(table) = Table::from_csv("t", bytes, kinds) {
            let _ = table.to_csv();
        }
    }
}

/// A Parquet file whose seal is right, whoever wrote it.
pub fn parquet(bytes: &[u8]) {
    let mut bytes = bytes.to_vec();
    const KEY: &[u8] = b"gutbrain.sha256\x18\x40";
    if let Some(at) = bytes.windows(KEY.len()).rposition(|it| it == KEY) {
        let digits = at + KEY.len()..at + KEY.len() + 64;
        if digits.end <= bytes.len() {
            bytes[digits.clone()].fill(b'0');
            let seal = hash(&bytes);
            bytes[digits].copy_from_slice(seal.as_bytes());
        }
    }
    if let Ok(table) = Table::from_parquet("t", &bytes) {
        table.check().expect("what is read keeps the promises of a table");
    }
}

/// A posterior.
pub fn posterior(bytes: &[u8]) {
    match Posterior::read(&Source::new("model/posterior/sick.csv", text(bytes))) {
        Ok(found) if !found.vectors.is_empty() => {
            let again = found.to_text();
            let _ = (found.thinned(3), found.effective_size(), again);
        }
        Ok(_) => {}
        Err(faults) => shown(&faults),
    }
}

/// A calibration.
pub fn calibration(bytes: &[u8]) {
    let source = Source::new("c.toml", text(bytes));
    with_model(|model| match Calibration::read(&source, &model.declaration) {
        Ok(calibration) => drop(calibration.scenarios().len()),
        Err(faults) => shown(&faults),
    });
}

/// A manifest of a run folder.
pub fn manifest(bytes: &[u8]) {
    thread_local! {
        static FOLDER: OnceCell<tempfile::TempDir> = const { OnceCell::new() };
    }
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("a folder"));
        fs::write(folder.path().join("manifest.json"), bytes).expect("room");
        if let Ok(run) = SavedRun::open(folder.path()) {
            for name in run.manifest().files.keys() {
                let _ = run.read(name);
            }
        }
    });
}

/// A part of long work: under any seal, and, under the right one, of every kind.
pub fn checkpoint(bytes: &[u8]) {
    let seal = Seal::new("fit", "5f2c");
    if let Ok(content) = seal.open("1", bytes) {
        assert_eq!(seal.close("1", content), bytes, "two forms of one content");
    }
    let words = text(bytes);
    if let Some(ended) = Ended::read(&words) {
        drop(ended.to_text());
    }
    if let Some(profile) = Profile::read(&words) {
        drop(profile.to_text());
    }
    if let Some(chunk) = Chunk::read(&words, 2) {
        drop(chunk.to_text());
    }
    if let Some(block) = read_block(&words, 1) {
        assert!(block.len() <= words.len());
    }
}
