//! The validation page: the scoreboard of the model against its evidence, as Markdown.
//!
//! `docs/validation.md` is this text; a test derives it again and compares.

use std::fmt::Write as _;

use gutbrain_network::declaration::{Claim, Direction};

use crate::analysis::validate::{Coverage, Interval, Line, Scoreboard, Verdict};

const HEAD: &str = "\
# Validation

This page is generated: `gutbrain validate --markdown > docs/validation.md`. Every row of the evidence \
ledger that the model is fitted to (role `calibrate`) or tested on (role `validate`, held out) is derived \
again from its own scenario in `validation/` and compared with what was published. Nothing on this page is \
tuned: a disagreement is shown.

How to read it:

- A published value agrees within two of its standard deviations; a direction counts from its margin on; \
  a null result is a test like any other. Where the source gives no spread or margin, the note says what \
  was assumed.
- The interval is a local 90 % interval: exact sensitivities to all uncertain parameters times their \
  priors, conditioned on the fitted rows (Laplace; rows about parameters are in the priors already, and rows from \
  the same cohorts count each, which makes it a little short). It holds near the shipped values only; survival bends \
  within it, so take it as an order of magnitude.
- *Posterior*: from the 5 % to the 95 % quantile over vectors of the posterior of the fitted parameters \
  (`docs/calibration.md`), without linearisation; all other parameters hold their values, so it is too short \
  where they matter. Verdicts follow the local interval, which counts all parameters.
- *Inconclusive*: the prediction lies outside what was published, but its interval reaches it. \
  *Conflict*: it lies outside, and another published finding says the opposite; the model cannot agree \
  with both. *Not representable*: the model has nothing to show it with.
- *Seen by*: parameters that name a held-out row as their evidence, so that the row is not fully blind.
- The survival effect of butyrate on C57BL/6 (S1-28, S1-29) is calibrated, never a prediction; the B6SJL \
  figure beside it is the prediction.
- On antibiotics the model expects what S2-08 found (better), because S2-08 shaped its mechanisms; S2-04 \
  (worse) is shown as a conflict. On serum IL-17 it follows S3-04 and shows S6-08.

";

/// The page as Markdown.
#[must_use]
pub fn validation_page(board: &Scoreboard) -> String {
    let mut page = String::from(HEAD);
    let _ = writeln!(page, "| verdict | held out | fitted |\n|---|---|---|");
    for (word, verdict) in Verdict::WORDS {
        let (held, fitted) = (board.count(*verdict, false), board.count(*verdict, true));
        let _ = writeln!(page, "| {word} | {held} | {fitted} |");
    }
    by_kind(&mut page, board);
    coverage(&mut page, board);
    for (title, fitted) in [("Held out", false), ("Fitted", true)] {
        let lines = || board.lines.iter().filter(move |line| line.fitted == fitted);
        let _ = writeln!(page, "\n## {title}\n");
        let _ = writeln!(
            page,
            "| row | what | predicted | 90 % interval | posterior | published | unit | verdict | notes |\n\
             |---|---|---|---|---|---|---|---|---|"
        );
        for line in lines().filter(|line| line.verdict != Verdict::NotRepresentable) {
            let interval = line.interval.map_or_else(String::new, |(low, high)| {
                format!("{} to {}", three_digits(low), three_digits(high))
            });
            let cells = [
                line.row.clone(),
                line.says.clone(),
                line.predicted.map_or_else(String::new, three_digits),
                interval,
                left_open(line),
                line.claim.map_or_else(String::new, published),
                line.unit.clone(),
                line.verdict.word().to_owned(),
                notes(line),
            ];
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
        let _ = writeln!(page, "\nNot representable:\n");
        for line in lines().filter(|line| line.verdict == Verdict::NotRepresentable) {
            let _ = writeln!(page, "- {} ({}): {}", line.row, line.says, notes(line));
        }
    }
    page
}

/// What a row claims, in a word.
fn kind(claim: Claim) -> &'static str {
    match claim {
        Claim::Point { .. } | Claim::Band { .. } => "size",
        Claim::Direction {
            direction: Direction::None,
            ..
        } => "null",
        Claim::Direction { .. } => "sign",
    }
}

