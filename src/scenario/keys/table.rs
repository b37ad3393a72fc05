//! The registry: the parts that are written down, one after the other.

use super::data::DATA;
use super::experiment::EXPERIMENT;
use super::studies::STUDIES;
use super::trial::TRIAL_KEYS;
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

/// The parts of the registry.
const PARTS: [&[Key]; 4] = [EXPERIMENT, STUDIES, TRIAL_KEYS, DATA];

/// How many keys there are.
const COUNT: usize = PARTS[0].len() + PARTS[1].len() + PARTS[2].len() + PARTS[3].len();

/// The registry, in the order in which files are written.
pub const KEYS: &[Key] = &all();

const fn all() -> [Key; COUNT] {
    let mut all = [EXPERIMENT[0]; COUNT];
    let (mut place, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut within = 0;
        while within < PARTS[part].len() {
            all[place] = PARTS[part][within];
            place += 1;
            within += 1;
        }
        part += 1;
    }
    all
}
