//! A scene as SVG text.
//!
//! One unit of the file is a hundredth of a millimetre, finer than any printer; the header gives the
//! size of the page in millimetres. Lines of one style that follow each other, such as dashes, are one
//! path.
//!
//! Fonts: the used cuts are embedded as `@font-face` (WOFF2, about 26 kB each in base64) and text
//! stays text. Turning text into outlines would look the same in every program, but is larger
//! (450 kB), cannot be searched, edited or read aloud, and journals ask for live text. Every text says
//! how long it is: programs that ignore embedded fonts and fall back to Helvetica or Arial fit their
//! letters into that length, so that nothing is cut or overprinted.

use super::FigureError;
use super::fonts::{FAMILY, Face};
use super::palette::Colour;
use super::scene::{Mark, Point, Scene, Turn};
use base64::Engine;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Units of the drawing in a millimetre.
const UNITS: f64 = 100.0;

/// Fonts for programs that do not read the embedded one.
const FALL_BACK: &str = "Helvetica, Arial, sans-serif";

/// The scene as the text of an SVG file with this title.
///
/// # Errors
/// [`FigureError::Font`] if the embedded fonts are damaged: widths would be guesses.
pub(super) fn write_svg(scene: &Scene, title: &str) -> Result<String, FigureError> {
    for face in Face::ALL {
        face.font()?;
    }
    let mut text = head(scene, title);
    let mut path: Option<(String, String)> = None;
    for mark in scene.marks() {
        if let Mark::Line {
            points,
            width,
            colour,
        } = mark
        {
            let style = format!(
                "stroke=\"{}\" stroke-width=\"{}\"",
                hexadecimal(*colour),
                to_units(*width).max(1)
            );
            let data = format!("M{}", places(points));
            match &mut path {
                Some((last_style, joined)) if *last_style == style => joined.push_str(&data),
                _ => close_path(&mut text, path.replace((style, data))),
            }
            continue;
        }
        close_path(&mut text, path.take());
        write_mark(&mut text, mark);
    }
    close_path(&mut text, path);
    text.push_str("</svg>\n");
    Ok(text)
}

fn head(scene: &Scene, title: &str) -> String {
    let (width, height) = (to_units(scene.width), to_units(scene.height));
    format!(
        "<svg width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {width} {height}\" \
         xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" stroke-linejoin=\"round\" \
         font-family=\"{FAMILY}, {FALL_BACK}\">\n<title>{}</title>\n{}\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>\n",
        f64::from(width) / UNITS,
        f64::from(height) / UNITS,
        escape(title),
        font_style(scene),
    )
}

fn write_mark(text: &mut String, mark: &Mark) {
    // Writing to a text cannot fail.
    let _ = match mark {
        Mark::Line { .. } => Ok(()),
        Mark::Area {
            points,
            colour,
            opacity,
        } => {
            let opacity = match opacity {
                opacity if *opacity < 1.0 => format!(" opacity=\"{opacity}\""),
                _ => String::new(),
            };
            let (points, fill) = (places(points), hexadecimal(*colour));
            writeln!(
                text,
                "<polygon points=\"{points}\" fill=\"{fill}\"{opacity}/>"
            )
        }
        Mark::Disc {
            centre,
            radius,
            colour,
        } => {
            let ((x, y), radius) = (place(*centre), to_units(*radius));
            let fill = hexadecimal(*colour);
            writeln!(
                text,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\"/>"
            )
        }
        Mark::Text {
            text: words,
            start,
            em,
            face,
            colour,
            turn,
        } => {
            let (x, y) = place(*start);
            let size = to_units(*em);
            let style = match face {
                Face::Regular => "",
                Face::SemiBold => " font-weight=\"bold\"",
                Face::Italic => " font-style=\"italic\"",
            };
            let turned = match turn {
                Turn::Level => String::new(),
                Turn::Upward => format!(" transform=\"rotate(270 {x} {y})\""),
            };
            let length = match words.chars().nth(1) {
                Some(_) => format!(
                    " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
                    to_units(face.width(words) * em)
                ),
                None => String::new(),
            };
            let (fill, words) = (hexadecimal(*colour), escape(words));
            writeln!(
                text,
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{style}{length} \
                 fill=\"{fill}\"{turned}>{words}</text>"
            )
        }
    };
}

fn to_units(length: f64) -> i32 {
    (length * UNITS).round() as i32
}

fn place(point: Point) -> (i32, i32) {
    (to_units(point.0), to_units(point.1))
}

fn places(points: &[Point]) -> String {
    let written = points.iter().map(|point| {
        let (x, y) = place(*point);
        format!("{x},{y}")
    });
    written.collect::<Vec<_>>().join(" ")
}

fn hexadecimal(Colour(red, green, blue): Colour) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

fn close_path(text: &mut String, path: Option<(String, String)>) {
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
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
