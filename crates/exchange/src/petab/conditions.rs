//! The arms of a calibration in one SBML model.
//!
//! Every arm is built as for [`super::super::build`], with the gates and the switches of all arms;
//! structures are then the same, and what is left are values: parameters and first values that differ
//! between arms are columns of the condition table. A switch of one arm happens where `in_ARM` is 1.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::unit::Unit;

use super::super::ExchangeError;
use super::super::build::build;
use super::super::content::{Content, Head, Keeps, Parameter};
use super::super::formula::{Formula, Relation};
use super::super::names::plain;
use super::PetabError;
use super::sheet::{Sheet, number};
use gutbrain::analysis::portable::PortableArm;
use gutbrain::model::Model;

/// One arm of one scenario.
#[derive(Debug)]
pub(super) struct Condition<'a> {
    /// Its identifier in the tables.
    pub(super) id: String,
    /// Where it comes from.
    pub(super) source: &'a PortableArm,
    /// Values of the content's parameters and species, by identifier.
    values: BTreeMap<String, f64>,
}

/// See the module's description.
#[derive(Debug)]
pub(super) struct Conditions<'a> {
    /// The arms.
    pub(super) list: Vec<Condition<'a>>,
    /// The common model, with the values of the first.
    pub(super) content: Content,
    /// Identifiers whose values differ between arms.
    columns: BTreeSet<String>,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(model: &Model, arms: &'a [PortableArm]) -> Result<Self, PetabError> {
        let ids = identifiers(arms);
        let (contents, indicators) = joined(model, arms, &ids)?;
        let mut list = Vec::new();
        for ((source, id), content) in arms.iter().zip(&ids).zip(&contents) {
            let parameters = content.parameters.iter();
            let given = parameters.filter(|it| it.keeps != Keeps::ByRule);
            let mut values: BTreeMap<String, f64> =
                given.map(|it| (it.head.id.clone(), it.value)).collect();
            let species = content.species.iter();
            values.extend(species.map(|it| (it.head.id.clone(), it.initial)));
            for (condition, switch) in &indicators {
                let inside = if condition == id { 1.0 } else { 0.0 };
                values.insert(switch.clone(), inside);
            }
            list.push(Condition {
                id: id.clone(),
                source,
                values,
            });
        }
        let differs = |id: &&String| {
            let mut bits = list.iter().map(|it| it.values[*id].to_bits());
            let first = bits.next();
            bits.any(|it| Some(it) != first)
        };
        let first = list.first().map(|it| &it.values);
        let all = first.into_iter().flat_map(BTreeMap::keys);
        let columns = all.filter(differs).cloned().collect();
        let mut contents = contents.into_iter();
        let Some(content) = contents.next() else {
            return Err(PetabError::NothingLeft(
                "every target compares two arms".to_owned(),
            ));
        };
        Ok(Self {
            list,
            content,
            columns,
        })
    }

    /// The arm of a target.
    pub(super) fn of(&self, file: &str, arm: &str) -> Option<&Condition<'a>> {
        let mut list = self.list.iter();
        list.find(|it| it.source.file == file && it.source.arm == arm)
    }

    /// The condition table. `given` has further columns: an identifier, and for every condition the
    /// fitted parameter that takes its place, or none where the number stays.
    pub(super) fn sheet(&self, given: &BTreeMap<String, Vec<Option<String>>>) -> Sheet {
        let mut columns = self.columns.clone();
        columns.extend(given.keys().cloned());
        let mut head = vec!["conditionId".to_owned(), "conditionName".to_owned()];
        head.extend(columns.iter().cloned());
        let mut sheet = Sheet::new(&head);
        for (place, condition) in self.list.iter().enumerate() {
            let mut row = vec![
                condition.id.clone(),
                format!("{}, {}", condition.source.file, condition.source.arm),
            ];
            row.extend(columns.iter().map(|id| {
                let fitted = given.get(id).and_then(|cells| cells[place].clone());
                fitted.unwrap_or_else(|| number(condition.values[id]))
            }));
            sheet.row(&row);
        }
        sheet
    }
}

/// Identifiers of the arms: the stem of the scenario and the arm.
fn identifiers(arms: &[PortableArm]) -> Vec<String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let ids = arms.iter().map(|it| {
        let stem = it.file.rsplit('/').next().unwrap_or(&it.file);
        let stem = stem.strip_suffix(".toml").unwrap_or(stem);
        let mut id = plain(&format!("{stem}__{}", it.arm));
        while !taken.insert(id.to_lowercase()) {
            id.push('_');
        }
        id
    });
    ids.collect()
}

