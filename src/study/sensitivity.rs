//! Asks which unknowns the answers of a scenario depend on, in blocks of points that are kept as they are
//! finished.

use gutbrain_network::fault::escape;
use gutbrain_table::{ColumnKind, Table};

use super::files::{NamedFile, as_csv};
use super::saved::{read_table, saved_format};
use super::told::told;
use super::{
    Counts, Finished, Progress, Saved, Setup, Stage, Store, Study, StudyError, StudySummary,
    TableFormat, encode, picture_files,
};
use crate::analysis::points::RowStatus;
use crate::analysis::sensitivity::{
    Indices, PointValues, Study as Analysis, Values, estimate, local,
};
use crate::checkpoint::Seal;
use crate::report::brief::{self, Brief};
use crate::results::failures::{FailedLife, assignment};
use crate::results::sensitivity::{
    DOES_NOT_VARY, SensitivitySummary, convergence_table, factor_table, index_table, point_table,
    read_indices,
};
use crate::results::sensitivity_chunk::{read_block, write_block};
use crate::results::sensitivity_figures::sensitivity_figures;
use crate::scenario::SensitivityMethod;

/// Lives that are under way at once: enough for all threads, few enough for the memory.
const LIVES_AT_ONCE: u64 = 4096;

/// The job of `gutbrain sensitivity`, by whichever method the scenario's `[sensitivity]` names.
///
/// Finished blocks go to the store, sealed with [`SensitivityStudy::fingerprint`]; a later run against the
/// same store takes them as they are. A local analysis has no points, and keeps none.
#[derive(Debug)]
pub struct SensitivityStudy<'s> {
    setup: &'s Setup,
    analysis: Analysis<'s>,
    format: TableFormat,
}

impl<'s> SensitivityStudy<'s> {
    /// The study that a scenario asks for, with its table of points as Parquet.
    ///
    /// # Errors
    /// [`StudyError`]: nothing is varied, what is asked has no meaning, or the scenario does not fit the
    /// model.
    pub fn new(setup: &'s Setup) -> Result<Self, StudyError> {
        Ok(Self {
            setup,
            analysis: Analysis::new(&setup.model, &setup.file, &setup.scenario)?,
            format: TableFormat::default(),
        })
    }

    /// With the table of points in this format.
    #[must_use]
    pub fn with_format(self, format: TableFormat) -> Self {
        Self { format, ..self }
    }

