//! Events as programs keep them in a calendar of ours: read, kept, and written back as they were meant.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use beffroi_calendar::{
    ics::{About, EventFault, NoObject, OBJECT_AT_MOST, Object, busy, clocks},
    spans::Span,
};
use beffroi_core::Instant;
use chrono_tz::Europe::Paris;
use proptest::prelude::*;

fn event(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\nBEGIN:VEVENT\r\nUID:a@phone\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn read(lines: &str) -> Result<Object, NoObject> {
    Object::read(event(lines).as_bytes(), Paris, 366)
}

fn spans(object: &Object) -> Vec<Span> {
    object.times(366).unwrap().into_iter().map(|time| time.span).collect()
}

fn shown(object: &Object) -> Vec<String> {
    let stamp = |at: Instant| at.format("%m-%dT%H:%MZ").to_string();
    spans(object).iter().map(|span| format!("{}/{}", stamp(span.start()), stamp(span.end()))).collect()
}

fn about() -> About<'static> {
    let changed_at = Instant::from_timestamp(1_780_473_600, 0).unwrap();
    About { changed_at, changes: 2, place: "Salle Brassens", is_tentative: false }
}

fn written(object: &Object) -> String {
    object.write(&about(), &spans(object).into_iter().collect())
}

/// What is written is read as the same.
#[track_caller]
fn comes_back(object: &Object) {
    let again = Object::read(written(object).as_bytes(), Paris, 366).unwrap();
    assert_eq!(again.times(366).unwrap(), object.times(366).unwrap(), "{}", written(object));
}

#[test]
fn an_event_is_once_whatever_clock_it_is_told_by() {
    for lines in [
        "DTSTART;TZID=Europe/Paris:20260701T180000\r\nDTEND;TZID=Europe/Paris:20260701T200000",
        "DTSTART:20260701T160000Z\r\nDTEND:20260701T180000Z",
        "DTSTART:20260701T160000Z\r\nDURATION:PT2H",
        // Without a zone it is the hour of the town.
        "DTSTART:20260701T180000\r\nDTEND:20260701T200000",
        "DTSTART;TZID=Europe/London:20260701T170000\r\nDTEND;TZID=Europe/London:20260701T190000",
    ] {
        let object =
            read(&format!("{lines}\r\nSUMMARY:Révision\\, chauffage\r\nDESCRIPTION:Par l’entreprise"))
                .unwrap();
        assert_eq!(shown(&object), ["07-01T16:00Z/07-01T18:00Z"], "{lines}");
        assert_eq!((object.summary(), object.description()), ("Révision, chauffage", "Par l’entreprise"));
        comes_back(&object);
    }
}

#[test]
fn a_day_is_one_of_the_town() {
    let object = read("DTSTART;VALUE=DATE:20260701\r\nDTEND;VALUE=DATE:20260703").unwrap();
    assert_eq!(shown(&object), ["06-30T22:00Z/07-02T22:00Z"]);
    assert!(written(&object).contains("DTSTART;VALUE=DATE:20260701"), "{}", written(&object));
    comes_back(&object);
    let again = read("DTSTART;VALUE=DATE:20261024\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;VALUE=DATE:20261025")
        .unwrap();
    assert_eq!(shown(&again), ["10-23T22:00Z/10-24T22:00Z", "10-25T23:00Z/10-26T23:00Z"]);
    comes_back(&again);
}

