//! Whom an adviser has met at an appointment that another service keeps: the same person is known again there, and when they
//! register for a workshop.

use beffroi_core::Id;
use beffroi_people::Department;
use beffroi_store::{Result, Tx};
use beffroi_web::meeting::Meeting;

use crate::registration::{self, Participant, Person};

/// The kind of the things that are followed up, as in the journal.
pub(crate) const KIND: &str = "appointment";

fn person(meeting: &Meeting) -> Person {
    Person {
        name: meeting.name.clone(),
        email: meeting.email.clone(),
        phone: meeting.phone.clone(),
        ..Person::default()
    }
}

/// Who somebody is whom the advisers of a department have met: the same name, and one way to reach them in common.
pub(crate) fn alike(
    tx: &mut Tx<'_>,
    department: Id<Department>,
    person: &Person,
) -> Result<Option<Id<Participant>>> {
    tx.query_opt(
        "SELECT participant FROM workshops_meeting WHERE department = $1 AND name_key = $2 AND name_key <> '' \
         AND ((email <> '' AND email = $3) OR (phone <> '' AND phone = $4)) ORDER BY starts_at DESC, thing LIMIT 1",
        &[&department, &person.name_key(), &person.email, &person.phone],
        |row| row.get(0),
    )
}

/// Who a meeting is with, as far as they are known: from it, from their registrations, or from another meeting.
pub(crate) fn participant(tx: &mut Tx<'_>, meeting: &Meeting) -> Result<Option<Id<Participant>>> {
    let (_, thing) = meeting.thing;
    let noted = tx.query_opt(
        "SELECT participant FROM workshops_meeting WHERE thing = $1 AND department = $2",
        &[&thing, &meeting.department],
        |row| row.get(0),
    )?;
    if noted.is_some() {
        return Ok(noted);
    }
    let person = person(meeting);
    match registration::known(tx, meeting.department, &person)? {
        Some(known) => Ok(Some(known)),
        None => alike(tx, meeting.department, &person),
    }
}

/// The same where something is written down of it: whoever is not known yet is from now on.
pub(crate) fn noted(tx: &mut Tx<'_>, meeting: &Meeting) -> Result<Id<Participant>> {
    let known = participant(tx, meeting)?;
    let participant = known.unwrap_or_else(|| tx.new_id());
    let ((_, thing), person) = (meeting.thing, person(meeting));
    tx.execute(
        "INSERT INTO workshops_meeting (thing, department, participant, name_key, email, phone, starts_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (thing) DO NOTHING",
        &[
            &thing,
            &meeting.department,
            &participant,
            &person.name_key(),
            &person.email,
            &person.phone,
            &meeting.starts_at,
        ],
    )?;
    Ok(participant)
}

/// Forgets whom meetings were with of whom nothing is known any more.
pub(crate) fn forget(tx: &mut Tx<'_>) -> Result<()> {
    tx.execute(
        "DELETE FROM workshops_meeting WHERE NOT EXISTS (SELECT 1 FROM workshops_followup f \
         WHERE f.department = workshops_meeting.department AND f.participant = workshops_meeting.participant)",
        &[],
    )
    .map(drop)
}
