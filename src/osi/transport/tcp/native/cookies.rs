//! SYN cookies (RFC 4987, section 3.6): a listener without room for another handshake keeps nothing
//! of a SYN. What it would have to remember stands in its SYN-ACK and comes back with the ACK.
//!
//! The initial sequence number holds five bits of the minute, three that say which MSS, and 24 bits
//! of a keyed hash of both ends, the peer's number and these eight bits. As on Linux the low six bits
//! of the time stamp hold the peer's window scale and whether it knows SACK and ECN; with a peer
//! without time stamps these are lost. A cookie holds for this minute and the next.
//!
//! The hash is no cryptographic one: nobody in a simulation guesses a key.

use super::{
    machine::Native,
    options::FastCookie,
    segment::{Address, Flags, Segment},
};
use crate::{
    rng::RootSeed,
    trace::TcpState,
    units::{SimTime, Span},
    wire::FramePool,
};

/// What a host makes its cookies with.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Cookies {
    key: u64,
}

impl Cookies {
    pub(in super::super) const fn new(key: u64) -> Self {
        Self { key }
    }

    /// The initial sequence number for a peer that begins at `theirs` and takes segments of `mss`.
    fn number(self, now: SimTime, to: &Address, theirs: u32, mss: u16) -> u32 {
        let larger = SIZES.iter().position(|size| *size > mss);
        let index = larger.unwrap_or(SIZES.len()).saturating_sub(1) as u64;
        self.seal(to, theirs, ((minute(now) % 32) << 3) | index)
    }

    /// The MSS that a cookie holds; `None` if it is none of ours, or too old.
    fn read(self, now: SimTime, to: &Address, theirs: u32, cookie: u32) -> Option<u16> {
        let index = (cookie >> 24) as usize % SIZES.len();
        let tag = u64::from(cookie >> 24);
        let age = (minute(now) % 32 + 32 - (tag >> 3)) % 32;
        let ours = age <= 1 && self.seal(to, theirs, tag) == cookie;
        ours.then(|| SIZES[index])
    }

    /// The tag in the high eight bits, and the hash of all.
    #[allow(clippy::cast_possible_truncation, reason = "24 bits of it are kept")]
    fn seal(self, to: &Address, theirs: u32, tag: u64) -> u32 {
        let hash = self.hash(to, (u64::from(theirs) << 8) | tag) as u32;
        ((tag as u32) << 24) | (hash & 0x00ff_ffff)
    }

    /// What the time stamps of a connection begin with: the same for SYN-ACK and ACK.
    #[allow(clippy::cast_possible_truncation, reason = "time stamps wrap")]
    fn stamp_offset(self, to: &Address) -> u32 {
        self.hash(to, u64::MAX) as u32
    }

    /// The Fast Open cookie of this host for the peer (RFC 7413, section 4.1.2).
    pub(super) fn of_host(self, to: &Address) -> FastCookie {
        let ports = [0; 2];
        let hash = self.hash(&Address { ports, ..*to }, u64::MAX - 1);
        FastCookie::new(&hash.to_be_bytes())
    }

    fn hash(self, to: &Address, last: u64) -> u64 {
        let ends = [to.source, to.destination].map(|a| u64::from(u32::from_be_bytes(a)));
        let ports = (u64::from(to.ports[0]) << 16) | u64::from(to.ports[1]);
        let words = [(ends[0] << 32) | ends[1], ports, last];
        words.iter().fold(self.key, |state, word| {
            RootSeed(state ^ word).stream(&["cookie"]).next_u64()
        })
    }
}

impl Native {
    /// Answers the SYN in `packet` with a cookie, for a machine that nobody keeps.
    pub(in super::super) fn answer_with_cookie(
        mut self,
        now: SimTime,
        packet: &[u8],
        cookies: Cookies,
        pool: &mut FramePool,
    ) -> Option<Vec<u8>> {
        let syn = Segment::parse(packet)?;
        let mss = syn.options.mss.unwrap_or(self.tx.peer_mss);
        let number = cookies.number(now, &self.address, syn.seq, mss);
        self.begin_numbers(number, cookies.stamp_offset(&self.address));
        self.state = TcpState::Listen;
        self.ingress(now, packet);
        self.write_stamp();
        self.egress(now, pool)
    }

