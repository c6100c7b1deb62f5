//! A house with workshops alone: a department of advisers, a house with a room, two series, and somebody at a browser.

use std::sync::Arc;

use beffroi_calendar::{
    local,
    resource::{self, Kind, Name, Resource, ResourceDetails, Terms},
    spans::Span,
};
use beffroi_core::{Day, Id, Instant, Sector};
use beffroi_notify::mail::{self, Mail};
use beffroi_people::{
    AccountKind, Department, Grant, Role, SignedIn, Town as Settings,
    account::{self, NewAccount},
    department::{self, DepartmentDetails},
    password::{Strength, hash_password},
    permission::{self, permit_system},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
};
use beffroi_store::{
    By, StoreError, Tx,
    background::{Workers, run_due},
    testing::{TestCommune, on_both_engines},
};
use beffroi_typeset::Pool;
pub use beffroi_web::testing::{Answer, Browser};
use beffroi_web::{App, House, Service, Site, WebConfig, meeting::Meeting};
use beffroi_workshops::{
    AdviseWorkshops, Workshops,
    place::{self, Place, PlaceSheet},
    series::{self, Series, SeriesSheet, Signup},
    session::{self, Mark as Session, SessionDetails},
};
use chrono::TimeDelta;
use chrono_tz::Europe::Paris;
use uuid::Uuid;

/// A town with workshops.
pub struct Town<'a> {
    pub fixture: &'a TestCommune,
    site: Site,
    workers: Arc<Workers>,
    pub services: Vec<Arc<dyn Service>>,
    pub things: Things,
}

/// What there is in it.
#[derive(Clone, Copy, Debug)]
pub struct Things {
    pub club: Id<Place>,
    /// « Premiers pas », a session at a time: Wednesday 10 June, two to four, two seats and two who may wait.
    pub steps: Id<Series>,
    pub session: Id<Session>,
}

pub fn name(fr: &str) -> Name {
    Name { fr: fr.to_owned(), en: String::new() }
}

/// A moment of a day of June 2026, as the clocks of the town show it. Tests begin on Wednesday 3, at ten.
pub fn at(day: u32, hour: u32, minute: u32) -> Instant {
    let day = Day::from_ymd_opt(2026, 6, day).unwrap();
    local::earliest(day.and_hms_opt(hour, minute, 0).unwrap(), Paris)
}

pub fn span(day: u32, from: u32, until: u32) -> Span {
    Span::new(at(day, from, 0), at(day, until, 0)).unwrap()
}

fn departments(tx: &mut Tx<'_>) -> Vec<Id<Department>> {
    let permit = permit_system(tx).unwrap();
    let mut all = Vec::new();
    for slug in ["numerique", "urbanisme"] {
        let details = DepartmentDetails {
            slug: slug.to_owned(),
            parent: None,
            name: slug.to_owned(),
            phone: "04 65 71 00 22".to_owned(),
            email: String::new(),
            postal_address: "12 rue Haute".to_owned(),
            hours: String::new(),
            sector: Sector::General,
        };
        all.push(department::create(tx, &permit, &details).unwrap());
    }
    all
}

