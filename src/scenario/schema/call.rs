//! `call` of `[[traffic]]`: what is asked of the user service, over gRPC or as REST.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::{
    field::{Field, Named, Position, Table},
    scalar::Scalar,
    several::Several,
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
        let Several { place, items } = Several::<Position<Call>>::deserialize(deserializer)?;
        Ok(Self {
            place: Some(place),
            items: items.into_iter().map(call).collect(),
        })
    }
}

/// A table, or the method alone.
fn call((place, written): (Place, Position<Call>)) -> Table<Call> {
    let value = match written {
        Position::Table(call) => call,
        Position::Value(word) => Call {
            method: Field::new(place.clone(), CallWord::from_scalar(&word)),
            ..Call::default()
        },
    };
    Table {
        place: Some(place),
        value,
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
