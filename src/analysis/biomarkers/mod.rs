//! Which measured quantity tells those who will fall ill from those who will not, how long before.
//!
//! A cohort has two arms: the first one stays healthy, the second one may fall ill. Everybody is measured at the
//! visits of the cohort with the errors of the assays. A case is somebody of the second arm who met the event
//! (onset, unless another is named); its visits are sorted by the time that was left until then, and each window
//! of time holds, of every case, its visit nearest the event. The controls of a window are as many of the first
//! arm, measured at the same ages, so that age tells nothing. Who of the first arm meets the event is no control.
//!
//! Found are ([`windows`]), of each quantity and window, the area under the curve with its interval and how many
//! people a study would need; of all quantities together, that of a panel whose scores come from fits to other
//! people; and what a single visit would have concluded ([`cross_section`]) from those who are ill at it: the
//! disease moves what did not foretell it.

mod gathered;
mod told;

pub use gathered::{Case, Gathered, Visit};
pub use told::{CrossSection, FEWEST, PANEL, Told, cross_section, windows};
