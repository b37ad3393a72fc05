//! Markov chains over a posterior whose prior is a standard normal distribution.
//!
//! Target density: `π(ξ) ∝ exp(−½ |ξ|² + ℓ(ξ))` with the log-likelihood `ℓ` of the targets. Several
//! chains step together; all points of a step are evaluated at once. Steps are of two sorts.
//!
//! *Plain steps* ([`proposal`]) are around the reference, along its axes or along differences of states.
//!
//! *Walks on the surface* come in once the warm-up has fitted response surfaces ([`surface`]) to the
//! predictions: many plain steps are taken with the posterior of the surface, `π̃`, which costs
//! microseconds, and where they end is proposed, and accepted with probability
//! `min(1, π(ξ') π̃(ξ) / (π(ξ) π̃(ξ')))` (J. A. Christen, C. Fox, Journal of Computational and Graphical
//! Statistics 14 (2005) 795–810, doi:10.1198/106186005X76983). The walk is reversible with respect to `π̃`,
//! so that the chain has the posterior `π` whatever the surface is worth; a good one only makes far steps
//! likely. What the surface is off counts as an error of the data there, so that `π̃` is wider than `π` and
//! chains are not caught where it promises too little (T. Cui, C. Fox, M. J. O'Sullivan, Water Resources
//! Research 47 (2011) W10521, doi:10.1029/2010WR010352). Its length is an eighth, a quarter, a half or the whole of [`Plan::walk`], drawn anew.
//!
//! The warm-up has rounds; after each, m and C of the reference are those of the last round's states,
//! drawn towards the first reference, and the surface is fitted to what has been evaluated; the width of
//! steps is moved towards an acceptance of 0.3 of plain steps around the reference. After the warm-up
//! nothing is adapted.
//! Rounds must be long: a reference made of states that have not yet seen the posterior is narrower than
//! it, and the chains then move slowly (with 40 parameters, 200 steps were measured to be too few).
//! A point that cannot be evaluated has no likelihood: it is refused and counted.
//!
//! Draws depend on (seed, chain, step) alone: chains are the same at any number of threads, and go on
//! from a recorded [`State`] as if they had never stopped.

mod proposal;
mod reference;
mod surface;
#[cfg(test)]
mod tests;

use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;

use rayon::prelude::*;

use proposal::Kind;
pub use reference::Reference;
use surface::Surface;

/// How chains are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Chains that step together.
    pub chains: usize,
    /// Rounds of adaptation.
    pub rounds: usize,
    /// Steps of each round, a multiple of `every`.
    pub round: usize,
    /// Steps after the warm-up.
    pub steps: usize,
    /// Every so many steps a state is recorded.
    pub every: usize,
    /// Most steps of a walk on the surface; 0 for no walks.
    pub walk: usize,
    /// Seed of all draws.
    pub seed: u64,
}

impl Plan {
    /// Steps of every chain, warm-up included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.warm_up() + self.steps
    }
}

/// What a point says of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// Logarithm of the likelihood, up to a constant.
    pub likelihood: f64,
    /// The predictions.
    pub predictions: Vec<f64>,
}

/// A place of a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Standard coordinates.
    pub point: Vec<f64>,
    /// What it says.
    pub evaluated: Evaluated,
}

/// A recorded place.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Steps done before it, this one included.
    pub step: usize,
    /// Place of every chain.
    pub places: Vec<Place>,
    /// What was evaluated since the last record, if later steps depend on it.
    pub tried: Vec<Place>,
}

/// What happened to proposals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Proposed.
    pub proposed: usize,
    /// Accepted.
    pub accepted: usize,
    /// Could not be evaluated.
    pub failed: usize,
}

/// What is sampled.
pub trait LogDensity: Sync {
    /// What many points say; `None` for one that cannot be evaluated.
    fn evaluate(&self, points: &[Vec<f64>]) -> Vec<Option<Evaluated>>;

    /// The logarithm of the likelihood of predictions that are off by `errors` (standard deviations), up to
    /// a constant.
    fn likelihood(&self, predictions: &[f64], errors: &[f64]) -> f64;
}

