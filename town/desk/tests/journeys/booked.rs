//! A room and an evening are picked first, and asked for as a case: whoever comes too late loses nothing of what they
//! typed, and what is refused, withdrawn or overtaken by silence is free again.

use std::sync::Arc;

use beffroi_calendar::{
    booking::{self, Booking, Details, Holding, NewBooking, State},
    claims::ClaimError,
    local::{self, Moment},
    openings::{Hours, OnHolidays, Openings, Rule, Season, Weeks},
    resource::{self, Kind, Name, Resource, ResourceDetails, Terms},
    spans::Span,
};
use beffroi_core::{Day, Id};
use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::{By, Commune, StoreError, Tx};
use chrono::{TimeDelta, Weekday};
use chrono_tz::Europe::Paris;
use serde_json::{Value, json};

use crate::browser::{Browser, Hall, PDF, journey};

pub const FORM: &str = "/demarches/reservation-de-salle/demande";
pub const COUNTER: &str = "/agents/guichet/reservation-de-salle";
pub const KEY: &str = "0123456789abcdef0123456789abcdef";

/// The room of that short name; made where there is none.
pub fn room(tx: &mut Tx<'_>, slug: &str) -> Id<Resource> {
    if let Some(found) = resource::by_slug(tx, slug).unwrap() {
        return found.id;
    }
    let moment = |text| Moment::parse(text).unwrap();
    let rule = Rule {
        weekdays: vec![
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
            Weekday::Sat,
            Weekday::Sun,
        ],
        weeks: Weeks::Every,
        hours: vec![Hours::new(moment("08:00"), moment("23:00")).unwrap()],
        season: Season::AllYear,
        public_holidays: OnHolidays::Same,
        school_holidays: OnHolidays::Same,
    };
    let openings = Openings { rules: vec![rule], ..Openings::default() };
    let details = ResourceDetails {
        slug: slug.to_owned(),
        kind: Kind::Room,
        parent: None,
        name: Name { fr: "Salle Brassens".to_owned(), en: String::new() },
        stock: 1,
        active: true,
        terms: Terms { openings: Some(openings), ..Terms::default() },
    };
    resource::create(tx, &details).unwrap()
}

/// Holds an afternoon of a room; what opens it, unless somebody has it.
pub async fn picked(commune: &Arc<Commune>, slug: &str, day: &str) -> Option<(Id<Booking>, String)> {
    let (slug, day): (String, Day) = (slug.to_owned(), day.parse().unwrap());
    let held = commune.write(By::VISITOR, move |tx| -> Result<_, StoreError> {
        let resource = room(tx, &slug);
        let at = |hour| local::exactly(day.and_hms_opt(hour, 0, 0).unwrap(), Paris).unwrap();
        let span = Span::new(at(14), at(18)).unwrap();
        let details = Details { people: Some(40), ..Details::default() };
        let holding = Holding { purpose: "reservation-de-salle", holder: "somebody" };
        match booking::hold(tx, &NewBooking { resource, span, details }, holding) {
            Ok((id, secret, _)) => Ok(Some((id, secret.reveal().to_owned()))),
            Err(ClaimError::Store(error)) => Err(error),
            Err(_) => Ok(None),
        }
    });
    held.await.unwrap()
}

pub const SLUG: &str = "salle-brassens";
pub const DAY: &str = "2026-07-04";

pub async fn state(hall: &Hall<'_>, id: Id<Booking>) -> Option<State> {
    let found = hall.fixture.commune.read(By::SYSTEM, move |tx| booking::find(tx, id)).await.unwrap();
    found.map(|booking| booking.state)
}

pub async fn claims(hall: &Hall<'_>) -> i64 {
    hall.value("SELECT COUNT(*) FROM calendar_claim", "").await
}

pub fn right() -> Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/trials/reservation-de-salle.json");
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut right = recorded.get("right").unwrap().clone();
    right.as_object_mut().unwrap().remove("assurance");
    right
}

