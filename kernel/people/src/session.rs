//! Sessions: a random token in a cookie, of which only a hash is kept, with an idle and an absolute end.

use beffroi_core::{Assurance, Channel, Id, Instant};
use beffroi_store::{By, Entry, Result, StoreError, Tx};
use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Account, AccountKind, Grant, Permission,
    identity::Identity,
    secret::{self, Secret},
    words::words,
};

/// No text gives a figure for sessions; these are usual practice. A citizen may look for a document
/// in the middle of a form: half an hour. Half a day at most, as on a shared family computer.
const CITIZEN: Limits = Limits { idle: TimeDelta::minutes(30), absolute: TimeDelta::hours(12) };
/// An agent's screen stands at a counter: a quarter of an hour. A working day at most.
const AGENT: Limits = Limits { idle: TimeDelta::minutes(15), absolute: TimeDelta::hours(10) };
/// How often a use is written down: a page view should not cost a write.
const TOUCHED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How lately somebody must have signed in to take everything along, to leave, or to change the ways into the account: a
/// telephone left on a table is no proof of who holds it.
pub const RECENT: TimeDelta = TimeDelta::minutes(15);

struct Limits {
    idle: TimeDelta,
    absolute: TimeDelta,
}

const fn limits(kind: AccountKind) -> Limits {
    match kind {
        AccountKind::Citizen => CITIZEN,
        AccountKind::Agent => AGENT,
    }
}

words! {
    /// Where a session stands with the second factor.
    SecondFactor {
        /// The account has none.
        NotSet = "not-set",
        /// The password was right, the code is still missing: nothing is permitted yet.
        Pending = "pending",
        /// An agent's account has none and the town asks for one: nothing is permitted before it is set.
        Due = "due",
        /// Given.
        Done = "done",
    }
}

impl SecondFactor {
    /// Whether something is still to be given or set before anything is permitted.
    pub const fn is_lacking(self) -> bool {
        matches!(self, Self::Pending | Self::Due)
    }
}

/// A session's mark.
#[derive(Clone, Copy, Debug)]
pub enum Session {}

words! {
    /// By which means a session was opened.
    Means {
        /// The password that the commune keeps.
        Password = "password",
        /// A passkey.
        Passkey = "passkey",
        /// FranceConnect.
        FranceConnect = "franceconnect",
        /// FranceConnect+.
        FranceConnectPlus = "franceconnect-plus",
        /// ProConnect.
        ProConnect = "proconnect",
    }
}

/// What the token that ends a session at its provider is sealed for.
pub const ID_TOKEN_CONTEXT: &str = "session.id-token";

/// How a session is opened, beside whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// By which means.
    pub(crate) means: Means,
    /// How sure the town is of who is there.
    pub(crate) assurance: Assurance,
    /// The identity that was shown, if one was.
    pub(crate) identity: Option<Id<Identity>>,
    /// The provider's token, sealed, with which the session is ended there too.
    pub(crate) id_token: Option<Vec<u8>>,
}

impl Opened {
    /// By means of the house's own.
    pub(crate) const fn by(means: Means) -> Self {
        Self { means, assurance: Assurance::Account, identity: None, id_token: None }
    }
}

/// Through what somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through {
    /// A session in a browser.
    Session(Id<Session>),
    /// An API token, limited to these permissions.
    Token {
        /// Which one.
        id: Id<crate::token::ApiToken>,
        /// The names of the permissions that it may use.
        scopes: Vec<String>,
    },
}

/// Somebody who signed in: what pages and commands know of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Whose account.
    pub account: Id<Account>,
    /// Citizen or agent.
    pub kind: AccountKind,
    /// What to call them.
    pub display_name: String,
    /// The account's e-mail address.
    pub email: String,
    /// The roles held when this was read. Commands read them again (see [`crate::permission::permit`]).
    pub grants: Vec<Grant>,
    /// Where the second factor stands.
    pub second_factor: SecondFactor,
    /// The session or token.
    pub through: Through,
    /// How sure the town is of who is there.
    pub assurance: Assurance,
    /// The identity from outside that the session was opened with, if it was.
    pub identity: Option<Id<Identity>>,
    /// Whether [`touch`] is due.
    pub touch_due: bool,
}

impl SignedIn {
    /// As the journal names whoever acts, through a channel.
    pub const fn by(&self, channel: Channel) -> By {
        match &self.through {
            Through::Session(_) => By::account(self.account.uuid(), channel),
            Through::Token { id, .. } => {
                By { actor: beffroi_core::Actor::Token(id.uuid()), on_behalf: None, channel }
            }
        }
    }

