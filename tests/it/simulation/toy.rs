//! The toy model, scenarios on it, and the drug's exact solution.

use std::sync::Arc;

use gutbrain::model::Model;
use gutbrain::scenario::{Action, Amount, Arm, Operation, Scenario, SolverPlan, Target, When};
use gutbrain::simulate::feature::{Endpoint, EndpointSet, Reading};
use gutbrain::simulate::{ArmRun, Feature, simulate};
use gutbrain_integrate::Method;
use gutbrain_network::declaration::Family;
use gutbrain_network::{Declaration, Source};
use gutbrain_numbers::Real;

pub(crate) const ELIMINATION: f64 = 0.5;
pub(crate) const TO_TISSUE: f64 = 0.3;
pub(crate) const FROM_TISSUE: f64 = 0.2;
pub(crate) const TOXICITY: f64 = 0.004;

const MODEL: &str = include_str!("toy.toml");

const HEALTHY: &str = r#"
says = "A healthy animal"
species = "mouse"
strain = "test"
genotype = "wild type"
"#;

const SICK: &str = r#"
says = "An animal with a transgene"
species = "mouse"
strain = "test"
genotype = "transgenic"
extends = "healthy"
steady_as = { transgene = 0 }
[parameters]
transgene = { value = 1, assumed = "test" }
toxicity  = { value = 0.003, assumed = "test" }
"#;

/// The files of the toy model: name and text.
pub(crate) fn files() -> Vec<(String, String)> {
    [
        ("model/toy.toml", MODEL),
        ("model/subjects/healthy.toml", HEALTHY),
        ("model/subjects/sick.toml", SICK),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .to_vec()
}

/// The toy model with other texts.
pub(crate) fn model_of(files: &[(String, String)]) -> Model {
    let sources: Vec<Source> = files
        .iter()
        .map(|(name, text)| Source::new(name.as_str(), text.as_str()))
        .collect();
    let declaration = Declaration::read(&sources).unwrap_or_else(|faults| panic!("{faults}"));
    Model::new(declaration, "toy")
}

/// The toy model.
pub(crate) fn model() -> Model {
    model_of(&files())
}

/// A scenario of one subject with these arms, ages 0 to 40 d, strict tolerances.
pub(crate) fn scenario(preset: &str, arms: Vec<Arm>) -> Scenario {
    let text = "schema = 1\ntitle = \"toy\"\n[subject]\npreset = \"healthy\"\n[simulation]\n\
         start = \"0 d\"\nstop = \"40 d\"\nevery = \"0.5 d\"\n[[arm]]\nname = \"only\"\n";
    let scenario = Scenario::from_text("toy.toml", text, &model());
    let mut scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    scenario.subject.preset = preset.to_owned();
    scenario.solver = SolverPlan {
        method: Method::Rodas5P,
        rtol: 1e-10,
        atol: 1e-10,
        maximum_steps: 100_000,
        maximum_step: None,
    };
    scenario.arms = arms;
    scenario
}

/// An arm with these actions.
pub(crate) fn arm(name: &str, actions: Vec<Action>) -> Arm {
    Arm {
        name: name.to_owned(),
        actions,
        shading: Vec::new(),
    }
}

/// A window `[start, stop)`.
pub(crate) fn during(
    target: Target,
    operation: Operation,
    value: f64,
    start: f64,
    stop: f64,
) -> Action {
    let when = When::between(start, stop);
    Action {
        target,
        operation,
        amount: Amount::Given(value),
        when,
        origin: "test".to_owned(),
    }
}

/// An impulse.
pub(crate) fn once(id: &str, operation: Operation, value: f64, at: f64) -> Action {
    let target = Target::Species(id.to_owned());
    Action {
        target,
        operation,
        amount: Amount::Given(value),
        when: When::at(at),
        origin: "test".to_owned(),
    }
}

/// The only effect of an intervention at a dose.
pub(crate) fn dosed(
    intervention: &str,
    dose: f64,
    target: Target,
    operation: Operation,
    when: When,
) -> Action {
    let amount = Amount::OfDose {
        intervention: intervention.to_owned(),
        dose,
        effect: 0,
    };
    Action {
        target,
        operation,
        amount,
        when,
        origin: "test".to_owned(),
    }
}

/// Infusion at `rate` over `[start, stop)`.
pub(crate) fn infusion(rate: f64, start: f64, stop: f64) -> Action {
    during(parameter("infusion"), Operation::Set, rate, start, stop)
}

pub(crate) fn parameter(id: &str) -> Target {
    Target::Parameter(id.to_owned())
}

pub(crate) fn process(id: &str) -> Target {
    Target::Process(id.to_owned())
}

pub(crate) fn modulator(id: &str) -> Target {
    Target::Modulator(id.to_owned())
}

pub(crate) fn species(id: &str) -> Target {
    Target::Species(id.to_owned())
}

/// The only arm of a healthy animal with these actions, followed from 0 to 40 d.
pub(crate) fn run(actions: Vec<Action>) -> ArmRun {
    let scenario = scenario("healthy", vec![arm("only", actions)]);
    simulate(&model(), &scenario)
        .expect("the scenario fits the model")
        .remove(0)
}

/// The drug by hand: amounts in blood and tissue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drug {
    pub(crate) central: f64,
    pub(crate) tissue: f64,
    pub(crate) elimination: f64,
}

