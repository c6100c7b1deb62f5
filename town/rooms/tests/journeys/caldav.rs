//! A caretaker's phone sees the calendar of a room and changes it, as calendar programs do (RFC 4791).

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use beffroi_calendar::{
    booking::{self, Canceller, Details, GivenBack, NewBooking},
    claims::ClaimError,
    resource::{self, Kind, ResourceDetails},
    spans::Span,
};
use beffroi_core::{Cents, Day};
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use chrono::Days;
use chrono_tz::Europe::Paris;

use crate::{
    handed::granted_each_week,
    support::{Town, details, hours_of, in_a_town, name},
};

/// A phone with a password of its own.
#[derive(Clone)]
pub struct Phone<'t> {
    pub town: &'t Town<'t>,
    pub email: String,
    pub password: String,
    /// Its owner, in a browser.
    pub session: String,
}

pub struct Answer {
    pub status: u16,
    headers: axum::http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not in {} {}", self.status, self.body);
        self
    }

    #[track_caller]
    fn is_silent_about(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} is in {} {}", self.status, self.body);
        self
    }

    /// What stands between two texts.
    fn between(&self, before: &str, after: &str) -> String {
        let rest =
            self.body.split(before).nth(1).unwrap_or_else(|| panic!("{before:?} is not in {}", self.body));
        rest.split(after).next().unwrap().to_owned()
    }
}

const CALENDAR: &str = "/caldav/salles/salle-brassens/";
const EVENT: &str = "/caldav/salles/salle-brassens/vote.ics";

impl<'t> Phone<'t> {
    async fn of(town: &'t Town<'t>, role: Role) -> Self {
        Self::with(town, role, &[("nom", "Téléphone"), ("droits", "ecrire")]).await
    }

    /// One that only reads.
    async fn that_reads(town: &'t Town<'t>, role: Role) -> Self {
        Self::with(town, role, &[("nom", "Téléphone")]).await
    }

    async fn with(town: &'t Town<'t>, role: Role, fields: &[(&str, &str)]) -> Self {
        let session = town.agent(role).await;
        let made = town.post("/agents/appareils", &format!("beffroi={session}"), fields).await;
        let password = made.body.split("id=\"mot-de-passe\">").nth(1).unwrap().split('<').next().unwrap();
        Self { session, ..Self::named(town, &format!("{}@lunel.example", role.as_str()), password) }
    }

    /// Whoever shows that name and that password.
    pub fn named(town: &'t Town<'t>, email: &str, password: &str) -> Self {
        Self { town, email: email.to_owned(), password: password.to_owned(), session: String::new() }
    }

