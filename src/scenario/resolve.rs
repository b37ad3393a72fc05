//! From the tree to the checked scenario: names exist, units agree, times are ordered.

use std::collections::BTreeMap;

use gutbrain_integrate::Method;
use gutbrain_network::fault::Collector;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::Unit;
use gutbrain_network::{Code, Declaration, Edits, Fault, Faults};

use super::arm::resolve_arms;
use super::check::check_shape;
use super::cohort::{at_most, resolve_cohort};
use super::data::DataPlan;
use super::figure::{default_figures, default_summary, resolve_figures};
use super::figure_look::resolve_style;
use super::figure_view::{Context, read_colours};
use super::names::check_model;
use super::node::{Content, Node};
use super::outputs::Asker;
use super::plan::{
    Arm, CohortPlan, FigurePlan, OutputPlan, Scenario, SimulationPlan, SolverPlan, SubjectPlan,
    Trajectories,
};
use super::quantity::Quantities;
use super::sensitivity::resolve_sensitivity;
use super::sweep::{SweepPlan, resolve_sweep, try_factors};
use super::trial::resolve_trial;
use super::variants::Posteriors;
use crate::limits::{self, Work};
use crate::model::{Model, SHIPPED};

/// Length of the terminal summary when the scenario names no variables for it.
const SUMMARY_LENGTH: usize = 8;

/// Checks a tree against a model. `stem` is the title of a scenario without one.
pub(super) fn resolve(
    root: &Node,
    model: &Model,
    stem: &str,
    posteriors: &Posteriors,
) -> Result<Scenario, Faults> {
    let declaration = &model.declaration;
    let faults = Collector::new();
    check_shape(root, &declaration.family, &faults);
    let quantities = Quantities {
        units: &declaration.units,
        faults: &faults,
    };
    check_version(root, &faults);
    let title = root
        .get("title")
        .and_then(Node::text)
        .unwrap_or(stem)
        .to_owned();
    let seed = root.get("seed").and_then(Node::whole).unwrap_or(1);
    let subject = resolve_subject(root, declaration, quantities);
    let simulation = resolve_simulation(root, quantities);
    let solver = resolve_solver(root, quantities, &faults);
    let edits = resolve_edits(root, declaration, &faults);
    let arms = resolve_arms(
        root,
        model,
        quantities,
        &edits,
        subject.as_ref(),
        simulation,
    );
    let style = resolve_style(root, &faults);
    let view = Context {
        declaration,
        arms: &arms,
        simulation,
        quantities,
        colours: read_colours(root.at("style.colours"), quantities),
    };
    let mut figures = resolve_figures(root, &style, &view);
    let cohort = resolve_cohort(
        root,
        model,
        subject.as_ref().map(|it| it.preset.as_str()),
        posteriors,
        quantities,
    );
    let trial = resolve_trial(root, cohort.as_ref(), declaration, simulation, quantities);
    let names: Vec<String> = arms.iter().map(|arm| arm.name.clone()).collect();
    let sweep = resolve_sweep(root, declaration, &names, simulation, quantities);
    let is_cohort = root.get("cohort").is_some();
    check_model(declaration, is_cohort, &faults);
    // After a fault of what they are asked about, questions are not judged.
    let asker = simulation
        .filter(|_| is_cohort == cohort.is_some())
        .map(|simulation| Asker {
            declaration,
            arms: &names,
            simulation,
            is_cohort,
        });
    let sensitivity = resolve_sensitivity(root, declaration, asker.as_ref(), quantities);
    let output = resolve_output(root, declaration, quantities, simulation, &figures);
    if root.get("figure").is_none() {
        figures = default_figures(&output.summary, cohort.is_some(), (&style, &view.colours));
    }
    if let Some(plan) = &sweep
        && faults.count() == 0
    {
        try_factors(root, stem, model, &plan.factors, quantities);
    }
    if !sensitivity.factors.is_empty() && faults.count() == 0 {
        try_factors(root, stem, model, &sensitivity.factors, quantities);
    }
    if let Some(work) = work(
        declaration,
        simulation,
        &arms,
        cohort.as_ref(),
        sweep.as_ref(),
    ) && work.is_too_much()
    {
        let node = [
            "sweep.points",
            "sweep",
            "cohort.subjects",
            "simulation.every",
            "simulation",
        ];
        let node = node
            .into_iter()
            .find_map(|path| root.at(path))
            .unwrap_or(root);
        let fault = Fault::new(Code::TooMuch, work.refusal(), &node.place);
        faults.add(fault.help("ask for less at a time, or divide the work into shards"));
    }
    // Where a part is missing a fault says so, and `finish` returns it; the stand-in is not seen.
    let subject = subject.unwrap_or_else(|| SubjectPlan {
        preset: String::new(),
        parameters: BTreeMap::new(),
    });
    let simulation = simulation.unwrap_or(SimulationPlan {
        start: 0.0,
        stop: 1.0,
        every: 1.0,
    });
    faults.finish(Scenario {
        title,
        seed,
        subject,
        simulation,
        solver,
        output,
        edits,
        arms,
        figures,
        style,
        cohort,
        trial,
        sweep,
        sensitivity,
        // Read when all else is right.
        data: DataPlan::default(),
    })
}

