//! Calendars that other programs read and write: what we write comes back, what they write is understood, and what
//! nobody should write is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use beffroi_calendar::{
    ics::{
        Calendar, Event, EventFault, NoCalendar, OCCURRENCES_AT_MOST, RECURRING_AT_MOST, Read, Status, When,
        read, write,
    },
    local,
    recurrence::{NoRecurrence, Recurrence},
    spans::Span,
};
use beffroi_core::{Day, Instant};
use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Europe::Paris;
use proptest::prelude::*;

fn shown(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn at(text: &str) -> Instant {
    local::earliest(shown(text), Paris)
}

fn span(from: &str, until: &str) -> Span {
    Span::new(at(from), at(until)).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn year() -> Span {
    span("2026-01-01 00:00", "2027-01-01 00:00")
}

fn event(when: When) -> Event {
    Event {
        uid: "0197-1@lunel.example".to_owned(),
        changed_at: at("2026-05-04 10:00"),
        changes: 2,
        when,
        summary: "Conseil municipal".to_owned(),
        description: String::new(),
        place: "Salle des mariages".to_owned(),
        url: Some("https://lunel.example/salles/1".to_owned()),
        status: Status::Confirmed,
        is_private: false,
        is_busy: true,
    }
}

fn written(events: &[Event]) -> String {
    write(&Calendar { name: "Salles, Lunel", zone: Paris, events })
}

/// The times of a calendar in 2026, as the clocks of Paris show them.
fn times(read: &Read) -> Vec<String> {
    let of = |span: Span| {
        let [from, until] = [span.start(), span.end()].map(|at| at.with_timezone(&Paris));
        format!("{}–{}", from.format("%d/%m %H:%M"), until.format("%d/%m %H:%M"))
    };
    read.occurrences.iter().map(|it| of(it.span)).collect()
}

/// A calendar with one event of these lines.
fn with(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn fault(lines: &str) -> EventFault {
    let read = read(&with(lines), year(), Paris).unwrap();
    assert_eq!(read.occurrences, [], "{lines}");
    read.left_out.into_iter().next().unwrap().fault
}

#[test]
fn what_is_written_comes_back() {
    let once = event(When::Time(span("2026-06-10 18:00", "2026-06-10 20:30")));
    let days = Event {
        uid: "2".to_owned(),
        is_busy: false,
        ..event(When::Days(day("2026-08-01"), day("2026-08-16")))
    };
    let gone = Event { uid: "3".to_owned(), status: Status::Cancelled, ..once.clone() };
    let text = written(&[once, days, gone]);
    let read = read(&text, year(), Paris).unwrap();
    assert_eq!(times(&read), ["10/06 18:00–10/06 20:30", "01/08 00:00–17/08 00:00"]);
    assert_eq!(&*read.occurrences[0].summary, "Conseil municipal");
    assert_eq!(&*read.occurrences[0].place, "Salle des mariages");
    assert_eq!(read.occurrences.iter().map(|it| it.is_busy).collect::<Vec<_>>(), [true, false]);
    assert_eq!(read.days().len(), 16);
    assert!(text.contains("DTSTART:20260610T160000Z\r\n"), "{text}");
    assert!(text.contains("DTEND;VALUE=DATE:20260817\r\n"), "{text}");
    assert!(!text.contains("VTIMEZONE"));
}

#[test]
fn what_comes_again_does_so_by_the_clocks_of_the_town() {
    let mut choir = Recurrence {
        rule: Some("FREQ=WEEKLY;BYDAY=TU;COUNT=6".into()),
        ..Recurrence::once(shown("2026-03-10 18:00"))
    };
    choir.left_out.insert(shown("2026-03-17 18:00"));
    choir.added.insert(shown("2026-03-18 19:00"));
    let text = written(&[event(When::Again(choir, TimeDelta::hours(2)))]);
    assert!(text.contains("BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\n"), "{text}");
    assert!(text.contains("DTSTART;TZID=Europe/Paris:20260310T180000\r\n"), "{text}");
    assert!(text.contains("EXDATE;TZID=Europe/Paris:20260317T180000\r\n"), "{text}");
    let read = read(&text, year(), Paris).unwrap();
    assert_eq!(
        times(&read),
        [
            "10/03 18:00–10/03 20:00",
            "18/03 19:00–18/03 21:00",
            "24/03 18:00–24/03 20:00",
            "31/03 18:00–31/03 20:00",
            "07/04 18:00–07/04 20:00",
            "14/04 18:00–14/04 20:00",
        ]
    );
}

#[test]
fn a_text_stays_a_text() {
    let mut nasty = event(When::Time(span("2026-06-10 18:00", "2026-06-10 20:30")));
    nasty.summary = "Fête ; bal, « été »\r\nEND:VEVENT\nBEGIN:VEVENT\\n\u{7}".repeat(3);
    nasty.uid = "1\r\nATTACH:file:///etc/passwd".to_owned();
    nasty.url = Some("https://lunel.example/\r\nX-NASTY:1".to_owned());
    let text = written(&[nasty]);
    assert_eq!(text.matches("\r\nBEGIN:VEVENT\r\n").count(), 1, "{text}");
    assert!(
        !text.contains("\r\nATTACH") && !text.contains("\r\nX-NASTY") && !text.contains('\u{7}'),
        "{text}"
    );
    let read = read(&text, year(), Paris).unwrap();
    assert!(read.occurrences[0].summary.starts_with("Fête ; bal, « été »\nEND:VEVENT\nBEGIN:VEVENT\\n"));
}

#[test]
fn calendars_of_others_are_understood() {
    // As Outlook writes it: its own name of the zone, an end by a duration, lines that end otherwise.
    let outlook = with(
        "SUMMARY:R\u{e9}union\\, salle B\nDTSTART;TZID=\"Romance Standard Time\":20260610T090000\nDURATION:PT1H30M",
    );
    assert_eq!(times(&read(&outlook, year(), Paris).unwrap()), ["10/06 09:00–10/06 10:30"]);
    // As Apple writes it: a zone that the file explains, folded lines, a rule with a day without.
    let apple = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Chez nous\r\nX-LIC-LOCATION:Europe/Paris\r\nBEGIN:STANDARD\r\n\
                 RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nDTSTART:19961027T030000\r\nTZOFFSETFROM:+0200\r\n\
                 TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:2\r\nSUM\r\n MARY:Cho\r\n rale\r\n\
                 DTSTART;TZID=Chez nous:20261013T180000\r\nDTEND;TZID=Chez nous:20261013T200000\r\n\
                 RRULE:FREQ=WEEKLY;UNT\r\n IL=20261104T170000Z\r\nEXDATE:20261020T160000Z\r\n\
                 BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let read_of = read(apple, year(), Paris).unwrap();
    assert_eq!(
        times(&read_of),
        ["13/10 18:00–13/10 20:00", "27/10 18:00–27/10 20:00", "03/11 18:00–03/11 20:00"]
    );
    assert_eq!(&*read_of.occurrences[0].summary, "Chorale");
    // Holidays as days, one of them without an end; a time without a zone is the town's.
    let days = with("DTSTART;VALUE=DATE:20260214\r\nSUMMARY:Carnaval");
    assert_eq!(times(&read(&days, year(), Paris).unwrap()), ["14/02 00:00–15/02 00:00"]);
    let night = with("DTSTART:20261024T220000\r\nDTEND:20261025T040000");
    assert_eq!(read(&night, year(), Paris).unwrap().occurrences[0].span.length(), TimeDelta::hours(7));
    // From overseas, on New Year's Eve.
    let far = with("DTSTART;TZID=Pacific/Noumea:20270101T090000\r\nDURATION:PT1H");
    assert_eq!(times(&read(&far, year(), Paris).unwrap()), ["31/12 23:00–01/01 00:00"]);
}

#[test]
fn one_time_of_many_may_be_moved_or_cancelled() {
    let text = "BEGIN:VCALENDAR\r\n\
        BEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Europe/Paris:20260601T090000\r\nDTEND;TZID=Europe/Paris:20260601T100000\r\n\
        RRULE:FREQ=DAILY;COUNT=4\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260602T070000Z\r\nDTSTART:20260605T120000Z\r\nDTEND:20260605T130000Z\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID;TZID=Europe/Paris:20260603T090000\r\nDTSTART:20260603T070000Z\r\n\
        DTEND:20260603T080000Z\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let read = read(text, year(), Paris).unwrap();
    assert_eq!(
        times(&read),
        ["01/06 09:00–01/06 10:00", "04/06 09:00–04/06 10:00", "05/06 14:00–05/06 15:00"]
    );
    assert_eq!(read.left_out, []);
}

#[test]
fn what_reaches_into_the_stretch_is_read_however_long_ago_it_began() {
    let bells = with("DTSTART:19980101T120000\r\nDURATION:PT10M\r\nRRULE:FREQ=DAILY");
    let week = span("2026-06-01 00:00", "2026-06-08 00:00");
    assert_eq!(read(&bells, week, Paris).unwrap().occurrences.len(), 7);
    let nights = with("DTSTART:20200101T200000\r\nDURATION:PT14H\r\nRRULE:FREQ=DAILY");
    let morning = span("2026-06-01 08:00", "2026-06-01 09:00");
    assert_eq!(times(&read(&nights, morning, Paris).unwrap()), ["31/05 20:00–01/06 10:00"]);
    let summer = with("DTSTART;VALUE=DATE:20260701\r\nDTEND;VALUE=DATE:20260901");
    assert_eq!(
        read(&summer, span("2026-08-15 10:00", "2026-08-15 11:00"), Paris).unwrap().occurrences.len(),
        1
    );
}

#[test]
fn an_event_that_cannot_be_read_is_told_and_the_others_are_read() {
    assert_eq!(fault("SUMMARY:Rien"), EventFault::NoStart);
    assert_eq!(fault("DTSTART:demain"), EventFault::Unsupported);
    assert_eq!(fault("DTSTART:20260610T250000"), EventFault::NoStart);
    assert_eq!(fault("DTSTART;VALUE=DATE:20260230"), EventFault::NoStart);
    assert_eq!(fault("DTSTART:20260610T090000Z"), EventFault::Length);
    assert_eq!(fault("DTSTART:20260610T090000Z\r\nDTEND:20260610T080000Z"), EventFault::Length);
    assert_eq!(fault("DTSTART:20260610T090000Z\r\nDTEND:20290610T080000Z"), EventFault::Length);
    assert_eq!(fault("DTSTART:20260610T090000Z\r\nDURATION:P4294967295W"), EventFault::Length);
    assert_eq!(fault("DTSTART;TZID=Mars/Olympus:20260610T090000\r\nDURATION:PT1H"), EventFault::Zone);
    let again = |rule: &str| fault(&format!("DTSTART:20260610T090000Z\r\nDURATION:PT1H\r\n{rule}"));
    assert!(matches!(again("RRULE:FREQ=MONTHLY;BYMONTHDAY=257"), EventFault::Rule(NoRecurrence::Rule(_))));
    assert!(matches!(again("RRULE:toutes les semaines"), EventFault::Rule(NoRecurrence::Rule(_))));
    assert_eq!(again("RRULE:FREQ=SECONDLY"), EventFault::Rule(NoRecurrence::WithinADay));
    assert_eq!(again("RRULE:FREQ=DAILY\r\nRRULE:FREQ=WEEKLY"), EventFault::Unsupported);
    assert_eq!(again("RRULE:FREQ=DAILY\r\nEXRULE:FREQ=WEEKLY"), EventFault::Unsupported);
    assert_eq!(again("RECURRENCE-ID;RANGE=THISANDFUTURE:20260610T090000Z"), EventFault::Unsupported);
    let both = with(
        "DTSTART:rien\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260610T090000Z\r\nDURATION:PT1H",
    );
    let read = read(&both, year(), Paris).unwrap();
    assert_eq!((read.occurrences.len(), read.left_out.len()), (1, 1));
}

#[test]
fn what_nobody_should_write_is_refused() {
    let refused = |text: &str| read(text, year(), Paris).unwrap_err();
    for nothing in [
        "",
        "\r\n",
        "<html>",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n",
        "BEGIN:VEVENT\r\nEND:VEVENT",
    ] {
        assert_eq!(refused(nothing), NoCalendar::Nothing, "{nothing}");
    }
    assert_eq!(refused(&"X".repeat((2 << 20) + 1)), NoCalendar::TooLong);
    assert_eq!(refused(&with(&format!("EXDATE:{}", "1,".repeat(500_000)))), NoCalendar::TooLong);
    let many = "BEGIN:VEVENT\r\nDTSTART:20260101T000000\r\nDURATION:PT1H\r\nEND:VEVENT\r\n";
    let calendar = |events: String| format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n");
    assert_eq!(refused(&calendar(many.repeat(5_001))), NoCalendar::TooManyEvents);
    let never = "BEGIN:VEVENT\r\nDTSTART:20260101T000000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\nEND:VEVENT\r\n";
    assert_eq!(refused(&calendar(never.repeat(RECURRING_AT_MOST + 1))), NoCalendar::TooManyEvents);
    let daily = never.replace(";BYMONTH=2;BYMONTHDAY=30", "");
    let days = OCCURRENCES_AT_MOST / 365 + 1;
    assert_eq!(refused(&calendar(daily.repeat(days))), NoCalendar::TooManyTimes);
    assert!(read(&calendar(daily.repeat(days - 1)), year(), Paris).is_ok());
}

#[test]
fn depth_and_length_cost_no_stack_and_no_end() {
    // Whatever comes of it, it comes.
    for text in [
        "BEGIN:VCALENDAR\r\n".repeat(60_000),
        with(&"BEGIN:VEVENT\r\n".repeat(60_000)),
        with(&"END:VEVENT\r\n".repeat(60_000)),
        with(&"\r\n ".repeat(100_000)),
        with(&format!("SUMMARY:{}", "\\".repeat(1 << 20))),
        with(&format!("DTSTART;{}:20260101", "A=\"".repeat(60_000))),
        with("DTSTART:00000101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=YEARLY"),
        with("DTSTART:99991231T235959Z\r\nDURATION:P1D\r\nRRULE:FREQ=YEARLY"),
        with("DTSTART:20260101T000000\r\nDURATION:PT1H\r\nRRULE:FREQ=YEARLY;INTERVAL=65535;COUNT=4294967295"),
    ] {
        drop(read(&text, year(), Paris));
    }
}

fn lines() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "BEGIN",
        "END",
        "UID",
        "DTSTART",
        "DTSTART;TZID=Europe/Paris",
        "DTSTART;VALUE=DATE",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "RDATE;VALUE=PERIOD",
        "EXDATE",
        "RECURRENCE-ID",
        "RECURRENCE-ID;RANGE=THISANDFUTURE",
        "SUMMARY",
        "STATUS",
        "TRANSP",
        "TZID",
        "X-LIC-LOCATION",
        "ATTACH;ENCODING=BASE64",
        "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=latin1",
        "",
    ]);
    let value = prop_oneof![
        4 => prop::sample::select(vec![
            "VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "20260610T090000Z", "20261025T023000", "20260329T023000", "20260610",
            "PT1H", "P1DT2H", "-PT1H", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,-1FR;UNTIL=20270101", "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=SU",
            "FREQ=YEARLY;BYMONTH=13", "FREQ=DAILY;COUNT=0", "CANCELLED", "TRANSPARENT", "Europe/Paris", "20260610T090000Z/PT1H",
        ]).prop_map(str::to_owned),
        1 => ".{0,40}",
        1 => "[0-9TZP/;,:=-]{0,30}",
    ];
    (name, value).prop_map(|(name, value)| format!("{name}:{value}\r\n"))
}

