//! Captions: what a figure shows, in the words that stand under it in a paper.
//!
//! A caption says who is simulated and how many of them, what the lines and bands are, which tests were
//! made, what was done to every arm and when, and that nothing of it was measured. It is made from the
//! scenario, so that it is there before the numbers are.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::figures::label;
use crate::model::Model;
use crate::scenario::{Arm, CohortPlan, FigureKind, FigurePlan, Pairing, Scenario};

/// The caption of a figure of a run, one paragraph.
#[must_use]
pub fn caption(plan: &FigurePlan, scenario: &Scenario, model: &Model) -> String {
    let declaration = &model.declaration;
    let mut text = sentence(plan.look.title.as_deref().unwrap_or(&scenario.title));
    let labels: Vec<String> = shown(plan)
        .iter()
        .map(|id| label(id, declaration))
        .collect();
    match &scenario.cohort {
        None => text.push_str(&of_one_subject(plan, &labels)),
        Some(cohort) => text.push_str(&of_a_cohort(
            plan,
            cohort,
            &labels,
            &reference(plan, scenario),
        )),
    }
    let logarithmic = plan.view.logarithmic.iter();
    let logarithmic: Vec<String> = logarithmic.map(|id| label(id, declaration)).collect();
    if !logarithmic.is_empty() {
        let _ = write!(
            text,
            " The axis is logarithmic of {}.",
            logarithmic.join("; ")
        );
    }
    let shown = |arm: &&Arm| plan.arms.is_empty() || plan.arms.contains(&arm.name);
    let arms: Vec<String> = (scenario.arms.iter().filter(shown))
        .map(|arm| in_brackets(arm, scenario.simulation.stop))
        .collect();
    let preset = &scenario.subject.preset;
    let subject = declaration.subjects.get(preset);
    let says = subject.map_or(preset.as_str(), |subject| subject.says.as_str());
    let _ = write!(
        text,
        " Arms: {}. Subject: {} ({preset}).",
        arms.join("; "),
        says.trim_end_matches('.')
    );
    let set: Vec<String> = (scenario.subject.parameters.iter())
        .map(|(id, value)| {
            let unit = declaration.parameters.get(id).map(|it| it.unit.to_string());
            let unit = unit.filter(|unit| unit != "1").unwrap_or_default();
            format!("{id} = {value} {unit}").trim_end().to_owned()
        })
        .collect();
    if !set.is_empty() {
        let _ = write!(text, " Set for this experiment: {}.", set.join(", "));
    }
    let own = &scenario.data;
    if !own.is_empty() {
        let files: BTreeSet<&str> = (own.measurements.iter().map(|it| it.file.as_str()))
            .chain(own.animals.iter().map(|it| it.file.as_str()))
            .collect();
        let files: Vec<&str> = files.into_iter().collect();
        let _ = write!(
            text,
            " Points with whiskers and thin steps: own data ({}), as the legend says.",
            files.join(", ")
        );
    }
    let what = match own.is_empty() {
        true => "nothing here was measured",
        false => "but for these data nothing here was measured",
    };
    let notice = &declaration.family.notice;
    let notice = match notice.is_empty() {
        true => String::new(),
        false => format!(" Note: {notice}."),
    };
    let hash: String = model.hash.chars().take(12).collect();
    let _ = writeln!(
        text,
        " Simulated with gutbrain {}, model {hash}, seed {}; {what}.{notice}",
        env!("CARGO_PKG_VERSION"),
        scenario.seed
    );
    declaration.family.in_its_words(&text)
}

/// What is done to an arm, in words.
#[must_use]
pub fn done(arm: &Arm, stop: f64) -> Vec<String> {
    let words = arm.shading.iter().map(|it| {
        if it.start == it.stop {
            format!("{} at {}", it.label, it.start)
        } else if it.stop.age().is_some_and(|age| age >= stop) {
            format!("{} from {} on", it.label, it.start)
        } else {
            format!("{} from {} to {}", it.label, it.start, it.stop)
        }
    });
    words.collect()
}

/// More windows of an arm than this are counted, not listed.
const MOST_WINDOWS: usize = 6;

fn in_brackets(arm: &Arm, stop: f64) -> String {
    let done = done(arm, stop);
    let words = match done.len() {
        0 => "untreated".to_owned(),
        few if few <= MOST_WINDOWS => done.join(", "),
        many => format!("{}, and {} more", done[0], many - 1),
    };
    format!("{} ({words})", arm.name)
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    let end = if text.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{text}{end} ")
}

fn shown(plan: &FigurePlan) -> &[String] {
    if plan.show.is_empty() {
        &plan.choice
    } else {
        &plan.show
    }
}

fn of_one_subject(plan: &FigurePlan, labels: &[String]) -> String {
    let one = "one simulated subject in each arm";
    match plan.kind {
        FigureKind::Trajectories => {
            format!("Courses over age of {}: {one}.", labels.join("; "))
        }
        FigureKind::Endpoints => format!("The ages at the endpoints of the disease: {one}."),
        FigureKind::DoseResponse => {
            format!("Gain of onset and of life over the level of the arms: {one}.")
        }
        FigureKind::NetworkMap => NETWORK.to_owned(),
        FigureKind::Survival | FigureKind::Events | FigureKind::Forest => String::new(),
    }
}

const NETWORK: &str = "The network of the model: boxes are quantities, arrows the processes that act between \
                       them in this experiment. Effects that change a value by less than a twentieth of their \
                       own relative change, at typical magnitudes, are left out: what is not drawn may act weakly.";

/// Whom the arms are compared with: the first of them, by its name where the figure does not show it.
fn reference(plan: &FigurePlan, scenario: &Scenario) -> String {
    let first = scenario.arms.first().map(|arm| &arm.name);
    let hidden = first.filter(|first| !plan.arms.is_empty() && !plan.arms.contains(first));
    hidden.map_or_else(
        || "the first arm".to_owned(),
        |first| format!("arm `{first}`"),
    )
}

fn of_a_cohort(
    plan: &FigurePlan,
    cohort: &CohortPlan,
    labels: &[String],
    reference: &str,
) -> String {
    let who = match cohort.pairing {
        Pairing::Twins => "the same in every arm",
        Pairing::Randomised => "drawn for every arm by itself",
    };
    let subjects = format!("{} simulated subjects per arm, {who}", cohort.subjects);
    let ends = cohort.endpoint.says.trim_end_matches('.');
    match plan.kind {
        FigureKind::Trajectories => format!(
            "Courses over age of {}: {subjects}. Lines are medians of those alive, bands hold the middle half \
             and the middle 80 % of them; they end where fewer than half of the arm are left.",
            labels.join("; ")
        ),
        FigureKind::Survival => format!(
            "Kaplan\u{2013}Meier curves, {subjects}. End: {ends}. p: log-rank test against {reference}; \
             hazard ratio with 95 % interval: Cox{}; under the axis, the numbers at risk.",
            match cohort.pairing {
                Pairing::Twins => " (both only describe, as the same subjects live in every arm)",
                Pairing::Randomised => "",
            }
        ),
        FigureKind::Events | FigureKind::Endpoints => {
            format!("Every life from birth to its end, {subjects}.")
        }
        FigureKind::Forest => format!(
            "Difference of restricted mean survival against {reference} with 95 % interval, {subjects}. \
             End: {ends}."
        ),
        FigureKind::NetworkMap => NETWORK.to_owned(),
        FigureKind::DoseResponse => String::new(),
    }
}
