//! The user service: what clients ask over gRPC and as REST, and what servers offer.

use crate::{
    osi::{
        application::spec::{
            Body, ClientHabits, GrpcCall, GrpcClient, GrpcMethod, HttpClient, HttpRequest,
            HttpVersion, RestMethod, UserService,
        },
        presentation::users::{json, pb::User, sample},
    },
    scenario::{
        limits::MAX_USERS,
        schema::{Call, CallWord, Server, Table, Traffic},
        text::{Findings, Place},
    },
    units::Span,
};

use super::{app::timeout, http, quic, ranges, tls};

/// Where gRPC servers usually listen.
pub(super) const GRPC_PORT: u16 = 50051;

/// How many calls or messages one `call` may stand for.
const MOST_CALLS: u32 = 10_000;
/// How many all of an entry may stand for.
const MOST_CALLS_OF_ALL: u64 = 100_000;

/// `app = "grpc"`.
pub(super) fn grpc_client(keys: &Traffic, findings: &mut Findings) -> GrpcClient {
    let calls = calls(keys, findings);
    let calls = calls.iter().filter_map(|call| grpc_call(call, findings));
    GrpcClient {
        calls: calls.collect(),
        port: ranges::port(&keys.port, GRPC_PORT, findings),
        timeout: timeout(keys, Span::from_secs(30), findings),
        tls: tls::client(&keys.tls, Some(HttpVersion::Http2), findings),
    }
}

/// `app = "rest"`.
pub(super) fn rest_client(keys: &Traffic, qlog: bool, findings: &mut Findings) -> HttpClient {
    let calls = calls(keys, findings);
    let requests = calls.iter().flat_map(|call| rest_call(call, findings));
    let requests = requests.collect();
    let version = keys.version.read(findings).unwrap_or_default();
    let mut tls = tls::client(&keys.tls, Some(version), findings);
    if version == HttpVersion::Http3 {
        tls = quic::client_tls(tls, &keys.tls, keys.version.place(), findings);
    }
    let usual_port = if tls.is_some() { 443 } else { 80 };
    HttpClient {
        http2: None,
        version,
        port: ranges::port(&keys.port, usual_port, findings),
        requests,
        keep_alive: keys.keep_alive.read(findings).unwrap_or(true),
        timeout: timeout(keys, Span::from_secs(30), findings),
        tls,
        habits: ClientHabits::default(),
        quic: quic::client(&keys.quic, version, qlog, findings),
    }
}

/// What a server of users offers.
pub(super) fn service(keys: &Server, findings: &mut Findings) -> UserService {
    let usual = UserService::default();
    UserService {
        users: ranges::within(&keys.records, "records", 0..=MAX_USERS, findings)
            .unwrap_or(usual.users),
        think: ranges::span(&keys.think, "think", findings).unwrap_or(usual.think),
        require: keys.require.read(findings).map(|name| {
            if !http::is_token(&name) {
                findings.error(
                    keys.require.place(),
                    format!("{name:?} is not the name of a header"),
                );
            }
            name.to_lowercase()
        }),
    }
}

/// The calls of the file; one user is read if it does not say.
fn calls(keys: &Traffic, findings: &mut Findings) -> Vec<Table<Call>> {
    if keys.call.place.is_none() {
        return vec![Table::default()];
    }
    if keys.call.items.is_empty() {
        findings.error(keys.call.place.clone(), "`call` has no call");
    }
    let counts = keys.call.items.iter().map(|call| call.value.count.peek());
    let all: u64 = counts.map(|n| u64::from(n.copied().unwrap_or(1))).sum();
    if all > MOST_CALLS_OF_ALL {
        let message = format!("this makes {all} calls; at most {MOST_CALLS_OF_ALL} are possible");
        findings.error(keys.call.place.clone(), message);
        return Vec::new();
    }
    keys.call.items.clone()
}

/// What a call does: its word, or `get` where nothing is written at all.
fn word(call: &Table<Call>, findings: &mut Findings) -> Option<CallWord> {
    let method = &call.value.method;
    if call.place.is_none() {
        return Some(CallWord::Get);
    }
    if !method.is_given() {
        findings
            .missing(call.place.clone(), "this call has no `method`")
            .help("write `method = \"get\"`, or one of list, create, update");
    }
    method.read(findings)
}

/// Refuses keys that mean nothing to the method of a call.
fn refuse(keys: &[(&str, Option<Place>)], method: &str, findings: &mut Findings) {
    for (key, place) in keys {
        if let Some(place) = place {
            let message = format!("`{key}` means nothing to {method}");
            findings.error(place.clone(), message);
        }
    }
}

fn grpc_call(call: &Table<Call>, findings: &mut Findings) -> Option<GrpcCall> {
    let keys = &call.value;
    let method = match word(call, findings)? {
        CallWord::Get => GrpcMethod::GetUser,
        CallWord::List => GrpcMethod::ListUsers,
        CallWord::Create => GrpcMethod::CreateUser,
        CallWord::Update => GrpcMethod::UpdateUser,
        CallWord::Import => GrpcMethod::ImportUsers,
        CallWord::Replace | CallWord::Delete => {
            findings
                .error(keys.method.place(), "the gRPC service has no such call")
                .help("its calls: get, list, create, update, import");
            return None;
        }
    };
    let name = method.name();
    refuse(&[("body", keys.body.place())], name, findings);
    if !method.server_streams() {
        refuse(
            &[("cancel_after", keys.cancel_after.place())],
            name,
            findings,
        );
    }
    if !matches!(method, GrpcMethod::UpdateUser | GrpcMethod::ImportUsers) {
        refuse(&[("interval", keys.interval.place())], name, findings);
    }
    if matches!(method, GrpcMethod::GetUser | GrpcMethod::ListUsers) {
        refuse(&[("name", keys.name.place())], name, findings);
    }
    Some(GrpcCall {
        method,
        id: id(keys, findings),
        count: count(keys, method == GrpcMethod::ListUsers, findings),
        interval: ranges::span(&keys.interval, "interval", findings).unwrap_or_default(),
        name: keys.name.read(findings),
        deadline: ranges::positive_span(&keys.deadline, "deadline", findings),
        metadata: metadata(keys, findings),
        cancel_after: ranges::within(&keys.cancel_after, "cancel_after", 0..=MOST_CALLS, findings),
    })
}

