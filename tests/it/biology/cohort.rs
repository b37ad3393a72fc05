//! Untreated cohorts: mean and spread of life by sex and background, and definitions of the end.

use gutbrain::cohort::Cohort;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::Endpoints;
use gutbrain_network::declaration::Sex;
use gutbrain_statistics::samples;

use crate::biology::lives::builtin;

/// Sex and endpoints of untreated animals of a background.
fn untreated(preset: &str, subjects: u64) -> Vec<(Sex, Endpoints)> {
    let model = builtin();
    let text = format!(
        "[subject]\npreset = \"{preset}\"\n[simulation]\nstart = \"21 d\"\nstop = \"300 d\"\n\
         every = \"30 d\"\n[cohort]\nsubjects = {subjects}\nother_deaths = \"none\"\n"
    );
    let scenario = Scenario::from_text("untreated.toml", &text, &model);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let plan = scenario.cohort.clone().expect("a cohort");
    let cohort = Cohort::new(&model, &scenario, &plan).expect("a sound cohort");
    let mut animals = Vec::new();
    let done: Result<(), ()> = cohort.simulate(|members| {
        animals.extend(
            members
                .into_iter()
                .map(|member| (member.sex(), member.run.endpoints)),
        );
        Ok(())
    });
    done.expect("the sink takes everything");
    animals
}

fn deaths(animals: &[(Sex, Endpoints)], sex: Option<Sex>) -> Vec<f64> {
    let of_sex = animals
        .iter()
        .filter(|(own, _)| sex.is_none_or(|sex| sex == *own));
    of_sex
        .map(|(_, ends)| ends.death_d().expect("an end"))
        .collect()
}

fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    (
        samples::mean(values).expect("animals"),
        samples::standard_deviation(values).expect("animals"),
    )
}

#[test]
fn b6sjl_cohorts_live_as_long_and_as_unequally_as_published() {
    let animals = untreated("mouse-g93a-b6sjl", 400);
    // S1-01, S1-02, S1-03; three standard errors of 400 and 200 animals, and a day of fit.
    for (sex, mean, spread) in [
        (None, 130.2, 11.2),
        (Some(Sex::Female), 132.8, 12.4),
        (Some(Sex::Male), 127.9, 9.5),
    ] {
        let lives = deaths(&animals, sex);
        let (found, deviation) = mean_and_spread(&lives);
        let error = spread / (lives.len() as f64).sqrt();
        assert!(
            (found - mean).abs() < 3.0 * error + 1.0,
            "{sex:?}: {found} {mean}"
        );
        assert!(
            (deviation / spread - 1.0).abs() < 0.2,
            "{sex:?}: {deviation} {spread}"
        );
    }
    // S1-06: paralysis comes three to four days before the loss of the righting reflex.
    let gaps: Vec<f64> = animals
        .iter()
        .filter_map(|(_, ends)| Some(ends.death_d()? - ends.ages.of("paralysis")?))
        .collect();
    let (gap, _) = mean_and_spread(&gaps);
    assert!(
        gaps.len() == animals.len() && (3.0..4.5).contains(&gap),
        "{gap}"
    );
}

#[test]
fn c57bl6_cohorts_live_longer_and_their_sexes_alike() {
    // S1-07, S1-08, S1-13.
    let animals = untreated("mouse-g93a-c57bl6", 200);
    let (mean, spread) = mean_and_spread(&deaths(&animals, None));
    assert!((mean - 160.0).abs() < 4.0, "{mean}");
    assert!((8.0..18.0).contains(&spread), "{spread}");
    let (female, _) = mean_and_spread(&deaths(&animals, Some(Sex::Female)));
    let (male, _) = mean_and_spread(&deaths(&animals, Some(Sex::Male)));
    assert!((female - male).abs() < 3.0 * spread * (2.0 / 100.0_f64).sqrt());
}
