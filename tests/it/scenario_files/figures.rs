//! What a figure shows, and how a whole paper looks.

use std::path::Path;

use gutbrain::model::Model;
use gutbrain::report::figure::Colour;
use gutbrain::scenario::{Overrides, Scenario, ScenarioFile};
use gutbrain::study::{Memory, RunStudy, Setup, Silent, Study as _};
use gutbrain_network::Source;

use crate::scenario_files::{BASE, accept, model, read};

fn with_figure(keys: &str) -> String {
    format!(
        "{BASE}[[figure]]\nkind = \"trajectories\"\nshow = [\"signal_fold\", \"drug\"]\n{keys}\n"
    )
}

/// Every key that has no meaning, a wrong name or a wrong value is refused, with the line and the help.
#[test]
fn mistakes_of_a_view_are_named() {
    let model = model();
    let mistakes = [
        ("arms = [\"drg\"]", "no arm `drg`", "did you mean `drug`?"),
        ("arms = []", "at least one arm", "leave `arms` out"),
        ("arms = [\"drug\", \"drug\"]", "twice", ""),
        ("from = \"200 d\"", "no age of 200 d", "ends at 100 d"),
        ("from = \"50 d\"\nto = \"40 d\"", "before it begins", ""),
        ("from = 50", "unit of time", "\"50 d\""),
        ("to = \"onset\"", "age", ""),
        (
            "logarithmic = [\"signal_fld\"]",
            "no species or observable",
            "signal_fold",
        ),
        ("logarithmic = [\"neurons\"]", "does not show `neurons`", ""),
        (
            "colours = { drug = \"blue\" }",
            "`blue` is no colour",
            "#0072b2",
        ),
        (
            "colours = { drug = \"#ffffee\" }",
            "cannot be seen",
            "darker",
        ),
        ("colours = { drg = \"#000000\" }", "no arm `drg`", "`drug`"),
        ("colours = [\"#000000\"]", "a table of arms and colours", ""),
    ];
    for (keys, message, help) in mistakes {
        let faults = Scenario::from_text("test.toml", &with_figure(keys), &model);
        let faults = faults.expect_err(keys).to_string();
        assert!(
            faults.contains(message) && faults.contains(help),
            "{keys}:\n{faults}"
        );
    }
    for (kind, key) in [
        ("network-map", "arms = [\"drug\"]"),
        ("network-map", "from = \"30 d\""),
        ("endpoints", "to = \"30 d\""),
        ("endpoints", "logarithmic = [\"signal\"]"),
        ("dose-response", "colours = { drug = \"#0072b2\" }"),
    ] {
        let text = format!("{BASE}[[figure]]\nkind = \"{kind}\"\n{key}\n");
        let faults = read(&text).expect_err(key).to_string();
        assert!(faults.contains(&format!("of kind `{kind}`")), "{faults}");
    }
}

#[test]
fn a_style_holds_for_every_figure_that_says_nothing_else() {
    let style = "[style]\nwidth = \"single\"\ntext = \"6.5 pt\"\ncolours = { drug = \"#0072b2\", nobody = \"#123456\" }\n";
    let text = format!(
        "{}[[figure]]\nkind = \"endpoints\"\nwidth = \"double\"\ncolours = {{ drug = \"#d55e00\" }}\n{style}",
        with_figure("title = \"t\"")
    );
    let file = ScenarioFile::parse(&Source::new("test.toml", text.as_str())).unwrap();
    let scenario = file.check(&model()).unwrap();
    let [curves, ends] = &scenario.figures[..] else {
        panic!("two figures");
    };
    let colour = |text: &str| text.parse::<Colour>().unwrap();
    assert_eq!(
        (curves.look.width.millimetres(), curves.look.text_points),
        (90.0, 6.5)
    );
    assert_eq!(curves.colours["drug"], colour("#0072b2"));
    assert_eq!(
        (ends.look.width.millimetres(), ends.look.text_points),
        (180.0, 6.5)
    );
    assert_eq!(ends.colours["drug"], colour("#d55e00"));
    // Figures that nobody asked for follow it as well.
    let plain = accept(&format!("{BASE}{style}"));
    assert_eq!(plain.figures[0].look, curves.look.clone().untitled());
    // What was written resolves to itself.
    let again = accept(&file.resolved(&scenario));
    assert_eq!(again.figures, scenario.figures);
}

/// A style stands in a file of its own, which every scenario of a paper extends beside its base.
#[test]
fn several_files_are_extended_the_later_over_the_earlier() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    write("base.toml", BASE);
    write(
        "paper.toml",
        "[style]\nwidth = \"single\"\n[simulation]\nstop = \"80 d\"\n",
    );
    let top = write(
        "top.toml",
        "extends = [\"base.toml\", \"paper.toml\"]\nseed = 3\n",
    );
    let open = |path: &Path| ScenarioFile::open(path).and_then(|file| file.check(&model()));
    let scenario = open(&top).unwrap();
    assert_eq!((scenario.simulation.stop, scenario.seed), (80.0, 3));
    assert_eq!(scenario.style.width.millimetres(), 90.0);
    // The same file below two others is no circle; a file below itself is one.
    write("left.toml", "extends = \"base.toml\"\n");
    write("right.toml", "extends = \"base.toml\"\n");
    let both = write("both.toml", "extends = [\"left.toml\", \"right.toml\"]\n");
    open(&both).unwrap();
    write("left.toml", "extends = [\"right.toml\", \"both.toml\"]\n");
    let faults = open(&both).unwrap_err().to_string();
    assert!(
        faults.contains("circle: both.toml -> left.toml -> both.toml"),
        "{faults}"
    );
    for (text, expected) in [
        ("extends = []", "a path in quotes, or a list"),
        ("extends = [1]", "a path in quotes, or a list"),
        (
            "extends = [\"base.toml\", \"nowhere.toml\"]",
            "nowhere.toml",
        ),
    ] {
        let path = write("wrong.toml", text);
        let faults = open(&path).unwrap_err().to_string();
        assert!(faults.contains(expected), "{faults}");
    }
    // Files that extend two others each are read a bounded number of times.
    for level in 0..20 {
        let below = format!("tower{}.toml", level + 1);
        write(
            &format!("tower{level}.toml"),
            &format!("extends = [\"{below}\", \"{below}\"]\n"),
        );
    }
    write("tower20.toml", BASE);
    let faults = open(&folder.path().join("tower0.toml"))
        .unwrap_err()
        .to_string();
    assert!(faults.contains("more than 32 files"), "{faults}");
}

