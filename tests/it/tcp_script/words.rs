//! The words of a line, one after the other.

use std::str::FromStr;

/// What is left of a line.
#[derive(Debug)]
pub(super) struct Words<'a>(std::iter::Peekable<std::str::SplitWhitespace<'a>>);

impl<'a> Words<'a> {
    /// The words before a `#`.
    pub(super) fn of(line: &'a str) -> Self {
        let code = line.split('#').next().unwrap_or_default();
        Self(code.split_whitespace().peekable())
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    pub(super) fn peek(&mut self) -> Option<&'a str> {
        self.0.peek().copied()
    }

    /// The next word, as a value.
    pub(super) fn value<T: FromStr>(&mut self) -> Result<T, String> {
        let word = self.next().ok_or("a value is missing")?;
        parse(word)
    }

    /// Two values with `between` between them.
    pub(super) fn pair(&mut self, between: char) -> Result<(i64, i64), String> {
        let word = self.next().ok_or("a pair is missing")?;
        pair(word, between)
    }
}

/// `word` as a value.
pub(super) fn parse<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("`{word}` is no value"))
}

/// `word` as two values with `between` between them.
pub(super) fn pair(word: &str, between: char) -> Result<(i64, i64), String> {
    let (first, second) = word
        .split_once(between)
        .ok_or_else(|| format!("`{word}` is no pair"))?;
    Ok((parse(first)?, parse(second)?))
}
