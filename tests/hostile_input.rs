//! Readers under damaged and hostile input: no panic, no hang, bounded memory.
//!
//! Files of the project are the corpus; seeded mutations damage them (bytes flipped, spans cut, doubled
//! and swapped, words of the formats and numbers at the edge put in, two files spliced, brackets by
//! the thousand). Every case must end within [`SLOWEST`] with a value or a fault, and render the fault.
//! The same seed gives the same cases; a failure names its case.
//!
//! `GUTBRAIN_HOSTILE_SECONDS` sets how long each reader is tried (default: 1.5 s, so also in `.ci/run`).
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests keep time, prepare their own files, say what they did, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use gutbrain::analysis::calibrate::Calibration;
use gutbrain::model::Model;
use gutbrain::scenario::ScenarioFile;
use gutbrain_exchange::{Differences, compare};
use gutbrain_network::unit::{Units, parse_quantity};
use gutbrain_network::{Color, Declaration, Source};
use gutbrain_statistics::random::Stream;
use gutbrain_store::SavedRun;
use gutbrain_table::{Column, Table};

/// One case may take this long. (Debug builds on busy machines; a hang takes for ever.)
const SLOWEST: Duration = Duration::from_secs(1);

/// Above this many kilobytes of resident memory something grows without bound.
const LARGEST: u64 = 1_000_000;

/// Words that the formats give a meaning to, and numbers at the edge.
const WORDS: &[&str] = &[
    "[",
    "]",
    "[[arm]]",
    "[species.x]",
    "[parameter.x]",
    "[process.x]",
    "=",
    "\"",
    "\"\"\"",
    "'''",
    "\n",
    "\\u0000",
    "\u{0}",
    "\u{202e}",
    "\u{feff}",
    "é",
    "𝔘",
    "1e999",
    "-1e999",
    "1e-400",
    "nan",
    "inf",
    "-0.0",
    "9223372036854775808",
    "0x",
    "1_",
    "..",
    "extends = \"x.toml\"",
    "schema = 2",
    "unit = \"\"",
    "resting(",
    "resting(resting(x))",
    "hill(",
    "^^",
    "^(1/3)",
    "^99999999",
    "/0",
    "mM",
    "µM/day",
    "%",
    "1/(day*mM)",
    "'% w/v'",
    "((((((((",
    "))))))))",
    "- - - -",
    "times = 1000000000",
    "every = \"1e-300 d\"",
    "repeat = { every = \"1 d\", times = 4294967295 }",
    "stop = \"end\"",
    "start = \"1e308 d\"",
    "{ a = { a = { a = 1 } } }",
    "# ",
    "true",
    "0000-00-00T00:00:00Z",
];

fn mutate(corpus: &[Vec<u8>], stream: &mut Stream) -> Vec<u8> {
    let pick = |stream: &mut Stream| corpus[index(stream, corpus.len())].clone();
    let mut bytes = pick(stream);
    for _ in 0..=stream.below(6) {
        let at = index(stream, bytes.len() + 1);
        let length = index(stream, 40).min(bytes.len() - at);
        match stream.below(9) {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1 << stream.below(8);
            }
            1 => {
                bytes.drain(at..at + length);
            }
            2 => {
                let copy = bytes[at..at + length].to_vec();
                bytes.splice(at..at, copy);
            }
            3 | 4 => {
                let word = WORDS[index(stream, WORDS.len())];
                bytes.splice(at..at + length, word.bytes());
            }
            5 => bytes.truncate(at),
            6 => {
                let other = pick(stream);
                let from = index(stream, other.len() + 1);
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            7 => {
                let bracket = [b"(", b"[", b"{", b"-", b"1", b"\""][index(stream, 6)];
                let many = bracket.repeat(index(stream, 4000));
                bytes.splice(at..at, many);
            }
            _ => {
                let value = u8::try_from(stream.below(256)).unwrap();
                bytes.insert(at, value);
            }
        }
        bytes.truncate(400_000);
    }
    bytes
}

fn index(stream: &mut Stream, end: usize) -> usize {
    usize::try_from(stream.below(u64::try_from(end).unwrap())).unwrap()
}

