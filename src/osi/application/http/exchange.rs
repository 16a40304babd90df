//! One request and its response, over a new connection or one that is still open.

use http_body_util::BodyExt;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_ENCODING, HeaderMap, HeaderName, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE},
    http::response::Parts,
};

use super::{
    body::ContentBody,
    draft::Draft,
    expect::{Gate, Patience, RequestBody, expects_continue},
    link::{Link, Sender},
    words::{explain, is_loss},
};
use crate::{
    osi::{
        application::{
            program::Program, report::HttpExchange, reports::Open, secure::Handshake,
            spec::HttpClient, stream::yield_now,
        },
        presentation::compression::{Coding, Decoder, MAX_DECODED},
    },
    units::{SimTime, Span},
};

/// How a response ended.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Size of the body.
    pub(super) bytes: u64,
    /// Where a redirect leads.
    pub(super) location: Option<String>,
    /// True if the server wants credentials of the scheme Basic.
    pub(super) wants_basic: bool,
    /// How long the server asks to wait.
    pub(super) retry_after: Option<Span>,
}

impl Answer {
    /// One that asks for nothing more.
    pub(super) const fn plain(status: StatusCode, bytes: u64) -> Self {
        Self {
            status,
            bytes,
            location: None,
            wants_basic: false,
            retry_after: None,
        }
    }
}

/// The body of a response, as far as it has come.
#[derive(Debug)]
pub(super) struct Intake {
    bytes: u64,
    decoder: Option<Decoder>,
}

/// One request on its way.
pub(super) struct Fetch<'a> {
    pub(super) program: &'a Program,
    pub(super) spec: &'a HttpClient,
    pub(super) draft: &'a Draft<'a>,
    pub(super) started: SimTime,
    pub(super) open: &'a mut Open<HttpExchange>,
}

/// Why there is no response.
#[derive(Debug)]
pub(super) enum Failure {
    /// The open connection turned out to be closed; a new one may do, at once.
    Stale(String),
    /// There is no connection, so the request was not sent.
    NotSent(String),
    /// The request was sent, and nobody knows what became of it.
    Lost(String),
    /// Another attempt would end in the same way.
    Final(String),
}

impl Failure {
    /// In words.
    pub(super) fn text(self) -> String {
        match self {
            Self::Stale(text) | Self::NotSent(text) | Self::Lost(text) | Self::Final(text) => text,
        }
    }
}

