//! Against hand computations, closed forms and theory.

use super::*;
use crate::random::Stream;
use crate::survival::Observation;
use crate::{normal, student};

/// A share of 2,000 of which 5 % are expected lies within this of it in 999 of 1,000 cases.
const LEVEL_ERROR: f64 = 0.016;

/// People with random intercepts (SD 5), slopes (SD 0.7) and errors (SD 1.2), at visits 0, 1, ….
struct People {
    stream: Stream,
    effect: f64,
}

impl People {
    fn new(name: &str, number: u64, effect: f64) -> Self {
        let stream = Stream::new(7, name, number);
        Self { stream, effect }
    }

    fn person(&mut self, treated: bool, visits: u32) -> Followed {
        let (b0, b1) = (5.0 * self.stream.normal(), 0.7 * self.stream.normal());
        let covariate = self.stream.normal();
        let times: Vec<f64> = (0..visits).map(f64::from).collect();
        let slope = -1.0 + b1 + if treated { self.effect } else { 0.0 };
        let outcome = |t: &f64| 40.0 + b0 + covariate + slope * t + 1.2 * self.stream.normal();
        Followed {
            treated,
            covariates: vec![covariate],
            outcomes: times.iter().map(outcome).collect(),
            times,
        }
    }

    fn trial(&mut self, per_arm: usize, visits: u32) -> Vec<Followed> {
        let people = 0..2 * per_arm;
        people
            .map(|number| self.person(number % 2 == 1, visits))
            .collect()
    }
}

/// Cuts a course off after its first visits.
fn leave(it: &mut Followed, after: usize) {
    it.times.truncate(after);
    it.outcomes.truncate(after);
}

#[test]
fn without_missing_visits_it_is_the_t_test_of_slopes() {
    // Complete visits at the same times: the estimate is the difference of mean least-squares slopes.
    let (per_arm, visits) = (9_u32, 6_u32);
    let mut people = People::new("balanced", 0, 0.3);
    let mut rows = people.trial(per_arm as usize, visits);
    rows.iter_mut().for_each(|it| it.covariates.clear());
    let slopes: Vec<(bool, f64)> = rows
        .iter()
        .map(|it| {
            let middle = f64::from(visits - 1) / 2.0;
            let (mut above, mut below) = (0.0, 0.0);
            for (t, y) in it.times.iter().zip(&it.outcomes) {
                above += (t - middle) * y;
                below += (t - middle) * (t - middle);
            }
            (it.treated, above / below)
        })
        .collect();
    let arm = |wanted: bool| {
        let of = slopes.iter().filter(|it| it.0 == wanted);
        let of: Vec<f64> = of.map(|it| it.1).collect();
        let mean = of.iter().sum::<f64>() / f64::from(per_arm);
        (
            mean,
            of.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>(),
        )
    };
    let ((control, a), (treated, b)) = (arm(false), arm(true));
    let freedom = 2.0 * f64::from(per_arm) - 2.0;
    let error = ((a + b) / freedom * 2.0 / f64::from(per_arm)).sqrt();
    // With an intercept per arm the model is the one of that test.
    let mut records = Records::new(4);
    for it in &rows {
        let own = if it.treated { 1.0 } else { 0.0 };
        let design: Vec<f64> = it
            .times
            .iter()
            .flat_map(|t| [1.0, *t, own * t, own])
            .collect();
        records.add(&it.times, &it.outcomes, &design).unwrap();
    }
    let fit = records.fit(Method::Restricted).unwrap();
    assert!(!fit.at_edge);
    let found = fit.coefficients[2];
    let close = |ours: f64, theirs: f64| (ours - theirs).abs() <= 1e-8 * theirs.abs();
    assert!(close(found.estimate, treated - control), "{found:?}");
    assert!(close(found.standard_error, error), "{found:?} {error}");
    assert!(close(found.degrees, freedom), "{found:?}");
    let p = student::two_sided((treated - control) / error, freedom);
    assert!(close(found.p, p), "{found:?} {p}");
}

