//! Every combination of levels.

/// Every combination of the levels of some factors; the last factor varies fastest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    levels: Vec<u64>,
}

impl Grid {
    /// A grid of factors with these numbers of levels; `None` if it has more points than a `u64` counts.
    #[must_use]
    pub fn new(levels: &[u64]) -> Option<Self> {
        levels
            .iter()
            .try_fold(1_u64, |points, &levels| points.checked_mul(levels))?;
        Some(Self {
            levels: levels.to_vec(),
        })
    }

    /// How many points it has: the product of the numbers of levels; 1 without factors.
    #[must_use]
    pub fn points(&self) -> u64 {
        self.levels.iter().product()
    }

    /// The level of every factor at point `index`, from 0; `None` beyond the last point.
    #[must_use]
    pub fn point(&self, index: u64) -> Option<Vec<u64>> {
        if index >= self.points() {
            return None;
        }
        let mut rest = index;
        let mut point: Vec<u64> = self
            .levels
            .iter()
            .rev()
            .map(|&levels| {
                let level = rest % levels;
                rest /= levels;
                level
            })
            .collect();
        point.reverse();
        Some(point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_is_there_once_and_in_order() {
        let grid = Grid::new(&[2, 3]).unwrap();
        let points: Vec<Vec<u64>> = (0..6).map(|index| grid.point(index).unwrap()).collect();
        assert_eq!(
            points,
            [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]].map(Vec::from)
        );
        assert_eq!(grid.point(6), None);
    }

    #[test]
    fn empty_and_enormous_grids_are_told_apart() {
        assert_eq!(Grid::new(&[]).unwrap().point(0), Some(vec![]));
        assert_eq!(Grid::new(&[3, 0]).unwrap().points(), 0);
        assert_eq!(Grid::new(&[3, 0]).unwrap().point(0), None);
        assert_eq!(Grid::new(&[u64::MAX, 2]), None);
    }
}
