//! Figures of cohorts and trials from their tables: the same whether the tables were just computed or
//! read back.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::Declaration;
use gutbrain_statistics::survival::Interval;
use serde_json::Value;

use super::cohort_lives::CohortLives;
use super::figures::{arms_of_figure, axis, label, reference, shades, variables};
use super::map;
use super::terms::terms;
use crate::report::figure::{
    self, ArmComparison, ArmName, Bands, DataPoint, EventArm, Figure, FigureError, Forest,
    ForestRow, ForestScale, Funnel, Look, OwnSurvival, Pairing, PowerCurves, SurvivalArms, Terms,
    VariableInfo,
};
use crate::report::table::Table;
use crate::scenario::{EndpointKind, FigureKind, FigurePlan, Scenario, TrialDesign, TrialPlan};

/// What the figures of a cohort are drawn from.
#[derive(Debug, Clone, Copy)]
pub struct CohortMaterial<'a> {
    /// `bands`.
    pub bands: &'a Table,
    /// What is shown of single animals, from `endpoints`.
    pub lives: &'a CohortLives,
    /// `survival`, or the steps of it that a picture needs.
    pub survival: &'a Table,
    /// `summary.json`.
    pub summary: &'a Value,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The model.
    pub declaration: &'a Declaration,
    /// A laboratory's own data.
    pub own: OwnTables<'a>,
}

/// The tables of a laboratory's own data, as far as a run has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnTables<'a> {
    /// `data`.
    pub measurements: Option<&'a Table>,
    /// `data-survival`.
    pub survival: Option<&'a Table>,
}

impl CohortMaterial<'_> {
    /// Draws one figure: curves over age as bands, survival, lives, differences.
    ///
    /// # Errors
    /// What the figure cannot show.
    pub fn draw(&self, plan: &FigurePlan) -> Result<Figure, FigureError> {
        plan.look.finish(self.laid_out(plan)?)
    }

    fn laid_out(&self, plan: &FigurePlan) -> Result<Figure, FigureError> {
        let width = plan.look.page();
        let name = &plan.name;
        let arms: Vec<ArmName> = arms_of_figure(plan, self.scenario)
            .into_iter()
            .map(|(name, style)| (name, Some(style)))
            .collect();
        let shown = |name: &str| arms.iter().any(|(arm, _)| *arm == name);
        match plan.kind {
            FigureKind::NetworkMap => {
                let graph = map::graph(self.declaration, self.scenario);
                figure::network_map(name, &graph)
            }
            FigureKind::Survival => {
                let twins = self.summary["pairing"] == "twins";
                let pairing = if twins {
                    Pairing::Twins
                } else {
                    Pairing::Randomised
                };
                let mut found =
                    SurvivalArms::from_table(self.survival, &arms, &self.comparisons(), pairing)?;
                found.own = self.own_survival(&arms, pairing)?;
                found.reference = self.scenario.arms.first().map(|arm| arm.name.clone());
                found.view = plan.view.clone();
                found.terms = self.terms();
                figure::kaplan_meier(name, &found, width)
            }
            FigureKind::Events | FigureKind::Endpoints => {
                figure::events(name, &self.lives_of(&arms), &self.terms(), width)
            }
            FigureKind::Forest => figure::forest(name, &self.forest(shown), width),
            FigureKind::DoseResponse => Err(FigureError::NothingToDraw {
                figure: name.clone(),
            }),
            FigureKind::Trajectories => {
                let (infos, present) = self.variables();
                let variables = variables(plan, |id| present.iter().any(|known| known == id));
                let mut shades = shades(self.scenario, &self.lives.medians);
                shades.retain(|shade| shown(&shade.arm));
                let mut found = Bands::from_table(self.bands, &arms, infos, shades)?;
                found.view = plan.view.clone();
                found.terms = self.terms();
                if let Some(table) = self.own.measurements {
                    found.points = DataPoint::from_table(table)?;
                }
                figure::bands(name, &found, &variables, width)
            }
        }
    }

    /// What those who are drawn are called, and how they tell time.
    fn terms(&self) -> Terms {
        terms(self.declaration, self.scenario)
    }

    /// The lives of the animals of these arms, drawn as they say.
    fn lives_of(&self, arms: &[ArmName<'_>]) -> Vec<EventArm> {
        let one = |&(name, style): &ArmName<'_>| {
            let found = self.lives.arms.iter().find(|arm| arm.name == name)?;
            Some(EventArm {
                style,
                ..found.clone()
            })
        };
        arms.iter().filter_map(one).collect()
    }

    /// The survival of own animals.
    fn own_survival(
        &self,
        arms: &[ArmName<'_>],
        pairing: Pairing,
    ) -> Result<Vec<OwnSurvival>, FigureError> {
        let Some(table) = self.own.survival else {
            return Ok(Vec::new());
        };
        let entries = self.summary["data"]["survival"].as_array();
        let test = |arm: &str| {
            let mut entries = entries.into_iter().flatten();
            entries.find(|it| it["arm"] == arm)?["log_rank_p"].as_f64()
        };
        let found = SurvivalArms::from_table(table, arms, &BTreeMap::new(), pairing)?;
        let followed = found.arms.into_iter().filter(|arm| arm.curve.subjects > 0);
        let own = followed.map(|arm| OwnSurvival {
            log_rank_p: test(&arm.name),
            arm: arm.name,
            curve: arm.curve,
        });
        Ok(own.collect())
    }

    /// How the variables of the bands are called, and which there are.
    fn variables(&self) -> (BTreeMap<String, VariableInfo>, Vec<String>) {
        let ids = self.bands.texts("variable").unwrap_or_default();
        let units = self.bands.texts("unit").unwrap_or_default();
        let mut infos = BTreeMap::new();
        for (id, unit) in ids.iter().zip(units) {
            if !infos.contains_key(id) {
                let info = VariableInfo {
                    label: label(id, self.declaration),
                    unit: unit.clone(),
                    axis: axis(id, self.declaration),
                    reference: reference(id, unit, self.declaration),
                };
                infos.insert(id.clone(), info);
            }
        }
        let present = infos.keys().cloned().collect();
        (infos, present)
    }

    fn comparisons(&self) -> BTreeMap<String, ArmComparison> {
        let entries = self.summary["comparisons"].as_array();
        let entries = entries.into_iter().flatten();
        entries
            .filter_map(|entry| {
                let number = |name: &str| entry[name].as_f64();
                let interval = number("hazard_ratio_lower").zip(number("hazard_ratio_upper"));
                let reason = entry["not_estimable"]["hazard_ratio"].as_str();
                let comparison = ArmComparison {
                    log_rank_p: number("log_rank_p"),
                    hazard_ratio: number("hazard_ratio")
                        .zip(interval)
                        .map(|(ratio, (lower, upper))| (ratio, Interval { lower, upper })),
                    remark: reason.unwrap_or_default().to_owned(),
                };
                Some((entry["arm"].as_str()?.to_owned(), comparison))
            })
            .collect()
    }

    fn forest(&self, shown: impl Fn(&str) -> bool) -> Forest {
        let entries = self.summary["comparisons"].as_array();
        let row = |entry: &Value| {
            let number = |name: &str| entry[name].as_f64();
            let arm = entry["arm"].as_str().unwrap_or_default();
            let animals = self.summary["arms"][arm]["subjects"].as_u64();
            ForestRow {
                label: arm.to_owned(),
                estimate: number("rmst_difference_d"),
                lower: number("rmst_difference_lower_d"),
                upper: number("rmst_difference_upper_d"),
                animals: animals.and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
                reason: "cannot be estimated".to_owned(),
            }
        };
        let clock = self.terms().clock;
        // Where arms were lost the table says up to where each is judged.
        let to = match (entries, self.summary["horizon_d"].as_f64()) {
            (Some(entries), Some(least)) => {
                let ages = entries.iter().filter_map(|it| it["horizon_d"].as_f64());
                let age = |age: f64| format!("{:.0}", clock.read(age));
                let unit = clock.unit_since();
                match ages.fold(least, f64::max) {
                    most if most - least < 0.5 => format!(" to {} {unit}", age(most)),
                    most => format!(" to {}\u{2013}{} {unit}", age(least), age(most)),
                }
            }
            _ => String::new(),
        };
        Forest {
            quantity: format!("Difference of restricted mean survival{to}"),
            unit: "d".to_owned(),
            scale: ForestScale::Difference,
            left: "lives shorter".to_owned(),
            right: "lives longer".to_owned(),
            rows: (entries.into_iter().flatten())
                .map(row)
                .filter(|row| shown(&row.label))
                .collect(),
            clock,
        }
    }
}

