//! The shipped model of people: what it must show, and what it must not do.

mod gut;
mod health;
mod known_trials;
mod measured;
mod natural_history;
mod predictions;
mod shipped;
mod words;
