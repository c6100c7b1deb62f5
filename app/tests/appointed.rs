//! An appointment opens a case, and a case asks for an appointment, on both engines: the desk and the appointments in one
//! house, each knowing of the other what the house tells them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use axum::extract::Request;
use beffroi_appointments::{
    AppointmentDiary, Appointments, ManageAppointments,
    motive::{self, MotiveDetails, MotiveSheet},
    site::{self, DeskDetails, SiteDetails, SiteSheet},
};
use beffroi_calendar::{
    local::Moment,
    openings::{Hours, OnHolidays, Openings, Rule, Season, Weeks},
    resource::{Name, Resource},
};
use beffroi_core::{Day, Id, Sector};
use beffroi_desk::{DeskConfig, DeskService, procedure};
use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use beffroi_people::{
    AccountKind, Grant, Role, Town,
    account::{self, NewAccount},
    department::{self, DepartmentDetails},
    password::{Strength, hash_password},
    permission::{self, permit_system},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
    token,
};
use beffroi_store::{
    By, StoreError,
    testing::{TestCommune, on_both_engines},
};
use beffroi_typeset::Pool;
use beffroi_web::{House, Service, Site, WebConfig, testing::Browser};
use chrono::{TimeDelta, Weekday};
use serde_json::{Value, json};

const PASSWORD: &str = "girafe violette mange sept pommes sous orage";
const PROCEDURE: &str = "occupation-domaine-public";
const ORIGIN: &str = "https://lunel.example";

fn name(fr: &str) -> Name {
    Name { fr: fr.to_owned(), en: String::new() }
}

/// Two departments, a motive of the first, received each morning at one counter; the counter's site.
fn settle(fixture: &TestCommune) -> Id<Resource> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/procedures/occupation-domaine-public.toml");
    let definition = Procedure::from_toml(&std::fs::read_to_string(file).unwrap()).unwrap();
    let settled = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let town = Town { name: "Lunel".to_owned(), password_suffices: true, ..Town::load(tx)? };
        let permit = permit_system(tx).unwrap();
        town.save(tx, &permit).unwrap();
        let permit = permit_system(tx).unwrap();
        let mut departments = Vec::new();
        for slug in ["domaine-public", "etat-civil"] {
            let details = DepartmentDetails {
                slug: slug.to_owned(),
                parent: None,
                name: slug.to_owned(),
                phone: "04 65 71 00 20".to_owned(),
                email: "service@lunel.example".to_owned(),
                postal_address: "1 place des Platanes".to_owned(),
                hours: String::new(),
                sector: Sector::General,
            };
            departments.push(department::create(tx, &permit, &details).unwrap());
        }
        procedure::publish(tx, &definition).unwrap();
        let permit = permit_system::<ManageAppointments>(tx).unwrap();
        let sheet = MotiveSheet {
            name: name("Parler d’un projet"),
            procedure: PROCEDURE.to_owned(),
            ..MotiveSheet::default()
        };
        let department = departments.first().copied();
        let motive = MotiveDetails { slug: "projet".to_owned(), rank: 1, active: true, department, sheet };
        let motive = motive::keep(tx, &permit, None, &motive).unwrap();
        let details = SiteDetails {
            slug: "hotel-de-ville".to_owned(),
            name: name("Hôtel de ville"),
            active: true,
            sheet: SiteSheet::default(),
            closures: Openings::default(),
        };
        let hall = site::keep_site(tx, &permit, None, &details).unwrap();
        let moment = |text| Moment::parse(text).unwrap();
        let mornings = Rule {
            weekdays: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            weeks: Weeks::Every,
            hours: vec![Hours::new(moment("09:00"), moment("12:00")).unwrap()],
            season: Season::AllYear,
            public_holidays: OnHolidays::Not,
            school_holidays: OnHolidays::Same,
        };
        let desk = DeskDetails {
            slug: "guichet".to_owned(),
            name: name("Guichet"),
            is_person: false,
            site: hall,
            department,
            rank: 1,
            active: true,
            presence: Openings { rules: vec![mornings], ..Openings::default() },
            reserve: Vec::new(),
            motives: [motive].into(),
        };
        site::keep_desk(tx, &permit, None, &desk).unwrap();
        Ok(hall)
    });
    settled.unwrap()
}

/// The town, and where people are received.
struct Hall<'a> {
    fixture: &'a TestCommune,
    site: Site,
    place: Id<Resource>,
}

