//! `gutbrain calibrate FILE`: fit parameters to evidence, inside their documented ranges; sample what the
//! evidence leaves open.

mod apply;

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::job::{self, parts};
use super::options::{ModelOptions, WritingOptions};
use super::threads::{ThreadOptions, Threads};
use gutbrain::analysis::calibrate::Method;
use gutbrain::files::Disk;
use gutbrain::limits;
use gutbrain::report::brief::{information, stationarity};
use gutbrain::study::{
    CalibrationSetup, FitStudy, Memory, PosteriorStudy, ProfileStudy, RefitsSetup, RefitsStudy,
    RenewStudy, Study, StudySummary, page_of_calibration, placed_vectors,
};
use gutbrain_store::{Ended, Question as _, Stopwatch, finish_interrupted};
use gutbrain_terminal::{OnTerminal, Terminal, end_on_interrupt_saying};

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
    /// Go on with a fit, a sampling or profiles that were interrupted
    #[arg(long, conflicts_with_all = ["renew", "stationary", "markdown"])]
    resume: bool,
    /// Draw the profiles of these parameters (or of `all`), instead of fitting
    #[arg(long, value_name = "PARAMETER,...", value_delimiter = ',', conflicts_with_all = ["posterior", "renew"])]
    profile: Vec<String>,
    /// Fit again with the rows left out or moved that this file of the calibration's folder declares; with
    /// --renew make tables and figure again from the fits that are saved beside it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["posterior", "profile", "apply"])]
    refits: Option<PathBuf>,
    /// Only say whether the values as they stand are a bottom of the fit; exit code 1 if not
    #[arg(long, conflicts_with_all = ["posterior", "renew", "profile", "refits"])]
    stationary: bool,
    /// Only say which parameters the targets can inform, before anything is fitted
    #[arg(long, conflicts_with_all = ["posterior", "renew", "profile", "refits", "stationary", "apply"])]
    informs: bool,
    /// Print the page of the documentation instead of fitting
    #[arg(long, conflicts_with_all = ["posterior", "renew", "profile", "stationary", "informs"])]
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

/// Said of an interruption of what leaves no folder.
const NOTHING_CHANGED: &str = "nothing was changed; the same command starts again";

impl Options {
    fn setup(&self) -> Result<CalibrationSetup, Failure> {
        let mut setup = CalibrationSetup::open(&self.file, self.model.load()?)?;
        if let Some(starts) = self.starts {
            setup = setup.with_starts(usize::try_from(starts).unwrap_or(usize::MAX));
        }
        if let Some(method) = self.method {
            setup = setup.with_method(method);
        }
        Ok(setup)
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
    let stopwatch = Stopwatch::start();
    let pool = options.threads.start()?;
    let setup = options.setup()?;
    let job = Job {
        options,
        setup: &setup,
        stopwatch,
        pool,
        terminal,
    };
    if options.posterior {
        job.sample()
    } else if options.renew && options.refits.is_none() {
        job.renew()
    } else if options.stationary {
        job.say_whether_stationary()
    } else if options.informs {
        job.say_what_is_informed()
    } else if options.markdown {
        job.print_page()
    } else if let Some(file) = &options.refits {
        job.refit(file)
    } else if options.profile.is_empty() {
        job.fit()
    } else {
        job.profile()
    }
}

/// A calibration with everything that its commands share.
struct Job<'j> {
    options: &'j Options,
    setup: &'j CalibrationSetup,
    stopwatch: Stopwatch,
    pool: Threads,
    terminal: &'j Terminal,
}

