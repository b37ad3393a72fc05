//! Run folders are whole or not there, and nothing of anybody else goes.

use super::*;

fn identity(scenario: &str) -> Identity {
    Identity {
        scenario: scenario.to_owned(),
        command: "run".to_owned(),
    }
}

fn write_run(target: &Path, scenario: &str, content: &str) -> Result<PathBuf, OutputError> {
    let mut folder = RunFolder::begin(target, identity(scenario), Replace::SameIdentity)?;
    folder.add("figures/a.svg", content.as_bytes())?;
    folder.finish(|manifest| manifest.seed = 7)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_run_of_the_same_identity_is_replaced_and_nothing_else_is_left() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("out").join("a");
    write_run(&target, "a", "one").unwrap();
    write_run(&target, "a", "two").unwrap();
    assert_eq!(
        fs::read_to_string(target.join("figures/a.svg")).unwrap(),
        "two"
    );
    assert_eq!(names(&root.path().join("out")), ["a"]);
    let text = fs::read_to_string(target.join(FILE_NAME)).unwrap();
    let manifest: Manifest = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest.state, State::Complete);
    assert_eq!(manifest.files["figures/a.svg"].sha256, sha256(b"two"));
}

#[test]
fn another_identity_and_strange_files_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    write_run(&target, "a", "one").unwrap();
    let error = write_run(&target, "b", "two").unwrap_err();
    assert!(matches!(error, OutputError::OtherRun { .. }), "{error}");
    fs::write(target.join("notes.txt"), "mine").unwrap();
    let error = write_run(&target, "a", "two").unwrap_err();
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert_eq!(
        fs::read_to_string(target.join("figures/a.svg")).unwrap(),
        "one"
    );
    // No option removes it.
    let error = RunFolder::begin(&target, identity("a"), Replace::Anything).unwrap_err();
    assert!(error.to_string().contains("notes.txt"), "{error}");
    fs::remove_file(target.join("notes.txt")).unwrap();
    let folder = RunFolder::begin(&target, identity("b"), Replace::Anything).unwrap();
    folder.finish(|_| ()).unwrap();
    assert_eq!(names(&target), [FILE_NAME]);
}

#[test]
fn an_abandoned_run_leaves_the_earlier_one() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    write_run(&target, "a", "one").unwrap();
    let mut folder = RunFolder::begin(&target, identity("a"), Replace::SameIdentity).unwrap();
    folder.add("figures/a.svg", b"two").unwrap();
    drop(folder);
    assert_eq!(
        fs::read_to_string(target.join("figures/a.svg")).unwrap(),
        "one"
    );
    assert_eq!(names(root.path()), ["a"]);
}

#[test]
fn what_a_kill_left_is_removed_by_the_next_start() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    let partial = root.path().join(".a.partial");
    for torn in ["", "{ \"prog", "\0\0\0"] {
        fs::create_dir_all(partial.join("figures")).unwrap();
        fs::write(partial.join(FILE_NAME), torn).unwrap();
        fs::write(partial.join(unfinished("figures/a.svg")), "half").unwrap();
        write_run(&target, "a", "one").unwrap();
        assert_eq!(names(root.path()), ["a"]);
    }
}

#[test]
fn a_hidden_folder_that_no_run_left_stays() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    let partial = root.path().join(".a.partial");
    for (name, content) in [
        (FILE_NAME, r#"{"name": "web extension"}"#),
        ("thesis.txt", "mine"),
        ("figures/a.svg", "mine"),
    ] {
        fs::create_dir_all(partial.join("figures")).unwrap();
        fs::write(partial.join(name), content).unwrap();
        for replace in [Replace::SameIdentity, Replace::Anything] {
            let error = RunFolder::begin(&target, identity("a"), replace).unwrap_err();
            assert!(matches!(error, OutputError::Foreign { .. }), "{error}");
            assert_eq!(fs::read_to_string(partial.join(name)).unwrap(), content);
        }
        fs::remove_file(partial.join(name)).unwrap();
    }
    write_run(&target, "a", "one").unwrap();
    assert_eq!(names(root.path()), ["a"]);
}

#[test]
fn an_interrupted_run_is_not_discarded_without_a_word() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    let begin = |scenario: &str, replace, fingerprint| {
        RunFolder::begin_resumable(&target, identity(scenario), replace, fingerprint)
    };
    let folder = begin("a", Replace::SameIdentity, "one").unwrap();
    assert!(folder.remarks().is_empty());
    folder.keep_chunk(1, b"part").unwrap();
    drop(folder);
    // Another scenario: not without being told to.
    let error = begin("b", Replace::SameIdentity, "one").unwrap_err();
    assert!(matches!(error, OutputError::OtherRun { .. }), "{error}");
    // Another seed.
    let folder = begin("a", Replace::SameIdentity, "two").unwrap();
    let [remark] = folder.remarks() else {
        panic!("{:?}", folder.remarks());
    };
    let words = "an interrupted run of `gutbrain run a` was discarded with its 1 finished part";
    assert_eq!(remark.to_string(), words);
    folder.keep_chunk(1, b"part").unwrap();
    drop(folder);
    let folder = begin("a", Replace::SameIdentity, "two").unwrap();
    assert!(folder.remarks()[0].to_string().contains("--resume"));
    drop(folder);
    let folder = begin("b", Replace::Anything, "one").unwrap();
    assert_eq!(folder.remarks().len(), 1);
}