#[test]
fn units_and_origins_change_nothing() {
    let mut rows = People::new("units", 0, 0.3).trial(12, 5);
    let before = slope_difference(&rows, Method::Restricted).unwrap();
    for it in &mut rows {
        it.outcomes.iter_mut().for_each(|y| *y = 1e6 + 1e-3 * *y);
        it.times.iter_mut().for_each(|t| *t *= 30.0);
    }
    let after = slope_difference(&rows, Method::Restricted).unwrap();
    let ratio = after.difference.estimate / before.difference.estimate * 30e3;
    assert!((ratio - 1.0).abs() < 1e-5, "{ratio}");
    assert!((after.difference.p / before.difference.p - 1.0).abs() < 1e-5);
}

#[test]
fn slopes_keep_their_level() {
    let mut found = 0_u32;
    for number in 0..2000 {
        let rows = People::new("null", number, 0.0).trial(10, 4);
        let fit = slope_difference(&rows, Method::Restricted).unwrap();
        found += u32::from(fit.difference.p < 0.05);
    }
    let share = f64::from(found) / 2000.0;
    assert!((share - 0.05).abs() < LEVEL_ERROR, "{share}");
}

#[test]
fn leaving_for_what_was_seen_does_not_bias_the_slopes() {
    // Missing at random: whoever was seen to lose more than 1.5 points a visit leaves.
    let (mut all, mut complete) = (Vec::new(), Vec::new());
    let (mut left, mut asked) = (0_usize, 0_usize);
    for number in 0..400 {
        let mut rows = People::new("seen", number, 0.5).trial(60, 7);
        for it in &mut rows {
            let lost =
                |visit: &usize| it.outcomes[0] - it.outcomes[*visit] > 1.5 * it.times[*visit];
            if let Some(visit) = (2..6).find(lost) {
                leave(it, visit + 1);
                left += 1;
            }
            asked += 1;
        }
        let fit = |rows: &[Followed]| slope_difference(rows, Method::Restricted).unwrap();
        all.push(fit(&rows).difference.estimate);
        rows.retain(|it| it.times.len() == 7);
        complete.push(fit(&rows).difference.estimate);
    }
    let share = left as f64 / asked as f64;
    assert!((0.2..0.5).contains(&share), "{share}");
    let mean = |values: &[f64]| crate::samples::mean(values).unwrap();
    let error = crate::samples::standard_deviation(&all).unwrap() / 20.0;
    assert!((mean(&all) - 0.5).abs() < 3.3 * error, "{}", mean(&all));
    // Those who stayed to the end alone would show half of it.
    assert!(mean(&complete) < 0.5 - 10.0 * error, "{}", mean(&complete));
}

