//! Mail: what a client sends, and what a server takes.

use super::{http, ranges, tls};
use crate::{
    osi::{
        application::spec::{App, Body, Login, Mail, ServerApp, SmtpClient, SmtpServer},
        presentation::tls::{TlsClient, TlsServer},
    },
    scenario::{
        limits::MAX_BODY,
        schema::{self, Field, Names, ServerWord, Table, Toggle, Traffic},
        text::Findings,
    },
    units::{ByteSize, Span},
};

const PORT: u16 = 25;
/// With TLS from the start (RFC 8314).
const PORT_OVER_TLS: u16 = 465;

/// What a traffic entry sends.
pub(super) fn client(keys: &Traffic, timeout: Span, findings: &mut Findings) -> SmtpClient {
    let starttls = keys.starttls.read(findings).unwrap_or(false);
    let tls = client_tls(keys, starttls, findings);
    if keys.mail.place.is_some() && keys.mail.items.is_empty() {
        findings.error(keys.mail.place.clone(), "`mail` has no message");
    }
    let usual = Table::default();
    let tables = match keys.mail.items.as_slice() {
        [] => std::slice::from_ref(&usual),
        tables => tables,
    };
    let port = if tls.is_some() && !starttls {
        PORT_OVER_TLS
    } else {
        PORT
    };
    SmtpClient {
        port: ranges::port(&keys.port, port, findings),
        mail: tables
            .iter()
            .map(|table| mail(table, keys, findings))
            .collect(),
        pipelining: keys.pipelining.read(findings).unwrap_or(true),
        login: login(&keys.login, findings),
        say: lines(&keys.say, findings),
        timeout,
        tls,
        starttls,
    }
}

fn client_tls(keys: &Traffic, starttls: bool, findings: &mut Findings) -> Option<TlsClient> {
    let mut table = keys.tls.clone();
    refuse_no_tls(&keys.tls, &keys.starttls, starttls, findings);
    table.on |= starttls;
    tls::client(&table, None, findings)
}

/// `tls = false` beside `starttls = true`.
fn refuse_no_tls<T>(tls: &Toggle<T>, field: &Field<bool>, starttls: bool, findings: &mut Findings) {
    if starttls && tls.place.is_some() && !tls.on {
        findings
            .error(field.place(), "`starttls` begins TLS")
            .also(tls.place.clone(), "which is switched off here");
    }
}

fn mail(table: &Table<schema::Mail>, keys: &Traffic, findings: &mut Findings) -> Mail {
    let own = |field: &Field<String>| {
        let host = field.peek().map_or("host", String::as_str);
        let name: String = host.chars().filter(|c| is_atom(*c) || *c == '.').collect();
        format!("{name}@{name}").to_lowercase()
    };
    let message = &table.value;
    let to: Vec<String> = message
        .to
        .items
        .iter()
        .filter_map(|field| mailbox(field, findings))
        .collect();
    if message.to.place.is_some() && message.to.items.is_empty() {
        findings.error(message.to.place.clone(), "a message needs a recipient");
    }
    let subject = message.subject.read(findings);
    if subject
        .as_deref()
        .is_some_and(|s| s.chars().any(char::is_control))
    {
        findings.error(message.subject.place(), "a subject is one line");
    }
    let body = http::body(("body", &message.body), &message.size, MAX_BODY, findings);
    Mail {
        from: mailbox(&message.from, findings).unwrap_or_else(|| own(&keys.from)),
        to: if to.is_empty() {
            vec![own(&keys.to)]
        } else {
            to
        },
        subject: subject.unwrap_or_else(|| "Hello".to_owned()),
        body: body.unwrap_or_else(|| Body::Text("Hello from netsim.".to_owned())),
    }
}

fn login(table: &Table<schema::Login>, findings: &mut Findings) -> Option<Login> {
    table.place.as_ref()?;
    let keys = &table.value;
    for (key, field) in [("user", &keys.user), ("password", &keys.password)] {
        if !field.is_given() {
            findings
                .missing(table.place.clone(), format!("`login` needs `{key}`"))
                .help("write `login = { user = \"alice\", password = \"secret\" }`");
        }
    }
    let mut text = |field: &Field<String>| {
        let text = field.read(findings)?;
        if text.is_empty() || text.contains('\0') {
            findings.error(field.place(), "it must not be empty, nor have a NUL in it");
        }
        Some(text)
    };
    let (user, password) = (text(&keys.user)?, text(&keys.password)?);
    Some(Login {
        user,
        password,
        mechanism: keys.mechanism.read(findings).unwrap_or_default(),
    })
}

/// Lines that are said as they are.
fn lines(names: &Names, findings: &mut Findings) -> Vec<String> {
    let mut all = Vec::new();
    for field in &names.items {
        let Some(line) = field.read(findings) else {
            continue;
        };
        let verb = line.split(' ').next().unwrap_or_default().to_uppercase();
        if line.is_empty() || line.len() > 510 || line.chars().any(char::is_control) {
            findings.error(field.place(), "a line has 1 to 510 printable characters");
        } else if ["QUIT", "STARTTLS", "AUTH"].contains(&verb.as_str()) {
            findings
                .error(field.place(), format!("{verb} cannot be said here"))
                .help("`starttls` and `login` do that; QUIT comes at the end by itself");
        }
        all.push(line);
    }
    all
}