fn settle(fixture: &TestCommune) -> Things {
    let settled = fixture.commune.write_blocking(By::SYSTEM, |tx| -> Result<Things, StoreError> {
        let town = Settings {
            name: "Lunel".to_owned(),
            phone: "04 65 71 00 00".to_owned(),
            postal_address: "240 avenue Victor-Hugo".to_owned(),
            postcode: "34400".to_owned(),
            password_suffices: true,
            ..Settings::load(tx)?
        };
        let permit = permit_system(tx).unwrap();
        town.save(tx, &permit).unwrap();
        let department = departments(tx)[0];
        let room = ResourceDetails {
            slug: "salle-rousseau".to_owned(),
            kind: Kind::Room,
            parent: None,
            name: name("Salle Rousseau"),
            stock: 1,
            active: true,
            terms: Terms::default(),
        };
        let room = resource::create(tx, &room).unwrap();
        let permit = permit_system::<AdviseWorkshops>(tx).unwrap();
        let mut place = |title: &str, room: Option<Id<Resource>>| {
            let sheet = PlaceSheet {
                name: name(title),
                address: "Rue Jean-Jacques-Rousseau".to_owned(),
                postcode: "34400".to_owned(),
                city: "Lunel".to_owned(),
                access: name("Ascenseur"),
            };
            place::keep(tx, &permit, None, room, &sheet).unwrap()
        };
        let house = place("Maison Jean-Jacques-Rousseau", Some(room));
        let club = place("Foyer des retraités", None);
        let mut series = |title: &str, signup: Signup| {
            let sheet = SeriesSheet {
                title: name(title),
                summary: name("Pour se lancer."),
                learns: name("La souris.\nLe clavier."),
                audience: name("Tous"),
                bring: vec![name("Des lunettes")],
                signup,
                ..SeriesSheet::default()
            };
            series::keep(tx, &permit, None, department, (true, &sheet)).unwrap()
        };
        let steps = series("Premiers pas", Signup::Each);
        let cycle = series("Le cycle", Signup::Whole);
        let details = SessionDetails { place: house, span: span(10, 14, 16), seats: 2, waiting_places: 2 };
        let session = session::plan(tx, &permit, steps, details).unwrap();
        for day in [11, 18, 25] {
            let details = SessionDetails { place: club, span: span(day, 9, 11), seats: 4, waiting_places: 0 };
            session::plan(tx, &permit, cycle, details).unwrap();
        }
        Ok(Things { club, steps, session })
    });
    settled.unwrap()
}

/// Stands for the service that keeps appointments: two of Jeanne Roux and one of Paul Roux with an adviser, seen by every
/// agent.
pub struct Diary;

/// What it keeps: which, with whom, and how to reach them.
pub const MET: [(Uuid, &str, &str); 3] = [
    (Uuid::from_u128(901), "Jeanne Roux", "jeanne@example.org"),
    (Uuid::from_u128(902), "ROUX Jeanne", "jeanne@example.org"),
    (Uuid::from_u128(903), "Paul Roux", "paul@example.org"),
];

impl Service for Diary {
    fn name(&self) -> &'static str {
        "diary"
    }

    fn routes(&self) -> axum::Router<App> {
        axum::Router::new()
    }

    fn meeting(
        &self,
        tx: &mut Tx<'_>,
        (kind, id): (&str, Uuid),
        _: &SignedIn,
    ) -> beffroi_store::Result<Option<Meeting>> {
        let known = MET.into_iter().find(|(known, ..)| kind == "appointment" && *known == id);
        let department = department::by_slug(tx, "numerique")?.unwrap().id;
        Ok(known.map(|(id, name, email)| Meeting {
            thing: ("appointment", id),
            department,
            name: name.to_owned(),
            email: email.to_owned(),
            phone: String::new(),
            starts_at: at(4, 10, 0),
            href: format!("/agents/rendez-vous/{id}"),
        }))
    }
}

/// Runs a journey on each engine.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn in_a_town(test: impl AsyncFn(&Town<'_>)) {
    let migrations = [
        beffroi_people::MIGRATIONS,
        beffroi_documents::MIGRATIONS,
        beffroi_notify::MIGRATIONS,
        beffroi_sms::MIGRATIONS,
        beffroi_calendar::MIGRATIONS,
        beffroi_payments::MIGRATIONS,
        beffroi_workshops::MIGRATIONS,
    ]
    .concat();
    on_both_engines(&migrations, |fixture| {
        let workshops =
            Workshops::new(|_| Ok(Some("https://lunel.example".to_owned())), Arc::new(Pool::in_process()));
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(workshops), Arc::new(Diary)];
        let house =
            House::new(Arc::clone(&fixture.platform), services.clone(), WebConfig::default()).unwrap();
        // Mails stay where they are queued, so that what they say can be read.
        let workers = Arc::new(house.workers());
        let things = settle(fixture);
        let town = Town { fixture, site: Site::new(house), workers, services, things };
        tokio::runtime::Runtime::new().unwrap().block_on(test(&town));
    })
    .unwrap();
}