/// Fills in the pages of the form, up to the summary.
pub async fn filled(browser: &Browser<'_>) {
    let page = |name: &str| format!("{FORM}/{name}");
    let first = [("shown", "usage"), ("shown", "objet"), ("shown", "ouvert_public"), ("shown", "alcool")];
    let answers =
        [("usage", "reunion"), ("objet", "Réunion du club"), ("ouvert_public", "false"), ("alcool", "false")];
    let sent = browser.send(&page("reservation"), &[&first[..], &answers[..]].concat(), &[]).await;
    sent.leads_to(&page("vous"));
    let fields = [
        ("shown", "statut"),
        ("shown", "habitant"),
        ("habitant", "true"),
        ("shown", "demandeur"),
        ("shown", "adresse"),
        ("shown", "courriel"),
        ("shown", "telephone"),
        ("statut", "particulier"),
        ("demandeur-family_name", "Galtier"),
        ("demandeur-given_names", "Karim"),
        ("adresse", "1 place des Platanes, 34400 Lunel"),
        ("courriel", "karim@example.org"),
        ("telephone", ""),
    ];
    browser.send(&page("vous"), &fields, &[]).await.leads_to(&page("engagements"));
    let sworn = [("shown", "assurance"), ("shown", "charte"), ("charte", "true")];
    let paper: [(&str, &str, &[u8]); 1] = [("assurance", "attestation.pdf", PDF)];
    browser.send(&page("engagements"), &sworn, &paper).await.leads_to(&page("recapitulatif"));
}

