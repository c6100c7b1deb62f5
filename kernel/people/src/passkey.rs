//! Passkeys: keys that a telephone, a computer or a security key holds, and of which only the public half is kept here.
//! Signing in with one shows two factors, the key and what unlocks it. The examination of what a browser sends is
//! `beffroi-passkeys`'.

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, StoreError, Tx};
use serde_json::Value;

use crate::{
    Account, AccountState, SignedIn, account, identity,
    secret::Secret,
    session::{self, Means, Opened, SecondFactor, Through},
};

/// As many as somebody has devices, and no more.
pub const AT_MOST: usize = 20;
/// The longest name of one.
pub const LONGEST_NAME: usize = 60;

/// A passkey, as its owner sees it in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub id: Id<Self>,
    /// As its owner calls it: « Téléphone ».
    pub name: String,
    /// Since when.
    pub created_at: Instant,
    /// When it last opened a session.
    pub last_used_at: Option<Instant>,
}

/// Why a passkey is not added, or not removed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Only somebody who is entirely signed in, in a browser.
    #[error("this session cannot do that")]
    NotNow,
    /// There are as many as there may be.
    #[error("there are too many passkeys")]
    TooMany,
    /// Nothing else would open the account.
    #[error("the account would have no way in")]
    LastWay,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a passkey that a browser has just made. It is a second factor too: a session that lacks one is complete.
pub fn add(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    credential_id: &[u8],
    credential: &Value,
    name: &str,
) -> Result<(), PasskeyError> {
    let session = may_change(who)?;
    if list(tx, who.account)?.len() >= AT_MOST {
        return Err(PasskeyError::TooMany);
    }
    let id: Id<Passkey> = tx.new_id();
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    tx.execute(
        "INSERT INTO passkey (id, account, credential_id, credential, name, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[&id, &who.account, &credential_id.to_vec(), credential, &name, &tx.now()],
    )?;
    if who.second_factor == SecondFactor::Due {
        session::second_factor_done(tx, session)?;
    }
    account::journal(tx, "account.passkey_added", who.account, serde_json::json!({}))?;
    Ok(())
}

/// The passkeys of an account, oldest first.
pub fn list(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Passkey>> {
    tx.query(
        "SELECT id, name, created_at, last_used_at FROM passkey WHERE account = $1 ORDER BY created_at, id LIMIT 100",
        &[&account],
        |row| {
            Ok(Passkey {
                id: row.get(0)?,
                name: row.get(1)?,
                created_at: row.get(2)?,
                last_used_at: row.get(3)?,
            })
        },
    )
}

/// The credentials of an account, so that one device is not asked to make a second.
pub fn credentials(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Value>> {
    tx.query(
        "SELECT credential FROM passkey WHERE account = $1 ORDER BY created_at, id LIMIT 100",
        &[&account],
        |row| row.get(0),
    )
}

/// The credential of this id and whose account it opens. May be asked in a read.
pub fn by_credential(tx: &mut Tx<'_>, credential_id: &[u8]) -> Result<Option<(Id<Account>, Value)>> {
    tx.query_opt(
        "SELECT account, credential FROM passkey WHERE credential_id = $1",
        &[&credential_id.to_vec()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Opens a session for whoever showed a passkey, which was examined. `None`: the account may not be used.
pub fn enter(
    tx: &mut Tx<'_>,
    credential_id: &[u8],
    credential: &Value,
    device: &str,
) -> Result<Option<Secret>> {
    let Some((account, _)) = by_credential(tx, credential_id)? else { return Ok(None) };
    let known = account::find(tx, account)?.filter(|it| it.state == AccountState::Active);
    let Some(known) = known else { return Ok(None) };
    tx.execute(
        "UPDATE passkey SET credential = $1, last_used_at = $2 WHERE credential_id = $3",
        &[credential, &tx.now(), &credential_id.to_vec()],
    )?;
    let opened = Opened::by(Means::Passkey);
    session::open(tx, known.id, known.kind, SecondFactor::Done, &opened, device).map(Some)
}

/// Takes a passkey away; another account's is left alone, without telling.
pub fn remove(tx: &mut Tx<'_>, who: &SignedIn, passkey: Id<Passkey>) -> Result<(), PasskeyError> {
    may_change(who)?;
    let all = list(tx, who.account)?;
    if !all.iter().any(|it| it.id == passkey) {
        return Ok(());
    }
    let account = account::find(tx, who.account)?.ok_or(PasskeyError::NotNow)?;
    let ways = identity::of_account(tx, who.account)?.len() + all.len();
    if account.password_strength.is_none() && ways < 2 {
        return Err(PasskeyError::LastWay);
    }
    tx.execute("DELETE FROM passkey WHERE id = $1 AND account = $2", &[&passkey, &who.account])?;
    account::journal(tx, "account.passkey_removed", who.account, serde_json::json!({}))?;
    Ok(())
}

fn may_change(who: &SignedIn) -> Result<Id<session::Session>, PasskeyError> {
    match (&who.through, who.second_factor) {
        (_, SecondFactor::Pending) | (Through::Token { .. }, _) => Err(PasskeyError::NotNow),
        (Through::Session(session), _) => Ok(*session),
    }
}
