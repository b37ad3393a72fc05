//! The keys of a laboratory's own data.

use super::table::{key, required};
use super::{Key, Kind};

/// In the order in which files are written.
pub(super) const DATA: &[Key] = &[
    key(
        "data",
        Kind::Tables,
        "none",
        "A laboratory's own data: a file that the simulation is compared with, above. Runs draw and count it; fits take it as targets.",
    ),
    required(
        "data.file",
        Kind::Text,
        "CSV or Parquet file, relative to this one; lines of a CSV file that begin with `#` are comments.",
    ),
    key(
        "data.kind",
        Kind::Words(&["measurements", "survival"]),
        "\"measurements\"",
        "`measurements`: a value of an observable in every row; `survival`: an animal in every row, with the age at its end and whether it was seen.",
    ),
    key(
        "data.arm",
        Kind::Text,
        "the column `arm`, `group` or `treatment`; the only arm of a scenario",
        "Arm of all rows.",
    ),
    key(
        "data.observable",
        Kind::Text,
        "the column `observable`, `variable`, `analyte` or `marker`",
        "Observable or species that all rows measure.",
    ),
    key(
        "data.unit",
        Kind::Text,
        "the column `unit`, or the header, as in `value (mM)`; pure numbers need none",
        "Unit of the values and their spread.",
    ),
    key(
        "data.spread",
        Kind::Words(&["sd", "sem", "ci95", "assay", "rows"]),
        "the name of its column: `sd`, `sem`, `se`, `ci95`",
        "What the spread of a value is: between animals, of the mean, half the 95 % interval of the mean; `assay`: the noise that the model declares for the assay, and no column; `rows`: every row is an animal, and those of one arm, quantity and age become their mean with the SD between them.",
    ),
    key(
        "data.only",
        Kind::Names,
        "all",
        "Observables and species whose rows are taken.",
    ),
    key(
        "data.time_unit",
        Kind::Text,
        "what the header says, as in `time (h)` or `week`; else \"d\"",
        "Unit of the times.",
    ),
    key(
        "data.origin",
        Kind::Age,
        "\"birth\"",
        "Age at which the times count from 0.",
    ),
    key(
        "data.likelihood",
        Kind::Words(&["normal", "log-normal", "proportion", "count"]),
        "\"normal\"",
        "How measured values scatter around the true one: by amounts, by factors, as a share of `n`, as a number of things counted in `n` fields.",
    ),
    key(
        "data.dispersion",
        Kind::Number,
        "none: Poisson",
        "Of counts: k of a negative binomial distribution, whose variance is μ + μ²/k.",
    ),
    key(
        "data.frailty",
        Kind::Number,
        "none; a fit needs it",
        "Of survival: standard deviation of the logarithm of ages at the end, around the age of the simulated animal.",
    ),
    key(
        "data.columns",
        Kind::Table,
        "by their names",
        "Which column of the file is what.",
    ),
    key(
        "data.columns.time",
        Kind::Text,
        "`time`, `age`, `day`, `week`, `t`, `last_d`",
        "Age, or time from `origin`; of survival, at the end of the observation.",
    ),
    key(
        "data.columns.value",
        Kind::Text,
        "`value`, `mean`, `measured`, `measurement`, `result`, `level`",
        "What was measured.",
    ),
    key(
        "data.columns.spread",
        Kind::Text,
        "`sd`, `sem`, `se`, `ci95`, `spread`, `error`",
        "Spread of the value; an empty cell is an unknown one.",
    ),
    key(
        "data.columns.n",
        Kind::Text,
        "`n`, `animals`",
        "Animals behind the value: it is their mean.",
    ),
    key(
        "data.columns.unit",
        Kind::Text,
        "`unit`, `units`",
        "Unit of the value.",
    ),
    key(
        "data.columns.arm",
        Kind::Text,
        "`arm`, `group`, `treatment`",
        "Name of the arm.",
    ),
    key(
        "data.columns.observable",
        Kind::Text,
        "`observable`, `variable`, `analyte`, `marker`",
        "Id of the observable or species.",
    ),
    key(
        "data.columns.event",
        Kind::Text,
        "`event`, `died`, `dead`, `status`",
        "Of survival: 1 or `died` for an end that was seen, 0 or `censored` for one that was not.",
    ),
    key(
        "data.columns.subject",
        Kind::Text,
        "`subject`, `animal`, `id`",
        "Of survival: what the animal is called.",
    ),
];
