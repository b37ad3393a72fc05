//! The figures of cohorts and trials: on data like the program's, at the edges, and on hostile numbers.

use gutbrain_statistics::random::Stream;
use gutbrain_statistics::survival::{Confidence, KaplanMeier, Observation, RiskTable};

use gutbrain_table::{Column, Table};

use super::*;

const NAMES: [&str; 6] = [
    "control",
    "butyrate",
    "FMT",
    "antibiotics",
    "riluzole",
    "fibre, 10 %",
];

/// Animals of one arm: onset a month before the end, some censored.
fn lives(arm: usize, animals: u64) -> Vec<Life> {
    let one = |number| {
        let mut random = Stream::new(1, "figure", 1000 * arm as u64 + number);
        let last = 130.0 + 9.0 * arm as f64 + 11.0 * random.normal();
        let chance = random.uniform();
        let end = match chance {
            _ if last > 160.0 => LifeEnd::Censored,
            _ if chance < 0.07 => LifeEnd::OtherDeath,
            _ => LifeEnd::Death,
        };
        Life {
            onset: (chance > 0.03).then(|| last - 30.0 + 4.0 * random.normal()),
            last: last.min(160.0),
            end,
        }
    };
    (0..animals).map(one).collect()
}

fn observations(lives: &[Life]) -> Vec<Observation> {
    let observe = |life: &Life| Observation {
        time: life.last,
        event: life.end == LifeEnd::Death,
    };
    lives.iter().map(observe).collect()
}

pub(super) fn survival_arms(arms: usize, animals: u64) -> SurvivalArms {
    let sure = Confidence::percent_95();
    let groups: Vec<_> = (0..arms)
        .map(|arm| observations(&lives(arm, animals)))
        .collect();
    let compare = |group: &[Observation]| {
        let table = RiskTable::new(&[&groups[0], group]).unwrap();
        let hazard = table.hazard_ratio(sure);
        ArmComparison {
            log_rank_p: table.log_rank().ok().map(|test| test.p),
            hazard_ratio: hazard
                .as_ref()
                .ok()
                .map(|found| (found.ratio, found.interval)),
            remark: hazard
                .err()
                .map_or_else(String::new, |reason| reason.to_string()),
        }
    };
    let arms = groups.iter().enumerate().map(|(arm, group)| SurvivalArm {
        name: NAMES[arm % NAMES.len()].to_owned(),
        style: None,
        curve: KaplanMeier::new(group, sure).unwrap(),
        against_first: (arm > 0).then(|| compare(group)),
    });
    SurvivalArms {
        arms: arms.collect(),
        pairing: Pairing::Twins,
        ..SurvivalArms::default()
    }
}

pub(super) fn band_arms(arms: usize, variables: &[(&str, &str, &str)]) -> Bands {
    let mut bands = Bands::default();
    for (arm, name) in NAMES.iter().enumerate().take(arms) {
        let mut one = BandArm {
            name: (*name).to_owned(),
            times: (21..=170).map(f64::from).collect(),
            ..BandArm::default()
        };
        for (order, (id, label, unit)) in variables.iter().enumerate() {
            let band = |age: &f64| {
                let alive = (60.0 * (135.0 + 15.0 * arm as f64 - age) / 20.0).clamp(0.0, 60.0);
                let share = age / (150.0 + 15.0 * arm as f64);
                let centre = (1.0 + order as f64) * (1.0 - 0.6 * share.powi(2 + order as i32));
                let spread = 0.1 * (1.0 + order as f64) * (0.3 + share);
                (alive >= 1.0).then_some(Band {
                    animals: alive as usize,
                    q10: centre - 1.28 * spread,
                    q25: centre - 0.67 * spread,
                    median: centre,
                    q75: centre + 0.67 * spread,
                    q90: centre + 1.5 * spread,
                })
            };
            one.series
                .insert((*id).to_owned(), one.times.iter().map(band).collect());
            let info = VariableInfo {
                label: (*label).into(),
                unit: (*unit).into(),
                reference: (order == 1).then(|| Reference {
                    value: 2.0,
                    of: "wild type".into(),
                }),
                ..VariableInfo::default()
            };
            bands.variables.insert((*id).to_owned(), info);
        }
        bands.arms.push(one);
    }
    bands.shades.push(Shade {
        arm: NAMES[arms - 1].into(),
        label: "butyrate 2 %".into(),
        start: 38.0,
        stop: f64::INFINITY,
        jumps: vec![38.0],
    });
    bands
}

