//! Handshake messages (RFC 8446, section 4; RFC 5246, section 7.4), and what the hellos agree on.

use super::{
    keys::{Opener, Suite},
    names,
    secrets::Secrets,
};

/// A handshake message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dissect) struct Message {
    /// "ClientHello".
    pub(in crate::dissect) name: &'static str,
    /// What matters most of it: "SNI=bob".
    pub(in crate::dissect) detail: Option<String>,
    /// Name, label and value of each field.
    pub(in crate::dissect) fields: Vec<(&'static str, &'static str, String)>,
}

/// What both directions of a connection need to know.
#[derive(Debug, Clone, Default)]
pub(in crate::dissect) struct Session {
    client_random: Option<[u8; 32]>,
    server_random: Option<[u8; 32]>,
    suite: Option<u16>,
    version: Option<u16>,
}

impl Session {
    /// True once a hello was seen.
    pub(in crate::dissect) const fn is_open(&self) -> bool {
        self.client_random.is_some() || self.server_random.is_some()
    }

    /// True if TLS 1.2 or older was agreed on.
    pub(super) fn is_classic(&self) -> bool {
        self.version.is_some_and(|v| v < TLS13)
    }

    pub(in crate::dissect) fn client_random(&self) -> Option<&[u8]> {
        self.client_random.as_ref().map(<[u8; 32]>::as_slice)
    }

    pub(in crate::dissect) fn suite(&self) -> Option<Suite> {
        self.suite.and_then(Suite::of)
    }

    /// Opens what a side of TLS 1.2 protects.
    pub(super) fn classic_opener(&self, secrets: &Secrets, of_client: bool) -> Option<Opener> {
        let client = self.client_random()?;
        let master = secrets.get(client, "CLIENT_RANDOM")?;
        let randoms = (client, self.server_random.as_ref()?.as_slice());
        Opener::classic(self.suite()?, master, randoms, of_client)
    }
}

/// Reads one message; what is cut or strange is left out.
pub(in crate::dissect) fn read_message(kind: u8, body: &[u8], session: &mut Session) -> Message {
    let mut message = Message {
        name: names::handshake(kind),
        detail: None,
        fields: vec![(
            "handshake.type",
            "Message",
            names::handshake(kind).to_owned(),
        )],
    };
    let mut rest = Bytes(body);
    // None: the message ended early.
    let _ = match kind {
        1 => client_hello(&mut rest, &mut message, session),
        2 => server_hello(&mut rest, &mut message, session),
        4 => ticket(&mut rest, &mut message),
        8 => encrypted_extensions(&mut rest, &mut message),
        11 => certificate(body, &mut message),
        _ => None,
    };
    message
}

fn client_hello(bytes: &mut Bytes<'_>, message: &mut Message, session: &mut Session) -> Option<()> {
    let legacy = bytes.u16()?;
    *session = Session {
        client_random: Some(*bytes.take(32)?.first_chunk()?),
        ..Session::default()
    };
    bytes.list8()?;
    let suites = bytes.list16()?;
    bytes.list8()?;
    let mut version = legacy;
    let [mut sni, mut alpn, mut early] = [const { None }; 3];
    let mut extensions = Bytes(bytes.list16().unwrap_or_default());
    let offered: Vec<String> = pairs(suites).map(names::suite).collect();
    message.add(
        "handshake.ciphersuites",
        "Cipher suites",
        offered.join(", "),
    );
    while let Some((kind, body)) = extensions.extension() {
        let mut body = Bytes(body);
        match kind {
            0 => {
                if let Some(name) = server_name(&mut body) {
                    message.add(
                        "handshake.extensions_server_name",
                        "Server name (SNI)",
                        &name,
                    );
                    sni = Some(format!("SNI={name}"));
                }
            }
            16 => {
                if let Some(names) = protocols(&mut body) {
                    message.add("handshake.extensions_alpn_str", "Protocols (ALPN)", &names);
                    alpn = Some(format!("ALPN={names}"));
                }
            }
            42 => early = Some("early data".to_owned()),
            43 => version = pairs(body.list8()?).max().unwrap_or(version),
            41 => message.add("handshake.extensions.psk", "Session to resume", "offered"),
            _ => {}
        }
    }
    message.add("handshake.version", "Best version", names::version(version));
    // Clients mix the order of extensions; this one is always the same.
    let details: Vec<String> = [sni, alpn, early].into_iter().flatten().collect();
    message.set_detail(&details);
    Some(())
}

