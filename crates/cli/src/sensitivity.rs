//! `gutbrain sensitivity`: live the points of a study, estimate, write what matters and what does not.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use gutbrain_network::fault::escape;

use super::failure::Failure;
use super::job::{MeterProgress, describe};
use super::layout::{self, Align, columns, short, wrap};
use super::meter::Meter;
use super::options::{ScenarioOptions, WritingOptions, inputs};
use super::resumable::{Start, begin, open_folder};
use super::run::{TableFormat, Tolerance};
use super::saved_table::{file_name, read_saved, saved_format};
use super::sweep_files::depends_on;
use super::terminal::{Terminal, Tone};
use super::threads::ThreadOptions;
use super::{Ending, end_on_interrupt_saying};
use gutbrain::analysis::points::RowStatus;
use gutbrain::analysis::sensitivity::{
    Indices, PointValues, SensitivityError, Study, Values, estimate, local,
};
use gutbrain::checkpoint::Seal;
use gutbrain::results::sensitivity::{
    OutputEntry, SensitivitySummary, convergence_table, factor_table, index_table, point_table,
};
use gutbrain::results::sensitivity_chunk::{read_block, write_block};
use gutbrain::results::sensitivity_figures::sensitivity_figures;
use gutbrain::scenario::SensitivityMethod;
use gutbrain::study::Setup;
use gutbrain::study::{encode, picture_files};
use gutbrain_store::{
    Counts, Identity, Interrupted, RunFolder, SavedRun, Stopwatch, Terms, keep_apart,
};

/// Lives that are under way at once: enough for all threads, few enough for the memory.
const LIVES_AT_ONCE: u64 = 4096;

/// Outputs that the terminal shows.
const MOST_SHOWN: usize = 6;

/// What is said of an output without indices.
const STILL: &str = "does not vary beyond the tolerance of the solver";

/// Options of `sensitivity`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file; `[sensitivity]` says how and what, and has defaults for all of it
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Folder for the results [default: outputs/<name of the scenario>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    /// Go on where an earlier start was stopped
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Failed points that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    changes: ScenarioOptions,
}

impl From<SensitivityError> for Failure {
    fn from(error: SensitivityError) -> Self {
        match error {
            SensitivityError::Simulate(error) => Self::Simulate(error),
            other => Self::Usage(other.to_string()),
        }
    }
}

