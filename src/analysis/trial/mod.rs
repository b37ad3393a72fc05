//! Trials: the whole experiment many times, with the truth known.
//!
//! A large pool of animals is simulated in both arms, so that for every animal it is known how long it
//! lives without and with the treatment ([`Pool`]). A replicate buys animals from the pool as its
//! design says, assigns them to the arms, sees of each the life of its arm, and tests
//! ([`experiment`]). Under the null treatment both arms see the life without. [`repeat`] counts.
//!
//! A design that says who enters, when visits are, and what is compared ([`crate::scenario::CoursePlan`])
//! sees lives from entry on, with errors of measurement, missed visits and dropout drawn anew for every
//! experiment; designs that nobody can be in are refused with the share of the pool that enters.
//!
//! Reported are the power, the false positives, how often an apparent difference is at least so many
//! days, the distribution of the apparent effect, how much a significant one exaggerates (type M) and
//! how often its sign is wrong (type S; A. Gelman and J. Carlin, Perspectives on Psychological Science
//! 9 (2014) 641–651). Intervals are Wilson's for shares and percentile bounds of order statistics
//! elsewhere: they are Monte-Carlo errors. Drawing from a pool of finite size adds an error of its own,
//! estimated from tenths of the pool.

mod block;
mod course;
mod entering;
mod entry;
mod experiment;
mod judge;
mod pool;
mod reading;
mod repeat;
mod strata;

pub use block::{KeptBlocks, NothingKept, PoolBlock};
pub use course::{Entered, Seen, Watched};
pub use entry::EntryCount;
pub use experiment::{Experiment, Outcome, experiment};
pub use pool::{Pool, PoolAnimal, TrialError, pool_plan, two_arms};
pub use repeat::{Answer, Quantity, Treatment, TrialResults, repeat};
