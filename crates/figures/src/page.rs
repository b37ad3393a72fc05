//! The page that a figure is laid out on: its width, the size of its words, a title over it.

use super::palette::Colour;
use super::rich_text::RichText;
use super::scene::{Align, LINE, Mark, Scene, TextStyle, Turn};
use super::{Figure, FigureError};

/// Width of the page that a figure is laid out on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum PageWidth {
    /// Two columns of a journal: 180 mm.
    #[default]
    Double,
    /// One column: 90 mm.
    Single,
    /// Another width, in millimetres.
    Millimetres(f64),
}

impl PageWidth {
    /// The width in millimetres.
    #[must_use]
    pub fn millimetres(self) -> f64 {
        match self {
            Self::Double => 180.0,
            Self::Single => 90.0,
            Self::Millimetres(width) => width,
        }
    }

    /// Whether there is room for the ticks and panels of two columns.
    pub(super) fn is_wide(self) -> bool {
        self.millimetres() >= 135.0
    }
}

/// How a figure is to look: what a journal or a slide asks for, and the data does not say.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Width of the finished page.
    pub width: PageWidth,
    /// Size of the words at the axes, in points.
    pub text_points: f64,
    /// A title over the figure.
    pub title: Option<String>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            width: PageWidth::Double,
            text_points: Self::TEXT_POINTS,
            title: None,
        }
    }
}

impl Look {
    /// The size of the words at the axes where nothing else is asked for, in points.
    pub const TEXT_POINTS: f64 = 6.6;

    /// The narrowest page that every kind of figure is laid out on, in millimetres at
    /// [`Look::TEXT_POINTS`]; larger words need a wider page in proportion.
    pub const NARROWEST: f64 = 90.0;

    /// The same without a title.
    #[must_use]
    pub fn untitled(self) -> Self {
        Self {
            title: None,
            ..self
        }
    }

    fn magnification(&self) -> f64 {
        self.text_points / Self::TEXT_POINTS
    }

    /// The page to lay the figure out on, before [`Look::finish`] brings words and page to their size.
    #[must_use]
    pub fn page(&self) -> PageWidth {
        PageWidth::Millimetres(self.width.millimetres() / self.magnification())
    }

    /// The figure in its final size, with its title.
    ///
    /// # Errors
    /// [`FigureError::Font`], which only a fault of this program causes.
    pub fn finish(&self, figure: Figure) -> Result<Figure, FigureError> {
        let mut figure = figure;
        let wanted = self.width.millimetres();
        // What is laid out at a width of its own, as the map is, follows the page, too.
        figure.scene.magnify(wanted / figure.scene.width);
        if let Some(title) = &self.title {
            head(&mut figure.scene, title, self.magnification())?;
        }
        Ok(figure)
    }
}

/// Lines of a title; what does not fit into them is cut.
const MOST_LINES: usize = 4;

/// Puts lines of a title over a scene.
fn head(scene: &mut Scene, title: &str, magnification: f64) -> Result<(), FigureError> {
    let style = TextStyle::semi_bold(8.0 * magnification).coloured(Colour::INK);
    style.face.font()?;
    let margin = 2.0 * magnification;
    let room = scene.width - 2.0 * margin;
    let lines = RichText::wrap(title, room, MOST_LINES, style);
    let step = LINE * style.em();
    let height = step * lines.len() as f64 + margin;
    scene.lower(height);
    for (number, line) in lines.iter().enumerate() {
        let baseline = margin + 0.76 * style.em() + number as f64 * step;
        scene.write(line, (margin, baseline), Align::Start, Turn::Level, style);
    }
    Ok(())
}

impl Scene {
    /// Makes the page and everything on it larger.
    fn magnify(&mut self, factor: f64) {
        self.width *= factor;
        self.height *= factor;
        self.change(|mark| {
            let place =
                |point: &mut super::scene::Point| *point = (point.0 * factor, point.1 * factor);
            match mark {
                Mark::Line { points, width, .. } => {
                    points.iter_mut().for_each(place);
                    *width *= factor;
                }
                Mark::Area { points, .. } => points.iter_mut().for_each(place),
                Mark::Disc { centre, radius, .. } => {
                    place(centre);
                    *radius *= factor;
                }
                Mark::Text { start, em, .. } => {
                    place(start);
                    *em *= factor;
                }
            }
        });
    }

    /// Makes room at the top.
    fn lower(&mut self, height: f64) {
        self.height += height;
        self.change(|mark| match mark {
            Mark::Line { points, .. } | Mark::Area { points, .. } => {
                points.iter_mut().for_each(|point| point.1 += height);
            }
            Mark::Disc { centre, .. } => centre.1 += height,
            Mark::Text { start, .. } => start.1 += height,
        });
    }
}
