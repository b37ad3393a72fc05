//! What the biology must show: each statement of the documentation about the shipped model, as a test.

mod butyrate;
mod cohort;
mod links;
mod lives;
mod mechanisms;
mod natural_history;
mod numerics;
mod reference;
mod rules;
mod wild_type;
