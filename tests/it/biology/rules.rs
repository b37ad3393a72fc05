//! Rules of structure that no value of a parameter may break: signals are redundant, responses are bounded,
//! cells have their own part in the disease, and nothing in the gut beats the cut between gut and cord.

use super::lives::{at, death, hold, intervention, lives, off, onset, scale, within};
use gutbrain::simulate::ArmRun;
use gutbrain_statistics::random::Stream;

const BACKGROUNDS: [&str; 2] = ["mouse-g93a-b6sjl", "mouse-g93a-c57bl6"];

/// An untreated animal and arms by name.
fn against_control(subject: &str, stop: u32, arms: &[(&str, String)]) -> Vec<ArmRun> {
    let mut all = vec![("control", "")];
    all.extend(arms.iter().map(|(name, text)| (*name, text.as_str())));
    lives(subject, stop, "", &all)
}

fn gain(runs: &[ArmRun], arm: usize) -> f64 {
    death(&runs[arm]) - death(&runs[0])
}

/// M2-42 and S2-25 (no effect of IL-6 and TNF), S2-24 and S2-26 (a small one of TLR4 and IL-1β); an
/// antibody, an antagonist and an inhibitor that were given to animals stay below the genes.
#[test]
fn no_single_cytokine_or_receptor_is_a_hub() {
    let arms = [
        ("IL-6", 0.03, intervention("knock-out-il6", "1", "birth")),
        ("TNF", 0.03, intervention("knock-out-tnf", "1", "birth")),
        ("IL-1β", 0.05, intervention("knock-out-il1b", "1", "birth")),
        ("IL-17A", 0.05, intervention("knock-out-il17", "1", "birth")),
        ("TLR4", 0.05, intervention("knock-out-tlr4", "1", "birth")),
        (
            "anti-IL-17",
            0.05,
            intervention("anti-il17", "10 mg/kg/week", "60 d"),
        ),
        (
            "IL-1 blockade",
            0.05,
            intervention("il1-blockade", "100 mg/kg/day", "60 d"),
        ),
        (
            "NLRP3 inhibitor",
            0.05,
            intervention("nlrp3-inhibitor", "30 mg/kg/day", "60 d"),
        ),
        // S2-31: no benefit of riluzole.
        (
            "riluzole",
            0.03,
            intervention("riluzole", "22 mg/kg/day", "60 d"),
        ),
    ];
    for subject in BACKGROUNDS {
        let texts = arms.clone().map(|(name, _, text)| (name, text));
        let runs = against_control(subject, 300, &texts);
        for (number, (name, share, _)) in (1..).zip(&arms) {
            let change = gain(&runs, number) / death(&runs[0]);
            assert!(change.abs() < *share, "{subject}, {name}: {change} of life");
            assert!(change > -0.005, "{subject}, {name}: {change} of life");
        }
    }
}

/// S2-01 and S2-04 (antibiotics), M2-102 (germ-free): without flora, or what feeds it, life is shorter.
#[test]
fn losing_the_flora_shortens_life() {
    let arms = [
        ("low dose", intervention("antibiotics", "4 1/day", "42 d")),
        ("high dose", intervention("antibiotics", "15 1/day", "42 d")),
        (
            "from birth",
            intervention("antibiotics", "50 1/day", "birth"),
        ),
        ("no fibre", intervention("fibre-free-diet", "1", "38 d")),
    ];
    for subject in BACKGROUNDS {
        let runs = against_control(subject, 300, &arms);
        let gains: Vec<f64> = (1..=4).map(|arm| gain(&runs, arm)).collect();
        assert!(
            gains.iter().all(|gain| *gain < -1.0),
            "{subject}: {gains:?}"
        );
        assert!(
            gains[2] < gains[1] && gains[1] < gains[0],
            "{subject}: {gains:?}"
        );
        // What the flora gives acts late: the course suffers more than the onset.
        let earlier = onset(&runs[0]) - onset(&runs[2]);
        assert!(
            earlier < 0.7 * -gains[1],
            "{subject}: onset earlier by {earlier} d, {gains:?}"
        );
    }
}

