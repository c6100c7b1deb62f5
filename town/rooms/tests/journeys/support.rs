//! A house with the rooms alone, a hall in it, and somebody at a browser.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
};
use beffroi_calendar::{
    claims::{self, HowMuch, Wish},
    free::Starts,
    local::Moment,
    openings::{Closure, Hours, OnHolidays, Openings, Rule, Season, Weeks},
    resource::{Kind, Layout, Name, Resource, ResourceDetails, Terms},
    spans::Span,
};
use beffroi_core::{Day, Id, Instant, calendar::civil_day};
use beffroi_people::permission::permit_system;
use beffroi_rooms::{
    ManageRooms, Rooms,
    room::{self, Access, Sheet},
};
use beffroi_store::{
    By, Entry,
    testing::{TestCommune, on_both_engines},
};
use beffroi_web::{House, Service, Site, WebConfig};
use chrono::{Days, Weekday};
use chrono_tz::Europe::Paris;

/// A town with one hall, and the way to its pages.
pub struct Town<'a> {
    pub fixture: &'a TestCommune,
    site: Site,
    pub hall: Id<Resource>,
    now: Instant,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub body: String,
}

impl Answer {
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not in {} {}", self.status, self.body);
        self
    }

    #[track_caller]
    pub fn is_silent_about(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} is in {} {}", self.status, self.body);
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub fn name(fr: &str) -> Name {
    Name { fr: fr.to_owned(), en: String::new() }
}

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// Open from nine to noon and from two to ten in the evening, every day but Sunday.
fn openings(closed: Day) -> Openings {
    let hours = |from, until| Hours::new(moment(from), moment(until)).unwrap();
    Openings {
        rules: vec![Rule {
            weekdays: vec![
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
                Weekday::Sat,
            ],
            weeks: Weeks::Every,
            hours: vec![hours("09:00", "12:00"), hours("14:00", "22:00")],
            season: Season::AllYear,
            public_holidays: OnHolidays::Same,
            school_holidays: OnHolidays::Same,
        }],
        closures: vec![Closure {
            first: closed,
            last: closed,
            hours: None,
            why: "Travaux de peinture".into(),
        }],
        exceptions: Vec::new(),
    }
}

pub fn details(slug: &str, closed: Day) -> ResourceDetails {
    ResourceDetails {
        slug: slug.to_owned(),
        kind: Kind::Room,
        parent: None,
        name: name("Salle Brassens"),
        stock: 1,
        active: true,
        terms: Terms {
            layouts: vec![
                Layout { name: name("Assis en rangées"), people: 120 },
                Layout { name: name("Debout"), people: 300 },
            ],
            openings: Some(openings(closed)),
            starts: Starts::Every(30.try_into().unwrap()),
            shortest_minutes: 60,
            longest_minutes: 480,
            ahead_minutes: 0,
            ahead_days: 180,
            ..Terms::default()
        },
    }
}

pub fn sheet() -> Sheet {
    Sheet {
        summary: name("Une grande salle avec une scène, au cœur de la ville."),
        about: name("La scène mesure huit mètres.\n\nLe bar est à part."),
        address: "12 rue Sadi-Carnot".to_owned(),
        access: vec![Access::StepFree, Access::HearingLoop],
        equipment: vec![name("200 chaises"), name("Vidéoprojecteur")],
    }
}

/// Runs a journey on each engine.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn in_a_town(test: impl AsyncFn(&Town<'_>)) {
    let migrations =
        [beffroi_people::MIGRATIONS, beffroi_calendar::MIGRATIONS, beffroi_rooms::MIGRATIONS].concat();
    on_both_engines(&migrations, |fixture| {
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(Rooms)];
        let house = House::new(Arc::clone(&fixture.platform), services, WebConfig::default()).unwrap();
        let (hall, now) = fixture
            .commune
            .write_blocking(By::SYSTEM, |tx| {
                let permit = permit_system::<ManageRooms>(tx).unwrap();
                let closed = day_of(tx.now(), 10);
                let hall = room::keep(tx, &permit, None, &details("salle-brassens", closed), &sheet(), true)?;
                Ok::<_, room::RoomError>((hall, tx.now()))
            })
            .unwrap();
        let town = Town { fixture, site: Site::new(house), hall, now };
        tokio::runtime::Runtime::new().unwrap().block_on(test(&town));
    })
    .unwrap();
}

/// A day some days after an instant.
pub fn day_of(now: Instant, ahead: u64) -> Day {
    civil_day(now, Paris).checked_add_days(Days::new(ahead)).unwrap()
}

/// Some hours of a day.
pub fn hours_of(day: Day, from: u32, until: u32) -> Span {
    let at = |hour| beffroi_calendar::local::earliest(day.and_hms_opt(hour, 0, 0).unwrap(), Paris);
    Span::new(at(from), at(until)).unwrap()
}

impl Town<'_> {
    /// The first day from so many days on, of which a rule says that it is open.
    pub fn open_day(&self, ahead: u64) -> Day {
        let first = day_of(self.now(), ahead);
        first.iter_days().find(|day| chrono::Datelike::weekday(day) != Weekday::Sun).unwrap()
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    /// Somebody takes the hall.
    pub async fn takes(&self, span: Span) {
        let wish = Wish { resource: self.hall, much: HowMuch::Whole, span };
        let claimed = self.fixture.commune.write(By::SYSTEM, move |tx| {
            let booking = tx.new_id::<Town<'static>>();
            claims::claim(tx, booking, &[wish], None)?;
            // Pages are kept until the journal moves on: whoever takes something writes it down.
            tx.journal(&Entry {
                kind: "booking.made",
                subject_kind: "booking",
                subject_id: booking.uuid(),
                payload: serde_json::json!({}),
            })?;
            Ok::<_, claims::ClaimError>(())
        });
        claimed.await.unwrap();
    }

    pub async fn get(&self, address: &str) -> Answer {
        let request = Request::get(address).header("host", "localhost").body(Body::empty()).unwrap();
        let response = self.site.respond(request, "192.0.2.7".parse().unwrap()).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }
}
