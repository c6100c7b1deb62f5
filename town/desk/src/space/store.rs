//! The statements of the space: an account's requests with what waits in them, their words, and who looked at them.
//! What a procedure seals at rest (its answers are then a text, no object) is read on the request's own page alone.

use std::collections::HashSet;

use beffroi_cases::{
    case::{Case, State},
    decision::Outcome,
};
use beffroi_core::{Day, Id, Instant, Sector};
use beffroi_notify::letter::Content;
use beffroi_people::Account;
use beffroi_store::{FromValue, Result, Row, StoreError, ToValue, Tx, marks};
use uuid::Uuid;

use crate::papers::purpose;

/// A request in which something waits for its owner, or which is under way.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) id: Id<Case>,
    pub(super) reference: String,
    pub(super) procedure: (String, u32),
    pub(super) state: State,
    pub(super) open: bool,
    pub(super) received_on: Day,
    /// Messages of the town that were never opened.
    pub(super) unread: i64,
    /// A decision that was never opened.
    pub(super) unopened: bool,
    /// The last day to send what is missing.
    pub(super) deadline: Option<Day>,
}

/// The requests of an account in which something waits or which are under way, the last received first.
pub(super) fn pending(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<Vec<Pending>> {
    tx.query(
        "SELECT * FROM (SELECT c.id, c.reference, c.procedure, c.procedure_version, c.state, c.is_open, \
         c.received_on, (SELECT COUNT(*) FROM exchange e WHERE e.case_id = c.id AND e.kind = 'to_requester' \
         AND e.read_at IS NULL) AS unread, \
         CASE WHEN d.case_id IS NOT NULL AND d.read_at IS NULL AND d.sent_at IS NOT NULL AND c.state = 'decided' \
         THEN 1 ELSE 0 END AS unopened, \
         (SELECT MIN(q.deadline) FROM document_request q WHERE q.case_id = c.id AND q.arrived_on IS NULL) \
         FROM desk_reach r JOIN cases c ON c.id = r.case_id LEFT JOIN decision d ON d.case_id = c.id \
         WHERE r.account = $1) AS mine WHERE is_open = TRUE OR unread > 0 OR unopened = 1 \
         ORDER BY id DESC LIMIT $2",
        &[&account, &limit],
        |row| {
            Ok(Pending {
                id: row.get(0)?,
                reference: row.get(1)?,
                procedure: (row.get(2)?, row.get(3)?),
                state: row.get(4)?,
                open: row.get(5)?,
                received_on: row.get(6)?,
                unread: row.get(7)?,
                unopened: row.get::<i64>(8)? == 1,
                deadline: row.get(9)?,
            })
        },
    )
}

/// A request of an account, whole.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub(super) id: Id<Case>,
    pub(super) reference: String,
    pub(super) procedure: (String, u32),
    pub(super) sector: Sector,
    pub(super) department: String,
    pub(super) state: State,
    pub(super) outcome: Option<Outcome>,
    pub(super) received_on: Day,
    pub(super) answers: serde_json::Value,
    pub(super) reasons: String,
    pub(super) email: String,
    pub(super) phone: String,
}

fn sector(word: &str) -> Result<Sector> {
    Sector::from_word(word).ok_or_else(|| StoreError::Corrupt(format!("no sector is called {word}")))
}

/// The requests of an account, whole, the last received first.
pub(super) fn whole(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<Vec<Whole>> {
    tx.query(
        "SELECT c.id, c.reference, c.procedure, c.procedure_version, c.sector, c.department, c.state, \
         COALESCE(d.outcome, CASE WHEN c.is_open = FALSE THEN i.outcome END), c.received_on, c.answers, \
         COALESCE(d.reasons, i.reasons, ''), r.email, r.phone \
         FROM desk_reach r JOIN cases c ON c.id = r.case_id LEFT JOIN decision d ON d.case_id = c.id \
         LEFT JOIN implied_decision i ON i.case_id = c.id \
         WHERE r.account = $1 ORDER BY r.case_id DESC LIMIT $2",
        &[&account, &limit],
        |row| {
            Ok(Whole {
                id: row.get(0)?,
                reference: row.get(1)?,
                procedure: (row.get(2)?, row.get(3)?),
                sector: sector(&row.get::<String>(4)?)?,
                department: row.get(5)?,
                state: row.get(6)?,
                outcome: row.get(7)?,
                received_on: row.get(8)?,
                answers: row.get(9)?,
                reasons: row.get(10)?,
                email: row.get(11)?,
                phone: row.get(12)?,
            })
        },
    )
}

/// A message of a request.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) id: Uuid,
    pub(super) case: Id<Case>,
    pub(super) kind: String,
    pub(super) words: String,
    pub(super) at: Instant,
}

