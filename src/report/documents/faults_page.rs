//! The page of the kinds of mistakes, docs/faults.md.

use std::fmt::Write as _;

use gutbrain_network::Code;

/// Every kind of mistake in a file, with its meaning and what helps, as Markdown.
#[must_use]
pub fn faults_page() -> String {
    let mut page = String::from(
        "# What is wrong: the codes of messages\n\n\
         A message about a scenario, a model or a calibration begins with `error[CODE]`, names the file, the \
         line and what would help. The code never changes its meaning, so scripts can look for it \
         (`--message-format json` gives it as `code`); `gutbrain explain CODE` prints what stands here.\n\n\
         This page is derived: `cargo dev generate` writes it.\n\n\
         | code | meaning | what helps |\n|---|---|---|\n",
    );
    for code in Code::all() {
        // Writing to a text cannot fail.
        let _ = writeln!(page, "| `{code}` | {} | {} |", code.says(), code.remedy());
    }
    page
}
