//! The model that ships with the program reads and compiles without a fault.

use std::path::Path;

use gutbrain_network::{Color, Declaration, Edits, Source};

/// All model files below the workspace's `model` folder, in order.
fn model_files() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../model");
    let mut files = Vec::new();
    for part in ["", "subjects", "evidence"] {
        let entries = std::fs::read_dir(folder.join(part)).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                let folder = if part.is_empty() {
                    String::new()
                } else {
                    format!("{part}/")
                };
                files.push(Source::new(format!("model/{folder}{name}"), text));
            }
        }
    }
    files
}

#[test]
fn it_reads_without_a_fault() {
    if let Err(faults) = Declaration::read(&model_files()) {
        panic!("{}", faults.render(Color::Never));
    }
}

#[test]
fn it_compiles() {
    let Ok(declaration) = Declaration::read(&model_files()) else {
        return;
    };
    let network = declaration.compile(&Edits::default()).unwrap();
    let mut parameters = network.parameter_values();
    for index in &network.resting {
        parameters[*index] = 1.0;
    }
    let state: Vec<f64> = network
        .species
        .iter()
        .map(|species| species.scale)
        .collect();
    let mut derivative = vec![f64::NAN; state.len()];
    network.derivative(&mut network.prepare(&parameters), &state, &mut derivative);
    for (species, value) in network.species.iter().zip(derivative) {
        assert!(value.is_finite(), "{} changes by {value}", species.id);
    }
}
