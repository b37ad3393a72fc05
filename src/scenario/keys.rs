//! Every key of a scenario file, once.
//!
//! The reader, the JSON Schema ([`super::schema`]), the resolved file ([`super::write`]) and the
//! page of the documentation ([`super::page`]) read this table; a key that is not here does not
//! exist. Keys stand in the order in which files are written.

use gutbrain_integrate::Method;

use super::plan::FigureKind;

/// One key of a scenario file.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Dotted path; the elements of a list of tables share theirs: `arm.intervention.dose`.
    pub path: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// Whether it must be given, and what holds if it is not.
    pub default: Default,
    /// One sentence.
    pub says: &'static str,
}

/// What holds when a key is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// The key must be given.
    Required,
    /// This value, in words for the reader of the documentation.
    Words(&'static str),
}

/// What may stand at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Free text.
    Text,
    /// A whole number from 0.
    Whole,
    /// A number without unit.
    Number,
    /// An age: a quantity of time, `"birth"`.
    Age,
    /// The end of a window: an age or `"end"`.
    Stop,
    /// A length of time.
    Duration,
    /// A list of ages.
    Ages,
    /// A quantity with the unit of what it is given for; a bare number where that has none.
    Quantity,
    /// One of some words.
    Words(&'static [&'static str]),
    /// A registered method of integration or `"auto"`.
    Method,
    /// A kind of figure.
    Figure,
    /// `true` or `false`.
    Truth,
    /// A list of whole numbers from 0.
    Wholes,
    /// A list of names.
    Names,
    /// A list of quantities, words or truth values.
    Values,
    /// Names of parameters with their values.
    Parameters,
    /// A table.
    Table,
    /// A list of tables; `[[arm]]` are merged by name along `extends`, others replaced.
    Tables,
}

impl Key {
    /// The last part of the path: the key as written in its table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The path of the table it stands in; empty at the top.
    #[must_use]
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }
}

/// The keys of one table, in order.
pub fn keys_of(table: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.parent() == table)
}

/// The key of this name in a table.
#[must_use]
pub fn find(table: &str, name: &str) -> Option<&'static Key> {
    keys_of(table).find(|key| key.name() == name)
}

/// The words a key takes; empty for keys that take no words.
#[must_use]
pub fn words(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Words(words) => words.to_vec(),
        Kind::Method => {
            let registered = Method::all().iter().map(|entry| entry.name);
            std::iter::once("auto").chain(registered).collect()
        }
        Kind::Figure => FigureKind::WORDS.iter().map(|(word, _)| *word).collect(),
        _ => Vec::new(),
    }
}

const fn key(path: &'static str, kind: Kind, default: &'static str, says: &'static str) -> Key {
    Key {
        path,
        kind,
        default: Default::Words(default),
        says,
    }
}

const fn required(path: &'static str, kind: Kind, says: &'static str) -> Key {
    Key {
        path,
        kind,
        default: Default::Required,
        says,
    }
}

