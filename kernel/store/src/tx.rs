//! The transaction that a command or a read is given: connection, now, actor, ids, commune.

use beffroi_core::{Actor, Channel, Id, Instant};
use uuid::Uuid;

use crate::{
    Engine, Result, Row, StoreError, ToValue, Value,
    commune::CommuneInfo,
    engine::Connection,
    ids::Ids,
    journal::{self, Entry, Seq},
    platform::Randomness,
    seal::Keys,
};

/// On whose account, and through which door, a thing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// Who acts.
    pub actor: Actor,
    /// The person or organisation (its UUID) for whom the actor acts, if not for itself.
    pub on_behalf: Option<Uuid>,
    /// The door.
    pub channel: Channel,
}

impl By {
    /// The program itself: a job, a subscriber, the command line.
    pub const SYSTEM: Self = Self { actor: Actor::System, on_behalf: None, channel: Channel::System };

    /// Somebody who did not sign in, on the website.
    pub const VISITOR: Self = Self { actor: Actor::Visitor, on_behalf: None, channel: Channel::Online };

    /// An account, through a channel.
    pub const fn account(account: Uuid, channel: Channel) -> Self {
        Self { actor: Actor::Account(account), on_behalf: None, channel }
    }
}

/// What a transaction will leave behind for the background once it is durable.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Effects {
    /// Something was journaled: subscribers have work.
    pub(crate) journaled: bool,
    /// The earliest job enqueued.
    pub(crate) job_due: Option<Instant>,
}

impl Effects {
    pub(crate) fn merge(&mut self, other: Self) {
        self.journaled |= other.journaled;
        self.job_due = match (self.job_due, other.job_due) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// One transaction of one commune. Everything a command needs, and nothing else, is reached from here.
pub struct Tx<'c> {
    pub(crate) connection: &'c mut Connection,
    pub(crate) commune: &'c CommuneInfo,
    pub(crate) by: By,
    pub(crate) now: Instant,
    pub(crate) randomness: &'c Randomness,
    pub(crate) ids: &'c Ids,
    pub(crate) keys: &'c Keys,
    /// The journal's head while writing; `None` in a read.
    pub(crate) head: Option<&'c mut journal::Head>,
    pub(crate) effects: Effects,
}

impl Tx<'_> {
    /// The instant at which this transaction began: the only "now" of a command.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Who acts, for whom, through which door.
    pub const fn by(&self) -> By {
        self.by
    }

    /// The commune's short name, as in its folder and schema.
    pub fn commune(&self) -> &str {
        &self.commune.slug
    }

    /// Which engine runs underneath. Only claims, search and geography may ask.
    pub fn engine(&self) -> Engine {
        self.connection.engine()
    }

    /// A new id, that sorts after those given before.
    pub fn new_id<T>(&self) -> Id<T> {
        Id::from_uuid(self.ids.give(self.now, self.randomness))
    }

    /// Unguessable bytes, for secrets and salts.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes);
        bytes
    }

    /// Every row of an answer, each through `map`. Write a `LIMIT` in the statement.
    pub fn query<T>(
        &mut self,
        sql: &str,
        params: &[&dyn ToValue],
        mut map: impl FnMut(&mut Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        self.connection.query(sql, &values(params)?, &mut |mut row| {
            out.push(map(&mut row)?);
            Ok(())
        })?;
        Ok(out)
    }

    /// The first row of an answer, if there is one.
    pub fn query_opt<T>(
        &mut self,
        sql: &str,
        params: &[&dyn ToValue],
        map: impl FnMut(&mut Row) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.query(sql, params, map)?.into_iter().next())
    }

    /// The one row of an answer that always has one (a count, a `RETURNING`).
    pub fn query_one<T>(
        &mut self,
        sql: &str,
        params: &[&dyn ToValue],
        map: impl FnMut(&mut Row) -> Result<T>,
    ) -> Result<T> {
        self.query_opt(sql, params, map)?
            .ok_or_else(|| StoreError::Corrupt("a statement that answers one row answered none".to_owned()))
    }

    /// Changes rows, and says how many.
    pub fn execute(&mut self, sql: &str, params: &[&dyn ToValue]) -> Result<u64> {
        if self.head.is_none() {
            return Err(StoreError::ReadOnly);
        }
        self.connection.execute(sql, &values(params)?)
    }

    /// Takes up the journal's head as the tables have it: after a restore has replaced them.
    pub(crate) fn reload_head(&mut self) -> Result<()> {
        let stored = journal::lock_head(self.connection)?;
        match self.head.as_deref_mut() {
            Some(head) => *head = stored,
            None => return Err(StoreError::ReadOnly),
        }
        self.effects.journaled = true;
        Ok(())
    }

    /// Appends what this command did to the commune's journal.
    pub fn journal(&mut self, entry: &Entry<'_>) -> Result<Seq> {
        journal::append(self, entry)
    }
}

/// The values as the engines take them: what one of them refuses, both do.
fn values(params: &[&dyn ToValue]) -> Result<Vec<Value>> {
    let values: Vec<_> = params.iter().copied().map(ToValue::to_value).collect();
    if values.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0'))) {
        return Err(StoreError::Nul);
    }
    Ok(values)
}
