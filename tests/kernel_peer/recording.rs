//! The capture of a case, as the house's card sees the frames: what it sends before the cable does
//! anything to it, and what Linux sends likewise.

use std::{
    env,
    fs::{self, File},
    io::BufWriter,
    path::PathBuf,
};

use netsim::{
    capture::{Interface, Packet, PacketDirection, PcapngWriter},
    units::SimTime,
};

/// A capture that is being written.
pub(crate) struct Recording {
    path: PathBuf,
    writer: PcapngWriter<BufWriter<File>>,
}

impl Recording {
    /// Into `kernel_peer/` of the folder that cargo has for the files of tests.
    pub(crate) fn new() -> Self {
        let name = env::var("NETSIM_KERNEL_PEER_CASE").unwrap_or_default();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kernel_peer");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.pcapng"));
        let out = BufWriter::new(File::create(&path).unwrap());
        let mut writer = PcapngWriter::new(out).unwrap();
        let interface = Interface {
            name: "house".to_owned(),
            ..Interface::default()
        };
        writer.add_interface(&interface).unwrap();
        Self { path, writer }
    }

    pub(crate) fn note(&mut self, now: SimTime, direction: PacketDirection, bytes: &[u8]) {
        let packet = Packet {
            interface: 0,
            at: now.as_nanos(),
            direction: Some(direction),
            bytes,
            original_len: u32::try_from(bytes.len()).unwrap(),
            comment: None,
        };
        self.writer.packet(&packet).unwrap();
    }

    /// Ends the capture.
    pub(crate) fn finish(self) -> PathBuf {
        self.writer.finish().unwrap().into_inner().unwrap();
        self.path
    }
}
