//! What species and subjects are, in public registries.
//!
//! Only identifiers that were looked up and found to be what they are taken for (ChEBI, UniProt and NCBI
//! Taxonomy, November 2026); a species without one is left without. The names are those of
//! the built-in model; other models get none.

/// Registry identifiers of a species of the built-in model, as `CHEBI:17968`.
pub(super) fn of_species(id: &str) -> &'static [&'static str] {
    match id {
        "acetate_colon" => &["CHEBI:30089"],
        "bdnf" => &["uniprot:P21237"],
        "bifidobacteria" => &["taxonomy:1678"],
        "butyrate_colon" | "butyrate_ileum" | "butyrate_plasma" => &["CHEBI:17968"],
        "ecadherin_colon" | "ecadherin_ileum" => &["uniprot:P09803"],
        "eaat2" => &["uniprot:P43006"],
        "il1b_cord" | "il1b_plasma" => &["uniprot:P10749"],
        "il6_plasma" => &["uniprot:P08505"],
        "lactate_colon" => &["CHEBI:24996"],
        "lps_plasma" => &["CHEBI:16412"],
        "propionate_colon" => &["CHEBI:17272"],
        "tnf_plasma" => &["uniprot:P06804"],
        "zo1_colon" | "zo1_ileum" => &["uniprot:P39447"],
        _ => &[],
    }
}

/// The taxon of a subject, by the word of its preset.
pub(super) fn of_subject(species: Option<&str>) -> &'static [&'static str] {
    match species {
        Some("mouse") => &["taxonomy:10090"],
        Some("human") => &["taxonomy:9606"],
        _ => &[],
    }
}
