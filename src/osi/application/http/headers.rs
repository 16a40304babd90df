//! Headers as the scenario file has them.

use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};

/// Puts the file's headers over the usual ones. A name that stands there several times is sent
/// several times. The length is never taken from the file: it is counted.
pub(super) fn apply(headers: &mut HeaderMap, from_file: &[(String, String)]) -> Result<(), String> {
    let mut seen = Vec::new();
    for (name, value) in from_file {
        let (name, value) = check(name, value)?;
        if name == CONTENT_LENGTH {
            continue;
        }
        if seen.contains(&name) {
            headers.append(name, value);
        } else {
            headers.insert(name.clone(), value);
            seen.push(name);
        }
    }
    Ok(())
}

fn check(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let bytes = name.as_bytes();
    let checked = HeaderName::from_bytes(bytes)
        .map_err(|_| format!("`{name}` is not a header name: letters, digits and hyphens"))?;
    let value = HeaderValue::from_str(value)
        .map_err(|_| format!("the value of header `{name}` is not printable ASCII"))?;
    Ok((checked, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(from_file: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let mut headers = HeaderMap::new();
        headers.insert("server", HeaderValue::from_static("netsim"));
        let owned: Vec<_> = from_file
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        apply(&mut headers, &owned)?;
        let line = |(n, v): (&HeaderName, &HeaderValue)| format!("{n}: {}", v.to_str().unwrap());
        Ok(headers.iter().map(line).collect())
    }

    #[test]
    fn a_header_of_the_file_replaces_the_usual_one_and_may_come_twice() {
        let lines = applied(&[
            ("Server", "teapot"),
            ("Set-Cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("Content-Length", "7"),
        ]);
        let wanted = ["server: teapot", "set-cookie: a=1", "set-cookie: b=2"];
        assert_eq!(lines.unwrap(), wanted);
    }

    #[test]
    fn what_is_no_header_is_told() {
        assert!(
            applied(&[("no name", "x")])
                .unwrap_err()
                .contains("`no name`")
        );
        assert!(applied(&[("x", "two\nlines")]).unwrap_err().contains("`x`"));
    }
}
