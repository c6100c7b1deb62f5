//! Passwords of devices: a phone reads and changes calendars with a password of its own, never with that of the account.
//! Each is a token that opens calendars and nothing else, and is withdrawn alone where the device is lost.

use beffroi_core::Id;
use beffroi_store::{Result, StoreError, Tx};
use chrono::TimeDelta;

use crate::{
    Account, AccountKind, Permission, Permit, SignedIn,
    permission::{Action, ConnectDevice},
    secret::{Secret, as_typed},
    session::Through,
    token::{self, ApiToken, LONGEST_LIFE},
};

/// Devices of one account, at most.
pub const DEVICES_AT_MOST: usize = 20;

/// Why a device was not given a password.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeviceError {
    /// Agents give passwords to devices of their own, signed in: a device begets no other.
    #[error("whoever asks is not signed in")]
    NotSignedIn,
    /// Only an agent's account has devices.
    #[error("no agent has this account")]
    NotAnAgent,
    /// The account has [`DEVICES_AT_MOST`] already.
    #[error("more than {DEVICES_AT_MOST} devices")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives a device of one's own a password, which is shown this once and serves for a year. It may do what `wanted` says,
/// as far as its owner may.
///
/// # Errors
/// [`DeviceError`].
pub fn connect(
    tx: &mut Tx<'_>,
    _: &Permit<ConnectDevice>,
    who: &SignedIn,
    name: &str,
    wanted: &[Permission],
) -> Result<(Id<ApiToken>, Secret), DeviceError> {
    if who.own_session().is_none() {
        return Err(DeviceError::NotSignedIn);
    }
    if who.kind != AccountKind::Agent {
        return Err(DeviceError::NotAnAgent);
    }
    if list(tx, who.account)?.len() >= DEVICES_AT_MOST {
        return Err(DeviceError::TooMany);
    }
    let own = ConnectDevice::PERMISSION.name.to_owned();
    let more = wanted.iter().filter(|permission| who.may_somewhere(**permission));
    let scopes: Vec<String> = std::iter::once(own).chain(more.map(|it| it.name.to_owned())).collect();
    let secret = Secret::to_type(tx);
    let id = token::keep(tx, who.account, &secret, name, &scopes, LONGEST_LIFE - TimeDelta::days(1))?;
    Ok((id, secret))
}

/// Whoever's device presents this password with the address of their account, if it still serves. May be asked in a
/// read.
pub fn find(tx: &mut Tx<'_>, email: &str, presented: &str) -> Result<Option<SignedIn>> {
    let found = token::any(tx, &as_typed(presented))?;
    let same = |who: &SignedIn| who.email.to_lowercase() == email.trim().to_lowercase();
    Ok(found.filter(|who| is_through_one(who) && same(who)))
}

/// The devices of an account, newest first.
pub fn list(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<ApiToken>> {
    let mut tokens = token::list(tx, account)?;
    tokens.retain(|token| token.scopes.iter().any(|scope| scope == ConnectDevice::PERMISSION.name));
    Ok(tokens)
}

/// Whether somebody acts through a device of theirs.
pub(crate) fn is_through_one(who: &SignedIn) -> bool {
    match &who.through {
        Through::Token { scopes, .. } => scopes.iter().any(|scope| scope == ConnectDevice::PERMISSION.name),
        Through::Session(_) => false,
    }
}
