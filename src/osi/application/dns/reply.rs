//! A server's answer before it is bytes, and the bytes of it: compressed, cut to what the client
//! takes (RFC 1035, section 4.2.1; RFC 6891 for larger ones).

use simple_dns::{Packet, PacketFlag, Question, ResourceRecord};

use crate::osi::session::{Record, ResponseCode, edns};

/// What a server has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: ResponseCode,
    pub(super) authoritative: bool,
    pub(super) answers: Vec<Record>,
    pub(super) authority: Vec<Record>,
    pub(super) additional: Vec<Record>,
}

impl Default for Reply {
    fn default() -> Self {
        Self::failure(ResponseCode::NoError)
    }
}

/// What the question asks of the form of its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) id: u16,
    /// Sent back as it came.
    pub(super) recursion_desired: bool,
    pub(super) recursion_available: bool,
    /// The question has a record of EDNS, so the answer has one (RFC 6891, section 6.1.1).
    pub(super) edns: bool,
    /// The longest answer that is welcome \[bytes\].
    pub(super) limit: usize,
}

impl Reply {
    /// An answer that is only a response code.
    pub(super) const fn failure(code: ResponseCode) -> Self {
        Self {
            code,
            authoritative: false,
            answers: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
        }
    }

    /// Its bytes. One that is too long loses its records and is marked as truncated, so that the
    /// client asks again over TCP. `None` if a record cannot be written.
    pub(super) fn bytes(&self, form: Form, question: Option<&Question<'_>>) -> Option<Vec<u8>> {
        let mut packet = Packet::new_reply(form.id);
        *packet.rcode_mut() = self.code.wire();
        for (flag, is_set) in [
            (PacketFlag::AUTHORITATIVE_ANSWER, self.authoritative),
            (PacketFlag::RECURSION_DESIRED, form.recursion_desired),
            (PacketFlag::RECURSION_AVAILABLE, form.recursion_available),
        ] {
            if is_set {
                packet.set_flags(flag);
            }
        }
        packet.questions.extend(question.cloned());
        packet.answers = section(&self.answers, question)?;
        packet.name_servers = section(&self.authority, None)?;
        packet.additional_records = section(&self.additional, None)?;
        *packet.opt_mut() = form.edns.then(|| edns(MOST_OVER_UDP));
        let bytes = packet.build_bytes_vec_compressed().ok()?;
        if bytes.len() <= form.limit {
            return Some(bytes);
        }
        packet.answers.clear();
        packet.name_servers.clear();
        packet.additional_records.clear();
        packet.set_flags(PacketFlag::TRUNCATION);
        packet.build_bytes_vec_compressed().ok()
    }
}

/// The records of a section. Those of the name in the question have it in the same letters, which
/// compresses well.
fn section<'a>(
    records: &'a [Record],
    question: Option<&Question<'a>>,
) -> Option<Vec<ResourceRecord<'a>>> {
    let asked = question.map(|question| &question.qname);
    let canonical = asked.map(|name| crate::osi::session::canonical(&name.to_string()));
    let own = |record: &Record| canonical.as_ref() == Some(&record.name);
    let wire = |record: &'a Record| record.wire(asked.filter(|_| own(record)).cloned());
    records.iter().map(wire).collect()
}

/// RFC 1035, section 2.3.4: "UDP messages: 512 octets or less".
pub(super) const MOST_WITHOUT_EDNS: u16 = 512;

/// The size that fits into every packet without fragments (DNS flag day 2020).
pub(super) const MOST_OVER_UDP: u16 = 1232;
