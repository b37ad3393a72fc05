//! Lives simulated together: what they have in common is simulated once.
//!
//! Three rounds, each over all lives at once: the steady states of all distinct animals; their early
//! lives, up to the start of the output, once for all arms that share them; the rest of every life.
//! [`super::lanes`] carries a round out.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use gutbrain_integrate::{Failure, Method, Outcome, Settling, SpanRule, Task, Trajectory};
use rayon::prelude::*;

use super::birth::{Birth, Search};
use super::compiled::{Compiled, CompiledArm};
use super::dynamics::Dynamics;
use super::ensemble::Request;
use super::lanes::{Run, run_all};
use super::life::{Edges, Stretch, review};
use super::population::Population;
use super::run::places_and_ages;
use super::schedule::Schedule;
use super::unfolding::Unfolding;
use super::vector::Vector;

/// A life, as far as it went.
pub(super) struct Simulated<'s> {
    pub(super) compiled: &'s Compiled,
    pub(super) arm: &'s CompiledArm,
    /// The birth, and the life up to the start of the output.
    pub(super) early: Result<(&'s Birth<f64>, &'s Trajectory<f64>), &'s Failure>,
    /// From there on, for those who got there.
    pub(super) rest: Option<Trajectory<f64>>,
}

/// What the solver keeps of a life.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept<'k> {
    /// The ages at which the state is kept.
    pub(super) outputs: &'k [f64],
    /// The spans of which extremes and areas are kept.
    pub(super) spans: &'k [SpanRule],
}

/// Simulates all of them; `kept` is what the solver keeps of a life, `finish` what is made of it. Results
/// are in order.
pub(super) fn simulate_together<'a, T: Send + Sync>(
    requests: &'a [Request<'a>],
    kept: impl Fn(usize) -> Kept<'a> + Sync,
    finish: impl Fn(usize, Simulated<'_>) -> T + Sync,
) -> Vec<T> {
    let results: Vec<OnceLock<T>> = requests.iter().map(|_| OnceLock::new()).collect();
    for group in groups(requests) {
        Group {
            requests,
            lives: &group.lives,
            results: &results,
        }
        .simulate(&group, &kept, &finish);
    }
    // Every life is in one group, and every group finishes all of its lives.
    let results = results.into_iter().map(OnceLock::into_inner);
    results
        .map(|result| result.expect("a life that was finished"))
        .collect()
}

/// Lives that can be simulated side by side.
struct Alike {
    lives: Vec<usize>,
    /// Which animal each of them is of, counted within the group.
    animals: Vec<usize>,
    /// For every animal, a life of it.
    examples: Vec<usize>,
}

/// Sorts lives into groups, and the lives of a group by animal.
fn groups(requests: &[Request<'_>]) -> Vec<Alike> {
    let mut populations: BTreeMap<*const Population, (usize, usize)> = BTreeMap::new();
    let mut examples: Vec<&Compiled> = Vec::new();
    let mut origins: Vec<&Compiled> = Vec::new();
    let mut groups: Vec<Alike> = Vec::new();
    let mut known: BTreeMap<(Vector<'_>, usize, usize), usize> = BTreeMap::new();
    let vectors: Vec<Vector<'_>> = requests
        .par_iter()
        .map(|request| Vector::of(&request.values))
        .collect();
    for ((life, request), vector) in requests.iter().enumerate().zip(vectors) {
        let compiled = request.population.compiled();
        let place = populations.entry(request.population).or_insert_with(|| {
            let group = place_of(&mut examples, compiled, Compiled::is_alike);
            (
                group,
                place_of(&mut origins, compiled, Compiled::has_anchor_of),
            )
        });
        let (group, origin) = *place;
        if group == groups.len() {
            groups.push(Alike {
                lives: Vec::new(),
                animals: Vec::new(),
                examples: Vec::new(),
            });
        }
        let alike = &mut groups[group];
        let animal = known.entry((vector, group, origin)).or_insert_with(|| {
            alike.examples.push(life);
            alike.examples.len() - 1
        });
        alike.lives.push(life);
        alike.animals.push(*animal);
    }
    groups
}

/// The place of the first that is like `compiled`; it is added if there is none.
fn place_of<'c>(
    known: &mut Vec<&'c Compiled>,
    compiled: &'c Compiled,
    alike: impl Fn(&Compiled, &Compiled) -> bool,
) -> usize {
    match known.iter().position(|other| alike(compiled, other)) {
        Some(place) => place,
        None => {
            known.push(compiled);
            known.len() - 1
        }
    }
}

/// A group at work.
struct Group<'a, 'g, T> {
    requests: &'a [Request<'a>],
    lives: &'g [usize],
    results: &'g [OnceLock<T>],
}

