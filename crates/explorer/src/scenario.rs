//! Scenarios as text and as trees, and back.

use std::path::Path;

use gutbrain::analysis::active::Active;
use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain::results::assumptions::Assumptions;
use gutbrain::scenario::{Scenario, ScenarioFile};
use serde_json::{Value, json};

use crate::answer::Refusal;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// Where a text stands that has no file: beside the shipped scenarios, which it may extend.
const NAMELESS: &str = "scenarios/scenario.toml";

/// Longest text of a scenario that is read.
const LONGEST: usize = 1 << 20;

/// A scenario that fits the model.
pub(crate) struct Opened {
    /// As written.
    pub(crate) file: ScenarioFile,
    /// As understood.
    pub(crate) scenario: Scenario,
}

impl Opened {
    /// From a shipped file.
    fn shipped(model: &Model, name: &str) -> Result<Self, Refusal> {
        Self::at(model, &shipped_files(), name)
    }

    /// From a text.
    fn text(model: &Model, text: &str) -> Result<Self, Refusal> {
        if text.len() > LONGEST {
            let words = format!("a scenario has at most {LONGEST} bytes");
            return Err(Refusal::Words(words));
        }
        let mut files = shipped_files();
        files.put(NAMELESS, text);
        Self::at(model, &files, NAMELESS)
    }

    /// From a tree, the JSON of its TOML.
    pub(crate) fn tree(model: &Model, tree: &Value) -> Result<Self, Refusal> {
        Self::text(model, &toml::to_string(tree)?)
    }

    fn at(model: &Model, files: &InMemory, name: &str) -> Result<Self, Refusal> {
        let file = ScenarioFile::open_in(files, Path::new(name))?;
        let scenario = file.check(model)?;
        Ok(Self { file, scenario })
    }

    /// The text that runs by itself to the same results.
    pub(crate) fn resolved(&self) -> String {
        self.file.resolved(&self.scenario)
    }
}

fn shipped_files() -> InMemory {
    let mut files = InMemory::default();
    for (path, text) in SHIPPED {
        files.put(path, *text);
    }
    files
}

/// The shipped scenarios: path, and the sentence on top of each.
pub(crate) fn presets() -> Value {
    let preset = |(path, text): &(&str, &str)| {
        let says = text.lines().next().unwrap_or_default();
        json!({ "path": path, "says": says.trim_start_matches("# ") })
    };
    SHIPPED.iter().map(preset).collect()
}

/// A scenario as a tree, with its text and what acts in it.
pub(crate) fn open(
    model: &Model,
    name: Option<&str>,
    text: Option<&str>,
) -> Result<Value, Refusal> {
    let opened = match (name, text) {
        (Some(name), None) => Opened::shipped(model, name)?,
        (None, Some(text)) => Opened::text(model, text)?,
        _ => {
            let words = "a scenario is opened by its name or as a text";
            return Err(Refusal::Words(words.to_owned()));
        }
    };
    let resolved = opened.resolved();
    let tree: toml::Table = toml::from_str(&resolved)
        .map_err(|error| Refusal::Words(format!("the scenario cannot be written: {error}")))?;
    let scenario = &opened.scenario;
    let active = Active::of(&model.declaration, scenario);
    let acting: Vec<&str> = active.parameters().map(|(id, _)| id).collect();
    Ok(json!({
        "tree": tree,
        "text": resolved,
        "title": scenario.title,
        "parameters": acting,
        "assumptions": Assumptions::count(&model.declaration, scenario),
    }))
}
