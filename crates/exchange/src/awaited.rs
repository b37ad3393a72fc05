//! What an arm does when something happens to the animal, as events whose trigger reads its age then.
//!
//! A window opens when the age of its event (`onset_age`, infinite before) and what is added to it have
//! passed, unless it would be over by then; it closes in the same way.

use std::collections::BTreeMap;

use gutbrain_network::unit::Unit;

use super::build::{Builder, changed_species};
use super::content::{Event, Head};
use super::formula::{Formula, Relation};
use gutbrain::simulate::AwaitedAge;

impl Builder<'_> {
    /// Two events for each window, one for each impulse. The ages of the declared events have their names.
    pub(super) fn awaited(&mut self) {
        for (index, awaited) in self.blueprint.awaited.iter().enumerate() {
            let closes = awaited.closes.as_ref().map(|age| self.age_of(age));
            let value = |builder: &Self, parameter: usize, value: f64| {
                let slot = &builder.blueprint.network.parameters[parameter];
                (
                    builder.id(&slot.id),
                    Formula::Number(value, slot.unit.clone()),
                )
            };
            let (mut open, mut close) = (Vec::new(), Vec::new());
            for &(parameter, then, before) in &awaited.parameters {
                open.push(value(self, parameter, then));
                close.push(value(self, parameter, before));
            }
            let mut species = BTreeMap::new();
            for &change in &awaited.species {
                changed_species(self, &mut species, change);
            }
            open.extend(species);
            let (mut trigger, at_once) = self.reached(&awaited.opens);
            if let Some(closes) = &closes {
                let not_over = Formula::name("age").compare(Relation::Less, closes.clone());
                trigger = Formula::And(Box::new(trigger), Box::new(not_over));
            }
            let start = self.blueprint.start;
            let is_open = matches!(awaited.opens, AwaitedAge::At(age) if age <= start);
            if !is_open && !open.is_empty() {
                self.follow(&format!("begins_{}", index + 1), (trigger, at_once), open);
            }
            if let Some(closes) = &awaited.closes
                && !close.is_empty()
            {
                let trigger = self.reached(closes);
                self.follow(&format!("ends_{}", index + 1), trigger, close);
            }
        }
    }

    /// The condition that an age is reached, and whether it is that of the event itself: what happens with
    /// it reads no age that another event of the same instant is only about to set.
    fn reached(&self, age: &AwaitedAge) -> (Formula, bool) {
        if let AwaitedAge::After { event, days } = age
            && *days == 0.0
            && let Some(met) = self.met.get(event)
        {
            return (met.clone(), true);
        }
        let reached = Formula::name("age").compare(Relation::AtLeast, self.age_of(age));
        (reached, false)
    }

    fn follow(
        &mut self,
        word: &str,
        (trigger, holds_before): (Formula, bool),
        assignments: Vec<(String, Formula)>,
    ) {
        let id = self.names.give(&format!("awaited.{word}"), word);
        self.content.events.push(Event {
            head: Head {
                id,
                says: "What the arm does when the animal gets there".to_owned(),
                ..Head::default()
            },
            trigger,
            holds_before,
            assignments,
        });
    }

    fn age_of(&self, age: &AwaitedAge) -> Formula {
        match age {
            AwaitedAge::At(age) => Formula::Number(*age, Unit::day()),
            AwaitedAge::After { event, days } => {
                let noted = Formula::Name(self.id(&format!("event.{event}.age")));
                match *days {
                    0.0 => noted,
                    days => noted.plus(Formula::Number(days, Unit::day())),
                }
            }
        }
    }
}
