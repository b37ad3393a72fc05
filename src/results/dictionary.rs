//! The data dictionary: every table of the results with its columns, units and meanings.
//!
//! `docs/outputs.md` is made from it (`gutbrain schema --outputs`), and a test runs the commands and
//! refuses a column that is not in it. Tables whose columns depend on the question (the variables of the
//! model, the factors of a sweep) say what the others are.

mod biomarkers;
mod calibrations;
mod points;
mod runs;
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
    runs::TRAJECTORIES,
    runs::BETWEEN,
    runs::UNITS,
    runs::ENDS,
    runs::SUBJECTS,
    runs::DATA,
    runs::DATA_SURVIVAL,
    runs::SURVIVAL,
    runs::BANDS,
    runs::VISITS,
    runs::UNCERTAINTY,
    biomarkers::BIOMARKERS,
    biomarkers::CROSS_SECTION,
    trial::TRIAL,
    trial::DESIGNS,
    trial::EXPERIMENTS,
    trial::POOL,
    points::SWEEP,
    points::SENSITIVITY,
    points::CONVERGENCE,
    points::FACTORS,
    points::POINTS,
    points::ATTRIBUTION,
    calibrations::TARGETS,
    calibrations::PARAMETERS,
    calibrations::STARTS,
    calibrations::PROFILES,
    calibrations::REFITS,
    calibrations::REFIT_ANSWERS,
    calibrations::INTERVALS,
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
