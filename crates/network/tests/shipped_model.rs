//! The model that ships with the program reads and compiles without a fault, and
//! its Jacobian is exact.

use gutbrain_network::Network;
use gutbrain_numbers::{Dual, Lanes, Real};

mod common;
use common::{compile, declare_all, model_files};

/// States near the declared magnitudes, different in every component.
fn state(network: &Network, seed: f64) -> Vec<f64> {
    let spread = |index: usize| 0.3 + 1.4 * ((index as f64 * 0.618 + seed) % 1.0);
    let slots = network.species.iter().enumerate();
    slots
        .map(|(index, species)| species.scale * spread(index))
        .collect()
}

/// Declared values; resting values are those of a state.
fn parameters(network: &Network) -> Vec<f64> {
    let mut parameters = network.parameter_values();
    let mut prepared = network.settling().prepare(&parameters);
    let resting = network.resting_values(&mut prepared, &state(network, 0.2));
    for (index, value) in network.resting.iter().zip(resting) {
        parameters[*index] = value;
    }
    parameters
}

#[test]
fn it_changes_by_finite_amounts() {
    let network = compile(&declare_all(&model_files()));
    let state = state(&network, 0.5);
    let mut derivative = vec![f64::NAN; state.len()];
    network.derivative(
        &mut network.prepare(&parameters(&network)),
        &state,
        &mut derivative,
    );
    for (species, value) in network.species.iter().zip(derivative) {
        assert!(value.is_finite(), "{} changes by {value}", species.id);
    }
}

#[test]
fn its_jacobian_is_exact() {
    const WIDTH: usize = 8;
    let network = compile(&declare_all(&model_files()));
    let count = network.species.len();
    let values = parameters(&network);
    let (row_starts, columns) = network.jacobian_pattern();
    for seed in [0.1, 0.35, 0.77] {
        let state = state(&network, seed);
        let mut jacobian = vec![f64::NAN; columns.len()];
        network.jacobian(&mut network.prepare(&values), &state, &mut jacobian);
        let mut dense = vec![vec![0.0; count]; count];
        for row in 0..count {
            for entry in row_starts[row]..row_starts[row + 1] {
                dense[row][columns[entry]] = jacobian[entry];
            }
        }
        let constants: Vec<Dual<WIDTH>> = values.iter().map(|v| Dual::constant(*v)).collect();
        let mut prepared = network.prepare(&constants);
        for first in (0..count).step_by(WIDTH) {
            let point: Vec<Dual<WIDTH>> = state
                .iter()
                .enumerate()
                .map(|(index, v)| match index.checked_sub(first) {
                    Some(direction) => Dual::variable(*v, direction),
                    None => Dual::constant(*v),
                })
                .collect();
            let mut derivative = vec![Dual::constant(f64::NAN); count];
            network.derivative(&mut prepared, &point, &mut derivative);
            for (row, value) in derivative.iter().enumerate() {
                for column in first..count.min(first + WIDTH) {
                    let (found, expected) = (dense[row][column], value.tangent[column - first]);
                    // Terms of both signs cancel: judged against the row in natural units.
                    let scale = dense[row]
                        .iter()
                        .zip(&state)
                        .map(|(entry, size)| (entry * size).abs())
                        .fold(0.0, f64::max);
                    let error = (found - expected).abs() * state[column];
                    assert!(
                        error <= 1e-12 * scale.max(f64::MIN_POSITIVE),
                        "d {} / d {}: {found} is not {expected}",
                        network.species[row].id,
                        network.species[column].id,
                    );
                }
            }
        }
    }
}

#[test]
fn lanes_give_the_same_bits_as_single_numbers() {
    let network = compile(&declare_all(&model_files()));
    let values = parameters(&network);
    let states = [0.1, 0.3, 0.6, 0.9].map(|seed| state(&network, seed));
    let lanes: Vec<Lanes<4>> = (0..network.species.len())
        .map(|i| Lanes(std::array::from_fn(|lane| states[lane][i])))
        .collect();
    let wide: Vec<Lanes<4>> = values.iter().map(|value| Lanes::from_f64(*value)).collect();
    let mut wide_out = lanes.clone();
    network.derivative(&mut network.prepare(&wide), &lanes, &mut wide_out);
    for (lane, state) in states.iter().enumerate() {
        let mut out = vec![0.0; state.len()];
        network.derivative(&mut network.prepare(&values), state, &mut out);
        for (single, wide) in out.iter().zip(&wide_out) {
            assert_eq!(single.to_bits(), wide.0[lane].to_bits());
        }
    }
}

#[test]
fn every_equation_can_be_shown() {
    let declaration = declare_all(&model_files());
    for id in declaration.all_reads().keys() {
        let text = declaration.equation_text(id).expect("an equation");
        assert!(!text.is_empty());
    }
    for id in declaration.species.keys() {
        let latex = declaration
            .equation_latex(&format!("species.{id}"))
            .expect("an equation");
        assert!(latex.starts_with("\\frac{d"), "{latex}");
        let braces = |brace: char| latex.chars().filter(|c| *c == brace).count();
        assert_eq!(braces('{'), braces('}'), "{latex}");
    }
}

/// The shipped files with one text for another in every line that begins with `key =`.
fn with_lines(key: &str, change: impl Fn(&str) -> String) -> gutbrain_network::Declaration {
    let begins = |line: &str| {
        line.split_once('=')
            .is_some_and(|(name, _)| name.trim() == key)
    };
    let files: Vec<_> = model_files()
        .iter()
        .map(|file| {
            let lines = file.text.lines();
            let lines = lines.map(|line| match begins(line) {
                true => change(line),
                false => line.to_owned(),
            });
            let text: Vec<String> = lines.collect();
            gutbrain_network::Source::new(&*file.name, text.join("\n"))
        })
        .collect();
    declare_all(&files)
}

/// Sentences and reasons are no part of what moves; every rate, factor and number is.
#[test]
fn the_hash_of_the_dynamics_is_of_what_moves() {
    let shipped = declare_all(&model_files());
    let used = ["butyrate-water"];
    let longer = |line: &str| line.replacen("= \"", "= \"In other words: ", 1);
    for key in ["says", "label", "assumed"] {
        let told = with_lines(key, longer);
        assert_eq!(
            told.dynamics_hash(used),
            shipped.dynamics_hash(used),
            "{key}"
        );
        assert_ne!(told.hash(), shipped.hash(), "{key}");
    }
    let in_brackets = |line: &str| {
        let (name, rate) = line.split_once('=').expect("a line of this key");
        match rate.trim().trim_matches('"').parse::<f64>() {
            Ok(number) => format!("{name}= {}", number * 1.5),
            Err(_) => format!("{name}= \"1 * ({})\"", rate.trim().trim_matches('"')),
        }
    };
    for key in ["rate", "factor"] {
        let moved = with_lines(key, in_brackets);
        assert_ne!(
            moved.dynamics_hash(used),
            shipped.dynamics_hash(used),
            "{key}"
        );
    }
    let every = || shipped.interventions.keys().map(String::as_str);
    assert_ne!(shipped.dynamics_hash(every()), shipped.dynamics_hash(used));
    assert_ne!(shipped.dynamics_hash([]), shipped.dynamics_hash(used));
}