pub(super) fn event_arms(arms: usize, animals: u64) -> Vec<EventArm> {
    let one = |arm: usize| EventArm {
        name: NAMES[arm].into(),
        style: None,
        lives: lives(arm, animals),
        failed: 2 * arm,
    };
    (0..arms).map(one).collect()
}

pub(super) fn hazard_forest(scale: ForestScale) -> Forest {
    let mut rows: Vec<ForestRow> = [
        ("butyrate 2 % from 38 d", 0.31, 0.19, 0.49, 60),
        ("FMT from 60 d", 0.74, 0.48, 1.13, 48),
        ("antibiotics", 1.62, 1.08, 2.44, 24),
        ("fibre, 10 %", 0.92, 0.11, 8.4, 6),
    ]
    .into_iter()
    .map(|(label, estimate, lower, upper, animals)| ForestRow {
        label: label.into(),
        estimate: Some(estimate),
        lower: Some(lower),
        upper: Some(upper),
        animals,
        reason: String::new(),
    })
    .collect();
    rows.push(ForestRow {
        label: "no SOD1 in the gut".into(),
        animals: 12,
        reason: "arms are separated".into(),
        ..ForestRow::default()
    });
    if scale == ForestScale::Difference {
        for row in &mut rows {
            for value in [&mut row.estimate, &mut row.lower, &mut row.upper] {
                *value = value.map(|ratio| 20.0 * (1.0 - ratio));
            }
            std::mem::swap(&mut row.lower, &mut row.upper);
        }
    }
    let ratio = scale == ForestScale::Ratio;
    Forest {
        quantity: if ratio { "Hazard ratio" } else { "Life gained" }.into(),
        unit: if ratio { "" } else { "d" }.into(),
        scale,
        left: if ratio {
            "lives longer"
        } else {
            "lives shorter"
        }
        .into(),
        right: if ratio {
            "lives shorter"
        } else {
            "lives longer"
        }
        .into(),
        rows,
        clock: Clock::default(),
    }
}

pub(super) fn power_curves(designs: usize) -> PowerCurves {
    let names = [
        "litter-matched, sex-balanced",
        "randomised",
        "low copies not excluded",
    ];
    let design = |index: usize| {
        let share = |group_size: f64, value: f64| {
            let error = 1.96 * (value * (1.0 - value) / 400.0).sqrt();
            Share {
                group_size,
                value,
                lower: (value - error).max(0.0),
                upper: (value + error).min(1.0),
            }
        };
        let sizes = [5.0, 10.0, 20.0, 24.0, 40.0];
        let slope = [0.06, 0.04, 0.025][index];
        PowerLine {
            name: names[index].into(),
            power: sizes
                .map(|n| share(n, (0.05 + slope * n).min(0.99)))
                .to_vec(),
            false_positives: sizes
                .map(|n| share(n, 0.05 + 0.03 * index as f64 * (1.0 - 1.0 / n)))
                .to_vec(),
        }
    };
    PowerCurves {
        designs: (0..designs).map(design).collect(),
        level: 0.05,
        wanted: Some(0.8),
        success: "log-rank p < 0.05".into(),
        ..PowerCurves::default()
    }
}

