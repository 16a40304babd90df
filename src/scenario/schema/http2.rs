//! `http2` of `[[traffic]]` and `[[server]]`: what HTTP/2 can do that HTTP/1.1 cannot.

use schemars::JsonSchema;
use serde::Deserialize;

use super::field::Field;
use crate::{osi::application::spec::PushTaking, units::ByteSize};

/// HTTP/2 of a client.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClientHttp2 {
    /// What becomes of responses that the server pushes: they are read (accept), each is reset as soon
    /// as it is promised (cancel), or the server is told not to push (off).
    #[schemars(extend("default" = "accept", "examples" = ["off"]))]
    pub(crate) push: Field<PushTaking>,
    /// How many requests are under way at once; 1 to 1000. Left out: all.
    #[schemars(extend("examples" = [1]))]
    pub(crate) at_once: Field<u32>,
    /// How much of a response may be on its way before the client has made room for more; 1 KiB to
    /// 1 GiB.
    #[schemars(extend("default" = "65535 B", "examples" = ["16 KiB"]))]
    pub(crate) window: Field<ByteSize>,
    /// Give each response up when so much of it has come (RST_STREAM). Left out: never.
    #[schemars(extend("examples" = ["20 KiB"]))]
    pub(crate) cancel_after: Field<ByteSize>,
}

/// HTTP/2 of a server.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerHttp2 {
    /// Say goodbye (GOAWAY) on each connection after so many requests; 1 to 1000000. Left out: never.
    #[schemars(extend("examples" = [2]))]
    pub(crate) goaway_after: Field<u32>,
    /// How many streams a client may have open at once; 1 to 1000000. More are refused
    /// (REFUSED_STREAM). Left out: any number.
    #[schemars(extend("examples" = [2]))]
    pub(crate) max_streams: Field<u32>,
}
