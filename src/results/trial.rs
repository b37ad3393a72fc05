//! What a trial leaves: `trial.csv`, the pool, a summary.

use gutbrain_statistics::{normal, samples};
use serde::Serialize;

use crate::analysis::trial::{EntryCount, Pool, Quantity, Treatment, TrialResults, pool_plan};
use crate::report::table::{Column, Table};
use crate::results::failures::FailedLife;
use crate::scenario::{CoursePlan, EndpointKind, Scenario, TrialDesign, TrialPlan};

/// Share of experiments that may be untestable without a word.
const MOST_UNTESTED: f64 = 0.01;

/// `design, group_size, treatment, quantity, value, lower, upper, arm, reference`: the arms are treatment
/// and control.
#[must_use]
pub fn answers(results: &TrialResults, scenario: &Scenario) -> Table {
    let rows = &results.answers;
    let arm = |place: usize| {
        let name = scenario.arms.get(place).map(|arm| arm.name.clone());
        vec![name.unwrap_or_default(); rows.len()]
    };
    let numbers = |of: &dyn Fn(usize) -> Option<f64>| (0..rows.len()).map(of).collect();
    Table::new(
        "trial",
        vec![
            Column::text(
                "design",
                rows.iter().map(|row| row.design.clone()).collect(),
            ),
            Column::integers(
                "group_size",
                rows.iter()
                    .map(|row| i64::try_from(row.size).ok().filter(|size| *size > 0))
                    .collect(),
            ),
            Column::text(
                "treatment",
                rows.iter()
                    .map(|row| row.treatment.word().to_owned())
                    .collect(),
            ),
            Column::text(
                "quantity",
                rows.iter()
                    .map(|row| row.quantity.word().to_owned())
                    .collect(),
            ),
            // Shares, days, ratios and numbers of animals: the quantity says which.
            Column::optional_numbers("value", "", numbers(&|row| rows[row].value)),
            Column::optional_numbers("lower", "", numbers(&|row| rows[row].lower)),
            Column::optional_numbers("upper", "", numbers(&|row| rows[row].upper)),
            Column::text("arm", arm(1)),
            Column::text("reference", arm(0)),
        ],
    )
}

/// The apparent effect of every experiment: what the funnel shows. Effects and p of other endpoints than
/// survival have columns of their own, which are there where a design has such an endpoint.
#[must_use]
pub fn experiments(results: &TrialResults, plan: &TrialPlan) -> Table {
    let of_survival = |design: &str| {
        let mut designs = plan.designs.iter();
        let found = designs.find(|it| it.name == design);
        found.is_none_or(|it| it.course.endpoint == EndpointKind::Survival)
    };
    let rows: Vec<_> = results
        .experiments
        .iter()
        .flat_map(|repeated| {
            let numbered = repeated.outcomes.iter().enumerate();
            numbered.map(move |(number, outcome)| (repeated, number, outcome))
        })
        .collect();
    let survival: Vec<bool> = rows.iter().map(|row| of_survival(&row.0.design)).collect();
    let all = survival.iter().all(|it| *it);
    let seen = rows.iter().zip(&survival);
    let in_days = |value: Option<f64>, survival: bool| value.filter(|_| survival);
    let mut columns = vec![
        Column::text(
            "design",
            rows.iter().map(|row| row.0.design.clone()).collect(),
        ),
        Column::integers(
            "group_size",
            rows.iter()
                .map(|row| i64::try_from(row.0.size).ok())
                .collect(),
        ),
        Column::text(
            "treatment",
            rows.iter()
                .map(|row| row.0.treatment.word().to_owned())
                .collect(),
        ),
        Column::integers(
            "replicate",
            rows.iter()
                .map(|row| i64::try_from(row.1 + 1).ok())
                .collect(),
        ),
        Column::optional_numbers(
            "effect_d",
            "d",
            seen.clone()
                .map(|(row, is)| in_days(row.2.effect, *is))
                .collect(),
        ),
        Column::optional_numbers(
            "log_rank_p",
            "1",
            seen.map(|(row, is)| in_days(row.2.p, *is)).collect(),
        ),
        Column::optional_numbers(
            "log_rank_by_litter_p",
            "1",
            rows.iter().map(|row| row.2.p_by_litter).collect(),
        ),
    ];
    if !all {
        // The unit is that of the design.
        columns.push(Column::optional_numbers(
            "effect",
            "",
            rows.iter().map(|row| row.2.effect).collect(),
        ));
        columns.push(Column::optional_numbers(
            "p",
            "1",
            rows.iter().map(|row| row.2.p).collect(),
        ));
    }
    Table::new("experiments", columns)
}

