//! `[[arm.intervention]]`: what the model declares that an experimenter can do, at a dose.

use gutbrain_network::declaration::{EffectKind, Intervention, InterventionKind};
use gutbrain_network::network;
use gutbrain_network::{Code, Fault};

use super::arm::{Context, show_value};
use super::moment::{Last, Moment, is_in_order};
use super::node::Node;
use super::plan::{Action, Amount, Arm, Operation, Shading, Target, When};
use super::resolve::suggest;
use super::times::WithoutStop;

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
    if let Some(steps) = item.get("steps") {
        resolve_steps(context, item, steps, (kind, declared), arm);
        return;
    }
    let dose = item
        .get("dose")
        .and_then(|node| read_dose(context, node, kind, declared));
    let without_stop = match declared.kind() {
        InterventionKind::Window => WithoutStop::ToTheEnd,
        InterventionKind::Impulse => {
            for key in ["stop", "lasts"] {
                if let Some(end) = item.get(key) {
                    let message = format!("`{kind}` acts at one moment, so it has no `{key}`");
                    let help = format!("remove `{key}`; `repeat` and `at` give it again");
                    context.add(Fault::new(Code::NoMeaning, message, &end.place).help(help));
                }
            }
            WithoutStop::Once
        }
    };
    let times = context.times(item, without_stop);
    let (Some(dose), Some(windows), Some(node)) = (dose, times, item.get("dose")) else {
        return;
    };
    give(context, (kind, declared), (node, dose), &windows, arm);
}

/// Titration: every step gives its dose from its time on, until the next one.
fn resolve_steps(
    context: &Context<'_>,
    item: &Node,
    steps: &Node,
    (kind, declared): (&str, &Intervention),
    arm: &mut Arm,
) {
    if declared.kind() == InterventionKind::Impulse {
        let message = format!("`{kind}` acts at one moment: it has no `steps`");
        let help = "give it once for every dose, each with its `at`";
        context.add(Fault::new(Code::NoMeaning, message, &steps.place).help(help));
        return;
    }
    let mut fine = true;
    for key in ["dose", "start", "lasts", "repeat", "at"] {
        if let Some(other) = item.get(key) {
            let message = format!("`steps` and `{key}` both say what is given");
            let help = "every step has its own `at` and `dose`; `stop` ends the last one";
            context.add(Fault::new(Code::NoMeaning, message, &other.place).help(help));
            fine = false;
        }
    }
    let mut read: Vec<(Moment, &Node, f64)> = Vec::new();
    for step in item.tables("steps") {
        let (Some(at), Some(node)) = (step.get("at"), step.get("dose")) else {
            // Reported with the shape.
            fine = false;
            continue;
        };
        let moment = context.moment(at, "`at`", Last::IsAge);
        let dose = read_dose(context, node, kind, declared);
        let (Some(moment), Some(dose)) = (moment, dose) else {
            fine = false;
            continue;
        };
        fine = context.begins_in_time(&moment, &at.place) && fine;
        if let Some((before, ..)) = read.last()
            && is_in_order(before, &moment) != Some(true)
        {
            let message = "this step does not come after the one before it";
            let fault = Fault::new(Code::TimesOutOfOrder, message, &at.place)
                .label(format!("the one before it begins at {before}"))
                .help(
                    "steps stand in order, and all count from the same: from birth, or one event",
                );
            context.add(fault);
            fine = false;
        }
        read.push((moment, node, dose));
    }
    let stop = match item.get("stop") {
        None => Some(Moment::Age(f64::INFINITY)),
        Some(node) => context.moment(node, "`stop`", Last::MayBeEnd),
    };
    let Some(stop) = stop.filter(|_| fine && !read.is_empty()) else {
        return;
    };
    if let (Some((last, ..)), Some(node)) = (read.last(), item.get("stop"))
        && is_in_order(last, &stop) != Some(true)
    {
        let message = "this stops before the last step begins";
        let help = "let `stop` come later, and count from the same as the steps";
        context.add(Fault::new(Code::TimesOutOfOrder, message, &node.place).help(help));
        return;
    }
    let stops = read.iter().skip(1).map(|(moment, ..)| moment.clone());
    let stops: Vec<Moment> = stops.chain([stop]).collect();
    for ((start, node, dose), stop) in read.into_iter().zip(stops) {
        let window = When::During { start, stop };
        give(context, (kind, declared), (node, dose), &[window], arm);
    }
}

/// Adds what a dose does over these windows; nothing at a zero dose.
fn give(
    context: &Context<'_>,
    (kind, declared): (&str, &Intervention),
    (node, dose): (&Node, f64),
    windows: &[When],
    arm: &mut Arm,
) {
    if dose == 0.0 {
        return;
    }
    let origin = format!("arm `{}`, intervention `{kind}`", arm.name);
    for (effect, target, operation) in effects(context, node, kind, declared, dose) {
        for when in windows {
            let when = match (&target, when) {
                (Target::Species(_), When::During { start, .. }) => {
                    When::Once { at: start.clone() }
                }
                (_, when) => when.clone(),
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
    let label = format!("{kind} {}", show_value(node));
    let kind = kind.to_owned();
    context.shade(
        arm,
        &Shading {
            label,
            kind,
            dose: Some(dose),
            start: Moment::Age(0.0),
            stop: Moment::Age(0.0),
        },
        windows,
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
    node: &Node,
    kind: &str,
    declared: &Intervention,
    dose: f64,
) -> Vec<(usize, Target, Operation)> {
    let Some((network, values)) = context.network() else {
        return Vec::new();
    };
    let place = &node.place;
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