#[test]
fn what_comes_again_does_so_by_the_clocks_and_with_what_was_changed_of_it() {
    let object = Object::read(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\n\
          BEGIN:VEVENT\r\nUID:a@phone\r\nSUMMARY:Club\r\nDTSTART;TZID=Europe/Paris:20261013T180000\r\n\
          DTEND;TZID=Europe/Paris:20261013T200000\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\nEXDATE;TZID=Europe/Paris:20261020T180000\r\n\
          RDATE;TZID=Europe/Paris:20261015T180000\r\nEND:VEVENT\r\n\
          BEGIN:VEVENT\r\nUID:a@phone\r\nSUMMARY:Club (ailleurs)\r\nRECURRENCE-ID;TZID=Europe/Paris:20261027T180000\r\n\
          DTSTART;TZID=Europe/Paris:20261028T100000\r\nDTEND;TZID=Europe/Paris:20261028T110000\r\nEND:VEVENT\r\n\
          BEGIN:VEVENT\r\nUID:a@phone\r\nRECURRENCE-ID;TZID=Europe/Paris:20261103T180000\r\nSTATUS:CANCELLED\r\n\
          DTSTART;TZID=Europe/Paris:20261103T180000\r\nDTEND;TZID=Europe/Paris:20261103T200000\r\nEND:VEVENT\r\n\
          END:VCALENDAR\r\n",
        Paris,
        366,
    )
    .unwrap();
    let expected = [
        "10-13T16:00Z/10-13T18:00Z",
        "10-15T16:00Z/10-15T18:00Z",
        "10-28T09:00Z/10-28T10:00Z",
        "11-10T17:00Z/11-10T19:00Z",
    ];
    assert_eq!(shown(&object), expected);
    comes_back(&object);
    assert!(object.times(366).unwrap().iter().any(|time| time.summary == "Club (ailleurs)"));
    // What was given back of it since is left out of what is written, the changed time with it.
    let kept: BTreeSet<Span> =
        spans(&object).into_iter().skip(1).filter(|span| span.length().num_hours() == 2).collect();
    let rest = Object::read(object.write(&about(), &kept).as_bytes(), Paris, 366).unwrap();
    assert_eq!(spans(&rest).into_iter().collect::<BTreeSet<_>>(), kept);
    let each = object.write_each(
        &about(),
        &kept,
        Span::new(*spans(&object).first().map(|it| it.start()).as_ref().unwrap(), Instant::MAX_UTC).unwrap(),
    );
    assert_eq!(each.matches("BEGIN:VEVENT").count(), 2, "{each}");
    assert!(!each.contains("RRULE") && each.contains("RECURRENCE-ID:20261110T170000Z"), "{each}");
}

#[test]
fn what_has_no_end_or_comes_too_often_is_refused() {
    let again = |rule: &str| read(&format!("DTSTART:20260701T160000Z\r\nDURATION:PT1H\r\nRRULE:{rule}"));
    assert_eq!(again("FREQ=WEEKLY"), Err(NoObject::Endless));
    assert_eq!(again("FREQ=DAILY;COUNT=367"), Err(NoObject::TooMany(366)));
    assert_eq!(again("FREQ=DAILY;UNTIL=21991231T000000Z"), Err(NoObject::TooMany(366)));
    assert!(matches!(again("FREQ=HOURLY;COUNT=2"), Err(NoObject::Fault(EventFault::Rule(_)))));
    assert!(matches!(again("FREQ=WEEKLY;COUNT=abc"), Err(NoObject::Fault(EventFault::Rule(_)))));
    assert_eq!(again("FREQ=DAILY;COUNT=366").map(|object| spans(&object).len()), Ok(366));
    assert_eq!(again("FREQ=WEEKLY;INTERVAL=300;COUNT=3").map(|object| spans(&object).len()), Ok(3));
}

