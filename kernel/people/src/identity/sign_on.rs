//! Coming in with an identity from outside; linking one to an account, and unlinking it. What a provider says of an
//! e-mail address is a hint, never a key: an account that exists is proven by its own means first.

use beffroi_core::{Assurance, Id, Lang};
use beffroi_store::{Result, StoreError, Tx};
use serde::{Deserialize, Serialize};

use super::{Identity, Presented, Provider, ProviderKind, store};
use crate::{
    Account, AccountKind, AccountState, SignedIn, Town, account, attempt, passkey,
    secret::Secret,
    session::{self, Means, Opened, SecondFactor, Through},
};

/// The kind of attempt under which an identity waits to be linked.
const PENDING: &str = "link";

/// What somebody began, and where they go afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// Where they were sent.
    pub provider: ProviderKind,
    /// The page that they came from.
    pub back: String,
    /// Who was signed in then: whoever comes back is linked to that account, or nowhere.
    pub account: Option<Id<Account>>,
    /// The level that was asked for, and the provider's least with it: whoever comes back with less, because the address
    /// was changed on the way there, does not come in.
    pub level: Assurance,
    /// Their language.
    pub lang: Lang,
}

/// An identity that waits for its owner to prove the account that it is to be linked to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Who they are.
    pub presented: Presented,
    /// The page that they came from.
    pub back: String,
    /// Their language.
    pub lang: Lang,
    /// Whether an account with the same address exists; else somebody is signed in, and links their own.
    pub same_address: bool,
}

/// What came of coming in.
#[derive(Clone, Debug)]
pub enum Entered {
    /// A session is open.
    Open {
        /// Its token, for the cookie.
        token: Secret,
        /// Whose account.
        account: Id<Account>,
        /// Which members of the identity are others than the last time.
        changed: Vec<&'static str>,
        /// Whether the account was made just now.
        created: bool,
    },
    /// Nothing is open: the identity waits under this secret until an account is proven.
    Prove(Secret),
    /// Nobody comes in, for this reason.
    Refused(NotEntered),
}

/// Why somebody does not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEntered {
    /// The account may not be used.
    Locked,
    /// No agent's account is known for this person.
    UnknownAgent,
    /// The person works for another body than the commune.
    OtherBody,
    /// The commune does not accept the identity provider that vouched.
    OtherIdp,
    /// The identity is linked to another account than the one that is signed in.
    OtherAccount,
    /// The provider vouched for less than was asked for.
    TooLow,
}

/// Why an identity is not linked, or not unlinked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LinkError {
    /// What waited has expired, or was used.
    #[error("nothing waits to be linked")]
    Nothing,
    /// An agent's account cannot have an inhabitant's identity, nor the other way round.
    #[error("not for this kind of account")]
    WrongKind,
    /// The identity is another account's by now.
    #[error("the identity is another account's")]
    Taken,
    /// Nothing else would open the account.
    #[error("the account would have no way in")]
    LastWay,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody comes back from a provider, which vouches for them.
pub fn enter(
    tx: &mut Tx<'_>,
    presented: &Presented,
    attempt: &Attempt,
    provider: &Provider,
    who: Option<&SignedIn>,
    device: &str,
) -> Result<Entered> {
    // Nobody else's session is ended, or linked, by a journey that began in somebody's name.
    let in_browser = |who: &&SignedIn| matches!(who.through, Through::Session(_));
    let who = who.filter(|who| attempt.account == Some(who.account)).filter(in_browser);
    let agent = presented.provider.opens() == AccountKind::Agent;
    if agent {
        if let Some(refused) = outside(presented, provider) {
            return Ok(Entered::Refused(refused));
        }
    } else if presented.assurance < attempt.level {
        return Ok(Entered::Refused(NotEntered::TooLow));
    }
    if let Some(identity) = store::by_subject(tx, &presented.issuer, &presented.subject)? {
        if who.is_some_and(|who| who.account != identity.account) {
            return Ok(Entered::Refused(NotEntered::OtherAccount));
        }
        return known(tx, &identity, presented, who, device);
    }
    if who.is_some() {
        return wait(tx, presented, attempt, false);
    }
    let address = account::normalise_email(&presented.claims.email);
    let found = match &address {
        Some(address) => account::by_email(tx, address)?,
        None => None,
    };
    if agent {
        return match found.filter(|it| it.kind == AccountKind::Agent) {
            // Without the commune's number, an address alone would open the door.
            Some(_) if provider.siret.is_empty() => Ok(Entered::Refused(NotEntered::UnknownAgent)),
            Some(account) if account.state != AccountState::Active => {
                Ok(Entered::Refused(NotEntered::Locked))
            }
            Some(account) if is_untouched(tx, &account)? => invited(tx, &account, presented, device),
            Some(_) => wait(tx, presented, attempt, true),
            None => Ok(Entered::Refused(NotEntered::UnknownAgent)),
        };
    }
    let proven = found.filter(|it| it.kind == AccountKind::Citizen && it.email_verified_at.is_some());
    if proven.is_some() {
        wait(tx, presented, attempt, true)
    } else {
        create(tx, presented, attempt.lang, device)
    }
}

