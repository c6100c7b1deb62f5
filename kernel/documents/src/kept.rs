//! Documents that the owner of an account keeps once, for the next requests. Using one gives the request a copy of its
//! own: what is erased here later takes nothing from what was filed.

use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Entry, Result, Row, Tx, words};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Gate, NewDocument, State, StoredFile,
    document::{self, Document},
};

/// The kind of owner that these documents have.
pub const OWNER: &str = "account";
/// What they are there for.
const PURPOSE: &str = "kept";
/// Documents that one account may keep.
pub const AT_MOST: usize = 20;
/// Bytes that they may have together.
pub const BYTES_AT_MOST: i64 = 60_000_000;

words! {
    /// What a document proves.
    Kind {
        /// Who somebody is: identity card, passport.
        Identity = "identity",
        /// Where somebody lives.
        Address = "address",
        /// A bank account (RIB).
        Bank = "bank",
        /// What a household earns: tax notice, family allowance certificate.
        Income = "income",
        /// Who belongs to a family: livret de famille.
        Family = "family",
        /// That somebody is insured.
        Insurance = "insurance",
        /// Anything else.
        Other = "other",
    }
}

impl Kind {
    /// The kind that a question's label asks for, as far as its words tell.
    pub fn asked_by(label: &str) -> Self {
        let label = beffroi_core::text::fold(label);
        let names = |words: &[&str]| words.iter().any(|word| label.contains(word));
        if names(&["domicile", "proof of address", "logement"]) {
            Self::Address
        } else if names(&["identite", "passeport", "identity", "passport", "titre de sejour"]) {
            Self::Identity
        } else if label.split(' ').any(|word| ["rib", "iban", "bancaire", "bank"].contains(&word)) {
            Self::Bank
        } else if names(&["impot", "quotient", "revenu", "ressources", "income", "tax notice"]) {
            Self::Income
        } else if names(&["livret de famille", "family record"]) {
            Self::Family
        } else if names(&["assurance", "insurance"]) {
            Self::Insurance
        } else {
            Self::Other
        }
    }
}

/// A document that is kept.
#[derive(Clone, Debug)]
pub struct KeptDocument {
    /// The document itself.
    pub document: Document,
    /// What it proves.
    pub kind: Kind,
    /// The last day on which it is good, where it ends.
    pub good_until: Option<Day>,
    /// When it was kept, or last used.
    pub used_at: Instant,
}

/// Why a document is not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// There are [`AT_MOST`] already.
    #[error("there are {AT_MOST} documents already")]
    TooMany,
    /// Together they would be heavier than [`BYTES_AT_MOST`].
    #[error("together they would have more than {BYTES_AT_MOST} bytes")]
    TooHeavy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] beffroi_store::StoreError),
}

/// What is said of a document.
struct Label {
    document: Id<Document>,
    kind: Kind,
    good_until: Option<Day>,
    used_at: Instant,
}

const COLUMNS: &str = "document, kind, good_until, used_at FROM kept_document";

fn label(row: &mut Row) -> Result<Label> {
    Ok(Label { document: row.get(0)?, kind: row.get(1)?, good_until: row.get(2)?, used_at: row.get(3)? })
}

impl Label {
    fn on(self, document: Document) -> KeptDocument {
        let Self { kind, good_until, used_at, .. } = self;
        KeptDocument { document, kind, good_until, used_at }
    }
}

/// What an account keeps, oldest first.
pub fn of_account(tx: &mut Tx<'_>, account: Uuid) -> Result<Vec<KeptDocument>> {
    let at_most = u32::try_from(AT_MOST).unwrap_or(u32::MAX);
    let sql = format!("SELECT {COLUMNS} WHERE account = $1 ORDER BY document LIMIT $2");
    let labels = tx.query(&sql, &[&account, &at_most], label)?;
    if labels.is_empty() {
        return Ok(Vec::new());
    }
    let mut documents = document::of_owner(tx, OWNER, account, at_most)?;
    let with = |label: Label| {
        let place = documents.iter().position(|document| document.id == label.document)?;
        Some(label.on(documents.swap_remove(place)))
    };
    Ok(labels.into_iter().filter_map(with).collect())
}

