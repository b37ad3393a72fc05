//! Who counts as healthy in a study of biomarkers, and what is said of those who do not.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Mutex;

use gutbrain::model::Model;
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{BiomarkerStudy, Memory, Progress, Setup, Study as _, StudyError};
use gutbrain_network::Source;

/// Keeps what it hears as warnings.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn begin(&self, _: &'static str, _: u64) {}

    fn advance(&self, _: u64, _: u64) {}

    fn end(&self) {}

    fn is_cancelled(&self) -> bool {
        false
    }

    fn warn(&self, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }

    fn note(&self, _: &str) {}
}

/// Two arms of which both may fall ill, up to this age; what is said, and the summary.
fn asked(stop: &str, arms: &str) -> (Result<String, StudyError>, Vec<String>) {
    let text = format!(
        "[subject]\npreset = \"mouse-g93a-b6sjl\"\n[simulation]\nstart = \"30 d\"\nstop = \"{stop}\"\n[cohort]\n\
         subjects = 48\narms = \"{arms}\"\nother_deaths = \"none\"\nvisits = [\"60 d\", \"70 d\", \"80 d\", \"90 d\"]\n[[arm]]\nname = \
         \"untreated\"\n[[arm]]\nname = \"other\"\n"
    );
    let file = ScenarioFile::parse(&Source::new("test.toml", text)).unwrap();
    let setup = Setup::new(Model::builtin().unwrap(), file).unwrap();
    let (mut store, heard) = (Memory::default(), Heard::default());
    let done = BiomarkerStudy::new(&setup).unwrap().run(&mut store, &heard);
    let summary = || String::from_utf8_lossy(store.file("summary.json").unwrap()).into_owned();
    (done.map(|_| summary()), heard.0.into_inner().unwrap())
}

#[test]
fn an_arm_that_falls_ill_is_no_control() {
    let (refused, _) = asked("180 d", "randomised");
    let words = refused.unwrap_err().to_string();
    assert!(
        words.contains("`untreated`, is no control: 48 of its animals"),
        "{words}"
    );
}

#[test]
fn those_of_the_first_arm_who_fall_ill_are_left_out_and_counted() {
    let (summary, said) = asked("98 d", "twins");
    summary.unwrap();
    let left_out = said
        .iter()
        .find(|it| it.contains("are no controls and are left out"));
    let number: u64 = left_out
        .and_then(|it| it.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("{said:?}"));
    assert!((1..48).contains(&number), "{said:?}");
    assert!(
        said.iter()
            .any(|it| it.contains("the same animals in two arms")),
        "{said:?}"
    );
}
