//! One connection: which keys open what, and what its packets hold.

use std::collections::BTreeMap;

use super::{
    frames::{self, Content, Frame},
    header::{Kind, Long, salt},
    http3::{Piece, Streams},
    keys::{Keys, Opened},
};
use crate::dissect::tls::{Message, Secrets, Session, Suite, read_message};

/// What is known of a connection.
#[derive(Debug, Default)]
pub(super) struct Connection {
    session: Session,
    /// Of client and server.
    sides: [Side; 2],
    /// The keys of Initial packets are known. They follow from what the client called the server first.
    begun: bool,
    streams: Streams,
    /// The handshake is for HTTP/3.
    http3: bool,
}

/// What one side sends.
#[derive(Debug, Default)]
struct Side {
    /// Of Initial, 0-RTT, Handshake and 1-RTT packets.
    keys: [Option<Keys>; 4],
    /// Of 1-RTT packets before the last key update, some of which may come late.
    before: Option<Keys>,
    /// The largest packet number of each space.
    largest: [Option<u64>; 3],
    /// The handshake's bytes, by space.
    crypto: [Crypto; 3],
}

impl Side {
    /// Opens a packet, with the keys of the next phase if those of this one do not fit (RFC 9001,
    /// section 6).
    fn open(&mut self, kind: Kind, packet: &[u8], number_at: usize) -> Option<Opened> {
        let largest = self.largest[kind.space()];
        let try_with = |keys: &Keys| keys.open(packet, number_at, largest);
        let keys = &mut self.keys[level(kind)];
        let current = keys.as_ref()?;
        let mut opened = try_with(current);
        if opened.is_none() && kind == Kind::OneRtt {
            opened = self.before.as_ref().and_then(try_with);
            let next = current.next();
            if opened.is_none()
                && let Some(next) = next
            {
                opened = try_with(&next);
                if opened.is_some() {
                    self.before = keys.replace(next);
                }
            }
        }
        let opened = opened?;
        let place = &mut self.largest[kind.space()];
        *place = (*place).max(Some(opened.number));
        Some(opened)
    }
}

/// The bytes of the handshake in their order.
#[derive(Debug, Default)]
struct Crypto {
    next: u64,
    early: BTreeMap<u64, Vec<u8>>,
    kept: Vec<u8>,
}

/// What a packet was found to hold.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) opened: Opened,
    pub(super) frames: Vec<Frame>,
    /// Handshake messages that end here.
    pub(super) messages: Vec<Message>,
    /// Pieces of HTTP/3, and where the bytes of their frame begin in the packet's text.
    pub(super) pieces: Vec<(usize, Piece)>,
    /// Connection IDs for this sender that are new.
    pub(super) ids: Vec<Vec<u8>>,
}

impl Connection {
    /// An Initial packet of the client says how the keys of Initial packets are made.
    pub(super) fn begin(&mut self, packet: &Long<'_>) {
        if self.begun {
            return;
        }
        let Some(salt) = salt(packet.version) else {
            return;
        };
        self.begun = true;
        for (side, of_client) in self.sides.iter_mut().zip([true, false]) {
            side.keys[0] = Keys::initial(&salt, packet.destination, of_client);
        }
    }

    /// A Retry: the client begins again, and calls the server as that says.
    pub(super) const fn begin_again(&mut self) {
        self.begun = false;
    }

    /// Opens a packet of `kind`, whose number begins at `number_at`, and reads it.
    pub(super) fn read(
        &mut self,
        (kind, of_client): (Kind, bool),
        packet: &[u8],
        number_at: usize,
        secrets: &Secrets,
    ) -> Option<Told> {
        self.find_keys(kind, of_client, secrets);
        let side = &mut self.sides[usize::from(!of_client)];
        let opened = side.open(kind, packet, number_at)?;
        let frames = frames::read(&opened.text);
        let mut told = Told {
            opened,
            frames,
            messages: Vec::new(),
            pieces: Vec::new(),
            ids: Vec::new(),
        };
        self.look_into(&mut told, kind, of_client);
        Some(told)
    }

