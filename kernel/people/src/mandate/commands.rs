//! What may be done with a mandate: asked for, consented to, used, ended. Each writes to the history that the helped
//! person reads.

use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Entry, Result, StoreError, Tx, journal};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    rules::{By, Proof, State, Status, Through},
    store::{self, Mandate, NewMandate, Secrets},
};
use crate::{Account, Permit, account, permission::ManageMandates, secret::Secret};

/// Letters that nobody mistakes for one another, as in tracking codes.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKLMNPQRSTVWXZ";
const CODE_LETTERS: usize = 8;
/// A letter takes its days.
const CODE_SERVES: TimeDelta = TimeDelta::days(21);
/// Wrong codes after which none opens the mandate any more.
const TRIES_AT_MOST: u32 = 5;
/// How long a mandate is kept after its end: its history is the helped person's proof.
const KEPT_FOR: TimeDelta = TimeDelta::days(365);
const SWEPT_AT_ONCE: u32 = 200;

/// A mandate that was just asked for: its secrets are told once, to the helped person alone.
#[derive(Clone)]
pub struct Asked {
    /// Which one.
    pub id: Id<Mandate>,
    /// The code by which the helped person consents; none where a signed paper shows it.
    pub code: Option<String>,
    /// The secret of the link by which the helped person reads and ends it.
    pub link: Secret,
}

/// Why a consent was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// There is no such mandate that waits for a consent.
    #[error("nothing waits for a consent")]
    NotWaiting,
    /// The code is wrong.
    #[error("another code was sent")]
    WrongCode,
    /// The code opens nothing any more: too late, or tried too often.
    #[error("the code is used up")]
    UsedUp,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks for a mandate. Nothing is allowed by it before the helped person consents.
pub fn ask(tx: &mut Tx<'_>, new: &NewMandate) -> Result<Asked> {
    let link = Secret::new(tx);
    let code = (new.proof == Proof::Code).then(|| draw(tx));
    let hash = code.as_deref().map(hash_of);
    let until = tx.now() + CODE_SERVES;
    let secrets = Secrets { code: hash.as_ref().map(|hash| (hash, until)), link: &link.hash() };
    let id = store::insert(tx, new, &secrets)?;
    enter(
        tx,
        id,
        "mandate.asked",
        json!({ "account": new.account, "scope": new.scope.to_text(), "days": new.term.days(),
                "proof": new.proof }),
    )?;
    Ok(Asked { id, code, link })
}

/// Asks for a mandate and begins it at once: an agent has the signed paper in hand.
pub fn record_seen(
    tx: &mut Tx<'_>,
    permit: &Permit<ManageMandates>,
    new: &NewMandate,
    today: Day,
) -> Result<Asked> {
    let asked = ask(tx, &NewMandate { proof: Proof::Paper, ..new.clone() })?;
    approve(tx, permit, asked.id, today).map_err(|error| match error {
        ConsentError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    })?;
    Ok(asked)
}

/// An agent has seen the signed paper: the mandate begins, if a paper is what shows its consent.
pub fn approve(
    tx: &mut Tx<'_>,
    _: &Permit<ManageMandates>,
    id: Id<Mandate>,
    today: Day,
) -> Result<(), ConsentError> {
    let mandate = waiting(tx, id)?;
    if mandate.details.proof != Proof::Paper {
        return Err(ConsentError::NotWaiting);
    }
    begin(tx, &mandate, today, None, (Proof::Paper, Through::Paper))
}

/// The helped person gave the code that was sent to them: to the helper, or to an agent on the telephone.
///
/// A wrong one is counted: commit the transaction whatever comes of it.
pub fn consent_by_code(
    tx: &mut Tx<'_>,
    id: Id<Mandate>,
    typed: &str,
    today: Day,
) -> Result<std::result::Result<(), ConsentError>> {
    let mandate = match waiting(tx, id) {
        Ok(mandate) => mandate,
        Err(ConsentError::Store(error)) => return Err(error),
        Err(error) => return Ok(Err(error)),
    };
    let Some(hash) = store::code_of(tx, id)? else { return Ok(Err(ConsentError::UsedUp)) };
    if parse(typed).map(|code| hash_of(&code).to_vec()) != Some(hash) {
        store::count_try(tx, id, TRIES_AT_MOST)?;
        let used_up = mandate.code_tries + 1 >= TRIES_AT_MOST;
        return Ok(Err(if used_up { ConsentError::UsedUp } else { ConsentError::WrongCode }));
    }
    match begin(tx, &mandate, today, None, (Proof::Code, Through::Code)) {
        Err(ConsentError::Store(error)) => Err(error),
        other => Ok(other),
    }
}

