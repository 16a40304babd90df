//! One name, or a list of names.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use toml::Spanned;

use super::{field::Field, scalar::Scalar, value::Value};
use crate::scenario::text::Place;

/// The names, and where they were written; `None` if they were not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) place: Option<Place>,
    pub(crate) items: Vec<Field<String>>,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Spanned::<Written>::deserialize(deserializer)?;
        let place = names.span();
        let items = match names.into_inner() {
            Written::Several(items) => items,
            Written::One(name) => vec![Field::new(place.clone(), String::from_scalar(&name))],
        };
        Ok(Self {
            place: Some(place),
            items,
        })
    }
}

impl JsonSchema for Names {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "name or list of names".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array"],
            "items": { "type": "string" },
            "x-value": "name or list of names"
        })
    }
}

/// What stood there.
enum Written {
    One(Scalar),
    Several(Vec<Field<String>>),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor)
    }
}

struct WrittenVisitor;

impl<'de> Visitor<'de> for WrittenVisitor {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name or a list of names")
    }
    fn visit_str<E>(self, text: &str) -> Result<Written, E> {
        Ok(Written::One(Scalar::Text(text.to_owned())))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Written, E> {
        Ok(Written::One(Scalar::Integer(n.into())))
    }
    fn visit_f64<E>(self, x: f64) -> Result<Written, E> {
        Ok(Written::One(Scalar::Float(x)))
    }
    fn visit_bool<E>(self, b: bool) -> Result<Written, E> {
        Ok(Written::One(Scalar::Bool(b)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Written, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Written::Several(items))
    }
}
