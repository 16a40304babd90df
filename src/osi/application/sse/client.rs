//! Whoever listens to an event stream, and connects again when it breaks (HTML standard, section
//! 9.2.2 and 9.2.3).
//!
//! The wait before that is the one the server named, else 3 s. It doubles with every connection in a
//! row that brings no event, up to 30 s. An answer other than 200 with `text/event-stream` ends the
//! exchange for good. Beyond the standard, a connection on which nothing comes for a while counts
//! as broken: TCP alone would never find out, as the client has nothing to send.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;

use super::{
    parser::{Item, Parser},
    server::LAST_EVENT_ID,
};
use crate::{
    osi::{
        application::{
            live::{Samples, dial, explain, sent_at},
            program::Program,
            report::{Opening, SseResult},
            reports::Open,
            secure::{Dialled, Handshake},
            spec::SseClient,
            websocket::authority,
        },
        session::Backoff,
    },
    units::{Probability, SimTime, Span},
};

/// One repetition: as many connections as it takes.
pub(in crate::osi::application) async fn listen(program: &Program, spec: &SseClient) {
    let round = program.round.to_string();
    let mut unused = program.stream(&["sse", "back-off", &round]);
    let mut source = Source {
        last_id: spec.last_event_id.clone().unwrap_or_default(),
        heard: 0,
        retry: DEFAULT_RETRY,
        seen: None,
    };
    let (mut attempt, mut failures) = (0, 0);
    loop {
        attempt += 1;
        let before = source.heard;
        let ending = Visit::new(program, spec, attempt, &source)
            .run(&mut source)
            .await;
        if source.heard != before {
            failures = 0;
        }
        failures += 1;
        if ending == Ending::Done || failures > spec.reconnect {
            return;
        }
        let backoff = Backoff {
            attempts: u32::MAX,
            first: source.retry,
            longest: LONGEST_WAIT.max(source.retry),
            jitter: Probability::ZERO,
            ..Backoff::default()
        };
        let wait = backoff.delay(failures, &mut unused);
        program.note(format!("connects again in {wait}"));
        program.host.sleep(wait).await;
    }
}

/// The wait before connecting again that browsers use when the server names none.
const DEFAULT_RETRY: Span = Span::from_secs(3);
/// The longest wait that doubling makes.
const LONGEST_WAIT: Span = Span::from_secs(30);

/// What lasts over several connections.
struct Source {
    last_id: String,
    /// Events so far.
    heard: u32,
    retry: Span,
    /// The highest number that stood in an id.
    seen: Option<u64>,
}

/// Whether another connection makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Done,
    Again,
}

/// How a connection ended: well, or for a reason that stands in the report.
type Ended = (Ending, Option<String>);

/// One connection.
struct Visit<'a> {
    program: &'a Program,
    spec: &'a SseClient,
    open: Open<SseResult>,
    started: SimTime,
    latency: Samples,
}

impl<'a> Visit<'a> {
    fn new(program: &'a Program, spec: &'a SseClient, attempt: u32, source: &Source) -> Self {
        let started = program.now();
        let last = Some(source.last_id.clone()).filter(|id| !id.is_empty());
        let after = last
            .as_ref()
            .map_or_else(String::new, |id| format!(" after event {id}"));
        program.started(format!("events of {}{after}", spec.path));
        let open = program.entry.open(SseResult {
            opening: Opening::new(&spec.path, attempt, started),
            last_event_id: last,
            status: None,
            first_byte: None,
            events: 0,
            bytes: 0,
            comments: 0,
            missed: 0,
            repeated: 0,
            latency: None,
            retry: None,
            ended: None,
            error: None,
        });
        Self {
            program,
            spec,
            open,
            started,
            latency: Samples::default(),
        }
    }

    async fn run(mut self, source: &mut Source) -> Ending {
        let (host, patience) = (self.program.host.clone(), self.spec.timeout);
        let asked = host.timeout(patience, self.ask(source)).await;
        let asked = asked.unwrap_or_else(|_| Err(format!("no answer within {patience}")));
        let (ending, error) = match asked {
            Err(why) => (Ending::Again, Some(why)),
            Ok(response) => self.read(response, source).await,
        };
        self.end(error);
        ending
    }

    /// Connects and asks for the stream.
    async fn ask(&mut self, source: &Source) -> Result<Response<Incoming>, String> {
        let dialled = dial(self.program, self.spec.port, &mut self.open);
        let Dialled { channel, tls, .. } = dialled.await?;
        let host = &self.program.host;
        let io = TokioIo::new(channel.lingering(host));
        let shaken = http1::Builder::new()
            .title_case_headers(true)
            .handshake::<_, Empty<Bytes>>(io)
            .await;
        let (mut sender, driver) = shaken.map_err(|e| explain(&e))?;
        drop(host.spawn(async move { driver.await.is_ok() }));
        let request = self.request(source)?;
        let response = sender.send_request(request).await.map_err(|e| explain(&e));
        self.open
            .update(|r| r.opening.tls = tls.as_ref().map(Handshake::result));
        response
    }