/// M2-48: half of the dividing microglia gone changes no number of motor neurons; M2-49: fewer still do not
/// help; M2-96: calm by TGF-β1 hurts.
#[test]
fn division_of_microglia_is_no_engine() {
    let division = |factor: f64| scale("process.microglia_amplify", factor, "90 d");
    let arms = [
        ("half", division(0.5)),
        ("a tenth", division(0.1)),
        ("TGF-β1", intervention("astrocytic-tgf-beta", "1", "birth")),
    ];
    for subject in BACKGROUNDS {
        let runs = against_control(subject, 300, &arms);
        let neurons = |run: &ArmRun| at(run, "motor_neurons", 115.0);
        let change = neurons(&runs[1]) / neurons(&runs[0]) - 1.0;
        assert!(change.abs() < 0.02, "{subject}: neurons {change}");
        assert!(gain(&runs, 1) < 1.0, "{subject}: {}", gain(&runs, 1));
        assert!(gain(&runs, 2) < 0.0, "{subject}: {}", gain(&runs, 2));
        assert!(gain(&runs, 3) < -1.0, "{subject}: {}", gain(&runs, 3));
    }
}

/// S1-14 to S1-17: fewer copies of the transgene, later disease; the few of the low-copy line fall ill in
/// their second year instead of never.
#[test]
fn fewer_copies_of_the_transgene_are_a_later_disease_not_none() {
    let copies = |number: f64| hold("parameter.transgene_copies", number);
    let arms = [
        ("18", copies(18.0)),
        ("9", copies(9.0)),
        ("4", copies(4.0)),
        ("0", copies(0.0)),
    ];
    let mut all = vec![("25", "")];
    all.extend(arms.iter().map(|(name, text)| (*name, text.as_str())));
    let runs = lives(BACKGROUNDS[0], 1000, "", &all);
    within(
        "onset, 18 copies",
        onset(&runs[1]),
        121.0 * 0.9,
        121.0 * 1.1,
    );
    within(
        "death, 18 copies",
        death(&runs[1]),
        170.0 * 0.9,
        170.0 * 1.1,
    );
    within(
        "onset, 9 copies",
        onset(&runs[2]),
        365.0 * 0.85,
        365.0 * 1.15,
    );
    within(
        "death, 9 copies",
        death(&runs[2]),
        456.0 * 0.85,
        456.0 * 1.15,
    );
    within("onset, 4 copies", onset(&runs[3]), 365.0, 730.0);
    assert!(runs[4].endpoints.onset_d.is_none());
    let deaths: Vec<f64> = runs[..4].iter().map(death).collect();
    assert!(
        deaths.windows(2).all(|pair| 1.1 * pair[0] < pair[1]),
        "{deaths:?}"
    );
}

/// Life gained by a dose of butyrate in the water turns once, at a few per cent, and as much as a mouse could drink does nothing.
#[test]
fn doses_of_butyrate_turn_once_and_are_bounded() {
    let doses = [
        "0.25", "0.5", "1", "1.5", "2", "2.5", "3", "4", "6", "8", "10",
    ];
    for subject in BACKGROUNDS {
        let arms = doses.map(|dose| {
            (
                dose,
                intervention("butyrate-water", &format!("{dose} %"), "38 d"),
            )
        });
        let runs = against_control(subject, 300, &arms);
        let gains: Vec<f64> = (1..=doses.len()).map(|arm| gain(&runs, arm)).collect();
        let best = (0..gains.len())
            .max_by(|a, b| gains[*a].total_cmp(&gains[*b]))
            .expect("doses");
        assert!((2..=7).contains(&best), "{subject}: {gains:?}");
        for pair in gains[..=best].windows(2) {
            assert!(pair[1] > pair[0], "{subject}: {gains:?}");
        }
        for pair in gains[best..].windows(2) {
            assert!(pair[1] < pair[0] + 1.0, "{subject}: {gains:?}");
        }
        within("gain of 10 %, d", gains[doses.len() - 1], -10.0, 1.0);
    }
}

/// Ten times the plausible dose of what is thought to help is worth no more than a tenth of life.
#[test]
fn large_doses_saturate() {
    let arms = [
        ("Treg", intervention("treg-transfer", "10 1/day", "38 d")),
        ("GOS", intervention("prebiotic-gos", "30 mmol/day", "38 d")),
        ("fibre", intervention("dietary-fibre", "10", "38 d")),
        ("nicotinamide", intervention("nicotinamide", "100", "42 d")),
        (
            "A. muciniphila",
            intervention("akkermansia", "1e12 CFU/day", "38 d"),
        ),
    ];
    for subject in BACKGROUNDS {
        let runs = against_control(subject, 300, &arms);
        for (number, (name, _)) in (1..).zip(&arms) {
            let share = gain(&runs, number) / death(&runs[0]);
            within(
                &format!("{subject}, {name}: share of life"),
                share,
                0.0,
                0.1,
            );
        }
    }
}

