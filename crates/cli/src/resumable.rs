//! Folders of runs: begun, or gone on with after an interruption.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::terminal::Terminal;
use gutbrain_store::{Identity, Opening, Remains, RunFolder, Terms, keep_apart};

/// What happens to an interrupted run that is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// It is gone on with.
    Resume,
    /// It is discarded.
    Afresh,
}

/// Begins a run; none of the inputs may lie in its folder. Says what was discarded.
pub(super) fn begin(
    target: &Path,
    identity: Identity,
    terms: Terms,
    inputs: &[PathBuf],
    terminal: &Terminal,
) -> Result<RunFolder, Failure> {
    keep_apart(target, inputs)?;
    let folder = RunFolder::begin(target, identity, terms)?;
    say(&folder, terminal);
    Ok(folder)
}

/// The folder to work in; nothing if the run is finished already.
pub(super) fn open_folder(
    target: &Path,
    identity: Identity,
    (terms, start): (Terms, Start),
    fingerprint: &str,
    terminal: &Terminal,
) -> Result<Option<RunFolder>, Failure> {
    if start == Start::Afresh {
        let folder = RunFolder::begin_resumable(target, identity, terms, fingerprint)?;
        say(&folder, terminal);
        return Ok(Some(folder));
    }
    Ok(
        match RunFolder::resume(target, identity, terms, fingerprint)? {
            Opening::Started(folder) => {
                say(&folder, terminal);
                Some(folder)
            }
            Opening::Continued(folder, remains) => {
                if let Remains::Damaged(why) = remains {
                    terminal.warn(&format!(
                        "the interrupted run is damaged ({why}); its finished parts are checked one \
                         by one"
                    ));
                }
                Some(folder)
            }
            Opening::Finished(_) => None,
        },
    )
}

/// Nothing is discarded without a word.
fn say(folder: &RunFolder, terminal: &Terminal) {
    for remark in folder.remarks() {
        terminal.warn(&remark.to_string());
    }
}
