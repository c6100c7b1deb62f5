//! A booking as calendar programs show it: an event for each of its dates, also those that were given back.

use beffroi_core::Lang;

use super::rules::{Booking, State};
use crate::{
    ics::{Event, Status, When},
    spans::Span,
};

/// The events of a booking; none as long as it is only held. Each date keeps its word for ever.
pub fn events(it: &Booking, summary: &str, description: &str, lang: Lang) -> Vec<Event> {
    let (status, changes) = match it.state {
        State::Held => return Vec::new(),
        State::Asked => (Status::Tentative, 0),
        State::Firm | State::Blocked => (Status::Confirmed, 1),
        State::Released | State::Cancelled | State::Overtaken => (Status::Cancelled, 2),
    };
    let comes_again = !it.details.dates.is_empty() || !it.details.returned.is_empty();
    let event = |span: Span, status: Status, changes: u32, changed_at| Event {
        uid: if comes_again {
            format!("{}-{}@beffroi", it.id, span.start().timestamp())
        } else {
            format!("{}@beffroi", it.id)
        },
        changed_at,
        changes,
        when: When::Time(span),
        summary: summary.to_owned(),
        description: description.to_owned(),
        place: it.resource.details.name.read_in(lang).to_owned(),
        url: None,
        status,
        is_private: true,
        is_busy: status != Status::Cancelled,
    };
    let changed_at = it.cancelled.as_ref().map_or(it.made_at, |cancelled| cancelled.at);
    let kept = it.dates().iter().map(|span| event(*span, status, changes, changed_at));
    let returned = it.details.returned.iter();
    kept.chain(returned.map(|date| event(date.span, Status::Cancelled, 2, date.at))).collect()
}

#[cfg(test)]
mod tests {
    use beffroi_core::{Cents, Id, Instant};
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        booking::{Canceller, Details, Returned},
        resource::{Kept, Kind, Name, ResourceDetails, Terms},
    };

    fn at(hour: i64) -> Instant {
        DateTime::from_timestamp(hour * 3_600, 0).unwrap()
    }

    fn booking(state: State, details: Details) -> Booking {
        let room = ResourceDetails {
            slug: "salle".to_owned(),
            kind: Kind::Room,
            parent: None,
            name: Name { fr: "Salle".to_owned(), en: String::new() },
            stock: 1,
            active: true,
            terms: Terms::default(),
        };
        Booking {
            id: Id::from_uuid(Uuid::nil()),
            state,
            resource: Kept { id: Id::from_uuid(Uuid::nil()), details: room },
            span: Span::new(at(10), at(12)).unwrap(),
            details,
            held_until: None,
            owner: None,
            made_at: at(0),
            purpose: String::new(),
            lengthened: 0,
            cancelled: None,
            price: None,
        }
    }

    #[test]
    fn a_booking_keeps_its_word_whatever_becomes_of_it() {
        let told = |state| events(&booking(state, Details::default()), "Salle", "", Lang::Fr);
        assert!(told(State::Held).is_empty(), "nobody has asked for it");
        let [asked, firm, gone] =
            [State::Asked, State::Firm, State::Cancelled].map(|state| told(state).remove(0));
        assert_eq!(
            (asked.status, firm.status, gone.status),
            (Status::Tentative, Status::Confirmed, Status::Cancelled)
        );
        assert!(asked.uid == firm.uid && firm.uid == gone.uid);
        assert!(asked.changes < firm.changes && firm.changes < gone.changes);
        assert!(firm.is_busy && !gone.is_busy);
    }

    #[test]
    fn of_what_comes_again_each_date_is_told_also_those_that_were_given_back() {
        let dates: Vec<Span> = [10, 34, 58].map(|hour| Span::new(at(hour), at(hour + 2)).unwrap()).into();
        let whole = events(
            &booking(State::Firm, Details { dates: dates.clone(), ..Details::default() }),
            "Salle",
            "",
            Lang::Fr,
        );
        let returned = Returned {
            span: dates[1],
            at: at(5),
            by: Canceller::Requester,
            why: String::new(),
            kept: Cents(0),
        };
        let details =
            Details { dates: vec![dates[0], dates[2]], returned: vec![returned], ..Details::default() };
        let mut left = events(&booking(State::Firm, details), "Salle", "", Lang::Fr);
        left.sort_by(|one, other| one.uid.cmp(&other.uid));
        let words = |events: &[Event]| events.iter().map(|event| event.uid.clone()).collect::<Vec<_>>();
        let mut known = words(&whole);
        known.sort();
        assert_eq!(words(&left), known);
        let gone: Vec<&When> =
            left.iter().filter(|event| event.status == Status::Cancelled).map(|event| &event.when).collect();
        assert_eq!(gone, [&When::Time(dates[1])]);
    }
}
