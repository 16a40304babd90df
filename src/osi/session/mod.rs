//! Floor 5: names resolved, connections made.
//!
//! Applications say whom they want to talk to; how a name becomes an address and an address a
//! connection is decided here, in one place. Not here yet: pools, resumption, retry with back-off.

mod cause;
mod dial;
mod question;
mod resolve;

pub use cause::cause;
pub use dial::{Connection, DialError, Located, Peer};
pub use resolve::{Lookup, LookupError, Resolver};
