//! How `summary.json` is laid out: a line for each key at the top, and one for each row of a list
//! below it. So a row can be found with `grep`, two files can be compared line by line, and a run
//! of ten thousand hosts does not spend its time on spaces.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// Breaks lines in the outermost containers, and writes what lies deeper on one line.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Containers that are open.
    depth: usize,
    /// The container that is open has something in it.
    filled: bool,
}

/// Containers down to this depth have a line for each thing in them: the summary, its lists.
const BROKEN: usize = 2;

impl Rows {
    fn open(&mut self, out: &mut (impl ?Sized + Write), bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    fn close(&mut self, out: &mut (impl ?Sized + Write), bracket: &[u8]) -> io::Result<()> {
        let depth = self.depth;
        self.depth -= 1;
        if self.filled && depth <= BROKEN {
            self.new_line(out)?;
        }
        self.filled = true;
        out.write_all(bracket)
    }

    fn next(&mut self, out: &mut (impl ?Sized + Write), first: bool) -> io::Result<()> {
        self.filled = true;
        let broken = self.depth <= BROKEN;
        match (first, broken) {
            (true, _) => {}
            (false, true) => out.write_all(b",")?,
            (false, false) => out.write_all(b", ")?,
        }
        if broken { self.new_line(out) } else { Ok(()) }
    }

    fn new_line(&self, out: &mut (impl ?Sized + Write)) -> io::Result<()> {
        const INDENTED: &[u8] = b"\n    ";
        out.write_all(&INDENTED[..=2 * self.depth])
    }
}

impl Formatter for Rows {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;
    use serde_json::{Serializer, json};

    use super::*;

    #[test]
    fn each_row_has_a_line_and_what_is_empty_has_none() {
        let value = json!({
            "title": "two", "none": [], "totals": {"sent": 1, "drops": {}},
            "rows": [{"name": "a", "list": [1, 2]}, {}],
        });
        let mut text = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut text, Rows::default());
        value.serialize(&mut serializer).unwrap();
        let expected = r#"{
  "title": "two",
  "none": [],
  "totals": {
    "sent": 1,
    "drops": {}
  },
  "rows": [
    {"name": "a", "list": [1, 2]},
    {}
  ]
}"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
