//! What a stream speaks: TLS, HTTP/2, SMTP or DNS if it begins like that, WebSocket behind an upgrade,
//! else HTTP/1.1 or nothing that is known.
//! Inside TLS the same question is asked of the decrypted bytes.

use std::ops::Range;

use super::{
    data::data,
    dns_tcp::{self, Messages},
    http,
    http2::{self, Frames},
    smtp::{self, Lines},
    tls,
    tree::Layer,
    websocket,
};

/// What the readers of both directions share, and the secrets that are known.
pub(super) struct Talk<'a> {
    pub(super) asked: &'a mut http::Asked,
    pub(super) session: &'a mut tls::Session,
    /// True once the client has begun HTTP/2.
    /// What has been said of mail.
    pub(super) smtp: &'a mut smtp::Dialogue,
    pub(super) http2: &'a mut http2::Session,
    pub(super) secrets: &'a tls::Secrets,
}

/// What the bytes that were fed last are made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pieces {
    Http(Vec<http::Piece>),
    Http2(Vec<http2::Frame>),
    Smtp(Vec<smtp::Line>),
    Dns(Vec<dns_tcp::Piece>),
    Tls(Vec<tls::Record>),
    /// Behind the last head of HTTP, if that is here too.
    WebSocket(Vec<http::Piece>, Vec<websocket::Frame>),
}

/// Follows one direction of a stream.
#[derive(Debug, Default)]
pub(super) struct Speech {
    http: http::Parser,
    http2: Option<Frames>,
    smtp: Option<Lines>,
    dns: Option<Messages>,
    tls: Option<tls::Records>,
    websocket: Option<websocket::Frames>,
}

impl Speech {
    /// True if the stream is WebSocket by now.
    pub(super) const fn speaks_websocket(&self) -> bool {
        self.websocket.is_some()
    }

    /// True if the stream was HTTP at some time.
    pub(super) const fn speaks_http(&self) -> bool {
        self.http.speaks_http()
    }

    /// True if the stream is TLS.
    pub(super) const fn speaks_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// How many bytes are kept.
    pub(super) fn held(&self) -> usize {
        let tls = self.tls.as_ref().map_or(0, tls::Records::held);
        let smtp = self.smtp.as_ref().map_or(0, Lines::held);
        let dns = self.dns.as_ref().map_or(0, Messages::held);
        let websocket = self.websocket.as_ref();
        let websocket = websocket.map_or(0, websocket::Frames::held);
        let http2 = self.http2.as_ref().map_or(0, Frames::held);
        self.http.held() + tls + websocket + http2 + smtp + dns
    }

    /// `count` bytes will never come.
    pub(super) fn skip(&mut self, count: u64) {
        self.http.skip(count);
        if let Some(records) = &mut self.tls {
            records.lose();
        }
        if let Some(frames) = &mut self.http2 {
            frames.lose();
        }
        if let Some(lines) = &mut self.smtp {
            lines.lose();
        }
        if let Some(messages) = &mut self.dns {
            messages.lose();
        }
        if let Some(frames) = &mut self.websocket {
            frames.lose();
        }
    }

    /// The next `bytes` of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8], talk: &mut Talk<'_>) -> Pieces {
        if self.websocket.is_some() {
            return self.feed_http(bytes, talk.asked);
        }
        let answers_tls = talk.session.is_open() && tls::looks_like_record(bytes);
        if self.tls.is_none() && (tls::starts_tls(bytes) || answers_tls) {
            self.tls = Some(tls::Records::default());
        }
        if let Some(records) = &mut self.tls {
            return Pieces::Tls(records.feed(bytes, talk));
        }
        if self.smtp.is_none() && (talk.smtp.is_open() || Lines::starts_here(bytes)) {
            // The server speaks first, but inside of TLS it may have spoken outside.
            self.smtp = Some(Lines::new(bytes.first().is_some_and(u8::is_ascii_digit)));
        }
        if let Some(lines) = &mut self.smtp {
            return Pieces::Smtp(lines.feed(bytes, talk.smtp));
        }
        if self.dns.is_none() && !self.http.speaks_http() && Messages::starts_here(bytes) {
            self.dns = Some(Messages::default());
        }
        if let Some(messages) = &mut self.dns {
            return Pieces::Dns(messages.feed(bytes));
        }
        if self.http2.is_none() && (talk.http2.begun || Frames::starts_here(bytes)) {
            // The client speaks first, so whoever begins when it has is the server.
            self.http2 = Some(Frames::new(!talk.http2.begun));
            talk.http2.begun = true;
        }
        match &mut self.http2 {
            Some(frames) => Pieces::Http2(frames.feed(bytes, talk.http2)),
            None => self.feed_http(bytes, talk.asked),
        }
    }

    /// HTTP/1.1, and WebSocket from the moment when both sides have agreed on it.
    fn feed_http(&mut self, bytes: &[u8], asked: &mut http::Asked) -> Pieces {
        let mut pieces = Vec::new();
        if !asked.has_websocket() {
            pieces = self.http.feed(bytes, asked);
            if !asked.has_websocket() {
                return Pieces::Http(pieces);
            }
        }
        let behind = match pieces.last() {
            Some(http::Piece::Foreign(range)) => range.start,
            Some(_) => bytes.len(),
            None => 0,
        };
        pieces.retain(|piece| !matches!(piece, http::Piece::Foreign(_)));
        let frames = self.websocket.get_or_insert_default();
        Pieces::WebSocket(pieces, frames.feed(&bytes[behind..], behind))
    }
}

/// The layers that `pieces` of `payload` make, which stands at `start` in the frame, and the places
/// in the frame of what nobody knows.
pub(super) fn layers(
    payload: &[u8],
    start: usize,
    pieces: &Pieces,
) -> (Vec<Layer>, Vec<Range<usize>>) {
    match pieces {
        Pieces::Http(pieces) => http::layers(payload, start, pieces),
        Pieces::Http2(frames) => http2::layers(start, frames),
        Pieces::Smtp(lines) => (smtp::layers(payload, start, lines), Vec::new()),
        Pieces::Dns(pieces) => dns_tcp::layers(payload, start, pieces),
        Pieces::Tls(records) => tls::layers(payload.len(), start, records),
        Pieces::WebSocket(pieces, frames) => {
            let (mut layers, mut foreign) = http::layers(payload, start, pieces);
            let (behind, more) = websocket::layers(start, frames);
            layers.extend(behind);
            foreign.extend(more);
            (layers, foreign)
        }
    }
}

/// The layers of decrypted bytes, each in its place in `text`.
pub(super) fn layers_inside(text: &[u8], pieces: &Pieces) -> Vec<Layer> {
    let (mut known, foreign) = layers(text, 0, pieces);
    known.extend(foreign.into_iter().filter_map(|range| data(text, range)));
    known
}
