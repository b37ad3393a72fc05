//! `[[arm.perturbation]]`: any parameter, process, modulator or species, scaled, set, raised, off.
//!
//! Combinations without a meaning are refused with what to do instead.

use gutbrain_network::unit::Unit;
use gutbrain_network::{Code, Fault};

use super::arm::{Context, show_value};
use super::moment::Moment;
use super::node::Node;
use super::plan::{Action, Amount, Arm, Operation, Shading, Target};
use super::resolve::{per_day, suggest};
use super::times::WithoutStop;

/// Adds the actions of one perturbation to its arm.
pub(super) fn resolve_perturbation(context: &Context<'_>, item: &Node, arm: &mut Arm) {
    let target = item
        .get("target")
        .and_then(|node| resolve_target(context, node));
    let operation = match item.get("action").and_then(Node::text) {
        Some("set") => Some(Operation::Set),
        Some("scale") => Some(Operation::Scale),
        Some("add") => Some(Operation::Add),
        Some("off") => Some(Operation::Off),
        _ => None,
    };
    let is_species = matches!(target, Some(Target::Species(_)));
    let without_stop = if is_species {
        WithoutStop::Once
    } else {
        WithoutStop::ToTheEnd
    };
    let times = context.times(item, without_stop);
    let (Some(target), Some(operation)) = (target, operation) else {
        return;
    };
    if let Some(fault) = without_meaning(item, &target, operation) {
        context.add(fault);
        return;
    }
    let Some(value) = resolve_value(context, item, &target, operation) else {
        return;
    };
    let Some(times) = times else { return };
    let removes = operation == Operation::Off || (operation == Operation::Scale && value == 0.0);
    if let Some(fault) = switched_off(context, item, &target) {
        // A knock-out of what is off already is what it says: the same scenario serves the wild type
        // and the mutant, a model with a mechanism and one without it.
        if !removes {
            context.add(fault);
        }
        return;
    }
    let changes_nothing = match operation {
        // Exact on purpose: only these very numbers leave every bit as it is.
        Operation::Scale => value.total_cmp(&1.0).is_eq(),
        Operation::Add => value == 0.0,
        Operation::Set | Operation::Off => false,
    };
    if changes_nothing {
        return;
    }
    let windows = times;
    let origin = format!("arm `{}`, perturbation of `{}`", arm.name, target.dotted());
    for when in &windows {
        arm.actions.push(Action {
            target: target.clone(),
            operation,
            amount: Amount::Given(value),
            when: when.clone(),
            origin: origin.clone(),
        });
    }
    let word = item.get("action").and_then(Node::text).unwrap_or_default();
    let written = item.get("value").map_or_else(String::new, show_value);
    let kind = target.dotted();
    let label = format!("{kind} {word} {written}").trim().to_owned();
    context.shade(
        arm,
        &Shading {
            label,
            kind,
            dose: None,
            start: Moment::Age(0.0),
            stop: Moment::Age(0.0),
        },
        &windows,
    );
}

fn resolve_target(context: &Context<'_>, node: &Node) -> Option<Target> {
    let text = node.text()?;
    let declaration = context.declaration;
    let unknown = |help: String| {
        let message = format!("`{text}` is nothing that can be changed");
        context.add(Fault::new(Code::UnknownName, message, &node.place).help(help));
    };
    let Some((kind, id)) = text.split_once('.') else {
        let found = if declaration.parameters.contains_key(text) {
            Some("parameter")
        } else if declaration.processes.contains_key(text) {
            Some("process")
        } else if declaration.modulators.contains_key(text) {
            Some("modulator")
        } else {
            declaration.species.contains_key(text).then_some("species")
        };
        unknown(found.map_or_else(
            || "write `parameter.`, `process.`, `modulator.` or `species.` and a name".to_owned(),
            |kind| format!("write `{kind}.{text}`"),
        ));
        return None;
    };
    let id_owned = id.to_owned();
    let (known, target, list) = match kind {
        "parameter" => (
            declaration.parameters.keys().collect::<Vec<_>>(),
            Target::Parameter(id_owned),
            "parameters",
        ),
        "process" => (
            declaration.processes.keys().collect(),
            Target::Process(id_owned),
            "processes",
        ),
        "modulator" => (
            declaration.modulators.keys().collect(),
            Target::Modulator(id_owned),
            "modulators",
        ),
        "species" => (
            declaration.species.keys().collect(),
            Target::Species(id_owned),
            "species",
        ),
        "observable" | "assignment" => {
            unknown(format!(
                "`{id}` follows from others; change a process or parameter instead"
            ));
            return None;
        }
        _ => {
            unknown(
                "targets begin `parameter.`, `process.`, `modulator.` or `species.`".to_owned(),
            );
            return None;
        }
    };
    if !known.iter().any(|name| *name == id) {
        let help = suggest(id, known.into_iter(), list);
        let message = format!("the model has no {kind} `{id}`");
        context.add(Fault::new(Code::UnknownName, message, &node.place).help(help));
        return None;
    }
    Some(target)
}

