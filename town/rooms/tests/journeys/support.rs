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
use beffroi_core::{Day, Id, Instant, Lang, calendar::civil_day};
use beffroi_documents::Gate;
use beffroi_people::{
    Account, AccountKind, Department, Grant, Role,
    account::{self, NewAccount},
    feed,
    password::{Strength, hash_password},
    permission::{self, permit_system},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
};
use beffroi_rooms::{
    ManageRooms, Rooms,
    room::{self, Access, Sheet},
};
use beffroi_store::{
    By, Entry, StoreError,
    background::Workers,
    testing::{TestCommune, on_both_engines},
};
use beffroi_typeset::Pool;
use beffroi_web::{App, House, Service, Site, WebConfig};
use chrono::{Days, Weekday};
use chrono_tz::Europe::Paris;

const PASSWORD: &str = "girafe violette mange sept pommes sous orage";

/// A town with one hall, and the way to its pages.
pub struct Town<'a> {
    pub fixture: &'a TestCommune,
    site: Site,
    pub hall: Id<Resource>,
    now: Instant,
    workers: Arc<Workers>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub cookie: String,
    pub body: String,
}

impl Answer {
    /// What a browser has of it.
    pub async fn of(response: axum::response::Response) -> Self {
        let header = |name: &str| {
            response.headers().get(name).map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let (status, location, cookie) = (response.status(), header("location"), header("set-cookie"));
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Self { status, location, cookie, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

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

pub fn moment(text: &str) -> Moment {
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
        procedure: "reservation-de-salle".to_owned(),
    }
}

/// The service.
pub fn rooms() -> Rooms {
    Rooms::new(Arc::new(Pool::in_process()), Gate::Open, |_| Ok(Some("https://lunel.example".to_owned())))
}

/// Runs a journey on each engine.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn in_a_town(test: impl AsyncFn(&Town<'_>)) {
    let migrations = [
        beffroi_people::MIGRATIONS,
        beffroi_documents::MIGRATIONS,
        beffroi_notify::MIGRATIONS,
        beffroi_calendar::MIGRATIONS,
        beffroi_cases::MIGRATIONS,
        beffroi_payments::MIGRATIONS,
        beffroi_rooms::MIGRATIONS,
    ]
    .concat();
    on_both_engines(&migrations, |fixture| {
        let rooms = rooms();
        let workers = Workers { subscribers: rooms.subscribers(), handlers: rooms.job_handlers() };
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(rooms)];
        let house = House::new(Arc::clone(&fixture.platform), services, WebConfig::default()).unwrap();
        let (hall, now) = fixture
            .commune
            .write_blocking(By::SYSTEM, |tx| {
                let permit = permit_system::<ManageRooms>(tx).unwrap();
                let closed = day_of(tx.now(), 10);
                let hall = room::keep(tx, &permit, None, &details("salle-brassens", closed), &sheet(), true)?;
                let grids = ResourceDetails {
                    kind: Kind::Equipment,
                    parent: Some(hall),
                    stock: 10,
                    name: name("Grilles"),
                    terms: Terms::default(),
                    ..details("grilles", closed)
                };
                beffroi_calendar::resource::create(tx, &grids).map_err(room::RoomError::Resource)?;
                Ok::<_, room::RoomError>((hall, tx.now()))
            })
            .unwrap();
        let town = Town { fixture, site: Site::new(house), hall, now, workers: Arc::new(workers) };
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

    /// The house itself.
    pub fn house(&self) -> App {
        App::clone(self.site.app())
    }

    /// Whoever works in the background for the rooms.
    pub fn workers(&self) -> Arc<Workers> {
        Arc::clone(&self.workers)
    }

    /// Changes the terms of the hall.
    pub async fn terms(&self, change: impl Fn(&mut Terms) + Send + 'static) {
        let hall = self.hall;
        let changed = self.fixture.commune.write(By::SYSTEM, move |tx| {
            let mut details = beffroi_calendar::resource::find(tx, hall)?.unwrap().details;
            change(&mut details.terms);
            beffroi_calendar::resource::change(tx, hall, &details).map_err(room::RoomError::Resource)
        });
        changed.await.unwrap();
    }

    /// What a browser carries of an answer.
    pub fn carried(answer: &Answer) -> String {
        answer.cookie.split(';').next().unwrap_or_default().to_owned()
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

    /// Any request, from the machine itself.
    pub async fn respond(&self, request: Request) -> axum::response::Response {
        self.site.respond(request, "127.0.0.1".parse().unwrap()).await
    }

    pub async fn get(&self, address: &str) -> Answer {
        self.ask(Request::get(address), String::new()).await
    }

    /// Somebody who is signed in looks at a page.
    pub async fn get_as(&self, session: &str, address: &str) -> Answer {
        self.ask(Request::get(address).header("cookie", format!("beffroi={session}")), String::new()).await
    }

    /// Somebody looks at a page with what their browser carries.
    pub async fn get_with(&self, cookie: &str, address: &str) -> Answer {
        let request = Request::get(address).header("accept-language", "fr").header("cookie", cookie);
        self.ask(request, String::new()).await
    }

    /// Sends a form; `cookie` is what the browser carries.
    pub async fn post(&self, address: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let pair =
            |(name, value): &(&str, &str)| format!("{name}={}", value.replace('+', "%2B").replace(' ', "+"));
        let body = fields.iter().map(pair).collect::<Vec<_>>().join("&");
        let request = Request::post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept-language", "fr")
            .header("cookie", cookie);
        self.ask(request, body).await
    }

    /// A program sends something, from the machine itself.
    pub async fn send(&self, address: &str, key: &str, body: &serde_json::Value) -> Answer {
        let mut request = Request::post(address).header("content-type", "application/json");
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        self.ask(request, body.to_string()).await
    }

    /// The same for somebody who is signed in.
    pub async fn send_as(&self, session: &str, address: &str, key: &str, body: &serde_json::Value) -> Answer {
        let request = Request::post(address)
            .header("content-type", "application/json")
            .header("cookie", format!("beffroi={session}"))
            .header("idempotency-key", key);
        self.ask(request, body.to_string()).await
    }

    /// Sends anything else.
    pub async fn ask(&self, request: axum::http::request::Builder, body: String) -> Answer {
        self.ask_from("127.0.0.1", request, body).await
    }

    /// Somebody elsewhere sends a form.
    pub async fn post_from(&self, ip: &str, address: &str, fields: &[(&str, &str)]) -> Answer {
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", value.replace(' ', "+"));
        let body = fields.iter().map(pair).collect::<Vec<_>>().join("&");
        let request = Request::post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept-language", "fr");
        self.ask_from(ip, request, body).await
    }

    async fn ask_from(&self, ip: &str, request: axum::http::request::Builder, body: String) -> Answer {
        let request = request.header("host", "localhost").body(Body::from(body)).unwrap();
        Answer::of(self.site.respond(request, ip.parse().unwrap()).await).await
    }

    /// An agent with a role in the whole town; what their browser holds.
    pub async fn agent(&self, role: Role) -> String {
        self.agent_in(&format!("{}@lunel.example", role.as_str()), role, None).await
    }

    /// An agent with a role in a department, or in the whole town; what their browser holds.
    pub async fn agent_in(&self, email: &str, role: Role, department: Option<Id<Department>>) -> String {
        let email = email.to_owned();
        let new = NewAccount {
            email: email.clone(),
            display_name: "Awa Diop".to_owned(),
            kind: AccountKind::Agent,
            password: Some(hash_password(PASSWORD, Strength::Administrator, &[]).unwrap()),
        };
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
            let permit = permit_system(tx).unwrap();
            let id = account::create(tx, &permit, &new).unwrap();
            let permit = permit_system(tx).unwrap();
            permission::grant(tx, &permit, id, Grant { role, department }).unwrap();
            let town = beffroi_people::Town { password_suffices: true, ..beffroi_people::Town::load(tx)? };
            let permit = permit_system(tx).unwrap();
            town.save(tx, &permit).unwrap();
            Ok(())
        });
        made.await.unwrap();
        self.sign_in(&email).await
    }

    /// An inhabitant with an account; what their browser holds.
    pub async fn member(&self, email: &str) -> String {
        let new = NewAccount {
            email: email.to_owned(),
            display_name: "Lila Nouri".to_owned(),
            kind: AccountKind::Citizen,
            password: Some(hash_password(PASSWORD, Strength::Administrator, &[]).unwrap()),
        };
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
            let permit = permit_system(tx).unwrap();
            account::create(tx, &permit, &new).unwrap();
            Ok(())
        });
        made.await.unwrap();
        self.sign_in(email).await
    }

