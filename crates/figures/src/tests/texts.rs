//! No text is cut, leaves its figure or covers another, whatever the names of arms and axes are as long
//! as a person would write them; characters that the typeface lacks are said.

use gutbrain_numbers::Real;

use super::*;

/// Names as people write them, the longest longer than any row of a figure.
const NAMES: [&str; 5] = [
    "control",
    "butyrate 2 % from 38 d",
    "antibiotics, then faecal transplant of wild-type donors from day 60",
    "SOD1-G93A_high_copy_without_epithelial_expression_of_the_transgene",
    "butyrate in the drinking water together with a Mediterranean diet, a probiotic of four \
     strains and riluzole from the first sign of disease to the end",
];

/// What [`check`] sees, and that nothing was cut.
fn check_whole(figure: &Figure) {
    check(figure);
    for text in figure.scene.text_boxes() {
        assert!(
            !text.text.contains('…'),
            "{}: {text:?} is cut",
            figure.name()
        );
    }
}

/// The letters of all texts of a figure, without the spaces at which lines are broken.
fn letters(figure: &Figure) -> String {
    let boxes = figure.scene.text_boxes();
    let texts = boxes.iter().flat_map(|text| text.text.chars());
    texts.filter(|letter| !letter.is_whitespace()).collect()
}

fn assert_says(figure: &Figure, text: &str) {
    let wanted: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let found = letters(figure);
    assert!(
        found.contains(&wanted),
        "{}: no `{text}` in {found}",
        figure.name()
    );
}

/// Two arms whose second has this name.
fn arms(name: &str) -> [&str; 2] {
    ["wild type", name]
}

#[test]
fn names_of_arms_are_whole_in_curves_and_endpoints() {
    let ids: Vec<&str> = AXIS.iter().map(|info| info.0).collect();
    for name in NAMES {
        let mut curves = example(&arms(name), &AXIS);
        curves.shades[0].label = format!("{name} in the drinking water");
        for width in WIDTHS {
            for count in [1, 2, 3, 6] {
                let figure = trajectories("curves", &curves, &ids[..count], width).unwrap();
                check_whole(&figure);
                assert_says(&figure, name);
            }
            let figure = endpoints("endpoints", &curves, width).unwrap();
            check_whole(&figure);
            assert_says(&figure, name);
        }
    }
}

#[test]
fn names_of_arms_are_whole_in_cohorts() {
    for name in NAMES {
        for width in WIDTHS {
            let mut survival = cohorts::survival_arms(3, 24);
            name.clone_into(&mut survival.arms[1].name);
            let figure = kaplan_meier("survival", &survival, width).unwrap();
            check_whole(&figure);
            assert_says(&figure, name);

            let mut lives = cohorts::event_arms(2, 30);
            name.clone_into(&mut lives[1].name);
            let figure = events("events", &lives, &Terms::default(), width).unwrap();
            check_whole(&figure);
            assert_says(&figure, name);

            let mut bands = cohorts::band_arms(2, &AXIS);
            name.clone_into(&mut bands.arms[1].name);
            let ids: Vec<&str> = AXIS.iter().map(|info| info.0).collect();
            let figure = super::bands("bands", &bands, &ids, width).unwrap();
            check_whole(&figure);
            assert_says(&figure, name);
        }
    }
}

