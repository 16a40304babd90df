//! The TAP device between Linux and the house: a card of the kernel whose cable ends in this process.

use std::{
    fs,
    io::ErrorKind,
    process::Command,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use tun_rs::{DeviceBuilder, Layer, SyncDevice};

/// This process's end of the device.
pub(crate) struct Tap {
    device: Arc<SyncDevice>,
    frames: Receiver<Vec<u8>>,
}

impl Tap {
    /// Makes the device `peer0` with the address 10.77.0.1/24 for Linux.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Self {
        for (key, value) in SETTINGS.iter().chain(settings) {
            sysctl(key, value);
        }
        let device = DeviceBuilder::new().name("peer0").layer(Layer::L2);
        let device = Arc::new(device.build_sync().expect("a TAP device"));
        ip("address add 10.77.0.1/24 dev peer0");
        ip("link set lo up");
        ip("link set peer0 up");
        Self {
            frames: frames(&device),
            device,
        }
    }

    /// A frame from Linux, if there is one now.
    pub(crate) fn take(&self) -> Option<Vec<u8>> {
        self.frames.try_recv().ok()
    }

    /// A frame from Linux, waited for.
    pub(crate) fn wait(&self, most: Duration) -> Option<Vec<u8>> {
        match self.frames.recv_timeout(most) {
            Ok(frame) => Some(frame),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the device is gone"),
        }
    }

    /// Hands a frame to Linux.
    pub(crate) fn send(&self, frame: &[u8]) {
        let sent = self.device.send(frame).expect("the device takes a frame");
        assert_eq!(sent, frame.len());
    }
}

/// Reads the device for as long as the process lives.
fn frames(device: &Arc<SyncDevice>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    let device = Arc::clone(device);
    thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        loop {
            match device.recv(&mut buffer) {
                Ok(len) if sender.send(buffer[..len].to_vec()).is_err() => return,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("the device: {error}"),
            }
        }
    });
    receiver
}

/// Runs `ip` of iproute2.
pub(crate) fn ip(arguments: &str) {
    let run = Command::new("ip").args(arguments.split(' ')).status();
    let status = run.unwrap_or_else(|e| panic!("cannot run ip ({e}): run scripts/setup.sh"));
    assert!(status.success(), "ip {arguments}: {status}");
}

/// Sets a setting of the namespace.
pub(crate) fn sysctl(key: &str, value: &str) {
    let path = format!("/proc/sys/net/{}", key.replace('.', "/"));
    fs::write(&path, value).unwrap_or_else(|e| panic!("{path} = {value}: {e}"));
}

/// Only IPv4 is spoken here, what one connection learnt is not for the next, and congestion control
/// is the one that every Linux has and allows.
const SETTINGS: [(&str, &str); 3] = [
    ("ipv6.conf.default.disable_ipv6", "1"),
    ("ipv4.tcp_no_metrics_save", "1"),
    ("ipv4.tcp_congestion_control", "reno"),
];
