//! When something is done: `start`, `stop`, `lasts`, `repeat` and `at` of an intervention or perturbation.

use gutbrain_network::fault::Place;
use gutbrain_network::{Code, Fault};

use super::arm::Context;
use super::moment::{Last, Moment, distance, is_in_order, read_moment};
use super::node::Node;
use super::plan::When;
use crate::limits;

/// What `stop` is when it is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WithoutStop {
    /// A window to the end.
    ToTheEnd,
    /// An impulse.
    Once,
}

/// What an end may exceed another by and still coincide with it.
const ROUNDING: f64 = 1e-12;

/// Where a repetition ends.
#[derive(Clone, Copy)]
enum Repetitions<'n> {
    /// So many in all.
    Times(u64),
    /// Those that start before this.
    Until(&'n Node),
}

impl Context<'_> {
    pub(super) fn moment(&self, node: &Node, what: &str, last: Last) -> Option<Moment> {
        read_moment(self.quantities, self.declaration, node, what, last)
    }

    fn refuse(&self, code: Code, message: &str, place: &Place, help: &str) {
        self.add(Fault::new(code, message, place).help(help));
    }

    /// The windows or instants of an intervention or perturbation, without those past the end of the
    /// simulation; nothing after a fault.
    pub(super) fn times(&self, item: &Node, without_stop: WithoutStop) -> Option<Vec<When>> {
        let lasts = match item.get("lasts") {
            Some(node) => Some((node, self.quantities.duration(node, "`lasts`")?)),
            None => None,
        };
        match item.get("at") {
            Some(node) => self.times_at(item, node, lasts, without_stop),
            None => self.times_from(item, lasts, without_stop),
        }
    }

    /// `at = ["60 d", "onset"]`.
    fn times_at(
        &self,
        item: &Node,
        node: &Node,
        lasts: Option<(&Node, f64)>,
        without_stop: WithoutStop,
    ) -> Option<Vec<When>> {
        let mut fine = true;
        for key in ["start", "stop", "repeat"] {
            if let Some(other) = item.get(key) {
                let message = format!("`at` and `{key}` both say when");
                let help = "`at` lists every time; `lasts` says how long each of them is";
                self.refuse(Code::NoMeaning, &message, &other.place, help);
                fine = false;
            }
        }
        if lasts.is_none() && without_stop == WithoutStop::ToTheEnd {
            let message = "`at` has no `lasts`";
            let help = "this goes on for a while: say how long each of them lasts, as \"2 h\"";
            self.refuse(Code::MissingKey, message, &node.place, help);
            fine = false;
        }
        let items = node.list()?;
        if items.is_empty() {
            let help = "list the ages, as [\"60 d\", \"67 d\"]";
            self.refuse(Code::NoMeaning, "`at` lists nothing", &node.place, help);
            fine = false;
        }
        if items.len() as u64 > *limits::REPEATS.end() {
            let message = format!("`at` lists more than {} times", limits::REPEATS.end());
            self.refuse(Code::OutOfRange, &message, &node.place, "use `repeat`");
            return None;
        }
        let mut moments = Vec::with_capacity(items.len());
        for item in items {
            match self.moment(item, "`at`", Last::IsAge) {
                Some(moment) => {
                    fine = self.begins_in_time(&moment, &item.place) && fine;
                    moments.push((moment, item));
                }
                None => fine = false,
            }
        }
        if let Some((_, length)) = lasts {
            fine = self.are_apart(&moments, length) && fine;
        }
        let when = |(moment, _): (Moment, &Node)| match lasts {
            None => When::Once { at: moment },
            Some((_, length)) => When::During {
                stop: moment.later(length),
                start: moment,
            },
        };
        fine.then(|| moments.into_iter().map(when).collect())
    }

    /// Whether no two windows of this length overlap, as far as that is known beforehand.
    fn are_apart(&self, moments: &[(Moment, &Node)], length: f64) -> bool {
        // Of those that count from the same, neighbours in time decide.
        let mut known: Vec<(Option<&str>, f64, &Node)> = moments
            .iter()
            .map(|(moment, node)| match moment {
                Moment::Age(age) => (None, *age, *node),
                Moment::After { what, days } => (Some(what.word.as_str()), *days, *node),
            })
            .collect();
        known.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let overlaps = known.windows(2).find(|pair| {
            pair[0].0 == pair[1].0 && pair[1].1 - pair[0].1 < length * (1.0 - ROUNDING)
        });
        if let Some(pair) = overlaps {
            let message = "this begins before the one before it is over";
            let help = format!("each of them lasts {length} d; shorten `lasts`, or move one");
            self.refuse(Code::TimesOutOfOrder, message, &pair[1].2.place, &help);
        }
        overlaps.is_none()
    }

    /// Whether this begins before the simulation is over.
    pub(super) fn begins_in_time(&self, start: &Moment, place: &Place) -> bool {
        let Some(age) = start.age().filter(|age| *age >= self.last_age()) else {
            return true;
        };
        let message = "this starts when the simulation is over";
        let fault = Fault::new(Code::TimesOutOfOrder, message, place)
            .label(format!(
                "{age} d; the simulation stops at {} d",
                self.last_age()
            ))
            .help("times are ages; move `start` or simulation.stop");
        self.add(fault);
        false
    }

    /// `start`, `stop` or `lasts`, and `repeat`.
    fn times_from(
        &self,
        item: &Node,
        lasts: Option<(&Node, f64)>,
        without_stop: WithoutStop,
    ) -> Option<Vec<When>> {
        let start_node = item.get("start");
        let start = match start_node {
            Some(node) => self.moment(node, "`start`", Last::IsAge),
            None => self.simulation.map(|plan| Moment::Age(plan.start)),
        };
        let stop_node = item.get("stop");
        if let (Some((node, _)), Some(_)) = (lasts, stop_node) {
            let message = "`stop` and `lasts` both say when it ends";
            self.refuse(Code::NoMeaning, message, &node.place, "keep one of them");
            return None;
        }
        let stop = match (stop_node, lasts, without_stop) {
            (Some(node), ..) => Some(self.moment(node, "`stop`", Last::MayBeEnd)?),
            (None, Some((_, length)), _) => Some(start.as_ref()?.later(length)),
            (None, None, WithoutStop::ToTheEnd) => Some(Moment::Age(f64::INFINITY)),
            (None, None, WithoutStop::Once) => None,
        };
        let repeat = match item.get("repeat") {
            Some(node) => Some((node, self.repeat(node)?)),
            None => None,
        };
        let start = start?;
        let place = start_node.map_or(&item.place, |node| &node.place);
        if !self.begins_in_time(&start, place) {
            return None;
        }
        if let (Some(stop), Some(node)) = (&stop, stop_node)
            && is_in_order(&start, stop) == Some(false)
        {
            let message = "this stops before it starts";
            let fault = Fault::new(Code::TimesOutOfOrder, message, &node.place)
                .label(format!("start is {start}, stop is {stop}"))
                .help("`stop` is an age, not a duration; it must be later than `start`");
            self.add(fault);
            return None;
        }
        let Some((node, (every, repetitions))) = repeat else {
            return Some(self.repeated(&start, stop.as_ref(), 0.0, 1));
        };
        let times = match repetitions {
            Repetitions::Times(times) => times,
            Repetitions::Until(until) => self.times_until(&start, every, until)?,
        };
        // A length that differs between animals is not known to fit.
        let length = stop
            .as_ref()
            .map(|stop| distance(&start, stop).unwrap_or(f64::NAN));
        let fits = |length: f64| length <= every * (1.0 + ROUNDING);
        if let Some(length) = length
            && times > 1
            && !fits(length)
        {
            let (message, help) = if length.is_nan() {
                (
                    "a window whose length differs between animals cannot be repeated",
                    "let `start` and `stop` follow the same, or both be ages, or write `lasts`",
                )
            } else if length.is_infinite() {
                (
                    "a window without end cannot be repeated",
                    "give the `stop` of the first window",
                )
            } else {
                (
                    "a window longer than `every` overlaps itself",
                    "shorten it or raise `every`",
                )
            };
            self.add(Fault::new(Code::TimesOutOfOrder, message, &node.place).help(help));
            return None;
        }
        Some(self.repeated(&start, stop.as_ref(), every, times))
    }

    /// One `When` per repetition.
    fn repeated(&self, start: &Moment, stop: Option<&Moment>, every: f64, times: u64) -> Vec<When> {
        let last = self.last_age();
        let mut all = Vec::new();
        for index in 0..times {
            #[expect(clippy::cast_precision_loss, reason = "at most limits::REPEATS")]
            let shift = index as f64 * every;
            let start = start.later(shift);
            // What follows an animal comes after its birth.
            let earliest = match &start {
                Moment::Age(age) => *age,
                Moment::After { days, .. } => *days,
            };
            if earliest > last {
                break;
            }
            all.push(match stop {
                None => When::Once { at: start },
                Some(stop) => When::During {
                    start,
                    stop: stop.later(shift),
                },
            });
        }
        all
    }

    fn repeat<'n>(&self, node: &'n Node) -> Option<(f64, Repetitions<'n>)> {
        let every = self
            .quantities
            .duration(node.get("every")?, "`repeat.every`");
        match (node.get("times"), node.get("until")) {
            (Some(_), Some(until)) => {
                let message = "`times` and `until` both say how often";
                self.refuse(Code::NoMeaning, message, &until.place, "keep one of them");
                None
            }
            (None, Some(until)) => Some((every?, Repetitions::Until(until))),
            (times_node, None) => {
                let times_node = times_node?;
                let times = times_node.whole()?;
                if !limits::REPEATS.contains(&times) {
                    let (low, high) = limits::REPEATS.into_inner();
                    let message = format!("`repeat.times` must lie between {low} and {high}");
                    self.add(Fault::new(Code::OutOfRange, message, &times_node.place));
                    return None;
                }
                Some((every?, Repetitions::Times(times)))
            }
        }
    }

    /// How many repetitions start before `until`.
    fn times_until(&self, start: &Moment, every: f64, node: &Node) -> Option<u64> {
        let until = self.moment(node, "`repeat.until`", Last::MayBeEnd)?;
        let until = match until {
            Moment::Age(age) => Moment::Age(age.min(self.last_age())),
            after @ Moment::After { .. } => after,
        };
        let length = match (start, &until) {
            // From an event to the end: those that lie after the end are not carried out.
            (Moment::After { .. }, Moment::Age(age)) if *age >= self.last_age() => Some(*age),
            _ => distance(start, &until),
        };
        let Some(length) = length else {
            let message = "how often this is repeated would differ between animals";
            let help = "let `until` be an age where `start` is one, or follow the same as `start`";
            self.refuse(Code::NoMeaning, message, &node.place, help);
            return None;
        };
        if length <= 0.0 {
            let message = "this stops before it starts";
            let help = "`until` must be later than `start`";
            self.refuse(Code::TimesOutOfOrder, message, &node.place, help);
            return None;
        }
        // The last one starts before `until`: one that would start at it is none, whatever the rounding.
        let times = (length / every * (1.0 - ROUNDING)).ceil();
        let most = *limits::REPEATS.end();
        #[expect(clippy::cast_precision_loss, reason = "limits::REPEATS is small")]
        if times > most as f64 {
            let message = format!("this would be repeated more than {most} times");
            self.refuse(Code::OutOfRange, &message, &node.place, "raise `every`");
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to limits::REPEATS"
        )]
        Some(times as u64)
    }
}
