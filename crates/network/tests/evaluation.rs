//! A small model from text to numbers, checked against hand-written formulas.

use gutbrain_network::declaration::EffectKind;
use gutbrain_network::network::{EffectValue, Initial, Target};
use gutbrain_network::{Color, Declaration, Edits, Source};

const TOY: &str = r#"
[compartment.lumen]
says = "The lumen"
region = "gut"

[compartment.blood]
says = "Blood"
region = "blood"

[species.acid]
says = "An acid"
where = "lumen"
unit = "mM"
initial = 2
scale = 1

[species.acid_blood]
says = "The acid in blood"
where = "blood"
unit = "µM"
initial = "steady"
guess = 10
scale = 10

[species.cells]
says = "Cells that eat the acid"
where = "lumen"
unit = "g/l"
initial = "cells_start / 2"
scale = 1

[parameter.cells_start]
says = "Twice the cells at birth"
unit = "g/l"
value = 3
prior = "fixed"
assumed = "a test"

[parameter.supply]
says = "Supply of the acid"
unit = "mM/h"
value = 0.5
range = [0.1, 1]
prior = "lognormal"
assumed = "a test"

[parameter.uptake_max]
says = "Largest uptake per mass of cells"
unit = "mmol/g/day"
value = 4
range = [1, 10]
prior = "lognormal"
assumed = "a test"

[parameter.uptake_half]
says = "Concentration of half uptake"
unit = "µM"
value = 1500
range = [100, 5000]
prior = "lognormal"
assumed = "a test"

[parameter.steepness]
says = "Hill exponent"
unit = "1"
value = 1.5
range = [1, 3]
prior = "uniform"
assumed = "a test"

[parameter.yield]
says = "Cells from acid"
unit = "g/mol"
value = 20
range = [1, 50]
prior = "lognormal"
assumed = "a test"

[parameter.leak]
says = "Leak into blood"
unit = "1/day"
value = 0.1
range = [0.01, 1]
prior = "lognormal"
assumed = "a test"

[parameter.half_life]
says = "Half-life in blood"
unit = "min"
value = 5
range = [1, 10]
prior = "lognormal"
assumed = "a test"

[parameter.gain]
says = "Strength of the modulator"
unit = "1"
value = 0.5
range = [0.1, 1]
prior = "lognormal"
assumed = "a test"

[assignment.uptake]
says = "Uptake by cells"
unit = "mM/day"
value = "uptake_max * cells * hill(acid, uptake_half, steepness)"
assumed = "a test"

[process.acid_is_supplied]
says = "Supply"
changes = { acid = 1 }
rate = "supply"
assumed = "a test"

[process.cells_eat_acid]
says = "Cells grow on the acid"
changes = { acid = -1, cells = "yield" }
rate = "uptake"
assumed = "a test"

[process.acid_leaks]
says = "The acid leaks into blood"
changes = { acid = -1, acid_blood = 0.5 }
rate = "leak * acid"
assumed = "a test"

[process.acid_is_cleared]
says = "Clearance from blood"
changes = { acid_blood = -1 }
rate = "ln(2) / half_life * acid_blood"
assumed = "a test"

[modulator.blood_slows_leak]
says = "The acid in blood slows the leak"
factor = "(1 + gain) / (1 + gain * acid_blood / resting(acid_blood))"
acts_on = ["process.acid_leaks"]
assumed = "a test"

[observable.share]
says = "Share of the acid in blood"
unit = "%"
value = "acid_blood / acid"

[observable.double_share]
says = "Twice that"
unit = "1"
value = "2 * share"

[event.low]
says = "The acid is low"
when = "acid - 100 [µM]"
direction = "falling"
ends = true
endpoint = "death"

[intervention.more-supply]
says = "More supply"
dose = { unit = "mM/day", also = ["%"] }
adds = { supply = "dose" }
scales = { leak = "1 - dose / 100 [mM/day]" }
impulse = { adds = { acid = "dose * 1 [day]" } }
assumed = "a test"
"#;

