//! The works behind a scenario: those of its mechanisms and numbers, those that its numbers are fitted to, and
//! those of the numerical methods.

use std::collections::BTreeSet;

use gutbrain_network::{Declaration, Faults, Source};

use super::{Brief, Span, Tone};
use crate::analysis::calibrate::Calibration;
use crate::report::documents::{
    bibtex, numerical_references, references, rows_behind, rows_fitted_to,
};
use crate::scenario::Scenario;

/// The references behind every active mechanism of a scenario.
#[derive(Debug)]
pub struct Citations<'c> {
    declaration: &'c Declaration,
    scenario: &'c Scenario,
    behind: BTreeSet<&'c str>,
    fitted_to: BTreeSet<&'c str>,
}

/// The references behind a scenario whose numbers were fitted by these calibrations.
///
/// # Errors
/// Everything that is wrong with a calibration.
pub fn citations<'c>(
    declaration: &'c Declaration,
    scenario: &'c Scenario,
    calibrations: &[Source],
) -> Result<Citations<'c>, Faults> {
    let behind = rows_behind(declaration, scenario);
    let mut fitted_to = BTreeSet::new();
    for source in calibrations {
        let calibration = Calibration::read(source, declaration)?;
        fitted_to.extend(rows_fitted_to(declaration, scenario, &calibration));
    }
    Ok(Citations {
        declaration,
        scenario,
        behind,
        fitted_to,
    })
}

impl Citations<'_> {
    /// The works of the evidence as BibTeX.
    #[must_use]
    pub fn bibtex(&self) -> String {
        let all = self.behind.union(&self.fitted_to).copied();
        bibtex(&references(self.declaration, all))
    }

    /// All of them with their rows, one work a line.
    #[must_use]
    pub fn brief(&self) -> Brief {
        let mut brief = Brief::default();
        let sections = [
            ("Evidence behind mechanisms and numbers", &self.behind),
            ("Evidence that the numbers are fitted to", &self.fitted_to),
        ];
        for (title, rows) in sections {
            if rows.is_empty() {
                continue;
            }
            brief.title(title);
            for work in references(self.declaration, rows.iter().copied()) {
                brief.spans([
                    Span::plain(format!("  {}  ", work.line())),
                    Span::toned(Tone::Faint, work.rows.join(" ")),
                ]);
            }
            brief.gap();
        }
        brief.title("Numerical methods");
        for line in numerical_references(self.scenario) {
            brief.line(line);
        }
        brief
    }
}
