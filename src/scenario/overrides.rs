//! `--set PATH=VALUE`: values from the command line in place of those in the file.
//!
//! A path is keys and names joined by dots: `seed`, `node.alice.tcp.congestion`, `link.wan.loss`,
//! `link.0.rate`, `traffic.page.count`. Links and traffic answer to their names, also to the ones
//! they get when the file gives none; every list answers to numbers from 0.
//!
//! The file's text stays as it is, so lines and columns in errors stay right; an error in an
//! override points at the override.

use std::{borrow::Cow, fmt, str::FromStr};

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{
    lower::{automatic_link_names, automatic_traffic_names},
    text::{Findings, Place, Sources, closest},
};

/// One value from the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// What to set: keys and names joined by dots, such as `link.wan.loss`.
    pub path: String,
    /// The value: TOML, or a text without quotes.
    pub value: String,
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.path, self.value)
    }
}

impl FromStr for Override {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (path, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` has no `=`; write something like link.wan.loss=3%"))?;
        Ok(Self {
            path: path.trim().to_owned(),
            value: value.trim().to_owned(),
        })
    }
}

/// Puts every override into `root`. `sources` holds them after the file, in the same order.
pub(super) fn apply<'t>(
    root: &mut Spanned<DeTable<'t>>,
    sources: &'t Sources,
    overrides: &[Override],
    findings: &mut Findings,
) {
    for ((start, text), set) in sources.iter().skip(1).zip(overrides) {
        let steps = steps(&text[..set.path.len()], start);
        let value = value(&text[set.path.len() + 1..], start + set.path.len() + 1);
        if steps.len() > MAX_STEPS {
            let message = format!("a path has at most {MAX_STEPS} parts");
            findings.error(start..start + set.path.len(), message);
        } else if let Err(wrong) =
            has_entries(root.get_ref(), &steps).and_then(|()| put(root.get_mut(), &steps, value))
        {
            findings
                .error(wrong.place, wrong.message)
                .help(wrong.help.as_str());
        }
    }
}

/// No key of a scenario lies deeper.
const MAX_STEPS: usize = 10;

/// One part of a path.
#[derive(Debug)]
struct Step<'t> {
    text: Cow<'t, str>,
    place: Place,
}

/// Why a path leads nowhere.
struct Wrong {
    place: Place,
    message: String,
    help: String,
}

impl Wrong {
    fn new(step: &Step<'_>, message: String, help: impl Into<String>) -> Self {
        Self {
            place: step.place.clone(),
            message,
            help: help.into(),
        }
    }
}

/// Splits a path at its dots, but not at those in quotes.
fn steps(path: &str, start: usize) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (at, c) in path.char_indices().chain([(path.len(), '.')]) {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted || at == path.len() => {
                let text = &path[from..at];
                steps.push(Step {
                    text: Cow::Borrowed(text.trim().trim_matches('"')),
                    place: start + from..start + at,
                });
                from = at + 1;
            }
            _ => {}
        }
    }
    steps
}

/// Reads a value as TOML, or else as a text.
fn value(text: &str, start: usize) -> Spanned<DeValue<'_>> {
    match DeValue::parse(text) {
        Ok(value) => shifted(value, start),
        Err(_) => Spanned::new(
            start..start + text.len(),
            DeValue::String(Cow::Borrowed(text)),
        ),
    }
}

/// The same value, as if it stood `by` bytes further on.
fn shifted(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let moved = |span: Place| span.start + by..span.end + by;
    let span = moved(value.span());
    let inner = match value.into_inner() {
        DeValue::Array(items) => {
            DeValue::Array(items.into_iter().map(|v| shifted(v, by)).collect())
        }
        DeValue::Table(entries) => {
            let entries = entries.into_iter().map(|(k, v)| {
                let key = Spanned::new(moved(k.span()), k.into_inner());
                (key, shifted(v, by))
            });
            DeValue::Table(entries.collect())
        }
        scalar => scalar,
    };
    Spanned::new(span, inner)
}

/// An override makes no nodes, links, servers or traffic, and no generated network.
fn has_entries(root: &DeTable<'_>, steps: &[Step<'_>]) -> Result<(), Wrong> {
    let Some(first) = steps.first() else {
        return Ok(());
    };
    let key = Spanned::new(0..0, Cow::Borrowed(first.text.as_ref()));
    let made = ENTRIES.contains(&first.text.as_ref()) || first.text == "generate";
    if !made || root.contains_key(&key) {
        return Ok(());
    }
    let message = format!("the file has no `{}`", first.text);
    Err(Wrong::new(
        first,
        message,
        "`--set` only changes what there is",
    ))
}

/// Walks down `steps` from `table` and leaves `value` there.
fn put<'t>(
    table: &mut DeTable<'t>,
    steps: &[Step<'t>],
    value: Spanned<DeValue<'t>>,
) -> Result<(), Wrong> {
    let [step, rest @ ..] = steps else {
        return Ok(());
    };
    if step.text.is_empty() {
        let help = "write something like seed=7 or link.wan.loss=3%";
        return Err(Wrong::new(step, "the path has an empty part".into(), help));
    }
    if rest.is_empty() {
        let place = step.place.clone();
        table.insert(Spanned::new(place, step.text.clone()), value);
        return Ok(());
    }
    let inner = child(table, step)?;
    match inner.get_mut() {
        DeValue::Table(inner) if step.text == "node" => put_into_node(inner, step, rest, value),
        DeValue::Table(inner) => put(inner, rest, value),
        DeValue::Array(items) => put_into_item(items, step, rest, value),
        _ => {
            let message = format!("`{}` is a single value and has nothing inside", step.text);
            let help = format!("end the path there: {}=...", step.text);
            Err(Wrong::new(step, message, help))
        }
    }
}

/// What stands under a key; an empty table if nothing does.
fn child<'a, 't>(
    table: &'a mut DeTable<'t>,
    step: &Step<'t>,
) -> Result<&'a mut Spanned<DeValue<'t>>, Wrong> {
    let key = Spanned::new(step.place.clone(), step.text.clone());
    if !table.contains_key(&key) {
        let empty = Spanned::new(step.place.clone(), DeValue::Table(DeTable::new()));
        table.insert(key.clone(), empty);
    }
    let missing = || Wrong::new(step, format!("there is no `{}`", step.text), "");
    table.get_mut(&key).ok_or_else(missing)
}

/// The tables of which a file may have several, each with a name of its own.
const ENTRIES: [&str; 4] = ["node", "link", "server", "traffic"];

fn put_into_node<'t>(
    nodes: &mut DeTable<'t>,
    step: &Step<'t>,
    rest: &[Step<'t>],
    value: Spanned<DeValue<'t>>,
) -> Result<(), Wrong> {
    let names: Vec<String> = nodes.keys().map(|k| k.get_ref().to_string()).collect();
    if rest.len() < 2 {
        return Err(needs_key(&rest[0], step));
    }
    let name = Spanned::new(rest[0].place.clone(), rest[0].text.clone());
    match nodes.get_mut(&name).map(Spanned::get_mut) {
        Some(DeValue::Table(node)) => put(node, &rest[1..], value),
        _ => Err(unknown(&rest[0], step, &names)),
    }
}

fn put_into_item<'t>(
    items: &mut DeArray<'t>,
    step: &Step<'t>,
    rest: &[Step<'t>],
    value: Spanned<DeValue<'t>>,
) -> Result<(), Wrong> {
    let names = item_names(items, &step.text);
    if rest.len() < 2 {
        return Err(needs_key(&rest[0], step));
    }
    let wanted = &rest[0].text;
    let by_name = names.iter().position(|n| n == wanted);
    let number = by_name.or_else(|| wanted.parse().ok());
    match number.and_then(|n| items.get_mut(n)).map(Spanned::get_mut) {
        Some(DeValue::Table(item)) => put(item, &rest[1..], value),
        _ => Err(unknown(&rest[0], step, &names)),
    }
}

fn needs_key(step: &Step<'_>, parent: &Step<'_>) -> Wrong {
    let message = format!("`{}.{}` is a whole table", parent.text, step.text);
    let help = format!("add a key: {}.{}.KEY=...", parent.text, step.text);
    Wrong::new(step, message, help)
}

fn unknown(step: &Step<'_>, parent: &Step<'_>, names: &[String]) -> Wrong {
    let all = names.iter().map(String::as_str);
    let message = match closest(&step.text, all) {
        Some(guess) => format!(
            "`{}` has no entry `{}`, did you mean `{guess}`?",
            parent.text, step.text
        ),
        None => format!("`{}` has no entry `{}`", parent.text, step.text),
    };
    let help = match names.len() {
        0 => "there are none".to_owned(),
        _ => format!("there are: {}", names.join(", ")),
    };
    Wrong::new(step, message, help)
}

/// What the items of a list answer to, beside their numbers.
fn item_names(items: &DeArray<'_>, list: &str) -> Vec<String> {
    let tables: Vec<Option<&DeTable<'_>>> = items
        .iter()
        .map(|item| match item.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        })
        .collect();
    let text = |i: usize, key: &str| tables[i].and_then(|t| text_of(t, key));
    let numbers = 0..tables.len();
    match list {
        "link" => {
            let words: Vec<_> = numbers
                .map(|i| (text(i, "name"), tables[i].and_then(ends)))
                .collect();
            automatic_link_names(&words)
        }
        "traffic" => {
            let words: Vec<_> = numbers.map(|i| (text(i, "name"), text(i, "app"))).collect();
            automatic_traffic_names(&words)
        }
        _ => numbers.map(|i| i.to_string()).collect(),
    }
}

fn text_of(table: &DeTable<'_>, key: &str) -> Option<String> {
    let key = Spanned::new(0..0, Cow::Borrowed(key));
    match table.get(&key)?.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

/// The two names of `between`.
fn ends(link: &DeTable<'_>) -> Option<(String, String)> {
    let DeValue::Array(items) = link
        .get(&Spanned::new(0..0, Cow::Borrowed("between")))?
        .get_ref()
    else {
        return None;
    };
    let name = |i: usize| match items.get(i)?.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    };
    name(0).zip(name(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_splits_at_dots_outside_quotes() {
        let parts = |path| -> Vec<String> {
            steps(path, 0)
                .into_iter()
                .map(|s| s.text.into_owned())
                .collect()
        };
        assert_eq!(parts("link.wan.loss"), ["link", "wan", "loss"]);
        assert_eq!(parts("dns.records.\"a.b\""), ["dns", "records", "a.b"]);
        assert_eq!(parts(""), [""]);
        assert_eq!(steps("a.bc", 10)[1].place, 12..14);
    }

    #[test]
    fn an_override_is_cut_at_the_first_equals_sign() {
        let set: Override = "traffic.page.text = a=b".parse().unwrap();
        assert_eq!(
            (set.path.as_str(), set.value.as_str()),
            ("traffic.page.text", "a=b")
        );
        assert!("seed".parse::<Override>().is_err());
    }
}
