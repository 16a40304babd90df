//! The reference of the scenario file says what the program says: the tables of keys in
//! `docs/scenario.md` are those of the JSON Schema, and its examples load.
//!
//! With `INSTA_UPDATE=always` the tables are written anew.

use std::{fs, path::PathBuf};

use netsim::scenario::{json_schema, load_str};
use serde_json::Value;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.md")
}

/// The tables of the document: their marker, the definition in the schema, and the definition whose
/// keys another table shows already.
const TABLES: &[(&str, &str, &str)] = &[
    ("top", "", ""),
    ("defaults", "Defaults", ""),
    ("generate", "Generate", ""),
    ("generated-link", "Cable", "Profile"),
    ("node", "Node", ""),
    ("dhcp-client", "DhcpClient", ""),
    ("route-by-hand", "StaticRoute", ""),
    ("tcp", "Tcp", ""),
    ("host", "Host", ""),
    ("link", "Link", "Profile"),
    ("profile", "Profile", ""),
    ("aqm", "Aqm", ""),
    ("switch", "Switch", ""),
    ("dns", "Dns", ""),
    ("server", "Server", ""),
    ("http-route", "HttpRoute", ""),
    ("dns-zone", "DnsZone", ""),
    ("limit", "Limit", ""),
    ("server-quic", "ServerQuic", ""),
    ("server-tls", "ServerTls", ""),
    ("server-websocket", "ServerWebSocket", ""),
    ("websocket-close", "WebSocketClose", ""),
    ("server-sse", "ServerSse", ""),
    ("traffic", "Traffic", ""),
    ("client-quic", "ClientQuic", ""),
    ("migrate", "Migrate", ""),
    ("client-tls", "ClientTls", ""),
    ("client-websocket", "ClientWebSocket", ""),
    ("client-sse", "ClientSse", ""),
    ("sizes", "Sizes", ""),
    ("on-off", "OnOff", ""),
    ("mail", "Mail", ""),
    ("login", "Login", ""),
    ("http-request", "HttpRequest", ""),
    ("retry", "Retry", ""),
    ("call", "Call", ""),
    ("client-http2", "ClientHttp2", ""),
    ("server-http2", "ServerHttp2", ""),
    ("capture", "Capture", ""),
    ("trace", "Trace", ""),
];

fn definition<'a>(schema: &'a Value, name: &str) -> &'a Value {
    if name.is_empty() {
        schema
    } else {
        &schema["$defs"][name]
    }
}

/// The rows for one definition.
fn table(schema: &Value, name: &str, shown: &str) -> String {
    let here = definition(schema, name);
    let elsewhere = &definition(schema, shown)["properties"];
    let required = here["required"].as_array();
    let mut rows =
        "| Key | Value | Default | Example | Meaning |\n|---|---|---|---|---|\n".to_owned();
    for (key, entry) in here["properties"].as_object().unwrap() {
        if !shown.is_empty() && elsewhere.get(key).is_some() {
            continue;
        }
        let needed = required.is_some_and(|r| r.iter().any(|k| k == key));
        let default = match &entry["default"] {
            Value::Null if needed => "required".to_owned(),
            Value::Null => "-".to_owned(),
            value => format!("`{}`", toml(value)),
        };
        let example = match &entry["examples"][0] {
            Value::Null => "-".to_owned(),
            value => format!("`{key} = {}`", toml(value)),
        };
        let meaning = entry["description"]
            .as_str()
            .unwrap_or_else(|| panic!("{name}.{key}"));
        let meaning = meaning.split_whitespace().collect::<Vec<_>>().join(" ");
        let kind = kind(entry);
        rows.push_str(&format!(
            "| `{key}` | {kind} | {default} | {example} | {meaning} |\n"
        ));
    }
    rows
}

/// What kind of value a key takes.
fn kind(entry: &Value) -> String {
    if let Some(words) = entry["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|w| format!("`{}`", toml(w))).collect();
        return words.join(", ");
    }
    if let Some(format) = entry["x-value"].as_str() {
        return format.to_owned();
    }
    match entry["type"].as_str() {
        Some("string") if entry["format"] == "date-time" => "point in time".to_owned(),
        Some("string") if entry["format"] == "ipv4" => "address".to_owned(),
        Some("string") => "text".to_owned(),
        Some("boolean") => "`true`, `false`".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("array") => "list".to_owned(),
        _ => "table".to_owned(),
    }
}

