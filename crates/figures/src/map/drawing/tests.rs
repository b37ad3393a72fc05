//! The promise of the map: lines cross at right angles, and run neither along one another nor
//! through nodes.

use super::super::{places, routes, tracks};
use super::*;
use crate::{MapArrow, MapForm, MapGraph, MapNode, MapRegion};
use proptest::prelude::*;

fn graph(nodes: usize, arrows: &[(usize, usize, usize, bool)]) -> MapGraph {
    let id = |index: usize| format!("n{}", index % nodes);
    MapGraph {
        regions: (0..4)
            .map(|region| MapRegion {
                id: region.to_string(),
                label: String::new(),
            })
            .collect(),
        nodes: (0..nodes)
            .map(|index| MapNode {
                id: id(index),
                label: id(index),
                region: (index * 4 / nodes).to_string(),
                compartment: (index % 2).to_string(),
                form: if index % 5 == 0 {
                    MapForm::Derived
                } else {
                    MapForm::Followed
                },
            })
            .collect(),
        arrows: arrows
            .iter()
            .map(|(from, to, kind, active)| MapArrow {
                from: id(*from),
                to: id(*to),
                kind: [MapKind::Flux, MapKind::Raises, MapKind::Lowers][kind % 3],
                active: *active,
            })
            .collect(),
    }
}

/// Whether two axis-parallel pieces of line lie on one another.
fn covers(one: (Point, Point), other: (Point, Point)) -> bool {
    let flat = |piece: (Point, Point)| (piece.0.1 - piece.1.1).abs() < 1e-9;
    let overlap = |a: (f64, f64), b: (f64, f64)| {
        a.0.min(a.1) < b.0.max(b.1) - 1e-6 && b.0.min(b.1) < a.0.max(a.1) - 1e-6
    };
    if flat(one) != flat(other) {
        return false;
    }
    if flat(one) {
        (one.0.1 - other.0.1).abs() < 0.2 && overlap((one.0.0, one.1.0), (other.0.0, other.1.0))
    } else {
        (one.0.0 - other.0.0).abs() < 0.2 && overlap((one.0.1, one.1.1), (other.0.1, other.1.1))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn lines_only_cross(
        nodes in 2_usize..30,
        arrows in prop::collection::vec(
            (0_usize..30, 0_usize..30, 0_usize..3, any::<bool>()), 0..80),
    ) {
        let graph = graph(nodes, &arrows);
        let mut structure = Structure::check("map", &graph).unwrap();
        structure.arrange();
        let routes = routes::choose(&structure);
        let places = places::place(&structure, &routes, 17.0);
        let tracks = tracks::assign(&structure, &routes, &places);
        let widths = Widths::new(&structure, &tracks);
        let ways: Vec<(usize, Vec<Point>)> = routes.routes.iter().enumerate().map(
            |(index, route)| {
                let net = routes.nets[route.net];
                let way =
                    way(&structure, index, route, net, &places, &tracks, &widths);
                (route.net, way)
            },
        ).collect();
        let pieces = |way: &[Point]| -> Vec<(Point, Point)> {
            way.windows(2).map(|pair| (pair[0], pair[1])).collect()
        };
        for (index, (net, way)) in ways.iter().enumerate() {
            for piece in pieces(way) {
                // No line of another net lies on this one.
                for (other_net, other) in &ways[..index] {
                    for other in pieces(other) {
                        prop_assert!(
                            net == other_net || !covers(piece, other),
                            "{piece:?} {other:?}"
                        );
                    }
                }
                // No line runs through a node.
                for (node, extent) in places.nodes.iter().enumerate() {
                    let (left, right) = widths.node(structure.nodes[node].column);
                    let (top, bottom) = (widths.top + extent.top, widths.top + extent.bottom);
                    let ((x0, y0), (x1, y1)) = piece;
                    let apart = x0.max(x1) <= left + 1e-9
                        || x0.min(x1) >= right - 1e-9
                        || y0.max(y1) <= top
                        || y0.min(y1) >= bottom;
                    prop_assert!(apart, "{piece:?} runs through node {node}");
                }
            }
            // Ports lie on the sides of their nodes.
            let route = &routes.routes[index];
            let ends = [(routes.nets[*net].from, way[0]), (route.to, way[way.len() - 1])];
            for (node, end) in ends {
                let extent = places.nodes[node];
                prop_assert!(
                    widths.top + extent.top < end.1 && end.1 < widths.top + extent.bottom
                );
            }
        }
        // Nodes stand apart, inside their boxes.
        for column in &structure.columns {
            for compartment in &column.compartments {
                for pair in compartment.nodes.windows(2) {
                    prop_assert!(places.nodes[pair[0]].bottom < places.nodes[pair[1]].top);
                }
            }
        }
    }
}
