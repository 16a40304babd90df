//! The entries of the made-up run that talk over connections of floors 5 and 6: mail, calls,
//! messages, events, and requests over QUIC.

use crate::{
    osi::{
        application::{
            report::{
                AppResult, CloseResult, GrpcExchange, HttpExchange, MailExchange, MessageCount,
                Opening, Refusal, Spread, SseResult, TlsResult, WebSocketResult,
            },
            spec::{
                App, Body, ClientHabits, GrpcClient, HttpClient, HttpVersion, Mail, SmtpClient,
                SseClient, WebSocketClient, WebSocketClose, WebSocketFrames, WebSocketMessage,
                WebSocketMode,
            },
        },
        presentation::{
            quic::QuicClient,
            tls::{TlsClient, TlsFacts, TlsResumption, TlsVersion},
        },
        session::Backoff,
    },
    units::{ByteSize, SimTime, Span},
};

/// The names of these entries.
pub(super) const NAMES: [&str; 5] = ["mail", "calls", "chat", "news", "users"];

/// What the entry called `name` does, if it is one of these.
pub(super) fn app(name: &str) -> Option<App> {
    let timeout = Span::from_secs(30);
    Some(match name {
        "mail" => App::Smtp(SmtpClient {
            port: 25,
            mail: vec![lunch()],
            pipelining: true,
            login: None,
            say: Vec::new(),
            timeout,
            tls: None,
            starttls: false,
        }),
        "calls" => App::Grpc(GrpcClient {
            port: 50051,
            calls: Vec::new(),
            timeout,
            tls: None,
        }),
        "chat" => App::WebSocket(chat()),
        "news" => App::Sse(SseClient {
            port: 80,
            path: "/events".to_owned(),
            count: 10,
            last_event_id: None,
            timeout,
            reconnect: 3,
            tls: None,
        }),
        "users" => App::Rest(HttpClient {
            version: HttpVersion::Http3,
            port: 443,
            requests: Vec::new(),
            keep_alive: true,
            timeout,
            http2: None,
            tls: Some(TlsClient::for_http3()),
            habits: ClientHabits::default(),
            quic: QuicClient::default(),
        }),
        _ => return None,
    })
}

fn lunch() -> Mail {
    Mail {
        from: "alice@alice".to_owned(),
        to: vec!["bob@bob".to_owned(), "nobody@bob".to_owned()],
        subject: "Lunch".to_owned(),
        body: Body::Text("Noon?".to_owned()),
    }
}

fn chat() -> WebSocketClient {
    WebSocketClient {
        port: 80,
        path: "/".to_owned(),
        mode: WebSocketMode::Echo,
        message: WebSocketMessage {
            body: Body::Text("Hello".to_owned()),
            binary: false,
        },
        count: 3,
        interval: Span::from_millis(100),
        stay: Span::ZERO,
        key: None,
        version: 13,
        subprotocols: vec!["echo".to_owned()],
        frames: WebSocketFrames {
            fragment: None,
            max_message: ByteSize::new(1024),
            ping: None,
            timeout: Span::from_secs(30),
        },
        close: WebSocketClose {
            code: 1000,
            reason: String::new(),
            after: None,
        },
        reconnect: Backoff::default(),
        fault: None,
        tls: None,
    }
}

/// What came of them, in the order of [`NAMES`]. `page` is a request that went well.
pub(super) fn results(page: &HttpExchange) -> [AppResult; 5] {
    let user = HttpExchange {
        tls: Some(tls("h3")),
        ..page.clone()
    };
    [
        AppResult::Smtp(vec![mail()]),
        AppResult::Grpc(vec![call(0, ""), call(5, "there is no user 999")]),
        AppResult::WebSocket(vec![connection()]),
        AppResult::Sse(vec![events(1), events(2)]),
        AppResult::Http(vec![user]),
    ]
}

fn tls(alpn: &str) -> TlsResult {
    TlsResult {
        handshake: Span::from_micros(44_300),
        facts: Some(TlsFacts {
            version: TlsVersion::Tls13,
            cipher_suite: "TLS_AES_256_GCM_SHA384".to_owned(),
            alpn: Some(alpn.to_owned()),
            resumption: TlsResumption::Full,
        }),
    }
}

fn spread() -> Option<Spread> {
    Some(Spread {
        min: Span::from_micros(22_100),
        mean: Span::from_micros(23_000),
        max: Span::from_micros(26_250),
    })
}

fn mail() -> MailExchange {
    MailExchange {
        accepted: vec!["bob@bob".to_owned()],
        rejected: vec![Refusal {
            mailbox: "nobody@bob".to_owned(),
            code: 550,
            text: "no such mailbox".to_owned(),
        }],
        said: vec![("NOOP".to_owned(), "250 OK".to_owned())],
        connect: Some(Span::from_micros(44_100)),
        total: Some(Span::from_micros(220_400)),
        bytes: 212,
        ..MailExchange::new(&lunch(), SimTime::ZERO)
    }
}

fn call(status: u8, message: &str) -> GrpcExchange {
    let found = u64::from(status == 0);
    GrpcExchange {
        connect: (status == 0).then(|| Span::from_micros(44_100)),
        tls: (status == 0).then(|| tls("h2")),
        sent_messages: 1,
        sent_bytes: 2,
        sent_json_bytes: 9,
        received_messages: found,
        received_bytes: 49 * found,
        received_json_bytes: 85 * found,
        first_message: (status == 0).then(|| Span::from_micros(88_300)),
        total: Some(Span::from_micros(88_400)),
        status: Some(status),
        message: message.to_owned(),
        ..GrpcExchange::new("GetUser", SimTime::ZERO)
    }
}

fn opening(path: &str, attempt: u32) -> Opening {
    Opening {
        connect: Some(Span::from_micros(44_100)),
        ..Opening::new(path, attempt, SimTime::ZERO)
    }
}

fn connection() -> WebSocketResult {
    let three = MessageCount {
        messages: 3,
        bytes: 15,
        frames: 3,
    };
    WebSocketResult {
        opening: opening("/", 1),
        status: Some(101),
        handshake: Some(Span::from_micros(44_200)),
        subprotocol: Some("echo".to_owned()),
        sent: three,
        received: three,
        pings: 1,
        pongs: 1,
        ping_rtt: spread(),
        echo_rtt: spread(),
        latency: spread(),
        close: Some(CloseResult {
            code: Some(1000),
            reason: "done".to_owned(),
            by_client: true,
        }),
        ended: Some(SimTime::from_nanos(500_000_000)),
        error: None,
    }
}

/// Connection number `attempt`: the first breaks.
fn events(attempt: u32) -> SseResult {
    let broken = attempt == 1;
    SseResult {
        opening: opening("/events", attempt),
        last_event_id: (!broken).then(|| "5".to_owned()),
        status: Some(200),
        first_byte: Some(Span::from_micros(88_245)),
        events: 5,
        bytes: 70,
        comments: 1,
        missed: 0,
        repeated: 0,
        latency: spread(),
        retry: Some(Span::from_secs(1)),
        ended: Some(SimTime::from_nanos(1_500_000_000)),
        error: broken.then(|| "nothing came for 2s".to_owned()),
    }
}
