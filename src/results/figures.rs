//! Figures from tables: the same whether the tables were just computed or read back.

use std::collections::BTreeMap;

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{EndpointRole, EndpointSet};

use super::map;
use super::terms::terms;
use crate::report::figure;
use crate::report::figure::{
    ArmCurves, ArmStatus, ArmStyle, Curves, EndWords, Figure, FigureError, MapGraph, Reference,
    Shade, VariableInfo, arm_styles,
};
use crate::report::table::{ColumnData, Table};
use crate::scenario::{FigureKind, FigurePlan, Moment, Scenario, Shading};

/// Curves and endpoints of the arms, labels, and what was done when.
fn curves(
    trajectories: &Table,
    endpoints: &Table,
    scenario: &Scenario,
    declaration: &Declaration,
) -> Curves {
    let ends = &declaration.family.endpoints;
    let mut curves = Curves {
        arms: arms(trajectories, endpoints, scenario, ends),
        words: EndWords {
            onset: ends.word_of(EndpointRole::Onset).to_owned(),
            death: ends.word_of(EndpointRole::Death).to_owned(),
        },
        ..Curves::default()
    };
    for column in &trajectories.columns {
        let label = label(&column.name, declaration);
        let unit = column.unit.clone().unwrap_or_default();
        let info = VariableInfo {
            label,
            axis: axis(&column.name, declaration),
            reference: reference(&column.name, &unit, declaration),
            unit,
        };
        curves.variables.insert(column.name.clone(), info);
    }
    curves.terms = terms(declaration, scenario);
    let ages = median_ages(endpoints, ends);
    curves.shades = shades(scenario, &ages);
    curves
}

/// What stands on an axis in place of the unit.
pub(super) fn axis(id: &str, declaration: &Declaration) -> Option<String> {
    declaration.observables.get(id)?.axis.clone()
}

/// A fold has whatever it is relative to as its reference; the wild type unless the model says otherwise.
pub(super) fn reference(id: &str, unit: &str, declaration: &Declaration) -> Option<Reference> {
    let declared = declaration.observables.get(id);
    let of = declared.and_then(|entry| entry.relative_to.clone());
    (unit == "fold").then(|| Reference {
        value: 1.0,
        of: of.unwrap_or_else(|| "wild type".to_owned()),
    })
}

/// The median age of the animals of an arm at an endpoint, by arm and word.
pub type MedianAges = BTreeMap<(String, String), f64>;

/// The median ages at all endpoints of those animals that reached them, of a table of endpoints; of a
/// single animal, its own.
#[must_use]
pub fn median_ages(endpoints: &Table, set: &EndpointSet) -> MedianAges {
    let mut reached = ReachedAges::default();
    reached.add(endpoints, set);
    reached.medians()
}

/// The ages of animals at the endpoints that they reached, by arm and word, while rows of a table pass.
#[derive(Debug, Clone, Default)]
pub(super) struct ReachedAges(BTreeMap<(String, String), Vec<f64>>);

impl ReachedAges {
    /// Takes rows of a table of endpoints.
    pub(super) fn add(&mut self, endpoints: &Table, set: &EndpointSet) {
        let arms = endpoints.texts("arm").unwrap_or_default();
        for endpoint in set.iter() {
            let column = endpoints.numbers(&endpoint.column()).unwrap_or_default();
            let mut rows = arms.iter().zip(column).peekable();
            // Rows of an arm stand together.
            while let Some((arm, _)) = rows.peek().copied() {
                let of_arm = std::iter::from_fn(|| rows.next_if(|(other, _)| *other == arm));
                let ages: Vec<f64> = of_arm.filter_map(|(_, age)| *age).collect();
                if !ages.is_empty() {
                    let key = (arm.clone(), endpoint.word().to_owned());
                    self.0.entry(key).or_default().extend(ages);
                }
            }
        }
    }

    /// Their medians.
    pub(super) fn medians(self) -> MedianAges {
        let medians = self.0.into_iter().map(|(key, mut reached)| {
            reached.sort_unstable_by(f64::total_cmp);
            let middle = reached.len() / 2;
            let median = match reached.len() % 2 {
                0 => 0.5 * (reached[middle - 1] + reached[middle]),
                _ => reached[middle],
            };
            (key, median)
        });
        medians.collect()
    }
}

