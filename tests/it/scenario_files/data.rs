//! A laboratory's own data: what is read, and the message of every mistake that a data file has.

use std::collections::BTreeMap;
use std::path::Path;

use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain::scenario::{DataPlan, Overrides, ScenarioFile, SpreadKind};
use gutbrain_network::{Code, Faults};
use gutbrain_table::{Column, Table};

const SCENARIO: &str = r#"[subject]
preset = "mouse-g93a-b6sjl"
[simulation]
start = "21 d"
stop = "140 d"
[[arm]]
name = "control"
[[arm]]
name = "butyrate"
[[arm.intervention]]
kind = "butyrate-water"
dose = "2 %"
start = "40 d"
[[data]]
file = "lab.csv"
"#;

/// The data of a scenario with more keys of `[[data]]`, and of this file.
fn read_bytes(keys: &str, file: &str, bytes: &[u8], arms: &[&str]) -> Result<DataPlan, Faults> {
    let mut files = InMemory::default();
    let text = SCENARIO.replace("lab.csv", file) + keys;
    files.put("experiments/own.toml", text);
    files.put(Path::new("experiments").join(file), bytes);
    let mut opened = ScenarioFile::open_in(&files, Path::new("experiments/own.toml"))?;
    opened.apply(&Overrides {
        arms: arms.iter().map(|&arm| arm.to_owned()).collect(),
        ..Overrides::default()
    })?;
    Ok(opened.check(&Model::builtin()?)?.data)
}

fn read(keys: &str, csv: &str) -> Result<DataPlan, Faults> {
    read_bytes(keys, "lab.csv", csv.as_bytes(), &[])
}

/// Name of the mistake, keys of `[[data]]`, the file, code of the fault, its file and line, words of the message
/// or help.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    Code,
    &'static str,
    &'static str,
);

const IL17: &str = "observable = \"il17\"\nunit = \"pg/ml\"\n";

