//! Cohorts and trials on a model whose ages at death are known by hand.
//!
//! Health falls exponentially, h' = −rate h, and death comes at h = ½: the age at death is ln 2 / rate.
//! A second species grows as x' = gain x² and is infinite at age 1 / (gain x(0)): the run fails there.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod pool;
mod uncertain;

use std::sync::Arc;

use gutbrain::analysis::intervals::{Gathered, Uncertain, intervals};
use gutbrain::analysis::range::Range;
use gutbrain::analysis::trial::{
    Answer, Pool, PoolAnimal, Quantity, Treatment, TrialError, experiment, repeat,
};
use gutbrain::cohort::survival::{ArmFollow, compare, horizon, horizons, survival};
use gutbrain::cohort::{Cohort, Follow, Member, follow};
use gutbrain::model::Model;
use gutbrain::scenario::{
    AllocationPlan, Amount, Assessment, CohortPlan, CoursePlan, Litters, LowCopy, OtherDeaths,
    Pairing, Scenario, Sexes, SurvivalEndpoint, Target, TrialDesign, TrialPlan,
};
use gutbrain::simulate::{EndOfLife, SimulateError, Status, simulate};
use gutbrain_network::declaration::Sex;
use gutbrain_network::{Declaration, Source};
use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::samples;

const MODEL: &str = include_str!("../fixtures/cohort/model.toml");
const FAMILY: &str = include_str!("../fixtures/cohort/family.toml");
const ANIMAL: &str = include_str!("../fixtures/cohort/animal.toml");

fn model() -> Model {
    let files = [
        Source::new("model/model.toml", MODEL),
        Source::new("model/subjects/animal.toml", ANIMAL),
        Source::new("model/families/mouse.toml", FAMILY),
    ];
    let declaration = Declaration::read(&files).unwrap_or_else(|faults| panic!("{faults}"));
    Model::new(declaration, "cohort")
}

/// What counts as the end of survival under a word.
fn end(word: &str) -> Arc<SurvivalEndpoint> {
    model().declaration.family.end_of_survival(Some(word))
}

fn scenario(cohort: &str) -> (Scenario, CohortPlan) {
    let text = format!(
        r#"
        [subject]
        preset = "animal"
        [simulation]
        start = "0 d"
        stop  = "400 d"
        every = "20 d"
        [[arm]]
        name = "control"
        [[arm]]
        name = "treated"
          [[arm.perturbation]]
          target = "parameter.rate"
          action = "scale"
          value  = 0.8
          start  = "birth"
        [cohort]
        {cohort}
        "#
    );
    let scenario = Scenario::from_text("cohort.toml", &text, &model());
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let plan = scenario.cohort.clone().unwrap();
    (scenario, plan)
}

fn live(cohort: &str) -> Vec<Member> {
    let (scenario, plan) = scenario(cohort);
    members(&scenario, &plan)
}

fn members(scenario: &Scenario, plan: &CohortPlan) -> Vec<Member> {
    let cohort = Cohort::new(&model(), scenario, plan).unwrap();
    let mut all = Vec::new();
    let done: Result<(), ()> = cohort.simulate(|block| {
        all.extend(block);
        Ok(())
    });
    done.unwrap();
    all
}

fn deaths(members: &[Member], arm: &str) -> Vec<f64> {
    let of_arm = members.iter().filter(|member| member.run.arm == arm);
    of_arm
        .filter_map(|member| member.run.endpoints.death_d())
        .collect()
}

#[test]
fn ages_at_death_have_the_distribution_that_the_spread_implies() {
    let all = live("subjects = 3000\nother_deaths = \"none\"\nsex = \"female\"");
    let logs: Vec<f64> = deaths(&all, "control")
        .iter()
        .map(|age| Real::ln(*age))
        .collect();
    assert!(logs.len() > 2800, "{}", logs.len());
    // ln age = ln(ln 2 / 0.005) − σ z with σ² = ln(1 + 0.1²); failures are independent of it.
    let expected = Real::ln(Real::ln(2.0_f64) / 0.005);
    let sigma = Real::ln(1.01_f64).sqrt();
    let (mean, spread) = (
        samples::mean(&logs).unwrap(),
        samples::standard_deviation(&logs).unwrap(),
    );
    let error = sigma / (logs.len() as f64).sqrt();
    assert!((mean - expected).abs() < 4.0 * error, "{mean} {expected}");
    assert!((spread / sigma - 1.0).abs() < 0.06, "{spread} {sigma}");
    // A twin under 0.8 of the rate lives exactly 1.25 times as long.
    for pair in all.chunks_exact(2) {
        if let (Some(control), Some(treated)) = (
            pair[0].run.endpoints.death_d(),
            pair[1].run.endpoints.death_d(),
        ) {
            assert!(
                (treated / control - 1.25).abs() < 1e-5,
                "{control} {treated}"
            );
        }
    }
}

