//! The users that a server knows: what the services over gRPC and REST do, without a word of either.
//!
//! Contract: numbers are given in order, a list is in the order of the numbers, and a refusal changes
//! nothing. Bounded: at most [`MOST_USERS`].

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::osi::presentation::users::{pb::User, sample};

/// The most users that a server keeps.
const MOST_USERS: usize = 100_000;

/// All users of one server.
#[derive(Debug)]
pub(super) struct Users(Mutex<BTreeMap<i32, User>>);

/// Why something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such user.
    NotFound(i32),
    /// There is one already.
    Exists(i32),
    /// The record cannot be kept.
    Invalid(&'static str),
    /// There is no room for one more.
    Full,
}

impl Refusal {
    /// In words.
    pub(super) fn words(self) -> String {
        match self {
            Self::NotFound(id) => format!("there is no user {id}"),
            Self::Exists(id) => format!("there is a user {id} already"),
            Self::Invalid(why) => why.to_owned(),
            Self::Full => "no room for another user".to_owned(),
        }
    }
}

impl Users {
    /// Users 1 to `count`.
    pub(super) fn new(count: u32) -> Self {
        let last = i32::try_from(count).unwrap_or(i32::MAX);
        Self(Mutex::new((1..=last).map(|id| (id, sample(id))).collect()))
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<i32, User>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user with this number.
    pub(super) fn get(&self, id: i32) -> Result<User, Refusal> {
        let found = self.all().get(&id).cloned();
        found.ok_or(Refusal::NotFound(id))
    }

    /// Users from number `first` on; at most `most`, or all if that is 0.
    pub(super) fn list(&self, first: i32, most: usize) -> Vec<User> {
        let most = if most == 0 { usize::MAX } else { most };
        let all = self.all();
        all.range(first..)
            .take(most)
            .map(|(_, u)| u.clone())
            .collect()
    }

    /// A new user, who gets the next number if the record has none.
    pub(super) fn create(&self, mut user: User) -> Result<User, Refusal> {
        check(&user)?;
        let mut all = self.all();
        if user.id == 0 {
            let last = all.last_key_value().map_or(0, |(id, _)| *id);
            user.id = last.checked_add(1).ok_or(Refusal::Full)?;
        }
        if all.contains_key(&user.id) {
            return Err(Refusal::Exists(user.id));
        }
        if all.len() >= MOST_USERS {
            return Err(Refusal::Full);
        }
        all.insert(user.id, user.clone());
        Ok(user)
    }

    /// Puts `user` in the place of the one with its number.
    pub(super) fn replace(&self, user: User) -> Result<User, Refusal> {
        check(&user)?;
        let mut all = self.all();
        let there = all.get_mut(&user.id).ok_or(Refusal::NotFound(user.id))?;
        *there = user.clone();
        Ok(user)
    }

    /// Takes over those fields of `change` that are not empty.
    pub(super) fn update(&self, change: User) -> Result<User, Refusal> {
        let mut all = self.all();
        let there = all
            .get_mut(&change.id)
            .ok_or(Refusal::NotFound(change.id))?;
        if !change.name.is_empty() {
            there.name = change.name;
        }
        if !change.email.is_empty() {
            there.email = change.email;
        }
        if !change.roles.is_empty() {
            there.roles = change.roles;
        }
        Ok(there.clone())
    }

    /// Takes the user out.
    pub(super) fn delete(&self, id: i32) -> Result<(), Refusal> {
        let gone = self.all().remove(&id);
        gone.map(drop).ok_or(Refusal::NotFound(id))
    }
}

const fn check(user: &User) -> Result<(), Refusal> {
    if user.name.is_empty() {
        return Err(Refusal::Invalid("a user has a name"));
    }
    if user.id < 0 {
        return Err(Refusal::Invalid("the number of a user is above zero"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: i32, name: &str) -> User {
        User {
            id,
            name: name.to_owned(),
            ..User::default()
        }
    }

    #[test]
    fn users_are_created_changed_and_deleted() {
        let users = Users::new(3);
        let made = users.create(named(0, "Jane")).unwrap();
        assert_eq!(made.id, 4);
        let changed = users.update(User {
            email: "jane@example.com".to_owned(),
            ..named(4, "")
        });
        assert_eq!(changed.unwrap().name, "Jane");
        assert_eq!(users.replace(named(4, "Joan")).unwrap().email, "");
        users.delete(4).unwrap();
        assert_eq!(users.get(4), Err(Refusal::NotFound(4)));
        let ids =
            |first, most| -> Vec<i32> { users.list(first, most).iter().map(|u| u.id).collect() };
        assert_eq!((ids(0, 0), ids(2, 1)), (vec![1, 2, 3], vec![2]));
    }

    #[test]
    fn what_cannot_be_done_is_refused_and_changes_nothing() {
        let users = Users::new(1);
        assert_eq!(users.create(named(1, "Jane")), Err(Refusal::Exists(1)));
        assert!(matches!(
            users.create(named(2, "")),
            Err(Refusal::Invalid(_))
        ));
        assert!(matches!(
            users.create(named(-2, "J")),
            Err(Refusal::Invalid(_))
        ));
        assert_eq!(users.replace(named(9, "J")), Err(Refusal::NotFound(9)));
        assert_eq!(users.update(named(9, "J")), Err(Refusal::NotFound(9)));
        assert_eq!(users.delete(9), Err(Refusal::NotFound(9)));
        assert_eq!(users.list(0, 0), [sample(1)]);
        users.create(named(i32::MAX, "last")).unwrap();
        assert_eq!(users.create(named(0, "one more")), Err(Refusal::Full));
    }

    #[test]
    fn there_is_room_for_so_many() {
        let users = Users::new(u32::try_from(MOST_USERS).unwrap());
        assert_eq!(users.create(named(0, "one more")), Err(Refusal::Full));
    }
}
