//! The building blocks of the mirror: a value, a list, a table, a map of names, each with its
//! place in the text.
//!
//! A value of the wrong type or without its unit does not end the reading: it is kept as an error
//! in its [`Field`] and reported when the field is read, so that one pass finds every mistake.

use std::{borrow::Cow, fmt, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::MapAccess};
use toml::Spanned;

use super::{scalar::Scalar, value::Value};
use crate::scenario::text::{Findings, Place};

/// One value, perhaps absent, perhaps wrong.
#[derive(Debug, Clone)]
pub(crate) struct Field<T>(Option<Given<T>>);

#[derive(Debug, Clone)]
struct Given<T> {
    place: Place,
    value: Result<T, String>,
}

impl<T> Field<T> {
    /// A value that was written at `place`.
    pub(super) const fn new(place: Place, value: Result<T, String>) -> Self {
        Self(Some(Given { place, value }))
    }

    /// Where it was written.
    pub(crate) fn place(&self) -> Option<Place> {
        self.0.as_ref().map(|given| given.place.clone())
    }

    /// True if it was written.
    pub(crate) const fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// The value, if there is a good one. Says nothing of a bad one.
    pub(crate) fn peek(&self) -> Option<&T> {
        self.0.as_ref()?.value.as_ref().ok()
    }
}

impl<T: Clone> Field<T> {
    /// The value, or `None` if it is absent or wrong; a wrong one is reported.
    pub(crate) fn read(&self, findings: &mut Findings) -> Option<T> {
        let given = self.0.as_ref()?;
        match &given.value {
            Ok(value) => Some(value.clone()),
            Err(why) => {
                findings.error(given.place.clone(), why);
                None
            }
        }
    }

    /// The value if it was written, else that of `fallback`.
    pub(crate) fn or(&self, fallback: &Self) -> Self {
        if self.is_given() {
            self.clone()
        } else {
            fallback.clone()
        }
    }
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Value> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scalar = Spanned::<Scalar>::deserialize(deserializer)?;
        Ok(Self(Some(Given {
            place: scalar.span(),
            value: T::from_scalar(scalar.get_ref()),
        })))
    }
}

impl<T: Value> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::KIND.into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

/// An array.
#[derive(Debug, Clone)]
pub(crate) struct List<T> {
    /// Where it was written; `None` if it was not.
    pub(crate) place: Option<Place>,
    /// What stands in it.
    pub(crate) items: Vec<T>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            place: None,
            items: Vec::new(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Spanned::<Vec<T>>::deserialize(deserializer)?;
        Ok(Self {
            place: Some(list.span()),
            items: list.into_inner(),
        })
    }
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("list of {}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items })
    }
}

/// A table with fixed keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table<T> {
    /// Where it was written; `None` if it was not.
    pub(crate) place: Option<Place>,
    /// What stands in it.
    pub(crate) value: T,
}

impl<T: Clone> Table<T> {
    /// The table if it was written, else `fallback`: keys of two tables are not mixed.
    pub(crate) fn or(&self, fallback: &Self) -> Self {
        if self.place.is_some() {
            self.clone()
        } else {
            fallback.clone()
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = Spanned::<T>::deserialize(deserializer)?;
        Ok(Self {
            place: Some(table.span()),
            value: table.into_inner(),
        })
    }
}

impl<T: JsonSchema> JsonSchema for Table<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A table, or just `true` (the table with all its defaults) or `false`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Toggle<T> {
    /// Where it was written; `None` if it was not.
    pub(crate) place: Option<Place>,
    /// Whether it is on.
    pub(crate) on: bool,
    /// What stands in the table.
    pub(crate) value: T,
    /// What is wrong if it is neither.
    wrong: Option<String>,
}

impl<T> Toggle<T> {
    /// The table, if it is on; something else than a table or a truth value is reported.
    pub(crate) fn read(&self, findings: &mut Findings) -> Option<&T> {
        if let Some(why) = &self.wrong {
            findings.error(self.place.clone(), why);
        }
        self.on.then_some(&self.value)
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Toggle<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let position = Spanned::<Position<T>>::deserialize(deserializer)?;
        let place = Some(position.span());
        let (on, value, wrong) = match position.into_inner() {
            Position::Table(value) => (true, value, None),
            Position::Value(Scalar::Bool(on)) => (on, T::default(), None),
            Position::Value(other) => {
                let why = format!(
                    "expected true, false or a table, found {}",
                    other.describe()
                );
                (false, T::default(), Some(why))
            }
        };
        Ok(Self {
            place,
            on,
            value,
            wrong,
        })
    }
}

impl<T: JsonSchema> JsonSchema for Toggle<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("true or {}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "type": "boolean" }, table], "x-value": "true or table" })
    }
}

/// What stands where a table or a value may be.
pub(super) enum Position<T> {
    /// A table.
    Table(T),
    /// Anything else.
    Value(Scalar),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Position<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PositionVisitor(PhantomData))
    }
}

struct PositionVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for PositionVisitor<T> {
    type Value = Position<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a table")
    }
    fn visit_bool<E>(self, on: bool) -> Result<Position<T>, E> {
        Ok(Position::Value(Scalar::Bool(on)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Position<T>, E> {
        Ok(Position::Value(Scalar::Text(text.to_owned())))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Position<T>, E> {
        Ok(Position::Value(Scalar::Integer(n.into())))
    }
    fn visit_f64<E>(self, x: f64) -> Result<Position<T>, E> {
        Ok(Position::Value(Scalar::Float(x)))
    }
    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Position<T>, A::Error> {
        while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(Position::Value(Scalar::Array))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Position<T>, A::Error> {
        let table = serde::de::value::MapAccessDeserializer::new(map);
        T::deserialize(table).map(Position::Table)
    }
}

/// A table whose keys are names, in the order of the file.
#[derive(Debug, Clone)]
pub(crate) struct Named<T>(pub(crate) Vec<(Name, T)>);

/// A key that is a name.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    /// Where it stands.
    pub(crate) place: Place,
    /// The name.
    pub(crate) text: String,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}

struct NamedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for NamedVisitor<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, T>()? {
            let place = key.span();
            let text = key.into_inner();
            entries.push((Name { place, text }, value));
        }
        Ok(Named(entries))
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("names of {}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let each = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": each })
    }
}
