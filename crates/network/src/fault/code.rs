//! The kinds of mistakes: one list, with a name, a meaning and a remedy each.
//!
//! The name stands in every message and never changes its meaning; docs/faults.md is derived from this
//! list.

use std::fmt;

/// The kind of a [`Fault`](super::Fault).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A name that the model or the scenario does not have.
    UnknownName,
    /// A key that this table does not have.
    UnknownKey,
    /// A word that is none of the choices of its key.
    UnknownWord,
    /// A unit that is not known.
    UnknownUnit,
    /// A file of a schema that this version does not read.
    UnknownVersion,
    /// A row of evidence that the ledger does not have.
    UnknownEvidence,
    /// A name with characters that names cannot have.
    BadName,
    /// A name that means something in the language of rates.
    ReservedName,
    /// Something is given twice where once is meant.
    Repeated,
    /// A name of the right spelling and the wrong kind, such as a process where a species is read.
    WrongKind,
    /// A process or modulator that the model has switched off is asked for.
    SwitchedOff,
    /// The file is no TOML.
    Syntax,
    /// The file is not UTF-8 text.
    NotUtf8,
    /// The file cannot be read.
    Unreadable,
    /// Tables, lists or files nest deeper than is read.
    TooDeep,
    /// The file is larger than is read.
    TooLong,
    /// Things depend on each other in a circle.
    Cycle,
    /// A key without which the table has no meaning is not there.
    MissingKey,
    /// A value of another type than its key takes.
    WrongType,
    /// A table or list that must hold something holds nothing.
    Empty,
    /// What follows `--set` is no NAME=VALUE.
    NotASetting,
    /// A number that is infinite or not a number.
    NotFinite,
    /// A number beyond the limits of its key.
    OutOfRange,
    /// A dose that no body survives.
    Implausible,
    /// A range whose ends are not in order.
    BadRange,
    /// A spread that is no spread.
    BadSpread,
    /// A correlation that is none.
    BadCorrelation,
    /// A number that needs a unit has none.
    MissingUnit,
    /// A quantity in a unit of another kind.
    WrongUnit,
    /// Quantities of different units are added, compared or assigned.
    UnitsDiffer,
    /// A power or function would leave a unit that does not exist.
    IrrationalUnit,
    /// A text that is no unit.
    BadUnit,
    /// A text that is no number with a unit.
    NoQuantity,
    /// A rate divides by what is zero.
    DivisionByZero,
    /// A text that is no expression.
    BadExpression,
    /// An end before its beginning, or a beginning after the end.
    TimesOutOfOrder,
    /// An age that is not among those of the output.
    NotOnGrid,
    /// More work or output than one command may ask for.
    TooMuch,
    /// A key or value that says nothing where it stands.
    NoMeaning,
    /// Two entries that exclude each other.
    Contradiction,
    /// A scenario without an arm.
    NoArms,
    /// Something that shows many animals, asked of one.
    NoCohort,
    /// A study of points in which nothing differs.
    NoFactor,
    /// A text that asks for no number of a run.
    NoFeature,
    /// An output that no run of the scenario has.
    NoOutput,
    /// Lists that are read together have different lengths.
    DifferentLengths,
    /// A folder that holds no model.
    NoModel,
    /// A number or arrow without evidence and without a reason.
    NoEvidence,
    /// A row of evidence is used as its grade does not allow.
    EvidenceUse,
    /// The numbers of a row of evidence do not fit together.
    EvidenceNumbers,
    /// A row conflicts with another one that does not say so.
    OneSidedConflict,
    /// What a row expects of the model cannot be asked of it.
    BadExpectation,
    /// A row for validation does not say what the model must show.
    NoExpectation,
    /// A target or setting of a calibration that it cannot have.
    BadTarget,
    /// An assay that is none.
    BadAssay,
    /// A cell, line or column of a data file that is not what it should be.
    BadData,
    /// The model holds no posterior for this subject.
    NoPosterior,
    /// A file that is no posterior.
    BadPosterior,
    /// The posterior belongs to another model than this one.
    StalePosterior,
}

