//! Floor 5: names resolved, connections made.
//!
//! Applications say whom they want to talk to; how a name becomes an address and an address a
//! connection is decided here, in one place, and which connections are kept and how long to wait before
//! another attempt. Resumption of TLS is on the floor above.

mod cause;
mod dial;
mod pool;
mod question;
mod resolve;
mod retry;

pub use cause::cause;
pub use dial::{Connection, DialError, Located, Peer};
pub use pool::Pool;
pub use resolve::{Lookup, LookupError, Resolver};
pub use retry::Backoff;
