//! The tables of studies of biomarkers.

use super::{LOWER, TableEntry, UPPER, column};

/// Areas by the time that is left.
pub(super) const BIOMARKERS: TableEntry = TableEntry {
    name: "biomarkers",
    commands: "`biomarkers`",
    row: "one quantity, or the panel of all, in one window of time before the event",
    columns: &[
        column(
            "quantity",
            "",
            "What was measured, or `panel`: scores of a logistic regression of all of them, from fits to other animals",
        ),
        column(
            "from_d",
            "d",
            "Least time left until the event; below zero after it",
        ),
        column("to_d", "d", "Most time left until the event"),
        column(
            "n",
            "",
            "Cases with a visit in the window, and as many healthy ones at the same ages",
        ),
        column(
            "area",
            "1",
            "Area under the curve: the chance that a case has more than a healthy one",
        ),
        LOWER,
        UPPER,
        column(
            "people_for_width",
            "",
            "Cases, and as many healthy ones, for an interval of the area of ±0.05; empty where a million are too few",
        ),
        column(
            "people_for_power",
            "",
            "Cases, and as many healthy ones, to tell the area from chance in four of five studies; empty where a million are too few",
        ),
    ],
    others: "",
};

/// One visit alone.
pub(super) const CROSS_SECTION: TableEntry = TableEntry {
    name: "cross_section",
    commands: "`biomarkers`",
    row: "one quantity at the visit at which most are ill",
    columns: &[
        column("quantity", "", "What was measured"),
        column("ill", "", "Animals that are ill at the visit"),
        column("healthy", "", "Animals of the healthy arm at the visit"),
        column("area", "1", "Area under the curve between them"),
        LOWER,
        UPPER,
        column(
            "before",
            "1",
            "Area in the window just before the event; empty where there were too few",
        ),
        column("before_lower", "1", "Its lower bound"),
        column("before_upper", "1", "Its upper bound"),
        column(
            "misleads",
            "",
            "1 where the visit sees a difference that was not there, or another one, before the event",
        ),
    ],
    others: "",
};
