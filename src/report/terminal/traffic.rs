//! One table per kind of traffic.

use super::{
    calls::{self, grpc},
    crowds::{Class, Crowds},
    live,
    sheet::{Column, Mark, Sheet},
    words::{bytes, count, dash, maybe_span, percent, rate, span},
};
use crate::report::{
    Summary,
    traffic::{
        AppSummary, DnsSummary, HttpSummary, MailSummary, ProbeList, TcpSummary, TlsSummary,
        TraceHopSummary, TrafficSummary, UdpSummary,
    },
};

/// The tables in the order of the applications; those without rows are empty. An application with
/// many entries is told by group, with the worst few by name.
pub(super) fn sheets(summary: &Summary) -> Vec<Sheet> {
    let crowds = Crowds::of(summary);
    let mut all = Tables::new();
    for report in &summary.facts.traffic {
        if !crowds.unfinished() && (report.started.is_none() || report.ended.is_none()) {
            all.state(&summary.entry(report));
        }
        if report.started.is_some() && !crowds.has(Class::of(&report.result)) {
            all.entry(&summary.entry(report));
        }
    }
    for (report, item) in crowds.worst() {
        all.item(&summary.entry(report), item);
    }
    let mut sheets = all.into_sheets(&crowds);
    sheets.push(mailboxes(summary));
    sheets.push(leases(summary));
    sheets.push(shares(summary));
    sheets
}

/// Who got which address by DHCP.
fn leases(summary: &Summary) -> Sheet {
    let columns = vec![
        Column::long("host"),
        Column::left("address"),
        Column::left("from"),
        Column::left("router"),
        Column::left("DNS"),
        Column::right("lease"),
        Column::right("took"),
        Column::right("messages"),
        Column::right("renewed"),
    ];
    let mut sheet = Sheet::new("DHCP", columns);
    for x in summary.leases() {
        let mark = Mark::bad_if(x.address.is_none());
        let cells = vec![
            x.node,
            x.address.unwrap_or_else(|| "none".to_owned()),
            x.server.unwrap_or_else(dash),
            x.router.unwrap_or_else(dash),
            match x.dns.is_empty() {
                true => dash(),
                false => x.dns.join(", "),
            },
            maybe_span(x.lease_ns),
            maybe_span(x.took_ns),
            count(u64::from(x.discovers) + u64::from(x.requests)),
            count(x.renewals.into()),
        ];
        sheet.row(mark, cells);
    }
    sheet
}

/// What lies in the mailboxes.
fn mailboxes(summary: &Summary) -> Sheet {
    let columns = vec![
        Column::long("host"),
        Column::long("mailbox"),
        Column::right("messages"),
        Column::right("size"),
    ];
    let mut sheet = Sheet::new("Mailboxes", columns);
    for x in summary.mailboxes() {
        let size = x.messages.iter().map(|mail| mail.bytes).sum();
        let number = x.messages.len() as u64 + x.left_out;
        sheet.row(
            Mark::Usual,
            vec![x.node, x.mailbox, count(number), bytes(size)],
        );
    }
    sheet
}

/// How TCP transfers share their bottlenecks.
fn shares(summary: &Summary) -> Sheet {
    let columns = vec![
        Column::long("bottleneck"),
        Column::long("from, to"),
        Column::right("transfers"),
        Column::right("slowest"),
        Column::right("fastest"),
        Column::right("Jain's index"),
    ];
    let mut sheet = Sheet::new("Fairness", columns);
    for x in summary.fairness() {
        let cells = vec![
            x.link,
            format!("{} → {}", x.from, x.to),
            count(x.flows),
            rate(x.slowest_bits_per_second),
            rate(x.fastest_bits_per_second),
            percent(x.jain_index_percent),
        ];
        sheet.row(Mark::Usual, cells);
    }
    sheet
}

struct Tables {
    http: Sheet,
    grpc: Sheet,
    dns: Sheet,
    udp: Sheet,
    tcp: Sheet,
    probes: Sheet,
    mail: Sheet,
    websocket: Sheet,
    sse: Sheet,
    traces: Vec<Sheet>,
    undone: Sheet,
}

