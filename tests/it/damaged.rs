//! Parts of long work that a disk, a copy or an editor changed: every kind of part, every kind of damage.
//! The study that meets them gives the bytes of one that was never stopped, and names what it could not use.
//!
//! `GUTBRAIN_DAMAGES` says how many of each kind (default: a dozen; the long check takes a thousand).
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests say what they did, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{
    CalibrationSetup, FitStudy, Memory, PosteriorStudy, ProfileStudy, Progress, SensitivityStudy,
    Setup, Store as _, Study, SweepStudy, TableFormat, TrialStudy,
};
use gutbrain_network::Source;
use gutbrain_statistics::random::Stream;

/// Remembers what is said.
#[derive(Default)]
struct Listener(Mutex<Vec<String>>);

impl Progress for Listener {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64, _: u64) {}
    fn end(&self) {}
    fn is_cancelled(&self) -> bool {
        false
    }
    fn warn(&self, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }
    fn note(&self, message: &str) {
        self.warn(message);
    }
}

/// What happens to a file: a word for it, and what is left.
fn damage(whole: &[u8], other: &[u8], stream: &mut Stream) -> (&'static str, Vec<u8>) {
    let below = |stream: &mut Stream, end: usize| {
        usize::try_from(stream.below(u64::try_from(end.max(1)).unwrap())).unwrap()
    };
    let mut bytes = whole.to_vec();
    let at = below(stream, bytes.len());
    match stream.below(8) {
        0..=2 => {
            for _ in 0..=stream.below(3) {
                let at = below(stream, bytes.len());
                bytes[at] ^= 1 << stream.below(8);
            }
            ("flipped bits", bytes)
        }
        3 => {
            bytes.truncate(at);
            ("cut", bytes)
        }
        4 => {
            // As a file system leaves blocks that never came to the disk.
            let end = bytes.len().min(at + 1 + below(stream, 4096));
            bytes[at..end].fill(0);
            ("zeros", bytes)
        }
        5 => {
            let to = below(stream, bytes.len());
            bytes.swap(at, to);
            ("swapped bytes", bytes)
        }
        6 => {
            let line = bytes[at..].iter().position(|byte| *byte == b'\n');
            bytes.splice(at..at, b"0".repeat(line.unwrap_or(1).max(1)));
            ("longer", bytes)
        }
        _ => ("another part", other.to_vec()),
    }
}

fn part_of(store: &Memory, number: u64) -> Vec<u8> {
    store.chunks()[&number].clone()
}

/// Damages the parts of a study again and again.
fn survives(kind: &str, study: &dyn Study) {
    let damages = std::env::var("GUTBRAIN_DAMAGES");
    let damages: u64 = damages.map_or(12, |text| text.parse().unwrap());
    let mut whole = Memory::default();
    study.run(&mut whole, &Listener::default()).unwrap();
    let numbers: Vec<u64> = whole.chunks().keys().copied().collect();
    assert!(!numbers.is_empty(), "{kind} keeps no parts");
    let mut refused: BTreeMap<&str, u64> = BTreeMap::new();
    for case in 0..damages {
        let mut stream = Stream::new(1, kind, case);
        let pick = |stream: &mut Stream| {
            let place = stream.below(u64::try_from(numbers.len()).unwrap());
            numbers[usize::try_from(place).unwrap()]
        };
        let (number, other) = (pick(&mut stream), pick(&mut stream));
        let (sound, other) = (part_of(&whole, number), part_of(&whole, other));
        let (word, bytes) = damage(&sound, &other, &mut stream);
        let is_damaged = bytes != sound;
        let mut store = Memory::default();
        for &part in &numbers {
            store.keep_chunk(part, &part_of(&whole, part)).unwrap();
        }
        store.keep_chunk(number, &bytes).unwrap();
        let listener = Listener::default();
        study.run(&mut store, &listener).unwrap();
        assert_eq!(
            store.files(),
            whole.files(),
            "{kind}, case {case}: {word} in part {number}"
        );
        let said = listener.0.into_inner().unwrap();
        let name = store.chunk_name(number);
        let named = said.iter().any(|sentence| sentence.contains(&name));
        assert_eq!(
            named, is_damaged,
            "{kind}, case {case}: {word} in part {number}: {said:?}"
        );
        assert_eq!(
            part_of(&store, number),
            sound,
            "{kind}, case {case}: what was made again"
        );
        *refused.entry(word).or_default() += u64::from(is_damaged);
    }
    let all: u64 = refused.values().sum();
    println!(
        "{kind}: {damages} parts, {all} of them damaged, all named and made again: {refused:?}"
    );
}

fn setup(model: &str, text: &str) -> Setup {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let model = Model::load(&folder.join(model)).unwrap_or_else(|faults| panic!("{faults}"));
    let file = ScenarioFile::parse(&Source::new("test.toml", text)).unwrap();
    Setup::new(model, file).unwrap_or_else(|faults| panic!("{faults}"))
}