/// Feeds mutations of a corpus to a reader until the time is up.
fn attack(name: &'static str, corpus: Vec<Vec<u8>>, read: impl Fn(&[u8]) + Send + 'static) {
    let seconds = std::env::var("GUTBRAIN_HOSTILE_SECONDS");
    let seconds: f64 = seconds.map_or(1.5, |text| text.parse().unwrap());
    let (send, receive) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        let begin = Instant::now();
        let mut case = 0;
        while begin.elapsed().as_secs_f64() < seconds || case < 20 {
            let mut stream = Stream::new(1, name, case);
            let bytes = mutate(&corpus, &mut stream);
            let started = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| read(&bytes)));
            let answer = (case, started.elapsed(), outcome.is_ok(), bytes);
            if send.send(answer).is_err() {
                return;
            }
            case += 1;
        }
    });
    let mut cases = 0_u64;
    let mut slowest = (Duration::ZERO, 0);
    loop {
        match receive.recv_timeout(Duration::from_secs(20)) {
            Ok((case, took, sound, bytes)) => {
                let text = String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned();
                assert!(sound, "{name}, case {case}: panicked on\n{text}");
                slowest = slowest.max((took, case));
                cases += 1;
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                panic!("{name}: case {cases} has not come back within 20 s")
            }
        }
    }
    worker.join().unwrap();
    let (took, case) = slowest;
    assert!(took <= SLOWEST, "{name}, case {case} took {took:?}");
    let memory = resident_kilobytes();
    assert!(memory <= LARGEST, "{name}: {memory} kB of memory");
    println!("{name}: {cases} cases, the slowest took {took:?}, memory at most {memory} kB");
}

/// The largest resident memory of this process so far; 0 where the system does not say.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// The files with an ending below a folder of the project.
fn files(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == ending))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{}", folder.display());
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

#[test]
fn the_model_reader_survives() {
    let mut corpus = files("tests/fixtures/model", "toml");
    corpus.extend(files("model", "toml"));
    let subject = files("model/subjects", "toml").swap_remove(0);
    attack("model", corpus, move |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let subject = String::from_utf8_lossy(&subject);
        let files = [
            Source::new("model/all.toml", &*text),
            Source::new("model/subjects/one.toml", &*subject),
        ];
        match Declaration::read(&files) {
            Ok(declaration) => drop(declaration.compile(&gutbrain_network::Edits::default())),
            Err(faults) => drop(faults.render(Color::Never)),
        }
    });
}

#[test]
fn the_reader_of_families_survives() {
    let mut corpus = files("tests/fixtures/toy-family/families", "toml");
    corpus.extend(files("model/families", "toml"));
    let model = files("tests/fixtures/toy-family", "toml").swap_remove(0);
    attack("family", corpus, move |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let model = String::from_utf8_lossy(&model);
        let files = [
            Source::new("model/worm.toml", &*model),
            Source::new("model/families/worm.toml", &*text),
        ];
        if let Err(faults) = Declaration::read(&files) {
            drop(faults.render(Color::Never));
        }
    });
}

#[test]
fn the_scenario_reader_survives() {
    let mut corpus = files("scenarios", "toml");
    corpus.extend(files("scenarios/base", "toml"));
    corpus.extend(files("tests/fixtures/scenarios", "toml"));
    let model = Model::builtin().unwrap();
    attack("scenario", corpus, move |bytes| {
        let text = String::from_utf8_lossy(bytes);
        // Bases lie elsewhere: what is under test is the file itself.
        let text = text.replace("extends", "#extends");
        let read = ScenarioFile::parse(&Source::new("hostile.toml", text));
        match read.and_then(|file| Ok((file.check(&model)?, file))) {
            Ok((scenario, file)) => {
                let _ = scenario.simulation.output_times();
                drop(file.resolved(&scenario));
            }
            Err(faults) => drop(faults.render(Color::Never)),
        }
    });
}

#[test]
fn the_calibration_reader_survives() {
    let corpus = files("calibration", "toml");
    let model = Model::builtin().unwrap();
    attack("calibration", corpus, move |bytes| {
        let text = String::from_utf8_lossy(bytes);
        match Calibration::read(&Source::new("hostile.toml", text), &model.declaration) {
            Ok(calibration) => drop(calibration.scenarios().len()),
            Err(faults) => drop(faults.render(Color::Never)),
        }
    });
}