proptest! {
    #[test]
    fn nothing_that_is_sent_breaks_the_reader(lines in prop::collection::vec(lines(), 0..40), text in ".{0,200}", cut in 0..400_usize) {
        let body = with(&lines.concat());
        let shorter: String = body.chars().take(cut).collect();
        for text in [body, shorter, text.clone(), with(&text)] {
            if let Ok(read) = read(&text, year(), Paris) {
                prop_assert!(read.occurrences.len() <= OCCURRENCES_AT_MOST);
                prop_assert!(read.occurrences.iter().all(|it| it.span.meets(year())));
            }
        }
    }

    #[test]
    fn whatever_is_written_comes_back_in_lines_that_all_programs_read(
        summary in "\\PC{0,120}", place in ".{0,80}", minute in 0..500_000_i64, length in 1..2_000_i64
    ) {
        let start = at("2026-01-01 00:00") + TimeDelta::minutes(minute);
        let span = Span::new(start, start + TimeDelta::minutes(length)).unwrap();
        let text = written(&[Event { summary: summary.clone(), place, ..event(When::Time(span)) }]);
        prop_assert!(text.ends_with("END:VCALENDAR\r\n"));
        for line in text.split("\r\n") {
            prop_assert!(line.len() <= 75, "{}", line);
            prop_assert!(!line.contains(['\r', '\n']));
        }
        let read = read(&text, span, Paris).unwrap();
        prop_assert_eq!(read.occurrences.len(), 1, "{}", text);
        prop_assert_eq!(read.occurrences[0].span, span);
        // Spaces at its ends are nobody's.
        prop_assert_eq!(read.occurrences[0].summary.trim(), summary.trim());
    }
}