#[test]
fn leaving_for_what_was_not_seen_biases_them_as_theory_says() {
    // Not at random: people whose true slope is below the mean are seen at three of seven visits. With S the
    // information of one person's visits, the estimates tend to (Σ S)⁻¹ Σ S E[b | stays or leaves].
    let mut people = People::new("not seen", 0, 0.0);
    let mut records = Records::new(2);
    let half = (2.0 / std::f64::consts::PI).sqrt() * 0.7;
    for _ in 0..6000 {
        let slope = people.stream.normal();
        let (b0, b1) = (5.0 * people.stream.normal(), 0.7 * slope);
        let visits = if b1 < 0.0 { 3 } else { 7 };
        let times: Vec<f64> = (0..visits).map(f64::from).collect();
        let error = |t: &f64| 40.0 + b0 + (b1 - 1.0) * t + 1.2 * people.stream.normal();
        let outcomes: Vec<f64> = times.iter().map(error).collect();
        let design: Vec<f64> = times.iter().flat_map(|t| [1.0, *t]).collect();
        records.add(&times, &outcomes, &design).unwrap();
    }
    let fit = records.fit(Method::Restricted).unwrap();
    let v = fit.variances;
    let information = |visits: u32| {
        let times = (0..visits).map(f64::from);
        let (n, t, tt) = times.fold((0.0, 0.0, 0.0), |(n, s, q), t| (n + 1.0, s + t, q + t * t));
        // (error (ZᵀZ)⁻¹ + G)⁻¹
        let det = n * tt - t * t;
        let (a, b, c) = (
            v.error * tt / det + v.intercept,
            -v.error * t / det + v.intercept_slope,
            v.error * n / det + v.slope,
        );
        let det = a * c - b * b;
        [c / det, -b / det, a / det]
    };
    let (few, many) = (information(3), information(7));
    let sum = [0, 1, 2].map(|i| few[i] + many[i]);
    let right = [1, 2].map(|i| half * (many[i] - few[i]));
    let det = sum[0] * sum[2] - sum[1] * sum[1];
    let bias = (sum[0] * right[1] - sum[1] * right[0]) / det;
    let slope = fit.coefficients[1];
    assert!(bias > 10.0 * slope.standard_error, "{bias} {slope:?}");
    let off = slope.estimate - (-1.0 + bias);
    assert!(off.abs() < 3.3 * slope.standard_error, "{off} {slope:?}");
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let rows = People::new("refused", 0, 0.0).trial(6, 5);
    let fit = |rows: &[Followed]| slope_difference(rows, Method::Restricted).map(|_| ());
    let mut constant = rows.clone();
    constant.iter_mut().for_each(|it| it.covariates = vec![2.0]);
    assert_eq!(fit(&constant), Err(NotFitted::Collinear(3)));
    let mut alone = rows.clone();
    alone.retain(|it| !it.treated);
    assert_eq!(fit(&alone), Err(NotFitted::Collinear(2)));
    let mut twice = rows.clone();
    twice.iter_mut().for_each(|it| leave(it, 2));
    let what = "subjects with three or more visits";
    let (given, least) = (0, 3);
    assert_eq!(fit(&twice), Err(NotFitted::TooFew { what, given, least }));
    let mut exact = rows.clone();
    for it in &mut exact {
        it.outcomes = it.times.iter().map(|t| 3.0 - t).collect();
    }
    assert_eq!(fit(&exact), Err(NotFitted::NoResidual));
    let mut broken = rows;
    broken[4].outcomes[1] = f64::NAN;
    let what = "outcome";
    assert_eq!(fit(&broken), Err(NotFitted::NotFinite { what, subject: 4 }));
    assert!(matches!(fit(&[]), Err(NotFitted::TooFew { .. })));
}

fn course(survival: Observation, changes: &[(f64, f64)]) -> Course {
    let changes = changes.to_vec();
    Course { survival, changes }
}

#[test]
fn joint_ranks_are_those_of_a_hand_computation() {
    // Control: A dies at 3, B is alive at 6 and lost 8. Treated: C dies at 5, D is alive and lost 4. A does
    // worse than all (−3), C better than A only (−1), B better than A and C (+1), D better than all (+3).
    let (a, c) = (Observation::event(3.0), Observation::event(5.0));
    let alive = Observation::censored(6.0);
    let control = [
        course(a, &[(2.0, -9.0)]),
        course(alive, &[(2.0, -1.0), (6.0, -8.0)]),
    ];
    let treated = [
        course(c, &[(2.0, -2.0)]),
        course(alive, &[(2.0, -3.0), (6.0, -4.0)]),
    ];
    let found = joint_rank(&control, &treated).unwrap();
    assert_eq!(found.mean_ranks.to_vec(), [2.0, 3.0]);
    assert!((found.net_benefit - 0.5).abs() < 1e-15);
    // Ranks 2 and 4 against 1 and 3: sum 6 for 5, variance 2 · 2 · 5 / 12. Scores: 2, variance 4/12 · 20.
    let close = |p: f64, z: f64| (p - normal::two_sided(z)).abs() < 1e-14;
    assert!(close(found.p, 1.0 / (5.0_f64 / 3.0).sqrt()), "{found:?}");
    assert!(
        close(found.score_p, 2.0 / (20.0_f64 / 3.0).sqrt()),
        "{found:?}"
    );
    // E left at 2, before C died: their last common visit tells, not the death.
    let left = [course(Observation::censored(2.0), &[(2.0, -5.0)])];
    let found = joint_rank(&left, &treated[..1]).unwrap();
    assert_eq!(found.mean_ranks.to_vec(), [1.0, 2.0]);
    // Without a common visit nothing tells, and equal ranks are shared.
    let left = [course(Observation::censored(2.0), &[(1.0, -5.0)])];
    assert_eq!(joint_rank(&left, &treated[..1]), Err(NotFitted::NoSpread));
}

