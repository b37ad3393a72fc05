//! Shapley values: the fair split of a total among players whose coalitions have values.
//!
//! ```text
//! φ_i = Σ_{S ∌ i} |S|! (n − |S| − 1)! / n! · (v(S ∪ {i}) − v(S))
//! ```
//!
//! It is the only split that adds up to `v(all) − v(none)`, treats players that do the same alike, and
//! gives nothing to one who changes nothing (L. S. Shapley 1953, "A value for n-person games").

/// Most players that are worth all their coalitions.
pub const MOST_PLAYERS: usize = 16;

/// The split of `values[all] − values[none]`; `values[mask]` is the value of the coalition whose members
/// are the bits of `mask`. `None` unless there are `2^n` values with `n` up to [`MOST_PLAYERS`].
#[must_use]
pub fn shapley(values: &[f64]) -> Option<Vec<f64>> {
    let players = values.len().checked_ilog2()? as usize;
    if values.len() != 1 << players || players > MOST_PLAYERS {
        return None;
    }
    let weights = weights(players);
    let share = |player: usize| {
        let bit = 1_usize << player;
        (0..values.len())
            .filter(|mask| mask & bit == 0)
            .map(|mask| weights[mask.count_ones() as usize] * (values[mask | bit] - values[mask]))
            .fold(0.0, |sum, term| sum + term)
    };
    Some((0..players).map(share).collect())
}

/// `s! (n − s − 1)! / n!` for `s` from 0 to `n − 1`.
fn weights(players: usize) -> Vec<f64> {
    let mut weights = Vec::with_capacity(players);
    for size in 0..players {
        // 1 / (n · C(n − 1, s)), so that nothing overflows.
        let mut choose = 1.0;
        for step in 0..size {
            let (above, below) = ((players - 1 - step) as f64, (step + 1) as f64);
            choose = choose * above / below;
        }
        weights.push(1.0 / (players as f64 * choose));
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::shapley;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }

    #[test]
    fn the_glove_game() {
        // Players 0 and 1 own left gloves, player 2 the right one: a pair is worth 1.
        let value = |mask: usize| {
            if mask & 4 != 0 && mask & 3 != 0 {
                1.0
            } else {
                0.0
            }
        };
        let values: Vec<f64> = (0..8).map(value).collect();
        let shares = shapley(&values).expect("eight values");
        near(shares[0], 1.0 / 6.0);
        near(shares[1], 1.0 / 6.0);
        near(shares[2], 2.0 / 3.0);
    }

    #[test]
    fn shares_add_up_alike_players_share_alike_and_a_dummy_gets_nothing() {
        // An arbitrary game of five players in which 3 and 4 are alike and 2 does nothing.
        let value = |mask: usize| {
            let has = |player: usize| f64::from(u8::from(mask >> player & 1 == 1));
            let pair = has(3) + has(4);
            0.7 + 2.0 * has(0) - 1.5 * has(1) * pair + pair * pair + has(0) * has(3) * has(4)
        };
        let values: Vec<f64> = (0..32).map(value).collect();
        let shares = shapley(&values).expect("32 values");
        near(
            shares.iter().fold(0.0, |sum, share| sum + share),
            values[31] - values[0],
        );
        near(shares[3], shares[4]);
        near(shares[2], 0.0);
        assert!(shares[0] > 0.0 && shares[1] < 0.0);
    }

    #[test]
    fn additive_games_give_every_player_its_own() {
        let worth = [1.0, -2.0, 0.5, 4.0, 8.0, -16.0, 3.0, 0.25];
        let value = |mask: usize| {
            (0..8)
                .filter(|player| mask >> player & 1 == 1)
                .map(|player| worth[player])
                .fold(0.0, |sum, w| sum + w)
        };
        let values: Vec<f64> = (0..256).map(value).collect();
        for (share, worth) in shapley(&values).expect("256").into_iter().zip(worth) {
            near(share, worth);
        }
    }

    #[test]
    fn what_is_no_game_has_no_shares() {
        assert_eq!(shapley(&[]), None);
        assert_eq!(shapley(&[1.0, 2.0, 3.0]), None);
        assert_eq!(shapley(&[1.0]), Some(Vec::new()));
    }
}
