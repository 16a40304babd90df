//! Data in bulk and in small pieces over a good cable.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use netsim::task::Host;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    lab::{Lab, Setup, at_house, at_linux},
    linux::{assert_same, data},
};

const MIB: usize = 1 << 20;

/// The house connects to Linux and sends `len` bytes; Linux counts and compares.
pub(super) fn send_to_linux(lab: &mut Lab, len: usize) {
    let listener = TcpListener::bind(at_linux(5001)).unwrap();
    let (host, sent) = (lab.host.clone(), data(len));
    let house = async move {
        let mut stream = host.connect(at_linux(5001)).await.unwrap();
        stream.write_all(&sent).await.unwrap();
        stream.shutdown().await.unwrap();
        stream.read_to_end(&mut vec![]).await.unwrap();
    };
    let linux = move || {
        let mut got = vec![];
        listener.accept()?.0.read_to_end(&mut got)?;
        io::Result::Ok(got)
    };
    let (_, got) = lab.run(house, linux);
    assert_same(&got.unwrap(), &data(len));
}

/// Linux connects to the house and sends `len` bytes; the house compares.
pub(super) fn send_to_house(lab: &mut Lab, len: usize) {
    let listener = lab.host.listen(5001).unwrap();
    let house = async move {
        let (mut stream, _) = listener.accept().await?;
        let mut got = vec![];
        stream.read_to_end(&mut got).await?;
        io::Result::Ok(got)
    };
    let linux = move || {
        let mut stream = TcpStream::connect(at_house(5001)).unwrap();
        stream.write_all(&data(len)).unwrap();
    };
    let (got, ()) = lab.run(house, linux);
    assert_same(&got.unwrap(), &data(len));
}

/// Linux sends back what the house sends.
pub(super) fn echo_by_linux(lab: &mut Lab, len: usize) {
    let listener = TcpListener::bind(at_linux(7)).unwrap();
    let host = lab.host.clone();
    let linux = move || {
        let (mut stream, _) = listener.accept().unwrap();
        io::copy(&mut stream.try_clone().unwrap(), &mut stream).unwrap();
    };
    let (got, ()) = lab.run(echoed(host, 7, data(len)), linux);
    assert_same(&got, &data(len));
}

/// What comes back of `sent`, which leaves at the same time.
async fn echoed(host: Host, port: u16, sent: Vec<u8>) -> Vec<u8> {
    let stream = host.connect(at_linux(port)).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let task = host.spawn(async move {
        writer.write_all(&sent).await.unwrap();
        writer.shutdown().await.unwrap();
    });
    let mut got = vec![];
    reader.read_to_end(&mut got).await.unwrap();
    task.await;
    got
}

pub(super) fn bulk_data_to_linux_arrives_whole() {
    let mut lab = Lab::new(Setup::default());
    send_to_linux(&mut lab, 8 * MIB);
    lab.finish().judge();
}

pub(super) fn bulk_data_from_linux_arrives_whole() {
    let mut lab = Lab::new(Setup::default());
    send_to_house(&mut lab, 8 * MIB);
    lab.finish().judge();
}

pub(super) fn bulk_data_both_ways_at_once_arrives_whole() {
    let mut lab = Lab::new(Setup::default());
    echo_by_linux(&mut lab, 4 * MIB);
    lab.finish().judge();
}

pub(super) fn many_connections_at_once_keep_their_data_apart() {
    let mut lab = Lab::new(Setup::default());
    let listener = TcpListener::bind(at_linux(7)).unwrap();
    let host = lab.host.clone();
    let house = async move {
        let lens = (0..20).map(|k| 1000 + 10_000 * k);
        let tasks: Vec<_> = lens
            .map(|len| (len, host.spawn(echoed(host.clone(), 7, data(len)))))
            .collect();
        for (len, task) in tasks {
            assert_same(&task.await, &data(len));
        }
    };
    let linux = move || {
        let serve = |stream: io::Result<TcpStream>| {
            let mut stream = stream.unwrap();
            thread::spawn(move || io::copy(&mut stream.try_clone().unwrap(), &mut stream).unwrap())
        };
        let all: Vec<_> = listener.incoming().take(20).map(serve).collect();
        all.into_iter().map(|t| t.join().unwrap()).sum::<u64>()
    };
    let ((), echoed) = lab.run(house, linux);
    assert_eq!(echoed, 20 * 1000 + 10_000 * 190);
    lab.finish().judge();
}

/// 100 rounds of a short question and a short answer on one connection: no ACK that waits holds any
/// of them up. With one wait of 40 ms each they took 4 s; half of that is allowed.
pub(super) fn questions_and_answers_do_not_stall() {
    let mut lab = Lab::new(Setup::default());
    let listener = TcpListener::bind(at_linux(7)).unwrap();
    let host = lab.host.clone();
    let house = async move {
        let mut stream = host.connect(at_linux(7)).await.unwrap();
        let begun = host.now();
        for round in 0..100_u8 {
            stream.write_all(&[round; 10]).await.unwrap();
            let mut answer = [0; 10];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, [round; 10]);
        }
        host.now().since(begun)
    };
    let linux = move || {
        let (mut stream, _) = listener.accept().unwrap();
        io::copy(&mut stream.try_clone().unwrap(), &mut stream).unwrap();
    };
    let (took, ()) = lab.run(house, linux);
    let took = Duration::from_nanos(took.as_nanos());
    assert!(took < Duration::from_secs(2), "{took:?}");
    lab.finish().judge();
}