pub(super) fn funnels(panels: usize) -> Funnel {
    let panel = |index: usize| {
        let truth = if index.is_multiple_of(2) { 8.0 } else { 0.0 };
        let size = |group_size: u32| {
            let mut random = Stream::new(2, "funnel", u64::from(group_size) + 100 * index as u64);
            let error = 11.0 * (2.0 / f64::from(group_size)).sqrt();
            let replicates = (0..500).map(|_| {
                let effect = truth + error * random.normal();
                let verdict = if effect.abs() > 1.96 * error {
                    Verdict::Significant
                } else {
                    Verdict::NotSignificant
                };
                ApparentEffect { effect, verdict }
            });
            FunnelSize {
                group_size,
                replicates: replicates.collect(),
            }
        };
        FunnelPanel {
            heading: ["The treatment adds 8 d", "The treatment does nothing"][index % 2].into(),
            true_effect: Some(truth),
            sizes: [5, 10, 20, 24, 40].map(size).to_vec(),
        }
    };
    Funnel {
        effect: "Difference of medians".into(),
        unit: "d".into(),
        significance: "log-rank p < 0.05".into(),
        panels: (0..panels).map(panel).collect(),
        ..Funnel::default()
    }
}

#[test]
fn survival_curves_of_any_number_of_arms() {
    for (arms, animals) in [
        (1, 1),
        (1, 60),
        (2, 2),
        (2, 60),
        (3, 24),
        (6, 10),
        (2, 10_000),
    ] {
        for width in WIDTHS {
            let figure = kaplan_meier("survival", &survival_arms(arms, animals), width).unwrap();
            check(&figure);
        }
    }
}

#[test]
fn a_survival_figure_says_what_it_compares() {
    let mut arms = survival_arms(2, 60);
    let texts = |arms: &SurvivalArms| -> String {
        let figure = kaplan_meier("survival", arms, PageWidth::Double).unwrap();
        let texts = figure.scene.text_boxes().into_iter().map(|text| text.text);
        texts.collect::<Vec<_>>().join("\n")
    };
    let twins = texts(&arms);
    assert!(
        twins.contains("log-rank p = 0.0004; hazard ratio 0.50 (0.34 to 0.74)"),
        "{twins}"
    );
    assert!(twins.contains("descriptive"), "{twins}");
    assert!(twins.contains("control: n = 60, median 130 ("), "{twins}");
    arms.pairing = Pairing::Randomised;
    arms.arms[1].against_first = Some(ArmComparison {
        remark: "the groups are separated".into(),
        ..ArmComparison::default()
    });
    let apart = texts(&arms);
    assert!(
        !apart.contains("descriptive") && apart.contains("butyrate against control: the groups")
    );
    // Numbers at risk stand under the ticks, and are those of the curve.
    let at_risk = arms.arms[0].curve.at_risk(120.0).to_string();
    assert!(
        apart.lines().any(|line| line == at_risk),
        "{at_risk}: {apart}"
    );
}

#[test]
fn figures_are_drawn_again_from_their_tables() {
    let width = PageWidth::Double;
    let arms = [("control", None), ("butyrate", None)];

    let survival = survival_arms(2, 30);
    let figure = kaplan_meier("survival", &survival, width).unwrap();
    let against = survival.arms[1].against_first.clone().unwrap();
    let comparisons = BTreeMap::from([("butyrate".to_owned(), against)]);
    let read = SurvivalArms::from_table(figure.data(), &arms, &comparisons, Pairing::Twins);
    assert_eq!(
        kaplan_meier("survival", &read.unwrap(), width).unwrap(),
        figure
    );

    let mut lives = event_arms(2, 30);
    lives[1].failed = 0; // failed runs are not in the table of the figure
    let figure = events("events", &lives, &Terms::default(), width).unwrap();
    assert_eq!(
        EventArm::from_table(figure.data(), &arms, Some("onset_d")).unwrap(),
        lives
    );

    let cohort = band_arms(2, &AXIS[..3]);
    let figure = bands("bands", &cohort, &["zo1", "butyrate_lumen"], width).unwrap();
    let (variables, shades) = (cohort.variables.clone(), cohort.shades.clone());
    let read = Bands::from_table(figure.data(), &arms, variables, shades).unwrap();
    let again = bands("bands", &read, &["zo1", "butyrate_lumen"], width).unwrap();
    assert_eq!(again.to_svg().unwrap(), figure.to_svg().unwrap());

    let curves = power_curves(2);
    let figure = power_curve("power", &curves, width).unwrap();
    let read = PowerCurves::from_table(
        figure.data(),
        "significant",
        0.05,
        Some(0.8),
        "log-rank p < 0.05",
    );
    assert_eq!(read.unwrap(), curves);
}

