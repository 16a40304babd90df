//! The pieces that responses are made of.

use hyper::{
    Response, StatusCode,
    body::Body as _,
    header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, SERVER},
};

use super::{body::ContentBody, headers::apply};
use crate::osi::application::{
    content::Content,
    spec::{Body, HttpRoute},
};

/// The plain answer of a route. A status that hyper cannot send (1xx, or none at all) becomes 500.
pub(super) fn from_route(route: &HttpRoute) -> Response<ContentBody> {
    let status = StatusCode::from_u16(route.status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = empty(status);
    if !matches!(status.as_u16(), 204 | 205 | 304) {
        if let Some(kind) = media_type(&route.body) {
            let kind = HeaderValue::from_static(kind);
            response.headers_mut().insert(CONTENT_TYPE, kind);
        }
        *response.body_mut() = Content::from(&route.body).into();
    }
    match apply(response.headers_mut(), &route.headers) {
        Ok(()) => response,
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, &format!("{error}\n")),
    }
}

/// What a body looks like, for a route that does not say.
fn media_type(body: &Body) -> Option<&'static str> {
    match body {
        Body::Empty => None,
        Body::Size(_) => Some("text/plain"),
        Body::Text(text) => Some(match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => "application/json",
            Some(b'<') => "text/html; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        }),
    }
}

/// A response with a line of text.
pub(super) fn text(status: StatusCode, text: &str) -> Response<ContentBody> {
    let mut response = Response::new(Content::text(text).into());
    *response.status_mut() = status;
    add(
        response.headers_mut(),
        CONTENT_TYPE,
        "text/plain; charset=utf-8",
    );
    response
}

/// A response without content.
pub(super) fn empty(status: StatusCode) -> Response<ContentBody> {
    let mut response = Response::new(ContentBody::empty());
    *response.status_mut() = status;
    response
}

/// Puts `Date` and `Server` before the other headers, unless they are there.
pub(super) fn lead(headers: &mut HeaderMap, date: &str) {
    let others = std::mem::take(headers);
    add(headers, DATE, date);
    add(headers, SERVER, "netsim");
    headers.extend(others);
}

/// Says how long the body is, where there may be one (RFC 9110, section 8.6).
pub(super) fn measure(response: &mut Response<ContentBody>) {
    let bodyless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
    if bodyless.contains(&response.status()) {
        return;
    }
    if let Some(length) = response.body().size_hint().exact() {
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// Adds a header unless it is there already.
pub(super) fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.entry(name).or_insert(value);
    }
}
