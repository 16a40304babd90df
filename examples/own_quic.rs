//! QUIC code of one's own: quinn, unmodified, on simulated hosts.
//!
//! The server takes streams and sends back in capitals what it reads on each. The client asks three
//! things at once, each on a stream of its own. What they said lies in `captures/own_quic/` afterwards:
//! open `alice.pcapng` in Wireshark, which decrypts it with the secrets inside.

#![allow(clippy::print_stdout, reason = "an example prints what happens")]

use std::{error::Error, io, net::SocketAddr, sync::Arc};

use netsim::{
    osi::presentation::{
        quic::{QuicAcceptor, QuicClient, QuicConnector, QuicServer},
        tls::{TlsClient, TlsServer, TlsSetting},
    },
    scenario::load_str,
    sim::{RunOptions, Simulation},
    task::Host,
};
use quinn::Connection;

const NETWORK: &str = r#"
    title = "QUIC of one's own"
    node = { alice = { arp = "static" }, bob = { arp = "static" } }
    link = [{ between = ["alice", "bob"], rate = "10 Mbit/s", latency = "30ms" }]
    capture = { all = false }
"#;
const PORT: u16 = 4433;
/// The name of the protocol in ALPN.
const PROTOCOL: &str = "capitals";

type Failure = Box<dyn Error + Send + Sync>;

async fn server(host: Host, setting: TlsSetting) -> Result<(), Failure> {
    let tls = TlsServer {
        alpn: vec![PROTOCOL.to_owned()],
        names: vec!["bob".to_owned()],
        ..TlsServer::for_http3()
    };
    let acceptor = QuicAcceptor::bind(&host, PORT, (&tls, &QuicServer::default()), setting)?;
    while let Some(handshake) = acceptor.accept().await {
        let connection = handshake.complete().await?;
        while let Ok((mut answer, mut question)) = connection.accept_bi().await {
            host.spawn(async move {
                let text = question.read_to_end(1000).await.map_err(io::Error::other)?;
                answer.write_all(&text.to_ascii_uppercase()).await?;
                answer.finish().map_err(io::Error::other)
            });
        }
    }
    Ok(())
}

async fn client(host: Host, to: Host, setting: TlsSetting) -> Result<(), Failure> {
    let tls = TlsClient {
        alpn: vec![PROTOCOL.to_owned()],
        ..TlsClient::for_http3()
    };
    let connector = QuicConnector::new(&host, "bob", (&tls, &QuicClient::default()), setting)?;
    let opened = connector
        .connect(SocketAddr::from((to.address(), PORT)))
        .await?;
    let connection = Arc::new(opened.connection.clone());
    let questions = ["one", "two", "three"].map(|word| {
        let (connection, host) = (Arc::clone(&connection), host.clone());
        host.clone()
            .spawn(async move { ask(&host, &connection, word).await })
    });
    for question in questions {
        question.await?;
    }
    opened.close(0);
    Ok(())
}

async fn ask(host: &Host, connection: &Connection, word: &str) -> Result<(), Failure> {
    let (mut question, mut answer) = connection.open_bi().await?;
    question.write_all(word.as_bytes()).await?;
    question.finish()?;
    let text = answer.read_to_end(1000).await?;
    println!("{}  {}", host.now(), String::from_utf8_lossy(&text));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let plan = load_str("own_quic", NETWORK, &[])?;
    let setting = TlsSetting {
        epoch: plan.epoch,
        seed: plan.seed,
    };
    let simulation = Simulation::new(plan);
    let host = |name| simulation.host(name).ok_or("no such host");
    let (alice, bob) = (host("alice")?, host("bob")?);
    bob.spawn(server(bob.clone(), setting));
    let talk = alice.spawn_main(client(alice.clone(), bob, setting));
    let options = RunOptions {
        out: Some("captures/own_quic".into()),
        diagrams: true,
        ..RunOptions::default()
    };
    simulation.run(&options, &Default::default())?;
    assert!(talk.is_finished(), "the client still waits");
    Ok(())
}
