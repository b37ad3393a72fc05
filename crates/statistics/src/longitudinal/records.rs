//! Outcomes at visits, and what a likelihood needs of them.

use super::NotFitted;
use crate::cholesky::dot;

/// Outcomes of subjects at their visits with a row of fixed effects for each; visits may be at any times
/// and as many as a subject has.
#[derive(Debug, Clone, Default)]
pub struct Records {
    columns: usize,
    /// Visits up to and with each subject.
    pub(super) ends: Vec<usize>,
    pub(super) times: Vec<f64>,
    pub(super) outcomes: Vec<f64>,
    /// Fixed effects, visit by visit.
    pub(super) design: Vec<f64>,
}

impl Records {
    /// No subjects, with this many fixed effects.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        Self {
            columns,
            ..Self::default()
        }
    }

    /// Number of fixed effects.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Adds a subject: times and outcomes of its visits, and the fixed effects of each visit, one row
    /// after the other. One without visits changes nothing.
    ///
    /// # Errors
    /// [`NotFitted::Shape`], [`NotFitted::NotFinite`].
    pub fn add(
        &mut self,
        times: &[f64],
        outcomes: &[f64],
        design: &[f64],
    ) -> Result<(), NotFitted> {
        let (subject, visits) = (self.ends.len(), times.len());
        let columns = self.columns;
        let lists = [
            ("outcomes", outcomes, visits),
            ("fixed effects", design, visits * columns),
        ];
        for (what, list, wanted) in lists {
            if list.len() != wanted {
                return Err(NotFitted::Shape {
                    what,
                    subject,
                    given: list.len(),
                    visits,
                });
            }
        }
        let lists = [
            ("time", times),
            ("outcome", outcomes),
            ("covariate", design),
        ];
        for (what, list) in lists {
            if list.iter().any(|value| !value.is_finite()) {
                return Err(NotFitted::NotFinite { what, subject });
            }
        }
        if visits > 0 {
            self.times.extend_from_slice(times);
            self.outcomes.extend_from_slice(outcomes);
            self.design.extend_from_slice(design);
            self.ends.push(self.times.len());
        }
        Ok(())
    }

    /// The visits of every subject, as ranges.
    pub(super) fn ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, &end)| begin..end)
    }
}

/// Records in coordinates that lose no digits: times centred with spread 1, fixed effects orthonormal, and
/// outcomes less their least-squares fit.
pub(super) struct Standard {
    /// Fixed effects p.
    pub(super) columns: usize,
    /// Visits n.
    pub(super) visits: usize,
    /// Time that is 0, and the length that is 1.
    pub(super) centre: f64,
    pub(super) width: f64,
    /// R⁻¹ of X = Q R, row by row.
    pub(super) back: Vec<f64>,
    /// Least-squares estimates in the coordinates that were given.
    pub(super) least_squares: Vec<f64>,
    /// Sum of squares of the outcomes that are left.
    pub(super) squares: f64,
    pub(super) subjects: Vec<Moments>,
}

/// Sums over the visits of one subject; z is (1, time).
pub(super) struct Moments {
    /// ZᵀZ: (0, 0), (0, 1), (1, 1).
    pub(super) zz: [f64; 3],
    /// Determinant of ZᵀZ.
    pub(super) det: f64,
    /// ZᵀX, both rows.
    pub(super) zx: [Vec<f64>; 2],
    /// Zᵀy.
    pub(super) zy: [f64; 2],
    /// yᵀy.
    pub(super) yy: f64,
}

