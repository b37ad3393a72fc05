//! Tables come back from Parquet, and damaged files are refused.

use super::*;
use proptest::prelude::*;

fn example() -> Table {
    let times: Vec<f64> = (0..500).map(|day| f64::from(day) * 0.5).collect();
    Table::new(
        "trajectories",
        vec![
            Column::text(
                "arm",
                times
                    .iter()
                    .map(|time| format!("arm {}", *time as i32 % 3))
                    .collect(),
            ),
            Column::integers("subject", vec![Some(1); times.len()]),
            Column::numbers("time_d", "d", times.clone()),
            Column::optional_numbers(
                "butyrate.lumen",
                "mM",
                times
                    .iter()
                    .map(|time| (*time < 200.0).then(|| time.sqrt()))
                    .collect(),
            ),
        ],
    )
}

#[test]
fn a_table_comes_back_with_units_and_metadata() {
    let metadata = BTreeMap::from([("scenario_hash".to_owned(), "ab\"c".to_owned())]);
    let bytes = example().to_parquet(&metadata).unwrap();
    let (table, read) = Table::with_metadata_from_parquet("trajectories", &bytes).unwrap();
    assert_eq!(table, example());
    assert_eq!(read["scenario_hash"], "ab\"c");
    assert_eq!(read["units"], r#"{"butyrate.lumen":"mM","time_d":"d"}"#);
}

#[test]
fn the_same_table_gives_the_same_bytes() {
    let bytes = example().to_parquet(&BTreeMap::new()).unwrap();
    for _ in 0..5 {
        assert_eq!(example().to_parquet(&BTreeMap::new()).unwrap(), bytes);
    }
}

#[test]
fn several_row_groups_and_none() {
    let long = Table::new(
        "long",
        vec![Column::integers(
            "n",
            (0..i64::try_from(ROWS_PER_GROUP).unwrap() + 3)
                .map(Some)
                .collect(),
        )],
    );
    let bytes = long.to_parquet(&BTreeMap::new()).unwrap();
    assert_eq!(Table::from_parquet("long", &bytes).unwrap(), long);
    let empty = Table::new("empty", vec![Column::numbers("x", "1", vec![])]);
    let bytes = empty.to_parquet(&BTreeMap::new()).unwrap();
    assert_eq!(Table::from_parquet("empty", &bytes).unwrap(), empty);
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = example().to_parquet(&BTreeMap::new()).unwrap();
    for length in 0..bytes.len() {
        assert!(
            Table::from_parquet("t", &bytes[..length]).is_err(),
            "{length} bytes"
        );
    }
}

#[test]
fn every_wrong_byte_is_an_error() {
    let bytes = example().to_parquet(&BTreeMap::new()).unwrap();
    for position in 0..bytes.len() {
        let mut damaged = bytes.clone();
        for flip in [0x01, 0x80, 0xff] {
            damaged[position] = bytes[position] ^ flip;
            assert!(
                Table::from_parquet("t", &damaged).is_err(),
                "byte {position}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_table_round_trips(
        rows in prop::collection::vec(
            (
                any::<String>(),
                prop::option::of(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL),
                any::<Option<i64>>(),
            ),
            0..40,
        ),
        name in "\\PC{1,12}",
    ) {
        prop_assume!(name != "t" && name != "i");
        let table = Table::new("t", vec![
            Column::text("t", rows.iter().map(|row| row.0.clone()).collect()),
            Column::optional_numbers(&name, "µM", rows.iter().map(|row| row.1).collect()),
            Column::integers("i", rows.iter().map(|row| row.2).collect()),
        ]);
        let bytes = table.to_parquet(&BTreeMap::new()).unwrap();
        prop_assert_eq!(Table::from_parquet("t", &bytes).unwrap(), table);
    }

    #[test]
    fn noise_is_an_error(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Table::from_parquet("t", &noise).is_err());
        let framed = [b"PAR1".as_slice(), &noise, b"PAR1"].concat();
        prop_assert!(Table::from_parquet("t", &framed).is_err());
    }
}
