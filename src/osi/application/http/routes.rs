//! Which of a server's routes answers a request.

use crate::osi::application::spec::HttpRoute;

/// What the routes say to a request.
#[derive(Debug)]
pub(super) enum Choice {
    /// The one with this place in the list answers.
    Route(usize),
    /// The path is there, but not for this method; these are allowed (RFC 9110, section 15.5.6).
    OtherMethods(String),
    /// No route has this path.
    NotFound,
}

/// The first route for `method` and `path`. A route for `GET` answers `HEAD` as well (RFC 9110,
/// section 9.3.2).
pub(super) fn choose<'a>(
    routes: impl Iterator<Item = &'a HttpRoute> + Clone,
    method: &str,
    path: &str,
) -> Choice {
    let fits = |r: &'a HttpRoute| has_path(r, path) && takes(r, method);
    if let Some(place) = routes.clone().position(fits) {
        return Choice::Route(place);
    }
    let here = || routes.clone().filter(|r| has_path(r, path));
    let mut allowed = Vec::new();
    for method in here().filter_map(|r| r.method.as_deref()) {
        allow(&mut allowed, method);
        if method == "GET" {
            allow(&mut allowed, "HEAD");
        }
    }
    match allowed.as_slice() {
        [] => Choice::NotFound,
        allowed => Choice::OtherMethods(allowed.join(", ")),
    }
}

fn has_path(route: &HttpRoute, path: &str) -> bool {
    match route.path.strip_suffix('*') {
        Some(prefix) => path.starts_with(prefix),
        None => route.path == path,
    }
}

fn takes(route: &HttpRoute, method: &str) -> bool {
    match route.method.as_deref() {
        None => true,
        Some("GET") => matches!(method, "GET" | "HEAD"),
        Some(only) => only == method,
    }
}

fn allow<'a>(allowed: &mut Vec<&'a str>, method: &'a str) {
    if !allowed.contains(&method) {
        allowed.push(method);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        osi::application::spec::{Body, RouteRules},
        units::Span,
    };

    fn route(method: Option<&str>, path: &str, status: u16) -> HttpRoute {
        HttpRoute {
            path: path.to_owned(),
            method: method.map(str::to_owned),
            status,
            headers: Vec::new(),
            body: Body::Empty,
            think: Span::ZERO,
            rules: RouteRules::default(),
            push: Vec::new(),
        }
    }

    fn answer(method: &str, path: &str) -> String {
        let routes = [
            route(Some("GET"), "/users/1", 200),
            route(Some("DELETE"), "/users/1", 204),
            route(Some("POST"), "/users", 201),
            route(None, "/old/*", 301),
            route(Some("GET"), "/old/new", 200),
        ];
        match choose(routes.iter(), method, path) {
            Choice::Route(place) => routes[place].status.to_string(),
            Choice::OtherMethods(allowed) => allowed,
            Choice::NotFound => "not found".to_owned(),
        }
    }

    #[test]
    fn the_first_route_that_fits_answers() {
        assert_eq!(answer("GET", "/users/1"), "200");
        assert_eq!(answer("DELETE", "/users/1"), "204");
        assert_eq!(answer("PUT", "/old/page"), "301");
        assert_eq!(answer("GET", "/old/new"), "301");
    }

    #[test]
    fn head_is_answered_where_get_is() {
        assert_eq!(answer("HEAD", "/users/1"), "200");
        assert_eq!(answer("HEAD", "/users"), "POST");
    }

    #[test]
    fn a_known_path_with_another_method_lists_what_is_allowed() {
        assert_eq!(answer("PUT", "/users/1"), "GET, HEAD, DELETE");
        assert_eq!(answer("PUT", "/users"), "POST");
        assert_eq!(answer("GET", "/users/2"), "not found");
        assert_eq!(answer("GET", "/users/1/x"), "not found");
    }
}