#[test]
fn the_reader_of_models_that_come_back_survives() {
    let corpus = files("tests/fixtures/sbml", "xml");
    let whole: Vec<String> = corpus
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    assert!(
        whole
            .iter()
            .all(|text| compare(text, text) == Ok(Differences::default()))
    );
    attack("model that came back", corpus, move |bytes| {
        let text = String::from_utf8_lossy(bytes);
        match compare(&whole[0], &text) {
            Ok(found) => drop(found.changed.len()),
            Err(cause) => assert!(!cause.is_empty()),
        }
    });
}

#[test]
fn formulas_of_a_model_that_comes_back_end() {
    // Functions that call each other twice at every level, and calls of themselves: 2^k or endless turns.
    let text = files("tests/fixtures/sbml", "xml").swap_remove(0);
    let text = String::from_utf8(text).unwrap();
    let call = |name: &str| format!("<apply><ci>{name}</ci><ci>x</ci></apply>");
    let function = |name: &str, body: &str| {
        format!(
            "<functionDefinition id=\"{name}\"><math><lambda><bvar><ci>x</ci></bvar>{body}</lambda>\
             </math></functionDefinition>"
        )
    };
    let mut functions = function("endless", &call("endless"));
    for level in 1..200 {
        let inner = call(&format!("level{}", level - 1));
        let body = format!("<apply><plus/>{inner}{inner}</apply>");
        functions.push_str(&function(&format!("level{level}"), &body));
    }
    functions.push_str(&function("level0", "<ci>x</ci>"));
    let list = "<listOfFunctionDefinitions>";
    for name in ["endless", "level199"] {
        let hostile = text.replacen(list, &format!("{list}{functions}"), 1);
        let hostile = hostile.replace("<ci>double</ci>", &format!("<ci>{name}</ci>"));
        let begin = Instant::now();
        let found = compare(&text, &hostile);
        let took = begin.elapsed();
        assert!(took <= SLOWEST, "{name} took {took:?}");
        assert!(found.is_err() || found.is_ok_and(|found| !found.changed.is_empty()));
    }
}

#[test]
fn the_unit_reader_survives() {
    let texts = [
        "mM/day",
        "1/(day*mM)",
        "% w/v",
        "'% w/v'^2",
        "2 %",
        "38 d",
        "0.5 1/h",
        "1e-3 mM",
        "µM^(1/2)",
        "g*cm/s^2",
        "pg/ml",
        "CFU/day",
        "EU/ml",
        "10 mM",
        "l/g/day",
        "mg/kg/week",
        "1/day/µM",
        "((s))",
    ];
    let corpus = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let units = Units::builtin();
    attack("unit", corpus, move |bytes| {
        let text = String::from_utf8_lossy(bytes);
        match units.parse(&text) {
            // What is written of it means the same, or is refused (absurd powers are).
            Ok(unit) => {
                if let Ok(again) = units.parse(&unit.to_string()) {
                    assert_eq!(again, unit, "{text}");
                }
            }
            Err(error) => drop(error.to_string()),
        }
        let _ = parse_quantity(&text, &units);
    });
}

#[test]
fn the_table_readers_survive() {
    let table = Table::new(
        "t",
        vec![
            Column::text("arm", vec!["a".to_owned(), "b, \"c\"".to_owned()]),
            Column::integers("subject", vec![Some(1), None]),
            Column::numbers("time_d", "d", vec![0.0, 1.5]),
            Column::optional_numbers("x", "mM", vec![None, Some(1e300)]),
        ],
    );
    let parquet = table.to_parquet(&BTreeMap::new()).unwrap();
    attack("parquet", vec![parquet], |bytes| {
        if let Ok(table) = Table::from_parquet("t", bytes) {
            let _ = table.check();
        }
    });
}

#[test]
fn the_manifest_reader_survives() {
    let corpus = vec![
        br#"{"program":"gutbrain","version":"0.1.0","state":"complete","identity":{"scenario":"x","command":"run"},"files":{"a.csv":{"sha256":"00","bytes":1}},"counts":{"requested":1,"ok":1,"failed":0},"seed":1}"#.to_vec(),
    ];
    let folder = tempfile::tempdir().unwrap();
    attack("manifest", corpus, move |bytes| {
        std::fs::write(folder.path().join("manifest.json"), bytes).unwrap();
        if let Ok(run) = SavedRun::open(folder.path()) {
            let _ = run.read("a.csv");
            let _ = run.read("../../etc/passwd");
        }
    });
}