/// What every design compares and who enters it; nothing where all designs see whole lives.
#[must_use]
pub fn designs(results: &TrialResults, plan: &TrialPlan, pool: &Pool) -> Option<Table> {
    let designs = &plan.designs;
    if designs.iter().all(|design| design.course.is_plain()) {
        return None;
    }
    let text = |of: &dyn Fn(&TrialDesign) -> String| designs.iter().map(of).collect();
    let count = |of: &dyn Fn(&EntryCount) -> u64| {
        let counts = designs
            .iter()
            .map(|design| pool.entries.get(design.place)?.as_ref());
        counts.map(|count| i64::try_from(of(count?)).ok()).collect()
    };
    let course = |of: &dyn Fn(&CoursePlan) -> String| text(&|design| of(&design.course));
    Some(Table::new(
        "designs",
        vec![
            Column::text("design", text(&|design| design.name.clone())),
            Column::text("endpoint", course(&|it| it.endpoint.word().to_owned())),
            Column::text(
                "observable",
                course(&|it| {
                    it.endpoint
                        .measure()
                        .map_or_else(String::new, |it| it.id.clone())
                }),
            ),
            Column::text("unit", course(&CoursePlan::unit)),
            Column::integers(
                "treated_per_control",
                designs
                    .iter()
                    .map(|it| i64::try_from(it.course.treated_per_control).ok())
                    .collect(),
            ),
            Column::integers("asked", count(&EntryCount::asked)),
            Column::integers("entered", count(&|it| it.entered)),
            Column::integers("never_there", count(&|it| it.never_there)),
            Column::integers("ended", count(&|it| it.ended)),
            Column::integers("outside", count(&|it| it.outside.iter().sum())),
            // The unit stands beside it.
            Column::optional_numbers("true_effect", "", results.true_effects.clone()),
        ],
    ))
}

/// The pool: every animal with its life in both arms.
#[must_use]
pub fn pool_table(pool: &Pool) -> Table {
    let animals: Vec<_> = pool
        .litters
        .iter()
        .enumerate()
        .flat_map(|(litter, animals)| animals.iter().map(move |animal| (litter + 1, animal)))
        .collect();
    let event = |event: bool| if event { "end" } else { "censored" }.to_owned();
    Table::new(
        "pool",
        vec![
            Column::integers(
                "litter",
                animals
                    .iter()
                    .map(|row| i64::try_from(row.0).ok())
                    .collect(),
            ),
            Column::text(
                "sex",
                animals
                    .iter()
                    .map(|row| row.1.sex.word().to_owned())
                    .collect(),
            ),
            Column::integers(
                "low_copy",
                animals
                    .iter()
                    .map(|row| Some(i64::from(row.1.low_copy)))
                    .collect(),
            ),
            Column::numbers(
                "control_d",
                "d",
                animals.iter().map(|row| row.1.control.time).collect(),
            ),
            Column::text(
                "control_event",
                animals
                    .iter()
                    .map(|row| event(row.1.control.event))
                    .collect(),
            ),
            Column::numbers(
                "treated_d",
                "d",
                animals.iter().map(|row| row.1.treated.time).collect(),
            ),
            Column::text(
                "treated_event",
                animals
                    .iter()
                    .map(|row| event(row.1.treated.event))
                    .collect(),
            ),
        ],
    )
}

/// The first animal of a pool that failed, and the run of a cohort that it is in.
#[must_use]
pub fn first_failure(scenario: &Scenario, plan: &TrialPlan, pool: &Pool) -> Option<FailedLife> {
    let (subject, vector, arm, reason) = pool.first_failure.clone()?;
    let animals = pool_plan(scenario, plan);
    let sexes = animals.allocation.sexes.word();
    let (parameters, others) = (animals.parameters.word(), animals.other_deaths.word());
    let mut settings = vec![
        format!("cohort.subjects={}", animals.subjects),
        format!("cohort.only={subject}"),
        "cohort.arms=twins".to_owned(),
        "cohort.litters=by-arm".to_owned(),
        "cohort.low_copy=included".to_owned(),
        format!("cohort.sex={sexes}"),
        format!("cohort.parameters={parameters}"),
        format!("cohort.other_deaths={others}"),
    ];
    // A litter of the pool can be split over both arms.
    if let Some(parameter) = &pool.litter_parameter {
        settings.push(format!("{parameter}={}", 2 * pool.litter_size));
    }
    Some(FailedLife {
        point: None,
        arm,
        subject: Some(subject),
        vector,
        settings,
        reason,
    })
}

