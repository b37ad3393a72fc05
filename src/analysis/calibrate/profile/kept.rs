//! Bottoms and profiles as text, so that profiles can be gone on with after an interruption.
//!
//! ```text
//! evaluations,failures,termination        value
//! coordinates…                            value,position,targets,priors,bottom
//! residuals…                              …
//! ```
//!
//! Numbers round-trip: what was read back is the same bits as what was just computed.

use nalgebra::DVector;

use super::super::ended::{numbers, read_numbers, termination, word};
use super::super::least_squares::Minimum;
use super::super::problem::Setting;
use super::{Bottom, Place, Profile};

impl Bottom {
    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Minimum {
            point,
            residuals,
            evaluations,
            failures,
            termination,
        } = &self.found;
        format!(
            "{evaluations},{failures},{}\n{}\n{}\n",
            word(*termination),
            numbers(point.as_slice()),
            numbers(residuals.as_slice())
        )
    }

    /// Reads a text; `None` if it is damaged or of another calibration.
    #[must_use]
    pub fn read(text: &str, setting: &Setting<'_>) -> Option<Self> {
        let found = read_minimum(text)?;
        let parameters = setting.calibration.parameters.len();
        let rows = setting.targets().len() + parameters;
        let fits = found.point.len() == parameters && found.residuals.len() == rows;
        fits.then(|| Self::at(setting, found)).flatten()
    }
}

fn read_minimum(text: &str) -> Option<Minimum> {
    let mut lines = text.lines();
    let mut head = lines.next()?.splitn(3, ',');
    Some(Minimum {
        evaluations: head.next()?.parse().ok()?,
        failures: head.next()?.parse().ok()?,
        termination: termination(head.next()?)?,
        point: DVector::from_vec(read_numbers(lines.next()?)?),
        residuals: DVector::from_vec(read_numbers(lines.next()?)?),
    })
}

impl Profile {
    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{:?}\n", self.id, self.value);
        for place in &self.places {
            let (targets, priors) = match place.objective {
                Some((targets, priors)) => (format!("{targets:?}"), format!("{priors:?}")),
                None => (String::new(), String::new()),
            };
            text.push_str(&format!(
                "{:?},{:?},{targets},{priors},{}\n",
                place.value, place.position, place.is_bottom
            ));
        }
        text
    }

    /// Reads a text; `None` if it is damaged.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        Some(Self {
            id: lines.next()?.to_owned(),
            value: lines.next()?.parse().ok()?,
            places: lines.map(read_place).collect::<Option<_>>()?,
        })
    }
}

fn read_place(line: &str) -> Option<Place> {
    let fields: Vec<&str> = line.split(',').collect();
    let [value, position, targets, priors, is_bottom] = fields[..] else {
        return None;
    };
    Some(Place {
        value: value.parse().ok()?,
        position: position.parse().ok()?,
        objective: match (targets, priors) {
            ("", "") => None,
            (targets, priors) => Some((targets.parse().ok()?, priors.parse().ok()?)),
        },
        is_bottom: is_bottom.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_reads_back_to_the_bit_and_a_damaged_one_not_at_all() {
        let place = |value: f64, objective| Place {
            value,
            position: value / 3.0,
            objective,
            is_bottom: objective.is_some(),
        };
        let profile = Profile {
            id: "animal/k".to_owned(),
            value: 0.1 + 0.2,
            places: vec![
                place(0.1, None),
                place(0.2, Some((1e-300, 1.0 / 3.0))),
                place(0.3, Some((0.0, -0.0))),
            ],
        };
        let text = profile.to_text();
        assert_eq!(Profile::read(&text), Some(profile));
        assert_eq!(Profile::read(&text.replace(",true", "")), None);
        assert_eq!(Profile::read(""), None);
    }

    #[test]
    fn a_minimum_reads_back() {
        let text = "80,3,stalled 0.1\n0.5,1e-300\n1.0,-2.0,3.0\n";
        let found = read_minimum(text).expect("a minimum");
        assert_eq!((found.evaluations, found.failures), (80, 3));
        assert_eq!(found.point.as_slice(), [0.5, 1e-300]);
        assert_eq!(found.residuals.as_slice(), [1.0, -2.0, 3.0]);
        assert!(read_minimum(&text.replace("1e-300", "x")).is_none());
    }
}
