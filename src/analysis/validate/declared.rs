//! `expectations.toml`: the verdicts that the repository declares.
//!
//! ```toml
//! [verdict]
//! S1-01 = ["agrees"]                       # one word for each line of the row
//! S2-10 = ["agrees", "disagrees"]
//! S8-04 = ["not representable"]
//! ```

use std::collections::BTreeMap;

use gutbrain_network::fault::Collector;
use gutbrain_network::reading::{Document, did_you_mean};
use gutbrain_network::{Code, Declaration, Fault, Faults, Source};

use super::{Line, Scoreboard, Verdict};

/// Declared verdicts by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    verdicts: BTreeMap<String, Vec<Verdict>>,
}

/// A row whose verdicts are not those declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// Its id.
    pub row: String,
    /// What was declared; empty if nothing was.
    pub declared: Vec<Verdict>,
    /// What was found.
    pub found: Vec<Verdict>,
}

/// Words of verdicts, for a sentence.
fn words(verdicts: &[Verdict]) -> String {
    let words: Vec<&str> = verdicts.iter().map(|verdict| verdict.word()).collect();
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}

/// What is said of a scoreboard beside its declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What speaks against it, each in a sentence: see [`judge_board`].
    pub objections: Vec<String>,
    /// What helps where there are objections because nothing is declared.
    pub advice: Option<String>,
    /// What there is to say where every verdict is the declared one, known disagreements among them.
    pub conclusion: Option<String>,
}

/// Judges a scoreboard: every verdict that is not the declared one is an objection; where nothing is declared,
/// every disagreement.
#[must_use]
pub fn judge_board(declared: Option<&Declared>, board: &Scoreboard) -> Judgement {
    let objections = objections(declared, board);
    let met = objections.is_empty();
    let known = board.disagreements().count();
    let plural = if known == 1 { "" } else { "s" };
    Judgement {
        objections,
        advice: (declared.is_none() && !met).then(|| {
            "disagreements that are known are declared in `expectations.toml` beside the scenarios; `--declare` \
             writes it"
                .to_owned()
        }),
        conclusion: (declared.is_some() && met && known > 0).then(|| {
            format!(
                "All verdicts are those declared in expectations.toml, {known} disagreement{plural} among them."
            )
        }),
    }
}

/// Every verdict that is not the declared one, each in a sentence; where nothing is declared, every
/// disagreement.
fn objections(declared: Option<&Declared>, board: &Scoreboard) -> Vec<String> {
    match declared {
        Some(declared) => {
            let unmet = declared.unmet(board).into_iter();
            let sentence = |it: Unmet| {
                let (wanted, found) = (words(&it.declared), words(&it.found));
                format!("{}: declared {wanted}, found {found}", it.row)
            };
            unmet.map(sentence).collect()
        }
        None => {
            let lines = board.disagreements();
            lines
                .map(|line| format!("{}: {}: {}", line.row, line.verdict.word(), line.says))
                .collect()
        }
    }
}

impl Declared {
    /// Reads the file against a model.
    ///
    /// # Errors
    /// All faults at once: unknown keys, rows and words.
    pub fn read(source: &Source, declaration: &Declaration) -> Result<Declared, Faults> {
        let document = Document::parse(source)?;
        let faults = Collector::new();
        let root = document.root(&faults);
        let mut verdicts = BTreeMap::new();
        if let Some(table) = root.sub_table("verdict") {
            for (row, place, field) in table.entries() {
                if !declaration.evidence.contains_key(row) {
                    let message = format!("there is no evidence row `{row}`");
                    let help = did_you_mean(row, declaration.evidence.keys().map(String::as_str));
                    faults.add(Fault::new(Code::UnknownEvidence, message, &place).maybe_help(help));
                }
                let mut all = Vec::new();
                for word in field.texts().unwrap_or_default() {
                    let found = Verdict::WORDS
                        .iter()
                        .find(|(known, _)| *known == word.value);
                    if let Some((_, verdict)) = found {
                        all.push(*verdict);
                    } else {
                        let message = format!("`{}` is no verdict", word.value);
                        let words = Verdict::WORDS.iter().map(|(known, _)| *known);
                        let help = did_you_mean(&word.value, words);
                        let fault = Fault::new(Code::UnknownWord, message, &word.place);
                        faults.add(fault.maybe_help(help));
                    }
                }
                verdicts.insert(row.to_owned(), all);
            }
        }
        root.finish();
        faults.finish(Declared { verdicts })
    }

    /// Every row whose verdicts differ, or that only one side has.
    #[must_use]
    pub fn unmet(&self, board: &Scoreboard) -> Vec<Unmet> {
        let found = board.verdicts();
        let rows: std::collections::BTreeSet<&String> =
            self.verdicts.keys().chain(found.keys()).collect();
        let of = |map: &BTreeMap<String, Vec<Verdict>>, row: &String| {
            map.get(row).cloned().unwrap_or_default()
        };
        rows.into_iter()
            .map(|row| Unmet {
                row: row.clone(),
                declared: of(&self.verdicts, row),
                found: of(&found, row),
            })
            .filter(|unmet| unmet.declared != unmet.found)
            .collect()
    }

    /// The disagreements of a scoreboard that are not declared: each is one that nobody has said of.
    #[must_use]
    pub fn undeclared<'a>(&self, board: &'a Scoreboard) -> Vec<&'a Line> {
        let mut open = self.verdicts.clone();
        let mut found = Vec::new();
        for line in board.disagreements() {
            let declared = open.entry(line.row.clone()).or_default();
            // Every declared word stands for one line.
            match declared.iter().position(|verdict| *verdict == line.verdict) {
                Some(place) => drop(declared.remove(place)),
                None => found.push(line),
            }
        }
        found
    }

    /// The text of a file that declares a scoreboard as it is.
    #[must_use]
    pub fn text(board: &Scoreboard) -> String {
        let mut text = String::from(
            "# The verdicts of `gutbrain validate` that this repository declares, one word for each line of a\n\
             # row. The command exits with 1 when one is no longer met; `gutbrain validate --declare` writes\n\
             # this text anew. A disagreement is declared, never tuned away.\n\n[verdict]\n",
        );
        for (row, verdicts) in board.verdicts() {
            let words: Vec<String> = verdicts
                .iter()
                .map(|verdict| format!("\"{}\"", verdict.word()))
                .collect();
            text.push_str(&format!("{row} = [{}]\n", words.join(", ")));
        }
        text
    }
}
