//! `[[arm.intervention]]`: what the model declares that an experimenter can do, at a dose.

use gutbrain_network::declaration::{EffectKind, Intervention, InterventionKind};
use gutbrain_network::network;
use gutbrain_network::{Code, Fault};

use super::arm::{Context, WithoutStop, show_value};
use super::node::Node;
use super::plan::{Action, Amount, Arm, Operation, Shading, Target, When};
use super::resolve::suggest;

/// Adds the actions of one intervention to its arm; none at a zero dose.
pub(super) fn resolve_intervention(context: &Context<'_>, item: &Node, arm: &mut Arm) {
    let Some((kind_node, kind)) = item.get("kind").and_then(|node| Some((node, node.text()?)))
    else {
        return;
    };
    let Some(declared) = context.declaration.interventions.get(kind) else {
        let help = suggest(
            kind,
            context.declaration.interventions.keys(),
            "interventions",
        );
        let message = format!("the model has no intervention `{kind}`");
        context.add(Fault::new(Code::UnknownName, message, &kind_node.place).help(help));
        return;
    };
    let dose = item
        .get("dose")
        .and_then(|node| read_dose(context, node, kind, declared));
    let without_stop = match declared.kind() {
        InterventionKind::Window => WithoutStop::ToTheEnd,
        InterventionKind::Impulse => {
            if let Some(stop) = item.get("stop") {
                let message = format!("`{kind}` acts at one moment, so it has no `stop`");
                let help = "remove `stop`; `repeat` gives it again";
                context.add(Fault::new(Code::NoMeaning, message, &stop.place).help(help));
            }
            WithoutStop::Once
        }
    };
    let times = context.times(item, without_stop);
    let (Some(dose), Some(times)) = (dose, times) else {
        return;
    };
    if dose == 0.0 {
        return;
    }
    let windows = times.all(context.last_age());
    let origin = format!("arm `{}`, intervention `{kind}`", arm.name);
    for (effect, target, operation) in effects(context, item, kind, declared, dose) {
        for when in &windows {
            let when = match (&target, *when) {
                (Target::Species(_), When::During { start, .. }) => When::Once { at: start },
                (_, when) => when,
            };
            arm.actions.push(Action {
                target: target.clone(),
                operation,
                amount: Amount::OfDose {
                    intervention: kind.to_owned(),
                    dose,
                    effect,
                },
                when,
                origin: origin.clone(),
            });
        }
    }
    let written = item.get("dose").map_or_else(String::new, show_value);
    let label = format!("{kind} {written}");
    let kind = kind.to_owned();
    context.shade(
        arm,
        &Shading {
            label,
            kind,
            dose: Some(dose),
            start: 0.0,
            stop: 0.0,
        },
        &windows,
    );
}

fn read_dose(
    context: &Context<'_>,
    node: &Node,
    kind: &str,
    declared: &Intervention,
) -> Option<f64> {
    let what = format!("the dose of `{kind}`");
    let dose = context.quantities.dose(node, &what, &declared.dose)?;
    if dose < 0.0 {
        let message = format!("{what} cannot be negative");
        context.add(Fault::new(Code::OutOfRange, message, &node.place));
        return None;
    }
    if let Some(survived) = &declared.dose.survived
        && dose > survived.to
        && !context.allow_implausible
    {
        let message = format!("no body survives this dose of `{kind}`");
        let help = "lower it, or write allow_implausible = true (--allow-implausible) to see what the \
                    equations do there";
        let fault = Fault::new(Code::Implausible, message, &node.place);
        context.add(
            fault
                .label(format!("at most {}", declared.dose.show(survived.to)))
                .help(help),
        );
        return None;
    }
    Some(dose)
}

/// Position, target and operation of every effect; the dose is tried on this subject.
fn effects(
    context: &Context<'_>,
    item: &Node,
    kind: &str,
    declared: &Intervention,
    dose: f64,
) -> Vec<(usize, Target, Operation)> {
    let Some((network, values)) = context.network() else {
        return Vec::new();
    };
    let place = item.get("dose").map_or(&item.place, |node| &node.place);
    let expressions: Vec<_> = declared.effects.iter().chain(&declared.impulses).collect();
    let mut found = Vec::new();
    for (index, effect) in network
        .intervention_effects(kind, dose, values)
        .iter()
        .enumerate()
    {
        // Resting values are known in a life only.
        let is_known = expressions
            .get(index)
            .is_none_or(|e| e.value.resting_names().is_empty());
        let trouble = if effect.value.is_infinite() || (is_known && effect.value.is_nan()) {
            Some("no finite effect")
        } else if effect.kind == EffectKind::Scale && effect.value < 0.0 {
            Some("a negative factor as its effect")
        } else {
            None
        };
        if let Some(trouble) = trouble {
            let message = format!("`{kind}` has {trouble} at this dose");
            context.add(Fault::new(Code::OutOfRange, message, place).help("lower the dose"));
            return Vec::new();
        }
        let target = match effect.target {
            network::Target::Parameter(index) => {
                Target::Parameter(network.parameters[index].id.clone())
            }
            network::Target::Species(index) => Target::Species(network.species[index].id.clone()),
        };
        let operation = match effect.kind {
            EffectKind::Set => Operation::Set,
            EffectKind::Scale => Operation::Scale,
            EffectKind::Add => Operation::Add,
        };
        found.push((index, target, operation));
    }
    found
}
