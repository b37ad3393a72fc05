//! The fit report: targets, parameters, starts, and what the data do not determine.

use std::fmt;

use nalgebra::DVector;

use super::least_squares::gradient;
use super::problem::Setting;

/// A parameter closer than this to an end of its range (as a share of it) is called at bound.
const AT_BOUND: f64 = 0.01;

/// One target before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetLine {
    /// Its name.
    pub name: String,
    /// The feature.
    pub feature: String,
    /// The arm.
    pub arm: String,
    /// Evidence ids.
    pub evidence: Vec<String>,
    /// What it should be: `160 ± 4` or `1.6 to 2.4`.
    pub wanted: String,
    /// Value and residual (in sd) of the model as it stood; `None` without a value.
    pub before: Option<(f64, f64)>,
    /// Value and residual (in sd) after the fit.
    pub after: Option<(f64, f64)>,
    /// Why there is no value, or that it was read after death; else empty.
    pub note: String,
}

/// One parameter before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterLine {
    /// As written in the file: `NAME` or `SUBJECT/NAME`.
    pub id: String,
    /// Value of the model as it stood.
    pub before: f64,
    /// Fitted value.
    pub after: f64,
    /// Position in the declared range, 0 to 1 on its scale.
    pub position: f64,
    /// Whether that is at an end of the range.
    pub at_bound: bool,
    /// Residual of the prior, in sd; `None` for flat priors.
    pub prior: Option<f64>,
}

/// What the end of a search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Termination {
    /// A bottom: nothing is to be gained nearby.
    Bottom,
    /// Stopped by the limit of evaluations.
    Limit,
    /// No better point was found, and yet it is no bottom: a step to that of the local parabola would gain
    /// this much of the objective.
    Stalled(f64),
    /// The residuals have no derivatives there.
    NoDerivative,
    /// Nothing could be computed at the start.
    NoValue,
}

impl fmt::Display for Termination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bottom => write!(f, "converged"),
            Self::Limit => write!(f, "limit of evaluations"),
            Self::Stalled(gain) => write!(
                f,
                "no better point found and yet no minimum (the local parabola promises {gain:.2e})"
            ),
            Self::NoDerivative => write!(f, "no derivative at the end"),
            Self::NoValue => write!(f, "a target has no value at the start"),
        }
    }
}

/// One start.
#[derive(Debug, Clone, PartialEq)]
pub struct StartLine {
    /// Half the sum of squared residuals; `None` when nothing could be computed at the start.
    pub objective: Option<f64>,
    /// Points evaluated.
    pub evaluations: usize,
    /// Points among them where a simulation failed or did not get to a target.
    pub failures: usize,
    /// What its end is.
    pub termination: Termination,
}

/// What a fit gives.
#[derive(Debug, Clone, PartialEq)]
pub struct FitReport {
    /// Targets in the order of the file.
    pub targets: Vec<TargetLine>,
    /// Parameters in the order of the file.
    pub parameters: Vec<ParameterLine>,
    /// Starts; the first one is the model as it stood.
    pub starts: Vec<StartLine>,
    /// The start whose end is reported; `None` when no start had a value, and nothing was fitted.
    pub best: Option<usize>,
    /// Objective before, if there was one, and after.
    pub objective: (Option<f64>, Option<f64>),
    /// Singular values of the target Jacobian (residuals in sd, free coordinates), largest first: a
    /// direction with a value well below 1 is not determined by the targets.
    pub singular_values: Vec<f64>,
    /// For each singular value below 1, the parameters with the largest share in its direction.
    pub undetermined: Vec<Vec<String>>,
    /// Largest component of the gradient of the objective at the end.
    pub gradient: Option<f64>,
}

impl FitReport {
    /// What a reader should know of fitted values that are no minimum, if they are none.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let end = self.starts[self.best?].termination;
        (end != Termination::Bottom)
            .then(|| format!("the fitted values are no minimum of this calibration: {end}"))
    }
}

pub(super) fn write(
    setting: &Setting<'_>,
    best: Option<(usize, &DVector<f64>)>,
    starts: Vec<StartLine>,
) -> FitReport {
    let fitted = &setting.calibration.parameters;
    let before: Vec<f64> = fitted.iter().map(|f| f.value).collect();
    let after: Vec<f64> = match best {
        Some((_, point)) => setting
            .parameters_at(point)
            .iter()
            .map(|&(p, _)| p)
            .collect(),
        None => before.clone(),
    };
    let (old, new) = (setting.predict(&before), setting.predict(&after));
    let targets = setting
        .targets()
        .iter()
        .enumerate()
        .map(|(index, target)| {
            let line = |value: &Result<f64, String>| {
                value
                    .as_ref()
                    .ok()
                    .map(|&value| (value, target.aim.residual(value).0))
            };
            let note = match &new.values[index] {
                Err(reason) => reason.clone(),
                Ok(_) if new.after_death.contains(&index) => "read after death".to_owned(),
                Ok(_) => String::new(),
            };
            TargetLine {
                name: target.name.clone(),
                feature: target.feature.to_string(),
                arm: target.feature.arm.clone(),
                evidence: target.evidence.clone(),
                wanted: target.aim.to_string(),
                before: line(&old.values[index]),
                after: line(&new.values[index]),
                note,
            }
        })
        .collect();
    let parameters = fitted
        .iter()
        .zip(&after)
        .map(|(fitted, &after)| {
            let position = fitted.coordinate.position(after);
            ParameterLine {
                id: fitted.id.clone(),
                before: fitted.value,
                after,
                position,
                at_bound: !(AT_BOUND..=1.0 - AT_BOUND).contains(&position),
                prior: fitted.prior.map(|prior| prior.residual(after).0),
            }
        })
        .collect();
    let mut report = FitReport {
        targets,
        parameters,
        objective: (
            starts.first().and_then(|_| objective_now(setting)),
            best.and_then(|(index, _)| starts[index].objective),
        ),
        starts,
        best: best.map(|(index, _)| index),
        singular_values: Vec::new(),
        undetermined: Vec::new(),
        gradient: None,
    };
    if let Some((_, point)) = best
        && let (Some(residuals), Some(jacobian)) =
            (setting.residuals(point), setting.jacobian(point))
    {
        report.gradient = Some(gradient(&residuals, &jacobian).amax());
        let data = jacobian.rows(0, setting.targets().len()).into_owned();
        (report.singular_values, report.undetermined) = decompose(setting, data);
    }
    report
}

