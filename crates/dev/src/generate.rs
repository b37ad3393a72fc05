//! Makes what is derived anew, or says what is out of date.
#![expect(
    clippy::disallowed_methods,
    reason = "writes committed files of the repository, never a result"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use super::derived::{Cost, DERIVED, Derived, ELSEWHERE, Recipe};

/// Options of `generate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write nothing; say what is out of date, and fail if anything is
    #[arg(long)]
    check: bool,
    /// Also what takes minutes
    #[arg(long)]
    slow: bool,
    /// List what is derived and by what, and do nothing
    #[arg(long, conflicts_with_all = ["check", "slow"])]
    list: bool,
    /// Only files whose path holds this text
    #[arg(value_name = "TEXT")]
    only: Option<String>,
}

/// Why nothing could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GenerateError {
    /// A command did not end well.
    #[error("`gutbrain {words}` ended with {status}\n{said}")]
    Command {
        words: String,
        status: std::process::ExitStatus,
        said: String,
    },
    /// The file system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Files that differ from what is derived.
    #[error("out of date: {}\n  help: `cargo dev generate{}`", .0.join(", "), if *.1 { " --slow" } else { "" })]
    Stale(Vec<&'static str>, bool),
    /// No path has the text.
    #[error("nothing that is derived has `{0}` in its path\n  help: `cargo dev generate --list`")]
    Nothing(String),
}

/// Does what the options say; the report is what there is to print.
pub(crate) fn generate(options: &Options) -> Result<String, GenerateError> {
    if options.list {
        return Ok(list());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let chosen: Vec<&Derived> = DERIVED
        .iter()
        .filter(|it| match &options.only {
            Some(text) => it.path.contains(text.as_str()),
            None => options.slow || it.cost == Cost::Quick,
        })
        .collect();
    if chosen.is_empty() {
        let text = options.only.clone().unwrap_or_default();
        return Err(GenerateError::Nothing(text));
    }
    let workshop = Workshop::new(&root)?;
    let (mut report, mut stale) = (String::new(), Vec::new());
    for derived in chosen {
        let made = workshop.make(derived)?;
        let path = root.join(derived.path);
        if fs::read(&path).is_ok_and(|committed| committed == made) {
            report.push_str(&format!("  as it was   {}\n", derived.path));
            continue;
        }
        if options.check {
            stale.push(derived.path);
        } else {
            fs::write(&path, made)?;
        }
        let word = if options.check {
            "OUT OF DATE"
        } else {
            "renewed    "
        };
        report.push_str(&format!("  {word} {}\n", derived.path));
    }
    if stale.is_empty() {
        Ok(report)
    } else {
        Err(GenerateError::Stale(stale, options.slow))
    }
}

fn list() -> String {
    let mut report = String::new();
    for Derived { path, recipe, cost } in DERIVED {
        let words = match recipe {
            Recipe::Printed(words) | Recipe::Written(words, _) => words,
        };
        let cost = if *cost == Cost::Slow { " (--slow)" } else { "" };
        report.push_str(&format!("  {path}: gutbrain {words}{cost}\n"));
    }
    for (path, keeper) in ELSEWHERE {
        report.push_str(&format!("  {path}: {keeper}\n"));
    }
    report
}

/// The program, and the folders that it has written already.
struct Workshop {
    program: PathBuf,
    root: PathBuf,
    scratch: tempfile::TempDir,
    folders: std::cell::RefCell<BTreeMap<&'static str, PathBuf>>,
}

impl Workshop {
    /// Builds the program.
    fn new(root: &Path) -> Result<Self, GenerateError> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let words = "build --quiet --release --package gutbrain-cli";
        let built = Command::new(cargo)
            .args(words.split(' '))
            .current_dir(root)
            .stderr(Stdio::piped())
            .output()?;
        check(&built, words)?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Ok(Self {
            program: fs::canonicalize(target.join("release/gutbrain"))?,
            root: root.to_path_buf(),
            scratch: tempfile::tempdir()?,
            folders: std::cell::RefCell::default(),
        })
    }

    fn make(&self, derived: &Derived) -> Result<Vec<u8>, GenerateError> {
        match derived.recipe {
            Recipe::Printed(words) => Ok(self.call(words, &[])?),
            Recipe::Written(words, name) => {
                let known = self.folders.borrow().get(words).cloned();
                let folder = match known {
                    Some(folder) => folder,
                    None => {
                        let number = self.folders.borrow().len();
                        let folder = self.scratch.path().join(format!("{number}"));
                        self.call(
                            words,
                            &["--quiet".as_ref(), "--output".as_ref(), folder.as_os_str()],
                        )?;
                        self.folders.borrow_mut().insert(words, folder.clone());
                        folder
                    }
                };
                Ok(fs::read(folder.join(name))?)
            }
        }
    }

    fn call(&self, words: &str, more: &[&std::ffi::OsStr]) -> Result<Vec<u8>, GenerateError> {
        let done = Command::new(&self.program)
            .args(words.split(' '))
            .args(more)
            .current_dir(&self.root)
            .output()?;
        check(&done, words)?;
        Ok(done.stdout)
    }
}

fn check(done: &std::process::Output, words: &str) -> Result<(), GenerateError> {
    if done.status.success() {
        return Ok(());
    }
    Err(GenerateError::Command {
        words: words.to_owned(),
        status: done.status,
        said: String::from_utf8_lossy(&done.stderr).into_owned(),
    })
}