    /// The session of somebody who is signed in entirely, in a browser: what belongs to a person is shown and done for
    /// nobody else. `None` while the code of the second factor is missing, and for a program's token.
    pub fn own_session(&self) -> Option<Id<Session>> {
        match self.through {
            Through::Session(session) if self.second_factor != SecondFactor::Pending => Some(session),
            Through::Session(_) | Through::Token { .. } => None,
        }
    }

    /// Whether the way of signing in lets this permission be used at all (second factor, token's scopes).
    pub(crate) fn may_use(&self, permission: Permission) -> bool {
        !self.second_factor.is_lacking()
            && match &self.through {
                Through::Session(_) => true,
                Through::Token { scopes, .. } => scopes.iter().any(|scope| scope == permission.name),
            }
    }

    /// Whether the permission is held anywhere: for what a screen shows. Commands ask
    /// [`crate::permission::permit`].
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.may_use(permission) && self.grants.iter().any(|grant| permission.is_held_by(grant.role))
    }
}

/// A session, as its owner sees it in the list.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Its id.
    #[serde(skip)]
    pub id: Id<Session>,
    /// The device, as the browser names itself.
    pub device: String,
    /// Since when.
    pub opened_at: Instant,
    /// Last used, to the minute.
    pub last_seen_at: Instant,
    /// By which means it was opened.
    pub means: Means,
}

/// Opens a session for an account, and gives the token for the cookie.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    kind: AccountKind,
    second_factor: SecondFactor,
    opened: &Opened,
    device: &str,
) -> Result<Secret> {
    let token = Secret::new(tx);
    let id: Id<Session> = tx.new_id();
    let device: String = device.chars().take(200).collect();
    tx.execute(
        "INSERT INTO session (id, token_hash, account, device, second_factor, opened_at, last_seen_at, \
         ends_at, means, assurance, identity, id_token) \
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11)",
        &[
            &id,
            &token.hash(),
            &account,
            &device,
            &second_factor,
            &tx.now(),
            &(tx.now() + limits(kind).absolute),
            &opened.means,
            &opened.assurance.as_str(),
            &opened.identity,
            &opened.id_token,
        ],
    )?;
    tx.journal(&Entry {
        kind: "session.opened",
        subject_kind: "session",
        subject_id: id.uuid(),
        payload: serde_json::json!({ "account": account, "means": opened.means }),
    })?;
    Ok(token)
}

/// Whoever holds this token, if its session is still open. One statement; may be asked in a read.
pub fn find(tx: &mut Tx<'_>, token: &str) -> Result<Option<SignedIn>> {
    let now = tx.now();
    let rows = tx.query(
        "SELECT s.id, s.account, s.second_factor, s.last_seen_at, a.kind, a.display_name, a.email, \
         g.role, g.department, s.assurance, s.identity FROM session s JOIN account a ON a.id = s.account \
         LEFT JOIN role_grant g ON g.account = a.id \
         WHERE s.token_hash = $1 AND s.ends_at > $2 AND a.state = 'active' ORDER BY g.id LIMIT 200",
        &[&secret::hash(token), &now],
        |row| {
            let role: Option<crate::Role> = row.get(7)?;
            let department = row.get(8)?;
            let last_seen: Instant = row.get(3)?;
            let signed_in = SignedIn {
                account: row.get(1)?,
                kind: row.get(4)?,
                display_name: row.get(5)?,
                email: crate::account::reachable(row.get(6)?),
                grants: role.into_iter().map(|role| Grant { role, department }).collect(),
                second_factor: row.get(2)?,
                through: Through::Session(row.get(0)?),
                assurance: Assurance::from_word(&row.get::<String>(9)?).unwrap_or_default(),
                identity: row.get(10)?,
                touch_due: now - last_seen >= TOUCHED_EVERY,
            };
            Ok((signed_in, last_seen))
        },
    )?;
    let mut rows = rows.into_iter();
    let Some((mut found, last_seen)) = rows.next() else { return Ok(None) };
    if now - last_seen >= limits(found.kind).idle {
        return Ok(None);
    }
    found.grants.extend(rows.flat_map(|(other, _)| other.grants));
    Ok(Some(found))
}

/// Whether somebody signed in in this browser a moment ago. A second factor that is still to be set does not count
/// against them: setting it is what they may be about to do.
pub fn opened_lately(tx: &mut Tx<'_>, who: &SignedIn) -> Result<bool> {
    let Some(session) = who.own_session() else { return Ok(false) };
    let opened: Option<Instant> =
        tx.query_opt("SELECT opened_at FROM session WHERE id = $1", &[&session], |row| row.get(0))?;
    Ok(opened.is_some_and(|opened| tx.now() - opened <= RECENT))
}