/// What a course is called: what follows the animal says so, since its bar has one of many ages.
fn followed(shading: &Shading, scenario: &Scenario) -> String {
    let word = |word: &str, moment: &Moment| match moment {
        Moment::Age(_) => None,
        Moment::After { .. } => Some(format!(" {word} {moment}")),
    };
    let start = word("from", &shading.start);
    let stop = word("until", &shading.stop).filter(|_| shading.start != shading.stop);
    if start.is_none() && stop.is_none() {
        return shading.label.clone();
    }
    let of_many = match scenario.cohort {
        Some(_) => " (median)",
        None => "",
    };
    let (start, stop) = (start.unwrap_or_default(), stop.unwrap_or_default());
    format!("{}{start}{stop}{of_many}", shading.label)
}

/// What was done to the arms, and when: what follows the animal, from the median age on; nothing where no
/// animal got there.
#[must_use]
pub fn shades(scenario: &Scenario, ages: &MedianAges) -> Vec<Shade> {
    let of_arm = |arm: &'_ crate::scenario::Arm| -> Vec<Shade> {
        let age = |moment: &Moment| match moment {
            Moment::Age(age) => Some(*age),
            Moment::After { what, days } => {
                let key = (arm.name.clone(), what.word.clone());
                Some(ages.get(&key)? + days)
            }
        };
        // What follows the animals of a cohort has as many ages as there are animals.
        let is_one_for_all =
            |moment: &Moment| matches!(moment, Moment::Age(_)) || scenario.cohort.is_none();
        let shade = |shading: &Shading| {
            let start = age(&shading.start)?;
            let stop = age(&shading.stop).unwrap_or(f64::INFINITY);
            // What is over before it begins is never done.
            (start <= stop).then(|| Shade {
                arm: arm.name.clone(),
                label: followed(shading, scenario),
                jumps: ([&shading.start, &shading.stop].into_iter())
                    .zip([start, stop])
                    .filter(|(moment, _)| is_one_for_all(moment))
                    .map(|(_, age)| age)
                    .collect(),
                start,
                // What goes on to the end of the simulation is not stopped then.
                stop: if start < stop && stop >= scenario.simulation.stop {
                    f64::INFINITY
                } else {
                    stop
                },
            })
        };
        arm.shading.iter().filter_map(shade).collect()
    };
    scenario.arms.iter().flat_map(of_arm).collect()
}

/// The declared label; where several share it, as butyrate does, the compartment is added.
pub(super) fn label(id: &str, declaration: &Declaration) -> String {
    let observable = declaration
        .observables
        .get(id)
        .and_then(|entry| entry.label.clone());
    let quantity = || {
        let (label, place) = labelled(declaration).find(|(other, ..)| *other == id)?.1;
        let alike = labelled(declaration).filter(|(_, (other, _))| *other == label);
        let places: Vec<&str> = alike.map(|(_, (_, place))| place).collect();
        match places.iter().filter(|other| **other == place).count() {
            1 if places.len() > 1 => Some(format!("{label} ({})", place.replace('_', " "))),
            1 => Some(label.to_owned()),
            // Two in one place share it, as the two kinds of junctions do: only the id tells.
            _ => None,
        }
    };
    observable
        .or_else(quantity)
        .unwrap_or_else(|| id.replace('_', " "))
}

/// Species and assignments that have a label and a compartment: id, label, compartment.
fn labelled(declaration: &Declaration) -> impl Iterator<Item = (&str, (&str, &str))> {
    let species = declaration.species.iter().map(|(id, entry)| {
        let place = Some(&entry.compartment);
        (id, &entry.label, place)
    });
    let assignments = declaration.assignments.iter().map(|(id, entry)| {
        let place = entry.compartment.as_ref();
        (id, &entry.label, place)
    });
    species.chain(assignments).filter_map(|(id, label, place)| {
        Some((id.as_str(), (label.as_deref()?, place?.value.as_str())))
    })
}

