//! What a stream speaks: TLS or HTTP/2 if it begins like that, else HTTP/1.1 or nothing that is known.
//! Inside TLS the same question is asked of the decrypted bytes.

use std::ops::Range;

use super::{
    data::data,
    http,
    http2::{self, Frames},
    tls,
    tree::Layer,
};

/// What the readers of both directions share, and the secrets that are known.
pub(super) struct Talk<'a> {
    pub(super) asked: &'a mut http::Asked,
    pub(super) session: &'a mut tls::Session,
    pub(super) http2: &'a mut http2::Session,
    pub(super) secrets: &'a tls::Secrets,
}

/// What the bytes that were fed last are made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pieces {
    Http(Vec<http::Piece>),
    Http2(Vec<http2::Frame>),
    Tls(Vec<tls::Record>),
}

/// Follows one direction of a stream.
#[derive(Debug, Default)]
pub(super) struct Speech {
    http: http::Parser,
    http2: Option<Frames>,
    tls: Option<tls::Records>,
}

impl Speech {
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
        self.http.held() + tls + self.http2.as_ref().map_or(0, Frames::held)
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
    }

    /// The next `bytes` of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8], talk: &mut Talk<'_>) -> Pieces {
        let answers_tls = talk.session.is_open() && tls::looks_like_record(bytes);
        if self.tls.is_none() && (tls::starts_tls(bytes) || answers_tls) {
            self.tls = Some(tls::Records::default());
        }
        if let Some(records) = &mut self.tls {
            return Pieces::Tls(records.feed(bytes, talk));
        }
        if self.http2.is_none() && (talk.http2.begun || Frames::starts_here(bytes)) {
            // The client speaks first, so whoever begins when it has is the server.
            self.http2 = Some(Frames::new(!talk.http2.begun));
            talk.http2.begun = true;
        }
        match &mut self.http2 {
            Some(frames) => Pieces::Http2(frames.feed(bytes, talk.http2)),
            None => Pieces::Http(self.http.feed(bytes, talk.asked)),
        }
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
        Pieces::Tls(records) => tls::layers(payload.len(), start, records),
    }
}

/// The layers of decrypted bytes, each in its place in `text`.
pub(super) fn layers_inside(text: &[u8], pieces: &Pieces) -> Vec<Layer> {
    let (mut known, foreign) = layers(text, 0, pieces);
    known.extend(foreign.into_iter().filter_map(|range| data(text, range)));
    known
}
