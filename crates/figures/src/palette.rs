//! Colours and line styles: arms differ by both, so that figures survive grey printing and colour
//! blindness.

use plotters::style::colors::colormaps::ViridisRGB;

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

impl Colour {
    /// Text and axes.
    pub(super) const INK: Self = Self(0x22, 0x22, 0x22);
    /// Remarks and reference lines.
    pub(super) const GREY: Self = Self(0x6b, 0x6b, 0x6b);
    /// Paper.
    pub(super) const WHITE: Self = Self(0xff, 0xff, 0xff);

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
pub(super) struct ArmStyle {
    /// Colour of lines and markers.
    pub(super) colour: Colour,
    /// Line style.
    pub(super) dashes: Dashes,
}

/// Styles for `levels.len()` arms.
///
/// The first arm, the control, is black. Arms without a level take the named colours in turn.
/// When at least three arms have a level (doses, starts) or there are more arms than named
/// colours, colours follow a ramp from dark to light in the order of the levels (of the arms,
/// without levels), which shows the order; line styles keep changing.
pub(super) fn arm_styles(levels: &[Option<f64>]) -> Vec<ArmStyle> {
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
