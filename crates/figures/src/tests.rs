//! What every figure must keep: it is well-formed, inside its page, readable, and the same twice.

use super::*;
use std::collections::BTreeMap;

mod cohorts;
mod sensitivities;
mod texts;

/// Pages of every width.
const WIDTHS: [PageWidth; 5] = [
    PageWidth::Double,
    PageWidth::Single,
    PageWidth::Millimetres(110.0),
    PageWidth::Millimetres(130.0),
    PageWidth::Millimetres(260.0),
];

/// Smooth curves that look like a run of the model.
fn example(arms: &[&str], variables: &[(&str, &str, &str)]) -> Curves {
    let mut curves = Curves {
        words: EndWords {
            onset: "onset".to_owned(),
            death: "death".to_owned(),
        },
        ..Curves::default()
    };
    for (index, name) in arms.iter().enumerate() {
        let death = 130.0 + 12.0 * index as f64;
        let times: Vec<f64> = (21..=250)
            .map(f64::from)
            .take_while(|time| *time <= death)
            .collect();
        let mut arm = ArmCurves {
            name: (*name).to_owned(),
            onset: Some(death - 30.0),
            death: Some(death),
            ..ArmCurves::default()
        };
        for (order, (id, _, _)) in variables.iter().enumerate() {
            let values = times.iter().map(|time| {
                let age = time / death;
                (1.0 + order as f64) * (1.0 - 0.6 * age.powi(2 + (order % 4) as i32))
            });
            arm.series.insert((*id).to_owned(), values.collect());
        }
        arm.times = times;
        curves.arms.push(arm);
    }
    for (id, label, unit) in variables {
        curves.variables.insert(
            (*id).to_owned(),
            VariableInfo {
                label: (*label).into(),
                unit: (*unit).into(),
                ..VariableInfo::default()
            },
        );
    }
    curves.shades.push(Shade {
        arm: arms[arms.len() - 1].to_owned(),
        label: "butyrate 2 %".into(),
        start: 38.0,
        stop: f64::INFINITY,
        jumps: vec![38.0],
    });
    curves
}

fn check(figure: &Figure) {
    let svg = figure.to_svg().unwrap();
    assert_eq!(svg, figure.to_svg().unwrap(), "same bytes");
    assert!(svg.len() < 400_000, "{} bytes", svg.len());
    assert!(
        !svg.contains("NaN") && !svg.contains("inf"),
        "numbers are finite"
    );
    roxmltree::Document::parse(&svg).expect("well-formed");
    check_pdf(figure);
    assert!(figure.data().to_csv().is_ok());
    let (width, height) = figure.size();
    for text in figure.scene.text_boxes() {
        let (left, top, right, bottom) = text.edges;
        assert!(
            left >= 0.0 && top >= 0.0 && right <= width && bottom <= height,
            "{text:?} leaves the page of {width} by {height}"
        );
        assert!(text.points >= 4.4, "{text:?} is too small");
    }
    let boxes = figure.scene.text_boxes();
    for (index, one) in boxes.iter().enumerate() {
        for other in &boxes[..index] {
            let (a, b) = (one.edges, other.edges);
            let slack = 0.05;
            let apart = a.2 <= b.0 + slack
                || b.2 <= a.0 + slack
                || a.3 <= b.1 + slack
                || b.3 <= a.1 + slack;
            // Runs of one rich text touch, as sub- and superscripts must.
            let neighbours = (a.0 - b.2).abs() < 0.1 || (b.0 - a.2).abs() < 0.1;
            assert!(apart || neighbours, "{one:?} covers {other:?}");
        }
    }
}