/// All routes from gut to cord cut, as `scenarios/ceiling.toml` has it, against random combinations of
/// actions on the gut; `tests/model/run ceiling` tries thousands.
#[test]
fn no_combination_in_the_gut_beats_the_cut() {
    let doses = [
        ("butyrate-water", "%", 0.1, 8.0),
        ("tributyrin", "mmol/day", 0.02, 2.0),
        ("dietary-fibre", "", 0.1, 5.0),
        ("prebiotic-gos", "mmol/day", 0.05, 6.0),
        ("akkermansia", "CFU/day", 1e8, 1e11),
        ("antibiotics-against-enterobacteria", "1/day", 0.1, 40.0),
        ("mediterranean-diet", "", 0.1, 1.0),
        ("anti-il17", "mg/kg/week", 0.1, 20.0),
        ("knock-out-tlr4", "", 0.2, 1.0),
    ];
    let processes = [
        "ecadherin_is_made_ileum",
        "zo1_is_made_ileum",
        "butyrate_producers_ferment_sugar",
        "enterobacteria_ferment_sugar",
        "signals_activate_nfkb_ileum",
        "sod1_damages_zo1_ileum",
        "sod1_damages_ecadherin_ileum",
        "endotoxin_leaks_into_blood",
        "leak_activates_phagocytes",
    ];
    let factors = [0.0, 0.1, 0.3, 3.0, 10.0];
    let mut draw = Stream::new(1, "combinations", 0);
    let mut arms = Vec::new();
    for number in 0..60 {
        let mut text = String::new();
        for (kind, unit, low, high) in doses {
            if draw.uniform() < 0.3 {
                let dose = low * gutbrain_numbers::Real::powf(high / low, draw.uniform());
                text += &intervention(kind, &format!("{dose:?} {unit}"), "38 d");
            }
        }
        for process in processes {
            if draw.uniform() < 0.3 {
                let factor = factors[draw.below(5) as usize];
                text += &scale(&format!("process.{process}"), factor, "38 d");
            }
        }
        arms.push((format!("combination {number}"), text));
    }
    let model = gutbrain::model::Model::builtin().expect("the built-in model is sound");
    for name in [
        "scenarios/ceiling.toml",
        "calibration/scenarios/ceiling-c57bl6.toml",
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let scenario =
            gutbrain::scenario::Scenario::load(path, &model).expect("a shipped scenario");
        let cut = gutbrain::simulate::simulate(&model, &scenario).expect("it fits the model");
        let ceiling = death(&cut[2]) - death(&cut[0]);
        let butyrate = death(&cut[1]) - death(&cut[0]);
        assert!(
            butyrate < ceiling + 1.0,
            "{butyrate} d against the cut's {ceiling} d"
        );
        let arms: Vec<(&str, String)> = arms
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone()))
            .collect();
        let runs = against_control(&scenario.subject.preset, 800, &arms);
        let best = (1..runs.len()).max_by(|a, b| gain(&runs, *a).total_cmp(&gain(&runs, *b)));
        let best = best.expect("combinations");
        assert!(
            gain(&runs, best) > 5.0,
            "nothing helps: {}",
            gain(&runs, best)
        );
        assert!(
            gain(&runs, best) < ceiling + 1.0,
            "{} d against the cut's {ceiling} d: {}",
            gain(&runs, best),
            arms[best - 1].1
        );
    }
}

/// M2-69: CD4 cells protect; M2-71: CD8 cells harm; S2-17: both together protect. Before onset the cord has
/// none (S6-18), so that they act late.
#[test]
fn cd4_cells_are_for_the_neurons_and_cd8_cells_against() {
    let arms = [
        ("no CD4", intervention("knock-out-cd4", "1", "birth")),
        ("no CD8", intervention("cd8-depletion", "1", "birth")),
        (
            "no T and B cells",
            intervention("knock-out-rag2", "1", "birth"),
        ),
    ];
    for subject in BACKGROUNDS {
        let runs = against_control(subject, 300, &arms);
        let neurons = |arm: usize| at(&runs[arm], "motor_neurons", 115.0);
        assert!(gain(&runs, 1) < -2.0, "{subject}: {}", gain(&runs, 1));
        assert!(
            gain(&runs, 2) > 0.0 && neurons(2) > neurons(0),
            "{subject}: {}",
            gain(&runs, 2)
        );
        assert!(gain(&runs, 3) < -2.0, "{subject}: {}", gain(&runs, 3));
        let earlier = onset(&runs[0]) - onset(&runs[1]);
        assert!(
            earlier < 0.5 * -gain(&runs, 1),
            "{subject}: onset earlier by {earlier} d"
        );
    }
}

