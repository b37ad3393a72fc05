//! Studies as values: cancelled between any two blocks they end as [`StudyError::Cancelled`], and gone on
//! with they give the files of a study that was never stopped.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gutbrain::model::Model;
use gutbrain::scenario::{Overrides, ScenarioFile};
use gutbrain::study::{
    Counts, Memory, MergeStudy, Progress, SensitivityStudy, Setup, Shard, Silent, Store as _,
    Study, StudyError, SweepPart, SweepStudy, TableFormat, TrialStudy, draw_sweep,
};
use gutbrain_network::Source;

fn setup(model: &str, text: &str, set: &[&str]) -> Setup {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let model = Model::load(&folder.join(model)).unwrap_or_else(|faults| panic!("{faults}"));
    let file = ScenarioFile::parse(&Source::new("test.toml", text)).unwrap();
    let overrides = Overrides {
        set: set.iter().map(|&set| set.to_owned()).collect(),
        ..Overrides::default()
    };
    let setup = Setup::new(model, file).and_then(|setup| setup.with(&overrides));
    setup.unwrap_or_else(|faults| panic!("{faults}"))
}

/// Cohorts as points, so that a block is few points: seven points in blocks of two.
fn blocks() -> Setup {
    let drug = include_str!("../fixtures/scenarios/drug.toml");
    let text = format!(
        "{drug}\n[cohort]\nsubjects = 1024\n\
         [sweep]\ndesign = \"latin-hypercube\"\npoints = 7\nfeatures = [\"onset\"]\n\
         [[sweep.factor]]\ntarget = \"uptake\"\n\
         [[sweep.factor]]\ntarget = \"arm.drug.start\"\nrange = [\"25 d\", \"90 d\"]\n"
    );
    setup("model", &text, &[])
}

fn sensitivity(set: &[&str]) -> Setup {
    let study = include_str!("../fixtures/sensitivity/study.toml");
    setup("sensitivity/model", study, set)
}

fn trial() -> Setup {
    let drug = include_str!("../fixtures/scenarios/drug.toml");
    let text = format!(
        "{drug}\n[trial]\npool = 600\nreplicates = 10\ngroup_sizes = [4, 8]\n\
         [[trial.designs]]\nname = \"a\"\n[[trial.designs]]\nname = \"b\"\nsex_balanced = false\n"
    );
    setup("model", &text, &[])
}

/// Hears everything, and stops a study after so many blocks.
#[derive(Default)]
struct Listener {
    most_blocks: Option<u64>,
    blocks: AtomicU64,
    done: AtomicU64,
    begun: Mutex<Vec<(&'static str, u64)>>,
    ended: AtomicU64,
    said: Mutex<Vec<String>>,
}

impl Listener {
    fn stopping_after(blocks: u64) -> Self {
        Self {
            most_blocks: Some(blocks),
            ..Self::default()
        }
    }

    fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    fn says(&self, words: &str) -> bool {
        let said = self.said.lock().unwrap();
        said.iter().any(|sentence| sentence.contains(words))
    }
}

impl Progress for Listener {
    fn begin(&self, what: &'static str, total: u64) {
        self.begun.lock().unwrap().push((what, total));
    }

    fn advance(&self, done: u64, _: u64) {
        self.blocks
            .fetch_add(u64::from(done > 0), Ordering::Relaxed);
        self.done.fetch_add(done, Ordering::Relaxed);
    }

    fn end(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        let blocks = self.blocks.load(Ordering::Relaxed);
        self.most_blocks.is_some_and(|most| blocks >= most)
    }

    fn warn(&self, message: &str) {
        self.said.lock().unwrap().push(message.to_owned());
    }

