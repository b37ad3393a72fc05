//! The calibration page: what was fitted to what, and what is left open, as Markdown.
//!
//! `docs/calibration.md` and `docs/calibration-without-butyrate.md` are this text; a test derives them again and
//! compares.

use std::fmt::Write as _;

use super::validation_page::three_digits;
use crate::analysis::calibrate::ensemble::Standing;
use crate::analysis::calibrate::predictions::Predicted;
use crate::analysis::range::Range;
use crate::posterior::Posterior;

/// What the two fits of the built-in model are, and how a fit is made.
const FITS: &str = "\
Two fits belong to the built-in model. `calibration/foundation.toml` has the published effect of 2 % butyrate from \
day 38 on onset and life of C57BL/6 among its targets, softly: there it is *calibrated*, never a prediction, and the \
B6SJL figure beside it is the prediction ([calibration.md](calibration.md)). `calibration/without-butyrate.toml` has \
the same parameters and the other targets, and its values are the variant `without-the-38-days`: it says what all \
other evidence predicts of butyrate ([calibration-without-butyrate.md](calibration-without-butyrate.md)).

The objective is ½ Σ r²: a target counts its distance in its own standard deviations (a band only what \
lies outside of it), a prior counts its distance from the middle of the documented range, which is read \
as ± 2 sd, times the weight that the file gives (0.4). Levenberg–Marquardt with exact forward sensitivities \
finds the bottom from several starts (the shipped values, then a seeded Latin hypercube); \
`--method cma-es` is the global search to compare with. Points that cannot be simulated are infinitely bad and counted. \
The fit was ended when a step to the bottom of the local parabola promised less than 0.1 of the objective, in which \
one target that is off by one standard deviation counts ½; `--stationary` says how much is left, and a test fails if \
a value is moved.

";

const POSTERIOR: &str = "\
## How the posterior is sampled

The density is that of the file: the targets with their standard deviations, the priors with their weight, \
cut off at the ends of the documented ranges. In standard coordinates, in which the prior of all parameters \
together is a standard normal distribution, several chains start from draws of the Gauss–Newton (Laplace) \
approximation. Their plain steps leave an adapted reference invariant (preconditioned Crank–Nicolson, or places along \
some of its axes drawn anew) or go along differences of earlier states (DE-MC(Z)). Most steps are walks: polynomials of second degree are \
fitted to what the warm-up has predicted, hundreds of plain steps are taken on them, which cost next to nothing, and where they end is \
simulated and accepted or refused so that the chain has the posterior of the model, not that of the polynomials (delayed acceptance; what the \
polynomials are off counts as an error of the data on the walk). Nothing is adapted after the \
warm-up. Chains depend on seed, chain and step alone and can be gone on with (`--resume`). R-hat is the \
rank-normalised one of split chains, effective numbers of draws are those of the bulk and of the 5 % and \
95 % quantiles (Vehtari et al. 2021). On a small model with parameters drawn from their priors, 90 % \
intervals of this sampler hold the truth in 90 % of 120 experiments, with walks and without (a test).

`model/posterior/PRESET.csv` holds the vectors that are kept; row n of every file is the same draw. A file \
belongs to one state of the model: the hash of what moves in it, with the interventions that the targets \
read, is in the file, and a stale one is refused. A sentence, a label or another intervention makes none \
stale. After a change of what moves, `gutbrain calibrate calibration/foundation.toml --renew --apply --model model` evaluates every \
vector again and weighs it by what it now says of the targets; if fewer than half of the vectors would \
carry the weight it asks for a new sampling (`--posterior --apply --model model`).

A scenario uses the vectors with `[cohort] parameters = \"posterior\"`: every animal draws one, and the \
predictions carry intervals from parameters alone, from animals alone and from both \
(`uncertainty.csv`, `summary.json`). `gutbrain validate` and `gutbrain attribute` give their predictions \
and shares intervals from them. In `gutbrain trial` every animal of the pool has a vector of its own.

What it says of itself:

";

const LIMITS: &str = "
## What the intervals leave out

- Parameters that are not fitted hold their values. Their uncertainty is in the local intervals of \
  [validation.md](validation.md), not in the posterior.
- The structure is taken as true; other mechanisms that the data would bear are not in it.
- Targets count as independent, and their standard deviations are those of small studies, some of them \
  assumed.
