//! What of a calendar file is to be kept of a room, and what is left out and why. Pure.

use std::collections::BTreeMap;

use beffroi_calendar::{
    free::Buffers,
    ics::{EventFault, Occurrence, Read},
    spans::Span,
};
use beffroi_core::Instant;
use chrono::{DateTime, TimeDelta};

/// Times that are kept at once, at most.
pub(super) const BLOCKS_AT_MOST: usize = 500;
/// Days of one of them, at most.
const LONGEST: TimeDelta = TimeDelta::days(366);
/// How far ahead a file is read.
pub(super) const AHEAD: TimeDelta = TimeDelta::days(731);
/// Letters of why a room is kept, at most.
pub(super) const NOTE_AT_MOST: usize = 200;

/// A time that is to be kept for the town.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    /// When.
    pub(super) span: Span,
    /// What it is, in the words of the file; `""` where it says nothing.
    pub(super) note: String,
}

impl Block {
    /// As the form carries it from the preview to the confirmation.
    pub(super) fn written(&self) -> String {
        format!("{} {} {}", self.span.start().timestamp(), self.span.end().timestamp(), self.note)
    }

    /// The same, read again; nothing is taken on trust.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (start, rest) = text.split_once(' ')?;
        let (end, note) = rest.split_once(' ').unwrap_or((rest, ""));
        let at = |text: &str| -> Option<Instant> { DateTime::from_timestamp(text.parse().ok()?, 0) };
        let span = Span::new(at(start)?, at(end)?)?;
        (span.length() <= LONGEST).then(|| Self { span, note: plain(note) })
    }

    /// Whether a preview may have told of it: no calendar is looked through for what lies further away.
    pub(super) fn is_near(&self, now: Instant) -> bool {
        self.span.end() > now - LONGEST && self.span.start() < now + AHEAD
    }
}

/// Why something of the file is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The event cannot be read: it does not say when it begins.
    Start,
    /// It takes no time, or more than a year.
    Length,
    /// Nobody knows its zone.
    Zone,
    /// The rule by which it comes again is none, or gives too many dates.
    Rule,
    /// It comes again in a way that is not understood.
    Unsupported,
    /// Whoever wrote it is free meanwhile.
    Free,
    /// Somebody has the room.
    Taken,
    /// It is over by now.
    Past,
}

impl Why {
    /// Its word, in the keys of texts.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Length => "length",
            Self::Zone => "zone",
            Self::Rule => "rule",
            Self::Unsupported => "unsupported",
            Self::Free => "free",
            Self::Taken => "taken",
            Self::Past => "past",
        }
    }

    const fn of(fault: &EventFault) -> Self {
        match fault {
            EventFault::NoStart => Self::Start,
            EventFault::Length => Self::Length,
            EventFault::Zone => Self::Zone,
            EventFault::Rule(_) => Self::Rule,
            EventFault::Unsupported => Self::Unsupported,
        }
    }
}

/// Something that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// What it is, in the words of the file.
    pub(super) note: String,
    /// When, for the first time; `None` where that cannot be read.
    pub(super) span: Option<Span>,
    /// How often.
    pub(super) times: usize,
    pub(super) why: Why,
}

/// What is to be kept, in order, and what is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sorted {
    pub(super) blocks: Vec<Block>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Sorts what was read. Times that touch, with what is set up and cleaned around them, are kept as one.
pub(super) fn sorted(read: &Read, buffers: Buffers) -> Sorted {
    let mut left_out: Vec<LeftOut> = read
        .left_out
        .iter()
        .map(|it| LeftOut { note: plain(&it.summary), span: None, times: 1, why: Why::of(&it.fault) })
        .collect();
    let fits = |it: &&Occurrence| it.is_busy && it.span.length() <= LONGEST;
    let mut others: BTreeMap<(&str, bool), LeftOut> = BTreeMap::new();
    for it in read.occurrences.iter().filter(|it| !fits(it)) {
        let why = if it.is_busy { Why::Length } else { Why::Free };
        let first = || LeftOut { note: plain(&it.summary), span: Some(it.span), times: 0, why };
        others.entry((&*it.uid, it.is_busy)).or_insert_with(first).times += 1;
    }
    left_out.extend(others.into_values());
    let mut blocks: Vec<Block> = Vec::new();
    for it in read.occurrences.iter().filter(fits) {
        let block = Block { span: it.span, note: plain(&it.summary) };
        match blocks.last_mut() {
            // What touches is one time, as long as it is no longer than one may be.
            Some(last)
                if touch(buffers, last.span, block.span)
                    && last.span.hull(block.span).length() <= LONGEST =>
            {
                last.span = last.span.hull(block.span);
                add(&mut last.note, &block.note);
            }
            _ => blocks.push(block),
        }
    }
    Sorted { blocks, left_out }
}

fn touch(buffers: Buffers, one: Span, next: Span) -> bool {
    let (one, next) = (buffers.around(one), buffers.around(next));
    one.meets(next) || one.end() == next.start()
}

