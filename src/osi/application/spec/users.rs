//! The user service, over gRPC and as REST: what a client asks and what a server offers.

use super::HttpServer;
use crate::{
    osi::presentation::tls::{TlsClient, TlsServer},
    units::Span,
};

/// Calls of the user service over gRPC, one after the other on one connection.
#[derive(Debug, Clone)]
pub struct GrpcClient {
    /// The server's port. Default 50051.
    pub port: u16,
    /// The calls, in order; at least one.
    pub calls: Vec<GrpcCall>,
    /// Give up a call without a deadline of its own after this long. Default 30 s.
    pub timeout: Span,
    /// Over TLS. Default: no.
    pub tls: Option<TlsClient>,
}

/// The procedures of `proto/user.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GrpcMethod {
    /// Unary.
    #[default]
    GetUser,
    /// Server streaming.
    ListUsers,
    /// Unary.
    CreateUser,
    /// Bidirectional streaming.
    UpdateUser,
    /// Client streaming.
    ImportUsers,
}

impl GrpcMethod {
    /// As the `.proto` writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GetUser => "GetUser",
            Self::ListUsers => "ListUsers",
            Self::CreateUser => "CreateUser",
            Self::UpdateUser => "UpdateUser",
            Self::ImportUsers => "ImportUsers",
        }
    }

    /// Whether the server sends a stream of messages.
    pub const fn server_streams(self) -> bool {
        matches!(self, Self::ListUsers | Self::UpdateUser)
    }
}

/// One call, or several alike.
#[derive(Debug, Clone)]
pub struct GrpcCall {
    /// What is called.
    pub method: GrpcMethod,
    /// The number of the user that it is about; of several, the first. 0 is no number. Default 1.
    pub id: i32,
    /// GetUser, CreateUser: how many calls, with ids that count up. ListUsers: at most so many
    /// users, 0 is all. UpdateUser, ImportUsers: how many messages the client sends.
    pub count: u32,
    /// From one message that the client sends in a stream to the next. Default 0.
    pub interval: Span,
    /// The name that is sent along. Default: one that goes with the number.
    pub name: Option<String>,
    /// Told to the server (`grpc-timeout`); then the client gives up.
    pub deadline: Option<Span>,
    /// Sent along: names in lower case, and values.
    pub metadata: Vec<(String, String)>,
    /// Cancel the call when so many messages have come.
    pub cancel_after: Option<u32>,
}

/// A gRPC server with the user service.
#[derive(Debug, Clone)]
pub struct GrpcServer {
    /// Default 50051.
    pub port: u16,
    /// What it offers.
    pub users: UserService,
    /// Over TLS. Default: no.
    pub tls: Option<TlsServer>,
}

/// What a server of the user service offers, over gRPC or as REST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserService {
    /// How many users there are at first, numbered from 1. Default 100.
    pub users: u32,
    /// How long it thinks before each message that it sends. Default 0.
    pub think: Span,
    /// The metadata (gRPC) or header (REST) that every request must have, in lower case.
    pub require: Option<String>,
}

impl Default for UserService {
    fn default() -> Self {
        Self {
            users: 100,
            think: Span::ZERO,
            require: None,
        }
    }
}

/// What a REST client asks of one user, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestMethod {
    /// GET of a user.
    Get,
    /// GET of the collection.
    List,
    /// POST to the collection.
    Create,
    /// PUT of a user.
    Replace,
    /// PATCH of a user.
    Update,
    /// DELETE of a user.
    Delete,
}

impl HttpServer {
    /// True if it is one of the user service.
    pub const fn is_rest(&self) -> bool {
        self.users.is_some()
    }
}
