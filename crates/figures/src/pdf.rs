//! A scene as PDF: one page of the size of the picture, lines and areas as vectors, text as text.
//!
//! The letters that a page uses are embedded as TrueType outlines with a table back to characters, so that
//! a page can be searched and copied from, and looks alike on every machine. No clock and no identity stand
//! in the file: the same scene gives the same bytes.

use super::FigureError;
use super::fonts::Face;
use super::palette::Colour;
use super::scene::{Mark, POINT, Point, Scene, Turn};
use ab_glyph::Font as _;
use pdf_writer::types::{
    CidFontType, FontFlags, LineCapStyle, LineJoinStyle, SystemInfo, UnicodeCmap,
};
use pdf_writer::writers::Resources;
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use std::collections::{BTreeMap, BTreeSet};
use subsetter::GlyphRemapper;

/// Effort of the compression, of 10: more gains a hundredth.
const EFFORT: u8 = 6;

/// Part of the radius at which the control points of a quarter of a circle stand.
const QUARTER: f64 = 0.552_284_749_8;

/// The opacity of what hides everything below it, in hundredths.
const SOLID: u8 = 100;

/// How the collection of characters is called where glyphs stand for themselves.
const SYSTEM: SystemInfo<'_> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// The scene as the bytes of a PDF file with this title.
///
/// # Errors
/// [`FigureError::Font`] if the embedded fonts are damaged.
pub(super) fn write_pdf(scene: &Scene, title: &str) -> Result<Vec<u8>, FigureError> {
    let fonts = used(scene)?;
    let opacities = opacities(scene);
    let mut names = Names(0);
    let (catalog, tree, page, content) = (names.next(), names.next(), names.next(), names.next());
    let info = names.next();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page]).count(1);
    pdf.document_info(info)
        .title(TextStr(title))
        .creator(TextStr("gutbrain"));
    let faces: Vec<Ref> = fonts.iter().map(|_| names.next()).collect();
    let size = Rect::new(0.0, 0.0, points(scene.width), points(scene.height));
    let mut written = pdf.page(page);
    written.parent(tree).media_box(size).contents(content);
    resources(written.resources(), &fonts, &faces, &opacities);
    written.finish();
    let marks = compressed(&drawn(scene, &fonts, &opacities));
    pdf.stream(content, &marks).filter(Filter::FlateDecode);
    for (font, name) in fonts.iter().zip(faces) {
        font.embed(&mut pdf, name, &mut names)?;
    }
    Ok(pdf.finish())
}

/// Numbers of objects, one after the other.
struct Names(i32);

impl Names {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// A cut of the typeface with the letters that a scene sets in it.
struct Letters {
    face: Face,
    /// Glyphs of the whole font and their numbers in the file.
    remapper: GlyphRemapper,
    /// Characters and their numbers in the file.
    numbers: BTreeMap<char, u16>,
}

/// The cuts that a scene uses.
fn used(scene: &Scene) -> Result<Vec<Letters>, FigureError> {
    let mut letters: BTreeMap<Face, BTreeSet<char>> = BTreeMap::new();
    for mark in scene.marks() {
        if let Mark::Text { text, face, .. } = mark {
            letters.entry(*face).or_default().extend(text.chars());
        }
    }
    letters
        .into_iter()
        .map(|(face, letters)| {
            let font = face.font()?;
            let mut remapper = GlyphRemapper::new();
            let numbers = letters
                .into_iter()
                .map(|letter| (letter, remapper.remap(font.glyph_id(letter).0)))
                .collect();
            Ok(Letters {
                face,
                remapper,
                numbers,
            })
        })
        .collect()
}

impl Letters {
    /// What text commands call this cut.
    fn name(&self) -> Name<'static> {
        match self.face {
            Face::Regular => Name(b"R"),
            Face::SemiBold => Name(b"S"),
            Face::Italic => Name(b"I"),
        }
    }

