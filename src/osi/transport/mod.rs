//! Floor 4: the host stack.

mod config;

pub use config::{CongestionControl, TcpConfig};
