//! `Scalar`: a TOML value as it was written, before anybody asks what it should be.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// A TOML value. Arrays and tables are only named, never kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Text(String),
    Integer(i128),
    Float(f64),
    Bool(bool),
    /// A date, as text.
    Datetime(String),
    Array,
    Table,
}

impl Scalar {
    /// What it is, for "expected ..., found ...".
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Text(text) => format!("the text {text:?}"),
            Self::Integer(n) => format!("the number {n}"),
            Self::Float(x) => format!("the number {x}"),
            Self::Bool(b) => b.to_string(),
            Self::Datetime(_) => "a date".to_owned(),
            Self::Array => "a list".to_owned(),
            Self::Table => "a table".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

/// The key under which the `toml` crate hands over a date.
const DATETIME: &str = "$__toml_private_datetime";

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(n.into()))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(n.into()))
    }
    fn visit_i128<E>(self, n: i128) -> Result<Scalar, E> {
        Ok(Scalar::Integer(n))
    }
    fn visit_u128<E>(self, n: u128) -> Result<Scalar, E> {
        Ok(Scalar::Integer(i128::try_from(n).unwrap_or(i128::MAX)))
    }
    fn visit_f64<E>(self, x: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(x))
    }
    fn visit_bool<E>(self, b: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(b))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Array)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        let mut found = Scalar::Table;
        while let Some(key) = map.next_key::<String>()? {
            if key == DATETIME {
                found = Scalar::Datetime(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}
