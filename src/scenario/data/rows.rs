//! Cells of a data file as numbers in the units of the model.

use gutbrain_network::declaration::AssayNoise;
use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::unit::{Unit, UnitError};
use gutbrain_network::{Code, Fault};

use super::super::node::Node;
use super::super::plan::Scenario;
use super::super::quantity::Quantities;
use super::super::resolve::suggest;
use super::columns::Role;
use super::sheet::{Cell, Sheet};
use super::{Likelihood, Measurement, Spread, SpreadKind};
use crate::model::Model;

/// One `[[data]]` with its file.
pub(super) struct Reader<'a> {
    pub(super) model: &'a Model,
    pub(super) scenario: &'a Scenario,
    /// All arms of the scenario, whether they are simulated or not.
    pub(super) known: &'a [String],
    pub(super) faults: &'a Collector,
    /// The table of the scenario.
    pub(super) table: &'a Node,
    /// Its file, as written.
    pub(super) file: &'a str,
    pub(super) sheet: &'a Sheet,
}

/// Beyond this a number is no measurement, whatever its unit.
const LARGEST: f64 = 1e15;

/// What is said once for all rows, or by a column.
pub(super) enum Told<'a> {
    Once(&'a Node, &'a str),
    Column(usize),
}

/// Cells that say that nothing was measured.
fn is_missing(cell: &Cell) -> bool {
    ["", "na", "n/a", "nan", "."].contains(&cell.text.to_ascii_lowercase().as_str())
}

/// The days of a unit of time that the name of a column says.
fn days_of_heading(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "day" | "days" | "time_d" | "age_d" | "last_d" => Some("d"),
        "week" | "weeks" => Some("week"),
        _ => None,
    }
}

