//! Colours and line styles: arms differ by both, so that figures survive grey printing and colour
//! blindness.

use std::str::FromStr;

use gutbrain_numbers::Real;
use plotters::style::colors::colormaps::ViridisRGB;

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// A colour as pages write it: `#0072b2`.
impl FromStr for Colour {
    type Err = NoColour;

    fn from_str(text: &str) -> Result<Self, NoColour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, red, green, blue] = number.ok_or(NoColour)?.to_be_bytes();
        Ok(Self(red, green, blue))
    }
}

/// The text is no colour: `#` and six hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a colour such as #0072b2")]
pub struct NoColour;

impl Colour {
    /// Text and axes.
    pub(super) const INK: Self = Self(0x22, 0x22, 0x22);
    /// Remarks and reference lines.
    pub(super) const GREY: Self = Self(0x6b, 0x6b, 0x6b);
    /// Paper.
    pub(super) const WHITE: Self = Self(0xff, 0xff, 0xff);

    /// Its contrast to white paper, from 1 (white) to 21 (black).
    ///
    /// Source: W3C, Web Content Accessibility Guidelines 2.2, "contrast ratio".
    #[must_use]
    pub fn contrast_to_white(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            match share <= 0.04045 {
                true => share / 12.92,
                false => Real::powf((share + 0.055) / 1.055, 2.4),
            }
        };
        let Self(red, green, blue) = self;
        let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
        1.05 / (luminance + 0.05)
    }

    /// This colour thinned with white: 1 leaves it, 0 is white.
    pub(super) fn tint(self, strength: f64) -> Self {
        let mix = |channel: u8| {
            let mixed = 255.0 - strength.clamp(0.0, 1.0) * (255.0 - f64::from(channel));
            mixed.round() as u8
        };
        Self(mix(self.0), mix(self.1), mix(self.2))
    }
}

/// Okabe and Ito's colours (Color Universal Design, 2008), black first for the control; the yellow
/// is darkened, which on white paper keeps it visible.
const OKABE_ITO: [Colour; 8] = [
    Colour(0x00, 0x00, 0x00),
    Colour(0x00, 0x72, 0xb2),
    Colour(0xd5, 0x5e, 0x00),
    Colour(0x00, 0x9e, 0x73),
    Colour(0xcc, 0x79, 0xa7),
    Colour(0xe6, 0x9f, 0x00),
    Colour(0x56, 0xb4, 0xe9),
    Colour(0xb8, 0xa9, 0x00),
];

/// Lengths in millimetres drawn and left out in turn; an empty list is a solid line.
pub(super) type Dashes = &'static [f64];

/// A line without gaps.
pub(super) const SOLID: Dashes = &[];
/// Short dots, for reference lines.
pub(super) const DOTTED: Dashes = &[0.35, 0.7];

const LINE_STYLES: [Dashes; 8] = [
    SOLID,
    &[2.0, 0.9],
    &[2.2, 0.7, 0.45, 0.7],
    &[0.6, 0.6],
    &[3.6, 0.9],
    &[2.2, 0.6, 0.45, 0.6, 0.45, 0.6],
    &[1.1, 0.7],
    &[3.6, 0.7, 1.1, 0.7],
];

/// How the curves of one arm are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArmStyle {
    /// Colour of lines and markers.
    pub(super) colour: Colour,
    /// Line style.
    pub(super) dashes: Dashes,
}

impl ArmStyle {
    /// The same line in another colour.
    #[must_use]
    pub fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }
}

/// Styles for arms of which some were given theirs; the others are drawn as in [`arm_styles`].
pub(super) fn styles_or_own(given: &[Option<ArmStyle>]) -> Vec<ArmStyle> {
    let usual = arm_styles(&vec![None; given.len()]);
    given
        .iter()
        .zip(usual)
        .map(|(given, usual)| given.unwrap_or(usual))
        .collect()
}

/// Styles for `levels.len()` arms; a level is the number that orders an arm among others, a dose or a start.
///
/// The first arm, the control, is black. Arms without a level take the named colours in turn.
/// When at least three arms have a level (doses, starts) or there are more arms than named
/// colours, colours follow a ramp from dark to light in the order of the levels (of the arms,
/// without levels), which shows the order; line styles keep changing.
#[must_use]
pub fn arm_styles(levels: &[Option<f64>]) -> Vec<ArmStyle> {
    let mut levels: Vec<Option<f64>> = levels
        .iter()
        .map(|level| level.filter(|value| value.is_finite()))
        .collect();
    if let Some(control) = levels.first_mut() {
        *control = None;
    }
    let levelled = levels.iter().flatten().count();
    let ranked: Vec<Option<usize>> = if levelled >= 3 {
        let mut sorted: Vec<f64> = levels.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup_by(|left, right| left.total_cmp(right).is_eq());
        levels
            .iter()
            .map(|level| {
                level.and_then(|value| {
                    sorted
                        .iter()
                        .position(|other| other.total_cmp(&value).is_eq())
                })
            })
            .collect()
    } else if levels.len() > OKABE_ITO.len() {
        (0..levels.len())
            .map(|index| index.checked_sub(1))
            .collect()
    } else {
        vec![None; levels.len()]
    };
    let ranks = ranked.iter().flatten().max().map_or(0, |rank| rank + 1);
    let mut named = 0;
    ranked
        .iter()
        .enumerate()
        .map(|(index, rank)| {
            let colour = match rank {
                Some(rank) => ramp(*rank, ranks),
                None => {
                    named += 1;
                    OKABE_ITO[(named - 1) % OKABE_ITO.len()]
                }
            };
            ArmStyle {
                colour,
                dashes: LINE_STYLES[index % LINE_STYLES.len()],
            }
        })
        .collect()
}

/// The viridis ramp: from dark at 0 to light at 1, evenly to the eye.
pub(super) fn viridis(share: f64) -> Colour {
    let colour = ViridisRGB::get_color(share.clamp(0.0, 1.0));
    Colour(colour.0, colour.1, colour.2)
}

/// The viridis ramp without its palest end.
fn ramp(rank: usize, ranks: usize) -> Colour {
    let share = if ranks > 1 {
        rank as f64 / (ranks - 1) as f64
    } else {
        0.0
    };
    let colour = ViridisRGB::get_color(0.08 + 0.74 * share);
    Colour(colour.0, colour.1, colour.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distinct(styles: &[ArmStyle]) -> bool {
        styles
            .iter()
            .enumerate()
            .all(|(index, style)| !styles[..index].contains(style))
    }

    #[test]
    fn eight_arms_differ_in_colour_and_in_line_style() {
        let styles = arm_styles(&[None; 8]);
        for (index, style) in styles.iter().enumerate() {
            for other in &styles[..index] {
                assert_ne!(style.colour, other.colour);
                assert_ne!(style.dashes, other.dashes);
            }
        }
        assert_eq!(
            styles[0],
            ArmStyle {
                colour: Colour(0, 0, 0),
                dashes: SOLID
            }
        );
    }

    #[test]
    fn doses_follow_a_ramp_and_the_control_stays_black() {
        let styles = arm_styles(&[Some(0.0), Some(2.0), Some(0.5), Some(1.0), Some(f64::NAN)]);
        assert_eq!(styles[0].colour, Colour(0, 0, 0));
        assert_eq!(styles[2].colour, ramp(0, 3));
        assert_eq!(styles[3].colour, ramp(1, 3));
        assert_eq!(styles[1].colour, ramp(2, 3));
    }

    #[test]
    fn many_arms_stay_distinct() {
        assert!(distinct(&arm_styles(&[None; 30])));
        assert!(arm_styles(&[]).is_empty());
    }
}
