//! Programs that everybody knows, against programs of the house.

use std::{
    io::{BufRead, BufReader},
    sync::Arc,
};

use netsim::{
    ids::{NodeId, TrafficId},
    osi::application::{
        AppEnv, Reports,
        report::AppResult,
        spec::{
            App, Body, ClientHabits, HttpClient, HttpRequest, HttpRoute, HttpServer, HttpVersion,
            KeepAlive, RouteRules, Server, ServerApp, Target, Traffic,
        },
        start_server, start_traffic,
    },
    rng::RootSeed,
    task::Host,
    units::{ByteSize, SimTime, Span},
};

use crate::{
    lab::{LINUX, Lab, Setup},
    linux::{program, python},
};

const ENV: AppEnv = AppEnv {
    // 2025-01-01T00:00:00Z
    epoch: 1_735_689_600_000_000_000,
    dns_server: None,
    seed: RootSeed(1),
};

fn route(path: &str, body: Body) -> HttpRoute {
    HttpRoute {
        push: Vec::new(),
        path: path.to_owned(),
        method: None,
        status: 200,
        headers: Vec::new(),
        body,
        think: Span::ZERO,
        rules: RouteRules::default(),
    }
}

/// A web server with a short page and a long one, on port 80.
pub(super) fn serve(host: &Host) {
    let book = Body::Size(ByteSize::new(3_000_000));
    let routes = vec![
        route("/hello", Body::Text("Hello, curl!".to_owned())),
        route("/book", book),
    ];
    let server = Server {
        on: NodeId(0),
        app: ServerApp::Http(HttpServer {
            http2: None,
            users: None,
            version: HttpVersion::Http1,
            port: 80,
            routes,
            tls: None,
            keep_alive: KeepAlive::default(),
            quic: Default::default(),
        }),
    };
    start_server(host, &server, ENV, &Reports::new(&[]));
}

/// Three requests on one connection: curl says for each the status, the bytes, and how many
/// connections it opened for it.
pub(super) fn curl_gets_pages_from_the_web_server_of_the_house() {
    let mut lab = Lab::new(Setup::default());
    serve(&lab.host);
    let curl = || {
        let said = " %{http_code} %{size_download} %{num_connects}\n";
        let mut arguments = vec!["-sS", "--max-time", "20", "-w", said];
        arguments.extend(["-o", "-", "http://10.77.0.2/hello"]);
        for path in ["book", "missing"] {
            let url = ["http://10.77.0.2/", path].concat();
            arguments.extend(["-o", "/dev/null", url.leak()]);
        }
        program("curl", &arguments)
    };
    let ((), output) = lab.run(async {}, curl);
    let (said, errors) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "curl: {errors}");
    let expected = "Hello, curl! 200 12 1\n 200 3000000 0\n 404 10 0\n";
    assert_eq!(said, expected);
    let evidence = lab.finish().judge();
    evidence.shows("http.response.code == 200 && http.server == \"netsim\"");
}

/// Python's web server; it says its port and then serves one request.
pub(super) fn the_web_client_of_the_house_gets_a_page_from_linux() {
    const SERVER: &str = "
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'x' * 500000
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *text):
        pass
server = http.server.HTTPServer(('10.77.0.1', 8080), Page)
print('ready', flush=True)
server.handle_request()
";
    let mut lab = Lab::new(Setup::default());
    let mut server = python(SERVER);
    let mut ready = String::new();
    let mut said = BufReader::new(server.stdout.take().unwrap());
    said.read_line(&mut ready).unwrap();
    let traffic = traffic();
    let reports = Reports::new(std::slice::from_ref(&traffic));
    start_traffic(&lab.host, TrafficId(0), &traffic, ENV, &reports);
    let (_, status) = lab.run(async {}, move || server.wait().unwrap());
    lab.rest(Span::from_millis(100));
    assert!(status.success());
    let report = reports.collect().remove(0);
    let AppResult::Http(exchanges) = report.result else {
        panic!("not HTTP")
    };
    assert_eq!(exchanges[0].error, None);
    assert_eq!(exchanges[0].status, Some(200));
    assert_eq!(exchanges[0].response_bytes, 500_000);
    lab.finish().judge();
}

fn traffic() -> Traffic {
    let request = HttpRequest {
        method: "GET".to_owned(),
        path: "/".to_owned(),
        headers: Vec::new(),
        body: Body::Empty,
        chunked: false,
    };
    let client = HttpClient {
        http2: None,
        version: HttpVersion::Http1,
        port: 8080,
        requests: vec![request],
        keep_alive: false,
        timeout: Span::from_secs(20),
        tls: None,
        habits: ClientHabits::default(),
        quic: Default::default(),
    };
    Traffic {
        name: "page".into(),
        from: NodeId(0),
        to: Target {
            name: "linux".into(),
            address: LINUX,
        },
        start: SimTime::ZERO,
        repeat: 1,
        every: Span::ZERO,
        resolve_by_dns: false,
        app: Arc::new(App::Http(client)),
    }
}

pub(super) fn ping_of_linux_is_answered() {
    let mut lab = Lab::new(Setup::default());
    let ping = || program("ping", &["-c", "3", "-i", "0.2", "-s", "3000", "10.77.0.2"]);
    let ((), output) = lab.run(async {}, ping);
    let said = text(output.stdout);
    assert!(said.contains("3 received, 0% packet loss"), "{said}");
    lab.finish().judge().shows("ip.flags.mf == 1");
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
