//! Floor 5: names resolved, connections made.
//!
//! Applications say whom they want to talk to; how a name becomes an address and an address a
//! connection is decided here, in one place. Not here yet: pools, resumption, retry with back-off.

mod ask;
mod cause;
mod dial;
mod question;
mod record;
mod resolve;

pub use ask::{AskError, Asked, Inquiry, framed, read_message};
pub use cause::cause;
pub use dial::{Connection, DialError, Located, Peer};
pub use question::{Answer, Query, ResponseCode, edns};
pub use record::{Record, RecordData, RecordType, Soa, ancestors, canonical, is_within, shown};
pub use resolve::{Lookup, LookupError, Resolver};
