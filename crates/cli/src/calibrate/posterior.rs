//! `gutbrain calibrate FILE --posterior` and `--renew`: what the evidence leaves open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::Ending;
use super::super::failure::Failure;
use super::super::layout::{Align, columns, short, where_written};
use super::super::meter::Meter;
use super::super::terminal::{Terminal, Tone};
use super::{Options, Prepared, checkpoint, draw, gone_on_from, kept_aside, put};
use gutbrain::analysis::calibrate::Setting;
use gutbrain::analysis::calibrate::chunk::Chunk;
use gutbrain::analysis::calibrate::ensemble::{
    Sampled, Summary, posteriors, renew as renewed, summarise, thin,
};
use gutbrain::analysis::calibrate::sampler::{Record, Sampler, State};
use gutbrain::posterior::Posterior;
use gutbrain::results::calibration;
use gutbrain_store::{overwrite_file, remove_checkpoints, sha256};
use gutbrain_table::{Column, Table};

/// Largest R-hat of chains that have mixed.
const WELL_MIXED: f64 = 1.05;
/// What is said of others.
const UNMIXED: &str = "R-hat above 1.05, the chains have not mixed well";

/// Steps between two states on the disk, at least.
const STRETCH: usize = 100;

/// Samples, reports, and on request writes the ensemble into the model folder.
pub(super) fn sample(
    options: &Options,
    prepared: &Prepared,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let setting = prepared.setting()?;
    let plan = prepared.calibration.sampling;
    let target = options.target("-posterior");
    let mut written = options.begin(&target, "calibrate --posterior", terminal)?;
    let records = prepared
        .pool
        .install(|| chains(options, prepared, &setting, &target, terminal))?;
    let (records, sampler) = records;
    let sampled = summarise(&setting, &plan, &records, sampler.state.tally)
        .ok_or_else(|| Failure::Usage("no state was recorded after the warm-up".to_owned()))?;
    let kept = thin(&sampled, prepared.calibration.vectors);
    let files = posteriors(
        &setting,
        &prepared.model,
        &sha256(prepared.source.text.as_bytes()),
        &kept,
        &remarks(prepared, &sampled, kept.len()),
    );
    let mut count = 2;
    for table in [
        diagnostics("parameters", &sampled.parameters, Some(&sampled.spread)),
        diagnostics("targets", &sampled.targets, None),
    ] {
        written.add(&format!("{}.csv", table.name), table.to_csv()?.as_bytes())?;
        count += 1;
    }
    let figures = [calibration::traces(&sampled), calibration::pairs(&sampled)];
    count += draw(figures, &mut written, terminal)?;
    for file in &files {
        let name = format!("posterior/{}.csv", file.preset);
        written.add(&name, file.to_text().as_bytes())?;
        count += 1;
    }
    written.add("calibration.toml", prepared.source.text.as_bytes())?;
    let tally = sampled.tally;
    written.finish(|manifest| prepared.describe(manifest, tally.proposed, tally.failed))?;
    remove_checkpoints(&kept_aside(&target, "chains"));
    terminal.print_summary(&layout(&sampled, terminal))?;
    terminal.print_summary(&where_written(&target, count, terminal))?;
    apply(options, &files, terminal)?;
    Ok(Ending::Done)
}

