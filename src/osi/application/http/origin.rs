//! Where a request goes: scheme, server, port and path, and where a redirect leads from there.
//!
//! References are resolved as RFC 3986, section 5, says, as far as `http` and `https` need it. Not
//! here: user names in URIs, IPv6 literals.

use std::sync::Arc;

/// A server (RFC 9110, section 4.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// `https` instead of `http`.
    pub(super) secure: bool,
    /// Its name, or its address as text.
    pub(super) name: Arc<str>,
    pub(super) port: u16,
}

impl Origin {
    /// "http" or "https".
    pub(super) const fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// What stands in the Host header: the port only if it is not the usual one.
    pub(super) fn authority(&self) -> String {
        match self.port {
            port if port == usual_port(self.secure) => self.name.to_string(),
            port => format!("{}:{port}", self.name),
        }
    }
}

const fn usual_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// A resource of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) origin: Origin,
    /// Path and query.
    pub(super) path: String,
}

impl Place {
    /// Where `reference` leads from here; `None` if it is no reference of HTTP.
    pub(super) fn follow(&self, reference: &str) -> Option<Self> {
        let reference = reference.split('#').next().unwrap_or_default().trim();
        if !reference.is_ascii() || reference.contains(char::is_whitespace) {
            return None;
        }
        if let Some((scheme, rest)) = reference.split_once("://") {
            let secure = match scheme.to_ascii_lowercase().as_str() {
                "http" => false,
                "https" => true,
                _ => return None,
            };
            return Self::absolute(secure, rest);
        }
        if let Some(rest) = reference.strip_prefix("//") {
            return Self::absolute(self.origin.secure, rest);
        }
        let path = if reference.is_empty() {
            self.path.clone()
        } else if reference.starts_with('/') {
            without_dots(reference)
        } else if reference.starts_with('?') {
            let path = self.path.split('?').next().unwrap_or_default();
            format!("{path}{reference}")
        } else {
            let path = self.path.split('?').next().unwrap_or_default();
            let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
            without_dots(&format!("{folder}{reference}"))
        };
        Some(Self {
            origin: self.origin.clone(),
            path,
        })
    }

    /// `server:port/path`.
    fn absolute(secure: bool, rest: &str) -> Option<Self> {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (name, port) = match authority.split_once(':') {
            Some((name, "")) => (name, usual_port(secure)),
            Some((name, port)) => (name, port.parse().ok()?),
            None => (authority, usual_port(secure)),
        };
        if name.is_empty() || name.contains('@') || port == 0 {
            return None;
        }
        let path = match path.as_bytes().first() {
            Some(b'/') => without_dots(path),
            _ => format!("/{path}"),
        };
        Some(Self {
            origin: Origin {
                secure,
                name: name.into(),
                port,
            },
            path,
        })
    }
}

/// A path without `.` and `..` (RFC 3986, section 5.2.4).
fn without_dots(reference: &str) -> String {
    let (path, query) = match reference.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (reference, None),
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    let path = format!("/{}", kept.join("/"));
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Place {
        Place {
            origin: Origin {
                secure: false,
                name: "bob".into(),
                port: 8080,
            },
            path: "/a/b/c?x=1".to_owned(),
        }
    }

    fn led(reference: &str) -> String {
        match here().follow(reference) {
            Some(Place { origin, path }) => {
                format!("{}://{}{path}", origin.scheme(), origin.authority())
            }
            None => "nowhere".to_owned(),
        }
    }

    #[test]
    fn references_are_resolved_as_the_rfc_resolves_them() {
        // The shapes of RFC 3986, section 5.4.
        for (reference, target) in [
            ("/new", "http://bob:8080/new"),
            ("d", "http://bob:8080/a/b/d"),
            ("./d", "http://bob:8080/a/b/d"),
            ("../d", "http://bob:8080/a/d"),
            ("../../../d", "http://bob:8080/d"),
            ("..", "http://bob:8080/a/"),
            ("?y=2", "http://bob:8080/a/b/c?y=2"),
            ("", "http://bob:8080/a/b/c?x=1"),
            ("#part", "http://bob:8080/a/b/c?x=1"),
            ("//eve/x", "http://eve/x"),
            ("http://eve", "http://eve/"),
            ("HTTPS://eve:444/x/../y?q", "https://eve:444/y?q"),
            ("https://eve:/x", "https://eve/x"),
            ("http://eve?q", "http://eve/?q"),
        ] {
            assert_eq!(led(reference), target, "{reference}");
        }
    }

    #[test]
    fn what_is_no_reference_of_http_leads_nowhere() {
        for reference in [
            "ftp://eve/",
            "http:///x",
            "http://a b/",
            "http://me@eve/",
            "http://e:x/",
        ] {
            assert_eq!(led(reference), "nowhere", "{reference}");
        }
    }
}
