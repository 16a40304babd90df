//! The keys of `http`.

use super::timeout;
use crate::{
    osi::application::spec::{HttpClient, HttpVersion},
    scenario::{
        lower::{http, http2, quic, ranges, tls, web},
        schema::Traffic,
        text::Findings,
    },
    units::Span,
};

/// What requests are made, and how.
pub(super) fn http_client(keys: &Traffic, qlog: bool, findings: &mut Findings) -> HttpClient {
    if let (Some(one), Some(several)) = (&keys.request.place, &keys.requests.place) {
        findings
            .error(
                several.clone(),
                "`request` and `requests` exclude each other",
            )
            .also(Some(one.clone()), "here");
    }
    if keys.requests.place.is_some() && keys.requests.items.is_empty() {
        findings.error(keys.requests.place.clone(), "`requests` has no request");
    }
    let several = keys.requests.items.iter();
    let mut requests: Vec<_> = several.map(|r| http::request(r, findings)).collect();
    if requests.is_empty() {
        requests.push(http::request(&keys.request, findings));
    }
    let version = keys.version.read(findings).unwrap_or_default();
    let mut tls = tls::client(&keys.tls, Some(version), findings);
    if version == HttpVersion::Http3 {
        tls = quic::client_tls(tls, &keys.tls, keys.version.place(), findings);
    }
    let usual_port = if tls.is_some() { 443 } else { 80 };
    let keep_alive = keys.keep_alive.read(findings).unwrap_or(true);
    HttpClient {
        http2: http2::client(&keys.http2, version, keep_alive, findings),
        version,
        port: ranges::port(&keys.port, usual_port, findings),
        requests,
        keep_alive,
        timeout: timeout(keys, Span::from_secs(30), findings),
        tls,
        habits: web::habits(keys, version, findings),
        quic: quic::client(&keys.quic, version, qlog, findings),
    }
}
