//! What traffic leaves behind: addresses, mail, and how bottlenecks were shared.

use crate::report::{
    Summary,
    terminal::{
        sheet::{Column, Mark, Sheet},
        words::{bytes, count, dash, maybe_span, percent, rate, span},
    },
};

/// Who got which address by DHCP.
pub(super) fn leases(summary: &Summary) -> Sheet {
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
        Column::right("declined").optional(),
    ];
    let mut sheet = Sheet::new("DHCP", columns);
    for x in summary.leases() {
        let mark = Mark::bad_if(x.address.is_none() && x.released_ns.is_none());
        let address = match (x.address, x.released_ns) {
            (Some(address), _) => address,
            (None, Some(at)) => format!("given back at {}", span(at)),
            (None, None) => "none".to_owned(),
        };
        let cells = vec![
            x.node,
            address,
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
            match x.declines {
                0 => String::new(),
                n => count(n.into()),
            },
        ];
        sheet.row(mark, cells);
    }
    sheet
}

/// What lies in the mailboxes.
pub(super) fn mailboxes(summary: &Summary) -> Sheet {
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
pub(super) fn shares(summary: &Summary) -> Sheet {
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