/// Verdicts of the held-out and of the fitted lines by the kind of their claim, and by experiment.
fn by_kind(page: &mut String, board: &Scoreboard) {
    let _ = writeln!(
        page,
        "\n## By kind of claim, and by experiment\n\n*Sign*: more or less than something. *Null*: no \
         difference. *Size*: a value with its spread, or a band. A model that has every sign and no size right \
         says which way, not how much.\n"
    );
    let compared = || board.lines.iter().filter(|line| line.claim.is_some());
    let kinds = |line: &Line| line.claim.map_or("", kind).to_owned();
    let experiments = |line: &Line| line.experiment().to_owned();
    let mut names: Vec<String> = compared().map(experiments).collect();
    names.sort_unstable();
    names.dedup();
    let signs = ["sign", "null", "size"].map(str::to_owned).to_vec();
    type Of<'f> = &'f dyn Fn(&Line) -> String;
    let groups = [
        ("claim", signs, &kinds as Of<'_>),
        ("experiment", names, &experiments),
    ];
    for (title, names, of) in groups {
        let _ = writeln!(
            page,
            "| {title} | held out: agrees | disagrees | inconclusive | conflict | no value | fitted: agrees | \
             disagrees or other |\n|---|---|---|---|---|---|---|---|"
        );
        for name in names {
            let count = |is: &dyn Fn(Verdict) -> bool, fitted: bool| {
                let lines = compared().filter(|line| of(line) == name && line.fitted == fitted);
                lines.filter(|line| is(line.verdict)).count()
            };
            let agrees = |verdict| verdict == Verdict::Agrees;
            let held = [
                Verdict::Agrees,
                Verdict::Disagrees,
                Verdict::Inconclusive,
                Verdict::Conflict,
                Verdict::NoValue,
            ]
            .map(|wanted| count(&|verdict| verdict == wanted, false).to_string());
            let fitted = [
                count(&agrees, true).to_string(),
                count(&|verdict| !agrees(verdict), true).to_string(),
            ];
            let _ = writeln!(
                page,
                "| {name} | {} | {} |",
                held.join(" | "),
                fitted.join(" | ")
            );
        }
        page.push('\n');
    }
}

/// How often published values lie in the intervals.
fn coverage(page: &mut String, board: &Scoreboard) {
    let _ = writeln!(
        page,
        "## Coverage\n\nHow many of the published values with a spread lie in the 50 % and the 90 % interval of a new \
         experiment: the model's uncertainty and the published standard deviation together. Half of them, and nine in \
         ten, would if both were right; more means that the intervals are too wide (or that the values were fitted), \
         fewer that they are too narrow.\n\n\
         | intervals | rows | values | in 50 % | in 90 % |\n|---|---|---|---|---|"
    );
    for (words, interval) in [
        ("local", Interval::Local),
        ("posterior", Interval::Posterior),
    ] {
        for (rows, fitted) in [("held out", false), ("fitted", true)] {
            let lines = board.lines.iter().filter(|line| line.fitted == fitted);
            let found = Coverage::of(lines, interval);
            let _ = writeln!(
                page,
                "| {words} | {rows} | {} | {} | {} |",
                found.of, found.half, found.nine_in_ten
            );
        }
    }
}

fn notes(line: &Line) -> String {
    let mut notes = line.notes.clone();
    if !line.conflicts.is_empty() {
        notes.push(format!("opposed by {}", line.conflicts.join(", ")));
    }
    if !line.seen_by.is_empty() {
        notes.push(format!("seen by {}", line.seen_by.join(", ")));
    }
    notes.join("; ")
}

/// The interval of a prediction from the posterior; those without a value are counted.
#[must_use]
pub fn left_open(line: &Line) -> String {
    let Some((range, low, high)) = (line.posterior).and_then(|it| Some((it, it.q05?, it.q95?)))
    else {
        return String::new();
    };
    let missing = match range.missing {
        0 => String::new(),
        missing => format!(" ({missing} of {} without)", range.n + missing),
    };
    format!("{} to {}{missing}", three_digits(low), three_digits(high))
}

/// A claim as people write it.
#[must_use]
pub fn published(claim: Claim) -> String {
    let number = three_digits;
    match claim {
        Claim::Point { value, sd } => format!("{} ± {}", number(value), number(sd)),
        Claim::Band { low, high } => format!("{} to {}", number(low), number(high)),
        Claim::Direction {
            direction,
            than,
            margin,
        } => match direction {
            Direction::Higher => format!("above {} (margin {})", number(than), number(margin)),
            Direction::Lower => format!("below {} (margin {})", number(than), number(margin)),
            Direction::None => format!("{} ± {} (no difference)", number(than), number(margin)),
        },
    }
}

/// A number with three significant digits, with a proper minus.
#[must_use]
pub fn three_digits(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    // The exponent form rounds to significant digits; what it gives is read back and written plainly.
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    let plain = rounded.abs() < 1e-300 || (1e-4..1e6).contains(&rounded.abs());
    let text = if plain {
        rounded.abs().to_string()
    } else {
        format!("{:e}", rounded.abs())
    };
    if rounded < 0.0 {
        format!("\u{2212}{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::three_digits;

    #[test]
    fn numbers_have_three_digits() {
        for (value, text) in [
            (130.249, "130"),
            (0.123_456, "0.123"),
            (-2.0, "\u{2212}2"),
            (0.0, "0"),
            (1_234.0, "1230"),
            (1.5e-7, "1.5e-7"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(three_digits(value), text);
        }
    }
}
