//! `gutbrain evidence`: the ledger as lists.

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Common, Evidence, Grade, Role, Use};
use gutbrain_network::fault::escape;

use super::Ending;
use super::failure::Failure;
use super::layout::{Align, columns};
use super::model_show;
use super::options::ModelOptions;
use super::terminal::{Terminal, Tone};
use gutbrain::report::documents::{bibtex, missing_from, references};

/// What to look at.
#[derive(Debug, clap::Subcommand)]
pub(super) enum EvidenceCommand {
    /// List the rows: grade, use, value, claim
    List(List),
    /// Show rows in full, with what in the model they speak about
    Show(model_show::Options),
    /// List gaps, rows that nothing in the model uses, and what rests on no evidence
    Missing(Missing),
    /// List rows that contradict each other
    Conflicts(ModelOnly),
    /// Print the works behind the rows as BibTeX
    Bibtex(ModelOnly),
}

/// Options of `evidence list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only rows of this role: calibrate, validate, context
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Only rows of this grade: quoted, secondary, seed, derived, unverified, gap
    #[arg(long, value_name = "GRADE")]
    grade: Option<String>,
    #[command(flatten)]
    model: ModelOptions,
}

/// Options of `evidence missing`.
#[derive(Debug, clap::Args)]
pub(super) struct Missing {
    #[command(flatten)]
    model: ModelOptions,
}

/// Options of commands that need a model only.
#[derive(Debug, clap::Args)]
pub(super) struct ModelOnly {
    #[command(flatten)]
    model: ModelOptions,
}

/// Runs the command.
pub(super) fn evidence(command: &EvidenceCommand, terminal: &Terminal) -> Result<Ending, Failure> {
    let text = match command {
        EvidenceCommand::List(options) => list(options, terminal)?,
        EvidenceCommand::Show(options) => return model_show::show(options, terminal),
        EvidenceCommand::Missing(options) => missing(&options.model.load()?.declaration, terminal),
        EvidenceCommand::Conflicts(options) => {
            conflicts(&options.model.load()?.declaration, terminal)
        }
        EvidenceCommand::Bibtex(options) => {
            let declaration = options.model.load()?.declaration;
            let rows = declaration.evidence.keys().map(String::as_str);
            bibtex(&references(&declaration, rows))
        }
    };
    terminal.print(&text)?;
    Ok(Ending::Done)
}

fn list(options: &List, terminal: &Terminal) -> Result<String, Failure> {
    let declaration = options.model.load()?.declaration;
    let role = options.role.as_deref().map(|word| find(Use::WORDS, word));
    let grade = options
        .grade
        .as_deref()
        .map(|word| find(Grade::WORDS, word));
    let (role, grade) = (role.transpose()?, grade.transpose()?);
    let mut rows = vec![
        ["row", "grade", "use", "found", "what"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (id, row) in &declaration.evidence {
        if role.is_some_and(|role| role != row.role)
            || grade.is_some_and(|grade| grade != row.grade)
        {
            continue;
        }
        rows.push(vec![
            id.clone(),
            row.grade.word().to_owned(),
            row.role.word().to_owned(),
            finding(row),
            row.quantity.clone().unwrap_or_default(),
        ]);
    }
    let count = rows.len() - 1;
    let mut text = columns(&rows, &[Align::Left; 5], terminal);
    text.push_str(&format!(
        "\n{count} of {} rows\n",
        declaration.evidence.len()
    ));
    Ok(text)
}

fn find<T: Copy>(words: &[(&str, T)], word: &str) -> Result<T, Failure> {
    let found = words.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        Failure::Usage(format!("`{word}` is none of {}", known.join(", ")))
    })
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

fn missing(declaration: &Declaration, terminal: &Terminal) -> String {
    let d = declaration;
    let mut out = String::new();
    let mut section = |title: &str, rows: &[(String, String)]| {
        let title = format!("{title} ({})", rows.len());
        out.push_str(&format!("{}\n", terminal.tone(Tone::Strong, &title)));
        for (name, why) in rows {
            out.push_str(&format!(
                "  {}  {}\n",
                escape(name),
                terminal.tone(Tone::Faint, &escape(why))
            ));
        }
        out.push('\n');
    };
    let rows = |keep: &dyn Fn(&str, &Evidence) -> bool| -> Vec<(String, String)> {
        (d.evidence.iter())
            .filter(|(id, row)| keep(id, row))
            .map(|(id, row)| (id.clone(), row.quantity.clone().unwrap_or_default()))
            .collect()
    };
    section(
        "looked for and not found",
        &rows(&|_, row| row.grade == Grade::Gap),
    );
    section(
        "rows that nothing in the model speaks about",
        &rows(&|id, row| {
            row.grade != Grade::Gap && row.expects.is_empty() && d.about(id).is_empty()
        }),
    );
    let works = references(d, d.evidence.keys().map(String::as_str));
    let debts: Vec<(String, String)> = (works.iter())
        .filter_map(|work| {
            let missing = missing_from(work);
            let why = format!("no {} ({})", missing.join(", no "), work.source);
            (!missing.is_empty()).then(|| (work.key.clone(), why))
        })
        .collect();
    section("works that are not cited in full", &debts);
    section(
        "rows to be shown that the model cannot show",
        &(d.evidence.iter())
            .filter_map(|(id, row)| Some((id.clone(), row.not_representable.clone()?)))
            .collect::<Vec<_>>(),
    );
    let assumed = |entries: Vec<(&String, &Common)>| -> Vec<(String, String)> {
        let bare = entries.into_iter().filter(|(_, it)| it.evidence.is_empty());
        bare.map(|(id, it)| (id.clone(), it.assumed.clone().unwrap_or_default()))
            .collect()
    };
    let numbers = d
        .parameters
        .iter()
        .filter(|(_, it)| it.role == Role::Property);
    section(
        "numbers that rest on no evidence",
        &assumed(numbers.map(|(id, it)| (id, &it.common)).collect()),
    );
    section(
        "processes that rest on no evidence",
        &assumed(
            d.processes
                .iter()
                .map(|(id, it)| (id, &it.common))
                .collect(),
        ),
    );
    section(
        "modulators that rest on no evidence",
        &assumed(
            d.modulators
                .iter()
                .map(|(id, it)| (id, &it.common))
                .collect(),
        ),
    );
    out
}

fn conflicts(declaration: &Declaration, terminal: &Terminal) -> String {
    let mut out = String::new();
    for (id, row) in &declaration.evidence {
        for other in &row.conflicts_with {
            // Each pair once: conflicts are said on both sides.
            let Some(opposed) = declaration.evidence.get(&other.value) else {
                continue;
            };
            if *id > other.value {
                continue;
            }
            let title = format!("{id} against {}", other.value);
            out.push_str(&format!("{}\n", terminal.tone(Tone::Strong, &title)));
            for (id, row) in [(id, row), (&other.value, opposed)] {
                let (grade, role) = (row.grade.word(), row.role.word());
                out.push_str(&format!(
                    "  {id} ({grade}, {role}): {}\n",
                    escape(&row.says)
                ));
            }
            out.push('\n');
        }
    }
    out
}