#[test]
fn what_is_not_one_event_is_refused() {
    let whole = |inside: &str| {
        Object::read(
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n").as_bytes(),
            Paris,
            366,
        )
    };
    let one = |uid: &str| {
        format!("BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20260701T160000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n")
    };
    assert!(whole(&one("a")).is_ok());
    assert_eq!(whole(&(one("a") + &one("b"))), Err(NoObject::NotOne));
    assert_eq!(whole(&(one("a") + &one("a"))), Err(NoObject::NotOne));
    assert_eq!(whole(&one("")), Err(NoObject::NotOne));
    assert_eq!(whole(""), Err(NoObject::NotOne));
    assert_eq!(whole("BEGIN:VTODO\r\nUID:a\r\nEND:VTODO\r\n"), Err(NoObject::NoEvent));
    assert_eq!(whole(&format!("METHOD:REQUEST\r\n{}", one("a"))), Err(NoObject::NotOne));
    assert_eq!(
        read("DTSTART:20260701T160000Z\r\nDTEND:20260701T150000Z"),
        Err(NoObject::Fault(EventFault::Length))
    );
    assert_eq!(read("DTSTART:20260701T160000Z"), Err(NoObject::Fault(EventFault::Length)));
    assert_eq!(read("SUMMARY:x"), Err(NoObject::Fault(EventFault::NoStart)));
    assert_eq!(
        read("DTSTART;TZID=Mars/Olympus:20260701T160000\r\nDURATION:PT1H"),
        Err(NoObject::Fault(EventFault::Zone))
    );
    assert_eq!(
        read("STATUS:CANCELLED\r\nDTSTART:20260701T160000Z\r\nDURATION:PT1H"),
        Err(NoObject::Cancelled)
    );
    assert_eq!(Object::read(b"\xff\xfe", Paris, 366), Err(NoObject::NoCalendar));
    assert_eq!(Object::read(b"hello", Paris, 366), Err(NoObject::NoCalendar));
    assert_eq!(Object::read(&vec![b'x'; OBJECT_AT_MOST + 1], Paris, 366), Err(NoObject::TooLong));
}

#[test]
fn a_zone_and_busy_times_are_told() {
    let at = Instant::from_timestamp(1_780_473_600, 0).unwrap();
    assert!(clocks(Paris, at).contains("TZID:Europe/Paris"), "{}", clocks(Paris, at));
    let span = Span::new(at, at + chrono::TimeDelta::hours(2)).unwrap();
    let told = busy(span, &[span], at);
    assert!(told.contains("FREEBUSY:20260603T080000Z/20260603T100000Z\r\nEND:VFREEBUSY"), "{told}");
}

proptest! {
    #[test]
    fn nothing_that_is_sent_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Object::read(&bytes, Paris, 366);
        let text = event(&String::from_utf8_lossy(&bytes));
        let _ = Object::read(text.as_bytes(), Paris, 366);
    }

    #[test]
    fn whatever_is_kept_comes_back_as_it_was_meant(lines in proptest::collection::vec(prop_oneof![
        (2020..2035i32, 1..13u32, 1..29u32, 0..24u32, 0..60u32)
            .prop_map(|(y, m, d, h, n)| format!("DTSTART;TZID=Europe/Paris:{y:04}{m:02}{d:02}T{h:02}{n:02}00")),
        (2020..2035i32, 1..13u32, 1..29u32).prop_map(|(y, m, d)| format!("DTSTART;VALUE=DATE:{y:04}{m:02}{d:02}")),
        (1..60u32).prop_map(|hours| format!("DURATION:PT{hours}H")),
        (1..5u32).prop_map(|days| format!("DURATION:P{days}D")),
        (prop_oneof![Just("DAILY"), Just("WEEKLY"), Just("MONTHLY"), Just("YEARLY")], 1..400u32, 1..70_000u32)
            .prop_map(|(freq, count, interval)| format!("RRULE:FREQ={freq};COUNT={count};INTERVAL={interval}")),
        Just("RRULE:FREQ=MONTHLY;BYDAY=2TU,-1FR;COUNT=9".to_owned()),
        Just("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;COUNT=4".to_owned()),
        (2020..2035i32, 1..13u32, 1..29u32, 0..24u32)
            .prop_map(|(y, m, d, h)| format!("RDATE;TZID=Europe/Paris:{y:04}{m:02}{d:02}T{h:02}0000")),
        (2020..2035i32, 1..13u32, 1..29u32).prop_map(|(y, m, d)| format!("EXDATE;VALUE=DATE:{y:04}{m:02}{d:02}")),
        "SUMMARY:[a-zé,;:\\\\ ]{0,40}",
        Just("BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM".to_owned()),
    ], 1..6)) {
        if let Ok(object) = read(&lines.join("\r\n")) {
            let again = Object::read(written(&object).as_bytes(), Paris, 366);
            prop_assert!(again.is_ok(), "{again:?} {}", written(&object));
            prop_assert_eq!(again.unwrap().times(366).unwrap(), object.times(366).unwrap());
        }
    }
}