/// The files of a run of the built-in mouse with one figure.
fn drawn(figure: &str, cohort: &str) -> Memory {
    let text = format!(
        "schema = 1\n[subject]\npreset = \"mouse-g93a-b6sjl\"\n[simulation]\nstart = \"40 d\"\nstop = \"200 d\"\n\
         [[arm]]\nname = \"control\"\n[[arm]]\nname = \"dose\"\n[[arm.intervention]]\nkind = \
         \"butyrate-water\"\ndose = \"2 %\"\nstart = \"60 d\"\n[[arm]]\nname = \"none\"\n{cohort}[[figure]]\n{figure}\n"
    );
    let model = Model::builtin().unwrap();
    let source = Source::new("test.toml", text.as_str());
    let file = ScenarioFile::parse(&source).unwrap();
    let setup = Setup::new(model, file).unwrap_or_else(|faults| panic!("{faults}"));
    let mut store = Memory::default();
    RunStudy::new(&setup).run(&mut store, &Silent).unwrap();
    store
}

fn text(store: &Memory, name: &str) -> String {
    String::from_utf8(store.file(name).expect(name).to_vec()).unwrap()
}

#[test]
fn a_figure_shows_the_arms_and_ages_that_were_asked_for() {
    let curves = "kind = \"trajectories\"\nname = \"f\"\nshow = [\"il17\"]\n";
    let all = drawn(curves, "");
    let store = drawn(
        &format!(
            "{curves}arms = [\"dose\"]\nfrom = \"100 d\"\nto = \"120 d\"\ncolours = {{ dose = \"#a1b2c3\" }}\n"
        ),
        "",
    );
    let (svg, usual) = (text(&store, "figures/f.svg"), text(&all, "figures/f.svg"));
    assert!(svg.contains("#A1B2C3") && !usual.contains("#A1B2C3"));
    assert!(svg.contains(">dose<") && !svg.contains(">control<") && usual.contains(">control<"));
    assert!(
        svg.contains(">105<") && !svg.contains(">150<"),
        "ticks of the window"
    );
    let caption = text(&store, "figures/f.txt");
    assert!(
        caption.contains("dose (") && !caption.contains("control ("),
        "{caption}"
    );
    // An arm keeps its line in a figure without the others.
    let alone = text(
        &drawn(&format!("{curves}arms = [\"dose\"]\n"), ""),
        "figures/f.svg",
    );
    assert!(alone.contains("#0072B2") && usual.contains("#0072B2"));
    // A logarithmic axis has other ticks; the data behind the figure stay.
    let log = drawn(&format!("{curves}logarithmic = [\"il17\"]\n"), "");
    assert_ne!(text(&log, "figures/f.svg"), usual);
    assert_eq!(text(&log, "figures/f.csv"), text(&all, "figures/f.csv"));
    let caption = text(&log, "figures/f.txt");
    assert!(caption.contains("logarithmic"), "{caption}");
}

#[test]
fn survival_without_the_first_arm_says_whom_it_is_compared_with() {
    let cohort = "[cohort]\nsubjects = 6\n";
    let figure = "kind = \"survival\"\nname = \"s\"\narms = [\"none\", \"dose\"]\nfrom = \"120 d\"\nto = \"180 d\"\n";
    let svg = text(&drawn(figure, cohort), "figures/s.svg");
    assert!(
        svg.contains("dose against control: log-rank"),
        "the comparison is with the arm that is not shown"
    );
    assert!(!svg.contains(">control<"));
    let forest = "kind = \"forest\"\nname = \"s\"\narms = [\"dose\"]\n";
    let store = drawn(forest, cohort);
    let caption = text(&store, "figures/s.txt");
    assert!(caption.contains("against arm `control`"), "{caption}");
    let svg = text(&store, "figures/s.svg");
    assert!(svg.contains(">dose<") && !svg.contains(">none<"));
}

/// An arm that is left out on the command line, as to look again at one animal, leaves the figures as well.
#[test]
fn arms_that_are_left_out_leave_the_figures() {
    let text = format!(
        "{}[[figure]]\nkind = \"endpoints\"\narms = [\"drug\"]\n",
        with_figure("arms = [\"drug\", \"control\"]\ncolours = { drug = \"#0072b2\" }")
    );
    let keep = |arm: &str| {
        let mut file = ScenarioFile::parse(&Source::new("test.toml", text.as_str())).unwrap();
        file.apply(&Overrides {
            arms: vec![arm.to_owned()],
            ..Overrides::default()
        })
        .unwrap();
        let scenario = file
            .check(&model())
            .unwrap_or_else(|faults| panic!("{faults}"));
        let again = accept(&file.resolved(&scenario));
        assert_eq!(again.figures, scenario.figures);
        scenario.figures
    };
    let figures = keep("control");
    assert_eq!(figures.len(), 1);
    assert_eq!(figures[0].arms, ["control"]);
    assert!(figures[0].colours.is_empty());
    assert_eq!(keep("drug").len(), 2);
}
