//! A mandate that the helped person gives from their own account: offered to somebody by e-mail, taken by that person
//! signed in. The helped person's session is the consent; nothing else shows it.

use beffroi_core::{Day, Id, Instant, Lang};
use beffroi_store::{Entry, Result, Row, StoreError, Tx, journal};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    commands::begin,
    rules::{Helped, Helper, Proof, Scope, Term, Through},
    store::{self, Mandate, NewMandate, Secrets},
};
use crate::{Account, account, mandate::ConsentError, secret::Secret};

/// How long an offer can be taken: as long as a code serves.
const SERVES: TimeDelta = TimeDelta::days(21);
/// Offers that one sweep forgets.
const FORGOTTEN_AT_ONCE: u32 = 200;
/// Offers that one list shows.
const LISTED_AT_MOST: u32 = 100;

/// What a helped person offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOffer {
    /// The helped person’s account.
    pub account: Id<Account>,
    /// How they name the helper.
    pub helper_name: String,
    /// The helper’s address, as accounts keep theirs.
    pub helper_email: String,
    /// Who is helped.
    pub helped: Helped,
    /// In what.
    pub scope: Scope,
    /// For how long, from the day on which it is taken.
    pub term: Term,
    /// Whether the helper is told of the town’s answers.
    pub copies: bool,
    /// The helped person’s language.
    pub lang: Lang,
}

/// An offer that can still be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which one.
    pub id: Id<Self>,
    /// What it says.
    pub details: NewOffer,
    /// Until when it can be taken.
    pub serves_until: Instant,
}

/// Why an offer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// There is no such offer, or not any more.
    #[error("no such offer")]
    Gone,
    /// Whoever would take it made it.
    #[error("one’s own offer")]
    Own,
    /// It was made to another address than the one that the account has shown to be its own.
    #[error("offered to another address")]
    Elsewhere,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const COLUMNS: &str = "id, account, helper_name, helper_email, helped, scope, days, copies, lang, serves_until \
     FROM mandate_offer WHERE closed_at IS NULL AND serves_until > $1";

fn read(row: &mut Row) -> Result<Offer> {
    let (scope, days): (String, u32) = (row.get(5)?, row.get(6)?);
    let corrupt = |what: &str| StoreError::Corrupt(format!("an offer has no {what}"));
    Ok(Offer {
        id: row.get(0)?,
        details: NewOffer {
            account: row.get(1)?,
            helper_name: row.get(2)?,
            helper_email: row.get(3)?,
            helped: serde_json::from_value(row.get(4)?)?,
            scope: Scope::parse(&scope).ok_or_else(|| corrupt("scope"))?,
            term: Term::of_days(days).ok_or_else(|| corrupt("term"))?,
            copies: row.get(7)?,
            lang: Lang::from_tag(&row.get::<String>(8)?).unwrap_or_default(),
        },
        serves_until: row.get(9)?,
    })
}

/// Offers a mandate. The secret of its link is told once, to the helper alone.
///
/// # Errors
/// Those of the store.
pub fn offer(tx: &mut Tx<'_>, new: &NewOffer) -> Result<(Id<Offer>, Secret)> {
    let (id, link): (Id<Offer>, Secret) = (tx.new_id(), Secret::new(tx));
    tx.execute(
        "INSERT INTO mandate_offer (id, account, helper_name, helper_email, helped, scope, days, copies, lang, \
         link_hash, offered_at, serves_until, closed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL)",
        &[
            &id,
            &new.account,
            &new.helper_name,
            &new.helper_email,
            &serde_json::to_value(&new.helped)?,
            &new.scope.to_text(),
            &new.term.days(),
            &new.copies,
            &new.lang.tag(),
            &link.hash(),
            &tx.now(),
            &(tx.now() + SERVES),
        ],
    )?;
    let payload = json!({ "account": new.account, "scope": new.scope.to_text(), "days": new.term.days() });
    enter(tx, id, "mandate.offered", payload)?;
    Ok((id, link))
}

