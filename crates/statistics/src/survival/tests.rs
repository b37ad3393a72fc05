//! Comparisons of groups: values of outside programs, properties, hostile input.

use super::proportional_hazards::{Fit, fit};
use super::*;
use gutbrain_numbers::Real;

/// Weeks of remission under placebo and 6-mercaptopurine; a negative number is a censoring.
/// E. J. Freireich et al., Blood 21 (1963) 699–716.
const PLACEBO: [f64; 21] = [
    1., 1., 2., 2., 3., 4., 4., 5., 5., 8., 8., 8., 8., 11., 11., 12., 12., 15., 17., 22., 23.,
];
const MERCAPTOPURINE: [f64; 21] = [
    6., 6., 6., -6., 7., -9., 10., -10., -11., 13., 16., -17., -19., -20., 22., 23., -25., -32.,
    -32., -34., -35.,
];

fn group(times: &[f64]) -> Vec<Observation> {
    let one = |&time: &f64| Observation {
        time: time.abs(),
        event: time > 0.0,
    };
    times.iter().map(one).collect()
}

/// Four strata, the subjects taken in turn.
fn strata() -> Vec<u64> {
    (0..21).map(|subject| subject % 4).collect()
}

fn close(found: f64, expected: f64, relative: f64) -> bool {
    (found - expected).abs() <= relative * expected.abs()
}

fn two() -> RiskTable {
    RiskTable::new(&[&group(&PLACEBO), &group(&MERCAPTOPURINE)]).unwrap()
}

fn two_stratified() -> RiskTable {
    let strata = strata();
    let (placebo, treated) = (group(&PLACEBO), group(&MERCAPTOPURINE));
    RiskTable::stratified(&[&placebo, &treated], &[&strata, &strata]).unwrap()
}

fn cox(with_second: bool, stratified: bool) -> Fit {
    let mut observations = group(&PLACEBO);
    observations.extend(group(&MERCAPTOPURINE));
    let mut covariates = Vec::new();
    for subject in 0..42_u32 {
        covariates.push(if subject < 21 { 0.0 } else { 1.0 });
        if with_second {
            covariates.push(SECOND[subject as usize]);
        }
    }
    let labels = [strata(), strata()].concat();
    fit(
        &observations,
        &covariates,
        1 + usize::from(with_second),
        stratified.then_some(&labels),
        Confidence::percent_95(),
    )
    .unwrap()
}

/// A second covariate without meaning.
const SECOND: [f64; 42] = [
    0.0, 0.841, 0.909, 0.141, -0.757, -0.959, -0.279, 0.657, 0.989, 0.412, -0.544, -1.0, -0.537,
    0.42, 0.991, 0.65, -0.288, -0.961, -0.751, 0.15, 0.913, 0.837, -0.009, -0.846, -0.906, -0.132,
    0.763, 0.956, 0.271, -0.664, -0.988, -0.404, 0.551, 1.0, 0.529, -0.428, -0.992, -0.644, 0.296,
    0.964, 0.745, -0.159,
];

#[test]
fn log_rank_is_that_of_statsmodels() {
    // survdiff of statsmodels 0.15.0, and logrank_test of lifelines 0.30.3.
    let test = two().log_rank().unwrap();
    assert!(
        close(test.chi_squared, 16.792_940_989_216_53, 1e-13),
        "{test:?}"
    );
    assert!(close(test.p, 4.168_809_109_335e-5, 1e-12), "{test:?}");
    assert_eq!(test.degrees, 1);
    assert_eq!((test.groups[0].observed, test.groups[1].observed), (21, 9));
    let sum = test.groups[0].expected + test.groups[1].expected;
    assert!(close(sum, 30.0, 1e-14), "{test:?}");

    let stratified = two_stratified().log_rank().unwrap();
    assert!(close(stratified.chi_squared, 14.814_127_308_153_79, 1e-13));
    assert!(close(stratified.p, 1.186_433_823_164_86e-4, 1e-12));

    let treated = group(&MERCAPTOPURINE);
    let every_other =
        |first: usize| -> Vec<_> { treated.iter().skip(first).step_by(2).copied().collect() };
    let (even, odd) = (every_other(0), every_other(1));
    let three = RiskTable::new(&[&group(&PLACEBO), &even, &odd]).unwrap();
    let test = three.log_rank().unwrap();
    assert_eq!(test.degrees, 2);
    // The first treated subject is number 21 of 42: statsmodels had the odd ones as group 2.
    assert!(
        close(test.chi_squared, 17.163_875_173_672_8, 1e-13),
        "{test:?}"
    );
    assert!(close(test.p, 1.874_614_025_452e-4, 1e-12), "{test:?}");
}

