//! Programs of interventions: what a dose does to parameters and species.

use gutbrain_numbers::Real;

use crate::declaration::{EffectKind, Intervention, UnitsByName, unit_with_dose};
use crate::expression::measure_as;
use crate::fault::Collector;
use crate::network::{EffectValue, Target};
use crate::unit::Unit;

use super::graph::Graph;
use super::lower::{Scope, lower};
use super::tape::{Program, Tape};

/// The effects of one intervention as a program of parameters and the dose.
#[derive(Clone, Debug)]
pub(crate) struct InterventionProgram {
    effects: Vec<(EffectKind, Target)>,
    tape: Tape,
    program: Program,
}

/// Where parameters and species stand in the network.
pub(super) struct Slots<'a> {
    pub(super) parameter: &'a dyn Fn(&str) -> Option<usize>,
    pub(super) species: &'a dyn Fn(&str) -> Option<usize>,
    pub(super) parameters: usize,
}

impl InterventionProgram {
    /// Compiles an intervention to a graph in which the only component of the
    /// state is the dose.
    pub(super) fn compile(
        intervention: &Intervention,
        slots: &Slots<'_>,
        units: &UnitsByName<'_>,
        faults: &Collector,
    ) -> Self {
        let mut graph = Graph::new();
        let mut scope = Scope::default();
        scope.names.insert("dose".to_owned(), graph.state(0));
        let unit_of = |name: &str| unit_with_dose(units, name, &intervention.dose);
        let mut effects = Vec::new();
        let mut roots = Vec::new();
        let windows = intervention.effects.iter().map(|effect| (effect, true));
        let impulses = intervention.impulses.iter().map(|effect| (effect, false));
        for (effect, is_window) in windows.chain(impulses) {
            let id = &effect.target.value;
            let target = if is_window {
                (slots.parameter)(id).map(Target::Parameter)
            } else {
                // A species that is switched off takes no impulse.
                (slots.species)(id).map(Target::Species)
            };
            let (Some(target), Some(unit)) = (target, units.get(id.as_str())) else {
                continue;
            };
            for name in effect.value.names() {
                if let Some(index) = (slots.parameter)(name) {
                    scope.names.insert(name.to_owned(), graph.parameter(index));
                }
            }
            for name in effect.value.resting_names() {
                if let Some(index) = (slots.parameter)(&format!("resting.{name}")) {
                    scope
                        .resting
                        .insert(name.to_owned(), graph.parameter(index));
                }
            }
            let unit = if effect.kind == EffectKind::Scale {
                Unit::one()
            } else {
                (*unit).clone()
            };
            let what = format!("`{id}` is");
            let conversions = measure_as(&effect.value, &unit_of, &unit, &what, faults);
            roots.push(lower(
                &mut graph,
                &effect.value,
                &conversions,
                &scope,
                faults,
            ));
            effects.push((effect.kind, target));
        }
        let (tape, mut programs) = Tape::lower(&graph, slots.parameters, 1, &[roots]);
        Self {
            effects,
            tape,
            program: programs.pop().unwrap_or_default(),
        }
    }

    /// The effects at a dose.
    pub(crate) fn effects<R: Real>(&self, dose: R, parameters: &[R]) -> Vec<EffectValue<R>> {
        let mut registers = self.tape.prepare(parameters);
        let mut values = vec![R::from_f64(0.0); self.program.len()];
        self.tape
            .run(&self.program, &mut registers, &[dose], &mut values);
        let effects = self.effects.iter().zip(values);
        effects
            .map(|((kind, target), value)| EffectValue {
                kind: *kind,
                target: *target,
                value,
            })
            .collect()
    }
}
