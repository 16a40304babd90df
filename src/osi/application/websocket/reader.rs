//! Frames become messages, or reasons to close (RFC 6455, sections 5 and 7.4).

use bytes::Bytes;
use fastwebsockets::{Frame, OpCode, Payload, WebSocket, WebSocketError};
use tokio::sync::mpsc::Sender;

use super::wire::Wire;
use crate::osi::session::cause;

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// True for binary data, false for text.
    pub(super) binary: bool,
    pub(super) bytes: Bytes,
    /// In how many frames it came.
    pub(super) frames: u64,
}

/// What the other side did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Message(Message),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// A close frame with its code, if it has one, and its reason.
    Close(Option<u16>, String),
    /// It broke a rule: the last that is heard of it.
    Fault(Fault),
    /// The connection has ended, for this cause: the last that is heard.
    Ended(String),
}

/// A rule that was broken, and the code to close with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: u16,
    pub(super) why: &'static str,
}

impl Fault {
    const fn protocol(why: &'static str) -> Self {
        Self { code: 1002, why }
    }
}

/// What the frames of the other side have to be like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// True for those of a client.
    pub(super) masked: bool,
    /// The largest message \[bytes\].
    pub(super) max_message: usize,
}

/// Reads until the connection ends, and tells `to` of everything that comes.
pub(super) async fn listen(mut socket: WebSocket<Wire>, rules: Rules, to: Sender<Heard>) {
    socket.set_auto_close(false);
    socket.set_auto_pong(false);
    // It refuses a frame of just this size; control frames have to pass in any case.
    socket.set_max_message_size(rules.max_message.max(MAX_CONTROL).saturating_add(1));
    let mut assembly = Assembly::default();
    loop {
        let told = match socket.read_frame().await {
            Ok(mut frame) => assembly.take(&mut frame, rules),
            Err(error) => Some(explain(error)),
        };
        let Some(told) = told else { continue };
        let is_last = matches!(told, Heard::Fault(_) | Heard::Ended(_));
        if to.send(told).await.is_err() || is_last {
            return;
        }
    }
}

fn explain(error: WebSocketError) -> Heard {
    use WebSocketError as E;
    let fault = match error {
        E::UnexpectedEOF => {
            let why = "the other side ended the connection without a close frame";
            return Heard::Ended(why.to_owned());
        }
        E::IoError(error) => return Heard::Ended(cause(&error)),
        E::InvalidUTF8 => Fault {
            code: 1007,
            why: "a text message is not UTF-8",
        },
        E::FrameTooLarge => TOO_LARGE,
        E::ReservedBitsNotZero => Fault::protocol("a reserved bit is set"),
        E::InvalidValue => Fault::protocol("the opcode is unknown"),
        E::ControlFrameFragmented => Fault::protocol("a control frame is fragmented"),
        E::PingFrameTooLarge => CONTROL_TOO_LARGE,
        _ => Fault::protocol("what came is no frame"),
    };
    Heard::Fault(fault)
}

const TOO_LARGE: Fault = Fault {
    code: 1009,
    why: "a message is too big",
};
const CONTROL_TOO_LARGE: Fault =
    Fault::protocol("a control frame has more than 125 bytes of payload");
/// The longest payload of a control frame (section 5.5).
pub(super) const MAX_CONTROL: usize = 125;

/// The fragments of a message so far.
#[derive(Debug, Default)]
struct Assembly {
    /// Whether it is binary, and its bytes; `None` between messages.
    open: Option<(bool, Vec<u8>)>,
    frames: u64,
}

impl Assembly {
    /// What a frame says, if it completes something.
    fn take(&mut self, frame: &mut Frame<'_>, rules: Rules) -> Option<Heard> {
        self.judge(frame, rules)
            .unwrap_or_else(|fault| Some(Heard::Fault(fault)))
    }

    fn judge(&mut self, frame: &mut Frame<'_>, rules: Rules) -> Result<Option<Heard>, Fault> {
        match (is_masked(frame), rules.masked) {
            (false, true) => return Err(Fault::protocol("a frame of the client is not masked")),
            (true, false) => return Err(Fault::protocol("a frame of the server is masked")),
            _ => {}
        }
        let payload = std::mem::replace(&mut frame.payload, Payload::Borrowed(&[]));
        let payload = Vec::from(payload);
        let is_control = matches!(frame.opcode, OpCode::Close | OpCode::Ping | OpCode::Pong);
        if is_control && payload.len() > MAX_CONTROL {
            return Err(CONTROL_TOO_LARGE);
        }
        match (frame.opcode, self.open.is_some()) {
            (OpCode::Ping, _) => return Ok(Some(Heard::Ping(payload))),
            (OpCode::Pong, _) => return Ok(Some(Heard::Pong(payload))),
            (OpCode::Close, _) => return read_close(&payload).map(Some),
            (OpCode::Continuation, false) => {
                return Err(Fault::protocol("a continuation continues nothing"));
            }
            (OpCode::Text | OpCode::Binary, true) => {
                return Err(Fault::protocol("a message begins inside another one"));
            }
            (OpCode::Continuation, true) => {}
            (opcode, false) => self.open = Some((opcode == OpCode::Binary, Vec::new())),
        }
        self.append(&payload, frame.fin, rules)
    }

