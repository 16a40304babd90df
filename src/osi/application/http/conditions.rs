//! Conditional requests (RFC 9110, section 13): is what the client has still good, and is what it
//! wants to change still what it saw?
//!
//! Not here: `If-Range`, as there are no ranges.

use hyper::{
    Method,
    header::{
        ETAG, HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
        IF_UNMODIFIED_SINCE, LAST_MODIFIED,
    },
};

use super::date::parse_http_date;

/// What the conditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They hold, or there are none: the method is carried out.
    Proceed,
    /// The client has it already: 304.
    NotModified,
    /// It has changed meanwhile: 412.
    Failed,
}

/// Judges the conditions in `asked` by the entity tag and the date in `given`, the headers of the
/// answer without conditions, in the order of RFC 9110, section 13.2.2.
pub(super) fn judge(method: &Method, asked: &HeaderMap, given: &HeaderMap) -> Verdict {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let tag = text(given, ETAG);
    let modified = text(given, LAST_MODIFIED).and_then(parse_http_date);
    let since = |name| text(asked, name).and_then(parse_http_date).zip(modified);
    if let Some(tags) = text(asked, IF_MATCH) {
        if !lists(tags, tag, true) {
            return Verdict::Failed;
        }
    } else if let Some((since, modified)) = since(IF_UNMODIFIED_SINCE)
        && modified > since
    {
        return Verdict::Failed;
    }
    if let Some(tags) = text(asked, IF_NONE_MATCH) {
        return match (lists(tags, tag, false), reads) {
            (false, _) => Verdict::Proceed,
            (true, true) => Verdict::NotModified,
            (true, false) => Verdict::Failed,
        };
    }
    match since(IF_MODIFIED_SINCE) {
        Some((since, modified)) if reads && modified <= since => Verdict::NotModified,
        _ => Verdict::Proceed,
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// True if `own` is one of the entity tags in `list`, or if that is `*`. By the strong comparison
/// (RFC 9110, section 8.8.3.2) a weak tag is like no other.
fn lists(list: &str, own: Option<&str>, strong: bool) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let Some((own_weak, own)) = own.and_then(|own| tags(own).next()) else {
        return false;
    };
    tags(list).any(|(weak, tag)| tag == own && !(strong && (weak || own_weak)))
}

/// The entity tags of a list, and whether they are weak. A tag may have commas in it.
fn tags(list: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = list;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let weak = rest.starts_with("W/");
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let end = quoted.find('"')?;
        rest = &quoted[end + 1..];
        Some((weak, &quoted[..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let lines = lines.iter().map(|(n, v)| (n.clone(), v.parse().unwrap()));
        lines.collect()
    }

    fn judged(method: &str, asked: &[(HeaderName, &str)]) -> Verdict {
        let given = headers(&[
            (ETAG, "\"v2\""),
            (LAST_MODIFIED, "Wed, 01 Jan 2025 00:00:00 GMT"),
        ]);
        judge(&method.parse().unwrap(), &headers(asked), &given)
    }

    const EARLIER: &str = "Tue, 31 Dec 2024 23:59:59 GMT";
    const SAME: &str = "Wed, 01 Jan 2025 00:00:00 GMT";

    #[test]
    fn a_tag_that_matches_is_not_sent_again() {
        for (tags, verdict) in [
            ("\"v2\"", Verdict::NotModified),
            ("W/\"v2\"", Verdict::NotModified),
            ("\"v1\", \"v2\"", Verdict::NotModified),
            ("*", Verdict::NotModified),
            ("\"v1\"", Verdict::Proceed),
            ("\"a,\\\"v2\"", Verdict::Proceed),
            ("v2", Verdict::Proceed),
        ] {
            assert_eq!(judged("GET", &[(IF_NONE_MATCH, tags)]), verdict, "{tags}");
        }
        // With another method the same condition guards against overwriting.
        assert_eq!(judged("PUT", &[(IF_NONE_MATCH, "*")]), Verdict::Failed);
    }

    #[test]
    fn a_date_counts_only_without_a_tag() {
        assert_eq!(
            judged("GET", &[(IF_MODIFIED_SINCE, SAME)]),
            Verdict::NotModified
        );
        assert_eq!(
            judged("GET", &[(IF_MODIFIED_SINCE, EARLIER)]),
            Verdict::Proceed
        );
        assert_eq!(
            judged("POST", &[(IF_MODIFIED_SINCE, SAME)]),
            Verdict::Proceed
        );
        assert_eq!(
            judged("GET", &[(IF_MODIFIED_SINCE, "yesterday")]),
            Verdict::Proceed
        );
        let both = [(IF_NONE_MATCH, "\"v1\""), (IF_MODIFIED_SINCE, SAME)];
        assert_eq!(judged("GET", &both), Verdict::Proceed);
    }

    #[test]
    fn a_change_needs_what_the_client_saw() {
        assert_eq!(judged("PUT", &[(IF_MATCH, "\"v2\"")]), Verdict::Proceed);
        assert_eq!(judged("PUT", &[(IF_MATCH, "*")]), Verdict::Proceed);
        assert_eq!(judged("PUT", &[(IF_MATCH, "\"v1\"")]), Verdict::Failed);
        assert_eq!(judged("PUT", &[(IF_MATCH, "W/\"v2\"")]), Verdict::Failed);
        assert_eq!(
            judged("PUT", &[(IF_UNMODIFIED_SINCE, SAME)]),
            Verdict::Proceed
        );
        assert_eq!(
            judged("PUT", &[(IF_UNMODIFIED_SINCE, EARLIER)]),
            Verdict::Failed
        );
    }

    #[test]
    fn what_has_no_tag_matches_none() {
        let asked = headers(&[(IF_MATCH, "\"v2\"")]);
        let verdict = judge(&Method::PUT, &asked, &HeaderMap::new());
        assert_eq!(verdict, Verdict::Failed);
    }
}