#[test]
fn hazard_ratios_are_those_of_statsmodels() {
    // PHReg(ties="efron") of statsmodels 0.15.0, taken to the end by five more Newton steps.
    let expected: [(Fit, &[f64], &[f64], f64); 4] = [
        (
            cox(false, false),
            &[-1.572_125_148_829_067],
            &[0.412_396_717_709_455_63],
            5.260_920_532_886_759_4e-05,
        ),
        (
            cox(false, true),
            &[-1.544_588_959_163_324_8],
            &[0.440_081_369_629_360_5],
            0.000_129_734_705_833_686_1,
        ),
        (
            cox(true, false),
            &[-1.586_472_119_561_691_8, -0.205_656_899_170_142_43],
            &[0.415_452_338_486_605_8, 0.263_056_574_779_672_54],
            0.000_207_178_742_315_503_6,
        ),
        (
            cox(true, true),
            &[-1.540_083_401_382_602_4, -0.034_714_396_829_662_58],
            &[0.441_246_201_696_414_3, 0.269_425_526_551_208_27],
            0.000_654_836_468_806_524_3,
        ),
    ];
    for (fit, log_ratios, standard_errors, p) in expected {
        for (j, found) in fit.coefficients.iter().enumerate() {
            assert!(close(found.log_ratio, log_ratios[j], 1e-11), "{fit:?}");
            assert!(
                close(found.standard_error, standard_errors[j], 1e-11),
                "{fit:?}"
            );
            let size = fit.coefficients.len();
            let variance = fit.covariance[j * size + j];
            assert!(close(variance.sqrt(), standard_errors[j], 1e-11), "{fit:?}");
        }
        assert!(close(fit.likelihood_ratio_p, p, 1e-10), "{fit:?}");
    }
}

#[test]
fn two_groups_and_the_general_fit_agree() {
    for (table, fit) in [
        (two(), cox(false, false)),
        (two_stratified(), cox(false, true)),
    ] {
        let binary = table.hazard_ratio(Confidence::percent_95()).unwrap();
        let general = fit.coefficients[0];
        assert!(close(binary.log_ratio, general.log_ratio, 1e-12));
        assert!(close(binary.standard_error, general.standard_error, 1e-12));
        assert!(close(binary.interval.upper, general.interval.upper, 1e-12));
        assert!(close(binary.wald_p, general.wald_p, 1e-11));
        assert!(close(
            binary.likelihood_ratio_p,
            fit.likelihood_ratio_p,
            1e-10
        ));
    }
}

#[test]
fn identical_arms_do_not_differ() {
    let arm = group(&[100., 110., 110., -115., 120., 131.]);
    let table = RiskTable::new(&[&arm, &arm]).unwrap();
    let test = table.log_rank().unwrap();
    assert!(test.chi_squared < 1e-25 && test.p > 1.0 - 1e-12, "{test:?}");
    let hazard = table.hazard_ratio(Confidence::percent_95()).unwrap();
    assert!((hazard.ratio - 1.0).abs() < 1e-14, "{hazard:?}");
    assert!(hazard.interval.lower < 1.0 && hazard.interval.upper > 1.0);
    assert!(hazard.wald_p > 1.0 - 1e-12 && hazard.likelihood_ratio_p > 1.0 - 1e-6);
}