/// `summary.json` of a trial.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrialSummary {
    /// Title of the scenario.
    pub title: String,
    /// The subject's preset.
    pub subject: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// The arm without the treatment, and the arm with it.
    pub arms: Vec<String>,
    /// Sexes of the animals: `balanced`, `random`, `female`, `male`.
    pub sexes: &'static str,
    /// Where their fitted parameters come from: `preset`, `posterior`.
    pub parameters: &'static str,
    /// Deaths for other reasons: `included`, `none`.
    pub other_deaths: &'static str,
    /// Experiments per design, size and treatment.
    pub replicates: u64,
    /// What counts as the end of survival.
    pub endpoint: String,
    /// Two-sided level of the log-rank test.
    pub significance: f64,
    /// The apparent difference whose frequency is reported, in days.
    pub large_difference_d: f64,
    /// Animals simulated in both arms.
    pub pool: u64,
    /// Of which failed.
    pub pool_failed: u64,
    /// Mean gain of life within animals of the pool: the true effect of the model, in days.
    pub true_effect_d: Option<f64>,
    /// Its standard deviation between animals.
    pub true_effect_sd_d: Option<f64>,
    /// Share of the pool whose end was seen without the treatment.
    pub ended: Option<f64>,
    /// The same with it.
    pub ended_treated: Option<f64>,
    /// Age up to which animals are followed, in days; differences are of restricted means up to it.
    pub follow_up_d: f64,
    /// One entry per design and size.
    pub designs: Vec<DesignEntry>,
}

/// What a design finds at one size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DesignEntry {
    /// Name of the design.
    pub design: String,
    /// Animals per arm.
    pub group_size: u64,
    /// Share of experiments that could not be tested when the treatment works as the model says.
    pub not_testable: Option<f64>,
    /// Share of significant experiments when the treatment works as the model says; absent where none
    /// could be tested.
    pub power: Option<f64>,
    /// Share of significant experiments when it does nothing.
    pub false_positives: Option<f64>,
    /// Share that is significant or shows a large difference when it does nothing.
    pub false_alarms: Option<f64>,
    /// Mean size of a significant effect over the true one.
    pub exaggeration: Option<f64>,
    /// Share of significant effects with the wrong sign.
    pub wrong_sign: Option<f64>,
    /// Standard error of the power that the finite pool adds.
    pub pool_error: Option<f64>,
    /// Animals per arm for the wanted power with this design.
    pub sample_size: Option<f64>,
    /// Where none was found: about how many it would be, as the square of the spread of what experiments report over
    /// the true effect has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_size_about: Option<f64>,
    /// What a design compares that does not see whole lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<CourseEntry>,
}

impl DesignEntry {
    /// Whether days of life are compared.
    #[must_use]
    pub fn is_of_survival(&self) -> bool {
        let endpoint = self.course.as_ref().map(|course| course.endpoint);
        endpoint.is_none_or(|endpoint| endpoint == EndpointKind::Survival.word())
    }
}

/// What a design compares, and who enters it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CourseEntry {
    /// `survival`, `slope`, `joint-rank`, `ratio`.
    pub endpoint: &'static str,
    /// What is measured at visits.
    pub observable: Option<String>,
    /// The true effect in the pool, in its unit.
    pub true_effect: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// Treated animals for each control.
    pub treated_per_control: u64,
    /// Animals of the pool that were asked.
    pub asked: u64,
    /// Of which enter.
    pub entered: u64,
    /// Why others do not, in words.
    pub others: String,
}

impl CourseEntry {
    fn new(design: &TrialDesign, pool: &Pool, true_effect: Option<f64>) -> Option<Self> {
        let count = pool.entries.get(design.place)?.as_ref()?;
        let course = &design.course;
        Some(Self {
            endpoint: course.endpoint.word(),
            observable: course.endpoint.measure().map(|it| it.id.clone()),
            true_effect,
            unit: course.unit(),
            treated_per_control: course.treated_per_control,
            asked: count.asked(),
            entered: count.entered,
            others: count.reasons(course),
        })
    }
}

/// Animals per arm for the wanted power, with effects spread as those of experiments of this size are, and the
/// spread falling with the root of the size: n = size · ((z₁₋ₐ/₂ + z_power) · SD / effect)².
fn about(
    results: &TrialResults,
    plan: &TrialPlan,
    design: &TrialDesign,
    size: u64,
    true_effect: Option<f64>,
) -> Option<f64> {
    let truth = true_effect.filter(|truth| truth.abs() > 0.0)?;
    let repeated = results.experiments.iter().find(|it| {
        it.design == design.name && it.size == size && it.treatment == Treatment::Model
    })?;
    let effects = repeated.outcomes.iter().filter_map(|it| it.effect);
    let spread = samples::standard_deviation(&effects.collect::<Vec<_>>())?;
    let reach = normal::quantile(1.0 - 0.5 * plan.significance) + normal::quantile(plan.power);
    let ratio = reach * spread / truth;
    Some((size as f64 * ratio * ratio).ceil())
}