fn toy() -> Declaration {
    let source = Source::new("model/toy.toml", TOY);
    match Declaration::read(&[source]) {
        Ok(declaration) => declaration,
        Err(faults) => panic!("{}", faults.render(Color::Never)),
    }
}

fn close(found: f64, expected: f64) {
    let scale = expected.abs().max(1e-300);
    assert!(
        (found - expected).abs() <= 1e-14 * scale,
        "{found} is not {expected}"
    );
}

fn ln(x: f64) -> f64 {
    gutbrain_numbers::Real::ln(x)
}

#[test]
fn derivative_is_what_the_text_says() {
    let network = toy().compile(&Edits::default()).unwrap();
    let ids: Vec<_> = network
        .species
        .iter()
        .map(|species| species.id.as_str())
        .collect();
    assert_eq!(ids, ["acid", "acid_blood", "cells"]);
    let mut parameters = network.parameter_values();
    let resting = network.parameter_index("resting.acid_blood").unwrap();
    assert_eq!(network.resting, [resting]);
    parameters[resting] = 8.0;
    let mut prepared = network.prepare(&parameters);
    let (acid, blood, cells) = (2.0, 10.0, 1.5);
    let mut out = [0.0; 3];
    network.derivative(&mut prepared, &[acid, blood, cells], &mut out);
    let ratio = acid / 1.5;
    let power = ratio * f64::sqrt(ratio);
    let uptake = 4.0 * cells * power / (1.0 + power);
    let leak = 0.1 * acid * (1.5 / (1.0 + 0.5 * blood / 8.0));
    let clearance = ln(2.0) / 5.0 * 1440.0 * blood;
    close(out[0], 0.5 * 24.0 - uptake - leak);
    close(out[1], 0.5 * leak * 1000.0 - clearance);
    close(out[2], 20.0 / 1000.0 * uptake);
    let mut rates = [0.0; 4];
    network.process_rates(&mut prepared, &[acid, blood, cells], &mut rates);
    // acid_is_cleared, acid_is_supplied, acid_leaks, cells_eat_acid
    close(rates[0], clearance);
    close(rates[1], 12.0);
    close(rates[2], leak);
    close(rates[3], uptake);
    assert_eq!(network.processes[2].unit.to_string(), "mM/day");
    let mut observables = [0.0; 2];
    network.observables(&mut prepared, &[acid, blood, cells], &mut observables);
    close(observables[1], 100.0 * blood / acid / 1000.0);
    close(observables[0], 2.0 * blood / acid / 1000.0);
    let mut events = [0.0];
    network.event_values(&mut prepared, &[acid, blood, cells], &mut events);
    close(events[0], 1.9);
}

#[test]
fn contributions_add_up_to_the_derivative() {
    let network = toy().compile(&Edits::default()).unwrap();
    let mut parameters = network.parameter_values();
    parameters[network.resting[0]] = 8.0;
    let mut prepared = network.prepare(&parameters);
    let state = [2.0, 10.0, 1.5];
    let mut contributions = vec![0.0; network.contribution_count()];
    network.contributions(&mut prepared, &state, &mut contributions);
    let mut derivative = [0.0; 3];
    network.derivative(&mut prepared, &state, &mut derivative);
    let mut sums = [0.0; 3];
    let targets = network
        .processes
        .iter()
        .flat_map(|process| &process.changes);
    for (species, value) in targets.zip(&contributions) {
        sums[*species] += value;
    }
    assert_eq!(sums.map(f64::to_bits), derivative.map(f64::to_bits));
}

