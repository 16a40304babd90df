//! The pieces of HTTP messages: methods, paths, headers, bodies.

use crate::{
    osi::application::spec::{Body, HttpRequest, HttpRoute},
    scenario::{
        limits::MAX_BODY,
        schema::{self, Field, Name, Table},
        text::Findings,
    },
    units::ByteSize,
};

use super::{ranges, web};

/// Headers that the programs write themselves.
const OWN_HEADERS: [&str; 2] = ["content-length", "transfer-encoding"];

/// A request.
pub(super) fn request(table: &Table<schema::HttpRequest>, findings: &mut Findings) -> HttpRequest {
    let keys = &table.value;
    let method = method(&keys.method, findings).unwrap_or_else(|| "GET".to_owned());
    if method == "CONNECT" {
        findings.error(
            keys.method.place(),
            "CONNECT opens a tunnel, which these programs do not do",
        );
    }
    HttpRequest {
        method,
        path: path(&keys.path, findings).unwrap_or_else(|| "/".to_owned()),
        headers: headers(&keys.headers.0, findings),
        body: body(("body", &keys.body), &keys.size, MAX_BODY, findings).unwrap_or(Body::Empty),
        chunked: keys.chunked.read(findings).unwrap_or(false),
    }
}

/// A route of a server.
pub(super) fn route(table: &Table<schema::HttpRoute>, findings: &mut Findings) -> HttpRoute {
    let keys = &table.value;
    if !keys.path.is_given() {
        findings
            .missing(table.place.clone(), "this route has no `path`")
            .help("write `path = \"/\"`, or `path = \"/*\"` for every path");
    }
    let status = status(&keys.status, findings);
    let body = body(("body", &keys.body), &keys.size, MAX_BODY, findings).unwrap_or(Body::Empty);
    if matches!(status, 204 | 205 | 304) && body != Body::Empty {
        findings
            .error(
                keys.body.place().or_else(|| keys.size.place()),
                format!("a response {status} has no body"),
            )
            .help("leave `body` and `size` out (RFC 9110, section 15)");
    }
    HttpRoute {
        path: path(&keys.path, findings).unwrap_or_else(|| "/".to_owned()),
        method: method(&keys.method, findings),
        status,
        headers: headers(&keys.headers.0, findings),
        think: ranges::span(&keys.think, "think", findings).unwrap_or_default(),
        rules: web::rules(keys, (status, &body), findings),
        body,
        push: keys
            .push
            .items
            .iter()
            .filter_map(|name| path(name, findings))
            .collect(),
    }
}

/// The status code that a route answers with. Those below 200 are no answer of their own.
fn status(field: &Field<u16>, findings: &mut Findings) -> u16 {
    let (message, help) = match field.peek() {
        Some(100) => (
            "100 comes before an answer and is none",
            "any server says it to a request with `headers = { expect = \"100-continue\" }` \
             (RFC 9110, section 10.1.1)",
        ),
        Some(101) => (
            "101 is said when a connection changes its protocol, and a route has none to change to",
            "a server with `app = \"websocket\"` answers an upgrade with it (RFC 6455)",
        ),
        _ => return ranges::within(field, "status", 200..=599, findings).unwrap_or(200),
    };
    findings.error(field.place(), message).help(help);
    200
}

/// A body: a text, or so much filler, but not both.
pub(super) fn body(
    text: (&str, &Field<String>),
    size: &Field<ByteSize>,
    most: ByteSize,
    findings: &mut Findings,
) -> Option<Body> {
    let (key, text) = text;
    if text.is_given() && size.is_given() {
        findings
            .error(
                size.place(),
                format!("`{key}` and `size` exclude each other"),
            )
            .also(text.place(), "here");
    }
    let filler = ranges::size(size, "size", ByteSize::new(0)..=most, findings);
    text.read(findings)
        .map(Body::Text)
        .or_else(|| filler.map(Body::Size))
}

fn method(field: &Field<String>, findings: &mut Findings) -> Option<String> {
    let method = field.read(findings)?;
    if !is_token(&method) {
        findings
            .error(field.place(), format!("{method:?} is not an HTTP method"))
            .help("a method is a word such as GET, POST, PUT, DELETE (RFC 9110, section 9)");
    }
    Some(method)
}

pub(super) fn path(field: &Field<String>, findings: &mut Findings) -> Option<String> {
    let path = field.read(findings)?;
    let starts = path.starts_with('/') || path == "*";
    if !starts || !path.chars().all(|c| c.is_ascii_graphic()) || path.contains('#') {
        findings
            .error(field.place(), format!("{path:?} is not a path"))
            .help("a path begins with `/` and has no spaces; write others as %20 and so on");
    }
    Some(path)
}

pub(super) fn headers(
    given: &[(Name, Field<String>)],
    findings: &mut Findings,
) -> Vec<(String, String)> {
    let mut headers = Vec::with_capacity(given.len());
    for (name, value) in given {
        if !is_token(&name.text) {
            findings.error(
                name.place.clone(),
                format!("{:?} is not the name of a header", name.text),
            );
        }
        if OWN_HEADERS.contains(&name.text.to_lowercase().as_str()) {
            findings
                .error(
                    name.place.clone(),
                    format!("`{}` is written by netsim itself", name.text),
                )
                .help("leave it out; it follows from the body");
        }
        let Some(text) = value.read(findings) else {
            continue;
        };
        if !text
            .chars()
            .all(|c| c.is_ascii_graphic() || c == ' ' || c == '\t')
        {
            findings.error(value.place(), "a header has visible ASCII characters only");
        }
        headers.push((name.text.clone(), text));
    }
    headers
}

/// A token of RFC 9110, section 5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(allowed)
}