impl Tables {
    /// Notes an entry that did not come to its end.
    fn state(&mut self, entry: &TrafficSummary) {
        let (mark, state) = match entry.started_ns {
            None => (Mark::Bad, "never started"),
            Some(_) => (Mark::Odd, "not done"),
        };
        let cells = vec![entry.name.clone(), way(entry), state.to_owned()];
        self.undone.row(mark, cells);
    }

    /// Everything that an entry measured.
    fn entry(&mut self, entry: &TrafficSummary) {
        let items = match &entry.result {
            AppSummary::Http(list) => list.len(),
            AppSummary::Grpc(list) => list.len(),
            AppSummary::Dns(list) => list.len(),
            AppSummary::Tcp(list) => list.len(),
            AppSummary::Smtp(list) => list.len(),
            AppSummary::WebSocket(list) => list.len(),
            AppSummary::Sse(list) => list.len(),
            AppSummary::Udp(_) | AppSummary::Probes(_) | AppSummary::Traceroute(_) => 1,
        };
        (0..items).for_each(|item| self.item(entry, item));
        if let Some(sheet) = self.of(&entry.result) {
            sheet.only_counted(entry.left_out);
        }
    }

    /// One exchange of an entry.
    fn item(&mut self, entry: &TrafficSummary, item: usize) {
        match &entry.result {
            AppSummary::Http(list) => http(&mut self.http, entry, &list[item]),
            AppSummary::Grpc(list) => grpc(&mut self.grpc, entry, &list[item]),
            AppSummary::Dns(list) => dns(&mut self.dns, entry, &list[item]),
            AppSummary::Udp(stream) => udp(&mut self.udp, entry, stream),
            AppSummary::Tcp(list) => tcp(&mut self.tcp, entry, &list[item]),
            AppSummary::Probes(list) => probes(&mut self.probes, entry, list),
            AppSummary::Smtp(list) => mail(&mut self.mail, entry, &list[item]),
            AppSummary::Traceroute(hops) => self.traces.push(trace(entry, hops)),
            AppSummary::WebSocket(list) => {
                live::websocket(&mut self.websocket, entry, &list[item]);
            }
            AppSummary::Sse(list) => live::sse(&mut self.sse, entry, &list[item]),
        }
    }

    /// The table that an entry's rows are in, if it shares one.
    const fn of(&mut self, result: &AppSummary) -> Option<&mut Sheet> {
        match result {
            AppSummary::Http(_) => Some(&mut self.http),
            AppSummary::Grpc(_) => Some(&mut self.grpc),
            AppSummary::Dns(_) => Some(&mut self.dns),
            AppSummary::Tcp(_) => Some(&mut self.tcp),
            AppSummary::Smtp(_) => Some(&mut self.mail),
            AppSummary::WebSocket(_) => Some(&mut self.websocket),
            AppSummary::Sse(_) => Some(&mut self.sse),
            _ => None,
        }
    }

    /// Each table, after that of its groups if its entries are many.
    fn into_sheets(self, crowds: &Crowds<'_>) -> Vec<Sheet> {
        let tables = [
            (Class::Http, self.http),
            (Class::Grpc, self.grpc),
            (Class::Dns, self.dns),
            (Class::Mail, self.mail),
            (Class::Udp, self.udp),
            (Class::Tcp, self.tcp),
            (Class::Probes, self.probes),
            (Class::WebSocket, self.websocket),
            (Class::Sse, self.sse),
        ];
        let tables = tables
            .into_iter()
            .map(|(class, sheet)| (class, vec![sheet]));
        let mut sheets = Vec::new();
        for (class, mut own) in tables.chain([(Class::Paths, self.traces)]) {
            if crowds.has(class) {
                sheets.push(crowds.sheet(class));
                let of = crowds.size(class);
                own.iter_mut().for_each(|sheet| sheet.are_the_worst(of));
            }
            sheets.extend(own);
        }
        sheets.push(if crowds.unfinished() {
            crowds.undone()
        } else {
            self.undone
        });
        sheets
    }

