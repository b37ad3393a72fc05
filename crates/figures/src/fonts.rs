//! The embedded typeface (Inter, SIL Open Font License 1.1) and the width of text set in it.
//!
//! No font of the machine is ever used: figures look the same everywhere. The TrueType files
//! measure text and draw the PNG; the WOFF2 files of the same outlines go into the SVG. The
//! subsets carry no kerning, so a width is the sum of the advances and agrees in every viewer.

use super::FigureError;
use ab_glyph::{Font, FontRef};
use std::sync::OnceLock;

/// Name of the typeface in the files.
pub(super) const FAMILY: &str = "Inter";

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

    /// The outlines and advances of this cut.
    ///
    /// # Errors
    /// [`FigureError::Font`] if the embedded file is damaged.
    pub(super) fn font(self) -> Result<&'static FontRef<'static>, FigureError> {
        static FONTS: [OnceLock<Option<FontRef<'static>>>; Face::ALL.len()] =
            [const { OnceLock::new() }; Face::ALL.len()];
        let place = match self {
            Self::Regular => 0,
            Self::SemiBold => 1,
            Self::Italic => 2,
        };
        FONTS[place]
            .get_or_init(|| FontRef::try_from_slice(self.truetype()).ok())
            .as_ref()
            .ok_or(FigureError::Font)
    }

    /// Width of `text` in em.
    pub(super) fn width(self, text: &str) -> f64 {
        let Ok(font) = self.font() else {
            return generous_width(text);
        };
        let advance = |letter| f64::from(font.h_advance_unscaled(font.glyph_id(letter)));
        let units = font.units_per_em().map_or(f64::INFINITY, f64::from);
        text.chars().map(advance).sum::<f64>() / units
    }

    /// Whether this cut has a glyph for `letter`; one that it lacks would be drawn as a box.
    pub(super) fn has(self, letter: char) -> bool {
        self.font().is_ok_and(|font| font.glyph_id(letter).0 != 0)
    }
}

/// A width that no text of ordinary letters exceeds, for a font that cannot be read.
fn generous_width(text: &str) -> f64 {
    0.8 * text.chars().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_are_read_and_measured() {
        // Advances of Inter 3.19 in 1/2816 em: H 2084, i 668 (hmtx table).
        let expected = (2084.0 + 668.0) / 2816.0;
        let width = Face::Regular.width("Hi");
        assert!((width - expected).abs() < 1e-9, "{width} {expected}");
        assert!(Face::SemiBold.width("gut") > Face::Regular.width("gut"));
    }

    #[test]
    fn the_letters_that_figures_need_are_there() {
        for face in Face::ALL {
            for letter in "−×·→←°µβαΔγ₂⁻¹³≥≤±–…%äéßÅ[]+".chars() {
                assert!(face.has(letter), "{letter} in {face:?}");
                assert!(face.width(&letter.to_string()) > 0.0, "{letter}");
            }
            for letter in ('\u{20}'..'\u{7f}').chain('\u{a0}'..'\u{100}') {
                assert!(
                    face.has(letter) || letter == '\u{ad}',
                    "{letter:?} in {face:?}"
                );
            }
            assert!(!face.has('\u{4e2d}'));
        }
    }

    #[test]
    fn all_cuts_have_the_same_letters() {
        for letter in ('\0'..='\u{2fff}').filter(|letter| Face::Regular.has(*letter)) {
            assert!(Face::ALL.iter().all(|face| face.has(letter)), "{letter:?}");
        }
    }

    #[test]
    fn the_files_are_small() {
        for face in Face::ALL {
            assert!(face.truetype().len() < 52_000 && face.web_font().len() < 22_000);
        }
    }
}
