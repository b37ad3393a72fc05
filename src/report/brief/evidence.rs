//! The ledger of evidence as lists.

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Common, Evidence, Grade, Role, Use};

use super::{Align, Brief, Span, Tone, heading};
use crate::report::documents::{missing_from, references};

/// Which rows are listed: all without a choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Only rows of this use.
    pub role: Option<Use>,
    /// Only rows of this grade.
    pub grade: Option<Grade>,
}

/// A word that stands for no use and no grade.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is none of {}", known.join(", "))]
pub struct UnknownWord {
    /// What was asked for.
    pub word: String,
    /// The words that there are.
    pub known: Vec<&'static str>,
}

fn find<T: Copy>(words: &[(&'static str, T)], word: &str) -> Result<T, UnknownWord> {
    let found = words.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value).ok_or_else(|| UnknownWord {
        word: word.to_owned(),
        known: words.iter().map(|(known, _)| *known).collect(),
    })
}

impl Chosen {
    /// The choice of these words.
    ///
    /// # Errors
    /// One of them stands for nothing.
    pub fn named(role: Option<&str>, grade: Option<&str>) -> Result<Self, UnknownWord> {
        Ok(Self {
            role: role.map(|word| find(Use::WORDS, word)).transpose()?,
            grade: grade.map(|word| find(Grade::WORDS, word)).transpose()?,
        })
    }

    fn holds(self, row: &Evidence) -> bool {
        self.role.is_none_or(|role| role == row.role)
            && self.grade.is_none_or(|grade| grade == row.grade)
    }
}

/// The rows: grade, use, what was found and of what.
#[must_use]
pub fn ledger(declaration: &Declaration, chosen: Chosen) -> Brief {
    let mut rows = vec![heading(["row", "grade", "use", "found", "what"])];
    for (id, row) in &declaration.evidence {
        if chosen.holds(row) {
            rows.push(vec![
                id.clone(),
                row.grade.word().to_owned(),
                row.role.word().to_owned(),
                finding(row),
                row.quantity.clone().unwrap_or_default(),
            ]);
        }
    }
    let count = rows.len() - 1;
    let mut brief = Brief::default();
    brief.table(rows, &[Align::Left; 5]);
    brief.gap();
    let all = declaration.evidence.len();
    brief.spans([Span::plain(format!("{count} of {all} rows"))]);
    brief
}

/// What a row found, in a few words.
fn finding(row: &Evidence) -> String {
    let unit = row.unit.as_ref().map_or("", |unit| unit.value.as_str());
    let unit = if unit == "1" { "" } else { unit };
    let bound = row.bound.clone().unwrap_or_default();
    let text = match (row.value, row.sign.as_deref()) {
        (Some(value), _) => {
            let spread = row
                .spread
                .map_or_else(String::new, |spread| format!(" \u{b1} {spread}"));
            format!("{bound} {value}{spread} {unit}")
        }
        (None, Some(sign)) => sign.to_owned(),
        (None, None) if !row.values.is_empty() => {
            let values: Vec<String> = row.values.values().map(f64::to_string).collect();
            format!("{} {unit}", values.join("; "))
        }
        (None, None) => String::new(),
    };
    text.trim().to_owned()
}

/// Names with a reason each.
type Reasons = Vec<(String, String)>;

/// Gaps, rows that nothing in the model uses, and what rests on no evidence.
#[must_use]
pub fn missing(declaration: &Declaration) -> Brief {
    let d = declaration;
    let rows = |keep: &dyn Fn(&str, &Evidence) -> bool| -> Reasons {
        (d.evidence.iter())
            .filter(|(id, row)| keep(id, row))
            .map(|(id, row)| (id.clone(), row.quantity.clone().unwrap_or_default()))
            .collect()
    };
    let unspoken = |id: &str, row: &Evidence| {
        row.grade != Grade::Gap && row.expects.is_empty() && d.about(id).is_empty()
    };
    let cannot = (d.evidence.iter())
        .filter_map(|(id, row)| Some((id.clone(), row.not_representable.clone()?)));
    let numbers = (d.parameters.iter()).filter(|(_, it)| it.role == Role::Property);
    let numbers = numbers.map(|(id, it)| (id, &it.common));
    let processes = d.processes.iter().map(|(id, it)| (id, &it.common));
    let modulators = d.modulators.iter().map(|(id, it)| (id, &it.common));
    let sections = [
        (
            "looked for and not found",
            rows(&|_, row| row.grade == Grade::Gap),
        ),
        (
            "rows that nothing in the model speaks about",
            rows(&unspoken),
        ),
        ("works that are not cited in full", not_in_full(d)),
        (
            "rows to be shown that the model cannot show",
            cannot.collect(),
        ),
        ("numbers that rest on no evidence", assumed(numbers)),
        ("processes that rest on no evidence", assumed(processes)),
        ("modulators that rest on no evidence", assumed(modulators)),
    ];
    let mut brief = Brief::default();
    for (title, rows) in sections {
        brief.title(format!("{title} ({})", rows.len()));
        for (name, why) in rows {
            brief.spans([
                Span::plain(format!("  {name}  ")),
                Span::toned(Tone::Faint, why),
            ]);
        }
        brief.gap();
    }
    brief
}

/// Works of which the ledger does not know everything that a citation has.
fn not_in_full(declaration: &Declaration) -> Reasons {
    let rows = declaration.evidence.keys().map(String::as_str);
    let works = references(declaration, rows);
    let debts = works.iter().filter_map(|work| {
        let missing = missing_from(work);
        let why = format!("no {} ({})", missing.join(", no "), work.source);
        (!missing.is_empty()).then(|| (work.key.clone(), why))
    });
    debts.collect()
}

/// Entries without evidence, with the reason of the assumption.
fn assumed<'e>(entries: impl Iterator<Item = (&'e String, &'e Common)>) -> Reasons {
    let bare = entries.filter(|(_, it)| it.evidence.is_empty());
    bare.map(|(id, it)| (id.clone(), it.assumed.clone().unwrap_or_default()))
        .collect()
}

/// Pairs of rows that contradict each other, each pair once.
#[must_use]
pub fn conflicts(declaration: &Declaration) -> Brief {
    let mut brief = Brief::default();
    for (id, row) in &declaration.evidence {
        for other in &row.conflicts_with {
            // Conflicts are said on both sides.
            let Some(opposed) = declaration.evidence.get(&other.value) else {
                continue;
            };
            if *id > other.value {
                continue;
            }
            brief.title(format!("{id} against {}", other.value));
            for (id, row) in [(id, row), (&other.value, opposed)] {
                let (grade, role) = (row.grade.word(), row.role.word());
                brief.line(format!("{id} ({grade}, {role}): {}", row.says));
            }
            brief.gap();
        }
    }
    brief
}
