//! Rows of animals that were followed.

use std::collections::BTreeMap;

use gutbrain_network::Code;
use gutbrain_network::declaration::EndpointRole;
use gutbrain_network::reading::did_you_mean;

use super::super::quantity::OLDEST;
use super::Followed;
use super::columns::Role;
use super::rows::Reader;
use super::sheet::Cell;

/// Words for an end that was seen, and for one that was not.
const SEEN: [&str; 5] = ["1", "true", "yes", "dead", "died"];
const NOT_SEEN: [&str; 6] = ["0", "false", "no", "alive", "censored", "other_death"];

/// Reads the rows of animals that were followed.
pub(super) fn read_animals(reader: &Reader<'_>, found: &mut Vec<Followed>) {
    let sheet = reader.sheet;
    for key in ["observable", "unit", "spread", "likelihood", "dispersion"] {
        if let Some(node) = reader.table.get(key) {
            let message = format!("`{key}` says nothing of survival");
            reader.refuse(Code::NoMeaning, &node.place, message, "remove it");
        }
    }
    let (time, event) = (reader.needed(Role::Time), reader.needed(Role::Event));
    let arm = reader.arm_told();
    let subject = reader.column(Role::Subject);
    let frailty = reader.above_zero("frailty");
    let (Some(time), Some(event)) = (time, event) else {
        return;
    };
    if arm.is_none() && reader.known.len() > 1 {
        return;
    }
    let Some(clock) = reader.clock(time) else {
        return;
    };
    let mut lines: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in &sheet.rows {
        let name = subject.map_or("", |column| row[column].text.as_str());
        let of_arm = arm.as_ref().map_or("", |told| reader.text_of(told, row).0);
        let line = sheet.line(&row[time]);
        if let Some(first) = lines
            .insert((of_arm, name), line)
            .filter(|_| !name.is_empty())
        {
            let message = format!("animal `{name}` stands in line {first} already");
            let help =
                "an animal is followed once: remove one of the rows, or tell the animals apart";
            reader.refuse(Code::Repeated, &sheet.place(&row[time]), message, help);
        }
        let arm = match &arm {
            Some(told) => {
                let (name, place) = reader.text_of(told, row);
                reader.arm(name, &place)
            }
            None => Some(reader.scenario.arms.first().map(|it| it.name.clone())),
        };
        let age = reader.age(row, time, clock).filter(|age| {
            let good = *age > 0.0 && *age <= OLDEST;
            if *age > OLDEST {
                let message = format!("`{}` is no age at an end of life", row[time].text);
                let help = format!("ages go up to {OLDEST} d; is the unit of `time` right?");
                let place = sheet.place(&row[time]);
                reader.refuse(Code::OutOfRange, &place, message, &help);
            } else if !good {
                let message = format!("`{}` is no age at an end of life", row[time].text);
                let help = "ages count from birth and are above zero; other times need `origin`";
                let place = sheet.place(&row[time]);
                reader.refuse(Code::OutOfRange, &place, message, help);
            }
            good
        });
        let seen = event_of(reader, &row[event]);
        let (Some(Some(arm)), Some(age), Some(event)) = (arm, age, seen) else {
            continue;
        };
        found.push(Followed {
            file: reader.file.to_owned(),
            line: sheet.line(&row[time]),
            arm,
            subject: subject.map_or_else(String::new, |column| row[column].text.clone()),
            age,
            event,
            frailty,
        });
    }
}

/// Whether a cell says that the end was seen.
fn event_of(reader: &Reader<'_>, cell: &Cell) -> Option<bool> {
    let word = cell.text.to_ascii_lowercase();
    // The program's own tables say it by the role of the endpoint.
    if SEEN.contains(&word.as_str()) || word == EndpointRole::Death.word() {
        return Some(true);
    }
    if NOT_SEEN.contains(&word.as_str()) {
        return Some(false);
    }
    let message = format!("`{}` does not say whether the end was seen", cell.text);
    let alike = did_you_mean(&word, SEEN.into_iter().chain(NOT_SEEN));
    let help = match word.as_str() {
        "2" => "write 1 for an end that was seen and 0 for a censored one, not 2 and 1".to_owned(),
        _ => alike.unwrap_or_else(|| {
            "write 1 (or `died`) for an end that was seen, 0 (or `censored`) for one that was not"
                .to_owned()
        }),
    };
    let place = reader.sheet.place(cell);
    reader.refuse(Code::BadData, &place, message, &help);
    None
}
