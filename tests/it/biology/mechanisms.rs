//! Every link of the axis matters: switching it off changes what it must change, in that direction.
//!
//! One table ([`super::links`]) over the links L1–L9, B1–B6, I1–I7 and C1–C8 of the documentation. L7, B2 and B6 are
//! observables and are tested by value. A second test switches off every process and modulator of the
//! model in turn and asks that something moves.

use std::collections::BTreeSet;

use gutbrain::model::Model;
use gutbrain::simulate::ArmRun;
use gutbrain_numbers::Real;

use super::links::{Animal, Then, table};
use super::lives::{at, butyrate, intervention, lives, off, within};

use Animal::{
    Healthy, HealthyWithMethanogens, Sick, SickOnButyrate, SickOnProbiotic, SickOnSixPercent,
};
use Then::{Falls, Rises};

fn compare(animal: Animal, targets: &[&str], age: f64) -> Vec<ArmRun> {
    let (subject, treatment) = match animal {
        Healthy => ("mouse-wt-b6sjl", String::new()),
        Sick => ("mouse-g93a-b6sjl", String::new()),
        SickOnButyrate => ("mouse-g93a-b6sjl", butyrate("2", "38 d")),
        SickOnSixPercent => ("mouse-g93a-b6sjl", butyrate("6", "38 d")),
        SickOnProbiotic => (
            "mouse-g93a-b6sjl",
            intervention("probiotic", "1e10 CFU/day", "21 d"),
        ),
        HealthyWithMethanogens => (
            "mouse-wt-b6sjl",
            "[[arm.perturbation]]\ntarget = \"species.methanogens\"\naction = \"set\"\n\
             value = \"1 g/l\"\nstart = \"0 d\"\nstop = \"end\"\n"
                .to_owned(),
        ),
    };
    let without = format!("{treatment}{}", off(targets, "birth"));
    lives(
        subject,
        age as u32,
        "",
        &[("with", &treatment), ("without", &without)],
    )
}

