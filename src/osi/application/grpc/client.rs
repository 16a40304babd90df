//! The gRPC client: calls with their times, one after the other on one connection.
//!
//! A deadline counts from the start of the call, so connecting is part of it. A call that is cancelled
//! or that runs into its deadline resets its stream (RST_STREAM, CANCEL); the connection stays.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::stream::{self, Stream};
use prost::Message;
use tonic::{
    Request, Status, Streaming,
    metadata::{MetadataKey, MetadataValue},
};

use super::transport::{Transport, explain};
use crate::{
    osi::{
        application::{
            program::Program,
            report::{GrpcExchange, grpc_status_name},
            reports::Open,
            secure::{Dialled, Handshake},
            spec::{GrpcCall, GrpcClient, GrpcMethod},
        },
        presentation::users::{
            json_size,
            pb::{GetUserRequest, ListUsersRequest, User, user_service_client::UserServiceClient},
            sample,
        },
    },
    task::Host,
    units::{SimTime, Span},
};

/// Makes all calls of one repetition.
pub(in crate::osi::application) async fn call_all(program: &Program, spec: &GrpcClient) {
    let mut link = None;
    for call in &spec.calls {
        for id in ids(call) {
            Errand::begin(program, spec, call, id)
                .carry_out(&mut link)
                .await;
        }
    }
}

/// The users that the calls are about; a call that streams is one.
fn ids(call: &GrpcCall) -> impl Iterator<Item = i32> + use<> {
    let calls = match call.method {
        GrpcMethod::GetUser | GrpcMethod::CreateUser => call.count,
        _ => 1,
    };
    let id = call.id;
    // Without numbers, the server gives them.
    (0..calls).map(move |n| if id == 0 { 0 } else { later(id, n) })
}

fn later(id: i32, count: u32) -> i32 {
    id.saturating_add_unsigned(count)
}

/// An open connection to the server.
struct Link {
    transport: Transport,
    /// The handshake of TLS, until the first call has told of it.
    fresh_tls: Option<Handshake>,
}

/// What the client has sent in a call.
#[derive(Debug, Default)]
struct Sent {
    messages: AtomicU64,
    bytes: AtomicU64,
    json_bytes: AtomicU64,
}

impl Sent {
    /// One message leaves.
    fn note(&self, message: &impl Message, json: u64) {
        self.messages.fetch_add(1, Relaxed);
        self.bytes.fetch_add(message.encoded_len() as u64, Relaxed);
        self.json_bytes.fetch_add(json, Relaxed);
    }
}

/// Why a call ended without the server's OK.
enum Failure {
    /// By a word of gRPC.
    Status(Status),
    /// The connection failed, in words.
    Broken(String),
    /// Too late.
    Late,
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        match status.source() {
            Some(source) => Self::Broken(explain(source)),
            None => Self::Status(status),
        }
    }
}

/// A call that has begun, and its place in the report.
struct Errand<'a> {
    program: &'a Program,
    spec: &'a GrpcClient,
    call: &'a GrpcCall,
    id: i32,
    started: SimTime,
    sent: Arc<Sent>,
    open: Open<GrpcExchange>,
}

impl<'a> Errand<'a> {
    fn begin(program: &'a Program, spec: &'a GrpcClient, call: &'a GrpcCall, id: i32) -> Self {
        let started = program.now();
        let method = call.method.name();
        program.started(method);
        Self {
            program,
            spec,
            call,
            id,
            started,
            sent: Arc::default(),
            open: program.entry.open(GrpcExchange::new(method, started)),
        }
    }

    /// Carries it out, over `link` if that is open, and reports.
    async fn carry_out(mut self, link: &mut Option<Link>) {
        let limit = self.call.deadline.unwrap_or(self.spec.timeout);
        let host = &self.program.host.clone();
        let work = host.timeout(limit, self.work(link)).await;
        let outcome = work.unwrap_or(Err(Failure::Late));
        if matches!(outcome, Err(Failure::Broken(_))) {
            *link = None;
        }
        self.end(outcome);
    }

