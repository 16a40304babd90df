//! The shape of the file against the JSON Schema of the mirror: unknown keys, tables and arrays in
//! the wrong place.
//!
//! What does not fit is reported and taken out, so that the mirror can be read and everything else
//! checked in the same pass. Single values are left alone: the mirror judges them.

use std::{borrow::Cow, sync::LazyLock};

use schemars::schema_for;
use serde_json::Value as Json;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{
    schema::File,
    text::{Findings, Place, closest},
};

/// The JSON Schema of the scenario file, for editors and for `netsim schema`. Always the same.
pub fn json_schema() -> Json {
    SCHEMA.clone()
}

static SCHEMA: LazyLock<Json> = LazyLock::new(|| schema_for!(File).to_value());

/// Takes everything out of `root` that has no place in a scenario, and reports it.
pub(super) fn check(root: &mut Spanned<DeTable<'_>>, findings: &mut Findings) {
    let place = root.span();
    Check { findings }.table(root.get_mut(), &place, &SCHEMA, "");
}

/// One pass.
struct Check<'f> {
    findings: &'f mut Findings,
}

/// Follows a `$ref` into the definitions.
fn resolve(schema: &Json) -> &Json {
    let Some(reference) = schema.get("$ref").and_then(Json::as_str) else {
        return schema;
    };
    let name = reference.rsplit('/').next().unwrap_or_default();
    &SCHEMA["$defs"][name]
}

/// What a schema says of a table, if other things may stand in its place.
fn table_of(schema: &Json) -> &Json {
    let choices = schema.get("anyOf").and_then(Json::as_array);
    let mut choices = choices.into_iter().flatten().map(resolve);
    choices
        .find(|choice| choice["type"] == "object")
        .unwrap_or(schema)
}

impl Check<'_> {
    fn table(&mut self, table: &mut DeTable<'_>, place: &Place, schema: &Json, path: &str) {
        let keys = schema.get("properties").and_then(Json::as_object);
        let each = schema.get("additionalProperties").filter(|s| s.is_object());
        for (key, mut value) in std::mem::replace(table, DeTable::new()) {
            let name = key.get_ref().as_ref();
            let fits = if let Some(known) = keys.and_then(|k| k.get(name)).or(each) {
                let path = join(path, name);
                self.value(&mut value, resolve(known), &path)
            } else {
                let names = keys.into_iter().flat_map(|k| k.keys());
                self.unknown_key(&key, path, names.map(String::as_str).collect());
                false
            };
            if fits {
                table.insert(key, value);
            } else {
                self.findings.damage(place);
            }
        }
    }

    /// False if the value has the wrong shape.
    fn value(&mut self, value: &mut Spanned<DeValue<'_>>, schema: &Json, path: &str) -> bool {
        let schema = match value.get_ref() {
            DeValue::Table(_) => table_of(schema),
            _ => schema,
        };
        let wanted = schema.get("type").and_then(Json::as_str);
        let place = value.span();
        let help = match (wanted, value.get_mut()) {
            (Some("object"), DeValue::Table(table)) => {
                self.table(table, &place, schema, path);
                return true;
            }
            (Some("array"), DeValue::Array(items)) => {
                self.items(items, resolve(&schema["items"]), path);
                return true;
            }
            (Some("object"), _) => format!("write `[{path}]` or `{{ key = value }}`"),
            (Some("array"), _) => list_help(schema, path),
            (_, scalar) => return self.number(scalar, &place),
        };
        let article = if wanted == Some("array") {
            "list"
        } else {
            "table"
        };
        let found = kind(value.get_ref());
        self.findings
            .error(place, format!("`{path}` is a {article}, found {found}"))
            .help(help);
        false
    }

    fn items(&mut self, items: &mut DeArray<'_>, schema: &Json, path: &str) {
        let all = std::mem::replace(items, DeArray::new());
        *items = all
            .into_iter()
            .filter_map(|mut item| self.value(&mut item, schema, path).then_some(item))
            .collect();
    }

    /// False for a number that no machine word holds.
    fn number(&mut self, value: &DeValue<'_>, place: &Place) -> bool {
        let fits = match value {
            DeValue::Integer(n) => i128::from_str_radix(n.as_str(), n.radix()).is_ok(),
            DeValue::Float(x) => x.as_str().parse().is_ok_and(f64::is_finite),
            _ => true,
        };
        if !fits {
            self.findings
                .error(place.clone(), "this number is too large, or not a number");
        }
        fits
    }

    fn unknown_key(&mut self, key: &Spanned<Cow<'_, str>>, path: &str, known: Vec<&str>) {
        let name = key.get_ref().as_ref();
        if !path.is_empty() && is_top_level(name) {
            let message =
                format!("`{name}` stands in `{path}`, but belongs at the top of the file");
            self.findings
                .error(key.span(), message)
                .help("in TOML a key belongs to the last `[table]` above it; move it up, before the first one");
            return;
        }
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
        self.findings
            .error(key.span(), message)
            .help(format!("keys {whose}: {}", known.join(", ")));
    }
}

/// True for the keys at the top of the file that are no tables.
fn is_top_level(name: &str) -> bool {
    matches!(name, "title" | "seed" | "stop" | "epoch")
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn list_help(schema: &Json, path: &str) -> String {
    let items = resolve(&schema["items"]);
    if items.get("type").and_then(Json::as_str) == Some("object") {
        format!("each one begins with `[[{path}]]`, in double brackets")
    } else {
        "write it in brackets: [\"one\", \"two\"]".to_owned()
    }
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
