//! The frame of a study that leaves a folder: begun or gone on with, done, described, put in its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gutbrain::model::Model;
use gutbrain::results::failures::FailedLife;
use gutbrain::study::{
    CalibrationSetup, Counts, Finished, PortableSetup, Progress, Setup, Study, StudyError, draw,
};

use super::manifest::{FileEntry, Identity, Manifest, ModelEntry, SolverEntry, sha256};
use super::{
    Interrupted, Opening, OutputError, Remains, RunFolder, SavedRun, Stopwatch, Terms, keep_apart,
};

/// What a study is made from, as its folder knows it.
pub trait Question: Sync {
    /// The name of its file without the ending: a part of the identity of the folder.
    fn stem(&self) -> String;

    /// The files and folders that were read: none of them is ever written over.
    fn inputs(&self) -> Vec<PathBuf>;

    /// The model that is asked.
    fn model(&self) -> &Model;

    /// What the manifest says of it.
    fn describe(&self, manifest: &mut Manifest, counts: Counts);
}

impl Question for Setup {
    fn stem(&self) -> String {
        self.file.stem().to_owned()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        let mut inputs = self.file.files().to_vec();
        inputs.extend(self.file.data().map(|(_, path, _)| path.to_path_buf()));
        // The built-in model has no folder, and none of that name is read.
        inputs.push(PathBuf::from(&self.model.label));
        inputs
    }

    fn model(&self) -> &Model {
        &self.model
    }

    fn describe(&self, manifest: &mut Manifest, counts: Counts) {
        let scenario = &self.scenario;
        manifest.changes = self.file.changes().to_vec();
        manifest.model = ModelEntry::of(&self.model);
        manifest.scenario_sha256 = sha256(self.resolved().as_bytes());
        manifest.data = data_entries(self);
        manifest.seed = scenario.seed;
        manifest.solver = SolverEntry {
            method: scenario.solver.method.name().to_owned(),
            rtol: scenario.solver.rtol,
            atol: scenario.solver.atol,
        };
        manifest.runs = counts;
        manifest
            .circumstances
            .insert("lanes".to_owned(), gutbrain::simulate::what_lanes_ran_on());
    }
}

/// The own data of a scenario by the names that it has for their files.
fn data_entries(setup: &Setup) -> BTreeMap<String, FileEntry> {
    let entries = setup.file.data().map(|(name, _, bytes)| {
        let entry = FileEntry {
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        };
        (name.to_owned(), entry)
    });
    entries.collect()
}

impl Question for CalibrationSetup {
    fn stem(&self) -> String {
        let stem = self.path().file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        vec![self.path().to_path_buf(), PathBuf::from(&self.model.label)]
    }

    fn model(&self) -> &Model {
        &self.model
    }

    fn describe(&self, manifest: &mut Manifest, counts: Counts) {
        manifest.model = ModelEntry::of(&self.model);
        manifest.scenario_sha256 = self.hash();
        manifest.seed = self.calibration.seed;
        manifest.runs = counts;
    }
}

impl Question for PortableSetup {
    fn stem(&self) -> String {
        let stem = self.path().file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        vec![self.path().to_path_buf(), PathBuf::from(&self.model.label)]
    }

    fn model(&self) -> &Model {
        &self.model
    }

    fn describe(&self, manifest: &mut Manifest, counts: Counts) {
        manifest.model = ModelEntry::of(&self.model);
        manifest.scenario_sha256 = self.hash();
        manifest.seed = self.calibration.seed;
        manifest.runs = counts;
    }
}

impl ModelEntry {
    /// What a manifest says of a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut vectors = String::new();
        for source in &model.posteriors {
            // Names without the folder: the same files are the same wherever they stand.
            let name = source.name.rsplit(['/', '\\']).next().unwrap_or_default();
            vectors.push_str(&format!("{name} {}\n", sha256(source.text.as_bytes())));
        }
        Self {
            label: model.label.clone(),
            variant: model.variant.clone().unwrap_or_default(),
            sha256: model.hash.clone(),
            evidence_sha256: model.declaration.evidence_hash().to_owned(),
            vocabulary_sha256: model.declaration.vocabulary_hash().to_owned(),
            notice: model.declaration.family.notice.clone(),
            posterior_sha256: if vectors.is_empty() {
                String::new()
            } else {
                sha256(vectors.as_bytes())
            },
        }
    }
}

impl ModelEntry {
    /// Whether a model draws the animals that the model of this entry drew, and lives them alike.
    #[must_use]
    pub fn gives_the_animals_of(&self, model: &Model) -> bool {
        let now = Self::of(model);
        now.sha256 == self.sha256 && now.posterior_sha256 == self.posterior_sha256
    }
}

/// Whether finished parts of an earlier start are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// They are, if they belong to the same question.
    Resume,
    /// They are discarded, and it is said that they were.
    Afresh,
}