    fn request(&self, source: &Source) -> Result<Request<Empty<Bytes>>, String> {
        let host = authority(self.program, self.spec.port, self.spec.tls.is_some());
        let request = Request::builder()
            .uri(self.spec.path.as_str())
            .header(HOST, host)
            .header(USER_AGENT, "netsim")
            .header(ACCEPT, "text/event-stream")
            .header(CACHE_CONTROL, "no-cache");
        // An empty id is not sent.
        let request = match source.last_id.as_str() {
            "" => request,
            id => request.header(LAST_EVENT_ID, id),
        };
        let request = request.body(Empty::new());
        request.map_err(|e| format!("not a request of HTTP: {e}"))
    }

    /// Reads the stream until there were enough events or it ends.
    async fn read(&mut self, response: Response<Incoming>, source: &mut Source) -> Ended {
        let (head, mut body) = response.into_parts();
        let took = self.program.now() - self.started;
        self.open.update(|r| {
            r.status = Some(head.status.as_u16());
            r.first_byte = Some(took);
        });
        if let Some(ended) = refusal(head.status, head.headers.get(CONTENT_TYPE)) {
            return ended;
        }
        let mut parser = Parser::after(&source.last_id);
        let patience = self.spec.timeout;
        loop {
            let frame = self.program.host.timeout(patience, body.frame()).await;
            let bytes = match frame {
                Err(_) => {
                    return (Ending::Again, Some(format!("nothing came for {patience}")));
                }
                Ok(Some(Err(error))) => return (Ending::Again, Some(explain(&error))),
                Ok(None) => return self.stream_ended(source),
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            };
            for item in parser.feed(&bytes) {
                self.take(item, source);
                if self.spec.count > 0 && source.heard >= self.spec.count {
                    return (Ending::Done, None);
                }
            }
            parser.last_id().clone_into(&mut source.last_id);
        }
    }

    /// The server ended the stream: usual, but no end unless it was the last event.
    fn stream_ended(&self, source: &Source) -> Ended {
        let text = format!("the server ended the stream after event {}", source.last_id);
        self.program.note(text);
        (Ending::Again, None)
    }

    fn take(&mut self, item: Item, source: &mut Source) {
        match item {
            Item::Comment(_) => self.open.update(|r| r.comments += 1),
            Item::Retry(ms) => {
                let span = Span::from_millis(ms.min(MAX_RETRY_MS));
                source.retry = span;
                self.open.update(|r| r.retry = Some(span));
            }
            Item::Event(event) => {
                source.heard = source.heard.saturating_add(1);
                let now = self.program.now();
                if let Some(sent) = sent_at(event.data.as_bytes()).filter(|at| *at <= now) {
                    self.latency.add(now - sent);
                }
                let (missed, repeated) = source.place(&event.id);
                let latency = self.latency.spread();
                self.open.update(|r| {
                    r.events += 1;
                    r.bytes += event.data.len() as u64;
                    r.missed += missed;
                    r.repeated += u64::from(repeated);
                    r.latency = latency;
                });
            }
        }
    }

    fn end(&mut self, error: Option<String>) {
        let now = self.program.now();
        let what = format!("events of {}", self.spec.path);
        let well = format!("event stream ended after {}", now - self.started);
        self.program.ended(&what, error.as_deref(), well);
        self.open.update(|r| {
            r.ended = Some(now);
            r.error = error;
        });
    }
}

impl Source {
    /// How many events are missing before the one with this id, and whether it came before. Ids
    /// that are no numbers tell nothing.
    fn place(&mut self, id: &str) -> (u64, bool) {
        let Ok(number) = id.parse::<u64>() else {
            return (0, false);
        };
        let before = self.seen.unwrap_or_else(|| number.saturating_sub(1));
        self.seen = Some(before.max(number));
        match number > before {
            true => (number - before - 1, false),
            false => (0, true),
        }
    }
}

/// What makes an answer no event stream (section 9.2.3).
fn refusal(status: StatusCode, kind: Option<&HeaderValue>) -> Option<Ended> {
    if status == StatusCode::NO_CONTENT {
        return Some((Ending::Done, None));
    }
    if status != StatusCode::OK {
        return Some((Ending::Done, Some(format!("the server answered {status}"))));
    }
    let kind = kind.and_then(|k| k.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("text/event-stream") {
        return None;
    }
    let why = format!("the answer is no event stream but `{kind}`");
    Some((Ending::Done, Some(why)))
}

/// A server may not make a client wait for longer than a day.
const MAX_RETRY_MS: u64 = 24 * 3600 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_repetitions_are_told_by_the_ids() {
        let mut source = Source {
            last_id: String::new(),
            heard: 0,
            retry: DEFAULT_RETRY,
            seen: None,
        };
        // A stream may begin anywhere; 7 to 9 are missing; 6 came before; "x" is no number.
        let places = ["5", "6", "10", "6", "x", "11"].map(|id| source.place(id));
        let usual = (0, false);
        assert_eq!(places, [usual, usual, (3, false), (0, true), usual, usual]);
    }
}
