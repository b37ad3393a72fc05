//! What a model declares, as tables: one for every kind of entry, one row an entry, sorted by id.

use std::collections::BTreeMap;

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{
    Common, DoseRange, Evidence, InitialValue, Intervention, Parameter, Role,
};
use gutbrain_network::reading::Written;
use serde_json::{Map, Value};

use crate::report::table::{Column, ColumnData, Table};

/// The unit of a column whose unit stands in another column of the row.
pub const OF_THE_ROW: &str = "of the row";

/// Kinds of entries that are tables.
pub const KINDS: [&str; 12] = [
    "compartments",
    "species",
    "parameters",
    "processes",
    "modulators",
    "assignments",
    "observables",
    "events",
    "interventions",
    "subjects",
    "variants",
    "evidence",
];

/// What the entries of each kind of [`KINDS`] are, in its order.
pub const MEANINGS_OF_KINDS: [&str; 12] = [
    "Where things are",
    "Quantities that processes change",
    "Numbers",
    "What happens",
    "Factors on what happens",
    "Quantities that follow from others at once",
    "What a laboratory measures",
    "Moments such as onset and death",
    "What an experimenter may do",
    "Kinds of animals",
    "Other choices of structure",
    "Rows of the ledger",
];

/// Columns that most tables share, and what they mean.
pub const MEANINGS: &[(&str, &str)] = &[
    ("id", "Its name in the model"),
    ("says", "What it is or does, in a sentence"),
    (
        "evidence",
        "Ids of the evidence rows that it rests on, separated by blanks",
    ),
    ("assumed", "Why it was assumed; empty if it was not"),
    ("unit", "Unit of the numbers in the row"),
    ("value", "Value in the unit of the row"),
    ("lower", "Lowest plausible value, in the unit of the row"),
    ("upper", "Highest plausible value, in the unit of the row"),
    (
        "prior",
        "Shape of the uncertainty; `fixed` for what is not uncertain",
    ),
    ("role", "Who sets it"),
    (
        "rests_on",
        "`evidence`, `assumed`, or `both`: evidence with an assumption about it; empty for inputs",
    ),
    ("dose_unit", "Unit of its dose"),
    (
        "studied_from",
        "Smallest dose that was studied, in the unit of the dose",
    ),
    (
        "studied_to",
        "Largest dose that was studied, in the unit of the dose",
    ),
    (
        "survived_from",
        "Smallest dose that a body has survived, in the unit of the dose",
    ),
    (
        "survived_to",
        "Largest dose that a body has survived, in the unit of the dose",
    ),
    ("compartment", "Where it is"),
    ("pathway", "Group in attributions"),
    ("enabled", "1 if it acts, 0 if it is switched off"),
    ("region", "Large box of the network map"),
    (
        "between_subject",
        "Coefficient of variation between animals; empty if they are alike",
    ),
    ("scale", "Typical magnitude, in the unit of the row"),
    ("initial", "Value at birth; empty for the steady state"),
    ("rate", "How often it happens"),
    ("changes", "Species and how many of each one turn makes"),
    ("factor", "The factor"),
    ("acts_on", "What it multiplies"),
    ("grade", "How far the row can be trusted"),
    ("use", "What the row is used for"),
    ("quantity", "What was measured"),
    ("spread", "Spread of the value, in the unit of the row"),
    ("spread_kind", "What the spread is"),
    ("n", "Sample size"),
    (
        "conflicts_with",
        "Ids of rows that say otherwise, separated by blanks",
    ),
];

/// The entries of a kind as a table; `None` if there is no such kind.
#[must_use]
pub fn declared(kind: &str, declaration: &Declaration) -> Option<Table> {
    Some(Table::new(kind, columns(kind, declaration)?))
}

/// Builds the columns of entries of one kind.
struct Rows<'d, E>(Vec<(&'d String, &'d E)>);

impl<'d, E> Rows<'d, E> {
    fn of(entries: &'d BTreeMap<String, E>) -> Self {
        Self(entries.iter().collect())
    }

    fn ids(&self) -> Column {
        Column::text("id", self.0.iter().map(|(id, _)| (*id).clone()).collect())
    }

    fn text(&self, name: &str, of: impl Fn(&E) -> String) -> Column {
        Column::text(name, self.0.iter().map(|(_, entry)| of(entry)).collect())
    }