fn drug(more: &str) -> Setup {
    let drug = include_str!("../fixtures/scenarios/drug.toml");
    setup("model", &format!("{drug}\n{more}"))
}

const SWEEP: &str = "[cohort]\nsubjects = 64\n[sweep]\ndesign = \"latin-hypercube\"\npoints = 90\n\
                     features = [\"onset\"]\n[[sweep.factor]]\ntarget = \"uptake\"\n";

#[test]
fn damaged_blocks_of_a_sweep_are_simulated_again() {
    let setup = drug(SWEEP);
    survives("sweep", &SweepStudy::new(&setup).unwrap());
}

#[test]
fn damaged_blocks_of_a_study_are_simulated_again() {
    let study = include_str!("../fixtures/sensitivity/study.toml");
    let setup = setup("sensitivity/model", study);
    survives("sensitivity", &SensitivityStudy::new(&setup).unwrap());
}

#[test]
fn damaged_blocks_of_a_trial_are_simulated_again() {
    let trial = "[trial]\npool = 520\nreplicates = 10\ngroup_sizes = [4]\n\
                 [[trial.designs]]\nname = \"all\"\n";
    let setup = drug(trial);
    survives("trial", &TrialStudy::new(&setup, TableFormat::Csv).unwrap());
}

/// `y = a exp(−k t)`, with three starts, a few chains and two profiles.
fn decay() -> CalibrationSetup {
    let parameter = |name: &str, unit: &str, value: f64| {
        format!(
            "[parameter.{name}]\nsays = \"Number {name}\"\nunit = \"{unit}\"\nvalue = {value:?}\n\
             range = [{:?}, {:?}]\nprior = \"lognormal\"\nassumed = \"test\"\n",
            value / 10.0,
            value * 10.0
        )
    };
    let body = "[compartment.body]\nsays = \"Body\"\nregion = \"body\"\nassumed = \"test\"\n\
                [species.x]\nsays = \"Quantity\"\nwhere = \"body\"\nunit = \"1\"\ninitial = 1.0\n\
                scale = 1\nassumed = \"test\"\n\
                [process.loss]\nsays = \"Loss.\"\nchanges = { x = -1 }\nrate = \"k * x\"\n\
                assumed = \"test\"\n\
                [observable.y]\nsays = \"What is seen\"\nunit = \"1\"\nvalue = \"a * x\"\n\
                assumed = \"test\"\n";
    let model = format!(
        "{body}{}{}",
        parameter("k", "1/day", 0.1),
        parameter("a", "1", 2.0)
    );
    let target = |t: f64, value: f64, sd: f64| {
        format!(
            "[[target]]\nname = \"at {t}\"\nscenario = \"s.toml\"\narm = \"control\"\n\
             feature = \"observable y at {t}\"\nvalue = {value:?}\nsd = {sd:?}\n"
        )
    };
    let fit = format!(
        "says = \"decay\"\nhorizon = \"60 d\"\nstarts = 3\nevaluations = 30\n\
         parameters = [\"k\", \"a\"]\n[prior]\nweight = 0.1\n\
         [posterior]\nchains = 4\nrounds = 1\nround = 20\nsteps = 40\nevery = 5\nwalk = 0\n\
         vectors = 10\n{}{}",
        target(0.0, 3.0, 0.3),
        target(10.0, 0.4, 0.06)
    );
    let mut files = InMemory::default();
    for (name, text) in [
        ("model/decay.toml", model.as_str()),
        (
            "model/subjects/animal.toml",
            "says = \"An animal\"\nspecies = \"mouse\"\nstrain = \"test\"\ngenotype = \"test\"\n",
        ),
        (
            "fits/s.toml",
            "schema = 1\n[subject]\npreset = \"animal\"\n[simulation]\nstart = \"0 d\"\n\
             stop = \"40 d\"\nevery = \"1 d\"\n[[arm]]\nname = \"control\"\n",
        ),
        ("fits/fit.toml", &fit),
    ] {
        files.put(name, text);
    }
    let model = Model::load_in(&files, Path::new("model")).unwrap_or_else(|it| panic!("{it}"));
    CalibrationSetup::open_in(&files, Path::new("fits/fit.toml"), model)
        .unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn damaged_starts_of_a_fit_are_searched_again() {
    let setup = decay();
    survives("fit", &FitStudy::new(&setup).unwrap());
}

#[test]
fn damaged_stretches_of_chains_are_walked_again() {
    let setup = decay();
    survives("chains", &PosteriorStudy::new(&setup).unwrap());
}

#[test]
fn damaged_profiles_are_computed_again() {
    let setup = decay();
    let all = ["all".to_owned()];
    survives("profiles", &ProfileStudy::new(&setup, &all).unwrap());
}
