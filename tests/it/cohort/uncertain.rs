//! Animals of a cohort whose parameters come from a posterior.

use super::*;

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