#[test]
fn failed_runs_other_quantities_and_untestable_experiments_are_told_apart() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let endpoints = Table::new(
        "endpoints",
        vec![
            Column::text("arm", words(&["a", "a", "b"])),
            Column::optional_numbers("onset_d", "d", vec![Some(90.0), None, None]),
            Column::numbers("last_d", "d", vec![120.0, 70.0, 130.0]),
            Column::text("event", words(&["death", "censored", "other_death"])),
            Column::text("status", words(&["ok", "failed", "ok"])),
        ],
    );
    let read = EventArm::from_table(
        &endpoints,
        &[("b", None), ("a", None), ("c", None)],
        Some("onset_d"),
    )
    .unwrap();
    let counts: Vec<_> = read
        .iter()
        .map(|arm| (arm.lives.len(), arm.failed))
        .collect();
    assert_eq!(counts, [(1, 0), (1, 1), (0, 0)]);
    assert_eq!(read[0].lives[0].end, LifeEnd::OtherDeath);

    let trial = Table::new(
        "trial",
        vec![
            Column::text("design", words(&["d", "d", "d"])),
            Column::integers("group_size", vec![Some(10), Some(10), None]),
            Column::text("treatment", words(&["model", "null", "model"])),
            Column::text(
                "quantity",
                words(&["significant", "significant", "sample_size"]),
            ),
            Column::numbers("value", "", vec![0.4, 0.06, 24.0]),
            Column::optional_numbers("lower", "", vec![Some(0.3), None, None]),
            Column::optional_numbers("upper", "", vec![Some(0.5), None, None]),
        ],
    );
    let read = PowerCurves::from_table(&trial, "significant", 0.05, None, "").unwrap();
    assert_eq!(
        (
            read.designs[0].power.len(),
            read.designs[0].false_positives.len()
        ),
        (1, 1)
    );

    let experiments = Table::new(
        "experiments",
        vec![
            Column::text("design", words(&["d", "d", "d", "e"])),
            Column::integers("group_size", vec![Some(10); 4]),
            Column::text("treatment", words(&["model", "model", "null", "model"])),
            Column::optional_numbers("effect_d", "d", vec![Some(9.0), Some(1.0), Some(2.0), None]),
            Column::optional_numbers("log_rank_p", "1", vec![Some(0.01), None, Some(0.3), None]),
        ],
    );
    let read = Funnel::from_table(&experiments, "d", 0.05, Some(8.0)).unwrap();
    let verdicts: Vec<_> = read
        .panels
        .iter()
        .flat_map(|panel| &panel.sizes[0].replicates)
        .collect();
    assert_eq!(verdicts[0].verdict, Verdict::Significant);
    assert_eq!(verdicts[1].verdict, Verdict::NotSignificant);
    assert_eq!(read.panels[1].true_effect, Some(0.0));
    check(&funnel("funnel", &read, PageWidth::Double).unwrap());
    let unknown = Funnel::from_table(&trial, "d", 0.05, None);
    assert!(matches!(unknown, Err(FigureError::MissingColumn { .. })));
}