/// One document that an account keeps; another's is not found.
pub fn find(tx: &mut Tx<'_>, account: Uuid, id: Id<Document>) -> Result<Option<KeptDocument>> {
    let sql = format!("SELECT {COLUMNS} WHERE document = $1 AND account = $2");
    let Some(label) = tx.query_opt(&sql, &[&id, &account], label)? else { return Ok(None) };
    Ok(document::find(tx, id)?.map(|document| label.on(document)))
}

/// Whether there is room for so many documents, of so many bytes together.
fn room(tx: &mut Tx<'_>, account: Uuid, more: i64) -> Result<(), KeepError> {
    let kept = of_account(tx, account)?;
    if kept.len() >= AT_MOST {
        return Err(KeepError::TooMany);
    }
    let bytes: i64 = kept.iter().map(|kept| kept.document.bytes).sum();
    if bytes + more > BYTES_AT_MOST { Err(KeepError::TooHeavy) } else { Ok(()) }
}

/// Keeps a file that its owner sends.
///
/// # Errors
/// There is no room for it, or the store fails.
pub fn keep(
    tx: &mut Tx<'_>,
    gate: Gate,
    account: Uuid,
    file: &StoredFile,
    kind: Kind,
    good_until: Option<Day>,
) -> Result<Id<Document>, KeepError> {
    room(tx, account, i64::try_from(file.bytes()).unwrap_or(i64::MAX / 2))?;
    let new = NewDocument { file, owner_kind: OWNER, owner_id: account, purpose: PURPOSE };
    let id = Document::create(tx, gate, &new)?.id;
    insert(tx, account, id, kind, good_until)?;
    Ok(id)
}

/// Keeps a copy of a document that was sent with a request. One that is kept already is not kept twice.
///
/// # Errors
/// There is no room for it, or the store fails.
pub fn keep_copy(
    tx: &mut Tx<'_>,
    account: Uuid,
    of: &Document,
    kind: Kind,
) -> Result<Id<Document>, KeepError> {
    if let Some(known) = of_account(tx, account)?.iter().find(|kept| kept.document.sha256 == of.sha256) {
        return Ok(known.document.id);
    }
    room(tx, account, of.bytes)?;
    let id = document::copy(tx, of, (OWNER, account), PURPOSE)?;
    insert(tx, account, id, kind, None)?;
    Ok(id)
}

fn insert(
    tx: &mut Tx<'_>,
    account: Uuid,
    id: Id<Document>,
    kind: Kind,
    good_until: Option<Day>,
) -> Result<()> {
    tx.execute(
        "INSERT INTO kept_document (document, account, kind, good_until, used_at) VALUES ($1, $2, $3, $4, $5)",
        &[&id, &account, &kind.as_str(), &good_until, &tx.now()],
    )?;
    journal(tx, account, "account.document_kept", json!({ "document": id, "kind": kind.as_str() }))
}

/// Gives a request a copy of its own of a document that is kept, and notes that it was used, and for what: ticking it
/// was the consent. `None` where the account keeps no such document, or where it has a virus.
pub fn use_for(
    tx: &mut Tx<'_>,
    account: Uuid,
    id: Id<Document>,
    owner: (&str, Uuid),
    purpose: &str,
    procedure: &str,
) -> Result<Option<Document>> {
    let Some(kept) = find(tx, account, id)?.filter(|kept| kept.document.state != State::Infected) else {
        return Ok(None);
    };
    let copy = document::copy(tx, &kept.document, owner, purpose)?;
    tx.execute(
        "UPDATE kept_document SET used_at = $1, warned_at = NULL WHERE document = $2",
        &[&tx.now(), &id],
    )?;
    journal(tx, account, "account.document_used", json!({ "document": id, "procedure": procedure }))?;
    document::find(tx, copy)
}

