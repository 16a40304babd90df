//! Keys about mail: `[[traffic.mail]]` and `login`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{field::Field, names::Names};
use crate::{osi::application::spec::LoginMechanism, units::ByteSize};

/// One message.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mail {
    /// The sender's mailbox. Left out: that of the host, at the host.
    #[schemars(extend("examples" = ["alice@home.example"]))]
    pub(crate) from: Field<String>,
    /// The recipients' mailboxes. Left out: that of the other side, at the other side.
    #[schemars(extend("examples" = [["bob@shop.example", "carol@shop.example"]]))]
    pub(crate) to: Names,
    /// Its subject: one line.
    #[schemars(extend("default" = "Hello", "examples" = ["Lunch"]))]
    pub(crate) subject: Field<String>,
    /// Its text. Left out, and without `size`: a short greeting.
    #[schemars(extend("examples" = ["Noon?\n.. or later"]))]
    pub(crate) body: Field<String>,
    /// Its text, as that much printable filler instead; at most 256 MiB.
    #[schemars(extend("examples" = ["20 KiB"]))]
    pub(crate) size: Field<ByteSize>,
}

/// A name and a password.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["user", "password"]))]
pub(crate) struct Login {
    /// The name.
    #[schemars(extend("examples" = ["alice"]))]
    pub(crate) user: Field<String>,
    /// The password.
    #[schemars(extend("examples" = ["secret"]))]
    pub(crate) password: Field<String>,
    /// How it is said: both at once, or one after the other.
    #[schemars(extend("default" = "plain", "examples" = ["login"]))]
    pub(crate) mechanism: Field<LoginMechanism>,
}