/// Runs a study.
pub(super) fn sensitivity(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let workers = options.threads.start()?;
    let loaded = options.changes.load(&options.scenario)?;
    let Setup {
        model,
        file,
        scenario,
    } = &loaded;
    // What is asked must have a meaning before anything is written.
    let study = Study::new(model, file, scenario)?;
    let default = Path::new("outputs").join(file.stem());
    let target = options.output.as_ref().unwrap_or(&default);
    // Groups and grades of the inputs are in the table of factors.
    let fingerprint = depends_on("sensitivity", &loaded)
        .with("factors", factor_table(&study).to_csv()?)
        .finish();
    let Some(mut folder) = open(options, &loaded, target, &fingerprint, terminal)? else {
        let done = terminal.tone(Tone::Strong, &escape(&target.display().to_string()));
        terminal.print_summary(&format!("\n  finished already: {done}\n"))?;
        return finished(options, &loaded, &study, (target, &fingerprint), terminal);
    };
    end_on_interrupt_saying("finished points are kept: go on with --resume")?;
    let threads = workers.number();
    let store = Store {
        folder: &folder,
        seal: Seal::new("sensitivity", &fingerprint),
    };
    let (values, indices) = workers.install(|| compute(&loaded, &study, &store, terminal))?;
    let summary = SensitivitySummary::new(scenario, &study, &values, &indices);
    let resolved = file.resolved(scenario);
    let is_local = study.plan().method == SensitivityMethod::Local;
    let mut files = vec![
        ("scenario.toml".to_owned(), resolved.clone().into_bytes()),
        as_csv(&index_table(&study, &indices))?,
        as_csv(&factor_table(&study))?,
        ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
    ];
    if !is_local {
        files.push(as_csv(&convergence_table(&study, &indices))?);
        files.push(encode(
            &point_table(&study, &values),
            options.format.into(),
        )?);
    }
    let figures = sensitivity_figures(&study, &indices)?;
    files.extend(picture_files(&figures, &MeterProgress::new(terminal))?);
    for (name, bytes) in &files {
        folder.add(name, bytes)?;
    }
    let counts = count(&study, &values, &indices);
    folder.finish(|manifest| {
        describe(manifest, &loaded, counts);
        stopwatch.describe(manifest, threads);
    })?;
    terminal.print_summary(&written(&summary, &study, terminal))?;
    terminal.print_summary(&layout::where_written(target, files.len() + 1, terminal))?;
    if let Some(needed) = summary.samples_needed {
        terminal.warn(&format!(
            "{} {} are too few for {} inputs: chance alone shows as an effect; set sensitivity.samples \
             to {needed} or more",
            summary.samples,
            cases(study.plan().method),
            summary.inputs
        ));
    }
    let still: Vec<&str> = (summary.outputs.iter())
        .filter(|output| !output.varies && (is_local || output.used > 1))
        .map(|output| output.output.as_str())
        .collect();
    if !still.is_empty() {
        terminal.warn(&format!(
            "{STILL}, so that there is nothing to explain and its indices are empty: {}",
            escape(&still.join(", "))
        ));
    }
    if !summary.preset_outside.is_empty() {
        terminal.warn(&format!(
            "the preset's value lies outside of the range that is drawn from: {} (factors.csv)",
            summary.preset_outside.join(", ")
        ));
    }
    Ok(verdict(counts, options.max_failures, terminal))
}

/// Whether too many points failed, with a word about it.
fn verdict(counts: Counts, most: Tolerance, terminal: &Terminal) -> Ending {
    if most.is_exceeded(counts) || (counts.ok == 0 && counts.requested > 0) {
        terminal.warn(&format!(
            "{} of {} points failed; the reasons are in the table of points, and every index says \
             how many cases it used",
            counts.failed, counts.requested
        ));
        return Ending::TooManyFailures;
    }
    Ending::Done
}

/// Ends as the start that finished the study did; writes it anew if another format is wanted.
fn finished(
    options: &Options,
    loaded: &Setup,
    study: &Study<'_>,
    (target, fingerprint): (&Path, &str),
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let saved = SavedRun::open(target)?;
    let like = point_table(study, &Values::new(study.outputs.len()));
    if let Some(format) = saved_format(&saved, &like.name)
        && format != options.format
    {
        let points = read_saved(&saved, &like, format)?;
        let terms = Terms {
            interrupted: Interrupted::Kept,
            ..options.writing.terms()
        };
        let identity = saved.manifest().identity.clone();
        let mut folder = begin(target, identity, terms, &inputs(loaded), terminal)?;
        folder.set_fingerprint(fingerprint);
        let old = file_name(&like.name, format);
        for name in saved.manifest().files.keys().filter(|name| **name != old) {
            folder.add(name, &saved.read(name)?)?;
        }
        let (name, bytes) = encode(&points, options.format.into())?;
        folder.add(&name, &bytes)?;
        folder.finish(|manifest| {
            let files = std::mem::take(&mut manifest.files);
            *manifest = saved.manifest().clone();
            manifest.files = files;
        })?;
    }
    Ok(verdict(
        saved.manifest().runs,
        options.max_failures,
        terminal,
    ))
}

/// The folder to work in; nothing if the study is finished already.
fn open(
    options: &Options,
    loaded: &Setup,
    target: &Path,
    fingerprint: &str,
    terminal: &Terminal,
) -> Result<Option<RunFolder>, Failure> {
    let identity = Identity {
        scenario: loaded.file.stem().to_owned(),
        command: "sensitivity".to_owned(),
    };
    keep_apart(target, &inputs(loaded))?;
    let start = if options.resume {
        Start::Resume
    } else {
        Start::Afresh
    };
    let manner = (options.writing.terms(), start);
    open_folder(target, identity, manner, fingerprint, terminal)
}

