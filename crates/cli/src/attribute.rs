//! `gutbrain attribute SCENARIO`: which pathways carry the difference between two arms.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::ValueHint;

use super::failure::Failure;
use super::layout::{Align, columns, where_written};
use super::meter::Meter;
use super::options::{ScenarioOptions, WritingOptions, inputs, model_entry};
use super::resumable::begin;
use super::terminal::{Terminal, Tone};
use super::threads::ThreadOptions;
use super::{Ending, end_on_interrupt};
use gutbrain::analysis::attribute::{Attribution, CARRIERS, Vectors, attribute, is_narrow};
use gutbrain::analysis::range::Range;
use gutbrain::posterior::Posterior;
use gutbrain::report::documents::three_digits;
use gutbrain::simulate::feature::Reading;
use gutbrain::study::picture;
use gutbrain_figures::{PageWidth, Waterfall, WaterfallPart, waterfall};
use gutbrain_store::{Counts, Identity, SolverEntry, Stopwatch, sha256};
use gutbrain_table::{Column, Table};

/// Options of `attribute`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file; its first arm is the reference (--arm chooses which arms are kept)
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// What is compared, as in calibration files: `death`, `onset`, `observable NAME at AGE`
    #[arg(long, value_name = "FEATURE", default_value = "death")]
    feature: String,
    /// Pathways that only carry what is given, and are not split over [default: absorption motility]
    #[arg(long, value_name = "PATHWAY")]
    carrier: Vec<String>,
    /// Vectors of the posterior that are split too, for intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 40)]
    vectors: usize,
    /// Folder for the results [default: outputs/<name of the scenario>-attribute]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    #[command(flatten)]
    threads: ThreadOptions,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Splits, prints, writes.
pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let pool = options.threads.start()?;
    let loaded = options.changes.load(&options.scenario)?;
    let scenario = &loaded.scenario;
    let [reference, arm, ..] = scenario.arms.as_slice() else {
        let help = "a difference needs two arms: the first one is the reference";
        return Err(Failure::Usage(help.to_owned()));
    };
    let reading: Reading = options
        .feature
        .parse()
        .map_err(|cause| Failure::Usage(format!("`{}` is no feature: {cause}", options.feature)))?;
    let carriers: Vec<String> = if options.carrier.is_empty() {
        CARRIERS.map(str::to_owned).to_vec()
    } else {
        options.carrier.clone()
    };
    let stem = loaded.file.stem().to_owned();
    let target = options
        .output
        .clone()
        .unwrap_or_else(|| Path::new("outputs").join(format!("{stem}-attribute")));
    let identity = Identity {
        scenario: stem,
        command: "attribute".to_owned(),
    };
    let posterior = match options.vectors {
        0 => None,
        _ => Posterior::of(&loaded.model, &scenario.subject.preset)?,
    };
    let asked = posterior.as_deref();
    let asked = asked.map_or(0, |it| it.thinned(options.vectors).len());
    end_on_interrupt()?;
    let mut written = begin(
        &target,
        identity,
        options.writing.terms(),
        &inputs(&loaded),
        terminal,
    )?;
    let threads = pool.number();
    let found = pool
        .install(|| {
            let meter = Mutex::new(Meter::new(
                terminal,
                "vectors of the posterior",
                asked as u64,
            ));
            let progress = |done| {
                if let Ok(mut meter) = meter.lock() {
                    meter.add(done, 0);
                }
            };
            let vectors = posterior.as_deref().map(|posterior| Vectors {
                posterior,
                count: options.vectors,
                progress: &progress,
            });
            let found = attribute(
                &loaded.model,
                scenario,
                &reference.name,
                &arm.name,
                &reading,
                &carriers,
                vectors,
            );
            if let Ok(meter) = meter.into_inner() {
                meter.finish();
            }
            found
        })
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let resolved = loaded.file.resolved(scenario);
    let figure = waterfall("attribution", &bars(&found), PageWidth::Double)?;
    let mut files = 1;
    let mut add = |name: &str, bytes: &[u8]| {
        files += 1;
        written.add(name, bytes)
    };
    add("scenario.toml", resolved.as_bytes())?;
    add("attribution.csv", table(&found).to_csv()?.as_bytes())?;
    for (name, bytes) in picture(&figure)? {
        add(&name, &bytes)?;
    }
    written.finish(|manifest| {
        manifest.model = model_entry(&loaded.model);
        manifest.scenario_sha256 = sha256(resolved.as_bytes());
        manifest.seed = scenario.seed;
        manifest.solver = SolverEntry {
            method: scenario.solver.method.name().to_owned(),
            rtol: scenario.solver.rtol,
            atol: scenario.solver.atol,
        };
        let lives = 2 << found.shares.len();
        manifest.runs = Counts {
            requested: lives,
            ok: lives,
            failed: 0,
        };
        stopwatch.describe(manifest, threads);
    })?;
    terminal.print_summary(&layout(&found, terminal))?;
    terminal.print_summary(&where_written(&target, files, terminal))?;
    Ok(Ending::Done)
}

