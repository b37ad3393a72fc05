//! Quantities as written, `"38 d"`, `"2 %"` or `0.5`, to numbers of a unit.

use gutbrain_network::declaration::Dose;
use gutbrain_network::fault::Collector;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::{
    Quantity, Unit, UnitError, Units, exactly, parse_quantity, rational, split_quantity,
};
use gutbrain_network::{Code, Fault};

use super::node::Node;

/// Oldest age a scenario may name, in days: beyond any mammal.
pub(super) const OLDEST: f64 = 100_000.0;

/// Reads quantities with the units of a model; every fault is collected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantities<'a> {
    pub(super) units: &'a Units,
    pub(super) faults: &'a Collector,
}

impl Quantities<'_> {
    /// The value of a quantity in `unit`; `None` after a fault.
    pub(super) fn read(&self, node: &Node, what: &str, unit: &Unit) -> Option<f64> {
        let bare = |number: f64| {
            let pure = Quantity {
                number,
                unit: Unit::one(),
            };
            pure.in_unit(unit).ok()
        };
        let text = |text: &str| match parse_quantity(text, self.units) {
            // A unit that begins with a number, as the program itself writes it: "3 100 mM".
            Err(UnitError::Number {
                message,
                offset,
                help,
            }) => {
                let number = text.strip_suffix(unit.to_string().as_str());
                let number = number.and_then(|number| number.trim().parse().ok());
                number.ok_or(UnitError::Number {
                    message,
                    offset,
                    help,
                })
            }
            read => read.and_then(|quantity| quantity.in_unit(unit)),
        };
        self.read_with(node, what, unit, bare, text)
    }

    /// The value of a dose in its unit; `None` after a fault.
    pub(super) fn dose(&self, node: &Node, what: &str, dose: &Dose) -> Option<f64> {
        let bare = |number| dose.read_number(number);
        self.read_with(node, what, &dose.unit, bare, |text| {
            dose.read(text, self.units)
        })
    }

    fn read_with(
        &self,
        node: &Node,
        what: &str,
        unit: &Unit,
        bare: impl Fn(f64) -> Option<f64>,
        text: impl Fn(&str) -> Result<f64, UnitError>,
    ) -> Option<f64> {
        if let Some(number) = node.number() {
            let Some(value) = bare(number) else {
                self.faults.add(missing_unit(node, what, unit, number));
                return None;
            };
            return self.finite(node, what, value);
        }
        // Any other kind of value was reported with the shape.
        let written = node.text()?;
        match text(written) {
            Ok(number) => self.finite(node, what, number),
            Err(error) => {
                let fault = match split_quantity(written) {
                    Ok((number, "")) => missing_unit(node, what, unit, number),
                    _ => unit_fault(node, what, unit, &error),
                };
                self.faults.add(fault);
                None
            }
        }
    }

    fn finite(&self, node: &Node, what: &str, number: f64) -> Option<f64> {
        if number.is_finite() {
            return Some(number);
        }
        let message = format!("{what} is too large to be computed with");
        self.faults
            .add(Fault::new(Code::NotFinite, message, &node.place));
        None
    }

    /// An age in days: a quantity of time that is not negative, or `"birth"`.
    pub(super) fn age(&self, node: &Node, what: &str) -> Option<f64> {
        if node.text() == Some("birth") {
            return Some(0.0);
        }
        if let Some(word) = word(node) {
            self.faults.add(no_age(node, what, word, &["birth"]));
            return None;
        }
        let days = self.days(node, what)?;
        if (0.0..=OLDEST).contains(&days) {
            return Some(days);
        }
        let fault = Fault::new(
            Code::OutOfRange,
            format!("{what} must be an age"),
            &node.place,
        )
        .label(format!("this is {days} days"))
        .help(format!("times are ages: from 0 d (birth) to {OLDEST} d"));
        self.faults.add(fault);
        None
    }

    /// The same where these words stand for a time as well: they are named to whom writes another.
    pub(super) fn age_or(&self, node: &Node, what: &str, words: &[&str]) -> Option<f64> {
        if let Some(word) = word(node).filter(|word| *word != "birth") {
            self.faults.add(no_age(node, what, word, words));
            return None;
        }
        self.age(node, what)
    }

    /// A length of time in days, above zero.
    pub(super) fn duration(&self, node: &Node, what: &str) -> Option<f64> {
        let days = self.days(node, what)?;
        if days > 0.0 && days <= OLDEST {
            return Some(days);
        }
        let fault = Fault::new(
            Code::OutOfRange,
            format!("{what} must be above zero"),
            &node.place,
        )
        .label(format!("this is {days} days"))
        .help("write a length of time such as \"1 d\" or \"12 h\"");
        self.faults.add(fault);
        None
    }

    /// Times as bare numbers were reported with the shape.
    fn days(&self, node: &Node, what: &str) -> Option<f64> {
        node.text()?;
        self.read(node, what, &Unit::day())
    }
}

