//! Cohorts and trials on a model whose ages at death are known by hand.
//!
//! Health falls exponentially, h' = −rate h, and death comes at h = ½: the age at death is ln 2 / rate.
//! A second species grows as x' = gain x² and is infinite at age 1 / (gain x(0)): the run fails there.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use gutbrain::analysis::intervals::{Gathered, Uncertain, intervals};
use gutbrain::analysis::range::Range;
use gutbrain::analysis::survival::{ArmFollow, compare, horizon, horizons, survival};
use gutbrain::analysis::trial::{
    Answer, Pool, PoolAnimal, Quantity, Treatment, TrialError, experiment, repeat,
};
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

/// A pool of litters whose lives are normal with mean 130 and SD 11, half of the variance between
/// litters; the treatment adds `gain` days; every twentieth animal lost copies and lives to 250.
fn pool(gain: f64) -> Pool {
    let mut stream = Stream::new(7, "pool", 0);
    let litters = (0..300)
        .map(|litter| {
            let common = stream.normal();
            (0..10)
                .map(|number| {
                    let low_copy = stream.uniform() < 0.05;
                    let sex = if number % 2 == 0 {
                        Sex::Female
                    } else {
                        Sex::Male
                    };
                    let z = 0.5_f64.sqrt() * (common + stream.normal());
                    let time = if low_copy { 250.0 } else { 130.0 + 11.0 * z };
                    let life = |time| Follow {
                        time,
                        event: true,
                        sex,
                        litter,
                    };
                    PoolAnimal {
                        sex,
                        low_copy,
                        control: life(time),
                        treated: life(time + gain),
                        entered: Vec::new(),
                    }
                })
                .collect()
        })
        .collect();
    Pool {
        litters,
        failed: 0,
        first_failure: None,
        requested: 3000,
        litter_size: 5,
        litter_parameter: None,
        open_label_shift: 3.0,
        follow_up: 400.0,
        rtol: 1e-6,
        entries: Vec::new(),
    }
}

fn design(litters: Litters, low_copy: LowCopy, assessment: Assessment) -> TrialDesign {
    TrialDesign {
        name: "design".to_owned(),
        allocation: AllocationPlan {
            sexes: Sexes::Balanced,
            litters,
            low_copy,
        },
        assessment,
        place: 0,
        course: CoursePlan::default(),
    }
}

/// The share of significant log-rank tests at 0.05.
fn significant(pool: &Pool, design: &TrialDesign, size: u64, treatment: Treatment) -> f64 {
    let hits = (0..2000).filter(|number| {
        let mut stream = Stream::new(1, "trial", *number);
        let drawn = experiment(pool, design, size, treatment, &mut stream);
        for arm in &drawn.observed {
            assert_eq!(arm.len() as u64, size);
        }
        drawn.judge(design).p.is_some_and(|p| p < 0.05)
    });
    hits.count() as f64 / 2000.0
}

#[test]
fn a_treatment_that_does_nothing_is_significant_as_often_as_the_level_says() {
    let pool = pool(20.0);
    let careful = design(Litters::Single, LowCopy::Excluded, Assessment::Blinded);
    // Four standard errors of 2000 experiments.
    let false_positives = significant(&pool, &careful, 24, Treatment::Null);
    assert!((false_positives - 0.05).abs() < 0.0195, "{false_positives}");
    // The treatment that works is found, and the more often the larger the groups.
    let power = |size| significant(&pool, &careful, size, Treatment::Model);
    let (few, many) = (power(4), power(16));
    assert!(few < many && many > 0.95, "{few} {many}");
    // Litter mates in both arms are alike: the plain test is then cautious.
    let matched = design(Litters::Matched, LowCopy::Excluded, Assessment::Blinded);
    assert!(significant(&pool, &matched, 24, Treatment::Null) < false_positives);
}

#[test]
fn carelessness_makes_false_positives() {
    let pool = pool(20.0);
    let null = |design: &TrialDesign| significant(&pool, design, 20, Treatment::Null);
    let careful = null(&design(
        Litters::Single,
        LowCopy::Excluded,
        Assessment::Blinded,
    ));
    let whole_litters = null(&design(
        Litters::ByArm,
        LowCopy::Excluded,
        Assessment::Blinded,
    ));
    let open = null(&design(
        Litters::Single,
        LowCopy::Excluded,
        Assessment::Open,
    ));
    assert!(whole_litters > careful + 0.05, "{whole_litters} {careful}");
    assert!(open > careful + 0.04, "{open} {careful}");
}