#[test]
fn steady_phase_takes_resting_values_as_they_are() {
    let network = toy().compile(&Edits::default()).unwrap();
    let settling = network.settling();
    let mut prepared = settling.prepare(&network.parameter_values());
    let mut out = [0.0; 3];
    settling.derivative(&mut prepared, &[2.0, 10.0, 1.5], &mut out);
    let clearance = ln(2.0) / 5.0 * 1440.0 * 10.0;
    // At rest the modulator is 1.
    close(out[1], 0.5 * 0.2 * 1000.0 - clearance);
    let resting = network.resting_values(&mut prepared, &[2.0, 10.0, 1.5]);
    assert_eq!(resting, [10.0]);
}

#[test]
fn initial_values_are_given_or_steady() {
    let network = toy().compile(&Edits::default()).unwrap();
    let initial = network.initial(&network.parameter_values());
    assert_eq!(
        initial,
        [
            Initial::Value(2.0),
            Initial::Steady { guess: 10.0 },
            Initial::Value(1.5)
        ]
    );
}

#[test]
fn interventions_give_effects_in_the_units_of_their_targets() {
    let network = toy().compile(&Edits::default()).unwrap();
    let effects = network.intervention_effects("more-supply", 24.0, &network.parameter_values());
    let index = |id: &str| Target::Parameter(network.parameter_index(id).unwrap());
    assert_eq!(
        effects,
        [
            EffectValue {
                kind: EffectKind::Scale,
                target: index("leak"),
                value: 0.76
            },
            EffectValue {
                kind: EffectKind::Add,
                target: index("supply"),
                value: 1.0
            },
            EffectValue {
                kind: EffectKind::Add,
                target: Target::Species(0),
                value: 24.0
            },
        ]
    );
    assert!(
        network
            .intervention_effects("none", 1.0, &network.parameter_values())
            .is_empty()
    );
}

#[test]
fn gates_that_are_open_change_nothing_and_closed_ones_do() {
    let plain = toy().compile(&Edits::default()).unwrap();
    let mut edits = Edits::default();
    edits.adjustable_processes.insert("acid_leaks".to_owned());
    edits
        .adjustable_modulators
        .insert("blood_slows_leak".to_owned());
    edits.adjustable_species.insert("cells".to_owned());
    let gated = toy().compile(&edits).unwrap();
    let state = [2.0, 10.0, 1.5];
    let derivative = |network: &gutbrain_network::Network, changes: &[(&str, f64)]| {
        let mut parameters = network.parameter_values();
        parameters[network.resting[0]] = 8.0;
        for (id, value) in changes {
            parameters[network.parameter_index(id).unwrap()] = *value;
        }
        let mut out = [0.0; 3];
        network.derivative(&mut network.prepare(&parameters), &state, &mut out);
        out
    };
    let reference = derivative(&plain, &[]);
    let open = derivative(&gated, &[]);
    for (open, reference) in open.iter().zip(reference) {
        close(*open, reference);
    }
    let closed = derivative(
        &gated,
        &[
            ("process.acid_leaks.scale", 0.0),
            ("process.acid_leaks.add", 3.0),
        ],
    );
    close(closed[1], 1500.0 - ln(2.0) / 5.0 * 1440.0 * 10.0);
    let clamped = derivative(
        &gated,
        &[("species.cells.free", 0.0), ("species.cells.inflow", 0.25)],
    );
    close(clamped[2], 0.25);
    let weak = derivative(&gated, &[("modulator.blood_slows_leak.strength", 0.0)]);
    close(weak[1], 100.0 - ln(2.0) / 5.0 * 1440.0 * 10.0);
}

#[test]
fn switched_off_parts_are_gone() {
    let mut edits = Edits::default();
    edits.enabled.insert("process.acid_leaks".to_owned(), false);
    let network = toy().compile(&edits).unwrap();
    assert!(network.process_index("acid_leaks").is_none());
    edits.enabled.insert("process.acid_lekas".to_owned(), false);
    let faults = toy().compile(&edits).unwrap_err().to_string();
    assert!(faults.contains("did you mean `acid_leaks`?"), "{faults}");
}
