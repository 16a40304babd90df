//! What a part records, kept until the records of all parts can be told in event order.

use std::{io, mem, ops::Range, sync::Mutex};

use crate::{
    engine::event_queue::Event,
    osi::transport::lock,
    trace::{
        AppEvent, FrameDropped, FrameReceived, FrameSent, NoRecorder, Record, Recorder,
        SocketState, TcpProgress,
    },
};

/// A recorder that knows to which event its records belong.
pub(super) trait Journal: Recorder + Default + Send {
    /// The records that follow belong to `event`.
    fn begin(&mut self, event: impl FnOnce() -> Event);
    /// Bytes kept, 0 only if nothing is.
    fn size(&self) -> usize;
    /// Moves everything into `log`, which is empty.
    fn hand_over(&mut self, log: &mut Log);
}

impl Journal for NoRecorder {
    fn begin(&mut self, _: impl FnOnce() -> Event) {}
    fn size(&self) -> usize {
        0
    }
    fn hand_over(&mut self, _: &mut Log) {}
}

/// Records with the events that they belong to.
#[derive(Debug)]
pub(super) struct Log {
    event: Event,
    entries: Vec<(Event, Kept)>,
    /// The bytes of all frames, one after the other.
    bytes: Vec<u8>,
}

/// A record whose bytes stand in [`Log::bytes`].
#[derive(Debug)]
enum Kept {
    Sent(FrameSent<'static>, Range<usize>),
    Received(FrameReceived<'static>, Range<usize>),
    Dropped(FrameDropped<'static>, Range<usize>),
    App(AppEvent),
    Socket(SocketState),
    Tcp(TcpProgress),
}

impl Default for Log {
    fn default() -> Self {
        Self {
            event: Event::FIRST,
            entries: Vec::new(),
            bytes: Vec::new(),
        }
    }
}

impl Journal for Log {
    fn begin(&mut self, event: impl FnOnce() -> Event) {
        self.event = event();
    }

    fn size(&self) -> usize {
        self.entries.len() * size_of::<(Event, Kept)>() + self.bytes.len()
    }

    fn hand_over(&mut self, log: &mut Self) {
        mem::swap(&mut self.entries, &mut log.entries);
        mem::swap(&mut self.bytes, &mut log.bytes);
    }
}

impl Recorder for Log {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        let kept = match record {
            Record::Sent(sent) => {
                let range = self.keep(sent.bytes);
                Kept::Sent(
                    FrameSent {
                        bytes: &[],
                        ..*sent
                    },
                    range,
                )
            }
            Record::Received(received) => {
                let range = self.keep(received.bytes);
                Kept::Received(
                    FrameReceived {
                        bytes: &[],
                        ..*received
                    },
                    range,
                )
            }
            Record::Dropped(dropped) => {
                let range = self.keep(dropped.bytes);
                Kept::Dropped(
                    FrameDropped {
                        bytes: &[],
                        ..*dropped
                    },
                    range,
                )
            }
            Record::App(event) => Kept::App(event.clone()),
            Record::Socket(state) => Kept::Socket(*state),
            Record::Tcp(progress) => Kept::Tcp(*progress),
        };
        self.entries.push((self.event, kept));
        Ok(())
    }
}

impl Log {
    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    /// Tells `recorder` the records of the event at `next`; the place behind them.
    fn tell<R: Recorder + ?Sized>(&self, mut next: usize, recorder: &mut R) -> io::Result<usize> {
        let event = self.event_at(next);
        while event.is_some() && self.event_at(next) == event {
            recorder.record(&self.entries[next].1.record(&self.bytes))?;
            next += 1;
        }
        Ok(next)
    }

    fn event_at(&self, place: usize) -> Option<Event> {
        self.entries.get(place).map(|&(event, _)| event)
    }
}

impl Kept {
    fn record<'a>(&self, bytes: &'a [u8]) -> Record<'a> {
        let cut = |range: &Range<usize>| &bytes[range.clone()];
        match self {
            Self::Sent(sent, range) => Record::Sent(FrameSent {
                bytes: cut(range),
                ..*sent
            }),
            Self::Received(received, range) => Record::Received(FrameReceived {
                bytes: cut(range),
                ..*received
            }),
            Self::Dropped(dropped, range) => Record::Dropped(FrameDropped {
                bytes: cut(range),
                ..*dropped
            }),
            Self::App(event) => Record::App(event.clone()),
            Self::Socket(state) => Record::Socket(*state),
            Self::Tcp(progress) => Record::Tcp(*progress),
        }
    }
}

/// Empties the logs of all parts into `recorder`, in event order.
///
/// All records of one event are in one log.
pub(super) fn merge<R: Recorder + ?Sized>(logs: &[Mutex<Log>], recorder: &mut R) -> io::Result<()> {
    let mut logs: Vec<_> = logs.iter().map(lock).collect();
    let mut places = vec![0; logs.len()];
    loop {
        let heads = logs.iter().zip(&places).enumerate();
        let first = heads
            .filter_map(|(part, (log, &place))| Some((log.event_at(place)?, part)))
            .min();
        let Some((_, part)) = first else { break };
        places[part] = logs[part].tell(places[part], recorder)?;
    }
    for log in &mut logs {
        log.entries.clear();
        log.bytes.clear();
    }
    Ok(())
}
