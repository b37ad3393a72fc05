//! One tree over another: what `extends` means.
//!
//! Tables merge key by key, `[[arm]]` merge by name (new arms come last), every other value of the
//! upper tree replaces that of the lower one.

use std::collections::BTreeMap;

use super::node::{Content, Entry, Node};

/// The tree of a file over the tree of the file it extends.
pub(super) fn merge(base: Node, over: Node) -> Node {
    let place = over.place.clone();
    match (base.content, over.content) {
        (Content::Table(mut merged), Content::Table(entries)) => {
            for (name, entry) in entries {
                let combined = match merged.remove(&name) {
                    None => entry,
                    Some(below) if name == "arm" => Entry {
                        key: entry.key,
                        value: merge_arms(below.value, entry.value),
                    },
                    Some(below) => Entry {
                        key: entry.key,
                        value: merge(below.value, entry.value),
                    },
                };
                merged.insert(name, combined);
            }
            Node {
                content: Content::Table(merged),
                place,
            }
        }
        (_, content) => Node { content, place },
    }
}

fn name_of(arm: &Node) -> Option<String> {
    arm.get("name").and_then(Node::text).map(str::to_owned)
}

fn merge_arms(base: Node, over: Node) -> Node {
    let place = over.place.clone();
    match (base.content, over.content) {
        (Content::List(mut arms), Content::List(upper)) => {
            // The first arm of a name, among those of both files, is the one that is meant.
            let mut places: BTreeMap<String, usize> = BTreeMap::new();
            for (index, arm) in arms.iter().enumerate() {
                if let Some(name) = name_of(arm) {
                    places.entry(name).or_insert(index);
                }
            }
            for arm in upper {
                let name = name_of(&arm);
                match name.as_ref().and_then(|name| places.get(name)) {
                    Some(&index) => arms[index] = merge(arms[index].clone(), arm),
                    None => {
                        places.extend(name.map(|name| (name, arms.len())));
                        arms.push(arm);
                    }
                }
            }
            Node {
                content: Content::List(arms),
                place,
            }
        }
        (_, content) => Node { content, place },
    }
}
