//! The opening handshake (RFC 6455, section 4): a GET that asks for an upgrade, and its answer.
//!
//! Not here: `Origin` (only browsers send it) and extensions.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::{Empty, Full};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    header::{
        ALLOW, CONNECTION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT,
        SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
    },
};
use ring::digest;

use crate::osi::application::spec::{WebSocketClient, WebSocketServer};

/// The value of `Sec-WebSocket-Accept` for a key (section 4.2.2).
pub(super) fn accept(key: &str) -> String {
    let text = format!("{key}{GUID}");
    // SHA-1 is no secret here: it shows that the server has read the request.
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    STANDARD.encode(hash)
}

const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The key made of 16 bytes.
pub(super) fn key(bytes: [u8; 16]) -> String {
    STANDARD.encode(bytes)
}

/// The request of a client that talks to `authority`.
pub(super) fn request(
    spec: &WebSocketClient,
    authority: &str,
    key: &str,
) -> Result<Request<Empty<Bytes>>, String> {
    let mut request = Request::builder()
        .method(Method::GET)
        .uri(spec.path.as_str())
        .header(HOST, authority)
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "Upgrade")
        .header(SEC_WEBSOCKET_KEY, key)
        .header(SEC_WEBSOCKET_VERSION, u16::from(spec.version));
    if !spec.subprotocols.is_empty() {
        request = request.header(SEC_WEBSOCKET_PROTOCOL, spec.subprotocols.join(", "));
    }
    let request = request.body(Empty::new());
    request.map_err(|e| format!("not a request of HTTP: {e}"))
}

/// What a client makes of an answer: the subprotocol, if there is one, or why there is no
/// connection.
pub(super) fn check<B>(
    response: &Response<B>,
    spec: &WebSocketClient,
    key: &str,
) -> Result<Option<String>, String> {
    let status = response.status();
    if status != StatusCode::SWITCHING_PROTOCOLS {
        return Err(format!("the server refused the upgrade: {status}"));
    }
    let headers = response.headers();
    if !lists(headers, &UPGRADE, "websocket") || !lists(headers, &CONNECTION, "upgrade") {
        return Err("the answer 101 is not one to WebSocket".to_owned());
    }
    if text(headers, &SEC_WEBSOCKET_ACCEPT) != Some(accept(key).as_str()) {
        return Err("Sec-WebSocket-Accept is not the answer to the key".to_owned());
    }
    let chosen = text(headers, &SEC_WEBSOCKET_PROTOCOL).map(str::to_owned);
    match chosen {
        Some(name) if !spec.subprotocols.contains(&name) => {
            Err(format!("the server chose `{name}`, which was not offered"))
        }
        chosen => Ok(chosen),
    }
}

/// The answer of a server: 101 (true), or what is wrong with the request (false).
pub(super) fn answer<B>(
    request: &Request<B>,
    spec: &WebSocketServer,
) -> (bool, Response<Full<Bytes>>) {
    let headers = request.headers();
    if spec
        .path
        .as_deref()
        .is_some_and(|p| p != request.uri().path())
    {
        return refuse(StatusCode::NOT_FOUND, "no WebSocket here\n", None);
    }
    if request.method() != Method::GET {
        let allow = Some((ALLOW, "GET"));
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "only GET\n", allow);
    }
    if !lists(headers, &UPGRADE, "websocket") || !lists(headers, &CONNECTION, "upgrade") {
        let upgrade = Some((UPGRADE, "websocket"));
        return refuse(
            StatusCode::UPGRADE_REQUIRED,
            "WebSocket is spoken here\n",
            upgrade,
        );
    }
    if text(headers, &SEC_WEBSOCKET_VERSION) != Some("13") {
        let version = Some((SEC_WEBSOCKET_VERSION, "13"));
        return refuse(
            StatusCode::UPGRADE_REQUIRED,
            "only version 13 is spoken here\n",
            version,
        );
    }
    let key = text(headers, &SEC_WEBSOCKET_KEY).unwrap_or_default();
    // Section 4.1: 16 bytes, base64.
    if STANDARD.decode(key).ok().map(|bytes| bytes.len()) != Some(16) {
        return refuse(
            StatusCode::BAD_REQUEST,
            "the key is not 16 bytes in base64\n",
            None,
        );
    }
    (true, grant(spec, headers, key))
}

fn grant(spec: &WebSocketServer, headers: &HeaderMap, key: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    put(&mut response, UPGRADE, "websocket");
    put(&mut response, CONNECTION, "Upgrade");
    put(&mut response, SEC_WEBSOCKET_ACCEPT, &accept(key));
    let known = spec.subprotocols.iter();
    if let Some(both) = known
        .clone()
        .find(|name| lists(headers, &SEC_WEBSOCKET_PROTOCOL, name))
    {
        put(&mut response, SEC_WEBSOCKET_PROTOCOL, both);
    }
    response
}

fn refuse(
    status: StatusCode,
    why: &'static str,
    header: Option<(HeaderName, &str)>,
) -> (bool, Response<Full<Bytes>>) {
    let mut response = Response::new(Full::from(why));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, "text/plain; charset=utf-8");
    if let Some((name, value)) = header {
        put(&mut response, name, value);
    }
    (false, response)
}

/// Sets a header; what cannot stand in one is left out.
pub(super) fn put<B>(response: &mut Response<B>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// True if a list of words, split by commas, has this one; letter case does not matter.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let lines = headers.get_all(name).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_rfc_has_the_answer_of_the_rfc() {
        // RFC 6455, section 1.3: the key is "the sample nonce".
        assert_eq!(key(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
        let answer = accept("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