#[test]
fn somebody_asks_for_what_they_hold_and_sees_until_when() {
    journey(Gate::Open, async |hall| {
        let browser = hall.browser();
        // Nothing is asked for before something is picked.
        browser.get(FORM).await.leads_to("/salles");
        let (id, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        browser.carry(&secret);
        browser.get(FORM).await.leads_to(&format!("{FORM}/reservation"));
        let page = browser.get(&format!("{FORM}/reservation")).await;
        page.says("Salle Brassens")
            .says("samedi 4 juillet 2026, de 14\u{a0}h à 18\u{a0}h")
            .says("40 personnes");
        page.says("gardé pour vous jusqu’à").is_silent_about("name=\"salle\"");
        filled(&browser).await;
        let summary = browser.get(&format!("{FORM}/recapitulatif")).await;
        summary.says("Salle Brassens").says("href=\"/salles/salle-brassens/reserver?jour=2026-07-04");
        summary.says("de=14:00").says("a=18:00").says("personnes=40");
        summary.is_silent_about("href=\"/salles/salle-brassens\"");
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        assert_eq!(state(hall, id).await, Some(State::Asked));
        let case = browser.get("/suivi").await;
        case.says("Votre réservation est prévue le 4 juillet 2026").says("Sans réponse de notre part");
        case.says("La réservation")
            .says("de 14\u{a0}h à 18\u{a0}h")
            .says("Créneau retenu, en attente de réponse");
        // What is asked for does not expire.
        hall.fixture.clock.advance(TimeDelta::hours(5));
        assert!(picked(&hall.fixture.commune, SLUG, DAY).await.is_none());
        // A second click finds the same case.
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.is(303);
        let cases: i64 = hall.value("SELECT COUNT(*) FROM cases", "").await;
        assert_eq!(cases, 1);
        browser.post("/suivi/retrait", &[("sur", "true")]).await.is(303);
        assert_eq!((state(hall, id).await, claims(hall).await), (Some(State::Released), 0));
        browser.get("/suivi").await.says("Créneau rendu libre");
        assert!(picked(&hall.fixture.commune, SLUG, DAY).await.is_some());
    });
}

#[test]
fn whoever_comes_too_late_keeps_what_they_typed_and_is_offered_other_times() {
    journey(Gate::Open, async |hall| {
        let browser = hall.browser();
        let (_, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        browser.carry(&secret);
        filled(&browser).await;
        hall.fixture.clock.advance(TimeDelta::minutes(16));
        browser.get(&format!("{FORM}/vous")).await.says("n’est plus gardé pour vous");
        let (rival, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let late = browser.post(&format!("{FORM}/recapitulatif"), &[]).await;
        late.is(409).says("Ce créneau n’est plus libre").says("Vos réponses sont gardées");
        late.says("/salles/salle-brassens/reserver?jour=2026-07-04");
        let cases: i64 = hall.value("SELECT COUNT(*) FROM cases", "").await;
        assert_eq!(cases, 0, "nothing is received");
        // Another evening, and the same answers.
        let (other, secret) = picked(&hall.fixture.commune, SLUG, "2026-07-05").await.unwrap();
        browser.carry(&secret);
        let summary = browser.get(&format!("{FORM}/recapitulatif")).await;
        summary.says("dimanche 5 juillet 2026").says("Réunion du club");
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        assert_eq!(state(hall, other).await, Some(State::Asked));
        assert_eq!(state(hall, rival).await, Some(State::Held));
        let told: String = hall.value("SELECT CAST(answers AS TEXT) FROM cases", "").await;
        assert!(told.contains("2026-07-05") && told.contains("Salle Brassens"), "{told}");
    });
}

#[test]
fn what_has_expired_and_nobody_wants_is_had_all_the_same() {
    journey(Gate::Open, async |hall| {
        let browser = hall.browser();
        let (id, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        browser.carry(&secret);
        filled(&browser).await;
        hall.fixture.clock.advance(TimeDelta::hours(20));
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        assert_eq!(state(hall, id).await, Some(State::Asked));
        // Given up, a draft gives back what it holds.
        let (held, secret) = picked(&hall.fixture.commune, SLUG, "2026-07-05").await.unwrap();
        browser.carry(&secret);
        let fields = [("shown", "objet"), ("objet", "Rien")];
        browser.send(&format!("{FORM}/reservation"), &fields, &[]).await.is(303);
        browser.post(&format!("{FORM}/abandon"), &[]).await.is(303);
        assert_eq!(state(hall, held).await, None);
    });
}

#[test]
fn a_program_names_what_it_holds() {
    journey(Gate::Open, async |hall| {
        let without = hall.refused_for("reservation-de-salle", &right()).await;
        without.says("#/booking");
        let (id, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let refused = hall.refused_for("reservation-de-salle", &json!({})).await;
        refused.says("#/booking");
        let browser = hall.browser();
        // The certificate may come with the keys.
        let sent = browser
            .deposits_with("reservation-de-salle", &json!({ "answers": right(), "booking": secret }))
            .await;
        sent.is(201);
        assert_eq!(state(hall, id).await, Some(State::Asked));
    });
}

#[test]
fn a_refusal_gives_the_room_back_and_a_grant_makes_it_firm() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        for (key, outcome, expected, taken) in [
            (KEY, "refused", State::Released, 0),
            ("fedcba9876543210fedcba9876543210", "granted", State::Firm, 1),
        ] {
            let (id, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
            let sent = agent.send(COUNTER, &entered(key, "counter", &id.to_string()), &[]).await;
            assert_eq!(sent.status, 303, "{}", sent.body);
            let case = sent.location.rsplit('/').next().unwrap().to_owned();
            let base = format!("/agents/dossiers/{case}");
            let page = agent.get(&base).await;
            page.says("La réservation").says("Salle Brassens");
            // What is booked comes before the day on which silence decides.
            page.says("Réservation dans 31 jours, le 4 juillet 2026").says("silence vaut refus");
            agent.get("/agents").await.says("Réservation dans 31 jours, le 4 juillet 2026");
            page.says("/agents/planning/salle-brassens?jour=2026-07-04");
            agent.post(&format!("{base}/prendre"), &[]).await.is(303);
            let reasons = [("outcome", outcome), ("reasons", "La salle sert ce jour-là aux élections.")];
            agent.post(&format!("{base}/decision"), &reasons).await.is(303);
            assert_eq!((state(hall, id).await, claims(hall).await), (Some(expected), taken));
        }
    });
}

#[test]
fn what_begins_without_an_answer_is_counted_with_what_is_late_as_its_row_says_it() {
    journey(Gate::Open, async |hall| {
        let browser = hall.browser();
        let (_, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        browser.carry(&secret);
        filled(&browser).await;
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        let reference: String = hall.value("SELECT reference FROM cases", "").await;
        let here = Some(("vie-associative", Role::Agent));
        hall.fixture.clock.advance(TimeDelta::days(30));
        let (_, agent) = hall.signed_in("veille@lunel.example", here).await;
        agent.get("/agents").await.says("<strong>0</strong> en retard").says("Réservation demain");
        agent.get("/agents?retard=1").await.is(200).is_silent_about(&reference);
        // The law leaves until August; the room is wanted today.
        hall.fixture.clock.advance(TimeDelta::days(1));
        let (_, agent) = hall.signed_in("vie@lunel.example", here).await;
        let page = agent.get("/agents").await;
        page.says("<strong>1</strong> en retard").says("row--late").says("sans réponse");
        agent.get("/agents?retard=1").await.is(200).says(&reference);
        // Past the legal day too it is one, and the same.
        hall.fixture.clock.advance(TimeDelta::days(60));
        let (_, agent) = hall.signed_in("apres@lunel.example", here).await;
        agent.get("/agents").await.says("<strong>1</strong> en retard");
        agent.get("/agents?retard=1").await.is(200).says(&reference);
    });
}

#[test]
fn silence_that_refuses_gives_the_room_back_and_an_agent_may_still_grant_it_while_it_is_free() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let day = "2026-12-04";
        let (id, _) = picked(&hall.fixture.commune, SLUG, day).await.unwrap();
        let sent = agent.send(COUNTER, &entered(KEY, "phone", &id.to_string()), &[]).await;
        let case = sent.location.rsplit('/').next().unwrap().to_owned();
        hall.fixture.clock.advance(TimeDelta::days(70));
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        assert_eq!((state(hall, id).await, claims(hall).await), (Some(State::Released), 0));
        let (_, agent) = hall.signed_in("vie2@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let base = format!("/agents/dossiers/{case}");
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        let (rival, _) = picked(&hall.fixture.commune, SLUG, day).await.unwrap();
        let granted = [("outcome", "granted"), ("reasons", "")];
        let refused = agent.post(&format!("{base}/decision"), &granted).await;
        refused.is(409).says("quelqu’un d’autre l’a pris depuis");
        hall.fixture.commune.write(By::SYSTEM, move |tx| booking::let_go(tx, rival)).await.unwrap();
        agent.post(&format!("{base}/decision"), &granted).await.is(303);
        assert_eq!((state(hall, id).await, claims(hall).await), (Some(State::Firm), 1));
    });
}

/// What the page of the counter sends.
pub fn entered<'f>(key: &'f str, door: &'f str, picked: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("idempotency_key", key),
        ("door", door),
        ("creneau", picked),
        ("recue-day", "3"),
        ("recue-month", "6"),
        ("recue-year", "2026"),
        ("usage", "reunion"),
        ("objet", "Réunion du club"),
        ("ouvert_public", "false"),
        ("alcool", "false"),
        ("statut", "particulier"),
        ("habitant", "true"),
        ("demandeur-family_name", "Galtier"),
        ("demandeur-given_names", "Augustine"),
        ("adresse", "7 impasse des Cigales, 34400 Lunel"),
        ("courriel", "augustine@example.org"),
        ("telephone", ""),
        ("charte", "true"),
    ]
}