#[test]
fn bands_are_drawn_and_end_with_the_animals() {
    let ids: Vec<&str> = AXIS.iter().map(|info| info.0).collect();
    for arms in 1..=6 {
        for width in WIDTHS {
            let figure = bands("bands", &band_arms(arms, &AXIS), &ids, width).unwrap();
            check(&figure);
        }
    }
    let two = band_arms(2, &AXIS);
    let refused = |ids: &[&str]| bands("bands", &two, ids, PageWidth::Double).unwrap_err();
    assert!(matches!(refused(&[]), FigureError::NothingToDraw { .. }));
    assert!(matches!(
        refused(&["nothing"]),
        FigureError::UnknownVariable { .. }
    ));
    assert!(matches!(
        refused(&["zo1"; 17]),
        FigureError::TooManyPanels { .. }
    ));
}

#[test]
fn lives_of_any_number_of_animals() {
    for (arms, animals) in [(1, 1), (1, 60), (2, 60), (2, 5000), (4, 61), (6, 100)] {
        for width in WIDTHS {
            let drawn = event_arms(arms, animals);
            let figure = events("events", &drawn, &Terms::default(), width).unwrap();
            check(&figure);
            assert!(figure.size().1 < 260.0, "{:?}", figure.size());
            assert_eq!(figure.data().rows() as u64, arms as u64 * animals);
        }
    }
    let nobody = events(
        "events",
        &event_arms(2, 0),
        &Terms::default(),
        PageWidth::Double,
    );
    assert!(matches!(nobody, Err(FigureError::NothingToDraw { .. })));
}

#[test]
fn forests_of_ratios_and_differences() {
    for scale in [ForestScale::Ratio, ForestScale::Difference] {
        for width in WIDTHS {
            let mut rows = hazard_forest(scale);
            check(&forest("forest", &rows, width).unwrap());
            for row in &mut rows.rows[..4] {
                for value in [&mut row.estimate, &mut row.lower, &mut row.upper] {
                    *value = value.map(|value| 1.0 + 1e-3 * value);
                }
            }
            check(&forest("forest", &rows, width).unwrap());
            rows.rows.drain(..4);
            check(&forest("forest", &rows, width).unwrap());
            rows.rows.clear();
            let nothing = forest("forest", &rows, width);
            assert!(matches!(nothing, Err(FigureError::NothingToDraw { .. })));
        }
    }
}

#[test]
fn power_and_funnels() {
    for count in 1..=3 {
        for width in WIDTHS {
            check(&power_curve("power", &power_curves(count), width).unwrap());
            check(&funnel("funnel", &funnels(count), width).unwrap());
        }
    }
    let mut only_power = power_curves(2);
    for design in &mut only_power.designs {
        design.false_positives.clear();
    }
    check(&power_curve("power", &only_power, PageWidth::Double).unwrap());
    let nothing = power_curve("power", &PowerCurves::default(), PageWidth::Double);
    assert!(matches!(nothing, Err(FigureError::NothingToDraw { .. })));
    let nothing = funnel("funnel", &Funnel::default(), PageWidth::Double);
    assert!(matches!(nothing, Err(FigureError::NothingToDraw { .. })));
    let many = funnel("funnel", &funnels(10), PageWidth::Double);
    assert!(matches!(
        many,
        Err(FigureError::TooManyPanels { found: 10, .. })
    ));
}

