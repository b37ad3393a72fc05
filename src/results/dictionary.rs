//! The data dictionary: every table of the results with its columns, units and meanings.
//!
//! `docs/outputs.md` is made from it (`gutbrain schema --outputs`), and a test runs the commands and
//! refuses a column that is not in it. Tables whose columns depend on the question (the variables of the
//! model, the factors of a sweep) say what the others are.

mod trial;

use std::fmt::Write as _;

use gutbrain_network::declaration::{Endpoint, Family};

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnEntry {
    /// Its name.
    pub name: &'static str,
    /// Its unit; empty where there is none, `of the row` where another column names it.
    pub unit: &'static str,
    /// What a value means, and what an empty cell does.
    pub meaning: &'static str,
}

/// A table of the results.
#[derive(Debug, Clone, Copy)]
pub struct TableEntry {
    /// Its name, without the ending of the file.
    pub name: &'static str,
    /// The commands that write it.
    pub commands: &'static str,
    /// What one row is.
    pub row: &'static str,
    /// The columns that are always there, or may be.
    pub columns: &'static [ColumnEntry],
    /// What the columns are that have no entry; empty if there are none.
    pub others: &'static str,
}

impl TableEntry {
    /// The entry of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ColumnEntry> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The endpoint whose age a column without an entry is: `weight loss` of `weight_loss_d`.
    fn endpoint(&self, name: &str) -> Option<String> {
        let word = name.strip_suffix("_d").filter(|_| self.name == ENDPOINTS)?;
        Some(word.replace('_', " "))
    }

    /// What a value of a column means; of the ages at the endpoints of a family as well.
    #[must_use]
    pub fn meaning(&self, name: &str) -> Option<String> {
        let declared = self.column(name).map(|column| column.meaning.to_owned());
        declared.or_else(|| {
            let endpoint = self.endpoint(name)?;
            Some(format!("Age at {endpoint}; empty if it was not reached"))
        })
    }

    /// The unit of a column, empty where there is none; of the ages at the endpoints of a family as well.
    #[must_use]
    pub fn unit(&self, name: &str) -> &'static str {
        match self.column(name) {
            Some(column) => column.unit,
            None if self.endpoint(name).is_some() => "d",
            None => "",
        }
    }
}

const fn column(name: &'static str, unit: &'static str, meaning: &'static str) -> ColumnEntry {
    ColumnEntry {
        name,
        unit,
        meaning,
    }
}

const ARM: ColumnEntry = column("arm", "", "Name of the arm");
const SUBJECT: ColumnEntry = column(
    "subject",
    "",
    "Number of the animal, from 1; the same number is the same animal in every arm of twins",
);
const TIME: ColumnEntry = column("time_d", "d", "Age in days from birth");
const STATUS: ColumnEntry = column(
    "status",
    "",
    "`ok`, or `failed`: a failed life has no numbers",
);
const REASON: ColumnEntry = column("reason", "", "Why it failed; empty otherwise");
const LOWER: ColumnEntry = column(
    "lower",
    "of the row",
    "Lower end of the 95 % interval; empty where none can be given",
);
const UPPER: ColumnEntry = column(
    "upper",
    "of the row",
    "Upper end of the 95 % interval; empty where none can be given",
);

/// The table with the ages at the endpoints of the family of the model.
const ENDPOINTS: &str = "endpoints";
/// Its first column after them.
const AFTER_ENDPOINTS: &str = "last_d";

/// The columns of Kaplan–Meier steps.
const SURVIVAL_STEPS: &[ColumnEntry] = &[
    ARM,
    TIME,
    column("at_risk", "", "Animals alive and followed just before"),
    column("events", "", "Ends at this age"),
    column("censored", "", "Animals lost from sight at this age"),
    column("survival", "1", "Share that survives beyond this age"),
    column("lower", "1", "Lower end of its 95 % band (log-log)"),
    column("upper", "1", "Upper end of its 95 % band (log-log)"),
];

