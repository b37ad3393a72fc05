//! Fits, profiles and posteriors; the model against its evidence.

use std::path::{Path, PathBuf};

use gutbrain::analysis::calibrate::Method;
use gutbrain::analysis::validate::{Line, Scoreboard, judge_board};
use gutbrain::report::documents::published;
use gutbrain::study::{
    CalibrationSetup, FitStudy, PosteriorStudy, ProfileStudy, Progress, RenewStudy, StudyError,
    StudySummary, ValidateStudy, ValidationSetup,
};
use gutbrain_store::{Manifest, ModelEntry, Question as _, Stopwatch};
use gutbrain_table::{Column, Table};
use pyo3::prelude::*;

use crate::errors;
use crate::listening::listen;
use crate::question::{all_shipped, load_model, under};
use crate::studies::{Answer, Done, carry_out};
use crate::table::OF_THE_ROW;

/// The ways to calibrate.
const WAYS: [&str; 4] = ["fit", "posterior", "profile", "renew"];

/// Fits parameters to evidence, or says what the evidence leaves open: `way` is `fit`, `posterior`, `renew`
/// or `profile`, the last one of the parameters `profiles`. `file` is a path, or a shipped name.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "those of the command")]
pub(crate) fn calibrate(
    file: &str,
    is_shipped: bool,
    way: &str,
    profiles: Vec<String>,
    starts: Option<usize>,
    method: Option<&str>,
    model: Option<PathBuf>,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    if !WAYS.contains(&way) {
        return Err(errors::of_question(format!(
            "`{way}` is no way to calibrate"
        )));
    }
    let method = method.map(read_method).transpose()?;
    let stopwatch = Stopwatch::start();
    let answer = listen(listener, threads, |progress| {
        let read = load_model(model.as_deref())?;
        let mut setup = if is_shipped {
            let path = format!("calibration/{file}.toml");
            CalibrationSetup::open_in(&all_shipped(), Path::new(&path), read)?
        } else {
            CalibrationSetup::open(Path::new(file), read)?
        };
        if let Some(starts) = starts {
            setup = setup.with_starts(starts);
        }
        if let Some(method) = method {
            setup = setup.with_method(method);
        }
        let done = follow(way, &setup, &profiles, progress)?;
        let describe = |manifest: &mut Manifest, counts| {
            setup.describe(manifest, counts);
        };
        let stem = setup.stem();
        let mut inputs: Vec<PathBuf> = model.clone().into_iter().collect();
        if !is_shipped {
            inputs.push(PathBuf::from(file));
        }
        Ok(done.into_answer(&stem, stopwatch, (model, inputs), describe))
    })?;
    answer.map_err(errors::of_study)
}

/// Does what is asked of a calibration.
fn follow(
    way: &str,
    setup: &CalibrationSetup,
    profiles: &[String],
    progress: &dyn Progress,
) -> Result<Done, StudyError> {
    match way {
        "fit" => {
            let study = FitStudy::new(setup)?;
            let fingerprint = study.fingerprint();
            let done = carry_out(&study, progress)?;
            if let StudySummary::Fit(report) = &done.finished.summary
                && let Some(warning) = report.warning()
            {
                progress.warn(&warning);
            }
            Ok(Done {
                fingerprint,
                ..done
            })
        }
        "posterior" => {
            let study = PosteriorStudy::new(setup)?;
            Ok(Done {
                fingerprint: study.fingerprint(),
                ..carry_out(&study, progress)?
            })
        }
        "profile" => {
            let study = ProfileStudy::new(setup, profiles)?;
            Ok(Done {
                fingerprint: study.fingerprint(),
                ..carry_out(&study, progress)?
            })
        }
        // It is one of the four.
        _ => carry_out(&RenewStudy::new(setup), progress),
    }
}

fn read_method(word: &str) -> PyResult<Method> {
    let found = Method::WORDS.iter().find(|(known, _)| *known == word);
    found.map(|(_, method)| *method).ok_or_else(|| {
        let words: Vec<&str> = Method::WORDS.iter().map(|(known, _)| *known).collect();
        let words = words.join(", ");
        errors::of_question(format!(
            "`{word}` is no method of a fit\n  help: methods: {words}"
        ))
    })
}

/// Scores the model against its evidence, with the built-in scenarios or those of a folder.
#[pyfunction]
pub(crate) fn validate(
    scenarios: Option<PathBuf>,
    vectors: Option<usize>,
    model: Option<PathBuf>,
    variant: Option<String>,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    let stopwatch = Stopwatch::start();
    let answer = listen(listener, threads, |progress| {
        let read = under(load_model(model.as_deref())?, variant.as_deref())?;
        let setup = match &scenarios {
            None => ValidationSetup::builtin(read)?,
            Some(folder) => ValidationSetup::open(folder, read)?,
        };
        let mut study = ValidateStudy::new(&setup);
        if let Some(vectors) = vectors {
            study = study.with_vectors(vectors);
        }
        let mut done = carry_out(&study, progress)?;
        if let StudySummary::Validation(board) = &done.finished.summary {
            let table = scoreboard(board).to_csv()?;
            done.files
                .insert("scoreboard.csv".to_owned(), table.into_bytes());
            for objection in judge_board(setup.declared.as_ref(), board).objections {
                progress.warn(&objection);
            }
        }
        let describe = |manifest: &mut Manifest, counts| {
            manifest.model = ModelEntry::of(&setup.model);
            manifest.runs = counts;
        };
        let inputs = scenarios.into_iter().chain(model.clone()).collect();
        Ok(done.into_answer("validation", stopwatch, (model, inputs), describe))
    })?;
    answer.map_err(errors::of_study)
}

/// The comparisons, one a row.
fn scoreboard(board: &Scoreboard) -> Table {
    let lines = &board.lines;
    let text = |name: &str, of: &dyn Fn(&Line) -> String| {
        Column::text(name, lines.iter().map(of).collect())
    };
    let number = |name: &str, of: &dyn Fn(&Line) -> Option<f64>| {
        let values = lines
            .iter()
            .map(|line| of(line).filter(|it| it.is_finite()));
        Column::optional_numbers(name, OF_THE_ROW, values.collect())
    };
    let columns = vec![
        text("row", &|line| line.row.clone()),
        text("says", &|line| line.says.clone()),
        text("looked", &|line| line.looked.clone()),
        text("unit", &|line| line.unit.clone()),
        number("predicted", &|line| line.predicted),
        number("lower", &|line| Some(line.interval?.0)),
        number("upper", &|line| Some(line.interval?.1)),
        number("q05", &|line| line.posterior?.q05),
        number("median", &|line| line.posterior?.median),
        number("q95", &|line| line.posterior?.q95),
        text("published", &|line| {
            line.claim.map_or_else(String::new, published)
        }),
        text("verdict", &|line| line.verdict.word().to_owned()),
        text("use", &|line| {
            if line.fitted { "fitted" } else { "held out" }.to_owned()
        }),
        text("notes", &|line| line.notes.join("; ")),
        text("conflicts", &|line| line.conflicts.join(" ")),
        text("seen_by", &|line| line.seen_by.join(" ")),
    ];
    Table::new("scoreboard", columns)
}