/// The offers of a helped person that can still be taken, the latest first.
///
/// # Errors
/// Those of the store.
pub fn offers_of(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Offer>> {
    let sql = format!("SELECT {COLUMNS} AND account = $2 ORDER BY id DESC LIMIT $3");
    tx.query(&sql, &[&tx.now(), &account, &LISTED_AT_MOST], read)
}

/// The offer behind a link, while it can be taken.
///
/// # Errors
/// Those of the store.
pub fn offer_by_link(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Offer>> {
    let sql = format!("SELECT {COLUMNS} AND link_hash = $2");
    tx.query_opt(&sql, &[&tx.now(), &crate::secret::hash(secret)], read)
}

/// How many offers an account has made since then, and how many were made to this address, by whomever.
///
/// # Errors
/// Those of the store.
pub fn offered_since(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    helper_email: &str,
    since: Instant,
) -> Result<(i64, i64)> {
    let by = "SELECT COUNT(*) FROM mandate_offer WHERE account = $1 AND offered_at > $2";
    let made = tx.query_one(by, &[&account, &since], |row| row.get(0))?;
    let to = "SELECT COUNT(*) FROM mandate_offer WHERE helper_email = $1 AND offered_at > $2";
    Ok((made, tx.query_one(to, &[&helper_email, &since], |row| row.get(0))?))
}

/// The helped person takes an offer back. `false` where it is not theirs, or was taken.
///
/// # Errors
/// Those of the store.
pub fn withdraw_offer(tx: &mut Tx<'_>, account: Id<Account>, id: Id<Offer>) -> Result<bool> {
    let own = offers_of(tx, account)?.iter().any(|offer| offer.id == id);
    let done = own && close(tx, id)?;
    if done {
        enter(tx, id, "mandate.offer_withdrawn", json!({}))?;
    }
    Ok(done)
}

/// Whoever holds the link declines. `false` where there is nothing to decline any more.
///
/// # Errors
/// Those of the store.
pub fn decline_offer(tx: &mut Tx<'_>, secret: &str) -> Result<bool> {
    let Some(found) = offer_by_link(tx, secret)? else { return Ok(false) };
    let done = close(tx, found.id)?;
    if done {
        enter(tx, found.id, "mandate.offer_declined", json!({}))?;
    }
    Ok(done)
}

/// The helper, signed in, takes the offer: the mandate begins at once.
pub fn take_offer(
    tx: &mut Tx<'_>,
    secret: &str,
    helper: (Id<Account>, &str),
    today: Day,
) -> std::result::Result<Id<Mandate>, OfferError> {
    let found = offer_by_link(tx, secret)?.ok_or(OfferError::Gone)?;
    let (account, name) = helper;
    let Offer { id, details, .. } = found;
    if details.account == account {
        return Err(OfferError::Own);
    }
    // Whoever was forwarded the mail is not whom the helped person named.
    let verified = account::find(tx, account)?.filter(|it| it.email_verified_at.is_some());
    let email = verified.and_then(|it| account::normalise_email(&it.email));
    if email.as_deref() != Some(details.helper_email.as_str()) {
        return Err(OfferError::Elsewhere);
    }
    if !close(tx, id)? {
        return Err(OfferError::Gone);
    }
    let new = NewMandate {
        account,
        helper: Helper::Relative,
        helper_name: name.to_owned(),
        helped: details.helped,
        person: None,
        scope: details.scope,
        term: details.term,
        proof: Proof::Account,
        copies: details.copies,
        lang: details.lang,
    };
    // The helped person reads and ends it from their account: this link is told to nobody.
    let link = Secret::new(tx);
    let made = store::insert(tx, &new, &Secrets { code: None, link: &link.hash() })?;
    let mandate = store::find(tx, made)?.ok_or(OfferError::Gone)?;
    match begin(tx, &mandate, today, Some(details.account), (Proof::Account, Through::Account)) {
        Ok(()) => Ok(made),
        Err(ConsentError::Store(error)) => Err(error.into()),
        Err(_) => Err(OfferError::Gone),
    }
}

fn close(tx: &mut Tx<'_>, id: Id<Offer>) -> Result<bool> {
    let sql = "UPDATE mandate_offer SET closed_at = $1 WHERE id = $2 AND closed_at IS NULL";
    Ok(tx.execute(sql, &[&tx.now(), &id])? == 1)
}

/// Forgets offers whose time is over, with the particulars of their history.
pub(super) fn forget_over(tx: &mut Tx<'_>) -> Result<()> {
    let sql = "SELECT id FROM mandate_offer WHERE serves_until <= $1 ORDER BY serves_until, id LIMIT $2";
    let over: Vec<Id<Offer>> = tx.query(sql, &[&tx.now(), &FORGOTTEN_AT_ONCE], |row| row.get(0))?;
    forget(tx, &over)
}

/// Forgets those of an account that is erased.
pub(super) fn forget_of(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    let sql = "SELECT id FROM mandate_offer WHERE account = $1 ORDER BY id";
    let own: Vec<Id<Offer>> = tx.query(sql, &[&account], |row| row.get(0))?;
    forget(tx, &own)
}

fn forget(tx: &mut Tx<'_>, offers: &[Id<Offer>]) -> Result<()> {
    for id in offers {
        tx.execute("DELETE FROM mandate_offer WHERE id = $1", &[id])?;
        journal::erase_payloads(tx, "mandate", id.uuid())?;
    }
    Ok(())
}

fn enter(tx: &mut Tx<'_>, id: Id<Offer>, kind: &str, payload: Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "mandate", subject_id: id.uuid(), payload })?;
    Ok(())
}
