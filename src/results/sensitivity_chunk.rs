//! A finished block of points as bytes, for a study that goes on after an interruption.
//!
//! Numbers are kept by their bits, so that what comes back is what was there.

use serde::{Deserialize, Serialize};

use crate::analysis::points::RowStatus;
use crate::analysis::sensitivity::PointValues;

#[derive(Serialize, Deserialize)]
struct Block {
    /// The first row.
    first: u64,
    points: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    status: Word,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
    #[serde(default)]
    arm: usize,
    bits: Vec<Option<u64>>,
}

#[derive(Serialize, Deserialize)]
enum Word {
    Ok,
    Failed,
    NotRun,
}

/// The bytes of a block that begins with row `first`.
///
/// # Errors
/// Never in practice.
pub fn write_block(first: u64, points: &[PointValues]) -> Result<String, serde_json::Error> {
    let kept = points.iter().map(|point| Kept {
        status: match point.status {
            RowStatus::Ok => Word::Ok,
            RowStatus::Failed(_) => Word::Failed,
            RowStatus::NotRun(_) => Word::NotRun,
        },
        reason: point.status.reason().to_owned(),
        arm: point.arm,
        bits: point.values.iter().map(|it| it.map(f64::to_bits)).collect(),
    });
    serde_json::to_string(&Block {
        first,
        points: kept.collect(),
    })
}

/// The points of a block; `None` if the text is none, or another one.
#[must_use]
pub fn read_block(text: &str, first: u64) -> Option<Vec<PointValues>> {
    let block: Block = serde_json::from_str(text).ok()?;
    (block.first == first).then_some(())?;
    let point = |kept: Kept| PointValues {
        status: match kept.status {
            Word::Ok => RowStatus::Ok,
            Word::Failed => RowStatus::Failed(kept.reason),
            Word::NotRun => RowStatus::NotRun(kept.reason),
        },
        arm: kept.arm,
        values: kept
            .bits
            .into_iter()
            .map(|bits| bits.map(f64::from_bits))
            .collect(),
    };
    Some(block.points.into_iter().map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_back_bit_for_bit() {
        let points = vec![
            PointValues {
                status: RowStatus::Ok,
                arm: 0,
                values: vec![Some(0.1 + 0.2), None, Some(-0.0), Some(1e-320)],
            },
            PointValues {
                status: RowStatus::Failed("step too small at \"3 d\"".into()),
                arm: 1,
                values: vec![None; 4],
            },
            PointValues {
                status: RowStatus::NotRun("no such dose".into()),
                arm: 0,
                values: vec![None; 4],
            },
        ];
        let text = write_block(64, &points).unwrap();
        let back = read_block(&text, 64).unwrap();
        assert_eq!(back, points);
        let zero = back[0].values[2].unwrap();
        assert_eq!(zero.to_bits(), (-0.0_f64).to_bits());
        assert!(read_block(&text, 65).is_none());
        assert!(read_block(&text[..text.len() - 3], 64).is_none());
    }
}
