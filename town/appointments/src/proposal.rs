//! What of appointments belongs to a case: what was proposed to its requester, behind a secret link, and the appointments
//! at which a case was opened. What becomes of them stands in the history of the case too.

use beffroi_core::{Id, Lang};
use beffroi_people::Town;
use beffroi_store::{Entry, JournalEntry, Result, Row, Tx, background::Subscriber};
use uuid::Uuid;

use crate::{
    appointment::{self, Appointment, Mark, State},
    clock,
    link::{self, hash},
    motive::{self, Motive},
};

/// Proposals of one case that are told, at most.
const OF_CASE: u32 = 100;
/// Cases of one appointment that are told, at most.
const CASES: u32 = 20;

/// What ties an appointment to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Which.
    pub id: Id<Self>,
    /// The case.
    pub case: Uuid,
    /// For what.
    pub motive: Id<Motive>,
    /// The appointment that was agreed for it.
    pub appointment: Option<Id<Mark>>,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

const COLUMNS: &str = "id, case_id, motive, appointment, withdrawn FROM appointments_case";

fn read(row: &mut Row) -> Result<Proposal> {
    Ok(Proposal {
        id: row.get(0)?,
        case: row.get(1)?,
        motive: row.get(2)?,
        appointment: row.get(3)?,
        withdrawn: row.get(4)?,
    })
}

fn context(id: Id<Proposal>) -> String {
    format!("appointments.proposal.{id}")
}

/// Where a time is chosen for a proposal.
pub(crate) fn path(link: &str) -> String {
    format!("/rendez-vous/propose/{link}")
}

/// Proposes an appointment to the requester of a case; the secret of their link.
pub(crate) fn make(tx: &mut Tx<'_>, case: Uuid, motive: &motive::Kept) -> Result<String> {
    let (id, link) = (tx.new_id::<Proposal>(), link::new(tx));
    let sealed = tx.seal_text(&context(id), &link)?;
    tx.execute(
        "INSERT INTO appointments_case (id, case_id, motive, link, link_sealed, appointment, withdrawn, made_at) \
         VALUES ($1, $2, $3, $4, $5, NULL, FALSE, $6)",
        &[&id, &case, &motive.id, &hash(&link), &sealed, &tx.now()],
    )?;
    journal(tx, case, "case.appointment_proposed", &told(motive, None))?;
    Ok(link)
}

/// Takes a proposal back that nobody has answered; whether there was one.
pub(crate) fn withdraw(tx: &mut Tx<'_>, case: Uuid, id: Id<Proposal>) -> Result<bool> {
    let sql = "UPDATE appointments_case SET withdrawn = TRUE \
         WHERE id = $1 AND case_id = $2 AND appointment IS NULL AND withdrawn = FALSE RETURNING motive";
    let found: Option<Id<Motive>> = tx.query_opt(sql, &[&id, &case], |row| row.get(0))?;
    let Some(motive) = found else { return Ok(false) };
    if let Some(motive) = motive::find(tx, motive)? {
        journal(tx, case, "case.appointment_withdrawn", &told(&motive, None))?;
    }
    Ok(true)
}

/// A case was opened at an appointment; once, however often it is said.
pub(crate) fn opened(tx: &mut Tx<'_>, it: &Appointment, case: Uuid) -> Result<()> {
    if of_appointment(tx, it.id)?.iter().any(|known| known.case == case) {
        return Ok(());
    }
    let id = tx.new_id::<Proposal>();
    tx.execute(
        "INSERT INTO appointments_case (id, case_id, motive, link, link_sealed, appointment, withdrawn, made_at) \
         VALUES ($1, $2, $3, NULL, '', $4, FALSE, $5)",
        &[&id, &case, &it.motive, &it.id, &tx.now()],
    )?;
    let payload = told_of(tx, it)?;
    journal(tx, case, "case.appointment_linked", &payload)
}

/// What a case has of appointments, the latest first.
pub(crate) fn of_case(tx: &mut Tx<'_>, case: Uuid) -> Result<Vec<Proposal>> {
    let sql = format!("SELECT {COLUMNS} WHERE case_id = $1 ORDER BY made_at DESC, id DESC LIMIT $2");
    tx.query(&sql, &[&case, &OF_CASE], read)
}