impl Reader<'_> {
    pub(super) fn refuse(&self, code: Code, place: &Place, message: impl Into<String>, help: &str) {
        self.faults
            .add(Fault::new(code, message, place).help(help.to_owned()));
    }

    /// A number of a cell; nothing if it is missing, or after a fault.
    fn number(&self, row: &[Cell], column: usize) -> Option<f64> {
        let cell = &row[column];
        if is_missing(cell) {
            return None;
        }
        match cell.text.parse::<f64>() {
            Ok(number) if number.abs() <= LARGEST => Some(number),
            Ok(number) if number.is_finite() => {
                let name = &self.sheet.headings[column].name;
                let message =
                    format!("{number:e} in column `{name}` is too large for a measurement");
                let help = "leave the cell empty if nothing was measured";
                self.refuse(Code::OutOfRange, &self.sheet.place(cell), message, help);
                None
            }
            _ => {
                let name = &self.sheet.headings[column].name;
                let message = format!("`{}` in column `{name}` is no number", cell.text);
                let place = self.sheet.place(cell);
                self.refuse(Code::BadData, &place, message, &help_for_number(&cell.text));
                None
            }
        }
    }

    /// A unit as written, as the factor to `wanted`.
    fn factor(&self, written: &str, wanted: &Unit, place: &Place, what: &str) -> Option<f64> {
        let units = &self.model.declaration.units;
        let found = units.parse(written).and_then(|unit| unit.factor_to(wanted));
        let example = format!("write {wanted}, or a unit that converts to it");
        let fault = match found {
            Ok(factor) => return Some(factor),
            Err(UnitError::Unknown { name, alike, .. }) => {
                let help = alike.map_or(example, |alike| format!("did you mean `{alike}`?"));
                let message = format!("unknown unit `{name}` of {what}");
                Fault::new(Code::UnknownUnit, message, place).help(help)
            }
            Err(UnitError::Different { from, .. }) => {
                let message = format!("{what} cannot be given in {from}");
                Fault::new(Code::WrongUnit, message, place)
                    .label(format!("measured in {wanted}"))
                    .help(example)
            }
            Err(error) => {
                let message = format!("`{written}` is no unit of {what}: {error}");
                Fault::new(Code::BadUnit, message, place).help(example)
            }
        };
        self.faults.add(fault);
        None
    }

    /// What a key of the table or a column of the file says.
    fn told(&self, role: Role) -> Option<Told<'_>> {
        if let Some(node) = self.table.get(role.word())
            && let Some(text) = node.text()
        {
            self.check_agreement(role, (node, text));
            return Some(Told::Once(node, text));
        }
        self.column(role).map(Told::Column)
    }

    /// Refuses what is said once where a column of the file says something else.
    fn check_agreement(&self, role: Role, (node, text): (&Node, &str)) {
        let Some(column) = self.column_named(role, role.names()) else {
            return;
        };
        let cells = self.sheet.rows.iter().map(|row| &row[column]);
        let mut others = cells.filter(|cell| !is_missing(cell) && cell.text != text);
        if let Some(other) = others.next() {
            let (word, name) = (role.word(), &self.sheet.headings[column].name);
            let message = format!(
                "`{word} = \"{text}\"`, but line {} of the file has `{}` in its column `{name}`",
                self.sheet.line(other),
                other.text
            );
            let help = format!("remove `{word}`, or rename a column that means something else");
            self.refuse(Code::BadData, &node.place, message, &help);
        }
    }

    /// The same where it must be said.
    fn must_be_told(&self, role: Role) -> Option<Told<'_>> {
        let found = self.told(role);
        if found.is_none() {
            let word = role.word();
            let message = format!("neither `[[data]]` nor its file says the `{word}`");
            let help = format!(
                "write `{word} = \"…\"`, or `columns = {{ {word} = \"NAME\" }}`; the columns are {}",
                self.sheet.names()
            );
            self.refuse(Code::MissingKey, &self.table.place, message, &help);
        }
        found
    }

    /// The text of a row, and where it stands.
    pub(super) fn text_of<'r>(&'r self, told: &Told<'r>, row: &'r [Cell]) -> (&'r str, Place) {
        match told {
            Told::Once(node, text) => (text, node.place.clone()),
            Told::Column(column) => (&row[*column].text, self.sheet.place(&row[*column])),
        }
    }

    /// Where an arm is: among those simulated; `Some(None)` for one that is left out now.
    pub(super) fn arm(&self, name: &str, place: &Place) -> Option<Option<String>> {
        let mut arms = self.scenario.arms.iter();
        if let Some(arm) = arms.find(|arm| arm.name == name) {
            return Some(Some(arm.name.clone()));
        }
        if self.known.iter().any(|known| known == name) {
            return Some(None);
        }
        let help = suggest(name, self.known.iter(), "arms");
        let message = format!("the scenario has no arm `{name}`");
        self.refuse(Code::UnknownName, place, message, &help);
        None
    }

    /// Whether some arms are not simulated now, so that their rows are left out without a word.
    pub(super) fn is_about_arms_left_out(&self) -> bool {
        self.known.len() > self.scenario.arms.len()
    }

    /// The arm of the rows: the only one of a scenario need not be said.
    pub(super) fn arm_told(&self) -> Option<Told<'_>> {
        match self.told(Role::Arm) {
            None if self.known.len() <= 1 => None,
            None => self.must_be_told(Role::Arm),
            told => told,
        }
    }

    /// The unit of an observable or species.
    fn unit_of(&self, id: &str, place: &Place) -> Option<&Unit> {
        let declaration = &self.model.declaration;
        let found = declaration.unit_of_course(id);
        if found.is_none() {
            let message = format!("the model has no species or observable `{id}`");
            let observables = declaration.observables.keys();
            let help = suggest(
                id,
                observables.chain(declaration.species.keys()),
                "observables",
            );
            self.refuse(Code::UnknownName, place, message, &help);
        }
        found
    }

    /// Days in one of the units of the column of times, and the age at which times begin.
    pub(super) fn clock(&self, column: usize) -> Option<(f64, f64)> {
        let heading = &self.sheet.headings[column];
        let day = Unit::day();
        let factor = match self.table.get("time_unit") {
            Some(node) => self.factor(node.text()?, &day, &node.place, "times")?,
            None => {
                let implied = days_of_heading(&heading.name);
                let unit = heading.unit.as_deref().or(implied).unwrap_or("d");
                let place = self.sheet.heading_place(column);
                self.factor(unit, &day, &place, "times")?
            }
        };
        let quantities = Quantities {
            units: &self.model.declaration.units,
            faults: self.faults,
        };
        let origin = match self.table.get("origin") {
            Some(node) => quantities.age(node, "`data.origin`")?,
            None => 0.0,
        };
        Some((factor, origin))
    }

    /// The age of a row, in days.
    pub(super) fn age(
        &self,
        row: &[Cell],
        column: usize,
        (factor, origin): (f64, f64),
    ) -> Option<f64> {
        let cell = &row[column];
        if is_missing(cell) {
            let message = "this row has no time";
            let help = "write its age, or remove the row";
            self.refuse(Code::BadData, &self.sheet.place(cell), message, help);
            return None;
        }
        Some(origin + factor * self.number(row, column)?)
    }

    /// The column of spreads and what it holds, if there is one.
    fn spread(&self) -> Option<(Option<usize>, SpreadKind)> {
        let written = self.table.get("spread").and_then(Node::text);
        let kind = |word: &str| {
            let mut words = SpreadKind::WORDS.iter();
            words
                .find(|(known, _)| *known == word)
                .map(|(_, kind)| *kind)
        };
        if written == Some("assay") {
            return Some((None, SpreadKind::Assay));
        }
        if written == Some("rows") {
            return None;
        }
        // `spread = "sem"` takes the column of that name, where there are several.
        let named: &[&str] = match written {
            Some("sd") => &["sd"],
            Some("sem") => &["sem", "se"],
            Some("ci95") => &["ci95"],
            _ => &[],
        };
        let has = named.iter().any(|name| self.sheet.find(name).is_some());
        let names = if has { named } else { Role::Spread.names() };
        let column = self.column_named(Role::Spread, names)?;
        let heading = self.sheet.headings[column].name.to_ascii_lowercase();
        let said = match heading.as_str() {
            "se" => kind("sem"),
            name => kind(name),
        };
        let Some(kind) = written.and_then(kind).or(said) else {
            let message = format!("`{heading}` is a spread of a kind that nobody says");
            let help = "write `spread = \"sd\"`, `\"sem\"` or `\"ci95\"` (half the width)";
            let place = self.sheet.heading_place(column);
            self.refuse(Code::MissingKey, &place, message, help);
            return None;
        };
        Some((Some(column), kind))
    }

    /// The noise of the assay of an observable at a value, as the model declares it.
    fn assay(&self, id: &str, value: f64, place: &Place) -> Option<Spread> {
        let observable = self.model.declaration.observables.get(id);
        let noise = observable.and_then(|it| Some(&it.assay.as_ref()?.noise));
        if let Some(AssayNoise::LogNormal(variation)) = noise {
            let size = variation * value.abs();
            return Some(Spread {
                kind: SpreadKind::Assay,
                size,
            })
            .filter(|it| it.size > 0.0);
        }
        let message = format!("the model declares no noise for the assay of `{id}`");
        let help = "give the spread of these data: a column `sd`, `sem` or `ci95`";
        self.refuse(Code::NoMeaning, place, message, help);
        None
    }

    /// The quantities whose rows are taken, if not all are.
    fn only(&self) -> Option<Vec<&str>> {
        let node = self.table.get("only")?;
        let names = node.list()?.iter().filter_map(|it| Some((it, it.text()?)));
        let names = names.filter(|(node, name)| self.unit_of(name, &node.place).is_some());
        Some(names.map(|(_, name)| name).collect())
    }

    /// How the values scatter.
    fn likelihood(&self) -> Likelihood {
        let dispersion = self.above_zero("dispersion");
        let written = self.table.get("likelihood").and_then(Node::text);
        if let Some(node) = self
            .table
            .get("dispersion")
            .filter(|_| written != Some("count"))
        {
            let message = "`dispersion` is that of counts";
            let help = "write `likelihood = \"count\"`, or remove it";
            self.refuse(Code::NoMeaning, &node.place, message, help);
        }
        match written {
            Some("log-normal") => Likelihood::LogNormal,
            Some("proportion") => Likelihood::Proportion,
            Some("count") => Likelihood::Count { dispersion },
            _ => Likelihood::Normal,
        }
    }

    /// A number of the table that must be above zero.
    pub(super) fn above_zero(&self, key: &str) -> Option<f64> {
        let node = self.table.get(key)?;
        let number = node.number()?;
        if number > 0.0 {
            return Some(number);
        }
        let message = format!("`data.{key}` must be above zero");
        let help = "leave it out if it is not known";
        self.refuse(Code::OutOfRange, &node.place, message, help);
        None
    }

    /// Whether a value can be what its likelihood takes it for, and of a proportion how much one unit of it is;
    /// nothing after a fault.
    fn share(
        &self,
        likelihood: Likelihood,
        (number, animals): (f64, Option<u64>),
        wanted: &Unit,
        cell: &Cell,
    ) -> Option<f64> {
        let written = &cell.text;
        let refused = match likelihood {
            Likelihood::Normal => None,
            Likelihood::LogNormal => (number <= 0.0).then(|| {
                let message = format!("`{written}` cannot scatter by factors");
                let help = "log-normal values are above zero: write `likelihood = \"normal\"`";
                (message, help)
            }),
            Likelihood::Count { .. } => {
                let whole = number >= 0.0 && number.round().total_cmp(&number).is_eq();
                (!whole).then(|| {
                    let message = format!("`{written}` is no count");
                    (
                        message,
                        "counts are whole numbers from 0; fields or samples are `n`",
                    )
                })
            }
            Likelihood::Proportion => {
                let share = wanted.factor_to(&Unit::one()).unwrap_or(f64::NAN);
                let is_share = (0.0..=1.0).contains(&(number * share));
                if is_share && animals.is_some() {
                    return Some(share);
                }
                let message = format!("`{written}` is no proportion of a number");
                let help = "a proportion lies between 0 and all, and its row says of how many: a column `n`";
                Some((message, help))
            }
        };
        let Some((message, help)) = refused else {
            return Some(1.0);
        };
        self.refuse(Code::OutOfRange, &self.sheet.place(cell), message, help);
        None
    }
}

