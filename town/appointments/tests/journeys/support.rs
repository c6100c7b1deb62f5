//! A house with appointments alone, two counters of the town hall, and somebody at a browser.

use std::{sync::Arc, time::Duration};

use beffroi_appointments::{
    Appointments, ManageAppointments,
    coordination::Coordination,
    motive::{self, Motive, MotiveDetails, MotiveSheet, TitleReason},
    site::{self, DeskDetails, SiteDetails, SiteSheet},
};
use beffroi_calendar::{
    local::{self, Moment},
    openings::{Closure, Hours, OnHolidays, Openings, Rule, Season, Weeks},
    resource::{Name, Resource},
};
use beffroi_core::{Day, Id, Instant, Lang, Sector, Targets};
use beffroi_notify::{
    Transport,
    mail::{self, Mail},
};
use beffroi_people::{
    Account, AccountKind, Grant, Role, SignedIn, Town as Settings,
    account::{self, NewAccount},
    department::{self, DepartmentDetails},
    feed,
    password::{Strength, hash_password},
    permission::{self, permit_system},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
    token,
};
use beffroi_store::{
    By, StoreError, Tx,
    background::{Workers, run_due},
    testing::{TestCommune, on_both_engines},
};
pub use beffroi_web::testing::{Answer, Browser};
use beffroi_web::{App, House, Service, Site, WebConfig, meeting::Meeting, panel::Panel, personal::Teller};
use chrono::Weekday;
use chrono_tz::Europe::Paris;

/// A town with a town hall of two counters, and an annex of one.
pub struct Town<'a> {
    pub fixture: &'a TestCommune,
    site: Site,
    workers: Arc<Workers>,
    services: Vec<Arc<dyn Service>>,
    pub things: Things,
}

/// What there is in it.
#[derive(Clone, Copy, Debug)]
pub struct Things {
    pub hall: Id<Resource>,
    pub annex: Id<Resource>,
}

pub fn name(fr: &str) -> Name {
    Name { fr: fr.to_owned(), en: String::new() }
}

pub fn hours(from: &str, until: &str) -> Hours {
    Hours::new(Moment::parse(from).unwrap(), Moment::parse(until).unwrap()).unwrap()
}

pub fn rule(weekdays: &[Weekday], all: &[Hours]) -> Rule {
    Rule {
        weekdays: weekdays.to_vec(),
        weeks: Weeks::Every,
        hours: all.to_vec(),
        season: Season::AllYear,
        public_holidays: OnHolidays::Not,
        school_holidays: OnHolidays::Same,
    }
}

/// Every working day from nine to noon.
pub fn mornings() -> Openings {
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    Openings { rules: vec![rule(&week, &[hours("09:00", "12:00")])], ..Openings::default() }
}

/// A moment of a day of June 2026, as the clocks of the town show it. Tests begin on Wednesday 3, at ten.
pub fn at(day: u32, hour: u32, minute: u32) -> Instant {
    let day = Day::from_ymd_opt(2026, 6, day).unwrap();
    local::earliest(day.and_hms_opt(hour, minute, 0).unwrap(), Paris)
}

/// What a button sends.
pub fn time(site: Id<Resource>, at: Instant) -> String {
    format!("{site}@{}", at.timestamp())
}

