//! `gutbrain explain`: what the code of a message means.

use super::Ending;
use super::failure::Failure;
use super::terminal::Terminal;
use gutbrain::report::documents::faults_page;
use gutbrain_network::Code;
use gutbrain_network::reading::did_you_mean;

/// Options of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The code in the brackets of a message, such as `unknown-name`; all of them without
    code: Option<String>,
    /// Print the page of the documentation
    #[arg(long, conflicts_with = "code")]
    markdown: bool,
}

/// Prints meaning and remedy.
pub(super) fn explain(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    if options.markdown {
        terminal.print(&faults_page())?;
        return Ok(Ending::Done);
    }
    let Some(name) = &options.code else {
        let mut all = String::new();
        for code in Code::all() {
            all.push_str(&format!("{:<20} {}\n", code.name(), code.says()));
        }
        terminal.print(&all)?;
        return Ok(Ending::Done);
    };
    let Some(code) = Code::named(name) else {
        let help = did_you_mean(name, Code::all().map(Code::name))
            .unwrap_or_else(|| "`gutbrain explain` prints them all".to_owned());
        return Err(Failure::Usage(format!(
            "no message has the code `{name}`\n  help: {help}"
        )));
    };
    terminal.print(&format!("{code}\n\n{}\n{}\n", code.says(), code.remedy()))?;
    Ok(Ending::Done)
}
