//! [`Declaration`]: everything a model says, read and checked.
//!
//! A mechanism is declared once, and everything else is read from it: the
//! right-hand side, the Jacobian, unit checks, documents, maps.

mod check_cycles;
mod check_evidence;
mod check_names;
mod check_units;
mod collect;
mod digest;
mod dose;
mod entry;
mod equations;
mod evidence;
mod expectation;
mod family;
mod read_entry;
mod read_family;
mod reader;
mod subject;
mod variant;

use std::collections::BTreeMap;

pub use entry::{
    Assay, AssayNoise, Assignment, Common, Compartment, Crossing, Dose, DoseRange, Effect,
    EffectKind, Ending, Event, InitialValue, Intervention, InterventionKind, Modulator, Observable,
    Parameter, Prior, Process, Role, Sex, SexDifference, Species, Subject, SubjectValue, Variant,
    VariantValue,
};
pub use evidence::{Evidence, Grade, SPREAD_KINDS, Use};
pub use expectation::{Claim, Direction, Expectation, Looked};
pub use family::{
    DeclaredEndpoint, Endpoint, EndpointRole, EndpointSet, Family, FigureChoice, GroupNames,
    Region, SurvivalEndpoint,
};

pub(crate) use check_units::{UnitsByName, unit_with_dose};

pub(crate) use check_cycles::{assignment_reads, observable_reads, order};

use crate::fault::{Faults, Source};
use crate::unit::Units;

/// Everything a model says. All names are in order, whatever the order of the files.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Where things are.
    pub compartments: BTreeMap<String, Compartment>,
    /// Names of units, built in and declared.
    pub units: Units,
    /// Quantities that processes change.
    pub species: BTreeMap<String, Species>,
    /// Numbers.
    pub parameters: BTreeMap<String, Parameter>,
    /// What happens.
    pub processes: BTreeMap<String, Process>,
    /// Factors on what happens.
    pub modulators: BTreeMap<String, Modulator>,
    /// Quantities that follow from others at once.
    pub assignments: BTreeMap<String, Assignment>,
    /// What a laboratory measures.
    pub observables: BTreeMap<String, Observable>,
    /// Moments defined by a crossing.
    pub events: BTreeMap<String, Event>,
    /// What an experimenter may do.
    pub interventions: BTreeMap<String, Intervention>,
    /// Kinds of animals, by the stem of their file.
    pub subjects: BTreeMap<String, Subject>,
    /// Other choices of structure, by the stem of their file.
    pub variants: BTreeMap<String, Variant>,
    /// What the subjects are called, what happens to them, what is shown of them.
    pub family: Family,
    /// The ledger.
    pub evidence: BTreeMap<String, Evidence>,
    digests: digest::Digests,
}

impl Declaration {
    /// Reads and checks a model. Files with a `subjects` component in their name
    /// hold one subject each, those with `evidence` rows of evidence, and one with `families` may hold the
    /// vocabulary.
    ///
    /// # Errors
    /// Everything that is wrong, in order of file and line.
    pub fn read(files: &[Source]) -> Result<Self, Faults> {
        collect::read(files)
    }

    /// SHA-256 of everything but the evidence rows and the vocabulary, in hexadecimal digits;
    /// independent of comments, spacing and the order of files and entries.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.digests.text
    }

    /// SHA-256 of the evidence rows, in the same way.
    #[must_use]
    pub fn evidence_hash(&self) -> &str {
        &self.digests.evidence
    }

    /// SHA-256 of the vocabulary, in the same way.
    #[must_use]
    pub fn vocabulary_hash(&self) -> &str {
        &self.digests.vocabulary
    }

    /// SHA-256 of what the numbers of a simulation depend on, with these interventions and no others:
    /// values, units, ranges, rates and events count, sentences, labels, evidence and reasons do not.
    #[must_use]
    pub fn dynamics_hash<'i>(&self, interventions: impl IntoIterator<Item = &'i str>) -> String {
        self.digests.dynamics(&interventions.into_iter().collect())
    }
}