    /// What the calendar program of somebody reads who has added every room that they may.
    pub async fn calendar(&self, email: &'static str) -> String {
        let house = self.house();
        let read = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let sql = "SELECT id FROM account WHERE email = $1";
            let account: Id<Account> = tx.query_one(sql, &[&email], |row| row.get(0))?;
            let secret = feed::make(tx, account)?;
            let own = house.told_at(tx, secret.reveal())?.unwrap();
            let offered = house.offered(tx, &own.opened.who, Lang::Fr)?;
            let added: Vec<String> = offered.into_iter().map(|it| it.key).collect();
            feed::choose(tx, account, &added)?;
            Ok(house.told_at(tx, secret.reveal())?.unwrap())
        });
        read.await.unwrap().text("Agenda")
    }

    /// Signs somebody in who has an account; what their browser holds.
    pub async fn sign_in(&self, email: &str) -> String {
        let credentials = Credentials {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            source: "192.0.2.7".to_owned(),
        };
        let commune = Arc::clone(&self.fixture.commune);
        let opened = tokio::task::spawn_blocking(move || {
            let proof = LocalPasswords.authenticate(&commune, &credentials).unwrap();
            commune.write_blocking(By::VISITOR, move |tx| sign_on::conclude(tx, &proof, "test")).unwrap()
        });
        let SignIn::Open { token, .. } = opened.await.unwrap() else { panic!("not signed in") };
        token.reveal().to_owned()
    }
}