    async fn work(&mut self, link: &mut Option<Link>) -> Result<(), Failure> {
        if link.as_ref().is_none_or(|link| link.transport.is_closed()) {
            // The old connection ends here, before the new one begins.
            *link = None;
            *link = Some(self.dial().await.map_err(Failure::Broken)?);
        }
        let Some(link) = link else {
            return Ok(());
        };
        let done = self.talk(link.transport.clone()).await;
        if let Some(tls) = link.fresh_tls.take() {
            // With early data, only now is it known what was agreed on.
            self.open.update(|e| e.tls = Some(tls.result()));
        }
        done
    }

    async fn dial(&mut self) -> Result<Link, String> {
        let open = &mut self.open;
        let dialled = self.program.dial(self.spec.port, |connection| {
            open.update(|e| {
                e.lookup = connection.lookup;
                e.connect = Some(connection.connect);
            });
        });
        let Dialled { channel, tls, .. } = dialled.await?;
        self.open
            .update(|e| e.tls = tls.as_ref().map(Handshake::result));
        Ok(Link {
            transport: Transport::open(&self.program.host, channel).await?,
            fresh_tls: tls,
        })
    }

    /// The call itself.
    async fn talk(&mut self, transport: Transport) -> Result<(), Failure> {
        let scheme = if self.spec.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let origin = format!("{scheme}://{}:{}", self.program.peer.name, self.spec.port);
        let origin = origin
            .parse()
            .map_err(|e| Failure::Broken(format!("{origin:?} is no origin: {e}")))?;
        let mut client = UserServiceClient::with_origin(transport, origin);
        match self.call.method {
            GrpcMethod::GetUser => {
                let wanted = GetUserRequest { id: self.id };
                self.sent.note(&wanted, id_json_size(self.id));
                let user = client.get_user(self.request(wanted)).await?.into_inner();
                self.received(&user, json_size(&user));
            }
            GrpcMethod::CreateUser => {
                let user = self.record(0);
                self.sent.note(&user, json_size(&user));
                let user = client.create_user(self.request(user)).await?.into_inner();
                self.received(&user, json_size(&user));
            }
            GrpcMethod::ListUsers => {
                let page = self.page();
                self.sent.note(&page, page_json_size(&page));
                let users = client.list_users(self.request(page)).await?;
                self.read(users.into_inner()).await?;
            }
            GrpcMethod::UpdateUser => {
                let changes = self.request(self.records());
                let users = client.update_user(changes).await?;
                self.read(users.into_inner()).await?;
            }
            GrpcMethod::ImportUsers => {
                let records = self.request(self.records());
                let summary = client.import_users(records).await?.into_inner();
                let json = format!(
                    "{{\"created\":{},\"replaced\":{}}}",
                    summary.created, summary.replaced
                );
                self.received(&summary, json.len() as u64);
            }
        }
        Ok(())
    }

    /// Reads a stream of answers to its end, or until the client has enough.
    async fn read(&mut self, mut users: Streaming<User>) -> Result<(), Failure> {
        let mut count = 0;
        loop {
            if self.call.cancel_after == Some(count) {
                return Err(Failure::Status(Status::cancelled("by the client")));
            }
            let Some(user) = users.message().await? else {
                return Ok(());
            };
            self.received(&user, json_size(&user));
            count += 1;
        }
    }

    /// One message has come.
    fn received(&mut self, message: &impl Message, json: u64) {
        let after = self.program.now() - self.started;
        let bytes = message.encoded_len() as u64;
        self.open.update(|e| {
            e.first_message.get_or_insert(after);
            e.received_messages += 1;
            e.received_bytes += bytes;
            e.received_json_bytes += json;
        });
    }