/// The registry.
pub const KEYS: &[Key] = &[
    key(
        "schema",
        Kind::Whole,
        "1",
        "Version of this format; 1 is the only one.",
    ),
    key(
        "extends",
        Kind::Text,
        "nothing",
        "Scenario file, relative to this one, whose content holds where this file says nothing: tables merge, `[[arm]]` merge by name, other lists are replaced.",
    ),
    key(
        "title",
        Kind::Text,
        "the file's stem",
        "Title of the experiment, shown on the terminal and over figures.",
    ),
    key(
        "seed",
        Kind::Whole,
        "1",
        "Seed of every random stream; the option `--seed` wins.",
    ),
    required("subject", Kind::Table, "Who is simulated."),
    required(
        "subject.preset",
        Kind::Text,
        "Subject of the model: the stem of a file of its `subjects` folder.",
    ),
    key(
        "subject.parameters",
        Kind::Parameters,
        "the subject's own",
        "Parameters in which the animals of this experiment differ from the preset, for their whole life.",
    ),
    required(
        "simulation",
        Kind::Table,
        "Which ages are written; life is always integrated from birth.",
    ),
    required("simulation.start", Kind::Age, "First age of the output."),
    required("simulation.stop", Kind::Age, "Last age of the output."),
    key(
        "simulation.every",
        Kind::Duration,
        "\"1 d\"",
        "Spacing of the output grid; it never changes the solution.",
    ),
    key(
        "solver",
        Kind::Table,
        "as below",
        "How the equations are solved.",
    ),
    key(
        "solver.method",
        Kind::Method,
        "\"auto\"",
        "Method of integration; `auto` is the default method.",
    ),
    key(
        "solver.rtol",
        Kind::Number,
        "1e-6",
        "Relative tolerance of the local error, from 1e-13 to 0.1.",
    ),
    key(
        "solver.atol",
        Kind::Number,
        "0.01 × rtol",
        "Absolute tolerance per declared scale of a species.",
    ),
    key(
        "solver.maximum_steps",
        Kind::Whole,
        "100000",
        "Steps one life may take before it counts as failed.",
    ),
    key("output", Kind::Table, "as below", "What is written."),
    key(
        "output.trajectories",
        Kind::Words(&["all", "shown", "none"]),
        "\"all\"; \"none\" for cohorts, which write bands",
        "Which trajectories are written: every species and observable, those that figures show, or none.",
    ),
    key(
        "output.ages",
        Kind::Ages,
        "[\"60 d\", \"80 d\"] as far as the grid has them",
        "Ages on the output grid at which key observables are summarised.",
    ),
    key(
        "output.summary",
        Kind::Names,
        "what the first figure shows, at most 8",
        "Species and observables that the terminal summary shows; `summary.json` always has every observable.",
    ),
    key(
        "model",
        Kind::Table,
        "nothing",
        "Changes of the network that hold in every arm and for the whole life.",
    ),
    key(
        "model.enable",
        Kind::Names,
        "[]",
        "Processes and modulators to switch on, as `process.NAME` or `modulator.NAME`.",
    ),
    key(
        "model.disable",
        Kind::Names,
        "[]",
        "Processes and modulators to switch off: knock-outs.",
    ),
    key(
        "arm",
        Kind::Tables,
        "one arm `control`",
        "One group of the experiment; the first one is the reference of comparisons.",
    ),
    required("arm.name", Kind::Text, "Name of the arm, unique."),
    key(
        "arm.intervention",
        Kind::Tables,
        "none",
        "Something the model declares that an experimenter can do.",
    ),
    required(
        "arm.intervention.kind",
        Kind::Text,
        "Intervention of the model (`gutbrain model list interventions`).",
    ),
    required(
        "arm.intervention.dose",
        Kind::Quantity,
        "Dose in the unit that the intervention declares; a zero dose leaves the arm untouched, bit for bit.",
    ),
    key(
        "arm.intervention.start",
        Kind::Age,
        "simulation.start",
        "First age; `\"birth\"` is 0 d. Ages before simulation.start are allowed.",
    ),
    key(
        "arm.intervention.stop",
        Kind::Stop,
        "\"end\"",
        "Age at which it ends, itself excluded; `\"end\"` never ends.",
    ),
    key(
        "arm.intervention.repeat",
        Kind::Table,
        "once",
        "Repeats the window or impulse.",
    ),
    required(
        "arm.intervention.repeat.every",
        Kind::Duration,
        "Time from one start to the next.",
    ),
    required(
        "arm.intervention.repeat.times",
        Kind::Whole,
        "How many times in all, the first one included.",
    ),
    key(
        "arm.perturbation",
        Kind::Tables,
        "none",
        "A what-if: changes any parameter, process, modulator or species over a window.",
    ),
    required(
        "arm.perturbation.target",
        Kind::Text,
        "What is changed: `parameter.NAME`, `process.NAME`, `modulator.NAME` or `species.NAME`.",
    ),
    required(
        "arm.perturbation.action",
        Kind::Words(&["scale", "set", "add", "off"]),
        "How: where windows overlap they apply in the order set (and off), scale, add.",
    ),
    key(
        "arm.perturbation.value",
        Kind::Quantity,
        "none; needed but for `off`",
        "The factor (scale), or the value in the unit of the target (set, add; per time for add on a species over a window).",
    ),
    key(
        "arm.perturbation.start",
        Kind::Age,
        "simulation.start",
        "First age; `\"birth\"` is 0 d.",
    ),
    key(
        "arm.perturbation.stop",
        Kind::Stop,
        "\"end\"; for species: once, at the start",
        "Age at which it ends, itself excluded. On a species, `set` with a stop holds it at the value and `add` with a stop is a rate; without a stop both act once.",
    ),
    key(
        "arm.perturbation.repeat",
        Kind::Table,
        "once",
        "Repeats the window or impulse.",
    ),
    required(
        "arm.perturbation.repeat.every",
        Kind::Duration,
        "Time from one start to the next.",
    ),
    required(
        "arm.perturbation.repeat.times",
        Kind::Whole,
        "How many times in all, the first one included.",
    ),
    key(
        "figure",
        Kind::Tables,
        "the observables of the summary as `trajectories`",
        "A figure, written as SVG, PNG and the data behind it.",
    ),
    required("figure.kind", Kind::Figure, "What it shows."),
    key(
        "figure.name",
        Kind::Text,
        "its kind, numbered where that repeats",
        "File name without ending: lower-case letters, digits, `-` and `_`.",
    ),
    key(
        "figure.show",
        Kind::Names,
        "chosen by kind; needed for `trajectories`",
        "Species and observables to show, in this order.",
    ),
    key(
        "cohort",
        Kind::Table,
        "one animal per arm",
        "Many virtual animals per arm, drawn from the spread between animals that the model declares.",
    ),
    required("cohort.subjects", Kind::Whole, "Animals per arm."),
    key(
        "cohort.arms",
        Kind::Words(&["twins", "randomised"]),
        "\"twins\"",
        "`twins`: animal i is the same in every arm, so that differences are the true effect and p and hazard ratio are descriptive; `randomised`: the arms hold different animals.",
    ),
    key(
        "cohort.sex",
        Kind::Words(&["balanced", "random", "female", "male"]),
        "\"balanced\"",
        "Sexes: alternating, by chance, or one only.",
    ),
    key(
        "cohort.litters",
        Kind::Words(&["matched", "single", "by-arm"]),
        "\"matched\"",
        "`matched`: animal i of every arm comes from litter i; `single`: every animal has a litter of its own; `by-arm`: every arm has litters of its own, several animals from each.",
    ),
    key(
        "cohort.low_copy",
        Kind::Words(&["excluded", "included"]),
        "\"excluded\"",
        "Animals that lost copies of the transgene: genotyped and left out, or kept.",
    ),
    key(
        "cohort.other_deaths",
        Kind::Words(&["included", "none"]),
        "\"included\"",
        "Deaths for reasons other than the disease: censored and counted.",
    ),
    key(
        "cohort.endpoint",
        Kind::Words(&["righting-reflex", "paralysis", "paralysis-or-weight"]),
        "\"righting-reflex\"",
        "What counts as the end of survival.",
    ),
    key(
        "cohort.parameters",
        Kind::Words(&["preset", "posterior"]),
        "\"preset\"",
        "`preset`: all animals have the fitted parameters of the subject; `posterior`: each has a vector of the posterior of the calibration, and predictions carry intervals from parameters, from animals and from both (`uncertainty.csv`).",
    ),
    key(
        "cohort.vectors",
        Kind::Whole,
        "40",
        "Vectors of the posterior that the interval from parameters alone is made of.",
    ),
    key(
        "cohort.visits",
        Kind::Ages,
        "none",
        "Ages at which a laboratory measures every living animal; writes `visits.parquet` with the noise of the assays.",
    ),
    key(
        "sweep",
        Kind::Table,
        "none",
        "Design of `gutbrain sweep`: the experiment at many points, one row per point and arm.",
    ),
    key(
        "sweep.design",
        Kind::Words(&["grid", "list", "latin-hypercube", "sobol", "random"]),
        "\"grid\"",
        "`grid`: every combination, the last factor varies fastest; `list`: point i takes the i-th value of every factor; the others sample the ranges.",
    ),
    key(
        "sweep.points",
        Kind::Whole,
        "what the values give; needed for samples",
        "How many points a sample has.",
    ),
    key(
        "sweep.features",
        Kind::Names,
        "[]",
        "Numbers read off every life besides onset and end, such as `\"area il17 from 60 d to 120 d\"` or `\"difference death vs control\"`; of a cohort, the median over its animals.",
    ),
    required(
        "sweep.factor",
        Kind::Tables,
        "Something that differs between the points.",
    ),
    required(
        "sweep.factor.target",
        Kind::Text,
        "What is changed, as `--set` names it: a parameter, `PRESET/PARAMETER`, or a dotted path such as `arm.butyrate.dose`, `subject.preset`, `cohort.sex`.",
    ),
    key("sweep.factor.values", Kind::Values, "none", "Its values."),
    key(
        "sweep.factor.range",
        Kind::Values,
        "of parameters, the declared range and prior",
        "Its lowest and its highest value.",
    ),
    key(
        "sweep.factor.scale",
        Kind::Words(&["linear", "log"]),
        "\"linear\"; of a declared range, that of the prior",
        "On which scale a range is divided evenly.",
    ),
    key(
        "sweep.factor.levels",
        Kind::Whole,
        "none; a grid needs it for ranges",
        "How many values a grid takes from a range, both ends included.",
    ),
    key(
        "sensitivity",
        Kind::Table,
        "as below",
        "Design of `gutbrain sensitivity`: which unknowns matter for what is asked.",
    ),
    key(
        "sensitivity.method",
        Kind::Words(&["sobol", "morris", "prcc", "local"]),
        "\"sobol\"",
        "`sobol`: shares of the variance, alone and with others; `morris`: elementary effects, a cheap screening; `prcc`: partial rank correlations; `local`: exact derivatives at the values of the preset.",
    ),
    key(
        "sensitivity.samples",
        Kind::Whole,
        "1024 rows (sobol), 50 trajectories (morris), 1000 points (prcc)",
        "Size of the sample: of k factors or groups, a row is k + 2 points, a trajectory k + 2 (one for the dummy).",
    ),
    key(
        "sensitivity.outputs",
        Kind::Names,
        "`difference life vs FIRST-ARM`, or `life` of a single arm; of cohorts `median survival` and `hazard ratio`",
        "What is asked: features, read off every arm (`ARM: …` for one alone); `observable NAME from AGE to AGE every DAYS` for a curve; of cohorts also `median survival`, `mean survival`, `mean survival difference`, `hazard ratio`, against the first arm.",
    ),
    key(
        "sensitivity.factors",
        Kind::Names,
        "every parameter with a range and a prior that acts in the scenario; none if `[[sensitivity.factor]]` is given",
        "Parameters that are varied over their declared ranges by their declared priors; `*` in a name stands for any text.",
    ),
    key(
        "sensitivity.groups",
        Kind::Words(&["none", "compartment", "pathway", "evidence"]),
        "\"none\"",
        "Factors that move together and share one index (`sobol`, `morris`): those of one file of the model, of one pathway, or of one grade of evidence.",
    ),
    key(
        "sensitivity.levels",
        Kind::Whole,
        "4",
        "Levels of every factor in a Morris screening; even.",
    ),
    key(
        "sensitivity.factor",
        Kind::Tables,
        "none",
        "Something that is varied over a range of its own; wins over `sensitivity.factors`.",
    ),
    required(
        "sensitivity.factor.target",
        Kind::Text,
        "What is changed, as in `[[sweep.factor]]`: a parameter, or a dotted path such as `arm.butyrate.dose`.",
    ),
    key(
        "sensitivity.factor.values",
        Kind::Values,
        "none",
        "Its values, equally likely.",
    ),
    key(
        "sensitivity.factor.range",
        Kind::Values,
        "of parameters, the declared range and prior",
        "Its lowest and its highest value.",
    ),
    key(
        "sensitivity.factor.scale",
        Kind::Words(&["linear", "log"]),
        "\"linear\"; of a declared range, that of the prior",
        "On which scale it is even over its range.",
    ),
    key(
        "trial",
        Kind::Table,
        "as below",
        "Design of `gutbrain trial`: the whole experiment many times, with the first two arms of the scenario.",
    ),
    key(
        "trial.replicates",
        Kind::Whole,
        "2000",
        "How many times every experiment is repeated.",
    ),
    key(
        "trial.group_sizes",
        Kind::Wholes,
        "[5, 10, 20, 24, 40]",
        "Animals per arm.",
    ),
    key(
        "trial.endpoint",
        Kind::Words(&["righting-reflex", "paralysis", "paralysis-or-weight"]),
        "\"righting-reflex\"",
        "What counts as the end of survival.",
    ),
    key(
        "trial.difference",
        Kind::Duration,
        "\"38 d\"",
        "Apparent difference of mean survival whose frequency is reported.",
    ),
    key(
        "trial.significance",
        Kind::Number,
        "0.05",
        "Two-sided level of the log-rank test.",
    ),
    key(
        "trial.power",
        Kind::Number,
        "0.8",
        "Power for which the group size is sought.",
    ),
    key(
        "trial.pool",
        Kind::Whole,
        "2000",
        "Animals simulated in both arms, from which the replicates draw.",
    ),
    key(
        "trial.designs",
        Kind::Tables,
        "`guideline` (all precautions), `balanced` (all but litter matching) and `naive` (none)",
        "Ways to run the experiment.",
    ),
    required(
        "trial.designs.name",
        Kind::Text,
        "Name of the design, unique.",
    ),
    key(
        "trial.designs.litter_matched",
        Kind::Truth,
        "true",
        "Litter mates are split over the arms.",
    ),
    key(
        "trial.designs.whole_litters",
        Kind::Truth,
        "false",
        "Where litters are not matched: whole litters go to one arm, as cages do; otherwise animals are drawn one by one.",
    ),
    key(
        "trial.designs.sex_balanced",
        Kind::Truth,
        "true",
        "As many females as males in every arm; otherwise by chance.",
    ),
    key(
        "trial.designs.exclude_low_copy",
        Kind::Truth,
        "true",
        "Animals that lost copies of the transgene are found by genotyping and left out.",
    ),
    key(
        "trial.designs.blinded_endpoint",
        Kind::Truth,
        "true",
        "Whoever decides on the end does not know the arm.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_in_a_table_that_comes_before_it_and_only_once() {
        for (index, key) in KEYS.iter().enumerate() {
            let earlier = &KEYS[..index];
            assert!(
                earlier.iter().all(|other| other.path != key.path),
                "{} twice",
                key.path
            );
            if !key.parent().is_empty() {
                let table = earlier.iter().find(|other| other.path == key.parent());
                let kind = table.map(|table| table.kind);
                assert!(
                    matches!(kind, Some(Kind::Table | Kind::Tables)),
                    "{}",
                    key.path
                );
            }
            assert!(
                key.says.ends_with('.'),
                "{}: a sentence ends with a stop",
                key.path
            );
        }
    }
}