#[test]
fn sexes_and_litters_differ_as_declared() {
    let all = live(
        "subjects = 4000\narms = \"randomised\"\nlitters = \"by-arm\"\nother_deaths = \"none\"",
    );
    let control: Vec<&Member> = all.iter().filter(|m| m.run.arm == "control").collect();
    let of_sex = |sex: Sex| -> Vec<f64> {
        let members = control.iter().filter(|member| member.animal.sex == sex);
        members
            .filter_map(|member| Some(Real::ln(member.run.endpoints.death_d()?)))
            .collect()
    };
    let (female, male) = (of_sex(Sex::Female), of_sex(Sex::Male));
    assert!(female.len().abs_diff(male.len()) < 200);
    // Males have 1.25 times the rate and half of the spread.
    let gap = samples::mean(&female).unwrap() - samples::mean(&male).unwrap();
    assert!((gap - Real::ln(1.25_f64)).abs() < 0.02, "{gap}");
    let ratio =
        samples::standard_deviation(&male).unwrap() / samples::standard_deviation(&female).unwrap();
    assert!((ratio - 0.5).abs() < 0.05, "{ratio}");
    // Litter mates share 0.4 of the variance of z: the correlation of pairs of females.
    let mut products = Vec::new();
    let sigma = Real::ln(1.01_f64).sqrt();
    let centre = Real::ln(0.005_f64);
    for litter in control.chunks(5) {
        assert!(
            litter
                .iter()
                .all(|m| m.animal.litter == litter[0].animal.litter)
        );
        let z: Vec<f64> = litter
            .iter()
            .filter(|member| member.animal.sex == Sex::Female)
            .map(|member| (Real::ln(member.values[rate_place()]) - centre) / sigma)
            .collect();
        if let [first, second, ..] = z[..] {
            products.push(first * second);
        }
    }
    let correlation = samples::mean(&products).unwrap();
    assert!((correlation - 0.4).abs() < 0.12, "{correlation}");
}

fn rate_place() -> usize {
    let (scenario, plan) = scenario("subjects = 1");
    let cohort = Cohort::new(&model(), &scenario, &plan).unwrap();
    cohort.population().place("rate").unwrap()
}

#[test]
fn a_member_is_a_single_run_with_its_parameters() {
    let (scenario, plan) =
        scenario("subjects = 1000\nother_deaths = \"none\"\nlow_copy = \"included\"");
    let model = model();
    let cohort = Cohort::new(&model, &scenario, &plan).unwrap();
    let all = members(&scenario, &plan);
    assert_eq!(all.len(), 2000);
    let ids: Vec<&String> = model.declaration.parameters.keys().collect();
    for pair in all.chunks_exact(2) {
        let mut single = scenario.clone();
        single.cohort = None;
        for id in &ids {
            let place = cohort.population().place(id).unwrap();
            single
                .subject
                .parameters
                .insert((*id).clone(), pair[0].values[place]);
        }
        let runs = simulate(&model, &single).unwrap();
        for (member, run) in pair.iter().zip(&runs) {
            assert_eq!(member.run.times, run.times);
            assert_eq!(member.run.species, run.species);
            assert_eq!(member.run.endpoints, run.endpoints);
        }
    }
}