impl Hall<'_> {
    fn browser(&self) -> Browser<'_> {
        Browser::at(&self.site)
    }

    /// An agent of a department, signed in.
    async fn agent(&self, email: &'static str, department: &'static str) -> Browser<'_> {
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let new = NewAccount {
                email: email.to_owned(),
                display_name: "Awa Diop".to_owned(),
                kind: AccountKind::Agent,
                password: Some(hash_password(PASSWORD, Strength::Administrator, &[]).unwrap()),
            };
            let permit = permit_system(tx).unwrap();
            let id = account::create(tx, &permit, &new).unwrap();
            let department = department::by_slug(tx, department)?.map(|found| found.id);
            permission::grant(tx, &permit, id, Grant { role: Role::Agent, department }).unwrap();
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

    /// A program with the token of another agent of a department.
    async fn program(&self, department: &'static str, scopes: &'static [&'static str]) -> Program<'_> {
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<String, StoreError> {
            let new = NewAccount {
                email: format!("programme-{}-{department}@lunel.example", scopes.len()),
                display_name: "Logiciel".to_owned(),
                kind: AccountKind::Agent,
                password: None,
            };
            let permit = permit_system(tx).unwrap();
            let account = account::create(tx, &permit, &new).unwrap();
            let department = department::by_slug(tx, department)?.map(|found| found.id);
            permission::grant(tx, &permit, account, Grant { role: Role::Agent, department }).unwrap();
            let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            let permit = permit_system(tx).unwrap();
            let (_, secret) =
                token::create(tx, &permit, account, "essai", &scopes, TimeDelta::days(30)).unwrap();
            Ok(secret.reveal().to_owned())
        });
        Program { browser: self.browser(), token: format!("Bearer {}", made.await.unwrap()) }
    }

    /// What a button sends that takes a time of Thursday 4 June, at nine and so many minutes.
    fn time(&self, minute: u32) -> String {
        let day = Day::from_ymd_opt(2026, 6, 4).unwrap();
        // At seven, universal time: nine in summer.
        let at = day.and_hms_opt(7, minute, 0).unwrap().and_utc();
        format!("{}@{}", self.place, at.timestamp())
    }
}

/// A program that holds a token.
struct Program<'a> {
    browser: Browser<'a>,
    token: String,
}

impl Program<'_> {
    async fn ask(&self, method: &str, path: &str, (key, body): (&str, &Value)) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", &self.token)
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.browser.ask(request, body).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, ("lecture", &Value::Null)).await
    }
}

/// Runs a journey on each engine.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
fn in_a_hall(test: impl AsyncFn(&Hall<'_>)) {
    let tables = [beffroi_desk::migrations(), beffroi_appointments::MIGRATIONS.to_vec()].concat();
    on_both_engines(&tables, |fixture| {
        let desk = DeskService::new(DeskConfig {
            pool: Arc::new(Pool::in_process()),
            gate: Gate::Open,
            origin: Box::new(|_| ORIGIN.to_owned()),
            demo: false,
        })
        .with_diary(Arc::new(AppointmentDiary));
        let appointments = Appointments::new(|_| Ok(Some(ORIGIN.to_owned()))).with_cases(desk.case_book());
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(desk), Arc::new(appointments)];
        let house = House::new(Arc::clone(&fixture.platform), services, WebConfig::default()).unwrap();
        let place = settle(fixture);
        let hall = Hall { fixture, site: Site::new(house), place };
        tokio::runtime::Runtime::new().unwrap().block_on(test(&hall));
    })
    .unwrap();
}

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A removal van, entered for somebody.
const REMOVAL: [(&str, &str); 23] = [
    ("door", "counter"),
    ("recue-day", "3"),
    ("recue-month", "6"),
    ("recue-year", "2026"),
    ("objet", "demenagement"),
    ("circulation", "false"),
    ("lieu", "3 rue Haute, 34400 Lunel"),
    ("surface", "20"),
    ("debut-day", "20"),
    ("debut-month", "7"),
    ("debut-year", "2026"),
    ("fin-day", "20"),
    ("fin-month", "7"),
    ("fin-year", "2026"),
    ("heure_debut", "08:00"),
    ("heure_fin", "12:00"),
    ("statut", "particulier"),
    ("demandeur-family_name", "Roux"),
    ("demandeur-given_names", "Jeanne"),
    ("adresse", "7 impasse des Cigales, 34400 Lunel"),
    ("courriel", "jeanne@example.org"),
    ("telephone", "0465711234"),
    ("engagement", "true"),
];

