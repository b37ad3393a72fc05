//! One node for what has the same label in one region, as ZO-1 of ileum and colon.

use std::collections::{BTreeMap, BTreeSet};

use super::capitalised;
use crate::report::figure::MapNode;

/// Makes one node of those in a region with the same label, and one box of the compartments that
/// they stand in; returns the ids that changed as well.
pub(super) fn join_twins(nodes: &[MapNode]) -> (Vec<MapNode>, BTreeMap<String, String>) {
    let mut groups: BTreeMap<(String, String), Vec<&MapNode>> = BTreeMap::new();
    for node in nodes {
        let key = (node.region.clone(), node.label.clone());
        groups.entry(key).or_default().push(node);
    }
    let mut boxes: Vec<BTreeSet<String>> = Vec::new();
    let mut joint = BTreeMap::new();
    for members in groups.values() {
        let mut places: BTreeSet<String> = members
            .iter()
            .map(|node| node.compartment.clone())
            .collect();
        // Boxes that share a place with these become one with them.
        boxes.retain(|other| {
            let apart = other.is_disjoint(&places);
            if !apart {
                places.extend(other.iter().cloned());
            }
            apart
        });
        boxes.push(places);
        let ids: Vec<&str> = members.iter().map(|node| node.id.as_str()).collect();
        for id in &ids {
            joint.insert((*id).to_owned(), ids.join("+"));
        }
    }
    let title = |place: &String| {
        let places = boxes.iter().find(|places| places.contains(place));
        places.map_or_else(String::new, box_title)
    };
    let mut joined: Vec<MapNode> = Vec::new();
    for node in nodes {
        let id = joint.get(&node.id).unwrap_or(&node.id);
        if joined.iter().all(|other| other.id != *id) {
            joined.push(MapNode {
                id: id.clone(),
                compartment: title(&node.compartment),
                ..node.clone()
            });
        }
    }
    (joined, joint)
}

/// "Colon and ileum epithelium" for both epithelia.
fn box_title(places: &BTreeSet<String>) -> String {
    let last = |place: &str| place.rsplit('_').next().unwrap_or_default().to_owned();
    let lasts: BTreeSet<String> = places.iter().map(|place| last(place)).collect();
    let shared = lasts
        .first()
        .filter(|_| lasts.len() == 1 && places.len() > 1);
    let words = |place: &String| {
        let own = shared.and_then(|word| place.strip_suffix(&format!("_{word}")));
        own.unwrap_or(place).replace('_', " ")
    };
    let names: Vec<String> = places.iter().map(words).collect();
    let mut title = names.join(" and ");
    if let Some(word) = shared {
        title.push(' ');
        title.push_str(word);
    }
    capitalised(&title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, label: &str, place: &str) -> MapNode {
        MapNode {
            id: id.to_owned(),
            label: label.to_owned(),
            region: "barrier".to_owned(),
            compartment: place.to_owned(),
            ..MapNode::default()
        }
    }

    #[test]
    fn twins_share_a_node_and_their_boxes_become_one() {
        let (nodes, joint) = join_twins(&[
            node("zo1_colon", "ZO-1", "colon_epithelium"),
            node("zo1_ileum", "ZO-1", "ileum_epithelium"),
            node("paneth", "Paneth cells", "ileum_epithelium"),
            node("skin", "Skin", "outer_layer"),
        ]);
        let seen: Vec<(&str, &str)> = nodes
            .iter()
            .map(|node| (node.id.as_str(), node.compartment.as_str()))
            .collect();
        let both = "Colon and ileum epithelium";
        assert_eq!(
            seen,
            [
                ("zo1_colon+zo1_ileum", both),
                ("paneth", both),
                ("skin", "Outer layer")
            ]
        );
        assert_eq!(joint["zo1_ileum"], "zo1_colon+zo1_ileum");
    }
}
