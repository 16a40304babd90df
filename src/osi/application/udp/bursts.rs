//! When the datagrams of a stream are due that sends in bursts.
//!
//! Contract: the time within bursts, put end to end, has a datagram at each whole interval, so over
//! the long run the rate is exactly the share of the bursts in the whole time.

use crate::{
    osi::application::spec::OnOff,
    rng::Stream,
    units::{SimTime, Span},
};

/// The due times of one stream, from the start of the first burst on.
#[derive(Debug)]
pub(super) struct Bursts {
    on_off: OnOff,
    stream: Stream,
    /// When the latest datagram was due, and what is left of its burst.
    due: SimTime,
    left: Span,
}

impl Bursts {
    /// The first burst begins at `begin`.
    pub(super) fn new(on_off: OnOff, mut stream: Stream, begin: SimTime) -> Self {
        Self {
            left: draw(on_off.on, on_off.random, &mut stream),
            on_off,
            stream,
            due: begin,
        }
    }

    /// When the datagram is due that follows `interval` of burst after the latest.
    pub(super) fn next(&mut self, interval: Span) -> SimTime {
        let OnOff {
            on, off, random, ..
        } = self.on_off;
        let mut needed = interval;
        while needed >= self.left {
            needed = less(needed, self.left);
            self.due += self.left;
            self.due += draw(off, random, &mut self.stream);
            self.left = draw(on, random, &mut self.stream);
        }
        self.due += needed;
        self.left = less(self.left, needed);
        self.due
    }
}

/// `mean` itself, or an exponential time of that mean.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a cast of a float saturates; a random time needs no more than 53 bits"
)]
fn draw(mean: Span, random: bool, stream: &mut Stream) -> Span {
    if !random {
        return mean;
    }
    Span::from_nanos((mean.as_nanos() as f64 * stream.exponential()) as u64)
}

const fn less(a: Span, b: Span) -> Span {
    Span::from_nanos(a.as_nanos() - b.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RootSeed;

    fn bursts(on: u64, off: u64, random: bool) -> Bursts {
        let on_off = OnOff {
            on: Span::from_millis(on),
            off: Span::from_millis(off),
            random,
            duration: None,
        };
        let stream = RootSeed(1).stream(&["bursts"]);
        Bursts::new(on_off, stream, SimTime::ZERO)
    }

    #[test]
    fn constant_bursts_put_the_datagrams_where_the_burst_clock_stands() {
        // Bursts 0..10, 40..50, 80..90 ms; every 4 ms of them: 4, 8, then 2 ms more than the rest
        // of the burst: 42, 46, then at 20 ms of burst, which is the start of the third: 80.
        let mut bursts = bursts(10, 30, false);
        let due: Vec<u64> = (0..5)
            .map(|_| bursts.next(Span::from_millis(4)).as_nanos() / 1_000_000)
            .collect();
        assert_eq!(due, [4, 8, 42, 46, 80]);
    }

    #[test]
    fn the_long_run_rate_is_the_share_of_the_bursts() {
        // 100 000 datagrams take 100 s of burst. That is about 10 000 bursts of 10 ms and as many
        // silences of 30 ms: 400 s in all. The silences are a Poisson number of exponential times,
        // with deviation 30 ms x sqrt(2 x 10 000) = 4.2 s.
        let mut bursts = bursts(10, 30, true);
        let interval = Span::from_millis(1);
        let last = (0..100_000).map(|_| bursts.next(interval)).last().unwrap();
        let seconds = last.as_nanos() / 1_000_000_000;
        assert!((379..421).contains(&seconds), "{seconds} s");
    }
}
