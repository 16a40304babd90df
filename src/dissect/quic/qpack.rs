//! Header fields of HTTP/3 (RFC 9204), as far as they need no dynamic table.

use super::{super::huffman, cursor::Cursor};

/// A header field: name and value.
pub(super) type HeaderField = (String, String);

/// The fields of a field section. `None` if it is cut or refers to the dynamic table.
pub(super) fn read(section: &[u8]) -> Option<Vec<HeaderField>> {
    let mut bytes = Cursor::new(section);
    let (_, inserts) = integer(&mut bytes, 8)?;
    integer(&mut bytes, 7)?;
    if inserts != 0 {
        return None;
    }
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        fields.push(line(&mut bytes)?);
    }
    Some(fields)
}

/// One field line (section 4.5).
fn line(bytes: &mut Cursor<'_>) -> Option<HeaderField> {
    let first = *bytes.clone().take(1)?.first()?;
    match first {
        // Indexed, of the static table.
        0xc0..=0xff => {
            let (_, index) = integer(bytes, 6)?;
            let (name, value) = entry(index)?;
            Some((name.to_owned(), value.to_owned()))
        }
        // A literal value, the name from the static table.
        0x40..=0x7f if first & 0x10 != 0 => {
            let (_, index) = integer(bytes, 4)?;
            let (name, _) = entry(index)?;
            Some((name.to_owned(), string(bytes, 7)?))
        }
        // Both literal.
        0x20..=0x3f => Some((string(bytes, 3)?, string(bytes, 7)?)),
        // The rest refers to the dynamic table.
        _ => None,
    }
}

/// An integer behind a prefix of `bits` (section 4.1.1); also what stands before the prefix.
fn integer(bytes: &mut Cursor<'_>, bits: u32) -> Option<(u8, u64)> {
    let first = bytes.u8()?;
    let mask = u8::try_from((1_u32 << bits) - 1).ok()?;
    let mut value = u64::from(first & mask);
    let front = first & !mask;
    if value < u64::from(mask) {
        return Some((front, value));
    }
    for shift in (0..56).step_by(7) {
        let byte = bytes.u8()?;
        value = value.checked_add(u64::from(byte & 0x7f) << shift)?;
        if byte & 0x80 == 0 {
            return Some((front, value));
        }
    }
    None
}

