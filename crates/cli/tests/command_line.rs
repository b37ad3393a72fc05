//! The program as a user meets it: files, messages, exit codes.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests prepare their own files, and fail by panicking"
)]

#[path = "command_line/calibrating.rs"]
mod calibrating;
#[path = "command_line/cohorts.rs"]
mod cohorts;
#[path = "command_line/going_on.rs"]
mod going_on;
#[path = "command_line/guards.rs"]
mod guards;
#[path = "command_line/ledger.rs"]
mod ledger;
#[path = "command_line/looking.rs"]
mod looking;
#[path = "command_line/own_data.rs"]
mod own_data;
#[path = "command_line/pages.rs"]
mod pages;
#[path = "command_line/people.rs"]
mod people;
#[path = "command_line/running.rs"]
mod running;
#[path = "command_line/sensitivities.rs"]
mod sensitivities;
#[path = "command_line/sweeping.rs"]
mod sweeping;
#[path = "command_line/trouble.rs"]
mod trouble;
#[path = "command_line/writing.rs"]
mod writing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("tests/fixtures")
}

/// The program in an empty folder of its own.
struct Place {
    folder: TempDir,
}

/// What a call gave.
struct Call {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a scenario; `drug.toml` of the fixtures with some texts replaced.
    fn scenario(&self, name: &str, replace: &[(&str, &str)]) -> String {
        let mut text = std::fs::read_to_string(fixtures().join("scenarios/drug.toml")).unwrap();
        for (from, to) in replace {
            assert!(text.contains(from), "no `{from}`");
            text = text.replace(from, to);
        }
        std::fs::write(self.path(name), text).unwrap();
        name.to_owned()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gutbrain"));
        command.current_dir(self.folder.path());
        command
    }

    /// Calls the program with the small model where the command takes one.
    fn call(&self, arguments: &[&str]) -> Call {
        let mut command = self.command();
        command.args(arguments);
        if matches!(
            arguments[0],
            "run" | "check" | "plot" | "calibrate" | "sweep" | "merge" | "report"
        ) || (arguments[0] == "model" && arguments.len() > 1)
        {
            command.arg("--model").arg(fixtures().join("model"));
        }
        Call::of(command.output().unwrap())
    }

    /// Every file below a folder with its content.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(&self.path(folder), "", &mut found);
        found
    }

    /// The same without the manifest, the one file that may differ.
    fn results(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files(folder);
        files.remove("manifest.json").expect("a manifest");
        files
    }

    /// Names in a folder, hidden ones too.
    fn names(&self, folder: &str) -> Vec<String> {
        let listing = std::fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = listing
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

impl Call {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts the exit code; a panic is never one.
    #[track_caller]
    fn expect(self, code: i32) -> Self {
        let (out, err) = (&self.stdout, &self.stderr);
        assert_eq!(self.code, Some(code), "stdout:\n{out}\nstderr:\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(
            self.stderr.contains(words),
            "no `{words}` in:\n{}",
            self.stderr
        );
        self
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}
