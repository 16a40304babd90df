//! How a client tells the server what to send.
//!
//! One line at the start of the connection, one of
//!
//! ```text
//! NETSIM SEND BYTES 1048576
//! NETSIM SEND NANOS 2000000000
//! NETSIM SEND TEXT 5
//! ```
//! where `TEXT` is followed by that many bytes, which the server sends back. Anything else that a
//! client sends is an upload.

use crate::osi::application::spec::Amount;

/// What a client wants to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// This many bytes of filler.
    Bytes(u64),
    /// Filler for this long \[ns\].
    Nanos(u64),
    /// The next so many bytes, back.
    Text(u64),
}

/// What the first bytes of a connection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// Too early to say.
    Unclear,
    /// The beginning of an upload.
    Upload,
    /// An order, and the size of its line.
    Order(Order, usize),
}

impl Order {
    /// The bytes that order `amount`: the line and, for a text, the text. Nothing for
    /// [`Amount::HandshakeOnly`].
    pub(super) fn bytes(amount: &Amount) -> Vec<u8> {
        match amount {
            Amount::HandshakeOnly => Vec::new(),
            Amount::Bytes(size) => format!("{PREFIX}BYTES {}\n", size.bytes()).into_bytes(),
            Amount::Duration(span) => format!("{PREFIX}NANOS {}\n", span.as_nanos()).into_bytes(),
            Amount::Text(text) => format!("{PREFIX}TEXT {}\n{text}", text.len()).into_bytes(),
        }
    }

    /// Looks at the first bytes of a connection.
    pub(super) fn read(bytes: &[u8]) -> Opening {
        let prefix = PREFIX.as_bytes();
        let known = bytes.len().min(prefix.len());
        if bytes[..known] != prefix[..known] {
            return Opening::Upload;
        }
        let line = &bytes[..bytes.len().min(LONGEST)];
        match line.iter().position(|b| *b == b'\n') {
            Some(end) => Self::parse(&line[known..end])
                .map_or(Opening::Upload, |order| Opening::Order(order, end + 1)),
            None if bytes.len() < LONGEST => Opening::Unclear,
            None => Opening::Upload,
        }
    }

    fn parse(words: &[u8]) -> Option<Self> {
        let (kind, number) = std::str::from_utf8(words).ok()?.split_once(' ')?;
        let number = number.parse().ok()?;
        match kind {
            "BYTES" => Some(Self::Bytes(number)),
            "NANOS" => Some(Self::Nanos(number)),
            "TEXT" => Some(Self::Text(number)),
            _ => None,
        }
    }
}

const PREFIX: &str = "NETSIM SEND ";

/// No line is longer: 18 bytes of words and 20 digits.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::{ByteSize, Span};

    #[test]
    fn an_order_reads_back() {
        for (amount, order) in [
            (
                Amount::Bytes(ByteSize::new(u64::MAX)),
                Order::Bytes(u64::MAX),
            ),
            (
                Amount::Duration(Span::from_secs(2)),
                Order::Nanos(2_000_000_000),
            ),
        ] {
            let bytes = Order::bytes(&amount);
            assert_eq!(Order::read(&bytes), Opening::Order(order, bytes.len()));
            assert_eq!(Order::read(&bytes[..bytes.len() - 1]), Opening::Unclear);
        }
        let bytes = Order::bytes(&Amount::Text("hello".to_owned()));
        assert_eq!(bytes, b"NETSIM SEND TEXT 5\nhello");
        assert_eq!(Order::read(&bytes), Opening::Order(Order::Text(5), 19));
    }

    #[test]
    fn everything_else_is_an_upload() {
        for text in [
            "hello",
            "NETSIM SEND\n",
            "NETSIM SEND BYTES\n",
            "NETSIM SEND BYTES -1\n",
            "NETSIM SEND CAKE 3\n",
        ] {
            assert_eq!(Order::read(text.as_bytes()), Opening::Upload, "{text}");
        }
        let endless = format!("NETSIM SEND BYTES {}", "1".repeat(64));
        assert_eq!(Order::read(endless.as_bytes()), Opening::Upload);
        assert_eq!(Order::read(b"NETSIM"), Opening::Unclear);
        assert_eq!(Order::read(b""), Opening::Unclear);
    }

    proptest! {
        #[test]
        fn any_opening_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let mut line = PREFIX.as_bytes().to_vec();
            line.extend_from_slice(&bytes);
            let _ = (Order::read(&bytes), Order::read(&line));
        }
    }
}
