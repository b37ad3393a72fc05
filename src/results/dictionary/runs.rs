//! Tables of runs and cohorts.

use super::{ARM, ENDPOINTS, REASON, STATUS, SUBJECT, SURVIVAL_STEPS, TIME, TableEntry, column};

pub(super) const TRAJECTORIES: TableEntry = TableEntry {
    name: "trajectories",
    commands: "`run`",
    row: "one arm, animal and age; none after death, none of a failed life",
    columns: &[ARM, SUBJECT, TIME],
    others: "a species or observable of the model, in the unit that `units.csv` gives",
};

pub(super) const BETWEEN: TableEntry = TableEntry {
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
};

pub(super) const UNITS: TableEntry = TableEntry {
    name: "units",
    commands: "`run`, `sweep`",
    row: "one column of the large table beside it that has a unit",
    columns: &[
        column("variable", "", "Name of the column"),
        column("unit", "", "Its unit"),
    ],
    others: "",
};

pub(super) const ENDS: TableEntry = TableEntry {
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
};

pub(super) const SUBJECTS: TableEntry = TableEntry {
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
};

pub(super) const DATA: TableEntry = TableEntry {
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
};

pub(super) const DATA_SURVIVAL: TableEntry = TableEntry {
    name: "data-survival",
    commands: "`run`, with `[[data]]`",
    row: "one step of the Kaplan–Meier curve of a laboratory's own animals in an arm",
    columns: SURVIVAL_STEPS,
    others: "",
};

pub(super) const SURVIVAL: TableEntry = TableEntry {
    name: "survival",
    commands: "`run` of a cohort",
    row: "one arm and step of its Kaplan–Meier curve",
    columns: SURVIVAL_STEPS,
    others: "",
};

pub(super) const BANDS: TableEntry = TableEntry {
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
};

pub(super) const VISITS: TableEntry = TableEntry {
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
};

pub(super) const UNCERTAINTY: TableEntry = TableEntry {
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
};