/// How finished parts of long work are kept.
#[derive(Debug, Clone)]
pub struct Parts {
    /// What they depend on.
    pub fingerprint: String,
    /// Which part of a sweep the job is, as noted in the manifest; empty for the whole.
    pub shard: String,
    /// Whether those of an earlier start are used.
    pub start: Start,
}

/// Where the results of a study go and how they are come by.
#[derive(Debug, Clone)]
pub struct Job<'j> {
    /// The folder.
    pub target: &'j Path,
    /// What may be replaced, and what is waited for.
    pub terms: Terms,
    /// How finished parts are kept; nothing for work that is done in one go.
    pub parts: Option<Parts>,
    /// Runs since the command began.
    pub stopwatch: Stopwatch,
    /// How many threads work.
    pub threads: usize,
}

/// How a job ended that did not fail.
#[derive(Debug)]
pub enum Ended {
    /// Its results are written now.
    Now(Box<Finished>),
    /// They were there already, the same.
    Before(Box<SavedRun>),
}

impl Ended {
    /// Runs asked for and what became of them.
    #[must_use]
    pub fn counts(&self) -> Counts {
        match self {
            Self::Now(finished) => finished.counts,
            Self::Before(saved) => saved.manifest().runs,
        }
    }

    /// The first life that failed, if any did and it was now.
    #[must_use]
    pub fn first_failure(&self) -> Option<&FailedLife> {
        match self {
            Self::Now(finished) => finished.first_failure.as_ref(),
            Self::Before(_) => None,
        }
    }
}

impl Job<'_> {
    /// Does a study and writes its folder, or finds that it is done.
    ///
    /// # Errors
    /// [`StudyError`]: that of the study, or, as [`StudyError::Store`], that of the folder.
    pub fn carry_out(
        &self,
        question: &dyn Question,
        study: &dyn Study,
        progress: &dyn Progress,
    ) -> Result<Ended, StudyError> {
        let identity = Identity {
            scenario: question.stem(),
            command: study.command(),
        };
        let opened = self.open(question, identity, progress);
        let Some(mut folder) = opened.map_err(of_store)? else {
            let saved = SavedRun::open(self.target).map_err(of_store)?;
            return Ok(Ended::Before(Box::new(saved)));
        };
        let finished = match study.run(&mut folder, progress) {
            Ok(finished) => finished,
            Err(error) => {
                if matches!(error, StudyError::Question(_)) {
                    folder.abandon();
                }
                return Err(error);
            }
        };
        let written = folder.finish(|manifest| {
            question.describe(manifest, finished.counts);
            self.stopwatch.describe(manifest, self.threads);
        });
        written.map_err(of_store)?;
        Ok(Ended::Now(Box::new(finished)))
    }

    /// The folder to work in; nothing if the job is finished already.
    fn open(
        &self,
        question: &dyn Question,
        identity: Identity,
        progress: &dyn Progress,
    ) -> Result<Option<RunFolder>, OutputError> {
        keep_apart(self.target, &question.inputs())?;
        let Some(parts) = &self.parts else {
            let folder = RunFolder::begin(self.target, identity, self.terms)?;
            say(&folder, progress);
            return Ok(Some(folder));
        };
        let (terms, print) = (self.terms, parts.fingerprint.as_str());
        let mut folder = match parts.start {
            Start::Afresh => {
                let folder = RunFolder::begin_resumable(self.target, identity, terms, print)?;
                say(&folder, progress);
                folder
            }
            Start::Resume => match RunFolder::resume(self.target, identity, terms, print)? {
                Opening::Started(folder) => {
                    say(&folder, progress);
                    folder
                }
                Opening::Continued(folder, remains) => {
                    if let Remains::Damaged(why) = remains {
                        progress.warn(&format!(
                            "the interrupted run is damaged ({why}); its finished parts are checked \
                             one by one"
                        ));
                    }
                    folder
                }
                Opening::Finished(_) => return Ok(None),
            },
        };
        folder.set_shard(&parts.shard);
        Ok(Some(folder))
    }

    /// Writes a finished run anew, with what `write` makes of it.
    ///
    /// # Errors
    /// That of `write`, or, as [`StudyError::Store`], that of the folder.
    pub fn rewrite<T>(
        &self,
        question: &dyn Question,
        saved: &SavedRun,
        progress: &dyn Progress,
        write: impl FnOnce(&mut RunFolder) -> Result<T, StudyError>,
    ) -> Result<T, StudyError> {
        // The same identity, but no new start: what waits to be gone on with stays.
        let terms = Terms {
            interrupted: Interrupted::Kept,
            ..self.terms
        };
        let identity = saved.manifest().identity.clone();
        let inputs = question.inputs();
        let begun = begin(self.target, identity, terms, &inputs, progress);
        let mut folder = begun.map_err(of_store)?;
        if let Some(parts) = &self.parts {
            folder.set_fingerprint(&parts.fingerprint);
        }
        let written = write(&mut folder)?;
        finish_like(folder, saved.manifest()).map_err(of_store)?;
        Ok(written)
    }
}

