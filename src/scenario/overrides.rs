//! `--set NAME=VALUE`, `--seed`, `--arm`: changes of a scenario on the command line.
//!
//! `NAME` is a dotted path of the scenario (`solver.rtol`), a parameter of the model
//! (`zo1_turnover`, `parameter.zo1_turnover`), or a switch (`process.X.enabled`). Elements of lists
//! are named: `arm.butyrate.dose` is the dose of the only intervention of that arm,
//! `arm.butyrate.intervention.butyrate-water.dose` that of one of several; numbers count from 1.
//! `VALUE` is TOML, or else a text: `--set simulation.stop=200\ d` needs no quotes inside.

use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::reading::{Document, did_you_mean};
use gutbrain_network::{Code, Fault, Faults, Source};

use super::keys::{self, Kind};
use super::node::{Content, Entry, Node};

/// What the command line changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `NAME=VALUE`, in order.
    pub set: Vec<String>,
    /// The seed that wins over the file's.
    pub seed: Option<u64>,
    /// The arms to keep; all if empty.
    pub arms: Vec<String>,
}

impl Overrides {
    /// What is changed, as options of the command line: `--set NAME=VALUE`, `--seed N`, `--arm NAME`.
    pub fn as_options(&self) -> impl Iterator<Item = String> + '_ {
        let set = self.set.iter().map(|set| format!("--set {set}"));
        let seed = self.seed.iter().map(|seed| format!("--seed {seed}"));
        let arms = self.arms.iter().map(|arm| format!("--arm {arm}"));
        set.chain(seed).chain(arms)
    }
}

/// Applies them to a tree.
pub(super) fn apply(root: &mut Node, overrides: &Overrides) -> Result<(), Faults> {
    let faults = Collector::new();
    for argument in &overrides.set {
        if let Err(fault) = set(root, argument) {
            faults.add(*fault);
        }
    }
    if let Some(seed) = overrides.seed
        && let Err(fault) = set(root, &format!("seed={seed}"))
    {
        faults.add(*fault);
    }
    if !overrides.arms.is_empty() {
        keep_arms(root, &overrides.arms, &faults);
    }
    faults.finish(())
}

fn keep_arms(root: &mut Node, wanted: &[String], faults: &Collector) {
    let known = root.names("arm");
    for name in wanted {
        if !known.contains(name) {
            let source = Source::new("--arm", name.as_str());
            let place = Place::new(&source, 0..name.len());
            let help = did_you_mean(name, known.iter().map(String::as_str))
                .unwrap_or_else(|| format!("arms: {}", known.join(", ")));
            faults.add(
                Fault::new(
                    Code::UnknownName,
                    format!("the scenario has no arm `{name}`"),
                    &place,
                )
                .help(help),
            );
        }
    }
    let list = root.table_mut().and_then(|entries| entries.get_mut("arm"));
    if let Some(Content::List(arms)) = list.map(|entry| &mut entry.value.content) {
        arms.retain(|arm| {
            let name = arm.get("name").and_then(Node::text);
            name.is_some_and(|name| wanted.iter().any(|wanted| wanted == name))
        });
    }
    let known: Vec<String> = known
        .into_iter()
        .filter(|name| !wanted.contains(name))
        .collect();
    leave_out_of_figures(root, &known);
}

/// Figures without arms that are left out: a figure that shows nobody else goes with them.
fn leave_out_of_figures(root: &mut Node, gone: &[String]) {
    let is_gone = |name: &str| gone.iter().any(|gone| gone == name);
    let Some(entries) = root.table_mut() else {
        return;
    };
    let Some(list) = entries.get_mut("figure") else {
        return;
    };
    let Content::List(figures) = &mut list.value.content else {
        return;
    };
    figures.retain_mut(|figure| {
        let Some(keys) = figure.table_mut() else {
            return true;
        };
        if let Some(colours) = keys.get_mut("colours")
            && let Some(colours) = colours.value.table_mut()
        {
            colours.retain(|name, _| !is_gone(name));
        }
        let Some(arms) = keys.get_mut("arms") else {
            return true;
        };
        let Content::List(arms) = &mut arms.value.content else {
            return true;
        };
        let before = arms.len();
        arms.retain(|arm| !arm.text().is_some_and(is_gone));
        !(arms.is_empty() && before > 0)
    });
    if figures.is_empty() {
        // Then those are drawn that a scenario without figures has.
        entries.remove("figure");
    }
}

/// One `NAME=VALUE` while it is applied.
struct Assignment {
    name: Place,
    value: Node,
}

