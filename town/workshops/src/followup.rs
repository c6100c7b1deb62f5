//! What the advisers of a department know of somebody whom they follow: what they could do alone at the first meeting, by
//! theme, and notes since. Nobody else reads it, and it is purged a year after it was last touched.

use std::collections::{BTreeMap, HashMap};

use beffroi_core::{Id, Instant};
use beffroi_people::{Account, Department, Permit};
use beffroi_store::{Entry, Result, Row, ToValue, Tx, marks, words};
use chrono::TimeDelta;

use crate::{
    permission::FollowParticipants,
    registration::{Participant, Person, Presence},
};

/// Days after which what nobody has touched is purged.
pub const KEPT_DAYS: i64 = 365;
/// Letters of a note, at most.
pub const NOTE_AT_MOST: usize = 2_000;
/// Notes of one person that are read, at most.
const LISTED: u32 = 300;

words! {
    /// What somebody may be able to do.
    Theme {
        /// Mouse, keyboard, screen.
        Device = "device",
        /// The web.
        Web = "web",
        /// E-mail.
        Mail = "mail",
        /// The telephone and its programs.
        Phone = "phone",
        /// What the State and the town offer online.
        Procedures = "procedures",
        /// Passwords, fraud.
        Safety = "safety",
    }
}

words! {
    /// How far somebody can do it.
    Autonomy {
        /// Not yet.
        None = "none",
        /// With help.
        Helped = "helped",
        /// Alone.
        Alone = "alone",
    }
}

/// What is known of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followup {
    /// Which.
    pub id: Id<Self>,
    /// Whose advisers.
    pub department: Id<Department>,
    /// Of whom.
    pub participant: Id<Participant>,
    /// Their name.
    pub name: String,
    /// What they could do.
    pub levels: BTreeMap<Theme, Autonomy>,
    /// When they were first met.
    pub made_at: Instant,
    /// When something was last written.
    pub changed_at: Instant,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which.
    pub id: Id<Self>,
    /// Who wrote it.
    pub author: Id<Account>,
    /// What.
    pub text: String,
    /// When.
    pub at: Instant,
}

const COLUMNS: &str =
    "id, department, participant, name, levels, made_at, changed_at FROM workshops_followup";

fn read(row: &mut Row) -> Result<Followup> {
    Ok(Followup {
        id: row.get(0)?,
        department: row.get(1)?,
        participant: row.get(2)?,
        name: row.get(3)?,
        levels: serde_json::from_value(row.get(4)?)?,
        made_at: row.get(5)?,
        changed_at: row.get(6)?,
    })
}

/// What the advisers of a department know of somebody.
pub fn of(
    tx: &mut Tx<'_>,
    _: &Permit<FollowParticipants>,
    department: Id<Department>,
    participant: Id<Participant>,
) -> Result<Option<Followup>> {
    let sql = format!("SELECT {COLUMNS} WHERE department = $1 AND participant = $2");
    tx.query_opt(&sql, &[&department, &participant], read)
}

/// Writes down what somebody can do.
pub fn assess(
    tx: &mut Tx<'_>,
    permit: &Permit<FollowParticipants>,
    department: Id<Department>,
    (participant, name): (Id<Participant>, &str),
    levels: &BTreeMap<Theme, Autonomy>,
) -> Result<Id<Followup>> {
    let known = of(tx, permit, department, participant)?.map(|it| it.id);
    let id = known.unwrap_or_else(|| tx.new_id());
    tx.execute(
        "INSERT INTO workshops_followup (id, department, participant, name, levels, made_at, changed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (department, participant) DO UPDATE \
         SET name = excluded.name, levels = excluded.levels, changed_at = excluded.changed_at",
        &[&id, &department, &participant, &name, &serde_json::to_value(levels)?, &tx.now()],
    )?;
    journal(tx, "followup.assessed", id)?;
    Ok(id)
}

/// Adds a note, of somebody of whom nothing may be known yet.
pub fn note(
    tx: &mut Tx<'_>,
    permit: &Permit<FollowParticipants>,
    department: Id<Department>,
    (participant, name): (Id<Participant>, &str),
    (author, text): (Id<Account>, &str),
) -> Result<()> {
    let id = match of(tx, permit, department, participant)? {
        Some(known) => known.id,
        None => assess(tx, permit, department, (participant, name), &BTreeMap::new())?,
    };
    let now = tx.now();
    tx.execute(
        "INSERT INTO workshops_note (id, followup, author, text, at) VALUES ($1, $2, $3, $4, $5)",
        &[&tx.new_id::<Note>(), &id, &author, &text, &now],
    )?;
    tx.execute("UPDATE workshops_followup SET changed_at = $2 WHERE id = $1", &[&id, &now])?;
    journal(tx, "followup.noted", id)
}

