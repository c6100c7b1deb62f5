//! Whoever waits at a site today: tickets in their order, called to a counter. A ticket is a number and nobody's name.

use beffroi_calendar::resource::Resource;
use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Entry, Result, Row, Tx, words};

use crate::{
    appointment::{self, Mark, State},
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

const COLUMNS: &str = "t.id, t.site, t.letter, t.number, t.motive, t.appointment, a.starts_at, t.state, t.desk, \
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
    let sql = format!("SELECT {COLUMNS} WHERE t.site = $1 AND t.day = $2 ORDER BY t.taken_at, t.id LIMIT $3");
    tx.query(&sql, &[&site, &day, &OF_DAY], read)
}

/// A ticket.
pub fn find(tx: &mut Tx<'_>, id: Id<Ticket>) -> Result<Option<Ticket>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE t.id = $1"), &[&id], read)
}

/// The ticket of an appointment.
fn of_appointment(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Option<Ticket>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE t.appointment = $1"), &[&id], read)
}

/// Gives a ticket out; whoever has an appointment and a ticket already keeps that one.
pub fn take(
    tx: &mut Tx<'_>,
    site: Id<Resource>,
    motive: Id<Motive>,
    appointment: Option<Id<Mark>>,
) -> Result<Id<Ticket>> {
    if let Some(appointment) = appointment
        && let Some(known) = of_appointment(tx, appointment)?
    {
        settle(tx, known.id, Stands::Waiting)?;
        return Ok(known.id);
    }
    let day = Now::read(tx)?.today;
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

/// Calls whoever's turn it is among those whom a counter receives; whom it had called before was received. `None` where
/// nobody waits.
pub fn call_next(tx: &mut Tx<'_>, desk: &Desk) -> Result<Option<Ticket>> {
    let now = Now::read(tx)?;
    let all = of_day(tx, desk.site, now.today)?;
    let id = desk.resource.id;
    let before = all.iter().find(|it| it.stands == Stands::Called && it.desk == Some(id));
    if let Some(before) = before {
        end(tx, before, Stands::Served)?;
    }
    let waiting = all.iter().filter(|it| it.stands == Stands::Waiting && desk.motives.contains(&it.motive));
    let Some(next) = waiting.min_by_key(|it| it.turn(now.at)) else { return Ok(None) };
    tx.execute(
        "UPDATE appointments_ticket SET state = 'called', desk = $2, called_at = $3 WHERE id = $1",
        &[&next.id, &id, &now.at],
    )?;
    journal(tx, "ticket.called", next.id, &next.label())?;
    find(tx, next.id)
}

/// Calls once more.
pub fn call_again(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<()> {
    let sql = "UPDATE appointments_ticket SET called_at = $2 WHERE id = $1 AND state = 'called'";
    if tx.execute(sql, &[&ticket.id, &tx.now()])? > 0 {
        journal(tx, "ticket.called", ticket.id, &ticket.label())?;
    }
    Ok(())
}

/// Writes down that somebody was received, or is gone.
pub fn end(tx: &mut Tx<'_>, ticket: &Ticket, stands: Stands) -> Result<()> {
    settle(tx, ticket.id, stands)?;
    let kind = if stands == Stands::Served { "ticket.served" } else { "ticket.left" };
    journal(tx, kind, ticket.id, &ticket.label())?;
    if let (Some(appointment), Stands::Served) = (ticket.appointment, stands) {
        match appointment::mark(tx, appointment, State::Received) {
            Ok(_) | Err(appointment::BookError::Over | appointment::BookError::Unknown) => {}
            Err(appointment::BookError::Store(error)) => return Err(error),
            Err(error) => return Err(beffroi_store::StoreError::Invalid(error.to_string())),
        }
    }
    Ok(())
}

fn settle(tx: &mut Tx<'_>, id: Id<Ticket>, stands: Stands) -> Result<()> {
    let ended = (stands != Stands::Waiting).then(|| tx.now());
    tx.execute(
        "UPDATE appointments_ticket SET state = $2, ended_at = $3 WHERE id = $1",
        &[&id, &stands, &ended],
    )
    .map(drop)
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