/// A page of the right size with the letters of its texts inside, small, and the same twice.
fn check_pdf(figure: &Figure) {
    let pdf = figure.to_pdf().unwrap();
    assert_eq!(pdf, figure.to_pdf().unwrap(), "same bytes");
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf.len() < 400_000);
    let has = |words: &str| pdf.windows(words.len()).any(|it| it == words.as_bytes());
    let cuts = pdf.windows(10).filter(|it| *it == b"/FontFile2").count();
    let faces: BTreeSet<_> = figure
        .scene
        .marks()
        .iter()
        .filter_map(|mark| match mark {
            scene::Mark::Text { face, .. } => Some(*face),
            _ => None,
        })
        .collect();
    assert_eq!(cuts, faces.len());
    assert_eq!(has("/ToUnicode"), !faces.is_empty());
    let (width, _) = figure.size();
    let points = (1000.0 * width / scene::POINT).round() / 1000.0;
    assert!(has(&format!("/MediaBox [0 0 {points} ")), "{points}");
}

const AXIS: [(&str, &str, &str); 6] = [
    ("butyrate_lumen", "Luminal butyrate", "mM"),
    ("zo1", "ZO-1 in the colonic epithelium", "1"),
    ("permeability", "Leak, fold of wild type", "1"),
    ("il17", "IL-17A in plasma", "pg/ml"),
    (
        "microglia_activated",
        "Activated microglia, fold of wild type",
        "1",
    ),
    ("motor_neurons", "Motor neurons left", "%"),
];

#[test]
fn small_multiples_of_any_number() {
    let variables: Vec<(String, String)> = (0..16)
        .map(|index| (format!("v{index}"), format!("Variable {index}, CO_2")))
        .collect();
    let infos: Vec<(&str, &str, &str)> = variables
        .iter()
        .map(|(id, label)| (id.as_str(), label.as_str(), "mM/day"))
        .collect();
    let curves = example(&["control", "butyrate"], &infos);
    let ids: Vec<&str> = infos.iter().map(|info| info.0).collect();
    for count in 1..=16 {
        for width in WIDTHS {
            check(&trajectories("many", &curves, &ids[..count], width).unwrap());
        }
    }
    assert!(matches!(
        trajectories("none", &curves, &[], PageWidth::Double),
        Err(FigureError::NothingToDraw { .. })
    ));
    assert!(matches!(
        trajectories("wrong", &curves, &["nothing"], PageWidth::Double),
        Err(FigureError::UnknownVariable { .. })
    ));
}

#[test]
fn hostile_numbers_and_names_are_drawn() {
    let series: [Vec<f64>; 9] = [
        vec![f64::NAN; 5],
        vec![f64::INFINITY, 1.0, f64::NEG_INFINITY, 2.0, 3.0],
        vec![],
        vec![4.0; 5],
        vec![7.0],
        vec![1e300, -1e300, f64::MAX, f64::MIN, 0.0],
        vec![1e-300, 2e-300, 3e-300, 5e-324, 0.0],
        vec![1.0, 1.0 + 1e-15, 1.0, 1.0, 1.0],
        vec![-0.0, 0.0, -0.0, 0.0, 0.0],
    ];
    let mut curves = Curves::default();
    for (index, values) in series.iter().enumerate() {
        curves.arms.push(ArmCurves {
            name: format!("<arm & \"{index}\"> \0 _{{x}} {}", "long ".repeat(40)),
            times: vec![0.0, 1.0, f64::NAN, 2.0, 1e9],
            series: BTreeMap::from([("x<y".to_owned(), values.clone())]),
            onset: Some(f64::NAN),
            death: Some(f64::INFINITY),
            status: ArmStatus::Failed {
                reason: "step too small\n".into(),
            },
            level: Some(f64::NAN),
            style: None,
        });
        curves.shades.push(Shade {
            arm: curves.arms[index].name.clone(),
            label: "x".repeat(300),
            start: f64::NAN,
            stop: f64::NEG_INFINITY,
            jumps: vec![f64::NAN, f64::NEG_INFINITY],
        });
    }
    for arms in [curves.arms.clone()]
        .into_iter()
        .chain(curves.arms.iter().map(|arm| vec![arm.clone()]))
    {
        let curves = Curves {
            arms,
            ..curves.clone()
        };
        check(&trajectories("hostile", &curves, &["x<y"], PageWidth::Single).unwrap());
        check(&trajectories("hostile", &curves, &["x<y"; 3], PageWidth::Double).unwrap());
    }
}

