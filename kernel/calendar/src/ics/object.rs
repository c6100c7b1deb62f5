//! One event as a program keeps it in a calendar of ours (RFC 4791, 4.1: a calendar object resource): once, or again and
//! again with changed times. What is not understood whole is refused; what is kept is written back as it was meant.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use beffroi_core::Instant;
use calcard::{
    Entry, Parser,
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameter,
        ICalendarProperty, ICalendarStatus, ICalendarTransparency, ICalendarValue, ICalendarValueType,
    },
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    read::{EventFault, NoCalendar, Parsed, Shown, TEXT, UID, Zones, parsed, text, with_plain_rules},
    write::{PRODUCT, day, plain, rule, shown, utc},
};
use crate::{
    local,
    recurrence::{NoRecurrence, Recurrence},
    spans::Span,
};

/// Bytes of an event, at most.
pub const OBJECT_AT_MOST: usize = 64 * 1024;
/// Letters of a description that are kept.
const DESCRIPTION: usize = 2_000;
/// No rule is followed beyond this year.
const LAST_YEAR: i32 = 2200;

/// An event, once or again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// What tells it from all others.
    pub uid: String,
    /// On which clocks it comes again.
    zone: Zone,
    /// Whether it is told by days.
    all_day: bool,
    /// Its first time.
    first: Turn,
    rule: Option<String>,
    added: BTreeSet<NaiveDateTime>,
    left_out: BTreeSet<NaiveDateTime>,
    /// Times that are other than the rule says, by those that they stand for.
    instead: BTreeMap<NaiveDateTime, Turn>,
}

/// What is said of one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Turn {
    start: NaiveDateTime,
    /// How long: days on the clocks, then seconds.
    days: i64,
    seconds: i64,
    summary: String,
    description: String,
}

/// A zone by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Zone(Tz);

impl TryFrom<String> for Zone {
    type Error = chrono_tz::ParseError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse().map(Self)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0.name().to_owned()
    }
}

/// One time of an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// From when to when.
    pub span: Span,
    /// What it is.
    pub summary: String,
    /// For which time of the rule it stands.
    of: NaiveDateTime,
}

/// Why an event is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoObject {
    /// It is longer than [`OBJECT_AT_MOST`].
    #[error("more than {OBJECT_AT_MOST} bytes")]
    TooLong,
    /// It is no calendar, or is not written in UTF-8.
    #[error("it is no calendar")]
    NoCalendar,
    /// It is a task, a note or a stretch of busy time.
    #[error("it is no event")]
    NoEvent,
    /// It is not one event with the times that differ: several, none, one without a name, or a message about one.
    #[error("it is not one event")]
    NotOne,
    /// The event cannot be read.
    #[error(transparent)]
    Fault(#[from] EventFault),
    /// It was cancelled: whoever wants it gone deletes it.
    #[error("it is cancelled")]
    Cancelled,
    /// It comes again for ever.
    #[error("it comes again without end")]
    Endless,
    /// It comes again more often than may be.
    #[error("it comes again more than {0} times")]
    TooMany(usize),
    /// The clocks never show it.
    #[error("it has no time")]
    Never,
    /// It would be written back as something else.
    #[error("it cannot be kept as it is meant")]
    Lost,
}

impl From<NoRecurrence> for NoObject {
    fn from(fault: NoRecurrence) -> Self {
        match fault {
            NoRecurrence::TooMany(most) => Self::TooMany(most),
            other => Self::Fault(EventFault::Rule(other)),
        }
    }
}

/// What is known of an event beside what it says.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// When it was changed last.
    pub changed_at: Instant,
    /// How many times.
    pub changes: u32,
    /// Where it is.
    pub place: &'a str,
    /// Whether nobody has said yes yet.
    pub is_tentative: bool,
}

