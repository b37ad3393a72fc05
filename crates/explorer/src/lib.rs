//! The explorer: questions about scenarios and the model, answered as JSON, and the page that asks them.
//!
//! One [`Explorer`] stands behind the page wherever it runs: compiled to WebAssembly inside the page itself,
//! or natively behind `gutbrain explore` on this computer. A question is one JSON object with the key `do`;
//! the answer is one JSON object, with `faults` (the program's own messages) or `error` where there is none.
//! Scenarios travel as trees, the JSON of their TOML, so that the page needs no parser of its own; every
//! answer to a run has the text that gives the same numbers from the command line.
//!
//! [`page`] puts the page together: markup, style, script and, if there is one, the module; `server` (a
//! feature of that name) serves it on this computer.

#![forbid(unsafe_code)]

mod answer;
mod base85;
mod cohort;
mod draw;
mod links;
mod map;
mod model;
#[cfg(feature = "server")]
pub mod module;
pub mod page;
mod run;
mod scenario;
mod sections;
#[cfg(feature = "server")]
pub mod server;

use gutbrain::model::Model;
use gutbrain::simulate::Population;
use serde::Deserialize;
use serde_json::{Value, json};

use answer::{Refusal, refused};
use cohort::RunningCohort;

/// Answers questions; keeps the model and what was compiled last.
#[derive(Debug, Default)]
pub struct Explorer {
    model: Option<Model>,
    population: Option<Population>,
    cohort: Option<RunningCohort>,
}

/// What can be asked.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Question {
    /// What there is: version, presets, kinds of figures.
    Hello,
    /// Everything that the model declares.
    Model,
    /// A scenario, by its shipped name or as text, as a tree.
    Open {
        name: Option<String>,
        text: Option<String>,
    },
    /// Simulates every arm; curves of `show`.
    Run {
        scenario: Value,
        #[serde(default)]
        show: Vec<String>,
    },
    /// A figure of the scenario as the command draws it.
    Figure { scenario: Value, name: String },
    /// A table of the run as the command writes it.
    Table { scenario: Value, name: String },
    /// Where boxes and arrows of the network map stand, and what is behind them.
    Map { scenario: Value },
    /// The shares of the derivative of a species.
    Explain {
        scenario: Value,
        arm: String,
        species: String,
        age: f64,
    },
    /// Begins a cohort.
    Cohort { scenario: Value },
    /// Lives the next animals of it.
    CohortNext { animals: u64 },
    /// A figure or table of the finished cohort.
    CohortFile { name: String },
}

impl Explorer {
    /// The answer to a question: one JSON object.
    pub fn answer(&mut self, question: &str) -> String {
        let answer = match serde_json::from_str(question) {
            Ok(question) => self
                .look(question)
                .unwrap_or_else(|refusal| refused(&refusal)),
            Err(error) => json!({ "error": format!("this is no question: {error}") }),
        };
        answer.to_string()
    }

    fn look(&mut self, question: Question) -> Result<Value, Refusal> {
        if self.model.is_none() {
            self.model = Some(Model::builtin()?);
        }
        let Some(model) = &self.model else {
            return Err(Refusal::Words("there is no model".to_owned()));
        };
        match question {
            Question::Hello => Ok(model::hello(model)),
            Question::Model => Ok(model::describe(&model.declaration)),
            Question::Open { name, text } => {
                scenario::open(model, name.as_deref(), text.as_deref())
            }
            Question::Run { scenario, show } => {
                run::run(model, &mut self.population, &scenario, &show)
            }
            Question::Figure { scenario, name } => draw::figure(model, &scenario, &name),
            Question::Table { scenario, name } => draw::table(model, &scenario, &name),
            Question::Map { scenario } => map::map(model, &scenario),
            Question::Explain {
                scenario,
                arm,
                species,
                age,
            } => run::explain(model, &scenario, &arm, &species, age),
            Question::Cohort { scenario } => {
                let running = RunningCohort::begin(model, &scenario)?;
                let answer = running.progress();
                self.cohort = Some(running);
                Ok(answer)
            }
            Question::CohortNext { animals } => match &mut self.cohort {
                Some(running) => running.go_on(animals),
                None => Err(Refusal::Words("no cohort was begun".to_owned())),
            },
            Question::CohortFile { name } => match &self.cohort {
                Some(running) => running.file(&name),
                None => Err(Refusal::Words("no cohort was begun".to_owned())),
            },
        }
    }
}
