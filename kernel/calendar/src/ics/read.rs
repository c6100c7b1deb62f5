//! A calendar that somebody else wrote: holidays, the agenda of a school, that of another program. It is bounded in all
//! ways, and what cannot be read of it is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use beffroi_core::{Day, Instant};
use calcard::{
    Entry, Parser,
    common::{PartialDateTime, timezone},
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameterName,
        ICalendarProperty, ICalendarStatus, ICalendarTransparency, ICalendarValue, timezone::TzResolver,
    },
};
use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use crate::{
    local,
    recurrence::{NoRecurrence, Recurrence},
    spans::Span,
};

/// Bytes of a calendar, at most.
pub const CHARACTERS_AT_MOST: usize = 2 << 20;
/// Signs that divide it into properties, parameters and values, at most: each costs memory.
const PIECES_AT_MOST: usize = 400_000;
/// Events, at most.
pub const EVENTS_AT_MOST: usize = 5_000;
/// Events that come again, at most: each costs time.
pub const RECURRING_AT_MOST: usize = 500;
/// Times of all events within the stretch of time that is asked for, at most.
pub const OCCURRENCES_AT_MOST: usize = 10_000;
/// Days of an event, at most.
const LONGEST: TimeDelta = TimeDelta::days(400);
/// Letters of a text that are kept.
pub(super) const TEXT: usize = 200;
/// Letters of what tells an event from others.
pub(super) const UID: usize = 500;
/// The property under which rules are read: `calcard` would take numbers that are out of range for others.
const RULE: &str = "X-BEFFROI-RULE";

/// A calendar, as far as it meets a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// What is in it, in order.
    pub occurrences: Vec<Occurrence>,
    /// Events that cannot be read.
    pub left_out: Vec<LeftOut>,
}

/// One time of an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When.
    pub span: Span,
    /// The days, where it is told by days.
    pub days: Option<(Day, Day)>,
    /// What tells the event from others.
    pub uid: Arc<str>,
    /// What it is.
    pub summary: Arc<str>,
    /// Where.
    pub place: Arc<str>,
    /// Whether whoever is there is busy meanwhile.
    pub is_busy: bool,
}

/// An event that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What tells it from others.
    pub uid: Arc<str>,
    /// What it is.
    pub summary: Arc<str>,
    /// Why.
    pub fault: EventFault,
}

/// Why an event cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventFault {
    /// It does not say when it begins, or not as RFC 5545 writes it.
    #[error("it does not say when it begins")]
    NoStart,
    /// It takes no time, ends before it begins, or lasts more than a year.
    #[error("it takes no time, or too much")]
    Length,
    /// Nobody knows its zone.
    #[error("nobody knows its zone")]
    Zone,
    /// The rule by which it comes again is none.
    #[error(transparent)]
    Rule(#[from] NoRecurrence),
    /// It comes again in a way that is not understood here: by several rules, rules that leave out, or changes that hold
    /// for all that follows.
    #[error("it comes again in a way that is not understood")]
    Unsupported,
}

/// Why a calendar is not read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCalendar {
    /// It is longer than anybody's.
    #[error("more than {CHARACTERS_AT_MOST} bytes, or too many pieces")]
    TooLong,
    /// It is no calendar.
    #[error("it is no calendar")]
    Nothing,
    /// There are more events than anybody has, or more that come again.
    #[error("more than {EVENTS_AT_MOST} events, or {RECURRING_AT_MOST} that come again")]
    TooManyEvents,
    /// There are too many times within the stretch.
    #[error("more than {OCCURRENCES_AT_MOST} times")]
    TooManyTimes,
}

/// What of a calendar meets a stretch of time. Times without a zone are those of `zone`.
///
/// # Errors
/// [`NoCalendar`].
pub fn read(text: &str, within: Span, zone: Tz) -> Result<Read, NoCalendar> {
    let text = with_plain_rules(text)?;
    let mut parser = Parser::new(&text);
    // Some files begin with lines that belong to nothing.
    let calendar = loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => break calendar,
            Entry::InvalidLine(_) => {}
            _ => return Err(NoCalendar::Nothing),
        }
    };
    let is_calendar = |it: &ICalendarComponent| it.component_type == ICalendarComponentType::VCalendar;
    if !calendar.components.first().is_some_and(is_calendar) {
        return Err(NoCalendar::Nothing);
    }
    Reading::of(&calendar, zone)?.within(within)
}

