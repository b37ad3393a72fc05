//! Tables of a sampled posterior: what the chains say of parameters and targets, and how well they mixed.

use crate::analysis::calibrate::ensemble::{Sampled, Summary};
use crate::report::table::{Column, Table};

/// `parameters.csv`: the fitted parameters, with how much wider the prior is.
#[must_use]
pub fn parameters(sampled: &Sampled) -> Table {
    diagnostics("parameters", &sampled.parameters, Some(&sampled.spread))
}

/// `targets.csv`: what is predicted of the targets.
#[must_use]
pub fn targets(sampled: &Sampled) -> Table {
    diagnostics("targets", &sampled.targets, None)
}

fn diagnostics(name: &str, lines: &[Summary], spread: Option<&[f64]>) -> Table {
    let column = |name: &str, of: &dyn Fn(&Summary) -> Option<f64>| {
        Column::optional_numbers(name, "", lines.iter().map(of).collect())
    };
    let mut all = vec![
        Column::text(
            name.trim_end_matches('s'),
            lines.iter().map(|line| line.name.clone()).collect(),
        ),
        column("mean", &|line| Some(line.mean)),
        column("sd", &|line| Some(line.sd)),
        column("q05", &|line| Some(line.quantiles[0])),
        column("median", &|line| Some(line.quantiles[1])),
        column("q95", &|line| Some(line.quantiles[2])),
        column("r_hat", &|line| line.r_hat),
        column("effective_draws", &|line| line.effective.map(|it| it.0)),
        column("effective_draws_of_tails", &|line| {
            line.effective.map(|it| it.1)
        }),
    ];
    if let Some(spread) = spread {
        all.push(Column::numbers("spread_over_prior", "", spread.to_vec()));
    }
    Table::new(name, all)
}