#[test]
fn the_png_has_the_size_of_the_page() {
    let curves = example(&["control", "butyrate"], &AXIS);
    let ids: Vec<&str> = AXIS.iter().map(|info| info.0).collect();
    let figure = trajectories("axis", &curves, &ids, PageWidth::Double).unwrap();
    let bytes = figure.to_png(PRINT_DOTS_PER_INCH).unwrap();
    assert_eq!(bytes, figure.to_png(PRINT_DOTS_PER_INCH).unwrap());
    let decoder = ::png::Decoder::new(std::io::Cursor::new(&bytes));
    let mut reader = decoder.read_info().unwrap();
    assert_eq!(reader.info().width, 2126);
    assert_eq!(reader.info().pixel_dims.unwrap().xppu, 11811);
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let dark = pixels.iter().filter(|value| **value < 128).count();
    assert!(dark > 10_000, "{dark} dark values");
    assert!(matches!(
        figure.to_png(f64::NAN),
        Err(FigureError::Render { .. })
    ));
    assert!(matches!(
        figure.to_png(0.0),
        Err(FigureError::Render { .. })
    ));
    assert!(matches!(
        figure.to_png(1e9),
        Err(FigureError::Render { .. })
    ));
}

#[test]
fn endpoints_and_dose_response_are_drawn() {
    let mut curves = example(&["control", "0.5 %", "1 %", "2 %"], &AXIS);
    for (arm, level) in curves.arms.iter_mut().zip([0.0, 0.5, 1.0, 2.0]) {
        arm.level = Some(level);
    }
    curves.arms[3].death = None;
    curves.arms.push(ArmCurves {
        name: "4 %".into(),
        level: Some(4.0),
        status: ArmStatus::Failed {
            reason: "step too small".into(),
        },
        ..ArmCurves::default()
    });
    curves.arms.push(ArmCurves {
        name: "a name of an arm that is far too long for any row of any figure ".repeat(3),
        status: ArmStatus::NotRun,
        ..ArmCurves::default()
    });
    let level = VariableInfo {
        label: "Sodium butyrate".into(),
        unit: "% w/v".into(),
        ..VariableInfo::default()
    };
    for width in WIDTHS {
        check(&endpoints("endpoints", &curves, width).unwrap());
        let figure = dose_response("dose", &curves, &level, width).unwrap();
        check(&figure);
        let gains = figure.data().numbers("death_gain_d").unwrap();
        assert_eq!(gains, [Some(0.0), Some(12.0), Some(24.0), None, None]);
    }
    let unordered = example(&["control", "fibre"], &AXIS);
    assert!(matches!(
        dose_response("dose", &unordered, &level, PageWidth::Double),
        Err(FigureError::NothingToDraw { .. })
    ));
}

#[test]
fn many_panels_fit_on_a_page() {
    for count in [4, 6, 9] {
        let names: Vec<String> = (1..=count)
            .map(|panel| format!("a_variable_{panel}"))
            .collect();
        let known: Vec<(&str, &str, &str)> = names
            .iter()
            .map(|id| (id.as_str(), id.as_str(), "1"))
            .collect();
        let curves = example(&["control"], &known);
        let ids: Vec<&str> = names.iter().map(String::as_str).collect();
        let figure = trajectories("panels", &curves, &ids, PageWidth::Double).unwrap();
        assert_eq!(figure.data().columns.len(), 2 + known.len());
        check(&figure);
    }
}

