//! Faults as a reader sees them: file, line, the text underlined, cause and help.
//!
//! The picture is drawn by `annotate-snippets`, rustc's own renderer. It is given
//! one line of the source only, already clipped to [`WINDOW`] characters around
//! the fault and with control characters made visible, so that no input can
//! flood or steer a terminal.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::source::floor_boundary;
use super::{Fault, Faults, MOST_FAULTS_SHOWN};

/// Most characters of a source line that are shown.
const WINDOW: usize = 160;

/// Most characters of a message, a label or a help that are shown.
const LONGEST_TEXT: usize = 600;

/// Whether the message may use terminal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// No escape sequences at all.
    Never,
    /// Colours as rustc uses them.
    Always,
}

impl Faults {
    /// All faults as text for a terminal; ends with a newline.
    #[must_use]
    pub fn render(&self, color: Color) -> String {
        let mut out = String::new();
        for fault in self.faults.iter().take(MOST_FAULTS_SHOWN) {
            out.push_str(&fault.render(color));
            out.push('\n');
        }
        if self.left_out() > 0 {
            out.push_str(&format!("and {} more\n", self.left_out()));
        }
        out
    }
}

impl Fault {
    /// This fault as text for a terminal; ends with a newline.
    #[must_use]
    pub fn render(&self, color: Color) -> String {
        let (line, column) = self.source.line_and_column(self.span.start);
        let name = clip(&self.source.name);
        let message = clip(&self.message);
        let label = clip(&self.label);
        let window = show_line(&self.source.text, &self.span);
        let mut group = Level::ERROR
            .primary_title(message.as_ref())
            .id(self.code.name())
            .element(
                Snippet::source(window.text.as_str())
                    .line_start(line)
                    .annotation(
                        AnnotationKind::Primary
                            .span(window.span)
                            .label((!label.is_empty()).then_some(label.as_ref())),
                    ),
            );
        let help = self.help.as_deref().map(clip);
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_ref()));
        }
        let renderer = match color {
            Color::Never => Renderer::plain(),
            Color::Always => Renderer::styled(),
        };
        let picture = renderer.term_width(WINDOW + 40).render(&[group]);
        // The renderer would count the column in the clipped line.
        let arrow = match color {
            Color::Never => "-->",
            Color::Always => "\u{1b}[1m\u{1b}[94m-->\u{1b}[0m",
        };
        let indent = " ".repeat(line.to_string().len());
        let (title, rest) = picture.split_once('\n').unwrap_or((&picture, ""));
        format!("{title}\n{indent}{arrow} {name}:{line}:{column}\n{rest}\n")
    }
}

/// A line as shown, and the bytes of it to underline.
struct Window {
    text: String,
    span: Range<usize>,
}

/// The line in which `span` starts, clipped around it.
fn show_line(text: &str, span: &Range<usize>) -> Window {
    let start = floor_boundary(text, span.start);
    let end = floor_boundary(text, span.end.max(start));
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..]
        .find('\n')
        .map_or(text.len(), |newline| start + newline);
    let end = end.min(line_end);
    // Characters before the fault: as many as fit when the fault itself is shown
    // in full, at most a third of the window.
    let fault_width = text[start..end].chars().take(WINDOW).count().max(1);
    let before = (WINDOW - fault_width).max(WINDOW / 3) / 2;
    let window_start = text[line_start..start]
        .char_indices()
        .rev()
        .take(before)
        .last()
        .map_or(start, |(offset, _)| line_start + offset);
    let shown_before = text[window_start..start].chars().count();
    let window_end = text[start..line_end]
        .char_indices()
        .nth(WINDOW - shown_before)
        .map_or(line_end, |(offset, _)| start + offset);
    let mut out = String::new();
    if window_start > line_start {
        out.push('…');
    }
    out.push_str(&escape(&text[window_start..start]));
    let from = out.len();
    out.push_str(&escape(&text[start..end.min(window_end)]));
    let to = out.len();
    out.push_str(&escape(&text[end.min(window_end)..window_end]));
    if window_end < line_end {
        out.push('…');
    }
    Window {
        text: out,
        span: from..to,
    }
}

/// A text in which nothing can steer a terminal, cut after [`LONGEST_TEXT`] characters.
fn clip(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST_TEXT) {
        None => escape(text),
        Some((end, _)) => Cow::Owned(format!("{}…", escape(&text[..end]))),
    }
}

/// The text with control and direction-changing characters written as `\u{…}`.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe_to_show) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\t' => out.push_str("    "),
            c if is_unsafe_to_show(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters, invisible marks and characters that change the direction of writing.
#[must_use]
pub fn is_unsafe_to_show(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
}
