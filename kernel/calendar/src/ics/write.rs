//! A calendar as a phone subscribes to it.

use beffroi_core::{Day, Instant};
use calcard::{
    Entry, Parser,
    common::PartialDateTime,
    icalendar::{
        ICalendar, ICalendarClassification, ICalendarComponent, ICalendarComponentType, ICalendarDuration,
        ICalendarEntry, ICalendarParameter, ICalendarProperty, ICalendarRecurrenceRule, ICalendarStatus,
        ICalendarTransparency, ICalendarValue, ICalendarValueType, Uri,
    },
};
use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use chrono_tz::Tz;

use crate::{recurrence::Recurrence, spans::Span};

/// Who writes (RFC 5545, 3.7.3).
pub(super) const PRODUCT: &str = "-//Beffroi//Calendar//FR";
/// How often a subscriber should look again, in minutes.
const REFRESH_MINUTES: u32 = 60;
/// How long after the last known time the changes of clocks are told, for what comes again without end.
const CLOCKS_AHEAD: TimeDelta = TimeDelta::days(10 * 366);

/// A calendar.
#[derive(Clone, Debug)]
pub struct Calendar<'c> {
    /// Its name.
    pub name: &'c str,
    /// Where its clocks are: what comes again does so by them.
    pub zone: Tz,
    /// What is in it.
    pub events: &'c [Event],
}

/// When something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Once.
    Time(Span),
    /// All day, from the first day to the last.
    Days(Day, Day),
    /// Again and again, for so long each time.
    Again(Recurrence, TimeDelta),
}

/// Whether something will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It will.
    #[default]
    Confirmed,
    /// Nobody has said yes yet.
    Tentative,
    /// It will not.
    Cancelled,
}

/// What is in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What tells it from all others in the world, for ever: an id, `@`, the town's host.
    pub uid: String,
    /// When it was changed last.
    pub changed_at: Instant,
    /// How many times.
    pub changes: u32,
    /// When it is.
    pub when: When,
    /// What it is.
    pub summary: String,
    /// More of it.
    pub description: String,
    /// Where.
    pub place: String,
    /// Where one reads of it.
    pub url: Option<String>,
    /// Whether it will be.
    pub status: Status,
    /// Whether it is nobody else's business.
    pub is_private: bool,
    /// Whether whoever is there is busy meanwhile.
    pub is_busy: bool,
}

/// A calendar as a file, lines folded and ended as RFC 5545 wants them. Whatever stands in a text stays text.
pub fn write(calendar: &Calendar<'_>) -> String {
    let mut root = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    let name = plain(calendar.name);
    root.add_property(ICalendarProperty::Version, "2.0");
    root.add_property(ICalendarProperty::Prodid, PRODUCT);
    root.add_property(ICalendarProperty::Name, name.clone());
    // What programs read that know nothing of RFC 7986.
    root.add_property(ICalendarProperty::Other("X-WR-CALNAME".to_owned()), name);
    let again = ICalendarDuration { minutes: REFRESH_MINUTES, ..ICalendarDuration::default() };
    root.add_property_with_params(
        ICalendarProperty::RefreshInterval,
        [ICalendarParameter::value(ICalendarValueType::Duration)],
        again.clone(),
    );
    let mut written = ICalendar { components: vec![root] };
    let events = calendar.events.iter().map(|event| component(event, calendar.zone));
    for (event, id) in events.zip(1..) {
        written.components.push(event);
        if let Some(root) = written.components.first_mut() {
            root.component_ids.push(id);
        }
    }
    let begun = calendar.events.iter().filter_map(|event| match &event.when {
        When::Again(recurrence, _) => Some(recurrence.first.and_utc()),
        _ => None,
    });
    if let (Some(first), Some(last)) = (begun.clone().min(), begun.chain(changes(calendar)).max()) {
        let (from, until) = (first - TimeDelta::days(366), last + CLOCKS_AHEAD);
        written.add_timezone(calendar.zone.name(), from.timestamp(), until.timestamp());
    }
    written.to_string()
}

fn changes(calendar: &Calendar<'_>) -> impl Iterator<Item = Instant> {
    calendar.events.iter().map(|event| event.changed_at)
}

