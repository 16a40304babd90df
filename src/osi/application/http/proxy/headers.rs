//! What a proxy does to the headers that pass it.
//!
//! Fields that are meant for one connection go (RFC 9110, section 7.6.1), `Via` says who was on the
//! way (section 7.6.3), and `Forwarded` (RFC 7239) with its older relatives says who asked.

use std::net::IpAddr;

use hyper::{
    Request, Version,
    body::Incoming,
    header::{
        CONNECTION, EXPECT, FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue,
        PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
    },
    http::request::Parts,
};

use super::body::Passing;
use crate::osi::application::http::body::ContentBody;

/// The proxy as one station on the way of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hop<'a> {
    /// The name of its host.
    pub(super) proxy: &'a str,
    pub(super) client: IpAddr,
    /// Whether the client came over TLS.
    pub(super) secure: bool,
}

impl Hop<'_> {
    /// True if a message has been here before.
    pub(super) fn has_passed(&self, headers: &HeaderMap) -> bool {
        let stations = headers.get_all(VIA).iter();
        let texts = stations.filter_map(|value| value.to_str().ok());
        let mut names = texts.flat_map(|text| text.split(','));
        names.any(|station| station.split_whitespace().nth(1) == Some(self.proxy))
    }

    /// The request for an upstream.
    pub(super) fn request(&self, head: &Parts, body: Option<Incoming>) -> Request<Passing> {
        let has_body = body.is_some();
        let body = body.map_or_else(
            || Passing::Own(ContentBody::empty()),
            |body| Passing::From(body, None),
        );
        let mut request = Request::new(body);
        request.method_mut().clone_from(&head.method);
        // The authority of HTTP/2 stands in a header again.
        let path = head.uri.path_and_query().map_or("/", |p| p.as_str());
        *request.uri_mut() = path.parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.clone_from(&head.headers);
        drop_connection_fields(headers);
        if !has_body {
            headers.remove(EXPECT);
        }
        if let Some(authority) = head.uri.authority() {
            put(headers, HOST, authority.as_str());
        }
        self.mark_request(headers, head.version);
        request
    }

    fn mark_request(&self, headers: &mut HeaderMap, version: Version) {
        let client = self.client.to_string();
        let scheme = if self.secure { "https" } else { "http" };
        let host = headers.get(HOST).and_then(|v| v.to_str().ok());
        let host = host.unwrap_or_default().to_owned();
        append(
            headers,
            FORWARDED,
            &format!("for={client};host=\"{host}\";proto={scheme}"),
        );
        append(headers, HeaderName::from_static("x-forwarded-for"), &client);
        put(headers, HeaderName::from_static("x-forwarded-host"), &host);
        put(
            headers,
            HeaderName::from_static("x-forwarded-proto"),
            scheme,
        );
        append(headers, VIA, &self.station(version));
    }

    /// Marks an answer, which came by HTTP/1.1.
    pub(super) fn mark_response(&self, headers: &mut HeaderMap) {
        drop_connection_fields(headers);
        append(headers, VIA, &self.station(Version::HTTP_11));
    }

    /// By which version the message came here, and where that is.
    fn station(&self, version: Version) -> String {
        let number = if version == Version::HTTP_2 {
            "2.0"
        } else {
            "1.1"
        };
        format!("{number} {}", self.proxy)
    }
}

/// Takes away what is meant for this connection alone: the fields that `Connection` names, and
/// those that always are.
fn drop_connection_fields(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    let keep_alive = HeaderName::from_static("keep-alive");
    let always = [
        CONNECTION,
        keep_alive,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    for name in always {
        headers.remove(name);
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Adds to what stations before have written.
fn append(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    let before = headers.get(&name).and_then(|v| v.to_str().ok());
    let all = before.map_or_else(|| value.to_owned(), |before| format!("{before}, {value}"));
    put(headers, name, &all);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(lines: &[(&'static str, &str)], version: Version) -> Vec<String> {
        let mut head = Request::get("/x?y").body(()).unwrap().into_parts().0;
        head.version = version;
        for (name, value) in lines {
            head.headers.append(*name, value.parse().unwrap());
        }
        let hop = Hop {
            proxy: "gate",
            client: [10, 0, 0, 1].into(),
            secure: false,
        };
        let request = hop.request(&head, None);
        let line = |(n, v): (&HeaderName, &HeaderValue)| format!("{n}: {}", v.to_str().unwrap());
        let mut all: Vec<String> = request.headers().iter().map(line).collect();
        all.sort();
        all
    }

    #[test]
    fn the_way_is_written_down() {
        let lines = passed(
            &[("host", "web:8080"), ("x-forwarded-for", "10.9.9.9")],
            Version::HTTP_11,
        );
        let wanted = [
            "forwarded: for=10.0.0.1;host=\"web:8080\";proto=http",
            "host: web:8080",
            "via: 1.1 gate",
            "x-forwarded-for: 10.9.9.9, 10.0.0.1",
            "x-forwarded-host: web:8080",
            "x-forwarded-proto: http",
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn what_is_meant_for_one_connection_does_not_pass() {
        let lines = passed(
            &[
                ("connection", "close, X-Mine"),
                ("x-mine", "1"),
                ("te", "trailers"),
                ("upgrade", "websocket"),
                ("accept", "*/*"),
            ],
            Version::HTTP_2,
        );
        let gone = ["connection", "x-mine", "te:", "upgrade"];
        assert!(
            !lines.iter().any(|l| gone.iter().any(|g| l.starts_with(g))),
            "{lines:?}"
        );
        assert!(lines.contains(&"accept: */*".to_owned()));
        assert!(lines.contains(&"via: 2.0 gate".to_owned()));
    }

    #[test]
    fn a_message_that_comes_back_is_known() {
        let mut headers = HeaderMap::new();
        let hop = Hop {
            proxy: "gate",
            client: [10, 0, 0, 1].into(),
            secure: false,
        };
        headers.insert(VIA, "1.1 other, 1.1 gateway".parse().unwrap());
        assert!(!hop.has_passed(&headers));
        headers.append(VIA, "1.1 x, 1.1 gate (netsim)".parse().unwrap());
        assert!(hop.has_passed(&headers));
    }
}
