//! `gutbrain calibrate FILE`: fit parameters to evidence, inside their documented ranges; sample what the
//! evidence leaves open.

mod fit;
mod page;
mod posterior;
mod profile;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use gutbrain_network::Source;

use super::failure::Failure;
use super::options::{ModelOptions, WritingOptions, model_entry};
use super::resumable::begin;
use super::terminal::Terminal;
use super::threads::{ThreadOptions, Threads};
use super::{Ending, end_on_interrupt};
use gutbrain::analysis::calibrate::{Calibration, Method, Setting};
use gutbrain::checkpoint::{Fingerprint, Seal};
use gutbrain::limits;
use gutbrain::model::Model;
use gutbrain::scenario::{Scenario, read_text};
use gutbrain::study::picture;
use gutbrain_figures::{Figure, FigureError};
use gutbrain_store::{
    Counts, Identity, Manifest, RunFolder, Stopwatch, finish_interrupted, sha256, write_together,
};

/// Options of `calibrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Calibration file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Folder for the report [default: outputs/<name of the file>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    /// Write the result into the files of the model folder: fitted values, or the posterior
    #[arg(long, requires = "model")]
    apply: bool,
    /// Sample the posterior around the values as they stand, instead of fitting
    #[arg(long)]
    posterior: bool,
    /// Weigh the vectors of the model's posterior again, after a change of the model
    #[arg(long, conflicts_with = "posterior")]
    renew: bool,
    /// Go on with a fit or a sampling that was interrupted
    #[arg(long, conflicts_with_all = ["renew", "profile", "stationary"])]
    resume: bool,
    /// Draw the profiles of these parameters (or of `all`), instead of fitting
    #[arg(long, value_name = "PARAMETER,...", value_delimiter = ',', conflicts_with_all = ["posterior", "renew"])]
    profile: Vec<String>,
    /// Only say whether the values as they stand are a bottom of the fit; exit code 1 if not
    #[arg(long, conflicts_with_all = ["posterior", "renew", "profile"])]
    stationary: bool,
    /// Print the page of the documentation instead of fitting
    #[arg(long, conflicts_with_all = ["posterior", "renew", "profile", "stationary"])]
    markdown: bool,
    /// Number of starts; wins over the file's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(
        *limits::STARTS.start()..=*limits::STARTS.end()
    ))]
    starts: Option<u64>,
    /// Method of the fit: lm (Levenberg-Marquardt, exact sensitivities) or cma-es (global, without
    /// derivatives); wins over the file's
    #[arg(long, value_name = "METHOD", value_parser = method)]
    method: Option<Method>,
    #[command(flatten)]
    threads: ThreadOptions,
    #[command(flatten)]
    model: ModelOptions,
}

/// What every way of calibrating begins with.
struct Prepared {
    model: Model,
    source: Source,
    calibration: Calibration,
    scenarios: BTreeMap<String, Scenario>,
    pool: Threads,
    stopwatch: Stopwatch,
}

impl Prepared {
    fn new(options: &Options) -> Result<Self, Failure> {
        let stopwatch = Stopwatch::start();
        let pool = options.threads.start()?;
        let model = options.model.load()?;
        let source = read_text(&options.file)?;
        let mut calibration = Calibration::read(&source, &model.declaration)?;
        if let Some(starts) = options.starts {
            calibration.starts = usize::try_from(starts).unwrap_or(usize::MAX);
        }
        if let Some(method) = options.method {
            calibration.method = method;
        }
        let folder = options.file.parent().unwrap_or(Path::new(""));
        let mut scenarios = BTreeMap::new();
        for name in calibration.scenarios() {
            scenarios.insert(name.to_owned(), Scenario::load(folder.join(name), &model)?);
        }
        Ok(Self {
            model,
            source,
            calibration,
            scenarios,
            pool,
            stopwatch,
        })
    }

    fn setting(&self) -> Result<Setting<'_>, Failure> {
        Setting::new(&self.model, &self.calibration, &self.scenarios)
            .map_err(|error| Failure::Usage(error.to_string()))
    }

    /// The seal of what is kept on the way: it has to answer for everything that a result depends on.
    fn seal(&self, kind: &str) -> Seal {
        let mut all = Fingerprint::of(kind)
            .with("model", &self.model.hash)
            .with("calibration", self.source.text.as_bytes())
            .with("starts", self.calibration.starts.to_string())
            .with("method", self.calibration.method.word());
        for (name, scenario) in &self.scenarios {
            all = all.with(name, format!("{scenario:?}"));
        }
        Seal::new(kind, &all.finish())
    }

    /// Describes the run in its manifest.
    fn describe(&self, manifest: &mut Manifest, requested: usize, failed: usize) {
        manifest.model = model_entry(&self.model);
        manifest.scenario_sha256 = sha256(self.source.text.as_bytes());
        manifest.seed = self.calibration.seed;
        manifest.runs = Counts {
            requested,
            ok: requested - failed,
            failed,
        };
        self.stopwatch.describe(manifest, self.pool.number());
    }
}