impl TrialSummary {
    /// Summarises a trial.
    #[must_use]
    pub fn new(scenario: &Scenario, plan: &TrialPlan, pool: &Pool, results: &TrialResults) -> Self {
        let value = |design: &str, size: u64, treatment: Treatment, quantity: Quantity| {
            let found = results.answers.iter().find(|row| {
                row.design == design
                    && row.size == size
                    && row.treatment == treatment
                    && row.quantity == quantity
            });
            found.and_then(|row| row.value)
        };
        let mut designs = Vec::new();
        for design in &plan.designs {
            let true_effect = results.true_effects.get(design.place).copied().flatten();
            for &size in &plan.group_sizes {
                let of = |treatment, quantity| value(&design.name, size, treatment, quantity);
                let sample_size = value(&design.name, 0, Treatment::Model, Quantity::SampleSize);
                let about = || about(results, plan, design, size, true_effect);
                designs.push(DesignEntry {
                    design: design.name.clone(),
                    group_size: size,
                    not_testable: of(Treatment::Model, Quantity::NotTestable),
                    power: of(Treatment::Model, Quantity::Significant),
                    false_positives: of(Treatment::Null, Quantity::Significant),
                    false_alarms: of(Treatment::Null, Quantity::SignificantOrLarge),
                    exaggeration: of(Treatment::Model, Quantity::Exaggeration),
                    wrong_sign: of(Treatment::Model, Quantity::WrongSign),
                    pool_error: of(Treatment::Model, Quantity::PoolError),
                    sample_size,
                    sample_size_about: sample_size.is_none().then(about).flatten(),
                    course: CourseEntry::new(design, pool, true_effect),
                });
            }
        }
        let truth = pool.true_effect();
        let animals = pool_plan(scenario, plan);
        Self {
            title: scenario.title.clone(),
            subject: scenario.subject.preset.clone(),
            seed: scenario.seed,
            arms: scenario.arms.iter().map(|arm| arm.name.clone()).collect(),
            sexes: animals.allocation.sexes.word(),
            parameters: animals.parameters.word(),
            other_deaths: animals.other_deaths.word(),
            replicates: plan.replicates,
            endpoint: plan.endpoint.word.clone(),
            significance: plan.significance,
            large_difference_d: plan.difference,
            pool: pool.requested,
            pool_failed: pool.failed,
            true_effect_d: truth.map(|(mean, _)| mean),
            true_effect_sd_d: truth.and_then(|(_, deviation)| deviation),
            ended: pool.ended().map(|[control, _]| control),
            ended_treated: pool.ended().map(|[_, treated]| treated),
            follow_up_d: scenario.simulation.stop,
            designs,
        }
    }

    /// What to say where experiments could not be tested; nothing where all but a few could.
    #[must_use]
    pub fn untested(&self) -> Option<String> {
        let share = |entry: &&DesignEntry| entry.not_testable.unwrap_or(0.0);
        let mut lost: Vec<&DesignEntry> = self.designs.iter().collect();
        lost.retain(|entry| share(entry) > MOST_UNTESTED && entry.is_of_survival());
        let worst = lost
            .iter()
            .copied()
            .max_by(|a, b| share(a).total_cmp(&share(b)))?;
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let ended = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), percent);
        Some(format!(
            "in {} of {} cases experiments were not testable (up to {}: `{}` with {} per arm): too few \
             animals reach the end of survival before the scenario ends at {} d ({} without the \
             treatment, {} with it); there is no power where no experiment could be tested",
            lost.len(),
            self.designs.len(),
            percent(share(&worst)),
            worst.design,
            worst.group_size,
            self.follow_up_d,
            ended(self.ended),
            ended(self.ended_treated),
        ))
    }

    /// What to say where experiments with another endpoint than survival could not be tested.
    #[must_use]
    pub fn not_estimable(&self) -> Option<String> {
        let share = |entry: &DesignEntry| entry.not_testable.unwrap_or(0.0);
        let others = self.designs.iter().filter(|entry| !entry.is_of_survival());
        let worst = others.max_by(|a, b| share(a).total_cmp(&share(b)))?;
        (share(worst) > MOST_UNTESTED).then(|| {
            format!(
                "in {:.0} % of the experiments of `{}` with {} per arm the endpoint could not be estimated: \
                 too few animals are alive at the visits, or nothing varies between them; they count as not \
                 significant",
                100.0 * share(worst),
                worst.design,
                worst.group_size,
            )
        })
    }

    /// JSON text with a final line feed.
    ///
    /// # Errors
    /// Never in practice: all numbers are finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}
