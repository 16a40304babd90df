//! One table per kind of traffic.

use super::{
    sheet::{Column, Mark, Sheet},
    words::{bytes, count, dash, maybe_span, percent, rate, span},
};
use crate::report::{
    Summary,
    traffic::{
        AppSummary, DnsSummary, HttpSummary, ProbeList, TcpSummary, TraceHopSummary,
        TrafficSummary, UdpSummary,
    },
};

/// The tables in the order of the applications; those without rows are empty.
pub(super) fn sheets(summary: &Summary) -> Vec<Sheet> {
    let mut all = Tables::new();
    for entry in &summary.traffic {
        all.state(entry);
        if entry.started_ns.is_none() {
            continue;
        }
        match &entry.result {
            AppSummary::Http(list) => list.iter().for_each(|x| http(&mut all.http, entry, x)),
            AppSummary::Dns(list) => list.iter().for_each(|x| dns(&mut all.dns, entry, x)),
            AppSummary::Udp(stream) => udp(&mut all.udp, entry, stream),
            AppSummary::Tcp(list) => list.iter().for_each(|x| tcp(&mut all.tcp, entry, x)),
            AppSummary::Probes(list) => probes(&mut all.probes, entry, list),
            AppSummary::Traceroute(hops) => all.traces.push(trace(entry, hops)),
        }
        if let Some(sheet) = all.of(&entry.result) {
            sheet.only_counted(entry.left_out);
        }
    }
    let mut sheets = vec![all.http, all.dns, all.udp, all.tcp, all.probes];
    sheets.extend(all.traces);
    sheets.push(all.undone);
    sheets
}

struct Tables {
    http: Sheet,
    dns: Sheet,
    udp: Sheet,
    tcp: Sheet,
    probes: Sheet,
    traces: Vec<Sheet>,
    undone: Sheet,
}

impl Tables {
    /// Notes an entry that did not come to its end.
    fn state(&mut self, entry: &TrafficSummary) {
        let (mark, state) = match (entry.started_ns, entry.ended_ns) {
            (None, _) => (Mark::Bad, "never started"),
            (_, None) => (Mark::Odd, "not done"),
            _ => return,
        };
        let cells = vec![entry.name.clone(), way(entry), state.to_owned()];
        self.undone.row(mark, cells);
    }

    /// The table that an entry's rows are in, if it shares one.
    const fn of(&mut self, result: &AppSummary) -> Option<&mut Sheet> {
        match result {
            AppSummary::Http(_) => Some(&mut self.http),
            AppSummary::Dns(_) => Some(&mut self.dns),
            AppSummary::Tcp(_) => Some(&mut self.tcp),
            _ => None,
        }
    }

    fn new() -> Self {
        use Column as C;
        let http = vec![
            C::long("traffic"),
            C::long("request"),
            C::long("status"),
            C::right("lookup").optional(),
            C::right("connect"),
            C::right("first byte"),
            C::right("total"),
            C::right("body").optional(),
        ];
        let dns = vec![
            C::long("traffic"),
            C::long("question"),
            C::long("answer"),
            C::right("time"),
            C::right("asked"),
        ];
        let udp = vec![
            C::long("traffic"),
            C::long("from, to"),
            C::right("sent"),
            C::right("received"),
            C::right("lost"),
            C::right("late").optional(),
            C::right("double").optional(),
            C::right("delay min"),
            C::right("mean"),
            C::right("max").optional(),
            C::right("jitter"),
        ];
        let tcp = vec![
            C::long("traffic"),
            C::long("from, to"),
            C::right("connect"),
            C::right("received"),
            C::right("in"),
            C::right("goodput"),
            C::long(""),
        ];
        let probes = vec![
            C::long("traffic"),
            C::left("app").optional(),
            C::long("from, to"),
            C::right("sent"),
            C::right("answered"),
            C::right("rtt mean"),
            C::right("min").optional(),
            C::right("max").optional(),
            C::long(""),
        ];
        Self {
            http: Sheet::new("HTTP", http),
            dns: Sheet::new("DNS", dns),
            udp: Sheet::new("UDP streams", udp),
            tcp: Sheet::new("TCP transfers", tcp),
            probes: Sheet::new("Ping and echo", probes),
            traces: Vec::new(),
            undone: Sheet::new(
                "Unfinished traffic",
                vec![C::long("traffic"), C::long("from, to"), C::left("state")],
            ),
        }
    }
}

