//! What a reader is told of a study when it is over, where its numbers alone say it.

use super::StudySummary;
use crate::report::brief::{self, Brief};

/// The brief of a summary; empty where it takes more than the numbers.
pub(super) fn told(summary: &StudySummary) -> Brief {
    match summary {
        StudySummary::Cohort(summary) => {
            let mut all = brief::cohort(summary);
            all.extend(brief::intervals(&summary.uncertainty));
            all
        }
        StudySummary::Trial(summary) => brief::trial(summary),
        StudySummary::Sweep(summary) => brief::sweep(summary),
        StudySummary::Fit(report) => brief::fit(report),
        StudySummary::Profiles(found) => brief::profiles(found),
        StudySummary::Refits(found) => brief::refits(found),
        StudySummary::Posterior(sampled) => brief::posterior(sampled),
        StudySummary::Attribution(found) => brief::attribution(found),
        StudySummary::Biomarkers(found) => brief::biomarkers(found),
        StudySummary::Validation(board) => brief::validation(board),
        StudySummary::Renewal(renewal) => {
            let mut one = Brief::default();
            one.line(renewal.to_string());
            one
        }
        StudySummary::Run(_) | StudySummary::Sensitivity(_) => Brief::default(),
    }
}
