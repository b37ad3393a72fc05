//! Figures: pictures of journal quality as SVG and PNG, each with the data behind it.
//!
//! A builder such as [`trajectories`] takes plain data and lays out a page in millimetres; the
//! [`Figure`] it returns is written as SVG (text stays text, the typeface is embedded), as PDF and as PNG
//! (drawn from the same marks). Nothing of the machine enters: no clock, no installed font, no
//! thread; the same data gives the same bytes.

mod backend;
mod bands;
mod bar_rows;
mod cell_axis;
mod charts;
mod contours;
mod courses;
mod curves;
mod data_points;
mod dose_response;
mod endpoints;
mod events;
mod fonts;
mod forest;
mod funnel;
mod grid;
mod heat_map;
mod index_curves;
mod kaplan_meier;
mod legend;
mod map;
mod morris_plane;
mod page;
mod palette;
mod panel;
mod pdf;
mod png;
mod power;
mod response;
mod rich_text;
mod saved;
mod scene;
mod stroke;
mod svg;
mod terms;
mod ticks;
mod tornado;
mod trajectories;
mod units;
mod variance_shares;
mod view;
mod waterfall;
mod words;

pub use bands::{Band, BandArm, Bands, bands};
pub use charts::{Chart, ChartForm, ChartSeries, charts};
pub use curves::{ArmCurves, ArmStatus, Curves, EndWords, Reference, Shade, VariableInfo};
pub use data_points::DataPoint;
pub use dose_response::dose_response;
pub use endpoints::endpoints;
pub use events::{EventArm, Life, LifeEnd, events};
pub use forest::{Forest, ForestRow, ForestScale, forest};
pub use funnel::{ApparentEffect, Funnel, FunnelPanel, FunnelSize, Verdict, funnel};
pub use heat_map::{HeatAxis, HeatMap, HeatPanel, heat_map};
pub use index_curves::{IndexAxis, IndexCurve, IndexCurves, IndexPanel, IndexPoint, index_curves};
pub use kaplan_meier::{
    ArmComparison, OwnSurvival, Pairing, SurvivalArm, SurvivalArms, kaplan_meier,
};
pub use map::{
    MapArrow, MapBox, MapForm, MapGraph, MapKind, MapLayout, MapNode, MapRegion, MapWay,
    map_layout, network_map,
};
pub use morris_plane::{MorrisPlane, MorrisPoint, Standing, morris_plane};
pub use page::{Look, PageWidth};
pub use palette::{ArmStyle, Colour, NoColour, arm_styles};
pub use power::{PowerCurves, PowerLine, Share, power_curve};
pub use response::{PlaceScale, Response, ResponseLine, ResponsePanel, ResponsePoint, response};
pub use saved::ArmName;
pub use terms::{Clock, Subjects, Terms};
pub use tornado::{Tornado, TornadoRow, tornado};
pub use trajectories::trajectories;
pub use variance_shares::{InputShare, VarianceShares, variance_shares};
pub use view::View;
pub use waterfall::{Waterfall, WaterfallPart, waterfall};

use gutbrain_table::Table;
use rich_text::code_number;
use scene::Scene;
use std::collections::{BTreeMap, BTreeSet};
use svg::write_svg;

/// Dots per inch of a picture for print: 180 mm are 2126 dots.
pub const PRINT_DOTS_PER_INCH: f64 = 300.0;

/// A finished picture with its data.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    name: String,
    scene: Scene,
    data: Table,
}

