//! The map of the network: regions as boxes from gut to body, what the model follows as nodes in
//! them, processes as arrows.
//!
//! The picture is drawn like a circuit, so that nothing overlaps whatever the network:
//!
//! 1. every region is a column, its compartments are boxes in the column, nodes are stacked in
//!    them, ordered so that linked nodes stand at similar heights ([`structure`]);
//! 2. all arrows of one kind that leave a node share a line (a net) that runs down the gutters
//!    between the columns; links over more than one column pass above or below all boxes
//!    ([`routes`]);
//! 3. nodes grow with the number of lines that end at them, each line has its own port
//!    ([`places`]);
//! 4. lines in a gutter are ordered to cross as little as possible, and share a track when they
//!    do not meet ([`tracks`]);
//! 5. widths follow from the tracks, and everything is drawn ([`drawing`]).
//!
//! Lines therefore never run through a node or along one another, they only cross at right angles.

mod drawing;
mod layout;
mod places;
mod routes;
mod structure;
mod tracks;

use super::{Figure, FigureError};
use gutbrain_table::{Column, Table};
use places::Places;
use routes::Routes;
use structure::Structure;
use tracks::Tracks;

pub use layout::{MapBox, MapLayout, MapWay, map_layout};

/// Width of the labels in the first round.
const LABEL_ROOM: f64 = 18.0;
/// Most rounds of wrapping labels.
const ROUNDS: usize = 4;

/// What the map shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapGraph {
    /// The large boxes from left to right.
    pub regions: Vec<MapRegion>,
    /// What the model follows.
    pub nodes: Vec<MapNode>,
    /// How one acts on the other. Arrows with the same ends and kind are drawn once; arrows from a
    /// node to itself are in the table only.
    pub arrows: Vec<MapArrow>,
}

/// A large box.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapRegion {
    /// Id.
    pub id: String,
    /// Title.
    pub label: String,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapNode {
    /// Id.
    pub id: String,
    /// Short name; the rules of labels hold.
    pub label: String,
    /// Id of its region.
    pub region: String,
    /// Title of its compartment, a box inside the region.
    pub compartment: String,
    /// What it is.
    pub form: MapForm,
}

/// What a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapForm {
    /// A quantity that the model follows in time.
    #[default]
    Followed,
    /// One that follows from others at once: drawn small, with a dashed edge.
    Derived,
}

/// What an arrow means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MapKind {
    /// One turns into the other or moves there.
    Flux,
    /// More of one makes more of the other.
    Raises,
    /// More of one makes less of the other.
    Lowers,
}

impl MapKind {
    /// Its word in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Flux => "flux",
            Self::Raises => "raises",
            Self::Lowers => "lowers",
        }
    }
}

/// An arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapArrow {
    /// Id of the node that acts.
    pub from: String,
    /// Id of the node that is acted on.
    pub to: String,
    /// How.
    pub kind: MapKind,
    /// Whether the process is switched on.
    pub active: bool,
}

/// Draws the map at 180 mm width.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without nodes, [`FigureError::UnknownRegion`] and
/// [`FigureError::UnknownNode`] where an id names nothing, [`FigureError::RepeatedNode`] where
/// one names two nodes.
pub fn network_map(name: &str, graph: &MapGraph) -> Result<Figure, FigureError> {
    let (structure, routes, places, tracks) = arranged(name, graph)?;
    let scene = drawing::draw(&structure, &routes, &places, &tracks);
    Ok(Figure::new(name, scene, arrow_table(name, graph)))
}

/// Everything that decides where boxes and lines go.
fn arranged(
    name: &str,
    graph: &MapGraph,
) -> Result<(Structure, Routes, Places, Tracks), FigureError> {
    let mut structure = Structure::check(name, graph)?;
    structure.arrange();
    let routes = routes::choose(&structure);
    // Labels are wrapped to the room that the tracks leave, and tracks depend on the heights of
    // the labels: a few rounds settle it.
    let mut room = LABEL_ROOM;
    let mut places = places::place(&structure, &routes, room);
    let mut tracks = tracks::assign(&structure, &routes, &places);
    for _ in 0..ROUNDS {
        let left = drawing::label_room(&structure, &tracks);
        if (left - room).abs() < 0.1 {
            break;
        }
        room = left;
        places = places::place(&structure, &routes, room);
        tracks = tracks::assign(&structure, &routes, &places);
    }
    Ok((structure, routes, places, tracks))
}

fn arrow_table(name: &str, graph: &MapGraph) -> Table {
    let column = |title: &str, text: &dyn Fn(&MapArrow) -> String| {
        Column::text(title, graph.arrows.iter().map(text).collect())
    };
    Table::new(
        name,
        vec![
            column("from", &|arrow| arrow.from.clone()),
            column("to", &|arrow| arrow.to.clone()),
            column("kind", &|arrow| arrow.kind.word().into()),
            column("active", &|arrow| {
                if arrow.active { "yes" } else { "no" }.into()
            }),
        ],
    )
}