#[test]
fn what_appears_meanwhile_stays_and_the_finished_run_waits() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    for has_earlier in [false, true] {
        if has_earlier {
            write_run(&target, "a", "one").unwrap();
        }
        let replace = Replace::Anything;
        let mut folder = RunFolder::begin(&target, identity("a"), replace).unwrap();
        folder.add("figures/a.svg", b"two").unwrap();
        fs::create_dir_all(&target).unwrap();
        fs::write(target.join("notes.txt"), "mine").unwrap();
        folder.finish(|_| ()).unwrap_err();
        assert!(target.join("notes.txt").exists());
        let waiting = root.path().join(".a.partial/figures/a.svg");
        assert_eq!(fs::read_to_string(waiting).unwrap(), "two");
        fs::remove_file(target.join("notes.txt")).unwrap();
        let folder = RunFolder::begin(&target, identity("a"), replace).unwrap();
        let remark = folder.remarks()[0].to_string();
        assert!(remark.contains("not put in its place"), "{remark}");
    }
}

#[test]
fn what_waits_is_kept_unless_its_results_stand_already() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    let terms = Terms {
        interrupted: Interrupted::Kept,
        ..Terms::from(Replace::SameIdentity)
    };
    let wait = |seed: u64| {
        let begun = RunFolder::begin(&target, identity("a"), Replace::SameIdentity);
        let mut folder = begun.unwrap();
        folder.add("figures/a.svg", b"two").unwrap();
        // Something is in the way at the end.
        fs::write(target.join("notes.txt"), "mine").unwrap();
        folder.finish(|manifest| manifest.seed = seed).unwrap_err();
        fs::remove_file(target.join("notes.txt")).unwrap();
    };
    write_run(&target, "a", "one").unwrap();
    // `write_run` has seed 7: another seed is another result.
    wait(8);
    let error = RunFolder::begin(&target, identity("a"), terms).unwrap_err();
    assert!(matches!(error, OutputError::Waiting { .. }), "{error}");
    wait(7);
    RunFolder::begin(&target, identity("a"), terms).unwrap();
    // Finished parts are worth keeping always.
    let begun = RunFolder::begin_resumable(&target, identity("a"), Replace::SameIdentity, "f");
    begun.unwrap().keep_chunk(1, b"part").unwrap();
    let error = RunFolder::begin(&target, identity("a"), terms).unwrap_err();
    assert!(matches!(error, OutputError::Waiting { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_write_protected_run_is_kept_unless_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    write_run(&target, "a", "one").unwrap();
    for (path, mode) in [
        (target.join("figures/a.svg"), 0o444),
        (target.join("figures"), 0o555),
        (target.clone(), 0o555),
    ] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let error = write_run(&target, "a", "two").unwrap_err();
    assert!(
        matches!(error, OutputError::WriteProtected { .. }),
        "{error}"
    );
    assert_eq!(names(root.path()), ["a"]);
    let folder = RunFolder::begin(&target, identity("a"), Replace::Anything).unwrap();
    folder.finish(|_| ()).unwrap();
    assert_eq!(names(root.path()), ["a"]);
    assert_eq!(names(&target), [FILE_NAME]);
}

#[test]
fn a_kill_during_the_removal_of_the_old_run_is_ended_in_silence() {
    let root = tempfile::tempdir().unwrap();
    let (target, partial) = (root.path().join("a"), root.path().join(".a.partial"));
    for removed in [&[][..], &["figures/a.svg"], &["figures/a.svg", FILE_NAME]] {
        write_run(&target, "a", "one").unwrap();
        let old = fs::read(target.join(FILE_NAME)).unwrap();
        write_run(&target, "a", "two").unwrap();
        fs::create_dir_all(partial.join("figures")).unwrap();
        fs::write(partial.join(FILE_NAME), &old).unwrap();
        fs::write(partial.join("figures/a.svg"), "one").unwrap();
        for name in removed {
            fs::remove_file(partial.join(name)).unwrap();
        }
        let folder = RunFolder::begin(&target, identity("a"), Replace::SameIdentity).unwrap();
        assert!(folder.remarks().is_empty(), "{:?}", folder.remarks());
        drop(folder);
        assert_eq!(names(root.path()), ["a"]);
    }
}

#[test]
fn a_run_that_is_not_synced_says_so() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("new/deep/a");
    for (durability, said) in [
        (Durability::Unsynced, Some("not synced")),
        (Durability::Synced, None),
    ] {
        let terms = Terms {
            durability,
            ..Terms::from(Replace::SameIdentity)
        };
        let folder = RunFolder::begin(&target, identity("a"), terms).unwrap();
        folder.finish(|_| ()).unwrap();
        let bytes = fs::read(target.join(FILE_NAME)).unwrap();
        let manifest = Manifest::read(&bytes).unwrap();
        let found = manifest.circumstances.get(DURABILITY).map(String::as_str);
        assert_eq!(found, said);
    }
}

#[test]
fn two_writers_do_not_meet() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("a");
    let first = RunFolder::begin(&target, identity("a"), Replace::SameIdentity).unwrap();
    let error = write_run(&target, "a", "two").unwrap_err();
    assert!(matches!(error, OutputError::Busy { .. }), "{error}");
    drop(first);
    write_run(&target, "a", "two").unwrap();
}

#[test]
fn the_working_folder_is_never_replaced() {
    for path in [".", "..", "/"] {
        let error =
            RunFolder::begin(Path::new(path), identity("a"), Replace::Anything).unwrap_err();
        assert!(
            matches!(error, OutputError::Protected { .. }),
            "{path}: {error}"
        );
    }
}

#[test]
fn a_file_in_the_place_of_a_folder_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "mine").unwrap();
    for target in [file.clone(), file.join("below")] {
        let error = write_run(&target, "a", "one").unwrap_err();
        assert!(matches!(error, OutputError::Io { .. }), "{error}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}