#[test]
fn animals_do_not_depend_on_threads_the_size_of_the_cohort_or_other_arms() {
    let text = "subjects = 130\narms = \"randomised\"\nsex = \"random\"\nlow_copy = \"included\"";
    let (scenario, plan) = scenario(text);
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    let one = pool(1).install(|| members(&scenario, &plan));
    let two = pool(2).install(|| members(&scenario, &plan));
    let mut reordered = scenario.clone();
    reordered.arms.reverse();
    let other = members(&reordered, &plan);
    let mut fewer = plan.clone();
    fewer.subjects = 70;
    let few = members(&scenario, &fewer);
    for member in &one {
        let same = |others: &[Member]| {
            let twin = others
                .iter()
                .find(|o| o.run.arm == member.run.arm && o.animal.number == member.animal.number);
            twin.is_some_and(|twin| {
                twin.values
                    .iter()
                    .map(|v| v.to_bits())
                    .eq(member.values.iter().map(|v| v.to_bits()))
                    && twin.run == member.run
            })
        };
        assert!(same(&two) && same(&other));
        assert!(member.animal.number > 70 || same(&few));
    }
    // Randomised arms hold different animals, twins the same.
    assert_ne!(one[0].values, one[1].values);
}

#[test]
fn failed_animals_are_counted_and_have_no_number() {
    let all = live("subjects = 2000\nother_deaths = \"none\"");
    let failed: Vec<&Member> = all
        .iter()
        .filter(|member| member.run.endpoints.status != Status::Ok)
        .collect();
    // Blow-up at 1 / (gain · 0.5) before death: the fixture makes about 3 % of lives fail.
    let share = failed.len() as f64 / all.len() as f64;
    assert!((0.01..0.06).contains(&share), "{share}");
    for member in &failed {
        let ends = &member.run.endpoints;
        assert_eq!(ends.death_d(), None);
        assert!(member.run.times.iter().all(|time| *time <= ends.last_d));
        let seen = follow(ends, &end("righting-reflex"), Sex::Female, 1);
        assert_eq!(seen, None);
    }
}

#[test]
fn other_deaths_compete_and_are_censored() {
    let all = live("subjects = 4000\nsex = \"female\"");
    let control: Vec<&Member> = all.iter().filter(|m| m.run.arm == "control").collect();
    let others: Vec<&&Member> = control
        .iter()
        .filter(|member| member.run.endpoints.event == EndOfLife::OtherDeath)
        .collect();
    // Rate 0.001 per day over about 139 days: 1 − exp(−0.139) = 13 %.
    let share = others.len() as f64 / control.len() as f64;
    assert!((share - 0.13).abs() < 0.02, "{share}");
    for member in others {
        let ends = &member.run.endpoints;
        assert_eq!(ends.death_d(), None);
        assert!(member.run.times.iter().all(|time| *time <= ends.last_d));
        let seen = follow(ends, &end("righting-reflex"), Sex::Female, 1).unwrap();
        assert!(!seen.event && (seen.time - ends.last_d).abs() < 1e-12);
    }
}

#[test]
fn low_copy_animals_live_longer_and_are_left_out_when_genotyped() {
    let included = live("subjects = 2000\nlow_copy = \"included\"\nother_deaths = \"none\"");
    let low: Vec<&Member> = included.iter().filter(|m| m.animal.low_copy).collect();
    let share = low.len() as f64 / included.len() as f64;
    assert!((share - 0.1).abs() < 0.025, "{share}");
    let excluded = live("subjects = 500\nother_deaths = \"none\"");
    assert!(excluded.iter().all(|member| !member.animal.low_copy));
}

#[test]
fn survival_of_an_arm_counts_what_failed() {
    let all = live("subjects = 200");
    let mut arms = [ArmFollow::default(), ArmFollow::default()];
    for member in &all {
        let side = &mut arms[usize::from(member.run.arm == "treated")];
        let (sex, litter) = (member.animal.sex, member.animal.litter);
        match follow(&member.run.endpoints, &end("righting-reflex"), sex, litter) {
            Some(seen) => side.animals.push(seen),
            None => side.failed += 1,
        }
    }
    let found = survival(&arms[0], horizon(&arms, 400.0)).unwrap();
    assert_eq!(found.curve.subjects + arms[0].failed, 200);
    assert!(found.median.time.is_some());
}

/// A cohort with an arm that changes the growth of the bomb, which nothing depends on, and so the steps of
/// the solver.
fn inert(rtol: f64, start: u32, cohort: &str) -> (Scenario, CohortPlan) {
    let text = format!(
        r#"
        [subject]
        preset = "animal"
        [simulation]
        start = "0 d"
        stop  = "400 d"
        every = "20 d"
        [solver]
        rtol = {rtol:e}
        [[arm]]
        name = "control"
        [[arm]]
        name = "inert"
          [[arm.perturbation]]
          target = "parameter.gain"
          action = "scale"
          value  = 0.7
          start  = "{start} d"
        [cohort]
        {cohort}
        "#
    );
    let scenario = Scenario::from_text("inert.toml", &text, &model());
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let plan = scenario.cohort.clone().unwrap();
    (scenario, plan)
}

