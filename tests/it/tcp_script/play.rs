//! Plays a case, line by line. `README.md` says what the lines mean.

use netsim::{
    osi::transport::{CongestionControl, MtuProbing, RtoFloor, TcpConfig, TcpEvent},
    trace::TcpState,
    units::{ByteSize, SimTime, Span},
};

use super::{
    calls::{self, Program},
    segment::{RST, SYN, Segment},
    stage::{self, HOST, PEER, Setup, Stage, ms},
    words::Words,
};
use crate::support::icmp_error;

/// A case under way.
pub(super) struct Player {
    setup: Setup,
    stage: Option<Stage>,
    program: Program,
    peer: Peer,
    seen: Vec<String>,
}

/// What the script's end of the conversation knows.
struct Peer {
    ports: [u16; 2],
    /// The initial sequence numbers: the host's, once seen, and the own.
    host_initial: Option<u32>,
    initial: u32,
    /// The window of segments that name none, unscaled.
    window: u16,
    /// What the host's time stamps begin with, and the last one that it sent.
    stamp_base: Option<u32>,
    last_stamp: u32,
    /// Each end's SYN had a time stamp: the host, the script.
    stamps: [bool; 2],
    /// The cookie that the host gave.
    cookie: Vec<u8>,
    /// The last segment of the host, for ICMP to quote.
    last: Vec<u8>,
}

impl Player {
    pub(super) fn new() -> Self {
        let tcp = TcpConfig {
            congestion: CongestionControl::Reno,
            ..TcpConfig::native()
        };
        Self {
            setup: Setup {
                tcp,
                mtu: 1500,
                seed: 1,
            },
            stage: None,
            program: Program::default(),
            peer: Peer {
                ports: calls::ACTIVE,
                host_initial: None,
                initial: 1_000_000,
                window: 60_000,
                stamp_base: None,
                last_stamp: 0,
                stamps: [false; 2],
                cookie: Vec::new(),
                last: Vec::new(),
            },
            seen: Vec::new(),
        }
    }

    /// All packets so far.
    pub(super) fn seen(&self) -> &[String] {
        &self.seen
    }

    pub(super) fn line(&mut self, line: &str) -> Result<(), String> {
        let mut words = Words::of(line);
        match words.peek() {
            None => return Ok(()),
            Some("config") => return self.configure(&mut words),
            Some(_) => {}
        }
        if self.stage.is_none() {
            self.stage = Some(Stage::new(&self.setup));
        }
        self.pass_time(&mut words)?;
        let Some(word) = words.next() else {
            return Ok(());
        };
        self.act(word, &mut words)?;
        match words.next() {
            Some(rest) => Err(format!("`{rest}` is not understood")),
            None => Ok(()),
        }
    }

    /// Nothing may be left over.
    pub(super) fn finish(&mut self) -> Result<(), String> {
        self.nothing_left()
    }

    fn act(&mut self, word: &str, words: &mut Words<'_>) -> Result<(), String> {
        if word == ">" {
            return self.expect(words);
        }
        self.nothing_left()?;
        match word {
            "<" => self.send(words),
            "open" => self.open(words),
            "nothing" => Ok(()),
            "anew" => {
                (self.peer.host_initial, self.peer.stamp_base) = (None, None);
                Ok(())
            }
            "port" => {
                self.peer.ports[1] = words.value()?;
                Ok(())
            }
            "state" => self.state(words),
            "window" => {
                self.peer.window = words.value()?;
                Ok(())
            }
            "icmp" => self.icmp(words),
            call => {
                let stage = self.stage.as_mut().ok_or("no stage")?;
                if !self.program.call(call, words, &stage.stack)? {
                    return Err(format!("`{call}` is no call"));
                }
                if call == "listen" {
                    self.peer.ports = calls::PASSIVE;
                }
                stage.drain()
            }
        }
    }

    fn stage(&mut self) -> Result<&mut Stage, String> {
        self.stage.as_mut().ok_or_else(|| "no stage".into())
    }

    /// `@100`: at 100 ms; `+100`: 100 ms later.
    fn pass_time(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let stage = self.stage.as_mut().ok_or("no stage")?;
        let at = match words.peek().and_then(|word| word.split_at_checked(1)) {
            Some(("@", ms)) => SimTime::ZERO + stage::span(ms)?,
            Some(("+", ms)) => stage.now + stage::span(ms)?,
            _ => return Ok(()),
        };
        words.next();
        if at < stage.now {
            return Err(format!("it is {} already", ms(stage.now)));
        }
        stage.run_to(at)
    }