impl Object {
    /// Reads an event that comes `at_most` times. Times without a zone, and days, are those of `zone`.
    ///
    /// # Errors
    /// [`NoObject`].
    pub fn read(bytes: &[u8], zone: Tz, at_most: usize) -> Result<Self, NoObject> {
        if bytes.len() > OBJECT_AT_MOST {
            return Err(NoObject::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| NoObject::NoCalendar)?;
        let object = Self::of(&calendar(text.trim_start_matches('\u{feff}'))?, zone)?;
        let times = object.times(at_most)?;
        if times.is_empty() {
            return Err(NoObject::Never);
        }
        let about = About { changed_at: Instant::UNIX_EPOCH, changes: 0, place: "", is_tentative: false };
        let written = object.write(&about, &times.iter().map(|time| time.span).collect());
        let again = calendar(&written).and_then(|calendar| Self::of(&calendar, zone));
        match again.and_then(|again| again.times(at_most)) {
            Ok(again) if again == times => Ok(object),
            _ => Err(NoObject::Lost),
        }
    }

    /// An event that is once, from one instant to another.
    pub fn once(uid: String, span: Span, summary: &str, description: &str, zone: Tz) -> Self {
        Self {
            uid,
            zone: Zone(zone),
            all_day: false,
            first: Turn {
                start: span.start().with_timezone(&zone).naive_local(),
                days: 0,
                seconds: span.length().num_seconds(),
                summary: summary.to_owned(),
                description: description.to_owned(),
            },
            rule: None,
            added: BTreeSet::new(),
            left_out: BTreeSet::new(),
            instead: BTreeMap::new(),
        }
    }

    /// The same on these dates too, as long each time.
    #[must_use]
    pub fn and_on(mut self, dates: &[Span]) -> Self {
        let zone = self.zone.0;
        self.added.extend(dates.iter().map(|date| date.start().with_timezone(&zone).naive_local()));
        self.added.remove(&self.first.start);
        self
    }

    fn of(calendar: &ICalendar, zone: Tz) -> Result<Self, NoObject> {
        use ICalendarComponentType as Type;
        let has = |component: &ICalendarComponent, property: &ICalendarProperty| {
            component.entries.iter().any(|entry| entry.name == *property)
        };
        if calendar.components.first().is_none_or(|root| has(root, &ICalendarProperty::Method)) {
            return Err(NoObject::NotOne);
        }
        let strange = |it: &&ICalendarComponent| {
            matches!(it.component_type, Type::VTodo | Type::VJournal | Type::VFreebusy | Type::VAvailability)
        };
        let is_event = |it: &&ICalendarComponent| it.component_type == Type::VEvent;
        let no_event = !calendar.components.iter().any(|it| is_event(&it));
        match calendar.components.iter().find(strange) {
            Some(_) if no_event => return Err(NoObject::NoEvent),
            Some(_) => return Err(NoObject::NotOne),
            None => {}
        }
        let resolver = calendar.build_tz_resolver();
        let zones = Zones { resolver: &resolver, own: zone };
        let (mut master, mut others) = (None, Vec::new());
        let mut uids = BTreeSet::new();
        for component in calendar.components.iter().filter(is_event) {
            let (uid, summary) = (
                text(component, &ICalendarProperty::Uid, UID),
                text(component, &ICalendarProperty::Summary, TEXT),
            );
            let event = parsed(component, &zones, &uid, &summary)?;
            let description = text(component, &ICalendarProperty::Description, DESCRIPTION).to_string();
            uids.insert(uid);
            if let Some(of) = event.instead_of {
                others.push((of, event, description));
            } else if master.replace((event, description)).is_some() {
                return Err(NoObject::NotOne);
            }
        }
        let Some((master, description)) = master else { return Err(NoObject::NotOne) };
        if uids.len() != 1 || master.uid.trim().is_empty() || master.uid.chars().count() >= UID {
            return Err(NoObject::NotOne);
        }
        if master.is_cancelled {
            return Err(NoObject::Cancelled);
        }
        Self::whole(&master, description, others)
    }

    fn whole(
        master: &Parsed,
        description: String,
        others: Vec<(Shown, Parsed, String)>,
    ) -> Result<Self, NoObject> {
        let (zone, all_day) = (master.start.zone, master.start.is_day);
        let clock = |shown: &Shown| match (shown.is_day, all_day) {
            // A day that is left out of what has hours is left out at its hour.
            (true, false) => shown.time.date().and_time(master.start.time.time()),
            (false, true) => shown.in_zone(zone).date().and_time(NaiveTime::MIN),
            _ => shown.in_zone(zone),
        };
        let rule = master.rules.first().cloned();
        if rule.as_deref().is_some_and(|rule| !ends(rule)) {
            return Err(NoObject::Endless);
        }
        let mut object = Self {
            uid: master.uid.to_string(),
            zone: Zone(zone),
            all_day,
            first: turn(master, zone, description),
            rule,
            added: master.added.iter().map(clock).collect(),
            left_out: master.left_out.iter().map(clock).collect(),
            instead: BTreeMap::new(),
        };
        for (of, event, description) in others {
            let comes_again = !event.rules.is_empty() || !event.added.is_empty();
            if event.start.is_day != all_day || comes_again {
                return Err(NoObject::Fault(EventFault::Unsupported));
            }
            let of = clock(&of);
            if event.is_cancelled {
                object.left_out.insert(of);
            } else if object.instead.insert(of, turn(&event, zone, description)).is_some() {
                return Err(NoObject::NotOne);
            }
        }
        Ok(object)
    }

    /// Its times in order, with what they are.
    ///
    /// # Errors
    /// Where there are more than `at_most`.
    pub fn times(&self, at_most: usize) -> Result<Vec<Time>, NoObject> {
        let zone = self.zone.0;
        let recurrence = Recurrence {
            first: self.first.start,
            rule: self.rule.clone(),
            added: self.added.clone(),
            left_out: self.left_out.iter().chain(self.instead.keys()).copied().collect(),
        };
        let last =
            NaiveDate::from_ymd_opt(LAST_YEAR, 1, 1).unwrap_or(NaiveDate::MAX).and_time(NaiveTime::MIN);
        let shown = recurrence.times(last, at_most, zone)?.at;
        let ruled = shown.into_iter().map(|(of, _)| (of, Turn { start: of, ..self.first.clone() }));
        let mut times = Vec::new();
        for (of, turn) in ruled.chain(self.instead.iter().map(|(of, turn)| (*of, turn.clone()))) {
            let span = turn.span(zone, self.all_day).ok_or(EventFault::Length)?;
            times.push(Time { span, summary: turn.summary, of });
        }
        if times.len() > at_most {
            return Err(NoObject::TooMany(at_most));
        }
        times.sort();
        Ok(times)
    }

    /// What it is.
    pub fn summary(&self) -> &str {
        &self.first.summary
    }

    /// More of it.
    pub fn description(&self) -> &str {
        &self.first.description
    }

    /// Whether it comes again.
    pub fn comes_again(&self) -> bool {
        self.rule.is_some() || !self.added.is_empty()
    }

    /// The event as a file, without those of its times that are not `kept`.
    pub fn write(&self, about: &About<'_>, kept: &BTreeSet<Span>) -> String {
        let zone = self.zone.0;
        let mut master = self.component(&self.first, about);
        let mut written = vec![];
        if self.comes_again() {
            let mut left_out = self.left_out.clone();
            for time in self.times(usize::from(u16::MAX - 1)).unwrap_or_default() {
                match self.instead.get(&time.of) {
                    _ if !kept.contains(&time.span) => {
                        left_out.insert(time.of);
                    }
                    Some(turn) => {
                        let mut event = self.component(turn, about);
                        self.say(&mut event, ICalendarProperty::RecurrenceId, time.of);
                        written.push(event);
                    }
                    None => {}
                }
            }
            if let Some(rule) = self.rule.as_deref().and_then(rule) {
                master.add_property(ICalendarProperty::Rrule, rule);
            }
            self.say_all(&mut master, ICalendarProperty::Rdate, &self.added);
            self.say_all(&mut master, ICalendarProperty::Exdate, &left_out);
        } else if let Some(turn) = self.instead.values().next() {
            // What was moved and does not come again is simply at its other time.
            master = self.component(turn, about);
        }
        written.insert(0, master);
        let mut calendar = whole(written);
        if zone != Tz::UTC && !self.all_day {
            let starts = || self.instead.values().chain([&self.first]).map(|turn| turn.start.and_utc());
            let kept = || kept.iter().map(|span| span.end());
            let first = starts().min().unwrap_or_default();
            let last = starts().chain(kept()).max().unwrap_or_default();
            let (from, until) = (first - TimeDelta::days(366), last + TimeDelta::days(366));
            calendar.add_timezone(zone.name(), from.timestamp(), until.timestamp());
        }
        calendar.to_string()
    }

    /// The times that are given, each as an event of its own (RFC 4791, 9.6.5).
    pub fn write_each(&self, about: &About<'_>, kept: &BTreeSet<Span>, within: Span) -> String {
        let times = self.times(usize::from(u16::MAX - 1)).unwrap_or_default();
        let shown = times.iter().filter(|time| kept.contains(&time.span) && time.span.meets(within));
        let events = shown.map(|time| {
            let turn = self.instead.get(&time.of).unwrap_or(&self.first);
            let mut event = said(&self.uid, turn, about);
            event.add_property(ICalendarProperty::Dtstart, utc(time.span.start()));
            event.add_property(ICalendarProperty::Dtend, utc(time.span.end()));
            if self.comes_again() {
                let of = utc(local::earliest(time.of, self.zone.0));
                event.add_property(ICalendarProperty::RecurrenceId, of);
            }
            event
        });
        whole(events.collect()).to_string()
    }

    fn component(&self, turn: &Turn, about: &About<'_>) -> ICalendarComponent {
        let mut event = said(&self.uid, turn, about);
        self.say(&mut event, ICalendarProperty::Dtstart, turn.start);
        let end = turn.end(self.zone.0, self.all_day).unwrap_or(turn.start);
        self.say(&mut event, ICalendarProperty::Dtend, end);
        event
    }

    fn say(&self, event: &mut ICalendarComponent, property: ICalendarProperty, at: NaiveDateTime) {
        self.say_all(event, property, &BTreeSet::from([at]));
    }

    /// Tells some times as the event tells its own: by days, or on its clocks.
    fn say_all(
        &self,
        event: &mut ICalendarComponent,
        property: ICalendarProperty,
        times: &BTreeSet<NaiveDateTime>,
    ) {
        if times.is_empty() {
            return;
        }
        let zone = self.zone.0;
        let value = |time: &NaiveDateTime| {
            ICalendarValue::from(match (self.all_day, zone) {
                (true, _) => day(time.date()),
                (false, Tz::UTC) => utc(time.and_utc()),
                (false, _) => shown(*time),
            })
        };
        let entry = ICalendarEntry::new(property).with_values(times.iter().map(value).collect());
        event.entries.push(match (self.all_day, zone) {
            (true, _) => entry.with_param(ICalendarParameter::value(ICalendarValueType::Date)),
            (false, Tz::UTC) => entry,
            (false, _) => entry.with_param(ICalendarParameter::tzid(zone.name().to_owned())),
        });
    }
}

impl Turn {
    /// What the clocks show when it ends.
    fn end(&self, zone: Tz, all_day: bool) -> Option<NaiveDateTime> {
        let day = self.start.checked_add_signed(TimeDelta::try_days(self.days)?)?;
        if all_day {
            return Some(day);
        }
        let end = local::earliest(day, zone).checked_add_signed(TimeDelta::try_seconds(self.seconds)?)?;
        Some(end.with_timezone(&zone).naive_local())
    }

