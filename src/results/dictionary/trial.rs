//! The tables of trials.

use super::{LOWER, TableEntry, UPPER, column};

/// Answers.
pub(super) const TRIAL: TableEntry = TableEntry {
    name: "trial",
    commands: "`trial`",
    row: "one design, group size, treatment and quantity",
    columns: &[
        column("design", "", "Name of the design"),
        column(
            "group_size",
            "",
            "Animals per group; empty for what is of no size",
        ),
        column(
            "treatment",
            "",
            "`model`: as the scenario says; `null`: nothing is done",
        ),
        column(
            "quantity",
            "",
            "What was asked: power, exaggeration, wrong signs and so on; `mean_effect` and `apparent_effect` are in the unit of `designs`, those that end in `_d` in days",
        ),
        column(
            "value",
            "of the row",
            "Its value; empty where it cannot be given",
        ),
        LOWER,
        UPPER,
        column("arm", "", "The treated arm"),
        column("reference", "", "The control arm"),
    ],
    others: "",
};

/// What designs compare.
pub(super) const DESIGNS: TableEntry = TableEntry {
    name: "designs",
    commands: "`trial` where a design says who enters, when visits are or what is compared",
    row: "one design",
    columns: &[
        column("design", "", "Its name"),
        column(
            "endpoint",
            "",
            "`survival`, `slope`, `joint-rank` or `ratio`",
        ),
        column(
            "observable",
            "",
            "What is measured at visits; empty for survival",
        ),
        column(
            "unit",
            "",
            "Unit of its effects: days of life, slope per day, or 1 for the net benefit and for the logarithm of a ratio",
        ),
        column(
            "treated_per_control",
            "",
            "Treated animals for each control",
        ),
        column(
            "asked",
            "",
            "Animals of the pool; empty for designs that see whole lives",
        ),
        column("entered", "", "Of which enter"),
        column(
            "never_there",
            "",
            "Of which never come to what entry follows",
        ),
        column("ended", "", "Of which end before entry"),
        column("outside", "", "Of which are outside of a window"),
        column(
            "true_effect",
            "of the row",
            "Effect among those who enter, without errors, gaps and dropout",
        ),
    ],
    others: "",
};

/// Every experiment.
pub(super) const EXPERIMENTS: TableEntry = TableEntry {
    name: "experiments",
    commands: "`trial`",
    row: "one repeated experiment",
    columns: &[
        column("design", "", "Name of the design"),
        column("group_size", "", "Animals per group"),
        column("treatment", "", "`model` or `null`"),
        column("replicate", "", "Number of the experiment, from 1"),
        column(
            "effect_d",
            "d",
            "Apparent effect on life; empty for other endpoints",
        ),
        column(
            "log_rank_p",
            "1",
            "p of the log-rank test; empty where there was nothing to test",
        ),
        column(
            "log_rank_by_litter_p",
            "1",
            "p of the test stratified by litter",
        ),
        column(
            "effect",
            "that of `designs`",
            "Apparent effect on the design's endpoint; there where a design has another one than survival",
        ),
        column(
            "p",
            "1",
            "p of the design's test; empty where it could not be made",
        ),
    ],
    others: "",
};

/// The pool.
pub(super) const POOL: TableEntry = TableEntry {
    name: "pool",
    commands: "`trial`",
    row: "one animal of the pool that experiments are drawn from",
    columns: &[
        column("litter", "", "Number of its litter"),
        column("sex", "", "`female` or `male`"),
        column(
            "low_copy",
            "",
            "1 if it has lost copies of the transgene, else 0",
        ),
        column("control_d", "d", "Age at its end in the control arm"),
        column("control_event", "", "`end` or `censored`"),
        column("treated_d", "d", "Age at its end in the treated arm"),
        column("treated_event", "", "`end` or `censored`"),
    ],
    others: "",
};
