//! Cohorts on the command line: what fails is in the table, and too much of it is exit code 3.

use super::{Call, Place, fixtures};

const SCENARIO: &str = r#"
[subject]
preset = "animal"
[simulation]
start = "0 d"
stop  = "400 d"
every = "20 d"
[cohort]
subjects     = 200
other_deaths = "none"
[[arm]]
name = "control"
[[figure]]
kind = "survival"
"#;

#[test]
fn failed_animals_are_listed_and_too_many_of_them_are_told() {
    let place = Place::new();
    let model = place.path("model");
    std::fs::create_dir_all(model.join("subjects")).unwrap();
    for (from, to) in [
        ("model.toml", "model.toml"),
        ("animal.toml", "subjects/animal.toml"),
    ] {
        std::fs::copy(fixtures().join("cohort").join(from), model.join(to)).unwrap();
    }
    std::fs::write(place.path("fail.toml"), SCENARIO).unwrap();
    let run = |tolerance: &[&str]| {
        // Every twentieth animal or so fails at this gain.
        let mut arguments = vec!["run", "fail.toml", "--model", "model"];
        arguments.extend(["--set", "gain=\"0.0095 1/day\"", "--output", "out"]);
        arguments.extend(tolerance);
        Call::of(place.command().args(&arguments).output().unwrap())
    };
    assert_eq!(run(&[]).code, Some(3));
    assert_eq!(run(&["--max-failures", "10%"]).code, Some(0));
    let table = std::fs::read_to_string(place.path("out/endpoints.csv")).unwrap();
    let rows: Vec<&str> = table.lines().skip(1).collect();
    let failed: Vec<&&str> = rows.iter().filter(|row| row.contains(",failed,")).collect();
    assert_eq!(rows.len(), 200);
    assert!((2..20).contains(&failed.len()), "{}", failed.len());
    assert!(failed.iter().all(|row| row.contains("too small")));
    let summary = std::fs::read_to_string(place.path("out/summary.json")).unwrap();
    assert!(summary.contains(&format!("\"failed\": {}", failed.len())));
}