    /// Its inputs, outputs and sample.
    #[must_use]
    pub fn analysis(&self) -> &Analysis<'s> {
        &self.analysis
    }

    /// SHA-256 of everything that the values depend on.
    ///
    /// # Errors
    /// The table of inputs cannot be written.
    pub fn fingerprint(&self) -> Result<String, StudyError> {
        // Groups and grades of the inputs are in the table of factors.
        let factors = factor_table(&self.analysis).to_csv()?;
        let print = self.setup.fingerprint("sensitivity");
        Ok(print.with("factors", factors).finish())
    }

    /// The format that a finished study has its table of points in; nothing if it has none.
    #[must_use]
    pub fn saved_format(&self, saved: &dyn Saved) -> Option<TableFormat> {
        saved_format(saved, &self.no_points().name)
    }

    /// Writes a finished study anew with its table of points in the format of this study; nothing is
    /// simulated.
    ///
    /// # Errors
    /// [`StudyError`]: a file cannot be read, or the store refuses.
    pub fn rewrite(&self, saved: &dyn Saved, store: &mut dyn Store) -> Result<(), StudyError> {
        let like = self.no_points();
        let old = self.saved_format(saved);
        let old_name = old.map(|format| format.file_name(&like.name));
        for name in saved.names() {
            if Some(&name) != old_name.as_ref() {
                store.keep(&name, &saved.read(&name)?)?;
            }
        }
        if let Some(format) = old {
            let points = read_table(saved, &like, format)?;
            let (name, bytes) = encode(&points, self.format)?;
            store.keep(&name, &bytes)?;
        }
        Ok(())
    }

    /// Draws the figures of a finished study again, from its tables.
    ///
    /// # Errors
    /// [`StudyError`]: a table cannot be read, or is not one of this study.
    pub fn draw(
        &self,
        saved: &dyn Saved,
        progress: &dyn Progress,
    ) -> Result<Vec<NamedFile>, StudyError> {
        let read = |name: &str| {
            let texts = ["method", "output", "parameter", "index"];
            let numbers = ["value", "lower", "upper", "used", "failed", "rows"];
            let texts = texts.map(|column| (column, ColumnKind::Text));
            let numbers = numbers.map(|column| (column, ColumnKind::Number));
            let kinds: Vec<(&str, ColumnKind)> = texts.into_iter().chain(numbers).collect();
            let bytes = saved.read(&TableFormat::Csv.file_name(name))?;
            Ok::<_, StudyError>(Table::from_csv(name, &bytes, &kinds)?)
        };
        let growing = TableFormat::Csv.file_name("convergence");
        let growing = saved.names().contains(&growing);
        let growing = growing.then(|| read("convergence")).transpose()?;
        let indices = read_indices(&self.analysis, &read("sensitivity")?, growing.as_ref());
        let indices = indices.ok_or_else(|| StudyError::Mismatch {
            place: saved.place(),
            why: "its tables are not those of its scenario and this model".to_owned(),
        })?;
        let style = &self.setup.scenario.style;
        picture_files(
            &sensitivity_figures(&self.analysis, &indices, style)?,
            progress,
        )
    }

    /// The table of points without rows.
    fn no_points(&self) -> Table {
        let none = Values::new(self.analysis.outputs.len());
        point_table(&self.analysis, &none)
    }

    fn method(&self) -> SensitivityMethod {
        self.analysis.plan().method
    }

    /// The values at all points, and the indices from them.
    fn estimate(
        &self,
        store: &mut dyn Store,
        progress: &dyn Progress,
    ) -> Result<(Values, Indices), StudyError> {
        if self.method() == SensitivityMethod::Local {
            let Setup {
                model, scenario, ..
            } = self.setup;
            let indices = local(model, scenario, &self.analysis)?;
            return Ok((Values::new(self.analysis.outputs.len()), indices));
        }
        let values = self.values(store, progress)?;
        let indices = estimate(&self.analysis, &values);
        Ok((values, indices))
    }

    /// The values at all points; those of every block that was not kept are simulated, and kept.
    fn values(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Values, StudyError> {
        let study = &self.analysis;
        let seal = Seal::new("sensitivity", &self.fingerprint()?);
        let (rows, per_row) = (study.sample.rows(), study.sample.points_per_row());
        let lives = per_row.saturating_mul(study.lives_per_point()).max(1);
        let per_block = (LIVES_AT_ONCE / lives).max(1);
        let mut blocks = Vec::new();
        for number in 1..=rows.div_ceil(per_block) {
            let first = (number - 1) * per_block;
            blocks.push((number, first, kept(number, first, &seal, store, progress)?));
        }
        let kept = blocks.iter().flat_map(|(_, _, kept)| kept).map(Vec::len);
        let kept = kept.sum::<usize>() as u64;
        let all = study.point_count();
        if kept > 0 {
            progress.note(&format!("{kept} of {all} points are finished already"));
        }
        let stage = (kept < all).then(|| Stage::begin(progress, "points", all - kept));
        let advance = |done: u64, failed: u64| match &stage {
            Some(stage) => stage.advance(done, failed),
            None => Ok(()),
        };
        advance(0, 0)?;
        let mut values = Values::new(study.outputs.len());
        for (number, first, kept) in blocks {
            let points = match kept {
                Some(points) => points,
                None => {
                    let points = study.simulate(first, per_block)?;
                    let text = write_block(first, &points)?;
                    let sealed = seal.close(&number.to_string(), text.as_bytes());
                    store.keep_chunk(number, &sealed)?;
                    let failed = |it: &&PointValues| matches!(it.status, RowStatus::Failed(_));
                    let lost = points.iter().filter(failed).count();
                    advance(points.len() as u64, lost as u64)?;
                    points
                }
            };
            points.into_iter().for_each(|point| values.push(point));
        }
        Ok(values)
    }

    /// Points asked for and failed; of a local analysis its outputs.
    fn count(&self, values: &Values, indices: &Indices) -> Counts {
        if self.method() == SensitivityMethod::Local {
            let lost = |output: &usize| {
                let mut all = indices.all.iter();
                all.any(|index| index.output == *output && index.failed > 0)
            };
            let outputs = self.analysis.outputs.len();
            return Counts::new(outputs, (0..outputs).filter(lost).count());
        }
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Counts::new(whole(values.points()), whole(values.failed()))
    }

    /// The first point that failed.
    fn first_failure(&self, values: &Values) -> Option<FailedLife> {
        let mut troubles = values.troubles.iter();
        let failed = troubles.find(|trouble| matches!(trouble.status, RowStatus::Failed(_)))?;
        let arms = &self.setup.scenario.arms;
        let point = self.analysis.point(failed.point)?;
        let inputs = self.analysis.inputs.iter();
        Some(FailedLife {
            point: Some(failed.point),
            arm: arms.get(failed.arm)?.name.clone(),
            // The reason names the animal of a cohort.
            subject: None,
            vector: None,
            settings: inputs
                .zip(&point.settings)
                .map(|(input, setting)| assignment(&input.factor, setting))
                .collect(),
            reason: failed.status.reason().to_owned(),
        })
    }
}

