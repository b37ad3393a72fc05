//! Every link of the axis matters: switching it off changes what it must change, in that direction.
//!
//! One table over the links L1–L9, B1–B6, I1–I7 and C1–C8 of the documentation. L7, B2 and B6 are
//! observables and are tested by value. A second test switches off every process and modulator of the
//! model in turn and asks that something moves.

use std::collections::BTreeSet;

use gutbrain::model::Model;
use gutbrain::simulate::ArmRun;
use gutbrain_numbers::Real;

use super::lives::{at, butyrate, intervention, lives, off, within};

/// What an output does when a link is switched off.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Rises,
    Falls,
}
use Then::{Falls, Rises};

/// What both animals of a comparison are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Animal {
    Healthy,
    Sick,
    SickOnButyrate,
    SickOnSixPercent,
    SickOnProbiotic,
    HealthyWithMethanogens,
}
use Animal::{
    Healthy, HealthyWithMethanogens, Sick, SickOnButyrate, SickOnProbiotic, SickOnSixPercent,
};

struct Row {
    link: &'static str,
    off: &'static [&'static str],
    animal: Animal,
    output: &'static str,
    age: f64,
    then: Then,
}

const fn row(
    link: &'static str,
    off: &'static [&'static str],
    animal: Animal,
    output: &'static str,
    age: f64,
    then: Then,
) -> Row {
    Row {
        link,
        off,
        animal,
        output,
        age,
        then,
    }
}

