//! The command line: reads arguments, calls the library, prints, gives the exit code.
//!
//! Results go to standard output, progress and messages to standard error. Exit codes: 0 done;
//! 1 a stated expectation failed; 2 usage, scenario or model error, nothing was run; 3 more numerical failures than allowed;
//! 4 writing failed; 130 interrupted.
//!
//! One file per command; the options that several commands share are in `options`.

mod attribute;
mod biomarkers;
mod calibrate;
mod check;
mod cite;
mod clean;
mod compare;
mod completions;
mod evidence;
mod explain;
mod explain_code;
mod explore;
mod failure;
mod job;
mod man;
mod merge;
mod model_export;
mod model_export_petab;
mod model_import_check;
mod model_list;
mod model_show;
mod new;
mod options;
mod plot;
mod repeat;
mod report;
mod run;
mod runs;
mod schema;
mod sensitivity;
mod study_options;
mod sweep;
mod table_format;
mod threads;
mod trial;
mod usage;
mod validate;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use failure::Failure;
use gutbrain_terminal::{MessageOptions, Terminal, outlive_size_limits};
use usage::Usage;

/// Executable model of the gut-brain axis in amyotrophic lateral sclerosis.
#[derive(Debug, Parser)]
#[command(name = "gutbrain", version, about, long_about = None)]
#[command(
    after_help = "Exit codes: 0 done; 1 a stated expectation failed; 2 usage, scenario or model error, nothing was run; \
                        3 numerical failures above --max-failures; 4 writing failed; \
                        130 interrupted."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    messages: MessageOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate every arm of a scenario; write tables, figures and a summary
    Run(run::Options),
    /// Run a scenario at many points: dose by start, parameters, presets; resumable, in shards
    Sweep(sweep::Options),
    /// Join the shards of a sweep
    Merge(merge::Options),
    /// Repeat the whole experiment many times: power, false positives, sample size
    Trial(trial::Options),
    /// Find out which unknowns matter: Sobol, Morris, PRCC, local
    Sensitivity(sensitivity::Options),
    /// Read and check scenarios without running them; all faults at once
    Check(check::Options),
    /// Write a commented scenario to begin with
    New(new::Options),
    /// List the finished runs of a folder
    Runs(runs::Options),
    /// Say what differs between two runs, in inputs and results
    Compare(compare::Options),
    /// List what interrupted commands left behind, and remove it
    Clean(clean::Options),
    /// Simulate one animal of a finished run again, alone and in full
    Repeat(repeat::Options),
    /// Draw the figures of a run again from its saved tables
    Plot(plot::Options),
    /// Write one page about a finished run, from its saved files
    Report(report::Options),
    /// Look into the model
    #[command(subcommand)]
    Model(ModelCommand),
    /// Fit parameters to evidence
    Calibrate(calibrate::Options),
    /// Score the model against the evidence it is fitted to and tested on
    Validate(validate::Options),
    /// Split the difference between two arms over the pathways that carry it
    Attribute(attribute::Options),
    /// Find out which measured quantity tells those who will fall ill, how long before
    Biomarkers(biomarkers::Options),
    /// Look into the ledger of evidence
    #[command(subcommand)]
    Evidence(evidence::EvidenceCommand),
    /// Play with scenarios in a browser: served on this computer, or written as one page
    Explore(explore::Options),
    /// Print the references behind a scenario
    Cite(cite::Options),
    /// Say what the code of a message means, as in `error[unknown-name]`
    Explain(explain_code::Options),
    /// Print what a scenario file may hold, as a JSON Schema
    Schema(schema::Options),
    /// Print a completion script for a shell
    Completions(completions::Options),
    /// Print the manual page, or write one page per command into a folder
    Man(man::Options),
}

#[derive(Debug, Subcommand)]
enum ModelCommand {
    /// List species, parameters, processes and everything else the model declares
    List(model_list::Options),
    /// Show one entry in full: sentence, equation, units, value, range, evidence
    Show(model_show::Options),
    /// Split the derivative of a species over the processes, at one age of one arm
    Explain(explain::Options),
    /// Write the model with one arm of a scenario for other programs
    Export(model_export::Options),
    /// Say what was changed in an export that came back as SBML
    ImportCheck(model_import_check::Options),
}

/// What a command that did not fail ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Exit code 0.
    Done,
    /// Exit code 1: there are results, but a stated expectation failed or a difference was found.
    NotAsExpected,
    /// Exit code 3: there are results, but too many runs failed.
    TooManyFailures,
}

/// The whole program: arguments to exit code.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(main_with(std::env::args_os()))
}

/// The whole program with these arguments, its own name first: for a host that has arguments of its own,
/// such as the interpreter of Python. Once in a process: signals and threads are the process's.
#[must_use]
pub fn main_with(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    outlive_size_limits();
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            // Help and version go to standard output and are no errors.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return code;
        }
    };
    let terminal = line.messages.terminal();
    match carry_out(&line.command, &terminal) {
        Ok(Ending::Done) => 0,
        Ok(Ending::NotAsExpected) => 1,
        Ok(Ending::TooManyFailures) => 3,
        Err(failure) => {
            failure.say(&terminal);
            failure.exit_code()
        }
    }
}

fn carry_out(command: &Command, terminal: &Terminal) -> Result<Ending, Failure> {
    gutbrain::simulate::instruction_set().map_err(Usage::from)?;
    match command {
        Command::Run(options) => run::run(options, terminal),
        Command::Sweep(options) => sweep::sweep(options, terminal),
        Command::Merge(options) => merge::merge(options, terminal),
        Command::Trial(options) => trial::trial(options, terminal),
        Command::Sensitivity(options) => sensitivity::sensitivity(options, terminal),
        Command::Check(options) => check::check(options, terminal),
        Command::New(options) => new::new(options, terminal),
        Command::Runs(options) => runs::runs(options, terminal),
        Command::Compare(options) => compare::compare(options, terminal),
        Command::Clean(options) => clean::clean(options, terminal),
        Command::Repeat(options) => repeat::repeat(options, terminal),
        Command::Report(options) => report::write(options, terminal),
        Command::Plot(options) => plot::plot(options, terminal),
        Command::Model(ModelCommand::List(options)) => model_list::list(options, terminal),
        Command::Model(ModelCommand::Show(options)) => model_show::show(options, terminal),
        Command::Model(ModelCommand::Explain(options)) => explain::explain(options, terminal),
        Command::Model(ModelCommand::Export(options)) => model_export::export(options, terminal),
        Command::Model(ModelCommand::ImportCheck(options)) => {
            model_import_check::check(options, terminal)
        }
        Command::Calibrate(options) => calibrate::calibrate(options, terminal),
        Command::Validate(options) => validate::validate(options, terminal),
        Command::Attribute(options) => attribute::run(options, terminal),
        Command::Biomarkers(options) => biomarkers::run(options, terminal),
        Command::Evidence(command) => evidence::evidence(command, terminal),
        Command::Explore(options) => explore::explore(options, terminal),
        Command::Cite(options) => cite::cite(options, terminal),
        Command::Explain(options) => explain_code::explain(options, terminal),
        Command::Schema(options) => schema::print(options, terminal),
        Command::Completions(options) => completions::print(options, self::command(), terminal),
        Command::Man(options) => man::print(options, self::command(), terminal),
    }
}

/// The command line as data, for completions, the manual and the documentation.
#[must_use]
pub fn command() -> clap::Command {
    CommandLine::command()
}