/// Changes what is said of a document.
pub fn describe(
    tx: &mut Tx<'_>,
    account: Uuid,
    id: Id<Document>,
    kind: Kind,
    good_until: Option<Day>,
) -> Result<bool> {
    let changed = tx.execute(
        "UPDATE kept_document SET kind = $1, good_until = $2 WHERE document = $3 AND account = $4",
        &[&kind.as_str(), &good_until, &id, &account],
    )?;
    Ok(changed > 0)
}

/// Forgets one document, when its owner says so; another's is left alone.
pub fn forget(tx: &mut Tx<'_>, account: Uuid, id: Id<Document>) -> Result<bool> {
    if find(tx, account, id)?.is_none() {
        return Ok(false);
    }
    tx.execute("DELETE FROM kept_document WHERE document = $1", &[&id])?;
    tx.execute("DELETE FROM document WHERE id = $1", &[&id])?;
    journal(tx, account, "account.document_erased", json!({ "why": "asked" }))?;
    Ok(true)
}

/// Forgets all that an account keeps: it is erased.
pub fn forget_all(tx: &mut Tx<'_>, account: Uuid) -> Result<u64> {
    tx.execute("DELETE FROM kept_document WHERE account = $1", &[&account])?;
    document::forget_of(tx, OWNER, &[account])
}

/// Documents that nobody has used since an instant, and whose owners are not told yet: account and document.
pub fn unused(tx: &mut Tx<'_>, since: Instant, limit: u32) -> Result<Vec<(Uuid, Id<Document>)>> {
    tx.query(
        "SELECT account, document FROM kept_document WHERE used_at < $1 AND warned_at IS NULL \
         ORDER BY used_at, document LIMIT $2",
        &[&since, &limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Notes that an owner was told that documents unused since an instant will go.
pub fn warned(tx: &mut Tx<'_>, account: Uuid, since: Instant) -> Result<()> {
    tx.execute(
        "UPDATE kept_document SET warned_at = $1 WHERE account = $2 AND used_at < $3 AND warned_at IS NULL",
        &[&tx.now(), &account, &since],
    )
    .map(drop)
}

/// Forgets documents that were not used since an instant, and whose owners were told before another. Tells how many.
pub fn forget_unused(tx: &mut Tx<'_>, since: Instant, told_before: Instant, limit: u32) -> Result<u64> {
    let over: Vec<(Uuid, Id<Document>)> = tx.query(
        "SELECT account, document FROM kept_document WHERE used_at < $1 AND warned_at < $2 \
         ORDER BY used_at, document LIMIT $3",
        &[&since, &told_before, &limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (account, document) in &over {
        tx.execute("DELETE FROM kept_document WHERE document = $1", &[document])?;
        tx.execute("DELETE FROM document WHERE id = $1", &[document])?;
        journal(tx, *account, "account.document_erased", json!({ "why": "unused" }))?;
    }
    Ok(over.len() as u64)
}

fn journal(tx: &mut Tx<'_>, account: Uuid, kind: &str, payload: serde_json::Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: OWNER, subject_id: account, payload })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_question_tells_what_it_asks_for() {
        assert_eq!(Kind::asked_by("Un justificatif de domicile de moins de trois mois"), Kind::Address);
        assert_eq!(Kind::asked_by("Votre pièce d’identité"), Kind::Identity);
        assert_eq!(Kind::asked_by("RIB"), Kind::Bank);
        assert_eq!(Kind::asked_by("Description du projet"), Kind::Other, "no RIB in it");
        assert_eq!(Kind::asked_by("Le dernier avis d’impôt"), Kind::Income);
        assert_eq!(Kind::asked_by("Plan des lieux"), Kind::Other);
    }
}