impl Study for SensitivityStudy<'_> {
    fn command(&self) -> String {
        "sensitivity".to_owned()
    }

    fn brief(&self, finished: &Finished) -> Brief {
        match &finished.summary {
            StudySummary::Sensitivity(summary) => brief::sensitivity(summary, &self.analysis),
            other => told(other),
        }
    }

    fn failures(&self, counts: Counts) -> String {
        let Counts {
            failed, requested, ..
        } = counts;
        format!(
            "{failed} of {requested} points failed; the reasons are in the table of points, and every index \
             says how many cases it used"
        )
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        self.setup.warn_of_doses(progress);
        let study = &self.analysis;
        let (values, indices) = self.estimate(store, progress)?;
        if progress.is_cancelled() {
            return Err(StudyError::Cancelled);
        }
        let summary = SensitivitySummary::new(&self.setup.scenario, study, &values, &indices);
        for sentence in remarks(&summary, self.method()) {
            progress.warn(&sentence);
        }
        let mut files: Vec<NamedFile> = vec![
            (
                "scenario.toml".to_owned(),
                self.setup.resolved().into_bytes(),
            ),
            as_csv(&index_table(study, &indices))?,
            as_csv(&factor_table(study))?,
            ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
        ];
        if self.method() != SensitivityMethod::Local {
            files.push(as_csv(&convergence_table(study, &indices))?);
            files.push(encode(&point_table(study, &values), self.format)?);
        }
        let figures = sensitivity_figures(study, &indices, &self.setup.scenario.style)?;
        files.extend(picture_files(&figures, progress)?);
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        Ok(Finished {
            counts: self.count(&values, &indices),
            files: files.len(),
            effort: format!("{} points", values.points()),
            first_failure: self.first_failure(&values),
            summary: StudySummary::Sensitivity(Box::new(summary)),
        })
    }
}

/// A block that was kept; nothing if there is none, or it cannot be used.
fn kept(
    number: u64,
    first: u64,
    seal: &Seal,
    store: &dyn Store,
    progress: &dyn Progress,
) -> Result<Option<Vec<PointValues>>, StudyError> {
    let Some(bytes) = store.chunk(number)? else {
        return Ok(None);
    };
    let read = |content: &[u8]| read_block(std::str::from_utf8(content).ok()?, first);
    let points = match seal.open(&number.to_string(), &bytes) {
        Ok(content) => read(content).ok_or_else(|| "it has other points".to_owned()),
        Err(unfit) => Err(unfit.to_string()),
    };
    match points {
        Ok(points) => Ok(Some(points)),
        Err(why) => {
            let name = store.chunk_name(number);
            progress.warn(&format!(
                "`{name}` cannot be used ({why}): its points are run again"
            ));
            Ok(None)
        }
    }
}

/// What whoever reads the indices should know.
fn remarks(summary: &SensitivitySummary, method: SensitivityMethod) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(needed) = summary.samples_needed {
        let cases = match method {
            SensitivityMethod::Sobol => "rows",
            SensitivityMethod::Morris => "trajectories",
            SensitivityMethod::Prcc | SensitivityMethod::Local => "points",
        };
        remarks.push(format!(
            "{} {cases} are too few for {} inputs: chance alone shows as an effect; set \
             sensitivity.samples to {needed} or more",
            summary.samples, summary.inputs
        ));
    }
    let is_local = method == SensitivityMethod::Local;
    let still: Vec<&str> = (summary.outputs.iter())
        .filter(|output| !output.varies && (is_local || output.used > 1))
        .map(|output| output.output.as_str())
        .collect();
    if !still.is_empty() {
        remarks.push(format!(
            "{DOES_NOT_VARY}, so that there is nothing to explain and its indices are empty: {}",
            escape(&still.join(", "))
        ));
    }
    if !summary.preset_outside.is_empty() {
        remarks.push(format!(
            "the preset's value lies outside of the range that is drawn from: {} (factors.csv)",
            summary.preset_outside.join(", ")
        ));
    }
    remarks
}