    fn number(&self, name: &str, unit: &str, of: impl Fn(&E) -> Option<f64>) -> Column {
        let values = self.0.iter().map(|(_, entry)| of(entry));
        // A number that is not finite is none.
        let values = values.map(|value| value.filter(|value| value.is_finite()));
        Column::optional_numbers(name, unit, values.collect())
    }

    fn flag(&self, name: &str, of: impl Fn(&E) -> bool) -> Column {
        let values = self.0.iter().map(|(_, entry)| Some(i64::from(of(entry))));
        Column::integers(name, values.collect())
    }

    fn common(&self, of: impl Fn(&E) -> &Common) -> [Column; 3] {
        [
            self.text("says", |entry| of(entry).says.clone()),
            self.text("evidence", |entry| join(&of(entry).evidence)),
            self.text("assumed", |entry| {
                of(entry).assumed.clone().unwrap_or_default()
            }),
        ]
    }
}

fn join(ids: &[Written<String>]) -> String {
    let ids: Vec<&str> = ids.iter().map(|id| id.value.as_str()).collect();
    ids.join(" ")
}

fn role(parameter: &Parameter) -> String {
    match parameter.role {
        Role::Property => "property",
        Role::Input => "input",
        Role::Group => "group",
    }
    .to_owned()
}

/// What the number of a parameter rests on.
fn rests_on(parameter: &Parameter) -> String {
    let common = &parameter.common;
    match (parameter.role, common.evidence.is_empty(), &common.assumed) {
        (Role::Input, _, _) => "",
        (_, true, _) => "assumed",
        (_, false, None) => "evidence",
        (_, false, Some(_)) => "both",
    }
    .to_owned()
}

fn studied(intervention: &Intervention) -> Option<&DoseRange> {
    intervention.dose.studied.as_ref()
}

fn survived(intervention: &Intervention) -> Option<&DoseRange> {
    intervention.dose.survived.as_ref()
}

fn columns(kind: &str, d: &Declaration) -> Option<Vec<Column>> {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut all: Vec<Column>;
    match kind {
        "compartments" => {
            let rows = Rows::of(&d.compartments);
            all = vec![rows.ids(), rows.text("region", |it| it.region.clone())];
            all.extend(rows.common(|it| &it.common));
        }
        "species" => {
            let rows = Rows::of(&d.species);
            let initial = |it: &InitialValue| match it {
                InitialValue::Steady { .. } => String::new(),
                InitialValue::Given(expression) => expression.text().to_owned(),
            };
            all = vec![
                rows.ids(),
                rows.text("compartment", |it| it.compartment.value.clone()),
                rows.text("unit", |it| it.unit.to_string()),
                rows.text("initial", |it| initial(&it.initial)),
                rows.number("scale", OF_THE_ROW, |it| Some(it.scale)),
                rows.flag("enabled", |it| it.enabled),
            ];
            all.extend(rows.common(|it| &it.common));
        }
        "parameters" => {
            let rows = Rows::of(&d.parameters);
            all = vec![
                rows.ids(),
                rows.number("value", OF_THE_ROW, |it| Some(it.value)),
                rows.text("unit", |it| it.unit.to_string()),
                rows.number("lower", OF_THE_ROW, |it| Some(it.range?.0)),
                rows.number("upper", OF_THE_ROW, |it| Some(it.range?.1)),
                rows.text("prior", |it| it.prior.word().to_owned()),
                rows.number("between_subject", "1", |it| it.between_subject),
                rows.text("role", role),
                rows.text("rests_on", rests_on),
            ];
            all.extend(rows.common(|it| &it.common));
        }
        "processes" => {
            let rows = Rows::of(&d.processes);
            all = vec![
                rows.ids(),
                rows.text("rate", |it| it.rate.text().to_owned()),
                rows.text("unit", |it| it.unit.to_string()),
                rows.text("changes", |it| {
                    let changes = it.changes.iter();
                    let changes = changes.map(|(id, by)| format!("{id}: {}", by.text()));
                    changes.collect::<Vec<_>>().join("; ")
                }),
                rows.text("pathway", |it| optional(&it.pathway)),
                rows.flag("enabled", |it| it.enabled),
            ];
            all.extend(rows.common(|it| &it.common));
        }
        "modulators" => {
            let rows = Rows::of(&d.modulators);
            all = vec![
                rows.ids(),
                rows.text("factor", |it| it.factor.text().to_owned()),
                rows.text("acts_on", |it| join(&it.acts_on)),
                rows.text("pathway", |it| optional(&it.pathway)),
                rows.flag("enabled", |it| it.enabled),
            ];
            all.extend(rows.common(|it| &it.common));
        }
        "assignments" => {
            let rows = Rows::of(&d.assignments);
            all = vec![
                rows.ids(),
                rows.text("formula", |it| it.value.text().to_owned()),
                rows.text("unit", |it| it.unit.to_string()),
            ];
            all.extend(rows.common(|it| &it.common));
        }
        "observables" => {
            let rows = Rows::of(&d.observables);
            all = vec![
                rows.ids(),
                rows.text("label", |it| optional(&it.label)),
                rows.text("formula", |it| it.value.text().to_owned()),
                rows.text("unit", |it| it.unit.to_string()),
            ];
            all.extend(rows.common(|it| &it.common));
        }
        "events" => {
            let rows = Rows::of(&d.events);
            all = vec![
                rows.ids(),
                rows.text("when", |it| {
                    format!("{} {} 0", it.when.text(), it.direction.word())
                }),
                rows.text("endpoint", |it| {
                    it.endpoint
                        .as_ref()
                        .map_or_else(String::new, |it| it.word().to_owned())
                }),
            ];
            all.extend(rows.common(|it| &it.common));
        }
        "interventions" => {
            let rows = Rows::of(&d.interventions);
            all = vec![
                rows.ids(),
                rows.text("dose_unit", |it| it.dose.unit.to_string()),
                rows.number("studied_from", OF_THE_ROW, |it| Some(studied(it)?.from)),
                rows.number("studied_to", OF_THE_ROW, |it| Some(studied(it)?.to)),
                rows.number("survived_from", OF_THE_ROW, |it| Some(survived(it)?.from)),
                rows.number("survived_to", OF_THE_ROW, |it| Some(survived(it)?.to)),
            ];
            all.extend(rows.common(|it| &it.common));
        }
        "subjects" => {
            let rows = Rows::of(&d.subjects);
            all = vec![
                rows.ids(),
                rows.text("species", |it| optional(&it.species)),
                rows.text("strain", |it| optional(&it.strain)),
                rows.text("genotype", |it| optional(&it.genotype)),
                rows.text("says", |it| it.says.clone()),
            ];
        }
        "variants" => {
            let rows = Rows::of(&d.variants);
            all = vec![rows.ids()];
            all.extend(rows.common(|it| &it.common));
        }
        "evidence" => all = evidence(&Rows::of(&d.evidence)),
        _ => return None,
    }
    Some(all)
}

