//! Function and survival in one rank.
//!
//! Every subject is compared with every other: whoever is known to have died first did worse; where that
//! is not known, or nobody died, whoever lost more function by the last visit that both had. The scores
//! (better less worse) are ranked, and the ranks compared by Wilcoxon's test with its variance under ties:
//! the combined assessment of function and survival (CAFS). The scores themselves, with the variance of
//! their permutations, give Finkelstein and Schoenfeld's test; with survival alone that is Gehan's.
//!
//! Source: E. A. Gehan, Biometrika 52 (1965) 203–223; D. M. Finkelstein, D. A. Schoenfeld, Statistics in
//! Medicine 18 (1999) 1341–1354; J. D. Berry et al., Amyotrophic Lateral Sclerosis and Frontotemporal
//! Degeneration 14 (2013) 162–168.

use std::cmp::Ordering;

use super::NotFitted;
use crate::normal;
use crate::sensitivity::average_ranks;
use crate::survival::Observation;

/// What was seen of a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Its death, or how long it was seen alive.
    pub survival: Observation,
    /// Visits in the order of their times, with the change of function since entry; higher is better.
    pub changes: Vec<(f64, f64)>,
}

/// How two arms compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointRank {
    /// Mean ranks: control, treated; higher is better.
    pub mean_ranks: [f64; 2],
    /// Share of pairs of the two arms in which the treated did better, less that in which it did worse.
    pub net_benefit: f64,
    /// Two-sided p of Wilcoxon's test of the ranks (normal, no correction for continuity).
    pub p: f64,
    /// Two-sided p of the scores (Finkelstein and Schoenfeld).
    pub score_p: f64,
}

/// Compares two arms.
///
/// # Errors
/// [`NotFitted::TooFew`]: an arm is empty; [`NotFitted::NotFinite`]; [`NotFitted::NoSpread`].
pub fn joint_rank(control: &[Course], treated: &[Course]) -> Result<JointRank, NotFitted> {
    let courses: Vec<&Course> = control.iter().chain(treated).collect();
    let smaller = control.len().min(treated.len());
    if smaller == 0 {
        let what = "subjects in an arm";
        return Err(NotFitted::TooFew {
            what,
            given: smaller,
            least: 1,
        });
    }
    for (subject, course) in courses.iter().enumerate() {
        let mut numbers = course
            .changes
            .iter()
            .flat_map(|&(time, change)| [time, change]);
        if !(course.survival.time.is_finite() && numbers.all(f64::is_finite)) {
            let what = "course";
            return Err(NotFitted::NotFinite { what, subject });
        }
    }
    let mut scores = vec![0.0; courses.len()];
    let mut net = 0.0;
    for (i, one) in courses.iter().enumerate() {
        for (j, other) in courses.iter().enumerate().take(i) {
            let sign = match compare(one, other) {
                Ordering::Greater => 1.0,
                Ordering::Less => -1.0,
                Ordering::Equal => continue,
            };
            scores[i] += sign;
            scores[j] -= sign;
            if i >= control.len() && j < control.len() {
                net += sign;
            }
        }
    }
    let ranks = average_ranks(&scores);
    let (n0, n1) = (control.len() as f64, treated.len() as f64);
    let p = permuted(&ranks, control.len()).ok_or(NotFitted::NoSpread)?;
    let score_p = permuted(&scores, control.len()).ok_or(NotFitted::NoSpread)?;
    let (before, after) = ranks.split_at(control.len());
    Ok(JointRank {
        mean_ranks: [
            before.iter().sum::<f64>() / n0,
            after.iter().sum::<f64>() / n1,
        ],
        net_benefit: net / (n0 * n1),
        p,
        score_p,
    })
}

/// Who did better; equal if nothing tells.
fn compare(one: &Course, other: &Course) -> Ordering {
    let (a, b) = (one.survival, other.survival);
    // Who was seen at a death outlived it, at the same time as well.
    let outlived = |dead: Observation, seen: Observation| {
        dead.event && (dead.time < seen.time || (dead.time <= seen.time && !seen.event))
    };
    if outlived(a, b) {
        return Ordering::Less;
    }
    if outlived(b, a) {
        return Ordering::Greater;
    }
    let (mut left, mut right) = (one.changes.len(), other.changes.len());
    while let (Some(i), Some(j)) = (left.checked_sub(1), right.checked_sub(1)) {
        let ((t, x), (u, y)) = (one.changes[i], other.changes[j]);
        match t.total_cmp(&u) {
            Ordering::Equal => return x.partial_cmp(&y).unwrap_or(Ordering::Equal),
            Ordering::Greater => left = i,
            Ordering::Less => right = j,
        }
    }
    Ordering::Equal
}

/// Two-sided p of the sum over those from place `first` on, against all ways to choose as many; nothing
/// where all are equal.
fn permuted(values: &[f64], first: usize) -> Option<f64> {
    let count = values.len() as f64;
    let (n0, n1) = (first as f64, count - first as f64);
    let mean = values.iter().sum::<f64>() / count;
    let sum: f64 = values[first..].iter().map(|value| value - mean).sum();
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let variance = n0 * n1 / (count * (count - 1.0)) * squares;
    (variance > 0.0).then(|| normal::two_sided(sum / variance.sqrt()))
}