    fn configure(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        words.next();
        let tcp = &mut self.setup.tcp;
        while let Some(word) = words.next() {
            match word {
                "reno" => tcp.congestion = CongestionControl::Reno,
                "dctcp" => tcp.congestion = CongestionControl::Dctcp,
                "cubic" => tcp.congestion = CongestionControl::Cubic,
                "nocc" => tcp.congestion = CongestionControl::None,
                "ecn" => tcp.ecn = true,
                "pacing" => tcp.pacing = true,
                "backlog" => tcp.backlog = words.value()?,
                "fastopen" => tcp.fast_open = true,
                "blackhole" => tcp.mtu_probing = MtuProbing::BlackHole,
                "search" => tcp.mtu_probing = MtuProbing::Always,
                "cookies" => tcp.syn_cookies = true,
                "rtofloor" => {
                    tcp.rto_floor = RtoFloor::Rfc6298;
                    tcp.min_rto = time(words)?;
                }
                "nonagle" => tcp.nagle = false,
                "ackatonce" => tcp.delayed_ack = None,
                "delack" => tcp.delayed_ack = Some(time(words)?),
                "keepalive" => tcp.keep_alive = Some(time(words)?),
                "timeout" => tcp.timeout = Some(time(words)?),
                "receive" => tcp.receive_buffer = ByteSize::new(words.value()?),
                "send" => tcp.send_buffer = ByteSize::new(words.value()?),
                "mtu" => self.setup.mtu = words.value()?,
                "seed" => self.setup.seed = words.value()?,
                "isn" => self.peer.initial = words.value()?,
                word => return Err(format!("`{word}` is no setting")),
            }
        }
        Ok(())
    }

    fn state(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let wanted = words.next().ok_or("a state is missing")?;
        let last = self.stage()?.events.iter().rev().find_map(TcpEvent::state);
        let came = last.map_or("CLOSED", TcpState::name);
        match came == wanted {
            true => Ok(()),
            false => Err(format!("it is {came}")),
        }
    }

    fn nothing_left(&mut self) -> Result<(), String> {
        let Some((at, packet)) = self.stage.as_mut().and_then(|s| s.out.pop_front()) else {
            return Ok(());
        };
        let segment = self.look(at, &packet)?;
        Err(format!("not expected: @{} > {}", ms(at), segment.text()))
    }

    /// Takes a packet of the host: relative numbers, and what holds of every segment.
    fn look(&mut self, at: SimTime, packet: &[u8]) -> Result<Segment, String> {
        let (mut segment, data) = Segment::parse(packet)?;
        self.peer.last = packet.to_vec();
        let first = segment.has(SYN) && self.peer.host_initial.is_none();
        if first {
            self.peer.host_initial = Some(segment.seq);
            self.peer.ports[0] = u16::from_be_bytes([packet[20], packet[21]]);
        }
        if packet[6] & 0x40 == 0 {
            return Err("a router may fragment it (RFC 1191, section 3)".into());
        }
        let absolute = segment.seq;
        self.relate(&mut segment, at);
        self.seen.push(format!("@{} > {}", ms(at), segment.text()));
        if let Some(cookie) = segment.fast.as_ref().filter(|cookie| !cookie.is_empty()) {
            self.peer.cookie.clone_from(cookie);
        }
        let first = segment.seq.wrapping_sub(u32::from(!segment.has(SYN)));
        let start = usize::try_from(first).unwrap_or(0);
        if !data
            .iter()
            .zip(start..)
            .all(|(came, place)| *came == calls::byte(place))
        {
            return Err(format!("the data of {absolute} is not what was written"));
        }
        if segment.has(SYN) {
            self.peer.stamps[0] = segment.stamps.is_some();
        } else if !segment.has(RST) && self.peer.stamps == [true; 2] && segment.stamps.is_none() {
            return Err(format!("no time stamp: {}", segment.text()));
        }
        Ok(segment)
    }

    fn relate(&mut self, segment: &mut Segment, at: SimTime) {
        let peer = &mut self.peer;
        let own = peer.initial;
        segment.seq = segment.seq.wrapping_sub(peer.host_initial.unwrap_or(0));
        segment.ack = segment.ack.map(|ack| ack.wrapping_sub(own));
        for (start, end) in &mut segment.sack {
            (*start, *end) = (start.wrapping_sub(own), end.wrapping_sub(own));
        }
        if let Some((value, _)) = &mut segment.stamps {
            let base = *peer
                .stamp_base
                .get_or_insert_with(|| value.wrapping_sub(whole_ms(at)));
            *value = value.wrapping_sub(base);
            peer.last_stamp = *value;
        }
    }