/// Everything that later steps depend on, besides the records.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Steps done.
    pub step: usize,
    /// Where every chain is.
    pub places: Vec<Place>,
    /// Width of steps around the reference.
    pub width: f64,
    /// Since the start of the round (or since the end of the warm-up).
    pub tally: Tally,
}

/// Chains that can be stepped; see the module.
#[derive(Debug)]
pub struct Sampler {
    plan: Plan,
    first: Reference,
    reference: Reference,
    /// Points of the warm-up that differences are taken from.
    record: Vec<Vec<f64>>,
    /// Points of the round that is going on.
    round: Vec<Vec<f64>>,
    /// What has been evaluated in the warm-up.
    tried: Vec<Place>,
    surface: Option<Surface>,
    /// Where the chains are.
    pub state: State,
    /// What was evaluated since the last record.
    fresh: Vec<Place>,
}

/// First width of steps around the reference.
const WIDTH: f64 = 0.3;
/// Acceptance that the width is moved to.
const WANTED: f64 = 0.3;
/// A place counts 1/e in the fit of a surface where the logarithm of the density is by this much below the
/// best one.
const FADING: f64 = 10.0;

/// A step that is proposed.
struct Proposal {
    point: Vec<f64>,
    kind: Kind,
    /// By how much the surface's likelihood grows, on a walk.
    promised: f64,
    /// Logarithm of the number that decides.
    limit: f64,
}

impl Sampler {
    /// Chains at these places, which must have been evaluated.
    #[must_use]
    pub fn new(plan: Plan, reference: Reference, places: Vec<Place>) -> Self {
        let state = State {
            step: 0,
            places,
            width: WIDTH,
            tally: Tally::default(),
        };
        Self {
            plan,
            reference: reference.clone(),
            first: reference,
            record: Vec::new(),
            round: Vec::new(),
            tried: Vec::new(),
            surface: None,
            state,
            fresh: Vec::new(),
        }
    }

    /// The same chains, gone on to `state`, which stands at a record, with these records from the first
    /// step on.
    #[must_use]
    pub fn resumed(mut self, records: &[Record], state: State) -> Self {
        // Adaptation is a function of the records of the warm-up.
        for record in records {
            self.note(record);
            if self.plan.ends_round(record.step) {
                self.adapt();
            }
        }
        self.state = state;
        self
    }

    /// Starting points: `m + L η` of the reference, drawn for every chain.
    #[must_use]
    pub fn starts(plan: &Plan, reference: &Reference) -> Vec<Vec<f64>> {
        let start = |chain: usize| {
            let mut stream = Stream::new(plan.seed, "posterior start", chain as u64);
            reference.draw(&mut stream)
        };
        (0..plan.chains).map(start).collect()
    }

    /// One step of all chains; a record when one is due.
    pub fn step(&mut self, density: &impl LogDensity) -> Option<Record> {
        let number = self.state.step + 1;
        let chains = self.state.places.par_iter().enumerate();
        let proposals: Vec<Proposal> = chains
            .map(|(chain, place)| {
                let count = number as u64 * self.plan.chains as u64 + chain as u64;
                let mut stream = Stream::new(self.plan.seed, "posterior step", count);
                self.propose(place, density, &mut stream)
            })
            .collect();
        let points: Vec<Vec<f64>> = proposals.iter().map(|it| it.point.clone()).collect();
        let outcomes = proposals.into_iter().zip(density.evaluate(&points));
        let warming_up = number <= self.plan.warm_up();
        for (chain, (proposal, evaluated)) in outcomes.enumerate() {
            self.state.tally.proposed += 1;
            let Some(evaluated) = evaluated else {
                self.state.tally.failed += 1;
                continue;
            };
            let Proposal {
                point,
                kind,
                promised,
                limit,
            } = proposal;
            let place = Place { point, evaluated };
            let here = &self.state.places[chain];
            let gain = match kind {
                Kind::OnSurface => {
                    place.evaluated.likelihood - here.evaluated.likelihood - promised
                }
                plain => self.gain(plain, here, &place),
            };
            let accepted = gain > limit;
            if let (Kind::AroundReference, true) = (kind, warming_up) {
                let excess = f64::from(u8::from(accepted)) - WANTED;
                let factor = Real::exp(self.plan.pace() * excess);
                self.state.width = (self.state.width * factor).min(1.0);
            }
            if warming_up && self.plan.walk > 0 {
                self.fresh.push(place.clone());
            }
            if accepted {
                self.state.tally.accepted += 1;
                self.state.places[chain] = place;
            }
        }
        self.state.step = number;
        let record = number.is_multiple_of(self.plan.every).then(|| Record {
            step: number,
            places: self.state.places.clone(),
            tried: std::mem::take(&mut self.fresh),
        });
        if let Some(record) = &record {
            self.note(record);
        }
        if self.plan.ends_round(number) {
            self.adapt();
            self.state.tally = Tally::default();
        }
        record
    }

