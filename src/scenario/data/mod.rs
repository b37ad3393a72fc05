//! `[[data]]`: a laboratory's own measurements and survival, beside what is simulated.
//!
//! [`sheet`] reads a file as cells with places, [`columns`] finds out which column is what, [`rows`] turns
//! cells into numbers in the units of the model. Data change nothing that is simulated: variants of a
//! scenario and the resolved file leave them out.

mod animals;
mod columns;
mod groups;
mod rows;
mod sheet;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::reading::MOST_BYTES;
use gutbrain_network::{Code, Fault, Faults, Source};

use self::animals::read_animals;
use self::groups::{grouped, refuse_repeated};
use self::rows::{Reader, read_measurements};
use self::sheet::{Sheet, text_of_parquet};
use super::node::Node;
use super::open::{describe, similar_file, text_of};
use super::plan::Scenario;
use crate::model::Model;

/// All of a scenario's own data, in the order of the files and their lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataPlan {
    /// What was measured.
    pub measurements: Vec<Measurement>,
    /// Animals that were followed.
    pub animals: Vec<Followed>,
    /// Rows whose value is empty: nothing was measured there.
    pub unmeasured: usize,
}

impl DataPlan {
    /// Whether there is nothing to compare with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.measurements.is_empty() && self.animals.is_empty()
    }

    /// The species and observables that were measured, each once, in the order of the rows.
    #[must_use]
    pub fn measured(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for row in &self.measurements {
            if !ids.contains(&row.id.as_str()) {
                ids.push(&row.id);
            }
        }
        ids
    }
}

/// One measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Its file, as the scenario writes it.
    pub file: String,
    /// Its line in that file, from 1; of a Parquet file its row and one.
    pub line: usize,
    /// Name of the arm.
    pub arm: String,
    /// Id of the observable or species.
    pub id: String,
    /// Age, in days.
    pub age: f64,
    /// The value, in the unit that the model declares for `id`.
    pub value: f64,
    /// Its spread.
    pub spread: Option<Spread>,
    /// Animals behind the value, where the file says it.
    pub animals: Option<u64>,
    /// How measured values scatter around the true one.
    pub likelihood: Likelihood,
    /// Of a proportion, how much of all one unit of the value is: 0.01 of per cent; else 1.
    pub share: f64,
}

/// The spread of a measured value, in its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// What it is.
    pub kind: SpreadKind,
    /// How large; above zero. Of an interval half its width.
    pub size: f64,
}

/// Half the width of a 95 % interval, in standard deviations.
const HALF_OF_95: f64 = 1.959_963_984_540_054;

impl Spread {
    /// Whether it is that of single animals, and not of their mean.
    #[must_use]
    pub fn is_of_animals(self) -> bool {
        matches!(self.kind, SpreadKind::Deviation | SpreadKind::Assay)
    }

    /// The standard deviation of a value that is the mean of so many animals: what the file says of the mean, or
    /// what it says of single animals over √n.
    #[must_use]
    pub fn sd(self, animals: u64) -> f64 {
        match self.kind {
            SpreadKind::Deviation | SpreadKind::Assay => self.size / (animals.max(1) as f64).sqrt(),
            SpreadKind::ErrorOfMean => self.size,
            SpreadKind::Interval => self.size / HALF_OF_95,
        }
    }
}

/// What a spread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpreadKind {
    /// Standard deviation between animals.
    Deviation,
    /// Standard error of the mean.
    ErrorOfMean,
    /// Half the width of the 95 % interval of the mean.
    Interval,
    /// The noise that the model declares for the assay.
    Assay,
}

impl SpreadKind {
    /// Every kind with its word.
    pub const WORDS: [(&str, Self); 4] = [
        ("sd", Self::Deviation),
        ("sem", Self::ErrorOfMean),
        ("ci95", Self::Interval),
        ("assay", Self::Assay),
    ];

    /// Its word in scenario files.
    #[must_use]
    pub fn word(self) -> &'static str {
        let known = Self::WORDS.iter().find(|(_, kind)| *kind == self);
        known.map_or("", |(word, _)| word)
    }
}

/// How measured values scatter around the true one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Likelihood {
    /// By amounts, to both sides alike.
    #[default]
    Normal,
    /// By factors.
    LogNormal,
    /// A share of `n`.
    Proportion,
    /// A number of things counted in `n` fields, with the k of a negative binomial distribution; without it Poisson.
    Count {
        /// The variance of a count of mean μ is μ + μ²/k.
        dispersion: Option<f64>,
    },
}

/// How long an animal was followed, and whether its end was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Its file, as the scenario writes it.
    pub file: String,
    /// Its line in that file, from 1.
    pub line: usize,
    /// Name of the arm.
    pub arm: String,
    /// What the file calls the animal; empty without such a column.
    pub subject: String,
    /// Age at the end or at censoring, in days.
    pub age: f64,
    /// Whether the end was seen.
    pub event: bool,
    /// Standard deviation of the logarithm of ages at the end, if the scenario says one.
    pub frailty: Option<f64>,
}