#[test]
fn hostile_numbers_in_cohorts_are_drawn() {
    let hostile = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -1e300,
        1e300,
        5e-324,
    ];
    let name = || format!("<arm & \"x\"> \0 _{{x}} {}", "long ".repeat(40));
    for width in WIDTHS {
        let mut survival = survival_arms(2, 5);
        for (arm, value) in survival.arms.iter_mut().zip(hostile) {
            arm.name = name();
            survival.view.from = Some(value);
            for (step, value) in arm.curve.steps.iter_mut().zip(hostile) {
                (step.time, step.survival) = (value, value);
            }
            arm.against_first = Some(ArmComparison {
                log_rank_p: Some(value),
                remark: name(),
                ..ArmComparison::default()
            });
        }
        check(&kaplan_meier("hostile", &survival, width).unwrap());

        let mut wild = band_arms(2, &AXIS[..2]);
        for arm in &mut wild.arms {
            arm.name = name();
            for bands in arm.series.values_mut() {
                for (band, value) in bands.iter_mut().zip(hostile) {
                    if let Some(band) = band {
                        band.median = value;
                    }
                }
            }
        }
        check(&bands("hostile", &wild, &["zo1"], width).unwrap());

        let mut arms = event_arms(2, 7);
        for arm in &mut arms {
            arm.name = name();
            for (life, value) in arm.lives.iter_mut().skip(1).zip(hostile) {
                (life.onset, life.last) = (Some(value), value);
            }
        }
        check(&events("hostile", &arms, &Terms::default(), width).unwrap());

        for scale in [ForestScale::Ratio, ForestScale::Difference] {
            let mut rows = hazard_forest(scale);
            for (row, value) in rows.rows.iter_mut().zip(hostile) {
                row.label = name();
                row.reason = name();
                (row.lower, row.upper) = (Some(value), Some(value));
                row.estimate = Some(value);
            }
            (rows.left, rows.right) = (name(), name());
            check(&forest("hostile", &rows, width).unwrap());
        }

        let mut power = power_curves(2);
        for (share, value) in power.designs[0].power.iter_mut().zip(hostile) {
            (share.group_size, share.value, share.upper) = (value, value, value);
        }
        power.designs[1].name = name();
        check(&power_curve("hostile", &power, width).unwrap());

        let mut cloud = funnels(2);
        for (replicate, value) in cloud.panels[0].sizes[0].replicates.iter_mut().zip(hostile) {
            replicate.effect = value;
        }
        cloud.panels[0].heading = name();
        cloud.panels[1].true_effect = Some(f64::NAN);
        check(&funnel("hostile", &cloud, width).unwrap());
    }
}

fn people() -> Terms {
    Terms {
        subjects: Subjects {
            many: "persons".into(),
        },
        clock: Clock {
            title: "Time from expected onset".into(),
            unit: "month".into(),
            days: 30.4375,
            zero: 60.0,
            since: " from expected onset".into(),
        },
    }
}

#[test]
fn figures_speak_of_those_who_are_drawn_and_tell_their_time() {
    let terms = people();
    let arms = survival_arms(2, 30);
    let survival = SurvivalArms {
        pairing: Pairing::Twins,
        terms: terms.clone(),
        ..arms
    };
    let mut experiments = funnels(2);
    experiments.terms = terms.clone();
    let mut power = power_curves(2);
    power.terms = terms.clone();
    let width = PageWidth::Double;
    let figures = [
        kaplan_meier("survival", &survival, width).unwrap(),
        events("events", &event_arms(2, 5), &terms, width).unwrap(),
        power_curve("power", &power, width).unwrap(),
        funnel("funnel", &experiments, width).unwrap(),
    ];
    for figure in &figures {
        let svg = figure.to_svg().unwrap().to_lowercase();
        assert!(!svg.contains("animal"), "{}", figure.name());
        assert!(svg.contains("persons"), "{}", figure.name());
        assert!(!svg.contains("age (d)"), "{}", figure.name());
    }
    let svg = figures[0].to_svg().unwrap();
    assert!(svg.contains("Time from expected onset (months)"));
    assert!(svg.contains("months from expected onset"));
}

#[test]
fn a_window_that_shows_nothing_says_so_in_the_picture_and_beside_it() {
    let mut survival = survival_arms(2, 30);
    survival.view.from = Some(5000.0);
    let figure = kaplan_meier("survival", &survival, PageWidth::Double).unwrap();
    let svg = figure.to_svg().unwrap();
    assert!(svg.contains("no values in this window"), "{svg}");
    assert!(svg.contains("(nothing in this window)"));
    assert_eq!(figure.remarks().len(), 3, "{:?}", figure.remarks());
    survival.view.from = None;
    let figure = kaplan_meier("survival", &survival, PageWidth::Double).unwrap();
    assert_eq!(figure.remarks(), [""; 0]);
}
