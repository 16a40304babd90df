//! Randomness: one root seed, split into named streams.
//!
//! Every consumer has a stream of its own, named after what it is (`"link"`, name, direction;
//! `"host"`, name, purpose). Adding a node or a link does not shift another one's draws. The
//! generator is xoshiro256++ and the split is a chain of SplitMix64 finalisers: both are fixed for
//! good, because they decide the bytes of every capture. Distributions go through `libm`, so that
//! every processor agrees.
//!
//! Not for keys: cryptographic randomness of simulated hosts is drawn from such a stream only
//! because it must be reproducible.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::units::Probability;

/// The seed that a whole run grows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootSeed(pub u64);

impl RootSeed {
    /// The stream called `path`, such as `["link", "wan", "forward"]`.
    pub fn stream(self, path: &[&str]) -> Stream {
        let mut state = mix(self.0 ^ 0x6e65_7473_696d_0001);
        for part in path {
            state = mix(state ^ (part.len() as u64));
            for chunk in part.as_bytes().chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                state = mix(state ^ u64::from_le_bytes(word));
            }
        }
        Stream(Xoshiro256PlusPlus::seed_from_u64(state))
    }
}

/// A named stream of random numbers.
#[derive(Debug, Clone)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in \[0, 1), a multiple of 2^-53.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// True with chance `p`. Draws nothing when the answer is certain.
    pub fn happens(&mut self, p: Probability) -> bool {
        match p.value() {
            0.0 => false,
            1.0 => true,
            p => self.unit() < p,
        }
    }

    /// Uniform in 0..`bound`; 0 if `bound` is 0. The bias is below 2^-64 x `bound`.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the product shifted by 64 is below bound"
    )]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// Standard normal (mean 0, deviation 1), by Box and Muller on `libm`.
    pub fn normal(&mut self) -> f64 {
        let u = 1.0 - self.unit();
        let v = self.unit();
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(2.0 * std::f64::consts::PI * v)
    }

    /// Exponential with mean 1, by inversion on `libm`; at most 36.8.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.unit())
    }

    /// Fills `bytes` with random bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection that mixes all bits.
const fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_its_name_and_the_seed_alone() {
        let draw = |seed, path: &[&str]| RootSeed(seed).stream(path).next_u64();
        assert_eq!(draw(7, &["link", "wan"]), draw(7, &["link", "wan"]));
        assert_ne!(draw(7, &["link", "wan"]), draw(8, &["link", "wan"]));
        assert_ne!(draw(7, &["link", "wan"]), draw(7, &["link", "lan"]));
        assert_ne!(draw(7, &["ab", "c"]), draw(7, &["a", "bc"]));
    }

    #[test]
    fn the_first_draws_are_fixed_for_good() {
        // A change here changes every capture ever made: it needs a major version.
        let mut s = RootSeed(1).stream(&["test"]);
        assert_eq!([s.next_u64(), s.next_u64()], FIRST_DRAWS);
    }

    #[test]
    fn unit_draws_have_the_mean_and_variance_of_a_uniform() {
        // Mean 1/2, variance 1/12; the mean of 100 000 draws has deviation 0.0009.
        let mut s = RootSeed(1).stream(&["uniform"]);
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|_| s.unit()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let var = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / f64::from(n);
        assert!((mean - 0.5).abs() < 0.005, "mean {mean}");
        assert!((var - 1.0 / 12.0).abs() < 0.002, "variance {var}");
    }

    #[test]
    fn normal_draws_have_mean_zero_and_deviation_one() {
        let mut s = RootSeed(1).stream(&["normal"]);
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|_| s.normal()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let var = draws.iter().map(|d| d * d).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.016, "mean {mean}");
        assert!((var - 1.0).abs() < 0.03, "variance {var}");
    }

    #[test]
    fn exponential_draws_have_mean_and_variance_one() {
        // The mean of 100 000 draws has deviation 1/316 = 0.0032; that of their variance is
        // sqrt((9 - 1) / 100 000) = 0.009, as the fourth central moment is 9. Five deviations.
        let mut s = RootSeed(1).stream(&["exponential"]);
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|_| s.exponential()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let var = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / f64::from(n);
        assert!((mean - 1.0).abs() < 0.016, "mean {mean}");
        assert!((var - 1.0).abs() < 0.045, "variance {var}");
    }

    const FIRST_DRAWS: [u64; 2] = [4_633_580_263_235_394_765, 13_803_835_935_476_815_599];
}
