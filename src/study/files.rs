//! Tables and figures as files of a study.

use std::collections::BTreeMap;

use gutbrain_figures::{Figure, FigureError, PRINT_DOTS_PER_INCH, missing_characters_warning};
use gutbrain_network::fault::escape;
use gutbrain_table::Table;
use rayon::prelude::*;

use super::{Progress, StudyError};
use crate::model::Model;
use crate::results::captions::caption;
use crate::results::tables;
use crate::scenario::{FigurePlan, Scenario};

/// Name inside the results, and content.
pub type NamedFile = (String, Vec<u8>);

/// Format of large tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TableFormat {
    /// Apache Parquet: small, typed, with units.
    #[default]
    Parquet,
    /// Text.
    Csv,
}

impl TableFormat {
    /// The name of a table's file.
    #[must_use]
    pub fn file_name(self, table: &str) -> String {
        match self {
            Self::Parquet => format!("{table}.parquet"),
            Self::Csv => format!("{table}.csv"),
        }
    }
}

/// A large table in the format asked for.
///
/// # Errors
/// The table cannot be written: see [`Table::to_csv`] and [`Table::to_parquet`].
pub fn encode(table: &Table, format: TableFormat) -> Result<NamedFile, StudyError> {
    Ok(match format {
        TableFormat::Csv => as_csv(table)?,
        TableFormat::Parquet => {
            let metadata = BTreeMap::from([("units".to_owned(), tables::units_json(table)?)]);
            (
                format!("{}.parquet", table.name),
                table.to_parquet(&metadata)?,
            )
        }
    })
}

/// A small table, always as text.
pub(super) fn as_csv(table: &Table) -> Result<NamedFile, StudyError> {
    Ok((format!("{}.csv", table.name), table.to_csv()?.into_bytes()))
}

/// The files of the figures, drawn in parallel, in the order of the figures.
///
/// A figure that has nothing to show is left out with a warning: the numbers matter more.
///
/// # Errors
/// A figure that was drawn cannot be written.
pub fn pictures(
    scenario: &Scenario,
    model: &Model,
    plans: &[FigurePlan],
    draw: impl Fn(&FigurePlan) -> Result<Figure, FigureError> + Sync,
    progress: &dyn Progress,
) -> Result<Vec<NamedFile>, StudyError> {
    let drawn: Vec<_> = plans
        .par_iter()
        .map(|plan| {
            draw(plan).map(|figure| {
                let files = picture(&figure);
                (figure, files)
            })
        })
        .collect();
    let (mut figures, mut files) = (Vec::new(), Vec::new());
    for (plan, drawn) in plans.iter().zip(drawn) {
        match drawn {
            Ok((figure, picture)) => {
                files.extend(picture?);
                files.push(caption_file(plan, scenario, model));
                figures.push(figure);
            }
            Err(error) => progress.warn(&format!("figure `{}`: {error}", plan.name)),
        }
    }
    warn_of_what_is_missing(&figures, progress);
    Ok(files)
}

/// The files of figures that are drawn, and a warning of the characters that they cannot show.
///
/// # Errors
/// One cannot be written.
pub fn picture_files(
    figures: &[Figure],
    progress: &dyn Progress,
) -> Result<Vec<NamedFile>, StudyError> {
    let mut files = Vec::new();
    for figure in figures {
        files.extend(picture(figure)?);
    }
    warn_of_what_is_missing(figures, progress);
    Ok(files)
}

/// The files of the figures that could be drawn. What could not be is said: no reason to lose an hour's
/// work.
pub(super) fn drawn(
    figures: impl IntoIterator<Item = Result<Figure, FigureError>>,
    progress: &dyn Progress,
) -> Vec<NamedFile> {
    let mut files = Vec::new();
    for figure in figures {
        match figure.map_err(StudyError::from).and_then(|it| picture(&it)) {
            Ok(pictures) => files.extend(pictures),
            Err(error) => progress.warn(&format!("a figure is missing: {error}")),
        }
    }
    files
}

/// Says what figures cannot show: characters, once for all of them, panels and arms of which there is nothing.
fn warn_of_what_is_missing(figures: &[Figure], progress: &dyn Progress) {
    for figure in figures {
        for remark in figure.remarks() {
            progress.warn(&format!("figure `{}`: {}", figure.name(), escape(remark)));
        }
    }
    if let Some(warning) = missing_characters_warning(figures) {
        progress.warn(&warning);
    }
}

/// The caption of a figure of a run, beside it.
#[must_use]
pub fn caption_file(plan: &FigurePlan, scenario: &Scenario, model: &Model) -> NamedFile {
    let words = caption(plan, scenario, model);
    (format!("figures/{}.txt", plan.name), words.into_bytes())
}

/// The files of a figure: for the screen, for a paper, for a slide, and the data behind it.
///
/// # Errors
/// It cannot be written.
pub fn picture(figure: &Figure) -> Result<[NamedFile; 4], StudyError> {
    let name = figure.name();
    // Pixels take longest.
    let (png, (svg, pdf)) = rayon::join(
        || figure.to_png(PRINT_DOTS_PER_INCH),
        || (figure.to_svg(), figure.to_pdf()),
    );
    Ok([
        (format!("figures/{name}.svg"), svg?.into_bytes()),
        (format!("figures/{name}.pdf"), pdf?),
        (format!("figures/{name}.png"), png?),
        (
            format!("figures/{name}.csv"),
            figure.data().to_csv()?.into_bytes(),
        ),
    ])
}