/// What a time that is kept for two things is called.
fn add(note: &mut String, other: &str) {
    let is_new = !other.is_empty() && note.split(" · ").all(|part| part != other);
    if !is_new {
        return;
    }
    let whole = if note.is_empty() { other.to_owned() } else { format!("{note} · {other}") };
    *note = plain(&whole);
}

/// A text on one line, without what turns the direction of writing around.
fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept: String = text.chars().filter(|c| !turns(*c)).collect();
    let words = kept.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(NOTE_AT_MOST).collect()
}

#[cfg(test)]
mod tests {
    use beffroi_calendar::{ics, resource::Terms};
    use chrono_tz::Europe::Paris;

    use super::*;

    fn at(text: &str) -> Instant {
        let shown = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        beffroi_calendar::local::earliest(shown, Paris)
    }

    fn span(from: &str, until: &str) -> Span {
        Span::new(at(from), at(until)).unwrap()
    }

    fn file(events: &[&str]) -> Read {
        let events = events.iter().enumerate().map(|(rank, event)| {
            format!("BEGIN:VEVENT\r\nUID:{rank}@ailleurs.example\r\n{event}\r\nEND:VEVENT\r\n")
        });
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//essai//FR\r\n{}END:VCALENDAR\r\n",
            events.collect::<String>()
        );
        ics::read(&text, span("2026-06-01 00:00", "2027-06-01 00:00"), Paris).unwrap()
    }

    fn sort(events: &[&str]) -> Sorted {
        sorted(&file(events), Terms { after_minutes: 30, ..Terms::default() }.buffers())
    }

    #[test]
    fn what_touches_is_kept_as_one_and_what_does_not_alone() {
        let it = sort(&[
            "SUMMARY:Danse\r\nDTSTART:20260610T080000Z\r\nDTEND:20260610T090000Z",
            "SUMMARY:Yoga\r\nDTSTART:20260610T092000Z\r\nDTEND:20260610T100000Z",
            "SUMMARY:Loto\r\nDTSTART;VALUE=DATE:20260612\r\nDTEND;VALUE=DATE:20260613",
        ]);
        assert_eq!(it.left_out, []);
        let told: Vec<(Span, &str)> =
            it.blocks.iter().map(|block| (block.span, block.note.as_str())).collect();
        assert_eq!(
            told,
            [
                (span("2026-06-10 10:00", "2026-06-10 12:00"), "Danse · Yoga"),
                (span("2026-06-12 00:00", "2026-06-13 00:00"), "Loto"),
            ]
        );
    }

    #[test]
    fn what_is_left_out_is_told_with_why() {
        let it = sort(&[
            "SUMMARY:Permanence\r\nTRANSP:TRANSPARENT\r\nDTSTART:20260610T080000Z\r\nDTEND:20260610T090000Z\r\nRRULE:FREQ=WEEKLY;COUNT=3",
            "SUMMARY:Sans jour",
            "SUMMARY:Ailleurs\r\nDTSTART;TZID=Lune/Tycho:20260610T080000\r\nDTEND;TZID=Lune/Tycho:20260610T090000",
            "SUMMARY:Instant\r\nDTSTART:20260610T080000Z",
        ]);
        assert_eq!(it.blocks, []);
        let told = |note: &str| {
            let found = it.left_out.iter().find(|left| left.note == note).unwrap();
            (found.why, found.times)
        };
        assert_eq!(told("Permanence"), (Why::Free, 3));
        assert_eq!(told("Sans jour"), (Why::Start, 1));
        assert_eq!(told("Ailleurs"), (Why::Zone, 1));
        assert_eq!(told("Instant"), (Why::Length, 1));
    }

    #[test]
    fn what_the_form_carries_is_read_as_it_was_written() {
        let block =
            Block { span: span("2026-06-10 10:00", "2026-06-10 12:00"), note: "Loto d’été".to_owned() };
        assert_eq!(Block::read(&block.written()), Some(block.clone()));
        let bare = Block { note: String::new(), ..block };
        assert_eq!(Block::read(&bare.written()), Some(bare));
        for wrong in ["", "1", "a b c", "20 10 fin", "0 99999999999 long", "9223372036854775807 1"] {
            assert_eq!(Block::read(wrong), None, "{wrong}");
        }
        assert_eq!(plain("a\u{202e}b\r\n  c\t"), "ab c");
    }

    #[test]
    fn no_form_has_a_calendar_looked_through_for_centuries() {
        let now = at("2026-06-10 10:00");
        let near = |from, until| Block { span: span(from, until), note: String::new() }.is_near(now);
        assert!(near("2026-06-10 08:00", "2026-06-10 09:00"), "what is just over is told as such");
        assert!(near("2028-06-01 10:00", "2028-06-01 12:00"));
        assert!(!near("2028-07-01 10:00", "2028-07-01 12:00"));
        assert!(!near("1970-01-02 10:00", "1970-01-02 12:00"));
    }
}
