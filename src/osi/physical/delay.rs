//! Propagation delay with jitter.

use crate::{
    rng::Stream,
    topology::{JitterShape, LinkProfile},
    units::Span,
};

/// The delay of one frame: latency plus a random part, never below zero.
pub(super) fn draw(profile: &LinkProfile, random: &mut Stream) -> Span {
    let latency = profile.latency.as_nanos();
    let jitter = profile.jitter.as_nanos();
    if jitter == 0 {
        return profile.latency;
    }
    let nanos = match profile.jitter_shape {
        JitterShape::Uniform => {
            let offset = random.below(jitter.saturating_mul(2).saturating_add(1));
            latency.saturating_add(offset).saturating_sub(jitter)
        }
        JitterShape::Normal => shifted(latency, random.normal(), jitter),
    };
    Span::from_nanos(nanos)
}

/// `latency + normal x deviation`, rounded to whole nanoseconds, at least zero.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a delay of weeks is exact to the nanosecond; a float below zero casts to zero"
)]
fn shifted(latency: u64, normal: f64, deviation: u64) -> u64 {
    libm::round(latency as f64 + normal * deviation as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RootSeed;

    fn profile(shape: JitterShape) -> LinkProfile {
        LinkProfile {
            latency: Span::from_millis(20),
            jitter: Span::from_millis(2),
            jitter_shape: shape,
            ..LinkProfile::default()
        }
    }

    fn mean_and_deviation(shape: JitterShape) -> (f64, f64, u64, u64) {
        let profile = profile(shape);
        let mut random = RootSeed(1).stream(&["jitter"]);
        let n = 50_000;
        let draws: Vec<u64> = (0..n)
            .map(|_| draw(&profile, &mut random).as_nanos())
            .collect();
        #[allow(clippy::cast_precision_loss)]
        let ms: Vec<f64> = draws.iter().map(|d| *d as f64 / 1e6).collect();
        let mean = ms.iter().sum::<f64>() / f64::from(n);
        let var = ms.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / f64::from(n);
        let (min, max) = (draws.iter().min().unwrap(), draws.iter().max().unwrap());
        (mean, var.sqrt(), *min, *max)
    }

    #[test]
    fn uniform_jitter_fills_the_interval_and_no_more() {
        // Uniform on 18..22 ms: mean 20, deviation 4 / sqrt(12) = 1.1547 ms.
        let (mean, deviation, min, max) = mean_and_deviation(JitterShape::Uniform);
        assert!((mean - 20.0).abs() < 0.03, "mean {mean}");
        assert!((deviation - 1.1547).abs() < 0.02, "deviation {deviation}");
        assert!(min >= 18_000_000 && max <= 22_000_000);
        assert!(min < 18_001_000 && max > 21_999_000);
    }

    #[test]
    fn normal_jitter_has_the_configured_deviation() {
        let (mean, deviation, ..) = mean_and_deviation(JitterShape::Normal);
        assert!((mean - 20.0).abs() < 0.05, "mean {mean}");
        assert!((deviation - 2.0).abs() < 0.04, "deviation {deviation}");
    }

    #[test]
    fn a_delay_never_falls_below_zero() {
        let profile = LinkProfile {
            latency: Span::from_millis(1),
            jitter: Span::from_millis(5),
            ..LinkProfile::default()
        };
        let mut random = RootSeed(1).stream(&["jitter"]);
        let most = Span::from_millis(6);
        assert!((0..1000).all(|_| draw(&profile, &mut random) <= most));
    }
}