/// A string whose length has a prefix of `bits`; the bit before it says whether it is in Huffman's
/// code (section 4.1.2).
fn string(bytes: &mut Cursor<'_>, bits: u32) -> Option<String> {
    let (front, len) = integer(bytes, bits)?;
    let text = bytes.take(usize::try_from(len).ok()?)?;
    let text = match front >> bits & 1 {
        0 => text.to_vec(),
        _ => huffman::decode(text)?,
    };
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn entry(index: u64) -> Option<(&'static str, &'static str)> {
    STATIC.get(usize::try_from(index).ok()?).copied()
}

/// The static table (appendix A).
#[rustfmt::skip]
const STATIC: [(&str, &str); 99] = [
    (":authority", ""),
    (":path", "/"),
    ("age", "0"),
    ("content-disposition", ""),
    ("content-length", "0"),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("referer", ""),
    ("set-cookie", ""),
    (":method", "CONNECT"),
    (":method", "DELETE"),
    (":method", "GET"),
    (":method", "HEAD"),
    (":method", "OPTIONS"),
    (":method", "POST"),
    (":method", "PUT"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "103"),
    (":status", "200"),
    (":status", "304"),
    (":status", "404"),
    (":status", "503"),
    ("accept", "*/*"),
    ("accept", "application/dns-message"),
    ("accept-encoding", "gzip, deflate, br"),
    ("accept-ranges", "bytes"),
    ("access-control-allow-headers", "cache-control"),
    ("access-control-allow-headers", "content-type"),
    ("access-control-allow-origin", "*"),
    ("cache-control", "max-age=0"),
    ("cache-control", "max-age=2592000"),
    ("cache-control", "max-age=604800"),
    ("cache-control", "no-cache"),
    ("cache-control", "no-store"),
    ("cache-control", "public, max-age=31536000"),
    ("content-encoding", "br"),
    ("content-encoding", "gzip"),
    ("content-type", "application/dns-message"),
    ("content-type", "application/javascript"),
    ("content-type", "application/json"),
    ("content-type", "application/x-www-form-urlencoded"),
    ("content-type", "image/gif"),
    ("content-type", "image/jpeg"),
    ("content-type", "image/png"),
    ("content-type", "text/css"),
    ("content-type", "text/html; charset=utf-8"),
    ("content-type", "text/plain"),
    ("content-type", "text/plain;charset=utf-8"),
    ("range", "bytes=0-"),
    ("strict-transport-security", "max-age=31536000"),
    ("strict-transport-security", "max-age=31536000; includesubdomains"),
    ("strict-transport-security", "max-age=31536000; includesubdomains; preload"),
    ("vary", "accept-encoding"),
    ("vary", "origin"),
    ("x-content-type-options", "nosniff"),
    ("x-xss-protection", "1; mode=block"),
    (":status", "100"),
    (":status", "204"),
    (":status", "206"),
    (":status", "302"),
    (":status", "400"),
    (":status", "403"),
    (":status", "421"),
    (":status", "425"),
    (":status", "500"),
    ("accept-language", ""),
    ("access-control-allow-credentials", "FALSE"),
    ("access-control-allow-credentials", "TRUE"),
    ("access-control-allow-headers", "*"),
    ("access-control-allow-methods", "get"),
    ("access-control-allow-methods", "get, post, options"),
    ("access-control-allow-methods", "options"),
    ("access-control-expose-headers", "content-length"),
    ("access-control-request-headers", "content-type"),
    ("access-control-request-method", "get"),
    ("access-control-request-method", "post"),
    ("alt-svc", "clear"),
    ("authorization", ""),
    ("content-security-policy", "script-src 'none'; object-src 'none'; base-uri 'none'"),
    ("early-data", "1"),
    ("expect-ct", ""),
    ("forwarded", ""),
    ("if-range", ""),
    ("origin", ""),
    ("purpose", "prefetch"),
    ("server", ""),
    ("timing-allow-origin", "*"),
    ("upgrade-insecure-requests", "1"),
    ("user-agent", ""),
    ("x-forwarded-for", ""),
    ("x-frame-options", "deny"),
    ("x-frame-options", "sameorigin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn told(section: &[u8]) -> Option<Vec<String>> {
        let fields = read(section)?;
        Some(
            fields
                .into_iter()
                .map(|(n, v)| format!("{n}: {v}"))
                .collect(),
        )
    }

    #[test]
    fn the_example_of_the_rfc_comes_out() {
        // RFC 9204, appendix B.1: `:path` from the static table (name 1), the value literal.
        let section = [&[0, 0, 0x51, 0x0b], b"/index.html".as_slice()].concat();
        assert_eq!(told(&section).unwrap(), [":path: /index.html"]);
    }

    #[test]
    fn indexed_and_literal_lines_are_read() {
        // 17 is `:method: GET`, 25 `:status: 200`; a literal name "x-a" (3 bytes, plain) with the value
        // "302" in Huffman's code (RFC 7541, appendix C.6.1: 6402).
        let mut section = vec![0, 0, 0xc0 | 17, 0xc0 | 25, 0x23];
        section.extend(b"x-a");
        section.extend([0x82, 0x64, 0x02]);
        let wanted = [":method: GET", ":status: 200", "x-a: 302"];
        assert_eq!(told(&section).unwrap(), wanted);
    }

    #[test]
    fn what_refers_to_the_dynamic_table_is_not_guessed() {
        assert_eq!(told(&[0, 0, 0x80]), None);
        assert_eq!(told(&[2, 0, 0xc0 | 17]), None);
        assert_eq!(told(&[0, 0, 0x51, 0x0b, b'/']), None);
    }

    #[test]
    fn long_integers_go_on_in_the_next_bytes() {
        // Index 98, the last: 63 in the prefix of six bits, and 35 behind it.
        assert_eq!(
            told(&[0, 0, 0xff, 35]).unwrap(),
            ["x-frame-options: sameorigin"]
        );
    }
}
