//! One name, or a list of names.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::{field::Field, scalar::Scalar, several::Several, value::Value};
use crate::scenario::text::Place;

/// The names, and where they were written; `None` if they were not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) place: Option<Place>,
    pub(crate) items: Vec<Field<String>>,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Several { place, items } = Several::<Scalar>::deserialize(deserializer)?;
        let names = items
            .into_iter()
            .map(|(place, name)| Field::new(place, String::from_scalar(&name)));
        Ok(Self {
            place: Some(place),
            items: names.collect(),
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