    /// Adds a fragment; `last` if the message ends with it.
    fn append(&mut self, bytes: &[u8], last: bool, rules: Rules) -> Result<Option<Heard>, Fault> {
        let (binary, mut all) = self.open.take().unwrap_or_default();
        if all.len() + bytes.len() > rules.max_message {
            return Err(TOO_LARGE);
        }
        all.extend(bytes);
        self.frames += 1;
        if !last {
            self.open = Some((binary, all));
            return Ok(None);
        }
        if !binary && std::str::from_utf8(&all).is_err() {
            return Err(Fault {
                code: 1007,
                why: "a text message is not UTF-8",
            });
        }
        Ok(Some(Heard::Message(Message {
            binary,
            bytes: all.into(),
            frames: std::mem::take(&mut self.frames),
        })))
    }
}

/// Whether a frame was masked, as its header would be written again.
fn is_masked(frame: &mut Frame<'_>) -> bool {
    let mut head = [0; 16];
    frame.fmt_head(&mut head);
    head[1] & 0x80 != 0
}

/// Code and reason of a close frame (section 5.5.1).
fn read_close(payload: &[u8]) -> Result<Heard, Fault> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return match payload {
            [] => Ok(Heard::Close(None, String::new())),
            _ => Err(Fault::protocol("a close frame has half a code")),
        };
    };
    let code = u16::from_be_bytes(*code);
    if !may_be_sent(code) {
        return Err(Fault::protocol(
            "a close frame has a code that none may have",
        ));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Fault {
        code: 1007,
        why: "the reason of a close frame is not UTF-8",
    })?;
    Ok(Heard::Close(Some(code), reason.to_owned()))
}

/// The codes that may stand in a close frame (section 7.4 and the IANA registry).
pub(super) const fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: Rules = Rules {
        masked: false,
        max_message: 10,
    };

    fn take(assembly: &mut Assembly, fin: bool, opcode: OpCode, bytes: &[u8]) -> Option<Heard> {
        let payload = Payload::Owned(bytes.to_vec());
        assembly.take(&mut Frame::new(fin, opcode, None, payload), RULES)
    }

    fn code(heard: Option<Heard>) -> Option<u16> {
        match heard {
            Some(Heard::Fault(fault)) => Some(fault.code),
            _ => None,
        }
    }

    #[test]
    fn fragments_make_one_message_and_a_ping_may_come_between() {
        let mut a = Assembly::default();
        assert_eq!(take(&mut a, false, OpCode::Text, b"Hel"), None);
        let ping = take(&mut a, true, OpCode::Ping, b"?");
        assert_eq!(ping, Some(Heard::Ping(b"?".to_vec())));
        let whole = Message {
            binary: false,
            bytes: Bytes::from_static(b"Hello"),
            frames: 2,
        };
        let heard = take(&mut a, true, OpCode::Continuation, b"lo");
        assert_eq!(heard, Some(Heard::Message(whole)));
    }

    #[test]
    fn each_broken_rule_has_its_code() {
        let one =
            |fin, opcode, bytes: &[u8]| code(take(&mut Assembly::default(), fin, opcode, bytes));
        assert_eq!(one(true, OpCode::Continuation, b"x"), Some(1002));
        assert_eq!(one(true, OpCode::Pong, &[0; 126]), Some(1002));
        assert_eq!(one(true, OpCode::Text, &[0xff]), Some(1007));
        assert_eq!(one(true, OpCode::Binary, &[0; 11]), Some(1009));
        assert_eq!(one(true, OpCode::Close, &[3]), Some(1002));
        // 1006 says that there was no close frame, so no close frame says it.
        assert_eq!(
            one(true, OpCode::Close, &1006_u16.to_be_bytes()),
            Some(1002)
        );
        assert_eq!(one(true, OpCode::Close, &[3, 232, 0xff]), Some(1007));
        let mut a = Assembly::default();
        take(&mut a, false, OpCode::Binary, &[0; 6]);
        assert_eq!(
            code(take(&mut a, true, OpCode::Continuation, &[0; 5])),
            Some(1009)
        );
    }

    #[test]
    fn only_frames_of_a_client_are_masked() {
        let mask = Some([1, 2, 3, 4]);
        let mut masked = Frame::new(true, OpCode::Ping, mask, Payload::Borrowed(b""));
        let heard = Assembly::default().take(&mut masked, RULES);
        assert_eq!(code(heard), Some(1002));
        let mut plain = Frame::new(true, OpCode::Ping, None, Payload::Borrowed(b""));
        let server = Rules {
            masked: true,
            ..RULES
        };
        assert_eq!(
            code(Assembly::default().take(&mut plain, server)),
            Some(1002)
        );
    }

    proptest! {
        #[test]
        fn any_close_frame_is_read_without_a_panic(payload in prop::collection::vec(any::<u8>(), 0..130)) {
            let _ = read_close(&payload);
        }
    }
}
