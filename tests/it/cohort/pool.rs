//! Trials whose groups are drawn from a pool of animals.

use super::*;

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
