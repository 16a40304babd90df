//! The DNS server, over UDP and TCP: it answers from its zones, and asks others if it is told to.
//!
//! Over TCP any number of messages may follow each other, each with its length in front (RFC 7766).

use std::{net::SocketAddr, sync::Arc};

use simple_dns::{CLASS, OPCODE, Packet, PacketFlag, QCLASS, QTYPE, Question};
use tokio::io::AsyncWriteExt;

use super::{
    authority::Authority,
    recursor::Recursor,
    reply::{Form, MOST_OVER_UDP, MOST_WITHOUT_EDNS, Reply},
    zone::Wanted,
};
use crate::{
    osi::{
        application::spec::DnsServer,
        session::{RecordType, ResponseCode, cause, framed, read_message},
        transport::{TcpStream, UdpSocket},
    },
    task::Host,
    trace::AppEventKind,
};

/// What a server answers from.
#[derive(Debug)]
struct Server {
    authority: Authority,
    recursor: Option<Recursor>,
}

/// Answers questions as long as the run lasts.
pub(in crate::osi::application) async fn serve(host: Host, spec: DnsServer) {
    let recursive = !spec.roots.is_empty();
    let server = Arc::new(Server {
        authority: Authority::new(&spec, host.name()),
        recursor: recursive.then(|| Recursor::new(host.clone(), spec.roots.clone())),
    });
    drop(host.spawn(serve_tcp(host.clone(), spec.port, Arc::clone(&server))));
    let socket = match host.udp(spec.port) {
        Ok(socket) => Arc::new(socket),
        Err(error) => return complain(&host, spec.port, &error),
    };
    let mut buffer = vec![0; 1 << 16];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let question = &buffer[..length];
        if server.recursor.is_none() {
            answer(&server, question, &socket, from).await;
        } else {
            // Asking others takes time, and the next question does not wait for it.
            let (server, socket) = (Arc::clone(&server), Arc::clone(&socket));
            let question = question.to_vec();
            drop(host.spawn(async move { answer(&server, &question, &socket, from).await }));
        }
    }
}

async fn answer(server: &Server, question: &[u8], socket: &UdpSocket, from: SocketAddr) {
    if let Some(answer) = server.answer(question, false).await {
        // An answer that cannot be sent is an answer lost: the client asks again.
        let _ = socket.send_to(&answer, from).await;
    }
}

async fn serve_tcp(host: Host, port: u16, server: Arc<Server>) {
    let listener = match host.listen(port) {
        Ok(listener) => listener,
        Err(error) => return complain(&host, port, &error),
    };
    while let Ok((stream, _)) = listener.accept().await {
        let server = Arc::clone(&server);
        // An error here is seen by the client as well, and its report tells of it.
        drop(host.spawn(async move { converse(&server, stream).await }));
    }
}

async fn converse(server: &Server, mut stream: TcpStream) -> std::io::Result<()> {
    while let Ok(question) = read_message(&mut stream).await {
        if let Some(answer) = server.answer(&question, true).await {
            stream.write_all(&framed(&answer)).await?;
        }
    }
    stream.shutdown().await
}

fn complain(host: &Host, port: u16, error: &std::io::Error) {
    let text = format!("DNS server on port {port}: {}", cause(error));
    host.emit(AppEventKind::Failed(text), None);
}

impl Server {
    /// The bytes to send back for a message; `None` if it deserves no answer: it is an answer
    /// itself, or too short to have an id.
    async fn answer(&self, message: &[u8], over_tcp: bool) -> Option<Vec<u8>> {
        let mut form = self.form(message, over_tcp)?;
        let failure = |form, code| Reply::failure(code).bytes(form, None);
        let Ok(query) = Packet::parse(message) else {
            form.recursion_desired = false;
            return failure(form, ResponseCode::FormErr);
        };
        if query.opcode() != OPCODE::StandardQuery {
            return failure(form, ResponseCode::NotImp);
        }
        // One question per message, as everyone has it (RFC 9619).
        let [question] = query.questions.as_slice() else {
            return failure(form, ResponseCode::FormErr);
        };
        if let Some(opt) = query.opt() {
            form.edns = true;
            if !over_tcp {
                let size = opt.udp_packet_size;
                form.limit = size.clamp(MOST_WITHOUT_EDNS, MOST_OVER_UDP).into();
            }
        }
        let reply = self.reply(question, form).await;
        reply.bytes(form, Some(question))
    }

    /// What every answer repeats of its question.
    fn form(&self, message: &[u8], over_tcp: bool) -> Option<Form> {
        let [a, b, c, d, ..] = *message.first_chunk::<12>()?;
        let flags = u16::from_be_bytes([c, d]);
        let has = |flag: PacketFlag| flags & flag.bits() != 0;
        if has(PacketFlag::RESPONSE) {
            return None;
        }
        Some(Form {
            id: u16::from_be_bytes([a, b]),
            recursion_desired: has(PacketFlag::RECURSION_DESIRED),
            recursion_available: self.recursor.is_some(),
            edns: false,
            limit: if over_tcp {
                u16::MAX.into()
            } else {
                MOST_WITHOUT_EDNS.into()
            },
        })
    }

    async fn reply(&self, question: &Question<'_>, form: Form) -> Reply {
        if !matches!(question.qclass, QCLASS::ANY | QCLASS::CLASS(CLASS::IN)) {
            return Reply::failure(ResponseCode::Refused);
        }
        let name = question.qname.to_string();
        let wanted = wanted(question.qtype);
        if let Some(reply) = self.authority.look_up(&name, wanted) {
            return reply;
        }
        match (&self.recursor, wanted) {
            (Some(recursor), Wanted::Type(record)) if form.recursion_desired => {
                recursor.resolve(&name, record).await
            }
            (Some(_), _) if form.recursion_desired => Reply::failure(ResponseCode::NotImp),
            _ => Reply::failure(ResponseCode::Refused),
        }
    }
}

fn wanted(qtype: QTYPE) -> Wanted {
    match qtype {
        QTYPE::ANY => Wanted::Any,
        QTYPE::TYPE(kind) => RecordType::from_wire(kind).map_or(Wanted::Other, Wanted::Type),
        _ => Wanted::Other,
    }
}

#[cfg(test)]
mod tests;