    pub async fn ask(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(address).header("host", "localhost");
        if !self.email.is_empty() || !self.password.is_empty() {
            request = request.header("authorization", basic(&self.email, &self.password));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.town.respond(request.body(body.into()).unwrap()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(!headers.contains_key("set-cookie"), "a device has no session");
        Answer { status, headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn find(&self, address: &str, depth: &str, names: &str) -> Answer {
        let body = format!(
            "<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' \
             xmlns:S='http://calendarserver.org/ns/'><D:prop>{names}</D:prop></D:propfind>"
        );
        self.ask("PROPFIND", address, &[("depth", depth)], body).await
    }

    async fn put(&self, address: &str, headers: &[(&str, &str)], event: &str) -> Answer {
        let kind = [("content-type", "text/calendar; charset=utf-8")];
        self.ask("PUT", address, &[&kind, headers].concat(), event.to_owned()).await
    }

    async fn query(&self, filter: &str) -> Answer {
        let body = format!(
            "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:getetag/>\
             <C:calendar-data/></D:prop><C:filter><C:comp-filter name='VCALENDAR'>{filter}</C:comp-filter></C:filter>\
             </C:calendar-query>"
        );
        self.ask("REPORT", CALENDAR, &[("depth", "1")], body).await
    }

    async fn sync(&self, since: &str) -> Answer {
        let body = format!(
            "<D:sync-collection xmlns:D='DAV:'><D:sync-token>{since}</D:sync-token><D:sync-level>1</D:sync-level>\
             <D:prop><D:getetag/></D:prop></D:sync-collection>"
        );
        self.ask("REPORT", CALENDAR, &[], body).await
    }
}

fn basic(email: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{email}:{password}")))
}

fn stamp(day: Day, hour: u32) -> String {
    format!("{}T{hour:02}0000", day.format("%Y%m%d"))
}

fn event(uid: &str, summary: &str, day: Day, (from, until): (u32, u32), more: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//phone//fr\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260601T000000Z\r\n\
         DTSTART;TZID=Europe/Paris:{}\r\nDTEND;TZID=Europe/Paris:{}\r\nSUMMARY:{summary}\r\n{more}END:VEVENT\r\n\
         END:VCALENDAR\r\n",
        stamp(day, from),
        stamp(day, until),
    )
}

impl Town<'_> {
    /// A booking that was granted, with its people.
    async fn granted(&self, resource: beffroi_core::Id<resource::Resource>, span: Span) -> String {
        let details = Details { people: Some(80), ..Details::default() };
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| {
            let id = booking::block(tx, &NewBooking { resource, span, details })?;
            tx.execute("UPDATE calendar_booking SET state = 'firm' WHERE id = $1", &[&id])?;
            Ok::<_, ClaimError>(id)
        });
        made.await.unwrap().to_string()
    }
}

#[test]
fn a_phone_finds_the_calendars_of_the_rooms() {
    in_a_town(async |town| {
        let phone = Phone::of(town, Role::Manager).await;
        let known = phone.ask("PROPFIND", "/.well-known/caldav", &[], "").await;
        assert_eq!((known.status, known.header("location").as_str()), (301, "/caldav/"));
        let stranger = Phone { email: String::new(), password: String::new(), ..phone.clone() };
        let asked = stranger.find("/caldav/", "0", "<D:current-user-principal/>").await;
        assert_eq!(asked.status, 401);
        assert!(asked.header("www-authenticate").contains("realm=\"Beffroi\""));
        let options = stranger.ask("OPTIONS", "/caldav/", &[], "").await;
        assert!(
            options.header("dav").contains("calendar-access") && options.header("allow").contains("PROPFIND")
        );
        phone
            .find("/caldav/", "0", "<D:current-user-principal/>")
            .await
            .says("<D:current-user-principal><D:href>/caldav/moi/</D:href></D:current-user-principal>");
        phone
            .find("/caldav/moi/", "0", "<C:calendar-home-set/><D:displayname/>")
            .await
            .says("<C:calendar-home-set><D:href>/caldav/salles/</D:href></C:calendar-home-set>")
            .says("Awa Diop");
        let names = "<D:resourcetype/><D:displayname/><S:getctag/><D:sync-token/><C:calendar-timezone/>\
                     <C:supported-calendar-component-set/><D:current-user-privilege-set/><D:owner/><D:quota-used-bytes/>";
        let home = phone.find("/caldav/salles/", "1", names).await;
        assert_eq!(home.status, 207);
        home.says("<D:href>/caldav/salles/salle-brassens/</D:href>")
            .says("<D:collection/><C:calendar/>")
            .says("<D:displayname>Salle Brassens</D:displayname>")
            .says("<C:comp name=\"VEVENT\"/>")
            .says("TZID:Europe/Paris")
            .says("<D:privilege><D:bind/></D:privilege>")
            .says("<D:quota-used-bytes/></D:prop><D:status>HTTP/1.1 404 Not Found");
        // Equipment is no calendar.
        home.is_silent_about("grilles");
        phone.find("/caldav/salles/", "infinity", names).await.says("propfind-finite-depth");
        assert_eq!(phone.find("/caldav/salles/inconnue/", "0", names).await.status, 404);
        assert_eq!(phone.ask("GET", "/caldav/", &[], "").await.status, 405);
        assert_eq!(phone.ask("MKCALENDAR", "/caldav/salles/nouvelle/", &[], "").await.status, 404);
    });
}

#[test]
fn an_event_keeps_the_room_moves_and_gives_it_back() {
    in_a_town(async |town| {
        let phone = Phone::of(town, Role::Manager).await;
        let session = phone.session.clone();
        let day = town.open_day(3);
        let begun = phone.sync("").await.between("<D:sync-token>", "</D:sync-token>");
        let vote = event("vote@phone", "Bureau de vote", day, (8, 12), "DESCRIPTION:Trois isoloirs\r\n");
        let new = [("if-none-match", "*")];
        let kept = phone.put(EVENT, &new, &vote).await;
        assert_eq!((kept.status, kept.header("etag")), (201, String::new()), "{}", kept.body);
        assert_eq!(phone.put(EVENT, &new, &vote).await.status, 412);
        // The planning shows it as what an agent keeps there.
        let planning = town.get_as(&session, &format!("/agents/planning?jour={day}")).await;
        planning.says("Bureau de vote").says("de 8\u{a0}h à 12\u{a0}h").says("Bloquée");
        let got = phone.ask("GET", EVENT, &[], "").await;
        got.says("UID:vote@phone").says("SUMMARY:Bureau de vote").says("DESCRIPTION:Trois isoloirs");
        let tag = got.header("etag");
        assert_eq!(phone.ask("GET", EVENT, &[("if-none-match", &tag)], "").await.status, 304);
        let found = phone.find(CALENDAR, "1", "<D:getetag/><D:getcontenttype/>").await;
        found.says("vote.ics").says(&tag.replace('"', "&quot;"));
        let changes = phone.sync(&begun).await;
        changes.says("vote.ics");
        let then = changes.between("<D:sync-token>", "</D:sync-token>");
        phone.sync(&then).await.is_silent_about("vote.ics");
        // In time, and out of it.
        let range = |from: u32, until: u32| {
            format!(
                "<C:comp-filter name='VEVENT'><C:time-range start='{}Z' end='{}Z'/></C:comp-filter>",
                stamp(day, from),
                stamp(day, until)
            )
        };
        phone.query(&range(7, 8)).await.says("vote.ics");
        phone.query(&range(11, 14)).await.is_silent_about("vote.ics");
        phone.query("<C:comp-filter name='VTODO'/>").await.is_silent_about("vote.ics");
        // It moves, where nobody has changed it meanwhile and nobody has the room.
        let later = event("vote@phone", "Bureau de vote", day, (14, 18), "");
        assert_eq!(phone.put(EVENT, &[("if-match", "\"old\"")], &later).await.status, 412);
        town.granted(town.hall, hours_of(day, 17, 19)).await;
        let taken = phone.put(EVENT, &[("if-match", &tag)], &later).await;
        assert_eq!(taken.status, 409);
        taken.says("time-taken").says("de 14\u{a0}h à 18\u{a0}h");
        phone.ask("GET", EVENT, &[], "").await.says("T080000");
        let earlier = event("vote@phone", "Scrutin", day, (12, 16), "");
        assert_eq!(phone.put(EVENT, &[("if-match", &tag)], &earlier).await.status, 204);
        let planning = town.get_as(&session, &format!("/agents/planning?jour={day}")).await;
        planning.says("Scrutin").says("de 12\u{a0}h à 16\u{a0}h").is_silent_about("Bureau de vote");
        assert_eq!(phone.ask("DELETE", EVENT, &[("if-match", &tag)], "").await.status, 412);
        assert_eq!(phone.ask("DELETE", EVENT, &[], "").await.status, 204);
        assert_eq!(phone.ask("DELETE", EVENT, &[], "").await.status, 404);
        assert_eq!(phone.ask("GET", EVENT, &[], "").await.status, 404);
        town.get_as(&session, &format!("/agents/planning?jour={day}")).await.is_silent_about("Scrutin");
        phone.sync(&then).await.says("vote.ics</D:href><D:status>HTTP/1.1 404");
        // The same address serves again.
        assert_eq!(phone.put(EVENT, &new, &vote).await.status, 201);
        phone.sync(&then).await.says("vote.ics").is_silent_about("404 Not Found");
        phone.sync("urn:beffroi:caldav:99999999").await.says("valid-sync-token");
    });
}

#[test]
fn a_series_is_kept_whole_or_not_at_all() {
    in_a_town(async |town| {
        let phone = Phone::of(town, Role::Manager).await;
        let session = phone.session.clone();
        let day = town.open_day(3);
        let week = |weeks: u64| day.checked_add_days(Days::new(7 * weeks)).unwrap();
        town.granted(town.hall, hours_of(week(2), 19, 20)).await;
        let club = |rule: &str| event("club@phone", "Club", day, (18, 20), &format!("RRULE:{rule}\r\n"));
        let refused = phone.put(EVENT, &[], &club("FREQ=WEEKLY;COUNT=4")).await;
        assert_eq!(refused.status, 409);
        let told = beffroi_core::calendar::long_date_with_weekday(week(2), beffroi_core::Lang::Fr);
        refused.says(&told).is_silent_about(&beffroi_core::calendar::long_date_with_weekday(
            week(1),
            beffroi_core::Lang::Fr,
        ));
        town.get_as(&session, &format!("/agents/planning?jour={day}")).await.is_silent_about("Club");
        let left_out = format!("FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Europe/Paris:{}", stamp(week(2), 18));
        assert_eq!(phone.put(EVENT, &[], &club(&left_out)).await.status, 201);
        for weeks in [0, 1, 3] {
            town.get_as(&session, &format!("/agents/planning?jour={}", week(weeks))).await.says("Club");
        }
        // A time that an agent gives back on the planning is left out of the event; the others stay.
        let page = town.get_as(&session, &format!("/agents/planning?jour={}", week(1))).await;
        let lift =
            page.body.split("action=\"/agents/planning/blocages/").nth(1).unwrap().split('"').next().unwrap();
        let lift = format!("/agents/planning/blocages/{lift}");
        let begun = phone.sync("").await.between("<D:sync-token>", "</D:sync-token>");
        town.post(&lift, &format!("beffroi={session}"), &[]).await;
        let got = phone.ask("GET", EVENT, &[], "").await;
        got.says(&stamp(week(1), 18)).says("EXDATE");
        phone.sync(&begun).await.says("vote.ics").is_silent_about("404 Not Found");
        // Each time on its own, for programs that know nothing of rules.
        let expand = format!(
            "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:calendar-data>\
             <C:expand start='{}Z' end='{}Z'/></C:calendar-data></D:prop><D:href>{EVENT}</D:href>\
             <D:href>{CALENDAR}gone.ics</D:href></C:calendar-multiget>",
            stamp(day, 0),
            stamp(week(5), 0)
        );
        let each = phone.ask("REPORT", CALENDAR, &[], expand).await;
        assert_eq!(each.body.matches("BEGIN:VEVENT").count(), 2, "{}", each.body);
        each.says("gone.ics</D:href><D:status>HTTP/1.1 404").is_silent_about("RRULE");
        for (rule, why) in [
            ("FREQ=WEEKLY", "max-instances"),
            ("FREQ=DAILY;COUNT=400", "max-instances"),
            ("FREQ=YEARLY;COUNT=9", "max-date-time"),
            ("FREQ=HOURLY;COUNT=2", "valid-calendar-data"),
        ] {
            let refused =
                phone.put(&format!("{CALENDAR}autre.ics"), &[], &club(rule).replace("club@", "autre@")).await;
            assert_eq!(refused.status, 403, "{rule}");
            refused.says(why).says("<B:message>");
        }
        let busy = format!(
            "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:time-range start='{}Z' end='{}Z'/></C:free-busy-query>",
            stamp(day, 0),
            stamp(week(1), 0)
        );
        phone
            .ask("REPORT", CALENDAR, &[], busy)
            .await
            .says(&format!("FREEBUSY:{}T160000Z/", day.format("%Y%m%d")));
    });
}

#[test]
fn what_is_over_or_wrong_is_refused_with_its_reason() {
    in_a_town(async |town| {
        let phone = Phone::of(town, Role::Manager).await;
        let day = town.open_day(3);
        let past = day.checked_sub_days(Days::new(30)).unwrap();
        let put = async |event: &str| phone.put(EVENT, &[], event).await;
        put(&event("a", "x", past, (9, 10), "")).await.says("min-date-time").says("mai 2026");
        put(&event("a", "x", day, (10, 9), "")).await.says("valid-calendar-data").says("se termine avant");
        put("BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:a\r\nEND:VTODO\r\nEND:VCALENDAR\r\n")
            .await
            .says("supported-calendar-component");
        put("bonjour").await.says("valid-calendar-data");
        let large = put(&"x".repeat(100_000)).await;
        assert_eq!(large.status, 413);
        large.says("max-resource-size");
        assert_eq!(put(&"x".repeat(2_000_000)).await.status, 413);
        let text = phone
            .ask("PUT", EVENT, &[("content-type", "text/html")], event("a", "x", day, (9, 10), ""))
            .await;
        text.says("supported-calendar-data");
        assert_eq!(put(&event("a", "x", day, (9, 10), "")).await.status, 201);
        // One word, one event.
        let twice = phone.put(&format!("{CALENDAR}deux.ics"), &[], &event("a", "x", day, (10, 11), "")).await;
        assert_eq!(twice.status, 403);
        twice.says("<C:no-uid-conflict><D:href>/caldav/salles/salle-brassens/vote.ics</D:href>");
        put(&event("b", "x", day, (9, 10), "")).await.says("no-uid-conflict");
    });
}

#[test]
fn bookings_of_others_are_read_and_not_changed() {
    in_a_town(async |town| {
        let phone = Phone::of(town, Role::Manager).await;
        let day = town.open_day(3);
        let part = ResourceDetails {
            parent: Some(town.hall),
            kind: Kind::Room,
            name: name("Petite scène"),
            ..details("petite-scene", day)
        };
        let made = town
            .fixture
            .commune
            .write(By::SYSTEM, move |tx| Ok::<_, StoreError>(resource::create(tx, &part).unwrap()));
        made.await.unwrap();
        let id = town.granted(town.hall, hours_of(day, 14, 16)).await;
        let address = format!("{CALENDAR}{id}.ics");
        let got = phone.ask("GET", &address, &[], "").await;
        got.says("SUMMARY:Réservée").says("80").is_silent_about("RRULE:FREQ=WEEKLY");
        let privileges = phone.find(&address, "0", "<D:current-user-privilege-set/>").await;
        privileges.says("<D:read/>").is_silent_about("write-content");
        let moved = event(&format!("{id}@beffroi"), "x", day, (9, 10), "");
        let refused = phone.put(&address, &[], &moved).await;
        assert_eq!(refused.status, 403);
        refused.says("need-privileges");
        assert_eq!(phone.ask("DELETE", &address, &[], "").await.status, 403);
        // It takes the part of the hall as well.
        let of_part = phone.ask("GET", &format!("/caldav/salles/petite-scene/{id}.ics"), &[], "").await;
        of_part.says("Salle Brassens");
        // What an agent keeps on the planning is the town's own: it moves.
        let span = hours_of(day, 9, 10);
        let resource = town.hall;
        let block = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let details = Details { note: "Ménage".to_owned(), ..Details::default() };
            booking::block(tx, &NewBooking { resource, span, details })
        });
        let block = block.await.unwrap();
        let address = format!("{CALENDAR}{block}.ics");
        phone.ask("GET", &address, &[], "").await.says("SUMMARY:Ménage");
        let moved = event(&format!("{block}@beffroi"), "Ménage", day, (10, 11), "");
        assert_eq!(phone.put(&address, &[], &moved).await.status, 204);
        phone.ask("GET", &address, &[], "").await.says("T100000");
        assert_eq!(phone.ask("DELETE", &address, &[], "").await.status, 204);
        assert_eq!(phone.ask("GET", &address, &[], "").await.status, 404);
    });
}

