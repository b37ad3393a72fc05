//! `[[arm]]`: names, times and repetitions of what is done; the elements are read by
//! [`super::intervention`] and [`super::perturbation`].

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use gutbrain_network::{Code, Declaration, Edits, Fault, Network};

use super::cohort::at_most;
use super::intervention::resolve_intervention;
use super::moment::Moment;
use super::node::Node;
use super::perturbation::resolve_perturbation;
use super::plan::{Arm, Shading, SimulationPlan, SubjectPlan, When};
use super::quantity::Quantities;
use crate::limits;
use crate::model::Model;
use crate::model::equations::Equations;

/// Longest name of an arm.
const LONGEST_NAME: usize = 80;

/// What the elements of an arm are checked against.
pub(super) struct Context<'a> {
    model: &'a Model,
    pub(super) declaration: &'a Declaration,
    pub(super) quantities: Quantities<'a>,
    pub(super) edits: &'a Edits,
    subject: Option<&'a SubjectPlan>,
    pub(super) simulation: Option<SimulationPlan>,
    /// Whether doses that no body survives are simulated.
    pub(super) allow_implausible: bool,
    /// Compiled when the first intervention with a dose is met.
    network: OnceCell<Option<(Arc<Equations>, Vec<f64>)>>,
}

/// The arms of a scenario; one arm `control` if it has none.
pub(super) fn resolve_arms(
    root: &Node,
    model: &Model,
    quantities: Quantities<'_>,
    edits: &Edits,
    subject: Option<&SubjectPlan>,
    simulation: Option<SimulationPlan>,
) -> Vec<Arm> {
    let context = Context {
        model,
        declaration: &model.declaration,
        quantities,
        edits,
        subject,
        simulation,
        allow_implausible: root
            .get("allow_implausible")
            .and_then(Node::truth)
            .unwrap_or(false),
        network: OnceCell::new(),
    };
    let mut arms: Vec<Arm> = Vec::new();
    let tables = root.tables("arm");
    if let Some(node) = root.get("arm")
        && tables.len() as u64 > limits::ARMS
    {
        at_most(
            limits::ARMS,
            tables.len(),
            "arms",
            "the scenario",
            node,
            quantities,
        );
        return arms;
    }
    let mut names = BTreeSet::new();
    let mut actions = 0;
    for table in tables {
        let node = table.get("name");
        let name = node.and_then(Node::text).unwrap_or_default().to_owned();
        if let Some(node) = node.filter(|node| node.text().is_some()) {
            context.check_name(node, &name);
            if !names.insert(name.clone()) {
                let message = format!("two arms are called `{}`", name.escape_debug());
                context.add(Fault::new(Code::Repeated, message, &node.place));
            }
        }
        let arm = context.arm(table, name);
        actions += arm.actions.len() as u64;
        if actions > limits::ACTIONS {
            let message = format!(
                "the arms have more than {} windows and impulses, repetitions included",
                limits::ACTIONS
            );
            context
                .add(Fault::new(Code::OutOfRange, message, &table.place).help("repeat less often"));
            return arms;
        }
        arms.push(arm);
    }
    match root.get("arm") {
        None => arms.push(Arm {
            name: "control".to_owned(),
            actions: vec![],
            shading: vec![],
        }),
        Some(node) if node.list().is_some_and(<[Node]>::is_empty) => {
            context.add(Fault::new(
                Code::NoArms,
                "the scenario has no arm",
                &node.place,
            ));
        }
        Some(_) => {}
    }
    arms
}

/// Whether a spreadsheet would take a cell with this text for a formula: names stand in CSV tables, and
/// those come to be opened where `=HYPERLINK(…)` is computed.
#[must_use]
pub fn begins_a_formula(name: &str) -> bool {
    name.starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

/// The fault of a name that [`begins_a_formula`].
pub(super) fn formula_name(node: &Node, name: &str) -> Fault {
    let message = format!("the name `{name}` begins as a formula of a spreadsheet does");
    let help = "names stand in CSV tables: let it begin with a letter or a digit, not with `=`, `+`, \
                `-` or `@`";
    Fault::new(Code::BadName, message, &node.place).help(help)
}

impl Context<'_> {
    pub(super) fn add(&self, fault: Fault) {
        self.quantities.faults.add(fault);
    }

    fn check_name(&self, node: &Node, name: &str) {
        let bad = name.trim().is_empty()
            || name.trim() != name
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control);
        if begins_a_formula(name) {
            self.add(formula_name(node, name));
        }
        if bad {
            let message = "an arm needs a short name without control characters";
            let help = format!("use at most {LONGEST_NAME} characters, such as \"butyrate 2 %\"");
            self.add(Fault::new(Code::BadName, message, &node.place).help(help));
        }
    }

    fn arm(&self, table: &Node, name: String) -> Arm {
        let mut arm = Arm {
            name,
            actions: Vec::new(),
            shading: Vec::new(),
        };
        for item in table.tables("intervention") {
            resolve_intervention(self, item, &mut arm);
        }
        for item in table.tables("perturbation") {
            resolve_perturbation(self, item, &mut arm);
        }
        arm
    }

    /// Last age of the simulation; infinite if it is not known because of a fault.
    pub(super) fn last_age(&self) -> f64 {
        self.simulation.map_or(f64::INFINITY, |plan| plan.stop)
    }

    /// Adds the shading of everything done at these times; `start` and `stop` are filled in.
    pub(super) fn shade(&self, arm: &mut Arm, shading: &Shading, times: &[When]) {
        for when in times {
            let (start, stop) = match when {
                When::Once { at } => (at.clone(), at.clone()),
                When::During { start, stop } => {
                    let stop = match stop {
                        Moment::Age(age) => Moment::Age(age.min(self.last_age())),
                        Moment::After { .. } => stop.clone(),
                    };
                    (start.clone(), stop)
                }
            };
            arm.shading.push(Shading {
                start,
                stop,
                ..shading.clone()
            });
        }
    }

    /// The network and its parameter values for this subject, compiled when first needed; `None`
    /// after a fault.
    pub(super) fn network(&self) -> Option<(&Network, &[f64])> {
        let compile = || match self.model.equations(self.edits) {
            Ok(equations) => {
                let values = self.subject_values(&equations.network);
                Some((equations, values))
            }
            Err(faults) => {
                self.quantities.faults.extend(faults);
                None
            }
        };
        let compiled = self.network.get_or_init(compile).as_ref();
        compiled.map(|(equations, values)| (&equations.network, &values[..]))
    }

    /// Declared values, then the subject's, then the scenario's.
    fn subject_values(&self, network: &Network) -> Vec<f64> {
        let mut values = network.parameter_values();
        let Some(plan) = self.subject else {
            return values;
        };
        let preset = self.declaration.subjects.get(&plan.preset);
        let inherited = preset.into_iter().flat_map(|subject| &subject.parameters);
        let all = inherited.map(|(id, value)| (id, value.value));
        for (id, value) in all.chain(plan.parameters.iter().map(|(id, value)| (id, *value))) {
            if let Some(index) = network.parameter_index(id) {
                values[index] = value;
            }
        }
        values
    }
}

/// A quantity as written, for labels.
pub(super) fn show_value(node: &Node) -> String {
    node.text().map_or_else(
        || {
            node.number()
                .map_or_else(String::new, |number| number.to_string())
        },
        str::to_owned,
    )
}
