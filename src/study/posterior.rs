//! Samples what the evidence leaves open of the fitted parameters.

use super::files::{as_csv, drawn};
use super::parts::Parts;
use super::{
    CalibrationSetup, Counts, Finished, NamedFile, Progress, QuestionError, Stage, Store, Study,
    StudyError, StudySummary,
};
use crate::analysis::calibrate::Setting;
use crate::analysis::calibrate::chunk::Chunk;
use crate::analysis::calibrate::ensemble::{Sampled, UNMIXED, posteriors, summarise, thin};
use crate::analysis::calibrate::sampler::{Record, Sampler, State};
use crate::posterior::Posterior;
use crate::results::{calibration as pictures, posterior as tables};

/// What the parts are sealed as.
const KIND: &str = "chains";
/// Steps between two states that are kept, at least.
const STRETCH: usize = 100;

/// The job of `gutbrain calibrate --posterior`. A stretch of chains that is finished is kept in the store,
/// and a later run goes on after it.
#[derive(Debug, Clone, Copy)]
pub struct PosteriorStudy<'s> {
    setup: &'s CalibrationSetup,
}

impl<'s> PosteriorStudy<'s> {
    /// The posterior around the values as they stand.
    ///
    /// # Errors
    /// [`StudyError::Question`]: a scenario does not fit, or a fitted value is that of no subject.
    pub fn new(setup: &'s CalibrationSetup) -> Result<Self, StudyError> {
        setup.setting()?;
        Ok(Self { setup })
    }

    /// The fingerprint of everything that the result depends on.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.setup.fingerprint(KIND)
    }

    /// The stretches that were kept, each of which goes on from the one before it.
    fn kept(&self, parts: &Parts<'_>) -> (Vec<Record>, Option<State>, usize) {
        let plan = self.setup.calibration.sampling;
        let targets = self.setup.calibration.targets.len();
        let follows = |chunk: &Chunk, last: &Option<State>| {
            let before = last.as_ref().map_or(0, |state| state.step);
            chunk.state.step > before
                && chunk.state.places.len() == plan.chains
                && chunk.records.first().is_none_or(|it| it.step > before)
        };
        let (mut records, mut last, mut stretches) = (Vec::new(), None, 0);
        while let Some(chunk) = parts.kept(stretches + 1, |text| {
            Chunk::read(text, targets).filter(|chunk| follows(chunk, &last))
        }) {
            records.extend(chunk.records);
            last = Some(chunk.state);
            stretches += 1;
        }
        (records, last, stretches)
    }

    /// Runs the chains, or the rest of them.
    fn chains(
        &self,
        setting: &Setting<'_>,
        parts: &Parts<'_>,
        progress: &dyn Progress,
    ) -> Result<(Vec<Record>, Sampler), StudyError> {
        let plan = self.setup.calibration.sampling;
        let mut sampler = setting.chains(plan)?;
        let (mut records, last, mut stretches) = self.kept(parts);
        if let Some(state) = last {
            progress.note(&format!("going on after step {}", state.step));
            sampler = sampler.resumed(&records, state);
        }
        let lives = (setting.lives() * plan.chains) as u64;
        let left = plan.total().saturating_sub(sampler.state.step) as u64;
        let stage = Stage::begin(progress, "lives", left * lives);
        // Chains go on from a record only.
        let length = STRETCH.next_multiple_of(plan.every);
        while sampler.state.step < plan.total() {
            let mut fresh = Vec::new();
            let end = plan.total().min((stretches + 1) * length);
            while sampler.state.step < end {
                let before = sampler.state.tally.failed;
                fresh.extend(sampler.step(setting));
                let failed = sampler.state.tally.failed.saturating_sub(before);
                stage.advance(lives, failed as u64)?;
            }
            let chunk = Chunk {
                records: fresh,
                state: sampler.state.clone(),
            };
            stretches += 1;
            parts.keep(stretches, &chunk.to_text());
            records.extend(chunk.records);
        }
        Ok((records, sampler))
    }
}

impl Study for PosteriorStudy<'_> {
    fn command(&self) -> String {
        "calibrate --posterior".to_owned()
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let setup = self.setup;
        let setting = setup.setting()?;
        let parts = Parts::new(store, setup.seal(KIND), progress);
        let (records, sampler) = self.chains(&setting, &parts, progress)?;
        drop(parts);
        let plan = setup.calibration.sampling;
        let sampled = summarise(&setting, &plan, &records, sampler.state.tally);
        let sampled = sampled.ok_or(QuestionError::NothingRecorded)?;
        let vectors = thin(&sampled, setup.calibration.vectors);
        let mut files = vec![
            as_csv(&tables::parameters(&sampled))?,
            as_csv(&tables::targets(&sampled))?,
            setup.file(),
        ];
        let figures = [pictures::traces(&sampled), pictures::pairs(&sampled)];
        files.extend(drawn(figures, progress));
        let ensembles = posteriors(
            &setting,
            &setup.model,
            &setup.hash(),
            &vectors,
            &remarks(setup, &sampled, vectors.len()),
        );
        files.extend(ensembles.iter().map(ensemble_file));
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        let tally = sampled.tally;
        Ok(Finished {
            counts: Counts::new(tally.proposed, tally.failed),
            files: files.len(),
            effort: format!("{} proposals", tally.proposed),
            summary: StudySummary::Posterior(Box::new(sampled)),
            first_failure: None,
        })
    }
}

/// The vectors of a subject as the model folder holds them.
pub(super) fn ensemble_file(ensemble: &Posterior) -> NamedFile {
    let name = format!("posterior/{}.csv", ensemble.preset);
    (name, ensemble.to_text().into_bytes())
}

/// The comments of the vectors.
fn remarks(setup: &CalibrationSetup, sampled: &Sampled, vectors: usize) -> Vec<String> {
    let plan = setup.calibration.sampling;
    let (hat, bulk, tails) = sampled.worst();
    let share = |part: usize| 100.0 * part as f64 / sampled.tally.proposed.max(1) as f64;
    let mut remarks = vec![
        format!(
            "{} chains, {} steps each after a warm-up of {}, seed {}; accepted {:.0} % of the proposals, \
             {:.2} % could not be evaluated.",
            plan.chains,
            plan.steps,
            plan.warm_up(),
            plan.seed,
            share(sampled.tally.accepted),
            share(sampled.tally.failed)
        ),
        format!(
            "Worst of {} parameters: R-hat {hat:.3} (rank-normalised, split), effective draws {bulk:.0} \
             (centre), {tails:.0} (tails). {vectors} vectors are kept, evenly spaced.",
            sampled.parameters.len()
        ),
        "Parameters that are not here hold their values: their uncertainty is not in these vectors."
            .to_owned(),
    ];
    if !sampled.is_well_mixed() {
        remarks.push(format!(
            "{UNMIXED}: intervals are rough, and tails rougher."
        ));
    }
    remarks
}