/// What the targets can say of each parameter, before anything is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Information {
    /// Parameters in the order of the file.
    pub parameters: Vec<Informed>,
    /// See [`FitReport::singular_values`].
    pub singular_values: Vec<f64>,
    /// See [`FitReport::undetermined`].
    pub undetermined: Vec<Vec<String>>,
}

/// What the targets can say of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Informed {
    /// As written in the file.
    pub id: String,
    /// Root of the sum of squares of the changes of all targets, in their sd, for one unit of the free coordinate:
    /// the length of its column of the Jacobian.
    pub alone: f64,
    /// The same of what no other parameter can do as well: its part that is perpendicular to theirs. The inverse is
    /// the standard deviation that these targets leave it, in units of the free coordinate.
    pub beside_others: f64,
}

impl Setting<'_> {
    /// What the targets can say of each parameter, from exact derivatives at the values as they stand; nothing
    /// without a value or derivative there.
    #[must_use]
    pub fn information(&self) -> Option<Information> {
        let fitted = &self.calibration.parameters;
        let free = fitted.iter().map(|it| it.coordinate.free(it.value));
        let point = DVector::from_iterator(fitted.len(), free);
        let jacobian = self.jacobian(&point)?;
        let data = jacobian.rows(0, self.targets().len()).into_owned();
        if data.iter().any(|slope| !slope.is_finite()) {
            return None;
        }
        let parameters = fitted.iter().enumerate().map(|(place, it)| {
            let column = data.column(place).into_owned();
            // Gram–Schmidt, twice: the rest of a column beside the others.
            let others = data.clone().remove_column(place);
            let mut rest = column.clone();
            // One parameter, or no target, has nobody beside it.
            let basis = (!others.is_empty()).then(|| others.svd(true, false));
            if let Some(basis) = &basis
                && let Some(u) = &basis.u
            {
                for _ in 0..2 {
                    for (direction, value) in u.column_iter().zip(basis.singular_values.iter()) {
                        if *value > 1e-9 * basis.singular_values.amax() {
                            rest -= direction * direction.dot(&rest);
                        }
                    }
                }
            }
            Informed {
                id: it.id.clone(),
                alone: column.norm(),
                beside_others: rest.norm(),
            }
        });
        let parameters = parameters.collect();
        let (singular_values, undetermined) = decompose(self, data);
        Some(Information {
            parameters,
            singular_values,
            undetermined,
        })
    }
}

/// Objective of the model as it stands.
fn objective_now(setting: &Setting<'_>) -> Option<f64> {
    let fitted = &setting.calibration.parameters;
    let point = DVector::from_iterator(
        fitted.len(),
        fitted
            .iter()
            .map(|parameter| parameter.coordinate.free(parameter.value)),
    );
    setting
        .residuals(&point)
        .map(|residuals| 0.5 * residuals.norm_squared())
}

/// Singular values, and the parameters of the directions that the targets do not determine.
fn decompose(
    setting: &Setting<'_>,
    mut data: nalgebra::DMatrix<f64>,
) -> (Vec<f64>, Vec<Vec<String>>) {
    let (mut values, mut undetermined) = (Vec::new(), Vec::new());
    let fitted = &setting.calibration.parameters;
    // Rows of zeros change no singular value, and make every direction appear.
    if data.nrows() < fitted.len() {
        data = data.resize_vertically(fitted.len(), 0.0);
    }
    let svd = data.svd(false, true);
    let mut order: Vec<usize> = (0..svd.singular_values.len()).collect();
    order.sort_by(|&a, &b| svd.singular_values[b].total_cmp(&svd.singular_values[a]));
    for &index in &order {
        let value = svd.singular_values[index];
        values.push(value);
        if value >= 1.0 {
            continue;
        }
        if let Some(directions) = &svd.v_t {
            let direction = directions.row(index);
            let mut places: Vec<usize> = (0..fitted.len()).collect();
            places.sort_by(|&a, &b| direction[b].abs().total_cmp(&direction[a].abs()));
            let named = places
                .into_iter()
                .take(3)
                .filter(|&place| direction[place].abs() > 0.2);
            undetermined.push(named.map(|place| fitted[place].id.clone()).collect());
        }
    }
    (values, undetermined)
}
