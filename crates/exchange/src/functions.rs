//! The functions of the rate language as definitions of an exchange file.
//!
//! They take pure numbers only: the quotient x/half is taken where they are called, so that units hold
//! whatever x is, and readers need not find out the units of arguments.

use gutbrain_network::expression::Operator;

use super::content::Function;
use super::formula::{Call, Formula, Relation};

/// The identifier under which a call is defined; `None` for what every format has.
pub(super) fn defined_name(call: Call) -> Option<&'static str> {
    Some(match call {
        Call::Exp | Call::Ln | Call::Sqrt | Call::Abs => return None,
        Call::Hill => "hill",
        Call::HillDown => "hill_down",
        Call::SwitchUp => "switch_up",
    })
}

/// The definition of a call; `None` for what every format has.
pub(super) fn define(call: Call) -> Option<Function> {
    let id = defined_name(call)?;
    let one = || Formula::pure(1.0);
    let ratio = || Formula::name("ratio");
    let risen = || Formula::binary(Operator::Power, ratio(), Formula::name("n"));
    let none = || ratio().compare(Relation::AtMost, Formula::pure(0.0));
    let share = |above: Formula| Formula::binary(Operator::Divide, above, one().plus(risen()));
    let hill: &[&str] = &["ratio", "n"];
    let (arguments, body) = match call {
        Call::Hill => (hill, Formula::pure(0.0).where_or(none(), share(risen()))),
        Call::HillDown => (hill, one().where_or(none(), share(one()))),
        Call::SwitchUp => {
            let falling = Formula::Negate(Box::new(Formula::name("distance")));
            let falling = Formula::Call(Call::Exp, vec![falling]);
            let body = Formula::binary(Operator::Divide, one(), one().plus(falling));
            (&["distance"][..], body)
        }
        Call::Exp | Call::Ln | Call::Sqrt | Call::Abs => return None,
    };
    Some(Function {
        call,
        id,
        arguments,
        body,
    })
}
