//! Tables of fits, profiles, refits and posteriors.

use super::{ARM, TableEntry, column};

pub(super) const TARGETS: TableEntry = TableEntry {
    name: "targets",
    commands: "`calibrate`",
    row: "one target of the fit; with `--posterior`, its posterior",
    columns: &[
        column("target", "", "Its name"),
        ARM,
        column("feature", "", "What is compared"),
        column("evidence", "", "The rows of evidence behind it"),
        column("wanted", "", "The value that is wanted, with its spread"),
        column(
            "before",
            "of the feature",
            "The value before the fit; empty if there was none",
        ),
        column("residual_before", "SD", "Its distance from what is wanted"),
        column("after", "of the feature", "The value after the fit"),
        column("residual_after", "SD", "Its distance from what is wanted"),
        column("note", "", "What else must be said"),
    ],
    others: "with `--posterior`: mean, sd, q05, median, q95, r_hat and effective draws of its posterior",
};

pub(super) const PARAMETERS: TableEntry = TableEntry {
    name: "parameters",
    commands: "`calibrate`",
    row: "one fitted parameter; with `--posterior`, its posterior",
    columns: &[
        column("parameter", "", "Its name"),
        column("before", "of the parameter", "The value before the fit"),
        column("after", "of the parameter", "The value after the fit"),
        column("position", "1", "Where that is in its range, from 0 to 1"),
        column("at_bound", "", "`yes` at an end of its range"),
        column(
            "prior_residual",
            "SD",
            "Its distance from the centre of its prior",
        ),
    ],
    others: "with `--posterior`: mean, sd, q05, median, q95, r_hat, effective draws and the spread over \
             that of the prior",
};

pub(super) const STARTS: TableEntry = TableEntry {
    name: "starts",
    commands: "`calibrate`",
    row: "one start of the fit",
    columns: &[
        column(
            "start",
            "",
            "Its number; 1 begins at the values of the model",
        ),
        column(
            "objective",
            "1",
            "The objective where it ended; empty if it never had one",
        ),
        column("evaluations", "", "Evaluations of the model"),
        column("failures", "", "Evaluations that failed"),
        column("ended", "", "How it ended"),
    ],
    others: "",
};

pub(super) const PROFILES: TableEntry = TableEntry {
    name: "profiles",
    commands: "`calibrate --profile`",
    row: "one place of the profile of a parameter",
    columns: &[
        column("parameter", "", "Its name"),
        column("value", "of the parameter", "The value that is held"),
        column("position", "1", "Where that is in its range, from 0 to 1"),
        column(
            "objective",
            "1",
            "The lowest objective of the other parameters",
        ),
        column("targets", "1", "Its part of the targets"),
        column("priors", "1", "Its part of the priors"),
        column("ended", "", "`converged`, `no minimum` or `no value`"),
    ],
    others: "",
};

pub(super) const REFITS: TableEntry = TableEntry {
    name: "refits",
    commands: "`calibrate --refits`",
    row: "one fitted parameter of one refit",
    columns: &[
        column("refit", "", "Name of the refit"),
        column(
            "objective",
            "1",
            "The objective of the rows that it has seen; empty if nothing was fitted",
        ),
        column("ended", "", "What its end is"),
        column("parameter", "", "Name of the parameter"),
        column("value", "of the parameter", "Its fitted value"),
    ],
    others: "",
};

pub(super) const REFIT_ANSWERS: TableEntry = TableEntry {
    name: "refit-answers",
    commands: "`calibrate --refits`",
    row: "one target or question of one refit",
    columns: &[
        column("refit", "", "Name of the refit"),
        column("question", "", "Name of the target, or of the question"),
        column(
            "before",
            "of the row",
            "What the values as they stand say; empty if it is not reached",
        ),
        column(
            "after",
            "of the row",
            "What the fit to the other rows says; empty if it is not reached",
        ),
    ],
    others: "",
};

pub(super) const INTERVALS: TableEntry = TableEntry {
    name: "intervals",
    commands: "`calibrate --profile`",
    row: "one part of a parameter's 95 % set by profile",
    columns: &[
        column("parameter", "", "Its name"),
        column("value", "of the parameter", "The value at the lowest place"),
        column("low", "of the parameter", "Lower end of the part"),
        column("high", "of the parameter", "Upper end of the part"),
        column(
            "low_end",
            "",
            "`open` if the end of the range was reached first",
        ),
        column(
            "high_end",
            "",
            "`open` if the end of the range was reached first",
        ),
        column(
            "change_of_targets",
            "1",
            "How much the part of the targets changes over the range",
        ),
    ],
    others: "",
};
