//! Readers that are slow: windows that close and open again.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use netsim::{osi::transport::TcpConfig, units::ByteSize, units::Span};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    lab::{Lab, Setup, at_house, at_linux},
    linux::{assert_same, data},
};

const MIB: usize = 1 << 20;

/// Linux's buffer takes less than 1 MiB from who does not read, so 4 MiB stop on the way, and the
/// house has to ask now and then (RFC 9293, section 3.8.6.1).
pub(super) fn the_house_waits_while_the_reader_on_linux_sleeps() {
    let mut lab = Lab::new(Setup::default());
    let listener = TcpListener::bind(at_linux(5001)).unwrap();
    let host = lab.host.clone();
    let house = async move {
        let mut stream = host.connect(at_linux(5001)).await.unwrap();
        stream.write_all(&data(4 * MIB)).await.unwrap();
        stream.shutdown().await.unwrap();
        stream.read_to_end(&mut vec![]).await.unwrap();
    };
    let linux = move || {
        let (mut stream, _) = listener.accept().unwrap();
        thread::sleep(Duration::from_secs(3));
        let mut got = vec![];
        stream.read_to_end(&mut got).unwrap();
        got
    };
    let ((), got) = lab.run(house, linux);
    assert_same(&got, &data(4 * MIB));
    let evidence = lab.finish().judge();
    evidence.shows("tcp.window_size == 0 && tcp.flags.reset == 0 && ip.src == 10.77.0.1");
    evidence.shows("tcp.analysis.zero_window_probe || tcp.analysis.keep_alive");
}

pub(super) fn linux_waits_while_the_reader_of_the_house_sleeps() {
    let mut lab = Lab::new(Setup::default());
    let listener = lab.host.listen(5001).unwrap();
    let host = lab.host.clone();
    let house = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        host.sleep(Span::from_secs(3)).await;
        let mut got = vec![];
        stream.read_to_end(&mut got).await.unwrap();
        got
    };
    let linux = move || {
        let mut stream = TcpStream::connect(at_house(5001)).unwrap();
        stream.write_all(&data(4 * MIB)).unwrap();
    };
    let (got, ()) = lab.run(house, linux);
    assert_same(&got, &data(4 * MIB));
    let evidence = lab.finish().judge();
    evidence.shows("tcp.window_size == 0 && tcp.flags.reset == 0 && ip.src == 10.77.0.2");
}

/// The buffer holds less than three segments, and the program takes 500 bytes at a time: the window
/// is nearly always small, and must not grow by crumbs (RFC 9293, section 3.8.6.2.2).
pub(super) fn a_reader_that_takes_little_at_a_time_gets_all() {
    let mut lab = Lab::new(Setup {
        tcp: TcpConfig {
            receive_buffer: ByteSize::new(4000),
            ..TcpConfig::native()
        },
        ..Setup::default()
    });
    let listener = lab.host.listen(5001).unwrap();
    let house = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut got, mut piece) = (vec![], [0; 500]);
        loop {
            match stream.read(&mut piece).await.unwrap() {
                0 => return got,
                count => got.extend_from_slice(&piece[..count]),
            }
        }
    };
    let linux = move || {
        let mut stream = TcpStream::connect(at_house(5001)).unwrap();
        stream.write_all(&data(MIB / 4)).unwrap();
    };
    let (got, ()) = lab.run(house, linux);
    assert_same(&got, &data(MIB / 4));
    lab.finish().judge();
}