impl Assignment {
    fn parse(argument: &str) -> Result<(String, Self), Box<Fault>> {
        let source = Source::new("--set", argument);
        let Some(equals) = argument.find('=') else {
            let place = Place::new(&source, 0..argument.len());
            return Err(Box::new(
                Fault::new(
                    Code::NotASetting,
                    format!("`{argument}` gives no value"),
                    &place,
                )
                .help("write NAME=VALUE, for example `--set solver.rtol=1e-8`"),
            ));
        };
        let name = argument[..equals].trim();
        let start = argument[..equals].len() - argument[..equals].trim_start().len();
        let name_place = Place::new(&source, start..start + name.len());
        if name.is_empty() {
            return Err(Box::new(
                Fault::new(Code::NotASetting, "nothing stands before `=`", &name_place)
                    .help("write NAME=VALUE, for example `--set solver.rtol=1e-8`"),
            ));
        }
        let written = argument[equals + 1..].trim();
        let end = argument.trim_end().len().max(equals + 1);
        let value_place = Place::new(&source, end - written.len()..end);
        let as_toml = Document::parse(&Source::new("--set", format!("value = {written}\n"))).ok();
        let value = as_toml
            .and_then(|document| Node::from_document(&document).get("value").cloned())
            .map(|node| node.moved_to(&value_place))
            .unwrap_or(Node {
                content: Content::Text(written.to_owned()),
                place: value_place,
            });
        Ok((
            name.to_owned(),
            Self {
                name: name_place,
                value,
            },
        ))
    }

    fn unknown(&self, message: String, help: Option<String>) -> Box<Fault> {
        Box::new(Fault::new(Code::UnknownName, message, &self.name).maybe_help(help))
    }
}

fn set(root: &mut Node, argument: &str) -> Result<(), Box<Fault>> {
    let (name, assignment) = Assignment::parse(argument)?;
    carry_out(root, &name, &assignment)
}

/// Changes one value of a tree; `place` is where its name stands.
pub(super) fn assign(
    root: &mut Node,
    name: &str,
    place: &Place,
    value: Node,
) -> Result<(), Box<Fault>> {
    let name_place = place.clone();
    let assignment = Assignment {
        name: name_place,
        value,
    };
    carry_out(root, name, &assignment)
}

fn carry_out(root: &mut Node, name: &str, assignment: &Assignment) -> Result<(), Box<Fault>> {
    if name == "extends" {
        let message = "`extends` cannot be set on the command line".to_owned();
        return Err(assignment.unknown(message, Some("write it into a scenario file".to_owned())));
    }
    if let Some((kind @ ("process" | "modulator"), rest)) = name.split_once('.') {
        return match rest.strip_suffix(".enabled") {
            Some(id) => switch(root, &format!("{kind}.{id}"), assignment),
            None => Err(assignment.unknown(
                format!("`{name}` cannot be set"),
                Some(format!(
                    "write `{kind}.{rest}.enabled=false`; what holds for a time is a \
                     `[[arm.perturbation]]`"
                )),
            )),
        };
    }
    let parameter = name
        .strip_prefix("parameter.")
        .or_else(|| (!name.contains('.') && keys::find("", name).is_none()).then_some(name));
    if let Some(parameter) = parameter {
        return set_in_table(
            root,
            "",
            &format!("subject.parameters.{parameter}"),
            assignment,
        );
    }
    set_in_table(root, "", name, assignment)
}

/// Switches a process or modulator: takes it out of both lists and puts it into one.
fn switch(root: &mut Node, id: &str, assignment: &Assignment) -> Result<(), Box<Fault>> {
    let Content::Boolean(enabled) = assignment.value.content else {
        return Err(Box::new(Fault::new(
            Code::WrongType,
            format!("`{id}.enabled` must be true or false"),
            &assignment.value.place,
        )));
    };
    let model = table_at(root, "model", &assignment.name)?;
    for list in ["enable", "disable"] {
        if let Some(Content::List(items)) = model
            .table_mut()
            .and_then(|t| t.get_mut(list))
            .map(|entry| &mut entry.value.content)
        {
            items.retain(|item| item.text() != Some(id));
        }
    }
    let list = if enabled { "enable" } else { "disable" };
    let place = &assignment.name;
    let item = Node {
        content: Content::Text(id.to_owned()),
        place: place.clone(),
    };
    let entries = model
        .table_mut()
        .ok_or_else(|| not_a_table("model", place))?;
    let entry = entries.entry(list.to_owned()).or_insert_with(|| Entry {
        key: place.clone(),
        value: Node {
            content: Content::List(Vec::new()),
            place: place.clone(),
        },
    });
    if let Content::List(items) = &mut entry.value.content {
        items.push(item);
    }
    Ok(())
}

fn not_a_table(name: &str, place: &Place) -> Box<Fault> {
    Box::new(Fault::new(
        Code::WrongType,
        format!("`{name}` is no table in the scenario"),
        place,
    ))
}

/// The table of this name in `node`, made if it is missing.
fn table_at<'a>(node: &'a mut Node, name: &str, place: &Place) -> Result<&'a mut Node, Box<Fault>> {
    let entries = node.table_mut().ok_or_else(|| not_a_table(name, place))?;
    let entry = entries.entry(name.to_owned()).or_insert_with(|| Entry {
        key: place.clone(),
        value: Node {
            content: Content::Table(std::collections::BTreeMap::new()),
            place: place.clone(),
        },
    });
    if entry.value.table().is_none() {
        return Err(not_a_table(name, place));
    }
    Ok(&mut entry.value)
}