/// Weighs the model's ensemble again.
pub(super) fn renew(
    options: &Options,
    prepared: &Prepared,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let setting = prepared.setting()?;
    let mut old = BTreeMap::new();
    for source in &prepared.model.posteriors {
        let posterior = Posterior::read(source)?;
        old.insert(posterior.preset.clone(), posterior);
    }
    let vectors = old.values().next().map_or(0, |it| it.vectors.len());
    terminal.remark(&format!("weighing {vectors} vectors again"));
    let (kept, effective) = prepared
        .pool
        .install(|| renewed(&setting, &prepared.model.declaration, &old))
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let remarks = old.values().next().map(|it| it.remarks.clone());
    // The first remark names the subject and is written anew; so is that of an earlier renewal.
    let mut remarks: Vec<String> = remarks.unwrap_or_default().into_iter().skip(1).collect();
    remarks.retain(|remark| !remark.starts_with(RENEWED));
    let word = format!(
        "{RENEWED}: weighed again for a later state of the model; effective number of vectors {effective:.0} of {}",
        kept.len()
    );
    remarks.push(word.clone());
    let files = posteriors(
        &setting,
        &prepared.model,
        &sha256(prepared.source.text.as_bytes()),
        &kept,
        &remarks,
    );
    terminal.print_summary(&format!("  {word}\n"))?;
    apply(options, &files, terminal)?;
    Ok(Ending::Done)
}

/// First words of the remark of a renewal.
const RENEWED: &str = "Renewed";

fn apply(options: &Options, files: &[Posterior], terminal: &Terminal) -> Result<(), Failure> {
    if let (true, Some(folder)) = (options.apply, &options.model.model) {
        let file = |file: &Posterior| {
            let name = format!("{}.csv", file.preset);
            (
                folder.join("posterior").join(name),
                file.to_text().into_bytes(),
            )
        };
        let files: Vec<(PathBuf, Vec<u8>)> = files.iter().map(file).collect();
        put(folder, &files, terminal)?;
    }
    Ok(())
}

/// Runs the chains, or the rest of them.
fn chains(
    options: &Options,
    prepared: &Prepared,
    setting: &Setting<'_>,
    target: &Path,
    terminal: &Terminal,
) -> Result<(Vec<Record>, Sampler), Failure> {
    let plan = prepared.calibration.sampling;
    let seal = prepared.seal("chains");
    let usage = |error: gutbrain::analysis::calibrate::posterior::PosteriorError| {
        Failure::Usage(error.to_string())
    };
    let mut sampler = setting.chains(plan).map_err(usage)?;
    let mut records = Vec::new();
    let mut stretch = 0;
    let kept = kept_aside(target, "chains");
    if options.resume {
        let mut last: Option<State> = None;
        let targets = prepared.calibration.targets.len();
        // Every stretch goes on from the one before it.
        let follows = |chunk: &Chunk, last: &Option<State>| {
            let before = last.as_ref().map_or(0, |state| state.step);
            chunk.state.step > before
                && chunk.state.places.len() == plan.chains
                && chunk.records.first().is_none_or(|it| it.step > before)
        };
        while let Some(chunk) = gone_on_from(
            &checkpoint(&kept, stretch + 1),
            &seal,
            stretch + 1,
            |text| Chunk::read(text, targets).filter(|chunk| follows(chunk, &last)),
            terminal,
        ) {
            records.extend(chunk.records);
            last = Some(chunk.state);
            stretch += 1;
        }
        if let Some(state) = last {
            terminal.progress(&format!("going on after step {}", state.step));
            sampler = sampler.resumed(&records, state);
        }
    }
    let lives = (setting.lives() * plan.chains) as u64;
    let left = plan.total().saturating_sub(sampler.state.step) as u64;
    let mut meter = Meter::new(terminal, "lives", left * lives);
    // Chains go on from a record only.
    let length = STRETCH.next_multiple_of(plan.every);
    while sampler.state.step < plan.total() {
        let mut fresh = Vec::new();
        let end = plan.total().min((stretch + 1) * length);
        while sampler.state.step < end {
            let before = sampler.state.tally.failed;
            fresh.extend(sampler.step(setting));
            let failed = sampler.state.tally.failed.saturating_sub(before);
            meter.add(lives, failed as u64);
        }
        let chunk = Chunk {
            records: fresh,
            state: sampler.state.clone(),
        };
        let bytes = seal.close(&(stretch + 1).to_string(), chunk.to_text().as_bytes());
        overwrite_file(&checkpoint(&kept, stretch + 1), &bytes)?;
        records.extend(chunk.records);
        stretch += 1;
    }
    meter.finish();
    Ok((records, sampler))
}

