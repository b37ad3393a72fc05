//! Every kind of mistake is refused, at the right line, with words that help.

use gutbrain_network::Color;

use crate::scenario_files::{BASE, perturbed, read, with};

/// Name of the mistake, text, code of the fault, its line, words of the message or help.
type Case = (&'static str, String, &'static str, usize, &'static str);

// A table reads best with one case a line.
#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let change = |from: &str, to: &str| {
        assert!(BASE.contains(from), "the base has no `{from}`");
        BASE.replacen(from, to, 1)
    };
    let add = |line: &str| format!("{BASE}{line}\n");
    vec![
        ("unknown key", change("title", "titel"), "unknown-key", 2, "did you mean `title`?"),
        ("key of another table", change("title = \"test\"", "rtol = 1"), "unknown-key", 2, "belongs to `solver`"),
        ("unknown key in an arm", change("dose", "doze"), "unknown-key", 14, "did you mean `dose`?"),
        ("missing table", change("[subject]\npreset = \"sick\"\n", ""), "missing-key", 1, "`subject`"),
        ("missing key", change("stop = \"100 d\"\n", ""), "missing-key", 5, "has no `stop`"),
        ("missing dose", change("dose = \"2 %\"\n", ""), "missing-key", 12, "has no `dose`"),
        ("wrong type", change("title = \"test\"", "title = 3"), "wrong-type", 2, "text in quotes"),
        ("arm as a table", BASE.replace("[[arm]]\nname = \"control\"\n[[arm]]", "[arm]"), "wrong-type", 8, "[[arm]]"),
        ("schema of the future", change("schema = 1", "schema = 2"), "unknown-version", 1, "schema 1"),
        ("negative seed", change("title = \"test\"", "seed = -1"), "wrong-type", 2, "whole number"),
        ("unknown subject", change("\"sick\"", "\"sik\""), "unknown-name", 4, "did you mean `sick`?"),
        ("unknown parameter", change("preset = \"sick\"", "preset = \"sick\"\nparameters = { uptak = 1 }"), "unknown-name", 5, "did you mean `uptake`?"),
        ("parameter without unit", change("preset = \"sick\"", "preset = \"sick\"\nparameters = { uptake = 1 }"), "missing-unit", 5, "write \"1 1/day\""),
        ("parameter of another unit", change("preset = \"sick\"", "preset = \"sick\"\nparameters = { uptake = \"1 mM\" }"), "wrong-unit", 5, "1/day"),
        ("unknown unit", change("\"100 d\"", "\"100 dayz\""), "unknown-unit", 7, "did you mean `day"),
        ("unit of another kind", change("\"100 d\"", "\"100 g\""), "wrong-unit", 7, "day"),
        ("time without unit", change("\"100 d\"", "100"), "missing-unit", 7, "\"100 d\""),
        ("not a quantity", change("\"100 d\"", "\"later\""), "no-quantity", 7, "an age such as"),
        ("infinite time", change("\"100 d\"", "\"1e999 d\""), "no-quantity", 7, "finite number"),
        ("infinite number", add("[solver]\nrtol = inf"), "not-finite", 17, "finite"),
        ("NaN", add("[solver]\nrtol = nan"), "not-finite", 17, "finite"),
        ("NaN as a quantity", change("\"2 %\"", "nan"), "not-finite", 14, "finite"),
        ("number too large to be held", change("\"2 %\"", "1e400"), "not-finite", 14, "finite"),
        ("negative age", change("\"20 d\"", "\"-20 d\""), "out-of-range", 6, "birth"),
        ("stop before start", change("\"100 d\"", "\"10 d\""), "times-out-of-order", 7, "start is 20 d"),
        ("grid too fine", change("\"100 d\"", "\"100 d\"\nevery = \"1 us\""), "too-much", 8, "every"),
        ("no step at all", change("\"100 d\"", "\"100 d\"\nevery = \"0 d\""), "out-of-range", 8, "above zero"),
        ("unknown method", add("[solver]\nmethod = \"rodas\""), "unknown-word", 17, "did you mean `rodas"),
        ("tolerance", add("[solver]\nrtol = 2"), "out-of-range", 17, "between"),
        ("no steps", add("[solver]\nmaximum_steps = 0"), "out-of-range", 17, "at least 1"),
        ("trajectories", add("[output]\ntrajectories = \"al\""), "unknown-word", 17, "did you mean `all`?"),
        ("age off the grid", add("[output]\nages = [\"60.5 d\"]"), "not-on-grid", 17, "simulation.every"),
        ("unknown variable", add("[output]\nsummary = [\"neuronz\"]"), "unknown-name", 17, "did you mean `neurons`?"),
        ("same arm twice", change("\"drug\"", "\"control\""), "repeated", 11, "two arms"),
        ("nameless arm", change("\"drug\"", "\"\""), "bad-name", 11, "short name"),
        ("formula for a name", change("\"drug\"", "\"=1+1\""), "bad-name", 11, "CSV"),
        ("formula in another alphabet", change("\"drug\"", "\"\u{ff0b}drug\""), "bad-name", 11, "CSV"),
        ("control character in a name", change("\"drug\"", "\"a\\u0007b\""), "bad-name", 11, "control characters"),
        ("unknown intervention", change("drug-water", "drug-watr"), "unknown-name", 13, "did you mean `drug-water`?"),
        ("dose of another unit", change("\"2 %\"", "\"2 mM\""), "wrong-unit", 14, "% w/v"),
        ("dose without unit", change("\"2 %\"", "2"), "missing-unit", 14, "% w/v"),
        ("negative dose", change("\"2 %\"", "\"-2 %\""), "out-of-range", 14, "negative"),
        ("window backwards", add("stop = \"25 d\""), "times-out-of-order", 16, "stops before it starts"),
        ("start after the end", change("\"30 d\"", "\"300 d\""), "times-out-of-order", 15, "simulation is over"),
        ("endless window repeated", add("repeat = { every = \"7 d\", times = 4 }"), "times-out-of-order", 16, "without end"),
        ("window overlaps itself", add("stop = \"45 d\"\nrepeat = { every = \"7 d\", times = 4 }"), "times-out-of-order", 17, "overlaps"),
        ("repeated never", add("stop = \"31 d\"\nrepeat = { every = \"7 d\", times = 0 }"), "out-of-range", 17, "between 1"),
        ("stop of an impulse", add("[[arm.intervention]]\nkind = \"drug-bolus\"\ndose = \"1 mM\"\nstop = \"40 d\""), "no-meaning", 19, "one moment"),
        ("target without kind", perturbed("target = \"neurons_die\"\naction = \"off\""), "unknown-name", 17, "write `process.neurons_die`"),
        ("unknown target", perturbed("target = \"process.neurons_dye\"\naction = \"off\""), "unknown-name", 17, "did you mean `neurons_die`?"),
        ("unknown kind of target", perturbed("target = \"proces.neurons_die\"\naction = \"off\""), "unknown-name", 17, "begin `parameter.`"),
        ("observable as target", perturbed("target = \"observable.signal_fold\"\naction = \"set\"\nvalue = 1"), "unknown-name", 17, "follows from others"),
        ("process that is off", perturbed("target = \"process.hypothesis\"\naction = \"scale\"\nvalue = 2"), "switched-off", 17, "enable"),
        ("unknown action", perturbed("target = \"process.neurons_die\"\naction = \"of\""), "unknown-word", 18, "did you mean `off`?"),
        ("value of off", perturbed("target = \"process.neurons_die\"\naction = \"off\"\nvalue = 1"), "no-meaning", 19, "remove `value`"),
        ("no value", perturbed("target = \"process.neurons_die\"\naction = \"scale\""), "missing-key", 16, "takes a factor"),
        ("factor with a unit", perturbed("target = \"process.neurons_die\"\naction = \"scale\"\nvalue = \"2 mM\""), "wrong-unit", 19, "factor"),
        ("negative factor", perturbed("target = \"process.neurons_die\"\naction = \"scale\"\nvalue = -1"), "out-of-range", 19, "negative"),
        ("parameter off", perturbed("target = \"parameter.uptake\"\naction = \"off\""), "no-meaning", 18, "set `parameter.uptake`"),
        ("species off", perturbed("target = \"species.drug\"\naction = \"off\""), "no-meaning", 18, "hold it"),
        ("species scaled over a window", perturbed("target = \"species.drug\"\naction = \"scale\"\nvalue = 2\nstop = \"50 d\""), "no-meaning", 18, "scaled once"),
        ("rate instead of amount", perturbed("target = \"species.drug\"\naction = \"add\"\nvalue = \"1 mM/day\""), "wrong-unit", 19, "mM"),
        ("amount instead of rate", perturbed("target = \"species.drug\"\naction = \"add\"\nvalue = \"1 mM\"\nstop = \"50 d\""), "wrong-unit", 19, "mM/day"),
        ("negative amount", perturbed("target = \"species.drug\"\naction = \"set\"\nvalue = \"-1 mM\""), "out-of-range", 19, "negative"),
        ("unknown switch", add("[model]\ndisable = [\"process.neurons\"]"), "unknown-name", 17, "did you mean"),
        ("on and off", add("[model]\nenable = [\"hypothesis\"]\ndisable = [\"process.hypothesis\"]"), "contradiction", 18, "both"),
        ("unknown kind of figure", add("[[figure]]\nkind = \"pie\""), "unknown-word", 17, "\"trajectories\""),
        ("figure that shows nothing", add("[[figure]]\nkind = \"trajectories\""), "missing-key", 16, "show"),
        ("figure of an unknown variable", add("[[figure]]\nkind = \"trajectories\"\nshow = [\"drugs\"]"), "unknown-name", 18, "did you mean `drug`?"),
        ("figure with a bad name", add("[[figure]]\nkind = \"trajectories\"\nname = \"../a\"\nshow = [\"drug\"]"), "bad-name", 18, "lower-case"),
        ("figure of no width", add("[[figure]]\nkind = \"network-map\"\nwidth = \"wide\""), "no-quantity", 18, "120 mm"),
        ("figure wider than a sheet", add("[[figure]]\nkind = \"network-map\"\nwidth = \"900 mm\""), "no-quantity", 18, "\"double\" (180 mm)"),
        ("figure of no unit", add("[[figure]]\nkind = \"network-map\"\nwidth = \"12 cm\""), "no-quantity", 18, "120 mm"),
        ("figure with tiny words", add("[[figure]]\nkind = \"network-map\"\ntext = \"3 pt\""), "no-quantity", 18, "6.5 to 22"),
        ("figure with words of no size", add("[[figure]]\nkind = \"network-map\"\ntext = \"NaN pt\""), "no-quantity", 18, "8 pt"),
        ("figure without room for its words", add("[[figure]]\nkind = \"network-map\"\nwidth = \"single\"\ntext = \"9 pt\""), "out-of-range", 18, "123 mm"),
        ("figure with a title of nothing", add("[[figure]]\nkind = \"network-map\"\ntitle = \" \""), "bad-name", 18, "300 characters"),
        ("variable shown twice", add("[[figure]]\nkind = \"trajectories\"\nshow = [\"drug\", \"drug\"]"), "repeated", 18, "twice"),
        ("samples of a local analysis", add("[sensitivity]\nmethod = \"local\"\nsamples = 60"), "no-meaning", 18, "takes no samples"),
        ("groups of a correlation", add("[sensitivity]\nmethod = \"prcc\"\ngroups = \"evidence\""), "no-meaning", 18, "groups"),
        ("an odd number of levels", add("[sensitivity]\nmethod = \"morris\"\nlevels = 5"), "out-of-range", 18, "even"),
        ("a parameter that is none, among factors", add("[sensitivity]\nfactors = [\"uptak\"]"), "unknown-name", 17, "did you mean `uptake`?"),
        ("a sweep without a factor", add("[sweep]\ndesign = \"sobol\""), "missing-key", 16, "differs between the points"),
        ("a design that is none", add("[sweep]\ndesign = \"lhs\"\n[[sweep.factor]]\ntarget = \"uptake\"\nvalues = [\"1 1/day\"]"), "unknown-word", 17, "latin-hypercube"),
        ("a factor that the model does not have", add("[sweep]\n[[sweep.factor]]\ntarget = \"uptak\"\nvalues = [1]"), "unknown-name", 18, "did you mean `uptake`?"),
        ("a path that the scenario does not have", add("[sweep]\n[[sweep.factor]]\ntarget = \"arm.drugs.dose\"\nvalues = [\"1 %\"]"), "unknown-name", 18, "did you mean `drug`?"),
        ("a value that does not fit its path", add("[sweep]\n[[sweep.factor]]\ntarget = \"arm.drug.dose\"\nvalues = [\"1 d\"]"), "wrong-unit", 19, "dose"),
        ("a value of a parameter without its unit", add("[sweep]\n[[sweep.factor]]\ntarget = \"uptake\"\nvalues = [1]"), "missing-unit", 19, "1/day"),
        ("a preset that is none, among values", add("[sweep]\n[[sweep.factor]]\ntarget = \"subject.preset\"\nvalues = [\"sick\", \"sik\"]"), "unknown-name", 19, "did you mean `sick`?"),
        ("values of two kinds", add("[sweep]\n[[sweep.factor]]\ntarget = \"arm.drug.start\"\nvalues = [\"30 d\", \"1 %\"]"), "wrong-unit", 19, "different units"),
        ("values and a range", add("[sweep]\n[[sweep.factor]]\ntarget = \"uptake\"\nvalues = [\"1 1/day\"]\nrange = [\"1 1/day\", \"2 1/day\"]"), "contradiction", 20, "both"),
        ("a range from high to low", add("[sweep]\n[[sweep.factor]]\ntarget = \"arm.drug.dose\"\nrange = [\"2 %\", \"1 %\"]\nlevels = 3"), "out-of-range", 19, "range"),
        ("a logarithm of zero", add("[sweep]\n[[sweep.factor]]\ntarget = \"arm.drug.dose\"\nrange = [\"0 %\", \"1 %\"]\nscale = \"log\"\nlevels = 3"), "out-of-range", 19, "positive"),
        ("a grid without levels", add("[sweep]\n[[sweep.factor]]\ntarget = \"uptake\""), "missing-key", 18, "levels"),
        ("a grid with a number of points", add("[sweep]\npoints = 3\n[[sweep.factor]]\ntarget = \"uptake\"\nlevels = 3"), "no-meaning", 17, "remove"),
        ("a sample without a number of points", add("[sweep]\ndesign = \"random\"\n[[sweep.factor]]\ntarget = \"uptake\""), "missing-key", 16, "points"),
        ("lists of different lengths", add("[sweep]\ndesign = \"list\"\n[[sweep.factor]]\ntarget = \"uptake\"\nvalues = [\"1 1/day\"]\n[[sweep.factor]]\ntarget = \"arm.drug.dose\"\nvalues = [\"1 %\", \"2 %\"]"), "different-lengths", 23, "i-th"),
        ("two factors with one target", add("[sweep]\n[[sweep.factor]]\ntarget = \"uptake\"\nlevels = 2\n[[sweep.factor]]\ntarget = \"parameter.uptake\"\nlevels = 2"), "repeated", 20, "keep one"),
        ("a cohort of nobody", add("[cohort]\nsubjects = 0"), "out-of-range", 17, "between 1 and"),
        ("a cohort without a size", add("[cohort]\nsex = \"male\""), "missing-key", 16, "subjects"),
        ("a pairing that is none", add("[cohort]\nsubjects = 3\narms = \"twin\""), "unknown-word", 18, "did you mean `twins`?"),
        ("survival of one animal", add("[[figure]]\nkind = \"survival\""), "no-cohort", 16, "[cohort]"),
        ("a trial of one animal per arm", add("[trial]\ngroup_sizes = [1]"), "out-of-range", 17, "between 2 and"),
        ("a level beyond 1", add("[trial]\nsignificance = 5"), "out-of-range", 17, "between 0 and 1"),
        ("two designs of one name", add("[[trial.designs]]\nname = \"a\"\n[[trial.designs]]\nname = \"a\""), "repeated", 19, "`a`"),
        ("syntax", change("title = \"test\"", "title = "), "syntax", 2, ""),
    ]
}

