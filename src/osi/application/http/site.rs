//! What a web server answers: routes, their rules, and what they remember.

use std::sync::{
    Mutex, OnceLock, PoisonError,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use bytes::Bytes;
use hyper::{
    Method, Response, StatusCode,
    header::{
        ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, RETRY_AFTER,
        VARY, WWW_AUTHENTICATE,
    },
    http::request::Parts,
};

use super::{
    auth,
    body::ContentBody,
    conditions::{Verdict, judge},
    reply::{add, empty, from_route, text},
    routes::{Choice, choose},
    server::Refusal,
};
use crate::{
    osi::{
        application::{
            content::Content,
            spec::{HttpRoute, HttpServer, RateLimit},
        },
        presentation::compression::{Coding, Negotiated, encode, negotiate},
    },
    units::{SimTime, Span},
};

/// The routes of a server.
#[derive(Debug)]
pub(super) struct Site {
    routes: Vec<(HttpRoute, Memory)>,
}

/// What a route remembers from one request to the next.
#[derive(Debug, Default)]
struct Memory {
    /// How many requests it has lost.
    lost: AtomicU32,
    /// When the window of its rate limit began, and how many requests came in it.
    window: Mutex<Option<(SimTime, u32)>>,
    /// Its body in each coding, made when it is first wanted.
    coded: [OnceLock<Bytes>; Coding::ALL.len()],
}

/// What to do with a request.
#[derive(Debug)]
pub(super) struct Plan {
    /// What to answer.
    pub(super) response: Response<ContentBody>,
    /// How long to think about it.
    pub(super) think: Span,
}

impl Site {
    pub(super) fn new(spec: &HttpServer) -> Self {
        let routes = spec.routes.iter().cloned();
        Self {
            routes: routes.map(|route| (route, Memory::default())).collect(),
        }
    }

    /// What comes of a request with this head. Its body does not matter.
    ///
    /// # Errors
    /// The connection is to be lost.
    pub(super) fn plan(&self, head: &Parts, now: SimTime) -> Result<Plan, Refusal> {
        let routes = || self.routes.iter().map(|(route, _)| route);
        let response = match choose(routes(), head.method.as_str(), head.uri.path()) {
            Choice::Route(place) => {
                let (route, memory) = &self.routes[place];
                if memory.loses_one_more(route.rules.lose) {
                    return Err(Refusal::Lost);
                }
                return Ok(Plan {
                    response: by_route(route, memory, head, now),
                    think: route.think,
                });
            }
            Choice::OtherMethods(allowed) => {
                // RFC 9110, section 9.3.7: OPTIONS asks which methods there are.
                let mut response = if head.method == Method::OPTIONS {
                    empty(StatusCode::NO_CONTENT)
                } else {
                    text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n")
                };
                add(response.headers_mut(), ALLOW, &allowed);
                response
            }
            Choice::NotFound => text(StatusCode::NOT_FOUND, "not found\n"),
        };
        Ok(Plan {
            response,
            think: Span::ZERO,
        })
    }
}

impl Memory {
    fn loses_one_more(&self, most: u32) -> bool {
        let lost = self.lost.load(Relaxed);
        self.lost.store(lost.saturating_add(1).min(most), Relaxed);
        lost < most
    }

    /// Counts a request at `now`. If it is one too many, the time until the next window.
    fn over(&self, limit: RateLimit, now: SimTime) -> Option<Span> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, came) = match *window {
            Some((began, came)) if now < began + limit.window => (began, came + 1),
            _ => (now, 1),
        };
        // What is refused does not count.
        *window = Some((began, came.min(limit.requests)));
        (came > limit.requests).then(|| (began + limit.window) - now)
    }

    /// The content of a route in a coding.
    fn coded(&self, coding: Coding, content: &Content) -> Option<Bytes> {
        let place = Coding::ALL.iter().position(|c| *c == coding)?;
        let made = self.coded[place].get_or_init(|| {
            // A coder that writes to memory has no errors.
            Bytes::from(encode(coding, content.chunks()).unwrap_or_default())
        });
        Some(made.clone())
    }
}