- The prior of a parameter that the data say nothing of (spread near 1 below) is its documented range: a \
  choice, not a finding.

";

/// What the page tells.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationPage<'a> {
    /// The calibration file, from the folder that the program is called in.
    pub file: String,
    /// Its sentence.
    pub says: &'a str,
    /// The variant that the model is under.
    pub variant: Option<&'a str>,
    /// Name, evidence, what is wanted, value, distance in sd.
    pub targets: Vec<[String; 5]>,
    /// The parameters.
    pub parameters: &'a [Standing],
    /// Numbers beside the targets, and whether the fit has seen each.
    pub predictions: &'a [(Predicted, bool)],
    /// The files of the posterior.
    pub posteriors: &'a [Posterior],
}

/// The page as Markdown.
#[must_use]
pub fn calibration_page(page: &CalibrationPage<'_>) -> String {
    let under = page
        .variant
        .map_or_else(String::new, |name| format!(" --variant {name}"));
    let mut out = format!(
        "# Calibration\n\nThis page is generated: `gutbrain calibrate {file}{under} --markdown`.\n\n\
         ## What is fitted to what\n\n`{file}` names the parameters and the targets: {says}.\n\n{FITS}",
        file = page.file,
        says = page.says,
    );
    out.push_str("| target | evidence | wanted | model | sd off |\n|---|---|---|---|---|\n");
    for row in &page.targets {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push_str(
        "\n## What comes out\n\nDays, with the 5 % and 95 % quantiles over the posterior of the fitted \
         parameters. The ceiling cuts all routes from gut to cord from day 38 \
         (`scenarios/ceiling.toml`): [no action on the gut alone](ceiling.md) gives more.\n\n\
         | number | kind | shipped values | 5 % | median | 95 % | published | that or more |\n|---|---|---|---|---|---|---|---|\n",
    );
    for (line, is_fitted) in page.predictions {
        let [low, middle, high] = quantiles(line.open);
        let published = line.asked.published;
        let published = published.map(|(value, sd)| format!("{value} ± {sd}"));
        let share = line
            .as_published
            .map(|share| format!("{:.1} %", 100.0 * share));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {low} | {middle} | {high} | {} | {} |",
            line.asked.name,
            if *is_fitted {
                "calibrated"
            } else {
                "prediction"
            },
            line.value.map_or_else(String::new, three_digits),
            published.unwrap_or_default(),
            share.unwrap_or_default(),
        );
    }
    out.push_str(
        "\n*That or more*: how often an experiment with the published standard deviation would give the \
         published number or more if the vectors of the posterior are right. Small numbers are tension \
         between the fit and the publication.\n\n",
    );
    out.push_str(POSTERIOR);
    for posterior in page.posteriors {
        let folder = page
            .variant
            .map_or_else(String::new, |name| format!("{name}/"));
        let _ = writeln!(out, "- `model/posterior/{folder}{}.csv`:", posterior.preset);
        for remark in &posterior.remarks {
            let _ = writeln!(out, "  {remark}");
        }
    }
    out.push_str(LIMITS);
    out.push_str(
        "## Parameters\n\nSpread: the standard deviation of the posterior over that of the prior, in \
         standard coordinates. Near 1, the targets say nothing of the parameter on its own and it keeps \
         its prior; combinations may be known better.\n\n\
         | parameter | shipped | place in its range | 5 % | median | 95 % | spread |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for line in page.parameters {
        let [low, middle, high] = quantiles(line.open);
        let at_end = if (0.01..=0.99).contains(&line.position) {
            ""
        } else {
            " (at an end)"
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {:.2}{at_end} | {low} | {middle} | {high} | {} |",
            line.id,
            three_digits(line.value),
            line.position,
            line.spread
                .map_or_else(String::new, |it| format!("{it:.2}")),
        );
    }
    let informed = page
        .parameters
        .iter()
        .filter(|it| it.spread.is_some_and(|it| it < 0.8));
    let _ = writeln!(
        out,
        "\n{} of {} parameters have a spread below 0.8.",
        informed.count(),
        page.parameters.len()
    );
    out
}

fn quantiles(open: Option<Range>) -> [String; 3] {
    let text = |value: Option<f64>| value.map_or_else(String::new, three_digits);
    open.map_or_else(Default::default, |range| {
        [text(range.q05), text(range.median), text(range.q95)]
    })
}
