//! The gRPC server: tonic's stub of the user service on a listening socket.
//!
//! A request that comes without the metadata it must have is answered UNAUTHENTICATED. A call whose
//! deadline passes while the server thinks is answered DEADLINE_EXCEEDED; by then the client has
//! usually reset the stream.

use std::{pin::Pin, sync::Arc};

use futures_util::stream::{self, Stream, StreamExt};
use hyper::{Request as HttpRequest, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tonic::{Request, Response, Status, Streaming, metadata::MetadataMap};
use tower_service::Service;

use super::{deadline::timeout, whole::Whole};
use crate::{
    osi::{
        application::{
            secure::Door,
            spec::{self, GrpcServer},
            users::{Refusal, Users},
        },
        presentation::users::pb::{
            GetUserRequest, ImportSummary, ListUsersRequest, User,
            user_service_server::{UserService, UserServiceServer},
        },
        session::cause,
        transport::TcpStream,
    },
    task::{Host, HyperExecutor, HyperTimer},
    trace::AppEventKind,
    units::{SimTime, Span},
};

/// Serves as long as the run lasts, each connection in a task of its own.
pub(in crate::osi::application) async fn serve(host: Host, spec: GrpcServer, door: Door) {
    let listener = match host.listen(spec.port) {
        Ok(listener) => listener,
        Err(error) => {
            let text = format!("gRPC server on port {}: {}", spec.port, cause(&error));
            return host.emit(AppEventKind::Failed(text), None);
        }
    };
    let service = UserServiceServer::from_arc(Arc::new(Desk {
        users: Arc::new(Users::new(spec.users.users)),
        host: host.clone(),
        spec: spec.users,
    }));
    while let Ok((stream, _)) = listener.accept().await {
        let one = serve_one(host.clone(), door.clone(), service.clone(), stream);
        drop(host.spawn(one));
    }
}

/// One connection, until either side closes it.
async fn serve_one(host: Host, door: Door, service: UserServiceServer<Desk>, stream: TcpStream) {
    // A handshake that fails is the client's to tell of, as is a connection that breaks.
    let Ok(channel) = door.admit(stream).await else {
        return;
    };
    channel.set_nodelay(true);
    let (executor, timer) = (HyperExecutor(host.clone()), HyperTimer(host.clone()));
    let answer = service_fn(move |request: HttpRequest<Incoming>| {
        let mut service = service.clone();
        let request = request.map(|body| Whole::new(host.clone(), body));
        async move { service.call(request).await }
    });
    let _ = hyper::server::conn::http2::Builder::new(executor)
        .timer(timer)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(channel), answer)
        .await;
}

/// Who answers calls.
struct Desk {
    host: Host,
    users: Arc<Users>,
    spec: spec::UserService,
}

/// How long the server may take for a call.
#[derive(Clone)]
struct Clock {
    host: Host,
    think: Span,
    deadline: Option<SimTime>,
}

impl Desk {
    /// Lets a request in: it has the metadata that it needs.
    fn admit(&self, metadata: &MetadataMap) -> Result<Clock, Status> {
        match &self.spec.require {
            Some(key) if metadata.get(key).is_none() => Err(Status::unauthenticated(format!(
                "the call has no metadata `{key}`"
            ))),
            _ => Ok(Clock {
                host: self.host.clone(),
                think: self.spec.think,
                deadline: timeout(metadata).map(|left| self.host.now() + left),
            }),
        }
    }
}

impl Clock {
    /// Thinks before a message, but not beyond the deadline.
    async fn think(&self) -> Result<(), Status> {
        let done = self.host.now() + self.think;
        let end = self.deadline.map_or(done, |deadline| done.min(deadline));
        self.host.sleep_until(end).await;
        if end < done {
            return Err(Status::deadline_exceeded("the server took too long"));
        }
        Ok(())
    }

    /// Each of `messages` after its thought; a failure ends them.
    fn paced<S>(self, messages: S) -> Outgoing
    where
        S: Stream<Item = Result<User, Status>> + Send + 'static,
    {
        let work = Box::pin(messages);
        Box::pin(stream::unfold(Some((work, self)), |state| async {
            let (mut messages, clock) = state?;
            let next = messages.as_mut().next().await?;
            match clock.think().await.and(next) {
                Ok(user) => Some((Ok(user), Some((messages, clock)))),
                Err(status) => Some((Err(status), None)),
            }
        }))
    }
}

type Outgoing = Pin<Box<dyn Stream<Item = Result<User, Status>> + Send>>;

/// The word of gRPC for a refusal.
fn status(refusal: Refusal) -> Status {
    let words = refusal.words();
    match refusal {
        Refusal::NotFound(_) => Status::not_found(words),
        Refusal::Exists(_) => Status::already_exists(words),
        Refusal::Invalid(_) => Status::invalid_argument(words),
        Refusal::Full => Status::resource_exhausted(words),
    }
}

#[tonic::async_trait]
impl UserService for Desk {
    type ListUsersStream = Outgoing;
    type UpdateUserStream = Outgoing;

    async fn get_user(&self, request: Request<GetUserRequest>) -> Result<Response<User>, Status> {
        self.admit(request.metadata())?.think().await?;
        let found = self.users.get(request.get_ref().id);
        found.map(Response::new).map_err(status)
    }

    async fn list_users(
        &self,
        request: Request<ListUsersRequest>,
    ) -> Result<Response<Outgoing>, Status> {
        let clock = self.admit(request.metadata())?;
        let page = request.into_inner();
        let first = match page.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| {
                Status::invalid_argument("`page_token` is not the number of a user")
            })?,
        };
        let most = usize::try_from(page.page_size)
            .map_err(|_| Status::invalid_argument("`page_size` is below zero"))?;
        let found = self.users.list(first, most).into_iter().map(Ok);
        Ok(Response::new(clock.paced(stream::iter(found))))
    }

    async fn create_user(&self, request: Request<User>) -> Result<Response<User>, Status> {
        self.admit(request.metadata())?.think().await?;
        let made = self.users.create(request.into_inner());
        made.map(Response::new).map_err(status)
    }

    async fn update_user(
        &self,
        request: Request<Streaming<User>>,
    ) -> Result<Response<Outgoing>, Status> {
        let clock = self.admit(request.metadata())?;
        let users = Arc::clone(&self.users);
        let changes = request.into_inner();
        let answers = changes.map(move |change| users.update(change?).map_err(status));
        Ok(Response::new(clock.paced(answers)))
    }

    async fn import_users(
        &self,
        request: Request<Streaming<User>>,
    ) -> Result<Response<ImportSummary>, Status> {
        let clock = self.admit(request.metadata())?;
        let mut records = request.into_inner();
        let mut summary = ImportSummary::default();
        while let Some(user) = records.message().await? {
            match self.users.create(user.clone()) {
                Ok(_) => summary.created += 1,
                Err(Refusal::Exists(_)) => {
                    self.users.replace(user).map_err(status)?;
                    summary.replaced += 1;
                }
                Err(refusal) => return Err(status(refusal)),
            }
        }
        clock.think().await?;
        Ok(Response::new(summary))
    }
}
