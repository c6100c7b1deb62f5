//! What the advisers of a department know of somebody whom they follow: what they could do alone at the first meeting, by
//! theme, and notes since. Nobody else reads it, and it is purged a year after it was last touched.

use std::collections::{BTreeMap, HashMap};

use beffroi_calendar::now::Now;
use beffroi_core::{Day, Id, Instant};
use beffroi_people::{Account, Department, Permit, permission::Scope};
use beffroi_store::{Entry, Result, Row, ToValue, Tx, marks, words};
use chrono::TimeDelta;

use crate::{
    meeting,
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

/// A record; whoever may not know of it is not told.
pub(crate) fn find(tx: &mut Tx<'_>, id: Id<Followup>) -> Result<Option<Followup>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// Those whom the advisers of these departments follow, whoever was written about last first, after one of them.
pub(crate) fn all(
    tx: &mut Tx<'_>,
    scope: &Scope,
    after: Option<(Instant, Id<Followup>)>,
    limit: u32,
) -> Result<Vec<Followup>> {
    let mut params: Vec<&dyn ToValue> = vec![&limit];
    let mut which = Vec::new();
    if let Some((at, id)) = &after {
        params.extend([at as &dyn ToValue, id as &dyn ToValue]);
        which.push("(changed_at, id) < ($2, $3)".to_owned());
    }
    if let Scope::Departments(inside) = scope {
        which.push(format!("department IN ({})", marks(params.len() + 1, inside.len())));
        params.extend(inside.iter().map(|id| id as &dyn ToValue));
    }
    let which = if which.is_empty() { String::new() } else { format!(" WHERE {}", which.join(" AND ")) };
    let sql = format!("SELECT {COLUMNS}{which} ORDER BY changed_at DESC, id DESC LIMIT $1");
    tx.query(&sql, &params, read)
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
    let day = met(tx, id, department)?;
    tx.execute("DELETE FROM workshops_level WHERE followup = $1 AND day = $2", &[&id, &day])?;
    if !levels.is_empty() {
        let rows: Vec<String> = (0..levels.len())
            .map(|rank| format!("($1, $2, $3, ${}, ${})", 4 + 2 * rank, 5 + 2 * rank))
            .collect();
        let mut params: Vec<&dyn ToValue> = vec![&id, &department, &day];
        for (theme, level) in levels {
            params.extend([theme as &dyn ToValue, level as &dyn ToValue]);
        }
        let sql = format!(
            "INSERT INTO workshops_level (followup, department, day, theme, level) VALUES {}",
            rows.join(", ")
        );
        tx.execute(&sql, &params)?;
    }
    journal(tx, "followup.assessed", id)?;
    Ok(id)
}

/// Somebody was met today, once however often something is written down.
fn met(tx: &mut Tx<'_>, id: Id<Followup>, department: Id<Department>) -> Result<Day> {
    let today = Now::read(tx)?.today;
    tx.execute(
        "INSERT INTO workshops_met (followup, department, day) VALUES ($1, $2, $3) \
         ON CONFLICT (followup, day) DO NOTHING",
        &[&id, &department, &today],
    )?;
    Ok(today)
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
    met(tx, id, department)?;
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
    for table in ["workshops_note", "workshops_level", "workshops_met"] {
        tx.execute(&format!("DELETE FROM {table} WHERE followup = $1"), &[&id])?;
    }
    tx.execute("DELETE FROM workshops_followup WHERE id = $1", &[&id])?;
    meeting::forget(tx)?;
    journal(tx, "followup.erased", id)
}

/// Purges what nobody has touched for [`KEPT_DAYS`]; of how many people. What is counted of it stays, and leads to nobody.
pub(crate) fn purge(tx: &mut Tx<'_>) -> Result<u64> {
    let before = tx.now() - TimeDelta::days(KEPT_DAYS);
    tx.execute(
        "DELETE FROM workshops_note WHERE followup IN \
         (SELECT id FROM workshops_followup WHERE changed_at < $1)",
        &[&before],
    )?;
    let gone = tx.execute("DELETE FROM workshops_followup WHERE changed_at < $1", &[&before])?;
    if gone > 0 {
        meeting::forget(tx)?;
    }
    Ok(gone)
}

/// That something was written, and of which record; not what.
fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Followup>) -> Result<()> {
    let payload = serde_json::json!({});
    tx.journal(&Entry { kind, subject_kind: "followup", subject_id: id.uuid(), payload }).map(drop)
}
