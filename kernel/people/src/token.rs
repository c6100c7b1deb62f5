//! API tokens: a program acts with an agent's rights, narrowed to some permissions, until a given day.

use beffroi_core::{Actor, Assurance, Id, Instant};
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use chrono::TimeDelta;
use serde::Serialize;

use crate::{
    Account, AccountKind, Permit, SignedIn, account, device,
    permission::{self, ManageTokens},
    secret::{self, Secret},
    session::{SecondFactor, Through},
};

/// The longest life of a token: what nobody renews in a year, nobody uses.
pub const LONGEST_LIFE: TimeDelta = TimeDelta::days(366);
/// How often a use is written down.
const TOUCHED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A token, as its owner sees it in the list: never its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiToken {
    /// Its id.
    pub id: Id<Self>,
    /// What it is for, in its owner's words.
    pub name: String,
    /// The names of the permissions that it may use.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Instant,
    /// Last used, to the minute.
    pub last_used_at: Option<Instant>,
}

/// Why a token was not created.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TokenError {
    /// Only an agent's account has tokens.
    #[error("no agent has this account")]
    NotAnAgent,
    /// Somebody else's: its secret would let whoever creates it act under that person's name.
    #[error("only its owner creates a token for an account")]
    NotOwn,
    /// It would never serve, or for more than a year.
    #[error("a token lives from a moment to 366 days")]
    BadLife,
    /// It could do nothing.
    #[error("a token needs at least one scope")]
    NoScope,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates a token for an agent's account; its secret is shown this once. Agents create their own, signed in (a token
/// begets no other); the operator, at the command line, anybody's.
pub fn create(
    tx: &mut Tx<'_>,
    _: &Permit<ManageTokens>,
    account: Id<Account>,
    name: &str,
    scopes: &[String],
    life: TimeDelta,
) -> Result<(Id<ApiToken>, Secret), TokenError> {
    let allowed = match tx.by().actor {
        Actor::System => true,
        Actor::Account(id) => id == account.uuid(),
        Actor::Token(_) | Actor::Visitor => false,
    };
    if !allowed {
        return Err(TokenError::NotOwn);
    }
    let owner = account::find(tx, account)?.filter(|it| it.kind == AccountKind::Agent);
    if owner.is_none() {
        return Err(TokenError::NotAnAgent);
    }
    if life <= TimeDelta::zero() || life > LONGEST_LIFE {
        return Err(TokenError::BadLife);
    }
    if scopes.is_empty() {
        return Err(TokenError::NoScope);
    }
    let token = Secret::new(tx);
    let id = keep(tx, account, &token, name, scopes, life)?;
    Ok((id, token))
}

/// Writes a token down.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    token: &Secret,
    name: &str,
    scopes: &[String],
    life: TimeDelta,
) -> Result<Id<ApiToken>> {
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO api_token (id, token_hash, account, name, scopes, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[&id, &token.hash(), &account, &name, &serde_json::json!(scopes), &tx.now(), &(tx.now() + life)],
    )?;
    journal(tx, "token.created", id, serde_json::json!({ "account": account, "scopes": scopes }))?;
    Ok(id)
}

/// Whoever holds this token, if it still serves. The password of a device opens calendars and nothing else: here it is
/// none. May be asked in a read.
pub fn find(tx: &mut Tx<'_>, presented: &str) -> Result<Option<SignedIn>> {
    Ok(any(tx, presented)?.filter(|who| !device::is_through_one(who)))
}

/// Whoever holds this token, whatever it is for.
pub(crate) fn any(tx: &mut Tx<'_>, presented: &str) -> Result<Option<SignedIn>> {
    let now = tx.now();
    let found = tx.query_opt(
        "SELECT t.id, t.account, t.scopes, t.last_used_at, a.kind, a.display_name, a.email \
         FROM api_token t JOIN account a ON a.id = t.account \
         WHERE t.token_hash = $1 AND t.expires_at > $2 AND a.state = 'active'",
        &[&secret::hash(presented), &now],
        |row| {
            let last_used: Option<Instant> = row.get(3)?;
            Ok(SignedIn {
                account: row.get(1)?,
                kind: row.get(4)?,
                display_name: row.get(5)?,
                email: row.get(6)?,
                grants: Vec::new(),
                second_factor: SecondFactor::NotSet,
                through: Through::Token { id: row.get(0)?, scopes: serde_json::from_value(row.get(2)?)? },
                assurance: Assurance::Account,
                identity: None,
                touch_due: last_used.is_none_or(|at| now - at >= TOUCHED_EVERY),
            })
        },
    )?;
    let Some(mut found) = found else { return Ok(None) };
    found.grants = permission::grants_of(tx, found.account)?;
    Ok(Some(found))
}

/// The tokens of an account, newest first.
pub fn list(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<ApiToken>> {
    tx.query(
        "SELECT id, name, scopes, created_at, expires_at, last_used_at FROM api_token \
         WHERE account = $1 ORDER BY created_at DESC, id DESC LIMIT 100",
        &[&account],
        read,
    )
}

/// Revokes one token of an account; another account's is left alone, without telling.
pub fn revoke(tx: &mut Tx<'_>, account: Id<Account>, token: Id<ApiToken>) -> Result<()> {
    let gone = tx.execute("DELETE FROM api_token WHERE id = $1 AND account = $2", &[&token, &account])?;
    if gone > 0 {
        journal(tx, "token.revoked", token, serde_json::json!({ "account": account }))?;
    }
    Ok(())
}

fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<ApiToken>, payload: serde_json::Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "token", subject_id: id.uuid(), payload })?;
    Ok(())
}

fn read(row: &mut Row) -> Result<ApiToken> {
    Ok(ApiToken {
        id: row.get(0)?,
        name: row.get(1)?,
        scopes: serde_json::from_value(row.get(2)?)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
        last_used_at: row.get(5)?,
    })
}
