//! Floor 7: DHCP messages and their options (RFC 2131, RFC 2132).
//!
//! Not here: options in the fields of the server's name and the boot file (option overload).

use std::{net::Ipv4Addr, ops::Range};

use super::{
    build::{Fields, Kind, set},
    tree::Layer,
};
use crate::wire::OsiLayer;

const DHCP: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "dhcp",
    title: "Dynamic Host Configuration Protocol",
};

/// True if a datagram between these ports should be DHCP.
pub(super) fn is_for_us(ports: [u16; 2]) -> bool {
    ports.iter().all(|port| matches!(port, 67 | 68))
}

/// The message in `payload`, which stands at `start` in the frame; `None` if it is none.
pub(super) fn dhcp(payload: &[u8], start: usize) -> Option<Layer> {
    let header: &[u8; OPTIONS] = payload.first_chunk()?;
    if header[236..] != COOKIE {
        return None;
    }
    let options = options(payload);
    let kind = options.iter().find(|option| option.code == MESSAGE_TYPE);
    let kind = kind.and_then(|option| payload.get(option.data.start).copied());
    let name = kind.map_or("BOOTP", kind_name);
    let mut fields = Fields::at(start);
    add_header(&mut fields, header);
    for option in &options {
        add_option(&mut fields, payload, option);
    }
    let xid = word(header, 4);
    let yours = address(header, 16);
    let summary = match kind {
        Some(2 | 5) => format!("{name} {yours} xid={xid:#010x}"),
        _ => format!("{name} xid={xid:#010x}"),
    };
    let end = start + payload.len();
    Some(DHCP.layer(format!("DHCP {summary}"), start..end, fields))
}

fn add_header(fields: &mut Fields, header: &[u8; OPTIONS]) {
    let op = match header[0] {
        1 => "Boot Request (1)".to_owned(),
        2 => "Boot Reply (2)".to_owned(),
        other => other.to_string(),
    };
    let mac: Vec<String> = header[28..34].iter().map(|b| format!("{b:02x}")).collect();
    fields
        .add("type", "Message type", 0..1, op)
        .add(
            "id",
            "Transaction ID",
            4..8,
            format!("{:#010x}", word(header, 4)),
        )
        .add(
            "secs",
            "Seconds elapsed",
            8..10,
            u16::from_be_bytes([header[8], header[9]]),
        )
        .add("flags.bc", "Broadcast", 10..12, set(header[10] & 0x80 != 0))
        .add(
            "ip.client",
            "Client IP address",
            12..16,
            address(header, 12),
        )
        .add("ip.your", "Your IP address", 16..20, address(header, 16))
        .add(
            "ip.server",
            "Next server IP address",
            20..24,
            address(header, 20),
        )
        .add(
            "ip.relay",
            "Relay agent IP address",
            24..28,
            address(header, 24),
        )
        .add("hw.mac_addr", "Client MAC address", 28..34, mac.join(":"));
}

/// An option of the message.
struct Opt {
    code: u8,
    /// All of it, with code and length.
    range: Range<usize>,
    data: Range<usize>,
}

/// The options, as far as they make sense.
fn options(payload: &[u8]) -> Vec<Opt> {
    let mut options = Vec::new();
    let mut at = OPTIONS;
    while let Some(&code) = payload.get(at) {
        match code {
            0 => at += 1,
            255 => break,
            code => {
                let Some(&length) = payload.get(at + 1) else {
                    break;
                };
                let data = at + 2..at + 2 + usize::from(length);
                if data.end > payload.len() {
                    break;
                }
                options.push(Opt {
                    code,
                    range: at..data.end,
                    data: data.clone(),
                });
                at = data.end;
            }
        }
    }
    options
}