/// An early life that some lives share.
struct History {
    /// The animal, and a life that it belongs to.
    animal: usize,
    example: usize,
}

impl<'a, T: Send + Sync> Group<'a, '_, T> {
    fn simulate(
        &self,
        alike: &Alike,
        kept: &(impl Fn(usize) -> Kept<'a> + Sync),
        finish: &(impl Fn(usize, Simulated<'_>) -> T + Sync),
    ) {
        let births = self.births(&alike.examples);
        let (histories, history_of) = self.share(alike, &births);
        let early = self.simulate_before_output(&histories, &births);
        let simulated = |life: usize, rest: Option<Trajectory<f64>>| {
            let (compiled, arm) = self.arm(self.lives[life]);
            Simulated {
                compiled,
                arm,
                early: match &births[alike.animals[life]] {
                    Ok(birth) => Ok((birth, &early[history_of[life]])),
                    Err(failure) => Err(failure),
                },
                rest,
            }
        };
        let conclude = |life: usize, rest: Option<Trajectory<f64>>| {
            let number = self.lives[life];
            // No life is finished twice.
            let _ = self.results[number].set(finish(number, simulated(life, rest)));
        };
        let goes_on = |life: &usize| {
            births[alike.animals[*life]].is_ok()
                && early[history_of[*life]].outcome == Outcome::Completed
        };
        let (going_on, ended): (Vec<usize>, Vec<usize>) = (0..self.lives.len()).partition(goes_on);
        ended.into_par_iter().for_each(|life| conclude(life, None));
        let Some(&first) = going_on.first() else {
            return;
        };
        let unfoldings: Vec<OnceLock<Unfolding<'_, f64>>> =
            going_on.iter().map(|_| OnceLock::new()).collect();
        let begin = |number: usize| {
            let life = going_on[number];
            let request = &self.requests[self.lives[life]];
            let (compiled, arm) = self.arm(self.lives[life]);
            let kept = kept(self.lives[life]);
            let stretch = Stretch {
                from: (compiled.start, Edges::Included),
                to: (compiled.stop, Edges::Included),
                outputs: kept.outputs,
                spans: kept.spans,
                rules: request.population.rules(request.arm),
            };
            let birth = births[alike.animals[life]].as_ref();
            // Only lives with a birth go on.
            let birth = birth.expect("the birth of a life that goes on");
            let unfolding = unfoldings[number].get_or_init(|| {
                let history = &early[history_of[life]];
                arm.unfolding().after(places_and_ages(&history.events))
            });
            begin_stretch(
                compiled,
                unfolding,
                birth,
                &early[history_of[life]].last_state,
                &stretch,
            )
        };
        let (compiled, _) = self.arm(self.lives[first]);
        run_all(
            going_on.len(),
            compiled.method,
            &compiled.options,
            begin,
            |number, mut dynamics, mut rest| {
                let life = going_on[number];
                review(self.arm(self.lives[life]).0, &mut dynamics, &mut rest);
                conclude(life, Some(rest));
                None
            },
        );
    }

    fn arm(&self, life: usize) -> (&'a Compiled, &'a CompiledArm) {
        let request = &self.requests[life];
        let compiled = request.population.compiled();
        (compiled, &compiled.arms[request.arm])
    }

    /// The births of all animals, each given by a life of it.
    fn births(&self, examples: &[usize]) -> Vec<Result<Birth<f64>, Failure>> {
        let nothing = Schedule::empty();
        // Anchors are found once, before threads ask for them.
        for &life in examples {
            self.arm(life).0.anchor();
        }
        let searches: Vec<Mutex<Search<'a, f64>>> = examples
            .par_iter()
            .map(|&life| {
                let (compiled, _) = self.arm(life);
                let values = self.requests[life].values.to_vec();
                Mutex::new(Search::new(compiled, values, compiled.anchor()))
            })
            .collect();
        let Some(first) = searches.first() else {
            return Vec::new();
        };
        let held = lock(first).held().to_vec();
        let (compiled, _) = self.arm(examples[0]);
        let options = Settling::<f64>::options(&compiled.options);
        let births: Vec<OnceLock<Result<Birth<f64>, Failure>>> =
            searches.iter().map(|_| OnceLock::new()).collect();
        let next = |search: &Search<'a, f64>, subject| {
            let (plan, state) = search.plan();
            Task {
                plan,
                initial: state.to_vec(),
                subject,
            }
        };
        run_all(
            searches.len(),
            Method::Rodas5P,
            &options,
            |number| {
                let search = lock(&searches[number]);
                next(&search, search.dynamics(&nothing, &held))
            },
            |number, mut dynamics, run| {
                let mut search = lock(&searches[number]);
                let birth = match search.take(&mut dynamics, run) {
                    Ok(None) => return Some(next(&search, dynamics)),
                    Ok(Some(birth)) => Ok(birth),
                    Err(failure) => Err(failure),
                };
                let _ = births[number].set(birth);
                None
            },
        );
        let births = births.into_iter().map(OnceLock::into_inner);
        births
            .map(|birth| birth.expect("a search that came to its end"))
            .collect()
    }

    /// The early lives that have to be simulated, and which of them belongs to each life of the group.
    fn share(
        &self,
        alike: &Alike,
        births: &[Result<Birth<f64>, Failure>],
    ) -> (Vec<History>, Vec<usize>) {
        let mut histories: Vec<History> = Vec::new();
        let mut of_animal: Vec<Vec<usize>> = vec![Vec::new(); births.len()];
        let mut history_of = Vec::with_capacity(self.lives.len());
        for (place, &life) in self.lives.iter().enumerate() {
            let animal = alike.animals[place];
            if births[animal].is_err() {
                // Never looked up.
                history_of.push(usize::MAX);
                continue;
            }
            let (compiled, arm) = self.arm(life);
            let early = arm.early(compiled.start);
            let shared = of_animal[animal].iter().find(|&&history| {
                let (other, other_arm) = self.arm(histories[history].example);
                other.start.total_cmp(&compiled.start).is_eq()
                    && other_arm.early(other.start) == early
            });
            history_of.push(match shared {
                Some(&history) => history,
                None => {
                    histories.push(History {
                        animal,
                        example: life,
                    });
                    of_animal[animal].push(histories.len() - 1);
                    histories.len() - 1
                }
            });
        }
        (histories, history_of)
    }

    /// Simulates all early lives.
    fn simulate_before_output(
        &self,
        histories: &[History],
        births: &[Result<Birth<f64>, Failure>],
    ) -> Vec<Trajectory<f64>> {
        let Some(first) = histories.first() else {
            return Vec::new();
        };
        let early: Vec<OnceLock<Trajectory<f64>>> =
            histories.iter().map(|_| OnceLock::new()).collect();
        let unfoldings: Vec<OnceLock<Unfolding<'_, f64>>> =
            histories.iter().map(|_| OnceLock::new()).collect();
        let (compiled, _) = self.arm(first.example);
        run_all(
            histories.len(),
            compiled.method,
            &compiled.options,
            |number| {
                let history = &histories[number];
                let request = &self.requests[history.example];
                let (compiled, arm) = self.arm(history.example);
                let stretch = Stretch {
                    from: (0.0, Edges::Included),
                    to: (compiled.start, Edges::Excluded),
                    outputs: &[],
                    spans: &[],
                    rules: request.population.rules(request.arm),
                };
                let birth = births[history.animal].as_ref();
                // Histories are of animals that were born.
                let birth = birth.expect("the birth of an animal with a history");
                let unfolding = unfoldings[number].get_or_init(|| arm.unfolding());
                begin_stretch(compiled, unfolding, birth, &birth.state, &stretch)
            },
            |number, mut dynamics, mut run| {
                let (compiled, _) = self.arm(histories[number].example);
                review(compiled, &mut dynamics, &mut run);
                let _ = early[number].set(run);
                None
            },
        );
        let early = early.into_iter().map(OnceLock::into_inner);
        early
            .map(|run| run.expect("an early life that was simulated"))
            .collect()
    }
}

fn begin_stretch<'s>(
    compiled: &'s Compiled,
    unfolding: &'s Unfolding<'s, f64>,
    birth: &'s Birth<f64>,
    state: &[f64],
    stretch: &Stretch<'s>,
) -> Run<'s> {
    let (first, plan) = stretch.plan(&unfolding.schedule);
    let (network, pattern) = (&compiled.network, &compiled.patterns.running);
    Task {
        plan,
        initial: state.to_vec(),
        subject: Dynamics::in_segment(first, network, pattern, unfolding, &birth.base, stretch.to),
    }
}

/// A search belongs to one run at a time; a thread that panicked has ended everything.
fn lock<'m, 'a>(search: &'m Mutex<Search<'a, f64>>) -> std::sync::MutexGuard<'m, Search<'a, f64>> {
    search
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