/// The bars of the figure, the rest last.
fn bars(found: &Attribution) -> Waterfall {
    let ends = |range: &Range| range.q05.zip(range.q95);
    let open = found.open.as_ref();
    let shares = found.shares.iter().enumerate();
    let mut parts: Vec<WaterfallPart> = shares
        .map(|(place, share)| WaterfallPart {
            label: label(&share.pathway),
            value: share.share,
            interval: open.and_then(|open| ends(&open.shares[place])),
            // Without a posterior nothing says that a share is more than one of many.
            is_sure: found.is_identified(place) == Some(true),
        })
        .collect();
    parts.push(WaterfallPart {
        label: "past the pathways".to_owned(),
        value: found.rest,
        interval: open.and_then(|open| ends(&open.rest)),
        is_sure: open.is_some_and(|open| is_narrow(found.rest, &open.rest)),
    });
    Waterfall {
        title: format!(
            "{}, {} against {}",
            found.feature, found.arm, found.reference
        ),
        unit: found.unit.clone(),
        parts,
        whole: "difference".to_owned(),
        note: match open {
            Some(_) => "open bars: not identifiable from the data at hand; whiskers: 5 % to 95 % of the posterior",
            None => "open bars: shares at the values of the preset; what the data leave open was not asked",
        }
        .to_owned(),
    }
}

/// A pathway as people write it.
fn label(pathway: &str) -> String {
    match pathway {
        "nfkb" => "NF-κB".to_owned(),
        "treg_th17" => "Treg and Th17".to_owned(),
        "sod1" => "SOD1".to_owned(),
        "nlrp3" => "NLRP3".to_owned(),
        other => other.replace('_', " "),
    }
}

fn table(found: &Attribution) -> Table {
    let unit = &found.unit;
    let shares = &found.shares;
    let mut pathways: Vec<String> = shares.iter().map(|it| it.pathway.clone()).collect();
    pathways.extend(["rest".to_owned(), "difference".to_owned()]);
    let mut values: Vec<f64> = shares.iter().map(|it| it.share).collect();
    values.extend([found.rest, found.difference]);
    let optional = |of: &dyn Fn(usize) -> f64| -> Vec<Option<f64>> {
        let known = (0..shares.len()).map(|index| Some(of(index)));
        known.chain([None, None]).collect()
    };
    let texts = |of: &dyn Fn(usize) -> String| -> Vec<String> {
        let known = (0..shares.len()).map(of);
        known.chain([String::new(), String::new()]).collect()
    };
    let ranges: Vec<Option<Range>> = match &found.open {
        None => vec![None; pathways.len()],
        Some(open) => {
            let whole = [open.rest, open.difference];
            open.shares.iter().copied().chain(whole).map(Some).collect()
        }
    };
    let quantile = |of: &dyn Fn(&Range) -> Option<f64>| -> Vec<Option<f64>> {
        ranges.iter().map(|range| of(range.as_ref()?)).collect()
    };
    let mut identifiable: Vec<Option<i64>> = (0..shares.len())
        .map(|place| found.is_identified(place).map(i64::from))
        .collect();
    identifiable.extend([None, None]);
    Table::new(
        "attribution",
        vec![
            Column::text("pathway", pathways),
            Column::numbers("shapley", unit, values),
            Column::optional_numbers("shapley_q05", unit, quantile(&|it| it.q05)),
            Column::optional_numbers("shapley_q95", unit, quantile(&|it| it.q95)),
            Column::integers("identifiable", identifiable),
            Column::optional_numbers("alone", unit, optional(&|i| shares[i].alone)),
            Column::optional_numbers("lost_without", unit, optional(&|i| shares[i].lost)),
            Column::text(
                "assumed_parameters",
                texts(&|i| shares[i].assumed.join(" ")),
            ),
            Column::text("gates", texts(&|i| shares[i].gates.join(" "))),
        ],
    )
}