fn of_store(error: OutputError) -> StudyError {
    StudyError::Store(error.into())
}

/// Begins a run; none of the inputs may lie in its folder. Says what was discarded.
///
/// # Errors
/// [`OutputError`]: the folder may not be written, or holds something else.
fn begin(
    target: &Path,
    identity: Identity,
    terms: Terms,
    inputs: &[PathBuf],
    progress: &dyn Progress,
) -> Result<RunFolder, OutputError> {
    keep_apart(target, inputs)?;
    let folder = RunFolder::begin(target, identity, terms)?;
    say(&folder, progress);
    Ok(folder)
}

/// Writes files that were made at once as a run of a command; `runs` arms are in them.
///
/// # Errors
/// [`OutputError`]: the folder may not be written, or holds something else.
pub fn put_files(
    (target, terms): (&Path, Terms),
    (question, command): (&dyn Question, &str),
    (files, runs): (&[(&str, Vec<u8>)], usize),
    progress: &dyn Progress,
) -> Result<PathBuf, OutputError> {
    let identity = Identity {
        scenario: question.stem(),
        command: command.to_owned(),
    };
    let mut folder = begin(target, identity, terms, &question.inputs(), progress)?;
    for (name, bytes) in files {
        folder.add(name, bytes)?;
    }
    folder.finish(|manifest| question.describe(manifest, Counts::new(runs, 0)))
}

/// Ends a folder whose manifest says what that of another run says, but for its identity and its files.
fn finish_like(folder: RunFolder, like: &Manifest) -> Result<PathBuf, OutputError> {
    folder.finish(|manifest| {
        let files = std::mem::take(&mut manifest.files);
        let identity = manifest.identity.clone();
        *manifest = like.clone();
        manifest.files = files;
        manifest.identity = identity;
    })
}

/// Figures that were drawn again of a finished run, and where they go.
#[derive(Debug)]
pub struct Figures<'f> {
    /// The run.
    pub run: &'f SavedRun,
    /// A folder of their own; nothing for that of the run, in the place of the old ones.
    pub output: Option<&'f Path>,
    /// What may be replaced, and what is waited for.
    pub terms: Terms,
    /// What was read besides the run: never written over.
    pub read: Vec<PathBuf>,
}

/// A figure under its name.
type NamedFigure = (String, Vec<u8>);

impl<'f> Figures<'f> {
    /// Draws them from the tables of the run.
    ///
    /// # Errors
    /// As [`StudyError::Store`] an [`OutputError::NotARun`] where a table is missing or cannot be read; what else
    /// a drawing ends with.
    pub fn draw(
        &self,
        setup: &Setup,
        progress: &dyn Progress,
    ) -> Result<Vec<NamedFigure>, StudyError> {
        let command = &self.run.manifest().identity.command;
        let drawn = draw(setup, self.run, command, progress);
        drawn.map_err(|error| {
            let why = match error {
                StudyError::Table(error) => error.to_string(),
                StudyError::Json(error) => format!("summary.json is damaged: {error}"),
                StudyError::Mismatch { why, .. } => why,
                StudyError::NothingToDraw { table } => {
                    format!("it has no {table}; run with output.trajectories = \"all\"")
                }
                other => return other,
            };
            let path = self.run.folder().to_path_buf();
            of_store(OutputError::NotARun { path, why })
        })
    }

    /// Puts them there and gives the folder.
    ///
    /// # Errors
    /// [`OutputError`]: a file of the run cannot be read, or the folder may not be written.
    pub fn put(
        &self,
        figures: &[NamedFigure],
        progress: &dyn Progress,
    ) -> Result<&'f Path, OutputError> {
        let manifest = self.run.manifest();
        let (target, mut folder) = match self.output {
            Some(target) => {
                let identity = Identity {
                    scenario: manifest.identity.scenario.clone(),
                    command: "plot".to_owned(),
                };
                let mut read = self.read.clone();
                read.push(self.run.folder().to_path_buf());
                (
                    target,
                    begin(target, identity, self.terms, &read, progress)?,
                )
            }
            None => {
                // The same identity, but no new start: what waits to be gone on with stays.
                let terms = Terms {
                    interrupted: Interrupted::Kept,
                    ..self.terms
                };
                let target = self.run.folder();
                let identity = manifest.identity.clone();
                let mut folder = begin(target, identity, terms, &[], progress)?;
                let names = manifest.files.keys();
                for name in names.filter(|name| !name.starts_with("figures/")) {
                    folder.add(name, &self.run.read(name)?)?;
                }
                (target, folder)
            }
        };
        for (name, bytes) in figures {
            folder.add(name, bytes)?;
        }
        finish_like(folder, manifest)?;
        Ok(target)
    }
}

/// Nothing is discarded without a word.
fn say(folder: &RunFolder, progress: &dyn Progress) {
    for remark in folder.remarks() {
        progress.warn(&remark.to_string());
    }
}