/// The cases of an appointment.
pub(crate) fn of_appointment(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Vec<Proposal>> {
    let sql = format!("SELECT {COLUMNS} WHERE appointment = $1 ORDER BY made_at, id LIMIT $2");
    tx.query(&sql, &[&id, &CASES], read)
}

/// The proposal that a secret link opens.
pub(crate) fn by_link(tx: &mut Tx<'_>, link: &str) -> Result<Option<Proposal>> {
    let sql = format!("SELECT {COLUMNS} WHERE link = $1 AND withdrawn = FALSE");
    tx.query_opt(&sql, &[&hash(link)], read)
}

/// A proposal.
pub(crate) fn find(tx: &mut Tx<'_>, id: Id<Proposal>) -> Result<Option<Proposal>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The secret links of the proposals of a case.
pub(crate) fn links_of(tx: &mut Tx<'_>, case: Uuid) -> Result<Vec<(Id<Proposal>, String)>> {
    let sql = "SELECT id, link_sealed FROM appointments_case WHERE case_id = $1 AND link_sealed <> '' \
         ORDER BY made_at DESC, id DESC LIMIT $2";
    let sealed: Vec<(Id<Proposal>, String)> =
        tx.query(sql, &[&case, &OF_CASE], |row| Ok((row.get(0)?, row.get(1)?)))?;
    sealed.into_iter().map(|(id, sealed)| Ok((id, tx.unseal_text(&context(id), &sealed)?))).collect()
}

impl Proposal {
    /// The appointment that was agreed for it and still stands.
    pub(crate) fn standing(&self, tx: &mut Tx<'_>) -> Result<Option<Appointment>> {
        let Some(id) = self.appointment else { return Ok(None) };
        let stands = |it: &Appointment| !matches!(it.state, State::Cancelled | State::Missed);
        Ok(appointment::find(tx, id)?.filter(stands))
    }
}

/// Whether a time may be held for a proposal: nothing is agreed for it yet, or not any more.
pub(crate) fn is_open(tx: &mut Tx<'_>, it: &Proposal, motive: Id<Motive>) -> Result<bool> {
    Ok(!it.withdrawn && it.motive == motive && it.standing(tx)?.is_none())
}

/// A time was booked that was held for a proposal. Where another was faster, this one belongs to no case.
pub(crate) fn booked(tx: &mut Tx<'_>, it: &Appointment) -> Result<()> {
    let Some(id) = it.proposal else { return Ok(()) };
    let Some(proposal) = find(tx, id)? else { return Ok(()) };
    if !is_open(tx, &proposal, it.motive)? {
        return Ok(());
    }
    tx.execute("UPDATE appointments_case SET appointment = $2 WHERE id = $1", &[&id, &it.id])?;
    let payload = told_of(tx, it)?;
    journal(tx, proposal.case, "case.appointment_booked", &payload)
}

/// Has the history of its cases tell what became of an appointment.
pub(crate) fn tell(tx: &mut Tx<'_>, it: &Appointment, kind: &str) -> Result<()> {
    let cases = of_appointment(tx, it.id)?;
    if cases.is_empty() {
        return Ok(());
    }
    let payload = told_of(tx, it)?;
    cases.iter().try_for_each(|known| journal(tx, known.case, kind, &payload))
}

fn told_of(tx: &mut Tx<'_>, it: &Appointment) -> Result<serde_json::Value> {
    let zone = Town::load(tx)?.zone();
    let when = |lang| clock::moment(it.span.start(), zone, lang);
    let motive = motive::find(tx, it.motive)?;
    Ok(motive.map(|motive| told(&motive, Some((when(Lang::Fr), when(Lang::En))))).unwrap_or_default())
}

/// For what, and when: as the history of a case shows it, in both languages.
fn told(motive: &motive::Kept, when: Option<(String, String)>) -> serde_json::Value {
    let name = &motive.details.sheet.name;
    let (fr, en) = (name.read_in(Lang::Fr), name.read_in(Lang::En));
    match when {
        None => serde_json::json!({ "told": { "fr": fr, "en": en } }),
        Some((day, english)) => {
            serde_json::json!({ "told": { "fr": format!("{fr}, {day}"), "en": format!("{en}, {english}") } })
        }
    }
}

fn journal(tx: &mut Tx<'_>, case: Uuid, kind: &str, payload: &serde_json::Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "case", subject_id: case, payload: payload.clone() })?;
    Ok(())
}

/// Forgets what tied appointments to a case that is erased.
pub(crate) struct Forgetter;

impl Subscriber for Forgetter {
    fn name(&self) -> &'static str {
        "appointments.cases"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["case.erased", "case.anonymised"]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        tx.execute("DELETE FROM appointments_case WHERE case_id = $1", &[&entry.subject_id]).map(drop)
    }
}
