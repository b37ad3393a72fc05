//! Studies from memory: nothing is read from a disk and nothing is written to one; progress is heard, and one
//! study is cancelled and gone on with.
//!
//! ```text
//! cargo run --release --example studies
//! ```
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain::study::{
    AttributeStudy, CalibrationSetup, FitStudy, Memory, PosteriorStudy, ProfileStudy, Progress,
    RunStudy, SensitivityStudy, Setup, Silent, Study, StudyError, StudySummary, SweepStudy,
    TableFormat, TrialStudy, ValidateStudy, ValidationSetup,
};

/// A mouse without and with butyrate in its drinking water, and what the studies ask about it.
const EXPERIMENT: &str = r#"
schema = 1
title  = "Butyrate, from memory"

[subject]
preset = "mouse-g93a-b6sjl"

[simulation]
start = "21 d"
stop  = "260 d"
every = "10 d"

[[arm]]
name = "control"

[[arm]]
name = "butyrate"
  [[arm.intervention]]
  kind  = "butyrate-water"
  dose  = "2 %"
  start = "38 d"

[sweep]
  [[sweep.factor]]
  target = "arm.butyrate.dose"
  range  = ["0.5 %", "4 %"]
  levels = 4
  [[sweep.factor]]
  target = "arm.butyrate.start"
  values = ["38 d", "90 d"]

[sensitivity]
method  = "sobol"
samples = 8
factors = ["zo1_butyrate_gain", "treg_butyrate_gain"]
outputs = ["difference life vs control"]

[trial]
pool        = 100
replicates  = 20
group_sizes = [8]
  [[trial.designs]]
  name = "guideline"
"#;

/// What one number of the model is fitted to, and how its posterior is sampled: a toy beside the calibration
/// of the model, which takes minutes.
const CALIBRATION: &str = r#"
says        = "the age at death of untreated mice"
parameters  = ["neuron_failing_rate"]
starts      = 2
horizon     = "300 d"
evaluations = 20
[posterior]
chains  = 3
rounds  = 1
round   = 20
steps   = 40
every   = 5
walk    = 0
vectors = 6
[[target]]
name     = "death"
scenario = "butyrate.toml"
arm      = "control"
feature  = "death"
value    = 130
sd       = 4
"#;

/// Prints what it hears, and wants the study to stop after so many pieces of work.
struct Listener {
    done: AtomicU64,
    most: u64,
}

impl Listener {
    fn new(most: u64) -> Self {
        Self {
            done: AtomicU64::new(0),
            most,
        }
    }
}

impl Progress for Listener {
    fn begin(&self, what: &'static str, total: u64) {
        println!("  {total} {what}");
    }

    fn advance(&self, done: u64, failed: u64) {
        let before = self.done.fetch_add(done, Ordering::Relaxed);
        println!("  {} done, {failed} of the last failed", before + done);
    }

    fn end(&self) {}

    fn is_cancelled(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.most
    }

    fn warn(&self, message: &str) {
        println!("  warning: {message}");
    }

    fn note(&self, message: &str) {
        println!("  {message}");
    }
}

/// Runs a study to its end and says what it came to.
fn show(study: &dyn Study) -> Result<(), StudyError> {
    println!("{}", study.command());
    let mut store = Memory::default();
    let finished = study.run(&mut store, &Listener::new(u64::MAX))?;
    println!(
        "  {} runs, {} failed; {} files, the first is {:?}",
        finished.counts.requested,
        finished.counts.failed,
        finished.files,
        store.files().keys().next(),
    );
    match finished.summary {
        StudySummary::Run(summary) => println!("  arms: {:?}", summary.arm_order),
        StudySummary::Sweep(summary) => {
            for arm in &summary.comparisons {
                let most = arm.greatest.as_ref().map(|most| most.difference_d);
                println!("  `{}` gains {most:?} d at the most", arm.arm);
            }
        }
        StudySummary::Sensitivity(summary) => {
            for input in summary.outputs.iter().flat_map(|output| &output.ranking) {
                println!("  {}: {:.3}", input.parameter, input.value);
            }
        }
        StudySummary::Trial(summary) => println!("  true effect: {:?} d", summary.true_effect_d),
        StudySummary::Fit(report) => {
            for line in &report.parameters {
                println!("  {}: {} became {}", line.id, line.before, line.after);
            }
        }
        StudySummary::Profiles(profiles) => {
            for profile in &profiles {
                println!("  {}: {:?}", profile.id, profile.intervals());
            }
        }
        StudySummary::Posterior(sampled) => {
            for line in &sampled.parameters {
                println!("  {}: 5 %, 50 % and 95 % {:?}", line.name, line.quantiles);
            }
        }
        StudySummary::Attribution(found) => {
            for share in &found.shares {
                println!("  {}: {:.1} {}", share.pathway, share.share, found.unit);
            }
        }
        StudySummary::Validation(board) => {
            println!("  {} disagreements", board.disagreements().count());
        }
        _ => {}
    }
    Ok(())
}

/// Stops a study on the way and goes on with it: the files are those of a study that was never stopped.
fn stop_and_go_on(study: &dyn Study) -> Result<(), Box<dyn Error>> {
    println!("{}, cancelled after its first block", study.command());
    let mut store = Memory::default();
    match study.run(&mut store, &Listener::new(1)) {
        Err(StudyError::Cancelled) => {
            println!("  finished parts that are kept: {}", store.chunks().len());
        }
        Ok(_) => println!("  it was done before it could be stopped"),
        Err(other) => return Err(other.into()),
    }
    study.run(&mut store, &Listener::new(u64::MAX))?;
    let mut whole = Memory::default();
    study.run(&mut whole, &Silent)?;
    if store.files() != whole.files() {
        return Err("the files differ".into());
    }
    println!("  the same {} files", whole.files().len());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let setup = Setup::from_text("butyrate.toml", EXPERIMENT)?;
    show(&RunStudy::new(&setup))?;
    show(&SweepStudy::new(&setup)?)?;
    show(&SensitivityStudy::new(&setup)?)?;
    show(&TrialStudy::new(&setup, TableFormat::Csv)?)?;
    show(&AttributeStudy::new(&setup, "death")?)?;
    let model = Model::builtin()?;
    let mut files = InMemory::default();
    files.put("butyrate.toml", EXPERIMENT);
    files.put("fit.toml", CALIBRATION);
    let calibration = CalibrationSetup::open_in(&files, Path::new("fit.toml"), model.clone())?;
    show(&FitStudy::new(&calibration)?)?;
    show(&ProfileStudy::new(&calibration, &["all".to_owned()])?)?;
    show(&PosteriorStudy::new(&calibration)?)?;
    let evidence = ValidationSetup::builtin(model)?;
    show(&ValidateStudy::new(&evidence).with_vectors(0))?;
    stop_and_go_on(&FitStudy::new(&calibration)?)?;
    stop_and_go_on(&SweepStudy::new(&setup)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_study_runs_from_memory() {
        super::main().unwrap();
    }
}