/// The words of both sides are whole wherever the line of no effect stands: left, right, amid.
#[test]
fn directions_of_a_forest_are_whole_wherever_zero_is() {
    for scale in [ForestScale::Difference, ForestScale::Ratio] {
        for spread in [0.05, 3.0] {
            for shift in [-30.0, -3.0, -0.4, 0.0, 0.4, 3.0, 30.0] {
                for name in NAMES {
                    for width in WIDTHS {
                        let at = |offset: f64| match scale {
                            ForestScale::Difference => shift + offset,
                            ForestScale::Ratio => Real::exp(0.05 * (shift + offset)),
                        };
                        let row = ForestRow {
                            label: name.to_owned(),
                            estimate: Some(at(0.0)),
                            lower: Some(at(-spread)),
                            upper: Some(at(spread)),
                            animals: 24,
                            reason: String::new(),
                        };
                        let mut rows = cohorts::hazard_forest(scale);
                        rows.rows = vec![row];
                        for (left, right) in
                            [("lives shorter", "lives longer"), (name, name), ("", name)]
                        {
                            left.clone_into(&mut rows.left);
                            right.clone_into(&mut rows.right);
                            let figure = forest("forest", &rows, width).unwrap();
                            check_whole(&figure);
                            for words in [name, left, right] {
                                assert_says(&figure, words);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn names_are_whole_in_trials_and_studies() {
    for name in NAMES {
        for width in WIDTHS {
            // Nobody writes two lines of a page along an axis.
            let title = if name.len() < 80 { name } else { NAMES[2] };
            let mut power = cohorts::power_curves(3);
            name.clone_into(&mut power.designs[1].name);
            let figure = power_curve("power", &power, width).unwrap();
            check_whole(&figure);
            assert_says(&figure, name);

            let mut cloud = cohorts::funnels(2);
            name.clone_into(&mut cloud.significance);
            title.clone_into(&mut cloud.effect);
            let figure = funnel("funnel", &cloud, width).unwrap();
            check_whole(&figure);

            let mut bars = sensitivities::effects(9);
            name.clone_into(&mut bars.rows[1].name);
            name.clone_into(&mut bars.heading);
            title.clone_into(&mut bars.quantity);
            let figure = tornado("tornado", &bars, width).unwrap();
            check_whole(&figure);

            let part = |label: &str, value| WaterfallPart {
                label: label.to_owned(),
                value,
                interval: None,
                is_sure: true,
            };
            let falls = Waterfall {
                title: title.to_owned(),
                unit: "d".to_owned(),
                parts: vec![part(name, 3.0), part("rest", -1.0)],
                whole: name.to_owned(),
                note: String::new(),
            };
            let figure = waterfall("waterfall", &falls, width).unwrap();
            check_whole(&figure);
            assert_says(&figure, name);

            let axis = |id: &str| HeatAxis {
                title: title.to_owned(),
                name: id.to_owned(),
                unit: "mM".to_owned(),
                places: vec![1.0, 2.0, 5.0],
            };
            for maps in [1, 2, 4] {
                let map = HeatMap {
                    value: title.to_owned(),
                    unit: "d".to_owned(),
                    horizontal: axis("x"),
                    vertical: axis("y"),
                    maps: vec![
                        HeatPanel {
                            heading: name.to_owned(),
                            values: (0..9).map(|cell| Some(f64::from(cell))).collect(),
                        };
                        maps
                    ],
                    missing: name.to_owned(),
                };
                let figure = heat_map("map", &map, width).unwrap();
                check(&figure);
            }
        }
    }
}

#[test]
fn characters_that_the_typeface_lacks_are_written_as_numbers_and_said() {
    let curves = example(&["control", "対照群"], &AXIS);
    let figure = trajectories("curves", &curves, &["zo1"], PageWidth::Double).unwrap();
    check_whole(&figure);
    assert_says(&figure, "[U+5BFE U+7167 U+7FA4]");
    let missing = figure.missing_characters();
    assert_eq!(missing["対照群"].len(), 3);
    let same_again = endpoints("endpoints", &curves, PageWidth::Double).unwrap();
    let warning = missing_characters_warning([&figure, &same_again]).unwrap();
    assert_eq!(
        warning,
        "the typeface of the figures lacks the characters `対`, `照`, `群` of `対照群`: figures show \
         code numbers such as [U+5BFE] instead; tables keep the names"
    );
    // The columns of the data keep the name.
    assert!(
        figure
            .data()
            .texts("arm")
            .unwrap()
            .contains(&"対照群".to_owned())
    );
    let plain = example(&["control", "butyrate, β = 2 %, é, Å"], &AXIS);
    let figure = trajectories("curves", &plain, &["zo1"], PageWidth::Double).unwrap();
    assert_eq!(missing_characters_warning([&figure]), None);
    let many = example(&["control", "приём бутирата с питьевой водой"], &AXIS);
    let figure = trajectories("curves", &many, &["zo1"], PageWidth::Double).unwrap();
    let warning = missing_characters_warning([&figure]).unwrap();
    assert!(warning.contains(" more of `приём"), "{warning}");
}
