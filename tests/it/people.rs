//! The shipped model of people: what it must show, and what it must not do.

mod gut;
mod health;
mod measured;
mod natural_history;
mod shipped;