#[test]
fn separated_arms_have_a_test_but_no_hazard_ratio() {
    let early = group(&[10., 11., 12.]);
    let late = group(&[20., 21., -22.]);
    let table = RiskTable::new(&[&early, &late]).unwrap();
    assert!(table.log_rank().unwrap().p < 0.05);
    let refusal = table.hazard_ratio(Confidence::percent_95()).unwrap_err();
    let lower = NotEstimable::Separated {
        covariate: 0,
        higher: false,
    };
    assert_eq!(refusal, lower);
    assert!(
        refusal.to_string().contains("no finite estimate"),
        "{refusal}"
    );
    let swapped = RiskTable::new(&[&late, &early]).unwrap();
    let refusal = swapped.hazard_ratio(Confidence::percent_95());
    assert!(matches!(
        refusal,
        Err(NotEstimable::Separated { higher: true, .. })
    ));

    let all = [early, late].concat();
    let covariates = [0., 0., 0., 1., 1., 1.];
    let general = fit(&all, &covariates, 1, None, Confidence::percent_95());
    assert_eq!(general.unwrap_err(), lower);
    // Two covariates that separate only together: x + y is larger for whoever dies first.
    let together = [3., 2., 0., 4., 3., 0., 0., 2., 1., 0., -1., 1.];
    let general = fit(&all, &together, 2, None, Confidence::percent_95());
    assert_eq!(general.unwrap_err(), NotEstimable::CombinationSeparates);
}

#[test]
fn one_tie_less_than_separated_is_estimable() {
    // The last early death coincides with the first late one: one event of the second group while both
    // are at risk.
    let early = group(&[10., 11., 12.]);
    let late = group(&[12., 21., 22.]);
    let table = RiskTable::new(&[&early, &late]).unwrap();
    let hazard = table.hazard_ratio(Confidence::percent_95()).unwrap();
    assert!(hazard.ratio > 0.0 && hazard.ratio < 0.3, "{hazard:?}");
    assert!(hazard.interval.upper.is_finite());
}

#[test]
fn what_cannot_be_compared_is_refused_with_its_reason() {
    let some = group(&[3., 4., -5.]);
    let censored = group(&[-3., -4.]);
    let sure = Confidence::percent_95();
    let refusals = |groups: &[&[Observation]]| {
        let table = RiskTable::new(groups).unwrap();
        (
            table.log_rank().unwrap_err(),
            table.hazard_ratio(sure).unwrap_err(),
        )
    };
    assert_eq!(
        refusals(&[&some, &[]]),
        (NotEstimable::OneGroup, NotEstimable::OneGroup)
    );
    assert_eq!(
        refusals(&[&[], &[]]),
        (NotEstimable::NoSubjects, NotEstimable::NoSubjects)
    );
    assert_eq!(
        refusals(&[&censored, &censored]),
        (NotEstimable::NoEvents, NotEstimable::NoEvents)
    );
    assert_eq!(
        refusals(&[&some]),
        (NotEstimable::OneGroup, NotEstimable::NotTwoGroups(1))
    );
    assert_eq!(
        refusals(&[]),
        (NotEstimable::NoSubjects, NotEstimable::NotTwoGroups(0))
    );
    // All events happen after the last subject of the other group has left.
    let gone = group(&[-1., -2.]);
    assert_eq!(
        refusals(&[&some, &gone]),
        (NotEstimable::NoContrast, NotEstimable::NoContrast)
    );
    // Each stratum has one group only.
    let apart = RiskTable::stratified(&[&some, &some], &[&[0, 0, 0], &[1, 1, 1]]).unwrap();
    assert_eq!(apart.log_rank(), Err(NotEstimable::NoContrast));
    assert_eq!(apart.hazard_ratio(sure), Err(NotEstimable::NoContrast));
    // An empty third group costs no degree of freedom.
    let with_nobody = RiskTable::new(&[&some, &group(&[2., 6.]), &[]]).unwrap();
    assert_eq!(with_nobody.log_rank().unwrap().degrees, 1);
    // One event is enough for a test.
    let one = RiskTable::new(&[&group(&[3., -4.]), &censored]).unwrap();
    let test = one.log_rank().unwrap();
    assert!(test.p > 0.3 && test.p < 1.0, "{test:?}");
    assert!(matches!(
        one.hazard_ratio(sure),
        Err(NotEstimable::Separated { higher: false, .. })
    ));
}

