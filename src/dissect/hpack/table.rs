//! The two tables of HPACK (RFC 7541, section 2.3): the fixed one of appendix A, and behind it the fields
//! that were sent before, the newest first.

use std::collections::VecDeque;

use super::HeaderField;

/// The size that a table has unless the two sides agree on another \[bytes\].
const USUAL_SIZE: usize = 4096;
/// What an entry counts beside its text (section 4.1).
const OVERHEAD: usize = 32;

/// The fields that were sent before.
#[derive(Debug)]
pub(super) struct Table {
    entries: VecDeque<HeaderField>,
    size: usize,
    most: usize,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
            size: 0,
            most: USUAL_SIZE,
        }
    }
}

impl Table {
    /// The size by the count of section 4.1 \[bytes\].
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// The field with this number, from 1.
    pub(super) fn get(&self, number: usize) -> Option<HeaderField> {
        let at = number.checked_sub(1)?;
        match FIXED.get(at) {
            Some((name, value)) => Some(((*name).to_owned(), (*value).to_owned())),
            None => self.entries.get(at - FIXED.len()).cloned(),
        }
    }

    /// Puts a field in front; one that is larger than the table empties it (section 4.4).
    pub(super) fn insert(&mut self, field: HeaderField) {
        let size = size_of(&field);
        self.shrink(self.most.saturating_sub(size));
        if size <= self.most {
            self.size += size;
            self.entries.push_front(field);
        }
    }

    /// Sets how large it may be.
    pub(super) fn resize(&mut self, most: usize) {
        self.most = most;
        self.shrink(most);
    }

    /// Takes the oldest out until what is left has `most` bytes.
    fn shrink(&mut self, most: usize) {
        while self.size > most {
            let oldest = self.entries.pop_back();
            self.size -= oldest.as_ref().map_or(self.size, size_of);
        }
    }
}

fn size_of((name, value): &HeaderField) -> usize {
    name.len() + value.len() + OVERHEAD
}

/// Appendix A.
const FIXED: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];
