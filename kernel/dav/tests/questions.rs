//! Questions of real programs, and of nobody.

use beffroi_dav::{
    BODY_AT_MOST, Content, Filter, Multistatus, Name, Report, Space, Test, Unreadable, Wanted, error,
    propfind, proppatch, report,
};
use http::StatusCode;
use proptest::prelude::*;

#[test]
fn a_phone_asks_where_its_calendars_are() {
    let asked = propfind(
        br#"<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:"><A:prop><A:current-user-principal/><A:resourcetype/>
<B:calendar-home-set xmlns:B="urn:ietf:params:xml:ns:caldav"/><C:getctag xmlns:C="http://calendarserver.org/ns/"/>
<X:calendar-color xmlns:X="http://apple.com/ns/ical/"/></A:prop></A:propfind>"#,
    );
    let Ok(Wanted::These(names)) = asked else { unreachable!("{asked:?}") };
    for name in [
        Name::dav("current-user-principal"),
        Name::caldav("calendar-home-set"),
        Name::server("getctag"),
        Name {
            space: Space::Other("http://apple.com/ns/ical/".to_owned()),
            word: "calendar-color".to_owned(),
        },
    ] {
        assert!(names.contains(&name), "{name:?}");
    }
    assert_eq!(propfind(b"").unwrap(), Wanted::All(Vec::new()));
    assert_eq!(propfind(b"<propfind xmlns=\"DAV:\"><propname/></propfind>").unwrap(), Wanted::Names);
    let patch =
        b"<propertyupdate xmlns='DAV:'><set><prop><displayname>x</displayname></prop></set></propertyupdate>";
    assert_eq!(proppatch(patch).unwrap(), [Name::dav("displayname")]);
}

fn query(filter: &str) -> Result<Report, Unreadable> {
    let body = format!(
        "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'>\
         <D:prop><D:getetag/></D:prop><C:filter>{filter}</C:filter></C:calendar-query>"
    );
    report(body.as_bytes())
}

fn filter(inside: &str) -> Filter {
    let whole = format!("<C:comp-filter name='VCALENDAR'>{inside}</C:comp-filter>");
    let Ok(Report::Query { filter, .. }) = query(&whole) else { unreachable!("{inside}") };
    filter
}

#[test]
fn events_are_asked_for_by_time_and_by_what_they_say() {
    assert_eq!(filter(""), Filter::Everything);
    let found = filter(
        "<C:comp-filter name='VEVENT'><C:time-range start='20260601T000000Z' end='20260701T000000Z'/>\
         <C:prop-filter name='summary'><C:text-match>Vote</C:text-match></C:prop-filter></C:comp-filter>",
    );
    let Filter::Events { within: Some(within), properties } = found else { unreachable!() };
    assert_eq!(within.start.to_rfc3339(), "2026-06-01T00:00:00+00:00");
    let [summary] = &properties[..] else { unreachable!() };
    assert_eq!((summary.name.as_str(), summary.test.passes(Some("Bureau de vote"))), ("SUMMARY", true));
    assert!(
        !summary.test.passes(None) && !Test::NotDefined.passes(Some("x")) && Test::Defined.passes(Some("x"))
    );
    // Tasks and alarms are kept by nobody here.
    assert_eq!(filter("<C:comp-filter name='VTODO'/>"), Filter::Nothing);
    assert_eq!(
        filter("<C:comp-filter name='VEVENT'><C:comp-filter name='VALARM'/></C:comp-filter>"),
        Filter::Nothing
    );
    assert_eq!(filter("<C:comp-filter name='VTODO'><C:is-not-defined/></C:comp-filter>"), Filter::Everything);
}

#[test]
fn a_filter_that_is_not_understood_is_said_so_and_not_passed_over() {
    let inside = |inside: &str| query(&format!("<C:comp-filter name='VCALENDAR'>{inside}</C:comp-filter>"));
    let event =
        |inside_event: &str| inside(&format!("<C:comp-filter name='VEVENT'>{inside_event}</C:comp-filter>"));
    assert_eq!(query("<C:comp-filter name='VEVENT'/>").unwrap_err(), Unreadable::Filter);
    assert_eq!(query("").unwrap_err(), Unreadable::Filter);
    for wrong in
        ["start='2026'", "start='20260601T000000'", "", "start='20260601T000000Z' end='20260601T000000Z'"]
    {
        assert_eq!(event(&format!("<C:time-range {wrong}/>")).unwrap_err(), Unreadable::Filter, "{wrong}");
    }
    let attendee = "<C:prop-filter name='ATTENDEE'><C:param-filter name='PARTSTAT'/></C:prop-filter>";
    assert_eq!(event(attendee).unwrap_err(), Unreadable::UnknownFilter);
    assert_eq!(Unreadable::UnknownFilter.condition(), Some(Name::caldav("supported-filter")));
}

