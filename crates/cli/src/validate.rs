//! `gutbrain validate`: the model against every row of evidence that it is fitted to or tested on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::ValueHint;
use gutbrain_network::fault::Collector;
use gutbrain_network::{Faults, Source};

use super::failure::Failure;
use super::layout::{Align, columns};
use super::meter::Meter;
use super::options::ModelOptions;
use super::terminal::{Terminal, Tone};
use super::threads::ThreadOptions;
use super::{Ending, end_on_interrupt_saying};
use gutbrain::analysis::validate::{
    Declared, Line, Scoreboard, VECTORS, ValidateError, Verdict, builtin_expectations,
    builtin_scenarios, score,
};
use gutbrain::model::{Model, model_files};
use gutbrain::report::documents::{left_open, published, three_digits, validation_page};
use gutbrain::scenario::{Scenario, ScenarioFile};

/// Options of `validate`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Folder with the scenarios and `expectations.toml`, instead of those built in
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    scenarios: Option<PathBuf>,
    /// Print the page of the documentation instead
    #[arg(long, conflicts_with = "declare")]
    markdown: bool,
    /// Print an `expectations.toml` that declares what was found
    #[arg(long)]
    declare: bool,
    /// Vectors of the posterior that predictions get an interval from; 0 for none
    #[arg(long, value_name = "N", default_value_t = VECTORS)]
    vectors: usize,
    #[command(flatten)]
    threads: ThreadOptions,
    #[command(flatten)]
    model: ModelOptions,
}

/// Scores, prints, and compares with what is declared: a verdict other than the declared one ends with
/// exit code 1, and so does a disagreement where nothing is declared.
pub(super) fn validate(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let pool = options.threads.start()?;
    let model = options.model.load()?;
    let (sources, expectations) = match &options.scenarios {
        None => (builtin_scenarios(), builtin_expectations()),
        Some(folder) => split(folder)?,
    };
    let scenarios = read(&sources, &model)?;
    let declared = match &expectations {
        Some(source) => Declared::read(source, &model.declaration)?,
        None => Declared::default(),
    };
    end_on_interrupt_saying("nothing was written")?;
    let meter = Mutex::new(None);
    let progress = |done, all| {
        if let Ok(mut meter) = meter.lock() {
            let meter = meter.get_or_insert_with(|| Meter::new(terminal, "steps", all));
            meter.add(done, 0);
        }
    };
    let board = pool.install(|| score(&model, &scenarios, options.vectors, &progress));
    if let Ok(Some(meter)) = meter.into_inner() {
        meter.finish();
    }
    let board = board.map_err(|error| match error {
        ValidateError::Faults(faults) => Failure::Faults(faults),
        ValidateError::Simulate(error) => Failure::Simulate(error),
    })?;
    if options.declare {
        terminal.print(&Declared::text(&board))?;
        return Ok(Ending::Done);
    }
    if options.markdown {
        terminal.print(&validation_page(&board))?;
    } else {
        terminal.print(&layout(&board, terminal))?;
    }
    let undeclared = declared.undeclared(&board);
    if expectations.is_none() {
        for line in &undeclared {
            terminal.warn(&format!(
                "{}: {}: {}",
                line.row,
                line.verdict.word(),
                line.says
            ));
        }
        if undeclared.is_empty() {
            return Ok(Ending::Done);
        }
        terminal.warn(
            "disagreements that are known are declared in `expectations.toml` beside the scenarios; \
             `--declare` writes it",
        );
        return Ok(Ending::NotAsExpected);
    }
    let unmet = declared.unmet(&board);
    if unmet.is_empty() {
        let known = board.disagreements().count();
        if known > 0 && !options.markdown {
            let words = format!(
                "  All verdicts are those declared in expectations.toml, {known} disagreement{} among them.\n",
                if known == 1 { "" } else { "s" }
            );
            terminal.print(&words)?;
        }
        return Ok(Ending::Done);
    }
    let words = |verdicts: &[Verdict]| {
        let words: Vec<&str> = verdicts.iter().map(|verdict| verdict.word()).collect();
        if words.is_empty() {
            "nothing".to_owned()
        } else {
            words.join(", ")
        }
    };
    for unmet in &unmet {
        terminal.warn(&format!(
            "{}: declared {}, found {}",
            unmet.row,
            words(&unmet.declared),
            words(&unmet.found)
        ));
    }
    Ok(Ending::NotAsExpected)
}

/// The scenarios of a folder and its declared verdicts.
fn split(folder: &Path) -> Result<(Vec<Source>, Option<Source>), Faults> {
    let (declared, scenarios): (Vec<Source>, Vec<Source>) = model_files(folder)?
        .into_iter()
        .partition(|source| stem(source) == "expectations");
    Ok((scenarios, declared.into_iter().next()))
}

fn stem(source: &Source) -> String {
    let stem = Path::new(&*source.name).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// All scenarios by name; all faults at once.
fn read(sources: &[Source], model: &Model) -> Result<BTreeMap<String, Scenario>, Faults> {
    let faults = Collector::new();
    let mut scenarios = BTreeMap::new();
    for source in sources {
        match ScenarioFile::parse(source).and_then(|file| file.check(model)) {
            Ok(scenario) => {
                scenarios.insert(stem(source), scenario);
            }
            Err(found) => faults.extend(found),
        }
    }
    faults.finish(scenarios)
}

fn layout(board: &Scoreboard, terminal: &Terminal) -> String {
    let mut out = String::new();
    for (title, fitted) in [("Held out", false), ("Fitted", true)] {
        let mut rows = vec![
            [
                "row",
                "what",
                "predicted",
                "90 %",
                "posterior",
                "published",
                "verdict",
            ]
            .map(str::to_owned)
            .to_vec(),
        ];
        let shown =
            |line: &&Line| line.fitted == fitted && line.verdict != Verdict::NotRepresentable;
        for line in board.lines.iter().filter(shown) {
            let unit = if line.unit == "1" { "" } else { &line.unit };
            rows.push(vec![
                line.row.clone(),
                line.says.clone(),
                line.predicted.map_or_else(
                    || "-".to_owned(),
                    |it| format!("{} {unit}", three_digits(it)).trim_end().to_owned(),
                ),
                line.interval.map_or_else(String::new, |(low, high)| {
                    format!("{} to {}", three_digits(low), three_digits(high))
                }),
                left_open(line),
                line.claim.map_or_else(String::new, published),
                line.verdict.word().to_owned(),
            ]);
        }
        use Align::{Left, Right};
        out.push_str(&format!("{}\n", terminal.tone(Tone::Strong, title)));
        out.push_str(&columns(
            &rows,
            &[Left, Left, Right, Right, Right, Right, Left],
            terminal,
        ));
        let missing: Vec<&str> = (board.lines.iter())
            .filter(|line| line.fitted == fitted && line.verdict == Verdict::NotRepresentable)
            .map(|line| line.row.as_str())
            .collect();
        out.push_str(&format!("  not representable: {}\n\n", missing.join(" ")));
    }
    let mut rows = vec![
        ["verdict", "held out", "fitted"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (word, verdict) in Verdict::WORDS {
        rows.push(vec![
            (*word).to_owned(),
            board.count(*verdict, false).to_string(),
            board.count(*verdict, true).to_string(),
        ]);
    }
    out.push_str(&columns(
        &rows,
        &[Align::Left, Align::Right, Align::Right],
        terminal,
    ));
    out
}
