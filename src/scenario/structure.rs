//! The shape of the file against the JSON Schema of the mirror: unknown keys, tables and arrays in
//! the wrong place.
//!
//! What does not fit is reported and taken out, so that the mirror can be read and everything else
//! checked in the same pass. Single values are left alone: the mirror judges them.

use std::sync::LazyLock;

use schemars::schema_for;
use serde_json::Value as Json;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{
    schema::File,
    text::{Findings, closest},
};

/// The JSON Schema of the scenario file, for editors and for `netsim schema`. Always the same.
pub fn json_schema() -> Json {
    SCHEMA.clone()
}

static SCHEMA: LazyLock<Json> = LazyLock::new(|| schema_for!(File).to_value());

/// Takes everything out of `root` that has no place in a scenario, and reports it.
pub(super) fn check(root: &mut Spanned<DeTable<'_>>, findings: &mut Findings) {
    check_table(root.get_mut(), &SCHEMA, "", findings);
}

/// Follows a `$ref` into the definitions.
fn resolve(schema: &Json) -> &Json {
    let Some(reference) = schema.get("$ref").and_then(Json::as_str) else {
        return schema;
    };
    let name = reference.rsplit('/').next().unwrap_or_default();
    &SCHEMA["$defs"][name]
}

fn check_table(table: &mut DeTable<'_>, schema: &Json, path: &str, findings: &mut Findings) {
    let keys = schema.get("properties").and_then(Json::as_object);
    let each = schema.get("additionalProperties").filter(|s| s.is_object());
    for (key, mut value) in std::mem::replace(table, DeTable::new()) {
        let name = key.get_ref().as_ref();
        let known = keys.and_then(|k| k.get(name)).or(each);
        let Some(known) = known else {
            let names = keys.into_iter().flat_map(|k| k.keys());
            unknown_key(&key, path, names.map(String::as_str).collect(), findings);
            continue;
        };
        let inner = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        if fits(&mut value, resolve(known), &inner, findings) {
            table.insert(key, value);
        }
    }
}

/// False if the value has the wrong shape.
fn fits(
    value: &mut Spanned<DeValue<'_>>,
    schema: &Json,
    path: &str,
    findings: &mut Findings,
) -> bool {
    let wanted = schema
        .get("type")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let place = value.span();
    match (wanted, value.get_mut()) {
        ("object", DeValue::Table(table)) => check_table(table, schema, path, findings),
        ("object", other) => {
            let found = kind(other);
            findings
                .error(place, format!("`{path}` is a table, found {found}"))
                .help(format!("write `[{path}]` or `{{ key = value }}`"));
            return false;
        }
        ("array", DeValue::Array(items)) => {
            check_items(items, resolve(&schema["items"]), path, findings);
        }
        ("array", other) => {
            let found = kind(other);
            findings
                .error(place, format!("`{path}` is a list, found {found}"))
                .help(list_help(schema, path));
            return false;
        }
        _ => {}
    }
    true
}

fn check_items(items: &mut DeArray<'_>, schema: &Json, path: &str, findings: &mut Findings) {
    let all = std::mem::replace(items, DeArray::new());
    *items = all
        .into_iter()
        .filter_map(|mut item| fits(&mut item, schema, path, findings).then_some(item))
        .collect();
}

fn list_help(schema: &Json, path: &str) -> String {
    let items = resolve(&schema["items"]);
    if items.get("type").and_then(Json::as_str) == Some("object") {
        format!("each one begins with `[[{path}]]`, in double brackets")
    } else {
        "write it in brackets: [\"one\", \"two\"]".to_owned()
    }
}

fn unknown_key(
    key: &Spanned<std::borrow::Cow<'_, str>>,
    path: &str,
    known: Vec<&str>,
    findings: &mut Findings,
) {
    let name = key.get_ref();
    let whose = if path.is_empty() {
        "at the top of the file".to_owned()
    } else {
        format!("in `{path}`")
    };
    let guess = closest(name, known.iter().copied());
    let message = guess.map_or_else(
        || format!("unknown key `{name}` {whose}"),
        |guess| format!("unknown key `{name}`, did you mean `{guess}`?"),
    );
    findings
        .error(key.span(), message)
        .label("not a key of the scenario file")
        .help(format!("keys {whose}: {}", known.join(", ")));
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
