//! Folders of commands that can go on after an interruption.

use std::path::Path;

use super::failure::Failure;
use super::terminal::Terminal;
use gutbrain_store::{Identity, Opening, Remains, Replace, RunFolder};

/// What happens to an interrupted run that is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interrupted {
    /// It is gone on with.
    Resumed,
    /// It is discarded.
    Discarded,
}

/// The folder to work in; nothing if the run is finished already. `what` is the word for the run.
pub(super) fn open_folder(
    target: &Path,
    identity: Identity,
    (replace, interrupted): (Replace, Interrupted),
    fingerprint: &str,
    what: &str,
    terminal: &Terminal,
) -> Result<Option<RunFolder>, Failure> {
    if interrupted == Interrupted::Discarded {
        if RunFolder::is_interrupted(target, fingerprint) {
            terminal.warn(&format!(
                "an interrupted run of this {what} was discarded; --resume would have gone on with it"
            ));
        }
        let folder = RunFolder::begin_resumable(target, identity, replace, fingerprint)?;
        return Ok(Some(folder));
    }
    Ok(
        match RunFolder::resume(target, identity, replace, fingerprint)? {
            Opening::Started(folder) => Some(folder),
            Opening::Continued(folder, remains) => {
                if let Remains::Damaged(why) = remains {
                    terminal.warn(&format!(
                        "the manifest of the interrupted run is damaged ({why}); its finished parts \
                         are checked one by one"
                    ));
                }
                Some(folder)
            }
            Opening::Finished(_) => None,
        },
    )
}
