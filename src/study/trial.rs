//! Repeats the whole experiment and asks what it would have told us.

use gutbrain_network::fault::escape;

use super::files::{NamedFile, as_csv};
use super::parts::Parts;
use super::{
    Counts, Finished, Progress, Saved, Setup, Stage, Store, Study, StudyError, StudySummary,
    TableFormat, encode, picture_files,
};
use crate::analysis::trial::{KeptBlocks, Pool, PoolBlock, repeat, two_arms};
use crate::checkpoint::Seal;
use crate::results::cohort_figures::trial_figures;
use crate::results::terms::terms;
use crate::results::trial::{
    TrialSummary, answers, designs, experiments, first_failure, pool_table,
};
use crate::scenario::{Moment, Scenario, TrialDesign};

/// The kind of work that finished blocks of a pool belong to.
const KIND: &str = "trial";

/// Keys of `[cohort]` that a trial decides itself.
const NOT_USED: [&str; 5] = ["only", "arms", "litters", "low_copy", "visits"];

/// The job of `gutbrain trial`.
#[derive(Debug, Clone, Copy)]
pub struct TrialStudy<'s> {
    setup: &'s Setup,
    format: TableFormat,
}

impl<'s> TrialStudy<'s> {
    /// A trial of the second arm of a scenario against its first, with large tables in this format.
    ///
    /// # Errors
    /// [`StudyError::Question`]: there are other than two arms.
    pub fn new(setup: &'s Setup, format: TableFormat) -> Result<Self, StudyError> {
        two_arms(&setup.scenario)?;
        Ok(Self { setup, format })
    }

    /// The fingerprint of everything that the result depends on.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.setup.fingerprint(KIND).finish()
    }

    /// The format of the large tables of a finished trial, if it has any.
    #[must_use]
    pub fn saved_format(saved: &dyn Saved) -> Option<TableFormat> {
        let names = saved.names();
        [TableFormat::Parquet, TableFormat::Csv]
            .into_iter()
            .find(|format| names.contains(&format.file_name("pool")))
    }

    /// What the scenario says and a trial does not use, as a sentence.
    fn not_used(&self) -> Option<String> {
        let given = |key: &&str| self.setup.file.gives(&format!("cohort.{key}"));
        let keys = NOT_USED.iter().filter(|key| given(key));
        let keys: Vec<String> = keys.map(|key| format!("`{key}`")).collect();
        (!keys.is_empty()).then(|| {
            format!(
                "a trial does not use {} of `[cohort]`: its designs choose from whole litters with all \
                 their animals, each simulated in both arms, and they measure at visits of their own\n  \
                 help: `[[trial.designs]]` says how animals are chosen",
                keys.join(", ")
            )
        })
    }
}

/// Blocks of the pool behind the store's door.
struct Blocks<'p> {
    parts: Parts<'p>,
    designs: usize,
}

impl KeptBlocks for Blocks<'_> {
    fn kept(&self, number: usize, animals: u64) -> Option<PoolBlock> {
        let read = |text: &str| PoolBlock::read(text, animals, self.designs);
        self.parts.kept(number, read)
    }

    fn keep(&self, number: usize, block: &PoolBlock) {
        // Such a block is always text.
        if let Ok(text) = block.to_text() {
            self.parts.keep(number, &text);
        }
    }
}

impl Study for TrialStudy<'_> {
    fn command(&self) -> String {
        "trial".to_owned()
    }

    fn failures(&self, counts: Counts) -> String {
        let Counts {
            failed, requested, ..
        } = counts;
        format!("{failed} of {requested} animals of the pool failed in an arm and are not in it")
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let Setup {
            model, scenario, ..
        } = self.setup;
        let plan = &scenario.trial;
        self.setup.warn_of_doses(progress);
        if let Some(sentence) = self.not_used() {
            progress.warn(&sentence);
        }
        for sentence in treated_before_entry(scenario) {
            progress.warn(&sentence);
        }
        let stage = Stage::begin(progress, "lives", 2 * plan.pool);
        let blocks = Blocks {
            parts: Parts::new(store, Seal::new(KIND, &self.fingerprint()), progress),
            designs: plan.designs.len(),
        };
        let pool = Pool::gone_on_with(model, scenario, plan, &blocks, |lives, failed| {
            stage.advance(lives, failed)
        })?;
        drop((stage, blocks));
        for sentence in pool.one_sided(plan) {
            progress.warn(&escape(&sentence));
        }
        let cells = plan.designs.len() * plan.group_sizes.len() * 2;
        let stage = Stage::begin(progress, "experiments", cells as u64 * plan.replicates);
        let results = repeat(&pool, plan, scenario.seed, |done| stage.advance(done, 0))?;
        drop(stage);
        let summary = TrialSummary::new(scenario, plan, &pool, &results);
        let sentences = [summary.untested(), summary.not_estimable()];
        for sentence in sentences.into_iter().flatten() {
            progress.warn(&escape(&sentence));
        }
        let answers = answers(&results, scenario);
        let experiments = experiments(&results, plan);
        let figures = trial_figures(
            &answers,
            &experiments,
            plan,
            &results.true_effects,
            &scenario.style,
            &terms(&model.declaration, scenario),
        )?;
        let mut files: Vec<NamedFile> = vec![
            (
                "scenario.toml".to_owned(),
                self.setup.resolved().into_bytes(),
            ),
            as_csv(&answers)?,
            ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
            encode(&experiments, self.format)?,
            encode(&pool_table(&pool), self.format)?,
        ];
        if let Some(designs) = designs(&results, plan, &pool) {
            files.push(as_csv(&designs)?);
        }
        files.extend(picture_files(&figures, progress)?);
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Finished {
            counts: Counts::new(whole(pool.requested), whole(pool.failed)),
            files: files.len(),
            effort: format!("{} lives", pool.requested),
            summary: StudySummary::Trial(Box::new(summary)),
            first_failure: first_failure(scenario, plan, &pool),
        })
    }
}

/// Designs into which animals come treated: their arms differ when they enter, and what a design compares
/// from entry on is not the effect of the treatment.
fn treated_before_entry(scenario: &Scenario) -> Vec<String> {
    let treated = scenario.arms.get(1);
    let first = |entry: &Moment| {
        let mut done = treated.into_iter().flat_map(|arm| &arm.shading);
        done.find(|it| may_precede(&it.start, entry))
    };
    let late = |design: &&TrialDesign| design.course.entry.at != Moment::Age(0.0);
    let designs = scenario.trial.designs.iter().filter(late);
    designs
        .filter_map(|design| {
            let entry = &design.course.entry.randomised();
            let it = first(entry)?;
            Some(format!(
                "`{}`: {} begins at {}, and animals enter at {entry}: who is treated before entry is another \
                 animal when it enters\n  help: let the treatment begin at entry, `start = \"{entry}\"`",
                design.name, it.label, it.start
            ))
        })
        .collect()
}

/// Whether something begins before an animal enters, as far as the file tells: a fixed age and a time that
/// follows the animal may come in either order.
fn may_precede(start: &Moment, entry: &Moment) -> bool {
    match (start, entry) {
        (Moment::Age(start), Moment::Age(entry)) => start < entry,
        (
            Moment::After { what, days },
            Moment::After {
                what: of,
                days: later,
            },
        ) => what.word == of.word && days < later,
        (Moment::Age(_), Moment::After { .. }) => true,
        (Moment::After { .. }, Moment::Age(_)) => false,
    }
}
