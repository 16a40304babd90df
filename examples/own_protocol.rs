//! A protocol of one's own: the client thinks of a number, the server guesses it.
//!
//! The server sends a guess, the client answers `less`, `more` or `yes`, each a line of text. Both
//! are ordinary async functions, here at the ends of a lossy link. What they said lies in
//! `captures/own_protocol/` afterwards: open `alice.pcapng` in Wireshark and follow the TCP stream.

#![allow(clippy::print_stdout, reason = "an example prints what happens")]

use std::{cmp::Ordering, error::Error, io};

use netsim::{
    scenario::load_str,
    sim::{RunOptions, Simulation},
    task::Host,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};

const NETWORK: &str = r#"
    title = "Guess my number"
    node = { alice = {}, bob = {} }
    link = [{ between = ["alice", "bob"], rate = "1 Mbit/s", latency = "30ms", loss = "5%" }]
"#;
const PORT: u16 = 4242;

async fn say(stream: &mut (impl AsyncWriteExt + Unpin), line: &str) -> io::Result<()> {
    stream.write_all(format!("{line}\n").as_bytes()).await?;
    stream.flush().await
}

async fn server(host: Host) -> io::Result<()> {
    let (stream, _) = host.listen(PORT)?.accept().await?;
    let mut stream = BufStream::new(stream);
    let (mut low, mut high, mut answer) = (0u8, 255, String::new());
    while answer != "yes\n" {
        let guess = low.midpoint(high);
        say(&mut stream, &guess.to_string()).await?;
        answer.clear();
        stream.read_line(&mut answer).await?;
        match answer.as_str() {
            "less\n" => high = guess.saturating_sub(1),
            _ => low = guess.saturating_add(1),
        }
    }
    Ok(())
}

async fn client(host: Host, to: Host, number: u8) -> io::Result<()> {
    let stream = host.connect((to.address(), PORT).into()).await?;
    let mut lines = BufStream::new(stream);
    let mut answer = "";
    while answer != "yes" {
        let mut guess = String::new();
        lines.read_line(&mut guess).await?;
        let guess = guess.trim().parse().map_err(io::Error::other)?;
        println!("{}  is it {guess}?", host.now());
        answer = match number.cmp(&guess) {
            Ordering::Less => "less",
            Ordering::Greater => "more",
            Ordering::Equal => "yes",
        };
        say(&mut lines, answer).await?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let simulation = Simulation::new(load_str("own_protocol", NETWORK, &[])?);
    let host = |name| simulation.host(name).ok_or("no such host");
    let (alice, bob) = (host("alice")?, host("bob")?);
    bob.spawn(server(bob.clone()));
    let game = alice.spawn_main(client(alice.clone(), bob, 42));
    let options = RunOptions {
        out: Some("captures/own_protocol".into()),
        diagrams: true,
        ..RunOptions::default()
    };
    simulation.run(&options, &Default::default())?;
    assert!(game.is_finished(), "the game goes on");
    Ok(())
}
