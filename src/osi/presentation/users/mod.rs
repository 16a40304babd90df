//! One record in two dresses: Protobuf (by prost) and JSON (by serde).
//!
//! The messages and the stubs of the user service are made of `proto/user.proto` when netsim is built.
//! [`json`] and [`User::from_json`](from_json) dress the same record as text; field names are those of
//! the `.proto`. [`sample`] makes records up: the same number is always the same user. Not here: the
//! canonical JSON of Protobuf, which would leave empty fields out and write `pageSize`.

mod sample;

pub use sample::sample;

/// What was made of `proto/user.proto`.
#[allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::use_self,
    clippy::or_fun_call,
    reason = "generated code"
)]
pub mod pb {
    tonic::include_proto!("user");
}

use pb::User;

/// The record as compact JSON (RFC 8259).
pub fn json(user: &User) -> String {
    // A struct of numbers and texts has no value that JSON cannot hold.
    serde_json::to_string(user).unwrap_or_default()
}

/// The size of the record as compact JSON \[bytes\].
pub fn json_size(user: &User) -> u64 {
    json(user).len() as u64
}

/// The record that a JSON text holds. Fields that are left out are empty.
///
/// # Errors
/// What is wrong with it, and [`JsonFault`] says how badly.
pub fn from_json(text: &[u8]) -> Result<User, JsonFault> {
    serde_json::from_slice(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => JsonFault::Unfit(error.to_string()),
        _ => JsonFault::Garbled(error.to_string()),
    })
}

/// Why a text is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonFault {
    /// It is not JSON.
    Garbled(String),
    /// It is JSON, but not of a user: a key that no user has, or a value of the wrong type.
    Unfit(String),
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    fn john() -> User {
        User {
            id: 123,
            name: "John Doe".to_owned(),
            email: "john@example.com".to_owned(),
            roles: vec!["admin".to_owned()],
        }
    }

    #[test]
    fn protobuf_needs_less_than_half_of_the_bytes_of_json() {
        // Protobuf, a tag each: id 123 in one byte, then 8, 16 and 5 letters with their lengths:
        // 2 + 10 + 18 + 7 = 37 bytes.
        assert_eq!(john().encoded_len(), 37);
        let text = r#"{"id":123,"name":"John Doe","email":"john@example.com","roles":["admin"]}"#;
        assert_eq!(json(&john()), text);
        // 73 letters: 2 braces, 3 commas, the keys "id", "name", "email", "roles" with quotes and
        // colon (5 + 7 + 8 + 8), and the values 123, "John Doe", "john@example.com", ["admin"]
        // (3 + 10 + 18 + 9).
        assert_eq!(json_size(&john()), 2 + 3 + 28 + 40);
    }

    #[test]
    fn what_is_dressed_can_be_undressed_again() {
        assert_eq!(from_json(json(&john()).as_bytes()), Ok(john()));
        let bytes = john().encode_to_vec();
        assert_eq!(User::decode(bytes.as_slice()).unwrap(), john());
        let part = from_json(br#"{"name": "Jane"}"#).unwrap();
        assert_eq!((part.id, part.name.as_str()), (0, "Jane"));
    }

    #[test]
    fn a_text_that_is_no_record_says_whether_it_is_json_at_all() {
        assert!(matches!(
            from_json(b"{\"id\": 1"),
            Err(JsonFault::Garbled(_))
        ));
        for other in [
            r#"{"id": "one"}"#,
            r#"{"age": 7}"#,
            "[1, 2]",
            r#"{"id": 1.5}"#,
        ] {
            let fault = from_json(other.as_bytes());
            assert!(
                matches!(fault, Err(JsonFault::Unfit(_))),
                "{other}: {fault:?}"
            );
        }
    }
}