/// Where finished blocks are kept until the study is whole.
struct Store<'f> {
    folder: &'f RunFolder,
    seal: Seal,
}

impl Store<'_> {
    fn keep(&self, number: u64, first: u64, points: &[PointValues]) -> Result<(), Failure> {
        let text = write_block(first, points)?;
        let bytes = self.seal.close(&number.to_string(), text.as_bytes());
        self.folder.keep_chunk(number, &bytes)?;
        Ok(())
    }

    /// A block that was kept; nothing if there is none, or it cannot be used.
    fn kept(
        &self,
        number: u64,
        first: u64,
        terminal: &Terminal,
    ) -> Result<Option<Vec<PointValues>>, Failure> {
        let Some(bytes) = self.folder.chunk_bytes(number)? else {
            return Ok(None);
        };
        let read = |content: &[u8]| read_block(std::str::from_utf8(content).ok()?, first);
        let points = match self.seal.open(&number.to_string(), &bytes) {
            Ok(content) => read(content).ok_or_else(|| "it has other points".to_owned()),
            Err(unfit) => Err(unfit.to_string()),
        };
        match points {
            Ok(points) => Ok(Some(points)),
            Err(why) => {
                let name = self.folder.chunk_name(number);
                terminal.warn(&format!(
                    "`{name}` cannot be used ({why}): its points are run again"
                ));
                Ok(None)
            }
        }
    }
}

fn compute(
    loaded: &Setup,
    study: &Study<'_>,
    store: &Store<'_>,
    terminal: &Terminal,
) -> Result<(Values, Indices), Failure> {
    let mut values = Values::new(study.outputs.len());
    if study.plan().method == SensitivityMethod::Local {
        let indices = local(&loaded.model, &loaded.scenario, study)?;
        return Ok((values, indices));
    }
    let (rows, per_row) = (study.sample.rows(), study.sample.points_per_row());
    let lives = per_row.saturating_mul(study.lives_per_point()).max(1);
    let per_block = (LIVES_AT_ONCE / lives).max(1);
    let mut blocks = Vec::new();
    for number in 1..=rows.div_ceil(per_block) {
        let first = (number - 1) * per_block;
        blocks.push((number, first, store.kept(number, first, terminal)?));
    }
    let kept = blocks.iter().flat_map(|(_, _, kept)| kept).map(Vec::len);
    let kept = kept.sum::<usize>() as u64;
    let all = study.point_count();
    if kept > 0 {
        terminal.progress(&format!("{kept} of {all} points are finished already"));
    }
    let mut meter = Meter::new(terminal, "points", all - kept);
    for (number, first, kept) in blocks {
        let points = match kept {
            Some(points) => points,
            None => {
                let points = study.live(first, per_block)?;
                store.keep(number, first, &points)?;
                let failed = |status: &RowStatus| matches!(status, RowStatus::Failed(_));
                let lost = points.iter().filter(|point| failed(&point.status)).count();
                meter.add(points.len() as u64, lost as u64);
                points
            }
        };
        points.into_iter().for_each(|point| values.push(point));
    }
    meter.finish();
    let indices = estimate(study, &values);
    Ok((values, indices))
}

/// Points asked for and failed; of a local analysis its outputs.
fn count(study: &Study<'_>, values: &Values, indices: &Indices) -> Counts {
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (requested, failed) = match study.plan().method {
        SensitivityMethod::Local => {
            let lost = |output: &usize| {
                let mut all = indices.all.iter();
                all.any(|index| index.output == *output && index.failed > 0)
            };
            let outputs = study.outputs.len();
            (outputs, (0..outputs).filter(lost).count())
        }
        _ => (whole(values.points()), whole(values.failed())),
    };
    Counts {
        requested,
        ok: requested - failed,
        failed,
    }
}

