//! The user service as REST: resources, methods and status codes of HTTP, records as JSON.
//!
//! | request | answer |
//! |---|---|
//! | `GET /api/users` | 200 and a list; `?page_size=` and `?page_token=` choose |
//! | `POST /api/users` | 201 with `Location`, 409 if there is one with that number |
//! | `GET`, `HEAD /api/users/7` | 200, 404 |
//! | `PUT`, `PATCH /api/users/7` | 200, 404 |
//! | `DELETE /api/users/7` | 204, 404 |
//!
//! Content that is no JSON is answered 400, JSON that is no user 422, another media type 415, too much of
//! it 413, another method 405. PATCH takes over the fields that are not empty. Errors are problem
//! documents (RFC 9457). Not here: conditional requests, content negotiation.

use http::request::Parts;
use hyper::{
    Method, Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, WWW_AUTHENTICATE},
};

use super::{body::ContentBody, reply::add};
use crate::{
    osi::{
        application::{
            content::Content,
            spec::UserService,
            users::{Refusal, Users},
        },
        presentation::users::{JsonFault, from_json, json, pb::User},
    },
    task::Host,
};

/// Where the collection lives.
const COLLECTION: &str = "/api/users";
/// The largest record that is taken \[bytes\].
const MOST_CONTENT: usize = 64 << 10;

/// The content of a request, as far as it is wanted.
#[derive(Debug, Default)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    too_much: bool,
}

impl Kept {
    /// More of it has come.
    pub(super) fn add(&mut self, data: &[u8]) {
        self.too_much |= self.bytes.len() + data.len() > MOST_CONTENT;
        if !self.too_much {
            self.bytes.extend_from_slice(data);
        }
    }
}

/// Who answers.
#[derive(Debug)]
pub(super) struct Rest {
    spec: UserService,
    users: Users,
}

/// What is said to a request.
struct Reply {
    status: StatusCode,
    text: String,
    header: Option<(HeaderName, String)>,
}

impl Reply {
    const fn new(status: StatusCode, text: String) -> Self {
        Self {
            status,
            text,
            header: None,
        }
    }

    fn record(status: StatusCode, user: &User) -> Self {
        Self::new(status, json(user))
    }

    /// A problem document.
    fn problem(status: StatusCode, detail: &str) -> Self {
        let document = serde_json::json!({
            "title": status.canonical_reason().unwrap_or("error"),
            "status": status.as_u16(),
            "detail": detail,
        });
        Self::new(status, document.to_string())
    }

    fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::Exists(_) => StatusCode::CONFLICT,
            Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::Full => StatusCode::INSUFFICIENT_STORAGE,
        };
        Self::problem(status, &refusal.words())
    }
}

impl Rest {
    /// The service with its first users.
    pub(super) fn new(spec: UserService) -> Self {
        Self {
            users: Users::new(spec.users),
            spec,
        }
    }

