//! Text on the terminal: numbers, tables, paragraphs, and where the files are.

use std::path::Path;

use gutbrain_network::fault::escape;

use super::columns::WIDTH;
pub(super) use super::columns::{Align, columns};
use super::terminal::{Terminal, Tone};
pub(super) use gutbrain::report::brief::{amount, short};

/// A paragraph in lines that fit.
pub(super) fn wrap(text: &str, terminal: &Terminal) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        // The line begins with two spaces, and the word with one.
        if line + word.chars().count() + 3 > WIDTH && line > 0 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let toned = lines
        .iter()
        .map(|line| format!("  {}", terminal.tone(Tone::Faint, line)));
    toned.collect::<Vec<_>>().join("\n")
}

/// Where the files are.
pub(super) fn where_written(target: &Path, files: usize, terminal: &Terminal) -> String {
    let path = target.display().to_string();
    let path = terminal.tone(Tone::Strong, &escape(&path));
    format!("\n  {files} files in {path}\n")
}