/// Writes down that the session or token is in use, at most once a minute.
pub fn touch(tx: &mut Tx<'_>, who: &SignedIn) -> Result<()> {
    if who.touch_due {
        match &who.through {
            Through::Session(id) => {
                tx.execute("UPDATE session SET last_seen_at = $1 WHERE id = $2", &[&tx.now(), id])?
            }
            Through::Token { id, .. } => {
                tx.execute("UPDATE api_token SET last_used_at = $1 WHERE id = $2", &[&tx.now(), id])?
            }
        };
    }
    Ok(())
}

/// The open sessions of an account, newest first.
pub fn list(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Listed>> {
    let Some(owner) = crate::account::find(tx, account)? else { return Ok(Vec::new()) };
    tx.query(
        "SELECT id, device, opened_at, last_seen_at, means FROM session \
         WHERE account = $1 AND ends_at > $2 AND last_seen_at > $3 ORDER BY opened_at DESC, id DESC LIMIT 100",
        &[&account, &tx.now(), &(tx.now() - limits(owner.kind).idle)],
        |row| {
            Ok(Listed {
                id: row.get(0)?,
                device: row.get(1)?,
                opened_at: row.get(2)?,
                last_seen_at: row.get(3)?,
                means: row.get(4)?,
            })
        },
    )
}

/// Closes one session of an account; another account's is left alone, without telling.
pub fn close(tx: &mut Tx<'_>, account: Id<Account>, session: Id<Session>) -> Result<()> {
    let closed = tx.execute("DELETE FROM session WHERE id = $1 AND account = $2", &[&session, &account])?;
    if closed > 0 {
        journal(tx, "session.closed", session.uuid(), account)?;
    }
    Ok(())
}

/// Closes every session of an account but one (the one that asks), and says how many.
pub fn close_all(tx: &mut Tx<'_>, account: Id<Account>, but: Option<Id<Session>>) -> Result<u64> {
    let but = but.map_or(String::new(), |it| it.to_string());
    let closed = tx.execute("DELETE FROM session WHERE account = $1 AND id <> $2", &[&account, &but])?;
    if closed > 0 {
        tx.journal(&Entry {
            kind: "account.sessions_closed",
            subject_kind: "account",
            subject_id: account.uuid(),
            payload: serde_json::json!({ "count": closed }),
        })?;
    }
    Ok(closed)
}

/// Closes the sessions of an account that an identity opened, but for one.
pub(crate) fn close_of_identity(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    identity: Id<Identity>,
    but: Id<Session>,
) -> Result<()> {
    tx.execute(
        "DELETE FROM session WHERE account = $1 AND identity = $2 AND id <> $3",
        &[&account, &identity, &but],
    )?;
    tx.execute(
        "UPDATE session SET identity = NULL, id_token = NULL, assurance = $1 WHERE id = $2 AND identity = $3",
        &[&Assurance::Account.as_str(), &but, &identity],
    )?;
    Ok(())
}

/// A session is from now on as one that was opened like this. It is worth more than before: it has another token, and
/// whoever knew the first holds nothing.
pub(crate) fn raise(tx: &mut Tx<'_>, session: Id<Session>, opened: &Opened) -> Result<Secret> {
    let token = Secret::new(tx);
    tx.execute(
        "UPDATE session SET token_hash = $1, means = $2, assurance = $3, identity = $4, id_token = $5 WHERE id = $6",
        &[
            &token.hash(),
            &opened.means,
            &opened.assurance.as_str(),
            &opened.identity,
            &opened.id_token,
            &session,
        ],
    )?;
    Ok(token)
}

/// Marks the second factor as given.
pub(crate) fn second_factor_done(tx: &mut Tx<'_>, session: Id<Session>) -> Result<()> {
    tx.execute("UPDATE session SET second_factor = $1 WHERE id = $2", &[&SecondFactor::Done, &session])?;
    Ok(())
}

pub(crate) fn forget_ended(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute("DELETE FROM session WHERE ends_at <= $1", &[&tx.now()])
}

fn journal(tx: &mut Tx<'_>, kind: &str, session: Uuid, account: Id<Account>) -> Result<(), StoreError> {
    tx.journal(&Entry {
        kind,
        subject_kind: "session",
        subject_id: session,
        payload: serde_json::json!({ "account": account }),
    })?;
    Ok(())
}
