//! Where Wireshark and the trace use other words for the same thing, and why.

/// One way to agree. Each has its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// New data: no mark.
    New,
    /// A repeat in fast recovery for the ACK number that was told again and again, within 20 ms of
    /// the last duplicate ACK.
    FastRetransmission,
    /// A repeat, and called one.
    Retransmission,
    /// A repeat that comes sooner after the newest data than the handshake took to go back and
    /// forth: Wireshark takes it for one that the network has overtaken. On a path that forwards in
    /// order the trace knows better.
    RepeatCalledOutOfOrder,
    /// A repeat of bytes that the receiver has acknowledged already.
    Spurious,
    /// At the receiver: a repeat whose original never came, nor anything behind it. There it is
    /// the first of its bytes.
    RepeatSeenFirst,
    /// At the receiver: data that later data has overtaken on the way, or that came twice.
    Overtaken,
    /// A tail loss probe with new data.
    ProbeWithNewData,
    /// At the receiver: the first segment behind a gap; what is missing was sent, and has not come.
    BehindAGap,
    /// An ACK that says what the one before it said; at the receiver of the ACK the trace tells
    /// what it changed: more data behind a gap, a loss found, fewer bytes in flight.
    DuplicateAck,
    /// The same, but nothing changed by it: the link has doubled it, or it tells of data that came
    /// twice. The trace tells of changes alone.
    IdleAck,
    /// A probe of the window or of a silent peer: empty, one before what comes next.
    ProbeCalledKeepAlive,
    /// The answer to one.
    AnswerToProbe,
    /// The window is zero.
    ZeroWindow,
    /// A pure ACK that changes nothing but the window.
    WindowUpdate,
    /// Data up to the last byte that the receiver takes.
    WindowFull,
    /// A SYN that was sent again.
    SynAgain,
}