fn component(event: &Event, zone: Tz) -> ICalendarComponent {
    let mut written = ICalendarComponent::new(ICalendarComponentType::VEvent);
    written.add_property(ICalendarProperty::Uid, plain(&event.uid));
    written.add_property(ICalendarProperty::Dtstamp, utc(event.changed_at));
    written.add_property(ICalendarProperty::Sequence, i64::from(event.changes));
    match &event.when {
        When::Time(span) => {
            written.add_property(ICalendarProperty::Dtstart, utc(span.start()));
            written.add_property(ICalendarProperty::Dtend, utc(span.end()));
        }
        When::Days(first, last) => {
            let value = || [ICalendarParameter::value(ICalendarValueType::Date)];
            // The end is the first day that no longer belongs to it (RFC 5545, 3.6.1).
            let end = last.succ_opt().unwrap_or(*last);
            written.add_property_with_params(ICalendarProperty::Dtstart, value(), day(*first));
            written.add_property_with_params(ICalendarProperty::Dtend, value(), day(end));
        }
        When::Again(recurrence, length) => again(&mut written, recurrence, *length, zone),
    }
    let texts = [
        (ICalendarProperty::Summary, &event.summary),
        (ICalendarProperty::Description, &event.description),
        (ICalendarProperty::Location, &event.place),
    ];
    for (property, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        written.add_property(property, plain(text));
    }
    if let Some(url) = &event.url {
        let url = url.chars().filter(|letter| !letter.is_control()).collect();
        written.add_property(ICalendarProperty::Url, Uri::Location(url));
    }
    let status = match event.status {
        Status::Confirmed => ICalendarStatus::Confirmed,
        Status::Tentative => ICalendarStatus::Tentative,
        Status::Cancelled => ICalendarStatus::Cancelled,
    };
    written.add_property(ICalendarProperty::Status, status);
    if event.is_private {
        written.add_property(ICalendarProperty::Class, ICalendarClassification::Private);
    }
    let busy = if event.is_busy { ICalendarTransparency::Opaque } else { ICalendarTransparency::Transparent };
    written.add_property(ICalendarProperty::Transp, busy);
    written
}

/// What comes again is told by the clocks, or it would move when they change.
fn again(written: &mut ICalendarComponent, recurrence: &Recurrence, length: TimeDelta, zone: Tz) {
    let in_zone = || [ICalendarParameter::tzid(zone.name().to_owned())];
    let end = recurrence.first + length;
    written.add_property_with_params(ICalendarProperty::Dtstart, in_zone(), shown(recurrence.first));
    written.add_property_with_params(ICalendarProperty::Dtend, in_zone(), shown(end));
    if let Some(rule) = recurrence.rule.as_deref().and_then(rule) {
        written.add_property(ICalendarProperty::Rrule, rule);
    }
    let lists =
        [(ICalendarProperty::Rdate, &recurrence.added), (ICalendarProperty::Exdate, &recurrence.left_out)];
    for (property, times) in lists.into_iter().filter(|(_, times)| !times.is_empty()) {
        let values = times.iter().map(|time| ICalendarValue::from(shown(*time))).collect();
        let [zone] = in_zone();
        written.entries.push(ICalendarEntry::new(property).with_param(zone).with_values(values));
    }
}

/// A rule as the writer has it.
pub(super) fn rule(text: &str) -> Option<ICalendarRecurrenceRule> {
    let event = format!("BEGIN:VEVENT\r\nRRULE:{text}\r\nEND:VEVENT\r\n");
    let Entry::ICalendar(read) = Parser::new(&event).entry() else { return None };
    let values = read.components.into_iter().flat_map(|it| it.entries).flat_map(|entry| entry.values);
    values.into_iter().find_map(|value| match value {
        ICalendarValue::RecurrenceRule(rule) => Some(*rule),
        _ => None,
    })
}

/// A text without what no calendar program shows: control characters other than the ends of lines.
pub(super) fn plain(text: &str) -> String {
    let one_end = text.replace("\r\n", "\n").replace('\r', "\n");
    one_end.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect()
}

pub(super) fn shown(time: NaiveDateTime) -> PartialDateTime {
    // Parts of a date and of a time fit.
    let small = |part: u32| u8::try_from(part).ok();
    PartialDateTime {
        year: u16::try_from(time.year()).ok(),
        month: small(time.month()),
        day: small(time.day()),
        hour: small(time.hour()),
        minute: small(time.minute()),
        second: small(time.second()),
        ..PartialDateTime::default()
    }
}

pub(super) fn utc(at: Instant) -> PartialDateTime {
    PartialDateTime { tz_hour: Some(0), tz_minute: Some(0), ..shown(at.naive_utc()) }
}

pub(super) fn day(of: Day) -> PartialDateTime {
    PartialDateTime { hour: None, minute: None, second: None, ..shown(of.into()) }
}
