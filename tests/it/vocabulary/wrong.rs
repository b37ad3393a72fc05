//! What is wrong with a family is said with its place and a remedy.

use std::path::Path;

use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain_network::{Declaration, Source};

const FAMILY: &str = include_str!("../../fixtures/toy-family/families/worm.toml");
const WORM: &str = include_str!("../../fixtures/toy-family/worm.toml");
const SUBJECT: &str = include_str!("../../fixtures/toy-family/subjects/worm-n2.toml");

fn read(family: &str) -> Result<Declaration, String> {
    let files = [
        Source::new("worm.toml", WORM),
        Source::new("families/worm.toml", family),
        Source::new("subjects/worm-n2.toml", SUBJECT),
    ];
    Declaration::read(&files).map_err(|faults| faults.to_string())
}

#[test]
fn every_mistake_in_a_family_has_its_code() {
    assert!(read(FAMILY).is_ok());
    for (right, wrong, expected) in [
        (
            "carriers = [\"drying\"]",
            "carriers = [\"dryin\"]",
            "no pathway `dryin`",
        ),
        (
            "show = [\"suppleness\", \"water\"]",
            "show = [\"supplenes\"]",
            "no observable or species `supplenes`",
        ),
        (
            "summary = [\"suppleness\"]",
            "summary = [\"wear\"]",
            "no observable or species `wear`",
        ),
        (
            "shared_variance = \"clutch_share\"",
            "shared_variance = \"clutch\"",
            "no parameter `clutch`",
        ),
        ("water = [", "wine = [", "no species or assignment `wine`"),
        (
            "first_of = [\"last-rest\"]",
            "first_of = [\"rest\"]",
            "no endpoint `rest`",
        ),
        (
            "role = \"death\"",
            "role = \"onset\"",
            "two endpoints have the role `onset`",
        ),
        ("role = \"death\"", "role = \"end\"", "cannot be `end`"),
        (
            "word = \"until-stiff\"",
            "word = \"until-rest\"",
            "`until-rest` is declared twice",
        ),
        (
            "word = \"wear-and-water\"",
            "word = \"Wear\"",
            "`Wear` is no word",
        ),
        (
            "word = \"stiffening\"\nsays",
            "word = \"life\"\nsays",
            "means something else",
        ),
        (
            "label = \"The worm\"",
            "title = \"The worm\"",
            "unknown key `title`",
        ),
        (
            "word = \"worm\"",
            "word = \"fly\"",
            "`compartment.worm.region` cannot be `worm`",
        ),
    ] {
        assert!(FAMILY.contains(right), "{right}");
        let message = read(&FAMILY.replace(right, wrong)).expect_err(wrong);
        assert!(message.contains(expected), "{wrong}: {message}");
        assert!(message.contains("worm.toml"), "{wrong}: {message}");
    }
    let (ends, _) = FAMILY.split_once("[[survival]]").expect("ends");
    let message = read(ends).expect_err("no end of survival");
    assert!(message.contains("`survival` is missing"), "{message}");
}

#[test]
fn a_model_has_one_family_and_subjects_of_that_family() {
    let files = [
        Source::new("worm.toml", WORM),
        Source::new("families/worm.toml", FAMILY),
        Source::new("families/fly.toml", FAMILY),
    ];
    let message = Declaration::read(&files)
        .expect_err("two families")
        .to_string();
    assert!(message.contains("one family"), "{message}");
    let files = [
        Source::new("worm.toml", WORM),
        Source::new("families/fly.toml", FAMILY),
        Source::new("subjects/worm-n2.toml", SUBJECT),
    ];
    let message = Declaration::read(&files)
        .expect_err("a worm among flies")
        .to_string();
    assert!(message.contains("another family: `worm`"), "{message}");
}

#[test]
fn the_words_of_every_model_are_not_declared_again() {
    let mut files = InMemory::default();
    files.put("m/worm.toml", WORM);
    let family = FAMILY.replace("wear-and-water", "survival");
    files.put("m/families/worm.toml", family);
    let message = Model::load_in(&files, Path::new("m"))
        .expect_err("a kind of every model")
        .to_string();
    assert!(
        message.contains("every model has a figure `survival`"),
        "{message}"
    );
}

#[test]
fn a_vocabulary_has_a_fingerprint_of_its_own() {
    let (one, other) = (
        read(FAMILY),
        read(&FAMILY.replace("The worm stiffens", "It stiffens")),
    );
    let (one, other) = (one.expect("sound"), other.expect("sound"));
    assert_eq!(one.hash(), other.hash());
    assert_eq!(one.dynamics_hash([]), other.dynamics_hash([]));
    assert_ne!(one.vocabulary_hash(), other.vocabulary_hash());
}