/// The natural mistakes of a data file.
const MISTAKES: [Case; 27] = [
    (
        "a decimal comma",
        IL17,
        "time;arm;value\n60;control;1,5\n",
        Code::BadData,
        "lab.csv:2",
        "write 1.5: with a decimal point",
    ),
    (
        "a decimal comma between commas",
        IL17,
        "time,arm,value\n60,control,1,5\n",
        Code::BadData,
        "lab.csv:2",
        "this line has 4 cells, the header has 3",
    ),
    (
        "a limit of detection",
        IL17,
        "time,arm,value\n60,control,<0.5\n",
        Code::BadData,
        "lab.csv:2",
        "`<0.5` in column `value` is no number",
    ),
    (
        "the unit in the cell",
        IL17,
        "time,arm,value\n60,control,12 pg/ml\n",
        Code::BadData,
        "lab.csv:2",
        "write 12, and the unit once: `unit = \"pg/ml\"`",
    ),
    (
        "no header",
        IL17,
        "60,control,12\n70,control,13\n",
        Code::BadData,
        "lab.csv:1",
        "the first line must name the columns",
    ),
    (
        "a column of another name",
        IL17,
        "time,arm,il17_pg\n60,control,12\n",
        Code::BadData,
        "lab.csv:1",
        "write `columns = { value = \"NAME\" }`",
    ),
    (
        "a mapping to a column that is not there",
        "observable = \"il17\"\nunit = \"pg/ml\"\ncolumns = { value = \"il_17\" }\n",
        "time,arm,il17\n60,control,12\n",
        Code::UnknownName,
        "own.toml:18",
        "did you mean `il17`?",
    ),
    (
        "an observable that the model does not have",
        "unit = \"pg/ml\"\n",
        "time,arm,observable,value\n60,control,il_17,12\n",
        Code::UnknownName,
        "lab.csv:2",
        "did you mean `il17`?",
    ),
    (
        "an arm that the scenario does not have",
        IL17,
        "time,group,value\n60,contrl,12\n",
        Code::UnknownName,
        "lab.csv:2",
        "did you mean `control`?",
    ),
    (
        "no unit",
        "observable = \"il17\"\n",
        "time,arm,value\n60,control,12\n",
        Code::MissingUnit,
        "lab.csv:1",
        "write `unit = \"pg/ml\"` if that is what is meant",
    ),
    (
        "a unit of something else",
        "observable = \"il17\"\n",
        "time,arm,value,unit\n60,control,12,mM\n",
        Code::WrongUnit,
        "lab.csv:2",
        "`il17` cannot be given in mM",
    ),
    (
        "a misspelt unit",
        "observable = \"il17\"\n",
        "time,arm,value (pg/mll)\n60,control,12\n",
        Code::UnknownUnit,
        "lab.csv:1",
        "unknown unit `mll`",
    ),
    (
        "weeks for days",
        IL17,
        "time,arm,value\n9,control,12\n",
        Code::OutOfRange,
        "lab.csv:2",
        "time_unit = \"week\"",
    ),
    (
        "a spread of zero",
        IL17,
        "time,arm,value,sd\n60,control,12,0\n",
        Code::BadSpread,
        "lab.csv:2",
        "leave the cell empty if the spread is not known",
    ),
    (
        "a spread of no kind",
        IL17,
        "time,arm,value,error\n60,control,12,2\n",
        Code::MissingKey,
        "lab.csv:1",
        "write `spread = \"sd\"`",
    ),
    (
        "two spreads",
        IL17,
        "time,arm,value,sd,sem\n60,control,12,2,1\n",
        Code::Contradiction,
        "lab.csv:1",
        "both `sd` and `sem` could be the column of `spread`",
    ),
    (
        "half an animal",
        IL17,
        "time,arm,value,n\n60,control,12,7.5\n",
        Code::BadData,
        "lab.csv:2",
        "`7.5` is no number of animals",
    ),
    (
        "two columns of one name",
        IL17,
        "time,arm,value,Value\n60,control,12,2\n",
        Code::Repeated,
        "lab.csv:1",
        "two columns are called `Value`",
    ),
    (
        "a quote that is not closed",
        IL17,
        "time,arm,value\n60,\"control,12\n",
        Code::BadData,
        "lab.csv:2",
        "this quote is not closed",
    ),
    (
        "the coding of another program",
        "kind = \"survival\"\n",
        "time,arm,status\n120,control,2\n",
        Code::BadData,
        "lab.csv:2",
        "write 1 for an end that was seen and 0 for a censored one",
    ),
    (
        "a header and nothing else",
        IL17,
        "time,arm,value\n",
        Code::Empty,
        "lab.csv:1",
        "a header and no row",
    ),
    (
        "a power of ten too many",
        IL17,
        "time,arm,value\n60,control,1e200\n",
        Code::OutOfRange,
        "lab.csv:2",
        "1e200 in column `value` is too large",
    ),
    (
        "one thing in the scenario, another in the file",
        IL17,
        "time,arm,value,unit\n60,control,12,ng/ml\n",
        Code::BadData,
        "own.toml:17",
        "line 2 of the file has `ng/ml` in its column `unit`",
    ),
    (
        "a mean twice",
        IL17,
        "time,arm,value,sem\n60,control,12,1\n60,control,13,1\n",
        Code::Repeated,
        "own.toml:15",
        "line 3 of `lab.csv` is a second mean of `il17`",
    ),
    (
        "an animal that dies twice",
        "kind = \"survival\"\n",
        "time,arm,status,subject\n120,control,1,m7\n130,control,1,m7\n",
        Code::Repeated,
        "lab.csv:3",
        "animal `m7` stands in line 2 already",
    ),
    (
        "days that are seconds",
        "kind = \"survival\"\n",
        "time,arm,status\n11232000,control,1\n",
        Code::OutOfRange,
        "lab.csv:2",
        "is the unit of `time` right?",
    ),
    (
        "nothing was measured",
        IL17,
        "time,arm,value\n60,control,NA\n",
        Code::BadData,
        "own.toml:15",
        "all its values are empty",
    ),
];