fn as_csv(table: &gutbrain_table::Table) -> Result<(String, Vec<u8>), Failure> {
    Ok((format!("{}.csv", table.name), table.to_csv()?.into_bytes()))
}

/// What a sample has so many of.
fn cases(method: SensitivityMethod) -> &'static str {
    match method {
        SensitivityMethod::Sobol => "rows",
        SensitivityMethod::Morris => "trajectories",
        SensitivityMethod::Prcc | SensitivityMethod::Local => "points",
    }
}

/// The most important inputs of every output.
fn written(summary: &SensitivitySummary, study: &Study<'_>, terminal: &Terminal) -> String {
    let method = study.plan().method;
    let size = match method {
        SensitivityMethod::Sobol => format!("{} rows, {} points", summary.samples, summary.points),
        SensitivityMethod::Morris => {
            format!(
                "{} trajectories, {} points",
                summary.samples, summary.points
            )
        }
        SensitivityMethod::Prcc => format!("{} points", summary.points),
        SensitivityMethod::Local => "at the values of the preset".to_owned(),
    };
    let failed = match summary.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let about = format!(
        "{}, {}: {} inputs, {size}{failed}",
        summary.subject, summary.method, summary.inputs
    );
    let mut out = format!(
        "\n{}\n{}\n",
        terminal.tone(Tone::Strong, &escape(&summary.title)),
        terminal.tone(Tone::Faint, &about),
    );
    let is_local = method == SensitivityMethod::Local;
    let (value, beside) = match method {
        SensitivityMethod::Sobol => ("with others (ST)", "alone (S1)"),
        SensitivityMethod::Morris => ("mu*", "sigma"),
        SensitivityMethod::Prcc => ("PRCC", "p"),
        SensitivityMethod::Local => ("per SD of the prior", "elasticity"),
    };
    // Curves are for figures.
    let single = study.outputs.iter().zip(&summary.outputs);
    let single = single.filter(|(output, _)| output.curve.is_none());
    let shown: Vec<&OutputEntry> = single.map(|(_, entry)| entry).take(MOST_SHOWN).collect();
    for output in &shown {
        let spread = match (output.mean, output.sd) {
            (Some(mean), Some(sd)) => {
                let numbers = format!(": mean {}, SD {} {}", short(mean), short(sd), output.unit);
                numbers.trim_end().to_owned()
            }
            _ => String::new(),
        };
        let lost = match output.missing {
            0 => String::new(),
            missing => format!("; {missing} points have no value"),
        };
        out.push_str(&format!("\n  {}{spread}{lost}\n\n", escape(&output.output)));
        if output.ranking.is_empty() && !output.varies && (is_local || output.used > 1) {
            out.push_str(&format!(
                "{}\n",
                wrap(&format!("{STILL}: no indices"), terminal)
            ));
            continue;
        }
        let head = ["", "rests on", value, "95 %", beside];
        let mut rows: Vec<Vec<String>> = vec![head.map(str::to_owned).to_vec()];
        let bounded = output.ranking.iter().any(|input| input.lower.is_some());
        for input in &output.ranking {
            let interval = match (input.lower, input.upper) {
                (Some(lower), Some(upper)) => format!("{} to {}", short(lower), short(upper)),
                _ => "-".to_owned(),
            };
            rows.push(vec![
                escape(&input.parameter).into_owned(),
                input.rests_on.clone(),
                short(input.value),
                interval,
                input.beside.map_or_else(|| "-".to_owned(), short),
            ]);
        }
        if !bounded {
            rows.iter_mut().for_each(|row| drop(row.remove(3)));
        }
        let mut align = vec![Align::Left, Align::Left];
        align.resize(rows[0].len(), Align::Right);
        out.push_str(&columns(&rows, &align, terminal));
    }
    let others = summary.outputs.len() - shown.len();
    if others > 0 {
        let note = format!("{others} more outputs are in sensitivity.csv and in the figures.");
        out.push_str(&format!("\n{}\n", wrap(&note, terminal)));
    }
    out
}
