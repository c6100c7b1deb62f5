//! The secret address of one's calendar: whoever has it reads when its owner is expected, and can do nothing else. An
//! account has one; a new one ends the one before.

use beffroi_core::{Assurance, Day, Id, Instant, Lang};
use beffroi_store::{Entry, Result, StoreError, Tx};

use crate::{
    Account, SignedIn, permission,
    secret::{self, Secret},
    session::{SecondFactor, Through},
};

/// Things that an agent adds to their calendar, at most.
pub const CHOSEN_AT_MOST: usize = 50;

/// An address, as its owner sees it: never its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Since when.
    pub made_at: Instant,
    /// The last day on which a program read it.
    pub used_on: Option<Day>,
    /// What an agent has added, by the words of the services.
    pub chosen: Vec<String>,
}

/// Whose calendar a secret opens.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its owner, who may see here what they may see signed in.
    pub who: SignedIn,
    /// In which language they are written to.
    pub lang: Lang,
    /// The address.
    pub feed: Feed,
}

/// Gives an account an address, which is told this once; the one before ends. What was chosen stays.
///
/// # Errors
/// Those of the store.
pub fn make(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Secret> {
    let secret = Secret::new(tx);
    tx.execute(
        "INSERT INTO account_feed (account, secret_hash, chosen, made_at, used_on) VALUES ($1, $2, $3, $4, NULL) \
         ON CONFLICT (account) DO UPDATE SET secret_hash = excluded.secret_hash, made_at = excluded.made_at, \
         used_on = NULL",
        &[&account, &secret.hash(), &serde_json::json!([]), &tx.now()],
    )?;
    journal(tx, "feed.made", account)?;
    Ok(secret)
}

/// Says what an agent adds to their calendar; nothing where they have no address.
///
/// # Errors
/// Those of the store.
pub fn choose(tx: &mut Tx<'_>, account: Id<Account>, chosen: &[String]) -> Result<()> {
    let chosen: Vec<&String> = chosen.iter().take(CHOSEN_AT_MOST).collect();
    let sql = "UPDATE account_feed SET chosen = $2 WHERE account = $1";
    tx.execute(sql, &[&account, &serde_json::json!(chosen)]).map(drop)
}

/// Ends the address of an account.
///
/// # Errors
/// Those of the store.
pub fn end(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    if tx.execute("DELETE FROM account_feed WHERE account = $1", &[&account])? > 0 {
        journal(tx, "feed.ended", account)?;
    }
    Ok(())
}

/// The address of an account.
///
/// # Errors
/// Those of the store.
pub fn of_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Option<Feed>> {
    let sql = "SELECT made_at, used_on, chosen FROM account_feed WHERE account = $1";
    tx.query_opt(sql, &[&account], |row| {
        let chosen = serde_json::from_value(row.get(2)?)?;
        Ok(Feed { made_at: row.get(0)?, used_on: row.get(1)?, chosen })
    })
}

/// Whose calendar this secret opens, as long as their account is open; `scopes`: the permissions that reading it may ask
/// for. May be asked in a read.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, presented: &str, scopes: &[String]) -> Result<Option<Opened>> {
    let found = tx.query_opt(
        "SELECT f.account, f.made_at, f.used_on, f.chosen, a.kind, a.display_name, a.email, a.language \
         FROM account_feed f JOIN account a ON a.id = f.account \
         WHERE f.secret_hash = $1 AND a.state = 'active'",
        &[&secret::hash(presented)],
        |row| {
            let account: Id<Account> = row.get(0)?;
            let chosen = serde_json::from_value(row.get(3)?)?;
            let lang = Lang::from_tag(&row.get::<String>(7)?)
                .ok_or_else(|| StoreError::Corrupt("an account speaks no language".to_owned()))?;
            let who = SignedIn {
                account,
                kind: row.get(4)?,
                display_name: row.get(5)?,
                email: row.get(6)?,
                grants: Vec::new(),
                second_factor: SecondFactor::NotSet,
                through: Through::Token { id: Id::from_uuid(account.uuid()), scopes: scopes.to_vec() },
                assurance: Assurance::Account,
                identity: None,
                touch_due: false,
            };
            Ok(Opened { who, lang, feed: Feed { made_at: row.get(1)?, used_on: row.get(2)?, chosen } })
        },
    )?;
    let Some(mut found) = found else { return Ok(None) };
    found.who.grants = permission::grants_of(tx, found.who.account)?;
    Ok(Some(found))
}

/// A program has read the calendar on this day.
///
/// # Errors
/// Those of the store.
pub fn used(tx: &mut Tx<'_>, account: Id<Account>, day: Day) -> Result<()> {
    tx.execute("UPDATE account_feed SET used_on = $2 WHERE account = $1", &[&account, &day]).map(drop)
}

fn journal(tx: &mut Tx<'_>, kind: &str, account: Id<Account>) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "account",
        subject_id: account.uuid(),
        payload: serde_json::json!({}),
    })?;
    Ok(())
}
