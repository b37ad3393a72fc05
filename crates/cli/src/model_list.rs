//! `gutbrain model list`: everything the model declares, one line each.

use clap::ValueEnum;
use gutbrain_network::declaration::{Declaration, Role};

use super::Ending;
use super::failure::Failure;
use super::layout::{Align, columns, short};
use super::options::ModelOptions;
use super::terminal::{Terminal, Tone};
use gutbrain::report::documents::model_page;

/// Options of `model list`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only this kind
    #[arg(value_enum)]
    kind: Option<Kind>,
    /// Everything as a page of documentation: equations, numbers, evidence
    #[arg(long, conflicts_with = "kind")]
    markdown: bool,
    #[command(flatten)]
    model: ModelOptions,
}

/// Kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Where things are
    Compartments,
    /// Quantities that processes change
    Species,
    /// Numbers
    Parameters,
    /// What happens
    Processes,
    /// Factors on what happens
    Modulators,
    /// Quantities that follow from others at once
    Assignments,
    /// What a laboratory measures
    Observables,
    /// Moments such as onset and death
    Events,
    /// What an experimenter may do
    Interventions,
    /// Kinds of animals
    Subjects,
    /// Other choices of structure
    Variants,
}

/// Prints the lists.
pub(super) fn list(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let model = options.model.load()?;
    if options.markdown {
        terminal.print(&model_page(&model.declaration))?;
        return Ok(Ending::Done);
    }
    let kinds = options
        .kind
        .map_or_else(|| Kind::value_variants().to_vec(), |kind| vec![kind]);
    let mut out = String::new();
    for kind in kinds {
        let (heading, align, rows) = rows(kind, &model.declaration);
        if rows.is_empty() && options.kind.is_none() {
            continue;
        }
        let name = kind
            .to_possible_value()
            .map_or_else(String::new, |v| v.get_name().to_owned());
        let title = terminal.tone(Tone::Strong, &format!("{name} ({})", rows.len()));
        let heading: Vec<String> = heading.iter().map(|&word| word.to_owned()).collect();
        let table: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
        out.push_str(&format!("{title}\n{}\n", columns(&table, align, terminal)));
    }
    terminal.print(&out)?;
    Ok(Ending::Done)
}

type Rows = (&'static [&'static str], &'static [Align], Vec<Vec<String>>);

const WORDS: &[Align] = &[Align::Left, Align::Left, Align::Left, Align::Left];

fn on_or_off(enabled: bool) -> String {
    if enabled {
        String::new()
    } else {
        "off".to_owned()
    }
}

fn rows(kind: Kind, declaration: &Declaration) -> Rows {
    let text = |option: &Option<String>| option.clone().unwrap_or_default();
    match kind {
        Kind::Compartments => (
            &["id", "region", "what"],
            WORDS,
            declaration
                .compartments
                .iter()
                .map(|(id, c)| vec![id.clone(), c.region.clone(), c.common.says.clone()])
                .collect(),
        ),
        Kind::Species => (
            &["id", "where", "unit", "what"],
            WORDS,
            declaration
                .species
                .iter()
                .map(|(id, s)| {
                    let place = s.compartment.value.clone();
                    vec![id.clone(), place, s.unit.to_string(), s.common.says.clone()]
                })
                .collect(),
        ),
        Kind::Parameters => (
            &["id", "value", "unit", "rests on", "what"],
            &[
                Align::Left,
                Align::Right,
                Align::Left,
                Align::Left,
                Align::Left,
            ],
            declaration
                .parameters
                .iter()
                .map(|(id, p)| {
                    let common = &p.common;
                    let ground = match (p.role, common.evidence.is_empty(), &common.assumed) {
                        (Role::Input, _, _) => "input",
                        (_, true, _) => "assumed",
                        (_, false, None) => "evidence",
                        (_, false, Some(_)) => "both",
                    };
                    let (unit, says) = (p.unit.to_string(), common.says.clone());
                    vec![id.clone(), short(p.value), unit, ground.to_owned(), says]
                })
                .collect(),
        ),
        Kind::Processes => (
            &["id", "pathway", "", "what"],
            WORDS,
            declaration
                .processes
                .iter()
                .map(|(id, p)| {
                    let off = on_or_off(p.enabled);
                    vec![id.clone(), text(&p.pathway), off, p.common.says.clone()]
                })
                .collect(),
        ),
        Kind::Modulators => (
            &["id", "pathway", "", "what"],
            WORDS,
            declaration
                .modulators
                .iter()
                .map(|(id, m)| {
                    let off = on_or_off(m.enabled);
                    vec![id.clone(), text(&m.pathway), off, m.common.says.clone()]
                })
                .collect(),
        ),
        Kind::Assignments => (
            &["id", "unit", "what"],
            WORDS,
            declaration
                .assignments
                .iter()
                .map(|(id, a)| vec![id.clone(), a.unit.to_string(), a.common.says.clone()])
                .collect(),
        ),
        Kind::Observables => (
            &["id", "unit", "what"],
            WORDS,
            declaration
                .observables
                .iter()
                .map(|(id, o)| vec![id.clone(), o.unit.to_string(), o.common.says.clone()])
                .collect(),
        ),
        Kind::Events => (
            &["id", "when", "what"],
            WORDS,
            declaration
                .events
                .iter()
                .map(|(id, e)| {
                    let when = format!("{} {} 0", e.when.text(), e.direction.word());
                    vec![id.clone(), when, e.common.says.clone()]
                })
                .collect(),
        ),
        Kind::Interventions => (
            &["id", "dose in", "what"],
            WORDS,
            declaration
                .interventions
                .iter()
                .map(|(id, i)| vec![id.clone(), i.dose.unit.to_string(), i.common.says.clone()])
                .collect(),
        ),
        Kind::Subjects => (
            &["id", "strain", "genotype", "what"],
            WORDS,
            declaration
                .subjects
                .iter()
                .map(|(id, s)| {
                    vec![
                        id.clone(),
                        text(&s.strain),
                        text(&s.genotype),
                        s.says.clone(),
                    ]
                })
                .collect(),
        ),
        Kind::Variants => (
            &["id", "what"],
            WORDS,
            declaration
                .variants
                .iter()
                .map(|(id, v)| vec![id.clone(), v.common.says.clone()])
                .collect(),
        ),
    }
}
