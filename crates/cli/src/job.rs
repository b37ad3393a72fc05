//! The frame of every command that does a study: threads, progress, folder, verdict.

use std::path::Path;

use super::Ending;
use super::failure::Failure;
use super::options::{ModelOptions, WritingOptions};
use super::threads::Threads;
use gutbrain::model::Model;
use gutbrain::report::brief::Tone;
use gutbrain::study::{Study, StudyError, Tolerance};
use gutbrain_network::declaration::Family;
use gutbrain_network::fault::escape;
use gutbrain_store as store;
use gutbrain_store::{Ended, Parts, Question, RunFolder, SavedRun, Start, Stopwatch};
use gutbrain_terminal::{OnTerminal, Terminal, end_on_interrupt_saying};

/// Where the results go and how they are come by.
pub(super) struct Job<'j> {
    /// Runs since the command began.
    pub(super) stopwatch: Stopwatch,
    /// The threads that work.
    pub(super) threads: Threads,
    /// The folder.
    pub(super) target: &'j Path,
    /// What may be replaced, and what is waited for.
    pub(super) writing: WritingOptions,
    /// How finished parts are kept.
    pub(super) parts: Option<Parts>,
}

/// Finished parts that depend on this, of the whole of a study; `resume` uses those of an earlier start.
pub(super) fn parts(fingerprint: String, resume: bool) -> Parts {
    Parts {
        fingerprint,
        shard: String::new(),
        start: if resume { Start::Resume } else { Start::Afresh },
    }
}

impl Job<'_> {
    fn of_store(&self) -> store::Job<'_> {
        store::Job {
            target: self.target,
            terms: self.writing.terms(),
            parts: self.parts.clone(),
            stopwatch: self.stopwatch,
            threads: self.threads.number(),
        }
    }

    /// Does a study, writes its folder and says what it came to, or finds that it is done.
    pub(super) fn carry_out(
        &self,
        question: &dyn Question,
        study: &(dyn Study + Sync),
        terminal: &Terminal,
    ) -> Result<Ended, Failure> {
        end_on_interrupt_saying(match self.parts {
            Some(_) => "what is finished is kept: the same command with --resume goes on with it",
            None => "earlier results are intact; the same command starts again",
        })?;
        let threads = self.threads.number();
        terminal.progress(&format!("{} with {threads} threads", study.command()));
        let family = &question.model().declaration.family;
        let progress = OnTerminal::new(terminal).of(family);
        let job = self.of_store();
        let ended = (self.threads).install(|| job.carry_out(question, study, &progress));
        let ended = ended.map_err(|error| error.in_words_of(family))?;
        let Ended::Now(finished) = &ended else {
            let path = self.target.display().to_string();
            let path = terminal.tone(Tone::Strong, &escape(&path));
            terminal.print_summary(&format!("\n  finished already: {path}\n"))?;
            return Ok(ended);
        };
        terminal.progress(&finished.effort);
        terminal.summarise_in_words_of(family, &study.brief(finished))?;
        terminal.say_where(self.target, finished.files + 1)?;
        say_notice(question.model(), terminal);
        Ok(ended)
    }

    /// Writes a finished run anew, with what `write` makes of it.
    pub(super) fn rewrite<T>(
        &self,
        question: &dyn Question,
        saved: &SavedRun,
        terminal: &Terminal,
        write: impl FnOnce(&mut RunFolder) -> Result<T, StudyError>,
    ) -> Result<T, Failure> {
        let progress = OnTerminal::new(terminal).of(&question.model().declaration.family);
        Ok(self.of_store().rewrite(question, saved, &progress, write)?)
    }
}

/// Says what results of a model may not be used for, if its family says so.
fn say_notice(model: &Model, terminal: &Terminal) {
    let notice = &model.declaration.family.notice;
    if !notice.is_empty() {
        terminal.remark(notice);
    }
}

/// What becomes of a study in which runs failed.
pub(super) struct Verdict<'v> {
    /// Failures that are tolerated.
    pub(super) most: Tolerance,
    /// The folder of the results.
    pub(super) target: &'v Path,
    /// The model that was asked.
    pub(super) model: &'v ModelOptions,
    /// Whose words are used.
    pub(super) family: &'v Family,
}

impl Verdict<'_> {
    /// The same of a study of many points: if none came to an end, none may fail.
    pub(super) fn on_points(
        &self,
        study: &dyn Study,
        ended: &Ended,
        terminal: &Terminal,
    ) -> Ending {
        let most = match ended.counts().ok {
            0 => Tolerance::Number(0),
            _ => self.most,
        };
        Self { most, ..*self }.on(study, ended, terminal)
    }

    /// Whether too much failed; if it did, it is said with the command that lives the first failed life again.
    pub(super) fn on(&self, study: &dyn Study, ended: &Ended, terminal: &Terminal) -> Ending {
        let counts = ended.counts();
        if !self.most.is_exceeded(counts) {
            return Ending::Done;
        }
        terminal.warn(&self.family.in_its_words(&study.failures(counts)));
        if let Some(failed) = ended.first_failure() {
            let scenario = self.target.join("scenario.toml").display().to_string();
            let command = failed.command(&scenario, &self.model.words());
            terminal.warn(&format!(
                "the first of them: {failed}\n  help: `{command}` runs it again"
            ));
        }
        Ending::TooManyFailures
    }
}