#[test]
fn low_copy_animals_in_one_arm_make_false_positives() {
    // Genotyped in the control arm only, as when the treated arm was bred later.
    let pool = pool(0.0);
    let fit = design(Litters::Single, LowCopy::Excluded, Assessment::Blinded);
    let unfit = design(Litters::Single, LowCopy::Included, Assessment::Blinded);
    let share = |with: &TrialDesign| {
        let hits = (0..1000).filter(|number| {
            let mut stream = Stream::new(2, "slip", *number);
            let mut first = experiment(&pool, &fit, 40, Treatment::Null, &mut stream);
            let second = experiment(&pool, with, 40, Treatment::Null, &mut stream);
            first.observed[1].clone_from(&second.observed[1]);
            first.judge(&fit).p.is_some_and(|p| p < 0.05)
        });
        hits.count() as f64 / 1000.0
    };
    let (clean, slipped) = (share(&fit), share(&unfit));
    assert!(slipped > clean + 0.02, "{slipped} {clean}");
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

/// Two vectors of the rate of dying, 0.004 and 0.008 per day, the first three times as likely.
fn with_posterior(hash: &str) -> Model {
    let mut model = model();
    let hash = match hash {
        "" => model.declaration.dynamics_hash([]),
        other => other.to_owned(),
    };
    let text = format!(
        "# dynamics: {hash}\nvector,weight,log_likelihood,rate\n1,0.75,-1,0.004\n2,0.25,-1,0.008\n"
    );
    model.posteriors = vec![Source::new("model/posterior/animal.csv", text)];
    model
}

const UNCERTAIN: &str = r#"
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
    subjects     = 300
    other_deaths = "none"
    sex          = "female"
    parameters   = "posterior"
    vectors      = 8
"#;

#[test]
fn uncertainty_of_parameters_and_spread_between_animals_are_told_apart() {
    let model = with_posterior("");
    let scenario = Scenario::from_text("cohort.toml", UNCERTAIN, &model).unwrap();
    let plan = scenario.cohort.clone().unwrap();
    let cohort = Cohort::new(&model, &scenario, &plan).unwrap();
    let mut both = Gathered::default();
    let mut vectors = Vec::new();
    let done: Result<(), ()> = cohort.simulate(|block| {
        both.add(&block, 2, &plan);
        let rate = cohort.population().place("rate").unwrap();
        vectors.extend(block.iter().map(|member| member.values[rate] > 0.0056));
        Ok(())
    });
    done.unwrap();
    // Twins share a vector, and vectors are drawn by weight (0.0056 lies between both, far from each).
    assert!(vectors.chunks_exact(2).all(|pair| pair[0] == pair[1]));
    let second = vectors.iter().filter(|second| **second).count() as f64 / 600.0;
    assert!((second - 0.25).abs() < 0.08, "{second}");
    let found = intervals(&cohort, &both, |_, _| Ok::<(), SimulateError>(())).unwrap();
    let at = |arm: &str, against: Option<&str>| {
        let is = |it: &&Uncertain| {
            it.arm == arm && it.against.as_deref() == against && it.quantity == "survival_d"
        };
        found.iter().find(is).unwrap().clone()
    };
    let control = at("control", None);
    let days = |rate: f64| Real::ln(2.0_f64) / rate;
    let close = |found: Option<f64>, days: f64| (found.unwrap() - days).abs() < 0.05;
    assert!(close(control.preset, days(0.005)), "{control:?}");
    assert!(close(control.parameters.q05, days(0.008)), "{control:?}");
    assert!(close(control.parameters.q95, days(0.004)), "{control:?}");
    let width = |range: Range| range.q95.unwrap() - range.q05.unwrap();
    let (animals, both) = (control.animals.unwrap(), control.both.unwrap());
    assert!(width(animals) < width(control.parameters), "{control:?}");
    assert!(width(both) > width(control.parameters), "{control:?}");
    let gain = at("treated", Some("control"));
    assert!(close(gain.preset, 0.25 * days(0.005)), "{gain:?}");
    assert!(close(gain.parameters.q95, 0.25 * days(0.004)), "{gain:?}");
    // A rate that the scenario sets is known: the posterior says nothing of it.
    let set = UNCERTAIN.replace(
        "preset = \"animal\"",
        "preset = \"animal\"\n    [subject.parameters]\n    rate = \"0.005 1/d\"",
    );
    let scenario = Scenario::from_text("cohort.toml", &set, &model).unwrap();
    let plan = scenario.cohort.clone().unwrap();
    let cohort = Cohort::new(&model, &scenario, &plan).unwrap();
    let found = intervals(&cohort, &Gathered::default(), |_, _| {
        Ok::<(), SimulateError>(())
    })
    .unwrap();
    assert!(width(found[1].parameters) < 1e-9, "{found:?}");
}

#[test]
fn a_posterior_of_another_model_is_refused_and_so_is_one_that_is_not_there() {
    let refused = |model: &Model| {
        let faults = Scenario::from_text("cohort.toml", UNCERTAIN, model).unwrap_err();
        faults.to_string()
    };
    let told = refused(&with_posterior("0123456789abcdef"));
    assert!(told.contains("stale") && told.contains("--renew"), "{told}");
    let told = refused(&model());
    assert!(told.contains("no posterior for `animal`"), "{told}");
}
