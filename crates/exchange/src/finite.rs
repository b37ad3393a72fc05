//! Numbers that no export may hold.

use super::ExchangeError;
use super::content::{Content, Head, Keeps};
use super::formula::Formula;

/// Refuses numbers that are infinite or undefined: a run that gives such a value has failed, and no file
/// should pass it on as a number.
pub(super) fn check_finite(content: &Content) -> Result<(), ExchangeError> {
    let refused = |head: &Head, value: f64| {
        let entry = if head.origin.is_empty() {
            &head.id
        } else {
            &head.origin
        };
        Err(ExchangeError::NotExpressible {
            entry: entry.clone(),
            cause: format!("its value at the start is {value}, which is no number"),
        })
    };
    for species in &content.species {
        if !species.initial.is_finite() {
            return refused(&species.head, species.initial);
        }
    }
    for parameter in &content.parameters {
        if parameter.keeps != Keeps::ByRule && !parameter.value.is_finite() {
            return refused(&parameter.head, parameter.value);
        }
    }
    for event in &content.events {
        let mut found = None;
        for (_, value) in &event.assignments {
            value.visit(&mut |part| {
                if let Formula::Number(value, _) = part
                    && !value.is_finite()
                {
                    found = Some(*value);
                }
            });
        }
        if let Some(value) = found {
            return refused(&event.head, value);
        }
    }
    Ok(())
}