    /// Answers a request with the content `content`, after some thought.
    pub(super) async fn answer(
        &self,
        host: &Host,
        head: &Parts,
        content: Kept,
    ) -> Response<ContentBody> {
        host.sleep(self.spec.think).await;
        let reply = self.admit(&head.headers);
        let reply = reply.and_then(|()| self.reply(head, &content));
        respond(reply.unwrap_or_else(|refused| refused))
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Reply> {
        match &self.spec.require {
            Some(name) if !headers.contains_key(name) => {
                let detail = format!("the request has no header `{name}`");
                let problem = Reply::problem(StatusCode::UNAUTHORIZED, &detail);
                Err(problem.with(WWW_AUTHENTICATE, "Bearer"))
            }
            _ => Ok(()),
        }
    }

    fn reply(&self, head: &Parts, content: &Kept) -> Result<Reply, Reply> {
        let path = head.uri.path();
        if path == COLLECTION {
            return self.collection(head, content);
        }
        let id = path
            .strip_prefix(COLLECTION)
            .and_then(|rest| rest.strip_prefix('/'));
        match id.map(str::parse) {
            Some(Ok(id)) => self.one(id, head, content),
            Some(Err(_)) => Err(Reply::problem(StatusCode::NOT_FOUND, "users have numbers")),
            None => Err(Reply::problem(StatusCode::NOT_FOUND, "nothing is here")),
        }
    }

    fn collection(&self, head: &Parts, content: &Kept) -> Result<Reply, Reply> {
        match head.method {
            Method::GET | Method::HEAD => {
                let page = |key| query(head.uri.query().unwrap_or_default(), key);
                let (first, most) = (page("page_token")?, page("page_size")?);
                let most = usize::try_from(most).unwrap_or(0);
                let users = self.users.list(first, most);
                let all: Vec<String> = users.iter().map(json).collect();
                Ok(Reply::new(StatusCode::OK, format!("[{}]", all.join(","))))
            }
            Method::POST => {
                let user = self.users.create(record(head, content)?)?;
                let place = format!("{COLLECTION}/{}", user.id);
                Ok(Reply::record(StatusCode::CREATED, &user).with(LOCATION, place))
            }
            _ => Err(other_method("GET, HEAD, POST")),
        }
    }

    fn one(&self, id: i32, head: &Parts, content: &Kept) -> Result<Reply, Reply> {
        // The number in the path counts, whatever stands in the record.
        let record = || record(head, content).map(|user| User { id, ..user });
        match head.method {
            Method::GET | Method::HEAD => Ok(Reply::record(StatusCode::OK, &self.users.get(id)?)),
            Method::PUT => {
                let user = self.users.replace(record()?)?;
                Ok(Reply::record(StatusCode::OK, &user))
            }
            Method::PATCH => {
                let user = self.users.update(record()?)?;
                Ok(Reply::record(StatusCode::OK, &user))
            }
            Method::DELETE => {
                self.users.delete(id)?;
                Ok(Reply::new(StatusCode::NO_CONTENT, String::new()))
            }
            _ => Err(other_method("GET, HEAD, PUT, PATCH, DELETE")),
        }
    }
}

fn other_method(allowed: &str) -> Reply {
    let problem = Reply::problem(StatusCode::METHOD_NOT_ALLOWED, "not for this resource");
    problem.with(ALLOW, allowed)
}

/// The number behind `key` in a query; 0 if it is not there.
fn query(text: &str, key: &str) -> Result<i32, Reply> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let mut found = pairs
        .filter(|(name, _)| *name == key)
        .map(|(_, value)| value);
    let number = |value: &str| match value.parse() {
        Ok(number @ 0..) => Ok(number),
        _ => {
            let detail = format!("`{key}` is not a number from 0 on");
            Err(Reply::problem(StatusCode::BAD_REQUEST, &detail))
        }
    };
    found.next_back().map_or(Ok(0), number)
}

