//! Whoever waits at a site today: tickets in their order, called to a counter. A ticket is a number and nobody's name.

use std::collections::BTreeSet;

use beffroi_calendar::resource::Resource;
use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Entry, Result, Row, Tx, words};

use crate::{
    appointment::{self, Appointment, Mark, State},
    clock::Now,
    motive::Motive,
    site::Desk,
};

/// Tickets of a day and site, at most.
const OF_DAY: u32 = 3_000;
/// The letter of those who have an appointment.
pub const WITH: &str = "R";
/// That of those who have none.
pub const WITHOUT: &str = "A";

words! {
    /// Where somebody with a ticket is.
    Stands {
        /// In the waiting room.
        Waiting = "waiting",
        /// Called to a counter.
        Called = "called",
        /// Received.
        Served = "served",
        /// Gone, or not there when they were called.
        Left = "left",
    }
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which.
    pub id: Id<Self>,
    /// Where.
    pub site: Id<Resource>,
    /// `R` with an appointment, `A` without.
    pub letter: String,
    /// Its number on that day.
    pub number: u32,
    /// For what.
    pub motive: Id<Motive>,
    /// The appointment, where there is one.
    pub appointment: Option<Id<Mark>>,
    /// When that one begins.
    pub expected_at: Option<Instant>,
    /// Where its owner is.
    pub stands: Stands,
    /// The counter that called it.
    pub desk: Option<Id<Resource>>,
    /// When it was taken.
    pub taken_at: Instant,
    /// When it was called last.
    pub called_at: Option<Instant>,
}

impl Ticket {
    /// As it is called: `A12`.
    pub fn label(&self) -> String {
        format!("{}{}", self.letter, self.number)
    }

    /// Its place in the order: whoever has an appointment whose time has come is first, then all by how long they wait;
    /// whoever is early waits from their time on.
    pub fn turn(&self, now: Instant) -> (bool, Instant, u32) {
        match self.expected_at {
            Some(at) if at <= now => (false, at, self.number),
            Some(at) => (true, at.max(self.taken_at), self.number),
            None => (true, self.taken_at, self.number),
        }
    }
}

const COLUMNS: &str = "SELECT t.id, t.site, t.letter, t.number, t.motive, t.appointment, a.starts_at, t.state, t.desk, \
     t.taken_at, t.called_at FROM appointments_ticket t \
     LEFT JOIN appointments_appointment a ON a.id = t.appointment";

fn read(row: &mut Row) -> Result<Ticket> {
    Ok(Ticket {
        id: row.get(0)?,
        site: row.get(1)?,
        letter: row.get(2)?,
        number: row.get(3)?,
        motive: row.get(4)?,
        appointment: row.get(5)?,
        expected_at: row.get(6)?,
        stands: row.get(7)?,
        desk: row.get(8)?,
        taken_at: row.get(9)?,
        called_at: row.get(10)?,
    })
}

/// The tickets of a day, in the order in which they were taken.
pub fn of_day(tx: &mut Tx<'_>, site: Id<Resource>, day: Day) -> Result<Vec<Ticket>> {
    let sql = format!("{COLUMNS} WHERE t.site = $1 AND t.day = $2 ORDER BY t.taken_at, t.id LIMIT $3");
    tx.query(&sql, &[&site, &day, &OF_DAY], read)
}

/// A ticket.
pub fn find(tx: &mut Tx<'_>, id: Id<Ticket>) -> Result<Option<Ticket>> {
    tx.query_opt(&format!("{COLUMNS} WHERE t.id = $1"), &[&id], read)
}

