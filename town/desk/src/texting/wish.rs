//! Who has an account and wishes to be told by text message too, beside the mail: at which number.

use beffroi_core::Id;
use beffroi_people::Account;
use beffroi_store::{Entry, Result, Tx};
use serde_json::json;

use super::proof;

const DELETE: &str = "DELETE FROM desk_sms_wish WHERE account = $1";

/// The number of an account that wishes it.
pub(crate) fn of_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Option<String>> {
    tx.query_opt("SELECT phone FROM desk_sms_wish WHERE account = $1", &[&account], |row| row.get(0))
}

/// Keeps the wish, once the number is proven.
pub(super) fn keep(tx: &mut Tx<'_>, account: Id<Account>, phone: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO desk_sms_wish (account, phone) VALUES ($1, $2) \
         ON CONFLICT (account) DO UPDATE SET phone = excluded.phone",
        &[&account, &phone],
    )?;
    journal(tx, account, true)
}

/// Ends it.
pub(super) fn end(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    if tx.execute(DELETE, &[&account])? > 0 { journal(tx, account, false) } else { Ok(()) }
}

/// Forgets it with its account; tells whether there was one.
pub(crate) fn forget(tx: &mut Tx<'_>, account: Id<Account>) -> Result<bool> {
    proof::forget(tx, account)?;
    Ok(tx.execute(DELETE, &[&account])? > 0)
}

fn journal(tx: &mut Tx<'_>, account: Id<Account>, wished: bool) -> Result<()> {
    tx.journal(&Entry {
        kind: "account.sms_wish_changed",
        subject_kind: "account",
        subject_id: account.uuid(),
        payload: json!({ "wished": wished }),
    })?;
    Ok(())
}