/// The record in the content of a request.
fn record(head: &Parts, content: &Kept) -> Result<User, Reply> {
    let kind = head.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if !matches!(kind, "application/json" | "application/merge-patch+json") {
        let detail = "records are taken as application/json";
        return Err(Reply::problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    if content.too_much {
        let detail = "a record has at most 64 KiB";
        return Err(Reply::problem(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    from_json(&content.bytes).map_err(|fault| match fault {
        JsonFault::Garbled(why) => Reply::problem(StatusCode::BAD_REQUEST, &why),
        JsonFault::Unfit(why) => Reply::problem(StatusCode::UNPROCESSABLE_ENTITY, &why),
    })
}

fn respond(reply: Reply) -> Response<ContentBody> {
    let is_problem = reply.status.is_client_error() || reply.status.is_server_error();
    let kind = if is_problem {
        "application/problem+json"
    } else {
        "application/json"
    };
    let empty = reply.text.is_empty();
    let mut response = Response::new(Content::text(&reply.text).into());
    *response.status_mut() = reply.status;
    if !empty {
        add(response.headers_mut(), CONTENT_TYPE, kind);
    }
    if let Some((name, value)) = reply.header {
        add(response.headers_mut(), name, &value);
    }
    response
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn ask(rest: &Rest, method: &str, path: &str, content: &str) -> Reply {
        let request = Request::builder().method(method).uri(path);
        let kind = if content.starts_with('<') {
            "text/html"
        } else {
            "application/json; charset=utf-8"
        };
        let request = request.header(CONTENT_TYPE, kind).body(()).unwrap();
        let mut kept = Kept::default();
        kept.add(content.as_bytes());
        let reply = rest.reply(&request.into_parts().0, &kept);
        reply.unwrap_or_else(|refused| refused)
    }

    fn status(rest: &Rest, method: &str, path: &str, content: &str) -> u16 {
        ask(rest, method, path, content).status.as_u16()
    }

    fn service() -> Rest {
        Rest::new(UserService {
            users: 3,
            ..UserService::default()
        })
    }

    #[test]
    fn a_user_is_created_read_changed_and_deleted() {
        let rest = service();
        let made = ask(&rest, "POST", "/api/users", r#"{"name": "Jane Doe"}"#);
        assert_eq!(made.status, 201);
        assert_eq!(made.header.unwrap().1, "/api/users/4");
        let jane = r#"{"id":4,"name":"Jane Doe","email":"","roles":[]}"#;
        assert_eq!(ask(&rest, "GET", "/api/users/4", "").text, jane);
        let patched = ask(&rest, "PATCH", "/api/users/4", r#"{"email": "j@x"}"#);
        assert!(patched.text.contains("Jane Doe") && patched.text.contains("j@x"));
        let put = ask(&rest, "PUT", "/api/users/4", r#"{"id": 9, "name": "Joan"}"#);
        assert_eq!(put.text, r#"{"id":4,"name":"Joan","email":"","roles":[]}"#);
        assert_eq!(status(&rest, "DELETE", "/api/users/4", ""), 204);
        assert_eq!(status(&rest, "GET", "/api/users/4", ""), 404);
        let page = ask(&rest, "GET", "/api/users?page_token=2&page_size=1", "");
        assert!(page.text.starts_with(r#"[{"id":2,"#) && page.text.ends_with("}]"));
    }

    #[test]
    fn every_mistake_has_its_status() {
        let rest = service();
        for (wanted, method, path, content) in [
            (400, "POST", "/api/users", "{\"name\""),
            (400, "GET", "/api/users?page_size=-1", ""),
            (404, "GET", "/api/users/99", ""),
            (404, "GET", "/api/users/jane", ""),
            (404, "GET", "/", ""),
            (404, "PUT", "/api/users/99", r#"{"name": "J"}"#),
            (404, "PATCH", "/api/users/99", r#"{"name": "J"}"#),
            (404, "DELETE", "/api/users/99", ""),
            (405, "DELETE", "/api/users", ""),
            (405, "POST", "/api/users/1", r#"{"name": "J"}"#),
            (409, "POST", "/api/users", r#"{"id": 1, "name": "J"}"#),
            (415, "POST", "/api/users", "<user/>"),
            (422, "POST", "/api/users", r#"{"name": ""}"#),
            (422, "POST", "/api/users", r#"{"age": 7}"#),
        ] {
            assert_eq!(
                status(&rest, method, path, content),
                wanted,
                "{method} {path} {content}"
            );
        }
        let large = format!("{{\"name\": \"{}\"}}", "x".repeat(MOST_CONTENT));
        assert_eq!(status(&rest, "POST", "/api/users", &large), 413);
    }

    #[test]
    fn a_request_without_the_header_it_needs_is_challenged() {
        let rest = Rest::new(UserService {
            require: Some("authorization".to_owned()),
            ..UserService::default()
        });
        let refused = rest.admit(&HeaderMap::new()).unwrap_err();
        assert_eq!(refused.status, 401);
        assert_eq!(
            refused.header.unwrap(),
            (WWW_AUTHENTICATE, "Bearer".to_owned())
        );
    }
}