/// A data file as read, or why it was not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DataFile {
    pub(super) path: PathBuf,
    /// As the scenario writes it.
    pub(super) name: String,
    bytes: Result<Vec<u8>, (String, Option<String>)>,
}

/// How bytes are come by.
pub(super) type ReadBytes<'r> = &'r dyn Fn(&Path) -> io::Result<Vec<u8>>;

/// The path of a `file` of `[[data]]`: relative to the scenario file that names it.
fn path_of(node: &Node, written: &str) -> PathBuf {
    let scenario = Path::new(&*node.place.source.name);
    scenario.parent().unwrap_or(Path::new("")).join(written)
}

/// Reads the files of all `[[data]]`, each once.
pub(super) fn read_files(root: &Node, read: ReadBytes<'_>) -> Vec<DataFile> {
    let mut files: Vec<DataFile> = Vec::new();
    for table in root.tables("data") {
        let Some(node) = table.get("file") else {
            continue;
        };
        let Some(written) = node.text() else { continue };
        let path = path_of(node, written);
        if files.iter().any(|known| known.path == path) {
            continue;
        }
        let bytes = read(&path).map_err(|error| {
            let message = format!("cannot read `{}`: {}", path.display(), describe(&error));
            let endings = [".csv", ".tsv", ".txt", ".parquet"];
            (message, similar_file(&path, &error, &endings))
        });
        let name = written.to_owned();
        files.push(DataFile { path, name, bytes });
    }
    files
}

impl DataFile {
    /// Its content, if it could be read.
    pub(super) fn content(&self) -> Option<&[u8]> {
        self.bytes.as_deref().ok()
    }

    /// Its text, and the units of the columns of a Parquet file; `place` is where the scenario names it.
    fn text(&self, place: &Place) -> Result<(Source, Vec<Option<String>>), Faults> {
        let name = self.path.display().to_string();
        let refuse = |code, message: String| Fault::new(code, message, place);
        let bytes = self.bytes.as_ref().map_err(|(message, help)| {
            let help = help.clone();
            let help = help.unwrap_or_else(|| "`file` is relative to the scenario file".to_owned());
            Faults::from(refuse(Code::Unreadable, message.clone()).help(help))
        })?;
        if bytes.len() > MOST_BYTES {
            let message = format!("`{name}` has more than {MOST_BYTES} bytes");
            let fault = refuse(Code::TooLong, message);
            return Err(fault.help("is this the right file?").into());
        }
        if bytes.starts_with(b"PAR1") {
            return text_of_parquet(&name, bytes)
                .map_err(|why| refuse(Code::Unreadable, why).into());
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            let message = format!("`{name}` is a workbook of a spreadsheet");
            let fault = refuse(Code::Unreadable, message);
            return Err(fault.help("save its sheet as CSV").into());
        }
        Ok((text_of(&self.path, Ok(bytes.clone()))?, Vec::new()))
    }
}

/// The data of a scenario that is checked; `known` are all arms that it has, whether they are simulated or not.
pub(super) fn resolve_data(
    root: &Node,
    model: &Model,
    scenario: &Scenario,
    (files, known): (&[DataFile], &[String]),
) -> Result<DataPlan, Faults> {
    let faults = Collector::new();
    let mut plan = DataPlan::default();
    // A text has no files of its own: what it names was read when it was opened.
    let by_path: BTreeMap<&Path, &DataFile> =
        files.iter().map(|file| (&*file.path, file)).collect();
    for table in root.tables("data") {
        let before = faults.count();
        let Some((node, written)) = table.get("file").and_then(|it| Some((it, it.text()?))) else {
            continue;
        };
        let path = path_of(node, written);
        let Some(file) = by_path.get(&*path) else {
            let message = "a data file cannot be named on the command line";
            let fault = Fault::new(Code::NoMeaning, message, &node.place);
            faults.add(fault.help("write it into a scenario file"));
            continue;
        };
        let sheet = match file.text(&node.place) {
            Ok((source, units)) => Sheet::read(&source, &units, &faults),
            Err(found) => {
                faults.extend(found);
                None
            }
        };
        let Some(sheet) = sheet else { continue };
        let reader = Reader {
            model,
            scenario,
            known,
            faults: &faults,
            table,
            file: written,
            sheet: &sheet,
        };
        if table.get("kind").and_then(Node::text) == Some("survival") {
            read_animals(&reader, &mut plan.animals);
        } else {
            let mut found = Vec::new();
            let unmeasured = read_measurements(&reader, &mut found);
            plan.unmeasured += unmeasured;
            let left_out = reader.is_about_arms_left_out();
            if found.is_empty() && faults.count() == before && !left_out {
                let message = format!("no row of `{written}` says what was measured");
                let help = match (unmeasured, table.get("only")) {
                    (1.., _) => "all its values are empty",
                    (0, Some(_)) => "`only` takes none of its rows",
                    (0, None) => "it has a heading and nothing below it",
                };
                faults.add(Fault::new(Code::BadData, message, &node.place).help(help));
            }
            if table.get("spread").and_then(Node::text) == Some("rows") {
                found = grouped(found);
            } else {
                refuse_repeated(&reader, &found);
            }
            plan.measurements.extend(found);
        }
    }
    faults.finish(plan)
}