/// What was written in an account's requests, without the agents' notes.
pub(super) fn said(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<Vec<Said>> {
    tx.query(
        "SELECT e.case_id, e.kind, e.words, e.at, e.id FROM desk_reach r JOIN exchange e ON e.case_id = r.case_id \
         JOIN cases c ON c.id = r.case_id \
         WHERE r.account = $1 AND e.kind <> 'note' AND c.answers NOT LIKE '\"%' ORDER BY e.case_id, e.id LIMIT $2",
        &[&account, &limit],
        |row| {
            Ok(Said {
                case: row.get(0)?,
                kind: row.get(1)?,
                words: row.get(2)?,
                at: row.get(3)?,
                id: row.get(4)?,
            })
        },
    )
}

/// A message, with the request that it is about.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) id: Id<Letter>,
    pub(super) case: Id<Case>,
    pub(super) reference: String,
    pub(super) procedure: (String, u32),
    pub(super) from_town: bool,
    pub(super) read: bool,
    pub(super) words: String,
    pub(super) at: Instant,
}

/// The messages of an account's requests, the last first, after one.
pub(super) fn letters(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    after: Option<Id<Letter>>,
    limit: u32,
) -> Result<Vec<Letter>> {
    // Sorts after every id.
    let after = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
    tx.query(
        "SELECT e.id, c.id, c.reference, c.procedure, c.procedure_version, e.kind, e.read_at IS NOT NULL, \
         CASE WHEN c.answers LIKE '\"%' THEN '' ELSE e.words END, e.at FROM desk_reach r JOIN cases c ON c.id = r.case_id \
         JOIN exchange e ON e.case_id = c.id \
         WHERE r.account = $1 AND e.kind <> 'note' AND e.id < $2 ORDER BY e.id DESC LIMIT $3",
        &[&account, &after, &limit],
        |row| {
            Ok(Letter {
                id: row.get(0)?,
                case: row.get(1)?,
                reference: row.get(2)?,
                procedure: (row.get(3)?, row.get(4)?),
                from_town: row.get::<String>(5)? == "to_requester",
                read: row.get(6)?,
                words: row.get(7)?,
                at: row.get(8)?,
            })
        },
    )
}

/// A file of an account's requests.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) case: Id<Case>,
    pub(super) document: Uuid,
    pub(super) name: String,
    /// Whether it is the paper of the decision or of what takes it back, or goes with nothing but that.
    pub(super) of_decision: bool,
    /// Whether it is of what was taken back.
    pub(super) past: bool,
}