fn evidence(rows: &Rows<'_, Evidence>) -> Vec<Column> {
    let optional = |name: &str, of: fn(&Evidence) -> &Option<String>| {
        rows.text(name, |row| of(row).clone().unwrap_or_default())
    };
    let unit = |row: &Evidence| {
        row.unit
            .as_ref()
            .map_or_else(String::new, |it| it.value.clone())
    };
    vec![
        rows.ids(),
        rows.text("grade", |row| row.grade.word().to_owned()),
        rows.text("use", |row| row.role.word().to_owned()),
        optional("quantity", |row| &row.quantity),
        rows.number("value", OF_THE_ROW, |row| row.value),
        rows.number("spread", OF_THE_ROW, |row| row.spread),
        optional("spread_kind", |row| &row.spread_kind),
        rows.text("unit", unit),
        rows.number("n", "1", |row| row.n),
        optional("sign", |row| &row.sign),
        optional("bound", |row| &row.bound),
        optional("species", |row| &row.species),
        optional("strain", |row| &row.strain),
        optional("age", |row| &row.age),
        optional("condition", |row| &row.condition),
        optional("source", |row| &row.source),
        optional("doi", |row| &row.doi),
        optional("pmid", |row| &row.pmid),
        rows.text("conflicts_with", |row| join(&row.conflicts_with)),
        optional("not_representable", |row| &row.not_representable),
        rows.text("says", |row| row.says.clone()),
    ]
}

/// The rows of a table as objects; a number that is not there is null.
#[must_use]
pub fn objects(table: &Table) -> Vec<Map<String, Value>> {
    let one = |row: usize| {
        let cells = table.columns.iter().map(|column| {
            let value = match &column.data {
                ColumnData::Text(values) => Value::from(values[row].as_str()),
                ColumnData::Number(values) => Value::from(values[row]),
                ColumnData::Integer(values) => Value::from(values[row]),
            };
            (column.name.clone(), value)
        });
        cells.collect()
    };
    (0..table.rows()).map(one).collect()
}