impl Town<'_> {
    /// Somebody at a browser.
    pub fn browser(&self) -> Browser<'_> {
        Browser::at(&self.site)
    }

    /// An account, signed in: of an agent of a department where a role is given.
    pub async fn account(&self, email: &str, grant: Option<(&str, Role)>) -> Browser<'_> {
        const PASSWORD: &str = "girafe violette mange sept pommes sous orage";
        let new = NewAccount {
            email: email.to_owned(),
            display_name: "Awa Diop".to_owned(),
            kind: if grant.is_some() { AccountKind::Agent } else { AccountKind::Citizen },
            password: Some(hash_password(PASSWORD, Strength::Administrator, &[]).unwrap()),
        };
        let grant = grant.map(|(department, role)| (department.to_owned(), role));
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let permit = permit_system(tx).unwrap();
            let id = account::create(tx, &permit, &new).unwrap();
            if let Some((department, role)) = grant {
                let department = department::by_slug(tx, &department)?.map(|found| found.id);
                permission::grant(tx, &permit, id, Grant { role, department }).unwrap();
            }
            Ok(())
        });
        made.await.unwrap();
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
        Browser::signed_in(&self.site, token.reveal())
    }

    /// So many people who were met on 3 and on 10 June and could not write mails at first; so many of them could at last.
    pub async fn met(&self, people: u128, learnt: u128) {
        let done = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let department = department::by_slug(tx, "numerique")?.unwrap().id;
            for rank in 0..people {
                let followup = Uuid::from_u128(5_000 + rank);
                let last = if rank < learnt { "alone" } else { "none" };
                for (day, level) in [("2026-06-03", "none"), ("2026-06-10", last)] {
                    let day: Day = day.parse().unwrap();
                    tx.execute(
                        "INSERT INTO workshops_met (followup, department, day) VALUES ($1, $2, $3)",
                        &[&followup, &department, &day],
                    )?;
                    tx.execute(
                        "INSERT INTO workshops_level (followup, department, theme, day, level) \
                         VALUES ($1, $2, 'mail', $3, $4)",
                        &[&followup, &department, &day, &level],
                    )?;
                }
            }
            Ok(())
        });
        done.await.unwrap();
    }

    /// An adviser.
    pub async fn adviser(&self) -> Browser<'_> {
        self.account("awa@lunel.example", Some(("numerique", Role::Agent))).await
    }

    /// Another of them, where the session of the first has ended meanwhile.
    pub async fn colleague(&self) -> Browser<'_> {
        self.account("bao@lunel.example", Some(("numerique", Role::Agent))).await
    }

    /// Does the work that waits.
    pub async fn work(&self) {
        let (commune, workers) = (Arc::clone(&self.fixture.commune), Arc::clone(&self.workers));
        tokio::task::spawn_blocking(move || run_due(&commune, &workers)).await.unwrap().unwrap();
    }

    /// What the service does each hour.
    pub async fn hour(&self) {
        let (commune, services) = (Arc::clone(&self.fixture.commune), self.services.clone());
        let round = move || services.iter().map(|service| service.hourly(&commune).unwrap()).sum::<u64>();
        tokio::task::spawn_blocking(round).await.unwrap();
    }

    /// The mails, newest first, once the work that waits is done.
    pub async fn mails(&self) -> Vec<Mail> {
        // What is written next is newer than what was.
        self.fixture.clock.advance(TimeDelta::milliseconds(1));
        self.work().await;
        self.fixture.commune.read(By::SYSTEM, |tx| mail::recent(tx, None, 50)).await.unwrap()
    }

    /// The mails to somebody, newest first.
    pub async fn mails_to(&self, email: &str) -> Vec<Mail> {
        self.mails().await.into_iter().filter(|mail| mail.to == email).collect()
    }

    /// The page that the last mail to somebody leads to.
    pub async fn page_of(&self, email: &str) -> String {
        let text = self.mails_to(email).await.remove(0).text;
        let link = text.split("https://lunel.example").nth(1).unwrap();
        link.split([' ', '\n', ')']).next().unwrap().to_owned()
    }

    /// How many things a statement counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let counted = self.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            tx.query_one(sql, &[], |row| row.get::<i64>(0))
        });
        counted.await.unwrap()
    }

    /// Registers somebody online for the session of « Premiers pas »; waits where it is full.
    pub async fn registers(&self, person: &str, email: &str) -> Answer {
        let session = self.things.session.to_string();
        let fields = [
            ("seance", session.as_str()),
            ("attente", "oui"),
            ("pour", "moi"),
            ("nom", person),
            ("moyen", "mail"),
            ("courriel", email),
        ];
        let answer = self.browser().post("/ateliers/premiers-pas/inscription", &fields).await;
        // Who comes next comes later, and is written to later.
        self.fixture.clock.advance(TimeDelta::milliseconds(1));
        self.work().await;
        answer
    }
}
