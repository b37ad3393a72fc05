//! What makes finished parts of a study those of another one: numbers and structure, not words.

use gutbrain::analysis::sensitivity::Study;
use gutbrain::model::Model;
use gutbrain::results::sensitivity::factor_table;
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{SensitivityStudy, Setup, SweepStudy};
use gutbrain_network::{Declaration, Source};

use super::population::BASE;

const MODEL: &str = include_str!("../fixtures/cohort/model.toml");
const FAMILY: &str = include_str!("../fixtures/cohort/family.toml");

fn model(text: &str, family: &str) -> Model {
    let animal = include_str!("../fixtures/cohort/animal.toml");
    let files = [
        Source::new("model/model.toml", text),
        Source::new("model/subjects/animal.toml", animal),
        Source::new("model/families/mouse.toml", family),
    ];
    let declaration = Declaration::read(&files).unwrap_or_else(|faults| panic!("{faults}"));
    Model::new(declaration, "words")
}

/// The fingerprints of a sweep and of a study.
fn prints(model: Model) -> [String; 2] {
    let factor = "target = \"gain\"\nvalues = [\"0.01 1/day\", \"0.02 1/day\"]\n";
    let text = format!(
        "{BASE}[sweep]\n[[sweep.factor]]\n{factor}[sensitivity]\nmethod = \"morris\"\nsamples = 4\n\
         factors = [\"rate\", \"gain\"]\n"
    );
    let file = ScenarioFile::parse(&Source::new("test.toml", text.as_str())).expect("a scenario");
    let setup = Setup::new(model, file).unwrap_or_else(|faults| panic!("{faults}"));
    let sweep = SweepStudy::new(&setup).expect("a sweep").fingerprint();
    let study = SensitivityStudy::new(&setup)
        .expect("a study")
        .fingerprint();
    [sweep, study.expect("a fingerprint")]
}

#[test]
fn parts_are_those_of_another_study_when_a_number_moves_and_not_when_a_word_does() {
    let usual = prints(model(MODEL, FAMILY));
    let changed = |from: &str, to: &str| {
        assert!(MODEL.contains(from), "no `{from}`");
        prints(model(&MODEL.replacen(from, to, 1), FAMILY))
    };
    assert_eq!(changed("says = \"", "says = \"Well, "), usual);
    let sentences = MODEL.replace("says = \"", "says = \"Well, ");
    assert_eq!(prints(model(&sentences, FAMILY)), usual);
    let family = FAMILY.replace("says = \"", "says = \"Well, ");
    assert_ne!(family, FAMILY);
    assert_eq!(prints(model(MODEL, &family)), usual);
    for [from, to] in [
        ["value = 0.0075", "value = 0.00751"],
        ["between_subject = 0.3", "between_subject = 0.31"],
        ["range = [0.001, 0.1]", "range = [0.001, 0.11]"],
    ] {
        for (found, before) in changed(from, to).iter().zip(&usual) {
            assert_ne!(found, before, "{to}");
        }
    }
}

#[test]
fn a_study_is_another_one_when_its_groups_or_grades_are() {
    let text = MODEL;
    let split = |rest: &str, moved: &str| {
        let files = [
            Source::new("model/model.toml", rest),
            Source::new("model/other.toml", moved),
            Source::new(
                "model/subjects/animal.toml",
                include_str!("../fixtures/cohort/animal.toml"),
            ),
            Source::new(
                "model/families/mouse.toml",
                include_str!("../fixtures/cohort/family.toml"),
            ),
        ];
        let declaration = Declaration::read(&files).unwrap_or_else(|faults| panic!("{faults}"));
        Model::new(declaration, "groups")
    };
    let start = text.find("[parameter.gain]").unwrap();
    let end = start + text[start..].find("\n\n").unwrap() + 2;
    let moved = &text[start..end];
    let whole = split(text, "");
    let parted = split(&text.replace(moved, ""), moved);
    // The numbers are the same, and the model's hash is theirs.
    assert_eq!(whole.hash, parted.hash);
    let rests_on = |model: &Model| {
        let text = format!(
            "{BASE}[sensitivity]\nmethod = \"morris\"\nsamples = 4\ngroups = \"compartment\"\n\
             factors = [\"rate\", \"gain\"]\n"
        );
        let file = ScenarioFile::parse(&Source::new("test.toml", text.as_str())).unwrap();
        let scenario = file
            .check(model)
            .unwrap_or_else(|faults| panic!("{faults}"));
        let study = Study::new(model, &file, &scenario).unwrap();
        // What goes into the fingerprint of a study besides the numbers of the model.
        factor_table(&study).to_csv().unwrap()
    };
    assert_eq!(rests_on(&whole), rests_on(&whole));
    assert_ne!(rests_on(&whole), rests_on(&parted));
}