/// A text of letters only: a word where a time is wanted.
fn word(node: &Node) -> Option<&str> {
    let text = node.text()?.trim();
    let is_word =
        text.starts_with(char::is_alphabetic) && !text.contains(|c: char| c.is_ascii_digit());
    is_word.then_some(text)
}

/// A word where an age is wanted, as in `start = "onset"`.
fn no_age(node: &Node, what: &str, word: &str, words: &[&str]) -> Fault {
    let message = format!("{what} cannot be \"{word}\"");
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let help = did_you_mean(word, words.iter().copied()).unwrap_or_else(|| {
        "times are ages, fixed before the animal is simulated; only what is done in an arm can follow \
         what it goes through, as in `start = \"onset + 7 d\"`"
            .to_owned()
    });
    Fault::new(Code::NoQuantity, message, &node.place)
        .label(format!("an age such as \"38 d\", or {}", quoted.join(", ")))
        .help(help)
}

/// A number without unit where one is needed. Which one was meant cannot be known.
fn missing_unit(node: &Node, what: &str, unit: &Unit, number: f64) -> Fault {
    let name = unit.to_string();
    let share = (name.starts_with('%') && number > 0.0 && number <= 1.0)
        .then(|| exactly(number))
        .flatten();
    let help = match share {
        Some(share) => {
            let hundred = rational::BigRational::from_integer(100.into());
            let percent = rational::nearest_f64(&(share * hundred));
            format!(
                "write \"{percent} {name}\" if {number} is a share, \"{number} {name}\" if it is \
                 in {name} already"
            )
        }
        None => format!("write \"{number} {name}\" if that is what is meant"),
    };
    Fault::new(
        Code::MissingUnit,
        format!("{what} needs a unit"),
        &node.place,
    )
    .label(format!("measured in {name}"))
    .help(help)
}

fn unit_fault(node: &Node, what: &str, unit: &Unit, error: &UnitError) -> Fault {
    let text = node.text().unwrap_or_default();
    // Offsets count in the trimmed text.
    let leading = text.len() - text.trim_start().len();
    let rest =
        |offset: usize| node.inside((leading + offset).min(text.len())..text.trim_end().len());
    let example = format!("write it in {unit}, for example \"1 {unit}\"");
    match error {
        UnitError::Unknown {
            name,
            offset,
            alike,
        } => {
            let start = (leading + offset).min(text.len());
            let place = node.inside(start..(start + name.len()).min(text.len()));
            let help = alike
                .as_ref()
                .map_or(example, |alike| format!("did you mean `{alike}`?"));
            Fault::new(
                Code::UnknownUnit,
                format!("unknown unit `{name}` in {what}"),
                &place,
            )
            .help(help)
        }
        UnitError::Different { from, .. } => Fault::new(
            Code::WrongUnit,
            format!("{what} cannot be given in {from}"),
            &node.place,
        )
        .label(format!("measured in {unit}"))
        .help(example),
        UnitError::Syntax { message, offset } => Fault::new(
            Code::NoQuantity,
            format!("{what} is no quantity: {message}"),
            &rest(*offset),
        )
        .help(example),
        UnitError::Number {
            message,
            offset,
            help,
        } => Fault::new(
            Code::NoQuantity,
            format!("{what} is no quantity: {message}"),
            &rest(*offset),
        )
        .help(help.as_str()),
        UnitError::Irrational { .. } => Fault::new(
            Code::NoQuantity,
            format!("{what} is no quantity: {error}"),
            &node.place,
        )
        .help(example),
    }
}