/// What `run` or `sweep` would need for this scenario.
fn work(
    declaration: &Declaration,
    simulation: Option<SimulationPlan>,
    arms: &[Arm],
    cohort: Option<&CohortPlan>,
    sweep: Option<&SweepPlan>,
) -> Option<Work> {
    const NUMBER: u128 = 8;
    let plan = simulation?;
    let columns = (declaration.species.len() + declaration.observables.len()) as u128;
    let ages = ((plan.stop - plan.start) / plan.every).ceil() as u128 + 1;
    let subjects = cohort.map_or(1, |plan| u128::from(plan.subjects));
    let points = sweep.map_or(1, |plan| u128::from(plan.points));
    let each = match cohort {
        None => ages * columns * NUMBER,
        Some(plan) => {
            let visits = plan.visits.len() as u128 * columns * NUMBER;
            u128::from(limits::BYTES_AN_ANIMAL) + visits
        }
    };
    let arms = arms.len() as u128;
    Some(Work {
        simulations: points * subjects * arms,
        bytes: subjects * arms * each,
    })
}

fn check_version(root: &Node, faults: &Collector) {
    if let Some(node) = root.get("schema")
        && let Some(version) = node.whole()
        && version != 1
    {
        let message = format!("this program reads schema 1, not {version}");
        faults
            .add(Fault::new(Code::UnknownVersion, message, &node.place).help("write `schema = 1`"));
    }
}

/// "Did you mean", or where to find the names.
pub(super) fn suggest<'a>(
    name: &str,
    known: impl Iterator<Item = &'a String> + Clone,
    list: &str,
) -> String {
    did_you_mean(name, known.clone().map(String::as_str)).unwrap_or_else(|| {
        let names: Vec<&str> = known.map(String::as_str).collect();
        if names.len() <= 12 && !names.is_empty() {
            format!("known: {}", names.join(", "))
        } else {
            format!("`gutbrain model list {list}` shows the names")
        }
    })
}

fn resolve_subject(
    root: &Node,
    declaration: &Declaration,
    quantities: Quantities<'_>,
) -> Option<SubjectPlan> {
    let faults = quantities.faults;
    let mut parameters = BTreeMap::new();
    let written = root.at("subject.parameters").and_then(Node::table);
    for (name, entry) in written.into_iter().flatten() {
        let Some(parameter) = declaration.parameters.get(name) else {
            let help = suggest(name, declaration.parameters.keys(), "parameters");
            let message = format!("the model has no parameter `{name}`");
            faults.add(Fault::new(Code::UnknownName, message, &entry.key).help(help));
            continue;
        };
        let what = format!("parameter `{name}`");
        if let Some(value) = quantities.read(&entry.value, &what, &parameter.unit) {
            parameters.insert(name.clone(), value);
        }
    }
    let node = root.at("subject.preset")?;
    let preset = node.text()?;
    if !declaration.subjects.contains_key(preset) {
        let help = of_another_model(preset)
            .unwrap_or_else(|| suggest(preset, declaration.subjects.keys(), "subjects"));
        let message = format!("the model has no subject `{preset}`");
        faults.add(Fault::new(Code::UnknownName, message, &node.place).help(help));
        return None;
    }
    Some(SubjectPlan {
        preset: preset.to_owned(),
        parameters,
    })
}

/// That a subject is one of another shipped model.
fn of_another_model(preset: &str) -> Option<String> {
    let has = |name: &&str| {
        let model = Model::shipped(name).and_then(Result::ok);
        model.is_some_and(|model| model.declaration.subjects.contains_key(preset))
    };
    let name = SHIPPED.into_iter().find(has)?;
    Some(format!(
        "it is a subject of the shipped model `{name}`: `model = \"{name}\"` under `[subject]` asks for it, and \
         `--model {name}` where a command reads a model of its own"
    ))
}

