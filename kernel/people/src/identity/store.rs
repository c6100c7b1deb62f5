//! The statements on identities, and nothing else.

use beffroi_core::{Assurance, Id};
use beffroi_store::{Result, Row, Tx};

use super::{Claims, Identity, Presented};
use crate::{Account, session::Session};

const COLUMNS: &str = "id, account, provider, claims, assurance, linked_at, last_used_at";

pub(super) fn by_subject(tx: &mut Tx<'_>, issuer: &str, subject: &str) -> Result<Option<Identity>> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM identity WHERE issuer = $1 AND subject = $2"),
        &[&issuer, &subject],
        read,
    )
}

pub(super) fn find(tx: &mut Tx<'_>, id: Id<Identity>) -> Result<Option<Identity>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM identity WHERE id = $1"), &[&id], read)
}

/// The identities that are linked to an account, in the order in which they were.
pub fn of_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Identity>> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM identity WHERE account = $1 ORDER BY linked_at, id LIMIT 20"),
        &[&account],
        read,
    )
}

/// The identity that a session was opened with, if it was; with the sealed token that ends it at the provider.
pub fn of_session(tx: &mut Tx<'_>, session: Id<Session>) -> Result<Option<(Identity, Option<Vec<u8>>)>> {
    let columns = COLUMNS.split(", ").map(|column| format!("i.{column}")).collect::<Vec<_>>().join(", ");
    tx.query_opt(
        &format!(
            "SELECT {columns}, s.id_token FROM session s JOIN identity i ON i.id = s.identity WHERE s.id = $1"
        ),
        &[&session],
        |row| Ok((read(row)?, row.get(7)?)),
    )
}

pub(super) fn insert(tx: &mut Tx<'_>, account: Id<Account>, presented: &Presented) -> Result<Id<Identity>> {
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO identity (id, account, provider, issuer, subject, claims, assurance, linked_at, last_used_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        &[
            &id,
            &account,
            &presented.provider,
            &presented.issuer,
            &presented.subject,
            &serde_json::to_value(&presented.claims)?,
            &presented.assurance.as_str(),
            &tx.now(),
        ],
    )?;
    Ok(id)
}

pub(super) fn used(tx: &mut Tx<'_>, id: Id<Identity>, presented: &Presented) -> Result<()> {
    tx.execute(
        "UPDATE identity SET claims = $1, assurance = $2, last_used_at = $3 WHERE id = $4",
        &[&serde_json::to_value(&presented.claims)?, &presented.assurance.as_str(), &tx.now(), &id],
    )?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, account: Id<Account>, id: Id<Identity>) -> Result<bool> {
    Ok(tx.execute("DELETE FROM identity WHERE id = $1 AND account = $2", &[&id, &account])? > 0)
}

fn read(row: &mut Row) -> Result<Identity> {
    let claims: Claims = serde_json::from_value(row.get(3)?)?;
    Ok(Identity {
        id: row.get(0)?,
        account: row.get(1)?,
        provider: row.get(2)?,
        claims,
        assurance: Assurance::from_word(&row.get::<String>(4)?).unwrap_or_default(),
        linked_at: row.get(5)?,
        last_used_at: row.get(6)?,
    })
}