    /// The logarithm of what decides a plain step.
    fn gain(&self, kind: Kind, from: &Place, to: &Place) -> f64 {
        match kind {
            Kind::AroundReference | Kind::AlongAxes => {
                self.reference.excess(to) - self.reference.excess(from)
            }
            Kind::AlongDifference | Kind::OnSurface => density(to) - density(from),
        }
    }

    fn propose(&self, place: &Place, density: &impl LogDensity, stream: &mut Stream) -> Proposal {
        if let Some(surface) = &self.surface
            && stream.below(4) > 0
        {
            return self.walk(place, surface, density, stream);
        }
        let (point, kind) = self.plain(&place.point, stream);
        Proposal {
            point,
            kind,
            promised: 0.0,
            limit: Real::ln(stream.uniform()),
        }
    }

    /// Plain steps on the surface, one after the other.
    fn walk(
        &self,
        place: &Place,
        surface: &Surface,
        density: &impl LogDensity,
        stream: &mut Stream,
    ) -> Proposal {
        let promise = |point: Vec<f64>| {
            let predictions = surface.predictions(&point);
            let likelihood = density.likelihood(&predictions, &surface.errors);
            let evaluated = Evaluated {
                likelihood,
                predictions,
            };
            Place { point, evaluated }
        };
        let first = promise(place.point.clone());
        let mut here = first.clone();
        let length = (self.plan.walk >> stream.below(4)).max(1);
        for _ in 0..length {
            let (point, kind) = self.plain(&here.point, stream);
            let there = promise(point);
            if self.gain(kind, &here, &there) > Real::ln(stream.uniform()) {
                here = there;
            }
        }
        Proposal {
            promised: here.evaluated.likelihood - first.evaluated.likelihood,
            point: here.point,
            kind: Kind::OnSurface,
            limit: Real::ln(stream.uniform()),
        }
    }

    /// Nothing is learned after the warm-up.
    fn note(&mut self, record: &Record) {
        if record.step <= self.plan.warm_up() {
            let points = record.places.iter().map(|place| place.point.clone());
            self.round.extend(points);
            self.tried.extend(record.tried.iter().cloned());
        }
    }

    /// The reference of the round that ended, drawn towards the first one as by `2 d` further states, and
    /// the surface of all that was evaluated.
    fn adapt(&mut self) {
        let states = std::mem::take(&mut self.round);
        if states.is_empty() {
            return;
        }
        if let Some(reference) = self.first.drawn_to(&states) {
            self.reference = reference;
        }
        self.record = states;
        let best = self.tried.iter().map(density).fold(f64::MIN, f64::max);
        let weighted = |place| (place, Real::exp((density(place) - best) / FADING));
        let weighted: Vec<(&Place, f64)> = self.tried.iter().map(weighted).collect();
        self.surface = Surface::fit(&self.reference, &weighted);
    }
}

impl Plan {
    /// Steps of the warm-up.
    #[must_use]
    pub fn warm_up(&self) -> usize {
        self.rounds * self.round
    }

    /// By how much one step around the reference moves the logarithm of the width: all of a round, which
    /// are three eighths of its steps, by twice what the acceptance is off.
    fn pace(&self) -> f64 {
        2.0 / (0.375 * (self.chains * self.round) as f64)
    }

    /// Whether a round of the warm-up ends with this step.
    fn ends_round(&self, step: usize) -> bool {
        step <= self.warm_up() && self.round > 0 && step.is_multiple_of(self.round)
    }
}

/// `log π`, up to a constant.
fn density(place: &Place) -> f64 {
    let square: f64 = place.point.iter().map(|x| x * x).sum();
    place.evaluated.likelihood - 0.5 * square
}