#[test]
fn a_booking_that_comes_again_shows_each_of_its_dates_and_no_more_those_that_are_given_back() {
    in_a_town(async |town| {
        let phone = Phone::of(town, Role::Manager).await;
        let booked = granted_each_week(town, 3, 3).await;
        let address = format!("{CALENDAR}{}.ics", booked.id);
        let dates = [0, 7, 14].map(|days| booked.day.checked_add_days(Days::new(days)).unwrap());
        let got = phone.ask("GET", &address, &[], "").await;
        for day in dates {
            got.says(&stamp(day, 14));
        }
        let range = |day: Day| {
            format!(
                "<C:comp-filter name='VEVENT'><C:time-range start='{}Z' end='{}Z'/></C:comp-filter>",
                stamp(day, 6),
                stamp(day, 20)
            )
        };
        let name = format!("{}.ics", booked.id);
        phone.query(&range(dates[1])).await.says(&name);
        let (case, start) = (booked.case.uuid(), hours_of(dates[1], 14, 18).start().timestamp());
        let back = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let by = Canceller::Requester;
            let given = GivenBack { starts: &[start], by, why: "Tournoi", told: Some(Cents(0)) };
            Ok::<_, StoreError>(booking::give_back_dates(tx, ("case", case), &given, Paris).unwrap().len())
        });
        assert_eq!(back.await.unwrap(), 1);
        let left = phone.ask("GET", &address, &[], "").await;
        left.says(&stamp(dates[0], 14)).says(&stamp(dates[2], 14)).is_silent_about(&stamp(dates[1], 14));
        assert_ne!(left.header("etag"), got.header("etag"));
        phone.query(&range(dates[1])).await.is_silent_about(&name);
        phone.query(&range(dates[2])).await.says(&name);
    });
}