/// A network of the size of the model, with links by a fixed rule.
fn example_map(nodes: usize, links: usize) -> MapGraph {
    let regions = ["gut", "barrier", "blood", "cord", "body"];
    let mut graph = MapGraph::default();
    for region in regions {
        graph.regions.push(MapRegion {
            id: region.into(),
            label: format!("Region {region}"),
        });
    }
    for index in 0..nodes {
        let region = regions[index * regions.len() / nodes];
        graph.nodes.push(MapNode {
            id: format!("n{index}"),
            label: format!("Node {index}, CO_2 and a long name"),
            region: region.into(),
            compartment: format!("{region} {}", index % 2),
            form: if index % 5 == 0 {
                MapForm::Derived
            } else {
                MapForm::Followed
            },
        });
    }
    for index in 0..links {
        let (from, to) = ((index * 7 + index / 5) % nodes, (index * 11 + 3) % nodes);
        graph.arrows.push(MapArrow {
            from: format!("n{from}"),
            to: format!("n{to}"),
            kind: [MapKind::Flux, MapKind::Raises, MapKind::Lowers][index % 3],
            active: index % 13 != 0,
        });
    }
    graph
}

#[test]
fn the_map_is_drawn_at_any_size() {
    for (nodes, links) in [(1, 0), (1, 3), (2, 2), (9, 20), (45, 150), (60, 250)] {
        let graph = example_map(nodes, links);
        let figure = network_map("map", &graph).unwrap();
        check(&figure);
        assert_eq!(figure.data().rows(), links);
    }
}

#[test]
fn a_map_with_unknown_names_is_refused() {
    let refused = |graph: &MapGraph| network_map("map", graph).unwrap_err();
    assert!(matches!(
        refused(&MapGraph::default()),
        FigureError::NothingToDraw { .. }
    ));
    let mut graph = example_map(9, 9);
    graph.arrows[3].to = "nowhere".into();
    assert!(matches!(refused(&graph), FigureError::UnknownNode { .. }));
    let mut graph = example_map(9, 9);
    graph.nodes[3].region = "nowhere".into();
    assert!(matches!(refused(&graph), FigureError::UnknownRegion { .. }));
    let mut graph = example_map(9, 9);
    graph.nodes[3].id = "n2".into();
    assert!(matches!(refused(&graph), FigureError::RepeatedNode { .. }));
}

#[test]
fn a_page_has_the_width_the_words_and_the_title_that_were_asked_for() {
    let curves = example(&["control", "butyrate 2 %"], &AXIS);
    let ids: Vec<&str> = AXIS.iter().map(|(id, ..)| *id).collect();
    let plain = trajectories("axis", &curves, &ids, PageWidth::Double).unwrap();
    let same = Look::default().finish(plain.clone()).unwrap();
    assert_eq!(same, plain);
    let title = "What butyrate in the drinking water does to the axis from the lumen to the muscle, in words \
                 that need more than one line";
    for (width, text_points) in [(90.0, 6.5), (120.0, 8.0), (180.0, 9.0), (254.0, 14.0)] {
        let look = Look {
            width: PageWidth::Millimetres(width),
            text_points,
            title: Some(title.to_owned()),
        };
        let figure = trajectories("axis", &curves, &ids, look.page()).unwrap();
        let height = figure.size().1 * width / figure.size().0;
        let figure = look.finish(figure).unwrap();
        check(&figure);
        assert!((figure.size().0 - width).abs() < 1e-9 && figure.size().1 > height);
        let boxes = figure.scene.text_boxes();
        let ticks = text_points * panel::TICK_STYLE.points / Look::TEXT_POINTS;
        let near = |it: &scene::TextBox| (it.points - ticks).abs() < 1e-9;
        assert!(boxes.iter().any(near), "{ticks} pt");
        let words: Vec<&str> = title.split(' ').collect();
        let shown: String = boxes.iter().map(|it| format!("{} ", it.text)).collect();
        assert!(words.iter().all(|word| shown.contains(word)), "{shown}");
    }
}
