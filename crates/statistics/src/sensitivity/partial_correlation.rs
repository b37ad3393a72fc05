//! Partial correlations of an output with every input, all other inputs held.
//!
//! With R the correlation matrix of inputs and output and P = R⁻¹, the partial correlation of input i
//! and output y is −Pᵢᵧ / √(Pᵢᵢ Pᵧᵧ): the correlation of what is left of both after linear regression
//! on the other inputs. R is factorised as L Lᵀ, and P = L⁻ᵀ L⁻¹.

/// What counts as no variance left, relative to the whole: the square root of the rounding unit.
const SINGULAR: f64 = 1e-8;

/// The partial correlation of `output` with each column of `inputs`; `None` where columns do not vary
/// or depend on each other, or rows are too few.
pub(super) fn with_each(inputs: &[Vec<f64>], output: &[f64]) -> Option<Vec<f64>> {
    let count = inputs.len() + 1;
    if output.len() < count + 1 {
        return None;
    }
    let columns: Option<Vec<Vec<f64>>> = inputs
        .iter()
        .map(Vec::as_slice)
        .chain([output])
        .map(standardise)
        .collect();
    let columns = columns?;
    // Row-wise lower triangle of L, then of its inverse.
    let mut lower = vec![vec![0.0; count]; count];
    for i in 0..count {
        for j in 0..=i {
            let product: f64 = columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).sum();
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let left = product - known;
            lower[i][j] = if i == j {
                // The output may be explained in full; the inputs must not explain each other.
                if left < SINGULAR && i + 1 < count {
                    return None;
                }
                left.max(0.0).sqrt()
            } else {
                left / lower[j][j]
            };
        }
    }
    let output = count - 1;
    if lower[output][output] < SINGULAR {
        return None;
    }
    let mut inverse: Vec<Vec<f64>> = Vec::with_capacity(count);
    for (i, row) in lower.iter().enumerate() {
        let known = |j: usize| -> f64 { (j..i).map(|k| row[k] * inverse[k][j]).sum() };
        let next = (0..i).map(|j| -known(j) / row[i]).chain([1.0 / row[i]]);
        let next = next.collect();
        inverse.push(next);
    }
    let precision = |i: usize, j: usize| -> f64 {
        (i.max(j)..count)
            .map(|k| inverse[k][i] * inverse[k][j])
            .sum()
    };
    let own = precision(output, output);
    Some(
        (0..output)
            .map(|i| (-precision(i, output) / (precision(i, i) * own).sqrt()).clamp(-1.0, 1.0))
            .collect(),
    )
}

/// The column with mean 0 and sum of squares 1; `None` if it does not vary.
fn standardise(column: &[f64]) -> Option<Vec<f64>> {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    let squares: f64 = column.iter().map(|x| (x - mean) * (x - mean)).sum();
    let size: f64 = column.iter().map(|x| x * x).sum();
    if squares <= SINGULAR * SINGULAR * size || squares <= 0.0 {
        return None;
    }
    let norm = squares.sqrt();
    Some(column.iter().map(|x| (x - mean) / norm).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn columns(count: usize, rows: usize) -> Vec<Vec<f64>> {
        (0..count as u64)
            .map(|column| {
                let mut stream = Stream::new(9, "columns", column);
                (0..rows).map(|_| stream.normal()).collect()
            })
            .collect()
    }

    /// With one other input there is a closed form.
    #[test]
    fn two_inputs_agree_with_the_closed_form() {
        let mut x = columns(3, 50);
        let y: Vec<f64> = (0..50).map(|i| x[0][i] - 0.5 * x[1][i] + x[2][i]).collect();
        x.truncate(2);
        let r = |a: &[f64], b: &[f64]| -> f64 {
            let (a, b) = (standardise(a).unwrap(), standardise(b).unwrap());
            a.iter().zip(&b).map(|(a, b)| a * b).sum()
        };
        let (xy, zy, xz) = (r(&x[0], &y), r(&x[1], &y), r(&x[0], &x[1]));
        let expected = (xy - xz * zy) / ((1.0 - xz * xz) * (1.0 - zy * zy)).sqrt();
        let found = with_each(&x, &y).unwrap();
        assert!((found[0] - expected).abs() < 1e-14, "{found:?} {expected}");
    }

    #[test]
    fn what_cannot_be_told_apart_has_no_answer() {
        let x = columns(2, 30);
        let y = columns(3, 30).pop().unwrap();
        assert!(with_each(&[x[0].clone(), x[0].clone()], &y).is_none());
        assert!(with_each(&[x[0].clone(), vec![3.0; 30]], &y).is_none());
        assert!(with_each(&x, &vec![1.0; 30]).is_none());
        assert!(with_each(&columns(5, 6), &y[..6]).is_none());
    }
}