fn resolve_simulation(root: &Node, quantities: Quantities<'_>) -> Option<SimulationPlan> {
    let read = |name: &str| {
        let node = root.at(&format!("simulation.{name}"))?;
        let what = format!("`simulation.{name}`");
        let value = if name == "every" {
            quantities.duration(node, &what)
        } else {
            quantities.age(node, &what)
        };
        Some((node, value))
    };
    let every = read("every");
    let (_, start) = read("start")?;
    let (stop_node, stop) = read("stop")?;
    let (start, stop) = (start?, stop?);
    let (every_node, every) = match every {
        None => (stop_node, 1.0),
        Some((node, every)) => (node, every?),
    };
    if stop <= start {
        let message = "the simulation stops before it starts";
        quantities.faults.add(
            Fault::new(Code::TimesOutOfOrder, message, &stop_node.place)
                .label(format!("start is {start} d, stop is {stop} d"))
                .help("times are ages; simulation.stop must be later than simulation.start"),
        );
        return None;
    }
    if (stop - start) / every > limits::GRID_AGES as f64 {
        let message = format!(
            "the output grid would have more than {} ages",
            limits::GRID_AGES
        );
        quantities.faults.add(
            Fault::new(Code::TooMuch, message, &every_node.place)
                .help("raise simulation.every; it never changes the solution"),
        );
        return None;
    }
    Some(SimulationPlan { start, stop, every })
}

fn resolve_solver(root: &Node, quantities: Quantities<'_>, faults: &Collector) -> SolverPlan {
    let at = |name: &str| root.at(&format!("solver.{name}"));
    let bounded = |name: &str, low: f64, high: f64| {
        let node = at(name)?;
        let value = node.number()?;
        if (low..=high).contains(&value) {
            return Some(value);
        }
        let message = format!("`solver.{name}` must lie between {low:e} and {high:e}");
        faults.add(
            Fault::new(Code::OutOfRange, message, &node.place).label(format!("this is {value:e}")),
        );
        None
    };
    let method = at("method")
        .and_then(Node::text)
        .and_then(Method::from_name);
    let rtol = bounded("rtol", 1e-13, 0.1).unwrap_or(1e-6);
    let atol = bounded("atol", 1e-300, 1e6).unwrap_or(0.01 * rtol);
    let steps = at("maximum_steps")
        .and_then(Node::whole)
        .and_then(|n| usize::try_from(n).ok());
    if steps == Some(0)
        && let Some(node) = at("maximum_steps")
    {
        let message = "`solver.maximum_steps` must be at least 1";
        faults.add(Fault::new(Code::OutOfRange, message, &node.place));
    }
    SolverPlan {
        // `auto` is always registered; any other name was checked with the shape.
        method: method
            .or_else(|| Method::from_name("auto"))
            .unwrap_or(Method::all()[0].method),
        rtol,
        atol,
        maximum_steps: steps.unwrap_or(100_000),
        maximum_step: at("maximum_step")
            .and_then(|node| quantities.duration(node, "`solver.maximum_step`")),
    }
}

fn resolve_edits(root: &Node, declaration: &Declaration, faults: &Collector) -> Edits {
    let mut edits = Edits::default();
    for (list, enabled) in [("enable", true), ("disable", false)] {
        let items = root
            .at(&format!("model.{list}"))
            .and_then(Node::list)
            .unwrap_or_default();
        for item in items {
            let Some(name) = item.text() else { continue };
            let Some(id) = switch_name(declaration, name) else {
                let known: Vec<String> = switchable(declaration).collect();
                let help = suggest(name, known.iter(), "processes");
                let message = format!("`{name}` is no process or modulator of the model");
                faults.add(Fault::new(Code::UnknownName, message, &item.place).help(help));
                continue;
            };
            if edits.enabled.insert(id.clone(), enabled) == Some(!enabled) {
                let message = format!("`{id}` is both enabled and disabled");
                faults.add(
                    Fault::new(Code::Contradiction, message, &item.place)
                        .help("keep it in one of the lists `model.enable` and `model.disable`"),
                );
            }
        }
    }
    edits
}

/// `process.x` or `modulator.x` for a name with or without its kind.
fn switch_name(declaration: &Declaration, name: &str) -> Option<String> {
    let (kind, id) = name
        .split_once('.')
        .map_or((None, name), |(kind, id)| (Some(kind), id));
    let is = |wanted: &str| kind.is_none_or(|kind| kind == wanted);
    if is("process") && declaration.processes.contains_key(id) {
        return Some(format!("process.{id}"));
    }
    (is("modulator") && declaration.modulators.contains_key(id)).then(|| format!("modulator.{id}"))
}

