//! From paths to trees: files are read, checked for being text, and merged along `extends`.

use std::io;
use std::path::{Path, PathBuf};

use gutbrain_network::declaration::Family;
use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::reading::{Document, MOST_BYTES, did_you_mean};
use gutbrain_network::{Code, Fault, Faults, Source};

use super::check::check_shape;
use super::merge::merge;
use super::node::Node;
use crate::files::{Disk, Files as _};

/// How the text of a file is come by.
pub(super) type Read<'r> = &'r dyn Fn(&Path) -> Result<Source, Faults>;

/// Most files that extend each other.
const MOST_FILES: usize = 32;

/// Reads a file as text.
///
/// # Errors
/// One fault: the file is missing, unreadable, too long or not UTF-8.
pub fn read_text(path: &Path) -> Result<Source, Faults> {
    text_of(path, Disk.read(path))
}

/// What was read from a file, or why it was not, as text.
pub(crate) fn text_of(path: &Path, bytes: io::Result<Vec<u8>>) -> Result<Source, Faults> {
    let name = path.display().to_string();
    let nothing = Source::new(name.as_str(), "");
    let at_start = |code, message: String| Fault::new(code, message, &Place::new(&nothing, 0..0));
    let bytes = bytes.map_err(|error| {
        let message = format!("cannot read `{name}`: {}", describe(&error));
        Faults::from(at_start(Code::Unreadable, message).maybe_help(similar_file(
            path,
            &error,
            &[".toml"],
        )))
    })?;
    if bytes.len() > MOST_BYTES {
        let message = format!("`{name}` has more than {MOST_BYTES} bytes");
        return Err(at_start(Code::TooLong, message)
            .help("is this the right file?")
            .into());
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let source = Source::new(name.as_str(), text);
            let message = format!("`{name}` is not UTF-8 text: byte {} is none", valid + 1);
            let replacement = '\u{fffd}'.len_utf8();
            let place = Place::new(&source, valid..valid + replacement);
            let fault = Fault::new(Code::NotUtf8, message, &place).help("save the file as UTF-8");
            return Err(fault.into());
        }
    };
    // A mark that some editors put first is no part of the text.
    let text = text
        .strip_prefix('\u{feff}')
        .map_or(text.clone(), str::to_owned);
    Ok(Source::new(name.as_str(), text))
}

pub(super) fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// A file of a similar name in the same folder, with one of these endings.
pub(super) fn similar_file(path: &Path, error: &io::Error, endings: &[&str]) -> Option<String> {
    if error.kind() != io::ErrorKind::NotFound {
        return None;
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let names = Disk::names(folder.unwrap_or(Path::new("."))).ok()?;
    let named = names.iter().map(String::as_str);
    let similar = named.filter(|name| endings.iter().any(|ending| name.ends_with(ending)));
    did_you_mean(path.file_name()?.to_str()?, similar)
}

/// Reads a scenario file and the files it extends into one tree; and the files.
pub(super) fn open(path: &Path, read: Read<'_>) -> Result<(Node, Vec<PathBuf>), Faults> {
    let source = read(path)?;
    let identity = identity_of(path);
    let mut walk = Walk {
        read,
        chain: vec![identity.clone()],
        files: vec![identity],
    };
    let node = walk.tree(&source, path)?;
    Ok((node, walk.files))
}

/// Reads a scenario from a text; `extends` is relative to the working folder.
pub(super) fn parse(source: &Source) -> Result<Node, Faults> {
    let mut walk = Walk {
        read: &read_text,
        chain: Vec::new(),
        files: Vec::new(),
    };
    walk.tree(source, Path::new(""))
}

/// A walk along `extends`.
struct Walk<'r> {
    read: Read<'r>,
    /// The files from the first one down to this one.
    chain: Vec<PathBuf>,
    /// Every file that was read, in order; one that several extend stands as often as it was read.
    files: Vec<PathBuf>,
}

impl Walk<'_> {
    /// The tree of one text over the trees of what it extends.
    fn tree(&mut self, source: &Source, path: &Path) -> Result<Node, Faults> {
        let document = Document::parse(source)?;
        let mut node = Node::from_document(&document);
        let Some(entry) = node
            .table_mut()
            .and_then(|entries| entries.remove("extends"))
        else {
            return Ok(node);
        };
        let named: Vec<&Node> = match entry.value.list() {
            Some(items) => items.iter().collect(),
            None => vec![&entry.value],
        };
        if named.is_empty() || named.iter().any(|item| item.text().is_none()) {
            // The rest of this file is checked all the same, to report everything at once.
            let faults = Collector::new();
            faults.add(Fault::new(
                Code::WrongType,
                "`extends` must be a path in quotes, or a list of such paths",
                &entry.value.place,
            ));
            check_shape(&node, &Family::plain(), &faults);
            return faults.finish(node);
        }
        let mut under: Option<Node> = None;
        for item in named {
            let base = self.base(item, path)?;
            under = Some(match under {
                None => base,
                Some(under) => merge(under, base),
            });
        }
        Ok(match under {
            None => node,
            Some(under) => merge(under, node),
        })
    }

    /// The tree of a file that the one at `path` names.
    fn base(&mut self, named: &Node, path: &Path) -> Result<Node, Faults> {
        let fault = |code, message: String| Fault::new(code, message, &named.place);
        let relative = named.text().unwrap_or_default();
        let base_path = path.parent().unwrap_or(Path::new("")).join(relative);
        let identity = identity_of(&base_path);
        if let Some(first) = self.chain.iter().position(|known| *known == identity) {
            let circle: Vec<String> = self.chain[first..]
                .iter()
                .chain(std::iter::once(&identity))
                .map(|path| {
                    path.file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into_owned()
                })
                .collect();
            let message = format!("`extends` goes in a circle: {}", circle.join(" -> "));
            return Err(fault(Code::Cycle, message)
                .help("remove `extends` from one of these files")
                .into());
        }
        if self.files.len() >= MOST_FILES {
            let message = format!("more than {MOST_FILES} files extend each other");
            return Err(fault(Code::TooDeep, message).into());
        }
        let base_source = (self.read)(&base_path).map_err(|cause| {
            // The place to mend is the line that names the file.
            let causes = cause.into_vec().into_iter().next();
            let (message, help) = causes.map_or_else(Default::default, |c| (c.message, c.help));
            let help = help.unwrap_or_else(|| "`extends` is relative to this file".to_owned());
            Faults::from(fault(Code::Unreadable, message).help(help))
        })?;
        self.files.push(identity.clone());
        self.chain.push(identity);
        let base = self.tree(&base_source, &base_path);
        self.chain.pop();
        base
    }
}

/// The path by which a file is recognised in a circle.
fn identity_of(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