/// The helped person agreed on the page behind their link; `account`: theirs, if they were signed in.
pub fn consent_by_link(
    tx: &mut Tx<'_>,
    link: &str,
    account: Option<Id<Account>>,
    today: Day,
) -> Result<(), ConsentError> {
    let mandate = store::by_link(tx, link)?.filter(|mandate| mandate.state == State::Asked);
    let mandate = mandate.ok_or(ConsentError::NotWaiting)?;
    // Nobody gives themselves a mandate by opening the other's mail while signed in as themselves; nor does what is sent
    // later come among the requests of whoever reads that mail for them. A letter names no account.
    let by_letter = mandate.details.helped.email.is_empty();
    let account = match account.filter(|account| *account != mandate.details.account) {
        Some(account) if by_letter || store::offered_to(tx, &mandate, account)? => Some(account),
        _ => None,
    };
    begin(tx, &mandate, today, account, (Proof::Code, Through::Link))
}

/// The helped person agreed from their own account. The caller has shown with [`store::offered_to`] that it is theirs.
pub fn consent_signed_in(
    tx: &mut Tx<'_>,
    id: Id<Mandate>,
    account: Id<Account>,
    today: Day,
) -> Result<(), ConsentError> {
    let mandate = waiting(tx, id)?;
    if mandate.details.account == account {
        return Err(ConsentError::NotWaiting);
    }
    begin(tx, &mandate, today, Some(account), (Proof::Code, Through::Account))
}

fn waiting(tx: &mut Tx<'_>, id: Id<Mandate>) -> Result<Mandate, ConsentError> {
    store::find(tx, id)?.filter(|mandate| mandate.state == State::Asked).ok_or(ConsentError::NotWaiting)
}

pub(super) fn begin(
    tx: &mut Tx<'_>,
    mandate: &Mandate,
    today: Day,
    account: Option<Id<Account>>,
    (proof, through): (Proof, Through),
) -> Result<(), ConsentError> {
    // What is sent for somebody who has an account is among their own requests.
    let account = match account {
        Some(account) => Some(account),
        None => account_of(tx, mandate)?,
    };
    if !store::start(tx, mandate, today, account)? {
        return Err(ConsentError::NotWaiting);
    }
    let until = mandate.details.term.until(today);
    Ok(enter(
        tx,
        mandate.id,
        "mandate.granted",
        json!({ "proof": proof, "through": through, "until": until }),
    )?)
}

/// The account whose owner has shown that the address of the helped person is theirs.
fn account_of(tx: &mut Tx<'_>, mandate: &Mandate) -> Result<Option<Id<Account>>> {
    let Some(email) = account::normalise_email(&mandate.details.helped.email) else { return Ok(None) };
    let found = account::by_email(tx, &email)?;
    let found =
        found.filter(|found| found.email_verified_at.is_some() && found.id != mandate.details.account);
    Ok(found.map(|found| found.id))
}

/// A consent is refused: by the helped person, or by the agent to whom the paper was shown. `false` where none waits for
/// it: what runs is ended.
pub fn refuse(tx: &mut Tx<'_>, id: Id<Mandate>, by: By) -> Result<bool> {
    let done = store::close(tx, id, State::Refused, by)?;
    if done {
        enter(tx, id, "mandate.refused", json!({ "by": by }))?;
    }
    Ok(done)
}

/// The helped person refuses, by their link or from their account.
pub fn refuse_through(tx: &mut Tx<'_>, id: Id<Mandate>, through: Through) -> Result<bool> {
    let done = store::close(tx, id, State::Refused, By::Helped)?;
    if done {
        enter(tx, id, "mandate.refused", json!({ "by": By::Helped, "through": through }))?;
    }
    Ok(done)
}

