//! The instructions that ensembles run on change no byte of a result, and the environment chooses them.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read and prepare their own files"
)]
#![expect(
    clippy::unwrap_used,
    reason = "tests read what was written, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn cohort(choice: Option<&str>, folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gutbrain"));
    command
        .args(["run", "scenarios/butyrate-g93a-cohort.toml", "--quiet"])
        .args(["--set", "cohort.subjects=6", "--format", "csv", "--output"])
        .arg(folder)
        .env_remove("GUTBRAIN_NATIVE")
        .current_dir(ROOT);
    if let Some(choice) = choice {
        command.env("GUTBRAIN_NATIVE", choice);
    }
    command.output().unwrap()
}

/// Every table and the line of the manifest about lanes.
fn read(folder: &Path) -> (BTreeMap<String, Vec<u8>>, String) {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let tables = paths.filter(|path| path.extension().is_some_and(|ending| ending == "csv"));
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let tables = tables.map(|path| (name(&path), std::fs::read(&path).unwrap()));
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let lanes = manifest["circumstances"]["lanes"].as_str().unwrap();
    (tables.collect(), lanes.to_owned())
}

#[test]
fn instructions_change_no_byte() {
    let place = tempfile::tempdir().unwrap();
    let mut expected = None;
    for (number, choice) in [None, Some("off"), Some("avx2"), Some("avx512")]
        .into_iter()
        .enumerate()
    {
        let folder = place.path().join(number.to_string());
        let done = cohort(choice, &folder);
        if !done.status.success() {
            // Only where the processor does not have it.
            let said = String::from_utf8_lossy(&done.stderr);
            assert_eq!(done.status.code(), Some(2), "{said}");
            assert!(
                said.contains("GUTBRAIN_NATIVE") && choice != Some("off"),
                "{said}"
            );
            continue;
        }
        let (tables, lanes) = read(&folder);
        match choice {
            Some("off") => assert!(lanes.starts_with("baseline"), "{lanes}"),
            Some(name) => assert!(lanes.starts_with(name), "{lanes}"),
            None => {}
        }
        assert!(tables.len() > 3);
        let first = expected.get_or_insert_with(|| tables.clone());
        assert!(*first == tables, "{choice:?}");
    }
    assert!(expected.is_some());
}

#[test]
fn what_is_no_choice_is_refused() {
    for word in ["on", "", "sse", "AVX2"] {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("run");
        let done = cohort(Some(word), &folder);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{word}: {said}");
        assert!(
            said.contains("GUTBRAIN_NATIVE is") && said.contains("`off`"),
            "{said}"
        );
        assert!(!folder.exists());
    }
}
