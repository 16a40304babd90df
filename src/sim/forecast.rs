//! When a run will be over, as far as its plan tells: for progress bars, not for results.

use crate::{
    osi::application::spec::{Amount, App, Traffic, UdpStream},
    scenario::plan::Plan,
    units::{SimTime, Span},
};

/// The virtual time at which the run of `plan` ends, about: its stop time, or the end of its
/// traffic if every entry says how long it takes. `None` if nobody can know, because something
/// transfers as fast as it can.
pub fn forecast(plan: &Plan) -> Option<SimTime> {
    let mut end = SimTime::ZERO;
    for traffic in &plan.traffic {
        match end_of(traffic) {
            Some(own) => end = end.max(own),
            None => return plan.stop,
        }
    }
    Some(plan.stop.map_or(end, |stop| stop.min(end)))
}

fn end_of(traffic: &Traffic) -> Option<SimTime> {
    let once = length(&traffic.app)?;
    let each = once.max(traffic.every);
    let before = each.times(u64::from(traffic.repeat.saturating_sub(1)));
    Some(traffic.start + before + once)
}

/// How long one go takes if nothing is slow.
fn length(app: &App) -> Option<Span> {
    match app {
        App::Udp(stream) => Some(stream_length(stream)),
        App::Ping(ping) => Some(ping.interval.times(u64::from(ping.count))),
        App::Echo(echo) => Some(echo.interval.times(u64::from(echo.count))),
        App::Tcp(tcp) => match tcp.amount {
            Amount::HandshakeOnly | Amount::Text(_) => Some(Span::ZERO),
            Amount::Duration(span) => Some(span),
            Amount::Bytes(_) => None,
        },
        App::Dns(_) | App::Traceroute(_) => Some(Span::ZERO),
        App::Http(_) | App::Rest(_) | App::Grpc(_) => None,
        App::Smtp(_) | App::WebSocket(_) | App::Sse(_) => None,
    }
}

/// Bursts and silence take as long as both together.
fn stream_length(stream: &UdpStream) -> Span {
    let busy = stream.interval.times(stream.count);
    let Some(bursts) = stream.on_off else {
        return busy;
    };
    let rounds = busy.as_nanos() / bursts.on.as_nanos().max(1);
    let whole = busy + bursts.off.times(rounds);
    bursts.duration.map_or(whole, |most| whole.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    fn forecast_of(traffic: &str) -> Option<SimTime> {
        let text = format!(
            "[node.a]\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\n[[traffic]]\n\
             from = \"a\"\nto = \"b\"\n{traffic}"
        );
        forecast(&scenario::load_str("test", &text, &[]).unwrap())
    }

    #[test]
    fn a_stream_ends_after_its_last_interval() {
        // 2 s, then 50 datagrams 20 ms apart, twice, 5 s from start to start: 2 + 5 + 1 = 8 s.
        let end = forecast_of(
            "app = \"udp\"\nstart = \"2s\"\ncount = 50\ninterval = \"20ms\"\nrepeat = 2\nevery = \"5s\"",
        );
        assert_eq!(end, Some(SimTime::from_nanos(8_000_000_000)));
    }

    #[test]
    fn nobody_knows_how_long_a_transfer_takes() {
        assert_eq!(forecast_of("app = \"tcp\"\nbytes = \"1 MB\""), None);
    }
}