#[test]
fn every_mistake_of_a_data_file_is_found_where_it_is() {
    for (name, keys, csv, code, place, words) in MISTAKES {
        let Err(faults) = read(keys, csv) else {
            panic!("{name}: accepted")
        };
        let message = faults.to_string();
        let found: Vec<(Code, String)> = faults
            .as_slice()
            .iter()
            .map(|fault| {
                let (line, _) = fault.source.line_and_column(fault.span.start);
                (fault.code, format!("{}:{line}", fault.source.name))
            })
            .collect();
        let wanted = (code, format!("experiments/{place}"));
        assert_eq!(found, [wanted], "{name}\n{message}");
        assert!(message.contains(words), "{name}\n{message}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_said_at_the_line_that_names_it() {
    let missing = ScenarioFile::open_in(
        &{
            let mut files = InMemory::default();
            files.put("own.toml", SCENARIO);
            files
        },
        Path::new("own.toml"),
    );
    let faults = missing.unwrap().check(&Model::builtin().unwrap());
    let message = faults.unwrap_err().to_string();
    assert!(message.contains("own.toml:15"), "{message}");
    assert!(message.contains("there is no such file"), "{message}");
    let workbook = read_bytes(IL17, "lab.xlsx", b"PK\x03\x04rest", &[]).unwrap_err();
    assert!(workbook.to_string().contains("save its sheet as CSV"));
    let letters = read_bytes(IL17, "lab.csv", b"time,arm\n60,\xffcontrol\n", &[]).unwrap_err();
    assert!(letters.to_string().contains("save the file as UTF-8"));
}

#[test]
fn all_mistakes_of_a_file_are_said_at_once() {
    let csv = "time,arm,value,sd\n9,contrl,1.2.3,-1\n60,butyrate,twelve,2\n";
    let faults = read(IL17, csv).unwrap_err();
    assert_eq!(faults.as_slice().len(), 5, "{faults}");
}

#[test]
fn values_come_in_the_units_of_the_model_with_their_spread() {
    let keys = "columns = { value = \"IL-17\" }\nobservable = \"il17\"\norigin = \"42 d\"\n";
    let csv = "week,group,IL-17 (ng/ml),sem,n\n1,control,0.012,0.001,8\n2,butyrate,NA,,8\n\
               3,butyrate,0.010,,\n";
    let data = read(keys, csv).unwrap();
    assert_eq!(data.unmeasured, 1);
    let [first, last] = &data.measurements[..] else {
        panic!("{data:?}")
    };
    assert_eq!((first.age, first.line, first.animals), (49.0, 2, Some(8)));
    assert!((first.value - 12.0).abs() < 1e-12);
    let spread = first.spread.unwrap();
    assert_eq!(spread.kind, SpreadKind::ErrorOfMean);
    assert!((spread.sd(8) - 1.0).abs() < 1e-12);
    assert_eq!((last.age, last.line, last.spread), (63.0, 4, None));
    // Rows of an arm that is left out now are no mistake.
    let alone = read_bytes(keys, "lab.csv", csv.as_bytes(), &["control"]).unwrap();
    assert_eq!(alone.measurements, std::slice::from_ref(first));
}

#[test]
fn the_noise_of_the_model_s_assay_can_be_the_spread() {
    let keys = format!("{IL17}spread = \"assay\"\n");
    let data = read(&keys, "time,arm,value\n60,control,20\n").unwrap();
    let spread = data.measurements[0].spread.unwrap();
    assert_eq!(spread.kind, SpreadKind::Assay);
    assert!((spread.sd(1) - 3.0).abs() < 1e-12, "{spread:?}");
    let keys = "observable = \"paneth_functional\"\nunit = \"%\"\nspread = \"assay\"\n";
    let message = read(keys, "time,arm,value\n60,control,20\n").unwrap_err();
    assert!(message.to_string().contains("no noise"), "{message}");
}

#[test]
fn animals_in_rows_become_their_mean_and_other_quantities_are_left_out() {
    let keys = "unit = \"pg/ml\"\nspread = \"rows\"\nonly = [\"il17\"]\n";
    let csv = "time,arm,variable,value\n60,control,il17,10\n60,control,reads_of_something,7\n60,control,il17,14\n\
               80,control,il17,9\n";
    let data = read(keys, csv).unwrap();
    let [mean, alone] = &data.measurements[..] else {
        panic!("{data:?}")
    };
    assert_eq!((mean.value, mean.animals, mean.line), (12.0, Some(2), 2));
    // The SD of 10 and 14 is the root of 8, that of their mean 2.
    let spread = mean.spread.unwrap();
    assert!((spread.sd(1) - 8.0_f64.sqrt()).abs() < 1e-12);
    assert!((spread.sd(2) - 2.0).abs() < 1e-12);
    assert_eq!((alone.value, alone.spread), (9.0, None));
    let factors = read(&format!("{keys}likelihood = \"log-normal\"\n"), csv).unwrap();
    assert!((factors.measurements[0].value - 140.0_f64.sqrt()).abs() < 1e-12);
}

#[test]
fn proportions_and_counts_say_of_how_many() {
    let share =
        "observable = \"abundance_akkermansia\"\nunit = \"%\"\nlikelihood = \"proportion\"\n";
    let data = read(share, "time,arm,value,n\n60,control,2.5,10000\n").unwrap();
    let row = &data.measurements[0];
    assert_eq!(
        (row.value, row.share, row.animals),
        (2.5, 0.01, Some(10_000))
    );
    for csv in [
        "time,arm,value\n60,control,2.5\n",
        "time,arm,value,n\n60,control,250,100\n",
    ] {
        let message = read(share, csv).unwrap_err().to_string();
        assert!(
            message.contains("is no proportion of a number"),
            "{message}"
        );
    }
    let count = "observable = \"shannon_index\"\nlikelihood = \"count\"\ndispersion = 3.0\n";
    let message = read(count, "time,arm,value\n60,control,2.5\n").unwrap_err();
    assert!(
        message.to_string().contains("`2.5` is no count"),
        "{message}"
    );
    let misplaced = read(
        &format!("{IL17}dispersion = 3.0\n"),
        "time,arm,value\n60,control,2\n",
    );
    assert!(
        misplaced
            .unwrap_err()
            .to_string()
            .contains("`dispersion` is that of counts")
    );
}

#[test]
fn a_parquet_file_says_the_same_as_its_text() {
    let columns = || {
        vec![
            Column::numbers("time_d", "d", vec![60.0, 80.0]),
            Column::text("arm", vec!["control".to_owned(), "butyrate".to_owned()]),
            Column::numbers("value", "pg/ml", vec![12.0, 10.5]),
            Column::optional_numbers("sd", "pg/ml", vec![Some(2.0), None]),
        ]
    };
    let table = Table::new("lab", columns());
    let bytes = table.to_parquet(&BTreeMap::new()).unwrap();
    let keys = "observable = \"il17\"\n";
    let parquet = read_bytes(keys, "lab.parquet", &bytes, &[]).unwrap();
    let mut csv = read(IL17, &table.to_csv().unwrap()).unwrap();
    for row in &mut csv.measurements {
        row.file = "lab.parquet".to_owned();
    }
    assert_eq!(parquet, csv);
    let damaged = read_bytes(keys, "lab.parquet", &bytes[..40], &[]).unwrap_err();
    assert!(damaged.to_string().contains("own.toml:15"), "{damaged}");
}

#[test]
fn survival_is_read_in_the_words_of_laboratories() {
    let keys = "kind = \"survival\"\n";
    let csv = "animal,treatment,age,died\nA1,control,121,yes\nA2,butyrate,133,censored\n";
    let data = read(keys, csv).unwrap();
    let animals = data.animals.iter();
    let read: Vec<(&str, &str, f64, bool)> = animals
        .map(|it| (&*it.subject, &*it.arm, it.age, it.event))
        .collect();
    assert_eq!(
        read,
        [
            ("A1", "control", 121.0, true),
            ("A2", "butyrate", 133.0, false)
        ]
    );
}

#[test]
fn data_are_no_part_of_what_is_simulated() {
    let mut files = InMemory::default();
    files.put("own.toml", SCENARIO.to_owned() + IL17);
    files.put("lab.csv", "time,arm,value\n60,control,12\n");
    let file = ScenarioFile::open_in(&files, Path::new("own.toml")).unwrap();
    let scenario = file.check(&Model::builtin().unwrap()).unwrap();
    // The folder of a run stands alone: its scenario names no file beside it.
    assert!(!file.resolved(&scenario).contains("lab.csv"));
    // Who asks for no figure gets one of what was measured.
    let figure = scenario.figures.last().unwrap();
    assert_eq!(
        (&*figure.name, &figure.show[..]),
        ("data", &["il17".to_owned()][..])
    );
}