fn arms(
    trajectories: &Table,
    endpoints: &Table,
    scenario: &Scenario,
    ends: &EndpointSet,
) -> Vec<ArmCurves> {
    let ages = |role: EndpointRole, row: usize| {
        endpoints
            .numbers(&ends.with_role(role)?.column())
            .and_then(|values| values.get(row).copied().flatten())
    };
    let text = |column: &str, row: usize| {
        endpoints
            .texts(column)
            .and_then(|values| values.get(row))
            .cloned()
            .unwrap_or_default()
    };
    let levels = levels(scenario);
    let names = endpoints.texts("arm").unwrap_or_default();
    let row_names = trajectories.texts("arm").unwrap_or_default();
    let all_times = trajectories.numbers("time_d").unwrap_or_default();
    names
        .iter()
        .enumerate()
        .map(|(row, name)| {
            let rows: Vec<usize> = (0..row_names.len())
                .filter(|index| row_names[*index] == *name)
                .collect();
            let pick = |values: &[Option<f64>]| -> Vec<f64> {
                rows.iter()
                    .map(|index| values[*index].unwrap_or(f64::NAN))
                    .collect()
            };
            let series: BTreeMap<String, Vec<f64>> = trajectories
                .columns
                .iter()
                .filter(|column| column.name != "time_d")
                .filter_map(|column| match &column.data {
                    ColumnData::Number(values) => Some((column.name.clone(), pick(values))),
                    ColumnData::Text(_) | ColumnData::Integer(_) => None,
                })
                .collect();
            let status = match text("status", row).as_str() {
                "failed" => ArmStatus::Failed {
                    reason: String::new(),
                },
                "not_run" => ArmStatus::NotRun,
                _ => ArmStatus::Completed,
            };
            ArmCurves {
                name: name.clone(),
                times: pick(all_times),
                series,
                onset: ages(EndpointRole::Onset, row),
                death: ages(EndpointRole::Death, row),
                status,
                level: levels.get(name).copied(),
                style: None,
            }
        })
        .collect()
}

/// The number that orders the arms, if they differ by one: the dose or the start of what is done.
pub(super) fn levels(scenario: &Scenario) -> BTreeMap<String, f64> {
    let treated: Vec<_> = scenario
        .arms
        .iter()
        .filter(|arm| !arm.shading.is_empty())
        .collect();
    let alone = treated
        .iter()
        .all(|arm| arm.shading.len() == 1 && arm.shading[0].dose.is_some());
    let kind = treated.first().map(|arm| arm.shading[0].kind.clone());
    let alike = treated
        .iter()
        .all(|arm| Some(&arm.shading[0].kind) == kind.as_ref());
    if treated.len() < 2 || !alone || !alike {
        return BTreeMap::new();
    }
    let distinct = |of: &dyn Fn(usize) -> f64| {
        (1..treated.len()).any(|index| of(index).total_cmp(&of(0)).is_ne())
    };
    let dose = |index: usize| treated[index].shading[0].dose.unwrap_or(0.0);
    // What follows the animal has no one age at start.
    let start = |index: usize| treated[index].shading[0].start.age().unwrap_or(f64::NAN);
    let fixed = (0..treated.len()).all(|index| start(index).is_finite());
    let mut levels = BTreeMap::new();
    match (distinct(&dose), distinct(&start)) {
        (true, false) => {
            for (index, arm) in treated.iter().enumerate() {
                levels.insert(arm.name.clone(), dose(index));
            }
            // An arm in which nothing is done has the dose 0.
            for arm in scenario.arms.iter().filter(|arm| arm.shading.is_empty()) {
                levels.insert(arm.name.clone(), 0.0);
            }
        }
        (false, true) if fixed => {
            for (index, arm) in treated.iter().enumerate() {
                levels.insert(arm.name.clone(), start(index));
            }
        }
        _ => {}
    }
    levels
}

/// What figures are drawn from.
#[derive(Debug, Clone)]
pub struct Material {
    /// Curves and endpoints of the arms.
    pub curves: Curves,
    /// The graph of the network.
    pub graph: MapGraph,
    /// The scenario.
    scenario: Scenario,
    /// What orders the arms, if they differ by one number.
    pub level: VariableInfo,
}

/// How a scenario draws its arms: by their place and level among all of them, so that an arm looks alike in
/// every figure, and in the colour that the figure gives it; the arms that a figure shows, in its order.
#[must_use]
pub(super) fn arms_of_figure<'s>(
    plan: &FigurePlan,
    scenario: &'s Scenario,
) -> Vec<(&'s str, ArmStyle)> {
    let levels = levels(scenario);
    let of_arms: Vec<Option<f64>> = (scenario.arms.iter())
        .map(|arm| levels.get(&arm.name).copied())
        .collect();
    let styled = (scenario.arms.iter())
        .zip(arm_styles(&of_arms))
        .map(|(arm, style)| match plan.colours.get(&arm.name) {
            Some(colour) => (arm.name.as_str(), style.coloured(*colour)),
            None => (arm.name.as_str(), style),
        });
    let styled: Vec<(&str, ArmStyle)> = styled.collect();
    if plan.arms.is_empty() {
        return styled;
    }
    let chosen = plan.arms.iter();
    chosen
        .filter_map(|name| styled.iter().find(|(arm, _)| arm == name).copied())
        .collect()
}