fn settle(fixture: &TestCommune) -> Things {
    let settled = fixture.commune.write_blocking(By::SYSTEM, |tx| -> Result<Things, StoreError> {
        let town = Settings {
            name: "Lunel".to_owned(),
            phone: "04 65 71 00 00".to_owned(),
            password_suffices: true,
            ..Settings::load(tx)?
        };
        let permit = permit_system(tx).unwrap();
        town.save(tx, &permit).unwrap();
        let permit = permit_system(tx).unwrap();
        let mut departments = Vec::new();
        for slug in ["etat-civil", "urbanisme"] {
            let details = DepartmentDetails {
                slug: slug.to_owned(),
                parent: None,
                name: slug.to_owned(),
                phone: String::new(),
                email: String::new(),
                postal_address: String::new(),
                hours: String::new(),
                sector: Sector::CivilStatus,
            };
            departments.push(department::create(tx, &permit, &details).unwrap());
        }
        let permit = permit_system::<ManageAppointments>(tx).unwrap();
        let motive = |slug: &str, title: &str, department: usize, sheet: MotiveSheet| MotiveDetails {
            slug: slug.to_owned(),
            rank: 1,
            active: true,
            department: Some(departments[department]),
            sheet: MotiveSheet { name: name(title), summary: name("Pour tous."), ..sheet },
        };
        let titles = MotiveSheet {
            bring: vec![name("Une photo d’identité"), name("L’ancien titre")],
            minutes: vec![20, 40, 60],
            titles: TitleReason::ALL.to_vec(),
            ..MotiveSheet::default()
        };
        let titles = motive("titres", "Carte d’identité ou passeport", 0, titles);
        let titles = motive::keep(tx, &permit, None, &titles).unwrap();
        let plans = MotiveSheet { minutes: vec![45], followed: true, ..MotiveSheet::default() };
        let plans = motive::keep(tx, &permit, None, &motive("urbanisme", "Urbanisme", 1, plans)).unwrap();
        let sheet = SiteSheet {
            address: "12 rue Sadi-Carnot".to_owned(),
            postcode: "34400".to_owned(),
            city: "Lunel".to_owned(),
            access: name("Entrée de plain-pied"),
            place: Some((4.135, 43.674)),
            ..SiteSheet::default()
        };
        // The annex is closed on Friday 5.
        let closed = Day::from_ymd_opt(2026, 6, 5).unwrap();
        let closed = Closure { first: closed, last: closed, hours: None, why: "Travaux".to_owned() };
        let closed = Openings { closures: vec![closed], ..Openings::default() };
        let open = Openings::default();
        let kept = [("hotel-de-ville", "Hôtel de ville", open), ("mairie-annexe", "Mairie annexe", closed)];
        let [hall, annex] = kept.map(|(slug, title, closures)| {
            let (slug, name, sheet) = (slug.to_owned(), name(title), sheet.clone());
            let details = SiteDetails { slug, name, active: true, sheet, closures };
            site::keep_site(tx, &permit, None, &details).unwrap()
        });
        let mut desk = |slug: &str, site, department: usize, reserve: Vec<Rule>, motives: &[Id<Motive>]| {
            let details = DeskDetails {
                slug: slug.to_owned(),
                name: name(slug),
                is_person: false,
                site,
                department: Some(departments[department]),
                rank: 1,
                active: true,
                presence: mornings(),
                reserve,
                motives: motives.iter().copied().collect(),
            };
            site::keep_desk(tx, &permit, None, &details).unwrap()
        };
        // From eleven on, the first counter is kept for the same day.
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        desk("guichet-1", hall, 0, vec![rule(&week, &[hours("11:00", "12:00")])], &[titles]);
        desk("guichet-2", annex, 0, Vec::new(), &[titles]);
        desk("urbanisme", hall, 1, Vec::new(), &[plans]);
        Ok(Things { hall, annex })
    });
    settled.unwrap()
}

/// Stands for a service whose advisers follow up whom they meet.
struct Advisers;

impl Service for Advisers {
    fn name(&self) -> &'static str {
        "advisers"
    }

    fn routes(&self) -> axum::Router<App> {
        axum::Router::new()
    }

    fn meeting_panels(
        &self,
        _: &mut Tx<'_>,
        meeting: &Meeting,
        _: &SignedIn,
        _: Teller<'_>,
    ) -> Result<Vec<Panel>, StoreError> {
        let title = format!("Suivi de {}", meeting.name);
        Ok(vec![Panel { id: "suivi", title, ..Panel::default() }])
    }
}

/// How long whoever books waits for the State's coordination service in these journeys.
const SOON: Duration = Duration::from_millis(400);

/// Runs a journey on each engine.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn in_a_town(test: impl AsyncFn(&Town<'_>)) {
    let migrations = [
        beffroi_people::MIGRATIONS,
        beffroi_notify::MIGRATIONS,
        beffroi_sms::MIGRATIONS,
        beffroi_calendar::MIGRATIONS,
        beffroi_appointments::MIGRATIONS,
    ]
    .concat();
    on_both_engines(&migrations, |fixture| {
        let appointments = Appointments::new(|_| Ok(Some("https://lunel.example".to_owned())))
            .with_coordination(Coordination::new(Targets::Private).patient(SOON));
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(appointments), Arc::new(Advisers)];
        let house =
            House::new(Arc::clone(&fixture.platform), services.clone(), WebConfig::default()).unwrap();
        let mut workers = house.workers();
        workers.handlers.push(Arc::new(mail::SendHandler::new(Transport::Kept)));
        let things = settle(fixture);
        let town = Town { fixture, site: Site::new(house), workers: Arc::new(workers), services, things };
        tokio::runtime::Runtime::new().unwrap().block_on(test(&town));
    })
    .unwrap();
}

