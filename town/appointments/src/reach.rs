//! How whoever is offered a time learns of it, and until when it is kept for them: most are written to, the others are
//! called by an agent.

use beffroi_calendar::local;
use beffroi_core::{
    Instant,
    calendar::{Holidays, civil_day},
    sms,
};
use beffroi_store::{Result, Tx};
use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::{appointment::Contact, clock, slots::Slot};

/// How long a time that was given back is kept for whoever it is offered to.
const OFFERED_FOR: TimeDelta = TimeDelta::hours(4);
/// At what hour of the next working day a time is given on, that somebody is called about.
const CALLED_UNTIL: u32 = 18;
/// The shortest time in which somebody can be called.
const CALLED_AT_LEAST: TimeDelta = TimeDelta::hours(2);
/// How long before it begins somebody may still be offered a time.
const NOT_LATER: TimeDelta = TimeDelta::hours(2);
/// The shortest time in which somebody can answer.
const AT_LEAST: TimeDelta = TimeDelta::minutes(30);

/// How people are written to: whoever cannot be is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ways {
    /// Whether mobiles of other countries get text messages; `None` where the town sends none.
    abroad: Option<bool>,
}

impl Ways {
    pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Self> {
        Ok(Self { abroad: beffroi_sms::kept(tx)?.map(|kept| kept.gateway.abroad) })
    }

    /// Whether somebody can be written to.
    pub(crate) fn reach(self, contact: &Contact) -> bool {
        let texted = |abroad| sms::mobile(&contact.phone, abroad).is_some();
        !contact.email.is_empty() || self.abroad.is_some_and(texted)
    }
}

/// When an offer is told, until when its time is held for whoever it is told to, and the shortest time that serves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    told_at: Instant,
    until: Instant,
    at_least: TimeDelta,
}

impl Term {
    /// Of an offer that is written.
    pub(crate) fn written(now: Instant, zone: Tz) -> Self {
        let told_at = clock::awake(now, zone);
        Self { told_at, until: told_at + OFFERED_FOR, at_least: AT_LEAST }
    }

    /// Of one that an agent calls about: until the evening of the next working day.
    pub(crate) fn called(now: Instant, zone: Tz, holidays: Holidays) -> Self {
        let today = civil_day(now, zone);
        let day = holidays.add_working_days(today, 1).unwrap_or(today);
        let evening = day.and_hms_opt(CALLED_UNTIL, 0, 0);
        let until = evening.map_or(now + OFFERED_FOR, |evening| local::earliest(evening, zone));
        Self { told_at: now, until, at_least: CALLED_AT_LEAST }
    }

    /// When it is told.
    pub(crate) const fn told_at(self) -> Instant {
        self.told_at
    }

    /// Until when a time is held; `None` where it begins too soon.
    pub(crate) fn until(self, slot: &Slot) -> Option<Instant> {
        let until = self.until.min(slot.span.start() - NOT_LATER);
        (until >= self.told_at + self.at_least).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Europe::Paris;

    use beffroi_calendar::spans::Span;
    use beffroi_core::Id;

    use super::*;

    fn at(text: &str) -> Instant {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn slot(starts: &str) -> Slot {
        let start = at(starts);
        let id = Id::from_uuid(uuid::Uuid::nil());
        Slot { span: Span::new(start, start + TimeDelta::minutes(20)).unwrap(), site: id, desk: id }
    }

    #[test]
    fn whoever_is_called_has_until_the_evening_of_the_next_working_day() {
        let holidays = Holidays::of_commune("34145");
        let called = |now| Term::called(at(now), Paris, holidays);
        // On a Wednesday; on a Friday, over the week-end.
        let wednesday = called("2026-06-03T10:00:00+02:00");
        assert_eq!(
            wednesday.until(&slot("2026-06-09T09:00:00+02:00")),
            Some(at("2026-06-04T18:00:00+02:00"))
        );
        let friday = called("2026-06-05T16:00:00+02:00");
        assert_eq!(friday.until(&slot("2026-06-09T09:00:00+02:00")), Some(at("2026-06-08T18:00:00+02:00")));
        // What begins before that is given on two hours before; what begins too soon is not offered.
        assert_eq!(
            wednesday.until(&slot("2026-06-03T15:00:00+02:00")),
            Some(at("2026-06-03T13:00:00+02:00"))
        );
        assert_eq!(wednesday.until(&slot("2026-06-03T13:00:00+02:00")), None);
    }

    #[test]
    fn who_cannot_be_written_to_is_called() {
        let contact = |email: &str, phone: &str| Contact {
            email: email.to_owned(),
            phone: phone.to_owned(),
            ..Contact::default()
        };
        let (none, some) = (Ways { abroad: None }, Ways { abroad: Some(false) });
        assert!(none.reach(&contact("jeanne@example.org", "")));
        assert!(!none.reach(&contact("", "0612345678")) && some.reach(&contact("", "0612345678")));
        assert!(!some.reach(&contact("", "0465710020")));
    }
}
