//! [`Moment`]: when something is done: at an age, or so long after what the animal goes through.
//!
//! Text: `"38 d"`, `"birth"`, `"onset"`, `"onset + 7 d"`. The words are the endpoints that the family of
//! the model declares and the events of the model itself, so that another model has others. Every animal
//! has its own age at them, or none. Units: days.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use gutbrain_network::declaration::{Ending, Endpoint};
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::{Code, Declaration, Fault};

use super::node::{Content, Node};
use super::quantity::Quantities;

/// What an animal goes through and what times can follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// The word in the scenario: `onset`.
    pub word: String,
    /// Events of the model: the first of them that an animal meets counts.
    pub events: Vec<String>,
}

/// A moment of a life.
#[derive(Debug, Clone, PartialEq)]
pub enum Moment {
    /// At this age, in days; infinite for `"end"`.
    Age(f64),
    /// So many days after something that the animal goes through.
    After {
        /// What it goes through.
        what: Arc<Happening>,
        /// Days from there on, at least 0.
        days: f64,
    },
}

impl Moment {
    /// The age in days, if it is the same for every animal.
    #[must_use]
    pub fn age(&self) -> Option<f64> {
        match self {
            Self::Age(age) => Some(*age),
            Self::After { .. } => None,
        }
    }

    /// What it follows, if it follows anything.
    #[must_use]
    pub fn happening(&self) -> Option<&Happening> {
        match self {
            Self::Age(_) => None,
            Self::After { what, .. } => Some(what),
        }
    }

    /// Days from here to another moment, where they are the same for every animal.
    #[must_use]
    pub fn days_to(&self, other: &Self) -> Option<f64> {
        distance(self, other)
    }

    /// The same moment some days later.
    #[must_use]
    pub fn later(&self, shift: f64) -> Self {
        match self {
            Self::Age(age) => Self::Age(age + shift),
            Self::After { what, days } => Self::After {
                what: Arc::clone(what),
                days: days + shift,
            },
        }
    }
}

/// As it is written in a scenario: `60 d`, `onset + 7 d`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age(age) if age.is_infinite() => f.write_str("end"),
            Self::Age(age) => write!(f, "{age} d"),
            Self::After { what, days } if *days == 0.0 => f.write_str(&what.word),
            Self::After { what, days } => write!(f, "{} + {days} d", what.word),
        }
    }
}

/// What times of a scenario can follow: the endpoints of the family of the model, and its events.
///
/// What ends the life of an animal is not among them.
fn happenings(declaration: &Declaration) -> BTreeMap<&str, Vec<String>> {
    let mut known: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, event) in &declaration.events {
        if event.ending == Ending::Ends {
            continue;
        }
        known.entry(id).or_default().push(id.clone());
        if let Some(endpoint) = &event.endpoint
            && endpoint.word() != id
        {
            known.entry(endpoint.word()).or_default().push(id.clone());
        }
    }
    known
}

/// What has this word, for times since it.
pub(super) fn find_happening(declaration: &Declaration, word: &str) -> Option<Happening> {
    let events = happenings(declaration).remove(word)?;
    let word = word.to_owned();
    Some(Happening { word, events })
}

/// The words of everything that times can follow.
pub(super) fn happening_words(declaration: &Declaration) -> Vec<&str> {
    happenings(declaration).into_keys().collect()
}

/// Whether one moment does not come after another, where that is known beforehand.
pub(super) fn is_in_order(first: &Moment, second: &Moment) -> Option<bool> {
    Some(distance(first, second)? > 0.0)
}

/// Days from one moment to another, where they are the same for every animal.
pub(super) fn distance(first: &Moment, second: &Moment) -> Option<f64> {
    match (first, second) {
        (Moment::Age(first), Moment::Age(second)) => Some(second - first),
        (
            Moment::After { what, days },
            Moment::After {
                what: other,
                days: later,
            },
        ) => (what == other).then_some(later - days),
        // Whatever is followed comes before the end.
        (Moment::After { .. }, Moment::Age(age)) if age.is_infinite() => Some(f64::INFINITY),
        _ => None,
    }
}

