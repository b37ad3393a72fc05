//! Which track every line takes in its gutters, and at which level it runs above or below the
//! boxes.
//!
//! In a gutter a net is a vertical trunk with horizontal pieces to nodes on the left and on the
//! right. Of two trunks, the pieces of the one cross the other or not, depending on which is
//! further left; the order with the fewest crossings is searched by moving one trunk at a time
//! (sifting). Trunks that do not meet then share a track.

use super::places::{Places, Port};
use super::routes::{Detour, Routes, Side};
use super::structure::Structure;
use std::collections::BTreeMap;

/// Free length between two trunks on one track.
const CLEARANCE: f64 = 1.2;

/// Rounds of sifting.
const ROUNDS: usize = 20;

/// Tracks of all nets.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tracks {
    /// Number of tracks in every gutter.
    pub(super) counts: Vec<usize>,
    /// Number of levels above the boxes.
    pub(super) above: usize,
    /// Number of levels below the boxes.
    pub(super) below: usize,
    trunks: BTreeMap<(usize, usize), usize>,
    levels: BTreeMap<usize, usize>,
}

impl Tracks {
    /// Track of a net in a gutter, counted from the left.
    pub(super) fn track(&self, net: usize, gutter: usize) -> usize {
        self.trunks.get(&(net, gutter)).copied().unwrap_or(0)
    }

    /// Level of a net outside of the boxes, counted from the boxes.
    pub(super) fn level(&self, net: usize) -> usize {
        self.levels.get(&net).copied().unwrap_or(0)
    }
}

/// The part of a net in one gutter.
#[derive(Clone, Debug, Default, PartialEq)]
struct Trunk {
    net: usize,
    /// Heights of the pieces to the left.
    left: Vec<f64>,
    /// Heights of the pieces to the right.
    right: Vec<f64>,
    top: f64,
    bottom: f64,
}

impl Trunk {
    fn reach(&mut self, height: f64) {
        self.top = self.top.min(height);
        self.bottom = self.bottom.max(height);
    }

    /// Crossings if this trunk runs left of the other.
    fn crossings_left_of(&self, other: &Self) -> usize {
        let inside = |trunk: &Self, height: &&f64| trunk.top < **height && **height < trunk.bottom;
        other
            .left
            .iter()
            .filter(|height| inside(self, height))
            .count()
            + self
                .right
                .iter()
                .filter(|height| inside(other, height))
                .count()
    }

    fn meets(&self, other: &Self) -> bool {
        self.top < other.bottom + CLEARANCE && other.top < self.bottom + CLEARANCE
    }
}

/// Assigns tracks and levels.
pub(super) fn assign(structure: &Structure, routes: &Routes, places: &Places) -> Tracks {
    let mut trunks = BTreeMap::new();
    let mut counts = Vec::new();
    for (gutter, found) in trunks_by_gutter(structure, routes, places)
        .into_iter()
        .enumerate()
    {
        let order = order_trunks(&found);
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for index in order {
            let track = taken
                .iter()
                .filter(|(other, _)| found[*other].meets(&found[index]))
                .map(|(_, track)| track + 1)
                .max()
                .unwrap_or(0);
            taken.push((index, track));
            trunks.insert((found[index].net, gutter), track);
        }
        counts.push(taken.iter().map(|(_, track)| track + 1).max().unwrap_or(0));
    }
    let mut levels = BTreeMap::new();
    let above = assign_levels(routes, Detour::Above, &mut levels);
    let below = assign_levels(routes, Detour::Below, &mut levels);
    Tracks {
        counts,
        above,
        below,
        trunks,
        levels,
    }
}

fn trunks_by_gutter(structure: &Structure, routes: &Routes, places: &Places) -> Vec<Vec<Trunk>> {
    let mut gutters: Vec<BTreeMap<usize, Trunk>> =
        vec![BTreeMap::new(); structure.columns.len() + 1];
    let mut piece = |gutter: usize, net: usize, side: Side, height: f64, detour| {
        let trunk = gutters[gutter].entry(net).or_insert_with(|| Trunk {
            net,
            top: f64::INFINITY,
            bottom: f64::NEG_INFINITY,
            ..Trunk::default()
        });
        // A node's right side lies left of the gutter.
        let pieces = match side {
            Side::Right => &mut trunk.left,
            Side::Left => &mut trunk.right,
        };
        if !pieces.contains(&height) {
            pieces.push(height);
        }
        trunk.reach(height);
        match detour {
            Some(Detour::Above) => trunk.reach(-1e3),
            Some(Detour::Below) => trunk.reach(1e3),
            None => {}
        }
    };
    for (index, route) in routes.routes.iter().enumerate() {
        let exit = places.port(Port::Exit {
            net: route.net,
            side: route.exit,
        });
        let entry = places.port(Port::Entry { route: index });
        piece(route.first, route.net, route.exit, exit, route.detour);
        piece(route.last, route.net, route.entry, entry, route.detour);
    }
    gutters
        .into_iter()
        .map(|gutter| gutter.into_values().collect())
        .collect()
}

/// Trunks from left to right with few crossings.
fn order_trunks(trunks: &[Trunk]) -> Vec<usize> {
    let cost: Vec<Vec<usize>> = trunks
        .iter()
        .map(|one| {
            trunks
                .iter()
                .map(|other| one.crossings_left_of(other))
                .collect()
        })
        .collect();
    let mut order: Vec<usize> = (0..trunks.len()).collect();
    for _ in 0..ROUNDS {
        let before = order.clone();
        for (trunk, costs) in cost.iter().enumerate() {
            order.retain(|other| *other != trunk);
            // Cost of the leftmost place, then of every place further right.
            let mut now: i64 = order.iter().map(|other| costs[*other] as i64).sum();
            let mut best = (now, 0);
            for (position, other) in order.iter().enumerate() {
                now += cost[*other][trunk] as i64 - costs[*other] as i64;
                if now < best.0 {
                    best = (now, position + 1);
                }
            }
            order.insert(best.1, trunk);
        }
        if order == before {
            break;
        }
    }
    order
}

/// Levels outside of the boxes: short lines near them.
fn assign_levels(routes: &Routes, detour: Detour, levels: &mut BTreeMap<usize, usize>) -> usize {
    let mut spans: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for route in routes
        .routes
        .iter()
        .filter(|route| route.detour == Some(detour))
    {
        let (low, high) = (route.first.min(route.last), route.first.max(route.last));
        let span = spans.entry(route.net).or_insert((low, high));
        *span = (span.0.min(low), span.1.max(high));
    }
    let mut order: Vec<(usize, (usize, usize))> = spans.into_iter().collect();
    order.sort_by_key(|(net, (low, high))| (high - low, *low, *net));
    let mut rows: Vec<Vec<(usize, usize)>> = Vec::new();
    for (net, (low, high)) in order {
        let free = |row: &Vec<(usize, usize)>| {
            row.iter()
                .all(|(other_low, other_high)| high < *other_low || *other_high < low)
        };
        let level = match rows.iter().position(free) {
            Some(level) => level,
            None => {
                rows.push(Vec::new());
                rows.len() - 1
            }
        };
        rows[level].push((low, high));
        levels.insert(net, level);
    }
    rows.len()
}
