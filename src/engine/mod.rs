//! The event queue, the world of nodes and wires, and the run loop.
//!
//! The engine is the only one that knows what time it is and what happens next. It takes the
//! earliest event, gives it to a wire or a node, carries what comes out of the node to the wires,
//! and tells the recorder. Everybody else is told `now` and answers with frames and deadlines.
//!
//! A run on several threads gives the same bytes (`parallel`). Deliberately not here: files, the
//! scenario file.

mod control;
mod event_queue;
mod ip_node;
mod parallel;
mod part;
mod partition;
mod result;
mod slot;
mod world;

pub use control::RunControl;
pub use event_queue::{Event, EventQueue, Origin, Who};
pub use ip_node::HostConfig;
pub use partition::{Load, Partition};
pub use result::{EndReason, RunError, RunResult};
pub use world::{World, WorldSetup};