/// M2-38: without Bax the bodies of neurons live and their junctions are lost all the same.
#[test]
fn losing_bax_saves_bodies_and_not_junctions() {
    let arms = [("no Bax", intervention("knock-out-bax", "1", "birth"))];
    for subject in BACKGROUNDS {
        let runs = against_control(subject, 300, &arms);
        let both = |id: &str, age: f64| [at(&runs[0], id, age), at(&runs[1], id, age)];
        let [with, without] = both("motor_neurons", 120.0);
        assert!(
            without > 99.0 && with < 80.0,
            "{subject}: {with} and {without} % of bodies"
        );
        let [with, without] = both("fast_junctions", 100.0);
        assert!(
            (without - with).abs() < 3.0,
            "{subject}: {with} and {without} % of junctions"
        );
        within("share of life", gain(&runs, 1) / death(&runs[0]), 0.01, 0.1);
    }
}

/// M2-01, M2-09, M2-35: SOD1 of motor neurons sets the onset; that of microglia and astrocytes the course.
#[test]
fn sod1_of_neurons_sets_the_onset_and_sod1_of_glia_the_course() {
    let arms = [
        (
            "motor neurons",
            intervention("sod1-lowering-motor-neurons", "0.3", "birth"),
        ),
        (
            "microglia",
            intervention("sod1-lowering-microglia", "0.8", "birth"),
        ),
        (
            "astrocytes",
            intervention("sod1-lowering-astrocytes", "0.8", "birth"),
        ),
        (
            "wild-type marrow",
            intervention("wild-type-marrow", "1", "5 d"),
        ),
    ];
    for subject in BACKGROUNDS {
        let runs = against_control(subject, 300, &arms);
        let later = |arm: usize| onset(&runs[arm]) - onset(&runs[0]);
        assert!(later(1) > 10.0, "{subject}: {}", later(1));
        for arm in [2, 3] {
            let name = arms[arm - 1].0;
            assert!(
                gain(&runs, arm) > 2.0,
                "{subject}, {name}: {}",
                gain(&runs, arm)
            );
            assert!(
                gain(&runs, arm) > later(arm) + 1.0,
                "{subject}, {name}: {}",
                later(arm)
            );
            assert!(
                later(arm) < 0.5 * later(1),
                "{subject}, {name}: {}",
                later(arm)
            );
        }
        assert!(gain(&runs, 4) > 5.0, "{subject}: {}", gain(&runs, 4));
    }
}

/// M2-22: lowering SOD1 helps, and early lowering more than late.
#[test]
fn lowering_sod1_early_gains_more_than_late() {
    let arms = [
        ("from 50 d", intervention("sod1-lowering", "0.3", "50 d")),
        ("from 90 d", intervention("sod1-lowering", "0.3", "90 d")),
    ];
    for subject in BACKGROUNDS {
        let runs = against_control(subject, 400, &arms);
        assert!(gain(&runs, 2) > 1.0, "{subject}: {}", gain(&runs, 2));
        assert!(
            gain(&runs, 1) > 1.5 * gain(&runs, 2),
            "{subject}: {}",
            gain(&runs, 1)
        );
    }
}

/// M2-54, M2-80: the nerve is a second place of the disease, and neither macrophages there nor astrocytes
/// (M2-35) are the only engine.
#[test]
fn the_disease_has_more_than_one_engine() {
    let arms = [
        (
            "wild-type macrophages",
            intervention("low-harm-macrophages", "1", "30 d"),
        ),
        (
            "none in the nerve",
            off(&["process.macrophages_gather_in_nerve"], "birth"),
        ),
        ("no astrocytes", off(&["process.astrocytes_react"], "birth")),
    ];
    for subject in BACKGROUNDS {
        let runs = against_control(subject, 300, &arms);
        let later = onset(&runs[1]) - onset(&runs[0]);
        assert!(
            later > 1.0 && gain(&runs, 1) > 1.0,
            "{subject}: {later}, {}",
            gain(&runs, 1)
        );
        for arm in [2, 3] {
            within(
                arms[arm - 1].0,
                gain(&runs, arm) / death(&runs[0]),
                0.02,
                0.25,
            );
        }
    }
}

/// M2-134: at 60 % of the calories onset and death come earlier, and the mouse weighs less.
#[test]
fn fewer_calories_bring_the_end_closer() {
    let arms = [("60 %", intervention("calorie-restriction", "0.4", "40 d"))];
    let runs = against_control(BACKGROUNDS[0], 300, &arms);
    within("onset, d", onset(&runs[1]) - onset(&runs[0]), -20.0, -5.0);
    within("death, d", gain(&runs, 1), -16.0, -3.0);
    let weight = at(&runs[1], "weight", 90.0) / at(&runs[0], "weight", 90.0);
    within("weight, fold", weight, 0.6, 0.8);
}