/// The arms of a cohort as observations.
fn follows(members: &[Member]) -> Vec<ArmFollow> {
    let mut arms = vec![ArmFollow::default(), ArmFollow::default()];
    for pair in members.chunks_exact(2) {
        let lives: Vec<Option<Follow>> = pair
            .iter()
            .map(|member| {
                let (sex, litter) = (member.animal.sex, member.animal.litter);
                let ends = &member.run.endpoints;
                follow(ends, &end("righting-reflex"), sex, litter)
            })
            .collect();
        for (arm, life) in arms.iter_mut().zip(lives) {
            if let Some(life) = life {
                arm.animals.push(life);
                arm.numbers.push(pair[0].animal.number);
            }
        }
    }
    arms
}

#[test]
fn an_arm_that_does_nothing_is_no_effect_at_any_tolerance() {
    for rtol in [1e-3, 1e-4, 1e-6, 1e-8, 1e-10] {
        for start in [5, 40, 120] {
            let cohort = "subjects = 60\nother_deaths = \"none\"";
            let (scenario, plan) = inert(rtol, start, cohort);
            let all = members(&scenario, &plan);
            let arms = follows(&all);
            for (control, inert) in arms[0].animals.iter().zip(&arms[1].animals) {
                assert_eq!(
                    control.time.to_bits(),
                    inert.time.to_bits(),
                    "{rtol} {start}"
                );
            }
            let found = compare(&arms[0], &arms[1], horizon(&arms, 400.0), true, 1);
            let context = format!("{rtol} {start} {found:?}");
            let nothing = |p: &Result<f64, String>| p.as_ref().map_or(true, |p| *p > 0.99);
            assert!(nothing(&found.log_rank), "{context}");
            assert!(nothing(&found.log_rank_by_sex), "{context}");
            assert!(nothing(&found.log_rank_by_litter), "{context}");
            let (ratio, interval) = found.hazard_ratio.clone().unwrap();
            assert!((ratio - 1.0).abs() < 1e-9, "{context}");
            assert!(interval.lower < 1.0 && interval.upper > 1.0, "{context}");
            let (difference, _, p) = found.restricted_mean.unwrap();
            assert!(difference.abs() <= 0.0 && p.unwrap() > 0.99, "{context}");
            assert!(found.median.unwrap().0.abs() <= 0.0, "{context}");
            let (mean, deviation, pairs) = found.paired.unwrap();
            assert!(mean.abs() <= 0.0 && deviation.unwrap() <= 0.0, "{context}");
            assert!(pairs > 40, "{context}");
        }
    }
}

#[test]
fn twins_that_differ_by_the_solver_alone_are_far_below_the_resolution() {
    // What ties them has a margin of ten, and not of many thousands: a real effect is kept.
    for rtol in [1e-3, 1e-5, 1e-7] {
        let (scenario, plan) = inert(rtol, 40, "subjects = 40\nother_deaths = \"none\"");
        let cohort = Cohort::new(&model(), &scenario, &plan).unwrap();
        let resolution = cohort.population().resolution();
        let mut largest = 0.0_f64;
        for number in 1..=40 {
            let values = cohort.subjects().draw("", number).values;
            let lives = cohort.population().simulate(number, values);
            let ends = |arm: usize| lives[arm].endpoints.death_d();
            if let (Some(control), Some(inert)) = (ends(0), ends(1)) {
                largest = largest.max((inert - control).abs() / resolution.at(control));
            }
        }
        assert!(largest < 0.1, "{rtol}: {largest}");
    }
}

#[test]
fn a_small_effect_is_not_taken_for_rounding() {
    // A rate that is lower by a ten-thousandth lengthens life by a ten-thousandth.
    let (mut scenario, plan) = inert(1e-6, 1, "subjects = 30\nother_deaths = \"none\"");
    for action in &mut scenario.arms[1].actions {
        action.target = Target::Parameter("rate".to_owned());
        action.amount = Amount::Given(0.9999);
    }
    let arms = follows(&members(&scenario, &plan));
    let found = compare(&arms[0], &arms[1], horizon(&arms, 400.0), true, 1);
    let (mean, _, _) = found.paired.unwrap();
    assert!((0.01..0.02).contains(&mean), "{mean}");
}

