//! The figures of sensitivity studies: on data like the program's, at the edges, and on hostile numbers.

use gutbrain_statistics::random::Stream;

use super::*;

const NAMES: [&str; 12] = [
    "butyrate_uptake_half_saturation",
    "microglia_priming_gain",
    "zo1_turnover",
    "misfolding_rate",
    "il17_barrier_damage_gain",
    "treg_induction_by_butyrate",
    "motor_neuron_loss_rate",
    "lps_leak_rate",
    "hdac_inhibition_half",
    "astrocyte_glutamate_uptake",
    "dummy",
    "bdnf_support",
];

fn name(index: usize) -> String {
    match NAMES.get(index) {
        Some(name) => (*name).to_owned(),
        None => format!("{}_{index}", NAMES[index % NAMES.len()]),
    }
}

/// Sizes that fall off as those of real studies do: few large, most near nothing.
fn size(index: usize) -> f64 {
    let mut random = Stream::new(1, "sizes", index as u64);
    12.0 * (0.78_f64).powi(i32::try_from(index).unwrap()) * (0.6 + 0.8 * random.uniform())
}

fn plane(inputs: usize) -> MorrisPlane {
    let point = |index: usize| {
        let mut random = Stream::new(2, "plane", index as u64);
        let size = size(index);
        MorrisPoint {
            name: name(index),
            standing: match index % 3 {
                0 => Standing::Assumed,
                1 => Standing::PartlyAssumed,
                _ => Standing::Evidence,
            },
            mean: Some(size * (2.0 * random.uniform() - 1.0)),
            size: Some((size, 0.8 * size, 1.2 * size)),
            spread: Some(size * (0.1 + 1.1 * random.uniform())),
        }
    };
    MorrisPlane {
        heading: "Gain of life by butyrate".into(),
        unit: "d".into(),
        inputs: (0..inputs).map(point).collect(),
        noise: Some(0.2),
        named: 14,
    }
}

fn shares(inputs: usize) -> VarianceShares {
    let share = |index: usize| {
        let total = 0.03 * size(index);
        let first = total * 0.7 - 0.002;
        InputShare {
            name: name(index),
            remark: ["quoted", "assumed", "secondary"][index % 3].into(),
            first: Some((first, first - 0.03, first + 0.03)),
            total: Some((total, 0.8 * total, 1.25 * total)),
        }
    };
    VarianceShares {
        heading: "Gain of life by butyrate".into(),
        inputs: (0..inputs).map(share).collect(),
        noise: Some(0.02),
        most: 15,
    }
}

pub(super) fn effects(inputs: usize) -> Tornado {
    let row = |index: usize| TornadoRow {
        name: name(index),
        remark: ["quoted", "assumed", "secondary"][index % 3].into(),
        value: size(index) * if index.is_multiple_of(2) { 0.1 } else { -0.1 },
        interval: None,
    };
    Tornado {
        heading: "Gain of life by butyrate".into(),
        quantity: "Elasticity".into(),
        unit: String::new(),
        directions: ["rises with the parameter".into(), "falls".into()],
        rows: (0..inputs).map(row).collect(),
        most: 20,
    }
}

fn by_age(panels: usize, inputs: usize) -> IndexCurves {
    let curve = |input: usize| IndexCurve {
        name: name(input),
        points: (3..=13)
            .map(|ten| {
                let at = 10.0 * f64::from(ten);
                let value = (0.9 - 0.12 * input as f64) * (at / 60.0 + input as f64).sin();
                let interval = Some((value - 0.06, value + 0.06));
                IndexPoint {
                    at,
                    value,
                    interval,
                }
            })
            .collect(),
    };
    let panel = |panel: usize| IndexPanel {
        heading: ["Permeability of the colon", "Motor neurons", "IL-17"][panel % 3].into(),
        curves: (panel..panel + inputs).map(curve).collect(),
        insignificant: (3..=13).map(|ten| (10.0 * f64::from(ten), 0.09)).collect(),
    };
    IndexCurves {
        along: ("Age".into(), "d".into()),
        index: "Partial rank correlation".into(),
        unit: String::new(),
        band: "not different from 0 at the 5 % level".into(),
        remark: "bands: 95 % interval".into(),
        panels: (0..panels).map(panel).collect(),
    }
}