/// Every table, in the order of the page.
pub const TABLES: &[TableEntry] = &[
    TableEntry {
        name: "trajectories",
        commands: "`run`",
        row: "one arm, animal and age; none after death, none of a failed life",
        columns: &[ARM, SUBJECT, TIME],
        others: "a species or observable of the model, in the unit that `units.csv` gives",
    },
    TableEntry {
        name: "between",
        commands: "`run`, where curves do more between the output ages than at them",
        row: "one interval of the output of one curve that leaves the values at its ends somewhere",
        columns: &[
            ARM,
            SUBJECT,
            column("variable", "", "The species or observable"),
            column("unit", "", "Its unit"),
            column(
                "from_d",
                "d",
                "Age at the begin of the interval, in days from birth",
            ),
            column("to_d", "d", "Age at its end"),
            column(
                "minimum",
                "of the row",
                "Smallest value between them, ends included",
            ),
            column(
                "maximum",
                "of the row",
                "Largest value between them, ends included",
            ),
        ],
        others: "",
    },
    TableEntry {
        name: "units",
        commands: "`run`, `sweep`",
        row: "one column of the large table beside it that has a unit",
        columns: &[
            column("variable", "", "Name of the column"),
            column("unit", "", "Its unit"),
        ],
        others: "",
    },
    TableEntry {
        name: ENDPOINTS,
        commands: "`run`",
        row: "one arm and animal",
        columns: &[
            ARM,
            SUBJECT,
            column(
                "sex",
                "",
                "`female` or `male`; empty for the one animal that stands for both",
            ),
            column(
                "last_d",
                "d",
                "Age up to which the animal was followed; empty for a failed life",
            ),
            column(
                "event",
                "",
                "How the following ended: an endpoint, `other-death`, `censored`, or `failed`",
            ),
            STATUS,
            REASON,
        ],
        others: "",
    },
    TableEntry {
        name: "subjects",
        commands: "`run` of a cohort",
        row: "one arm and animal",
        columns: &[
            ARM,
            SUBJECT,
            column("sex", "", "`female` or `male`"),
            column("litter", "", "Number of its litter"),
            column("copies", "1", "Copies of the transgene; empty without one"),
            column(
                "vector",
                "",
                "Number of its vector of the posterior; only with one",
            ),
        ],
        others: "a parameter that was drawn for the animal, in its unit",
    },
    TableEntry {
        name: "data",
        commands: "`run`, with `[[data]]`",
        row: "one measured value of a laboratory's own data",
        columns: &[
            column("file", "", "Its file, as the scenario writes it"),
            column(
                "line",
                "",
                "Its line in that file, from 1; of a Parquet file its row and one",
            ),
            ARM,
            TIME,
            column("variable", "", "Id of the observable or species"),
            column("unit", "", "Unit of the row"),
            column(
                "value",
                "of the row",
                "What was measured; of a count, that of one field",
            ),
            column(
                "spread_kind",
                "",
                "What the spread is: `sd`, `sem`, `ci95` (half the interval), `assay`; empty without one",
            ),
            column(
                "spread",
                "of the row",
                "Spread of the value; empty if it is not known",
            ),
            column(
                "n",
                "",
                "Animals behind the value; empty if the file does not say",
            ),
            column(
                "simulated",
                "of the row",
                "Solution of the equations at that very age; of a cohort the mean of the animals alive, at most 2000; \
                 empty after death",
            ),
            column(
                "residual_sd",
                "1",
                "Simulated less measured, in the SD of the data (of logarithms where values scatter by factors)",
            ),
            column(
                "animals",
                "",
                "Of a cohort: simulated animals alive at that age",
            ),
            column(
                "p",
                "1",
                "Of a cohort: two-sided probability of a value as far out among the simulated animals, with the \
                 noise of the assay, or of a mean of n among means of n",
            ),
        ],
        others: "",
    },
    TableEntry {
        name: "data-survival",
        commands: "`run`, with `[[data]]`",
        row: "one step of the Kaplan–Meier curve of a laboratory's own animals in an arm",
        columns: SURVIVAL_STEPS,
        others: "",
    },
    TableEntry {
        name: "survival",
        commands: "`run` of a cohort",
        row: "one arm and step of its Kaplan–Meier curve",
        columns: SURVIVAL_STEPS,
        others: "",
    },
    TableEntry {
        name: "bands",
        commands: "`run` of a cohort",
        row: "one arm, age and variable",
        columns: &[
            ARM,
            TIME,
            column("variable", "", "Species or observable"),
            column("unit", "", "Its unit"),
            column("n", "", "Animals alive at this age"),
            column("median", "of the row", "Median over these animals"),
            column("q05", "of the row", "5 % quantile"),
            column("q10", "of the row", "10 % quantile"),
            column("q25", "of the row", "25 % quantile"),
            column("q75", "of the row", "75 % quantile"),
            column("q90", "of the row", "90 % quantile"),
            column("q95", "of the row", "95 % quantile"),
        ],
        others: "",
    },
    TableEntry {
        name: "visits",
        commands: "`run` of a cohort with visits",
        row: "one arm, animal, visit and measured variable",
        columns: &[
            ARM,
            SUBJECT,
            TIME,
            column("variable", "", "What was measured"),
            column("unit", "", "Its unit"),
            column(
                "value",
                "of the row",
                "What the assay shows: the variable with the assay's noise",
            ),
        ],
        others: "",
    },
    TableEntry {
        name: "uncertainty",
        commands: "`run` of a cohort with a posterior",
        row: "one arm, quantity and source of uncertainty",
        columns: &[
            ARM,
            column(
                "against",
                "",
                "The arm that it is compared with; empty for the arm's own number",
            ),
            column("quantity", "", "`onset_d` or `survival_d`"),
            column("source", "", "`parameters`, `animals` or `both`"),
            column(
                "preset",
                "d",
                "Of a typical animal with the parameters of the preset",
            ),
            column("q05", "d", "5 % quantile"),
            column("median", "d", "Median"),
            column("q95", "d", "95 % quantile"),
            column("n", "", "Values that there are"),
            column(
                "missing",
                "",
                "Animals or vectors that do not reach the endpoint",
            ),
        ],
        others: "",
    },
    trial::TRIAL,
    trial::DESIGNS,
    trial::EXPERIMENTS,
    trial::POOL,
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
        name: "points",
        commands: "`sensitivity`",
        row: "one point of the sample",
        columns: &[
            column("point", "", "Number of the point, from 1"),
            STATUS,
            REASON,
        ],
        others: "an input, or an output that was asked for",
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
    TableEntry {
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
    },
];

