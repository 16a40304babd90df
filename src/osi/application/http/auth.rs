//! The authentication scheme Basic (RFC 7617): user and password, in base64 and in clear text.

use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::header::{AUTHORIZATION, HeaderMap};

/// What stands in `Authorization` for `user:password`.
pub(super) fn basic(credentials: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(credentials))
}

/// True if a request shows these credentials. The scheme's letter case does not matter.
pub(super) fn shows(headers: &HeaderMap, credentials: &str) -> bool {
    let value = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    let Some((scheme, token)) = value.and_then(|v| v.split_once(' ')) else {
        return false;
    };
    let shown = BASE64_STANDARD.decode(token.trim());
    scheme.eq_ignore_ascii_case("basic") && shown.is_ok_and(|s| s == credentials.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_comes_out() {
        // RFC 7617, section 2.
        let wanted = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
        assert_eq!(basic("Aladdin:open sesame"), wanted);
        let mut headers = HeaderMap::new();
        assert!(!shows(&headers, "Aladdin:open sesame"));
        headers.insert(AUTHORIZATION, wanted.parse().unwrap());
        assert!(shows(&headers, "Aladdin:open sesame"));
        assert!(!shows(&headers, "Aladdin:close sesame"));
        headers.insert(AUTHORIZATION, "Bearer QWxh".parse().unwrap());
        assert!(!shows(&headers, "Ala"));
    }
}