fn by_size(panels: usize) -> IndexCurves {
    let mut curves = by_age(panels, 4);
    curves.along = ("Rows of the sample".into(), String::new());
    curves.index = "Total share of the variance".into();
    curves.band = String::new();
    for panel in &mut curves.panels {
        panel.insignificant.clear();
        for curve in &mut panel.curves {
            curve.points = (4..=10)
                .map(|power| {
                    let half = 0.8 / f64::from(1 << power).sqrt();
                    let value = 0.3 + 0.5 * half;
                    IndexPoint {
                        at: f64::from(1 << power),
                        value,
                        interval: Some((value - half, value + half)),
                    }
                })
                .collect();
        }
    }
    curves
}

#[test]
fn studies_of_any_size_are_drawn() {
    for width in WIDTHS {
        for inputs in [1, 2, 12, 60, 150] {
            check(&morris_plane("morris", &plane(inputs), width).unwrap());
            check(&variance_shares("sobol", &shares(inputs), width).unwrap());
            check(&tornado("tornado", &effects(inputs), width).unwrap());
        }
        for panels in [1, 2, 6] {
            let curves = by_age(panels, 4);
            check(&index_curves("prcc", &curves, IndexAxis::Age, width).unwrap());
            let curves = by_size(panels);
            check(&index_curves("convergence", &curves, IndexAxis::Doublings, width).unwrap());
        }
    }
}

#[test]
fn the_largest_stand_on_top_and_the_data_has_all() {
    let figure = tornado("tornado", &effects(40), PageWidth::Double).unwrap();
    assert_eq!(figure.data().rows(), 40);
    let csv = figure.data().to_csv().unwrap();
    let sizes: Vec<f64> = csv
        .lines()
        .skip(1)
        .map(|line| {
            line.split(',')
                .nth(2)
                .unwrap()
                .parse::<f64>()
                .unwrap()
                .abs()
        })
        .collect();
    assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]), "{csv}");
    let figure = variance_shares("sobol", &shares(40), PageWidth::Double).unwrap();
    assert_eq!(figure.data().rows(), 40);
    // Of 40 inputs, 15 rows are drawn, and the figure says so.
    let texts = figure.scene.text_boxes();
    assert!(texts.iter().any(|text| text.text.contains("25 inputs")));
}

#[test]
fn names_in_the_plane_do_not_cover_points_or_each_other() {
    let figure = morris_plane("morris", &plane(60), PageWidth::Double).unwrap();
    let texts = figure.scene.text_boxes();
    let named = texts.iter().filter(|text| text.text.contains('_')).count();
    assert!(named >= 10, "{named} of 14 names found a place");
    for mark in figure.scene.marks() {
        let scene::Mark::Disc { centre, .. } = mark else {
            continue;
        };
        for text in texts.iter().filter(|text| text.text.contains('_')) {
            let (left, top, right, bottom) = text.edges;
            let inside = centre.0 > left && centre.0 < right && centre.1 > top && centre.1 < bottom;
            assert!(!inside, "{text:?} covers {centre:?}");
        }
    }
}

#[test]
fn hostile_numbers_are_drawn_or_refused() {
    let hostile = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1e300,
        -1e300,
        1e-320,
        0.0,
    ];
    let mut plane = plane(7);
    let mut shares = shares(7);
    let mut effects = effects(7);
    let mut curves = by_age(1, 7);
    for (index, value) in hostile.into_iter().enumerate() {
        plane.inputs[index].size = Some((value, value, value));
        plane.inputs[index].spread = Some(value);
        shares.inputs[index].total = Some((value, -value, value));
        shares.inputs[index].first = None;
        effects.rows[index].value = value;
        effects.rows[index].interval = Some((value, f64::NAN));
        for point in &mut curves.panels[0].curves[index].points {
            point.value = value;
            point.interval = Some((f64::NAN, value));
        }
    }
    let width = PageWidth::Double;
    check(&morris_plane("morris", &plane, width).unwrap());
    check(&variance_shares("sobol", &shares, width).unwrap());
    check(&tornado("tornado", &effects, width).unwrap());
    check(&index_curves("prcc", &curves, IndexAxis::Age, width).unwrap());
    plane.inputs.clear();
    shares.inputs.clear();
    effects.rows.clear();
    curves.panels.clear();
    assert!(morris_plane("morris", &plane, width).is_err());
    assert!(variance_shares("sobol", &shares, width).is_err());
    assert!(tornado("tornado", &effects, width).is_err());
    assert!(index_curves("prcc", &curves, IndexAxis::Age, width).is_err());
}
