//! The functions of the rate language: one registry for parser, documents and help.

/// A function that expressions may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Smallest argument.
    Min,
    /// Largest argument.
    Max,
    /// e to the power.
    Exp,
    /// Natural logarithm.
    Ln,
    /// Square root.
    Sqrt,
    /// Absolute value.
    Abs,
    /// Rising Hill function.
    Hill,
    /// Falling Hill function.
    HillDown,
    /// Smooth switch.
    SwitchUp,
    /// Zero below zero.
    Positive,
    /// Value in the steady reference state.
    Resting,
}

/// What the registry says about a function.
#[derive(Clone, Copy, Debug)]
pub struct FunctionEntry {
    /// The function.
    pub function: Function,
    /// Its name.
    pub name: &'static str,
    /// Names of its arguments, for messages.
    pub arguments: &'static [&'static str],
    /// Whether further arguments may follow.
    pub more: More,
    /// One sentence.
    pub says: &'static str,
}

/// Whether a function takes more arguments than it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    /// Exactly those named.
    Exactly,
    /// As many as you like.
    AnyNumber,
}

const fn entry(
    function: Function,
    name: &'static str,
    arguments: &'static [&'static str],
    more: More,
    says: &'static str,
) -> FunctionEntry {
    FunctionEntry {
        function,
        name,
        arguments,
        more,
        says,
    }
}

/// Every function, by name.
pub const FUNCTIONS: &[FunctionEntry] = &[
    entry(
        Function::Abs,
        "abs",
        &["x"],
        More::Exactly,
        "absolute value",
    ),
    entry(
        Function::Exp,
        "exp",
        &["x"],
        More::Exactly,
        "e to the power x",
    ),
    entry(
        Function::Hill,
        "hill",
        &["x", "half", "exponent"],
        More::Exactly,
        "(x/half)^n / (1 + (x/half)^n), zero for x at or below zero",
    ),
    entry(
        Function::HillDown,
        "hill_down",
        &["x", "half", "exponent"],
        More::Exactly,
        "1 / (1 + (x/half)^n), one for x at or below zero",
    ),
    entry(
        Function::Ln,
        "ln",
        &["x"],
        More::Exactly,
        "natural logarithm",
    ),
    entry(
        Function::Max,
        "max",
        &["a", "b"],
        More::AnyNumber,
        "largest argument",
    ),
    entry(
        Function::Min,
        "min",
        &["a", "b"],
        More::AnyNumber,
        "smallest argument",
    ),
    entry(
        Function::Positive,
        "positive",
        &["x"],
        More::Exactly,
        "x, but zero below zero",
    ),
    entry(
        Function::Resting,
        "resting",
        &["name"],
        More::Exactly,
        "value of a species or an assignment in the steady state of the wild type",
    ),
    entry(Function::Sqrt, "sqrt", &["x"], More::Exactly, "square root"),
    entry(
        Function::SwitchUp,
        "switch_up",
        &["x", "threshold", "width"],
        More::Exactly,
        "1 / (1 + exp(-(x - threshold)/width)), a smooth step from 0 to 1",
    ),
];

impl Function {
    /// Its entry in the registry.
    ///
    /// # Panics
    /// Never: a test shows that every function has an entry.
    #[must_use]
    pub fn entry(self) -> &'static FunctionEntry {
        let found = FUNCTIONS.iter().find(|entry| entry.function == self);
        found.unwrap_or(&FUNCTIONS[0])
    }

    /// The function of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let found = FUNCTIONS.iter().find(|entry| entry.name == name);
        found.map(|entry| entry.function)
    }
}

/// Names that are no names of the model and why, for messages.
pub const RESERVED: &[(&str, &str)] = &[
    (
        "age",
        "rates cannot read the age: they read the state, and time-dependent inputs come from the scenario",
    ),
    (
        "time",
        "rates cannot read the time: time-dependent inputs come from the scenario",
    ),
    (
        "t",
        "rates cannot read the time: time-dependent inputs come from the scenario",
    ),
    (
        "dose",
        "`dose` is known in the effects of interventions only",
    ),
];
