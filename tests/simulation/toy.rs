//! The toy model, scenarios on it, and the drug's exact solution.

use gutbrain::model::Model;
use gutbrain::scenario::{Action, Amount, Arm, Operation, Scenario, SolverPlan, Target, When};
use gutbrain::simulate::{ArmRun, simulate};
use gutbrain_integrate::Method;
use gutbrain_network::{Declaration, Source};
use gutbrain_numbers::Real;

pub(crate) const ELIMINATION: f64 = 0.5;
pub(crate) const TO_TISSUE: f64 = 0.3;
pub(crate) const FROM_TISSUE: f64 = 0.2;
pub(crate) const TOXICITY: f64 = 0.004;

const MODEL: &str = r#"
[compartment.blood]
says   = "Blood"
region = "blood"
[compartment.tissue_space]
says   = "Tissue"
region = "body"
[compartment.cord]
says   = "Spinal cord"
region = "cord"

[species.central]
says    = "Drug in blood"
where   = "blood"
unit    = "mg"
initial = 0
scale   = 1
assumed = "test"
[species.tissue]
says    = "Drug in tissue"
where   = "tissue_space"
unit    = "mg"
initial = 0
scale   = 1
assumed = "test"
[species.signal]
says    = "Harmful signal"
where   = "cord"
unit    = "mg"
initial = "steady"
guess   = 1
scale   = 1
assumed = "test"
[species.neurons]
says    = "Living neurons, share of those at birth"
where   = "cord"
unit    = "1"
initial = "neurons_at_birth"
scale   = 1
assumed = "test"
[species.bomb]
says    = "Grows without bound in finite time once it is armed"
where   = "cord"
unit    = "1"
initial = 0.5
scale   = 1
assumed = "test"

[parameter.elimination]
says = "Elimination"
unit = "1/day"
value = 0.5          # a comment that must stay
range = [0.05, 5]
prior = "lognormal"
assumed = "test"
[parameter.to_tissue]
says = "Distribution"
unit = "1/day"
value = 0.3
range = [0.03, 3]
prior = "lognormal"
assumed = "test"
[parameter.from_tissue]
says = "Return"
unit = "1/day"
value = 0.2
range = [0.02, 2]
prior = "loguniform"
assumed = "test"
[parameter.infusion]
says = "Infusion of the drug"
unit = "mg/day"
value = 0
role = "input"
assumed = "test"
[parameter.production]
says = "Production of the signal"
unit = "mg/day"
value = 2
range = [0.2, 20]
prior = "lognormal"
assumed = "test"
[parameter.decay]
says = "Decay of the signal"
unit = "1/day"
value = 0.4
range = [0.04, 4]
prior = "lognormal"
assumed = "test"
[parameter.half]
says = "Signal at which its production is halved"
unit = "mg"
value = 1.5
range = [0.15, 15]
prior = "lognormal"
assumed = "test"
[parameter.transgene]
says = "Copies of the transgene"
unit = "1"
value = 0
range = [0, 40]
prior = "fixed"
assumed = "test"
[parameter.gain]
says = "Gain of production per copy"
unit = "1"
value = 2
range = [0.2, 20]
prior = "lognormal"
assumed = "test"
[parameter.toxicity]
says = "Death rate of neurons at the resting signal"
unit = "1/day"
value = 0.004
range = [0.0004, 0.04]
prior = "lognormal"
assumed = "test"
[parameter.potency]
says = "Drug that halves the death rate"
unit = "mg"
value = 3
range = [0.3, 30]
prior = "lognormal"
assumed = "test"
[parameter.neurons_at_birth]
says = "Neurons at birth"
unit = "1"
value = 1
range = [0.5, 1.5]
prior = "normal"
assumed = "test"
[parameter.onset_level]
says = "Share of neurons at which the disease shows"
unit = "1"
value = 0.8
range = [0.6, 0.9]
prior = "logitnormal"
assumed = "test"
[parameter.death_level]
says = "Share of neurons at which the animal dies"
unit = "1"
value = 0.5
range = [0.2, 0.55]
prior = "uniform"
assumed = "test"
[parameter.armed]
says = "Whether the bomb is armed"
unit = "1/day"
value = 0
role = "input"
assumed = "test"

[process.infusing]
says = "The drug is infused"
changes = { central = 1 }
rate = "infusion"
assumed = "test"
[process.eliminating]
says = "The drug is eliminated"
changes = { central = -1 }
rate = "elimination * central"
assumed = "test"
[process.distributing]
says = "The drug goes to tissue"
changes = { central = -1, tissue = 1 }
rate = "to_tissue * central"
assumed = "test"
[process.returning]
says = "The drug comes back"
changes = { tissue = -1, central = 1 }
rate = "from_tissue * tissue"
assumed = "test"
[process.producing]
says = "The signal is produced, and limits its production"
changes = { signal = 1 }
rate = "production * (1 + gain * transgene) * hill_down(signal, half, 2)"
assumed = "test"
[process.decaying]
says = "The signal decays"
changes = { signal = -1 }
rate = "decay * signal"
assumed = "test"
[process.dying]
says = "Neurons die of the signal"
changes = { neurons = -1 }
rate = "toxicity * neurons * (signal / resting(signal))^2"
assumed = "test"
[modulator.drug_protects]
says = "The drug slows the death of neurons"
factor = "1 / (1 + central / potency)"
acts_on = ["process.dying"]
assumed = "test"
[process.exploding]
says = "The armed bomb grows with its square"
changes = { bomb = 1 }
rate = "armed * bomb^2"
assumed = "test"

[parameter.bioavailability]
says = "Share of the drug that arrives"
unit = "1"
value = 0.8
range = [0.5, 1]
prior = "uniform"
assumed = "test"

[intervention.drug]
says = "Infusion of the drug"
dose = { unit = "mg/day" }
sets = { infusion = "dose * bioavailability" }
assumed = "test"
[intervention.signal-pulse]
says = "More of the signal at once, in units of that of a healthy animal"
dose = { unit = "1" }
impulse = { adds = { signal = "dose * resting(signal)" } }
assumed = "test"

[observable.signal_fold]
says = "Signal, fold of the healthy one"
unit = "1"
value = "signal / resting(signal)"
assumed = "test"
[observable.infusion_now]
says = "Infusion"
unit = "mg/day"
value = "infusion"
assumed = "test"

[event.onset]
says = "The disease shows"
when = "neurons - onset_level"
direction = "falling"
endpoint = "onset"
assumed = "test"
[event.death]
says = "The animal dies"
when = "neurons - death_level"
direction = "falling"
ends = true
endpoint = "death"
assumed = "test"
"#;

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
    Model {
        hash: declaration.hash().to_owned(),
        declaration,
        label: "toy".to_owned(),
    }
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
    let when = When::During { start, stop };
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
        when: When::Once { at },
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