/// The figures of a trial: power by group size, and a funnel of apparent effects for every design.
///
/// # Errors
/// What cannot be drawn.
pub fn trial_figures(
    answers: &Table,
    experiments: &Table,
    plan: &TrialPlan,
    true_effects: &[Option<f64>],
    style: &Look,
    terms: &Terms,
) -> Result<Vec<Figure>, FigureError> {
    let width = style.page();
    let level = plan.significance;
    let mut endpoints = plan.designs.iter().map(|design| &design.course.endpoint);
    let success = match endpoints.all(|endpoint| *endpoint == EndpointKind::Survival) {
        true => format!("log-rank p < {level}"),
        false => format!("p < {level}"),
    };
    let mut power =
        PowerCurves::from_table(answers, "significant", level, Some(plan.power), &success)?;
    power.terms = terms.clone();
    let mut figures = vec![figure::power_curve("power", &power, width)];
    // Funnels are of days of life.
    let of_days = |design: &&TrialDesign| design.course.endpoint == EndpointKind::Survival;
    let mut names = BTreeSet::new();
    for design in plan.designs.iter().filter(of_days) {
        let truth = true_effects.get(design.place).copied().flatten();
        let mut found = Funnel::from_table(experiments, &design.name, level, truth)?;
        found.terms = terms.clone();
        let mut name = format!("funnel-{}", file_name(&design.name));
        if !names.insert(name.clone()) {
            name = format!("{name}-{}", design.place + 1);
            names.insert(name.clone());
        }
        figures.push(figure::funnel(&name, &found, width));
    }
    // What could not be tested has nothing to draw.
    figures
        .into_iter()
        .filter(|figure| !matches!(figure, Err(FigureError::NothingToDraw { .. })))
        .map(|figure| style.finish(figure?))
        .collect()
}

/// A name as part of a file name.
fn file_name(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(plain).collect()
}
