//! Fast Open (RFC 7413): data in the SYN, for a peer that has shown before that it is who it says.
//!
//! A client asks for a cookie in its first SYN, and puts it and its first data into the next ones.
//! A server that knows the cookie takes the data and may answer before the handshake is complete.
//! A SYN that is sent again is a plain one (section 4.1.3); data that the SYN-ACK does not
//! acknowledge leaves again at once. A FIN in a SYN is not taken.
//!
//! How many connections may be let in that are not yet confirmed (section 5.1) is the listener's to say.
//! Not here: a memory of paths that lose such SYNs.

use super::{
    cookies::Cookies,
    machine::Native,
    options::FastCookie,
    segment::{Flags, Segment},
};
use crate::trace::TcpState;

/// What one connection has to do with Fast Open.
#[derive(Debug, Default)]
pub(super) struct FastOpen {
    /// What our SYN or SYN-ACK carries.
    offer: Option<FastCookie>,
    /// The program need not wait for the handshake.
    early: bool,
    /// Data in our SYN \[bytes\].
    sent: u64,
    /// A cookie that came and that nobody has fetched.
    granted: Option<FastCookie>,
    /// What this host's own cookies are made with.
    pub(super) key: Option<Cookies>,
}

impl Native {
    /// A client that has a `cookie` of this peer, which takes segments of the size beside it, or
    /// asks for one. Follows [`Native::connect`].
    pub(in super::super) fn open_fast(&mut self, cookie: Option<(FastCookie, u16)>) {
        if let Some((_, mss)) = cookie {
            self.tx.peer_mss = mss;
        }
        self.fast = Some(Box::new(FastOpen {
            offer: Some(cookie.map_or_else(FastCookie::default, |(cookie, _)| cookie)),
            early: cookie.is_some(),
            ..FastOpen::default()
        }));
    }

    /// A server that gives cookies, and takes them.
    pub(in super::super) fn serve_fast(&mut self, key: Cookies) {
        self.fast = Some(Box::new(FastOpen {
            key: Some(key),
            ..FastOpen::default()
        }));
    }

    /// True while the handshake goes on and the program need not wait for it.
    pub(in super::super) fn opens_early(&self) -> bool {
        matches!(self.state, TcpState::SynSent | TcpState::SynReceived)
            && self.fast.as_ref().is_some_and(|fast| fast.early)
    }

    /// A cookie of the peer, and the MSS that it came with; once.
    pub(in super::super) fn take_granted(&mut self) -> Option<(FastCookie, u16)> {
        let granted = self.fast.as_mut()?.granted.take()?;
        Some((granted, self.tx.peer_mss))
    }

    /// The option of our SYN or SYN-ACK. A SYN that is sent again has none.
    pub(super) fn fast_option(&self, answers: bool) -> Option<FastCookie> {
        let once = answers || self.recovery.timeouts == 0;
        self.fast.as_ref()?.offer.filter(|_| once)
    }

    /// How much data the first SYN carries, beside `options` bytes of options.
    #[allow(clippy::cast_possible_truncation, reason = "below a segment")]
    pub(super) fn fast_data(&mut self, options: usize) -> usize {
        let most = self.tx.peer_mss.min(self.tx.mtu.saturating_sub(40));
        let most = u64::from(most).saturating_sub(options as u64);
        let len = self.tx.buffer.len().min(self.known_to_fit(most) as usize);
        let first = self.recovery.timeouts == 0 && self.state == TcpState::SynSent;
        match &mut self.fast {
            Some(fast) if fast.early && first => {
                fast.sent = len as u64;
                len
            }
            _ => 0,
        }
    }

    /// Behind all that our SYN carried.
    pub(super) fn syn_end(&self) -> u64 {
        self.tx.next + self.fast.as_ref().map_or(0, |fast| fast.sent)
    }

    /// The SYN-ACK: what it acknowledges of the data, and its cookie.
    pub(super) fn arrives_fast_answer(&mut self, ack: u64, segment: &Segment<'_>) {
        let Some(fast) = &mut self.fast else {
            return;
        };
        fast.granted = segment.options.fast_open.filter(|c| !c.is_request());
        if ack > self.tx.next {
            self.tx.next = ack;
            self.tx.buffer.forget_to(ack);
        }
    }

    /// A SYN came to a listener: gives a cookie to who asks, takes the data of who has one.
    pub(super) fn arrives_fast_syn(&mut self, segment: &Segment<'_>) {
        let Some(came) = segment.options.fast_open else {
            return;
        };
        let Some(fast) = &mut self.fast else {
            return;
        };
        let Some(own) = fast.key.map(|key| key.of_host(&self.address)) else {
            return;
        };
        if came != own {
            fast.offer = Some(own);
            return;
        }
        fast.early = true;
        self.agreed.unmeasured = true;
        if !segment.payload.is_empty() && !segment.flags.has(Flags::FIN) {
            self.take_data(self.rx.next(), segment.payload);
        }
        self.start_control();
    }
}
