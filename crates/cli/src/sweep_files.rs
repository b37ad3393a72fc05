//! The files of a sweep, from blocks of rows that pass: table, units, summary, figures. A whole run and
//! a merge of shards write them with the same code.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use super::failure::Failure;
use super::merge::columns;
use super::run::TableFormat;
use super::saved_table::read_saved;
use gutbrain::analysis::points::{PointsError, Question};
use gutbrain::checkpoint::Fingerprint;
use gutbrain::results::assumptions::Assumptions;
use gutbrain::results::failures::FailedLife;
use gutbrain::results::sweep::{Landscape, SweepColumns, SweepSummary, Tally, figures};
use gutbrain::results::tables;
use gutbrain::scenario::Factor;
use gutbrain::study::Setup;
use gutbrain::study::picture;
use gutbrain_store::{Counts, OutputError, RunFolder, SavedRun, StreamedFile};
use gutbrain_table::{ParquetStream, Table, TableError};

/// Rows of one group of the table, at most.
const ROWS_PER_GROUP: usize = 1 << 16;

/// A part of a sweep: points `first` to `last`, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard {
    /// Its number, from 1.
    pub(super) number: u64,
    /// How many there are.
    pub(super) of: u64,
}

impl Shard {
    /// The whole sweep.
    pub(super) const WHOLE: Self = Self { number: 1, of: 1 };

    /// First and last of so many points; none if the last is smaller.
    pub(super) fn points(self, all: u64) -> (u64, u64) {
        let end = |number: u64| {
            let points = u128::from(all) * u128::from(number) / u128::from(self.of.max(1));
            u64::try_from(points).unwrap_or(all)
        };
        (end(self.number - 1) + 1, end(self.number))
    }

    /// As written, `I/N`; nothing for the whole.
    pub(super) fn text(self) -> Option<String> {
        (self != Self::WHOLE).then(|| format!("{}/{}", self.number, self.of))
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let explain = || format!("`{text}` is no shard: write I/N with I from 1 to N, such as 3/8");
        let (number, of) = text.split_once('/').ok_or_else(explain)?;
        let read = |part: &str| part.trim().parse::<u64>().map_err(|_| explain());
        let shard = Self {
            number: read(number)?,
            of: read(of)?,
        };
        if (1..=shard.of).contains(&shard.number) {
            Ok(shard)
        } else {
            Err(explain())
        }
    }
}

/// SHA-256 of everything that the rows of a sweep, or of a part of it, depend on.
pub(super) fn fingerprint(loaded: &Setup, shard: Shard) -> String {
    let shard = shard.text().unwrap_or_default();
    depends_on("sweep", loaded).with("shard", shard).finish()
}

/// What the lives of a scenario depend on: model, evidence behind its grades, scenario with its seed and
/// changes, and the posterior if it may be drawn from (a factor may choose it for a point of a cohort).
pub(super) fn depends_on(kind: &str, loaded: &Setup) -> Fingerprint {
    let Setup {
        model,
        file,
        scenario,
    } = loaded;
    let mut print = Fingerprint::of(kind)
        .with("model", &model.hash)
        .with("evidence", model.declaration.evidence_hash())
        .with("scenario", file.resolved(scenario));
    if scenario.cohort.is_some() {
        for source in &model.posteriors {
            // The same files are the same wherever they lie.
            let name = source.name.rsplit(['/', '\\']).next().unwrap_or_default();
            print = print.with(name, &*source.text);
        }
    }
    print
}

/// Files of a sweep while its rows pass.
pub(super) struct Assembly {
    factors: Vec<Factor>,
    writer: Writer,
    tally: Tally,
    landscape: Landscape,
    units: Table,
    unit_of: BTreeMap<String, String>,
    path: std::path::PathBuf,
}

enum Writer {
    Parquet(Box<ParquetStream<StreamedFile>>),
    Csv { file: StreamedFile, header: usize },
}

/// What a sweep came to.
pub(super) struct Assembled {
    pub(super) summary: SweepSummary,
    pub(super) counts: Counts,
    pub(super) not_run: u64,
    pub(super) first_failure: Option<FailedLife>,
    pub(super) files: usize,
}

impl Assembly {
    /// Begins the table.
    pub(super) fn begin(
        folder: &RunFolder,
        loaded: &Setup,
        columns: &SweepColumns,
        question: &Question,
        format: TableFormat,
    ) -> Result<Self, Failure> {
        let scenario = &loaded.scenario;
        let arms = scenario.arms.len().max(1);
        let empty = columns.empty();
        let name = match format {
            TableFormat::Parquet => "sweep.parquet",
            TableFormat::Csv => "sweep.csv",
        };
        let path = folder.target().join(name);
        let mut file = folder.begin_file(name)?;
        let writer = match format {
            TableFormat::Parquet => {
                let metadata = BTreeMap::from([("units".to_owned(), tables::units_json(&empty)?)]);
                // Groups hold whole points.
                let rows = arms * (ROWS_PER_GROUP / arms).max(1);
                let stream = ParquetStream::new(&empty, &metadata, rows, file)
                    .map_err(|error| written(error, &path))?;
                Writer::Parquet(Box::new(stream))
            }
            TableFormat::Csv => {
                let header = empty.to_csv()?;
                file.write_all(header.as_bytes())
                    .map_err(|error| OutputError::io("write", &path, error))?;
                Writer::Csv {
                    file,
                    header: header.len(),
                }
            }
        };
        let plan = scenario.sweep.as_ref();
        Ok(Self {
            factors: plan.map_or_else(Vec::new, |plan| plan.factors.clone()),
            writer,
            tally: Tally::new(scenario.arms.len()),
            landscape: Landscape::new(scenario, question.names()),
            units: tables::units(&empty),
            unit_of: unit_of(&empty),
            path,
        })
    }