fn server_hello(bytes: &mut Bytes<'_>, message: &mut Message, session: &mut Session) -> Option<()> {
    let mut version = bytes.u16()?;
    let random = *bytes.take(32)?.first_chunk()?;
    bytes.list8()?;
    let suite = bytes.u16()?;
    bytes.u8()?;
    let mut details = Vec::new();
    let mut extensions = Bytes(bytes.list16().unwrap_or_default());
    while let Some((kind, body)) = extensions.extension() {
        let mut body = Bytes(body);
        match kind {
            16 => {
                if let Some(names) = protocols(&mut body) {
                    message.add("handshake.extensions_alpn_str", "Protocol (ALPN)", &names);
                    details.push(format!("ALPN={names}"));
                }
            }
            41 => message.add("handshake.extensions.psk", "Session resumed", "yes"),
            43 => version = body.u16().unwrap_or(version),
            _ => {}
        }
    }
    session.server_random = Some(random);
    session.version = Some(version);
    session.suite = Some(suite);
    message.add("handshake.version", "Version", names::version(version));
    message.add("handshake.ciphersuite", "Cipher suite", names::suite(suite));
    details.insert(0, names::version(version));
    message.set_detail(&details);
    Some(())
}

fn encrypted_extensions(bytes: &mut Bytes<'_>, message: &mut Message) -> Option<()> {
    let mut extensions = Bytes(bytes.list16()?);
    while let Some((kind, body)) = extensions.extension() {
        match kind {
            16 => {
                let names = protocols(&mut Bytes(body))?;
                message.add("handshake.extensions_alpn_str", "Protocol (ALPN)", &names);
            }
            42 => message.add("handshake.extensions.early_data", "Early data", "taken"),
            _ => {}
        }
    }
    Some(())
}

fn ticket(bytes: &mut Bytes<'_>, message: &mut Message) -> Option<()> {
    let seconds = u32::from_be_bytes(*bytes.take(4)?.first_chunk()?);
    let lifetime = format!("{seconds} s");
    message.add(
        "handshake.session_ticket_lifetime_hint",
        "Lifetime",
        lifetime,
    );
    Some(())
}

/// The names in the first certificate, without reading the whole of it: the first common name is
/// the issuer's, the second the subject's (RFC 5280, section 4.1).
fn certificate(body: &[u8], message: &mut Message) -> Option<()> {
    let mut found = body.windows(COMMON_NAME.len()).enumerate();
    let mut names = found
        .by_ref()
        .filter(|(_, window)| *window == COMMON_NAME)
        .filter_map(|(at, _)| {
            let mut rest = Bytes(&body[at + COMMON_NAME.len() + 1..]);
            let text = rest.list8()?;
            Some(String::from_utf8_lossy(text).into_owned())
        });
    let (issuer, subject) = (names.next()?, names.next()?);
    message.add("x509sat.issuer", "Issuer", issuer);
    message.add("x509sat.subject", "Subject", &subject);
    message.set_detail(&[format!("CN={subject}")]);
    Some(())
}

/// RFC 6066, section 3: a list with one name of type 0.
fn server_name(bytes: &mut Bytes<'_>) -> Option<String> {
    let mut list = Bytes(bytes.list16()?);
    let kind = list.u8()?;
    let name = list.list16()?;
    (kind == 0).then(|| String::from_utf8_lossy(name).into_owned())
}

/// RFC 7301, section 3.1.
fn protocols(bytes: &mut Bytes<'_>) -> Option<String> {
    let mut list = Bytes(bytes.list16()?);
    let mut names = Vec::new();
    while let Some(name) = list.list8() {
        names.push(String::from_utf8_lossy(name).into_owned());
    }
    Some(names.join(","))
}

fn pairs(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes
        .chunks_exact(2)
        .map(|p| u16::from_be_bytes([p[0], p[1]]))
}

impl Message {
    fn add(&mut self, name: &'static str, label: &'static str, value: impl ToString) {
        self.fields.push((name, label, value.to_string()));
    }

    fn set_detail(&mut self, details: &[String]) {
        self.detail = (!details.is_empty()).then(|| details.join(" "));
    }
}

/// Bytes that are taken from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_be_bytes([b[0], b[1]]))
    }

    /// What one byte counts.
    fn list8(&mut self) -> Option<&'a [u8]> {
        let count = self.u8()?;
        self.take(usize::from(count))
    }

    /// What two bytes count.
    fn list16(&mut self) -> Option<&'a [u8]> {
        let count = self.u16()?;
        self.take(usize::from(count))
    }

    /// The next extension: its type and its body.
    fn extension(&mut self) -> Option<(u16, &'a [u8])> {
        Some((self.u16()?, self.list16()?))
    }
}

const TLS13: u16 = 0x0304;
/// The object identifier 2.5.4.3 in DER; a byte of type follows, then the length.
const COMMON_NAME: [u8; 5] = [6, 3, 0x55, 4, 3];
