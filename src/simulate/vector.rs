//! Values of all parameters as something that lists can be searched for.
//!
//! Points of a design differ in few of many values, so that two vectors are equal for long: a [`Vector`]
//! is ordered by a hash first, and by its bits where hashes agree. The order has no other meaning.

use std::cmp::Ordering;

/// Values of parameters, compared bit by bit.
#[derive(Debug, Clone, Copy)]
pub struct Vector<'v> {
    hash: u64,
    values: &'v [f64],
}

impl<'v> Vector<'v> {
    /// These values.
    #[must_use]
    pub fn of(values: &'v [f64]) -> Self {
        // Fowler–Noll–Vo, a whole number at a time; the rotation brings high bits down.
        const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let mix =
            |hash: u64, value: &f64| (hash ^ value.to_bits()).wrapping_mul(PRIME).rotate_left(29);
        Self {
            hash: values.iter().fold(BASIS, mix),
            values,
        }
    }

    /// The values.
    #[must_use]
    pub fn values(self) -> &'v [f64] {
        self.values
    }
}

impl PartialEq for Vector<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Vector<'_> {}

impl PartialOrd for Vector<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Vector<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let bits = |vector: &Self| vector.values.iter().map(|value| value.to_bits());
        let by_hash = self.hash.cmp(&other.hash);
        by_hash.then_with(|| bits(self).cmp(bits(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_equal_when_their_bits_are() {
        let one = [1.0, 2.0, 3.0];
        assert_eq!(Vector::of(&one), Vector::of(&[1.0, 2.0, 3.0]));
        assert_ne!(Vector::of(&[0.0]), Vector::of(&[-0.0]));
        assert_eq!(Vector::of(&[f64::NAN]), Vector::of(&[f64::NAN]));
        // Vectors with one hash are told apart by their values.
        let forged = Vector {
            hash: Vector::of(&one).hash,
            values: &[1.0, 2.0, 3.5],
        };
        assert_ne!(Vector::of(&one), forged);
        assert_eq!(
            Vector::of(&one).cmp(&forged),
            forged.cmp(&Vector::of(&one)).reverse()
        );
    }
}