#[test]
fn changes_and_addresses_are_asked_for() {
    let sync = report(
        b"<sync-collection xmlns='DAV:'><sync-token/><sync-level>1</sync-level><limit><nresults>5</nresults></limit>\
          <prop><getetag/></prop></sync-collection>",
    );
    let Ok(Report::Sync { since: None, limit: Some(5), .. }) = sync else { unreachable!("{sync:?}") };
    let many = report(
        b"<C:calendar-multiget xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns='DAV:'><prop><C:calendar-data/></prop>\
          <href>/a.ics</href><href> /b.ics </href></C:calendar-multiget>",
    );
    let Ok(Report::Multiget { addresses, expand: None, .. }) = many else { unreachable!("{many:?}") };
    assert_eq!(addresses, ["/a.ics", "/b.ics"]);
    let other = report(b"<expand-property xmlns='DAV:'/>").unwrap();
    assert_eq!(other, Report::Other(Name::dav("expand-property")));
}

#[test]
fn bombs_do_not_go_off() {
    let laughs = b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><propfind xmlns='DAV:'><prop>&b;</prop></propfind>";
    assert_eq!(propfind(laughs), Err(Unreadable::Body));
    let outside = b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><propfind xmlns='DAV:'/>";
    assert_eq!(propfind(outside), Err(Unreadable::Body));
    let deep = format!("<propfind xmlns='DAV:'>{}{}</propfind>", "<a>".repeat(15_000), "</a>".repeat(15_000));
    assert_eq!(propfind(deep.as_bytes()), Ok(Wanted::All(Vec::new())));
    let wide = format!("<propfind xmlns='DAV:'><prop>{}</prop></propfind>", "<a/>".repeat(5_000));
    assert_eq!(propfind(wide.as_bytes()), Err(Unreadable::TooMuch));
    let many = format!("<propfind xmlns='DAV:'>{}</propfind>", "<a/>".repeat(40_000));
    assert_eq!(propfind(many.as_bytes()), Err(Unreadable::Body));
    assert_eq!(propfind(&vec![b' '; BODY_AT_MOST + 1]), Err(Unreadable::Body));
    assert_eq!(propfind(b"\xff\xfe<"), Err(Unreadable::Body));
}

#[test]
fn what_is_answered_is_xml_whatever_stands_in_it() {
    let mut told = Multistatus::new(false);
    let strange = Name { space: Space::Other("a&\"<".to_owned()), word: "odd".to_owned() };
    let bare = Name { space: Space::Other(String::new()), word: "bare".to_owned() };
    let found = [(Name::dav("displayname"), Content::text("L’<été> & \u{1}l’hiver"))];
    told.tell("/a&b", &found, &[strange.clone(), bare]);
    told.tell_status("/gone", StatusCode::NOT_FOUND);
    told.refuse("/a", &[strange]);
    let told = told.finish(Some("urn:x:1"));
    let read = roxmltree::Document::parse(&told).unwrap();
    let name = read.descendants().find(|it| it.tag_name().name() == "displayname").unwrap();
    assert_eq!(name.text(), Some("L’<été> & l’hiver"));
    assert_eq!(read.descendants().filter(|it| it.tag_name().name() == "response").count(), 3);
    let refused = error(&Name::caldav("max-instances"), &Content::default(), "Trop & <trop>");
    assert!(roxmltree::Document::parse(&refused).is_ok(), "{refused}");
}

proptest! {
    #[test]
    fn nothing_that_is_sent_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = (propfind(&bytes), proppatch(&bytes), report(&bytes));
    }

    #[test]
    fn nothing_that_looks_like_a_question_panics(parts in proptest::collection::vec(prop_oneof![
        Just("<C:filter>"), Just("</C:filter>"), Just("<C:comp-filter name='VCALENDAR'>"), Just("</C:comp-filter>"),
        Just("<C:comp-filter name='VEVENT'>"), Just("<C:time-range start='20260101T000000Z'/>"), Just("<D:prop>"),
        Just("</D:prop>"), Just("<D:href>/é%</D:href>"), Just("<C:expand end='x'/>"), Just("<C:calendar-data>"),
        Just("</C:calendar-data>"), Just("<!--"), Just("<![CDATA["), Just("&#0;"), Just("<D:sync-token>"),
    ], 0..20)) {
        for root in ["C:calendar-query", "C:calendar-multiget", "D:sync-collection", "C:free-busy-query", "D:propfind"] {
            let body = format!(
                "<{root} xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'>{}</{root}>", parts.concat()
            );
            let _ = (propfind(body.as_bytes()), report(body.as_bytes()));
        }
    }
}
