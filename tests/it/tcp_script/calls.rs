//! What the program on the host calls, and what it is answered.

use std::{
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use netsim::osi::transport::{SharedStack, TcpListener, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::words::Words;

type Connecting = Pin<Box<dyn Future<Output = io::Result<TcpStream>>>>;

/// The program: at most one listener and one stream. Its data are the bytes of [`byte`], by
/// their place in the stream; so must be what it reads.
#[derive(Default)]
pub(super) struct Program {
    listener: Option<TcpListener>,
    connecting: Option<Connecting>,
    stream: Option<TcpStream>,
    written: usize,
    read: usize,
}

/// The byte of a stream at `place`.
pub(super) fn byte(place: usize) -> u8 {
    u8::try_from(place % 251).unwrap()
}

/// The host's port, the peer's, when the host connects: the first ephemeral one.
pub(super) const ACTIVE: [u16; 2] = [49_152, 80];
/// The same when the host listens.
pub(super) const PASSIVE: [u16; 2] = [80, 40_000];

impl Program {
    /// Carries out a call. False if `call` is none.
    pub(super) fn call(
        &mut self,
        call: &str,
        words: &mut Words<'_>,
        stack: &SharedStack,
    ) -> Result<bool, String> {
        match call {
            "connect" => self.connect(words, stack)?,
            "listen" => self.listener = Some(TcpListener::bind(stack, 80).map_err(text)?),
            "unlisten" => self.listener = None,
            "accept" => self.accept(words)?,
            "connected" => drop(self.stream()?),
            "write" => self.write(words)?,
            "read" => self.read(words)?,
            "urge" => self.urge(words)?,
            "urgent" => self.urgent(words)?,
            "shutdown" => self.shut_down()?,
            "close" => {
                (self.stream, self.connecting) = (None, None);
                (self.written, self.read) = (0, 0);
            }
            "abort" => self.stream()?.abort(),
            "nodelay" => self.stream()?.set_nodelay(true),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn connect(&mut self, words: &mut Words<'_>, stack: &SharedStack) -> Result<(), String> {
        if words.peek() == Some("fails") {
            words.next();
            let wanted: String = words.value()?;
            let error = self.poll_connect()?.expect_err("it is connected");
            return same(&wanted, &format!("{:?}", error.kind()));
        }
        let stack = stack.clone();
        let to = SocketAddr::from((super::stage::PEER, ACTIVE[1]));
        let mut future: Connecting = Box::pin(async move { TcpStream::connect(&stack, to).await });
        if words.peek() == Some("early") {
            words.next();
            self.connecting = Some(future);
            return self.write_early(words);
        }
        if future.as_mut().poll(&mut context()).is_ready() {
            return Err("connecting is over at once".into());
        }
        self.connecting = Some(future);
        Ok(())
    }

    /// Fast Open: the program writes before the host has had time to send its SYN.
    fn write_early(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        match words.peek() {
            Some(_) => self.write(words),
            None => self.stream().map(drop),
        }
    }

    fn poll_connect(&mut self) -> Result<io::Result<()>, String> {
        let future = self.connecting.as_mut().ok_or("there is no stream")?;
        let Poll::Ready(result) = future.as_mut().poll(&mut context()) else {
            return Err("it is not connected".into());
        };
        self.connecting = None;
        Ok(result.map(|stream| self.stream = Some(stream)))
    }

    fn stream(&mut self) -> Result<&mut TcpStream, String> {
        if self.stream.is_none() {
            self.poll_connect()?.map_err(text)?;
        }
        self.stream
            .as_mut()
            .ok_or_else(|| "there is no stream".into())
    }

    fn accept(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let listener = self.listener.as_ref().ok_or("there is no listener")?;
        let accepted = listener.poll_accept(&context());
        match (words.next(), accepted) {
            (Some("nothing"), Poll::Pending) => Ok(()),
            (None, Poll::Ready(accepted)) => {
                self.stream = Some(accepted.map_err(text)?.0);
                Ok(())
            }
            (_, accepted) => Err(format!("accept: {accepted:?}")),
        }
    }

    fn write(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        if words.peek() == Some("fails") {
            words.next();
            let wanted: String = words.value()?;
            return same(&wanted, &outcome(self.poll_write(&[1])?));
        }
        let count: usize = words.value()?;
        let data: Vec<u8> = (self.written..self.written + count).map(byte).collect();
        let result = self.poll_write(&data)?;
        if let Poll::Ready(Ok(taken)) = result {
            self.written += taken;
        }
        let wanted = match words.next() {
            Some("takes") => words.value()?,
            _ => count.to_string(),
        };
        same(&wanted, &outcome(result))
    }

    fn poll_write(&mut self, data: &[u8]) -> Result<Poll<io::Result<usize>>, String> {
        let stream = Pin::new(self.stream()?);
        Ok(stream.poll_write(&mut context(), data))
    }

    fn read(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let wanted: String = words.value()?;
        let most = wanted.parse().unwrap_or(1);
        let mut space = vec![0; most];
        let mut buffer = ReadBuf::new(&mut space);
        let stream = Pin::new(self.stream()?);
        let result = stream.poll_read(&mut context(), &mut buffer);
        let data = buffer.filled();
        let came = match result {
            Poll::Ready(Ok(())) if data.is_empty() => "eof".to_owned(),
            result => outcome(result.map_ok(|()| data.len())),
        };
        let right = (self.read..).map(byte);
        if !data
            .iter()
            .copied()
            .zip(right)
            .all(|(came, right)| came == right)
        {
            return Err("what was read is not what was sent".into());
        }
        self.read += data.len();
        same(&wanted, &came)
    }

    fn urge(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let count: usize = words.value()?;
        let data: Vec<u8> = (self.written..self.written + count).map(byte).collect();
        let result = pin!(self.stream()?.write_urgent(&data)).poll(&mut context());
        self.written += count;
        same(&count.to_string(), &outcome(result))
    }

    fn urgent(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let wanted: String = words.value()?;
        let came = match pin!(self.stream()?.urgent()).poll(&mut context()) {
            Poll::Pending => "nothing".to_owned(),
            Poll::Ready(bytes) => {
                bytes.map_or_else(|| "over".to_owned(), |bytes| bytes.to_string())
            }
        };
        same(&wanted, &came)
    }

    fn shut_down(&mut self) -> Result<(), String> {
        let stream = Pin::new(self.stream()?);
        let done = stream.poll_shutdown(&mut context());
        same("0", &outcome(done.map_ok(|()| 0)))
    }
}

/// The number of bytes, `nothing`, or the name of an error.
fn outcome(result: Poll<io::Result<usize>>) -> String {
    match result {
        Poll::Pending => "nothing".to_owned(),
        Poll::Ready(Ok(count)) => count.to_string(),
        Poll::Ready(Err(error)) => format!("{:?}", error.kind()),
    }
}

fn same(wanted: &str, came: &str) -> Result<(), String> {
    match wanted == came {
        true => Ok(()),
        false => Err(format!("came: {came}")),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn text(error: io::Error) -> String {
    format!("error: {error}")
}

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}