#[test]
fn switching_a_link_off_changes_what_it_must_change() {
    let mut faults = Vec::new();
    for row in &table() {
        let runs = compare(row.animal, &row.off, row.age);
        let (with, without) = (
            at(&runs[0], row.output, row.age),
            at(&runs[1], row.output, row.age),
        );
        let change = (without - with) / with.abs().max(1e-12);
        let right = match row.then {
            Rises => change > 1e-6,
            Falls => change < -1e-6,
        };
        if !right {
            faults.push(format!(
                "{} {:?} in {:?}: {} at {} d goes from {with} to {without}, but {:?} was expected",
                row.link, row.off, row.animal, row.output, row.age, row.then
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_table_covers_every_link_and_every_link_is_declared() {
    let links: BTreeSet<String> = [('L', 9), ('B', 6), ('I', 7), ('C', 8)]
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number}")))
        .collect();
    let by_value: BTreeSet<String> = ["L7", "B2", "B6"].map(str::to_owned).into();
    let tested: BTreeSet<String> = table().iter().map(|row| row.link.to_owned()).collect();
    assert_eq!(&links - &by_value, tested);
    let model = Model::builtin().expect("the built-in model is sound");
    let declaration = &model.declaration;
    let declared: BTreeSet<String> = declaration
        .processes
        .values()
        .flat_map(|entry| &entry.common.link)
        .chain(
            declaration
                .modulators
                .values()
                .flat_map(|entry| &entry.common.link),
        )
        .chain(
            declaration
                .observables
                .values()
                .flat_map(|entry| &entry.common.link),
        )
        .cloned()
        .collect();
    assert!(declared.is_superset(&links), "{:?}", &links - &declared);
}

#[test]
fn the_observables_among_the_links_have_their_values() {
    let sick = &lives("mouse-g93a-b6sjl", 60, "", &[("control", "")])[0];
    let healthy = &lives("mouse-wt-b6sjl", 60, "", &[("control", "")])[0];
    // L7: composition adds up, and diversity can rise as in patients.
    let groups = [
        "fibre_degraders",
        "butyrate_producers",
        "bifidobacteria",
        "methanogens",
        "dorea",
        "enterobacteria",
        "akkermansia",
        "torques",
    ];
    let sum: f64 = groups
        .iter()
        .map(|group| at(sick, &format!("abundance_{group}"), 60.0))
        .sum();
    within("abundances, %", sum, 100.0 - 1e-9, 100.0 + 1e-9);
    let shannon: f64 = groups
        .iter()
        .map(|group| at(sick, &format!("abundance_{group}"), 60.0) / 100.0)
        .map(|share| -share * Real::ln(share))
        .sum();
    within(
        "Shannon index",
        at(sick, "shannon_index", 60.0),
        shannon - 1e-9,
        shannon + 1e-9,
    );
    let ratio = at(sick, "firmicutes_bacteroidetes_ratio", 60.0)
        / at(healthy, "firmicutes_bacteroidetes_ratio", 60.0);
    within("F/B, sick over healthy", ratio, 0.3, 0.99);
    let invaded = "[[arm.perturbation]]\ntarget = \"species.methanogens\"\naction = \"set\"\nvalue = \"1 g/l\"\n\
                   start = \"21 d\"\nstop = \"end\"\n";
    let patient_like = lives(
        "mouse-wt-b6sjl",
        60,
        "",
        &[("control", ""), ("methanogens", invaded)],
    );
    assert!(
        at(&patient_like[1], "shannon_index", 60.0) > at(&patient_like[0], "shannon_index", 60.0)
    );
    // B2: the leak is about twice the normal before onset.
    within(
        "leak",
        at(sick, "permeability", 60.0) / at(healthy, "permeability", 60.0),
        1.6,
        2.4,
    );
    // B6: faecal markers follow the inflammation of the mucosa, calprotectin most.
    let [calprotectin, iga, epx] =
        ["calprotectin", "secretory_iga", "eosinophil_protein_x"].map(|id| at(sick, id, 60.0));
    assert!(
        calprotectin > iga && iga > epx && epx > 1.0,
        "{calprotectin} {iga} {epx}"
    );
}

/// Entries that only an intervention or an option brings to life.
const NEEDS_AN_INTERVENTION: &[&str] = &[
    "process.antibiotics_lose_strains",
    "process.strains_return",
    "process.content_takes_water",
    "process.content_gives_water",
    "process.probiotic_arrives",
    "process.producers_arrive",
    "process.akkermansia_arrives",
    "process.torques_arrives",
    "process.gos_feeds_",
    "process.enema_reaches_colon",
    "process.treg_cells_are_transferred",
    "process.butyrate_protects_neurons_directly",
    "process.injected_endotoxin_is_absorbed",
    "process.endotoxin_bursts_",
    "process.phagocytes_become_tolerant",
    "process.tolerance_is_lost",
    "modulator.nlrp3_inhibitor_lowers_il1b",
    "modulator.edaravone_slows_failing",
    "modulator.fat_carries_endotoxin",
    "modulator.lost_",
    "modulator.tgf_beta_",
];

#[test]
fn no_entry_of_the_model_is_dead() {
    let model = Model::builtin().expect("the built-in model is sound");
    let mut names: Vec<String> = model
        .declaration
        .processes
        .keys()
        .map(|id| format!("process.{id}"))
        .collect();
    names.extend(
        model
            .declaration
            .modulators
            .keys()
            .map(|id| format!("modulator.{id}")),
    );
    let (idle, live): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| {
        NEEDS_AN_INTERVENTION
            .iter()
            .any(|start| name.starts_with(start))
    });
    let everything: String = [
        butyrate("2", "38 d"),
        intervention("antibiotics", "0.5 1/day", "38 d"),
        intervention("probiotic", "1e10 CFU/day", "38 d"),
        intervention("butyrate-producer-probiotic", "1e10 CFU/day", "38 d"),
        intervention("prebiotic-gos", "0.1 mmol/day", "38 d"),
        intervention("butyrate-enema", "0.1 mmol/day", "38 d"),
        intervention("treg-transfer", "0.01 1/day", "38 d"),
        intervention("nlrp3-inhibitor", "1 mg/kg/day", "38 d"),
        intervention("edaravone", "1 mg/kg/day", "38 d"),
        intervention("mediterranean-diet", "1", "38 d"),
        intervention("akkermansia", "1e10 CFU/day", "38 d"),
        intervention("torques", "1e10 CFU/day", "38 d"),
        intervention("lps-injection", "0.1 mg/kg", "60 d"),
        intervention("astrocytic-tgf-beta", "0.5", "38 d"),
        intervention("knock-out-il6", "0.5", "38 d"),
        intervention("knock-out-tnf", "0.5", "38 d"),
        intervention("knock-out-il1b", "0.5", "38 d"),
        intervention("knock-out-il17", "0.5", "38 d"),
        intervention("knock-out-rag2", "0.5", "38 d"),
    ]
    .concat();
    let direct = "[model]\nenable = [\"process.butyrate_protects_neurons_directly\"]\n";
    for (names, treatment, extra) in [
        (&live, butyrate("2", "38 d"), ""),
        (&idle, everything, direct),
    ] {
        let mut arms = vec![("with".to_owned(), treatment.clone())];
        arms.extend(names.iter().map(|name| {
            (
                name.clone(),
                format!("{treatment}{}", off(&[name], "birth")),
            )
        }));
        let arms: Vec<(&str, &str)> = arms
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let runs = lives("mouse-g93a-b6sjl", 90, extra, &arms);
        let mut dead = Vec::new();
        for run in &runs[1..] {
            let moved = run.species.iter().zip(&runs[0].species).any(|(off, on)| {
                let (a, b) = (off.values.last(), on.values.last());
                off.values.len() != on.values.len()
                    || a.zip(b)
                        .is_some_and(|(a, b)| (a - b).abs() > 1e-6 * b.abs().max(1e-9))
            });
            if !moved {
                dead.push(&run.arm);
            }
        }
        assert!(
            dead.is_empty(),
            "switching these off changes nothing: {dead:?}"
        );
    }
}