#[test]
fn hostile_input_is_refused() {
    let good = group(&[1., 2., 3.]);
    for time in [f64::NAN, f64::NEG_INFINITY, f64::INFINITY, -1.0] {
        let bad = [good[0], Observation { time, event: true }];
        let refusal = RiskTable::new(&[&good, &bad]).unwrap_err();
        let expected = matches!(
            refusal,
            NotEstimable::Time {
                group: 1,
                subject: 1,
                ..
            }
        );
        assert!(expected, "{refusal}");
        let refusal = fit(&bad, &[0., 1.], 1, None, Confidence::percent_95()).unwrap_err();
        assert!(matches!(refusal, NotEstimable::Time { .. }), "{refusal}");
    }
    let refusal = RiskTable::stratified(&[&good, &good], &[&[1, 2, 3], &[1, 2]]).unwrap_err();
    let expected = NotEstimable::Shape {
        what: "strata",
        given: 5,
        subjects: 6,
    };
    assert_eq!(refusal, expected);
    let sure = Confidence::percent_95();
    let refused = |covariates: &[f64], per_subject, strata: Option<&[u64]>| {
        fit(&good, covariates, per_subject, strata, sure).unwrap_err()
    };
    assert!(matches!(
        refused(&[0., 1.], 1, None),
        NotEstimable::Shape { .. }
    ));
    assert!(matches!(refused(&[], 0, None), NotEstimable::Shape { .. }));
    assert!(matches!(
        refused(&[0., 1., 0.], 1, Some(&[1])),
        NotEstimable::Shape { .. }
    ));
    assert_eq!(
        refused(&[0., 1., 0., f64::NAN, 0., 1.], 2, None),
        NotEstimable::Covariate {
            covariate: 1,
            subject: 1
        }
    );
    assert_eq!(
        refused(&[2., 2., 2.], 1, None),
        NotEstimable::Collinear { covariate: 0 }
    );
    let nobody = fit(&[], &[], 1, None, sure).unwrap_err();
    assert_eq!(nobody, NotEstimable::NoSubjects);
    assert_eq!(Confidence::new(1.0), None);
    assert_eq!(Confidence::new(f64::NAN), None);
}

#[test]
fn a_covariate_that_repeats_others_is_named() {
    let mut observations = group(&PLACEBO);
    observations.extend(group(&MERCAPTOPURINE));
    let covariates: Vec<f64> = (0..42)
        .flat_map(|i| {
            let treated = if i < 21 { 0.0 } else { 1.0 };
            [treated, SECOND[i], 3.0 * treated - 0.5 * SECOND[i] + 7.0]
        })
        .collect();
    let refusal = fit(
        &observations,
        &covariates,
        3,
        None,
        Confidence::percent_95(),
    )
    .unwrap_err();
    assert_eq!(refusal, NotEstimable::Collinear { covariate: 2 });
}

/// Arms of random animals with ties and censoring.
fn random_arms(number: u64, size: usize) -> [Vec<Observation>; 2] {
    let mut random = crate::random::Stream::new(5, "arms", number);
    [0.0, 4.0].map(|gain| {
        let mut animal = || {
            let time = (130.0 + gain + 11.0 * random.normal()).round();
            Observation {
                time,
                event: random.uniform() < 0.85,
            }
        };
        (0..size).map(|_| animal()).collect()
    })
}