#[test]
fn mistakes_are_named_with_their_line_and_a_way_out() {
    for (name, text, code, line, words) in cases() {
        let Err(faults) = read(&text) else {
            panic!("{name}: accepted")
        };
        let found: Vec<_> = faults
            .as_slice()
            .iter()
            .map(|fault| {
                let (line, _) = fault.source.line_and_column(fault.span.start);
                (fault.code.name(), line)
            })
            .collect();
        assert!(found.contains(&(code, line)), "{name}: {found:?}\n{faults}");
        assert_eq!(found.len(), 1, "{name}: one mistake, one fault\n{faults}");
        let message = faults.render(Color::Never);
        assert!(
            message.contains(words),
            "{name}: no `{words}` in\n{message}"
        );
        assert!(
            message.contains(&format!("test.toml:{line}:")),
            "{name}\n{message}"
        );
    }
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let text = BASE
        .replace("title", "titel")
        .replace("\"100 d\"", "\"10 d\"")
        .replace("\"2 %\"", "\"2 mM\"")
        .replace("\"sick\"", "\"sik\"");
    let faults = read(&text).expect_err("four mistakes");
    let codes: Vec<_> = faults.as_slice().iter().map(|fault| fault.code).collect();
    assert_eq!(
        codes,
        [
            "unknown-key",
            "unknown-name",
            "times-out-of-order",
            "wrong-unit"
        ]
    );
}

