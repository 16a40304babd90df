//! A message as bytes (RFC 5322), and the dots of DATA (RFC 5321, section 4.5.2).

use crate::{
    osi::application::{
        http::http_date,
        spec::{Body, Mail},
    },
    units::SimTime,
};

/// The message as it stands in a mailbox: headers, an empty line, the text; every line ends in CRLF.
pub(super) fn message(mail: &Mail, id: &str, epoch: u64, now: SimTime) -> Vec<u8> {
    let mut lines = vec![
        format!("From: <{}>", mail.from),
        format!("To: {}", addresses(&mail.to)),
        format!("Subject: {}", mail.subject),
        format!("Date: {}", date(epoch, now)),
        format!("Message-ID: <{id}>"),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=utf-8".to_owned(),
        String::new(),
    ];
    match &mail.body {
        Body::Empty => {}
        Body::Text(text) => lines.extend(text.lines().map(str::to_owned)),
        Body::Size(size) => lines.extend(filler(size.bytes())),
    }
    let mut bytes = Vec::new();
    for line in lines {
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(CRLF);
    }
    bytes
}

/// The date of RFC 5322, section 3.3: as HTTP has it, but with a numeric zone.
pub(super) fn date(epoch: u64, now: SimTime) -> String {
    http_date(epoch, now).replace("GMT", "+0000")
}

/// The message as DATA carries it: a dot at the start of a line is doubled, and a dot alone ends it.
pub(super) fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(message.len() + END.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    stuffed.extend_from_slice(END);
    stuffed
}

fn addresses(mailboxes: &[String]) -> String {
    let quoted: Vec<String> = mailboxes.iter().map(|m| format!("<{m}>")).collect();
    // A header may go on in the next line, behind a blank (RFC 5322, section 2.2.3).
    quoted.join(",\r\n ")
}

/// Lines of printable filler that come to `size` bytes with their ends; to one more if a single byte is
/// left for the last.
fn filler(size: u64) -> impl Iterator<Item = String> {
    let whole = (LINE + CRLF.len()) as u64;
    let full = (0..size / whole).map(|_| LETTERS.to_owned());
    let rest = usize::try_from(size % whole).unwrap_or(0);
    let last = LETTERS[..rest.saturating_sub(CRLF.len()).min(LINE)].to_owned();
    full.chain((rest > 0).then_some(last))
}

const CRLF: &[u8] = b"\r\n";
const END: &[u8] = b".\r\n";
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LINE: usize = LETTERS.len();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ByteSize;

    fn mail(body: Body) -> Mail {
        Mail {
            from: "alice@a.example".to_owned(),
            to: vec!["bob@b.example".to_owned(), "carol@b.example".to_owned()],
            subject: "Lunch".to_owned(),
            body,
        }
    }

    #[test]
    fn a_message_has_headers_an_empty_line_and_its_text() {
        let body = Body::Text("Noon?\n.hidden\n".to_owned());
        let bytes = message(&mail(body), "1@a", 0, SimTime::ZERO);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("From: <alice@a.example>\r\nTo: <bob@b.example>,\r\n <carol"));
        assert!(text.contains("\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\n"));
        assert!(text.ends_with("\r\n\r\nNoon?\r\n.hidden\r\n"));
    }

    #[test]
    fn a_dot_at_the_start_of_a_line_is_doubled() {
        assert_eq!(stuffed(b".a\r\nb.\r\n..\r\n"), b"..a\r\nb.\r\n...\r\n.\r\n");
    }

    #[test]
    fn filler_has_the_size_that_was_asked_for() {
        let empty = message(&mail(Body::Empty), "1@a", 0, SimTime::ZERO).len();
        for size in [2, 74, 76, 1000] {
            let body = Body::Size(ByteSize::new(size));
            let length = message(&mail(body), "1@a", 0, SimTime::ZERO).len() - empty;
            assert_eq!(length as u64, size);
        }
    }
}