fn switchable(declaration: &Declaration) -> impl Iterator<Item = String> {
    let processes = declaration
        .processes
        .keys()
        .map(|id| format!("process.{id}"));
    processes.chain(
        declaration
            .modulators
            .keys()
            .map(|id| format!("modulator.{id}")),
    )
}

/// Checks that every name of a list is a species or an observable.
pub(super) fn resolve_names(
    node: Option<&Node>,
    declaration: &Declaration,
    faults: &Collector,
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in node.and_then(Node::list).unwrap_or_default() {
        let Some(name) = item.text() else { continue };
        let fault = |code, message: String| Fault::new(code, message, &item.place);
        if names.iter().any(|known| known == name) {
            faults.add(fault(
                Code::Repeated,
                format!("`{name}` is in the list twice"),
            ));
        } else if declaration.species.contains_key(name)
            || declaration.observables.contains_key(name)
        {
            names.push(name.to_owned());
        } else {
            let known = declaration
                .observables
                .keys()
                .chain(declaration.species.keys());
            let help = suggest(name, known, "observables");
            let message = format!("the model has no species or observable `{name}`");
            faults.add(fault(Code::UnknownName, message).help(help));
        }
    }
    names
}

/// Fewer vectors than these leave both quantiles to the outermost ones.
const FEWEST_VECTORS: u64 = 20;

fn resolve_output(
    root: &Node,
    declaration: &Declaration,
    quantities: Quantities<'_>,
    simulation: Option<SimulationPlan>,
    figures: &[FigurePlan],
) -> OutputPlan {
    let trajectories = match root.at("output.trajectories").and_then(Node::text) {
        Some("shown") => Trajectories::Shown,
        Some("none") => Trajectories::None,
        Some("all") => Trajectories::All,
        // A cohort writes bands; single animals write everything.
        _ if root.get("cohort").is_some() && root.at("cohort.only").is_none() => Trajectories::None,
        _ => Trajectories::All,
    };
    let mut summary = resolve_names(root.at("output.summary"), declaration, quantities.faults);
    if root.at("output.summary").is_none() {
        let shown = figures
            .first()
            .map(|figure| figure.show.clone())
            .unwrap_or_default();
        summary = if shown.is_empty() {
            default_summary(declaration, SUMMARY_LENGTH)
        } else {
            shown
        };
        summary.truncate(SUMMARY_LENGTH);
    }
    let is_on_grid = |age: f64| {
        simulation.is_some_and(|plan| {
            let index = (age - plan.start) / plan.every;
            let near = (index - index.round()).abs() * plan.every <= 1e-9;
            (plan.start..=plan.stop).contains(&age) && (near || plan.stop - age <= 1e-9)
        })
    };
    if let Some((node, items)) = root
        .at("output.ages")
        .and_then(|node| Some((node, node.list()?)))
    {
        at_most(
            limits::LISTED_AGES,
            items.len(),
            "ages",
            "`output.ages`",
            node,
            quantities,
        );
    }
    let ages = match root.at("output.ages").map(|node| &node.content) {
        Some(Content::List(items)) => items
            .iter()
            .filter_map(|item| {
                let age = quantities.age(item, "an age of `output.ages`")?;
                if simulation.is_some() && !is_on_grid(age) {
                    let message = format!("{age} d is no age of the output grid");
                    let help = "ages are simulation.start plus multiples of simulation.every";
                    let fault = Fault::new(Code::NotOnGrid, message, &item.place).help(help);
                    quantities.faults.add(fault);
                }
                Some(age)
            })
            .collect(),
        _ => [60.0, 80.0]
            .into_iter()
            .filter(|age| is_on_grid(*age))
            .collect(),
    };
    let vectors = root.at("output.vectors");
    if let Some(node) =
        vectors.filter(|it| it.whole().is_some_and(|n| (1..FEWEST_VECTORS).contains(&n)))
    {
        let message = "so few vectors have no 5 % and 95 % quantile";
        let help = format!("write at least {FEWEST_VECTORS}, or 0 for no intervals");
        let fault = Fault::new(Code::OutOfRange, message, &node.place);
        quantities.faults.add(fault.help(help));
    }
    let vectors = vectors.and_then(Node::whole);
    OutputPlan {
        trajectories,
        ages,
        summary,
        // More than there are is all of them.
        vectors: usize::try_from(vectors.unwrap_or(0)).unwrap_or(usize::MAX),
    }
}

/// The day as a unit of rates: `unit` per day.
pub(super) fn per_day(unit: &Unit) -> Unit {
    unit.divide(&Unit::day())
}
