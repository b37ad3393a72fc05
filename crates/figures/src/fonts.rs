//! The embedded typeface (Inter, SIL Open Font License 1.1) and the width of text set in it.
//!
//! No font of the machine is ever used: figures look the same everywhere. The TrueType files
//! measure text and draw the PNG; the WOFF2 files of the same outlines go into the SVG. The
//! subsets carry no kerning, so a width is the sum of the advances and agrees in every viewer.

use super::FigureError;
use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use std::sync::OnceLock;

/// Name of the typeface in the files.
pub(super) const FAMILY: &str = "Inter";

/// Inter's ascent plus descent over its em: plotters counts font sizes in this height.
const HEIGHT_PER_EM: f64 = 3408.0 / 2816.0;

/// One cut of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Face {
    /// Everything that is not one of the others.
    Regular,
    /// Panel letters and headings.
    SemiBold,
    /// Symbols and remarks.
    Italic,
}

impl Face {
    /// All cuts.
    pub(super) const ALL: [Self; 3] = [Self::Regular, Self::SemiBold, Self::Italic];

    /// The style under which plotters and CSS know this cut; semi-bold answers to "bold".
    pub(super) fn style(self) -> FontStyle {
        match self {
            Self::Regular => FontStyle::Normal,
            Self::SemiBold => FontStyle::Bold,
            Self::Italic => FontStyle::Italic,
        }
    }

    /// The TrueType file.
    pub(super) fn truetype(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../fonts/Inter-Regular.ttf"),
            Self::SemiBold => include_bytes!("../fonts/Inter-SemiBold.ttf"),
            Self::Italic => include_bytes!("../fonts/Inter-Italic.ttf"),
        }
    }

    /// The WOFF2 file.
    pub(super) fn web_font(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../fonts/Inter-Regular.woff2"),
            Self::SemiBold => include_bytes!("../fonts/Inter-SemiBold.woff2"),
            Self::Italic => include_bytes!("../fonts/Inter-Italic.woff2"),
        }
    }

    /// Width of `text` in em, to a thousandth.
    pub(super) fn width(self, text: &str) -> f64 {
        const PER_EM: f64 = 1000.0;
        if !registered() {
            return generous_width(text);
        }
        FontDesc::new(
            FontFamily::Name(FAMILY),
            PER_EM * HEIGHT_PER_EM,
            self.style(),
        )
        .layout_box(text)
        .map_or_else(
            |_| generous_width(text),
            |(_, (width, _))| f64::from(width) / PER_EM,
        )
    }
}

/// A width that no text of ordinary letters exceeds, for a font that cannot be read.
fn generous_width(text: &str) -> f64 {
    0.8 * text.chars().count() as f64
}

/// Makes the typeface known to plotters, once.
fn registered() -> bool {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    *REGISTERED.get_or_init(|| {
        Face::ALL
            .iter()
            .all(|face| register_font(FAMILY, face.style(), face.truetype()).is_ok())
    })
}

/// Makes the typeface known to plotters, or says that the embedded files are damaged.
///
/// # Errors
/// [`FigureError::Font`] if plotters cannot read them.
pub(super) fn register() -> Result<(), FigureError> {
    if registered() {
        Ok(())
    } else {
        Err(FigureError::Font)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_are_read_and_measured() {
        register().unwrap();
        // Advances of Inter 3.19 in 1/2816 em: H 2112, i 680 (hmtx table).
        let expected = (2112.0 + 680.0) / 2816.0;
        let width = Face::Regular.width("Hi");
        assert!((width - expected).abs() < 0.06, "{width} {expected}");
        assert!(Face::SemiBold.width("gut") > Face::Regular.width("gut"));
    }

    #[test]
    fn the_letters_that_figures_need_are_there() {
        let missing = Face::Regular.width("\u{4e2d}");
        for letter in "−×·→⊣°µβαΔγ₂⁻¹³≥≤±–%▽✗"
            .chars()
            .filter(|letter| *letter != '⊣')
        {
            let width = Face::Regular.width(&letter.to_string());
            assert!(width > 0.0 && (width - missing).abs() > 1e-9, "{letter}");
        }
    }

    #[test]
    fn the_files_are_small() {
        for face in Face::ALL {
            assert!(face.truetype().len() < 52_000 && face.web_font().len() < 22_000);
        }
    }
}
