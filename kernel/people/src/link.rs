//! Links sent by mail, behind which the owner of an account chooses its password: single-use, expiring, kept as a
//! hash. The secret itself waits only in the mail's job, which is deleted once sent; the journal never sees it.

use beffroi_core::Id;
use beffroi_store::{Result, Tx, jobs};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    Account,
    secret::{self, Secret},
    words::words,
};

/// The kind of job that sends a link; its payload is a [`LinkToSend`].
pub const SEND_LINK: &str = "account.send_link";

words! {
    /// What a mailed link is for.
    LinkPurpose {
        /// To show that an e-mail address is one's own, and choose a first password: a citizen asked for an
        /// account.
        Verify = "verify",
        /// To choose a new password.
        Reset = "reset",
        /// To choose a first password: an agent's account was created.
        Invite = "invite",
        /// No link: somebody asked for an account with an address that has one. Only its owner learns it.
        AlreadyRegistered = "already-registered",
        /// To show that an address is one's own: of an account that an identity from outside opens, or whose owner
        /// wants another address.
        Confirm = "confirm",
        /// No link: word to the address that was an account's before.
        Moved = "moved",
    }
}

impl LinkPurpose {
    /// How long a link of this kind serves.
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Verify | Self::Confirm => TimeDelta::hours(24),
            Self::Invite => TimeDelta::days(7),
            Self::Reset | Self::AlreadyRegistered | Self::Moved => TimeDelta::hours(1),
        }
    }
}

/// What the job that mails a link is given.
#[derive(Clone, Serialize, Deserialize)]
pub struct LinkToSend {
    /// To whom.
    pub account: Id<Account>,
    /// What for.
    pub purpose: LinkPurpose,
    /// The secret part of the link; none for [`LinkPurpose::AlreadyRegistered`] and [`LinkPurpose::Moved`].
    pub secret: Option<String>,
    /// The address to write to, for [`LinkPurpose::Confirm`], where it is not the account's yet, and for
    /// [`LinkPurpose::Moved`], where it is not the account's any more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
}

/// Keeps a fresh link (those of the same purpose sent before no longer serve) and queues its mail.
pub(crate) fn send(tx: &mut Tx<'_>, account: Id<Account>, purpose: LinkPurpose) -> Result<()> {
    send_to(tx, account, purpose, "")
}

/// The same, to an address that is not the account's.
pub(crate) fn send_to(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    purpose: LinkPurpose,
    email: &str,
) -> Result<()> {
    let mut letter = LinkToSend { account, purpose, secret: None, email: email.to_owned() };
    if !matches!(purpose, LinkPurpose::AlreadyRegistered | LinkPurpose::Moved) {
        let secret = Secret::new(tx);
        tx.execute("DELETE FROM account_link WHERE account = $1 AND purpose = $2", &[&account, &purpose])?;
        tx.execute(
            "INSERT INTO account_link (secret_hash, account, purpose, expires_at, email) \
             VALUES ($1, $2, $3, $4, $5)",
            &[&secret.hash(), &account, &purpose, &(tx.now() + purpose.lifetime()), &email],
        )?;
        letter.secret = Some(secret.reveal().to_owned());
    }
    let now = tx.now();
    jobs::enqueue(tx, SEND_LINK, &serde_json::to_value(&letter)?, now, None)
}

/// Whose link this is, and which address it shows to be theirs, without using it up.
pub(crate) fn look_confirm(tx: &mut Tx<'_>, presented: &str) -> Result<Option<(Id<Account>, String)>> {
    tx.query_opt(
        "SELECT l.account, l.email FROM account_link l JOIN account a ON a.id = l.account \
         WHERE l.secret_hash = $1 AND l.expires_at > $2 AND l.purpose = 'confirm' AND a.state = 'active'",
        &[&secret::hash(presented), &tx.now()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Uses such a link up.
pub(crate) fn redeem_confirm(tx: &mut Tx<'_>, presented: &str) -> Result<Option<(Id<Account>, String)>> {
    let found = look_confirm(tx, presented)?;
    if found.is_some() {
        tx.execute("DELETE FROM account_link WHERE secret_hash = $1", &[&secret::hash(presented)])?;
    }
    Ok(found)
}

/// Whose link to a password this is, without using it up.
pub(crate) fn look(tx: &mut Tx<'_>, presented: &str) -> Result<Option<Id<Account>>> {
    tx.query_opt(
        "SELECT l.account FROM account_link l JOIN account a ON a.id = l.account \
         WHERE l.secret_hash = $1 AND l.expires_at > $2 AND l.purpose <> 'confirm' AND a.state = 'active'",
        &[&secret::hash(presented), &tx.now()],
        |row| row.get(0),
    )
}

/// Uses a link up, and with it the account's others: each would let the password be replaced once more.
/// `None`: it was used, replaced, has expired, or never was.
pub(crate) fn redeem(tx: &mut Tx<'_>, presented: &str) -> Result<Option<Id<Account>>> {
    let found = look(tx, presented)?;
    if let Some(account) = found {
        tx.execute("DELETE FROM account_link WHERE account = $1", &[&account])?;
    }
    Ok(found)
}

/// Every link of an account opens nothing any more.
pub(crate) fn forget_all(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    tx.execute("DELETE FROM account_link WHERE account = $1", &[&account]).map(drop)
}

pub(crate) fn forget_expired(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute("DELETE FROM account_link WHERE expires_at <= $1", &[&tx.now()])
}