impl Drug {
    pub(crate) const NONE: Drug = Drug {
        central: 0.0,
        tissue: 0.0,
        elimination: ELIMINATION,
    };

    /// Amounts after `days` with a constant infusion:
    /// x' = A x + b, x(t) = x∞ + e^{At} (x(0) − x∞), with e^{At} from the two eigenvalues of A.
    pub(crate) fn after(self, days: f64, infusion: f64) -> Drug {
        let (ke, k12, k21) = (self.elimination, TO_TISSUE, FROM_TISSUE);
        let (a, b, c, d) = (-(ke + k12), k21, k12, -k21);
        let root = Real::sqrt((a - d) * (a - d) + 4.0 * b * c);
        let (fast, slow) = (0.5 * (a + d - root), 0.5 * (a + d + root));
        let (ef, es) = (Real::exp(fast * days), Real::exp(slow * days));
        // Without elimination there is no rest; then no infusion is asked for in these tests.
        let rest = if ke > 0.0 { infusion / ke } else { 0.0 };
        let rest_tissue = rest * k12 / k21;
        let (x, y) = (self.central - rest, self.tissue - rest_tissue);
        let entry = |own: f64, identity: f64| {
            (ef * (own - slow * identity) - es * (own - fast * identity)) / (fast - slow)
        };
        Drug {
            central: rest + entry(a, 1.0) * x + entry(b, 0.0) * y,
            tissue: rest_tissue + entry(c, 0.0) * x + entry(d, 1.0) * y,
            elimination: ke,
        }
    }

    pub(crate) fn plus(self, dose: f64) -> Drug {
        Drug {
            central: self.central + dose,
            ..self
        }
    }

    pub(crate) fn with_elimination(self, elimination: f64) -> Drug {
        Drug {
            elimination,
            ..self
        }
    }
}

/// The value of a curve at an age of the grid.
pub(crate) fn at(run: &ArmRun, id: &str, age: f64) -> f64 {
    let place = run
        .times
        .iter()
        .position(|&time| (time - age).abs() < 1e-9)
        .unwrap_or_else(|| panic!("age {age} is not in the grid"));
    run.curve(id)
        .unwrap_or_else(|| panic!("no curve {id}"))
        .values[place]
}

/// Asserts |a − b| ≤ tolerance × max(1, |b|).
#[track_caller]
pub(crate) fn assert_near(a: f64, b: f64, tolerance: f64) {
    let allowed = tolerance * if b.abs() > 1.0 { b.abs() } else { 1.0 };
    assert!(
        (a - b).abs() <= allowed,
        "{a} is not {b} within {tolerance}"
    );
}

/// The endpoints of a model without a family.
fn endpoints() -> Arc<EndpointSet> {
    Family::plain().endpoints
}

/// An endpoint of the toy.
pub(crate) fn endpoint(word: &str) -> Endpoint {
    endpoints().find(word).expect(word).clone()
}

/// A feature of the toy.
pub(crate) fn feature(arm: &str, text: &str) -> Feature {
    Feature::parse(arm, text, &endpoints()).expect(text)
}

/// The same of one arm that is compared with none.
pub(crate) fn reading(text: &str) -> Reading {
    Reading::parse(text, &endpoints()).expect(text)
}