/// Name, meaning and remedy of every kind, in the order of the page.
const KINDS: [(Code, &str, &str, &str); 59] = [
    (
        Code::UnknownName,
        "unknown-name",
        "A name that the model or the scenario does not have.",
        "Look at the suggestion; `gutbrain model list` prints every name of the model.",
    ),
    (
        Code::UnknownKey,
        "unknown-key",
        "A key that this table does not have.",
        "`gutbrain schema` and docs/scenario.md list every key with its table.",
    ),
    (
        Code::UnknownWord,
        "unknown-word",
        "A word that is none of the choices of its key.",
        "Write one of the words that the message lists.",
    ),
    (
        Code::UnknownUnit,
        "unknown-unit",
        "A unit that is not known.",
        "Write a unit that is known, such as `d`, `mM` or `mg/kg`.",
    ),
    (
        Code::UnknownVersion,
        "unknown-version",
        "A file of a schema that this version does not read.",
        "Write `schema = 1`, or use the version that the file was written for.",
    ),
    (
        Code::UnknownEvidence,
        "unknown-evidence",
        "A row of evidence that the ledger does not have.",
        "`gutbrain evidence` prints every row.",
    ),
    (
        Code::BadName,
        "bad-name",
        "A name with characters that names cannot have.",
        "Write the name in the characters that the message gives.",
    ),
    (
        Code::ReservedName,
        "reserved-name",
        "A name that means something in the language of rates.",
        "Choose another name.",
    ),
    (
        Code::Repeated,
        "repeated",
        "Something is given twice where once is meant.",
        "Keep one of the two.",
    ),
    (
        Code::WrongKind,
        "wrong-kind",
        "A name of the right spelling and the wrong kind, such as a process where a species is read.",
        "Name something of the kind that the message asks for.",
    ),
    (
        Code::SwitchedOff,
        "switched-off",
        "A process or modulator that the model has switched off is asked for.",
        "Switch it on with `model.enable`.",
    ),
    (
        Code::Syntax,
        "syntax",
        "The file is no TOML.",
        "The place is marked; a missing quote or bracket before it is the usual reason.",
    ),
    (
        Code::NotUtf8,
        "not-utf-8",
        "The file is not UTF-8 text.",
        "Save the file as UTF-8.",
    ),
    (
        Code::Unreadable,
        "unreadable",
        "The file cannot be read.",
        "The reason that the system gave follows.",
    ),
    (
        Code::TooDeep,
        "too-deep",
        "Tables, lists or files nest deeper than is read.",
        "Write it flatter.",
    ),
    (
        Code::TooLong,
        "too-long",
        "The file is larger than is read.",
        "Is this the right file?",
    ),
    (
        Code::Cycle,
        "cycle",
        "Things depend on each other in a circle.",
        "Remove one of the arrows of the circle.",
    ),
    (
        Code::MissingKey,
        "missing-key",
        "A key without which the table has no meaning is not there.",
        "Add the key.",
    ),
    (
        Code::WrongType,
        "wrong-type",
        "A value of another type than its key takes.",
        "Write a value of the type that the message names.",
    ),
    (
        Code::Empty,
        "empty",
        "A table or list that must hold something holds nothing.",
        "Add an entry, or remove the table.",
    ),
    (
        Code::NotASetting,
        "not-a-setting",
        "What follows `--set` is no NAME=VALUE.",
        "Write, for example, `--set solver.rtol=1e-8`.",
    ),
    (
        Code::NotFinite,
        "not-finite",
        "A number that is infinite or not a number.",
        "Write a finite number.",
    ),
    (
        Code::OutOfRange,
        "out-of-range",
        "A number beyond the limits of its key.",
        "The message gives the limits.",
    ),
    (
        Code::Implausible,
        "implausible",
        "A dose that no body survives.",
        "Lower it, or write `allow_implausible = true` into the scenario (`--allow-implausible`) to see what the equations do there.",
    ),
    (
        Code::BadRange,
        "bad-range",
        "A range whose ends are not in order.",
        "Write the lower end first.",
    ),
    (
        Code::BadSpread,
        "bad-spread",
        "A spread that is no spread.",
        "A standard deviation is positive.",
    ),
    (
        Code::BadCorrelation,
        "bad-correlation",
        "A correlation that is none.",
        "Correlations lie between -1 and 1, with another quantity.",
    ),
    (
        Code::MissingUnit,
        "missing-unit",
        "A number that needs a unit has none.",
        "Write the number with its unit, in quotes.",
    ),
    (
        Code::WrongUnit,
        "wrong-unit",
        "A quantity in a unit of another kind.",
        "Write it in a unit of the kind that the message names.",
    ),
    (
        Code::UnitsDiffer,
        "units-differ",
        "Quantities of different units are added, compared or assigned.",
        "Convert one of them, or correct the declared unit.",
    ),
    (
        Code::IrrationalUnit,
        "irrational-unit",
        "A power or function would leave a unit that does not exist.",
        "Divide by a reference value of the same unit first.",
    ),
    (
        Code::BadUnit,
        "bad-unit",
        "A text that is no unit.",
        "Write units as products of powers, such as `mmol/l/day`.",
    ),
    (
        Code::NoQuantity,
        "no-quantity",
        "A text that is no number with a unit.",
        "Write, for example, `\"38 d\"`.",
    ),
    (
        Code::DivisionByZero,
        "division-by-zero",
        "A rate divides by what is zero.",
        "Correct the rate.",
    ),
    (
        Code::BadExpression,
        "bad-expression",
        "A text that is no expression.",
        "The place is marked; docs/model.md has the language.",
    ),
    (
        Code::TimesOutOfOrder,
        "times-out-of-order",
        "An end before its beginning, or a beginning after the end.",
        "Put the times in order.",
    ),
    (
        Code::NotOnGrid,
        "not-on-grid",
        "An age that is not among those of the output.",
        "Ages are `simulation.start` plus multiples of `simulation.every`.",
    ),
    (
        Code::TooMuch,
        "too-much",
        "More work or output than one command may ask for.",
        "Ask for less at a time, or divide the work into shards.",
    ),
    (
        Code::NoMeaning,
        "no-meaning",
        "A key or value that says nothing where it stands.",
        "Remove it.",
    ),
    (
        Code::Contradiction,
        "contradiction",
        "Two entries that exclude each other.",
        "Keep one of them.",
    ),
    (
        Code::NoArms,
        "no-arms",
        "A scenario without an arm.",
        "Add `[[arm]]` with a `name`.",
    ),
    (
        Code::NoCohort,
        "no-cohort",
        "Something that shows many animals, asked of one.",
        "Add `[cohort]` with `subjects`.",
    ),
    (
        Code::NoFactor,
        "no-factor",
        "A study of points in which nothing differs.",
        "Add a factor.",
    ),
    (
        Code::NoFeature,
        "no-feature",
        "A text that asks for no number of a run.",
        "docs/scenario.md has the forms.",
    ),
    (
        Code::NoOutput,
        "no-output",
        "An output that no run of the scenario has.",
        "The message says what is missing.",
    ),
    (
        Code::DifferentLengths,
        "different-lengths",
        "Lists that are read together have different lengths.",
        "Give every list as many values.",
    ),
    (
        Code::NoModel,
        "no-model",
        "A folder that holds no model.",
        "Name a folder such as `model`.",
    ),
    (
        Code::NoEvidence,
        "no-evidence",
        "A number or arrow without evidence and without a reason.",
        "Name rows of evidence, or give the reason: `assumed = \"…\"`.",
    ),
    (
        Code::EvidenceUse,
        "evidence-use",
        "A row of evidence is used as its grade does not allow.",
        "The message says what the grade allows.",
    ),
    (
        Code::EvidenceNumbers,
        "evidence-numbers",
        "The numbers of a row of evidence do not fit together.",
        "Correct the row.",
    ),
    (
        Code::OneSidedConflict,
        "one-sided-conflict",
        "A row conflicts with another one that does not say so.",
        "Add the row to the `conflicts_with` of the other.",
    ),
    (
        Code::BadExpectation,
        "bad-expectation",
        "What a row expects of the model cannot be asked of it.",
        "The message says what is missing.",
    ),
    (
        Code::NoExpectation,
        "no-expectation",
        "A row for validation does not say what the model must show.",
        "Add `[[evidence.ID.expects]]`, or `not_representable` with the reason.",
    ),
    (
        Code::BadTarget,
        "bad-target",
        "A target or setting of a calibration that it cannot have.",
        "The message says what is missing.",
    ),
    (
        Code::BadAssay,
        "bad-assay",
        "An assay that is none.",
        "Write `variation` or `counts`, one of both.",
    ),
    (
        Code::BadData,
        "bad-data",
        "A cell, line or column of a data file that is not what it should be.",
        "The message shows the cell; `columns = { value = \"NAME\" }` names a column that is called otherwise.",
    ),
    (
        Code::NoPosterior,
        "no-posterior",
        "The model holds no posterior for this subject.",
        "`gutbrain calibrate FILE --posterior --apply` makes one.",
    ),
    (
        Code::BadPosterior,
        "bad-posterior",
        "A file that is no posterior.",
        "Make it again with `gutbrain calibrate FILE --posterior --apply`.",
    ),
    (
        Code::StalePosterior,
        "stale-posterior",
        "The posterior belongs to another model than this one.",
        "`gutbrain calibrate FILE --renew --apply` weighs it again, `--posterior` samples anew.",
    ),
];

impl Code {
    /// Every kind, in the order of the page.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.into_iter().map(|(code, ..)| code)
    }

    /// The kind of a name, as in "unknown-name".
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|code| code.name() == name)
    }

    /// The short name that stands in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.kind().1
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn says(self) -> &'static str {
        self.kind().2
    }

    /// What the author of the text can do.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        self.kind().3
    }

    fn kind(self) -> (Self, &'static str, &'static str, &'static str) {
        // The test below asks that the list is in the order of the kinds.
        KINDS[self as usize]
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Kinds compare with the names that messages give them.
impl PartialEq<&str> for Code {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_is_at_its_place_with_a_name_of_its_own() {
        let mut names = BTreeSet::new();
        for (place, code) in Code::all().enumerate() {
            assert_eq!(code as usize, place, "{code}");
            assert!(names.insert(code.name()), "{code} twice");
            assert_eq!(Code::named(code.name()), Some(code));
            let of_names = |it: char| it.is_ascii_lowercase() || it == '-' || it == '8';
            assert!(code.name().chars().all(of_names), "{code}");
            assert!(
                code.says().ends_with('.') && code.remedy().ends_with(['.', '?']),
                "{code}"
            );
        }
    }
}
