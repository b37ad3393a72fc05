//! Events of two files side by side.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use super::entries::Comparison;
use super::reading::{listed, named};

impl<'a> Comparison<'a> {
    /// Events by their ids; one that has none is looked for by what it does.
    pub(super) fn events(&mut self) {
        let (ours, theirs) = (self.ours, self.theirs);
        let mut left: Vec<Node<'a, 'a>> = Vec::new();
        let mut unnamed = 0;
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut before: BTreeMap<&str, Node<'a, 'a>> = BTreeMap::new();
        for event in &ours.events {
            before.insert(event.attribute("id").unwrap_or_default(), *event);
        }
        for event in &theirs.events {
            if event.tag_name().name() != "event" {
                continue;
            }
            match event.attribute("id") {
                Some(id) if !seen.insert(id) => self.note(id, "event: is there twice".to_owned()),
                Some(id) => match before.remove(id) {
                    Some(event_of_ours) => self.event(id, (event_of_ours, *event)),
                    None => self.note(id, "event: is new".to_owned()),
                },
                None => left.push(*event),
            }
        }
        for event in left {
            let found = before.iter().find_map(|(id, ours)| {
                let mut trial = Comparison::new(self.ours, self.theirs);
                trial.event(id, (*ours, event));
                trial.found.is_empty().then_some(*id)
            });
            if let Some(id) = found {
                before.remove(id);
                unnamed += 1;
            } else {
                let what = "event without an id: is new".to_owned();
                self.note(&acted_on(event), what);
            }
        }
        for id in before.into_keys() {
            self.note(id, "event: is gone".to_owned());
        }
        if unnamed > 0 {
            self.harmless
                .push(format!("events without their ids ({unnamed})"));
        }
    }

    fn event(&mut self, id: &str, (a, b): (Node<'a, 'a>, Node<'a, 'a>)) {
        self.truths(id, ("useValuesFromTriggerTime", Some(true)), (a, b));
        let part = |node: Node<'a, 'a>, name: &str| named(node, name).next();
        for name in ["trigger", "delay", "priority"] {
            match (part(a, name), part(b, name)) {
                (None, None) => {}
                (Some(_), None) => self.note(id, format!("{name}: is gone")),
                (None, Some(_)) => self.note(id, format!("{name}: is new")),
                (Some(a), Some(b)) => {
                    if name == "trigger" {
                        self.truths(id, ("initialValue", Some(true)), (a, b));
                        self.truths(id, ("persistent", Some(true)), (a, b));
                    }
                    self.formulas(id, name, (a, b));
                }
            }
        }
        let mut assigned = |node: Node<'a, 'a>| {
            let mut found = BTreeMap::new();
            for it in listed(node, "listOfEventAssignments") {
                let variable = it.attribute("variable").unwrap_or_default();
                if found.insert(variable, it).is_some() {
                    self.note(id, format!("new value of {variable}: is there twice"));
                }
            }
            found
        };
        let (a, b) = (assigned(a), assigned(b));
        let variables: BTreeSet<&str> = a.keys().chain(b.keys()).copied().collect();
        for variable in variables {
            let kind = format!("new value of {variable}");
            match (a.get(variable), b.get(variable)) {
                (Some(a), Some(b)) => self.formulas(id, &kind, (*a, *b)),
                (Some(_), None) => self.note(id, format!("{kind}: is gone")),
                _ => self.note(id, format!("{kind}: is new")),
            }
        }
    }
}

/// What an event changes, to name it by.
fn acted_on(event: Node<'_, '_>) -> String {
    let assignments = listed(event, "listOfEventAssignments");
    let variables: Vec<&str> = (assignments.iter())
        .filter_map(|it| it.attribute("variable"))
        .collect();
    if variables.is_empty() {
        "event".to_owned()
    } else {
        variables.join(", ")
    }
}