/// What to tell the user about characters that the typeface of these figures lacks; `None` if it has all.
#[must_use]
pub fn missing_characters_warning<'a>(
    figures: impl IntoIterator<Item = &'a Figure>,
) -> Option<String> {
    /// More characters or texts than this are counted, not listed.
    const MOST: usize = 8;
    let mut texts: BTreeMap<&str, &BTreeSet<char>> = BTreeMap::new();
    for figure in figures {
        let missing = figure.missing_characters();
        texts.extend(
            missing
                .iter()
                .map(|(text, letters)| (text.as_str(), letters)),
        );
    }
    let letters: BTreeSet<char> = texts.values().copied().flatten().copied().collect();
    let example = letters.first()?;
    let list = |all: Vec<String>| {
        let shown = all
            .iter()
            .take(MOST)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        match all.len().saturating_sub(MOST) {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    };
    let number = code_number(*example);
    let characters = list(letters.iter().map(|letter| format!("`{letter}`")).collect());
    let names = list(texts.keys().map(|text| format!("`{text}`")).collect());
    Some(format!(
        "the typeface of the figures lacks the character{} {characters} of {names}: figures show code \
         numbers such as [{number}] instead; tables keep the names",
        if letters.len() == 1 { "" } else { "s" },
    ))
}

/// What can be wrong with a figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// There are no arms, variables or nodes.
    #[error("figure `{figure}` has nothing to draw")]
    NothingToDraw {
        /// Name of the figure.
        figure: String,
    },
    /// More panels than fit on a page.
    #[error("figure `{figure}` asks for {found} panels; {most} fit on a page")]
    TooManyPanels {
        /// Name of the figure.
        figure: String,
        /// Panels asked for.
        found: usize,
        /// Panels that fit.
        most: usize,
    },
    /// No arm has this variable.
    #[error("figure `{figure}` asks for `{variable}`, which no arm has")]
    UnknownVariable {
        /// Name of the figure.
        figure: String,
        /// The variable.
        variable: String,
    },
    /// A saved table lacks a column that a figure needs, or has it in another kind.
    #[error("table `{table}` has no column `{column}` as figures need it")]
    MissingColumn {
        /// Name of the table.
        table: String,
        /// Name of the column.
        column: String,
    },
    /// A node of a map stands in a region that is not there.
    #[error("figure `{figure}`: node `{node}` stands in the unknown region `{region}`")]
    UnknownRegion {
        /// Name of the figure.
        figure: String,
        /// The node.
        node: String,
        /// The region.
        region: String,
    },
    /// An arrow of a map begins or ends at a node that is not there.
    #[error("figure `{figure}`: an arrow names the unknown node `{node}`")]
    UnknownNode {
        /// Name of the figure.
        figure: String,
        /// The id.
        node: String,
    },
    /// Two nodes of a map have the same id.
    #[error("figure `{figure}` has two nodes called `{node}`")]
    RepeatedNode {
        /// Name of the figure.
        figure: String,
        /// The id.
        node: String,
    },
    /// The embedded font files cannot be read.
    #[error("the embedded fonts are damaged")]
    Font,
    /// The PNG renderer refused.
    #[error("the picture cannot be turned into pixels: {cause}")]
    Render {
        /// Its words.
        cause: String,
    },
}

impl Figure {
    fn new(name: &str, scene: Scene, data: Table) -> Self {
        Self {
            name: name.into(),
            scene,
            data,
        }
    }

    /// Name, which is the file stem.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The data that is drawn.
    pub fn data(&self) -> &Table {
        &self.data
    }

    /// Width and height in millimetres.
    pub fn size(&self) -> (f64, f64) {
        (self.scene.width, self.scene.height)
    }

    /// The characters that the embedded typeface lacks, by the text that they stand in: figures write
    /// their code numbers instead.
    pub fn missing_characters(&self) -> &BTreeMap<String, BTreeSet<char>> {
        self.scene.missing()
    }

    /// What the picture says of itself where something has nothing to show: for whom looks at files only.
    pub fn remarks(&self) -> &[String] {
        self.scene.remarks()
    }

    /// The picture as SVG, with its fonts inside.
    ///
    /// # Errors
    /// [`FigureError::Font`], which only a fault of this program causes.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        write_svg(&self.scene, &self.name)
    }

    /// The picture as PDF: one page, vectors, text that can be searched, its letters inside.
    ///
    /// # Errors
    /// [`FigureError::Font`], which only a fault of this program causes.
    pub fn to_pdf(&self) -> Result<Vec<u8>, FigureError> {
        pdf::write_pdf(&self.scene, &self.name)
    }

    /// The picture as PNG; [`PRINT_DOTS_PER_INCH`] is right for print.
    ///
    /// # Errors
    /// [`FigureError::Render`] for a resolution that gives no pixels or too many; [`FigureError::Font`],
    /// which only a fault of this program causes.
    pub fn to_png(&self, dots_per_inch: f64) -> Result<Vec<u8>, FigureError> {
        png::render_png(&self.scene, dots_per_inch)
    }
}

#[cfg(test)]
mod tests;