/// The helped person ends it, by their link or from their account.
pub fn end_through(tx: &mut Tx<'_>, id: Id<Mandate>, through: Through) -> Result<bool> {
    let done = store::close(tx, id, State::Ended, By::Helped)?;
    if done {
        enter(tx, id, "mandate.revoked", json!({ "by": By::Helped, "through": through }))?;
    }
    Ok(done)
}

/// A mandate is ended, at once, by either side. The caller has proved which. `false` where it was over already.
pub fn end(tx: &mut Tx<'_>, id: Id<Mandate>, by: By) -> Result<bool> {
    let done = store::close(tx, id, State::Ended, by)?;
    if done {
        enter(tx, id, "mandate.revoked", json!({ "by": by }))?;
    }
    Ok(done)
}

/// The account is gone: the mandates that it held end, and those that it gave are its owner's by their link alone.
pub(crate) fn end_all(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    for mandate in store::held_by(tx, account)? {
        end(tx, mandate.id, By::Helper)?;
    }
    super::offer::forget_of(tx, account)?;
    tx.execute("UPDATE mandate SET helped_account = NULL WHERE helped_account = $1", &[&account]).map(drop)
}

/// Writes down what was done by a mandate: `what` in one word (`sent`, `read`, `message`, `documents`, `withdrawn`).
pub fn note_use(tx: &mut Tx<'_>, id: Id<Mandate>, what: &str, case: (Uuid, &str)) -> Result<()> {
    enter(tx, id, "mandate.used", json!({ "what": what, "case": case.0, "reference": case.1 }))
}

/// A new link for the helped person, who lost theirs; the old one opens nothing any more.
pub fn relink(tx: &mut Tx<'_>, id: Id<Mandate>) -> Result<Secret> {
    let link = Secret::new(tx);
    store::set_link(tx, id, &link.hash())?;
    Ok(link)
}

/// Erases mandates that have been over for a year, with the particulars of their history. Run it daily.
pub fn sweep(tx: &mut Tx<'_>, today: Day) -> Result<Vec<Id<Mandate>>> {
    let before: Instant = tx.now() - KEPT_FOR;
    let day = today.checked_sub_days(chrono::Days::new(365)).unwrap_or(today);
    super::offer::forget_over(tx)?;
    let over = store::over(tx, before, day, SWEPT_AT_ONCE)?;
    for id in &over {
        store::delete(tx, *id)?;
        journal::erase_payloads(tx, "mandate", id.uuid())?;
    }
    Ok(over)
}

fn enter(tx: &mut Tx<'_>, id: Id<Mandate>, kind: &str, payload: Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "mandate", subject_id: id.uuid(), payload })?;
    Ok(())
}

/// `ABCD-2345`: about 39 bits, and five tries.
fn draw(tx: &Tx<'_>) -> String {
    const FAIR: u8 = 240;
    let mut letters = String::with_capacity(CODE_LETTERS + 1);
    while letters.len() < CODE_LETTERS {
        let fresh = tx.random::<16>();
        let fair = fresh.into_iter().filter(|byte| *byte < FAIR);
        let drawn = fair.filter_map(|byte| ALPHABET.get(usize::from(byte) % ALPHABET.len()));
        letters.extend(drawn.take(CODE_LETTERS - letters.len()).map(|letter| char::from(*letter)));
    }
    letters.insert(CODE_LETTERS / 2, '-');
    letters
}

/// A code as people type it.
fn parse(typed: &str) -> Option<String> {
    let code: String =
        typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    (code.len() == CODE_LETTERS).then_some(code)
}

fn hash_of(code: &str) -> [u8; 32] {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::digest(plain.as_bytes()).into()
}

/// What a mandate is called aloud.
pub fn number(id: Id<Mandate>) -> String {
    id.uuid().simple().to_string().to_uppercase().chars().skip(24).collect()
}

impl Mandate {
    /// What it is called aloud: the end of its id, which is drawn by chance. It opens nothing.
    pub fn number(&self) -> String {
        number(self.id)
    }

    /// Whether anything may still be done with it on a day.
    pub fn is_over(&self, today: Day) -> bool {
        matches!(self.status(today), Status::Expired | Status::Refused | Status::Ended)
    }
}
