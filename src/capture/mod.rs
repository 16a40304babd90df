//! Captures: pcapng and classic pcap, written as a stream and read back.
//!
//! [`CaptureSet`] is the recorder that writes a run's captures. [`PcapngWriter`] and [`PcapWriter`]
//! are the formats, over any `io::Write`; [`CaptureReader`] reads both, from anywhere.
//!
//! Not here: link types other than Ethernet on the writing side, and machine information: what is
//! written depends on the simulation alone.

mod interface;
mod options;
mod output;
mod pcap;
mod pcapng;
mod reader;
mod secrets;
mod set;
mod source;
mod spool;
#[cfg(test)]
mod tests;

pub use interface::Interface;
pub use pcap::PcapWriter;
pub use pcapng::{Packet, PacketDirection, PcapngWriter, Statistics};
pub use reader::{CaptureReader, CapturedFrame, CapturedInterface};
pub use secrets::KEY_LOG_FILE;
pub use set::CaptureSet;
pub use source::ReadError;