/// Names in lower case, as HTTP/2 has them.
fn metadata(keys: &Call, findings: &mut Findings) -> Vec<(String, String)> {
    for (name, _) in &keys.metadata.0 {
        let lower = name.text.to_lowercase();
        if lower.starts_with("grpc-") || lower.ends_with("-bin") || lower == "te" {
            findings
                .error(name.place.clone(), format!("`{}` is no metadata of a caller", name.text))
                .help("names that begin with `grpc-` belong to gRPC, those that end in `-bin` hold bytes");
        }
    }
    let pairs = http::headers(&keys.metadata.0, findings);
    let lower = pairs
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), value));
    lower.collect()
}

fn id(keys: &Call, findings: &mut Findings) -> i32 {
    let id = ranges::within(&keys.id, "id", 0..=i32::MAX.unsigned_abs(), findings);
    id.and_then(|id| i32::try_from(id).ok()).unwrap_or(1)
}

fn count(keys: &Call, lists: bool, findings: &mut Findings) -> u32 {
    let least = u32::from(!lists);
    let usual = if lists { 10 } else { 1 };
    ranges::within(&keys.count, "count", least..=MOST_CALLS, findings).unwrap_or(usual)
}

fn rest_call(call: &Table<Call>, findings: &mut Findings) -> Vec<HttpRequest> {
    let keys = &call.value;
    let Some(method) = word(call, findings).and_then(|word| rest_method(word, keys, findings))
    else {
        return Vec::new();
    };
    let writes = matches!(
        method,
        RestMethod::Create | RestMethod::Replace | RestMethod::Update
    );
    let foreign = [
        ("interval", keys.interval.place()),
        ("deadline", keys.deadline.place()),
        ("cancel_after", keys.cancel_after.place()),
    ];
    refuse(&foreign, "REST", findings);
    if !writes {
        let foreign = [("name", keys.name.place()), ("body", keys.body.place())];
        refuse(&foreign, "a request without content", findings);
    }
    let (first, count) = (
        id(keys, findings),
        count(keys, method == RestMethod::List, findings),
    );
    let headers = http::headers(&keys.metadata.0, findings);
    let (name, text) = (keys.name.read(findings), keys.body.read(findings));
    let times = if method == RestMethod::List { 1 } else { count };
    (0..times)
        .map(|n| {
            let id = if first == 0 {
                0
            } else {
                first.saturating_add_unsigned(n)
            };
            let record = || json(&record(id, name.as_deref()));
            HttpRequest {
                chunked: false,
                method: verb(method).to_owned(),
                path: path(method, id, count),
                headers: with_usual(&headers, writes),
                body: match writes {
                    true => Body::Text(text.clone().unwrap_or_else(record)),
                    false => Body::Empty,
                },
            }
        })
        .collect()
}

fn rest_method(word: CallWord, keys: &Call, findings: &mut Findings) -> Option<RestMethod> {
    Some(match word {
        CallWord::Get => RestMethod::Get,
        CallWord::List => RestMethod::List,
        CallWord::Create => RestMethod::Create,
        CallWord::Replace => RestMethod::Replace,
        CallWord::Update => RestMethod::Update,
        CallWord::Delete => RestMethod::Delete,
        CallWord::Import => {
            findings
                .error(
                    keys.method.place(),
                    "REST has no streams: `import` is a call of gRPC",
                )
                .help("write `method = \"create\"` with a `count`");
            return None;
        }
    })
}

const fn verb(method: RestMethod) -> &'static str {
    match method {
        RestMethod::Get | RestMethod::List => "GET",
        RestMethod::Create => "POST",
        RestMethod::Replace => "PUT",
        RestMethod::Update => "PATCH",
        RestMethod::Delete => "DELETE",
    }
}

fn path(method: RestMethod, id: i32, count: u32) -> String {
    match method {
        RestMethod::Create => "/api/users".to_owned(),
        RestMethod::List if id > 1 => format!("/api/users?page_size={count}&page_token={id}"),
        RestMethod::List => format!("/api/users?page_size={count}"),
        _ => format!("/api/users/{id}"),
    }
}

/// The headers that every client of a JSON service sends, unless the file has its own.
fn with_usual(given: &[(String, String)], writes: bool) -> Vec<(String, String)> {
    let usual = [("Accept", true), ("Content-Type", writes)];
    let usual = usual.iter().filter(|(name, wanted)| {
        *wanted && !given.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    });
    let usual = usual.map(|(name, _)| ((*name).to_owned(), "application/json".to_owned()));
    usual.chain(given.iter().cloned()).collect()
}

fn record(id: i32, name: Option<&str>) -> User {
    let user = sample(id);
    let name = name.map_or_else(|| user.name.clone(), str::to_owned);
    User { name, ..user }
}