impl Job<'_> {
    fn fit(&self) -> Result<Ending, Failure> {
        let plan = &self.setup.calibration;
        self.terminal.progress(&format!(
            "fitting {} parameters to {} targets from {} starts",
            plan.parameters.len(),
            plan.targets.len(),
            plan.starts
        ));
        let study = FitStudy::new(self.setup)?;
        let target = self.target("");
        let ended = self.carry_out(&study, study.fingerprint(), &target)?;
        if let Ended::Now(finished) = &ended
            && let StudySummary::Fit(report) = &finished.summary
            && let Some(warning) = report.warning()
        {
            self.terminal.warn(&warning);
        }
        if ended.counts().ok == 0 {
            self.terminal
                .warn("no start could be simulated: nothing was fitted");
            return Ok(Ending::TooManyFailures);
        }
        if let (true, Some(model)) = (self.options.apply, &self.options.model.model) {
            apply::values(&target, model, &self.setup.model, self.terminal)?;
        }
        Ok(Ending::Done)
    }

    fn refit(&self, file: &Path) -> Result<Ending, Failure> {
        let setup = RefitsSetup::open(self.setup, &Disk, file)?;
        let mut study = RefitsStudy::new(&setup);
        if self.options.renew {
            study = study.with_saved(setup.saved(&Disk)?);
        }
        let target = self.target("-refits");
        self.carry_out(&study, study.fingerprint(), &target)?;
        Ok(Ending::Done)
    }

    /// The page of the calibration, or of refits whose values lie beside their file.
    fn print_page(&self) -> Result<Ending, Failure> {
        end_on_interrupt_saying(NOTHING_CHANGED)?;
        let page = match &self.options.refits {
            None => {
                let progress = OnTerminal::new(self.terminal);
                self.pool
                    .install(|| page_of_calibration(self.setup, &Disk, &progress))?
            }
            Some(file) => {
                let setup = RefitsSetup::open(self.setup, &Disk, file)?;
                self.pool.install(|| setup.page(&Disk))?
            }
        };
        self.terminal.print(&page)?;
        Ok(Ending::Done)
    }

    fn profile(&self) -> Result<Ending, Failure> {
        let study = ProfileStudy::new(self.setup, &self.options.profile)?;
        let target = self.target("-profile");
        self.carry_out(&study, study.fingerprint(), &target)?;
        Ok(Ending::Done)
    }

    fn sample(&self) -> Result<Ending, Failure> {
        let study = PosteriorStudy::new(self.setup)?;
        let target = self.target("-posterior");
        self.carry_out(&study, study.fingerprint(), &target)?;
        if let (true, Some(model)) = (self.options.apply, &self.options.model.model) {
            apply::ensembles(&target, model, &self.setup.model, self.terminal)?;
        }
        Ok(Ending::Done)
    }

    /// Weighs the vectors of the model's posterior again.
    fn renew(&self) -> Result<Ending, Failure> {
        let progress = OnTerminal::new(self.terminal);
        let mut store = Memory::default();
        let study = RenewStudy::new(self.setup);
        end_on_interrupt_saying(NOTHING_CHANGED)?;
        let finished = self.pool.install(|| study.run(&mut store, &progress))?;
        self.terminal.summarise(&study.brief(&finished))?;
        if let (true, Some(model)) = (self.options.apply, &self.options.model.model) {
            let files = placed_vectors(store.into_files(), &self.setup.model, model);
            apply::put(model, &files, self.terminal)?;
        }
        Ok(Ending::Done)
    }

    /// Says whether the values as they stand are a bottom of the objective; exit code 1 if not.
    fn say_whether_stationary(&self) -> Result<Ending, Failure> {
        self.wait_for_derivatives()?;
        let found = self.pool.install(|| self.setup.stationarity())?;
        self.terminal.print_brief(&stationarity(&found))?;
        if found.is_stationary() {
            return Ok(Ending::Done);
        }
        self.terminal
            .warn("the values as they stand are no bottom of this calibration");
        Ok(Ending::NotAsExpected)
    }

    /// Says what the targets can say of each parameter.
    fn say_what_is_informed(&self) -> Result<Ending, Failure> {
        self.wait_for_derivatives()?;
        let found = self.pool.install(|| self.setup.information())?;
        self.terminal.print_brief(&information(&found))?;
        Ok(Ending::Done)
    }

    fn wait_for_derivatives(&self) -> Result<(), Failure> {
        end_on_interrupt_saying(NOTHING_CHANGED)?;
        if let Some(words) = self.setup.takes_a_while()? {
            self.terminal.remark(&words);
        }
        Ok(())
    }

    /// The folder for results; `ending` tells ways of calibrating apart.
    fn target(&self, ending: &str) -> PathBuf {
        let name = format!("{}{ending}", self.setup.stem());
        let default = || Path::new("outputs").join(name);
        self.options.output.clone().unwrap_or_else(default)
    }

    /// Does a study in its folder and says what it came to.
    fn carry_out(
        &self,
        study: &(dyn Study + Sync),
        fingerprint: String,
        target: &Path,
    ) -> Result<Ended, Failure> {
        let job = job::Job {
            stopwatch: self.stopwatch,
            threads: self.pool,
            target,
            writing: self.options.writing,
            parts: Some(parts(fingerprint, self.options.resume)),
        };
        job.carry_out(self.setup, study, self.terminal)
    }
}

/// A method by its word.
fn method(word: &str) -> Result<Method, String> {
    let found = Method::WORDS.iter().find(|(known, _)| *known == word);
    found
        .map(|(_, method)| *method)
        .ok_or_else(|| "write `lm` or `cma-es`".to_owned())
}
