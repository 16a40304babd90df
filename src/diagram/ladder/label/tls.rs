//! What records of TLS hold.

use super::{
    one_line,
    web::{frame_line, is_http2},
};
use crate::dissect::Layer;

/// What the records in a frame hold, in the order of the bytes: messages by name, the application's
/// line where it stands. `application` is its layer, and that line.
pub(super) fn tls_line(layers: &[&Layer], application: Option<(&Layer, &str)>) -> String {
    let told = layers.iter().filter_map(|layer| match application {
        _ if matches!(layer.protocol, "tls" | "websocket") => Some(one_line(said(layer))),
        _ if is_http2(layer) => frame_line(layer),
        Some((own, line)) if *own == **layer => Some(line.to_owned()),
        _ => None,
    });
    let is_shell = |text: &String| application.is_some() && text.starts_with(APPLICATION_DATA);
    let told: Vec<String> = told.filter(|text| !is_shell(text)).collect();
    format!("TLS {}", told.join(", "))
}

/// What a layer says of itself, without the name that stands in front of all of it.
fn said(layer: &Layer) -> &str {
    layer.summary.strip_prefix("TLS ").unwrap_or(&layer.summary)
}

/// What matters most of some records, in a few words: an alert, or else the first message that says
/// more than that keys change.
pub(super) fn tls_brief(layers: &[&Layer]) -> String {
    let records = layers.iter().filter(|l| l.protocol == "tls");
    let lines: Vec<&str> = records.map(|layer| said(layer)).collect();
    let alert = lines.iter().find(|line| line.starts_with("Alert"));
    if let Some(alert) = alert {
        return format!("TLS {alert}");
    }
    let first = lines.iter().find(|line| **line != "ChangeCipherSpec");
    match first.or_else(|| lines.first()) {
        Some(line) if line.starts_with(APPLICATION_DATA) => "TLS data".to_owned(),
        Some(line) => format!("TLS {}", line.split([' ', ',']).next().unwrap_or_default()),
        None => "TLS".to_owned(),
    }
}

/// How the line of a record with bytes of an application begins.
const APPLICATION_DATA: &str = "Application data";