    /// Puts into the time stamp what the cookie has no room for.
    fn write_stamp(&mut self) {
        if !self.agreed.timestamps {
            self.agreed.scale = None;
            self.agreed.sack = false;
            self.ecn.agreed = false;
            return;
        }
        let scale = self
            .agreed
            .scale
            .map_or(NO_SCALE, |(peer, _)| u32::from(peer));
        let bit = |set: bool, bit: u32| if set { bit } else { 0 };
        let word = scale | bit(self.agreed.sack, SACK) | bit(self.ecn.agreed, ECN);
        let own = self.stamp();
        // The latest stamp with these low bits that is not in the future.
        let stamp = own.wrapping_sub(own.wrapping_sub(word) & STAMP_BITS);
        let back = own.wrapping_sub(stamp);
        self.agreed.stamp_offset = self.agreed.stamp_offset.wrapping_sub(back);
    }

    /// Becomes what it would be, had it kept the SYN that the cookie in the ACK `packet` answered;
    /// the ACK itself is still to be taken. `None` if there is no cookie of ours in it.
    pub(in super::super) fn recalled_by(
        mut self,
        now: SimTime,
        packet: &[u8],
        cookies: Cookies,
    ) -> Option<Self> {
        let ack = Segment::parse(packet)?;
        let plain = ack.flags.has(Flags::ACK) && !ack.flags.has(Flags::SYN.with(Flags::RST));
        let (own, theirs) = (ack.ack.wrapping_sub(1), ack.seq.wrapping_sub(1));
        let mss = cookies
            .read(now, &self.address, theirs, own)
            .filter(|_| plain)?;
        self.now = now;
        self.begin_numbers(own, cookies.stamp_offset(&self.address));
        self.tx.next = self.tx.initial + 1;
        self.tx.last_at = now;
        self.tx.peer_mss = mss;
        if let Some(stamps) = ack.options.timestamps {
            self.read_stamp(stamps.echo);
            self.agreed.timestamps = true;
            (self.agreed.recent, self.agreed.recent_at) = (stamps.value, now);
        }
        self.synchronize(theirs, 0);
        self.agreed.unmeasured = true;
        self.state = TcpState::SynReceived;
        Some(self)
    }

    #[allow(clippy::cast_possible_truncation, reason = "four bits")]
    fn read_stamp(&mut self, echo: u32) {
        let (scale, own) = (echo & NO_SCALE, self.own_scale());
        self.agreed.scale = (scale != NO_SCALE).then_some((scale as u8, own));
        self.agreed.sack = echo & SACK != 0;
        self.ecn.agreed = echo & ECN != 0;
    }
}

fn minute(now: SimTime) -> u64 {
    now.as_nanos() / Span::from_secs(60).as_nanos()
}

/// The MSS that a cookie can name: the largest of these that is not above the peer's.
const SIZES: [u16; 8] = [28, 536, 1024, 1300, 1440, 1452, 1460, 8960];

/// The low bits of a time stamp: the peer's window scale (15: none), SACK and ECN.
const STAMP_BITS: u32 = 0x3f;
const NO_SCALE: u32 = 0x0f;
const SACK: u32 = 0x10;
const ECN: u32 = 0x20;

#[cfg(test)]
mod tests {
    use super::*;

    const TO: Address = Address {
        source: [10, 0, 0, 1],
        destination: [10, 0, 0, 2],
        ports: [80, 40_000],
        ttl: 64,
    };

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + Span::from_secs(seconds)
    }

    #[test]
    fn a_cookie_names_the_largest_mss_that_the_peer_takes() {
        let cookies = Cookies::new(7);
        for (mss, named) in [
            (20, 28),
            (536, 536),
            (1459, 1452),
            (1460, 1460),
            (9000, 8960),
        ] {
            let cookie = cookies.number(at(0), &TO, 5, mss);
            assert_eq!(cookies.read(at(0), &TO, 5, cookie), Some(named));
        }
    }

    #[test]
    fn a_cookie_holds_for_its_minute_and_the_next() {
        let cookies = Cookies::new(7);
        let cookie = cookies.number(at(59), &TO, 5, 1460);
        let read = |seconds| cookies.read(at(seconds), &TO, 5, cookie);
        assert_eq!(read(119), Some(1460));
        assert_eq!(read(120), None);
        // 32 minutes later the minute reads the same, and so may the cookie.
        assert_eq!(read(59 + 31 * 60), None);
    }

    #[test]
    fn a_cookie_is_for_one_key_one_pair_of_ends_and_one_number() {
        let cookies = Cookies::new(7);
        let cookie = cookies.number(at(0), &TO, 5, 1460);
        let other = Address {
            ports: [80, 40_001],
            ..TO
        };
        assert_eq!(cookies.read(at(0), &other, 5, cookie), None);
        assert_eq!(cookies.read(at(0), &TO, 6, cookie), None);
        assert_eq!(Cookies::new(8).read(at(0), &TO, 5, cookie), None);
        assert_eq!(cookies.read(at(0), &TO, 5, cookie ^ 1), None);
    }
}
