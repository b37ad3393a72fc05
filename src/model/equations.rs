//! [`Equations`]: a model with some changes of its structure, compiled once and shared by all that asks.
//!
//! Checking a scenario, simulating it and every experiment of an analysis need the same network;
//! compiling it costs as much as dozens of lives.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use gutbrain_integrate::{Pattern, PatternFault};
use gutbrain_network::{Declaration, Edits, Faults, Network};

/// How many changes of structure are remembered; of more, those asked for first are forgotten.
const REMEMBERED: usize = 64;

/// A compiled network, and where its Jacobian may be other than zero.
#[derive(Debug)]
pub(crate) struct Equations {
    pub(crate) network: Network,
    patterns: OnceLock<Result<Arc<Patterns>, PatternFault>>,
}

/// Of the network and of its search for the steady state.
#[derive(Debug)]
pub(crate) struct Patterns {
    pub(crate) running: Pattern,
    pub(crate) settling: Pattern,
}

impl Equations {
    /// The equations of the search for the steady state.
    pub(crate) fn settling(&self) -> &Network {
        self.network.settling()
    }

    /// The patterns of the Jacobians.
    ///
    /// # Errors
    /// Never for a network that was compiled: a fault of the program.
    pub(crate) fn patterns(&self) -> Result<Arc<Patterns>, PatternFault> {
        let make = || {
            Ok(Arc::new(Patterns {
                running: pattern_of(&self.network)?,
                settling: pattern_of(self.network.settling())?,
            }))
        };
        self.patterns.get_or_init(make).clone()
    }
}

fn pattern_of(network: &Network) -> Result<Pattern, PatternFault> {
    let (row_starts, columns) = network.jacobian_pattern();
    Pattern::compressed(row_starts.to_vec(), columns.to_vec())
}

type Made = Arc<OnceLock<Result<Arc<Equations>, Faults>>>;

/// The equations of one declaration, by the changes of its structure. Copies share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Remembered(Arc<Mutex<Vec<(Edits, Made)>>>);

impl Remembered {
    /// Those with these changes, compiled when they are first asked for.
    ///
    /// # Errors
    /// Edits that name nothing the model has.
    pub(super) fn get(
        &self,
        declaration: &Declaration,
        edits: &Edits,
    ) -> Result<Arc<Equations>, Faults> {
        let compile = || {
            Ok(Arc::new(Equations {
                network: declaration.compile(edits)?,
                patterns: OnceLock::new(),
            }))
        };
        // Threads that ask for others do not wait.
        self.entry(edits).get_or_init(compile).clone()
    }

    fn entry(&self, edits: &Edits) -> Made {
        // A thread that panicked in here has left the list as it was.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = known.iter().find(|(others, _)| others == edits) {
            return Arc::clone(made);
        }
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        let made = Made::default();
        known.push((edits.clone(), Arc::clone(&made)));
        made
    }
}