impl Options {
    fn stem(&self) -> String {
        let stem = self.file.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    /// The folder for results; `ending` tells ways of calibrating apart.
    fn target(&self, ending: &str) -> PathBuf {
        let name = format!("{}{ending}", self.stem());
        let default = || Path::new("outputs").join(name);
        self.output.clone().unwrap_or_else(default)
    }

    fn begin(
        &self,
        target: &Path,
        command: &str,
        terminal: &Terminal,
    ) -> Result<RunFolder, Failure> {
        let identity = Identity {
            scenario: self.stem(),
            command: command.to_owned(),
        };
        end_on_interrupt()?;
        let mut inputs = vec![self.file.clone()];
        inputs.extend(self.model.model.clone());
        begin(target, identity, self.writing.terms(), &inputs, terminal)
    }
}

/// Calibrates in the way that is asked for.
pub(super) fn calibrate(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    if let Some(folder) = &options.model.model
        && finish_interrupted(folder)?
    {
        terminal.warn(&format!(
            "an earlier --apply had been interrupted: the rest of `{}` was written now",
            folder.display()
        ));
    }
    let prepared = Prepared::new(options)?;
    if options.posterior {
        posterior::sample(options, &prepared, terminal)
    } else if options.renew {
        posterior::renew(options, &prepared, terminal)
    } else if options.stationary {
        profile::stationary(&prepared, terminal)
    } else if options.markdown {
        page::print(options, &prepared, terminal)
    } else if !options.profile.is_empty() {
        profile::profile(options, &prepared, terminal)
    } else {
        fit::fit_and_report(options, &prepared, terminal)
    }
}

/// A method by its word.
fn method(word: &str) -> Result<Method, String> {
    let found = Method::WORDS.iter().find(|(known, _)| *known == word);
    found
        .map(|(_, method)| *method)
        .ok_or_else(|| "write `lm` or `cma-es`".to_owned())
}

/// `.NAME.ENDING` beside a folder of results: what an interrupted run has done so far.
fn kept_aside(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{ending}"))
}

/// Checkpoint `number` in such a folder.
fn checkpoint(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number:04}.csv"))
}

/// What a checkpoint holds, in the form that `read` understands; nothing if there is none. One that is of no use is
/// named: what it stands for is computed again.
fn gone_on_from<T>(
    path: &Path,
    seal: &Seal,
    number: usize,
    read: impl Fn(&str) -> Option<T>,
    terminal: &Terminal,
) -> Option<T> {
    if !path.exists() {
        return None;
    }
    let content = match std::fs::read(path) {
        Ok(bytes) => match seal.open(&number.to_string(), &bytes) {
            Ok(content) => {
                let text = std::str::from_utf8(content).ok();
                text.and_then(read).ok_or("it is damaged".to_owned())
            }
            Err(why) => Err(why.to_string()),
        },
        Err(error) => Err(error.to_string()),
    };
    content
        .inspect_err(|why| {
            terminal.warn(&format!(
                "`{}` cannot be gone on from, {why}: computed again",
                path.display()
            ));
        })
        .ok()
}

/// Adds the pictures of a run and counts their files. What cannot be drawn is said: no reason to lose an hour's work.
fn draw(
    figures: impl IntoIterator<Item = Result<Figure, FigureError>>,
    written: &mut RunFolder,
    terminal: &Terminal,
) -> Result<usize, Failure> {
    let mut files = 0;
    for figure in figures {
        match figure
            .map_err(Failure::from)
            .and_then(|it| Ok(picture(&it)?))
        {
            Ok(pictures) => {
                for (name, bytes) in pictures {
                    written.add(&name, &bytes)?;
                    files += 1;
                }
            }
            Err(error) => terminal.warn(&format!("a figure is missing: {error}")),
        }
    }
    Ok(files)
}

/// Writes files of the model folder, all or none, and says so.
fn put(folder: &Path, files: &[(PathBuf, Vec<u8>)], terminal: &Terminal) -> Result<(), Failure> {
    write_together(folder, files)?;
    for (path, _) in files {
        terminal.warn(&format!("changed {}", path.display()));
    }
    Ok(())
}
