//! What figures of a cohort show of single animals, from the table of endpoints: all of it, or rows as they
//! pass, so that no more than a few numbers an animal are in memory.

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Endpoint, EndpointRole};

use super::figures::{MedianAges, ReachedAges};
use crate::report::figure::{ArmName, EventArm, FigureError};
use crate::report::table::Table;
use crate::scenario::{FigureKind, Scenario};

/// See the module's description.
#[derive(Debug, Clone, Default)]
pub struct CohortLives {
    /// Median ages at the endpoints.
    pub(super) medians: MedianAges,
    /// The animals of every arm, if a figure shows them.
    pub(super) arms: Vec<EventArm>,
}

impl CohortLives {
    /// From the whole table.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn of(
        endpoints: &Table,
        scenario: &Scenario,
        declaration: &Declaration,
    ) -> Result<Self, FigureError> {
        let mut passing = PassingLives::new(scenario, declaration);
        passing.add(endpoints)?;
        Ok(passing.finish())
    }
}

/// The same while rows of the table pass.
#[derive(Debug)]
pub struct PassingLives<'s> {
    scenario: &'s Scenario,
    declaration: &'s Declaration,
    reached: ReachedAges,
    shows_animals: bool,
    lives: CohortLives,
}

impl<'s> PassingLives<'s> {
    /// Nobody yet.
    #[must_use]
    pub fn new(scenario: &'s Scenario, declaration: &'s Declaration) -> Self {
        let of_animals = |kind| matches!(kind, FigureKind::Events | FigureKind::Endpoints);
        Self {
            scenario,
            declaration,
            reached: ReachedAges::default(),
            shows_animals: scenario.figures.iter().any(|it| of_animals(it.kind)),
            lives: CohortLives::default(),
        }
    }

    /// Takes rows.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn add(&mut self, rows: &Table) -> Result<(), FigureError> {
        let ends = &self.declaration.family.endpoints;
        self.reached.add(rows, ends);
        if !self.shows_animals {
            return Ok(());
        }
        let arms = self.scenario.arms.iter();
        // Every figure says itself how it draws its arms.
        let arms: Vec<ArmName<'_>> = arms.map(|arm| (arm.name.as_str(), None)).collect();
        let onset = ends.with_role(EndpointRole::Onset).map(Endpoint::column);
        let more = EventArm::from_table(rows, &arms, onset.as_deref())?;
        if self.lives.arms.is_empty() {
            self.lives.arms = more;
            return Ok(());
        }
        for (arm, more) in self.lives.arms.iter_mut().zip(more) {
            arm.lives.extend(more.lives);
            arm.failed += more.failed;
        }
        Ok(())
    }

    /// What figures show.
    #[must_use]
    pub fn finish(self) -> CohortLives {
        CohortLives {
            medians: self.reached.medians(),
            ..self.lives
        }
    }
}