#[test]
fn ratios_are_those_of_a_hand_computation() {
    let marker = |start, end| Marker { start, end };
    // Logarithms 0 and ln 4 against ln 2 and ln 8: equal spread, so Welch's is the pooled test.
    let control = [marker(None, 1.0), marker(None, 4.0)];
    let treated = [marker(None, 2.0), marker(None, 8.0)];
    let found = geometric_ratio(&control, &treated).unwrap();
    assert!((found.ratio - 2.0).abs() < 1e-14, "{found:?}");
    assert!((found.degrees - 2.0).abs() < 1e-12, "{found:?}");
    let ln2 = std::f64::consts::LN_2;
    assert!((found.standard_error - 2.0_f64.sqrt() * ln2).abs() < 1e-14);
    // Ends that are ten times their starts, and twenty times: nothing is left over.
    let start = |s: f64, factor: f64| marker(Some(s), s * factor);
    let control = [start(1.0, 10.0), start(2.0, 10.0), start(4.0, 11.0)];
    let treated = [start(1.0, 20.0), start(2.0, 20.0), start(4.0, 22.0)];
    let found = geometric_ratio(&control, &treated).unwrap();
    assert!((found.ratio - 2.0).abs() < 1e-14, "{found:?}");
    let bad = [marker(None, 1.0), marker(None, 0.0)];
    let refused = NotFitted::NotPositive {
        subject: 1,
        value: 0.0,
    };
    assert_eq!(geometric_ratio(&bad, &treated), Err(refused));
    let same = [marker(None, 1.0), marker(None, 1.0)];
    assert_eq!(geometric_ratio(&same, &same), Err(NotFitted::NoSpread));
}

#[test]
fn ranks_and_ratios_keep_their_level() {
    let (mut ranks, mut scores, mut welch, mut adjusted) = (0_u32, 0_u32, 0_u32, 0_u32);
    for number in 0..2000 {
        let mut stream = Stream::new(11, "null", number);
        let mut arm = |size: u32| {
            let one = |_| {
                let lost: f64 = stream.normal();
                let time = -10.0 * gutbrain_numbers::Real::ln(stream.uniform() + 1e-12)
                    / (2.0 + lost).max(0.5);
                let dead = time < 6.0;
                let survival = if dead {
                    Observation::event(time)
                } else {
                    Observation::censored(6.0)
                };
                let seen = (1..=6)
                    .map(f64::from)
                    .filter(|visit| !dead || *visit < time);
                let changes: Vec<(f64, f64)> = seen
                    .map(|visit| (visit, (-lost * visit + stream.normal()).round()))
                    .collect();
                let start = gutbrain_numbers::Real::exp(stream.normal());
                let end = start * gutbrain_numbers::Real::exp(0.5 * stream.normal());
                (
                    Course { survival, changes },
                    Marker {
                        start: Some(start),
                        end,
                    },
                )
            };
            (0..size).map(one).unzip::<_, _, Vec<_>, Vec<_>>()
        };
        let ((c, before), (t, after)) = (arm(20), arm(30));
        let found = joint_rank(&c, &t).unwrap();
        ranks += u32::from(found.p < 0.05);
        scores += u32::from(found.score_p < 0.05);
        adjusted += u32::from(geometric_ratio(&before, &after).unwrap().p < 0.05);
        let plain = |arm: &[Marker]| -> Vec<Marker> {
            arm.iter()
                .map(|it| Marker {
                    start: None,
                    end: it.end,
                })
                .collect()
        };
        welch += u32::from(geometric_ratio(&plain(&before), &plain(&after)).unwrap().p < 0.05);
    }
    for found in [ranks, scores, welch, adjusted] {
        let share = f64::from(found) / 2000.0;
        assert!((share - 0.05).abs() < LEVEL_ERROR, "{share}");
    }
}
