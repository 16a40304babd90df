//! Tonic code of one's own on simulated hosts: a service, its server and its client.
//!
//! The service is written by hand here, so that the example needs no `.proto` and no build script; what
//! `tonic-prost-build` makes of a `.proto` (with `build_transport(false)`) is used in the same way. tonic's
//! own transport would need tokio's clock, so requests go through hyper's HTTP/2 with the executor and the
//! timer of the host. What both said lies in `captures/own_tonic/` afterwards: open `alice.pcapng` in
//! Wireshark and decode port 50051 as HTTP/2.

#![allow(clippy::print_stdout, reason = "an example prints what happens")]

use std::{
    convert::Infallible,
    error::Error,
    future::{Ready, ready},
    pin::Pin,
    task::{Context, Poll},
};

use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use netsim::{
    scenario::load_str,
    sim::{RunOptions, Simulation},
    task::{FOREVER, Host, HyperExecutor, HyperTimer},
};
use tonic::{Status, body::Body, client::Grpc, server, server::UnaryService};
use tonic_prost::ProstCodec;
use tower_service::Service;

const NETWORK: &str = r#"
    title = "A thermometer"
    node = { alice = {}, bob = {} }
    link = [{ between = ["alice", "bob"], rate = "1 Mbit/s", latency = "30ms" }]
"#;
const PORT: u16 = 50051;
const PATH: &str = "/weather.Thermometer/Read";

/// What is asked: the name of a room.
#[derive(Clone, PartialEq, prost::Message)]
struct Room {
    #[prost(string, tag = "1")]
    name: String,
}

/// What is answered.
#[derive(Clone, PartialEq, prost::Message)]
struct Temperature {
    #[prost(int32, tag = "1")]
    celsius: i32,
}

/// The procedure.
#[derive(Clone)]
struct Read;

impl UnaryService<Room> for Read {
    type Response = Temperature;
    type Future = Ready<Result<tonic::Response<Temperature>, Status>>;

    fn call(&mut self, request: tonic::Request<Room>) -> Self::Future {
        ready(match request.get_ref().name.as_str() {
            "kitchen" => Ok(tonic::Response::new(Temperature { celsius: 23 })),
            other => Err(Status::not_found(format!("there is no {other}"))),
        })
    }
}

/// One request of HTTP/2 is one call.
async fn answer(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let codec = ProstCodec::<Temperature, Room>::default();
    Ok(match request.uri().path() {
        PATH => server::Grpc::new(codec).unary(Read, request).await,
        other => Status::unimplemented(other).into_http(),
    })
}

async fn serve(host: Host) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (stream, _) = host.listen(PORT)?.accept().await?;
    stream.set_nodelay(true);
    hyper::server::conn::http2::Builder::new(HyperExecutor(host.clone()))
        .timer(HyperTimer(host))
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await?;
    Ok(())
}

/// Where tonic's client puts its requests.
struct Transport(hyper::client::conn::http2::SendRequest<Body>);

impl Service<Request<Body>> for Transport {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Incoming>, hyper::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}

async fn ask(host: Host, bob: Host) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = host.connect((bob.address(), PORT).into()).await?;
    stream.set_nodelay(true);
    let (sender, driver) = hyper::client::conn::http2::Builder::new(HyperExecutor(host.clone()))
        .timer(HyperTimer(host.clone()))
        .reset_stream_duration(FOREVER)
        .handshake(TokioIo::new(stream))
        .await?;
    host.spawn(driver);
    let mut client = Grpc::with_origin(Transport(sender), "http://bob:50051".parse()?);
    for name in ["kitchen", "attic"] {
        client.ready().await?;
        let room = tonic::Request::new(Room {
            name: name.to_owned(),
        });
        let codec = ProstCodec::<Room, Temperature>::default();
        match client.unary(room, PATH.parse()?, codec).await {
            Ok(read) => println!("{}  {name}: {} °C", host.now(), read.get_ref().celsius),
            Err(status) => println!("{}  {name}: {}", host.now(), status.message()),
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let simulation = Simulation::new(load_str("own_tonic", NETWORK, &[])?);
    let host = |name| simulation.host(name).ok_or("no such host");
    let (alice, bob) = (host("alice")?, host("bob")?);
    bob.spawn(serve(bob.clone()));
    let asked = alice.spawn_main(ask(alice.clone(), bob));
    let options = RunOptions {
        out: Some("captures/own_tonic".into()),
        diagrams: true,
        ..RunOptions::default()
    };
    simulation.run(&options, &Default::default())?;
    assert!(asked.is_finished(), "alice still waits");
    Ok(())
}
