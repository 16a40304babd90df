//! A request of the file until it is done: attempts, redirects, challenges, and its report.

use hyper::StatusCode;

use super::{
    auth,
    client::Round,
    draft::Draft,
    exchange::{Answer, Failure, Fetch},
    link::Link,
    origin::Origin,
};
use crate::{
    osi::application::{
        content::Content,
        report::{HttpCourse, HttpExchange},
        reports::Open,
        spec::HttpRequest,
    },
    units::{ByteSize, SimTime, Span},
};

/// A request that has begun, and its place in the report.
pub(super) struct Errand<'a> {
    round: &'a Round<'a>,
    request: &'a HttpRequest,
    draft: Draft<'a>,
    started: SimTime,
    open: Open<HttpExchange>,
}

impl<'a> Errand<'a> {
    pub(super) fn begin(round: &'a Round<'a>, request: &'a HttpRequest) -> Self {
        let (program, spec) = (round.program, round.spec);
        let started = program.now();
        let open = program.entry.open(HttpExchange {
            method: request.method.clone(),
            path: request.path.clone(),
            pushed: false,
            started,
            lookup: None,
            connect: None,
            tls: None,
            first_byte: None,
            total: None,
            status: None,
            request_bytes: Content::from(&request.body).len(),
            response_bytes: 0,
            error: None,
            course: HttpCourse::default(),
        });
        program.started(format!("{} {}", request.method, request.path));
        let origin = Origin {
            secure: spec.tls.is_some(),
            name: program.peer.name.clone(),
            port: spec.port,
        };
        Self {
            round,
            request,
            draft: Draft::new(spec, request, origin),
            started,
            open,
        }
    }

    /// How much of its time is left.
    pub(super) fn left(&self) -> Span {
        (self.started + self.round.spec.timeout) - self.round.program.now()
    }

    /// One attempt at it.
    pub(super) fn fetch(&mut self) -> Fetch<'_> {
        Fetch {
            program: self.round.program,
            spec: self.round.spec,
            draft: &self.draft,
            started: self.started,
            open: &mut self.open,
        }
    }

    /// Opens a connection for it and others.
    pub(super) async fn dial(&mut self) -> Result<Link, String> {
        let (program, spec) = (self.round.program, self.round.spec);
        let dialled = program
            .host
            .timeout(spec.timeout, self.fetch().dial())
            .await;
        match dialled {
            Ok(dialled) => dialled.map_err(Failure::text),
            Err(_) => Err(spec.too_late()),
        }
    }

    /// Carries it out, over `link` if that is open, and reports. A failure closes the link.
    pub(super) async fn finish(mut self, link: &mut Option<Link>) {
        let answer = self.try_until_done(link).await;
        self.end(answer);
    }

    /// One attempt after the other, as often as the entry allows.
    async fn try_until_done(&mut self, link: &mut Option<Link>) -> Result<Answer, String> {
        let mut made = 0;
        loop {
            made += 1;
            self.open.update(|e| e.course.attempts = made);
            let outcome = self.attempt(made, link).await;
            if outcome.is_err() {
                *link = None;
            }
            let Some((why, least)) = self.reason_to_repeat(made, &outcome) else {
                return outcome.map_err(Failure::text);
            };
            let wait = self.round.wait(made).max(least);
            let program = self.round.program;
            program.note(format!("{why}: attempt {} in {wait}", made + 1));
            program.host.sleep(wait).await;
        }
    }

    /// Why there should be another attempt after number `made`, and the least wait before it.
    fn reason_to_repeat(
        &self,
        made: u32,
        outcome: &Result<Answer, Failure>,
    ) -> Option<(String, Span)> {
        let backoff = self.round.spec.habits.retry?;
        if !backoff.allows(made) {
            return None;
        }
        let idempotent = self.draft.is_idempotent();
        match outcome {
            Err(Failure::NotSent(text)) => Some((text.clone(), Span::ZERO)),
            Err(Failure::Stale(text) | Failure::Lost(text)) if idempotent => {
                Some((text.clone(), Span::ZERO))
            }
            // A server that says when to come back means it.
            Ok(answer) if idempotent && matches!(answer.status.as_u16(), 429 | 503) => {
                let least = answer.retry_after?;
                Some((format!("answered {}", answer.status.as_u16()), least))
            }
            _ => None,
        }
    }

    /// The request and where it leads, within its time.
    async fn attempt(&mut self, number: u32, link: &mut Option<Link>) -> Result<Answer, Failure> {
        let (program, spec) = (self.round.program, self.round.spec);
        // Time already spent counts for the first attempt, as it waited for a connection.
        let begin = match number {
            1 => self.started,
            _ => program.now(),
        };
        let left = (begin + spec.timeout) - program.now();
        let work = program.host.timeout(left, self.follow(link)).await;
        work.unwrap_or_else(|_| Err(Failure::Lost(spec.too_late())))
    }

    /// Sends the request, then those that the answers ask for.
    async fn follow(&mut self, link: &mut Option<Link>) -> Result<Answer, Failure> {
        let habits = &self.round.spec.habits;
        let mut hops = 0;
        loop {
            let answer = self.fetch().run(link).await?;
            if self.meet_challenge(&answer) {
                continue;
            }
            let Some(location) = redirect_of(&answer).filter(|_| habits.follow > 0) else {
                return Ok(answer);
            };
            if hops == habits.follow {
                let text = format!("more than {hops} redirects");
                return Err(Failure::Final(text));
            }
            hops += 1;
            self.redirect(answer.status, location)?;
        }
    }

    /// True if the server wants credentials, and there are some that it has not seen.
    fn meet_challenge(&mut self, answer: &Answer) -> bool {
        let credentials = self.round.spec.habits.credentials.as_deref();
        let asked = answer.status == StatusCode::UNAUTHORIZED && answer.wants_basic;
        let Some(credentials) = credentials.filter(|_| asked) else {
            return false;
        };
        let fresh = self.draft.authorize(auth::basic(credentials));
        if fresh {
            self.round.program.note("401: the server wants credentials");
        }
        fresh
    }

    fn redirect(&mut self, status: StatusCode, location: &str) -> Result<(), Failure> {
        let Some(place) = self.draft.place.follow(location) else {
            let text = format!("the redirect leads to `{location}`, which is no address of HTTP");
            return Err(Failure::Final(text));
        };
        let program = self.round.program;
        program.note(format!("{}: redirected to {location}", status.as_u16()));
        self.open
            .update(|e| e.course.redirects.push(location.to_owned()));
        self.draft.redirect(status, place);
        Ok(())
    }

    pub(super) fn end(mut self, answer: Result<Answer, String>) {
        let program = self.round.program;
        let took = program.now() - self.started;
        match answer {
            Ok(Answer { status, bytes, .. }) => {
                self.open.update(|e| e.total = Some(took));
                let bytes = ByteSize::new(bytes);
                program.finished(format!("{status}, {bytes} in {took}"));
            }
            Err(error) => {
                let HttpRequest { method, path, .. } = self.request;
                program.failed(format!("{method} {path}: {error}"));
                self.open.update(|e| {
                    e.error = Some(error);
                    e.course.failed_after = Some(took);
                });
            }
        }
    }
}

/// Where an answer sends its client (RFC 9110, section 15.4).
fn redirect_of(answer: &Answer) -> Option<&str> {
    let location = answer.location.as_deref()?;
    matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308).then_some(location)
}