const TABLE: &[Row] = &[
    row(
        "L1",
        &["process.fibre_degraders_ferment_fibre"],
        Healthy,
        "caecal_propionate",
        60.0,
        Falls,
    ),
    row(
        "L1",
        &["process.fibre_degraders_ferment_fibre"],
        Healthy,
        "caecal_acetate",
        60.0,
        Falls,
    ),
    row(
        "L1",
        &["process.fibre_degraders_release_sugar"],
        Healthy,
        "caecal_butyrate",
        60.0,
        Falls,
    ),
    row(
        "L2",
        &["process.butyrate_producers_ferment_sugar"],
        Healthy,
        "caecal_butyrate",
        60.0,
        Falls,
    ),
    row(
        "L2",
        &["process.acetate_cross_feeds_butyrate"],
        Healthy,
        "caecal_butyrate",
        60.0,
        Falls,
    ),
    row(
        "L2",
        &["process.nitrite_harms_butyrate_producers"],
        Sick,
        "butyrate_producers",
        60.0,
        Rises,
    ),
    row(
        "L3",
        &["process.bifidobacteria_ferment_sugar"],
        Healthy,
        "lactate",
        60.0,
        Falls,
    ),
    row(
        "L3",
        &["process.butyrate_producers_use_lactate"],
        Healthy,
        "caecal_butyrate",
        60.0,
        Falls,
    ),
    row(
        "L4",
        &["process.methanogens_shift_fermentation"],
        HealthyWithMethanogens,
        "caecal_butyrate",
        60.0,
        Rises,
    ),
    row(
        "L5",
        &["process.dorea_ferments_sugar"],
        Healthy,
        "ethanol",
        60.0,
        Falls,
    ),
    row(
        "L5",
        &["modulator.ethanol_lowers_zo1_colon"],
        Sick,
        "zo1_of_colon",
        60.0,
        Rises,
    ),
    row(
        "L6",
        &["process.enterobacteria_ferment_sugar"],
        Healthy,
        "plasma_lps",
        60.0,
        Falls,
    ),
    row(
        "L6",
        &["modulator.acids_hold_down_enterobacteria"],
        Sick,
        "plasma_lps",
        60.0,
        Falls,
    ),
    row(
        "L8",
        &["process.butyrate_is_absorbed_in_colon"],
        Healthy,
        "caecal_butyrate",
        60.0,
        Rises,
    ),
    row(
        "L8",
        &["process.butyrate_is_absorbed_in_ileum"],
        SickOnButyrate,
        "butyrate_ileum",
        60.0,
        Rises,
    ),
    row(
        "L8",
        &["process.dose_reaches_ileum"],
        SickOnButyrate,
        "zo1",
        60.0,
        Falls,
    ),
    row(
        "L8",
        &["process.butyrate_passes_liver"],
        SickOnButyrate,
        "plasma_butyrate",
        60.0,
        Falls,
    ),
    row(
        "L8",
        &["process.butyrate_is_cleared"],
        SickOnButyrate,
        "plasma_butyrate",
        60.0,
        Rises,
    ),
    row(
        "L9",
        &["process.sod1_slows_enteric_nerves"],
        Sick,
        "gut_motility",
        60.0,
        Rises,
    ),
    row(
        "L9",
        &["process.washout_butyrate"],
        Healthy,
        "caecal_butyrate",
        60.0,
        Rises,
    ),
    row(
        "B1",
        &["modulator.butyrate_raises_zo1_ileum"],
        SickOnButyrate,
        "zo1",
        80.0,
        Falls,
    ),
    row(
        "B1",
        &["modulator.butyrate_raises_zo1_ileum"],
        SickOnButyrate,
        "permeability",
        80.0,
        Rises,
    ),
    row(
        "B1",
        &["modulator.butyrate_raises_ecadherin_ileum"],
        SickOnButyrate,
        "ecadherin",
        80.0,
        Falls,
    ),
    row(
        "B1",
        &["process.high_butyrate_damages_zo1_ileum"],
        SickOnSixPercent,
        "zo1",
        80.0,
        Rises,
    ),
    row(
        "B3",
        &["process.sod1_damages_zo1_ileum"],
        Sick,
        "zo1",
        60.0,
        Rises,
    ),
    row(
        "B3",
        &["process.sod1_damages_ecadherin_colon"],
        Sick,
        "ecadherin_of_colon",
        60.0,
        Rises,
    ),
    row(
        "B3",
        &["process.sod1_damages_paneth"],
        Sick,
        "paneth_functional",
        60.0,
        Rises,
    ),
    row(
        "B3",
        &["modulator.butyrate_clears_aggregates_ileum"],
        SickOnButyrate,
        "epithelial_aggregates",
        80.0,
        Rises,
    ),
    row(
        "B4",
        &["process.paneth_cells_secrete_defensin"],
        Healthy,
        "defensin_5a",
        60.0,
        Falls,
    ),
    row(
        "B4",
        &["process.defensin_kills_dorea"],
        Healthy,
        "abundance_dorea",
        60.0,
        Rises,
    ),
    row(
        "B4",
        &["modulator.butyrate_restores_paneth"],
        SickOnButyrate,
        "paneth_functional",
        80.0,
        Falls,
    ),
    row(
        "B5",
        &["modulator.butyrate_inhibits_nfkb_ileum"],
        SickOnButyrate,
        "nfkb_ileum",
        80.0,
        Rises,
    ),
    row(
        "B5",
        &["modulator.butyrate_inhibits_nfkb_ileum"],
        SickOnButyrate,
        "zo1",
        80.0,
        Falls,
    ),
    row(
        "B5",
        &["modulator.nfkb_lowers_zo1_ileum"],
        Sick,
        "zo1",
        60.0,
        Rises,
    ),
    row(
        "I1",
        &["process.endotoxin_leaks_into_blood"],
        Sick,
        "plasma_lps",
        60.0,
        Falls,
    ),
    row(
        "I2",
        &["process.phagocytes_make_il23"],
        Sick,
        "il17",
        60.0,
        Falls,
    ),
    row(
        "I2",
        &["process.lps_activates_phagocytes"],
        Sick,
        "il23",
        60.0,
        Falls,
    ),
    row(
        "I2",
        &["process.th17_cells_make_il17"],
        Sick,
        "il17",
        60.0,
        Falls,
    ),
    row(
        "I3",
        &["modulator.butyrate_raises_treg"],
        SickOnButyrate,
        "treg_fold",
        80.0,
        Falls,
    ),
    row(
        "I3",
        &["modulator.butyrate_lowers_th17"],
        SickOnButyrate,
        "il17",
        80.0,
        Rises,
    ),
    row(
        "I4",
        &["process.phagocytes_make_tnf"],
        Sick,
        "nfkb_ileum",
        60.0,
        Falls,
    ),
    row(
        "I4",
        &["process.phagocytes_make_il6"],
        Sick,
        "il17",
        60.0,
        Falls,
    ),
    row(
        "I4",
        &["process.phagocytes_make_il1b"],
        Sick,
        "motor_score",
        120.0,
        Rises,
    ),
    row(
        "I5",
        &["process.disease_shifts_preference"],
        Sick,
        "weight",
        80.0,
        Falls,
    ),
    row("I5", &["process.body_burns"], Sick, "weight", 60.0, Rises),
    row(
        "I5",
        &["process.intake_follows_appetite"],
        Sick,
        "caecal_butyrate",
        100.0,
        Rises,
    ),
    row(
        "I6",
        &["modulator.vagal_tone_calms_phagocytes"],
        Sick,
        "il23",
        120.0,
        Falls,
    ),
    row(
        "I6",
        &["modulator.gut_hormones_raise_bdnf"],
        Sick,
        "bdnf",
        100.0,
        Rises,
    ),
    row(
        "I7",
        &["modulator.flora_keeps_tolerance"],
        Sick,
        "treg_fold",
        60.0,
        Rises,
    ),
    row(
        "C1",
        &["process.blood_signals_open_cord_barrier"],
        Sick,
        "cord_barrier_leak",
        60.0,
        Falls,
    ),
    row(
        "C2",
        &["process.cd8_cells_infiltrate"],
        Sick,
        "motor_neurons",
        125.0,
        Rises,
    ),
    row(
        "C2",
        &["process.cd4_cells_infiltrate"],
        Sick,
        "motor_neurons",
        125.0,
        Falls,
    ),
    row(
        "C2",
        &["modulator.protective_cells_calm_microglia"],
        Sick,
        "microglia",
        125.0,
        Rises,
    ),
    row(
        "C3",
        &["process.microglia_amplify"],
        Sick,
        "microglia",
        100.0,
        Falls,
    ),
    row(
        "C3",
        &["process.microglia_amplify"],
        Sick,
        "motor_score",
        110.0,
        Rises,
    ),
    row(
        "C3",
        &["process.bacterial_fragments_activate_microglia"],
        Sick,
        "microglia",
        80.0,
        Falls,
    ),
    // What shields is lost with the homeostatic microglia: without the link nothing is lost.
    row(
        "C3",
        &["modulator.protective_cells_shield_neurons"],
        SickOnButyrate,
        "motor_neurons",
        100.0,
        Rises,
    ),
    row(
        "C3",
        &["process.microglia_are_renewed"],
        Sick,
        "microglia_homeostatic",
        120.0,
        Falls,
    ),
    row(
        "C4",
        &["process.nlrp3_matures_il1b"],
        Sick,
        "motor_neurons",
        120.0,
        Rises,
    ),
    row(
        "C5",
        &["process.excitation_kills_neurons"],
        Sick,
        "motor_neurons",
        120.0,
        Rises,
    ),
    row(
        "C5",
        &["process.inflammation_lowers_eaat2"],
        Sick,
        "eaat2",
        120.0,
        Rises,
    ),
    row(
        "C6",
        &["process.failing_neurons_recover"],
        Sick,
        "motor_neurons",
        90.0,
        Falls,
    ),
    row(
        "C6",
        &["modulator.bifidobacteria_raise_bdnf"],
        SickOnProbiotic,
        "bdnf",
        60.0,
        Falls,
    ),
    row(
        "C7",
        &["process.transgene_makes_misfolded_sod1"],
        Sick,
        "motor_neurons",
        90.0,
        Rises,
    ),
    row(
        "C7",
        &["process.misfolded_sod1_aggregates"],
        Sick,
        "sod1_aggregate_neuron",
        90.0,
        Falls,
    ),
    row(
        "C7",
        &["process.misfolded_sod1_aggregates"],
        Sick,
        "misfolded_neuron",
        90.0,
        Rises,
    ),
    row(
        "C8",
        &["process.misfolded_sod1_makes_neurons_fail"],
        Sick,
        "motor_neurons",
        90.0,
        Rises,
    ),
    row(
        "C8",
        &["process.sod1_denervates_fast"],
        Sick,
        "fast_junctions",
        30.0,
        Rises,
    ),
    row(
        "C8",
        &["process.muscle_follows_innervation"],
        Sick,
        "motor_score",
        120.0,
        Rises,
    ),
];

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
    for row in TABLE {
        let runs = compare(row.animal, row.off, row.age);
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
    let tested: BTreeSet<String> = TABLE.iter().map(|row| row.link.to_owned()).collect();
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
    "process.antibiotics_kill_",
    "process.probiotic_arrives",
    "process.producers_arrive",
    "process.gos_feeds_bifidobacteria",
    "process.enema_reaches_colon",
    "process.treg_cells_are_transferred",
    "process.butyrate_protects_neurons_directly",
    "modulator.nlrp3_inhibitor_lowers_il1b",
    "modulator.edaravone_slows_failing",
    "modulator.fat_carries_endotoxin",
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
        for run in &runs[1..] {
            let moved = run.species.iter().zip(&runs[0].species).any(|(off, on)| {
                let (a, b) = (off.values.last(), on.values.last());
                off.values.len() != on.values.len()
                    || a.zip(b)
                        .is_some_and(|(a, b)| (a - b).abs() > 1e-6 * b.abs().max(1e-9))
            });
            assert!(moved, "{}: switching it off changes nothing", run.arm);
        }
    }
}
