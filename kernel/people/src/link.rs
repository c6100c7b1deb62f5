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
    }
}

impl LinkPurpose {
    /// How long a link of this kind serves.
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Verify => TimeDelta::hours(24),
            Self::Invite => TimeDelta::days(7),
            Self::Reset | Self::AlreadyRegistered => TimeDelta::hours(1),
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
    /// The secret part of the link; none for [`LinkPurpose::AlreadyRegistered`].
    pub secret: Option<String>,
}

/// Keeps a fresh link (those of the same purpose sent before no longer serve) and queues its mail.
pub(crate) fn send(tx: &mut Tx<'_>, account: Id<Account>, purpose: LinkPurpose) -> Result<()> {
    let mut letter = LinkToSend { account, purpose, secret: None };
    if purpose != LinkPurpose::AlreadyRegistered {
        let secret = Secret::new(tx);
        tx.execute("DELETE FROM account_link WHERE account = $1 AND purpose = $2", &[&account, &purpose])?;
        tx.execute(
            "INSERT INTO account_link (secret_hash, account, purpose, expires_at) VALUES ($1, $2, $3, $4)",
            &[&secret.hash(), &account, &purpose, &(tx.now() + purpose.lifetime())],
        )?;
        letter.secret = Some(secret.reveal().to_owned());
    }
    let now = tx.now();
    jobs::enqueue(tx, SEND_LINK, &serde_json::to_value(&letter)?, now, None)
}

/// Whose link this is, without using it up.
pub(crate) fn look(tx: &mut Tx<'_>, presented: &str) -> Result<Option<Id<Account>>> {
    tx.query_opt(
        "SELECT l.account FROM account_link l JOIN account a ON a.id = l.account \
         WHERE l.secret_hash = $1 AND l.expires_at > $2 AND a.state = 'active'",
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

pub(crate) fn forget_expired(tx: &mut Tx<'_>) -> Result<u64> {
    tx.execute("DELETE FROM account_link WHERE expires_at <= $1", &[&tx.now()])
}
