//! The names of `proto/user.proto`, as far as a reader needs them.

/// A procedure: its path, and the messages of the client and of the server.
type Procedure = (&'static str, [&'static str; 2]);

const PROCEDURES: [Procedure; 5] = [
    ("/user.UserService/GetUser", ["GetUserRequest", "User"]),
    ("/user.UserService/ListUsers", ["ListUsersRequest", "User"]),
    ("/user.UserService/CreateUser", ["User", "User"]),
    ("/user.UserService/UpdateUser", ["User", "User"]),
    ("/user.UserService/ImportUsers", ["User", "ImportSummary"]),
];

/// The fields of each message, from number 1.
const MESSAGES: [(&str, &[&str]); 4] = [
    ("User", &["id", "name", "email", "roles"]),
    ("GetUserRequest", &["id"]),
    ("ListUsersRequest", &["page_size", "page_token"]),
    ("ImportSummary", &["created", "replaced"]),
];

/// The message that a call of `path` has in this direction.
pub(super) fn message(path: &str, of_client: bool) -> Option<&'static str> {
    let (_, [there, back]) = PROCEDURES.iter().find(|(known, _)| *known == path)?;
    Some(if of_client { there } else { back })
}

/// The field of `message` with this number.
pub(super) fn field(message: &str, number: u32) -> Option<&'static str> {
    let (_, fields) = MESSAGES.iter().find(|(known, _)| *known == message)?;
    let at = usize::try_from(number.checked_sub(1)?).ok()?;
    fields.get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROTO: &str = include_str!("../../../proto/user.proto");

    #[test]
    fn the_names_are_those_of_the_proto() {
        for (path, [there, back]) in PROCEDURES {
            let name = path.rsplit('/').next().unwrap();
            let rpc = PROTO
                .lines()
                .find(|l| l.contains(&format!("rpc {name} ")))
                .unwrap();
            let (request, answer) = rpc.split_once("returns").unwrap();
            assert!(request.contains(&format!("{there})")) && answer.contains(&format!("{back})")));
        }
        assert_eq!(PROTO.matches("  rpc ").count(), PROCEDURES.len());
        for (name, fields) in MESSAGES {
            let (_, body) = PROTO.split_once(&format!("message {name} {{")).unwrap();
            let body = body.split('}').next().unwrap();
            for (number, field) in (1..).zip(fields) {
                assert!(
                    body.contains(&format!(" {field} = {number};")),
                    "{name}.{field}"
                );
            }
            assert_eq!(body.matches(" = ").count(), fields.len(), "{name}");
        }
        assert_eq!(PROTO.matches("\nmessage ").count(), MESSAGES.len());
    }

    #[test]
    fn what_is_not_there_has_no_name() {
        assert_eq!(message("/user.UserService/DropUsers", true), None);
        assert_eq!(
            (field("User", 0), field("User", 5), field("Cat", 1)),
            (None, None, None)
        );
    }
}
