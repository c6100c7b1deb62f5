//! Signing in: somebody shows who they are to a [`Directory`], outside any transaction; then one
//! transaction counts the failure or opens the session. An unknown address, a wrong password and a
//! locked account get the same answer after the same work.

use beffroi_core::{Id, Instant};
use beffroi_store::{By, Commune, Result, Tx};

use crate::{
    Account, AccountKind, AccountState, SignedIn, Town, account, password,
    secret::Secret,
    session::{self, Means, Opened, SecondFactor},
    throttle::{self, Key},
};

/// What somebody shows.
#[derive(Clone)]
pub struct Credentials {
    /// E-mail address, as typed.
    pub email: String,
    /// Password.
    pub password: String,
    /// Where the request comes from: an IP address.
    pub source: String,
}

/// What a directory found. Made by directories only.
#[derive(Clone, Debug)]
pub struct Proof {
    email: String,
    source: String,
    account: Option<Id<Account>>,
}

impl Proof {
    /// The account whose owner this is, if it was proven.
    pub(crate) const fn of(&self) -> Option<Id<Account>> {
        self.account
    }
}

/// Who can tell whether somebody is who they say: the passwords kept here, or the town's own directory.
pub trait Directory: Send + Sync {
    /// Examines credentials. Blocks, and takes its time: call it on a blocking thread.
    fn authenticate(&self, commune: &Commune, credentials: &Credentials) -> Result<Proof>;
}

/// The passwords that the commune itself keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalPasswords;

impl Directory for LocalPasswords {
    fn authenticate(&self, commune: &Commune, credentials: &Credentials) -> Result<Proof> {
        let email = account::normalise_email(&credentials.email)
            .unwrap_or_else(|| credentials.email.trim().to_lowercase());
        let source = credentials.source.clone();
        let (waits, kept) = commune.read_blocking(By::VISITOR, |tx| -> Result<_> {
            Ok((waits(tx, &email, &source)?, account::password_of(tx, &email)?))
        })?;
        if waits.is_some() {
            // Whoever must wait gets no hashing done: it would be a way to exhaust the server.
            return Ok(Proof { email, source, account: None });
        }
        let right = password::verify(&credentials.password, kept.as_ref().map(|(_, phc)| phc.as_str()));
        let account = kept.filter(|_| right).map(|(id, _)| id);
        Ok(Proof { email, source, account })
    }
}

/// What came of signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Wrong, whatever was wrong.
    Refused,
    /// Too many failures: not before this instant.
    Wait(Instant),
    /// A session is open.
    Open {
        /// The token, for the cookie.
        token: Secret,
        /// Whether the code of the second factor must follow before anything is permitted.
        code_needed: bool,
    },
}

/// Counts the failure, or opens the session. Tries made side by side come here one after another, so
/// none slips past the pause that an earlier one has earned.
pub fn conclude(tx: &mut Tx<'_>, proof: &Proof, device: &str) -> Result<SignIn> {
    if let Some(until) = waits(tx, &proof.email, &proof.source)? {
        return Ok(SignIn::Wait(until));
    }
    let known = match proof.account {
        Some(id) => account::find(tx, id)?.filter(|it| it.state == AccountState::Active),
        None => None,
    };
    let Some(known) = known else {
        throttle::failed(tx, &Key::account(&proof.email))?;
        throttle::failed(tx, &Key::source(&proof.source))?;
        if let Some(aimed_at) = account::by_email(tx, &proof.email)? {
            account::journal(tx, "account.sign_in_failed", aimed_at.id, serde_json::json!({}))?;
        }
        return Ok(SignIn::Refused);
    };
    throttle::clear(tx, &Key::account(&proof.email))?;
    let second_factor = match known.kind {
        _ if known.has_second_factor => SecondFactor::Pending,
        // An agent sees other people's records: the password alone should not open them.
        AccountKind::Agent if !Town::load(tx)?.password_suffices => SecondFactor::Due,
        AccountKind::Agent | AccountKind::Citizen => SecondFactor::NotSet,
    };
    let token = session::open(tx, known.id, known.kind, second_factor, &Opened::by(Means::Password), device)?;
    Ok(SignIn::Open { token, code_needed: known.has_second_factor })
}

/// What came of giving the password again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It was right.
    Right,
    /// It was wrong.
    Wrong,
    /// Too many were wrong: not before this instant.
    Wait(Instant),
}

/// Whether the owner, signed in already, has given the password again. A wrong one counts as a failure to sign in: a
/// session left open is no way to guess the password at leisure.
pub fn again(tx: &mut Tx<'_>, who: &SignedIn, proof: &Proof) -> Result<Again> {
    let key = Key::account(&who.email);
    if let Some(until) = throttle::waits_until(tx, &key)? {
        return Ok(Again::Wait(until));
    }
    if proof.account == Some(who.account) {
        return Ok(Again::Right);
    }
    throttle::failed(tx, &key)?;
    Ok(Again::Wrong)
}

fn waits(tx: &mut Tx<'_>, email: &str, source: &str) -> Result<Option<Instant>> {
    let account = throttle::waits_until(tx, &Key::account(email))?;
    Ok(account.max(throttle::waits_until(tx, &Key::source(source))?))
}
