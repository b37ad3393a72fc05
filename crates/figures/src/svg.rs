//! A scene as SVG text, drawn by plotters' SVG backend.
//!
//! plotters counts in whole units; one unit is a hundredth of a millimetre, finer than any
//! printer, and the header gives the size of the page in millimetres. Four things are edited in
//! the text afterwards: the header, the list of fall-back fonts, runs of equal line segments
//! (joined into one path: dashes), and line breaks inside texts.
//!
//! Fonts: the used cuts are embedded as `@font-face` (WOFF2, about 26 kB each in base64) and text
//! stays text. Turning text into outlines would look the same in every program, but is larger
//! (450 kB), cannot be searched, edited or read aloud, and journals ask for live text. Programs
//! that ignore embedded fonts fall back to Helvetica or Arial, which are narrower: nothing
//! overlaps.

use super::FigureError;
use super::fonts::{FAMILY, Face, register};
use super::palette::Colour;
use super::scene::{Mark, Point, Scene, Turn};
use base64::Engine;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::collections::BTreeSet;

/// Units of the drawing in a millimetre.
const UNITS: f64 = 100.0;

/// plotters writes a font size divided by this.
const PLOTTERS_FONT_FACTOR: f64 = 1.24;

/// plotters puts a text anchored at its top this many em above its baseline.
const TOP_TO_BASELINE: f64 = 0.76;

/// Fonts for programs that do not read the embedded one.
const FALL_BACK: &str = "Helvetica, Arial, sans-serif";

/// The scene as the text of an SVG file with this title.
///
/// # Errors
/// [`FigureError::Font`] and [`FigureError::Draw`].
pub(super) fn write_svg(scene: &Scene, title: &str) -> Result<String, FigureError> {
    register()?;
    let mut text = String::new();
    {
        let size = (to_units(scene.width) as u32, to_units(scene.height) as u32);
        let page = SVGBackend::with_string(&mut text, size).into_drawing_area();
        page.fill(&WHITE).map_err(draw_error)?;
        for mark in scene.marks() {
            draw_mark(&page, mark).map_err(draw_error)?;
        }
        page.present().map_err(draw_error)?;
    }
    Ok(edit(&text, scene, title))
}

fn draw_error(error: impl std::fmt::Display) -> FigureError {
    FigureError::Draw {
        cause: error.to_string(),
    }
}

fn to_units(length: f64) -> i32 {
    (length * UNITS).round() as i32
}

fn place(point: Point) -> (i32, i32) {
    (to_units(point.0), to_units(point.1))
}

fn rgb(colour: Colour) -> RGBColor {
    RGBColor(colour.0, colour.1, colour.2)
}

type Page<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type DrawResult<'a> =
    Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw_mark<'a>(page: &Page<'a>, mark: &Mark) -> DrawResult<'a> {
    match mark {
        Mark::Line {
            points,
            width,
            colour,
        } => {
            let points: Vec<_> = points.iter().copied().map(place).collect();
            let thickness = to_units(*width).max(1) as u32;
            page.draw(&PathElement::new(
                points,
                rgb(*colour).stroke_width(thickness),
            ))
        }
        Mark::Area {
            points,
            colour,
            opacity,
        } => {
            let points: Vec<_> = points.iter().copied().map(place).collect();
            page.draw(&Polygon::new(points, rgb(*colour).mix(*opacity)))
        }
        Mark::Disc {
            centre,
            radius,
            colour,
        } => page.draw(&Circle::new(
            place(*centre),
            to_units(*radius),
            rgb(*colour).filled(),
        )),
        Mark::Text {
            text,
            start,
            em,
            face,
            colour,
            turn,
        } => {
            let drop = TOP_TO_BASELINE * em;
            let (corner, transform) = match turn {
                Turn::Level => ((start.0, start.1 - drop), FontTransform::None),
                Turn::Upward => ((start.0 - drop, start.1), FontTransform::Rotate270),
            };
            let style = FontDesc::new(
                FontFamily::Name(FAMILY),
                (em * UNITS).round() * PLOTTERS_FONT_FACTOR,
                face.style(),
            )
            .transform(transform)
            .color(&rgb(*colour))
            .pos(Pos::new(HPos::Left, VPos::Top));
            page.draw(&Text::new(text.as_str(), place(corner), style))
        }
    }
}

/// Header, fonts, joined paths: see the head of this file.
fn edit(drawn: &str, scene: &Scene, title: &str) -> String {
    let mut text = String::with_capacity(drawn.len());
    let mut lines = drawn.lines();
    lines.next();
    text.push_str(&format!(
        "<svg width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {} {}\" \
         xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" \
         stroke-linejoin=\"round\">\n<title>{}</title>\n",
        f64::from(to_units(scene.width)) / UNITS,
        f64::from(to_units(scene.height)) / UNITS,
        to_units(scene.width),
        to_units(scene.height),
        escape(title),
    ));
    text.push_str(&font_style(scene));
    let mut path: Option<(&str, String)> = None;
    for line in lines {
        let segment = line_segment(line);
        if let (Some((style, points)), Some((last_style, joined))) = (segment, &mut path)
            && style == *last_style
        {
            joined.push_str(&format!("M{points}"));
            continue;
        }
        close_path(&mut text, path.take());
        if let Some((style, points)) = segment {
            path = Some((style, format!("M{points}")));
        } else if line.starts_with("<text") {
            let named = format!("font-family=\"{FAMILY}\"");
            let listed = format!("font-family=\"{FAMILY}, {FALL_BACK}\"");
            text.push_str(
                &line
                    .replacen(&named, &listed, 1)
                    .replace(" opacity=\"1\"", ""),
            );
        } else if line.starts_with('<') {
            text.push_str(&line.replace(" opacity=\"1\"", ""));
            text.push('\n');
        } else {
            // The characters of a text; its end follows without a line break.
            text.push_str(line);
        }
    }
    close_path(&mut text, path);
    text
}

/// The style and the points of a line that plotters wrote.
fn line_segment(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("<polyline fill=\"none\" opacity=\"1\" ")?;
    let (style, points) = rest.split_once(" points=\"")?;
    Some((style, points.strip_suffix(" \"/>")?))
}

fn close_path(text: &mut String, path: Option<(&str, String)>) {
    if let Some((style, data)) = path {
        text.push_str(&format!("<path fill=\"none\" {style} d=\"{data}\"/>\n"));
    }
}

fn font_style(scene: &Scene) -> String {
    let used: BTreeSet<Face> = scene
        .marks()
        .iter()
        .filter_map(|mark| match mark {
            Mark::Text { face, .. } => Some(*face),
            Mark::Line { .. } | Mark::Area { .. } | Mark::Disc { .. } => None,
        })
        .collect();
    let mut style = "<style>\n".to_owned();
    for face in used {
        let (weight, slant) = match face {
            Face::Regular => ("normal", "normal"),
            Face::SemiBold => ("bold", "normal"),
            Face::Italic => ("normal", "italic"),
        };
        let data = base64::engine::general_purpose::STANDARD.encode(face.web_font());
        style.push_str(&format!(
            "@font-face{{font-family:{FAMILY};font-weight:{weight};font-style:{slant};\
             src:url(data:font/woff2;base64,{data}) format(\"woff2\")}}\n"
        ));
    }
    style.push_str("</style>\n");
    style
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
