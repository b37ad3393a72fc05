//! What an exchange file says, before it is written in any format.
//!
//! What: compartments, species, parameters, rules, reactions and events of one arm, every number with
//! its unit. [`super::build`] makes it from the declaration and a blueprint of the arm; the writers
//! ([`super::sbml`], [`super::antimony`]) turn it into text.
//!
//! How quantities become species of SBML: what is counted per volume (mM, pg/ml, g/l) is a
//! concentration in a compartment of one litre; what has no volume in it (fold of wild type, grams of
//! body) is an amount. Reactions count turns, a pure number: their rate is divided by one of its unit,
//! and a conversion factor of the value 1 gives every species its unit back. So no number is scaled,
//! and units hold.

use gutbrain_network::unit::Unit;

use super::formula::{Call, Formula};

/// Everything an exchange file says about one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// Identifier of the model.
    pub id: String,
    /// Title.
    pub name: String,
    /// Sentences about where it comes from.
    pub notes: Vec<String>,
    /// Taxonomy identifiers of the subject.
    pub taxa: Vec<String>,
    /// Age at time 0 and at the end, in days.
    pub span: (f64, f64),
    /// Where things are.
    pub compartments: Vec<Compartment>,
    /// Components of the state.
    pub species: Vec<Species>,
    /// Numbers, and what rules and events change.
    pub parameters: Vec<Parameter>,
    /// Functions that formulas call.
    pub functions: Vec<Function>,
    /// Assignments, in an order in which each reads only those before it.
    pub rules: Vec<Rule>,
    /// What changes species.
    pub reactions: Vec<Reaction>,
    /// What happens at an age or when a quantity crosses zero.
    pub events: Vec<Event>,
}

impl Content {
    fn heads(&self) -> impl Iterator<Item = &Head> {
        let heads = self.species.iter().map(|it| &it.head);
        let heads = heads.chain(self.parameters.iter().map(|it| &it.head));
        let heads = heads.chain(self.reactions.iter().map(|it| &it.head));
        let heads = heads.chain(self.events.iter().map(|it| &it.head));
        heads.chain(self.compartments.iter().map(|it| &it.head))
    }

    /// Every identifier of the file.
    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        let functions = self.functions.iter().map(|it| it.id);
        let heads = self.heads().map(|head| head.id.as_str());
        heads.chain(functions).chain([self.id.as_str()])
    }

    /// What an identifier of the file is called in the declaration.
    #[must_use]
    pub fn origin(&self, id: &str) -> Option<&str> {
        let head = self.heads().find(|head| head.id == id)?;
        Some(&head.origin)
    }

    /// The identifier of a quantity of the declaration, which keeps its name unless a reader takes the
    /// name for something else.
    #[must_use]
    pub fn quantity(&self, name: &str) -> Option<&str> {
        let kinds = ["species", "observable", "assignment", "parameter"];
        let origins = kinds.map(|kind| format!("{kind}.{name}"));
        let head = self.heads().find(|head| origins.contains(&head.origin))?;
        Some(&head.id)
    }
}

/// Identifier, name and grounds of an entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Head {
    /// Identifier in the file.
    pub id: String,
    /// One sentence.
    pub says: String,
    /// What it is called in the declaration, as `process.zo1_is_made`; empty for what the file adds.
    pub origin: String,
    /// Identifiers of what it is, as `CHEBI:17968`.
    pub identities: Vec<String>,
    /// Digital object identifiers of its evidence.
    pub dois: Vec<String>,
}

/// A place of one litre.
#[derive(Debug, Clone, PartialEq)]
pub struct Compartment {
    /// Its head.
    pub head: Head,
}

/// Whether a species is counted per volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// A concentration in one litre.
    PerVolume,
    /// An amount.
    Whole,
}

/// A component of the state.
#[derive(Debug, Clone, PartialEq)]
pub struct Species {
    /// Its head.
    pub head: Head,
    /// Identifier of its compartment.
    pub compartment: String,
    /// Its unit in the declaration.
    pub unit: Unit,
    /// The unit of its amount.
    pub substance: Unit,
    /// Identifier of its conversion factor.
    pub conversion: String,
    /// How it is counted.
    pub count: Count,
    /// Its value at time 0, in `unit`.
    pub initial: f64,
    /// Whether reactions change it.
    pub moves: bool,
}

/// How a parameter gets its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// It is constant.
    Constant,
    /// Events change it.
    ByEvents,
    /// A rule gives it.
    ByRule,
}

/// A number.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its head.
    pub head: Head,
    /// Its unit.
    pub unit: Unit,
    /// Its value at time 0; without meaning under a rule.
    pub value: f64,
    /// How it gets its value.
    pub keeps: Keeps,
}

/// A function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Which.
    pub call: Call,
    /// Its identifier.
    pub id: &'static str,
    /// Names of its arguments.
    pub arguments: &'static [&'static str],
    /// Its value.
    pub body: Formula,
}

/// An assignment that always holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The parameter it gives.
    pub variable: String,
    /// Its value.
    pub value: Formula,
}

/// A process, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaction {
    /// Its head.
    pub head: Head,
    /// Species it changes, and how many of each one turn makes.
    pub changes: Vec<(String, f64)>,
    /// Species that its rate reads and that it does not change.
    pub modifiers: Vec<String>,
    /// Turns per day.
    pub rate: Formula,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its head.
    pub head: Head,
    /// The condition; it happens when this becomes true.
    pub trigger: Formula,
    /// Whether the condition counts as true before time 0.
    pub holds_before: bool,
    /// New values, all computed from what held before.
    pub assignments: Vec<(String, Formula)>,
}
