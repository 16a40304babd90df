//! The request as it is to be sent now: that of the file, as changed by redirects and challenges.

use hyper::{
    Method, Request, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap,
        HeaderName, HeaderValue, USER_AGENT,
    },
};

use super::{
    body::ContentBody,
    headers::apply,
    origin::{Origin, Place},
};
use crate::osi::application::{
    content::Content,
    spec::{Body, HttpClient, HttpRequest},
};

/// A request in the making.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    spec: &'a HttpClient,
    pub(super) method: String,
    pub(super) place: Place,
    headers: Vec<(String, String)>,
    body: Body,
    chunked: bool,
    /// What a server of this origin has asked for.
    authorization: Option<String>,
}

impl<'a> Draft<'a> {
    /// The request of the file, to `origin`.
    pub(super) fn new(spec: &'a HttpClient, request: &HttpRequest, origin: Origin) -> Self {
        Self {
            spec,
            method: request.method.clone(),
            place: Place {
                origin,
                path: request.path.clone(),
            },
            headers: request.headers.clone(),
            body: request.body.clone(),
            chunked: request.chunked,
            authorization: None,
        }
    }

    /// True if it may be sent again when nobody knows what became of it (RFC 9110, section 9.2.2).
    pub(super) fn is_idempotent(&self) -> bool {
        let method = Method::from_bytes(self.method.as_bytes());
        method.is_ok_and(|method| method.is_idempotent())
    }

    /// The answer to a challenge. False if there is none, or it has been given already.
    pub(super) fn authorize(&mut self, value: String) -> bool {
        let fresh = self.authorization.is_none();
        self.authorization = Some(value);
        fresh
    }

    /// Turns it into the request that a redirect asks for (RFC 9110, section 15.4): 303 makes it a
    /// GET, and so do 301 and 302 with a POST, as every browser does. 307 and 308 keep the method
    /// and the body. Credentials do not go to another server.
    pub(super) fn redirect(&mut self, status: StatusCode, place: Place) {
        let becomes_get = match status.as_u16() {
            303 => self.method != "HEAD",
            301 | 302 => self.method == "POST",
            _ => false,
        };
        if becomes_get {
            "GET".clone_into(&mut self.method);
            self.body = Body::Empty;
            self.chunked = false;
            self.headers.retain(|(name, _)| {
                let name = name.to_ascii_lowercase();
                !name.starts_with("content-") && name != "expect"
            });
        }
        if place.origin != self.place.origin {
            self.authorization = None;
            self.headers.retain(|(name, _)| {
                let name = name.to_ascii_lowercase();
                name != "host" && name != "authorization" && name != "cookie"
            });
        }
        self.place = place;
    }

    /// The request as HTTP/1.1 has it: the path in the first line, the server in a header.
    pub(super) fn http1(&self) -> Result<Request<ContentBody>, String> {
        let mut request = self.begin(self.place.path.clone())?;
        let headers = request.headers_mut();
        set(headers, HOST, &self.place.origin.authority())?;
        if !self.spec.keep_alive {
            set(headers, CONNECTION, "close")?;
        }
        self.complete(request)
    }

    /// The request as HTTP/2 has it: scheme, server and path are pseudo-header fields (RFC 9113,
    /// section 8.3.1), and there is no `Connection`.
    pub(super) fn http2(&self) -> Result<Request<ContentBody>, String> {
        let Place { origin, path } = &self.place;
        let (scheme, authority) = (origin.scheme(), origin.authority());
        let request = self.begin(format!("{scheme}://{authority}{path}"))?;
        self.complete(request)
    }

    fn begin(&self, uri: String) -> Result<Request<ContentBody>, String> {
        let content = ContentBody::from(Content::from(&self.body));
        Request::builder()
            .method(self.method.as_str())
            .uri(uri)
            .body(content.in_chunks(self.chunked))
            .map_err(|e| format!("not a request of HTTP: {e}"))
    }

    /// Adds the headers that every request has, and those of the file.
    fn complete(&self, mut request: Request<ContentBody>) -> Result<Request<ContentBody>, String> {
        let headers = request.headers_mut();
        set(headers, USER_AGENT, "netsim")?;
        set(headers, ACCEPT, "*/*")?;
        if let Some(accept) = &self.spec.habits.accept_encoding {
            set(headers, ACCEPT_ENCODING, accept)?;
        }
        // RFC 9110, section 8.6: a method that usually has content says so if there is none.
        let usual = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        if usual && self.body == Body::Empty {
            set(headers, CONTENT_LENGTH, "0")?;
        }
        apply(headers, &self.headers)?;
        if let Some(authorization) = &self.authorization {
            set(headers, AUTHORIZATION, authorization)?;
        }
        Ok(request)
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), String> {
    let checked = HeaderValue::from_str(value);
    let value = checked.map_err(|_| format!("the value of header `{name}` is not printable"))?;
    headers.insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        osi::application::spec::{ClientHabits, HttpVersion},
        units::Span,
    };

    fn redirected(method: &str, status: u16, location: &str) -> Draft<'static> {
        let spec = Box::leak(Box::new(HttpClient {
            version: HttpVersion::Http1,
            port: 80,
            requests: Vec::new(),
            keep_alive: true,
            timeout: Span::from_secs(30),
            tls: None,
            http2: None,
            habits: ClientHabits::default(),
            quic: crate::osi::presentation::quic::QuicClient::default(),
        }));
        let request = HttpRequest {
            method: method.to_owned(),
            path: "/old".to_owned(),
            headers: vec![
                ("Content-Type".to_owned(), "text/plain".to_owned()),
                ("Authorization".to_owned(), "Bearer x".to_owned()),
            ],
            body: Body::Text("hello".to_owned()),
            chunked: false,
        };
        let origin = Origin {
            secure: false,
            name: "bob".into(),
            port: 80,
        };
        let mut draft = Draft::new(spec, &request, origin);
        let place = draft.place.follow(location).unwrap();
        draft.redirect(StatusCode::from_u16(status).unwrap(), place);
        draft
    }

    #[test]
    fn the_method_is_kept_or_becomes_get_as_the_rfc_says() {
        for (method, status, wanted) in [
            ("POST", 301, "GET"),
            ("POST", 302, "GET"),
            ("POST", 303, "GET"),
            ("POST", 307, "POST"),
            ("POST", 308, "POST"),
            ("PUT", 301, "PUT"),
            ("PUT", 303, "GET"),
            ("HEAD", 303, "HEAD"),
            ("DELETE", 302, "DELETE"),
        ] {
            let draft = redirected(method, status, "/new");
            assert_eq!(draft.method, wanted, "{method} {status}");
            let keeps_body = wanted == method && method != "GET";
            assert_eq!(draft.body != Body::Empty, keeps_body, "{method} {status}");
        }
    }

    #[test]
    fn credentials_stay_with_their_server() {
        let names = |draft: Draft<'_>| {
            let request = draft.http1().unwrap();
            let all = request.headers().keys().map(ToString::to_string);
            all.collect::<Vec<_>>()
        };
        let here = names(redirected("PUT", 307, "/new"));
        assert!(here.contains(&"authorization".to_owned()), "{here:?}");
        let there = names(redirected("PUT", 307, "http://eve/new"));
        assert!(!there.contains(&"authorization".to_owned()), "{there:?}");
        assert!(there.contains(&"content-type".to_owned()), "{there:?}");
    }
}
