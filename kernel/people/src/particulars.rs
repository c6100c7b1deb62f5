//! What the owner of an account changes of it: how they are called, and the address that is written to.

use beffroi_store::{Result, Tx};
use serde_json::json;

use crate::{
    Account, AccountKind, LinkPurpose, SignedIn,
    account::{self, AccountError},
    link,
};

/// The owner wants to be called otherwise.
pub fn change_name(tx: &mut Tx<'_>, who: &SignedIn, name: &str) -> Result<()> {
    account::rename(tx, who.account, name)?;
    account::journal(tx, "account.renamed", who.account, json!({}))
}

/// The owner, who has proved to be it, wants another address. Its reader is mailed a link that makes it the account's;
/// until then nothing changes. The answer is the same whether or not the address has an account: only its owner learns
/// of it, by mail.
pub fn ask_to_move(tx: &mut Tx<'_>, account: &Account, email: &str) -> Result<(), AccountError> {
    let email = account::normalise_email(email).ok_or(AccountError::BadEmail)?;
    if account.email == email || !account::may_be_written_to(tx, &email)? {
        return Ok(());
    }
    let other = account::by_email(tx, &email)?;
    // Whoever asked for an account and never opened it has not shown that the address is theirs.
    let taken = |other: &Account| other.kind == AccountKind::Agent || other.email_verified_at.is_some();
    if let Some(other) = other.filter(taken) {
        account::send_link(tx, other.id, LinkPurpose::AlreadyRegistered)?;
        return Ok(());
    }
    link::send_to(tx, account.id, LinkPurpose::Confirm, &email)?;
    account::journal(tx, "account.link_requested", account.id, json!({ "purpose": LinkPurpose::Confirm }))?;
    Ok(())
}