/// The text with lines put together again, and with rules as plain text.
pub(super) fn with_plain_rules(text: &str) -> Result<String, NoCalendar> {
    let divides = |byte: &&u8| matches!(byte, b'\n' | b'\r' | b';' | b',' | b':' | b'=');
    if text.len() > CHARACTERS_AT_MOST || text.as_bytes().iter().filter(divides).count() > PIECES_AT_MOST {
        return Err(NoCalendar::TooLong);
    }
    let mut whole = String::with_capacity(text.len());
    for line in text.split(['\r', '\n']).filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix([' ', '\t']) {
            whole.push_str(rest);
        } else {
            whole.push('\n');
            whole.push_str(line);
        }
    }
    let mut plain = String::with_capacity(whole.len());
    for line in whole.split('\n').filter(|line| !line.is_empty()) {
        match line.split_at_checked(5) {
            Some((name, value)) if name.eq_ignore_ascii_case("RRULE") && value.starts_with([':', ';']) => {
                let value = value.split_once(':').map_or("", |(_, value)| value);
                plain.push_str(RULE);
                plain.push(':');
                plain.push_str(&value.replace('\\', "").replace(';', "\\;").replace(',', "\\,"));
            }
            _ => plain.push_str(line),
        }
        plain.push_str("\r\n");
    }
    Ok(plain)
}

/// What the clocks of a zone show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) time: NaiveDateTime,
    pub(super) zone: Tz,
    pub(super) is_day: bool,
}

impl Shown {
    fn at(self) -> Instant {
        local::earliest(self.time, self.zone)
    }

    /// What the clocks of another zone show then; a day is the same everywhere.
    pub(super) fn in_zone(self, zone: Tz) -> NaiveDateTime {
        if self.is_day || self.zone == zone {
            self.time
        } else {
            self.at().with_timezone(&zone).naive_local()
        }
    }
}

/// How long an event lasts: days on the clocks, then time (RFC 5545, 3.3.6 and 3.8.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) days: i64,
    pub(super) time: TimeDelta,
}

/// An event as it stands in the file.
pub(super) struct Parsed {
    pub(super) uid: Arc<str>,
    pub(super) summary: Arc<str>,
    place: Arc<str>,
    is_busy: bool,
    pub(super) is_cancelled: bool,
    pub(super) start: Shown,
    pub(super) length: Length,
    pub(super) rules: Vec<String>,
    pub(super) added: Vec<Shown>,
    pub(super) left_out: Vec<Shown>,
    /// Which time of another event it stands for.
    pub(super) instead_of: Option<Shown>,
}

struct Reading {
    events: Vec<Parsed>,
    /// Times that another event stands for, by what tells events apart.
    instead: BTreeMap<Arc<str>, Vec<Shown>>,
    left_out: Vec<LeftOut>,
}

impl Reading {
    fn of(calendar: &ICalendar, zone: Tz) -> Result<Self, NoCalendar> {
        let resolver = calendar.build_tz_resolver();
        let mut reading = Self { events: Vec::new(), instead: BTreeMap::new(), left_out: Vec::new() };
        let is_event = |it: &&ICalendarComponent| it.component_type == ICalendarComponentType::VEvent;
        let mut again = 0;
        for (rank, component) in calendar.components.iter().filter(is_event).enumerate() {
            let (uid, summary) = (
                text(component, &ICalendarProperty::Uid, UID),
                text(component, &ICalendarProperty::Summary, TEXT),
            );
            match parsed(component, &Zones { resolver: &resolver, own: zone }, &uid, &summary) {
                Ok(event) => {
                    again += usize::from(!event.rules.is_empty());
                    if let Some(instead_of) = event.instead_of {
                        reading.instead.entry(Arc::clone(&event.uid)).or_default().push(instead_of);
                    }
                    reading.events.push(event);
                }
                Err(fault) => reading.left_out.push(LeftOut { uid, summary, fault }),
            }
            if rank >= EVENTS_AT_MOST || again > RECURRING_AT_MOST {
                return Err(NoCalendar::TooManyEvents);
            }
        }
        Ok(reading)
    }

    fn within(mut self, within: Span) -> Result<Read, NoCalendar> {
        let mut occurrences = Vec::new();
        for event in self.events.iter().filter(|event| !event.is_cancelled) {
            let instead = self.instead.get(&event.uid).map_or(&[][..], Vec::as_slice);
            match event.within(within, instead, OCCURRENCES_AT_MOST - occurrences.len()) {
                Ok(found) => occurrences.extend(found),
                Err(NoRecurrence::TooMany(_)) => return Err(NoCalendar::TooManyTimes),
                Err(fault) => self.left_out.push(LeftOut {
                    uid: Arc::clone(&event.uid),
                    summary: Arc::clone(&event.summary),
                    fault: fault.into(),
                }),
            }
            if occurrences.len() > OCCURRENCES_AT_MOST {
                return Err(NoCalendar::TooManyTimes);
            }
        }
        occurrences.sort_unstable();
        Ok(Read { occurrences, left_out: self.left_out })
    }
}

