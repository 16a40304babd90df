//! TLS of one's own: plain rustls over the streams of simulated hosts.
//!
//! rustls is a machine without I/O: bytes in, bytes out. Here the two ends are pumped by hand, which
//! shows what a `TcpStream` of the simulation is to any such library: something to read from and write
//! to. What rustls needs beside (random bytes, a clock, certificates) comes from the machine in this
//! example, so its captures differ from run to run; `tls = true` in a scenario draws all of it from
//! the seed.

#![allow(clippy::print_stdout, reason = "an example prints what happens")]

use std::{
    error::Error,
    io::{self, Read, Write},
    sync::Arc,
};

use netsim::{
    osi::transport::TcpStream,
    scenario::load_str,
    sim::{RunOptions, Simulation},
    task::Host,
};
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, RootCertStore, ServerConfig,
    ServerConnection, SideData, pki_types::PrivateKeyDer,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const NETWORK: &str = r#"
    title = "TLS of one's own"
    node = { alice = {}, bob = {} }
    link = [{ between = ["alice", "bob"], rate = "10 Mbit/s", latency = "20ms" }]
"#;
const PORT: u16 = 4433;

type Failure = Box<dyn Error + Send + Sync>;

/// Sends what rustls has for the other side, and gives it what comes back, until `done`.
async fn pump<S: SideData>(
    tls: &mut ConnectionCommon<S>,
    tcp: &mut TcpStream,
    done: impl Fn(&ConnectionCommon<S>) -> bool,
) -> Result<(), Failure> {
    let mut buffer = [0; 16 << 10];
    loop {
        let mut out = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut out)?;
        }
        tcp.write_all(&out).await?;
        if done(tls) {
            return Ok(());
        }
        let count = tcp.read(&mut buffer).await?;
        if count == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let mut bytes = &buffer[..count];
        while !bytes.is_empty() {
            tls.read_tls(&mut bytes)?;
            tls.process_new_packets()?;
        }
    }
}

/// The next bytes of the other side, in clear text.
async fn hear<S: SideData>(
    tls: &mut ConnectionCommon<S>,
    tcp: &mut TcpStream,
) -> Result<String, Failure> {
    loop {
        let mut text = [0; 100];
        match tls.reader().read(&mut text) {
            Ok(count) => return Ok(String::from_utf8_lossy(&text[..count]).into_owned()),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e.into()),
        }
        let bytes = {
            let mut buffer = [0; 16 << 10];
            let count = tcp.read(&mut buffer).await?;
            buffer[..count].to_vec()
        };
        tls.read_tls(&mut bytes.as_slice())?;
        tls.process_new_packets()?;
    }
}

async fn say<S: SideData>(
    tls: &mut ConnectionCommon<S>,
    tcp: &mut TcpStream,
    text: &str,
) -> Result<(), Failure> {
    tls.writer().write_all(text.as_bytes())?;
    pump(tls, tcp, |_| true).await
}

async fn server(host: Host, config: Arc<ServerConfig>) -> Result<(), Failure> {
    let (mut tcp, _) = host.listen(PORT)?.accept().await?;
    let mut tls = ServerConnection::new(config)?;
    pump(&mut tls, &mut tcp, |tls| !tls.is_handshaking()).await?;
    let question = hear(&mut tls, &mut tcp).await?;
    say(&mut tls, &mut tcp, &format!("You said: {question}")).await?;
    // The client ends it.
    while tcp.read(&mut [0; 512]).await? > 0 {}
    Ok(())
}

async fn client(host: Host, to: Host, config: Arc<ClientConfig>) -> Result<(), Failure> {
    let mut tcp = host.connect((to.address(), PORT).into()).await?;
    println!("{}  connected", host.now());
    let mut tls = ClientConnection::new(config, "bob".try_into()?)?;
    pump(&mut tls, &mut tcp, |tls| !tls.is_handshaking()).await?;
    println!("{}  {:?}", host.now(), tls.protocol_version());
    say(&mut tls, &mut tcp, "nobody hears this").await?;
    let answer = hear(&mut tls, &mut tcp).await?;
    println!("{}  {answer}", host.now());
    tls.send_close_notify();
    pump(&mut tls, &mut tcp, |_| true).await?;
    tcp.shutdown().await?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // A certificate for bob, signed by himself, which alice trusts.
    let own = rcgen::generate_simple_self_signed(["bob".to_owned()])?;
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = own.cert.der().clone();
    let server_config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let client_config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();

    let simulation = Simulation::new(load_str("own_rustls", NETWORK, &[])?);
    let host = |name| simulation.host(name).ok_or("no such host");
    let (alice, bob) = (host("alice")?, host("bob")?);
    bob.spawn(server(bob.clone(), Arc::new(server_config)));
    let talk = alice.spawn_main(client(alice.clone(), bob, Arc::new(client_config)));
    let options = RunOptions {
        out: Some("captures/own_rustls".into()),
        diagrams: true,
        ..RunOptions::default()
    };
    simulation.run(&options, &Default::default())?;
    assert!(talk.is_finished(), "the talk goes on");
    Ok(())
}