#[test]
fn an_agent_enters_what_they_hold_for_somebody_and_a_letter_is_received_without() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        agent.get(COUNTER).await.says("Choisissez d’abord").says("href=\"/agents/planning\"");
        let none = agent.send(COUNTER, &entered(KEY, "counter", ""), &[]).await;
        none.is(422);
        let (id, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let picked_id = id.to_string();
        let page = agent.get(&format!("{COUNTER}?creneau={picked_id}")).await;
        page.says("gardé pour vous jusqu’à")
            .says("Il redevient libre ensuite")
            .is_silent_about("name=\"salle\"");
        // The person looks for a paper.
        hall.fixture.clock.advance(TimeDelta::minutes(14));
        let longer = [&entered(KEY, "counter", &picked_id)[..], &[("lengthen", "1")]].concat();
        agent.send(COUNTER, &longer, &[]).await.is(200).says("gardé pour vous jusqu’à");
        hall.fixture.clock.advance(TimeDelta::minutes(14));
        assert!(picked(&hall.fixture.commune, SLUG, DAY).await.is_none());
        hall.fixture.clock.advance(TimeDelta::minutes(2));
        let (rival, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        // So long a search ends the agent's session too.
        let (_, agent) = hall.signed_in("vie2@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let late = agent.send(COUNTER, &entered(KEY, "counter", &picked_id), &[]).await;
        late.is(422).says("quelqu’un d’autre l’a pris").says("value=\"Galtier\"");
        late.says("/agents/planning/salle-brassens/reserver?jour=");
        hall.fixture.commune.write(By::SYSTEM, move |tx| booking::let_go(tx, rival)).await.unwrap();
        agent.send(COUNTER, &entered(KEY, "counter", &picked_id), &[]).await.is(303);
        assert_eq!(state(hall, id).await, Some(State::Asked));
        // A letter asks for what it asks for: it is received, and nothing is held for it.
        let mut letter = entered("fedcba9876543210fedcba9876543210", "paper", "");
        letter.extend([("salle", "La salle Brassens"), ("debut", "14:00"), ("fin", "18:00")]);
        letter.extend([("jour-day", "4"), ("jour-month", "7"), ("jour-year", "2026")]);
        agent.send(COUNTER, &letter, &[]).await.is(303);
        let cases: i64 = hall.value("SELECT COUNT(*) FROM cases", "").await;
        assert_eq!(cases, 2);
    });
}
