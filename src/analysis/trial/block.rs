//! Animals of a pool, a block at a time, as text: so that a trial can be gone on with after an
//! interruption.
//!
//! One line of JSON. Numbers round-trip: a block that was read back is the same bits as one that was just
//! simulated. Whoever keeps a text seals it.

use gutbrain_network::declaration::Sex;
use gutbrain_statistics::survival::Observation;
use serde::{Deserialize, Serialize};

use super::course::{Entered, Seen};
use super::entry::EntryCount;
use super::pool::PoolAnimal;
use crate::cohort::Follow;

/// Animals of some numbers, and who of them failed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PoolBlock {
    /// Animals with the number of their litter, from 1.
    pub animals: Vec<(u64, PoolAnimal)>,
    /// How many enter every design; nothing for those that see whole lives.
    pub entries: Vec<Option<EntryCount>>,
    /// Animals whose run failed in an arm.
    pub failed: u64,
    /// The first of them: number, vector of the posterior, arm, and why.
    pub first_failure: Option<(u64, Option<u64>, String, String)>,
    /// Lives that it took.
    pub lives: u64,
}

/// Numbers that a litter can have: a pool has no more animals.
const LITTERS: std::ops::RangeInclusive<u64> = 1..=1_000_000;

/// Where blocks are kept while the others are simulated.
pub trait KeptBlocks {
    /// Block `number` of `animals` animals, if it was kept and is of use.
    fn kept(&self, number: usize, animals: u64) -> Option<PoolBlock>;

    /// Keeps block `number`.
    fn keep(&self, number: usize, block: &PoolBlock);
}

/// Nothing is kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingKept;

impl KeptBlocks for NothingKept {
    fn kept(&self, _: usize, _: u64) -> Option<PoolBlock> {
        None
    }

    fn keep(&self, _: usize, _: &PoolBlock) {}
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    animals: Vec<KeptAnimal>,
    entries: Vec<Option<KeptCount>>,
    failed: u64,
    first_failure: Option<(u64, Option<u64>, String, String)>,
    lives: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptAnimal {
    litter: u64,
    female: bool,
    low_copy: bool,
    /// Time and event, without and with the treatment.
    ends: [(f64, bool); 2],
    /// The same after entry, with the values at visits.
    entered: Vec<Option<KeptEntered>>,
}

type KeptSeen = (f64, bool, Vec<Option<f64>>);

/// Both lives, and the stratum.
type KeptEntered = ([KeptSeen; 2], u64);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptCount {
    entered: u64,
    never_there: u64,
    ended: u64,
    outside: Vec<u64>,
    beyond: u64,
}

impl PoolBlock {
    /// The text.
    ///
    /// # Errors
    /// Never in practice.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let animals = self.animals.iter().map(|(litter, animal)| KeptAnimal {
            litter: *litter,
            female: animal.sex == Sex::Female,
            low_copy: animal.low_copy,
            ends: [&animal.control, &animal.treated].map(|it| (it.time, it.event)),
            entered: animal
                .entered
                .iter()
                .map(|it| it.as_ref().map(kept))
                .collect(),
        });
        let entries = self.entries.iter().map(|count| {
            count.as_ref().map(|it| KeptCount {
                entered: it.entered,
                never_there: it.never_there,
                ended: it.ended,
                outside: it.outside.clone(),
                beyond: it.beyond,
            })
        });
        serde_json::to_string(&Kept {
            animals: animals.collect(),
            entries: entries.collect(),
            failed: self.failed,
            first_failure: self.first_failure.clone(),
            lives: self.lives,
        })
    }

    /// Reads a text of `animals` animals for so many designs; `None` if it is damaged or of others.
    #[must_use]
    pub fn read(text: &str, animals: u64, designs: usize) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let number = kept.animals.len() as u64;
        let fits = number.checked_add(kept.failed)? == animals
            && kept.lives == animals.checked_mul(2)?
            && kept.entries.len() == designs
            && kept
                .animals
                .iter()
                .all(|it| it.entered.len() == designs && LITTERS.contains(&it.litter));
        fits.then_some(())?;
        let animal = |it: KeptAnimal| {
            let sex = if it.female { Sex::Female } else { Sex::Male };
            let [control, treated] = it.ends.map(|(time, event)| Follow {
                time,
                event,
                sex,
                litter: it.litter,
            });
            let entered = it.entered.into_iter().map(|it| it.map(read));
            let animal = PoolAnimal {
                sex,
                low_copy: it.low_copy,
                control,
                treated,
                entered: entered.collect(),
            };
            (it.litter, animal)
        };
        let count = |it: KeptCount| EntryCount {
            entered: it.entered,
            never_there: it.never_there,
            ended: it.ended,
            outside: it.outside,
            beyond: it.beyond,
        };
        Some(Self {
            animals: kept.animals.into_iter().map(animal).collect(),
            entries: kept.entries.into_iter().map(|it| it.map(count)).collect(),
            failed: kept.failed,
            first_failure: kept.first_failure,
            lives: kept.lives,
        })
    }
}

fn kept(entered: &Entered) -> KeptEntered {
    let one = |seen: &Seen| (seen.survival.time, seen.survival.event, seen.values.clone());
    let [control, treated] = &entered.lives;
    ([one(control), one(treated)], entered.stratum)
}

fn read((lives, stratum): KeptEntered) -> Entered {
    let one = |(time, event, values)| Seen {
        survival: Observation { time, event },
        values,
    };
    Entered {
        lives: lives.map(one),
        stratum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_back_bit_for_bit_and_another_one_does_not() {
        let follow = |time: f64, event| Follow {
            time,
            event,
            sex: Sex::Male,
            litter: 3,
        };
        let seen = |time: f64| Seen {
            survival: Observation::event(time),
            values: vec![Some(0.1 + 0.2), None, Some(1e-320)],
        };
        let animal = PoolAnimal {
            sex: Sex::Male,
            low_copy: true,
            control: follow(100.0 / 3.0, true),
            treated: follow(200.0 / 7.0, false),
            entered: vec![
                None,
                Some(Entered {
                    lives: [seen(1.1), seen(2.2)],
                    stratum: 5,
                }),
            ],
        };
        let count = EntryCount {
            entered: 1,
            outside: vec![0, 1],
            ..EntryCount::default()
        };
        let block = PoolBlock {
            animals: vec![(3, animal)],
            entries: vec![None, Some(count)],
            failed: 1,
            first_failure: Some((7, None, "drug".to_owned(), "step too small".to_owned())),
            lives: 4,
        };
        let text = block.to_text().unwrap();
        assert_eq!(PoolBlock::read(&text, 2, 2), Some(block));
        assert_eq!(PoolBlock::read(&text, 3, 2), None);
        assert_eq!(PoolBlock::read(&text, 2, 1), None);
        assert_eq!(PoolBlock::read(&text[1..], 2, 2), None);
        assert_eq!(PoolBlock::read("", 2, 2), None);
    }
}