/// The comments of the files.
fn remarks(prepared: &Prepared, sampled: &Sampled, vectors: usize) -> Vec<String> {
    let plan = prepared.calibration.sampling;
    let (hat, bulk, tails) = sampled.worst();
    let share = |part: usize| 100.0 * part as f64 / sampled.tally.proposed.max(1) as f64;
    let mut remarks = vec![
        format!(
            "{} chains, {} steps each after a warm-up of {}, seed {}; accepted {:.0} % of the proposals, \
             {:.2} % could not be evaluated.",
            plan.chains,
            plan.steps,
            plan.warm_up(),
            plan.seed,
            share(sampled.tally.accepted),
            share(sampled.tally.failed)
        ),
        format!(
            "Worst of {} parameters: R-hat {hat:.3} (rank-normalised, split), effective draws {bulk:.0} \
             (centre), {tails:.0} (tails). {vectors} vectors are kept, evenly spaced.",
            sampled.parameters.len()
        ),
        "Parameters that are not here hold their values: their uncertainty is not in these vectors."
            .to_owned(),
    ];
    if hat > WELL_MIXED {
        remarks.push(format!(
            "{UNMIXED}: intervals are rough, and tails rougher."
        ));
    }
    remarks
}

fn diagnostics(name: &str, lines: &[Summary], spread: Option<&[f64]>) -> Table {
    let column = |name: &str, of: &dyn Fn(&Summary) -> Option<f64>| {
        Column::optional_numbers(name, "", lines.iter().map(of).collect())
    };
    let mut all = vec![
        Column::text(
            name.trim_end_matches('s'),
            lines.iter().map(|line| line.name.clone()).collect(),
        ),
        column("mean", &|line| Some(line.mean)),
        column("sd", &|line| Some(line.sd)),
        column("q05", &|line| Some(line.quantiles[0])),
        column("median", &|line| Some(line.quantiles[1])),
        column("q95", &|line| Some(line.quantiles[2])),
        column("r_hat", &|line| line.r_hat),
        column("effective_draws", &|line| line.effective.map(|it| it.0)),
        column("effective_draws_of_tails", &|line| {
            line.effective.map(|it| it.1)
        }),
    ];
    if let Some(spread) = spread {
        all.push(Column::numbers("spread_over_prior", "", spread.to_vec()));
    }
    Table::new(name, all)
}

fn layout(sampled: &Sampled, terminal: &Terminal) -> String {
    use Align::{Left, Right};
    let mut out = String::new();
    for (title, lines) in [
        ("Targets", &sampled.targets),
        ("Parameters", &sampled.parameters),
    ] {
        let words = ["", "5 %", "median", "95 %", "R-hat", "effective"];
        let mut rows = vec![words.map(str::to_owned).to_vec()];
        for line in lines {
            rows.push(vec![
                line.name.clone(),
                short(line.quantiles[0]),
                short(line.quantiles[1]),
                short(line.quantiles[2]),
                line.r_hat.map_or_else(String::new, |it| format!("{it:.3}")),
                line.effective
                    .map_or_else(String::new, |it| format!("{:.0}", it.0)),
            ]);
        }
        out.push_str(&format!("\n{}\n", terminal.tone(Tone::Strong, title)));
        out.push_str(&columns(
            &rows,
            &[Left, Right, Right, Right, Right, Right],
            terminal,
        ));
    }
    let (hat, bulk, tails) = sampled.worst();
    let tally = sampled.tally;
    out.push_str(&format!(
        "\n  {} of {} proposals accepted, {} could not be evaluated\n  worst R-hat {hat:.3}, fewest \
         effective draws {bulk:.0}, of tails {tails:.0}\n",
        tally.accepted, tally.proposed, tally.failed
    ));
    if hat > WELL_MIXED {
        out.push_str(&format!("  {UNMIXED}: sample longer\n"));
    }
    out
}
