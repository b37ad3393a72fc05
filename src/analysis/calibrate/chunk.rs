//! Chains as text, a stretch at a time, so that a long sampling can go on after an interruption.
//!
//! ```text
//! # step width proposed accepted failed
//! kind,step,chain,log_likelihood,predictions…,coordinates…
//! ```
//!
//! Rows of kind `record` are those of the stretch, rows of kind `tried` after them what was evaluated up
//! to then and is learned from; rows of kind `state` are the places at its end.
//! Whoever keeps a text seals it: with its hash, and what the chains depend on. Numbers round-trip, so that chains that go on are the same bits as chains that never stopped.

use super::sampler::{Evaluated, Place, Record, State, Tally};

/// A stretch of chains.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// The records.
    pub records: Vec<Record>,
    /// Everything that later steps depend on.
    pub state: State,
}

impl Chunk {
    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let State {
            step, width, tally, ..
        } = &self.state;
        let mut text = format!(
            "# {step} {width:?} {} {} {}\n",
            tally.proposed, tally.accepted, tally.failed
        );
        for record in &self.records {
            rows(&mut text, "record", record.step, &record.places);
            rows(&mut text, "tried", record.step, &record.tried);
        }
        rows(&mut text, "state", *step, &self.state.places);
        text
    }

    /// Reads a text; `targets` predictions a row. `None` if it is damaged.
    #[must_use]
    pub fn read(text: &str, targets: usize) -> Option<Self> {
        let mut lines = text.lines();
        let mut words = lines.next()?.strip_prefix("# ")?.split(' ');
        let step = words.next()?.parse().ok()?;
        let width = words.next()?.parse().ok()?;
        let mut count = || words.next()?.parse().ok();
        let tally = Tally {
            proposed: count()?,
            accepted: count()?,
            failed: count()?,
        };
        let mut records: Vec<Record> = Vec::new();
        let mut places = Vec::new();
        for line in lines {
            let mut fields = line.split(',');
            let kind = fields.next()?;
            let at: usize = fields.next()?.parse().ok()?;
            let chain: usize = fields.next()?.parse().ok()?;
            let numbers: Vec<f64> = fields
                .map(|field| field.parse().ok())
                .collect::<Option<_>>()?;
            if numbers.len() <= targets + 1 {
                return None;
            }
            let place = Place {
                evaluated: Evaluated {
                    likelihood: numbers[0],
                    predictions: numbers[1..=targets].to_vec(),
                },
                point: numbers[targets + 1..].to_vec(),
            };
            match (kind, chain) {
                ("state", _) => places.push(place),
                ("record", 0) => records.push(Record {
                    step: at,
                    places: vec![place],
                    tried: Vec::new(),
                }),
                ("tried", _) => records.last_mut()?.tried.push(place),
                ("record", _) => records.last_mut()?.places.push(place),
                _ => return None,
            }
        }
        let whole = !places.is_empty() && records.iter().all(|it| it.places.len() == places.len());
        whole.then_some(Self {
            records,
            state: State {
                step,
                places,
                width,
                tally,
            },
        })
    }
}

fn rows(text: &mut String, kind: &str, step: usize, places: &[Place]) {
    for (chain, place) in places.iter().enumerate() {
        text.push_str(&format!("{kind},{step},{chain}"));
        let numbers = std::iter::once(&place.evaluated.likelihood);
        let numbers = numbers.chain(&place.evaluated.predictions);
        for number in numbers.chain(&place.point) {
            text.push_str(&format!(",{number:?}"));
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_reads_back_to_the_bit_and_a_damaged_one_not_at_all() {
        let place = |x: f64| Place {
            point: vec![x, x / 3.0],
            evaluated: Evaluated {
                likelihood: -x / 7.0,
                predictions: vec![1e-300 * x],
            },
        };
        let chunk = Chunk {
            records: vec![Record {
                step: 5,
                places: vec![place(1.0), place(2.0)],
                tried: vec![place(5.0)],
            }],
            state: State {
                step: 7,
                places: vec![place(3.0), place(4.0)],
                width: 0.1 + 0.2,
                tally: Tally {
                    proposed: 14,
                    accepted: 3,
                    failed: 1,
                },
            },
        };
        let text = chunk.to_text();
        assert_eq!(Chunk::read(&text, 1), Some(chunk));
        let cut = text.rfind("state").expect("a state");
        assert_eq!(Chunk::read(&text[..cut], 1), None);
        assert_eq!(Chunk::read("", 1), None);
        assert_eq!(Chunk::read(&text.replace("record", "word"), 1), None);
    }
}
