//! That somebody of the town has opened what it knows of a person outside of a case: an appointment, a registration, an
//! order. Looking is an act, and is written down once an hour; where the thing belongs to an account, its owner is told.

use beffroi_core::Id;
use beffroi_store::{Entry, Result, Tx, journal::done_since};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use crate::{Account, Department, Role, SignedIn};

/// Writes down that `who` has opened a thing. `account`: whose it is, where that is known; the entry is then about that
/// account, and its owner reads of it among those who looked. Nobody is told that they looked at their own.
pub fn note(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    kind: &str,
    thing: (&str, Uuid),
    account: Option<Id<Account>>,
) -> Result<()> {
    if account == Some(who.account) {
        return Ok(());
    }
    let (subject_kind, subject_id) = account.map_or(thing, |account| ("account", account.uuid()));
    let since = tx.now() - TimeDelta::hours(1);
    if !done_since(tx, (subject_kind, &[subject_id]), kind, who.account.uuid(), since)?.is_empty() {
        return Ok(());
    }
    let (role, department) = function(who);
    let payload = json!({ "role": role, "department": department });
    tx.journal(&Entry { kind, subject_kind, subject_id, payload }).map(drop)
}

/// The function in which somebody looks, and where they hold it: what whoever is looked at is told of them.
pub fn function(who: &SignedIn) -> (Option<Role>, Option<Id<Department>>) {
    let order = [Role::HeadOfDepartment, Role::Agent, Role::Manager];
    let held = order.into_iter().find_map(|role| who.grants.iter().find(|grant| grant.role == role));
    let held = held.or_else(|| who.grants.first());
    (held.map(|grant| grant.role), held.and_then(|grant| grant.department))
}