    /// Takes the rows of whole points.
    pub(super) fn push(&mut self, table: Table) -> Result<(), Failure> {
        self.tally.push(&table, &self.factors);
        self.landscape.push(&table, &self.factors);
        match &mut self.writer {
            Writer::Parquet(stream) => {
                stream
                    .push(table)
                    .map_err(|error| written(error, &self.path))?;
            }
            Writer::Csv { file, header } => {
                let text = table.to_csv()?;
                file.write_all(&text.as_bytes()[*header..])
                    .map_err(|error| OutputError::io("write", &self.path, error))?;
            }
        }
        Ok(())
    }

    /// Ends the table and adds everything else.
    pub(super) fn finish(
        self,
        folder: &mut RunFolder,
        loaded: &Setup,
        shard: Shard,
    ) -> Result<Assembled, Failure> {
        match self.writer {
            Writer::Parquet(stream) => {
                let (file, seal) = stream
                    .finish()
                    .map_err(|error| written(error, &self.path))?;
                folder.end_file(file, Some((seal.at, seal.digits.as_bytes())))?;
            }
            Writer::Csv { file, .. } => folder.end_file(file, None)?,
        }
        let scenario = &loaded.scenario;
        let assumptions = Assumptions::count(&loaded.model.declaration, scenario);
        let (requested, ok, failed) = self.tally.counts();
        let not_run = self.tally.not_run();
        let first_failure = self.tally.first_failure(scenario);
        let summary = self.tally.summary(scenario, shard.text(), assumptions);
        let mut files = vec![
            (
                "scenario.toml".to_owned(),
                loaded.file.resolved(scenario).into_bytes(),
            ),
            ("units.csv".to_owned(), self.units.to_csv()?.into_bytes()),
            ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
        ];
        // A part of a landscape is no picture of it.
        if shard == Shard::WHOLE {
            for figure in figures(&self.landscape, scenario, &self.unit_of)? {
                files.extend(picture(&figure)?);
            }
        }
        for (name, bytes) in &files {
            folder.add(name, bytes)?;
        }
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Ok(Assembled {
            summary,
            counts: Counts {
                requested: number(requested),
                ok: number(ok),
                failed: number(failed),
            },
            not_run,
            first_failure,
            files: files.len() + 2,
        })
    }
}

/// The figures of a saved sweep.
pub(super) fn draw_again(
    saved: &SavedRun,
    loaded: &Setup,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let scenario = &loaded.scenario;
    let Some(plan) = &scenario.sweep else {
        return Err(Failure::Usage("its scenario has no `[sweep]`".to_owned()));
    };
    let (columns, question) = columns(loaded, plan);
    let empty = columns.empty();
    let mut landscape = Landscape::new(scenario, question.names());
    each_group(saved, &empty, |group| {
        landscape.push(&group, &plan.factors);
        Ok(())
    })?;
    let mut files = Vec::new();
    for figure in figures(&landscape, scenario, &unit_of(&empty))? {
        files.extend(picture(&figure)?);
    }
    Ok(files)
}

/// Gives the rows of a saved sweep, in whichever format they are.
pub(super) fn each_group(
    saved: &SavedRun,
    like: &Table,
    mut take: impl FnMut(Table) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if saved.manifest().files.contains_key("sweep.parquet") {
        let bytes = saved.read("sweep.parquet")?;
        Table::groups_from_parquet("sweep", &bytes, take)?;
        Ok(())
    } else {
        take(read_saved(saved, like, TableFormat::Csv)?)
    }
}

/// The unit of every column that has one.
fn unit_of(table: &Table) -> BTreeMap<String, String> {
    let columns = table.columns.iter();
    columns
        .filter_map(|column| Some((column.name.clone(), column.unit.clone()?)))
        .collect()
}

/// A table that could not be written because the file could not.
fn written(error: TableError, path: &Path) -> Failure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(found) = cause {
        if let Some(io) = found.downcast_ref::<io::Error>() {
            let again = match io.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::from(io.kind()),
            };
            return OutputError::io("write", path, again).into();
        }
        cause = found.source();
    }
    error.into()
}

impl From<PointsError> for Failure {
    fn from(error: PointsError) -> Self {
        match error {
            PointsError::Simulate(error) => Self::Simulate(error),
            PointsError::Cohort(error) => error.into(),
            other => Self::Usage(other.to_string()),
        }
    }
}