    fn note(&self, message: &str) {
        self.warn(message);
    }
}

/// Stops a study after every number of blocks and goes on with it; `points` are those of a study that was
/// never stopped.
fn stops_anywhere(study: &dyn Study, blocks: u64, points: u64) {
    let mut whole = Memory::default();
    let all = Listener::default();
    let finished = study.run(&mut whole, &all).unwrap();
    assert_eq!(all.begun.lock().unwrap()[..], [("points", points)]);
    assert_eq!((all.done(), all.ended.into_inner()), (points, 1));
    assert_eq!(finished.files, whole.files().len());
    for most in 0..=blocks {
        let mut store = Memory::default();
        let stopped = Listener::stopping_after(most);
        let ended = study.run(&mut store, &stopped);
        assert!(matches!(ended, Err(StudyError::Cancelled)), "{most}");
        assert_eq!(store.chunks().len() as u64, most);
        assert!(store.files().is_empty(), "{most}");
        let again = Listener::default();
        let resumed = study.run(&mut store, &again).unwrap();
        assert_eq!(stopped.done() + again.done(), points, "{most}");
        assert_eq!(store.files(), whole.files(), "{most}");
        assert_eq!(resumed.counts, finished.counts);
        assert_eq!(again.says("finished already"), most > 0);
    }
}

#[test]
fn a_sweep_stops_between_any_two_blocks_and_goes_on() {
    let setup = blocks();
    stops_anywhere(&SweepStudy::new(&setup).unwrap(), 4, 7);
}

#[test]
fn a_sensitivity_study_stops_between_any_two_blocks_and_goes_on() {
    for (method, samples, blocks, points) in [
        ("sobol", 1024, 2, 5120),
        ("morris", 1000, 2, 5000),
        ("prcc", 5000, 2, 5000),
    ] {
        let method = format!("sensitivity.method={method}");
        let samples = format!("sensitivity.samples={samples}");
        let output = "sensitivity.outputs=[\"observable sum at 10 d\"]";
        let setup = sensitivity(&[&method, &samples, output]);
        stops_anywhere(&SensitivityStudy::new(&setup).unwrap(), blocks, points);
    }
}

#[test]
fn a_trial_stops_during_its_pool_and_during_its_experiments() {
    let setup = trial();
    let study = TrialStudy::new(&setup, TableFormat::Csv).unwrap();
    let all = Listener::default();
    study.run(&mut Memory::default(), &all).unwrap();
    let stages = all.begun.into_inner().unwrap();
    assert_eq!(stages, [("lives", 1200), ("experiments", 8 * 10)]);
    let blocks = all.blocks.into_inner();
    // Three of the pool, and one of every design, size and treatment.
    assert_eq!(blocks, 3 + 8);
    for most in [0, 1, 2, 3, 4, 7, blocks] {
        let mut store = Memory::default();
        let stopped = Listener::stopping_after(most);
        let ended = study.run(&mut store, &stopped);
        assert!(matches!(ended, Err(StudyError::Cancelled)), "{most}");
        // Nothing went on after it was stopped.
        assert_eq!(stopped.blocks.into_inner(), most.max(1));
        assert!(store.files().is_empty());
    }
}

#[test]
fn a_trial_says_once_what_it_does_not_use() {
    let said = |cohort: &str| {
        let drug = include_str!("../fixtures/scenarios/drug.toml");
        let text = format!(
            "{drug}\n[cohort]\nsubjects = 8\n{cohort}\n\
             [trial]\npool = 100\nreplicates = 10\ngroup_sizes = [4]\n"
        );
        let setup = setup("model", &text, &[]);
        let study = TrialStudy::new(&setup, TableFormat::Csv).unwrap();
        let heard = Listener::default();
        study.run(&mut Memory::default(), &heard).unwrap();
        let said = heard.said.into_inner().unwrap();
        let said = said.into_iter().filter(|it| it.contains("does not use"));
        said.collect::<Vec<String>>()
    };
    let used = "sex = \"male\"\nother_deaths = \"none\"\nendpoint = \"paralysis\"";
    assert!(said(used).is_empty());
    let not_used = "litters = \"single\"\nlow_copy = \"excluded\"\nvisits = [\"60 d\"]";
    let sentences = said(not_used);
    assert_eq!(sentences.len(), 1);
    let words = "does not use `litters`, `low_copy`, `visits` of `[cohort]`";
    assert!(sentences[0].contains(words), "{}", sentences[0]);
}

#[test]
fn what_was_kept_and_does_not_fit_is_named_and_simulated_again() {
    let (blocks, factors) = (blocks(), sensitivity(&["sensitivity.samples=2048"]));
    let studies: [&dyn Study; 2] = [
        &SweepStudy::new(&blocks).unwrap(),
        &SensitivityStudy::new(&factors).unwrap(),
    ];
    for study in studies {
        let mut store = Memory::default();
        study.run(&mut store, &Silent).unwrap();
        let whole = store.clone();
        let (first, second) = (&whole.chunks()[&1], &whole.chunks()[&2]);
        for damaged in [&first[..first.len() / 2], second, b""] {
            let mut store = whole.clone();
            store.keep_chunk(1, damaged).unwrap();
            let heard = Listener::default();
            study.run(&mut store, &heard).unwrap();
            assert!(heard.says("`part 1 in memory` cannot be used"));
            assert_eq!(store.files(), whole.files());
            assert_eq!(store.chunks(), whole.chunks());
        }
    }
}

#[test]
fn shards_in_memory_are_the_whole() {
    let setup = blocks();
    let whole = {
        let mut store = Memory::default();
        let study = SweepStudy::new(&setup).unwrap();
        study.run(&mut store, &Silent).unwrap();
        store
    };
    let made: Vec<(Shard, String, Memory)> = ["3/3", "1/3", "2/3"]
        .into_iter()
        .map(|text| {
            let shard: Shard = text.parse().unwrap();
            let study = SweepStudy::new(&setup).unwrap().with_shard(shard);
            assert_eq!(study.command(), format!("sweep --shard {text}"));
            let mut store = Memory::default();
            study.run(&mut store, &Silent).unwrap();
            (shard, study.fingerprint(), store)
        })
        .collect();
    let of = |place: usize| {
        let (shard, fingerprint, saved) = &made[place];
        SweepPart {
            shard: *shard,
            fingerprint: fingerprint.clone(),
            saved,
        }
    };
    let merge = |chosen: &[usize], format| {
        let parts = chosen.iter().map(|&place| of(place));
        let study = MergeStudy::new(&setup, parts.collect(), format)?;
        let mut store = Memory::default();
        study.run(&mut store, &Silent)?;
        Ok::<_, StudyError>(store)
    };
    let merged = merge(&[0, 1, 2], TableFormat::Parquet).unwrap();
    assert_eq!(merged.files(), whole.files());
    // What does not make the whole is told from what does.
    for (chosen, told) in [
        (&[0, 1][..], "points 3 to 4 are in no shard"),
        (&[0, 1, 1, 2], "are in another shard too"),
        (&[], "points 1 to 7 are in no shard"),
    ] {
        let Err(refused) = merge(chosen, TableFormat::Parquet) else {
            panic!("{chosen:?} were merged");
        };
        assert!(refused.to_string().contains(told), "{refused}");
    }
    // A shard under the name of another one is none.
    let swapped = SweepPart {
        saved: &made[0].2,
        ..of(1)
    };
    let study = MergeStudy::new(&setup, vec![swapped, of(0), of(2)], TableFormat::Csv).unwrap();
    let refused = study.run(&mut Memory::default(), &Silent);
    assert!(matches!(refused, Err(StudyError::Mismatch { .. })));
    let mut other = of(1);
    other.fingerprint.replace_range(..1, "x");
    let refused = MergeStudy::new(&setup, vec![other, of(0), of(2)], TableFormat::Csv);
    assert!(matches!(refused, Err(StudyError::Mismatch { .. })));
}

#[test]
fn a_finished_study_is_written_in_another_format_and_drawn_again() {
    let setup = blocks();
    let of = |format| {
        let study = SweepStudy::new(&setup).unwrap().with_format(format);
        let mut store = Memory::default();
        let finished = study.run(&mut store, &Silent).unwrap();
        (study, store, finished.counts)
    };
    let (csv, as_csv, counts) = of(TableFormat::Csv);
    let (parquet, as_parquet, _) = of(TableFormat::Parquet);
    for (study, from, to) in [
        (&csv, &as_parquet, &as_csv),
        (&parquet, &as_csv, &as_parquet),
    ] {
        let mut store = Memory::default();
        study.rewrite(from, &mut store, &Silent).unwrap();
        assert_eq!(store.files(), to.files());
        assert_eq!(study.recount(from).unwrap().counts, counts);
        for (name, bytes) in draw_sweep(&setup, from, &Silent).unwrap() {
            assert_eq!(from.file(&name), Some(&bytes[..]), "{name}");
        }
    }
    let setup = sensitivity(&["sensitivity.samples=64"]);
    let of = |format| {
        let study = SensitivityStudy::new(&setup).unwrap().with_format(format);
        let mut store = Memory::default();
        study.run(&mut store, &Silent).unwrap();
        (study, store)
    };
    let (csv, as_csv) = of(TableFormat::Csv);
    let (_, as_parquet) = of(TableFormat::Parquet);
    let mut store = Memory::default();
    csv.rewrite(&as_parquet, &mut store).unwrap();
    assert_eq!(store.files(), as_csv.files());
    for (name, bytes) in csv.draw(&as_parquet, &Silent).unwrap() {
        assert_eq!(as_csv.file(&name), Some(&bytes[..]), "{name}");
    }
}

/// About 3 % of the points fail: the first of them fails again in a run with what it says to set.
#[test]
fn the_first_point_that_failed_can_be_run_again() {
    let set = [
        "sensitivity.factors=[\"a\", \"b\", \"gain\"]",
        "sensitivity.outputs=[\"observable sum at 20 d\"]",
    ];
    let setup = sensitivity(&set);
    let study = SensitivityStudy::new(&setup).unwrap();
    let mut store = Memory::default();
    let finished = study.run(&mut store, &Silent).unwrap();
    assert!(finished.counts.failed > 10);
    let first = finished.first_failure.unwrap();
    assert_eq!(first.settings.len(), 3);
    // Gone on with, it is the same point.
    let resumed = study.run(&mut store, &Silent).unwrap();
    assert_eq!(resumed.first_failure.as_ref(), Some(&first));
    let settings: Vec<&str> = first.settings.iter().map(String::as_str).collect();
    let again = sensitivity(&[&set[..], &settings].concat());
    let run = gutbrain::study::RunStudy::new(&again);
    let run = run.run(&mut Memory::default(), &Silent).unwrap();
    assert_eq!(run.counts, Counts::new(1, 1));
    assert_eq!(run.first_failure.unwrap().reason, first.reason);
}