/// The contents of all arms, of one structure, and the identifiers of the switches `in_ARM`.
fn joined(
    model: &Model,
    arms: &[PortableArm],
    ids: &[String],
) -> Result<(Vec<Content>, BTreeMap<String, String>), PetabError> {
    if let Some(it) = arms.iter().find(|it| !it.blueprint.awaited.is_empty()) {
        return Err(PetabError::Exchange(ExchangeError::NotExpressible {
            entry: format!("arm `{}`", it.blueprint.arm),
            cause: "what is done follows an event of the animal".to_owned(),
        }));
    }
    let switches = arms.iter().flat_map(|it| &it.blueprint.switches);
    let switches: Vec<_> = switches.cloned().collect();
    // Whose is the switch of this place?
    let owners = arms.iter().zip(ids).flat_map(|(it, id)| {
        let switches = it.blueprint.switches.iter();
        switches.map(|_| id.as_str())
    });
    let owners: Vec<&str> = owners.collect();
    let mut contents = Vec::new();
    let mut indicators = BTreeMap::new();
    for arm in arms {
        let mut blueprint = arm.blueprint.clone();
        blueprint.switches.clone_from(&switches);
        let mut content = build(model, &arm.scenario, &blueprint)?;
        indicators = guard(&mut content, &owners);
        "gutbrain_calibration".clone_into(&mut content.id);
        "The arms of a calibration; in_ARM chooses".clone_into(&mut content.name);
        content.notes = vec![format!(
            "Written by gutbrain {}; model {}. Time is the age in days. Values are those of the first \
             condition.",
            env!("CARGO_PKG_VERSION"),
            model.hash
        )];
        content.span = (0.0, 0.0);
        contents.push(content);
    }
    for pair in contents.windows(2).zip(ids.windows(2)) {
        let ([one, two], [first, second]) = pair else {
            continue;
        };
        let shape = |content: &Content| {
            let parameters = content.parameters.iter();
            let parameters: Vec<_> = parameters
                .map(|it| (it.head.id.clone(), it.keeps))
                .collect();
            let species = content.species.iter().map(|it| it.head.id.clone());
            (parameters, species.collect::<Vec<_>>())
        };
        let what = if shape(one) != shape(two) {
            "a quantity"
        } else if one.rules != two.rules {
            "a rule"
        } else if one.reactions != two.reactions {
            "a process"
        } else if one.events != two.events {
            "an event"
        } else {
            continue;
        };
        return Err(PetabError::NoCommonModel {
            first: first.clone(),
            second: second.clone(),
            what,
        });
    }
    Ok((contents, indicators))
}

/// Lets a switch happen only in its own arm.
fn guard(content: &mut Content, owners: &[&str]) -> BTreeMap<String, String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    taken.extend(
        content
            .parameters
            .iter()
            .map(|it| it.head.id.to_lowercase()),
    );
    taken.extend(content.species.iter().map(|it| it.head.id.to_lowercase()));
    let mut indicators: BTreeMap<String, String> = BTreeMap::new();
    for owner in owners {
        indicators.entry((*owner).to_owned()).or_insert_with(|| {
            let mut id = format!("in_{owner}");
            while !taken.insert(id.to_lowercase()) {
                id.push('_');
            }
            id
        });
    }
    for (owner, id) in &indicators {
        content.parameters.push(Parameter {
            head: Head {
                id: id.clone(),
                says: format!("1 in the arm {owner}, 0 elsewhere"),
                ..Head::default()
            },
            unit: Unit::one(),
            value: 0.0,
            keeps: Keeps::Constant,
        });
    }
    for event in &mut content.events {
        let place = event.head.id.strip_prefix("switch_");
        let place = place.and_then(|it| it.parse::<usize>().ok());
        let owner = place.and_then(|it| owners.get(it.checked_sub(1)?));
        let Some(id) = owner.and_then(|it| indicators.get(*it)) else {
            continue;
        };
        let trigger = std::mem::replace(&mut event.trigger, Formula::Time);
        let inside = Formula::name(id).compare(Relation::Greater, Formula::pure(0.5));
        event.trigger = Formula::And(Box::new(trigger), Box::new(inside));
    }
    indicators
}
