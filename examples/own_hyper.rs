//! A web server and a client of one's own: plain hyper on simulated hosts.
//!
//! hyper asks a runtime for three things: bytes, time and tasks. A [`Host`] has them all in virtual
//! time: its `TcpStream` behind `TokioIo`, `HyperTimer`, and `spawn`. The server counts visitors;
//! the client comes three times over one connection. Afterwards
//! `captures/own_hyper/browser.pcapng` has it all: open it in Wireshark.

#![allow(clippy::print_stdout, reason = "an example prints what happens")]

use std::{
    convert::Infallible,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use http_body_util::{BodyExt, Empty, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client, server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use netsim::{
    scenario::load_str,
    sim::{RunOptions, Simulation},
    task::{Host, HyperTimer},
};

const NETWORK: &str = r#"
    title = "A web server of one's own"
    node = { browser = {}, shop = {} }
    link = [{ between = ["browser", "shop"], rate = "10 Mbit/s", latency = "15ms", loss = "1%" }]
"#;

type Failure = Box<dyn Error + Send + Sync>;

/// Greets everybody on every connection, and counts.
async fn serve(host: Host) -> Result<(), Failure> {
    let listener = host.listen(80)?;
    let visitors = Arc::new(AtomicU32::new(0));
    loop {
        let (stream, peer) = listener.accept().await?;
        let visitors = Arc::clone(&visitors);
        let greet = service_fn(move |request: Request<Incoming>| {
            let number = visitors.fetch_add(1, Ordering::Relaxed) + 1;
            let text = format!("{peer}, you are number {number} at {}\n", request.uri());
            async move { Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(text))) }
        });
        let mut http = server::conn::http1::Builder::new();
        // `Date` would be that of the machine.
        http.timer(HyperTimer(host.clone())).auto_date_header(false);
        let connection = http.serve_connection(TokioIo::new(stream), greet);
        host.spawn(async move { connection.await.is_ok() });
    }
}

/// Asks three times and prints what comes back, and when.
async fn browse(host: Host, shop: Host) -> Result<(), Failure> {
    let stream = host.connect((shop.address(), 80).into()).await?;
    let (mut sender, driver) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
    host.spawn(async move { driver.await.is_ok() });
    for path in ["/", "/cheese", "/wine"] {
        let request = Request::get(path)
            .header("host", shop.name())
            .body(Empty::<Bytes>::new())?;
        let response = sender.send_request(request).await?;
        let text = response.into_body().collect().await?.to_bytes();
        print!("{}  {}", host.now(), String::from_utf8_lossy(&text));
        sender.ready().await?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let simulation = Simulation::new(load_str("own_hyper", NETWORK, &[])?);
    let host = |name| simulation.host(name).ok_or("no such host");
    let (browser, shop) = (host("browser")?, host("shop")?);
    shop.spawn(serve(shop.clone()));
    let visit = browser.spawn_main(browse(browser.clone(), shop));
    let options = RunOptions {
        out: Some("captures/own_hyper".into()),
        diagrams: true,
        ..RunOptions::default()
    };
    simulation.run(&options, &Default::default())?;
    assert!(visit.is_finished(), "the visit goes on");
    Ok(())
}
