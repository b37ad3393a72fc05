//! Which points a sweep has: any of them by its number.

use gutbrain_statistics::designs::{Grid, LatinHypercube, RandomPoints, Scrambling, SobolSequence};

use super::lives::Point;
use crate::scenario::{Factor, Setting, SweepDesign, SweepPlan};

/// The design of a sweep.
#[derive(Debug, Clone)]
pub struct Design {
    factors: Vec<Factor>,
    points: u64,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Grid(Grid),
    List,
    LatinHypercube(LatinHypercube),
    Sobol(SobolSequence),
    Random(RandomPoints),
}

impl Design {
    /// The design of a plan; `None` if it has more factors than a Sobol sequence or more points than
    /// can be counted, which a checked plan has not.
    #[must_use]
    pub fn new(plan: &SweepPlan, seed: u64) -> Option<Self> {
        let dimensions = plan.factors.len();
        let kind = match plan.design {
            SweepDesign::Grid => {
                let levels: Vec<u64> = plan.factors.iter().map(Factor::count).collect();
                Kind::Grid(Grid::new(&levels)?)
            }
            SweepDesign::List => Kind::List,
            SweepDesign::LatinHypercube => {
                Kind::LatinHypercube(LatinHypercube::new(plan.points, dimensions, seed))
            }
            SweepDesign::Sobol => {
                Kind::Sobol(SobolSequence::new(dimensions, Scrambling::Seeded(seed)).ok()?)
            }
            SweepDesign::Random => Kind::Random(RandomPoints::new(dimensions, seed)),
        };
        Some(Self {
            factors: plan.factors.clone(),
            points: plan.points,
            kind,
        })
    }

    /// How many points it has.
    #[must_use]
    pub fn points(&self) -> u64 {
        self.points
    }

    /// Point `number`, from 1; `None` beyond the last one.
    #[must_use]
    pub fn point(&self, number: u64) -> Option<Point> {
        if !(1..=self.points).contains(&number) {
            return None;
        }
        let index = number - 1;
        let by_level = |levels: Vec<u64>| -> Vec<Setting> {
            let levels = self.factors.iter().zip(levels);
            levels.map(|(factor, level)| factor.level(level)).collect()
        };
        let by_share = |shares: Vec<f64>| -> Vec<Setting> {
            let shares = self.factors.iter().zip(shares);
            shares.map(|(factor, share)| factor.at(share)).collect()
        };
        let settings = match &self.kind {
            Kind::Grid(grid) => by_level(grid.point(index)?),
            Kind::List => by_level(vec![index; self.factors.len()]),
            Kind::LatinHypercube(sample) => by_share(sample.point(index)?),
            Kind::Sobol(sequence) => by_share(sequence.point(index)),
            Kind::Random(random) => by_share(random.point(index)),
        };
        Some(Point { number, settings })
    }
}