    /// Name of the font in the file, with the mark of a subset.
    fn base_font(&self) -> &'static [u8] {
        match self.face {
            Face::Regular => b"GUTBRA+Inter-Regular",
            Face::SemiBold => b"GUTBRA+Inter-SemiBold",
            Face::Italic => b"GUTBRA+Inter-Italic",
        }
    }

    /// The numbers of the letters of a text, two bytes each.
    fn encoded(&self, text: &str) -> Vec<u8> {
        let numbers = text.chars().filter_map(|letter| self.numbers.get(&letter));
        numbers.flat_map(|number| number.to_be_bytes()).collect()
    }

    /// Writes the outlines, widths and meanings of the letters.
    fn embed(&self, pdf: &mut Pdf, name: Ref, names: &mut Names) -> Result<(), FigureError> {
        let (outlines, widths, descriptor, meanings) =
            (names.next(), names.next(), names.next(), names.next());
        let base_font = Name(self.base_font());
        let font = self.face.font()?;
        let units = font.units_per_em().ok_or(FigureError::Font)?;
        let thousandths = |length: f32| 1000.0 * length / units;
        pdf.type0_font(name)
            .base_font(base_font)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(widths)
            .to_unicode(meanings);
        let mut by_number: BTreeMap<u16, f32> = BTreeMap::new();
        let mut unicode = UnicodeCmap::new(Name(b"Letters"), SYSTEM);
        for (letter, number) in &self.numbers {
            let advance = font.h_advance_unscaled(font.glyph_id(*letter));
            by_number.insert(*number, thousandths(advance));
            unicode.pair(*number, *letter);
        }
        let mut described = pdf.cid_font(widths);
        described
            .subtype(CidFontType::Type2)
            .base_font(base_font)
            .system_info(SYSTEM)
            .font_descriptor(descriptor)
            .default_width(0.0)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        let mut table = described.widths();
        for (number, width) in by_number {
            table.consecutive(number, [width]);
        }
        table.finish();
        described.finish();
        let slant = if self.face == Face::Italic { -9.4 } else { 0.0 };
        let flags = match self.face {
            Face::Italic => FontFlags::NON_SYMBOLIC | FontFlags::ITALIC,
            Face::Regular | Face::SemiBold => FontFlags::NON_SYMBOLIC,
        };
        let (ascent, descent) = (font.ascent_unscaled(), font.descent_unscaled());
        pdf.font_descriptor(descriptor)
            .name(base_font)
            .flags(flags)
            .bbox(Rect::new(
                -1000.0,
                thousandths(descent),
                3000.0,
                thousandths(ascent),
            ))
            .italic_angle(slant)
            .ascent(thousandths(ascent))
            .descent(thousandths(descent))
            .cap_height(thousandths(ascent))
            .stem_v(if self.face == Face::SemiBold {
                120.0
            } else {
                80.0
            })
            .font_file2(outlines);
        let file = subsetter::subset(self.face.truetype(), 0, &self.remapper)
            .map_err(|_| FigureError::Font)?;
        let length = i32::try_from(file.len()).map_err(|_| FigureError::Font)?;
        pdf.stream(outlines, &compressed(&file))
            .filter(Filter::FlateDecode)
            .pair(Name(b"Length1"), length);
        let unicode = unicode.finish();
        pdf.cmap(meanings, &compressed(&unicode))
            .filter(Filter::FlateDecode);
        Ok(())
    }
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, EFFORT)
}

/// A length of the page in points; as SVG, no finer than a printer.
fn points(length: f64) -> f32 {
    (1000.0 * length / POINT).round() as f32 / 1000.0
}

/// The opacities of the areas of a scene in hundredths, and that of everything else; none where nothing
/// shines through.
fn opacities(scene: &Scene) -> BTreeSet<u8> {
    let of = |mark: &Mark| match mark {
        Mark::Area { opacity, .. } => hundredths(*opacity),
        Mark::Line { .. } | Mark::Disc { .. } | Mark::Text { .. } => SOLID,
    };
    let mut all: BTreeSet<u8> = scene.marks().iter().map(of).collect();
    if all.iter().all(|opacity| *opacity == SOLID) {
        all.clear();
    } else {
        all.insert(SOLID);
    }
    all
}

fn hundredths(opacity: f64) -> u8 {
    (100.0 * opacity.clamp(0.0, 1.0)).round() as u8
}

fn opacity_name(hundredths: u8) -> Vec<u8> {
    format!("O{hundredths}").into_bytes()
}

fn resources(
    mut resources: Resources<'_>,
    fonts: &[Letters],
    names: &[Ref],
    opacities: &BTreeSet<u8>,
) {
    let mut by_name = resources.fonts();
    for (font, name) in fonts.iter().zip(names) {
        by_name.pair(font.name(), *name);
    }
    by_name.finish();
    let mut states = resources.ext_g_states();
    for opacity in opacities {
        states
            .insert(Name(&opacity_name(*opacity)))
            .start::<pdf_writer::writers::ExtGraphicsState<'_>>()
            .non_stroking_alpha(f32::from(*opacity) / 100.0);
    }
}