    fn span(&self, zone: Tz, all_day: bool) -> Option<Span> {
        let day = self.start.checked_add_signed(TimeDelta::try_days(self.days)?)?;
        let seconds = if all_day { 0 } else { self.seconds };
        let end = local::earliest(day, zone).checked_add_signed(TimeDelta::try_seconds(seconds)?)?;
        Span::new(local::earliest(self.start, zone), end)
    }
}

/// A zone with its changes around an instant, as `calendar-timezone` tells it (RFC 4791, 5.2.2).
pub fn clocks(zone: Tz, around: Instant) -> String {
    let mut calendar = whole(Vec::new());
    let (from, until) = (around - TimeDelta::days(366), around + TimeDelta::days(2 * 366));
    calendar.add_timezone(zone.name(), from.timestamp(), until.timestamp());
    calendar.to_string()
}

/// When somebody is busy (RFC 4791, 7.10): stretches in order, without what they are.
pub fn busy(within: Span, spans: &[Span], at: Instant) -> String {
    let mut told = ICalendarComponent::new(ICalendarComponentType::VFreebusy);
    told.add_property(ICalendarProperty::Dtstamp, utc(at));
    told.add_property(ICalendarProperty::Dtstart, utc(within.start()));
    told.add_property(ICalendarProperty::Dtend, utc(within.end()));
    let mut text = whole(vec![told]).to_string();
    let stamp = |at: Instant| at.format("%Y%m%dT%H%M%SZ");
    let mut lines = String::new();
    for span in spans {
        let _ = write!(lines, "FREEBUSY:{}/{}\r\n", stamp(span.start()), stamp(span.end()));
    }
    if let Some(end) = text.find("END:VFREEBUSY") {
        text.insert_str(end, &lines);
    }
    text
}

fn calendar(text: &str) -> Result<ICalendar, NoObject> {
    let text = with_plain_rules(text).map_err(|fault| match fault {
        NoCalendar::TooLong => NoObject::TooLong,
        _ => NoObject::NoCalendar,
    })?;
    let mut parser = Parser::new(&text);
    let Entry::ICalendar(calendar) = parser.entry() else { return Err(NoObject::NoCalendar) };
    let root = calendar.components.first().map(|root| &root.component_type);
    if root != Some(&ICalendarComponentType::VCalendar) || !matches!(parser.entry(), Entry::Eof) {
        return Err(NoObject::NoCalendar);
    }
    Ok(calendar)
}

/// Whether a rule says when it ends.
fn ends(rule: &str) -> bool {
    rule.split(';').filter_map(|part| part.split_once('=')).any(|(name, value)| {
        let name = name.trim();
        !value.is_empty() && (name.eq_ignore_ascii_case("COUNT") || name.eq_ignore_ascii_case("UNTIL"))
    })
}

fn turn(event: &Parsed, zone: Tz, description: String) -> Turn {
    Turn {
        start: event.start.in_zone(zone),
        days: event.length.days,
        seconds: event.length.time.num_seconds(),
        summary: event.summary.to_string(),
        description,
    }
}

fn said(uid: &str, turn: &Turn, about: &About<'_>) -> ICalendarComponent {
    let mut event = ICalendarComponent::new(ICalendarComponentType::VEvent);
    event.add_property(ICalendarProperty::Uid, plain(uid));
    event.add_property(ICalendarProperty::Dtstamp, utc(about.changed_at));
    event.add_property(ICalendarProperty::LastModified, utc(about.changed_at));
    event.add_property(ICalendarProperty::Sequence, i64::from(about.changes));
    let texts = [
        (ICalendarProperty::Summary, turn.summary.as_str()),
        (ICalendarProperty::Description, turn.description.as_str()),
        (ICalendarProperty::Location, about.place),
    ];
    for (property, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        event.add_property(property, plain(text));
    }
    let status = if about.is_tentative { ICalendarStatus::Tentative } else { ICalendarStatus::Confirmed };
    event.add_property(ICalendarProperty::Status, status);
    event.add_property(ICalendarProperty::Transp, ICalendarTransparency::Opaque);
    event
}

fn whole(components: Vec<ICalendarComponent>) -> ICalendar {
    let mut root = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    root.add_property(ICalendarProperty::Version, "2.0");
    root.add_property(ICalendarProperty::Prodid, PRODUCT);
    root.component_ids.extend((1..).take(components.len()));
    let mut written = ICalendar { components: vec![root] };
    written.components.extend(components);
    written
}