impl Town<'_> {
    /// Somebody at a browser, from an address of their own.
    pub fn browser(&self) -> Browser<'_> {
        Browser::at(&self.site)
    }

    /// An agent of a department, signed in.
    pub async fn agent(&self, email: &str, department: &str, role: Role) -> Browser<'_> {
        const PASSWORD: &str = "girafe violette mange sept pommes sous orage";
        let new = NewAccount {
            email: email.to_owned(),
            display_name: "Awa Diop".to_owned(),
            kind: AccountKind::Agent,
            password: Some(hash_password(PASSWORD, Strength::Administrator, &[]).unwrap()),
        };
        let department = department.to_owned();
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let permit = permit_system(tx).unwrap();
            let id = account::create(tx, &permit, &new).unwrap();
            let department = department::by_slug(tx, &department)?.map(|found| found.id);
            permission::grant(tx, &permit, id, Grant { role, department }).unwrap();
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

    /// The token of an agent's program.
    pub async fn token(&self, department: &str, role: Role) -> String {
        let new = NewAccount {
            email: format!("programme-{department}@lunel.example"),
            display_name: "Awa Diop".to_owned(),
            kind: AccountKind::Agent,
            password: None,
        };
        let department = department.to_owned();
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let permit = permit_system(tx).unwrap();
            let id = account::create(tx, &permit, &new).unwrap();
            let department = department::by_slug(tx, &department)?.map(|found| found.id);
            permission::grant(tx, &permit, id, Grant { role, department }).unwrap();
            let permit = permit_system(tx).unwrap();
            let scopes = ["appointment.receive".to_owned()];
            let life = chrono::TimeDelta::days(30);
            let (_, secret) = token::create(tx, &permit, id, "essai", &scopes, life).unwrap();
            Ok(secret.reveal().to_owned())
        });
        format!("Bearer {}", made.await.unwrap())
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

    /// The mails, newest first, once the work that waits is done. What is secret is gone from those that left.
    pub async fn mails(&self) -> Vec<Mail> {
        self.work().await;
        self.fixture.commune.read(By::SYSTEM, |tx| mail::recent(tx, None, 50)).await.unwrap()
    }

    /// How many things a statement counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let counted = self.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            tx.query_one(sql, &[], |row| row.get::<i64>(0))
        });
        counted.await.unwrap()
    }

    /// The town hall begins to give out tickets.
    pub async fn gives_tickets(&self) {
        let hall = self.things.hall;
        let kept = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let permit = permit_system::<ManageAppointments>(tx).unwrap();
            let mut details = site::site(tx, hall)?.unwrap().details();
            details.sheet.tickets = true;
            site::keep_site(tx, &permit, Some(hall), &details).unwrap();
            Ok(())
        });
        kept.await.unwrap();
    }

    /// The town hall is closed on a day of June.
    pub async fn closes(&self, day: u32) {
        let hall = self.things.hall;
        let kept = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let permit = permit_system::<ManageAppointments>(tx).unwrap();
            let mut details = site::site(tx, hall)?.unwrap().details();
            let day = Day::from_ymd_opt(2026, 6, day).unwrap();
            details.closures.closures.push(Closure {
                first: day,
                last: day,
                hours: None,
                why: String::new(),
            });
            site::keep_site(tx, &permit, Some(hall), &details).unwrap();
            Ok(())
        });
        kept.await.unwrap();
    }

    /// The town hall is open again on a day of June.
    pub async fn opens(&self, day: u32) {
        let hall = self.things.hall;
        let kept = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let permit = permit_system::<ManageAppointments>(tx).unwrap();
            let mut details = site::site(tx, hall)?.unwrap().details();
            let day = Day::from_ymd_opt(2026, 6, day).unwrap();
            details.closures.closures.retain(|closure| closure.first != day);
            site::keep_site(tx, &permit, Some(hall), &details).unwrap();
            Ok(())
        });
        kept.await.unwrap();
    }

    /// What the calendar program of an agent reads who has added every counter that they may.
    pub async fn calendar(&self, email: &'static str) -> String {
        let house = App::clone(self.site.app());
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

    /// The texts that a statement finds.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        let found = self.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            tx.query(sql, &[], |row| row.get::<String>(0))
        });
        found.await.unwrap()
    }

    /// The last link that leads to an appointment, as its owner sees it in the address.
    pub async fn books(&self, time: &str, contact: &[(&str, &str)]) -> String {
        let browser = self.browser();
        let held =
            browser.post("/rendez-vous/titres/reserver", &[("creneau", time), ("personnes", "1")]).await;
        assert_eq!(held.status, 303, "{}", held.body);
        let booked = browser.post(&held.location, contact).await;
        assert_eq!(booked.status, 303, "{}", booked.body);
        held.location
    }
}