#[test]
fn a_device_that_may_only_see_the_planning_only_reads() {
    in_a_town(async |town| {
        let phone = Phone::that_reads(town, Role::Agent).await;
        let day = town.open_day(3);
        let refused = phone.put(EVENT, &[], &event("a", "x", day, (9, 10), "")).await;
        assert_eq!(refused.status, 403);
        refused.says("need-privileges");
        let privileges = phone.find(CALENDAR, "0", "<D:current-user-privilege-set/>").await;
        privileges.says("<D:read/>").is_silent_about("bind");
        let named = "<propertyupdate xmlns='DAV:'><set><prop><displayname>A moi</displayname></prop></set></propertyupdate>";
        phone.ask("PROPPATCH", CALENDAR, &[], named).await.says("403 Forbidden");
        phone.find(CALENDAR, "0", "<D:displayname/>").await.says("Salle Brassens");
    });
}

#[test]
fn nothing_that_is_sent_brings_the_house_down() {
    in_a_town(async |town| {
        let phone = Phone::of(town, Role::Manager).await;
        let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><propfind xmlns='DAV:'>&b;</propfind>";
        let deep = format!("{}{}", "<a>".repeat(9_000), "</a>".repeat(9_000));
        let bodies: [Vec<u8>; 9] = [
            Vec::new(),
            b"\xff\xfe\x00".to_vec(),
            bomb.into(),
            deep.into(),
            b"<propfind xmlns='DAV:'><prop>".to_vec(),
            b"<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav'/>".to_vec(),
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:\x00\r\nDTSTART:20260701T160000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR"
                .to_vec(),
            format!("BEGIN:VCALENDAR\r\n{}", "BEGIN:VEVENT\r\n".repeat(2_000)).into(),
            "é".repeat(400_000).into(),
        ];
        let addresses = [
            "/caldav",
            "/caldav/",
            "/caldav/moi/",
            "/caldav/salles/",
            CALENDAR,
            EVENT,
            "/caldav/%00",
            "/caldav/salles/%ff/x",
            "/caldav/a/../b",
        ];
        for method in [
            "PROPFIND",
            "REPORT",
            "PUT",
            "DELETE",
            "GET",
            "PROPPATCH",
            "MKCALENDAR",
            "LOCK",
            "MOVE",
            "ACL",
            "POST",
        ] {
            for address in addresses {
                for body in &bodies {
                    let answer = phone.ask(method, address, &[("depth", "1")], body.clone()).await;
                    assert!(answer.status < 500, "{method} {address}: {} {}", answer.status, answer.body);
                }
            }
        }
    });
}
