//! The difference of slopes of two randomised arms.

use super::{Coefficient, Fit, Method, NotFitted, Records};

/// A subject of a trial at its visits.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Whether it is treated.
    pub treated: bool,
    /// What was known at entry and explains outcomes; as many for every subject.
    pub covariates: Vec<f64>,
    /// Times of visits since randomisation.
    pub times: Vec<f64>,
    /// Outcomes at these visits.
    pub outcomes: Vec<f64>,
}

/// How slopes differ.
#[derive(Debug, Clone, PartialEq)]
pub struct SlopeDifference {
    /// Slope of the treated less that of the others, per unit of time.
    pub difference: Coefficient,
    /// Slope without the treatment.
    pub control: Coefficient,
    /// The model: intercept, time, treatment × time, covariates.
    pub fit: Fit,
}

/// Fits intercept, time, treatment × time and the covariates with random intercepts and slopes. The arms
/// share their intercept: they were randomised at time 0.
///
/// # Errors
/// As [`Records::add`] and [`Records::fit`]; fixed effects 0, 1 and 2 are intercept, time and treatment ×
/// time, those from 3 on the covariates.
pub fn slope_difference(
    subjects: &[Followed],
    method: Method,
) -> Result<SlopeDifference, NotFitted> {
    let covariates = subjects.first().map_or(0, |it| it.covariates.len());
    let mut records = Records::new(3 + covariates);
    let mut design = Vec::new();
    for (subject, it) in subjects.iter().enumerate() {
        if it.covariates.len() != covariates {
            return Err(NotFitted::Shape {
                what: "covariates",
                subject,
                given: it.covariates.len(),
                visits: it.times.len(),
            });
        }
        design.clear();
        for &time in &it.times {
            design.extend([1.0, time, if it.treated { time } else { 0.0 }]);
            design.extend(&it.covariates);
        }
        records.add(&it.times, &it.outcomes, &design)?;
    }
    let fit = records.fit(method)?;
    Ok(SlopeDifference {
        difference: fit.coefficients[2],
        control: fit.coefficients[1],
        fit,
    })
}
