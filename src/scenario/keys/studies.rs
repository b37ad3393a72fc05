//! The keys of sweeps and sensitivity studies of the experiment.

use super::table::{key, required};
use super::{Key, Kind};

/// In the order in which files are written.
pub(super) const STUDIES: &[Key] = &[
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
        "Numbers read off every life besides onset and end, such as `\"area il17 from 60 d to 120 d\"` or `\"difference death vs control\"`; areas and extremes are those of the curve, whatever the grid; of a cohort, the median over its animals. Its text is the name of its column; `\"NAME = FEATURE\"` gives another.",
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
        "What is asked: features, read off every arm (`ARM: …` for one alone); `observable NAME from AGE to AGE every DAYS` for a curve; of cohorts also `median survival`, `restricted mean survival`, `restricted mean survival difference`, `hazard ratio`, against the first arm.",
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
];