/// The notes of somebody, newest first.
pub fn notes(tx: &mut Tx<'_>, _: &Permit<FollowParticipants>, of: Id<Followup>) -> Result<Vec<Note>> {
    let sql = "SELECT id, author, text, at FROM workshops_note WHERE followup = $1 ORDER BY at DESC, id DESC LIMIT $2";
    tx.query(sql, &[&of, &LISTED], |row| {
        Ok(Note { id: row.get(0)?, author: row.get(1)?, text: row.get(2)?, at: row.get(3)? })
    })
}

/// What advisers know of the owner of an account, oldest first, each with its notes in the order in which they were
/// written: for their copy (GDPR, art. 15). Anybody may type the name and the telephone of somebody else; so the
/// account's address is proven, they registered themselves, by the name and the address of the account and no other
/// address is known of them, and an adviser has seen them come. Of whoever cannot be told apart like this an adviser
/// answers, once they have shown who they are.
pub(crate) fn of_owner(tx: &mut Tx<'_>, owner: &Account) -> Result<Vec<(Followup, Vec<Note>)>> {
    if owner.email_verified_at.is_none() {
        return Ok(Vec::new());
    }
    let named = Person { name: owner.display_name.clone(), ..Person::default() };
    let sql = format!(
        "SELECT {COLUMNS} WHERE participant IN (SELECT r.participant FROM workshops_registration r \
         WHERE r.account = $1 AND r.erased = FALSE AND r.registrant = '' AND r.email = $2 AND r.name_key = $3 \
         AND EXISTS (SELECT 1 FROM workshops_seat s WHERE s.registration = r.id AND s.presence = $4) \
         AND NOT EXISTS (SELECT 1 FROM workshops_registration o WHERE o.participant = r.participant \
         AND o.erased = FALSE AND o.email <> $2 AND o.email <> '')) ORDER BY made_at, id LIMIT {LISTED}"
    );
    let present = Presence::Present;
    let known = tx.query(&sql, &[&owner.id, &owner.email, &named.name_key(), &present], read)?;
    let ids: Vec<&dyn ToValue> = known.iter().map(|it| &it.id as &dyn ToValue).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT followup, id, author, text, at FROM workshops_note WHERE followup IN ({}) ORDER BY at, id LIMIT 1000",
        marks(1, ids.len())
    );
    let written: Vec<(Id<Followup>, Note)> = tx.query(&sql, &ids, |row| {
        let note = Note { id: row.get(1)?, author: row.get(2)?, text: row.get(3)?, at: row.get(4)? };
        Ok((row.get(0)?, note))
    })?;
    let mut notes: HashMap<Id<Followup>, Vec<Note>> = HashMap::new();
    for (followup, note) in written {
        notes.entry(followup).or_default().push(note);
    }
    Ok(known
        .into_iter()
        .map(|it| {
            let written = notes.remove(&it.id).unwrap_or_default();
            (it, written)
        })
        .collect())
}

/// Forgets all that is known of somebody, at their wish.
pub fn erase(tx: &mut Tx<'_>, _: &Permit<FollowParticipants>, id: Id<Followup>) -> Result<()> {
    tx.execute("DELETE FROM workshops_note WHERE followup = $1", &[&id])?;
    tx.execute("DELETE FROM workshops_followup WHERE id = $1", &[&id])?;
    journal(tx, "followup.erased", id)
}

/// Purges what nobody has touched for [`KEPT_DAYS`]; of how many people.
pub(crate) fn purge(tx: &mut Tx<'_>) -> Result<u64> {
    let before = tx.now() - TimeDelta::days(KEPT_DAYS);
    tx.execute(
        "DELETE FROM workshops_note WHERE followup IN \
         (SELECT id FROM workshops_followup WHERE changed_at < $1)",
        &[&before],
    )?;
    tx.execute("DELETE FROM workshops_followup WHERE changed_at < $1", &[&before])
}

/// That something was written, and of which record; not what.
fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Followup>) -> Result<()> {
    let payload = serde_json::json!({});
    tx.journal(&Entry { kind, subject_kind: "followup", subject_id: id.uuid(), payload }).map(drop)
}