/// What would do in the place of a text that is no number.
fn help_for_number(text: &str) -> String {
    let with_point = text.replacen(',', ".", 1);
    if text.contains(',') && with_point.parse::<f64>().is_ok() {
        return format!("write {with_point}: with a decimal point");
    }
    if text.starts_with(['<', '>']) {
        return "a limit of detection is no value: leave the cell empty".to_owned();
    }
    if let Some((number, unit)) = text.split_once(' ')
        && number.parse::<f64>().is_ok()
    {
        return format!("write {number}, and the unit once: `unit = \"{unit}\"`");
    }
    "write a number such as 1.5, or leave the cell empty if nothing was measured".to_owned()
}

/// Reads the rows of measurements; how many of them have no value.
pub(super) fn read_measurements(reader: &Reader<'_>, found: &mut Vec<Measurement>) -> usize {
    let sheet = reader.sheet;
    let (time, value) = (reader.needed(Role::Time), reader.needed(Role::Value));
    let observable = reader.must_be_told(Role::Observable);
    let arm = reader.arm_told();
    let spread = reader.spread();
    let animals = reader.column(Role::Animals);
    let unit = reader.told(Role::Unit);
    if let Some(node) = reader.table.get("frailty") {
        let help = "write `kind = \"survival\"`, or remove it";
        reader.refuse(
            Code::NoMeaning,
            &node.place,
            "`frailty` is that of survival",
            help,
        );
    }
    let likelihood = reader.likelihood();
    let (Some(time), Some(value), Some(observable)) = (time, value, observable) else {
        return 0;
    };
    if arm.is_none() && reader.known.len() > 1 {
        return 0;
    }
    let Some(clock) = reader.clock(time) else {
        return 0;
    };
    let mut unmeasured = 0;
    let only = reader.only();
    for row in &sheet.rows {
        let (id, id_place) = reader.text_of(&observable, row);
        if only.as_ref().is_some_and(|only| !only.contains(&id)) {
            continue;
        }
        // Every cell is looked at, so that all mistakes of a row are said at once.
        let arm = match &arm {
            Some(told) => {
                let (name, place) = reader.text_of(told, row);
                reader.arm(name, &place)
            }
            None => Some(reader.scenario.arms.first().map(|it| it.name.clone())),
        };
        let age = reader.age(row, time, clock);
        let age = age.filter(|age| is_simulated(reader, *age, &row[time]));
        let wanted = reader.unit_of(id, &id_place);
        let missing = is_missing(&row[value]);
        let number = reader.number(row, value);
        let factor =
            wanted.and_then(|wanted| factor_of(reader, unit.as_ref(), value, row, id, wanted));
        let given = spread_of(reader, spread, row);
        let animals = animals_of(reader, animals, row);
        if missing {
            unmeasured += 1;
            continue;
        }
        let (Some(Some(arm)), Some(age), Some(number), Some(factor)) = (arm, age, number, factor)
        else {
            continue;
        };
        let number = number * factor;
        let Some(share) = wanted
            .and_then(|wanted| reader.share(likelihood, (number, animals), wanted, &row[value]))
        else {
            continue;
        };
        let spread = match spread {
            Some((None, _)) => reader.assay(id, number, &id_place),
            _ => given.map(|it| Spread {
                size: it.size * factor,
                ..it
            }),
        };
        found.push(Measurement {
            file: reader.file.to_owned(),
            line: sheet.line(&row[time]),
            arm,
            id: id.to_owned(),
            age,
            value: number,
            spread,
            animals,
            likelihood,
            share,
        });
    }
    unmeasured
}

