//! The tables of enclosures.

use std::collections::HashMap;

use beffroi_cases::case::Case;
use beffroi_core::{Id, Instant};
use beffroi_documents::{self as documents, Document};
use beffroi_people::Account;
use beffroi_store::{Result, ToValue, Tx, marks};
use uuid::Uuid;

use super::To;

/// The owner of what waits to be joined: the case, as long as its requester sees nothing of it.
pub(super) const WAITING: &str = "enclosing";

/// Enclosures of one case that are read at once.
const READ_AT_MOST: u32 = 1_000;
/// Files of one case that wait and are shown.
const WAITING_AT_MOST: u32 = 200;

const OF_CASE: &str = "SELECT joined_to, document FROM desk_enclosure WHERE case_id = $1 \
                       ORDER BY joined_to, rank LIMIT $2";
const OF: &str = "SELECT document FROM desk_enclosure WHERE joined_to = $1 ORDER BY rank LIMIT $2";
const ACCOMPANY: &str = "UPDATE desk_enclosure SET paper = $1 WHERE joined_to = $2";
const FORGET: &str = "DELETE FROM desk_enclosure WHERE case_id = $1";
const OF_ACCOUNT: &str = "SELECT e.joined_to, d.name FROM desk_reach r \
                          JOIN desk_enclosure e ON e.case_id = r.case_id JOIN document d ON d.id = e.document \
                          JOIN content c ON c.sha256 = d.sha256 WHERE r.account = $1 AND c.state = 'clean' \
                          ORDER BY e.joined_to, e.rank LIMIT $2";

const OF_SLIP: &str = "SELECT e.joined_to, d.name FROM desk_retention r \
                       JOIN desk_enclosure e ON e.case_id = r.case_id JOIN document d ON d.id = e.document \
                       WHERE r.slip = $1 ORDER BY e.joined_to, e.rank LIMIT $2";

/// Names of documents by what they are joined to: see [`To::id`].
pub(crate) type Names = HashMap<Uuid, Vec<String>>;

/// The documents of a case by what they are joined to: see [`To::id`].
pub(crate) type Joined = HashMap<Uuid, Vec<Document>>;

/// Writes down that documents are joined.
pub(super) fn insert(tx: &mut Tx<'_>, case: Id<Case>, to: To, ids: &[Id<Document>]) -> Result<()> {
    let to = to.id();
    let ranks: Vec<i64> = (1..).take(ids.len()).collect();
    let mut params: Vec<&dyn ToValue> = vec![&to, &case];
    let mut rows = Vec::new();
    for (id, rank) in ids.iter().zip(&ranks) {
        let at = params.len();
        rows.push(format!("($1, ${}, $2, ${}, NULL)", at + 1, at + 2));
        params.extend([id as &dyn ToValue, rank]);
    }
    let sql = format!(
        "INSERT INTO desk_enclosure (joined_to, document, case_id, rank, paper) VALUES {}",
        rows.join(", ")
    );
    tx.execute(&sql, &params).map(drop)
}

/// All that is joined to messages and to the decision of a case; of its documents, those in `known` are not read again.
pub(crate) fn of_case(tx: &mut Tx<'_>, case: Id<Case>, known: &[Document]) -> Result<Joined> {
    let rows: Vec<(Uuid, Id<Document>)> =
        tx.query(OF_CASE, &[&case, &READ_AT_MOST], |row| Ok((row.get(0)?, row.get(1)?)))?;
    gathered(tx, &rows, known)
}

/// What is joined to one thing.
pub(crate) fn of(tx: &mut Tx<'_>, to: Uuid) -> Result<Vec<Document>> {
    let ids: Vec<Id<Document>> = tx.query(OF, &[&to, &READ_AT_MOST], |row| row.get(0))?;
    documents::some(tx, &ids)
}

/// What goes in the envelopes of these papers, by paper.
pub(crate) fn of_papers(tx: &mut Tx<'_>, papers: &[Id<Document>]) -> Result<Joined> {
    if papers.is_empty() {
        return Ok(Joined::new());
    }
    let params: Vec<&dyn ToValue> = papers.iter().map(|paper| paper as &dyn ToValue).collect();
    let sql = format!(
        "SELECT paper, document FROM desk_enclosure WHERE paper IN ({}) ORDER BY paper, rank",
        marks(1, papers.len())
    );
    let rows: Vec<(Uuid, Id<Document>)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    gathered(tx, &rows, &[])
}

fn gathered(tx: &mut Tx<'_>, rows: &[(Uuid, Id<Document>)], known: &[Document]) -> Result<Joined> {
    let mut found: HashMap<Uuid, Document> = known.iter().map(|it| (it.id.uuid(), it.clone())).collect();
    let mut ids: Vec<Id<Document>> = rows.iter().map(|(_, document)| *document).collect();
    ids.retain(|id| !found.contains_key(&id.uuid()));
    ids.sort_unstable_by_key(|id| id.uuid());
    ids.dedup();
    found.extend(documents::some(tx, &ids)?.into_iter().map(|it| (it.id.uuid(), it)));
    let mut joined = Joined::new();
    for (to, document) in rows {
        // A document that is not there any more is told no more.
        if let Some(document) = found.get(&document.uuid()) {
            joined.entry(*to).or_default().push(document.clone());
        }
    }
    Ok(joined)
}

/// The names of what the town joined in the requests of an account, by what it is joined to.
pub(crate) fn of_account(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<Names> {
    named(tx, OF_ACCOUNT, &[&account, &limit])
}

/// The same, of the cases of a slip.
pub(crate) fn of_slip(tx: &mut Tx<'_>, slip: Uuid, limit: u32) -> Result<Names> {
    named(tx, OF_SLIP, &[&slip, &limit])
}

fn named(tx: &mut Tx<'_>, sql: &str, params: &[&dyn ToValue]) -> Result<Names> {
    let mut joined = Names::new();
    tx.query(sql, params, |row| {
        joined.entry(row.get(0)?).or_default().push(row.get(1)?);
        Ok(())
    })?;
    Ok(joined)
}

/// Puts what is joined to one thing in the envelope of its paper.
pub(crate) fn accompany(tx: &mut Tx<'_>, to: Uuid, paper: Id<Document>) -> Result<()> {
    tx.execute(ACCOMPANY, &[&paper, &to]).map(drop)
}

/// What was joined to one thing is joined to another from now on.
pub(crate) fn move_to(tx: &mut Tx<'_>, from: To, to: To) -> Result<()> {
    let sql = "UPDATE desk_enclosure SET joined_to = $1 WHERE joined_to = $2";
    tx.execute(sql, &[&to.id(), &from.id()]).map(drop)
}

/// Whether a document is joined to something else of its case than this.
pub(crate) fn is_elsewhere(tx: &mut Tx<'_>, document: Id<Document>, than: Uuid) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM desk_enclosure WHERE document = $1 AND joined_to <> $2";
    Ok(tx.query_one::<i64>(sql, &[&document, &than], |row| row.get(0))? > 0)
}

/// What waits to be joined to something of a case.
pub(crate) fn waiting(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Document>> {
    documents::of_owner(tx, WAITING, case.uuid(), WAITING_AT_MOST)
}

/// Forgets it with the case.
pub(crate) fn forget(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    tx.execute(FORGET, &[&case])?;
    documents::forget_of(tx, WAITING, &[case.uuid()]).map(drop)
}

/// Forgets what was chosen before an instant, and never sent.
pub(crate) fn sweep(tx: &mut Tx<'_>, before: Instant) -> Result<u64> {
    documents::forget_before(tx, WAITING, before)
}
