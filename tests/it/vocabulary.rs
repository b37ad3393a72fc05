//! The vocabulary of a model is text of the model: another animal is another folder.

mod ids;
mod toy_family;
mod wrong;