/// Enters a request at the counter: the case, and the code of its requester.
async fn enters(agent: &Browser<'_>, more: &[(&str, &str)]) -> (String, String) {
    let fields = [&[("idempotency_key", KEY)][..], &REMOVAL[..], more].concat();
    let sent = agent.send(&format!("/agents/guichet/{PROCEDURE}"), &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let code = agent.get(&sent.location).await.between("<p class=\"code\">", "</p>");
    (sent.location.rsplit('/').next().unwrap().to_owned(), code)
}

/// Books a time for a project; the page of the appointment.
async fn books(browser: &Browser<'_>, time: &str, propose: &str) -> String {
    let fields = [("creneau", time), ("personnes", "1"), ("propose", propose)];
    let held = browser.post("/rendez-vous/projet/reserver", &fields).await;
    assert_eq!(held.status, 303, "{}", held.body);
    let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
    let booked = browser.post(&held.location, &contact).await;
    assert_eq!(booked.location, format!("{}?fait=reserve", held.location), "{}", booked.body);
    held.location
}

/// The only appointment of a day, as agents see it.
async fn seen(agent: &Browser<'_>) -> String {
    let page = agent.get("/agents/rendez-vous?lieu=hotel-de-ville&jour=2026-06-04").await;
    let part = page.body.split("/agents/rendez-vous/").find(|it| it.contains("Jeanne")).unwrap();
    format!("/agents/rendez-vous/{}", part.split('"').next().unwrap())
}

#[test]
fn an_appointment_opens_a_case_and_each_shows_the_other() {
    in_a_hall(async |hall| {
        let mine = books(&hall.browser(), &hall.time(0), "").await;
        let agent = hall.agent("awa@lunel.example", "domaine-public").await;
        let appointment = seen(&agent).await;
        let page = agent.get(&appointment).await;
        page.says("Ouvrir une demande");
        let id = appointment.rsplit('/').next().unwrap();
        let entry = format!("/agents/guichet/{PROCEDURE}?rendez_vous={id}");
        page.says(&entry);
        let form = agent.get(&entry).await;
        form.says("Rendez-vous de Jeanne Roux").says("value=\"Roux\"").says("value=\"jeanne@example.org\"");
        // What is wrong comes back with the appointment.
        let wrong = [("idempotency_key", KEY), ("door", "counter"), ("rendez_vous", id)];
        let wrong = agent.send(&format!("/agents/guichet/{PROCEDURE}"), &wrong).await;
        assert_eq!(wrong.status, 422);
        wrong.says("Rendez-vous de Jeanne Roux").says(&format!("name=\"rendez_vous\" value=\"{id}\""));
        let (case, _) = enters(&agent, &[("rendez_vous", id)]).await;
        let dossier = agent.get(&format!("/agents/dossiers/{case}")).await;
        dossier.says("Demande ouverte à un rendez-vous").says("Parler d’un projet").says(&appointment);
        let reference = dossier.between("<p class=\"govuk-caption-l\">", " ·");
        agent.get(&appointment).await.says(&reference).says(&format!("/agents/dossiers/{case}"));
        hall.browser().post(&format!("{mine}/annuler"), &[]).await;
        agent.get(&format!("/agents/dossiers/{case}")).await.says("Rendez-vous annulé");
    });
}

#[test]
fn an_agent_who_does_not_see_the_appointment_learns_nothing_of_it() {
    in_a_hall(async |hall| {
        books(&hall.browser(), &hall.time(0), "").await;
        let agent = hall.agent("awa@lunel.example", "domaine-public").await;
        let appointment = seen(&agent).await;
        let id = appointment.rsplit('/').next().unwrap();
        // One desk for all: whoever handles cases anywhere enters requests, and sees no appointment for that.
        let stranger = hall.agent("paul@lunel.example", "etat-civil").await;
        let form = stranger.get(&format!("/agents/guichet/{PROCEDURE}?rendez_vous={id}")).await;
        assert_eq!(form.status, 200);
        form.is_silent_about("Jeanne").is_silent_about("Parler d’un projet");
        let (case, _) = enters(&stranger, &[("rendez_vous", id)]).await;
        agent
            .get(&format!("/agents/dossiers/{case}"))
            .await
            .is_silent_about("Demande ouverte à un rendez-vous");
        let proposer = format!("/agents/dossiers/{case}/proposer");
        let refused = stranger.post(&proposer, &[("rendez-vous-motif", "projet")]).await;
        assert_eq!(refused.status, 404);
    });
}

#[test]
fn a_case_asks_for_an_appointment_and_tells_what_becomes_of_it() {
    in_a_hall(async |hall| {
        let agent = hall.agent("awa@lunel.example", "domaine-public").await;
        let (case, code) = enters(&agent, &[]).await;
        let dossier = format!("/agents/dossiers/{case}");
        agent.get(&dossier).await.says("Proposer un rendez-vous").says("Parler d’un projet");
        let form = format!("{dossier}/proposer");
        let typed = [("rendez-vous-motif", ""), ("rendez-vous-mot", "Apportez un plan.")];
        let wrong = agent.post(&form, &typed).await;
        assert_eq!(wrong.status, 422);
        wrong.says("Choisissez un motif de rendez-vous").says("Apportez un plan.");
        let gone = agent.post(&form, &[("rendez-vous-motif", "inconnu")]).await;
        assert_eq!(gone.status, 422);
        gone.says("ne se prend plus en ligne");
        let typed = [("rendez-vous-motif", "projet"), ("rendez-vous-mot", "Apportez un plan.")];
        let done = agent.post(&form, &typed).await;
        assert_eq!(done.location, format!("{dossier}?fait=proposer"), "{}", done.body);
        let page = agent.get(&done.location).await;
        page.says("Rendez-vous proposé")
            .says("Apportez un plan.")
            .says("Prendre ce rendez-vous pour la personne");
        let link = page.between(&format!("{ORIGIN}/rendez-vous/propose/"), "\n");
        let link: String = link.chars().take_while(char::is_ascii_hexdigit).collect();
        // The requester reads it where they follow their request, and chooses a time.
        let requester = hall.browser();
        requester.post("/suivi", &[("code", &code)]).await;
        let followed = requester.get("/suivi").await;
        followed.says("Choisir le jour et l’heure").says(&format!("/rendez-vous/propose/{link}"));
        let proposed = requester.get(&format!("/rendez-vous/propose/{link}")).await;
        assert_eq!(proposed.location, format!("/rendez-vous/projet?propose={link}"));
        requester.get(&proposed.location).await.says("La mairie vous propose ce rendez-vous").says(&link);
        let mine = books(&requester, &hall.time(0), &link).await;
        agent.get(&dossier).await.says("Rendez-vous pris").says("Jeudi 4 juin 2026 à 9\u{a0}h");
        requester.get("/suivi").await.says("Voir, déplacer ou annuler").is_silent_about("Choisir le jour");
        // The link leads to the appointment now; nothing else is held by it.
        let again = requester.get(&format!("/rendez-vous/propose/{link}")).await;
        assert_eq!(again.location, mine);
        requester.post(&format!("{mine}/deplacer"), &[("creneau", &hall.time(40))]).await;
        agent.get(&dossier).await.says("Rendez-vous déplacé").says("9\u{a0}h\u{a0}40");
        let appointment = seen(&agent).await;
        agent.get(&appointment).await.says(&dossier);
        requester.post(&format!("{mine}/annuler"), &[]).await;
        agent.get(&dossier).await.says("Rendez-vous annulé");
        // Given back: another time may be chosen.
        let open = requester.get(&format!("/rendez-vous/propose/{link}")).await;
        assert_eq!(open.location, format!("/rendez-vous/projet?propose={link}"));
        assert_eq!(requester.get("/rendez-vous/propose/0123456789abcdef01234567").await.status, 404);
    });
}

#[test]
fn a_proposal_is_taken_back_and_an_agent_books_for_the_requester() {
    in_a_hall(async |hall| {
        let agent = hall.agent("awa@lunel.example", "domaine-public").await;
        let (case, _) = enters(&agent, &[]).await;
        let dossier = format!("/agents/dossiers/{case}");
        agent.post(&format!("{dossier}/proposer"), &[("rendez-vous-motif", "projet")]).await;
        let page = agent.get(&dossier).await;
        let link = page.between(&format!("{ORIGIN}/rendez-vous/propose/"), "\n");
        let link: String = link.chars().take_while(char::is_ascii_hexdigit).collect();
        let number = page.between("name=\"proposition\" value=\"", "\"");
        let back = agent.post(&format!("{dossier}/reprendre"), &[("proposition", &number)]).await;
        assert_eq!(back.location, format!("{dossier}?fait=reprendre"), "{}", back.body);
        agent.get(&dossier).await.says("Proposition retirée");
        assert_eq!(hall.browser().get(&format!("/rendez-vous/propose/{link}")).await.status, 404);
        let late = agent.post(&format!("{dossier}/reprendre"), &[("proposition", &number)]).await;
        assert_eq!(late.status, 422);
        // On the telephone: the agent takes the time that was agreed on.
        agent.post(&format!("{dossier}/proposer"), &[("rendez-vous-motif", "projet")]).await;
        let page = agent.get(&dossier).await;
        let number = page.between("name=\"proposition\" value=\"", "\"");
        let choose = format!("/agents/rendez-vous/nouveau?motif=projet&propose={number}");
        agent.get(&choose).await.says("Pour la demande");
        let slot = hall.time(20);
        let fields = [
            ("motif", "projet"),
            ("personnes", "1"),
            ("canal", "phone"),
            ("creneau", slot.as_str()),
            ("propose", number.as_str()),
        ];
        let held = agent.post("/agents/rendez-vous/nouveau", &fields).await;
        assert_eq!(held.status, 303, "{}", held.body);
        agent.post(&held.location, &[("nom", "Jeanne Roux")]).await;
        agent.get(&dossier).await.says("Rendez-vous pris").says(&held.location);
        agent.get(&held.location).await.says(&dossier);
    });
}

#[test]
fn a_program_proposes_an_appointment_as_the_page_of_the_case_does() {
    in_a_hall(async |hall| {
        let agent = hall.agent("awa@lunel.example", "domaine-public").await;
        let (case, _) = enters(&agent, &[]).await;
        let dossier = format!("/agents/dossiers/{case}");
        let path = format!("/api/v1/agent/cases/{case}");
        let (proposals, listed) = (format!("{path}/appointment-proposals"), format!("{path}/appointments"));
        let new = json!({ "motive": "projet", "text": "Apportez un plan." });
        // Whoever has no part in the case does not learn that it exists, and whoever reads it does not write.
        let stranger = hall.program("etat-civil", &["case.read", "case.handle"]).await;
        assert_eq!(stranger.ask("POST", &proposals, ("a", &new)).await.0, 404);
        assert_eq!(stranger.get(&listed).await.0, 404);
        let reader = hall.program("domaine-public", &["case.read"]).await;
        assert_eq!(reader.ask("POST", &proposals, ("b", &new)).await.0, 403);
        let program = hall.program("domaine-public", &["case.read", "case.handle"]).await;
        for (key, wrong, at) in [
            ("c", json!({ "motive": " " }), "#/motive"),
            ("d", json!({ "motive": "inconnu" }), "#/motive"),
            ("e", json!({ "motive": "projet", "text": "a".repeat(2_001) }), "#/text"),
        ] {
            let (status, refused) = program.ask("POST", &proposals, (key, &wrong)).await;
            assert_eq!((status, refused["errors"][0]["pointer"].as_str()), (422, Some(at)), "{refused}");
        }
        assert_eq!(program.get(&listed).await, (200, json!([])));
        // Sent twice after a lost answer: proposed once.
        for _ in 0..2 {
            assert_eq!(program.ask("POST", &proposals, ("f", &new)).await.0, 204);
        }
        let page = agent.get(&dossier).await;
        page.says("Rendez-vous proposé").says("Apportez un plan.");
        let (_, proposed) = program.get(&listed).await;
        assert_eq!(proposed.as_array().unwrap().len(), 1, "{proposed}");
        assert_eq!(
            (&proposed[0]["motive"], &proposed[0]["state"], &proposed[0]["starts_at"]),
            (&json!("projet"), &json!("proposed"), &Value::Null)
        );
        let link = page.between(&format!("{ORIGIN}/rendez-vous/propose/"), "\n");
        let link: String = link.chars().take_while(char::is_ascii_hexdigit).collect();
        assert!(!proposed.to_string().contains(&link), "the link is the requester's secret");
        let number = proposed[0]["id"].as_str().unwrap().to_owned();
        let withdrawal = format!("{proposals}/{number}/withdrawal");
        assert_eq!(stranger.ask("POST", &withdrawal, ("g", &json!({}))).await.0, 404);
        books(&hall.browser(), &hall.time(0), &link).await;
        let (_, booked) = program.get(&listed).await;
        assert_eq!(
            (&booked[0]["state"], &booked[0]["starts_at"], &booked[0]["site"]),
            (&json!("booked"), &json!("2026-06-04T07:00:00Z"), &json!("hotel-de-ville"))
        );
        // What was answered is not taken back; what nobody has answered is, once.
        assert_eq!(program.ask("POST", &withdrawal, ("h", &json!({}))).await.0, 404);
        assert_eq!(program.ask("POST", &proposals, ("i", &json!({ "motive": "projet" }))).await.0, 204);
        let (_, both) = program.get(&listed).await;
        let both = both.as_array().unwrap();
        let open = both.iter().find(|it| it["state"] == "proposed").unwrap();
        let withdrawal = format!("{proposals}/{}/withdrawal", open["id"].as_str().unwrap());
        assert_eq!(program.ask("POST", &withdrawal, ("j", &Value::Null)).await.0, 204);
        assert_eq!(program.ask("POST", &withdrawal, ("k", &Value::Null)).await.0, 404);
        agent.get(&dossier).await.says("Proposition retirée");
    });
}
