//! The tools that measure and move bytes on Linux: iperf3 and nc (OpenBSD's).
//!
//! The house speaks iperf3's protocol as a server: a connection for control, on which states are
//! single bytes and JSON has its length before it, and one for the data.

use std::{
    io::{self, Write},
    process::{Command, Output, Stdio},
    thread,
};

use netsim::{
    osi::transport::{TcpListener, TcpStream},
    task::Host,
    units::Span,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    lab::{Lab, Setup, at_linux},
    linux::{assert_same, data, program},
};

/// What a client says first on each connection.
const COOKIE: usize = 37;

/// States of iperf3, as their bytes.
const TEST_START: u8 = 1;
const TEST_RUNNING: u8 = 2;
const TEST_END: u8 = 4;
const PARAM_EXCHANGE: u8 = 9;
const CREATE_STREAMS: u8 = 10;
const EXCHANGE_RESULTS: u8 = 13;
const DISPLAY_RESULTS: u8 = 14;
const IPERF_DONE: u8 = 16;

async fn read_json(stream: &mut TcpStream) -> io::Result<Value> {
    let len = stream.read_u32().await?;
    let mut text = vec![0; usize::try_from(len).unwrap()];
    stream.read_exact(&mut text).await?;
    Ok(serde_json::from_slice(&text)?)
}

async fn write_json(stream: &mut TcpStream, value: &Value) -> io::Result<()> {
    let text = value.to_string();
    stream.write_u32(u32::try_from(text.len()).unwrap()).await?;
    stream.write_all(text.as_bytes()).await
}

/// Writes until the client has enough and closes.
async fn pour(mut stream: TcpStream) -> u64 {
    let (block, mut count) = (vec![0; 64 << 10], 0);
    while let Ok(some @ 1..) = stream.write(&block).await {
        count += some as u64;
    }
    count
}

/// Reads to the end.
async fn drain(mut stream: TcpStream) -> u64 {
    let (mut block, mut count) = (vec![0; 64 << 10], 0);
    while let Ok(some @ 1..) = stream.read(&mut block).await {
        count += some as u64;
    }
    count
}

/// One test; how many bytes went through the connection for data.
async fn serve(host: Host, listener: TcpListener) -> io::Result<u64> {
    let (mut control, _) = listener.accept().await?;
    let mut cookie = [0; COOKIE];
    control.read_exact(&mut cookie).await?;
    control.write_all(&[PARAM_EXCHANGE]).await?;
    let reverse = read_json(&mut control).await?["reverse"] == json!(true);
    control.write_all(&[CREATE_STREAMS]).await?;
    let (mut stream, _) = listener.accept().await?;
    stream.read_exact(&mut cookie).await?;
    control.write_all(&[TEST_START, TEST_RUNNING]).await?;
    let task = match reverse {
        true => host.spawn(pour(stream)),
        false => host.spawn(drain(stream)),
    };
    assert_eq!(control.read_u8().await?, TEST_END);
    control.write_all(&[EXCHANGE_RESULTS]).await?;
    read_json(&mut control).await?;
    let stream = json!({"id": 1, "bytes": 1, "retransmits": 0, "jitter": 0, "errors": 0,
        "packets": 0, "start_time": 0, "end_time": 1});
    let results = json!({"cpu_util_total": 0, "cpu_util_user": 0, "cpu_util_system": 0,
        "sender_has_retransmits": 0, "streams": [stream]});
    write_json(&mut control, &results).await?;
    control.write_all(&[DISPLAY_RESULTS]).await?;
    assert_eq!(control.read_u8().await?, IPERF_DONE);
    Ok(task.await)
}

/// What iperf3 says in the end, as JSON, and what the house has counted.
fn measured(lab: &mut Lab, more: &[&'static str]) -> (Value, u64) {
    let listener = lab.host.listen(5001).unwrap();
    let house = serve(lab.host.clone(), listener);
    let more = more.to_vec();
    let linux = move || {
        let arguments = ["-c", "10.77.0.2", "-p", "5001", "-J", "-n", "10000000"];
        program("iperf3", &[&arguments[..], &more].concat())
    };
    let (count, output) = lab.run(house, linux);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "iperf3: {said:#}");
    (said["end"].clone(), count.unwrap())
}

pub(super) fn iperf3_of_linux_sends_to_the_house() {
    let mut lab = Lab::new(Setup::default());
    let (end, count) = measured(&mut lab, &[]);
    // It sends whole blocks until it has sent enough; the house got every byte.
    assert_eq!(end["sum_sent"]["bytes"], json!(count));
    assert!(count >= 10_000_000);
    lab.finish().judge();
}

pub(super) fn iperf3_of_linux_gets_from_the_house() {
    let mut lab = Lab::new(Setup::default());
    let (end, count) = measured(&mut lab, &["-R"]);
    // It stops when it has enough; what was under way then is not read any more.
    let got = end["sum_received"]["bytes"].as_u64().unwrap();
    assert!((10_000_000..=count).contains(&got), "{got} of {count}");
    lab.finish().judge();
}

/// Runs nc with `input`, to its end.
fn nc(arguments: &[&str], input: Vec<u8>) -> Output {
    let mut command = Command::new("nc");
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let child = command.spawn();
    let mut child = child.unwrap_or_else(|e| panic!("cannot run nc ({e}): run scripts/setup.sh"));
    let mut stdin = child.stdin.take().unwrap();
    let feeder = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    output
}

/// The client closes its direction after the last byte (`-N`) and still gets the answer.
pub(super) fn nc_sends_a_file_and_prints_the_answer() {
    let mut lab = Lab::new(Setup::default());
    let listener = lab.host.listen(5001).unwrap();
    let house = async move {
        let (mut stream, _) = listener.accept().await?;
        let mut got = vec![];
        stream.read_to_end(&mut got).await?;
        stream.write_all(b"got it\n").await?;
        stream.shutdown().await?;
        io::Result::Ok(got)
    };
    let linux = || nc(&["-N", "10.77.0.2", "5001"], data(1_000_000));
    let (got, output) = lab.run(house, linux);
    assert_same(&got.unwrap(), &data(1_000_000));
    assert_eq!(output.stdout, b"got it\n");
    lab.finish().judge();
}

pub(super) fn nc_listens_and_gets_a_file() {
    let mut lab = Lab::new(Setup::default());
    let host = lab.host.clone();
    let house = async move {
        let mut stream = loop {
            match host.connect(at_linux(5001)).await {
                Ok(stream) => break stream,
                // It does not listen yet.
                Err(_) => host.sleep(Span::from_millis(20)).await,
            }
        };
        stream.write_all(&data(1_000_000)).await?;
        stream.shutdown().await?;
        let mut answer = vec![];
        stream.read_to_end(&mut answer).await?;
        io::Result::Ok(answer)
    };
    let linux = || nc(&["-N", "-l", "10.77.0.1", "5001"], b"welcome\n".to_vec());
    let (answer, output) = lab.run(house, linux);
    assert_same(&output.stdout, &data(1_000_000));
    assert_eq!(answer.unwrap(), b"welcome\n");
    lab.finish().judge();
}
