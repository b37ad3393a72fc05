//! Variants of a scenario: the same experiment with some values changed, many times over.
//!
//! What: [`Variants::scenario`] changes values at the targets of factors, as `--set` does, and checks
//! the result as a whole; messages point at the factor. The network that doses are tried on is compiled
//! once per structure of the model, and posteriors are read once, so that a variant costs microseconds.

use std::sync::{Arc, Mutex};

use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::{Faults, Source};

use super::factor::{Factor, FactorTarget, Setting};
use super::node::Node;
use super::plan::Scenario;
use super::{ScenarioFile, overrides, resolve};
use crate::model::Model;
use crate::posterior::Posterior;

/// Tables that design analyses, or what the experiment is compared with: no part of the experiment itself.
pub(super) const ANALYSES: [&str; 4] = ["sweep", "sensitivity", "trial", "data"];

/// The posteriors that variants of one scenario have in common, by preset.
#[derive(Debug, Default)]
pub(super) struct Posteriors(Mutex<Vec<(String, Arc<Posterior>)>>);

impl Posteriors {
    /// The posterior of a preset, read when it is first asked for; nothing if the model holds none.
    ///
    /// # Errors
    /// As for [`Posterior::of`].
    pub(super) fn get(
        &self,
        model: &Model,
        preset: &str,
    ) -> Result<Option<Arc<Posterior>>, Faults> {
        // A thread that panicked in here has left the list as it was.
        let mut known = match self.0.lock() {
            Ok(known) => known,
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some((_, posterior)) = known.iter().find(|(other, _)| other == preset) {
            return Ok(Some(Arc::clone(posterior)));
        }
        let found = Posterior::of(model, preset)?;
        if let Some(posterior) = &found {
            known.push((preset.to_owned(), Arc::clone(posterior)));
        }
        Ok(found)
    }
}

/// See the module's description.
#[derive(Debug)]
pub struct Variants<'m> {
    model: &'m Model,
    root: Node,
    stem: String,
    posteriors: Posteriors,
    nowhere: Place,
}

impl<'m> Variants<'m> {
    /// Variants of the experiment of a file; what it says about analyses is left out.
    #[must_use]
    pub fn new(file: &ScenarioFile, model: &'m Model) -> Self {
        Self::of(&file.root, &file.stem, model)
    }

    pub(super) fn of(root: &Node, stem: &str, model: &'m Model) -> Self {
        let mut root = root.clone();
        if let Some(entries) = root.table_mut() {
            entries.retain(|name, _| !ANALYSES.contains(&name.as_str()));
        }
        Self {
            model,
            root,
            stem: stem.to_owned(),
            posteriors: Posteriors::default(),
            nowhere: Place::new(&Source::new("a factor", ""), 0..0),
        }
    }

    /// The scenario with these values; those of parameters that only one preset gives are left to
    /// whoever knows the presets' values.
    ///
    /// # Errors
    /// What is wrong with the scenario then.
    pub fn scenario(&self, values: &[(&Factor, &Setting)]) -> Result<Scenario, Faults> {
        let mut root = self.root.clone();
        let faults = Collector::new();
        for (factor, setting) in values {
            let name = match &factor.target {
                FactorTarget::Path(path) => path.clone(),
                FactorTarget::Parameter { id, .. } => format!("parameter.{id}"),
            };
            let place = factor.origin.target.as_ref().unwrap_or(&self.nowhere);
            let value = factor.node(setting, &self.nowhere);
            if let Err(fault) = overrides::assign(&mut root, &name, place, value) {
                faults.add(*fault);
            }
        }
        faults.finish(())?;
        resolve::resolve(&root, self.model, &self.stem, &self.posteriors)
    }
}
