//! Telling the service of this town's appointments: declared once they are agreed, withdrawn as they are moved, given
//! back or missed. A job compares what was declared with what stands, and mends the difference: done twice, or late, it
//! comes to the same.

use std::sync::Arc;

use beffroi_core::{Id, Instant};
use beffroi_people::Town;
use beffroi_store::{
    By, Commune, Entry, JournalEntry, Result, StoreError, Tx,
    background::{JobHandler, Subscriber},
    jobs::{self, Job, JobError},
};
use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    Access, Coordinator, Declaration, Declared, Trouble, access,
    other::{self, Other},
    store::{self, Found},
};
use crate::{
    appointment::{
        self, Appointment, Mark, State,
        tell::{self, Word},
    },
    clock::Now,
    site,
};

/// The job that declares an appointment, or withdraws it.
const DECLARE: &str = "appointments.declare";
/// How long after its time what is declared is still withdrawn; then nobody is kept from anything by it.
const WITHDRAWN_UNTIL: TimeDelta = TimeDelta::days(7);
/// Appointments that one round looks after, at most.
const LOOKED_AFTER: u32 = 200;

/// What a job is about.
#[derive(Debug, Deserialize, Serialize)]
struct Order {
    appointment: Id<Mark>,
}

/// Asks for a job about an appointment. A job that runs may have read what stood before: each change asks for its own.
fn order(tx: &mut Tx<'_>, id: Id<Mark>, once: &str) -> Result<()> {
    let now = tx.now();
    let once = format!("{DECLARE}.{id}.{once}");
    jobs::enqueue(tx, DECLARE, &serde_json::to_value(Order { appointment: id })?, now, Some(&once))
}

/// Has each change of an appointment with numbers told.
pub(crate) struct Follower(pub(crate) Arc<Coordinator>);

impl Subscriber for Follower {
    fn name(&self) -> &'static str {
        "appointments.coordination"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[
            "appointment.booked",
            "appointment.moved",
            "appointment.cancelled",
            "appointment.missed",
            "appointment.expected",
            "appointment.arrived",
            "appointment.received",
        ]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let id = Id::from_uuid(entry.subject_id);
        if self.0.access(tx)?.is_none() || !store::concerns(tx, id)? {
            return Ok(());
        }
        order(tx, id, &entry.seq.0.to_string())
    }
}

/// Has appointments declared of which nothing is: those that were agreed before the service was set up. How many.
///
/// # Errors
/// Those of the store.
pub(crate) fn catch_up(tx: &mut Tx<'_>, coordinator: &Coordinator) -> Result<u64> {
    if coordinator.access(tx)?.is_none() {
        return Ok(0);
    }
    let now = tx.now();
    let found = store::undeclared(tx, now, LOOKED_AFTER)?;
    for id in &found {
        order(tx, *id, "again")?;
    }
    Ok(u64::try_from(found.len()).unwrap_or(u64::MAX))
}

/// Does the jobs.
pub(crate) struct Declarer(pub(crate) Arc<Coordinator>);

impl JobHandler for Declarer {
    fn kind(&self) -> &'static str {
        DECLARE
    }

    /// An appointment that has passed asks for nothing more, so that nothing waits for ever.
    fn outwaits(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let order: Order = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job tells of no appointment".to_owned()))?;
        let id = order.appointment;
        let own = self.0.own(commune)?;
        let own = own.ok_or_else(|| JobError::Fail("the commune has no host name".to_owned()))?;
        let found = commune.read_blocking::<_, StoreError>(By::SYSTEM, |tx| {
            Ok(match self.0.access(tx)? {
                Some(access) => {
                    let now = other::shown(&Now::read(tx)?);
                    Plan::load(tx, id, &own)?.map(|plan| (access, plan, now))
                }
                None => None,
            })
        })?;
        let Some((access, plan, now)) = found else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| JobError::Retry(error.to_string()))?;
        let (done, trouble) = runtime.block_on(self.0.carry_out(&access, plan, (&own, now)));
        commune.write_blocking::<_, StoreError>(By::SYSTEM, move |tx| done.write_down(tx, id, trouble))?;
        // Whatever stands in the way of one, stands in the way of all.
        trouble.map_or(Ok(()), |trouble| Err(JobError::Away(trouble.as_str().to_owned())))
    }
}

/// What is to be told.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    withdraw: Vec<Declared>,
    /// Numbers of which nothing is declared any more, without a word.
    forget: Vec<String>,
    declare: Vec<Declaration>,
}

