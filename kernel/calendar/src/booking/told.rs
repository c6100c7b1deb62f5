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