/// What a route says to a request.
fn by_route(
    route: &HttpRoute,
    memory: &Memory,
    head: &Parts,
    now: SimTime,
) -> Response<ContentBody> {
    let rules = &route.rules;
    if let Some(wait) = rules.limit.and_then(|limit| memory.over(limit, now)) {
        let mut response = text(StatusCode::TOO_MANY_REQUESTS, "too many requests\n");
        add(response.headers_mut(), RETRY_AFTER, &whole_seconds(wait));
        return response;
    }
    let stranger = rules
        .credentials
        .as_deref()
        .filter(|c| !auth::shows(&head.headers, c));
    if stranger.is_some() {
        let mut response = text(StatusCode::UNAUTHORIZED, "who are you?\n");
        add(response.headers_mut(), WWW_AUTHENTICATE, CHALLENGE);
        return response;
    }
    let mut response = from_route(route);
    // Only a good answer has another form, and only to it conditions apply (RFC 9110, section
    // 13.2.1).
    if response.status().is_success() {
        if !rules.compress.is_empty() && response.status() != StatusCode::NO_CONTENT {
            response = compressed(response, route, memory, head);
        }
        response = conditional(response, head);
    }
    response.map(|body| body.in_chunks(rules.chunked))
}

/// The answer in the coding that the client likes best.
fn compressed(
    mut response: Response<ContentBody>,
    route: &HttpRoute,
    memory: &Memory,
    head: &Parts,
) -> Response<ContentBody> {
    let accept = head.headers.get(ACCEPT_ENCODING);
    let accept = accept.and_then(|value| value.to_str().ok());
    let headers = response.headers_mut();
    // A cache must not give it to somebody who wants another coding.
    add(headers, VARY, "Accept-Encoding");
    let coding = match negotiate(accept, &route.rules.compress) {
        Negotiated::Identity => return response,
        Negotiated::Nothing => {
            return text(StatusCode::NOT_ACCEPTABLE, "no coding that you accept\n");
        }
        Negotiated::Coded(coding) => coding,
    };
    let Some(coded) = memory.coded(coding, &Content::from(&route.body)) else {
        return response;
    };
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    // Other bytes have another strong entity tag (RFC 9110, section 8.8.3.3).
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    let own = tag.and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"'));
    let own = own.map(|tag| format!("\"{tag}-{}\"", coding.name()));
    if let Some(Ok(tag)) = own.as_deref().map(HeaderValue::from_str) {
        headers.insert(ETAG, tag);
    }
    *response.body_mut() = Content::from(coded).into();
    response
}

/// The answer, or what the conditions of the request make of it.
fn conditional(response: Response<ContentBody>, head: &Parts) -> Response<ContentBody> {
    match judge(&head.method, &head.headers, response.headers()) {
        Verdict::Proceed => response,
        Verdict::Failed => text(StatusCode::PRECONDITION_FAILED, "it has changed\n"),
        Verdict::NotModified => {
            let (mut head, _) = response.into_parts();
            head.status = StatusCode::NOT_MODIFIED;
            // The client has what these describe (RFC 9110, section 15.4.5).
            head.headers.remove(CONTENT_TYPE);
            head.headers.remove(CONTENT_ENCODING);
            Response::from_parts(head, ContentBody::empty())
        }
    }
}

/// Seconds as `Retry-After` has them: whole, rounded up, so that nobody comes too early.
pub(super) fn whole_seconds(span: Span) -> String {
    span.as_nanos().div_ceil(1_000_000_000).to_string()
}

const CHALLENGE: &str = "Basic realm=\"netsim\", charset=\"UTF-8\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_limit_counts_in_windows() {
        let memory = Memory::default();
        let limit = RateLimit {
            requests: 2,
            window: Span::from_secs(10),
        };
        let over = |tenths: u64| {
            let now = SimTime::ZERO + Span::from_millis(tenths * 100);
            memory.over(limit, now)
        };
        // Two at 1 s and 2 s; the third at 3.5 s has 7.5 s to wait, until 11 s.
        assert_eq!([over(10), over(20)], [None, None]);
        assert_eq!(over(35), Some(Span::from_millis(7_500)));
        assert_eq!(over(109), Some(Span::from_millis(100)));
        assert_eq!([over(110), over(111)], [None, None]);
        assert!(over(112).is_some());
    }

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!(whole_seconds(Span::from_millis(7_500)), "8");
        assert_eq!(whole_seconds(Span::from_secs(7)), "7");
    }

    #[test]
    fn the_first_requests_are_lost_and_no_others() {
        let memory = Memory::default();
        let lost: Vec<bool> = (0..5).map(|_| memory.loses_one_more(2)).collect();
        assert_eq!(lost, [true, true, false, false, false]);
    }
}
