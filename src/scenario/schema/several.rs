//! One of something, or a list of it, where either may stand.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use toml::Spanned;

use crate::scenario::text::Place;

/// What was written, and where; each with its own place. One that stands alone has the place of all.
///
/// `T` must read itself from a text, a number, a truth value and a table. If it reads itself from a
/// list too, that is one within the list.
pub(super) struct Several<T> {
    pub(super) place: Place,
    pub(super) items: Vec<(Place, T)>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Spanned::<Written<T>>::deserialize(deserializer)?;
        let place = written.span();
        let items = match written.into_inner() {
            Written::One(item) => vec![(place.clone(), item)],
            Written::List(items) => {
                let placed = items
                    .into_iter()
                    .map(|item| (item.span(), item.into_inner()));
                placed.collect()
            }
        };
        Ok(Self { place, items })
    }
}

/// What stood there.
enum Written<T> {
    One(T),
    List(Vec<Spanned<T>>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor(PhantomData))
    }
}

struct WrittenVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for WrittenVisitor<T> {
    type Value = Written<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Written<T>, E> {
        T::deserialize(text.into_deserializer()).map(Written::One)
    }
    fn visit_i64<E: Error>(self, n: i64) -> Result<Written<T>, E> {
        T::deserialize(n.into_deserializer()).map(Written::One)
    }
    fn visit_f64<E: Error>(self, x: f64) -> Result<Written<T>, E> {
        T::deserialize(x.into_deserializer()).map(Written::One)
    }
    fn visit_bool<E: Error>(self, b: bool) -> Result<Written<T>, E> {
        T::deserialize(b.into_deserializer()).map(Written::One)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Written<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Written::One)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Written<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Written::List(items))
    }
}
