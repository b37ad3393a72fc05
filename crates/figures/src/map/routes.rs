//! Which way every link goes.
//!
//! Gutter `c` lies left of column `c`; the last gutter lies right of the last column. A link leaves
//! its node on one side into a gutter and enters the other node from a gutter. Between neighbouring
//! columns, and inside one, both are the same gutter. Otherwise the line runs above or below all
//! boxes from one gutter to the other.

use super::MapKind;
use super::structure::Structure;

/// Side of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// Where a line runs when its ends are not in one gutter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detour {
    /// Above all boxes.
    Above,
    /// Below all boxes.
    Below,
}

/// All arrows of one kind that leave one node: they share a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Net {
    /// The node.
    pub(super) from: usize,
    /// The kind.
    pub(super) kind: MapKind,
    /// Whether they are switched on.
    pub(super) active: bool,
}

/// The way of one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Its net.
    pub(super) net: usize,
    /// Node where it ends.
    pub(super) to: usize,
    /// Gutter into which it leaves.
    pub(super) first: usize,
    /// Gutter from which it enters.
    pub(super) last: usize,
    /// Side on which it leaves.
    pub(super) exit: Side,
    /// Side on which it enters.
    pub(super) entry: Side,
    /// How it gets from gutter to gutter, if they differ.
    pub(super) detour: Option<Detour>,
}

/// All nets and routes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Routes {
    /// Lines.
    pub(super) nets: Vec<Net>,
    /// Ways of the links, in the order of the links.
    pub(super) routes: Vec<Route>,
}

/// Chooses the way of every link.
pub(super) fn choose(structure: &Structure) -> Routes {
    let mut nets: Vec<Net> = Vec::new();
    let mut routes: Vec<Route> = Vec::new();
    for link in &structure.links {
        let net = Net {
            from: link.from,
            kind: link.kind,
            active: link.active,
        };
        // Links are sorted: those of one net stand together.
        if nets.last() != Some(&net) {
            nets.push(net);
        }
        let (from, to) = (
            structure.nodes[link.from].column,
            structure.nodes[link.to].column,
        );
        let rightward = from < to;
        let (exit, entry) = if rightward {
            (Side::Right, Side::Left)
        } else {
            (Side::Left, Side::Right)
        };
        routes.push(Route {
            net: nets.len() - 1,
            to: link.to,
            first: gutter(from, exit),
            last: gutter(to, entry),
            exit,
            entry,
            detour: None,
        });
    }
    choose_loops(structure, &nets, &mut routes);
    choose_detours(structure, &nets, &mut routes);
    Routes { nets, routes }
}

/// The gutter at a side of a column.
fn gutter(column: usize, side: Side) -> usize {
    match side {
        Side::Left => column,
        Side::Right => column + 1,
    }
}

/// Links inside a column: a side where the net runs anyway, else the emptier gutter.
fn choose_loops(structure: &Structure, nets: &[Net], routes: &mut [Route]) {
    let mut load = vec![0_usize; structure.columns.len() + 1];
    let inside = |route: &Route| {
        structure.nodes[nets[route.net].from].column == structure.nodes[route.to].column
    };
    let mut taken: Vec<[bool; 2]> = vec![[false; 2]; nets.len()];
    for route in routes.iter() {
        if !inside(route) {
            let side = usize::from(route.exit == Side::Right);
            load[route.first] += usize::from(!taken[route.net][side]);
            load[route.last] += usize::from(route.last != route.first);
            taken[route.net][side] = true;
        }
    }
    let last = structure.columns.len() - 1;
    for route in routes.iter_mut().filter(|route| inside(route)) {
        let (net, column) = (route.net, structure.nodes[route.to].column);
        let side = match taken[net] {
            [false, true] => Side::Right,
            [true, false] => Side::Left,
            // The outer gutters have no through traffic.
            _ if column == 0 && last > 0 => Side::Left,
            _ if column == last => Side::Right,
            _ if load[column] < load[column + 1] => Side::Left,
            _ => Side::Right,
        };
        let place = gutter(column, side);
        let slot = usize::from(side == Side::Right);
        load[place] += usize::from(!taken[net][slot]);
        taken[net][slot] = true;
        (route.exit, route.entry, route.first, route.last) = (side, side, place, place);
    }
}

/// Links over several columns: the whole net above or below, whichever is nearer to its ends.
fn choose_detours(structure: &Structure, nets: &[Net], routes: &mut [Route]) {
    let mut height = vec![0.5; structure.nodes.len()];
    for column in &structure.columns {
        let order: Vec<usize> = column
            .compartments
            .iter()
            .flat_map(|compartment| &compartment.nodes)
            .copied()
            .collect();
        for (position, node) in order.iter().enumerate() {
            height[*node] = (position as f64 + 0.5) / order.len() as f64;
        }
    }
    for (index, net) in nets.iter().enumerate() {
        let far = |route: &Route| route.net == index && route.first != route.last;
        let ends: Vec<f64> = routes
            .iter()
            .filter(|route| far(route))
            .map(|route| 0.5 * (height[route.to] + height[net.from]))
            .collect();
        let mean = ends.iter().sum::<f64>() / ends.len().max(1) as f64;
        let detour = if mean < 0.5 {
            Detour::Above
        } else {
            Detour::Below
        };
        for route in routes.iter_mut().filter(|route| far(route)) {
            route.detour = Some(detour);
        }
    }
}
