//! Quantities with a unit: time, bit rates, sizes, probabilities.
//!
//! Each type has a parser (`"20ms"`, `"10 Mbit/s"`, `"64 KiB"`, `"3%"`) and a `Display` that the
//! parser reads back. A number without its unit is an error, and so is a value that the type
//! cannot hold exactly enough: nothing is clamped in silence.
//!
//! Not here: calendar time (a capture's epoch is added when a capture is written) and the
//! microseconds of the host stack (converted in one place, in `osi::transport`).

mod number;
mod probability;
mod rate;
mod size;
mod time;

pub use number::UnitError;
pub use probability::Probability;
pub use rate::BitRate;
pub use size::ByteSize;
pub use time::{SimTime, Span};