/// The files of an account's requests.
pub(super) fn files(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<Vec<Kept>> {
    tx.query(
        "SELECT r.case_id, d.id, d.name, d.purpose = $3 OR d.purpose = $5 OR (d.purpose = $4 AND NOT EXISTS (SELECT 1 FROM desk_enclosure e \
         WHERE e.document = d.id AND e.joined_to <> r.case_id)), d.purpose IN ($6, $7) \
         FROM desk_reach r CROSS JOIN document d \
         JOIN content c ON c.sha256 = d.sha256 JOIN cases k ON k.id = r.case_id \
         WHERE r.account = $1 AND d.owner_kind = 'case' AND d.owner_id = r.case_id AND c.state = 'clean' \
         AND k.answers NOT LIKE '\"%' ORDER BY r.case_id, d.id LIMIT $2",
        &[
            &account,
            &limit,
            &purpose::DECISION,
            &purpose::ENCLOSURE,
            &purpose::REVERSAL,
            &purpose::PAST,
            &purpose::PAST_ACT,
        ],
        |row| {
            Ok(Kept {
                case: row.get(0)?,
                document: row.get(1)?,
                name: row.get(2)?,
                of_decision: row.get(3)?,
                past: row.get(4)?,
            })
        },
    )
}

/// The documents of an account's requests whose letter waits to be printed.
pub(super) fn unposted(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<HashSet<Uuid>> {
    let contents: Vec<serde_json::Value> = tx.query(
        "SELECT l.content FROM desk_reach r JOIN letter l ON l.about_kind = 'case' AND l.about_id = r.case_id \
         WHERE r.account = $1 AND l.printed_at IS NULL LIMIT $2",
        &[&account, &limit],
        |row| row.get(0),
    )?;
    let mut papers = HashSet::new();
    for content in contents {
        if let Content::Document { id } = serde_json::from_value(content)? {
            papers.insert(id);
        }
    }
    Ok(papers)
}

/// The requests of an account whose decision, or the last act that takes one back, is on its way on paper, to be signed:
/// until it has left, none of its documents is given ([`papers::is_unsigned`]). Of an act that another has followed
/// nobody is told any more: it holds nothing up.
pub(super) fn unsigned(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<HashSet<Uuid>> {
    let last = "AND NOT EXISTS (SELECT 1 FROM reversal n WHERE n.case_id = d.case_id AND n.id > d.id)";
    let mut posted = Vec::new();
    for (table, last) in [("decision", ""), ("reversal", last)] {
        let sql = format!(
            "SELECT r.case_id, r.letter_lines FROM desk_reach r JOIN {table} d ON d.case_id = r.case_id \
             WHERE r.account = $1 AND r.by_letter = TRUE AND d.sent_at IS NULL AND d.read_at IS NULL {last} LIMIT $2"
        );
        posted.extend(tx.query(&sql, &[&account, &limit], |row| {
            Ok((row.get::<Uuid>(0)?, row.get::<serde_json::Value>(1)?))
        })?);
    }
    let reached =
        posted.into_iter().filter(|(_, lines)| lines.as_array().is_some_and(|lines| lines.len() > 1));
    Ok(reached.map(|(case, _)| case).collect())
}

/// A record of a person that belongs to an account.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) sector: Sector,
    pub(super) family_name: String,
    pub(super) given_names: String,
    pub(super) used_name: String,
    pub(super) birth_date: Option<Day>,
    pub(super) birth_place: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) address: serde_json::Value,
}

/// The latest record of each sector that an account's requests have left.
pub(super) fn records(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Record>> {
    tx.query(
        "SELECT p.sector, p.family_name, p.given_names, p.used_name, p.birth_date, p.birth_place, p.email, \
         p.phone, p.address FROM person p \
         JOIN (SELECT MAX(id) AS id FROM person WHERE account = $1 GROUP BY sector) AS latest \
         ON latest.id = p.id ORDER BY p.sector LIMIT 100",
        &[&account],
        |row| {
            Ok(Record {
                sector: sector(&row.get::<String>(0)?)?,
                family_name: row.get(1)?,
                given_names: row.get(2)?,
                used_name: row.get(3)?,
                birth_date: row.get(4)?,
                birth_place: row.get(5)?,
                email: row.get(6)?,
                phone: row.get(7)?,
                address: row.get(8)?,
            })
        },
    )
}

/// A look that somebody took at a request.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) seq: i64,
    pub(super) at: Instant,
    pub(super) kind: String,
    pub(super) payload: Option<serde_json::Value>,
    /// The request that was looked at; `None` where it was the person, at the counter, or something else of theirs.
    pub(super) case: Option<Looked>,
}

/// The request that somebody looked at.
#[derive(Clone, Debug)]
pub(super) struct Looked {
    pub(super) id: Id<Case>,
    pub(super) reference: String,
    pub(super) procedure: (String, u32),
    pub(super) department: String,
}

/// The kinds of entries by which looks are written down: at a person first, then those at a request, and at what else the
/// town knows of an account.
pub(super) const LOOKS: [&str; 9] = [
    "person.consulted",
    "case.consulted",
    "case.listed_across",
    "case.read_across",
    "booking.consulted",
    "appointment.consulted",
    "registration.consulted",
    "followup.consulted",
    "order.consulted",
];

/// Who looked at an account's requests, at its person at the counter, and at what else is its own, since an instant, before
/// this rank, the last first.
pub(super) fn looks(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    since: Instant,
    before: i64,
    limit: u32,
) -> Result<Vec<Look>> {
    let mut params: Vec<&dyn ToValue> = vec![&account, &since, &before, &limit];
    params.extend(LOOKS.iter().map(|kind| kind as &dyn ToValue));
    let others = marks(6, LOOKS.len() - 1);
    let sql = format!(
        "SELECT seq, at, kind, payload, id, reference, procedure, procedure_version, department FROM (\
         SELECT j.seq, j.at, j.kind, j.payload, c.id, c.reference, c.procedure, c.procedure_version, c.department \
         FROM desk_reach r JOIN journal j ON j.subject_kind = 'case' AND j.subject_id = r.case_id \
         JOIN cases c ON c.id = r.case_id \
         WHERE r.account = $1 AND j.at >= $2 AND j.seq < $3 AND j.payload IS NOT NULL AND j.kind IN ({others}) \
         UNION ALL \
         SELECT j.seq, j.at, j.kind, j.payload, NULL, NULL, NULL, NULL, NULL \
         FROM person p JOIN journal j ON j.subject_kind = 'person' AND j.subject_id = p.id \
         WHERE p.account = $1 AND j.at >= $2 AND j.seq < $3 AND j.payload IS NOT NULL AND j.kind = $5 \
         UNION ALL \
         SELECT j.seq, j.at, j.kind, j.payload, NULL, NULL, NULL, NULL, NULL FROM journal j \
         WHERE j.subject_kind = 'account' AND j.subject_id = $1 AND j.at >= $2 AND j.seq < $3 \
         AND j.payload IS NOT NULL AND j.kind IN ({others})\
         ) AS looked ORDER BY seq DESC LIMIT $4"
    );
    tx.query(&sql, &params, |row| {
        let id: Option<Id<Case>> = row.get(4)?;
        let case = match id {
            Some(id) => Some(Looked {
                id,
                reference: row.get(5)?,
                procedure: (row.get(6)?, row.get(7)?),
                department: row.get(8)?,
            }),
            None => None,
        };
        Ok(Look { seq: row.get(0)?, at: row.get(1)?, kind: row.get(2)?, payload: row.get(3)?, case })
    })
}

/// A request that stays with the town when an account ends.
#[derive(Clone, Debug)]
pub(super) struct Staying {
    pub(super) id: Id<Case>,
    pub(super) procedure: (String, u32),
    pub(super) reference: String,
}

/// The requests of an account that are not erased, the last received first: which, procedure, reference.
pub(super) fn remaining(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<Vec<Staying>> {
    tx.query(
        "SELECT c.id, c.procedure, c.procedure_version, c.reference FROM desk_reach r \
         JOIN cases c ON c.id = r.case_id WHERE r.account = $1 ORDER BY r.case_id DESC LIMIT $2",
        &[&account, &limit],
        |row| Ok(Staying { id: row.get(0)?, procedure: (row.get(1)?, row.get(2)?), reference: row.get(3)? }),
    )
}

/// Requests and records of an account lead to it no longer.
pub(super) fn let_go(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    tx.execute("UPDATE desk_reach SET account = NULL WHERE account = $1", &[&account]).map(drop)
}

/// How far a sweep of the journal has come; 0 where it has not begun.
pub(super) fn swept_to(tx: &mut Tx<'_>, name: &str) -> Result<i64> {
    let found = tx.query_opt("SELECT seq FROM desk_swept WHERE name = $1", &[&name], one::<i64>)?;
    Ok(found.unwrap_or_default())
}

/// Notes how far a sweep of the journal has come.
pub(super) fn set_swept(tx: &mut Tx<'_>, name: &str, seq: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO desk_swept (name, seq) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
        &[&name, &seq],
    )
    .map(drop)
}

fn one<T: FromValue>(row: &mut Row) -> Result<T> {
    row.get(0)
}
