//! The keys of trials, in the order in which files are written.

use super::table::{key, required};
use super::{Key, Kind};

/// `[trial]` and its designs.
pub(super) const TRIAL_KEYS: &[Key] = &[
    key(
        "trial",
        Kind::Table,
        "as below",
        "Design of `gutbrain trial`: the whole experiment many times, with the two arms of the scenario, control and treatment; of `[cohort]`, `sex`, `parameters` and `other_deaths` hold for its animals.",
    ),
    key(
        "trial.replicates",
        Kind::Whole,
        "2000",
        "How many times every experiment is repeated.",
    ),
    key(
        "trial.group_sizes",
        Kind::Wholes,
        "[5, 10, 20, 24, 40]",
        "Animals per arm; of the control arm where a design allots more than one treated to each control.",
    ),
    key(
        "trial.endpoint",
        Kind::Survival,
        "that of `[cohort]`, or the first one that the model declares",
        "What counts as the end of survival.",
    ),
    key(
        "trial.difference",
        Kind::Duration,
        "\"38 d\", \"3 month\" for people",
        "Apparent difference of restricted mean survival whose frequency is reported.",
    ),
    key(
        "trial.significance",
        Kind::Number,
        "0.05",
        "Two-sided level of the log-rank test.",
    ),
    key(
        "trial.power",
        Kind::Number,
        "0.8",
        "Power for which the group size is sought.",
    ),
    key(
        "trial.pool",
        Kind::Whole,
        "2000",
        "Animals simulated in both arms, from which the replicates draw.",
    ),
    key(
        "trial.designs",
        Kind::Tables,
        "`guideline` (all precautions), `balanced` (all but litter matching) and `naive` (none); of a family without litters, `randomised`",
        "Ways to run the experiment.",
    ),
    required(
        "trial.designs.name",
        Kind::Text,
        "Name of the design, unique.",
    ),
    key(
        "trial.designs.litter_matched",
        Kind::Truth,
        "true; of a family without litters, false",
        "Litter mates are split over the arms.",
    ),
    key(
        "trial.designs.whole_litters",
        Kind::Truth,
        "false",
        "Where litters are not matched: whole litters go to one arm, as cages do; otherwise animals are drawn one by one.",
    ),
    key(
        "trial.designs.sex_balanced",
        Kind::Truth,
        "true; of a family without litters, false",
        "As many females as males in every arm; otherwise by chance.",
    ),
    key(
        "trial.designs.exclude_low_copy",
        Kind::Truth,
        "true",
        "Animals that lost copies of the transgene are found by genotyping and left out.",
    ),
    key(
        "trial.designs.blinded_endpoint",
        Kind::Truth,
        "true",
        "Whoever decides on the end does not know the arm.",
    ),
    key(
        "trial.designs.allocation",
        Kind::Words(&["1:1", "2:1", "3:1"]),
        "\"1:1\"",
        "Treated animals for each control; a group size is that of the control arm.",
    ),
    key(
        "trial.designs.visits",
        Kind::Ages,
        "none",
        "Times after entry at which every animal that is alive is measured; ages where nothing is said of entry.",
    ),
    key(
        "trial.designs.missing",
        Kind::Number,
        "0",
        "Share of visits that are missed by chance; the first one never is.",
    ),
    key(
        "trial.designs.dropout",
        Kind::Quantity,
        "0",
        "Hazard of leaving the trial, such as `\"0.001 1/day\"`: for no reason of the disease, unless `leaving` says otherwise.",
    ),
    key(
        "trial.designs.leaving",
        Kind::Table,
        "leaving does not depend on the course",
        "How the hazard of leaving follows what is measured: that of `dropout` at a usual value, doubled with every change from there.",
    ),
    required(
        "trial.designs.leaving.usual",
        Kind::Quantity,
        "The value at which the hazard is that of `dropout`, in the unit of what is measured.",
    ),
    required(
        "trial.designs.leaving.doubles",
        Kind::Quantity,
        "The change with which the hazard doubles; below zero where those who have less leave more.",
    ),
    key(
        "trial.designs.leaving.by",
        Kind::Words(&["seen", "unseen"]),
        "\"seen\"",
        "`seen`: what was measured at the last visit; `unseen`: the true value at the visit to come, which biases what is found.",
    ),
    key(
        "trial.designs.entry",
        Kind::Table,
        "every animal, from birth",
        "Who enters and when, judged by the life without the treatment: a treatment should not begin before entry.",
    ),
    key(
        "trial.designs.entry.at",
        Kind::Moment,
        "\"birth\"",
        "When an animal is asked whether it enters; visits are counted from there, or from the end of a run-in.",
    ),
    key(
        "trial.designs.entry.windows",
        Kind::Tables,
        "none",
        "What must hold at that time, all of it.",
    ),
    required(
        "trial.designs.entry.windows.of",
        Kind::Text,
        "An observable or species, `age`, the time since an event: `time since onset`, or the loss since an event for its time: `fall of NAME since onset`.",
    ),
    key(
        "trial.designs.entry.windows.from",
        Kind::Quantity,
        "no bound",
        "The lowest value that enters, with the unit of what is asked.",
    ),
    key(
        "trial.designs.entry.windows.to",
        Kind::Quantity,
        "no bound",
        "The highest value that enters; a window has one bound at least.",
    ),
    key(
        "trial.designs.entry.run_in",
        Kind::Duration,
        "none",
        "How long animals are followed before the arms are made; a treatment should not begin before its end.",
    ),
    key(
        "trial.designs.entry.changes",
        Kind::Tables,
        "none",
        "By how much values may have changed over the run-in, all of it; what the endpoint measures is read with its error at both ends.",
    ),
    required(
        "trial.designs.entry.changes.of",
        Kind::Text,
        "An observable or species.",
    ),
    key(
        "trial.designs.entry.changes.from",
        Kind::Quantity,
        "no bound",
        "The lowest change that goes on: `-4` where up to four points may be lost.",
    ),
    key(
        "trial.designs.entry.changes.to",
        Kind::Quantity,
        "no bound",
        "The highest change that goes on.",
    ),
    key(
        "trial.designs.entry.strata",
        Kind::Tables,
        "none",
        "What the arms are made alike in: each parts the animals in two, and survival is tested within the parts, other endpoints as without. Animals must be drawn one by one.",
    ),
    required(
        "trial.designs.entry.strata.of",
        Kind::Text,
        "As of a window.",
    ),
    required(
        "trial.designs.entry.strata.at",
        Kind::Quantity,
        "From this value on animals are in the upper part.",
    ),
    key(
        "trial.designs.endpoint",
        Kind::Table,
        "survival",
        "What the design compares between its arms.",
    ),
    key(
        "trial.designs.endpoint.kind",
        Kind::Words(&["survival", "slope", "joint-rank", "ratio"]),
        "\"survival\"",
        "`survival`: log-rank test and restricted means; `slope`: a mixed model (REML) with random intercepts and slopes, p after Satterthwaite, arms alike at a first visit at entry and with levels of their own otherwise; `joint-rank`: survival first, then the change since the first visit; `ratio`: the last visit, on logarithms, adjusted for the first.",
    ),
    key(
        "trial.designs.endpoint.observable",
        Kind::Text,
        "nothing; all but `survival` need it",
        "The observable or species that is measured at visits; more is better.",
    ),
    key(
        "trial.designs.endpoint.error",
        Kind::Quantity,
        "the assay that the model declares; none without one",
        "Standard deviation of one measurement, in the unit of what is measured.",
    ),
    key(
        "trial.designs.endpoint.from",
        Kind::Age,
        "the first visit",
        "Visits before this time after entry are not used.",
    ),
    key(
        "trial.designs.endpoint.to",
        Kind::Age,
        "the last visit; of `survival`, the end of the scenario",
        "Visits and deaths after this time after entry are not used.",
    ),
];