    fn expect(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let mut expected = Segment::read(words)?;
        for _ in 0..expected.times {
            let stage = self.stage()?;
            let now = stage.now;
            let Some((at, packet)) = stage.out.pop_front() else {
                return Err("came: nothing".into());
            };
            let segment = self.look(at, &packet)?;
            if at != now || !segment.fits(&expected) {
                return Err(format!("came: @{} > {}", ms(at), segment.text()));
            }
            expected.seq = expected.seq.wrapping_add(expected.occupies());
        }
        Ok(())
    }

    /// A segment of the script's end.
    fn send(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let mut segment = Segment::read(words)?;
        for _ in 0..segment.times {
            self.send_one(segment.clone())?;
            segment.seq = segment.seq.wrapping_add(segment.occupies());
        }
        Ok(())
    }

    fn send_one(&mut self, mut segment: Segment) -> Result<(), String> {
        let now = self.stage()?.now;
        let peer = &mut self.peer;
        if segment.has(SYN) {
            peer.stamps[1] = segment.stamps.is_some();
        } else if segment.stamps.is_none() && !segment.no_stamps && peer.stamps == [true; 2] {
            segment.stamps = Some((1_000 + whole_ms(now), peer.last_stamp));
        }
        segment.window.get_or_insert(peer.window);
        if segment.own_cookie {
            segment.fast = Some(peer.cookie.clone());
        }
        self.seen.push(format!("@{} < {}", ms(now), segment.text()));
        let start = match segment.has(SYN) {
            true => 0,
            false => usize::try_from(segment.seq.wrapping_sub(1)).unwrap_or(0),
        };
        let count = usize::try_from(segment.len).unwrap_or(0);
        let data: Vec<u8> = (start..start + count).map(calls::byte).collect();
        let host = peer.host_initial.unwrap_or(0);
        segment.seq = segment.seq.wrapping_add(peer.initial);
        segment.ack = segment.ack.map(|ack| ack.wrapping_add(host));
        for (start, end) in &mut segment.sack {
            (*start, *end) = (start.wrapping_add(host), end.wrapping_add(host));
        }
        if let Some((_, echo)) = &mut segment.stamps {
            *echo = echo.wrapping_add(peer.stamp_base.unwrap_or(0));
        }
        let ports = [peer.ports[1], peer.ports[0]];
        let packet = segment.packet([PEER, HOST], ports, &data);
        let taken = self.stage()?.take(&packet);
        if segment.bad_checksum { Ok(()) } else { taken }
    }

    /// `icmp 3 4 mtu 1000`: an error about the last segment of the host.
    fn icmp(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let (kind, code) = (words.value()?, words.value()?);
        let mtu: u16 = match words.next() {
            Some("mtu") => words.value()?,
            _ => 0,
        };
        let packet = icmp_error(&self.peer.last, kind, code, mtu.to_be_bytes());
        self.stage()?.take(&packet)
    }

    /// `open active|passive rtt 100 win 60000 OPTIONS`: the handshake, with the options of the
    /// script's SYN.
    fn open(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let active = words.next() == Some("active");
        let mut rtt = "100".to_owned();
        let mut options = String::new();
        let mut mss = "mss 1000";
        while let Some(word) = words.next() {
            match word {
                "rtt" => rtt = words.value()?,
                "win" => self.peer.window = words.value()?,
                "nomss" => mss = "",
                word => options += &format!(" {word}"),
            }
        }
        let syn = format!("{mss}{options}");
        let lines = match active {
            true => vec![
                "connect".to_owned(),
                "> S 0".to_owned(),
                format!("+{rtt} < SA 0 ack 1 {syn}"),
                "> A 1 ack 1".to_owned(),
                "connected".to_owned(),
            ],
            false => vec![
                "listen".to_owned(),
                format!("< S 0 {syn}"),
                "> SA 0 ack 1".to_owned(),
                format!("+{rtt} < A 1 ack 1"),
                "accept".to_owned(),
            ],
        };
        lines.iter().try_for_each(|line| {
            let result = self.line(line);
            result.map_err(|wrong| format!("{line}: {wrong}"))
        })
    }
}

fn time(words: &mut Words<'_>) -> Result<Span, String> {
    let word: String = words.value()?;
    stage::span(&word)
}

/// Milliseconds, as time stamps count them.
#[allow(clippy::cast_possible_truncation, reason = "time stamps wrap")]
const fn whole_ms(at: SimTime) -> u32 {
    (at.as_nanos() / 1_000_000) as u32
}