/// Whoever came says that the account with the same address is not theirs, or that they want another.
pub fn enter_apart(tx: &mut Tx<'_>, secret: &str, device: &str) -> Result<Entered, LinkError> {
    let pending: Pending = attempt::take(tx, PENDING, secret)?.ok_or(LinkError::Nothing)?;
    let presented = &pending.presented;
    if presented.provider.opens() != AccountKind::Citizen {
        return Err(LinkError::WrongKind);
    }
    if store::by_subject(tx, &presented.issuer, &presented.subject)?.is_some() {
        return Err(LinkError::Taken);
    }
    Ok(create(tx, presented, pending.lang, device)?)
}

/// What waits to be linked under this secret.
pub fn pending(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Pending>> {
    attempt::look(tx, PENDING, secret)
}

/// The owner of an account, signed in by its own means, links the identity that waits. The session is as sure as the
/// identity from now on, under another token, which is told here.
pub fn confirm(tx: &mut Tx<'_>, who: &SignedIn, secret: &str) -> Result<(Pending, Secret), LinkError> {
    let Through::Session(session) = who.through else { return Err(LinkError::WrongKind) };
    let pending: Pending = attempt::take(tx, PENDING, secret)?.ok_or(LinkError::Nothing)?;
    let presented = &pending.presented;
    if presented.provider.opens() != who.kind || who.second_factor == SecondFactor::Pending {
        return Err(LinkError::WrongKind);
    }
    if store::by_subject(tx, &presented.issuer, &presented.subject)?.is_some() {
        return Err(LinkError::Taken);
    }
    let identity = link(tx, who.account, presented)?;
    let opened = opened(tx, presented, identity)?;
    let token = session::raise(tx, session, &opened)?;
    if who.second_factor == SecondFactor::Due && presented.two_factors {
        session::second_factor_done(tx, session)?;
    }
    Ok((pending, token))
}

/// The owner takes an identity away. The sessions that it opened close, but for the one that asks.
pub fn unlink(tx: &mut Tx<'_>, who: &SignedIn, identity: Id<Identity>) -> Result<(), LinkError> {
    let Through::Session(here) = who.through else { return Err(LinkError::WrongKind) };
    let Some(found) = store::find(tx, identity)?.filter(|it| it.account == who.account) else {
        return Ok(());
    };
    let account = account::find(tx, who.account)?.ok_or(LinkError::Nothing)?;
    let others = store::of_account(tx, who.account)?.len() > 1;
    if !others && account.password_strength.is_none() && passkey::list(tx, who.account)?.is_empty() {
        return Err(LinkError::LastWay);
    }
    store::delete(tx, who.account, identity)?;
    session::close_of_identity(tx, who.account, identity, here)?;
    account::journal(
        tx,
        "identity.unlinked",
        who.account,
        serde_json::json!({ "provider": found.provider }),
    )?;
    Ok(())
}

/// Whether ProConnect vouches for somebody whom the commune does not let in.
fn outside(presented: &Presented, provider: &Provider) -> Option<NotEntered> {
    if !provider.idps.is_empty() && !provider.idps.contains(&presented.claims.idp) {
        return Some(NotEntered::OtherIdp);
    }
    let other = !provider.siret.is_empty() && presented.claims.siret != provider.siret;
    other.then_some(NotEntered::OtherBody)
}

/// An account that was made for somebody, and that nobody has used.
fn is_untouched(tx: &mut Tx<'_>, account: &Account) -> Result<bool> {
    let unused = account.password_strength.is_none() && !account.has_second_factor;
    Ok(unused && store::of_account(tx, account.id)?.is_empty() && passkey::list(tx, account.id)?.is_empty())
}

fn known(
    tx: &mut Tx<'_>,
    identity: &Identity,
    presented: &Presented,
    who: Option<&SignedIn>,
    device: &str,
) -> Result<Entered> {
    let owner = account::find(tx, identity.account)?.filter(|it| it.state == AccountState::Active);
    let Some(owner) = owner else { return Ok(Entered::Refused(NotEntered::Locked)) };
    let changed = presented.claims.changes(&identity.claims);
    store::used(tx, identity.id, presented)?;
    if !changed.is_empty() {
        if owner.display_name == identity.claims.display_name() {
            account::rename(tx, owner.id, &presented.claims.display_name())?;
        }
        // Which members, never what they say.
        let payload = serde_json::json!({ "provider": presented.provider, "changed": changed });
        account::journal(tx, "identity.changed", owner.id, payload)?;
    }
    // A second factor that was given here a moment ago is not asked for again.
    let given = who.is_some_and(|who| who.second_factor == SecondFactor::Done);
    if let Some(Through::Session(before)) = who.map(|who| &who.through) {
        session::close(tx, owner.id, *before)?;
    }
    let token = open(tx, &owner, presented, identity.id, given, device)?;
    Ok(Entered::Open { token, account: owner.id, changed, created: false })
}

fn invited(tx: &mut Tx<'_>, account: &Account, presented: &Presented, device: &str) -> Result<Entered> {
    let identity = link(tx, account.id, presented)?;
    let token = open(tx, account, presented, identity, false, device)?;
    Ok(Entered::Open { token, account: account.id, changed: Vec::new(), created: false })
}

fn create(tx: &mut Tx<'_>, presented: &Presented, lang: Lang, device: &str) -> Result<Entered> {
    let account = account::create_vouched(tx, &presented.claims.display_name(), lang)?;
    let identity = link(tx, account.id, presented)?;
    account::ask_to_confirm(tx, &account, &presented.claims.email)?;
    let token = open(tx, &account, presented, identity, false, device)?;
    Ok(Entered::Open { token, account: account.id, changed: Vec::new(), created: true })
}

fn wait(tx: &mut Tx<'_>, presented: &Presented, attempt: &Attempt, same_address: bool) -> Result<Entered> {
    let secret = attempt::secret(tx);
    let pending = Pending {
        presented: presented.clone(),
        back: attempt.back.clone(),
        lang: attempt.lang,
        same_address,
    };
    attempt::keep(tx, PENDING, secret.reveal(), &pending)?;
    Ok(Entered::Prove(secret))
}

fn link(tx: &mut Tx<'_>, account: Id<Account>, presented: &Presented) -> Result<Id<Identity>> {
    let identity = store::insert(tx, account, presented)?;
    let payload = serde_json::json!({ "provider": presented.provider, "level": presented.assurance });
    account::journal(tx, "identity.linked", account, payload)?;
    Ok(identity)
}

fn opened(tx: &Tx<'_>, presented: &Presented, identity: Id<Identity>) -> Result<Opened> {
    let means = match presented.provider {
        ProviderKind::FranceConnect => Means::FranceConnect,
        ProviderKind::FranceConnectPlus => Means::FranceConnectPlus,
        ProviderKind::ProConnect => Means::ProConnect,
    };
    let id_token = tx.seal(session::ID_TOKEN_CONTEXT, presented.id_token.as_bytes())?;
    Ok(Opened { means, assurance: presented.assurance, identity: Some(identity), id_token: Some(id_token) })
}

fn open(
    tx: &mut Tx<'_>,
    account: &Account,
    presented: &Presented,
    identity: Id<Identity>,
    given: bool,
    device: &str,
) -> Result<Secret> {
    let second_factor = match account.kind {
        _ if presented.two_factors || given => SecondFactor::Done,
        _ if account.has_second_factor => SecondFactor::Pending,
        AccountKind::Agent if !Town::load(tx)?.password_suffices => SecondFactor::Due,
        AccountKind::Agent | AccountKind::Citizen => SecondFactor::NotSet,
    };
    let opened = opened(tx, presented, identity)?;
    session::open(tx, account.id, account.kind, second_factor, &opened, device)
}
