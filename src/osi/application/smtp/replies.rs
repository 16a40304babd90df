//! The replies of a mail server, read line by line (RFC 5321, section 4.2).
//!
//! Bounded: a line has at most 4096 bytes here (the RFC says 512), a reply at most 100 lines.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// One reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Three digits.
    pub(super) code: u16,
    /// The text of each line.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Code and text in a line.
    pub(super) fn words(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" / "))
    }

    /// What an EHLO reply says behind the keyword of an extension, if it is there.
    pub(super) fn extension(&self, keyword: &str) -> Option<&str> {
        self.lines.iter().skip(1).find_map(|line| {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            word.eq_ignore_ascii_case(keyword).then_some(rest)
        })
    }
}

/// What has been read and not yet used.
#[derive(Debug, Default)]
pub(super) struct Replies {
    read: Vec<u8>,
}

impl Replies {
    /// The next reply.
    ///
    /// # Errors
    /// Those of the stream; `UnexpectedEof` if it ends; `InvalidData` if that is no reply.
    pub(super) async fn next(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<Reply> {
        let mut reply = Reply {
            code: 0,
            lines: Vec::new(),
        };
        while reply.lines.len() < MOST_LINES {
            let line = self.line(stream).await?;
            let (code, more, text) = taken_apart(&line)
                .ok_or_else(|| garbage(format!("the server says {line:?}, which is no reply")))?;
            reply.code = code;
            reply.lines.push(text.to_owned());
            if !more {
                return Ok(reply);
            }
        }
        Err(garbage("a reply of the server does not end".to_owned()))
    }

    /// True if something came that nobody has asked for yet.
    pub(super) const fn is_ahead(&self) -> bool {
        !self.read.is_empty()
    }

    async fn line(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                let text = String::from_utf8_lossy(&line);
                return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.read.len() > LONGEST_LINE {
                return Err(garbage("a line of the server does not end".to_owned()));
            }
            let mut buffer = vec![0; LONGEST_LINE];
            match stream.read(&mut buffer).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => self.read.extend_from_slice(&buffer[..n]),
            }
        }
    }
}

/// Code, whether more lines follow, and text.
fn taken_apart(line: &str) -> Option<(u16, bool, &str)> {
    let (code, rest) = line.split_at_checked(3)?;
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let code = code.parse().ok().filter(|_| digits)?;
    match rest.split_at_checked(1) {
        None => Some((code, false, "")),
        Some((" ", text)) => Some((code, false, text)),
        Some(("-", text)) => Some((code, true, text)),
        Some(_) => None,
    }
}

fn garbage(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

const LONGEST_LINE: usize = 4096;
const MOST_LINES: usize = 100;

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    /// The replies in bytes that are all there.
    fn replies(mut bytes: &[u8]) -> Vec<io::Result<Reply>> {
        let mut replies = Replies::default();
        let mut all = Vec::new();
        loop {
            let next = pin!(replies.next(&mut bytes));
            let Poll::Ready(reply) = next.poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("a slice does not wait");
            };
            let ended = reply.is_err();
            all.push(reply);
            if ended {
                return all;
            }
        }
    }

    #[test]
    fn a_reply_may_have_several_lines() {
        let all = replies(b"250-mail.example\r\n250-SIZE 1000\r\n250 PIPELINING\r\n221 bye\r\n");
        let ehlo = all[0].as_ref().unwrap();
        assert_eq!(ehlo.extension("size"), Some("1000"));
        assert_eq!(ehlo.extension("PIPELINING"), Some(""));
        assert_eq!(ehlo.extension("STARTTLS"), None);
        assert_eq!(all[1].as_ref().unwrap().words(), "221 bye");
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn what_is_no_reply_is_an_error_and_so_is_one_without_end() {
        for bytes in [
            b"hello\r\n".to_vec(),
            b"25x ok\r\n".to_vec(),
            vec![b'2'; 10_000],
            b"250-on\r\n".repeat(200),
        ] {
            let all = replies(&bytes);
            let error = all[0].as_ref().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