/// The address of a mailbox (RFC 5321, section 4.1.2), without quotes.
fn mailbox(field: &Field<String>, findings: &mut Findings) -> Option<String> {
    let text = field.read(findings)?;
    if let Some(problem) = bad_mailbox(&text) {
        findings
            .error(
                field.place(),
                format!("{text:?} is not a mailbox: {problem}"),
            )
            .help("write a name, an @ and a domain: \"bob@shop.example\"");
    }
    Some(text)
}

fn bad_mailbox(text: &str) -> Option<&'static str> {
    let Some((name, domain)) = text.rsplit_once('@') else {
        return Some("there is no @ in it");
    };
    let atoms = |part: &str| part.split('.').all(|atom| !atom.is_empty());
    if name.is_empty() || name.len() > 64 || !atoms(name) {
        Some("its name has 1 to 64 characters, and a dot only between others")
    } else if !name.chars().all(|c| is_atom(c) || c == '.') {
        Some("its name has a character that needs quotes, which are not known here")
    } else {
        super::dns::bad_dns_name(domain)
    }
}

/// What stands in a mailbox's name here: enough for every usual one, and safe as the name of a folder.
const fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '=')
}

/// The keys of a mail server.
pub(super) fn server(table: &Table<schema::Server>, findings: &mut Findings) -> SmtpServer {
    let keys = &table.value;
    let starttls = keys.starttls.read(findings).unwrap_or(false);
    refuse_no_tls(&keys.tls, &keys.starttls, starttls, findings);
    let mut toggle = keys.tls.clone();
    toggle.on |= starttls;
    let tls = tls::server(&toggle, (ServerWord::Smtp, Default::default()), findings);
    let mailboxes: Vec<String> = keys
        .mailboxes
        .items
        .iter()
        .filter_map(|field| mailbox(field, findings))
        .collect();
    let users = keys.users.0.iter();
    let users = users.filter_map(|(name, field)| Some((name.text.clone(), field.read(findings)?)));
    let users: Vec<(String, String)> = users.collect();
    let mut count = |field: &Field<u32>, key, most, usual| {
        ranges::within(field, key, 1..=most, findings).unwrap_or(usual)
    };
    let max_recipients = count(&keys.max_recipients, "max_recipients", 1000, 100);
    let max_connections = count(&keys.max_connections, "max_connections", 10_000, 100);
    let port = if tls.is_some() && !starttls {
        PORT_OVER_TLS
    } else {
        PORT
    };
    SmtpServer {
        port: ranges::port(&keys.port, port, findings),
        mailboxes,
        users,
        max_message: ranges::size(
            &keys.max_message,
            "max_message",
            ByteSize::new(1024)..=MAX_BODY,
            findings,
        )
        .unwrap_or(USUAL_MESSAGE),
        max_recipients,
        max_connections,
        idle: ranges::positive_span(&keys.idle, "idle", findings).unwrap_or(USUAL_IDLE),
        tls,
        starttls,
    }
}

/// The server that a client without one in the file finds: it takes everything.
pub(super) fn implied(client: &SmtpClient, tls: Option<TlsServer>) -> SmtpServer {
    let login = client.login.iter();
    SmtpServer {
        port: client.port,
        mailboxes: Vec::new(),
        users: login
            .map(|login| (login.user.clone(), login.password.clone()))
            .collect(),
        max_message: USUAL_MESSAGE,
        max_recipients: 100,
        max_connections: 100,
        idle: USUAL_IDLE,
        tls,
        starttls: client.starttls,
    }
}

const USUAL_MESSAGE: ByteSize = ByteSize::new(10 << 20);
const USUAL_IDLE: Span = Span::from_secs(300);

/// Whether a client and a server agree on how TLS begins; `None` if that is not the question here.
pub(super) fn agree(
    table: &Table<Traffic>,
    app: &App,
    server: &ServerApp,
    findings: &mut Findings,
) -> Option<bool> {
    let (App::Smtp(client), ServerApp::Smtp(server)) = (app, server) else {
        return None;
    };
    let place = table
        .value
        .starttls
        .place()
        .or_else(|| table.value.tls.place.clone());
    let place = place.or_else(|| table.place.clone());
    let from_start = |tls: bool, starttls: bool| tls && !starttls;
    let client_at_once = from_start(client.tls.is_some(), client.starttls);
    let server_at_once = from_start(server.tls.is_some(), server.starttls);
    let problem = match (client_at_once, server_at_once) {
        (true, false) => {
            "this mail is sent over TLS from the start, but the server does not begin with TLS"
        }
        (false, true) => "the server begins with TLS, but this mail does not",
        _ if client.starttls && !server.starttls => {
            "this mail asks for STARTTLS, but the server does not offer it"
        }
        // A server that offers STARTTLS also talks to those that do not want it.
        _ if !client.starttls => return Some(true),
        _ => return None,
    };
    findings
        .error(place, problem)
        .help("give both the same `tls` and `starttls`, or one of them another `port`");
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_has_a_name_and_a_domain() {
        for good in ["bob@shop.example", "a.b+c@x", "Bob_1@h-1.example"] {
            assert_eq!(bad_mailbox(good), None, "{good}");
        }
        for bad in [
            "bob", "@x", "bob@", "a..b@x", ".a@x", "a b@x", "../x@y", "bob@x..y", "a/b@x",
        ] {
            assert!(bad_mailbox(bad).is_some(), "{bad}");
        }
    }
}
