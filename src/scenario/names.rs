//! Names of columns: each stands once in a table, and that is checked when a scenario is read.

use std::collections::BTreeMap;

use gutbrain_network::fault::Collector;
use gutbrain_network::{Code, Declaration, Fault};

/// The columns that every table of a sweep has besides its factors and features.
pub const SWEEP_COLUMNS: [&str; 7] = [
    "point", "arm", "status", "reason", "onset_d", "last_d", "event",
];

/// Those that a sweep of cohorts has besides.
pub const COHORT_COLUMNS: [&str; 16] = [
    "subjects",
    "failed",
    "events",
    "other_deaths",
    "median_survival_d",
    "median_survival_lower_d",
    "median_survival_upper_d",
    "mean_survival_d",
    "horizon_d",
    "rmst_difference_d",
    "rmst_difference_lower_d",
    "rmst_difference_upper_d",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "log_rank_p",
];

/// The columns of trajectories besides species and observables.
pub const TRAJECTORY_COLUMNS: [&str; 3] = ["arm", "subject", "time_d"];

/// The columns of a cohort's subjects besides the parameters that vary between them.
pub const SUBJECT_COLUMNS: [&str; 6] = ["arm", "subject", "sex", "litter", "copies", "vector"];

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// One that every such table has.
    Table,
    /// A factor.
    Factor,
    /// A feature.
    Feature,
}

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeMap<String, Owner>,
}

impl Names {
    /// The names of a sweep without factors and features.
    pub(super) fn of_sweep(is_cohort: bool) -> Self {
        let own = SWEEP_COLUMNS.iter();
        let groups = COHORT_COLUMNS.iter().filter(|_| is_cohort);
        let all = own.chain(groups);
        Self {
            taken: all.map(|name| ((*name).to_owned(), Owner::Table)).collect(),
        }
    }

    /// Takes a name; who has it already, if anybody.
    pub(super) fn take(&mut self, name: &str, owner: Owner) -> Option<Owner> {
        let found = self.taken.get(name).copied();
        if found.is_none() {
            self.taken.insert(name.to_owned(), owner);
        }
        found
    }
}

/// Names of the model that a table of a scenario has for other columns.
pub(super) fn check_model(declaration: &Declaration, is_cohort: bool, faults: &Collector) {
    let species = declaration.species.iter();
    let observables = declaration.observables.iter();
    let curves = (species.map(|(id, it)| (id, &it.common)))
        .chain(observables.map(|(id, it)| (id, &it.common)))
        .filter(|(id, _)| TRAJECTORY_COLUMNS.contains(&id.as_str()));
    let varying = declaration.parameters.iter();
    let varying = varying
        .filter(|(id, it)| {
            let varies = it.between_subject.is_some_and(|spread| spread > 0.0);
            is_cohort && varies && SUBJECT_COLUMNS.contains(&id.as_str())
        })
        .map(|(id, it)| (id, &it.common));
    for (id, common) in curves.chain(varying) {
        let message = format!("the tables of a run have a column `{id}` of their own");
        let fault = Fault::new(Code::Repeated, message, &common.place);
        faults.add(fault.help("give the entry of the model another name"));
    }
}