impl Parsed {
    /// Its times that meet a stretch.
    fn within(
        &self,
        within: Span,
        instead: &[Shown],
        at_most: usize,
    ) -> Result<Vec<Occurrence>, NoRecurrence> {
        let zone = self.start.zone;
        let times: Vec<NaiveDateTime> = if self.rules.is_empty() && self.added.is_empty() {
            vec![self.start.time]
        } else {
            let in_zone = |shown: &Shown| {
                // A day that is left out of what has hours is left out at its hour.
                let time =
                    if shown.is_day && !self.start.is_day { self.start.time.time() } else { NaiveTime::MIN };
                if shown.is_day { shown.time.date().and_time(time) } else { shown.in_zone(zone) }
            };
            let recurrence = Recurrence {
                first: self.start.time,
                rule: self.rules.first().cloned(),
                added: self.added.iter().map(in_zone).collect(),
                left_out: self.left_out.iter().chain(instead).map(in_zone).collect(),
            };
            let clocks = |at: Instant| at.with_timezone(&zone).naive_local();
            let from = clocks(within.start()).checked_sub_signed(LONGEST + TimeDelta::days(1));
            let until = clocks(within.end()).checked_add_days(Days::new(1));
            let range = from.unwrap_or(NaiveDateTime::MIN)..until.unwrap_or(NaiveDateTime::MAX);
            // What begins up to a year before may reach into the stretch; few of it does.
            let found = recurrence.between(range, at_most.saturating_add(RECURRENCES_BEFORE), zone)?;
            found.at.into_iter().map(|(shown, _)| shown).collect()
        };
        let mut found = Vec::new();
        for time in times {
            let Some((span, days)) = self.span(time) else { continue };
            if span.meets(within) {
                if found.len() >= at_most {
                    return Err(NoRecurrence::TooMany(at_most));
                }
                found.push(Occurrence {
                    span,
                    days,
                    uid: Arc::clone(&self.uid),
                    summary: Arc::clone(&self.summary),
                    place: Arc::clone(&self.place),
                    is_busy: self.is_busy,
                });
            }
        }
        Ok(found)
    }

    /// From when to when it is, if it begins when the clocks show `time`.
    fn span(&self, time: NaiveDateTime) -> Option<(Span, Option<(Day, Day)>)> {
        let end = time.checked_add_signed(TimeDelta::try_days(self.length.days)?)?;
        let start = local::earliest(time, self.start.zone);
        if self.start.is_day {
            let last = end.date().pred_opt()?;
            let span = Span::new(start, local::earliest(end, self.start.zone))?;
            return Some((span, Some((time.date(), last))));
        }
        let end = local::earliest(end, self.start.zone).checked_add_signed(self.length.time)?;
        Some((Span::new(start, end)?, None))
    }
}

/// Times of one event in the year before a stretch: every day, and some.
const RECURRENCES_BEFORE: usize = 500;

/// By which zones are known.
pub(super) struct Zones<'r, 't> {
    pub(super) resolver: &'r TzResolver<&'t str>,
    pub(super) own: Tz,
}

impl Zones<'_, '_> {
    fn shown(&self, entry: &ICalendarEntry, value: &PartialDateTime) -> Result<Shown, EventFault> {
        let read = value.to_date_time().ok_or(EventFault::NoStart)?;
        let zone = match (read.offset, tzid(entry)) {
            (Some(offset), _) if offset.local_minus_utc() == 0 => Tz::UTC,
            (Some(_), _) => return Err(EventFault::Zone),
            (None, Some(name)) => match self.resolver.resolve(name) {
                Some(timezone::Tz::Tz(zone)) => zone,
                _ => return Err(EventFault::Zone),
            },
            (None, None) => self.own,
        };
        let is_day = !value.has_time();
        // A day is one of the town, whatever its zone.
        Ok(Shown { time: read.date_time, zone: if is_day { self.own } else { zone }, is_day })
    }

    fn all(
        &self,
        component: &ICalendarComponent,
        property: &ICalendarProperty,
    ) -> Result<Vec<Shown>, EventFault> {
        let mut found = Vec::new();
        for entry in component.entries.iter().filter(|entry| entry.name == *property) {
            for value in &entry.values {
                let ICalendarValue::PartialDateTime(value) = value else {
                    return Err(EventFault::Unsupported);
                };
                found.push(self.shown(entry, value)?);
            }
        }
        Ok(found)
    }
}

fn tzid(entry: &ICalendarEntry) -> Option<&str> {
    let named = entry.params.iter().find(|param| param.name == ICalendarParameterName::Tzid);
    named.and_then(|param| param.value.as_text())
}