/// A process or modulator that is off cannot be perturbed; only removed, which changes nothing.
fn switched_off(context: &Context<'_>, item: &Node, target: &Target) -> Option<Fault> {
    let node = item.get("target").unwrap_or(item);
    let declared = match target {
        Target::Process(id) => context.declaration.processes.get(id)?.enabled,
        Target::Modulator(id) => context.declaration.modulators.get(id)?.enabled,
        Target::Parameter(_) | Target::Species(_) => return None,
    };
    let name = target.dotted();
    let enabled = context
        .edits
        .enabled
        .get(&name)
        .copied()
        .unwrap_or(declared);
    (!enabled).then(|| {
        Fault::new(
            Code::SwitchedOff,
            format!("`{name}` is switched off"),
            &node.place,
        )
        .help(format!(
            "switch it on first: `[model]` `enable = [\"{name}\"]`"
        ))
    })
}

/// Whether it acts over a window on a species, too.
fn has_end(item: &Node) -> bool {
    item.get("stop").is_some() || item.get("lasts").is_some()
}

fn without_meaning(item: &Node, target: &Target, operation: Operation) -> Option<Fault> {
    let place = item.get("action").map_or(&item.place, |node| &node.place);
    let fault =
        |message: &str, help: String| Some(Fault::new(Code::NoMeaning, message, place).help(help));
    match (target, operation) {
        (Target::Parameter(id), Operation::Off) => fault(
            "a parameter cannot be switched off",
            format!("set `parameter.{id}` to a value"),
        ),
        (Target::Species(id), Operation::Off) => fault(
            "a species cannot be switched off",
            format!("hold it: target `species.{id}`, action `set`, value 0, and a `stop`"),
        ),
        (Target::Species(id), Operation::Scale) if has_end(item) => fault(
            "a species cannot be scaled over a window",
            format!(
                "without `stop` its amount is scaled once; over a window scale a process that \
                 changes `{id}`"
            ),
        ),
        (_, Operation::Off) => item.get("value").map(|node| {
            Fault::new(Code::NoMeaning, "`off` takes no value", &node.place)
                .help("remove `value`, or write `scale` or `set`")
        }),
        _ => None,
    }
}

/// The value in the unit that the target takes; 0 for `off`.
fn resolve_value(
    context: &Context<'_>,
    item: &Node,
    target: &Target,
    operation: Operation,
) -> Option<f64> {
    if operation == Operation::Off {
        return Some(0.0);
    }
    let Some(node) = item.get("value") else {
        let message = "`arm.perturbation` has no `value`";
        context.add(
            Fault::new(Code::MissingKey, message, &item.place)
                .help("`scale` takes a factor, `set` and `add` a quantity"),
        );
        return None;
    };
    let unit = match operation {
        Operation::Scale => Unit::one(),
        _ => unit_of(context, target, operation, has_end(item))?,
    };
    let what = match operation {
        Operation::Scale => "a factor".to_owned(),
        Operation::Add => format!("what is added to `{}`", target.dotted()),
        _ => format!("the value of `{}`", target.dotted()),
    };
    let value = context.quantities.read(node, &what, &unit)?;
    let refused = match (target, operation) {
        (_, Operation::Scale) => "a factor cannot be negative",
        (Target::Species(_), Operation::Set) => "an amount cannot be negative",
        _ => return Some(value),
    };
    if value >= 0.0 {
        return Some(value);
    }
    context.add(Fault::new(Code::OutOfRange, refused, &node.place));
    None
}

fn unit_of(
    context: &Context<'_>,
    target: &Target,
    operation: Operation,
    has_stop: bool,
) -> Option<Unit> {
    let declaration = context.declaration;
    Some(match target {
        Target::Parameter(id) => declaration.parameters.get(id)?.unit.clone(),
        Target::Process(id) => declaration.processes.get(id)?.unit.clone(),
        Target::Modulator(_) => Unit::one(),
        Target::Species(id) => {
            let unit = &declaration.species.get(id)?.unit;
            if operation == Operation::Add && has_stop {
                per_day(unit)
            } else {
                unit.clone()
            }
        }
    })
}