impl Fetch<'_> {
    /// Sends the request over `link`, or over a new connection if that one is closed or leads
    /// elsewhere. A request that met a closing connection is sent once more if its method is
    /// idempotent or it never left (RFC 9110, section 9.2.2).
    pub(super) async fn run(&mut self, link: &mut Option<Link>) -> Result<Answer, Failure> {
        let origin = &self.draft.place.origin;
        let usable = |open: &&mut Link| !open.is_closed() && open.origin == *origin;
        if let Some(open) = link.as_mut().filter(usable) {
            match self.ask(open).await {
                Err(Failure::Stale(_)) => {}
                other => return other,
            }
        }
        // The old connection ends here, before the new one begins.
        *link = None;
        let fresh = link.insert(self.dial().await?);
        self.ask(fresh).await
    }

    /// Opens a connection, within the time for it.
    pub(super) async fn dial(&mut self) -> Result<Link, Failure> {
        let host = &self.program.host;
        let Some(limit) = self.spec.habits.connect_timeout else {
            return self.connect().await;
        };
        let in_time = host.timeout(limit, self.connect()).await;
        in_time.unwrap_or_else(|_| Err(Failure::NotSent(format!("no connection within {limit}"))))
    }

    async fn connect(&mut self) -> Result<Link, Failure> {
        let host = &self.program.host;
        let origin = self.draft.place.origin.clone();
        if self.goes_by_quic(&origin) {
            // In a box: few speak it, and everybody would have to hold the room for it.
            return Box::pin(self.dial_http3(origin)).await;
        }
        let open = &mut *self.open;
        let dialled = self.program.dial_origin(&origin, |connection| {
            open.update(|e| {
                e.lookup = connection.lookup;
                e.connect = Some(connection.connect);
            });
        });
        let dialled = dialled.await.map_err(|failed| match failed.lasting {
            true => Failure::Final(failed.text),
            false => Failure::NotSent(failed.text),
        })?;
        self.open
            .update(|e| e.tls = dialled.tls.as_ref().map(Handshake::result));
        let opened = Link::open(host, dialled, origin, self.spec.version).await;
        opened.map_err(Failure::Lost)
    }

    /// Sends the request over `link` and reads the response.
    async fn ask(&mut self, link: &mut Link) -> Result<Answer, Failure> {
        let is_http1 = link.is_http1();
        let request = match is_http1 {
            true => self.draft.http1(),
            false => self.draft.http2(),
        };
        let request = request.map_err(Failure::Final)?;
        let (sent, gate) = match &mut link.sender {
            Sender::Http3(sender) => {
                let sender = sender.clone();
                return Box::pin(self.ask_http3(request, sender, link)).await;
            }
            Sender::Hyper(sender) => {
                let ready = sender.ready().await;
                ready.map_err(|error| Failure::Stale(explain(&error)))?;
                let (request, gate) = self.guarded(request, is_http1);
                (sender.send(request).await, gate)
            }
        };
        if let Some(tls) = link.take_tls() {
            self.open.update(|e| e.tls = Some(tls.result()));
        }
        let idempotent = self.draft.is_idempotent();
        let response = sent.map_err(|e| {
            let text = explain(&e);
            match () {
                () if e.is_canceled() => Failure::Stale(text),
                () if idempotent && e.is_incomplete_message() => Failure::Stale(text),
                () if is_loss(&e) => Failure::Lost(text),
                () => Failure::Final(text),
            }
        })?;
        let read = self.read(response).await;
        // What is behind the response is found when its end has been seen.
        yield_now().await;
        if gate.is_some_and(|gate| gate.shut()) {
            self.program.note("the body of the request was not sent");
        }
        match (read, link.fault()) {
            (Ok(_), Some(fault)) if is_http1 => Err(Failure::Final(fault)),
            (read, _) => read,
        }
    }

    /// The request as it goes out. With `Expect: 100-continue` its body waits behind the gate.
    fn guarded(
        &self,
        mut request: Request<ContentBody>,
        is_http1: bool,
    ) -> (Request<RequestBody>, Option<Gate>) {
        if !is_http1 || !expects_continue(request.headers()) {
            return (request.map(RequestBody::from), None);
        }
        let (patience, gate) = Patience::for_body_of(&mut request, &self.program.host);
        let request = request.map(|body| RequestBody::waiting(body, patience));
        (request, Some(gate))
    }

    async fn read(&mut self, response: Response<Incoming>) -> Result<Answer, Failure> {
        let (head, mut body) = response.into_parts();
        let mut intake = self.begin(&head)?;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| match is_loss(&e) {
                true => Failure::Lost(explain(&e)),
                false => Failure::Final(explain(&e)),
            })?;
            if let Some(data) = frame.data_ref() {
                self.take(&mut intake, data)?;
            }
        }
        self.complete(&head, intake)
    }

    /// The head of the response is here.
    pub(super) fn begin(&mut self, head: &Parts) -> Result<Intake, Failure> {
        let first_byte = self.program.now() - self.started;
        let encoding = text_of(&head.headers, CONTENT_ENCODING);
        let decoder = self.decoder(encoding.as_deref())?;
        self.open.update(|e| {
            e.status = Some(head.status.as_u16());
            e.first_byte = Some(first_byte);
            e.course.encoding = encoding;
        });
        Ok(Intake { bytes: 0, decoder })
    }

    /// Some of the body is here.
    pub(super) fn take(&mut self, intake: &mut Intake, data: &[u8]) -> Result<(), Failure> {
        intake.bytes += data.len() as u64;
        self.open.update(|e| e.response_bytes = intake.bytes);
        match &mut intake.decoder {
            None => Ok(()),
            Some(decoder) => decoder.feed(data).map_err(Failure::Final),
        }
    }

    /// All of it is here.
    pub(super) fn complete(&mut self, head: &Parts, intake: Intake) -> Result<Answer, Failure> {
        let Intake { bytes, decoder } = intake;
        // The answer to HEAD, and a 304, speak of content that does not come.
        if let Some(decoder) = decoder.filter(|_| bytes > 0) {
            let decoded = decoder.finish().map_err(Failure::Final)?;
            self.open.update(|e| e.course.decoded_bytes = Some(decoded));
        }
        Ok(Answer {
            status: head.status,
            bytes,
            location: text_of(&head.headers, LOCATION),
            wants_basic: wants_basic(&head.headers),
            retry_after: retry_after(&head.headers),
        })
    }

    /// What takes the content apart, if the client asked for coded content and got it.
    fn decoder(&self, encoding: Option<&str>) -> Result<Option<Decoder>, Failure> {
        let asked = self.spec.habits.accept_encoding.is_some();
        let coding = encoding.filter(|_| asked).and_then(Coding::from_name);
        let made = coding.map(|coding| Decoder::new(coding, MAX_DECODED));
        made.transpose().map_err(Failure::Final)
    }
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

/// True if one of the challenges is of the scheme Basic (RFC 9110, section 11.6.1).
fn wants_basic(headers: &HeaderMap) -> bool {
    let challenges = headers.get_all(WWW_AUTHENTICATE).iter();
    let mut texts = challenges.filter_map(|value| value.to_str().ok());
    texts.any(|text| {
        let scheme = text.split_whitespace().next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("basic")
    })
}

/// `Retry-After` in seconds (RFC 9110, section 10.2.3). The form with a date is not read.
fn retry_after(headers: &HeaderMap) -> Option<Span> {
    let seconds: u32 = text_of(headers, RETRY_AFTER)?.trim().parse().ok()?;
    Some(Span::from_secs(seconds.into()))
}