    fn look_into(&mut self, told: &mut Told, kind: Kind, of_client: bool) {
        for frame in &told.frames {
            match &frame.content {
                Content::Nothing => {}
                Content::NewId(id) => told.ids.push(id.clone()),
                Content::Crypto(offset, place) => {
                    let side = &mut self.sides[usize::from(!of_client)];
                    let crypto = &mut side.crypto[kind.space()];
                    let bytes = &told.opened.text[place.clone()];
                    let messages = crypto.take(*offset, bytes, &mut self.session);
                    self.http3 |= messages.iter().any(speaks_http3);
                    told.messages.extend(messages);
                }
                Content::Stream(id, offset, place) if self.http3 => {
                    let bytes = &told.opened.text[place.clone()];
                    let pieces = self.streams.take(*id, of_client, *offset, bytes);
                    let placed = pieces.into_iter().map(|piece| (place.start, piece));
                    told.pieces.extend(placed);
                }
                Content::Stream(..) => {}
            }
        }
    }

    fn find_keys(&mut self, kind: Kind, of_client: bool, secrets: &Secrets) {
        let label = match (kind, of_client) {
            (Kind::ZeroRtt, true) => "CLIENT_EARLY_TRAFFIC_SECRET",
            (Kind::Handshake, true) => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            (Kind::Handshake, false) => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            (Kind::OneRtt, true) => "CLIENT_TRAFFIC_SECRET_0",
            (Kind::OneRtt, false) => "SERVER_TRAFFIC_SECRET_0",
            _ => return,
        };
        let side = &mut self.sides[usize::from(!of_client)];
        let place = &mut side.keys[level(kind)];
        if place.is_some() {
            return;
        }
        let secret = self.session.client_random();
        if let Some(secret) = secret.and_then(|random| secrets.get(random, label)) {
            // 0-RTT packets come before a suite was chosen.
            let suites = self.session.suite().into_iter().chain(Suite::modern());
            *place = suites.filter_map(|suite| Keys::new(suite, secret)).next();
        }
    }
}

const fn level(kind: Kind) -> usize {
    match kind {
        Kind::Initial => 0,
        Kind::ZeroRtt => 1,
        Kind::Handshake => 2,
        _ => 3,
    }
}

fn speaks_http3(message: &Message) -> bool {
    let mut fields = message.fields.iter();
    fields.any(|(name, _, value)| *name == ALPN && value.split(", ").any(|alpn| alpn == "h3"))
}

const ALPN: &str = "handshake.extensions_alpn_str";

impl Crypto {
    /// The next bytes of the handshake: the messages that end in them.
    fn take(&mut self, offset: u64, bytes: &[u8], session: &mut Session) -> Vec<Message> {
        if self.kept.len() + bytes.len() <= MOST_CRYPTO && self.early.len() < MOST_EARLY {
            self.early.entry(offset).or_insert_with(|| bytes.to_vec());
        }
        while let Some(entry) = self.early.first_entry().filter(|e| *e.key() <= self.next) {
            let (start, bytes) = entry.remove_entry();
            let seen = usize::try_from(self.next - start).unwrap_or(usize::MAX);
            if let Some(fresh) = bytes.get(seen..) {
                self.kept.extend(fresh);
                self.next += fresh.len() as u64;
            }
        }
        let mut messages = Vec::new();
        while let Some([kind, size @ ..]) = self.kept.first_chunk::<4>().copied() {
            let size = u32::from_be_bytes([0, size[0], size[1], size[2]]) as usize;
            let Some(body) = self.kept.get(4..4 + size) else {
                break;
            };
            messages.push(read_message(kind, body, session));
            self.kept.drain(..4 + size);
        }
        messages
    }
}

/// How much of an unfinished handshake message is kept \[bytes\].
const MOST_CRYPTO: usize = 64 << 10;
/// How many of its pieces wait for earlier ones.
const MOST_EARLY: usize = 64;
