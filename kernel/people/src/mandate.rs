//! Mandates: the account that acts is not always the one for whom. A mandate says for which person or
//! organisation, in what, from when until when.

use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use serde::Serialize;
use uuid::Uuid;

use crate::{Account, Organisation, Permit, Person, permission::ManageMandates};

/// For whom one acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Represented {
    /// A person: a parent, a ward, an absent neighbour.
    Person(Id<Person>),
    /// An organisation.
    Organisation(Id<Organisation>),
}

impl Represented {
    /// The id, as the journal's `on_behalf`.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Person(id) => id.uuid(),
            Self::Organisation(id) => id.uuid(),
        }
    }

    fn columns(self) -> (Option<Id<Person>>, Option<Id<Organisation>>) {
        match self {
            Self::Person(id) => (Some(id), None),
            Self::Organisation(id) => (None, Some(id)),
        }
    }
}

/// The scope that covers everything.
pub const ANY_SCOPE: &str = "*";

/// What is recorded of a mandate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewMandate {
    /// The account that may act.
    pub account: Id<Account>,
    /// For whom.
    pub represented: Represented,
    /// In what: a procedure's short name, or [`ANY_SCOPE`].
    pub scope: String,
    /// First day.
    pub from: Day,
    /// Last day; `None` until revoked.
    pub until: Option<Day>,
}

/// A mandate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mandate {
    /// Its id.
    pub id: Id<Self>,
    /// What it says.
    #[serde(flatten)]
    pub details: NewMandate,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

impl Mandate {
    /// Whether it covers `scope` on `day`.
    pub fn covers(&self, scope: &str, day: Day) -> bool {
        self.revoked_at.is_none()
            && self.details.from <= day
            && self.details.until.is_none_or(|until| day <= until)
            && (self.details.scope == ANY_SCOPE || self.details.scope == scope)
    }
}

/// Records a mandate, which an agent has seen the proof of.
pub fn create(tx: &mut Tx<'_>, _: &Permit<ManageMandates>, new: &NewMandate) -> Result<Id<Mandate>> {
    let id = tx.new_id();
    let (person, organisation) = new.represented.columns();
    tx.execute(
        "INSERT INTO mandate (id, account, person, organisation, scope, from_day, until_day, revoked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        &[&id, &new.account, &person, &organisation, &new.scope, &new.from, &new.until],
    )?;
    journal(tx, "mandate.created", id, serde_json::json!({ "account": new.account, "scope": new.scope }))?;
    Ok(id)
}

/// Revokes a mandate, at once. Revoking twice changes nothing.
pub fn revoke(tx: &mut Tx<'_>, _: &Permit<ManageMandates>, id: Id<Mandate>) -> Result<()> {
    let revoked = tx.execute(
        "UPDATE mandate SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
        &[&tx.now(), &id],
    )?;
    if revoked > 0 {
        journal(tx, "mandate.revoked", id, serde_json::json!({}))?;
    }
    Ok(())
}

/// Every mandate that an account was given, the latest first.
pub fn of_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Mandate>> {
    tx.query(
        "SELECT id, account, person, organisation, scope, from_day, until_day, revoked_at FROM mandate \
         WHERE account = $1 ORDER BY id DESC LIMIT 500",
        &[&account],
        read,
    )
}

/// The mandate under which an account may act for somebody in `scope` on `day`, if there is one.
pub fn covering(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    represented: Represented,
    scope: &str,
    day: Day,
) -> Result<Option<Mandate>> {
    let all = of_account(tx, account)?;
    Ok(all.into_iter().find(|it| it.details.represented == represented && it.covers(scope, day)))
}

fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Mandate>, payload: serde_json::Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "mandate", subject_id: id.uuid(), payload })?;
    Ok(())
}

fn read(row: &mut Row) -> Result<Mandate> {
    let represented = match (row.get(2)?, row.get(3)?) {
        (Some(person), None) => Represented::Person(person),
        (None, Some(organisation)) => Represented::Organisation(organisation),
        _ => return Err(StoreError::Corrupt("a mandate represents not exactly one".to_owned())),
    };
    Ok(Mandate {
        id: row.get(0)?,
        details: NewMandate {
            account: row.get(1)?,
            represented,
            scope: row.get(4)?,
            from: row.get(5)?,
            until: row.get(6)?,
        },
        revoked_at: row.get(7)?,
    })
}