/// Whether an age is among those that are simulated; says so if not.
fn is_simulated(reader: &Reader<'_>, age: f64, cell: &Cell) -> bool {
    let plan = reader.scenario.simulation;
    if (plan.start..=plan.stop).contains(&age) {
        return true;
    }
    let shown = (age * 1000.0).round() / 1000.0;
    let message = format!(
        "age {shown} d is not simulated: the output goes from {} d to {} d",
        plan.start, plan.stop
    );
    let help = "change `simulation.start` or `simulation.stop`; times that do not count from birth need \
                `origin`, those in weeks `time_unit = \"week\"`";
    reader.refuse(Code::OutOfRange, &reader.sheet.place(cell), message, help);
    false
}

/// The factor from the unit of a row to that of what was measured.
fn factor_of(
    reader: &Reader<'_>,
    told: Option<&Told<'_>>,
    value: usize,
    row: &[Cell],
    id: &str,
    wanted: &Unit,
) -> Option<f64> {
    let what = format!("`{id}`");
    let said = told
        .map(|told| reader.text_of(told, row))
        .filter(|(text, _)| !text.is_empty());
    if let Some((text, place)) = said {
        return reader.factor(text, wanted, &place, &what);
    }
    let place = reader.sheet.heading_place(value);
    let heading = reader.sheet.headings[value].unit.as_deref();
    if let Some(unit) = heading.filter(|unit| !unit.is_empty()) {
        return reader.factor(unit, wanted, &place, &what);
    }
    // Pure numbers of a pure quantity need no unit.
    let pure = Unit::one().conversion_to(wanted);
    if pure.is_ok_and(|factor| factor == Unit::one().factor().clone()) {
        return Some(1.0);
    }
    let message = format!("the values of {what} need a unit");
    let fault = Fault::new(Code::MissingUnit, message, &place)
        .label(format!("measured in {wanted}"))
        .help(format!(
            "write `unit = \"{wanted}\"` if that is what is meant"
        ));
    reader.faults.add(fault);
    None
}

/// The spread of a row in the unit of the row; nothing if it has none.
fn spread_of(
    reader: &Reader<'_>,
    spread: Option<(Option<usize>, SpreadKind)>,
    row: &[Cell],
) -> Option<Spread> {
    let (column, kind) = spread?;
    let size = reader.number(row, column?)?;
    if size > 0.0 {
        return Some(Spread { kind, size });
    }
    let cell = &row[column?];
    let message = format!("the spread `{}` is not above zero", cell.text);
    let help = "leave the cell empty if the spread is not known";
    reader.refuse(Code::BadSpread, &reader.sheet.place(cell), message, help);
    None
}

/// The number of animals of a row.
fn animals_of(reader: &Reader<'_>, column: Option<usize>, row: &[Cell]) -> Option<u64> {
    let number = reader.number(row, column?)?;
    if number >= 1.0 && number.round().total_cmp(&number).is_eq() {
        return Some(number as u64);
    }
    let cell = &row[column?];
    let message = format!("`{}` is no number of animals", cell.text);
    let help = "write a whole number from 1, or leave the cell empty";
    reader.refuse(Code::BadData, &reader.sheet.place(cell), message, help);
    None
}
