//! Users out of thin air.

use super::pb::User;

/// The user with number `id`: the same in every run.
pub fn sample(id: i32) -> User {
    let place = usize::try_from(id.unsigned_abs()).unwrap_or(0);
    let first = FIRST[place % FIRST.len()];
    let last = LAST[place / FIRST.len() % LAST.len()];
    let mut roles = vec!["reader".to_owned()];
    if place % 3 == 0 {
        roles.push("editor".to_owned());
    }
    User {
        id,
        name: format!("{first} {last}"),
        email: format!("{}.{id}@example.com", first.to_lowercase()),
        roles,
    }
}

const FIRST: [&str; 10] = [
    "Ada", "Alan", "Barbara", "Donald", "Edsger", "Frances", "Grace", "John", "Radia", "Vint",
];

const LAST: [&str; 7] = [
    "Baker", "Carter", "Doe", "Fisher", "Miller", "Smith", "Weaver",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_always_the_same_user_and_each_has_an_address_of_its_own() {
        assert_eq!(sample(27).name, "John Doe");
        assert_eq!(sample(27).roles, ["reader", "editor"]);
        let mut mails: Vec<String> = (1..500).map(|id| sample(id).email).collect();
        mails.sort();
        mails.dedup();
        assert_eq!(mails.len(), 499);
        assert!(!sample(i32::MIN).name.is_empty());
    }
}
