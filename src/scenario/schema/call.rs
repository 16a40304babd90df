//! `call` of `[[traffic]]`: what is asked of the user service, over gRPC or as REST.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use toml::Spanned;

use super::{
    field::{Field, Named, Table},
    scalar::Scalar,
    value::Value,
    word::words_of,
};
use crate::{scenario::text::Place, units::Span};

/// One call, or several alike.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["method"]))]
pub(crate) struct Call {
    /// What is done. grpc: get, list, create, update (both sides stream), import (the client streams).
    /// rest: get, list, create (POST), replace (PUT), update (PATCH), delete.
    #[schemars(extend("examples" = ["get"]))]
    pub(crate) method: Field<CallWord>,
    /// The number of the user; of several, the first. With create and 0 the server gives one.
    #[schemars(extend("default" = 1, "examples" = [7]))]
    pub(crate) id: Field<u32>,
    /// How many; 0 to 10000. list: users, where 0 is all. update and import over grpc: messages of
    /// the stream. Else calls, for one user after the other. Default: list 10, else 1.
    #[schemars(extend("examples" = [5]))]
    pub(crate) count: Field<u32>,
    /// grpc, update and import: from one message of the client to the next.
    #[schemars(extend("default" = "0s", "examples" = ["20ms"]))]
    pub(crate) interval: Field<Span>,
    /// create, replace, update, import: the name that is sent. Left out: one that goes with the number.
    #[schemars(extend("examples" = ["Jane Doe"]))]
    pub(crate) name: Field<String>,
    /// grpc: how long the call may take; sent along as grpc-timeout. Left out: none.
    #[schemars(extend("examples" = ["50ms"]))]
    pub(crate) deadline: Field<Span>,
    /// Metadata of grpc, or header lines of rest.
    #[schemars(extend("examples" = [{"authorization": "Bearer 42"}]))]
    pub(crate) metadata: Named<Field<String>>,
    /// grpc, list and update: cancel the call when so many messages have come.
    #[schemars(extend("examples" = [2]))]
    pub(crate) cancel_after: Field<u32>,
    /// rest, create, replace and update: send this text instead of the record.
    #[schemars(extend("examples" = ["{\"name\": \"Jane\"}"]))]
    pub(crate) body: Field<String>,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallWord {
    Get,
    List,
    Create,
    Update,
    Import,
    Replace,
    Delete,
}

words_of! {
    CallWord, "a call of the user service", [
        "get" => Self::Get, "list" => Self::List, "create" => Self::Create,
        "update" => Self::Update, "import" => Self::Import, "replace" => Self::Replace,
        "delete" => Self::Delete
    ];
}

/// The calls, and where they were written; `None` if they were not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls {
    pub(crate) place: Option<Place>,
    pub(crate) items: Vec<Table<Call>>,
}

impl<'de> Deserialize<'de> for Calls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let calls = Spanned::<Written>::deserialize(deserializer)?;
        let place = calls.span();
        let items = match calls.into_inner() {
            Written::Several(items) => items.into_iter().map(|One(call)| call).collect(),
            other => vec![other.placed(place.clone())],
        };
        Ok(Self {
            place: Some(place),
            items,
        })
    }
}

impl JsonSchema for Calls {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "call or list of calls".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = CallWord::schema();
        let table = generator.subschema_for::<Call>();
        json_schema!({
            "anyOf": [
                word,
                table,
                { "type": "array", "items": { "anyOf": [word, table] } }
            ],
            "x-value": "call or list of calls"
        })
    }
}

/// One call with its place.
struct One(Table<Call>);

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let call = Spanned::<Written>::deserialize(deserializer)?;
        let place = call.span();
        Ok(Self(call.into_inner().placed(place)))
    }
}

/// What stood there.
enum Written {
    Word(Scalar),
    Table(Box<Call>),
    Several(Vec<One>),
}

impl Written {
    fn placed(self, place: Place) -> Table<Call> {
        let word = |scalar: &Scalar| Call {
            method: Field::new(place.clone(), CallWord::from_scalar(scalar)),
            ..Call::default()
        };
        let value = match self {
            Self::Word(scalar) => word(&scalar),
            Self::Table(call) => *call,
            Self::Several(_) => word(&Scalar::Array),
        };
        Table {
            place: Some(place),
            value,
        }
    }
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
        f.write_str("a call, a table or a list of both")
    }
    fn visit_str<E>(self, text: &str) -> Result<Written, E> {
        Ok(Written::Word(Scalar::Text(text.to_owned())))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Written, E> {
        Ok(Written::Word(Scalar::Integer(n.into())))
    }
    fn visit_f64<E>(self, x: f64) -> Result<Written, E> {
        Ok(Written::Word(Scalar::Float(x)))
    }
    fn visit_bool<E>(self, b: bool) -> Result<Written, E> {
        Ok(Written::Word(Scalar::Bool(b)))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Written, A::Error> {
        Call::deserialize(MapAccessDeserializer::new(map))
            .map(|call| Written::Table(Box::new(call)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Written, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Written::Several(items))
    }
}