fn layout(found: &Attribution, terminal: &Terminal) -> String {
    let unit = &found.unit;
    let title = format!(
        "{}: {} against {}, {} {unit}",
        found.feature,
        found.arm,
        found.reference,
        three_digits(found.difference)
    );
    let mut out = format!("\n{}\n", terminal.tone(Tone::Strong, &title));
    let mut rows = vec![
        [
            "pathway",
            "share",
            "5 % to 95 %",
            "alone",
            "lost without",
            "assumed parameters of its gates",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    let shown = |range: Option<Range>| match range.and_then(|it| Some((it.q05?, it.q95?))) {
        Some((low, high)) => format!("{} to {}", three_digits(low), three_digits(high)),
        None => String::new(),
    };
    let open = found.open.as_ref();
    for (place, share) in found.shares.iter().enumerate() {
        rows.push(vec![
            share.pathway.clone(),
            match found.is_identified(place) {
                Some(false) => "not identifiable".to_owned(),
                _ => three_digits(share.share),
            },
            shown(open.map(|open| open.shares[place])),
            three_digits(share.alone),
            three_digits(share.lost),
            share.assumed.join(", "),
        ]);
    }
    let rest = match open {
        Some(open) if !is_narrow(found.rest, &open.rest) => "not identifiable".to_owned(),
        _ => three_digits(found.rest),
    };
    rows.push(vec![
        "(rest)".to_owned(),
        rest,
        shown(open.map(|open| open.rest)),
        String::new(),
        String::new(),
        String::new(),
    ]);
    use Align::{Left, Right};
    out.push_str(&columns(
        &rows,
        &[Left, Right, Right, Right, Right, Left],
        terminal,
    ));
    let interval = |range: Option<Range>| {
        let text = shown(range);
        if text.is_empty() {
            text
        } else {
            format!(" ({text})")
        }
    };
    out.push_str(&format!(
        "\n  {} pass gates of a strength that is assumed without any evidence.\n",
        match open {
            Some(open) if !is_narrow(found.on_assumed(), &open.on_assumed) => {
                let range = shown(Some(open.on_assumed));
                format!("Between {} {unit}", range.replace(" to ", " and "))
            }
            _ => format!(
                "{}{} {unit}",
                three_digits(found.on_assumed()),
                interval(open.map(|open| open.on_assumed))
            ),
        }
    ));
    if let Some(open) = open {
        out.push_str(&format!(
            "  Intervals: {} vectors of the posterior of the fitted parameters; the difference is {}{} {unit}",
            open.vectors,
            three_digits(found.difference),
            interval(Some(open.difference))
        ));
        out.push_str(&match open.difference.missing {
            0 => ".\n".to_owned(),
            missing => format!("; {missing} have no value.\n"),
        });
        if !open.unidentified.is_empty() {
            out.push_str(&format!(
                "  Not identifiable from the data at hand: the shares of {}.\n",
                open.unidentified.join(", ")
            ));
        }
    }
    if let (Some(grounds), Some(half)) = (found.grounds, found.half_interval) {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        // Wider than the difference, "27.9 ± 82" would read like a measurement.
        let left = if half < found.difference.abs() {
            format!(
                "Priors alone leave {} \u{b1} {} {unit} (local 90 %)",
                three_digits(found.difference),
                three_digits(half)
            )
        } else {
            "Priors alone leave even the sign of the difference open (local 90 %)".to_owned()
        };
        out.push_str(&format!(
            "  {left}; of that variance {} rests on assumed \
             parameters,\n  {} on such with evidence and an assumption, {} on evidence alone.\n",
            percent(grounds.assumed),
            percent(grounds.both),
            percent(grounds.evidence),
        ));
    }
    out.push_str(match open {
        Some(_) => "  Shares belong to this model at these values.\n",
        None => {
            "  Shares belong to this model at these values; without a posterior nothing is known of how far \
             the data\n  at hand fix them.\n"
        }
    });
    out
}