/// A value as TOML.
fn toml(value: &Value) -> String {
    match value {
        // A line break would end the row.
        Value::String(text) if text.contains('\n') => format!("{text:?}"),
        Value::String(text) if text.contains('"') => format!("'{text}'"),
        Value::String(text) => format!("\"{text}\""),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let quoted = |key: &String| {
                if key.contains('.') {
                    format!("\"{key}\"")
                } else {
                    key.clone()
                }
            };
            let each = entries
                .iter()
                .map(|(k, v)| format!("{} = {}", quoted(k), toml(v)));
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Splits the document at the table of `marker`: before, the table, after.
fn split<'a>(text: &'a str, marker: &str) -> (&'a str, &'a str, &'a str) {
    let begin = format!("<!-- keys: {marker} -->\n");
    let start = text
        .find(&begin)
        .unwrap_or_else(|| panic!("no marker {begin}"))
        + begin.len();
    let end = text[start..].find("<!-- end -->").unwrap() + start;
    (&text[..start], &text[start..end], &text[end..])
}

#[test]
fn every_key_stands_in_the_document_and_no_other() {
    let schema = json_schema();
    let mut text = fs::read_to_string(path()).unwrap();
    assert_eq!(text.matches("<!-- keys:").count(), TABLES.len());
    for (marker, name, shown) in TABLES {
        let wanted = table(&schema, name, shown);
        let (before, found, after) = split(&text, marker);
        if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
            text = format!("{before}{wanted}{after}");
        } else {
            assert_eq!(
                found, wanted,
                "the table of {marker} is not that of the schema"
            );
        }
    }
    if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
        fs::write(path(), text).unwrap();
    }
}

#[test]
fn every_table_of_the_schema_stands_in_the_document() {
    let schema = json_schema();
    for name in schema["$defs"].as_object().unwrap().keys() {
        assert!(TABLES.iter().any(|(_, known, _)| known == name), "{name}");
    }
}

/// What the program says are the keys of `app`: it does so when it finds a key of another one.
fn keys_of(app: &str) -> String {
    let foreign = match app {
        "traceroute" => "query = \"bob\"",
        _ => "max_hops = 3",
    };
    let text = format!("[[traffic]]\napp = \"{app}\"\n{foreign}\n");
    let error = load_str("keys.toml", &text, &[]).unwrap_err().to_string();
    let (_, keys) = error.split_once("its keys: ").unwrap();
    keys.lines().next().unwrap().to_owned()
}

#[test]
fn the_keys_of_every_application_stand_in_the_document() {
    let schema = json_schema();
    let words = schema["$defs"]["Traffic"]["properties"]["app"]["enum"].clone();
    let mut apps: Vec<String> = serde_json::from_value(words).unwrap();
    let text = fs::read_to_string(path()).unwrap();
    let (_, rest) = text
        .split_once("| Application | What happens | Keys |\n|---|---|---|\n")
        .unwrap();
    let mut shown = Vec::new();
    for row in rest.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim()).collect();
        let app = cells[1].trim_matches('`').to_owned();
        assert_eq!(cells[3].replace('`', ""), keys_of(&app), "the row of {app}");
        shown.push(app);
    }
    apps.sort_unstable();
    shown.sort_unstable();
    assert_eq!(shown, apps);
}

#[test]
fn every_example_in_the_document_loads() {
    let text = fs::read_to_string(path()).unwrap();
    let mut examples = 0;
    for (number, block) in text.split("```toml\n").skip(1).enumerate() {
        let example = block.split("```").next().unwrap();
        if let Err(error) = load_str(&format!("example {number}"), example, &[]) {
            panic!("{error}");
        }
        examples += 1;
    }
    assert!(examples >= 3, "{examples} examples");
}

#[test]
fn the_schema_is_the_same_every_time() {
    let text = || serde_json::to_string_pretty(&json_schema()).unwrap();
    assert_eq!(text(), text());
    insta::assert_snapshot!("schema", text());
}
