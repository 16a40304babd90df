//! Floor 5: names resolved, connections made.
//!
//! Applications say whom they want to talk to; how a name becomes an address and an address a
//! connection is decided here, in one place, and which connections are kept and how long to wait before
//! another attempt. Resumption of TLS is on the floor above.

mod ask;
mod cause;
mod dial;
mod pool;
mod question;
mod record;
mod resolve;
mod retry;

pub use ask::{AskError, Asked, Inquiry, framed, read_message};
pub use cause::cause;
pub use dial::{Connection, DialError, Located, Peer};
pub use pool::Pool;
pub use question::{Answer, Query, ResponseCode, edns};
pub use record::{Record, RecordData, RecordType, Soa, ancestors, canonical, is_within, shown};
pub use resolve::{Lookup, LookupError, Resolver};
pub use retry::Backoff;
