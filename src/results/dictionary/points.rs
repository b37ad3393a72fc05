//! Tables of sweeps, sensitivity studies and attributions.

use super::{ARM, LOWER, REASON, STATUS, TableEntry, UPPER, column};

pub(super) const SWEEP: TableEntry = TableEntry {
    name: "sweep",
    commands: "`sweep`, `merge`",
    row: "one point and arm",
    columns: &[
        column("point", "", "Number of the point, from 1"),
        ARM,
        column(
            "status",
            "",
            "`ok`, `failed`, or `not_run` where the scenario makes no sense",
        ),
        REASON,
        column(
            "onset_d",
            "d",
            "Age at onset; empty if it was not reached, and for cohorts",
        ),
        column(
            "last_d",
            "d",
            "Age up to which the animal was followed; empty for cohorts",
        ),
        column("event", "", "How the following ended; empty for cohorts"),
        column("subjects", "", "Animals of the cohort"),
        column("failed", "", "Animals whose life failed"),
        column(
            "events",
            "",
            "Animals that reached the endpoint of survival",
        ),
        column("other_deaths", "", "Animals that died of other reasons"),
        column("median_survival_d", "d", "Median survival"),
        column(
            "median_survival_lower_d",
            "d",
            "Lower end of its 95 % interval",
        ),
        column(
            "median_survival_upper_d",
            "d",
            "Upper end of its 95 % interval",
        ),
        column(
            "mean_survival_d",
            "d",
            "Restricted mean of survival up to the horizon",
        ),
        column(
            "horizon_d",
            "d",
            "That horizon, an age: the end of the scenario, unless the arm or the first one was lost before",
        ),
        column(
            "rmst_difference_d",
            "d",
            "Difference of restricted means to the first arm",
        ),
        column(
            "rmst_difference_lower_d",
            "d",
            "Lower end of its 95 % interval",
        ),
        column(
            "rmst_difference_upper_d",
            "d",
            "Upper end of its 95 % interval",
        ),
        column(
            "hazard_ratio",
            "1",
            "Hazard ratio to the first arm (Cox, Efron ties)",
        ),
        column("hazard_ratio_lower", "1", "Lower end of its 95 % interval"),
        column("hazard_ratio_upper", "1", "Upper end of its 95 % interval"),
        column(
            "log_rank_p",
            "1",
            "p of the log-rank test against the first arm",
        ),
    ],
    others: "a factor of the sweep, or a feature that was asked for, in the unit that `units.csv` gives; \
             an empty feature could not be read there",
};

pub(super) const SENSITIVITY: TableEntry = TableEntry {
    name: "sensitivity",
    commands: "`sensitivity`",
    row: "one output, input and index",
    columns: &[
        column("method", "", "`sobol`, `morris`, `prcc` or `local`"),
        column("output", "", "What was asked of the lives"),
        column("parameter", "", "The input, or a group of them"),
        column(
            "index",
            "",
            "Which index: S1, ST, mu_star, sigma, prcc, per_sd and so on",
        ),
        column(
            "value",
            "of the row",
            "Its value; empty where the output does not vary",
        ),
        LOWER,
        UPPER,
        column("used", "", "Cases that the index rests on"),
        column("failed", "", "Cases that were lost because a point failed"),
    ],
    others: "",
};

pub(super) const CONVERGENCE: TableEntry = TableEntry {
    name: "convergence",
    commands: "`sensitivity`",
    row: "as in `sensitivity`, for a growing part of the sample",
    columns: &[
        column("rows", "", "Size of the part"),
        column("method", "", "`sobol`, `morris` or `prcc`"),
        column("output", "", "What was asked of the lives"),
        column("parameter", "", "The input, or a group of them"),
        column("index", "", "Which index"),
        column("value", "of the row", "Its value"),
        LOWER,
        UPPER,
        column("used", "", "Cases that the index rests on"),
        column("failed", "", "Cases that were lost because a point failed"),
    ],
    others: "",
};

pub(super) const FACTORS: TableEntry = TableEntry {
    name: "factors",
    commands: "`sensitivity`",
    row: "one input that was varied",
    columns: &[
        column("parameter", "", "Its name"),
        column("unit", "", "Its unit"),
        column("prior", "", "The distribution that it was drawn from"),
        column("low", "of the row", "Lower end of its range"),
        column("high", "of the row", "Upper end of its range"),
        column("preset", "of the row", "The value of the preset"),
        column(
            "preset_outside",
            "",
            "1 if that value lies outside of the range, else 0",
        ),
        column("compartment", "", "The compartment that it belongs to"),
        column("pathway", "", "The pathway that it belongs to"),
        column(
            "rests_on",
            "",
            "What is known: the best grade of its evidence, or `assumed`",
        ),
    ],
    others: "",
};

pub(super) const POINTS: TableEntry = TableEntry {
    name: "points",
    commands: "`sensitivity`",
    row: "one point of the sample",
    columns: &[
        column("point", "", "Number of the point, from 1"),
        STATUS,
        REASON,
    ],
    others: "an input, or an output that was asked for",
};

pub(super) const ATTRIBUTION: TableEntry = TableEntry {
    name: "attribution",
    commands: "`attribute`",
    row: "one pathway, the rest, and the whole difference",
    columns: &[
        column(
            "pathway",
            "",
            "Its name; `rest` and `difference` for the last two rows",
        ),
        column(
            "shapley",
            "of the feature",
            "Its share of the difference (Shapley value)",
        ),
        column(
            "shapley_q05",
            "of the feature",
            "5 % quantile of the share over the posterior",
        ),
        column(
            "shapley_q95",
            "of the feature",
            "95 % quantile of the share over the posterior",
        ),
        column(
            "identifiable",
            "",
            "1 where the posterior says how large the share is, 0 where it does not; empty without a posterior",
        ),
        column(
            "alone",
            "of the feature",
            "The difference with this pathway alone",
        ),
        column("lost_without", "of the feature", "What is lost without it"),
        column(
            "assumed_parameters",
            "",
            "Its parameters that rest on assumptions alone",
        ),
        column("gates", "", "What is switched off to take it out"),
    ],
    others: "",
};