impl Plan {
    /// What is to be told of an appointment; `None` where there is none any more.
    fn load(tx: &mut Tx<'_>, id: Id<Mark>, own: &str) -> Result<Option<Self>> {
        let Some(it) = appointment::find(tx, id)? else { return Ok(None) };
        let declared = store::of_appointment(tx, id)?;
        let place = site::site(tx, it.site)?.map(|site| site.resource.details.name.fr).unwrap_or_default();
        let link = appointment::links_of(tx, &[id])?.remove(&id);
        let manage = link.map(|link| format!("{own}{link}")).unwrap_or_default();
        let zone = Town::load(tx)?.zone();
        Ok(Some(Self::of(&it, (&place, &manage), declared, (tx.now(), zone))))
    }

    fn of(
        it: &Appointment,
        (place, manage): (&str, &str),
        declared: Vec<Declared>,
        (now, zone): (Instant, Tz),
    ) -> Self {
        let mut plan = Self::default();
        let (at, point) = (said(it.span.start(), zone), it.site.to_string());
        let stands = matches!(it.state, State::Booked | State::Arrived | State::Received);
        let past = said(now - WITHDRAWN_UNTIL, zone);
        let mut kept = Vec::new();
        for old in declared {
            let same = old.at == at && old.point == point && it.contact.numbers.contains(&old.number);
            if stands && same {
                kept.push(old.number);
            } else if old.taken && old.at > past {
                plan.withdraw.push(old);
            } else {
                plan.forget.push(old.number);
            }
        }
        if it.state == State::Booked && it.span.start() > now {
            let new = it.contact.numbers.iter().filter(|number| !kept.contains(number));
            plan.declare = new
                .map(|number| Declaration {
                    number: number.clone(),
                    point: point.clone(),
                    place: place.to_owned(),
                    at: at.clone(),
                    manage: manage.to_owned(),
                })
                .collect();
        }
        plan
    }
}

