//! Making an algorithm by name, and calling it without a table of pointers.
//!
//! The algorithms of the house are variants of [`Controller`], so that the calls of each segment
//! and ACK are direct; an algorithm of a user's own is boxed in [`Controller::Custom`].

use std::{fmt, str::FromStr};

use super::{
    AckEvent, Bbr, Bbr1, CongestionControl, Cubic, Dctcp, IdleEvent, LossEvent, LostSegment,
    NewReno, NoControl, Path, Reno, SentEvent, Vegas,
};
use crate::{rng::Stream, units::SimTime};

/// The algorithms of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Kind {
    /// RFC 5681.
    Reno,
    /// RFC 6582: Reno's window.
    NewReno,
    /// CUBIC with HyStart++ (RFC 9406), Reno-friendly as Linux.
    #[default]
    Cubic,
    /// CUBIC with HyStart++, RFC 9438 to the letter.
    CubicRfc,
    /// BBR version 3 (draft-ietf-ccwg-bbr-06).
    Bbr,
    /// BBR version 1, as Linux has it.
    Bbr1,
    /// RFC 8257.
    Dctcp,
    /// Brakmo and Peterson, 1995.
    Vegas,
    /// Only the receiver's window counts.
    None,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Reno,
        Self::NewReno,
        Self::Cubic,
        Self::CubicRfc,
        Self::Bbr,
        Self::Bbr1,
        Self::Dctcp,
        Self::Vegas,
        Self::None,
    ];

    /// The name in files and records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reno => "reno",
            Self::NewReno => "newreno",
            Self::Cubic => "cubic",
            Self::CubicRfc => "cubic-rfc9438",
            Self::Bbr => "bbr",
            Self::Bbr1 => "bbr1",
            Self::Dctcp => "dctcp",
            Self::Vegas => "vegas",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No algorithm has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no congestion control is called `{0}`; there are reno, newreno, cubic, cubic-rfc9438, bbr, bbr1, dctcp, vegas and none"
)]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

/// An algorithm at work on one connection.
#[derive(Debug)]
pub enum Controller {
    /// Reno.
    Reno(Reno),
    /// NewReno.
    NewReno(NewReno),
    /// CUBIC.
    Cubic(Cubic),
    /// BBR version 3.
    Bbr(Box<Bbr>),
    /// BBR version 1.
    Bbr1(Box<Bbr1>),
    /// DCTCP.
    Dctcp(Dctcp),
    /// Vegas.
    Vegas(Vegas),
    /// None.
    None(NoControl),
    /// One of the user's own.
    Custom(Box<dyn CongestionControl>),
}

/// The algorithm `kind` for segments of at most `mss` bytes. `random` is drawn from by those that
/// must not march in step (BBR).
pub fn build(kind: Kind, mss: u64, random: Stream) -> Controller {
    match kind {
        Kind::Reno => Controller::Reno(Reno::new(mss)),
        Kind::NewReno => Controller::NewReno(NewReno::new(mss)),
        Kind::Cubic => Controller::Cubic(Cubic::new(mss)),
        Kind::CubicRfc => Controller::Cubic(Cubic::rfc9438(mss)),
        Kind::Bbr => Controller::Bbr(Box::new(Bbr::new(mss, random))),
        Kind::Bbr1 => Controller::Bbr1(Box::new(Bbr1::new(mss, random))),
        Kind::Dctcp => Controller::Dctcp(Dctcp::new(mss)),
        Kind::Vegas => Controller::Vegas(Vegas::new(mss)),
        Kind::None => Controller::None(NoControl),
    }
}

/// Calls `$call` on whichever algorithm `$controller` is.
macro_rules! each {
    ($controller:expr, $algorithm:ident => $call:expr) => {
        match $controller {
            Controller::Reno($algorithm) => $call,
            Controller::NewReno($algorithm) => $call,
            Controller::Cubic($algorithm) => $call,
            Controller::Bbr($algorithm) => $call,
            Controller::Bbr1($algorithm) => $call,
            Controller::Dctcp($algorithm) => $call,
            Controller::Vegas($algorithm) => $call,
            Controller::None($algorithm) => $call,
            Controller::Custom($algorithm) => $call,
        }
    };
}

impl CongestionControl for Controller {
    fn name(&self) -> &'static str {
        each!(self, a => a.name())
    }

    fn window(&self) -> u64 {
        each!(self, a => a.window())
    }

    fn ssthresh(&self) -> u64 {
        each!(self, a => a.ssthresh())
    }

    fn pacing_rate(&self) -> Option<u64> {
        each!(self, a => a.pacing_rate())
    }

    fn phase(&self) -> &'static str {
        each!(self, a => a.phase())
    }

    fn uses_prr(&self) -> bool {
        each!(self, a => a.uses_prr())
    }

    fn wants_accurate_ecn(&self) -> bool {
        each!(self, a => a.wants_accurate_ecn())
    }

    fn on_established(&mut self, now: SimTime, path: &Path) {
        each!(self, a => a.on_established(now, path));
    }

    fn on_mss(&mut self, mss: u64) {
        each!(self, a => a.on_mss(mss));
    }

    fn on_sent(&mut self, sent: &SentEvent) {
        each!(self, a => a.on_sent(sent));
    }

    fn on_idle(&mut self, idle: &IdleEvent) {
        each!(self, a => a.on_idle(idle));
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        each!(self, a => a.on_ack(ack));
    }

    fn on_segment_lost(&mut self, lost: &LostSegment) {
        each!(self, a => a.on_segment_lost(lost));
    }

    fn on_loss(&mut self, loss: &LossEvent) {
        each!(self, a => a.on_loss(loss));
    }

    fn on_recovered(&mut self, now: SimTime) {
        each!(self, a => a.on_recovered(now));
    }

    fn on_timeout(&mut self, loss: &LossEvent) {
        each!(self, a => a.on_timeout(loss));
    }

    fn on_spurious(&mut self, now: SimTime) {
        each!(self, a => a.on_spurious(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RootSeed;

    #[test]
    fn each_kind_builds_the_algorithm_of_its_name() {
        for kind in Kind::ALL {
            let controller = build(kind, 1460, RootSeed(1).stream(&["test"]));
            assert_eq!(controller.name(), kind.name());
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert!("taho".parse::<Kind>().is_err());
    }
}