#[test]
fn wrong_overrides_are_refused() {
    for (argument, code, words) in [
        ("solver.rtol", "not-a-setting", "NAME=VALUE"),
        ("=3", "not-a-setting", "NAME=VALUE"),
        ("solver.rtoll=3", "unknown-name", "did you mean `rtol`?"),
        ("arm.drgu.dose=3", "unknown-name", "did you mean `drug`?"),
        ("arm.control.dose=3", "unknown-name", "0 interventions"),
        (
            "arm.drug.intervention.drug-water=3",
            "unknown-name",
            "drug-water",
        ),
        ("solver=3", "unknown-name", "rtol"),
        ("title.x=3", "unknown-name", "not a table"),
        ("uptak=3", "unknown-name", "did you mean `uptake`?"),
        ("process.neurons_die=3", "unknown-name", "enabled=false"),
        (
            "process.neurons_die.enabled=3",
            "wrong-type",
            "true or false",
        ),
        (
            "process.neurons_dye.enabled=false",
            "unknown-name",
            "did you mean",
        ),
        ("solver.rtol=nan", "not-finite", "finite"),
        ("extends=\"other.toml\"", "unknown-name", "extends"),
        ("seed=\"x\"", "wrong-type", "whole number"),
    ] {
        let faults = with(BASE, &[argument]).expect_err(argument);
        let message = faults.render(Color::Never);
        assert_eq!(faults.as_slice()[0].code, code, "{argument}\n{message}");
        assert!(
            message.contains(words),
            "{argument}: no `{words}` in\n{message}"
        );
        assert!(message.contains("--set"), "{argument}\n{message}");
    }
}