impl Material {
    /// Collects it from tables, the scenario and the model.
    #[must_use]
    pub fn new(
        trajectories: &Table,
        endpoints: &Table,
        scenario: &Scenario,
        declaration: &Declaration,
    ) -> Self {
        Self {
            curves: curves(trajectories, endpoints, scenario, declaration),
            graph: map::graph(declaration, scenario),
            scenario: scenario.clone(),
            level: level_info(scenario, declaration),
        }
    }

    /// The same with the measured values of `data.csv` over the curves.
    ///
    /// # Errors
    /// [`FigureError::MissingColumn`].
    pub fn with_data(mut self, data: &Table) -> Result<Self, FigureError> {
        self.curves.points = figure::DataPoint::from_table(data)?;
        Ok(self)
    }

    /// Draws one figure.
    ///
    /// # Errors
    /// What the figure cannot show: variables that are not in the saved table, too many panels.
    pub fn draw(&self, plan: &FigurePlan) -> Result<Figure, FigureError> {
        plan.look.finish(self.laid_out(plan)?)
    }

    /// The curves of the arms that a figure shows, as it shows them.
    fn curves_of(&self, plan: &FigurePlan) -> Curves {
        let mut curves = self.curves.clone();
        let mut arms = std::mem::take(&mut curves.arms);
        for (name, style) in arms_of_figure(plan, &self.scenario) {
            if let Some(place) = arms.iter().position(|arm| arm.name == name) {
                let mut arm = arms.swap_remove(place);
                arm.style = Some(style);
                curves.arms.push(arm);
            }
        }
        let shown = |name: &str| curves.arms.iter().any(|arm| arm.name == name);
        curves.shades.retain(|shade| shown(&shade.arm));
        curves.view = plan.view.clone();
        curves
    }

    fn laid_out(&self, plan: &FigurePlan) -> Result<Figure, FigureError> {
        let width = plan.look.page();
        match plan.kind {
            FigureKind::NetworkMap => figure::network_map(&plan.name, &self.graph),
            FigureKind::Survival | FigureKind::Events | FigureKind::Forest => {
                Err(FigureError::NothingToDraw {
                    figure: plan.name.clone(),
                })
            }
            FigureKind::Endpoints => figure::endpoints(&plan.name, &self.curves_of(plan), width),
            FigureKind::DoseResponse => {
                figure::dose_response(&plan.name, &self.curves, &self.level, width)
            }
            FigureKind::Trajectories => {
                let variables = variables(plan, |variable| self.curves.has(variable));
                figure::trajectories(&plan.name, &self.curves_of(plan), &variables, width)
            }
        }
    }
}

/// What a figure shows: what was asked for, else what the family of the model chooses, as far as the saved
/// tables have it.
pub(super) fn variables(plan: &FigurePlan, has: impl Fn(&str) -> bool) -> Vec<&str> {
    if plan.show.is_empty() {
        let chosen = plan.choice.iter().map(String::as_str);
        chosen.filter(|variable| has(variable)).collect()
    } else {
        plan.show.iter().map(String::as_str).collect()
    }
}

/// How the number that orders the arms is written on an axis.
fn level_info(scenario: &Scenario, declaration: &Declaration) -> VariableInfo {
    let all = scenario.arms.iter().flat_map(|arm| &arm.shading);
    let kind = all
        .clone()
        .next()
        .and_then(|done| declaration.interventions.get(&done.kind));
    let doses: Vec<f64> = all.filter_map(|done| done.dose).collect();
    let same_dose = doses
        .windows(2)
        .all(|pair| pair[0].total_cmp(&pair[1]).is_eq());
    match kind {
        Some(intervention) if !same_dose => VariableInfo {
            label: "Dose".to_owned(),
            unit: intervention.dose.unit.to_string(),
            ..VariableInfo::default()
        },
        _ => VariableInfo {
            label: "Age at start".to_owned(),
            unit: "d".to_owned(),
            ..VariableInfo::default()
        },
    }
}