/// The marks as commands, from the bottom to the top.
fn drawn(scene: &Scene, fonts: &[Letters], opacities: &BTreeSet<u8>) -> Vec<u8> {
    let mut pen = Pen {
        content: Content::new(),
        height: scene.height,
        opacity: SOLID,
    };
    pen.content
        .set_line_join(LineJoinStyle::RoundJoin)
        .set_line_cap(LineCapStyle::ButtCap);
    for mark in scene.marks() {
        pen.draw(mark, fonts, opacities);
    }
    pen.content.finish().to_vec()
}

/// Draws with the origin at the bottom, as PDF has it.
struct Pen {
    content: Content,
    height: f64,
    opacity: u8,
}

impl Pen {
    fn place(&self, point: Point) -> (f32, f32) {
        (points(point.0), points(self.height - point.1))
    }

    fn draw(&mut self, mark: &Mark, fonts: &[Letters], opacities: &BTreeSet<u8>) {
        match mark {
            Mark::Line {
                points: corners,
                width,
                colour,
            } => {
                let [red, green, blue] = shares(*colour);
                self.content.set_stroke_rgb(red, green, blue);
                self.content.set_line_width(points(*width));
                self.path(corners);
                self.content.stroke();
            }
            Mark::Area {
                points: corners,
                colour,
                opacity,
            } => {
                self.fill_with(*colour, hundredths(*opacity), opacities);
                self.path(corners);
                self.content.close_path().fill_nonzero();
            }
            Mark::Disc {
                centre,
                radius,
                colour,
            } => {
                self.fill_with(*colour, SOLID, opacities);
                self.circle(*centre, *radius);
                self.content.fill_nonzero();
            }
            Mark::Text {
                text,
                start,
                em,
                face,
                colour,
                turn,
            } => {
                self.fill_with(*colour, SOLID, opacities);
                let Some(font) = fonts.iter().find(|font| font.face == *face) else {
                    return;
                };
                let (x, y) = self.place(*start);
                let matrix = match turn {
                    Turn::Level => [1.0, 0.0, 0.0, 1.0, x, y],
                    Turn::Upward => [0.0, 1.0, -1.0, 0.0, x, y],
                };
                self.content
                    .begin_text()
                    .set_font(font.name(), points(*em))
                    .set_text_matrix(matrix)
                    .show(Str(&font.encoded(text)))
                    .end_text();
            }
        }
    }

    /// Sets colour and opacity of what is filled next.
    fn fill_with(&mut self, colour: Colour, opacity: u8, opacities: &BTreeSet<u8>) {
        let [red, green, blue] = shares(colour);
        self.content.set_fill_rgb(red, green, blue);
        // A page on which nothing shines through has no states at all.
        if opacity != self.opacity && opacities.contains(&opacity) {
            self.content.set_parameters(Name(&opacity_name(opacity)));
            self.opacity = opacity;
        }
    }

    fn path(&mut self, corners: &[Point]) {
        for (index, corner) in corners.iter().enumerate() {
            let (x, y) = self.place(*corner);
            if index == 0 {
                self.content.move_to(x, y);
            } else {
                self.content.line_to(x, y);
            }
        }
    }

    fn circle(&mut self, (x, y): Point, radius: f64) {
        let control = QUARTER * radius;
        let quarter = |pen: &mut Self, [first, second, end]: [Point; 3]| {
            let ((x1, y1), (x2, y2)) = (pen.place(first), pen.place(second));
            let (x, y) = pen.place(end);
            pen.content.cubic_to(x1, y1, x2, y2, x, y);
        };
        let (right, down, left, up) = (x + radius, y + radius, x - radius, y - radius);
        let begin = self.place((right, y));
        self.content.move_to(begin.0, begin.1);
        quarter(self, [(right, y + control), (x + control, down), (x, down)]);
        quarter(self, [(x - control, down), (left, y + control), (left, y)]);
        quarter(self, [(left, y - control), (x - control, up), (x, up)]);
        quarter(self, [(x + control, up), (right, y - control), (right, y)]);
        self.content.close_path();
    }
}

fn shares(Colour(red, green, blue): Colour) -> [f32; 3] {
    [red, green, blue].map(|part| (1000.0 * f32::from(part) / 255.0).round() / 1000.0)
}
