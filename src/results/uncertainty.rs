//! `uncertainty.csv`: intervals of a cohort's predictions, by what they come from.

use crate::analysis::intervals::Uncertain;
use crate::analysis::range::Range;
use crate::report::table::{Column, Table};

/// `uncertainty.csv`: one row for each number and source.
#[must_use]
pub fn table(found: &[Uncertain]) -> Table {
    type Row<'a> = (&'a Uncertain, &'a str, Range);
    let mut rows: Vec<Row<'_>> = Vec::new();
    for one in found {
        let sources = [
            ("parameters", Some(one.parameters)),
            ("animals", one.animals),
            ("both", one.both),
        ];
        let known = sources.into_iter();
        rows.extend(known.filter_map(|(source, range)| Some((one, source, range?))));
    }
    let texts = |of: &dyn Fn(&Row<'_>) -> String| rows.iter().map(of).collect();
    let days = |name: &str, of: &dyn Fn(&Row<'_>) -> Option<f64>| {
        Column::optional_numbers(name, "d", rows.iter().map(of).collect())
    };
    let whole = |of: &dyn Fn(&Range) -> usize| -> Vec<Option<i64>> {
        let counts = rows.iter().map(|row| i64::try_from(of(&row.2)).ok());
        counts.collect()
    };
    Table::new(
        "uncertainty",
        vec![
            Column::text("arm", texts(&|row| row.0.arm.clone())),
            Column::text(
                "against",
                texts(&|row| row.0.against.clone().unwrap_or_default()),
            ),
            Column::text("quantity", texts(&|row| row.0.quantity.to_owned())),
            Column::text("source", texts(&|row| row.1.to_owned())),
            days("preset", &|row| row.0.preset),
            days("q05", &|row| row.2.q05),
            days("median", &|row| row.2.median),
            days("q95", &|row| row.2.q95),
            Column::integers("n", whole(&|range| range.n)),
            Column::integers("missing", whole(&|range| range.missing)),
        ],
    )
}
