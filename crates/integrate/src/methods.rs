//! The registry of methods: one entry each, read by the command line, the docs and the tests.

pub mod rodas4;
pub mod rodas5p;

/// A method of integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Rosenbrock, order 5, L-stable: the default.
    Rodas5P,
    /// Rosenbrock, order 4, L-stable.
    Rodas4,
    /// Explicit Runge–Kutta, order 5, from `ode_solvers`.
    Dopri5,
    /// Explicit Runge–Kutta, order 8, from `ode_solvers`.
    Dop853,
}

/// Whether a method copes with fast and slow rates side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stiffness {
    /// Steps are bounded by accuracy only.
    Stiff,
    /// Steps are bounded by the fastest rate.
    NonStiff,
}

/// What is to be known of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodEntry {
    /// The method.
    pub method: Method,
    /// Its name in scenarios.
    pub name: &'static str,
    /// One sentence.
    pub says: &'static str,
    /// Where it comes from.
    pub reference: &'static str,
    /// Order of convergence.
    pub order: u32,
    /// What it is for.
    pub stiffness: Stiffness,
}

const METHODS: &[MethodEntry] = &[
    MethodEntry {
        method: Method::Rodas5P,
        name: "rodas5p",
        says: "Rosenbrock method of order 5 with exact Jacobian; L-stable; the default",
        reference: "Steinebach (2023) BIT Numer. Math. 63:27, doi:10.1007/s10543-023-00967-x",
        order: 5,
        stiffness: Stiffness::Stiff,
    },
    MethodEntry {
        method: Method::Rodas4,
        name: "rodas4",
        says: "Rosenbrock method of order 4 with exact Jacobian; L-stable",
        reference: "Hairer & Wanner (1996) Solving Ordinary Differential Equations II, section \
                    IV.7, doi:10.1007/978-3-642-05221-7",
        order: 4,
        stiffness: Stiffness::Stiff,
    },
    MethodEntry {
        method: Method::Dopri5,
        name: "dopri5",
        says: "Explicit Runge-Kutta method of order 5; a cross-check, and for systems that are \
               not stiff",
        reference: "Dormand & Prince (1980) J. Comput. Appl. Math. 6:19, \
                    doi:10.1016/0771-050X(80)90013-3; crate ode_solvers",
        order: 5,
        stiffness: Stiffness::NonStiff,
    },
    MethodEntry {
        method: Method::Dop853,
        name: "dop853",
        says: "Explicit Runge-Kutta method of order 8; a cross-check at strict tolerances",
        reference: "Hairer, Norsett & Wanner (1993) Solving Ordinary Differential Equations I, \
                    section II.5, doi:10.1007/978-3-540-78862-1; crate ode_solvers",
        order: 8,
        stiffness: Stiffness::NonStiff,
    },
];

impl Method {
    /// All methods, the default first.
    #[must_use]
    pub fn all() -> &'static [MethodEntry] {
        METHODS
    }

    /// The method of that name; `auto` is the default.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "auto" {
            return Some(Self::Rodas5P);
        }
        METHODS
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.method)
    }

    /// Its name in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        METHODS
            .iter()
            .find(|entry| entry.method == self)
            .map_or("auto", |entry| entry.name)
    }
}