#[test]
fn comparisons_do_not_depend_on_what_does_not_matter() {
    let sure = Confidence::percent_95();
    for number in 0..50 {
        let [first, second] = random_arms(number, 12);
        let table = RiskTable::new(&[&first, &second]).unwrap();
        let (test, hazard) = (table.log_rank().unwrap(), table.hazard_ratio(sure).unwrap());

        // The order of subjects: not a bit.
        let mut mixed = first.clone();
        mixed.reverse();
        let other = RiskTable::new(&[&mixed, &second]).unwrap();
        assert_eq!(other.log_rank().unwrap(), test);
        assert_eq!(other.hazard_ratio(sure).unwrap(), hazard);

        // The names of the groups: the inverse ratio, the same p.
        let swapped = RiskTable::new(&[&second, &first]).unwrap();
        let inverse = swapped.hazard_ratio(sure).unwrap();
        assert!((inverse.log_ratio + hazard.log_ratio).abs() < 1e-13);
        assert!(close(inverse.wald_p, hazard.wald_p, 1e-11));
        assert!(close(swapped.log_rank().unwrap().p, test.p, 1e-11));

        // The clock: any growing function of time.
        let slower = |arm: &[Observation]| -> Vec<_> {
            let one = |o: &Observation| Observation {
                time: Real::exp(o.time / 40.0),
                event: o.event,
            };
            arm.iter().map(one).collect()
        };
        let other = RiskTable::new(&[&slower(&first), &slower(&second)]).unwrap();
        assert_eq!(other.log_rank().unwrap(), test);

        // One stratum is none; strata without events add nothing.
        let (mut left, mut right) = (vec![9; 12], vec![9; 12]);
        let one = RiskTable::stratified(&[&first, &second], &[&left, &right]).unwrap();
        assert_eq!(one.log_rank().unwrap(), test);
        let [mut longer, mut wider] = [first.clone(), second.clone()];
        longer.push(Observation::censored(1e3));
        wider.push(Observation::censored(1e3));
        left.push(1);
        right.push(1);
        let more = RiskTable::stratified(&[&longer, &wider], &[&left, &right]).unwrap();
        assert_eq!(more.hazard_ratio(sure).unwrap(), hazard);
        assert!(close(more.log_rank().unwrap().p, test.p, 1e-12));
    }
}

#[test]
fn under_the_null_p_is_uniform() {
    // 2000 experiments with 24 animals per arm and no effect: 5 % of the p are below 0.05, with a standard
    // error of 0.5 %; the log-rank test is known to be a little liberal in groups of this size.
    let mut random = crate::random::Stream::new(11, "null", 0);
    let mut significant = 0;
    for _ in 0..2000 {
        let mut arm = || -> Vec<_> {
            let mut animal = || Observation::event(130.0 + 11.0 * random.normal());
            (0..24).map(|_| animal()).collect()
        };
        let (first, second) = (arm(), arm());
        let table = RiskTable::new(&[&first, &second]).unwrap();
        significant += u32::from(table.log_rank().unwrap().p < 0.05);
    }
    assert!((70..=140).contains(&significant), "{significant} of 2000");
}

#[test]
fn a_picture_of_a_large_group_keeps_medians_and_numbers_at_risk() {
    let mut random = crate::random::Stream::new(1, "large", 0);
    let group: Vec<Observation> = (0..40_000)
        .map(|_| {
            let time = 130.0 + 11.0 * random.normal();
            let died = random.uniform() < 0.9;
            if died {
                Observation::event(time)
            } else {
                Observation::censored(time)
            }
        })
        .collect();
    let whole = KaplanMeier::new(&group, Confidence::percent_95()).unwrap();
    let shown = KaplanMeier {
        steps: shown_steps(whole.steps.clone()),
        ..whole.clone()
    };
    assert!(shown.steps.len() < 8192 && shown.steps.len() > 2000);
    assert_eq!(shown.median(), whole.median());
    for day in 60..220 {
        let day = f64::from(day);
        assert_eq!(shown.at_risk(day), whole.at_risk(day), "{day}");
        assert!((shown.survival_at(day) - whole.survival_at(day)).abs() < 1e-3);
    }
    assert_eq!(shown.steps.last(), whole.steps.last());
    assert_eq!(shown_steps(shown.steps.clone()), shown.steps);
    let small = whole.steps[..8000].to_vec();
    assert_eq!(shown_steps(small.clone()), small);
    assert!(shown_steps(Vec::new()).is_empty());
}