/// Whether `"end"` is a moment, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// It is the stop of something.
    MayBeEnd,
    /// It is the start of something.
    IsAge,
}

/// Reads a moment as written; every fault is collected.
pub(super) fn read_moment(
    quantities: Quantities<'_>,
    declaration: &Declaration,
    node: &Node,
    what: &str,
    last: Last,
) -> Option<Moment> {
    let text = node.text().unwrap_or_default().trim();
    if last == Last::MayBeEnd && text == "end" {
        return Some(Moment::Age(f64::INFINITY));
    }
    let known = happenings(declaration);
    // The longest word counts: one may begin with another.
    let followed = known
        .iter()
        .filter_map(|(word, events)| Some((*word, events, offset(text.strip_prefix(word)?)?)))
        .max_by_key(|(word, ..)| word.len());
    let Some((word, events, offset)) = followed else {
        let first = text.split(['+', ' ']).next().unwrap_or_default();
        // `"onsett + 3 d"` is a word with a fault, not a number with one.
        let is_word = first.starts_with(char::is_alphabetic) && first.len() < text.len();
        if let Some((id, _)) = declaration.events.iter().find(|(id, event)| {
            let endpoint = event.endpoint.as_ref().map(Endpoint::word);
            event.ending == Ending::Ends && (*id == first || endpoint == Some(first))
        }) {
            let message = format!("{what} cannot follow `{first}`");
            let help = format!(
                "`{id}` ends the life of an animal; follow {}",
                listed(&known)
            );
            quantities
                .faults
                .add(Fault::new(Code::NoQuantity, message, &node.place).help(help));
            return None;
        }
        let words: Vec<&str> = match last {
            Last::IsAge => vec!["birth"],
            Last::MayBeEnd => vec!["birth", "end"],
        };
        let words: Vec<&str> = words.into_iter().chain(known.keys().copied()).collect();
        if is_word && let Some(help) = did_you_mean(first, words.iter().copied()) {
            let message = format!("{what} cannot be \"{text}\"");
            let fault = Fault::new(Code::NoQuantity, message, &node.place);
            quantities.faults.add(fault.help(help));
            return None;
        }
        return quantities.age_or(node, what, &words).map(Moment::Age);
    };
    let days = match offset {
        Offset::None => 0.0,
        Offset::Earlier => {
            let message = format!("{what} cannot come before `{word}`");
            let help = format!(
                "nobody knows it beforehand; write \"{word}\" or \"{word} + 7 d\", or an age"
            );
            quantities
                .faults
                .add(Fault::new(Code::NoQuantity, message, &node.place).help(help));
            return None;
        }
        Offset::Later(later) => {
            let start = text.len() - later.len();
            let leading = node
                .text()
                .map_or(0, |all| all.len() - all.trim_start().len());
            let inner = Node {
                content: Content::Text(later.to_owned()),
                place: node.inside(leading + start..leading + text.len()),
            };
            quantities.duration(&inner, &format!("what is added to `{word}`"))?
        }
    };
    Some(Moment::After {
        what: Arc::new(Happening {
            word: word.to_owned(),
            events: events.clone(),
        }),
        days,
    })
}

/// What follows a word.
enum Offset<'t> {
    None,
    Later(&'t str),
    Earlier,
}

/// `""`, `" + 7 d"` and `" - 7 d"`; nothing where the word goes on.
fn offset(rest: &str) -> Option<Offset<'_>> {
    let after = rest.trim_start();
    if after.is_empty() {
        return Some(Offset::None);
    }
    if let Some(later) = after.strip_prefix('+') {
        return Some(Offset::Later(later.trim_start()));
    }
    let earlier = after.strip_prefix(['-', '\u{2212}'])?;
    let is_number = earlier
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit());
    is_number.then_some(Offset::Earlier)
}

fn listed(known: &BTreeMap<&str, Vec<String>>) -> String {
    let words: Vec<String> = known.keys().map(|word| format!("\"{word}\"")).collect();
    words.join(", ")
}