#[test]
fn a_treatment_that_does_nothing_has_no_true_effect() {
    for rtol in [1e-4, 1e-6] {
        let (scenario, _) = inert(rtol, 40, "subjects = 2");
        let plan = TrialPlan {
            pool: 120,
            ..scenario.trial.clone()
        };
        let go_on = |_, _| Ok::<(), TrialError>(());
        let pool = Pool::simulate(&model(), &scenario, &plan, go_on).unwrap();
        let (mean, deviation) = pool.true_effect().unwrap();
        assert!(
            mean.abs() <= 0.0 && deviation.unwrap() <= 0.0,
            "{mean} {deviation:?}"
        );
        let plan = TrialPlan {
            replicates: 40,
            group_sizes: vec![6],
            ..plan
        };
        let found = repeat(&pool, &plan, 3, |_| Ok::<(), TrialError>(())).unwrap();
        let empty =
            |row: &&Answer| matches!(row.quantity, Quantity::Exaggeration | Quantity::WrongSign);
        assert!(
            found
                .answers
                .iter()
                .filter(empty)
                .all(|row| row.value.is_none())
        );
    }
}

#[test]
fn one_animal_per_arm_has_no_interval() {
    let (scenario, plan) = scenario("subjects = 1\nother_deaths = \"none\"");
    let arms = follows(&members(&scenario, &plan));
    let until = horizon(&arms, 400.0);
    let found = compare(&arms[0], &arms[1], until, true, 1);
    let (difference, interval, p) = found.restricted_mean.unwrap();
    assert!(
        difference > 20.0 && interval.is_none() && p.is_none(),
        "{found:?}"
    );
    let (median, interval) = found.median.unwrap();
    assert!(median > 20.0 && interval.is_none(), "{found:?}");
    let (mean, deviation, pairs) = found.paired.unwrap();
    assert!(
        mean > 20.0 && deviation.is_none() && pairs == 1,
        "{found:?}"
    );
    let alone = survival(&arms[0], until).unwrap();
    assert!(alone.median.time.is_some());
    assert_eq!((alone.median.lower, alone.median.upper), (None, None));
    assert!(alone.curve.steps.iter().all(|step| step.band.is_none()));
}

#[test]
fn an_arm_that_failed_takes_nothing_from_the_mean_of_the_other() {
    let (_, plan) = scenario("subjects = 40\nother_deaths = \"none\"");
    let (scenario, _) = scenario("subjects = 40\nother_deaths = \"none\"");
    let mut arms = follows(&members(&scenario, &plan));
    let whole = survival(&arms[0], horizon(&arms[..1], 400.0)).unwrap();
    // Nobody of the other arm is left, or one that was lost early.
    let early = Follow {
        time: 60.0,
        event: false,
        ..arms[1].animals[0]
    };
    arms[1].animals.clear();
    let alone = survival(&arms[0], horizon(&arms, 400.0)).unwrap();
    assert_eq!(alone.restricted_mean, whole.restricted_mean);
    assert!(whole.restricted_mean.unwrap() > 100.0, "{whole:?}");
    arms[1].animals.push(early);
    // What is known of the other arm ends at 60 d, and so does its difference; not the first arm's mean.
    assert_eq!(horizons(&arms, 400.0), [Some(400.0), Some(60.0)]);
}

#[test]
fn plans_are_read() {
    let (_, plan) = scenario(
        "subjects = 12\narms = \"randomised\"\nsex = \"male\"\nlitters = \"single\"\nendpoint = \"paralysis\"\nvisits = [\"40 d\", \"20 d\"]",
    );
    assert_eq!(plan.subjects, 12);
    assert_eq!(plan.pairing, Pairing::Randomised);
    assert_eq!(plan.allocation.sexes, Sexes::Male);
    assert_eq!(plan.allocation.litters, Litters::Single);
    assert_eq!(plan.allocation.low_copy, LowCopy::Excluded);
    assert_eq!(plan.other_deaths, OtherDeaths::Included);
    assert_eq!(plan.endpoint, end("paralysis"));
    assert_eq!(plan.visits, [20.0, 40.0]);
}