pub(super) fn parsed(
    component: &ICalendarComponent,
    zones: &Zones<'_, '_>,
    uid: &Arc<str>,
    summary: &Arc<str>,
) -> Result<Parsed, EventFault> {
    let one = |property: ICalendarProperty| zones.all(component, &property).map(|all| all.first().copied());
    let start = one(ICalendarProperty::Dtstart)?.ok_or(EventFault::NoStart)?;
    let end = one(ICalendarProperty::Dtend)?;
    let has = |property: &ICalendarProperty| component.entries.iter().any(|entry| entry.name == *property);
    if has(&ICalendarProperty::Exrule) {
        return Err(EventFault::Unsupported);
    }
    let rules: Vec<String> = component
        .entries
        .iter()
        .filter(|entry| matches!(&entry.name, ICalendarProperty::Other(name) if name == RULE))
        .map(|entry| entry.values.iter().filter_map(ICalendarValue::as_text).collect())
        .collect();
    let instead_of = one(ICalendarProperty::RecurrenceId)?;
    let for_all_that_follows = |entry: &ICalendarEntry| {
        entry.name == ICalendarProperty::RecurrenceId
            && entry.params.iter().any(|param| param.name == ICalendarParameterName::Range)
    };
    if rules.len() > 1 || component.entries.iter().any(for_all_that_follows) {
        return Err(EventFault::Unsupported);
    }
    let is = |property: ICalendarProperty, value: &ICalendarValue| {
        component.entries.iter().any(|entry| entry.name == property && entry.values.contains(value))
    };
    Ok(Parsed {
        uid: Arc::clone(uid),
        summary: Arc::clone(summary),
        place: text(component, &ICalendarProperty::Location, TEXT),
        is_busy: !is(
            ICalendarProperty::Transp,
            &ICalendarValue::Transparency(ICalendarTransparency::Transparent),
        ),
        is_cancelled: is(ICalendarProperty::Status, &ICalendarValue::Status(ICalendarStatus::Cancelled)),
        start,
        length: length(component, start, end)?,
        rules,
        added: zones.all(component, &ICalendarProperty::Rdate)?,
        left_out: zones.all(component, &ICalendarProperty::Exdate)?,
        instead_of,
    })
}

/// How long an event is (RFC 5545, 3.6.1: where nothing is said, what is told by days takes one).
fn length(component: &ICalendarComponent, start: Shown, end: Option<Shown>) -> Result<Length, EventFault> {
    let told = component.entries.iter().filter(|entry| entry.name == ICalendarProperty::Duration);
    let told = told.flat_map(|entry| &entry.values).find_map(|value| match value {
        ICalendarValue::Duration(told) => Some(told),
        _ => None,
    });
    let length = match (end, told) {
        (Some(end), _) if start.is_day => {
            Length { days: (end.time.date() - start.time.date()).num_days(), time: TimeDelta::zero() }
        }
        (Some(end), _) => Length { days: 0, time: end.at() - start.at() },
        (None, Some(told)) => {
            let time = i64::from(told.hours) * 3_600 + i64::from(told.minutes) * 60 + i64::from(told.seconds);
            let days = i64::from(told.weeks) * 7 + i64::from(told.days);
            let time = TimeDelta::try_seconds(time).ok_or(EventFault::Length)?;
            if told.neg {
                return Err(EventFault::Length);
            }
            Length { days, time }
        }
        (None, None) => Length { days: i64::from(start.is_day), time: TimeDelta::zero() },
    };
    let whole = TimeDelta::try_days(length.days).and_then(|days| days.checked_add(&length.time));
    let fits = |whole: &TimeDelta| *whole > TimeDelta::zero() && *whole <= LONGEST;
    let takes_days = !start.is_day || length.days > 0;
    whole.filter(fits).filter(|_| takes_days).map(|_| length).ok_or(EventFault::Length)
}

/// A text of an event, as much of it as is kept.
pub(super) fn text(component: &ICalendarComponent, property: &ICalendarProperty, at_most: usize) -> Arc<str> {
    let entries = component.entries.iter().filter(|entry| entry.name == *property);
    let found = entries.flat_map(|entry| &entry.values).find_map(ICalendarValue::as_text).unwrap_or_default();
    let kept: String =
        found.chars().filter(|letter| !letter.is_control() || *letter == '\n').take(at_most).collect();
    kept.into()
}

impl Read {
    /// All days that something is told of by days.
    pub fn days(&self) -> BTreeSet<Day> {
        let of = |(first, last): (Day, Day)| first.iter_days().take_while(move |day| *day <= last);
        self.occurrences.iter().filter_map(|it| it.days).flat_map(of).collect()
    }
}