    /// `message`, with what goes along.
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(deadline) = self.call.deadline {
            let left = deadline.saturating_sub(self.program.now() - self.started);
            request.set_timeout(Duration::from_nanos(left.as_nanos()));
        }
        for (key, value) in &self.call.metadata {
            // Both were checked when the file was read.
            let key = MetadataKey::from_bytes(key.as_bytes());
            if let (Ok(key), Ok(value)) = (key, MetadataValue::try_from(value)) {
                request.metadata_mut().append(key, value);
            }
        }
        request
    }

    fn page(&self) -> ListUsersRequest {
        ListUsersRequest {
            page_size: i32::try_from(self.call.count).unwrap_or(i32::MAX),
            page_token: match self.id {
                ..=1 => String::new(),
                id => id.to_string(),
            },
        }
    }

    /// The record number `place` of the call.
    fn record(&self, place: u32) -> User {
        let id = match self.id {
            0 => 0,
            id => later(id, place),
        };
        record(id, self.call.name.as_deref())
    }

    /// All records of the call, as its stream sends them.
    fn records(&self) -> impl Stream<Item = User> + Send + use<> {
        let (host, sent) = (self.program.host.clone(), Arc::clone(&self.sent));
        let records: Vec<User> = (0..self.call.count).map(|n| self.record(n)).collect();
        paced(host, self.call.interval, records, sent)
    }

    fn end(mut self, outcome: Result<(), Failure>) {
        let took = self.program.now() - self.started;
        let (status, error) = match outcome {
            Ok(()) => (Some(Status::ok("")), None),
            Err(Failure::Status(status)) => (Some(status), None),
            Err(Failure::Late) if self.call.deadline.is_some() => (
                Some(Status::deadline_exceeded("the client waited no longer")),
                None,
            ),
            Err(Failure::Late) => (
                None,
                Some(format!("no answer within {}", self.spec.timeout)),
            ),
            Err(Failure::Broken(error)) => (None, Some(error)),
        };
        let sent = Arc::clone(&self.sent);
        self.open.update(|e| {
            e.sent_messages = sent.messages.load(Relaxed);
            e.sent_bytes = sent.bytes.load(Relaxed);
            e.sent_json_bytes = sent.json_bytes.load(Relaxed);
            e.total = error.is_none().then_some(took);
            e.status = status.as_ref().map(|s| s.code() as u8);
            e.message = status.as_ref().map_or("", Status::message).to_owned();
            e.error.clone_from(&error);
        });
        let method = self.call.method.name();
        match (status, error) {
            (_, Some(error)) => self.program.failed(format!("{method}: {error}")),
            (Some(status), None) => {
                let name = grpc_status_name(status.code() as u8);
                self.program.finished(format!("{name} in {took}"));
            }
            (None, None) => {}
        }
    }
}

/// A record for user `id`, under another name if there is one.
fn record(id: i32, name: Option<&str>) -> User {
    let user = sample(id);
    match name {
        None => user,
        Some(name) => User {
            name: name.to_owned(),
            ..user
        },
    }
}

/// `records`, each `interval` after the one before.
fn paced(
    host: Host,
    interval: Span,
    records: Vec<User>,
    sent: Arc<Sent>,
) -> impl Stream<Item = User> + Send {
    let state = (host, records.into_iter(), true);
    stream::unfold(state, move |(host, mut left, first)| {
        let sent = Arc::clone(&sent);
        async move {
            let user = left.next()?;
            if !first && interval > Span::ZERO {
                host.sleep(interval).await;
            }
            sent.note(&user, json_size(&user));
            Some((user, (host, left, false)))
        }
    })
}

/// `{"id":1}`.
fn id_json_size(id: i32) -> u64 {
    format!("{{\"id\":{id}}}").len() as u64
}

fn page_json_size(page: &ListUsersRequest) -> u64 {
    let text = format!(
        "{{\"page_size\":{},\"page_token\":\"{}\"}}",
        page.page_size, page.page_token
    );
    text.len() as u64
}
