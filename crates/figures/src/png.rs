//! A scene as PNG, drawn by tiny-skia: anti-aliased, with the outlines of the embedded fonts, and
//! with its size in millimetres in the file.
//!
//! The same marks as in the SVG, drawn directly: no text is laid out a second time, since every run
//! of a [`Scene`] has its place, and the fonts carry no kerning.

use super::FigureError;
use super::fonts::Face;
use super::palette::Colour;
use super::scene::{Mark, Point, Scene, Turn};
use ab_glyph::{Font, OutlineCurve};
use tiny_skia::{
    Color, FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Shader, Stroke, Transform,
};

/// Largest side in pixels: a picture of 4 metres at 300 dots per inch.
const LARGEST_SIDE: f64 = 50_000.0;

/// How hard pixels are compressed. Measured on these pictures: a fifth of the time of the default for half as
/// much again in size.
const LEVEL: u8 = 1;

/// Millimetres in an inch.
const INCH: f64 = 25.4;

/// Draws a scene at `dots_per_inch`.
///
/// # Errors
/// [`FigureError::Render`] if the picture has no sensible size, [`FigureError::Font`] if the embedded
/// fonts are damaged.
pub(super) fn render_png(scene: &Scene, dots_per_inch: f64) -> Result<Vec<u8>, FigureError> {
    let error = |cause: String| FigureError::Render { cause };
    let scale = dots_per_inch / INCH;
    let pixels = |length: f64| (length * scale).round();
    let (width, height) = (pixels(scene.width), pixels(scene.height));
    if !(1.0..=LARGEST_SIDE).contains(&width) || !(1.0..=LARGEST_SIDE).contains(&height) {
        return Err(error(format!(
            "{width} by {height} pixels is no sensible size"
        )));
    }
    let canvas = Pixmap::new(width as u32, height as u32)
        .ok_or_else(|| error(format!("no memory for {width} by {height} pixels")))?;
    let mut easel = Easel {
        canvas,
        to_pixels: Transform::from_scale(scale as f32, scale as f32),
    };
    easel.canvas.fill(Color::WHITE);
    for mark in scene.marks() {
        easel.draw(mark)?;
    }
    // The paper is opaque: the alpha channel says nothing.
    let colours: Vec<u8> = easel
        .canvas
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    encode(&colours, width as u32, height as u32, dots_per_inch)
        .map_err(|source| error(source.to_string()))
}

/// The picture while it is drawn.
struct Easel {
    canvas: Pixmap,
    to_pixels: Transform,
}

impl Easel {
    fn draw(&mut self, mark: &Mark) -> Result<(), FigureError> {
        match mark {
            Mark::Line {
                points,
                width,
                colour,
            } => {
                let stroke = Stroke {
                    width: *width as f32,
                    line_join: LineJoin::Round,
                    ..Stroke::default()
                };
                if let Some(path) = polygon(points, Close::No) {
                    let paint = paint(*colour, 1.0);
                    self.canvas
                        .stroke_path(&path, &paint, &stroke, self.to_pixels, None);
                }
            }
            Mark::Area {
                points,
                colour,
                opacity,
            } => self.fill(polygon(points, Close::Yes), *colour, *opacity),
            Mark::Disc {
                centre,
                radius,
                colour,
            } => {
                let (x, y) = pair(*centre);
                let circle = PathBuilder::from_circle(x, y, *radius as f32);
                self.fill(circle, *colour, 1.0);
            }
            Mark::Text {
                text,
                start,
                em,
                face,
                colour,
                turn,
            } => {
                let outline = outline(text, *start, *em, *face, *turn)?;
                self.fill(outline, *colour, 1.0);
            }
        }
        Ok(())
    }

    fn fill(&mut self, path: Option<Path>, colour: Colour, opacity: f64) {
        if let Some(path) = path {
            let paint = paint(colour, opacity);
            let rule = FillRule::Winding;
            self.canvas
                .fill_path(&path, &paint, rule, self.to_pixels, None);
        }
    }
}

fn paint(colour: Colour, opacity: f64) -> Paint<'static> {
    let alpha = (opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    Paint {
        shader: Shader::SolidColor(Color::from_rgba8(colour.0, colour.1, colour.2, alpha)),
        ..Paint::default()
    }
}

fn pair(point: Point) -> (f32, f32) {
    (point.0 as f32, point.1 as f32)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Close {
    Yes,
    No,
}

/// Straight lines from point to point; nothing if they have no extent.
fn polygon(points: &[Point], close: Close) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, others) = points.split_first()?;
    let (x, y) = pair(*first);
    path.move_to(x, y);
    for point in others {
        let (x, y) = pair(*point);
        path.line_to(x, y);
    }
    if close == Close::Yes {
        path.close();
    }
    path.finish()
}

/// The outlines of a text, its baseline beginning at `start`.
fn outline(
    text: &str,
    start: Point,
    em: f64,
    face: Face,
    turn: Turn,
) -> Result<Option<Path>, FigureError> {
    let font = face.font()?;
    let units = f64::from(font.units_per_em().ok_or(FigureError::Font)?);
    let scale = em / units;
    let mut path = PathBuilder::new();
    let mut along = 0.0;
    for letter in text.chars() {
        let glyph = font.glyph_id(letter);
        // In the font the ordinate grows upwards.
        let place = |point: &ab_glyph::Point| {
            let x = along + f64::from(point.x) * scale;
            let y = f64::from(point.y) * scale;
            pair(match turn {
                Turn::Level => (start.0 + x, start.1 - y),
                Turn::Upward => (start.0 - y, start.1 - x),
            })
        };
        let mut last = None;
        for curve in font.outline(glyph).iter().flat_map(|glyph| &glyph.curves) {
            let (from, to) = match curve {
                OutlineCurve::Line(from, to)
                | OutlineCurve::Quad(from, _, to)
                | OutlineCurve::Cubic(from, _, _, to) => (place(from), place(to)),
            };
            if last != Some(from) {
                path.close();
                path.move_to(from.0, from.1);
            }
            match curve {
                OutlineCurve::Line(..) => path.line_to(to.0, to.1),
                OutlineCurve::Quad(_, control, _) => {
                    let control = place(control);
                    path.quad_to(control.0, control.1, to.0, to.1);
                }
                OutlineCurve::Cubic(_, first, second, _) => {
                    let (first, second) = (place(first), place(second));
                    path.cubic_to(first.0, first.1, second.0, second.1, to.0, to.1);
                }
            }
            last = Some(to);
        }
        path.close();
        along += f64::from(font.h_advance_unscaled(glyph)) * scale;
    }
    Ok(path.finish())
}

fn encode(
    colours: &[u8],
    width: u32,
    height: u32,
    dots_per_inch: f64,
) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = (dots_per_inch / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    // In one piece: row by row the encoder clears 32 kB for each of them.
    let rows = differences(colours, 3 * width as usize);
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&rows, LEVEL);
    writer.write_chunk(png::chunk::IDAT, &packed)?;
    writer.finish()?;
    Ok(bytes)
}

/// Every row as its differences to the one above, behind the number of that filter.
fn differences(colours: &[u8], row_length: usize) -> Vec<u8> {
    const UP: u8 = 2;
    let mut rows = Vec::with_capacity(colours.len() + colours.len() / row_length.max(1));
    let mut above = &vec![0; row_length][..];
    for row in colours.chunks_exact(row_length.max(1)) {
        rows.push(UP);
        rows.extend(
            row.iter()
                .zip(above)
                .map(|(own, above)| own.wrapping_sub(*above)),
        );
        above = row;
    }
    rows
}