fn way(entry: &TrafficSummary) -> String {
    format!("{} → {}", entry.from, entry.to)
}

fn http(sheet: &mut Sheet, entry: &TrafficSummary, x: &HttpSummary) {
    let status = match (&x.error, x.status) {
        (Some(error), _) => error.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let cells = vec![
        entry.name.clone(),
        format!("{} {}", x.method, x.path),
        status,
        maybe_span(x.lookup_ns),
        maybe_span(x.connect_ns),
        maybe_span(x.first_byte_ns),
        maybe_span(x.total_ns),
        bytes(x.response_bytes),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}

fn dns(sheet: &mut Sheet, entry: &TrafficSummary, x: &DnsSummary) {
    let answers: Vec<String> = x.answers.iter().map(ToString::to_string).collect();
    let cells = vec![
        entry.name.clone(),
        x.query.clone(),
        x.error.clone().unwrap_or_else(|| answers.join(", ")),
        maybe_span(x.took_ns),
        times(x.attempts),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}

fn times(n: u32) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

fn udp(sheet: &mut Sheet, entry: &TrafficSummary, x: &UdpSummary) {
    let lost = match x.lost_datagrams {
        0 => "0".to_owned(),
        n => format!("{} ({})", count(n), percent(x.lost_percent)),
    };
    let cells = vec![
        entry.name.clone(),
        way(entry),
        count(x.sent_datagrams),
        count(x.received_datagrams),
        lost,
        count(x.reordered_datagrams),
        count(x.duplicate_datagrams),
        maybe_span(x.delay_min_ns),
        maybe_span(x.delay_mean_ns),
        maybe_span(x.delay_max_ns),
        maybe_span(x.jitter_ns),
    ];
    sheet.row(Mark::odd_if(x.lost_datagrams > 0), cells);
}

fn tcp(sheet: &mut Sheet, entry: &TrafficSummary, x: &TcpSummary) {
    let cells = vec![
        entry.name.clone(),
        way(entry),
        maybe_span(x.connect_ns),
        bytes(x.received_bytes),
        maybe_span(x.transfer_ns),
        x.goodput_bits_per_second.map_or_else(dash, rate),
        x.error.clone().unwrap_or_default(),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}

fn probes(sheet: &mut Sheet, entry: &TrafficSummary, x: &ProbeList) {
    let first_error = x.list.iter().find_map(|p| p.error.clone());
    let cells = vec![
        entry.name.clone(),
        entry.app.clone(),
        way(entry),
        count(x.sent),
        count(x.answered),
        maybe_span(x.rtt_mean_ns),
        maybe_span(x.rtt_min_ns),
        maybe_span(x.rtt_max_ns),
        first_error.unwrap_or_default(),
    ];
    let mark = match x.answered {
        0 => Mark::Bad,
        n => Mark::odd_if(n < x.sent),
    };
    sheet.row(mark, cells);
}

fn trace(entry: &TrafficSummary, hops: &[TraceHopSummary]) -> Sheet {
    let columns = vec![
        Column::right("hop"),
        Column::left("node"),
        Column::left("address"),
        Column::long("round trips"),
    ];
    let title = format!("Traceroute {}: {}", entry.name, way(entry));
    let mut sheet = Sheet::new(title, columns);
    for hop in hops {
        let rtts: Vec<String> = hop
            .rtts_ns
            .iter()
            .map(|r| r.map_or_else(star, span))
            .collect();
        let cells = vec![
            hop.ttl.to_string(),
            hop.node.clone().unwrap_or_else(dash),
            hop.address.map_or_else(star, |a| a.to_string()),
            rtts.join("  "),
        ];
        sheet.row(Mark::odd_if(hop.address.is_none()), cells);
    }
    sheet
}

/// What traceroute prints where no answer came.
fn star() -> String {
    "*".to_owned()
}
