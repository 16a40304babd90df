//! Who talks to whom, by place in a list of `n` hosts. Pure counting, and draws from one stream.

use crate::rng::Stream;

/// From and to.
pub(super) type Pair = (usize, usize);

/// Host i to host i + `shift`, counted round.
pub(super) fn shifted(n: usize, shift: usize) -> Vec<Pair> {
    (0..n).map(|i| (i, (i + shift) % n)).collect()
}

/// Each host to another one, each of which is taken once: a permutation without a fixed point, all
/// of which are equally likely. `n` is at least 2.
pub(super) fn derangement(n: usize, stream: &mut Stream) -> Vec<Pair> {
    // One permutation in e = 2.718... has no fixed point, so a third try is the rule.
    loop {
        let to = shuffled(n, stream);
        if to.iter().enumerate().all(|(i, to)| i != *to) {
            return to.into_iter().enumerate().collect();
        }
    }
}

/// Each host to every other.
pub(super) fn all_to_all(n: usize) -> Vec<Pair> {
    let from = |i| (0..n).filter(move |to| *to != i).map(move |to| (i, to));
    (0..n).flat_map(from).collect()
}

/// `k` different places out of `n`, in order.
pub(super) fn sample(n: usize, k: usize, stream: &mut Stream) -> Vec<usize> {
    let mut places = shuffled(n, stream);
    places.truncate(k);
    places.sort_unstable();
    places
}

/// Two different places out of `n`, which is at least 2.
pub(super) fn two_of(n: usize, stream: &mut Stream) -> Pair {
    let from = below(n, stream);
    let to = below(n - 1, stream);
    (from, to + usize::from(to >= from))
}

/// A place out of `n`.
pub(super) fn below(n: usize, stream: &mut Stream) -> usize {
    usize::try_from(stream.below(n as u64)).unwrap_or(0)
}

/// 0 to `n` - 1 in random order (Fisher and Yates, in the form of Durstenfeld, 1964).
fn shuffled(n: usize, stream: &mut Stream) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        places.swap(last, below(last + 1, stream));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RootSeed;

    fn stream(name: &str) -> Stream {
        RootSeed(1).stream(&[name])
    }

    #[test]
    fn a_shift_goes_round() {
        assert_eq!(shifted(4, 2), [(0, 2), (1, 3), (2, 0), (3, 1)]);
        assert_eq!(shifted(3, 1), [(0, 1), (1, 2), (2, 0)]);
    }

    #[test]
    fn a_derangement_takes_everybody_once_and_nobody_to_himself() {
        for n in [2, 3, 4, 5, 17, 1000] {
            for seed in 0..20 {
                let pairs = derangement(n, &mut RootSeed(seed).stream(&["pairs"]));
                assert!(pairs.iter().all(|(from, to)| from != to));
                let mut to: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
                to.sort_unstable();
                assert_eq!(to, (0..n).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn all_derangements_of_four_are_equally_likely() {
        // There are 9. Of 9000 draws each gets 1000, with deviation sqrt(9000 x 1/9 x 8/9) = 30.
        let mut stream = stream("derangements");
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..9000 {
            *seen.entry(derangement(4, &mut stream)).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 9);
        assert!(seen.values().all(|n| (850..1150).contains(n)), "{seen:?}");
    }

    #[test]
    fn all_to_all_has_n_times_n_less_one_pairs() {
        let pairs = all_to_all(5);
        assert_eq!(pairs.len(), 20);
        assert!(pairs.iter().all(|(from, to)| from != to));
        assert!(pairs.is_sorted() && pairs.windows(2).all(|w| w[0] != w[1]));
    }

    #[test]
    fn a_sample_has_different_places_in_order() {
        let places = sample(100, 40, &mut stream("sample"));
        assert_eq!(places.len(), 40);
        assert!(places.windows(2).all(|w| w[0] < w[1]) && places[39] < 100);
    }

    #[test]
    fn all_pairs_of_two_are_equally_likely() {
        // Of 3 hosts there are 6 pairs. Of 6000 draws each gets 1000, with deviation 29.
        let mut stream = stream("two");
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            *seen.entry(two_of(3, &mut stream)).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|n| (850..1150).contains(n)), "{seen:?}");
    }
}
