//! The registry: the parts that are written down, one after the other.

use super::data::DATA;
use super::experiment::EXPERIMENT;
use super::studies::STUDIES;
use super::{Default, Key, Kind};

pub(super) const fn key(
    path: &'static str,
    kind: Kind,
    default: &'static str,
    says: &'static str,
) -> Key {
    Key {
        path,
        kind,
        default: Default::Words(default),
        says,
    }
}

pub(super) const fn unless(
    path: &'static str,
    kind: Kind,
    other: &'static str,
    says: &'static str,
) -> Key {
    Key {
        path,
        kind,
        default: Default::RequiredUnless(other),
        says,
    }
}

pub(super) const fn required(path: &'static str, kind: Kind, says: &'static str) -> Key {
    Key {
        path,
        kind,
        default: Default::Required,
        says,
    }
}

/// How many keys there are.
const COUNT: usize = EXPERIMENT.len() + STUDIES.len() + DATA.len();

/// The registry, in the order in which files are written.
pub const KEYS: &[Key] = &all();

const fn all() -> [Key; COUNT] {
    let mut all = [EXPERIMENT[0]; COUNT];
    let mut place = 0;
    while place < COUNT {
        all[place] = if place < EXPERIMENT.len() {
            EXPERIMENT[place]
        } else if place < EXPERIMENT.len() + STUDIES.len() {
            STUDIES[place - EXPERIMENT.len()]
        } else {
            DATA[place - EXPERIMENT.len() - STUDIES.len()]
        };
        place += 1;
    }
    all
}
