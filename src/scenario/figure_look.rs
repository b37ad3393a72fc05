//! How figures look: `[style]`, and `width`, `text` and `title` of a `[[figure]]`.

use gutbrain_figures::{Look, PageWidth};
use gutbrain_network::fault::Collector;
use gutbrain_network::{Code, Fault};

use super::node::Node;

/// The widest page, in millimetres: an A3 sheet held upright.
const WIDEST: f64 = 300.0;

/// Sizes of words that can be read and fit, in points.
const SIZES: std::ops::RangeInclusive<f64> = 6.5..=22.0;

/// Longest title in characters.
const LONGEST_TITLE: usize = 300;

/// How the figures of a scenario look where one does not say otherwise: its `[style]`.
pub(super) fn resolve_style(root: &Node, faults: &Collector) -> Look {
    let mut look = Look::default();
    if let Some(table) = root.get("style") {
        read_page(table, &mut look, faults);
    }
    look
}

/// How a figure is to look.
pub(super) fn resolve_look(table: &Node, style: &Look, faults: &Collector) -> Look {
    let mut look = style.clone();
    read_page(table, &mut look, faults);
    if let Some((node, text)) = words(table, "title") {
        let is_line = !text.trim().is_empty() && !text.chars().any(char::is_control);
        if is_line && text.chars().count() <= LONGEST_TITLE {
            look.title = Some(text.to_owned());
        } else {
            let message = "this is no title of a figure";
            let help =
                format!("write 1 to {LONGEST_TITLE} characters on one line, or leave `title` out");
            faults.add(Fault::new(Code::BadName, message, &node.place).help(help));
        }
    }
    look
}

/// `width` and `text` of a table.
fn read_page(table: &Node, look: &mut Look, faults: &Collector) {
    if let Some((node, text)) = words(table, "width") {
        match width(text) {
            Some(width) => look.width = width,
            None => {
                let message = format!("`{}` is no width of a figure", text.escape_debug());
                let help = format!(
                    "write \"double\" (180 mm), \"single\" (90 mm) or a width in mm up to {WIDEST}, such as \
                     \"120 mm\""
                );
                faults.add(Fault::new(Code::NoQuantity, message, &node.place).help(help));
            }
        }
    }
    if let Some((node, text)) = words(table, "text") {
        match number_before(text, "pt").filter(|size| SIZES.contains(size)) {
            Some(size) => look.text_points = size,
            None => {
                let message = format!("`{}` is no size of words", text.escape_debug());
                let help = format!(
                    "write a size from {} to {} points, such as \"8 pt\"",
                    SIZES.start(),
                    SIZES.end()
                );
                faults.add(Fault::new(Code::NoQuantity, message, &node.place).help(help));
            }
        }
    }
    check_room(table, look, faults);
}

fn words<'n>(table: &'n Node, key: &str) -> Option<(&'n Node, &'n str)> {
    let node = table.get(key)?;
    Some((node, node.text()?))
}

fn width(text: &str) -> Option<PageWidth> {
    match text {
        "double" => Some(PageWidth::Double),
        "single" => Some(PageWidth::Single),
        _ => number_before(text, "mm")
            .filter(|width| (0.0..=WIDEST).contains(width))
            .map(PageWidth::Millimetres),
    }
}

/// The number of a text that ends with a unit of the page; a model does not know them.
fn number_before(text: &str, unit: &str) -> Option<f64> {
    text.strip_suffix(unit)?.trim_end().parse().ok()
}

/// Large words need a wide page.
fn check_room(table: &Node, look: &Look, faults: &Collector) {
    let narrowest = Look::NARROWEST * look.text_points / Look::TEXT_POINTS;
    let width = look.width.millimetres();
    // What the style got wrong is said there, not again at every figure.
    let Some(node) = table.get("width").or_else(|| table.get("text")) else {
        return;
    };
    if width >= narrowest {
        return;
    }
    let message = format!(
        "a page of {width} mm has no room for words of {} pt",
        look.text_points
    );
    let help = format!(
        "at this size a figure is at least {} mm wide",
        narrowest.ceil()
    );
    faults.add(Fault::new(Code::OutOfRange, message, &node.place).help(help));
}