    fn new() -> Self {
        use Column as C;
        let http = vec![
            C::long("traffic"),
            C::long("request"),
            C::long("status"),
            C::right("lookup").optional(),
            C::right("connect"),
            C::left("TLS").optional(),
            C::right("first byte"),
            C::right("total"),
            C::right("body").optional(),
            C::right("decoded").optional(),
            C::right("tried").optional(),
        ];
        let dns = vec![
            C::long("traffic"),
            C::long("question"),
            C::long("answer"),
            C::right("time"),
            C::right("asked"),
        ];
        let mail = vec![
            C::long("traffic"),
            C::long("message"),
            C::long("result"),
            C::right("lookup").optional(),
            C::right("connect").optional(),
            C::left("TLS").optional(),
            C::right("total"),
            C::right("size"),
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
            C::left("TLS").optional(),
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
            grpc: calls::sheet(),
            dns: Sheet::new("DNS", dns),
            mail: Sheet::new("Mail", mail),
            udp: Sheet::new("UDP streams", udp),
            tcp: Sheet::new("TCP transfers", tcp),
            probes: Sheet::new("Ping and echo", probes),
            websocket: live::websocket_sheet(),
            sse: live::sse_sheet(),
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
        request_of(x),
        status,
        maybe_span(x.lookup_ns),
        maybe_span(x.connect_ns),
        protection(x.tls.as_ref()),
        maybe_span(x.first_byte_ns),
        maybe_span(x.total_ns),
        bytes(x.response_bytes),
        decoded(x),
        again(x.attempts),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}

/// "GET /old → /new".
fn request_of(x: &HttpSummary) -> String {
    let pushed = if x.pushed { ", pushed" } else { "" };
    let begin = format!("{} {}{pushed}", x.method, x.path);
    let hops = x.redirects.iter();
    hops.fold(begin, |way, hop| format!("{way} → {hop}"))
}

/// "20 KiB, br"; nothing if the content came as it is.
fn decoded(x: &HttpSummary) -> String {
    match (&x.encoding, x.decoded_bytes) {
        (Some(encoding), Some(size)) => format!("{}, {encoding}", bytes(size)),
        (Some(encoding), None) => encoding.clone(),
        (None, _) => String::new(),
    }
}

/// "3x" if it took more than one attempt.
fn again(attempts: u32) -> String {
    match attempts {
        0 | 1 => String::new(),
        more => format!("{more}x"),
    }
}

/// "1.3, resumed"; nothing without TLS.
pub(super) fn protection(tls: Option<&TlsSummary>) -> String {
    let agreed = tls.and_then(|tls| tls.version.zip(tls.resumption));
    match (tls, agreed) {
        (None, _) => String::new(),
        (Some(_), None) => dash(),
        (Some(_), Some((version, resumption))) => format!("{version}, {resumption}"),
    }
}

fn dns(sheet: &mut Sheet, entry: &TrafficSummary, x: &DnsSummary) {
    let question = match x.record.as_str() {
        "A" => x.query.clone(),
        other => format!("{} {other}", x.query),
    };
    let over = if x.over_tcp { ", over TCP" } else { "" };
    let cells = vec![
        entry.name.clone(),
        question,
        x.error.clone().unwrap_or_else(|| x.answers.join(", ")),
        maybe_span(x.took_ns),
        format!("{}{over}", times(x.attempts)),
    ];
    sheet.row(Mark::bad_if(x.error.is_some()), cells);
}

fn mail(sheet: &mut Sheet, entry: &TrafficSummary, x: &MailSummary) {
    let refused: Vec<String> = x
        .rejected
        .iter()
        .map(|r| format!("{} {}", r.code, r.mailbox))
        .collect();
    let result = match (&x.error, refused.is_empty()) {
        (Some(error), _) => error.clone(),
        (None, true) => format!("taken for {}", x.accepted.len()),
        (None, false) => format!(
            "taken for {}, not for {}",
            x.accepted.len(),
            refused.join(", ")
        ),
    };
    let cells = vec![
        entry.name.clone(),
        x.subject.clone(),
        result,
        maybe_span(x.lookup_ns),
        maybe_span(x.connect_ns),
        protection(x.tls.as_ref()),
        maybe_span(x.total_ns),
        bytes(x.bytes),
    ];
    let mark = match x.error {
        Some(_) => Mark::Bad,
        None => Mark::odd_if(!x.rejected.is_empty()),
    };
    sheet.row(mark, cells);
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
        protection(x.tls.as_ref()),
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