/// The entry of a table.
#[must_use]
pub fn table(name: &str) -> Option<&'static TableEntry> {
    TABLES.iter().find(|table| table.name == name)
}

/// The page of the documentation.
#[must_use]
pub fn outputs_page(family: &Family) -> String {
    let mut page = "# What a run leaves\n\n\
        This page is generated: `gutbrain schema --outputs > docs/outputs.md`.\n\n\
        A folder of results holds `manifest.json` (what was run with which model, program and seed, and the \
        hash of every file), `scenario.toml` (the scenario with everything that it extends; running it \
        again gives the same bytes), `summary.json`, `figures/` (each as SVG and PNG with the numbers \
        behind it as CSV), and these tables. Large tables are Parquet with the units in the file's metadata, \
        or CSV with `--format csv`; small ones are always CSV.\n\n\
        Ages are days from birth. An empty cell is a number that there is not, never a zero. A failed life \
        has a row, a status and a reason, and no numbers.\n"
        .to_owned();
    for table in TABLES {
        // Writing to a string never fails.
        let _ = write!(
            page,
            "\n## {}\n\nWritten by {}. One row is {}.\n\n| column | unit | meaning |\n|---|---|---|\n",
            table.name, table.commands, table.row
        );
        for column in table.columns {
            if (table.name, column.name) == (ENDPOINTS, AFTER_ENDPOINTS) {
                for endpoint in family.endpoints.iter().map(Endpoint::column) {
                    let meaning = table.meaning(&endpoint).unwrap_or_default();
                    let _ = writeln!(
                        page,
                        "| `{endpoint}` | {} | {meaning} |",
                        table.unit(&endpoint)
                    );
                }
            }
            let _ = writeln!(
                page,
                "| `{}` | {} | {} |",
                column.name, column.unit, column.meaning
            );
        }
        if !table.others.is_empty() {
            let _ = writeln!(page, "| every other | | {} |", table.others);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_told_apart() {
        let tables: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
        assert_eq!(tables.len(), TABLES.len());
        for table in TABLES {
            let columns: BTreeSet<&str> = table.columns.iter().map(|it| it.name).collect();
            assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
        }
    }
}
