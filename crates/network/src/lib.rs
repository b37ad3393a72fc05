//! Network language of gutbrain: units, expressions, processes, diagnostics, derivatives, programs.
//!
//! Model text → [`declaration::Declaration`] (read and checked, every fault
//! reported at once) → [`network::Network`] (straight-line programs over any
//! [`gutbrain_numbers::Real`]): the derivative, its exact sparse Jacobian, rates,
//! assignments, observables, events. A mechanism is declared once; everything
//! else is read from it.
//!
//! ```
//! use gutbrain_network::{Color, Declaration, Edits, Source};
//!
//! let model = Source::new("model/example.toml", r#"
//! [compartment.lumen]
//! says = "Content of the colon"
//! region = "gut"
//!
//! [species.butyrate]
//! says = "Butyrate in the colon"
//! where = "lumen"
//! unit = "mM"
//! initial = 5
//! scale = 1
//!
//! [parameter.half_life]
//! says = "Half-life of butyrate in the colon"
//! unit = "h"
//! value = 2
//! range = [1, 4]
//! prior = "lognormal"
//! assumed = "an example"
//!
//! [process.butyrate_is_absorbed]
//! says = "The epithelium absorbs butyrate."
//! changes = { butyrate = -1 }
//! rate = "ln(2) / half_life * butyrate"
//! assumed = "an example"
//! "#);
//! let declaration = Declaration::read(&[model]).map_err(|faults| faults.render(Color::Never))?;
//! let network = declaration.compile(&Edits::default()).map_err(|faults| faults.to_string())?;
//! let mut prepared = network.prepare(&network.parameter_values());
//! let mut derivative = [0.0];
//! network.derivative(&mut prepared, &[5.0], &mut derivative);
//! // Hours became days: 12 half-lives a day.
//! assert!((derivative[0] + 5.0 * 12.0 * 0.693_147_180_559_945_3).abs() < 1e-12);
//! # Ok::<(), String>(())
//! ```

#![forbid(unsafe_code)]

mod compile;
pub mod declaration;
pub mod expression;
pub mod fault;
pub mod network;
pub mod reading;
pub mod unit;

pub use declaration::Declaration;
pub use fault::{Code, Color, Fault, Faults, Source};
pub use network::{Edits, Network, Prepared, PreparedLanes};