fn add_option(fields: &mut Fields, payload: &[u8], option: &Opt) {
    let data = &payload[option.data.clone()];
    let addresses = || {
        let all = data
            .chunks_exact(4)
            .map(|a| Ipv4Addr::new(a[0], a[1], a[2], a[3]).to_string());
        all.collect::<Vec<_>>().join(", ")
    };
    let seconds = || match data {
        [a, b, c, d] => format!("{} s", u32::from_be_bytes([*a, *b, *c, *d])),
        _ => "wrong length".to_owned(),
    };
    let (name, label, value) = match option.code {
        1 => ("option.subnet_mask", "Subnet mask", addresses()),
        3 => ("option.router", "Router", addresses()),
        6 => (
            "option.domain_name_server",
            "Domain name server",
            addresses(),
        ),
        50 => (
            "option.requested_ip_address",
            "Requested IP address",
            addresses(),
        ),
        51 => (
            "option.ip_address_lease_time",
            "IP address lease time",
            seconds(),
        ),
        MESSAGE_TYPE => {
            let kind = data.first().copied().unwrap_or_default();
            (
                "option.dhcp",
                "DHCP message type",
                format!("{} ({kind})", kind_name(kind)),
            )
        }
        54 => (
            "option.dhcp_server_id",
            "DHCP server identifier",
            addresses(),
        ),
        55 => {
            let wishes: Vec<String> = data.iter().map(ToString::to_string).collect();
            (
                "option.request_list",
                "Parameter request list",
                wishes.join(", "),
            )
        }
        58 => ("option.renewal_time_value", "Renewal time", seconds()),
        59 => ("option.rebinding_time_value", "Rebinding time", seconds()),
        61 => ("option.client_id", "Client identifier", hex(data)),
        other => ("option.value", "Option", format!("{other}: {}", hex(data))),
    };
    fields.add(name, label, option.range.clone(), value);
}

fn hex(data: &[u8]) -> String {
    data.iter().take(32).map(|b| format!("{b:02x}")).collect()
}

/// The names of RFC 2132, section 9.6.
const fn kind_name(kind: u8) -> &'static str {
    match kind {
        1 => "Discover",
        2 => "Offer",
        3 => "Request",
        4 => "Decline",
        5 => "ACK",
        6 => "NAK",
        7 => "Release",
        8 => "Inform",
        _ => "unknown message",
    }
}

fn word(header: &[u8; OPTIONS], at: usize) -> u32 {
    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}

fn address(header: &[u8; OPTIONS], at: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(word(header, at))
}

/// Where the options begin, behind the cookie.
const OPTIONS: usize = 240;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const MESSAGE_TYPE: u8 = 53;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(options: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; OPTIONS];
        bytes[0] = 2;
        bytes[4..8].copy_from_slice(&[0, 0, 0, 7]);
        bytes[16..20].copy_from_slice(&[10, 0, 0, 100]);
        bytes[236..].copy_from_slice(&COOKIE);
        bytes.extend(options);
        bytes
    }

    #[test]
    fn an_offer_shows_its_address_and_its_options_at_their_bytes() {
        // Type 2 (offer), a pad, lease time 60 s, end.
        let bytes = message(&[53, 1, 2, 0, 51, 4, 0, 0, 0, 60, 255, 9, 9]);
        let layer = dhcp(&bytes, 100).unwrap();
        assert_eq!(layer.summary, "DHCP Offer 10.0.0.100 xid=0x00000007");
        let field = |name: &str| {
            let field = layer.fields.iter().find(|f| f.name == name).unwrap();
            (field.value.as_str(), field.range.clone())
        };
        assert_eq!(field("option.dhcp"), ("Offer (2)", 340..343));
        assert_eq!(field("option.ip_address_lease_time"), ("60 s", 344..350));
        assert_eq!(field("ip.your"), ("10.0.0.100", 116..120));
    }

    proptest! {
        #[test]
        fn any_options_are_survived(options in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(dhcp(&message(&options), 0).is_some());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = dhcp(&bytes, 0);
        }
    }
}
