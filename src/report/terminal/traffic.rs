//! One table per kind of traffic.

mod after;
mod mail;
mod names;
mod probes;
mod streams;
mod web;

use super::{
    calls::{self, grpc},
    crowds::{Class, Crowds},
    live,
    sheet::{Column, Mark, Sheet},
    words::dash,
};
use crate::report::{
    Summary,
    traffic::{AppSummary, TlsSummary, TrafficSummary},
};
use after::{leases, mailboxes, shares};
use mail::{mail, mail_sheet};
use names::{dns, dns_sheet};
use probes::{probes, probes_sheet, trace};
use streams::{tcp, tcp_sheet, udp, udp_sheet};
use web::{http, http_sheet};

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
        let undone = vec![
            Column::long("traffic"),
            Column::long("from, to"),
            Column::left("state"),
        ];
        Self {
            http: http_sheet(),
            grpc: calls::sheet(),
            dns: dns_sheet(),
            mail: mail_sheet(),
            udp: udp_sheet(),
            tcp: tcp_sheet(),
            probes: probes_sheet(),
            websocket: live::websocket_sheet(),
            sse: live::sse_sheet(),
            traces: Vec::new(),
            undone: Sheet::new("Unfinished traffic", undone),
        }
    }
}

fn way(entry: &TrafficSummary) -> String {
    format!("{} → {}", entry.from, entry.to)
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