/// The ticket of an appointment.
fn of_appointment(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Option<Ticket>> {
    tx.query_opt(&format!("{COLUMNS} WHERE t.appointment = $1"), &[&id], read)
}

/// Gives a ticket out; whoever has an appointment and a ticket already keeps that one, and waits by it.
pub fn take(
    tx: &mut Tx<'_>,
    site: Id<Resource>,
    motive: Id<Motive>,
    appointment: Option<Id<Mark>>,
) -> Result<Id<Ticket>> {
    let day = Now::read(tx)?.today;
    if let Some(appointment) = appointment {
        // One of another day or place is of no use here.
        tx.execute(
            "UPDATE appointments_ticket SET appointment = NULL WHERE appointment = $1 AND (day <> $2 OR site <> $3)",
            &[&appointment, &day, &site],
        )?;
        if let Some(known) = of_appointment(tx, appointment)? {
            if known.stands != Stands::Called {
                settle(tx, known.id, Stands::Waiting)?;
            }
            return Ok(known.id);
        }
    }
    let letter = if appointment.is_some() { WITH } else { WITHOUT };
    // Writers of one commune come one after another: nobody else takes this number.
    let next = "SELECT COALESCE(MAX(number), 0) + 1 FROM appointments_ticket \
         WHERE site = $1 AND day = $2 AND letter = $3";
    let number: u32 = tx.query_one(next, &[&site, &day, &letter], |row| row.get(0))?;
    let id: Id<Ticket> = tx.new_id();
    tx.execute(
        "INSERT INTO appointments_ticket (id, site, day, letter, number, motive, appointment, state, desk, taken_at, \
         called_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', NULL, $8, NULL, NULL)",
        &[&id, &site, &day, &letter, &number, &motive, &appointment, &tx.now()],
    )?;
    journal(tx, "ticket.taken", id, &format!("{letter}{number}"))?;
    Ok(id)
}

/// Whoever took a number and has an appointment waits once: by the number in their hand, in the turn of the appointment.
pub fn join(tx: &mut Tx<'_>, ticket: &Ticket, appointment: &Appointment) -> Result<()> {
    if ticket.appointment == Some(appointment.id) {
        return Ok(());
    }
    let other = "UPDATE appointments_ticket SET appointment = NULL, state = 'left', ended_at = $2 WHERE appointment = $1";
    tx.execute(other, &[&appointment.id, &tx.now()])?;
    tx.execute(
        "UPDATE appointments_ticket SET appointment = $2, motive = $3 WHERE id = $1",
        &[&ticket.id, &appointment.id, &appointment.motive],
    )?;
    journal(tx, "ticket.joined", ticket.id, &ticket.label())
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// It is their turn.
    Next(Id<Ticket>),
    /// Nobody waits.
    Nobody,
    /// The counter had called somebody already since its page was shown: a second click calls nobody else.
    Already,
}

/// Calls whoever's turn it is among those whom a counter receives, for one of these motives; whom it had called before,
/// `shown`, was received.
pub fn call_next(
    tx: &mut Tx<'_>,
    desk: &Desk,
    motives: &BTreeSet<Id<Motive>>,
    shown: Option<Id<Ticket>>,
) -> Result<Called> {
    let now = Now::read(tx)?;
    let all = of_day(tx, desk.site, now.today)?;
    let id = desk.resource.id;
    let before = all.iter().find(|it| it.stands == Stands::Called && it.desk == Some(id));
    if before.map(|it| it.id) != shown {
        return Ok(Called::Already);
    }
    if let Some(before) = before {
        end(tx, before, Stands::Served)?;
    }
    let waiting = all.iter().filter(|it| it.stands == Stands::Waiting);
    let waiting = waiting.filter(|it| desk.motives.contains(&it.motive) && motives.contains(&it.motive));
    let Some(next) = waiting.min_by_key(|it| it.turn(now.at)) else { return Ok(Called::Nobody) };
    tx.execute(
        "UPDATE appointments_ticket SET state = 'called', desk = $2, called_at = $3 WHERE id = $1",
        &[&next.id, &id, &now.at],
    )?;
    journal(tx, "ticket.called", next.id, &next.label())?;
    Ok(Called::Next(next.id))
}

/// Calls once more.
pub fn call_again(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<()> {
    let sql = "UPDATE appointments_ticket SET called_at = $2 WHERE id = $1 AND state = 'called'";
    if tx.execute(sql, &[&ticket.id, &tx.now()])? > 0 {
        journal(tx, "ticket.called", ticket.id, &ticket.label())?;
    }
    Ok(())
}

/// Writes down that whoever was called was received, or is gone; what became of their appointment follows. Nothing where it
/// was written down before.
pub fn end(tx: &mut Tx<'_>, ticket: &Ticket, stands: Stands) -> Result<()> {
    if ticket.stands != Stands::Called {
        return Ok(());
    }
    settle(tx, ticket.id, stands)?;
    let kind = if stands == Stands::Served { "ticket.served" } else { "ticket.left" };
    journal(tx, kind, ticket.id, &ticket.label())?;
    let Some(appointment) = ticket.appointment else { return Ok(()) };
    let has_begun = ticket.expected_at.is_some_and(|at| at <= tx.now());
    let next = match stands {
        Stands::Served => State::Received,
        _ if has_begun => State::Missed,
        // Called too early: they are expected still.
        _ => State::Booked,
    };
    match appointment::mark(tx, appointment, next) {
        Ok(_) | Err(appointment::BookError::Over | appointment::BookError::Unknown) => Ok(()),
        Err(appointment::BookError::Store(error)) => Err(error),
        Err(error) => Err(beffroi_store::StoreError::Invalid(error.to_string())),
    }
}

/// What was written down of an appointment ends the waiting of whoever has it.
pub(crate) fn follow(tx: &mut Tx<'_>, appointment: Id<Mark>, state: State) -> Result<()> {
    let stands = if state == State::Received { Stands::Served } else { Stands::Left };
    match of_appointment(tx, appointment)? {
        Some(ticket) if matches!(ticket.stands, Stands::Waiting | Stands::Called) => {
            settle(tx, ticket.id, stands)
        }
        _ => Ok(()),
    }
}

fn settle(tx: &mut Tx<'_>, id: Id<Ticket>, stands: Stands) -> Result<()> {
    if stands == Stands::Waiting {
        let sql = "UPDATE appointments_ticket SET state = 'waiting', desk = NULL, called_at = NULL, ended_at = NULL \
             WHERE id = $1";
        return tx.execute(sql, &[&id]).map(drop);
    }
    let sql = "UPDATE appointments_ticket SET state = $2, ended_at = $3 WHERE id = $1";
    tx.execute(sql, &[&id, &stands, &tx.now()]).map(drop)
}

/// Forgets the tickets of days long past; how many.
pub fn forget(tx: &mut Tx<'_>, before: Day) -> Result<u64> {
    tx.execute("DELETE FROM appointments_ticket WHERE day < $1", &[&before])
}

fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Ticket>, label: &str) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "ticket",
        subject_id: id.uuid(),
        payload: serde_json::json!({ "ticket": label }),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;

    fn at(minute: i64) -> Instant {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn ticket(number: u32, taken: i64, expected: Option<i64>) -> Ticket {
        Ticket {
            id: Id::from_uuid(Uuid::nil()),
            site: Id::from_uuid(Uuid::nil()),
            letter: WITHOUT.to_owned(),
            number,
            motive: Id::from_uuid(Uuid::nil()),
            appointment: None,
            expected_at: expected.map(at),
            stands: Stands::Waiting,
            desk: None,
            taken_at: at(taken),
            called_at: None,
        }
    }

    #[test]
    fn an_appointment_goes_first_once_its_time_has_come() {
        let order = |now| {
            let mut all = [ticket(1, 0, None), ticket(2, 5, None), ticket(3, 6, Some(20))];
            all.sort_by_key(|it| it.turn(at(now)));
            all.map(|it| it.number)
        };
        assert_eq!(order(10), [1, 2, 3], "early, one waits");
        assert_eq!(order(20), [3, 1, 2]);
    }
}