/// Sets the value at the dotted `rest` below the table `node`, which is at `path` of the registry.
fn set_in_table(
    node: &mut Node,
    path: &str,
    rest: &str,
    assignment: &Assignment,
) -> Result<(), Box<Fault>> {
    let (name, below) = rest
        .split_once('.')
        .map_or((rest, None), |(name, b)| (name, Some(b)));
    let Some(key) = keys::find(path, name) else {
        return set_in_only_intervention(node, path, rest, assignment);
    };
    match (key.kind, below) {
        (Kind::Table, Some(below)) => set_in_table(
            table_at(node, name, &assignment.name)?,
            key.path,
            below,
            assignment,
        ),
        (Kind::Parameters, Some(parameter)) => {
            let table = table_at(node, name, &assignment.name)?;
            put(table, parameter, assignment)
        }
        (Kind::Tables, Some(below)) => {
            let entries = node
                .table_mut()
                .ok_or_else(|| not_a_table(name, &assignment.name))?;
            let list = entries.get_mut(name).map(|entry| &mut entry.value.content);
            let Some(Content::List(items)) = list else {
                let message = format!("the scenario has no `[[{}]]`", key.path);
                return Err(assignment.unknown(message, None));
            };
            let (index, below) = select(items, key.path, below, assignment)?;
            set_in_table(&mut items[index], key.path, below, assignment)
        }
        (Kind::Table | Kind::Tables | Kind::Parameters, None) => Err(assignment.unknown(
            format!("`{}` is a table", key.path),
            Some(format!("name one of its keys: {}", key_names(key.path))),
        )),
        (_, Some(_)) => {
            Err(assignment.unknown(format!("`{}` is a value, not a table", key.path), None))
        }
        (_, None) => put(node, name, assignment),
    }
}

/// `arm.NAME.dose` where the arm has one intervention.
fn set_in_only_intervention(
    node: &mut Node,
    path: &str,
    rest: &str,
    assignment: &Assignment,
) -> Result<(), Box<Fault>> {
    let name = rest.split('.').next().unwrap_or(rest);
    let table = "arm.intervention";
    if path == "arm" && keys::find(table, name).is_some() {
        let kinds = node.tables("intervention").len();
        let list = node
            .table_mut()
            .and_then(|entries| entries.get_mut("intervention"));
        if let Some(Content::List(items)) = list.map(|entry| &mut entry.value.content)
            && let [only] = items.as_mut_slice()
        {
            return set_in_table(only, table, rest, assignment);
        }
        return Err(assignment.unknown(
            format!("the arm has {kinds} interventions, so `{name}` could mean any"),
            Some(format!("write `intervention.KIND.{name}`")),
        ));
    }
    let known: Vec<&str> = keys::keys_of(path).map(keys::Key::name).collect();
    let message = if path.is_empty() {
        format!("a scenario has no key `{name}`")
    } else {
        format!("`{path}` has no key `{name}`")
    };
    let help = did_you_mean(name, known.iter().copied())
        .unwrap_or_else(|| format!("known keys: {}", known.join(", ")));
    Err(assignment.unknown(message, Some(help)))
}

fn key_names(path: &str) -> String {
    keys::keys_of(path)
        .map(keys::Key::name)
        .collect::<Vec<_>>()
        .join(", ")
}

fn put(table: &mut Node, name: &str, assignment: &Assignment) -> Result<(), Box<Fault>> {
    let entries = table
        .table_mut()
        .ok_or_else(|| not_a_table(name, &assignment.name))?;
    let entry = Entry {
        key: assignment.name.clone(),
        value: assignment.value.clone(),
    };
    entries.insert(name.to_owned(), entry);
    Ok(())
}

/// The element of a list of tables that `rest` begins with, by name, kind, target or number.
fn select<'a>(
    items: &[Node],
    path: &str,
    rest: &'a str,
    assignment: &Assignment,
) -> Result<(usize, &'a str), Box<Fault>> {
    let label = |item: &Node| {
        let name = ["name", "kind", "target"]
            .iter()
            .find_map(|key| item.get(key)?.text());
        name.map(str::to_owned)
    };
    let mut found: Option<(usize, &str, usize)> = None;
    for (index, item) in items.iter().enumerate() {
        // Names may hold dots themselves ("0.5 %"): the longest one that fits is meant.
        if let Some(name) = label(item)
            && let Some(below) = rest
                .strip_prefix(name.as_str())
                .and_then(|r| r.strip_prefix('.'))
            && found.is_none_or(|(_, _, length)| name.len() > length)
        {
            found = Some((index, below, name.len()));
        }
    }
    if let Some((index, below, _)) = found {
        return Ok((index, below));
    }
    if let Some((number, below)) = rest.split_once('.')
        && let Ok(number) = number.parse::<usize>()
        && (1..=items.len()).contains(&number)
    {
        return Ok((number - 1, below));
    }
    let known: Vec<String> = items.iter().filter_map(label).collect();
    let first = rest.split('.').next().unwrap_or(rest);
    let help = did_you_mean(first, known.iter().map(String::as_str))
        .unwrap_or_else(|| format!("there are: {}", known.join(", ")));
    Err(assignment.unknown(format!("no `{path}` begins `{rest}`"), Some(help)))
}
