//! The page of refits: what the other rows say of those that were left out or moved, as Markdown.

use std::fmt::Write as _;

use super::validation_page::three_digits;
use crate::analysis::calibrate::refit::{Refits, Refitted};
use crate::analysis::calibrate::{Calibration, Target};

/// What the page tells.
#[derive(Debug, Clone)]
pub struct RefitsPage<'a> {
    /// The calibration.
    pub calibration: &'a Calibration,
    /// The refits as declared.
    pub refits: &'a Refits,
    /// What came of them, in their order.
    pub found: &'a [Refitted],
    /// What the values as they stand, and every refit after them, say of all targets, then of the questions.
    pub answers: &'a [Vec<Option<f64>>],
}

/// The page.
#[must_use]
pub fn refits_page(page: &RefitsPage<'_>) -> String {
    let mut text = format!(
        "# Fits with rows left out, and moved\n\n{}\n\nEvery fit starts from the values as they stand \
         ([calibration.md](calibration.md)) and moves the same {} parameters. *Off* is the distance from the \
         published value in its standard deviations (of a band: from its nearer end).\n",
        page.refits.says,
        page.calibration.parameters.len()
    );
    text.push_str(
        "\n## Left out\n\nWhat the other rows say of the rows that a fit has not seen.\n\n\
         | fit | row | evidence | published | fitted with it | off | without it | off |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (number, refit) in page.refits.refits.iter().enumerate() {
        if !refit.moved.is_empty() {
            continue;
        }
        for (place, target) in page.calibration.targets.iter().enumerate() {
            if refit.without.contains(&target.name) {
                let [before, after] = [0, number + 1].map(|row| page.answers[row][place]);
                let cells = [
                    refit.name.clone(),
                    target.name.clone(),
                    target.evidence.join(", "),
                    target.aim.to_string(),
                    value(before),
                    off(target, before),
                    value(after),
                    off(target, after),
                ];
                line(&mut text, &cells);
            }
        }
    }
    questions(&mut text, page);
    ends(&mut text, page);
    text
}

fn questions(text: &mut String, page: &RefitsPage<'_>) {
    text.push_str(
        "\n## What every fit says of the same questions\n\nIn days of life; *objective* is that of the rows \
         that the fit has seen, with the priors.\n\n| fit | objective |",
    );
    for asked in &page.refits.asked {
        let _ = write!(text, " {} |", asked.name);
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(page.refits.asked.len()));
    text.push('\n');
    let first = page.calibration.targets.len();
    let names = std::iter::once(("as shipped", None));
    let found = page.found.iter();
    let named = names.chain(found.map(|it| (it.name.as_str(), it.objective)));
    for ((name, objective), row) in named.zip(page.answers) {
        let paid = objective.map_or_else(|| "\u{2013}".to_owned(), three_digits);
        let mut cells = vec![name.to_owned(), paid];
        cells.extend(row[first..].iter().map(|it| value(*it)));
        line(text, &cells);
    }
}

fn ends(text: &mut String, page: &RefitsPage<'_>) {
    text.push_str(
        "\n## How the fits ended\n\n| fit | left out | moved to | end |\n|---|---|---|---|\n",
    );
    for (refit, found) in page.refits.refits.iter().zip(page.found) {
        let moved = refit.moved.iter();
        let moved = moved.map(|(name, (value, sd))| format!("{name}: {value} ± {sd}"));
        let cells = [
            refit.name.clone(),
            refit.without.join("; "),
            moved.collect::<Vec<_>>().join("; "),
            found.ended.clone(),
        ];
        line(text, &cells);
    }
}

fn line(text: &mut String, cells: &[String]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn value(value: Option<f64>) -> String {
    let shown = value.map_or_else(|| "not reached".to_owned(), three_digits);
    shown.replace('-', "\u{2212}")
}

fn off(target: &Target, value: Option<f64>) -> String {
    let off = value.map(|value| format!("{:+.1}", target.aim.residual(value).0));
    off.unwrap_or_default().replace('-', "\u{2212}")
}