/// A moment as the service is told it: as the town's clocks show it. What comes later is greater.
fn said(at: Instant, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// What was told.
#[derive(Debug, Default)]
struct Done {
    withdrawn: Vec<String>,
    forgotten: Vec<String>,
    declared: Vec<Declared>,
    /// The numbers that it was asked about, and what it knows of other town halls for them.
    known_of: Vec<String>,
    others: Vec<Other>,
    /// Whether the service was asked at all.
    asked: bool,
}

impl Coordinator {
    /// Tells what is to be told, as far as the service listens.
    async fn carry_out(
        &self,
        access: &Access,
        plan: Plan,
        (own, now): (&str, NaiveDateTime),
    ) -> (Done, Option<Trouble>) {
        let mut done = Done { forgotten: plan.forget, ..Done::default() };
        done.asked = !(plan.withdraw.is_empty() && plan.declare.is_empty());
        for old in plan.withdraw {
            if let Err(trouble) = self.coordination.withdraw(access, &old.said()).await {
                return (done, Some(trouble));
            }
            done.withdrawn.push(old.number);
        }
        if plan.declare.is_empty() {
            return (done, None);
        }
        let numbers: Vec<String> = plan.declare.iter().map(|new| new.number.clone()).collect();
        let known = match self.coordination.known(access, &numbers, false).await {
            Ok(known) => known,
            Err(trouble) => return (done, Some(trouble)),
        };
        done.others = Other::among(&known, own, now);
        done.known_of = numbers;
        for new in plan.declare {
            let found = Found::of(known.iter().find(|known| known.number == new.number), own);
            let taken = if found.is_over() {
                false
            } else {
                match self.coordination.declare(access, &new).await {
                    Ok(taken) => taken,
                    Err(trouble) => return (done, Some(trouble)),
                }
            };
            done.declared.push(Declared::new(new, taken, found));
        }
        (done, None)
    }
}

impl Declared {
    fn new(said: Declaration, taken: bool, found: Found) -> Self {
        let Declaration { number, point, place, at, .. } = said;
        Self { number, point, place, at, taken, found }
    }

    /// The words by which it is withdrawn.
    fn said(&self) -> Declaration {
        Declaration {
            number: self.number.clone(),
            point: self.point.clone(),
            place: self.place.clone(),
            at: self.at.clone(),
            manage: String::new(),
        }
    }
}

impl Done {
    /// Writes down what was told, and how the service has fared. No number reaches the journal.
    fn write_down(self, tx: &mut Tx<'_>, id: Id<Mark>, trouble: Option<Trouble>) -> Result<()> {
        let declared = self.declared.iter().filter(|it| it.taken).count();
        let withdrawn = self.withdrawn.len();
        store::write(tx, id, &[self.withdrawn, self.forgotten].concat(), &self.declared)?;
        if self.asked {
            access::fared(tx, trouble)?;
        }
        // Whoever booked while the service was away learns of another appointment now.
        let elsewhere = other::keep(tx, id, &self.known_of, &self.others)?;
        if elsewhere > 0
            && let Some(it) = appointment::find(tx, id)?
        {
            tell::order(tx, &it, Word::Elsewhere, "")?;
        }
        for (kind, count) in [
            ("appointment.withdrawn", withdrawn),
            ("appointment.declared", declared),
            ("appointment.elsewhere", elsewhere),
        ] {
            if count > 0 {
                tx.journal(&Entry {
                    kind,
                    subject_kind: "appointment",
                    subject_id: id.uuid(),
                    payload: serde_json::json!({ "count": count }),
                })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use beffroi_calendar::spans::Span;
    use beffroi_core::{Channel, Lang};
    use chrono::DateTime;
    use chrono_tz::Europe::Paris;
    use uuid::Uuid;

    use super::*;
    use crate::appointment::Contact;

    const NUMBER: &str = "ABCDE12345";

    fn at(text: &str) -> Instant {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn appointment(state: State, starts: &str) -> Appointment {
        let start = at(starts);
        let id = Uuid::from_u128;
        Appointment {
            id: Id::from_uuid(id(1)),
            reference: String::new(),
            motive: Id::from_uuid(id(2)),
            site: Id::from_uuid(id(3)),
            desk: Id::from_uuid(id(4)),
            span: Span::new(start, start + TimeDelta::minutes(20)).unwrap(),
            persons: 1,
            state,
            channel: Channel::Online,
            lang: Lang::Fr,
            contact: Contact { numbers: vec![NUMBER.to_owned()], ..Contact::default() },
            account: None,
            wish: None,
            proposal: None,
            made_at: start,
            expires_at: None,
            changed_at: start,
            changes: 0,
            arrived_at: None,
            settled_at: None,
        }
    }

    fn plan(it: &Appointment, declared: &[Declared], now: &str) -> Plan {
        Plan::of(
            it,
            ("Hôtel de ville", "https://lunel.example/rendez-vous/mien/x"),
            declared.to_vec(),
            (at(now), Paris),
        )
    }

    #[test]
    fn what_stands_is_declared_once_as_the_clocks_of_the_town_show_it() {
        let it = appointment(State::Booked, "2026-06-04T09:00:00+02:00");
        let first = plan(&it, &[], "2026-06-03T10:00:00+02:00");
        assert_eq!(first.declare[0].at, "2026-06-04T09:00:00");
        let declared = Declared::new(first.declare[0].clone(), true, Found::Nothing);
        let kept = [declared.clone()];
        assert_eq!(plan(&it, &kept, "2026-06-03T10:00:00+02:00"), Plan::default());
        let received = appointment(State::Received, "2026-06-04T09:00:00+02:00");
        assert_eq!(plan(&received, &kept, "2026-06-04T09:30:00+02:00"), Plan::default());
        // Moved: what was said is taken back, and the new time said.
        let moved = appointment(State::Booked, "2026-06-05T09:00:00+02:00");
        let change = plan(&moved, &kept, "2026-06-03T10:00:00+02:00");
        assert_eq!((change.withdraw.as_slice(), change.declare.len()), (&kept[..], 1));
        for state in [State::Cancelled, State::Missed] {
            let over = appointment(state, "2026-06-04T09:00:00+02:00");
            let change = plan(&over, &kept, "2026-06-04T09:30:00+02:00");
            assert_eq!(change, Plan { withdraw: vec![declared.clone()], ..Plan::default() }, "{state:?}");
            let late = plan(&over, &kept, "2026-06-12T09:30:00+02:00");
            assert_eq!(late, Plan { forget: vec![NUMBER.to_owned()], ..Plan::default() }, "{state:?}");
        }
    }

    #[test]
    fn what_has_begun_is_not_declared_any_more() {
        let it = appointment(State::Booked, "2026-06-04T09:00:00+02:00");
        assert_eq!(plan(&it, &[], "2026-06-04T09:00:00+02:00"), Plan::default());
    }

    #[test]
    fn what_was_not_taken_is_not_withdrawn() {
        let it = appointment(State::Booked, "2026-06-04T09:00:00+02:00");
        let said = plan(&it, &[], "2026-06-03T10:00:00+02:00").declare.remove(0);
        let refused = Declared::new(said, false, Found::Consumed);
        let over = appointment(State::Cancelled, "2026-06-04T09:00:00+02:00");
        let change = plan(&over, &[refused], "2026-06-03T10:00:00+02:00");
        assert_eq!(change, Plan { forget: vec![NUMBER.to_owned()], ..Plan::default() });
    }
}
