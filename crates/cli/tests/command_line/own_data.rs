//! A laboratory's own data on the command line: over figures, counted, hashed, and never copied.

use super::{Call, Place};

const SCENARIO: &str = r#"
[subject]
preset = "mouse-g93a-b6sjl"
[simulation]
start = "21 d"
stop = "200 d"
[[arm]]
name = "control"
[[arm]]
name = "butyrate"
[[arm.intervention]]
kind = "butyrate-water"
dose = "2 %"
start = "38 d"
[[data]]
file = "lab/il17.csv"
observable = "il17"
unit = "pg/ml"
[[data]]
file = "lab/survival.csv"
kind = "survival"
"#;

const IL17: &str = "day,group,mean,sem,n\n60,control,14,1.5,8\n90.5,control,22,2.5,7\n60,butyrate,12,1.5,8\n\
                    90.5,butyrate,,,8\n199,control,20,2,3\n";

const SURVIVAL: &str = "animal,group,age,died\nA1,control,119,1\nA2,control,131,1\nA3,control,126,0\nB1,butyrate,\
                        150,1\nB2,butyrate,161,1\n";

fn laboratory(more: &str) -> Place {
    let place = Place::new();
    std::fs::create_dir_all(place.path("lab")).unwrap();
    std::fs::write(place.path("lab/il17.csv"), IL17).unwrap();
    std::fs::write(place.path("lab/survival.csv"), SURVIVAL).unwrap();
    std::fs::write(place.path("own.toml"), format!("{SCENARIO}{more}")).unwrap();
    place
}

fn call(place: &Place, words: &str) -> Call {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gutbrain"));
    let words = words.split(' ');
    Call::of(
        command
            .current_dir(place.path(""))
            .args(words)
            .output()
            .unwrap(),
    )
}

/// The cells of a table, row by row, without its header.
fn cells(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().skip(1);
    rows.map(|row| row.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn own_values_are_compared_at_their_very_age_and_drawn_again_from_the_folder() {
    let place = laboratory("");
    let run = call(&place, "run own.toml --format csv").expect(0);
    assert!(run.stdout.contains("How far the model is from your data"));
    let rows = cells(&place.text("outputs/own/data.csv"));
    assert_eq!(rows.len(), 4, "the empty cell is no value");
    // At an age of the output grid it is the number of the trajectory, to the last digit.
    let trajectories = place.text("outputs/own/trajectories.csv");
    let header = trajectories.lines().next().unwrap();
    let il17 = header.split(',').position(|name| name == "il17").unwrap();
    let at = cells(&trajectories);
    let at = at.iter().find(|row| row[0] == "control" && row[2] == "60");
    assert_eq!(rows[0][10], at.unwrap()[il17]);
    // Between two ages of the grid it is the solution there, between those of the neighbours.
    let number = |cell: &str| cell.parse::<f64>().unwrap();
    let near: Vec<f64> = cells(&trajectories)
        .iter()
        .filter(|row| row[0] == "control" && (row[2] == "90" || row[2] == "91"))
        .map(|row| number(&row[il17]))
        .collect();
    let between = number(&rows[1][10]);
    assert!(
        (between - near[0]) * (between - near[1]) < 0.0,
        "{between} {near:?}"
    );
    // Nothing is simulated after death.
    assert_eq!((rows[3][3].as_str(), rows[3][10].as_str()), ("199", ""));
    let summary: serde_json::Value =
        serde_json::from_str(&place.text("outputs/own/summary.json")).unwrap();
    let data = &summary["data"];
    assert_eq!(
        (data["rows"].as_u64(), data["not_alive"].as_u64()),
        (Some(4), Some(1))
    );
    assert_eq!(data["unmeasured"], 1);
    let residuals: Vec<f64> = rows[..3].iter().map(|row| number(&row[11])).collect();
    let square: f64 = residuals.iter().map(|it| it * it).sum::<f64>() / 3.0;
    assert!((data["rms_sd"].as_f64().unwrap() - square.sqrt()).abs() < 1e-9);
    // The figure has the points, and is the same when it is drawn again from the folder.
    let figure = place.text("outputs/own/figures/data.svg");
    assert!(figure.contains("own data, with SEM"), "the legend");
    call(&place, "plot outputs/own -o again").expect(0);
    assert_eq!(place.text("again/figures/data.svg"), figure);
    // The files are in the manifest, and nowhere else in the folder.
    let manifest: serde_json::Value =
        serde_json::from_str(&place.text("outputs/own/manifest.json")).unwrap();
    assert_eq!(manifest["data"]["lab/il17.csv"]["bytes"], IL17.len());
    assert!(!place.path("outputs/own/il17.csv").exists());
}

#[test]
fn own_animals_stand_beside_a_cohort() {
    let place = laboratory(
        "[cohort]\nsubjects = 12\nother_deaths = \"none\"\n[[figure]]\nkind = \"survival\"\n",
    );
    let run = call(&place, "run own.toml --format csv").expect(0);
    assert!(run.stdout.contains("log-rank p"), "{}", run.stdout);
    let rows = cells(&place.text("outputs/own/data.csv"));
    for row in &rows[..3] {
        let p: f64 = row[13].parse().unwrap();
        assert!((0.0..=1.0).contains(&p) && row[12] == "12", "{row:?}");
    }
    let steps = cells(&place.text("outputs/own/data-survival.csv"));
    assert_eq!(steps.len(), 5, "{steps:?}");
    let figure = place.text("outputs/own/figures/survival.svg");
    assert!(figure.contains("control, own data: n = 3"), "the legend");
    call(&place, "plot outputs/own -o again").expect(0);
    assert_eq!(place.text("again/figures/survival.svg"), figure);
}

#[test]
fn the_folder_of_the_data_is_never_written_over() {
    let place = laboratory("");
    call(&place, "run own.toml -o lab --force").expect(4);
    assert_eq!(place.text("lab/il17.csv"), IL17);
}
