//! Random early detection (Floyd and Jacobson, 1993), with the gentle region (Floyd, 2000).
//!
//! The average of the queue's length is exponentially weighted, taken as each frame comes. While
//! the line was idle it falls as if full frames had come to an empty queue. Marks come at random,
//! spread evenly: the chance grows with the number of frames since the last one.
//!
//! Every frame counts alike, long or short (RFC 7141).

use crate::{
    rng::Stream,
    topology::{self, QueueLimit},
    units::{Probability, Span},
};

/// The state of one queue.
#[derive(Debug)]
pub(super) struct Red {
    settings: topology::Red,
    /// How long a full frame takes.
    typical: Span,
    average: f64,
    /// Frames since the last mark; none while the average is below the least threshold.
    since_mark: Option<u32>,
    random: Stream,
}

/// What is to become of a newcomer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chance {
    /// It passes.
    Passes,
    /// To be marked, or else dropped.
    Early,
    /// The average is beyond everything: to be dropped (RFC 3168, section 7).
    Beyond,
}

impl Red {
    pub(super) fn new(settings: topology::Red, typical: Span, random: Stream) -> Self {
        Self {
            settings,
            typical,
            average: 0.0,
            since_mark: None,
            random,
        }
    }

    /// The unit that lengths are measured in.
    pub(super) const fn unit(&self) -> QueueLimit {
        self.settings.min
    }

    /// Decides about a frame that finds `level` waiting, or a line that was idle for `idle`.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a queue of 2^53 bytes is longer than any"
    )]
    pub(super) fn judge(&mut self, level: u64, idle: Option<Span>) -> Chance {
        self.average = match idle {
            Some(idle) => self.average * self.decay(idle),
            None => self.average + self.settings.weight * (level as f64 - self.average),
        };
        let beyond = if self.settings.gentle { 2 } else { 1 };
        let (min, max) = (self.settings.min.amount(), self.settings.max.amount());
        let (min, max, beyond) = (min as f64, max as f64, (max * beyond) as f64);
        if self.average < min {
            self.since_mark = None;
            return Chance::Passes;
        }
        if self.average >= beyond {
            self.since_mark = Some(0);
            return Chance::Beyond;
        }
        let most = self.settings.max_p.value();
        let chance = if self.average < max {
            most * (self.average - min) / (max - min)
        } else {
            most + (1.0 - most) * (self.average - max) / max
        };
        if self.draw(chance) {
            Chance::Early
        } else {
            Chance::Passes
        }
    }

    /// What is left of the average after `idle`, as if full frames had come one after the other.
    fn decay(&self, idle: Span) -> f64 {
        let frames = idle.as_secs_f64() / self.typical.as_secs_f64().max(1e-9);
        libm::pow(1.0 - self.settings.weight, frames)
    }

    /// True with `chance` over one less the frames since the last mark times it: then the distance
    /// between marks is uniform.
    fn draw(&mut self, chance: f64) -> bool {
        let since = self.since_mark.map_or(0, |n| n.saturating_add(1));
        let left = 1.0 - f64::from(since) * chance;
        let now = if left > chance { chance / left } else { 1.0 };
        let marks = chance > 0.0
            && self
                .random
                .happens(Probability::new(now).unwrap_or_default());
        self.since_mark = Some(since);
        if marks {
            // The next frame is the first after this one.
            self.since_mark = Some(0);
        }
        marks
    }
}