impl Standard {
    pub(super) fn new(records: &Records) -> Result<Self, NotFitted> {
        let (columns, visits) = (records.columns, records.times.len());
        let too_few = |what, given, least| NotFitted::TooFew { what, given, least };
        if visits <= columns + 3 {
            return Err(too_few("visits", visits, columns + 4));
        }
        let count = visits as f64;
        let centre = records.times.iter().sum::<f64>() / count;
        let spread = records.times.iter().map(|t| (t - centre) * (t - centre));
        let width = (spread.sum::<f64>() / count).sqrt();
        // With two visits each, error and random slope cannot be told apart.
        let often = records
            .ranges()
            .filter(|range| distinct(&records.times[range.clone()]) >= 3);
        let often = often.count();
        if often < 3 {
            return Err(too_few("subjects with three or more visits", often, 3));
        }
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(columns);
        // R, column by column.
        let mut upper = vec![0.0; columns * columns];
        for column in 0..columns {
            let rows = records.design.chunks_exact(columns);
            let mut vector: Vec<f64> = rows.map(|row| row[column]).collect();
            let before = dot(&vector, &vector).sqrt();
            // Twice is enough: J. Daniel et al., Mathematics of Computation 30 (1976) 772–795.
            for _ in 0..2 {
                for (row, earlier) in basis.iter().enumerate() {
                    let share = dot(earlier, &vector);
                    upper[row * columns + column] += share;
                    subtract(&mut vector, share, earlier);
                }
            }
            let length = dot(&vector, &vector).sqrt();
            if length <= 1e-10 * before || before <= 0.0 {
                return Err(NotFitted::Collinear(column));
            }
            upper[column * columns + column] = length;
            vector.iter_mut().for_each(|value| *value /= length);
            basis.push(vector);
        }
        let mut outcomes = records.outcomes.clone();
        let mut projections = vec![0.0; columns];
        for _ in 0..2 {
            for (projection, vector) in projections.iter_mut().zip(&basis) {
                let share = dot(vector, &outcomes);
                *projection += share;
                subtract(&mut outcomes, share, vector);
            }
        }
        let back = invert_upper(&upper, columns);
        let rows = back.chunks_exact(columns.max(1));
        let least_squares = rows.map(|row| dot(row, &projections)).collect();
        let squares = dot(&outcomes, &outcomes);
        let total = dot(&records.outcomes, &records.outcomes);
        if squares <= 1e-24 * total || squares <= 0.0 {
            return Err(NotFitted::NoResidual);
        }
        let subjects = records.ranges().map(|range| {
            let mut moments = Moments {
                zz: [range.len() as f64, 0.0, 0.0],
                det: 0.0,
                zx: [vec![0.0; columns], vec![0.0; columns]],
                zy: [0.0; 2],
                yy: 0.0,
            };
            for visit in range.clone() {
                let time = (records.times[visit] - centre) / width;
                let outcome = outcomes[visit];
                moments.zz[1] += time;
                moments.zz[2] += time * time;
                moments.zy[0] += outcome;
                moments.zy[1] += outcome * time;
                moments.yy += outcome * outcome;
                for (column, vector) in basis.iter().enumerate() {
                    moments.zx[0][column] += vector[visit];
                    moments.zx[1][column] += vector[visit] * time;
                }
            }
            // n Σ (t − t̄)², which loses no digits.
            let mean = moments.zz[1] / moments.zz[0];
            let spread = range.map(|visit| {
                let off = (records.times[visit] - centre) / width - mean;
                off * off
            });
            moments.det = moments.zz[0] * spread.sum::<f64>();
            moments
        });
        let subjects = subjects.collect();
        Ok(Self {
            columns,
            visits,
            centre,
            width,
            back,
            least_squares,
            squares,
            subjects,
        })
    }
}

/// How many different times there are, up to three.
fn distinct(times: &[f64]) -> usize {
    let Some(first) = times.first() else { return 0 };
    let (low, high) = times.iter().fold((*first, *first), |(low, high), t| {
        (low.min(*t), high.max(*t))
    });
    if low >= high {
        return 1;
    }
    2 + usize::from(times.iter().any(|t| *t > low && *t < high))
}

fn subtract(from: &mut [f64], factor: f64, what: &[f64]) {
    for (value, other) in from.iter_mut().zip(what) {
        *value -= factor * other;
    }
}

/// The inverse of an upper triangle, row by row.
fn invert_upper(upper: &[f64], size: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; size * size];
    for column in 0..size {
        for row in (0..=column).rev() {
            let unit = if row == column { 1.0 } else { 0.0 };
            let known: f64 = (row + 1..=column)
                .map(|k| upper[row * size + k] * inverse[k * size + column])
                .sum();
            inverse[row * size + column] = (unit - known) / upper[row * size + row];
        }
    }
    inverse
}
