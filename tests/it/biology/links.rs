//! The links of the axis, each with what must move when it is switched off.

/// What an output does when a link is switched off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Then {
    Rises,
    Falls,
}

/// What both animals of a comparison are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Animal {
    Healthy,
    Sick,
    SickOnButyrate,
    SickOnSixPercent,
    SickOnProbiotic,
    HealthyWithMethanogens,
}

/// A link, or a part of it.
pub(super) struct Row {
    pub(super) link: &'static str,
    /// What is switched off.
    pub(super) off: Vec<&'static str>,
    pub(super) animal: Animal,
    pub(super) output: &'static str,
    /// Days from birth.
    pub(super) age: f64,
    pub(super) then: Then,
}

/// Link, animal, output, age in days, what the output does, what is switched off.
const TABLE: &str = "
L1  healthy                   caecal_propionate         60   falls  process.fibre_degraders_ferment_fibre
L1  healthy                   caecal_acetate            60   falls  process.fibre_degraders_ferment_fibre
L1  healthy                   caecal_butyrate           60   falls  process.fibre_degraders_release_sugar
L2  healthy                   caecal_butyrate           60   falls  process.butyrate_producers_ferment_sugar
L2  healthy                   caecal_butyrate           60   falls  process.acetate_cross_feeds_butyrate
L2  sick                      butyrate_producers        60   rises  modulator.nitrite_slows_butyrate_producers
L3  healthy                   lactate                   60   falls  process.bifidobacteria_ferment_sugar
L3  healthy                   caecal_butyrate           60   falls  process.butyrate_producers_use_lactate
L4  healthy-with-methanogens  caecal_butyrate           60   rises  process.methanogens_shift_fermentation
L5  healthy                   ethanol                   60   falls  process.dorea_ferments_sugar
L5  sick                      zo1_of_colon              60   rises  modulator.ethanol_lowers_zo1_colon
L6  healthy                   plasma_lps                60   falls  process.enterobacteria_ferment_sugar
L6  sick                      plasma_lps                60   falls  modulator.acids_hold_down_enterobacteria
L8  healthy                   caecal_butyrate           60   rises  process.butyrate_is_absorbed_in_colon
L8  sick-on-butyrate          butyrate_ileum            60   rises  process.butyrate_is_absorbed_in_ileum
L8  sick-on-butyrate          zo1                       60   falls  process.dose_reaches_ileum
L8  sick-on-butyrate          plasma_butyrate           60   falls  process.butyrate_passes_liver
L8  sick-on-butyrate          plasma_butyrate           60   rises  process.butyrate_is_cleared
L9  sick                      gut_motility              60   rises  process.sod1_slows_enteric_nerves
L9  healthy                   caecal_butyrate           60   rises  process.washout_butyrate
B1  sick-on-butyrate          zo1                       80   falls  modulator.butyrate_raises_zo1_ileum
B1  sick-on-butyrate          permeability              80   rises  modulator.butyrate_raises_zo1_ileum
B1  sick-on-butyrate          ecadherin                 80   falls  modulator.butyrate_raises_ecadherin_ileum
B1  sick-on-six-percent       zo1                       80   rises  process.high_butyrate_damages_zo1_ileum
B3  sick                      zo1                       60   rises  process.sod1_damages_zo1_ileum
B3  sick                      ecadherin_of_colon        60   rises  process.sod1_damages_ecadherin_colon
B3  sick                      paneth_functional         60   rises  process.sod1_damages_paneth
B3  sick-on-butyrate          epithelial_aggregates     80   rises  modulator.butyrate_clears_aggregates_ileum
B4  healthy                   defensin_5a               60   falls  process.paneth_cells_secrete_defensin
B4  healthy                   abundance_dorea           60   rises  process.defensin_kills_dorea
B4  sick-on-butyrate          paneth_functional         80   falls  modulator.butyrate_restores_paneth
B5  sick-on-butyrate          nfkb_ileum                80   rises  modulator.butyrate_inhibits_nfkb_ileum
B5  sick-on-butyrate          zo1                       80   falls  modulator.butyrate_inhibits_nfkb_ileum
B5  sick                      zo1                       60   rises  modulator.nfkb_lowers_zo1_ileum
I1  sick                      plasma_lps                60   falls  process.endotoxin_leaks_into_blood
I2  sick                      il17                      60   falls  process.phagocytes_make_il23
I2  sick                      il23                      60   falls  process.leak_activates_phagocytes
I2  sick                      il17                      60   falls  process.th17_cells_make_il17
I3  sick-on-butyrate          treg_fold                 80   falls  modulator.butyrate_raises_treg
I3  sick-on-butyrate          il17                      80   rises  modulator.butyrate_lowers_th17
I4  sick                      nfkb_ileum                60   falls  process.phagocytes_make_tnf
I4  sick                      il17                      60   falls  process.phagocytes_make_il6
I4  sick                      motor_score               120  rises  process.phagocytes_make_il1b
I5  sick                      weight                    80   falls  process.disease_shifts_preference
I5  sick                      weight                    60   rises  process.body_burns
I5  sick                      caecal_butyrate           100  rises  process.intake_follows_appetite
I6  sick                      il23                      120  falls  modulator.vagal_tone_calms_phagocytes
I7  sick                      treg_fold                 60   rises  modulator.flora_keeps_tolerance
C1  sick                      cord_barrier_leak         60   falls  process.blood_signals_open_cord_barrier
C2  sick                      motor_neurons             125  rises  process.cd8_cells_infiltrate
C2  sick                      motor_neurons             125  falls  process.cd4_cells_infiltrate
C2  sick                      microglia                 125  rises  modulator.protective_cells_calm_microglia
C3  sick                      microglia                 100  falls  process.microglia_amplify
C3  sick                      motor_score               110  falls  process.microglia_amplify
C3  sick                      microglia                 80   falls  process.bacterial_fragments_activate_microglia
C3  sick                      microglia_homeostatic     120  falls  process.microglia_are_renewed
C4  sick                      motor_neurons             120  rises  process.nlrp3_matures_il1b
C5  sick                      neurons_withdrawn         60   falls  process.excitation_kills_neurons
C5  sick                      eaat2                     120  rises  process.inflammation_lowers_eaat2
C6  sick                      motor_neurons             90   falls  process.failing_neurons_recover
C7  sick                      motor_neurons             90   rises  process.transgene_makes_misfolded_sod1
C7  sick                      sod1_aggregate_neuron     90   falls  process.misfolded_sod1_aggregates
C7  sick                      misfolded_neuron          90   falls  process.misfolded_sod1_aggregates
C8  sick                      motor_neurons             90   rises  process.misfolded_sod1_makes_neurons_fail
C8  sick                      fast_junctions            30   rises  process.sod1_denervates_fast
C8  sick                      motor_score               120  rises  process.muscle_follows_innervation
L1  healthy                   abundance_akkermansia     60   falls  process.akkermansia_eats_mucin
L3  sick-on-probiotic         abundance_bifidobacteria  60   falls  process.probiotic_arrives
I1  sick                      microglia                 100  falls  process.receptors_signal
I3  healthy                   treg_fold                 60   falls  process.thymus_makes_treg
C2  sick                      fast_junctions            60   rises  process.macrophages_gather_in_nerve
C3  sick                      astrocytes                100  falls  process.astrocytes_react
C3  sick                      guards                    100  falls  process.guards_mature
C7  sick                      sod1_aggregate_neuron     90   falls  process.seeds_grow
C8  sick                      motor_neurons_dead        90   falls  process.failing_neurons_withdraw
";

/// The rows of the table.
pub(super) fn table() -> Vec<Row> {
    TABLE
        .lines()
        .filter(|line| !line.is_empty())
        .map(row)
        .collect()
}

fn row(line: &'static str) -> Row {
    let mut words = line.split_whitespace();
    let mut word = || words.next().expect("six columns");
    let (link, animal, output, age, then) = (word(), word(), word(), word(), word());
    Row {
        link,
        off: words.collect(),
        animal: match animal {
            "healthy" => Animal::Healthy,
            "sick" => Animal::Sick,
            "sick-on-butyrate" => Animal::SickOnButyrate,
            "sick-on-six-percent" => Animal::SickOnSixPercent,
            "sick-on-probiotic" => Animal::SickOnProbiotic,
            "healthy-with-methanogens" => Animal::HealthyWithMethanogens,
            other => panic!("{other}"),
        },
        output,
        age: age.parse().expect("an age"),
        then: match then {
            "rises" => Then::Rises,
            "falls" => Then::Falls,
            other => panic!("{other}"),
        },
    }
}
