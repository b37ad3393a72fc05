//! What frameworks of credibility ask of a simulation: answered where the program knows, marked where a person
//! must answer.
//!
//! The questions are those of the ten rules of credible practice, of CURE (credible, understandable, reproducible,
//! extensible), of MIASE (minimum information about a simulation experiment) and of ASME V&V 40, each in our words.

use gutbrain_store::SavedRun;
use serde_json::{Value, json};

/// A question, and what the program knows of it; nothing where a person must answer.
struct Item {
    asks: &'static str,
    known: Option<String>,
}

fn known(asks: &'static str, answer: impl Into<String>) -> Item {
    Item {
        asks,
        known: Some(answer.into()),
    }
}

fn open(asks: &'static str) -> Item {
    Item { asks, known: None }
}

/// The frameworks with their questions.
pub(crate) fn frameworks(saved: &SavedRun, assumptions: &Value) -> Vec<Value> {
    let manifest = saved.manifest();
    let solver = &manifest.solver;
    let model = format!(
        "{}{}, SHA-256 {}",
        manifest.model.label,
        match manifest.model.variant.as_str() {
            "" => String::new(),
            variant => format!(", variant {variant}"),
        },
        manifest.model.sha256
    );
    let failed = format!(
        "{} of {} runs failed",
        manifest.runs.failed, manifest.runs.requested
    );
    let counted = |key: &str| assumptions[key].as_u64().unwrap_or_default();
    let rests = match assumptions {
        Value::Null => "the tables of parameters and targets above".to_owned(),
        _ => format!(
            "{} parameters rest on evidence alone, {} on evidence with an assumed size, {} on assumptions alone",
            counted("evidence"),
            counted("both"),
            counted("assumed")
        ),
    };
    let changes = match manifest.changes.as_slice() {
        [] => {
            "the text at the end of this page; nothing was changed on the command line".to_owned()
        }
        changes => format!(
            "the text at the end of this page, and {}",
            changes.join(", ")
        ),
    };
    let solved = match solver.method.as_str() {
        "" => "the text at the end of this page".to_owned(),
        method => format!(
            "{method}, relative tolerance {:e}, absolute {:e} of the scale of each quantity; seed {}",
            solver.rtol, solver.atol, manifest.seed
        ),
    };
    let version = format!("gutbrain {}; model {model}", manifest.version);
    let files = format!(
        "{} files with their hashes, listed below",
        manifest.files.len()
    );
    let of = |name: &str, items: Vec<Item>| {
        let items: Vec<Value> = items
            .into_iter()
            .map(|item| json!({ "asks": item.asks, "known": item.known }))
            .collect();
        json!({ "name": name, "items": items })
    };
    vec![
        of(
            "Ten rules of credible practice",
            vec![
                open("For which question is the answer to be used, and how wrong may it be?"),
                known("Which data does it rest on?", rests.clone()),
                known(
                    "How was it judged?",
                    "by the evidence that was kept from the fit: `gutbrain validate` prints the scoreboard, misses \
                     first",
                ),
                known("What are its limits?", format!("{failed}; {rests}")),
                known("Which version is it?", version.clone()),
                known(
                    "Where is it documented?",
                    "every equation and number with its evidence: `gutbrain model list --markdown`",
                ),
                open("To whom was it shown, and where can it be had?"),
                open("Who has looked at it that did not make it?"),
                known(
                    "Does another program give the same?",
                    "`gutbrain model export` writes SBML, which other simulators run; the project's check compares \
                     them",
                ),
                known(
                    "Which standards does it follow?",
                    "SBML Level 3 Version 2, SED-ML, COMBINE archive, PEtab",
                ),
            ],
        ),
        of(
            "CURE",
            vec![
                known("Credible", "see the ten rules"),
                known(
                    "Understandable",
                    "units on every quantity, a sentence for every entry of the model",
                ),
                known(
                    "Reproducible",
                    "the same text, model and version give the same bytes",
                ),
                known(
                    "Extensible",
                    "the model is text: another folder, or one of its variants, is another model",
                ),
            ],
        ),
        of(
            "MIASE",
            vec![
                known(
                    "Which model, and what was changed in it?",
                    format!("{model}; {changes}"),
                ),
                known("How was it solved?", solved),
                known("What was made of the results?", files),
            ],
        ),
        of(
            "ASME V&V 40",
            vec![
                open("The question of interest"),
                open("The context of use"),
                open("How much the model decides, and what a wrong decision does"),
                known(
                    "Verification of the code",
                    "tests against analytic solutions and other programs, which the project's check runs",
                ),
                known(
                    "Verification of this calculation",
                    format!("{failed}; the tolerances above hold the error of each step"),
                ),
                known("Validation", "the scoreboard of `gutbrain validate`"),
                open("Whether what it was validated on applies here"),
            ],
        ),
    ]
}
