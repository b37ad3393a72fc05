//! Figures that need no list of variables: named choices of observables.

/// A named choice of variables, one panel each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Name.
    pub name: &'static str,
    /// What the figure shows.
    pub says: &'static str,
    /// Ids of the variables in the order of the panels.
    pub variables: &'static [&'static str],
}

/// All presets.
const PRESETS: [Preset; 6] = [
    Preset {
        name: "axis",
        says: "The axis from lumen to cord, one panel per station",
        variables: &[
            "abundance_butyrate_producers",
            "caecal_butyrate",
            "zo1",
            "permeability",
            "plasma_lps",
            "il17",
            "microglia",
            "motor_neurons",
            "motor_score",
        ],
    },
    Preset {
        name: "motor",
        says: "Motor function and body weight",
        variables: &["motor_score", "fast_junctions", "motor_neurons", "weight"],
    },
    Preset {
        name: "scfa",
        says: "Short-chain fatty acids from caecum to plasma",
        variables: &[
            "caecal_acetate",
            "caecal_propionate",
            "caecal_butyrate",
            "butyrate_exposure_ileum",
            "portal_butyrate",
            "plasma_butyrate",
        ],
    },
    Preset {
        name: "barrier",
        says: "Junction proteins, leak, Paneth cells and aggregates of the epithelium",
        variables: &[
            "zo1",
            "ecadherin",
            "permeability",
            "defensin_5a",
            "paneth_functional",
            "epithelial_aggregates",
        ],
    },
    Preset {
        name: "immune",
        says: "Endotoxin and immune signals of the blood, cells of the cord",
        variables: &[
            "plasma_lps",
            "il17",
            "il23",
            "treg_fold",
            "microglia",
            "t_cells_cord",
        ],
    },
    Preset {
        name: "flora",
        says: "Relative abundance of the groups of the flora",
        variables: &[
            "abundance_fibre_degraders",
            "abundance_butyrate_producers",
            "abundance_bifidobacteria",
            "abundance_methanogens",
            "abundance_dorea",
            "abundance_enterobacteria",
        ],
    },
];

impl Preset {
    /// All presets.
    pub fn all() -> &'static [Self] {
        &PRESETS
    }

    /// The preset called `name`.
    pub fn from_name(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }
}
